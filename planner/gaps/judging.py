"""Who is far, whose standard is broken, and how large is the gap?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner.access import NOT_KNOWN
from planner.need import rank_areas

JUDGED = [
    "minutes",
    "status",
    "standard_minutes",
    "standard_way",
    "standard_minutes_taken",
    "breaches",
    "need_percentile",
    "shortfall_percentile",
    "gap_score",
    "gap_rank",
    "gap_status",
    "middle",
]


def judge(near: pd.DataFrame, held: pd.DataFrame, percentile: pd.Series) -> pd.DataFrame:
    """Score and rank the areas by one kind of service, or by the bundle.

    Parameters
    ----------
    near
        ``value`` (minutes) and ``status`` by the way that gaps go by.
    held
        On the same areas: ``standard_minutes``, ``standard_way``, ``standard_minutes_taken`` and
        ``met``, whether the standard is met by its own way.
    percentile
        Need without access domains, 0-1, 1 = greatest.

    Returns
    -------
    table
        On the areas, columns `JUDGED`; ``middle`` is the middle area's minutes, infinite where
        most are not reached.

    Notes
    -----
    An area whose standard is not known to be met or not has no score. One that breaks its
    standard by the standard's own way is a gap even where minutes by the way that gaps go by are
    not known; it then has no score and comes last.
    """
    distance = to_distance(near).where(held["met"] != "not_known")
    short = shortfall(distance)
    score = percentile * short
    middle = _middle(distance)
    breaches = held["met"] == "not_met"
    words = np.select(
        [held["met"] == "not_known", breaches, distance > middle],
        ["no_data", "gap", "relatively_further"],
        default="within_standard",
    )
    table = pd.DataFrame(
        {
            "minutes": near["value"],
            "status": near["status"],
            **{name: held[name] for name in JUDGED[2:5]},
            "breaches": breaches,
            "need_percentile": percentile,
            "shortfall_percentile": short,
            "gap_score": score,
            "gap_rank": rank_areas(score),
            "gap_status": words,
            "middle": middle,
        }
    )
    return table[JUDGED]


def to_distance(near: pd.DataFrame) -> pd.Series:
    """Return minutes, infinite where the nearest was looked for and not reached, else NaN."""
    status = near["status"].to_numpy(dtype=object)
    value = np.where(status == "reached", near["value"].to_numpy(dtype=np.float64), np.inf)
    for word in NOT_KNOWN:
        value[status == word] = np.nan
    return pd.Series(value, index=near.index, name="value")


def shortfall(distance: pd.Series) -> pd.Series:
    """Return the share of areas with data that are as near or nearer; 1 = furthest.

    Ties take the highest place among them: everyone not reached is the furthest.
    """
    return distance.rank(method="max") / max(int(distance.notna().sum()), 1)


def hold_bundle(slowest: pd.DataFrame, held: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Hold the bundle against the standards of its kinds.

    Parameters
    ----------
    slowest
        ``value`` and ``status`` of the slowest of the nearest, by the way that gaps go by.
    held
        Kind → what `judge` holds it against.

    Returns
    -------
    held
        The standard, its way and the minutes taken of the kind that breaks its own most (or keeps
        it least well; of equals the first in the bundle), and ``met``: not where any kind misses
        its standard, or where fewer than half of the people reach all of them.
    """
    excess = build_excess(held)
    kinds = list(held)
    most = excess.to_numpy().argmax(axis=1) if len(kinds) else np.zeros(len(slowest), dtype=int)
    rows = np.arange(len(slowest))
    columns: dict[str, pd.Series] = {}
    for name in ("standard_minutes", "standard_way", "standard_minutes_taken"):
        every = np.column_stack([held[kind][name].to_numpy(dtype=object) for kind in kinds])
        columns[name] = pd.Series(every[rows, most], index=slowest.index)
    mets = pd.DataFrame({kind: held[kind]["met"] for kind in kinds})
    # Each kind may be reached by half of an area's people, and the whole of it by fewer.
    apart = ~slowest["status"].isin(["reached", *NOT_KNOWN])
    unknown = (mets == "not_known").any(axis=1)
    met = np.select(
        [unknown, (mets == "not_met").any(axis=1) | apart, slowest["status"].isin(NOT_KNOWN)],
        ["not_known", "not_met", "not_known"],
        default="met",
    )
    return pd.DataFrame(
        {
            "standard_minutes": columns["standard_minutes"].astype("float64"),
            "standard_way": columns["standard_way"].astype("str"),
            "standard_minutes_taken": columns["standard_minutes_taken"].astype("float64"),
            "met": met,
        },
        index=slowest.index,
    )


def build_excess(held: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return minutes beyond each kind's standard: infinite not reached, −infinite not known."""
    columns = {}
    for kind, found in held.items():
        over = found["standard_minutes_taken"] - found["standard_minutes"]
        over = over.fillna(np.inf)
        columns[kind] = over.where(found["met"] != "not_known", -np.inf)
    return pd.DataFrame(columns)


def _middle(distance: pd.Series) -> float:
    """Return the lower median over areas with data; infinite if most are not reached."""
    known = np.sort(distance.dropna().to_numpy())
    return float(known[(len(known) - 1) // 2]) if len(known) else float("nan")
