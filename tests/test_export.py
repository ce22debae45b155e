"""Are the files whole, the same each time, safe to open, and is an earlier result never lost?"""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from plans import COUNT, build_plan

from planner.errors import ProjectError
from planner.export import check_out, write_out
from planner.export.cells import FORMULA_STARTS, round_columns, to_cell, to_csv_text
from planner.export.folder import replace_folder
from planner.neighbourhoods import NOT_TYPED, name_types

FILES = [
    "areas.csv",
    "areas.gpkg",
    "areas.parquet",
    "access.parquet",
    "need_parts.csv",
    "types.csv",
    "type_profiles.csv",
    "type_outcomes.csv",
    "type_diagnostics.csv",
    "type_clustergram.csv",
    "type_membership.parquet",
    "codebook.json",
    "codebook.md",
    "areas_types.qml",
    "gaps.csv",
    "standards.csv",
    "hubs.csv",
    "hub_answer.csv",
    "hub_areas.csv",
    "hub_columns.csv",
    "services.csv",
    "services_hsds.json",
    "travel.parquet",
    "map.html",
    "report.html",
    "planner.resolved.toml",
    "manifest.json",
]
AREA_COLUMNS = [
    "area_code",
    "area_name",
    "population",
    "need_score",
    "need_rank",
    "need_decile",
    "need_rank_national",
    "need_score_access_use",
    "type_id",
    "type_name",
]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "out"
    write_out(build_plan(), folder)
    return folder


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_every_file_of_the_contract_is_written(out: Path) -> None:
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)


def test_written_files_are_returned(tmp_path: Path) -> None:
    written = write_out(build_plan(), tmp_path / "deep" / "out")
    assert [path.name for path in written] == FILES
    assert all(path.is_file() for path in written)


def test_two_runs_are_byte_equal(out: Path, tmp_path: Path) -> None:
    write_out(build_plan(), tmp_path / "again")
    first, second = _contents(out), _contents(tmp_path / "again")
    assert [name for name in FILES if first[name] != second[name]] == []


def test_areas_have_the_columns_of_the_contract_in_order(out: Path) -> None:
    rows = _rows(out / "areas.csv")
    assert list(rows[0])[: len(AREA_COLUMNS)] == AREA_COLUMNS
    assert [row["area_code"] for row in rows] == sorted(row["area_code"] for row in rows)
    assert len(rows) == COUNT


def test_csv_opens_with_its_accents_and_has_unix_lines(out: Path) -> None:
    raw = (out / "areas.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert "Llanwern-ŵy" in raw.decode("utf-8-sig")


def test_decimals_are_fixed_by_column(out: Path) -> None:
    first = _rows(out / "areas.csv")[0]
    assert (first["need_score"], first["minutes_walk_gp"], first["population"]) == (
        "90.000",
        "4.0",
        "1000",
    )


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_a_text_that_would_be_a_formula_is_disarmed(start: str) -> None:
    text = start + 'cmd|" /C calc"!A0'
    assert to_cell(text, 0) == "'" + text


def test_a_formula_behind_spaces_is_disarmed() -> None:
    assert to_cell("  =1+1", 0) == "'  =1+1"


@pytest.mark.parametrize(
    ("value", "text"), [(-3, "-3"), (-0.25, "-0.2500"), (np.float64(-1), "-1.0000")]
)
def test_a_number_below_zero_is_left_as_it_is(value: float, text: str) -> None:
    assert to_cell(value, 4) == text


def test_formulas_are_disarmed_in_every_csv(tmp_path: Path) -> None:
    bad = '=HYPERLINK("//x")'
    plan = build_plan(names=dict.fromkeys(range(COUNT), bad))
    plan.gaps.table["gap_reason"] = bad
    plan.hubs.chosen["venue_name"] = bad
    plan.neighbourhoods.types["distinguishing"] = bad
    plan.services.venues["venue_name"] = bad
    plan.services.unplaced["reason"] = bad
    plan.areas["gap_reason"] = bad
    write_out(plan, tmp_path / "out")
    for name in ("areas.csv", "types.csv", "gaps.csv", "hubs.csv", "services.csv"):
        cells = [cell for row in _rows(tmp_path / "out" / name) for cell in row.values()]
        assert f"'{bad}" in cells, name
        assert not [cell for cell in cells if cell.startswith("=")], name


def test_a_heading_is_disarmed_too() -> None:
    assert to_csv_text(pd.DataFrame({"=1+1": [1]})).startswith("'=1+1\n")


def test_unknown_is_an_empty_cell() -> None:
    table = pd.DataFrame(
        {"minutes": [np.nan, 1.0], "need_rank": pd.array([1, None], dtype="Int64")}
    )
    assert to_csv_text(table) == "minutes,need_rank\n,1\n1.0,\n"


def test_rounding_leaves_no_negative_zero() -> None:
    rounded = round_columns(pd.DataFrame({"minutes": [-0.04]}))
    assert not np.signbit(rounded["minutes"][0])


def test_geoparquet_is_in_national_grid_with_meanings(out: Path) -> None:
    areas = gpd.read_parquet(out / "areas.parquet")
    assert areas.crs.to_epsg() == 27700
    assert areas["area_code"].is_monotonic_increasing
    schema = pq.read_schema(out / "areas.parquet")
    assert b"pandas" not in schema.metadata
    assert b"OGL v3.0" in schema.metadata[b"planner.licences"]
    assert schema.field("need_rank").metadata[b"description"].startswith(b"Rank within the place")


def test_access_file_has_the_columns_of_the_contract(out: Path) -> None:
    columns = [
        "area_code",
        "measure",
        "kind",
        "mode",
        "window",
        "percentile",
        "threshold",
        "value",
        "status",
    ]
    assert pq.read_schema(out / "access.parquet").names == columns


def test_travel_file_keeps_every_pair_to_the_decisecond(out: Path) -> None:
    plan = build_plan()
    table = pd.read_parquet(out / "travel.parquet")
    assert len(table) == len(plan.times.pairs)
    back = (table["minutes"] * 600).round().astype("int32")
    assert back.tolist() == plan.times.pairs["deciseconds"].tolist()


def test_geopackage_has_areas_venues_and_hubs(out: Path) -> None:
    with sqlite3.connect(out / "areas.gpkg") as connection:
        names = [row[0] for row in connection.execute("select table_name from gpkg_contents")]
    connection.close()
    assert sorted(names) == ["areas", "hubs", "layer_styles", "venues"]
    assert len(gpd.read_file(out / "areas.gpkg", layer="venues")) == 9


def test_unplaced_rows_are_listed_with_their_reason(out: Path) -> None:
    rows = _rows(out / "services.csv")
    last = rows[-1]
    assert len(rows) == 10
    assert (last["venue_status"], last["venue_name"]) == ("unplaced", "Lost surgery")
    assert (last["reason"], last["row"]) == ("no postcode and no coordinates", "4")


def test_details_of_services_stand_in_the_table_the_map_file_and_the_directory(
    tmp_path: Path,
) -> None:
    plan = build_plan()
    plan.services = replace(
        plan.services,
        venues=plan.services.venues.assign(accessibility="=step-free", co_located_with="Nursery"),
        offers=plan.services.offers.assign(service_name="Tea", languages="English;Welsh"),
    )
    write_out(plan, tmp_path / "out")
    row = _rows(tmp_path / "out" / "services.csv")[0]
    assert (row["service_name"], row["languages"]) == ("Tea", "English;Welsh")
    assert (row["accessibility"], row["co_located_with"]) == ("'=step-free", "Nursery")
    points = gpd.read_file(tmp_path / "out" / "areas.gpkg", layer="venues")
    assert set(points["accessibility"]) == {"=step-free"}
    (first, *_) = json.loads((tmp_path / "out" / "services_hsds.json").read_text())["contents"]
    assert (first["name"], [one["name"] for one in first["languages"]]) == (
        "Tea",
        ["English", "Welsh"],
    )


def test_areas_without_a_type_are_empty_and_counted(tmp_path: Path) -> None:
    plan = build_plan()
    labels = plan.neighbourhoods.labels.astype("Int64")
    labels.iloc[:2] = pd.NA
    plan.neighbourhoods.labels = labels
    plan.areas["type_id"] = labels
    plan.areas["type_name"] = name_types(labels, plan.neighbourhoods.types["type_name"])
    write_out(plan, tmp_path / "out")
    rows = _rows(tmp_path / "out" / "areas.csv")
    assert [(row["type_id"], row["type_name"]) for row in rows[:2]] == [("", NOT_TYPED)] * 2
    last = _rows(tmp_path / "out" / "types.csv")[-1]
    # The first two areas have 1,000 and 1,050 residents.
    assert (last["type_id"], last["type_name"], last["areas"], last["population"]) == (
        "",
        NOT_TYPED,
        "2",
        "2050",
    )
    assert pq.read_schema(tmp_path / "out" / "areas.parquet").field("type_id").type == "int64"


def test_a_place_without_hubs_has_an_empty_hubs_file(tmp_path: Path) -> None:
    plan = build_plan()
    plan.hubs = None
    write_out(plan, tmp_path / "out")
    assert _rows(tmp_path / "out" / "hubs.csv") == []


def test_manifest_lists_each_file_with_its_hash_and_no_clock(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["made_by"] == "planner"
    assert [entry["file"] for entry in manifest["files"]] == FILES[:-1]
    assert all(len(entry["sha256"]) == 64 for entry in manifest["files"])
    assert "created" not in manifest


def test_pages_refer_to_each_other_and_to_nothing_else(out: Path) -> None:
    assert 'href="report.html"' in (out / "map.html").read_text(encoding="utf-8")
    for name in ("map.html", "report.html"):
        page = (out / name).read_text(encoding="utf-8")
        assert 'src="http' not in page
        assert 'href="http' not in page


def test_an_earlier_result_is_replaced_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    write_out(build_plan(fictional=True), tmp_path / "out")
    write_out(build_plan(fictional=False), tmp_path / "out")
    assert "Fictional" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_out(build_plan(), tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_a_folder_with_somebody_elses_file_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(ProjectError, match=r"thesis\.docx") as caught:
        write_out(build_plan(), tmp_path)
    assert caught.value.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_added_to_an_earlier_result_is_refused(tmp_path: Path) -> None:
    write_out(build_plan(), tmp_path / "out")
    (tmp_path / "out" / "my notes.txt").write_text("mine")
    before = _contents(tmp_path / "out")
    with pytest.raises(ProjectError, match=r"my notes\.txt"):
        write_out(build_plan(), tmp_path / "out")
    assert _contents(tmp_path / "out") == before


@pytest.mark.parametrize(
    "manifest", ["{}", "not json", "[]", '{"made_by": "somebody"}', '{"made_by": "planner"}']
)
def test_a_manifest_that_is_not_ours_protects_its_folder(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    (tmp_path / "data.csv").write_text("x")
    with pytest.raises(ProjectError):
        check_out(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(ProjectError, match="this is a file"):
        check_out(tmp_path / "out")


def test_the_folder_one_is_in_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProjectError, match="the folder you are in"):
        check_out(Path())


@pytest.mark.parametrize("lock", [".~lock.areas.csv#", "~$areas.csv"])
def test_a_file_open_in_a_spreadsheet_is_named(tmp_path: Path, lock: str) -> None:
    write_out(build_plan(), tmp_path / "out")
    (tmp_path / "out" / lock).write_text("somebody")
    with pytest.raises(ProjectError, match=r"areas\.csv: in use"):
        check_out(tmp_path / "out")


def _earlier(folder: Path) -> Path:
    """Write a small result of ours, so that swaps can be tried without a plan."""
    replace_folder(folder, _writer("old"))
    return folder


def _writer(text: str) -> Any:
    def write(fresh: Path) -> None:
        (fresh / "areas.csv").write_text(text)
        listed = {"made_by": "planner", "files": [{"file": "areas.csv"}]}
        (fresh / "manifest.json").write_text(json.dumps(listed))

    return write


@pytest.mark.parametrize("failing", [1, 2])
def test_a_locked_file_keeps_the_earlier_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    folder = _earlier(tmp_path / "out")
    real, calls = os.replace, []

    def replace(old: Any, new: Any) -> None:
        calls.append(old)
        if len(calls) == failing:
            held = str(Path(old) / "areas.csv")
            raise PermissionError(13, "sharing violation", held)
        real(old, new)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(ProjectError, match=r"areas\.csv: in use"):
        replace_folder(folder, _writer("new"))
    assert (folder / "areas.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_where_the_earlier_result_is_is_said_if_it_cannot_be_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _earlier(tmp_path / "out")
    real, calls = os.replace, []

    def replace(old: Any, new: Any) -> None:
        calls.append(old)
        if len(calls) > 1:
            raise PermissionError(13, "sharing violation")
        real(old, new)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(ProjectError, match=r"they are in .*\.out\.old-"):
        replace_folder(folder, _writer("new"))


def test_a_failure_while_writing_changes_nothing(tmp_path: Path) -> None:
    folder = _earlier(tmp_path / "out")

    def write(fresh: Path) -> None:
        (fresh / "areas.csv").write_text("half")
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        replace_folder(folder, write)
    assert (folder / "areas.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_put_there_while_writing_is_kept(tmp_path: Path) -> None:
    folder = _earlier(tmp_path / "out")

    def write(fresh: Path) -> None:
        _writer("new")(fresh)
        (folder / "mine.txt").write_text("mine")

    with pytest.raises(ProjectError, match=r"mine\.txt"):
        replace_folder(folder, write)
    assert (folder / "mine.txt").read_text() == "mine"
