"""How often is each venue, and each whole plan, chosen when assumptions vary?"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import InfeasibleError, ProjectError
from planner.hubs.answer import Model, Siting
from planner.hubs.choice.draws import Factor, SitingDraws
from planner.hubs.choice.plans import (
    CAPACITATED,
    Rule,
    World,
    build_world,
    check_numbers,
    each_plan,
    few_enough,
    loss_of,
    say_site,
    sizes_of,
    to_losses,
)
from planner.hubs.choice.regret import to_share
from planner.hubs.choice.warm import Won, solve_draws
from planner.hubs.limits import ROUNDING
from planner.hubs.problem import Floats, SitingProblem
from planner.ledger import Note
from planner.wording import say_list, say_many

DRAW_COLUMNS = ("venue_ids", "objective", "bound", "status", "stated_regret_share")
PLAN_COLUMNS = ("venue_ids", "draws_won", "share_of_draws", "as_stated")


@dataclass(frozen=True, kw_only=True, eq=False)
class Steadiness:
    """How often each venue and each plan is chosen.

    Parameters
    ----------
    venues
        On every site that may be chosen or is forced, most often chosen first: ``status``,
        ``as_stated`` (in the plan of the stated assumptions), ``draws_chosen``,
        ``share_of_draws``, and ``share_if_only_<factor>_varies`` of each factor.
    plans
        One row a plan that won a draw (`PLAN_COLUMNS`), the most frequent first.
    draws
        One row a draw (`DRAW_COLUMNS`): the best plan there, what it comes to, and how much worse
        the stated plan would be, as a share of it (NaN where no plan does what is asked for).
    factors
        What varied.
    count, proved_count
        Draws made together, and those proved best (or proved to have no answer).
    stated
        The plan of the stated assumptions.
    """

    venues: pd.DataFrame
    plans: pd.DataFrame
    draws: pd.DataFrame
    factors: tuple[Factor, ...]
    count: int
    proved_count: int
    stated: Siting
    status: str
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())


def build_steadiness(
    problem: SitingProblem,
    model: Model,
    draws: SitingDraws,
    *,
    p: int | None = None,
    budget: float | None = None,
    within_minutes: float | None = None,
    share: float | None = None,
    stated: Siting | None = None,
    one_at_a_time: bool = True,
    time_limit_seconds: float = 60.0,
    try_all: bool = True,
    names: Mapping[str, str] | pd.Series | None = None,
) -> Steadiness:
    """Choose sites in every draw and count.

    Parameters
    ----------
    problem, model, p, budget, within_minutes, share
        As in `planner.hubs.solve.solve`.
    draws
        What is assumed in each draw.
    stated
        The plan of the stated assumptions, if it is known already.
    one_at_a_time
        Beside all factors together, vary each with all else as stated.
    time_limit_seconds
        For all draws; half of it for those in which all varies.
    try_all
        Try every plan in every draw where there are few enough; otherwise search, each draw
        begun with what is known from those before.
    names
        Of venues, by id, for the sentences.

    Returns
    -------
    steadiness
        Of plans as good in a draw, where every plan is tried, the first by its sites counts.

    Raises
    ------
    ProjectError
        Nothing varies, or minutes vary that the model does not ask for.
    """
    deadline = time.monotonic() + time_limit_seconds
    check_numbers(time_limit_seconds=time_limit_seconds)
    rule = Rule(model=model, p=p, budget=budget, within_minutes=within_minutes, share=share)
    if draws.within_minutes is not None and within_minutes is None:
        raise ProjectError(
            f"Hubs: {model} takes no minutes within which people are covered, so they cannot vary."
        )
    if not draws.factors:
        raise ProjectError("Hubs: nothing varies from draw to draw.")
    if stated is None:
        stated = rule.ask(problem, time_limit_seconds=0.25 * time_limit_seconds)
    several = one_at_a_time and len(draws.factors) > 1
    now = time.monotonic()
    until = now + max(0.0, deadline - now) * (0.5 if several else 1.0)
    won = _solve_draws(problem, rule, draws, until, try_all)
    alone: dict[Factor, list[_Draw]] = {}
    for at, factor in enumerate(draws.factors if several else ()):
        now = time.monotonic()
        until = now + max(0.0, deadline - now) / (len(draws.factors) - at)
        alone[factor] = _solve_draws(problem, rule, draws.only(factor), until, try_all)
    if one_at_a_time and not several:
        alone = {draws.factors[0]: won}
    return _tell(problem, rule, draws, stated, won, alone, names)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Draw:
    """One draw: the winner (None where no plan does it) and what the stated plan comes to."""

    world: World
    rule: Rule
    weight: Floats
    won: Won | None
    proved: bool


def _solve_draws(
    problem: SitingProblem, rule: Rule, draws: SitingDraws, deadline: float, try_all: bool
) -> list[_Draw]:
    """Return what wins each draw; draws with the same travel and minutes are solved together."""
    weights = _weights(problem, draws)
    travel = np.zeros(draws.count, np.int64) if draws.travel is None else draws.travel
    within = np.full(draws.count, np.nan) if draws.within_minutes is None else draws.within_minutes
    keys = sorted(set(zip(travel.tolist(), _plain(within), strict=True)))
    found: dict[int, _Draw] = {}
    for number, limit in keys:
        mine = np.flatnonzero((travel == number) & (np.array(_plain(within)) == limit))
        asked = rule if limit < 0 else replace(rule, within_minutes=limit)
        there = problem if number == 0 else _with_minutes(problem, draws.minutes[number - 1])
        now = time.monotonic()
        part = len(mine) / (draws.count - len(found))
        until = now + max(0.0, deadline - now) * part
        world = build_world(there, p=rule.p, budget=rule.budget)
        one = _solve_together(world, asked, weights[:, mine], until, try_all)
        for at, (won, proved) in zip(mine.tolist(), one, strict=True):
            found[at] = _Draw(
                world=world, rule=asked, weight=weights[:, at], won=won, proved=proved
            )
    return [found[at] for at in range(draws.count)]


def _plain(within: Floats) -> list[float]:
    """Return drawn minutes, -1 where they are as stated."""
    return [-1.0 if math.isnan(one) else float(one) for one in within]


def _weights(problem: SitingProblem, draws: SitingDraws) -> Floats:
    """Return the demand, areas × draws."""
    demand = np.repeat(problem.demand.to_numpy(dtype=np.float64)[:, None], draws.count, axis=1)
    if draws.need is not None:
        demand = problem.people.to_numpy(dtype=np.float64)[:, None] * draws.need.T
    return demand if draws.demand is None else demand * draws.demand.T


def _with_minutes(problem: SitingProblem, minutes: pd.DataFrame) -> SitingProblem:
    return replace(problem, minutes=minutes.astype(float))


def _solve_together(
    world: World, rule: Rule, weights: Floats, deadline: float, try_all: bool
) -> list[tuple[Won | None, bool]]:
    draws = weights.shape[1]
    sizes = sizes_of(world, smaller=rule.model == "set_cover")
    if try_all and rule.model not in CAPACITATED and few_enough(world, sizes, draws=draws):
        return [(one, True) for one in _try_all(world, rule, weights, sizes)]
    count = 0 if rule.p is None else round(world.limit.most)
    if rule.model == "p_median" and 0 < count < len(world.limit.free):
        found = solve_draws(world, count, weights, deadline=deadline)
        return [(one, one.finished) for one in found]
    answers: list[tuple[Won | None, bool]] = []
    for draw in range(draws):
        left = max(0.0, deadline - time.monotonic()) / (draws - draw)
        answers.append(_solve_one(world, rule, weights[:, draw], left))
    return answers


def _solve_one(world: World, rule: Rule, weight: Floats, seconds: float) -> tuple[Won | None, bool]:
    demand = pd.Series(weight, index=world.problem.demand.index)
    try:
        found = rule.ask(replace(world.problem, demand=demand), time_limit_seconds=seconds)
    except InfeasibleError:
        return None, True
    if found.status == "infeasible":
        return None, True
    won = Won(
        plan=tuple(world.numbers(found.chosen).tolist()),
        loss=rule.to_loss(found.objective),
        bound=rule.to_loss(found.bound),
        finished=found.status == "optimal",
    )
    return won, won.finished


def _try_all(world: World, rule: Rule, weights: Floats, sizes: range) -> list[Won | None]:
    """Return the best plan of all in each draw; of equals the first."""
    draws = weights.shape[1]
    best, plans = np.full(draws, np.inf), list[tuple[int, ...]]([()] * draws)
    for block in each_plan(world, sizes):
        losses = to_losses(world, rule, block, weights)
        least = losses.min(axis=0)
        with np.errstate(invalid="ignore"):
            better = least < best - ROUNDING * np.abs(best)
        better |= np.isfinite(least) & np.isinf(best)
        for draw in np.flatnonzero(better):
            column = losses[:, draw]
            first = int((column <= least[draw] + ROUNDING * abs(least[draw])).argmax())
            best[draw] = column[first]
            plans[draw] = tuple(block.members[first].tolist())
    return [
        None if math.isinf(loss) else Won(plan=plan, loss=loss, bound=loss, finished=True)
        for plan, loss in zip(plans, best.tolist(), strict=True)
    ]


# --- told ---------------------------------------------------------------------------------------


def _tell(
    problem: SitingProblem,
    rule: Rule,
    draws: SitingDraws,
    stated: Siting,
    won: list[_Draw],
    alone: dict[Factor, list[_Draw]],
    names: Mapping[str, str] | pd.Series | None,
) -> Steadiness:
    table = _draws(rule, stated, won)
    venues = _venues(problem, stated, won, alone)
    plans = _plans(table, stated)
    proved = sum(one.proved for one in won)
    everything = [one.proved for some in (won, *alone.values()) for one in some]
    return Steadiness(
        venues=venues,
        plans=plans,
        draws=table,
        factors=draws.factors,
        count=draws.count,
        proved_count=proved,
        stated=stated,
        status="optimal" if all(everything) else "time_limit",
        findings=_findings(venues, plans, draws.count, names),
        notes=_notes(won, draws, sum(not one for one in everything)),
    )


def _draws(rule: Rule, stated: Siting, won: list[_Draw]) -> pd.DataFrame:
    rows = []
    usual = won[0].world.numbers(stated.chosen).tolist() if won else []
    for one in won:
        if one.won is None:
            rows.append(["", math.nan, math.nan, "infeasible", math.nan])
            continue
        regret = math.nan
        if stated.status != "infeasible":
            loss = loss_of(one.world, one.rule, usual, one.weight)
            regret = to_share(max(0.0, loss - one.won.loss), one.won.loss)
        rows.append(
            [
                ", ".join(one.world.names(one.won.plan)),
                rule.to_objective(one.won.loss),
                rule.to_objective(one.won.bound),
                "optimal" if one.proved else "time_limit",
                regret,
            ]
        )
    index = pd.RangeIndex(1, len(rows) + 1, name="draw")
    return pd.DataFrame(rows, columns=list(DRAW_COLUMNS), index=index)


def _counts(sites: pd.Index, won: list[_Draw]) -> NDArray[np.int64]:
    """Count in how many draws each site is opened."""
    answered = [one for one in won if one.won is not None]
    if not answered:
        return np.zeros(len(sites), np.int64)
    world = answered[0].world
    columns = [world.limit.free[list(one.won.plan)] for one in answered if one.won is not None]
    counts = np.bincount(
        np.concatenate([np.zeros(0, np.int64), *columns]), minlength=len(world.sites)
    )
    counts[world.forced] = len(answered)
    counted: NDArray[np.int64] = counts[world.sites.get_indexer(sites)]
    return counted


def _venues(
    problem: SitingProblem,
    stated: Siting,
    won: list[_Draw],
    alone: dict[Factor, list[_Draw]],
) -> pd.DataFrame:
    sites = problem.choosable.union(problem.forced)
    counts = _counts(sites, won)
    table = pd.DataFrame(
        {
            "status": problem.sites["status"].loc[sites],
            "as_stated": sites.isin(stated.chosen),
            "draws_chosen": counts,
            "share_of_draws": counts / max(1, len(won)),
        },
        index=sites.rename("venue_id"),
    )
    for factor, some in alone.items():
        table[f"share_if_only_{factor}_varies"] = _counts(sites, some) / max(1, len(some))
    return table.sort_values("draws_chosen", ascending=False, kind="stable")


def _plans(table: pd.DataFrame, stated: Siting) -> pd.DataFrame:
    told = table.loc[table["status"] != "infeasible", "venue_ids"]
    counts = sorted(Counter(told).items(), key=lambda one: (-one[1], one[0]))
    usual = ", ".join(stated.chosen) if stated.status != "infeasible" else None
    rows = [[plan, count, count / max(1, len(table)), plan == usual] for plan, count in counts]
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def _findings(
    venues: pd.DataFrame,
    plans: pd.DataFrame,
    count: int,
    names: Mapping[str, str] | pd.Series | None,
) -> tuple[str, ...]:
    if plans.empty or count == 0:
        return ("In none of the draws is there a plan that does what is asked for.",)
    free = venues[(venues["status"] == "candidate") & (venues["draws_chosen"] > 0)]
    said = []
    if len(free):
        parts = [
            f"{say_site(str(venue), names)} is in {int(times)}"
            for venue, times in free["draws_chosen"].head(3).items()
        ]
        parts[0] += f" of {say_many(count, 'draw')}"
        said.append(f"{say_list(parts)}.")
    most = plans.iloc[0]
    usual = plans.loc[plans["as_stated"], "draws_won"].sum()
    whole = f"{say_many(len(plans), 'plan')} won at least one draw; "
    if bool(most["as_stated"]):
        whole += f"the plan as stated won most often: {int(usual)} of {count}."
    else:
        whole += f"the plan as stated won {int(usual)} of {count}, another {most['draws_won']}."
    return (*said, whole)


def _notes(won: list[_Draw], draws: SitingDraws, unproved: int) -> tuple[Note, ...]:
    notes = [*draws.notes]
    never = sum(one.won is None for one in won)
    if never:
        text = f"In {say_many(never, 'draw')} of {draws.count} no plan does what is asked for."
        notes.append(Note(stage="hubs", what="draws_infeasible", count=never, text=text))
    if unproved:
        text = (
            f"Time ran out in {say_many(unproved, 'draw')}: the best plan found there is counted, "
            "though a better one may exist."
        )
        notes.append(Note(stage="hubs", what="draws_not_proved", count=unproved, text=text))
    return tuple(notes)
