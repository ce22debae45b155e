"""Where would bringing services together help most, and who gains?"""

from planner.hubs.pmedian import PMedian, solve_pmedian
from planner.hubs.siting import Hubs, build_hubs, candidate_venues

__all__ = ["Hubs", "PMedian", "build_hubs", "candidate_venues", "solve_pmedian"]
