"""What does it look like on the ground: classes, colours, a map to download and one to print?

`classify` turns a measure into classes and a legend, `build_svg_map` draws them for a page that
is read or printed, `build_folium_map` for one that is explored; `to_offline_html` writes the
latter as a single file that needs no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.maps.classes import PALETTES, Classes, LegendEntry, classify
    from planner.maps.folium_map import PointLayer, build_folium_map, to_offline_html
    from planner.maps.geometry import simplify_areas
    from planner.maps.journeys import add_bands, add_itinerary, build_journey_map
    from planner.maps.page import MapLayer, MapPage
    from planner.maps.svg import build_svg_map

__all__ = [
    "PALETTES",
    "Classes",
    "LegendEntry",
    "MapLayer",
    "MapPage",
    "PointLayer",
    "add_bands",
    "add_itinerary",
    "build_folium_map",
    "build_journey_map",
    "build_svg_map",
    "classify",
    "simplify_areas",
    "to_offline_html",
]

__getattr__ = offer(__name__, __file__)
