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
from planner.sources.feed_archive import feed_note
from planner.sources.text import clean_text
from planner.travel.transit.timetable import Bool, Float64, Int8, Int32, Int64, Text
from planner.wording import say_many

_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")
#: No cell, and a cell that is no time.
BLANK, BAD = -1, -2
_FILE = "stop_times.txt"
#: A stop that is not listed, and a call that names none.
UNKNOWN, NO_STOP = -1, -2
#: A larger share of calls at unknown stops than this is no slip, but another feed's stops.
MOST_UNKNOWN = 0.01
_NO_PICKUP, _NO_DROP_OFF, _PICKUP_ARRANGED, _DROP_OFF_ARRANGED = 1, 2, 4, 8


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


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """The rows of ``stop_times.txt`` that are of the trips asked for, as they stand in the file."""

    line: Int64
    trip: Int32
    stop: Int32
    place: Int32
    arrival: Int32
    departure: Int32
    metres: Float64
    rights: Int8


def read_calls(
    blocks: Iterable[pa.RecordBatch],
    trip_ids: pd.Series,
    stop_ids: pd.Series,
    known: pd.Series,
    what: str,
) -> tuple[Calls, tuple[Note, ...]]:
    """Return the calls of the trips that are asked for, in their order and along each trip.

    Parameters
    ----------
    blocks
        ``stop_times.txt``, some rows at a time, its columns of text encoded. Rows of other trips
        are looked at and let go, so that memory grows with what is asked for, not with the file.
    trip_ids, stop_ids
        Trips that are asked for, and all stops; calls name them by position.
    known
        All trips of the file.
    what
        What to call the file.

    Raises
    ------
    DataError
        More than `MOST_UNKNOWN` of the calls name a stop that is not listed, a call's place in
        the order is not a whole number, or two calls of a trip have the same place and are not
        the same.
    """
    rows, notes = _gather(blocks, trip_ids, stop_ids, known, what)
    rows, again = _in_order(rows, trip_ids, what)
    notes += again
    trip, stop = rows.trip, rows.stop
    arrival, departure = rows.arrival, rows.departure
    starts = np.searchsorted(trip, np.arange(len(trip_ids) + 1))
    bad, more = _unusable(arrival, departure, stop, trip, trip_ids, what)
    notes += more
    arrival = np.where(arrival == BLANK, departure, arrival)
    departure = np.where(departure == BLANK, arrival, departure)
    arrival, departure, blank = _between(rows.metres, starts, bad, arrival, departure)
    if blank:
        text = f"{what}: {say_many(blank, 'blank time')} put between the timed stops around."
        notes += (Note(stage="timetable", what="times_interpolated", count=blank, text=text),)
    backwards = _backwards(arrival, departure, trip, len(trip_ids)) & ~bad
    notes += feed_note("trips_backwards", trip_ids[backwards], what, "trips run backwards in time")
    fewer = (np.diff(starts) < 2) & ~bad
    bad |= backwards | fewer
    keep = ~bad[trip]
    pickup, drop_off, more = _rights(rows.rights[keep], what)
    each = np.where(bad, 0, np.diff(starts))
    calls = Calls(
        start=np.concatenate([[0], np.cumsum(each)]).astype(np.int64),
        stop=stop[keep],
        arrival=arrival[keep],
        departure=departure[keep],
        pickup=pickup,
        drop_off=drop_off,
    )
    return calls, notes + more


def _gather(
    blocks: Iterable[pa.RecordBatch],
    trip_ids: pd.Series,
    stop_ids: pd.Series,
    known: pd.Series,
    what: str,
) -> tuple[_Rows, tuple[Note, ...]]:
    """Return the rows of the trips asked for, and what is wrong with the references of any."""
    trips, stops, listed = pd.Index(trip_ids), pd.Index(stop_ids), pd.Index(known)
    parts: list[dict[str, Int64]] = []
    strangers: dict[str, None] = {}
    lost: dict[str, int] = {}
    lost_calls, between, before = 0, 0, 0
    clocks = _Texts(read_clock)
    for block in blocks:
        code, text = codes_of(block, "trip_id")
        strangers |= dict.fromkeys(text[listed.get_indexer(text) < 0])
        trip = trips.get_indexer(text)[code]
        code, text = codes_of(block, "stop_id")
        stop = np.where(text == "", NO_STOP, stops.get_indexer(text))[code]
        unknown = np.flatnonzero(stop == UNKNOWN)
        lost_calls += len(unknown)
        for row in unknown[np.unique(code[unknown], return_index=True)[1]]:
            lost.setdefault(str(text[code[row]]), int(before + row + 2))
        place = _numbers(block, "stop_sequence", before, what)
        between += _between_stops(block)
        keep = np.flatnonzero((trip >= 0) & (stop != UNKNOWN))
        part = {"line": keep + before + 2, "trip": trip[keep], "stop": stop[keep]}
        part |= {"place": place[keep], "rights": _right_codes(block)[keep]}
        for name in ("arrival", "departure"):
            part[name] = clocks.of(block, f"{name}_time")[keep]
        part["metres"] = _metres(block)[keep]
        parts.append({name: column.astype(_KINDS[name]) for name, column in part.items()})
        before += block.num_rows
    if not before:
        raise DataError(f"{what}, {_FILE}: the table has no rows.")
    notes = feed_note("calls_of_unknown_trips", strangers, what, "trips have calls and are not "
                  "listed in trips.txt")  # fmt: skip
    notes += _unknown_stops(lost, lost_calls, before, what)
    if between:
        said = (
            f"{what}: at {say_many(between, 'call')} people may get on or off between stops "
            "(continuous_pickup, continuous_drop_off); only the stops count."
        )
        notes += (Note(stage="timetable", what="calls_between_stops", count=between, text=said),)
    columns = {name: np.concatenate([part.pop(name) for part in parts]) for name in _KINDS}
    return _Rows(**columns), notes


def _in_order(rows: _Rows, trip_ids: pd.Series, what: str) -> tuple[_Rows, tuple[Note, ...]]:
    """Return rows trip by trip and along each, those that stand twice word for word once."""
    at = rows.trip.astype(np.int64) << 32 | rows.place
    if bool((np.diff(at) < 0).any()):
        order = np.argsort(at, kind="stable")
        rows, at = _taken(rows, order), at[order]
    same = np.flatnonzero(np.diff(at) == 0) + 1
    if not len(same):
        return rows, ()
    alike = np.ones(len(same), bool)
    for name in ("stop", "arrival", "departure", "rights"):
        column = getattr(rows, name)
        alike &= column[same] == column[same - 1]
    if not alike.all():
        other = same[~alike]
        shown = clean_text(trip_ids.iloc[rows.trip[other[0]]], limit=60)
        more = f" ({say_many(len(other), 'such pair')} in all)" if len(other) > 1 else ""
        raise DataError(
            f"{what}, {_FILE}, row {rows.line[other[0]]}: trip {shown!r} has two calls with "
            f"stop_sequence {rows.place[other[0]]}{more}."
        )
    once = np.ones(len(at), bool)
    once[same] = False
    notes = feed_note("calls_repeated", [str(line) for line in rows.line[same]], what, "rows of "
                  "stop_times.txt stand more than once, word for word")  # fmt: skip
    return _taken(rows, np.flatnonzero(once)), notes


def _taken(rows: _Rows, which: Int64) -> _Rows:
    return _Rows(**{name: getattr(rows, name)[which] for name in _KINDS})


_KINDS = {
    "line": np.int64,
    **dict.fromkeys(("trip", "stop", "place", "arrival", "departure"), np.int32),
    "metres": np.float64,
    "rights": np.int8,
}


class _Texts:
    """Reads each different text of a column once, over all blocks."""

    def __init__(self, read: Callable[[str], float]) -> None:
        self._read = read
        self._known: dict[str, float] = {}

    def of(self, block: pa.RecordBatch, name: str) -> Int64:
        code, texts = codes_of(block, name)
        for text in texts:
            if text not in self._known:
                self._known[text] = self._read(text)
        return np.array([self._known[text] for text in texts], np.int64)[code]


def codes_of(block: pa.RecordBatch, name: str) -> tuple[Int32, Text]:
    """Return, for each row, which of a few texts it has, and those texts, trimmed."""
    column = block.column(name)
    texts = np.array([str(t).strip() for t in column.dictionary.to_pylist()], dtype=object)
    return column.indices.to_numpy(zero_copy_only=False), texts


def _mapped(block: pa.RecordBatch, name: str, read: Callable[[str], float]) -> Float64:
    codes, texts = codes_of(block, name)
    return np.array([read(text) for text in texts], np.float64)[codes]


def _numbers(block: pa.RecordBatch, name: str, before: int, what: str) -> Int64:
    def read(text: str) -> float:
        return int(text) if re.fullmatch(r"\d{1,9}", text) else -1

    numbers = _mapped(block, name, read).astype(np.int64)
    wrong = np.flatnonzero(numbers < 0)
    if len(wrong):
        row = before + wrong[0] + 2
        raise DataError(f"{what}, {_FILE}, row {row}: {name} is not a whole number.")
    return numbers


def _metres(block: pa.RecordBatch) -> Float64:
    if "shape_dist_traveled" not in block.schema.names:
        return np.full(block.num_rows, np.nan, np.float64)
    return _mapped(block, "shape_dist_traveled", _distance)


def _right_codes(block: pa.RecordBatch) -> Int8:
    """Return who may get on and off at each call: `_NO_PICKUP` and so on, added up."""
    rights = np.zeros(block.num_rows, np.int8)
    for name, closed, arranged in (
        ("pickup_type", _NO_PICKUP, _PICKUP_ARRANGED),
        ("drop_off_type", _NO_DROP_OFF, _DROP_OFF_ARRANGED),
    ):
        if name in block.schema.names:
            code, texts = codes_of(block, name)
            value = np.where(texts == "1", closed, np.where(texts == "2", closed | arranged, 0))
            rights |= value.astype(np.int8)[code]
    return rights


def _between_stops(block: pa.RecordBatch) -> int:
    found = np.zeros(block.num_rows, bool)
    for name in ("continuous_pickup", "continuous_drop_off"):
        if name in block.schema.names:
            code, texts = codes_of(block, name)
            found |= np.isin(texts, ["0", "2", "3"])[code]
    return int(found.sum())


def _unknown_stops(lost: dict[str, int], lost_calls: int, rows: int, what: str) -> tuple[Note, ...]:
    """Return a note on calls at stops that are not listed, or refuse if they are many."""
    if not lost:
        return ()
    first, row = next(iter(lost.items()))
    shown = clean_text(first, limit=40)
    if lost_calls > MOST_UNKNOWN * rows:
        raise DataError(
            f"{what}, {_FILE}, row {row}: stop {shown!r} is not in stops.txt; {lost_calls:,} of "
            f"{say_many(rows, 'call')} are at {say_many(len(lost), 'such stop')}.",
            hint="The timetable was cut or joined badly: get it again from its publisher.",
        )
    text = (
        f"{what}: {say_many(lost_calls, 'call')} left out, at {say_many(len(lost), 'stop')} not "
        f"listed in stops.txt; the first is {shown!r}, stop_times.txt row {row}."
    )
    items = tuple(clean_text(stop, limit=60) for stop in lost)
    note = Note(
        stage="timetable", what="calls_unknown_stops", count=lost_calls, text=text, items=items
    )
    return (note,)


def _unusable(
    arrival: Int32, departure: Int32, stop: Int32, trip: Int32, trip_ids: pd.Series, what: str
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
    notes = feed_note("times_malformed", trip_ids[malformed], what, "trips are left out: a time in "
                  "them is not written H:MM:SS")  # fmt: skip
    notes += feed_note("calls_without_stop", trip_ids[placeless], what, "trips are left out: they "
                   "serve no fixed stops")  # fmt: skip
    notes += feed_note("ends_without_time", trip_ids[open_ended], what, "trips are left out: their "
                   "first or last stop has no time")  # fmt: skip
    return malformed | placeless | open_ended, notes


def _between(
    metres: Float64, starts: Int64, bad: Bool, arrival: Int32, departure: Int32
) -> tuple[Int32, Int32, int]:
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
    timed = np.flatnonzero(~blank)
    after = np.searchsorted(timed, todo)
    for low, high in np.unique(np.column_stack([timed[after - 1], timed[after]]), axis=0):
        along = metres[low : high + 1]
        if not bool((np.diff(along) >= 0).all()) or not along[-1] > along[0]:
            along = np.arange(high - low + 1, dtype=np.float64)
        share = (along[1:-1] - along[0]) / (along[-1] - along[0])
        then = departure[low] + np.floor(share * (arrival[high] - departure[low]) + 1e-9)
        arrival[low + 1 : high] = departure[low + 1 : high] = then.astype(np.int32)
    return arrival, departure, len(todo)


def _distance(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _backwards(arrival: Int32, departure: Int32, trip: Int32, trips: int) -> Bool:
    """Mark trips that leave a stop before they arrive, or arrive before they left the last."""
    wrong = departure < arrival
    wrong[1:] |= (trip[1:] == trip[:-1]) & (arrival[1:] < departure[:-1])
    found: Bool = np.zeros(trips, bool)
    found[trip[wrong]] = True
    return found


def _rights(rights: Int8, what: str) -> tuple[Bool, Bool, tuple[Note, ...]]:
    """Return where people may get on and off: not at type 1, nor at 2 (by arrangement)."""
    arranged = int(np.count_nonzero(rights & _PICKUP_ARRANGED))
    arranged += int(np.count_nonzero(rights & _DROP_OFF_ARRANGED))
    notes: tuple[Note, ...] = ()
    if arranged:
        text = (
            f"{what}: at {say_many(arranged, 'call')} people get on or off only by arrangement "
            "with the agency; they count as not possible."
        )
        notes = (Note(stage="timetable", what="calls_by_arrangement", count=arranged, text=text),)
    return (rights & _NO_PICKUP) == 0, (rights & _NO_DROP_OFF) == 0, notes
