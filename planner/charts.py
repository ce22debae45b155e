"""What does the spread look like? Frames in, charts out; nothing is shown here."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from planner.maps.classes import INK, PALETTES


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
