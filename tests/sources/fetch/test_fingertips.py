"""Of 27 columns the 23rd changes its name. Keyed from fingertips.phe.org.uk/api."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from replays import Replay, csv_file, entry, fetcher, fingertips_rows, replay_server, to_csv

from planner.errors import DataError, SourceError
from planner.sources.fetch.fingertips import check_header, fetch_indicator, read_indicator

FIGURES = [
    ("E02000001", "Female", "2016 - 20", 82.0),
    ("E02000001", "Male", "2016 - 20", 78.0),
    ("E02000001", "Male", "2015 - 19", 77.0),
    ("E92000001", "Male", "2017 - 21", 79.0),
]


@pytest.fixture
def server() -> Iterator[Replay]:
    with replay_server() as replay:
        yield replay


def source(server: Replay) -> Any:
    return entry(server.url("/csv"), kind="fingertips", query={"indicator_ids": "93283"})


def write(tmp_path: Path, rows: list[list[object]]) -> Path:
    path = tmp_path / "life.csv"
    path.write_text(to_csv(rows), encoding="utf-8-sig")
    return path


@pytest.mark.parametrize("moving", ["Region", "UA unchanged", "CCGs (from Apr 2021)"])
def test_the_23rd_column_may_be_called_after_any_parent(
    server: Replay, tmp_path: Path, moving: str
) -> None:
    server.routes["/csv"] = csv_file(fingertips_rows(FIGURES, moving=moving))
    path = fetch_indicator(fetcher(tmp_path), source(server))
    assert check_header(path) == ""


def test_a_changed_column_is_refused_and_named(server: Replay, tmp_path: Path) -> None:
    rows = fingertips_rows(FIGURES)
    rows[0][12] = "Observation"
    server.routes["/csv"] = csv_file(rows)
    with pytest.raises(SourceError, match="column 13 is 'Observation', not 'Value'"):
        fetch_indicator(fetcher(tmp_path), source(server))


def test_a_28th_column_is_refused(tmp_path: Path) -> None:
    rows = [[*row, "x"] for row in fingertips_rows(FIGURES)]
    assert check_header(write(tmp_path, rows)) == "it has 28 columns, not 27"


def test_the_latest_period_is_that_of_small_areas(tmp_path: Path) -> None:
    found = read_indicator(write(tmp_path, fingertips_rows(FIGURES)), pattern=r"E02\d{6}")
    assert (found.period, found.sexes) == ("2016 - 20", ("Female", "Male"))


def test_two_rows_for_one_area_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, fingertips_rows([*FIGURES, FIGURES[0]]))
    with pytest.raises(DataError, match="E02000001 has more than one row"):
        read_indicator(path, pattern=r"E02\d{6}")


def test_a_file_of_other_areas_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, fingertips_rows(FIGURES[3:]))
    with pytest.raises(DataError, match="no row is about the small areas"):
        read_indicator(path, pattern=r"E02\d{6}")
