"""Siting problems by hand or drawn, and their answers by trying every choice."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from scipy.optimize import linprog

from planner.hubs.problem import SitingProblem

PENALTY = 180.0


def siting_problem(
    minutes: object,
    people: object,
    *,
    need: object = 1.0,
    status: object = "candidate",
    cost: object = 1.0,
    capacity: object = np.nan,
    groups: object = "",
    penalty: float = PENALTY,
) -> SitingProblem:
    """Return a problem of areas A00, A01, ... and sites s00, s01, ...."""
    grid = np.asarray(minutes, dtype=float)
    areas = pd.Index([f"A{i:03d}" for i in range(grid.shape[0])], name="area_code")
    sites = pd.Index([f"s{i:03d}" for i in range(grid.shape[1])], name="venue_id")
    lived = pd.Series(np.asarray(people, dtype=float), index=areas)
    return SitingProblem(
        minutes=pd.DataFrame(grid, index=areas, columns=sites),
        demand=lived * need,
        people=lived,
        sites=pd.DataFrame({"status": status, "cost": cost, "capacity": capacity}, index=sites),
        penalty_minutes=penalty,
        groups=pd.Series(groups, index=areas, dtype=object),
    )


@st.composite
def problems(draw: st.DrawFn) -> SitingProblem:
    """Draw up to nine areas and six sites, with ties, no ways, empty areas and every status."""
    areas, sites = draw(st.integers(2, 9)), draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    minutes = rng.integers(0, draw(st.sampled_from([3, 30])), (areas, sites)).astype(float)
    minutes[rng.random(minutes.shape) < draw(st.sampled_from([0.0, 0.4]))] = np.nan
    minutes[0, 0] = 4.0  # somebody gets somewhere
    people = rng.integers(0, 5, areas).astype(float) * 10
    people[0] = 10.0
    status = rng.choice(
        ["candidate", "candidate", "candidate", "existing", "forced", "closed"], sites
    ).astype(object)
    status[0] = "candidate"
    return siting_problem(
        minutes,
        people,
        need=rng.integers(0, 5, areas) / 4,
        status=status,
        cost=rng.integers(0, 6, sites).astype(float),
        capacity=np.where(rng.random(sites) < 0.2, np.nan, rng.integers(2, 12, sites) * 10.0),
        groups=rng.choice(["", "estate", "village"], areas),
    )


def choices(
    problem: SitingProblem, *, p: int | None = None, budget: float | None = None
) -> Iterator[list[int]]:
    """Give the columns of every set of open sites that is allowed, at most p or for the money."""
    must = problem.at(problem.forced).tolist()
    there = problem.at(problem.open_sites).tolist()
    free = problem.at(problem.choosable).tolist()
    cost = problem.sites["cost"].to_numpy()
    for count in range(len(free) + 1):
        if p is not None and count + len(must) > p:
            break
        for some in itertools.combinations(free, count):
            opened = sorted([*there, *some])
            paid = cost[[*must, *some]].sum()
            if opened and (budget is None or paid <= budget + 1e-9):
                yield opened


def paid_minutes(problem: SitingProblem, opened: list[int]) -> np.ndarray:
    """Return each area's minutes with the penalty."""
    return problem.minutes.fillna(PENALTY).to_numpy()[:, opened].min(axis=1)


def covered(problem: SitingProblem, opened: list[int], within: float) -> np.ndarray:
    """Tell which areas have an open site within some minutes."""
    return (problem.minutes.to_numpy()[:, opened] <= within).any(axis=1)


def can_be_helped(problem: SitingProblem) -> np.ndarray:
    """Tell which areas with people reach any site that is not closed."""
    usable = problem.sites["status"].to_numpy() != "closed"
    reached = np.isfinite(problem.minutes.to_numpy()[:, usable]).any(axis=1)
    return reached & (problem.people.to_numpy() > 0)


def worst_mean(minutes: np.ndarray, people: np.ndarray, share: float) -> float:
    """Return the mean minutes of the worst-off people, one by one."""
    everyone = np.repeat(minutes, people.astype(int))
    everyone = np.sort(everyone)[::-1]
    looked_at = share * len(everyone)
    whole = int(looked_at)
    total = everyone[:whole].sum()
    if looked_at > whole:
        total += (looked_at - whole) * everyone[whole]
    return float(total / looked_at)


def group_share(problem: SitingProblem, near: np.ndarray) -> float:
    """Return the least share of people covered of any type."""
    table = pd.DataFrame({"g": problem.groups, "p": problem.people, "c": near * problem.people})
    sums = table[table["g"] != ""].groupby("g")[["p", "c"]].sum()
    sums = sums[sums["p"] > 0]
    return float((sums["c"] / sums["p"]).min()) if len(sums) else 1.0


def filled(problem: SitingProblem, opened: list[int], within: float | None) -> float:
    """Return what is best once these sites are open and fill up (scipy's linear program).

    Need-weighted minutes, or with ``within`` need-weighted people covered.
    """
    minutes = problem.minutes.to_numpy()[:, opened]
    demand, people = problem.demand.to_numpy(), problem.people.to_numpy()
    capacity = problem.sites["capacity"].fillna(1e9).to_numpy()[opened]
    areas, sites = minutes.shape
    if within is None:
        worth = demand[:, None] * (np.where(np.isnan(minutes), PENALTY, minutes) - PENALTY)
    else:
        worth = -demand[:, None] * (minutes <= within)
    may = np.isfinite(minutes)
    once = np.kron(np.eye(areas), np.ones(sites))
    room = np.kron(people, np.eye(sites)).reshape(sites, areas * sites)
    found = linprog(
        worth.ravel(),
        A_ub=np.vstack([once, room]),
        b_ub=np.concatenate([np.ones(areas), capacity]),
        bounds=[(0, 1 if ok else 0) for ok in may.ravel()],
    )
    return float(found.fun + (PENALTY * demand.sum() if within is None else 0.0))
