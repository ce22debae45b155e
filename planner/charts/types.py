"""What do types of area look like? Frames in, charts out; nothing is shown here."""

from __future__ import annotations

import textwrap
from typing import Any

import altair as alt
import pandas as pd

from planner.charts.look import ROOM
from planner.maps.classes import INK, PALETTES, PAPER

#: Beyond so many standard deviations a cell is drawn no darker.
MOST_DEVIATIONS = 2.0
#: From here down the ground is too dark for dark figures.
_DARK_BELOW = -1.25
#: Names beside a chart are broken into lines of so many letters, for narrow screens.
_LETTERS = 24
_LINE = "#0072b2"
_CHOSEN = "#b34700"


def build_profile_map(table: pd.DataFrame, *, axis: str) -> Any:
    """Return a heat map of how far each type is from the place, layer by layer.

    Parameters
    ----------
    table
        A row a type and layer, layers in the order they are drawn from the top: ``type`` (its
        number), ``type_name``, ``layer`` (its title), ``deviations`` (of the type's mean from the
        place's, in standard deviations between areas), ``here`` and ``there`` (both means, in
        words).
    axis
        What stands under the columns.
    """
    known = table.dropna(subset=["deviations"])
    frame = known.assign(
        layer=["\n".join(textwrap.wrap(title, _LETTERS)) for title in known["layer"]],
        said=[_signed(value) for value in known["deviations"]],
    )
    order = list(dict.fromkeys(frame["layer"]))
    lines = max((title.count("\n") + 1 for title in order), default=1)
    x = alt.X("type:O", title=axis, axis=alt.Axis(labelAngle=0, orient="top", ticks=False))
    y = alt.Y(
        "layer:N",
        sort=order,
        title=None,
        axis=alt.Axis(
            labelExpr="split(datum.label, '\\n')",
            labelLimit=0,
            labelOffset=_centred(lines),
            ticks=False,
        ),
    )
    # Altair draws the first colour at the low end; orange is for more, purple for less.
    colours = list(reversed(PALETTES["puor"]))
    scale = alt.Scale(domain=[-MOST_DEVIATIONS, MOST_DEVIATIONS], range=colours, clamp=True)
    tooltip = [
        alt.Tooltip("type_name:N", title="Type"),
        alt.Tooltip("layer:N", title="Layer"),
        alt.Tooltip("here:N", title="Mean of the type"),
        alt.Tooltip("there:N", title="Mean of the place"),
        alt.Tooltip("said:N", title="Standard deviations from it"),
    ]
    base = alt.Chart(frame).encode(x=x, y=y, tooltip=tooltip)
    cells = base.mark_rect(stroke=PAPER, strokeWidth=1).encode(
        color=alt.Color("deviations:Q", scale=scale, legend=None)
    )
    figures = base.mark_text(fontSize=12).encode(
        text="said:N",
        color=alt.condition(f"datum.deviations < {_DARK_BELOW}", alt.value(PAPER), alt.value(INK)),
    )
    chart: Any = cells + figures
    chart = chart.properties(height=alt.Step(max(26, 14 * lines + 4)), padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK, domain=False)


def _signed(value: float) -> str:
    text = f"{value:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", "−")


def _centred(most: int) -> Any:
    """Return how far a label is moved up for its lines to stand around the middle of its row."""
    tests = [
        {"test": f"length(split(datum.label, '\\n')) === {lines}", "value": -6.0 * (lines - 1)}
        for lines in range(2, most + 1)
    ]
    return {"condition": tests, "value": 0} if tests else 0


def build_number_chart(
    table: pd.DataFrame, *, figure: str, axis: str, chosen: int, error: str = ""
) -> Any:
    """Return a chart of one figure against the number of types, the chosen number marked.

    Parameters
    ----------
    table
        Index ``k``; the column ``figure``, NaN where it was not worked out, and where there is
        one ``error``, its standard error.
    figure, axis
        The column, and what it is called.
    chosen
        The number of types chosen.
    """
    known = table[table[figure].notna()].rename_axis("k").reset_index()
    frame = known.assign(
        value=known[figure].astype("float64"),
        what=["chosen" if k == chosen else "tried" for k in known["k"]],
    )
    x = alt.X(
        "k:Q",
        title="Number of types",
        axis=alt.Axis(values=known["k"].tolist(), format="d", grid=False),
        scale=alt.Scale(zero=False, padding=14, nice=False),
    )
    y = alt.Y("value:Q", title=axis, scale=alt.Scale(zero=False))
    tooltip = [
        alt.Tooltip("k:Q", title="Number of types"),
        alt.Tooltip("value:Q", title=axis, format=",.4~g"),
    ]
    base = alt.Chart(frame)
    line = base.mark_line(color=_LINE, strokeWidth=2).encode(x=x, y=y)
    points = base.mark_point(filled=True, opacity=1).encode(
        x=x,
        y=y,
        tooltip=tooltip,
        size=_look("what", 140, 50, "size"),
        shape=_look("what", "diamond", "circle", "shape"),
        color=_look("what", _CHOSEN, _LINE, "color"),
    )
    said = base.transform_filter("datum.what == 'chosen'").mark_text(color=INK, dy=-14, fontSize=12)
    chart: Any = line + points + said.encode(x=x, y=y, text="what:N")
    if error and error in frame:
        bars = frame.assign(low=frame["value"] - frame[error], high=frame["value"] + frame[error])
        whiskers = alt.Chart(bars).mark_rule(color=_LINE, size=1.5)
        chart = whiskers.encode(x=x, y=alt.Y("low:Q", title=axis), y2="high:Q") + chart
    chart = chart.properties(height=220, padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK)


def _look(column: str, chosen: Any, tried: Any, channel: str) -> Any:
    encode = {"size": alt.Size, "shape": alt.Shape, "color": alt.Color}[channel]
    scale = alt.Scale(domain=["chosen", "tried"], range=[chosen, tried])
    return encode(f"{column}:N", scale=scale, legend=None)


def build_clustergram_chart(table: pd.DataFrame, *, chosen: int, axis: str) -> Any:
    """Return a clustergram: where types lie for each number of them, and how areas pass on.

    Parameters
    ----------
    table
        As `planner.neighbourhoods.clustergram.build_clustergram` makes it.
    chosen
        The number of types chosen.
    axis
        What the height is.
    """
    dots = table.drop_duplicates(["k", "type"])[["k", "type", "mean", "areas", "population"]]
    dots = dots.assign(what=["chosen" if k == chosen else "tried" for k in dots["k"]])
    flows = table.dropna(subset=["next_type"])
    following = dict(zip(sorted(dots["k"].unique()), sorted(dots["k"].unique())[1:], strict=False))
    flows = flows.assign(
        next_k=flows["k"].map(following).astype("int64"),
        next_type=flows["next_type"].astype("int64"),
        shared_areas=flows["shared_areas"].astype("int64"),
    )
    x = alt.X(
        "k:Q",
        title="Number of types",
        axis=alt.Axis(values=sorted(dots["k"].unique().tolist()), format="d", grid=False),
        scale=alt.Scale(zero=False, padding=18, nice=False),
    )
    y = alt.Y("mean:Q", title=axis, scale=alt.Scale(zero=False))
    most = float(max(dots["areas"].max(), 1))
    lines = (
        alt.Chart(flows)
        .mark_rule(color="#6b6b6b", opacity=0.55, strokeCap="round")
        .encode(
            x=x,
            y=y,
            x2="next_k:Q",
            y2="next_mean:Q",
            strokeWidth=alt.StrokeWidth(
                "shared_areas:Q", scale=alt.Scale(domain=[0, most], range=[0.4, 16]), legend=None
            ),
            tooltip=[
                alt.Tooltip("k:Q", title="Number of types"),
                alt.Tooltip("type:Q", title="From type"),
                alt.Tooltip("next_type:Q", title="to type"),
                alt.Tooltip("shared_areas:Q", title="Areas", format=","),
            ],
        )
    )
    base = alt.Chart(dots)
    points = base.mark_point(filled=True, opacity=1, stroke=PAPER, strokeWidth=1).encode(
        x=x,
        y=y,
        size=alt.Size("areas:Q", scale=alt.Scale(domain=[0, most], range=[60, 520]), legend=None),
        color=_look("what", _CHOSEN, _LINE, "color"),
        shape=_look("what", "diamond", "circle", "shape"),
        tooltip=[
            alt.Tooltip("k:Q", title="Number of types"),
            alt.Tooltip("type:Q", title="Type"),
            alt.Tooltip("areas:Q", title="Areas", format=","),
            alt.Tooltip("population:Q", title="People", format=",.0f"),
        ],
    )
    numbers = base.mark_text(dx=13, dy=-8, fontSize=11, color=INK).encode(x=x, y=y, text="type:N")
    chart: Any = lines + points + numbers
    chart = chart.properties(height=340, padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK)
