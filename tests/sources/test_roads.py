from __future__ import annotations

import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pyproj
import pytest
from street_grids import (
    add_points,
    add_road_points,
    points,
    reference_graph,
    reference_roads,
    reference_times,
)

from planner.errors import DataError
from planner.sources.roads import read_roads
from planner.sources.streets import read_streets
from planner.travel.osmnx_roads import from_osmnx_roads
from planner.travel.roads import Roads, to_road_graph
from planner.travel.snap import snap_points
from planner.travel.street_times import build_street_times
from planner.travel.streets import Streets
from planner.travel.ways import CycleSettings, DriveSettings, RoadSettings

Tags = dict[str, str]
CYCLE, DRIVE = CycleSettings(), DriveSettings()
STREET = {"highway": "residential"}
MPH = 1.609344


def write_osm(
    path: Path,
    nodes: dict[int, tuple[float, float] | tuple[float, float, Tags]],
    ways: list[tuple[list[int], Tags]],
) -> Path:
    """Write a small .osm file: node → (east, north[, tags]) in metres; ways 1, 2, ..."""
    to_degrees = pyproj.Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    lines = ['<osm version="0.6">']

    def tagged(tags: Tags) -> str:
        return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())

    for number, (x, y, *tags) in nodes.items():
        lon, lat = to_degrees.transform(330_000 + x, 187_000 + y)
        lines.append(f'<node id="{number}" version="1" lon="{lon:.7f}" lat="{lat:.7f}">')
        lines.append(f"{tagged(tags[0] if tags else {})}</node>")
    for number, (refs, tags) in enumerate(ways, start=1):
        run = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}" version="1">{run}{tagged(tags)}</way>')
    path.write_text("\n".join([*lines, "</osm>"]))
    return path


def arcs(roads: Roads) -> dict[tuple[int, int], int]:
    """Every direction between neighbouring nodes, named by 100 m east."""
    graph, streets = to_road_graph(roads), roads.streets
    east = [round((float(x) - 330_000) / 100) for x in streets.node_x]
    return {
        (east[v], east[int(graph.indices[arc])]): int(graph.deciseconds[arc])
        for v in range(len(east))
        for arc in range(graph.indptr[v], graph.indptr[v + 1])
    }


ROW = {i: (100.0 * i, 0.0) for i in range(5)}


def test_ways_are_driven_as_drawn(tmp_path: Path) -> None:
    # A square whose north side is a one-way drawn westwards, so that east goes south about.
    nodes = {0: (0, 0), 1: (1000, 0), 2: (1000, 300), 3: (0, 300), 4: (-200, 0), 5: (1200, 0)}
    north = {"highway": "primary", "oneway": "yes", "maxspeed": "60 mph"}
    ways = [([4, 0, 1, 5], STREET), ([1, 2, 3, 0], north)]
    path = write_osm(tmp_path / "made.osm", nodes, ways)
    free = DriveSettings(junction_seconds=0)
    roads = read_roads(path, free)
    found = arcs(roads)
    # 200 m and 1,000 m at 29 km/h; 1,600 m at nine tenths of 60 mph.
    slow, quick = round(1000 * 36 / 29), round(1600 * 36 / (54 * MPH))
    assert found == pytest.approx(
        {
            **dict.fromkeys([(-2, 0), (0, -2), (10, 12), (12, 10)], 248),
            (0, 10): slow,
            (10, 0): quick,
        },
        abs=1,
    )
    assert (roads.forward_kmh == 0).sum() + (roads.backward_kmh == 0).sum() == 1


@pytest.mark.parametrize(
    ("barrier", "drive", "cycle"),
    [
        ({"barrier": "bollard"}, [2, 3], [5]),
        ({"barrier": "gate"}, [5], [5]),
        ({"barrier": "gate", "access": "private"}, [2, 3], [2, 3]),
    ],
)
def test_a_barrier_cuts_a_street_and_is_counted(
    tmp_path: Path, barrier: Tags, drive: list[int], cycle: list[int]
) -> None:
    nodes = {**ROW, 2: (200.0, 0.0, barrier)}
    path = write_osm(tmp_path / "made.osm", nodes, [([0, 1, 2, 3, 4], STREET)])
    for settings, vertices in ((DRIVE, drive), (CYCLE, cycle)):
        roads = read_roads(path, settings)
        cut = len(vertices) == 2
        assert len(roads.streets.edge_from) == len(vertices)
        assert roads.streets.edge_metres.sum() == pytest.approx(400, abs=0.5)
        assert [note.items for note in roads.notes] == ([("node/2",)] if cut else [])


def test_a_barrier_on_a_junction_is_not_looked_at(tmp_path: Path) -> None:
    nodes = {**ROW, 1: (100.0, 0.0, {"barrier": "bollard"}), 9: (100.0, 90.0)}
    path = write_osm(tmp_path / "made.osm", nodes, [([0, 1, 2], STREET), ([1, 9], STREET)])
    roads = read_roads(path, DRIVE)
    assert roads.streets.component_nodes.tolist() == [4]
    assert roads.notes == ()


def test_a_signal_costs_in_the_direction_it_faces(tmp_path: Path) -> None:
    lit = {"highway": "traffic_signals", "traffic_signals:direction": "backward"}
    nodes = {**ROW, 1: (100.0, 0.0, lit), 2: (200.0, 0.0, {"highway": "traffic_signals"})}
    path = write_osm(tmp_path / "made.osm", nodes, [([0, 1, 2, 3], STREET)])
    plain = round(100 * 36 / 29)
    found = arcs(read_roads(path, DRIVE))
    assert found == pytest.approx(
        {
            (0, 1): plain,
            (1, 0): plain,
            (1, 2): plain + 100,
            (2, 1): plain + 100,
            (2, 3): plain,
            (3, 2): plain + 100,
        },
        abs=1,
    )


def test_what_is_not_as_the_map_has_it_is_counted_and_named(tmp_path: Path) -> None:
    ways = [
        ([0, 1], {**STREET, "maxspeed": "<b>fast</b>"}),
        ([1, 2], {**STREET, "oneway": "reversible"}),
        ([1, 3], {**STREET, "oneway": "yes"}),
        ([1, 4, 77], STREET),
    ]
    roads = read_roads(write_osm(tmp_path / "made.osm", ROW, ways), DRIVE, what="a.osm")
    assert {note.what: note.items for note in roads.notes} == {
        "drive_streets_cut_at_rim": ("way/4",),
        "drive_speed_limits_unreadable": ("way/1",),
        "drive_reversible_streets": ("way/2",),
        "drive_one_ways_without_return": ("way/3",),
    }
    assert all("<b>" not in note.text + "".join(note.items) for note in roads.notes)


# --- files that will not do ------------------------------------------------------------------


@pytest.mark.parametrize("settings", [None, CYCLE, DRIVE], ids=["walk", "cycle", "drive"])
def test_files_without_streets_are_refused_in_words(
    tmp_path: Path, settings: RoadSettings | None
) -> None:
    read: Callable[[Path], object] = (
        read_streets if settings is None else lambda path: read_roads(path, settings)
    )
    for name, way in (("building.osm", {"building": "yes"}), ("rail.osm", {"highway": "raceway"})):
        with pytest.raises(DataError, match=rf"{name}: no street in this file can be") as refusal:
            read(write_osm(tmp_path / name, ROW, [([0, 1], way)]))
        assert refusal.value.hint


@pytest.mark.parametrize("settings", [CYCLE, DRIVE], ids=["cycle", "drive"])
def test_only_one_ways_are_refused_in_words(tmp_path: Path, settings: RoadSettings) -> None:
    path = write_osm(tmp_path / "rim.osm", ROW, [([0, 1, 2], {**STREET, "oneway": "yes"})])
    with pytest.raises(DataError, match=r"rim\.osm: .* there and back"):
        read_roads(path, settings)


def test_streets_without_positions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no positions"):
        read_roads(write_osm(tmp_path / "made.osm", {}, [([0, 1], STREET)]), DRIVE)


@pytest.mark.parametrize("settings", [None, CYCLE, DRIVE], ids=["walk", "cycle", "drive"])
def test_broken_files_are_refused_in_one_line(
    tmp_path: Path, shared: Path, settings: RoadSettings | None
) -> None:
    whole = (shared / "fixtures/osm/its-example.osm.pbf").read_bytes()
    zipped = tmp_path / "zipped.osm.pbf"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("town.osm.pbf", whole)
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[: len(whole) // 2])
    entities = tmp_path / "entities.osm"
    entities.write_text(
        '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>'
        '<osm version="0.6"><node id="1" version="1" lat="51" lon="-3"/></osm>'
    )
    for path, said in ((zipped, "zip archive"), (cut, "cut short"), (entities, "entities")):
        with pytest.raises(DataError, match=said) as refusal:
            read_streets(path) if settings is None else read_roads(path, settings)
        assert path.name in refusal.value.message
        assert "\n" not in refusal.value.message


# --- a made town, by the tags ----------------------------------------------------------------

#: Tags, then km/h along and against the way by cycle and by car, worked out by hand.
KINDS: list[tuple[Tags, tuple[float, float], tuple[float, float]]] = [
    ({"highway": "residential"}, (15, 15), (29, 29)),
    ({"highway": "residential", "maxspeed": "20 mph"}, (15, 15), (18 * MPH, 18 * MPH)),
    ({"highway": "tertiary", "maxspeed": "nonsense"}, (15, 15), (42, 42)),
    ({"highway": "secondary", "maxspeed": "national"}, (15, 15), (54 * MPH, 54 * MPH)),
    ({"highway": "primary", "oneway": "yes"}, (15, 0), (50, 0)),
    ({"highway": "residential", "oneway": "-1"}, (0, 15), (0, 29)),
    ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, (15, 15), (29, 0)),
    ({"highway": "unclassified", "oneway": "yes", "cycleway": "opposite"}, (15, 15), (40, 0)),
    ({"highway": "trunk", "motorroad": "yes"}, (0, 0), (75, 75)),
    ({"highway": "footway"}, (0, 0), (0, 0)),
    ({"highway": "pedestrian", "bicycle": "yes"}, (10, 10), (0, 0)),
    ({"highway": "cycleway"}, (15, 15), (0, 0)),
    ({"highway": "residential", "motor_vehicle": "no"}, (15, 15), (0, 0)),
    ({"highway": "residential", "access": "private"}, (0, 0), (0, 0)),
    ({"highway": "steps"}, (0, 0), (0, 0)),
    ({"highway": "path", "bicycle": "dismount"}, (4.8, 4.8), (0, 0)),
]
SHARE = np.array([16, 6, 4, 4, 3, 3, 3, 3, 2, 1, 1, 2, 1, 1, 1, 1]) / 52


def made_town(seed: int) -> tuple[dict[int, tuple[float, float]], list[tuple[list[int], Tags]]]:
    """A town of 15 × 15 crossings, streets of all kinds between them, and an island of 4."""
    rng = np.random.default_rng(seed)
    nodes = {}
    for row in range(15):
        for column in range(15):
            at = np.array([200.0 * column, 200.0 * row]) + rng.uniform(-60, 60, 2)
            nodes[100 * row + column] = (float(at[0]), float(at[1]))
    pairs = [(n, n + 1) for n in nodes if n % 100 < 14] + [(n, n + 100) for n in nodes if n < 1400]
    ways: list[tuple[list[int], Tags]] = []
    for a, b in pairs:
        kind = int(rng.choice(len(KINDS), p=SHARE))
        ways.append(([a, b] if rng.random() < 0.5 else [b, a], KINDS[kind][0]))
    island = {9000: (4000, 0), 9001: (4300, 0), 9002: (4300, 400), 9003: (4000, 400)}
    ways += [([9000, 9001, 9002, 9003, 9000], {"highway": "tertiary"})]
    return nodes | island, ways


@pytest.mark.parametrize("mode", ["cycle", "drive"])
@pytest.mark.parametrize("seed", [71, 72])
def test_a_made_town_takes_the_times_of_networkx_from_its_tags(
    tmp_path: Path, mode: str, seed: int
) -> None:
    nodes, ways = made_town(seed)
    graph, halves = nx.DiGraph(), {}
    for refs, tags in ways:
        speeds = next(kind for kind in KINDS if kind[0] == tags) if refs[0] < 9000 else None
        ahead, back = (
            ((15, 15) if mode == "cycle" else (42, 42))
            if speeds is None
            else speeds[1 if mode == "cycle" else 2]
        )
        for a, b in pairwise(refs):
            metres = np.hypot(*np.subtract(nodes[a], nodes[b]))
            for u, v, kmh in ((a, b, ahead), (b, a, back)):
                if kmh:
                    graph.add_edge(u, v, time=metres * 36 / kmh)
                    halves[u, v] = metres * 18 / kmh
    piece = {n: i for i, part in enumerate(nx.strongly_connected_components(graph)) for n in part}
    graph = nx.DiGraph([(u, v, d) for u, v, d in graph.edges(data=True) if piece[u] == piece[v]])
    if mode == "drive":  # 4 seconds at junctions of three streets and more
        for _, v, data in graph.edges(data=True):
            data["time"] += 40 * (len({*graph.successors(v), *graph.predecessors(v)}) >= 3)
    wait = {v: 40 * (len({*graph.successors(v), *graph.predecessors(v)}) >= 3) for v in graph}
    size = nx.number_of_nodes(graph)
    town = max(nx.strongly_connected_components(graph), key=len)
    assert 120 < len(town) < size
    # People live and work half way along a street of the town, or of the island.
    some = sorted({(min(e), max(e)) for e in graph.edges if e[0] in town or e[0] >= 9000})
    middle = [tuple(np.add(nodes[a], nodes[b]) / 2) for a, b in some]
    at = points([(330_000 + x, 187_000 + y) for x, y in middle])
    times = build_street_times(
        read_roads(
            write_osm(tmp_path / "made.osm", nodes, ways), CYCLE if mode == "cycle" else DRIVE
        ),
        at,
        at,
        walk_kmh=4.8,
        cutoff_minutes=300,
        snap_metres=400,
        extent_metres=1600,
    )
    table = np.full((len(at), len(at)), np.inf)
    table[times.pairs["origin"], times.pairs["destination"]] = times.pairs["deciseconds"]
    compared = 0
    for i in range(0, len(some), 12):
        starts = [(u, v) for u, v in (some[i], some[i][::-1]) if graph.has_edge(u, v)]
        best = np.full(len(some), np.inf)
        for u, v in starts:
            waits = wait[v] if mode == "drive" else 0
            lengths = nx.single_source_dijkstra_path_length(graph, v, weight="time")
            for j, pair in enumerate(some):
                for a, b in (pair, pair[::-1]):
                    if graph.has_edge(a, b) and a in lengths:
                        then = halves[u, v] + waits + lengths[a] + halves[a, b]
                        best[j] = min(best[j], then)
        best[i] = 0
        # A node of the file is within 1 cm of where it should be: half a decisecond an edge.
        assert np.array_equal(np.isfinite(best), np.isfinite(table[i]))
        near = np.isfinite(best)
        assert table[i][near] == pytest.approx(best[near], abs=25, rel=1e-3)
        compared += int(near.sum())
    assert compared > 2000


@pytest.mark.parametrize("settings", [CYCLE, DRIVE], ids=["cycle", "drive"])
def test_osmnx_reads_the_same_town(tmp_path: Path, settings: RoadSettings) -> None:
    nodes, ways = made_town(73)
    path = write_osm(tmp_path / "made.osm", nodes, ways)
    useful = ["oneway:bicycle", "cycleway", "motorroad", "bicycle", "motor_vehicle"]
    kept = osmnx.settings.useful_tags_way
    osmnx.settings.useful_tags_way = [*kept, *useful]
    try:
        graph = osmnx.graph_from_xml(path, retain_all=True, simplify=False)
    finally:
        osmnx.settings.useful_tags_way = kept
    rng = np.random.default_rng(73)
    at = points(rng.uniform(0, 2800, (60, 2)) + np.array([330_000, 187_000]))
    ours, theirs = (
        build_street_times(
            roads,
            at,
            at,
            walk_kmh=4.8,
            cutoff_minutes=120,
            snap_metres=400,
            extent_metres=1600,
        ).pairs
        for roads in (read_roads(path, settings), from_osmnx_roads(graph, settings))
    )
    assert len(ours) > 3000
    assert ours[["origin", "destination"]].equals(theirs[["origin", "destination"]])
    # osmnx measures on a sphere: up to half a per cent from the national grid.
    assert theirs["deciseconds"].to_numpy() == pytest.approx(
        ours["deciseconds"].to_numpy(), rel=0.005, abs=25
    )


# --- Newport ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def newport(shared: Path) -> Path:
    return shared / "fixtures/osm/newport-2023-06-13.osm.pbf"


@pytest.fixture(scope="module")
def output_areas(shared: Path) -> gpd.GeoSeries:
    folder = shared / "fixtures/boundaries"
    at = gpd.read_parquet(folder / "newport_oa21_population_weighted_centroids.parquet")
    return at.set_index("OA21CD").sort_index().geometry


@pytest.mark.parametrize("settings", [None, CYCLE, DRIVE], ids=["walk", "cycle", "drive"])
def test_newport_times_are_exactly_those_of_networkx(
    newport: Path, output_areas: gpd.GeoSeries, settings: RoadSettings | None
) -> None:
    network: Streets | Roads = (
        read_streets(newport) if settings is None else read_roads(newport, settings)
    )
    streets = network if isinstance(network, Streets) else network.streets
    origins = output_areas.iloc[::23]
    destinations = output_areas.iloc[5::3].rename(lambda code: f"to {code}")
    edges: dict[str, int] = {}
    for at in (origins, destinations):
        spot = snap_points(streets, at, snap_metres=400, extent_metres=1600)
        edges |= {i: int(e) for i, e in zip(at.index, spot.edge, strict=True) if e >= 0}
    if isinstance(network, Streets):
        graph = reference_graph(network, 4.8)
        add_points(graph, network, edges, origins, destinations, 4.8)
    else:
        graph = reference_roads(network)
        add_road_points(graph, network, edges, origins, destinations, 4.8)
    expected = reference_times(graph, origins.index, destinations.index, 240)
    assert len(expected) > 2000
    times = build_street_times(
        network,
        origins,
        destinations,
        walk_kmh=4.8,
        cutoff_minutes=240,
        snap_metres=400,
        extent_metres=1600,
    ).to_frame()
    minutes = times.set_index(["origin", "destination"])["minutes"]
    assert (minutes * 600).round().astype(int).to_dict() == expected


def test_newport_is_driven_at_sensible_speeds(newport: Path, output_areas: gpd.GeoSeries) -> None:
    # A check of scale against common sense, not of detail: across town by car one averages
    # between 10 and 60 mph along a straight line that is at most half the way.
    at = output_areas.iloc[::9]
    times = build_street_times(
        read_roads(newport, DRIVE),
        at,
        at,
        walk_kmh=4.8,
        cutoff_minutes=120,
        snap_metres=400,
        extent_metres=1600,
    ).to_frame()
    metres = np.hypot(
        at.x.loc[times["origin"]].to_numpy() - at.x.loc[times["destination"]].to_numpy(),
        at.y.loc[times["origin"]].to_numpy() - at.y.loc[times["destination"]].to_numpy(),
    )
    far = metres > 3000
    mph = metres[far] / times["minutes"].to_numpy()[far] * 60 / 1609.344
    assert 10 < np.median(mph) < 30
    assert mph.max() < 60
