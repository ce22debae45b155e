"""Which days could each team work, and what could it do on them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.access.opening import DAYS
from planner.errors import InfeasibleError, ProjectError
from planner.ledger import Note, note_items
from planner.rota.hours import DAY_MINUTES, Minutes, Spans, find_begins, read_days, read_shift
from planner.rota.inputs import RotaProblem, RotaSettings
from planner.rota.runs import NEVER, DayRun, WorkDay, count_sets, find_runs, to_whole
from planner.wording import say_few, say_list, say_many

#: Most day runs of all teams together that are looked at, and orders of venues in one day.
MOST_RUNS, MOST_ORDERS = 200_000, 300_000


@dataclass(frozen=True, kw_only=True, eq=False)
class TeamDay:
    """What one team could do on one day of the cycle (``week`` and ``day`` from 0)."""

    team: int
    week: int
    day: int
    runs: tuple[DayRun, ...]


def build_days(
    problem: RotaProblem,
    settings: RotaSettings,
    openings: Mapping[str, tuple[Spans, ...]],
) -> tuple[list[TeamDay], list[Note]]:
    """Return every day on which a team works, with all it could do.

    Parameters
    ----------
    problem, settings
        As given.
    openings
        Venue → spans by day of the week, of the venues that take part.

    Raises
    ------
    InfeasibleError
        No session fits anywhere.
    ProjectError
        There are too many ways to spend a day.
    """
    _refuse_long_sessions(problem, settings, openings)
    venues = [str(venue) for venue in problem.venues.index]
    begins = [
        [find_begins(openings[v][day], settings) if v in openings else _NONE for v in venues]
        for day in range(len(DAYS))
    ]
    days: list[TeamDay] = []
    shut: list[str] = []
    known: dict[tuple[object, ...], tuple[DayRun, ...]] = {}
    for team, (code, row) in enumerate(problem.teams.iterrows()):
        worked = read_days(str(row["days"]), str(row["team_name"]))
        for day in worked:
            work = _work_day(problem, settings, str(code), row, begins[day])
            if work.key not in known:
                _refuse_many(work, settings)
                known[work.key] = tuple(find_runs(work, settings.sessions_a_day))
            if not known[work.key] and work.longest > 0:
                shut.append(f"{row['team_name']}, {_DAY_NAMES[day]}")
            days += [
                TeamDay(team=team, week=week, day=day, runs=known[work.key])
                for week in range(settings.weeks)
            ]
    _check_days(days)
    return days, _shut_notes(shut)


_NONE = np.zeros(0, dtype=np.int64)
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day_name(day: int) -> str:
    """Return the name of a day of the week, 0 for Monday."""
    return _DAY_NAMES[day]


def _work_day(
    problem: RotaProblem,
    settings: RotaSettings,
    code: str,
    row: pd.Series,
    begins: list[Minutes],
) -> WorkDay:
    venues, base = problem.venues.index, str(row["base"])
    between = to_whole(problem.travel.loc[venues, venues].to_numpy(dtype="float64"))
    none = np.zeros(len(venues), dtype=np.int64)
    hours = [float(row[column]) for column in ("hours_per_day", "hours_per_week")]
    useful = _useful(problem, settings, code)
    rooms = problem.venues["rooms"].to_numpy(dtype="float64")
    return WorkDay(
        begins=tuple(
            begin if use and not room < 1 else _NONE
            for begin, use, room in zip(begins, useful, rooms, strict=True)
        ),
        travel=between,
        out=to_whole(problem.travel.loc[base, venues].to_numpy(dtype="float64")) if base else none,
        home=to_whole(problem.travel.loc[venues, base].to_numpy(dtype="float64")) if base else none,
        shift=read_shift(row.to_dict()),
        longest=min([60 * h for h in hours if not np.isnan(h)], default=float(DAY_MINUTES)),
        session=settings.session_minutes,
        setup=settings.setup_minutes,
    )


def _useful(problem: RotaProblem, settings: RotaSettings, code: str) -> np.ndarray:
    """Say at which venues a team could serve anybody who is not served fully already."""
    kinds = [kind for kind in problem.services_of(code) if kind in problem.demand]
    want = (problem.demand[kinds].fillna(0.0) > 0) & (problem.permanent[kinds] < 1)
    near = (problem.minutes <= settings.within_minutes).to_numpy()
    found: np.ndarray = (near & want.any(axis=1).to_numpy()[:, None]).any(axis=0)
    return found


def _refuse_long_sessions(
    problem: RotaProblem, settings: RotaSettings, openings: Mapping[str, tuple[Spans, ...]]
) -> None:
    lengths = {
        venue: max((end - begin for spans in week for begin, end in spans), default=0)
        for venue, week in openings.items()
    }
    needed = settings.session_minutes + settings.setup_minutes
    if not lengths:
        raise InfeasibleError(
            "The rota has no venue whose opening times are known.",
            hint="Add venues, or state their hours.",
        )
    if max(lengths.values()) < needed:
        longest = max(lengths, key=lambda venue: (lengths[venue], venue))
        name = problem.venues.loc[longest, "venue_name"]
        raise InfeasibleError(
            f"Rota: a session of {settings.session_minutes} minutes with "
            f"{settings.setup_minutes} minutes to set up is longer than any opening; the longest "
            f"is {lengths[longest]} minutes ({name}).",
            hint="Shorten sessions, or add a venue that is open for longer at a time.",
        )


def _refuse_many(work: WorkDay, settings: RotaSettings) -> None:
    venues = sum(len(begin) > 0 for begin in work.begins)
    orders = 1
    for step in range(min(settings.sessions_a_day, venues)):
        orders *= venues - step
    if orders > MOST_ORDERS or count_sets(venues, settings.sessions_a_day) > MOST_RUNS:
        raise ProjectError(
            f"Rota: {say_many(venues, 'venue')} can be visited in {orders:,} orders in one day; "
            f"at most {MOST_ORDERS:,} can be looked at.",
            hint="Take fewer venues (those chosen as hubs), or fewer sessions a day.",
        )


def _check_days(days: list[TeamDay]) -> None:
    runs = sum(len(day.runs) for day in days)
    if not runs:
        raise InfeasibleError(
            "No session of the rota fits anywhere: on the days and hours that teams work, no "
            "venue with a room that people in need reach is open for long enough.",
            hint="Change days, hours or session length, or add venues.",
        )
    if runs > MOST_RUNS:
        raise ProjectError(
            f"Rota: teams could spend their days in {runs:,} ways; at most {MOST_RUNS:,} can be "
            "looked at.",
            hint="Take fewer venues (those chosen as hubs), or fewer sessions a day.",
        )


def _shut_notes(shut: list[str]) -> list[Note]:
    if not shut:
        return []
    text = (
        "No venue that people in need reach is open for long enough within the team's hours on "
        f"{say_many(len(shut), 'day')} worked: {say_few(shut)}."
    )
    return [note_items("rota", "no_venue_open", shut, text)]


def room_notes(problem: RotaProblem) -> list[Note]:
    """Say which venues have no room, and which have an unknown number."""
    rooms = problem.venues["rooms"].to_numpy(dtype="float64")
    notes = []
    none = [str(code) for code in problem.venues.index[rooms < 1]]
    if none:
        text = f"Without a room, so never visited: {say_few(none)}."
        notes.append(note_items("rota", "no_room", none, text))
    unknown = [str(code) for code in problem.venues.index[np.isnan(rooms)]]
    if unknown and len(problem.teams) > 1:
        text = f"Number of rooms not known, taken as one: {say_few(unknown)}."
        notes.append(note_items("rota", "rooms_not_known", unknown, text))
    return notes


def base_notes(problem: RotaProblem) -> list[Note]:
    """Say which teams' journeys to the first and from the last venue are not counted."""
    names = [
        str(name)
        for name, base in zip(problem.teams["team_name"], problem.teams["base"], strict=True)
        if not str(base)
    ]
    if not names:
        return []
    text = (
        f"No base is given for {say_list(names)}: the journeys to the first and from the last "
        "venue of the day are not counted in their hours."
    )
    return [note_items("rota", "no_base", names, text)]


__all__ = [
    "NEVER",
    "TeamDay",
    "base_notes",
    "build_days",
    "day_name",
    "room_notes",
]
