"""Points of interest out of OpenStreetMap files: hand-made ones, and Newport's."""

from __future__ import annotations

import re
from pathlib import Path

import osmium
import pytest
from pyproj import Transformer

from planner.errors import DataError
from planner.sources.osm import (
    KIND_TAGS,
    MAX_OSM_BYTES,
    merge_same_pois,
    name_pois,
    open_osm,
    read_osm_points,
)

LIBRARY = {"amenity": "library"}
TO_GRID = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)


def _xml(
    tmp_path: Path, body: str, *, prolog: str = "<?xml version='1.0' encoding='UTF-8'?>"
) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(f"{prolog}\n<osm version='0.6' generator='hand'>{body}</osm>", encoding="utf-8")
    return path


def _node(number: int, lon: float, lat: float, **tags: str) -> str:
    inner = "".join(f"<tag k='{k.replace('__', ':')}' v='{v}'/>" for k, v in tags.items())
    return f"<node id='{number}' version='1' lon='{lon}' lat='{lat}'>{inner}</node>"


def _way(number: int, nodes: list[int], **tags: str) -> str:
    refs = "".join(f"<nd ref='{n}'/>" for n in nodes)
    inner = "".join(f"<tag k='{k}' v='{v}'/>" for k, v in tags.items())
    return f"<way id='{number}' version='1'>{refs}{inner}</way>"


#: A square of 0.002 degrees around (-3.0, 51.6), with a square hole around its middle.
SQUARE = "".join(
    _node(n, lon, lat)
    for n, (lon, lat) in enumerate(
        [(-3.001, 51.599), (-2.999, 51.599), (-2.999, 51.601), (-3.001, 51.601)], start=1
    )
)
HOLE = "".join(
    _node(n, lon, lat)
    for n, (lon, lat) in enumerate(
        [(-3.0005, 51.5995), (-2.9995, 51.5995), (-2.9995, 51.6005), (-3.0005, 51.6005)], start=5
    )
)


def test_node_stands_where_it_is(tmp_path: Path) -> None:
    path = _xml(tmp_path, _node(7, -3.0, 51.6, amenity="library", name="Main"))
    point = read_osm_points(path, LIBRARY).geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx(TO_GRID.transform(-3.0, 51.6))


def test_facts_of_a_node(tmp_path: Path) -> None:
    body = _node(
        7, -3.0, 51.6, amenity="library", name="Main", addr__housenumber="1",
        addr__street="High Street", addr__postcode="NP20 1AA", opening_hours="Mo off",
    )  # fmt: skip
    row = read_osm_points(_xml(tmp_path, body), LIBRARY).iloc[0]
    assert row[["osm_id", "name", "address", "postcode", "opening"]].tolist() == [
        "node/7", "Main", "1 High Street", "NP20 1AA", "Mo off",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tagged", "words"),
    [
        ("yes", "wheelchair: yes"),
        ("Designated", "wheelchair: yes"),
        ("limited", "wheelchair: limited"),
        ("no", "wheelchair: no"),
        ("ask inside", ""),
        ("", ""),
    ],
)
def test_wheelchair_access(tmp_path: Path, tagged: str, words: str) -> None:
    body = _node(7, -3.0, 51.6, amenity="library", wheelchair=tagged)
    points = read_osm_points(_xml(tmp_path, body), LIBRARY)
    assert points["accessibility"].tolist() == [words]


def test_building_counts_once_and_its_point_is_inside(tmp_path: Path) -> None:
    body = SQUARE + _way(20, [1, 2, 3, 4, 1], amenity="library", building="yes", name="Main")
    points = read_osm_points(_xml(tmp_path, body), LIBRARY)
    west, south = TO_GRID.transform(-3.001, 51.599)
    east, north = TO_GRID.transform(-2.999, 51.601)
    point = points.geometry.iloc[0]
    assert points["osm_id"].tolist() == ["way/20"]
    assert west < point.x < east
    assert south < point.y < north


def test_multipolygon_of_untagged_ways_is_found_outside_its_hole(tmp_path: Path) -> None:
    body = (
        SQUARE
        + HOLE
        + _way(20, [1, 2, 3, 4, 1])
        + _way(21, [5, 6, 7, 8, 5])
        + "<relation id='30' version='1'><member type='way' ref='20' role='outer'/>"
        "<member type='way' ref='21' role='inner'/><tag k='type' v='multipolygon'/>"
        "<tag k='amenity' v='library'/></relation>"
    )
    points = read_osm_points(_xml(tmp_path, body), LIBRARY)
    assert points["osm_id"].tolist() == ["relation/30"]
    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(points.geometry.iloc[0].x, points.geometry.iloc[0].y)
    assert max(abs(lon + 3.0), abs(lat - 51.6)) > 0.0005 - 1e-7


def test_relation_cut_by_the_extract_has_no_position(tmp_path: Path) -> None:
    body = (
        "<relation id='30' version='1'><member type='way' ref='99' role='outer'/>"
        "<tag k='type' v='multipolygon'/><tag k='amenity' v='library'/></relation>"
    )
    assert read_osm_points(_xml(tmp_path, body), LIBRARY).geometry.isna().tolist() == [True]


def test_line_stands_at_its_middle(tmp_path: Path) -> None:
    body = SQUARE + _way(20, [1, 2], amenity="library")
    point = read_osm_points(_xml(tmp_path, body), LIBRARY).geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx(TO_GRID.transform(-3.0, 51.599))


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"amenity": "library"}, [1, 2]),
        ({"amenity": "LIBRARY"}, [1, 2]),
        ({"amenity": "library;doctors"}, [1, 2, 3]),
        ({"amenity": "*"}, [1, 2, 3]),
        ({"amenity": "library", "access": "yes"}, [1]),
        ({"name": "*job*centre*"}, [3]),
    ],
)
def test_tags_match(tmp_path: Path, tags: dict[str, str], found: list[int]) -> None:
    body = (
        _node(1, -3, 51.6, amenity="library", access="yes")
        + _node(2, -3, 51.6, amenity="community_centre;library")
        + _node(3, -3, 51.6, amenity="doctors", name="Newport Job Centre Plus")
    )
    points = read_osm_points(_xml(tmp_path, body), tags)
    assert points["osm_id"].tolist() == [f"node/{n}" for n in found]


def test_private_recruiter_is_no_jobcentre(tmp_path: Path) -> None:
    body = _node(1, -3, 51.6, office="employment_agency", name="Quick Staff")
    assert len(read_osm_points(_xml(tmp_path, body), KIND_TAGS["jobcentre"])) == 0


def test_control_characters_leave_names(tmp_path: Path) -> None:
    body = _node(1, -3, 51.6, amenity="library", name="Ma&#x202E;in &lt;b&gt;")
    assert read_osm_points(_xml(tmp_path, body), LIBRARY)["name"].tolist() == ["Main <b>"]


def test_node_and_building_of_one_name_are_one(tmp_path: Path) -> None:
    # 0.0005 degrees of latitude are about 56 m from the building's middle to its edge, so the
    # node stands 0.0003 degrees (33 m) from the point inside.
    body = SQUARE + _node(9, -3.0, 51.6003, amenity="library", name="main  library")
    body += _way(20, [1, 2, 3, 4, 1], amenity="library", name="Main Library")
    points, notes = merge_same_pois(read_osm_points(_xml(tmp_path, body), LIBRARY))
    assert points["osm_id"].tolist() == ["node/9"]
    assert [(note.what, note.count) for note in notes] == [("poi_duplicates", 1)]


@pytest.mark.parametrize(
    ("name", "north"),
    [("Main", 0.0005), ("Other", 0.0001), ("", 0.0001)],
    ids=["far", "name", "none"],
)
def test_others_stay_apart(tmp_path: Path, name: str, north: float) -> None:
    # 0.0005 degrees of latitude are 55.6 m.
    body = _node(1, -3.0, 51.6, amenity="library", name="Main" if name else "")
    body += _node(2, -3.0, 51.6 + north, amenity="library", name=name)
    points, notes = merge_same_pois(read_osm_points(_xml(tmp_path, body), LIBRARY))
    assert (len(points), notes) == (2, ())


def test_unnamed_are_named_by_number(tmp_path: Path) -> None:
    points = read_osm_points(_xml(tmp_path, _node(123, -3, 51.6, amenity="library")), LIBRARY)
    assert name_pois(points, "library")["name"].tolist() == ["Unnamed library (OSM node 123)"]


# --- files that are no OpenStreetMap file ----------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "zip archive"),
        (b"\x1f\x8brest", "gzip"),
        (b"lon,lat\n1,2\n", "not an OpenStreetMap file"),
        (b"<html><body>Not found</body></html>", "not an OpenStreetMap file"),
        (b"<?xml version='1.0'?><gpx/>", "not an OpenStreetMap file"),
        (b"<!-- <osm> --><gpx/>", "not an OpenStreetMap file"),
        (b"<?xml version='1.0'?><!DOCTYPE osm [<!ENTITY a 'b'>]><osm/>", "declares"),
        (b"<?xml version='1.0' encoding='UTF-16'?><osm/>", "encoding"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader", "not an OpenStreetMap file"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        read_osm_points(path, LIBRARY)
    assert "\n" not in caught.value.message


def test_xml_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "town.osm"
    path.write_text("<?xml version='1.0'?><osm version='0.6'><node id='1' lat='51' lon='-3'>")
    with pytest.raises(DataError, match=r"town\.osm: the OpenStreetMap file is broken"):
        read_osm_points(path, LIBRARY)


def test_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "planet.osm.pbf"
    with path.open("wb") as handle:
        handle.truncate(MAX_OSM_BYTES + 1)
    with pytest.raises(DataError, match="more than the 2 GB"):
        read_osm_points(path, LIBRARY)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be opened"):
        read_osm_points(tmp_path / "none.osm", LIBRARY)


@pytest.mark.parametrize("cut", [10, 5_000, 39_000])
def test_cut_pbf_is_refused(tmp_path: Path, shared: Path, cut: int) -> None:
    whole = (shared / "fixtures/osm/its-example.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[:cut])
    with pytest.raises(DataError, match=r"cut\.osm\.pbf: "):
        read_osm_points(path, LIBRARY)


def test_scrambled_pbf_is_refused(tmp_path: Path, shared: Path) -> None:
    whole = bytearray((shared / "fixtures/osm/its-example.osm.pbf").read_bytes())
    whole[20_000:20_100] = b"\xff" * 100
    path = tmp_path / "scrambled.osm.pbf"
    path.write_bytes(whole)
    with pytest.raises(DataError, match="broken"):
        read_osm_points(path, {"highway": "*"})


def test_own_errors_pass_through_unchanged(tmp_path: Path) -> None:
    path = _xml(tmp_path, "")
    with pytest.raises(DataError, match=r"^mine$"), open_osm(path, "town.osm"):
        raise DataError("mine")


# --- Newport ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "count"), [("library", 6), ("community_centre", 18)])
def test_newport_counts(shared: Path, kind: str, count: int) -> None:
    path = shared / "fixtures/osm/newport-2023-06-13.osm.pbf"
    # Independently: every node, way and relation with the tag, without areas or geometry.
    seen = {
        (thing.type_str(), thing.id)
        for thing in osmium.FileProcessor(str(path))
        if thing.tags.get("amenity") == kind
    }
    points = read_osm_points(path, KIND_TAGS[kind])
    kinds = {"n": "node", "w": "way", "r": "relation"}
    assert len(seen) == count
    assert set(points["osm_id"]) == {f"{kinds[t]}/{number}" for t, number in seen}


def test_newport_points_lie_in_the_extract(shared: Path) -> None:
    points = read_osm_points(
        shared / "fixtures/osm/newport-2023-06-13.osm.pbf", KIND_TAGS["community_centre"]
    )
    inside = points.geometry.x.between(320_000, 345_000) & points.geometry.y.between(
        178_000, 200_000
    )
    assert bool(inside.all())


def test_file_is_named_as_the_project_names_it(tmp_path: Path) -> None:
    path = tmp_path / "town.osm"
    path.write_text("x,y")
    with pytest.raises(DataError, match=re.escape("maps/town.osm: ")):
        read_osm_points(path, LIBRARY, what="maps/town.osm")
