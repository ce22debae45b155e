"""Which walks can never be of use, whatever the hour?

Whoever gets off to walk somewhere might have stayed on board and got off nearer; whoever walks to a
stop might have got on the same vehicle before. Where that is at least as good for every trip of
every line that calls there, the walk is left out, and no search has to look at it again. (In the
spirit of the transfer reduction of Witt 2015, on lines instead of trips, so that it takes
milliseconds.)

Each walk left out has another in its place, further along the vehicle one gets off or further back
along the one that is got on, in time for the very same vehicles with as many rides. Going on like
that comes to an end at a walk that is kept, so no arrival changes by a second.
"""

from __future__ import annotations

import numpy as np

from planner.cores import jit
from planner.travel.kernels import FAR
from planner.travel.transit.schedule import Lists, Schedule, turned
from planner.travel.transit.timetable import Bool


def warm(schedule: Schedule, lists: Lists) -> None:
    """Compile every loop."""
    keep_off(schedule, lists, 1)
    keep_on(schedule, lists, 1)


def prune_from(schedule: Schedule, walks: Lists, count: int) -> Lists:
    """Leave out walks from stops to ``count`` places that staying on board makes needless."""
    return _kept(walks, keep_off(schedule, walks, count))


def prune_to(schedule: Schedule, walks: Lists) -> Lists:
    """Leave out walks to stops that getting on before makes needless."""
    places, stops = len(walks.start) - 1, len(schedule.board_start) - 1
    back = turned(walks, stops)
    return turned(_kept(back, keep_on(schedule, back, places)), places)


def prune_changes(schedule: Schedule) -> Schedule:
    """Leave out needless changes."""
    stops = len(schedule.board_start) - 1
    foot = prune_to(schedule, prune_from(schedule, schedule.foot, stops))
    return schedule._replace(foot=foot)


def _kept(walks: Lists, keep: Bool) -> Lists:
    start = np.concatenate([[0], np.cumsum(keep)])[walks.start]
    return Lists(start.astype(np.int64), walks.to[keep], walks.seconds[keep])


@jit
def keep_off(s, walks, count):  # type: ignore[no-untyped-def]
    """Say which walks from stops are of use to somebody getting off a vehicle there.

    Getting off further on is as good if the slowest trip, stop by stop, makes it so.
    """
    keep = np.zeros(len(walks.to), np.bool_)
    best = np.full(count, FAR, np.int32)
    for pattern in range(len(s.pattern_start) - 1):
        first, end = s.pattern_start[pattern], s.pattern_start[pattern + 1]
        length = end - first
        ridden = np.int32(0)  # from here to the end of the line, at most
        for position in range(end - 1, first, -1):
            stop = s.position_stop[position]
            if s.drop_off[position]:
                for place in range(walks.start[stop], walks.start[stop + 1]):
                    # `best` counts from the end of the line, as if it were reached at 0.
                    there, time = walks.to[place], walks.seconds[place] - ridden
                    if time < best[there]:
                        best[there] = time
                        keep[place] = True
            slowest = np.int32(0)
            for trip in range(s.pattern_trip[pattern], s.pattern_trip[pattern + 1]):
                call = s.trip_start[trip] + position - first
                slowest = max(slowest, s.arrival[call] - s.arrival[call - 1])
            ridden += slowest
        for position in range(first, first + length):
            stop = s.position_stop[position]
            for place in range(walks.start[stop], walks.start[stop + 1]):
                best[walks.to[place]] = FAR
    return keep


@jit
def keep_on(s, walks, count):  # type: ignore[no-untyped-def]
    """Say which walks to stops (grouped by stop) are of use to somebody getting on there.

    Getting on further back is as good if the slowest trip, stop by stop, makes it so.
    """
    keep = np.zeros(len(walks.to), np.bool_)
    best = np.full(count, FAR, np.int32)
    can_board = np.zeros(len(s.position_stop), np.bool_)
    can_board[s.board_position] = True
    for pattern in range(len(s.pattern_start) - 1):
        first, end = s.pattern_start[pattern], s.pattern_start[pattern + 1]
        trips = s.pattern_trip[pattern + 1] - s.pattern_trip[pattern]
        ridden = np.int32(0)  # from the start of the line to here, at most
        for position in range(first, end):
            if position > first:
                here, before = s.leave_start[position], s.leave_start[position - 1]
                slowest = np.int32(0)
                for nth in range(trips):
                    slowest = max(slowest, s.leave[here + nth] - s.leave[before + nth])
                ridden += slowest
            stop = s.position_stop[position]
            if can_board[position]:
                for place in range(walks.start[stop], walks.start[stop + 1]):
                    there, time = walks.to[place], walks.seconds[place] - ridden
                    if time < best[there]:
                        best[there] = time
                        keep[place] = True
        for position in range(first, end):
            stop = s.position_stop[position]
            for place in range(walks.start[stop], walks.start[stop + 1]):
                best[walks.to[place]] = FAR
    return keep
