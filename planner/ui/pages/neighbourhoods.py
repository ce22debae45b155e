"""Which neighbourhoods are alike, what sets each type apart, and how sure is that?"""

from __future__ import annotations

import streamlit as st

from planner.report.findings import say_stability
from planner.ui import own_choices, parts, state
from planner.ui.drawn_parts import summed
from planner.ui.fold import alone, fold
from planner.ui.type_parts import cards, chosen, every, mapped, number, profile, sure, trying
from planner.ui.type_parts.shown import Shown, say_untyped
from planner.wording import say_many


def show() -> None:
    plan = state.current_plan()
    parts.head("Neighbourhood types", plan)
    _living(plan)
    fold(
        "Your own neighbourhood: draw round it, or choose its areas in a list",
        "my_neighbourhood",
        lambda: summed.show(plan),
    )


@alone
def _living(plan: state.Plan) -> None:
    """Show all that follows the chosen area or a trial; only this is made anew."""
    top = st.container()
    shown = trying.choose_types(plan)
    with top:
        parts.finding(*_finding(plan, shown))
        parts.prose(say_stability(shown.types, shown.settings.stable))
    own_choices.put("neighbourhoods", shown.settings if shown.trial else None, plan.project)
    if shown.trial:
        trying.tell_trial(plan, shown)
    measure = state.choose("What the map shows", "shows", mapped.measures(shown))
    area = parts.show_map(plan, mapped.view(plan, shown, measure), key="map_neighbourhoods")
    specs = [plan.layers.specs[key] for key in shown.types.layer_ids]
    parts.source_line(
        [spec.source for spec in specs], extra=f"Number of types: {shown.types.rule}."
    )
    untyped = say_untyped(plan, shown)
    if untyped:
        parts.prose(untyped)
    chosen.show(plan, shown, area)
    cards.show(plan, shown)
    profile.show(plan, shown)
    number.show(plan, shown)
    sure.show(plan, shown)
    fold("The layers that areas are compared by", "types", lambda: every.layers_table(plan, shown))
    st.header("All areas", anchor=False)
    every.show(plan, shown)
    parts.prose(parts.AREAS_ARE_NOT_PEOPLE)


def _finding(plan: state.Plan, shown: Shown) -> list[str]:
    types = shown.types.types
    first = types.iloc[0]
    lead = "In your trial the" if shown.trial else "The"
    if len(types) == 1:
        return [f"{lead} areas of {plan.area.name} are all of one type."]
    return [
        f"{lead} areas of {plan.area.name} fall into {len(types)} types.",
        f"The type with the greatest need, “{first['type_name']}”, has "
        f"{say_many(int(first['areas']), 'area')} and {parts.people(first['population'])}.",
    ]


if __name__ == "__main__":
    show()
