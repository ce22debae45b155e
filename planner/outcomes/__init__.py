"""What would each option bring within reach, towards outcomes that partners share?"""

from planner.outcomes.contributions import check_contributions, default_contributions
from planner.outcomes.shared import (
    REACH_IS_NOT_IMPACT,
    LedgerInputs,
    Option,
    OutcomeLedger,
    build_ledger,
    percentiles_of,
)

__all__ = [
    "REACH_IS_NOT_IMPACT",
    "LedgerInputs",
    "Option",
    "OutcomeLedger",
    "build_ledger",
    "check_contributions",
    "default_contributions",
    "percentiles_of",
]
