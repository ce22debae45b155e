"""Which points of interest does a local OpenStreetMap extract hold?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import osmium.filter
import osmium.geom
import pandas as pd
import shapely

from planner.area import CRS
from planner.errors import DataError
from planner.ledger import Note
from planner.sources.text import clean_text, comparable
from planner.wording import say_many

MAX_OSM_BYTES = 2_000_000_000
#: The same name within this distance is one place mapped twice.
SAME_POI_METRES = 50.0

TagSet = Mapping[str, str]

#: How each kind of service is usually tagged; several sets are alternatives. Tags alone cannot
#: tell a Jobcentre from a private recruiter, so there the name decides as well.
KIND_TAGS: dict[str, tuple[dict[str, str], ...]] = {
    "library": ({"amenity": "library"},),
    "community_centre": ({"amenity": "community_centre"},),
    "gp": ({"amenity": "doctors"},),
    "pharmacy": ({"amenity": "pharmacy"},),
    "dentist": ({"amenity": "dentist"},),
    "hospital": ({"amenity": "hospital"},),
    "school": ({"amenity": "school"},),
    "college": ({"amenity": "college"},),
    "post_office": ({"amenity": "post_office"},),
    "food_bank": ({"social_facility": "food_bank"}, {"amenity": "food_bank"}),
    "jobcentre": ({"office": "government;employment_agency", "name": "*job*centre*"},),
    "money_advice": (
        {"office": "charity;association;ngo;advice", "name": "*citizens advice*"},
        {"social_facility": "advice"},
    ),
    "childrens_centre": (
        {"name": "*children's centre*"},
        {"name": "*childrens centre*"},
        {"name": "*family centre*", "amenity": "community_centre;social_facility;childcare"},
        {"name": "*family hub*"},
    ),
    "childcare": ({"amenity": "kindergarten;childcare"},),
    "supermarket": ({"shop": "supermarket"},),
    "leisure_centre": ({"leisure": "sports_centre"},),
}

_POI_COLUMNS = ["osm_id", "name", "address", "postcode", "opening", "accessibility"]
#: What OpenStreetMap says of wheelchairs, of what is written there.
_WHEELCHAIR = {"yes": "yes", "designated": "yes", "limited": "limited", "no": "no"}
_TYPES = {"n": "node", "w": "way", "r": "relation"}
_ORDER = {"node": 0, "way": 1, "relation": 2}
_WRONG = {
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"SQLite format 3": "a database or GeoPackage",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
}


@contextmanager
def open_osm(path: Path, what: str) -> Iterator[Any]:
    """Open an ``.osm.pbf`` or ``.osm`` file and give its ``osmium.FileProcessor``.

    Use it as ``with open_osm(path, what) as osm: for thing in osm.with_locations(): ...``; what
    osmium finds wrong while reading leaves the block as one-line `DataError`.

    Parameters
    ----------
    path
        The file. Its contents, not its name, say which of the two it is.
    what
        The file as the project names it, for messages.

    Raises
    ------
    DataError
        The file is larger than 2 GB, is no OpenStreetMap file, is cut short, is broken, or is
        XML that declares a document type or entities.
    """
    form = _check_osm(path, what)
    try:
        yield osmium.FileProcessor(osmium.io.File(str(path), form))
    except (RuntimeError, ValueError, OSError) as err:
        if isinstance(err, DataError):
            raise
        reason = clean_text(err, limit=120)
        raise DataError(
            f"{what}: the OpenStreetMap file is broken ({reason}).", hint="Download it again."
        ) from err


def read_osm_points(
    path: Path, tags: TagSet | Sequence[TagSet], *, what: str = ""
) -> gpd.GeoDataFrame:
    """Read the nodes, ways and multipolygon relations with given tags as points.

    Parameters
    ----------
    path
        An ``.osm.pbf`` or ``.osm`` file.
    tags
        Key → value that a thing must all have; several such sets are alternatives. Values are
        compared without case; ``;`` separates alternatives and ``*`` stands for any text. A thing
        that has several values (``library;community_centre``) matches by any of them.
    what
        The file as the project names it, for messages.

    Returns
    -------
    points
        Sorted by type (node, way, relation) and number: ``osm_id`` (``node/1``), ``name`` (""
        where unnamed), ``address``, ``postcode``, ``opening`` (as tagged), ``accessibility``
        (``wheelchair: yes``, limited or no; "" where not tagged), one column for each key asked
        for, and point ``geometry`` in EPSG:27700: a node itself, a point inside a building or
        other area, the middle of a line. It is None where the extract has no position, for
        example for a relation cut by its edge.

    Raises
    ------
    DataError
        See `open_osm`; or no tags were given.
    """
    sets = [tags] if isinstance(tags, Mapping) else list(tags)
    if not sets or not all(sets):
        raise DataError(f"{what or path.name}: no OpenStreetMap tags to look for.")
    keys = sorted({key for wanted in sets for key in wanted})
    found: dict[str, tuple[dict[str, str], Any]] = {}
    with open_osm(path, what or path.name) as osm:
        wanted_keys = osmium.filter.KeyFilter(*keys)
        for thing in osm.with_areas(wanted_keys).with_filter(wanted_keys):
            have = {tag.k: tag.v for tag in thing.tags}
            if not any(_has(have, wanted) for wanted in sets):
                continue
            osm_id = _osm_id(thing)
            point = _point(thing)
            if point is not None or osm_id not in found:
                found[osm_id] = (have, point)
    return _to_frame(found, keys)


def merge_same_pois(points: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Keep one of several points with the same name within 50 m of each other.

    A library is often mapped as a node and again as its building. The first in the frame's order
    stays (a node before a way before a relation, then the lower number), so that the result does
    not depend on chance.

    Parameters
    ----------
    points
        As `read_osm_points` returns them.

    Returns
    -------
    points
        The kept rows, in order.
    notes
        One `Note` ``poi_duplicates`` that lists what was left out, or none.
    """
    kept: dict[str, list[tuple[str, Any]]] = {}
    drop: list[int] = []
    items: list[str] = []
    for at, (osm_id, name, point) in enumerate(
        zip(points["osm_id"], points["name"], points.geometry, strict=True)
    ):
        if not name or point is None:
            continue
        same = kept.setdefault(comparable(name), [])
        twin = next((i for i, p in same if p.distance(point) <= SAME_POI_METRES), None)
        if twin is None:
            same.append((osm_id, point))
            continue
        drop.append(at)
        items.append(f"{name}: OSM {_spoken(osm_id)} is the same as {_spoken(twin)}")
    if not drop:
        return points, ()
    note = Note(
        stage="services",
        what="poi_duplicates",
        count=len(drop),
        text=f"{say_many(len(drop), 'place')} that OpenStreetMap has twice (same name within "
        f"{SAME_POI_METRES:.0f} m): counted once.",
        items=tuple(items),
    )
    keep = np.setdiff1d(np.arange(len(points)), drop)
    return points.iloc[keep].reset_index(drop=True), (note,)


def name_pois(points: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """Return the points with names for the unnamed, like ``Unnamed library (OSM way 123)``."""
    spoken = [f"Unnamed {kind.replace('_', ' ')} (OSM {_spoken(i)})" for i in points["osm_id"]]
    named = points["name"].where(points["name"] != "", pd.Series(spoken, index=points.index))
    return points.assign(name=named)


def _spoken(osm_id: str) -> str:
    return osm_id.replace("/", " ")


def _has(have: Mapping[str, str], wanted: TagSet) -> bool:
    return all(key in have and _is_value(have[key], value) for key, value in wanted.items())


def _is_value(value: str, wanted: str) -> bool:
    values = [part.strip().casefold().replace("’", "'") for part in value.split(";")]
    patterns = [part.strip().casefold() for part in wanted.split(";")]
    return any(fnmatchcase(text, pattern) for text in values for pattern in patterns if pattern)


def _osm_id(thing: Any) -> str:
    if thing.is_area():
        return f"{'way' if thing.from_way() else 'relation'}/{thing.orig_id()}"
    return f"{_TYPES[thing.type_str()]}/{thing.id}"


def _point(thing: Any) -> Any:
    """Return a point in degrees that stands for the thing, or None."""
    if thing.is_node():
        location = thing.location
        return shapely.Point(location.lon, location.lat) if location.valid() else None
    if thing.is_area():
        rings = [_ring(outer) for outer in thing.outer_rings()]
        shapes = [shapely.Polygon(ring) for ring in rings if len(ring) >= 4]
        holes = [
            shapely.Polygon(_ring(inner))
            for outer in thing.outer_rings()
            for inner in thing.inner_rings(outer)
        ]
        whole = shapely.union_all([shapely.make_valid(shape) for shape in shapes])
        solid = shapely.difference(whole, shapely.union_all(holes)) if holes else whole
        chosen = whole if solid.is_empty else solid
        return None if chosen.is_empty else chosen.representative_point()
    if thing.is_way():
        line = _ring(thing.nodes)
        if len(line) < 2:
            return shapely.Point(line[0]) if line else None
        return shapely.LineString(line).interpolate(0.5, normalized=True)
    return None


def _ring(nodes: Any) -> list[tuple[float, float]]:
    return [(n.location.lon, n.location.lat) for n in nodes if n.location.valid()]


def _to_frame(found: Mapping[str, tuple[dict[str, str], Any]], keys: list[str]) -> gpd.GeoDataFrame:
    ids = sorted(found, key=lambda i: (_ORDER[i.split("/")[0]], int(i.split("/")[1])))
    rows = []
    for osm_id in ids:
        have = found[osm_id][0]
        street = " ".join(have[key] for key in ("addr:housenumber", "addr:street") if have.get(key))
        parts = [have.get("addr:housename", ""), street, have.get("addr:city", "")]
        wheelchair = _WHEELCHAIR.get(have.get("wheelchair", "").strip().casefold(), "")
        row = {
            "osm_id": osm_id,
            "name": clean_text(have.get("name", "")),
            "address": clean_text(", ".join(part for part in parts if part)),
            "postcode": clean_text(have.get("addr:postcode") or have.get("postal_code", "")),
            "opening": clean_text(have.get("opening_hours", ""), limit=500),
            "accessibility": f"wheelchair: {wheelchair}" if wheelchair else "",
        }
        rows.append(row | {key: clean_text(have.get(key, "")) for key in keys if key != "name"})
    columns = [*_POI_COLUMNS, *[key for key in keys if key != "name"]]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    points = gpd.GeoSeries([found[i][1] for i in ids], crs="EPSG:4326").to_crs(CRS)
    return gpd.GeoDataFrame(frame, geometry=points, crs=CRS)


# --- is it an OpenStreetMap file at all? ---------------------------------------------------


def _check_osm(path: Path, what: str) -> str:
    """Return ``pbf`` or ``osm`` for a sound file, and refuse any other."""
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            head = handle.read(1_000_000)
    except OSError as err:
        raise DataError(f"{what}: cannot be opened ({err.strerror}).") from err
    if size > MAX_OSM_BYTES:
        raise DataError(
            f"{what}: {size / 1e9:.1f} GB is more than the {MAX_OSM_BYTES / 1e9:.0f} GB read.",
            hint="Cut out the place and its surroundings (osmium extract).",
        )
    if size == 0:
        raise DataError(f"{what}: the file is empty.", hint="Download it again.")
    wrong = next((name for mark, name in _WRONG.items() if head.startswith(mark)), "")
    if wrong:
        raise DataError(
            f"{what}: this is {wrong}, not an OpenStreetMap file.",
            hint="Unpack it, or name an .osm.pbf or .osm file.",
        )
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        _check_xml(head, what)
        return "osm"
    _check_pbf(path, size, what)
    return "pbf"


def _check_xml(head: bytes, what: str) -> None:
    if re.search(rb"<!(DOCTYPE|ENTITY)", head, re.IGNORECASE):
        raise DataError(
            f"{what}: the XML declares a document type or entities; not opened.",
            hint="Real OpenStreetMap files have none: download it again.",
        )
    named = re.match(
        rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)""",
        head[3:] if head.startswith(b"\xef\xbb\xbf") else head,
    )
    if named and named[1].lower() not in {b"utf-8", b"us-ascii", b"iso-8859-1"}:
        raise DataError(f"{what}: XML in an encoding OpenStreetMap does not use; not opened.")
    prolog = rb"(?:\xef\xbb\xbf)?(?:\s+|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->)*<osm[\s/>]"
    if not re.match(prolog, head, re.DOTALL):
        raise DataError(
            f"{what}: this is XML or a web page, not an OpenStreetMap file.",
            hint="Name an .osm.pbf or .osm file.",
        )


def _check_pbf(path: Path, size: int, what: str) -> None:
    """Walk the blocks of a PBF file without unpacking them: each must be whole."""
    at, first = 0, True
    with path.open("rb") as handle:
        while at < size:
            handle.seek(at)
            length = int.from_bytes(handle.read(4), "big")
            header = handle.read(length) if 0 < length <= 65_536 else b""
            kind, data = _blob_header(header) if len(header) == length else ("", -1)
            if first and kind != "OSMHeader":
                raise DataError(
                    f"{what}: this is not an OpenStreetMap file.",
                    hint="Name an .osm.pbf or .osm file.",
                )
            first = False
            at += 4 + length + max(data, 0)
            if not kind or data < 0 or at > size:
                raise DataError(
                    f"{what}: the OpenStreetMap file is cut short or broken ({size:,} bytes).",
                    hint="Download it again.",
                )


def _blob_header(header: bytes) -> tuple[str, int]:
    """Return a block's type and the length of its data; ("", -1) when it makes no sense."""
    kind, data, at = "", -1, 0
    try:
        while at < len(header):
            key, at = _varint(header, at)
            value, at = _varint(header, at)
            if key & 7 == 2:
                text, at = header[at : at + value], at + value
                kind = text.decode("ascii", "replace") if key >> 3 == 1 else kind
            elif key & 7 == 0:
                data = value if key >> 3 == 3 else data
            else:
                return "", -1
    except IndexError:
        return "", -1
    return (kind, data) if at == len(header) and data <= 64_000_000 else ("", -1)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
