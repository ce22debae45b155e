"""Venues are counted as often as a plain loop over draws, each by trying every plan, counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import choices, covered, paid_minutes, problems, siting_problem

from planner.errors import ProjectError
from planner.hubs import SitingProblem, solve
from planner.hubs.choice import SitingDraws, build_siting_draws, build_steadiness


def drawn(problem: SitingProblem, seed: int, *, covers: bool) -> SitingDraws:
    rng = np.random.default_rng(seed)
    slower = problem.minutes * rng.uniform(1, 3, problem.minutes.shape)
    return build_siting_draws(
        problem,
        6,
        need=rng.random((6, len(problem.minutes))) + 0.01,
        demand_spread=0.3,
        thresholds=(6.0, 9.0, 14.0) if covers else (),
        minutes=(slower,),
        seed=seed,
    )


def in_draw(problem: SitingProblem, draws: SitingDraws, draw: int) -> SitingProblem:
    """Return the problem as it is in one draw, by hand."""
    demand = problem.people * draws.need[draw] if draws.need is not None else problem.demand
    if draws.demand is not None:
        demand = demand * draws.demand[draw]
    minutes = problem.minutes
    if draws.travel is not None and draws.travel[draw]:
        minutes = draws.minutes[draws.travel[draw] - 1]
    return replace(problem, demand=demand, minutes=minutes)


def best_by_hand(problem: SitingProblem, p: int, within: float | None) -> tuple[float, list[int]]:
    there = len(problem.open_sites) - len(problem.forced)
    demand, best = problem.demand.to_numpy(), (np.inf, list[int]())
    for some in choices(problem, p=p):
        if len(some) - there != p:
            continue
        if within is None:
            loss = float(demand @ paid_minutes(problem, some))
        else:
            loss = float(-(demand @ covered(problem, some, within)))
        if loss < best[0] - 1e-9 * abs(loss):
            best = (loss, some)
    return best


@pytest.mark.parametrize("try_all", [True, False])
@settings(max_examples=4, deadline=None)
@given(problems(), st.sampled_from(["p_median", "max_cover"]), st.integers(0, 99))
def test_counts_equal_a_plain_loop(
    try_all: bool, problem: SitingProblem, model: Any, seed: int
) -> None:
    covers = model == "max_cover"
    problem = replace(problem, minutes=problem.minutes.clip(upper=50))
    draws = drawn(problem, seed, covers=covers)
    p = max(1, len(problem.forced))
    within = 9.0 if covers else None
    found = build_steadiness(problem, model, draws, p=p, within_minutes=within, try_all=try_all)
    assert found.status == "optimal"
    assert found.proved_count == 6
    sign = -1 if covers else 1
    counts = pd.Series(0, index=found.venues.index)
    for draw in range(6):
        here = in_draw(problem, draws, draw)
        limit = float(draws.within_minutes[draw]) if draws.within_minutes is not None else None
        loss, opened = best_by_hand(here, p, limit)
        row = found.draws.loc[draw + 1]
        assert sign * row["objective"] == pytest.approx(loss, rel=1e-6, abs=1e-9)
        chosen = here.sites.index[opened]
        chosen = chosen[here.sites.loc[chosen, "status"] != "existing"]
        counts[chosen] += 1
        if try_all:
            assert row["venue_ids"] == ", ".join(chosen)
        usual = problem.at(found.stated.open).tolist()
        if covers:
            stated = float(-(here.demand.to_numpy() @ covered(here, usual, limit or 0)))
        else:
            stated = float(here.demand.to_numpy() @ paid_minutes(here, usual))
        if loss:
            regret = (stated - loss) / abs(loss)
            assert row["stated_regret_share"] == pytest.approx(max(0.0, regret), abs=1e-5)
    if try_all:
        assert found.venues["draws_chosen"].to_dict() == counts.to_dict()
        assert found.plans["draws_won"].sum() == 6


@settings(max_examples=4, deadline=None)
@given(problems(), st.integers(0, 99))
def test_one_factor_at_a_time(problem: SitingProblem, seed: int) -> None:
    problem = replace(problem, minutes=problem.minutes.clip(upper=50))
    draws = drawn(problem, seed, covers=False)
    p = max(1, len(problem.forced))
    found = build_steadiness(problem, "p_median", draws, p=p)
    assert found.factors == ("need", "demand", "travel")
    for factor in found.factors:
        alone = draws.only(factor)
        counts = pd.Series(0.0, index=found.venues.index)
        for draw in range(6):
            _, opened = best_by_hand(in_draw(problem, alone, draw), p, None)
            chosen = problem.sites.index[opened].intersection(counts.index)
            counts[chosen] += 1 / 6
        told = found.venues[f"share_if_only_{factor}_varies"]
        assert told.to_numpy() == pytest.approx(counts.to_numpy())


def test_search_from_draw_to_draw_equals_each_alone() -> None:
    rng = np.random.default_rng(7)
    problem = siting_problem(
        np.hypot(*(rng.random((2, 50, 1)) - rng.random((2, 1, 18)))) * 60,
        rng.integers(0, 900, 50),
        status=["existing", *["candidate"] * 15, "forced", "closed"],
    )
    draws = build_siting_draws(problem, 12, need=rng.random((12, 50)), seed=2)
    found = build_steadiness(problem, "p_median", draws, p=5, try_all=False)
    for draw in range(12):
        alone = solve(in_draw(problem, draws, draw), "p_median", p=5)
        assert found.draws["objective"].iloc[draw] == pytest.approx(alone.objective, rel=1e-6)
    assert found.status == "optimal"


def test_share_of_draws_by_hand_in_words() -> None:
    # Need is in the north in three draws of four, in the south in one.
    problem = siting_problem([[5, 30], [30, 5]], [100, 100])
    need = np.array([[1.0, 0.1], [0.9, 0.2], [0.8, 0.3], [0.1, 1.0]])
    draws = build_siting_draws(problem, 100, need=need)
    found = build_steadiness(
        problem, "p_median", draws, p=1, names={"s000": "Riverside Library", "s001": "Hill hall"}
    )
    assert found.venues["share_of_draws"].to_dict() == {"s000": 0.75, "s001": 0.25}
    assert found.findings == (
        "Riverside Library is in 3 of 4 draws and Hill hall is in 1.",
        "2 plans won at least one draw; the plan as stated won most often: 3 of 4.",
    )
    assert [note.what for note in found.notes] == ["fewer_draws"]


def test_draws_come_from_their_seed_alone() -> None:
    problem = siting_problem([[5, 30], [30, 5]], [100, 100])
    few = build_siting_draws(problem, 3, demand_spread=0.2, thresholds=(10.0, 20.0), seed=5)
    many = build_siting_draws(problem, 9, demand_spread=0.2, thresholds=(10.0, 20.0), seed=5)
    assert few.demand is not None
    assert many.demand is not None
    assert (few.demand == many.demand[:3]).all()
    assert few.demand.min() >= 0.8
    assert few.demand.max() <= 1.2


def test_bad_draws_in_words() -> None:
    problem = siting_problem([[5, 30], [30, 5]], [100, 100])
    with pytest.raises(ProjectError, match="draws × the areas"):
        build_siting_draws(problem, 3, need=np.ones((3, 5)))
    with pytest.raises(ProjectError, match="same areas and sites"):
        build_siting_draws(problem, 3, minutes=(problem.minutes.iloc[:1],))
    with pytest.raises(ProjectError, match="negative or not a number"):
        build_siting_draws(problem, 1, need=np.array([[1.0, np.nan]]))
    with pytest.raises(ProjectError, match="cannot vary by 150%"):
        build_siting_draws(problem, 3, demand_spread=1.5)
    nothing = build_siting_draws(problem, 3)
    with pytest.raises(ProjectError, match="nothing varies"):
        build_steadiness(problem, "p_median", nothing, p=1)
    limits = build_siting_draws(problem, 3, thresholds=(10.0,))
    with pytest.raises(ProjectError, match="they cannot vary"):
        build_steadiness(problem, "p_median", limits, p=1)
