"""What is wrong with the calls of a timetable? Looks at every row of ``stop_times.txt``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from planner.sources.calls import BAD, BLANK, MOST_UNKNOWN, codes_of, read_clock
from planner.sources.problems import FIRST, Outcome, Problems
from planner.travel.transit.timetable import Bool, Float64, Int32, Int64, Text

_TABLE = "stop_times.txt"
#: Faster than this between two stops, in km/h, no vehicle of a kind goes: rail, air, all others.
FASTEST = {2: 400.0, 1100: 1200.0}
FASTEST_OTHER = 200.0
#: Times are often whole minutes: so much longer the ride between two stops may have been.
ROUNDING_SECONDS = 60
_NO_PLACE = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class CallStock:
    """What the calls say of trips and stops: how many calls each has."""

    rows: int
    trip_calls: Int64
    stop_calls: Int64


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    trip: Int32
    stop: Int32
    place: Int32
    arrival: Int32
    departure: Int32


def find_call_problems(
    blocks: Iterable[pa.RecordBatch],
    trips: pd.DataFrame,
    stops: pd.DataFrame,
    problems: Problems,
) -> CallStock:
    """Add what is wrong in ``stop_times.txt`` to the problems of a file.

    Parameters
    ----------
    blocks
        The table, some rows at a time, columns of text encoded.
    trips
        On unique trip ids, ``kind``: the route's kind of vehicle in the numbers of GTFS.
    stops
        On unique stop ids, ``x`` and ``y`` (metres; NaN: no position).
    """
    rows = _read(blocks, trips.index, stops.index, problems)
    order = np.lexsort((rows.place, rows.trip))
    order = order[rows.trip[order] >= 0]
    trip, place = rows.trip[order], rows.place[order]
    follows = trip[1:] == trip[:-1]
    again = np.flatnonzero(follows & (place[1:] == place[:-1]) & (place[1:] != _NO_PLACE))
    alike = np.ones(len(again), bool)
    for column in (rows.stop, rows.arrival, rows.departure):
        alike &= column[order[again]] == column[order[again + 1]]
    names = trips.index
    outcomes: tuple[tuple[Outcome, Int64], ...] = (
        ("file refused", again[~alike]),
        ("put right", again[alike]),
    )
    for outcome, which in outcomes:
        said = "two calls have the same stop_sequence"
        said += ", word for word" if outcome == "put right" else ""
        _add_calls(problems, said, outcome, order[which + 1], rows, names)
    _add_ends(rows, order, follows, names, problems)
    _add_pace(rows, order, follows, trips, stops, problems)
    return CallStock(
        rows=len(rows.trip),
        trip_calls=np.bincount(rows.trip[rows.trip >= 0], minlength=len(trips)),
        stop_calls=np.bincount(rows.stop[rows.stop >= 0], minlength=len(stops)),
    )


def _add_calls(
    problems: Problems, said: str, outcome: Outcome, at: Int64, rows: _Rows, names: pd.Index
) -> None:
    first = np.sort(at)[:FIRST]
    found = [(int(row) + 2, f"trip {names[rows.trip[row]]}") for row in first]
    problems.add(_TABLE, said, outcome, found, count=len(at))


def _add_ends(
    rows: _Rows, order: Int64, follows: Bool, names: pd.Index, problems: Problems
) -> None:
    ends = np.ones(len(order), bool)
    ends[1:-1] = ~(follows[:-1] & follows[1:])
    untimed = (rows.arrival[order] == BLANK) & (rows.departure[order] == BLANK)
    said = "the first or last call of a trip has no time"
    _add_calls(problems, said, "left out", order[ends & untimed], rows, names)


def _add_pace(
    rows: _Rows,
    order: Int64,
    follows: Bool,
    trips: pd.DataFrame,
    stops: pd.DataFrame,
    problems: Problems,
) -> None:
    """Add trips that run backwards in time, or faster than any vehicle of their kind.

    Between two timed calls in a row of the file's order; blank times in between hide a hop.
    """
    arrival, departure = rows.arrival[order], rows.departure[order]
    arrival = np.where(arrival == BLANK, departure, arrival)
    departure = np.where(departure == BLANK, arrival, departure)
    timed = (arrival >= 0) & (departure >= 0)
    waits = np.flatnonzero(timed & (departure < arrival))
    hop = np.flatnonzero(follows & timed[1:] & timed[:-1])
    seconds = arrival[hop + 1] - departure[hop]
    back = np.concatenate([waits, hop[seconds < 0] + 1])
    said = "the time is before the one ahead of it"
    _add_calls(problems, said, "left out", order[back], rows, trips.index)
    stop = rows.stop[order]
    here, there = stop[hop], stop[hop + 1]
    placed = (here >= 0) & (there >= 0) & (seconds >= 0)
    hop, seconds = hop[placed], seconds[placed]
    metres = _metres(stops, here[placed], there[placed])
    kind = trips["kind"].to_numpy()[rows.trip[order][hop]]
    fast = metres / (seconds + ROUNDING_SECONDS) * 3.6 > _fastest(kind)
    found = [
        (int(order[at + 1]) + 2, f"{one / 1000:.1f} km in {s / 60:.1f} min")
        for at, one, s in zip(hop[fast][:FIRST], metres[fast], seconds[fast], strict=False)
    ]
    said = f"faster than any vehicle ({FASTEST_OTHER:.0f} km/h; trains {FASTEST[2]:.0f})"
    problems.add(_TABLE, said, "used as it is", found, count=int(fast.sum()))


def _metres(stops: pd.DataFrame, here: Int32, there: Int32) -> Float64:
    x, y = stops["x"].to_numpy(np.float64), stops["y"].to_numpy(np.float64)
    metres = np.hypot(x[here] - x[there], y[here] - y[there])
    return np.where(np.isfinite(metres), metres, 0.0)


def _fastest(kind: Int32) -> Float64:
    rail = (kind == 2) | ((kind >= 100) & (kind < 200))
    air = (kind >= 1100) & (kind < 1200)
    return np.where(rail, FASTEST[2], np.where(air, FASTEST[1100], FASTEST_OTHER))


def _read(
    blocks: Iterable[pa.RecordBatch], trips: pd.Index, stops: pd.Index, problems: Problems
) -> _Rows:
    """Return all rows as numbers, and add what is wrong with single cells."""
    found: dict[str, list[tuple[int, str]]] = {}
    counts: dict[str, int] = {}
    parts: list[list[Int32]] = []
    before = 0

    def note(what: str, wrong: Text, code: Int32, text: Text) -> None:
        rows = np.flatnonzero(wrong[code])
        counts[what] = counts.get(what, 0) + len(rows)
        first = found.setdefault(what, [])
        # Of each different text the first row, so that one mistake does not hide another.
        for row in rows[np.sort(np.unique(code[rows], return_index=True)[1])][:FIRST]:
            if len(first) < FIRST and text[code[row]] not in {shown for _, shown in first}:
                first.append((before + int(row) + 2, str(text[code[row]])))

    for block in blocks:
        code, text = codes_of(block, "trip_id")
        trip = trips.get_indexer(text)
        note("trip", trip < 0, code, text)
        part = [trip[code]]
        code, text = codes_of(block, "stop_id")
        stop = stops.get_indexer(text)
        note("stop", (stop < 0) & (text != ""), code, text)
        note("no stop", text == "", code, text)
        part.append(stop[code])
        code, text = codes_of(block, "stop_sequence")
        place = [int(t) if re.fullmatch(r"\d{1,9}", t) else _NO_PLACE for t in text]
        note("place", np.array(place) < 0, code, text)
        part.append(np.array(place, np.int32)[code])
        for name in ("arrival_time", "departure_time"):
            code, text = codes_of(block, name)
            time = np.array([read_clock(t) for t in text], np.int32)
            note("time", time == BAD, code, text)
            part.append(time[code])
        parts.append([column.astype(np.int32) for column in part])
        before += block.num_rows
    _add_cells(found, counts, before, problems)
    names = ("trip", "stop", "place", "arrival", "departure")
    if not parts:
        return _Rows(**dict.fromkeys(names, np.zeros(0, np.int32)))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return _Rows(**dict(zip(names, columns, strict=True)))


def _add_cells(
    found: dict[str, list[tuple[int, str]]], counts: dict[str, int], rows: int, problems: Problems
) -> None:
    many = counts.get("stop", 0) > MOST_UNKNOWN * rows
    said: dict[str, tuple[str, Outcome]] = {
        "stop": ("stop_id is not in stops.txt", "file refused" if many else "left out"),
        "place": ("stop_sequence is not a whole number", "file refused"),
        "trip": ("trip_id is not in trips.txt", "left out"),
        "no stop": ("no stop_id: the trip serves no fixed stops", "left out"),
        "time": ("a time is not written H:MM:SS: the trip", "left out"),
    }
    for what, (words, outcome) in said.items():
        problems.add(_TABLE, words, outcome, found.get(what, []), count=counts.get(what, 0))
