"""Where do great need and poor access meet?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.maps.classes import classify
from planner.standards import kind_words
from planner.ui import parts, state
from planner.ui.area_map import MapView
from planner.ui.bundle_parts import show_bundle

#: How many of the greatest gaps are told in words.
LISTED = 5

#: Status of an area → its words in the legend, worst first.
CLASSES: dict[object, str] = {
    "gap": "Gap: beyond the standard",
    "relatively_further": "Relatively further, within the standard",
    "within_standard": "Within the standard",
}


def show() -> None:
    plan = state.current_plan()
    parts.head("Gaps", plan)
    kind = state.choose("Service", "kind", _kinds(plan), default="bundle")
    table = plan.gaps.table[plan.gaps.table["kind"] == kind].set_index("area_code")
    parts.finding(*_finding(plan, kind, table))
    chosen = parts.show_map(plan, _view(plan, kind, table), key="map_gaps")
    parts.source_line(
        [*[s.source for s in plan.layers.specs.values() if s.domain], *plan.services.sources],
        extra="Gap score = need percentile × access-shortfall percentile, each among the areas "
        "of the place; need leaves out any access domain. Journeys are "
        f"{plan.way.words} ({plan.access.method}).",
    )
    if chosen and chosen in table.index:
        name = plan.area.place.loc[chosen, "area_name"]
        parts.prose(f"{name} ({chosen}): {table.loc[chosen, 'gap_reason']}")
    _greatest(plan, table)
    _table(plan, table)
    show_bundle(plan, chosen)
    _standards(plan, kind)


def _kinds(plan: state.Plan) -> dict[str, str]:
    kinds = sorted(set(plan.gaps.table["kind"]) - {"bundle"})
    return parts.kind_options(kinds, bundle=True)


def _finding(plan: state.Plan, kind: str, table: pd.DataFrame) -> list[str]:
    gaps = table[table["gap_status"] == "gap"]
    what = "the bundle" if kind == "bundle" else kind_words(kind, plural=True)
    if gaps.empty:
        return [f"No area of {plan.area.name} is beyond the standard for {what}."]
    top = gaps.sort_values("gap_rank").index[0]
    return [
        f"{len(gaps)} of {len(table)} areas are a gap for {what}: "
        f"{parts.people(gaps['population'].sum())} live there.",
        f"The greatest is {plan.area.place.loc[top, 'area_name']} ({top}).",
    ]


def _view(plan: state.Plan, kind: str, table: pd.DataFrame) -> MapView:
    status = table["gap_status"]
    known = status.where(status.isin(list(CLASSES)))
    why = table["status"].where(~table["status"].eq("reached"), "no_data")
    kinds = plan.project.spec.bundle.kinds if kind == "bundle" else [kind]
    return MapView(
        title=f"Map of {plan.area.name}: gaps, {_kinds(plan)[kind].lower()}",
        legend="What the area is (number of areas)",
        classes=classify(
            known,
            scheme="categories",
            names=CLASSES,
            palette="viridis",
            status=why.mask(known.notna(), "reached"),
        ),
        shown=table["gap_rank"].astype(float),
        before="gap rank ",
        unit=f" of {len(table)}",
        points=parts.service_points(plan, [k for k in kinds if k in plan.services.kinds]),
    )


def _greatest(plan: state.Plan, table: pd.DataFrame) -> None:
    """List the first few in words, for reading out."""
    first = table.sort_values("gap_rank", kind="stable").head(LISTED)
    names = plan.area.place["area_name"]
    st.header("The greatest, and why", anchor=False)
    st.markdown(
        "\n".join(
            f"{place}. **{parts.escape(names[row.Index])}** ({row.Index}): "
            f"{parts.escape(row.gap_reason)}"
            for place, row in enumerate(first.itertuples(), start=1)
        )
    )


def _table(plan: state.Plan, table: pd.DataFrame) -> None:
    ranked = table.sort_values("gap_rank", kind="stable")
    frame = pd.DataFrame(
        {
            "Rank": ranked["gap_rank"],
            "Area": plan.area.place["area_name"].reindex(ranked.index),
            "Status": ranked["gap_status"].map(lambda s: parts.GAP_WORDS.get(s, s)),
            "Why": ranked["gap_reason"],
            "Minutes": ranked["minutes"],
            "Journey": ranked["status"].map(lambda s: parts.status_words(s)),
            "Standard, minutes": ranked["standard_minutes"],
            "Gap score": ranked["gap_score"],
            "Residents": ranked["population"],
            "People in households without a car": ranked["people_without_car"],
            "Code": ranked.index,
        },
        index=ranked.index,
    )
    if frame["People in households without a car"].isna().all():
        frame = frame.drop(columns="People in households without a car")
        st.caption("People in households without a car: no data in this project.")
    parts.table(
        frame,
        title="Areas ranked by gap, with reasons",
        name="gaps",
        key="gaps",
        decimals={
            "Minutes": 0,
            "Standard, minutes": 0,
            "Gap score": 2,
            "Residents": 0,
            "People in households without a car": 0,
        },
        codes=frame.index.tolist(),
    )


def _standards(plan: state.Plan, kind: str) -> None:
    st.header("Standards", anchor=False)
    kinds = plan.project.spec.bundle.kinds if kind == "bundle" else [kind]
    for name in kinds:
        if name in plan.standards:
            standard = plan.standards[name]
            parts.prose(
                f"{parts.capital(kind_words(name))}: {standard.minutes:g} minutes. "
                f"{standard.source}."
            )


if __name__ == "__main__":
    show()
