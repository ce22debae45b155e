"""Jobs tables: points with a number of jobs."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from places import tiny_area
from shapely.geometry import box

from planner.area import CRS, StudyArea
from planner.errors import DataError
from planner.project import Project, parse_spec
from planner.services import Jobs
from planner.sources.jobs import read_jobs


def _read(folder: Path, text: str, **keys: Any) -> Jobs:
    (folder / "jobs.csv").write_text(text, encoding="utf-8")
    jobs = read_jobs(_project(folder, jobs={"file": "jobs.csv", **keys}), tiny_area())
    assert jobs is not None
    return jobs


def _project(folder: Path, *roots: Path, **sections: Any) -> Project:
    place = {"name": "Sixsquares", "geography": "lsoa21", "boundaries": "areas.geojson"}
    spec = parse_spec({"place": place, **sections}, where="planner.toml")
    return Project(spec=spec, folder=folder, data_roots=roots)


def test_no_jobs_section(tmp_path: Path) -> None:
    assert read_jobs(_project(tmp_path), tiny_area()) is None


def test_points_and_numbers(tmp_path: Path) -> None:
    jobs = _read(tmp_path, 'wz,jobs,easting,northing\nB,"1,200",431000,391000\nA,5,430000,390000\n')
    assert jobs.points["jobs"].to_dict() == {"A": 5.0, "B": 1200.0}
    assert (jobs.points.geometry["B"].x, jobs.points.geometry["B"].y) == (431000.0, 391000.0)


def test_rows_without_an_id_are_named_by_row(tmp_path: Path) -> None:
    jobs = _read(tmp_path, "lat,lon,jobs\n53.4,-1.55,10\n53.41,-1.55,20\n")
    assert jobs.points["jobs"].to_dict() == {"row-1": 10.0, "row-2": 20.0}


def test_far_jobs_are_kept(tmp_path: Path) -> None:
    jobs = _read(tmp_path, "wz,jobs,easting,northing\nA,5,430000,390000\nB,7,530000,180000\n")
    assert jobs.points.index.tolist() == ["A", "B"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("X,,430000,390000", "no number of jobs from 0 up"),
        ("X,-3,430000,390000", "no number of jobs from 0 up"),
        ("X,*,430000,390000", "no number of jobs from 0 up"),
        ("X,3,0,0", "coordinates at Null Island (0, 0)"),
        ("X,3,,", "no coordinates"),
    ],
)
def test_rows_that_cannot_be_used_are_listed(tmp_path: Path, row: str, reason: str) -> None:
    jobs = _read(tmp_path, f"wz,jobs,easting,northing\nA,5,430000,390000\n{row}\n")
    assert jobs.points.index.tolist() == ["A"]
    assert [(n.what, n.count, n.items) for n in jobs.notes] == [
        ("jobs_unusable", 1, (f"row 2 (X): {reason}",))
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wz,jobs\nA,5\n", "no pair of coordinate columns"),
        ("wz,people,easting,northing\nA,5,430000,390000\n", "no column 'jobs'"),
        ("wz,jobs,easting,northing\nA,x,430000,390000\n", "none of its 1 rows can be used"),
        ("wz,jobs,easting,northing\nA,5,530000,180000\n", "no job is within 100 km"),
    ],
)
def test_wrong_tables_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        _read(tmp_path, text)


def test_named_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = "zone,jobs,easting,northing\nA,5,430000,390000\nA,7,430000,390000\n"
    with pytest.raises(DataError, match=r"1 ids stand more than once \(first: A\)"):
        _read(tmp_path, text, id_column="zone")


def test_other_columns_can_be_named(tmp_path: Path) -> None:
    text = "ref;workers;e;n\nA;5;430000;390000\n"
    jobs = _read(tmp_path, text, column="workers", id_column="ref", x_column="e", y_column="n")
    assert jobs.points["jobs"].to_dict() == {"A": 5.0}


def test_greater_manchester(tmp_path: Path, shared: Path) -> None:
    file = "fixtures/jobs/gm_workplace_zones_jobs_2011.csv"
    with (shared / file).open(encoding="utf-8-sig", newline="") as handle:
        published = {row["wz"]: float(row["jobs"]) for row in csv.DictReader(handle)}
    area = _around_manchester()
    jobs = read_jobs(_project(tmp_path, shared, jobs={"file": file}), area)
    assert jobs is not None
    assert jobs.points["jobs"].to_dict() == published
    assert jobs.notes == ()


def _around_manchester() -> StudyArea:
    tiny = tiny_area()
    squares = [box(380000 + i, 390000, 380001 + i, 390001) for i in range(len(tiny.areas))]
    areas = tiny.areas.set_geometry(gpd.GeoSeries(squares, index=tiny.areas.index, crs=CRS))
    points = tiny.points.set_geometry(areas.geometry.centroid.set_axis(tiny.points.index))
    return StudyArea(
        name="Somewhere",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="several points",
    )
