"""`planner match` on a person's own table: columns, what is missing, a section, plain refusals."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def halls(tmp_path: Path) -> Path:
    path = tmp_path / "halls.csv"
    path.write_text("Site [old],Post Code\nCorn Hall,M32 4AA\nLong Room,M33 1AA\n")
    return path


def test_columns_and_section_are_shown(planner: Run, halls: Path) -> None:
    code, out, _ = planner("match", halls, "--kind", "warm_space")
    assert code == 0
    assert "2 rows, 2 columns" in out
    assert "Corn Hall; Long Room" in out
    assert "M32" not in out
    section = tomllib.loads(out[out.index("# Save") :])["services"][0]
    assert section == {
        "kind": "warm_space",
        "file": "halls.csv",
        "name_column": "Site [old]",
        "postcode_column": "Post Code",
    }


def test_what_is_missing_is_said(planner: Run, halls: Path) -> None:
    _, out, _ = planner("match", halls)
    assert "the project needs a [postcodes] section" in out


def test_a_layer_asks_for_its_direction(planner: Run, tmp_path: Path) -> None:
    (tmp_path / "debt.csv").write_text("LSOA21CD,Debt rate\nE01006074,4.5\n")
    _, out, _ = planner("match", tmp_path / "debt.csv", "--for", "layer")
    assert "only you can say" in out
    assert tomllib.loads(out[out.index("# Save") :])["layer"][0]["geography"] == "lsoa21"


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        (b"%PDF-1.7", (), "it is a PDF"),
        (b"<html><body>no</body></html>", (), "a web page"),
        (b"", (), "the file is empty"),
        (b"a,b\n1,2\n", ("--for", "hubs"), "Write one of services"),
        (b"a,b\n1,2\n", ("--kind", "A b"), "not a kind of service"),
    ],
)
def test_refusals_are_two_lines(
    planner: Run, tmp_path: Path, content: bytes, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    code, out, err = planner("match", tmp_path / "a.csv", *words)
    assert code > 0
    assert out == ""
    assert said in err
    assert len(err.splitlines()) <= 2


def test_a_file_that_is_not_there(planner: Run, tmp_path: Path) -> None:
    code, _, err = planner("match", tmp_path / "none.csv")
    assert code > 0
    assert "No such file" in err
