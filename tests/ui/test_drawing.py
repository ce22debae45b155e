"""Is what was drawn kept to a metre, refused where it is no shape, and said in the address?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import places
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from planner.area import CRS
from planner.errors import DataError
from planner.ui import area_map, drawing

SQUARE = [(430_100, 390_100), (431_900, 390_100), (431_900, 390_900), (430_100, 390_900)]


def degrees(corners: list[tuple[int, int]]) -> list[list[float]]:
    points = gpd.GeoSeries([shapely.Point(corner) for corner in corners], crs=CRS).to_crs(4326)
    return [[round(point.y, 6), round(point.x, 6)] for point in points]


def test_a_shape_comes_back_as_the_same_whole_metres() -> None:
    found = drawing.to_shape(degrees(SQUARE))
    assert list(found.exterior.coords)[:-1] == SQUARE
    words = drawing.shape_words(found)
    assert words == "430100.390100_431900.390100_431900.390900_430100.390900"
    assert drawing._read_shape(words) == found


def test_a_spot_is_whole_metres() -> None:
    ((latitude, longitude),) = degrees([(430_123, 390_456)])
    found = drawing.to_spot(f"{latitude}, {longitude}")
    assert drawing.spot_words(found) == "430123, 390456"


def test_belfast_is_in_the_country() -> None:
    assert drawing.to_spot("54.597, -5.930").x < 200_000


@pytest.mark.parametrize("text", ["", "1", "1, 2, 3", "here", "nan, 1", "48.85, 2.35", "91, 200"])
def test_a_spot_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        drawing.to_spot(text)


CROSSED = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]


@pytest.mark.parametrize(
    "corners",
    [
        None,
        "text",
        [],
        degrees(SQUARE[:2]),
        degrees(CROSSED),
        degrees([SQUARE[0]] * 3),
        [[48.8, 2.3], [48.9, 2.3], [48.9, 2.4]],  # Paris
        [[53.4, -1.5], [53.5, None], [53.4, -1.4]],
        [[53.4, -1.5], [53.5, True], [53.4, -1.4]],
        [[53.4, -1.5], [float("inf"), -1.4], [53.4, -1.4]],
        [[53.4, -1.5], "53.5", [53.4, -1.4]],
        degrees(SQUARE) * 26,
    ],
)
def test_a_shape_that_is_none_is_refused(corners: Any) -> None:
    with pytest.raises(DataError):
        drawing.to_shape(corners)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "1",
        "1.1_2.2",
        "1.1_2.2_x.3",
        "../../etc",
        "1.1_2.2_3.3",
        "9" * 5000,
        "1.1_2.2_9999999.0",
    ],
)
def test_an_address_that_holds_no_shape_is_ignored(words: str) -> None:
    assert drawing._read_shape(words) is None


def test_the_longest_shape_fits_into_the_address() -> None:
    ring = shapely.Point(600_000, 1_200_000).buffer(50_000, quad_segs=25).exterior.coords[:-1]
    assert len(ring) == area_map.MOST_CORNERS
    words = drawing.shape_words(shapely.Polygon(ring))
    assert drawing._read_shape(words) is not None
    assert len(words) < 2_000


# Squares of a kilometre from (430000, 390000), three in a row: the middles of the first two of
# the lower row are within.
def test_areas_within_are_those_whose_middle_is() -> None:
    area = places.tiny_area()
    assert drawing.areas_within(area, shapely.Polygon(SQUARE)) == tuple(places.CODES[:2])


def on_a_page() -> None:
    import streamlit as st

    from planner.ui import drawing

    shape = drawing.drawn_shape()
    st.text("none" if shape is None else drawing.shape_words(shape))
    st.text(drawing.what_is_wrong())
    if st.button("Forget", on_click=drawing.forget_shape):
        pass


def test_a_shape_stands_in_the_address_until_it_is_let_go() -> None:
    page = AppTest.from_function(on_a_page)
    words = "430100.390100_431900.390100_431900.390900"
    page.query_params["shape"] = words
    page.run()
    assert page.text[0].value == words
    page.button[0].click().run()
    assert page.text[0].value == "none"
    assert "shape" not in page.query_params
