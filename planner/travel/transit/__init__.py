"""How long does it take by public transport, at any minute of a window?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.travel.transit.nearest import build_transit_nearest, build_transit_nearest_of_kinds
    from planner.travel.transit.network import TransitNetwork, build_transit_network
    from planner.travel.transit.opening import opening_notes
    from planner.travel.transit.round_trips import build_round_trips
    from planner.travel.transit.search import arrivals, build_transit_times
    from planner.travel.transit.settings import TransitSettings
    from planner.travel.transit.timetable import Timetable

__all__ = [
    "Timetable",
    "TransitNetwork",
    "TransitSettings",
    "arrivals",
    "build_round_trips",
    "build_transit_nearest",
    "build_transit_nearest_of_kinds",
    "build_transit_network",
    "build_transit_times",
    "opening_notes",
]

__getattr__ = offer(__name__, __file__)
