"""What should somebody who decides read: findings, maps, tables, sources and limits on one page?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.report.layers import build_map_layers, build_plan_map
    from planner.report.page import build_report, build_sections, write_report

__all__ = [
    "build_map_layers",
    "build_plan_map",
    "build_report",
    "build_sections",
    "write_report",
]

__getattr__ = offer(__name__, __file__)
