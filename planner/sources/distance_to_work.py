"""How far do people travel to work here, as a published table (TS058 and its like) has it?"""

from __future__ import annotations

import pandas as pd

from planner.access.decay_fit import is_band
from planner.area import CODE_PATTERNS, StudyArea
from planner.errors import DataError
from planner.ledger import Note
from planner.project import Project
from planner.sources.census import COUNT_WORDS, MEASURE_COLUMNS, VALUE_COLUMNS
from planner.sources.tables import match_column, read_table, to_number, to_text, unreadable
from planner.wording import say_many

_HINT = (
    "Use census table TS058, or a table with a row for each band such as '2km to less than 5km' "
    "and a column of people called value."
)


def read_distance_to_work(
    project: Project, file: str, area: StudyArea
) -> tuple[pd.Series, tuple[Note, ...]]:
    """Read how many people travel how far to work.

    Known layouts: a column a band (the Nomis bulk file), or a row a band, of one or many areas,
    with a column of people.

    Parameters
    ----------
    project
        Whose file it is.
    file
        As the project names it.
    area
        Rows about areas of the place are added up; where the table has none of them, all rows.

    Returns
    -------
    counts, notes
        People on the publisher's words for the bands; whose they are.

    Raises
    ------
    DataError
        No bands of distance are found, or a cell is no number.
    """
    frame = read_table(project.path(file), what=file)
    frame, note = _of_place(frame, file, area)
    counts, withheld = {}, 0
    for name, cells in _cells(frame, file).items():
        bad = unreadable(cells)
        if bad.any():
            raise DataError(f"{file}: {cells[bad].iloc[0]!r} is not a number of people ({name}).")
        numbers = to_number(cells)[0]
        counts[name], withheld = numbers.sum(), withheld + int(numbers.isna().sum())
    notes = [note]
    if withheld:
        text = f"{file}: cells that are empty or withheld, counted as nobody: {withheld}."
        more = Note(stage="access", what="distance_to_work_withheld", count=withheld, text=text)
        notes.append(more)
    return pd.Series(counts, dtype=float), tuple(notes)


def _of_place(frame: pd.DataFrame, file: str, area: StudyArea) -> tuple[pd.DataFrame, Note]:
    """Return the rows about areas of the place, else all of them."""
    pattern = CODE_PATTERNS[area.geography]
    text = f"{file}: all of its {say_many(len(frame), 'row')} are added up; none is about an area "
    text += "of the place."
    for column in frame.columns:
        codes = to_text(frame[column])
        if not codes.iloc[:50].str.fullmatch(pattern).any():
            continue
        kept = frame[codes.isin(area.codes)]
        found = codes[codes.isin(area.codes)].nunique()
        if found:
            text = (
                f"{file}: distances to work of {found} of the {len(area.codes)} areas of the place "
                "are added up."
            )
            frame = kept
            break
    return frame, Note(stage="access", what="distance_to_work", count=len(frame), text=text)


def _cells(frame: pd.DataFrame, file: str) -> dict[str, pd.Series]:
    """Return the cells to be added up of each band, and of those without a distance."""
    bands = max(frame.columns, key=lambda column: _count_bands(to_text(frame[column]).unique()))
    value = match_column(frame, VALUE_COLUMNS)
    if _count_bands(to_text(frame[bands]).unique()) >= 2:
        others = [column for column in frame.columns if column != bands]
        if value is None and len(others) == 1:
            value = others[0]
        if value is None:
            raise DataError(f"{file}: no column of people beside {str(bands)!r}.", hint=_HINT)
        measure = match_column(frame, MEASURE_COLUMNS)
        if measure is not None:
            counted = to_text(frame[measure]).str.casefold().isin(COUNT_WORDS)
            frame = frame[counted] if counted.any() else frame
        by_band = frame.groupby(to_text(frame[bands]), sort=False)
        return {str(name): rows[value] for name, rows in by_band if name}
    names = {column: _band_name(str(column)) for column in frame.columns}
    if _count_bands(list(names.values())) < 2:
        raise DataError(f"{file}: there are no bands of distance in it.", hint=_HINT)
    # Codes, dates and names of areas stand beside the bands.
    kept = {c: n for c, n in names.items() if is_band(n) or n.casefold().startswith("work")}
    return {name: frame[column] for column, name in kept.items()}


def _band_name(header: str) -> str:
    return header.partition("; measures")[0].rpartition(": ")[2].strip()


def _count_bands(names: object) -> int:
    return sum(is_band(str(name)) for name in names) if hasattr(names, "__iter__") else 0
