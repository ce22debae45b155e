"""What does a timetable look like to somebody going back in time?

To be somewhere by a deadline, leaving as late as possible, is to be home as early as possible in a
day that runs backwards: seconds count down from the deadline, vehicles call at their stops in the
opposite order, arriving when they really leave, and people get on where they really get off. So
one search answers both questions, and to the same second.
"""

from __future__ import annotations

import numpy as np

from planner.travel.transit.schedule import Schedule, to_boards, turned


def mirrored(schedule: Schedule) -> Schedule:
    """Return the schedule with every second ``t`` as ``-t``. Mirrored twice, it is itself."""
    s = schedule
    patterns = np.arange(len(s.pattern_trip) - 1)
    length, trips = np.diff(s.pattern_start), np.diff(s.pattern_trip)
    of_position = s.position_pattern
    # Where each position, and each call of each trip, stands in the order turned round.
    back = s.pattern_start[of_position] + s.pattern_start[of_position + 1] - 1
    back -= np.arange(len(of_position))
    calls = length[s.trip_pattern]
    trip = np.repeat(np.arange(len(s.trip_pattern)), calls)
    pattern = np.repeat(patterns, length * trips)
    along = np.arange(len(s.arrival)) - s.trip_start[trip]
    nth = trip - s.pattern_trip[pattern]
    call = s.leave_start[s.pattern_start[pattern] + along] + nth
    onward = s.pattern_start[pattern] + length[pattern] - 1 - along
    other = s.leave_start[onward] + trips[pattern] - 1 - nth
    arrival = -s.leave[other]
    other_trip = s.pattern_trip[pattern] + trips[pattern] - 1 - nth
    leave = np.empty_like(s.leave)
    leave[call] = -s.arrival[s.trip_start[other_trip] + length[pattern] - 1 - along]
    can_board = np.zeros(len(s.position_stop), bool)
    can_board[s.board_position] = True
    stops = len(s.board_start) - 1
    pickup = s.drop_off[back]
    pickup[s.pattern_start[1:] - 1] = False  # the beginning of the line
    stop = s.position_stop[back]
    board_start, board_position = to_boards(stop, pickup, stops)
    return s._replace(
        position_stop=stop,
        drop_off=can_board[back],
        arrival=arrival,
        leave=leave,
        board_start=board_start,
        board_position=board_position,
        foot=turned(s.foot, stops),
    )
