"""What would a scenario change, for whom, and how fairly?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.before_after.changes import (
        ANY_KIND,
        CHANGE_WORDS,
        LEAST_MINUTES,
        AreaChange,
        build_area_changes,
    )
    from planner.before_after.compare import (
        CAVEATS,
        NEW_PEOPLE_CAVEAT,
        BeforeAfter,
        build_before_after,
    )
    from planner.before_after.equality import (
        EQUALITY_CAVEATS,
        EQUALITY_TITLE,
        EqualityEvidence,
        build_equality_evidence,
    )
    from planner.before_after.fairness import build_equity_changes
    from planner.before_after.findings import find_changes
    from planner.before_after.partners import measure_partners
    from planner.before_after.side_by_side import SideBySide, build_side_by_side
    from planner.before_after.snapshot import Snapshot, take_snapshot
    from planner.before_after.sums import PEOPLE_COLUMNS, sum_changes

__all__ = [
    "ANY_KIND",
    "CAVEATS",
    "CHANGE_WORDS",
    "EQUALITY_CAVEATS",
    "EQUALITY_TITLE",
    "LEAST_MINUTES",
    "NEW_PEOPLE_CAVEAT",
    "PEOPLE_COLUMNS",
    "AreaChange",
    "BeforeAfter",
    "EqualityEvidence",
    "SideBySide",
    "Snapshot",
    "build_area_changes",
    "build_before_after",
    "build_equality_evidence",
    "build_equity_changes",
    "build_side_by_side",
    "find_changes",
    "measure_partners",
    "sum_changes",
    "take_snapshot",
]

__getattr__ = offer(__name__, __file__)
