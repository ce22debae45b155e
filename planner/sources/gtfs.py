"""What do the timetable files (GTFS) say of one day? Reads them into a `Timetable`."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj

from planner.area import CRS
from planner.errors import DataError
from planner.ledger import Note
from planner.sources.calls import Calls, read_calls, read_clock
from planner.sources.feed_archive import (
    CALENDARS,
    REQUIRED,
    Members,
    column_of,
    feed_note,
    open_feed,
    read_blocks,
    read_frame,
)
from planner.sources.interchanges import read_transfers
from planner.sources.text import clean_text
from planner.sources.timetable import regular_service, single_days, words_of
from planner.travel.transit.timetable import (
    HORIZON_SECONDS,
    Int64,
    Timetable,
    build_timetable,
)
from planner.wording import say_many

DAY_SECONDS = 24 * 3600
MAX_TRIPS = 2_000_000
#: Notes on trips of the day that cannot be used.
_LEFT_OUT = (
    *("times_malformed", "calls_without_stop", "ends_without_time", "trips_backwards"),
    "calls_unknown_stops",
)

#: Tables and columns that are read where they are there.
_OPTIONAL: dict[str, tuple[str, ...]] = {
    "stops.txt": ("stop_name", "location_type", "parent_station", "wheelchair_boarding"),
    "routes.txt": (
        *("route_short_name", "route_long_name"),
        *("continuous_pickup", "continuous_drop_off"),
    ),
    "trips.txt": ("wheelchair_accessible", "trip_headsign", "block_id"),
    "stop_times.txt": (
        *("pickup_type", "drop_off_type", "shape_dist_traveled"),
        *("continuous_pickup", "continuous_drop_off"),
    ),
    "frequencies.txt": ("exact_times",),
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


def read_timetable(
    files: Sequence[tuple[Path, str]],
    *,
    date: dt.date,
    progress: Callable[[str, float], None] | None = None,
) -> Timetable:
    """Read what runs on one day from any number of GTFS files.

    Parameters
    ----------
    files
        Each file and what to call it in messages. With several, ids get the file's place in the
        list before them (``2:STOP``), so that they cannot be mixed up.
    date
        The day. Trips of the day before that run past midnight, and those of the day after that
        begin before the timetable's horizon, are included.
    progress
        Told in words what is being read, and the share done.

    Returns
    -------
    timetable
        With notes on all that was left out, repaired or expanded.

    Raises
    ------
    DataError
        A file is no archive or lacks a table or a column; an id stands twice with different
        contents; more than 1 % of the calls are at unknown stops; two different calls of a trip
        have the same place in its order; or nothing runs on the day.

    Notes
    -----
    Rules, where GTFS leaves a choice: getting on or off "by arrangement with the agency" (type 2)
    counts as not possible, "by asking the driver" (3) as possible, and between stops
    (``continuous_pickup``) as not possible. Trips that run by headway are expanded from their
    start time, also where the headway is not exact. Blank times lie between the timed stops by the
    distance travelled, where the file has it, or else evenly by stop, in whole seconds rounded
    down. Trips with a time not written H:MM:SS, without fixed stops, or running backwards, are
    left out; so are single calls at unknown stops, if they are few. Rows that stand twice word for
    word count once. Of ``transfers.txt``, least times (type 2) and impossible changes (3) between
    stops or stations count; rules for single routes or trips do not, and staying on board where
    two trips share a vehicle (``block_id``, types 4 and 5) counts as a change. Wheelchair flags
    are kept as stated; a stop without one has its station's, and a trip without one has none.

    ``stop_times.txt`` is read some rows at a time, and only the calls of trips around the day are
    kept: 10 million rows take about 1.1 GB where a seventh of them run on the day, and about
    1.9 GB where all do.
    """
    feeds = [
        _read_feed(
            path,
            what,
            date,
            prefix=f"{number}:" if len(files) > 1 else "",
            tell=_teller(progress, what, number - 1, len(files)),
        )
        for number, (path, what) in enumerate(files, 1)
    ]
    if not any(feed.on_day for feed in feeds):
        raise _nothing_runs([what for _, what in files], feeds, date)
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


def _teller(
    progress: Callable[[str, float], None] | None, what: str, before: int, files: int
) -> Callable[[float], None]:
    def tell(share: float) -> None:
        if progress is not None:
            progress(f"Reading the timetable {what}", (before + share) / files)

    return tell


def _nothing_runs(names: Sequence[str], feeds: Sequence[_Feed], date: dt.date) -> DataError:
    """Return the error for a day without vehicles: for want of trips, or of usable ones."""
    lost = [note for feed in feeds for note in feed.notes if note.what in _LEFT_OUT]
    said = f"No vehicle runs on {words_of(date)} in {', '.join(names)}."
    if lost:
        return DataError(f"{said} {lost[0].text}", hint="`planner check` lists where.")
    return DataError(
        said,
        hint="Choose a day that the timetables cover ([timetable] date); "
        "`planner check` proposes one.",
    )


def _read_feed(
    path: Path, what: str, date: dt.date, *, prefix: str, tell: Callable[[float], None]
) -> _Feed:
    with open_feed(path, what) as (archive, members):
        tables = _read_tables(archive, members, what)
        stops, notes = _stops(tables["stops.txt"], what)
        trips, more = _trips(tables["trips.txt"], tables["routes.txt"], what)
        notes += more
        active = [_active(tables, date + dt.timedelta(days=day), what) for day in (-1, 0, 1)]
        listed = trips["trip_id"]
        trips = trips[trips["service_id"].isin(set().union(*active))].reset_index(drop=True)
        needed = REQUIRED["stop_times.txt"]
        blocks = read_blocks(
            archive,
            members["stop_times.txt"],
            what,
            required=needed,
            wanted=_wanted("stop_times.txt", needed),
            encoded=True,
            progress=tell,
        )
        calls, more = read_calls(blocks, trips["trip_id"], stops["stop_id"], listed, what)
    notes += more + _not_used(tables, trips, what)
    if "frequencies.txt" in tables:
        lost = tables["frequencies.txt"]["trip_id"]
        lost = lost[~lost.isin(listed)].drop_duplicates()
        notes += feed_note("headways_unknown_trips", lost, what, "trips have a headway and are not "
                       "listed in trips.txt")  # fmt: skip
    runs, more = _runs(trips, calls, active, tables.get("frequencies.txt"), what)
    notes += more
    transfers, more = read_transfers(tables.get("transfers.txt"), stops, what)
    notes += more
    found = _laid_out(trips, calls, runs, prefix)
    served = np.isin(np.arange(len(stops)), found[1]["stop"])
    notes += _never_served(stops, served, what, date)
    return _Feed(
        stops=stops.set_index(prefix + stops["stop_id"])[
            ["name", "x", "y", "station", "wheelchair"]
        ].assign(station=lambda s: s["station"].where(s["station"] == "", prefix + s["station"])),
        trips=found[0],
        calls=found[1],
        transfers=transfers,
        on_day=int((runs["day"] == 0).sum()),
        notes=notes,
    )


def _laid_out(
    trips: pd.DataFrame, calls: Calls, runs: pd.DataFrame, prefix: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a row for every run of the day, and one for each of their calls."""
    template, shift = runs["template"].to_numpy(np.int64), runs["shift"].to_numpy(np.int64)
    each = np.diff(calls.start)[template]
    at = np.repeat(calls.start[:-1][template], each) + np.arange(each.sum())
    at -= np.repeat(np.cumsum(each) - each, each)
    later = np.repeat(shift, each)
    rows = pd.DataFrame(
        {
            "trip_id": prefix + trips["trip_id"].to_numpy(object)[template],
            "route": trips["route"].to_numpy(object)[template],
            "route_type": trips["route_type"].to_numpy(np.int32)[template],
            "headsign": trips["headsign"].to_numpy(object)[template],
            "wheelchair": trips["wheelchair"].to_numpy(np.int8)[template],
        }
    )
    stops = pd.DataFrame(
        {
            "trip": np.repeat(np.arange(len(template)), each),
            "stop": calls.stop[at],
            "arrival": calls.arrival[at] + later,
            "departure": calls.departure[at] + later,
            "pickup": calls.pickup[at],
            "drop_off": calls.drop_off[at],
        }
    )
    return rows, stops


def _read_tables(archive: zipfile.ZipFile, members: Members, what: str) -> dict[str, pd.DataFrame]:
    """Return all tables but stop times, as frames of text."""
    tables: dict[str, pd.DataFrame] = {}
    for name, needed in {**REQUIRED, **CALENDARS, **_EXTRA}.items():
        if name not in members or name == "stop_times.txt":
            continue
        wanted = _wanted(name, needed)
        tables[name] = read_frame(archive, members[name], what, required=needed, wanted=wanted)
    for name in REQUIRED:
        if name in tables and not len(tables[name]):
            raise DataError(f"{what}, {name}: the table has no rows.")
    return tables


def _wanted(name: str, needed: tuple[str, ...]) -> tuple[str, ...]:
    return (*needed, *(column for column in _OPTIONAL.get(name, ()) if column not in needed))


def _not_used(
    tables: Mapping[str, pd.DataFrame], trips: pd.DataFrame, what: str
) -> tuple[Note, ...]:
    """Return notes on what the feed offers and no journey makes use of."""
    blocks = trips.loc[trips["block"] != "", ["service_id", "block"]]
    joined = int(blocks.duplicated(keep=False).sum())
    routes = tables["routes.txt"]
    between = np.zeros(len(routes), bool)
    for name in ("continuous_pickup", "continuous_drop_off"):
        between |= column_of(routes, name).isin(["0", "2", "3"]).to_numpy()
    notes = feed_note("routes_between_stops", routes["route_id"][between], what,
                      "routes let people on between stops; only stops count")  # fmt: skip
    if joined:
        text = (
            f"{what}: {say_many(joined, 'trip')} may share a vehicle with another (block_id); "
            "staying on board from one to the next counts as a change."
        )
        notes += (Note(stage="timetable", what="trips_in_blocks", count=joined, text=text),)
    return notes


def _cleaned(texts: pd.Series) -> pd.Series:
    """Return text made harmless, each different one once in memory."""
    return texts.map({text: clean_text(text) for text in texts.unique()})


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
    kind = column_of(table, "location_type").to_numpy(object)
    parent = column_of(table, "parent_station")
    unknown = (parent != "") & ~parent.isin(table["stop_id"])
    parent = parent.mask(unknown, "")
    flag = column_of(table, "wheelchair_boarding").where(lambda s: s.isin(["1", "2"]), "0")
    # A platform that says nothing is as accessible as its station.
    of_station = parent.map(dict(zip(table["stop_id"], flag, strict=True))).fillna("0")
    stops = pd.DataFrame(
        {
            "stop_id": table["stop_id"].to_numpy(object),
            "name": column_of(table, "stop_name").map(lambda text: clean_text(text)),
            "x": np.where(nowhere, np.nan, x),
            "y": np.where(nowhere, np.nan, y),
            "station": np.where(kind == "1", table["stop_id"], parent),
            "kind": kind,
            "wheelchair": flag.where(flag != "0", of_station).astype(np.int8),
        }
    )
    platform = np.isin(kind, ["", "0", "4"])
    notes = feed_note("stops_repeated", repeated, what, "stops stand more than once, word for word")
    lost = stops["stop_id"][nowhere & platform]
    notes += feed_note("stops_without_position", lost, what, "stops have no usable position")
    lost = table["stop_id"][unknown]
    notes += feed_note(
        "stations_unknown", lost, what, "stops belong to a station that is not listed"
    )
    return stops, notes


def _trips(
    table: pd.DataFrame, routes: pd.DataFrame, what: str
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return trips with their route's name and kind, and where they go."""
    table, repeated = _unique(table, "trip_id", what, "trips.txt")
    routes, more = _unique(routes, "route_id", what, "routes.txt")
    name = column_of(routes, "route_short_name")
    name = name.where(name != "", column_of(routes, "route_long_name")).map(clean_text)
    known = dict(zip(routes["route_id"], name, strict=True))
    number = pd.to_numeric(routes["route_type"], errors="coerce")
    number = number.where(number.between(0, 9999)).fillna(-1).astype(np.int32)
    kind = dict(zip(routes["route_id"], number, strict=True))
    lost = table["trip_id"][~table["route_id"].isin(known)]
    trips = pd.DataFrame(
        {
            "trip_id": table["trip_id"],
            "service_id": table["service_id"],
            "route": table["route_id"].map(known).fillna(""),
            "route_type": table["route_id"].map(kind).fillna(-1).astype(np.int32),
            "headsign": _cleaned(column_of(table, "trip_headsign")),
            "block": column_of(table, "block_id"),
            "wheelchair": column_of(table, "wheelchair_accessible")
            .where(lambda s: s.isin(["1", "2"]), "0")
            .astype(np.int8),
        }
    ).reset_index(drop=True)
    notes = feed_note("trips_repeated", repeated, what, "trips stand more than once, word for word")
    notes += feed_note("routes_repeated", more, what, "routes stand more than once, word for word")
    return trips, notes + feed_note("routes_unknown", lost, what, "trips are of a route not listed")


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
        text = f"{what}: {say_many(night, 'trip')} of the day before run past midnight."
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
    exact = column_of(table, "exact_times")
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
            f"{what}: {say_many(loose, 'row')} of frequencies.txt promise a headway and no exact "
            "times; departures are taken from the stated start on."
        )
        notes = (Note(stage="timetable", what="headways_not_exact", count=loose, text=text),)
    return found, np.concatenate(starts), notes


def _never_served(
    stops: pd.DataFrame, served: np.ndarray, what: str, date: dt.date
) -> tuple[Note, ...]:
    lost = stops["stop_id"][~served & stops["kind"].isin(["", "0"])]
    return feed_note("stops_not_served", lost, what, f"stops see no vehicle on {words_of(date)}")
