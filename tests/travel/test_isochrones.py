"""Travel-time bands: by hand on one street, and against times of many single points."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from made_feeds import TUESDAY, to_timetable, trip
from places import tiny_area
from street_grids import points, town_with_islands

from planner.errors import TravelError
from planner.travel.isochrones import (
    BandShape,
    Direction,
    Isochrones,
    build_band_population,
    build_isochrones,
    build_transit_isochrones,
)
from planner.travel.streets import Streets, build_streets
from planner.travel.transit import (
    TransitNetwork,
    TransitSettings,
    build_transit_network,
    build_transit_times,
)
from planner.travel.walk import build_walk_times

LIMITS = {"walk_kmh": 4.8, "snap_metres": 200.0, "extent_metres": 600.0}
SHAPE = BandShape(minutes=(4, 8, 12))


def _street() -> Streets:
    """Return one straight street of 10 km from west to east, a side street every kilometre."""
    x = np.concatenate([np.arange(0, 10_001, 1000.0), np.arange(0, 10_001, 1000.0)])
    y = np.concatenate([np.zeros(11), np.full(11, 150.0)])
    along = np.arange(10, dtype=np.int32)
    start = np.concatenate([along, np.arange(11)]).astype(np.int32)
    end = np.concatenate([along + 1, np.arange(11) + 11]).astype(np.int32)
    return build_streets(330_000 + x, 187_000 + y, start, end)


def test_exact_to_the_metre_on_one_street() -> None:
    # At a metre a second ten minutes are 600 m, and 20 minutes 1,200.
    bands = build_isochrones(
        _street(), points([(334_500, 187_000)]), walk_kmh=3.6, snap_metres=50, extent_metres=500,
        shape=BandShape(minutes=(10, 20), simplify_metres=0),
    ).bands  # fmt: skip
    assert bands["minutes_from"].tolist() == [0, 10]
    assert bands["minutes_to"].tolist() == [10, 20]
    # 30 m around the ends; the corners of a circle drawn with 12 sides a quarter cut at most 1 m.
    west, south, east, _ = bands.geometry.iloc[0].bounds
    assert (west, south, east) == pytest.approx((333_870, 186_970, 335_130), abs=1)
    assert bands.geometry.iloc[1].bounds[::2] == pytest.approx((333_270, 335_730), abs=1)
    # The side streets begin 500 m away: 100 m and all 150 m of them, and 30 m more.
    tops = [shape.bounds[3] for shape in bands.geometry]
    assert tops == pytest.approx([187_130, 187_180], abs=1)


@pytest.fixture(scope="module")
def town() -> Streets:
    return town_with_islands(seed=5, rows=16, columns=16)


@pytest.fixture(scope="module")
def walk(town: Streets) -> Isochrones:
    venues = points([(330_350, 187_420), (330_900, 187_900)])
    return build_isochrones(town, venues, shape=SHAPE, **LIMITS)


def _dots(streets: Streets, apart: float) -> gpd.GeoSeries:
    """Return points along all streets."""
    lines = shapely.segmentize(streets.to_lines(), apart)
    xy = np.unique(shapely.get_coordinates(lines), axis=0)
    return points([*xy], prefix="d").set_axis(pd.Index([f"d{i:06d}" for i in range(len(xy))]))


def test_bands_hold_what_is_reached_and_little_else(town: Streets, walk: Isochrones) -> None:
    dots = _dots(town, 10.0)
    times = build_walk_times(town, walk.points, dots, cutoff_minutes=15, **LIMITS).pairs
    minutes = np.full(len(dots), np.inf)
    np.minimum.at(minutes, times["destination"], times["deciseconds"] / 600)
    for end, shape in zip(SHAPE.minutes, walk.bands.geometry, strict=True):
        reached = dots[minutes <= end].to_numpy()
        assert shapely.distance(shape, reached).max() == 0
        # Streets are drawn 30 m wide, gaps of 40 m closed, outlines moved by 5 m; between two
        # dots there are 10 m.
        corners = shapely.points(shapely.get_coordinates(shape))
        _, off = shapely.STRtree(reached).query_nearest(
            corners, all_matches=False, return_distance=True
        )
        assert off.max() <= 30 + 20 + 5 + 10


def test_bands_lie_within_one_another_and_are_valid(walk: Isochrones) -> None:
    assert walk.bands.is_valid.all()
    assert (walk.bands.geom_type == "MultiPolygon").all()
    for inner, outer in pairwise(walk.bands.geometry):
        assert inner.difference(outer).area < 1e-6
        assert outer.area > inner.area


def test_rings_do_not_overlap(walk: Isochrones) -> None:
    rings = walk.rings().geometry
    assert sum(ring.area for ring in rings) == pytest.approx(walk.bands.geometry.iloc[-1].area)


def test_holes_are_kept_from_their_size_on(town: Streets, walk: Isochrones) -> None:
    holes = [
        shapely.Polygon(ring).area
        for shape in walk.bands.geometry
        for part in shape.geoms
        for ring in part.interiors
    ]
    assert min(holes, default=20_000) >= 20_000
    kept = build_isochrones(
        town, walk.points, shape=replace(SHAPE, hole_square_metres=0.0), **LIMITS
    )
    assert sum(len(part.interiors) for part in kept.bands.geometry.iloc[-1].geoms) > len(holes) / 3


def test_several_points_are_the_nearest_of_them(town: Streets, walk: Isochrones) -> None:
    each = [
        build_isochrones(town, walk.points.iloc[[i]], shape=SHAPE, **LIMITS).bands.geometry.iloc[-1]
        for i in range(2)
    ]
    both = walk.bands.geometry.iloc[-1]
    # Apart from closed gaps between the two, it is the two together.
    assert shapely.union_all(each).difference(both).area < 0.001 * both.area


def test_points_off_the_streets_are_named(town: Streets) -> None:
    found = build_isochrones(town, points([(340_000, 187_000)]), shape=SHAPE, **LIMITS)
    assert found.bands.geometry.is_empty.all()
    assert [note.what for note in found.notes] == ["point_outside_extent"]


@pytest.mark.parametrize("wrong", [(), (0,), (10, 10), (20, 10)])
def test_bands_must_rise(wrong: tuple[float, ...]) -> None:
    with pytest.raises(TravelError):
        BandShape(minutes=wrong)


# --- by public transport ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network(town: Streets) -> TransitNetwork:
    """Return the town and its island with a bus every six minutes over a bridge."""
    trips = [
        trip(f"A {8 + m // 60}:{m % 60:02d}, B {8 + m // 60}:{m % 60 + 3:02d}")
        for m in range(0, 120, 6)
    ]
    back = [
        trip(f"B {8 + m // 60}:{m % 60:02d}, A {8 + m // 60}:{m % 60 + 4:02d}")
        for m in range(1, 120, 10)
    ]
    timetable = to_timetable([*trips, *back], "AB")
    at = replace(
        timetable,
        stop_x=np.array([330_600.0, 334_400.0]),
        stop_y=np.array([187_500.0, 187_400.0]),
    )
    return build_transit_network(town, at, **LIMITS)


SETTINGS = TransitSettings(date=TUESDAY, start_minute=480, end_minute=510)


@pytest.mark.parametrize("direction", ["to", "from"])
def test_transit_bands_equal_times_of_single_journeys(
    town: Streets, network: TransitNetwork, direction: Direction
) -> None:
    venue = points([(330_350, 187_420)])
    found = build_transit_isochrones(
        network, venue, SETTINGS, direction=direction, percentile=85, spacing_metres=0
    )
    nodes = points([*zip(town.node_x, town.node_y, strict=True)])
    ends = (nodes, venue) if direction == "to" else (venue, nodes)
    wanted = replace(SETTINGS, percentiles=(85,), cutoff_minutes=40)
    pairs = build_transit_times(network, *ends, wanted)[85].pairs
    minutes = np.full(len(nodes), np.inf)
    minutes[pairs["origin" if direction == "to" else "destination"]] = pairs["deciseconds"] / 600
    # A few junctions are on bits of street too small to be searched.
    count = np.bincount(town.node_component)
    counts = count[town.node_component] >= 50
    for end, shape in zip((10, 20, 30), found.bands.geometry, strict=True):
        off = shapely.distance(shape, nodes.to_numpy())
        assert off[(minutes <= end) & counts].max() == 0
        # A junction that takes two minutes more is drawn only where another street runs close by.
        near = (off == 0) & (minutes > end + 2) & counts
        assert near.sum() <= 0.05 * counts.sum()
    islands = nodes.x.to_numpy() > 333_000
    assert (minutes[islands & counts] <= 20).any()
    assert found.bands.is_valid.all()


def test_sampling_never_makes_it_nearer(network: TransitNetwork) -> None:
    venue = points([(330_350, 187_420)])
    every, some = (
        build_transit_isochrones(network, venue, SETTINGS, spacing_metres=apart, shape=SHAPE)
        for apart in (0.0, 200.0)
    )
    for full, part in zip(every.bands.geometry, some.bands.geometry, strict=True):
        assert part.difference(full.buffer(10)).area < 1
    assert "junctions_sampled" in [note.what for note in some.notes]


# --- people -------------------------------------------------------------------------------------


def test_people_are_counted_by_the_time_of_their_point() -> None:
    area = tiny_area(context=1)  # 1000, 1000, 2000, 1000, 500 people; the last is not the place's
    codes = area.points.index
    minutes = pd.Series([5, 10, 10.1, 31, np.nan, 1], index=codes)
    status = pd.Series(["reached"] * 4 + ["not_connected", "reached"], index=codes)
    table = build_band_population(area, minutes, status, (10, 20, 30))
    assert table["people"].tolist() == [2000, 2000, 0, 1000, 500]
    assert table["status"].tolist() == [*["reached"] * 4, "not_connected"]
    assert table["people_within"].tolist()[:3] == [2000, 4000, 4000]
    assert table["areas_within"].tolist()[:3] == [2, 3, 3]
    assert table["people_within"].isna().tolist() == [False] * 3 + [True] * 2
    assert table["share"].sum() == pytest.approx(1)


def test_people_of_an_area_with_several_points() -> None:
    area = tiny_area()
    first = area.points.iloc[[0, 0]].set_axis(["a1", "a2"])
    more = pd.concat([first.assign(weight=[0.25, 0.75]), area.points.iloc[1:]]).sort_index()
    more.index.name = "point_id"
    area = replace(area, points=gpd.GeoDataFrame(more, crs=area.points.crs))
    minutes = pd.Series(99.0, index=area.points.index)
    minutes["a1"] = 5
    status = pd.Series("reached", index=area.points.index)
    table = build_band_population(area, minutes, status, (10,))
    assert table["people"].tolist() == [250, 6750]
    assert table["areas_within"].tolist()[0] == 0  # most of its people are further


def test_every_point_needs_a_time() -> None:
    area = tiny_area()
    short = pd.Series(1.0, index=area.points.index[1:])
    with pytest.raises(TravelError):
        build_band_population(area, short, short.map(lambda _: "reached"), (10,))
