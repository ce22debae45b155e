"""What does somebody do first who has never seen this? Three steps that can be put away.

A part of `planner.ui.state`: whether they are put away stands in the session and in the address.
"""

from __future__ import annotations

import streamlit as st

from planner.ui import links, serving, state

#: In the address: ``guide=shown`` or ``guide=hidden``, where it is not as it would be anyway.
NAME, SHOWN, HIDDEN = "guide", "shown", "hidden"


def is_shown() -> bool:
    """Return whether the steps are on the page: on the demo place until they are put away."""
    asked = st.query_params.get(NAME, "") or state.left(NAME)
    return asked == SHOWN if asked in {SHOWN, HIDDEN} else _first()


def show() -> None:
    """Show the three steps, or nothing where they are put away."""
    shown = is_shown()
    state.remember(NAME, SHOWN if shown else HIDDEN, SHOWN if _first() else HIDDEN)
    if not shown:
        return
    with st.container(border=True, key="guide"):
        st.header("Three steps to a first answer", anchor=False)
        first, second, third = st.columns(3)
        with first:
            st.markdown(
                "**1. Look at the place.** Choose an area on the map below, or from the list "
                "above the map: the table under it shows the same one."
            )
        with second:
            st.markdown("**2. Ask where help is missing.**")
            _link("need", "Need: where needs stack up")
            _link("gaps", "Gaps: who cannot reach help")
            _link("hubs", "Hubs: where to bring it together")
        with third:
            st.markdown("**3. Do it for your own place.** " + _own_words())
            _link("report", "Report: take the results away")
        st.button("Hide these steps", key="hide_guide", on_click=_put, args=(HIDDEN,))


def show_way_back() -> None:
    """Let somebody find the steps again, from any page."""
    if is_shown():
        return
    if st.button("Show the three first steps", key="show_guide", width="stretch"):
        _put(SHOWN)
        st.switch_page(links.PAGES_FOLDER / "place.py")


def _first() -> bool:
    return not serving.is_on() and state.opened() == state.demo_project()


def _own_words() -> str:
    if serving.is_on():
        return "Choose a study area under Study area at the side."
    return (
        "At the end of this page you can open another study area, or fetch the official figures "
        "of a council area by its name."
    )


def _link(page: str, label: str) -> None:
    links.show_link(page, label)


def _put(how: str) -> None:
    state.remember(NAME, how, "")
