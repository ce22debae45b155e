"""A run with a private caseload, then every byte of what it wrote is searched."""

from __future__ import annotations

import csv
import gzip
import hashlib
import sqlite3
import sys
import traceback
import zlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from light import lighten_file

from planner import Memo, Plan, Project, cli, make_plan
from planner.demo import write_demo
from planner.errors import DataError

FOLDER, FILE = "hush_hush_folder", "zz_secret_cases.csv"
NAME = "Quillfeather"

SECTION = f"""
[[private]]
id = "support_cases"
title = "Adults in supported housing"
file = "{FILE}"
domain = "support"
vintage = "March 2026"

[need]
weights = {{ income = 1.0, support = 0.5 }}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small demo place with a made-up caseload in a folder of its own."""
    base = tmp_path_factory.mktemp("private")
    folder = base / "place"
    write_demo(folder, areas=60)
    with (folder / "postcodes.csv").open(encoding="utf-8") as handle:
        postcodes = [row["pcds"] for row in csv.DictReader(handle)]
    lines = ["surname,postcode"]
    for at, postcode in enumerate(postcodes):
        lines += [f"{NAME}{at},{postcode}"] * (at * 7 % 11)
    lines += [f"{NAME},nowhere"] * 3
    (base / FOLDER).mkdir()
    (base / FOLDER / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    project = folder / "planner.toml"
    project.write_text(project.read_text(encoding="utf-8") + SECTION, encoding="utf-8")
    lighten_file(project)
    return base


def run(*words: object) -> int:
    before = sys.argv
    sys.argv = ["planner", *map(str, words)]
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    finally:
        sys.argv = before
    return 0


@pytest.fixture(scope="module")
def out(place: Path) -> Path:
    roots = ("--data-root", place / FOLDER)
    assert run("run", place / "place", "-o", place / "out", *roots) == 0
    return place / "out"


@pytest.fixture(scope="module")
def kept(place: Path) -> tuple[Plan, Memo]:
    memo = Memo(max_entries=20)
    project = Project.read(place / "place", data_roots=[place / FOLDER])
    return make_plan(project, memo=memo), memo


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each file as its bytes and as what its format unpacks to."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        yield path.name, data.decode("latin-1")
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            table = pq.read_table(path)
            yield path.name, str(table.schema.metadata) + table.to_pandas().to_csv()
        if path.suffix == ".gpkg":
            with sqlite3.connect(path) as base:
                yield path.name, "\n".join(base.iterdump())
        if path.suffix == ".html":
            yield path.name, "".join(_unpacked(data))


def _unpacked(data: bytes) -> Iterator[str]:
    """Yield what stands base64-coded and packed in a page."""
    import base64
    import re

    for found in re.findall(rb"[A-Za-z0-9+/]{200,}={0,2}", data):
        raw = base64.b64decode(found + b"=" * (-len(found) % 4))
        yield raw.decode("latin-1")
        for unpack in (zlib.decompress, gzip.decompress):
            try:
                yield unpack(raw).decode("latin-1")
            except (zlib.error, OSError, EOFError):
                continue


def test_no_file_has_a_name_the_path_or_the_hash(place: Path, out: Path) -> None:
    sha = hashlib.sha256((place / FOLDER / FILE).read_bytes()).hexdigest()
    secrets = (NAME, FILE, FILE.removesuffix(".csv"), FOLDER, sha, sha[:12], str(place))
    found = [(name, s) for name, text in everything(out) for s in secrets if s in text]
    assert found == []


def test_no_file_has_a_postcode_that_public_files_have_not(place: Path, out: Path) -> None:
    with (place / FOLDER / FILE).open(encoding="utf-8") as handle:
        mine = {row["postcode"] for row in csv.DictReader(handle)} - {"nowhere"}
    # Some services of the demo place have postcodes of their own; those are not private.
    files = [path for path in (place / "place").iterdir() if path.name != "postcodes.csv"]
    public = "".join(path.read_bytes().decode("latin-1") for path in files)
    mine = {postcode for postcode in mine if postcode not in public}
    assert len(mine) > 100
    squeezed = {postcode.replace(" ", "") for postcode in mine}
    found = [(name, s) for name, text in everything(out) for s in mine | squeezed if s in text]
    assert found == []


def test_every_count_that_is_written_is_protected(out: Path) -> None:
    table = pd.read_csv(out / "private_layers.csv")
    shown = table["count"].dropna()
    assert len(shown) > 20
    assert table["count"].isna().sum() > 20
    assert (shown >= 10).all()
    assert (shown % 5 == 0).all()


def test_written_counts_are_those_of_the_register(place: Path, out: Path) -> None:
    """Count again by another way: the demo's own directory joined to its polygons."""
    import geopandas as gpd

    register = pd.read_csv(place / FOLDER / FILE).merge(
        pd.read_csv(place / "place" / "postcodes.csv"), left_on="postcode", right_on="pcds"
    )
    areas = gpd.read_file(place / "place" / "lsoa21_boundaries.geojson")
    code = next(c for c in areas.columns if areas[c].astype(str).str.fullmatch(r"E01\d{6}").all())
    areas = areas.to_crs(27700)
    points = gpd.GeoSeries(
        gpd.points_from_xy(register["oseast1m"], register["osnrth1m"]), crs=27700
    )
    written = pd.read_csv(out / "private_layers.csv").query("level == 'area'").set_index("code")
    for row in areas.itertuples():
        true = int(points.within(row.geometry).sum())
        shown = written.loc[getattr(row, code), "count"]
        assert pd.isna(shown) if true < 10 else abs(shown - true) <= 2


def test_the_resolved_project_runs_again_and_says_what_is_gone(
    place: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    resolved = out / "planner.resolved.toml"
    assert "Private layers left out" in resolved.read_text(encoding="utf-8")
    code = run("run", resolved, "-o", place / "again", "--data-root", place / "place")
    assert code == 0
    assert "1 private layer was left out" in capsys.readouterr().out
    assert (place / "again" / "planner.resolved.toml").read_bytes() == resolved.read_bytes()
    assert not (place / "again" / "private_layers.csv").exists()


def test_check_tells_of_rounding_and_nothing_private(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", place / "place", "--data-root", place / FOLDER) == 0
    said = "".join(capsys.readouterr())
    assert "support_cases" in said
    assert "rounding" in said
    assert not [secret for secret in (NAME, FILE, FOLDER) if secret in said]


def test_the_memo_keeps_nothing_private(kept: tuple[Plan, Memo]) -> None:
    plan, memo = kept
    values = [value for stage in memo._results.values() for value in stage.values()]
    assert values
    assert not [value for value in values if value is plan.layers or value is plan.need]
    assert {"need", "neighbourhoods", "gaps", "hubs"}.isdisjoint(memo.computed)
    assert not [
        value for value in values if "support_cases" in getattr(value, "specs", {}).__iter__()
    ]
    assert "access" in memo.computed


def test_another_register_under_the_same_name_is_read_again(
    place: Path, kept: tuple[Plan, Memo]
) -> None:
    before, memo = kept
    project = Project.read(place / "place", data_roots=[place / FOLDER])
    path = place / FOLDER / FILE
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(text + f"{NAME},ZZ1 0AA\n" * 50, encoding="utf-8")
        after = make_plan(project, memo=memo)
    finally:
        path.write_text(text, encoding="utf-8")
    one, two = (plan.private[0].protected.counts.sum() for plan in (before, after))
    assert two >= one + 40


def test_a_broken_row_tells_nothing_with_debug(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / FOLDER
    broken.mkdir()
    rows = f"{NAME},ZZ1 0AA\n" * 300
    (broken / FILE).write_text(f"surname,postcode\n{rows}{NAME},ZZ1 0AB,x,y\n", encoding="utf-8")
    words = ("run", place / "place", "-o", tmp_path / "out", "--data-root", broken)
    assert run(*words) == 2
    assert "row 302" in capsys.readouterr().err
    with pytest.raises(DataError) as stopped:
        run(*words, "--debug")
    # What Python prints of an error that nobody catches.
    said = "".join(traceback.format_exception(stopped.value)) + "".join(capsys.readouterr())
    assert "Traceback" in said
    assert "row 302" in said
    assert not [secret for secret in (NAME, FILE, FOLDER, "ZZ1") if secret in said]
    assert not (tmp_path / "out").exists()
