"""What of the bundle is out of reach together, and what does one trip to all of it take?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.report.bundle import find_bundle, name_signature, name_stops
from planner.ui import parts, state
from planner.ui.fold import fold


def show_bundle(plan: state.Plan, chosen: str) -> None:
    """Say what is missed together in the place, and what a trip takes from the chosen area."""
    if plan.bundles is None:
        return
    st.header("What cannot be put together", anchor=False)
    for sentence in find_bundle(plan):
        parts.prose(sentence)
    if chosen:
        _show_trip(plan, chosen)
    _show_signatures(plan)
    fold("The trip from each area", "bundle_trips", lambda: _show_trips(plan))


def _show_trip(plan: state.Plan, code: str) -> None:
    row, name = plan.bundles.areas.loc[code], plan.area.place.loc[code, "area_name"]
    parts.prose(f"{name} ({code}). {name_signature(row['signature'], sentence=True)}")
    if plan.bundles.trips is None:
        return
    if row["bundle_trip_status"] != "reached":
        reason = parts.status_words(row["bundle_trip_status"])
        parts.prose(f"One trip to the whole bundle from here was not found: {reason}.")
        return
    ratio = row["fragmentation_ratio"]
    parts.prose(
        f"One trip to all of it and home takes {row['bundle_trip_minutes']:.0f} minutes, time "
        f"spent there included: {name_stops(plan, row['bundle_trip_venues'])}."
        + (
            f" That is {ratio:.1f} times as long as if all of it were at the existing venue that "
            "suits this area best."
            if pd.notna(ratio)
            else ""
        )
    )


def _show_signatures(plan: state.Plan) -> None:
    table = plan.bundles.signatures.combinations
    frame = pd.DataFrame(
        {
            "Out of reach together": [name_signature(text) for text in table["signature"]],
            "Areas": table["areas"],
            "Residents": table["people"],
            "Share of residents (%)": 100 * table["people_share"],
        }
    )
    parts.table(
        frame,
        title="What is out of reach together: areas and people",
        name="bundle_signatures",
        key="bundle_signatures",
        decimals={"Residents": 0, "Share of residents (%)": 1},
    )


def _show_trips(plan: state.Plan) -> None:
    areas, place = plan.bundles.areas, plan.area.place
    frame = pd.DataFrame(
        {
            "Area": place["area_name"].reindex(areas.index),
            "Out of reach": [name_signature(text) for text in areas["signature"]],
            "Code": areas.index,
        }
    )
    if plan.bundles.trips is not None:
        frame["Round trip, minutes"] = areas["bundle_trip_minutes"]
        frame["Trip"] = areas["bundle_trip_status"].map(parts.status_words)
        frame["In this order"] = [name_stops(plan, text) for text in areas["bundle_trip_venues"]]
        frame["Places to visit, at least"] = areas["hand_offs"]
        frame["Times as long as in one place"] = areas["fragmentation_ratio"]
    parts.table(
        frame,
        title="One trip to the whole bundle from each area",
        name="bundle_trips",
        key="bundle_trips",
        decimals={
            "Round trip, minutes": 0,
            "Places to visit, at least": 0,
            "Times as long as in one place": 1,
        },
        codes=frame.index.tolist(),
    )
