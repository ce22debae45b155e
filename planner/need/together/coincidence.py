"""In which domains is each area among the worst, and which of them meet in the same area?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from planner.wording import to_label

Part = Literal["tenth", "fifth"]

#: The highest decile that belongs to each part, worst first.
PARTS: dict[Part, int] = {"tenth": 1, "fifth": 2}

#: What stands for the combination of an area that is in the worst part of no domain, and of one
#: that lacks a figure: not knowing is not the same as not being among the worst.
NONE, NOT_KNOWN = "none", "not known"

AREA_COLUMNS = [
    "tandem_known",
    "worst_tenth_count",
    "worst_fifth_count",
    "tandem_least_bad",
    "tandem_least_bad_domain",
    "tandem_worst",
    "tandem_worst_domain",
    "tandem_combination_tenth",
    "tandem_combination_fifth",
    "tandem_rank",
]
COMBINATION_COLUMNS = [
    "part",
    "combination",
    "domains",
    "areas",
    "people",
    "people_share",
    "need_score_mean",
]
DOMINANT_COLUMNS = [
    "larger_area",
    "part",
    "areas",
    "people",
    "combination",
    "combination_areas",
    "combination_people",
]

#: Values that differ by floating-point noise only are tied, as in the index.
_DECIMALS = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Coincidence:
    """Each area's standing in each domain, and in all of them.

    Parameters
    ----------
    values
        Area × domain (domains by name), high = worse.
    ranks
        The rank among the areas known in the domain, 1 = worst; ties share their average rank.
    deciles
        ``ceil(10 · rank / N)``, 1 = the worst tenth (Int64, <NA> unknown).
    areas
        One row an area, columns `AREA_COLUMNS`: of how many domains there is a figure
        (``tandem_known``), in how many of these the area is in the worst tenth and fifth, the
        percentile (0-1, 1 = greatest need) of its least bad and of its worst domain, and which
        these are (the first by name of several); the domains it is in the worst part of; and
        its rank by least bad domain, then by the next least bad, then by code. <NA>, or
        `NOT_KNOWN`, where a domain is unknown.
    """

    values: pd.DataFrame
    ranks: pd.DataFrame
    deciles: pd.DataFrame
    areas: pd.DataFrame

    def worst(self, part: Part) -> pd.DataFrame:
        """Return area × domain: in the worst part (unknown counts as False)."""
        return (self.deciles <= PARTS[part]).fillna(False).astype(bool)

    def in_tandem(self, part: Part) -> pd.Index:
        """Return the areas in the worst part of every domain; all of them are known."""
        return self.values.index[self.worst(part).all(axis=1).to_numpy()]

    @property
    def complete(self) -> pd.Index:
        """The areas with a figure in every domain."""
        return self.values.index[self.values.notna().all(axis=1).to_numpy()]


def build_coincidence(values: pd.DataFrame) -> Coincidence:
    """Rank areas in each domain on its own; no domain makes up for another.

    Parameters
    ----------
    values
        Area × domain, high = worse, NaN where unknown; the index sorted or not.

    Notes
    -----
    All members of a tie stand on the same side of a boundary: that is what an average rank does.
    """
    values = values[sorted(values.columns)].astype("float64")
    ranks = values.round(_DECIMALS).rank(ascending=False, method="average")
    known = ranks.notna()
    counts = known.sum().astype("int64")
    deciles = pd.DataFrame(
        {domain: _decile(ranks[domain], int(counts[domain])) for domain in values.columns},
        index=values.index,
    )
    percentiles = (counts - ranks + 1) / counts.where(counts > 0)
    whole = known.all(axis=1)
    areas = pd.DataFrame({"tandem_known": known.sum(axis=1).astype("int64")}, index=values.index)
    some = known.any(axis=1)
    for part, last in PARTS.items():
        count = (deciles <= last).fillna(False).sum(axis=1).astype("Int64")
        areas[f"worst_{part}_count"] = count.where(some)
    filled = percentiles.where(whole, axis=0).fillna(0.0)
    for name, value, domain in (
        ("least_bad", filled.min(axis=1), filled.idxmin(axis=1)),
        ("worst", filled.max(axis=1), filled.idxmax(axis=1)),
    ):
        areas[f"tandem_{name}"] = value.where(whole)
        areas[f"tandem_{name}_domain"] = domain.astype(object).where(whole, NOT_KNOWN)
    for part in PARTS:
        areas[f"tandem_combination_{part}"] = _combination(deciles, whole, PARTS[part])
    areas["tandem_rank"] = _rank_by_least_bad(percentiles[whole]).reindex(values.index)
    return Coincidence(values=values, ranks=ranks, deciles=deciles, areas=areas[AREA_COLUMNS])


def build_combinations(areas: pd.DataFrame, people: pd.Series, need: pd.Series) -> pd.DataFrame:
    """Count areas and people by the combination of domains they are in the worst part of.

    Parameters
    ----------
    areas
        As in `Coincidence`.
    people, need
        Residents and need score on the same index.

    Returns
    -------
    combinations
        Columns `COMBINATION_COLUMNS`, by part, then the most areas first, `NONE` and
        `NOT_KNOWN` last. ``people_share`` is of all people; ``need_score_mean`` the plain mean
        over areas.
    """
    total = float(people.sum())
    tables = []
    for part in PARTS:
        label = areas[f"tandem_combination_{part}"].rename("combination")
        table = (
            pd.DataFrame({"areas": 1, "people": people, "need_score_mean": need})
            .groupby(label)
            .agg({"areas": "sum", "people": "sum", "need_score_mean": "mean"})
            .reset_index()
        )
        table["part"] = part
        table["domains"] = _sizes(table["combination"])
        table["people_share"] = table["people"] / total if total > 0 else np.nan
        table["last"] = table["combination"].map({NONE: 1, NOT_KNOWN: 2}).fillna(0)
        order = ["last", "areas", "people", "combination"]
        tables.append(table.sort_values(order, ascending=[True, False, False, True]))
    return pd.concat(tables, ignore_index=True)[COMBINATION_COLUMNS]


def build_dominant(areas: pd.DataFrame, people: pd.Series, larger: pd.Series) -> pd.DataFrame:
    """Say which combination is the commonest in each larger area.

    Parameters
    ----------
    areas, people
        As in `build_combinations`.
    larger
        The larger area each area is in; missing where unknown.

    Returns
    -------
    dominant
        Columns `DOMINANT_COLUMNS`, by part and larger area. The commonest by areas, then by
        people, then by name; `NONE` where no area is in the worst part of anything, with 0
        areas.
    """
    rows = []
    for part in PARTS:
        table = pd.DataFrame(
            {
                "larger_area": larger,
                "combination": areas[f"tandem_combination_{part}"],
                "areas": 1,
                "people": people,
            }
        ).dropna(subset=["larger_area"])
        whole = table.groupby("larger_area", sort=True)[["areas", "people"]].sum()
        found = table[~table["combination"].isin([NONE, NOT_KNOWN])]
        counts = found.groupby(["larger_area", "combination"], as_index=False).sum()
        first = (
            counts.sort_values(
                ["larger_area", "areas", "people", "combination"],
                ascending=[True, False, False, True],
            )
            .drop_duplicates("larger_area")
            .set_index("larger_area")
            .add_prefix("combination_")
            .rename(columns={"combination_combination": "combination"})
        )
        joined = whole.join(first).reset_index()
        joined["combination"] = joined["combination"].astype(object).fillna(NONE)
        joined["combination_areas"] = joined["combination_areas"].fillna(0).astype("int64")
        joined["combination_people"] = joined["combination_people"].fillna(0.0)
        joined["part"] = part
        rows.append(joined[DOMINANT_COLUMNS])
    return pd.concat(rows, ignore_index=True)


def _decile(rank: pd.Series, n: int) -> pd.Series:
    # An average rank is a whole or a half number, so twice of it divides without rounding.
    twice = (2 * rank).round().astype("Int64")
    return -(-10 * twice // max(1, 2 * n))


def _combination(deciles: pd.DataFrame, whole: pd.Series, last: int) -> pd.Series:
    worst = (deciles <= last).fillna(False).to_numpy(dtype=bool)
    labels = np.array([to_label(domain) for domain in deciles.columns], dtype=object)
    said = [
        (" + ".join(labels[row]) or NONE) if known else NOT_KNOWN
        for row, known in zip(worst, whole, strict=True)
    ]
    return pd.Series(said, index=deciles.index, dtype=object)


def _sizes(combination: pd.Series) -> pd.Series:
    """Return how many domains a combination names; <NA> where it is not known."""
    sizes = combination.str.count(r" \+ ").astype("Int64") + 1
    return sizes.where(combination != NONE, 0).where(combination != NOT_KNOWN)


def _rank_by_least_bad(percentiles: pd.DataFrame) -> pd.Series:
    values = np.sort(percentiles.to_numpy(dtype=float), axis=1)
    codes = np.argsort(np.argsort(percentiles.index.astype(str)))
    keys: Sequence[np.ndarray] = [-values[:, at] for at in range(values.shape[1])]
    order = np.lexsort([codes, *reversed(keys)])
    ranks = pd.Series(pd.NA, index=percentiles.index, dtype="Int64")
    ranks.iloc[order] = np.arange(1, len(order) + 1)
    return ranks
