"""What does the map look like that people explore, and how does it open without a network?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import folium
import geopandas as gpd
import numpy as np
import shapely
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from planner.maps.assets import read_leaflet_css, read_leaflet_js, to_data_uri
from planner.maps.classes import INK, PAPER, STREET, WATER
from planner.maps.geometry import detail_metres, simplify_areas
from planner.maps.page import FILL, PAGE_STYLE, MapLayer, MapPage, build_page_html, escape
from planner.maps.patterns import fill_of, outline_of

SCREEN_PIXELS = 1600
MAX_PLACE_NAMES = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class PointLayer:
    """Places that can be switched on over the areas: EPSG:27700 points with ``text``.

    ``style`` is ``dot`` or ``ring`` in ``colour``, or ``number`` with the column ``label`` on a
    dark square.
    """

    title: str
    points: gpd.GeoDataFrame
    colour: str = INK
    style: Literal["dot", "ring", "number"] = "dot"
    show: bool = False


def build_folium_map(
    areas: gpd.GeoDataFrame,
    layers: Sequence[MapLayer],
    *,
    page: MapPage,
    points: Sequence[PointLayer] = (),
    backdrop: gpd.GeoDataFrame | None = None,
) -> folium.Map:
    """Build a folium map of the areas that draws with no network at all.

    Parameters
    ----------
    areas
        Polygons in EPSG:27700 with ``area_name``.
    layers
        Measures, each on the areas' index; the first is shown.
    page
        Title, watermarks, sources.
    points
        Services, hubs; drawn over the areas.
    backdrop
        Main streets, water and place names (columns ``kind``, ``name``), EPSG:27700. There are
        no tiles.

    Returns
    -------
    map
        Leaflet itself is inside; every text in it is escaped. `to_offline_html` makes it a file.
    """
    drawn = build_empty_map(page, layers)
    features = _features(areas)
    shown: list[tuple[str, str]] = []
    for number, layer in enumerate(layers):
        item = _area_layer(layer, features, areas, show=number == 0)
        item.add_to(drawn)
        shown.append((item.get_name(), f"legend-{number}"))
    for line in _backdrop_layers(backdrop, areas):
        line.add_to(drawn)
    for point_layer in points:
        if len(point_layer.points):
            _point_layer(point_layer).add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    west, south, east, north = areas.to_crs(4326).total_bounds
    drawn.fit_bounds([[south, west], [north, east]], padding=(8, 8))
    drawn.add_child(LegendSwitch(shown))
    return drawn


def build_empty_map(page: MapPage, layers: Sequence[MapLayer]) -> folium.Map:
    """Return a map without layers in its page, with Leaflet inside and no tiles."""
    figure = Figure(title=escape(page.title))
    drawn = folium.Map(tiles=None, control_scale=True, zoomSnap=0.25, attributionControl=False)
    drawn.default_js = [("leaflet", to_data_uri(read_leaflet_js(), "text/javascript"))]
    drawn.default_css = [("leaflet_css", to_data_uri(read_leaflet_css(), "text/css"))]
    figure.add_child(drawn)
    figure.header.add_child(Markup(f"<style>{PAGE_STYLE}</style>"), name="planner_style")
    figure.html.add_child(Markup(build_page_html(page, layers)), name="planner_page")
    folium.map.CustomPane("lines", z_index=450).add_to(drawn)
    folium.map.CustomPane("dots", z_index=620, pointer_events=True).add_to(drawn)
    folium.map.CustomPane("names", z_index=610).add_to(drawn)
    return drawn


def to_offline_html(drawn: folium.Map) -> str:
    """Return the map as one page that refers to nothing outside itself.

    The same map gives the same page: folium's random names are replaced by numbers.

    Raises
    ------
    ValueError
        Something on the map would be fetched from a network.
    """
    page = str(drawn.get_root().render())
    page = page.replace("<html>", '<html lang="en-GB">', 1)
    page = re.sub(
        r'<meta name="viewport"[^>]*>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        page,
        count=1,
    )
    # A script after </body> is not well-formed; browsers mend it, checkers complain.
    page = page.replace("</body>\n<script>", "<script>", 1).replace(
        "</script>\n</html>", "</script>\n</body>\n</html>", 1
    )
    page = page.replace(
        '<div class="folium-map"', '<div class="folium-map" role="main" aria-label="Map"', 1
    )
    numbered: dict[str, str] = {}
    page = re.sub(
        r"(?<=_)[0-9a-f]{32}(?![0-9a-f])",
        lambda m: numbered.setdefault(m.group(), f"{len(numbered)}"),
        page,
    )
    outside = re.search(r"""<[^>]*\b(?:src|href)\s*=\s*["']?\s*(?:https?:)?//[^>]*>""", page)
    if outside:
        raise ValueError(f"The map refers to a network: {outside.group()[:120]}")
    return page


class Markup(Element):
    """Put markup on the page as it stands; folium would read it as a template."""

    _template = Template("{{ this.markup }}")

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.markup = markup


class LegendSwitch(MacroElement):
    """Put the choice of layers beside the map; show the legend of the one looked at."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        (function () {
            const legends = [{% for layer, legend in this.shown %}
                [{{ layer }}, {{ legend|tojson }}],{% endfor %}
            ];
            {{ this._parent.get_name() }}.on("baselayerchange", function (event) {
                for (const [layer, legend] of legends) {
                    document.getElementById(legend).hidden = layer !== event.layer;
                }
            });
            // Beside the map the choice hides nothing of it, and the keyboard reaches it in order.
            const choice = document.querySelector(".leaflet-control-layers");
            document.getElementById("choice").append(choice);
            const more = choice.querySelector(".leaflet-control-layers-overlays");
            document.getElementById("more").append(more);
        })();
        {% endmacro %}
        """
    )

    def __init__(self, shown: list[tuple[str, str]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "LegendSwitch"
        self.shown = shown


def _features(areas: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the simplified areas as GeoJSON features in degrees, five decimals (about 1 m)."""
    simple = simplify_areas(areas, detail_metres(areas, pixels=SCREEN_PIXELS))
    degrees = shapely.transform(
        simple.geometry.to_crs(4326).to_numpy(), lambda xy: np.round(xy, 5), include_z=False
    )
    return [
        {"type": "Feature", "id": str(code), "geometry": shapely.geometry.mapping(shape)}
        for code, shape in zip(areas.index, degrees, strict=True)
    ]


def _area_layer(
    layer: MapLayer, features: list[dict[str, Any]], areas: gpd.GeoDataFrame, *, show: bool
) -> folium.GeoJson:
    position = layer.classes.index
    names = areas["area_name"] if "area_name" in areas else areas.index.to_series()
    data = [
        {**feature, "properties": {"tip": _tip(names.iloc[i], layer.text[areas.index[i]])}}
        for i, feature in enumerate(features)
    ]
    fills = [fill_of(entry, FILL) for entry in layer.classes.entries]
    outlines = [outline_of(entry) for entry in layer.classes.entries]

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        number = int(position[feature["id"]])
        return {
            "fillColor": fills[number],
            "fillOpacity": 1,
            "color": outlines[number],
            "weight": 0.7,
        }

    item = folium.GeoJson(
        {"type": "FeatureCollection", "features": data},
        name=escape(layer.name),
        overlay=False,
        show=show,
        style_function=style,
        highlight_function=lambda _: {"weight": 3},
        smooth_factor=0,
    )
    tooltip().add_to(item)
    return item


def _point_layer(layer: PointLayer) -> folium.FeatureGroup | folium.GeoJson:
    points = layer.points.to_crs(4326)
    shape = {"dot": "swatch", "ring": "swatch ring", "number": "swatch square"}[layer.style]
    swatch = f'<span class="{shape}" style="--colour:{layer.colour}"></span>'
    name = f"{swatch}{escape(layer.title)}"
    if layer.style == "number":
        group = folium.FeatureGroup(name=name, show=layer.show)
        for point, text, label in zip(
            points.geometry, points["text"], points["label"], strict=True
        ):
            group.add_child(
                TextMarker(
                    point,
                    f"<b>{escape(str(label)[:3])}</b>",
                    {"className": "hub", "iconSize": [26, 26]},
                    {"pane": "dots"},
                    tip=to_html_lines(text),
                )
            )
        return group
    data = [
        {
            "type": "Feature",
            "id": str(number),
            "geometry": {"type": "Point", "coordinates": [round(p.x, 5), round(p.y, 5)]},
            "properties": {"tip": to_html_lines(text)},
        }
        for number, (p, text) in enumerate(zip(points.geometry, points["text"], strict=True))
    ]
    ring = layer.style == "ring"
    style = {
        "fillColor": PAPER if ring else layer.colour,
        "color": layer.colour if ring else INK,
        "weight": 3.5 if ring else 1.5,
    }
    item = folium.GeoJson(
        {"type": "FeatureCollection", "features": data},
        name=name,
        show=layer.show,
        marker=folium.CircleMarker(radius=6, fill=True, fill_opacity=1),
        style_function=lambda _: style,
        pane="dots",
    )
    tooltip().add_to(item)
    return item


def _backdrop_layers(
    backdrop: gpd.GeoDataFrame | None, areas: gpd.GeoDataFrame
) -> list[MacroElement]:
    """Return the place's outline, and water, streets and names where these are known."""
    outline = gpd.GeoSeries([areas.union_all().boundary], crs=areas.crs)
    metres = detail_metres(areas, pixels=SCREEN_PIXELS)
    edge: list[MacroElement] = [_static(outline.simplify(metres), {"color": INK, "weight": 2.2})]
    return edge + build_backdrop_layers(backdrop, areas)


def build_backdrop_layers(
    backdrop: gpd.GeoDataFrame | None, areas: gpd.GeoDataFrame
) -> list[MacroElement]:
    """Return water, streets and names in as much detail as a map of the areas shows."""
    found: list[MacroElement] = []
    if backdrop is None or len(backdrop) == 0:
        return found
    metres = detail_metres(areas, pixels=SCREEN_PIXELS)
    near = backdrop[backdrop.geometry.notna() & ~backdrop.geometry.is_empty]
    water = near.geometry[near["kind"] == "water"]
    streets = near.geometry[near["kind"] == "street"]
    # A river's line is no shore: filled, it would close over the land between its ends.
    surface = water.geom_type.isin(["Polygon", "MultiPolygon"])
    if surface.any():
        ground = {"color": WATER, "weight": 1, "fillColor": WATER, "fillOpacity": 1}
        found.append(_static(water[surface].simplify(metres), ground))
    if (~surface).any():
        found.append(_static(water[~surface].simplify(metres), {"color": WATER, "weight": 3}))
    if len(streets):
        lines = streets.simplify(metres)
        found.append(_static(lines, {"color": PAPER, "weight": 2.4, "opacity": 0.5}))
        found.append(_static(lines, {"color": STREET, "weight": 0.9, "opacity": 0.8}))
    return found + _place_names(near[near["kind"] == "place"], areas)


def _static(lines: gpd.GeoSeries, style: dict[str, Any]) -> folium.GeoJson:
    """Return shapes that are only looked at: no tooltip, no entry among the layers."""
    degrees = shapely.transform(lines.to_crs(4326).to_numpy(), lambda xy: np.round(xy, 5))
    together = shapely.GeometryCollection(shapely.get_parts(degrees).tolist())
    filled = "fillColor" in style
    return folium.GeoJson(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": "0",
                    "properties": {},
                    "geometry": shapely.geometry.mapping(together),
                }
            ],
        },
        control=False,
        style_function=lambda _: {"fill": filled, **style},
        pane="lines",
        interactive=False,
    )


def _place_names(places: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> list[MacroElement]:
    """Return place names that do not run into one another when the place fills a laptop screen."""
    metres = detail_metres(areas, pixels=600)
    taken: list[tuple[float, float, float]] = []
    found: list[MacroElement] = []
    centres = gpd.GeoSeries(shapely.centroid(places.geometry.to_numpy()), crs=places.crs)
    degrees = centres.to_crs(4326)
    for name, here, point in zip(places["name"].astype(str), centres, degrees, strict=True):
        half = len(name) * 4 * metres
        crowded = any(
            abs(here.x - x) < half + other and abs(here.y - y) < 20 * metres
            for x, y, other in taken
        )
        if not name or crowded or len(found) >= MAX_PLACE_NAMES:
            continue
        taken.append((here.x, here.y, half))
        found.append(
            TextMarker(
                point,
                f"<span>{escape(name)}</span>",
                {"className": "place-name", "iconSize": [0, 0]},
                {"pane": "names", "interactive": False, "keyboard": False},
            )
        )
    return found


def tooltip() -> folium.GeoJsonTooltip:
    """Return what shows a feature's ``tip`` when it is pointed at."""
    return folium.GeoJsonTooltip(fields=["tip"], labels=False, class_name="tip")


class TextMarker(MacroElement):
    """A marker made of text; folium's own asks for a picture first, which is not there.

    ``markup`` is escaped by the caller; everything reaches the script as JSON, never as code.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.marker({{ this.place|tojson }}, {
            ...{{ this.options|tojson }},
            icon: L.divIcon({html: {{ this.markup|tojson }}, ...{{ this.icon|tojson }}}),
        }).addTo({{ this._parent.get_name() }});
        {% if this.tip %}
        {{ this.get_name() }}.bindTooltip({{ this.tip|tojson }}, {className: "tip"});
        {% endif %}
        {% endmacro %}
        """
    )

    def __init__(
        self,
        point: shapely.Point,
        markup: str,
        icon: dict[str, Any],
        options: dict[str, Any],
        *,
        tip: str = "",
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "TextMarker"
        self.place = [round(point.y, 5), round(point.x, 5)]
        self.markup, self.icon, self.options, self.tip = markup, icon, options, tip


def _tip(name: object, text: object) -> str:
    return f"<b>{escape(name)}</b><br>{to_html_lines(text)}"


def to_html_lines(text: object) -> str:
    """Return plain text as escaped HTML, line by line."""
    return "<br>".join(escape(line) for line in str(text).strip().split("\n"))
