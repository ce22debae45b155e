"""How does a rota get into people's calendars?"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Literal

from planner.errors import ProjectError
from planner.rota.result import Rota
from planner.rota.staffing import day_name
from planner.standards import kind_words

#: Whether times are those of London, or of wherever the calendar is looked at.
CalendarTimes = Literal["Europe/London", "floating"]
#: Octets of a line before it is folded (RFC 5545, 3.1).
LINE_OCTETS = 75

_LONDON = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/London",
    "BEGIN:DAYLIGHT",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0100",
    "TZNAME:BST",
    "DTSTART:19960331T010000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0000",
    "TZNAME:GMT",
    "DTSTART:19961027T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "END:VTIMEZONE",
)


@dataclass(frozen=True, kw_only=True)
class CalendarSettings:
    """From when the rota runs, and how its times are meant.

    ``first_monday`` is the Monday of week 1; ``repeats`` how often the cycle comes round in all;
    ``written`` when the file is made (with a time zone), which every entry must carry; ``title``
    the calendar's name; ``uid_domain`` what makes the entries' ids those of this rota.
    """

    first_monday: dt.date
    repeats: int
    written: dt.datetime
    times: CalendarTimes = "Europe/London"
    title: str = "Outreach rota"
    uid_domain: str = "rota.invalid"

    def __post_init__(self) -> None:
        if self.first_monday.weekday() != 0:
            raise ProjectError(
                f"Rota: week 1 begins on {self.first_monday:%A} {self.first_monday}.",
                hint="Give the Monday of the first week.",
            )
        if self.repeats < 1:
            raise ProjectError(
                f"Rota: the cycle comes round {self.repeats} times.", hint="Give at least 1."
            )
        if self.written.tzinfo is None:
            raise ProjectError(
                "Rota: the time of writing has no time zone.", hint="Give it in UTC."
            )


def to_icalendar(rota: Rota, settings: CalendarSettings) -> str:
    r"""Return the rota as a calendar file, one repeating entry a session.

    Parameters
    ----------
    rota
        As planned.
    settings
        From when, how often, and in which time.

    Returns
    -------
    text
        To be written in UTF-8 as it stands: lines end in CR LF.

    Notes
    -----
    RFC 5545 (Desruisseaux 2009): lines of at most 75 octets, folded between characters; in texts
    a backslash goes before backslashes, semicolons and commas, and line ends are written ``\n``.
    London's clock changes as the law has had it since 1996. An entry keeps its id as long as
    team, venue, week, day and beginning are the same.
    """
    zone = _LONDON if settings.times == "Europe/London" else ()
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//planner//outreach rota//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escape_text(settings.title)}",
        *zone,
    ]
    for row in rota.plan.to_dict("records"):
        lines += _event(row, rota.weeks, settings)
    lines.append("END:VCALENDAR")
    return "".join(fold_line(line) + "\r\n" for line in lines)


def _event(row: dict[str, object], weeks: int, settings: CalendarSettings) -> list[str]:
    days = [day_name(day) for day in range(7)]
    after = 7 * (int(str(row["week"])) - 1) + days.index(str(row["day"]))
    date = settings.first_monday + dt.timedelta(days=after)
    services = ", ".join(kind_words(kind) for kind in str(row["services"]).split(";"))
    written = settings.written.astimezone(dt.UTC)
    named = "|".join(str(row[part]) for part in ("team_id", "venue_id", "week", "day", "begin"))
    uid = hashlib.sha256(named.encode()).hexdigest()[:32]
    told = f"Services: {services}\nSet up from {row['setup_from']}"
    travel = row["travel_minutes_before"]
    if travel:
        told += f"\nTravel before: {travel} minutes"
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}@{settings.uid_domain}",
        f"DTSTAMP:{written:%Y%m%dT%H%M%SZ}",
        f"DTSTART{_when(date, str(row['begin']), settings.times)}",
        f"DTEND{_when(date, str(row['end']), settings.times)}",
        f"RRULE:FREQ=WEEKLY;INTERVAL={weeks};COUNT={settings.repeats}",
        f"SUMMARY:{escape_text(row['team_name'])} – {escape_text(row['venue_name'])}",
        f"LOCATION:{escape_text(row['venue_name'])}",
        f"DESCRIPTION:{escape_text(told)}",
        "END:VEVENT",
    ]


def _when(date: dt.date, clock: str, times: CalendarTimes) -> str:
    hours, minutes = (int(part) for part in clock.split(":"))
    at = dt.datetime.combine(date, dt.time()) + dt.timedelta(hours=hours, minutes=minutes)
    zone = "" if times == "floating" else ";TZID=Europe/London"
    return f"{zone}:{at:%Y%m%dT%H%M%S}"


def escape_text(value: object) -> str:
    r"""Return a text as a calendar file holds it; control characters have no place in one.

    Examples
    --------
    >>> escape_text("Hall; room 2, upstairs")
    'Hall\\; room 2\\, upstairs'
    """
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c == "\n" or (ord(c) >= 32 and ord(c) != 127))
    for mark in ("\\", ";", ","):
        text = text.replace(mark, "\\" + mark)
    return text.replace("\n", "\\n")


def fold_line(line: str) -> str:
    """Break a long line into pieces of at most 75 octets, never within a character."""
    pieces: list[str] = []
    piece, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            pieces.append(piece)
            piece, octets = " ", 1
        piece += character
        octets += size
    return "\r\n".join([*pieces, piece])
