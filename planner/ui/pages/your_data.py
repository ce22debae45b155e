"""What do you have yourself, and what does the planner make of it?"""

from __future__ import annotations

import streamlit as st

from planner.project import Project
from planner.ui import parts, starting, state
from planner.ui.upload_parts import figures, given, partners, places, using

HOLDS = {
    "places": "A list of places where help is given",
    "figures": "Figures about areas, by area code",
    "corrections": "Corrections by partners",
}
_WHAT = {
    "places": "places (food banks, warm spaces, clinics) with postcodes or coordinates",
    "figures": "figures with a column of area codes",
    "corrections": "corrections (laid out as data/templates/local_knowledge.csv)",
}


def show() -> None:
    project = state.base_project()
    plans: list[state.Plan] = []
    with parts.guard():
        plans.append(starting.current_contents())
    if plans:
        _show(plans[0], project)
    else:
        # With a file that no longer goes with the project, the way back stays open.
        using.show_used(project)


def _show(plan: state.Plan, project: Project) -> None:
    parts.head("Your data", plan)
    parts.finding(
        using.say_state(project),
        "Try a list of places, figures about areas or partners' corrections before they become "
        "part of the project.",
    )
    using.show_used(project)
    parts.prose(
        "A file you choose is read in the memory of the computer that this app runs on, and "
        "nobody else sees it. It is kept only if you use it: for this session in a temporary "
        "folder that goes with it, or in the project folder. Lists of people do not belong here."
    )
    holds = state.choose("What does your file hold?", "holds", HOLDS)
    # What is wrong with a file leaves the rest of the page as it is.
    with parts.guard():
        asked = given.ask(_WHAT[holds])
        if asked is not None:
            {"places": places.show, "figures": figures.show, "corrections": partners.show}[holds](
                plan, asked
            )
    st.header("What the project has already", anchor=False)
    parts.table(
        using.there_already(plan), title="Files of the project", name="files", key="own_there"
    )


if __name__ == "__main__":
    show()
