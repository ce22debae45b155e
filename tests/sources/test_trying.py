"""Trying a table of places in memory: rows placed, rows lost, nothing on disk."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from places import tiny_area

from planner.errors import DataError
from planner.project import Project, ServicesEntry, parse_spec
from planner.sources.boundaries import read_vector
from planner.sources.matching import build_match, read_own_table
from planner.sources.place import read_study_area
from planner.sources.trying import MAX_ROWS, Trial, try_services
from planner.sources.uploads import MAX_UPLOAD_BYTES, Upload
from planner.sources.vectors import read_points

ROOT = Path(__file__).resolve().parents[2]


def _try(folder: Path, text: str, **keys: str) -> Trial:
    place = {"name": "Sixsquares", "geography": "lsoa21", "boundaries": "areas.geojson"}
    project = Project(spec=parse_spec({"place": place}, where="planner.toml"), folder=folder)
    upload = Upload(name="halls.csv", content=text.encode())
    entry = ServicesEntry.model_validate({"kind": "hall", "file": "halls.csv", **keys})
    return try_services(project, tiny_area(), upload, entry, rows=text.count("\n") - 1)


def test_rows_are_sorted_by_where_they_lie(tmp_path: Path) -> None:
    bounds = tiny_area().place.total_bounds
    x, y = int(bounds[0]), int(bounds[1])
    text = (
        "name,easting,northing\n"
        f"In,{x + 10},{y + 10}\n"
        f"At 10 km,{x - 10_000},{y + 10}\n"
        f"At 11 km,{x - 11_000},{y + 10}\n"
        f"At 101 km,{x - 101_000},{y + 10}\n"
        "Nowhere,,\n"
    )
    trial = _try(tmp_path, text)
    where = dict(zip(trial.placed["name"], trial.placed["where"], strict=True))
    assert where == {"In": "inside", "At 10 km": "around", "At 11 km": "further"}
    assert trial.lost.to_numpy().tolist() == [
        [4, "At 101 km", "more than 100 km from the place"],
        [5, "Nowhere", "no coordinates and no postcode"],
    ]


def test_nothing_is_written(tmp_path: Path) -> None:
    bounds = tiny_area().place.total_bounds
    _try(tmp_path, f"name,easting,northing\nIn,{bounds[0] + 10},{bounds[1] + 10}\n")
    assert list(tmp_path.iterdir()) == []


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    project = Project(
        spec=parse_spec(
            {"place": {"name": "S", "geography": "lsoa21", "boundaries": "a"}}, where="p"
        ),
        folder=tmp_path,
    )
    upload = Upload(name="a.csv", content=b"name,lon,lat\n")
    entry = ServicesEntry.model_validate({"kind": "hall", "file": "a.csv"})
    with pytest.raises(DataError, match="at most 50,000"):
        try_services(project, tiny_area(), upload, entry, rows=MAX_ROWS + 1)


def test_a_large_upload_is_refused() -> None:
    with pytest.raises(DataError, match="more than the 20 MB"):
        Upload(name="a.csv", content=b"x" * (MAX_UPLOAD_BYTES + 1))


def test_an_upload_does_not_show_its_bytes() -> None:
    assert "Quill" not in repr(Upload(name="a.csv", content=b"Quill,NP20 4PF"))


# Counts made with the raw coordinates and the place's outline, apart from the planner's readers.
@pytest.mark.parametrize(
    "file", ["gm_jobcentreplus.csv", "gm_libraries.csv", "trafford_schools_and_colleges.csv"]
)
def test_published_tables_in_trafford(shared: Path, file: str) -> None:
    import geopandas as gpd
    import pandas as pd

    project = Project.read(ROOT / "tests" / "projects" / "trafford.toml", data_roots=[shared])
    area = read_study_area(project)
    path = shared / "fixtures" / "services" / file
    upload = Upload(name=file, content=path.read_bytes())
    table = read_own_table(upload, what=file)
    import tomllib

    section = tomllib.loads(build_match(table, file=file).section)["services"][0]
    trial = try_services(
        project, area, upload, ServicesEntry.model_validate(section), rows=len(table)
    )
    raw = pd.read_csv(path).dropna(subset=["lon", "lat"])
    points = gpd.GeoSeries.from_xy(raw["lon"], raw["lat"], crs=4326).to_crs(27700)
    inside = int(points.within(area.place.union_all()).sum())
    assert int((trial.placed["where"] == "inside").sum()) == inside
    assert len(trial.placed) + len(trial.lost) == len(table)


def _forge_size(content: bytes, name: str, size: int) -> bytes:
    """Return an archive that says a part is of another size than it is."""
    at = content.rindex(name.encode())  # in the central directory, 46 bytes after its header
    return content[: at - 22] + size.to_bytes(4, "little") + content[at - 18 :]


def test_a_workbook_that_expands_too_far_is_not_opened() -> None:
    held = io.BytesIO()
    archive = zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open("xl/sheet.xml", "w") as part:
        for _ in range(201):
            part.write(b" " * 1_000_000)
    upload = Upload(name="bomb.xlsx", content=held.getvalue())
    with pytest.raises(DataError, match="expands to more than 200 MB"):
        read_own_table(upload, what="bomb.xlsx")
    forged = Upload(name="bomb.xlsx", content=_forge_size(held.getvalue(), "xl/sheet.xml", 10))
    with pytest.raises(DataError, match="larger than the archive says"):
        read_own_table(forged, what="bomb.xlsx")


def test_a_list_of_commands_is_no_map(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("name,lon,lat\nSecret,0,53\n", encoding="utf-8")
    command = f"gdal vector pipeline ! read {tmp_path / 'secret.csv'}"
    text = json.dumps({"type": "gdal_streamed_alg", "command_line": command})
    file = tmp_path / "map.geojson"
    file.write_text(text, encoding="utf-8")
    for given in (file, Upload(name="map.geojson", content=text.encode())):
        with pytest.raises(DataError, match="names other files"):
            read_points(given, what="map.geojson")
    with pytest.raises(DataError, match="names other files"):
        read_vector(file, what="map.geojson")


def test_a_map_in_memory_is_read_as_from_disk() -> None:
    file = ROOT / "data" / "demo" / "childrens_centres.geojson"
    table, located = read_points(Upload(name=file.name, content=file.read_bytes()), what="x")
    same, places = read_points(file, what="x")
    assert table.equals(same)
    assert located.equals(places)
