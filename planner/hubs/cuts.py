"""What does each area pay at the least, told by few enough rows that a program can hold them?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import highspy
import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack

from planner.hubs.limits import ROUNDING, Limit
from planner.hubs.problem import Floats, Places
from planner.hubs.program import (
    ENDLESS,
    TOLERANCE,
    Outcome,
    Program,
    open_model,
    run_model,
)

#: Tells what all areas' minutes come to: the least of it is looked for.
Total = Callable[[Floats], float]
#: A row is added where an area pays more than the program thinks by this share of all minutes.
_VIOLATED = 1e-7
#: Shares of the minutes beyond which one is worst off now, tried when one more site is open.
_NEARER = np.array([1.0, 0.95, 0.9, 0.8, 0.7])


@dataclass(frozen=True, kw_only=True, eq=False)
class Paying:
    """Areas that pay for their way to the nearest open site, and what that comes to.

    ``cost`` is areas × candidates, capped at ``most``: what an area pays without any of them.
    ``weight`` is what each area's minutes count in the program. With ``worst`` only what is
    beyond a number of minutes (the program's own choice) counts, and that number itself.
    ``total`` is told every area's minutes. ``must_open``: nothing is open otherwise.
    """

    cost: Floats
    most: Floats
    weight: Floats
    worst: bool
    total: Total
    must_open: bool

    def of(self, sites: Places) -> float:
        """Return what the minutes come to once these candidates are open."""
        return self.total(self.near(sites))

    def with_one_more(self, near: Floats) -> Floats:
        """Return, for each candidate, what it comes to if it is opened beside these minutes.

        With ``worst`` no less than it comes to, and nearly that: of some numbers of minutes the
        best one is taken.
        """
        then = np.minimum(near[:, None], self.cost)
        if not self.worst:
            by_candidate: Floats = self.weight @ then
            return by_candidate
        order = np.argsort(-near, kind="stable")
        last = int(np.searchsorted(np.cumsum(self.weight[order]), 1.0))
        at = float(near[order[min(last, len(order) - 1)]])
        tries = [level + self.weight @ np.maximum(then - level, 0.0) for level in at * _NEARER]
        found: Floats = np.min(tries, axis=0)
        return found

    def near(self, sites: Places) -> Floats:
        """Return each area's minutes once these candidates are open."""
        if len(sites) == 0:
            return self.most
        near: Floats = np.minimum(self.most, self.cost[:, sites].min(axis=1))
        return near


@dataclass(frozen=True, kw_only=True, eq=False)
class Paid:
    """Candidates chosen, what that comes to, and a proved bound of every choice's."""

    sites: Places
    objective: float
    bound: float
    finished: bool


def choose_paying(
    paying: Paying,
    limit: Limit,
    *,
    deadline: float,
    other_bound: Callable[[Places, float], float] | None = None,
) -> Paid:
    """Choose the candidates within a limit for which what areas pay comes to least.

    Notes
    -----
    Benders' rows in closed form, as for the p-median by Duran-Mateluna, Alès and Elloumi (2023),
    *An efficient Benders decomposition for the p-median problem*: an area pays at least ``v``
    minutes less what open candidates nearer than ``v`` save of them. Rows are added where the
    last answer breaks them, first with shares of candidates, then with whole ones.
    ``other_bound`` is told good candidates and a deadline, and may know a better bound.
    """
    firsts = [_greedy(paying, limit)]
    if paying.worst:
        # Whoever is worst off hides all others from a greedy choice: begin with the mean, too.
        mean = replace(paying, worst=False, total=lambda near: float(paying.weight @ near))
        firsts.append(_swap(mean, limit, _greedy(mean, limit), deadline))
    best = min((_swap(paying, limit, one, deadline) for one in firsts), key=paying.of)
    if len(paying.weight) == 0 or paying.cost.shape[1] == 0:
        value = paying.of(best)
        return Paid(sites=best, objective=value, bound=value, finished=True)
    growing = _Growing(paying, limit)
    bound = -ENDLESS
    if other_bound is not None:
        half = time.monotonic() + 0.5 * max(0.0, deadline - time.monotonic())
        bound = other_bound(best, half)
    bound, best = growing.by_shares(best, bound, deadline)
    bound, best, finished = growing.by_whole(best, bound, deadline)
    value = paying.of(best)
    if finished:
        best = _put_first(paying, limit, best, deadline)
        value = paying.of(best)
    return Paid(sites=best, objective=value, bound=min(bound, value), finished=finished)


class _Growing:
    """A program to which rows are added: candidates, areas' minutes, and the number beyond which.

    What an area's minutes column holds is what counts of them (without ``worst``: the minutes).
    """

    def __init__(self, paying: Paying, limit: Limit) -> None:
        self.paying, self.limit = paying, limit
        self.areas, self.sites = paying.cost.shape
        capped = np.minimum(paying.cost, paying.most[:, None])
        self.order = np.argsort(capped, axis=1, kind="stable")
        self.sorted = np.take_along_axis(capped, self.order, axis=1)
        self.capped = capped
        self.model = open_model(self._base())
        self.rows = 1

    def _base(self) -> Program:
        paying, count = self.paying, self.sites + self.areas + int(self.paying.worst)
        least = np.zeros(self.areas) if paying.worst else self.sorted[:, 0]
        rows = [
            csr_matrix(
                (self.limit.takes, (np.zeros(self.sites, int), np.arange(self.sites))),
                shape=(1, count),
            )
        ]
        low, high = [-np.inf], [self.limit.room if np.isfinite(self.limit.most) else np.inf]
        if paying.must_open:
            rows.append(
                csr_matrix(
                    (np.ones(self.sites), (np.zeros(self.sites, int), np.arange(self.sites))),
                    shape=(1, count),
                )
            )
            low.append(1.0)
            high.append(np.inf)
        able = (self.limit.takes <= self.limit.room).astype(np.float64)
        top = float(paying.most.max())
        tail = [1.0] if paying.worst else []
        return Program(
            cost=np.concatenate([np.zeros(self.sites), paying.weight, tail]),
            lower=np.concatenate([np.zeros(self.sites), least, [0.0] * len(tail)]),
            upper=np.concatenate([able, np.full(self.areas, top), [top] * len(tail)]),
            whole=np.zeros(count, dtype=bool),
            rows=vstack(rows, "csr"),
            row_lower=np.array(low),
            row_upper=np.array(high),
        )

    def by_shares(self, best: Places, bound: float, deadline: float) -> tuple[float, Places]:
        """Add rows until shares of candidates break none; return the bound and the best sites."""
        while True:
            found = run_model(self.model, deadline=deadline, whole=False)
            if found.values is None or found.status != "optimal":
                return max(bound, self._least()), best
            bound = max(bound, found.bound)
            rounded = _swap(self.paying, self.limit, self._round(found.values), deadline, rounds=4)
            if self.paying.of(rounded) < self.paying.of(best) * (1 - ROUNDING):
                best = rounded
            if not self._add(found.values) or time.monotonic() > deadline:
                return max(bound, self._least()), best

    def by_whole(self, best: Places, bound: float, deadline: float) -> tuple[float, Places, bool]:
        """Add rows until whole candidates break none."""
        kinds = np.full(self.sites, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self.model.changeColsIntegrality(self.sites, np.arange(self.sites, dtype=np.int32), kinds)
        while True:
            value = self.paying.of(best)
            if value - bound <= TOLERANCE * max(value, 1e-9):
                return bound, best, True
            start = self._start(best)
            self.model.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
            found: Outcome = run_model(self.model, deadline=deadline, whole=True, floor=bound)
            bound = max(bound, found.bound) if np.isfinite(found.bound) else bound
            if found.values is None:
                return bound, best, False
            chosen = np.flatnonzero(found.values[: self.sites] > 0.5)
            if self.limit.allows(chosen) and self.paying.of(chosen) < value * (1 - ROUNDING):
                best = chosen
            if not self._add(found.values):
                return bound, best, found.status == "optimal"
            if found.status != "optimal" or time.monotonic() > deadline:
                return bound, best, False

    def _least(self) -> float:
        """Return what the minutes come to were every candidate open."""
        return self.paying.total(np.minimum(self.paying.most, self.sorted[:, 0]))

    def _start(self, sites: Places) -> Floats:
        """Return the columns' values once these candidates are open."""
        opened = np.zeros(self.sites)
        opened[sites] = 1.0
        near = self.paying.near(sites)
        if not self.paying.worst:
            return np.concatenate([opened, near])
        # Beyond any of the areas' own minutes it may be least: try them all.
        tries = np.unique(near)
        beyond = [at + self.paying.weight @ np.maximum(near - at, 0.0) for at in tries]
        at = float(tries[int(np.argmin(beyond))])
        return np.concatenate([opened, np.maximum(near - at, 0.0), [at]])

    def _round(self, values: Floats) -> Places:
        """Open candidates by their shares, the greatest first, while the limit allows."""
        chosen: list[int] = []
        left = self.limit.room
        for site in np.argsort(-values[: self.sites], kind="stable"):
            if self.limit.takes[site] <= left and values[site] > 1e-9:
                chosen.append(int(site))
                left -= self.limit.takes[site]
        return np.sort(np.array(chosen, np.int64))

    def _add(self, values: Floats) -> bool:
        """Add the row of each area that pays more than the program thinks; tell if there are."""
        share = np.clip(values[: self.sites], 0.0, 1.0)
        by_order = share[self.order]
        so_far = np.cumsum(by_order, axis=1)
        # The first candidate by which one is open in all: the row at its minutes is broken most.
        full = so_far >= 1 - 1e-9
        at = np.where(full.any(axis=1), full.argmax(axis=1), self.sites - 1)
        row = np.arange(self.areas)
        level = np.where(full.any(axis=1), self.sorted[row, at], self.paying.most)
        saved = np.maximum(level[:, None] - self.sorted, 0.0)
        pays = level - (saved * by_order).sum(axis=1)
        thought = values[self.sites : self.sites + self.areas].copy()
        if self.paying.worst:
            thought += values[-1]
        amiss = (pays - thought) * self.paying.weight
        scale = max(1e-9, float(self.paying.weight @ pays))
        broken = np.flatnonzero(amiss > _VIOLATED * scale / max(1, self.areas) + 1e-12)
        if len(broken) == 0:
            return False
        save = csr_matrix(np.maximum(level[broken, None] - self.capped[broken], 0.0))
        own = csr_matrix(
            (np.ones(len(broken)), (np.arange(len(broken)), broken)),
            shape=(len(broken), self.areas),
        )
        parts = [save, own]
        if self.paying.worst:
            parts.append(csr_matrix(np.ones((len(broken), 1))))
        rows = hstack(parts, "csr")
        self.model.addRows(
            len(broken), level[broken], np.full(len(broken), np.inf), rows.nnz,
            rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32), rows.data,
        )  # fmt: skip
        return True


def _greedy(paying: Paying, limit: Limit) -> Places:
    """Open the candidate that saves most for what it takes, until none saves anything."""
    chosen, left = list[int](), limit.room
    near = paying.most
    value = paying.total(near)
    while True:
        able = np.flatnonzero(limit.takes <= left)
        able = able[~np.isin(able, chosen)]
        if len(able) == 0:
            break
        saves = value - paying.with_one_more(near)[able]
        best = int(np.argmax(saves / np.maximum(limit.takes[able], 1e-12)))
        if saves[best] <= 0 and (chosen or not paying.must_open):
            break
        chosen.append(int(able[best]))
        left -= limit.takes[able[best]]
        near = np.minimum(near, paying.cost[:, able[best]])
        value = paying.total(near)
    return np.sort(np.array(chosen, np.int64))


def _swap(
    paying: Paying, limit: Limit, sites: Places, deadline: float, *, rounds: int = 1_000
) -> Places:
    """Swap one candidate for another, or add one, while that saves minutes."""
    if len(limit.takes) == 0:
        return sites
    for _ in range(rounds):
        value, swap = paying.of(sites) * (1 - ROUNDING), None
        for out in [*range(len(sites)), -1]:
            rest = np.delete(sites, out) if out >= 0 else sites
            if time.monotonic() > deadline:
                return sites
            pays = paying.with_one_more(paying.near(rest))
            pays[limit.takes > limit.room - limit.takes[rest].sum()] = np.inf
            pays[rest] = np.inf
            into = int(pays.argmin())
            if pays[into] < value:
                value, swap = float(pays[into]), np.sort(np.append(rest, into))
        if swap is None:
            return sites
        sites = swap
    return sites


def _put_first(paying: Paying, limit: Limit, sites: Places, deadline: float) -> Places:
    """Swap candidates for earlier ones while that costs nothing; the earliest ones first."""
    least = paying.of(sites) * (1 + ROUNDING)
    moved = True
    while moved:
        moved = False
        for out in np.sort(sites)[::-1]:
            rest = sites[sites != out]
            near, left = paying.near(rest), limit.room - limit.takes[rest].sum()
            for into in range(int(out)):
                if time.monotonic() > deadline:
                    return np.sort(sites)
                if into in rest or limit.takes[into] > left:
                    continue
                if paying.total(np.minimum(near, paying.cost[:, into])) <= least:
                    sites, moved = np.sort(np.append(rest, into)), True
                    break
            if moved:
                break
    return np.sort(sites)
