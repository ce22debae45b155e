"""What does each next hub bring, what is traded off, and who goes out when? Frames in, charts out.

Everything in a chart stands in a table of the page, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.charts.look import ROOM
from planner.maps.classes import INK, PAPER
from planner.maps.geometry import detail_metres

_LINE, _CHOSEN, _PALE = "#0072b2", "#b34700", "#6b6b6b"
#: Teams are told apart by their rows and names; colours only help.
_TEAM_COLOURS = ("#9fd0ee", "#f2c879", "#8fd3b6", "#e8b5d1", "#d9d9d9")
#: What a site is on a small map: shape and colour.
SITES = {
    "kept": ("circle", _LINE),
    "instead": ("triangle-up", _CHOSEN),
    "left out": ("cross", _PALE),
    "existing": ("square", INK),
}
_SMALL = 170
#: From so many pixels on a venue's name fits into its session.
_ROOMY = 420


def build_ladder_chart(steps: pd.DataFrame, *, axis: str, chosen: int | None) -> Any:
    """Return a chart of what each number of hubs comes to, the chosen number marked.

    Parameters
    ----------
    steps
        A row a number of hubs: ``hubs``, ``value`` (NaN: nothing is open), ``gain`` (what the
        last of them brings, in words).
    axis
        What the values are.
    chosen
        The number that is asked for; None where none is.
    """
    known = steps.dropna(subset=["value"])
    frame = known.assign(chosen=known["hubs"] == chosen)
    base = alt.Chart(frame).encode(
        x=alt.X("hubs:O", title="Hubs opened", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("value:Q", title=axis, scale=alt.Scale(zero=True)),
        tooltip=[
            alt.Tooltip("hubs:O", title="Hubs opened"),
            alt.Tooltip("value:Q", title=axis, format=",.3~r"),
            alt.Tooltip("gain:N", title="The last of them brings"),
        ],
    )
    lines = base.mark_line(color=_LINE, strokeWidth=2)
    points = base.mark_point(filled=True, opacity=1).encode(
        color=alt.condition("datum.chosen", alt.value(_CHOSEN), alt.value(_LINE)),
        shape=alt.condition("datum.chosen", alt.value("diamond"), alt.value("circle")),
        size=alt.condition("datum.chosen", alt.value(220), alt.value(70)),
    )
    numbers = base.mark_text(dy=-14, color=INK, fontSize=12).encode(
        text=alt.Text("value:Q", format=",.3~r")
    )
    chart: Any = (lines + points + numbers).properties(height=280, padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK)


def build_front_chart(points: pd.DataFrame, *, across: str, up: str) -> Any:
    """Return a chart of plans that waste nothing by two of their aims.

    Parameters
    ----------
    points
        A row a plan: ``point`` (its number), ``x``, ``y``, ``venues`` (in words) and ``look``:
        ``asked`` for the plan on the page, ``middle`` for the one between, ``other``.
    across, up
        What x and y are.
    """
    looks = ["asked", "middle", "other"]
    words = ["The hubs above", "Closest to the best of every aim", "Other plans"]
    frame = points.assign(said=points["look"].map(dict(zip(looks, words, strict=True))))
    there = [word for word in words if (frame["said"] == word).any()]
    shapes = dict(zip(words, ["diamond", "square", "circle"], strict=True))
    colours = dict(zip(words, [_CHOSEN, _LINE, _PALE], strict=True))
    key = alt.Legend(orient="top", direction="vertical", labelLimit=400, symbolSize=110)

    def scale(of: dict[str, str]) -> Any:
        return alt.Scale(domain=there, range=[of[word] for word in there])

    base = alt.Chart(frame).encode(
        x=alt.X("x:Q", title=across, scale=alt.Scale(zero=False, padding=16)),
        y=alt.Y("y:Q", title=up, scale=alt.Scale(zero=False, padding=16)),
        tooltip=[
            alt.Tooltip("point:O", title="Plan"),
            alt.Tooltip("venues:N", title="Hubs"),
            alt.Tooltip("x:Q", title=across, format=",.3~r"),
            alt.Tooltip("y:Q", title=up, format=",.3~r"),
        ],
    )
    marks = base.mark_point(filled=True, size=130, opacity=1).encode(
        color=alt.Color("said:N", title=None, scale=scale(colours), legend=key),
        shape=alt.Shape("said:N", title=None, scale=scale(shapes), legend=key),
    )
    numbers = base.mark_text(dy=-13, color=INK, fontSize=12).encode(text="point:O")
    chart: Any = (marks + numbers).properties(height=320, padding=ROOM)
    return chart.configure_axis(labelColor=INK, titleColor=INK).configure_legend(labelColor=INK)


def build_often_chart(table: pd.DataFrame, *, axis: str) -> Any:
    """Return bars of how often each venue is chosen, those of the stated plan with an outline.

    ``table`` has ``venue`` (its name, each once), ``share`` (0-1) and ``stated`` (True or False),
    in the order they are drawn from the top.
    """
    base = alt.Chart(table).encode(
        x=alt.X("share:Q", title=axis, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%")),
        y=alt.Y("venue:N", sort=table["venue"].tolist(), title=None, axis=alt.Axis(labelLimit=170)),
        tooltip=[
            alt.Tooltip("venue:N", title="Venue"),
            alt.Tooltip("share:Q", title=axis, format=".0%"),
        ],
    )
    bars = base.mark_bar(stroke=INK).encode(
        color=alt.condition("datum.stated", alt.value("#f2c879"), alt.value("#cfe3f2")),
        strokeWidth=alt.condition("datum.stated", alt.value(2), alt.value(0)),
    )
    numbers = base.mark_text(align="left", dx=4, color=INK, fontSize=12).encode(
        text=alt.Text("share:Q", format=".0%")
    )
    chart: Any = (bars + numbers).properties(height=alt.Step(26), padding={**ROOM, "right": 40})
    return chart.configure_axis(labelColor=INK, titleColor=INK)


def build_small_map(outline: shapely.Geometry, sites: gpd.GeoDataFrame) -> Any:
    """Return a small map: the outline of a place and its hubs by shape and colour.

    Parameters
    ----------
    outline
        Of the place, EPSG:27700.
    sites
        Points with ``name`` and ``look`` (a key of `SITES`), EPSG:27700.
    """
    west, south, east, north = outline.bounds
    wide, high = max(east - west, 1.0), max(north - south, 1.0)
    tall = round(min(1.4, max(0.5, high / wide)) * _SMALL)
    x = alt.X("x:Q", scale=alt.Scale(domain=[west, east], nice=False, padding=8), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[south, north], nice=False, padding=8), axis=None)
    rings = (
        alt.Chart(_to_rings(outline))
        .mark_line(color=_PALE, strokeWidth=1.2)
        .encode(x=x, y=y, detail="ring:N", order="order:Q")
    )
    frame = pd.DataFrame(
        {
            "x": sites.geometry.x.to_numpy(),
            "y": sites.geometry.y.to_numpy(),
            "name": sites["name"].to_numpy(),
            "look": sites["look"].to_numpy(),
        }
    )
    names = list(SITES)
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=130, opacity=1, stroke=PAPER, strokeWidth=1)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "look:N",
                scale=alt.Scale(domain=names, range=[SITES[name][0] for name in names]),
                legend=None,
            ),
            color=alt.Color(
                "look:N",
                scale=alt.Scale(domain=names, range=[SITES[name][1] for name in names]),
                legend=None,
            ),
            tooltip=[alt.Tooltip("name:N", title="Venue"), alt.Tooltip("look:N", title="Here")],
        )
    )
    chart: Any = (rings + points).properties(width=_SMALL, height=tall, padding=ROOM)
    return chart.configure_view(stroke=None)


def outline_of(place: gpd.GeoDataFrame) -> shapely.Geometry:
    """Return the outline of a place, light enough for a map as large as a thumb."""
    metres = detail_metres(place, pixels=_SMALL)
    outline: shapely.Geometry = place.union_all().simplify(metres)
    return outline


def build_week_chart(sessions: pd.DataFrame, *, days: Sequence[str], teams: Sequence[str]) -> Any:
    """Return a timetable of one week: a strip a day and team, sessions along the hours.

    Parameters
    ----------
    sessions
        A row a session: ``day``, ``team``, ``begin`` and ``end`` (hours after midnight),
        ``venue``, ``clock`` and ``services`` (in words), and ``number`` as in the table.
    days, teams
        In the order of the strips.
    """
    rows = [
        f"{day[:3]}, {team}"
        for day in days
        for team in teams
        if ((sessions["day"] == day) & (sessions["team"] == team)).any()
    ]
    strip = [
        f"{day[:3]}, {team}" for day, team in zip(sessions["day"], sessions["team"], strict=True)
    ]
    frame = sessions.assign(strip=strip)
    first = int(np.floor(frame["begin"].min()))
    last = int(np.ceil(frame["end"].max()))
    colours = [_TEAM_COLOURS[at % len(_TEAM_COLOURS)] for at in range(len(teams))]
    base = alt.Chart(frame).encode(
        x=alt.X(
            "begin:Q",
            title="Time of day",
            scale=alt.Scale(domain=[first, last], nice=False),
            axis=alt.Axis(
                values=list(range(first, last + 1)),
                labelExpr="format(datum.value, '02d') + ':00'",
                labelOverlap=True,
            ),
        ),
        y=alt.Y("strip:N", sort=rows, title=None, axis=alt.Axis(labelLimit=190)),
        tooltip=[
            alt.Tooltip("number:O", title="Session"),
            alt.Tooltip("day:N", title="Day"),
            alt.Tooltip("team:N", title="Team"),
            alt.Tooltip("clock:N", title="Time"),
            alt.Tooltip("venue:N", title="Venue"),
            alt.Tooltip("services:N", title="Services"),
        ],
    )
    bars = base.mark_bar(stroke=INK, strokeWidth=0.8).encode(
        x2="end:Q",
        color=alt.Color("team:N", scale=alt.Scale(domain=list(teams), range=colours), legend=None),
    )
    words: dict[str, Any] = {"align": "left", "dx": 4, "color": INK, "fontSize": 11}
    # Names where there is room for them, else numbers as in the table.
    roomy = f"width < {_ROOMY}"
    names = base.mark_text(**words, limit=110, opacity=alt.expr(f"{roomy} ? 0 : 1"))
    numbers = base.mark_text(**words, opacity=alt.expr(f"{roomy} ? 1 : 0"))
    chart: Any = (bars + names.encode(text="venue:N") + numbers.encode(text="number:O")).properties(
        height=alt.Step(28), padding=ROOM
    )
    return chart.configure_axis(labelColor=INK, titleColor=INK)


def _to_rings(outline: shapely.Geometry) -> pd.DataFrame:
    """Return the corners of an outline: ``x, y, ring, order``."""
    found = []
    for number, ring in enumerate(shapely.get_rings(shapely.get_parts(outline))):
        xy = shapely.get_coordinates(ring)
        found.append(
            pd.DataFrame(
                {"x": xy[:, 0], "y": xy[:, 1], "ring": number, "order": np.arange(len(xy))}
            )
        )
    return pd.concat(found, ignore_index=True)
