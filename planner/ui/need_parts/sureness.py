"""How sure are the ranks, and what moves them most?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.charts.need import build_rank_intervals
from planner.need.certainty.draws import ASSUMPTIONS
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.ui.need_parts.shown import MOST_DRAWS, Shown, labels, sure_words, worst_words
from planner.wording import say_many

#: So many areas of greatest need are drawn, and the chosen one.
DRAWN = 30
#: The shapes of `build_rank_intervals`.
_MARKS = {"high": "Circle", "depends": "diamond", "low": "square"}


def show(plan: state.Plan, shown: Shown, chosen: str) -> None:
    """Show intervals of ranks as a chart and a table, and the assumptions behind them."""
    st.header("How sure are the ranks?", anchor=False)
    found = plan.needs.robustness
    if not len(shown.sure):
        for note in found.notes:
            parts.prose(note.text)
        return
    draws = min(MOST_DRAWS, found.settings.draws) if shown.moved else found.settings.draws
    parts.prose(
        "An index could have been made in other ways that are as good: with other weights, other "
        "ways of putting figures on one scale and together, and figures off by as much as their "
        f"rounding hides. Here it is made {draws:,} times, each time with other such assumptions."
    )
    if shown.moved:
        parts.finding(_say_moved(plan, shown))
    else:
        parts.finding(*found.findings[:1])
        for sentence in found.findings[1:]:
            parts.prose(sentence)
    if shown.sure["need_sure"].notna().any():
        _chart(plan, shown, chosen)
    else:
        parts.prose("There are too few areas for a worst part of them, so none is sorted by it.")
    fold("Ranks and how sure they are, all areas", "sure", lambda: _table(plan, shown))
    if not shown.moved:
        _assumptions(plan)
    for caveat in found.caveats:
        parts.prose(caveat)


def _say_moved(plan: state.Plan, shown: Shown) -> str:
    """Say what `Robustness.findings` says, of the ranks as they are weighed just now."""
    worst, sure = shown.worst, shown.sure["need_sure"]
    inside = int((sure.reindex(worst) == "high").sum())
    further = int(sure.drop(worst).isin(["high", "depends"]).sum())
    return (
        f"As you weigh it: of {say_many(len(worst), 'area')} in the {worst_words(plan)}, "
        f"{inside:,} {_are(inside)} there whatever else is assumed; {further:,} "
        "more may be."
    )


def _chart(plan: state.Plan, shown: Shown, chosen: str) -> None:
    scores, sure = shown.need.scores, shown.sure[shown.sure["need_sure"].notna()]
    order = scores["need_rank"].sort_values(kind="stable").index
    order = order[order.isin(sure.index)]
    drawn = order[:DRAWN].tolist()
    drawn += [chosen] if chosen in order and chosen not in drawn else []
    table = build_interval_rows(shown, labels(plan), drawn, chosen)
    words = sure_words(plan)
    title = _title(plan, shown, order[:DRAWN])
    st.markdown(f"**{parts.escape(title)}**")
    share = plan.needs.robustness.settings.interval
    st.altair_chart(
        build_rank_intervals(
            table,
            words=words,
            worst=float(plan.needs.robustness.worst_count),
            worst_words=f"in the {worst_words(plan)}",
            legend=False,
        ),
        alt=f"Ranks of areas as points, each on a line from the lowest to the highest rank it has "
        f"in {share:.0%} of the draws. {title}. The table below has the same figures.",
    )
    marks = "; ".join(
        f"{mark}: {words[key][:1].lower()}{words[key][1:]}"
        for key, mark in _MARKS.items()
        if (table["sure"] == key).any()
    )
    stands = " as you weigh it" if shown.moved else ""
    st.caption(
        parts.escape(
            f"{parts.capital(marks)}. It stands at the rank{stands}, the line spans the ranks in "
            f"{share:.0%} of the draws, and the dashed line is where the {worst_words(plan)} ends."
        )
    )


def _title(plan: state.Plan, shown: Shown, codes: pd.Index) -> str:
    """Return what the chart of the areas of greatest need finds."""
    counts = shown.sure["need_sure"].reindex(codes).value_counts()
    high, depends, low = (int(counts.get(key, 0)) for key in ("high", "depends", "low"))
    lead = "As you weigh it, of" if shown.moved else "Of"
    return (
        f"{lead} the {len(codes)} areas of greatest need {high} {_are(high)} in the "
        f"{worst_words(plan)} whatever is assumed, {low} {_are(low)} not, and for {depends} it "
        "depends"
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def build_interval_rows(
    shown: Shown, names: pd.Series, codes: list[str], chosen: str
) -> pd.DataFrame:
    """Return what `build_rank_intervals` draws of some areas, by rank."""
    rows = shown.sure.loc[codes]
    table = pd.DataFrame(
        {
            "area": names.loc[codes],
            "rank": shown.need.scores.loc[codes, "need_rank"],
            "low": rows["need_rank_low"].astype("int64"),
            "high": rows["need_rank_high"].astype("int64"),
            "probability": rows["need_worst_probability"].astype("float64"),
            "sure": rows["need_sure"],
        }
    )
    if chosen in table.index:
        table.loc[chosen, "area"] = f"▸ {table.loc[chosen, 'area']} (chosen)"
    return table.sort_values("rank", kind="stable")


def _table(plan: state.Plan, shown: Shown) -> None:
    sure = shown.sure
    table = pd.DataFrame(
        {
            "Rank": shown.need.scores["need_rank"],
            "Area": plan.area.place["area_name"],
            "Rank from": sure["need_rank_low"],
            "Rank to": sure["need_rank_high"],
            f"Chance of the {worst_words(plan)} (%)": 100 * sure["need_worst_probability"],
            "How sure": sure["need_sure"].map(sure_words(plan)),
        }
    )
    if not shown.moved:
        table["Moved most by"] = plan.needs.robustness.table["need_moved_most"].map(
            lambda name: ASSUMPTIONS.get(name, name)
        )
    table["Code"] = table.index
    table = table.sort_values("Rank", kind="stable")
    parts.table(
        table,
        title="Ranks and how sure they are",
        name="need_how_sure",
        key="need_how_sure",
        decimals={f"Chance of the {worst_words(plan)} (%)": 1},
    )


def _assumptions(plan: state.Plan) -> None:
    found = plan.needs.robustness.assumptions
    if not len(found):
        return
    table = pd.DataFrame(
        {
            "What is assumed": found["meaning"].map(parts.capital),
            "Ranks an area moves by it alone, on average": found["ranks_moved_mean"],
            "Areas it moves more than anything else": found["areas_moved_most"],
        }
    )
    parts.table(
        table,
        title=f"What moves ranks most: {found['meaning'].iloc[0]}",
        name="need_assumptions",
        key="need_assumptions",
        decimals={"Ranks an area moves by it alone, on average": 1},
    )
