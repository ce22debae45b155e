"""Of which type is the chosen area, how surely, and which areas are most like it?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from planner.ui import parts, state
from planner.ui.type_parts.shown import Shown, title_of
from planner.wording import say_list

#: So many areas of the same type are named.
NEAREST = 5


def show(plan: state.Plan, shown: Shown, chosen: str) -> None:
    """Show the chosen area's type, how sure it is, the next best, and its nearest fellows."""
    if not chosen:
        parts.prose(
            "Choose an area on the map, in the list or in a table to see its type, how sure that "
            "is, and the areas most like it."
        )
        return
    name = str(plan.area.place.loc[chosen, "area_name"])
    st.header(parts.escape(name), anchor=False)
    if pd.isna(shown.types.labels[chosen]):
        parts.prose(
            f"{name} ({chosen}) has no type. No figure: "
            f"{say_list(_missing_titles(plan, shown, chosen))}."
        )
        return
    row = shown.types.types.loc[int(shown.types.labels[chosen])]
    said = [
        f"{name} ({chosen}) is of {shown.say(row.name)}.",
        *say_sure(shown, chosen),
    ]
    if row["distinguishing"]:
        said.append(f"What sets the type apart: {row['distinguishing']}.")
    st.markdown("\n".join(f"- {parts.escape(sentence)}" for sentence in said))
    _fellows(plan, shown, chosen)


def say_sure(shown: Shown, code: str) -> list[str]:
    """Say how surely an area is in its type, and which is the next best."""
    found = shown.types.stability
    if found is None:
        return []
    row = found.areas.loc[code]
    said = [
        f"It comes back to this type in {row['certainty']:.0%} of {len(found.draws)} repeats on "
        "areas drawn at random."
    ]
    if pd.notna(row["second_type"]):
        second = shown.say(row["second_type"])
        share = float(row["second_share"])
        said.append(
            f"The next best for it is {second}"
            + (f", where it lands in {share:.0%}." if share > 0 else ", where it never landed.")
        )
    if pd.notna(row["membership"]):
        said.append(f"Its degree of belonging to its type is {row['membership']:.0%}.")
    return said


def find_fellows(shown: Shown, code: str, *, most: int = NEAREST) -> pd.Series:
    """Return the areas of the same type that are most like an area, with how far they are.

    Returns
    -------
    distances
        Area code → distance in the units that areas are compared in, nearest first.
    """
    matrix = shown.types.inputs.matrix
    labels = shown.types.labels.reindex(matrix.index)
    fellows = matrix[(labels == labels[code]).to_numpy(dtype=bool)].drop(index=code)
    away = np.sqrt(((fellows - matrix.loc[code]) ** 2).sum(axis=1))
    return away.sort_values(kind="stable").head(most)


def _fellows(plan: state.Plan, shown: Shown, chosen: str) -> None:
    away = find_fellows(shown, chosen)
    if away.empty:
        parts.prose("No other area is of this type.")
        return
    place = plan.area.place
    frame = pd.DataFrame(
        {
            "Area": place["area_name"].reindex(away.index),
            "Code": away.index,
            "How far apart": away.to_numpy(),
            "Residents": place["population"].reindex(away.index),
            "Need rank": plan.need.scores["need_rank"].reindex(away.index),
        }
    )
    parts.table(
        frame,
        title="Areas of the same type most like it",
        name="alike_areas",
        key="alike_areas",
        decimals={"How far apart": 2, "Residents": 0},
        codes=frame.index.tolist(),
    )
    st.caption(
        parts.escape(
            "How far apart: over all layers that types are judged by, in standard deviations; 0 is "
            "the same in everything."
        )
    )


def _missing_titles(plan: state.Plan, shown: Shown, code: str) -> list[str]:
    status = shown.types.status.loc[code]
    missing = status.index[status.isin(["missing", "suppressed"])]
    return [title_of(plan, key) for key in missing]
