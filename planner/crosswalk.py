"""What are figures worth on another geography or vintage than they were published for?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.area import GEOGRAPHY_NAMES, StudyArea
from planner.errors import DataError
from planner.layers import LayerKind, PublishedTable
from planner.ledger import Note

#: Pairs (published for, wanted on) that can be bridged, and the lookups each needs.
BRIDGES: dict[tuple[str, str], tuple[str, ...]] = {
    ("lsoa11", "lsoa21"): ("lsoa11_lsoa21",),
    ("msoa11", "lsoa11"): ("lsoa11_msoa11",),
    ("msoa11", "lsoa21"): ("lsoa11_lsoa21", "lsoa11_msoa11"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Lookups:
    """Official tables from one geography to another.

    ``lsoa11_lsoa21`` has the columns ``lsoa11, lsoa21, change`` (U unchanged, S split, M merged,
    X neither), one row a pair; ``lsoa11_msoa11`` the columns ``lsoa11, msoa11``.
    """

    lsoa11_lsoa21: pd.DataFrame | None = None
    lsoa11_msoa11: pd.DataFrame | None = None


def to_area_geography(
    table: PublishedTable, area: StudyArea, lookups: Lookups
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Note, ...]]:
    """Carry a published table over to the areas of the place and its context.

    Parameters
    ----------
    table
        Values on the publisher's geography. Areas elsewhere are ignored.
    area
        The small areas that are wanted.
    lookups
        Official tables that lead from one to the other.

    Returns
    -------
    values
        Floats, index ``area_code`` of all areas, one column a layer.
    status
        On the same index and columns, how each value came there (`ValueStatus`).
    notes
        What was shared out, merged, averaged or could not be carried over.

    Raises
    ------
    DataError
        There is no way from the one geography to the other, a lookup is missing, or the table
        covers no area of the place.

    Notes
    -----
    Counts of a split area are shared by the population of its parts and counts of merged areas
    added, so that totals are kept. Shares are rebuilt from their counts where these are known.
    Scores, rates and years are inherited by the parts of a split; for a merge they are averaged
    with equal weights, as the populations of the former areas are not in the lookup. Ranks hold
    for unchanged areas only.
    """
    if table.geography == area.geography:
        return _same(table, area)
    bridge = BRIDGES.get((table.geography, area.geography))
    if bridge is None:
        raise DataError(
            f"Figures for {GEOGRAPHY_NAMES.get(table.geography, table.geography)} cannot be "
            f"carried over to {GEOGRAPHY_NAMES[area.geography]}.",
            hint="Use the publisher's file for the place's own areas.",
        )
    for name in bridge:
        if getattr(lookups, name) is None:
            raise DataError(
                f"Figures for {GEOGRAPHY_NAMES[table.geography]} need an official lookup to "
                f"become figures for {GEOGRAPHY_NAMES[area.geography]}.",
                hint=f"Name it in the project file: [lookups] {name} = ...",
            )
    links = _links(table.geography, area, lookups)
    covered = links["source"].isin(table.values.index) & links["target"].isin(area.codes)
    if not covered.any():
        _refuse_uncovered(table, area)
    links["share"] = _population_shares(links, area)
    columns = {key: _carry(key, table, links, area.areas.index) for key in table.specs}
    values = pd.DataFrame({key: pair[0] for key, pair in columns.items()}, index=area.areas.index)
    status = pd.DataFrame({key: pair[1] for key, pair in columns.items()}, index=area.areas.index)
    return values, status, tuple(_notes(table, links, area))


# --- the same geography -------------------------------------------------------------------


def _same(
    table: PublishedTable, area: StudyArea
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Note, ...]]:
    index = area.areas.index
    if not table.values.index.isin(area.codes).any():
        _refuse_uncovered(table, area)
    values = table.values.reindex(index).astype(float)
    status = pd.DataFrame("published", index=index, columns=values.columns)
    status = status.mask(values.isna(), "missing")
    if table.suppressed is not None:
        withheld = table.suppressed.reindex(index).eq(True)
        status = status.mask(values.isna() & withheld, "suppressed")
    return values, status, ()


def _refuse_uncovered(table: PublishedTable, area: StudyArea) -> None:
    first = table.values.index[0] if len(table.values) else "none"
    raise DataError(
        f"It covers none of the {len(area.codes)} areas of {area.name} (its first area: {first}).",
        hint="Check that the file covers the place, and its geography and vintage.",
    )


# --- another geography --------------------------------------------------------------------


def _links(geography: str, area: StudyArea, lookups: Lookups) -> pd.DataFrame:
    """Return the pairs source → target around the areas, with all targets of their sources.

    Columns ``source, target, change``, and ``single`` (the target has one source) and ``whole``
    (the source has one target).
    """
    if (geography, area.geography) == ("lsoa11", "lsoa21"):
        assert lookups.lsoa11_lsoa21 is not None
        pairs = lookups.lsoa11_lsoa21.set_axis(["source", "target", "change"], axis=1)
    else:
        assert lookups.lsoa11_msoa11 is not None
        upper = lookups.lsoa11_msoa11.set_axis(["target", "source"], axis=1)[["source", "target"]]
        if area.geography == "lsoa21":
            assert lookups.lsoa11_lsoa21 is not None
            lower = lookups.lsoa11_lsoa21.set_axis(["between", "target", "change"], axis=1)
            upper = upper.rename(columns={"target": "between"}).merge(lower, on="between")
        pairs = upper[["source", "target"]].assign(change="")
    pairs = pairs.drop_duplicates(["source", "target"]).sort_values(["target", "source"])
    sources = pairs.loc[pairs["target"].isin(area.areas.index), "source"].unique()
    links = pairs[pairs["source"].isin(sources)].reset_index(drop=True)
    # A target whose other sources lie elsewhere must not look as if it had one source.
    count = pairs["target"].value_counts()
    links["single"] = links["target"].map(count) == 1
    links["whole"] = links["source"].map(links["source"].value_counts()) == 1
    return links


def _population_shares(links: pd.DataFrame, area: StudyArea) -> pd.Series:
    """Return the part of each source's people in each target; equal parts where unknown."""
    people = links["target"].map(area.areas["population"]).astype(float)
    source = links["source"]
    total = people.groupby(source).transform("sum")
    known = people.notna().groupby(source).transform("all") & (total > 0)
    parts = source.map(source.value_counts()).astype(float)
    return (people / total.where(known)).where(known, 1.0 / parts)


def _carry(
    key: str, table: PublishedTable, links: pd.DataFrame, index: pd.Index
) -> tuple[pd.Series, pd.Series]:
    """Return one layer's values and statuses on the target areas."""
    kind: LayerKind = table.specs[key].kind
    given = table.values[key]
    if kind == "count":
        values = _add(given, links)
    elif kind == "rank":
        unchanged = links[links["single"] & links["whole"] & (table.geography != "msoa11")]
        values = _mean(given, unchanged)
    elif kind == "share" and table.counts is not None and f"{key}.n" in table.counts:
        part, whole = (_add(table.counts[f"{key}.{letter}"], links) for letter in "nd")
        values = part / whole.where(whole > 0)
    else:
        values = _mean(given, links)
    values = values.reindex(index)
    status = _statuses(links, kind).reindex(index)
    status = status.mask(values.isna() | status.isna(), "missing")
    if table.suppressed is not None:
        withheld = links["source"].map(table.suppressed[key]).eq(True)
        codes = links.loc[withheld, "target"].unique()
        status = status.mask(values.isna() & status.index.isin(codes), "suppressed")
    return values, status


def _add(given: pd.Series, links: pd.DataFrame) -> pd.Series:
    """Share counts out over targets and add them up; unknown if any source is."""
    parts = links["source"].map(given).astype(float) * links["share"]
    return _complete(parts, links).sum()


def _mean(given: pd.Series, links: pd.DataFrame) -> pd.Series:
    """Average over the sources of each target; unknown if any source is."""
    return _complete(links["source"].map(given).astype(float), links).mean()


def _complete(parts: pd.Series, links: pd.DataFrame) -> Any:
    unknown = links.loc[parts.isna(), "target"].unique()
    kept = ~links["target"].isin(unknown)
    return parts[kept].groupby(links.loc[kept, "target"])


def _statuses(links: pd.DataFrame, kind: LayerKind) -> pd.Series:
    whole = links["whole"].groupby(links["target"]).all()
    single = links["single"].groupby(links["target"]).all()
    shared = "apportioned" if kind == "count" else "inherited"
    words = np.select(
        [single & whole, single & ~whole, ~single & whole],
        ["published", shared, "merged"],
        default="apportioned",
    )
    # Larger areas' figures are inherited, also where two of them had to be averaged.
    larger = bool((links["change"] == "").all())
    if larger:
        words = np.full(len(whole), shared, dtype=object)
    return pd.Series(words, index=whole.index, dtype=object)


def _notes(table: PublishedTable, links: pd.DataFrame, area: StudyArea) -> list[Note]:
    """Say which areas have a figure that is less than published, and why."""
    target, several = links["target"], links.loc[~links["single"], "target"]
    found = [
        (
            "lookup_missing_areas",
            area.areas.index.difference(target),
            "the lookup does not know these areas, so they have no value",
        )
    ]
    if table.geography == "msoa11":
        words = "these areas lie in several larger ones; they have the mean of these"
        found.append(("averaged_over_larger_areas", several, words))
    else:
        found += _notes_on_changes(table, links, area)
    titles = ", ".join(table.specs)
    notes = []
    for what, codes, text in found:
        items = tuple(sorted(set(codes) & set(area.areas.index)))
        if items:
            words = f"{titles}: {text}."
            notes.append(Note(stage="layers", what=what, count=len(items), text=words, items=items))
    return notes


def _notes_on_changes(
    table: PublishedTable, links: pd.DataFrame, area: StudyArea
) -> list[tuple[str, Any, str]]:
    target = links["target"]
    found: list[tuple[str, Any, str]] = [
        (
            "complex_changes",
            target[links["change"] == "X"],
            "the boundaries of these areas changed in a way that is neither a split nor a merge; "
            "figures were shared out by population",
        )
    ]
    rebuilt = set() if table.counts is None else set(table.counts.columns)
    kinds = {spec.kind for spec in table.specs.values()}
    scores = [key for key, spec in table.specs.items() if spec.kind not in {"count", "rank"}]
    if any(f"{key}.n" not in rebuilt for key in scores):
        text = (
            "these areas were merged from several; scores and rates are the plain mean of these, "
            "as their populations are not known"
        )
        found.append(("merged_equal_weights", target[~links["single"]], text))
    if "count" in kinds:
        unknown = target.map(area.areas["population"]).isna()
        unknown = unknown.groupby(links["source"]).transform("any")
        text = (
            "counts of areas that were split are shared out equally, as the population of a part "
            "is not known"
        )
        found.append(("split_shares_equal", target[unknown & ~links["whole"]], text))
    if "rank" in kinds:
        changed = target[~links["single"] | ~links["whole"]]
        found.append(
            (
                "rank_not_carried_over",
                changed,
                "the areas changed, and ranks cannot be carried over",
            )
        )
    return found
