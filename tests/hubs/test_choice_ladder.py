"""Each step is the best for its number of sites, and its gain is the difference."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import choices, covered, paid_minutes, problems, siting_problem

from planner.errors import ProjectError
from planner.hubs import SitingProblem
from planner.hubs.choice import build_ladder


@settings(max_examples=8, deadline=None)
@given(problems(), st.sampled_from(["p_median", "max_cover", "set_cover"]))
def test_steps_equal_trying_all(problem: SitingProblem, model: Any) -> None:
    within = None if model == "p_median" else 9.0
    found = build_ladder(problem, model, most=10, within_minutes=within, reach_minutes=9.0)
    forced, there = len(problem.forced), len(problem.open_sites)
    assert found.steps["sites_opened"].tolist() == list(
        range(forced, forced + len(problem.choosable) + 1)
    )
    demand = problem.demand.to_numpy() if model != "set_cover" else problem.people.to_numpy()
    before = math.nan
    for row in found.steps.itertuples():
        if row.sites_opened == 0 and there == 0:
            assert row.status == "nothing_open"
            before = math.nan if model == "p_median" else 0.0
            continue
        plans = list(choices(problem, p=row.sites_opened))
        if model == "p_median":
            best = min(demand @ paid_minutes(problem, some) for some in plans)
            gain = before - best
        else:
            best = max(demand @ covered(problem, some, 9.0) for some in plans)
            gain = best - before
        assert row.objective == pytest.approx(best)
        assert row.status == "optimal"
        assert row.gain == pytest.approx(gain, nan_ok=True)
        opened = problem.at(found.sitings[row.Index].open).tolist()
        reached = problem.people.to_numpy() @ covered(problem, opened, 9.0)
        assert row.people_within_reach == pytest.approx(reached)
        before = best


def test_marginal_value_by_hand() -> None:
    problem = siting_problem([[5, 50, 50], [50, 5, 50], [50, 50, 5]], [1240, 180, 20], penalty=60.0)
    found = build_ladder(problem, "max_cover", most=5, within_minutes=20)
    assert found.steps["people_gained"].tolist()[1:] == [1240.0, 180.0, 20.0]
    assert found.steps["gain"].tolist()[1:] == [1240.0, 180.0, 20.0]
    assert found.steps["venue_ids_added"].tolist() == ["", "s000", "s001", "s002"]
    assert found.findings == (
        "The first hub brings 1,240 people within 20 minutes, the second 180.",
    )
    assert [note.what for note in found.notes] == ["fewer_candidates"]


def test_best_plans_need_not_contain_one_another() -> None:
    # One hall in the middle is best alone; with two, the ends are.
    problem = siting_problem([[0, 12, 5], [12, 0, 5]], [100, 100])
    steps = build_ladder(problem, "p_median", most=2).steps
    assert steps["venue_ids"].tolist() == ["", "s002", "s000, s001"]
    assert steps["venue_ids_left_out"].tolist() == ["", "", "s002"]
    assert steps["mean_minutes"].tolist()[1:] == [5.0, 0.0]


def test_steps_without_an_answer_are_told() -> None:
    problem = siting_problem([[5, 50], [50, 5]], [10, 10], groups=["estate", "village"])
    found = build_ladder(problem, "fair_cover", within_minutes=20, share=1.0, most=2)
    assert found.steps["status"].tolist() == ["nothing_open", "infeasible", "optimal"]
    assert "With 1 hub or fewer nothing does what is asked for." in found.findings
    assert np.isnan(found.steps["gain"].iloc[2])


def test_nothing_to_choose_in_words() -> None:
    problem = siting_problem([[5.0]], [10], status="existing")
    with pytest.raises(ProjectError, match="no site to choose"):
        build_ladder(problem, "p_median")
