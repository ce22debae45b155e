"""Which tables on the further measures of access are written, with which units?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from planner.plan import Plan

LONG_COLUMNS = [
    *("area_code", "way", "measure", "kind", "setting"),
    *("value", "unit", "better", "status", "title", "method"),
]
SUMMARY_COLUMNS = [
    *("way", "measure", "kind", "setting", "title", "unit", "better"),
    *("areas", "areas_with_value", "people", "people_with_value"),
    *("value_lowest", "value_median", "value_highest", "method"),
]
#: Minutes and counts to so many decimals; what is a share of something to so many figures.
_MINUTES_DECIMALS, _FIGURES = 1, 6
_KEY = ["measure", "kind", "setting"]


def build_measures_file(plan: Plan) -> pd.DataFrame:
    """Return every further measure by every way, a row an area, with its unit and method."""
    parts = []
    for key, found in plan.measures_by.items():
        size = len(found.codes)
        table = found.table.assign(way=key)
        for column in ("title", "unit", "method", "better"):
            table[column] = np.repeat(found.described[column].to_numpy(dtype=object), size)
        parts.append(table)
    if not parts:
        return pd.DataFrame(columns=LONG_COLUMNS)
    table = pd.concat(parts, ignore_index=True)
    table["value"] = _rounded(table)
    return table[LONG_COLUMNS]


def build_measures_summary(plan: Plan) -> pd.DataFrame:
    """Return one row a way and measure: what it is, in which unit, and how it is spread.

    The median is that of the people who live in areas with a value: half of them have no more.
    """
    people = plan.area.place["population"].astype("float64").fillna(0.0)
    parts = []
    for key, found in plan.measures_by.items():
        table = found.table.assign(people=np.tile(people.to_numpy(), len(found.described)))
        known = table[table["value"].notna()].sort_values([*_KEY, "value"], kind="stable")
        by, by_known = table.groupby(_KEY, sort=False), known.groupby(_KEY, sort=False)
        # Not by apply, which makes no column where nothing is known at all.
        medians = {which: _median(rows) for which, rows in by_known}
        summed = found.described.assign(
            way=key,
            areas=by.size(),
            areas_with_value=by["value"].count(),
            people=by["people"].sum(),
            people_with_value=by_known["people"].sum(),
            value_lowest=by_known["value"].min(),
            value_median=[medians.get(which, np.nan) for which in found.described.index],
            value_highest=by_known["value"].max(),
        )
        summed["people_with_value"] = summed["people_with_value"].fillna(0.0)
        parts.append(summed.reset_index())
    if not parts:
        return pd.DataFrame(columns=SUMMARY_COLUMNS)
    table = pd.concat(parts, ignore_index=True)
    for column in ("value_lowest", "value_median", "value_highest"):
        table[column] = _rounded(table.rename(columns={"value": "_", column: "value"}))
    return table[SUMMARY_COLUMNS]


def _median(rows: pd.DataFrame) -> float:
    """Return the lower median of sorted values over people; over areas where nobody lives."""
    weight = rows["people"].to_numpy(dtype=np.float64)
    if weight.sum() <= 0:
        weight = np.ones(len(rows))
    at = int(np.searchsorted(np.cumsum(weight), 0.5 * weight.sum() - 1e-9))
    return float(rows["value"].iloc[at])


def _rounded(table: pd.DataFrame) -> NDArray[np.float64]:
    """Return values at the decimals of minutes, and others to six figures; no negative zero."""
    value = table["value"].to_numpy(dtype=np.float64)
    minutes = (table["unit"] == "minutes").to_numpy()
    size = np.where(np.isfinite(value) & (value != 0), np.abs(value), 1.0)
    digits = np.clip(_FIGURES - 1 - np.floor(np.log10(size)), 0, 15)
    figures = np.round(value * 10.0**digits) / 10.0**digits
    return np.asarray(np.where(minutes, np.round(value, _MINUTES_DECIMALS), figures) + 0.0)
