"""Door to door by public transport: on drawn towns, and on the real feeds of Newport."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_feeds import TUESDAY, clock, to_timetable, trip
from street_grids import points
from transit_streets import METRE_A_SECOND, network_of, placed, spots, street

from planner.errors import TravelError
from planner.travel.kernels import FAR
from planner.travel.streets import Streets, build_streets
from planner.travel.times import nearest
from planner.travel.transit import (
    TransitNetwork,
    TransitSettings,
    arrivals,
    build_transit_nearest,
    build_transit_nearest_of_kinds,
    build_transit_network,
    build_transit_times,
)
from planner.travel.transit.itinerary import explain_no_journey
from planner.travel.transit.timetable import IMPOSSIBLE, Timetable

#: Stops A, B, C at 1, 5 and 9 km.
TRIPS = [trip("A 8:10, B 8:20, C 8:30"), trip("A 8:40, B 8:50, C 9:00")]


@pytest.fixture(scope="module")
def line() -> TransitNetwork:
    return network_of(placed(to_timetable(TRIPS, "ABC")))


SETTINGS = TransitSettings(date=TUESDAY, start_minute=480, end_minute=540)


def _minute(
    network: TransitNetwork, minute: str, settings: TransitSettings = SETTINGS
) -> tuple[int, ...]:
    """Return seconds of travel from 400 m to spots at 4.7 and 9.3 km."""
    home, away = spots(home=400), spots(near=4700, wide=9300)
    arrive = arrivals(network, home, away, settings)[0]
    step = clock(minute) // 60 - settings.start_minute
    return tuple(int(a) - clock(minute) if a < FAR else -1 for a in arrive[step])


def test_walk_wait_ride_walk(line: TransitNetwork) -> None:
    # 600 m to A is 10 minutes; the bus leaves at 8:10; 300 m from B and from C.
    assert _minute(line, "8:00") == (20 * 60 + 300, 30 * 60 + 300)
    assert _minute(line, "8:01") == (49 * 60 + 300, 59 * 60 + 300)


def test_walking_all_the_way_is_an_option(line: TransitNetwork) -> None:
    assert _minute(line, "8:59") == (4300, -1)  # 71 min 40 s; 8,900 m is more than 120 minutes
    assert _minute(line, "8:59", replace(SETTINGS, direct_minutes=60)) == (-1, -1)


def test_longest_walks(line: TransitNetwork) -> None:
    assert _minute(line, "8:00", replace(SETTINGS, access_minutes=9, direct_minutes=1)) == (-1, -1)
    assert _minute(line, "8:00", replace(SETTINGS, egress_minutes=4, direct_minutes=1)) == (-1, -1)


def test_walks_are_rounded_up_to_seconds_once_each() -> None:
    network = build_transit_network(
        street(),
        placed(to_timetable(TRIPS, "ABC")),
        walk_kmh=4.8,
        snap_metres=50,
        extent_metres=500,
    )
    # 601 m at 4.8 km/h are 450.75 s; from 8:02:29 on the bus at 8:10 is missed.
    home, away = spots(home=399), spots(near=4700)
    arrive = arrivals(network, home, away, SETTINGS)[0, :, 0]
    assert arrive[2] == clock("8:20") + 225
    assert arrive[3] == clock("8:50") + 225


def test_percentiles_of_the_window(line: TransitNetwork) -> None:
    # From 8:00 to 8:59 to B: 25 min at 8:00; then 54 down to 25 at 8:30; then on foot.
    times = build_transit_times(line, spots(home=400), spots(near=4700), SETTINGS)
    seconds = sorted([1500, *range(25 * 60, 55 * 60, 60), *[4300] * 29])
    assert times[50].pairs["deciseconds"].tolist() == [seconds[29] * 10]
    assert times[85].pairs["deciseconds"].tolist() == [seconds[50] * 10]
    assert (times[50].mode, times[50].window, times[85].percentile) == (
        *("transit", "Tue 08:00-09:00", 85),
    )


def test_pairs_without_a_time_stay_in_the_table(line: TransitNetwork) -> None:
    settings = replace(SETTINGS, cutoff_minutes=20)
    home, away = spots(home=400), spots(far=9300, off=12_000)
    times = build_transit_times(line, home, away, settings)[50]
    assert len(times.pairs) == 0
    assert times.destination_status.tolist() == ["connected", "outside_extent"]
    assert nearest(times, pd.Index(["far"]))["status"].tolist() == ["over_cutoff"]
    # What lies outside the mapped streets may be far or near.
    assert nearest(times, pd.Index(["off"]))["status"].tolist() == ["no_data"]


def _two_streets() -> Streets:
    """Return `street` without the piece from 6 to 8 km."""
    x = 330_000 + 100.0 * np.arange(101)
    start = np.array([i for i in range(100) if not 60 <= i < 80], np.int32)
    return build_streets(x, np.full(101, 187_000.0), start, (start + 1).astype(np.int32))


@pytest.mark.parametrize(("stops", "status"), [("ABC", "over_cutoff"), ("AB", "unreachable")])
def test_a_vehicle_joins_streets_that_do_not_meet(stops: str, status: str) -> None:
    trips = [trip(", ".join(f"{s} 8:{10 * i}0" for i, s in enumerate(stops, 1)))]
    network = build_transit_network(
        _two_streets(),
        placed(to_timetable([[*trips[0]]], stops)),
        walk_kmh=METRE_A_SECOND,
        snap_metres=50,
        extent_metres=5000,
    )
    settings = replace(SETTINGS, cutoff_minutes=10)
    found = build_transit_nearest(network, spots(home=400), spots(x=9300), settings)
    assert found["status"].tolist() == [status]
    times = build_transit_times(network, spots(home=400), spots(x=9300), settings)[50]
    assert nearest(times, pd.Index(["x"]))["status"].tolist() == [status]


@pytest.mark.parametrize(("chair", "status"), [(1, "over_cutoff"), (2, "unreachable")])
def test_only_accessible_vehicles_join_streets_for_wheelchairs(chair: int, status: str) -> None:
    trips = [trip("A 8:10, B 8:20, C 8:30")]
    network = build_transit_network(
        _two_streets(),
        placed(
            to_timetable(trips, "ABC"),
            trip_wheelchair=np.array([1], np.int8),
            stop_wheelchair=np.array([1, 2, chair], np.int8),
        ),
        walk_kmh=METRE_A_SECOND,
        snap_metres=50,
        extent_metres=5000,
    )
    settings = replace(SETTINGS, cutoff_minutes=10, wheelchair_only=True)
    home, away = spots(home=400), spots(x=9300)
    assert build_transit_nearest(network, home, away, settings)["status"].tolist() == [status]
    times = build_transit_times(network, home, away, settings)[50]
    assert nearest(times, away.index)["status"].tolist() == [status]
    assert explain_no_journey(network, home.iloc[0], away.iloc[0], settings)[0] == status
    anybody = replace(settings, wheelchair_only=False)
    assert build_transit_nearest(network, home, away, anybody)["status"].tolist() == ["over_cutoff"]


def _changes(network: TransitNetwork) -> dict[tuple[str, str], int]:
    ids, walks = network.timetable.stop_id, network.changes
    rows = zip(walks.origin, walks.there, walks.seconds, strict=True)
    return {(ids[a], ids[b]): int(seconds) for a, b, seconds in rows if a != b or seconds}


def _pair(**stated: object) -> Timetable:
    trips = [trip("A 8:10, C 8:30"), trip("D 8:40, B 8:50")]
    return placed(to_timetable(trips, "ABCD"), **stated)


def test_changes_walk_along_the_street() -> None:
    assert _changes(network_of(_pair())) == {("C", "D"): 100, ("D", "C"): 100}
    assert _changes(network_of(_pair(), transfer_minutes=1)) == {}


def test_changes_that_the_timetable_states() -> None:
    stated = {
        "transfer_from": np.array([2, 3, 3], np.int32),
        "transfer_to": np.array([3, 2, 3], np.int32),
        "transfer_seconds": np.array([400, IMPOSSIBLE, 60], np.int32),
    }
    network = network_of(_pair(**stated), transfer_minutes=1)
    assert _changes(network) == {("C", "D"): 400, ("D", "D"): 60}
    assert network.stated.sum() == 2


def test_changes_within_a_station_have_no_limit() -> None:
    network = network_of(_pair(stop_station=np.array([0, -1, 0, -1], np.int32)))
    # 8 km in a straight line, with the detour of a station.
    assert _changes(network)[("A", "C")] == 10_400


def test_slack_for_changes() -> None:
    network = network_of(_pair())
    home, away = spots(home=1000), spots(end=5000)
    settings = replace(SETTINGS, direct_minutes=1, end_minute=491)
    assert arrivals(network, home, away, settings)[0, 0, 0] == clock("8:50")
    # From 8:30 at C, 100 s to D and 8:20 more: on the bus at 8:40, and not with a second more.
    for slack, then in ((8 + 1 / 3, clock("8:50")), (8.4, FAR)):
        late = replace(settings, transfer_slack_minutes=slack)
        assert arrivals(network, home, away, late)[0, 0, 0] == then


def test_wheelchair_only() -> None:
    timetable = to_timetable([*TRIPS, trip("A 8:20, B 8:35, C 8:40")], "ABC")
    chair = np.array([int(d) for d in timetable.trip_id], np.int8) == 2
    timetable = placed(
        timetable,
        trip_wheelchair=chair.astype(np.int8),
        stop_wheelchair=np.array([1, 1, 2], np.int8),
    )
    settings = replace(SETTINGS, wheelchair_only=True)
    assert _minute(network_of(timetable), "8:00", settings) == (35 * 60 + 300, 0 - 1)


def test_a_timetable_that_does_not_state_access_is_said_loudly(line: TransitNetwork) -> None:
    settings = replace(SETTINGS, wheelchair_only=True)
    times = build_transit_times(line, spots(home=400), spots(near=4700), settings)[50]
    said = [note.text for note in times.notes if note.what == "walk_only"]
    assert len(said) == 1
    assert "stated to be accessible" in said[0]


def test_nearest_of_kinds(line: TransitNetwork) -> None:
    sites = spots(a=4700, b=9300, c=12_000)
    kind = pd.Series(["gp", "gp", "school"], index=sites.index)
    home = spots(away=12_000, home=400)
    found = build_transit_nearest_of_kinds(line, home, sites, kind, SETTINGS)
    assert found["gp"]["status"].tolist() == ["outside_extent", "reached"]
    assert found["gp"]["share_of_minutes_reachable"].tolist()[1:] == [1.0]
    assert found["school"]["status"].tolist() == ["outside_extent", "no_data"]
    one = build_transit_nearest(line, home, sites[:1], SETTINGS)
    # The site at 4.7 km is the nearest at every minute.
    pd.testing.assert_frame_equal(one, found["gp"])


def test_share_of_minutes(line: TransitNetwork) -> None:
    settings = replace(SETTINGS, direct_minutes=1, cutoff_minutes=30)
    found = build_transit_nearest(line, spots(home=400), spots(near=4700), settings)
    # Within half an hour at 8:00, and from 8:25 to 8:30.
    assert found["share_of_minutes_reachable"].tolist() == [7 / 60]
    assert found["status"].tolist() == ["over_cutoff"]


def test_no_sites(line: TransitNetwork) -> None:
    found = build_transit_nearest(line, spots(home=400), spots(a=1)[:0], SETTINGS)
    assert found["status"].tolist() == ["no_data"]


def test_no_vehicle_at_these_hours_is_said_loudly(line: TransitNetwork) -> None:
    settings = replace(SETTINGS, start_minute=180, end_minute=200, cutoff_minutes=60)
    times = build_transit_times(line, spots(home=400), spots(near=4700), settings)[50]
    assert "walk_only" in [note.what for note in times.notes]


def test_no_stop_near_anyone_is_said_loudly(line: TransitNetwork) -> None:
    settings = replace(SETTINGS, access_minutes=1)
    times = build_transit_times(line, spots(home=400), spots(near=4700), settings)[50]
    assert "walk_only" in [note.what for note in times.notes]


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_minute": 540},
        {"end_minute": 29 * 60},
        {"percentiles": ()},
        {"percentiles": (0,)},
        {"max_rides": 0},
        {"access_minutes": -1.0},
        {"cutoff_minutes": 0.0},
    ],
)
def test_settings_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(TravelError):
        replace(SETTINGS, **wrong)  # type: ignore[arg-type]


def test_other_days_and_longer_walks_are_refused(line: TransitNetwork) -> None:
    home = spots(home=400)
    for wrong in ({"date": dt.date(2024, 3, 6)}, {"transfer_minutes": 30.0}):
        with pytest.raises(TravelError):
            build_transit_times(line, home, home, replace(SETTINGS, **wrong))  # type: ignore[arg-type]


def test_to_be_there_by_a_deadline(line: TransitNetwork) -> None:
    # To B by bus at 8:20 and 8:50, 5 minutes on foot from there, 10 from home to A.
    settings = replace(SETTINGS, by="arrival", start_minute=505, end_minute=535, cutoff_minutes=60)
    home, away = spots(home=400), spots(near=4700)
    leave = arrivals(line, home, away, replace(settings, direct_minutes=1))[0, :, 0]
    assert leave.tolist() == [clock("8:00")] * 30
    leave = arrivals(line, home, away, replace(settings, start_minute=500))[0, :5, 0]
    assert leave.tolist() == [-FAR] * 5
    times = build_transit_times(line, home, away, settings)
    assert times[50].window == "Tue 08:25-08:55, time of arrival"
    # 25 minutes at 8:25, one more for each minute after that: the 15th and the 26th of thirty.
    assert [times[p].pairs["deciseconds"].tolist() for p in (50, 85)] == [[39 * 600], [50 * 600]]
    found = build_transit_nearest(line, home, away, settings)
    assert found[["minutes_p50", "minutes_p85"]].to_numpy().tolist() == [[39, 50]]


def test_pairs_by_a_deadline_stand_in_order(line: TransitNetwork) -> None:
    settings = replace(SETTINGS, by="arrival", start_minute=530, end_minute=531)
    times = build_transit_times(line, spots(a=1000, b=5000), spots(x=5000, y=9000), settings)[50]
    # At 8:50 at B with the bus of 8:40 from A, at C with that of 8:10, 8:20 from B.
    assert times.to_frame()[["origin", "destination", "minutes"]].to_numpy().tolist() == [
        ["a", "x", 10], ["a", "y", 40], ["b", "x", 0], ["b", "y", 30],
    ]  # fmt: skip


def test_deadlines_too_early_in_the_day() -> None:
    with pytest.raises(TravelError, match="before 0:00"):
        replace(SETTINGS, by="arrival", start_minute=60, end_minute=90)


def test_points_must_be_sorted(line: TransitNetwork) -> None:
    with pytest.raises(TravelError):
        build_transit_times(line, points([(330_000, 187_000)] * 2)[::-1], spots(a=1), SETTINGS)
