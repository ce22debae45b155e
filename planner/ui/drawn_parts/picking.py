"""Which areas does a person mean: clicked, drawn round, or named in a list?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from planner.maps.classes import classify
from planner.ui import area_map, drawing, parts, selection, state
from planner.ui.area_map import MapView


def pick_areas(plan: state.Plan, *, name: str, label: str, title: str) -> tuple[str, ...]:
    """Let a person select areas from a list or on a map, where a shape can be drawn round them.

    Parameters
    ----------
    plan
        The place.
    name
        What the selection is called in the address.
    label, title
        Of the list, and of the map.

    Returns
    -------
    chosen
        Codes in the place's order. A shape selects the areas whose middle (where their people
        live, on average) lies within it.
    """
    place: Any = plan.area.place
    key, shape = f"map_{name}", f"{name}_shape"
    chosen = selection.select_areas(
        place["area_name"].astype(str).to_dict(),
        name=name,
        label=label,
        help_text="The same as a click with Ctrl or Shift on the map, the space bar there, or a "
        "shape drawn round the middle of the areas.",
    )
    # A shape is spent once it has selected its areas, and goes out of the address.
    drawing.forget_shape(name=shape)
    drawing.drawn_shape(name=shape)
    wrong = drawing.what_is_wrong(name=shape)
    if wrong:
        st.error(parts.escape(wrong))
    view = MapView(
        title=title,
        legend="Residents of the area (number of areas)",
        classes=classify(place["population"], scheme="quantiles", unit="people"),
        shown=place["population"],
        unit=" residents",
        many=chosen,
        asks_shape=True,
    )
    geometry = state.map_geometry(plan.area, plan.backdrop)
    message = area_map.build_message(geometry, view, chosen="", held=state.map_held())
    take_shape = drawing.shape_taker(key, name=shape)

    def drawn() -> None:
        take_shape()
        drawing.select_within(plan.area, name=shape, into=name)

    area_map.mount(
        message,
        key=key,
        on_picked=lambda: None,
        on_held=state.map_holder(key),
        on_picked_many=selection.areas_picker(key, name=name),
        on_drawn=drawn,
    )
    return chosen
