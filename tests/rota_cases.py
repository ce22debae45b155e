"""Small rotas for tests, and an independent search through every rota there is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner.access.opening import DAYS, is_open
from planner.rota import RotaProblem, RotaSettings

#: A run: its venues and how long it takes; a rota: one for each team's day.
Run = tuple[tuple[str, ...], int]


def teams_table(**columns: object) -> pd.DataFrame:
    """Return a table of one team or more, of the columns that matter to a test."""
    given = {key: value if isinstance(value, list) else [value] for key, value in columns.items()}
    rows = max((len(value) for value in given.values()), default=1)
    table = {
        "team_name": [f"Team {number}" for number in range(rows)],
        "services": ["advice"] * rows,
        "days": ["Mo-Fr"] * rows,
        "begin": [""] * rows,
        "end": [""] * rows,
        "hours_per_day": [7.5] * rows,
        "hours_per_week": [np.nan] * rows,
        "base": [""] * rows,
    }
    table.update({key: value * rows if len(value) == 1 else value for key, value in given.items()})
    return pd.DataFrame(table, index=[f"t{number}" for number in range(rows)])


def simple_problem(
    minutes: list[list[float]],
    demand: list[float],
    *,
    teams: pd.DataFrame | None = None,
    opening: str | list[str] = "Mo-Fr 09:00-17:00",
    rooms: float = 1.0,
    travel: float = 30.0,
    permanent: list[float] | None = None,
    groups: list[str] | None = None,
) -> RotaProblem:
    """Return a problem with one service, ``advice``, from rows of minutes to venues."""
    areas, venues = _ids("E", len(minutes)), _ids("v", len(minutes[0]))
    openings = [opening] * len(venues) if isinstance(opening, str) else opening
    apart = np.full((len(venues), len(venues)), travel)
    np.fill_diagonal(apart, 0.0)
    return RotaProblem(
        venues=pd.DataFrame(
            {
                "venue_name": [f"Hall {venue}" for venue in venues],
                "opening": openings,
                "rooms": rooms,
            },
            index=venues,
        ),
        teams=teams_table() if teams is None else teams,
        minutes=pd.DataFrame(minutes, index=areas, columns=venues, dtype=float),
        travel=pd.DataFrame(apart, index=venues, columns=venues),
        demand=pd.DataFrame({"advice": demand}, index=areas, dtype=float),
        people=pd.Series(100.0, index=areas),
        permanent=pd.DataFrame({"advice": permanent or [0.0] * len(areas)}, index=areas),
        groups=pd.Series(groups or [""] * len(areas), index=areas, dtype=object),
    )


def _ids(letter: str, many: int) -> list[str]:
    """Return ids that sort as they are numbered."""
    width = len(str(many - 1))
    return [f"{letter}{number:0{width}d}" for number in range(many)]


def every_run(problem: RotaProblem, settings: RotaSettings, team: str, day: int) -> set[Run]:
    """Return what a team could do in a day, found by trying every order and every time."""
    row = problem.teams.loc[team]
    step = settings.start_every_minutes
    clocks = range(0, 24 * 60, step)
    begins = {
        venue: [begin for begin in clocks if _fits(problem, settings, str(venue), day, begin)]
        for venue in problem.venues.index
    }
    shortest: dict[tuple[str, ...], int] = {}
    for size in range(1, settings.sessions_a_day + 1):
        for order in itertools.permutations(problem.venues.index, size):
            for times in itertools.product(*(begins[venue] for venue in order)):
                took = _took(problem, settings, row, order, times)
                key = tuple(sorted(order))
                if took is not None and took < shortest.get(key, 10**6):
                    shortest[key] = took
    allowed = min(
        60 * hours for hours in (row["hours_per_day"], row["hours_per_week"]) if hours == hours
    )
    return {((), 0), *((key, took) for key, took in shortest.items() if took <= allowed)}


def _fits(problem: RotaProblem, settings: RotaSettings, venue: str, day: int, begin: int) -> bool:
    """Say whether the room is open in every minute from setting up to the end."""
    first, last = begin - settings.setup_minutes, begin + settings.session_minutes
    if first < 0 or last > 24 * 60:
        return False
    opening = str(problem.venues.loc[venue, "opening"])
    return all(
        is_open(opening, DAYS[day], _clock(minute), _clock(minute + 1))
        for minute in range(first, last)
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _took(
    problem: RotaProblem,
    settings: RotaSettings,
    row: pd.Series,
    order: tuple[str, ...],
    times: tuple[int, ...],
) -> int | None:
    """Return the minutes of work of a day, None where it cannot be done."""
    base = row["base"]
    out = problem.travel.loc[base, order[0]] if base else 0.0
    home = problem.travel.loc[order[-1], base] if base else 0.0
    leave = times[0] - settings.setup_minutes - out
    back = times[-1] + settings.session_minutes + home
    for here, there, before, after in zip(order, order[1:], times, times[1:], strict=False):
        travel = problem.travel.loc[here, there]
        if not before + settings.session_minutes + travel + settings.setup_minutes <= after:
            return None
    shift = [int(row[c][:2]) * 60 + int(row[c][3:]) if row[c] else None for c in ("begin", "end")]
    if leave < (shift[0] or 0) or back > (24 * 60 if shift[1] is None else shift[1]):
        return None
    return None if np.isnan(back - leave) else int(back - leave)


def every_rota(
    problem: RotaProblem, settings: RotaSettings, worked: dict[str, list[int]]
) -> Iterator[list[tuple[str, int, int, Run]]]:
    """Go through every rota: team, week, day and run; rooms and weekly hours kept."""
    days = [
        (team, week, day)
        for team, own in worked.items()
        for week in range(settings.weeks)
        for day in own
    ]
    runs = {(team, day): every_run(problem, settings, team, day) for team, _, day in days}
    rooms = problem.venues["rooms"]
    for picked in itertools.product(*(sorted(runs[team, day]) for team, _, day in days)):
        plan = [(*at, run) for at, run in zip(days, picked, strict=True)]
        hours: dict[tuple[str, int], int] = {}
        taken: dict[tuple[str, int, int], int] = {}
        for team, week, day, (venues, took) in plan:
            hours[team, week] = hours.get((team, week), 0) + took
            for venue in venues:
                taken[venue, week, day] = taken.get((venue, week, day), 0) + 1
        over = any(
            took > 60 * problem.teams.loc[team, "hours_per_week"]
            for (team, _), took in hours.items()
        )
        if not over and all(many <= rooms[venue] for (venue, _, _), many in taken.items()):
            yield plan


def credit_of(
    problem: RotaProblem, settings: RotaSettings, plan: list[tuple[str, int, int, Run]]
) -> pd.DataFrame:
    """Return areas × kinds: the access each has with a rota, by its definition."""
    have = problem.permanent.copy()
    for area in have.index:
        for kind in have.columns:
            for venue in problem.venues.index:
                if not problem.minutes.loc[area, venue] <= settings.within_minutes:
                    continue
                days = {
                    (week, day)
                    for team, week, day, (venues, _) in plan
                    if venue in venues and kind in problem.teams.loc[team, "services"].split(";")
                }
                a_week = len(days) / settings.weeks
                rule = settings.credit
                credit = (
                    min(1.0, a_week / rule.full_days_per_week)
                    if rule.rule == "share_of_days"
                    else 1.0 - rule.chance_missed**a_week
                )
                have.loc[area, kind] = max(have.loc[area, kind], credit)
    return have
