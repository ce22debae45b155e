"""Plans of the six squares as a comparison sees them, by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from places import CODES, POPULATION

from planner.before_after import Snapshot

#: Minutes, or in words why there are none.
Journey = float | str
GP = [5.0, 25.0, 48.0, "unreachable", 17.0, "not_connected"]
GP_AFTER = [4.0, 25.95, "over_cutoff", 30.0, 18.0, "not_connected"]
LIBRARY = [10.0, 10.0, 10.0, 10.0, 10.0, "not_connected"]
LIBRARY_AFTER = [12.0, 10.0, 10.0, 10.0, 10.0, "not_connected"]
STANDARD = 20.0


def snapshot(
    journeys: Mapping[str, Sequence[Journey]],
    *,
    name: str = "today",
    offered: Sequence[str] | None = None,
    bundle: Sequence[str] = ("gp", "library"),
    people: Sequence[float] = POPULATION,
    **more: Any,
) -> Snapshot:
    """Return minutes to each kind of the six squares; a gap is beyond 20 minutes."""
    codes = pd.Index(CODES, name="area_code")
    rows = []
    for kind in sorted(journeys):
        for code, journey in zip(CODES, journeys[kind], strict=True):
            reached = not isinstance(journey, str)
            minutes = float(journey) if reached else np.nan
            status = "reached" if reached else str(journey)
            gap = "within_standard" if reached and minutes <= STANDARD else "gap"
            if status in ("not_connected", "outside_extent", "no_data"):
                gap = "no_data"
            rows.append((code, kind, minutes, status, gap))
    return Snapshot(
        name=name,
        table=pd.DataFrame(rows, columns=["area_code", "kind", "minutes", "status", "gap_status"]),
        people=pd.Series(people, index=codes, dtype="float64"),
        areas=pd.DataFrame(
            {
                "area_name": [f"Square {i}" for i in range(1, 7)],
                "type_name": ["Hill", "Hill", "Hill", "Quay", "Quay", ""],
                "need_tenth": pd.array([1, 1, 2, 2, 10, pd.NA], dtype="Int64"),
            },
            index=codes,
        ),
        offered=frozenset(journeys if offered is None else offered) - {"bundle"},
        bundle=tuple(bundle),
        **more,
    )


def today(**more: Any) -> Snapshot:
    return snapshot({"gp": GP, "library": LIBRARY}, **more)


def changed(**more: Any) -> Snapshot:
    return snapshot({"gp": GP_AFTER, "library": LIBRARY_AFTER}, **{"name": "Move it", **more})
