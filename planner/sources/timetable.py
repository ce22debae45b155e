"""Do the timetables (GTFS) hold what a journey search needs, for the chosen day?"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from planner.errors import DataError
from planner.ledger import Note, Source, note_items
from planner.project import Project, Timetable
from planner.sources.feed_archive import (
    CALENDARS,
    DAYS,
    REQUIRED,
    open_feed,
    read_blocks,
    read_frame,
    table_name,
)
from planner.sources.text import clean_text
from planner.wording import say_many

MAX_SERVICE_DAYS = 366 * 120

#: Of these tables only some columns are read; the others must be there.
_USED: dict[str, tuple[str, ...]] = {
    "stops.txt": ("stop_id",),
    "routes.txt": ("route_id",),
    "trips.txt": ("trip_id", "service_id"),
    "stop_times.txt": ("trip_id",),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class ServiceDays:
    """How many trips run on each day of a timetable's life.

    ``first`` is the first day, ``trips`` the number of trips on it and each following day.
    """

    first: dt.date
    trips: npt.NDArray[np.int64]

    @property
    def last(self) -> dt.date:
        """The last day."""
        return self.first + dt.timedelta(days=len(self.trips) - 1)

    def on(self, day: dt.date) -> int:
        """Return the number of trips on a day; 0 outside the timetable's life."""
        at = (day - self.first).days
        return int(self.trips[at]) if 0 <= at < len(self.trips) else 0


def check_timetable(project: Project) -> tuple[Note, ...]:
    """Check that every timetable can be read and covers the chosen day.

    Returns
    -------
    notes
        For each file how many trips run on the day, and what stands in it that no trip can use;
        empty if the project has no ``[timetable]``.

    Raises
    ------
    DataError
        A file is no zip archive, is broken or unsafe to unpack, lacks a table or a column, does
        not cover the day, or no trip runs on it in any file. The message proposes the nearest
        day of the same weekday on which trips run.
    """
    entry = project.spec.timetable
    if entry is None:
        return ()
    notes: list[Note] = []
    lives: dict[str, ServiceDays] = {}
    for file in entry.files:
        lives[file], found = read_service_days(project.path(file), what=file)
        notes += found
    for file, life in lives.items():
        _check_covers(file, life, entry.date, lives)
        count = life.on(entry.date)
        text = (
            f"{file}: {say_many(count, 'trip')} on {words_of(entry.date)}; the timetable covers "
            f"{words_of(life.first)} to {words_of(life.last)}."
        )
        notes.append(Note(stage="timetable", what="trips_on_day", count=count, text=text))
    if not any(life.on(entry.date) for life in lives.values()):
        raise DataError(
            f"[timetable] date: no trip runs on {words_of(entry.date)} in any timetable.",
            hint=propose_day(entry.date, list(lives.values())),
        )
    return tuple(notes)


def timetable_sources(project: Project) -> tuple[Source, ...]:
    """Return one source for each timetable file; none if the project has no timetable."""
    entry: Timetable | None = project.spec.timetable
    if entry is None:
        return ()
    return tuple(
        Source(
            publisher=entry.publisher or "Publisher not stated",
            dataset="Public transport timetable (GTFS)",
            licence=entry.licence or "licence not stated",
            vintage=f"service on {words_of(entry.date)}",
            file=file,
            sha256=project.sha256(file),
        )
        for file in entry.files
    )


def read_service_days(path: Path, *, what: str) -> tuple[ServiceDays, tuple[Note, ...]]:
    """Read how many trips run on each day, from the calendar, its exceptions and the trips.

    A trip counts if it stops at least twice. Trips that run by headway (``frequencies.txt``) count
    once.

    Raises
    ------
    DataError
        See `check_timetable`.
    """
    with open_feed(path, what) as (archive, members):
        tables = {
            name: _read(archive, members[name], columns, what)
            for name, columns in {**REQUIRED, **CALENDARS}.items()
            if name in members
        }
    empty = [name for name in REQUIRED if not len(tables[name])]
    if empty:
        raise DataError(f"{what}, {empty[0]}: the table has no rows.")
    trips = tables["trips.txt"].drop_duplicates("trip_id")
    stops = tables["stop_times.txt"].set_index("trip_id")["stops"]
    timed = trips["trip_id"].isin(stops.index[stops >= 2])
    notes = _note(
        "trips_without_stops", trips["trip_id"][~timed], what, "trips that stop fewer than twice"
    )
    running = trips[timed].groupby("service_id").size()
    days, known = _days(tables, running, what)
    lost = trips["service_id"][~trips["service_id"].isin(known)]
    notes += _note(
        "services_without_days", lost.drop_duplicates(), what, "services that run on no day"
    )
    return days, notes


def _note(slug: str, items: pd.Series, what: str, text: str) -> tuple[Note, ...]:
    names = tuple(clean_text(item) for item in items)
    if not names:
        return ()
    said = f"{what}: {text}, and are not searched: {len(names):,}."
    return (note_items("timetable", slug, names, said),)


def _read(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, columns: Sequence[str], what: str
) -> pd.DataFrame:
    """Return the wanted columns of one table as text; of stop times, their number a trip."""
    used = _USED.get(table_name(info), columns)
    if table_name(info) != "stop_times.txt":
        return read_frame(archive, info, what, required=columns, wanted=used)
    found: Counter[str] = Counter()
    for block in read_blocks(archive, info, what, required=columns, wanted=used, encoded=True):
        for count in pc.value_counts(block["trip_id"]).to_pylist():
            found[str(count["values"]).strip()] += count["counts"]
    return pd.DataFrame({"trip_id": list(found), "stops": list(found.values())})


# --- days ---------------------------------------------------------------------------------------


def _days(
    tables: Mapping[str, pd.DataFrame], running: pd.Series, what: str
) -> tuple[ServiceDays, set[str]]:
    """Return trips a day, and which services have any day.

    Each service adds its trips at its start and takes them off after its end, for each weekday
    apart; exceptions then add to or take from single days.
    """
    regular = regular_service(tables.get("calendar.txt"), what)
    single = single_days(tables.get("calendar_dates.txt"), what)
    ends = [*regular["start"], *regular["end"], *single["day"][single["added"]]]
    if not ends:
        raise DataError(f"{what}: no service in it runs on any day.", hint="Get a newer timetable.")
    first, last = min(ends), max(ends)
    length = (last - first).days + 1
    if length > MAX_SERVICE_DAYS:
        raise DataError(f"{what}: its calendar runs from {first} to {last}, which cannot be.")
    change = np.zeros((7, length + 1), dtype=np.int64)
    weeks: dict[str, tuple[int, int, tuple[bool, ...]]] = {}
    for row in regular.itertuples(index=False):
        start, end = (row.start - first).days, (row.end - first).days
        weeks[row.service_id] = (start, end, row.week)
        for weekday in range(7):
            if row.week[weekday]:
                change[weekday, start] += running.get(row.service_id, 0)
                change[weekday, end + 1] -= running.get(row.service_id, 0)
    weekday = (np.arange(length) + first.weekday()) % 7
    trips = change.cumsum(axis=1)[weekday, np.arange(length)]
    for row in single.itertuples(index=False):
        at = (row.day - first).days
        if not 0 <= at < length:
            continue
        start, end, week = weeks.get(row.service_id, (0, -1, (False,) * 7))
        runs = start <= at <= end and week[weekday[at]]
        trips[at] += (int(row.added) - int(runs)) * running.get(row.service_id, 0)
    return ServiceDays(first=first, trips=trips), set(weeks) | set(single["service_id"])


def regular_service(table: pd.DataFrame | None, what: str) -> pd.DataFrame:
    """Return one row a service: ``service_id``, ``start``, ``end``, ``week`` (7 flags)."""
    columns = ["service_id", "start", "end", "week"]
    if table is None or not len(table):
        return pd.DataFrame({name: [] for name in columns})
    if table["service_id"].duplicated().any():
        twice = table["service_id"][table["service_id"].duplicated()].iloc[0]
        shown = clean_text(twice, limit=40)
        raise DataError(f"{what}, calendar.txt: service {shown!r} stands more than once.")
    start = _dates(table["start_date"], f"{what}, calendar.txt")
    end = _dates(table["end_date"], f"{what}, calendar.txt")
    week = [tuple(flag == "1" for flag in row) for row in table[list(DAYS)].to_numpy()]
    frame = pd.DataFrame(
        {"service_id": table["service_id"].tolist(), "start": start, "end": end, "week": week}
    )
    return frame[(frame["start"] <= frame["end"]) & frame["week"].map(any)]


def single_days(table: pd.DataFrame | None, what: str) -> pd.DataFrame:
    """Return one row an exception: ``service_id``, ``day``, ``added``; the last of several."""
    if table is None or not len(table):
        return pd.DataFrame({"service_id": [], "day": [], "added": pd.Series([], dtype=bool)})
    kinds = set(table["exception_type"]) - {"1", "2"}
    if kinds:
        shown = clean_text(min(kinds), limit=20)
        raise DataError(f"{what}, calendar_dates.txt: exception_type {shown!r} is neither 1 nor 2.")
    frame = pd.DataFrame(
        {
            "service_id": table["service_id"].tolist(),
            "day": _dates(table["date"], f"{what}, calendar_dates.txt"),
            "added": (table["exception_type"] == "1").to_numpy(),
        }
    )
    return frame.drop_duplicates(["service_id", "day"], keep="last")


def _dates(cells: pd.Series, where: str) -> list[dt.date]:
    known: dict[str, dt.date] = {}
    for text in cells.unique():
        try:
            known[text] = dt.datetime.strptime(text, "%Y%m%d").date()
        except ValueError:
            shown = clean_text(text, limit=20)
            raise DataError(f"{where}: {shown!r} is not a day written as YYYYMMDD.") from None
    return [known[text] for text in cells]


def _check_covers(
    file: str, life: ServiceDays, day: dt.date, lives: Mapping[str, ServiceDays]
) -> None:
    if life.first <= day <= life.last:
        return
    raise DataError(
        f"{file}: the timetable covers {words_of(life.first)} to {words_of(life.last)}, not "
        f"{words_of(day)} ([timetable] date).",
        hint=propose_day(day, list(lives.values())) or propose_day(day, [life]),
    )


def propose_day(day: dt.date, lives: Sequence[ServiceDays]) -> str:
    """Return the nearest day of the same weekday on which every one of these runs, in words."""
    first, last = max(life.first for life in lives), min(life.last for life in lives)
    days = [
        first + dt.timedelta(days=at)
        for at in range(max((last - first).days + 1, 0))
        if (first + dt.timedelta(days=at)).weekday() == day.weekday()
    ]
    running = [d for d in days if all(life.on(d) for life in lives)]
    if not running:
        return ""
    nearest = min(running, key=lambda d: (abs((d - day).days), d))
    return (
        f"The nearest {day:%A} with service is {words_of(nearest)}: date = {nearest.isoformat()}."
    )


def words_of(day: dt.date) -> str:
    """Return a day as people write it: 5 March 2024."""
    return f"{day.day} {day:%B %Y}"
