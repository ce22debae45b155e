"""The project file is checked, and every refusal is one or two plain lines."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from planner.errors import ProjectError
from planner.plan.journeys import build_transit_settings
from planner.project import Project, parse_spec

SMALL = {"place": {"name": "Somewhere", "geography": "lsoa21", "boundaries": "areas.geojson"}}


def write(folder: Path, text: str, name: str = "planner.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


SMALL_TEXT = '[place]\nname = "Somewhere"\ngeography = "lsoa21"\nboundaries = "areas.geojson"\n'


def test_a_small_project_is_a_few_lines(tmp_path: Path) -> None:
    write(tmp_path, SMALL_TEXT)
    project = Project.read(tmp_path)
    assert project.spec.place.name == "Somewhere"
    assert project.spec.access.within == [10, 20, 30]


def test_any_toml_file_is_a_project(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL_TEXT, "other.toml")
    assert Project.read(path).file_name == "other.toml"


def test_an_unknown_key_names_the_nearest_known_one() -> None:
    with pytest.raises(ProjectError) as told:
        parse_spec({"place": SMALL["place"] | {"popluation": {}}}, where="planner.toml")
    assert str(told.value) == (
        "planner.toml: place.popluation: there is no such key.\nDid you mean 'population'?"
    )


def test_an_unknown_key_inside_a_list_says_which_entry() -> None:
    layer = {"from": "table", "file": "a.csv", "colums": {}}
    with pytest.raises(ProjectError, match=r"layer\[1\]\.colums") as told:
        parse_spec(SMALL | {"layer": [layer]}, where="p")
    assert told.value.hint == "Did you mean 'columns'?"


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"hubs": {"count": 0}}, "hubs.count"),
        ({"neighbourhoods": {"k": 99}}, "neighbourhoods.k"),
        ({"streets": {"walk_kmh": 40}}, "streets.walk_kmh"),
        ({"bundle": {"kinds": ["gp", "gp"]}}, "each once"),
        ({"hubs": {"penalty_minutes": 100}}, "below access.cutoff"),
        ({"standards": {"gp": -5}}, "standards.gp.minutes"),
        ({"standards": {"gp": "near"}}, "standards.gp: write minutes, such as 20"),
        ({"standards": {"gp": True}}, "standards.gp: write minutes, such as 20"),
        ({"standards": {"gp": {"minutes": 20, "by": "bus"}}}, "standards.gp.by"),
        ({"standards": {"gp": 130}}, "130 minutes are beyond the longest journey searched"),
        ({"gaps": {"seed": -1}}, "gaps.seed"),
        ({"gaps": {"draws": -1}}, "gaps.draws"),
        ({"gaps": {"threshold_range": [1.2, 0.8]}}, "write the smaller number first"),
        ({"gaps": {"threshold_range": [0.5, 0.9]}}, "must hold 1"),
        ({"need": {"weights": {"income": -1}}}, "need.weights.income"),
        ({"robustness": {"seed": -1}}, "robustness.seed"),
        ({"tandem": {"seed": 2**32}}, "tandem.seed"),
        ({"spatial": {"seed": -1}}, "spatial.seed"),
        ({"neighbourhoods": {"seed": -1}}, "neighbourhoods.seed"),
        ({"layer": [{"from": "horoscope", "file": "x"}]}, "layer[1].from"),
    ],
)
def test_impossible_values_are_refused_by_their_path(section: dict, words: str) -> None:
    with pytest.raises(ProjectError) as told:
        parse_spec(SMALL | section, where="planner.toml")
    assert words in told.value.message
    assert len(str(told.value).splitlines()) <= 2


def test_not_toml(tmp_path: Path) -> None:
    path = write(tmp_path, "this is not = = toml")
    with pytest.raises(ProjectError, match="not a TOML file"):
        Project.read(path)


def test_no_such_project(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="there is no project file here"):
        Project.read(tmp_path / "nothing")


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "C:\\secret.csv", "\\\\server\\share.csv", "https://example.org/a.csv"]
)
def test_absolute_paths_and_addresses_are_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, SMALL_TEXT)
    with pytest.raises(ProjectError, match="not a path inside"):
        Project.read(tmp_path).path(name)


def test_a_path_outside_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("x")
    inner = tmp_path / "inner"
    inner.mkdir()
    write(inner, SMALL_TEXT)
    with pytest.raises(ProjectError, match="leads outside"):
        Project.read(inner).path("../secret.csv")


def test_a_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("x")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "innocent.csv").symlink_to(tmp_path / "secret.csv")
    write(inner, SMALL_TEXT)
    with pytest.raises(ProjectError, match="leads outside"):
        Project.read(inner).path("innocent.csv")


def test_a_data_root_is_allowed_only_by_the_person_running_it(tmp_path: Path) -> None:
    root, inner = tmp_path / "root", tmp_path / "inner"
    root.mkdir()
    inner.mkdir()
    (root / "areas.geojson").write_text("x")
    write(inner, SMALL_TEXT)
    assert Project.read(inner, data_roots=[root]).path("areas.geojson") == root / "areas.geojson"
    with pytest.raises(ProjectError, match="does not exist"):
        Project.read(inner).path("areas.geojson")


def test_the_resolved_project_reads_as_the_same_project(tmp_path: Path) -> None:
    text = SMALL_TEXT + (
        '[[layer]]\nfrom = "table"\nfile = "a.csv"\ncolumns = { income = "Inc" }\n'
        '[[services]]\nkind = "gp"\nfile = "gp.csv"\nwhere = { open = "yes" }\n'
        "[timetable]\nfiles = ['bus.zip']\ndate = 2026-03-03\n[standards]\ngp = 15\n"
    )
    write(tmp_path, text)
    project = Project.read(tmp_path)
    again = parse_spec(tomllib.loads(project.to_toml()), where="again")
    assert again == project.spec


@pytest.mark.parametrize("given", ["15", '{ minutes = 15, by = "walk" }'])
def test_both_ways_to_write_a_standard_resolve_and_read_the_same(
    tmp_path: Path, given: str
) -> None:
    write(tmp_path, f"{SMALL_TEXT}[standards]\ngp = {given}\n")
    text = Project.read(tmp_path).to_toml()
    write(tmp_path, text)
    again = Project.read(tmp_path)
    assert again.to_toml() == text
    standard = again.spec.standards["gp"]
    assert (standard.minutes, standard.by) == (15, "walk" if "by" in given else "")


@pytest.mark.parametrize(("text", "minutes"), [("", None), ("0", None), ("7.5", 7.5)])
def test_the_longest_wait_reaches_the_search(
    tmp_path: Path, text: str, minutes: float | None
) -> None:
    wait = f"max_wait_minutes = {text}\n" if text else ""
    section = f"[timetable]\nfiles = ['bus.zip']\ndate = 2026-03-03\n{wait}"
    write(tmp_path, SMALL_TEXT + section)
    timetable = Project.read(tmp_path).spec.timetable
    assert timetable is not None
    assert build_transit_settings(timetable, "10:00-11:00", 60.0).max_wait_minutes == minutes


def test_a_longest_wait_below_zero_is_refused(tmp_path: Path) -> None:
    text = "[timetable]\nfiles = ['bus.zip']\ndate = 2026-03-03\nmax_wait_minutes = -1\n"
    write(tmp_path, SMALL_TEXT + text)
    with pytest.raises(ProjectError, match="max_wait_minutes"):
        Project.read(tmp_path)


def test_changing_a_section_checks_it_again(tmp_path: Path) -> None:
    write(tmp_path, SMALL_TEXT)
    project = Project.read(tmp_path)
    assert project.with_spec(hubs={"count": 4}).spec.hubs.count == 4
    with pytest.raises(ProjectError):
        project.with_spec(hubs={"count": -4})


def test_files_are_named_once_each(tmp_path: Path) -> None:
    text = SMALL_TEXT + (
        '[[services]]\nkind = "gp"\nfile = "all.csv"\n'
        '[[services]]\nkind = "library"\nfile = "all.csv"\n'
    )
    write(tmp_path, text)
    assert list(Project.read(tmp_path).files()) == ["areas.geojson", "all.csv"]
