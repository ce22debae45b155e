"""At which hours of the week is something on, once further sessions come to it?"""

from __future__ import annotations

from planner.errors import ProjectError
from planner.scenario.naming import show
from planner.sources.opening import DAY_NAMES, DAYS, from_text, from_week
from planner.sources.schedules import from_opening

_DAY_MINUTES = 24 * 60


def read_sessions(text: str) -> str:
    """Return weekly sessions in OpenStreetMap's syntax.

    Raises
    ------
    ProjectError
        They are not times of every week.
    """
    plain = from_text(text) if text.strip() else None
    if plain is None or not from_opening(plain):
        raise ProjectError(
            f"Scenario: {show(text)} are not sessions of every week.",
            hint="Write them as Tu 10:00-13:00; Sa 10:00-12:00.",
        )
    return plain


def add_hours(known: str, more: str) -> str | None:
    """Return hours with further ones, each day's joined where they touch; None if not plain.

    Parameters
    ----------
    known
        Opening hours in OpenStreetMap's syntax; what is said of public holidays is kept.
    more
        From `read_sessions`.

    Examples
    --------
    >>> add_hours("Mo-Fr 09:00-17:00", "Tu 17:00-20:00; Sa 10:00-12:00")
    'Mo 09:00-17:00; Tu 09:00-20:00; We-Fr 09:00-17:00; Sa 10:00-12:00'
    """
    rules = known.split("; ")
    holidays = [rule for rule in rules if rule.startswith("PH ")]
    parts = [
        from_opening(text) for text in ("; ".join(r for r in rules if r not in holidays), more)
    ]
    if any(part is None for part in parts):
        return None
    week: dict[str, list[tuple[int, int]]] = {day.upper(): [] for day in DAYS}
    for days, begin, end in [row for part in parts for row in part or ()]:
        span = (_minutes(begin), _minutes(end))
        if not span[0] < span[1] <= _DAY_MINUTES:
            return None  # past midnight
        for day in days:
            week[day].append(span)
    cells = {
        name: ",".join(f"{_clock(a)}-{_clock(b)}" for a, b in _joined(week[day.upper()]))
        or "closed"
        for name, day in zip(DAY_NAMES, DAYS, strict=True)
    }
    found = from_week(cells)
    return None if found is None else "; ".join([found, *holidays])


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    # Midnight at the end of a day is 00:00 there, as people write it.
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
