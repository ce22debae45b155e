"""Where do great need and poor access meet, and why there?"""

from __future__ import annotations

from planner.ui import parts, state
from planner.ui.bundle_parts import show_bundle
from planner.ui.gap_parts import beside, mapped, ranked, standards, sureness, together, why_panel
from planner.ui.gap_parts.shown import build_shown, find, kinds


def show() -> None:
    plan = state.current_plan()
    parts.head("Gaps", plan)
    kind = state.choose("Service", "kind", kinds(plan), default="bundle")
    shown = build_shown(plan, kind)
    parts.finding(*find(plan, shown))
    measure = state.choose("What the map shows", "map", mapped.measures(plan, shown))
    chosen = parts.show_map(plan, mapped.view(plan, shown, measure), key="map_gaps")
    parts.source_line(
        [*[s.source for s in plan.layers.specs.values() if s.domain], *plan.services.sources],
        extra="Gap score = need percentile × access-shortfall percentile, each among the areas "
        "of the place; need leaves out any access domain. Journeys are "
        f"{plan.way.words} ({plan.access.method}).",
    )
    why_panel.show(plan, shown, chosen)
    ranked.show(plan, shown)
    sureness.show(plan, shown)
    beside.show(plan, shown, chosen)
    together.show(plan)
    show_bundle(plan, chosen)
    standards.show(plan, shown)
    standards.show_larger(plan, shown)
    parts.prose(parts.AREAS_ARE_NOT_PEOPLE)


if __name__ == "__main__":
    show()
