from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from street_grids import made_roads, one_way_town, reference_roads

from planner.errors import TravelError
from planner.travel.osmnx_roads import from_osmnx_roads
from planner.travel.roads import Roads, to_road_graph, turn_graph
from planner.travel.ways import FLOWING, MINOR, CycleSettings, DriveSettings

DRIVE = DriveSettings(signal_seconds=10, junction_seconds=4)

Place = tuple[float, float]


def arcs(roads: Roads) -> dict[tuple[Place, Place], int]:
    """Every direction one can go between neighbouring nodes, by where they are."""
    graph, streets = to_road_graph(roads), roads.streets
    at = [(float(x), float(y)) for x, y in zip(streets.node_x, streets.node_y, strict=True)]
    return {
        (at[v], at[int(graph.indices[arc])]): int(graph.deciseconds[arc])
        for v in range(len(at))
        for arc in range(graph.indptr[v], graph.indptr[v + 1])
    }


#: A square of one-ways, 100 m a side; at 36 km/h a side takes 100 deciseconds.
SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
A, B, C, D = SQUARE


def test_one_ways_lead_one_way() -> None:
    # Two-way diagonals at A and C make them junctions, so that they stay.
    roads = made_roads(
        [*SQUARE, (-50.0, 0.0), (150.0, 100.0)],
        [
            (0, 1, 36, 0),
            (1, 2, 36, 0),
            (2, 3, 36, 0),
            (0, 3, 0, 36),
            (0, 4, 36, 36),
            (5, 2, 36, 36),
        ],
    )
    west, east = (-50.0, 0.0), (150.0, 100.0)
    assert arcs(roads) == {
        (A, C): 200,
        (C, A): 200,
        (A, west): 50,
        (west, A): 50,
        (C, east): 50,
        (east, C): 50,
    }


def test_a_node_stays_where_the_speed_changes_and_no_time_is_lost() -> None:
    roads = made_roads(
        [(0, 0), (100, 0), (200, 0), (300, 0)], [(0, 1, 36, 36), (1, 2, 36, 36), (2, 3, 18, 18)]
    )
    assert arcs(roads) == {
        ((0.0, 0.0), (200.0, 0.0)): 200,
        ((200.0, 0.0), (0.0, 0.0)): 200,
        ((200.0, 0.0), (300.0, 0.0)): 200,
        ((300.0, 0.0), (200.0, 0.0)): 200,
    }


def test_a_speed_may_differ_by_direction_along_a_chain_drawn_either_way() -> None:
    roads = made_roads([(0, 0), (100, 0), (200, 0)], [(0, 1, 36, 18), (2, 1, 18, 36)])
    assert arcs(roads) == {((0.0, 0.0), (200.0, 0.0)): 200, ((200.0, 0.0), (0.0, 0.0)): 400}


def test_a_signal_on_a_chain_costs_only_in_its_direction() -> None:
    roads = made_roads(
        [(0, 0), (100, 0), (200, 0)],
        [(0, 1, 36, 36), (1, 2, 36, 36)],
        settings=DRIVE,
        signals={0: (True, False)},
    )
    there, back = arcs(roads), ((200.0, 0.0), (100.0, 0.0))
    assert there[(0.0, 0.0), (100.0, 0.0)] == 100 + 100
    assert there[back] == 100


@pytest.mark.parametrize(
    ("kinds", "signals", "expected"),
    [
        ({}, {}, 100 + 40),  # a junction
        ({}, {0: (True, False)}, 100 + 100),  # a signal instead of it, not on top
        ({2: MINOR}, {}, 100),  # a driveway makes no junction
        ({0: FLOWING}, {}, 100),  # round a roundabout
        ({1: FLOWING, 2: FLOWING}, {}, 100 + 40),  # into one
    ],
)
def test_waits_at_junctions_by_hand(
    kinds: dict[int, int], signals: dict[int, tuple[bool, bool]], expected: int
) -> None:
    roads = made_roads(
        [(0, 0), (100, 0), (200, 0), (100, 50)],
        [(0, 1, 36, 36), (1, 2, 36, 36), (1, 3, 36, 36)],
        settings=DRIVE,
        kinds=kinds,
        signals=signals,
    )
    assert arcs(roads)[(0.0, 0.0), (100.0, 0.0)] == expected


def test_cycles_lose_nothing_at_junctions() -> None:
    roads = made_roads(
        [(0, 0), (100, 0), (200, 0), (100, 50)], [(0, 1, 36, 36), (1, 2, 36, 36), (1, 3, 36, 36)]
    )
    assert arcs(roads)[(0.0, 0.0), (100.0, 0.0)] == 100


def test_streets_without_return_are_left_out_and_named() -> None:
    # A two-way street of two pieces; one-ways that only leave it, only join it, and a trap.
    roads = made_roads(
        [(0, 0), (100, 0), (200, 0), (0, 100), (200, 100), (300, 100)],
        [(0, 1, 36, 36), (1, 2, 36, 36), (0, 3, 36, 0), (4, 2, 36, 0), (2, 5, 36, 0)],
    )
    assert len(roads.streets.node_x) == 2
    (note,) = roads.notes
    assert note.what == "cycle_one_ways_without_return"
    assert (note.count, note.items) == (3, ("street 2", "street 3", "street 4"))


def test_two_towns_joined_one_way_only_are_two_pieces() -> None:
    roads = made_roads(
        [(0, 0), (100, 0), (1000, 0), (1100, 0)], [(0, 1, 36, 36), (1, 2, 36, 0), (2, 3, 36, 36)]
    )
    assert roads.streets.component_nodes.tolist() == [2, 2]


def test_nothing_to_come_and_go_on_is_refused() -> None:
    with pytest.raises(TravelError, match="can be cycled"):
        made_roads([(0, 0), (100, 0)], [(0, 1, 36, 0)])
    with pytest.raises(TravelError, match="can be driven"):
        made_roads([(0, 0), (100, 0)], [(0, 1, 0, 0)], settings=DRIVE)


def test_repeated_pieces_count_once_with_the_quickest_way_each_direction() -> None:
    roads = made_roads(
        [(0, 0), (100, 0)], [(0, 1, 36, 0), (1, 0, 18, 9), (0, 1, 18, 18), (1, 1, 9, 9)]
    )
    assert arcs(roads) == {((0.0, 0.0), (100.0, 0.0)): 100, ((100.0, 0.0), (0.0, 0.0)): 200}


def test_a_ring_run_one_way_is_one_loop() -> None:
    roads = made_roads(SQUARE, [(0, 1, 36, 0), (1, 2, 36, 0), (2, 3, 36, 0), (3, 0, 36, 0)])
    assert roads.streets.edge_metres.tolist() == [400.0]
    assert sorted([roads.forward_kmh[0], roads.backward_kmh[0]]) == [0, 36]
    assert arcs(roads) == {}


@pytest.mark.parametrize("seed", [51, 52])
@pytest.mark.parametrize("settings", [CycleSettings(), DRIVE], ids=["cycle", "drive"])
def test_pieces_are_strongly_connected_and_turning_twice_is_the_same(seed: int, settings) -> None:
    roads = one_way_town(seed=seed, settings=settings)
    plain = reference_roads(roads)
    pieces = [*nx.strongly_connected_components(plain)]
    assert len(pieces) == roads.streets.node_component.max() + 1
    for piece in pieces:
        assert len({int(roads.streets.node_component[v]) for v in piece}) == 1
    graph = to_road_graph(roads)
    twice = turn_graph(turn_graph(graph))
    for name in ("indptr", "indices", "deciseconds"):
        assert np.array_equal(getattr(graph, name), getattr(twice, name))


# --- osmnx ---------------------------------------------------------------------------------------


def graph_of(
    *edges: tuple[int, int, dict[str, object]], **nodes: dict[str, str]
) -> nx.MultiDiGraph:
    """Nodes 1, 2, 3 at 0, 1,000 and 2,000 m east, and edges of a kilometre."""
    graph = nx.MultiDiGraph(crs="EPSG:27700")
    for node in (1, 2, 3):
        graph.add_node(node, x=1000.0 * node, y=0.0, **nodes.get(f"n{node}", {}))
    for tail, tip, data in edges:
        graph.add_edge(
            tail, tip, **{"length": 1000.0, "highway": "residential", "oneway": False} | data
        )
    return graph


def both(a: int, b: int, **data: object) -> list[tuple[int, int, dict[str, object]]]:
    return [(a, b, data), (b, a, {**data, "reversed": True})]


def easts(roads: Roads) -> dict[tuple[int, int], int]:
    return {(round(a[0] / 1000), round(b[0] / 1000)): t for (a, b), t in arcs(roads).items()}


def test_osmnx_directions_and_limits_are_kept() -> None:
    back = shapely.LineString([(2000, 0), (1500, 40), (1000, 0)])
    graph = graph_of(
        (1, 2, {"oneway": True, "highway": "primary", "maxspeed": "40 mph"}),
        (2, 1, {"oneway": True, "highway": "primary", "geometry": back, "length": 1100.0}),
        *both(2, 3, highway="unclassified"),
    )
    free = DriveSettings(junction_seconds=0)
    # 36 mph and 50 km/h; 36,000 deciseconds are an hour.
    assert easts(from_osmnx_roads(graph, free)) == {
        (1, 2): round(36_000 / (36 * 1.609344)),
        (2, 1): round(1.1 * 36_000 / 50),
        (2, 3): 900,
        (3, 2): 900,
    }


def test_osmnx_access_by_mode() -> None:
    graph = graph_of(*both(1, 2), *both(2, 3, highway="cycleway"))
    assert set(easts(from_osmnx_roads(graph, CycleSettings()))) == {(1, 2), (2, 1), (2, 3), (3, 2)}
    assert set(easts(from_osmnx_roads(graph, DRIVE))) == {(1, 2), (2, 1)}


def test_osmnx_contraflow_for_cycles() -> None:
    graph = graph_of((1, 2, {"oneway": True, "oneway:bicycle": "no"}))
    assert set(easts(from_osmnx_roads(graph, CycleSettings()))) == {(1, 2), (2, 1)}


def test_osmnx_joined_streets_take_the_slowest_and_all_must_be_open() -> None:
    graph = graph_of(
        *both(1, 2, highway=["tertiary", "primary"], maxspeed=["30 mph", "20 mph"]),
        *both(2, 3, access=["yes", "private"]),
    )
    roads = from_osmnx_roads(graph, DriveSettings(junction_seconds=0))
    slow = round(36_000 / (18 * 1.609344))
    assert easts(roads) == {(1, 2): slow, (2, 1): slow}


def test_osmnx_signals_and_unreadable_limits() -> None:
    graph = graph_of(*both(1, 2, maxspeed="soon"), *both(2, 3), n2={"highway": "traffic_signals"})
    roads = from_osmnx_roads(graph, DRIVE)
    lap = round(36_000 / 29)
    assert easts(roads) == {(1, 2): lap + 100, (3, 2): lap + 100, (2, 1): lap, (2, 3): lap}
    assert [(note.what, note.count) for note in roads.notes] == [
        ("drive_speed_limits_unreadable", 2)
    ]


def test_osmnx_traps_are_left_out() -> None:
    roads = from_osmnx_roads(graph_of(*both(1, 2), (2, 3, {"oneway": True, "osmid": 7})), DRIVE)
    assert set(easts(roads)) == {(1, 2), (2, 1)}
    assert roads.notes[0].items == ("street/7",)


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (nx.MultiGraph(crs="EPSG:27700"), "no directions"),
        (nx.MultiDiGraph(), "crs"),
        (nx.MultiDiGraph(crs="EPSG:27700"), "can be driven"),
        (graph_of(*both(1, 2, highway="footway")), "can be driven"),
        (graph_of((1, 2, {"oneway": True})), "can be driven"),
    ],
)
def test_osmnx_graphs_that_cannot_be_used(graph: nx.MultiDiGraph, said: str) -> None:
    with pytest.raises(TravelError, match=said):
        from_osmnx_roads(graph, DRIVE)
