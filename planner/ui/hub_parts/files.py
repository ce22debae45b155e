"""How does a person take everything along, with the settings that made it?"""

from __future__ import annotations

import io
import zipfile
from types import SimpleNamespace

import pandas as pd
import streamlit as st

from planner.export.cells import to_csv_text
from planner.export.hubs import build_hub_files
from planner.export.outreach import CALENDAR_FILE, build_calendar, build_outreach_files
from planner.project import PROJECT_FILE
from planner.ui import parts
from planner.ui.hub_parts.answer import Shown
from planner.ui.hub_parts.found import find, say_solved

#: So that the same files are the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


def show(shown: Shown) -> None:
    """Offer everything on the page as one file, and the project file that made it."""
    st.header("Take it along", anchor=False)
    left, right = st.columns(2)
    with left:
        st.download_button(
            "Download everything on hubs (ZIP)",
            data=lambda: to_zip(shown),
            file_name="hubs.zip",
            mime="application/zip",
            on_click="ignore",
            width="stretch",
            key="download_hubs_zip",
        )
    with right:
        st.download_button(
            "Download the project file that makes it",
            data=lambda: shown.project.to_toml().encode("utf-8"),
            file_name=PROJECT_FILE,
            mime="application/toml",
            on_click="ignore",
            width="stretch",
            key="download_hubs_project",
        )
    st.caption(
        "The project file holds the choices above. Put it beside the project's other files, and a "
        "run gives the same hubs."
        + ("" if shown.whole else " Only what is worked out is in the ZIP.")
    )


def build_files(shown: Shown) -> dict[str, pd.DataFrame]:
    """Return file name → table of all that is worked out for the choices on the page."""
    plan, whole = shown.plan, shown.whole
    view = SimpleNamespace(
        project=shown.project,
        area=plan.area,
        services=plan.services,
        hubs=shown.hubs,
        hub_choice=shown.choice
        or SimpleNamespace(
            ladder=shown.ladder, alternatives=None, front=None, steadiness=None, regret=None
        ),
        bundle_siting=plan.bundle_siting if whole else None,
        rota=plan.rota if whole else None,
        outcomes=plan.outcomes if whole else None,
    )
    return {**build_hub_files(view), **build_outreach_files(view)}  # type: ignore[arg-type]


def to_zip(shown: Shown) -> bytes:
    """Return every table, the calendar and the project file that made them; always the same."""
    files = {
        name: to_csv_text(table).encode("utf-8-sig") for name, table in build_files(shown).items()
    }
    calendar = build_calendar(shown.plan) if shown.whole else None
    if calendar is not None:
        files[CALENDAR_FILE] = calendar.encode("utf-8")
    files[PROJECT_FILE] = shown.project.to_toml().encode("utf-8")
    files["README.txt"] = _say(shown).encode("utf-8")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(files):
            made.writestr(zipfile.ZipInfo(name, date_time=_DATE), files[name])
    return written.getvalue()


def _say(shown: Shown) -> str:
    lines = [*parts.watermarks(shown.plan), " ".join(find(shown))]
    if shown.hubs is not None:
        lines.append(say_solved(shown))
    if shown.whole and shown.plan.outcomes is not None:
        lines.append(shown.plan.outcomes.statement)
    lines += [note.text for note in shown.notes]
    lines.append(f"{PROJECT_FILE} makes these files again, beside the project's other files.")
    return "\n\n".join(lines) + "\n"
