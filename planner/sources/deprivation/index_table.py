"""Is this the index it should be, and what does each of its columns mean?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from planner.errors import DataError
from planner.layers import OFFICIAL_WEIGHTS, HighIs, LayerKind, LayerSpec, PublishedTable
from planner.ledger import Note, Source
from planner.need import build_score
from planner.project import LayerEntry, Project
from planner.sources.published import (
    apply_entry,
    build_published,
    build_source,
    note_unreadable,
)
from planner.sources.tables import to_number, to_text, unreadable


@dataclass(frozen=True, kw_only=True)
class Index:
    """One edition of a national index of deprivation.

    ``key`` is its name in `planner.layers.OFFICIAL_WEIGHTS`, ``prefix`` begins the ids of its
    layers, ``among`` is how many areas it ranks.
    """

    key: str
    prefix: str
    name: str
    short: str
    nation: str
    publisher: str
    vintage: str
    geography: str
    among: int

    @property
    def weights(self) -> dict[str, float]:
        """Domain → weight in the overall index, as the publisher states them."""
        return OFFICIAL_WEIGHTS[self.key]


@dataclass(frozen=True, kw_only=True)
class IndexColumn:
    """A column of the file and the layer it becomes.

    ``percent`` says that a share stands as a percentage; ``people`` is the layer of those a share
    is a share of, so that a crosswalk can rebuild it from counts.
    """

    header: str
    spec: LayerSpec
    percent: bool = False
    people: str = ""


def wrong_file(table: pd.DataFrame, entry: LayerEntry, expected: str) -> DataError:
    """Return the error that says what was expected and what was found."""
    shown = ", ".join(repr(str(column)[:50]) for column in table.columns[:5])
    return DataError(
        f"{entry.file}: expected {expected}; found the columns {shown}"
        f"{', ...' if len(table.columns) > 5 else ''}.",
        hint=f'Check the file, or the reader (from = "{entry.reader}").',
    )


def index_source(project: Project, entry: LayerEntry, index: Index, dataset: str) -> Source:
    """Return who published the file of the index."""
    return build_source(
        project, entry, publisher=index.publisher, dataset=dataset, vintage=index.vintage
    )


def overall_rank(index: Index, source: Source) -> LayerSpec:
    """Describe the publisher's own overall rank, shown beside and never in need."""
    return LayerSpec(
        id="published_rank",
        title=f"{index.name}, published rank in {index.nation}",
        unit=f"rank among {index.among:,} areas of {index.nation}, 1 = most deprived",
        kind="rank",
        high_is="better",
        geography=index.geography,
        source=source,
        decimals=0,
        role="published_rank",
        among=index.among,
    )


def domain_rank(
    index: Index, source: Source, key: str, title: str, *, domain: str | None
) -> LayerSpec:
    """Describe a rank within one part of the index.

    Where the file has no score of the domain, its rank stands for it: within a place only the
    order counts. Beside a score it is shown only.
    """
    return LayerSpec(
        id=f"{index.prefix}_{key}_rank",
        title=f"{title} ({index.short}, rank in {index.nation})",
        unit=f"rank among {index.among:,} areas of {index.nation}, 1 = most deprived",
        kind="rank",
        high_is="better" if domain else "neither",
        geography=index.geography,
        source=source,
        domain=domain,
        domain_weight=index.weights.get(domain) if domain else None,
        decimals=0,
        among=index.among,
        caveat="A rank holds for its own areas and edition: it is never carried over to other "
        "areas, averaged or compared with another edition.",
    )


def figure(
    index: Index,
    source: Source,
    key: str,
    title: str,
    *,
    kind: LayerKind,
    unit: str,
    high_is: HighIs = "neither",
    domain: str | None = None,
    denominator: str | None = None,
    caveat: str = "",
    decimals: int = 1,
) -> LayerSpec:
    """Describe a score, share, rate or count of the index; shown only without a domain."""
    return LayerSpec(
        id=f"{index.prefix}_{key}",
        title=f"{title} ({index.short})",
        unit=unit,
        kind=kind,
        high_is=high_is,
        geography=index.geography,
        source=source,
        domain=domain,
        domain_weight=index.weights.get(domain) if domain else None,
        denominator=denominator,
        decimals=decimals,
        caveat=caveat,
    )


def build_index(
    rows: pd.DataFrame,
    entry: LayerEntry,
    columns: Sequence[IndexColumn],
    *,
    index: Index,
    notes: Sequence[Note],
    scored: bool = False,
) -> PublishedTable:
    """Hand over the columns of an index as layers on its own areas.

    Parameters
    ----------
    rows
        Cells on the index ``area_code``.
    entry
        The layer entry.
    columns
        What each column means.
    index
        Which index it is.
    notes
        What was left out so far.
    scored
        Put the overall score together from the domains' ranks, for an index that publishes none.

    Raises
    ------
    DataError
        A rank is not among the index's areas, a share not between 0 and 1: another file.
    """
    cells = pd.DataFrame({column.spec.id: rows[column.header] for column in columns})
    numbers = {key: to_number(cells[key]) for key in cells}
    values = pd.DataFrame({key: pair[0] for key, pair in numbers.items()})
    suppressed = pd.DataFrame({key: pair[1] for key, pair in numbers.items()})
    for column in columns:
        key = column.spec.id
        if column.spec.kind == "share":
            # Some editions write 8%, others 0.08.
            marked = to_text(cells[key]).str.endswith("%") | column.percent
            values[key] = values[key].where(~marked, values[key] / 100)
        _check_range(values[key], column.spec, entry, column.header)
    counts = _counts(values, columns)
    specs = [column.spec for column in columns]
    score = rebuild_score(values, index, specs[0].source) if scored else None
    if score is not None:
        values[score[0].id], suppressed[score[0].id] = score[1], False
        specs.append(score[0])
    return build_published(
        values,
        suppressed,
        apply_entry(specs, entry),
        geography=index.geography,
        counts=counts,
        notes=[*notes, *note_unreadable(cells.apply(unreadable), entry.file)],
    )


def _counts(values: pd.DataFrame, columns: Sequence[IndexColumn]) -> pd.DataFrame | None:
    """Return the people behind each share whose denominator the file has."""
    counts = {}
    for column in columns:
        if column.people in values:
            people = values[column.people]
            counts[f"{column.spec.id}.n"] = values[column.spec.id] * people
            counts[f"{column.spec.id}.d"] = people
    return pd.DataFrame(counts) if counts else None


def rebuild_score(
    values: pd.DataFrame, index: Index, source: Source
) -> tuple[LayerSpec, pd.Series] | None:
    """Put the overall score together from the ranks of all domains in all areas of the nation.

    None where an area or a domain is missing: a score is only as good as the whole ranking.
    """
    ranks = {domain: f"{index.prefix}_{domain}_rank" for domain in index.weights}
    if len(values) != index.among or any(key not in values for key in ranks.values()):
        return None
    domains = values[list(ranks.values())].set_axis(list(ranks), axis=1)
    score = build_score(domains, index.among, pd.Series(index.weights))
    spec = figure(
        index,
        source,
        "score",
        "Overall score rebuilt from the domain ranks, shown only",
        kind="score",
        unit="score, 0–100",
        caveat="The publisher prints no overall score. This one follows its method with its "
        "rounded weights; ranked, it differs from the published rank by a few places at most.",
    )
    return spec, score


def _check_range(values: pd.Series, spec: LayerSpec, entry: LayerEntry, header: str) -> None:
    where = f"{entry.file}, column {header!r}"
    low, high = values.min(), values.max()
    if spec.kind == "rank":
        top = spec.among or 10
        # Tied areas share the middle of their ranks, so halves occur.
        if low < 1 or high > top or bool((values.dropna() % 0.5 != 0).any()):
            raise DataError(
                f"{where}: not ranks of 1 to {top:,}.",
                hint=f'Check the file, or the reader (from = "{entry.reader}").',
            )
    if spec.kind == "share" and (low < 0 or high > 1):
        raise DataError(f"{where}: a share lies between 0 and 1, this goes to {high:g}.")
    if spec.kind == "count" and low < 0:
        raise DataError(f"{where}: a count below zero.")
