"""Can people put together the help they are sent to, and how fragmented is it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.bundle.fragmentation import Fragmentation, build_fragmentation
    from planner.bundle.hand_offs import HandOffs, build_hand_offs
    from planner.bundle.legs import Legs
    from planner.bundle.one_stop import OneStop, build_one_stop
    from planner.bundle.round_trips import MOST_KINDS, RoundTrips, build_round_trips, warm
    from planner.bundle.signatures import Signatures, build_signatures
    from planner.bundle.supply import BundleRules
    from planner.bundle.timed import TimedTrips, build_timed_trips
    from planner.bundle.trips import BundleTrips, build_bundle_trips

__all__ = [
    "MOST_KINDS",
    "BundleRules",
    "BundleTrips",
    "Fragmentation",
    "HandOffs",
    "Legs",
    "OneStop",
    "RoundTrips",
    "Signatures",
    "TimedTrips",
    "build_bundle_trips",
    "build_fragmentation",
    "build_hand_offs",
    "build_one_stop",
    "build_round_trips",
    "build_signatures",
    "build_timed_trips",
    "warm",
]

__getattr__ = offer(__name__, __file__)
