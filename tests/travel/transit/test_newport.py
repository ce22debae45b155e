"""The real feeds of Newport, Tuesday 5 March 2024, against the plain search and every site."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from made_feeds import TUESDAY
from time_expanded import Day, read_plain_trips

from planner.sources.gtfs import read_timetable
from planner.sources.streets import read_streets
from planner.travel.kernels import FAR
from planner.travel.transit import (
    TransitNetwork,
    TransitSettings,
    arrivals,
    build_transit_network,
    build_transit_times,
)
from planner.travel.transit.nearest import Query
from planner.travel.transit.opening import build_hours
from planner.travel.transit.query import build_frame, snap
from planner.travel.walk import build_walk_times

pytestmark = pytest.mark.slow

FEEDS = ("bus_coach", "rail")
Newport = tuple[TransitNetwork, gpd.GeoSeries]


@pytest.fixture(scope="module")
def newport(shared: Path) -> Newport:
    fixtures = shared / "fixtures"
    files = [fixtures / f"gtfs/newport_2024_{kind}_gtfs.zip" for kind in FEEDS]
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


@pytest.fixture(scope="module")
def plain(shared: Path, newport: Newport) -> Day:
    """Return the day as the plain reader sees it, with the network's changes on foot."""
    trips = [
        one
        for number, kind in enumerate(FEEDS, 1)
        for one in read_plain_trips(
            shared / f"fixtures/gtfs/newport_2024_{kind}_gtfs.zip", TUESDAY, prefix=f"{number}:"
        )
    ]
    changes: dict[str, dict[str, int]] = {}
    ids, walks = newport[0].timetable.stop_id, newport[0].changes
    for a, b, seconds in zip(walks.origin, walks.there, walks.seconds, strict=True):
        changes.setdefault(ids[a], {})[ids[b]] = int(seconds)
    return Day(trips, changes)


@pytest.fixture(scope="module")
def walks(newport: Newport) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """Return the seconds between points and stops, by point and by stop."""
    network, homes = newport
    timetable = network.timetable
    stops = gpd.GeoSeries(
        gpd.points_from_xy(timetable.stop_x, timetable.stop_y),
        index=pd.Index(timetable.stop_id),
        crs="EPSG:27700",
    ).sort_index()
    times = build_walk_times(
        *(network.streets, homes, stops),
        walk_kmh=4.8,
        cutoff_minutes=30,
        snap_metres=1600,
        extent_metres=1600,
    )
    by_point: dict[str, dict[str, int]] = {home: {} for home in homes.index}
    by_stop: dict[str, dict[str, int]] = {}
    for point, stop, deciseconds in times.pairs.itertuples(index=False):
        home, there = times.origins[point], times.destinations[stop]
        by_point[home][there] = by_stop.setdefault(there, {})[home] = -(-deciseconds // 10)
    return by_point, by_stop


@pytest.mark.parametrize(
    ("start", "rides", "seed"), [(480, None, 1), (480, 2, 2), (1380, None, 3), (330, 4, 4)]
)
def test_arrivals_equal_the_plain_search(
    newport: Newport, plain: Day, walks: Any, start: int, rides: int | None, seed: int
) -> None:
    network, points = newport
    settings = TransitSettings(
        date=TUESDAY, start_minute=start, end_minute=start + 60, max_rides=rides, direct_minutes=0
    )
    rng = np.random.default_rng(seed)
    homes = points.iloc[np.sort(rng.choice(len(points), 4, replace=False))]
    arrive = arrivals(network, homes, points, settings)
    reached = 0
    for row, home in enumerate(homes.index):
        step = int(rng.integers(60))
        found = plain.arrivals(
            (start + step) * 60, walks[0][home], walks[1], cutoff=7200, max_rides=rides
        )
        expected = [found.get(end, FAR) for end in points.index]
        np.testing.assert_array_equal(arrive[row, step], expected)
        reached += len(found)
    assert reached > 200


@pytest.mark.parametrize(("start", "rides", "seed"), [(540, None, 5), (1080, 3, 6)])
def test_departures_equal_the_plain_search(
    newport: Newport, plain: Day, walks: Any, start: int, rides: int | None, seed: int
) -> None:
    network, points = newport
    settings = TransitSettings(
        date=TUESDAY, start_minute=start, end_minute=start + 31, by="arrival", max_rides=rides,
        direct_minutes=0,
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    ends = points.iloc[np.sort(rng.choice(len(points), 4, replace=False))]
    leave = arrivals(network, points, ends, settings)
    reached = 0
    for column, end in enumerate(ends.index):
        step = int(rng.integers(31))
        found = plain.latest(
            (start + step) * 60, walks[0], walks[0][end], cutoff=7200, max_rides=rides
        )
        expected = [found.get(home, -FAR) for home in points.index]
        np.testing.assert_array_equal(leave[:, step, column], expected)
        reached += len(found)
    assert reached > 200


@pytest.mark.parametrize(("by", "rides"), [("departure", None), ("arrival", 3)])
def test_a_longest_wait_equals_the_plain_search(
    newport: Newport, plain: Day, walks: Any, by: Any, rides: int | None
) -> None:
    network, points = newport
    settings = TransitSettings(
        date=TUESDAY, start_minute=540, end_minute=541, by=by, max_rides=rides, direct_minutes=0,
        cutoff_minutes=60, max_wait_minutes=0.25, transfer_minutes=2,
    )  # fmt: skip
    here = points.iloc[[60]]
    # Where one may walk far between stops, a walk takes the place of most waits: not here.
    ids, on_foot = network.timetable.stop_id, network.changes
    changes: dict[str, dict[str, int]] = {}
    for place in np.flatnonzero(network.unlimited | (on_foot.seconds <= 120)):
        start, end = ids[on_foot.origin[place]], ids[on_foot.there[place]]
        changes.setdefault(start, {})[end] = int(on_foot.seconds[place])
    plain = Day(plain.trips, changes)
    limits: Any = {"cutoff": 3600, "max_rides": rides, "max_wait": 15}
    if by == "departure":
        times = arrivals(network, here, points, settings)[0, 0]
        found = plain.arrivals(540 * 60, walks[0][here.index[0]], walks[1], **limits)
        expected = [found.get(end, FAR) for end in points.index]
    else:
        times = arrivals(network, points, here, settings)[:, 0, 0]
        found = plain.latest(540 * 60, walks[0], walks[0][here.index[0]], **limits)
        expected = [found.get(home, -FAR) for home in points.index]
    np.testing.assert_array_equal(times, expected)
    assert len(found) > 20
    without = arrivals(
        *(network, here if by == "departure" else points, points if by == "departure" else here),
        replace(settings, max_wait_minutes=None),
    )
    assert (without.ravel() != times).any()


@pytest.mark.parametrize(("by", "rides"), [("departure", None), ("departure", 3), ("arrival", 5)])
def test_nearest_is_the_least_of_all_sites(newport: Newport, by: Any, rides: int | None) -> None:
    network, points = newport
    homes = points[::3]
    settings = TransitSettings(
        date=TUESDAY, start_minute=480, end_minute=540, max_rides=rides, cutoff_minutes=90, by=by
    )
    sites = points.sample(300, random_state=5).sort_index()
    every = arrivals(network, homes, sites, settings)
    frame, home, away = (
        build_frame(network, settings), snap(network, homes, ""), snap(network, sites, ""),
    )  # fmt: skip
    hours, pattern = build_hours(sites.index, None)
    query = Query(frame=frame, home=home, away=away, hours=hours, pattern=pattern)
    for chosen in (np.arange(300), np.arange(1), np.arange(50, 60)):
        found = query.arrive(chosen).astype(np.int64)
        found = np.where(found - frame.now <= frame.cutoff, found, FAR)
        if by == "arrival":
            np.testing.assert_array_equal(-found[:, ::-1], every[:, :, chosen].max(axis=2))
        else:
            np.testing.assert_array_equal(found, every[:, :, chosen].min(axis=2))


@pytest.mark.parametrize("by", ["departure", "arrival"])
def test_percentiles_are_those_of_all_minutes(newport: Newport, by: Any) -> None:
    network, homes = newport
    some = homes[::15]
    settings = TransitSettings(
        date=TUESDAY, start_minute=480, end_minute=540, percentiles=(25, 50, 85), by=by
    )
    times = build_transit_times(network, some, homes, settings)
    now = (480 + np.arange(60))[None, :, None] * 60
    at = arrivals(network, some, homes, settings)
    waits = np.sort(np.where(np.abs(at) < FAR, np.abs(at - now), FAR), axis=1)
    for percentile, rank in ((25, 14), (50, 29), (85, 50)):
        full = np.full((len(some), len(homes)), FAR)
        pairs = times[percentile].pairs
        full[pairs["origin"], pairs["destination"]] = pairs["deciseconds"] // 10
        np.testing.assert_array_equal(full, waits[:, rank])


def test_most_rides_that_nobody_needs_change_nothing(newport: Newport) -> None:
    network, homes = newport
    settings = TransitSettings(date=TUESDAY, start_minute=480, end_minute=490)
    any_number = arrivals(network, homes[::40], homes, settings)
    # A limit that is reached, by some, falls back on counting rides for these alone.
    for rides in (4, 20):
        limited = arrivals(network, homes[::40], homes, replace(settings, max_rides=rides))
        assert (limited >= any_number).all()
    np.testing.assert_array_equal(limited, any_number)
