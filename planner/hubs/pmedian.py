"""Which p sites bring the least weighted travel, and is that proved?"""

from __future__ import annotations

import itertools
import math
import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.errors import InfeasibleError
from planner.hubs.branch import prove
from planner.hubs.interchange import (
    ROUNDING,
    STARTS,
    search_starts,
    second_nearest,
    swap_profits,
)
from planner.hubs.ladders import Ladders, build_ladders
from planner.hubs.lagrangian import TOLERANCE

#: Choices times costs looked at, up to which every choice is tried: well under a second.
MOST_TRIED = 10_000_000

#: Largest whole number that sums of floats hold exactly.
_EXACT = 2.0**53

SolveStatus = Literal["optimal", "time_limit"]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class PMedian:
    """An answer to a p-median problem, and how good it is known to be.

    ``sites`` are the chosen columns in ascending order, ``assigned`` the chosen column of each
    row; ``objective`` is the weighted cost of the answer, ``bound`` a proved lower bound of any
    answer, ``gap`` their relative difference (0 where the answer is proved best).
    """

    sites: tuple[int, ...]
    assigned: IntArray
    objective: float
    bound: float
    gap: float
    status: SolveStatus

    def __post_init__(self) -> None:
        assert self.bound <= self.objective
        assert self.gap >= 0


@dataclass(frozen=True, kw_only=True, eq=False)
class PSweep:
    """Answers for one further site, for two, and so on.

    ``answers[i]`` is the one for ``i + 1`` sites beside the fixed ones; ``before`` the weighted
    cost of the fixed ones alone (NaN where there are none).
    """

    answers: tuple[PMedian, ...]
    before: float

    @property
    def saved(self) -> FloatArray:
        """What each next site saves: weighted cost; NaN for the first where none was there."""
        costs: FloatArray = np.array([self.before, *(one.objective for one in self.answers)])
        return -np.diff(costs)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Problem:
    """A p-median problem without what decides nothing.

    Rows without weight are left out; so is every column that costs each of the others' rows the
    same as one before it. ``ladders`` holds what is left, fixed columns being there for all.
    """

    cost: FloatArray
    weight: FloatArray
    fixed: tuple[int, ...]
    ladders: Ladders
    whole: bool


def solve_pmedian(
    cost: FloatArray,
    weight: FloatArray,
    p: int,
    *,
    fixed: tuple[int, ...] = (),
    time_limit_seconds: float = 60.0,
) -> PMedian:
    """Choose ``p`` columns beside the ``fixed`` ones with the least weighted cost.

    Parameters
    ----------
    cost
        Rows × columns, finite and at least 0 (put the penalty where there is no way).
    weight
        One a row, at least 0.
    p
        Columns to choose beside the fixed ones.
    fixed
        Columns that are open whatever happens.
    time_limit_seconds
        After that the best answer found is returned with its gap.

    Returns
    -------
    answer
        Proved to one part in a million, or exactly where all weighted costs are whole numbers.
        Of answers as good, the one whose columns come first where every choice is tried
        (`MOST_TRIED`); otherwise one that no swap with an earlier column leaves as good. The
        same every time, on any number of cores, unless the time limit ends the search.

    Raises
    ------
    InfeasibleError
        There are fewer than ``p`` columns to choose from, none is asked for, or a cost or weight
        is negative or no number.

    Notes
    -----
    Interchange from several beginnings gives the answer (`planner.hubs.interchange`), Lagrangian
    relaxation the bound (`planner.hubs.lagrangian`), branching the rest of the proof
    (`planner.hubs.branch`).

    Examples
    --------
    >>> minutes = np.array([[0.0, 9.0, 4.0], [9.0, 0.0, 4.0], [8.0, 8.0, 1.0]])
    >>> answer = solve_pmedian(minutes, np.array([10.0, 10.0, 10.0]), 1)
    >>> answer.sites, answer.objective, answer.status
    ((2,), 90.0, 'optimal')
    """
    deadline = time.monotonic() + time_limit_seconds
    _check(cost, weight, p, fixed)
    if p == 0:
        return _answer(cost, weight, sorted(set(fixed)))
    free = cost.shape[1] - len(set(fixed))
    if math.comb(free, p - 1) * cost.size <= MOST_TRIED:
        return _answer(cost, weight, _try_all(cost, weight, p, fixed))
    problem = _build_problem(cost, weight, fixed)
    return _solve(problem, p, first=np.zeros(0, np.int64), starts=STARTS, deadline=deadline)


def solve_p_sweep(
    cost: FloatArray,
    weight: FloatArray,
    most: int,
    *,
    fixed: tuple[int, ...] = (),
    time_limit_seconds: float = 60.0,
) -> PSweep:
    """Choose 1, 2, ... up to ``most`` columns beside the ``fixed`` ones.

    Parameters and errors as in `solve_pmedian`; the time limit is for all of them together, what
    is left of it being shared evenly among those still to come.

    Returns
    -------
    sweep
        Answers need not contain one another. Each is at least as good as the one before it.

    Examples
    --------
    >>> minutes = np.array([[0.0, 9.0, 4.0], [9.0, 0.0, 4.0], [8.0, 8.0, 1.0]])
    >>> sweep = solve_p_sweep(minutes, np.array([10.0, 10.0, 10.0]), 3)
    >>> [answer.sites for answer in sweep.answers], sweep.saved.tolist()
    ([(2,), (0, 2), (0, 1, 2)], [nan, 40.0, 40.0])
    """
    deadline = time.monotonic() + time_limit_seconds
    _check(cost, weight, most, fixed)
    always = sorted(set(fixed))
    problem = _build_problem(cost, weight, fixed)
    answers: list[PMedian] = []
    for p in range(1, most + 1):
        now = time.monotonic()
        share = max(0.0, deadline - now) / (most + 1 - p)
        # What was best with one site fewer is one of the beginnings.
        before = answers[-1].sites if answers else ()
        first = np.flatnonzero(np.isin(problem.ladders.names, before))
        starts = STARTS if p == 1 else 2
        answers.append(_solve(problem, p, first=first, starts=starts, deadline=now + share))
    before_all = _objective(cost, weight, always) if always else math.nan
    return PSweep(answers=tuple(answers), before=before_all)


def warm() -> None:
    """Compile every loop on a toy problem, so that nobody waits for it later."""
    rng = np.random.default_rng(0)
    cost = rng.integers(1, 90, size=(40, 14)).astype(np.float64)
    problem = _build_problem(cost, np.ones(40), (0,))
    first = np.zeros(0, np.int64)
    _solve(problem, 4, first=first, starts=1, deadline=time.monotonic() + 60.0)


def _check(cost: FloatArray, weight: FloatArray, p: int, fixed: tuple[int, ...]) -> None:
    free = cost.shape[1] - len(set(fixed))
    if p > free:
        raise InfeasibleError(
            f"Hubs: {p} sites are asked for, but there are {free} candidates.",
            hint="Lower [hubs] count, or name more candidate venues.",
        )
    if p < 0 or (p == 0 and not fixed):
        raise InfeasibleError("Hubs: not one site is asked for.", hint="Raise [hubs] count.")
    for what, values in (("cost", cost), ("weight", weight)):
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise InfeasibleError(
                f"Hubs: a {what} is negative or not a number.",
                hint="Put the penalty where there is no way, and 0 where nobody needs it.",
            )


def _answer(
    cost: FloatArray,
    weight: FloatArray,
    sites: list[int],
    *,
    bound: float = math.inf,
    finished: bool = True,
) -> PMedian:
    """Return the answer with these sites and this bound on every other."""
    objective = _objective(cost, weight, sites)
    # Costs and weights are at least 0, so no answer is below.
    below = max(min(bound, objective), 0.0)
    gap = (objective - below) / objective if objective > 0 else 0.0
    proved = finished or gap <= TOLERANCE
    chosen = np.array(sites)
    return PMedian(
        sites=tuple(int(site) for site in sites),
        assigned=chosen[np.argmin(cost[:, chosen], axis=1)],
        objective=objective,
        bound=below,
        gap=0.0 if proved else gap,
        status="optimal" if proved else "time_limit",
    )


def _objective(cost: FloatArray, weight: FloatArray, sites: list[int]) -> float:
    return float(weight @ cost[:, sites].min(axis=1))


def _try_all(cost: FloatArray, weight: FloatArray, p: int, fixed: tuple[int, ...]) -> list[int]:
    """Return the best of all choices; of equal ones the first by its columns."""
    free = [column for column in range(cost.shape[1]) if column not in fixed]
    always = sorted(set(fixed))
    near = cost[:, always].min(axis=1) if always else np.full(len(cost), np.inf)
    best, found = math.inf, list[int]()
    options = np.ascontiguousarray(cost[:, free])
    for first in itertools.combinations(range(len(free)), p - 1):
        after = first[-1] + 1 if first else 0
        if after >= len(free):
            continue
        nearest = np.minimum(near, options[:, first].min(axis=1)) if first else near
        totals = weight @ np.minimum(options[:, after:], nearest[:, None])
        # The first of those that differ by rounding alone.
        last = int(np.argmax(totals <= totals.min() * (1 + ROUNDING)))
        if not found or totals[last] < best * (1 - ROUNDING):
            best = float(totals[last])
            found = [free[site] for site in (*first, after + last)]
    return sorted([*always, *found])


def _build_problem(cost: FloatArray, weight: FloatArray, fixed: tuple[int, ...]) -> _Problem:
    """Leave out what decides nothing, and sort the rest."""
    always = sorted(set(fixed))
    rows = np.flatnonzero(weight > 0)
    needed = cost[rows].astype(np.float64, copy=False)
    free = np.setdiff1d(np.arange(cost.shape[1]), always)
    weighted = needed[:, free]
    if always:
        weighted = np.minimum(weighted, needed[:, always].min(axis=1)[:, None])
    weighted *= weight[rows][:, None]
    whole = bool((weighted == np.rint(weighted)).all()) and float(weighted.sum()) < _EXACT
    first: dict[bytes, int] = {}
    for number, column in enumerate(np.ascontiguousarray(weighted.T)):
        first.setdefault(column.tobytes(), number)
    kept = np.fromiter(first.values(), np.int64)
    return _Problem(
        cost=cost,
        weight=weight,
        fixed=tuple(always),
        ladders=build_ladders(np.ascontiguousarray(weighted[:, kept]), free[kept]),
        whole=whole,
    )


def _solve(problem: _Problem, p: int, *, first: IntArray, starts: int, deadline: float) -> PMedian:
    """Choose ``p`` free columns; ``first`` are numbers of ladders' sites to begin with."""
    ladders = problem.ladders
    if p >= ladders.sites:
        return _answer(problem.cost, problem.weight, _fill_up(problem, ladders.names, p))
    sites, cost = search_starts(ladders, p, first=first, deadline=deadline, starts=starts)
    proof = prove(
        ladders,
        p,
        sites=ladders.names[sites],
        cost=cost,
        whole=problem.whole,
        price=second_nearest(ladders, sites),
        deadline=deadline,
    )
    found = np.searchsorted(ladders.names, proof.sites)
    chosen = _fill_up(problem, ladders.names[_put_first(ladders, found, proof.cost)], p)
    return _answer(problem.cost, problem.weight, chosen, bound=proof.bound, finished=proof.finished)


def _put_first(ladders: Ladders, sites: IntArray, cost: float) -> IntArray:
    """Swap sites for earlier ones while the cost stays the same; the earliest ones first."""
    while True:
        profit = swap_profits(ladders, sites)
        profit[:, sites] = -np.inf
        earlier = np.arange(ladders.sites)[None, :] < sites[:, None]
        out, into = np.nonzero(earlier & (profit >= -ROUNDING * cost))
        if len(out) == 0:
            return sites
        best = min(range(len(out)), key=lambda at: (into[at], -out[at]))
        sites = np.sort(np.append(np.delete(sites, out[best]), into[best]))


def _fill_up(problem: _Problem, names: IntArray, p: int) -> list[int]:
    """Return these columns and the fixed ones; where some are lacking, the first of the rest."""
    chosen = {*names.tolist(), *problem.fixed}
    rest = (column for column in range(problem.cost.shape[1]) if column not in chosen)
    return sorted([*chosen, *itertools.islice(rest, p - len(names))])
