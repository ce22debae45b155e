"""When is a venue open? Publishers' ways of saying it, in OpenStreetMap's opening_hours syntax."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

#: A text as long as this may have been cut, and half a week would read as closed on the rest.
MAX_OPENING = 1000

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_DAYS = rf"{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*"
_SPAN = r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2\d):[0-5]\d"
_TIMES = rf"(?:{_SPAN}(?:,{_SPAN})*|off|closed|24/7)"
_RULE = rf"(?:(?:{_DAYS} )?{_TIMES})"
_OSM = re.compile(rf"{_RULE}(?:; {_RULE})*")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.]?([0-5]\d))?(am|pm)?")
_CLOSED = {"closed", "off", "shut", "close", "not open"}


def from_week(cells: Mapping[str, str]) -> str | None:
    """Return one text for a week given day by day.

    Parameters
    ----------
    cells
        English day name → what the publisher wrote, such as ``08:30-13:00,14:00-17:30``,
        ``9am - 5pm`` or ``CLOSED``.

    Returns
    -------
    opening
        Days alike are joined (``Mo-Fr 09:00-17:00``), closed days left out; "" where nothing is
        written for any day; None where some day is missing or cannot be read, because half a
        week would read as closed on the other half.

    Examples
    --------
    >>> days = dict.fromkeys(DAY_NAMES[:5], "9am-5pm") | dict.fromkeys(DAY_NAMES[5:], "Closed")
    >>> from_week(days)
    'Mo-Fr 09:00-17:00'
    """
    texts = [" ".join(str(cells.get(day, "")).split()) for day in DAY_NAMES]
    if not any(texts):
        return ""
    hours = [_day_hours(text) for text in texts]
    if any(times is None for times in hours):
        return None
    return _join_days([times or "" for times in hours]) or "Mo-Su off"


def from_text(text: str) -> str | None:
    """Return a free text in OpenStreetMap's syntax, or None if it does not parse simply.

    Whole texts only: ``Tuesday - Friday 12noon - 2pm`` becomes ``Tu-Fr 12:00-14:00``, but
    anything with conditions in it (``by appointment``, ``2nd Monday``) is not guessed at.

    Examples
    --------
    >>> from_text("Wednesday 9:30am - 12noon"), from_text("Mo-Fr 09:00-17:00; Su off")
    ('We 09:30-12:00', 'Mo-Fr 09:00-17:00; Su off')
    >>> from_text("One morning per week") is None
    True
    """
    if len(text) >= MAX_OPENING:
        return None
    tidy = _tidy_osm(text)
    if _OSM.fullmatch(tidy):
        return tidy
    rules = [
        _rule(part) for part in re.split(r"\s*[;|\n]\s*|\s*,\s*(?=[A-Za-z]{3})", text.strip(" .;"))
    ]
    return "; ".join(rule for rule in rules if rule) if all(rules) else None


def _tidy_osm(text: str) -> str:
    tidy = re.sub(r"\s+", " ", text.replace("–", "-")).strip(" ;")
    tidy = re.sub(r"\s*([,-])\s*", r"\1", tidy)
    tidy = re.sub(r"\s*;\s*", "; ", tidy)
    return re.sub(r"\b(Off|OFF|Closed|CLOSED|closed)\b", "off", tidy)


def _rule(text: str) -> str:
    """Return one rule such as ``Tu-Fr 12:00-14:00`` for English words, or ""."""
    words = text.lower().replace("–", "-").replace(" to ", "-").strip(" .,:")
    names = "|".join(rf"{day[:3]}(?:{day[3:]})?s?\b|{day[:4]}s?\b" for day in DAY_NAMES)
    found = re.fullmatch(rf"((?:{names})(?:\s*(?:-|,|&|and)\s*(?:{names}))*)\s*:?,?\s*(.+)", words)
    if not found:
        return ""
    times = _day_hours(found[2])
    if not times:
        return ""
    days = re.sub(r"\s*(?:,|&|and)\s*", ",", re.sub(r"\s*-\s*", "-", found[1]))
    short = re.sub(r"[a-z]+", lambda word: word[0][:2].capitalize(), days)
    return f"{short} {times}" if re.fullmatch(_DAYS, short) else ""


def _day_hours(text: str) -> str | None:
    """Return ``HH:MM-HH:MM,...`` for one day, "" for closed, None if it cannot be read."""
    words = text.casefold().replace("–", "-").replace(" to ", "-").strip(" .")
    if words in _CLOSED:
        return ""
    spans = []
    for part in re.split(r"\s*(?:,|&|\band\b|;)\s*", words):
        ends = part.split("-")
        start, end = _clock(ends[0], borrow=ends[-1]), _clock(ends[-1])
        if len(ends) != 2 or not start or not end or start == end:
            return None
        end = "24:00" if end == "00:00" else end
        if end < start:
            return None
        spans.append(f"{start}-{end}")
    return ",".join(spans) if spans == sorted(spans) else None


def _clock(text: str, *, borrow: str = "") -> str:
    """Return ``HH:MM`` for a time of day, "" if it is not one or might be another one.

    A start without am or pm takes that of the end in ``borrow`` if it is then the earlier one,
    as people mean it: 1 - 3pm is from 13:00, 11 - 1pm from 11:00.
    """
    word = re.sub(r"\s", "", text).replace("a.m", "am").replace("p.m", "pm").strip(".")
    named = re.fullmatch(r"(12)?(noon|midday|midnight)", word)
    if named:
        return "00:00" if named[2] == "midnight" else "12:00"
    found = _CLOCK.fullmatch(word)
    if not found:
        return ""
    if not found[3] and re.search(r"[ap]\.?m\.?\s*$", borrow) and int(found[1]) <= 12:
        halves = [borrow.strip(" .").replace(".m", "m")[-2:], "am"]
        starts = [_clock(f"{word}{half}") for half in halves]
        return next((start for start in starts if start and start < _clock(borrow)), "")
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        return (
            f"{hour % 12 + (12 if half == 'pm' else 0):02d}:{minute:02d}" if 1 <= hour <= 12 else ""
        )
    # 1:30 without am or pm is more likely the afternoon than the night: not guessed at.
    if found[2] is None or (hour < 7 and len(found[1]) == 1):
        return ""
    return f"{hour:02d}:{minute:02d}" if hour < 24 or (hour, minute) == (24, 0) else ""


def _join_days(hours: Sequence[str]) -> str:
    """Return rules with neighbouring days of the same hours joined; "" if every day is closed."""
    rules, at = [], 0
    while at < len(hours):
        last = at
        while last + 1 < len(hours) and hours[last + 1] == hours[at]:
            last += 1
        days = DAYS[at] if last == at else f"{DAYS[at]}-{DAYS[last]}"
        if hours[at]:
            rules.append(f"{days} {hours[at]}")
        at = last + 1
    return "; ".join(rules)
