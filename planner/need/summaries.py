"""How deprived is a district or ward as a whole? The five official higher-area summaries."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.errors import DataError

SUMMARIES = ("average_rank", "average_score", "share_worst_tenth", "extent", "local_concentration")


def build_summaries(areas: pd.DataFrame, n: int) -> pd.DataFrame:
    """Summarise small areas by the larger area they are in.

    Parameters
    ----------
    areas
        One row a small area: ``group`` (the larger area), ``population`` (people), ``rank``
        (1 = greatest need, among ``n``) and ``score`` (high = worse).
    n
        How many small areas the ranks are among.

    Returns
    -------
    summaries
        Index ``group``, sorted; columns `SUMMARIES`. ``average_rank`` and
        ``local_concentration`` are on reversed ranks (``n`` = greatest need), as published;
        ``share_worst_tenth`` is a share of areas; ``extent`` a share of people.

    Raises
    ------
    DataError
        A rank, score or population is missing, or a group has no people.

    Notes
    -----
    English Indices of Deprivation 2019, technical report, appendix N (MHCLG, 2019). Local
    concentration is the average reversed rank of the worst areas that hold exactly a tenth of
    the people: the area in which the tenth is reached counts with the people still needed.
    """
    table = areas[["group", "population", "rank", "score"]]
    if bool(table.isna().any(axis=None)):
        count = int(table.isna().any(axis=1).sum())
        raise DataError(f"Summaries: {count} areas lack a group, population, rank or score.")
    people = table.groupby("group")["population"].sum()
    if not bool((people > 0).all()):
        raise DataError(f"Summaries: {people.index[people <= 0][0]} has no people.")
    rows = {group: _summarise(part, n) for group, part in table.groupby("group", sort=True)}
    result = pd.DataFrame.from_dict(rows, orient="index", columns=list(SUMMARIES))
    result.index.name = "group"
    return result


def extent_weight(percentile: pd.Series) -> pd.Series:
    """Return how much an area counts towards the extent of its district.

    Parameters
    ----------
    percentile
        ``ceil(100 · rank / n)``, 1 = greatest need.

    Returns
    -------
    weight
        1 up to the 10th percentile, 0.95 at the 11th falling in even steps to 0.05 at the 30th,
        0 beyond.
    """
    sliding = 0.95 - (percentile - 11) * (0.9 / 19)
    return sliding.where(percentile > 10, 1.0).where(percentile <= 30, 0.0)


def share_worst_tenth(rank: pd.Series, group: pd.Series, n: int) -> pd.Series:
    """Return the share of each group's areas whose decile, ``ceil(10 · rank / n)``, is 1."""
    return (10 * rank <= n).groupby(group, sort=True).mean()


def _summarise(part: pd.DataFrame, n: int) -> list[float]:
    people = part["population"].astype("float64")
    reversed_rank = n - part["rank"] + 1
    total = people.sum()
    percentile = np.ceil(100 * part["rank"] / n)
    return [
        float((people * reversed_rank).sum() / total),
        float((people * part["score"]).sum() / total),
        float((10 * part["rank"] <= n).mean()),
        float((people * extent_weight(percentile)).sum() / total),
        _local_concentration(people, reversed_rank),
    ]


def _local_concentration(people: pd.Series, reversed_rank: pd.Series) -> float:
    order = (-reversed_rank).argsort(kind="stable")
    held, ranks = people.iloc[order].to_numpy(), reversed_rank.iloc[order].to_numpy()
    wanted = held.sum() / 10
    before = np.cumsum(held) - held
    counted = np.clip(wanted - before, 0.0, held)
    return float((counted * ranks).sum() / wanted)
