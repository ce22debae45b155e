"""How long are journeys through the day?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from planner.charts.look import ROOM
from planner.maps.classes import INK

#: How lines are told apart: dark colours of Okabe and Ito, dashes, and the shape of their points.
_LINE_COLOURS = ("#0072b2", "#b34700", "#1b1b1b")
_LINE_DASHES = ([1, 0], [8, 4], [2, 3])
_LINE_SHAPES = ("circle", "square", "triangle-up")


def build_day_lines(table: pd.DataFrame, *, axis: str, lines: Sequence[str], most: float) -> Any:
    """Return a chart of how many people have something at each hour, a stepped line a kind of day.

    Parameters
    ----------
    table
        A row for each line and hour: ``line`` (what it is called), ``hour`` (0-23; the figure
        holds until the next) and ``people``.
    axis
        What the people have, in words.
    lines
        In the order in which colours, dashes and shapes are given out; at most three.
    most
        Upper end of the axis, such as all people of the place.
    """
    last = table.sort_values("hour").groupby("line").tail(1)
    steps = pd.concat([table, last.assign(hour=last["hour"] + 1)], ignore_index=True)
    drawn = [line for line in lines if (table["line"] == line).any()]
    look = list(zip(drawn, _LINE_COLOURS, _LINE_DASHES, _LINE_SHAPES, strict=False))
    names = [name for name, *_ in look]

    def scale(which: int) -> Any:
        return alt.Scale(domain=names, range=[one[which] for one in look])

    hours = list(range(int(table["hour"].min()), int(steps["hour"].max()) + 1))
    x = alt.X(
        "hour:Q",
        title="Leaving at",
        scale=alt.Scale(domain=[hours[0], hours[-1]], nice=False),
        axis=alt.Axis(values=hours[::2], labelExpr="format(datum.value, '02d') + ':00'"),
    )
    y = alt.Y("people:Q", title=axis, scale=alt.Scale(domain=[0, most]))
    colour = alt.Color("line:N", scale=scale(1), legend=None)
    base = alt.Chart(steps).mark_line(interpolate="step-after", strokeWidth=2.5)
    stepped = base.encode(
        x=x, y=y, color=colour, strokeDash=alt.StrokeDash("line:N", scale=scale(2), legend=None)
    )
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=50, opacity=1)
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape("line:N", scale=scale(3), legend=None),
            tooltip=[
                alt.Tooltip("line:N", title="Day"),
                alt.Tooltip("hour:Q", title="From the hour"),
                alt.Tooltip("people:Q", title="People", format=",.0f"),
            ],
        )
    )
    ends = _apart(last.assign(hour=last["hour"] + 1), gap=0.09 * most, most=most)
    labels = alt.Chart(ends).mark_text(align="left", dx=6, fontSize=13, color=INK)
    chart: Any = stepped + points + labels.encode(x=x, y=y, text="line:N")
    chart = chart.properties(height=320, padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK)


def _apart(ends: pd.DataFrame, *, gap: float, most: float) -> pd.DataFrame:
    """Return labels moved up or down as little as needed for none to stand on another."""
    ends = ends.sort_values("people", kind="stable").copy()
    heights: list[float] = []
    for people in ends["people"].astype(float):
        heights.append(max(people, heights[-1] + gap) if heights else people)
    over = max(0.0, heights[-1] - most) if heights else 0.0
    return ends.assign(people=[height - over for height in heights])
