from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from street_grids import grid_segments, town_with_islands

from planner.errors import TravelError
from planner.travel.streets import (
    Streets,
    _hilbert,
    build_streets,
    from_osmnx,
    to_deciseconds,
    to_graph,
)


def net(xy: list[tuple[float, float]], pairs: list[tuple[int, int]]) -> Streets:
    at, ends = np.array(xy, float), np.array(pairs, np.int32).reshape(-1, 2)
    return build_streets(at[:, 0], at[:, 1], ends[:, 0], ends[:, 1])


def test_a_chain_becomes_one_edge_that_keeps_its_bend() -> None:
    streets = net([(0, 0), (30, 40), (30, 100)], [(0, 1), (1, 2)])
    assert len(streets.node_x) == 2
    assert streets.edge_metres.tolist() == [110.0]
    line = streets.to_lines()[0]
    assert {line.coords[0], line.coords[2]} == {(0.0, 0.0), (30.0, 100.0)}
    assert line.coords[1] == (30.0, 40.0)


def test_a_junction_stays_a_node() -> None:
    streets = net([(0, 0), (100, 0), (200, 0), (100, 50)], [(0, 1), (1, 2), (1, 3)])
    assert len(streets.node_x) == 4
    assert sorted(streets.edge_metres) == [50.0, 100.0, 100.0]


def test_a_ring_that_meets_nothing_is_a_loop() -> None:
    streets = net([(0, 0), (30, 0), (30, 40)], [(0, 1), (1, 2), (2, 0)])
    assert len(streets.node_x) == 1
    assert streets.edge_from.tolist() == streets.edge_to.tolist() == [0]
    assert streets.edge_metres.tolist() == [120.0]


def test_a_close_that_returns_to_its_junction_is_a_loop_beside_its_street() -> None:
    streets = net([(0, 0), (100, 0), (130, 0), (130, 40)], [(0, 1), (1, 2), (2, 3), (3, 1)])
    assert len(streets.node_x) == 2
    loops = streets.edge_metres[streets.edge_from == streets.edge_to]
    assert loops.tolist() == [120.0]
    graph = to_graph(streets, walk_kmh=4.8)
    assert graph.deciseconds.tolist() == [750, 750]  # a loop leads nowhere


def test_parallel_edges_both_stay_and_the_quicker_is_walked() -> None:
    streets = net(
        [(0, 0), (100, 0), (50, 120), (-50, 0), (150, 0)],
        [(0, 1), (0, 2), (2, 1), (3, 0), (1, 4)],
    )
    assert sorted(streets.edge_metres) == [50.0, 50.0, 100.0, 260.0]
    graph = to_graph(streets, walk_kmh=4.8)
    assert sorted(graph.deciseconds.tolist()) == [375, 375, 375, 375, 750, 750]
    assert sorted(graph.edge_deciseconds.tolist()) == [375, 375, 750, 1950]


def test_repeated_segments_and_points_joined_to_themselves_add_nothing() -> None:
    streets = net([(0, 0), (100, 0)], [(0, 1), (1, 0), (0, 1), (1, 1)])
    assert streets.edge_metres.tolist() == [100.0]


def test_no_segment_is_refused() -> None:
    with pytest.raises(TravelError, match="no streets"):
        net([(0, 0), (1, 1)], [(0, 0)])


def test_deciseconds_by_hand() -> None:
    # 4.8 km/h is 7.5 deciseconds a metre: 0; above 0; 7.5 and 22.5 go to even; 750.
    given = np.array([0.0, 0.001, 1.0, 3.0, 100.0])
    assert to_deciseconds(given, walk_kmh=4.8).tolist() == [0, 1, 8, 22, 750]


def test_a_speed_of_nothing_is_refused() -> None:
    with pytest.raises(TravelError):
        to_deciseconds(np.array([1.0]), walk_kmh=0.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_contraction_keeps_every_metre_and_every_distance(seed: int) -> None:
    x, y, start, end = grid_segments(15, 15, seed=seed)
    before = (x.copy(), start.copy())
    streets = build_streets(x, y, start, end)
    assert np.array_equal(x, before[0])
    assert np.array_equal(start, before[1])
    length = np.hypot(x[start] - x[end], y[start] - y[end])
    assert streets.edge_metres.sum() == pytest.approx(length.sum())
    assert shapely.length(streets.to_lines()) == pytest.approx(streets.edge_metres)
    # Distances between kept nodes are those of the network with every bend a node.
    raw = dijkstra(coo_array((length, (start, end)), shape=(len(x),) * 2).tocsr(), directed=False)
    where = {(a, b): i for i, (a, b) in enumerate(zip(x, y, strict=True))}
    same = [where[c] for c in zip(streets.node_x, streets.node_y, strict=True)]
    plain = nx.MultiGraph()
    plain.add_nodes_from(range(len(streets.node_x)))
    plain.add_weighted_edges_from(
        zip(streets.edge_from, streets.edge_to, streets.edge_metres, strict=True)
    )
    for source in range(0, len(streets.node_x), 17):
        found = nx.single_source_dijkstra_path_length(plain, source)
        for target, metres in found.items():
            assert metres == pytest.approx(raw[same[source], same[target]])
        assert len(found) == np.isfinite(raw[same[source]][same]).sum()


def test_lines_run_from_first_to_last_node() -> None:
    streets = town_with_islands(seed=4)
    for edge, line in enumerate(streets.to_lines()):
        a, b = streets.edge_from[edge], streets.edge_to[edge]
        assert line.coords[0] == (streets.node_x[a], streets.node_y[a])
        assert line.coords[-1] == (streets.node_x[b], streets.node_y[b])


def test_pieces_are_those_of_networkx_the_largest_first() -> None:
    streets = town_with_islands(seed=5)
    plain = nx.Graph(list(zip(streets.edge_from, streets.edge_to, strict=True)))
    expected = sorted((len(piece) for piece in nx.connected_components(plain)), reverse=True)
    assert streets.component_nodes.tolist() == expected
    for piece in nx.connected_components(plain):
        assert len({int(streets.node_component[v]) for v in piece}) == 1


def test_a_hilbert_curve_steps_to_a_neighbouring_cell() -> None:
    column, row = (cell.ravel().astype(float) for cell in np.meshgrid(np.arange(8), np.arange(8)))
    place = _hilbert(column, row, bits=3)
    assert sorted(place) == list(range(64))
    order = np.argsort(place)
    steps = np.abs(np.diff(column[order])) + np.abs(np.diff(row[order]))
    assert set(steps) == {1.0}


def test_from_osmnx_takes_lengths_and_bends_and_forgets_directions() -> None:
    graph = nx.MultiDiGraph(crs="EPSG:27700")
    for node, (x, y) in {10: (0, 0), 20: (100, 0), 30: (100, 100)}.items():
        graph.add_node(node, x=x, y=y)
    bend = [(0, 0), (50, 20), (100, 0)]
    graph.add_edge(10, 20, length=111.0, geometry=shapely.LineString(bend))
    graph.add_edge(20, 10, length=111.0, geometry=shapely.LineString(bend[::-1]))
    graph.add_edge(10, 20, length=100.0)
    graph.add_edge(20, 30, length=101.5)
    streets = from_osmnx(graph)
    assert sorted(streets.edge_metres) == [100.0, 101.5, 111.0]
    assert len(streets.node_x) == 3
    assert max(len(line.coords) for line in streets.to_lines()) == 3


def test_from_osmnx_projects_degrees() -> None:
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_node(1, x=-2.0, y=49.0)  # the grid's true origin: (400000, -100000)
    graph.add_node(2, x=-2.0, y=49.01)
    graph.add_edge(1, 2, length=1112.0)
    streets = from_osmnx(graph)
    assert streets.node_x == pytest.approx([400_000, 400_000], abs=150)
    assert streets.node_y.min() == pytest.approx(-100_000, abs=150)


@pytest.mark.parametrize("lacking", ["crs", "x", "length"])
def test_from_osmnx_names_what_is_lacking(lacking: str) -> None:
    graph = nx.MultiDiGraph(**({} if lacking == "crs" else {"crs": "EPSG:27700"}))
    graph.add_node(1, x=0, y=0)
    graph.add_node(2, **({"y": 0} if lacking == "x" else {"x": 1, "y": 0}))
    graph.add_edge(1, 2, **({} if lacking == "length" else {"length": 1.0}))
    with pytest.raises(TravelError, match=lacking):
        from_osmnx(graph)
