"""Door to door by public transport: on drawn towns, and on the real feeds of Newport."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from made_feeds import TUESDAY, clock, to_timetable, trip
from street_grids import points
from time_expanded import Day, read_plain_trips

from planner.errors import TravelError
from planner.sources.gtfs import read_timetable
from planner.sources.streets import read_streets
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
from planner.travel.transit.timetable import IMPOSSIBLE, Timetable

#: At 3.6 km/h a metre is a second.
METRE_A_SECOND = 3.6


def _street() -> Streets:
    """Return one straight street of 10 km from west to east, a junction every 100 m."""
    x = 330_000 + 100.0 * np.arange(101)
    start = np.arange(100, dtype=np.int32)
    return build_streets(x, np.full(101, 187_000.0), start, start + 1)


def _spots(**metres: float) -> gpd.GeoSeries:
    """Return points at so many metres along the street."""
    return gpd.GeoSeries(
        [shapely.Point(330_000 + at, 187_000) for at in metres.values()],
        index=pd.Index(list(metres)),
        crs="EPSG:27700",
    )


#: Stops A, B, C at 1, 5 and 9 km.
TRIPS = [trip("A 8:10, B 8:20, C 8:30"), trip("A 8:40, B 8:50, C 9:00")]


def _placed(timetable: Timetable, **changes: object) -> Timetable:
    at = {"A": 1000.0, "B": 5000.0, "C": 9000.0, "D": 9100.0}
    x = 330_000 + np.array([at[stop] for stop in timetable.stop_id])
    return replace(
        timetable,
        stop_x=x,
        stop_y=np.full(len(x), 187_000.0),
        **changes,  # type: ignore[arg-type]
    )


def _network(timetable: Timetable, *, transfer_minutes: float = 20) -> TransitNetwork:
    return build_transit_network(
        _street(),
        timetable,
        walk_kmh=METRE_A_SECOND,
        snap_metres=50,
        extent_metres=500,
        transfer_minutes=transfer_minutes,
    )


@pytest.fixture(scope="module")
def line() -> TransitNetwork:
    return _network(_placed(to_timetable(TRIPS, "ABC")))


SETTINGS = TransitSettings(date=TUESDAY, start_minute=480, end_minute=540)


def _minute(
    network: TransitNetwork, minute: str, settings: TransitSettings = SETTINGS
) -> tuple[int, ...]:
    """Return seconds of travel from 400 m to spots at 4.7 and 9.3 km."""
    home, away = _spots(home=400), _spots(near=4700, wide=9300)
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
        _street(),
        _placed(to_timetable(TRIPS, "ABC")),
        walk_kmh=4.8,
        snap_metres=50,
        extent_metres=500,
    )
    # 601 m at 4.8 km/h are 450.75 s; from 8:02:29 on the bus at 8:10 is missed.
    home, away = _spots(home=399), _spots(near=4700)
    arrive = arrivals(network, home, away, SETTINGS)[0, :, 0]
    assert arrive[2] == clock("8:20") + 225
    assert arrive[3] == clock("8:50") + 225


def test_percentiles_of_the_window(line: TransitNetwork) -> None:
    # From 8:00 to 8:59 to B: 25 min at 8:00; then 54 down to 25 at 8:30; then on foot.
    times = build_transit_times(line, _spots(home=400), _spots(near=4700), SETTINGS)
    seconds = sorted([1500, *range(25 * 60, 55 * 60, 60), *[4300] * 29])
    assert times[50].pairs["deciseconds"].tolist() == [seconds[29] * 10]
    assert times[85].pairs["deciseconds"].tolist() == [seconds[50] * 10]
    assert (times[50].mode, times[50].window, times[85].percentile) == (
        *("transit", "Tue 08:00-09:00", 85),
    )


def test_pairs_without_a_time_stay_in_the_table(line: TransitNetwork) -> None:
    settings = replace(SETTINGS, cutoff_minutes=20)
    home, away = _spots(home=400), _spots(far=9300, off=12_000)
    times = build_transit_times(line, home, away, settings)[50]
    assert len(times.pairs) == 0
    assert times.destination_status.tolist() == ["connected", "outside_extent"]
    assert nearest(times, pd.Index(["far"]))["status"].tolist() == ["over_cutoff"]
    assert nearest(times, pd.Index(["off"]))["status"].tolist() == ["unreachable"]


def _two_streets() -> Streets:
    """Return `_street` without the piece from 6 to 8 km."""
    x = 330_000 + 100.0 * np.arange(101)
    start = np.array([i for i in range(100) if not 60 <= i < 80], np.int32)
    return build_streets(x, np.full(101, 187_000.0), start, (start + 1).astype(np.int32))


@pytest.mark.parametrize(("stops", "status"), [("ABC", "over_cutoff"), ("AB", "unreachable")])
def test_a_vehicle_joins_streets_that_do_not_meet(stops: str, status: str) -> None:
    trips = [trip(", ".join(f"{s} 8:{10 * i}0" for i, s in enumerate(stops, 1)))]
    network = build_transit_network(
        _two_streets(),
        _placed(to_timetable([[*trips[0]]], stops)),
        walk_kmh=METRE_A_SECOND,
        snap_metres=50,
        extent_metres=5000,
    )
    settings = replace(SETTINGS, cutoff_minutes=10)
    found = build_transit_nearest(network, _spots(home=400), _spots(x=9300), settings)
    assert found["status"].tolist() == [status]
    times = build_transit_times(network, _spots(home=400), _spots(x=9300), settings)[50]
    assert nearest(times, pd.Index(["x"]))["status"].tolist() == [status]


def _changes(network: TransitNetwork) -> dict[tuple[str, str], int]:
    ids, walks = network.timetable.stop_id, network.changes
    rows = zip(walks.origin, walks.there, walks.seconds, strict=True)
    return {(ids[a], ids[b]): int(seconds) for a, b, seconds in rows if a != b or seconds}


def _pair(**stated: object) -> Timetable:
    trips = [trip("A 8:10, C 8:30"), trip("D 8:40, B 8:50")]
    return _placed(to_timetable(trips, "ABCD"), **stated)


def test_changes_walk_along_the_street() -> None:
    assert _changes(_network(_pair())) == {("C", "D"): 100, ("D", "C"): 100}
    assert _changes(_network(_pair(), transfer_minutes=1)) == {}


def test_changes_that_the_timetable_states() -> None:
    stated = {
        "transfer_from": np.array([2, 3, 3], np.int32),
        "transfer_to": np.array([3, 2, 3], np.int32),
        "transfer_seconds": np.array([400, IMPOSSIBLE, 60], np.int32),
    }
    network = _network(_pair(**stated), transfer_minutes=1)
    assert _changes(network) == {("C", "D"): 400, ("D", "D"): 60}
    assert network.stated.sum() == 2


def test_changes_within_a_station_have_no_limit() -> None:
    network = _network(_pair(stop_station=np.array([0, -1, 0, -1], np.int32)))
    # 8 km in a straight line, with the detour of a station.
    assert _changes(network)[("A", "C")] == 10_400


def test_slack_for_changes() -> None:
    network = _network(_pair())
    home, away = _spots(home=1000), _spots(end=5000)
    settings = replace(SETTINGS, direct_minutes=1, end_minute=491)
    assert arrivals(network, home, away, settings)[0, 0, 0] == clock("8:50")
    # From 8:30 at C, 100 s to D and 8:20 more: on the bus at 8:40, and not with a second more.
    for slack, then in ((8 + 1 / 3, clock("8:50")), (8.4, FAR)):
        late = replace(settings, transfer_slack_minutes=slack)
        assert arrivals(network, home, away, late)[0, 0, 0] == then


def test_wheelchair_only() -> None:
    timetable = to_timetable([*TRIPS, trip("A 8:20, B 8:35, C 8:40")], "ABC")
    chair = np.array([int(d) for d in timetable.trip_id], np.int8) == 2
    timetable = _placed(
        timetable,
        trip_wheelchair=chair.astype(np.int8),
        stop_wheelchair=np.array([1, 1, 2], np.int8),
    )
    settings = replace(SETTINGS, wheelchair_only=True)
    assert _minute(_network(timetable), "8:00", settings) == (35 * 60 + 300, 0 - 1)


def test_nearest_of_kinds(line: TransitNetwork) -> None:
    sites = _spots(a=4700, b=9300, c=12_000)
    kind = pd.Series(["gp", "gp", "school"], index=sites.index)
    home = _spots(away=12_000, home=400)
    found = build_transit_nearest_of_kinds(line, home, sites, kind, SETTINGS)
    assert found["gp"]["status"].tolist() == ["outside_extent", "reached"]
    assert found["gp"]["share_of_minutes_reachable"].tolist()[1:] == [1.0]
    assert found["school"]["status"].tolist() == ["outside_extent", "unreachable"]
    one = build_transit_nearest(line, home, sites[:1], SETTINGS)
    # The site at 4.7 km is the nearest at every minute.
    pd.testing.assert_frame_equal(one, found["gp"])


def test_share_of_minutes(line: TransitNetwork) -> None:
    settings = replace(SETTINGS, direct_minutes=1, cutoff_minutes=30)
    found = build_transit_nearest(line, _spots(home=400), _spots(near=4700), settings)
    # Within half an hour at 8:00, and from 8:25 to 8:30.
    assert found["share_of_minutes_reachable"].tolist() == [7 / 60]
    assert found["status"].tolist() == ["over_cutoff"]


def test_no_sites(line: TransitNetwork) -> None:
    found = build_transit_nearest(line, _spots(home=400), _spots(a=1)[:0], SETTINGS)
    assert found["status"].tolist() == ["no_data"]


def test_no_stop_near_anyone_is_said_loudly(line: TransitNetwork) -> None:
    settings = replace(SETTINGS, access_minutes=1)
    times = build_transit_times(line, _spots(home=400), _spots(near=4700), settings)[50]
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
    home = _spots(home=400)
    for wrong in ({"date": dt.date(2024, 3, 6)}, {"transfer_minutes": 30.0}):
        with pytest.raises(TravelError):
            build_transit_times(line, home, home, replace(SETTINGS, **wrong))  # type: ignore[arg-type]


# --- the real feeds -----------------------------------------------------------------------------


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
    code = next(c for c in frame if frame[c].astype(str).str.fullmatch(r"W00\d{6}").all())
    homes = gpd.GeoSeries(frame.geometry.to_numpy(), index=frame[code].astype(str), crs=frame.crs)
    return network, homes.to_crs("EPSG:27700").sort_index()


def _by_stop(table: pd.DataFrame, key: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for one, stop, seconds in table.itertuples(index=False):
        pair = (stop, one) if key == "stop" else (one, stop)
        found.setdefault(pair[0], {})[pair[1]] = seconds
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "rides", "seed"), [(480, None, 1), (480, 2, 2), (1380, None, 3), (330, 4, 4)]
)
def test_newport_equals_the_plain_search(
    newport: tuple[TransitNetwork, gpd.GeoSeries],
    shared: Path,
    start: int,
    rides: int | None,
    seed: int,
) -> None:
    network, points_ = newport
    settings = TransitSettings(
        date=TUESDAY, start_minute=start, end_minute=start + 60, max_rides=rides, direct_minutes=0
    )
    rng = np.random.default_rng(seed)
    homes = points_.iloc[np.sort(rng.choice(len(points_), 6, replace=False))]
    arrive = arrivals(network, homes, points_, settings)
    day = _plain_newport(shared, network)
    ids = network.timetable.stop_id

    def walks(points: gpd.GeoSeries) -> pd.DataFrame:
        from planner.travel.walk import build_walk_times

        stops = gpd.GeoSeries(
            gpd.points_from_xy(network.timetable.stop_x, network.timetable.stop_y),
            index=pd.Index(ids),
            crs="EPSG:27700",
        ).sort_index()
        times = build_walk_times(
            *(network.streets, points, stops),
            walk_kmh=4.8,
            cutoff_minutes=30,
            snap_metres=1600,
            extent_metres=1600,
        )
        seconds = [-(-d // 10) for d in times.pairs["deciseconds"]]
        pair = [
            times.origins[times.pairs["origin"]],
            times.destinations[times.pairs["destination"]],
        ]
        return pd.DataFrame({"point": pair[0], "stop": pair[1], "seconds": seconds})

    access, egress = _by_stop(walks(homes), "point"), _by_stop(walks(points_), "stop")
    reached = 0
    for row, home in enumerate(homes.index):
        for step in sorted(rng.choice(60, 2, replace=False)):
            found = day.arrivals(
                *((start + step) * 60, access.get(home, {}), egress),
                cutoff=7200,
                max_rides=rides,
            )
            expected = [found.get(end, FAR) for end in points_.index]
            np.testing.assert_array_equal(arrive[row, step], expected)
            reached += len(found)
    assert reached > 200


_PLAIN: dict[str, Day] = {}


def _plain_newport(shared: Path, network: TransitNetwork) -> Day:
    """Return the day as the plain reader sees it, with the network's changes on foot."""
    if "day" not in _PLAIN:
        folder = shared / "fixtures/gtfs"
        trips = [
            one
            for number, kind in enumerate(("bus_coach", "rail"), 1)
            for one in read_plain_trips(
                folder / f"newport_2024_{kind}_gtfs.zip", TUESDAY, prefix=f"{number}:"
            )
        ]
        changes: dict[str, dict[str, int]] = {}
        ids, walks = network.timetable.stop_id, network.changes
        for a, b, seconds in zip(walks.origin, walks.there, walks.seconds, strict=True):
            changes.setdefault(ids[a], {})[ids[b]] = int(seconds)
        _PLAIN["day"] = Day(trips, changes)
    return _PLAIN["day"]


@pytest.mark.slow
@pytest.mark.parametrize("rides", [None, 3])
def test_newport_reverse_is_the_least_of_all_sites(
    newport: tuple[TransitNetwork, gpd.GeoSeries], rides: int | None
) -> None:

    from planner.travel.transit import search

    network, homes = newport
    settings = TransitSettings(
        date=TUESDAY, start_minute=480, end_minute=540, max_rides=rides, cutoff_minutes=90
    )
    sites = homes.sample(300, random_state=5).sort_index()
    for chosen in (sites, sites[:1], sites[50:60]):
        least = arrivals(network, homes, chosen, settings).min(axis=2)
        home = search._snap(network, homes, "origins")
        query = search._Query.build(network, home, settings)
        found, walk = query.arrive(
            search._snap(network, chosen, "destinations"), np.arange(len(chosen))
        )
        now = (480 + np.arange(60)) * 60
        found = np.minimum(found, now + np.minimum(walk, FAR - 10**6)[:, None].astype(np.int64))
        found = np.where(found - now <= settings.cutoff_seconds, found, FAR)
        np.testing.assert_array_equal(found, least)


@pytest.mark.slow
def test_newport_percentiles_are_those_of_all_minutes(
    newport: tuple[TransitNetwork, gpd.GeoSeries],
) -> None:
    network, homes = newport
    some = homes[::9]
    settings = TransitSettings(
        date=TUESDAY, start_minute=480, end_minute=540, percentiles=(25, 50, 85)
    )
    times = build_transit_times(network, some, homes, settings)
    now = (480 + np.arange(60))[None, :, None] * 60
    arrive = arrivals(network, some, homes, settings)
    waits = np.sort(np.where(arrive < FAR, arrive - now, FAR), axis=1)
    for percentile, rank in ((25, 14), (50, 29), (85, 50)):
        full = np.full((len(some), len(homes)), FAR)
        pairs = times[percentile].pairs
        full[pairs["origin"], pairs["destination"]] = pairs["deciseconds"] // 10
        np.testing.assert_array_equal(full, waits[:, rank])


def test_points_must_be_sorted(line: TransitNetwork) -> None:
    with pytest.raises(TravelError):
        build_transit_times(line, points([(330_000, 187_000)] * 2)[::-1], _spots(a=1), SETTINGS)
