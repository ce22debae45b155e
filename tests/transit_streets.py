"""One straight street with stops on it: hand-made timetables to ask from door to door."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.travel.streets import Streets, build_streets
from planner.travel.transit import TransitNetwork, build_transit_network
from planner.travel.transit.timetable import Timetable

#: At 3.6 km/h a metre is a second.
METRE_A_SECOND = 3.6


def street() -> Streets:
    """Return one straight street of 10 km from west to east, a junction every 100 m."""
    x = 330_000 + 100.0 * np.arange(101)
    start = np.arange(100, dtype=np.int32)
    return build_streets(x, np.full(101, 187_000.0), start, start + 1)


def spots(**metres: float) -> gpd.GeoSeries:
    """Return points at so many metres along the street."""
    return gpd.GeoSeries(
        [shapely.Point(330_000 + at, 187_000) for at in metres.values()],
        index=pd.Index(list(metres)),
        crs="EPSG:27700",
    )


def placed(timetable: Timetable, **changes: object) -> Timetable:
    at = {"A": 1000.0, "B": 5000.0, "C": 9000.0, "D": 9100.0}
    x = 330_000 + np.array([at[stop] for stop in timetable.stop_id])
    return replace(
        timetable,
        stop_x=x,
        stop_y=np.full(len(x), 187_000.0),
        **changes,  # type: ignore[arg-type]
    )


def network_of(timetable: Timetable, *, transfer_minutes: float = 20) -> TransitNetwork:
    return build_transit_network(
        street(),
        timetable,
        walk_kmh=METRE_A_SECOND,
        snap_metres=50,
        extent_metres=500,
        transfer_minutes=transfer_minutes,
    )
