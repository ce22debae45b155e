"""What do partners on the spot know better than the official lists? Reads their corrections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from planner.errors import DataError
from planner.ledger import Source
from planner.project import LocalEntry, Project
from planner.sources.tables import match_column, read_table, to_text
from planner.sources.text import clean_text, comparable

Action = Literal["correct", "close", "open", "note"]

COLUMNS = ("action", "subject", "field", "value", "author", "date", "note")
NEEDED = ("action", "subject", "author", "date")
MAX_CORRECTIONS = 5_000
MAX_NOTE = 500


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One line of local knowledge.

    ``subject`` is a venue's id or name, or an area code; ``field`` and ``value`` what is put
    right and to what. ``author`` is "" where the project does not say that names may be shown.
    """

    file: str
    row: int
    action: Action
    subject: str
    field: str
    value: str
    author: str
    date: str
    note: str


def read_corrections(project: Project) -> tuple[Correction, ...]:
    """Read every file of local knowledge that the project names, in order.

    Raises
    ------
    DataError
        A needed column is missing; a row has no known action, subject, author or date.
    """
    found: list[Correction] = []
    for entry in project.spec.local:
        found += _read_file(project, entry)
    if len(found) > MAX_CORRECTIONS:
        raise DataError(f"[[local]]: more than {MAX_CORRECTIONS:,} corrections.")
    return tuple(found)


def correction_sources(project: Project) -> tuple[Source, ...]:
    """Return the files of local knowledge as sources."""
    return tuple(
        Source(
            publisher="Local partners",
            dataset="Local knowledge",
            licence="with the partners' leave",
            vintage="dated line by line",
            file=entry.file,
            sha256=project.sha256(entry.file),
        )
        for entry in project.spec.local
    )


def sort_corrections(
    table: pd.DataFrame, columns: Mapping[str, str], *, file: str
) -> tuple[list[Correction], pd.DataFrame]:
    """Return the corrections of a table, and the rows that are none, with the reason.

    Parameters
    ----------
    table
        As `planner.sources.tables.read_table` gives it.
    columns
        Which of `COLUMNS` stands under which header; those of `NEEDED` must be among them.
    file
        The file, for messages.

    Returns
    -------
    corrections
        Those that can be read, in order; authors as written.
    lost
        Columns ``row`` (as the file counts them), ``subject``, ``reason``.
    """
    blank = pd.Series("", index=table.index, dtype=object)
    texts = {n: to_text(table[columns[n]]) if columns.get(n) else blank for n in COLUMNS}
    found, lost = [], []
    for row, line in zip(table.index, pd.DataFrame(texts).to_dict("records"), strict=True):
        try:
            found.append(_to_correction(line, int(row), file=file, show_authors=True))
        except DataError as error:
            reason = error.message.removeprefix(f"{file}, row {row}").lstrip(": ")
            lost.append((int(row), clean_text(line["subject"]), reason))
    return found, pd.DataFrame(lost, columns=["row", "subject", "reason"])


def _read_file(project: Project, entry: LocalEntry) -> list[Correction]:
    table = read_table(project.path(entry.file), what=entry.file, wanted=COLUMNS)
    cells = pd.DataFrame({name: _column(table, name, entry.file) for name in COLUMNS})
    return [
        _to_correction(line, int(row), file=entry.file, show_authors=entry.show_authors)
        for row, line in zip(table.index, cells.to_dict("records"), strict=True)
    ]


def _to_correction(line: dict[str, str], row: int, *, file: str, show_authors: bool) -> Correction:
    where = f"{file}, row {row}"
    _check(line, where)
    return Correction(
        file=file,
        row=row,
        action=comparable(line["action"]),  # type: ignore[arg-type]
        subject=clean_text(line["subject"]),
        field=comparable(line["field"]).replace(" ", "_"),
        value=clean_text(line["value"], limit=MAX_NOTE),
        author=clean_text(line["author"]) if show_authors else "",
        date=_date(line["date"], where),
        note=clean_text(line["note"], limit=MAX_NOTE),
    )


def _column(table: pd.DataFrame, name: str, what: str) -> pd.Series:
    column = match_column(table, [name])
    if column is None and name in NEEDED:
        raise DataError(
            f"{what}: there is no column {name!r}.",
            hint=f"Start from data/templates/local_knowledge.csv ({', '.join(COLUMNS)}).",
        )
    blank = pd.Series("", index=table.index, dtype=object)
    return blank if column is None else to_text(table[column])


def _check(line: dict[str, str], where: str) -> None:
    for name in NEEDED:
        if not line[name]:
            raise DataError(
                f"{where}: has no {name}.",
                hint="Local knowledge is used only with its author and date.",
            )
    if comparable(line["action"]) not in get_args(Action):
        raise DataError(
            f"{where}: {clean_text(line['action'], limit=40)!r} is not an action.",
            hint=f"Use {', '.join(get_args(Action))}.",
        )


def _date(text: str, where: str) -> str:
    try:
        return dt.date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        problem = f"{where}: {clean_text(text, limit=40)!r} is not a date."
    raise DataError(problem, hint="Write it as 2026-03-31.")
