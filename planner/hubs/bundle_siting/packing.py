"""Which kinds can be placed in which venues at once, with the sessions and rooms there are?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from planner.hubs.bundle_siting.problem import Bools, BundleProblem
from planner.hubs.limits import Limit
from planner.hubs.problem import Floats, Places

Counts = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Placement:
    """What is placed, and what leaves: ``placed`` and ``leaves`` are venues × kinds."""

    placed: Bools
    leaves: Counts

    @property
    def key(self) -> tuple[bytes, bytes]:
        """What tells placements apart."""
        return self.placed.tobytes(), self.leaves.tobytes()


@dataclass(frozen=True, kw_only=True, eq=False)
class Packing:
    """Rows that every placement keeps to, over columns opened | placed | leaving | gone.

    ``opened`` columns are the limit's free candidates; ``pairs`` (pairs, 2) numbers of venue and
    kind that may be placed; ``leavers`` pairs of which something may leave (column: how many);
    ``goers`` those of them that nothing need stay of (column: is none left?).
    """

    problem: BundleProblem
    limit: Limit
    today: Counts
    movable: Counts
    spare: Counts
    room_left: Floats
    pairs: Places
    leavers: Places
    goers: Places
    rows: csr_matrix
    row_upper: Floats

    @property
    def size(self) -> int:
        """Number of columns."""
        return len(self.limit.free) + len(self.pairs) + len(self.leavers) + len(self.goers)

    @property
    def first_pair(self) -> int:
        """Where the columns of pairs begin."""
        return len(self.limit.free)

    @property
    def first_goer(self) -> int:
        """Where the columns of goers begin."""
        return self.first_pair + len(self.pairs) + len(self.leavers)

    @property
    def upper(self) -> Floats:
        """The most that each column may be."""
        most = np.ones(self.size)
        begin = self.first_pair + len(self.pairs)
        most[begin : self.first_goer] = self.movable[self.leavers[:, 0], self.leavers[:, 1]]
        return most

    @property
    def lasting(self) -> Bools:
        """Venue × kind: there today, and never gone."""
        lasting: Bools = np.array(self.today, dtype=bool)
        lasting[self.goers[:, 0], self.goers[:, 1]] = False
        return lasting

    @property
    def nothing(self) -> Placement:
        """Leave all as it is today."""
        return Placement(placed=np.zeros_like(self.today, dtype=bool), leaves=self.today * 0)

    def holds(self, placement: Placement) -> Bools:
        """Return which kinds are where after a placement."""
        held: Bools = np.greater(self.today, placement.leaves) | placement.placed
        return held

    def opened(self, placement: Placement) -> Places:
        """Return the candidates (numbers among the free ones) that a placement opens."""
        found: Places = np.flatnonzero(placement.placed[self.limit.free].any(axis=1))
        return found

    def allows(self, placement: Placement) -> bool:
        """Tell whether there are sessions, rooms and venues enough."""
        placed = placement.placed.sum(axis=0)
        leaving = placement.leaves.sum(axis=0)
        if bool((placed > self.spare + leaving).any()) or bool((leaving > placed).any()):
            return False
        freed = ((placement.leaves >= self.today) & (self.today > 0)).sum(axis=1)
        if bool((placement.placed.sum(axis=1) > self.room_left + freed).any()):
            return False
        return self.limit.allows(self.opened(placement))

    def to_placement(self, values: Floats) -> Placement:
        """Return the placement that columns stand for."""
        none = self.nothing
        begin, then = self.first_pair, self.first_pair + len(self.pairs)
        chosen = self.pairs[values[begin:then] > 0.5]
        none.placed[chosen[:, 0], chosen[:, 1]] = True
        leaving = np.round(values[then : self.first_goer]).astype(np.int64)
        none.leaves[self.leavers[:, 0], self.leavers[:, 1]] = leaving
        return none


def build_packing(problem: BundleProblem, limit: Limit) -> Packing:
    """Set up the rows: venues opened, rooms, sessions of each kind, and what has left."""
    today, movable = problem.today, problem.movable
    spare = problem.spare_of_kinds
    nothing = np.logical_not(today.astype(bool))
    may = problem.may_host[:, None] & nothing & ((spare + movable.sum(axis=0)) > 0)
    may &= (problem.room_left > 0)[:, None] | (movable.max(axis=1, initial=0, keepdims=True) > 0)
    pairs, leavers = np.argwhere(may), np.argwhere(movable > 0)
    all_may = movable[leavers[:, 0], leavers[:, 1]] == today[leavers[:, 0], leavers[:, 1]]
    goers = leavers[all_may]
    rows = _Rows(len(limit.free), pairs, leavers, goers)
    if np.isfinite(limit.most):
        rows.add(np.arange(len(limit.free)), limit.takes, limit.room)
    free_of = {int(site): at for at, site in enumerate(limit.free)}
    for at, (venue, _) in enumerate(pairs.tolist()):
        if venue in free_of:
            rows.add([rows.pair + at, free_of[venue]], [1.0, -1.0], 0.0)
    _add_sessions(rows, spare)
    _add_rooms(rows, problem.room_left)
    _add_leaving(rows, today)
    matrix, upper = rows.build()
    return Packing(
        problem=problem,
        limit=limit,
        today=today,
        movable=movable,
        spare=spare,
        room_left=problem.room_left,
        pairs=pairs,
        leavers=leavers,
        goers=goers,
        rows=matrix,
        row_upper=upper,
    )


def tidy(
    packing: Packing, placement: Placement, worth: Callable[[Placement], float], *, rounding: float
) -> Placement:
    """Take back what brings nothing: the last venues first, then what need not have left.

    ``worth`` is the less the better; differences of ``rounding`` count as none.
    """
    least = worth(placement) + rounding
    for venue, kind in np.argwhere(placement.placed)[::-1]:
        fewer = Placement(placed=placement.placed.copy(), leaves=placement.leaves)
        fewer.placed[venue, kind] = False
        if not packing.allows(fewer):
            fewer = _call_back(packing, fewer, int(kind))
        if packing.allows(fewer) and worth(fewer) <= least:
            placement = fewer
    for venue, kind in np.argwhere(placement.leaves > 0)[::-1]:
        while placement.leaves[venue, kind] > 0:
            stays = Placement(placed=placement.placed, leaves=placement.leaves.copy())
            stays.leaves[venue, kind] -= 1
            if not packing.allows(stays) or worth(stays) > least:
                break
            placement = stays
    return placement


def _call_back(packing: Packing, placement: Placement, kind: int) -> Placement:
    """Let one that left come back, if more leave than are placed."""
    leaves = placement.leaves.copy()
    while leaves[:, kind].sum() > placement.placed[:, kind].sum():
        leaves[np.flatnonzero(leaves[:, kind])[-1], kind] -= 1
    return Placement(placed=placement.placed, leaves=leaves)


class _Rows:
    """Rows under way: each at most a number."""

    def __init__(self, free: int, pairs: Places, leavers: Places, goers: Places) -> None:
        self.pairs, self.leavers, self.goers = pairs, leavers, goers
        self.pair = free
        self.leaver = free + len(pairs)
        self.goer = self.leaver + len(leavers)
        self.size = self.goer + len(goers)
        self._row, self._column, self._value = list[int](), list[int](), list[float]()
        self._upper = list[float]()

    def add(self, columns: object, values: object, upper: float) -> None:
        at, given = np.asarray(columns, dtype=int), np.asarray(values, dtype=float)
        self._row += [len(self._upper)] * len(at)
        self._column += at.tolist()
        self._value += given.tolist()
        self._upper.append(upper)

    def build(self) -> tuple[csr_matrix, Floats]:
        shape = (len(self._upper), self.size)
        matrix = coo_matrix((self._value, (self._row, self._column)), shape=shape)
        return csr_matrix(matrix), np.array(self._upper, dtype=np.float64)


def _add_sessions(rows: _Rows, spare: Counts) -> None:
    """No more of a kind is placed than is spare or leaves, and what leaves is placed."""
    for kind, free in enumerate(spare.tolist()):
        placed = rows.pair + np.flatnonzero(rows.pairs[:, 1] == kind)
        leaving = rows.leaver + np.flatnonzero(rows.leavers[:, 1] == kind)
        both = np.append(placed, leaving)
        sign = np.append(np.ones(len(placed)), -np.ones(len(leaving)))
        if len(placed) > free or len(leaving):
            rows.add(both, sign, float(free))
        if len(leaving):
            rows.add(both, -sign, 0.0)


def _add_rooms(rows: _Rows, room_left: Floats) -> None:
    for venue in np.unique(rows.pairs[:, 0]).tolist():
        placed = rows.pair + np.flatnonzero(rows.pairs[:, 0] == venue)
        gone = rows.goer + np.flatnonzero(rows.goers[:, 0] == venue)
        if len(placed) > room_left[venue]:
            sign = np.append(np.ones(len(placed)), -np.ones(len(gone)))
            rows.add(np.append(placed, gone), sign, float(room_left[venue]))


def _add_leaving(rows: _Rows, today: Counts) -> None:
    """Count a kind as gone from a venue once all of it there has left."""
    where = {tuple(pair): rows.leaver + at for at, pair in enumerate(rows.leavers.tolist())}
    for at, (venue, kind) in enumerate(rows.goers.tolist()):
        there = float(today[venue, kind])
        columns = [where[(venue, kind)], rows.goer + at]
        rows.add(columns, [-1.0, there], 0.0)
        rows.add(columns, [1.0, -1.0], there - 1.0)
