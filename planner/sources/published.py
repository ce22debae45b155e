"""How does a reader hand over what it read: checked codes, described layers, a cited source?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from planner.area import CODE_PATTERNS, GEOGRAPHY_NAMES
from planner.errors import DataError, ProjectError
from planner.layers import LayerSpec, PublishedTable
from planner.ledger import Note, Source
from planner.project import LayerEntry, Project
from planner.sources.boundaries import CODE_COLUMNS, LISTED, looks_like
from planner.sources.tables import (
    find_code_column,
    find_column,
    match_column,
    read_table,
    to_text,
    vintage_in,
)
from planner.sources.text import clean_text
from planner.wording import say_many

_YEARS = {"01": "2001", "11": "2011", "21": "2021", "22": "2022"}
#: How many of the rows left out are named in words.
SHOWN = 3


def build_source(
    project: Project,
    entry: LayerEntry,
    *,
    publisher: str = "",
    dataset: str = "",
    licence: str = "OGL v3.0",
    vintage: str = "",
) -> Source:
    """Return who published the entry's file; what the project says of it wins."""
    return Source(
        publisher=entry.publisher or publisher or "publisher not stated",
        dataset=entry.dataset or dataset or entry.file.rpartition("/")[2],
        licence=entry.licence or licence or "licence not stated",
        vintage=entry.vintage or vintage or "date not stated",
        file=entry.file,
        sha256=project.sha256(entry.file),
        page=entry.page,
    )


def read_entry(project: Project, entry: LayerEntry, wanted: Sequence[str]) -> pd.DataFrame:
    """Read the entry's table, its header being the row with most of the ``wanted`` headers."""
    return read_table(
        project.path(entry.file),
        sheet=entry.sheet,
        where=entry.where,
        what=entry.file,
        wanted=wanted,
    )


def refuse_known_keys(entry: LayerEntry) -> None:
    """Refuse project keys that a reader which knows its file has no use for."""
    for key in ("columns", "high_is", "kind", "unit", "published_rank", "geography"):
        if getattr(entry, key):
            raise ProjectError(
                f'[[layer]] {entry.file}: from = "{entry.reader}" knows its own file; it takes no '
                f"{key}.",
                hint=f'Leave {key} out, or read the file with from = "table".',
            )


def apply_entry(specs: Iterable[LayerSpec], entry: LayerEntry) -> dict[str, LayerSpec]:
    """Return the specs by id with the titles, domains and weights the project gives.

    Raises
    ------
    ProjectError
        The project names a layer that the file does not give.
    """
    known = {spec.id: spec for spec in specs}
    for section in ("titles", "domains", "weights"):
        for key in getattr(entry, section):
            if key not in known:
                near = difflib.get_close_matches(key, list(known), n=1)
                raise ProjectError(
                    f"[[layer]] {entry.file}: {section} names {key!r}, which this file does not "
                    "give.",
                    hint=f"Did you mean {near[0]!r}?"
                    if near
                    else f"Its layers: {', '.join(known)}.",
                )
    return {
        key: replace(
            spec,
            title=entry.titles.get(key, spec.title),
            domain=entry.domains.get(key, spec.domain) or None,
            domain_weight=spec.domain_weight
            if entry.domains.get(key, spec.domain) == spec.domain
            else None,
            weight=entry.weights.get(key, spec.weight),
        )
        for key, spec in known.items()
    }


def on_area_codes(
    frame: pd.DataFrame, entry: LayerEntry, geography: str
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the rows about areas of the geography, indexed by their code.

    Rows about anything else (totals, footnotes) are left out with a note.

    Raises
    ------
    DataError
        No row is about such an area, a code stands twice, or the header names other areas.
    """
    column = find_layer_codes(frame, entry, geography)
    codes = to_text(frame[column])
    fits = codes.str.fullmatch(CODE_PATTERNS[geography])
    if not fits.any():
        first = next((code for code in codes if code), "blank")
        raise DataError(
            f"{entry.file}, column {column!r}: no codes of {GEOGRAPHY_NAMES[geography]} "
            f"(first: {first!r}{looks_like(first)}).",
            hint="Check the layer's geography and code_column.",
        )
    kept = frame[fits].set_axis(pd.Index(codes[fits], name="area_code"), axis=0)
    repeated = sorted(kept.index[kept.index.duplicated()].unique())
    if repeated:
        rows = list(frame.index[codes == repeated[0]][:2])
        raise DataError(
            f"{entry.file}, column {column!r}: {say_many(len(repeated), 'code')} more than once "
            f"(first: {repeated[0]}, rows {rows[0]} and {rows[1]}).",
            hint="Pick one row an area with where.",
        )
    notes = []
    other = codes[~fits]
    if len(other):
        items = tuple(
            f"row {row}: {clean_text(code, limit=60) or 'blank'}" for row, code in other.items()
        )
        shown = "; ".join(items[:SHOWN]) + ("; ..." if len(items) > SHOWN else "")
        text = f"{entry.file}: {say_many(len(other), 'row')} not about one area left out ({shown})."
        notes.append(_note("rows_not_areas", len(other), text, items[:LISTED]))
    return kept, notes


def find_layer_codes(frame: pd.DataFrame, entry: LayerEntry, geography: str) -> str:
    """Return the column with the area codes of a layer."""
    if entry.code_column:
        return find_column(frame, entry.code_column, entry.file)
    usual = match_column(frame, CODE_COLUMNS.get(geography, ()))
    column = usual or find_code_column(frame, geography, entry.file)
    year, asked = vintage_in(column), _YEARS.get(geography[-2:])
    if year is not None and year != asked:
        other = next(
            (name for name in CODE_PATTERNS if name == f"{geography[:-2]}{year[2:]}"), None
        )
        raise DataError(
            f"{entry.file}: column {column!r} holds codes of {year}, not of "
            f"{GEOGRAPHY_NAMES[geography]}.",
            hint=f'Say geography = "{other}" in this [[layer]].'
            if other and entry.reader == "table"
            else "Use the file of the right year.",
        )
    return column


def build_published(
    values: pd.DataFrame,
    suppressed: pd.DataFrame | None,
    specs: dict[str, LayerSpec],
    *,
    geography: str,
    counts: pd.DataFrame | None = None,
    notes: Iterable[Note] = (),
) -> PublishedTable:
    """Return the table sorted by code, its columns in the order of the specs."""
    order = list(specs)
    return PublishedTable(
        values=values[order].astype(float).sort_index(),
        specs=specs,
        geography=geography,
        suppressed=None if suppressed is None else suppressed[order].astype(bool).sort_index(),
        counts=None if counts is None else counts.astype(float).sort_index(),
        notes=tuple(notes),
    )


def note_unreadable(bad: pd.DataFrame, file: str) -> list[Note]:
    """Return a note for each column with cells that are no numbers."""
    return [
        _note(
            "unreadable_values",
            int(bad[key].sum()),
            f"{file}: {say_many(int(bad[key].sum()), 'cell')} of {key} not read: no numbers there.",
            tuple(sorted(bad.index[bad[key]])[:LISTED]),
        )
        for key in bad.columns
        if bad[key].any()
    ]


def note_above_one(above: pd.Series, below: pd.Series, key: str, file: str) -> list[Note]:
    """Return a note of areas whose perturbed counts make a share above 100%, which is cut off."""
    over = above.index[above > below]
    if not len(over):
        return []
    text = f"{file}: {key} is above 100% in {len(over)} areas by perturbed counts."
    return [_note("share_above_one", len(over), text, tuple(sorted(over)))]


def layer_id(text: str) -> str:
    """Return text as a layer id: lower case letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")[:40]


def _note(what: str, count: int, text: str, items: tuple[str, ...]) -> Note:
    return Note(stage="layers", what=what, count=count, text=text, items=items)
