"""Service files by hand: a project, a file in it, and what was made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
from places import tiny_area
from shapely.geometry import box

from planner.area import CRS, StudyArea
from planner.project import Project, parse_spec
from planner.services import Services
from planner.sources.services import read_services

#: Header of the smallest table; the place is 430000-433000 by 390000-392000.
HEAD = "name,easting,northing"


def supply_project(
    folder: Path, *entries: dict[str, Any], roots: tuple[Path, ...] = (), **more: Any
) -> Project:
    """Return a project in ``folder`` with these services and further sections."""
    place = {"name": "Sixsquares", "geography": "lsoa21", "boundaries": "a.geojson"}
    table = {"place": place | more.pop("place", {}), "services": list(entries), **more}
    return Project(spec=parse_spec(table, where="planner.toml"), folder=folder, data_roots=roots)


def write_lines(folder: Path, name: str, *lines: str) -> None:
    """Write a text file of these lines."""
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_lines(folder: Path, *lines: str, **entry: Any) -> Services:
    """Read one CSV of the given lines as kind ``gp``."""
    more = {key: entry.pop(key) for key in ("place", "postcodes", "hubs") if key in entry}
    write_lines(folder, "a.csv", *lines)
    one = {"kind": "gp", "file": "a.csv", **entry}
    return read_services(supply_project(folder, one, **more), tiny_area())


def notes_of(services: Services, what: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return count and items of every note of one sort."""
    return [(note.count, note.items) for note in services.notes if note.what == what]


def square_area(west: float, south: float, east: float, north: float) -> StudyArea:
    """Return a study area whose first area is the rectangle, and the others lie within it."""
    tiny = tiny_area()
    shapes = [box(west, south, east, north)] + [box(west, south, west + 1, south + 1)] * 5
    areas = tiny.areas.set_geometry(gpd.GeoSeries(shapes, index=tiny.areas.index, crs=CRS))
    return StudyArea(
        name="Somewhere",
        geography="lsoa21",
        areas=areas,
        points=tiny.points,
        points_kind="several points",
    )
