"""Which sites help those who are worst off, and which leave no type of neighbourhood behind?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.hubs.covers import SAME_MINUTES, Cover, most_covered
from planner.hubs.cuts import Paid, Paying, choose_paying
from planner.hubs.limits import Limit
from planner.hubs.problem import Floats, Places, SitingProblem

#: Numbers of minutes at which it is asked how many people can be covered within them.
_LEVELS = 48


def choose_worst_off(
    problem: SitingProblem, limit: Limit, share: float, *, deadline: float
) -> Paid:
    """Choose candidates so that the mean minutes of the worst-off ``share`` of people are least.

    Areas that no site reaches whatever is chosen do not count: they would hide what can be done
    for all others. Any other area that is not reached counts the penalty.

    Notes
    -----
    Rockafellar and Uryasev (2000), *Optimization of conditional value-at-risk*: the mean of the
    worst is the least, over all ``t``, of ``t`` and what is beyond it divided by the share. A
    second bound: however many people can be covered within some minutes, all others are further
    away; their number, summed over the minutes, is what the mean comes to at the least.
    """
    counted = (problem.people > 0) & ~problem.people.index.isin(problem.out_of_reach)
    people = problem.people.to_numpy(dtype=np.float64)[counted.to_numpy()]
    paying = build_paying(
        problem, limit, counted, weight=people / max(share * people.sum(), 1e-300), worst=share
    )
    cost, numbers = problem.cost[counted.to_numpy()], np.full(len(people), -1)
    held = cost[:, problem.at(problem.open_sites)].min(axis=1, initial=np.inf)

    def by_covers(best: Places, until: float) -> float:
        longest = float(paying.near(best).max(initial=0.0))
        levels = np.linspace(0.0, longest + SAME_MINUTES, _LEVELS + 1)[1:]
        asked = share * people.sum()
        beyond = np.full(_LEVELS, asked)
        # The fewer minutes, the more people are beyond them: from the longest downwards.
        for at, level in reversed(list(enumerate(levels))):
            near = paying.cost < level - SAME_MINUTES
            mine = held < level - SAME_MINUTES
            cover = Cover(
                reach=near[~mine],
                demand=people[~mine],
                people=people[~mine],
                group=numbers[~mine],
                held=float(people[mine].sum()),
                totals=np.zeros(0),
                already=np.zeros(0),
            )
            beyond[at] = people.sum() - most_covered(cover, limit, deadline=until)
            if beyond[at] >= asked:
                break
        return float(np.diff(levels, prepend=0.0) @ np.clip(beyond, 0.0, asked) / asked)

    return choose_paying(paying, limit, deadline=deadline, other_bound=by_covers)


def choose_by_budget(problem: SitingProblem, limit: Limit, *, deadline: float) -> Paid:
    """Choose candidates within a budget with the least need-weighted minutes."""
    counted = problem.demand > 0
    weight = problem.demand.to_numpy(dtype=np.float64)[counted.to_numpy()]
    paying = build_paying(problem, limit, counted, weight=weight, worst=None)
    return choose_paying(paying, limit, deadline=deadline)


def build_paying(
    problem: SitingProblem,
    limit: Limit,
    counted: pd.Series,
    *,
    weight: Floats,
    worst: float | None,
) -> Paying:
    """Return what the areas that count pay; ``worst`` is the share of people who are looked at."""
    cost = problem.cost[counted.to_numpy()]
    opened = problem.at(problem.open_sites)
    free = cost[:, limit.free]
    most = cost[:, opened].min(axis=1) if len(opened) else free.max(axis=1, initial=0.0)
    people = problem.people.to_numpy(dtype=np.float64)[counted.to_numpy()]

    def total(near: Floats) -> float:
        return float(weight @ near) if worst is None else mean_of_worst(near, people, worst)

    return Paying(
        cost=free,
        most=most,
        weight=weight,
        worst=worst is not None,
        total=total,
        must_open=len(opened) == 0,
    )


def mean_of_worst(minutes: Floats, people: Floats, share: float) -> float:
    """Return the mean minutes of the ``share`` of people whose minutes are longest.

    An area that only partly belongs to them counts by that part; 0 where there is nobody.

    Examples
    --------
    >>> mean_of_worst(np.array([30.0, 10.0, 20.0]), np.array([5.0, 80.0, 15.0]), 0.1)
    25.0
    """
    order = np.argsort(-minutes, kind="stable")
    looked_at = share * people.sum()
    if looked_at <= 0:
        return 0.0
    so_far = np.cumsum(people[order])
    part = np.clip(looked_at - (so_far - people[order]), 0.0, people[order])
    return float(part @ minutes[order] / looked_at)


def number_groups(problem: SitingProblem) -> tuple[Places, list[str]]:
    """Return the number of each area's type (-1 for none) and the types' names in that order."""
    names = sorted(set(problem.groups) - {""})
    numbers = {name: number for number, name in enumerate(names)}
    return np.array([numbers.get(one, -1) for one in problem.groups], np.int64), names
