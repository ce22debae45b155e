"""What are figures worth on another geography or vintage than they were published for?"""

from planner.crosswalk.carry import carry_counts, carry_rates, to_area_geography
from planner.crosswalk.links import BRIDGES, LARGER, Lookups, build_links

__all__ = [
    "BRIDGES",
    "LARGER",
    "Lookups",
    "build_links",
    "carry_counts",
    "carry_rates",
    "to_area_geography",
]
