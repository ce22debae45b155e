"""What figure does each area have, and why has one none?"""

from __future__ import annotations

import pandas as pd

from planner.ui import parts, state
from planner.ui.access_parts.figures import BEYOND, NEAR, UNKNOWN
from planner.ui.access_parts.shown import Shown

_NEAR_WORDS = {NEAR: "within", BEYOND: "beyond", UNKNOWN: "not known"}


def show(plan: state.Plan, shown: Shown) -> None:
    """Show the areas, those without a figure and the worst first."""
    table = build_table(plan, shown)
    parts.table(
        table,
        title=f"{shown.title}, by area",
        name="access",
        key="access",
        decimals={shown.column: shown.decimals, "Residents": 0},
        codes=table.index.tolist(),
    )


def build_table(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    """Return a row an area, with its status beside its figure."""
    place, values = plan.area.place, shown.values
    columns = {
        "Area": place["area_name"],
        "Code": place.index.to_series(),
        shown.column: values["value"],
        "Status": values["status"].map(shown.status_words),
    }
    if shown.near is not None and shown.limit is not None:
        limit = "Standards" if shown.limit.each_its_own else f"{shown.limit.minutes:g} minutes"
        columns[limit] = shown.near.map(_NEAR_WORDS)
    columns["Residents"] = place["population"]
    columns["Need rank"] = plan.need.scores["need_rank"]
    return pd.DataFrame(columns, index=place.index).sort_values(
        [shown.column, "Code"],
        ascending=[shown.entry.less_is_better is False, True],
        na_position="first",
        kind="stable",
    )
