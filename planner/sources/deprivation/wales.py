"""How deprived is each area of Wales, by the Index of Multiple Deprivation of 2019 or 2025?"""

from __future__ import annotations

import pandas as pd

from planner.errors import DataError
from planner.layers import PublishedTable
from planner.ledger import Note, Source
from planner.project import LayerEntry, Project
from planner.sources.deprivation.index_table import (
    Index,
    IndexColumn,
    build_index,
    domain_rank,
    figure,
    index_source,
    overall_rank,
    wrong_file,
)
from planner.sources.published import on_area_codes, read_entry, refuse_known_keys
from planner.sources.tables import match_column, to_number

WIMD2019 = Index(
    key="wimd2019",
    prefix="wimd",
    name="Welsh Index of Multiple Deprivation 2019",
    short="WIMD 2019",
    nation="Wales",
    publisher="Welsh Government",
    vintage="2019",
    geography="lsoa11",
    among=1_909,
)
WIMD2025 = Index(
    key="wimd2025",
    prefix="wimd",
    name="Welsh Index of Multiple Deprivation 2025",
    short="WIMD 2025",
    nation="Wales",
    publisher="Welsh Government",
    vintage="2025",
    geography="lsoa21",
    among=1_917,
)
EDITIONS: dict[str, Index] = {"wimd2019": WIMD2019, "wimd2025": WIMD2025}

#: Header in the Welsh files → domain, title.
WIMD_DOMAINS: dict[str, tuple[str, str]] = {
    "Income": ("income", "Income deprivation"),
    "Employment": ("employment", "Employment deprivation"),
    "Health": ("health", "Health deprivation"),
    "Education": ("education", "Education deprivation"),
    "Access to Services": ("access", "Poor access to services"),
    "Housing": ("housing", "Housing deprivation"),
    "Community Safety": ("community_safety", "Poor community safety"),
    "Physical Environment": ("environment", "Poor physical environment"),
}


def read_wimd(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read the Welsh Index of Multiple Deprivation: the table of scores, or that of ranks.

    Both have the same headers (``WIMD 2019`` or ``WIMD 2025``, then the eight domains): scores go
    from 0 to 100, ranks to the number of areas.

    Raises
    ------
    DataError
        A domain is missing, or the codes are not Welsh: another year, nation or table.

    Notes
    -----
    The published scores of 2019 have one decimal. Official ranks were made from unrounded scores,
    so none are worked out from these. The table of 2025 is keyed from the Welsh Government's
    documentation and its use in public code; it was not at hand.
    """
    refuse_known_keys(entry)
    index = EDITIONS[entry.reader]
    overall = index.short
    table = read_entry(
        project,
        entry,
        [overall, "Community Safety"],
    )
    expected = f"the scores or ranks by domain of the {index.name}"
    headers = {name: match_column(table, name) for name in [overall, *WIMD_DOMAINS]}
    other = next((e.short for e in EDITIONS.values() if match_column(table, e.short)), overall)
    if other != overall:
        raise DataError(
            f"{entry.file}: expected {expected}; found the column {other!r}.",
            hint=f'Read it with from = "{other.replace(" ", "").casefold()}".',
        )
    if any(header is None for header in headers.values()):
        raise wrong_file(table, entry, expected)
    rows, notes = on_area_codes(table, entry, index.geography)
    if not rows.index.str.startswith("W").all():
        raise wrong_file(table, entry, expected)
    ranked = _is_ranks(rows, [str(headers[name]) for name in WIMD_DOMAINS], index)
    what = "ranks" if ranked else "scores"
    source = index_source(project, entry, index, f"{index.name}, index and domain {what}")
    build = _ranks if ranked else _scores
    columns = build({name: str(header) for name, header in headers.items()}, index, source)
    if not ranked:
        _refuse_beyond_100(rows, columns, entry)
        text = (
            f"{entry.file} gives scores rounded to one decimal and no ranks: the published "
            "national rank is left blank, as ranks worked out from rounded scores would have ties."
        )
        notes.append(Note(stage="layers", what="published_rank_absent", count=1, text=text))
    return build_index(rows, entry, columns, index=index, notes=notes)


def _is_ranks(rows: pd.DataFrame, headers: list[str], index: Index) -> bool:
    """Tell ranks from scores: whole or half numbers of which some are beyond any score."""
    values = pd.DataFrame({header: to_number(rows[header])[0] for header in headers})
    whole = bool((values.fillna(0.0) % 0.5 == 0).all(axis=None))
    return whole and bool(values.max().max() > 100) and bool(values.max().max() <= index.among)


def _scores(headers: dict[str, str], index: Index, source: Source) -> list[IndexColumn]:
    # The overall score comes last, after the domains it is made of.
    names = [*WIMD_DOMAINS, index.short]
    columns = []
    for name in names:
        domain, title = WIMD_DOMAINS.get(name, (None, "Overall score, shown only"))
        spec = figure(
            index,
            source,
            domain or "score",
            title,
            kind="score",
            unit="score, 0–100",
            high_is="worse" if domain else "neither",
            domain=domain,
            caveat="Published to one decimal, on the areas of 2011." if index is WIMD2019 else "",
        )
        columns.append(IndexColumn(header=headers[name], spec=spec))
    return columns


def _ranks(headers: dict[str, str], index: Index, source: Source) -> list[IndexColumn]:
    columns = [IndexColumn(header=headers[index.short], spec=overall_rank(index, source))]
    for name, (domain, title) in WIMD_DOMAINS.items():
        spec = domain_rank(index, source, domain, title, domain=domain)
        columns.append(IndexColumn(header=headers[name], spec=spec))
    return columns


def _refuse_beyond_100(rows: pd.DataFrame, columns: list[IndexColumn], entry: LayerEntry) -> None:
    for column in columns:
        values, _ = to_number(rows[column.header])
        if values.min() < 0 or values.max() > 100:
            raise DataError(
                f"{entry.file}: {column.spec.id} has scores outside 0 to 100: not this index."
            )
