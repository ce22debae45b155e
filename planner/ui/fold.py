"""Which part of a page is made anew alone, and what is folded away until it is asked for?"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import ParamSpec

import streamlit as st

Given = ParamSpec("Given")

#: Whether a part that is made anew alone is being made.
_WITHIN = ContextVar("_WITHIN", default=False)


def alone(body: Callable[Given, None]) -> Callable[Given, None]:
    """Let a part of a page be made anew by itself when something in it changes."""

    @functools.wraps(body)
    def marked(*args: Given.args, **kwargs: Given.kwargs) -> None:
        token = _WITHIN.set(True)
        try:
            body(*args, **kwargs)
        finally:
            _WITHIN.reset(token)

    return st.fragment(marked)


def fold(label: str, key: str, body: Callable[[], None]) -> None:
    """Show a closed box; what is in it is made when a person opens it.

    Nothing else is made anew then, but for the part of the page it is in if that is made `alone`.
    There it is no fragment of its own: where an outer fragment is made again before the browser
    has had all of the first, Streamlit drops what it had still to send of the outer one but not
    what is in inner ones, and so sends that to places that are not there yet.
    """
    (_show if _WITHIN.get() else st.fragment(_show))(label, key, body)


def _show(label: str, key: str, body: Callable[[], None]) -> None:
    box = st.expander(label, key=f"fold_{key}", on_change="rerun")
    if box.open:
        with box:
            body()
