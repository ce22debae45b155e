"""How do the areas rank, greatest gap first, and who lives there?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.ui import parts, state
from planner.ui.gap_parts.shown import Shown

#: Columns on certainty → words.
SURE_WORDS = {
    "gap_share": "Still a gap (% of draws)",
    "greatest_share": "Among the greatest (% of draws)",
    "gap_rank_low": "Rank from",
    "gap_rank_high": "Rank to",
}


def show(plan: state.Plan, shown: Shown) -> None:
    """Show every area with its rank, reason and people; a row chooses its area."""
    frame = build_table(plan, shown)
    if shown.table["people_without_car"].isna().all():
        st.caption("People in households without a car: no data in this project.")
    decimals = {
        "Minutes": 0,
        "Standard, minutes": 0,
        "Gap score": 2,
        "Residents": 0,
        "People in households without a car": 0,
    }
    decimals |= dict.fromkeys(SURE_WORDS.values(), 0)
    parts.table(
        frame,
        title="Areas ranked by gap, with reasons",
        name="gaps",
        key="gaps",
        decimals={name: places for name, places in decimals.items() if name in frame.columns},
        codes=frame.index.tolist(),
    )


def build_table(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    """Return a row an area, greatest gap first."""
    ranked = shown.table.sort_values("gap_rank", kind="stable")
    frame = pd.DataFrame(
        {
            "Rank": ranked["gap_rank"],
            "Area": plan.area.place["area_name"].reindex(ranked.index),
            "Status": ranked["gap_status"].map(lambda s: parts.GAP_WORDS.get(s, s)),
            "Why": ranked["gap_reason"],
            "Residents": ranked["population"],
            "People in households without a car": ranked["people_without_car"],
        },
        index=ranked.index,
    )
    if frame["People in households without a car"].isna().all():
        frame = frame.drop(columns="People in households without a car")
    if not shown.sure.empty:
        for column, words in SURE_WORDS.items():
            values = shown.sure[column].reindex(ranked.index).astype("float64")
            frame[words] = 100 * values if "%" in words else values
    frame["Minutes"] = ranked["minutes"]
    frame["Journey"] = ranked["status"].map(lambda s: parts.status_words(s))
    frame["Standard, minutes"] = ranked["standard_minutes"]
    frame["Gap score"] = ranked["gap_score"]
    frame["Code"] = ranked.index
    return frame
