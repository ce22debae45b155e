"""On which days, how often and when? iCalendar rules as opening hours and in plain words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planner.sources import opening

#: The two letters of RFC 5545 in the order of the week.
CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th", -1: "last", -2: "2nd to last"}
_WORDS = {
    "weekly": "FREQ=WEEKLY",
    "every week": "FREQ=WEEKLY",
    "fortnightly": "FREQ=WEEKLY;INTERVAL=2",
    "every two weeks": "FREQ=WEEKLY;INTERVAL=2",
    "monthly": "FREQ=MONTHLY",
    "every month": "FREQ=MONTHLY",
    "daily": "FREQ=DAILY",
}
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
_UK_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_TIME = re.compile(r"([01]?\d|2[0-4]):?([0-5]\d)(?::?[0-5]\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When something is on: a rule of repetition and the hours of one day.

    ``days`` are pairs (0 Monday to 6 Sunday, which one in the month: 0 each, -1 the last),
    ``every`` the number of weeks or months from one to the next, ``times`` such as
    ``10:00-12:30``, ``zoned`` whether the times had a time zone, which is not applied: help is
    given by the clock on the wall.
    """

    frequency: str
    every: int
    days: tuple[tuple[int, int], ...]
    month_days: tuple[int, ...]
    times: str
    zoned: bool = False

    @property
    def weekly(self) -> bool:
        """Return whether it is on in every week on the same days."""
        plain = all(which == 0 for _, which in self.days)
        return self.frequency == "WEEKLY" and self.every == 1 and bool(self.days) and plain

    def to_words(self) -> str:
        """Return it in words, such as ``Tuesday 10:00-10:30 fortnightly``.

        Examples
        --------
        >>> build_schedule("FREQ=MONTHLY;BYDAY=2TU", "10:00", "10:30").to_words()
        '2nd Tuesday of the month 10:00-10:30'
        """
        names = [opening.DAY_NAMES[day].capitalize() for day, _ in self.days]
        if self.frequency == "MONTHLY":
            which = [
                f"{_ORDINALS[number]} {name}" if number else f"every {name}"
                for (_, number), name in zip(self.days, names, strict=True)
            ]
            which += [f"day {day}" if day > 0 else f"day {day} (end)" for day in self.month_days]
            often = "the month" if self.every == 1 else f"every {_nth(self.every)} month"
            return f"{_joined(which)} of {often} {self.times}"
        often = {1: "weekly", 2: "fortnightly"}.get(self.every, f"every {self.every} weeks")
        return f"{_joined(names)} {self.times} {often}"


def build_schedule(
    rule: str | Mapping[str, str], opens: str, closes: str, *, day: str = "", start: str = ""
) -> Schedule | None:
    """Return a schedule, or None if it is not plain which days and times are meant.

    Parameters
    ----------
    rule
        An iCalendar recurrence rule (RFC 5545: ``FREQ=WEEKLY;INTERVAL=2;BYDAY=TU``, with or
        without ``RRULE:``), one of a few words (``fortnightly``), a number of weeks, or the
        rule's parts by name, whatever their case. Without a frequency, weekly is meant.
    opens, closes
        Times of day.
    day
        A day of the week in English or as two letters, where the rule names none.
    start
        The date of the first time, which gives the day where nothing else does.

    Examples
    --------
    >>> build_schedule("FREQ=WEEKLY", "9:30", "12:00:00", day="Tuesday").to_words()
    'Tuesday 09:30-12:00 weekly'
    """
    parts = _parts(rule)
    times = _times(opens, closes)
    if parts is None or times is None or parts.get("FREQ", "WEEKLY") not in _KNOWN:
        return None
    frequency = parts.get("FREQ", "WEEKLY")
    every = parts.get("INTERVAL", "1").removesuffix(".0")
    if not re.fullmatch(r"[1-9]\d?", every):
        return None
    days = _days(parts.get("BYDAY", ""))
    month_days = _month_days(parts.get("BYMONTHDAY", "")) if frequency == "MONTHLY" else ()
    if days is None or month_days is None or (frequency == "WEEKLY" and any(n for _, n in days)):
        return None
    if frequency == "DAILY" and every == "1":
        frequency, days = "WEEKLY", days or tuple((at, 0) for at in range(7))
    if not days and not month_days:
        found = day_of(day)
        first = to_date(start)
        found = first.weekday() if found is None and first is not None and not day else found
        if found is None or frequency == "DAILY":
            return None
        # Monthly without a day of the month: the same week of the month as the first time.
        number = 0 if frequency == "WEEKLY" else 0 if first is None else (first.day - 1) // 7 + 1
        if frequency == "MONTHLY" and not number:
            return None
        days = ((found, number),)
    if frequency == "DAILY" or (days and month_days):
        return None
    return Schedule(
        frequency=frequency,
        every=int(every),
        days=days,
        month_days=month_days,
        times=times[0],
        zoned=times[1],
    )


def to_opening(schedules: Iterable[Schedule]) -> str | None:
    """Return weekly schedules together as opening hours, None if one is not weekly.

    Hours that meet or overlap are joined, because the door is open all the while.

    Examples
    --------
    >>> to_opening([build_schedule("FREQ=WEEKLY;BYDAY=TU,TH", "10:00", "12:00")])
    'Tu 10:00-12:00; Th 10:00-12:00'
    """
    spans: dict[int, list[tuple[str, str]]] = {day: [] for day in range(7)}
    for schedule in schedules:
        if not schedule.weekly:
            return None
        start, end = schedule.times.split("-")
        for day, _ in schedule.days:
            spans[day].append((start, end))
    cells = {name: ",".join(_merged(spans[at])) for at, name in enumerate(opening.DAY_NAMES)}
    if not any(cells.values()):
        return ""
    return opening.from_week({name: text or "closed" for name, text in cells.items()})


def from_opening(text: str) -> list[tuple[list[str], str, str]] | None:
    """Return opening hours as (two-letter days, opens, closes), None if they are not plain.

    Examples
    --------
    >>> from_opening("Mo-We 09:00-12:00,13:00-17:00; Su off")
    [(['MO', 'TU', 'WE'], '09:00', '12:00'), (['MO', 'TU', 'WE'], '13:00', '17:00')]
    """
    found: list[tuple[list[str], str, str]] = []
    used: set[str] = set()
    for rule in [part for part in text.split("; ") if part]:
        days_text, _, times = rule.rpartition(" ")
        if rule == "24/7":
            days_text, times = "Mo-Su", "00:00-24:00"
        days = _span_days(days_text or "Mo-Su")
        if days is None or used & set(days):
            return None  # a later rule overrules an earlier one: not two schedules
        used |= set(days)
        if times in {"off", "closed"}:
            continue
        if "PH" in days or not re.fullmatch(r"[\d:,-]+", times):
            return None
        found += [(days, *span.split("-", 1)) for span in times.split(",")]  # type: ignore[misc]
    return found


def from_words(text: str) -> dict[str, str] | None:
    """Return the parts of a schedule that `Schedule.to_words` has put in words, or None.

    Examples
    --------
    >>> from_words("Tuesday and Friday 10:00-10:30 fortnightly")["BYDAY"]
    'TU,FR'
    """
    monthly = re.fullmatch(r"(.+) of the month (\d\d:\d\d)-(\d\d:\d\d)", text)
    weekly = re.fullmatch(
        r"(.+) (\d\d:\d\d)-(\d\d:\d\d) (weekly|fortnightly|every \d+ weeks)", text
    )
    found = monthly or weekly
    if found is None:
        return None
    numbers = {word: str(number) for number, word in _ORDINALS.items()} | {"every": ""}
    days = []
    for part in re.split(r", | and ", found[1]):
        which, _, name = part.rpartition(" ")
        day = day_of(name)
        if day is None or (which and which not in numbers) or (weekly and which):
            return None
        days.append(f"{numbers.get(which, '')}{CODES[day]}")
    rule = {"FREQ": "MONTHLY" if monthly else "WEEKLY", "INTERVAL": "1", "BYDAY": ",".join(days)}
    if weekly and weekly[4] != "weekly":
        rule["INTERVAL"] = "2" if weekly[4] == "fortnightly" else weekly[4].split()[1]
    return {**rule, "OPENS": found[2], "CLOSES": found[3]}


def day_of(text: str) -> int | None:
    """Return 0 for Monday to 6 for Sunday, None for anything else."""
    word = text.strip().casefold().rstrip("s.")
    names = [name.rstrip("s") for name in opening.DAY_NAMES]
    whole = [at for at, name in enumerate(names) if word in {name, name[:2], name[:3], name[:4]}]
    return whole[0] if len(whole) == 1 and len(word) > 1 else None


def to_date(text: object) -> dt.date | None:
    """Return the date at the start of a text (2025-03-31, 20250331, 31/03/2025), or None."""
    plain = str(text or "").strip()[:40]
    found, british = _DATE.match(plain), _UK_DATE.match(plain)
    try:
        if found:
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
        return dt.date(int(british[3]), int(british[2]), int(british[1])) if british else None
    except ValueError:
        return None


# --- parts ----------------------------------------------------------------------------------

_KNOWN = frozenset({"DAILY", "WEEKLY", "MONTHLY"})


def _parts(rule: str | Mapping[str, str]) -> dict[str, str] | None:
    if not isinstance(rule, str):
        named = {str(k).upper(): str(v).strip().upper() for k, v in rule.items()}
        return {k: v for k, v in named.items() if v and v != "NONE"}
    text = rule.strip().strip('"')[:500]
    text = _WORDS.get(text.casefold(), text)
    if re.fullmatch(r"[1-9]\d?", text):
        text = f"FREQ=WEEKLY;INTERVAL={text}"
    text = text.upper().removeprefix("RRULE:").strip(" ;")
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    if any(not sign for _, sign, _ in pairs):
        return None
    return {name.strip(): value.strip() for name, _, value in pairs}


def _days(text: str) -> tuple[tuple[int, int], ...] | None:
    days = set()
    for part in [part.strip() for part in text.split(",") if part.strip()]:
        found = re.fullmatch(r"([+-]?\d)?\s*([A-Z]+)", part)
        day = day_of(found[2]) if found else None
        number = int(found[1] or 0) if found else 0
        if day is None or (number and number not in _ORDINALS):
            return None
        days.add((day, number))
    return tuple(sorted(days))


def _month_days(text: str) -> tuple[int, ...] | None:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(re.fullmatch(r"-?\d{1,2}", part) and 1 <= abs(int(part)) <= 31 for part in parts):
        return None
    return tuple(sorted({int(part) for part in parts}))


def _times(opens: str, closes: str) -> tuple[str, bool] | None:
    start, end = (_TIME.fullmatch(str(text).strip()) for text in (opens, closes))
    if not start or not end:
        return None
    first, last = (f"{int(found[1]):02d}:{found[2]}" for found in (start, end))
    # The specification's way of saying: all day.
    last = "24:00" if last == "00:00" or (first, last) == ("00:00", "23:59") else last
    return (f"{first}-{last}", bool(start[3] or end[3])) if first < last <= "24:00" else None


def _merged(spans: list[tuple[str, str]]) -> list[str]:
    joined: list[list[str]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return [f"{start}-{end}" for start, end in joined]


def _span_days(text: str) -> list[str] | None:
    days: list[str] = []
    for part in text.upper().split(","):
        ends = part.split("-")
        if part == "PH":
            days.append(part)
            continue
        if len(ends) > 2 or not set(ends) <= set(CODES):
            return None
        first, last = CODES.index(ends[0]), CODES.index(ends[-1])
        days += [CODES[at % 7] for at in range(first, last + 1 if first <= last else last + 8)]
    return days


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _nth(number: int) -> str:
    return f"{number}{ {2: 'nd', 3: 'rd'}.get(number, 'th') }"
