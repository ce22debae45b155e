"""Boundaries, people and points become a study area, or are refused in a line or two."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, Polygon, box

from planner.area import StudyArea
from planner.errors import DataError
from planner.project import Project, parse_spec
from planner.sources.boundaries import read_vector
from planner.sources.place import ABSENT_POPULATION, read_study_area

CODES = ["E01000001", "E01000002"]
SQUARES = [box(430000, 390000, 431000, 391000), box(431000, 390000, 432000, 391000)]


def read(folder: Path, **place: Any) -> StudyArea:
    table = {"name": "Twosquares", "geography": "lsoa21", "boundaries": "areas.gpkg", **place}
    project = Project(spec=parse_spec({"place": table}, where="x.toml"), folder=folder)
    return read_study_area(project)


def refusal(folder: Path, **place: Any) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, **place)
    text = str(caught.value)
    assert len(text.splitlines()) <= 2
    assert str(folder) not in text
    return text


def frame(shapes: list[Any] | None = None, codes: list[str] = CODES) -> gpd.GeoDataFrame:
    columns = {"LSOA21CD": codes, "LSOA21NM": [f"Square {i}" for i, _ in enumerate(codes)]}
    return gpd.GeoDataFrame(columns, geometry=shapes or SQUARES, crs="EPSG:27700")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    frame().to_file(tmp_path / "areas.gpkg")
    return tmp_path


def note(area: StudyArea, what: str) -> Any:
    found = [n for n in area.notes if n.what == what]
    assert len(found) == 1, [n.what for n in area.notes]
    return found[0]


def whats(area: StudyArea) -> set[str]:
    return {n.what for n in area.notes}


# --- boundaries ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["areas.geojson", "areas.gpkg", "areas.shp", "areas.parquet"])
def test_formats(tmp_path: Path, name: str) -> None:
    if name.endswith("parquet"):
        frame().to_parquet(tmp_path / name)
    else:
        frame().to_file(tmp_path / name)
    area = read(tmp_path, boundaries=name)
    assert area.codes.tolist() == CODES
    assert area.areas["area_name"].tolist() == ["Square 0", "Square 1"]
    assert area.areas.area.round().tolist() == [1_000_000, 1_000_000]


def test_another_coordinate_system_becomes_the_british_grid(tmp_path: Path) -> None:
    frame().to_crs("EPSG:4326").to_file(tmp_path / "areas.geojson")
    area = read(tmp_path, boundaries="areas.geojson")
    assert area.areas.crs == "EPSG:27700"
    assert area.areas.total_bounds == pytest.approx([430000, 390000, 432000, 391000], abs=0.1)


def test_no_coordinate_system_is_refused(tmp_path: Path) -> None:
    frame().set_crs(None, allow_override=True).to_parquet(tmp_path / "areas.parquet")
    assert "crs" in refusal(tmp_path, boundaries="areas.parquet")


def test_the_project_may_say_the_coordinate_system(tmp_path: Path) -> None:
    frame().set_crs(None, allow_override=True).to_parquet(tmp_path / "areas.parquet")
    area = read(tmp_path, boundaries="areas.parquet", crs="EPSG:27700")
    assert area.areas.total_bounds[0] == 430000


def test_plain_degrees_need_no_coordinate_system(tmp_path: Path) -> None:
    degrees = frame().to_crs("EPSG:4326").set_crs(None, allow_override=True)
    degrees.to_parquet(tmp_path / "areas.parquet")
    bounds = read(tmp_path, boundaries="areas.parquet").areas.total_bounds
    assert bounds == pytest.approx([430000, 390000, 432000, 391000], abs=0.1)


def test_metres_in_a_geojson_are_refused_with_a_way_out(tmp_path: Path) -> None:
    shapes = json.loads(frame().to_json())
    del shapes["crs"]
    (tmp_path / "areas.geojson").write_text(json.dumps(shapes), encoding="utf-8")
    assert 'crs = "EPSG:27700"' in refusal(tmp_path, boundaries="areas.geojson")


def test_crossing_rings_are_repaired_and_counted(tmp_path: Path) -> None:
    # Two triangles of 0.25 km² each that meet in the middle.
    bow = Polygon([(430000, 390000), (431000, 391000), (431000, 390000), (430000, 391000)])
    frame([bow, SQUARES[1]]).to_file(tmp_path / "areas.gpkg")
    area = read(tmp_path)
    assert area.areas.is_valid.all()
    assert area.areas.area.round().tolist() == [500_000, 1_000_000]
    assert note(area, "rings_repaired").items == ("E01000001",)


def test_an_area_without_a_boundary_is_listed_and_left_out(tmp_path: Path) -> None:
    frame([SQUARES[0], None]).to_file(tmp_path / "areas.gpkg")
    area = read(tmp_path)
    assert area.codes.tolist() == ["E01000001"]
    assert note(area, "areas_without_boundary").items == ("E01000002",)


def test_repeated_codes_are_refused(tmp_path: Path) -> None:
    frame(codes=["E01000001", "E01000001"]).to_file(tmp_path / "areas.gpkg")
    assert "E01000001" in refusal(tmp_path)


def test_codes_of_another_geography_are_named(tmp_path: Path) -> None:
    areas = frame(codes=["E02000001", "E02000002"]).rename(columns={"LSOA21CD": "code"})
    areas.to_file(tmp_path / "areas.gpkg")
    assert "Middle layer Super Output Areas" in refusal(tmp_path)


def test_one_wrong_code_among_right_ones_is_refused(tmp_path: Path) -> None:
    frame(codes=["E01000001", "S01006506"]).to_file(tmp_path / "areas.gpkg")
    assert "'S01006506', which looks like Data Zones" in refusal(tmp_path)


def test_areas_of_another_year_are_refused(tmp_path: Path) -> None:
    frame().rename(columns={"LSOA21CD": "LSOA11CD"}).to_file(tmp_path / "areas.gpkg")
    assert "2011" in refusal(tmp_path)


def test_points_for_boundaries_are_refused(tmp_path: Path) -> None:
    frame([Point(430500, 390500), Point(431500, 390500)]).to_file(tmp_path / "areas.gpkg")
    assert "not polygons" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["areas.gpkg", "areas.geojson", "areas.parquet"])
def test_a_truncated_file_is_refused(tmp_path: Path, name: str) -> None:
    codes = [f"E01{i:06d}" for i in range(400)]
    shapes = [Point(430000 + 9 * i, 390000).buffer(500) for i in range(400)]
    whole = frame(shapes, codes)
    if name.endswith("parquet"):
        whole.to_parquet(tmp_path / name)
    elif name.endswith("geojson"):
        whole.to_crs("EPSG:4326").to_file(tmp_path / name)
    else:
        whole.to_file(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    assert "not complete" in refusal(tmp_path, boundaries=name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("areas.geojson", b""),
        ("areas.geojson", b"<!DOCTYPE html><html></html>"),
        ("areas.geojson", b"hello"),
        ("areas.gpkg", b"\x89PNG\r\n\x1a\n"),
        ("areas.zip", b"PK\x03\x04 cut"),
        ("areas.csv", b"code,name\nE01000001,A\n"),
        ("areas.vrt", b"<OGRVRTDataSource/>"),
        ("areas.xml", b'<?xml version="1.0"?><OGRVRTDataSource/>'),
    ],
)
def test_what_is_no_map_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert name in refusal(tmp_path, boundaries=name)


def test_a_file_that_points_at_another_is_not_followed(folder: Path) -> None:
    pointer = folder / "areas.xml"
    target = folder / "areas.gpkg"
    pointer.write_text(
        f'<!-- a map --><OGRVRTDataSource><OGRVRTLayer name="areas"><SrcDataSource>{target}'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        encoding="utf-8",
    )
    with pytest.raises(DataError):
        read_vector(pointer, what="areas.xml")


def test_where_picks_the_place_out_of_a_larger_file(folder: Path) -> None:
    assert read(folder, where={"LSOA21NM": "Square 1"}).codes.tolist() == ["E01000002"]


def test_context_areas_are_the_others_within_reach(tmp_path: Path) -> None:
    shapes = [box(430000 + 1000 * i, 390000, 431000 + 1000 * i, 391000) for i in range(4)]
    frame(shapes, [f"E0100000{i}" for i in range(1, 5)]).to_file(tmp_path / "areas.gpkg")
    area = read(
        tmp_path,
        where={"LSOA21CD": "E01000001"},
        context={"boundaries": "areas.gpkg", "within_metres": 1500},
    )
    # The second touches the place, the third is 1 km away, the fourth 2 km.
    assert area.areas.index.tolist() == ["E01000001", "E01000002", "E01000003"]
    assert area.areas["in_place"].tolist() == [True, False, False]


# --- population ---------------------------------------------------------------------------


def test_population_of_the_rows_asked_for(folder: Path) -> None:
    table = 'area_code,sex,all_ages\nE01000001,Persons,"1,200"\nE01000001,Males,600\n'
    table += "E01000002,Persons,800\nE01000002,Males,390\nE09000001,Persons,9\n"
    (folder / "people.csv").write_text(table, encoding="utf-8")
    area = read(folder, population={"file": "people.csv", "where": {"sex": "Persons"}})
    assert area.areas["population"].tolist() == [1200, 800]


def test_more_than_one_row_an_area_is_refused(folder: Path) -> None:
    (folder / "people.csv").write_text(
        "area_code,all_ages\nE01000001,1\nE01000001,2\n", encoding="utf-8"
    )
    assert "where" in refusal(folder, population={"file": "people.csv"})


def test_totals_and_footnotes_among_the_areas_are_nobody(folder: Path) -> None:
    text = "code,population\nE01000001,5\nE01000002,6\nEngland,99\n,\nSource: ONS,\nSource: ONS,\n"
    (folder / "people.csv").write_text(text, encoding="utf-8")
    area = read(folder, population={"file": "people.csv"})
    assert area.areas["population"].tolist() == [5, 6]


def test_an_area_without_population_is_unknown_and_listed(folder: Path) -> None:
    (folder / "people.csv").write_text("code,population\nE01000002,800\n", encoding="utf-8")
    area = read(folder, population={"file": "people.csv"})
    assert area.areas["population"].isna().tolist() == [True, False]
    assert note(area, "population_missing").items == ("E01000001",)


def test_population_of_somewhere_else_is_refused(folder: Path) -> None:
    (folder / "people.csv").write_text("code,population\nE01000009,800\n", encoding="utf-8")
    assert "any of the 2 areas" in refusal(folder, population={"file": "people.csv"})


def test_no_population_at_all_is_said_and_counts_equally(folder: Path) -> None:
    area = read(folder)
    assert set(area.areas["population"]) == {ABSENT_POPULATION}
    assert note(area, "population_absent").count == 2


# --- points -------------------------------------------------------------------------------


def points_csv(folder: Path, text: str) -> dict[str, str]:
    (folder / "points.csv").write_text(text, encoding="utf-8")
    return {"file": "points.csv"}


def test_without_points_a_point_inside_each_area_stands_in(folder: Path) -> None:
    area = read(folder)
    assert area.points_kind == "representative points"
    assert area.points.geometry.within(area.areas.geometry).all()
    assert note(area, "points_representative").count == 2


def test_one_point_an_area_by_its_code(folder: Path) -> None:
    text = "LSOA21CD,easting,northing\nE01000002,431100,390100\nE01000001,430900,390900\n"
    area = read(folder, points=points_csv(folder, text))
    assert area.points_kind == "population-weighted"
    assert [(p.x, p.y) for p in area.points.geometry] == [(430900, 390900), (431100, 390100)]
    assert area.points.index.tolist() == CODES


def test_points_in_degrees(folder: Path) -> None:
    degrees = gpd.GeoSeries([Point(430500, 390500)], crs="EPSG:27700").to_crs("EPSG:4326")[0]
    text = f"code,lon,lat\nE01000001,{degrees.x:.7f},{degrees.y:.7f}\n"
    area = read(folder, points=points_csv(folder, text))
    first = area.points.geometry.iloc[0]
    assert (first.x, first.y) == pytest.approx((430500, 390500), abs=0.1)
    assert note(area, "points_representative").items == ("E01000002",)


def test_several_points_share_the_people_by_weight(folder: Path) -> None:
    text = "code,easting,northing,people\nE01000001,430100,390100,30\nE01000001,430200,390100,10\n"
    text += "E01000002,431500,390500,5\n"
    asked = {**points_csv(folder, text), "weight_column": "people"}
    area = read(folder, points=asked)
    assert area.points["weight"].tolist() == [0.75, 0.25, 1.0]
    assert area.points_kind == "several points"
    assert "points_equal_weights" not in whats(area)


def test_several_points_without_weights_count_the_same_and_say_so(folder: Path) -> None:
    text = "code,easting,northing\nE01000001,430100,390100\nE01000001,430200,390100\n"
    area = read(folder, points=points_csv(folder, text + "E01000002,431500,390500\n"))
    assert area.points["weight"].tolist() == [0.5, 0.5, 1.0]
    assert note(area, "points_equal_weights").items == ("E01000001",)


def test_points_without_codes_belong_to_the_polygon_or_the_nearest(folder: Path) -> None:
    text = "OA21CD,easting,northing\nE00000001,430100,390100\nE00000002,431500,390500\n"
    text += "E00000003,432300,390500\nE00000004,432600,390500\n"  # 300 m and 600 m beyond the edge
    area = read(folder, points=points_csv(folder, text))
    assert dict(area.points["area_code"]) == {
        "E00000001": "E01000001",
        "E00000002": "E01000002",
        "E00000003": "E01000002",
    }
    assert note(area, "points_nearest_area").items == ("E00000003 → E01000002",)
    assert note(area, "points_outside_place").items == ("E00000004",)


def test_a_point_on_the_shared_edge_goes_to_the_first_code(folder: Path) -> None:
    text = "OA21CD,easting,northing\nE00000001,431000,390500\n"
    area = read(folder, points=points_csv(folder, text))
    assert area.points.loc[area.points.index != "E01000002", "area_code"].tolist() == ["E01000001"]


def test_points_at_null_island_are_listed(folder: Path) -> None:
    text = "code,lon,lat\nE01000001,0,0\nE01000002,-1.5262,53.4093\n"
    area = read(folder, points=points_csv(folder, text))
    assert note(area, "points_without_coordinates").items == ("row 2",)


def test_points_far_from_the_areas_they_name_are_refused(folder: Path) -> None:
    text = "code,easting,northing\nE01000001,390100,430100\nE01000002,390500,431500\n"
    assert "km from the area" in refusal(folder, points=points_csv(folder, text))


def test_points_of_somewhere_else_are_refused(folder: Path) -> None:
    text = "OA21CD,easting,northing\nE00000001,530100,180100\n"
    assert "none of its points" in refusal(folder, points=points_csv(folder, text))


def test_lines_are_no_points(folder: Path) -> None:
    line = LineString([(430000, 390000), (431000, 391000)])
    gpd.GeoDataFrame({"a": [1]}, geometry=[line], crs="EPSG:27700").to_file(folder / "p.gpkg")
    assert "not points" in refusal(folder, points={"file": "p.gpkg"})


# --- published files ----------------------------------------------------------------------


def published(shared: Path, **place: Any) -> StudyArea:
    table = {"name": "Place", "geography": "lsoa21", **place}
    return read_study_area(
        Project(spec=parse_spec({"place": table}, where="x"), folder=shared / "fixtures")
    )


def test_newport_has_511_points_two_of_them_just_outside(shared: Path) -> None:
    area = published(
        shared,
        boundaries="boundaries/newport_W06000022_lsoa21_geographr.geojson",
        points={"file": "boundaries/newport_oa21_population_weighted_centroids.parquet"},
        population={"file": "population/census2021_population_lsoa21_nomis.csv"},
    )
    assert (len(area.codes), len(area.points)) == (100, 511)
    assert note(area, "points_nearest_area").count == 2
    assert note(area, "points_equal_weights").count == 100
    # Newport's usual residents in the 2021 Census, to the nearest hundred as published.
    assert round(area.areas["population"].sum(), -2) == 159_600
    assert area.points.groupby("area_code")["weight"].sum().round(12).eq(1).all()


def test_topojson_without_a_coordinate_system(shared: Path) -> None:
    area = published(
        shared, geography="lsoa11", boundaries="boundaries/newport_W06000022_lsoa11_topo.json"
    )
    twin = gpd.read_file(shared / "fixtures/boundaries/newport_W06000022_lsoa11.json")
    assert area.codes.tolist() == sorted(twin["LSOA11CD"])
    assert area.areas.area.sum() == pytest.approx(twin.to_crs("EPSG:27700").area.sum(), rel=0.01)


def test_greater_manchester_has_four_rings_to_repair(shared: Path) -> None:
    area = published(shared, boundaries="boundaries/gm_lsoa21_generalised.geojson")
    assert note(area, "rings_repaired").count == 4
    assert area.areas.is_valid.all()


def test_newport_out_of_the_national_file_is_the_same_place(shared: Path) -> None:
    one = published(shared, boundaries="boundaries/newport_W06000022_lsoa21_geographr.geojson")
    other = published(
        shared,
        boundaries="boundaries/lsoa21_england_wales_geographr.parquet",
        where={"LSOA21NM": "Newport*"},
    )
    pd.testing.assert_index_equal(one.codes, other.codes)


def test_data_zones_of_glasgow(shared: Path) -> None:
    area = published(
        shared,
        geography="dz11",
        boundaries="boundaries/glasgow_dz11_geographr.geojson",
        population={
            "file": "population/glasgow_population_mid2020_dz11_demographr.csv",
            "where": {"sex": "All"},
        },
    )
    assert len(area.codes) == 746
    assert set(area.areas["nation"]) == {"Scotland"}
    # National Records of Scotland, mid-2020: 635,640 people in Glasgow City.
    assert area.areas["population"].sum() == 635_640
