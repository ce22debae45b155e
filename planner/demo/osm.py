"""How is the fictional town written as an OpenStreetMap extract?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from planner.demo.dice import Floats
from planner.demo.streets import StreetPlan
from planner.demo.supply import Supply
from planner.demo.town import (
    BYPASS_U,
    DISTRICTS,
    HALF_HEIGHT,
    HALF_WIDTH,
    NEIGHBOUR_DISTRICTS,
    RAILWAY_V,
    Frame,
    bend,
    river_half_width,
    to_degrees,
)

_AMENITY = {"library": "library", "community_centre": "community_centre"}
_COLLEGES = (("Ambleford College", (-620, 1120)), ("Northgate Skills Centre", (320, 2700)))

Tags = Iterable[tuple[str, str]]


class _Extract:
    """Numbers nodes and ways and keeps their text."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.ways: list[str] = []

    def add_nodes(self, x: Floats, y: Floats) -> int:
        """Add plain nodes; return the number of the first."""
        first = len(self.nodes) + 1
        lon, lat = to_degrees(x, y)
        for at, (a, b) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True), start=first):
            self.nodes.append(f'<node id="{at}" version="1" lat="{b:.6f}" lon="{a:.6f}"/>')
        return first

    def add_node(self, x: float, y: float, tags: Tags) -> None:
        number = self.add_nodes(np.array([x]), np.array([y]))
        self.nodes[number - 1] = f"{self.nodes[number - 1][:-2]}>{_tags(tags)}</node>"

    def add_way(self, nodes: Iterable[int], tags: Tags) -> None:
        run = "".join(f'<nd ref="{node}"/>' for node in nodes)
        number = len(self.ways) + 1
        self.ways.append(f'<way id="{number}" version="1">{run}{_tags(tags)}</way>')


def write_osm(path: Path, frames: Sequence[Frame], streets: StreetPlan, supply: Supply) -> None:
    """Write streets, river, railway, place names, libraries and community centres as ``.osm``."""
    extract = _Extract()
    x, y = bend(streets.u, streets.v, frames[0].scale)
    first = extract.add_nodes(x, y)
    for way in streets.ways:
        tags = [("highway", way.highway), *([("name", way.name)] if way.name else []), *way.tags]
        extract.add_way((first + node for node in way.nodes), tags)
    for frame in frames:
        _add_barriers(extract, frame)
        _add_names(extract, frame)
    for offer in supply.offers:
        if offer.kind in _AMENITY and offer.at is not None:
            tags = [("amenity", _AMENITY[offer.kind]), ("name", offer.name)]
            extract.add_node(*offer.at, [*tags, ("opening_hours", offer.opening)])
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write('<osm version="0.6" generator="planner demo: a fictional place">\n')
        for text in (*extract.nodes, *extract.ways):
            out.write(f"{text}\n")
        out.write("</osm>\n")


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags)


def _line(frame: Frame, u: Floats, v: Floats) -> tuple[Floats, Floats]:
    return bend(*frame.on_plan(u, v), frame.scale)


def _add_barriers(extract: _Extract, frame: Frame) -> None:
    """Add the river with its creek, the railway and the bypass."""
    west = -HALF_WIDTH - (3_400.0 if frame.number == 0 else 0.0)
    along = np.linspace(west, HALF_WIDTH, 72)
    half = river_half_width(along)
    first = extract.add_nodes(*_line(frame, along, along * 0.0))
    middle = [*range(first, first + len(along))]
    extract.add_way(middle, [("waterway", "river"), ("name", "River Amble (fictional)")])
    banks = np.concatenate([along, along[::-1]]), np.concatenate([half, -half[::-1]])
    _add_water(extract, frame, *banks, name="River Amble (fictional)", kind="river")
    # Around Gull Island.
    turn = np.linspace(np.pi, 2.0 * np.pi, 17)
    outer = 5_900 + 830 * np.cos(turn), -70 + 720 * np.sin(turn)
    inner = 5_900 + 740 * np.cos(turn), -70 + 630 * np.sin(turn)
    ring = [np.concatenate([a, b[::-1]]) for a, b in zip(outer, inner, strict=True)]
    _add_water(extract, frame, ring[0], ring[1], name="Gull Creek", kind="river")
    across = np.linspace(-HALF_WIDTH, HALF_WIDTH, 60)
    first = extract.add_nodes(*_line(frame, across, across * 0.0 + RAILWAY_V))
    extract.add_way(range(first, first + 60), [("railway", "rail"), ("name", "Ambleford line")])
    up = np.linspace(-HALF_HEIGHT, HALF_HEIGHT, 46)
    first = extract.add_nodes(*_line(frame, up * 0.0 + BYPASS_U, up))
    bypass = [("highway", "trunk"), ("name", "Ambleford Bypass"), ("foot", "no"), ("lanes", "4")]
    extract.add_way(range(first, first + 46), [*bypass, ("bridge", "yes"), ("layer", "2")])


def _add_water(
    extract: _Extract, frame: Frame, u: Floats, v: Floats, *, name: str, kind: str
) -> None:
    first = extract.add_nodes(*_line(frame, u, v))
    ring = [*range(first, first + len(u)), first]
    extract.add_way(ring, [("natural", "water"), ("water", kind), ("name", name)])


def _add_names(extract: _Extract, frame: Frame) -> None:
    for name, kind, at in _names(frame):
        x, y = _line(frame, np.array([at[0]]), np.array([at[1]]))
        extract.add_node(float(x[0]), float(y[0]), [("place", kind), ("name", name)])
    hours = ("opening_hours", "Mo-Th 09:00-20:00; Fr 09:00-16:30")
    for name, (u, v) in _COLLEGES:
        x, y = _line(frame, np.array([float(u)]), np.array([float(v)]))
        named = name.replace("Ambleford", frame.name)
        named = f"{named}, {frame.name}" if frame.number and frame.name not in named else named
        extract.add_node(float(x[0]), float(y[0]), [("amenity", "college"), ("name", named), hours])


def _names(frame: Frame) -> Iterator[tuple[str, str, tuple[float, float]]]:
    yield frame.name, "town", (0.0, 1_250.0)
    for district in (*DISTRICTS, *(NEIGHBOUR_DISTRICTS[:1] if frame.number == 0 else ())):
        kind = "village" if district.style in {"village", "none"} else "suburb"
        if district.key in {"tarrowby", NEIGHBOUR_DISTRICTS[0].key}:
            kind = "town"
        if district.key not in {"centre", "wrack", "marshend"}:
            yield district.name.replace("Ambleford", frame.name), kind, (district.u, district.v)
