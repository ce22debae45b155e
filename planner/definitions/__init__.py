"""What does each figure mean, in which unit, how is it worked out, and what can it not say?

One list for every page and file. `definition` finds one by its id, `definition_of` by the column
of a file; `planner.definitions.columns` says why some columns need none.
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.definitions.access import ACCESS
from planner.definitions.columns import find_id, find_reason
from planner.definitions.gaps import GAPS
from planner.definitions.hubs import HUBS
from planner.definitions.kinds import Definition, Topic
from planner.definitions.need import NEED
from planner.errors import DataError

__all__ = [
    "DEFINITIONS",
    "Definition",
    "Topic",
    "definition",
    "definition_of",
    "why_not_defined",
]

#: Id → definition, in the order of the questions.
DEFINITIONS: Mapping[str, Definition] = {one.id: one for one in (*NEED, *ACCESS, *GAPS, *HUBS)}


def definition(id: str) -> Definition:
    """Return the definition with this id.

    Raises
    ------
    DataError
        There is none.

    Examples
    --------
    >>> definition("need_rank").meaning
    'The place of an area in the order of need; 1 is the greatest need.'
    """
    found = DEFINITIONS.get(id)
    if found is None:
        raise DataError(f"There is no definition of {id}.", hint="See planner.definitions.")
    return found


def definition_of(column: str, *, file: str = "") -> Definition | None:
    """Return what the figures in a column of a file are; None where the column needs none.

    Parameters
    ----------
    column
        As in the files of a run, such as ``minutes_walk_gp``.
    file
        Name of the file, where that matters: in tables of hubs some names mean something else.

    Raises
    ------
    DataError
        Nobody has said what this column is, nor why it needs no definition.

    Examples
    --------
    >>> definition_of("minutes_walk_gp").title
    'Minutes to the nearest'
    >>> definition_of("area_name") is None
    True
    """
    found = find_id(column, file=file)
    if found:
        return definition(found)
    if not find_reason(column):
        raise DataError(
            f"The column {column} has no definition, nor is it said why it needs none.",
            hint="Add it to planner/definitions/columns.py.",
        )
    return None


def why_not_defined(column: str) -> str:
    """Return why a column has no definition, "" where it has one or nobody said why."""
    return "" if find_id(column) else find_reason(column)
