"""How soon is the best choice of hub sites found, and proved to be the best?

Travel times are walks along the streets of a generated town, those of Newport's timetable, and
straight ways over a drawn place; people are drawn. Rows without a bar are places that nobody lives
in: every single time has noise of its own, which no road or bus gives it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from .measure import race
from .rows import ROOT, Row, make_row

ORACLES = ROOT.parent / "shared" / "oracles"
#: J. E. Beasley's OR-Library: instance → optimum.
OPTIMA = {1: 5819, 2: 4093, 3: 4250, 4: 3034, 5: 1355}
#: No way within this many minutes counts as so many.
PENALTY_MINUTES = 180.0

Run = Callable[[], Any]


def rows() -> list[Row]:
    """Measure everything about the p-median."""
    return [*_published(), *_streets(), *_newport(), *_large(), *_noise()]


def _published() -> list[Row]:
    if not (ORACLES / "pmed1.txt").exists():
        print(f"  published files are not at hand: {ORACLES.name} is absent")
        return []
    made = []
    for instance, optimum in OPTIMA.items():
        row, answer = _one(f"OR-Library {instance}", "published", {"instance": instance}, 0.25)
        if answer["objective"] != optimum or answer["status"] != "optimal":
            print(f"  not the published optimum {optimum}: {answer}")
        made.append(row)
    return made


def _streets() -> list[Row]:
    work = "1,000 × 300 walks in a generated town"
    made = [_one(f"{work}, p = {p}", "walks", {"p": p}, bar)[0] for p, bar in ((10, 5), (20, 15))]
    sweep = _one(f"{work}, each p from 1 to 20", "sweep", {"most": 20}, None, repeats=3)
    return [*made, sweep[0]]


def _newport() -> list[Row]:
    if not importlib.import_module("tests.bench.timetable").STREETS.exists():
        return []
    work = "Newport, median minutes by timetable, 511 × 300"
    return [_one(f"{work}, p = {p}", "newport", {"p": p}, 1.0)[0] for p in (3, 5, 10, 20)]


def _large() -> list[Row]:
    work = "5,000 × 1,000"
    # The clock is looked at between branches only: two seconds are kept back.
    return [
        _one(f"{work}, {place}, p = 20, at most {limit} s", "drawn",
             {"place": place, "areas": 5_000, "sites": 1_000, "p": 20, "limit": limit - 2},
             limit, most_gap=most, repeats=1)[0]
        for place, limit, most in (("town-like", 30, 0.001), ("uniform", 60, 0.015))
    ]  # fmt: skip


def _noise() -> list[Row]:
    work = "1,000 × 300"
    return [
        _one(f"{work}, uniform with noise of {noise} minutes a pair, p = {p}, at most 30 s",
             "drawn",
             {"place": "uniform", "areas": 1_000, "sites": 300, "p": p, "limit": 30,
              "noise": noise}, None, repeats=1)[0]
        for noise, p in ((2, 10), (2, 20), (6, 10))
    ]  # fmt: skip


def _one(
    work: str,
    runner: str,
    given: dict[str, Any],
    bar_s: float | None,
    *,
    most_gap: float = 1e-6,
    repeats: int = 5,
) -> tuple[Row, dict[str, Any]]:
    """Measure one choice; a gap above the promised one counts as no time that could be met."""
    found = race({"ours": f"hubs:{runner}"}, given, repeats=repeats)["ours"]
    print(f"  {work}: {found.runs} {found.peak_mb:.0f} MB {found.answer}", flush=True)
    answer = found.answer
    gap = answer["gap"]
    if bar_s is not None and gap > most_gap:
        print(f"  the gap is above {most_gap:.2g}")
        bar_s = 0.0
    row = make_row(
        f"p-median: {work}",
        "",
        ours_s=found.seconds,
        ours_peak_mb=found.peak_mb,
        n=1,
        bar_s=bar_s,
        note="proved best" if answer["status"] == "optimal" else f"gap {gap:.2%}",
    )
    return row, answer


# --- runners: each is set up in a process of its own ----------------------------------------


def published(instance: int) -> Run:
    """Solve an instance of the OR-Library; where an edge stands twice the last one wins."""
    from scipy.sparse.csgraph import floyd_warshall

    numbers = [int(word) for word in (ORACLES / f"pmed{instance}.txt").read_text().split()]
    nodes, edges, p = numbers[:3]
    matrix = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(matrix, 0)
    for i, j, length in np.array(numbers[3 : 3 + 3 * edges]).reshape(-1, 3):
        matrix[i - 1, j - 1] = matrix[j - 1, i - 1] = length
    return _solve(floyd_warshall(matrix), np.ones(nodes), p, 60.0)


def walks(p: int) -> Run:
    """Choose among 300 sites in a generated town."""
    return _solve(*draw_walks(), p, 60.0)


def sweep(most: int) -> Run:
    """Choose 1 to ``most`` sites in a generated town."""
    from planner.hubs.pmedian import solve_p_sweep

    cost, weight = draw_walks()

    def run() -> dict[str, Any]:
        found = solve_p_sweep(cost, weight, most, time_limit_seconds=300.0).answers
        proved = all(one.status == "optimal" for one in found)
        return {"gap": max(one.gap for one in found), "status": "optimal" if proved else "no"}

    return run


def newport(p: int) -> Run:
    """Choose among 300 points of Newport by the timetable's median minutes."""
    from planner.travel.transit import build_transit_times

    from . import timetable

    homes = timetable._homes()
    sites = homes.sample(300, random_state=1).sort_index()
    settings = timetable._settings(None)
    pairs = build_transit_times(timetable.build_ours(), homes, sites, settings)[50].pairs
    minutes = np.full((len(homes), len(sites)), PENALTY_MINUTES)
    minutes[pairs["origin"], pairs["destination"]] = pairs["deciseconds"] / 600
    return _solve(minutes, draw_people(len(homes), np.random.default_rng(2)), p, 60.0)


def drawn(place: str, areas: int, sites: int, p: int, limit: float, noise: float = 0.0) -> Run:
    """Choose among sites of a drawn place."""
    return _solve(*draw_place(place, areas, sites, noise=noise), p, limit)


def _solve(cost: np.ndarray, weight: np.ndarray, p: int, limit: float) -> Run:
    from planner.hubs.pmedian import solve_pmedian

    def run() -> dict[str, Any]:
        found = solve_pmedian(cost, weight, p, time_limit_seconds=limit)
        return {"objective": round(found.objective, 3), "gap": found.gap, "status": found.status}

    return run


# --- the places -----------------------------------------------------------------------------


def draw_walks() -> tuple[np.ndarray, np.ndarray]:
    """Return minutes along the streets of a town of 40,000 nodes, and people × need."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    from planner.travel.streets import to_graph

    from . import streets

    rng = np.random.default_rng(7)
    town = streets.draw_streets(40_000, rng)
    graph = to_graph(town, walk_kmh=streets.WALK_KMH)
    main = np.flatnonzero(town.node_component == 0)
    homes, sites = (rng.choice(main, count, replace=False) for count in (1_000, 300))
    links = csr_matrix((graph.deciseconds.astype(np.float64), graph.indices, graph.indptr))
    minutes = dijkstra(links, indices=sites)[:, homes].T / 600
    return np.minimum(minutes, PENALTY_MINUTES), draw_people(1_000, rng)


def draw_place(
    place: str, areas: int, sites: int, *, noise: float = 0.0, seed: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return minutes walked along straight ways × 1.3 over 20 km, and people × need.

    Homes and sites lie anywhere (``uniform``), or in a town with eleven estates and villages
    around it (``town-like``): the second half the size of the first, the third a third of it and
    so on, with a tenth of homes and sites in the country.
    """
    rng = np.random.default_rng(seed)
    homes, doors = rng.random((areas, 2)) * 20, rng.random((sites, 2)) * 20
    if place == "town-like":
        centre = rng.normal(10, 4, (12, 2))
        centre[0] = 10
        size = 1 / np.arange(1, 13)
        for points in (homes, doors):
            of = rng.choice(12, len(points), p=size / size.sum())
            settled = rng.random(len(points)) < 0.9
            spread = 2.5 * np.sqrt(size[of])[:, None] * rng.normal(size=points.shape)
            points[settled] = (centre[of] + spread)[settled]
    apart = homes[:, None] - doors[None]
    minutes = np.hypot(apart[..., 0], apart[..., 1]) * 1.3 / 4.8 * 60
    if noise:
        minutes = np.maximum(minutes + rng.normal(0, noise, minutes.shape), 0)
    return np.round(minutes, 1), draw_people(areas, rng)


def draw_people(areas: int, rng: np.random.Generator) -> np.ndarray:
    """Return people × need percentile."""
    return np.round(rng.lognormal(7.3, 0.3, areas)) * rng.random(areas).round(3)
