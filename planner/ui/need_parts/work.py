"""How many people are not working, and how would the raw rate rank the areas?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.need.inactivity import MEASURE, PARTS, RAW
from planner.ui import parts, state
from planner.ui.fold import fold

#: Parts of the measure, as the table heads them.
_PARTS = {
    "long_term_sick": "Long-term sick or disabled (%)",
    "looking_after_home": "Looking after home or family (%)",
    "other_inactive": "Otherwise inactive (%)",
    "unemployed": "Unemployed (%)",
}


def show(plan: state.Plan) -> None:
    """Show the inactivity measure with its parts, beside the raw rate."""
    st.header("Work", anchor=False)
    found = plan.needs.inactivity
    if found is None:
        parts.prose(
            "Not in this project: who is not working, retired people and full-time students "
            "aside. It takes the census table TS066 (economic activity): name it in the project "
            'file as a layer with from = "ts066".'
        )
        return
    parts.finding(*found.findings[:1])
    parts.prose(f"{found.title}, as a share of {found.denominator}.")
    for text in found.findings[1:]:
        parts.prose(text)
    fold("People not working, area by area", "work", lambda: _table(plan))
    for text in found.caveats:
        parts.prose(text)


def _table(plan: state.Plan) -> None:
    found = plan.needs.inactivity
    table = build_table(found.table, plan.area.place)
    parts.table(
        table,
        title=found.title,
        name="not_working",
        key="not_working",
        decimals={name: 1 for name in table.columns if name.endswith("(%)")},
    )
    parts.prose(
        f"Shares are of {found.denominator}; the parts add up to the measure. Raw rate: "
        f"{found.raw_title[:1].lower()}{found.raw_title[1:]}."
    )


def build_table(found: pd.DataFrame, place: pd.DataFrame) -> pd.DataFrame:
    """Return the measure, its parts and the raw rate, highest first."""
    table = pd.DataFrame(
        {
            "Rank": found[f"{MEASURE}_rank"],
            "Area": place["area_name"],
            "Not working (%)": 100 * found[f"{MEASURE}_share"],
            **{_PARTS[part]: 100 * found[f"{part}_share"] for part in PARTS},
            "Raw rate (%)": 100 * found[f"{RAW}_share"],
            "Rank by the raw rate": found[f"{RAW}_rank"],
            "Code": found.index,
        }
    )
    table = table.drop(columns=[name for name in table if table[name].isna().all()])
    return table.sort_values("Rank", kind="stable", na_position="last")
