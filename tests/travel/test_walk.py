from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from street_grids import CRS, add_points, points, reference_graph, scattered, town_with_islands

from planner.errors import TravelError
from planner.travel.snap import snap_points
from planner.travel.streets import Streets, build_streets
from planner.travel.times import TravelTimes
from planner.travel.walk import build_straight_line_times, build_walk_times


def walk(
    streets: Streets,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    cutoff: float = 120.0,
    kmh: float = 4.8,
) -> TravelTimes:
    return build_walk_times(
        streets,
        origins,
        destinations,
        walk_kmh=kmh,
        cutoff_minutes=cutoff,
        snap_metres=400,
        extent_metres=1600,
    )


def as_dict(times: TravelTimes) -> dict[tuple[str, str], int]:
    table = times.pairs
    origin = times.origins[table["origin"]]
    destination = times.destinations[table["destination"]]
    return dict(zip(zip(origin, destination, strict=True), table["deciseconds"], strict=True))


def expected(
    streets: Streets,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    cutoff: float,
    kmh: float,
) -> dict[tuple[str, str], int]:
    """The same by networkx, from the streets and the edges the points are on."""
    edges: dict[str, int] = {}
    for at in (origins, destinations):
        spot = snap_points(streets, at, snap_metres=400, extent_metres=1600)
        edges |= {i: int(e) for i, e in zip(at.index, spot.edge, strict=True) if e >= 0}
    graph = reference_graph(streets, kmh)
    add_points(graph, streets, edges, origins, destinations, kmh)
    found = {}
    for origin in origins.index.intersection(list(edges)):
        times = nx.single_source_dijkstra_path_length(
            graph, origin, cutoff=cutoff * 600, weight="time"
        )
        found |= {(origin, d): times[d] for d in destinations.index if d in times}
    return found


@pytest.mark.parametrize("seed", [31, 32, 33])
@pytest.mark.parametrize("kmh", [4.8, 3.1])
def test_walks_are_exactly_those_of_networkx(seed: int, kmh: float) -> None:
    streets = town_with_islands(seed=seed)
    origins = scattered(120, seed=seed, prefix="o")
    destinations = scattered(100, seed=seed + 100, prefix="d")
    found = as_dict(walk(streets, origins, destinations, kmh=kmh, cutoff=45))
    assert len(found) > 700
    assert found == expected(streets, origins, destinations, cutoff=45, kmh=kmh)


def test_both_directions_take_the_same_time() -> None:
    streets = town_with_islands(seed=34)
    few, many = scattered(20, seed=1, prefix="a"), scattered(90, seed=2, prefix="b")
    there = as_dict(walk(streets, few, many))
    back = as_dict(walk(streets, many, few))
    assert there == {(a, b): time for (b, a), time in back.items()}


def test_the_order_of_points_changes_nothing() -> None:
    streets = town_with_islands(seed=35)
    origins, destinations = scattered(50, seed=5, prefix="o"), scattered(50, seed=6, prefix="d")
    shuffled = origins.set_axis(origins.index[::-1]).sort_index()
    one, two = (
        as_dict(walk(streets, origins, destinations)),
        as_dict(walk(streets, shuffled, destinations)),
    )
    other = dict(zip(origins.index, origins.index[::-1], strict=True))
    assert one == {(other[a], b): time for (a, b), time in two.items()}


def test_many_blocks_on_several_threads_give_what_one_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    streets = town_with_islands(seed=36)
    origins, destinations = scattered(150, seed=7, prefix="o"), scattered(150, seed=8, prefix="d")
    one = walk(streets, origins, destinations)
    monkeypatch.setattr("planner.travel.blocks.BLOCK_ORIGINS", 7)
    assert walk(streets, origins, destinations).pairs.equals(one.pairs)


STREET = build_streets(
    np.array([0.0, 1000.0]), np.array([0.0, 0.0]), np.array([0], np.int32), np.array([1], np.int32)
)


def test_on_one_edge_people_walk_straight_along_it() -> None:
    # 10 m to the street, 200 m along it, 20 m off it: 230 m at 7.5 deciseconds each.
    times = walk(STREET, points([(100, 10)], "o"), points([(300, -20)], "d"))
    assert as_dict(times) == {("o000", "d000"): 1725}


def test_the_same_spot_takes_no_time_however_far_from_the_street() -> None:
    times = walk(STREET, points([(100, 300)], "o"), points([(100, 300)], "d"))
    assert as_dict(times) == {("o000", "d000"): 0}


def test_a_walk_of_exactly_the_cutoff_is_within_it() -> None:
    # 240 m are 1,800 deciseconds: three minutes.
    there = points([(340, 0), (341, 0)], "d")
    assert as_dict(walk(STREET, points([(100, 0)], "o"), there, cutoff=3)) == {
        ("o000", "d000"): 1800
    }


def test_a_loop_is_walked_the_short_way_round() -> None:
    ring = build_streets(
        np.array([0.0, 300, 300, 0]),
        np.array([0.0, 0, 100, 100]),
        np.array([0, 1, 2, 3], np.int32),
        np.array([1, 2, 3, 0], np.int32),
    )
    node = float(ring.node_x[0]), float(ring.node_y[0])
    assert node == (0.0, 0.0)
    # Both 40 m from the one node, on different sides: 80 m over it, 720 m the other way.
    times = walk(ring, points([(40, 0)], "o"), points([(0, 40)], "d"))
    assert as_dict(times) == {("o000", "d000"): 600}


def test_points_that_cannot_be_placed_keep_their_own_status_and_are_named() -> None:
    origins = gpd.GeoSeries(
        [shapely.Point(500, 10), shapely.Point(500, 700), shapely.Point(500, 9000), None],
        index=["home", "hut", "other", "unknown"],
        crs=CRS,
    ).sort_index()
    times = walk(STREET, origins, points([(10, 0)], "d"))
    assert times.origin_status.to_dict() == {
        "home": "connected",
        "hut": "not_connected",
        "other": "outside_extent",
        "unknown": "no_data",
    }
    assert times.origin_component.to_dict() == {"home": 0, "hut": -1, "other": -1, "unknown": -1}
    notes = {note.what: note.items for note in times.notes}
    assert notes == {
        "origin_not_connected": ("hut",),
        "origin_outside_extent": ("other",),
        "origin_no_data": ("unknown",),
    }


@pytest.mark.parametrize("empty", ["origins", "destinations"])
def test_nobody_or_nowhere_is_an_empty_table(empty: str) -> None:
    some, none = points([(1, 1)]), points([])
    times = walk(
        STREET, none if empty == "origins" else some, none if empty == "destinations" else some
    )
    assert len(times.pairs) == 0


def test_progress_ends_at_one() -> None:
    said: list[float] = []
    build_walk_times(
        STREET,
        points([(1, 1)] * 3, "o"),
        points([(9, 1)] * 3, "d"),
        walk_kmh=4.8,
        cutoff_minutes=10,
        snap_metres=400,
        extent_metres=400,
        progress=lambda words, share: said.append(share),
    )
    assert said[-1] == 1.0


@pytest.mark.parametrize("cutoff", [0.0, -1.0, float("nan")])
def test_a_cutoff_that_cannot_be_is_refused(cutoff: float) -> None:
    with pytest.raises(TravelError):
        walk(STREET, points([(1, 1)]), points([(1, 1)]), cutoff=cutoff)


def test_unsorted_or_unprojected_points_are_refused() -> None:
    good = points([(1, 1), (2, 2)])
    for bad in (good[::-1], good.to_crs("EPSG:4326"), pd.concat([good, good]).sort_index()):
        with pytest.raises(TravelError):
            walk(STREET, bad, good)


def test_straight_lines_by_hand() -> None:
    # 3-4-5 triangle of 500 m × 1.3 = 650 m at 7.5 deciseconds each.
    times = build_straight_line_times(
        points([(0, 0)], "o"),
        points([(300, 400), (0, 0), (0, 5000)], "d"),
        walk_kmh=4.8,
        detour=1.3,
        cutoff_minutes=60,
    )
    assert as_dict(times) == {("o000", "d000"): 4875, ("o000", "d001"): 0}
    assert times.approximate
    assert times.method == "straight line × 1.3"
    assert set(times.origin_status) | set(times.destination_status) == {"connected"}
    assert set(times.origin_component) | set(times.destination_component) == {0}


def test_straight_lines_are_those_of_every_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.travel.blocks.BLOCK_PAIRS", 500)  # several blocks
    origins, destinations = scattered(80, seed=9, prefix="o"), scattered(70, seed=10, prefix="d")
    times = build_straight_line_times(
        origins, destinations, walk_kmh=5.0, detour=1.25, cutoff_minutes=30
    )
    metres = origins.apply(lambda point: destinations.distance(point)) * 1.25
    whole = np.rint(metres * 7.2)
    expected = {
        (a, b): int(whole.loc[a, b])
        for a in origins.index
        for b in destinations.index
        if whole.loc[a, b] <= 18_000
    }
    assert as_dict(times) == expected


def test_straight_lines_from_nowhere_are_no_data() -> None:
    origins = gpd.GeoSeries([None, shapely.Point(0, 0)], index=["a", "b"], crs=CRS)
    times = build_straight_line_times(
        origins, points([(0, 0)]), walk_kmh=4.8, detour=1.3, cutoff_minutes=10
    )
    assert times.origin_status.to_dict() == {"a": "no_data", "b": "connected"}
    assert [note.what for note in times.notes] == ["origin_no_data"]
    assert as_dict(times) == {("b", "p000"): 0}
