"""Hubs of the demo place by other models and ways: asked for, answered, and written to files."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from siting_cases import siting_problem

from planner.cache import Memo
from planner.errors import ProjectError
from planner.export.hubs import build_columns_file, build_hub_files, describe
from planner.hubs.choice import build_ladder, find_alternatives
from planner.hubs.solve import solve
from planner.plan import Plan, make_plan
from planner.plan.hub_choice import HubChoice
from planner.plan.hubs import find_way, get_demand, leave_closed_out
from planner.project import HubSettings, Project
from planner.services import Services

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
QUIET = {"alternatives": 0, "draws": 0}


@pytest.fixture(scope="module")
def memo(demo_memo: Memo) -> Memo:
    return demo_memo


@pytest.fixture(scope="module")
def plan(memo: Memo) -> Plan:
    return make_plan(Project.read(DEMO), memo=memo)


def again(plan: Plan, memo: Memo, **changes: object) -> Plan:
    """Return the demo plan with other settings of hubs."""
    memo.computed.clear()
    hubs = {**plan.project.spec.hubs.model_dump(exclude_none=True), **QUIET, **changes}
    return make_plan(plan.project.with_spec(hubs=hubs), memo=memo)


def test_too_many_hubs_do_not_stop_a_plan(plan: Plan, memo: Memo) -> None:
    found = again(plan, memo, count=50)
    assert found.hubs is not None
    assert found.hubs.status == "infeasible"
    assert found.hubs.chosen.empty
    (answer,) = build_hub_files(found)["hub_answer.csv"].to_dict("records")
    assert answer["cannot_be_had"].startswith("50 sites are asked for, but there are 20")
    assert pd.isna(answer["objective"])


def test_without_alternatives_and_draws_nothing_else_is_looked_at(plan: Plan, memo: Memo) -> None:
    found = again(plan, memo, count=4)
    assert found.hub_choice is None
    assert {"hub_ladder", "hub_choice", "hub_steadiness", "bundle_siting"}.isdisjoint(memo.computed)


def test_people_covered_are_those_within_the_minutes(plan: Plan, memo: Memo) -> None:
    found = again(plan, memo, model="max_cover", within_minutes=15, mode="walk")
    hubs = found.hubs
    assert hubs is not None
    near = hubs.areas["hub_minutes"] <= 15
    assert hubs.objective == pytest.approx(hubs.areas.loc[near, "demand"].sum())
    assert hubs.objective <= hubs.bound


def test_more_hubs_keep_what_each_next_one_brings(plan: Plan, memo: Memo) -> None:
    first = again(plan, memo, alternatives=2, count=2)
    assert first.hub_choice is not None
    assert first.hub_choice.ladder is not None
    steps = first.hub_choice.ladder.steps.set_index("sites_opened")
    assert first.hubs is not None
    assert steps.loc[2, "objective"] == pytest.approx(first.hubs.objective)
    more = again(plan, memo, alternatives=2, count=3)
    assert "hub_ladder" not in memo.computed
    assert more.hubs is not None
    assert steps.loc[3, "objective"] == pytest.approx(more.hubs.objective)


def test_every_column_of_every_table_has_its_words(plan: Plan) -> None:
    files = build_hub_files(plan)
    listed = files.pop("hub_columns.csv")
    assert len(listed) == sum(len(table.columns) for table in files.values())
    assert (listed["meaning"] != "").all()
    for name in ("hub_ladder", "hub_alternatives", "hub_front", "hub_steadiness", "hub_regret"):
        assert f"{name}.csv" in files


def test_areas_around_the_place_are_in_no_table_of_hubs(plan: Plan) -> None:
    around = set(plan.area.areas.index) - set(plan.area.codes)
    assert around
    for table in build_hub_files(plan).values():
        if "area_code" in table:
            assert around.isdisjoint(table["area_code"])


# --- without a plan -------------------------------------------------------------------------------


def ways(**percentiles: int | None) -> dict[str, SimpleNamespace]:
    modes = {"walk": "walk", "early": "transit", "late": "transit", "latest": "transit"}
    return {k: SimpleNamespace(mode=modes[k], percentile=p) for k, p in percentiles.items()}


def asked(**settings: object) -> SimpleNamespace:
    hubs = HubSettings.model_validate(settings)
    return SimpleNamespace(hubs=hubs, mode="transit", timetable=None)


def test_reliable_is_the_percentile_nearest_to_the_one_asked_for() -> None:
    there = ways(walk=None, early=50, late=75, latest=90)
    assert find_way(asked(percentile="reliable"), there) == "latest"
    assert find_way(asked(), there) == "early"
    assert find_way(asked(mode="walk"), there) == "walk"


def test_times_without_a_late_percentile_are_not_called_reliable() -> None:
    with pytest.raises(ProjectError, match="no reliable minutes beside the median"):
        find_way(asked(percentile="reliable"), ways(walk=None, early=50))


@pytest.mark.parametrize(
    ("demand", "words"), [("income", "no layer of counts"), ("nothing", "not a layer")]
)
def test_demand_must_be_a_layer_of_counts(demand: str, words: str) -> None:
    specs = {"income": SimpleNamespace(kind="score"), "claimants": SimpleNamespace(kind="count")}
    layers = SimpleNamespace(specs=specs)
    with pytest.raises(ProjectError, match=words) as error:
        get_demand(HubSettings(demand=demand), layers, None)  # type: ignore[arg-type]
    assert "claimants" in error.value.hint


def services(**status: str) -> Services:
    return SimpleNamespace(venues=pd.DataFrame({"status": status}))  # type: ignore[return-value]


def test_a_hub_that_a_scenario_closes_is_left_out_and_named() -> None:
    settings = HubSettings(existing=["a", "b"], forced=["c"])
    before = services(a="existing", b="existing", c="candidate")
    now = services(a="closed", b="existing", c="candidate")
    kept, notes = leave_closed_out(settings, before, now)
    assert (kept.existing, kept.forced) == (["b"], ["c"])
    assert [note.items for note in notes] == [("a",)]
    # Closed from the start is a contradiction, which is told where hubs are chosen.
    assert leave_closed_out(settings, now, now) == (settings, ())


def test_parts_of_a_choice_are_told_in_order() -> None:
    problem = siting_problem([[1.0, 9.0, 5.0], [9.0, 1.0, 5.0]], [10, 20])
    best = solve(problem, "p_median", p=1)
    ladder = build_ladder(problem, "p_median", most=2)
    others = find_alternatives(problem, "p_median", best, count=1, within_share=1.0)
    choice = HubChoice(ladder=ladder, alternatives=others)
    assert choice.parts == (ladder, others)
    assert choice.findings == (*ladder.findings, *others.findings)
    for table in (ladder.steps.rename(columns={"status": "solver_status"}), others.table):
        assert (build_columns_file({"a.csv": table})["meaning"] != "").all()


def test_a_factor_that_varies_alone_is_named() -> None:
    unit, words = describe("share_if_only_need_varies")
    assert unit == "share 0-1"
    assert words.endswith("only need varies")
