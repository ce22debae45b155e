"""What should be done here? `make_plan` wires the stages; `Plan` is what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.plan.make import make_plan
    from planner.plan.result import Plan, build_areas_table
    from planner.plan.stages import STAGE_VERSIONS, STAGE_WORDS, Progress

__all__ = [
    "STAGE_VERSIONS",
    "STAGE_WORDS",
    "Plan",
    "Progress",
    "build_areas_table",
    "make_plan",
]

__getattr__ = offer(__name__, __file__)
