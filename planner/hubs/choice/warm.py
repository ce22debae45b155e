"""Which p sites are best in draw after draw, each begun with what is known from those before?"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from planner.hubs.branch import prove
from planner.hubs.choice.plans import World
from planner.hubs.interchange import interchange, second_nearest
from planner.hubs.ladders import Counts, Ladders, build_ladders
from planner.hubs.problem import Floats

#: Plans of earlier draws that are looked at to begin with.
_MOST_KNOWN = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class Won:
    """The best plan found in one draw: numbers of candidates, loss and bound."""

    plan: tuple[int, ...]
    loss: float
    bound: float
    finished: bool


@dataclass(kw_only=True, eq=False)
class _Known:
    """Plans and prices of the draws so far: changed from draw to draw."""

    plans: dict[tuple[int, ...], Floats]
    price: Floats


def solve_draws(world: World, count: int, weights: Floats, *, deadline: float) -> list[Won]:
    """Choose ``count`` candidates with the least weighted minutes in each draw.

    Parameters
    ----------
    world
        Candidates and areas.
    count
        Candidates to choose, at least 1 and fewer than there are.
    weights
        Areas × draws.
    deadline
        On the clock of `time.monotonic`. The time left is shared evenly among the draws to come;
        a draw whose share ends has the best plan found, not proved.

    Notes
    -----
    Areas' sites are sorted once: weights do not change the order. Each draw begins with the plan
    that is best there of all plans that won before, swaps sites (`planner.hubs.interchange`) and
    is proved (`planner.hubs.branch`) from the last draw's prices in proportion to weight.
    """
    penalty = world.problem.penalty_minutes
    cost = np.minimum(np.minimum(world.free, world.held[None, :]), penalty).T
    first: dict[bytes, int] = {}
    for number, column in enumerate(np.ascontiguousarray(cost.T)):
        first.setdefault(column.tobytes(), number)
    kept = np.fromiter(first.values(), np.int64)
    base = build_ladders(np.ascontiguousarray(cost[:, kept]), kept)
    known = _Known(plans={}, price=np.zeros(0))
    found = []
    for draw in range(weights.shape[1]):
        now = time.monotonic()
        until = now + max(0.0, deadline - now) / (weights.shape[1] - draw)
        found.append(_solve_one(world, base, cost, count, weights[:, draw], known, until))
    return found


def _solve_one(
    world: World,
    base: Ladders,
    cost: Floats,
    count: int,
    weight: Floats,
    known: _Known,
    until: float,
) -> Won:
    ladders = _scale(base, cost, weight)
    if count >= ladders.sites:
        return _end(world, cost, ladders.names, count, weight, bound=np.inf, finished=True)
    begin = np.zeros(0, np.int64)
    if known.plans:
        totals = np.array([weight @ near for near in known.plans.values()])
        plan = list(known.plans)[int(totals.argmin())]
        begin = np.flatnonzero(np.isin(ladders.names, plan))
    sites, paid = interchange(ladders, begin, count)
    price = second_nearest(ladders, sites)
    if len(known.price):
        price = known.price * weight
    proof = prove(
        ladders, count, sites=ladders.names[sites], cost=paid, whole=False, price=price,
        deadline=until,
    )  # fmt: skip
    if len(proof.price) == len(weight):
        known.price = np.where(weight > 0, proof.price / np.where(weight > 0, weight, 1.0), 0.0)
    won = _end(world, cost, proof.sites, count, weight, bound=proof.bound, finished=proof.finished)
    if len(known.plans) < _MOST_KNOWN:
        known.plans.setdefault(won.plan, cost[:, list(won.plan)].min(axis=1))
    return won


def _scale(base: Ladders, cost: Floats, weight: Floats) -> Ladders:
    """Return the ladders of weighted minutes."""
    steps = np.repeat(weight, np.diff(base.start))
    return replace(
        base,
        cost=base.cost * steps,
        cap=base.cap * weight,
        base=float(weight @ cost.min(axis=1)),
    )


def _end(
    world: World,
    cost: Floats,
    names: Counts,
    count: int,
    weight: Floats,
    *,
    bound: float,
    finished: bool,
) -> Won:
    """Return the plan, filled up with the first candidates that are left."""
    chosen = {int(one) for one in names[:count]}
    rest = (one for one in range(len(world.limit.free)) if one not in chosen)
    while len(chosen) < count:
        chosen.add(next(rest))
    plan = tuple(sorted(chosen))
    loss = float(weight @ cost[:, list(plan)].min(axis=1))
    return Won(plan=plan, loss=loss, bound=loss if finished else min(bound, loss),
               finished=finished)  # fmt: skip
