"""How fast are searches along streets, on a town of any size?"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .measure import Measured, race
from .rows import Row, make_row

NODES = 250_000
ORIGINS = 1_000
SITES = 3_000
NEAREST = 5
WITHIN = 18_000  # 30 minutes in deciseconds
FURTHEST = 36_000  # scipy cannot stop at the fifth site; it is nowhere this far in this town
SCIPY_BLOCK = 50  # origins at a time: its answer is origins × nodes

SPACING_METRES = 40.0
MISSING_SHARE = 0.18
WALK_KMH = 4.8

Run = Callable[[], Any]


def rows() -> list[Row]:
    """Measure everything about streets."""
    with tempfile.TemporaryDirectory() as folder:
        town = build_town(NODES, Path(folder) / "town.npz")
        return [
            *_within(town),
            *_nearest(town),
            *(row for times in (1, 4, 16) for row in _growth(times, Path(folder))),
        ]


def build_town(nodes: int, path: Path, *, seed: int = 1) -> dict[str, Any]:
    """Write a town of about so many nodes to a file, as a graph with points on it."""
    from planner.travel.streets import to_graph

    rng = np.random.default_rng(seed)
    streets = draw_streets(nodes, rng)
    graph = to_graph(streets, walk_kmh=WALK_KMH)
    main = np.flatnonzero(streets.node_component == 0)
    count = len(streets.node_x)
    np.savez(
        path,
        indptr=graph.indptr,
        indices=graph.indices,
        deciseconds=graph.deciseconds,
        x=streets.node_x,
        y=streets.node_y,
        origins=rng.choice(main, min(ORIGINS, len(main) // 2), replace=False).astype(np.int32),
        sites=rng.choice(main, min(SITES, len(main) // 2), replace=False).astype(np.int32),
    )
    return {"path": str(path), "nodes": count}


def draw_streets(nodes: int, rng: np.random.Generator) -> Any:
    """Return a town of about so many nodes: crooked streets, some of them missing."""
    from planner.travel.streets import build_streets

    # Where two streets meet in a bend there is no node, so more points are drawn.
    side = round(float(np.sqrt(nodes * 1.155)))
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    x, y = (
        (SPACING_METRES * (at + rng.uniform(-0.3, 0.3, at.shape))).ravel() for at in (column, row)
    )
    number = np.arange(side * side).reshape(side, side)
    start = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    end = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = rng.random(len(start)) >= MISSING_SHARE
    return build_streets(x, y, start[kept].astype(np.int32), end[kept].astype(np.int32))


def _within(town: dict[str, Any]) -> list[Row]:
    found = race(
        {
            "ours": "streets:ours_within",
            "scipy": "streets:scipy_within",
            "scipy_bare": "streets:scipy_bare",
            "pandana": "streets:pandana_within",
        },
        {"path": town["path"]},
    )
    work = f"streets: 1,000 origins, all nodes within 30 min, {town['nodes']:,} nodes"
    for name, one in found.items():
        print(f"  {name}: {one.missing or one.runs} {one.answer}", flush=True)
    return [
        *_beside(work, "scipy dijkstra(limit)", found, "scipy", bar=1 / 8, bar_mb=400.0),
        *_beside(work, "scipy, its dense rows as they are", found, "scipy_bare"),
        *_beside(work, "pandana nodes_in_range", found, "pandana", bar=1 / 15, bar_mb=400.0),
    ]


def _nearest(town: dict[str, Any]) -> list[Row]:
    found = race(
        {"ours": "streets:ours_nearest", "scipy": "streets:scipy_nearest"}, {"path": town["path"]}
    )
    for name, one in found.items():
        print(f"  {name}: {one.missing or one.runs} {one.answer}", flush=True)
    work = f"streets: nearest 5 of 3,000 sites, 1,000 origins, {town['nodes']:,} nodes"
    everyone = race({"ours": "streets:ours_nearest_of_all"}, {"path": town["path"]})["ours"]
    whole = make_row(
        f"streets: nearest 5 of 3,000 sites for every node, {town['nodes']:,} nodes",
        "",
        ours_s=everyone.seconds,
        ours_peak_mb=everyone.peak_mb,
        n=town["nodes"],
    )
    return [*_beside(work, "scipy dijkstra(limit)", found, "scipy", bar=1 / 100), whole]


def _growth(times: int, folder: Path) -> list[Row]:
    town = build_town(125_000 * times, folder / f"growth{times}.npz")
    found = race({"ours": "streets:ours_within"}, {"path": town["path"]}, repeats=3)["ours"]
    Path(town["path"]).unlink()
    work = f"growth: streets ×{times}, an origin's nodes within 30 min, {town['nodes']:,} nodes"
    return [
        make_row(work, "", ours_s=found.seconds / ORIGINS, ours_peak_mb=found.peak_mb, n=ORIGINS)
    ]


def _beside(
    work: str,
    peer: str,
    found: dict[str, Measured],
    which: str,
    *,
    bar: float | None = None,
    bar_mb: float | None = None,
) -> list[Row]:
    ours, theirs = found["ours"], found[which]
    if not theirs.missing and not np.allclose(ours.answer, theirs.answer, rtol=1e-6):
        print(f"  {work}: {peer} has another answer: {theirs.answer}, ours {ours.answer}")
    return [
        make_row(
            work,
            peer,
            ours_s=ours.seconds,
            theirs_s=None if theirs.missing else theirs.seconds,
            ours_peak_mb=ours.peak_mb,
            theirs_peak_mb=None if theirs.missing else theirs.peak_mb,
            n=ORIGINS,
            bar=bar,
            bar_mb=bar_mb,
            note=f"{peer.split()[0]} {theirs.missing}" if theirs.missing else "",
        )
    ]


# --- runners: each is set up in a process of its own ----------------------------------------


def _ours(path: str) -> tuple[Any, dict[str, NDArray[Any]]]:
    from planner.travel.nearby import TurnedArcs

    with np.load(path) as town:
        parts = {name: town[name] for name in ("origins", "sites")}
        arcs = {name: town[name] for name in ("indptr", "indices", "deciseconds")}
    return TurnedArcs(**arcs), parts


def _on_nodes(node: NDArray[Any]) -> Any:
    from planner.travel.kernels import Attached

    return Attached(node=node[:, None], leg=np.zeros((len(node), 1), np.int32))


def ours_within(path: str) -> Run:
    from planner.travel.nearby import nodes_within

    graph, town = _ours(path)
    home = _on_nodes(town["origins"])

    def run() -> Any:
        count, total = 0, 0
        for block in nodes_within(graph, home, cutoff=WITHIN):
            count += len(block.node)
            total += int(block.deciseconds.sum(dtype=np.int64))
        return [count, total]

    return run


def scipy_within(path: str) -> Run:
    """Search, and take the nodes that are reached and their times out of the dense rows."""
    return _scipy_rows(path, pick=True)


def scipy_bare(path: str) -> Run:
    """Search only, and leave its dense rows of mostly infinite times as they are."""
    return _scipy_rows(path, pick=False)


def _scipy_rows(path: str, *, pick: bool) -> Run:
    from scipy.sparse.csgraph import dijkstra

    matrix, town = _scipy(path)

    def run() -> Any:
        count, total, uncounted = 0, 0.0, 0.0
        for first in range(0, len(town["origins"]), SCIPY_BLOCK):
            block = town["origins"][first : first + SCIPY_BLOCK]
            found = dijkstra(matrix, indices=block, limit=WITHIN)
            if pick:
                near = found[np.nonzero(np.isfinite(found))]
            done = time.perf_counter()
            if not pick:
                near = found[np.isfinite(found)]
            count, total = count + len(near), total + near.sum()
            uncounted += time.perf_counter() - done
        return [count, total], uncounted

    return run


def pandana_within(path: str) -> Run:
    import pandana
    import pandas as pd

    with np.load(path) as town:
        graph = {name: town[name] for name in town.files}
    tail = np.repeat(np.arange(len(graph["x"])), np.diff(graph["indptr"]))
    once = tail < graph["indices"]
    network = pandana.Network(
        pd.Series(graph["x"]),
        pd.Series(graph["y"]),
        pd.Series(tail[once]),
        pd.Series(graph["indices"][once].astype(np.int64)),
        pd.DataFrame({"time": graph["deciseconds"][once].astype(float)}),
    )

    def run() -> Any:
        found = network.nodes_in_range(graph["origins"].tolist(), WITHIN)
        done = time.perf_counter()
        answer = [len(found), float(found["time"].sum())]
        return answer, time.perf_counter() - done

    return run


def ours_nearest(path: str) -> Run:
    from planner.travel.nearby import build_nearest_sites

    graph, town = _ours(path)
    home, away = _on_nodes(town["origins"]), _on_nodes(town["sites"])
    none = (np.zeros(0, np.int32),) * 3

    def run() -> Any:
        found = build_nearest_sites(graph, home, away, none, k=NEAREST, cutoff=FURTHEST)
        return found[1].sum(axis=0, dtype=np.int64).tolist()

    return run


def ours_nearest_of_all(path: str) -> Run:
    from planner.travel.nearby import build_nearest_of_nodes

    graph, town = _ours(path)
    away = _on_nodes(town["sites"])

    def run() -> Any:
        found = build_nearest_of_nodes(graph, away, k=NEAREST, cutoff=FURTHEST)
        return found[1][town["origins"]].sum(axis=0, dtype=np.int64).tolist()

    return run


def scipy_nearest(path: str) -> Run:
    from scipy.sparse.csgraph import dijkstra

    matrix, town = _scipy(path)

    def run() -> Any:
        total = np.zeros(NEAREST)
        for first in range(0, len(town["origins"]), SCIPY_BLOCK):
            block = town["origins"][first : first + SCIPY_BLOCK]
            to_sites = dijkstra(matrix, indices=block, limit=FURTHEST)[:, town["sites"]]
            total += np.sort(np.partition(to_sites, NEAREST - 1)[:, :NEAREST]).sum(axis=0)
        return total.tolist()

    return run


def _scipy(path: str) -> tuple[Any, dict[str, NDArray[Any]]]:
    from scipy.sparse import csr_array

    with np.load(path) as town:
        parts = {name: town[name] for name in ("origins", "sites")}
        nodes = len(town["indptr"]) - 1
        matrix = csr_array(
            (town["deciseconds"].astype(float), town["indices"], town["indptr"]),
            shape=(nodes, nodes),
        )
    return matrix, parts
