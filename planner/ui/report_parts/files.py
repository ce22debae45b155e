"""Which files can be taken away, and what is in each?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.export import build_zip
from planner.maps import to_offline_html
from planner.report import build_plan_map
from planner.sources.text import slug
from planner.ui import made_files, parts, state

#: The files that people ask for first → what is in them. The rest is in manifest.json.
FILES = {
    "report.html": "The whole report, to read, print or send: findings, maps, tables, sources, "
    "limits",
    "map.html": "A map to explore in a browser, without a network",
    "areas.csv": "One row an area: need, type, minutes, gap",
    "areas.gpkg": "The same with outlines, venues and hubs, for QGIS and others",
    "gaps.csv": "Every area and service: gap or not, and why",
    "need_parts.csv": "What each domain adds to need, area by area",
    "types.csv": "Each type of neighbourhood, in figures",
    "codebook.md": "How the types were made, in words",
    "hubs.csv": "The chosen hubs, if there are any",
    "services.csv": "Every service, where it is, and which could not be placed",
    "access.parquet": "Every measure of access, for researchers",
    "travel.parquet": "Every journey time, for researchers",
    "planner.resolved.toml": "The project file with every default: it gives the same results again",
    "manifest.json": "All files with their checksums, inputs, versions and notes",
}


def show(plan: state.Plan) -> None:
    """Offer the map, the project file and everything as one ZIP."""
    st.header("Take it away", anchor=False)
    place = slug(plan.area.name) or "place"
    left, right = st.columns(2)
    left.download_button(
        "Download the map (map.html)",
        data=lambda: to_offline_html(build_plan_map(plan)).encode("utf-8"),
        file_name="map.html",
        mime="text/html",
        on_click="ignore",
        width="stretch",
        key="download_map",
    )
    right.download_button(
        "Download the project file",
        data=plan.project.to_toml,
        file_name="planner.resolved.toml",
        mime="application/toml",
        on_click="ignore",
        width="stretch",
        key="download_project",
    )
    key = made_files.key_of(plan, "zip")
    if made_files.find(key) is None:
        st.button(
            "Make a ZIP of all tables and files",
            key="make_zip",
            on_click=made_files.ask,
            args=(key, lambda tell: build_zip(plan, tell=tell)),
            help="The same files as the command planner run writes.",
        )
    made_files.show(key, label="the ZIP", ready=lambda pack: _offer(pack, place))
    parts.table(
        pd.DataFrame(list(FILES.items()), columns=["File", "What is in it"]),
        title="What is in the ZIP, in the main",
        name="files",
        key="files",
    )


def _offer(pack: bytes, place: str) -> None:
    st.success(f"The ZIP is ready: {len(pack) / 1e6:,.1f} MB.")
    st.download_button(
        "Download all of it (ZIP)",
        data=pack,
        file_name=f"{place}.zip",
        mime="application/zip",
        on_click="ignore",
        key="download_zip",
    )
