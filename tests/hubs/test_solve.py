"""Every model's answers equal trying every choice, published optima, and what is told in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import (
    PENALTY,
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

from planner.errors import InfeasibleError, PlannerError, ProjectError
from planner.hubs.answer import MORE_IS_BETTER, Siting
from planner.hubs.problem import SitingProblem
from planner.hubs.solve import solve

OFTEN = settings(max_examples=20, deadline=None)


@st.composite
def limits(draw: st.DrawFn, problem: SitingProblem) -> dict[str, Any]:
    """Draw a number of sites or a budget that the problem allows."""
    forced = len(problem.forced)
    if draw(st.booleans()):
        least = forced if len(problem.open_sites) else 1
        return {"p": draw(st.integers(least, forced + len(problem.choosable)))}
    costs = problem.sites["cost"]
    spent = costs[problem.forced].sum()
    least = 0.0 if len(problem.open_sites) else costs[problem.choosable].min()
    return {"budget": float(spent + least + draw(st.integers(0, 8)))}


def check(problem: SitingProblem, found: Siting, best: float, **limit: Any) -> None:
    """Assert that an answer is proved, as good as the best of all choices, and allowed."""
    assert found.status == "optimal"
    assert found.gap == 0.0
    assert found.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    if MORE_IS_BETTER[found.model]:
        assert found.bound >= found.objective
    else:
        assert found.bound <= found.objective
    assert found.bound == pytest.approx(best, rel=2e-6, abs=1e-5)
    assert set(problem.forced) <= set(found.chosen)
    assert set(found.open) == set(found.chosen) | set(problem.open_sites)
    assert set(found.chosen) <= {*problem.choosable, *problem.forced}
    if limit.get("p") is not None:
        assert len(found.chosen) <= limit["p"]
    if limit.get("budget") is not None:
        assert problem.sites["cost"][found.chosen].sum() <= limit["budget"] + 1e-9


def opened(problem: SitingProblem, found: Siting) -> list[int]:
    return problem.at(found.open).tolist()


@OFTEN
@given(st.data(), problems())
def test_p_median_equals_trying_all(data: st.DataObject, problem: SitingProblem) -> None:
    limit = data.draw(limits(problem))
    found = solve(problem, "p_median", **limit)
    demand = problem.demand.to_numpy()
    best = min(demand @ paid_minutes(problem, some) for some in choices(problem, **limit))
    check(problem, found, best, **limit)
    assert demand @ paid_minutes(problem, opened(problem, found)) == pytest.approx(best)


@OFTEN
@given(st.data(), problems(), st.integers(0, 30))
def test_maximal_cover_equals_trying_all(
    data: st.DataObject, problem: SitingProblem, within: int
) -> None:
    limit = data.draw(limits(problem))
    found = solve(problem, "max_cover", within_minutes=within, **limit)
    demand = problem.demand.to_numpy()
    best = max(demand @ covered(problem, some, within) for some in choices(problem, **limit))
    check(problem, found, best, **limit)
    assert demand @ covered(problem, opened(problem, found), within) == pytest.approx(best)


@OFTEN
@given(st.data(), problems(), st.sampled_from([1.0, 0.8, 0.5]))
def test_worst_off_equals_trying_all(
    data: st.DataObject, problem: SitingProblem, share: float
) -> None:
    limit = data.draw(limits(problem))
    found = solve(problem, "worst_off", share=share / 5, **limit)
    helped = can_be_helped(problem)
    people = problem.people.to_numpy()[helped]

    def worst(some: list[int]) -> float:
        minutes = paid_minutes(problem, some)[helped]
        return worst_mean(minutes, people, share / 5) if len(minutes) else 0.0

    check(problem, found, min(map(worst, choices(problem, **limit))), **limit)
    assert worst(opened(problem, found)) == pytest.approx(found.objective)


@OFTEN
@given(st.data(), problems())
def test_p_centre_equals_trying_all(data: st.DataObject, problem: SitingProblem) -> None:
    limit = data.draw(limits(problem))
    found = solve(problem, "p_centre", **limit)
    helped = can_be_helped(problem)

    def longest(some: list[int]) -> float:
        return float(paid_minutes(problem, some)[helped].max(initial=0.0))

    check(problem, found, min(map(longest, choices(problem, **limit))), **limit)
    assert longest(opened(problem, found)) == found.objective


@OFTEN
@given(st.data(), problems(), st.integers(3, 30), st.sampled_from([1.0, 0.75, 0.4]))
def test_set_cover_equals_trying_all(
    data: st.DataObject, problem: SitingProblem, within: int, share: float
) -> None:
    limit = data.draw(st.just({}) | limits(problem))
    people = problem.people.to_numpy()
    cost = problem.sites["cost"].to_numpy()
    there = set(problem.at(problem.sites.index[problem.sites["status"] == "existing"]))

    def takes(some: list[int]) -> float:
        new = [site for site in some if site not in there]
        return float(cost[new].sum() if "budget" in limit else len(new))

    enough = [
        takes(some)
        for some in choices(problem, **limit)
        if people @ covered(problem, some, within) >= share * people.sum() - 1e-9
    ]
    found = solve(problem, "set_cover", within_minutes=within, share=share, **limit)
    if not enough:
        assert found.status == "infeasible"
        return
    check(problem, found, min(enough), **limit)
    near = covered(problem, opened(problem, found), within)
    assert people @ near >= share * people.sum() - 1e-9


@OFTEN
@given(st.data(), problems(), st.integers(3, 30), st.sampled_from([1.0, 0.75, 0.4]))
def test_fair_cover_equals_trying_all(
    data: st.DataObject, problem: SitingProblem, within: int, share: float
) -> None:
    limit = data.draw(limits(problem))
    if not (problem.groups != "").any():
        return
    demand = problem.demand.to_numpy()
    allowed = [
        demand @ near
        for near in (covered(problem, some, within) for some in choices(problem, **limit))
        if group_share(problem, near) >= share - 1e-9
    ]
    found = solve(problem, "fair_cover", within_minutes=within, share=share, **limit)
    if not allowed:
        assert found.status == "infeasible"
        return
    check(problem, found, max(allowed), **limit)
    near = covered(problem, opened(problem, found), within)
    assert group_share(problem, near) >= share - 1e-9


@OFTEN
@given(st.data(), problems())
def test_capacitated_p_median_equals_trying_all(
    data: st.DataObject, problem: SitingProblem
) -> None:
    limit = data.draw(limits(problem))
    helped = can_be_helped(problem)
    people = problem.people.to_numpy()[helped].sum()
    room = problem.sites["capacity"].fillna(np.inf).to_numpy()
    if room[problem.at(problem.usable)].sum() < people:
        with pytest.raises(InfeasibleError, match="all sites together have room for"):
            solve(problem, "capacitated_p_median", **limit)
        return
    found = solve(problem, "capacitated_p_median", **limit)
    if max(room[some].sum() for some in choices(problem, **limit)) < people:
        assert found.status == "infeasible"
        return
    best = min(filled(problem, some, None) for some in choices(problem, **limit))
    check(problem, found, best, **limit)
    check_served(problem, found)
    lost = problem.demand - (
        found.served.groupby("area_code")["people"].sum().reindex(problem.people.index).fillna(0)
        / problem.people.where(problem.people > 0, 1.0)
        * problem.demand
    )
    served = found.served.assign(
        weight=(problem.demand / problem.people).loc[found.served["area_code"]].to_numpy()
    )
    paid = (served["people"] * served["minutes"] * served["weight"]).sum() + PENALTY * lost.sum()
    assert paid == pytest.approx(found.objective, rel=1e-6, abs=1e-6)


@OFTEN
@given(st.data(), problems(), st.integers(0, 30))
def test_capacitated_cover_equals_trying_all(
    data: st.DataObject, problem: SitingProblem, within: int
) -> None:
    limit = data.draw(limits(problem))
    found = solve(problem, "capacitated_cover", within_minutes=within, **limit)
    best = max(-filled(problem, some, within) for some in choices(problem, **limit))
    check(problem, found, best, **limit)
    check_served(problem, found)
    assert (found.served["minutes"] <= within).all()


def check_served(problem: SitingProblem, found: Siting) -> None:
    """Assert that nobody goes twice, no site is too full, and all go to open sites they reach."""
    served = found.served
    by_area = served.groupby("area_code")["people"].sum()
    assert (by_area <= problem.people[by_area.index] + 1e-6).all()
    by_site = served.groupby("venue_id")["people"].sum()
    room = problem.sites["capacity"].fillna(np.inf)[by_site.index]
    assert (by_site <= room + 1e-6).all()
    assert set(served["venue_id"]) <= set(found.open)
    assert served["minutes"].notna().all()
    assert set(found.assigned[found.assigned != ""]) <= set(found.open)


# --- published results ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def san_francisco(shared: Path) -> SitingProblem:
    folder = shared / "oracles"
    pairs = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    demand = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv").set_index("NAME")
    grid = pairs.pivot_table(index="DestinationName", columns="name", values="distance")
    grid.index = grid.index.map(str).rename("area_code")
    grid = grid.sort_index()
    people = pd.Series(demand["POP2000"].astype(float))
    people.index = people.index.map(str)
    grid.columns.name = "venue_id"
    return SitingProblem(
        minutes=grid,
        demand=people.loc[grid.index],
        people=people.loc[grid.index],
        sites=pd.DataFrame({"status": "candidate", "cost": 1.0, "capacity": np.nan}, grid.columns),
        penalty_minutes=1e6,
        groups=pd.Series("", index=grid.index, dtype=object),
    )


@pytest.mark.parametrize("limit", [{"p": 4}, {"budget": 4.0}])
def test_san_francisco_p_median(san_francisco: SitingProblem, limit: dict[str, Any]) -> None:
    found = solve(san_francisco, "p_median", **limit)
    assert found.objective / san_francisco.people.sum() == pytest.approx(2982.12686, abs=1e-5)
    assert sorted(found.chosen) == ["Store_11", "Store_12", "Store_15", "Store_2"]
    assert found.status == "optimal"


@pytest.mark.parametrize("limit", [{"p": 4}, {"budget": 4.0}])
def test_san_francisco_maximal_cover(san_francisco: SitingProblem, limit: dict[str, Any]) -> None:
    found = solve(san_francisco, "max_cover", within_minutes=5000, **limit)
    assert found.objective / san_francisco.people.sum() == pytest.approx(0.91638, abs=5e-6)
    assert (found.minutes <= 5000).sum() == 184
    assert found.status == "optimal"


def test_san_francisco_set_cover_and_centre(san_francisco: SitingProblem) -> None:
    found = solve(san_francisco, "set_cover", within_minutes=5000)
    assert (found.objective, found.bound, found.status) == (8.0, 8.0, "optimal")
    assert (found.minutes <= 5000).all()
    centre = solve(san_francisco, "p_centre", p=4)
    assert centre.objective == pytest.approx(7403.06, abs=0.005)
    assert (centre.bound, centre.status) == (centre.objective, "optimal")


@pytest.mark.parametrize(("instance", "longest"), [(1, 127), (2, 98), (3, 93), (4, 74), (5, 48)])
def test_or_library_p_centre(shared: Path, instance: int, longest: float) -> None:
    from scipy.sparse.csgraph import floyd_warshall

    text = (shared / "oracles" / f"pmed{instance}.txt").read_text()
    numbers = [int(word) for word in text.split()]
    nodes, edges, p = numbers[:3]
    matrix = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(matrix, 0)
    for i, j, length in np.array(numbers[3 : 3 + 3 * edges]).reshape(-1, 3):
        matrix[i - 1, j - 1] = matrix[j - 1, i - 1] = length  # the last of two edges wins
    problem = siting_problem(floyd_warshall(matrix), np.ones(nodes), penalty=1e6)
    assert solve(problem, "p_centre", p=p).objective == longest


# --- in words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        ("p_median", {"p": 3}, "3 sites are asked for, but there are 2 candidates"),
        ("p_median", {"p": 0}, "not one site is asked for"),
        ("p_median", {}, "needs a number of sites or a budget"),
        ("p_median", {"p": 1, "budget": 3.0}, "both a number of sites and a budget"),
        ("p_median", {"p": 1, "within_minutes": 5.0}, "takes no minutes"),
        ("max_cover", {"p": 1}, "needs the minutes"),
        ("max_cover", {"budget": 0.5, "within_minutes": 5.0}, "the cheapest costs 1"),
        ("max_cover", {"budget": -1.0, "within_minutes": 5.0}, "a budget of -1 cannot be"),
        ("worst_off", {"p": 1, "share": 1.5}, "a share of 1.5 cannot be"),
        ("fair_cover", {"p": 1, "within_minutes": 5.0}, "needs the share"),
        ("fair_cover", {"p": 1, "within_minutes": 5.0, "share": 0.5}, "in a type"),
        ("nearest", {"p": 1}, "there is no model 'nearest'"),
    ],
)
def test_what_cannot_be_asked_is_told_in_words(
    model: Any, given: dict[str, Any], words: str
) -> None:
    problem = siting_problem([[1.0, 2.0], [3.0, 4.0]], [10.0, 10.0])
    with pytest.raises(PlannerError, match=words):
        solve(problem, model, **given)


def test_candidates_that_nobody_reaches_are_told_in_words() -> None:
    problem = siting_problem(
        [[np.nan, np.nan, 1.0]], [10.0], status=["candidate", "candidate", "closed"]
    )
    with pytest.raises(InfeasibleError, match="no area reaches any of the 2 sites"):
        solve(problem, "p_median", p=1)


def test_forced_sites_beyond_the_limit_are_told_in_words() -> None:
    problem = siting_problem(
        [[1.0, 2.0, 3.0]], [10.0], status=["forced", "forced", "candidate"], cost=[4.0, 5.0, 1.0]
    )
    with pytest.raises(InfeasibleError, match="1 site is asked for, but 2 are forced"):
        solve(problem, "p_median", p=1)
    with pytest.raises(InfeasibleError, match="the forced sites cost 9, more than the budget of 8"):
        solve(problem, "p_median", budget=8.0)


def test_too_little_room_for_all_is_told_in_words() -> None:
    problem = siting_problem([[1.0, 2.0], [3.0, 4.0]], [100.0, 50.0], capacity=[40.0, 60.0])
    with pytest.raises(InfeasibleError, match="room for 100 people, but 150 can reach one"):
        solve(problem, "capacitated_p_median", p=2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cost": [-1.0, 0.0]}, "the cost of s000 is -1"),
        ({"cost": [np.nan, 0.0]}, "the cost of s000 is not known"),
        ({"capacity": [-5.0, 0.0]}, "the capacity of s000 is -5"),
        ({"status": ["open", "candidate"]}, "the status of s000 is 'open'"),
        ({"minutes": [[190.0, 2.0]]}, "less than the longest journey"),
        ({"minutes": [[-1.0, 2.0]]}, "below zero or endless"),
        ({"people": [-1.0]}, "the demand of A000 is -1"),
    ],
)
def test_a_problem_that_cannot_be_is_told_in_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ProjectError, match=words):
        siting_problem(**({"minutes": [[1.0, 2.0]], "people": [10.0]} | change))


def test_a_budget_with_no_candidate_left_leaves_what_is_open() -> None:
    problem = siting_problem([[3.0, 9.0], [8.0, 2.0]], [10, 20], status=["existing", "forced"])
    found = solve(problem, "p_median", budget=5.0)
    assert (found.objective, found.status) == (3 * 10 + 2 * 20, "optimal")
    assert list(found.open) == ["s000", "s001"]
