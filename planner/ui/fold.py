"""What need not be seen at once: how is it folded away, and made only when it is opened?"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


@st.fragment
def fold(label: str, key: str, body: Callable[[], None]) -> None:
    """Show a closed box; what is in it is made when a person opens it, and nothing else anew."""
    box = st.expander(label, key=f"fold_{key}", on_change="rerun")
    if box.open:
        with box:
            body()
