"""Where does a journey run, and how far does one get in some minutes? Drawn on a folium map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely

from planner.area import CRS
from planner.maps.classes import INK, PALETTES, PAPER, PaletteName, spread_colours
from planner.maps.folium_map import (
    LegendSwitch,
    Markup,
    TextMarker,
    build_backdrop_layers,
    build_empty_map,
    to_html_lines,
    tooltip,
)
from planner.maps.page import MapPage, escape
from planner.travel.journey import Itinerary, Leg, RideLeg, StreetLeg

#: A walk is dotted, a ride a thick line of another colour on white.
WALK_COLOUR, RIDE_COLOUR = INK, "#0072b2"
#: Above the backdrop's streets, below the names.
_PANE = "journey"
_DASHES = ("", "10 5", "3 5", "12 4 3 4", "1 6")


def build_journey_map(
    page: MapPage,
    *,
    around: gpd.GeoSeries | gpd.GeoDataFrame,
    backdrop: gpd.GeoDataFrame | None = None,
) -> folium.Map:
    """Build a map without areas, on which journeys and bands can be drawn.

    Parameters
    ----------
    page
        Title, watermarks, sources.
    around
        What the map is to show, in EPSG:27700.
    backdrop
        As for `planner.maps.build_folium_map`.

    Returns
    -------
    map
        Like those of `planner.maps.build_folium_map`: nothing in it is fetched from a network.
    """
    drawn = build_empty_map(page, [])
    # There are no areas to choose a measure for.
    figure: Any = drawn.get_root()
    figure.header.add_child(Markup("<style>#choice { display: none; }</style>"))
    west, south, east, north = around.total_bounds
    frame = gpd.GeoDataFrame(geometry=[shapely.box(west, south, east, north).buffer(300)], crs=CRS)
    if backdrop is not None:
        backdrop = gpd.clip(backdrop, frame.union_all().buffer(3000).envelope)
    for line in build_backdrop_layers(backdrop, frame):
        line.add_to(drawn)
    west, south, east, north = frame.to_crs(4326).total_bounds
    drawn.fit_bounds([[south, west], [north, east]])
    folium.LayerControl(collapsed=False).add_to(drawn)
    drawn.add_child(LegendSwitch([]))
    return drawn


def add_itinerary(
    drawn: folium.Map, itinerary: Itinerary, *, title: str = "The journey", show: bool = True
) -> folium.Map:
    """Draw a journey, its legs numbered, and say it in words beside the map.

    Parameters
    ----------
    drawn
        A map of `planner.maps.build_folium_map` or `build_journey_map`; it is changed.
    itinerary
        The journey.
    title
        What to call it where layers are chosen.
    show
        Whether it is switched on at first.

    Returns
    -------
    map
        The same map.
    """
    swatch = f'<span class="swatch" style="--colour:{RIDE_COLOUR}"></span>'
    group = folium.FeatureGroup(name=f"{swatch}{escape(title)}", show=show)
    if _PANE not in drawn._children:
        drawn.add_child(folium.map.CustomPane(_PANE, z_index=460, pointer_events=True), name=_PANE)
        drawn._children.move_to_end(_PANE, last=False)
    moving = [leg for leg in itinerary.legs if isinstance(leg, StreetLeg | RideLeg)]
    for leg in moving:
        if not leg.line.is_empty:
            _leg_lines(leg).add_to(group)
    for number, leg in enumerate(moving, 1):
        if not leg.line.is_empty:
            middle = _to_degrees(leg.line.interpolate(0.5, normalized=True))
            _marker(middle, str(number), leg.in_words(), above=False).add_to(group)
    for point, letter, words in (
        (itinerary.origin, "A", "Start"),
        (itinerary.destination, "B", "Destination"),
    ):
        _marker(_to_degrees(point), letter, words, above=True).add_to(group)
    group.add_to(drawn)
    _beside(drawn, _words(itinerary, title))
    _controls_last(drawn)
    return drawn


def add_bands(
    drawn: folium.Map,
    bands: gpd.GeoDataFrame,
    *,
    title: str,
    method: str = "",
    palette: PaletteName = "viridis",
    show: bool = True,
) -> folium.Map:
    """Draw travel-time bands: colour, kind of outline and a label in minutes for each.

    Parameters
    ----------
    drawn
        A map of `planner.maps.build_folium_map` or `build_journey_map`; it is changed.
    bands
        ``minutes_from``, ``minutes_to`` and geometry in EPSG:27700, each within the next, as
        `planner.travel.isochrones.Isochrones.bands` has them.
    title, method
        What is drawn, in plain words, and how it came about.
    palette
        The darkest colour is the shortest time.
    show
        Whether they are switched on at first.

    Returns
    -------
    map
        The same map.
    """
    colours = spread_colours(PALETTES[palette], len(bands))
    swatch = f'<span class="swatch square" style="--colour:{colours[0]}"></span>'
    group = folium.FeatureGroup(name=f"{swatch}{escape(title)}", show=show)
    shapes = list(bands.geometry)
    ends = zip(bands["minutes_from"], bands["minutes_to"], strict=True)
    labels = [_band_words(begin, end) for begin, end in ends]
    before: Any = shapely.Polygon()
    for number, shape in enumerate(shapes):
        # Only what the band before leaves over: see-through colours must not add up.
        ring = shape.difference(before)
        before = shape
        if ring.is_empty:
            continue
        style = {
            "fillColor": colours[number],
            "fillOpacity": 0.5,
            "color": INK,
            "weight": 1.4,
            "dashArray": _DASHES[number % len(_DASHES)],
        }
        _shape(ring, labels[number], style).add_to(group)
        words = f"{bands['minutes_to'].iloc[number]:g} min"
        _band_label(shape, words, number).add_to(group)
    group.add_to(drawn)
    _beside(drawn, _band_legend(labels, colours, title, method))
    _controls_last(drawn)
    return drawn


def _leg_lines(leg: StreetLeg | RideLeg) -> folium.FeatureGroup:
    """Return a leg as a line on a white one."""
    group = folium.FeatureGroup(control=False)
    ride = isinstance(leg, RideLeg)
    top = {"color": RIDE_COLOUR, "weight": 6} if ride else {
        "color": WALK_COLOUR, "weight": 4, "dashArray": "1 8", "lineCap": "round",
    }  # fmt: skip
    for style in ({"color": PAPER, "weight": 10 if ride else 8, "opacity": 0.9}, top):
        _shape(leg.line, leg.in_words(), {"fill": False, **style}, pane=_PANE).add_to(group)
    return group


def _shape(
    shape: Any, words: str, style: dict[str, Any], *, pane: str = "overlayPane"
) -> folium.GeoJson:
    item = folium.GeoJson(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": "0",
                    "properties": {"tip": to_html_lines(words)},
                    "geometry": shapely.geometry.mapping(_to_degrees(shape)),
                }
            ],
        },
        control=False,
        style_function=lambda _: style,
        smooth_factor=0,
        pane=pane,
    )
    tooltip().add_to(item)
    return item


def _marker(point: shapely.Point, text: str, words: str, *, above: bool) -> TextMarker:
    """Return a letter or number on a dark square, on its place or above it."""
    return TextMarker(
        point,
        f"<b>{escape(text)}</b>",
        {"className": "hub", "iconSize": [26, 26], "iconAnchor": [13, 34 if above else 13]},
        {"pane": "dots"},
        tip=to_html_lines(words),
    )


def _band_label(shape: Any, words: str, number: int) -> TextMarker:
    """Return a band's minutes at the end of its largest part: north, east, south, west in turn."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    xy = shapely.get_coordinates(largest.exterior)
    side = ((0, 1), (1, 0), (0, -1), (-1, 0))[number % 4]
    far = shapely.Point(xy[np.argmax(xy @ side)])
    return TextMarker(
        _to_degrees(far),
        f"<b>{escape(words)}</b>",
        {"className": "hub", "iconSize": [64, 26]},
        {"pane": "dots", "interactive": False, "keyboard": False},
    )


def _to_degrees(shape: Any) -> Any:
    """Return a shape in degrees, five decimals (about 1 m)."""
    degrees = gpd.GeoSeries([shape], crs=CRS).to_crs(4326).iloc[0]
    return shapely.transform(degrees, lambda xy: np.round(xy, 5))


def _words(itinerary: Itinerary, title: str) -> str:
    """Return the journey as a list whose numbers are those on the map."""
    lines, number = [], 0
    for leg in itinerary.legs:
        number += isinstance(leg, StreetLeg | RideLeg)
        lines.append(f"<li>{_leg_mark(leg, number)}<span>{escape(leg.in_words())}</span></li>")
    return (
        f"<section><h2>{escape(title)}</h2><p>{escape(itinerary.summary())}</p>"
        f"<ul>{''.join(lines)}</ul></section>"
    )


def _leg_mark(leg: Leg, number: int) -> str:
    """Return the leg's number and how its line looks."""
    if not isinstance(leg, StreetLeg | RideLeg):
        return '<svg width="46" height="16" aria-hidden="true"></svg>'
    ride = isinstance(leg, RideLeg)
    look = f'stroke="{RIDE_COLOUR}" stroke-width="5"' if ride else (
        f'stroke="{WALK_COLOUR}" stroke-width="4" stroke-linecap="round" stroke-dasharray="1 7"'
    )  # fmt: skip
    return (
        f'<b>{number}</b><svg width="30" height="16" aria-hidden="true">'
        f'<path d="M2 8H28" fill="none" {look}/></svg>'
    )


def _band_legend(labels: Sequence[str], colours: Sequence[str], title: str, method: str) -> str:
    rows = "".join(
        f'<li><svg width="26" height="16" aria-hidden="true"><rect x="1" y="1" width="24" '
        f'height="14" fill="{colour}" fill-opacity="0.5" stroke="{INK}" stroke-width="1.4" '
        f'stroke-dasharray="{_DASHES[number % len(_DASHES)]}"/></svg>'
        f"<span>{escape(label)}</span></li>"
        for number, (label, colour) in enumerate(zip(labels, colours, strict=True))
    )
    how = f'<p class="small">{escape(method)}</p>' if method else ""
    return f"<section><h2>{escape(title)}</h2><ul>{rows}</ul>{how}</section>"


def _band_words(begin: float, end: float) -> str:
    return f"{end:g} minutes or less" if begin == 0 else f"over {begin:g} to {end:g} minutes"


def _beside(drawn: folium.Map, markup: str) -> None:
    """Put markup among the legends of the planner's own pages; other maps have no room for it."""
    figure: Any = drawn.get_root()
    page = figure.html._children.get("planner_page")
    if isinstance(page, Markup):
        page.markup = page.markup.replace("</aside>", f"{markup}</aside>", 1)


def _controls_last(drawn: folium.Map) -> None:
    """Leave the choice of layers at the end, where all layers are known to it."""
    names = [
        name
        for name, child in drawn._children.items()
        if isinstance(child, folium.LayerControl | LegendSwitch)
    ]
    for name in names:
        drawn._children.move_to_end(name)
