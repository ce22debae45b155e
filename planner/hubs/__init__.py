"""Where would bringing services together help most, and who gains?"""

from planner.hubs.answer import Change, Infeasible, Model, Siting
from planner.hubs.candidates import candidate_venues
from planner.hubs.pmedian import PMedian, PSweep, solve_p_sweep, solve_pmedian
from planner.hubs.problem import SitingProblem, build_problem
from planner.hubs.siting import Hubs, build_hubs, explain_none, say_unit
from planner.hubs.solve import solve

__all__ = [
    "Change",
    "Hubs",
    "Infeasible",
    "Model",
    "PMedian",
    "PSweep",
    "Siting",
    "SitingProblem",
    "build_hubs",
    "build_problem",
    "candidate_venues",
    "explain_none",
    "say_unit",
    "solve",
    "solve_p_sweep",
    "solve_pmedian",
]
