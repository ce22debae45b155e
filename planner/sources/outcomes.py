"""Which services help towards which shared outcome, as the project's own table has it?"""

from __future__ import annotations

import pandas as pd

from planner.errors import DataError
from planner.outcomes.contributions import COLUMNS
from planner.project import Project
from planner.sources.tables import match_column, read_table, to_text
from planner.sources.text import clean_text

#: Longest text that says where a weight comes from.
MOST_BASIS = 300


def read_contributions(project: Project) -> pd.DataFrame | None:
    """Read the project's table of outcomes; None where it names none.

    Returns
    -------
    contributions
        Columns `planner.outcomes.contributions.COLUMNS`, all text but ``weight`` as it stands; what
        cannot be is refused where it is used (`planner.outcomes.check_contributions`).

    Raises
    ------
    DataError
        The file cannot be read, or lacks a column.
    """
    file = project.spec.outcomes.file
    if not file:
        return None
    table = read_table(project.path(file), what=file, wanted=COLUMNS)
    found = {}
    for name in COLUMNS:
        column = match_column(table, name)
        if column is None and name != "basis":
            raise DataError(
                f"{file}: there is no column {name!r}.",
                hint=f"Columns: {', '.join(COLUMNS)}; start from data/templates/outcomes.csv.",
            )
        if column is not None:
            cells = to_text(table[column])
            found[name] = [clean_text(cell, limit=MOST_BASIS) for cell in cells]
    return pd.DataFrame(found)
