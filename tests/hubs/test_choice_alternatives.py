"""Other plans are the ones that trying every plan finds, and what is said of them is so."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import (
    can_be_helped,
    choices,
    covered,
    filled,
    group_share,
    paid_minutes,
    problems,
    siting_problem,
    worst_mean,
)

from planner.errors import InfeasibleError, ProjectError
from planner.hubs import SitingProblem, solve
from planner.hubs.choice import find_alternatives

OFTEN = settings(max_examples=8, deadline=None)
MODELS = ["p_median", "max_cover", "fair_cover", "p_centre", "worst_off"]


def loss(problem: SitingProblem, model: Any, opened: list[int], within: float = 9) -> float:
    """Return what a plan comes to by hand, less being better; inf where it is not allowed."""
    demand, people = problem.demand.to_numpy(), problem.people.to_numpy()
    helped = can_be_helped(problem)
    near = covered(problem, opened, within)
    if model == "p_median":
        return float(demand @ paid_minutes(problem, opened))
    if model == "p_centre":
        return float(paid_minutes(problem, opened)[helped].max(initial=0.0))
    if model == "worst_off":
        minutes = paid_minutes(problem, opened)[helped]
        return worst_mean(minutes, people[helped], 0.2) if helped.any() else 0.0
    if model == "fair_cover" and group_share(problem, near) < 0.5 - 1e-9:
        return math.inf
    return float(-(demand @ near))


def arguments(model: Any) -> dict[str, Any]:
    share = {"fair_cover": 0.5, "worst_off": 0.2}.get(model)
    within = 9.0 if "cover" in model else None
    return {"within_minutes": within, "share": share}


def kept_apart(plans: list[tuple[float, frozenset[int]]], first: frozenset[int]) -> list[float]:
    """Return losses in order, without plans that only add to one before."""
    seen, found = [first], []
    for worth, plan in sorted(plans, key=lambda one: one[0]):
        if math.isfinite(worth) and not any(plan >= other for other in seen):
            seen.append(plan)
            found.append(worth)
    return found


@pytest.mark.parametrize("try_all", [True, False])
@OFTEN
@given(st.data(), problems(), st.sampled_from(MODELS))
def test_next_best_equal_trying_all(
    try_all: bool, data: st.DataObject, problem: SitingProblem, model: Any
) -> None:
    if model == "fair_cover" and not (problem.groups != "").any():
        return
    least = max(1, len(problem.forced))
    p = data.draw(st.integers(least, max(least, len(problem.forced) + len(problem.choosable))))
    more = arguments(model)
    best = solve(problem, model, p=p, **more)
    if best.status == "infeasible":
        return
    found = find_alternatives(problem, model, best, count=3, try_all=try_all, **more)
    size, there = len(best.chosen), len(problem.open_sites) - len(problem.forced)
    first = frozenset(problem.at(best.open).tolist())
    sign = -1 if "cover" in model else 1
    plans = [
        (loss(problem, model, some), frozenset(some))
        for some in choices(problem, p=size)
        if len(some) - there == size
    ]
    expected = kept_apart(plans, first)
    got = [sign * one.objective for one in found.next_best]
    assert got == pytest.approx(expected[:3], rel=1e-6, abs=1e-6)
    assert found.status == "optimal" or not try_all
    assert [loss(problem, model, problem.at(one.open).tolist()) for one in found.next_best] == (
        pytest.approx(got)
    )
    if len(expected) > 3:
        assert sign * found.nothing_better <= expected[3] + 1e-6
        if try_all:
            assert sign * found.nothing_better == pytest.approx(expected[3])
    else:
        assert math.isnan(found.nothing_better)
    assert not {tuple(best.chosen)} & {tuple(one.chosen) for one in found.next_best}


@OFTEN
@given(problems(), st.integers(0, 9))
def test_budget_plans_equal_trying_all(problem: SitingProblem, more: int) -> None:
    costs = problem.sites["cost"]
    budget = float(costs[problem.forced].sum() + costs[problem.choosable].min() + more)
    best = solve(problem, "p_median", budget=budget)
    plans = [
        (loss(problem, "p_median", some), frozenset(some))
        for some in choices(problem, budget=budget)
    ]
    first = frozenset(problem.at(best.open).tolist())
    for try_all in (True, False):
        found = find_alternatives(problem, "p_median", best, budget=budget, try_all=try_all)
        got = [one.objective for one in found.next_best]
        assert all(costs[one.chosen].sum() <= budget + 1e-9 for one in found.next_best)
        # Ties are broken by the order of sites, so that which supersets go may differ: the first
        # is the same in any order.
        assert got[:1] == pytest.approx(kept_apart(plans, first)[:1])
        assert got == sorted(got)


@OFTEN
@given(problems(), st.integers(1, 3), st.sampled_from([0.0, 0.1, 0.5]))
def test_different_plans_are_as_far_apart_as_can_be(
    problem: SitingProblem, p: int, within: float
) -> None:
    p = max(p, len(problem.forced))
    if p > len(problem.forced) + len(problem.choosable):
        return
    best = solve(problem, "p_median", p=p)
    size = len(best.chosen)
    there = len(problem.open_sites) - len(problem.forced)
    near = {
        frozenset(some)
        for some in choices(problem, p=size)
        if len(some) - there == size
        and loss(problem, "p_median", some) <= best.objective * (1 + within) + 1e-9
    }
    for try_all in (True, False):
        found = find_alternatives(
            problem, "p_median", best, count=3, within_share=within, try_all=try_all
        )
        picked = [frozenset(problem.at(best.open).tolist())]
        for one in found.different:
            plan = frozenset(problem.at(one.open).tolist())
            assert plan in near
            furthest = max(min(len(other - old) for old in picked) for other in near)
            proved = found.table.loc[
                found.table["venue_ids"] == ", ".join(one.chosen), "proved"
            ].iloc[0]
            if try_all or proved:
                assert min(len(plan - old) for old in picked) == furthest
            picked.append(plan)
        if try_all:
            assert found.near_count == len(near)
            assert len(found.different) == min(3, len(near) - 1)


@settings(max_examples=4, deadline=None)
@given(problems(), st.sampled_from(["capacitated_p_median", "capacitated_cover"]))
def test_sites_that_fill_up(problem: SitingProblem, model: Any) -> None:
    within = 9.0 if model == "capacitated_cover" else None
    size = max(1, len(problem.forced))
    try:
        best = solve(problem, model, p=size, within_minutes=within)
    except InfeasibleError:
        return
    if best.status == "infeasible":
        return
    found = find_alternatives(problem, model, best, count=2, within_minutes=within)
    sign = -1 if within else 1
    there = len(problem.open_sites) - len(problem.forced)
    room = problem.sites["capacity"].fillna(np.inf).to_numpy()
    reached = problem.people.drop(problem.out_of_reach).sum()
    plans = [
        (filled(problem, some, within), frozenset(some))
        for some in choices(problem, p=len(best.chosen))
        if len(some) - there == len(best.chosen) and (within or room[some].sum() >= reached - 1e-6)
    ]
    first = frozenset(problem.at(best.open).tolist())
    got = [sign * one.objective for one in found.next_best]
    assert got == pytest.approx(kept_apart(plans, first)[:2], rel=1e-5, abs=1e-5)


def test_differences_and_words_by_hand() -> None:
    # Two towns with two halls each; the far ones of each are a minute further.
    problem = siting_problem([[5, 6, 60, 60], [60, 60, 5, 6]], [100, 100])
    best = solve(problem, "p_median", p=2)
    found = find_alternatives(
        problem, "p_median", best, count=2, within_share=0.25,
        names={"s001": "Mill hall", "s003": "Quay hall"},
    )  # fmt: skip
    assert [list(one.chosen) for one in found.next_best] == [["s000", "s003"], ["s001", "s002"]]
    assert list(found.different[0].chosen) == ["s001", "s003"]
    assert found.near_count == 4
    assert found.nothing_better == 1200.0
    table = found.table.set_index("venue_ids")
    assert table.loc["s001, s003", "sites_different_from_best"] == 2
    assert table.loc["s001, s003", "worse_than_best_share"] == pytest.approx(0.2)
    assert found.findings == (
        "3 other plans come within 25% of the best one.",
        "The most different one changes 2 sites of 2 (it has Mill hall and Quay hall instead) "
        "and is 20.0% worse.",
    )
    grid = found.differences.to_numpy()
    plans = [set(one.split(", ")) for one in found.table["venue_ids"]]
    for one, other in itertools.product(range(len(plans)), repeat=2):
        assert grid[one, other] == len(plans[one] - plans[other])


def test_no_time_still_answers_and_says_so() -> None:
    rng = np.random.default_rng(3)
    problem = siting_problem(rng.integers(1, 90, (60, 25)), rng.integers(1, 90, 60))
    best = solve(problem, "p_median", p=5)
    found = find_alternatives(
        problem, "p_median", best, count=2, time_limit_seconds=0.0, try_all=False
    )
    assert found.best is best
    if found.status != "optimal":
        assert found.notes[0].what == "alternatives_not_proved"
    assert not found.table["objective"].lt(best.objective).any()


def test_no_plan_and_bad_numbers_in_words() -> None:
    problem = siting_problem([[5, 30], [30, 5], [90, 90]], [10, 10, 10])
    never = solve(problem, "set_cover", within_minutes=20)
    found = find_alternatives(problem, "set_cover", never, within_minutes=20)
    assert found.findings == (
        "There is no plan that does what is asked for, so there is no other one either.",
    )
    best = solve(problem, "p_median", p=1)
    with pytest.raises(ProjectError, match="within_share is -1"):
        find_alternatives(problem, "p_median", best, within_share=-1.0)
    alone = find_alternatives(replace(problem), "p_median", solve(problem, "p_median", p=2))
    assert alone.findings == ("No other plan comes within 5% of the best one.",)
