"""What does an outreach rota have to work with: venues, teams, journeys and people?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from planner.errors import DataError, ProjectError
from planner.rota.credit import Credit
from planner.wording import say_few

VENUE_COLUMNS = ["venue_name", "opening", "rooms"]
TEAM_COLUMNS = [
    "team_name",
    "services",
    "days",
    "begin",
    "end",
    "hours_per_day",
    "hours_per_week",
    "base",
]

#: What becomes of venues whose opening times are not known or cannot be read.
UnknownHours = Literal["refuse", "leave_out", "stated"]
#: Longest cycle, and the most sessions that a team may hold in a day.
MOST_WEEKS, MOST_A_DAY = 4, 4


@dataclass(frozen=True, kw_only=True)
class RotaSettings:
    """How long sessions are, how often the plan comes round, and what counts as served.

    Parameters
    ----------
    session_minutes, setup_minutes
        Length of a session, and of setting up before it; the room must be open for both.
    weeks
        Weeks after which the plan comes round: 1 weekly, 2 fortnightly.
    sessions_a_day
        Most sessions of one team in a day.
    within_minutes
        Longest journey to a venue that counts as within reach.
    start_every_minutes
        Sessions begin at whole multiples of this after midnight.
    unknown_hours, stated_hours
        Whether venues without readable opening times stop the run (``refuse``), take no part
        (``leave_out``) or are taken to be open at ``stated_hours`` (``stated``).
    credit
        How days of presence count.
    """

    session_minutes: int
    within_minutes: float
    setup_minutes: int = 0
    weeks: int = 1
    sessions_a_day: int = 2
    start_every_minutes: int = 15
    unknown_hours: UnknownHours = "refuse"
    stated_hours: str = ""
    credit: Credit = field(default_factory=Credit)

    def __post_init__(self) -> None:
        allowed = (
            ("session_minutes", self.session_minutes, 1, 24 * 60),
            ("setup_minutes", self.setup_minutes, 0, 24 * 60),
            ("weeks", self.weeks, 1, MOST_WEEKS),
            ("sessions_a_day", self.sessions_a_day, 1, MOST_A_DAY),
            ("start_every_minutes", self.start_every_minutes, 1, 24 * 60),
        )
        for name, value, least, most in allowed:
            if not least <= value <= most:
                raise ProjectError(
                    f"Rota: {name} is {value:g}.", hint=f"Give a number from {least} to {most}."
                )
        if not (np.isfinite(self.within_minutes) and self.within_minutes >= 0):
            raise ProjectError(
                f"Rota: within_minutes is {self.within_minutes:g}.",
                hint="Give the longest journey that counts as within reach, in minutes.",
            )
        if (self.unknown_hours == "stated") != bool(self.stated_hours.strip()):
            raise ProjectError(
                "Rota: stated_hours goes with unknown_hours = 'stated', and the other way round.",
                hint="Such as unknown_hours = 'stated', stated_hours = 'Mo-Fr 09:00-17:00'.",
            )


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """What each type of neighbourhood is owed.

    ``floor_share`` (0-1): every type gets at least this share of the most that any rota could do
    for it alone. ``worst_type_weight`` (0-1): how much the type left worst off counts beside the
    sum over all; 0 looks at the sum alone, 1 at the worst-off type alone.
    """

    floor_share: float = 0.0
    worst_type_weight: float = 0.0

    def __post_init__(self) -> None:
        for name in ("floor_share", "worst_type_weight"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise ProjectError(f"Rota: {name} is {value:g}.", hint="Give a share from 0 to 1.")


@dataclass(frozen=True, kw_only=True, eq=False)
class RotaProblem:
    """Who could go where, and whom that would reach.

    Parameters
    ----------
    venues
        Index ``venue_id`` (sorted): ``venue_name``, ``opening`` (OpenStreetMap's opening_hours,
        "" unknown), ``rooms`` (how many teams may be there on one day; NaN unknown).
    teams
        Index ``team_id`` (sorted): ``team_name``, ``services`` (kinds separated by ``;``),
        ``days`` (such as ``Mo-We,Fr``), ``begin`` and ``end`` (``HH:MM`` within which they work,
        "" not stated), ``hours_per_day`` and ``hours_per_week`` (NaN: no limit, but not both),
        ``base`` (where the day begins and ends: a row of ``travel``; "" none).
    minutes
        Areas × venues, door to door; NaN: no way within the longest journey searched.
    travel
        Minutes of a team between venues (and from and to bases), from rows to columns; NaN: no
        way.
    demand
        Areas × kinds of service, need-weighted people; NaN: not known.
    people
        On the areas.
    permanent
        Areas × kinds: access that people have already, 0 none to 1 a permanent service.
    groups
        On the areas: type of neighbourhood, "" where none.

    Raises
    ------
    ProjectError
        There is no staff, or a team has no hours, days or services.
    DataError
        The frames do not fit together, or a figure is below zero.
    """

    venues: pd.DataFrame
    teams: pd.DataFrame
    minutes: pd.DataFrame
    travel: pd.DataFrame
    demand: pd.DataFrame
    people: pd.Series
    permanent: pd.DataFrame
    groups: pd.Series

    def __post_init__(self) -> None:
        _check_columns(self.venues, VENUE_COLUMNS, "venues")
        _check_columns(self.teams, TEAM_COLUMNS, "teams")
        _check_teams(self.teams)
        _check_axes(self)
        _check_travel(self)
        _check_figures(self)
        _check_services(self)

    @property
    def kinds(self) -> list[str]:
        """Kinds of service that people need and some team brings, sorted."""
        brought = {kind for team in self.teams.index for kind in self.services_of(str(team))}
        return sorted(brought & set(self.demand.columns))

    def services_of(self, team: str) -> tuple[str, ...]:
        """Return the kinds that a team brings, sorted."""
        return split_kinds(str(self.teams.loc[team, "services"]))


def split_kinds(words: str) -> tuple[str, ...]:
    """Return kinds separated by ``;``, sorted, each once."""
    return tuple(sorted({part.strip() for part in words.split(";")} - {""}))


def _check_columns(frame: pd.DataFrame, columns: list[str], name: str) -> None:
    absent = [column for column in columns if column not in frame]
    if absent:
        raise DataError(
            f"Rota: the table of {name} has no column {absent[0]!r}.",
            hint=f"Columns: {', '.join(columns)}.",
        )
    if not frame.index.is_unique or not frame.index.is_monotonic_increasing:
        raise DataError(f"Rota: the ids of {name} must be unique and sorted.")


def _check_teams(teams: pd.DataFrame) -> None:
    if not len(teams):
        raise ProjectError(
            "The rota has no staff: there is no team.",
            hint="Give at least one team with its hours, days and services.",
        )
    day, week = (
        teams[c].to_numpy(dtype="float64").copy() for c in ("hours_per_day", "hours_per_week")
    )
    bad = (day < 0) | (week < 0) | (np.isnan(day) & np.isnan(week))
    if bad.any():
        raise ProjectError(
            f"Rota: the hours of {_names(teams, bad)} are not known or below zero.",
            hint="State hours_per_day or hours_per_week; 0 for a team that does not work.",
        )
    if ((day == 0) | (week == 0)).all():
        raise ProjectError(
            "The rota has no staff: no team has any hours.",
            hint="Give at least one team hours_per_day or hours_per_week above 0.",
        )
    for column, words in (("services", "bring no service"), ("days", "work on no day")):
        empty = np.array([not str(text).strip(" ;") for text in teams[column]])
        if empty.any():
            raise ProjectError(
                f"Rota: {_names(teams, empty)} {words}.", hint=f"Fill in {column} for each team."
            )


def _names(teams: pd.DataFrame, chosen: np.ndarray) -> str:
    return say_few([str(name) for name in teams.loc[chosen, "team_name"]])


def _check_axes(problem: RotaProblem) -> None:
    areas = problem.demand.index
    if not areas.is_unique or not areas.is_monotonic_increasing:
        raise DataError("Rota: the areas of demand must be unique and sorted.")
    if not problem.minutes.index.equals(areas):
        raise DataError("Rota: minutes and demand are not of the same areas in the same order.")
    if not problem.minutes.columns.equals(problem.venues.index):
        raise DataError("Rota: minutes and venues are not of the same venues in the same order.")
    for name in ("people", "permanent", "groups"):
        if not getattr(problem, name).index.equals(areas):
            raise DataError(f"Rota: {name} and demand are not of the same areas in the same order.")
    if not problem.permanent.columns.equals(problem.demand.columns):
        raise DataError("Rota: permanent and demand are not of the same kinds in the same order.")


def _check_travel(problem: RotaProblem) -> None:
    bases = {str(base) for base in problem.teams["base"]} - {""}
    wanted = pd.Index(sorted({*map(str, problem.venues.index), *bases}))
    for axis in (problem.travel.index, problem.travel.columns):
        absent = wanted.difference(axis)
        if len(absent) or not axis.is_unique:
            raise DataError(
                "Rota: the minutes between venues lack "
                f"{say_few([str(code) for code in absent]) or 'nothing, but name one twice'}.",
                hint="Give a table with a row and a column for each venue and each team's base.",
            )


def _check_figures(problem: RotaProblem) -> None:
    for name in ("minutes", "travel", "demand", "people", "permanent"):
        values = np.asarray(getattr(problem, name), dtype="float64")
        if bool((values < 0).any()) or bool(np.isinf(values).any()):
            raise DataError(f"Rota: {name} holds a figure below zero or without end.")
    permanent = problem.permanent.to_numpy(dtype="float64")
    if bool(np.isnan(permanent).any()) or bool((permanent > 1).any()):
        raise DataError(
            "Rota: access that people have already must be a share from 0 to 1 everywhere.",
            hint="0 where there is no such service within reach, 1 where there is.",
        )
    rooms = problem.venues["rooms"].to_numpy(dtype="float64")
    if bool((rooms < 0).any()):
        raise DataError("Rota: a venue has a number of rooms below zero.")


def _check_services(problem: RotaProblem) -> None:
    if not problem.kinds:
        raise ProjectError(
            "Rota: no team brings a service that the demand is about "
            f"({say_few([str(kind) for kind in problem.demand.columns])}).",
            hint="Name services as the columns of demand.",
        )
