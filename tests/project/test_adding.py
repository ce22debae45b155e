"""A file and its section come into a project together, and what was there stays as it was."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from planner.errors import ProjectError
from planner.project import Project
from planner.project.adding import add_file, to_section

BEFORE = """\
# My own words stay.
[place]
name = "A"   # and here
geography = "lsoa21"
boundaries = "a.csv"

[[services]]
kind = "gp"
file = "gps.csv"

[hubs]
count = 3
"""
ENTRY = {"kind": "food_bank", "name_column": 'The "Site" ]', "sheet": "", "publisher": "Us"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "planner.toml").write_text(BEFORE, encoding="utf-8")
    return Project.read(tmp_path)


def test_the_section_comes_last_and_the_rest_stays(project: Project) -> None:
    written = add_file(project, "services", ENTRY, b"name\nHall\n", name="food-banks.csv")
    text = (project.folder / "planner.toml").read_text(encoding="utf-8")
    assert text.startswith(BEFORE)
    assert (project.folder / written).read_bytes() == b"name\nHall\n"
    entries = Project.read(project.folder).spec.services
    assert [one.file for one in entries] == ["gps.csv", "food-banks.csv"]
    assert entries[1].name_column == 'The "Site" ]'


def test_a_layer_keeps_its_inner_tables() -> None:
    entry = {"from": "table", "file": "a.csv", "columns": {"debt": "Debt (%)"}}
    entry |= {"domains": {"debt": ""}, "where": {}}
    found = tomllib.loads(to_section("layer", entry))["layer"][0]
    assert found == {k: v for k, v in entry.items() if k != "where"}


def test_another_file_of_that_name_is_not_touched(project: Project) -> None:
    (project.folder / "a.csv").write_bytes(b"old")
    assert add_file(project, "local", {}, b"new", name="a.csv") == "a-2.csv"
    assert (project.folder / "a.csv").read_bytes() == b"old"


def test_windows_line_ends_stay(project: Project) -> None:
    file = project.folder / "planner.toml"
    file.write_bytes(BEFORE.replace("\n", "\r\n").encode())
    add_file(project, "local", {}, b"x", name="a.csv")
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")


@pytest.mark.parametrize("name", ["../a.csv", "a.toml", "a/b.csv", "planner.py", ".csv"])
def test_no_other_name_is_written(project: Project, name: str) -> None:
    with pytest.raises(ProjectError):
        add_file(project, "local", {}, b"x", name=name)
    assert sorted(one.name for one in project.folder.iterdir()) == ["planner.toml"]


@pytest.mark.parametrize(
    ("content", "entry"),
    [
        (BEFORE, {"kind": "Not A Kind"}),
        (BEFORE.replace("[[services]]", "services = []\n[other]"), ENTRY),
        (BEFORE + "[broken", ENTRY),
    ],
)
def test_what_would_be_no_project_changes_nothing(
    project: Project, content: str, entry: dict[str, str]
) -> None:
    file = project.folder / "planner.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ProjectError, match="Nothing was changed"):
        add_file(project, "services", entry, b"x", name="a.csv")
    assert file.read_text(encoding="utf-8") == content
    assert sorted(one.name for one in project.folder.iterdir()) == ["planner.toml"]


def test_half_of_it_is_never_written(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if target.name == "planner.toml":
            raise PermissionError(13, "Permission denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ProjectError, match="permission denied"):
        add_file(project, "local", {}, b"x", name="a.csv")
    assert sorted(one.name for one in project.folder.iterdir()) == ["planner.toml"]
    assert (project.folder / "planner.toml").read_text(encoding="utf-8") == BEFORE


def test_a_project_that_is_gone_is_said(project: Project) -> None:
    (project.folder / "planner.toml").unlink()
    with pytest.raises(ProjectError, match="gone"):
        add_file(project, "local", {}, b"x", name="a.csv")
