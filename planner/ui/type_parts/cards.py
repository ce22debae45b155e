"""What is each type like, said on a card?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from planner.neighbourhoods.portraits import AREAS_NOT_PEOPLE
from planner.ui import parts, state
from planner.ui.type_parts.shown import Shown, area_words
from planner.wording import say_list, say_many

#: So many cards stand side by side.
_ABREAST = 2


def show(plan: state.Plan, shown: Shown) -> None:
    """Show a card a type: number, name, size, portrait, typical and doubtful areas."""
    st.header("The types", anchor=False)
    parts.prose(AREAS_NOT_PEOPLE)
    rows = list(shown.types.types.iterrows())
    places: list[Any] = []
    for number, row in rows:
        # A row at a time, so that cards keep their order where columns fall under each other.
        places = places or list(st.columns(_ABREAST))
        with places.pop(0), st.container(border=True):
            _card(plan, shown, int(str(number)), row)
    _table(plan, shown)


def _card(plan: state.Plan, shown: Shown, number: int, row: pd.Series) -> None:
    st.subheader(parts.escape(shown.names[number]), anchor=False)
    said = [f"{say_many(int(row['areas']), 'area')}, {parts.people(row['population'])}."]
    if shown.types.stability is not None:
        said.append(f"Comes back with {row['stability']:.0%} of its areas the same.")
    st.caption(parts.escape(" ".join(said)))
    # Said once, for all types, above the cards.
    parts.prose(str(row["portrait"]).removesuffix(AREAS_NOT_PEOPLE).strip())
    medoid = str(row["medoid"])
    st.button(
        parts.escape(f"Show its typical area: {area_words(plan, medoid)}"),
        key=f"typical_{number}",
        on_click=state.pick_area,
        args=(medoid,),
    )
    doubtful = str(row["doubtful"]).split()
    if doubtful:
        named = say_list([area_words(plan, code) for code in doubtful])
        parts.prose(f"Least sure to be of this type: {named}.")


def _table(plan: state.Plan, shown: Shown) -> None:
    types = shown.types.types
    frame = pd.DataFrame(
        {
            "Type": types.index,
            "Name": types["type_name"],
            "Areas": types["areas"],
            "Residents": types["population"],
            "Mean need score": types["need_score_mean"],
            "What sets it apart": types["distinguishing"],
            "Typical area": [area_words(plan, code) for code in types["medoid"]],
            "Portrait": types["portrait"],
        }
    )
    parts.table(
        frame,
        title="The types in a table",
        name="types",
        key="types",
        decimals={"Residents": 0, "Mean need score": 1},
    )
