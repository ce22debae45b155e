"""Which larger area or group of the user's own does each area belong to?"""

from __future__ import annotations

import pandas as pd

from planner.area import StudyArea
from planner.errors import DataError
from planner.ledger import note_items
from planner.project import Project, Reporting
from planner.reporting import Groups
from planner.sources.boundaries import find_area_codes
from planner.sources.tables import find_column, read_table, to_text


def read_groups(project: Project, area: StudyArea) -> Groups | None:
    """Read the project's grouping of areas for reports; None without one.

    Raises
    ------
    DataError
        A column is missing, an area stands in two groups, or no area of the place is in the file.
    """
    asked = project.spec.reporting
    if asked is None:
        return None
    table = read_table(
        project.path(asked.lookup),
        what=asked.lookup,
        wanted=[name for name in (asked.code_column, asked.group_column) if name],
    )
    code = find_area_codes(table, area.geography, code_column=asked.code_column, what=asked.lookup)
    group, name = _columns(table, asked, code)
    members = pd.DataFrame(
        {
            "group": to_text(table[group]).to_numpy(),
            "group_name": to_text(table[name]).to_numpy(),
        },
        index=pd.Index(to_text(table[code]).to_numpy(), name="area_code", dtype=object),
    )
    members = members[members.index.isin(area.codes) & (members["group"] != "")]
    # A lookup of smaller areas names each area again and again.
    members = members.reset_index().drop_duplicates().set_index("area_code")
    if not len(members):
        raise DataError(
            f"{asked.lookup}, column {code!r}: none of the {len(area.codes)} areas of {area.name} "
            "is in it.",
            hint="Check [reporting] lookup and code_column.",
        )
    notes = []
    outside = area.codes.difference(members.index)
    if len(outside):
        text = f"{asked.lookup}: {len(outside)} areas of the place belong to no group."
        notes.append(note_items("reporting", "areas_without_group", outside, text))
    return Groups(members=members.sort_index(), title=group, notes=tuple(notes))


def _columns(table: pd.DataFrame, asked: Reporting, code: str) -> tuple[str, str]:
    """Return the columns of the group and of its name."""
    others = [str(column) for column in table.columns if str(column) != code]
    if not asked.group_column and not others:
        raise DataError(
            f"{asked.lookup}: has no column beside the codes.",
            hint="Add a column with the group of each area.",
        )
    if not asked.group_column and len(others) > 1:
        raise DataError(
            f"{asked.lookup}: does not say which column is the group.",
            hint=f'Write [reporting] group_column = "..." ({", ".join(others[:6])}).',
        )
    group = find_column(table, asked.group_column or others[0], asked.lookup)
    name = find_column(table, asked.name_column, asked.lookup) if asked.name_column else group
    return group, name
