from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from street_grids import points, scattered, town_with_islands

from planner.errors import TravelError
from planner.travel import snap as snap_module
from planner.travel.snap import snap_points
from planner.travel.streets import SUBSTANTIAL_NODES, Streets, build_streets


@pytest.fixture(autouse=True, params=["drawn once", "drawn near the points"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything holds for large networks, which are not drawn as a whole, too."""
    if request.param == "drawn near the points":
        monkeypatch.setattr(snap_module, "DRAWN_EDGES", 0)


def comb(
    teeth: int, *, x: float, y: float
) -> tuple[list[float], list[float], list[int], list[int]]:
    """A street eastwards with a dead end of 20 m every 100 m: 2 nodes for each."""
    xs, ys, start, end = [], [], [], []
    for i in range(teeth):
        xs += [x + 100 * i, x + 100 * i]
        ys += [y, y + 20]
        start.append(2 * i)
        end.append(2 * i + 1)
        if i:
            start.append(2 * i - 2)
            end.append(2 * i)
    return xs, ys, start, end


def town(*pieces: tuple[int, float, float]) -> Streets:
    """Combs of so many teeth at so many metres east and north."""
    xs: list[float] = []
    ys: list[float] = []
    start: list[int] = []
    end: list[int] = []
    for teeth, x, y in pieces:
        cx, cy, cs, ce = comb(teeth, x=x, y=y)
        start += [len(xs) + s for s in cs]
        end += [len(xs) + e for e in ce]
        xs += cx
        ys += cy
    return build_streets(
        np.array(xs), np.array(ys), np.array(start, np.int32), np.array(end, np.int32)
    )


def snap(streets: Streets, xy: list[tuple[float, float]], *, extent: float = 1600.0):
    return snap_points(streets, points(xy), snap_metres=400, extent_metres=extent)


def test_a_point_goes_to_the_middle_of_an_edge() -> None:
    streets = town((40, 0.0, 0.0))
    spot = snap(streets, [(130.0, -50.0)])
    assert spot.status.tolist() == ["connected"]
    assert spot.metres_off.tolist() == [50.0]
    assert sorted([spot.metres_from[0], spot.metres_to[0]]) == pytest.approx([30.0, 70.0])
    first = streets.edge_from[spot.edge[0]]
    assert spot.metres_from[0] == pytest.approx(abs(streets.node_x[first] - 130.0))


def test_every_point_takes_the_nearest_edge_by_brute_force() -> None:
    streets = town_with_islands(seed=21)
    at = scattered(400, seed=3, prefix="p")
    spot = snap_points(streets, at, snap_metres=400, extent_metres=1600)
    lines = streets.to_lines()
    piece = streets.node_component[streets.edge_from]
    size = streets.component_nodes[piece]
    large = (size >= SUBSTANTIAL_NODES) | (piece == 0)
    assert {"connected", "not_connected"} <= set(spot.status)
    for i, point in enumerate(at):
        metres = shapely.distance(lines, point)
        best, any_best = metres[large].min(), metres.min()
        if best <= 400:
            assert spot.metres_off[i] == pytest.approx(best)
            assert metres[spot.edge[i]] == pytest.approx(best)
            assert large[spot.edge[i]]
            assert spot.past_detached[i] == (any_best < best)
        elif best > 1600:
            assert spot.status[i] == "outside_extent"
        elif any_best <= 400:
            assert spot.metres_off[i] == pytest.approx(any_best)
        else:
            assert spot.status[i] == "not_connected"
            assert spot.edge[i] == spot.component[i] == -1
            assert np.isnan(spot.metres_from[i])


def test_a_small_detached_piece_is_passed_over_for_the_main_network_within_the_cap() -> None:
    streets = town((40, 0.0, 0.0), (5, 1000.0, 200.0))
    spot = snap(streets, [(1030.0, 190.0)])
    assert spot.component.tolist() == [0]
    assert spot.past_detached.tolist() == [True]
    assert spot.metres_off.tolist() == pytest.approx([np.hypot(30, 170)])


def test_a_small_detached_piece_alone_in_reach_is_taken() -> None:
    streets = town((40, 0.0, 0.0), (5, 1000.0, 700.0))
    spot = snap(streets, [(1030.0, 690.0)])
    assert spot.status.tolist() == ["connected"]
    assert spot.component.tolist() == [1]
    assert not spot.past_detached[0]


def test_a_detached_town_keeps_its_own_people() -> None:
    streets = town((40, 0.0, 0.0), (30, 1000.0, 200.0))
    spot = snap(streets, [(1030.0, 190.0)])
    assert spot.component.tolist() == [1]


def test_far_and_outside_are_different_things() -> None:
    streets = town((40, 0.0, 0.0))
    at = [(100.0, -400.0), (100.0, -401.0), (100.0, -1600.0), (100.0, -1601.0)]
    expected = ["connected", "not_connected", "not_connected", "outside_extent"]
    assert snap(streets, at).status.tolist() == expected


def test_a_scrap_of_street_beyond_the_extent_is_outside() -> None:
    streets = town((40, 0.0, 0.0), (5, 100.0, -3000.0))
    assert snap(streets, [(100.0, -2990.0)]).status.tolist() == ["outside_extent"]


def test_a_point_without_a_place_has_no_data() -> None:
    at = gpd.GeoSeries(
        [None, shapely.Point(), shapely.Point(100, 5)], index=["a", "b", "c"], crs="EPSG:27700"
    )
    spot = snap_points(town((40, 0.0, 0.0)), at, snap_metres=400, extent_metres=1600)
    assert spot.status.tolist() == ["no_data", "no_data", "connected"]


def test_the_order_of_points_changes_nothing() -> None:
    streets = town_with_islands(seed=22)
    at = scattered(200, seed=4, prefix="p")
    one = snap_points(streets, at, snap_metres=400, extent_metres=1600)
    two = snap_points(streets, at[::-1], snap_metres=400, extent_metres=1600)
    assert np.array_equal(one.edge, two.edge[::-1])
    assert np.array_equal(one.metres_from, two.metres_from[::-1], equal_nan=True)


@pytest.mark.parametrize(
    "wrong",
    [
        gpd.GeoSeries([shapely.Point(-3, 51)], index=["a"], crs="EPSG:4326"),
        gpd.GeoSeries([shapely.box(0, 0, 1, 1)], index=["a"], crs="EPSG:27700"),
    ],
    ids=["degrees", "areas"],
)
def test_other_things_than_points_on_the_national_grid_are_refused(wrong: gpd.GeoSeries) -> None:
    with pytest.raises(TravelError):
        snap_points(town((3, 0.0, 0.0)), wrong, snap_metres=400, extent_metres=1600)


def test_a_large_network_gives_what_a_small_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    for seed in range(6):
        streets = town_with_islands(seed=seed)
        low, high = (f(streets.node_x) for f in (np.min, np.max))
        # Far outside and far from any street, on nodes, and at the same distance of two edges.
        xy = rng.uniform(low - 3000, high + 3000, (60, 2))
        on_nodes = np.column_stack([streets.node_x, streets.node_y])[:40]
        asked = points([*map(tuple, xy), *map(tuple, on_nodes)])
        found = []
        for edges in (10**9, 0):
            monkeypatch.setattr(snap_module, "DRAWN_EDGES", edges)
            found.append(snap_points(streets, asked, snap_metres=300, extent_metres=1600))
        for name in ("status", "edge", "metres_off", "metres_from", "past_detached"):
            np.testing.assert_array_equal(*(getattr(one, name) for one in found))
        assert len(set(found[0].status)) > 1
