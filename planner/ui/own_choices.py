"""Which settings of the project file has this visitor changed, on whatever page?

A part of `planner.ui.state`. Pages say what they show instead of the project's own settings; all
of it goes into one project file that can be downloaded from every page.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from planner.errors import PlannerError
from planner.project import Project
from planner.ui import state

FILE_NAME = "planner.chosen.toml"

_CHOSEN = "chosen_sections"
#: What each section is about, on screen.
_WORDS = {
    "need": "how much each domain of need counts",
    "neighbourhoods": "how neighbourhoods are grouped",
    "hubs": "what is asked of hubs",
}


def put(section: str, settings: Any, project: Project) -> None:
    """Remember what a page shows instead of a section of the project file; None: the same."""
    chosen = dict(st.session_state.get(_CHOSEN, {}))
    at = (str(project.folder), project.file_name, section)
    chosen.pop(at, None)
    if settings is not None and settings != getattr(project.spec, section):
        chosen[at] = settings
    st.session_state[_CHOSEN] = chosen


def find_changed(project: Project) -> dict[str, Any]:
    """Return section → settings, of those this visitor has changed."""
    chosen: dict[tuple[str, str, str], Any] = st.session_state.get(_CHOSEN, {})
    here = (str(project.folder), project.file_name)
    return {at[2]: settings for at, settings in sorted(chosen.items()) if at[:2] == here}


def build_file(project: Project) -> str:
    """Return the project file with everything this visitor has changed."""
    return project.with_spec(**find_changed(project)).to_toml()


def show_download() -> None:
    """Offer the project file with all choices of this session, whatever page is open."""
    try:
        project = state.asked_project()
    except (PlannerError, OSError):
        # What is wrong with it stands on the page.
        return
    changed = find_changed(project)
    said = [_WORDS.get(section, section) for section in changed]
    st.download_button(
        "Download this project file",
        data=lambda: build_file(project),
        file_name=FILE_NAME,
        mime="application/toml",
        on_click="ignore",
        key="download_chosen_project",
        width="stretch",
        help="The project file with every setting written out, and with what you changed in this "
        "visit. Put it in the project's folder and open it to get a plan by these choices. "
        "Scenarios are files of their own, on the page Compare.",
    )
    st.caption(f"Changed by you: {'; '.join(said)}." if said else "Nothing in it is changed yet.")
