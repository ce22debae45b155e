"""Where is a postcode?"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from pyproj import Transformer

from planner.area import CRS
from planner.errors import DataError
from planner.project import Project
from planner.sources.coordinates import find_coordinates, place_points
from planner.sources.tables import match_column, read_table, to_number, to_text

POSTCODE_COLUMNS = ["pcds", "postcode", "pcd", "pcd2", "pcd7", "pcd8", "post code", "post_code"]

_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
_IRISH_GRID = "EPSG:29903"


def normalise_postcode(text: object) -> str:
    """Return a postcode in capitals with one space, or "" if it does not look like one.

    Examples
    --------
    >>> normalise_postcode(" m324aa "), normalise_postcode("Sale"), normalise_postcode("M1  1AA.")
    ('M32 4AA', '', 'M1 1AA')
    """
    squeezed = re.sub(r"[^A-Z0-9]", "", str(text or "").upper()[:40])
    match = _POSTCODE.fullmatch(squeezed)
    return f"{match[1]} {match[2]}" if match else ""


def read_postcodes(project: Project) -> pd.DataFrame:
    """Read the project's postcode directory.

    Parameters
    ----------
    project
        Names an ONSPD- or NSPL-like table (``pcds``, ``oseast1m``, ``osnrth1m`` or ``lat``,
        ``long``) or any table with a postcode and coordinates.

    Returns
    -------
    postcodes
        Index ``postcode`` (normalised, sorted, unique; of two rows with one postcode the first),
        columns ``x`` and ``y`` (EPSG:27700 metres). Postcodes without a position are left out; an
        empty frame if the project names no directory. Ended postcodes are kept: a venue may still
        be listed under one.

    Raises
    ------
    DataError
        The table has no postcode column or no coordinates, or none of its rows can be used.
    """
    entry = project.spec.postcodes
    if entry is None:
        empty = pd.DataFrame({"x": [], "y": []}, dtype=float)
        return empty.set_axis(pd.Index([], name="postcode", dtype=object), axis=0)
    frame = read_table(project.path(entry.file), what=entry.file, wanted=POSTCODE_COLUMNS)
    return from_table(frame, what=entry.file)


def from_table(frame: pd.DataFrame, *, what: str) -> pd.DataFrame:
    """Return `read_postcodes`' frame for a directory that has been read."""
    column = match_column(frame, POSTCODE_COLUMNS)
    if column is None:
        raise DataError(
            f"{what}: there is no postcode column.",
            hint="A postcode directory has pcds or postcode, and coordinates.",
        )
    places = find_coordinates(frame, what=what)
    if places is None:
        raise DataError(
            f"{what}: there are no coordinate columns.",
            hint="A postcode directory has oseast1m and osnrth1m, or lon and lat.",
        )
    postcode = to_text(frame[column]).map(normalise_postcode)
    x, y = (to_number(frame[name])[0].to_numpy().copy() for name in (places.x, places.y))
    if not places.degrees:
        # The directory gives Northern Ireland's eastings on the Irish grid.
        irish = postcode.str.startswith("BT").to_numpy() & np.isfinite(x) & np.isfinite(y)
        if irish.any():
            shift = Transformer.from_crs(_IRISH_GRID, CRS, always_xy=True)
            x[irish], y[irish] = shift.transform(x[irish], y[irish])
    located = place_points(x, y, degrees=places.degrees, index=frame.index)
    located.insert(0, "postcode", postcode)
    usable = located[(located["reason"] == "") & (located["postcode"] != "")]
    if not len(usable):
        raise DataError(
            f"{what}: no row has both a postcode and a position in the UK.",
            hint=f"Looked in {column!r}, {places.x!r} and {places.y!r}.",
        )
    known = usable.drop_duplicates("postcode").set_index("postcode")[["x", "y"]]
    return known.sort_index()
