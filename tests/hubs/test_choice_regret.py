"""Regret is what plain loops over assumptions and plans give."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import choices, covered, paid_minutes, problems, siting_problem

from planner.errors import ProjectError
from planner.hubs import SitingProblem
from planner.hubs.choice import build_regret


def loss(problem: SitingProblem, opened: list[int], within: float | None) -> float:
    demand = problem.demand.to_numpy()
    if within is None:
        return float(demand @ paid_minutes(problem, opened))
    return float(-(demand @ covered(problem, opened, within)))


def share_of(extra: float, least: float) -> float:
    if extra <= 1e-9 * abs(least):
        return 0.0
    return extra / abs(least) if least else np.inf


@settings(max_examples=8, deadline=None)
@given(problems(), st.sampled_from(["p_median", "max_cover"]), st.integers(0, 99))
def test_regret_equals_plain_loops(problem: SitingProblem, model: Any, seed: int) -> None:
    within = 9.0 if model == "max_cover" else None
    rng = np.random.default_rng(seed)
    variants = {
        "as stated": problem,
        "other need": replace(problem, demand=problem.people * rng.random(len(problem.people))),
        "slower": replace(problem, minutes=problem.minutes * 2),
    }
    p = max(1, len(problem.forced))
    found = build_regret(variants, model, p=p, within_minutes=within)
    there = len(problem.open_sites) - len(problem.forced)
    plans = [some for some in choices(problem, p=p) if len(some) - there == p]
    least = {name: min(loss(one, some, within) for some in plans) for name, one in variants.items()}
    for row in found.table.itertuples():
        there_now = variants[row.true_if]
        opened = there_now.at(found.sitings[row.chosen_if].open).tolist()
        extra = loss(there_now, opened, within) - least[row.true_if]
        assert row.regret == pytest.approx(max(0.0, extra), abs=1e-6)
        assert row.regret_share == pytest.approx(share_of(extra, least[row.true_if]), abs=1e-6)
        if row.chosen_if == row.true_if:
            assert row.regret == 0.0
    greatest = {name: max(rows["regret_share"]) for name, rows in found.table.groupby("chosen_if")}
    assert greatest[found.steadiest] == min(greatest.values())
    best = min(
        max(share_of(loss(one, some, within) - least[name], least[name])
            for name, one in variants.items())
        for some in plans
    )  # fmt: skip
    if np.isfinite(best):
        assert found.compromise_share == pytest.approx(best, abs=1e-6)
        assert found.compromise_share <= greatest[found.steadiest] + 1e-9


def test_compromise_by_hand_in_words() -> None:
    # North and south halls are best each for one assumption; the middle one is fair for both.
    minutes = [[0.0, 40.0, 18.0], [40.0, 0.0, 18.0]]
    north = siting_problem(minutes, [100, 100], need=[0.9, 0.45])
    south = replace(north, demand=north.people * [0.45, 0.9])
    found = build_regret(
        {"north is worse off": north, "south is worse off": south}, "p_median", p=1,
        names={"s002": "Middle hall"},
    )  # fmt: skip
    assert found.regret_shares.to_numpy() == pytest.approx(np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert found.compromise is not None
    assert list(found.compromise) == ["s002"]
    assert found.compromise_share == pytest.approx(2430 / 1800 - 1)
    table = found.table.set_index(["chosen_if", "true_if"])
    row = table.loc[("north is worse off", "south is worse off")]
    assert row["regret"] == pytest.approx(1800.0)
    assert row["mean_minutes_more"] == pytest.approx(1800 / 135)
    assert row["people_within_reach_fewer"] == 0.0
    assert found.findings[1] == (
        "A plan that is best under none of them is safer still: Middle hall, at worst 35.0% worse."
    )


def test_one_plan_for_all_and_an_assumption_without_an_answer() -> None:
    near = siting_problem([[5.0, 30.0], [6.0, 30.0]], [100, 50])
    same = build_regret({"a": near, "b": replace(near, minutes=near.minutes * 2)}, "p_median", p=1)
    assert same.findings == ("The same plan is best under all 2 assumptions: s000.",)
    far = replace(near, minutes=near.minutes + 60)
    found = build_regret({"near": near, "far": far}, "set_cover", within_minutes=20)
    assert [note.what for note in found.notes] == ["regret_infeasible"]
    assert found.table["true_if"].tolist() == ["near"]


def test_a_plan_may_fail_under_another_assumption() -> None:
    one = siting_problem([[5.0, 15.0], [30.0, 15.0]], [100, 50])
    other = replace(one, minutes=one.minutes.assign(s000=[5.0, 5.0], s001=[40.0, 40.0]))
    found = build_regret({"one": one, "other": other}, "set_cover", within_minutes=20)
    fails = found.table[~found.table["allowed"]]
    assert set(zip(fails["chosen_if"], fails["true_if"], strict=True)) == {
        ("one", "other"), ("other", "one"),
    }  # fmt: skip
    assert np.isinf(fails["regret"]).all()
    assert found.compromise is not None
    assert list(found.compromise) == ["s000", "s001"]


def test_thresholds_may_differ_and_bad_variants_are_told() -> None:
    problem = siting_problem([[5.0, 12.0], [25.0, 12.0]], [100, 50])
    found = build_regret(
        {"20 minutes": problem, "10 minutes": problem}, "max_cover", p=1,
        within_minutes={"20 minutes": 20.0, "10 minutes": 10.0},
    )  # fmt: skip
    assert found.regret_shares.loc["20 minutes", "10 minutes"] == 1.0
    other = replace(problem, sites=problem.sites.assign(status=["closed", "candidate"]))
    with pytest.raises(ProjectError, match="not about the same sites"):
        build_regret({"a": problem, "b": other}, "p_median", p=1)
    with pytest.raises(ProjectError, match="no assumption"):
        build_regret({}, "p_median", p=1)
    with pytest.raises(ProjectError, match="no minutes for the assumption 'b'"):
        build_regret({"a": problem, "b": problem}, "max_cover", p=1, within_minutes={"a": 5.0})
