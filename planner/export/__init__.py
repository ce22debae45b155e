"""What is written for others: tables, geographic files, map, report, and where each came from?"""

from planner.export.folder import check_out
from planner.export.out import write_out

__all__ = ["check_out", "write_out"]
