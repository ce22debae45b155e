"""Who can reach what, and in how many minutes?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pandas as pd
import streamlit as st

from planner.access import Access
from planner.maps.classes import classify
from planner.standards import DEFAULT_MINUTES, kind_words
from planner.travel.getting_about import MODE_WORDS, Way
from planner.ui import parts, state
from planner.ui.area_map import MapView

if TYPE_CHECKING:
    from planner.access import Measure

NEAREST = "minutes_nearest"
SLOWEST = "bundle_minutes_slowest"


def show() -> None:
    plan = state.current_plan()
    parts.head("Access", plan)
    columns = st.columns(3 if len(plan.ways) > 1 else 2)
    with columns[0]:
        kind = state.choose("Service", "kind", _kinds(plan))
    measures = _measures(plan, kind)
    with columns[1]:
        choice = state.choose("Measure", "measure", measures)
    key = plan.mode
    if len(plan.ways) > 1:
        with columns[2]:
            titles = {key: way.title for key, way in plan.ways.items()}
            key = state.choose("Travelling", "way", titles, default=plan.mode)
    shown = _Shown.of(plan, key, kind, choice, measures[choice])
    parts.finding(*_finding(plan, shown))
    parts.show_map(plan, _view(plan, shown), key="map_access")
    parts.source_line(
        [*plan.services.sources, *([plan.jobs.source] if plan.jobs is not None else [])],
        extra=f"Door to door {shown.way.words}; {shown.access.method}. Fares are not modelled.",
    )
    _chart(plan, shown)
    _table(plan, shown)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shown:
    """What was chosen: a way of getting about, a service, and one measure of it."""

    way: Way
    access: Access
    kind: str
    values: pd.DataFrame
    in_minutes: bool
    words: str

    @classmethod
    def of(cls, plan: state.Plan, key: str, kind: str, choice: str, words: str) -> _Shown:
        measure, _, threshold = choice.partition("-")
        access = plan.access_by[key]
        return cls(
            way=plan.ways[key],
            access=access,
            kind=kind,
            values=access.wide(
                cast("Measure", measure), kind, float(threshold) if threshold else None
            ),
            in_minutes="minutes" in measure,
            words=words,
        )

    @property
    def how(self) -> str:
        return MODE_WORDS[self.way.mode]


def _kinds(plan: state.Plan) -> dict[str, str]:
    table = plan.access.table
    kinds = sorted(table.loc[table["measure"] == NEAREST, "kind"].unique())
    options = parts.kind_options(kinds, bundle="bundle" in set(table["kind"]))
    if (table["measure"] == "jobs_within").any():
        options["jobs"] = "Jobs"
    return options


def _measures(plan: state.Plan, kind: str) -> dict[str, str]:
    """Return what was measured for a kind: measure and threshold → words."""
    table = plan.access.table
    mine = table[(table["kind"] == kind) & (table["measure"] != "share_connected")]
    found = mine[["measure", "threshold"]].drop_duplicates()
    words = {}
    for measure, threshold in found.itertuples(index=False):
        step = "" if pd.isna(threshold) else f"{threshold:g}"
        words[f"{measure}-{step}" if step else measure] = {
            NEAREST: "Minutes to the nearest",
            SLOWEST: "Minutes to the slowest of the nearest",
            "bundle_kinds_out_of_reach": "Kinds of service out of reach",
            "count_within": f"Number within {step} minutes",
            "jobs_within": f"Jobs within {step} minutes",
        }.get(measure, measure.replace("_", " "))
    first = [key for key in words if "minutes" in key]
    return {key: words[key] for key in [*first, *(k for k in words if k not in first)]}


def _standard(plan: state.Plan, kind: str) -> float | None:
    return plan.standards[kind].minutes if kind in plan.standards else None


def _what(kind: str) -> str:
    if kind == "bundle":
        return "the slowest of the bundle's services"
    return "jobs" if kind == "jobs" else f"the nearest {kind_words(kind)}"


def _finding(plan: state.Plan, shown: _Shown) -> list[str]:
    kind, values, in_minutes, words = shown.kind, shown.values, shown.in_minutes, shown.words
    population = plan.area.place["population"]
    reached = values["status"] == "reached"
    sentences = []
    if kind == "bundle" and in_minutes:
        out = shown.access.wide("bundle_kinds_out_of_reach", "bundle")
        near = (out["status"] == "reached") & (out["value"] == 0)
        share = population[near].sum() / max(population.sum(), 1.0)
        sentences.append(
            f"{share:.0%} of residents live in areas where every service of the bundle is within "
            f"its standard {shown.how}."
        )
    elif in_minutes:
        standard = _standard(plan, kind) or DEFAULT_MINUTES
        near = reached & (values["value"] <= standard)
        share = population[near].sum() / max(population.sum(), 1.0)
        sentences.append(
            f"{share:.0%} of residents live in areas within {standard:g} minutes {shown.how} "
            f"of {_what(kind)}."
        )
    elif reached.any():
        low = values.loc[reached, "value"].min()
        high = values.loc[reached, "value"].max()
        subject = "Jobs" if kind == "jobs" else parts.capital(kind_words(kind, plural=True))
        if kind == "bundle":
            subject = "The bundle"
        sentences.append(
            f"{subject}: {words[:1].lower()}{words[1:]} goes from {low:,.0f} to {high:,.0f} "
            "between the areas."
        )
    without = parts.status_counts(values.loc[~reached, "status"])
    if without:
        sentences.append(f"Areas without a figure: {without}.")
    return sentences


def _view(plan: state.Plan, shown: _Shown) -> MapView:
    kind, values, in_minutes = shown.kind, shown.values, shown.in_minutes
    kinds = plan.project.spec.bundle.kinds if kind == "bundle" else [kind]
    return MapView(
        title=f"Map of {plan.area.name}: {_kinds(plan)[kind]}, {shown.words.lower()} {shown.how}",
        legend=f"{shown.words} {shown.how} (number of areas)",
        classes=classify(
            values["value"],
            scheme="minutes" if in_minutes else "quantiles",
            status=values["status"],
        ),
        shown=values["value"].where(values["status"] == "reached"),
        unit=" min" if in_minutes else "",
        points=parts.service_points(plan, [k for k in kinds if k in plan.services.kinds]),
    )


def _chart(plan: state.Plan, shown: _Shown) -> None:
    kind, values, in_minutes, words = shown.kind, shown.values, shown.in_minutes, shown.words
    known = values.loc[values["status"] == "reached", "value"].astype(float)
    if known.empty:
        parts.prose("No area has a figure, so there is nothing to draw.")
        return
    span = max(float(known.max()), 1.0)
    width = 5.0 if in_minutes else max(1.0, float(f"{span / 20:.1g}"))
    standard = _standard(plan, kind) if in_minutes else None
    title = f"How many people live at each number: {words.lower()}"
    parts.histogram(
        known,
        plan.area.place["population"],
        title=title,
        axis=f"{words} {shown.how}",
        width=width,
        mark=standard,
        mark_words=f"standard: {standard:g} min" if standard else "",
        alt_text=f"{title}. Half of the areas with a figure have {known.median():,.0f} or less; "
        f"the highest is {known.max():,.0f}. The table below holds every figure.",
    )
    if standard:
        st.caption(parts.escape(f"Standard: {plan.standards[kind].source}."))


def _table(plan: state.Plan, shown: _Shown) -> None:
    place, values, words = plan.area.place, shown.values, shown.words
    table = pd.DataFrame(
        {
            "Area": place["area_name"],
            "Code": place.index,
            words: values["value"],
            "Status": values["status"].map(lambda s: parts.status_words(s)),
            "Residents": place["population"],
            "Need rank": plan.need.scores["need_rank"],
        },
        index=place.index,
    ).sort_values([words, "Code"], ascending=[False, True], na_position="first", kind="stable")
    parts.table(
        table,
        title=f"{words}, by area",
        name="access",
        key="access",
        decimals={words: 0, "Residents": 0},
        codes=table.index.tolist(),
    )


if __name__ == "__main__":
    show()
