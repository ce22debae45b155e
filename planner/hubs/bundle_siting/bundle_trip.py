"""What should be placed where, that the shortest trips for the whole bundle are shortest?"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from planner.hubs.bundle_siting.one_stop import Found
from planner.hubs.bundle_siting.packing import Packing, Placement, tidy
from planner.hubs.bundle_siting.priced_trips import build_near, build_ways
from planner.hubs.bundle_siting.relaxed import FREE, IN, OUT, Branch, Relaxed
from planner.hubs.limits import ROUNDING
from planner.hubs.problem import Floats
from planner.hubs.program import ENDLESS, TOLERANCE

#: Steps towards the bound at first, and once something more has been decided.
_ROOT_STEPS, _BRANCH_STEPS = 1500, 60
#: Of the time: till the first bound is found, till swaps before it end, for swaps after it.
_ROOT_SHARE, _SWAP_SHARE, _LAST_SHARE = 0.7, 0.2, 0.1
#: How much longer than now a trip is still looked at in the bounds: a factor, and minutes.
_WIDER, _MINUTES_MORE = 3.0, 10.0
#: As long as areas have no more venues than this to look at, on average, all are looked at.
_FEW_VENUES = 25
#: How often a placement is bought by prices before anything is swapped.
_PACKINGS = 3


def shorten_trips(
    packing: Packing, *, deadline: float, starts: tuple[Placement, ...] = ()
) -> Found:
    """Place services so that need-weighted minutes of the bundle trips are fewest.

    Parameters
    ----------
    packing
        What can be placed.
    deadline
        On the clock of `time.monotonic`.
    starts
        Placements to begin with.

    Notes
    -----
    Bounds by Lagrangian relaxation (`Relaxed`), placements by what areas would pay for at its
    prices and by moving and swapping what is placed, then branch and bound on what is opened and
    held, the branch with the lowest bound first. Exact if there is time enough.
    """
    search = _Search(packing, deadline)
    for start in (packing.nothing, *starts):
        search.look_at(start)
    root = search.solve_root()
    branches: list[tuple[float, int, Branch]] = [(root.bound, 0, root)]
    number = 0
    while branches and time.monotonic() < deadline:
        bound, _, branch = branches[0]
        if bound >= search.enough:
            break
        heapq.heappop(branches)
        for child in search.split(branch):
            number += 1
            if child.bound < search.enough:
                heapq.heappush(branches, (child.bound, number, child))
        search.open_bound = bound
    least = branches[0][0] if branches else ENDLESS
    finished = least >= search.enough
    best = tidy(packing, search.best, search.worth, rounding=ROUNDING * max(1.0, search.value))
    objective = search.worth(best) + search.other
    bound = objective if finished else min(objective, least + search.other)
    return Found(placement=best, objective=objective, bound=bound, finished=finished)


class _Search:
    """The best placement known, and what was looked at already."""

    def __init__(self, packing: Packing, deadline: float) -> None:
        problem = packing.problem
        self.packing, self.begun, self.deadline = packing, time.monotonic(), deadline
        demand = problem.siting.demand.to_numpy(dtype=np.float64)
        asked = demand > 0
        ways = build_ways(problem)
        self.ways = replace(ways, to=ways.to[asked], back=ways.back[asked])
        could = packing.lasting.copy()
        could[tuple(packing.pairs.T)] = could[tuple(packing.goers.T)] = True
        near = build_near(self.ways, self.ways.paid(packing.lasting), could)
        # Areas that nothing shortens the trip of only add to the sum.
        some = np.diff(near.start) > 0
        self.demand = demand[asked]
        self.other = float(self.demand[~some] @ near.cap[~some])
        self.ways = replace(self.ways, to=self.ways.to[some], back=self.ways.back[some])
        self.demand = self.demand[some]
        cuts = np.append(0, np.diff(near.start)[some].cumsum())
        near = replace(near, cap=near.cap[some], start=cuts)
        self.could, self.cap = could, near.cap
        #: Nothing is shorter than with everything that could be, where it could be.
        self.floor = float(self.demand @ self.ways.paid(could))
        self.relaxed = Relaxed(packing, self.ways, near, self.demand)
        self.seen: dict[tuple[bytes, bytes], float] = {}
        self.best, self.value = packing.nothing, ENDLESS
        self.open_bound = -ENDLESS

    @property
    def enough(self) -> float:
        """A bound as high as this proves the best placement known."""
        return self.value - TOLERANCE * max(1e-6, abs(self.value + self.other))

    def worth(self, placement: Placement) -> float:
        """Return need-weighted minutes of the areas that may gain."""
        key = placement.key
        if key not in self.seen:
            paid = self.ways.paid(self.packing.holds(placement))
            self.seen[key] = float(self.demand @ paid)
        return self.seen[key]

    def look_at(self, placement: Placement | None) -> bool:
        """Take a placement if it is allowed and better than the best."""
        if placement is None or not self.packing.allows(placement):
            return False
        worth = self.worth(placement)
        if self.value - worth <= ROUNDING * max(1.0, abs(worth)):
            return False
        self.best, self.value = placement, worth
        return True

    def solve_root(self) -> Branch:
        """Return the first bound, with swaps in between."""
        whole = self.deadline - self.begun
        for _ in range(_PACKINGS):
            # Priced by what is paid now, a placement is bought; then what is paid is less.
            root = self._priced()
            self._pack(root, root.prices)
        self.swap(self.begun + _SWAP_SHARE * whole)
        self._draw_in()
        root = self._ascend(self._priced(), _ROOT_STEPS, self.begun + _ROOT_SHARE * whole)
        self.swap(time.monotonic() + _LAST_SHARE * whole)
        if root.bound < self.enough:
            root = self.relaxed.tighten(root, deadline=self.deadline)
        return root

    def _draw_in(self) -> None:
        """Let longer trips than now count as if they were shorter: a bound stays one, and sooner.

        What is left out costs more than the cap, and the cap is what it counts.
        """
        if len(self.relaxed.near.venues) <= _FEW_VENUES * len(self.demand):
            return
        paid = self.ways.paid(self.packing.holds(self.best))
        cap = np.minimum(self.cap, _WIDER * paid + _MINUTES_MORE)
        near = build_near(self.ways, cap, self.could)
        self.relaxed = Relaxed(self.packing, self.ways, near, self.demand)

    def _priced(self) -> Branch:
        paid = self.ways.paid(self.packing.holds(self.best))
        return replace(self.relaxed.root(paid), bound=self.floor)

    def split(self, branch: Branch) -> Iterator[Branch]:
        """Give what a branch falls into, with their bounds; none where it is decided."""
        where = self._choose(branch)
        if where is None:
            placement = self.relaxed.pack(
                branch, np.zeros(branch.held.shape), deadline=self.deadline
            )
            self.look_at(placement)
            if placement is None and time.monotonic() >= self.deadline:
                yield branch
            return
        name, at = where
        for side in (IN, OUT):
            decided = getattr(branch, name).copy()
            decided[at] = side
            child = replace(branch, **{name: decided})
            child = _follow(self.packing, child)
            child = self._ascend(child, _BRANCH_STEPS, self.deadline)
            yield replace(child, bound=max(child.bound, branch.bound))

    def swap(self, deadline: float) -> None:
        """Move, swap and add what is placed while that shortens trips."""
        better = True
        while better and time.monotonic() < deadline:
            better = False
            for other in neighbours(self.packing, self.best):
                if self.look_at(other):
                    better = True
                    break
                if time.monotonic() >= deadline:
                    return

    def _ascend(self, branch: Branch, steps: int, deadline: float) -> Branch:
        def look(values: Floats) -> float:
            nearly = np.zeros(self.packing.today.shape)
            packing = self.packing
            nearly[tuple(packing.pairs.T)] = values[packing.first_pair :][: len(packing.pairs)]
            nearly[tuple(packing.goers.T)] = 1 - values[packing.first_goer :]
            self.look_at(self.relaxed.pack(branch, nearly, deadline=self.deadline))
            return self.value

        return self.relaxed.ascend(
            branch, steps=steps, best=self.value, deadline=min(deadline, self.deadline), look=look
        )

    def _pack(self, branch: Branch, prices: Floats) -> None:
        wanted = self.relaxed._earns(prices)
        self.look_at(self.relaxed.pack(branch, wanted, deadline=self.deadline))

    def _choose(self, branch: Branch) -> tuple[str, int | tuple[int, int]] | None:
        """Choose what to decide next: the candidate, or else the service, nearest to half held."""
        free = self.packing.limit.free
        share = branch.mean[free].max(axis=1, initial=0.0)
        doubt = np.where(branch.opened == FREE, np.minimum(share, 1 - share), -1.0)
        if len(doubt) and doubt.max() > 0.02:
            return "opened", int(doubt.argmax())
        unsure = np.minimum(branch.mean, 1 - branch.mean)
        unsure = np.where(branch.held == FREE, np.maximum(unsure, 0.0), -1.0)
        if unsure.max(initial=-1.0) < 0:
            return None
        if unsure.max() <= 0.02:
            unsure = np.where(branch.held == FREE, branch.mean, -1.0)
        venue, kind = np.unravel_index(int(unsure.argmax()), unsure.shape)
        return "held", (int(venue), int(kind))


def _follow(packing: Packing, branch: Branch) -> Branch:
    """Close off what cannot be placed in a candidate that stays shut."""
    held = branch.held.copy()
    shut = packing.limit.free[branch.opened == OUT]
    placeable = np.zeros(held.shape, dtype=bool)
    placeable[tuple(packing.pairs.T)] = True
    rows = np.isin(np.arange(len(held)), shut)[:, None] & placeable
    held[rows & (held == FREE)] = OUT
    return replace(branch, held=held)


def neighbours(packing: Packing, placement: Placement) -> Iterator[Placement]:
    """Give placements one change away: a hub moved, something added, moved, swapped or returned."""
    placed, leaves = placement.placed, placement.leaves
    pairs = [(int(v), int(k)) for v, k in packing.pairs]
    able = np.zeros_like(placed)
    able[tuple(packing.pairs.T)] = True
    used = [(int(v), int(k)) for v, k in np.argwhere(placed)]
    for hub in np.flatnonzero(placed.any(axis=1)).tolist():
        for other in np.flatnonzero(able.any(axis=1) & ~placed.any(axis=1)).tolist():
            new = placed.copy()
            new[hub] = False
            new[other] = (placed[hub] | (packing.today[hub] > 0)) & able[other]
            for choice in (new, _moved(placed, hub, other, able)):
                yield from _allowed(packing, choice, leaves)
    for venue, kind in pairs:
        if not placed[venue, kind]:
            yield from _changed(packing, placement, add=[(venue, kind)])
    for gone in used:
        for venue, kind in pairs:
            if kind == gone[1] and not placed[venue, kind]:
                yield from _changed(packing, placement, add=[(venue, kind)], take=[gone])
    for v, k in used:
        for u, other_kind in used:
            swap = [(v, other_kind), (u, k)]
            if v < u and k != other_kind and all(able[one] and not placed[one] for one in swap):
                yield from _changed(packing, placement, add=swap, take=[(v, k), (u, other_kind)])
    for venue, kind in [(int(v), int(k)) for v, k in packing.leavers]:
        if leaves[venue, kind]:
            fewer = leaves.copy()
            fewer[venue, kind] -= 1
            yield from _allowed(packing, placed, fewer)
        if leaves[venue, kind] < packing.movable[venue, kind]:
            more = leaves.copy()
            more[venue, kind] += 1
            for to, same in pairs:
                if same == kind and not placed[to, kind]:
                    new = placed.copy()
                    new[to, kind] = True
                    yield from _allowed(packing, new, more)


def _moved(placed: np.ndarray, hub: int, other: int, able: np.ndarray) -> np.ndarray:
    new = placed.copy()
    new[hub] = False
    new[other] = placed[hub] & able[other]
    return new


def _changed(
    packing: Packing,
    placement: Placement,
    *,
    add: list[tuple[int, int]],
    take: list[tuple[int, int]] | None = None,
) -> Iterator[Placement]:
    new = placement.placed.copy()
    for one in take or []:
        new[one] = False
    for one in add:
        new[one] = True
    yield from _allowed(packing, new, placement.leaves)


def _allowed(packing: Packing, placed: np.ndarray, leaves: np.ndarray) -> Iterator[Placement]:
    placement = Placement(placed=placed, leaves=leaves)
    if packing.allows(placement):
        yield placement
