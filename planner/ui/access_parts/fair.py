"""How fairly does access fall on people in greater and lesser need?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from planner.charts.access import build_tenths
from planner.equity import INDEX_WORDS, Equity
from planner.ui import parts, state
from planner.ui.access_parts.figures import (
    BEYOND,
    NEAR,
    TENTHS,
    count_reach,
    sum_by_tenth,
)
from planner.ui.access_parts.found import say_goal
from planner.ui.access_parts.shown import Shown
from planner.ui.fold import fold

#: What each index is called by people who do not work with them.
INDEX_NAMES = {
    "concentration": "Leaning with need",
    "concentration_corrected": "Leaning with need, comparable between services",
    "palma": "Best-off tenth of people beside the worst-off 40%",
    "gini": "How unequal over all",
    "theil": "How unequal, in parts that add up",
    "theil_between": "Of that, between types of neighbourhood",
    "theil_within": "Of that, inside types of neighbourhood",
    "poverty_share": "People beyond the standard",
    "poverty_gap": "How far beyond, on average",
    "poverty_severity": "How far beyond, the furthest counting most",
}
#: From here on means have no decimals.
_LARGE = 100.0
#: The figures that stand in the short table.
_SHORT = ("concentration", "palma", "gini", "poverty_share", "poverty_gap")


def show(plan: state.Plan, shown: Shown) -> None:
    """Show the measure by tenth of need, and the indices of fairness."""
    st.header("How fairly it falls", anchor=False)
    _tenths(plan, shown)
    found = plan.equity.get(shown.kind)
    if found is not None:
        _indices(found, shown)


# ---- by tenth of need -------------------------------------------------------------------------


def build_rows(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    """Return the measure by tenth of need: a share within the limit, in %, or a mean."""
    scores, people = plan.need.scores, plan.area.place["population"]
    if shown.near is not None:
        figures = shown.near.map({NEAR: 100.0, BEYOND: 0.0})
    else:
        figures = shown.values["value"].where(shown.values["status"] == "reached")
    return sum_by_tenth(
        figures, people, scores["need_rank_access_use"], scores["need_score_access_use"]
    )


def say_tenths(plan: state.Plan, shown: Shown, rows: pd.DataFrame) -> str:
    """Say what the tenths with the greatest and the least need have."""
    known = rows[rows["figure"].notna()]
    if known.empty:
        return "No tenth of need has a figure"
    first, last = known.iloc[0], known.iloc[-1]
    return (
        f"{_tenth_words(first['tenth'])}, {_say(shown, first['figure'])}; "
        f"{_tenth_words(last['tenth'], later=True)}, {_say(shown, last['figure'], short=True)}"
    )


def _tenth_words(tenth: float, *, later: bool = False) -> str:
    which = {1: "greatest", TENTHS: "least"}.get(int(tenth))
    begin = "in" if later else "In"
    if which is None:
        return f"{begin} tenth {int(tenth)} of need"
    return f"{begin} the tenth of areas with the {which} need"


def _say(shown: Shown, figure: float, *, short: bool = False) -> str:
    if shown.near is None:
        said = shown.say(figure)
        return said if short else f"people have {said} on average"
    assert shown.limit is not None
    if short:
        return f"{figure:.0f}%"
    if shown.limit.each_its_own:
        return f"{figure:.0f}% of people have the whole bundle within its standards"
    return (
        f"{figure:.0f}% of people are within {shown.limit.minutes:g} minutes of {say_goal(shown)}"
    )


def _tenths(plan: state.Plan, shown: Shown) -> None:
    rows = build_rows(plan, shown)
    if rows.empty:
        parts.prose("There are fewer than ten areas with a need rank, so no tenths to compare.")
        return
    if rows["figure"].isna().all():
        parts.prose("No area has a figure, so there are no tenths to compare.")
        return
    whole = _whole(plan, shown)
    large = shown.near is not None or rows["figure"].max() >= _LARGE
    decimals = 0 if large else max(shown.decimals, 1)
    axis, sign = _axis(shown), "" if shown.near is None else "%"
    beyond = "" if shown.near is None else "; not reached counts as beyond"
    title = say_tenths(plan, shown, rows)
    st.markdown(f"**{parts.escape(title)}**")
    st.altair_chart(
        build_tenths(
            rows,
            axis=axis,
            whole=whole,
            whole_words=f"all residents: {whole:,.{decimals}f}",
            decimals=decimals,
            most=1.0 if shown.near is None else 100.0,
        ),
        alt=f"A bar for each tenth of need, 1 the greatest, and a line at the figure of all "
        f"residents ({whole:,.{decimals}f}). {title}. The table below has the same figures.",
    )
    st.caption(
        parts.escape(
            f"Dashed line: all residents, {whole:,.{decimals}f}{sign}. Need is ranked without its "
            "own access or barriers domain. Areas where access is not known are left out of the "
            f"bars and stand in the table{beyond}."
        )
    )
    frame = rows.rename(
        columns={
            "tenth": "Tenth of need",
            "areas": "Areas",
            "people": "People counted",
            "people_not_known": "People not known",
            "figure": axis,
        }
    )
    parts.table(
        frame,
        title="By tenth of need (1 is the greatest)",
        name="access_by_need",
        key="access_by_need",
        decimals={axis: decimals, "People counted": 0, "People not known": 0},
    )


def _axis(shown: Shown) -> str:
    if shown.near is None:
        return f"Mean of: {shown.column}"
    assert shown.limit is not None
    if shown.limit.each_its_own:
        return "People with all within the standards (%)"
    return f"People within {shown.limit.minutes:g} minutes (%)"


def _whole(plan: state.Plan, shown: Shown) -> float:
    people = plan.area.place["population"]
    if shown.near is not None:
        reach = count_reach(shown.near, people)
        known = reach.near + reach.beyond
        return 100 * reach.near / known if known > 0 else float("nan")
    known_areas = shown.values["status"] == "reached"
    weight = people[known_areas].to_numpy(dtype="float64")
    value = shown.values.loc[known_areas, "value"].to_numpy(dtype="float64")
    return float(np.average(value, weights=weight)) if weight.sum() > 0 else float("nan")


# ---- indices ----------------------------------------------------------------------------------


def build_index_table(found: Equity) -> pd.DataFrame:
    """Return a row a figure of fairness: its name, its value with an interval, what it means."""
    table = found.table
    return pd.DataFrame(
        {
            "Figure": [INDEX_NAMES.get(name, INDEX_WORDS.get(name, name)) for name in table.index],
            "Value": table["value"].to_numpy(),
            "From": table["low"].to_numpy(),
            "To": table["high"].to_numpy(),
            "What it means here": table["meaning"].to_numpy(),
        },
        index=table.index,
    )


def _indices(found: Equity, shown: Shown) -> None:
    table = build_index_table(found)
    short = table.loc[[name for name in _SHORT if name in table.index]]
    st.markdown(f"**{parts.escape('What that comes to, for minutes to the nearest')}**")
    for sentence in short["What it means here"]:
        st.markdown(f"- {parts.escape(sentence)}")
    parts.table(
        short,
        title=f"How fairly minutes to {say_place(shown)} fall, in figures",
        name="access_fairness",
        key="access_fairness",
        decimals={"Value": 3, "From": 3, "To": 3},
    )
    parts.prose(found.caveat)
    fold("Every figure of fairness, and what each is", "equity", lambda: _every(found, table))


def say_place(shown: Shown) -> str:
    """Return what the indices are about, whatever measure is on the map."""
    return "the slowest of the bundle" if shown.kind == "bundle" else f"the nearest {shown.thing}"


def _every(found: Equity, table: pd.DataFrame) -> None:
    parts.table(
        table,
        title="Every figure of fairness",
        name="access_fairness_all",
        key="access_fairness_all",
        decimals={"Value": 3, "From": 3, "To": 3},
    )
    for name in table.index:
        if name in INDEX_WORDS:
            words = f"{INDEX_NAMES.get(name, name)}."
            st.markdown(f"- **{parts.escape(words)}** {parts.escape(INDEX_WORDS[name])}")
    if found.notes:
        st.markdown("\n".join(f"- {parts.escape(note.text)}" for note in found.notes))
