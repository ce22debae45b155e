"""Which kind of service is meant by a publisher's own term?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from planner.ledger import Note, note_items
from planner.sources.text import clean_text, comparable
from planner.wording import say_many


def to_kinds(
    terms: Sequence[Sequence[Sequence[str]]], kinds: Mapping[str, str], *, default: str, what: str
) -> tuple[list[str], tuple[Note, ...]]:
    """Return the kind of each row, by the project's table of terms.

    Parameters
    ----------
    terms
        For each row, the publisher's terms for it: of each its name and whatever else it goes by
        (codes, addresses), the name first.
    kinds
        Term → kind, as the project says; where several apply, the one written first.
    default
        The kind of rows without such a term.
    what
        The file as the project names it, for the notes.

    Returns
    -------
    kinds
        One a row.
    notes
        Which rows took the default because of which terms (``terms_unmatched``), and which terms
        of the project are nowhere in the file (``terms_unused``); none without a table.
    """
    asked = {comparable(term): kind for term, kind in kinds.items()}
    found, unmatched, used, rows = [], Counter[str](), set[str](), 0
    for own in terms:
        plain = {comparable(name) for term in own for name in term}
        rows += not plain & asked.keys()
        known = next((term for term in asked if term in plain), None)
        used |= plain & asked.keys()
        found.append(default if known is None else asked[known])
        if known is None:
            unmatched.update({term[0] for term in own if term} or ["(no term)"])
    if not kinds:
        return found, ()
    notes: tuple[Note, ...] = ()
    if rows:
        text = f"{what}: {say_many(rows, 'row')} with no term of `kinds`, taken as {default}."
        items = tuple(f"{clean_text(term)}: {count}" for term, count in sorted(unmatched.items()))
        notes += (
            Note(stage="services", what="terms_unmatched", count=rows, text=text, items=items),
        )
    idle = tuple(term for term in kinds if comparable(term) not in used)
    if idle:
        text = f"{what}: {say_many(len(idle), 'term')} of `kinds` that no row has."
        notes += (note_items("services", "terms_unused", idle, text),)
    return found, notes
