"""What is known of the chosen area, part by part?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.report.profile import Profile, ProfilePart, to_page
from planner.report.tables import Table
from planner.sources.text import slug
from planner.ui import parts


def show(profile: Profile) -> None:
    """Show every part of a profile, and offer it as a page to print."""
    st.download_button(
        "Download this profile, to print",
        data=lambda: to_page(profile).encode("utf-8"),
        file_name=f"profile_{slug(profile.area_code) or 'area'}.html",
        mime="text/html",
        on_click="ignore",
        type="primary",
        key="download_profile",
    )
    for part in profile.parts:
        _show_part(part)
    st.header("Limits", anchor=False)
    st.markdown("\n".join(f"- {parts.escape(line)}" for line in profile.limits))


def _show_part(part: ProfilePart) -> None:
    st.header(part.title, anchor=False)
    for sentence in part.sentences:
        parts.prose(sentence)
    if part.statements:
        lines = [
            f"- **{parts.escape(one.about)}.** {parts.escape(one.text)}" for one in part.statements
        ]
        st.markdown("\n".join(lines))
    for number, table in enumerate(part.tables):
        _show_table(table, f"profile_{part.id}_{number}")


def _show_table(table: Table, key: str) -> None:
    parts.table(
        pd.DataFrame(list(table.rows), columns=list(table.columns)),
        title=table.caption,
        name=key,
        key=key,
    )
    if table.note:
        st.caption(parts.escape(table.note))
