"""Where do needs stack up, and which needs are they?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.maps.classes import classify
from planner.ui import parts, state
from planner.ui.area_map import MapView

TENTH, SCORE = "tenth", "score"


def show() -> None:
    plan = state.current_plan()
    parts.head("Need", plan)
    parts.finding(*_finding(plan))
    measure = state.choose(
        "What the map shows", "measure", _measures(plan), help_text="Rank 1 is the greatest need."
    )
    chosen = parts.show_map(plan, _view(plan, measure), key="map_need")
    parts.source_line(
        [spec.source for spec in plan.layers.specs.values() if spec.domain],
        extra=f"Ranks and tenths are {plan.need.reference}. {parts.capital(plan.need.method)}.",
    )
    _drivers(plan, chosen)
    table = _table(plan)
    parts.table(
        table,
        title="Need of each area, greatest first",
        name="need",
        key="need",
        decimals={name: 1 for name in table.columns if name.startswith(("Score", "Adds"))},
        codes=table.index.tolist(),
    )
    parts.prose(parts.AREAS_ARE_NOT_PEOPLE)


def _finding(plan: state.Plan) -> list[str]:
    scores, place = plan.need.scores, plan.area.place
    worst = scores.index[scores["need_decile"] == 1]
    top = scores.index[scores["need_rank"] == 1][0]
    adds = plan.need.parts.loc[top].dropna()
    sentences = [
        f"Need is greatest in {place.loc[top, 'area_name']} ({top})"
        + (f", most of it from {_domain(adds.idxmax())}" if len(adds) else "")
        + ".",
        f"{parts.people(place.loc[worst, 'population'].sum())} live in the worst tenth "
        f"({len(worst)} of {len(place)} areas).",
    ]
    national = scores.loc[worst, "need_rank_national"].notna().sum()
    if national:
        sentences.append("The publisher's own national rank stands beside it in the table.")
    return sentences


def _measures(plan: state.Plan) -> dict[str, str]:
    return {
        TENTH: "Overall need, in tenths",
        SCORE: "Overall need, score",
        **{
            f"domain-{domain}": f"{parts.capital(_domain(domain))}, score"
            for domain in plan.need.domain_scores.columns
        },
    }


def _domain(domain: str) -> str:
    return str(domain).replace("_", " ")


def _view(plan: state.Plan, measure: str) -> MapView:
    scores = plan.need.scores
    title = f"Map of {plan.area.name}: {_measures(plan)[measure].lower()}"
    if measure == TENTH:
        return MapView(
            title=title,
            legend="Tenth of need, among the areas of the place (number of areas)",
            classes=classify(scores["need_decile"].astype(float), scheme="tenths"),
            shown=scores["need_rank"].astype(float),
            before="need rank ",
            unit=f" of {len(scores)}",
        )
    column = (
        scores["need_score"]
        if measure == SCORE
        else plan.need.domain_scores[measure.removeprefix("domain-")]
    )
    return MapView(
        title=title,
        legend="Score, dark is greater need (number of areas)",
        classes=classify(column, scheme="quantiles", decimals=1),
        shown=column,
        before="score ",
        decimals=1,
    )


def _drivers(plan: state.Plan, chosen: str) -> None:
    """Say in words which domains make up the need of the chosen area."""
    st.header("What makes up the need of an area", anchor=False)
    if not chosen:
        parts.prose("Choose an area on the map, in the list or in the table to see its parts.")
        return
    scores = plan.need.scores.loc[chosen]
    adds = plan.need.parts.loc[chosen].sort_values(ascending=False, kind="stable")
    name = plan.area.place.loc[chosen, "area_name"]
    parts.prose(
        f"{name} ({chosen}) ranks {int(scores['need_rank'])} of {len(plan.need.scores)} "
        f"(tenth {int(scores['need_decile'])}; 1 is the greatest need), with a score of "
        f"{scores['need_score']:.1f}."
    )
    known = adds.dropna()
    whole = known.sum()
    words = [
        f"{_domain(domain)} {value:.1f}"
        + (f" ({value / whole:.0%} of it)" if whole > 0 and (known >= 0).all() else "")
        for domain, value in known.items()
    ]
    parts.prose(f"It adds up from {parts.listed(words)}.")
    absent = [_domain(domain) for domain in adds.index[adds.isna()]]
    if absent:
        parts.prose(f"Nothing is known here of {parts.listed(absent)}.")


def _table(plan: state.Plan) -> pd.DataFrame:
    scores, place = plan.need.scores, plan.area.place
    table = pd.DataFrame(
        {
            "Rank": scores["need_rank"],
            "Tenth": scores["need_decile"],
            "Area": place["area_name"],
            "Code": place.index,
            "Residents": place["population"],
            "Score": scores["need_score"],
            "Score without access": scores["need_score_access_use"],
        },
        index=place.index,
    )
    if scores["need_rank_national"].notna().any():
        table["Published national rank"] = scores["need_rank_national"]
    for domain in plan.need.parts.columns:
        table[f"Adds: {_domain(domain)}"] = plan.need.parts[domain]
    return table.sort_values("Rank", kind="stable")


if __name__ == "__main__":
    show()
