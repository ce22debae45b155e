from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from street_grids import (
    CRS,
    add_road_points,
    made_roads,
    one_way_town,
    points,
    reference_roads,
    reference_times,
    scattered,
    town_with_islands,
)

from planner.travel.getting_about import MODE_WORDS
from planner.travel.roads import Roads
from planner.travel.snap import snap_points
from planner.travel.street_times import build_street_times
from planner.travel.streets import Streets
from planner.travel.times import TravelTimes, nearest
from planner.travel.walk import build_walk_times
from planner.travel.ways import CycleSettings, DriveSettings

SETTINGS = [CycleSettings(), DriveSettings()]
Found = dict[tuple[str, str], int]


def times(
    network: Streets | Roads,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    cutoff: float = 120.0,
    kmh: float = 4.8,
) -> TravelTimes:
    return build_street_times(
        network,
        origins,
        destinations,
        walk_kmh=kmh,
        cutoff_minutes=cutoff,
        snap_metres=400,
        extent_metres=1600,
    )


def as_dict(found: TravelTimes) -> Found:
    frame = found.to_frame()
    whole = (frame["minutes"] * 600).round().astype(int)
    return dict(zip(zip(frame["origin"], frame["destination"], strict=True), whole, strict=True))


def expected(
    roads: Roads,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    cutoff: float,
    kmh: float = 4.8,
) -> Found:
    """The same by networkx, from the roads and the edges the points are on."""
    edges: dict[str, int] = {}
    for at in (origins, destinations):
        spot = snap_points(roads.streets, at, snap_metres=400, extent_metres=1600)
        edges |= {i: int(e) for i, e in zip(at.index, spot.edge, strict=True) if e >= 0}
    graph = reference_roads(roads)
    add_road_points(graph, roads, edges, origins, destinations, kmh)
    return reference_times(graph, origins.index, destinations.index, cutoff)


@pytest.mark.parametrize("settings", SETTINGS, ids=["cycle", "drive"])
@pytest.mark.parametrize(("origins", "destinations"), [(130, 190), (190, 130)])
def test_times_are_exactly_those_of_networkx_from_either_side(
    settings, origins: int, destinations: int
) -> None:
    roads = one_way_town(seed=61, settings=settings)
    home = scattered(origins, seed=61, prefix="o")
    away = scattered(destinations, seed=161, prefix="d")
    found = as_dict(times(roads, home, away, cutoff=60, kmh=2.9))
    assert len(found) > 2000
    assert found == expected(roads, home, away, cutoff=60, kmh=2.9)


@pytest.mark.parametrize("settings", SETTINGS, ids=["cycle", "drive"])
def test_a_short_cutoff_keeps_what_is_within_it(settings) -> None:
    roads = one_way_town(seed=62, settings=settings)
    home, away = scattered(60, seed=62, prefix="o"), scattered(60, seed=162, prefix="d")
    everything = as_dict(times(roads, home, away))
    short = as_dict(times(roads, home, away, cutoff=6))
    assert 50 < len(short) < len(everything)
    assert short == {pair: time for pair, time in everything.items() if time <= 3600}


def test_streets_are_walked_as_ever() -> None:
    streets = town_with_islands(seed=63)
    home, away = scattered(40, seed=63, prefix="o"), scattered(40, seed=163, prefix="d")
    one = times(streets, home, away, kmh=2.9)
    two = build_walk_times(
        streets,
        home,
        away,
        walk_kmh=2.9,
        cutoff_minutes=120,
        snap_metres=400,
        extent_metres=1600,
    )
    assert one.mode == "walk"
    assert one.pairs.equals(two.pairs)


#: A block of one-ways, 1,000 m × 500 m, run round anticlockwise at 36 km/h (10 m a second),
#: with a two-way spur of 100 m at its west and at its east end.
BLOCK = made_roads(
    [(0, 0), (1000, 0), (1000, 500), (0, 500), (-100, 0), (1100, 500)],
    [(0, 1, 36, 0), (1, 2, 36, 0), (2, 3, 36, 0), (3, 0, 36, 0), (0, 4, 36, 36), (2, 5, 36, 36)],
)


def test_on_one_way_one_drives_straight_ahead_and_round_to_what_lies_behind() -> None:
    there = points([(200, 0), (700, 0)])
    # 500 m ahead at 10 m a second; behind, round the block: 3,000 - 500 m.
    assert as_dict(times(BLOCK, there, there)) == {
        ("p000", "p000"): 0,
        ("p000", "p001"): 500,
        ("p001", "p000"): 2500,
        ("p001", "p001"): 0,
    }


def test_the_way_off_the_street_is_walked() -> None:
    # 48 m at 4.8 km/h are 36 seconds, at each end; 500 m at 10 m a second.
    found = times(BLOCK, points([(200, -48)], "o"), points([(700, -48)], "d"))
    assert as_dict(found) == {("o000", "d000"): 360 + 500 + 360}
    slow = times(BLOCK, points([(200, -48)], "o"), points([(700, -48)], "d"), kmh=2.4)
    assert as_dict(slow) == {("o000", "d000"): 720 + 500 + 720}


def test_a_spur_is_a_way_both_there_and_back() -> None:
    west, east = points([(-100, 0)], "w"), points([(1100, 500)], "e")
    assert as_dict(times(BLOCK, west, east)) == {("w000", "e000"): 100 + 1500 + 100}
    assert as_dict(times(BLOCK, east, west)) == {("e000", "w000"): 100 + 1500 + 100}


def test_a_node_with_one_way_on_that_is_not_back_is_searched_through() -> None:
    # A ring of one-ways at different speeds: each node has a single way on, and never back.
    ring = made_roads(
        [(0, 0), (100, 0), (100, 100), (0, 100)],
        [(0, 1, 36, 0), (1, 2, 18, 0), (2, 3, 36, 0), (3, 0, 18, 0)],
    )
    found = as_dict(times(ring, points([(50, 0)], "o"), points([(0, 50)], "d")))
    assert found == {("o000", "d000"): 50 + 200 + 100 + 100}


def test_at_a_corner_every_street_is_at_hand() -> None:
    # South-west of the block's corner at (0, 0), between the one-way east and the spur west.
    corner, west, south = points([(0, -48)], "c"), points([(-50, 0)], "w"), points([(300, 0)], "s")
    assert as_dict(times(BLOCK, corner, west)) == {("c000", "w000"): 360 + 50}
    assert as_dict(times(BLOCK, corner, south)) == {("c000", "s000"): 360 + 300}
    assert as_dict(times(BLOCK, west, corner)) == {("w000", "c000"): 50 + 360}


def test_mode_and_method_say_what_the_times_are() -> None:
    at = points([(10, 0)])
    assert times(BLOCK, at, at).mode == "cycle"
    drive = one_way_town(seed=64, settings=DriveSettings())
    found = times(drive, at, at)
    assert found.mode == "drive"
    assert "no congestion, parking not counted" in found.method


def test_nobody_starts_in_a_trap() -> None:
    # A one-way out of the town passes the point: it is put on the street behind it.
    roads = made_roads(
        [(0, 0), (1000, 0), (500, 0), (500, 300)],
        [(0, 2, 36, 36), (2, 1, 36, 36), (2, 3, 36, 0)],
    )
    found = times(roads, points([(505, 200)], "o"), points([(1000, 0)], "d"))
    # 200 m on foot at 4.8 km/h, 495 m at 10 m a second.
    assert as_dict(found) == {("o000", "d000"): 1500 + 495}
    assert [note.what for note in found.notes] == ["cycle_one_ways_without_return"]


@pytest.mark.parametrize("settings", SETTINGS, ids=["cycle", "drive"])
def test_islands_seas_and_rims_keep_their_status(settings) -> None:
    town = [(100.0 * i, 0.0) for i in range(60)]
    island = [(100.0 * i, 3000.0) for i in range(60)]
    spurs = [(x, y + 20) for x, y in town + island]
    pieces = [(i, i + 1, 30.0, 30.0) for i in range(59)]
    pieces += [(60 + i, 61 + i, 30.0, 30.0) for i in range(59)]
    pieces += [(i, 120 + i, 30.0, 30.0) for i in range(120)]
    roads = made_roads(town + island + spurs, pieces, settings=settings)
    home = gpd.GeoSeries(
        [shapely.Point(50, 0), shapely.Point(50, 1000), shapely.Point(50, -9000), None],
        index=["a home", "b boat", "c sea", "d unknown"],
        crs=CRS,
    )
    sites = points([(5000, 0), (5000, 3000)], "site")
    found = times(roads, home, sites)
    assert found.origin_status.tolist() == [
        "connected",
        "not_connected",
        "outside_extent",
        "no_data",
    ]
    assert {note.what: note.items for note in found.notes} == {
        "origin_not_connected": ("b boat",),
        "origin_outside_extent": ("c sea",),
        "origin_no_data": ("d unknown",),
    }
    mode = MODE_WORDS[found.mode]
    assert all(note.text.endswith(f" ({mode}).") for note in found.notes)
    assert set(as_dict(found)) == {("a home", "site000")}
    there = nearest(found, sites.index[1:])["status"]
    assert there.tolist() == ["unreachable", "not_connected", "outside_extent", "no_data"]
