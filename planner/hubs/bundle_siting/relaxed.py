"""What can no placement be better than, when the trips of each area pay for what they use?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.hubs.bundle_siting.packing import Packing, Placement
from planner.hubs.bundle_siting.priced_trips import Near, Pricer, Ways
from planner.hubs.problem import Floats, Places
from planner.hubs.program import ENDLESS, Program, open_model, run_model, solve_program

#: Steps without a better bound before the step is halved, and how far it may be halved.
_PATIENCE, _LEAST_STEP = 20, 0.005
#: Share of the last direction that is kept, and of new answers in the running mean.
_KEPT, _NEW = 0.5, 0.1

FREE, OUT, IN = -1, 0, 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Branch:
    """What is decided: ``opened`` of the free candidates, ``held`` of venues × kinds.

    Each `FREE`, `OUT` or `IN`; what lasts is `IN`, what cannot be is `OUT`. ``prices`` are those
    the last bound was found with, ``mean`` (venues × kinds) how much was held on the way to it.
    """

    opened: Places
    held: Places
    prices: Floats
    bound: float
    mean: Floats


class Relaxed:
    """Bounds by Lagrangian relaxation of "a trip uses only what is held".

    Notes
    -----
    For prices of using a kind in a venue, one for each area, the least trip of every area with
    its prices less the most that any placement can earn by them is a bound (Geoffrion 1974,
    *Lagrangean relaxation for integer programming*). Prices are raised where more is used than is
    held by a deflected subgradient (Camerini, Fratta and Maffioli 1975).
    """

    def __init__(self, packing: Packing, ways: Ways, near: Near, demand: Floats) -> None:
        self.packing, self.ways, self.near, self.demand = packing, ways, near, demand
        self.pricer = Pricer(ways, near)
        self.area = np.repeat(np.arange(len(demand)), np.diff(near.start))
        self.weight = demand[self.area]
        size = packing.size
        self.program = Program(
            cost=np.zeros(size),
            lower=np.zeros(size),
            upper=packing.upper,
            whole=np.ones(size, dtype=bool),
            rows=packing.rows,
            row_lower=np.full(len(packing.row_upper), -ENDLESS),
            row_upper=packing.row_upper,
        )

    def root(self, paid: Floats) -> Branch:
        """Return the branch in which nothing is decided, priced for areas that pay so much."""
        packing = self.packing
        held = np.full(packing.today.shape, OUT, np.int64)
        held[packing.pairs[:, 0], packing.pairs[:, 1]] = FREE
        held[packing.goers[:, 0], packing.goers[:, 1]] = FREE
        held[packing.lasting] = IN
        # As if one trip to each venue were to cost as much as is paid now.
        venue = self.near.venues
        alone = self.pricer.to[self.area, venue] + self.pricer.back[self.area, venue]
        each = np.maximum(paid[self.area] - alone, 0.0) / self.ways.kinds
        prices = np.repeat(np.where(np.isfinite(each), each, 0.0)[:, None], self.ways.kinds, 1)
        return Branch(
            opened=np.full(len(packing.limit.free), FREE, np.int64),
            held=held,
            prices=prices,
            bound=-ENDLESS,
            mean=np.zeros(packing.today.shape),
        )

    def ascend(
        self,
        branch: Branch,
        *,
        steps: int,
        best: float,
        deadline: float,
        look: Callable[[Floats], float] | None = None,
    ) -> Branch:
        """Raise a branch's bound; ``inf`` where no placement is left in it.

        ``best`` is what the best placement known costs; ``look`` is told columns of a placement
        (not all whole) now and then, and returns what is the best by then.
        """
        model = open_model(self._program(branch, whole=False))
        state = branch.held[self.near.venues]
        free = state == FREE
        prices = np.where(free, branch.prices, np.where(state == OUT, np.inf, 0.0))
        top, bound, mean = prices, branch.bound, branch.mean
        step, waited, direction = 1.0, 0, np.zeros_like(prices)
        columns = np.arange(self.packing.size, dtype=np.int32)
        for turn in range(steps):
            if time.monotonic() > deadline:
                break
            earns = self._earns(np.where(free, prices, 0.0))
            model.changeColsCost(len(columns), columns, -self._by_column(earns))
            packed = run_model(model, deadline=deadline + 5, whole=False)
            if packed.status == "infeasible":
                return replace(branch, bound=ENDLESS)
            if packed.values is None:
                break
            value, used = self.pricer.price(prices)
            found = float(self.demand @ value) + packed.bound - self._stays(earns)
            held = self._held(branch, packed.values)
            mean = held if turn == 0 else (1 - _NEW) * mean + _NEW * held
            if look is not None and turn % 10 == 0:
                best = look(packed.values)
            if found > bound + 1e-9 * abs(found):
                waited = 0 if found > bound + 1e-5 * abs(found) else waited + 1
                bound, top = found, prices
            else:
                waited += 1
            if bound >= best * (1 - 1e-7) or step < _LEAST_STEP:
                break
            if waited > _PATIENCE:
                step, waited, prices = step / 2, 0, top
                direction = np.zeros_like(prices)
                continue
            lacking = used - held[self.near.venues]
            direction = np.where(free, lacking + _KEPT * direction, 0.0)
            direction[(prices <= 0) & (direction < 0)] = 0.0
            length = float(self.weight @ (direction**2).sum(axis=1))
            if length <= 1e-12:
                break
            size = step * max(best - found, 1e-4 * abs(best)) / length
            prices = np.where(free, np.maximum(prices + size * direction, 0.0), prices)
        return replace(branch, prices=np.where(free, top, 0.0), bound=bound, mean=mean)

    def tighten(self, branch: Branch, *, deadline: float) -> Branch:
        """Raise the bound by asking for a placement in whole numbers at the prices found."""
        state = branch.held[self.near.venues]
        prices = np.where(state == FREE, branch.prices, np.where(state == OUT, np.inf, 0.0))
        earns = self._earns(np.where(state == FREE, prices, 0.0))
        program = replace(self._program(branch, whole=True), cost=-self._by_column(earns))
        packed = solve_program(program, deadline=deadline)
        if packed.status == "infeasible":
            return replace(branch, bound=ENDLESS)
        value, _ = self.pricer.price(prices)
        found = float(self.demand @ value) + packed.bound - self._stays(earns)
        return replace(branch, bound=max(branch.bound, found))

    def pack(self, branch: Branch, wanted: Floats, *, deadline: float) -> Placement | None:
        """Return the placement of a branch that holds most of what is wanted; None if none can."""
        program = replace(self._program(branch, whole=True), cost=-self._by_column(wanted))
        found = solve_program(program, deadline=deadline)
        return None if found.values is None else self.packing.to_placement(found.values)

    def _program(self, branch: Branch, *, whole: bool) -> Program:
        packing = self.packing
        lower, upper = self.program.lower.copy(), self.program.upper.copy()
        free = packing.first_pair
        lower[:free][branch.opened == IN] = 1.0
        upper[:free][branch.opened == OUT] = 0.0
        pairs = branch.held[packing.pairs[:, 0], packing.pairs[:, 1]]
        at = slice(free, free + len(pairs))
        lower[at], upper[at] = pairs == IN, pairs != OUT
        stays = branch.held[packing.goers[:, 0], packing.goers[:, 1]]
        at = slice(packing.first_goer, packing.size)
        lower[at], upper[at] = stays == OUT, stays != IN
        kinds = np.full(packing.size, whole)
        return replace(self.program, lower=lower, upper=upper, whole=kinds)

    def _earns(self, prices: Floats) -> Floats:
        """Return what all areas together pay for each kind in each venue."""
        count = len(self.packing.today)
        earns: Floats = np.column_stack(
            [
                np.bincount(self.near.venues, weights=self.weight * of, minlength=count)
                for of in prices.T
            ]
        )
        return earns

    def _by_column(self, earns: Floats) -> Floats:
        packing = self.packing
        worth = np.zeros(packing.size)
        worth[packing.first_pair :][: len(packing.pairs)] = earns[tuple(packing.pairs.T)]
        worth[packing.first_goer :] = -earns[tuple(packing.goers.T)]
        return worth

    def _stays(self, earns: Floats) -> float:
        return float(earns[tuple(self.packing.goers.T)].sum())

    def _held(self, branch: Branch, values: Floats) -> Floats:
        packing = self.packing
        held: Floats = np.equal(branch.held, IN).astype(np.float64)
        held[tuple(packing.pairs.T)] = values[packing.first_pair :][: len(packing.pairs)]
        held[tuple(packing.goers.T)] = 1.0 - values[packing.first_goer :]
        return held
