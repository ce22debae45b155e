"""Which plan is best in one aim while the others are held?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix, diags, vstack

from planner.hubs.choice.plans import World
from planner.hubs.covers import SAME_MINUTES
from planner.hubs.problem import Floats, Places
from planner.hubs.program import Program, solve_program


@dataclass(frozen=True, kw_only=True, eq=False)
class Point:
    """A plan (numbers of candidates), its aims so that less is better, and whether it is proved."""

    plan: tuple[int, ...]
    values: Floats
    proved: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class FrontProgram:
    """A program whose aims are rows of one matrix: any of them its cost, the others capped.

    Columns are candidates (whole), ways (area to candidate, to what is open anyway, or nowhere),
    the longest journey, the minutes beyond which one is worst off, and areas' minutes beyond it.
    """

    program: Program
    aims: csr_matrix
    constant: Floats
    scale: Floats
    sites: int
    notes: tuple[str, ...] = field(default=())

    def solve(
        self, aim: int, caps: Floats, *, deadline: float
    ) -> tuple[tuple[int, ...] | None, bool]:
        """Return the plan best in one aim while all are under their caps.

        None where there is none, or none was found; and whether that is proved.
        """
        held = np.flatnonzero(np.isfinite(caps))
        base = self.program
        program = Program(
            cost=np.asarray(self.aims[[aim]].todense()).ravel() / self.scale[aim],
            lower=base.lower,
            upper=base.upper,
            whole=base.whole,
            rows=vstack([base.rows, diags(1 / self.scale[held]) @ self.aims[held]], "csr")
            if len(held)
            else base.rows,
            row_lower=np.append(base.row_lower, np.full(len(held), -np.inf)),
            row_upper=np.append(
                base.row_upper, (caps[held] - self.constant[held]) / self.scale[held]
            ),
        )
        found = solve_program(program, deadline=deadline)
        if found.values is None:
            return None, found.status == "infeasible"
        plan = np.flatnonzero(found.values[: self.sites] > 0.5)
        return tuple(int(one) for one in plan), found.status == "optimal"


def build_front_program(
    world: World, objectives: Sequence[str], within_minutes: float, share: float, *, whole: bool
) -> FrontProgram:
    """Return the program of a problem's plans.

    ``whole``: as many sites as there may be are opened; otherwise fewer will do.
    """
    penalty = world.problem.penalty_minutes
    sites, areas = world.free.shape
    # Ways: each area to candidates that are nearer than what is open anyway, or to that.
    free = np.minimum(world.free, penalty).T
    held = np.minimum(world.held, penalty)
    area, site = np.nonzero(world.held[:, None] > world.free.T)
    area = np.concatenate([area, np.arange(areas)])
    site = np.concatenate([site, np.full(areas, -1)])
    ways = len(area)
    anyway = site < 0
    minutes = np.where(anyway, held[area], free[area, np.maximum(site, 0)])
    reached = (
        np.where(anyway, world.held[area], world.free[np.maximum(site, 0), area])
        <= within_minutes + SAME_MINUTES
    )
    columns = sites + ways + 2 + areas
    longest, beyond = sites + ways, sites + ways + 1
    way = sites + np.arange(ways)
    demand = world.problem.demand.to_numpy(dtype=np.float64)
    rows, low, high = _rules(world, area, site, minutes, columns, whole=whole)
    total = float(demand.sum())
    looked_at = share * float(world.people[world.helped].sum())
    costs = world.problem.sites["cost"].to_numpy(dtype=np.float64)
    aims, constant = [], []
    for one in objectives:
        row, plus = np.zeros(columns), 0.0
        if one == "mean_minutes" and total > 0:
            row[way] = demand[area] * minutes / total
        elif one == "people_within":
            row[way] = -demand[area] * reached
        elif one == "longest_minutes":
            row[longest] = 1.0
        elif one == "worst_off_minutes" and looked_at > 0:
            row[beyond] = 1.0
            row[beyond + 1 :] = world.people * world.helped / looked_at
        elif one == "money":
            row[:sites] = costs[world.limit.free]
            plus = float(costs[world.problem.at(world.problem.forced)].sum())
        aims.append(csr_matrix(row[None, :]))
        constant.append(plus)
    upper = np.concatenate([np.ones(sites + ways), np.full(2 + areas, penalty)])
    return FrontProgram(
        program=Program(
            cost=np.zeros(columns),
            lower=np.zeros(columns),
            upper=upper,
            whole=np.arange(columns) < sites,
            rows=rows,
            row_lower=low,
            row_upper=high,
        ),
        aims=vstack(aims, "csr"),
        constant=np.array(constant),
        scale=_scales(world, objectives, total),
        sites=sites,
    )


def _scales(world: World, objectives: Sequence[str], total: float) -> Floats:
    """Return how great each aim can get."""
    money = float(world.problem.sites["cost"].sum())
    greatest = {"people_within": total, "money": money}
    return np.array(
        [max(greatest.get(one, world.problem.penalty_minutes), 1e-9) for one in objectives]
    )


def _rules(
    world: World,
    area: Places,
    site: Places,
    minutes: Floats,
    columns: int,
    *,
    whole: bool,
) -> tuple[csr_matrix, Floats, Floats]:
    """Return the rows: all go once, to open sites only; what is longest; what is beyond."""
    sites, areas = world.free.shape
    ways = len(area)
    way = sites + np.arange(ways)
    longest, beyond = sites + ways, sites + ways + 1
    once = csr_matrix((np.ones(ways), (area, way)), shape=(areas, columns))
    mine = np.flatnonzero(site >= 0)
    number = np.arange(len(mine))
    opened = csr_matrix(
        (
            np.concatenate([np.ones(len(mine)), -np.ones(len(mine))]),
            (np.tile(number, 2), np.concatenate([way[mine], site[mine]])),
        ),
        shape=(len(mine), columns),
    )
    top = csr_matrix(
        (world.limit.takes, (np.zeros(sites, int), np.arange(sites))), shape=(1, columns)
    )
    helped = np.flatnonzero(world.helped)
    paid = csr_matrix((minutes, (area, way)), shape=(areas, columns))[helped]
    count = np.arange(len(helped))
    less = csr_matrix((-np.ones(len(helped)), (count, np.full(len(helped), longest))),
                      shape=(len(helped), columns))  # fmt: skip
    worst = csr_matrix(
        (
            -np.ones(2 * len(helped)),
            (
                np.tile(count, 2),
                np.concatenate([np.full(len(helped), beyond), beyond + 1 + helped]),
            ),
        ),
        shape=(len(helped), columns),
    )
    all_of = world.limit.what == "p" and whole and np.isfinite(world.limit.most)
    room = world.limit.room if np.isfinite(world.limit.most) else np.inf
    parts = [once, opened, top, paid + less, paid + worst]
    low = [
        np.ones(areas),
        np.full(len(mine), -np.inf),
        np.array([float(world.limit.most) if all_of else -np.inf]),
        np.full(2 * len(helped), -np.inf),
    ]
    high = [np.ones(areas), np.zeros(len(mine)), np.array([room]), np.zeros(2 * len(helped))]
    if not all_of and len(world.problem.open_sites) == 0:
        parts.append(csr_matrix((np.ones(sites), (np.zeros(sites, int), np.arange(sites))),
                                shape=(1, columns)))  # fmt: skip
        low.append(np.ones(1))
        high.append(np.array([np.inf]))
    return vstack(parts, "csr"), np.concatenate(low), np.concatenate(high)
