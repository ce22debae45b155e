"""What does each figure mean, and what can none of them say?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.definitions import DEFINITIONS, Definition
from planner.report.page import build_limits
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.wording import say_many


def show(plan: state.Plan) -> None:
    """Define every measure, then say what the method cannot do."""
    st.header("Definitions", anchor=False)
    parts.prose("Every measure in one list, the same for all pages and files.")
    topics = list(dict.fromkeys(one.topic for one in DEFINITIONS.values()))
    for topic in topics:
        found = [one for one in DEFINITIONS.values() if one.topic == topic]
        label = f"{topic}: {say_many(len(found), 'measure')}"
        fold(label, f"words_{topic}", lambda found=found: _list(found))  # type: ignore[misc]
    parts.table(
        pd.DataFrame(
            [
                (one.topic, one.title, one.meaning, one.unit, one.how, one.source, one.limits)
                for one in DEFINITIONS.values()
            ],
            columns=["About", "Measure", "Meaning", "Unit", "How", "After", "Limits"],
        ),
        title="All measures",
        name="definitions",
        key="definitions",
    )
    st.header("What these figures cannot say", anchor=False)
    st.markdown("\n".join(f"- {parts.escape(line)}" for line in build_limits(plan)))


def _list(found: list[Definition]) -> None:
    for one in found:
        st.markdown(
            f"**{parts.escape(one.title)}** ({parts.escape(one.unit)}). "
            f"{parts.escape(one.meaning)} {parts.escape(one.how)} "
            f"*Mind:* {parts.escape(one.limits)} *After:* {parts.escape(one.source)}."
        )
