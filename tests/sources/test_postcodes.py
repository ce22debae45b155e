"""Postcode directories, and one form for every postcode."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from planner.errors import DataError
from planner.project import Project, parse_spec
from planner.sources.postcodes import from_table, normalise_postcode, read_postcodes


def _project(folder: Path, *roots: Path, **sections: Any) -> Project:
    place = {"name": "Sixsquares", "geography": "lsoa21", "boundaries": "areas.geojson"}
    spec = parse_spec({"place": place, **sections}, where="planner.toml")
    return Project(spec=spec, folder=folder, data_roots=roots)


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("np20 1pa", "NP20 1PA"),
        ("NP201PA", "NP20 1PA"),
        (" M1   1AA ", "M1 1AA"),
        ("M11AA", "M1 1AA"),
        ("W1A 0AX", "W1A 0AX"),
        ("EC1A1BB.", "EC1A 1BB"),
        ("", ""),
        (None, ""),
        ("Sale", ""),
        ("M33", ""),
        ("M33 7ZFX", ""),
        ("12345", ""),
    ],
)
def test_normalise(text: str | None, postcode: str) -> None:
    assert normalise_postcode(text) == postcode


def test_onspd_columns() -> None:
    table = pd.DataFrame(
        {"pcd": ["AA1 1AA"], "pcds": ["AA1 1AA"], "oseast1m": ["430500"], "osnrth1m": ["390500"]}
    )
    found = from_table(table, what="onspd.csv")
    assert found.loc["AA1 1AA"].tolist() == [430500.0, 390500.0]


def test_northern_irish_eastings_are_on_the_irish_grid() -> None:
    # Belfast City Hall, about J 338 740 on the Irish grid, is at 54.5965 N 5.9301 W.
    irish = pd.DataFrame({"pcds": ["BT1 5GS"], "oseast1m": ["333800"], "osnrth1m": ["374000"]})
    degrees = pd.DataFrame({"pcds": ["BT1 5GS"], "lat": ["54.5965"], "long": ["-5.9301"]})
    one, other = from_table(irish, what="a.csv"), from_table(degrees, what="b.csv")
    assert one.loc["BT1 5GS", "x"] == pytest.approx(other.loc["BT1 5GS", "x"], abs=200)
    assert one.loc["BT1 5GS", "y"] == pytest.approx(other.loc["BT1 5GS", "y"], abs=200)


def test_postcodes_without_a_position_are_left_out() -> None:
    # ONSPD gives postcodes without a grid reference the latitude 99.999999.
    table = pd.DataFrame(
        {"pcds": ["AA1 1AA", "JE2 3XP"], "lat": ["53.4", "99.999999"], "long": ["-2.3", "0.0"]}
    )
    assert from_table(table, what="onspd.csv").index.tolist() == ["AA1 1AA"]


def test_first_of_a_repeated_postcode_stays() -> None:
    table = pd.DataFrame(
        {
            "postcode": ["aa11aa", "AA1 1AA"],
            "easting": ["1000", "2000"],
            "northing": ["5000", "5000"],
        }
    )
    assert from_table(table, what="p.csv")["x"].tolist() == [1000.0]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"lon": ["-2"], "lat": ["53"]}, "no postcode column"),
        ({"postcode": ["M1 1AA"]}, "no coordinate columns"),
        ({"postcode": ["Sale"], "lon": ["-2"], "lat": ["53"]}, "no row has both"),
    ],
)
def test_wrong_directory_is_refused(columns: dict[str, list[str]], said: str) -> None:
    with pytest.raises(DataError, match=said):
        from_table(pd.DataFrame(columns), what="p.csv")


def test_no_directory_is_an_empty_one(tmp_path: Path) -> None:
    assert len(read_postcodes(_project(tmp_path))) == 0


def test_trafford_directory(tmp_path: Path, shared: Path) -> None:
    file = "fixtures/postcodes/trafford_postcodes.csv"
    with (shared / file).open(encoding="utf-8-sig", newline="") as handle:
        published = {row["postcode"] for row in csv.DictReader(handle)}
    found = read_postcodes(_project(tmp_path, shared, postcodes={"file": file}))
    assert set(found.index) == published
    assert found["x"].between(368_000, 385_000).all()
    assert found["y"].between(382_000, 400_000).all()
