"""Does access fall more fairly after than before?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

EQUITY_COLUMNS = [
    "kind",
    "index",
    "before",
    "before_low",
    "before_high",
    "after",
    "after_low",
    "after_high",
    "change",
    "within_intervals",
    "meaning_before",
    "meaning_after",
]


def build_equity_changes(
    before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Set the indices of equity of two plans side by side.

    Parameters
    ----------
    before, after
        Kind (``bundle`` is one) → `planner.equity.Equity.table`.

    Returns
    -------
    equity
        Columns `EQUITY_COLUMNS`, sorted by kind, indices in their usual order. An index that one
        of the two does not have is NaN there, ``change`` too. ``within_intervals`` is True where
        each figure lies within the other's interval: then the change may be due to which areas
        are looked at.

    Notes
    -----
    The indices count who does not reach a service at the longest journey searched, never leave
    them out: stranding people makes none of them better. A lower inequality is not better access:
    everyone may have further to go alike. Read them beside who gains and who loses.
    """
    rows = []
    for kind in sorted({*before, *after}):
        sides = [table.get(kind) for table in (before, after)]
        names = dict.fromkeys(name for side in sides if side is not None for name in side.index)
        for name in names:
            first, last = (_row(side, str(name)) for side in sides)
            rows.append(
                {
                    "kind": kind,
                    "index": name,
                    "before": first["value"],
                    "before_low": first["low"],
                    "before_high": first["high"],
                    "after": last["value"],
                    "after_low": last["low"],
                    "after_high": last["high"],
                    "change": last["value"] - first["value"],
                    "within_intervals": bool(
                        first["low"] <= last["value"] <= first["high"]
                        and last["low"] <= first["value"] <= last["high"]
                    ),
                    "meaning_before": first["meaning"],
                    "meaning_after": last["meaning"],
                }
            )
    return pd.DataFrame(rows, columns=EQUITY_COLUMNS)


def _row(side: pd.DataFrame | None, name: str) -> pd.Series:
    if side is None or name not in side.index:
        said = "It was not worked out: too few people are known to reach one."
        return pd.Series({"value": np.nan, "low": np.nan, "high": np.nan, "meaning": said})
    return side.loc[name]
