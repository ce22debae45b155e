"""Trips as patterns: nobody overtakes in one, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_feeds import TUESDAY, to_timetable, trip
from time_expanded import Call

from planner.errors import TravelError
from planner.travel.transit.timetable import Timetable, build_timetable


def _patterns(timetable: Timetable) -> list[tuple[str, int]]:
    """Return each pattern's stops and how many trips it has."""
    start, trips = timetable.pattern_start, np.diff(timetable.pattern_trip)
    return [
        ("".join(str(timetable.stop_id[s]) for s in timetable.pattern_stop[a:b]), int(n))
        for a, b, n in zip(start, start[1:], trips, strict=False)
    ]


def test_trips_with_the_same_stops_share_a_pattern() -> None:
    timetable = to_timetable(
        [trip("A 9:00, B 9:10"), trip("A 8:00, B 8:10"), trip("B 8:00, A 8:10")], "AB"
    )
    assert _patterns(timetable) == [("AB", 2), ("BA", 1)]
    assert timetable.trip_id.tolist() == ["1", "0", "2"]


def test_closed_stops_make_another_pattern() -> None:
    timetable = to_timetable(
        [trip("A 8:00, B 8:10, C 8:20"), trip("A 9:00, B- 9:10, C 9:20")], "ABC"
    )
    assert _patterns(timetable) == [("ABC", 1), ("ABC", 1)]


@pytest.mark.parametrize(
    "fast",
    ["A 8:05, B 8:09", "A 8:00, B 8:09", "A 7:59, B 8:11"],
    ids=["leaves later", "leaves at once", "is overtaken"],
)
def test_overtaking_trips_are_taken_apart(fast: str) -> None:
    timetable = to_timetable([trip("A 8:00, B 8:10"), trip(fast)], "AB")
    overtakes = fast != "A 8:00, B 8:09"
    # Leaving together and arriving first is an order as good as any.
    expected = 2 if overtakes else 1
    assert len(_patterns(timetable)) == expected
    assert ("overtaking_split" in [n.what for n in timetable.notes]) == overtakes


def test_same_times_are_no_overtaking() -> None:
    timetable = to_timetable([trip("A 8:00, B 8:10")] * 3, "AB")
    assert _patterns(timetable) == [("AB", 3)]


def test_stops_that_nothing_serves_are_left_out() -> None:
    assert to_timetable([trip("A 8:00, C 8:10")], "ABC").stop_id.tolist() == ["A", "C"]


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=9))
def test_every_call_is_kept(hops: list[list[int]]) -> None:
    trips = []
    for begin, one, two in hops:
        then = [begin, begin + one, begin + one + two]
        trips.append([Call(stop, t, t) for stop, t in zip("ABC", then, strict=True)])
    timetable = to_timetable(trips, "ABC")
    start = timetable.trip_start
    for place, name in enumerate(timetable.trip_id):
        times = timetable.arrival[start[place] : start[place + 1]].tolist()
        assert times == [c.arrival for c in trips[int(name)]]
    assert sorted(timetable.trip_id) == sorted(str(i) for i in range(len(trips)))


def _simple() -> Timetable:
    return to_timetable([trip("A 8:00, B 8:10, C 8:20"), trip("A 9:00, B 9:10, C 9:20")], "ABC")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"arrival": np.array([0, 10, 20, 5, 4, 30], np.int32)}, "before it has left"),
        ({"departure": np.array([9, 10, 20, 5, 11, 30], np.int32)}, "before it has left|overtakes"),
        ({"stop_x": np.zeros(2)}, "differ in length"),
        ({"stop_name": np.array(["A"], object)}, "names differ in length"),
        ({"trip_headsign": np.array(["Town"], object)}, "names differ in length"),
        ({"trip_route": np.array([0, 1], np.int32)}, "route that does not exist"),
        ({"pattern_stop": np.array([0, 1, 7], np.int32)}, "does not exist"),
    ],
)
def test_impossible_timetables_are_refused(wrong: dict[str, np.ndarray], message: str) -> None:
    times = {"arrival": np.array([0, 10, 20, 5, 15, 30], np.int32)}
    times["departure"] = times["arrival"]
    with pytest.raises(TravelError, match=message):
        replace(_simple(), **(times | wrong))  # type: ignore[arg-type]


def test_overtaking_within_a_pattern_is_refused() -> None:
    times = np.array([0, 10, 20, 5, 9, 30], np.int32)
    with pytest.raises(TravelError, match="overtakes"):
        replace(_simple(), arrival=times, departure=times)


def test_names_may_be_unknown() -> None:
    none = np.zeros(0, object)
    number = np.zeros(0, np.int32)
    plain = replace(
        _simple(),
        stop_name=none,
        trip_route=number,
        route_name=none,
        route_type=number,
        trip_headsign=none,
    )
    assert plain.trip_id.tolist() == ["0", "1"]


def test_routes_stand_once_and_follow_the_order_of_trips() -> None:
    timetable = build_timetable(
        date=TUESDAY,
        stops=pd.DataFrame(
            {"name": ["One", "Two"], "x": 0.0, "y": 0.0, "station": "", "wheelchair": 0},
            index=["A", "B"],
        ),
        trips=pd.DataFrame(
            {
                "trip_id": ["late", "early", "train"],
                "route": ["30", "30", "30"],
                "route_type": [3, 3, 2],
                "headsign": ["Town", "", "City"],
                "wheelchair": 0,
            }
        ),
        calls=pd.DataFrame(
            {
                "trip": [0, 0, 1, 1, 2, 2],
                "stop": [0, 1, 0, 1, 1, 0],
                "arrival": [900, 960, 600, 660, 0, 60],
                "departure": [900, 960, 600, 660, 0, 60],
                "pickup": True,
                "drop_off": True,
            }
        ),
    )
    assert timetable.trip_id.tolist() == ["early", "late", "train"]
    assert timetable.trip_headsign.tolist() == ["", "Town", "City"]
    assert timetable.route_name.tolist() == ["30", "30"]
    assert timetable.route_type[timetable.trip_route].tolist() == [3, 3, 2]
