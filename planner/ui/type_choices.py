"""Which layers, and which other choices, has a visitor made for types, and how are they undone?

A part of `planner.ui.state`: what choices of several things remember.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from planner.ui import state


def choose_several(
    label: str,
    name: str,
    options: Mapping[str, str],
    *,
    default: Sequence[str],
    help_text: str | None = None,
) -> list[str]:
    """Let a person choose some of ``options`` (value → words); they stand in the address bar.

    In the address ``name=income.health``, where it is not the ``default``; an address that names
    something that cannot be chosen is ignored.

    Returns
    -------
    chosen
        In the order of ``options``.
    """
    key = _key(name, default)
    if key not in st.session_state:
        asked = _read(st.query_params.get(name, ""), options) or _read(state.left(name), options)
        st.session_state[key] = asked or [value for value in default if value in options]
    picked = st.multiselect(
        label, list(options), key=key, format_func=lambda value: options[value], help=help_text
    )
    chosen = [value for value in options if value in picked]
    same = set(chosen) == set(default) or not chosen
    state.remember(name, "" if same else ".".join(chosen), "")
    return chosen


def put_back(defaults: Mapping[str, str], several: Mapping[str, Sequence[str]]) -> None:
    """Put choices back to what they were before anybody made them.

    Parameters
    ----------
    defaults
        Name → value, of those made with `planner.ui.state.choose`.
    several
        Name → values, of those made with `choose_several`.
    """
    for name, value in defaults.items():
        st.session_state[f"choice_{name}"] = value
        state.remember(name, value, value)
    for name, values in several.items():
        st.session_state[_key(name, values)] = list(values)
        state.remember(name, "", "")


def any_made(defaults: Mapping[str, str], several: Sequence[str]) -> bool:
    """Return whether one of these choices was made, before they are drawn."""
    if any(name in st.query_params for name in (*defaults, *several)):
        return True
    kept = {name: state.left(name) for name in (*defaults, *several)}
    return any(value not in {"", defaults.get(name, "")} for name, value in kept.items())


def _key(name: str, default: Sequence[str]) -> str:
    # A project with other layers gets another list.
    return f"choice_{name}_{'.'.join(default)}"


def _read(text: str, options: Mapping[str, str]) -> list[str]:
    asked = text.split(".") if text else []
    return list(dict.fromkeys(asked)) if all(one in options for one in asked) else []
