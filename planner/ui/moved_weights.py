"""How much does each domain count, as a visitor has moved it just now?

A part of `planner.ui.state`: what the sliders remember, and what was made ready for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from planner.ui import state, uploads
from planner.ui.job import Job

#: Highest weight that can be given to something.
MOST_WEIGHT = 100


def choose_weights(
    name: str, labels: Mapping[str, str], defaults: Mapping[str, int], *, columns: int = 4
) -> dict[str, int]:
    """Let a person say how much each of some things counts; what is moved stands in the address.

    Parameters
    ----------
    name
        In the address: ``name=income-50.health-0``, with those that differ from ``defaults``.
    labels, defaults
        Thing → words, thing → what it counts before anybody moves it, 0 to `MOST_WEIGHT`.

    Returns
    -------
    moved
        Thing → weight, of those that differ from ``defaults`` only.
    """
    asked = moved_weights(name, defaults)
    moved = {}
    places: list[Any] = []
    for thing, words in labels.items():
        # A row at a time, so that they keep their order where columns fall under each other.
        places = places or list(st.columns(columns))
        key = _key(name, thing, defaults)
        found = st.session_state.get(key, asked.get(thing, defaults[thing]))
        st.session_state[key] = found
        with places.pop(0):
            value = int(st.slider(words, 0, MOST_WEIGHT, step=1, key=key))
        if value != defaults[thing]:
            moved[thing] = value
    state.remember(name, _text(moved), "")
    return moved


def moved_weights(name: str, defaults: Mapping[str, int]) -> dict[str, int]:
    """Return the weights that are moved, before their sliders are drawn.

    As the sliders stand, else as the address has it, else as they were left; an address that
    names something unknown, or a weight that cannot be, is ignored.
    """
    keys = {thing: _key(name, thing, defaults) for thing in defaults}
    if all(key in st.session_state for key in keys.values()):
        found = {thing: int(st.session_state[key]) for thing, key in keys.items()}
        return {thing: value for thing, value in found.items() if value != defaults[thing]}
    asked = read(st.query_params.get(name, ""), defaults)
    return asked or read(state.left(name), defaults)


def read(text: str, defaults: Mapping[str, int]) -> dict[str, int]:
    """Return the weights a text names, those that differ from ``defaults``; none if it is odd."""
    found = {}
    for piece in text.split(".") if text else ():
        thing, _, value = piece.rpartition("-")
        if thing not in defaults or not (value.isdecimal() and len(value) <= 3):
            return {}
        if int(value) > MOST_WEIGHT:
            return {}
        found[thing] = int(value)
    return {thing: value for thing, value in found.items() if value != defaults[thing]}


def reset_weights(name: str, defaults: Mapping[str, int]) -> None:
    """Put every weight back to what it was before anybody moved it."""
    for thing, value in defaults.items():
        st.session_state[_key(name, thing, defaults)] = value


def prepare(plan: state.Plan, build: Callable[[], Any]) -> Job:
    """Begin what weighing anew takes and return the job: one a plan, for everybody.

    Of a plan with private layers, or files of a visitor's own, it is kept for their session alone.
    """
    if uploads.is_private(plan.project):
        return state.private_job("weigher", plan.project, lambda tell: build())
    return _prepared(state.content_key(plan.project), build)


@st.cache_resource(max_entries=4, show_spinner=False)
def _prepared(key: str, _build: Callable[[], Any]) -> Job:
    return Job(lambda tell: _build())


def _key(name: str, thing: str, defaults: Mapping[str, int]) -> str:
    # A project whose own weights change gets other sliders.
    return f"choice_{name}_{thing}_{defaults[thing]}"


def _text(moved: Mapping[str, int]) -> str:
    return ".".join(f"{thing}-{value}" for thing, value in moved.items())
