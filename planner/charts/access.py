"""How is access spread over people, and over tenths of need? Frames in, charts out."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from planner.charts.look import ROOM
from planner.maps.classes import INK, PALETTES

_DASHES = ([6, 4], [2, 3])
_PIXELS = 20
#: Ticks on an axis that has no bars to be read off.
_TICKS = 5
#: An axis's title is broken into lines of so many letters.
_LETTERS = 36


def build_spread(
    values: pd.Series,
    people: pd.Series,
    *,
    axis: str,
    width: float,
    marks: Sequence[tuple[float, str]] = (),
    whole_numbers: bool = False,
) -> Any:
    """Return a chart of how many people live at each step of a measure, with lines at some.

    Parameters
    ----------
    values, people
        The measure (NaN left out) and people of each area, on the same index.
    axis
        What the measure is, with its unit.
    width
        Width of a step, in the measure's unit, above zero.
    marks
        Where lines stand, such as a standard, and what each is; at most two, told apart by
        dashes and height of their words.
    whole_numbers
        Whether the measure counts things, so that the axis has no fractions.
    """
    known = values.dropna().astype("float64")
    # By whole steps: a value on a bound belongs to the step that begins there.
    steps = ((known / width + 1e-9) // 1).astype("int64")
    counted = people.reindex(known.index).groupby(steps).sum()
    frame = pd.DataFrame({"start": counted.index * width, "people": counted.to_numpy()})
    frame["end"] = frame["start"] + width
    ticks = alt.Axis(tickMinStep=1, format=",d") if whole_numbers else alt.Axis()
    chart: Any = (
        alt.Chart(frame)
        .mark_bar(color=PALETTES["viridis"][1], stroke=INK, strokeWidth=0.5)
        .encode(
            x=alt.X("start:Q", title=_lines(axis), bin="binned", axis=ticks),
            x2="end:Q",
            y=alt.Y("people:Q", title="People"),
            tooltip=[
                alt.Tooltip("start:Q", title="From", format=",.4~g"),
                alt.Tooltip("end:Q", title="to below", format=",.4~g"),
                alt.Tooltip("people:Q", title="People", format=",.0f"),
            ],
        )
    )
    for turn, (at, words) in enumerate(marks):
        rule, text = _line_at(at, words, turn)
        chart = chart + rule + text
    chart = chart.properties(height=260, padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK)


def _lines(title: str) -> list[str]:
    """Break an axis's title: one wider than a narrow screen would squeeze the chart to nothing."""
    return textwrap.wrap(title, _LETTERS) or [""]


def _line_at(at: float, words: str, turn: int) -> tuple[Any, Any]:
    line = alt.Chart(pd.DataFrame({"at": [at], "words": [words]})).encode(x="at:Q")
    rule = line.mark_rule(color=INK, strokeDash=_DASHES[turn % len(_DASHES)], size=2)
    text = line.mark_text(color=INK, align="left", dx=6, baseline="top")
    return rule, text.encode(y=alt.value(4 + turn * _PIXELS), text="words:N")


def build_tenths(
    table: pd.DataFrame,
    *,
    axis: str,
    whole: float,
    whole_words: str,
    decimals: int,
    most: float = 1.0,
) -> Any:
    """Return a chart of a figure by tenth of need, a bar a tenth, with a line at all people's.

    Parameters
    ----------
    table
        Columns ``tenth`` (1 the greatest need), ``figure`` (NaN: no bar) and ``people``.
    axis
        What the figure is, with its unit.
    whole, whole_words
        The figure of everybody, where a line stands (NaN: none), and what it is called.
    decimals
        Shown of the figure.
    most
        Where the axis ends when every figure is 0.
    """
    frame = table.assign(
        said=[f"{value:,.{decimals}f}" if pd.notna(value) else "" for value in table["figure"]]
    )
    frame = frame[frame["figure"].notna()].astype({"figure": "float64"})
    y = alt.Y(
        "tenth:O",
        title="Tenth of need (1 is the greatest)",
        scale=alt.Scale(domain=sorted(table["tenth"].tolist())),
        axis=alt.Axis(ticks=False, labelOverlap=False),
    )
    none = not bool((frame["figure"] != 0).any())
    scale = alt.Scale(domain=[0, most]) if none else alt.Scale(zero=True)
    ticks = alt.Axis(tickCount=_TICKS, format=",~r") if none else alt.Axis()
    x = alt.X("figure:Q", title=_lines(axis), scale=scale, axis=ticks)
    tooltip = [
        alt.Tooltip("tenth:O", title="Tenth of need"),
        alt.Tooltip("said:N", title=axis),
        alt.Tooltip("people:Q", title="People counted", format=",.0f"),
    ]
    base = alt.Chart(frame).encode(y=y, tooltip=tooltip)
    bars = base.mark_bar(color=PALETTES["viridis"][1], height=16).encode(x=x)
    figures = base.mark_text(align="left", dx=5, color=INK).encode(x=x, text="said:N")
    chart: Any = bars + figures
    if pd.notna(whole):
        line = alt.Chart(pd.DataFrame({"at": [whole], "words": [whole_words]}))
        rule = line.mark_rule(color=INK, strokeDash=_DASHES[0], size=2)
        chart = chart + rule.encode(x="at:Q", tooltip=alt.Tooltip("words:N", title="Line"))
    chart = chart.properties(height=alt.Step(24), padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK)
