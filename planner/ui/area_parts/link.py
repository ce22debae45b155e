"""How does one get from a chosen area to all that is known of it?"""

from __future__ import annotations

from planner.ui import links


def show_link(code: str) -> None:
    """Offer the profile of a chosen area; nothing where none is chosen."""
    if code:
        links.show_link("area", "All that is known of this area", area=code)
