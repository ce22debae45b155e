"""A place one can draw by hand: six square areas, two rows of three, each 1 km wide."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point, box

from planner.area import CRS, StudyArea
from planner.layers import Layers, LayerSpec
from planner.ledger import Source

CODES = [f"E0190000{i}" for i in range(1, 7)]
POPULATION = [1000.0, 1000.0, 2000.0, 1000.0, 500.0, 1500.0]
SOURCE = Source(publisher="Nobody", dataset="Made by hand", licence="CC0", vintage="2026")

#: Values by hand, in the order of `CODES`; life expectancy is better when high.
VALUES = {
    "income": [0.40, 0.30, 0.20, 0.10, 0.25, 0.05],
    "health": [1.5, 0.5, 1.0, -0.5, 0.0, -1.0],
    "life_expectancy": [74.0, 78.0, 77.0, 82.0, 80.0, 84.0],
    "access": [5.0, 10.0, 15.0, 40.0, 30.0, 20.0],
}


def tiny_area(*, context: int = 0) -> StudyArea:
    """Return six areas; the last ``context`` of them are context areas."""
    squares = [
        box(430000 + 1000 * c, 390000 + 1000 * r, 431000 + 1000 * c, 391000 + 1000 * r)
        for r in range(2)
        for c in range(3)
    ]
    index = pd.Index(CODES, name="area_code")
    areas = gpd.GeoDataFrame(
        {
            "area_name": [f"Square {i}" for i in range(1, 7)],
            "nation": "England",
            "population": POPULATION,
            "in_place": [i < 6 - context for i in range(6)],
            "geometry": squares,
        },
        index=index,
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {
            "area_code": CODES,
            "weight": 1.0,
            "geometry": [Point(s.centroid.x, s.centroid.y) for s in squares],
        },
        index=pd.Index(CODES, name="point_id"),
        crs=CRS,
    )
    return StudyArea(
        name="Sixsquares",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="population-weighted",
        sources=(SOURCE,),
        fictional=True,
    )


def tiny_layers(area: StudyArea | None = None) -> Layers:
    """Return four layers with every value published."""
    area = area or tiny_area()
    values = pd.DataFrame(VALUES, index=pd.Index(CODES, name="area_code")).loc[area.areas.index]
    spec = {
        "income": ("Income deprivation", "share", "share", "worse", "income"),
        "health": ("Health deprivation", "score", "score", "worse", "health"),
        "life_expectancy": ("Life expectancy", "years", "years", "better", "health"),
        "access": ("Access to services", "score", "score", "worse", "access"),
    }
    return Layers(
        values=values,
        specs={
            key: LayerSpec(
                id=key,
                title=title,
                unit=unit,
                kind=kind,  # type: ignore[arg-type]
                high_is=high,  # type: ignore[arg-type]
                geography="lsoa21",
                domain=domain,
                source=SOURCE,
            )
            for key, (title, unit, kind, high, domain) in spec.items()
        },
        status=pd.DataFrame("published", index=values.index, columns=values.columns),
    )
