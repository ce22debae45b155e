"""What do partners know better, and what does it change? Corrections beside the official data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.local_knowledge.apply import (
        LEDGER_COLUMNS,
        STAGE,
        UNNAMED,
        LocalKnowledge,
        build_local_knowledge,
        build_local_table,
    )
    from planner.local_knowledge.effects import EFFECT_COLUMNS, build_effects

__all__ = [
    "EFFECT_COLUMNS",
    "LEDGER_COLUMNS",
    "STAGE",
    "UNNAMED",
    "LocalKnowledge",
    "build_effects",
    "build_local_knowledge",
    "build_local_table",
]

__getattr__ = offer(__name__, __file__)
