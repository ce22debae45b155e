"""Where would bringing services together help most, and who gains?"""

from planner.hubs.pmedian import PMedian, PSweep, solve_p_sweep, solve_pmedian
from planner.hubs.siting import Hubs, build_hubs, candidate_venues

__all__ = [
    "Hubs",
    "PMedian",
    "PSweep",
    "build_hubs",
    "candidate_venues",
    "solve_p_sweep",
    "solve_pmedian",
]
