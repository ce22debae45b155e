"""How sure is each gap when what had to be assumed is varied?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.ui import parts, state
from planner.ui.fold import fold
from planner.ui.gap_parts.shown import Shown

#: Columns of `planner.gaps.certainty.GapCertainty.table` → words; shares are shown in percent.
COLUMNS = {
    "gap_share": "All varied (%)",
    "gap_share_threshold": "Only the standard (%)",
    "gap_share_speed": "Only walking speed (%)",
    "gap_share_departure": "Only the minute of leaving (%)",
}


def show(plan: state.Plan, shown: Shown) -> None:
    """Show how often each gap is still one, and which assumption matters."""
    found = plan.gap_certainty
    if found is None or shown.sure.empty:
        return
    st.header("How sure are the gaps?", anchor=False)
    parts.finding(*found.findings[:1])
    for sentence in found.findings[1:]:
        parts.prose(sentence)
    fold("Each area, assumption by assumption", "gap_sure", lambda: _table(plan, shown))
    st.caption(parts.escape(found.method))


def _table(plan: state.Plan, shown: Shown) -> None:
    rows = shown.table.sort_values("gap_rank", kind="stable").index
    sure = shown.sure.reindex(rows)
    frame = pd.DataFrame(
        {"Rank": shown.table["gap_rank"], "Area": plan.area.place["area_name"].reindex(rows)},
        index=rows,
    )
    for column, words in COLUMNS.items():
        if sure[column].notna().any():
            frame[words] = 100 * sure[column].astype("float64")
    frame["Rank from"], frame["Rank to"] = sure["gap_rank_low"], sure["gap_rank_high"]
    frame["Code"] = rows
    decimals = dict.fromkeys([*COLUMNS.values(), "Rank from", "Rank to"], 0)
    parts.table(
        frame,
        title="Share of draws in which an area is a gap, by what is varied",
        name="gap_certainty",
        key="gap_sure",
        decimals={name: places for name, places in decimals.items() if name in frame.columns},
        codes=frame.index.tolist(),
    )
