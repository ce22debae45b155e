"""One journey, leg by leg: by hand, against all journeys there are, and on the real feeds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_feeds import HOUR, TUESDAY, clock, to_timetable, trip, walk_lists
from street_grids import points, town_with_islands
from time_expanded import Call, Trip, Walks

from planner.errors import TravelError
from planner.sources.gtfs import read_timetable
from planner.sources.streets import read_streets
from planner.travel.kernels import FAR
from planner.travel.streets import Streets, build_streets
from planner.travel.transit import (
    Timetable,
    TransitNetwork,
    TransitSettings,
    arrivals,
    build_transit_network,
)
from planner.travel.transit.earliest import build_day, find_earliest
from planner.travel.transit.itinerary import (
    Itinerary,
    build_last_departure,
    explain,
    explain_no_journey,
)

#: At 3.6 km/h a metre is a second.
METRE_A_SECOND = 3.6
SETTINGS = TransitSettings(date=TUESDAY)
AT = {"A": 1000.0, "B": 5000.0, "C": 9000.0, "D": 9100.0}


def _street() -> Streets:
    """Return one straight street of 10 km from west to east, a junction every 100 m."""
    x = 330_000 + 100.0 * np.arange(101)
    start = np.arange(100, dtype=np.int32)
    return build_streets(x, np.full(101, 187_000.0), start, start + 1)


def _spot(metres: float) -> shapely.Point:
    return shapely.Point(330_000 + metres, 187_000)


def _network(lines: Sequence[str], stops: str = "ABC", **changes: object) -> TransitNetwork:
    """Return the street with stops at 1, 5, 9 and 9.1 km and the trips of the lines."""
    timetable = to_timetable([trip(line) for line in lines], stops)
    trips = len(timetable.trip_id)
    known: dict[str, object] = {
        "stop_x": 330_000 + np.array([AT[stop] for stop in timetable.stop_id]),
        "stop_y": np.full(len(timetable.stop_id), 187_000.0),
        "stop_name": np.array([f"Stop {stop}" for stop in timetable.stop_id], object),
        "trip_route": np.zeros(trips, np.int32),
        "route_name": np.array(["30"], object),
        "route_type": np.array([3], np.int32),
        "trip_headsign": np.full(trips, "Newport", object),
    }
    return build_transit_network(
        _street(),
        replace(timetable, **(known | changes)),  # type: ignore[arg-type]
        walk_kmh=METRE_A_SECOND,
        snap_metres=50,
        extent_metres=500,
    )


LINES = ("A 8:10, B 8:20, C 8:30", "A 8:40, B 8:50, C 9:00")


def _found(
    network: TransitNetwork, minute: str, home: float = 400, away: float = 9300, **limits: object
) -> Itinerary:
    wanted = replace(SETTINGS, **limits)  # type: ignore[arg-type]
    found = explain(network, _spot(home), _spot(away), wanted, minute=clock(minute) // 60)
    assert found is not None
    return found


def test_words() -> None:
    found = _found(_network(LINES), "7:56")
    assert found.in_words() == [
        "Walk 10 min (600 m) to Stop A",
        "Wait 4 min",
        "08:10 bus 30 towards Newport, 2 stops, to Stop C 08:30",
        "Walk 5 min (300 m) to the destination",
    ]
    assert found.summary() == (
        "Leave at 07:56, arrive by 08:35: 39 min in all, of which 15 min on foot and 4 min "
        "waiting, with no change."
    )


def test_legs_follow_one_another_in_time_and_place() -> None:
    found = _found(_network(LINES), "7:56")
    assert [leg.seconds for leg in found.legs] == [600, 240, 1200, 300]
    lines = [leg.line for leg in found.legs if leg.line.geom_type == "LineString"]
    assert [(line.coords[0][0], line.coords[-1][0]) for line in lines] == [
        *((330_400, 331_000), (331_000, 339_000), (339_000, 339_300)),
    ]
    assert found.to_frame()["start"].tolist() == ["07:56", "08:06", "08:10", "08:30"]


def test_past_midnight_is_the_next_day() -> None:
    found = _found(_network(["A 23:50, B 24:00, C 24:15"]), "23:40")
    assert (
        found.in_words()[1] == "23:50 bus 30 towards Newport, 2 stops, to Stop C 00:15 (next day)"
    )


def test_ids_where_there_are_no_names() -> None:
    none: dict[str, object] = {
        name: np.zeros(0, kind)
        for name, kind in (
            *(("stop_name", object), ("trip_route", np.int32), ("route_name", object)),
            *(("route_type", np.int32), ("trip_headsign", object)),
        )
    }
    found = _found(_network(LINES, **none), "8:00")
    assert found.in_words()[:2] == [
        "Walk 10 min (600 m) to A",
        "08:10 service 0, 2 stops, to C 08:30",
    ]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        *((0, "tram"), (1, "metro"), (2, "train"), (4, "ferry")),
        *((200, "coach"), (714, "bus"), (99, "service")),
    ],
)
def test_words_for_vehicles(kind: int, word: str) -> None:
    found = _found(_network(LINES, route_type=np.array([kind], np.int32)), "8:00")
    assert found.rides[0].vehicle == word


def test_starting_at_a_stop_says_which() -> None:
    assert _found(_network(LINES), "8:08", home=1000).in_words()[:2] == [
        "Start at Stop A",
        "Wait 2 min",
    ]


def test_changing_by_a_walk_and_at_one_stop() -> None:
    lines = ["A 8:10, C 8:30", "D 8:35, B 8:45", "B 8:45, C 8:55"]
    found = _found(_network(lines, "ABCD"), "8:10", home=1000, away=5000)
    # 100 m from C to D, and 3 min 20 s there.
    assert found.in_words()[1:] == [
        "08:10 bus 30 towards Newport, 1 stop, to Stop C 08:30",
        "Walk 2 min (100 m) to Stop D",
        "Wait 3 min",
        "08:35 bus 30 towards Newport, 1 stop, to Stop B 08:45",
    ]


def test_changing_to_another_stop_at_the_same_place_names_it() -> None:
    x = 330_000 + np.array([1000.0, 5000.0, 9000.0, 9000.0])
    network = _network(["A 8:10, C 8:30", "D 8:35, B 8:45"], "ABCD", stop_x=x)
    words = _found(network, "8:10", home=1000, away=5000).in_words()
    assert words[2:4] == ["Walk under a minute (under 10 m) to Stop D", "Wait 5 min"]


def test_changes_that_the_timetable_states() -> None:
    stated: dict[str, object] = {
        "transfer_from": np.array([2], np.int32),
        "transfer_to": np.array([3], np.int32),
        "transfer_seconds": np.array([300], np.int32),
    }
    network = _network(["A 8:10, C 8:30", "D 8:35, B 8:45"], "ABCD", **stated)
    words = _found(network, "8:10", home=1000, away=5000).in_words()
    assert words[2] == "Change to Stop D: the timetable allows 5 min for it"


def test_stops_without_a_position_are_left_out_of_the_drawing() -> None:
    x = 330_000 + np.array([1000.0, 5000.0, np.nan, np.nan])
    stated: dict[str, object] = {
        "transfer_from": np.array([2], np.int32),
        "transfer_to": np.array([3], np.int32),
        "transfer_seconds": np.array([60], np.int32),
    }
    network = _network(["A 8:10, C 8:30", "D 8:35, B 8:45"], "ABCD", stop_x=x, **stated)
    found = _found(network, "8:10", home=1000, away=5000)
    assert [leg.line.is_empty for leg in found.legs] == [True] * 4
    assert found.in_words()[2:4] == [
        "Change to Stop D: the timetable allows 1 min for it",
        "Wait 4 min",
    ]


def test_changes_within_a_station_are_straight() -> None:
    station = {"stop_station": np.array([0, -1, 0, -1], np.int32)}
    # 8 km and a detour of 0.3, at a metre a second: 2 h 53 min 20 s, rounded up.
    network = _network(["D 8:10, C 8:12", "A 12:00, B 12:10"], "ABCD", **station)
    words = _found(network, "8:10", home=9100, away=5000, cutoff_minutes=300, direct_minutes=1)
    assert "Walk 2 h 54 min (10.4 km) within the station to Stop A" in words.in_words()


def test_walking_all_the_way_comes_first_among_equals() -> None:
    network = _network(["A 8:00, B 9:06:40"])
    assert _found(network, "8:00", home=1000, away=5000).rides == ()
    assert _found(network, "8:00", home=1000, away=5000).summary() == (
        "Leave at 08:00, arrive by 09:07: 1 h 7 min in all, all on foot; no vehicle is quicker."
    )


def test_on_the_spot() -> None:
    found = _found(_network(LINES), "8:00", home=700, away=700)
    assert (found.in_words(), found.seconds) == (["You are there already"], 0)


def test_other_days_and_longer_walks_are_refused() -> None:
    for wrong in ({"date": dt.date(2024, 3, 6)}, {"transfer_minutes": 30.0}):
        with pytest.raises(TravelError):
            _found(_network(LINES), "8:00", **wrong)


# --- no journey ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("home", "away", "status", "words"),
    [
        (_spot(400), _spot(12_000), "outside_extent", "The destination lies outside"),
        (shapely.Point(330_400, 187_300), _spot(400), "not_connected", "The start is more than 50"),
        (_spot(400), _spot(9300), "over_cutoff", "none within 20 minutes"),
    ],
)
def test_why_there_is_no_journey(
    home: shapely.Point, away: shapely.Point, status: str, words: str
) -> None:
    network = _network(LINES)
    wanted = replace(SETTINGS, cutoff_minutes=20)
    assert explain(network, home, away, wanted, minute=480) is None
    found, text = explain_no_journey(network, home, away, wanted)
    assert found == status
    assert words in text


def test_nothing_leads_there() -> None:
    x = 330_000 + 100.0 * np.arange(201)
    start = np.array([i for i in range(200) if i != 100], np.int32)
    streets = build_streets(x, np.full(201, 187_000.0), start, (start + 1).astype(np.int32))
    timetable = _network(LINES).timetable
    network = build_transit_network(
        streets, timetable, walk_kmh=METRE_A_SECOND, snap_metres=50, extent_metres=6000
    )
    assert explain(network, _spot(400), _spot(15_000), SETTINGS, minute=480) is None
    status, text = explain_no_journey(network, _spot(400), _spot(15_000), SETTINGS)
    assert status == "unreachable"
    assert "Tuesday 5 March 2024" in text


# --- the last departure -------------------------------------------------------------------------


def test_last_departure() -> None:
    last = build_last_departure(_network(LINES), _spot(400), _spot(9300), SETTINGS)
    assert (last.minute, last.walk_seconds) == (8 * 60 + 30, None)
    assert last.itinerary is not None
    assert last.itinerary.rides[0].start_seconds == clock("8:40")
    assert last.text.startswith("The last time to leave is 08:30. Walk 10 min (600 m) to Stop A;")


def test_last_departure_beside_a_walk_that_always_works() -> None:
    last = build_last_departure(_network(LINES), _spot(400), _spot(4700), SETTINGS)
    assert (last.minute, last.walk_seconds) == (8 * 60 + 30, 4300)
    assert last.text.endswith("Walking all the way takes 1 h 12 min at any time.")


def test_no_vehicle_is_quicker_than_walking() -> None:
    last = build_last_departure(_network(LINES), _spot(400), _spot(700), SETTINGS)
    assert last.minute is None
    assert last.text == "Walking all the way takes 5 min at any time; no vehicle is quicker."


def test_a_vehicle_slower_than_a_walk_that_is_too_long_does_not_count() -> None:
    # 4 km take 1 h 7 min on foot; the bus of 8:40 takes 10 minutes, that of 12:00 1 h 10 min.
    network = _network([*LINES, "A 12:00, B 13:10"])
    wanted = replace(SETTINGS, direct_minutes=30)
    last = build_last_departure(network, _spot(1000), _spot(5000), wanted)
    assert (last.minute, last.walk_seconds) == (8 * 60 + 40, None)


def test_nothing_goes_there_all_day() -> None:
    wanted = replace(SETTINGS, cutoff_minutes=20)
    last = build_last_departure(_network(LINES), _spot(400), _spot(9300), wanted, until_minute=600)
    assert last.minute is None
    assert last.text == (
        "No vehicle gets there within 20 minutes, whenever one leaves until 10:00."
    )


# --- every journey there is ---------------------------------------------------------------------

STOPS = "ABCDE"


class Town:
    """A few trips, and who walks where; trips have the ids "0", "1", ... in their order."""

    def __init__(self, trips: Sequence[Trip], changes: Walks, ends: Walks) -> None:
        self.trips, self.changes, self.ends = trips, changes, ends
        self.named = sorted({call.stop for one in trips for call in one})

    def best(self, leave: int, max_rides: int, last: int) -> tuple[object, ...] | None:
        """Return arrival, rides, seconds walked and ids of the best of all journeys."""
        found = [way for way in self._all(leave, max_rides) if way[0] <= last]  # type: ignore[operator]
        return min(found) if found else None

    def _all(self, leave: int, max_rides: int) -> Iterator[tuple[object, ...]]:
        ways: list[tuple[str, int, int, tuple[str, ...]]] = [
            (stop, leave + walk, walk, ()) for stop, walk in self.ends["home"].items()
        ]
        for rides in range(1, max_rides + 1):
            onward: list[tuple[str, int, int, tuple[str, ...]]] = []
            for stop, ready, walked, ids in ways:
                for off, time, more in self._rides(stop, ready):
                    if off in self.ends["away"]:
                        walk = self.ends["away"][off]
                        yield (time + walk, rides, walked + walk, ids + more)
                    for there, seconds in self.changes[off].items():
                        extra = 0 if there == off else seconds
                        onward.append((there, time + seconds, walked + extra, ids + more))
            ways = onward

    def _rides(self, stop: str, ready: int) -> Iterator[tuple[str, int, tuple[str, ...]]]:
        for number, one in enumerate(self.trips):
            for place, call in enumerate(one[:-1]):
                if call.stop == stop and call.pickup and call.departure >= ready:
                    for later in one[place + 1 :]:
                        if later.drop_off:
                            yield later.stop, later.arrival, (str(number), stop, later.stop)


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Draw lines with close times, equal seconds and hops without time."""
    trips = []
    for _ in range(draw(st.integers(1, 4))):
        line = draw(st.lists(st.sampled_from(STOPS), min_size=2, max_size=4))
        rights = [(draw(st.integers(0, 5)) > 0, draw(st.integers(0, 5)) > 0) for _ in line]
        for _ in range(draw(st.integers(1, 2))):
            now = 8 * HOUR + 60 * draw(st.integers(0, 12))
            calls = []
            for stop, (on, off) in zip(line, rights, strict=True):
                arrival = now + 60 * draw(st.integers(0, 3))
                now = arrival + 60 * draw(st.sampled_from([0, 0, 1]))
                calls.append(Call(stop, arrival, now, on, off))
            trips.append(calls)
    walk = st.dictionaries(
        st.sampled_from(STOPS), st.integers(0, 4).map(lambda m: 60 * m), max_size=3
    )
    changes = {stop: {stop: 0, **draw(walk)} for stop in STOPS}
    return Town(trips, changes, {"home": draw(walk), "away": draw(walk)})


@settings(max_examples=100, deadline=None)
@given(towns(), st.integers(1, 3), st.sampled_from([600, 3600]))
def test_it_is_the_best_of_all_journeys(town: Town, rides: int, cutoff: int) -> None:
    timetable = to_timetable(town.trips, town.named)
    stops = [str(stop) for stop in timetable.stop_id]
    doors = [
        np.array([town.ends[end].get(stop, FAR) for stop in stops], np.int32)
        for end in ("home", "away")
    ]
    found = find_earliest(
        *(timetable, build_day(timetable, wheelchair_only=False)),
        *(walk_lists(town.changes, stops, stops), *doors),
        leave=8 * HOUR,
        cutoff=cutoff,
        max_rides=rides,
    )
    best = town.best(8 * HOUR, rides, 8 * HOUR + cutoff)
    if found is None:
        assert best is None
        return
    assert best is not None
    ids: tuple[str, ...] = ()
    for ride in found.rides:
        ids += (timetable.trip_id[ride.trip], stops[ride.board_stop], stops[ride.alight_stop])
    assert (found.arrival, len(found.rides), ids) == (best[0], best[1], best[3])


# --- the same second as the search for whole windows ---------------------------------------------


def _drawn_town(seed: int) -> tuple[TransitNetwork, gpd.GeoSeries]:
    rng = np.random.default_rng(seed)
    streets = town_with_islands(seed=seed, rows=14, columns=14)
    named = [f"S{i}" for i in range(9)]
    trips = []
    for _ in range(30):
        line = rng.choice(named, rng.integers(2, 6), replace=False)
        now = 8 * HOUR + int(rng.integers(0, 2700))
        calls = []
        for stop in line:
            arrival = now + int(rng.integers(30, 300))
            now = arrival + int(rng.integers(0, 60))
            calls.append(Call(str(stop), arrival, now, *(rng.random(2) > 0.1)))
        trips.append(calls)
    timetable = to_timetable(trips, named)
    # Stops and homes on both sides of the water.
    sides = [np.flatnonzero(streets.node_component == side) for side in (0, 1)]
    near = np.concatenate([rng.choice(side, 8) for side in sides])[: len(timetable.stop_id)]
    near = rng.permutation(near)
    homes = np.column_stack([rng.choice(side, 8) for side in sides]).ravel()
    ends = points([(streets.node_x[home] + 3, streets.node_y[home]) for home in homes])
    chair = rng.integers(0, 2, len(timetable.trip_id)).astype(np.int8)
    timetable = replace(
        timetable,
        stop_x=streets.node_x[near] + 5,
        stop_y=streets.node_y[near],
        stop_wheelchair=np.ones(len(near), np.int8),
        trip_wheelchair=chair,
    )
    network = build_transit_network(
        streets, timetable, walk_kmh=2.9, snap_metres=150, extent_metres=600
    )
    return network, ends


def _check(
    network: TransitNetwork, ends: gpd.GeoSeries, minute: int, wanted: TransitSettings
) -> int:
    """Compare the journeys of pairs of neighbours in the list; return how many ride."""
    window = replace(wanted, start_minute=minute, end_minute=minute + 1)
    arrive = np.asarray(arrivals(network, ends, ends, window))[:, 0]
    rode = 0
    for a in range(0, len(ends) - 1, 2):
        found = explain(network, ends.iloc[a], ends.iloc[a + 1], wanted, minute=minute)
        assert (FAR if found is None else found.arrive_seconds) == arrive[a, a + 1]
        if found is None:
            continue
        rode += bool(found.rides)
        times = [found.leave_seconds, *(leg.end_seconds for leg in found.legs)]
        assert [leg.start_seconds for leg in found.legs] == times[:-1]
        assert times[-1] == found.arrive_seconds
        assert all(leg.seconds >= 0 for leg in found.legs)
        for ride in found.rides:
            _check_ride(network.timetable, ride.trip_id, ride.board_id, ride.start_seconds)
    return rode


def _check_ride(timetable: Timetable, trip_id: str, stop: str, then: int) -> None:
    trips = np.flatnonzero(timetable.trip_id == trip_id)
    start = timetable.trip_start
    calls = np.concatenate([np.arange(start[one], start[one + 1]) for one in trips])
    assert then in timetable.departure[calls]
    assert stop in timetable.stop_id


@pytest.mark.parametrize("seed", range(5))
def test_drawn_towns_equal_the_search_for_windows(seed: int) -> None:
    network, ends = _drawn_town(seed)
    rode = 0
    for minute, limits in (
        (480, {}),
        (495, {"max_rides": 1}),
        (500, {"transfer_slack_minutes": 3.0, "access_minutes": 15.0}),
        (505, {"wheelchair_only": True}),
        (510, {"cutoff_minutes": 25.0, "transfer_minutes": 4.0}),
    ):
        rode += _check(network, ends, minute, replace(SETTINGS, **limits))  # type: ignore[arg-type]
    assert rode > 3


@pytest.fixture(scope="module")
def newport(shared: Path) -> tuple[TransitNetwork, gpd.GeoSeries]:
    fixtures = shared / "fixtures"
    files = [fixtures / f"gtfs/newport_2024_{kind}_gtfs.zip" for kind in ("bus_coach", "rail")]
    network = build_transit_network(
        read_streets(fixtures / "osm/newport-2023-06-13.osm.pbf", what="newport"),
        read_timetable([(file, file.name) for file in files], date=TUESDAY),
        walk_kmh=4.8,
        snap_metres=1600,
        extent_metres=1600,
    )
    frame = gpd.read_parquet(
        fixtures / "boundaries/newport_oa21_population_weighted_centroids.parquet"
    )
    homes = frame.geometry.to_crs("EPSG:27700").sample(24, random_state=4)
    return network, points([(p.x, p.y) for p in homes])


@pytest.mark.slow
@pytest.mark.parametrize(("minute", "rides"), [(540, None), (1385, None), (375, 2)])
def test_newport_equals_the_search_for_windows(
    newport: tuple[TransitNetwork, gpd.GeoSeries], minute: int, rides: int | None
) -> None:
    network, homes = newport
    wanted = replace(SETTINGS, max_rides=rides, cutoff_minutes=90)
    assert _check(network, homes, minute, wanted) > 0
