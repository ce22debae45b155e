"""Is an offer open at some hours: by its own sessions, or else by the hours of its venue?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import pandas as pd

from planner.access.opening import DAYS, Day, Week, is_open_in, read_spans, read_week

#: ``some_weeks``: on then, but not in every week.
Held = Literal["open", "some_weeks", "closed"]
#: What `judge_offers` says where it is not known.
NOT_KNOWN_THEN = "not_known"

_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WHOLE_DAY = [(0, 24 * 60)]
_LONGEST = 1000

_NUMBER = r"(?:\d+|two|three|four|six|eight|other|second|third|fourth)"
_EVERY_WEEK = re.compile(r"^(?:weekly|every week)\b|\b(?:weekly|every week)$")
_RARER = r"(?:fortnightly|monthly|quarterly|alternate weeks|every month|every fortnight|"
_RARER += rf"every {_NUMBER} (?:weeks?|months?))"
_NOT_EVERY_WEEK = re.compile(rf"^{_RARER}\b|\b{_RARER}$")
_OF_MONTH = re.compile(r" (?:of|in) (?P<which>the|each|every(?: \S+)?) month\b")
_CLOCKS = re.compile(r"(?:\b(?:at|from) )?\b\d{1,2}(?:[:.]\d\d| ?[ap]m\b| ?-).*$")
_SPANS = re.compile(r"\d\d:\d\d-\d\d:\d\d(?:, ?\d\d:\d\d-\d\d:\d\d)*")
_WHICH = r"(?:2nd to last|\d(?:st|nd|rd|th)|first|second|third|fourth|last)"
_ITEM = re.compile(rf"(?:(?P<which>{_WHICH}|every|day -?\d\d?(?: \(end\))?) ?)?(?P<days>[a-z.-]*)")


@dataclass(frozen=True, kw_only=True)
class OfferHours:
    """What is written of when an offer is on.

    ``sessions`` are its own, ``opening`` are the hours of its venue; "" where nothing is written.
    """

    sessions: str
    opening: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Sessions:
    """When something is on: in every week, and in some weeks only."""

    weekly: Week
    some_weeks: Week


def is_offer_open(hours: OfferHours, day: Day, begin: str, end: str) -> Held | None:
    """Say whether an offer is open for some time between two moments of a day.

    Parameters
    ----------
    hours
        Its sessions count, and the hours of its venue where it has none.
    day
        Two letters.
    begin, end
        ``HH:MM`` on that day, the end after the beginning, at most ``24:00``.

    Returns
    -------
    held
        ``some_weeks`` where it is on then fortnightly, monthly or the like: that is not open in
        any week one might come. None where it is not known or cannot be read.

    Examples
    --------
    >>> advice = OfferHours(sessions="Tuesday 10:00-12:00 weekly", opening="Mo-Sa 09:00-17:00")
    >>> is_offer_open(advice, "Tu", "11:00", "13:00"), is_offer_open(advice, "Sa", "10:00", "13:00")
    ('open', 'closed')
    """
    if not hours.sessions.strip():
        week = read_week(hours.opening)
        if week is None:
            return None
        return "open" if is_open_in(week, day, begin, end) else "closed"
    found = read_sessions(hours.sessions)
    if found is None:
        return None
    if is_open_in(found.weekly, day, begin, end):
        return "open"
    return "some_weeks" if is_open_in(found.some_weeks, day, begin, end) else "closed"


def judge_offers(offers: pd.DataFrame, venues: pd.DataFrame, at: tuple[Day, str, str]) -> pd.Series:
    """Say of each offer whether it is open for some time then: day, from, to.

    Parameters
    ----------
    offers, venues
        As in `planner.services.Services`.
    at
        Day, beginning and end, as for `is_offer_open`.

    Returns
    -------
    held
        On the offers' index: `Held`, or `NOT_KNOWN_THEN`.
    """
    opening = venues["opening"].reindex(offers["venue_id"]).astype(str)
    pairs = list(zip(offers["sessions"].astype(str), opening, strict=True))
    known = {
        pair: is_offer_open(OfferHours(sessions=pair[0], opening=pair[1]), *at) or NOT_KNOWN_THEN
        for pair in set(pairs)
    }
    return pd.Series([known[pair] for pair in pairs], index=offers.index, dtype=object)


@lru_cache(maxsize=10_000)
def read_sessions(text: str) -> Sessions | None:
    """Read when sessions are held, None where it is not plain.

    Parameters
    ----------
    text
        Weeks in OpenStreetMap's opening_hours syntax (``Tu 10:00-12:00``), in which a later rule
        replaces an earlier one; or words such as ``Tuesday and Friday 10:00-10:30 weekly``,
        ``Tuesday 10:00-10:30 fortnightly`` and ``2nd Tuesday of the month 10:00-10:30``, several
        of them with ``;`` between: these add up. One that cannot be read leaves all unknown.

    Notes
    -----
    Without a word on how often, every week is meant. What is not on in every week may lack its
    days or times (``fortnightly``): it may then be on at any.
    """
    week = read_week(text)
    if week is not None:
        return Sessions(weekly=week, some_weeks=_empty())
    found = Sessions(weekly=_empty(), some_weeks=_empty())
    parts = [part for part in text.split(";") if part.strip()]
    if not parts or len(text) > _LONGEST:
        return None
    for part in parts:
        week = read_week(part)
        one = _read_words(part) if week is None else Sessions(weekly=week, some_weeks=_empty())
        if one is None:
            return None
        for at in range(len(DAYS)):
            found.weekly[at].extend(one.weekly[at])
            found.some_weeks[at].extend(one.some_weeks[at])
    return found


def _empty() -> Week:
    return [[] for _ in DAYS]


def _read_words(text: str) -> Sessions | None:
    """Read one session: on which days, at which times, how often."""
    words = " ".join(text.casefold().replace("–", "-").split()).strip(" .,")
    rarely = _NOT_EVERY_WEEK.search(words) is not None
    words = _NOT_EVERY_WEEK.sub("", words).strip(" ,")
    words = _EVERY_WEEK.sub("", words).strip(" ,")
    month = _OF_MONTH.search(words)
    words = _OF_MONTH.sub("", words)
    if month is not None:
        # "Every Tuesday of the month" is weekly; of every 2nd month, or a bare Tuesday, is not.
        rarely |= " " in month["which"] or not re.search(rf"\bevery\b|{_WHICH}", words)
    clocks = _CLOCKS.search(words)
    days = _read_days((words[: clocks.start()] if clocks else words).strip(" ,:"))
    if days is None:
        return None
    times = clocks[0] if clocks else ""
    spans = read_spans(times.replace(" ", "")) if _SPANS.fullmatch(times) else None
    plain, some = days
    if rarely:
        plain, some = set(), (plain | some) or set(range(len(DAYS)))
    if (plain and spans is None) or not (plain or some):
        return None
    found = Sessions(weekly=_empty(), some_weeks=_empty())
    for at in plain:
        found.weekly[at].extend(spans or ())
    for at in some:
        found.some_weeks[at].extend(_WHOLE_DAY if spans is None else spans)
    return found


def _read_days(words: str) -> tuple[set[int], set[int]] | None:
    """Return the days of every week and those of some weeks of the month; None if not plain."""
    plain: set[int] = set()
    some: set[int] = set()
    words = re.sub(r"(?<=[a-z.]) ?- ?(?=[a-z])", "-", words.removeprefix("on "))
    last: list[int] = []
    for item in reversed(re.split(r", and |, ?| and | ?& ?", words) if words else []):
        found = _ITEM.fullmatch(item.strip())
        if found is None or not found[0]:
            return None
        which = found["which"] or ""
        if which.startswith("day "):
            if found["days"]:
                return None
            some |= set(range(len(DAYS)))  # the 15th may be any day of the week
            continue
        if found["days"]:
            last = _span(found["days"])
        if not last or (not found["days"] and which in ("", "every")):
            return None
        (plain if which in ("", "every") else some).update(last)
    return plain, some


def _span(words: str) -> list[int]:
    """Return the days of ``tuesday``, ``tue`` or ``mon-fri``; none if they are not."""
    ends = [_day(word) for word in words.split("-")]
    if len(ends) > 2 or None in ends:
        return []
    first, last = int(ends[0] or 0), int(ends[-1] or 0)
    return [(first + step) % len(DAYS) for step in range((last - first) % len(DAYS) + 1)]


def _day(word: str) -> int | None:
    short = word.rstrip("s.")
    for at, name in enumerate(_DAY_NAMES):
        if short in {name, *(name[:letters].rstrip("s") for letters in (2, 3, 4))}:
            return at
    return None
