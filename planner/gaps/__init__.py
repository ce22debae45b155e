"""Where do great need and poor access fall together, why is that a gap, and how sure is it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.compliance import NO_CAR_LAYER
    from planner.gaps.assumptions import DEPARTURES
    from planner.gaps.certainty import GapCertainty, build_gap_certainty
    from planner.gaps.larger_areas import LargerGaps, build_larger_gaps
    from planner.gaps.table import COLUMNS, GAP_STATUS_WORDS, Gaps, GapStatus, build_gaps

__all__ = [
    "COLUMNS",
    "DEPARTURES",
    "GAP_STATUS_WORDS",
    "NO_CAR_LAYER",
    "GapCertainty",
    "GapStatus",
    "Gaps",
    "LargerGaps",
    "build_gap_certainty",
    "build_gaps",
    "build_larger_gaps",
]

__getattr__ = offer(__name__, __file__)
