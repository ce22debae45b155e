"""Which rows or shapes does an ArcGIS feature service hold for these areas?

A service answers at most `PAGE` rows at a time and says ``exceededTransferLimit`` when there are
more; its own errors come with status 200 and an ``error`` object in the body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
import shapely.geometry

from planner.area import CRS
from planner.errors import SourceError
from planner.sources.http import Fetcher, TryAgainError
from planner.sources.registry import RegistryEntry
from planner.sources.text import clean_text

PAGE = 2000
MAX_PAGES = 400
#: So many codes stand in one query; longer addresses are cut off by some servers.
CODES_A_QUERY = 80

Box = tuple[float, float, float, float]


def where_in(column: str, values: Iterable[str]) -> str:
    """Return the condition that a column holds one of these values.

    Examples
    --------
    >>> where_in("LAD25NM", ["King's Lynn"])
    "LAD25NM IN ('King''s Lynn')"
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", column):
        raise ValueError(f"{column!r} is not the name of a column")
    quoted = ",".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{column} IN ({quoted})"


def fetch_rows(
    fetcher: Fetcher, entry: RegistryEntry, *, column: str = "", codes: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the entry's columns of all rows, or of those with one of the codes.

    Returns
    -------
    rows
        Text columns called as in the registry (``entry.columns``), sorted, each row once.

    Raises
    ------
    SourceError
        The service cannot be reached, a column is no longer there, or no row is found.
    """
    parts: list[dict[str, Any]] = []
    for where in _conditions(column, codes):
        query = {"returnGeometry": "false", "f": "json"}
        for page in _pages(fetcher, entry, where=where, query=query):
            parts += [feature.get("attributes") or {} for feature in page]
    if not parts:
        raise _nothing(entry, codes)
    frame = pd.DataFrame(parts)
    found = {name: _column(frame, wanted, entry) for name, wanted in entry.columns.items()}
    rows = pd.DataFrame({name: frame[real] for name, real in found.items()})
    rows = rows.fillna("").astype(str).apply(lambda cells: cells.str.strip())
    return rows.drop_duplicates().sort_values(list(rows.columns)).reset_index(drop=True)


def fetch_shapes(
    fetcher: Fetcher,
    entry: RegistryEntry,
    *,
    codes: Sequence[str] = (),
    box: Box | None = None,
    all_needed: bool = True,
) -> gpd.GeoDataFrame:
    """Return shapes by their codes, or all that touch a box, in EPSG:27700.

    Parameters
    ----------
    fetcher, entry
        How, and from where.
    codes
        Area codes.
    box
        West, south, east, north in EPSG:27700 metres, instead of codes.
    all_needed
        Whether a code that is not found is an error.

    Returns
    -------
    shapes
        The entry's columns under their published names, sorted by code, each code once.

    Raises
    ------
    SourceError
        The service cannot be reached, a column is no longer there, or codes are not found.
    """
    column = entry.columns["code"]
    features: list[dict[str, Any]] = []
    query = {"f": "geojson", "outSR": "27700", "returnGeometry": "true"}
    if box is not None:
        query |= {
            "geometry": ",".join(f"{edge:.0f}" for edge in box),
            "geometryType": "esriGeometryEnvelope",
            "inSR": "27700",
            "spatialRel": "esriSpatialRelIntersects",
        }
    for where in _conditions(column, codes):
        for page in _pages(fetcher, entry, where=where, query=query):
            features += page
    if not features:
        raise _nothing(entry, codes)
    shapes = _to_frame(features, entry)
    missing = sorted(set(codes) - set(shapes[column]))
    if missing and all_needed:
        raise SourceError(
            f"{entry.what}: {len(missing)} of {len(codes)} areas are not there (first: "
            f"{missing[0]}).",
            hint=entry.by_hand,
        )
    return shapes


# --- pages ---------------------------------------------------------------------------------


def _conditions(column: str, codes: Sequence[str]) -> Iterator[str]:
    if not codes:
        yield "1=1"
        return
    ordered = sorted(set(codes))
    for at in range(0, len(ordered), CODES_A_QUERY):
        yield where_in(column, ordered[at : at + CODES_A_QUERY])


def _pages(
    fetcher: Fetcher, entry: RegistryEntry, *, where: str, query: dict[str, str]
) -> Iterator[list[dict[str, Any]]]:
    size = entry.page_size or PAGE
    order = next(iter(entry.columns.values()))
    offset = 0
    for _ in range(MAX_PAGES):
        asked = {
            "where": where,
            "outFields": ",".join(entry.columns.values()),
            "orderByFields": order,
            **query,
            **entry.query,
            "resultOffset": str(offset),
            "resultRecordCount": str(size),
        }
        answer = fetcher.fetch(entry, query=asked, expects="json", check=_check)
        page = json.loads(answer.read_bytes())
        rows = page.get("features") or []
        more = bool(
            page.get("exceededTransferLimit")
            or (page.get("properties") or {}).get("exceededTransferLimit")
        )
        if more and not rows:
            raise SourceError(
                f"{entry.what}: it says that there is more and sends nothing.", hint=entry.by_hand
            )
        if rows:
            yield rows
        offset += len(rows)
        if not more and len(rows) < size:
            return
    raise SourceError(f"{entry.what}: it has no end (over {offset:,} rows).", hint=entry.by_hand)


def _check(path: Path) -> str:
    """Say what is wrong with a page, "" nothing: errors come with status 200."""
    try:
        page = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return "the answer is not whole JSON"
    if not isinstance(page, dict):
        return "the answer is not what an ArcGIS service sends"
    error = page.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        words = clean_text(error.get("message") or "no message", limit=120)
        if code in {429, 500, 503, 504}:
            raise TryAgainError(f"its error {code}: {words}")
        return f"its error {clean_text(code, limit=10)}: {words}"
    if not isinstance(page.get("features"), list):
        return "the answer has no features"
    return ""


# --- rows and shapes -----------------------------------------------------------------------


def _column(frame: pd.DataFrame, wanted: str, entry: RegistryEntry) -> str:
    """Return what a column is called now: case and a prefix (``F_LSOA11CD``) may differ."""
    names = [str(name) for name in frame.columns]
    for fits in (str.__eq__, lambda name, asked: name.endswith(f"_{asked}")):
        for name in names:
            if fits(name.casefold(), wanted.casefold()):
                return name
    raise SourceError(
        f"{entry.what}: there is no column {wanted!r} any more (there are "
        f"{clean_text(', '.join(names[:6]))}).",
        hint=f"Say what it is called now in the registry ({entry.id}, columns). {entry.by_hand}",
    )


def _to_frame(features: list[dict[str, Any]], entry: RegistryEntry) -> gpd.GeoDataFrame:
    table = pd.DataFrame([feature.get("properties") or {} for feature in features])
    columns = {wanted: _column(table, wanted, entry) for wanted in entry.columns.values()}
    rows = pd.DataFrame({wanted: table[real].astype(str) for wanted, real in columns.items()})
    try:
        shapes = [
            shapely.geometry.shape(feature["geometry"]) if feature.get("geometry") else None
            for feature in features
        ]
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as err:
        raise SourceError(f"{entry.what}: a shape cannot be read.", hint=entry.by_hand) from err
    frame = gpd.GeoDataFrame(rows, geometry=shapes)
    west, south, east, north = frame.total_bounds
    # Some services answer GeoJSON in degrees whatever is asked for.
    degrees = abs(west) <= 180 and abs(east) <= 180 and abs(south) <= 90 and abs(north) <= 90
    frame = frame.set_crs("EPSG:4326" if degrees else CRS).to_crs(CRS)
    code = entry.columns["code"]
    return frame.drop_duplicates(code).sort_values(code).reset_index(drop=True)


def _nothing(entry: RegistryEntry, codes: Sequence[str]) -> SourceError:
    more = f" and {len(codes) - 1} more" if codes[1:] else ""
    some = f" for {codes[0]}{more}" if codes else ""
    return SourceError(f"{entry.what}: nothing was found{some}.", hint=entry.by_hand)
