"""Journeys and bands on a map: is all of it there in words, and is text only text?"""

from __future__ import annotations

import datetime as dt
import html
import re

import folium
import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.geometry import box

from planner.area import CRS
from planner.maps import MapLayer, MapPage, build_folium_map, classify, to_offline_html
from planner.maps.journeys import add_bands, add_itinerary, build_journey_map
from planner.travel.journey import Itinerary, RideLeg, StreetLeg, WaitLeg

HOSTILE = '</script><script>alert("x")</script>\'"&{{7*7}}`${1}'
PAGE = MapPage(title="To the library")


def _itinerary(name: str = "Market Square") -> Itinerary:
    at = [shapely.Point(330_000 + 500 * i, 187_000) for i in range(4)]
    nine = 9 * 3600
    return Itinerary(
        legs=(
            StreetLeg(
                start_seconds=nine, end_seconds=nine + 360, metres=450, to=name,
                line=shapely.LineString(at[:2]),
            ),
            WaitLeg(start_seconds=nine + 360, end_seconds=nine + 720, at=name, line=at[1]),
            RideLeg(
                start_seconds=nine + 720, end_seconds=nine + 1440, vehicle="bus", route="30",
                headsign=name, trip_id="1", board_id="A", board=name, alight_id="B", alight=name,
                stops=7, line=shapely.LineString(at[1:]),
            ),
        ),
        leave_seconds=nine,
        arrive_seconds=nine + 1440,
        origin=at[0],
        destination=at[3],
        date=dt.date(2024, 3, 5),
    )  # fmt: skip


def _bands() -> gpd.GeoDataFrame:
    middle = shapely.Point(330_750, 187_000)
    return gpd.GeoDataFrame(
        {"minutes_from": [0.0, 10.0, 20.0], "minutes_to": [10.0, 20.0, 30.0]},
        geometry=[middle.buffer(metres) for metres in (300, 600, 900)],
        crs=CRS,
    )


def _page(name: str = "Market Square") -> str:
    drawn = build_journey_map(PAGE, around=_bands())
    add_bands(drawn, _bands(), title=f"Time to {name}", method="On foot.")
    add_itinerary(drawn, _itinerary(name), title=f"Way to {name}")
    return to_offline_html(drawn)


def test_every_leg_stands_in_words_beside_the_map() -> None:
    page = html.unescape(_page())
    aside = page[page.index("<aside") : page.index("</aside>")]
    for words in _itinerary().in_words():
        assert words in aside
    assert _itinerary().summary() in aside


def test_bands_are_told_by_words_and_outline_beside_colour() -> None:
    page = _page()
    for words in ("10 minutes or less", "over 10 to 20 minutes", "over 20 to 30 minutes"):
        assert words in page
    for label in ("10 min", "20 min", "30 min"):
        assert f"<b>{label}</b>" in page.replace("\\u003cb\\u003e", "<b>").replace(
            "\\u003c/b\\u003e", "</b>"
        )
    dashes = re.findall(r'<rect x="1"[^>]*stroke-dasharray="([^"]*)"', page)
    assert len(set(dashes)) == len(dashes) == 3


def test_the_same_journey_gives_the_same_page() -> None:
    assert _page() == _page()


def test_text_is_only_text() -> None:
    page = _page(HOSTILE)
    assert "<script>alert" not in page
    assert "{{7*7}}" not in page
    assert "49" not in re.findall(r"Time to [^<]*", page)[0]


def test_the_choice_of_layers_knows_them_all() -> None:
    areas = gpd.GeoDataFrame(
        {"area_name": ["Square"]},
        index=pd.Index(["E01900001"], name="area_code"),
        geometry=[box(330_000, 186_000, 332_000, 188_000)],
        crs=CRS,
    )
    values = pd.Series([12.0], index=areas.index)
    layer = MapLayer(
        title="Minutes", name="Minutes", classes=classify(values, scheme="minutes"),
        text=values.astype(str),
    )  # fmt: skip
    drawn = build_folium_map(areas, [layer], page=PAGE)
    add_itinerary(drawn, _itinerary())
    add_bands(drawn, _bands(), title="Bands")
    page = to_offline_html(drawn)
    control = page.index("L.control.layers(")
    assert control > max(match.start() for match in re.finditer(r"L\.featureGroup\(", page))
    assert page.count("L.control.layers(") == 1


def test_a_plain_map_gets_the_drawing_alone() -> None:
    plain = folium.Map(tiles=None)
    assert add_itinerary(plain, _itinerary()) is plain
    assert "Corporation" not in plain.get_root().render()


@pytest.mark.parametrize("count", [1, 2])
def test_a_journey_drawn_twice_keeps_its_pane(count: int) -> None:
    drawn = build_journey_map(PAGE, around=_bands())
    for number in range(count):
        add_itinerary(drawn, _itinerary(), title=f"Way {number}")
    page = to_offline_html(drawn)
    assert len(re.findall(r"createPane\(\s*[\"']journey[\"']", page)) == 1
