"""What is written for others: tables, geographic files, map, report, and where each came from?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.export.folder import check_out
    from planner.export.out import write_out
    from planner.export.pack import build_zip

__all__ = ["build_zip", "check_out", "write_out"]

__getattr__ = offer(__name__, __file__)
