"""Is what the first pages show a part of the plan, worked out once?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from planner import Memo, Project
from planner.layers import Layers
from planner.plan.missing import COLUMNS, find_missing
from planner.plan.start import make_contents, make_start

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
NEED = {"need", "draws", "robustness", "tandem", "neighbours", "clusters", "inactivity"}


@pytest.fixture(scope="module")
def memo() -> Memo:
    return Memo()


def test_contents_are_read_and_nothing_is_worked_out(memo: Memo) -> None:
    told: list[tuple[str, float]] = []
    contents = make_contents(
        Project.read(DEMO), memo=memo, progress=lambda words, share: told.append((words, share))
    )
    assert "area" in memo.computed
    assert not NEED & set(memo.computed)
    assert contents.backdrop is not None
    assert contents.watermarks == (
        "Fictional place: no real area, person or service is described.",
    )
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1


def test_need_takes_what_was_read_and_times_no_journey(memo: Memo) -> None:
    contents = make_contents(Project.read(DEMO), memo=memo)
    memo.computed.clear()
    start = make_start(contents.project, memo=memo)
    assert set(memo.computed) == NEED
    assert start.area is contents.area
    assert start.layers is contents.layers
    assert set(contents.notes) <= set(start.notes)


def test_what_is_missing_names_its_file_and_setting(memo: Memo) -> None:
    contents = make_contents(Project.read(DEMO), memo=memo)
    missing = find_missing(contents.project, contents.layers, contents.services)
    assert list(missing.columns) == COLUMNS
    # The demo names no wards; outcomes are scored by the planner's own table without a file.
    assert [needs.split(" ")[0] for needs in missing["needs"]] == ["[reporting]"]


def test_without_domains_streets_timetable_jobs_and_a_service_each_is_named(memo: Memo) -> None:
    contents = make_contents(Project.read(DEMO), memo=memo)
    bare = replace(
        contents.project,
        spec=contents.project.spec.model_copy(
            update={
                "streets": contents.project.spec.streets.model_copy(update={"file": ""}),
                "timetable": None,
                "jobs": None,
                "bundle": contents.project.spec.bundle.model_copy(update={"kinds": ["sauna"]}),
            }
        ),
    )
    values = contents.layers.values[["disabled"]]
    layers = Layers(
        values=values,
        specs={"disabled": contents.layers.specs["disabled"]},
        status=contents.layers.status[["disabled"]],
    )
    missing = find_missing(bare, layers, contents.services)
    assert list(missing["what"])[:5] == [
        *("Domains of need", "Saunas", "Streets", "A timetable", "Jobs"),
    ]
    assert {"People not working", "Life expectancy", "Households without a car"} <= set(
        missing["what"]
    )
    assert (missing["needs"].str.contains(r"\[", regex=True)).all()
