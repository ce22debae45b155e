"""How does every page say that a visitor's own files are counted in?"""

from __future__ import annotations

import streamlit as st

from planner.ui import links, parts, state, uploads
from planner.wording import say_many


def show() -> None:
    """Say which files are in use, with a way to leave them out; nothing where there are none."""
    project = state.base_project()
    used = uploads.in_use(project)
    if not used:
        return
    names = ", ".join(one.label for one in used)
    st.caption(
        parts.escape(f"With {say_many(len(used), 'file')} of your own, seen by you alone: {names}.")
    )
    st.button(
        "Leave my own files out",
        key="own_leave_all",
        on_click=uploads.leave_all_out,
        args=(project,),
    )


def show_link(label: str) -> None:
    """Offer the page on which a visitor's own file is tried."""
    links.show_link("your_data", label)
