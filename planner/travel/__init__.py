"""How long does it take people to get there? `TravelTimes` and the ways to build it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.travel.osmnx_roads import from_osmnx_roads
    from planner.travel.roads import Roads, build_roads
    from planner.travel.snap import Snapped, snap_points
    from planner.travel.street_times import build_street_times
    from planner.travel.streets import Streets, WalkGraph, build_streets, from_osmnx, to_graph
    from planner.travel.times import (
        STATUS_WORDS,
        STATUSES,
        Status,
        TravelTimes,
        area_median,
        nearest,
        to_areas,
        within_count,
    )
    from planner.travel.walk import build_straight_line_times, build_walk_times
    from planner.travel.ways import CycleSettings, DriveSettings

__all__ = [
    "STATUSES",
    "STATUS_WORDS",
    "CycleSettings",
    "DriveSettings",
    "Roads",
    "Snapped",
    "Status",
    "Streets",
    "TravelTimes",
    "WalkGraph",
    "area_median",
    "build_roads",
    "build_straight_line_times",
    "build_street_times",
    "build_streets",
    "build_walk_times",
    "from_osmnx",
    "from_osmnx_roads",
    "nearest",
    "snap_points",
    "to_areas",
    "to_graph",
    "within_count",
]

__getattr__ = offer(__name__, __file__)
