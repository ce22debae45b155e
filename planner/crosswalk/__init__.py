"""What are figures worth on another geography or vintage than they were published for?"""

from planner.crosswalk.carry import (
    Target,
    carry_counts,
    carry_rates,
    to_area_geography,
    to_geography,
)
from planner.crosswalk.links import BRIDGES, LARGER, Lookups, build_links
from planner.crosswalk.parents import PARENTS, build_parents

__all__ = [
    "BRIDGES",
    "LARGER",
    "PARENTS",
    "Lookups",
    "Target",
    "build_links",
    "build_parents",
    "carry_counts",
    "carry_rates",
    "to_area_geography",
    "to_geography",
]
