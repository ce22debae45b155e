"""How do counts, shares, rates and scores move along links without people lost or made up?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from planner.area import GEOGRAPHY_NAMES, StudyArea
from planner.crosswalk.links import LARGER, Lookups, build_links
from planner.errors import DataError
from planner.layers import LayerKind, PublishedTable
from planner.ledger import Note, note_items


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """The small areas that figures are wanted for.

    Parameters
    ----------
    name
        What they are together, as people call it.
    geography
        Which official small areas these are.
    index
        The codes of all of them.
    codes
        Those of which a table must cover at least one.
    people
        Residents by code, as far as known; a split area's people are shared out by these.
    """

    name: str
    geography: str
    index: pd.Index
    codes: pd.Index
    people: pd.Series


def to_area_geography(
    table: PublishedTable, area: StudyArea, lookups: Lookups
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Note, ...]]:
    """Carry a published table over to the areas of the place and its context.

    As `to_geography`, for the areas of a `StudyArea`; their populations share out splits.
    """
    target = Target(
        name=area.name,
        geography=area.geography,
        index=area.areas.index,
        codes=area.codes,
        people=area.areas["population"],
    )
    return to_geography(table, target, lookups)


def to_geography(
    table: PublishedTable, target: Target, lookups: Lookups
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Note, ...]]:
    """Carry a published table over to any set of small areas.

    Parameters
    ----------
    table
        Values on the publisher's geography. Areas elsewhere are ignored.
    target
        The small areas that are wanted.
    lookups
        Official tables that lead from one to the other.

    Returns
    -------
    values
        Floats, index ``area_code`` of all areas, one column a layer; on another geography the
        table's ranks and deciles are left out.
    status
        On the same index and columns, how each value came there (`ValueStatus`).
    notes
        What was shared out, merged, averaged or could not be carried over.

    Raises
    ------
    DataError
        There is no way from the one geography to the other, a lookup is missing, the table covers
        no area of the place, or it holds nothing but ranks.

    Notes
    -----
    Counts of a split area are shared by the population of its parts and counts of merged areas
    added, so that totals are kept. Shares are rebuilt from their counts where these are known.
    Scores, rates and years are inherited by the parts of a split; for a merge they are averaged
    by people where the lookups tell how many live in the former areas, else with equal weights.
    Ranks and deciles stand for areas of one geography and are never carried over.
    """
    if table.geography == target.geography:
        return _same(table, target)
    links = build_links(
        table.geography,
        target.geography,
        lookups,
        people=target.people,
        targets=target.index,
    )
    covered = links["source"].isin(table.values.index) & links["target"].isin(target.codes)
    if not covered.any():
        _refuse_uncovered(table, target)
    table, dropped = _without_ranks(table, target)
    columns = {key: _carry(key, table, links, target.index) for key in table.specs}
    values = pd.DataFrame({key: pair[0] for key, pair in columns.items()}, index=target.index)
    status = pd.DataFrame({key: pair[1] for key, pair in columns.items()}, index=target.index)
    return values, status, (*dropped, *_notes(table, links, target))


def carry_counts(counts: pd.Series, links: pd.DataFrame) -> pd.Series:
    """Share counts out over targets and add them up.

    Parameters
    ----------
    counts
        Index source codes.
    links
        As `planner.crosswalk.build_links` gives them.

    Returns
    -------
    carried
        Index target codes; NaN where the count of any source is unknown. Nothing is rounded, so
        the total is that of the sources.
    """
    parts = links["source"].map(counts).astype(float) * links["share"]
    return _complete(parts, links).sum()


def carry_rates(rates: pd.Series, links: pd.DataFrame) -> pd.Series:
    """Average rates over the sources of each target, weighted by people where these are known.

    Parameters
    ----------
    rates
        Index source codes; scores, rates or years.
    links
        As `planner.crosswalk.build_links` gives them.

    Returns
    -------
    carried
        Index target codes; NaN where the rate of any source is unknown. The only source of a
        target gives its rate as it is.
    """
    given = links["source"].map(rates).astype(float)
    weights = _rate_weights(links)
    return _complete(given * weights, links).sum()


# --- the same geography -------------------------------------------------------------------


def _same(
    table: PublishedTable, wanted: Target
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Note, ...]]:
    index = wanted.index
    if not table.values.index.isin(wanted.codes).any():
        _refuse_uncovered(table, wanted)
    values = table.values.reindex(index).astype(float)
    status = pd.DataFrame("published", index=index, columns=values.columns)
    status = status.mask(values.isna(), "missing")
    if table.suppressed is not None:
        withheld = table.suppressed.reindex(index).eq(True)
        status = status.mask(values.isna() & withheld, "suppressed")
    return values, status, ()


def _refuse_uncovered(table: PublishedTable, wanted: Target) -> None:
    first = table.values.index[0] if len(table.values) else "none"
    raise DataError(
        f"It covers none of the {len(wanted.codes)} areas of {wanted.name} (its first area: "
        f"{first}).",
        hint="Check that the file covers the place, and its geography and vintage.",
    )


# --- another geography --------------------------------------------------------------------


def _without_ranks(
    table: PublishedTable, wanted: Target
) -> tuple[PublishedTable, tuple[Note, ...]]:
    """Leave ranks and deciles out; refuse a table that has nothing else."""
    ranks = tuple(key for key, spec in table.specs.items() if spec.kind == "rank")
    if not ranks:
        return table, ()
    kept = [key for key in table.specs if key not in ranks]
    here, there = GEOGRAPHY_NAMES[wanted.geography], GEOGRAPHY_NAMES[table.geography]
    if not kept:
        raise DataError(
            f"{ranks[0]} is a rank or decile among {there}, and ranks are never carried over to "
            f"{here}.",
            hint="Use the index's scores, or its edition for the place's own areas.",
        )
    text = (
        f"{', '.join(ranks[:3])}{' and others' if len(ranks) > 3 else ''}: ranks and deciles among "
        f"{there} are never carried over to {here}, and are left out."
    )
    note = note_items("layers", "rank_not_carried_over", ranks, text)
    return replace(
        table,
        values=table.values[kept],
        specs={key: table.specs[key] for key in kept},
        suppressed=None if table.suppressed is None else table.suppressed[kept],
    ), (note,)


def _carry(
    key: str, table: PublishedTable, links: pd.DataFrame, index: pd.Index
) -> tuple[pd.Series, pd.Series]:
    """Return one layer's values and statuses on the target areas."""
    kind: LayerKind = table.specs[key].kind
    given = table.values[key]
    if kind == "count":
        values = carry_counts(given, links)
    elif kind == "share" and table.counts is not None and f"{key}.n" in table.counts:
        part, whole = (carry_counts(table.counts[f"{key}.{letter}"], links) for letter in "nd")
        values = part / whole.where(whole > 0)
        # What one whole area inherits is its own figure, not one rebuilt from rounded counts.
        values = values.where(~values.index.isin(_only_inherited(links)), carry_rates(given, links))
    else:
        values = carry_rates(given, links)
    values = values.reindex(index)
    status = _statuses(links, table, kind).reindex(index)
    status = status.mask(values.isna() | status.isna(), "missing")
    if table.suppressed is not None:
        withheld = links["source"].map(table.suppressed[key]).eq(True)
        codes = links.loc[withheld, "target"].unique()
        status = status.mask(values.isna() & status.index.isin(codes), "suppressed")
    return values, status


def _only_inherited(links: pd.DataFrame) -> pd.Index:
    return pd.Index(links.loc[links["single"], "target"])


def _rate_weights(links: pd.DataFrame) -> pd.Series:
    """Return each source's part in its target's average: by people, else equal."""
    people = links["people"] * links["share"]
    target = links["target"]
    total = people.groupby(target).transform("sum")
    known = people.notna().groupby(target).transform("all") & (total > 0)
    count = target.map(target.value_counts()).astype(float)
    return (people / total.where(known)).where(known, 1.0 / count)


def _complete(parts: pd.Series, links: pd.DataFrame) -> Any:
    unknown = links.loc[parts.isna(), "target"].unique()
    kept = ~links["target"].isin(unknown)
    return parts[kept].groupby(links.loc[kept, "target"])


def _statuses(links: pd.DataFrame, table: PublishedTable, kind: LayerKind) -> pd.Series:
    whole = links["whole"].groupby(links["target"]).all()
    single = links["single"].groupby(links["target"]).all()
    shared = "apportioned" if kind == "count" else "inherited"
    words = np.select(
        [single & whole, single & ~whole, ~single & whole],
        ["published", shared, "merged"],
        default="apportioned",
    )
    # Larger areas' figures are inherited, also where two of them had to be averaged.
    if table.geography in LARGER:
        words = np.full(len(whole), shared, dtype=object)
    return pd.Series(words, index=whole.index, dtype=object)


# --- what to say --------------------------------------------------------------------------


def _notes(table: PublishedTable, links: pd.DataFrame, wanted: Target) -> list[Note]:
    """Say which areas have a figure that is less than published, and why."""
    target, several = links["target"], links.loc[~links["single"], "target"]
    found: list[tuple[str, Any, str]] = [
        (
            "lookup_missing_areas",
            wanted.index.difference(target),
            "the lookup does not know these areas, so they have no value",
        )
    ]
    if table.geography in LARGER:
        words = "these areas lie in several larger ones; they have the mean of these"
        found.append(("averaged_over_larger_areas", several, words))
    else:
        found += _notes_on_changes(table, links)
    if any(spec.kind == "count" for spec in table.specs.values()):
        text = (
            "counts of areas that were split are shared out equally, as the population of a part "
            "is not known"
        )
        found.append(("split_shares_equal", target[links["basis"] == "equal"], text))
    titles = ", ".join(table.specs)
    notes = []
    for what, codes, text in found:
        items = tuple(sorted(set(codes) & set(wanted.index)))
        if items:
            words = f"{titles}: {text}."
            notes.append(note_items("layers", what, items, words))
    return notes


def _notes_on_changes(table: PublishedTable, links: pd.DataFrame) -> list[tuple[str, Any, str]]:
    target = links["target"]
    changed = links["change"] == "X"
    fitted = bool((links.loc[changed & ~links["whole"], "basis"] == "output areas").all())
    how = "by the output areas in each" if fitted else "by population"
    found: list[tuple[str, Any, str]] = [
        (
            "complex_changes",
            target[changed],
            "the boundaries of these areas changed in a way that is neither a split nor a merge; "
            f"figures were shared out {how}",
        )
    ]
    rebuilt = set() if table.counts is None else set(table.counts.columns)
    rates = [key for key, spec in table.specs.items() if spec.kind != "count"]
    if any(f"{key}.n" not in rebuilt for key in rates):
        known = links["people"].notna().groupby(target).transform("all")
        text = "these areas were put together from several; scores and rates are their "
        found += [
            (
                "merged_equal_weights",
                target[~links["single"] & ~known],
                f"{text}plain mean, as their populations are not known",
            ),
            (
                "merged_people_weights",
                target[~links["single"] & known],
                f"{text}mean weighted by people, as the counts behind them are not known",
            ),
        ]
    return found
