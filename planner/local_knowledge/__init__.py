"""What do partners know better, and what does it change? Corrections beside the official data."""

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
