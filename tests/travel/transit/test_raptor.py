"""Arrivals for every minute, against a plain time-expanded search, to the second."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made_feeds import HOUR, clock, trip
from time_expanded import Call
from transit_cases import SAME, Case, days

from planner.travel.kernels import FAR
from planner.travel.transit import raptor
from planner.travel.transit.mirror import mirrored


def test_waits_for_the_next_departure() -> None:
    case = Case([trip("A 8:10, B 8:20"), trip("A 8:25, B 8:35")])
    assert case.at("8:10", "b") == clock("8:20")
    assert case.at("8:11", "b") == clock("8:35")
    assert case.at("8:26", "b") == FAR


def test_change_in_the_same_second_and_not_one_later() -> None:
    case = Case([trip("A 8:10, B 8:20"), trip("B 8:20, C 8:30"), trip("B 8:40, C 8:50")])
    assert case.at("8:00", "c") == clock("8:30")
    late = Case([trip("A 8:10, B 8:20:01"), trip("B 8:20, C 8:30"), trip("B 8:40, C 8:50")])
    assert late.at("8:00", "c") == clock("8:50")


def test_least_time_for_a_change_is_kept() -> None:
    trips = [trip("A 8:10, B 8:20"), trip("B 8:24, C 8:30"), trip("B 8:25, C 8:31")]
    case = Case(trips, changes=SAME | {"B": {"B": 300}})
    assert case.at("8:00", "c") == clock("8:31")


def test_impossible_change_is_not_made() -> None:
    trips = [trip("A 8:10, B 8:20"), trip("B 8:24, C 8:30")]
    assert Case(trips, changes={"A": {"A": 0}}).at("8:00", "c") == FAR


def test_walks_between_stops_do_not_chain() -> None:
    # B to C and C to D can each be walked; B to D only by both, which is too far.
    changes = SAME | {"B": {"B": 0, "C": 600}, "C": {"C": 0, "D": 600}}
    trips = [trip("A 8:00, B 8:05"), trip("D 8:40, E 8:50"), trip("C 8:20, F 8:25")]
    case = Case(trips, changes=changes)
    assert (case.at("8:00", "e"), case.at("8:00", "f")) == (FAR, clock("8:25"))
    case.check()


def test_faster_on_foot_does_not_hide_a_ride_that_can_walk_on() -> None:
    # One is at C sooner by walking from B, but only who rides to C may walk on to D.
    changes = SAME | {"B": {"B": 0, "C": 60}, "C": {"C": 0, "D": 600}}
    trips = [trip("A 8:00, B 8:05, C 8:10"), trip("D 8:20, E 8:30")]
    case = Case(trips, changes=changes)
    assert case.at("8:00", "e") == clock("8:30")
    case.check()


def test_stop_where_an_earlier_minute_boards_is_still_arrived_at() -> None:
    # Leaving at 8:10 one gets on at B (on foot); leaving at 8:00 one rides the same bus from A.
    access = {"home": {"A": 60, "B": 300}}
    case = Case([trip("A 8:05, B 8:20, C 8:30")], access=access)
    assert case.at("8:04", "b") == clock("8:20")
    case.check()


def test_overtaking_express() -> None:
    case = Case([trip("A 8:05, B 8:15, C 8:40"), trip("A 8:10, B 8:14, C 8:20")])
    assert case.at("8:00", "c") == clock("8:20")
    assert case.at("8:00", "b") == clock("8:14")
    case.check()


def test_closed_for_getting_on_or_off() -> None:
    case = Case([trip("A 8:05, -B 8:10, C 8:20"), trip("A- 8:01, B 8:02, C 8:03")])
    assert case.at("8:00", "b") == FAR
    assert case.at("8:00", "c") == clock("8:20")
    case.check()


def test_hops_without_time_in_any_order() -> None:
    trips = [
        *(trip("C 8:10, D 8:10"), trip("B 8:10, C 8:10"), trip("A 8:10, B 8:10")),
        *(trip("D 8:10, E 8:10, F 8:10"), trip("F 8:10, G 8:12")),
    ]
    for order in (trips, trips[::-1], trips[2:] + trips[:2]):
        case = Case(order)
        assert case.at("8:10", "g") == clock("8:12")
        case.check()


def test_ride_without_time_that_comes_back_is_a_ride() -> None:
    # From home one walks to B only; nobody is at b without having been on a vehicle.
    case = Case([trip("A 8:10, B 8:10, C 8:10"), trip("C 8:10, D 8:11")],
                access={"home": {"B": 0}}, egress={"B": {"b": 0}})  # fmt: skip
    assert case.at("8:10", "b") == FAR
    case.check()


def test_loop_that_calls_twice_at_a_stop() -> None:
    case = Case([trip("A 8:05, B 8:10, C 8:15, B 8:20, D 8:25"), trip("B 8:17, E 8:30")])
    assert case.at("8:00", "d") == clock("8:25")
    case.check()


def test_most_rides() -> None:
    trips = [trip("A 8:00, B 8:05"), trip("B 8:05, C 8:10"), trip("C 8:10, D 8:15")]
    slow = [trip("A 8:00, D 9:00"), trip("B 8:06, D 8:30")]
    for rides, then in ((1, "9:00"), (2, "8:30"), (3, "8:15"), (None, "8:15")):
        case = Case(trips + slow, max_rides=rides)
        assert case.at("8:00", "d") == clock(then)
        case.check()


def test_cutoff_counts_from_leaving_home_and_includes_its_end() -> None:
    case = Case([trip("A 8:10, B 8:30")], cutoff=20 * 60)
    assert case.at("8:10", "b") == clock("8:30")
    assert case.at("8:09", "b") == FAR
    case.check()


def test_vehicles_of_the_night_before() -> None:
    case = Case([[Call("A", -600, -300), Call("B", 120, 180), Call("C", 600, 600)]], begin="0:00",
                access={"home": {"B": 60}})  # fmt: skip
    assert case.at("0:02", "c") == 600
    assert case.at("0:03", "c") == FAR


def test_no_trips_no_doors_no_destinations() -> None:
    assert (Case([trip("A 8:00, B 9:00")], access={"home": {}}).forward() == FAR).all()
    assert Case([trip("A 8:00, B 9:00")], egress={}).forward().shape == (1, 30, 0)
    assert (Case([trip("A 6:00, B 6:10")]).forward() == FAR).all()


@settings(max_examples=250, deadline=None)
@given(days())
def test_drawn_towns_equal_the_plain_search(case: Case) -> None:
    if case.ends:
        case.check()


@settings(max_examples=200, deadline=None)
@given(days())
def test_drawn_deadlines_equal_the_plain_search(case: Case) -> None:
    if case.ends:
        np.testing.assert_array_equal(case.backward(), case.latest())


def test_deadline_by_hand() -> None:
    # Two minutes to A. The bus at 8:10 is at B at 8:20, the one at 8:25 at 8:35.
    case = Case([trip("A 8:10, B 8:20"), trip("A 8:25, B 8:35")], access={"home": {"A": 120}})
    leave = case.backward()[0, :, case.ends.index("b")]
    assert leave[19] == -FAR
    assert leave[20] == leave[29] == clock("8:08")
    case = Case(case.trips, access=case.access, begin="8:35", minutes=1)
    assert case.backward()[0, 0, case.ends.index("b")] == clock("8:23")


def test_mirror_of_the_mirror_is_the_day_itself() -> None:
    trips = [
        trip("A 8:00, -B 8:05/8:07, C- 8:10, A 8:15"),
        trip("A 8:20, -B 8:22, C- 8:30, A 8:40"),
        trip("C 8:00, B 8:30"),
    ]
    schedule = Case(trips).schedule
    back = mirrored(mirrored(schedule))
    for name in schedule._fields:
        # Nobody gets off at the start of a line, so that is not kept.
        if name not in {"foot", "drop_off"}:
            np.testing.assert_array_equal(getattr(schedule, name), getattr(back, name))


@settings(max_examples=60, deadline=None)
@given(days())
def test_leaving_later_never_arrives_earlier(case: Case) -> None:
    arrive = case.forward().astype(np.int64)
    now = case.begin + 60 * np.arange(case.minutes)[None, :, None]
    # What later minutes reach, earlier ones reach as early, within the shorter of both limits.
    soon = np.where(arrive[:, 1:] - now[:, :-1] <= case.cutoff, arrive[:, 1:], FAR)
    assert (arrive[:, :-1] <= soon).all()


@settings(max_examples=60, deadline=None)
@given(days())
def test_more_rides_are_never_slower(case: Case) -> None:
    before = None
    for rides in (1, 2, 3, None):
        case.max_rides = rides
        arrive = case.forward()
        assert before is None or (arrive <= before).all()
        before = arrive


@settings(max_examples=60, deadline=None)
@given(days(), st.integers(0, 6))
def test_one_more_trip_never_hurts(case: Case, left_out: int) -> None:
    if len(case.trips) < 2:
        return
    fewer = [t for place, t in enumerate(case.trips) if place != left_out % len(case.trips)]
    less = Case(
        fewer,
        **{name: getattr(case, name) for name in ("changes", "access", "egress", "minutes")},
        cutoff=case.cutoff,
        max_rides=case.max_rides,
    )
    assert (case.forward() <= less.forward()).all()


def test_percentiles_by_hand() -> None:
    # Six minutes: 2, 3, 4 and 5 minutes by vehicle, two out of reach; 10 on foot.
    begin, cutoff = 8 * HOUR, 1800
    now = begin + 60 * np.arange(6)
    arrive = (now + 60 * np.array([5, 4, 3, 2, FAR // 60, FAR // 60])).astype(np.int32)
    out, values, tally = np.empty(3, np.int32), np.empty((2, 6), np.int32), np.empty(31, np.int32)
    ranks = np.array([0, 2, 4])
    assert raptor.ranked(arrive, FAR, begin, cutoff, ranks, values, tally, out) == 4
    assert out.tolist() == [120, 240, FAR]
    assert raptor.ranked(arrive, 600, begin, cutoff, ranks[::-1], values, tally, out) == 6
    assert out.tolist() == [600, 240, 120]


@settings(deadline=None)
@given(st.lists(st.integers(0, 2500), min_size=1, max_size=40), st.integers(0, 2500))
def test_ranks_are_those_of_the_sorted_times(waits: list[int], direct: int) -> None:
    now = 60 * np.arange(len(waits))
    arrive = (now + waits).astype(np.int32)
    times = np.sort(np.minimum(waits, direct))
    expected = np.where(times <= 2000, times, FAR)
    ranks = np.arange(len(waits))
    out, values = np.empty(len(waits), np.int32), np.empty((2, len(waits)), np.int32)
    within = raptor.ranked(arrive, direct, 0, 2000, ranks, values, np.empty(34, np.int32), out)
    assert (out == expected).all()
    assert within == (times <= 2000).sum()
