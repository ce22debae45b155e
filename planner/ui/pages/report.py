"""What goes into the decision pack, how does it look, and how is it taken away?"""

from __future__ import annotations

from planner.report.findings import find_gaps
from planner.ui import parts, state
from planner.ui.report_parts import chosen, files


def show() -> None:
    plan = state.current_plan()
    parts.head("Report", plan)
    parts.finding(find_gaps(plan)[0])
    parts.prose(
        "Choose what a decision needs, look at it, and take it away. The report is of the project "
        "file as it stands: weights, types, hubs or standards that you tried on other pages are "
        "not in it."
    )
    chosen.show(plan)
    files.show(plan)
    parts.source_line(plan.sources)


if __name__ == "__main__":
    show()
