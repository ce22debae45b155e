"""What is out of reach together, and where does need meet distance? Frames in, charts out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from planner.charts.look import ROOM
from planner.maps.classes import INK, PALETTES

#: At most so many combinations are drawn by themselves; the rest is one bar.
MOST_COMBINATIONS = 12
#: What the bar of all further combinations is called.
OTHERS = "others"

_BAR = PALETTES["viridis"][1]
#: A service that is within reach: there, but not to be looked at first.
_PALE = "#c9c9c9"
#: Rows of dots are one step high, the bars above them so many steps.
_BAR_STEPS, _STEP = 6, 26

#: How an area stands: shape and colour, so that it is never told by colour alone.
_STATUS_LOOK = {
    "gap": ("diamond", "#b34700"),
    "relatively_further": ("square", "#0072b2"),
    "within_standard": ("circle", "#6b6b6b"),
}


def sum_combinations(
    combinations: pd.DataFrame, kinds: Sequence[str], *, most: int = MOST_COMBINATIONS
) -> pd.DataFrame:
    """Return the combinations that reach most people, the rest summed up in one row.

    Parameters
    ----------
    combinations
        As `planner.bundle.signatures.Signatures.combinations` has them.
    kinds
        Columns of it that hold True where the kind is out of reach.
    most
        So many rows stand by themselves.

    Returns
    -------
    table
        ``number`` (``1``, ``2`` …, or `OTHERS`), ``signature``, ``areas``, ``people``,
        ``combinations`` (how many a row stands for) and the kinds (False for the rest); most
        people first. Areas with nothing out of reach, or not known, are not in it.
    """
    some = combinations[combinations["kinds_out"].fillna(0) > 0]
    some = some.sort_values(["people", "areas", "signature"], ascending=[False, False, True])
    shown, rest = some.head(most), some.iloc[most:]
    columns = ["number", "signature", "areas", "people", "combinations", *kinds]
    table = shown.assign(number=[str(n) for n in range(1, len(shown) + 1)], combinations=1)[columns]
    if len(rest):
        last = {
            "number": OTHERS,
            "signature": OTHERS,
            "areas": int(rest["areas"].sum()),
            "people": float(rest["people"].sum()),
            "combinations": len(rest),
            **dict.fromkeys(kinds, False),
        }
        table = pd.concat([table, pd.DataFrame([last])], ignore_index=True)
    return table.reset_index(drop=True)


def build_signature_chart(table: pd.DataFrame, kinds: Mapping[str, str]) -> Any:
    """Return a chart of combinations: bars of people above, what is out of reach as dots below.

    Parameters
    ----------
    table
        As `sum_combinations` gives it.
    kinds
        Columns of it and what each is called, in the order of the rows from the top.

    Notes
    -----
    An UpSet plot (Lex and others, IEEE Transactions on Visualization and Computer Graphics,
    2014). Bars and dots are on one scale whose lower part stands for kinds, so that the chart is
    as wide as what holds it.
    """
    order = table["number"].tolist()
    top = max(float(table["people"].max()), 1.0) if len(table) else 1.0
    bars = table.assign(high=table["people"] / top * _BAR_STEPS, low=0.0)
    dots = _dots(table, list(kinds), list(kinds.values()))
    x = alt.X("number:N", sort=order, title="Combination", axis=alt.Axis(labelAngle=0, grid=False))
    base = alt.Chart(bars)
    tooltip = [
        alt.Tooltip("words:N", title="Out of reach"),
        alt.Tooltip("people:Q", title="People", format=",.0f"),
        alt.Tooltip("areas:Q", title="Areas"),
    ]
    bars["words"] = _words(table, kinds)
    y = alt.Y(
        "high:Q",
        title=None,
        scale=alt.Scale(domain=[-len(kinds) - 0.5, _BAR_STEPS + 0.8], nice=False),
        axis=_rows_axis(list(kinds.values())),
    )
    drawn = base.mark_bar(color=_BAR, stroke=INK, strokeWidth=0.5).encode(
        x=x, y=y, y2="low:Q", tooltip=tooltip
    )
    numbers = base.mark_text(dy=-7, color=INK, fontSize=11).encode(
        x=x, y="high:Q", text=alt.Text("people:Q", format=".2~s")
    )
    lines = alt.Chart(_spans(dots)).mark_rule(color=INK, size=3)
    points = alt.Chart(dots).mark_point(filled=True, size=110, opacity=1)
    chart: Any = (
        drawn
        + numbers
        + points.encode(
            x=x,
            y="row:Q",
            color=alt.condition("datum.out", alt.value(INK), alt.value(_PALE)),
            tooltip=[alt.Tooltip("kind:N", title="Service"), alt.Tooltip("said:N", title="It is")],
        )
        + lines.encode(x=x, y="first:Q", y2="last:Q")
    )
    height = _STEP * (len(kinds) + _BAR_STEPS)
    chart = chart.properties(height=height, padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK, domain=False).configure_view(
        stroke=None
    )


def build_need_access(table: pd.DataFrame, *, axis: str, words: Mapping[str, str]) -> Any:
    """Return a chart of every area: need along, minutes up, gaps by shape and colour.

    Parameters
    ----------
    table
        A row an area with minutes: ``area`` (its name), ``need`` (percentile, 0-1, 1 the
        greatest), ``minutes``, ``people``, ``status`` (`planner.gaps.GAP_STATUS_WORDS`) and
        ``chosen`` (True for the one that is looked at).
    axis
        What the minutes are.
    words
        What each status is called.
    """
    shown = [status for status in _STATUS_LOOK if (table["status"] == status).any()]
    names = [words[status] for status in shown]
    frame = table.assign(status=table["status"].map(words))
    key = alt.Legend(orient="top", direction="vertical", labelLimit=500, symbolSize=90)
    shape = [_STATUS_LOOK[status][0] for status in shown]
    colour = [_STATUS_LOOK[status][1] for status in shown]
    tooltip = [
        alt.Tooltip("area:N", title="Area"),
        alt.Tooltip("minutes:Q", title="Minutes", format=".0f"),
        alt.Tooltip("need:Q", title="Need percentile", format=".0%"),
        alt.Tooltip("people:Q", title="People", format=",.0f"),
    ]
    x = alt.X(
        "need:Q",
        title="Need percentile (100% is the greatest)",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%"),
    )
    y = alt.Y("minutes:Q", title=axis)
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=70, opacity=0.85, stroke="#ffffff", strokeWidth=0.5)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "status:N", title=None, scale=alt.Scale(domain=names, range=shape), legend=key
            ),
            color=alt.Color(
                "status:N", title=None, scale=alt.Scale(domain=names, range=colour), legend=key
            ),
            tooltip=tooltip,
        )
    )
    chosen = frame[frame["chosen"].astype(bool)]
    chart: Any = points
    if len(chosen):
        ring = alt.Chart(chosen)
        chart = (
            points
            + ring.mark_point(size=260, color=INK, strokeWidth=2.5, filled=False).encode(x=x, y=y)
            + ring.mark_text(dy=-16, color=INK, fontWeight="bold").encode(x=x, y=y, text="area:N")
        )
    chart = chart.properties(height=440, padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK).configure_legend(labelColor=INK)


def _dots(table: pd.DataFrame, kinds: list[str], names: list[str]) -> pd.DataFrame:
    """Return one row a combination and kind; the row of all further ones has no dots."""
    own = table[table["number"] != OTHERS]
    return pd.DataFrame(
        [
            (number, names[at], -(at + 1.0), bool(out), "out of reach" if out else "within reach")
            for at, kind in enumerate(kinds)
            for number, out in zip(own["number"], own[kind], strict=True)
        ],
        columns=["number", "kind", "row", "out", "said"],
    )


def _spans(dots: pd.DataFrame) -> pd.DataFrame:
    """Return from which row to which the dots of each combination are joined."""
    found = dots[dots["out"]].groupby("number", sort=False)["row"].agg(first="max", last="min")
    return found.reset_index()


def _words(table: pd.DataFrame, kinds: Mapping[str, str]) -> list[str]:
    words = []
    for row in table.to_dict("records"):
        out = [name for kind, name in kinds.items() if row[kind]]
        words.append(", ".join(out) or f"{row['combinations']} further combinations")
    return words


def _rows_axis(names: list[str]) -> Any:
    """Return an axis whose ticks are the rows of dots, named by what they stand for."""
    said = json.dumps(names, ensure_ascii=True)
    return alt.Axis(
        values=[-(at + 1) for at in range(len(names))],
        labelExpr=f"{said}[-datum.value - 1]",
        labelLimit=130,
        grid=False,
        ticks=False,
        labelOverlap=False,
    )
