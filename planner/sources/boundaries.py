"""Where do the small areas lie? Reads boundaries and other map files in any format."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from planner.area import CODE_PATTERNS, CRS, GEOGRAPHY_NAMES, Geography, codes_match
from planner.errors import DataError
from planner.ledger import Note
from planner.project import Project
from planner.sources.tables import (
    check_zip,
    find_code_column,
    find_column,
    keep_rows,
    match_column,
    to_text,
    vintage_in,
)
from planner.sources.vectors import refuse_commands

MAX_VECTOR_BYTES = 2_000_000_000
#: So many items of one note are listed by name; the count is always of all.
LISTED = 1000

CODE_COLUMNS: dict[str, tuple[str, ...]] = {
    "lsoa21": ("LSOA21CD", "lsoa21_code", "LSOA code (2021)"),
    "lsoa11": ("LSOA11CD", "lsoa11_code", "LSOA code (2011)"),
    "dz11": ("DataZone", "dz11_code", "DZ2011_Code", "DataZone2011Code"),
    "dz22": ("DZCode", "dz22_code", "DataZone", "DZ2022_Code"),
    "soa01": ("SOA_CODE", "soa01_code", "SOA2001"),
    "sdz21": ("SDZ2021_cd", "sdz21_code"),
}
NAME_COLUMNS: dict[str, tuple[str, ...]] = {
    "lsoa21": ("LSOA21NM", "lsoa21_name", "LSOA name (2021)"),
    "lsoa11": ("LSOA11NM", "lsoa11_name", "LSOA name (2011)"),
    "dz11": ("dz11_name", "Name", "DZ2011_Name"),
    "dz22": ("DZName", "dz22_name", "Name"),
    "soa01": ("SOA_LABEL", "soa01_name"),
    "sdz21": ("SDZ2021_nm", "sdz21_name"),
}
YEARS = {"lsoa21": "2021", "lsoa11": "2011", "dz11": "2011", "dz22": "2022", "sdz21": "2021"}


def read_boundaries(
    project: Project,
    file: str,
    *,
    geography: Geography,
    code_column: str = "",
    name_column: str = "",
    where: Mapping[str, str] | None = None,
    crs: str = "",
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Read polygons on the sorted index ``area_code`` with ``area_name``, in EPSG:27700."""
    frame = read_vector(project.path(file), what=file)
    frame = keep_rows(frame, where or {}, what=file)
    column = find_area_codes(frame, geography, code_column=code_column, what=file)
    codes = to_text(frame[column])
    fits = codes_match(pd.Index(codes), geography).to_numpy()
    if not fits.all():
        first = codes[~fits].iloc[0]
        raise DataError(
            f"{file}, column {column!r}: {int((~fits).sum())} of {len(fits)} codes are not codes "
            f"of {GEOGRAPHY_NAMES[geography]} (first: {first!r}{looks_like(first)}).",
            hint="Check [place] geography, boundaries and code_column.",
        )
    repeated = sorted(codes[codes.duplicated()].unique())
    if repeated:
        raise DataError(
            f"{file}, column {column!r}: {len(repeated)} codes stand more than once "
            f"(first: {repeated[0]}).",
            hint="Keep one row an area, or pick rows with [place] where.",
        )
    notes: list[Note] = []
    name = _name_column(frame, geography, name_column, column, file)
    if name is None:
        notes.append(place_note("names_absent", [], f"{file} has no names: codes stand for them."))
    projected = to_british_grid(frame, crs=crs, what=file)
    geometry, more = _polygons(projected, codes, what=file)
    notes += more
    areas = gpd.GeoDataFrame(
        {"area_name": to_text(frame[name if name is not None else column]).to_numpy()},
        geometry=geometry,
        index=pd.Index(codes.to_numpy(), name="area_code", dtype=object),
        crs=CRS,
    ).sort_index()
    return areas[~areas.geometry.is_empty], notes


def read_vector(path: Path, *, what: str) -> gpd.GeoDataFrame:
    """Read a vector file in any format GDAL knows, or GeoParquet, with its own coordinates."""
    size = path.stat().st_size
    with path.open("rb") as handle:
        head = handle.read(65536).lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if size == 0 or size > MAX_VECTOR_BYTES:
        raise DataError(f"{what}: the file is {'empty' if not size else 'too large to read'}.")
    if path.suffix.lower() == ".vrt" or any(mark in head for mark in (b"<ogr", b"<vrt", b"<gdal")):
        # Such a file only points at other files or addresses, which a project may not do.
        raise DataError(f"{what}: points at other files.", hint="Name the file with the data.")
    if head[:1] in {b"{", b""}:
        refuse_commands(path, what=what)
    if head.startswith((b"<!doctype html", b"<html")):
        raise DataError(f"{what}: this is a web page, not a map file.", hint="Download it again.")
    if path.suffix.lower() == ".zip":
        check_zip(path, what=what)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            warnings.simplefilter("ignore", UserWarning)
            if path.suffix.lower() in {".parquet", ".geoparquet", ".pq"}:
                frame = gpd.read_parquet(path)
            else:
                pyogrio.set_gdal_config_options({"GML_DOWNLOAD_SCHEMA": "NO"})
                frame = pyogrio.read_dataframe(path)
    except Exception as err:
        reason = re.sub(r"\s+", " ", str(err).replace(str(path), "it"))[:120]
        raise DataError(
            f"{what}: not a readable map file, or not complete ({reason}).",
            hint="Download it again, or open it in a GIS and save it as a GeoPackage.",
        ) from err
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame):
        raise DataError(f"{what}: the file has no shapes in it.")
    return frame


def to_british_grid(frame: gpd.GeoDataFrame, *, crs: str = "", what: str) -> gpd.GeoSeries:
    """Return the shapes in EPSG:27700, whatever they came in.

    ``crs`` is what the project says the coordinates are, and wins over what the file says.
    """
    shapes = frame.geometry
    west, south, east, north = shapes.total_bounds
    if not np.isfinite([west, south, east, north]).all():
        raise DataError(f"{what}: the file has no shapes in it.")
    degrees = -11 <= west <= east <= 4 and 48 <= south <= north <= 62
    if crs:
        try:
            shapes = shapes.set_crs(crs, allow_override=True)
        except Exception as err:
            raise DataError(
                f"{what}: {crs!r} is not a coordinate system.", hint='Write crs = "EPSG:27700".'
            ) from err
    elif shapes.crs is None and degrees:
        shapes = shapes.set_crs("EPSG:4326")
    elif shapes.crs is None:
        raise DataError(
            f"{what}: does not say which coordinate system it is in.",
            hint='Say it in the project file, such as crs = "EPSG:27700".',
        )
    elif shapes.crs.is_geographic and not degrees:
        raise DataError(
            f"{what}: the coordinates are not degrees in or near the United Kingdom "
            f"({west:.6g}, {south:.6g} and on).",
            hint='If they are metres of the British grid, say crs = "EPSG:27700".',
        )
    projected = shapes.to_crs(CRS)
    west, south, east, north = projected.total_bounds
    if not (-300_000 <= west <= east <= 800_000 and -200_000 <= south <= north <= 1_400_000):
        raise DataError(
            f"{what}: the shapes are not in or near the United Kingdom.",
            hint="Check the coordinate system (crs) and the order of the coordinates.",
        )
    return projected


def find_area_codes(frame: pd.DataFrame, geography: str, *, code_column: str, what: str) -> str:
    """Return the column of area codes, and refuse one that names another year's areas."""
    column = (
        find_column(frame, code_column, what)
        if code_column
        else match_column(frame, CODE_COLUMNS.get(geography, ()))
        or find_code_column(frame, geography, what)
    )
    year, asked = vintage_in(column), YEARS.get(geography)
    if year is not None and asked is not None and year != asked and not code_column:
        raise DataError(
            f"{what}: column {column!r} holds codes of {year}, not of "
            f"{GEOGRAPHY_NAMES[geography]}.",
            hint="Use the file of the right year, or correct the geography.",
        )
    return column


def _polygons(
    shapes: gpd.GeoSeries, codes: pd.Series, *, what: str
) -> tuple[gpd.GeoSeries, list[Note]]:
    """Return valid two-dimensional polygons; what is not a polygon is refused."""
    geometry = shapely.force_2d(shapes.to_numpy())
    kinds = shapely.get_type_id(geometry)
    absent = (kinds == -1) | shapely.is_empty(geometry)
    wrong = ~absent & ~np.isin(kinds, [3, 6, 7])
    if wrong.any():
        raise DataError(
            f"{what}: {int(wrong.sum())} of {len(wrong)} shapes are not polygons "
            f"(first: {codes[wrong].iloc[0]}).",
            hint="Name the boundary file, not the points.",
        )
    notes = []
    broken = ~absent & ~shapely.is_valid(geometry)
    geometry = geometry.copy()
    geometry[broken] = [_only_polygons(shape) for shape in shapely.make_valid(geometry[broken])]
    if broken.any():
        items = codes[broken]
        text = (
            f"{what}: {len(items)} boundaries had rings that cross themselves; they were repaired."
        )
        notes.append(place_note("rings_repaired", items, text))
    absent |= shapely.area(geometry) == 0
    if absent.all():
        raise DataError(f"{what}: no area has a boundary.")
    if absent.any():
        geometry[absent] = shapely.Polygon()
        items = codes[absent]
        text = f"{what}: {len(items)} areas have no boundary and are left out."
        notes.append(place_note("areas_without_boundary", items, text))
    return gpd.GeoSeries(geometry, index=pd.Index(codes.to_numpy()), crs=CRS), notes


def _only_polygons(shape: Any) -> Any:
    parts = [p for p in shapely.get_parts(shapely.get_parts([shape])) if p.geom_type == "Polygon"]
    return shapely.unary_union(parts) if parts else shapely.Polygon()


def _name_column(
    frame: pd.DataFrame, geography: str, asked: str, code_column: str, what: str
) -> str | None:
    if asked:
        return find_column(frame, asked, what)
    paired = [
        re.sub("code", "name", code_column, flags=re.IGNORECASE),
        re.sub("cd$", "nm", code_column, flags=re.IGNORECASE),
    ]
    usual = (*NAME_COLUMNS.get(geography, ()), *paired, "area_name", "name", "label")
    return match_column(frame, [name for name in usual if name != code_column])


def looks_like(code: str) -> str:
    """Return words for the geography whose codes a code has the form of, or ""."""
    names = [
        GEOGRAPHY_NAMES[key] for key, form in CODE_PATTERNS.items() if re.fullmatch(form, code)
    ]
    # The form of a code does not say of which year it is.
    words = names[0] if len(names) == 1 else names[0].rpartition(" (")[0] if names else ""
    return f", which looks like {words}" if words else ""


def place_note(what: str, items: Sequence[str] | pd.Series | pd.Index, text: str) -> Note:
    """Return a note of the stage ``place`` about the sorted items."""
    listed = tuple(sorted(str(item) for item in items))
    return Note(stage="place", what=what, count=max(len(listed), 1), text=text, items=listed)
