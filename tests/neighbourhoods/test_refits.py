"""Drawing areas anew and matching what comes of it."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import adjusted_rand_score

from planner.neighbourhoods.refits import (
    Refitter,
    _absorb,
    _contract,
    adjusted_rand,
    count_both,
    find_nearest,
    jaccard,
    match_types,
)


def grid(rows: int, columns: int) -> csr_array:
    return csr_array(nx.to_scipy_sparse_array(nx.grid_2d_graph(rows, columns)))


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_rand_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 4, 50), rng.integers(0, 4, 50)
    found = adjusted_rand(count_both(first, second, 4))
    assert found == pytest.approx(adjusted_rand_score(first, second))


def test_one_type_agrees_with_one_type() -> None:
    assert adjusted_rand(np.array([[7]])) == 1.0


def test_jaccard_by_hand() -> None:
    # 3 in both, 4 in the first, 5 in the second: 3 / 6.
    table = np.array([[3, 1], [2, 0]])
    assert jaccard(table)[0, 0] == 0.5
    assert jaccard(table)[1, 1] == 0.0


def test_a_type_of_no_area_is_like_none() -> None:
    assert jaccard(np.array([[2, 0], [0, 0]]))[1].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("seed", range(5))
def test_types_are_matched_as_well_as_any_order_of_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = count_both(rng.integers(0, 4, 60), rng.integers(0, 4, 60), 4)
    match = match_types(table)
    likeness = jaccard(table)
    best = max(
        sum(likeness[order[b], b] for b in range(4)) for order in itertools.permutations(range(4))
    )
    assert sum(likeness[match[b], b] for b in range(4)) == pytest.approx(best)


def test_the_nearest_centre_and_the_first_of_equals() -> None:
    nearest, away = find_nearest(np.array([[0.0], [2.0], [1.0]]), np.array([[0.0], [2.0]]))
    assert nearest.tolist() == [0, 1, 0]
    assert away[2].tolist() == [1.0, 1.0]


def test_a_centre_of_nothing_is_nobodys() -> None:
    nearest, _ = find_nearest(np.array([[9.0]]), np.array([[np.nan], [0.0]]))
    assert nearest.tolist() == [1]


def test_rows_left_out_go_with_the_one_most_like_them_along_the_chain() -> None:
    # Five in a row, the ends drawn: the middle one is nearer in figures to the right.
    matrix = np.array([[0.0], [1.0], [4.0], [5.0], [6.0]])
    chain = csr_array(nx.to_scipy_sparse_array(nx.path_graph(5)))
    assert _absorb(matrix, chain, np.array([0, 4])).tolist() == [0, 0, 1, 1, 1]


def test_twins_are_neighbours_still() -> None:
    chain = csr_array(nx.to_scipy_sparse_array(nx.path_graph(3)))
    assert _absorb(np.zeros((3, 1)), chain, np.array([0])).tolist() == [0, 0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_a_connected_place_stays_so_when_half_is_left_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix, graph = rng.normal(size=(64, 2)), grid(8, 8)
    rows = np.sort(rng.permutation(64)[:32])
    small = _contract(graph, _absorb(matrix, graph, rows))
    assert nx.is_connected(nx.from_scipy_sparse_array(small))


@pytest.mark.parametrize("islands", [1, 2])
def test_refitted_regions_are_connected(islands: int) -> None:
    rng = np.random.default_rng(1)
    graph = csr_array(
        nx.to_scipy_sparse_array(
            nx.disjoint_union_all([nx.grid_2d_graph(6, 6) for _ in range(islands)])
        )
    )
    size = graph.shape[0]
    refitter = Refitter(
        matrix=rng.normal(size=(size, 2)), method="ward_regions", k=4, seed=7, graph=graph
    )
    whole = nx.from_scipy_sparse_array(graph)
    for labels in refitter.draws(6):
        assert labels is not None
        for number in range(4):
            region = np.flatnonzero(labels == number)
            assert nx.is_connected(whole.subgraph(region.tolist()))


def test_regions_planted_in_halves_come_back() -> None:
    matrix = np.zeros((64, 1))
    matrix[:32] = 9.0
    matrix += np.random.default_rng(0).normal(scale=0.3, size=(64, 1))
    refitter = Refitter(matrix=matrix, method="ward_regions", k=2, seed=7, graph=grid(8, 8))
    expected = np.repeat([0, 1], 32)
    for labels in refitter.draws(5):
        assert labels is not None
        assert adjusted_rand_score(expected, labels) == 1.0


def test_half_of_each_part_is_drawn_for_regions_and_one_at_least() -> None:
    graph = csr_array(
        nx.to_scipy_sparse_array(nx.disjoint_union(nx.path_graph(5), nx.path_graph(1)))
    )
    refitter = Refitter(
        matrix=np.arange(6.0)[:, None], method="ward_regions", k=2, seed=7, graph=graph
    )
    parts = np.array([0, 0, 0, 0, 0, 1])
    rows, counts = refitter._sample(np.random.default_rng(0), parts)
    assert (np.sum(rows < 5), 5 in rows, counts.tolist()) == (3, True, [1, 1, 1, 1])


def test_a_bootstrap_has_as_many_rows_as_there_are() -> None:
    refitter = Refitter(matrix=np.arange(9.0)[:, None], method="kmeans", k=2, seed=7)
    rows, counts = refitter._sample(np.random.default_rng(0), None)
    assert counts.sum() == 9
    assert len(rows) < 9
