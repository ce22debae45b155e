"""Do scenarios stay in the project folder, and is nothing lost when two people change one?"""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import ProjectError
from planner.scenario import CloseVenue, Scenario, to_toml
from planner.ui.compare_parts.kept import (
    FOLDER,
    ChangedMeanwhileError,
    check_name,
    delete_kept,
    is_writable,
    new_key,
    read_kept,
    write_kept,
)

ONE = Scenario(name="One", changes=(CloseVenue(venue_id="v1"),))
TWO = Scenario(name="One", changes=(CloseVenue(venue_id="v2"),))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    kept = write_kept(tmp_path, "one", ONE, mark="")
    assert read_kept(tmp_path) == ({"one": kept}, ())
    assert [file.name for file in (tmp_path / FOLDER).iterdir()] == ["one.toml"]


def test_a_file_that_changed_since_it_was_read_stays_as_it_is(tmp_path: Path) -> None:
    first = write_kept(tmp_path, "one", ONE, mark="")
    second = write_kept(tmp_path, "one", TWO, mark=first.mark)
    for act in (
        lambda: write_kept(tmp_path, "one", ONE, mark=first.mark),
        lambda: write_kept(tmp_path, "one", ONE, mark=""),
        lambda: delete_kept(tmp_path, "one", mark=first.mark),
    ):
        with pytest.raises(ChangedMeanwhileError, match="changed elsewhere"):
            act()
    assert read_kept(tmp_path)[0] == {"one": second}


def test_a_file_that_is_gone_is_written_anew(tmp_path: Path) -> None:
    kept = write_kept(tmp_path, "one", ONE, mark="")
    delete_kept(tmp_path, "one", mark=kept.mark)
    assert write_kept(tmp_path, "one", ONE, mark=kept.mark) == kept


def test_a_folder_that_is_gone_is_told_and_not_made(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    with pytest.raises(ProjectError, match="no longer there"):
        write_kept(gone, "one", ONE, mark="")
    assert not gone.exists()
    assert read_kept(gone) == ({}, ())


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("", encoding="utf-8")
    with pytest.raises(ProjectError, match="cannot be written"):
        write_kept(tmp_path, "one", ONE, mark="")
    assert not is_writable(tmp_path)


def test_a_wrong_file_does_not_hide_the_others(tmp_path: Path) -> None:
    write_kept(tmp_path, "one", ONE, mark="")
    (tmp_path / FOLDER / "bad.toml").write_text("name = ", encoding="utf-8")
    (tmp_path / FOLDER / "today.toml").write_text('name = "Today"', encoding="utf-8")
    found, wrong = read_kept(tmp_path)
    assert list(found) == ["one"]
    assert ["scenarios/bad.toml: not a TOML file" in wrong[0], "Today" in wrong[1]] == [True, True]


def test_nothing_outside_the_project_is_read_or_written(tmp_path: Path) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    (project / FOLDER).mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.toml").write_text(to_toml(ONE), encoding="utf-8")
    (project / FOLDER / "link.toml").symlink_to(outside / "secret.toml")
    found, wrong = read_kept(project)
    assert not found
    assert "outside the project's folder" in wrong[0]
    (project / FOLDER / "link.toml").unlink()
    (project / FOLDER).rmdir()
    (project / FOLDER).symlink_to(outside)
    with pytest.raises(ProjectError, match="outside the project's folder"):
        write_kept(project, "one", ONE, mark="")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Family hub", "family-hub-2"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "scenario-con"),
        ("x" * 300, "x" * 50),
    ],
)
def test_names_become_safe_names_of_files(name: str, key: str) -> None:
    assert new_key(name, {"Family-Hub"}) == key


def test_a_name_without_latin_letters_has_a_file_too() -> None:
    assert new_key("🏥", ()).startswith("scenario-")
    assert new_key("🏥", ()) != new_key("مركز", ())


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("", "name first"), ("Today", "cannot be called"), ("one", "already"), ("Two", "")],
)
def test_names_are_checked(name: str, wrong: str) -> None:
    said = check_name(name, {"k": "One"})
    assert (wrong in said) if wrong else (said == "")
