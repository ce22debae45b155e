"""Where does each figure come from, what was done to it, and what do the words mean?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.check import coverage_table
from planner.standards import kind_words
from planner.ui import parts, state
from planner.ui.data_parts import words
from planner.ui.pages.place import capitals
from planner.ui.upload_parts import beside
from planner.wording import say_many


def show() -> None:
    plan = state.current_plan()
    parts.head("Data and method", plan)
    coverage = coverage_table(plan.layers, plan.area)
    parts.finding(
        f"This plan stands on {say_many(len(plan.sources), 'source')} with "
        f"{say_many(len(coverage), 'layer')} of figures about the areas.",
        f"Notes on what was repaired, inherited or left out: {len(plan.notes)}.",
    )
    _sources(plan)
    parts.table(
        capitals(coverage),
        title="What each layer covers",
        name="coverage",
        key="coverage",
    )
    st.header("What was repaired, inherited or left out", anchor=False)
    if not plan.notes:
        parts.prose("Nothing had to be.")
    parts.notes_list(plan.notes, title="All of it, with which ones")
    _standards(plan)
    beside.show_link("Try a file of your own")
    words.show(plan)
    st.header("The project file", anchor=False)
    parts.prose("With every default written out. The same file gives the same results again.")
    st.download_button(
        "Download the project file",
        data=plan.project.to_toml,
        file_name="planner.resolved.toml",
        mime="application/toml",
        on_click="ignore",
        key="download_project",
    )


def _sources(plan: state.Plan) -> None:
    frame = pd.DataFrame(
        [
            (s.publisher, s.dataset, s.vintage or "not stated", s.licence, s.file, s.sha256[:12])
            for s in plan.sources
        ],
        columns=["Publisher", "Data", "Date", "Licence", "File", "SHA-256 (first 12)"],
    )
    parts.table(frame, title="Sources", name="sources", key="sources")


def _standards(plan: state.Plan) -> None:
    st.header("Standards", anchor=False)
    frame = pd.DataFrame(
        [
            (parts.capital(kind_words(kind)), standard.minutes, standard.source)
            for kind, standard in sorted(plan.standards.items())
        ],
        columns=["Service", "Minutes", "Where it comes from"],
    )
    parts.table(
        frame,
        title="How far is too far",
        name="standards",
        key="standards",
        decimals={"Minutes": 0},
    )


if __name__ == "__main__":
    show()
