"""How does QGIS draw the areas, so that its map looks like ours?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

import pandas as pd

from planner.maps.classes import INK, NO_VALUE, LegendEntry, Pattern, classify
from planner.maps.patterns import outline_of
from planner.neighbourhoods import NOT_TYPED

if TYPE_CHECKING:
    from planner.plan import Plan

#: The version that the style is written for; older ones of QGIS 3 read it too.
QGIS_VERSION = "3.22.0"
STYLE_NAME = "Types of neighbourhood"
#: Edges, lines of patterns, how far apart those are, and dots, in millimetres.
_EDGE_MM, _LINE_MM, _APART_MM, _DOT_MM = "0.2", "0.4", "2", "0.8"
#: Angles of the lines of each pattern of the map.
_LINES: dict[Pattern, tuple[str, ...]] = {
    "stripes": ("90",),
    "hatch": ("45",),
    "back_hatch": ("135",),
    "cross": ("45", "135"),
    "lines": ("0",),
}
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def build_types_style(plan: Plan) -> str:
    """Return a QGIS style (QML): a category for each type, in the map's colours and patterns.

    Areas without a type fall to a last category, drawn as the map draws what is not known.
    """
    types = plan.neighbourhoods.types["type_name"]
    names = {number: f"{number}. {name}" for number, name in types.items()}
    found = classify(plan.neighbourhoods.labels, scheme="categories", names=names)
    entries = dict(zip(map(str, names), found.entries, strict=False))
    colour, pattern = NO_VALUE["no_data"]
    label = NOT_TYPED[:1].upper() + NOT_TYPED[1:]
    entries[""] = LegendEntry(label=label, colour=colour, pattern=pattern)
    return to_qml("type_id", entries)


def to_qml(column: str, entries: Mapping[str, LegendEntry]) -> str:
    """Return a style that draws polygons by the values of a column.

    Parameters
    ----------
    column
        Its name.
    entries
        Value → how it is drawn; "" stands for no value and for any other one.
    """
    root = Xml.Element("qgis", version=QGIS_VERSION, styleCategories="Symbology")
    renderer = Xml.SubElement(
        root,
        "renderer-v2",
        type="categorizedSymbol",
        attr=column,
        symbollevels="0",
        enableorderby="0",
        forceraster="0",
    )
    categories = Xml.SubElement(renderer, "categories")
    symbols = Xml.SubElement(renderer, "symbols")
    for at, (value, entry) in enumerate(entries.items()):
        Xml.SubElement(
            categories,
            "category",
            render="true",
            symbol=str(at),
            value=value,
            type="long" if value else "string",
            label=_clean(entry.label),
        )
        _add_symbol(symbols, str(at), entry)
    Xml.indent(root)
    return _DOCTYPE + Xml.tostring(root, encoding="unicode") + "\n"


def build_layer_styles(layer: str, geometry_column: str, qml: str) -> pd.DataFrame:
    """Return the table by which QGIS finds the style of a layer inside the same GeoPackage."""
    return pd.DataFrame(
        {
            "f_table_catalog": [""],
            "f_table_schema": [""],
            "f_table_name": [layer],
            "f_geometry_column": [geometry_column],
            "styleName": [STYLE_NAME],
            "styleQML": [qml],
            "styleSLD": [""],
            "useAsDefault": [True],
            "description": ["A colour and a pattern for each type, as on the planner's own map"],
            "owner": [""],
            "ui": [""],
            # Of the styles of a layer QGIS takes the newest; the time of writing would make files
            # differ from run to run.
            "update_time": [pd.Timestamp("2000-01-01T00:00:00Z")],
        }
    )


# --- symbols --------------------------------------------------------------------------------


def _add_symbol(parent: Xml.Element, name: str, entry: LegendEntry) -> None:
    symbol = _symbol(parent, "fill", name)
    ground = {
        "color": _rgba(entry.colour),
        "style": "solid",
        "outline_color": _rgba(outline_of(entry)),
        "outline_style": "solid",
        "outline_width": _EDGE_MM,
        "outline_width_unit": "MM",
        "joinstyle": "bevel",
    }
    _add_layer(symbol, "SimpleFill", ground)
    for at, angle in enumerate(_LINES.get(entry.pattern, ()), start=1):
        ink = {"angle": angle, "color": _rgba(INK), "distance": _APART_MM}
        ink |= {"distance_unit": "MM", "line_width": _LINE_MM, "line_width_unit": "MM"}
        inner = _symbol(_add_layer(symbol, "LinePatternFill", ink), "line", f"@{name}@{at}")
        line = {"line_color": _rgba(INK), "line_style": "solid", "line_width": _LINE_MM}
        _add_layer(inner, "SimpleLine", line | {"line_width_unit": "MM", "capstyle": "square"})
    if entry.pattern in ("dots", "fine_dots"):
        spread = {"distance_x": _APART_MM, "distance_y": _APART_MM, "distance_x_unit": "MM"}
        spread |= {"distance_y_unit": "MM", "displacement_x": "0", "displacement_y": "0"}
        inner = _symbol(_add_layer(symbol, "PointPatternFill", spread), "marker", f"@{name}@1")
        dot = {"name": "circle", "color": _rgba(INK), "outline_style": "no", "size": _DOT_MM}
        _add_layer(inner, "SimpleMarker", dot | {"size_unit": "MM"})


def _symbol(parent: Xml.Element, kind: str, name: str) -> Xml.Element:
    return Xml.SubElement(
        parent, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )


def _add_layer(symbol: Xml.Element, kind: str, settings: Mapping[str, str]) -> Xml.Element:
    """Add a layer to a symbol, with its settings as QGIS has had them before and since 3.20."""
    layer = Xml.SubElement(
        symbol, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"}
    )
    options = Xml.SubElement(layer, "Option", type="Map")
    for key, value in settings.items():
        Xml.SubElement(options, "Option", name=key, type="QString", value=value)
    for key, value in settings.items():
        Xml.SubElement(layer, "prop", k=key, v=value)
    return layer


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"


def _clean(text: str) -> str:
    """Return a text without the signs that XML cannot hold."""
    return "".join(c if c.isprintable() else " " for c in text)
