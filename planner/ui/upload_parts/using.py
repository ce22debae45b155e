"""How is a file that fits used: in this session, or in the project for good?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
import streamlit as st

from planner.errors import PlannerError
from planner.project import Project
from planner.project.adding import Added, add_file, safe_name, to_section
from planner.sources.text import slug
from planner.ui import parts, scenarios, state, uploads
from planner.ui.fold import fold
from planner.ui.upload_parts.given import Given
from planner.wording import say_many

#: What of a project shows whether it can be worked out with a file.
_ENOUGH: dict[Added, state.What] = {"services": "contents", "local": "contents", "layer": "start"}


def show_used(project: Project) -> None:
    """List the files of this visitor's own that are in use, each with a button to leave it out."""
    level, text = uploads.said()
    if text:
        {"error": st.error, "success": st.success}[level](parts.escape(text))
    used = uploads.in_use(project)
    if not used:
        return
    st.markdown("**In use in this session, seen by you alone**")
    for one in used:
        words, button = st.columns([3, 1], vertical_alignment="center")
        words.markdown(parts.escape(f"{one.label}: {one.what}"))
        button.button(
            parts.escape(f"Leave out {one.label}"),
            key=f"own_leave_{one.key}",
            on_click=uploads.leave_out,
            args=(one.key,),
            width="stretch",
        )


def offer(
    section: Added,
    entry: Mapping[str, Any],
    given: Given,
    *,
    content: bytes,
    ending: str,
    what: str,
) -> None:
    """Offer to use a file in this session, and to add it to the project's folder.

    Parameters
    ----------
    section, entry
        What the project file would say of it.
    given
        The file as it was given.
    content, ending
        What is kept of it, and how that file's name ends.
    what
        What it holds, in words.
    """
    project = state.base_project()
    name = safe_name(slug(given.stem, limit=50), ending)
    own = uploads.build_own(project, section, entry, name=name, label=given.upload.name, what=what)
    st.markdown("**Use it**")
    parts.prose(
        "In this session: every page then counts it in, for you alone, until you leave it out or "
        "close this page. Nothing is written to the project."
    )
    left, right = st.columns(2)
    used = left.button(
        "Use it in this session", key=f"own_use_{given.mark}", type="primary", width="stretch"
    )
    why_not = why_not_added(project)
    added = not why_not and right.button(
        "Add it to the project folder", key=f"own_add_{given.mark}", width="stretch"
    )
    if why_not:
        right.caption(parts.escape(why_not))
    if used:
        _use(project, own, content)
    elif added:
        _add(project, own, content, name)

    def by_hand() -> None:
        parts.prose(
            f"Save the file as {name} beside {project.file_name}, and paste this at its end."
        )
        text = to_section(section, {**entry, "file": name})
        st.code(text, language=None, wrap_lines=True)
        st.download_button(
            "Download this section",
            data=text,
            file_name=f"{section}_section.toml",
            mime="application/toml",
            on_click="ignore",
            key=f"own_section_{given.mark}",
        )

    fold("Add it to the project file by hand", f"own_by_hand_{given.mark}", by_hand)


def why_not_added(project: Project) -> str:
    """Return why a file cannot be added to the project's folder here; "" if it can."""
    if scenarios.home_of(project) is None:
        why = scenarios.why_not_kept(project).partition(":")[0]
    elif not os.access(project.folder, os.W_OK | os.X_OK):
        why = "The project's folder cannot be written to"
    else:
        return ""
    return f"{why}: a file of your own can be used in this session only."


def say_state(project: Project) -> str:
    """Return in one sentence which files of one's own are in use."""
    used = uploads.in_use(project)
    if not used:
        return "No file of your own is in use."
    return f"{say_many(len(used), 'file')} of your own {'is' if len(used) == 1 else 'are'} in use."


def there_already(plan: state.Plan) -> pd.DataFrame:
    """Return what the project has from which file: one row a file, in its own order."""
    rows = [
        (source.dataset, source.publisher, source.vintage or "date not stated", _bare(source.file))
        for source in plan.sources
    ]
    return pd.DataFrame(rows, columns=["Data", "Publisher", "Date", "File"]).drop_duplicates()


def _bare(file: str) -> str:
    return PurePosixPath(file).name


def _try(project: Project, own: uploads.OwnFile, content: bytes) -> uploads.OwnFile | None:
    """Keep a file and work the project out with it; None, and why, where that cannot be done."""
    kept = None
    try:
        with st.spinner("Working the project out with your file"):
            kept = uploads.keep(own, content)
            mixed = uploads.with_own(project, kept)
            memo = state.memo_for(mixed)
            state.work_out(mixed, memo, lambda words, share: None, _ENOUGH[own.section])
    except PlannerError as error:
        if kept is not None:
            uploads.forget(kept)
        st.error(parts.escape(f"The project cannot be worked out with this file. {error}"))
        return None
    return kept


def _use(project: Project, own: uploads.OwnFile, content: bytes) -> None:
    kept = _try(project, own, content)
    if kept is not None:
        uploads.use(kept)
        uploads.say("success", f"{own.label} is in use on every page of this session.")
        st.rerun()


def _add(project: Project, own: uploads.OwnFile, content: bytes, name: str) -> None:
    kept = _try(project, own, content)
    if kept is None:
        return
    try:
        written = add_file(project, own.section, own.entry, content, name=name)
    except PlannerError as error:
        st.error(parts.escape(f"{error}"))
        return
    finally:
        uploads.forget(kept)
    uploads.leave_out(kept.key)
    uploads.take_next()
    uploads.say(
        "success", f"{own.label} is in the project folder as {written}, and in {project.file_name}."
    )
    st.rerun()
