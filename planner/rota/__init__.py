"""On which days should which team bring which service to which venue?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.rota.calendar import CalendarSettings, to_icalendar
    from planner.rota.credit import Credit
    from planner.rota.inputs import Fairness, RotaProblem, RotaSettings
    from planner.rota.reach import permanent_table
    from planner.rota.result import Rota, build_week_table
    from planner.rota.solve import build_rota

__all__ = [
    "CalendarSettings",
    "Credit",
    "Fairness",
    "Rota",
    "RotaProblem",
    "RotaSettings",
    "build_rota",
    "build_week_table",
    "permanent_table",
    "to_icalendar",
]

__getattr__ = offer(__name__, __file__)
