"""Which class has somebody else put each area of the place in?"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from planner.area import StudyArea
from planner.errors import DataError, ProjectError
from planner.ledger import Note, Source, note_items
from planner.project import OutsideClasses, Project
from planner.sources.boundaries import find_area_codes
from planner.sources.tables import find_column, read_table, to_text
from planner.sources.text import clean_text

#: A column of more classes than this is one of names or figures.
MOST_CLASSES = 100
#: Words of headers of classes, the surest first.
_CLASS_WORDS = ("class", "classification", "cluster", "supergroup", "group", "type", "segment")
#: Words of headers of what is beside a class, or of another place's areas.
_OTHER_WORDS = ("name", "code", "cd", "nm", "id")


@dataclass(frozen=True, kw_only=True, eq=False)
class OutsideTable:
    """Somebody else's classes.

    Parameters
    ----------
    classes
        Area code of the place, sorted → class (text); areas without one are not in it.
    title
        What the classification is called.
    column
        The header that classes were read from.
    source
        Who published it.
    notes
        Areas of the place that are not in the file.
    """

    classes: pd.Series
    title: str
    column: str
    source: Source
    notes: tuple[Note, ...] = field(default=())


def read_outside_classes(project: Project, area: StudyArea) -> OutsideTable | None:
    """Read the project's outside classification; None without one.

    Raises
    ------
    DataError
        A column is missing or cannot be told, an area stands in two classes, or no area of the
        place is in the file.
    """
    asked = project.spec.neighbourhoods.outside
    if asked is None:
        return None
    table = read_table(
        project.path(asked.file),
        what=asked.file,
        wanted=[name for name in (asked.code_column, asked.class_column) if name],
    )
    code = find_area_codes(table, area.geography, code_column=asked.code_column, what=asked.file)
    column = _class_column(table, code, asked)
    classes = _classes(table, code, column, area, asked)
    notes = []
    outside = area.codes.difference(classes.index)
    if len(outside):
        text = f"{asked.file}: {len(outside)} areas of the place are in no class."
        notes.append(note_items("neighbourhoods", "outside_class_missing", outside, text))
    source = Source(
        publisher=asked.publisher or "publisher not stated",
        dataset=asked.dataset,
        licence=asked.licence or "licence not stated",
        vintage=asked.vintage or "date not stated",
        file=asked.file,
        sha256=project.sha256(asked.file),
    )
    return OutsideTable(
        classes=classes, title=asked.dataset, column=column, source=source, notes=tuple(notes)
    )


def _class_column(table: pd.DataFrame, code: str, asked: OutsideClasses) -> str:
    """Return the column of classes: the one named, the only one, or the one called so."""
    if asked.class_column:
        return find_column(table, asked.class_column, asked.file)
    others = [str(column) for column in table.columns if str(column) != code]
    if not others:
        raise DataError(
            f"{asked.file}: has no column beside the codes.",
            hint="Add a column with the class of each area.",
        )
    if len(others) == 1:
        return others[0]
    for word in _CLASS_WORDS:
        called = [column for column in others if word in _words(column)]
        # The names of classes say more than their numbers, but one of them is enough.
        plain = [c for c in called if not set(_words(c)) & set(_OTHER_WORDS)] or called
        if len(plain) == 1:
            return plain[0]
        if plain:
            break
    raise DataError(
        f"{asked.file}: does not say which column is the class.",
        hint='Write [neighbourhoods.outside] class_column = "..." '
        f"({', '.join(clean_text(c, limit=60) for c in others[:6])}).",
    )


def _words(header: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in header.casefold()).split()


def _classes(
    table: pd.DataFrame, code: str, column: str, area: StudyArea, asked: OutsideClasses
) -> pd.Series:
    cells = pd.DataFrame(
        {
            "area_code": to_text(table[code]).to_numpy(),
            "class": [clean_text(cell, limit=100) for cell in to_text(table[column])],
        }
    )
    inside = cells[cells["area_code"].isin(area.codes) & (cells["class"] != "")]
    # A lookup of smaller areas names each area again and again.
    inside = inside.drop_duplicates()
    if inside.empty:
        raise DataError(
            f"{asked.file}, column {code!r}: none of the {len(area.codes)} areas of {area.name} "
            "is in it.",
            hint="Check [neighbourhoods.outside] file and code_column.",
        )
    twice = inside.loc[inside["area_code"].duplicated(), "area_code"]
    if len(twice):
        raise DataError(
            f"{asked.file}, column {column!r}: {twice.nunique()} areas are in more than one class "
            f"(first: {twice.iloc[0]}).",
            hint="Keep one class for each area.",
        )
    found = inside["class"].nunique()
    if found > MOST_CLASSES:
        raise ProjectError(
            f"{asked.file}, column {column!r}: has {found} different values; a classification "
            f"has {MOST_CLASSES} classes at most.",
            hint="Name the column of classes: [neighbourhoods.outside] class_column.",
        )
    series = inside.set_index("area_code")["class"].sort_index()
    return series.rename("class").astype(object)
