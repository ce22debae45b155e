"""What does a rota look like: who is where when, who is served, and how many hours it takes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from planner.ledger import Note, note_items
from planner.rota.hours import to_clock
from planner.rota.inputs import RotaProblem, RotaSettings
from planner.rota.program import Choice, Floats, SolveStatus
from planner.rota.reach import Reach
from planner.rota.staffing import TeamDay, day_name
from planner.standards import kind_words

Unit = Literal["need-weighted people", "share"]

PLAN_COLUMNS = [
    "week",
    "day",
    "begin",
    "end",
    "setup_from",
    "team_id",
    "team_name",
    "venue_id",
    "venue_name",
    "services",
    "travel_minutes_before",
]

#: What every rota says of itself.
METHOD_NOTES = (
    "Where several teams are at one venue on one day, each has a room of its own for that day.",
    "A team is in one place at a time and visits a venue at most once a day; rooms are open from "
    "the beginning of setting up to the end of the session; sessions end by midnight.",
    "Hours run from leaving the base (or beginning to set up) to being back (or the end of the "
    "last session), waiting included. Travel is rounded up to whole minutes.",
    "Public holidays are not looked at. People served are need-weighted people within reach times "
    "the access a session gives: nobody knows from this who will come.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Rota:
    """The weeks of outreach teams, and whom they serve.

    Parameters
    ----------
    plan
        A row for each session, in the order of weeks, days and beginnings: `PLAN_COLUMNS`;
        ``week`` from 1, ``day`` a name, ``begin``, ``end`` and ``setup_from`` as ``HH:MM``,
        ``services`` separated by ``;``, travel in minutes (from the base for the first).
    served
        Index ``area_code, kind``: ``type``, ``people``, ``demand``, ``venue_id`` (with most days
        in reach; the nearest of those; "" none), ``minutes``, ``days`` in the cycle,
        ``share_before`` and ``share_after`` (credit, 1 a permanent service) and ``served``
        (need-weighted people).
    by_type
        Index ``type, kind``: ``areas``, ``people``, ``people_in_reach`` (in areas with a session
        in reach), ``demand``, ``served``, ``share_before`` and ``share_after`` (demand-weighted).
    best_by_type
        On types: need-weighted people that a rota for it alone serves; NaN where fairness has
        not asked.
    hours
        Index ``team_id, week``: ``team_name``, ``days``, ``sessions``, ``session_hours``,
        ``setup_hours``, ``travel_hours``, ``waiting_hours``, ``hours`` and ``hours_allowed`` (NaN:
        no weekly limit).
    objective, bound, gap, status, unit
        Worth of the rota, a bound on any other's, their relative gap (0 where proved), and
        ``optimal`` or ``time_limit``. ``unit``: need-weighted people, or, where the worst-off
        type counts, a share of them.
    weeks
        Weeks after which the plan comes round.
    credit_words
        How days of presence count, and what of it is assumed.
    notes
        What was left out, stated or could not be proved.
    """

    plan: pd.DataFrame
    served: pd.DataFrame
    by_type: pd.DataFrame
    best_by_type: pd.Series
    hours: pd.DataFrame
    objective: float
    bound: float
    gap: float
    status: SolveStatus
    unit: Unit
    weeks: int
    credit_words: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        assert list(self.plan.columns) == PLAN_COLUMNS
        assert self.bound >= self.objective
        assert self.gap >= 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """What the solver settled; ``best`` by type, NaN where it was not asked."""

    choice: Choice
    objective: float
    bound: float
    proved: bool
    in_people: bool
    best: Floats


def build_result(
    problem: RotaProblem,
    settings: RotaSettings,
    reach: Reach,
    days: Sequence[TeamDay],
    solved: Solved,
    notes: Sequence[Note],
) -> Rota:
    """Lay a choice of runs out in tables."""
    plan = _plan_table(problem, settings, days, solved.choice)
    served = _served_table(problem, reach, _count(problem, reach, plan))
    proved = solved.proved
    # The solver works to a millionth: a proved answer is its own bound.
    bound = solved.objective if proved else max(solved.bound, solved.objective)
    scale = max(abs(solved.objective), 1e-9)
    method = note_items("rota", "method", METHOD_NOTES, " ".join(METHOD_NOTES))
    return Rota(
        plan=plan,
        served=served,
        by_type=_type_table(served),
        best_by_type=pd.Series(solved.best, index=list(reach.types), name="best", dtype=float),
        hours=_hours_table(problem, settings, days, solved.choice),
        objective=solved.objective,
        bound=bound,
        gap=(bound - solved.objective) / scale,
        status="optimal" if proved else "time_limit",
        unit="need-weighted people" if solved.in_people else "share",
        weeks=settings.weeks,
        credit_words=settings.credit.words,
        notes=(*notes, method),
    )


def _plan_table(
    problem: RotaProblem, settings: RotaSettings, days: Sequence[TeamDay], choice: Choice
) -> pd.DataFrame:
    rows = []
    for day, at in zip(days, choice, strict=True):
        if at < 0:
            continue
        run, team = day.runs[at], problem.teams.index[day.team]
        for venue, begin, travel in zip(run.venues, run.begins, run.travels, strict=True):
            code = problem.venues.index[venue]
            row = {
                "week": day.week + 1,
                "day": day_name(day.day),
                "begin": to_clock(begin),
                "end": to_clock(begin + settings.session_minutes),
                "setup_from": to_clock(begin - settings.setup_minutes),
                "team_id": str(team),
                "team_name": str(problem.teams.loc[team, "team_name"]),
                "venue_id": str(code),
                "venue_name": str(problem.venues.loc[code, "venue_name"]),
                "services": ";".join(problem.services_of(str(team))),
                "travel_minutes_before": travel,
            }
            rows.append(((day.week, day.day, begin, str(team)), row))
    rows.sort(key=lambda pair: pair[0])
    table = pd.DataFrame([row for _, row in rows], columns=PLAN_COLUMNS)
    return table.rename_axis("session")


def _count(problem: RotaProblem, reach: Reach, plan: pd.DataFrame) -> np.ndarray:
    """Return the days of each service at each venue from the plan itself, venues × kinds."""
    found = np.zeros((len(problem.venues), len(reach.kinds)), dtype=np.int64)
    place = {str(code): at for at, code in enumerate(problem.venues.index)}
    for column, kind in enumerate(reach.kinds):
        days = {
            (place[row.venue_id], row.week, row.day)
            for row in plan.itertuples()
            if kind in row.services.split(";")
        }
        for venue, _, _ in days:
            found[venue, column] += 1
    return found


def _served_table(problem: RotaProblem, reach: Reach, days: np.ndarray) -> pd.DataFrame:
    areas, after = problem.demand.index, reach.after(days)
    best = reach.best_days(days)
    venues = np.array([str(code) for code in problem.venues.index], dtype=object)
    parts = []
    for column, kind in enumerate(reach.kinds):
        there = np.where(reach.near, days[:, column], 0)
        most = (there == best[:, [column]]) & (there > 0)
        minutes = np.where(most, reach.minutes, np.inf)
        found = best[:, column] > 0
        at = minutes.argmin(axis=1)
        gain = reach.demand[:, column] * (after[:, column] - reach.before[:, column])
        parts.append(
            pd.DataFrame(
                {
                    "area_code": areas.astype(str),
                    "kind": kind,
                    "type": problem.groups.astype(str).to_numpy(),
                    "people": problem.people.to_numpy(dtype="float64"),
                    "demand": problem.demand[kind].to_numpy(dtype="float64"),
                    "venue_id": np.where(found, venues[at], ""),
                    "minutes": np.where(found, minutes.min(axis=1), np.nan),
                    "days": best[:, column],
                    "share_before": reach.before[:, column],
                    "share_after": after[:, column],
                    "served": gain,
                }
            )
        )
    return pd.concat(parts).set_index(["area_code", "kind"]).sort_index()


def _type_table(served: pd.DataFrame) -> pd.DataFrame:
    table = served.reset_index()
    table = table.assign(
        areas=1,
        people_in_reach=table["people"].where(table["days"] > 0, 0.0),
        had=table["demand"] * table["share_before"],
        has=table["demand"] * table["share_after"],
    )
    sums = table.groupby(["type", "kind"])[
        ["areas", "people", "people_in_reach", "demand", "served", "had", "has"]
    ].sum()
    for name, part in (("share_before", "had"), ("share_after", "has")):
        sums[name] = sums[part] / sums["demand"].where(sums["demand"] > 0)
    return sums.drop(columns=["had", "has"])


def _hours_table(
    problem: RotaProblem, settings: RotaSettings, days: Sequence[TeamDay], choice: Choice
) -> pd.DataFrame:
    rows = []
    for number, (team, row) in enumerate(problem.teams.iterrows()):
        for week in range(settings.weeks):
            runs = [
                day.runs[at]
                for day, at in zip(days, choice, strict=True)
                if at >= 0 and (day.team, day.week) == (number, week)
            ]
            sessions = sum(len(run.venues) for run in runs)
            minutes = sum(run.minutes for run in runs)
            travel = sum(sum(run.travels) + run.home for run in runs)
            busy = sessions * (settings.session_minutes + settings.setup_minutes) + travel
            rows.append(
                {
                    "team_id": str(team),
                    "week": week + 1,
                    "team_name": str(row["team_name"]),
                    "days": len(runs),
                    "sessions": sessions,
                    "session_hours": sessions * settings.session_minutes / 60,
                    "setup_hours": sessions * settings.setup_minutes / 60,
                    "travel_hours": travel / 60,
                    "waiting_hours": (minutes - busy) / 60,
                    "hours": minutes / 60,
                    "hours_allowed": float(row["hours_per_week"]),
                }
            )
    return pd.DataFrame(rows).set_index(["team_id", "week"])


def build_week_table(rota: Rota) -> pd.DataFrame:
    """Return the plan as a table to pin up: teams and weeks down, days across.

    Returns
    -------
    table
        Index ``team_name, week``; a column a day that any team works on, each cell a line
        ``09:30-12:30 Venue (services)`` a session.
    """
    plan = rota.plan
    cells = [
        f"{row.begin}-{row.end} {row.venue_name} "
        f"({', '.join(kind_words(kind) for kind in row.services.split(';'))})"
        for row in plan.itertuples()
    ]
    wide = plan.assign(cell=cells).pivot_table(
        index=["team_name", "team_id", "week"], columns="day", values="cell", aggfunc="\n".join
    )
    wide = wide.reindex(columns=[d for d in map(day_name, range(7)) if d in set(plan["day"])])
    return wide.fillna("").reset_index("team_id", drop=True)
