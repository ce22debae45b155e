"""Why is the chosen area a gap, or why not?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.report.why import Why, build_why
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.ui.gap_parts.shown import Shown


def show(plan: state.Plan, shown: Shown, chosen: str) -> None:
    """Tell of the chosen area, or of the greatest gap until one is chosen."""
    ranked = shown.table.sort_values("gap_rank", kind="stable")
    code = chosen if chosen in shown.table.index else str(ranked.index[0])
    why = build_why(plan, code, shown.kind)
    gap = shown.table.loc[code, "gap_status"] == "gap"
    st.header("Why is this a gap?" if gap else "What is known of this area", anchor=False)
    st.subheader(parts.escape(why.title), anchor=False)
    if code != chosen:
        st.caption("Choose an area on the map, in the list or in the table to read of that one.")
    st.markdown(to_list(why))
    fold("The figures behind this, and where they stand in the files", "why", lambda: _look(why))


def to_list(why: Why) -> str:
    """Return the statements as a list, each with what it is about in front."""
    return "\n".join(
        f"- **{parts.escape(one.about)}.** {parts.escape(one.text)}" for one in why.statements
    )


def _look(why: Why) -> None:
    rows = [
        (one.about, figure.said, str(figure.value), figure.unit, figure.where.words)
        for one in why.statements
        for figure in one.figures
    ]
    columns = ["About", "As it is said", "In full", "Unit", "Where it stands"]
    parts.table(
        pd.DataFrame(rows, columns=columns),
        title="Figures behind the statements",
        name="why_figures",
        key="why_figures",
    )
