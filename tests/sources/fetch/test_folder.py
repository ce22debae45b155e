"""A study folder holds whole files only, and never loses what people changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import ProjectError
from planner.sources.fetch.folder import Record, StudyFolder, asked_for
from planner.sources.http import file_sha256


def put(folder: StudyFolder, key: str, text: str, asked: str) -> None:
    path = folder.put_text(f"{key}.csv", text)
    record = Record(id=key, outcome="used", file=path.name, sha256=file_sha256(path), asked=asked)
    folder.note(record)


def test_a_whole_file_is_known_in_a_later_run(tmp_path: Path) -> None:
    asked = asked_for("address")
    put(StudyFolder.open(tmp_path / "s"), "a", "1", asked)
    again = StudyFolder.open(tmp_path / "s")
    assert again.whole("a", asked) is not None
    assert again.whole("a", asked_for("another address")) is None


def test_a_file_that_was_damaged_is_not_whole(tmp_path: Path) -> None:
    folder = StudyFolder.open(tmp_path / "s")
    put(folder, "a", "1", "x")
    (tmp_path / "s" / "a.csv").write_text("2", encoding="utf-8")
    assert folder.whole("a", "x") is None


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(ProjectError, match="holds other files"):
        StudyFolder.open(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "planner fetch 9"}', "not json"])
def test_a_broken_record_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "fetched.json").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="not readable as the record"):
        StudyFolder.open(tmp_path)


def test_a_file_people_changed_stays_and_ours_is_beside_it(tmp_path: Path) -> None:
    folder = StudyFolder.open(tmp_path / "s")
    assert folder.put_own("planner.toml", "a = 1\n") == "planner.toml"
    assert folder.put_own("planner.toml", "a = 2\n") == "planner.toml"
    (tmp_path / "s" / "planner.toml").write_text("mine = 1\n", encoding="utf-8")
    assert folder.put_own("planner.toml", "a = 3\n") == "planner.fetched.toml"
    assert (tmp_path / "s" / "planner.toml").read_text(encoding="utf-8") == "mine = 1\n"


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("x", encoding="utf-8")
    with pytest.raises(ProjectError, match="is a file"):
        StudyFolder.open(path)
