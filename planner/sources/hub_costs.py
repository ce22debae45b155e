"""What does it cost to open each venue as a hub, and for how many people is there room?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.errors import DataError
from planner.ledger import Source
from planner.project import Project
from planner.sources.tables import match_column, read_table, to_number, to_text, unreadable

COLUMNS = ("venue_id", "cost", "capacity")
_HINT = f"Columns: {', '.join(COLUMNS)}; start from data/templates/hub_costs.csv."


def read_hub_costs(project: Project) -> pd.DataFrame | None:
    """Read the table of costs and capacities that the project names, None where it names none.

    Returns
    -------
    costs
        Sorted index ``venue_id``: ``cost`` (in any one unit) and ``capacity`` (people), NaN where
        a cell is empty.

    Raises
    ------
    DataError
        A needed column is missing, a venue has no id or stands twice, or a figure is none or
        below zero.
    """
    settings = project.spec.hubs
    file = settings.costs
    if not file:
        return None
    table = read_table(project.path(file), what=file, wanted=COLUMNS)
    ids = match_column(table, ["venue_id"])
    if ids is None:
        raise DataError(f"{file}: there is no column 'venue_id'.", hint=_HINT)
    venues = to_text(table[ids])
    if bool((venues == "").any()):
        raise DataError(f"{file}, row {table.index[(venues == '').to_numpy()][0]}: no venue_id.")
    if bool(venues.duplicated().any()):
        row = table.index[venues.duplicated().to_numpy()][0]
        raise DataError(
            f"{file}, row {row}: the venue {venues[row]!r} stands twice.", hint="Keep one row."
        )
    figures = {name: _read_figures(table, name, file) for name in ("cost", "capacity")}
    for name, asked in (("cost", settings.budget is not None), ("capacity", settings.fills)):
        if asked and bool(figures[name].isna().all()):
            raise DataError(
                f"{file}: there is no {name} in it, which [hubs] "
                f"{'budget' if name == 'cost' else f'model = {settings.model}'} needs.",
                hint=_HINT,
            )
    index = pd.Index(venues.to_numpy(dtype=object), name="venue_id")
    values = {name: column.to_numpy(dtype=float) for name, column in figures.items()}
    return pd.DataFrame(values, index=index).sort_index()


def hub_costs_sources(project: Project) -> tuple[Source, ...]:
    """Return the table as a source; none where the project names none."""
    file = project.spec.hubs.costs
    if not file:
        return ()
    source = Source(
        publisher="The project's own",
        dataset="Costs and capacities of hubs",
        licence="as the project's",
        vintage="not stated",
        file=file,
        sha256=project.sha256(file),
    )
    return (source,)


def _read_figures(table: pd.DataFrame, name: str, file: str) -> pd.Series:
    column = match_column(table, [name])
    if column is None:
        return pd.Series(np.nan, index=table.index)
    cells = table[column]
    numbers = to_number(cells)[0]
    wrong = unreadable(cells) | (numbers < 0)
    if bool(wrong.any()):
        row = wrong.index[wrong.to_numpy()][0]
        raise DataError(
            f"{file}, row {row}: {str(cells[row])!r} is no {name}.",
            hint="Write a number of at least 0, or leave the cell empty.",
        )
    return numbers
