"""How does one of several people on a server sign in and choose a study area?"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import pandas as pd
import streamlit as st
from streamlit.errors import StreamlitAuthError

from planner.ui import parts, serving, state
from planner.ui.serving import Listed
from planner.wording import say_many

_LIST_KEY, _SIDE_KEY = "served_list", "served_side"


def is_signed_in() -> bool:
    """Return whether this visitor may look: signed in, or no sign-in is asked for."""
    return not serving.needs_sign_in() or bool(getattr(st.user, "is_logged_in", False))


def ask_to_sign_in() -> None:
    """Show the way to the council's own sign-in, and nothing else."""
    st.title("Planner")
    parts.prose("Sign in with your organisation's account to see the study areas on this server.")
    if st.button("Sign in", type="primary"):
        try:
            st.login()
        except StreamlitAuthError:
            st.error(
                "Sign-in is not set up on this server. Whoever looks after it finds what is "
                "needed in the README, under Several people on one server."
            )


def show_who() -> None:
    """Say who is signed in, and let them sign out."""
    if not serving.needs_sign_in():
        return
    who = next((st.user.get(what) for what in ("name", "email") if st.user.get(what)), "")
    st.caption(parts.escape(f"Signed in as {who}" if who else "Signed in"))
    st.button("Sign out", on_click=st.logout)


def choose_project() -> bool:
    """Let a visitor choose a study area; return whether one is chosen.

    Its name stands in the address. Where it is gone meanwhile it stays chosen, and the page says
    so. Without a choice the list of what there is takes the page's place.

    Raises
    ------
    ProjectError
        The root of the study areas is gone.
    """
    listed = serving.find_projects()
    asked = st.query_params.get(serving.IN_ADDRESS, "")
    chosen = asked if asked in listed else state.served_name()
    ready = {one.name: one.label for one in listed.values() if not one.wrong}
    if not chosen and len(ready) == len(listed) == 1:
        chosen = next(iter(ready))
    if not chosen or (chosen in listed and listed[chosen].wrong):
        _show_list(listed, ready, asked)
        return False
    state.open_served(chosen)
    with st.sidebar:
        _choose(ready, chosen, key=_SIDE_KEY)
    return True


def _choose(ready: Mapping[str, str], chosen: str, *, key: str) -> None:
    st.session_state[key] = chosen if chosen in ready else None
    st.selectbox(
        "Study area",
        list(ready),
        key=key,
        format_func=lambda name: ready.get(name, ""),
        placeholder="Choose a study area",
        on_change=functools.partial(_take, key),
    )


def _take(key: str) -> None:
    name = st.session_state[key]
    if name is not None:
        state.open_served(str(name))


def _show_list(listed: Mapping[str, Listed], ready: Mapping[str, str], asked: str) -> None:
    st.title("Study areas")
    if asked:
        known = asked in listed
        said = f"{listed[asked].label} cannot be opened: {listed[asked].wrong}" if known else ""
        st.warning(parts.escape(said or "The study area in the address is not on this server."))
    if not listed:
        parts.finding("There is no study area on this server yet.")
        parts.prose("Whoever looks after it can add a folder with a planner.toml; then reload.")
        return
    broken = len(listed) - len(ready)
    parts.finding(
        f"{say_many(len(ready), 'study area')} can be opened.",
        f"{broken} cannot, and the list says why." if broken else "",
    )
    if ready:
        _choose(ready, "", key=_LIST_KEY)
    for one in listed.values():
        if one.wrong and one.name != asked:
            st.markdown(f"- {parts.escape(f'{one.label}: {one.wrong}')}")
    frame = pd.DataFrame(
        [
            (one.label, serving.shown_name(one.name), parts.capital(one.wrong) or "Yes")
            for one in listed.values()
        ],
        columns=["Study area", "Folder", "Can it be opened?"],
    )
    parts.table(frame, title="Study areas on this server", name="study_areas", key="served")
    if len(listed) >= serving.MOST_LISTED:
        parts.prose(f"At most {serving.MOST_LISTED} folders are listed.")
