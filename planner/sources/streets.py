"""Which streets can be walked, out of an OpenStreetMap extract (``.osm.pbf``, ``.osm``)?

What counts as walkable, after OpenStreetMap's access defaults for the United Kingdom:

========================================================  ======================================
tags                                                      walkable
========================================================  ======================================
``highway`` = footway, path, steps, pedestrian,           yes, unless ``foot`` is no or private
corridor, platform, cycleway, bridleway, track, service,
living_street, residential, unclassified, road, tertiary,
secondary, primary, and links of these
``highway`` = trunk, trunk_link                           the same
any of these with ``motorroad=yes``                       no
``highway`` = motorway, motorway_link, construction,      no
proposed, planned, abandoned, razed, raceway, busway,
bus_guideway and all others; ferries
``access`` = no, private, agricultural, forestry,         only where ``foot`` is yes, designated,
military                                                  permissive, destination or customers
``access`` = anything else, for example customers,        yes: people may walk to what is there
destination, permit, delivery
``foot=use_sidepath``                                     yes: the carriageway stays, so that a
                                                          pavement drawn without its links does
                                                          not cut a street off
``area=yes`` (squares)                                    along the edge, not across
========================================================  ======================================

Barriers on single nodes, opening hours and steepness are not looked at. Everything is walked both
ways, ``oneway`` or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import osmium.filter
import shapely

from planner.area import CRS
from planner.errors import DataError
from planner.sources.osm import open_osm
from planner.sources.text import clean_text
from planner.sources.way_nodes import WayNodes

if TYPE_CHECKING:
    from planner.travel.streets import Streets

#: ``highway`` values people may walk on unless something else is said.
WALKABLE_HIGHWAYS = frozenset(
    [
        *("footway", "path", "steps", "pedestrian", "corridor", "platform"),
        *("cycleway", "bridleway", "track", "service", "living_street"),
        *("residential", "unclassified", "road", "tertiary", "tertiary_link"),
        *("secondary", "secondary_link", "primary", "primary_link", "trunk", "trunk_link"),
    ]
)
_CLOSED = frozenset({"no", "private", "agricultural", "forestry", "military"})
_FOOT_CLOSED = frozenset({"no", "private", "military"})
_FOOT_OPEN = frozenset({"yes", "designated", "permissive", "destination", "customers", "official"})

#: What a map without tiles shows of an extract.
_MAIN_STREETS = frozenset({"motorway", "trunk", "primary", "secondary"})
_WATERCOURSES = frozenset({"river", "canal"})
_PLACES = frozenset({"city", "town", "suburb", "village"})
BACKDROP_METRES = 10.0
#: Ponds smaller than this (one hectare) do not help anybody find their way on a map of a place.
BACKDROP_WATER_SQUARE_METRES = 10_000.0


def read_streets(path: Path, *, what: str = "") -> Streets:
    """Read the walkable street network of an extract.

    Points where exactly two pieces of street meet are not nodes; the edge between two real
    junctions keeps its way and its length. Ways are joined where they share an OpenStreetMap
    node, so a bridge does not meet the street under it. Where an extract lacks the position of
    some of a way's nodes (at its rim), the way is cut there and counted.

    Parameters
    ----------
    path
        An ``.osm.pbf`` or ``.osm`` file.
    what
        The file as the project names it, for messages.

    Raises
    ------
    DataError
        The file cannot be read (see `planner.sources.osm.open_osm`), or has no walkable street.
    """
    what = what or path.name
    ways = WayNodes()
    with open_osm(path, what) as osm:
        for thing in (
            osm.with_locations()
            .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
            .with_filter(osmium.filter.KeyFilter("highway"))
        ):
            if is_walkable(thing.tags):
                ways.add(thing)
    if not ways:
        raise DataError(
            f"{what}: no street in this file can be walked.",
            hint="Take an extract with streets (ways tagged highway), not one filtered to shops "
            "or boundaries.",
        )
    placed = ways.place(what)
    from planner.travel.streets import build_streets  # slow to import; a map is drawn without

    return build_streets(placed.x, placed.y, placed.start, placed.end, notes=placed.cut_notes(what))


def is_walkable(tags: Mapping[str, str]) -> bool:
    """Say whether people may walk along a way, by its tags (the table in the module's text)."""
    if tags.get("highway") not in WALKABLE_HIGHWAYS or tags.get("motorroad") == "yes":
        return False
    foot = tags.get("foot")
    if foot in _FOOT_CLOSED:
        return False
    return tags.get("access") not in _CLOSED or foot in _FOOT_OPEN


def read_backdrop(path: Path, *, what: str = "") -> gpd.GeoDataFrame:
    """Read what a map without tiles needs: main streets, water and names of settlements.

    Parameters
    ----------
    path
        An ``.osm.pbf`` or ``.osm`` file.
    what
        The file as the project names it, for messages.

    Returns
    -------
    backdrop
        Columns ``kind`` (``street``: motorways, trunk, primary and secondary roads; ``water``:
        rivers, canals, and water of a hectare and more; ``place``: cities, towns, suburbs and
        villages), ``name`` ("" where none) and ``geometry`` (lines, areas, points; EPSG:27700,
        simplified to 10 m), sorted by kind, name and place. May be empty.

    Raises
    ------
    DataError
        The file cannot be read (see `planner.sources.osm.open_osm`).
    """
    what = what or path.name
    keys = osmium.filter.KeyFilter("highway", "waterway", "natural", "place")
    water = osmium.filter.KeyFilter("natural", "waterway")
    factory = osmium.geom.WKBFactory()
    rows: list[tuple[str, str, str]] = []
    with open_osm(path, what) as osm:
        for thing in osm.with_areas(water).with_filter(keys):
            kind = _backdrop_kind(thing)
            if kind:
                form = _to_wkb(thing, factory)
                if form:
                    rows.append((kind, clean_text(thing.tags.get("name", ""), limit=80), form))
    return _to_backdrop(rows)


def _backdrop_kind(thing: Any) -> str:
    tags = thing.tags
    if thing.is_node():
        return "place" if tags.get("place") in _PLACES and tags.get("name") else ""
    if thing.is_area():
        wet = tags.get("natural") == "water" or tags.get("waterway") == "riverbank"
        return "water" if wet else ""
    if not thing.is_way():
        return ""
    if tags.get("highway") in _MAIN_STREETS:
        return "street"
    return "water" if tags.get("waterway") in _WATERCOURSES else ""


def _to_wkb(thing: Any, factory: Any) -> str:
    """Return a thing's geometry as hexadecimal WKB, "" where the extract does not hold it all."""
    try:
        if thing.is_node():
            return str(factory.create_point(thing))
        if thing.is_area():
            return str(factory.create_multipolygon(thing))
        return str(factory.create_linestring(thing))
    except (RuntimeError, osmium.InvalidLocationError):
        return ""


def _to_backdrop(rows: list[tuple[str, str, str]]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"kind": [kind for kind, _, _ in rows], "name": [name for _, name, _ in rows]},
        geometry=gpd.GeoSeries(shapely.from_wkb([form for _, _, form in rows]), crs="EPSG:4326"),
    ).to_crs(CRS)
    geometry = frame.geometry
    pond = (geometry.area > 0) & (geometry.area < BACKDROP_WATER_SQUARE_METRES)
    frame = frame.assign(geometry=geometry.simplify(BACKDROP_METRES))[~pond]
    frame = frame[~frame.geometry.is_empty]
    centre = frame.geometry.representative_point()
    order = np.lexsort((centre.y, centre.x, frame["name"], frame["kind"]))
    return frame.iloc[order].reset_index(drop=True)
