"""The user's own grouping of areas, or an official lookup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from entries import project
from places import CODES, tiny_area

from planner.errors import DataError
from planner.reporting import Groups
from planner.sources.groups import read_groups


def read(folder: Path, text: str, **keys: Any) -> Groups | None:
    (folder / "groups.csv").write_text(text, encoding="utf-8")
    asked = project(folder, reporting={"lookup": "groups.csv", **keys})
    return read_groups(asked, tiny_area())


def rows(*pairs: tuple[str, str]) -> str:
    return "area_code,group\n" + "".join(f"{code},{group}\n" for code, group in pairs)


def test_a_table_of_two_columns_needs_no_more_words(tmp_path: Path) -> None:
    found = read(tmp_path, rows(*((code, "North") for code in CODES)))
    assert found is not None
    assert set(found.members["group"]) == {"North"}


def test_areas_without_a_group_are_listed(tmp_path: Path) -> None:
    found = read(tmp_path, rows(*((code, "North") for code in CODES[:4])))
    assert found is not None
    assert [(n.what, n.items) for n in found.notes] == [("areas_without_group", tuple(CODES[4:]))]


def test_a_lookup_of_smaller_areas_names_each_area_once(tmp_path: Path) -> None:
    found = read(tmp_path, rows(*[(code, "North") for code in CODES] * 3))
    assert found is not None
    assert len(found.members) == 6


def test_names_come_from_their_own_column(tmp_path: Path) -> None:
    text = "area_code,wd24cd,wd24nm\n" + "".join(f"{code},E05000001,Hill\n" for code in CODES)
    found = read(tmp_path, text, group_column="wd24cd", name_column="wd24nm")
    assert found is not None
    assert set(found.members["group_name"]) == {"Hill"}


def test_an_area_in_two_groups_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="more than one group"):
        read(tmp_path, rows((CODES[0], "North"), (CODES[0], "South")))


def test_several_columns_need_a_choice(tmp_path: Path) -> None:
    text = "area_code,ward,district\n" + "".join(f"{code},A,B\n" for code in CODES)
    with pytest.raises(DataError, match="which column is the group"):
        read(tmp_path, text)


def test_a_lookup_of_somewhere_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none of the 6 areas"):
        read(tmp_path, rows(("E01000001", "North"), ("E01000002", "South")))


def test_without_the_section_there_is_no_grouping(tmp_path: Path) -> None:
    assert read_groups(project(tmp_path), tiny_area()) is None
