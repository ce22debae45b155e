"""What is known of one area, all together?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.maps.classes import classify
from planner.report.profile import build_profile, find_area
from planner.ui import parts, state
from planner.ui.area_map import MapView
from planner.ui.area_parts import profile


def show() -> None:
    plan = state.current_plan()
    parts.head("Area", plan)
    code = state.chosen_area(list(plan.area.codes))
    if code:
        parts.finding(find_area(plan, code))
    else:
        parts.finding("Choose an area, and all that is known of it stands here together.")
    _map(plan)
    parts.source_line(plan.sources)
    if code:
        profile.show(build_profile(plan, code))
    else:
        _list(plan)


def _map(plan: state.Plan) -> None:
    scores = plan.need.scores
    known = scores["need_score"].notna()
    view = MapView(
        title=f"Map of {plan.area.name}: overall need, in tenths",
        legend="Tenth of need, among the areas of the place (number of areas)",
        classes=classify(scores["need_decile"].astype(float).where(known), scheme="tenths"),
        shown=scores["need_rank"].astype(float).where(known),
        before="need rank ",
        unit=f" of {len(scores)}",
    )
    parts.show_map(plan, view, key="map_area", link=False)


def _list(plan: state.Plan) -> None:
    place, scores = plan.area.place, plan.need.scores
    table = pd.DataFrame(
        {
            "Area": place["area_name"],
            "Code": place.index,
            "Need rank": scores["need_rank"].reindex(place.index),
        }
    )
    st.caption("Choose a row, an area on the map, or one in the list above the map.")
    parts.table(
        table,
        title=f"Areas of {plan.area.name}",
        name="areas",
        key="area_rows",
        codes=table.index.tolist(),
    )


if __name__ == "__main__":
    show()
