"""Which outreach teams are there, what do they bring, and when do they work?"""

from __future__ import annotations

import math

import pandas as pd

from planner.errors import DataError, ProjectError
from planner.project import Project
from planner.rota.hours import read_days, read_shift
from planner.rota.inputs import TEAM_COLUMNS, split_kinds
from planner.sources.tables import match_column, read_table, to_text
from planner.sources.text import clean_text, slug

#: Columns that a list of teams must have; a blank cell is the same as no column for the others.
NEEDED = ("team_name", "services", "days")
NUMBERS = ("hours_per_day", "hours_per_week")
#: A rota of more teams than this cannot be searched.
MOST_TEAMS = 100


def read_teams(project: Project) -> pd.DataFrame | None:
    """Read the project's outreach teams; None where it names no file.

    Returns
    -------
    teams
        Sorted index ``team_id`` (the column of that name, else made of the team's name), columns
        `planner.rota.inputs.TEAM_COLUMNS` and ``partner`` (whose team it is, "" not stated).

    Raises
    ------
    ProjectError
        There is no team, or its days or times cannot be read.
    DataError
        A column is missing, a row is not filled in, hours are no number, or two teams have one id.
    """
    file = project.spec.rota.teams
    if not file:
        return None
    try:
        table = read_table(project.path(file), what=file, wanted=[*NEEDED, *TEAM_COLUMNS])
    except DataError as err:
        if "no rows" not in err.message:
            raise
        raise ProjectError(
            f"{file}: the rota has no staff: the list of teams is empty.",
            hint="Write a row for each team, or take teams out of [rota].",
        ) from err
    if len(table) > MOST_TEAMS:
        raise DataError(f"{file}: more than {MOST_TEAMS} teams.")
    rows = [_read_row(table, at, f"{file}, row {number}") for at, number in enumerate(table.index)]
    teams = pd.DataFrame(rows).set_index("team_id").sort_index()
    twice = teams.index[teams.index.duplicated()]
    if len(twice):
        raise DataError(
            f"{file}: two teams are called {teams.loc[twice[0], 'team_name'].iloc[0]!r}.",
            hint="Give each a name of its own, or a column team_id.",
        )
    return teams[[*TEAM_COLUMNS, "partner"]]


def _read_row(table: pd.DataFrame, at: int, where: str) -> dict[str, object]:
    """Return one team."""
    row: dict[str, object] = {}
    for name in ("team_id", "partner", *TEAM_COLUMNS):
        column = match_column(table, name)
        if column is None and name in NEEDED:
            raise DataError(
                f"{where.partition(',')[0]}: there is no column {name!r}.",
                hint=f"Columns: {', '.join(TEAM_COLUMNS)}; start from data/templates/teams.csv.",
            )
        text = "" if column is None else clean_text(to_text(table[column]).iloc[at])
        if not text and name in NEEDED:
            raise DataError(f"{where}: {name} is empty.", hint="Fill it in for each team.")
        row[name] = _hours(text, name, where) if name in NUMBERS else text
    row["services"] = ";".join(split_kinds(str(row["services"])))
    if not row["services"]:
        raise DataError(f"{where}: services is empty.", hint="Fill it in for each team.")
    for name in ("begin", "end"):
        clock = str(row[name])
        row[name] = f"0{clock}" if clock[1:2] == ":" else clock
    row["team_id"] = slug(str(row["team_id"] or row["team_name"])) or f"team-{at + 1}"
    try:
        read_days(str(row["days"]), str(row["team_name"]))
        read_shift(row)
    except ProjectError as err:
        text = err.message.removeprefix("Rota: ")
        raise ProjectError(f"{where}: {text}", hint=err.hint) from err
    return row


def _hours(text: str, name: str, where: str) -> float:
    if not text:
        return math.nan
    try:
        hours = float(text)
    except ValueError:
        hours = math.nan
    most = 24 if name == "hours_per_day" else 7 * 24
    if not 0 <= hours <= most:
        raise DataError(
            f"{where}: {name} is {text!r}.",
            hint=f"Write a number of hours from 0 to {most}, such as 7.5, or leave it empty.",
        )
    return hours
