"""How is an outline made light enough to draw without tearing neighbours apart?"""

from __future__ import annotations

import geopandas as gpd
import shapely


def simplify_areas(areas: gpd.GeoDataFrame, metres: float) -> gpd.GeoDataFrame:
    """Simplify polygons that share edges so that they still share them afterwards.

    Parameters
    ----------
    areas
        Polygons in EPSG:27700, any columns.
    metres
        Detail to give up: triangles at a vertex smaller than ``metres`` squared are removed.

    Returns
    -------
    areas
        The same rows, index and columns with simpler geometry. A shape that would vanish keeps
        its own outline.

    Notes
    -----
    Visvalingam and Whyatt (1993) on the edges of the coverage, as in GEOS.
    """
    if metres <= 0 or len(areas) == 0:
        return areas.copy()
    geometry = areas.geometry.to_numpy()
    simpler = shapely.coverage_simplify(geometry, tolerance=metres)
    lost = shapely.is_empty(simpler) | shapely.is_missing(simpler)
    simpler[lost] = geometry[lost]
    return areas.set_geometry(gpd.GeoSeries(simpler, index=areas.index, crs=areas.crs))


def detail_metres(areas: gpd.GeoDataFrame, *, pixels: int) -> float:
    """Return how many metres one pixel spans when the areas fill ``pixels`` across."""
    west, south, east, north = areas.total_bounds
    return float(max(east - west, north - south) / pixels)
