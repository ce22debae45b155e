"""The p-median answers equal published optima, and are proved."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall

from planner.errors import InfeasibleError
from planner.hubs.pmedian import solve_pmedian

#: J. E. Beasley's OR-Library: instance → (p, optimum).
OR_LIBRARY = {1: (5, 5819), 2: (10, 4093), 3: (10, 4250), 4: (20, 3034), 5: (33, 1355)}


def or_library(path: Path) -> tuple[np.ndarray, int]:
    """Return all-pairs distances and p; where an edge stands twice the last one wins."""
    numbers = [int(word) for word in path.read_text().split()]
    nodes, edges, p = numbers[:3]
    matrix = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(matrix, 0)
    for i, j, cost in np.array(numbers[3 : 3 + 3 * edges]).reshape(-1, 3):
        matrix[i - 1, j - 1] = matrix[j - 1, i - 1] = cost
    return floyd_warshall(matrix), p


@pytest.mark.parametrize("instance", [1, 4, 5])
def test_or_library_optimum_is_proved(shared: Path, instance: int) -> None:
    cost, p = or_library(shared / "oracles" / f"pmed{instance}.txt")
    answer = solve_pmedian(cost, np.ones(len(cost)), p)
    assert (p, round(answer.objective)) == OR_LIBRARY[instance]
    assert answer.status == "optimal"
    assert answer.gap == 0.0


def test_san_francisco(shared: Path) -> None:
    folder = shared / "oracles"
    pairs = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    demand = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv").set_index("NAME")
    grid = pairs.pivot_table(index="DestinationName", columns="name", values="distance")
    weight = demand.loc[grid.index, "POP2000"].to_numpy(dtype=float)
    answer = solve_pmedian(grid.to_numpy(), weight, 4)
    assert answer.objective / weight.sum() == pytest.approx(2982.12686, abs=1e-5)
    assert sorted(grid.columns[list(answer.sites)]) == [
        "Store_11",
        "Store_12",
        "Store_15",
        "Store_2",
    ]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.booleans(), st.sampled_from([0, 10**9]))
def test_equals_trying_every_choice(seed: int, p: int, with_fixed: bool, most: int) -> None:
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 12, size=(9, 6)).astype(float)
    weight = rng.integers(0, 4, size=9).astype(float)
    fixed = (int(rng.integers(6)),) if with_fixed else ()
    with pytest.MonkeyPatch.context() as patch:  # by the program, and by trying all
        patch.setattr("planner.hubs.pmedian.MOST_TRIED", most)
        answer = solve_pmedian(cost, weight, p, fixed=fixed)
    rest = [c for c in range(6) if c not in fixed]
    best = min(
        weight @ cost[:, [*fixed, *some]].min(axis=1) for some in itertools.combinations(rest, p)
    )
    assert answer.objective == pytest.approx(best)
    assert set(fixed) <= set(answer.sites)
    assert len(answer.sites) == p + len(fixed)


def test_a_fixed_site_alone_needs_no_choice() -> None:
    answer = solve_pmedian(np.array([[1.0, 5.0], [5.0, 1.0]]), np.ones(2), 0, fixed=(1,))
    assert answer.sites == (1,)
    assert answer.objective == 6.0


def test_more_hubs_than_candidates_is_told_in_words() -> None:
    with pytest.raises(InfeasibleError, match="3 sites are asked for, but there are 2 candidates"):
        solve_pmedian(np.ones((4, 2)), np.ones(4), 3)


def test_a_time_limit_still_gives_an_answer_with_its_gap() -> None:
    rng = np.random.default_rng(0)
    cost = rng.integers(1, 90, size=(300, 60)).astype(float)
    answer = solve_pmedian(cost, np.ones(300), 8, time_limit_seconds=0.01)
    assert len(answer.sites) == 8
    assert answer.bound <= answer.objective
    assert answer.gap >= 0.0
