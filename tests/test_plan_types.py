"""Do types of neighbourhood get what they need of the rest of a plan, and no more?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from square_projects import layer, place

from planner import Memo, Plan, Project, make_plan
from planner.errors import ProjectError
from planner.export import write_out
from planner.plan.make import _make
from planner.scenario import TODAY

LAYERS = layer(
    "figures.csv",
    'income = "need", health = "rank"',
    domains='income = "income", health = "health"',
)
TYPES = "[neighbourhoods]\nk = 2\nk_min = 2\nk_max = 3\nbootstraps = 2\n"
OUTSIDE = (
    TYPES
    + '[neighbourhoods.outside]\nfile = "theirs.csv"\npublisher = "Somebody"\nvintage = "2020"\n'
)


def project(folder: Path, types: str) -> Project:
    path = place(folder / "town", 0, LAYERS, count=12, head=types)
    codes = [f"E{1000000 + i:08d}" for i in range(12)]
    theirs = pd.DataFrame({"code": codes[:11], "class": ["near"] * 5 + ["far"] * 6})
    theirs.to_csv(path / "theirs.csv", index=False)
    return Project.read(path)


@pytest.fixture(scope="module")
def memo() -> Memo:
    return Memo()


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory, memo: Memo) -> Plan:
    return make_plan(project(tmp_path_factory.mktemp("plain"), OUTSIDE), memo=memo)


def test_an_outside_file_is_set_beside_the_types(plan: Plan) -> None:
    overlap = plan.neighbourhoods.overlap
    assert overlap is not None
    assert list(overlap.table.columns) == ["far", "near"]
    assert overlap.areas == 11


def test_it_is_among_the_inputs_with_its_source(plan: Plan) -> None:
    (entry,) = [one for one in plan.manifest["inputs"] if one["file"] == "theirs.csv"]
    assert (entry["publisher"], entry["date"], len(entry["sha256"])) == ("Somebody", "2020", 64)
    assert "Somebody" in {source.publisher for source in plan.sources}


def test_areas_in_no_class_are_counted(plan: Plan) -> None:
    (note,) = [one for one in plan.notes if one.what == "outside_class_missing"]
    assert note.items == ("E01000011",)


def test_another_outside_file_makes_the_types_again(plan: Plan, memo: Memo) -> None:
    path = plan.project.folder / "theirs.csv"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"near", b"here"))
    memo.computed.clear()
    again = make_plan(Project.read(plan.project.folder), memo=memo)
    path.write_bytes(before)
    assert sorted(memo.computed) == ["equity", "neighbourhoods", "outside_classes", "type_outcomes"]
    assert again.neighbourhoods.overlap is not None
    assert list(again.neighbourhoods.overlap.table.columns) == ["far", "here"]


def test_access_and_gaps_are_summed_up_by_type(plan: Plan) -> None:
    assert set(plan.type_outcomes["type_id"]) == {1, 2}
    assert {"share_in_gaps", "share_within_standard"} <= set(plan.type_outcomes["figure"])


def test_a_plan_to_compare_with_does_without_draws(tmp_path: Path, memo: Memo) -> None:
    small = _make(project(tmp_path, TYPES), TODAY, memo, None, whole=False)
    assert small.neighbourhoods.stability is None
    assert small.neighbourhoods.k == 2


@pytest.mark.parametrize("whole", [True, False])
def test_regions_are_made_of_the_neighbours_of_the_project(tmp_path: Path, whole: bool) -> None:
    # The middles of squares in a row are a kilometre apart, which nobody walks in a minute.
    asked = TYPES + 'method = "ward_regions"\n[spatial]\nneighbours = "travel_time"\n'
    nobody = project(tmp_path, asked + "within_minutes = 1\n")
    with pytest.raises(ProjectError, match="in 12 parts that do not touch"):
        _make(nobody, TODAY, Memo(), None, whole=whole)


def test_progress_with_regions_ends_at_the_end(tmp_path: Path) -> None:
    told: list[float] = []
    regions = project(tmp_path, TYPES + 'method = "ward_regions"\n')
    found = make_plan(regions, progress=lambda _, share: told.append(share))
    assert told == sorted(told)
    assert max(told) == 1.0
    # A region of a row is one stretch of it.
    assert (found.neighbourhoods.labels.diff().fillna(0) != 0).sum() == 1


def test_the_resolved_project_gives_the_same_files_on_types(plan: Plan, tmp_path: Path) -> None:
    write_out(plan, tmp_path / "first")
    resolved = Project.read(
        tmp_path / "first" / "planner.resolved.toml", data_roots=[plan.project.folder]
    )
    write_out(make_plan(resolved), tmp_path / "second")
    names = [p.name for p in (tmp_path / "first").iterdir() if p.name.startswith(("type", "code"))]
    assert {"type_overlap.csv", "codebook.json"} <= set(names)
    for name in names:
        one, two = ((tmp_path / which / name).read_bytes() for which in ("first", "second"))
        assert one == two, name
