"""What if? Which scenario helps most, whom, and who loses by it?"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from planner.errors import PlannerError
from planner.scenario import to_toml
from planner.ui import parts, scenarios, state
from planner.ui.compare_parts import making, results, start
from planner.ui.compare_parts.kept import Kept
from planner.ui.compare_parts.shown import Compared, build_compared

TASKS = {
    scenarios.COMPARE: "See what scenarios change, beside today",
    scenarios.MAKE: "Make or change a scenario",
}


def show() -> None:
    try:
        plan = state.current_plan()
    except PlannerError:
        _rescue()
        raise
    parts.head("Compare", plan)
    options, wrong = scenarios.find_all(plan.project)
    for text in wrong:
        st.warning(parts.escape(text))
    asked = state.choose("What to do", scenarios.TASK, TASKS)
    level, text = scenarios.said()
    if text:
        {"error": st.error, "success": st.success}[level](parts.escape(text))
    if asked == scenarios.MAKE:
        making.show(plan, options)
    else:
        _show_compared(plan, options)
    scenarios.forget_said()


def _show_compared(plan: state.Plan, options: Mapping[str, Kept]) -> None:
    chosen = scenarios.choose_compared(options) if options else []
    compared = _compare(plan, options, chosen)
    if compared is None:
        start.show(plan, options)
    else:
        results.show(plan, compared)


def _compare(plan: state.Plan, options: Mapping[str, Kept], chosen: list[str]) -> Compared | None:
    """Return the chosen scenarios side by side; of one that cannot be made, say why."""
    if len(chosen) > scenarios.MOST_COMPARED:
        st.warning(f"Only the first {scenarios.MOST_COMPARED} scenarios are compared at once.")
    made = []
    for key in chosen[: scenarios.MOST_COMPARED]:
        scenario = options[key].scenario
        try:
            made.append((key, scenario, scenarios.what_if(plan, scenario)))
        except PlannerError as error:
            st.error(parts.escape(f"{scenario.name} cannot be worked out. {error}"))
    return build_compared(made) if made else None


def _rescue() -> None:
    """Offer what was being made, though the project can no longer be read."""
    held = scenarios.find_mine(None)
    if not held:
        return
    st.title("Compare")
    st.info("The project cannot be read now. Nothing that you made here is lost: download it.")
    for key, one in held.items():
        st.download_button(
            parts.escape(f"Download the scenario {one.scenario.name or 'without a name'}"),
            data=to_toml(one.scenario),
            file_name=f"{one.key}.toml",
            mime="application/toml",
            on_click="ignore",
            key=f"rescue_{key}",
        )


if __name__ == "__main__":
    show()
