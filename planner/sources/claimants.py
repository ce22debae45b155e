"""How many people claim benefits because they are out of work and looking for it?"""

from __future__ import annotations

import re

import pandas as pd

from planner.area import CODE_PATTERNS
from planner.errors import DataError
from planner.layers import LayerSpec, PublishedTable
from planner.ledger import Note
from planner.project import LayerEntry, Project
from planner.sources.deprivation import wrong_file
from planner.sources.published import (
    apply_entry,
    build_published,
    build_source,
    note_unreadable,
    on_area_codes,
    read_entry,
    refuse_known_keys,
)
from planner.sources.tables import match_column, to_number, to_text, unreadable

CODES = ("GEOGRAPHY_CODE", "Geography", "geography code", "area_code")
DATES = ("DATE", "DATE_NAME", "Date", "period")
VALUES = ("OBS_VALUE", "Value")
#: Column → the cells that stand for everybody or for the plain count, where several kinds occur.
EVERYBODY: dict[str, tuple[str, ...]] = {
    "GENDER_NAME": ("total",),
    "AGE_NAME": ("all categories: age 16+",),
    "MEASURE_NAME": ("claimant count",),
    "MEASURES_NAME": ("value",),
    "Measure Type": ("count",),
}
DATE_FORMS = ("%Y-%m", "%Y-%m-%d", "%B %Y", "%b %Y", "%b-%y", "%B-%Y")


def read_claimant_count(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read a download of the claimant count (Nomis NM_162_1), as a count that is shown only.

    A file of several months gives its latest one, of several ages and sexes all people. The areas
    are those of 2011 unless the project says ``geography = "lsoa21"``.

    Raises
    ------
    DataError
        The columns of the download are not there, or an area has more than one row.

    Notes
    -----
    Counts are rounded to the nearest 5, a zero may stand for up to two people. They are people
    who look for work: neither all unemployed nor the economically inactive.
    """
    geography = _geography(entry)
    table = read_entry(
        project,
        entry,
        [CODES[0], VALUES[0], "Measure Type"],
    )
    value, date, code = (match_column(table, names) for names in (VALUES, DATES, CODES))
    if value is None or date is None or code is None:
        expected = "the claimant count from Nomis (DATE_NAME, GEOGRAPHY_CODE, OBS_VALUE and so on)"
        raise wrong_file(table, entry, expected)
    table, month, notes = _latest(_everybody(table, entry), date, entry)
    if not to_text(table[code]).str.fullmatch(CODE_PATTERNS[geography]).any():
        raise DataError(
            f"{entry.file}, column {code!r}: holds no codes of small areas in {month}.",
            hint="Download the count for Lower layer Super Output Areas.",
        )
    coded = entry.model_copy(update={"code_column": entry.code_column or code})
    rows, more = on_area_codes(table, coded, geography)
    values, suppressed = to_number(rows[value])
    if bool((values < 0).any()):
        raise DataError(f"{entry.file}: a count below zero (first: {values.index[values < 0][0]}).")
    bad = pd.DataFrame({"claimants": unreadable(rows[value])})
    return build_published(
        pd.DataFrame({"claimants": values}),
        pd.DataFrame({"claimants": suppressed}),
        apply_entry([_spec(project, entry, geography, month)], entry),
        geography=geography,
        notes=[*notes, *more, *note_unreadable(bad, entry.file)],
    )


def _geography(entry: LayerEntry) -> str:
    refuse_known_keys(entry.model_copy(update={"geography": ""}))
    geography = entry.geography or "lsoa11"
    if geography not in {"lsoa11", "lsoa21", "msoa11", "msoa21", "dz11"}:
        raise DataError(
            f"{entry.file}: the claimant count is not published for {geography!r}.",
            hint='Leave geography out, or write "lsoa21" for a file on the areas of 2021.',
        )
    return geography


def _spec(project: Project, entry: LayerEntry, geography: str, month: str) -> LayerSpec:
    return LayerSpec(
        id="claimants",
        title=f"People claiming benefits while looking for work, {month}",
        unit="people",
        kind="count",
        high_is="neither",
        geography=geography,
        source=build_source(
            project,
            entry,
            publisher="Department for Work and Pensions, through Nomis",
            dataset="Claimant count",
            vintage=month,
        ),
        decimals=0,
        caveat="Rounded to the nearest 5. It counts people who claim and look for work; it is not "
        "economic inactivity.",
    )


def _everybody(table: pd.DataFrame, entry: LayerEntry) -> pd.DataFrame:
    """Keep the rows of all people and the plain count, where others stand beside them."""
    for header, wanted in EVERYBODY.items():
        column = match_column(table, header)
        if column is None:
            continue
        cells = to_text(table[column]).str.casefold()
        kept = cells.isin(wanted)
        if kept.any():
            table = table[kept]
        elif (kinds := len(cells.unique())) > 1:
            raise DataError(
                f"{entry.file}, column {column!r}: has {kinds} kinds of rows, none of them "
                f"{wanted[0]!r}.",
                hint=f'Pick one with where = {{ "{column}" = "..." }}.',
            )
    return table


def _latest(
    table: pd.DataFrame, column: str, entry: LayerEntry
) -> tuple[pd.DataFrame, str, list[Note]]:
    """Return the rows of the latest month, that month in words, and what was left out."""
    words = to_text(table[column])
    dates = words.map(_month)
    if dates.isna().any():
        bad = words[dates.isna()].iloc[0]
        raise DataError(
            f"{entry.file}, column {column!r}, row {dates.index[dates.isna()][0]}: {bad!r} is not "
            "a month.",
        )
    last = dates.max()
    kept = table[(dates == last).to_numpy()]
    month = last.strftime("%B %Y")
    months = len(dates.unique())
    if months == 1:
        return kept, month, []
    text = f"{entry.file} has {months} months: the latest, {month}, is taken."
    return kept, month, [Note(stage="layers", what="latest_month", count=1, text=text)]


def _month(text: str) -> pd.Timestamp | None:
    text = re.sub(r"\s+", " ", text.strip())
    for form in DATE_FORMS:
        date = pd.to_datetime(text, format=form, errors="coerce")
        if date is not pd.NaT:
            return date.to_period("M").to_timestamp()
    return None
