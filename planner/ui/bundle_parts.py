"""What does one trip to all of the bundle take?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.report.bundle import find_bundle, name_signature, name_stops
from planner.report.timed import build_legs_frame, say_stay, say_timed
from planner.ui import parts, state
from planner.ui.fold import fold


def show_bundle(plan: state.Plan, chosen: str) -> None:
    """Say what a trip to all of it takes in the place, and from the chosen area."""
    if plan.bundles is None:
        return
    st.header("One trip to all of it", anchor=False)
    # What is missed together, and how to read it, stands with its chart.
    said = {*plan.bundles.signatures.findings, plan.bundles.signatures.caveat}
    for sentence in find_bundle(plan):
        if sentence not in said:
            parts.prose(sentence)
    if chosen:
        _show_trip(plan, chosen)
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
    _show_timed(plan, code)


def _show_timed(plan: state.Plan, code: str) -> None:
    """Tell the trip timed end to end leg by leg, or say that the minutes are indicative."""
    words = say_timed(plan, code)
    if not words:
        if plan.bundles.trips.indicative:
            parts.prose("Each leg is timed by itself, so these minutes are indicative.")
        return
    parts.prose(words)
    legs = build_legs_frame(plan)
    legs = legs[legs["area_code"] == code]
    stays = zip(legs["services"], legs["stay_minutes"], legs["hours"], strict=True)
    frame = pd.DataFrame(
        {
            "Leaves": legs["leaves"],
            "Journey": legs["words"],
            "Is there by": legs["arrives"],
            "Place": legs["to_name"],
            "What for": [say_stay(*stay) for stay in stays],
        }
    )
    if len(frame):
        parts.table(frame, title="The trip, timed by the clock", name="timed", key="bundle_timed")


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
        if plan.bundles.timed is not None:
            minutes = plan.bundles.timed.table["minutes"]
            frame["Timed end to end, minutes"] = minutes.reindex(areas.index)
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
            "Timed end to end, minutes": 0,
            "Places to visit, at least": 0,
            "Times as long as in one place": 1,
        },
        codes=frame.index.tolist(),
    )
