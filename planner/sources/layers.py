"""What is known of each area? Reads every layer the project names, on the place's own areas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from planner.area import CODE_PATTERNS, GEOGRAPHY_NAMES, StudyArea, nation_of
from planner.comparability import refuse_trend
from planner.crosswalk import build_parents, to_area_geography
from planner.errors import DataError, ProjectError
from planner.layers import HighIs, LayerKind, Layers, LayerSpec, PublishedTable
from planner.ledger import Note, note_items
from planner.project import LayerEntry, Project
from planner.sources.census import TABLES, read_census
from planner.sources.claimants import read_claimant_count
from planner.sources.columns import hint_figures
from planner.sources.deprivation import read_iod, read_nimdm2017, read_simd2020, read_wimd
from planner.sources.life_expectancy import read_life_expectancy_msoa
from planner.sources.lookups import read_lookups
from planner.sources.published import (
    apply_entry,
    build_published,
    build_source,
    note_unreadable,
    on_area_codes,
    read_entry,
)
from planner.sources.reference import read_reference
from planner.sources.scotland_census import read_scotland_census
from planner.sources.tables import find_column, to_number, unreadable

__all__ = [
    "READERS",
    "build_absent_notes",
    "read_layers",
    "read_lookups",
    "read_plain_table",
    "read_published",
]

Reader = Callable[[Project, LayerEntry], PublishedTable]

UNITS: dict[str, str] = {
    "count": "people",
    "share": "share",
    "rate": "rate",
    "score": "score",
    "years": "years",
    "rank": "rank",
}
#: Parts of deprivation that every nation's index covers, and words in the domains' names.
DEPRIVATION: dict[str, tuple[str, ...]] = {
    "income": ("income",),
    "employment": ("employment",),
    "education": ("education",),
    "health": ("health",),
    "crime": ("crime", "safety"),
    "housing": ("housing", "barriers"),
    "access to services": ("access", "barriers", "services"),
    "environment": ("environment",),
}


def read_layers(project: Project, area: StudyArea) -> Layers:
    """Read every layer of the project onto the areas of the place and its context.

    Raises
    ------
    ProjectError
        Two entries give the same layer, or an entry asks for what its reader cannot give.
    DataError
        A file is not what the project says it is, or covers none of the place.
    """
    lookups = read_lookups(project)
    index = area.areas.index
    values, statuses = [pd.DataFrame(index=index)], [pd.DataFrame(index=index)]
    specs: dict[str, LayerSpec] = {}
    owner: dict[str, str] = {}
    notes: list[Note] = []
    tables: list[tuple[LayerEntry, PublishedTable]] = []
    for number, entry in enumerate(project.spec.layer, start=1):
        name = f"[[layer]] {number} ({entry.file})"
        table = read_published(project, entry)
        for key in table.specs:
            if key in owner:
                if key in specs:
                    refuse_trend(specs[key], table.specs[key])
                raise ProjectError(
                    f"{name}: gives the layer {key!r}, which {owner[key]} gives already.",
                    hint="Keep one of the two, or call the column something else.",
                )
            owner[key] = name
        _refuse_other_nation(table, area, entry)
        try:
            got, status, more = to_area_geography(table, area, lookups)
        except DataError as err:
            raise DataError(f"{entry.file}: {err.message}", hint=err.hint) from err
        _refuse_empty(got, area, entry)
        values.append(got)
        statuses.append(status)
        specs.update({key: table.specs[key] for key in got.columns})
        notes += [*table.notes, *more]
        tables.append((entry, table))
    together, status = pd.concat(values, axis=1), pd.concat(statuses, axis=1)
    notes += _coverage_notes(status, specs, area)
    parents, lost = build_parents(area, lookups)
    reference, among = read_reference(project, area, lookups, tables)
    return Layers(
        values=together,
        specs=specs,
        status=status,
        notes=(*notes, *build_absent_notes(specs), *lost, *among),
        parents=parents,
        reference=reference,
    )


def read_published(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read one layer entry as its publisher gives it, before any crosswalk.

    Raises
    ------
    ProjectError
        The entry keeps ``only`` a layer that the file does not give.
    """
    table = READERS[entry.reader](project, entry)
    if not entry.only:
        return table
    unknown = sorted(set(entry.only) - set(table.specs))
    if unknown:
        raise ProjectError(
            f"[[layer]] {entry.file}: only names {unknown[0]!r}, which this file does not give.",
            hint=f"Its layers: {', '.join(table.specs)}.",
        )
    kept = [key for key in table.specs if key in entry.only]
    return replace(
        table,
        values=table.values[kept],
        specs={key: table.specs[key] for key in kept},
        suppressed=None if table.suppressed is None else table.suppressed[kept],
    )


def read_plain_table(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read any CSV, XLSX or Parquet table with a column of area codes.

    The project says what each column means; ``published_rank`` is the publisher's own rank.

    Raises
    ------
    ProjectError
        The entry names no column, or not which way a column with a domain points.
    DataError
        A column is missing, holds no numbers, or not the numbers its kind asks for.
    """
    geography = entry.geography or project.spec.place.geography
    if geography not in CODE_PATTERNS:
        raise ProjectError(
            f"[[layer]] {entry.file}: there is no geography {geography!r}.",
            hint=f"Known: {', '.join(CODE_PATTERNS)}.",
        )
    columns = dict(entry.columns)
    if entry.published_rank:
        columns["published_rank"] = entry.published_rank
    if not columns:
        raise ProjectError(
            f"[[layer]] {entry.file}: names no column.",
            hint='Write columns = { id = "Header" }.',
        )
    table = read_entry(
        project,
        entry,
        list(columns.values()),
    )
    headers = {
        key: find_column(table, header, entry.file, hint=hint_figures(table, header, entry.file))
        for key, header in columns.items()
    }
    rows, notes = on_area_codes(table, entry, geography)
    cells = pd.DataFrame({key: rows[header] for key, header in headers.items()})
    numbers = {key: to_number(cells[key]) for key in cells}
    values = pd.DataFrame({key: pair[0] for key, pair in numbers.items()})
    suppressed = pd.DataFrame({key: pair[1] for key, pair in numbers.items()})
    specs = apply_entry(_plain_specs(project, entry, headers, geography), entry)
    for key in values:
        _check_values(values[key], specs[key], entry, headers[key])
    notes += note_unreadable(cells.apply(unreadable), entry.file)
    return build_published(values, suppressed, specs, geography=geography, notes=notes)


def build_absent_notes(specs: dict[str, LayerSpec]) -> list[Note]:
    """Say which of the layers the job needs are not there."""
    notes = []

    def absent(item: tuple[str, ...], text: str) -> None:
        notes.append(note_items("layers", "layer_absent", item, text))

    if "not_working" not in specs:
        absent(
            ("not_working",),
            "No economic inactivity layer: the project names no TS066 file, and occupation (TS062) "
            "does not stand in for it.",
        )
    if not any(key.startswith("life_expectancy") for key in specs):
        absent(("life_expectancy",), "No life expectancy layer: the project names none.")
    domains = {spec.domain for spec in specs.values() if spec.domain}
    missing = tuple(
        name
        for name, words in DEPRIVATION.items()
        if not any(word in domain for word in words for domain in domains)
    )
    if missing:
        absent(missing, f"No layer speaks for these parts of deprivation: {', '.join(missing)}.")
    return notes


READERS: dict[str, Reader] = {
    "table": read_plain_table,
    **dict.fromkeys(("iod2025", "iod2025_file1", "iod2019"), read_iod),
    **dict.fromkeys(("wimd2019", "wimd2025"), read_wimd),
    "simd2020": read_simd2020,
    "nimdm2017": read_nimdm2017,
    "claimant_count": read_claimant_count,
    "scotland_census": read_scotland_census,
    "life_expectancy_msoa": read_life_expectancy_msoa,
    **dict.fromkeys(TABLES, read_census),
}


# --- parts --------------------------------------------------------------------------------


def _plain_specs(
    project: Project, entry: LayerEntry, headers: dict[str, str], geography: str
) -> list[LayerSpec]:
    source = build_source(project, entry, licence="")
    kind: LayerKind = entry.kind or "score"
    pointless = [key for key, domain in entry.domains.items() if domain and key in entry.columns]
    if pointless and entry.high_is is None:
        raise ProjectError(
            f"[[layer]] {entry.file}: does not say whether a high {pointless[0]!r} is worse.",
            hint='Write high_is = "worse" or high_is = "better".',
        )
    high: HighIs = entry.high_is or "neither"
    specs = [
        LayerSpec(
            id=key,
            title=header,
            unit=entry.unit or UNITS[kind],
            kind=kind,
            high_is=high,
            geography=geography,
            source=source,
        )
        for key, header in headers.items()
    ]
    rank = {"kind": "rank", "high_is": "better", "unit": "rank, 1 = most deprived", "decimals": 0}
    return [
        replace(spec, role="published_rank", **rank)  # type: ignore[arg-type]
        if spec.id == "published_rank"
        else spec
        for spec in specs
    ]


def _check_values(values: pd.Series, spec: LayerSpec, entry: LayerEntry, header: str) -> None:
    where = f"{entry.file}, column {header!r}"
    if values.isna().all():
        raise DataError(f"{where}: holds no numbers.", hint="Name the column with the figures.")
    if spec.kind == "share" and bool(((values < 0) | (values > 1)).any()):
        raise DataError(
            f"{where}: a share lies between 0 and 1, this goes from {values.min():g} to "
            f"{values.max():g}.",
            hint='For percentages write kind = "rate" and unit = "%".',
        )
    if spec.kind in {"count", "years"} and bool((values < 0).any()):
        raise DataError(f"{where}: {spec.kind} below zero (first: {values.index[values < 0][0]}).")
    ranks = values.dropna()
    if spec.kind == "rank" and (bool((ranks < 1).any()) or bool((ranks % 0.5 != 0).any())):
        raise DataError(f"{where}: not ranks (whole numbers from 1).")


def _refuse_other_nation(table: PublishedTable, area: StudyArea, entry: LayerEntry) -> None:
    """Refuse another nation's file before asking for a lookup that could not help."""
    there = sorted({nation_of(code) for code in table.values.index})
    here = sorted({nation_of(code) for code in area.areas.index})
    if not set(there) & set(here):
        raise DataError(
            f"{entry.file}: its figures are of {' and '.join(there)}; {area.name} is in "
            f"{' and '.join(here)}.",
            hint="Use the file of the place's own nation.",
        )


def _refuse_empty(values: pd.DataFrame, area: StudyArea, entry: LayerEntry) -> None:
    inside = values.loc[area.codes]
    empty = inside.columns[inside.isna().all()]
    if len(empty):
        raise DataError(
            f"{entry.file}: {empty[0]!r} has no value in any of the {len(area.codes)} areas of "
            f"{area.name}.",
            hint="Check that the file covers the place, or take the layer out.",
        )


def _coverage_notes(
    status: pd.DataFrame, specs: dict[str, LayerSpec], area: StudyArea
) -> list[Note]:
    """Say for each layer how many values are not the area's own, and which are missing."""
    notes = []
    within = status.loc[area.codes]
    around = status.loc[area.areas.index[~area.areas["in_place"]]]
    for key, spec in specs.items():
        inside, outside = within[key], around[key]
        for word, what, text in (
            (
                "inherited",
                "layer_inherited",
                f"inherit a figure published for {GEOGRAPHY_NAMES[spec.geography]}",
            ),
            ("apportioned", "layer_apportioned", "have a share of a former area's count"),
            ("merged", "layer_merged", "have a figure put together from merged former areas"),
        ):
            codes = inside.index[inside == word]
            if len(codes):
                words = f"{spec.title}: {len(codes)} of {len(inside)} areas {text}."
                notes.append(note_items("layers", what, codes, f"{words} ({key})"))
        for where, what in ((inside, "layer_missing_values"), (outside, "layer_missing_context")):
            codes = where.index[where.isin(["missing", "suppressed"])]
            withheld = int((where == "suppressed").sum())
            if len(codes):
                words = f"{spec.title}: {len(codes)} of {len(where)} areas "
                words += "of the context " if what.endswith("context") else ""
                words += f"have no figure, {withheld} of them withheld by the publisher."
                notes.append(note_items("layers", what, codes, f"{words} ({key})"))
    return notes
