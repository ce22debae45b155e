"""Is there such a venue, route, area, time or point, and if not, which one may have been meant?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from planner.errors import ProjectError
from planner.sources.text import clean_text, comparable
from planner.wording import say_list

#: What can be a point of the British National Grid, Northern Ireland included, in metres.
WEST, EAST, SOUTH, NORTH = -50_000.0, 700_000.0, -50_000.0, 1_300_000.0
_DEGREES = 180.0
_CLOCK = re.compile(r"([0-3]?\d):([0-5]\d)")
#: Shown of a name that somebody wrote.
_SHOWN = 80


def show(name: object) -> str:
    """Return a name as a message quotes it: one short line."""
    return repr(clean_text(name, limit=_SHOWN))


def say_near(asked: str, known: Mapping[str, str]) -> str:
    """Return which ids may have been meant, by id or by name, or what there is; "" for nothing.

    Parameters
    ----------
    asked
        What was written.
    known
        Id → name ("" for none).

    Examples
    --------
    >>> say_near("Old libary", {"v1": "Old library", "v2": "Town hall"})
    "Did you mean 'v1' (Old library)?"
    """
    by_words: dict[str, str] = {}
    for key, name in sorted(known.items()):
        for words in (key, name):
            if words:
                by_words.setdefault(comparable(words), key)
    near = difflib.get_close_matches(comparable(asked), list(by_words), n=3, cutoff=0.6)
    found = list(dict.fromkeys(by_words[words] for words in near))
    if found:
        return f"Did you mean {' or '.join(_named(key, known[key]) for key in found)}?"
    few = [_named(key, known[key]) for key in sorted(known)[:3]]
    return f"There are, for example, {say_list(few)}." if few else ""


def check_point(x: float, y: float, what: str) -> None:
    """Refuse a point that is none of the British National Grid (EPSG:27700 metres)."""
    if abs(x) <= _DEGREES and abs(y) <= _DEGREES and (x or y):
        raise ProjectError(
            f"Scenario: {what} is at {x:g}, {y:g}, which looks like degrees.",
            hint="Give easting and northing in metres (British National Grid).",
        )
    if not (WEST <= x <= EAST and SOUTH <= y <= NORTH):
        raise ProjectError(
            f"Scenario: {what} is at {x:g}, {y:g}, which is not in the United Kingdom.",
            hint="Give easting and northing in metres (British National Grid).",
        )


def to_seconds(clock: str) -> int:
    """Return a time of day such as ``07:30`` in seconds after midnight; up to ``30:00``."""
    found = _CLOCK.fullmatch(clock.strip())
    seconds = int(found[1]) * 3600 + int(found[2]) * 60 if found else -1
    if not 0 <= seconds <= 30 * 3600:
        raise ProjectError(
            f"Scenario: {show(clock)} is not a time of day.", hint="Write it as 07:30."
        )
    return seconds


def to_span(between: str) -> tuple[int, int]:
    """Return a span such as ``07:00-19:00`` in seconds after midnight; its end is not in it."""
    first, dash, last = between.partition("-")
    if not dash:
        raise ProjectError(
            f"Scenario: {show(between)} is not a span of time.", hint="Write it as 07:00-19:00."
        )
    begin, end = to_seconds(first), to_seconds(last)
    if not begin < end:
        raise ProjectError(
            f"Scenario: {show(between)} ends before it begins.",
            hint="Write times past midnight as 24:30.",
        )
    return begin, end


def _named(key: str, name: str) -> str:
    more = f" ({clean_text(name, limit=_SHOWN)})" if name and name != key else ""
    return f"{show(key)}{more}"
