"""What is lost if the plan rests on one assumption and another turns out to be true?"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.errors import ProjectError
from planner.hubs.answer import UNITS, Model, Siting
from planner.hubs.choice.plans import (
    CAPACITATED,
    Rule,
    World,
    build_world,
    check_numbers,
    few_enough,
    loss_of,
    mean_minutes,
    people_within,
    say_sites,
    sizes_of,
    write_book,
)
from planner.hubs.problem import SitingProblem
from planner.ledger import Note
from planner.wording import say_few, say_many

REGRET_COLUMNS = (
    "chosen_if",
    "true_if",
    "venue_ids",
    "objective",
    "objective_best",
    "regret",
    "regret_share",
    "mean_minutes_more",
    "people_within_reach_fewer",
    "allowed",
)
PLAN_COLUMNS = (
    "chosen_if",
    "venue_ids",
    "greatest_regret",
    "greatest_regret_share",
    "greatest_if",
    "mean_regret_share",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Regret:
    """Plans chosen under one assumption, judged under another.

    Parameters
    ----------
    table
        One row a pair of assumptions (`REGRET_COLUMNS`): what the plan that is best if
        ``chosen_if`` is true comes to where ``true_if`` is, what the best plan there comes to,
        and how much worse that is, in ``unit`` and as a share of it. ``allowed``: the plan does
        what is asked for there (otherwise its regret is endless).
    plans
        One row a plan chosen (`PLAN_COLUMNS`), the least greatest regret first.
    steadiest
        The assumption whose plan has the least greatest regret share.
    compromise, compromise_share
        Of all plans there are, the one with the least greatest regret share, and that share;
        None and NaN where they are too many to try.
    sitings
        The plan chosen under each assumption.
    status
        ``optimal`` where each of them is proved best.
    """

    table: pd.DataFrame
    plans: pd.DataFrame
    steadiest: str
    compromise: pd.Index | None
    compromise_share: float
    sitings: Mapping[str, Siting]
    unit: str
    reach_minutes: float
    status: str
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())

    @property
    def regret_shares(self) -> pd.DataFrame:
        """Return the regret share: chosen if (rows) × true if (columns)."""
        wide = self.table.pivot_table(
            index="chosen_if", columns="true_if", values="regret_share", sort=False
        )
        return wide.reindex(index=list(self.sitings), columns=list(self.sitings))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Case:
    """One assumption: its problem, its rule, and the best plan there."""

    problem: SitingProblem
    rule: Rule
    world: World
    siting: Siting


def build_regret(
    variants: Mapping[str, SitingProblem],
    model: Model,
    *,
    p: int | None = None,
    budget: float | None = None,
    within_minutes: float | Mapping[str, float] | None = None,
    share: float | None = None,
    reach_minutes: float = 20.0,
    time_limit_seconds: float = 60.0,
    names: Mapping[str, str] | pd.Series | None = None,
) -> Regret:
    """Choose a plan under each assumption and judge it under every other.

    Parameters
    ----------
    variants
        The problem under each assumption, by its name in words. All on the same sites of the
        same status and, with a budget, cost; journeys, demand, people and areas may differ.
    model, p, budget, share
        As in `planner.hubs.solve.solve`.
    within_minutes
        One number, or one for each assumption.
    reach_minutes
        Within which people count as reached; ``within_minutes`` where that is one number.
    time_limit_seconds
        For all of it.
    names
        Of venues, by id, for the sentences.

    Raises
    ------
    ProjectError
        There is no assumption, or they are not about the same sites.

    Notes
    -----
    Least greatest regret: Savage (1951), *The theory of statistical decision*; for siting, Daskin,
    Hesse and ReVelle (1997), *α-reliable p-minimax regret*. Regret shares are compared, for
    assumptions differ in how much there is to lose.
    """
    begun = time.monotonic()
    check_numbers(reach_minutes=reach_minutes, time_limit_seconds=time_limit_seconds)
    _check(variants, budget)
    if isinstance(within_minutes, Mapping):
        lacking = [name for name in variants if name not in within_minutes]
        if lacking:
            raise ProjectError(f"Hubs: there are no minutes for the assumption {lacking[0]!r}.")
    reach = within_minutes if isinstance(within_minutes, int | float) else reach_minutes
    cases: dict[str, _Case] = {}
    for at, (name, problem) in enumerate(variants.items()):
        within = within_minutes[name] if isinstance(within_minutes, Mapping) else within_minutes
        rule = Rule(model=model, p=p, budget=budget, within_minutes=within, share=share)
        left = max(0.0, begun + time_limit_seconds - time.monotonic()) / (len(variants) - at)
        cases[name] = _Case(
            problem=problem,
            rule=rule,
            world=build_world(problem, p=p, budget=budget),
            siting=rule.ask(problem, time_limit_seconds=left),
        )
    table = _table(cases, float(reach))
    plans = _plans(table, cases)
    compromise, least = _compromise(cases)
    proved = all(case.siting.status != "time_limit" for case in cases.values())
    return Regret(
        table=table,
        plans=plans,
        steadiest=str(plans["chosen_if"].iloc[0]) if len(plans) else "",
        compromise=compromise,
        compromise_share=least,
        sitings={name: case.siting for name, case in cases.items()},
        unit=UNITS[model],
        reach_minutes=float(reach),
        status="optimal" if proved else "time_limit",
        findings=_findings(table, plans, compromise, least, names),
        notes=_notes(cases),
    )


def _check(variants: Mapping[str, SitingProblem], budget: float | None) -> None:
    if not variants:
        raise ProjectError("Hubs: there is no assumption to choose a plan under.")
    first, base = next(iter(variants.items()))
    columns = ["status"] if budget is None else ["status", "cost"]
    for name, problem in variants.items():
        same = problem.sites.index.equals(base.sites.index)
        if not same or not problem.sites[columns].equals(base.sites[columns]):
            raise ProjectError(
                f"Hubs: the assumptions {first!r} and {name!r} are not about the same sites.",
                hint="Give both the same venues with the same status and cost.",
            )


def _table(cases: dict[str, _Case], reach: float) -> pd.DataFrame:
    rows = []
    for chosen_if, mine in cases.items():
        if mine.siting.status == "infeasible":
            continue
        for true_if, there in cases.items():
            if there.siting.status != "infeasible":
                rows.append(_row(chosen_if, mine, true_if, there, reach))
    return pd.DataFrame(rows, columns=list(REGRET_COLUMNS))


def _row(
    chosen_if: str, mine: _Case, true_if: str, there: _Case, reach: float
) -> dict[str, object]:
    problem, best = there.problem, there.siting
    loss = _loss(there, mine.siting.chosen)
    allowed = math.isfinite(loss)
    least = there.rule.to_loss(best.objective)
    extra = 0.0 if chosen_if == true_if else max(0.0, loss - least)
    opened, usual = problem.open_sites.union(mine.siting.chosen), best.open
    return {
        "chosen_if": chosen_if,
        "true_if": true_if,
        "venue_ids": ", ".join(mine.siting.chosen),
        "objective": there.rule.to_objective(loss) if allowed else math.nan,
        "objective_best": best.objective,
        "regret": extra,
        "regret_share": to_share(extra, least),
        "mean_minutes_more": mean_minutes(problem, opened) - mean_minutes(problem, usual),
        "people_within_reach_fewer": people_within(problem, usual, reach)
        - people_within(problem, opened, reach),
        "allowed": allowed,
    }


def _loss(case: _Case, chosen: pd.Index) -> float:
    demand = case.problem.demand.to_numpy(dtype=np.float64)
    return loss_of(case.world, case.rule, case.world.numbers(chosen).tolist(), demand)


def to_share(extra: float, least: float) -> float:
    """Return how much worse that is as a share of the best; rounding counts as nothing."""
    if extra <= 1e-9 * abs(least):
        return 0.0
    return extra / abs(least) if least != 0 else math.inf


def _plans(table: pd.DataFrame, cases: dict[str, _Case]) -> pd.DataFrame:
    rows = []
    for name in (one for one in cases if (table["chosen_if"] == one).any()):
        mine = table[table["chosen_if"] == name]
        at = int(mine["regret_share"].to_numpy().argmax())
        rows.append(
            {
                "chosen_if": name,
                "venue_ids": mine["venue_ids"].iloc[0],
                "greatest_regret": mine["regret"].max(),
                "greatest_regret_share": mine["regret_share"].max(),
                "greatest_if": mine["true_if"].iloc[at],
                "mean_regret_share": mine["regret_share"].mean(),
            }
        )
    plans = pd.DataFrame(rows, columns=list(PLAN_COLUMNS))
    order = ["greatest_regret_share", "mean_regret_share"]
    return plans.sort_values(order, kind="stable").reset_index(drop=True)


def _compromise(cases: dict[str, _Case]) -> tuple[pd.Index | None, float]:
    """Return the plan of all that there are whose greatest regret share is least."""
    able = [case for case in cases.values() if case.siting.status != "infeasible"]
    if not able or able[0].rule.model in CAPACITATED:
        return None, math.nan
    world = able[0].world
    sizes = sizes_of(world, smaller=able[0].rule.model == "set_cover")
    if not few_enough(world, sizes, draws=len(able)) or any(
        len(case.world.held) > 4 * len(world.held) for case in able
    ):
        return None, math.nan
    greatest, members = None, None
    for case in able:
        demand = case.problem.demand.to_numpy(dtype=np.float64)
        book = write_book(case.world, case.rule, sizes, demand[:, None])
        least = case.rule.to_loss(case.siting.objective)
        extra = np.maximum(0.0, book.losses[:, 0] - least)
        extra[extra <= 1e-9 * abs(least)] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(extra > 0, extra / abs(least), 0.0)
        members = book.members
        greatest = shares if greatest is None else np.maximum(greatest, shares)
    if greatest is None or members is None or not np.isfinite(greatest).any():
        return None, math.nan
    at = int((greatest <= greatest.min() + 1e-12).argmax())
    return world.names(members[at].tolist()), float(greatest[at])


def _findings(
    table: pd.DataFrame,
    plans: pd.DataFrame,
    compromise: pd.Index | None,
    least: float,
    names: Mapping[str, str] | pd.Series | None,
) -> tuple[str, ...]:
    if plans.empty:
        return ("Under none of the assumptions is there a plan that does what is asked for.",)
    if bool((plans["venue_ids"] == plans["venue_ids"].iloc[0]).all()):
        return (
            f"The same plan is best under {_all_of(len(plans))}: "
            f"{say_sites(str(plans['venue_ids'].iloc[0]).split(', '), names)}.",
        )
    first, worst = plans.iloc[0], table.loc[table["regret_share"].idxmax()]
    said = [
        f"The plan for “{first['chosen_if']}” is the safest of those chosen: at worst it is "
        f"{_say_share(float(first['greatest_regret_share']))} than the best plan.",
        f"Choosing for “{worst['chosen_if']}” when “{worst['true_if']}” is true is "
        f"{_say_share(float(worst['regret_share']))} than the best plan there.",
    ]
    better = least < float(first["greatest_regret_share"]) - 1e-9
    if compromise is not None and better:
        said[1] = (
            f"A plan that is best under none of them is safer still: "
            f"{say_sites(compromise, names)}, at worst {_say_share(least)}."
        )
    return tuple(said)


def _all_of(count: int) -> str:
    return "the one assumption" if count == 1 else f"all {count} assumptions"


def _say_share(share: float) -> str:
    return "without comparison worse" if math.isinf(share) else f"{share:.1%} worse"


def _notes(cases: dict[str, _Case]) -> tuple[Note, ...]:
    notes = []
    never = [name for name, case in cases.items() if case.siting.status == "infeasible"]
    if never:
        text = f"{say_few(never)}: no plan does what is asked for there, so it is left out."
        notes.append(
            Note(stage="hubs", what="regret_infeasible", count=len(never), text=text,
                 items=tuple(never))
        )  # fmt: skip
    late = [name for name, case in cases.items() if case.siting.status == "time_limit"]
    if late:
        text = (
            f"Time ran out in {say_many(len(late), 'assumption')} ({say_few(late)}); regret there "
            "is against the best plan found."
        )
        notes.append(
            Note(stage="hubs", what="regret_not_proved", count=len(late), text=text,
                 items=tuple(late))
        )  # fmt: skip
    return tuple(notes)
