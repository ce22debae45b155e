"""How sure is a rank, and what drives it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from planner.charts.look import ROOM
from planner.maps.classes import INK, PALETTES

#: How sure a rank is: colour and shape, so that it is never told by colour alone.
_SURE_LOOK = {
    "high": ("#0072b2", "circle"),
    "depends": ("#b34700", "diamond"),
    "low": ("#6b6b6b", "square"),
}


def build_rank_intervals(
    table: pd.DataFrame,
    *,
    words: Mapping[str, str],
    worst: float,
    worst_words: str,
    legend: bool = True,
) -> Any:
    """Return a chart of each area's rank and the ranks it has under other assumptions.

    Parameters
    ----------
    table
        A row an area in the order they are drawn from the top: ``area`` (its name), ``rank``,
        ``low``, ``high`` (ends of the interval, 1 = greatest need), ``probability`` (share of
        draws in the worst part, 0-1) and ``sure`` (``high``, ``low`` or ``depends``).
    words
        What each value of ``sure`` is called.
    worst, worst_words
        The last rank of the worst part, where a line stands, and what it is called.
    legend
        Whether the chart names its colours and shapes; without, whoever shows it does.
    """
    order = table["area"].tolist()
    shown = [sure for sure in _SURE_LOOK if (table["sure"] == sure).any()]
    names = [words[sure] for sure in shown]
    frame = table.assign(sure=table["sure"].map(words))
    y = alt.Y("area:N", sort=order, title=None, axis=_every_label(260))
    x = alt.X("low:Q", title="Rank (1 is the greatest need)", scale=alt.Scale(zero=False))
    key = alt.Legend(orient="top", direction="vertical", labelLimit=500) if legend else None
    colour = alt.Color(
        "sure:N",
        title=None,
        scale=alt.Scale(domain=names, range=[_SURE_LOOK[sure][0] for sure in shown]),
        legend=key,
    )
    shape = alt.Shape(
        "sure:N",
        title=None,
        scale=alt.Scale(domain=names, range=[_SURE_LOOK[sure][1] for sure in shown]),
        legend=key,
    )
    tooltip = [
        alt.Tooltip("area:N", title="Area"),
        alt.Tooltip("rank:Q", title="Rank"),
        alt.Tooltip("low:Q", title="Rank from"),
        alt.Tooltip("high:Q", title="to"),
        alt.Tooltip("probability:Q", title=f"Chance of being {worst_words}", format=".0%"),
    ]
    base = alt.Chart(frame)
    spans = base.mark_rule(size=3, opacity=0.7).encode(
        y=y, x=x, x2="high:Q", color=colour, tooltip=tooltip
    )
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        y=y, x="rank:Q", color=colour, shape=shape, tooltip=tooltip
    )
    line = alt.Chart(pd.DataFrame({"at": [worst + 0.5]}))
    rule = line.mark_rule(color=INK, strokeDash=[6, 4], size=1.5).encode(x="at:Q")
    chart: Any = spans + points + rule
    chart = chart.properties(height=alt.Step(19), padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK).configure_legend(labelColor=INK)


def build_drivers(
    table: pd.DataFrame, *, here: str, middle: str, axis: str, legend: bool = True
) -> Any:
    """Return a chart of what each domain adds to an area's score, with the middle area's mark.

    Parameters
    ----------
    table
        A row a domain in the order they are drawn from the top: ``domain``, ``here`` and
        ``middle``, what it adds in this area and in the middle area of the place.
    here, middle, axis
        What the bar, the mark and the axis are called.
    legend
        Whether the chart names bar and mark; without, whoever shows it does.
    """
    order = table["domain"].tolist()
    key = alt.Legend(orient="top", direction="vertical", labelLimit=500) if legend else None
    y = alt.Y("domain:N", sort=order, title=None, axis=_every_label(220))
    look = alt.Scale(domain=[here, middle], range=[PALETTES["viridis"][1], INK])
    tooltip = [
        alt.Tooltip("domain:N", title="Domain"),
        alt.Tooltip("here:Q", title=here, format=".1f"),
        alt.Tooltip("middle:Q", title=middle, format=".1f"),
    ]
    base = alt.Chart(table.assign(of_here=here, of_middle=middle))
    bars = base.mark_bar(height=14).encode(
        y=y,
        x=alt.X("here:Q", title=axis),
        color=alt.Color("of_here:N", scale=look, title=None, legend=key),
        tooltip=tooltip,
    )
    ticks = base.mark_tick(thickness=3, size=22).encode(
        y=y,
        x="middle:Q",
        color=alt.Color("of_middle:N", scale=look, title=None, legend=key),
        tooltip=tooltip,
    )
    chart: Any = bars + ticks
    chart = chart.properties(height=alt.Step(30), padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK).configure_legend(labelColor=INK)


def _every_label(limit: int) -> Any:
    """Return an axis of names that leaves none out, each up to so many pixels wide."""
    return alt.Axis(labelLimit=limit, labelOverlap=False)
