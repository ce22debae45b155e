"""How does each type differ from the place, and how far do its people have to go?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from planner.charts.types import build_profile_map
from planner.neighbourhoods.profiles import EFFECT_WORDS, INTERVAL_WORDS
from planner.standards import kind_words
from planner.travel.getting_about import MODE_WORDS
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.ui.type_parts.shown import Shown, say_value, title_of

#: So many layers are told of each type.
_APART = 4
_FIGURES = {
    "minutes_median": "half of the people are within",
    "share_within_standard": "people within the standard",
    "share_in_gaps": "people in areas that are gaps",
    "jobs_median": "jobs that half of the people can get to within {threshold:.0f} minutes",
}


def show(plan: state.Plan, shown: Shown) -> None:
    """Show profiles as a heat map and in tables, what sets types apart, and access by type."""
    st.header("Profiles", anchor=False)
    _heat_map(plan, shown)
    _apart(plan, shown)
    fold("Every layer by type, with intervals", "type_details", lambda: _details(plan, shown))
    _outcomes(plan, shown)


# ---- profiles ---------------------------------------------------------------------------------


def build_profile_rows(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    """Return what `build_profile_map` draws: layers that types were judged by."""
    details = shown.types.details
    used = details[details["used"].to_numpy(dtype=bool)]
    order = {layer: at for at, layer in enumerate(shown.types.layer_ids)}
    used = used.sort_values("layer", key=lambda layers: layers.map(order), kind="stable")
    return pd.DataFrame(
        {
            "type": used["type_id"].to_numpy(),
            "type_name": used["type_id"].map(shown.names).to_numpy(),
            "layer": [title_of(plan, layer) for layer in used["layer"]],
            "deviations": used["z_place"].to_numpy(dtype="float64"),
            "here": _values(plan, used, "mean"),
            "there": _values(plan, used, "place_mean"),
        }
    )


def _values(plan: state.Plan, rows: pd.DataFrame, column: str) -> list[str]:
    return [
        say_value(plan, layer, value)
        for layer, value in zip(rows["layer"], rows[column], strict=True)
    ]


def _heat_map(plan: state.Plan, shown: Shown) -> None:
    rows = build_profile_rows(plan, shown)
    if rows["deviations"].notna().sum() == 0:
        return
    furthest = rows.loc[rows["deviations"].abs().idxmax()]
    side = "above" if furthest["deviations"] > 0 else "below"
    title = (
        f"Furthest from the place is type {furthest['type']} for “{furthest['layer']}”: "
        f"{furthest['here']}, {side} the place's {furthest['there']}"
    )
    st.markdown(f"**{parts.escape(title)}**")
    st.altair_chart(
        build_profile_map(rows, axis="Type"),
        alt="A grid of figures: a column a type, a row a layer, each cell how many standard "
        f"deviations the type's mean is above or below that of the place. {title}. The table "
        "below has the same figures.",
    )
    st.caption(
        parts.escape(
            "Figures: standard deviations between the areas of the place. Orange: the type's mean "
            "is above the place's; purple: below; pale: about the same. Whether high is good or "
            "bad depends on the layer."
        )
    )
    wide = rows.pivot_table(
        index="layer", columns="type", values="deviations", sort=False, observed=True
    )
    high = [plan.layers.specs[layer].high_is for layer in shown.types.layer_ids]
    by_title = dict(zip((title_of(plan, la) for la in shown.types.layer_ids), high, strict=True))
    frame = wide.rename(columns=shown.names).rename_axis(columns=None).reset_index()
    frame = frame.rename(columns={"layer": "Layer"})
    frame.insert(1, "High is", frame["Layer"].map(by_title))
    parts.table(
        frame,
        title="How far each type is from the place (standard deviations)",
        name="type_profiles_standardised",
        key="type_profiles_standardised",
        decimals=dict.fromkeys(frame.columns[2:], 1),
    )


def build_apart_rows(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    """Return the layers that set each type furthest apart from all others."""
    details = shown.types.details
    used = details[details["used"].to_numpy(dtype=bool) & details["effect"].notna().to_numpy()]
    strength = used["effect"].abs()
    ordered = used.assign(strength=strength).sort_values(
        ["type_id", "strength"], ascending=[True, False], kind="stable"
    )
    top = ordered.groupby("type_id").head(_APART)
    return pd.DataFrame(
        {
            "Type": top["type_id"].map(shown.names),
            "Layer": [title_of(plan, layer) for layer in top["layer"]],
            "Mean of the type": _values(plan, top, "mean"),
            "Mean of the place": _values(plan, top, "place_mean"),
            "Effect size": top["effect"].to_numpy(dtype="float64"),
        }
    )


def _apart(plan: state.Plan, shown: Shown) -> None:
    table = build_apart_rows(plan, shown)
    if table.empty:
        return
    parts.table(
        table,
        title="What sets each type apart most",
        name="types_apart",
        key="types_apart",
        decimals={"Effect size": 1},
    )
    st.caption(
        parts.escape(
            "Effect size: how far the type's areas lie from all others, in standard deviations; "
            "0.2 is small, 0.8 large. Above 0 the type is higher."
        )
    )


def _details(plan: state.Plan, shown: Shown) -> None:
    details = shown.types.details
    frame = pd.DataFrame(
        {
            "Type": details["type_id"].map(shown.names),
            "Layer": [title_of(plan, layer) for layer in details["layer"]],
            "Unit": [plan.layers.specs[layer].unit for layer in details["layer"]],
            "Types judged by it": details["used"].map({True: "yes", False: "no"}),
            "Mean": details["mean"],
            "Mean from": details["mean_low"],
            "Mean to": details["mean_high"],
            "Mean of the place": details["place_mean"],
            "From the place": details["z_place"],
            "Mean of the reference": details["reference_mean"],
            "From the reference": details["z_reference"],
            "Effect size": details["effect"],
            "Of larger areas (%)": 100 * details["inherited"],
            "Spread between types (%)": 100 * details["eta_squared"],
        }
    )
    if frame["Mean of the reference"].isna().all():
        frame = frame.drop(columns=["Mean of the reference", "From the reference"])
    figures = ("Mean", "From", "Effect", "Of larger", "Spread")
    parts.table(
        frame,
        title="Every layer by type (plain means over areas)",
        name="type_profiles",
        key="type_profiles",
        decimals={
            column: 0 if column.endswith("(%)") else 2
            for column in frame.columns
            if column.startswith(figures)
        },
    )
    parts.prose(f"Mean from and to: {INTERVAL_WORDS}.")
    parts.prose(f"Effect size: {EFFECT_WORDS}.")
    parts.prose(
        "From the place, from the reference: how far the type's mean is from theirs, in standard "
        "deviations between areas there. Spread between types: what part of the differences "
        "between areas is one between types."
    )


# ---- access and gaps --------------------------------------------------------------------------


def build_outcome_rows(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    """Return access and gaps by type, in words: a row a figure, a column a type."""
    found = shown.outcomes
    bundle = found["kind"].eq("bundle")
    ordered = pd.concat([found[bundle], found[~bundle]])
    rows: dict[tuple[str, str], dict[object, str]] = {}
    for row in ordered.itertuples():
        what = _FIGURES[row.figure].format(threshold=row.threshold)
        heading = ("Jobs" if row.figure == "jobs_median" else _service(row.kind), what)
        rows.setdefault(heading, {})[shown.names[int(row.type_id)]] = _say(row)
    table = pd.DataFrame(
        [{"Service": s, "Figure": parts.capital(w), **cells} for (s, w), cells in rows.items()]
    )
    return table.fillna("not known")


def _service(kind: str) -> str:
    if kind == "bundle":
        return "The whole bundle (its slowest service)"
    return parts.capital(kind_words(kind))


def _say(row: Any) -> str:
    if row.status == "not_reached":
        return "none" if row.figure == "jobs_median" else "half or more reach none"
    if row.status != "reached":
        return "not known"
    if row.figure == "minutes_median":
        return f"{row.value:.0f} min"
    if row.figure == "jobs_median":
        return f"{parts.rounded(row.value):,.0f}"
    return f"{row.value:.0%}"


def _outcomes(plan: state.Plan, shown: Shown) -> None:
    st.header("Getting to services, by type", anchor=False)
    table = build_outcome_rows(plan, shown)
    if table.empty:
        parts.prose("Nothing is known of journeys to services here.")
        return
    said = _say_outcomes(shown)
    if said:
        parts.finding(said)
    parts.table(
        table, title="Access and gaps of each type", name="type_outcomes", key="type_outcomes"
    )
    unknown = shown.outcomes["people_unknown"].sum() > 0
    parts.prose(
        f"Journeys are {MODE_WORDS[plan.way.mode]}. Half of the people of a type have the nearest "
        "one within the minutes shown; those who cannot get there count as infinitely far. "
        + ("People whose journeys are not known are left out." if unknown else "")
    )


def _say_outcomes(shown: Shown) -> str:
    """Say which type has most of its people in gaps for the bundle."""
    found = shown.outcomes
    gaps = found[(found["kind"] == "bundle") & (found["figure"] == "share_in_gaps")]
    gaps = gaps[gaps["value"].notna()]
    if gaps.empty:
        return ""
    if gaps["value"].max() == 0:
        return "No type has people in areas that are gaps for the whole bundle."
    first = gaps.loc[gaps["value"].idxmax()]
    return (
        f"Gaps for the whole bundle fall most on {shown.say(first['type_id'])}: "
        f"{first['value']:.0%} of its people live in areas that are gaps."
    )
