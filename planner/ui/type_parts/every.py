"""Which type is every area in, and by which layers?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.neighbourhoods import name_types
from planner.ui import parts, state
from planner.ui.type_parts.shown import Shown, title_of


def show(plan: state.Plan, shown: Shown) -> None:
    """Show the type of each area, and how each layer counts."""
    table = build_area_rows(plan, shown)
    parts.table(
        table,
        title="The type of each area",
        name="area_types",
        key="area_types",
        decimals={"Residents": 0, "Comes back (%)": 0},
        codes=table.index.tolist(),
    )
    if shown.types.stability is not None:
        st.caption(
            parts.escape(
                "Comes back: how often the area lands in its type when the grouping is repeated on "
                "areas drawn at random. Next best type: the other one it lands in most often, or "
                "is nearest to."
            )
        )


def build_area_rows(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    """Return a row an area, by type and need."""
    place, types = plan.area.place, shown.types
    names = shown.names
    columns: dict[str, object] = {
        "Area": place["area_name"],
        "Code": place.index,
        "Type": name_types(types.labels.reindex(place.index), names),
    }
    if types.stability is not None:
        sure = types.stability.areas.reindex(place.index)
        columns["Comes back (%)"] = 100 * sure["certainty"].astype("float64")
        columns["Next best type"] = [
            "" if pd.isna(second) else names[int(second)] for second in sure["second_type"]
        ]
    columns |= {"Residents": place["population"], "Need rank": plan.need.scores["need_rank"]}
    table = pd.DataFrame(columns)
    order = types.labels.reindex(place.index).astype("float64")
    return (
        table.assign(order=order)
        .sort_values(["order", "Need rank"], kind="stable", na_position="last")
        .drop(columns="order")
    )


def layers_table(plan: state.Plan, shown: Shown) -> None:
    """Show the layers that areas are compared by, and how much each counts."""
    table = shown.types.inputs.transforms
    specs = [plan.layers.specs[layer] for layer in table.index]
    frame = pd.DataFrame(
        {
            "Layer": [title_of(plan, layer) for layer in table.index],
            "Unit": [spec.unit for spec in specs],
            "Weight": table["weight"],
            "Part in differences between areas (%)": 100 * table["distance_share"],
            "Taken": table["words"],
            "Areas with a larger area's value": table["inherited_areas"],
            "Source": [spec.source.dataset for spec in specs],
            "Of": [spec.source.vintage for spec in specs],
        }
    )
    parts.table(
        frame,
        title="The layers that areas are compared by",
        name="type_inputs",
        key="type_inputs",
        decimals={"Weight": 2, "Part in differences between areas (%)": 0},
    )
    told = [
        note
        for note in shown.types.notes
        if note.what.startswith(("types_layer", "types_inherited", "types_weights", "types_far"))
    ]
    for note in told:
        parts.prose(note.text)
