"""Is there any better choice of sites, and if time runs out: how much better could it be?"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np

from planner.cores import build_spans, run_all
from planner.hubs.interchange import interchange
from planner.hubs.ladders import CLOSED, FREE, OPEN, Counts, Floats, Ladders, Marks, narrow
from planner.hubs.lagrangian import relax, to_beat

#: Steps of the subgradient method before branching: in one go, and in all; then at each branch.
ROOT_STEPS, MOST_ROOT_STEPS, BRANCH_STEPS = 100, 3_000, 200
#: Steps without gain after which they are halved, before branching and at a branch.
ROOT_PATIENCE, BRANCH_PATIENCE = 40, 25
ROOT_PACE, BRANCH_PACE, LEAST_PACE = 1.5, 0.6, 2e-3
#: So many branches may wait, each with a price for every area; with more, the last comes next.
MOST_WAITING = 1_000
#: Steps on all ladders from which on a second thread is worth starting.
WORTH_A_THREAD = 5_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Proof:
    """The best choice found (numbers in ascending order), its cost, and a bound on any other's.

    ``price`` is what each area offered in the end: a good beginning for a similar problem.
    """

    sites: Counts
    cost: float
    bound: float
    price: Floats
    finished: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class _Branch:
    """Some sites decided, and a bound on every choice that agrees with that."""

    marks: Marks
    price: Floats
    bound: float
    split: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _Looked:
    """What looking at a branch brought: choices (outside names and cost), and what is left of it.

    ``left`` is None where nothing in the branch beats the best choice.
    """

    choices: tuple[tuple[Counts, float], ...]
    left: _Branch | None


@dataclass(kw_only=True, eq=False)
class _Search:
    """The problem, the best choice so far and when to stop: changed as the search goes on.

    ``settled`` are the outside names of sites that are open for good.
    """

    ladders: Ladders
    count: int
    settled: Counts
    whole: bool
    deadline: float
    sites: Counts
    cost: float

    @property
    def limit(self) -> float:
        return to_beat(self.cost, self.whole)

    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def take(self, choices: tuple[tuple[Counts, float], ...]) -> None:
        """Take the best of some choices if it is better than what is known."""
        for names, cost in choices:
            if cost < self.cost:
                self.sites, self.cost = np.sort(names), cost

    def settle(self, marks: Marks) -> None:
        """Leave decided sites out of the problem for good."""
        opened = self.ladders.names[marks == OPEN]
        self.settled = np.concatenate([self.settled, opened])
        self.count -= len(opened)
        self.ladders = narrow(self.ladders, marks)


def prove(
    ladders: Ladders,
    count: int,
    *,
    sites: Counts,
    cost: float,
    whole: bool,
    price: Floats,
    deadline: float,
) -> Proof:
    """Prove a choice of ``count`` sites best, or find a better one and prove that.

    Parameters
    ----------
    ladders
        Sites to choose from.
    sites, cost
        A good choice by outside names, and its cost.
    whole
        Whether all costs are whole numbers, so that a bound may be rounded up.
    price
        (areas,) to begin the bound with; the cost at the second nearest chosen site is good.
    deadline
        When to stop unproved, in seconds of the monotonic clock.

    Notes
    -----
    Branch and bound. The branch with the least bound comes first, so that the bound on everything
    rises soonest; where very many wait, the last one, so that memory is bounded. Both branches of a
    site are looked at side by side, so that the search is the same however many cores there are.
    """
    search = _Search(
        ladders=ladders,
        count=count,
        settled=np.zeros(0, np.int64),
        whole=whole,
        deadline=deadline,
        sites=sites,
        cost=cost,
    )
    price = price.copy()
    root = _climb(search, price)
    waiting = [] if root is None else [root]
    bound = math.inf
    while waiting:
        if search.late():
            bound = min(branch.bound for branch in waiting)
            break
        branch = waiting.pop(_next(waiting))
        if branch.bound < search.limit:
            waiting += _split(search, branch)
    finished = bound >= search.limit
    bound = search.limit if finished else bound
    if whole:
        bound = float(math.ceil(bound - min(0.5, 1e-9 * abs(bound))))
    return Proof(
        sites=search.sites,
        cost=search.cost,
        bound=min(bound, search.cost),
        price=price,
        finished=finished,
    )


def _climb(search: _Search, price: Floats) -> _Branch | None:
    """Raise the bound before any branching; sites decided on the way leave the problem.

    The prices found are left in ``price``.
    """
    pace, bound = ROOT_PACE, -math.inf
    marks = np.zeros(search.ladders.sites, np.int8)
    for _ in range(0, MOST_ROOT_STEPS, ROOT_STEPS):
        looked, pace = _look(
            search, marks, price, bound, steps=ROOT_STEPS, pace=pace, patience=ROOT_PATIENCE
        )
        search.take(looked.choices)
        left = looked.left
        if left is None or left.bound >= search.limit:
            return None
        price[:], marks, bound = left.price, left.marks, left.bound
        if search.late() or pace < LEAST_PACE:
            break
        if np.count_nonzero(marks) > 0.1 * len(marks):
            search.settle(marks)
            marks = np.zeros(search.ladders.sites, np.int8)
    return left


def _next(waiting: list[_Branch]) -> int:
    """Return which branch to look at: the one with the least bound, while few enough wait."""
    if len(waiting) > MOST_WAITING:
        return len(waiting) - 1
    return min(range(len(waiting)), key=lambda at: waiting[at].bound)


def _split(search: _Search, branch: _Branch) -> list[_Branch]:
    """Look at a branch with one more site open, and with it closed; the better one comes last."""

    def look(first: int, _: int) -> _Looked:
        marks = branch.marks.copy()
        marks[branch.split] = OPEN if first == 0 else CLOSED
        return _look(
            search, marks, branch.price, branch.bound,
            steps=BRANCH_STEPS, pace=BRANCH_PACE, patience=BRANCH_PATIENCE,
        )[0]  # fmt: skip

    if len(search.ladders.site) > WORTH_A_THREAD:
        both = run_all(look, build_spans(2, 1))
    else:
        both = [look(0, 1), look(1, 2)]
    for looked in both:
        search.take(looked.choices)
    left = [looked.left for looked in both if looked.left is not None]
    return sorted(left, key=lambda one: -one.bound)


def _look(
    search: _Search,
    marks: Marks,
    price: Floats,
    bound: float,
    *,
    steps: int,
    pace: float,
    patience: int,
) -> tuple[_Looked, float]:
    """Bound a branch, decide about more of its sites; return also how long steps were at last.

    Nothing of the search is changed: two of these may run at once.
    """
    marks, price = marks.copy(), price.copy()
    free = np.flatnonzero(marks == FREE)
    opened = np.concatenate([search.settled, search.ladders.names[marks == OPEN]])
    ladders = narrow(search.ladders, marks) if len(free) < len(marks) else search.ladders
    count = search.count - int(np.count_nonzero(marks == OPEN))
    if count < 0 or count > len(free):
        return _Looked(choices=(), left=None), pace
    if count in (0, len(free)):
        numbers, cost = interchange(ladders, np.arange(count), count)
        names = np.concatenate([opened, ladders.names[numbers]])
        return _Looked(choices=((names, cost),), left=None), pace
    inner = np.zeros(len(free), np.int8)
    done = relax(
        ladders, count, cost=search.cost, whole=search.whole, price=price, marks=inner,
        steps=steps, pace=pace, patience=patience,
    )  # fmt: skip
    choices = []
    if done.sites is not None:
        choices.append((done.sites, done.cost))
    if done.bound < to_beat(done.cost, search.whole):
        choices.append(interchange(ladders, done.likely, count))
    named = tuple((np.concatenate([opened, ladders.names[n]]), cost) for n, cost in choices)
    if done.bound >= to_beat(done.cost, search.whole):
        return _Looked(choices=named, left=None), done.pace
    marks[free] = inner
    if not (inner == FREE).any():
        deeper, _ = _look(search, marks, price, bound, steps=steps, pace=pace, patience=patience)
        return _Looked(choices=named + deeper.choices, left=deeper.left), done.pace
    # The site that was chosen and left about as often.
    unsure = np.where(inner == FREE, np.abs(done.share - 0.5), np.inf)
    left = _Branch(
        marks=marks,
        price=price,
        bound=max(bound, done.bound),
        split=int(free[np.argmin(unsure)]),
    )
    return _Looked(choices=named, left=left), done.pace
