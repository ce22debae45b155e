"""How does one get from one page to another?"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

PAGES_FOLDER = Path(__file__).resolve().parent / "pages"


def show_link(page: str, label: str, **asked: str) -> None:
    """Offer another page; nothing where this one is shown by itself.

    ``asked`` goes into the address.
    """
    try:
        st.page_link(PAGES_FOLDER / f"{page}.py", label=label, query_params=asked or None)
    except StreamlitPageNotFoundError:
        return
