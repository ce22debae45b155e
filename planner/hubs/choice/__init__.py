"""Which choices are there, what would each bring, and how sure is it?"""

from planner.hubs.choice.alternatives import Alternatives, find_alternatives
from planner.hubs.choice.draws import SitingDraws, build_siting_draws
from planner.hubs.choice.front import Front, Objective, build_front
from planner.hubs.choice.ladder import Ladder, build_ladder
from planner.hubs.choice.regret import Regret, build_regret
from planner.hubs.choice.steadiness import Steadiness, build_steadiness

__all__ = [
    "Alternatives",
    "Front",
    "Ladder",
    "Objective",
    "Regret",
    "SitingDraws",
    "Steadiness",
    "build_front",
    "build_ladder",
    "build_regret",
    "build_siting_draws",
    "build_steadiness",
    "find_alternatives",
]
