"""What did Scotland's Census of 2022 count in each data zone?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from planner.area import CODE_PATTERNS
from planner.errors import DataError, ProjectError
from planner.layers import LayerSpec, PublishedTable
from planner.project import LayerEntry, Project
from planner.sources.deprivation import wrong_file
from planner.sources.published import (
    apply_entry,
    build_published,
    build_source,
    note_above_one,
    note_unreadable,
    on_area_codes,
    read_entry,
    refuse_known_keys,
)
from planner.sources.tables import find_column, to_number, to_text, unreadable

CAVEAT = (
    "Census day in Scotland was 20 March 2022, a year after the rest of the United Kingdom. "
    "Counts are perturbed to protect people: each may be off by a few."
)


def read_scotland_census(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read a table from Scotland's census table builder as shares of its categories.

    The entry's ``categories`` say which categories are added up for each layer, ``denominator``
    what they are a share of; without one, the table's own total ("All people", "All occupied
    households" and so on).

    Raises
    ------
    ProjectError
        The entry names no categories.
    DataError
        The file is no such table, or a category is not in it.

    Notes
    -----
    The builder's CSV files begin with its name and the table's title, end with notes and have a
    comma at the end of each line; its workbooks leave the first column blank.
    """
    _refuse_keys(entry)
    asked = [name for names in entry.categories.values() for name in names]
    asked += [name.removeprefix("-").strip() for name in entry.denominator]
    table = read_entry(
        project,
        entry,
        asked,
    )
    geography = _geography(table, entry)
    rows, notes = on_area_codes(table, entry, geography)
    below_names = entry.denominator or [_total(table, entry)]
    below, suppressed, bad = _add(rows, below_names, entry)
    values, counts, hidden = {}, {}, {}
    for key, names in entry.categories.items():
        above, marked, more = _add(rows, names, entry)
        bad |= more
        values[key] = (above / below.where(below > 0)).clip(upper=1.0)
        counts[f"{key}.n"], counts[f"{key}.d"] = above, below
        hidden[key] = marked | suppressed
        notes += note_above_one(above, below, key, entry.file)
    return build_published(
        pd.DataFrame(values),
        pd.DataFrame(hidden),
        apply_entry(_specs(project, entry, geography, below_names), entry),
        geography=geography,
        counts=pd.DataFrame(counts),
        notes=[*notes, *note_unreadable(bad.to_frame("figures"), entry.file)],
    )


def _refuse_keys(entry: LayerEntry) -> None:
    refuse_known_keys(entry.model_copy(update={"high_is": None}))
    if not entry.categories:
        raise ProjectError(
            f'[[layer]] {entry.file}: from = "scotland_census" needs the categories of each layer.',
            hint='Write categories = { no_religion = ["No religion"] }, with the table\'s words.',
        )


def _specs(
    project: Project, entry: LayerEntry, geography: str, below: Sequence[str]
) -> list[LayerSpec]:
    source = build_source(
        project,
        entry,
        publisher="National Records of Scotland, Scotland's Census 2022",
        dataset=entry.file.rpartition("/")[2],
        vintage="20 March 2022",
    )
    return [
        LayerSpec(
            id=key,
            title=" + ".join(names),
            unit="share",
            kind="share",
            high_is=entry.high_is or "neither",
            geography=geography,
            source=source,
            denominator=", ".join(below),
            caveat=CAVEAT,
        )
        for key, names in entry.categories.items()
    ]


def _geography(table: pd.DataFrame, entry: LayerEntry) -> str:
    """Return which data zones the table is of, told by the run of their codes."""
    for geography in ("dz11", "dz22"):
        for column in table.columns:
            cells = to_text(table[column].iloc[:100])
            if cells.str.fullmatch(CODE_PATTERNS[geography]).any():
                return geography
    raise wrong_file(table, entry, "a table of Scotland's Census 2022 with a row a data zone")


def _total(table: pd.DataFrame, entry: LayerEntry) -> str:
    for column in table.columns:
        if str(column).casefold().startswith(("all ", "total")):
            return str(column)
    raise ProjectError(
        f"[[layer]] {entry.file}: the table has no total.",
        hint="Say what the categories are a share of: denominator = [...].",
    )


def _add(
    rows: pd.DataFrame, names: Sequence[str], entry: LayerEntry
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Add categories up, taking off those with a "-" before them; say what was no number."""
    total = pd.Series(0.0, index=rows.index)
    suppressed = pd.Series(False, index=rows.index)
    bad = pd.Series(False, index=rows.index)
    for name in names:
        sign = -1.0 if name.startswith("-") else 1.0
        column = find_column(rows, name.removeprefix("-").strip(), entry.file)
        numbers, marked = to_number(rows[column])
        total, suppressed = total + sign * numbers, suppressed | marked
        bad |= unreadable(rows[column])
    if bool((total < 0).any()):
        raise DataError(
            f"{entry.file}: {', '.join(names)} comes to less than nothing in "
            f"{total.index[total < 0][0]}.",
            hint="Check which categories are taken off.",
        )
    return total, suppressed, bad
