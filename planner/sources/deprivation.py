"""How deprived is each area in the national indices, as their publishers print them?"""

from __future__ import annotations

import pandas as pd

from planner.errors import DataError
from planner.layers import OFFICIAL_WEIGHTS, LayerSpec, PublishedTable
from planner.ledger import Note, Source
from planner.project import LayerEntry, Project
from planner.sources.published import (
    apply_entry,
    build_published,
    build_source,
    note_unreadable,
    on_area_codes,
    refuse_known_keys,
)
from planner.sources.tables import match_column, read_table, to_number, unreadable, vintage_in

IOD2025_AREAS = 33_755
IOD_RANK = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"

#: Header in the Welsh file → domain, title.
WIMD_DOMAINS: dict[str, tuple[str, str]] = {
    "Income": ("income", "Income deprivation (WIMD 2019)"),
    "Employment": ("employment", "Employment deprivation (WIMD 2019)"),
    "Health": ("health", "Health deprivation (WIMD 2019)"),
    "Education": ("education", "Education deprivation (WIMD 2019)"),
    "Access to Services": ("access", "Poor access to services (WIMD 2019)"),
    "Housing": ("housing", "Housing deprivation (WIMD 2019)"),
    "Community Safety": ("community_safety", "Poor community safety (WIMD 2019)"),
    "Physical Environment": ("environment", "Poor physical environment (WIMD 2019)"),
}


def read_iod2025_file1(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read File 1 of the English Indices of Deprivation 2025: the published overall rank.

    Raises
    ------
    DataError
        The file is of another year, nation or kind.

    Notes
    -----
    The header of the decile is cut short in the file; the rank is all that is taken, as the
    decile follows from it (``ceil(10 rank / 33,755)``).
    """
    refuse_known_keys(entry)
    table = read_table(
        project.path(entry.file),
        sheet=entry.sheet,
        where=entry.where,
        what=entry.file,
        wanted=[IOD_RANK, "Index of Multiple Deprivation (IMD) Rank", "LSOA code (2021)"],
    )
    rank = _iod_rank_column(table, entry)
    rows, notes = on_area_codes(table, entry, "lsoa21")
    ranks, suppressed = to_number(rows[rank])
    if ranks.max() > IOD2025_AREAS or ranks.min() < 1:
        raise DataError(
            f"{entry.file}, column {rank!r}: not ranks of 1 to {IOD2025_AREAS:,}.",
            hint="Download File 1 of the 2025 indices again.",
        )
    source = build_source(
        project,
        entry,
        publisher="Ministry of Housing, Communities and Local Government",
        dataset="English Indices of Deprivation 2025, rank of the overall index",
        vintage="2025",
    )
    spec = LayerSpec(
        id="published_rank",
        title="Index of Multiple Deprivation 2025, published rank in England",
        unit=f"rank among {IOD2025_AREAS:,} areas of England, 1 = most deprived",
        kind="rank",
        high_is="better",
        geography="lsoa21",
        source=source,
        decimals=0,
        role="published_rank",
    )
    notes += note_unreadable(pd.DataFrame({"published_rank": unreadable(rows[rank])}), entry.file)
    return build_published(
        pd.DataFrame({"published_rank": ranks}),
        pd.DataFrame({"published_rank": suppressed}),
        apply_entry([spec], entry),
        geography="lsoa21",
        notes=notes,
    )


def read_wimd2019(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read the Welsh Index of Multiple Deprivation 2019: the eight domain scores and the overall.

    Raises
    ------
    DataError
        A domain is missing: another year, another nation, or the table of ranks or indicators.

    Notes
    -----
    The published file gives scores to one decimal and no ranks. Official ranks were made from
    unrounded scores, so none are worked out from these.
    """
    refuse_known_keys(entry)
    table = read_table(
        project.path(entry.file),
        sheet=entry.sheet,
        where=entry.where,
        what=entry.file,
        wanted=["WIMD 2019", "Community Safety"],
    )
    expected = "the index and domain scores of the Welsh Index of Multiple Deprivation 2019"
    headers = {name: match_column(table, name) for name in ["WIMD 2019", *WIMD_DOMAINS]}
    if any(header is None for header in headers.values()):
        raise wrong_file(table, entry, expected)
    rows, notes = on_area_codes(table, entry, "lsoa11")
    if not rows.index.str.startswith("W").all():
        raise wrong_file(table, entry, expected)
    source = build_source(
        project,
        entry,
        publisher="Welsh Government",
        dataset="Welsh Index of Multiple Deprivation 2019, index and domain scores",
        vintage="2019",
    )
    specs = [
        _wimd_spec(f"wimd_{domain}", title, source, domain)
        for domain, title in WIMD_DOMAINS.values()
    ]
    specs.append(_wimd_spec("wimd_score", "Overall score (WIMD 2019), shown only", source, None))
    names = [*WIMD_DOMAINS, "WIMD 2019"]
    cells = pd.DataFrame({s.id: rows[headers[n]] for s, n in zip(specs, names, strict=True)})
    numbers = {key: to_number(cells[key]) for key in cells}
    values = pd.DataFrame({key: pair[0] for key, pair in numbers.items()})
    out = values.columns[((values < 0) | (values > 100)).any()]
    if len(out):
        raise DataError(f"{entry.file}: {out[0]} has scores outside 0 to 100: not this index.")
    notes += note_unreadable(cells.apply(unreadable), entry.file)
    text = (
        f"{entry.file} gives scores rounded to one decimal and no ranks: the published national "
        "rank is left blank, as ranks worked out from rounded scores would have ties."
    )
    notes.append(Note(stage="layers", what="published_rank_absent", count=1, text=text))
    return build_published(
        values,
        pd.DataFrame({key: pair[1] for key, pair in numbers.items()}),
        apply_entry(specs, entry),
        geography="lsoa11",
        notes=notes,
    )


def wrong_file(table: pd.DataFrame, entry: LayerEntry, expected: str) -> DataError:
    """Return the error that says what was expected and what was found."""
    shown = ", ".join(repr(str(column)[:50]) for column in table.columns[:5])
    return DataError(
        f"{entry.file}: expected {expected}; found the columns {shown}"
        f"{', ...' if len(table.columns) > 5 else ''}.",
        hint=f'Check the file, or the reader (from = "{entry.reader}").',
    )


def _wimd_spec(key: str, title: str, source: Source, domain: str | None) -> LayerSpec:
    return LayerSpec(
        id=key,
        title=title,
        unit="score, 0–100",
        kind="score",
        high_is="worse" if domain else "neither",
        geography="lsoa11",
        source=source,
        domain=domain,
        domain_weight=OFFICIAL_WEIGHTS["wimd2019"][domain] if domain else None,
        caveat="Published to one decimal, on the areas of 2011.",
    )


def _iod_rank_column(table: pd.DataFrame, entry: LayerEntry) -> str:
    """Return the column of overall ranks, or refuse what is not File 1 of 2025."""
    expected = "File 1 of the English Indices of Deprivation 2025 (LSOA code (2021), IMD Rank)"
    rank = match_column(table, [IOD_RANK, "Index of Multiple Deprivation (IMD) Rank"])
    code = next((c for c in table.columns if c.casefold().startswith("lsoa code")), None)
    if code is not None and vintage_in(code) == "2011":
        raise DataError(
            f"{entry.file}: expected {expected}, found column {code!r}: the 2019 indices or "
            "older, on the areas of 2011.",
            hint="Download File 1 of the 2025 indices.",
        )
    if rank is None or code is None:
        raise wrong_file(table, entry, expected)
    return rank
