"""Which streets, services, water and place names does OpenStreetMap have around a place?

Overpass is asked directly, in squares, for XML that is joined into one ordinary ``.osm`` file.
OSMnx asks the same servers, but hands back a graph or a frame: written out again, nodes that are
only part of a way's shape, tags and relations are lost, while the planner's own reader (and QGIS,
JOSM or osmium) want the map as it is. One file serves streets, points of interest and the backdrop,
so the three can never be of different days. Nothing here asks for more than is read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import osmium
from pyproj import Transformer

from planner.area import CRS
from planner.errors import SourceError
from planner.sources.http import Fetcher, TryAgainError
from planner.sources.osm import KIND_TAGS
from planner.sources.registry import RegistryEntry
from planner.sources.text import clean_text

#: Side of a square in degrees of latitude: about 11 km.
TILE_DEGREES = 0.1
MAX_TILES = 400
TIMEOUT_SECONDS = 180

Box = tuple[float, float, float, float]

_BACKDROP = (
    'way["waterway"~"^(river|canal)$"]',
    'nwr["natural"="water"]',
    'node["place"~"^(city|town|suburb|village)$"]',
)


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


def build_query(tile: Box) -> str:
    """Return the Overpass query for one square."""
    south, west, north, east = tile
    wanted = ['way["highway"]', *_BACKDROP, *_kind_filters(KIND_TAGS)]
    parts = "".join(f"{one};" for one in wanted)
    return (
        f"[out:xml][timeout:{TIMEOUT_SECONDS}][bbox:{south},{west},{north},{east}];"
        f"({parts});(._;>;);out body;"
    )


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
        The place is too large for Overpass, or a square cannot be had.
    """
    tiles = build_tiles(box)
    if len(tiles) > MAX_TILES:
        raise SourceError(
            f"{entry.what}: {len(tiles)} squares are too many to ask for.", hint=entry.by_hand
        )
    answers = []
    for at, tile in enumerate(tiles):
        body = {"data": build_query(tile)}
        answers.append(fetcher.fetch(entry, body=body, expects="xml", check=_check).path)
        if progress is not None:
            progress((at + 1) / len(tiles))
    try:
        _join(answers, target)
    except RuntimeError as err:
        raise SourceError(
            f"{entry.what}: the squares do not make a map ({str(err)[:80]}).", hint=entry.by_hand
        ) from err
    return len(tiles)


# --- parts ---------------------------------------------------------------------------------


def _kind_filters(kinds: Mapping[str, Iterable[Mapping[str, str]]]) -> list[str]:
    """Return the filters for all points of interest that the planner knows how to read."""
    found = set()
    for alternatives in kinds.values():
        for tags in alternatives:
            found.add("nwr" + "".join(_one_filter(key, value) for key, value in tags.items()))
    return sorted(found)


def _one_filter(key: str, value: str) -> str:
    options = value.split(";")
    if any("*" in option for option in options):
        pattern = "|".join(_pattern(option) for option in options)
        return f'["{key}"~"{pattern}",i]'
    if options == [value]:
        return f'["{key}"="{value}"]'
    return f'["{key}"~"^({"|".join(re.escape(option) for option in options)})$"]'


def _pattern(option: str) -> str:
    """Return a wildcard as a regular expression; quotes of any kind stand for one another."""
    words = [re.escape(part).replace("\\ ", " ") for part in option.split("*")]
    text = ".*".join(words).replace("'", ".").strip()
    start = "" if option.startswith("*") else "^"
    end = "" if option.endswith("*") else "$"
    return start + text.removeprefix(".*").removesuffix(".*") + end


def _check(path: Path) -> str:
    """Say what is wrong with an answer, "" nothing: it is whole XML and has no error remark."""
    size = path.stat().st_size
    with path.open("rb") as handle:
        head = handle.read(2000)
        handle.seek(max(size - 2000, 0))
        tail = handle.read()
    if b"<osm" not in head or b"<!ENTITY" in head.upper() or b"<!DOCTYPE" in head.upper():
        return "the answer is not an OpenStreetMap file"
    if b"<remark>" in tail or b"<remark>" in head:
        words = tail.partition(b"<remark>")[2].partition(b"</remark>")[0].decode("utf-8", "replace")
        if "error" in words.casefold():
            raise TryAgainError(clean_text(words, limit=120))
    if not tail.rstrip().endswith((b"</osm>", b"/>")):
        raise TryAgainError("the map broke off")
    return ""


def _join(answers: list[Path], target: Path) -> None:
    """Join extracts into one file, each thing once, in the order that readers want."""
    merged = osmium.MergeInputReader()
    for path in answers:
        merged.add_buffer(path.read_bytes(), "osm")
    beside = target.with_name(f"{target.stem}.part{target.suffix}")
    beside.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(beside)) as writer:
        merged.apply(writer)
    beside.replace(target)
