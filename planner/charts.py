"""What does the spread look like? Frames in, charts out; nothing is shown here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from planner.maps.classes import INK, PALETTES

#: How lines are told apart: dark colours of Okabe and Ito, dashes, and the shape of their points.
_LINE_COLOURS = ("#0072b2", "#b34700", "#1b1b1b")
_LINE_DASHES = ([1, 0], [8, 4], [2, 3])
#: Around a chart; Streamlit's own code fails where this is one number.
_ROOM = {"left": 5, "top": 5, "bottom": 5, "right": 12}
_LINE_SHAPES = ("circle", "square", "triangle-up")


def build_histogram(
    values: pd.Series,
    weights: pd.Series,
    *,
    axis: str,
    width: float,
    mark: float | None,
    mark_words: str,
) -> Any:
    """Return a chart of how many people live at each step of a measure, with an optional line.

    Parameters
    ----------
    values, weights
        The measure (NaN left out) and people of each area, on the same index.
    axis
        What the measure is, with its unit.
    width
        Width of a step, in the measure's unit.
    mark, mark_words
        Where a line stands, such as a standard, and what it is.
    """
    known = values.dropna()
    steps = (known // width) * width
    counted = weights.reindex(known.index).groupby(steps).sum()
    frame = pd.DataFrame({"start": counted.index, "people": counted.to_numpy()})
    frame["end"] = frame["start"] + width
    bars = (
        alt.Chart(frame)
        .mark_bar(color=PALETTES["viridis"][1], stroke=INK, strokeWidth=0.5)
        .encode(
            x=alt.X("start:Q", title=axis, bin="binned"),
            x2="end:Q",
            y=alt.Y("people:Q", title="People"),
            tooltip=[
                alt.Tooltip("start:Q", title="From"),
                alt.Tooltip("end:Q", title="to below"),
                alt.Tooltip("people:Q", title="People", format=",.0f"),
            ],
        )
    )
    chart: Any = bars if mark is None else bars + _line_at(mark, mark_words)
    return chart.properties(height=260).configure_axis(labelColor=INK, titleColor=INK)


def _line_at(mark: float, words: str) -> Any:
    line = alt.Chart(pd.DataFrame({"at": [mark], "words": [words]}))
    return line.mark_rule(color=INK, strokeDash=[6, 4], size=2).encode(x="at:Q") + line.mark_text(
        color=INK, align="left", dx=6, dy=-4, baseline="top"
    ).encode(x="at:Q", y=alt.value(4), text="words:N")


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
    chart = chart.properties(height=320, padding=_ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK)


def _apart(ends: pd.DataFrame, *, gap: float, most: float) -> pd.DataFrame:
    """Return labels moved up or down as little as needed for none to stand on another."""
    ends = ends.sort_values("people", kind="stable").copy()
    heights: list[float] = []
    for people in ends["people"].astype(float):
        heights.append(max(people, heights[-1] + gap) if heights else people)
    over = max(0.0, heights[-1] - most) if heights else 0.0
    return ends.assign(people=[height - over for height in heights])


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
    chart = chart.properties(height=alt.Step(19), padding=_ROOM)
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
    chart = chart.properties(height=alt.Step(30), padding=_ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK).configure_legend(labelColor=INK)


def _every_label(limit: int) -> Any:
    """Return an axis of names that leaves none out, each up to so many pixels wide."""
    return alt.Axis(labelLimit=limit, labelOverlap=False)
