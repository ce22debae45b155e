"""Where does this figure come from, and what was done to it on the way?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from planner.wording import say_few


@dataclass(frozen=True, kw_only=True)
class Source:
    """One published file: who published it, under which licence, and of when.

    ``file`` is the path as the project names it, never an absolute path; ``sha256`` is that of
    the bytes that were read. ``vintage`` is the date or period the figures describe.
    """

    publisher: str
    dataset: str
    licence: str
    vintage: str
    file: str = ""
    sha256: str = ""
    page: str = ""

    def cite(self) -> str:
        """Return the source as one line for a caption."""
        return f"{self.publisher}, {self.dataset} ({self.vintage}), {self.licence}"


@dataclass(frozen=True, kw_only=True)
class Note:
    """One thing that was repaired, inherited, left out or could not be placed.

    ``stage`` is the part of the run (place, layers, services, travel, ...), ``what`` a fixed
    slug that tests and the manifest count by, ``count`` how many, ``text`` one plain sentence,
    ``items`` which ones (codes, names or rows; all of them).
    """

    stage: str
    what: str
    count: int
    text: str
    items: tuple[str, ...] = ()


def note_items(stage: str, what: str, items: Iterable[object], text: str) -> Note:
    """Return a note that counts and lists some items; ``text`` is a sentence of its own."""
    names = tuple(str(item) for item in items)
    return Note(stage=stage, what=what, count=len(names), text=text, items=names)


def note_named(stage: str, what: str, items: Iterable[object], text: str) -> Note:
    """Return a note that names its first items and then says ``text`` of them all."""
    names = tuple(str(item) for item in items)
    return note_items(stage, what, names, f"{say_few(names)}: {text}.")
