"""How short can the longest journey of anybody be, and with which sites?"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from planner.hubs.covers import Choice, Cover, cover_enough
from planner.hubs.limits import Limit
from planner.hubs.problem import Floats, Places, SitingProblem
from planner.hubs.program import Bools

#: Of the time that is left, how much goes into one number of minutes.
_PART = 0.3


@dataclass(frozen=True, kw_only=True, eq=False)
class Centre:
    """Candidates chosen, the longest journey with them, and a proved bound of every choice's."""

    sites: Places
    longest: float
    bound: float
    finished: bool


def choose_centre(
    problem: SitingProblem, limit: Limit, *, deadline: float, share: float = 1.0
) -> Centre:
    """Choose candidates so that the longest journey of anybody is shortest.

    Areas without people do not count, nor do those that no site reaches whatever is chosen: they
    would hide what can be done for all others. Any other area that is not reached counts the
    penalty.

    Parameters
    ----------
    problem, limit
        Areas and sites, and how many may be opened.
    deadline
        On the clock of `time.monotonic`.
    share
        Of the people who count, who are to be within that journey.

    Notes
    -----
    Searching the distinct minutes by halves, each answered by a cover (Minieka 1970, *The
    m-center problem*).
    """
    counted = (problem.people > 0) & ~problem.people.index.isin(problem.out_of_reach)
    cost = problem.cost[counted.to_numpy()]
    people = problem.people.to_numpy(dtype=np.float64)[counted.to_numpy()]
    free = cost[:, limit.free]
    fixed = cost[:, problem.at(problem.open_sites)].min(axis=1, initial=np.inf)
    best = _first_choice(free, fixed, limit)
    longest = _longest(free, fixed, people, best, share)
    least = _longest(free, fixed, people, np.arange(free.shape[1]), share)
    levels = np.unique(np.concatenate([free.ravel(), fixed[np.isfinite(fixed)]]))
    levels = levels[(levels >= least) & (levels <= longest)]
    # Everything below `low` is proved to be too little; `high` can be done.
    low, high = 0, len(levels) - 1
    # Levels below `untold` could not be told in the time that they were given.
    untold = low
    while (step := max(low, untold)) < high and time.monotonic() < deadline:
        middle = (step + high) // 2
        now = time.monotonic()
        until = deadline if high - low == 1 else now + _PART * (deadline - now)
        found = _within(free, fixed, people, levels[middle], limit, share, until)
        if found.sites is not None and limit.allows(found.sites):
            best = found.sites
            longest = _longest(free, fixed, people, best, share)
            high = int(np.searchsorted(levels, longest))
        elif found.bound > limit.room:
            low = middle + 1
        else:
            untold = middle + 1
    if len(levels) == 0:
        return Centre(sites=best, longest=longest, bound=longest, finished=True)
    best = _put_first(free <= longest, fixed <= longest, people, best, limit, share)
    bound = float(levels[low]) if low < high else longest
    return Centre(sites=best, longest=longest, bound=bound, finished=low >= high)


def _within(
    free: Floats,
    fixed: Floats,
    people: Floats,
    minutes: float,
    limit: Limit,
    share: float,
    deadline: float,
) -> Choice:
    """Return a cover within these minutes that takes no more than there is, or the fewest."""
    held = fixed <= minutes
    cover = Cover(
        reach=(free <= minutes)[~held],
        demand=people[~held],
        people=people[~held],
        group=np.zeros(int((~held).sum()), np.int64),
        held=float(people[held].sum()),
        totals=np.array([people.sum()]),
        already=np.array([people[held].sum()]),
    )
    return cover_enough(cover, limit, share, deadline=deadline, enough=limit.room)


def _first_choice(free: Floats, fixed: Floats, limit: Limit) -> Places:
    """Open, time and again, the candidate that brings most to the area that is worst off."""
    near, chosen, left = fixed.copy(), list[int](), limit.room
    while len(near):
        able = limit.takes <= left
        able[chosen] = False
        if not able.any():
            break
        worst = int(near.argmax())
        pay = np.where(able, free[worst], np.inf)
        best = int(pay.argmin())
        if pay[best] >= near[worst]:
            break
        chosen.append(best)
        left -= limit.takes[best]
        near = np.minimum(near, free[:, best])
    return np.sort(np.array(chosen, np.int64))


def _longest(free: Floats, fixed: Floats, people: Floats, sites: Places, share: float) -> float:
    """Return the minutes within which that share of the people have an open site."""
    if len(people) == 0:
        return 0.0
    near = np.minimum(fixed, free[:, sites].min(axis=1, initial=np.inf))
    if share >= 1.0:
        return float(near.max())
    order = np.argsort(near, kind="stable")
    enough = np.cumsum(people[order]) >= people.sum() * share * (1 - 1e-9)
    return float(near[order][int(enough.argmax())])


def _put_first(
    reach: Bools, held: Bools, people: Floats, sites: Places, limit: Limit, share: float
) -> Places:
    """Swap candidates for earlier ones while the longest journey stays as short."""
    must = people.sum() * share * (1 - 1e-9)
    moved = True
    while moved:
        moved = False
        for out in np.sort(sites)[::-1]:
            rest = sites[sites != out]
            covered = held | reach[:, rest].any(axis=1)
            good = float(people @ covered) + (people * ~covered) @ reach[:, :out] >= must
            good &= limit.takes[rest].sum() + limit.takes[:out] <= limit.room
            good[rest[rest < out]] = False
            if good.any():
                sites, moved = np.sort(np.append(rest, int(good.argmax()))), True
                break
    return np.sort(sites)
