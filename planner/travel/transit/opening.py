"""When is a site open to somebody who gets there? `Hours`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from planner.cores import jit
from planner.errors import TravelError
from planner.ledger import Note, note_items
from planner.travel.kernels import FAR
from planner.travel.transit.timetable import Int32, Int64

#: For each site, when it opens and closes, in minutes after midnight.
Opening = Mapping[str, Sequence[tuple[float, float]]]
Unknown = Literal["open", "closed"]

_ALWAYS = ((-float(FAR // 60), float(FAR // 60)),)


class Hours(NamedTuple):
    """The different opening times among sites, each a *pattern* of spans in seconds.

    Pattern ``p`` has the spans ``start[p]`` to ``start[p + 1]``, the earliest first; somebody
    who is there between ``first`` and ``last`` can be seen and stay as long as needed.
    """

    start: Int64
    first: Int32
    last: Int32


def build_hours(
    sites: pd.Index,
    opening: Opening | None,
    *,
    stay_minutes: float = 0.0,
    unknown_opening: Unknown = "open",
) -> tuple[Hours, Int64]:
    """Group sites by when one can be there and stay.

    Parameters
    ----------
    sites
        Their ids.
    opening
        Spans of minutes after midnight, in any order; a site that is not in it is unknown, one
        without spans is closed. None: everything is always open.
    stay_minutes
        Least time between getting there and closing.
    unknown_opening
        What is assumed of sites that are not in ``opening``.

    Returns
    -------
    hours, pattern
        The patterns, and which of them each site has.

    Raises
    ------
    TravelError
        A site closes before it opens, or one stays less than no time.
    """
    if not stay_minutes >= 0:
        raise TravelError(f"Opening times: a stay of {stay_minutes:g} minutes cannot be.")
    stay = -int(np.floor(-stay_minutes * 60 + 1e-6))
    number: dict[tuple[tuple[int, int], ...], int] = {}
    pattern = np.empty(len(sites), np.int64)
    if opening is None:
        number[_spans("", _ALWAYS, stay)] = 0
        pattern[:] = 0
    for place, site in enumerate(sites if opening is not None else ()):
        unknown = _ALWAYS if unknown_opening == "open" else ()
        spans = tuple(opening.get(str(site), unknown)) if opening is not None else ()
        pattern[place] = number.setdefault(_spans(str(site), spans, stay), len(number))
    each = [len(spans) for spans in number]
    both = np.array([pair for spans in number for pair in spans], np.int64).reshape(-1, 2)
    start = np.concatenate([[0], np.cumsum(each)]).astype(np.int64)
    return Hours(start, both[:, 0].astype(np.int32), both[:, 1].astype(np.int32)), pattern


def opening_notes(
    sites: pd.Index, opening: Opening, *, unknown_opening: Unknown = "open"
) -> tuple[Note, ...]:
    """Say at how many sites the opening times are not known, and what was assumed."""
    unknown = tuple(str(site) for site in sites if str(site) not in opening)
    if not unknown:
        return ()
    words = "taken to be always open" if unknown_opening == "open" else "left out"
    text = f"{len(unknown)} of {len(sites)} sites state no opening times and are {words}."
    return (note_items("travel", f"opening_unknown_{unknown_opening}", unknown, text),)


def _spans(
    site: str, spans: Sequence[tuple[float, float]], stay: int
) -> tuple[tuple[int, int], ...]:
    """Return when one may come, in whole seconds: spans that touch are one."""
    joined: list[list[int]] = []
    for opens, closes in sorted(spans):
        if not opens < closes:
            raise TravelError(
                f"Opening times: site {site} closes at minute {closes:g}, not after it opens at "
                f"{opens:g}.",
                hint="Write a span past midnight with minutes above 1440.",
            )
        first, last = -int(np.floor(-opens * 60 + 1e-6)), int(np.floor(closes * 60 + 1e-6))
        if joined and first <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    # Somebody who needs no time can still be seen in the last second before closing.
    least = max(stay, 1)
    return tuple((first, last - least) for first, last in joined if last - first >= least)


@jit
def opens(hours, pattern, time):  # type: ignore[no-untyped-def]
    """Return the first second from ``time`` on at which one can be seen; `FAR`: none."""
    for span in range(hours.start[pattern], hours.start[pattern + 1]):
        if time <= hours.last[span]:
            return max(time, hours.first[span])
    return FAR


@jit
def on_foot(arrive, walk, hours, begin):  # type: ignore[no-untyped-def]
    """Lower arrivals (homes, minutes) to what walking all the way brings.

    ``walk`` (patterns, homes) are the seconds to the nearest site of each pattern.
    """
    for pattern in range(len(walk)):
        for home in range(len(arrive)):
            if walk[pattern, home] == FAR:
                continue
            for step in range(arrive.shape[1]):
                time = opens(hours, pattern, begin + 60 * step + walk[pattern, home])
                if time < arrive[home, step]:
                    arrive[home, step] = time
