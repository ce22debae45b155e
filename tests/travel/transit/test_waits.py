"""A longest wait: by hand, and against a plain time-expanded search, to the second."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_feeds import HOUR, TUESDAY, clock, to_timetable, trip, walk_lists
from time_expanded import Day
from transit_cases import SAME, Case, days
from transit_streets import network_of, placed, spots

from planner.errors import TravelError
from planner.travel.kernels import FAR
from planner.travel.transit import (
    TransitNetwork,
    TransitSettings,
    arrivals,
    build_round_trips,
    build_transit_nearest,
    build_transit_times,
)
from planner.travel.transit.itinerary import RideLeg, WaitLeg, build_last_departure, explain
from planner.travel.transit.mirror import mirrored
from planner.travel.transit.opening import build_hours
from planner.travel.transit.prune import prune_from, prune_to
from planner.travel.transit.schedule import build_connections, build_schedule, turned
from planner.travel.transit.waits import WaitSearch

LONG = 100_000


def _forward(case: Case, wait: int, *, nearest: bool = False) -> Any:
    """Return arrivals (home, minute, end), or (home, minute) at the nearest end."""
    stops, schedule = case.stops, case.schedule
    access = prune_to(schedule, walk_lists(case.access, case.homes, stops))
    search = WaitSearch(
        hops=build_connections(schedule, begin=case.begin, end=case.last),
        foot=schedule.foot,
        begin=case.begin,
        minutes=case.minutes,
        cutoff=case.cutoff,
        wait=wait,
        most=case.max_rides,
    )
    doors, count = turned(access, len(stops)), len(case.homes)
    if not nearest:
        egress = walk_lists(case.egress, stops, case.ends)
        egress = prune_from(schedule, egress, len(case.ends))
        return case.within(search.to_all(doors, count, egress, len(case.ends)))
    least = {stop: {"site": min(ends.values())} for stop, ends in case.egress.items() if ends}
    near = prune_from(schedule, walk_lists(least, stops, ["site"]), 1)
    hours, _ = build_hours(pd.Index(["site"]), None)
    return case.within(search.to_nearest(doors, count, near, hours)[:, :, None])[:, :, 0]


def _backward(case: Case, wait: int) -> Any:
    """Return latest departures (home, minute, end) for deadlines in the window."""
    last = case.begin + 60 * (case.minutes - 1)
    schedule = mirrored(
        build_schedule(
            *(case.timetable, case.foot),
            begin=case.begin - case.cutoff, end=last, wheelchair_only=False,
        )
    )  # fmt: skip
    search = WaitSearch(
        hops=build_connections(schedule, begin=-last, end=case.cutoff - case.begin),
        foot=schedule.foot,
        begin=-last,
        minutes=case.minutes,
        cutoff=case.cutoff,
        wait=wait,
        most=case.max_rides,
    )
    doors = walk_lists(case.egress, case.stops, case.ends)
    egress = turned(walk_lists(case.access, case.homes, case.stops), len(case.stops))
    leave = search.to_all(doors, len(case.ends), egress, len(case.homes))
    now = -last + 60 * np.arange(case.minutes)[None, :, None]
    leave = np.where(leave - now <= case.cutoff, leave, FAR)
    return -leave[:, ::-1].transpose(2, 1, 0)


def _reference(case: Case, wait: int, *, latest: bool = False) -> Any:
    """Return `_forward` or `_backward` by the plain search, minute by minute."""
    day = Day(case.trips, case.changes)
    limits: Any = {"cutoff": case.cutoff, "max_rides": case.max_rides, "max_wait": wait}
    found = np.full((len(case.homes), case.minutes, len(case.ends)), -FAR if latest else FAR)
    for minute in range(case.minutes):
        now = case.begin + 60 * minute
        for row, home in enumerate(case.homes if not latest else ()):
            for end, time in day.arrivals(now, case.access[home], case.egress, **limits).items():
                found[row, minute, case.ends.index(end)] = time
        for column, end in enumerate(case.ends if latest else ()):
            egress = {stop: ends[end] for stop, ends in case.egress.items() if end in ends}
            for home, time in day.latest(now, case.access, egress, **limits).items():
                found[case.homes.index(home), minute, column] = time
    return found


def _at(case: Case, minute: str, end: str, wait_minutes: float) -> int:
    wait = round(60 * wait_minutes)
    np.testing.assert_array_equal(_forward(case, wait), _reference(case, wait))
    step = (clock(minute) - case.begin) // 60
    return int(_forward(case, wait)[0, step, case.ends.index(end)])


# --- by hand --------------------------------------------------------------------------------------

#: Two buses to B; a train from there at 8:40.
TRAINS = [trip("A 8:05, B 8:10"), trip("A 8:25, B 8:30"), trip("B 8:40, C 8:50")]


def test_the_earlier_bus_is_too_early_and_the_later_connects() -> None:
    case = Case(TRAINS)
    assert _at(case, "8:00", "c", 10) == clock("8:50")
    only_early = Case([TRAINS[0], TRAINS[2]])
    assert _at(only_early, "8:00", "c", 10) == FAR
    assert _at(only_early, "8:00", "c", 30) == clock("8:50")


def test_a_wait_as_long_as_the_limit_is_allowed() -> None:
    case = Case(TRAINS)
    assert _at(case, "8:00", "c", 10) == clock("8:50")
    assert _at(case, "8:00", "c", 10 - 1 / 60) == FAR


def test_the_first_vehicle_may_be_waited_for() -> None:
    assert _at(Case([trip("A 8:29, B 8:40")]), "8:00", "b", 0) == clock("8:40")


def test_staying_on_board_is_not_waiting() -> None:
    case = Case([trip("A 8:05, B 8:10/8:40, C 8:50")])
    assert _at(case, "8:00", "c", 0) == clock("8:50")


def test_the_wait_begins_after_the_walk_and_the_time_for_the_change() -> None:
    changes = SAME | {"B": {"B": 300, "D": 600}}
    trips = [trip("A 8:05, B 8:10"), trip("B 8:20, C 8:30"), trip("D 8:20, E 8:25")]
    case = Case(trips, changes=changes)
    assert [_at(case, "8:00", "c", wait) for wait in (4, 5)] == [FAR, clock("8:30")]
    assert _at(case, "8:00", "e", 0) == clock("8:25")


def test_a_walk_that_another_could_replace_is_needed_again() -> None:
    # One gets off at B as well as at D to walk to C; only from D it takes until the bus comes.
    changes = SAME | {"B": {"B": 0, "C": 240}, "D": {"D": 0, "C": 1500}}
    trips = [trip("A 8:00, D 8:02, B 8:05"), trip("C 8:30, E 8:40")]
    case = Case(trips, changes=changes)
    assert _at(case, "8:00", "e", 5) == clock("8:40")


def test_a_slower_departure_at_the_right_time_is_taken() -> None:
    # The train at 8:30 overtakes that of 8:15, which is the only one soon enough.
    trips = [trip("A 8:05, B 8:10"), trip("B 8:15, C 9:00"), trip("B 8:30, C 8:45")]
    case = Case(trips)
    assert [_at(case, "8:00", "c", wait) for wait in (5, 20)] == [clock("9:00"), clock("8:45")]


def test_hops_without_time_and_a_limit_without_time() -> None:
    trips = [trip("C 8:10, D 8:10"), trip("B 8:10, C 8:10"), trip("A 8:10, B 8:10")]
    for order in (trips, trips[::-1]):
        assert _at(Case(order), "8:10", "d", 0) == clock("8:10")


def test_deadlines_by_hand() -> None:
    # By 9:00 to C: one may be early there, but not wait more than 10 minutes at B.
    case = Case(TRAINS, begin="9:00", minutes=1)
    assert _backward(case, 600)[0, 0, case.ends.index("c")] == clock("8:25")
    assert _backward(case, 599)[0, 0, case.ends.index("c")] == -FAR
    early = Case([TRAINS[0], *TRAINS[2:], trip("B 8:12, C 8:55")], begin="9:00", minutes=1)
    assert _backward(early, 120)[0, 0, early.ends.index("c")] == clock("8:05")


# --- against the plain search ---------------------------------------------------------------------

WAITS = st.sampled_from([0, 30, 60, 120, 300, 600, 1200])


@settings(max_examples=160, deadline=None)
@given(days(), WAITS)
def test_drawn_towns_equal_the_plain_search(case: Case, wait: int) -> None:
    if case.ends:
        reference = _reference(case, wait)
        np.testing.assert_array_equal(_forward(case, wait), reference)
        np.testing.assert_array_equal(_forward(case, wait, nearest=True), reference.min(axis=2))


@settings(max_examples=80, deadline=None)
@given(days(), WAITS)
def test_drawn_deadlines_equal_the_plain_search(case: Case, wait: int) -> None:
    if case.ends:
        expected = _reference(case, wait, latest=True)
        np.testing.assert_array_equal(_backward(case, wait), expected)


@settings(max_examples=50, deadline=None)
@given(days(), WAITS)
def test_larger_limits_and_later_departures(case: Case, wait: int) -> None:
    if not case.ends:
        return
    arrive, looser = _forward(case, wait), _forward(case, 2 * wait + 30)
    assert (looser <= arrive).all()
    np.testing.assert_array_equal(_forward(case, LONG), case.forward())
    # Leaving later never arrives earlier, wherever both keep within the longest journey.
    now = case.begin + 60 * np.arange(case.minutes)[None, :, None]
    reached = arrive < FAR
    assert (np.diff(arrive, axis=1) >= 0)[reached[:, :-1] & reached[:, 1:]].all()
    sooner = arrive[:, 1:] - now[:, :-1] <= case.cutoff
    assert (reached[:, :-1] | ~reached[:, 1:] | ~sooner).all()


# --- door to door ---------------------------------------------------------------------------------

TRIPS = [
    *(trip("A 8:05, B 8:10"), trip("A 8:35, B 8:45"), trip("A 9:05, B 9:10")),
    *(trip("B 8:20, C 8:30"), trip("B 8:50, C 9:00"), trip("C 9:20, A 9:40")),
    *(trip("D 9:31, B 9:40"), trip("B 8:52, D 9:10")),
    *(trip("C 8:20, B 8:33"), trip("B 9:45, A 9:50")),
]  # fmt: skip
SETTINGS = TransitSettings(
    date=TUESDAY, start_minute=480, end_minute=520, direct_minutes=15, percentiles=(20, 50, 100),
    max_wait_minutes=6,
)  # fmt: skip
BY = replace(SETTINGS, by="arrival", start_minute=540, end_minute=580)


@pytest.fixture(scope="module")
def town() -> TransitNetwork:
    return network_of(placed(to_timetable(TRIPS, "ABCD")))


HOMES = spots(h0=900, h1=1500, h2=5100, h3=9000)
SITES = spots(s0=600, s1=5300, s2=8800, s3=9200)


def test_by_hand_from_door_to_door(town: TransitNetwork) -> None:
    arrive = arrivals(town, spots(home=1000), spots(site=9000), SETTINGS)[0, :, 0]
    # The bus at 8:05 is 10 minutes early for 8:20 at B; that of 8:35 five minutes for 8:50.
    assert arrive[0] == arrive[35] == clock("9:00")
    assert arrive[36] == FAR
    wide = arrivals(
        town, spots(home=1000), spots(site=9000), replace(SETTINGS, max_wait_minutes=10)
    )
    assert wide[0, 0, 0] == clock("8:30")


def test_a_walk_takes_the_place_of_a_wait() -> None:
    # At D at 8:11 on board, at 8:11:40 on foot from C: four and a third minutes to the bus.
    trips = [trip("A 8:00, C 8:10, D 8:11"), trip("D 8:16, B 8:30")]
    network = network_of(placed(to_timetable(trips, "ABCD")))
    home, site = spots(home=1000), spots(site=5000)
    for minutes, then in ((5, "8:30"), (4.5, "8:30"), (4, None)):
        asked = replace(SETTINGS, end_minute=481, max_wait_minutes=minutes)
        arrive = arrivals(network, home, site, asked)[0, 0, 0]
        assert arrive == (clock(then) if then else FAR)
        found = explain(network, home.iloc[0], site.iloc[0], asked, minute=480)
        assert (found is not None) == (then is not None)
        by = replace(asked, by="arrival", start_minute=540, end_minute=541)
        leave = arrivals(network, home, site, by)[0, 0, 0]
        assert leave == (clock("8:00") if then else -FAR)


@pytest.mark.parametrize("base", [SETTINGS, BY])
@pytest.mark.parametrize("rides", [None, 1, 2])
def test_all_ways_of_asking_say_the_same(
    town: TransitNetwork, base: TransitSettings, rides: int | None
) -> None:
    asked = replace(base, max_rides=rides)
    times = arrivals(town, HOMES, SITES, asked).astype(np.int64)
    now = 60 * np.arange(asked.start_minute, asked.end_minute)[None, :, None]
    backwards = asked.by == "arrival"
    seconds = np.where(np.abs(times) < FAR, np.abs(times - now), FAR)
    matrix = build_transit_times(town, HOMES, SITES, asked)
    nearest = build_transit_nearest(town, HOMES, SITES, asked)
    for rank, percentile in zip(asked.ranks, asked.percentiles, strict=True):
        expected = np.sort(seconds, axis=1)[:, rank]
        pairs = matrix[percentile].pairs
        found = np.full(expected.shape, int(FAR))
        found[pairs["origin"], pairs["destination"]] = pairs["deciseconds"] // 10
        np.testing.assert_array_equal(found, expected)
        order = pairs[["origin", "destination"]].to_numpy().tolist()
        assert order == sorted(order)
        least = np.sort(seconds.min(axis=2), axis=1)[:, rank]
        expected = np.where(least < FAR, least / 60, np.nan)
        np.testing.assert_array_equal(nearest[f"minutes_p{percentile}"], expected)
    without = arrivals(town, HOMES, SITES, replace(asked, max_wait_minutes=None))
    long = arrivals(town, HOMES, SITES, replace(asked, max_wait_minutes=10_000))
    np.testing.assert_array_equal(long, without)
    assert (times != without).any() or rides == 1
    assert ((times <= without) if backwards else (times >= without)).all()


def test_opening_times_are_kept(town: TransitNetwork) -> None:
    sites, minute = spots(s2=8800, s3=9200), replace(SETTINGS, end_minute=481)
    # Leaving A at 8:00 one is at C at 9:00, at s2 and s3 200 seconds later.
    for opening, minutes in (
        ({}, 60 + 200 / 60),
        ({"s2": [(550, 600)], "s3": [(480, 543)]}, 70),
        ({"s2": [(550, 600)], "s3": [(480, 544)]}, 60 + 200 / 60),
        ({"s2": [(480, 540)], "s3": []}, np.nan),
    ):
        found = build_transit_nearest(town, spots(home=1000), sites, minute, opening=opening)
        np.testing.assert_array_equal(found["minutes_p50"], [minutes])


def test_round_trips_keep_the_limit_both_ways(town: TransitNetwork) -> None:
    def trips(wait: float | None) -> pd.DataFrame:
        return build_round_trips(
            *(town, spots(home=1000), spots(site=9000), pd.Series(["x"], index=["site"])),
            replace(SETTINGS, max_wait_minutes=wait),
            stay_minutes=5,
            back_by_minute=9 * 60 + 50,
        )["x"]

    # Out until 8:35 (there at 9:00), back from C at 9:20 without a change.
    assert trips(6)["share_of_minutes_possible"].tolist() == [36 / 40]
    assert trips(4)["share_of_minutes_possible"].tolist() == [0.0]
    # Home last: D at 9:31 (100 m from C), five minutes at B, 9:50.
    assert trips(6)["latest_return_minute"].tolist() == [9 * 60 + 31 - 100 / 60]
    assert trips(None)["share_of_minutes_possible"].tolist() == [36 / 40]


def test_one_network_answers_with_and_without(town: TransitNetwork) -> None:
    # What is kept for one question is not taken for the other.
    with_limit = arrivals(town, HOMES, SITES, SETTINGS)
    without = arrivals(town, HOMES, SITES, replace(SETTINGS, max_wait_minutes=None))
    fresh = network_of(placed(to_timetable(TRIPS, "ABCD")))
    again = replace(SETTINGS, max_wait_minutes=None)
    np.testing.assert_array_equal(arrivals(fresh, HOMES, SITES, again), without)
    np.testing.assert_array_equal(arrivals(fresh, HOMES, SITES, SETTINGS), with_limit)


def test_what_cannot_be_asked(town: TransitNetwork) -> None:
    for wrong in (-1.0, float("nan")):
        with pytest.raises(TravelError, match="longest wait"):
            replace(SETTINGS, max_wait_minutes=wrong)


def test_a_journey_leg_by_leg(town: TransitNetwork) -> None:
    home, site = spots(home=1000), spots(site=9000)
    found = explain(town, home.iloc[0], site.iloc[0], SETTINGS, minute=480)
    assert found is not None
    rides = [leg for leg in found.legs if isinstance(leg, RideLeg)]
    assert [leg.start_seconds for leg in rides] == [clock("8:35"), clock("8:50")]
    last = build_last_departure(town, home.iloc[0], site.iloc[0], SETTINGS)
    assert last.minute == 8 * 60 + 35
    tight = replace(SETTINGS, max_wait_minutes=4)
    assert explain(town, home.iloc[0], site.iloc[0], tight, minute=480) is None


@st.composite
def streets_with_buses(draw: st.DrawFn) -> TransitNetwork:
    trips = []
    for _ in range(draw(st.integers(2, 9))):
        line = draw(st.permutations("ABCD"))[: draw(st.integers(2, 4))]
        now, calls = 480 + draw(st.integers(0, 50)), []
        for stop in line:
            calls.append(f"{stop} {now // 60}:{now % 60:02d}")
            now += draw(st.integers(1, 9))
        trips.append(trip(", ".join(calls)))
    named = sorted({call.stop for one in trips for call in one})
    return network_of(placed(to_timetable(trips, named)))


@settings(max_examples=40, deadline=None)
@given(streets_with_buses(), st.integers(0, 8), st.sampled_from([None, 2]))
def test_drawn_journeys_are_those_of_the_window(
    network: TransitNetwork, wait: int, rides: int | None
) -> None:
    asked = replace(
        SETTINGS, end_minute=483, max_wait_minutes=wait, max_rides=rides, cutoff_minutes=90
    )
    arrive = arrivals(network, HOMES, SITES, asked)
    for row, step, column in [(0, 0, 2), (1, 1, 3), (2, 2, 0), (3, 0, 1)]:
        home, site = HOMES.iloc[row], SITES.iloc[column]
        found = explain(network, home, site, asked, minute=480 + step)
        if found is None:
            assert arrive[row, step, column] == FAR
            continue
        assert found.arrive_seconds == arrive[row, step, column]
        seen = [leg for leg in found.legs if isinstance(leg, (RideLeg, WaitLeg))]
        first = next((n for n, leg in enumerate(seen) if isinstance(leg, RideLeg)), 0)
        waits = [leg for leg in seen[first:] if isinstance(leg, WaitLeg)]
        assert all(leg.end_seconds - leg.start_seconds <= 60 * wait for leg in waits)
        taken = sum(isinstance(leg, RideLeg) for leg in seen)
        if taken > 1:  # fewer rides are slower
            fewer = arrivals(network, HOMES, SITES, replace(asked, max_rides=taken - 1))
            assert fewer[row, step, column] > found.arrive_seconds


def test_a_block_of_ends_at_a_time() -> None:
    case = Case(TRAINS, minutes=HOUR // 60)
    schedule = case.schedule
    search = WaitSearch(
        hops=build_connections(schedule, begin=case.begin, end=case.last), foot=schedule.foot,
        begin=case.begin, minutes=60, cutoff=7200, wait=600, most=None,
    )  # fmt: skip
    blocks = search.blocks(10**9, 3)
    assert blocks == [(0, 1), (1, 2), (2, 3)]
    assert search.blocks(1, 100) == [(0, 64), (64, 100)]
