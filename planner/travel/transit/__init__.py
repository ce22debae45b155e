"""How long does it take by public transport, leaving at any minute of a window?"""

from planner.travel.transit.network import TransitNetwork, build_transit_network
from planner.travel.transit.search import (
    arrivals,
    build_transit_nearest,
    build_transit_nearest_of_kinds,
    build_transit_times,
)
from planner.travel.transit.settings import TransitSettings
from planner.travel.transit.timetable import Timetable

__all__ = [
    "Timetable",
    "TransitNetwork",
    "TransitSettings",
    "arrivals",
    "build_transit_nearest",
    "build_transit_nearest_of_kinds",
    "build_transit_network",
    "build_transit_times",
]
