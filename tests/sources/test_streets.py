from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from street_grids import add_points, reference_graph

from planner.errors import DataError
from planner.project import Streets as StreetSettings
from planner.sources.streets import is_walkable, read_backdrop, read_streets
from planner.travel.snap import snap_points
from planner.travel.streets import Streets
from planner.travel.walk import build_walk_times

Write = Callable[
    [dict[int, tuple[float, float]], dict[int, tuple[list[int], dict[str, str]]]], Path
]


@pytest.fixture
def write_osm(tmp_path: Path) -> Write:
    """Return a writer of small .osm files: node → (lon, lat); way → (nodes, tags)."""

    def write(
        nodes: dict[int, tuple[float, float]], ways: dict[int, tuple[list[int], dict[str, str]]]
    ) -> Path:
        lines = ['<osm version="0.6">']
        for number, (lon, lat) in nodes.items():
            lines.append(f'<node id="{number}" version="1" lon="{lon}" lat="{lat}"/>')
        for number, (refs, tags) in ways.items():
            lines.append(f'<way id="{number}" version="1">')
            lines += [f'<nd ref="{ref}"/>' for ref in refs]
            lines += [f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()]
            lines.append("</way>")
        path = tmp_path / "made.osm"
        path.write_text("\n".join([*lines, "</osm>"]))
        return path

    return write


#: Five nodes eastwards along a parallel, about 69 m apart, at Newport's latitude.
ROW = {i: (-3.0 + 0.001 * i, 51.58) for i in range(1, 6)}
STREET = {"highway": "residential"}


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "trunk"}, True),
        ({"highway": "trunk", "foot": "no"}, False),
        ({"highway": "trunk", "motorroad": "yes"}, False),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway_link", "foot": "yes"}, False),
        ({"highway": "cycleway"}, True),
        ({"highway": "cycleway", "foot": "no"}, False),
        ({"highway": "construction"}, False),
        ({"highway": "proposed"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "permissive"}, True),
        ({"highway": "track", "access": "no", "foot": "designated"}, True),
        ({"highway": "service", "access": "customers"}, True),
        ({"highway": "footway", "foot": "private"}, False),
        ({"highway": "corridor", "indoor": "yes"}, True),
        ({"route": "ferry", "foot": "yes"}, False),
        ({}, False),
    ],
)
def test_what_can_be_walked(tags: dict[str, str], walkable: bool) -> None:
    assert is_walkable(tags) is walkable


def test_ways_that_share_a_node_are_joined(write_osm: Write) -> None:
    path = write_osm(ROW, {7: ([1, 2, 3], STREET), 8: ([3, 4, 5], {"highway": "path"})})
    streets = read_streets(path)
    assert len(streets.edge_from) == 1
    assert len(streets.line_x) == 5
    # 0.004 degrees of longitude at 51.58 N on a sphere of 6,371 km, to half a per cent
    sphere = np.radians(0.004) * 6_371_000 * np.cos(np.radians(51.58))
    assert streets.edge_metres[0] == pytest.approx(sphere, rel=0.005)


def test_a_bridge_does_not_meet_the_street_under_it(write_osm: Write) -> None:
    nodes = {1: (-3.0, 51.58), 2: (-2.99, 51.58), 3: (-2.995, 51.57), 4: (-2.995, 51.59)}
    streets = read_streets(write_osm(nodes, {1: ([1, 2], STREET), 2: ([3, 4], STREET)}))
    assert streets.component_nodes.tolist() == [2, 2]


def test_a_square_is_walked_along_its_edge(write_osm: Write) -> None:
    square = {1: (-3.0, 51.58), 2: (-2.999, 51.58), 3: (-2.999, 51.581), 4: (-3.0, 51.581)}
    tags = {"highway": "pedestrian", "area": "yes"}
    streets = read_streets(write_osm(square, {1: ([1, 2, 3, 4, 1], tags)}))
    assert len(streets.edge_from) == 1
    assert len(streets.line_x) == 5


def test_a_way_is_cut_where_the_extract_lacks_its_nodes(write_osm: Write) -> None:
    nodes = {number: at for number, at in ROW.items() if number != 3}
    streets = read_streets(write_osm(nodes, {7: ([1, 2, 3, 4, 5], STREET)}))
    assert streets.component_nodes.tolist() == [2, 2]
    (note,) = streets.notes
    assert (note.what, note.count, note.items) == ("streets_cut_at_rim", 1, ("way/7",))


def test_what_cannot_be_walked_is_left_out(write_osm: Write) -> None:
    ways = {
        1: ([1, 2], STREET),
        2: ([2, 3], {"highway": "motorway"}),
        3: ([3, 4], {"railway": "r"}),
    }
    assert len(read_streets(write_osm(ROW, ways)).line_x) == 2


def test_a_file_without_streets_is_refused(write_osm: Write) -> None:
    path = write_osm(ROW, {1: ([1, 2], {"building": "yes"})})
    with pytest.raises(DataError, match=r"streets\.osm: no street"):
        read_streets(path, what="streets.osm")


def test_streets_without_positions_are_refused(write_osm: Write) -> None:
    with pytest.raises(DataError, match="no positions"):
        read_streets(write_osm({}, {1: ([1, 2], STREET)}))


def test_a_broken_file_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(b"not a map at all")
    for read in (read_streets, read_backdrop):
        with pytest.raises(DataError) as refusal:
            read(path, what="x.osm.pbf")
        assert "x.osm.pbf" in refusal.value.message
        assert "\n" not in refusal.value.message


def test_backdrop_by_hand(write_osm: Write) -> None:
    nodes = {**ROW, 6: (-2.995, 51.59)}
    lake = {11: (-3.01, 51.57), 12: (-3.0, 51.57), 13: (-3.0, 51.575), 14: (-3.01, 51.575)}
    pond = {21: (-3.02, 51.57), 22: (-3.0199, 51.57), 23: (-3.0199, 51.5701)}
    path = write_osm(
        {**nodes, **lake, **pond},
        {
            1: ([1, 2, 3], {"highway": "primary", "name": "High  Street"}),
            2: ([3, 4], STREET),
            3: ([4, 6], {"waterway": "river", "name": "Usk"}),
            4: ([11, 12, 13, 14, 11], {"natural": "water"}),
            5: ([21, 22, 23, 21], {"natural": "water"}),
        },
    )
    text = path.read_text().replace(
        "</osm>",
        '<node id="31" version="1" lon="-3" lat="51.6"><tag k="place" v="town"/>'
        '<tag k="name" v="Newtown"/></node></osm>',
    )
    # osmium wants nodes before ways
    head, *rest = text.split("<way")
    town = rest[-1][rest[-1].index('<node id="31"') : rest[-1].index("</osm>")]
    path.write_text(head + town + "<way" + "<way".join(rest).replace(town, ""))
    backdrop = read_backdrop(path)
    assert list(backdrop.columns) == ["kind", "name", "geometry"]
    assert backdrop.crs == "EPSG:27700"
    assert sorted(zip(backdrop["kind"], backdrop["name"], backdrop.geom_type, strict=True)) == [
        ("place", "Newtown", "Point"),
        ("street", "High Street", "LineString"),
        ("water", "", "Polygon"),
        ("water", "Usk", "LineString"),
    ]


def test_a_backdrop_may_be_empty(write_osm: Write) -> None:
    backdrop = read_backdrop(write_osm(ROW, {1: ([1, 2], STREET)}))
    assert len(backdrop) == 0
    assert backdrop.crs == "EPSG:27700"


@pytest.fixture(scope="module")
def newport(shared: Path) -> Streets:
    return read_streets(shared / "fixtures/osm/newport-2023-06-13.osm.pbf")


@pytest.fixture(scope="module")
def output_areas(shared: Path) -> gpd.GeoSeries:
    folder = shared / "fixtures/boundaries"
    points = gpd.read_parquet(folder / "newport_oa21_population_weighted_centroids.parquet")
    return points.set_index("OA21CD").sort_index().geometry


def test_newport_has_the_areas_off_the_streets_that_are_known(
    newport: Streets, output_areas: gpd.GeoSeries, shared: Path
) -> None:
    settings = StreetSettings()
    spot = snap_points(
        newport,
        output_areas,
        snap_metres=settings.snap_metres,
        extent_metres=settings.extent_metres,
    )
    areas = gpd.read_file(shared / "fixtures/boundaries/newport_W06000022_lsoa21_geographr.geojson")
    joined = gpd.sjoin_nearest(
        output_areas.to_frame("geometry"), areas.to_crs("EPSG:27700")[["lsoa21_code", "geometry"]]
    )
    area = joined[~joined.index.duplicated()]["lsoa21_code"]
    connected = pd.Series(spot.status == "connected", index=output_areas.index)
    share = connected.groupby(area).mean()
    assert len(share) == 100
    assert (share == 0).sum() == 24
    assert ((share > 0) & (share < 1)).sum() == 10
    assert (share < 0.5).sum() == 28
    assert {"not_connected", "outside_extent"} <= set(spot.status)


def test_newport_reads_the_same_twice(newport: Streets, shared: Path) -> None:
    again = read_streets(shared / "fixtures/osm/newport-2023-06-13.osm.pbf")
    for name in ("node_x", "edge_from", "edge_metres", "line_x", "line_start"):
        assert np.array_equal(getattr(again, name), getattr(newport, name))


def test_newport_walks_are_exactly_those_of_networkx(
    newport: Streets, output_areas: gpd.GeoSeries
) -> None:
    networkx = pytest.importorskip("networkx")
    origins = output_areas.iloc[::23]
    destinations = output_areas.iloc[5::19].rename(lambda code: f"to {code}")
    times = build_walk_times(
        newport,
        origins,
        destinations,
        walk_kmh=4.8,
        cutoff_minutes=120,
        snap_metres=400,
        extent_metres=1600,
    )
    edges = {}
    for points in (origins, destinations):
        spot = snap_points(newport, points, snap_metres=400, extent_metres=1600)
        edges |= {i: int(e) for i, e in zip(points.index, spot.edge, strict=True) if e >= 0}
    graph = reference_graph(newport, 4.8)
    add_points(graph, newport, edges, origins, destinations, 4.8)
    expected = {}
    for origin in origins.index.intersection(list(edges)):
        found = networkx.single_source_dijkstra_path_length(
            graph, origin, cutoff=72_000, weight="time"
        )
        expected |= {(origin, d): found[d] for d in destinations.index if d in found}
    assert len(expected) > 200
    minutes = times.to_frame().set_index(["origin", "destination"])["minutes"]
    assert (minutes * 600).round().astype(int).to_dict() == expected
