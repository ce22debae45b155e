"""How do need and minutes lie to one another, area by area?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.charts.gaps import build_need_access
from planner.maps.two_way import thirds
from planner.ui import parts, state
from planner.ui.gap_parts.shown import Shown, what
from planner.wording import say_are, say_list, say_many

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
    finding = say_neediest(shown)
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
    left = say_left(table.drop(index=drawn.index))
    if left:
        st.caption(left)


def say_neediest(shown: Shown) -> str:
    """Say how many areas of most need are a gap, those that nobody reaches included."""
    known = shown.table[shown.table["gap_status"] != "no_data"]
    needy = known[thirds(known["need_percentile"]) == 3]
    gaps = int((needy["gap_status"] == "gap").sum())
    return (
        f"Of the {say_many(len(needy), 'area')} in the third of most need {gaps} {say_are(gaps)} "
        f"beyond the standard for {what(shown.kind)}."
    )


def say_left(left: pd.DataFrame) -> str:
    """Say why areas are not drawn: nothing reached, or not known; "" where all are."""
    far = left["status"].isin(["over_cutoff", "unreachable"]) & left["need_percentile"].notna()
    count, rest = int(far.sum()), int((~far).sum())
    said = []
    if count:
        gaps = int((left.loc[far, "gap_status"] == "gap").sum())
        said.append(
            f"{say_many(count, 'area')} from where none is reached in the time searched "
            f"({say_many(gaps, 'gap')})"
        )
    if rest:
        said.append(f"{say_many(rest, 'area')} whose minutes or need are not known")
    return f"Not drawn: {say_list(said)}." if said else ""


def _axis(shown: Shown) -> str:
    return "Minutes to the slowest" if shown.kind == "bundle" else "Minutes to the nearest"
