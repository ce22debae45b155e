"""How do need and minutes lie to one another, area by area?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.charts.gaps import build_need_access
from planner.ui import parts, state
from planner.ui.gap_parts.shown import Shown, what
from planner.wording import say_are, say_many

#: Beyond so many areas the points would cover one another.
MOST_POINTS = 3_000


def show(plan: state.Plan, shown: Shown, chosen: str) -> None:
    """Show every area by need and minutes, gaps told apart by shape."""
    table = shown.table
    drawn = table[table["minutes"].notna() & table["need_percentile"].notna()]
    drawn = drawn[drawn["gap_status"] != "no_data"]
    if drawn.empty or len(drawn) > MOST_POINTS:
        return
    st.header("Need beside distance", anchor=False)
    needy = drawn[drawn["need_percentile"] > 2 / 3]
    gaps = int((needy["gap_status"] == "gap").sum())
    finding = (
        f"Of the {say_many(len(needy), 'area')} in the third of most need {gaps} {say_are(gaps)} "
        f"beyond the standard for {what(shown.kind)}."
    )
    parts.finding(finding)
    frame = pd.DataFrame(
        {
            "area": plan.area.place["area_name"].astype(str).reindex(drawn.index),
            "need": drawn["need_percentile"],
            "minutes": drawn["minutes"],
            "people": drawn["population"],
            "status": drawn["gap_status"],
            "chosen": drawn.index == chosen,
        }
    )
    words = {status: parts.capital(text) for status, text in parts.GAP_WORDS.items()}
    st.altair_chart(
        build_need_access(frame, axis=_axis(shown), words=words),
        alt=f"Every area as a point: need along, minutes up, gaps as diamonds. {finding} The table "
        "of ranked areas has the minutes, the status and the score.",
    )
    left = len(table) - len(drawn)
    if left:
        st.caption(
            f"Not drawn, since their minutes or need are not known: {say_many(left, 'area')}."
        )


def _axis(shown: Shown) -> str:
    return "Minutes to the slowest" if shown.kind == "bundle" else "Minutes to the nearest"
