"""When could a session begin at a venue?"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.access.opening import DAYS, read_week
from planner.errors import DataError, ProjectError
from planner.ledger import Note, note_items
from planner.rota.inputs import RotaSettings
from planner.wording import say_few, say_noun

DAY_MINUTES = 24 * 60
Minutes = NDArray[np.int64]
#: Spans of a day in minutes after midnight.
Spans = tuple[tuple[int, int], ...]
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


def open_spans(opening: str) -> tuple[Spans, ...] | None:
    """Return when a venue is open on each day of the week, Monday first.

    Parameters
    ----------
    opening
        OpenStreetMap's opening_hours syntax, of the plain kind that services hold.

    Returns
    -------
    spans
        Minutes after midnight, joined where they touch, none past midnight (those hours belong to
        the next day); None where the hours are not known or cannot be read.
    """
    week = read_week(opening)
    if week is None:
        return None
    days = []
    for at in range(len(DAYS)):
        late = [(0, end - DAY_MINUTES) for _, end in week[at - 1] if end > DAY_MINUTES]
        own = [(begin, min(end, DAY_MINUTES)) for begin, end in week[at]]
        days.append(_join(late + own))
    return tuple(days)


def _join(spans: list[tuple[int, int]]) -> Spans:
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return tuple(joined)


def find_begins(spans: Spans, settings: RotaSettings) -> Minutes:
    """Return the minutes at which a session could begin, ascending.

    The room is open from the beginning of setting up to the end of the session.
    """
    step, setup = settings.start_every_minutes, settings.setup_minutes
    found: list[int] = []
    for begin, end in spans:
        first = -(-(begin + setup) // step) * step
        found += range(first, end - settings.session_minutes + 1, step)
    return np.array(sorted(set(found)), dtype=np.int64)


def read_openings(
    venues: pd.DataFrame, settings: RotaSettings
) -> tuple[dict[str, tuple[Spans, ...]], list[Note]]:
    """Read the opening times of all venues.

    Returns
    -------
    openings
        Venue → spans by day; without the venues that are left out.
    notes
        Which venues' hours are not known, and what became of them.

    Raises
    ------
    DataError
        Hours are not known, and the settings say neither to leave such venues out nor when they
        are open; or the stated hours cannot be read.
    """
    found = {str(v): open_spans(str(text)) for v, text in venues["opening"].items()}
    known = {venue: spans for venue, spans in found.items() if spans is not None}
    unknown = [venue for venue, spans in found.items() if spans is None]
    if not unknown:
        return known, []
    names = [str(name) for name in venues.loc[unknown, "venue_name"]]
    if settings.unknown_hours == "refuse":
        raise DataError(
            f"Rota: the opening times of {say_few(names)} are not known or cannot be read.",
            hint="Fill them in, such as 'Mo-Fr 09:00-17:00'; or leave such venues out "
            "(unknown_hours = 'leave_out'); or state hours for them (unknown_hours = 'stated').",
        )
    which = f"{say_noun(len(unknown), 'Venue')} whose opening times are not known"
    if settings.unknown_hours == "leave_out":
        text = f"{which} or cannot be read: {say_few(names)}; left out of the rota."
        return known, [note_items("rota", "hours_not_known", unknown, text)]
    stated = open_spans(settings.stated_hours)
    if stated is None:
        raise DataError(
            f"Rota: stated_hours {settings.stated_hours!r} cannot be read.",
            hint="Write it such as 'Mo-Fr 09:00-17:00; Sa 10:00-13:00'.",
        )
    text = (
        f"{which} or cannot be read: {say_few(names)}; taken to be open "
        f"{settings.stated_hours}, as stated by whoever made the rota."
    )
    spans = {venue: found[venue] or stated for venue in map(str, venues.index) if venue in found}
    return {**spans, **known}, [note_items("rota", "hours_stated", unknown, text)]


def read_days(words: str, team: str) -> tuple[int, ...]:
    """Return the days of the week that a team works, 0 for Monday.

    Raises
    ------
    ProjectError
        The days cannot be read.
    """
    week = read_week(f"{words.strip()} 00:00-24:00")
    days = () if week is None else tuple(at for at, spans in enumerate(week) if spans)
    if not days:
        raise ProjectError(
            f"Rota: the days of {team}, {words!r}, cannot be read.",
            hint="Write them such as 'Mo-Fr' or 'Tu,Th'.",
        )
    return days


def read_shift(row: Mapping[str, object]) -> tuple[int, int]:
    """Return between which minutes of a day a team works; the whole day where it is not stated.

    Raises
    ------
    ProjectError
        A time cannot be read, or the end is not after the beginning.
    """
    ends = []
    for column, blank in (("begin", 0), ("end", DAY_MINUTES)):
        clock = str(row[column]).strip()
        if clock and not _CLOCK.fullmatch(clock):
            raise ProjectError(
                f"Rota: {column} of {row['team_name']}, {clock!r}, cannot be read.",
                hint="Write it such as 09:00, or leave it empty.",
            )
        ends.append(int(clock[:2]) * 60 + int(clock[3:]) if clock else blank)
    if ends[0] >= ends[1]:
        raise ProjectError(f"Rota: {row['team_name']} would end work before beginning it.")
    return ends[0], ends[1]


def to_clock(minute: int) -> str:
    """Return minutes after midnight as ``HH:MM``.

    Examples
    --------
    >>> to_clock(9 * 60 + 5)
    '09:05'
    """
    return f"{minute // 60:02d}:{minute % 60:02d}"
