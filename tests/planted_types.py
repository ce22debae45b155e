"""Areas whose types are known, because they were made so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from places import SOURCE
from scipy.sparse import coo_array, csr_array
from shapely.geometry import box

from planner.area import CRS, StudyArea
from planner.layers import Layers, LayerSpec

Arrays = tuple[NDArray[np.float64], NDArray[np.int64]]


def round_blobs(seed: int = 3) -> Arrays:
    """Return 240 rows in four round heaps of unequal size, and the heap of each."""
    rng = np.random.default_rng(seed)
    truth = np.repeat([0, 1, 2, 3], [90, 70, 50, 30])
    centres = np.array([[0.0, 0, 0], [6, 0, 0], [0, 6, 0], [6, 6, 6]])
    mixed = rng.permutation(len(truth))
    return (centres[truth] + rng.normal(size=(len(truth), 3)))[mixed], truth[mixed]


def long_and_unequal(seed: int = 3) -> Arrays:
    """Return 420 rows: two long thin heaps side by side, and a small round one."""
    rng = np.random.default_rng(seed)
    truth = np.repeat([0, 1, 2], [200, 180, 40])
    spread = np.array([[6.0, 0.4], [6.0, 0.4], [0.4, 0.4]])
    centres = np.array([[0.0, 0.0], [0.0, 3.0], [0.0, 8.0]])
    mixed = rng.permutation(len(truth))
    return (centres[truth] + rng.normal(size=(len(truth), 2)) * spread[truth])[mixed], truth[mixed]


def bands(side: int = 18, seed: int = 3) -> tuple[NDArray[Any], NDArray[Any], csr_array]:
    """Return rows on a square of three bands, of which the outer ones are alike."""
    rng = np.random.default_rng(seed)
    truth = np.arange(side * side) % side // (side // 3)
    level = np.array([0.0, 6.0, 0.0])[truth]
    return level[:, None] + rng.normal(size=(side * side, 2)), truth, grid_graph(side)


def grid_graph(side: int) -> csr_array:
    """Return which cells of a square touch by a side or a corner."""
    row, column = np.divmod(np.arange(side * side), side)
    apart = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column))
    return csr_array(coo_array((apart == 1).astype("float64")))


def spec_of(name: str, **changes: Any) -> LayerSpec:
    spec = LayerSpec(
        id=name,
        title=name.replace("_", " ").capitalize(),
        unit="",
        kind="score",
        high_is="worse",
        geography="lsoa21",
        domain=name,
        source=SOURCE,
    )
    return replace(spec, **changes)


def place(columns: dict[str, Any], side: int | None = None, **changes: Any) -> Any:
    """Return layers and a study area with an area for each value, in a row or in a square."""
    count = len(next(iter(columns.values())))
    codes = pd.Index([f"E01{number:06d}" for number in range(count)], name="area_code")
    at = np.arange(count)
    row, column = np.divmod(at, side or count)
    x, y = 430000.0 + 1000 * column, 390000.0 + 1000 * row
    shapes = gpd.GeoSeries([box(a, b, a + 1000, b + 1000) for a, b in zip(x, y, strict=True)])
    areas = gpd.GeoDataFrame(
        {"area_name": codes, "nation": "England", "population": 1500.0, "in_place": True},
        geometry=shapes.to_numpy(),
        index=codes,
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {"area_code": codes, "weight": 1.0},
        geometry=shapes.centroid.to_numpy(),
        index=codes.rename("point_id"),
        crs=CRS,
    )
    area = StudyArea(
        name="Made",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="population-weighted",
    )
    values = pd.DataFrame(columns, index=codes, dtype="float64")
    specs = {name: spec_of(name, **changes.get(name, {})) for name in columns}
    status = pd.DataFrame("published", index=codes, columns=values.columns)
    layers = Layers(values=values, specs=specs, status=status.mask(values.isna(), "missing"))
    return layers, area
