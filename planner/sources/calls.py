"""When does each trip call at each stop? Reads ``stop_times.txt``, the large table of GTFS."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from planner.errors import DataError
from planner.ledger import Note
from planner.sources.text import clean_text, counted
from planner.travel.transit.timetable import Bool, Float64, Int32, Int64, Text

_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")
#: No cell, and a cell that is no time.
BLANK, BAD = -1, -2
_FILE = "stop_times.txt"


@dataclass(frozen=True, kw_only=True, eq=False)
class Calls:
    """The calls of some trips: those of trip ``t`` are ``start[t]`` to ``start[t + 1]``.

    A trip that cannot be used has none.
    """

    start: Int64
    stop: Int32
    arrival: Int32
    departure: Int32
    pickup: Bool
    drop_off: Bool


def read_clock(text: str) -> int:
    """Return a GTFS time in seconds, `BLANK` for no text and `BAD` for anything else.

    Examples
    --------
    >>> read_clock("8:05:00"), read_clock("25:00:30"), read_clock(""), read_clock("9:5:00")
    (29100, 90030, -1, -2)
    """
    text = text.strip()
    if not text:
        return BLANK
    found = _CLOCK.fullmatch(text)
    if found is None:
        return BAD
    hours, minutes, seconds = (int(part) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def read_calls(
    table: pa.Table, trip_ids: pd.Series, stop_ids: pd.Series, known: pd.Series, what: str
) -> tuple[Calls, tuple[Note, ...]]:
    """Return the calls of the trips that are asked for, in their order and along each trip.

    Parameters
    ----------
    table
        ``stop_times.txt``, its columns of text encoded.
    trip_ids, stop_ids
        Trips that are asked for, and all stops; calls name them by position.
    known
        All trips of the file.
    what
        What to call the file.

    Raises
    ------
    DataError
        A call names a stop that is not listed, its place in the order is not a whole number, or
        two calls of a trip have the same place.
    """
    trip_code, trip_text = _codes(table, "trip_id")
    listed = np.isin(trip_text, known.to_numpy(object))
    strangers = trip_text[~listed]
    trip = pd.Index(trip_ids).get_indexer(trip_text)[trip_code]
    rows = np.flatnonzero(trip >= 0)
    stop_code, stop_text = _codes(table, "stop_id")
    stop = pd.Index(stop_ids).get_indexer(stop_text)[stop_code]
    _refuse_unknown_stops(stop, stop_code, stop_text, what)
    place = _numbers(table, "stop_sequence", what)
    order = np.lexsort((place[rows], trip[rows]))
    rows = rows[order]
    trip, place = trip[rows], place[rows]
    same = np.flatnonzero((np.diff(trip) == 0) & (np.diff(place) == 0))
    if len(same):
        row = max(rows[same[0]], rows[same[0] + 1])
        shown = clean_text(trip_text[trip_code[row]], limit=60)
        raise DataError(
            f"{what}, {_FILE}, row {row + 2}: trip {shown!r} has two calls with stop_sequence "
            f"{place[same[0]]}."
        )
    arrival, departure = _times(table, "arrival_time")[rows], _times(table, "departure_time")[rows]
    starts = np.searchsorted(trip, np.arange(len(trip_ids) + 1))
    bad, notes = _unusable(arrival, departure, stop[rows], trip, trip_ids, what)
    notes = _note("calls_of_unknown_trips", strangers, what, "trips have calls and are not "
                  "listed in trips.txt") + notes  # fmt: skip
    arrival = np.where(arrival == BLANK, departure, arrival)
    departure = np.where(departure == BLANK, arrival, departure)
    arrival, departure, blank = _between(table, rows, starts, bad, arrival, departure)
    if blank:
        text = f"{what}: {counted(blank, 'blank time')} put between the timed stops around."
        notes += (Note(stage="timetable", what="times_interpolated", count=blank, text=text),)
    backwards = _backwards(arrival, departure, trip, len(trip_ids)) & ~bad
    notes += _note("trips_backwards", trip_ids[backwards], what, "trips run backwards in time")
    fewer = (np.diff(starts) < 2) & ~bad
    bad |= backwards | fewer
    keep = ~bad[trip]
    pickup, drop_off, more = _rights(table, rows[keep], what)
    each = np.where(bad, 0, np.diff(starts))
    calls = Calls(
        start=np.concatenate([[0], np.cumsum(each)]).astype(np.int64),
        stop=stop[rows][keep].astype(np.int32),
        arrival=arrival[keep].astype(np.int32),
        departure=departure[keep].astype(np.int32),
        pickup=pickup,
        drop_off=drop_off,
    )
    return calls, notes + more


def _codes(table: pa.Table, name: str) -> tuple[Int64, Text]:
    """Return, for each row, which of a few texts it has, and those texts, trimmed."""
    column = table[name].unify_dictionaries().combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    texts = np.array([str(t).strip() for t in column.dictionary.to_pylist()], dtype=object)
    codes = column.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, texts


def _mapped(table: pa.Table, name: str, read: Callable[[str], float]) -> Float64:
    codes, texts = _codes(table, name)
    return np.array([read(text) for text in texts], np.float64)[codes]


def _times(table: pa.Table, name: str) -> Int64:
    return _mapped(table, name, read_clock).astype(np.int64)


def _numbers(table: pa.Table, name: str, what: str) -> Int64:
    def read(text: str) -> float:
        return int(text) if re.fullmatch(r"\d{1,9}", text) else -1

    numbers = _mapped(table, name, read).astype(np.int64)
    wrong = np.flatnonzero(numbers < 0)
    if len(wrong):
        raise DataError(f"{what}, {_FILE}, row {wrong[0] + 2}: {name} is not a whole number.")
    return numbers


def _refuse_unknown_stops(stop: Int64, code: Int64, text: Text, what: str) -> None:
    wrong = np.flatnonzero((stop < 0) & (text[code] != ""))
    if len(wrong):
        shown = clean_text(text[code[wrong[0]]], limit=40)
        raise DataError(
            f"{what}, {_FILE}, row {wrong[0] + 2}: stop {shown!r} is not in stops.txt.",
            hint="The timetable was cut or joined badly: get it again from its publisher.",
        )


def _unusable(
    arrival: Int64, departure: Int64, stop: Int64, trip: Int64, trip_ids: pd.Series, what: str
) -> tuple[Bool, tuple[Note, ...]]:
    """Mark trips that cannot be timed or have a call without a stop, and say which."""
    count = len(trip_ids)

    def trips_with(calls: Bool) -> Bool:
        return np.bincount(trip[calls], minlength=count) > 0

    malformed = trips_with((arrival == BAD) | (departure == BAD))
    placeless = trips_with(stop < 0) & ~malformed
    ends = np.ones(len(trip), bool)
    ends[1:-1] = (trip[1:-1] != trip[:-2]) | (trip[1:-1] != trip[2:])
    open_ended = trips_with(ends & (arrival == BLANK) & (departure == BLANK))
    open_ended &= ~(malformed | placeless)
    notes = _note("times_malformed", trip_ids[malformed], what, "trips are left out: a time in "
                  "them is not written H:MM:SS")  # fmt: skip
    notes += _note("calls_without_stop", trip_ids[placeless], what, "trips are left out: they "
                   "serve no fixed stops")  # fmt: skip
    notes += _note("ends_without_time", trip_ids[open_ended], what, "trips are left out: their "
                   "first or last stop has no time")  # fmt: skip
    return malformed | placeless | open_ended, notes


def _between(
    table: pa.Table, rows: Int64, starts: Int64, bad: Bool, arrival: Int64, departure: Int64
) -> tuple[Int64, Int64, int]:
    """Fill blank times of usable trips from the timed calls before and after.

    By distance travelled where all calls of the stretch have one that does not run backwards and
    the stretch has any length; otherwise evenly by call. Whole seconds, rounded down.
    """
    blank = arrival == BLANK
    usable = np.repeat(~bad, np.diff(starts))
    todo = np.flatnonzero(blank & usable)
    if not len(todo):
        return arrival, departure, 0
    arrival, departure = arrival.copy(), departure.copy()
    metres = np.full(len(rows), np.nan)
    if "shape_dist_traveled" in table.column_names:
        metres = _mapped(table, "shape_dist_traveled", _distance)[rows]
    timed = np.flatnonzero(~blank)
    after = np.searchsorted(timed, todo)
    for low, high in np.unique(np.column_stack([timed[after - 1], timed[after]]), axis=0):
        along = metres[low : high + 1]
        if not bool((np.diff(along) >= 0).all()) or not along[-1] > along[0]:
            along = np.arange(high - low + 1, dtype=np.float64)
        share = (along[1:-1] - along[0]) / (along[-1] - along[0])
        then = departure[low] + np.floor(share * (arrival[high] - departure[low]) + 1e-9)
        arrival[low + 1 : high] = departure[low + 1 : high] = then.astype(np.int64)
    return arrival, departure, len(todo)


def _distance(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _backwards(arrival: Int64, departure: Int64, trip: Int64, trips: int) -> Bool:
    """Mark trips that leave a stop before they arrive, or arrive before they left the last."""
    wrong = departure < arrival
    wrong[1:] |= (trip[1:] == trip[:-1]) & (arrival[1:] < departure[:-1])
    found: Bool = np.zeros(trips, bool)
    found[trip[wrong]] = True
    return found


def _rights(table: pa.Table, rows: Int64, what: str) -> tuple[Bool, Bool, tuple[Note, ...]]:
    """Return where people may get on and off: not at type 1, nor at 2 (by arrangement)."""
    rights, arranged = [], 0
    for name in ("pickup_type", "drop_off_type"):
        if name not in table.column_names:
            rights.append(np.ones(len(rows), bool))
            continue
        codes, texts = _codes(table, name)
        rights.append(~np.isin(texts, ["1", "2"])[codes[rows]])
        arranged += int((texts == "2")[codes[rows]].sum())
    notes: tuple[Note, ...] = ()
    if arranged:
        text = (
            f"{what}: at {counted(arranged, 'call')} people get on or off only by arrangement "
            "with the agency; they count as not possible."
        )
        notes = (Note(stage="timetable", what="calls_by_arrangement", count=arranged, text=text),)
    return rights[0], rights[1], notes


def _note(slug: str, items: Iterable[object], what: str, text: str) -> tuple[Note, ...]:
    names = tuple(clean_text(item) for item in items)
    if not names:
        return ()
    said = f"{what}: {len(names):,} {text}."
    return (Note(stage="timetable", what=slug, count=len(names), text=said, items=names),)
