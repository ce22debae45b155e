"""Where do people need help most, what can they not reach, where should we bring it together?"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.cache import Memo
    from planner.errors import PlannerError
    from planner.plan import Plan, make_plan
    from planner.project import Project
    from planner.scenario import CloseVenue, OpenVenue, Scenario

__all__ = [
    "CloseVenue",
    "Memo",
    "OpenVenue",
    "Plan",
    "PlannerError",
    "Project",
    "Scenario",
    "make_plan",
]

_HOMES = {
    "CloseVenue": "scenario",
    "Memo": "cache",
    "OpenVenue": "scenario",
    "Plan": "plan",
    "PlannerError": "errors",
    "Project": "project",
    "Scenario": "scenario",
    "make_plan": "plan",
}


def __getattr__(name: str) -> Any:
    # Found when first asked for, so that `planner --help` does not load the search kernels.
    if name in _HOMES:
        return getattr(importlib.import_module(f"planner.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'planner' has no attribute {name!r}")
