"""Map files as rows with one point each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, Polygon, box

from planner.errors import DataError
from planner.sources.vectors import is_map_file, read_points


def _geojson(path: Path, *geometries: dict[str, Any] | None) -> Path:
    features = [
        {"type": "Feature", "properties": {"name": f"f{i}"}, "geometry": geometry}
        for i, geometry in enumerate(geometries)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_points_and_reasons(tmp_path: Path) -> None:
    path = _geojson(
        tmp_path / "a.geojson",
        {"type": "Point", "coordinates": [-2.0, 49.0]},
        None,
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Point", "coordinates": [-2.3, 100]},
    )
    table, located = read_points(path, what="a.geojson")
    assert table["name"].tolist() == ["f0", "f1", "f2", "f3"]
    assert located["reason"].tolist() == [
        "",
        "no coordinates",
        "coordinates at Null Island (0, 0)",
        "coordinates outside the UK and Ireland",
    ]
    # The true origin of the National Grid: 49 N 2 W is E 400000 N -100000, give or take the datum.
    assert located.loc[1, "x"] == pytest.approx(400_000, abs=150)
    assert located.loc[1, "y"] == pytest.approx(-100_000, abs=150)


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".fgb", ".parquet", ".geojson"])
def test_every_format(tmp_path: Path, suffix: str) -> None:
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(430000, 390000)], crs="EPSG:27700")
    path = tmp_path / f"a{suffix}"
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_file(path)
    _, located = read_points(path, what=path.name)
    assert located[["x", "y"]].iloc[0].tolist() == pytest.approx([430000, 390000], abs=0.01)


def test_polygon_stands_as_a_point_inside(tmp_path: Path) -> None:
    # An L: its centroid, (431166.., 391166..), lies outside it.
    corner = Polygon([(430000, 390000), (433000, 390000), (433000, 390100), (430100, 390100),
                      (430100, 393000), (430000, 393000)])  # fmt: skip
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[corner], crs="EPSG:27700").to_file(path)
    _, located = read_points(path, what="a.gpkg")
    assert corner.covers(Point(located.loc[1, "x"], located.loc[1, "y"]))


def test_other_projections_are_moved(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(430000, 390000)], crs="EPSG:27700")
    frame.to_crs("EPSG:3857").to_file(path)
    _, located = read_points(path, what="a.gpkg")
    assert located[["x", "y"]].iloc[0].tolist() == pytest.approx([430000, 390000], abs=0.01)


def test_plain_parquet_is_no_map_file(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    assert not is_map_file(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.geojson", b"", "empty"),
        ("a.geojson", b"<OGRVRTDataSource></OGRVRTDataSource>", "something else"),
        ("a.geojson", b"<html>", "something else"),
        ("a.gpkg", b"{}", "something else"),
        ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 200, "broken"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [{"type"', "broken"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "no features"),
    ],
)
def test_wrong_files_are_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        read_points(path, what=name)
    assert str(tmp_path) not in str(caught.value)


def test_cut_geopackage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    squares = [box(i, 0, i + 1, 1) for i in range(2000)]
    gpd.GeoDataFrame({"n": range(2000)}, geometry=squares, crs="EPSG:27700").to_file(path)
    path.write_bytes(path.read_bytes()[:150_000])
    with pytest.raises(DataError, match="broken"):
        read_points(path, what="a.gpkg")


def test_several_layers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({"n": [1]}, geometry=[Point(1, 1)], crs="EPSG:27700")
    frame.to_file(path, layer="one")
    frame.to_file(path, layer="two")
    with pytest.raises(DataError, match=r"2 map layers \('one', 'two'\)"):
        read_points(path, what="a.gpkg")
