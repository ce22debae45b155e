"""The p-median answers equal published optima and other methods' answers, and are proved."""

from __future__ import annotations

import itertools
from pathlib import Path

import highspy
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall

from planner.errors import InfeasibleError
from planner.hubs.pmedian import solve_p_sweep, solve_pmedian

#: J. E. Beasley's OR-Library: instance → (p, optimum).
OR_LIBRARY = {1: (5, 5819), 2: (10, 4093), 3: (10, 4250), 4: (20, 3034), 5: (33, 1355)}
MOST_TRIED = "planner.hubs.pmedian.MOST_TRIED"


@pytest.fixture
def by_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prove answers, however few choices there are."""
    monkeypatch.setattr(MOST_TRIED, 0)


def or_library(path: Path) -> tuple[np.ndarray, int]:
    """Return all-pairs distances and p; where an edge stands twice the last one wins."""
    numbers = [int(word) for word in path.read_text().split()]
    nodes, edges, p = numbers[:3]
    matrix = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(matrix, 0)
    for i, j, cost in np.array(numbers[3 : 3 + 3 * edges]).reshape(-1, 3):
        matrix[i - 1, j - 1] = matrix[j - 1, i - 1] = cost
    return floyd_warshall(matrix), p


def plane(areas: int, sites: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return minutes across a square with a penalty beyond 40, and people, some areas empty."""
    rng = np.random.default_rng(seed)
    apart = rng.random((areas, 1, 2)) - rng.random((1, sites, 2))
    minutes = np.round(100 * np.hypot(apart[..., 0], apart[..., 1]), 1)
    weight = np.where(rng.random(areas) < 0.1, 0.0, rng.lognormal(7, 0.5, areas))
    return np.where(minutes > 40, 180.0, minutes), weight


def pay(cost: np.ndarray, weight: np.ndarray, sites: object) -> float:
    return float(weight @ cost[:, list(sites)].min(axis=1))  # type: ignore[call-overload]


def best_of_all(
    cost: np.ndarray, weight: np.ndarray, p: int, fixed: tuple[int, ...]
) -> tuple[float, list[tuple[int, ...]]]:
    """Return the least cost of all choices, and those that have it."""
    rest = [column for column in range(cost.shape[1]) if column not in fixed]
    costs = {
        tuple(sorted({*fixed, *some})): pay(cost, weight, {*fixed, *some})
        for some in itertools.combinations(rest, p)
    }
    least = min(costs.values())
    return least, [sites for sites, paid in costs.items() if paid <= least * (1 + 1e-12)]


def by_highs(cost: np.ndarray, weight: np.ndarray, p: int, fixed: tuple[int, ...]) -> float:
    """Return the least cost by a program with a variable a pair (ReVelle and Swain 1970)."""
    columns = cost.shape[1]
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", 0.0)
    opened = [model.addBinary() for _ in range(columns)]
    for column in fixed:
        model.changeColBounds(opened[column].index, 1.0, 1.0)
    model.addConstr(model.qsum(opened) == p + len(fixed))
    total = []
    for row in np.flatnonzero(weight > 0):
        shares = [model.addVariable(0.0, 1.0) for _ in range(columns)]
        model.addConstr(model.qsum(shares) == 1)
        for share, site in zip(shares, opened, strict=True):
            model.addConstr(share <= site)
        total += [weight[row] * cost[row, c] * share for c, share in enumerate(shares)]
    model.minimize(model.qsum(total))
    return float(model.getInfo().objective_function_value)


@pytest.mark.parametrize("instance", OR_LIBRARY)
def test_or_library_optimum_is_proved(shared: Path, instance: int) -> None:
    cost, p = or_library(shared / "oracles" / f"pmed{instance}.txt")
    answer = solve_pmedian(cost, np.ones(len(cost)), p)
    assert (p, answer.objective) == OR_LIBRARY[instance]
    assert answer.status == "optimal"
    assert answer.bound == answer.objective  # whole numbers: proved to the unit
    assert answer.gap == 0.0


@pytest.mark.parametrize("most_tried", [0, 10**9])
def test_san_francisco(shared: Path, monkeypatch: pytest.MonkeyPatch, most_tried: int) -> None:
    monkeypatch.setattr(MOST_TRIED, most_tried)
    folder = shared / "oracles"
    pairs = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    demand = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv").set_index("NAME")
    grid = pairs.pivot_table(index="DestinationName", columns="name", values="distance")
    weight = demand.loc[grid.index, "POP2000"].to_numpy(dtype=float)
    answer = solve_pmedian(grid.to_numpy(), weight, 4)
    assert answer.objective / weight.sum() == pytest.approx(2982.12686, abs=1e-5)
    assert answer.status == "optimal"
    assert sorted(grid.columns[list(answer.sites)]) == [
        "Store_11",
        "Store_12",
        "Store_15",
        "Store_2",
    ]


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int, tuple[int, ...]]:
    """Draw costs with many ties, equal sites and penalties; weights that may all be 0."""
    sites = draw(st.integers(1, 8))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    cost = rng.integers(0, draw(st.sampled_from([2, 12, 1000])), (12, sites)).astype(float)
    if draw(st.booleans()):
        cost += rng.random((12, 1)).round(2)
    cost[rng.random(cost.shape) < draw(st.sampled_from([0.0, 0.5]))] = 180.0
    cost = cost[:, rng.integers(0, sites, sites)] if draw(st.booleans()) else cost
    weight = rng.integers(0, draw(st.sampled_from([1, 4])), 12) * draw(st.sampled_from([1.0, 0.1]))
    fixed = tuple(rng.permutation(sites)[: draw(st.integers(0, min(2, sites)))].tolist())
    least = 0 if fixed else 1
    return cost, weight, draw(st.integers(least, max(least, sites - len(fixed)))), fixed


@settings(max_examples=100, deadline=None)
@given(problems(), st.sampled_from([0, 10**9]))
def test_equals_trying_every_choice(
    problem: tuple[np.ndarray, np.ndarray, int, tuple[int, ...]], most_tried: int
) -> None:
    cost, weight, p, fixed = problem
    with pytest.MonkeyPatch.context() as patch:  # by the proof, and by trying all
        patch.setattr(MOST_TRIED, most_tried)
        answer = solve_pmedian(cost, weight, p, fixed=fixed)
    least, equals = best_of_all(cost, weight, p, fixed)
    assert answer.objective == pytest.approx(least, rel=1e-6)
    assert answer.objective == pay(cost, weight, answer.sites)
    assert answer.bound <= answer.objective
    assert answer.bound == pytest.approx(least, rel=1.1e-6)
    assert (answer.status, answer.gap) == ("optimal", 0.0)
    assert set(fixed) <= set(answer.sites)
    assert len(answer.sites) == p + len(fixed)
    chosen = np.array(answer.sites)
    np.testing.assert_array_equal(answer.assigned, chosen[cost[:, chosen].argmin(axis=1)])
    if most_tried:
        assert answer.sites == min(equals)


@pytest.mark.parametrize(("seed", "p", "fixed"), [(0, 4, ()), (1, 6, ()), (2, 3, (5, 11))])
def test_equals_the_program_solved_by_highs(seed: int, p: int, fixed: tuple[int, ...]) -> None:
    cost, weight = plane(60, 30, seed)
    answer = solve_pmedian(cost, weight, p, fixed=fixed)
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(by_highs(cost, weight, p, fixed), rel=2e-6)


def test_noise_is_branched_on_and_proved() -> None:
    """Noise of its own on every pair leaves the relaxation a gap that only branching closes."""
    rng = np.random.default_rng(3)
    cost = rng.integers(1, 90, (40, 14)).astype(float)
    answer = solve_pmedian(cost, np.ones(40), 5)
    assert answer.objective == best_of_all(cost, np.ones(40), 5, ())[0]
    assert answer.bound == answer.objective


@pytest.mark.usefixtures("by_proof")
def test_of_equal_sites_the_first_is_chosen() -> None:
    cost, weight = plane(50, 12, seed=4)
    alone = solve_pmedian(cost, weight, 3)
    doubled = solve_pmedian(np.hstack([cost, cost[:, ::-1]]), weight, 3)
    assert doubled.sites == alone.sites


@pytest.mark.usefixtures("by_proof")
def test_more_sites_than_different_ones_are_filled_up_in_order() -> None:
    cost = np.array([[5.0, 5.0, 1.0, 1.0, 5.0], [2.0, 2.0, 9.0, 9.0, 2.0]])
    assert solve_pmedian(cost, np.ones(2), 3).sites == (0, 1, 2)
    assert solve_pmedian(cost, np.ones(2), 1, fixed=(4, 4)).sites == (2, 4)
    assert solve_pmedian(cost, np.zeros(2), 2, fixed=(3,)).sites == (0, 1, 3)
    assert solve_pmedian(cost, np.ones(2), 5).sites == (0, 1, 2, 3, 4)


@pytest.mark.usefixtures("by_proof")
def test_areas_that_reach_nothing_pay_the_penalty_and_change_nothing() -> None:
    cost, weight = plane(80, 20, seed=5)
    stranded = np.full((7, 20), 180.0)
    alone = solve_pmedian(cost, weight, 4)
    both = solve_pmedian(np.vstack([cost, stranded]), np.append(weight, np.full(7, 1000.0)), 4)
    assert both.sites == alone.sites
    assert both.objective == pytest.approx(alone.objective + 7 * 1000 * 180)


@pytest.mark.usefixtures("by_proof")
def test_the_answer_does_not_depend_on_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    cost, weight = plane(400, 120, seed=6)
    monkeypatch.setattr("planner.hubs.branch.WORTH_A_THREAD", 0)
    found = []
    for cores in (1, 2, 5):
        monkeypatch.setattr("planner.cores.os.cpu_count", lambda cores=cores: cores)
        one = solve_pmedian(cost, weight, 9)
        found.append((one.sites, one.objective, one.bound, one.gap, one.assigned.tolist()))
    assert found[0] == found[1] == found[2]


def test_a_fixed_site_alone_needs_no_choice() -> None:
    answer = solve_pmedian(np.array([[1.0, 5.0], [5.0, 1.0]]), np.ones(2), 0, fixed=(1,))
    assert answer.sites == (1,)
    assert answer.objective == 6.0


def test_more_hubs_than_candidates_is_told_in_words() -> None:
    with pytest.raises(InfeasibleError, match="3 sites are asked for, but there are 2 candidates"):
        solve_pmedian(np.ones((4, 2)), np.ones(4), 3)


def test_no_hub_at_all_is_told_in_words() -> None:
    with pytest.raises(InfeasibleError, match="not one site is asked for"):
        solve_pmedian(np.ones((4, 2)), np.ones(4), 0)


@pytest.mark.parametrize(("cost", "weight"), [(np.nan, 1.0), (np.inf, 1.0), (-1.0, 1.0), (1.0, -1)])
def test_costs_and_weights_that_are_none_are_told_in_words(cost: float, weight: float) -> None:
    with pytest.raises(InfeasibleError, match="is negative or not a number"):
        solve_pmedian(np.full((4, 2), cost), np.full(4, weight), 1)


@pytest.mark.parametrize("limit", [0.0, 0.2])
def test_a_time_limit_still_gives_an_answer_with_its_gap(limit: float) -> None:
    rng = np.random.default_rng(0)
    cost = rng.integers(1, 90, size=(600, 120)).astype(float)
    answer = solve_pmedian(cost, np.ones(600), 8, time_limit_seconds=limit)
    assert answer.status == "time_limit"
    assert len(answer.sites) == 8
    assert cost.min(axis=1).sum() < answer.bound < answer.objective
    assert answer.gap == pytest.approx(1 - answer.bound / answer.objective)


def test_a_sweep_equals_one_choice_at_a_time() -> None:
    cost, weight = plane(70, 25, seed=7)
    sweep = solve_p_sweep(cost, weight, 25, fixed=())
    alone = [solve_pmedian(cost, weight, p).objective for p in range(1, 26)]
    np.testing.assert_allclose([one.objective for one in sweep.answers], alone, rtol=1e-6)
    assert all(one.status == "optimal" for one in sweep.answers)
    assert [len(one.sites) for one in sweep.answers] == list(range(1, 26))


def test_what_the_next_site_saves_by_hand() -> None:
    # Two areas of 10 and 1 people; the fixed site is 9 minutes from both.
    cost = np.array([[9.0, 1.0, 8.0], [9.0, 8.0, 2.0]])
    sweep = solve_p_sweep(cost, np.array([10.0, 1.0]), 2, fixed=(0,))
    assert sweep.before == 99.0
    assert [one.sites for one in sweep.answers] == [(0, 1), (0, 1, 2)]
    assert sweep.saved.tolist() == [81.0, 6.0]


def test_a_sweep_without_time_is_still_no_worse_at_each_step() -> None:
    cost = np.random.default_rng(1).random((200, 60))
    sweep = solve_p_sweep(cost, np.ones(200), 12, time_limit_seconds=0.0)
    assert (sweep.saved[1:] >= 0).all()
    assert all(one.bound <= one.objective for one in sweep.answers)
