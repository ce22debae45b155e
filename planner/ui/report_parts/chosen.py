"""Which parts go into the report, what do they say, and how does it look?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from planner.cache import Memo
from planner.report import build_sections, write_report
from planner.report.sections import ALWAYS, Section
from planner.ui import made_files, parts, state
from planner.ui.fold import fold
from planner.ui.ticked import choose_ticked
from planner.wording import say_list, say_many

#: Height of the preview in pixels; it scrolls within itself.
HEIGHT = 720
#: Links within the page stay within the preview, which has no address of its own.
_BASE = '<base href="about:srcdoc">'

_BEGUN = "report_begun"


def show(plan: state.Plan) -> None:
    """Show what the report can hold, as soon as its parts are there."""
    st.header("Choose what goes in", anchor=False)
    key = made_files.key_of(plan, "report")
    if is_stopped(key):
        st.button("Make the report", key="make_report", on_click=_again, args=(key,))
        return
    # What private figures are in is kept for this visitor alone.
    memo = None if plan.project.spec.private else state.shared_memo()
    made_files.begin(key, lambda tell: _build(plan, memo, key, tell))
    made_files.show(key, label="the report", ready=lambda found: _show(plan, found))
    if made_files.find(key) is not None:
        st.session_state[_BEGUN] = key


def is_stopped(key: str) -> bool:
    """Return whether somebody stopped the making of this report: it is not begun again then."""
    return st.session_state.get(_BEGUN) == key and made_files.find(key) is None


def _again(key: str) -> None:
    st.session_state.pop(_BEGUN, None)


def _build(plan: state.Plan, memo: Memo | None, key: str, tell: made_files.Tell) -> list[Section]:
    def build() -> list[Section]:
        return build_sections(plan, tell=tell)

    return build() if memo is None else memo.get("report_sections", key, build)


def _show(plan: state.Plan, sections: Sequence[Section]) -> None:
    titles = {section.id: section.title for section in sections}
    chosen = choose_ticked("parts", titles)
    if not chosen:
        st.info("Choose at least one part.")
        return
    leave = [part for part in titles if part not in chosen]
    st.caption(parts.escape(f"Always in it: {say_list([_small(one) for one in ALWAYS])}."))
    parts.table(
        pd.DataFrame(
            [
                (
                    section.title,
                    "yes" if section.id in chosen else "left out",
                    section.sentences[0],
                    "yes" if section.map else "no",
                    len(section.tables),
                )
                for section in sections
            ],
            columns=["Part", "In the report", "What it says first", "Map", "Tables"],
        ),
        title="Parts of the report",
        name="report_parts",
        key="report_parts",
        decimals={"Tables": 0},
    )

    def make() -> str:
        return write_report(plan, sections, leave=leave)

    st.download_button(
        "Download the report (report.html)",
        data=lambda: make().encode("utf-8"),
        file_name="report.html",
        mime="text/html",
        on_click="ignore",
        type="primary",
        key="download_report",
    )
    fold(
        f"Preview of the report: {say_many(len(chosen), 'part')}", "report", lambda: _frame(make())
    )


def _frame(page: str) -> None:
    """Show a page within this one. It has no script, and says itself that it may load nothing."""
    inside = page.replace("<head>", f"<head>\n{_BASE}", 1)
    st.iframe(inside, height=HEIGHT, tab_index=0, alt="Preview of the report")
    st.caption("The preview scrolls within itself. The downloaded file looks the same.")


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
