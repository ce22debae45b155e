from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from street_grids import points, town_with_islands

from planner.travel import kernels
from planner.travel.kernels import FAR, Attached
from planner.travel.streets import build_streets, to_graph
from planner.travel.walk import build_straight_line_times, build_walk_times


def search(graph, sources: np.ndarray, cutoff: int) -> np.ndarray:
    """Every node's time from each source, by the kernel: one point hangs on each node."""
    nodes = len(graph.indptr) - 1
    everywhere = np.repeat(np.arange(nodes, dtype=np.int32)[:, None], 2, axis=1)
    hooks = kernels.hook(Attached(node=everywhere, leg=np.zeros((nodes, 2))), nodes=nodes)
    seeds = Attached(node=np.repeat(sources[:, None], 2, axis=1), leg=np.zeros((len(sources), 2)))
    count = np.empty(len(sources), np.int64)
    point, time = (np.empty(len(sources) * nodes, np.int32) for _ in range(2))
    space = np.full(nodes, FAR, np.int32), np.full(nodes, FAR, np.int32)
    none = np.zeros(0, np.int32)
    written = kernels.walk_block(
        graph.indptr,
        graph.indices,
        graph.deciseconds,
        seeds.node,
        seeds.leg,
        *hooks,
        np.zeros(len(sources) + 1, np.int64),
        none,
        none,
        0,
        len(sources),
        cutoff,
        *space,
        point,
        time,
        count,
    )
    assert written == count.sum()
    assert (space[0] == FAR).all()
    assert (space[1] == FAR).all()
    table = np.full((len(sources), nodes), np.inf)
    table[np.repeat(np.arange(len(sources)), count), point[:written]] = time[:written]
    return table


@pytest.mark.parametrize("cutoff", [1, 500, 9_000, 72_000])
def test_node_to_node_times_are_those_of_scipy(cutoff: int) -> None:
    graph = to_graph(town_with_islands(seed=11), walk_kmh=4.8)
    nodes = len(graph.indptr) - 1
    sources = np.arange(0, nodes, 9, dtype=np.int32)
    matrix = csr_array(
        (graph.deciseconds.astype(float), graph.indices, graph.indptr), shape=(nodes, nodes)
    )
    expected = dijkstra(matrix, indices=sources, limit=cutoff)
    assert np.array_equal(search(graph, sources, cutoff), expected)


def test_edges_without_length_are_crossed_at_once() -> None:
    # Node 1 and node 2 lie on the same spot, joined by an edge of no length.
    x, y = np.array([0.0, 100, 100, 200, 100, 100]), np.array([0.0, 0, 0, 0, 50, -50])
    start, end = np.array([0, 1, 2, 1, 2], np.int32), np.array([1, 2, 3, 4, 5], np.int32)
    streets = build_streets(x, y, start, end)
    graph = to_graph(streets, walk_kmh=4.8)
    table = search(graph, np.arange(6, dtype=np.int32), 72_000)
    there = table[int(np.argmin(streets.node_x)), int(np.argmax(streets.node_x))]
    assert there == 1500


def test_the_queue_grows_with_the_search() -> None:
    # More nodes in one search than the queue has room for at first.
    side = 90
    number = np.arange(side * side).reshape(side, side)
    row, column = np.divmod(number.ravel(), side)
    start = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()]).astype(np.int32)
    end = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()]).astype(np.int32)
    streets = build_streets(column * 10.0, row * 10.0, start, end)
    graph = to_graph(streets, walk_kmh=4.8)
    corner = int(np.argmin(streets.node_x + streets.node_y))
    table = search(graph, np.array([corner], np.int32), 72_000)
    # The corner itself is a bend, so its nearest node is one step off; blocks are 75 each.
    steps = np.rint(
        (streets.node_x + streets.node_y - (streets.node_x + streets.node_y)[corner]) / 10
    )
    first = [int(v) for v in np.flatnonzero(steps == steps[corner])]
    assert table[0, first[0]] == 0
    assert np.isfinite(table).all()
    far = int(np.argmax(streets.node_x + streets.node_y))
    assert table[0, far] == 75 * steps[far]


def test_warming_compiles_what_a_real_run_uses() -> None:
    kernels.warm()
    loops = (kernels.walk_block, kernels.straight_block, kernels.contract_chains)
    before = [len(loop.signatures) for loop in loops]
    streets = town_with_islands(seed=12, rows=5, columns=5)
    spots = points([(330_010, 187_010), (330_200, 187_100)])
    build_walk_times(
        streets,
        spots,
        spots,
        walk_kmh=4.8,
        cutoff_minutes=30,
        snap_metres=400,
        extent_metres=1600,
    )
    build_straight_line_times(spots, spots, walk_kmh=4.8, detour=1.3, cutoff_minutes=30)
    assert [len(loop.signatures) for loop in loops] == before == [1, 1, 1]


def test_it_works_where_nothing_can_be_cached(tmp_path: Path) -> None:
    root = Path(kernels.__file__).parents[2]
    # No folder can be made under a file, whoever runs this.
    blocked = tmp_path / "file"
    blocked.write_text("")
    # One loop stands for all: each is compiled through the same `jit`.
    code = (
        "import numpy as np; from planner.travel.kernels import contract_chains as chains; "
        "print(*chains(2, np.zeros(1, np.int32), np.ones(1, np.int32))[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={
            **os.environ,
            "NUMBA_CACHE_DIR": str(blocked / "cache"),
            "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout.strip() == "0 1", done.stderr
