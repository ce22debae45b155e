"""Which study areas can be opened here, and how is another one opened?"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import streamlit as st

from planner.errors import PlannerError
from planner.ui import parts, serving, state


def show() -> None:
    """Let a person open another project; what is typed stays out of the address bar."""
    st.header("Open another study area", anchor=False)
    left, right, _ = st.columns([1, 1, 2])
    left.button("Open the fictional demo", on_click=state.open_demo, width="stretch")
    right.button("Back to the first project", on_click=state.open_given, width="stretch")
    if not state.may_open_files():
        return
    _found()
    with st.form("other_project", border=False):
        text = st.text_input(
            "Project file, or folder with a planner.toml, on this computer",
            placeholder="for example: projects/newport.toml",
        )
        asked = st.form_submit_button("Open this project")
    if asked and text:
        _open(text)


def study_root() -> Path:
    """Return the folder that new study areas are put in: beside the first project, else here."""
    given = os.environ.get(state.PROJECT_VARIABLE, "")
    return Path(given).resolve().parent.parent if given else Path.cwd()


def find_beside() -> dict[str, serving.Listed]:
    """Return study areas in folders beside the open one, and beside the first: path → it."""
    roots = {study_root(): None}
    if state.opened() != state.demo_project():
        roots[state.opened().path.resolve().parent.parent] = None
    found: dict[str, serving.Listed] = {}
    for root in roots:
        with contextlib.suppress(PlannerError, OSError):
            found |= {str(one.file): one for one in serving.find_projects(root).values()}
    return found


def _found() -> None:
    found = find_beside()
    ready = {path: one for path, one in found.items() if not one.wrong}
    if ready:
        with st.form("found_project", border=False):
            chosen = st.selectbox(
                "Study areas in folders beside this one",
                list(ready),
                format_func=lambda path: f"{ready[path].label} (folder {ready[path].name})",
                key="found_project_list",
                placeholder="None chosen",
                index=None,
            )
            asked = st.form_submit_button("Open this study area")
        if asked and chosen:
            _open(chosen)
    for one in found.values():
        if one.wrong:
            st.caption(parts.escape(f"Folder {one.name} cannot be opened: {one.wrong}"))


def _open(text: str) -> None:
    wrong = state.open_project(text)
    if wrong:
        st.error(parts.escape(wrong))
    else:
        st.rerun()
