"""Which other plans are nearly as good, and how different from the best can they be?"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from planner.hubs.answer import Model, Siting
from planner.hubs.choice.next_plans import Asked, Picked, Plan, drive_apart, split_off
from planner.hubs.choice.plans import (
    CAPACITATED,
    Book,
    Members,
    Rule,
    build_world,
    check_numbers,
    few_enough,
    mean_minutes,
    say_sites,
    sizes_of,
    to_siting,
    write_book,
)
from planner.hubs.problem import Floats, SitingProblem
from planner.ledger import Note
from planner.wording import say_many

ALTERNATIVE_COLUMNS = (
    "plan",
    "found_as",
    "venue_ids",
    "venue_ids_instead",
    "sites_different_from_best",
    "objective",
    "worse_than_best_share",
    "mean_minutes",
    "proved",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Alternatives:
    """Plans beside the best one.

    Parameters
    ----------
    best
        The best plan, as it was given.
    next_best
        The next best plans, the best of them first.
    different
        Plans within ``within_share`` of the best, each as different as can be from the best and
        from those before it: the least number of sites in which it differs is greatest.
    table
        One row a plan, ``best`` first (`ALTERNATIVE_COLUMNS`); ``found_as`` is ``best``,
        ``next_best``, ``different`` or ``next_best and different``; ``proved``: no plan that was
        left out should stand in its place.
    differences
        Plans × plans: sites of the larger plan that the other has not.
    nothing_better
        Every plan left out comes to no better than this (the objective's unit); NaN where all
        plans are in the table.
    near_count
        How many plans are within ``within_share`` of the best; None where they were not counted.
    """

    best: Siting
    next_best: tuple[Siting, ...]
    different: tuple[Siting, ...]
    table: pd.DataFrame
    differences: pd.DataFrame
    within_share: float
    nothing_better: float
    near_count: int | None
    status: str
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class _Found:
    """Next best and different plans; ``floor`` is a loss below which no plan left out is."""

    ranked: tuple[Picked, ...]
    different: tuple[Picked, ...]
    floor: float
    near: int | None


def find_alternatives(
    problem: SitingProblem,
    model: Model,
    best: Siting,
    *,
    count: int = 4,
    within_share: float = 0.05,
    budget: float | None = None,
    within_minutes: float | None = None,
    share: float | None = None,
    time_limit_seconds: float = 60.0,
    try_all: bool = True,
    names: Mapping[str, str] | pd.Series | None = None,
) -> Alternatives:
    """Find the next best plans, and plans nearly as good that are most different.

    Parameters
    ----------
    problem, model, within_minutes, share
        As the best plan was found with.
    best
        The best plan.
    count
        Plans of each sort, beside the best.
    within_share
        By how much of the best plan's objective another may be worse and still count as near.
    budget
        Plans may be anything that this buys. Without it, all have as many sites as the best.
    time_limit_seconds
        After that what was found is returned, with what is proved of the rest.
    try_all
        Try every plan where there are few enough; otherwise search.
    names
        Of venues, by id, for the sentences.

    Returns
    -------
    alternatives
        A plan that only adds sites to one in the table is no alternative to it.

    Raises
    ------
    ProjectError
        A number cannot be.

    Notes
    -----
    Where plans are few, each is tried. Otherwise next best plans by splitting what is left in
    parts that differ from each plan found in a stated site (Lawler 1972, *A procedure for
    computing the K best solutions*); different ones by closing the sites of those before, then
    taking some back, which is proved only where no more, or one site fewer than none, is shared.
    """
    deadline = time.monotonic() + time_limit_seconds
    check_numbers(count=count, within_share=within_share, time_limit_seconds=time_limit_seconds)
    if best.status == "infeasible":
        return _none(problem, best, within_share)
    p = None if budget is not None else len(best.chosen)
    rule = Rule(model=model, p=p, budget=budget, within_minutes=within_minutes, share=share)
    if p == 0 and len(problem.open_sites) == 0:
        return _none(problem, best, within_share)
    world = build_world(problem, p=p, budget=budget)
    plan = tuple(world.numbers(best.chosen).tolist())
    asked = Asked(
        world=world,
        rule=rule,
        best=plan,
        loss=rule.to_loss(best.objective),
        count=int(count),
        within=within_share,
        deadline=deadline,
    )
    sizes = sizes_of(world)
    if try_all and model not in CAPACITATED and few_enough(world, sizes):
        found = _from_book(asked, write_book(world, rule, sizes, asked.weight[:, None]))
    else:
        ranked, floor = split_off(asked)
        found = _Found(ranked=ranked, different=drive_apart(asked), floor=floor, near=None)
    return _tell(asked, best, found, names)


def count_differences(one: Plan, other: Plan) -> int:
    """Return how many sites of the larger plan the other has not."""
    return max(len(set(one) - set(other)), len(set(other) - set(one)))


# --- every plan ---------------------------------------------------------------------------------


def _from_book(asked: Asked, book: Book) -> _Found:
    losses = book.losses[:, 0]
    sites = len(asked.world.limit.free)
    order = np.argsort(losses, kind="stable")
    order = order[np.isfinite(losses[order])]
    ranked: list[Picked] = []
    seen = [asked.best]
    floor = math.inf
    for at in order:
        plan = tuple(int(one) for one in book.members[at] if one >= 0)
        if any(set(plan) >= set(other) for other in seen):
            continue
        if len(ranked) == asked.count:
            floor = float(losses[at])
            break
        ranked.append(Picked(plan=plan, loss=float(losses[at]), proved=True))
        seen.append(plan)
    near = order[losses[order] <= asked.most_loss]
    different = _most_different(asked, book.members[near], losses[near], sites)
    return _Found(ranked=tuple(ranked), different=different, floor=floor, near=len(near))


def _most_different(
    asked: Asked, members: Members, losses: Floats, sites: int
) -> tuple[Picked, ...]:
    """Pick, time and again, the plan that is furthest from all before it; then the better one."""
    size = (members >= 0).sum(axis=1)
    furthest = np.full(len(members), sites + 1)
    above = np.ones(len(members), dtype=bool)
    last, found = asked.best, list[Picked]()
    while True:
        mine = np.zeros(sites + 1, dtype=bool)
        mine[list(last)] = True  # the last place is for no site
        shared = mine[members].sum(axis=1)
        furthest = np.minimum(furthest, np.maximum(size, len(last)) - shared)
        above &= shared < len(last)
        if len(found) == asked.count or not (above & (furthest > 0)).any():
            return tuple(found)
        # Losses are in ascending order: the first of those as different is the best of them.
        at = int(np.where(above, furthest, -1).argmax())
        last = tuple(int(one) for one in members[at] if one >= 0)
        found.append(Picked(plan=last, loss=float(losses[at]), proved=True))


# --- told ---------------------------------------------------------------------------------------


def _none(problem: SitingProblem, best: Siting, within_share: float) -> Alternatives:
    said = "There is no plan that does what is asked for, so there is no other one either."
    return Alternatives(
        best=best,
        next_best=(),
        different=(),
        table=pd.DataFrame(columns=list(ALTERNATIVE_COLUMNS)),
        differences=pd.DataFrame(),
        within_share=within_share,
        nothing_better=math.nan,
        near_count=0,
        status="optimal",
        findings=(said,),
        notes=problem.notes,
    )


def _tell(
    asked: Asked,
    best: Siting,
    found: _Found,
    names: Mapping[str, str] | pd.Series | None,
) -> Alternatives:
    first = Picked(plan=asked.best, loss=asked.loss, proved=best.status == "optimal")
    plans: dict[Plan, tuple[Picked, list[str]]] = {asked.best: (first, ["best"])}
    for what, some in (("next_best", found.ranked), ("different", found.different)):
        for one in some:
            picked, how = plans.setdefault(one.plan, (one, []))
            plans[one.plan] = (replace(picked, proved=picked.proved and one.proved), [*how, what])
    sitings = {one.plan: _to_answer(asked, one) for one in (*found.ranked, *found.different)}
    table = pd.DataFrame(
        [_row(asked, number, *one) for number, one in enumerate(plans.values())],
        columns=list(ALTERNATIVE_COLUMNS),
    )
    grid = [[count_differences(one, other) for other in plans] for one in plans]
    everything = math.isinf(found.floor)
    proved = all(one.proved for one in (*found.ranked, *found.different))
    return Alternatives(
        best=best,
        next_best=tuple(sitings[one.plan] for one in found.ranked),
        different=tuple(sitings[one.plan] for one in found.different),
        table=table,
        differences=pd.DataFrame(grid, index=table["plan"], columns=table["plan"]),
        within_share=asked.within,
        nothing_better=math.nan if everything else asked.rule.to_objective(found.floor),
        near_count=found.near,
        status="optimal" if proved and best.status == "optimal" else "time_limit",
        findings=_findings(asked, best, found, names),
        notes=_not_proved(found),
    )


def _to_answer(asked: Asked, one: Picked) -> Siting:
    value = asked.rule.to_objective(one.loss)
    bound = value if one.proved else asked.rule.to_objective(min(asked.loss, one.loss))
    return to_siting(
        asked.world.problem,
        asked.rule,
        asked.world.names(one.plan),
        objective=value,
        bound=bound,
        finished=one.proved,
    )


def _row(asked: Asked, number: int, one: Picked, how: list[str]) -> dict[str, object]:
    sites = asked.world.names(one.plan)
    instead = sites.difference(asked.world.names(asked.best))
    problem = asked.world.problem
    return {
        "plan": number,
        "found_as": " and ".join(how),
        "venue_ids": ", ".join(sites),
        "venue_ids_instead": ", ".join(instead),
        "sites_different_from_best": count_differences(one.plan, asked.best),
        "objective": asked.rule.to_objective(one.loss),
        "worse_than_best_share": _worse(asked, one.loss),
        "mean_minutes": mean_minutes(problem, problem.open_sites.union(sites)),
        "proved": one.proved,
    }


def _worse(asked: Asked, loss: float) -> float:
    extra = loss - asked.loss
    if asked.loss == 0:
        return 0.0 if extra <= 0 else math.inf
    return max(0.0, extra / abs(asked.loss))


def _findings(
    asked: Asked, best: Siting, found: _Found, names: Mapping[str, str] | pd.Series | None
) -> tuple[str, ...]:
    said = []
    if found.near is not None:
        others = max(0, found.near - 1)
        what = say_many(others, "other plan") if others else "No other plan"
        said.append(f"{what} {'comes' if others < 2 else 'come'} within {asked.within:.0%} of it.")
        said[0] = said[0].replace("of it.", "of the best one.")
    if found.different:
        one = found.different[0]
        sites = asked.world.names(one.plan).difference(best.chosen)
        number = count_differences(one.plan, asked.best)
        gives = say_sites(sites, names) if len(sites) else "fewer sites"
        said.append(
            f"The most different one{'' if one.proved else ' found'} changes "
            f"{say_many(number, 'site')} of {len(best.chosen)} (it has {gives} instead) and is "
            f"{_worse(asked, one.loss):.1%} worse."
        )
    elif found.ranked and not said:
        said.append(
            f"The next best plan is {_worse(asked, found.ranked[0].loss):.1%} worse than the best."
        )
    return tuple(said or ["There is no other plan."])


def _not_proved(found: _Found) -> tuple[Note, ...]:
    left = [one for one in (*found.ranked, *found.different) if not one.proved]
    if not left:
        return ()
    text = (
        f"{say_many(len(left), 'plan')} beside the best could not be proved next best or most "
        "different: there may be a better or a more different one."
    )
    return (Note(stage="hubs", what="alternatives_not_proved", count=len(left), text=text),)
