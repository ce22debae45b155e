"""What is wrong in a timetable file (GTFS), in which table and row, and what is done about it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely

from planner.area import CRS
from planner.errors import DataError
from planner.sources.call_problems import CallStock, find_call_problems
from planner.sources.calls import read_clock
from planner.sources.feed_archive import (
    CALENDARS,
    REQUIRED,
    column_of,
    open_feed,
    read_blocks,
    read_frame,
    read_header,
)
from planner.sources.problems import Outcome, Problems
from planner.sources.text import clean_text
from planner.sources.timetable import regular_service, single_days
from planner.travel.transit.timetable import Bool, Float64

#: A rough line around the United Kingdom and the Isle of Man, wide of the coast but short of
#: France and Dublin, as longitudes and latitudes; drawn by hand.
_AROUND_UK = shapely.Polygon(
    [
        *((-6.7, 49.8), (-4.9, 49.8), (-3.4, 50.1), (-1.2, 50.4), (0.3, 50.65), (1.05, 50.75)),
        *((1.55, 51.05), (1.6, 51.5), (1.95, 52.4), (1.95, 52.9), (0.6, 53.2), (0.4, 53.9)),
        *((-1.0, 55.0), (-1.2, 55.9), (-1.6, 57.3), (-1.5, 57.8), (-0.5, 60.0), (-0.5, 61.0)),
        *((-2.0, 61.0), (-4.0, 59.4), (-8.8, 58.6), (-8.0, 56.5), (-6.9, 55.7), (-8.3, 54.9)),
        *((-8.2, 54.1), (-5.2, 53.9), (-5.0, 53.4), (-5.0, 52.6), (-5.9, 51.6), (-6.7, 50.2)),
    ]
)
_OTHERS: dict[str, tuple[str, ...]] = {
    "agency.txt": ("agency_id", "agency_name"),
    "feed_info.txt": ("feed_publisher_name", "feed_start_date", "feed_end_date", "feed_version"),
    "frequencies.txt": ("trip_id", "start_time", "end_time", "headway_secs"),
    "transfers.txt": ("from_stop_id", "to_stop_id", "transfer_type", "min_transfer_time"),
    "attributions.txt": ("organization_name", "is_producer"),
}
_MORE: dict[str, tuple[str, ...]] = {
    "stops.txt": ("stop_name", "location_type", "parent_station"),
    "routes.txt": ("agency_id",),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class FeedScan:
    """What stands in one timetable file.

    ``problems`` has one row a problem (`planner.sources.problems.PROBLEM_COLUMNS`); ``facts`` are
    words and numbers about the file: who made it and how large it is.
    """

    problems: pd.DataFrame
    facts: dict[str, object]


def scan_feed(
    path: Path,
    *,
    what: str,
    fictional: bool = False,
    progress: Callable[[float], None] | None = None,
) -> FeedScan:
    """Look at every row of a timetable file, and say all that is wrong with it.

    A ``fictional`` one may lie anywhere on the map.

    Raises
    ------
    DataError
        The file cannot be opened, or lacks a table or a column that every journey needs.
    """
    problems = Problems(what)
    with open_feed(path, what) as (archive, members):
        tables: dict[str, pd.DataFrame] = {}
        for name, needed in {**REQUIRED, **CALENDARS, **_OTHERS}.items():
            if name not in members:
                continue
            columns, separator, _ = read_header(archive, members[name])
            if separator != ",":
                problems.add(name, f"columns are separated by {separator!r}, not by commas",
                             "put right", [(1, "")])  # fmt: skip
            must = () if name in _OTHERS else needed
            if name in _OTHERS and not set(needed) & set(columns):
                continue
            if name != "stop_times.txt":
                wanted = (*needed, *_MORE.get(name, ()))
                tables[name] = read_frame(
                    archive, members[name], what, required=must, wanted=wanted
                )
        stops = _find_stop_problems(tables["stops.txt"], problems, fictional=fictional)
        trips = _find_trip_problems(tables, problems)
        needed = REQUIRED["stop_times.txt"]
        calls = read_blocks(
            archive,
            members["stop_times.txt"],
            what,
            required=needed,
            wanted=needed,
            encoded=True,
            progress=progress,
        )
        stock = find_call_problems(calls, trips, stops, problems)
    if not stock.rows:
        problems.add("stop_times.txt", "the table has no rows", "file refused", [(None, "")])
    few = trips.index[stock.trip_calls < 2]
    problems.add(
        "trips.txt", "the trip stops fewer than twice", "left out", _rows(tables, "trips.txt", few)
    )
    never = stops.index[(stock.stop_calls == 0) & stops["platform"].to_numpy()]
    problems.add(
        "stops.txt",
        "no trip calls here on any day",
        "used as it is",
        _rows(tables, "stops.txt", never),
    )
    _find_calendar_problems(tables, what, problems)
    _find_other_problems(tables, stops.index, trips.index, problems)
    return FeedScan(problems=problems.to_frame(), facts=_facts(tables, stops, trips, stock))


def _rows(tables: dict[str, pd.DataFrame], name: str, ids: pd.Index) -> list[tuple[int, str]]:
    """Return the row of each of some ids in its table."""
    key = REQUIRED[name][0]
    first = pd.Series(np.arange(len(tables[name])) + 2, index=tables[name][key])
    first = first[~first.index.duplicated()]
    return sorted((int(first[item]), str(item)) for item in ids)


def _add_rows(
    problems: Problems, table: str, said: str, outcome: Outcome, which: Bool, texts: pd.Series
) -> None:
    found = [(int(row) + 2, texts.iloc[row]) for row in np.flatnonzero(which)]
    problems.add(table, said, outcome, found)


def _find_repeats(table: pd.DataFrame, key: str, name: str, problems: Problems) -> pd.DataFrame:
    """Add blank and repeated ids; return the first row of each id."""
    if not len(table):
        problems.add(name, "the table has no rows", "file refused", [(None, "")])
    _add_rows(problems, name, f"{key} is blank", "file refused", table[key] == "", table[key])
    again = table[key].duplicated() & (table[key] != "")
    same = table.duplicated() & again
    said = f"{key} stands more than once"
    _add_rows(problems, name, f"{said}, with different contents", "file refused",
              again & ~same, table[key])  # fmt: skip
    _add_rows(problems, name, f"{said}, word for word", "put right", same, table[key])
    return table[~table[key].duplicated()]


def _find_stop_problems(
    table: pd.DataFrame, problems: Problems, *, fictional: bool
) -> pd.DataFrame:
    """Return ``x``, ``y`` and ``platform`` on stop ids."""
    name = "stops.txt"
    once = _find_repeats(table, "stop_id", name, problems)
    lat = pd.to_numeric(once["stop_lat"], errors="coerce").to_numpy(np.float64)
    lon = pd.to_numeric(once["stop_lon"], errors="coerce").to_numpy(np.float64)
    kind = column_of(once, "location_type").to_numpy(object)
    platform = np.isin(kind, ["", "0", "4"])
    row = once.index.to_numpy()
    shown = (once["stop_id"] + " " + column_of(once, "stop_name")).to_list()

    def add(said: str, outcome: Outcome, which: Bool) -> None:
        found = [(int(row[at]) + 2, shown[at]) for at in np.flatnonzero(which & platform)]
        problems.add(name, said, outcome, found)

    zero = (lat == 0) & (lon == 0)
    on_earth = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    add("the position is 0, 0", "left out", zero)
    add("the position is missing or no longitude and latitude", "left out", ~on_earth)
    usable = on_earth & ~zero
    away = usable & ~shapely.contains_xy(
        _AROUND_UK, np.where(usable, lon, 0), np.where(usable, lat, 0)
    )
    add("the stop is outside the United Kingdom", "used as it is", away & (not fictional))
    parent = column_of(once, "parent_station")
    add("parent_station is not in stops.txt", "put right",
        ((parent != "") & ~parent.isin(table["stop_id"])).to_numpy())  # fmt: skip
    x, y = _to_metres(np.where(usable, lon, np.nan), np.where(usable, lat, np.nan))
    return pd.DataFrame(
        {"x": x, "y": y, "platform": np.isin(kind, ["", "0"])}, index=pd.Index(once["stop_id"])
    )


def _to_metres(lon: Float64, lat: Float64) -> tuple[Float64, Float64]:
    x, y = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(lon, lat)
    wrong = ~(np.isfinite(x) & np.isfinite(y))
    return np.where(wrong, np.nan, x), np.where(wrong, np.nan, y)


def _find_trip_problems(tables: dict[str, pd.DataFrame], problems: Problems) -> pd.DataFrame:
    """Return ``kind`` (of vehicle) on trip ids."""
    routes = _find_repeats(tables["routes.txt"], "route_id", "routes.txt", problems)
    number = pd.to_numeric(routes["route_type"], errors="coerce")
    _add_rows(problems, "routes.txt", "route_type is not a number", "used as it is",
              number.isna().to_numpy(), routes["route_type"])  # fmt: skip
    trips = _find_repeats(tables["trips.txt"], "trip_id", "trips.txt", problems)
    table = tables["trips.txt"]
    lost = ~table["route_id"].isin(routes["route_id"])
    _add_rows(problems, "trips.txt", "route_id is not in routes.txt", "used as it is",
              lost.to_numpy(), table["route_id"])  # fmt: skip
    days: set[str] = set()
    for name in CALENDARS:
        if name in tables:
            days |= set(tables[name]["service_id"])
    lost = ~table["service_id"].isin(days)
    _add_rows(problems, "trips.txt", "service_id is in neither calendar: the trip never runs",
              "left out", lost.to_numpy(), table["service_id"])  # fmt: skip
    kind = trips["route_id"].map(dict(zip(routes["route_id"], number, strict=True)))
    return pd.DataFrame(
        {"kind": kind.fillna(-1).clip(-1, 9999).astype(np.int32).to_numpy()},
        index=pd.Index(trips["trip_id"]),
    )


def _find_calendar_problems(tables: dict[str, pd.DataFrame], what: str, problems: Problems) -> None:
    for name, read in (("calendar.txt", regular_service), ("calendar_dates.txt", single_days)):
        try:
            read(tables.get(name), what)
        except DataError as err:
            said = err.message.removeprefix(f"{what}, {name}: ")
            problems.add(name, said, "file refused", [(None, "")])


def _find_other_problems(
    tables: dict[str, pd.DataFrame], stops: pd.Index, trips: pd.Index, problems: Problems
) -> None:
    routes, agency = tables["routes.txt"], tables.get("agency.txt")
    if agency is not None and "agency_id" in agency and "agency_id" in routes:
        lost = (routes["agency_id"] != "") & ~routes["agency_id"].isin(agency["agency_id"])
        _add_rows(problems, "routes.txt", "agency_id is not in agency.txt", "used as it is",
                  lost.to_numpy(), routes["agency_id"])  # fmt: skip
    often = tables.get("frequencies.txt")
    if often is not None and "trip_id" in often:
        lost = ~often["trip_id"].isin(trips)
        _add_rows(problems, "frequencies.txt", "trip_id is not in trips.txt", "left out",
                  lost.to_numpy(), often["trip_id"])  # fmt: skip
        for name in ("start_time", "end_time"):
            times = column_of(often, name)
            _add_rows(problems, "frequencies.txt", f"{name} is not written H:MM:SS",
                      "file refused", (times.map(read_clock) < 0).to_numpy(), times)  # fmt: skip
    changes = tables.get("transfers.txt")
    if changes is None:
        return
    for name in ("from_stop_id", "to_stop_id"):
        named = column_of(changes, name)
        lost = (named != "") & ~named.isin(stops)
        _add_rows(problems, "transfers.txt", f"{name} is not in stops.txt", "left out",
                  lost.to_numpy(), named)  # fmt: skip
    least = pd.to_numeric(column_of(changes, "min_transfer_time"), errors="coerce")
    kind = column_of(changes, "transfer_type")
    _add_rows(problems, "transfers.txt", "a least time is asked for and not given", "left out",
              ((kind == "2") & ~(least >= 0)).to_numpy(), kind)  # fmt: skip


def _facts(
    tables: dict[str, pd.DataFrame], stops: pd.DataFrame, trips: pd.DataFrame, stock: CallStock
) -> dict[str, object]:
    def first(table: str, column: str) -> str:
        cells = column_of(tables[table], column) if table in tables else pd.Series(dtype=object)
        return clean_text(cells.iloc[0], limit=80) if len(cells) else ""

    agencies = tables.get("agency.txt", pd.DataFrame({"agency_name": []}))
    names = [clean_text(name, limit=60) for name in column_of(agencies, "agency_name")]
    return {
        "publisher": first("feed_info.txt", "feed_publisher_name"),
        "version": first("feed_info.txt", "feed_version"),
        "says it covers": " to ".join(
            filter(None, (first("feed_info.txt", f"feed_{end}_date") for end in ("start", "end")))
        ),
        "agencies": ", ".join(names[:3])
        + (f" and {len(names) - 3} more" if len(names) > 3 else ""),
        "routes": len(tables["routes.txt"]),
        "stops": int(stops["platform"].sum()),
        "trips": len(trips),
        "calls": stock.rows,
    }
