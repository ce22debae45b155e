"""Which points does a map file (GeoJSON, GeoPackage, shapefile, FlatGeobuf, GeoParquet) hold?"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.errors
import shapely

from planner.area import CRS
from planner.errors import DataError
from planner.sources.coordinates import IMPOSSIBLE, NO_COORDINATES, place_points
from planner.sources.text import clean_text
from planner.sources.uploads import Upload

MAX_VECTOR_BYTES = 500_000_000
MAX_FEATURES = 2_000_000

#: What each kind of file starts with. GDAL goes by contents, so that a file that is named
#: .geojson but holds a list of other files to open must never reach it.
_STARTS: dict[str, bytes] = {
    ".geojson": b"{",
    ".json": b"{",
    ".gpkg": b"SQLite format 3\x00",
    ".shp": b"\x00\x00\x27\x0a",
    ".fgb": b"fgb",
}
#: What GDAL takes for a list of commands to run on other files, whatever the file is called.
_COMMANDS = b"gdal_streamed_alg"
_PARQUET = {".parquet", ".geoparquet", ".pq"}


def is_map_file(path: Path | Upload) -> bool:
    """Return whether the file is one with geometries, by its name (Parquet: by its metadata)."""
    suffix = path.suffix.lower()
    if suffix not in _PARQUET or isinstance(path, Upload):
        return suffix in _STARTS
    try:
        return b"geo" in (pq.read_schema(path).metadata or {})
    except (pa.ArrowException, OSError):
        return False  # read_table says in one line what is wrong with it


def read_points(path: Path | Upload, *, what: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a map file's features as rows with one point each.

    Parameters
    ----------
    path
        The file; polygons and lines stand as a point on them.
    what
        The file as the project names it, for messages.

    Returns
    -------
    table
        The attributes, index ``row`` from 1.
    located
        On that index ``x``, ``y`` (EPSG:27700 metres) and ``reason`` ("" where placed).

    Raises
    ------
    DataError
        The file is too large, broken, not what its name says, or holds several layers or nothing.
    """
    _check(path, what)
    frame = _read(path, what)
    if not len(frame):
        raise DataError(f"{what}: the file holds no features.")
    if len(frame) > MAX_FEATURES:
        raise DataError(f"{what}: more than {MAX_FEATURES:,} features.")
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="row")
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    table.columns = [str(name) for name in table.columns]
    return table, _locate(frame)


def _locate(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    shapes = frame.geometry.to_numpy()
    blank = np.asarray(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    points = np.full(len(frame), None, dtype=object)
    points[~blank] = shapely.point_on_surface(shapely.make_valid(shapes[~blank]))
    x, y = shapely.get_x(points), shapely.get_y(points)
    crs = frame.crs
    if crs is None:
        # Without a statement: degrees if all could be, else the British National Grid.
        degrees = bool(
            np.nanmax(np.abs(x), initial=0) <= 180 and np.nanmax(np.abs(y), initial=0) <= 90
        )
    else:
        degrees = bool(crs.is_geographic)
        if not degrees and crs != CRS:
            moved = gpd.GeoSeries(points, crs=crs).to_crs("EPSG:4326")
            x, y, degrees = moved.x.to_numpy(), moved.y.to_numpy(), True
    located = place_points(x, y, degrees=degrees, index=frame.index, blank=blank)
    unusable = (located["reason"] != "") & ~blank & ~np.isfinite(x)
    located["reason"] = located["reason"].mask(unusable, IMPOSSIBLE).mask(blank, NO_COORDINATES)
    return located


def _check(path: Path | Upload, what: str) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            head = handle.read(4096)
    except OSError as err:
        raise DataError(f"{what}: cannot be opened ({err.strerror}).") from err
    if size == 0:
        raise DataError(f"{what}: the file is empty.", hint="Download it again.")
    if size > MAX_VECTOR_BYTES:
        raise DataError(
            f"{what}: {size / 1e6:,.0f} MB is more than the {MAX_VECTOR_BYTES / 1e6:,.0f} MB read.",
            hint="Cut it down to the places you need.",
        )
    start = _STARTS.get(path.suffix.lower(), b"PAR1")
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n\t").startswith(start):
        raise DataError(
            f"{what}: named {path.suffix.lower()}, but its contents are something else.",
            hint="Download the file itself again, and keep the name it comes with.",
        )
    if path.suffix.lower() in {".geojson", ".json"}:
        refuse_commands(path, what=what)


def refuse_commands(path: Path | Upload, *, what: str) -> None:
    """Refuse a JSON file that is no map, but has GDAL read other files.

    Raises
    ------
    DataError
        The words that GDAL knows such a file by stand somewhere in it.
    """
    tail = b""
    with path.open("rb") as handle:
        for block in iter(lambda: handle.read(1 << 20), b""):
            if _COMMANDS in tail + block:
                raise DataError(
                    f"{what}: names other files to read, and is no map itself; not opened.",
                    hint="Save the map itself as GeoJSON or GeoPackage.",
                )
            tail = block[-len(_COMMANDS) :]


def _read(path: Path | Upload, what: str) -> Any:
    try:
        with warnings.catch_warnings():
            # GDAL warns of oddities (self-crossing rings, unknown fields) that do not move points.
            warnings.simplefilter("ignore")
            if path.suffix.lower() in _PARQUET and isinstance(path, Path):
                return gpd.read_parquet(path)
            layer = _layer(path, what)
            return pyogrio.read_dataframe(_held(path), layer=layer, force_2d=True)
    except DataError:
        raise
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pa.ArrowException,
        ValueError,
        OSError,
        RuntimeError,
    ) as err:
        reason = clean_text(str(err).replace(str(path), path.name), limit=120)
        raise DataError(
            f"{what}: the map file is broken or incomplete ({reason}).", hint="Download it again."
        ) from err


def _layer(path: Path | Upload, what: str) -> str:
    found = pyogrio.list_layers(_held(path))
    layers = [name for name, geometry in found if geometry is not None]
    if len(layers) == 1:
        return str(layers[0])
    named = ", ".join(repr(clean_text(name, limit=40)) for name in layers[:6])
    raise DataError(
        f"{what}: has {len(layers)} map layers{f' ({named})' if named else ''}.",
        hint="Save the one that holds the points as a file of its own.",
    )


def _held(path: Path | Upload) -> Path | bytes:
    """Return what GDAL opens: a file, or the bytes of one that lies on no disk."""
    return path.content if isinstance(path, Upload) else path
