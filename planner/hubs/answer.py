"""Which sites were chosen, who goes where, and how good is that known to be?"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from planner.hubs.problem import Floats, SitingProblem
from planner.hubs.program import TOLERANCE
from planner.ledger import Note, note_items
from planner.wording import say_many, say_noun

Model = Literal[
    "p_median",
    "max_cover",
    "set_cover",
    "p_centre",
    "worst_off",
    "fair_cover",
    "capacitated_p_median",
    "capacitated_cover",
]
SitingStatus = Literal["optimal", "time_limit", "infeasible"]

#: Whether an answer is better the more or the less it comes to.
MORE_IS_BETTER: dict[Model, bool] = {
    "p_median": False,
    "max_cover": True,
    "set_cover": False,
    "p_centre": False,
    "worst_off": False,
    "fair_cover": True,
    "capacitated_p_median": False,
    "capacitated_cover": True,
}
UNITS: dict[Model, str] = {
    "p_median": "need-weighted minutes",
    "max_cover": "need-weighted people within reach",
    "set_cover": "sites opened",
    "p_centre": "minutes of the longest journey",
    "worst_off": "mean minutes of the worst-off",
    "fair_cover": "need-weighted people within reach",
    "capacitated_p_median": "need-weighted minutes",
    "capacitated_cover": "need-weighted people within reach",
}
SERVED_COLUMNS = ("area_code", "venue_id", "people", "minutes")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change that would make possible what was asked for.

    ``needed`` is the least that does it, or where ``proved`` is False the least that was found in
    time; ``now`` what was asked for; ``text`` a sentence.
    """

    what: Literal["minutes", "p", "budget", "share", "capacity"]
    now: float
    needed: float
    text: str
    proved: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Infeasible:
    """Why no choice does what was asked for, and what would have to change.

    ``areas`` are those that cannot be covered from any site that may be used, on ``area_code``:
    ``minutes`` to the nearest of them, ``over_by`` (minutes beyond what was asked; both NaN where
    there is no way at all within the longest journey) and ``people``. ``changes`` each suffice
    alone; empty where none of them would. ``text`` says all of it.
    """

    areas: pd.DataFrame
    changes: tuple[Change, ...]
    text: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Siting:
    """One answer of any model.

    Parameters
    ----------
    model, unit
        What was asked for, and what its figures are of.
    chosen
        Sites opened beside the existing ones, sorted; the forced ones are among them.
    open
        All open sites, sorted.
    assigned
        Of each area, the open site it goes to: the nearest one, the first by its id of two as
        near; where sites fill up, the one that takes most of its people. ``""`` where none does.
    minutes
        Of each area, minutes to it; where its people go to several sites, their mean. NaN where
        there is none.
    served
        Who goes where: one row an area and site, with ``people`` and ``minutes``.
    objective, bound, gap
        What the answer comes to, what no answer can be better than, and their difference as a
        share of the greater (0 where proved). NaN where no choice does what was asked for.
    status
        ``optimal`` (proved to one part in a million), ``time_limit`` (best found in time) or
        ``infeasible``; then ``infeasible`` says why.
    """

    model: Model
    unit: str
    chosen: pd.Index
    open: pd.Index
    assigned: pd.Series
    minutes: pd.Series
    served: pd.DataFrame
    objective: float
    bound: float
    gap: float
    status: SitingStatus
    infeasible: Infeasible | None = None
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        assert self.assigned.index.equals(self.minutes.index)
        assert (self.status == "infeasible") == (self.infeasible is not None)
        if self.status == "infeasible":
            return
        better, worse = sorted([self.objective, self.bound])
        if MORE_IS_BETTER[self.model]:
            better, worse = worse, better
        assert better == self.bound or self.gap == 0.0, "a bound is no bound"
        assert 0 <= self.gap < math.inf
        assert self.status == "time_limit" or self.gap == 0.0


def build_siting(
    problem: SitingProblem,
    model: Model,
    chosen: pd.Index,
    *,
    objective: float,
    bound: float,
    finished: bool,
    served: pd.DataFrame | None = None,
    infeasible: Infeasible | None = None,
    notes: tuple[Note, ...] = (),
) -> Siting:
    """Return an answer with its gap, and each area's way to it.

    Parameters
    ----------
    problem, model
        What was asked for.
    chosen
        Candidates opened; the forced sites are added to them.
    objective, bound
        What the answer comes to, and what is proved of every answer.
    finished
        The search came to its end, so that what is left of a gap is rounding.
    served
        Who goes where, if not each area to its nearest open site.
    infeasible, notes
        Why there is no answer; what there is to say beside the problem's own notes.
    """
    opened = problem.open_sites.union(chosen)
    if served is None:
        served = _nearest(problem, opened)
    most = (
        served.sort_values(["people", "venue_id"], ascending=[False, True], kind="stable")
        .drop_duplicates("area_code")
        .set_index("area_code")
    )
    codes = problem.minutes.index
    # The bound of an answer that is proved best is the answer.
    bound = max(bound, objective) if MORE_IS_BETTER[model] else min(bound, objective)
    greater = max(abs(bound), abs(objective))
    gap = abs(bound - objective) / greater if greater > 0 else 0.0
    proved = finished or gap <= TOLERANCE
    return Siting(
        model=model,
        unit=UNITS[model],
        chosen=problem.forced.union(chosen),
        open=opened,
        assigned=most["venue_id"].reindex(codes, fill_value="").rename("venue_id"),
        minutes=_mean_minutes(served, most["minutes"], codes),
        served=served,
        objective=objective,
        bound=bound,
        gap=math.nan if infeasible is not None else 0.0 if proved else gap,
        status="infeasible" if infeasible is not None else "optimal" if proved else "time_limit",
        infeasible=infeasible,
        notes=(
            *problem.notes,
            *notes,
            *(() if infeasible is not None else _not_reached(problem, model, opened)),
        ),
    )


def build_infeasible(problem: SitingProblem, model: Model, why: Infeasible) -> Siting:
    """Return that there is no answer, and why; what is open is what is open anyway."""
    return build_siting(
        problem,
        model,
        problem.sites.index[:0],
        objective=math.nan,
        bound=math.nan,
        finished=True,
        infeasible=why,
    )


def to_served(problem: SitingProblem, shares: Floats) -> pd.DataFrame:
    """Return who goes where, from shares of areas × sites."""
    row, column = np.nonzero(shares > 0)
    return pd.DataFrame(
        {
            "area_code": problem.minutes.index[row],
            "venue_id": problem.minutes.columns[column],
            "people": shares[row, column] * problem.people.to_numpy(dtype=float)[row],
            "minutes": problem.minutes.to_numpy()[row, column],
        },
        columns=list(SERVED_COLUMNS),
    )


def _not_reached(problem: SitingProblem, model: Model, opened: pd.Index) -> tuple[Note, ...]:
    """Name the areas that reach none of the open sites, though they would reach another."""
    times = problem.minutes.to_numpy(dtype=float)
    reached = ~np.isnan(times[:, problem.at(opened)]).all(axis=1)
    left = problem.minutes.index[~reached & (problem.people > 0).to_numpy()]
    left = left.difference(problem.out_of_reach) if len(left) else left
    if len(left) == 0:
        return ()
    counts = "" if "cover" in model else f"; each counts as {problem.penalty_minutes:g} minutes"
    text = (
        f"{say_many(len(left), 'area')} {say_noun(len(left), 'reaches', 'reach')} none of the open "
        f"sites within the longest journey, though another site would do{counts}."
    )
    return (note_items("hubs", "areas_not_reached", left, text),)


def _nearest(problem: SitingProblem, opened: pd.Index) -> pd.DataFrame:
    """Return who goes where if each area goes to its nearest open site."""
    columns = np.sort(problem.at(opened))
    cost = problem.minutes.to_numpy(dtype=float)[:, columns]
    cost = np.where(np.isnan(cost), np.inf, cost)
    if len(columns) == 0:
        cost = np.full((len(cost), 1), np.inf)
    at, near = cost.argmin(axis=1), cost.min(axis=1)
    reached = np.isfinite(near)
    return pd.DataFrame(
        {
            "area_code": problem.minutes.index[reached],
            "venue_id": problem.minutes.columns[columns[at[reached]]]
            if len(columns)
            else problem.minutes.columns[:0],
            "people": problem.people.to_numpy(dtype=float)[reached],
            "minutes": near[reached],
        },
        columns=list(SERVED_COLUMNS),
    )


def _mean_minutes(served: pd.DataFrame, only: pd.Series, codes: pd.Index) -> pd.Series:
    """Return each area's minutes, the mean of its people's where they go to several sites."""
    if served["area_code"].is_unique:
        return only.reindex(codes).rename("minutes")
    sums = (
        served.assign(total=served["people"] * served["minutes"])
        .groupby("area_code")[["total", "people"]]
        .sum()
    )
    several = served["area_code"].value_counts().reindex(only.index) > 1
    mean = (sums["total"] / sums["people"]).reindex(only.index)
    return only.where(~several, mean).reindex(codes).rename("minutes")
