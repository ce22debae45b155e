"""How accessible is the app, how was that tested, and whom can one tell of a fault?"""

from __future__ import annotations

import re

import streamlit as st

from planner.ui import accessibility, parts


def show() -> None:
    st.title("Accessibility statement", anchor=False)
    before, after = accessibility.read_statement()
    _show(before)
    st.header("Telling us of a fault, or asking for another form", anchor=False)
    contact = accessibility.read_contact()
    if contact:
        st.markdown(parts.escape(contact))
    else:
        st.warning(parts.escape(accessibility.NO_CONTACT))
    parts.prose(
        "Say which page it was, what you wanted to do, and what you use, such as a screen reader."
    )
    _show(after)
    st.download_button(
        "Download this statement (Markdown)",
        data=lambda: accessibility.to_text().encode("utf-8"),
        file_name="accessibility_statement.md",
        mime="text/markdown",
        on_click="ignore",
        key="download_statement",
    )


def _show(text: str) -> None:
    """Show our own Markdown; its headings without the small links that Markdown gives them."""
    for block in re.split(r"(?m)^(#{2,3} .+)$", text):
        if block.startswith("### "):
            st.subheader(block.removeprefix("### "), anchor=False)
        elif block.startswith("## "):
            st.header(block.removeprefix("## "), anchor=False)
        elif block.strip():
            st.markdown(block)


if __name__ == "__main__":
    show()
