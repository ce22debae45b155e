"""Places of squares: as many as a test needs, with holes, gaps and islands where it wants them."""

from __future__ import annotations

from collections.abc import Callable, Collection

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from planner.area import CRS, StudyArea

SIDE = 1000.0

Cell = tuple[int, int]


def code(row: int, column: int) -> str:
    """Return the code of a square; codes are in the order of rows, then columns."""
    return f"E0190{row:02d}{column:02d}"


def square_place(
    rows: int,
    columns: int,
    *,
    without: Collection[Cell] = (),
    shift: Callable[[int, int], float] = lambda row, column: 0.0,
    context: Collection[Cell] = (),
) -> StudyArea:
    """Return squares of 1 km in rows and columns, each with a point in its middle.

    ``without`` are squares that are left out, ``shift`` moves a square to the east (metres),
    ``context`` are squares beyond the place.
    """
    cells = [(r, c) for r in range(rows) for c in range(columns) if (r, c) not in without]
    index = pd.Index([code(*cell) for cell in cells], name="area_code")
    shapes = []
    for r, c in cells:
        x, y = 430_000 + SIDE * c + shift(r, c), 390_000 + SIDE * r
        shapes.append(box(x, y, x + SIDE, y + SIDE))
    areas = gpd.GeoDataFrame(
        {
            "area_name": [f"Row {r} column {c}" for r, c in cells],
            "nation": "England",
            "population": 1500.0,
            "in_place": [cell not in context for cell in cells],
            "geometry": shapes,
        },
        index=index,
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {"area_code": index, "weight": 1.0, "geometry": areas.geometry.centroid.to_numpy()},
        index=pd.Index(index, name="point_id"),
        crs=CRS,
    )
    return StudyArea(
        name="Squares",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="population-weighted",
        fictional=True,
    )
