"""Which streets, services, water and place names does OpenStreetMap have around a place?

OSMnx asks Overpass, through `overpass`: `graph_from_bbox` for every way tagged ``highway`` (all of
them, whether walked, cycled or driven: the planner's readers decide by the tags) and for ways that
only their name tells (children's centres); `features_from_bbox` for points of interest by the tags
of `planner.sources.osm.KIND_TAGS`, and for water and place names. Each is asked for in squares of
one fixed grid, so that a run that was stopped goes on and neighbouring places share answers.

What Overpass answered to OSMnx is kept as it is, not the graph or the frame that OSMnx makes of
it. One ordinary ``.osm`` file with the original numbers serves streets, points of interest and
backdrop, QGIS and JOSM. Written from the graph it would be another map: OSMnx cuts ways at the edge
of each square, keeps only listed tags and of nodes next to none, fills ``oneway`` in, and
`save_graph_xml` turns a way tagged ``oneway=-1`` round while the tag stays, which opens it the
wrong way. Frames of features have lost the rings' nodes and the relations' members.

What this asks for less than a hand-written query could: OSMnx looks for a key and a value, not for
patterns. A place known by nothing but its name is found if it is a way (`graph_from_bbox` takes
patterns for ways), or has one of the tags that such places usually have (`_USUAL_TAGS`).

Squares may have been fetched on different days (the cache keeps them for a while); where two
hold the same thing, it stands once.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import osmium
from pyproj import Transformer

from planner.area import CRS
from planner.errors import SourceError
from planner.sources.fetch.overpass import Question, osmnx_through
from planner.sources.http import Fetcher, TryAgainError
from planner.sources.osm import KIND_TAGS
from planner.sources.registry import RegistryEntry
from planner.sources.text import clean_text

#: Side of a square in degrees: about 11 km from south to north.
TILE_DEGREES = 0.1
MAX_TILES = 400
#: A busy Overpass frees a place within about a minute: waits of 1, 2, 4 ... 32 seconds.
TRIES = 7

Box = tuple[float, float, float, float]
Element = dict[str, Any]

_BACKDROP_TAGS: dict[str, tuple[str, ...]] = {
    "waterway": ("canal", "river", "riverbank"),
    "natural": ("water",),
    "place": ("city", "suburb", "town", "village"),
}
#: Of places that only their name tells, beside the tags of other kinds.
_USUAL_TAGS: dict[str, tuple[str, ...]] = {
    "amenity": ("clinic", "public_building", "social_centre", "social_facility"),
}
#: OSMnx asks for streets up to 500 m beyond a square; this is more, in degrees.
_RIM_DEGREES = 0.02
_ORDER = {"node": 0, "way": 1, "relation": 2}


def build_tiles(box: Box) -> list[Box]:
    """Cut a box in EPSG:27700 metres into squares of degrees (south, west, north, east).

    The squares are cut from a fixed grid, so that neighbouring places share their downloads.
    """
    to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*box)
    step = TILE_DEGREES
    rows = range(math.floor(south / step), math.ceil(north / step))
    columns = range(math.floor(west / step), math.ceil(east / step))
    return [
        (
            round(row * step, 6),
            round(column * step, 6),
            round((row + 1) * step, 6),
            round((column + 1) * step, 6),
        )
        for row in rows
        for column in columns
    ]


def build_tags() -> dict[str, list[str]]:
    """Return the tags that OSMnx looks for: those of every kind of service, and the backdrop's.

    Where a kind is known by a tag and a part of its name, the tag is asked for; the reader then
    looks at the name.
    """
    found: dict[str, set[str]] = {}
    for given in (_BACKDROP_TAGS, _USUAL_TAGS):
        for key, values in given.items():
            found.setdefault(key, set()).update(values)
    for tags in _alternatives():
        exact = {key: value for key, value in sorted(tags.items()) if "*" not in value}
        for key, value in list(exact.items())[:1]:
            found.setdefault(key, set()).update(value.split(";"))
    return {key: sorted(found[key]) for key in sorted(found)}


def build_name_filter() -> str:
    """Return the filter for ways of the kinds that nothing but a name tells, "" if none."""
    patterns = {
        _pattern(option)
        for tags in _alternatives()
        if set(tags) == {"name"}
        for option in tags["name"].split(";")
    }
    return f'["name"~"{"|".join(sorted(patterns))}",i]' if patterns else ""


def fetch_streets(
    fetcher: Fetcher,
    entry: RegistryEntry,
    box: Box,
    target: Path,
    *,
    progress: Callable[[float], None] | None = None,
) -> int:
    """Fetch the map of a box (EPSG:27700 metres) into one ``.osm`` file; return its squares.

    Raises
    ------
    SourceError
        The place is too large for Overpass, a square cannot be had, or the map is empty.
    """
    tiles = build_tiles(box)
    if len(tiles) > MAX_TILES:
        raise SourceError(
            f"{entry.what}: {len(tiles)} squares are too many to ask for.", hint=entry.by_hand
        )
    patient = replace(fetcher, tries=max(fetcher.tries, TRIES))

    def ask(query: str) -> Path:
        return patient.fetch(entry, body={"data": query}, expects="json", check=check_answer).path

    answers: list[tuple[Box, Path]] = []
    with osmnx_through(ask) as collect:
        for at, tile in enumerate(tiles):
            for question in _questions(tile):
                answers += [(tile, path) for path in collect(question)]
            if progress is not None:
                progress((at + 1) / len(tiles))
    try:
        things = _join(answers, target)
    except (RuntimeError, ValueError) as err:
        raise SourceError(
            f"{entry.what}: the squares do not make a map ({clean_text(err, limit=80)}).",
            hint=entry.by_hand,
        ) from err
    if not things:
        raise SourceError(f"{entry.what}: the map is empty here.", hint=entry.by_hand)
    return len(tiles)


def check_answer(path: Path) -> str:
    """Say what is wrong with an answer of Overpass (JSON), "" if it is a whole, sound map.

    Raises
    ------
    TryAgainError
        It broke off, or a remark says that Overpass did not finish.
    """
    try:
        answer = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise TryAgainError("the map broke off") from None
    elements = answer.get("elements") if isinstance(answer, dict) else None
    if not isinstance(elements, list):
        return "the answer is not a map"
    remark = clean_text(answer.get("remark", ""), limit=120)
    if "error" in remark.casefold():
        raise TryAgainError(remark)
    wrong = next((at for at, one in enumerate(elements) if not _is_sound(one)), None)
    return "" if wrong is None else f"part {wrong + 1:,} of the map is not as OpenStreetMap has it"


# --- what is asked -------------------------------------------------------------------------


def _questions(tile: Box) -> list[Question]:
    """Return the calls to OSMnx that ask for one square."""
    south, west, north, east = tile
    bounds = (west, south, east, north)

    def streets(osmnx: Any) -> object:
        wanted = [one for one in ('["highway"]', build_name_filter()) if one]
        return osmnx.graph.graph_from_bbox(
            bounds, simplify=False, retain_all=True, truncate_by_edge=True, custom_filter=wanted
        )

    def features(osmnx: Any) -> object:
        return osmnx.features.features_from_bbox(bounds, build_tags())

    return [streets, features]


def _alternatives() -> Iterator[Mapping[str, str]]:
    for alternatives in KIND_TAGS.values():
        yield from alternatives


def _pattern(option: str) -> str:
    """Return a wildcard as a regular expression; quotes of any kind stand for one another."""
    words = [re.escape(part).replace("\\ ", " ") for part in option.split("*")]
    text = ".*".join(words).replace("'", ".").strip()
    start = "" if option.startswith("*") else "^"
    end = "" if option.endswith("*") else "$"
    return start + text.removeprefix(".*").removesuffix(".*") + end


# --- what came -----------------------------------------------------------------------------


def _is_sound(element: Any) -> bool:
    match element:
        case {"type": "node", "id": int(number), "lat": int() | float(), "lon": int() | float()}:
            sound = -90 <= element["lat"] <= 90 and -180 <= element["lon"] <= 180
        case {"type": "way", "id": int(number), "nodes": list(refs)}:
            sound = all(_is_number(ref) for ref in refs)
        case {"type": "relation", "id": int(number), "members": list(members)}:
            sound = all(_is_member(member) for member in members)
        case _:
            return False
    return sound and _is_number(number) and _are_tags(element.get("tags", {}))


def _is_number(number: Any) -> bool:
    return type(number) is int and 0 < number < 1 << 62


def _is_member(member: Any) -> bool:
    match member:
        case {"type": "node" | "way" | "relation", "ref": ref, "role": str(role)}:
            return _is_number(ref) and len(role) <= 255
    return False


def _are_tags(tags: Any) -> bool:
    return isinstance(tags, dict) and all(
        isinstance(value, str) and len(key) <= 255 and len(value) <= 255
        for key, value in tags.items()
    )


def _join(answers: Sequence[tuple[Box, Path]], target: Path) -> int:
    """Join answers into one file, each thing once, in the order that readers want; count things.

    Each answer is made small (PBF) by itself, so that no more than one is in memory as Python has
    it.
    """
    things = 0
    merged = osmium.MergeInputReader()
    with tempfile.TemporaryDirectory() as folder:
        for at, (tile, path) in enumerate(answers):
            elements = _near(json.loads(path.read_bytes())["elements"], tile)
            part = Path(folder) / f"{at}.osm.pbf"
            _write(elements, part)
            merged.add_file(str(part))
            part.unlink()
            things += len(elements)
    if not things:
        return 0
    beside = target.with_name(f"{target.stem}.part{target.suffix}")
    beside.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(beside)) as writer:
        merged.apply(writer)
    beside.replace(target)
    return things


def _near(elements: Iterable[Element], tile: Box) -> list[Element]:
    """Leave out what came only because it belongs to a river that flows through the square.

    With a relation Overpass sends all its members, of a long river those of other counties too.
    """
    kinds: dict[str, list[Element]] = {kind: [] for kind in _ORDER}
    for element in elements:
        kinds[element["type"]].append(element)
    south, west, north, east = tile
    near = {
        node["id"]
        for node in kinds["node"]
        if south - _RIM_DEGREES <= node["lat"] <= north + _RIM_DEGREES
        and west - _RIM_DEGREES <= node["lon"] <= east + _RIM_DEGREES
    }
    relations = [one for one in kinds["relation"] if one.get("tags", {}).get("type") != "waterway"]
    members = {
        member["ref"] for one in relations for member in one["members"] if member["type"] == "way"
    }
    ways = [
        way
        for way in kinds["way"]
        if "waterway" not in way.get("tags", {})
        or way["id"] in members
        or not near.isdisjoint(way["nodes"])
    ]
    used = {ref for way in ways for ref in way["nodes"]}
    nodes = [node for node in kinds["node"] if node["id"] in near or node["id"] in used]
    return [*nodes, *ways, *relations]


def _write(elements: Iterable[Element], path: Path) -> None:
    """Write sound elements as an OpenStreetMap file."""
    with osmium.SimpleWriter(str(path)) as writer:
        for one in elements:
            kind, tags = one["type"], one.get("tags", {})
            if kind == "node":
                place = (one["lon"], one["lat"])
                writer.add_node(osmium.osm.mutable.Node(id=one["id"], location=place, tags=tags))
            elif kind == "way":
                writer.add_way(osmium.osm.mutable.Way(id=one["id"], nodes=one["nodes"], tags=tags))
            else:
                members = [(m["type"][0], m["ref"], m["role"]) for m in one["members"]]
                writer.add_relation(
                    osmium.osm.mutable.Relation(id=one["id"], members=members, tags=tags)
                )
