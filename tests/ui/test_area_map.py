"""Does the map get its geometry once, and only what changed after that?"""

from __future__ import annotations

import json
import string
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import places
import pytest
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from planner.area import CRS, StudyArea
from planner.maps import classify
from planner.maps.two_way import build_two_way
from planner.ui import area_map
from planner.ui.area_map import (
    MapGeometry,
    MapView,
    Over,
    PointSet,
    build_geometry,
    build_message,
    read_code,
)


@pytest.fixture(scope="module")
def geometry() -> MapGeometry:
    return build_geometry(places.tiny_area(context=1), None)


def view(area: StudyArea, **more: object) -> MapView:
    codes = area.codes
    status = pd.Series("reached", index=codes)
    status.iloc[0] = "unreachable"
    minutes = pd.Series(np.arange(len(codes)) * 12.0, index=codes)
    return MapView(
        title="Minutes",
        legend="Minutes on foot",
        classes=classify(minutes, scheme="minutes", status=status),
        shown=minutes.where(status == "reached"),
        unit=" min",
        **more,  # type: ignore[arg-type]
    )


def figures(message: dict[str, Any]) -> list[float | None]:
    """Return figures as the browser reads them: digits to the base of 64, nought for none."""
    packed, decimals = message["values"], message["decimals"]
    digits = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    found: list[float | None] = []
    for at in range(0, len(packed["text"]), packed["width"]):
        number = 0
        for character in packed["text"][at : at + packed["width"]]:
            number = 64 * number + digits.index(character)
        found.append((number - 1 + packed["least"]) / 10**decimals if number else None)
    return found


def unpacked(packed: dict[str, list[int]]) -> list[list[list[list[tuple[float, float]]]]]:
    """Return shapes as the browser reads them: polygons of rings of latitude and longitude."""
    steps, rings, polygons = (iter(packed[name]) for name in ("steps", "rings", "polygons"))
    lat = lon = 0
    shapes = []
    for count in packed["shapes"]:
        shape = []
        for _ in range(count):
            polygon = []
            for _ in range(next(polygons)):
                ring = []
                for _ in range(next(rings)):
                    lat, lon = lat + next(steps), lon + next(steps)
                    ring.append((lat / 1e5, lon / 1e5))
                polygon.append(ring)
            shape.append(polygon)
        shapes.append(shape)
    assert [*steps, *rings, *polygons] == []
    return shapes


def one_area(shape: Polygon | MultiPolygon) -> StudyArea:
    return StudyArea(
        name="One",
        geography="lsoa21",
        areas=gpd.GeoDataFrame(
            {
                "area_name": "Only",
                "nation": "England",
                "population": 10.0,
                "in_place": True,
                "geometry": [shape],
            },
            index=pd.Index(["E01900001"], name="area_code"),
            crs=CRS,
        ),
        points=gpd.GeoDataFrame(
            {"area_code": ["E01900001"], "weight": 1.0},
            geometry=[shape.representative_point()],
            index=pd.Index(["p"], name="point_id"),
            crs=CRS,
        ),
        points_kind="population-weighted",
    )


def send(geometry: MapGeometry, shown: MapView, held: str = "") -> dict[str, object]:
    message = build_message(geometry, shown, chosen="", held=held)
    json.dumps(message, allow_nan=False)  # anything else would not reach the browser
    return message


def held_by(message: dict[str, object]) -> str:
    return f"{message['code_id']} {message['geometry_id']}"


def test_only_the_place_can_be_chosen(geometry: MapGeometry) -> None:
    assert list(geometry.codes) == places.CODES[:5]
    assert len(unpacked(geometry.shapes["context"])) == 1


def test_geometry_is_longitude_and_latitude_with_five_decimals(geometry: MapGeometry) -> None:
    # Easting 430,000 northing 390,000 is near Sheffield: 1.55 west, 53.4 north.
    ((ring,),) = unpacked(geometry.shapes["areas"])[0]
    assert ring[0] == (pytest.approx(53.4, abs=0.03), pytest.approx(-1.55, abs=0.03))
    assert len(ring) == 4  # a square, its first corner not said twice
    wanted = gpd.GeoSeries([places.tiny_area().areas.geometry.iloc[0]], crs=CRS).to_crs(4326)[0]
    assert Polygon([(x, y) for y, x in ring]).hausdorff_distance(wanted) < 1e-5


def test_holes_isles_and_a_single_area_travel_as_they_are() -> None:
    square = box(430_000, 390_000, 431_000, 391_000)
    lake = square.buffer(-400)
    isle = box(431_200, 390_000, 431_400, 390_300)
    area = one_area(MultiPolygon([square.difference(lake), isle]))
    found = build_geometry(area, None)
    (shape,) = unpacked(found.shapes["areas"])
    assert sorted(len(polygon) for polygon in shape) == [1, 2]
    assert found.shapes["context"]["shapes"] == []
    outline = found.shapes["outline"][0]
    assert len(outline["coordinates"]) == 3  # the shore, the lake, the isle


def test_areas_that_overlap_still_have_an_outline() -> None:
    shapes = gpd.GeoSeries([box(0, 0, 2, 2), box(1, 1, 3, 3), box(0.5, 0.5, 1.5, 1.5)])
    assert area_map._union(shapes).bounds == (0, 0, 3, 3)


def test_the_same_place_has_the_same_id_and_another_one_has_not(geometry: MapGeometry) -> None:
    assert build_geometry(places.tiny_area(context=1), None).id == geometry.id
    assert build_geometry(places.tiny_area(), None).id != geometry.id


def test_geometry_and_code_are_sent_to_a_browser_that_has_neither(geometry: MapGeometry) -> None:
    message = send(geometry, view(places.tiny_area(context=1)))
    assert message["once"]["geometry"]["codes"] == list(geometry.codes)  # type: ignore[index]
    assert "leaflet" in message["once"]["code"].lower()  # type: ignore[index]


def test_a_browser_that_has_both_is_sent_neither(geometry: MapGeometry) -> None:
    shown = view(places.tiny_area(context=1))
    first = send(geometry, shown)
    again = send(geometry, shown, held_by(first))
    assert "once" not in again
    assert len(json.dumps(again)) < 1_500


def test_another_place_is_sent_even_if_the_browser_holds_one(geometry: MapGeometry) -> None:
    first = send(geometry, view(places.tiny_area(context=1)))
    other = places.tiny_area()
    assert "once" in send(build_geometry(other, None), view(other), held_by(first))


# Minutes 0 (unreachable), 12, 24, 36, 48; the legend runs from far (0: over 45) to near (4), and
# the reason for having none comes after it (5).
def test_each_area_is_one_character(geometry: MapGeometry) -> None:
    message = send(geometry, view(places.tiny_area(context=1)))
    assert message["assigned"] == "53210"
    assert figures(message) == [None, 12, 24, 36, 48]
    assert message["classes"][5]["pattern"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([0.0, 0.1, 99.9, np.nan], 1),
        ([-250.25, 1e6, np.nan, 0.01], 2),
        ([7.0, 7.0, 7.0, 7.0], 0),
        ([np.nan] * 4, 1),
        ([62.0, 63.0, 64.0, 0.0], 0),  # either side of one digit
    ],
)
def test_figures_come_back_as_they_were(
    geometry: MapGeometry, values: list[float], decimals: int
) -> None:
    area = places.tiny_area(context=1)
    shown = view(area)
    given = pd.Series([*values, np.nan], index=list(geometry.codes))
    message = send(geometry, replace(shown, shown=given, decimals=decimals))
    got = [np.nan if value is None else value for value in figures(message)]
    assert got == pytest.approx([*values, np.nan], nan_ok=True)


def test_what_is_asked_and_selected_travels_in_degrees(geometry: MapGeometry) -> None:
    area = places.tiny_area(context=1)
    spot = Point(430_500, 390_500)
    many = tuple(f"E0190{at:04d}" for at in range(300))
    shape = box(430_000, 390_000, 431_000, 391_000)
    message: dict[str, Any] = send(
        geometry, view(area, spot=spot, many=many, asks_shape=True, shape=shape)
    )
    degrees = gpd.GeoSeries([spot], crs=CRS).to_crs(4326)[0]
    assert message["spot"] == pytest.approx([degrees.y, degrees.x], abs=1e-6)
    assert len(message["shape"]) == 4
    assert len(message["many"]) == message["most_many"]
    plain = send(geometry, view(area))
    assert plain["many"] is None
    assert plain["spot"] is None


def test_recolouring_1000_areas_takes_less_than_a_twentieth_of_a_megabyte() -> None:
    side = range(1000)
    index = pd.Index([f"E019{i:05d}" for i in side], name="area_code")
    squares = [box(400_000 + i % 40 * 500, 300_000 + i // 40 * 500, 0, 0) for i in side]
    squares = [box(s.bounds[2] - 500, s.bounds[3] - 500, *s.bounds[2:]) for s in squares]
    area = StudyArea(
        name="Thousand",
        geography="lsoa21",
        areas=gpd.GeoDataFrame(
            {
                "area_name": [f"Area {i}" for i in side],
                "nation": "England",
                "population": 1500.0,
                "in_place": True,
                "geometry": squares,
            },
            index=index,
            crs=CRS,
        ),
        points=gpd.GeoDataFrame(
            {"area_code": index, "weight": 1.0, "geometry": [s.centroid for s in squares]},
            index=index.rename("point_id"),
            crs=CRS,
        ),
        points_kind="population-weighted",
    )
    geometry = build_geometry(area, None)
    first = send(geometry, view(area))
    assert len(json.dumps(send(geometry, view(area), held_by(first)))) < 50_000


def test_points_are_sent_with_their_name_shape_and_place(geometry: MapGeometry) -> None:
    venue = gpd.GeoDataFrame({"name": ["<script>"]}, geometry=[Point(430500, 390500)], crs=CRS)
    points = PointSet(label="Library", shape="square", colour="#e69f00", points=venue)
    message = send(geometry, view(places.tiny_area(context=1), points=(points,)))
    (sent,) = message["markers"]  # type: ignore[misc]
    assert sent["names"] == ["<script>"]
    assert sent["lat"] == [pytest.approx(53.4, abs=0.03)]


def test_text_in_the_browser_is_never_read_as_markup() -> None:
    ours = read_code().split("globalThis.L.noConflict()")[1]
    assert "innerHTML" not in ours
    assert "insertAdjacentHTML" not in ours


def test_nothing_is_fetched_from_a_network() -> None:
    ours = read_code().split("globalThis.L.noConflict()")[1]
    assert "tileLayer" not in ours
    assert "fetch(" not in ours
    assert "http" not in ours.replace("http://www.w3.org/2000/svg", "")


def test_streets_water_and_place_names_come_from_the_backdrop() -> None:
    area = places.tiny_area()
    line = box(430_100, 390_100, 432_000, 391_000).exterior
    backdrop = gpd.GeoDataFrame(
        {"kind": ["street", "water", "place"], "name": ["High Street", "", "Middleton"]},
        geometry=[line, line, Point(431_000, 390_500)],
        crs=CRS,
    )
    shapes = build_geometry(area, backdrop).shapes
    assert len(shapes["streets"]) == len(shapes["water"]) == 1
    assert [place["name"] for place in shapes["places"]] == ["Middleton"]


def test_what_is_drawn_over_the_areas_travels_in_degrees(geometry: MapGeometry) -> None:
    area = places.tiny_area(context=1)
    west, south, east, north = area.place.total_bounds
    line = LineString([(west, south), (east, north)])
    drawn = Over(shape=line, styles=({"color": "#000000"},), mark="1", label="On foot")
    shown = view(area, over=(drawn,), fit=(west, south, east, north), asks_spot=True)
    message: dict[str, Any] = send(geometry, shown)
    piece = message["over"][0]
    ends = gpd.GeoSeries([line], crs=CRS).to_crs(4326).iloc[0].coords
    assert piece["shape"]["coordinates"][0] == pytest.approx(ends[0], abs=1e-5)
    # The mark stands halfway.
    assert piece["lon"] == pytest.approx((ends[0][0] + ends[1][0]) / 2, abs=1e-3)
    (low, left), (high, right) = message["fit"]
    assert low < piece["lat"] < high
    assert left < piece["lon"] < right
    assert message["asks_spot"] is True


def test_a_square_legend_is_sent_with_ink_that_can_be_read(geometry: MapGeometry) -> None:
    area = places.tiny_area(context=1)
    count = len(area.codes)
    gaps = pd.DataFrame(
        {
            "need_percentile": np.arange(1, count + 1) / count,
            "shortfall_percentile": np.arange(1, count + 1) / count,
            "breaches": [False] * (count - 1) + [True],
            "status": "reached",
        },
        index=area.codes,
    )
    message = send(geometry, MapView(title="Gaps", legend="", classes=build_two_way(gaps)))
    square: Any = message["square"]
    assert sum(sum(row) for row in square["counts"]) == count
    assert square["inks"][0][-1] == "#ffffff"  # most need, furthest: nearly black
    assert [key["count"] for key in square["keys"]] == [1, count - 1]


def test_other_maps_send_no_square(geometry: MapGeometry) -> None:
    assert send(geometry, view(places.tiny_area(context=1)))["square"] is None
