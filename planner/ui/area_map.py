"""How do a thousand areas get onto one map, and a click on one of them back to Python?

The map is an own Streamlit component. Its code (Leaflet's, from the installed package, and
ours) and the place's geometry travel once; after that a message holds one character an area, the
legend's words and rounded values. The browser reports what it holds, so whatever it loses is
sent again, and nothing else.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st

from planner.area import CRS, StudyArea
from planner.maps.assets import read_leaflet_css, read_leaflet_js
from planner.maps.classes import Classes, Square
from planner.maps.geometry import detail_metres, simplify_areas
from planner.maps.patterns import ink_on

SCREEN_PIXELS = 1400
MARKS = "0123456789abcdefghijklmnopqrstuvwxyz"
MOST_PLACE_NAMES = 60
MOST_MARKERS = 4_000

#: Areas that can be selected together, and corners of a shape that is drawn.
MOST_MANY = 200
MOST_CORNERS = 100

#: The parts of the browser's code, in the order they stand in.
_CODE = ("shapes", "reading", "legend", "many", "drawing")
_DIGITS = np.frombuffer(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", dtype=np.uint8
)

#: Shapes that area_map_shapes.js can draw, told apart without colour.
SHAPES = ("circle", "square", "triangle", "diamond", "down", "plus", "pentagon", "star")


@dataclass(frozen=True, kw_only=True, eq=False)
class MapGeometry:
    """What is drawn once for a place: its areas, and the lines and names around them.

    ``codes`` is the order every later message keeps to. ``shapes`` is plain JSON in latitude and
    longitude. ``id`` is a hash of all of it.
    """

    id: str
    codes: tuple[str, ...]
    shapes: dict[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class PointSet:
    """Points of one sort, such as libraries: drawn by one shape and one colour.

    ``points`` is a frame of point geometry with a CRS and a column ``name``.
    """

    label: str
    shape: str
    colour: str
    points: gpd.GeoDataFrame
    size: int = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class Over:
    """A way or a stretch of ground drawn over the areas, or only a mark.

    ``shape`` is in EPSG:27700; ``styles`` are Leaflet's, drawn one over the other; ``mark`` (a
    letter, a number, a few words) stands at ``at``, by default halfway along, or ``above`` it;
    ``label`` puts it in the legend.
    """

    shape: Any
    styles: tuple[dict[str, Any], ...] = ()
    mark: str = ""
    at: shapely.Point | None = None
    above: bool = False
    label: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class MapView:
    """What one map says about the areas.

    ``shown`` (NaN: none) stands in words when an area is pointed at, with ``before`` in front,
    ``unit`` behind (with its leading space) and ``decimals``. ``over`` is drawn over the areas,
    and the map shows ``fit`` (west, south, east, north in EPSG:27700) at first, or all areas.
    Where it ``asks_spot``, a click names that spot instead of an area, and ``spot`` (EPSG:27700)
    is a pin that can be dragged. ``many`` are the codes of areas selected together; None: only
    one can be chosen. Where it ``asks_shape`` a polygon can be drawn; ``shape`` (EPSG:27700) is
    the one there is.
    """

    title: str
    legend: str
    classes: Classes
    shown: pd.Series | None = None
    before: str = ""
    unit: str = ""
    decimals: int = 0
    points: tuple[PointSet, ...] = ()
    over: tuple[Over, ...] = ()
    fit: tuple[float, float, float, float] | None = None
    asks_spot: bool = False
    spot: shapely.Point | None = None
    many: tuple[str, ...] | None = None
    asks_shape: bool = False
    shape: shapely.Polygon | None = None


def build_geometry(area: StudyArea, backdrop: gpd.GeoDataFrame | None) -> MapGeometry:
    """Return the place's outlines, light enough for a screen, and what lies around them.

    Parameters
    ----------
    area
        The place; context areas are drawn pale and cannot be chosen.
    backdrop
        Columns ``kind`` (``street``, ``water`` or ``place``) and ``name``; None draws none.
    """
    place = area.place
    metres = detail_metres(place, pixels=SCREEN_PIXELS)
    every = simplify_areas(area.areas[["area_name", "in_place", "geometry"]], metres)
    every = every.to_crs(4326)
    inside = every[every["in_place"]]
    centres = place.geometry.representative_point().to_crs(4326)
    outline = gpd.GeoSeries([_union(inside.geometry)], crs=4326)
    shapes: dict[str, Any] = {
        "codes": inside.index.tolist(),
        "names": inside["area_name"].astype(str).tolist(),
        "areas": _packed(inside.geometry),
        "centres": np.round(np.column_stack([centres.y, centres.x]), 5).tolist(),
        "context": _packed(every.geometry[~every["in_place"]]),
        "outline": [_plain(shape.boundary) for shape in outline],
        **_backdrop_shapes(backdrop, place, metres),
    }
    text = json.dumps(shapes, separators=(",", ":"))
    return MapGeometry(
        id=hashlib.sha256(text.encode()).hexdigest()[:16],
        codes=tuple(shapes["codes"]),
        shapes=shapes,
    )


def build_message(
    geometry: MapGeometry, view: MapView, *, chosen: str, held: str
) -> dict[str, Any]:
    """Return what is sent to the browser for one view of the map.

    Parameters
    ----------
    chosen
        Code of the chosen area, "" for none.
    held
        What the browser last said it holds; if that is not this code and geometry, both are sent.
    """
    code = read_code()
    code_id = _code_id()
    positions = view.classes.index.reindex(list(geometry.codes))
    message: dict[str, Any] = {
        "code_id": code_id,
        "geometry_id": geometry.id,
        "title": view.title,
        "legend": view.legend,
        "classes": [
            {
                "label": f"{entry.label}",
                "colour": entry.colour,
                "pattern": entry.pattern,
                "ink": ink_on(entry.colour),
                "always": entry.status == "reached",
            }
            for entry in view.classes.entries
        ],
        "square": _square(view.classes.square),
        "assigned": _assigned(positions),
        "values": _figures(view, geometry),
        "before": view.before,
        "unit": view.unit,
        "decimals": view.decimals,
        "markers": [_markers(points) for points in view.points],
        "over": [_piece(over) for over in view.over],
        "fit": _corners(view.fit),
        "asks_spot": view.asks_spot,
        "spot": None if view.spot is None else _degrees(view.spot.coords)[0],
        "many": None if view.many is None else list(view.many[:MOST_MANY]),
        "most_many": MOST_MANY,
        "asks_shape": view.asks_shape,
        "shape": None if view.shape is None else _degrees(view.shape.exterior.coords[:-1]),
        "most_corners": MOST_CORNERS,
        "chosen": chosen,
    }
    if held != f"{code_id} {geometry.id}":
        message["once"] = {
            "code_id": code_id,
            "code": code,
            "geometry_id": geometry.id,
            "geometry": geometry.shapes,
        }
    return message


def _nothing() -> None:
    """Do nothing with what the map reports."""


def mount(
    message: dict[str, Any],
    *,
    key: str,
    on_picked: Callable[[], None],
    on_held: Callable[[], None],
    on_spotted: Callable[[], None] = _nothing,
    on_picked_many: Callable[[], None] = _nothing,
    on_drawn: Callable[[], None] = _nothing,
) -> None:
    """Put the map on the page.

    The callbacks run when an area is picked (its code), the browser reports what it holds, a spot
    is clicked or dragged (latitude and longitude as text), areas are selected together (their
    codes, all of them), or a shape is drawn or removed (a list of latitude and longitude).
    """
    _component()(
        key=key,
        data=message,
        on_picked_change=on_picked,
        on_held_change=on_held,
        on_spotted_change=on_spotted,
        on_picked_many_change=on_picked_many,
        on_drawn_change=on_drawn,
    )


@functools.cache
def read_code() -> str:
    """Return Leaflet, its styles and our drawing code as one JavaScript module."""
    assets = files("planner.ui") / "assets"
    styles = read_leaflet_css() + (assets / "area_map.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            read_leaflet_js(),
            f"globalThis.plannerAreaMapStyles = {json.dumps(styles)};",
            *((assets / f"area_map_{part}.js").read_text(encoding="utf-8") for part in _CODE),
            (assets / "area_map.js").read_text(encoding="utf-8"),
        ]
    )


@functools.cache
def _code_id() -> str:
    return hashlib.sha256(read_code().encode()).hexdigest()[:16]


@functools.cache
def _component() -> Any:
    loader = (files("planner.ui") / "assets" / "area_map_loader.js").read_text(encoding="utf-8")
    return st.components.v2.component("planner_area_map", js=loader)


def _plain(shape: Any) -> Any:
    """Return a geometry as GeoJSON with five decimals (about a metre)."""
    return json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-5, mode="pointwise")))


def _square(square: Square | None) -> dict[str, Any] | None:
    """Return a square legend as the browser draws it: a table, and what lies on its colours."""
    if square is None:
        return None
    return {
        "across": square.across,
        "down": square.down,
        "columns": list(square.columns),
        "rows": list(square.rows),
        "colours": [list(row) for row in square.colours],
        "inks": [[ink_on(colour) for colour in row] for row in square.colours],
        "counts": [list(row) for row in square.counts],
        "keys": [
            {
                "label": key.label,
                "colour": key.colour,
                "pattern": key.pattern,
                "ink": ink_on(key.colour),
                "count": key.count,
            }
            for key in square.keys
        ],
    }


def _union(shapes: gpd.GeoSeries) -> Any:
    """Return what areas cover together; quick where they fit each other as they should."""
    try:
        return shapely.coverage_union_all(shapes.to_numpy())
    except shapely.errors.GEOSException:  # they overlap
        return shapes.union_all()


def _packed(shapes: gpd.GeoSeries) -> dict[str, list[int]]:
    """Return polygons as whole steps from corner to corner, each 1e-5 degrees (about a metre).

    ``steps`` are of latitude and longitude in turn, the first from nought; a ring's last corner,
    which is its first, is left out. ``rings`` are corners of each ring, ``polygons`` rings of each
    polygon, ``shapes`` polygons of each shape, all in order.
    """
    every = shapes.to_numpy()
    polygons, of_shape = shapely.get_parts(every, return_index=True)
    ground = shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON
    polygons, of_shape = polygons[ground], of_shape[ground]
    rings, of_polygon = shapely.get_rings(polygons, return_index=True)
    corners, of_ring = shapely.get_coordinates(rings, return_index=True)
    last = np.append(of_ring[1:] != of_ring[:-1], True)[: len(of_ring)]
    whole = np.rint(corners[~last][:, ::-1] * 1e5).astype(np.int64)
    return {
        "steps": np.diff(whole, axis=0, prepend=[[0, 0]]).ravel().tolist(),
        "rings": np.bincount(of_ring[~last], minlength=len(rings)).tolist(),
        "polygons": np.bincount(of_polygon, minlength=len(polygons)).tolist(),
        "shapes": np.bincount(of_shape, minlength=len(every)).tolist(),
    }


def _assigned(positions: pd.Series) -> str:
    """Return one character for each area: its class, or a point for none."""
    marks = np.frombuffer(f"{MARKS}.".encode(), dtype=np.uint8)
    each: bytes = marks[positions.fillna(len(MARKS)).to_numpy(dtype=int)].tobytes()
    return each.decode("ascii")


def _figures(view: MapView, geometry: MapGeometry) -> dict[str, Any] | None:
    """Return rounded figures, each in as many characters as the furthest from the least needs.

    A character is a digit to the base of 64; 0 stands for no figure, 1 for the least.
    """
    if view.shown is None:
        return None
    values = view.shown.reindex(list(geometry.codes)).to_numpy(dtype=float)
    known = np.isfinite(values)
    whole = np.zeros(len(values), dtype=np.int64)
    whole[known] = np.rint(values[known] * 10**view.decimals).astype(np.int64)
    least = int(whole[known].min()) if known.any() else 0
    number = np.where(known, whole - least + 1, 0)
    width = 1
    while 64**width <= number.max(initial=0):
        width += 1
    digits = number[:, None] // 64 ** np.arange(width)[::-1] % 64
    text = _DIGITS[digits].tobytes().decode("ascii")
    return {"least": least, "width": width, "text": text}


def _degrees(corners: Any) -> list[list[float]]:
    """Return corners in EPSG:27700 as latitude and longitude with six decimals (a tenth metre)."""
    points = gpd.GeoSeries([shapely.Point(corner) for corner in corners], crs=CRS).to_crs(4326)
    return np.round(np.column_stack([points.y, points.x]), 6).tolist()  # type: ignore[no-any-return]


def _markers(points: PointSet) -> dict[str, Any]:
    shown = points.points.to_crs(4326).iloc[:MOST_MARKERS]
    return {
        "label": points.label,
        "shape": points.shape,
        "colour": points.colour,
        "size": points.size,
        "names": shown["name"].astype(str).tolist(),
        "lat": shown.geometry.y.round(5).tolist(),
        "lon": shown.geometry.x.round(5).tolist(),
    }


def _piece(over: Over) -> dict[str, Any]:
    at = over.at
    if at is None and not over.shape.is_empty:
        line = over.shape.geom_type == "LineString"
        at = over.shape.interpolate(0.5, normalized=True) if line else over.shape.centroid
    shape, place = gpd.GeoSeries([over.shape, at], crs=CRS).to_crs(4326)
    return {
        "shape": _plain(shape),
        "styles": list(over.styles),
        "mark": over.mark if at is not None else "",
        "above": over.above,
        "label": over.label,
        "lat": None if at is None else round(place.y, 5),
        "lon": None if at is None else round(place.x, 5),
    }


def _corners(fit: tuple[float, float, float, float] | None) -> list[list[float]] | None:
    if fit is None:
        return None
    west, south, east, north = gpd.GeoSeries([shapely.box(*fit)], crs=CRS).to_crs(4326).total_bounds
    return [[round(south, 5), round(west, 5)], [round(north, 5), round(east, 5)]]


def _backdrop_shapes(
    backdrop: gpd.GeoDataFrame | None, place: gpd.GeoDataFrame, metres: float
) -> dict[str, list[Any]]:
    """Return streets, water and place names near the place, simplified like its areas."""
    shapes: dict[str, list[Any]] = {"streets": [], "water": [], "places": []}
    if backdrop is None or backdrop.empty:
        return shapes
    west, south, east, north = place.total_bounds
    margin = 0.1 * max(east - west, north - south)
    near = backdrop.cx[west - margin : east + margin, south - margin : north + margin]
    for kind, name in (("street", "streets"), ("water", "water")):
        lines = near[near["kind"] == kind].geometry.simplify(metres)
        kept = lines[~lines.is_empty].to_crs(4326)
        shapes[name] = [_plain(shape) for shape in kept]
    names = near[(near["kind"] == "place") & near["name"].astype(str).ne("")].to_crs(4326)
    for label, point in zip(names["name"], names.geometry.representative_point(), strict=True):
        if len(shapes["places"]) < MOST_PLACE_NAMES:
            shapes["places"].append(
                {"name": str(label), "lat": round(point.y, 5), "lon": round(point.x, 5)}
            )
    return shapes
