"""Where is need greatest, by which measure, and what is it made of?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.need.index import (
        Need,
        build_need,
        build_score,
        decile,
        official_transform,
        rank_areas,
    )
    from planner.need.summaries import (
        SUMMARIES,
        build_summaries,
        extent_weight,
        share_worst_tenth,
    )

__all__ = [
    "SUMMARIES",
    "Need",
    "build_need",
    "build_score",
    "build_summaries",
    "decile",
    "extent_weight",
    "official_transform",
    "rank_areas",
    "share_worst_tenth",
]

__getattr__ = offer(__name__, __file__)
