"""A page of one shape for two maps: a heading, a finding, the map, the chosen area, a short table.

Run by Streamlit: ``streamlit run map_page.py -- ours 1000``. "ours" is the app's own map, "theirs"
folium's in st_folium with the same outlines, colours and words. ``Paint`` changes every class.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from planner.area import CRS, StudyArea  # noqa: E402
from planner.maps.classes import Classes, classify  # noqa: E402
from planner.maps.geometry import detail_metres, simplify_areas  # noqa: E402
from planner.ui import area_map  # noqa: E402

SIDE_METRES = 800.0
#: Corners on each edge that two areas share.
EDGE = 9


@st.cache_resource
def drawn_place(count: int) -> StudyArea:
    """Return a place of so many areas with wavy edges that neighbours share."""
    across = int(np.ceil(np.sqrt(count)))
    random = np.random.default_rng(7)
    nodes = np.stack(np.meshgrid(np.arange(across + 2), np.arange(across + 2)), axis=-1)
    nodes = (nodes + random.uniform(-0.12, 0.12, nodes.shape)) * SIDE_METRES + 300_000.0
    share = np.linspace(0, 1, EDGE)[:, None]

    def wave(a: Any, b: Any, seed: int) -> Any:
        swing = np.random.default_rng(seed).uniform(-0.03, 0.03, (EDGE, 2)) * SIDE_METRES
        swing[[0, -1]] = 0
        return a + share * (b - a) + swing

    flat = [
        [wave(nodes[r, c], nodes[r, c + 1], 2 * (r * (across + 2) + c)) for c in range(across)]
        for r in range(across + 1)
    ]
    tall = [
        [
            wave(nodes[r, c], nodes[r + 1, c], 2 * (r * (across + 2) + c) + 1)
            for c in range(across + 1)
        ]
        for r in range(across)
    ]
    cells = [divmod(at, across) for at in range(count)]
    shapes = [
        shapely.Polygon(
            np.concatenate(
                [flat[r][c], tall[r][c + 1][1:], flat[r + 1][c][::-1][1:], tall[r][c][::-1][1:]]
            )
        )
        for r, c in cells
    ]
    codes = pd.Index([f"E01{at:06d}" for at in range(count)], name="area_code")
    areas = gpd.GeoDataFrame(
        {
            "area_name": [f"Area {at:05d}" for at in range(count)],
            "nation": "England",
            "population": 1500.0,
            "in_place": True,
            "geometry": shapes,
        },
        index=codes,
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {"area_code": codes, "weight": 1.0, "geometry": areas.geometry.centroid.to_numpy()},
        index=codes.rename("point_id"),
        crs=CRS,
    )
    return StudyArea(
        name="Drawn",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="population-weighted",
        fictional=True,
    )


def coloured(area: StudyArea, paint: int) -> tuple[pd.Series, Classes]:
    """Return a value with one decimal for each area, and its fifth of all."""
    values = pd.Series(np.random.default_rng(paint).uniform(0, 100, len(area.codes)), area.codes)
    return values, classify(values, scheme="quantiles", unit="of 100")


@st.cache_resource
def geometry(count: int) -> area_map.MapGeometry:
    return area_map.build_geometry(drawn_place(count), None)


def ours(area: StudyArea, paint: int) -> str:
    values, classes = coloured(area, paint)
    view = area_map.MapView(
        title="Map", legend="Fifths", classes=classes, shown=values, unit=" of 100", decimals=1
    )

    def take(event: str) -> None:
        if (value := st.session_state["map"][event]) is not None:
            st.session_state[event] = str(value)

    area_map.mount(
        area_map.build_message(
            geometry(len(area.codes)),
            view,
            chosen=st.session_state.get("picked", ""),
            held=st.session_state.get("held", ""),
        ),
        key="map",
        on_picked=lambda: take("picked"),
        on_held=lambda: take("held"),
    )
    return st.session_state.get("picked", "")


@st.cache_resource
def outlines(count: int) -> gpd.GeoDataFrame:
    """Return what st_folium draws: the outlines that our map has, in degrees, to five decimals."""
    place = drawn_place(count).place
    metres = detail_metres(place, pixels=area_map.SCREEN_PIXELS)
    light = simplify_areas(place[["area_name", "geometry"]], metres).to_crs(4326)
    light.geometry = shapely.set_precision(light.geometry.to_numpy(), 1e-5, mode="pointwise")
    return light.reset_index()


def theirs(area: StudyArea, paint: int) -> str:
    from streamlit_folium import st_folium

    values, classes = coloured(area, paint)
    shown = outlines(len(area.codes)).assign(
        words=values.round(1).astype(str).to_numpy(),
        colour=np.array(classes.colours)[classes.index.to_numpy()],
    )
    west, south, east, north = shown.total_bounds
    # What was clicked is known before the map is made again, so the page is made once a click.
    answer = st.session_state.get("map") or {}
    words = answer.get("last_object_clicked_tooltip") or ""
    chosen = words.split()[0] if words else ""
    page = folium.Map(tiles=None, prefer_canvas=True, zoom_control=True)
    folium.GeoJson(
        shown.to_json(),
        style_function=lambda one: {
            "fillColor": one["properties"]["colour"],
            "color": "#111111" if one["properties"]["area_code"] == chosen else "#39424c",
            "weight": 3 if one["properties"]["area_code"] == chosen else 0.7,
            "fillOpacity": 0.92,
        },
        tooltip=folium.GeoJsonTooltip(["area_code", "area_name", "words"], labels=False),
    ).add_to(page)
    page.fit_bounds([[south, west], [north, east]])
    st_folium(
        page, key="map", height=460, width=None, returned_objects=["last_object_clicked_tooltip"]
    )
    return str(chosen)


def page() -> None:
    which, count = sys.argv[1], int(sys.argv[2])
    st.title("Need")
    area = drawn_place(count)  # a real page has it from its plan
    if "warm" in st.query_params:
        st.text("The place is drawn.")
        return
    paint = int(st.number_input("Paint", min_value=0, max_value=999, value=0, step=1))
    st.markdown(f"**{count} areas, painted {paint}.**")
    chosen = ours(area, paint) if which == "ours" else theirs(area, paint)
    st.markdown(f"Chosen: {chosen or 'none'}.")
    st.dataframe(coloured(area, paint)[0].head(50).rename("Value"))
    st.markdown(f"Finished {paint} {chosen}.")


page()
