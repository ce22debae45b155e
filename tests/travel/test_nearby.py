from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from street_grids import town_with_islands

from planner.errors import TravelError
from planner.travel import kernels, nearby, nearest_kernels
from planner.travel.kernels import FAR, Attached
from planner.travel.nearby import (
    build_nearest_of_nodes,
    build_nearest_sites,
    build_sums,
    nodes_within,
    turn_arcs,
    walk_blocks,
)
from planner.travel.streets import to_graph

NONE = (np.zeros(0, np.int32),) * 3
Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]


def random_graph(seed: int, *, nodes: int = 60, least: int = 0) -> SimpleNamespace:
    """One-way streets with few different times, so that there are ties, and islands."""
    rng = np.random.default_rng(seed)
    table = np.full((nodes, nodes), np.inf)
    for _ in range(rng.integers(nodes, 4 * nodes)):
        tail, tip = rng.integers(0, nodes, 2)
        if tail != tip and (tail < 45) == (tip < 45):  # nodes from 45 on are another island
            table[tail, tip] = min(table[tail, tip], rng.choice([least, 1, 2, 5, 130, 300]))
    tail, tip = np.nonzero(np.isfinite(table))
    indptr = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(tail, minlength=nodes), out=indptr[1:])
    return SimpleNamespace(
        indptr=indptr,
        indices=tip.astype(np.int32),
        deciseconds=table[tail, tip].astype(np.int32),
        table=table,
    )


def all_pairs(table: np.ndarray) -> np.ndarray:
    """Floyd's (1962) table of shortest ways, from the table of arcs."""
    time = table.copy()
    np.fill_diagonal(time, 0.0)
    for middle in range(len(time)):
        time = np.minimum(time, time[:, middle, None] + time[None, middle, :])
    return time


def scattered(rng: np.random.Generator, count: int, nodes: int) -> Attached:
    """Points on two nodes, on one (a one-way street), on the same twice, or on none."""
    node = rng.integers(0, nodes, (count, 2))
    node[rng.random((count, 2)) < 0.2] = -1
    node[0] = node[1]
    return Attached(node=node, leg=rng.choice([0, 0, 1, 7, 60], (count, 2)))


def door_to_door(graph: SimpleNamespace, home: Attached, away: Attached, direct: Pairs):
    """Every origin's time to every destination, by trying all ends."""
    between = all_pairs(graph.table)
    best = np.full((len(home.node), len(away.node)), np.inf)
    for i, j in np.ndindex(*best.shape):
        for a in range(2):
            for b in range(2):
                u, v = home.node[i, a], away.node[j, b]
                if u >= 0 and v >= 0:
                    best[i, j] = min(best[i, j], home.leg[i, a] + between[u, v] + away.leg[j, b])
    for i, j, time in zip(*direct, strict=True):
        best[i, j] = min(best[i, j], time)
    return best


def made(seed: int, *, origins: int = 25, others: int = 18):
    graph = random_graph(seed)
    rng = np.random.default_rng(1000 + seed)
    home, away = scattered(rng, origins, 60), scattered(rng, others, 60)
    direct = tuple(
        values.astype(np.int32)
        for values in (
            rng.integers(0, origins, 12),
            rng.integers(0, others, 12),
            rng.choice([0, 3, 200, 900], 12),
        )
    )
    return graph, home, away, direct, door_to_door(graph, home, away, direct)


def nearest_by_hand(times: np.ndarray, k: int, cutoff: int) -> tuple[np.ndarray, np.ndarray]:
    site = np.full((len(times), k), -1)
    time = np.full((len(times), k), int(FAR))
    for i, row in enumerate(times):
        ranked = sorted((t, j) for j, t in enumerate(row) if t <= cutoff)[:k]
        for place, (t, j) in enumerate(ranked):
            site[i, place], time[i, place] = j, t
    return site, time


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("cutoff", [0, 131, 2_000])
def test_nodes_within_a_limit_are_those_of_the_full_table(seed: int, cutoff: int) -> None:
    graph = random_graph(seed)
    rng = np.random.default_rng(seed)
    home = scattered(rng, 150, 60)  # three blocks
    to = np.full((150, 60), np.inf)
    between = all_pairs(graph.table)
    for i, end in np.ndindex(150, 2):
        if home.node[i, end] >= 0:
            to[i] = np.minimum(to[i], home.leg[i, end] + between[home.node[i, end]])
    found = np.full((150, 60), np.inf)
    at = 0
    for block in nodes_within(graph, home, cutoff=cutoff):
        assert block.first == at
        origin = np.repeat(np.arange(at, at + len(block.count)), block.count)
        assert len(np.unique(origin * 60 + block.node)) == len(origin)
        found[origin, block.node] = block.deciseconds
        at += len(block.count)
    assert at == 150
    assert np.array_equal(found, np.where(to <= cutoff, to, np.inf))


def test_on_a_town_nodes_within_a_limit_are_those_of_scipy() -> None:
    graph = to_graph(town_with_islands(seed=3), walk_kmh=4.8)
    nodes = len(graph.indptr) - 1
    start = np.arange(0, nodes, 7, dtype=np.int32)
    home = Attached(node=start[:, None], leg=np.zeros((len(start), 1)))
    matrix = csr_array(
        (graph.deciseconds.astype(float), graph.indices, graph.indptr), shape=(nodes, nodes)
    )
    expected = dijkstra(matrix, indices=start, limit=6_000)
    found = np.full(expected.shape, np.inf)
    for block in nodes_within(graph, home, cutoff=6_000):
        origin = np.repeat(np.arange(len(block.count)) + block.first, block.count)
        found[origin, block.node] = block.deciseconds
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("seed", range(6))
def test_sums_within_thresholds_are_those_of_the_full_table(seed: int) -> None:
    graph, home, away, direct, times = made(seed)
    rng = np.random.default_rng(seed)
    amount = rng.integers(0, 50, (len(away.node), 2)).astype(float)
    thresholds = [0, 8, 131, 700]
    found = build_sums(graph, home, away, direct, thresholds=thresholds, amount=amount)
    expected = np.stack([(times <= limit).astype(float) @ amount for limit in thresholds], axis=1)
    assert np.array_equal(found, expected)


def test_sums_refuse_thresholds_that_do_not_rise_and_amounts_that_are_missing() -> None:
    graph, home, away, direct, _ = made(1)
    ones = np.ones((len(away.node), 1))
    with pytest.raises(TravelError, match="must rise"):
        build_sums(graph, home, away, direct, thresholds=[600, 600], amount=ones)
    with pytest.raises(TravelError, match="not a number"):
        build_sums(graph, home, away, direct, thresholds=[600], amount=ones * np.nan)
    with pytest.raises(TravelError, match="each point needs"):
        build_sums(graph, home, away, direct, thresholds=[600], amount=ones[1:])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("k", "cutoff"), [(1, 900), (3, 131), (5, 2_000), (30, 2_000)])
def test_nearest_sites_are_those_of_the_full_table(seed: int, k: int, cutoff: int) -> None:
    graph, home, away, direct, times = made(seed)
    expected = nearest_by_hand(times, k, cutoff)
    found = build_nearest_sites(graph, home, away, direct, k=k, cutoff=cutoff)
    assert np.array_equal(found[0], expected[0])
    assert np.array_equal(found[1], expected[1])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("k", [1, 2, 4, 30])
def test_one_search_from_all_sites_gives_the_same(
    seed: int, k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, home, away, direct, times = made(seed)
    monkeypatch.setattr(nearby, "_LABEL_COST", 0)  # no search from origins is worth it
    found = build_nearest_sites(graph, home, away, direct, k=k, cutoff=700)
    expected = nearest_by_hand(times, k, 700)
    assert np.array_equal(found[0], expected[0])
    assert np.array_equal(found[1], expected[1])


@pytest.mark.parametrize("seed", range(4))
def test_nearest_sites_of_every_node_follow_one_ways_towards_the_site(seed: int) -> None:
    graph = random_graph(seed)
    sites = scattered(np.random.default_rng(seed), 9, 60)
    every = np.arange(60)
    home = Attached(node=every[:, None], leg=np.zeros((60, 1)))
    here = SimpleNamespace(node=np.repeat(home.node, 2, axis=1), leg=np.zeros((60, 2), np.int32))
    expected = nearest_by_hand(door_to_door(graph, here, sites, NONE), 3, 700)
    found = build_nearest_of_nodes(turn_arcs(graph), sites, k=3, cutoff=700)
    assert np.array_equal(found[0], expected[0])
    assert np.array_equal(found[1], expected[1])


def test_of_two_sites_at_the_same_time_the_lower_position_comes_first() -> None:
    # 0 -10- 1 -10- 2: sites 0 and 1 at the two ends, seen from the middle.
    graph = SimpleNamespace(
        indptr=np.array([0, 1, 3, 4], np.int32),
        indices=np.array([1, 0, 2, 1], np.int32),
        deciseconds=np.array([10, 10, 10, 10], np.int32),
    )
    sites = Attached(node=np.array([[2], [0]]), leg=np.zeros((2, 1)))
    home = Attached(node=np.array([[1]]), leg=np.zeros((1, 1)))
    site, time = build_nearest_sites(graph, home, sites, NONE, k=3, cutoff=100)
    assert site.tolist() == [[0, 1, -1]]
    assert time.tolist() == [[10, 10, int(FAR)]]


def test_there_may_be_no_sites_and_no_origins() -> None:
    graph = random_graph(5)
    none = Attached(node=np.zeros((0, 2)), leg=np.zeros((0, 2)))
    some = Attached(node=np.array([[1, 2]]), leg=np.zeros((1, 2)))
    assert build_nearest_sites(graph, some, none, NONE, k=2, cutoff=9)[0].tolist() == [[-1, -1]]
    assert build_nearest_sites(graph, none, some, NONE, k=2, cutoff=9)[0].shape == (0, 2)
    assert list(nodes_within(graph, none, cutoff=9)) == []
    sums = build_sums(graph, some, none, NONE, thresholds=[9], amount=np.zeros((0, 1)))
    assert sums.tolist() == [[[0.0]]]


@pytest.mark.parametrize("seed", range(4))
def test_blocks_of_a_matrix_are_the_full_table_in_order(seed: int) -> None:
    graph, home, away, direct, times = made(seed, origins=150)
    blocks = list(walk_blocks(graph, home, away, direct, cutoff=700))
    assert len(blocks) == 3
    origin, destination, time = (np.concatenate(column) for column in zip(*blocks, strict=True))
    expected = np.nonzero(times <= 700)
    assert np.array_equal(origin, expected[0])
    assert np.array_equal(destination, expected[1])
    assert np.array_equal(time, times[expected])


def test_blocks_are_not_worked_out_far_ahead_of_who_takes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph, home, away, direct, _ = made(0, origins=64 * 30)
    begun = []
    search = kernels.walk_block
    monkeypatch.setattr(
        kernels, "walk_block", lambda *given: (begun.append(given[11]), search(*given))[1]
    )
    monkeypatch.setattr("planner.cores.os.cpu_count", lambda: 2)
    blocks = walk_blocks(graph, home, away, direct, cutoff=700)
    for taken in range(1, 20):
        next(blocks)
        assert len(begun) <= taken + 2
    blocks.close()
    assert len(begun) <= 22


def test_a_cutoff_below_zero_or_no_site_at_all_is_refused() -> None:
    graph, home, away, direct, _ = made(0)
    with pytest.raises(TravelError, match="cannot be searched"):
        build_nearest_sites(graph, home, away, direct, k=0, cutoff=600)
    with pytest.raises(TravelError, match="cannot be searched"):
        build_nearest_sites(graph, home, away, direct, k=1, cutoff=-1)


def test_warming_compiles_what_is_used_here() -> None:
    nearby.warm()
    loops = (
        kernels.nodes_block,
        kernels.sums_block,
        kernels.walk_block,
        nearest_kernels.nearest_labels,
        nearest_kernels.nearest_block,
        nearest_kernels.nearest_through_ends,
    )
    before = [len(loop.signatures) for loop in loops]
    graph, home, away, direct, _ = made(2)
    list(nodes_within(graph, home, cutoff=600))
    list(walk_blocks(graph, home, away, direct, cutoff=600))
    build_sums(graph, home, away, direct, thresholds=[600], amount=np.ones((len(away.node), 1)))
    build_nearest_sites(graph, home, away, direct, k=2, cutoff=600)
    many = Attached(node=np.zeros((200, 2)), leg=np.zeros((200, 2)))
    build_nearest_sites(graph, many, away, direct, k=2, cutoff=600)
    assert [len(loop.signatures) for loop in loops] == before == [1] * len(loops)
