"""Which services should come together in which venues, and who then needs to make one journey?"""

from planner.hubs.bundle_siting.answer import BundleObjective, BundleSiting
from planner.hubs.bundle_siting.build import build_bundle_problem
from planner.hubs.bundle_siting.problem import BundleProblem
from planner.hubs.bundle_siting.solve import solve_bundle

__all__ = [
    "BundleObjective",
    "BundleProblem",
    "BundleSiting",
    "build_bundle_problem",
    "solve_bundle",
]
