"""Which plans are there to choose from, and what does each of them come to?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import InfeasibleError, ProjectError
from planner.hubs.answer import MORE_IS_BETTER, Model, Siting, build_siting
from planner.hubs.covers import SAME_MINUTES
from planner.hubs.fair import number_groups
from planner.hubs.limits import ROUNDING, Limit, build_limit
from planner.hubs.problem import Floats, Places, SitingProblem
from planner.hubs.solve import WORST_SHARE, solve
from planner.wording import say_list

#: Plans times areas looked at, and plans kept, up to which every plan is tried.
MOST_LOOKED_AT, MOST_PLANS = 60_000_000, 1_000_000
#: Plans times areas times draws, up to which every plan is tried in every draw.
MOST_WEIGHED = 6_000_000_000
#: Numbers in one block of plans × areas: small enough to stay near the processor.
_BLOCK = 400_000

CAPACITATED: tuple[Model, ...] = ("capacitated_p_median", "capacitated_cover")
#: Models that look at areas that can be helped alone.
_OF_HELPED: tuple[Model, ...] = ("p_centre", "worst_off")

Members = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a plan must be and what makes it good; fields as in `planner.hubs.solve.solve`."""

    model: Model
    p: int | None = None
    budget: float | None = None
    within_minutes: float | None = None
    share: float | None = None

    @property
    def more_is_better(self) -> bool:
        """Whether an answer is better the more it comes to."""
        return MORE_IS_BETTER[self.model]

    def ask(self, problem: SitingProblem, *, time_limit_seconds: float) -> Siting:
        """Solve it."""
        return solve(
            problem,
            self.model,
            p=self.p,
            budget=self.budget,
            within_minutes=self.within_minutes,
            share=self.share,
            time_limit_seconds=time_limit_seconds,
        )

    def to_loss(self, objective: float) -> float:
        """Return an objective so that less is better."""
        return -objective if self.more_is_better else objective

    def to_objective(self, loss: float) -> float:
        """Return what a loss stands for."""
        return -loss if self.more_is_better else loss


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """A problem as arrays: candidates × areas, and what is there whatever is chosen.

    ``free`` (candidates × areas) and ``held`` (areas, by sites that are open anyway) are minutes,
    ``inf`` where there is no way. ``helped`` marks areas with people that some site reaches;
    ``forced`` are the columns of forced sites.
    """

    problem: SitingProblem
    sites: pd.Index
    forced: Places
    limit: Limit
    free: Floats
    held: Floats
    people: Floats
    helped: NDArray[np.bool_]
    group: Places

    def near(self, candidates: Iterable[int]) -> Floats:
        """Return each area's minutes to the nearest open site, ``inf`` where there is none."""
        some = list(candidates)
        near: Floats = np.minimum(self.held, self.free[some].min(axis=0, initial=np.inf))
        return near

    def numbers(self, chosen: pd.Index) -> Places:
        """Return the numbers among candidates of chosen sites (forced ones have none)."""
        columns = self.problem.at(chosen)
        return np.flatnonzero(np.isin(self.limit.free, columns)).astype(np.int64)

    def names(self, candidates: Iterable[int]) -> pd.Index:
        """Return the chosen sites, the forced ones among them."""
        some = self.limit.free[[int(one) for one in candidates if one >= 0]]
        return self.sites.take(np.sort(np.concatenate([self.forced, some])))


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Some plans: ``members`` (plans × sites), ``near`` (plans × areas), ``takes`` (plans,)."""

    members: Members
    near: Floats
    takes: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Book:
    """Every plan there is: ``members`` (plans × sites, -1 where fewer) and ``losses`` of each.

    Plans are in the order of their sites, the smaller plans in front of larger ones that begin
    alike. A loss is an objective of which less is better, ``inf`` where the plan is not allowed.
    """

    members: Members
    losses: Floats


def build_world(problem: SitingProblem, *, p: int | None, budget: float | None) -> World:
    """Return the problem as arrays; errors as in `planner.hubs.limits.build_limit`."""
    limit = build_limit(problem, p, budget)
    times = problem.minutes.to_numpy(dtype=np.float64)
    times = np.where(np.isnan(times), np.inf, times)
    helped = (problem.people > 0) & ~problem.people.index.isin(problem.out_of_reach)
    group, _ = number_groups(problem)
    return World(
        problem=problem,
        sites=problem.sites.index,
        forced=problem.at(problem.forced),
        limit=limit,
        free=np.ascontiguousarray(times[:, limit.free].T),
        held=times[:, problem.at(problem.open_sites)].min(axis=1, initial=np.inf),
        people=problem.people.to_numpy(dtype=np.float64),
        helped=helped.to_numpy(),
        group=group,
    )


def sizes_of(world: World, *, smaller: bool = False) -> range:
    """Return how many candidates a plan may hold.

    Where sites are counted all of them are opened, unless ``smaller`` plans count, too.
    """
    count = len(world.limit.free)
    least = 0 if len(world.problem.open_sites) else 1
    if world.limit.what == "budget" or not np.isfinite(world.limit.most):
        return range(least, count + 1)
    most = round(world.limit.most)
    return range(least if smaller else most, most + 1)


def count_plans(world: World, sizes: range) -> int:
    """Return how many plans of these sizes there are, whatever they cost."""
    return sum(math.comb(len(world.limit.free), size) for size in sizes)


def few_enough(world: World, sizes: range, *, draws: int = 1) -> bool:
    """Tell whether every plan can be tried."""
    plans = count_plans(world, sizes)
    looked_at = plans * max(1, len(world.held))
    return plans <= MOST_PLANS and looked_at <= MOST_LOOKED_AT and looked_at * draws <= MOST_WEIGHED


def each_plan(world: World, sizes: range) -> Iterator[Block]:
    """Give every plan of these sizes that can be had, block by block, in order."""
    empty = Block(members=np.zeros((1, 0), np.int32), near=world.held[None, :], takes=np.zeros(1))
    if len(sizes):
        yield from _grow(world, sizes, empty)


def _grow(world: World, sizes: range, block: Block) -> Iterator[Block]:
    held, count = block.members.shape[1], len(world.limit.free)
    if held >= sizes[0]:
        yield block
    if held == sizes[-1]:
        return
    last = block.members[:, -1] if held else np.full(1, -1, np.int32)
    # So many sites must still find room behind the next one.
    end = count - max(0, sizes[0] - held - 1)
    each = np.maximum(end - 1 - last, 0)
    rows = max(1, _BLOCK // max(1, len(world.held)))
    done = 0
    so_far = np.concatenate([[0], np.cumsum(each)])
    while done < len(each):
        upto = max(done + 1, int(np.searchsorted(so_far, so_far[done] + rows, side="right")) - 1)
        children = _children(world, block, np.arange(done, upto), each, last)
        done = upto
        if len(children.members):
            yield from _grow(world, sizes, children)


def _children(world: World, block: Block, parents: Places, each: Members, last: Members) -> Block:
    of = np.repeat(parents, each[parents])
    first = np.repeat(np.cumsum(each[parents]) - each[parents], each[parents])
    site = last[of] + 1 + (np.arange(len(of)) - first)
    takes = block.takes[of] + world.limit.takes[site]
    able = takes <= world.limit.room
    of, site, takes = of[able], site[able], takes[able]
    return Block(
        members=np.column_stack([block.members[of], site]).astype(np.int32),
        near=np.minimum(block.near[of], world.free[site]),
        takes=takes,
    )


def write_book(world: World, rule: Rule, sizes: range, weights: Floats) -> Book:
    """Return every plan and its loss under each demand; ``weights`` is areas × demands."""
    members, losses = [], []
    for block in each_plan(world, sizes):
        members.append(_pad(block.members, sizes[-1]))
        losses.append(to_losses(world, rule, block, weights))
    if not members:
        return Book(
            members=np.zeros((0, max(0, sizes.stop - 1)), np.int32),
            losses=np.zeros((0, weights.shape[1])),
        )
    return Book(members=np.concatenate(members), losses=np.concatenate(losses))


def _pad(members: Members, most: int) -> Members:
    short = most - members.shape[1]
    return np.pad(members, ((0, 0), (0, short)), constant_values=-1) if short else members


def to_losses(world: World, rule: Rule, block: Block, weights: Floats) -> Floats:
    """Return plans × demands: what each plan comes to, so that less is better.

    ``inf`` where a plan does not do what was asked for; sites that fill up cannot be told here.
    """
    assert rule.model not in CAPACITATED
    draws = weights.shape[1]
    if rule.model == "p_median":
        return np.minimum(block.near, world.problem.penalty_minutes) @ weights
    if rule.model in _OF_HELPED:
        near = np.minimum(block.near, world.problem.penalty_minutes)[:, world.helped]
        share = WORST_SHARE if rule.share is None else rule.share
        if rule.model == "p_centre":
            found = near.max(axis=1, initial=0.0)
        else:
            found = means_of_worst(near, world.people[world.helped], share)
        return np.repeat(found[:, None], draws, axis=1)
    assert rule.within_minutes is not None
    covered = block.near <= rule.within_minutes + SAME_MINUTES
    if rule.model == "set_cover":
        share = 1.0 if rule.share is None else rule.share
        enough = covered @ world.people >= share * world.people.sum() * (1 - ROUNDING)
        takes = np.where(enough, block.takes + world.limit.spent, np.inf)
        return np.repeat(takes[:, None], draws, axis=1)
    losses: Floats = -(covered.astype(np.float64) @ weights)
    if rule.model == "fair_cover":
        losses[~_fair(world, covered, 1.0 if rule.share is None else rule.share)] = np.inf
    return losses


def _fair(world: World, covered: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """Tell which plans cover that share of the people of every type."""
    good = np.ones(len(covered), dtype=bool)
    for number in range(int(world.group.max(initial=-1)) + 1):
        people = world.people * (world.group == number)
        good &= covered @ people >= share * people.sum() * (1 - ROUNDING)
    return good


def means_of_worst(near: Floats, people: Floats, share: float) -> Floats:
    """Return, of each plan (a row), the mean minutes of that share of people who are worst off."""
    looked_at = share * people.sum()
    if looked_at <= 0:
        return np.zeros(len(near))
    order = np.argsort(-near, axis=1, kind="stable")
    sorted_people = people[order]
    before = np.cumsum(sorted_people, axis=1) - sorted_people
    part = np.clip(looked_at - before, 0.0, sorted_people)
    means: Floats = (part * np.take_along_axis(near, order, axis=1)).sum(axis=1) / looked_at
    return means


def loss_of(world: World, rule: Rule, candidates: Iterable[int], weight: Floats) -> float:
    """Return what one plan comes to, so that less is better (``inf``: not allowed)."""
    some = np.array(sorted(int(one) for one in candidates if one >= 0), np.int32)
    if rule.model in CAPACITATED:
        return _loss_if_full(world, rule, some, weight)
    block = Block(
        members=some[None, :],
        near=world.near(some)[None, :],
        takes=np.array([world.limit.takes[some].sum()]),
    )
    return float(to_losses(world, rule, block, weight[:, None])[0, 0])


def _loss_if_full(world: World, rule: Rule, candidates: Members, weight: Floats) -> float:
    problem = replace(world.problem, demand=pd.Series(weight, index=world.problem.demand.index))
    found = _solve_fixed(problem, rule, world.names(candidates))
    return math.inf if found is None else rule.to_loss(found.objective)


def _solve_fixed(problem: SitingProblem, rule: Rule, chosen: pd.Index) -> Siting | None:
    """Return who goes where once these sites are open, None where that is not allowed."""
    room = problem.sites.loc[problem.open_sites.union(chosen), "capacity"].fillna(np.inf).sum()
    reached = problem.people.drop(problem.out_of_reach).sum()
    if rule.model == "capacitated_p_median" and room < reached * (1 - ROUNDING):
        return None
    fixed = fix(problem, rule, opened=chosen, closed=problem.choosable.difference(chosen))
    try:
        found = rule.ask(fixed, time_limit_seconds=60.0)
    except InfeasibleError:
        return None
    return None if found.status == "infeasible" else found


def fix(problem: SitingProblem, rule: Rule, *, opened: pd.Index, closed: pd.Index) -> SitingProblem:
    """Return the problem with some candidates open and others closed for good.

    Areas that could be helped by a closed site only still count: they pay the penalty.
    """
    sites = problem.sites.copy()
    sites.loc[opened.difference(problem.forced), "status"] = "forced"
    sites.loc[closed, "status"] = "closed"
    fixed = replace(problem, sites=sites)
    lost = fixed.out_of_reach.difference(problem.out_of_reach)
    if rule.model not in _OF_HELPED or len(lost) == 0 or len(fixed.usable) == 0:
        return fixed
    minutes = problem.minutes.copy()
    minutes.loc[lost, fixed.usable] = problem.penalty_minutes
    return replace(fixed, minutes=minutes)


def to_siting(
    problem: SitingProblem,
    rule: Rule,
    chosen: pd.Index,
    *,
    objective: float,
    bound: float,
    finished: bool,
) -> Siting:
    """Return a plan as an answer of its own."""
    served = None
    if rule.model in CAPACITATED:
        found = _solve_fixed(problem, rule, chosen)
        served = None if found is None else found.served
    return build_siting(
        problem, rule.model, chosen, objective=objective, bound=bound, finished=finished,
        served=served,
    )  # fmt: skip


def people_within(problem: SitingProblem, opened: pd.Index, minutes: float) -> float:
    """Return how many people have an open site within some minutes."""
    times = problem.minutes.to_numpy(dtype=np.float64)[:, problem.at(opened)]
    near = (np.nan_to_num(times, nan=np.inf) <= minutes + SAME_MINUTES).any(axis=1)
    return float(problem.people.to_numpy(dtype=np.float64)[near].sum())


def mean_minutes(problem: SitingProblem, opened: pd.Index) -> float:
    """Return the need-weighted mean minutes to the nearest open site, with the penalty.

    NaN where nobody needs one or nothing is open.
    """
    demand = problem.demand.to_numpy(dtype=np.float64)
    if demand.sum() <= 0 or len(opened) == 0:
        return math.nan
    times = problem.minutes.to_numpy(dtype=np.float64)[:, problem.at(opened)]
    near = np.where(np.isnan(times), problem.penalty_minutes, times).min(axis=1)
    return float(demand @ near / demand.sum())


def say_sites(sites: Iterable[str], names: Mapping[str, str] | pd.Series | None) -> str:
    """Return sites by their names, in the order of their ids."""
    return say_list([say_site(one, names) for one in sites])


def say_site(site: str, names: Mapping[str, str] | pd.Series | None) -> str:
    """Return a site's name, its id where it has none."""
    found = None if names is None else names.get(site)
    return str(found) if isinstance(found, str) and found else str(site)


def check_numbers(**numbers: float) -> None:
    """Refuse counts and shares below nothing, and numbers that are none.

    Raises
    ------
    ProjectError
        Names the number.
    """
    for name, value in numbers.items():
        if not 0 <= value < math.inf:
            raise ProjectError(f"Hubs: {name} is {value:g}.", hint="Give a number of at least 0.")
