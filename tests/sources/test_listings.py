"""Readers of published tables and of OpenStreetMap, by hand-made files."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from places import tiny_area
from supply import HEAD, notes_of, read_lines, supply_project, write_lines

from planner.errors import DataError, ProjectError
from planner.sources.services import read_services

# --- the readers of published tables -----------------------------------------------------------

GP = "Organisation Code,Name,Postcode,Status Code,Prescribing Setting,latitude,longitude"


def test_only_active_practices_with_setting_4_are_gps(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        GP,
        "W1,OPEN,AA1 1AA,A,4,53.41,-1.53",
        "W2,CLOSED,AA1 1AA,C,4,53.41,-1.53",
        "W3,DORMANT,AA1 1AA,D,4,53.41,-1.53",
        "W4,HOSPICE,AA1 1AA,A,13,53.41,-1.53",
        "W5,OPEN TOO,AA1 1AA,A,4.0,53.41,-1.54",
        "W6,BOTH,AA1 1AA,C,13,53.41,-1.54",
        **{"from": "gp_geocoded"},
    )
    assert services.venues.index.tolist() == ["gp:W1", "gp:W5"]
    assert notes_of(services, "rows_excluded") == [
        (2, ("CLOSED", "BOTH")),
        (1, ("DORMANT",)),
        (1, ("HOSPICE",)),
    ]


def test_gp_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'Status Code'"):
        read_lines(tmp_path, HEAD, "A,431000,391000", **{"from": "gp_geocoded"})


WALES = "Local authority code,Library name,Postcode,Year closed"


def test_welsh_libraries_of_the_authority(tmp_path: Path) -> None:
    write_lines(tmp_path, "pc.csv", "pcds,oseast1m,osnrth1m", "AA1 1AA,431500,391500")
    services = read_lines(
        tmp_path,
        WALES,
        "W06000022,Bettws,AA1 1AA,",
        "W06000022,Old,AA1 1AA,2014",
        "W06000001,Amlwch,LL68 9EA,",
        **{"from": "libraries_wales"},
        place={"authority": "W06000022"},
        postcodes={"file": "pc.csv"},
    )
    assert services.venues["venue_name"].tolist() == ["Bettws"]
    assert notes_of(services, "rows_excluded") == [(1, ("Amlwch",)), (1, ("Old",))]


def test_welsh_table_without_the_authority_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no row has Local authority code = 'W06000099'"):
        read_lines(
            tmp_path,
            WALES,
            "W06000022,Bettws,AA1 1AA,",
            **{"from": "libraries_wales"},
            place={"authority": "W06000099"},
        )


def test_english_libraries(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        "name,authority,postcode,type,operation_22,operation_23,closed",
        "Open,Sale,AA1 1AA,Static Library,LA,LA,",
        "Closed now,Sale,AA1 1AB,Static Library,LA,Closed,2023",
        "Closed in,Sale,AA1 1AC,Static Library,LA,LA,2024",
        "For now,Sale,AA1 1AD,Static Library,LA,Temporary Closure,",
        "Van,Sale,AA1 1AE,mobile library,LA,LA,",
        "Cells,Sale,AA1 1AF,Prison Library,LA,LA,",
        "Papers,Sale,AA1 1AG,Archive,LA,LA,",
        "Open,Hale,AA1 1AH,Static Library,LA,LA,",
        **{"from": "libraries_england"},
        where={"authority": "Sale"},
    )
    assert services.unplaced[["name", "postcode"]].to_numpy().tolist() == [["Open", "AA1 1AA"]]
    assert notes_of(services, "rows_excluded") == [
        (1, ("Open",)),
        (1, ("Van",)),
        (1, ("Cells",)),
        (1, ("Papers",)),
        (2, ("Closed now", "Closed in")),
        (1, ("For now",)),
    ]


def test_table_of_closed_rows_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="every row of the gp table is closed or left out"):
        read_lines(tmp_path, WALES, "W06000022,Old,AA1 1AA,2014", **{"from": "libraries_wales"})


# --- OpenStreetMap -----------------------------------------------------------------------------


def _osm(folder: Path, *nodes: str) -> None:
    (folder / "town.osm").write_text(f"<osm version='0.6'>{''.join(nodes)}</osm>")


def _node(number: int, lat: float, name: str, amenity: str = "library") -> str:
    return (
        f"<node id='{number}' version='1' lon='-1.53' lat='{lat}'><tag k='amenity' v='{amenity}'/>"
        + (f"<tag k='name' v='{name}'/>" if name else "")
        + "</node>"
    )


def test_osm_from_the_streets_file(tmp_path: Path) -> None:
    _osm(tmp_path, _node(1, 53.41, "Main"), _node(2, 53.4101, "Main"), _node(3, 53.41, ""))
    entry = {"kind": "library", "from": "osm"}
    project = supply_project(tmp_path, entry, streets={"file": "town.osm", "vintage": "2026"})
    services = read_services(project, tiny_area())
    assert services.venues["venue_name"].to_dict() == {
        "library:osm-node-1": "Main",
        "library:osm-node-3": "Unnamed library (OSM node 3)",
    }
    assert services.sources[0].cite() == (
        "OpenStreetMap contributors, OpenStreetMap (2026), ODbL 1.0"
    )
    assert [count for count, _ in notes_of(services, "poi_duplicates")] == [1]
    assert [count for count, _ in notes_of(services, "poi_unnamed")] == [1]


def test_osm_tags_of_thesupply_project(tmp_path: Path) -> None:
    _osm(tmp_path, _node(1, 53.41, "Main", amenity="theatre"))
    entry = {"kind": "stage", "from": "osm", "file": "town.osm", "tags": {"amenity": "theatre"}}
    services = read_services(supply_project(tmp_path, entry), tiny_area())
    assert services.kinds == ["stage"]


def test_osm_thing_without_a_position_is_listed(tmp_path: Path) -> None:
    cut = (
        "<relation id='9' version='1'><tag k='type' v='multipolygon'/>"
        "<tag k='amenity' v='library'/><tag k='name' v='Cut'/></relation>"
    )
    _osm(tmp_path, _node(1, 53.41, "Main"), cut)
    entry = {"kind": "library", "from": "osm", "file": "town.osm"}
    services = read_services(supply_project(tmp_path, entry), tiny_area())
    assert services.unplaced[["name", "reason"]].to_numpy().tolist() == [
        ["Cut", "no position in this extract"]
    ]


@pytest.mark.parametrize(
    ("kind", "said"), [("pharmacy", "nothing tagged amenity=pharmacy"), ("stage", "not known how")]
)
def test_osm_without_any_is_refused(tmp_path: Path, kind: str, said: str) -> None:
    _osm(tmp_path, _node(1, 53.41, "Main"))
    entry = {"kind": kind, "from": "osm", "file": "town.osm"}
    with pytest.raises(DataError, match=said):
        read_services(supply_project(tmp_path, entry), tiny_area())


def test_osm_without_any_file_is_refused(tmp_path: Path) -> None:
    entry = {"kind": "library", "from": "osm"}
    with pytest.raises(ProjectError, match=r"services\[1\]\.file: this key is needed"):
        read_services(supply_project(tmp_path, entry), tiny_area())


# --- what libraries share their roof with --------------------------------------------------------


def test_co_located_libraries(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        "name,authority,easting,northing,type,operation_23,closed,co_located,co_located_health,"
        "co_located_schools_colleges,co_located_other,co_located_other_text",
        'One,Sale,431000,391000,Static Library,LA,,Yes,X,X,X,"Citizens Advice, Nursery"',
        "Two,Sale,431900,391000,Static Library,LA,,Yes,,,,",
        "Three,Sale,430500,391000,Static Library,LA,,No,,,,",
        **{"from": "libraries_england"},
    )
    assert services.venues.set_index("venue_name")["co_located_with"].to_dict() == {
        "One": "health; school or college; Citizens Advice, Nursery",
        "Two": "not said with whom",
        "Three": "",
    }


def test_co_located_in_the_public_libraries_data_schema(tmp_path: Path) -> None:
    # Column names keyed from schema.librarydata.uk (libraries).
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    head = "Library name,authority,easting,northing,type,operation_23,closed,Co-located with,"
    services = read_lines(
        tmp_path,
        head + ",".join(f"{day} staffed hours,{day} unstaffed hours" for day in days),
        "One,Sale,431000,391000,LAL,LA,,Jobcentre,09:00-17:00,," + ",".join(["closed,"] * 6),
        **{"from": "libraries_england"},
    )
    assert services.venues["co_located_with"].tolist() == ["Jobcentre"]
    assert services.venues["opening"].tolist() == ["Mo 09:00-17:00"]


def test_published_libraries_under_one_roof(tmp_path: Path, shared: Path) -> None:
    file = "fixtures/services/libraries_england_2023.csv"
    with (shared / file).open(encoding="utf-8-sig", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["authority"] == "Trafford"]
    entry = {"kind": "library", "from": "libraries_england", "file": file}
    codes = sorted({row["postcode"] for row in rows})
    lines = [f"{code},{431000 + 100 * at},391000" for at, code in enumerate(codes)]
    write_lines(tmp_path, "pc.csv", "pcds,oseast1m,osnrth1m", *lines)
    project = supply_project(
        tmp_path,
        {**entry, "where": {"authority": "Trafford"}},
        roots=(shared,),
        postcodes={"file": "pc.csv"},
    )
    venues = read_services(project, tiny_area()).venues
    told = set(venues.loc[venues["co_located_with"] != "", "venue_name"])
    open_now = set(venues["venue_name"])
    assert told == {r["name"] for r in rows if r["co_located"] == "Yes" and r["name"] in open_now}
    assert told


# --- postcodes that do not place a venue ----------------------------------------------------------


def test_ended_postcode_is_used_and_said(tmp_path: Path) -> None:
    write_lines(tmp_path, "pc.csv", "pcds,oseast1m,osnrth1m,doterm", "AA1 1AA,431500,391500,201206")
    services = read_lines(tmp_path, "name,postcode", "A,AA1 1AA", postcodes={"file": "pc.csv"})
    assert notes_of(services, "postcode_ended") == [(1, ("A",))]


def test_part_of_a_postcode_places_nobody(tmp_path: Path) -> None:
    write_lines(tmp_path, "pc.csv", "pcds,oseast1m,osnrth1m", "AA1 1AA,431500,391500")
    services = read_lines(
        tmp_path,
        "name,postcode",
        "A,AA1 1AA",
        "B,AA1",
        "C,JE2 3XP",
        "D,none such",
        postcodes={"file": "pc.csv"},
    )
    assert services.unplaced["reason"].tolist() == [
        "only part of a postcode",
        "a postcode of Jersey, Guernsey or the Isle of Man, not placed here",
        "a postcode that is none",
    ]
