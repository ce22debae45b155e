"""How many sites may be opened, or how much may they cost?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.errors import InfeasibleError, ProjectError
from planner.hubs.problem import Floats, Places, SitingProblem
from planner.wording import say_are, say_many

#: Sums of costs that differ by less than this share are equal.
ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Limit:
    """What opening candidates takes, and how much there is for them.

    ``free`` are the candidates' columns, ``takes`` what each of them takes (1 where sites are
    counted, its cost where there is a budget), ``most`` how much may be taken (``inf`` without
    limit), ``spent`` what the forced sites have taken already.
    """

    what: Literal["p", "budget"]
    free: Places
    takes: Floats
    most: float
    spent: float

    def allows(self, sites: Places) -> bool:
        """Tell whether these candidates (numbers among the free ones) may be opened together."""
        return float(self.takes[sites].sum()) <= self.room

    @property
    def room(self) -> float:
        """What may be taken, with what rounding may add to a sum."""
        return self.most + ROUNDING * max(1.0, abs(self.most))


def build_limit(problem: SitingProblem, p: int | None, budget: float | None) -> Limit:
    """Return what there is for candidates once the forced sites are open.

    Raises
    ------
    ProjectError
        Both a number of sites and a budget are given, or one of them cannot be.
    InfeasibleError
        More sites are asked for than there are, or the forced ones alone are more than that.
    """
    free = problem.at(problem.choosable)
    if p is not None and budget is not None:
        raise ProjectError(
            "Hubs: both a number of sites and a budget are given.", hint="Give one of them."
        )
    if budget is not None:
        return _build_budget(problem, free, budget)
    forced = len(problem.forced)
    most = np.inf
    if p is not None:
        _check_p(problem, p, len(free), forced)
        most = float(p - forced)
    return Limit(what="p", free=free, takes=np.ones(len(free)), most=most, spent=float(forced))


def _check_p(problem: SitingProblem, p: int, free: int, forced: int) -> None:
    if p < 0 or (p == 0 and len(problem.open_sites) == 0):
        raise InfeasibleError("Hubs: not one site is asked for.", hint="Raise [hubs] count.")
    if p < forced:
        raise InfeasibleError(
            f"Hubs: {say_many(p, 'site')} {say_are(p)} asked for, but {forced} are forced.",
            hint="Raise [hubs] count, or force fewer venues.",
        )
    if p - forced > free:
        raise InfeasibleError(
            f"Hubs: {say_many(p, 'site')} {say_are(p)} asked for, but there {say_are(free)} "
            f"{say_many(free, 'candidate')}" + (f" beside {forced} forced." if forced else "."),
            hint="Lower [hubs] count, or name more candidate venues.",
        )


def _build_budget(problem: SitingProblem, free: Places, budget: float) -> Limit:
    if not 0 <= budget < np.inf:
        raise ProjectError(
            f"Hubs: a budget of {budget:g} cannot be.", hint="Give a number of at least 0."
        )
    costs = problem.sites["cost"].to_numpy(dtype=np.float64)
    spent = float(costs[problem.at(problem.forced)].sum())
    if spent > budget * (1 + ROUNDING):
        raise InfeasibleError(
            f"Hubs: the forced sites cost {spent:,g}, more than the budget of {budget:,g}.",
            hint="Raise the budget, or force fewer venues.",
        )
    most = max(0.0, budget - spent)
    limit = Limit(what="budget", free=free, takes=costs[free], most=most, spent=spent)
    nothing = len(problem.open_sites) == 0 and not (limit.takes <= limit.room).any()
    if nothing and len(free):
        raise InfeasibleError(
            f"Hubs: no candidate can be had for {budget:,g}; the cheapest costs "
            f"{limit.takes.min():,g}.",
            hint="Raise the budget.",
        )
    return limit
