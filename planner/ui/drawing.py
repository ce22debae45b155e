"""Where did a person point, and what shape did they draw, in metres of the national grid?

A part of `planner.ui.state`. Spots and shapes come from the browser as latitude and longitude and
are kept as whole metres in EPSG:27700, in the visitor's session and in the address bar. Whatever
is drawn can be said without a map, too: a spot by typing it, a shape by selecting areas.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import streamlit as st

from planner.area import CRS, StudyArea
from planner.errors import DataError
from planner.ui import area_map, selection, state

#: Around the United Kingdom, Northern Ireland too: west, south, east, north in whole metres.
GRID = (-100_000, -50_000, 700_000, 1_300_000)
#: The name of a drawn shape in the address, where a page has only one.
SHAPE = "shape"

_AGAIN = "Draw it again, with the corners in order round the edge."
_CORNERS = r"-?\d{1,7}\.-?\d{1,7}(_-?\d{1,7}\.-?\d{1,7}){2,}"
#: Longest shape in the address: two numbers of at most seven digits a corner.
_LONGEST = 16 * area_map.MOST_CORNERS


def to_spot(text: object) -> shapely.Point:
    """Return a spot on the map ("latitude, longitude") as whole metres in EPSG:27700.

    Raises
    ------
    DataError
        It is not two numbers, or lies outside the United Kingdom.
    """
    numbers = re.split(r"[,\s]+", str(text).strip()[: state.MOST_WRITTEN])
    try:
        latitude, longitude = (float(number) for number in numbers)
    except ValueError:
        raise DataError("The spot is not two numbers.", hint="Click the map again.") from None
    return shapely.Point(_to_metres([[latitude, longitude]])[0])


def to_shape(corners: object) -> shapely.Polygon:
    """Return drawn corners (latitude and longitude each) as a polygon in EPSG:27700.

    Raises
    ------
    DataError
        There are fewer than three corners or too many of them, one is outside the United
        Kingdom,
        or the edges cross.
    """
    if not isinstance(corners, list) or not 3 <= len(corners) <= area_map.MOST_CORNERS:
        raise DataError(f"A shape has between 3 and {area_map.MOST_CORNERS} corners.", hint=_AGAIN)
    return _to_polygon(_to_metres(corners))


def spot_words(point: shapely.Point) -> str:
    """Return a spot as it is typed and stands in the address: easting and northing."""
    return f"{point.x:.0f}, {point.y:.0f}"


def shape_words(shape: shapely.Polygon) -> str:
    """Return a shape as it stands in the address: its corners, easting and northing."""
    return "_".join(f"{x:.0f}.{y:.0f}" for x, y in shape.exterior.coords[:-1])


def spot_taker(key: str, name: str) -> Callable[[], None]:
    """Return what the map calls when a spot is clicked or its pin dragged.

    It becomes the text of the choice ``name``, as easting and northing; what is not in
    the United Kingdom changes nothing (`what_is_wrong` says so).
    """

    def take() -> None:
        reported = st.session_state[key]["spotted"]
        if reported is not None:
            try:
                st.session_state[f"choice_{name}"] = spot_words(to_spot(reported))
            except DataError as error:
                st.session_state[f"wrong_{name}"] = error.message

    return take


def shape_taker(key: str, *, name: str = SHAPE) -> Callable[[], None]:
    """Return what the map calls when a shape is drawn or removed."""

    def take() -> None:
        reported = st.session_state[key]["drawn"]
        if reported is None:
            return
        st.session_state.pop(f"wrong_{name}", None)
        if reported == []:
            forget_shape(name=name)
            return
        try:
            st.session_state[_key(name)] = shape_words(to_shape(reported))
        except DataError as error:
            st.session_state[f"wrong_{name}"] = str(error)

    return take


def drawn_shape(*, name: str = SHAPE) -> shapely.Polygon | None:
    """Return the shape there is, in EPSG:27700; it stands in the address bar.

    A shape in the address that is none is ignored and removed.
    """
    text = st.session_state.get(_key(name))
    if text is None:
        text = st.query_params.get(name, "")
    shape = _read_shape(text)
    st.session_state[_key(name)] = "" if shape is None else shape_words(shape)
    state.remember(name, st.session_state[_key(name)], "")
    return shape


def forget_shape(*, name: str = SHAPE) -> None:
    """Let go of the shape."""
    st.session_state[_key(name)] = ""


def what_is_wrong(*, name: str = SHAPE) -> str:
    """Return, once, why the last spot or shape was refused; "" if it was not."""
    return str(st.session_state.pop(f"wrong_{name}", ""))


def areas_within(area: StudyArea, shape: shapely.Polygon) -> tuple[str, ...]:
    """Return the areas of the place whose middle lies within a shape, in the place's order.

    The middle is the population-weighted point; of several, their weighted mean.
    """
    points = area.points
    weight = points["weight"].to_numpy(dtype=float)
    codes = points["area_code"].to_numpy()
    frame = {
        "x": points.geometry.x.to_numpy() * weight,
        "y": points.geometry.y.to_numpy() * weight,
        "weight": weight,
    }
    sums = pd.DataFrame(frame).groupby(codes).sum().reindex(area.place.index)
    inside = shapely.contains_xy(shape, sums["x"] / sums["weight"], sums["y"] / sums["weight"])
    return tuple(sums.index[inside])


def select_within(area: StudyArea, *, name: str = SHAPE, into: str = selection.AREAS) -> int:
    """Select the areas within the drawn shape and let go of it; return how many they are.

    Raises
    ------
    DataError
        They are more than can be selected together; then nothing changes.
    """
    shape = drawn_shape(name=name)
    if shape is None:
        return 0
    codes = areas_within(area, shape)
    if len(codes) > selection.MOST_SELECTED:
        raise DataError(
            f"The shape holds {len(codes):,} areas; at most {selection.MOST_SELECTED} can be "
            "selected together.",
            hint="Draw a smaller shape.",
        )
    selection.set_areas(codes, name=into)
    forget_shape(name=name)
    return len(codes)


def _key(name: str) -> str:
    return f"drawn_{name}"


def _read_shape(text: Any) -> shapely.Polygon | None:
    words = str(text)
    if not words or len(words) > _LONGEST or not re.fullmatch(_CORNERS, words):
        return None
    metres = np.array([[int(n) for n in corner.split(".")] for corner in words.split("_")])
    try:
        return _to_polygon(_on_grid(metres.astype(float)))
    except DataError:
        return None


def _to_metres(corners: list[Any]) -> npt.NDArray[np.float64]:
    """Return latitude and longitude as whole metres; the same metre twice running stands once."""
    numbers = []
    for corner in corners:
        pair = list(corner) if isinstance(corner, list | tuple) else []
        if len(pair) != 2 or not all(
            isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n)
            for n in pair
        ):
            raise DataError("A corner is not two numbers.", hint=_AGAIN)
        numbers.append(shapely.Point(pair[1], pair[0]))
    points = gpd.GeoSeries(numbers, crs=4326).to_crs(CRS)
    return _on_grid(np.round(np.column_stack([points.x, points.y])))


def _on_grid(metres: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    west, south, east, north = GRID
    x, y = metres[:, 0], metres[:, 1]
    if not ((x >= west) & (x <= east) & (y >= south) & (y <= north)).all():
        raise DataError(
            "This lies outside the United Kingdom.",
            hint="Choose a place on the map of the study area.",
        )
    return metres


def _to_polygon(metres: npt.NDArray[np.float64]) -> shapely.Polygon:
    shape = shapely.Polygon(metres)
    if not shape.is_valid or shape.area < 1:
        raise DataError("The edges of the shape cross, or it has no inside.", hint=_AGAIN)
    return shape
