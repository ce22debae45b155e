"""What do the timetable files (GTFS) say of one day? Reads them into a `Timetable`."""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj

from planner.area import CRS
from planner.errors import DataError
from planner.ledger import Note
from planner.sources.calls import Calls, read_calls, read_clock
from planner.sources.text import clean_text, counted
from planner.sources.timetable import (
    CALENDARS,
    REQUIRED,
    archive_tables,
    broken_archive,
    check_tables,
    open_archive,
    read_columns,
    regular_service,
    single_days,
    trimmed_frame,
    words_of,
)
from planner.travel.transit.timetable import (
    HORIZON_SECONDS,
    IMPOSSIBLE,
    Int64,
    Timetable,
    build_timetable,
)

DAY_SECONDS = 24 * 3600
MAX_TRIPS = 2_000_000

#: Tables and columns that are read where they are there.
_OPTIONAL: dict[str, tuple[str, ...]] = {
    "stops.txt": ("stop_name", "location_type", "parent_station", "wheelchair_boarding"),
    "routes.txt": ("route_short_name", "route_long_name"),
    "trips.txt": ("wheelchair_accessible",),
    "stop_times.txt": ("pickup_type", "drop_off_type", "shape_dist_traveled"),
    "transfers.txt": (
        *("from_stop_id", "to_stop_id", "transfer_type", "min_transfer_time"),
        *("from_route_id", "to_route_id", "from_trip_id", "to_trip_id"),
    ),
}
_EXTRA: dict[str, tuple[str, ...]] = {
    "frequencies.txt": ("trip_id", "start_time", "end_time", "headway_secs"),
    "transfers.txt": ("from_stop_id", "to_stop_id", "transfer_type"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Feed:
    """One file's share of the day: see `planner.travel.transit.timetable.build_timetable`."""

    stops: pd.DataFrame
    trips: pd.DataFrame
    calls: pd.DataFrame
    transfers: pd.DataFrame
    on_day: int
    notes: tuple[Note, ...]


def read_timetable(files: Sequence[tuple[Path, str]], *, date: dt.date) -> Timetable:
    """Read what runs on one day from any number of GTFS files.

    Parameters
    ----------
    files
        Each file and what to call it in messages. With several, ids get the file's place in the
        list before them (``2:STOP``), so that they cannot be mixed up.
    date
        The day. Trips of the day before that run past midnight, and those of the day after that
        begin before the timetable's horizon, are included.

    Returns
    -------
    timetable
        With notes on all that was left out, repaired or expanded.

    Raises
    ------
    DataError
        A file is no archive or lacks a table or a column; an id stands twice with different
        contents; a call names an unknown stop; two calls of a trip have the same place in its
        order; or nothing runs on the day.

    Notes
    -----
    Rules, where GTFS leaves a choice: getting on or off "by arrangement with the agency" (type 2)
    counts as not possible, "by asking the driver" (3) as possible. Trips that run by headway are
    expanded from their start time, also where the headway is not exact. Blank times lie between
    the timed stops by the distance travelled, where the file has it, or else evenly by stop, in
    whole seconds rounded down. Trips with a time not written H:MM:SS, or running backwards, are
    left out. Of ``transfers.txt``, least times (type 2) and impossible changes (3) between stops
    or stations count; rules for single routes or trips do not.
    """
    feeds = [
        _read_feed(path, what, date, prefix=f"{number}:" if len(files) > 1 else "")
        for number, (path, what) in enumerate(files, 1)
    ]
    if not any(feed.on_day for feed in feeds):
        raise DataError(
            f"No vehicle runs on {words_of(date)} in {', '.join(what for _, what in files)}.",
            hint="Choose a day that the timetables cover ([timetable] date); "
            "`planner check` proposes one.",
        )
    stop_before = np.cumsum([0] + [len(feed.stops) for feed in feeds])
    trip_before = np.cumsum([0] + [len(feed.trips) for feed in feeds])
    calls = [
        feed.calls.assign(trip=feed.calls["trip"] + t, stop=feed.calls["stop"] + s)
        for feed, t, s in zip(feeds, trip_before, stop_before, strict=False)
    ]
    transfers = [
        feed.transfers.assign(
            **{"from": feed.transfers["from"] + s, "to": feed.transfers["to"] + s}
        )
        for feed, s in zip(feeds, stop_before, strict=False)
    ]
    return build_timetable(
        date=date,
        stops=pd.concat([feed.stops for feed in feeds]),
        trips=pd.concat([feed.trips for feed in feeds], ignore_index=True),
        calls=pd.concat(calls, ignore_index=True),
        transfers=pd.concat(transfers, ignore_index=True),
        notes=tuple(note for feed in feeds for note in feed.notes),
    )


def _read_feed(path: Path, what: str, date: dt.date, *, prefix: str) -> _Feed:
    tables = _read_tables(path, what)
    stops, notes = _stops(tables["stops.txt"], what)
    trips, more = _trips(tables["trips.txt"], tables["routes.txt"], what)
    notes += more
    active = [_active(tables, date + dt.timedelta(days=day), what) for day in (-1, 0, 1)]
    listed = trips["trip_id"]
    trips = trips[trips["service_id"].isin(set().union(*active))].reset_index(drop=True)
    calls, more = read_calls(
        tables["stop_times.txt"], trips["trip_id"], stops["stop_id"], listed, what
    )
    notes += more
    if "frequencies.txt" in tables:
        lost = tables["frequencies.txt"]["trip_id"]
        lost = lost[~lost.isin(listed)].drop_duplicates()
        notes += _note("headways_unknown_trips", lost, what, "trips have a headway and are not "
                       "listed in trips.txt")  # fmt: skip
    runs, more = _runs(trips, calls, active, tables.get("frequencies.txt"), what)
    notes += more
    transfers, more = _transfers(tables.get("transfers.txt"), stops, what)
    notes += more
    template, shift = runs["template"].to_numpy(np.int64), runs["shift"].to_numpy(np.int64)
    each = np.diff(calls.start)[template]
    at = np.repeat(calls.start[:-1][template], each) + np.arange(each.sum())
    at -= np.repeat(np.cumsum(each) - each, each)
    later = np.repeat(shift, each)
    served = np.isin(np.arange(len(stops)), calls.stop[at])
    notes += _never_served(stops, served, what, date)
    return _Feed(
        stops=stops.set_index(prefix + stops["stop_id"])[
            ["name", "x", "y", "station", "wheelchair"]
        ].assign(station=lambda s: s["station"].where(s["station"] == "", prefix + s["station"])),
        trips=pd.DataFrame(
            {
                "trip_id": prefix + trips["trip_id"].to_numpy(object)[template],
                "route": trips["route"].to_numpy(object)[template],
                "wheelchair": trips["wheelchair"].to_numpy(np.int8)[template],
            }
        ),
        calls=pd.DataFrame(
            {
                "trip": np.repeat(np.arange(len(template)), each),
                "stop": calls.stop[at],
                "arrival": calls.arrival[at] + later,
                "departure": calls.departure[at] + later,
                "pickup": calls.pickup[at],
                "drop_off": calls.drop_off[at],
            }
        ),
        transfers=transfers,
        on_day=int((runs["day"] == 0).sum()),
        notes=notes,
    )


def _read_tables(path: Path, what: str) -> dict[str, pa.Table | pd.DataFrame]:
    """Return the tables: frames of text, stop times as they come from the file."""
    tables: dict[str, pa.Table | pd.DataFrame] = {}
    with open_archive(path, what) as archive:
        try:
            members = archive_tables(archive, what)
            check_tables(members, what)
            for name, needed in {**REQUIRED, **CALENDARS, **_EXTRA}.items():
                if name not in members:
                    continue
                wanted = (*needed, *(c for c in _OPTIONAL.get(name, ()) if c not in needed))
                wanted += ("exact_times",) if name == "frequencies.txt" else ()
                calls = name == "stop_times.txt"
                table = read_columns(
                    archive, members[name], what, required=needed, wanted=wanted, encoded=calls
                )
                tables[name] = table if calls else trimmed_frame(table)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as err:
            raise broken_archive(what, err) from err
        except RuntimeError as err:  # zipfile's word for a member with a password
            raise DataError(f"{what}: the archive cannot be unpacked ({clean_text(err)}).") from err
    for name in REQUIRED:
        if not len(tables[name]):
            raise DataError(f"{what}, {name}: the table has no rows.")
    return tables


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of text, blank where the table has none."""
    return table[name] if name in table else pd.Series("", index=table.index, dtype=object)


def _unique(table: pd.DataFrame, key: str, what: str, file: str) -> tuple[pd.DataFrame, list[str]]:
    """Return rows with an id each once, and the ids that were repeated word for word."""
    blank = np.flatnonzero(table[key] == "")
    if len(blank):
        raise DataError(f"{what}, {file}, row {blank[0] + 2}: {key} is blank.")
    if table[key].is_unique:
        return table, []
    once = table.drop_duplicates()
    again = once[key].duplicated()
    if again.any():
        row = int(again.idxmax())
        shown = clean_text(table[key].iloc[row], limit=40)
        raise DataError(
            f"{what}, {file}, row {row + 2}: {key} {shown!r} stands twice, with different contents."
        )
    return once, sorted(set(table[key][table[key].duplicated()]))


def _stops(table: pd.DataFrame, what: str) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return the places where vehicles stop, with the station each belongs to."""
    table, repeated = _unique(table, "stop_id", what, "stops.txt")
    table = table.reset_index(drop=True)
    lat = pd.to_numeric(table["stop_lat"], errors="coerce").to_numpy(np.float64)
    lon = pd.to_numeric(table["stop_lon"], errors="coerce").to_numpy(np.float64)
    off = ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180)) | ((lat == 0) & (lon == 0))
    x, y = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(
        np.where(off, np.nan, lon), np.where(off, np.nan, lat)
    )
    nowhere = ~(np.isfinite(x) & np.isfinite(y))
    kind = _column(table, "location_type").to_numpy(object)
    parent = _column(table, "parent_station")
    unknown = (parent != "") & ~parent.isin(table["stop_id"])
    parent = parent.mask(unknown, "")
    flag = _column(table, "wheelchair_boarding").where(lambda s: s.isin(["1", "2"]), "0")
    # A platform that says nothing is as accessible as its station.
    of_station = parent.map(dict(zip(table["stop_id"], flag, strict=True))).fillna("0")
    stops = pd.DataFrame(
        {
            "stop_id": table["stop_id"].to_numpy(object),
            "name": _column(table, "stop_name").map(lambda text: clean_text(text)),
            "x": np.where(nowhere, np.nan, x),
            "y": np.where(nowhere, np.nan, y),
            "station": np.where(kind == "1", table["stop_id"], parent),
            "kind": kind,
            "wheelchair": flag.where(flag != "0", of_station).astype(np.int8),
        }
    )
    platform = np.isin(kind, ["", "0", "4"])
    notes = _note("stops_repeated", repeated, what, "stops stand more than once, word for word")
    lost = stops["stop_id"][nowhere & platform]
    notes += _note("stops_without_position", lost, what, "stops have no usable position")
    lost = table["stop_id"][unknown]
    notes += _note("stations_unknown", lost, what, "stops belong to a station that is not listed")
    return stops, notes


def _trips(
    table: pd.DataFrame, routes: pd.DataFrame, what: str
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return trips with their route's name."""
    table, repeated = _unique(table, "trip_id", what, "trips.txt")
    routes, more = _unique(routes, "route_id", what, "routes.txt")
    name = _column(routes, "route_short_name")
    name = name.where(name != "", _column(routes, "route_long_name")).map(clean_text)
    known = dict(zip(routes["route_id"], name, strict=True))
    lost = table["trip_id"][~table["route_id"].isin(known)]
    trips = pd.DataFrame(
        {
            "trip_id": table["trip_id"],
            "service_id": table["service_id"],
            "route": table["route_id"].map(known).fillna(""),
            "wheelchair": _column(table, "wheelchair_accessible")
            .where(lambda s: s.isin(["1", "2"]), "0")
            .astype(np.int8),
        }
    ).reset_index(drop=True)
    notes = _note("trips_repeated", repeated, what, "trips stand more than once, word for word")
    notes += _note("routes_repeated", more, what, "routes stand more than once, word for word")
    return trips, notes + _note("routes_unknown", lost, what, "trips are of a route not listed")


def _active(tables: Mapping[str, pd.DataFrame], day: dt.date, what: str) -> set[str]:
    """Return the services that run on a day."""
    regular = regular_service(tables.get("calendar.txt"), what)
    on = {
        row.service_id
        for row in regular.itertuples(index=False)
        if row.start <= day <= row.end and row.week[day.weekday()]
    }
    single = single_days(tables.get("calendar_dates.txt"), what)
    single = single[single["day"] == day]
    added = single["added"].astype(bool)
    return (on | set(single["service_id"][added])) - set(single["service_id"][~added])


def _runs(
    trips: pd.DataFrame,
    calls: Calls,
    active: Sequence[set[str]],
    frequencies: pd.DataFrame | None,
    what: str,
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return every run of the day: which trip it is a copy of, and how many seconds later.

    Runs by headway take the place of the trip that they are copies of.
    """
    timed = np.diff(calls.start) >= 2
    begins = np.zeros(len(trips), np.int64)
    begins[timed] = calls.departure[calls.start[:-1][timed]]
    ends = np.zeros(len(trips), np.int64)
    ends[timed] = calls.arrival[calls.start[1:][timed] - 1]
    often, starts, notes = _headways(frequencies, trips["trip_id"], what)
    plain = np.flatnonzero(timed & ~np.isin(np.arange(len(trips)), often))
    template = np.concatenate([plain, often[timed[often]]])
    shift = np.concatenate([np.zeros(len(plain), np.int64), (starts - begins[often])[timed[often]]])
    service = trips["service_id"].to_numpy(object)[template]
    parts = []
    for number, services in zip((-1, 0, 1), active, strict=True):
        later = shift + number * DAY_SECONDS
        seen = (ends[template] + later >= 0) & (begins[template] + later < HORIZON_SECONDS)
        keep = seen & np.isin(service, list(services))
        parts.append(
            pd.DataFrame({"template": template[keep], "shift": later[keep], "day": number})
        )
    if sum(len(part) for part in parts) > MAX_TRIPS:
        raise DataError(f"{what}: more than {MAX_TRIPS:,} trips on one day, which cannot be.")
    night = len(parts[0])
    if night:
        text = f"{what}: {counted(night, 'trip')} of the day before run past midnight."
        notes += (Note(stage="timetable", what="trips_past_midnight", count=night, text=text),)
    return pd.concat(parts, ignore_index=True), notes


def _headways(
    table: pd.DataFrame | None, trip_ids: pd.Series, what: str
) -> tuple[Int64, Int64, tuple[Note, ...]]:
    """Return the trips that run by headway, a row for each departure, and its time."""
    none = np.zeros(0, np.int64)
    if table is None or not len(table):
        return none, none, ()
    where = f"{what}, frequencies.txt"
    position = pd.Index(trip_ids).get_indexer(table["trip_id"])
    template, starts, loose = [none], [none], 0
    exact = _column(table, "exact_times")
    for row in range(len(table)):
        if position[row] < 0:  # a trip of another day, or of none
            continue
        begin, end = (read_clock(table[c].iloc[row]) for c in ("start_time", "end_time"))
        headway = pd.to_numeric(table["headway_secs"].iloc[row], errors="coerce")
        if begin < 0 or end < 0 or not headway >= 1 or headway != int(headway):
            raise DataError(f"{where}, row {row + 2}: not two times and a headway in seconds.")
        departures = np.arange(begin, end, int(headway), dtype=np.int64)
        template.append(np.full(len(departures), position[row], np.int64))
        starts.append(departures)
        loose += exact.iloc[row] != "1"
    found = np.concatenate(template)
    if len(found) > MAX_TRIPS:
        raise DataError(f"{where}: more than {MAX_TRIPS:,} departures, which cannot be.")
    notes: tuple[Note, ...] = ()
    if loose:
        text = (
            f"{what}: {counted(loose, 'row')} of frequencies.txt promise a headway and no exact "
            "times; departures are taken from the stated start on."
        )
        notes = (Note(stage="timetable", what="headways_not_exact", count=loose, text=text),)
    return found, np.concatenate(starts), notes


def _transfers(
    table: pd.DataFrame | None, stops: pd.DataFrame, what: str
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return least times and impossible changes between stops, stations taken apart."""
    empty = pd.DataFrame({"from": [], "to": [], "seconds": []}, dtype=np.int64)
    if table is None or not len(table):
        return empty, ()
    kind = table["transfer_type"].to_numpy(object)
    single = np.zeros(len(table), bool)
    for column in ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id"):
        single |= (_column(table, column) != "").to_numpy()
    single |= np.isin(kind, ["4", "5"])
    index = pd.Index(stops["stop_id"])
    ends = [index.get_indexer(table[column]) for column in ("from_stop_id", "to_stop_id")]
    unknown = ~single & ((ends[0] < 0) | (ends[1] < 0))
    seconds = pd.to_numeric(_column(table, "min_transfer_time"), errors="coerce").to_numpy()
    least = (kind == "2") & (seconds >= 0) & (seconds < DAY_SECONDS)
    broken = ~single & ~unknown & ~least & ~np.isin(kind, ["", "0", "1", "3"])
    rows = np.arange(len(table)) + 2
    notes = _note("transfers_of_trips", rows[single], what, "rows of transfers.txt are for "
                  "single routes or trips, and do not count")  # fmt: skip
    notes += _note("transfers_unknown_stops", rows[unknown], what, "rows of transfers.txt name a "
                   "stop that is not listed")  # fmt: skip
    notes += _note("transfers_broken", rows[broken], what, "rows of transfers.txt have no known "
                   "type or no least time")  # fmt: skip
    used = ~single & ~unknown & (least | (kind == "3"))
    members = _members(stops)
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for row in np.flatnonzero(used):
        here, there = members[ends[0][row]], members[ends[1][row]]
        value = IMPOSSIBLE if kind[row] == "3" else int(seconds[row])
        # Of several rules for one pair, the one for the fewest stops counts, then the last.
        rank = -len(here) * len(there)
        for a in here:
            for b in there:
                if found.get((a, b), (rank, 0))[0] <= rank:
                    found[a, b] = (rank, value)
    if not found:
        return empty, notes
    pairs = np.array(list(found), np.int64)
    values = np.array([value for _, value in found.values()], np.int64)
    return pd.DataFrame({"from": pairs[:, 0], "to": pairs[:, 1], "seconds": values}), notes


def _members(stops: pd.DataFrame) -> list[list[int]]:
    """Return the stops that a row of transfers.txt means by each: itself, or its platforms."""
    members = [[row] for row in range(len(stops))]
    stations = {stop: row for row, stop in enumerate(stops["stop_id"]) if stops["kind"][row] == "1"}
    for row in stations.values():
        members[row] = []
    platforms = zip(stops["station"], stops["kind"], strict=True)
    for row, (station, kind) in enumerate(platforms):
        if station in stations and kind != "1":
            members[stations[station]].append(row)
    return members


def _never_served(
    stops: pd.DataFrame, served: np.ndarray, what: str, date: dt.date
) -> tuple[Note, ...]:
    lost = stops["stop_id"][~served & stops["kind"].isin(["", "0"])]
    return _note("stops_not_served", lost, what, f"stops see no vehicle on {words_of(date)}")


def _note(slug: str, items: Iterable[object], what: str, text: str) -> tuple[Note, ...]:
    names = tuple(clean_text(item) for item in items)
    if not names:
        return ()
    said = f"{what}: {len(names):,} {text}."
    return (Note(stage="timetable", what=slug, count=len(names), text=said, items=names),)
