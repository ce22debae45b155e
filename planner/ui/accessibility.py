"""What does the accessibility statement say, and whom can one write to?"""

from __future__ import annotations

import os
from pathlib import Path

from planner.sources.text import clean_text

#: Whoever runs the app for others puts here how they can be reached about its accessibility.
CONTACT_VARIABLE = "PLANNER_ACCESSIBILITY_CONTACT"
MOST_WRITTEN = 600

STATEMENT = Path(__file__).resolve().parent / "accessibility.md"
_MARK = "<!-- contact -->\n"

NO_CONTACT = (
    "Nobody has filled in a contact here yet. Whoever runs this app for others must do so, by "
    f"setting the environment variable {CONTACT_VARIABLE} before starting it: the "
    "organisation's name, an e-mail address, a telephone number, and within how many days it "
    "answers."
)


def read_statement() -> tuple[str, str]:
    """Return the statement as Markdown: what stands before the contact, and what after it."""
    before, mark, after = STATEMENT.read_text(encoding="utf-8").partition(_MARK)
    assert mark, "The statement says where the contact goes."
    return before, after


def read_contact() -> str:
    """Return how whoever runs the app can be reached, as they wrote it; "" if they did not."""
    return clean_text(os.environ.get(CONTACT_VARIABLE, ""))[:MOST_WRITTEN]


def to_text() -> str:
    """Return the whole statement, with the contact in it."""
    before, after = read_statement()
    said = read_contact() or NO_CONTACT
    return f"# Accessibility statement\n\n{before}## How to reach us\n\n{said}\n{after}"
