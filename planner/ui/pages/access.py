"""Who can reach what, in how many minutes, when, and how fairly does that fall?"""

from __future__ import annotations

from planner.ui import parts, state
from planner.ui.access_parts import (
    cars,
    choosing,
    fair,
    found,
    mapped,
    method,
    ranked,
    spread,
    times,
)


def show() -> None:
    plan = state.current_plan()
    parts.head("Access", plan)
    shown = choosing.choose(plan)
    parts.finding(found.say_finding(plan, shown))
    without = found.say_without(plan, shown)
    if without:
        parts.prose(without)
    parts.show_map(plan, mapped.view(plan, shown), key="map_access")
    method.show(plan, shown)
    spread.show(plan, shown)
    ranked.show(plan, shown)
    times.show(plan, shown)
    fair.show(plan, shown)
    cars.show(plan, shown)


if __name__ == "__main__":
    show()
