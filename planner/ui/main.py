"""How does the app start: its pages, their order, and what every page stands in?"""

from __future__ import annotations

import contextlib
from pathlib import Path

import streamlit as st

from planner.errors import PlannerError
from planner.ui import guide, own_choices, parts, served, serving, state
from planner.ui.upload_parts import beside

PAGES_FOLDER = Path(__file__).resolve().parent / "pages"

#: File name and address → title, in the order of the questions. No sections: Streamlit draws
#: those as lists that a screen reader cannot follow.
PAGES: dict[str, str] = {
    "place": "Place",
    "need": "Need",
    "neighbourhoods": "Neighbourhoods",
    "access": "Access",
    "journeys": "Journeys",
    "gaps": "Gaps",
    "hubs": "Hubs",
    "compare": "Compare",
    "area": "Area",
    "report": "Report",
    "your_data": "Your data",
    "data": "Data and method",
    "accessibility": "Accessibility",
}

#: Pages that stand without a study area.
NEEDS_NO_PLACE = ("accessibility",)

#: Settings the app relies on, for a start from an installed package; a copy of
#: .streamlit/config.toml, which Streamlit finds only beside app.py.
SETTINGS: dict[str, str] = {
    "browser.gatherUsageStats": "false",
    "server.address": "127.0.0.1",
    "server.enableWebsocketCompression": "true",
    "server.fileWatcherType": "none",
    "server.maxUploadSize": "20",
    "server.showEmailPrompt": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showSidebarNavigation": "true",
    "theme.base": "light",
    "theme.primaryColor": "#0b5394",
    "theme.backgroundColor": "#ffffff",
    "theme.secondaryBackgroundColor": "#eef2f5",
    "theme.textColor": "#0b1118",
    "theme.linkColor": "#0b5394",
    "theme.borderColor": "#767f88",
    "theme.showWidgetBorder": "true",
}


def streamlit_flags() -> list[str]:
    """Return the command-line flags of `streamlit run` that hold the app's settings."""
    return [f"--{name}={value}" for name, value in SETTINGS.items()]


def app_file() -> Path:
    """Return the script that `streamlit run` starts from an installed package."""
    return Path(__file__).resolve().parent / "start" / "app.py"


def main() -> None:
    """Show the page the address names, around one guard for errors."""
    st.set_page_config(page_title="Planner", layout="wide", initial_sidebar_state="auto")
    page = st.navigation(
        [
            st.Page(
                PAGES_FOLDER / f"{name}.py",
                title=title,
                url_path="" if name == "place" else name,
                default=name == "place",
            )
            for name, title in PAGES.items()
        ],
        position="sidebar" if served.is_signed_in() else "hidden",
        expanded=True,
    )
    with parts.guard():
        if not served.is_signed_in():
            served.ask_to_sign_in()
            return
        if not serving.is_on() or page.url_path in NEEDS_NO_PLACE or served.choose_project():
            page.run()
    with st.sidebar:
        # What is wrong with the project stands on the page.
        with contextlib.suppress(PlannerError):
            place = state.opened().read().spec.place
            st.caption(parts.escape(f"Study area: {place.name}"))
            beside.show()
            own_choices.show_download()
            guide.show_way_back()
        served.show_who()
