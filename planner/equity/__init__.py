"""How fairly does access fall on people in greater and lesser need?"""

from __future__ import annotations

from planner.equity.distribution import Better, Distribution, Standing, build_distribution
from planner.equity.figures import (
    CAVEAT,
    Equity,
    EquitySettings,
    Index,
    build_equity,
    check_finite,
)
from planner.equity.words import INDEX_WORDS

__all__ = [
    "CAVEAT",
    "INDEX_WORDS",
    "Better",
    "Distribution",
    "Equity",
    "EquitySettings",
    "Index",
    "Standing",
    "build_distribution",
    "build_equity",
    "check_finite",
]
