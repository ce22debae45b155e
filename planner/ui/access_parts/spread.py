"""How is access spread over people, and where does the standard lie in it?"""

from __future__ import annotations

import numpy as np
import streamlit as st

from planner.charts.access import build_spread
from planner.travel.getting_about import MODE_WORDS
from planner.ui import parts, state
from planner.ui.access_parts.found import say_without, share_without
from planner.ui.access_parts.menu import NEAREST
from planner.ui.access_parts.shown import Shown, judged_by, standard_of

#: Steps across the chart, at about this many.
_STEPS = 20


def show(plan: state.Plan, shown: Shown) -> None:
    """Show how many people live at each step of the measure."""
    known = shown.values.loc[shown.values["status"] == "reached", "value"].astype("float64")
    people = plan.area.place["population"]
    if known.empty:
        parts.prose("No area has a figure, so there is nothing to draw.")
        return
    title = say_spread(plan, shown)
    st.markdown(f"**{parts.escape(title)}**")
    marks = find_marks(plan, shown)
    lines = "".join(f" A line marks {words} ({at:g} minutes)." for at, words in marks)
    st.altair_chart(
        build_spread(
            known,
            people,
            axis=f"{shown.column} {shown.how}",
            width=_width(shown, float(known.max())),
            whole_numbers=shown.family.shape == "number",
            marks=[(at, f"{words}: {at:g} min") for at, words in marks],
        ),
        alt=f"Bars of how many people live at each step of: {shown.title}. {title}.{lines} The "
        "table of areas holds every figure.",
    )
    _caption(plan, shown)


def say_spread(plan: state.Plan, shown: Shown) -> str:
    """Return the chart's finding: what half of the people have, and nine in ten."""
    people = plan.area.place["population"]
    half, most = shown.reaching(people, (0.5, 0.9))
    if shown.in_minutes:
        return _say_minutes(half, most)
    if shown.entry.less_is_better:
        said = "none" if half == 0 else f"at most {half:.0f}"
        return f"Half of residents have {said} out of reach, nine in ten at most {most:.0f}"
    if half == 0:
        return "Half of residents or more have none"
    rest = f"nine in ten {shown.say_number(most)} or more"
    if most == 0:
        rest = f"{share_without(shown, people):.0%} have none"
    return f"Half of residents have {shown.say_number(half)} or more, {rest}"


def _say_minutes(half: float, most: float) -> str:
    if np.isinf(half):
        return "Fewer than half of residents have any in the time searched"
    begin = f"Half of residents have at most {half:.0f} minutes to go"
    if np.isinf(most):
        return f"{begin}, more than one in ten have none in the time searched"
    return f"{begin}, nine in ten at most {most:.0f}"


def find_marks(plan: state.Plan, shown: Shown) -> list[tuple[float, str]]:
    """Return where lines stand: at the standard, and at the limit a visitor chose."""
    if shown.limit is None:
        return []
    standard = standard_of(plan, shown.kind)
    marks = []
    if shown.entry.measure == NEAREST or shown.entry.time:
        words = "the standard" if standard.is_standard else "30 minutes"
        marks = [(standard.minutes, words)]
    if not shown.limit.each_its_own and shown.limit.minutes not in [at for at, _ in marks]:
        marks.append((shown.limit.minutes, "chosen"))
    return marks


def _caption(plan: state.Plan, shown: Shown) -> None:
    """Say who is not in the chart, and where the standard comes from."""
    said = []
    without = say_without(plan, shown)
    if without:
        said.append(f"Not drawn. {without}")
    if shown.limit is not None and not standard_of(plan, shown.kind).each_its_own:
        standard = standard_of(plan, shown.kind)
        if standard.source:
            said.append(f"Standard: {standard.source}.")
        meant = judged_by(plan, standard)
        if meant != shown.way.mode:
            said.append(
                f"The standard is for journeys {MODE_WORDS[meant]}; here its minutes are set "
                f"beside journeys {shown.how}."
            )
    if said:
        st.caption(parts.escape(" ".join(said)))


def _width(shown: Shown, most: float) -> float:
    if shown.in_minutes:
        return 5.0
    least = 1.0 if shown.family.shape == "number" else 10.0**-shown.decimals
    return max(least, float(f"{max(most, least) / _STEPS:.1g}"))
