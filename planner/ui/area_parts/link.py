"""How does one get from a chosen area to all that is known of it?"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

PAGE = Path(__file__).resolve().parents[1] / "pages" / "area.py"


def show_link(code: str) -> None:
    """Offer the profile of a chosen area; nothing where none is chosen."""
    if code:
        st.page_link(PAGE, label="All that is known of this area", query_params={"area": code})
