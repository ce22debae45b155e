"""Where on the map is a row of a table?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

from planner.area import CRS
from planner.errors import DataError
from planner.sources.tables import BLANK_MARKS, find_column, match_column, to_number, to_text

Floats = npt.NDArray[np.float64]

LONGITUDE = ["lon", "longitude", "lng", "long", "longitude_wgs84", "lon_wgs84"]
LATITUDE = ["lat", "latitude", "latitude_wgs84", "lat_wgs84"]
EASTING = ["easting", "eastings", "oseast1m", "osgb_easting", "easting_osgb", "east1m"]
NORTHING = ["northing", "northings", "osnrth1m", "osgb_northing", "northing_osgb", "north1m"]

#: Great Britain, Ireland, the Isle of Man and the Channel Islands with room to spare, in degrees.
UK_BOX_DEGREES = (-11.5, 48.5, 2.5, 61.5)
#: The same in metres of the British National Grid.
UK_BOX_METRES = (-250_000.0, -200_000.0, 760_000.0, 1_320_000.0)

NULL_ISLAND = "coordinates at Null Island (0, 0)"
IMPOSSIBLE = "coordinates outside the UK and Ireland"
UNREADABLE = "coordinates that are no numbers"
NO_COORDINATES = "no coordinates"


@dataclass(frozen=True, kw_only=True)
class CoordinateColumns:
    """Which two columns say where a row is, and whether they are degrees (else grid metres)."""

    x: str
    y: str
    degrees: bool


def to_grid(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Return British National Grid eastings and northings (metres) of WGS84 degrees."""
    x, y = _transformer().transform(longitude, latitude)
    return np.asarray(x, dtype=float), np.asarray(y, dtype=float)


def find_coordinates(
    frame: pd.DataFrame, *, what: str, x_column: str = "", y_column: str = ""
) -> CoordinateColumns | None:
    """Return the coordinate columns of a table, named or by their usual names, or None.

    Columns called ``x`` and ``y``, or named by the project, are degrees if every value could be
    one, else metres of the British National Grid.

    Raises
    ------
    DataError
        A column that the project names is not there.
    """
    if bool(x_column) != bool(y_column):
        raise DataError(f"{what}: name both x_column and y_column, or neither.")
    if x_column:
        x, y = find_column(frame, x_column, what), find_column(frame, y_column, what)
        return CoordinateColumns(x=x, y=y, degrees=_are_degrees(frame, x, y))
    for east, north, degrees in _pairs():
        x_found, y_found = match_column(frame, east), match_column(frame, north)
        if x_found and y_found:
            known = _are_degrees(frame, x_found, y_found) if degrees is None else degrees
            return CoordinateColumns(x=x_found, y=y_found, degrees=known)
    return None


def read_coordinates(frame: pd.DataFrame, columns: CoordinateColumns) -> pd.DataFrame:
    """Return where each row is, and for those that cannot be placed, why.

    Returns
    -------
    located
        On the frame's index: ``x`` and ``y`` (EPSG:27700 metres, NaN where unknown) and ``reason``
        ("" where the row is placed).
    """
    x, y = (to_number(frame[name])[0].to_numpy() for name in (columns.x, columns.y))
    blank = np.all(
        [
            to_text(frame[n]).str.casefold().isin(BLANK_MARKS).to_numpy()
            for n in (columns.x, columns.y)
        ],
        axis=0,
    )
    return place_points(x, y, degrees=columns.degrees, blank=blank, index=frame.index)


def place_points(
    x: Floats, y: Floats, *, degrees: bool, index: pd.Index, blank: Any = None
) -> pd.DataFrame:
    """Return `read_coordinates`' frame for bare numbers, NaN where there is none."""
    known = np.isfinite(x) & np.isfinite(y)
    near = 0.01 if degrees else 1.0
    null = known & (np.abs(x) < near) & (np.abs(y) < near)
    west, south, east, north = UK_BOX_DEGREES if degrees else UK_BOX_METRES
    with np.errstate(invalid="ignore"):
        inside = known & (x >= west) & (x <= east) & (y >= south) & (y <= north)
    good = inside & ~null
    reason = np.full(len(index), "", dtype=object)
    reason[~known] = UNREADABLE
    reason[~known & (np.ones(len(index), bool) if blank is None else blank)] = NO_COORDINATES
    reason[known & ~inside] = IMPOSSIBLE
    reason[null] = NULL_ISLAND
    easting, northing = np.full(len(index), np.nan), np.full(len(index), np.nan)
    if good.any():
        easting[good], northing[good] = to_grid(x[good], y[good]) if degrees else (x[good], y[good])
    return pd.DataFrame({"x": easting, "y": northing, "reason": reason}, index=index)


def _pairs() -> Iterator[tuple[list[str], list[str], bool | None]]:
    yield LONGITUDE, LATITUDE, True
    yield EASTING, NORTHING, False
    x = ["x", "x_coordinate", "xcoord", "geox", "geopoint x"]
    yield x, ["y", "y_coordinate", "ycoord", "geoy", "geopoint y"], None


def _are_degrees(frame: pd.DataFrame, x: str, y: str) -> bool:
    east, north = to_number(frame[x])[0].abs(), to_number(frame[y])[0].abs()
    return bool((east.fillna(0) <= 180).all() and (north.fillna(0) <= 90).all())


def _transformer() -> Transformer:
    return Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
