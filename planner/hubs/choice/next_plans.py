"""Which plans come next after the best, where there are too many to try them all?"""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass

import numpy as np

from planner.errors import InfeasibleError
from planner.hubs.choice.plans import Rule, World, fix, loss_of
from planner.hubs.limits import ROUNDING
from planner.hubs.problem import Floats
from planner.hubs.program import TOLERANCE

#: A plan by the numbers of its candidates.
Plan = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Picked:
    """A plan, its loss, and whether it is proved to stand where it does."""

    plan: Plan
    loss: float
    proved: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """The best plan and its loss, how many others are wanted, and till when."""

    world: World
    rule: Rule
    best: Plan
    loss: float
    count: int
    within: float
    deadline: float

    @property
    def most_loss(self) -> float:
        """Return the loss up to which a plan is near the best."""
        return self.loss + (self.within + ROUNDING) * abs(self.loss)

    @property
    def weight(self) -> Floats:
        """Return the demand of each area."""
        weight: Floats = self.world.problem.demand.to_numpy(dtype=np.float64)
        return weight


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Plans that hold some candidates and lack others: the best found, and a bound on the rest."""

    plan: Plan
    loss: float
    bound: float
    opened: Plan
    closed: Plan


def split_off(asked: Asked) -> tuple[tuple[Picked, ...], float]:
    """Return the next best plans, and a loss below which no plan left out is."""
    whole = _Part(plan=asked.best, loss=asked.loss, bound=asked.loss, opened=(), closed=())
    waiting: list[tuple[float, Plan, _Part]] = []
    _push(asked, waiting, whole)
    found: list[tuple[float, Plan]] = []
    while waiting and len(found) < asked.count:
        loss, plan, part = heapq.heappop(waiting)
        if _is_new(asked, found, loss, plan):
            found.append((loss, plan))
        _push(asked, waiting, part)
    # What time left open may hold better plans than those that were taken out before.
    floor = min((part.bound for _, _, part in waiting), default=math.inf)
    ranked: list[tuple[float, Plan]] = []
    for loss, plan in sorted([*found, *((loss, plan) for loss, plan, _ in waiting)]):
        if len(ranked) < asked.count and _is_new(asked, ranked, loss, plan):
            ranked.append((loss, plan))
    enough = floor + TOLERANCE * abs(floor) if math.isfinite(floor) else math.inf
    return (
        tuple(Picked(plan=plan, loss=loss, proved=loss <= enough) for loss, plan in ranked),
        floor,
    )


def _is_new(asked: Asked, before: list[tuple[float, Plan]], loss: float, plan: Plan) -> bool:
    """Tell whether a plan is allowed and does not only add sites to one before."""
    others = (asked.best, *(one for _, one in before))
    return math.isfinite(loss) and not any(set(plan) >= set(other) for other in others)


def _push(asked: Asked, waiting: list[tuple[float, Plan, _Part]], part: _Part) -> None:
    """Add the parts of what is left of one once its best plan is taken out."""
    splitting = [one for one in part.plan if one not in part.opened]
    for at, site in enumerate(splitting):
        left = max(0.0, asked.deadline - time.monotonic())
        child = _solve_part(
            asked,
            opened=(*part.opened, *splitting[:at]),
            closed=(*part.closed, site),
            floor=part.bound,
            seconds=left / (len(splitting) - at),
        )
        if child is not None:
            heapq.heappush(waiting, (child.loss, child.plan, child))


def _solve_part(
    asked: Asked, *, opened: Plan, closed: Plan, floor: float, seconds: float
) -> _Part | None:
    """Return the best plan that holds some candidates and lacks others; None where there is none.

    Of plans that hold less than they may, the rest is filled up where sites are counted.
    """
    world, rule = asked.world, asked.rule
    columns = world.problem.sites.index[world.limit.free]
    problem = fix(world.problem, rule, opened=columns[list(opened)], closed=columns[list(closed)])
    bound = floor
    if len(problem.choosable) == 0:
        plan = _fill(asked, opened, closed)
        loss = math.inf if plan is None else loss_of(world, rule, plan, asked.weight)
        part = _Part(plan=plan or (), loss=loss, bound=loss, opened=opened, closed=closed)
        return None if plan is None else part
    try:
        found = rule.ask(problem, time_limit_seconds=seconds)
    except InfeasibleError:
        plan = _fill(asked, opened, closed)
    else:
        if found.status == "infeasible":
            return None
        plan = _fill(asked, tuple(world.numbers(found.chosen).tolist()), closed)
        bound = max(bound, rule.to_loss(found.bound))
    if plan is None:
        return None
    loss = loss_of(world, rule, plan, asked.weight)
    return _Part(plan=plan, loss=loss, bound=min(bound, loss), opened=opened, closed=closed)


def _fill(asked: Asked, plan: Plan, closed: Plan) -> Plan | None:
    """Return a plan with as many sites as are asked for, the first by their ids."""
    limit = asked.world.limit
    rest = [one for one in range(len(limit.free)) if one not in plan and one not in closed]
    if limit.what == "budget":
        if plan or len(asked.world.problem.open_sites):
            return tuple(sorted(plan))
        cheap = [one for one in rest if limit.takes[one] <= limit.room]
        return (cheap[0],) if cheap else None
    lacking = round(limit.most) - len(plan)
    return None if lacking > len(rest) else tuple(sorted([*plan, *rest[:lacking]]))


def drive_apart(asked: Asked) -> tuple[Picked, ...]:
    """Return different plans near the best, found by closing the sites of those before."""
    picked, found = [asked.best], list[Picked]()
    while len(found) < asked.count:
        seconds = max(0.0, asked.deadline - time.monotonic()) / (asked.count - len(found))
        one = _one_apart(asked, picked, seconds)
        if one is None:
            break
        found.append(one)
        picked.append(one.plan)
    return tuple(found)


def _one_apart(asked: Asked, picked: list[Plan], seconds: float) -> Picked | None:
    """Return a plan far from some others, taking back as few of their sites as is found."""
    theirs = sorted({site for plan in picked for site in plan})
    until = time.monotonic() + seconds
    apart = _solve_part(
        asked, opened=(), closed=tuple(theirs), floor=-math.inf, seconds=0.5 * seconds
    )
    if apart is not None and apart.loss <= asked.most_loss:
        # No plan can differ in more sites than it has, where all have as many.
        proved = asked.world.limit.what == "p"
        return Picked(plan=apart.plan, loss=apart.loss, proved=proved)
    # With none of their sites it is not as good: that much is proved if the bound says so.
    beyond = apart is None or apart.bound > asked.most_loss
    now = apart.plan if apart is not None else picked[0]
    while True:
        step = _take_back(asked, now, picked, until)
        if step is None or time.monotonic() > until:
            return None
        now, loss = step
        if loss <= asked.most_loss:
            shared = max(len(set(now) & set(plan)) for plan in picked)
            proved = beyond and shared <= 1 and asked.world.limit.what == "p"
            return Picked(plan=now, loss=loss, proved=proved)


def _take_back(
    asked: Asked, plan: Plan, picked: list[Plan], until: float
) -> tuple[Plan, float] | None:
    """Swap in the one site of the others that helps most, sharing no more than needs be."""
    theirs = {site for other in picked for site in other} - set(plan)
    own = [site for site in plan if not any(site in other for other in picked)]
    options: list[tuple[int, float, Plan]] = []
    for into in sorted(theirs):
        for out in own:
            if time.monotonic() > until:
                break
            swapped = tuple(sorted({*plan, into} - {out}))
            if not asked.world.limit.allows(np.array(swapped, np.int64)):
                continue
            loss = loss_of(asked.world, asked.rule, swapped, asked.weight)
            shared = max(len(set(swapped) & set(other)) for other in picked)
            if shared < max(map(len, picked)):
                options.append((shared, loss, swapped))
    if not options:
        return None
    least = min(shared for shared, _, _ in options)
    near = [one for one in options if one[1] <= asked.most_loss]
    _, loss, best = min(near or [one for one in options if one[0] == least])
    return best, loss
