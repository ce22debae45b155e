"""Which sites, and who goes where, when a site can take only so many people?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack

from planner.hubs.covers import SAME_MINUTES
from planner.hubs.limits import ROUNDING, Limit
from planner.hubs.problem import Floats, Places, SitingProblem
from planner.hubs.program import ENDLESS, TOLERANCE, Program, solve_program

#: What people whom nothing is sited for weigh beside the others when places are handed out.
_LITTLE = 1e-8


@dataclass(frozen=True, kw_only=True, eq=False)
class Filling:
    """Who may go where, and what that brings.

    One entry a way (an area and a site it may go to): ``area`` and ``site`` are rows and columns
    of the problem, ``cost`` is of the whole area going there, beside going nowhere
    (never above 0). ``nowhere`` is what it comes to if everybody goes nowhere.
    """

    area: Places
    site: Places
    cost: Floats
    nowhere: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Filled:
    """Candidates chosen, who goes where (shares areas × sites), what it comes to, and its bound."""

    sites: Places
    shares: Floats
    objective: float
    bound: float
    finished: bool


def build_filling(
    problem: SitingProblem, aim: Literal["minutes", "cover"], within_minutes: float = ENDLESS
) -> Filling:
    """Return who may go where: need-weighted minutes beside the penalty, or who is covered.

    People may be split between sites. Those who find no room at any open site that they can reach
    pay the penalty, or are not covered.
    """
    times = problem.minutes.to_numpy(dtype=np.float64)
    usable = np.zeros(times.shape[1], dtype=bool)
    usable[problem.at(problem.usable)] = True
    may = (np.nan_to_num(times, nan=np.inf) <= within_minutes + SAME_MINUTES) & usable
    may &= np.isfinite(times)
    area, site = np.nonzero(may)
    demand = problem.demand.to_numpy(dtype=np.float64)
    if aim == "cover":
        return Filling(area=area, site=site, cost=-demand[area], nowhere=0.0)
    cost = demand[area] * (times[area, site] - problem.penalty_minutes)
    nowhere = float(demand.sum() * problem.penalty_minutes)
    return Filling(area=area, site=site, cost=cost, nowhere=nowhere)


def choose_filling(
    problem: SitingProblem,
    filling: Filling,
    limit: Limit,
    *,
    first: Places,
    bound: float,
    deadline: float,
) -> Filled:
    """Choose candidates and who goes to each, so that it comes to least.

    Parameters
    ----------
    problem, filling, limit
        Areas and sites, who may go where, and how many may be opened.
    first
        Candidates to begin with (numbers among the free ones): those that are best without
        capacities.
    bound
        What it comes to at the least, capacities or none.
    deadline
        On the clock of `time.monotonic`.

    Notes
    -----
    The capacitated p-median and cover with shares of areas (Current and Storbeck 1988,
    *Capacitated covering models*), each way with a row of its own beside the capacities, solved by
    HiGHS.
    """
    begun = time.monotonic()
    best, value = _hand_out(problem, filling, limit, first)
    if value - bound <= TOLERANCE * abs(value) + 1e-9:
        return _end(filling, first, best, bound, finished=True)
    program, start = _program(problem, filling, limit, first, best)
    # Handing out once more takes about as long as it took: that is kept back.
    deadline -= time.monotonic() - begun
    found = solve_program(program, deadline=deadline, start=start, floor=bound - filling.nowhere)
    sites = first
    if found.values is not None:
        chosen = np.flatnonzero(found.values[: len(limit.free)] > 0.5)
        if limit.allows(chosen):
            shares, now = _hand_out(problem, filling, limit, chosen)
            if now < value - ROUNDING * abs(value):
                sites, best, value = chosen, shares, now
    bound = max(bound, found.bound + filling.nowhere)
    finished = found.status == "optimal"
    return _end(filling, sites, best, bound, finished=finished)


def most_room(problem: SitingProblem, limit: Limit) -> float:
    """Return how many people the open sites and any that may be opened can take at the most."""
    capacity = _capacities(problem)
    held = float(capacity[problem.at(problem.open_sites)].sum())
    room = capacity[limit.free]
    able = limit.takes <= limit.room
    if np.isinf(held) or np.isinf(room[able]).any() or not np.isfinite(limit.most):
        return held + float(room[able].sum())
    if limit.what == "p":
        return held + float(np.sort(room)[::-1][: round(limit.most)].sum())
    program = _pack(-room[able], limit.takes[able], upper=limit.room)
    found = solve_program(program, deadline=_soon())
    return held - found.bound


def least_for_room(problem: SitingProblem, limit: Limit, people: float) -> float:
    """Return the least that candidates take with which all of these people find room."""
    capacity = _capacities(problem)
    lacking = people - float(capacity[problem.at(problem.open_sites)].sum())
    room = np.minimum(capacity[limit.free], max(lacking, 0.0))
    if limit.what == "p":
        so_far = np.cumsum(np.sort(room)[::-1])
        return float(np.searchsorted(so_far, lacking * (1 - ROUNDING)) + 1)
    found = solve_program(
        _pack(limit.takes, room, lower=lacking * (1 - ROUNDING)), deadline=_soon()
    )
    return found.bound


def _soon() -> float:
    return time.monotonic() + 5.0


def _pack(cost: Floats, row: Floats, *, lower: float = -ENDLESS, upper: float = ENDLESS) -> Program:
    """Return the program of some things, whole, with one row."""
    count = len(cost)
    return Program(
        cost=cost,
        lower=np.zeros(count),
        upper=np.ones(count),
        whole=np.ones(count, dtype=bool),
        rows=csr_matrix(row[None, :]),
        row_lower=np.array([lower]),
        row_upper=np.array([upper]),
    )


def _capacities(problem: SitingProblem) -> Floats:
    capacity: Floats = problem.sites["capacity"].fillna(np.inf).to_numpy(dtype=np.float64)
    return capacity


def _hand_out(
    problem: SitingProblem, filling: Filling, limit: Limit, sites: Places
) -> tuple[Floats, float]:
    """Return shares areas × sites, and what it comes to, once these candidates are open."""
    opened = np.zeros(problem.minutes.shape[1], dtype=bool)
    opened[problem.at(problem.open_sites)] = True
    opened[limit.free[sites]] = True
    ways = np.flatnonzero(opened[filling.site])
    area, site = filling.area[ways], filling.site[ways]
    people = problem.people.to_numpy(dtype=np.float64)
    given = np.zeros(problem.minutes.shape)
    if len(ways) == 0:
        return given, filling.nowhere
    rows, upper = _rooms(problem, area, site, len(ways))
    times = problem.minutes.to_numpy(dtype=np.float64)[area, site]
    little = people[area] * (times - problem.penalty_minutes - 1.0)
    scale = _LITTLE * np.abs(filling.cost).max(initial=0.0) / max(np.abs(little).max(), 1e-12)
    found = solve_program(
        Program(
            cost=filling.cost[ways] + (scale or 1.0) * little,
            lower=np.zeros(len(ways)),
            upper=np.ones(len(ways)),
            whole=np.zeros(len(ways), dtype=bool),
            rows=rows,
            row_lower=np.full(len(upper), -np.inf),
            row_upper=upper,
        ),
        deadline=ENDLESS,
    )
    assert found.values is not None, "going nowhere is always possible"
    share = np.where(found.values < 1e-9, 0.0, found.values)
    given[area, site] = share
    return given, filling.nowhere + float(filling.cost[ways] @ share)


def _rooms(
    problem: SitingProblem, area: Places, site: Places, count: int
) -> tuple[csr_matrix, Floats]:
    """Return the rows by which nobody goes twice and no site takes more than it can."""
    people = problem.people.to_numpy(dtype=np.float64)
    capacity = _capacities(problem)
    ways = np.arange(count)
    once = csr_matrix((np.ones(count), (area, ways)), shape=(len(people), count))
    filled = csr_matrix((people[area], (site, ways)), shape=(len(capacity), count))
    finite = np.flatnonzero(np.isfinite(capacity))
    return (
        vstack([once, filled[finite]], "csr"),
        np.concatenate([np.ones(len(people)), capacity[finite]]),
    )


def _program(
    problem: SitingProblem, filling: Filling, limit: Limit, first: Places, shares: Floats
) -> tuple[Program, Floats]:
    """Return the whole program, candidates before ways, and the values to begin with."""
    candidates, ways = len(limit.free), len(filling.area)
    count = candidates + ways
    rows, upper = _rooms(problem, filling.area, filling.site, ways)
    number = np.full(problem.minutes.shape[1], -1)
    number[limit.free] = np.arange(candidates)
    capacity = _capacities(problem)
    # A site that is not opened takes nobody: its capacity stands with the candidate.
    limited = np.flatnonzero(np.isfinite(capacity))
    row = len(problem.people) + np.flatnonzero(number[limited] >= 0)
    site = limited[number[limited] >= 0]
    opening = csr_matrix((-capacity[site], (row, number[site])), shape=(len(upper), candidates))
    upper[row] = 0.0
    mine = np.flatnonzero(number[filling.site] >= 0)
    linked = csr_matrix(
        (
            np.repeat([1.0, -1.0], len(mine)),
            (
                np.tile(np.arange(len(mine)), 2),
                np.concatenate([candidates + mine, number[filling.site[mine]]]),
            ),
        ),
        shape=(len(mine), count),
    )
    top = csr_matrix(np.append(limit.takes, np.zeros(ways))[None, :])
    most = limit.room if np.isfinite(limit.most) else np.inf
    start = np.zeros(count)
    start[first] = 1.0
    start[candidates:] = shares[filling.area, filling.site]
    program = Program(
        cost=np.concatenate([np.zeros(candidates), filling.cost]),
        lower=np.zeros(count),
        upper=np.concatenate([(limit.takes <= limit.room).astype(float), np.ones(ways)]),
        whole=np.arange(count) < candidates,
        rows=vstack([hstack([opening, rows], "csr"), linked, top], "csr"),
        row_lower=np.full(len(upper) + len(mine) + 1, -np.inf),
        row_upper=np.concatenate([upper, np.zeros(len(mine)), [most]]),
    )
    return program, start


def _end(
    filling: Filling, sites: Places, shares: Floats, bound: float, *, finished: bool
) -> Filled:
    value = filling.nowhere + float(filling.cost @ shares[filling.area, filling.site])
    return Filled(
        sites=np.sort(sites),
        shares=shares,
        objective=value,
        bound=min(bound, value),
        finished=finished,
    )
