"""Which files is a visitor having made, how far is each, and how is that stopped?

A part of `planner.ui.state`: what is being made is kept for this visitor's session and nowhere
else, so that private figures in it are seen by nobody else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from planner.cache import digest
from planner.ui import parts, state
from planner.ui.job import Job

#: So many made things one visitor's session keeps.
MOST_KEPT = 3
#: Seconds between two looks at what is being made.
EVERY = 1.0

_MADE = "made_files"

Tell = Callable[[str, float], None]


class Stopped(Exception):  # noqa: N818 - nothing went wrong: somebody asked for it
    """Somebody does not want it any more."""


class Making:
    """One thing that is being made, until it is there or somebody stops it."""

    def __init__(self, build: Callable[[Tell], Any]) -> None:
        self._stop = threading.Event()

        def work(tell: Tell) -> Any:
            def told(words: str, share: float) -> None:
                if self._stop.is_set():
                    raise Stopped
                tell(words, share)

            return build(told)

        self.job = Job(work)

    def stop(self) -> None:
        """Let it end at its next step."""
        self._stop.set()


def key_of(plan: state.Plan, what: str, asked: Sequence[Any] = ()) -> str:
    """Return what a made thing is known by: the plan it is of, and what was asked for."""
    return digest(what, state.content_key(plan.project), list(asked))


def find(key: str) -> Making | None:
    """Return what is being made, or is made; None where nobody asked for it."""
    held: dict[str, Making] = st.session_state.get(_MADE, {})
    return held.get(key)


def begin(key: str, build: Callable[[Tell], Any]) -> Making:
    """Begin to make something, or return it where that was begun already."""
    held: dict[str, Making] = dict(st.session_state.get(_MADE, {}))
    if key not in held:
        held[key] = Making(build)
        for old in list(held)[:-MOST_KEPT]:
            held.pop(old).stop()
        st.session_state[_MADE] = held
    return held[key]


def ask(key: str, build: Callable[[Tell], Any]) -> None:
    """Begin to make something, at the click of a button."""
    begin(key, build)


def forget(key: str) -> None:
    """Stop making something, or let go of it."""
    held: dict[str, Making] = dict(st.session_state.get(_MADE, {}))
    found = held.pop(key, None)
    if found is not None:
        found.stop()
    st.session_state[_MADE] = held


def show(key: str, *, label: str, ready: Callable[[Any], None]) -> None:
    """Show how far something is, with a button to stop it; once it is there, what it gives.

    The rest of the page stays as it is and can be used meanwhile.

    Parameters
    ----------
    key
        Of something that was begun.
    label
        What is being made, in the middle of a sentence.
    ready
        Shows the result.
    """
    making = find(key)
    if making is None:
        return
    if not making.job.done(seconds=0.3):
        st.fragment(_wait, run_every=EVERY)(key, label)
        return
    try:
        found = making.job.result()
    except Exception:
        forget(key)
        raise
    ready(found)


def _wait(key: str, label: str) -> None:
    making = find(key)
    if making is None or making.job.done(seconds=0.0):
        # The whole page, so that it no longer looks again and again.
        st.rerun()
    job = making.job
    words = f"{parts.capital(label)}: {job.words} ({job.share:.0%} done)"
    st.progress(min(max(job.share, 0.0), 1.0), text=parts.escape(words))
    st.button(
        f"Stop making {label}",
        key=f"stop_{key}",
        on_click=forget,
        args=(key,),
    )
