"""Which rows of somebody's table of figures fit areas of the place, and why do others not?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planner.area import CODE_PATTERNS, GEOGRAPHY_NAMES, StudyArea
from planner.crosswalk import build_links, to_area_geography
from planner.errors import DataError
from planner.layers import Layers
from planner.project import LayerEntry, Project
from planner.sources.layers import read_published
from planner.sources.lookups import read_lookups
from planner.sources.published import find_layer_codes, read_entry
from planner.sources.tables import find_column, to_number, to_text
from planner.sources.text import clean_text
from planner.sources.trying import MAX_ROWS, with_upload
from planner.sources.uploads import Upload

BLANK = "no figure: the cell is blank, or holds a formula that was saved without its result"
WITHHELD = "the figure is withheld by its publisher"
NO_CODE = "no area code"
ELSEWHERE = "not an area of the place or around it"
AGAIN = "this code stands more than once"


@dataclass(frozen=True, kw_only=True, eq=False)
class FiguresTrial:
    """What became of the rows of one table of figures.

    ``values`` is what the areas of the place and its context would get: index ``area_code``, one
    column a layer, NaN where none. ``fitted`` counts the rows that are used, ``lost`` is one row a
    row of the file that is not: ``row`` (as the file counts them), ``code``, ``reason``.
    ``repeated`` says whether a code of the place stands more than once, so that the table cannot
    be used as it is; ``values`` is empty then. ``notes`` say in words what else was done.
    """

    rows: int
    values: pd.DataFrame
    fitted: int
    lost: pd.DataFrame
    repeated: bool
    notes: tuple[str, ...]


def try_figures(
    project: Project, area: StudyArea, layers: Layers, upload: Upload, entry: LayerEntry
) -> FiguresTrial:
    """Return what the planner would make of a table of figures, without saving anything.

    Parameters
    ----------
    project
        Its lookups are used, and nothing else of it is changed or read.
    area, layers
        The place, and what is known of it already.
    upload
        The table.
    entry
        What the project would say of it; its ``file`` is the upload's name.

    Raises
    ------
    DataError
        The table has too many rows, a column is missing or holds no figures, the layer is there
        already, or none of the rows is about an area of the place.
    """
    there = [key for key in entry.columns if key in layers.specs]
    if there:
        raise DataError(
            f"There is a layer called {there[0]!r} in the project already.",
            hint="Give these figures another name.",
        )
    tried = with_upload(project, upload, layer=[entry])
    geography = entry.geography or project.spec.place.geography
    table = read_entry(tried, entry, list(entry.columns.values()))
    if len(table) > MAX_ROWS:
        raise DataError(
            f"{upload.name}: {len(table):,} rows; at most {MAX_ROWS:,} can be tried here.",
            hint="Cut it down to the areas you need.",
        )
    codes = to_text(table[find_layer_codes(table, entry, geography)])
    reasons = _reasons(codes, geography, _wanted(tried, area, geography))
    repeated = codes.duplicated(keep=False) & (reasons == "")
    reasons = reasons.mask(repeated, AGAIN)
    for header in entry.columns.values():
        reasons = reasons.mask(reasons == "", _value_reasons(table, header, upload.name))
    lost = pd.DataFrame(
        {
            "row": table.index,
            "code": [clean_text(code, limit=40) for code in codes],
            "reason": reasons.to_numpy(),
        }
    )[(reasons != "").to_numpy()]
    carried = (pd.DataFrame(), ()) if repeated.any() else _carried(tried, area, entry)
    return FiguresTrial(
        rows=len(table),
        values=carried[0],
        fitted=int((reasons == "").sum()),
        lost=lost.reset_index(drop=True),
        repeated=bool(repeated.any()),
        notes=carried[1],
    )


def _carried(
    project: Project, area: StudyArea, entry: LayerEntry
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the figures on the areas of the place, as a plan would have them."""
    published = read_published(project, entry)
    try:
        values, _, notes = to_area_geography(published, area, read_lookups(project))
    except DataError as err:
        raise DataError(f"{entry.file}: {err.message}", hint=err.hint) from err
    if values.loc[area.codes].isna().all().any():
        raise DataError(
            f"{entry.file}: no area of {area.name} gets a figure.",
            hint="Check that the table covers the place, and which column has the figures.",
        )
    by_row = {"rows_not_areas", "unreadable_values"}
    told = [note.text for note in (*published.notes, *notes) if note.what not in by_row]
    return values, tuple(told)


def _wanted(project: Project, area: StudyArea, geography: str) -> frozenset[str]:
    """Return the codes of a geography that say something about the place or its context."""
    index = area.areas.index
    if geography == area.geography:
        return frozenset(index)
    links = build_links(geography, area.geography, read_lookups(project), targets=index)
    return frozenset(links.loc[links["target"].isin(index), "source"])


def _reasons(codes: pd.Series, geography: str, wanted: frozenset[str]) -> pd.Series:
    other = f"not a code of {GEOGRAPHY_NAMES[geography]}, such as a total, a note or other areas"
    reasons = pd.Series("", index=codes.index, dtype=object)
    reasons = reasons.mask(~codes.isin(wanted), ELSEWHERE)
    reasons = reasons.mask(~codes.str.fullmatch(CODE_PATTERNS[geography]), other)
    return reasons.mask(codes == "", NO_CODE)


def _value_reasons(table: pd.DataFrame, header: str, what: str) -> pd.Series:
    cells = table[find_column(table, header, what)]
    numbers, withheld = to_number(cells)
    texts = to_text(cells)
    said = texts.map(lambda text: f"not a number: {clean_text(text, limit=40)}")
    said = said.mask(texts == "", BLANK).mask(withheld, WITHHELD)
    return said.where(numbers.isna(), "")
