"""What does the first site bring, what the second, and when is another not worth it?"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from planner.errors import ProjectError
from planner.hubs.answer import MORE_IS_BETTER, Model, Siting, build_siting
from planner.hubs.choice.plans import (
    Rule,
    check_numbers,
    mean_minutes,
    people_within,
    say_site,
)
from planner.hubs.pmedian import solve_p_sweep
from planner.hubs.problem import SitingProblem
from planner.ledger import Note
from planner.wording import say_are, say_many, say_noun, say_ordinal

LADDER_COLUMNS = (
    "sites_opened",
    "objective",
    "bound",
    "gap_share",
    "status",
    "gain",
    "mean_minutes",
    "mean_minutes_saved",
    "people_within_reach",
    "people_within_reach_share",
    "people_gained",
    "venue_ids",
    "venue_ids_added",
    "venue_ids_left_out",
)
_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
          "tenth")  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Ladder:
    """The best plan for each number of sites, and what each next site brings.

    Parameters
    ----------
    steps
        One row a number of sites (`LADDER_COLUMNS`): ``objective`` and ``bound`` in ``unit``,
        ``gain`` what the objective is better by than with one site fewer (NaN where there was
        nothing before), people within ``reach_minutes``, need-weighted mean minutes, and which
        venues are opened, come in and are left out again.
    sitings
        The answer of each row; None where nothing is opened at all.
    model, unit, reach_minutes
        What was asked for, what its figures are of, and what counts as within reach.
    status
        ``optimal`` where every step that has an answer is proved.
    """

    steps: pd.DataFrame
    sitings: tuple[Siting | None, ...]
    model: Model
    unit: str
    reach_minutes: float
    status: str
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        assert list(self.steps.columns) == list(LADDER_COLUMNS)
        assert len(self.steps) == len(self.sitings)


def build_ladder(
    problem: SitingProblem,
    model: Model,
    *,
    most: int = 10,
    within_minutes: float | None = None,
    share: float | None = None,
    reach_minutes: float = 20.0,
    time_limit_seconds: float = 60.0,
    names: Mapping[str, str] | pd.Series | None = None,
) -> Ladder:
    """Solve a model for 0, 1, 2, ... up to ``most`` sites.

    Parameters
    ----------
    problem, model, within_minutes, share
        As in `planner.hubs.solve.solve`. ``set_cover`` asks how few sites are enough: its ladder
        shows how many people each number of sites can cover.
    most
        Sites opened at the most, the forced ones among them; the ladder begins with those.
    reach_minutes
        Within which people count as reached; ``within_minutes`` where that is given.
    time_limit_seconds
        For all steps together.
    names
        Of venues, by id, for the sentences.

    Returns
    -------
    ladder
        Plans need not contain one another. No step is worse than the one before.

    Raises
    ------
    ProjectError, InfeasibleError
        As `planner.hubs.solve.solve`; or there is nothing to choose from.
    """
    begun = time.monotonic()
    check_numbers(most=most, reach_minutes=reach_minutes, time_limit_seconds=time_limit_seconds)
    least, there = len(problem.forced), len(problem.forced) + len(problem.choosable)
    if there == 0:
        raise ProjectError(
            "Hubs: there is no site to choose, so there is no next one.",
            hint="Name candidate venues.",
        )
    last = max(least, min(most, there))
    reach = reach_minutes if within_minutes is None else within_minutes
    asked, asked_model, notes = _asked(problem, model)
    rule = Rule(
        model=asked_model,
        within_minutes=within_minutes,
        share=None if model == "set_cover" else share,
    )
    found = _solve_all(asked, rule, least, last, begun + time_limit_seconds)
    if last < most:
        text = (
            f"{say_many(most, 'site')} {say_are(most)} asked for, but only {there} may be opened; "
            f"the steps end at {last}."
        )
        notes = (*notes, Note(stage="hubs", what="fewer_candidates", count=there, text=text))
    steps = _steps(problem, asked_model, found, least, reach)
    answers = [one for one in found if one is not None and one.status != "infeasible"]
    unit = next((one.unit for one in found if one is not None), "")
    return Ladder(
        steps=steps,
        sitings=tuple(found),
        model=asked_model,
        unit="people within reach" if model == "set_cover" else unit,
        reach_minutes=reach,
        status="optimal" if all(one.status == "optimal" for one in answers) else "time_limit",
        findings=_findings(steps, reach, names),
        notes=notes,
    )


def _asked(problem: SitingProblem, model: Model) -> tuple[SitingProblem, Model, tuple[Note, ...]]:
    if model != "set_cover":
        return problem, model, ()
    text = (
        "How few sites are enough has one answer only; the steps show the most people that each "
        "number of sites covers."
    )
    note = Note(stage="hubs", what="ladder_by_cover", count=1, text=text)
    return replace(problem, demand=problem.people), "max_cover", (note,)


def _solve_all(
    problem: SitingProblem, rule: Rule, least: int, most: int, deadline: float
) -> list[Siting | None]:
    if rule.model == "p_median":
        # Told in words where the question cannot be: by the same checks as any other.
        Rule(model="p_median", p=max(1, least)).ask(
            problem, time_limit_seconds=deadline - time.monotonic()
        )
        return _sweep(problem, least, most, deadline)
    found: list[Siting | None] = []
    for p in range(least, most + 1):
        if p == 0 and len(problem.open_sites) == 0:
            found.append(None)
            continue
        left = max(0.0, deadline - time.monotonic()) / (most + 1 - p)
        step = replace(rule, p=p).ask(problem, time_limit_seconds=left)
        before = found[-1] if found else None
        found.append(_keep_better(problem, rule, before, step))
    return found


def _keep_better(problem: SitingProblem, rule: Rule, before: Siting | None, step: Siting) -> Siting:
    """Return the step, or what was found with fewer sites if time ran out before it was as good."""
    if before is None or before.status == "infeasible" or "capacitated" in rule.model:
        return step
    if step.status == "infeasible":
        return step
    if rule.to_loss(step.objective) <= rule.to_loss(before.objective):
        return step
    return build_siting(
        problem,
        rule.model,
        before.chosen,
        objective=before.objective,
        bound=step.bound,
        finished=False,
        notes=step.notes,
    )


def _sweep(problem: SitingProblem, least: int, most: int, deadline: float) -> list[Siting | None]:
    """Return the p-median's steps, each begun with the one before."""
    columns = np.sort(problem.at(problem.usable))
    opened = np.flatnonzero(np.isin(columns, problem.at(problem.open_sites)))
    sweep = solve_p_sweep(
        np.ascontiguousarray(problem.cost[:, columns]),
        problem.demand.to_numpy(dtype=np.float64),
        most - least,
        fixed=tuple(opened.tolist()),
        time_limit_seconds=max(0.0, deadline - time.monotonic()),
    ) if most > least else None  # fmt: skip
    found: list[Siting | None] = [None]
    if len(opened):
        before = float(
            problem.demand.to_numpy(dtype=np.float64) @ problem.cost[:, columns[opened]].min(axis=1)
        )
        found = [
            build_siting(
                problem, "p_median", problem.forced, objective=before, bound=before, finished=True
            )
        ]
    new = problem.choosable
    for answer in sweep.answers if sweep is not None else ():
        sites = problem.sites.index[columns[list(answer.sites)]]
        found.append(
            build_siting(
                problem,
                "p_median",
                sites.intersection(new),
                objective=answer.objective,
                bound=answer.bound,
                finished=answer.status == "optimal",
            )
        )
    return found


def _steps(
    problem: SitingProblem,
    model: Model,
    found: list[Siting | None],
    least: int,
    reach: float,
) -> pd.DataFrame:
    everybody = float(problem.people.sum())
    rows: list[dict[str, object]] = []
    before: dict[str, object] | None = None
    last = problem.forced[:0]
    for count, siting in enumerate(found, start=least):
        answered = siting is not None and siting.status != "infeasible"
        people = people_within(problem, siting.open, reach) if siting is not None else 0.0
        chosen = siting.chosen if siting is not None and answered else problem.forced
        nothing = siting is None and MORE_IS_BETTER[model]
        row: dict[str, object] = {
            "sites_opened": count,
            "objective": _number(siting, "objective") if not nothing else 0.0,
            "bound": _number(siting, "bound") if not nothing else 0.0,
            "gap_share": _number(siting, "gap") if not nothing else 0.0,
            "status": "nothing_open" if siting is None else siting.status,
            "mean_minutes": mean_minutes(problem, siting.open) if siting is not None else math.nan,
            "people_within_reach": people,
            "people_within_reach_share": people / everybody if everybody > 0 else math.nan,
            "venue_ids": ", ".join(chosen),
            "venue_ids_added": ", ".join(chosen.difference(last)),
            "venue_ids_left_out": ", ".join(last.difference(chosen)),
        }
        row |= _gains(row, before, model)
        rows.append(row)
        before, last = row, chosen
    return pd.DataFrame(rows, columns=list(LADDER_COLUMNS))


def _number(siting: Siting | None, name: str) -> float:
    return math.nan if siting is None else float(getattr(siting, name))


def _gains(
    row: dict[str, object], before: dict[str, object] | None, model: Model
) -> dict[str, float]:
    def more(name: str) -> float:
        return math.nan if before is None else float(str(row[name])) - float(str(before[name]))

    gain = more("objective")
    return {
        "gain": gain if MORE_IS_BETTER[model] else 0.0 - gain,
        "mean_minutes_saved": 0.0 - more("mean_minutes"),
        "people_gained": more("people_within_reach"),
    }


def _findings(
    steps: pd.DataFrame, reach: float, names: Mapping[str, str] | pd.Series | None
) -> tuple[str, ...]:
    told = steps[steps["people_gained"].notna() & (steps["status"] != "infeasible")]
    said = []
    if len(told):
        # The first sites tell most; the last ones tell when to stop.
        first = told.head(2)
        said.append(f"{_brings(first, reach)}.")
        small = told[told["people_gained"] < 0.01 * told["people_within_reach"].max()]
        if len(small) and small.index[0] > first.index[-1]:
            count = int(small["sites_opened"].iloc[0])
            said.append(
                f"From the {_nth(count)} hub on, another one brings fewer than 1% more people "
                f"within {reach:g} minutes at first."
            )
    never = steps[steps["status"] == "infeasible"]
    if len(never):
        count = int(never["sites_opened"].iloc[-1])
        said.append(f"With {say_many(count, 'hub')} or fewer nothing does what is asked for.")
    both = steps["venue_ids_left_out"] != ""
    if both.any():
        row = steps[both].iloc[0]
        one = str(row["venue_ids_left_out"]).split(", ")[0]
        said.append(
            f"Plans do not simply grow: with {int(row['sites_opened'])} hubs "
            f"{say_site(one, names)} is no longer among the best."
        )
    return tuple(said[:2])


def _brings(rows: pd.DataFrame, reach: float) -> str:
    parts = []
    for at, (_, row) in enumerate(rows.iterrows()):
        count, people = int(row["sites_opened"]), round(float(row["people_gained"]))
        whom = f"{people:,}" if people > 0 else "none" if people == 0 else f"{-people:,} fewer"
        if at == 0:
            noun = say_noun(abs(people), "person", "people")
            many = "nobody more" if people == 0 else f"{whom} {noun}"
            parts.append(f"The {_nth(count)} hub brings {many} within {reach:g} minutes")
        else:
            parts.append(f"the {_nth(count)} {whom}")
    return ", ".join(parts)


def _nth(number: int) -> str:
    return _WORDS[number - 1] if 1 <= number <= len(_WORDS) else say_ordinal(number)
