"""Somebody else's classes of areas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from entries import project
from places import CODES, tiny_area

from planner.errors import DataError, PlannerError, ProjectError
from planner.sources.outside_classes import OutsideTable, read_outside_classes


def read(folder: Path, text: str, **keys: Any) -> OutsideTable:
    (folder / "classes.csv").write_text(text, encoding="utf-8")
    asked = project(folder, neighbourhoods={"outside": {"file": "classes.csv", **keys}})
    found = read_outside_classes(asked, tiny_area())
    assert found is not None
    return found


def rows(header: str, *cells: str) -> str:
    return header + "\n" + "".join(f"{c},{cell}\n" for c, cell in zip(CODES, cells, strict=False))


def test_two_columns_need_no_more_words(tmp_path: Path) -> None:
    found = read(tmp_path, rows("LSOA21CD,What", "Rural", "Rural", "Urban", "1", "1", "1"))
    assert found.classes.to_dict() == dict(
        zip(CODES, ["Rural", "Rural", "Urban", "1", "1", "1"], strict=True)
    )
    assert (found.column, found.notes) == ("What", ())


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("LSOA21CD,LSOA21NM,Supergroup Name,Supergroup", "Supergroup"),
        ("area_code,area_name,x,cluster", "cluster"),
        ("area_code,population,Group,type", "Group"),
        ("area_code,a,RUC class,b", "RUC class"),
    ],
)
def test_a_column_called_so_is_found(tmp_path: Path, header: str, column: str) -> None:
    assert read(tmp_path, rows(header, *["p,q,r"] * 6)).column == column


def test_a_named_column_wins(tmp_path: Path) -> None:
    text = rows("area_code,class,other", *["a,b"] * 6)
    assert set(read(tmp_path, text, class_column="Other").classes) == {"b"}


def test_areas_in_no_class_are_listed(tmp_path: Path) -> None:
    found = read(tmp_path, rows("area_code,class", "a", "a", "", "b"))
    assert [(n.what, n.items) for n in found.notes] == [
        ("outside_class_missing", (CODES[2], *CODES[4:]))
    ]


def test_it_says_who_published_it(tmp_path: Path) -> None:
    text = rows("area_code,class", *["a"] * 6)
    found = read(tmp_path, text, publisher="Office", dataset="Classes 2021", vintage="2021")
    assert found.title == "Classes 2021"
    assert found.source.cite() == "Office, Classes 2021 (2021), licence not stated"
    assert len(found.source.sha256) == 64


def test_a_lookup_of_smaller_areas_names_each_area_once(tmp_path: Path) -> None:
    text = rows("area_code,class", *["a"] * 6)
    assert len(read(tmp_path, text + text.partition("\n")[2]).classes) == 6


def test_without_a_file_there_is_none(tmp_path: Path) -> None:
    assert read_outside_classes(project(tmp_path), tiny_area()) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (rows("area_code,p,q", *["a,b"] * 6), "which column is the class"),
        ("area_code\n" + "\n".join(CODES), "no column beside the codes"),
        ("area_code,class\nE01999999,a\n", "none of the 6 areas"),
        (rows("area_code,class", "a") + f"{CODES[0]},b\n", "more than one class"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read(tmp_path, text)
    assert "classes.csv" in str(caught.value)


def test_a_column_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(PlannerError, match="klass"):
        read(tmp_path, rows("area_code,class", *["a"] * 6), class_column="klass")


def test_a_column_of_names_is_no_classification(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.sources.outside_classes.MOST_CLASSES", 5)
    with pytest.raises(ProjectError, match="6 different values"):
        read(tmp_path, rows("area_code,class", *"abcdef"))
