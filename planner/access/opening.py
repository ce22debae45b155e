"""Is a venue open when people would come?"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Day = Literal["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
DAYS: tuple[Day, ...] = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

_NAME = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_RULE = re.compile(
    rf"(?:(?P<days>{_NAME}(?:-{_NAME})?(?:,{_NAME}(?:-{_NAME})?)*) )?"
    r"(?P<times>off|closed|24/7|\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*)"
)
_DAY_MINUTES = 24 * 60

#: Spans of each day in minutes after its midnight, Monday first; they may run past midnight.
Week = list[list[tuple[int, int]]]


def is_open(opening: str, day: Day, begin: str, end: str) -> bool | None:
    """Say whether a venue is open for some time between two moments of a day.

    Parameters
    ----------
    opening
        OpenStreetMap's opening_hours syntax, of the plain kind that services hold.
    day
        Two letters.
    begin, end
        ``HH:MM`` on that day, the end after the beginning, at most ``24:00``.

    Returns
    -------
    open
        None where the hours are not known or cannot be read: that is not the same as closed.
        Public holidays are not looked at; hours past midnight count for the next day too.

    Examples
    --------
    >>> is_open("Mo-Fr 09:00-17:00; Sa 10:00-13:00", "Sa", "10:00", "16:00")
    True
    >>> is_open("Mo-Fr 09:00-17:00; Sa 10:00-13:00", "Tu", "18:00", "20:00")
    False
    """
    week = read_week(opening)
    return None if week is None else is_open_in(week, day, begin, end)


def is_open_in(week: Week, day: Day, begin: str, end: str) -> bool:
    """Say whether some hours of a week overlap with two moments of a day; see `is_open`."""
    at = DAYS.index(day)
    asked = (_minutes(begin), _minutes(end))
    spans = [*week[at], *((a - _DAY_MINUTES, b - _DAY_MINUTES) for a, b in week[at - 1])]
    return any(a < asked[1] and b > asked[0] for a, b in spans)


@lru_cache(maxsize=10_000)
def read_week(opening: str) -> Week | None:
    """Return the spans of each day in minutes; a later rule replaces an earlier one on its days."""
    if not opening.strip():
        return None
    week: Week = [[] for _ in DAYS]
    for part in opening.split(";"):
        found = _RULE.fullmatch(part.strip())
        if found is None:
            return None
        spans = read_spans(found["times"])
        for at in _days(found["days"]):
            week[at] = spans
    return week


def _days(words: str | None) -> list[int]:
    if words is None:
        return list(range(len(DAYS)))
    days: list[int] = []
    for part in words.split(","):
        first, _, last = part.partition("-")
        if "PH" in (first, last):
            continue  # public holidays are no day of the week
        begin = DAYS.index(first)
        end = DAYS.index(last or first)
        days += [(begin + step) % len(DAYS) for step in range((end - begin) % len(DAYS) + 1)]
    return days


def read_spans(times: str) -> list[tuple[int, int]]:
    """Return the minutes of ``10:00-12:00,13:00-17:00``, ``off`` or ``24/7``, as it is written."""
    if times in {"off", "closed"}:
        return []
    if times == "24/7":
        return [(0, _DAY_MINUTES)]
    spans = []
    for span in times.split(","):
        begin, end = (_minutes(clock) for clock in span.split("-"))
        # Past midnight: 20:00-02:00.
        spans.append((begin, end if end > begin else end + _DAY_MINUTES))
    return spans


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
