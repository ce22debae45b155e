"""Which parts has the report, which of them does somebody want, and what is said of the others?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from planner.errors import DataError
from planner.report.tables import Table
from planner.report.why import Why
from planner.wording import say_list

#: What stands in every report, whatever is left out of it: no figure goes without these.
ALWAYS = (
    "Key findings of the parts that are in it",
    "Standards",
    "Limits",
    "What was repaired, inherited, left out",
    "Sources",
    "All areas: the figures behind the maps",
)


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of the page: sentences, the finding first, a map that shows it, tables.

    ``whys`` explain single areas, each in statements of its own.
    """

    id: str
    title: str
    sentences: tuple[str, ...]
    map: Markup | None
    map_title: str
    tables: tuple[Table, ...]
    whys: tuple[Why, ...] = ()


def keep_sections(sections: Sequence[Section], leave: Collection[str]) -> list[Section]:
    """Return the parts that are not left out.

    Raises
    ------
    DataError
        A part that is to be left out is not there; it would be left out in silence.
    """
    ids = [section.id for section in sections]
    unknown = [part for part in leave if part not in ids]
    if unknown:
        raise DataError(
            f"The report has no part called {say_list(sorted(unknown))}.",
            hint=f"Its parts are {say_list(ids)}.",
        )
    return [section for section in sections if section.id not in leave]


def say_left_out(sections: Sequence[Section], leave: Collection[str]) -> str:
    """Return the titles of the parts that are left out, "" where none is."""
    return say_list([f"“{section.title}”" for section in sections if section.id in leave])
