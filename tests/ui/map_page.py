"""A page with nothing but the map on it: select several areas, draw a shape, ask for a spot."""

from __future__ import annotations

import functools

import geopandas as gpd
import pandas as pd
import streamlit as st
from shapely.geometry import MultiPolygon, Polygon, box

from planner.area import CRS, StudyArea
from planner.errors import DataError
from planner.maps import classify
from planner.ui import area_map, drawing, selection, state

SIDE, WEST, SOUTH = 1000, 430_000, 390_000
NAMES = {
    "E01900001": "South west",
    "E01900002": "South middle",
    "E01900003": "<script>alert(1)</script>",
    "E01900004": "West & <img src=x onerror=alert(2)>",
    "E01900005": "שדרות \u202eabc\u202c",
    "E01900006": 'East "quoted" 🏥',
    "E01900007": "North west",
    "E01900008": "Isles",
    "E01900009": "North east",
}


@functools.cache
def nine_squares() -> StudyArea:
    """Return nine squares; the one in the middle of the north is two isles, one with a lake."""
    shapes = [
        box(WEST + SIDE * c, SOUTH + SIDE * r, WEST + SIDE * (c + 1), SOUTH + SIDE * (r + 1))
        for r in range(3)
        for c in range(3)
    ]
    x, y, _, _ = shapes[7].bounds
    lake = [(x + 100, y + 100), (x + 300, y + 100), (x + 300, y + 300), (x + 100, y + 300)]
    ring = [(x, y), (x + 450, y), (x + 450, y + 1000), (x, y + 1000)]
    shapes[7] = MultiPolygon([Polygon(ring, [lake]), box(x + 600, y + 200, x + 900, y + 800)])
    index = pd.Index(list(NAMES), name="area_code")
    areas = gpd.GeoDataFrame(
        {
            "area_name": list(NAMES.values()),
            "nation": "England",
            "population": 1000.0,
            "in_place": True,
            "geometry": shapes,
        },
        index=index,
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {"area_code": index, "weight": 1.0, "geometry": areas.representative_point().to_numpy()},
        index=index.rename("point_id"),
        crs=CRS,
    )
    return StudyArea(
        name="Nine squares",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="population-weighted",
        fictional=True,
    )


def main() -> None:
    area = nine_squares()
    codes, names = area.codes, area.place["area_name"].to_dict()
    st.title("Map")
    asks = st.checkbox("Ask for a spot")
    text = st.text_input("Spot", key="choice_place")
    chosen_many = selection.select_areas(names)
    shape = drawing.drawn_shape()
    if wrong := drawing.what_is_wrong():
        st.warning(wrong)
    group = pd.Series(["low" if at < 5 else "high" for at in range(len(codes))], index=codes)
    spot = None
    if asks and text:
        x, y = (float(number) for number in text.split(","))
        spot = drawing.shapely.Point(x, y)
    view = area_map.MapView(
        title="Map of nine squares",
        legend="How much (number of areas)",
        classes=classify(group, scheme="categories", names={"low": "Low", "high": "High"}),
        asks_spot=asks,
        spot=spot,
        many=chosen_many,
        asks_shape=not asks,
        shape=shape,
    )
    chosen = state.chosen_area(codes)
    geometry = area_map.build_geometry(area, None)
    area_map.mount(
        area_map.build_message(geometry, view, chosen=chosen, held=state.map_held()),
        key="map",
        on_picked=state.map_picker("map"),
        on_held=state.map_holder("map"),
        on_spotted=drawing.spot_taker("map", "place"),
        on_picked_many=selection.areas_picker("map"),
        on_drawn=drawing.shape_taker("map"),
    )
    st.button("Select the areas within", on_click=_select, args=(area,))
    st.text(f"Selected: {' '.join(code[-1] for code in chosen_many) or 'none'}.")
    st.text(f"Chosen: {chosen[-1:] or 'none'}.")
    st.text(f"Shape: {'none' if shape is None else drawing.shape_words(shape)}.")
    st.text(f"Spot: {text or 'none'}.")


def _select(area: StudyArea) -> None:
    try:
        drawing.select_within(area)
    except DataError as error:
        st.session_state["wrong_shape"] = str(error)
