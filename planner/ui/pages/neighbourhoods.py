"""Which neighbourhoods are alike, and what sets each type apart?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.maps.classes import classify
from planner.neighbourhoods import name_types
from planner.report.findings import say_untyped
from planner.ui import parts, state
from planner.ui.area_map import MapView


def show() -> None:
    plan = state.current_plan()
    types, labels = plan.neighbourhoods.types, plan.neighbourhoods.labels
    names: dict[object, str] = {
        int(number): f"{number}. {row.type_name}" for number, row in types.iterrows()
    }
    parts.head("Neighbourhood types", plan)
    first = types.iloc[0]
    parts.finding(
        f"The areas of {plan.area.name} fall into {len(types)} types.",
        f"The type with the greatest need, “{first['type_name']}”, has "
        f"{int(first['areas'])} areas and {parts.people(first['population'])}.",
    )
    chosen = parts.show_map(
        plan,
        MapView(
            title=f"Map of {plan.area.name}: types of neighbourhood",
            legend="Type of neighbourhood, 1 has the greatest need (number of areas)",
            classes=classify(labels, scheme="categories", names=names),
        ),
        key="map_neighbourhoods",
    )
    specs = [plan.layers.specs[key] for key in plan.neighbourhoods.layer_ids]
    parts.source_line(
        [spec.source for spec in specs],
        extra=f"Number of types: {plan.neighbourhoods.rule}.",
    )
    untyped = say_untyped(plan)
    if untyped:
        parts.prose(untyped)
    if chosen and pd.isna(labels[chosen]):
        parts.prose(
            f"{plan.area.place.loc[chosen, 'area_name']} ({chosen}) has no type. No figure: "
            f"{parts.listed(_missing_titles(plan, chosen))}."
        )
    elif chosen:
        row = types.loc[labels[chosen]]
        parts.prose(
            f"{plan.area.place.loc[chosen, 'area_name']} ({chosen}) is of type "
            f"{names[int(labels[chosen])]}: {row['distinguishing']}"
        )
    _types_table(types)
    _profile_table(plan, names)
    _areas_table(plan, names)
    parts.prose(parts.AREAS_ARE_NOT_PEOPLE)


def _missing_titles(plan: state.Plan, code: str) -> list[str]:
    status = plan.neighbourhoods.status.loc[code]
    missing = status.index[status.isin(["missing", "suppressed"])]
    return [plan.layers.specs[key].title for key in missing]


def _types_table(types: pd.DataFrame) -> None:
    parts.table(
        pd.DataFrame(
            {
                "Type": types.index,
                "Name": types["type_name"],
                "Areas": types["areas"],
                "Residents": types["population"],
                "Mean need score": types["need_score_mean"],
                "What sets it apart": types["distinguishing"],
            }
        ),
        title="The types",
        name="types",
        key="types",
        decimals={"Residents": 0, "Mean need score": 1},
    )


def _profile_table(plan: state.Plan, names: dict[object, str]) -> None:
    """Show each layer's mean by type, in its unit, and how far that is from the place's mean."""
    st.header("Profiles", anchor=False)
    specs = [plan.layers.specs[key] for key in plan.neighbourhoods.profiles.columns]
    for values, title, name, first in (
        (
            plan.neighbourhoods.profiles,
            "Mean of each layer by type (plain means over areas)",
            "type_profiles",
            {"Layer": [s.title for s in specs], "Unit": [s.unit for s in specs]},
        ),
        (
            plan.neighbourhoods.standardised,
            "How far each type is from the place (standard deviations)",
            "type_profiles_standardised",
            {"Layer": [s.title for s in specs]},
        ),
    ):
        own = values.T.rename(columns=names).reset_index(drop=True)
        frame = pd.concat([pd.DataFrame(first), own], axis=1)
        parts.table(
            frame, title=title, name=name, key=name, decimals=dict.fromkeys(names.values(), 2)
        )


def _areas_table(plan: state.Plan, names: dict[object, str]) -> None:
    place = plan.area.place
    table = pd.DataFrame(
        {
            "Area": place["area_name"],
            "Code": place.index,
            "Type": name_types(plan.neighbourhoods.labels.reindex(place.index), names),
            "Residents": place["population"],
            "Need rank": plan.need.scores["need_rank"],
        }
    ).sort_values(["Type", "Need rank"], kind="stable")
    parts.table(
        table,
        title="The type of each area",
        name="area_types",
        key="area_types",
        decimals={"Residents": 0},
        codes=table.index.tolist(),
    )


if __name__ == "__main__":
    show()
