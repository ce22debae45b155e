"""The nearest of many sites for everyone: the profile scan by hand.

That it equals the forward search on drawn towns stands in ``test_raptor``, on the real feeds in
``test_transit``.
"""

from __future__ import annotations

import pandas as pd
import pytest
from made_feeds import to_timetable, trip, walk_lists

from planner.travel.kernels import FAR
from planner.travel.transit import reverse
from planner.travel.transit.opening import build_hours
from planner.travel.transit.schedule import build_connections, build_schedule, turned

NINE = 9 * 3600


def _scan(
    trips: list[str], egress: dict[str, int], *, minutes: int = 60, rides: int | None = None,
    room: int = 64,
) -> tuple[bool, list[int]]:  # fmt: skip
    """Return arrivals from 8:00 on of somebody who lives one minute from A."""
    timetable = to_timetable([trip(line) for line in trips], "ABCD")
    stops = [str(s) for s in timetable.stop_id]
    foot = walk_lists({s: {s: 0} for s in stops}, stops, stops)
    schedule = build_schedule(timetable, foot, begin=0, end=86_400, wheelchair_only=False)
    hops = build_connections(schedule, begin=8 * 3600, end=86_400)
    doors = turned(walk_lists({"home": {"A": 60}}, ["home"], stops), len(stops))
    near = walk_lists({s: {"site": seconds} for s, seconds in egress.items()}, stops, ["site"])
    hours, _ = build_hours(pd.Index(["site"]), None)
    enough, arrive = reverse.scan(
        *(hops, doors, near, hours, 1, 8 * 3600, minutes, rides or 1, rides is not None, room)
    )
    return enough, arrive[0].tolist()


def test_the_nearest_site_changes_with_the_minute() -> None:
    trips = ["A 8:10, B 8:20", "A 8:30, C 8:35"]
    _, arrive = _scan(trips, {"B": 60, "C": 120})
    assert arrive[9] == 8 * 3600 + 21 * 60
    assert arrive[10] == arrive[29] == 8 * 3600 + 37 * 60
    assert arrive[30] == FAR


def test_staying_on_board_or_changing_whichever_is_sooner() -> None:
    trips = ["A 8:10, B 8:20, C 9:00", "B 8:25, C 8:40"]
    assert _scan(trips, {"C": 0})[1][0] == 8 * 3600 + 40 * 60
    assert _scan(trips, {"C": 0}, rides=1)[1][0] == NINE
    assert _scan(trips, {"C": 0}, rides=2)[1][0] == 8 * 3600 + 40 * 60


def test_room_that_does_not_do_is_reported() -> None:
    trips = [f"B 8:{m:02d}, C 8:{m + 5:02d}" for m in range(10, 40, 3)] + ["A 8:00, B 8:05"]
    assert _scan(trips, {"C": 0}, room=2)[0] is False
    assert _scan(trips, {"C": 0}, room=16)[0] is True


def test_entries_that_say_nothing_are_not_kept() -> None:
    # Ten ways from B, all arriving with the same last bus: one entry does.
    trips = [f"B 8:{m:02d}, C 8:50" for m in range(40, 10, -3)] + ["C 8:50, D 9:00"]
    assert _scan([*trips, "A 8:00, B 8:05"], {"D": 0}, room=2)[0] is True


@pytest.mark.parametrize("minutes", [1, 7])
def test_shape(minutes: int) -> None:
    assert len(_scan(["A 8:10, B 8:20"], {"B": 0}, minutes=minutes)[1]) == minutes
