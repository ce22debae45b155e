"""How is a timetable laid out so that a search reads it in order?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.travel.transit.timetable import Bool, Int32, Int64, Timetable


class Lists(NamedTuple):
    """For each of some places, walks that begin there: ``start[i]`` to ``start[i + 1]``."""

    start: Int64
    to: Int32
    seconds: Int32


class Schedule(NamedTuple):
    """Trips by pattern for the round-based search. *Positions* number the stops of all patterns.

    Arrivals stand trip by trip, because a ride is followed along its trip; departures stand
    position by position, because the next departure is looked for at one stop. Departure ``n`` at
    position ``g`` is ``leave[leave_start[g] + n]``. ``board_position[board_start[s]: ...]`` are
    the positions where people may get on at stop ``s``. ``foot`` are changes on foot, those at
    one stop included: the seconds from getting off to being able to get on.
    """

    pattern_start: Int64
    pattern_trip: Int64
    position_pattern: Int32
    position_stop: Int32
    drop_off: Bool
    trip_pattern: Int32
    trip_start: Int64
    arrival: Int32
    leave_start: Int64
    leave: Int32
    board_start: Int64
    board_position: Int32
    foot: Lists


class Ahead(NamedTuple):
    """Seconds that it takes at the very least to be at any destination.

    From sitting in a vehicle as it arrives at a position (there or further on), from having got
    off at a stop, and from being able to get on at one.
    """

    sit: Int32
    off: Int32
    on: Int32


class Connections(NamedTuple):
    """Hops from one stop to the next, the latest departure first, for the profile scan.

    Of one trip's hops in the same second the later one stands first. ``foot`` are changes on
    foot turned round: for each stop where people get on, where they may come from.
    """

    departure: Int32
    arrival: Int32
    tail: Int32
    tip: Int32
    trip: Int32
    pickup: Bool
    drop_off: Bool
    trips: int
    foot: Lists


def to_lists(tail: Int64, tip: Int64, seconds: Int64, count: int) -> Lists:
    """Group walks by where they begin, in the order of where they end."""
    order = np.lexsort((tip, tail))
    start = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(tail, minlength=count), out=start[1:])
    return Lists(start, tip[order].astype(np.int32), seconds[order].astype(np.int32))


def turned(lists: Lists, count: int) -> Lists:
    """Return the same walks grouped by where they end, among ``count`` places."""
    tail = np.repeat(np.arange(len(lists.start) - 1), np.diff(lists.start))
    return to_lists(lists.to.astype(np.int64), tail, lists.seconds.astype(np.int64), count)


def build_schedule(
    timetable: Timetable, foot: Lists, *, begin: int, end: int, wheelchair_only: bool
) -> Schedule:
    """Lay out the trips that are under way between two seconds of the day.

    ``wheelchair_only`` keeps trips stated to be accessible, and lets people on and off at stops
    stated to be so.
    """
    t = timetable
    trips = len(t.trip_id)
    trip_start = t.trip_start
    pattern = np.repeat(np.arange(len(t.pattern_trip) - 1), np.diff(t.pattern_trip))
    keep = np.zeros(trips, bool)
    if trips:
        keep = (t.arrival[trip_start[1:] - 1] >= begin) & (t.departure[trip_start[:-1]] <= end)
    if wheelchair_only:
        keep &= t.trip_wheelchair == 1
    left = np.bincount(pattern[keep], minlength=len(t.pattern_trip) - 1)
    used = np.flatnonzero(left)
    number = np.full(len(left), -1)
    number[used] = np.arange(len(used))
    length = np.diff(t.pattern_start)[used]
    position = _ranges(t.pattern_start[:-1][used], length)
    chosen = np.flatnonzero(keep)
    calls = np.diff(trip_start)[chosen]
    call = _ranges(trip_start[:-1][chosen], calls)
    open_stop = t.stop_wheelchair == 1 if wheelchair_only else np.ones(len(t.stop_id), bool)
    stop = t.pattern_stop[position]
    pattern_start = _starts(length)
    pattern_trip = _starts(left[used])
    starts = _starts(calls)
    trip_pattern = number[pattern[chosen]]
    # Departure n of a pattern of N trips at its position i stands at (first call) + i N + n.
    first = np.repeat(starts[pattern_trip[:-1]], length)
    leave_start = first + _counting(length) * np.repeat(left[used], length)
    nth = np.arange(len(chosen)) - pattern_trip[trip_pattern]
    of_call = np.repeat(pattern_start[trip_pattern], calls) + _counting(calls)
    leave = np.empty(len(call), np.int32)
    leave[leave_start[of_call] + np.repeat(nth, calls)] = t.departure[call]
    pickup = t.pattern_pickup[position] & open_stop[stop]
    pickup[pattern_start[1:] - 1] = False  # the end of the line
    board_start, board_position = to_boards(stop, pickup, len(t.stop_id))
    return Schedule(
        pattern_start=pattern_start,
        pattern_trip=pattern_trip,
        position_pattern=np.repeat(np.arange(len(used)), length).astype(np.int32),
        position_stop=stop.astype(np.int32),
        drop_off=t.pattern_drop_off[position] & open_stop[stop],
        trip_pattern=trip_pattern.astype(np.int32),
        trip_start=starts,
        arrival=t.arrival[call],
        leave_start=leave_start.astype(np.int64),
        leave=leave,
        board_start=board_start,
        board_position=board_position,
        foot=foot,
    )


def to_boards(stop: Int32, pickup: Bool, stops: int) -> tuple[Int64, Int32]:
    """Group the positions where people may get on by their stop."""
    board = np.flatnonzero(pickup)
    board = board[np.argsort(stop[board], kind="stable")]
    return _starts(np.bincount(stop[board], minlength=stops)), board.astype(np.int32)


def build_connections(schedule: Schedule, *, begin: int, end: int) -> Connections:
    """Return the hops that begin between two seconds of the day."""
    s = schedule
    trips = len(s.trip_pattern)
    calls = np.diff(s.pattern_start)[s.trip_pattern]
    trip = np.repeat(np.arange(trips), calls)
    along = _counting(calls)
    position = np.repeat(s.pattern_start[s.trip_pattern], calls) + along
    nth = trip - s.pattern_trip[s.trip_pattern[trip]]
    departure = s.leave[s.leave_start[position] + nth]
    hop = np.flatnonzero(along < np.repeat(calls, calls) - 1)
    hop = hop[(departure[hop] >= begin) & (departure[hop] <= end)]
    hop = hop[np.lexsort((-along[hop], trip[hop], -departure[hop]))]
    can_board = np.zeros(len(s.position_stop), bool)
    can_board[s.board_position] = True
    stops = len(s.board_start) - 1
    return Connections(
        departure=departure[hop],
        arrival=s.arrival[hop + 1],
        tail=s.position_stop[position[hop]],
        tip=s.position_stop[position[hop + 1]],
        trip=trip[hop].astype(np.int32),
        pickup=can_board[position[hop]],
        drop_off=s.drop_off[position[hop + 1]],
        trips=trips,
        foot=turned(s.foot, stops),
    )


def _starts(lengths: Int64) -> Int64:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _counting(lengths: Int64) -> Int64:
    """Return 0, 1, 2, ... over each of some lengths, one after the other."""
    return np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _ranges(first: Int64, lengths: Int64) -> Int64:
    """Return runs of whole numbers, one after the other."""
    return np.repeat(first, lengths) + _counting(lengths)
