"""How was the number of types come to?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from planner.charts.types import build_clustergram_chart, build_number_chart
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.ui.type_parts.shown import Shown

#: Figure → what it is called, and what it says.
FIGURES: dict[str, tuple[str, str]] = {
    "silhouette": (
        "Silhouette",
        "how much nearer areas are to their own type than to the next; higher is better",
    ),
    "calinski_harabasz": (
        "Caliński–Harabasz",
        "spread between types against spread within them; higher is better",
    ),
    "gap": (
        "Gap statistic",
        "how much tighter types are than in areas scattered evenly; bars are one standard error",
    ),
    "bic": (
        "BIC",
        "Bayesian information criterion: how well types fit, less what each more costs; lower is "
        "better",
    ),
}


def show(plan: state.Plan, shown: Shown) -> None:
    """Show the rule in words, figures for each number of types, and the clustergram."""
    st.header("How the number of types was chosen", anchor=False)
    types = shown.types
    parts.prose(f"{parts.capital(types.method)}.")
    parts.prose(f"Number of types: {types.k}. Rule: {types.rule}.")
    said = [note for note in types.notes if note.what in _ABOUT_NUMBER]
    if said:
        st.markdown("\n".join(f"- {parts.escape(note.text)}" for note in said))
    _charts(shown)
    _table(shown)
    fold("How areas pass from one number of types to the next", "clustergram", lambda: _gram(shown))


_ABOUT_NUMBER = {
    "types_no_clear_groups",
    "types_small",
    "types_range_cut",
    "types_parts",
    "types_gap_left_out",
    "types_unsettled",
    "types_slow",
}


def _charts(shown: Shown) -> None:
    table, k = shown.types.diagnostics, shown.types.k
    if len(table) < 2:
        return
    places: list[Any] = []
    for figure, (name, meaning) in FIGURES.items():
        if table[figure].notna().sum() < 2:
            continue
        places = places or list(st.columns(2))
        with places.pop(0):
            title = f"{name}: {_say_best(table[figure], k, lower=figure == 'bic')}"
            st.markdown(f"**{parts.escape(title)}**")
            st.altair_chart(
                build_number_chart(
                    table,
                    figure=figure,
                    axis=name,
                    chosen=k,
                    error="gap_se" if figure == "gap" else "",
                ),
                alt=f"A line of the {name.lower()} for each number of types tried, with the "
                f"chosen number, {k}, marked. {title}. The table below has the same figures.",
            )
            st.caption(parts.escape(f"{name}: {meaning}."))


def _say_best(column: pd.Series, chosen: int, *, lower: bool) -> str:
    best = int(column.idxmin() if lower else column.idxmax())
    end = "lowest" if lower else "highest"
    if best == chosen:
        return f"{end} at {best} types, the number chosen"
    return f"{end} at {best} types; {chosen} were chosen"


def _table(shown: Shown) -> None:
    table = shown.types.diagnostics
    frame = pd.DataFrame(
        {
            "Types": table.index,
            "Chosen": ["chosen" if k == shown.types.k else "" for k in table.index],
            **{name: table[figure] for figure, (name, _) in FIGURES.items()},
            "Gap, standard error": table["gap_se"],
            "Spread within types": table["inertia"],
            "Areas in the smallest": table["smallest"],
        }
    )
    parts.table(
        frame,
        title="Figures for each number of types tried",
        name="type_numbers",
        key="type_numbers",
        decimals={
            "Silhouette": 3,
            "Caliński–Harabasz": 1,
            "Gap statistic": 3,
            "Gap, standard error": 3,
            "BIC": 0,
            "Spread within types": 0,
        },
    )


def _gram(shown: Shown) -> None:
    table, k = shown.types.clustergram, shown.types.k
    title = f"How areas pass on as types are added, {k} types chosen"
    st.markdown(f"**{parts.escape(title)}**")
    st.altair_chart(
        build_clustergram_chart(table, chosen=k, axis="Mean of the first component"),
        alt="A clustergram: for each number of types a point a type, at the height of its mean, "
        "with lines to the types its areas are in when there is one type more. "
        f"{title}. The table below has the same figures.",
    )
    st.caption(
        parts.escape(
            "Height: the direction in which areas differ most (first principal component), "
            "greater need further up. Points: types, by how many areas they have. Lines: areas "
            "that pass on, by how many. Types that stay together from number to number are firm; "
            "where lines cross and split they are not (Schonlau, 2002)."
        )
    )
    frame = table.rename(
        columns={
            "k": "Number of types",
            "type": "Type",
            "mean": "Mean of the first component",
            "areas": "Areas",
            "population": "Residents",
            "next_type": "Passes to type",
            "next_mean": "Its mean",
            "shared_areas": "Areas that pass",
            "shared_population": "Residents that pass",
        }
    )
    parts.table(
        frame,
        title="Clustergram in figures",
        name="clustergram",
        key="clustergram",
        decimals={
            "Mean of the first component": 2,
            "Its mean": 2,
            "Residents": 0,
            "Residents that pass": 0,
        },
    )
