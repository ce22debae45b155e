"""Whatever is handed in, the answer is one or two plain lines, exit code 2, and nothing written."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from planner import cli
from planner.check import build_check
from planner.demo import write_demo
from planner.project import Project

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo place to spoil; each test spoils a copy."""
    folder = tmp_path_factory.mktemp("small") / "place"
    write_demo(folder, areas=20)
    return folder


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "planner.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    change(table)
    path.write_text(tomlkit.dumps(table), encoding="utf-8")


def boundaries(folder: Path) -> Path:
    return folder / "lsoa21_boundaries.geojson"


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def first_table_layer(table: dict[str, Any]) -> dict[str, Any]:
    return next(layer for layer in table["layer"] if layer["from"] == "table")


def replace_text(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def missing_file(folder: Path) -> None:
    (folder / "gp_practices.csv").unlink()


def wrong_file_for_the_reader(folder: Path) -> None:
    shutil.copy(folder / "census2021-ts067-lsoa.csv", folder / "census2021-ts066-lsoa.csv")


def missing_column(folder: Path) -> None:
    edit(folder, lambda t: first_table_layer(t)["columns"].update(income="No such header"))


def repeated_codes(folder: Path) -> None:
    path = folder / "iod2025_domain_scores.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")


def codes_of_another_geography(folder: Path) -> None:
    replace_text(boundaries(folder), "E0190", "S0100")


def layer_of_another_place(folder: Path) -> None:
    replace_text(folder / "iod2025_domain_scores.csv", "E0190", "E0110")


def no_row_usable(folder: Path) -> None:
    path = folder / "jobcentres.csv"
    path.write_text("name,lon,lat\nNowhere,0,0\nNowhere else,0,0\n", encoding="utf-8")


def all_weights_zero(folder: Path) -> None:
    edit(folder, lambda t: t.setdefault("need", {}).update(weights={"income": 0, "health": 0}))


def more_types_than_areas(folder: Path) -> None:
    def change(table: dict[str, Any]) -> None:
        table["place"]["where"] = {"LSOA21CD": "E0190000*"}
        table["neighbourhoods"]["k"] = 15

    edit(folder, change)


def truncated_streets(folder: Path) -> None:
    truncate(folder / "streets.osm")


def renamed_zip_as_streets(folder: Path) -> None:
    shutil.copy(folder / "bus_timetable_gtfs.zip", folder / "streets.osm.pbf")
    edit(folder, lambda t: t["streets"].update(file="streets.osm.pbf"))


def truncated_timetable(folder: Path) -> None:
    truncate(folder / "bus_timetable_gtfs.zip")


def timetable_of(folder: Path) -> Path:
    return folder / "bus_timetable_gtfs.zip"


def rewrite_timetable(folder: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    path = timetable_of(folder)
    with zipfile.ZipFile(path) as archive:
        tables = {name: archive.read(name) for name in archive.namelist()}
    change(tables)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tables.items():
            archive.writestr(name, content)


def lines_of(tables: dict[str, bytes], name: str) -> list[bytes]:
    return tables[name].splitlines(keepends=True)


def timetable_without_stop_times(folder: Path) -> None:
    rewrite_timetable(folder, lambda tables: tables.pop("stop_times.txt") and None)


def timetable_with_two_stops_of_one_id(folder: Path) -> None:
    def change(tables: dict[str, bytes]) -> None:
        head, first, second, *rest = lines_of(tables, "stops.txt")
        other = first.split(b",")[0] + b"," + second.split(b",", 1)[1]
        tables["stops.txt"] = b"".join([head, first, other, *rest])

    rewrite_timetable(folder, change)


def timetable_with_unknown_stops(folder: Path) -> None:
    def change(tables: dict[str, bytes]) -> None:
        lines = lines_of(tables, "stops.txt")
        tables["stops.txt"] = b"".join(lines[: len(lines) // 2])

    rewrite_timetable(folder, change)


def timetable_with_single_digits(folder: Path) -> None:
    def change(tables: dict[str, bytes]) -> None:
        tables["stop_times.txt"] = re.sub(rb":(\d\d):00\b", rb":\1:0", tables["stop_times.txt"])

    rewrite_timetable(folder, change)


def timetable_that_is_a_bomb(folder: Path) -> None:
    rewrite_timetable(folder, lambda t: t.update({"shapes.txt": b"0" * 30_000_000}))


def timetable_that_is_a_folder(folder: Path) -> None:
    timetable_of(folder).unlink()
    timetable_of(folder).mkdir()


def truncated_boundaries(folder: Path) -> None:
    truncate(boundaries(folder))


def truncated_geopackage(folder: Path) -> None:
    import geopandas as gpd

    gpd.read_file(boundaries(folder)).to_file(folder / "areas.gpkg")
    truncate(folder / "areas.gpkg")
    edit(folder, lambda t: t["place"].update(boundaries="areas.gpkg"))


def not_toml(folder: Path) -> None:
    (folder / "planner.toml").write_text("place = Anytown", encoding="utf-8")


def outside_the_folder(folder: Path) -> None:
    shutil.copy(folder / "jobcentres.csv", folder.parent / "jobcentres.csv")
    edit(folder, lambda t: t["services"][0].update(file="../jobcentres.csv"))


def web_page_saved_as_csv(folder: Path) -> None:
    page = "<!DOCTYPE html><html><body>Not found</body></html>"
    (folder / "population_mid2024.csv").write_text(page, encoding="utf-8")


def date_outside_the_timetable(folder: Path) -> None:
    replace_text(folder / "planner.toml", "date = 2026-03-03", "date = 2031-03-04")


def forced_and_closed_hub(folder: Path) -> None:
    edit(folder, lambda t: t["hubs"].update(forced=["a"], closed=["a"]))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (missing_file, "gp_practices.csv"),
        (wrong_file_for_the_reader, "census2021-ts066-lsoa.csv"),
        (missing_column, "No such header"),
        (repeated_codes, "more than once"),
        (codes_of_another_geography, "lsoa_boundaries|lsoa21_boundaries"),
        (layer_of_another_place, "iod2025_domain_scores.csv"),
        (no_row_usable, "jobcentres.csv"),
        (all_weights_zero, "zero"),
        (more_types_than_areas, "15"),
        (truncated_streets, "streets.osm"),
        (renamed_zip_as_streets, "streets.osm.pbf"),
        (truncated_timetable, "bus_timetable_gtfs.zip"),
        (timetable_without_stop_times, "no stop_times.txt"),
        (timetable_with_two_stops_of_one_id, "stops.txt, row 3: stop_id"),
        (timetable_with_unknown_stops, "is not in stops.txt"),
        (timetable_with_single_digits, "not written H:MM:SS"),
        (timetable_that_is_a_bomb, "would unpack to"),
        (timetable_that_is_a_folder, "bus_timetable_gtfs.zip"),
        (truncated_boundaries, "lsoa21_boundaries.geojson"),
        (truncated_geopackage, "areas.gpkg"),
        (not_toml, "not a TOML file"),
        (outside_the_folder, "outside the project's folder"),
        (web_page_saved_as_csv, "population_mid2024.csv"),
        (date_outside_the_timetable, "2031"),
        (forced_and_closed_hub, "forced and closed at once"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_refused_in_plain_lines_with_nothing_written(
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    spoil: Change,
    words: str,
) -> None:
    folder = tmp_path / "outer" / "place"
    shutil.copytree(small, folder)
    spoil(folder)
    monkeypatch.setattr(sys, "argv", ["planner", "run", str(folder), "-o", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    said = [
        line
        for line in capsys.readouterr().err.splitlines()
        if not line.lstrip()[:4].strip().endswith("%")  # progress
    ]
    assert stopped.value.code == 2
    assert 1 <= len(said) <= 2, said
    assert said[0].startswith("planner: ")
    assert any(word in " ".join(said) for word in words.split("|")), said
    assert "Traceback" not in " ".join(said)
    assert not (tmp_path / "out").exists()


def test_check_lists_what_is_wrong_with_a_timetable_that_is_refused(
    small: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "place"
    shutil.copytree(small, folder)
    timetable_with_two_stops_of_one_id(folder)
    found = build_check(Project.read(folder))
    problems = found.tables["Problems in the timetables"]
    assert problems["problem"].iloc[0] == "stop_id stands more than once, with different contents"
    assert problems["first"].iloc[0].startswith("row 3: ")
    assert any(words.startswith("The timetable cannot be used.") for words in found.notes)
    assert found.refused.startswith("The timetable cannot be used.")
    assert "Trips on the days around" in found.tables
