"""How does one get there, who gets there in time, and at which hours?"""

from __future__ import annotations

import streamlit as st

from planner.ui import journey_parts as told
from planner.ui import parts, state
from planner.ui.journey_parts import way_there, within_reach
from planner.ui.journey_times import by_hour, out_and_back

QUESTIONS = {
    "one": "How does one get there?",
    "reach": "Who gets there in time?",
    "hours": "At which hours of the day?",
    "back": "Who can go and be back in time?",
}


def show() -> None:
    plan = state.current_plan()
    parts.head("Journeys", plan)
    asked = state.choose("Question", "ask", QUESTIONS)
    kinds = told.open_kinds(plan)
    if not kinds:
        parts.finding("No service of this project is open and on the map.")
        return
    answers = {"one": way_there, "reach": within_reach, "hours": by_hour, "back": out_and_back}
    answers[asked](plan, kinds)
    missing = told.missing_words(plan)
    if missing:
        st.caption(parts.escape(missing))


if __name__ == "__main__":
    show()
