"""Which candidate sites are near each area, nearest first, and what do they cost?

A search over sites hardly ever looks beyond an area's second nearest open site. Costs in ascending
order let it stop there, so that most pairs of a large place are never touched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.cores import build_spans, jit, run_all

Floats = NDArray[np.float64]
Places = NDArray[np.int32]
Counts = NDArray[np.int64]
#: One a site: 1 open, -1 closed, 0 not decided.
Marks = NDArray[np.int8]

OPEN, CLOSED, FREE = 1, -1, 0

_BLOCK = 512


@dataclass(frozen=True, kw_only=True, eq=False)
class Ladders:
    """Each area's sites in ascending order of weighted cost: its ladder.

    Steps of area i are ``start[i]`` to ``start[i + 1]`` of ``site`` and ``cost`` (above the area's
    least, which is counted in ``base``). A site that costs an area no less than ``cap`` (areas,)
    has no step: the area never pays more than that. ``names`` (sites,) is what each site is
    called outside.
    """

    start: Counts
    site: Places
    cost: Floats
    cap: Floats
    base: float
    names: Counts

    def __post_init__(self) -> None:
        assert len(self.start) == len(self.cap) + 1
        assert len(self.site) == len(self.cost) == self.start[-1]

    @property
    def sites(self) -> int:
        """How many there are to choose from."""
        return len(self.names)


def build_ladders(weighted: Floats, names: Counts) -> Ladders:
    """Sort each area's weighted costs, areas × sites; ties go to the site that comes first."""
    areas, sites = weighted.shape
    order = np.empty((areas, sites), np.int32)
    steps = np.empty((areas, sites))

    def block(first: int, last: int) -> None:
        here = np.argsort(weighted[first:last], axis=1, kind="stable")
        order[first:last] = here
        steps[first:last] = np.take_along_axis(weighted[first:last], here, axis=1)

    run_all(block, build_spans(areas, _BLOCK))
    least = steps[:, 0].copy()
    steps -= least[:, None]
    cap = steps[:, -1].copy()
    kept = steps < cap[:, None]
    return Ladders(
        start=np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int64),
        site=order[kept],
        cost=steps[kept],
        cap=cap,
        base=float(least.sum()),
        names=names,
    )


def narrow(ladders: Ladders, marks: Marks) -> Ladders:
    """Leave only the free sites: closed ones go, an open one caps what its areas pay."""
    free = np.flatnonzero(marks == FREE)
    number = np.full(len(marks), -1, np.int32)
    number[free] = np.arange(len(free), dtype=np.int32)
    number[marks == OPEN] = -2
    start = np.zeros(len(ladders.start), np.int64)
    site, cost = np.empty_like(ladders.site), np.empty_like(ladders.cost)
    cap = ladders.cap.copy()
    steps = _keep_free(ladders.start, ladders.site, ladders.cost, number, start, site, cost, cap)
    return Ladders(
        start=start,
        site=site[:steps].copy(),
        cost=cost[:steps].copy(),
        cap=cap,
        base=ladders.base,
        names=ladders.names[free],
    )


def _keep_free_loop(
    start: Counts,
    site: Places,
    cost: Floats,
    number: Places,
    new_start: Counts,
    new_site: Places,
    new_cost: Floats,
    cap: Floats,
) -> int:
    """Copy the steps below the first open site; return how many. -1: closed, -2: open."""
    steps = 0
    for area in range(len(cap)):
        for at in range(start[area], start[area + 1]):
            to = number[site[at]]
            if to == -2:
                # Sites that cost as much came before it in order, and are of no more use.
                cap[area] = cost[at]
                while steps > new_start[area] and new_cost[steps - 1] >= cost[at]:
                    steps -= 1
                break
            if to >= 0:
                new_site[steps] = to
                new_cost[steps] = cost[at]
                steps += 1
        new_start[area + 1] = steps
    return steps


_keep_free = jit(_keep_free_loop)
