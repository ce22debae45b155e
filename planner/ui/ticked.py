"""Which of several things has a visitor ticked?

A part of `planner.ui.state`: what a row of boxes remembers.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from planner.ui import state


def choose_ticked(name: str, options: Mapping[str, str], *, columns: int = 2) -> list[str]:
    """Let a person tick some of ``options`` (value → words), all of them at first.

    In the address ``name=need.hubs`` where not all are ticked; an address that names something
    that cannot be chosen is ignored.

    Returns
    -------
    chosen
        In the order of ``options``.
    """
    asked = _read(st.query_params.get(name, ""), options) or _read(state.left(name), options)
    chosen = []
    places = list(st.columns(columns))
    for number, (value, words) in enumerate(options.items()):
        key = f"choice_{name}_{value}"
        found = st.session_state.get(key, not asked or value in asked)
        st.session_state[key] = found
        # Half of them in each column, so that they keep their order where columns fall under
        # each other.
        with places[number * columns // len(options)]:
            if st.checkbox(words, key=key):
                chosen.append(value)
    everything = len(chosen) in (0, len(options))
    state.remember(name, "" if everything else ".".join(chosen), "")
    return chosen


def _read(text: str, options: Mapping[str, str]) -> list[str]:
    asked = text.split(".") if text else []
    return asked if all(one in options for one in asked) else []
