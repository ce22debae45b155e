"""How does a person wait for long work: with words for each step, and a way to stop it?

A part of `planner.ui.state`: what a visitor has stopped stays stopped until they ask again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from planner.errors import PlannerError
from planner.ui.job import Job, StoppedError

#: Seconds that are waited without a word: what is ready by then needs none.
AT_ONCE = 0.3
#: Seconds between two looks at how far it is.
BETWEEN = 0.2

_STOPPED = "stopped_work"


def wait_for(
    begin: Callable[[], Job], let_go: Callable[[Job], None], *, key: str, words: str
) -> Any:
    """Return what comes of a piece of work, showing how far it is until it is there.

    Parameters
    ----------
    begin, let_go
        Returns the job, begun or found; forgets one that failed or was stopped.
    key
        The same for the same work.
    words
        What is being done, such as ``Working out the plan for Newport``.

    Raises
    ------
    PlannerError
        This visitor stopped it (a button to go on stands above the message), or it failed.
    """
    if key in stopped():
        st.button("Go on", key=f"go_on_{key}", type="primary", on_click=go_on, args=(key,))
        raise PlannerError(
            f"{words}: stopped.",
            hint="Go on takes it up again; steps that were ready are kept. Other pages may need "
            "less.",
        )
    job = begin()
    try:
        if not job.done(seconds=AT_ONCE):
            with job.awaited():
                _look_on(job, let_go, key=key, words=words)
            st.rerun()
        return job.result()
    except StoppedError:
        # By somebody else who waited for the same: for this visitor it begins again.
        let_go(job)
        st.rerun()
    except Exception:
        let_go(job)
        raise


def stopped() -> set[str]:
    """Return the keys of what this visitor has stopped."""
    found: set[str] = st.session_state.setdefault(_STOPPED, set())
    return found


def go_on(key: str) -> None:
    """Let what was stopped begin again."""
    stopped().discard(key)


def stop(job: Job, let_go: Callable[[Job], None], key: str) -> None:
    """Stop a piece of work, at its next step; for this visitor only if others wait for it too."""
    stopped().add(key)
    if job.stop():
        let_go(job)


def _look_on(job: Job, let_go: Callable[[Job], None], *, key: str, words: str) -> None:
    box = st.status(words)
    line = st.empty()
    st.button("Stop", key=f"stop_{key}", on_click=stop, args=(job, let_go, key))
    while not job.done(seconds=BETWEEN):
        box.update(label=f"{job.words} ({job.share:.0%} of the steps done)")
        line.progress(min(max(job.share, 0.0), 1.0))
    box.update(label="Ready", state="complete")
