"""How does somebody make a study area of their own place, and see how far it is?"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from planner.ui import made_files, parts, state
from planner.ui.place_parts.opening import study_root
from planner.wording import say_list, say_many

if TYPE_CHECKING:
    from planner.sources.fetch import FetchReport

KEY = "fetched_place"
_LABEL = "the new study area"


def show() -> None:
    """Ask for a place and a folder; then show how far the fetch is, and what came of it."""
    st.header("Make a study area of your own place", anchor=False)
    parts.prose(
        "The planner can fetch the official figures, boundaries, services and streets of a "
        "council area in the UK by its name. It takes some minutes and needs the internet; "
        "everything else here works without. A new folder appears when all of it is there."
    )
    with st.form("fetch_place", border=False):
        names = st.text_input(
            "Council area (several of one nation: with commas between)",
            placeholder="for example: Trafford",
            max_chars=200,
        )
        folder = st.text_input("Folder to put it in, on this computer", value=str(study_root()))
        asked = st.form_submit_button("Fetch it")
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if asked and not wanted:
        st.error("Write the name of a council area first.")
    elif asked:
        made_files.forget(KEY)
        made_files.begin(KEY, functools.partial(fetch, wanted, Path(folder).expanduser()))
    with parts.guard():
        made_files.show(KEY, label=_LABEL, ready=_ready)


def fetch(names: list[str], parent: Path, tell: made_files.Tell) -> FetchReport:
    """Fetch a place; tests put something quick in its place."""
    from planner.sources.fetch import build_fetcher, read_registry
    from planner.sources.fetch.whole import fetch_whole

    return fetch_whole(
        names, parent, registry=read_registry(), fetcher=build_fetcher(), progress=tell
    )


def _ready(report: FetchReport) -> None:
    failed = [
        f"{one.id.replace('_', ' ')} ({one.why or 'no reason given'})" for one in report.failed
    ]
    st.success(
        parts.escape(
            f"{report.place} is there: {say_many(report.areas, 'area')}, in the folder "
            f"{report.folder.name}."
        )
    )
    if failed:
        parts.prose(f"Not fetched: {say_list(failed)}. README.md in the folder says what to do.")
    st.button(
        f"Open {parts.escape(report.place)}",
        key="open_fetched",
        type="primary",
        on_click=_open,
        args=(str(report.project),),
    )


def _open(path: str) -> None:
    state.open_project(path)
    made_files.forget(KEY)
