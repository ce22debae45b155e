"""Which services are open in the evening or on a Saturday, and how far is the nearest then?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.access.found import MeasureList
from planner.access.nearest import NOT_KNOWN
from planner.access.options import OriginMeasure
from planner.access.reach import (
    Near,
    Reach,
    count_offers,
    group_offers,
    nearest_offer,
)
from planner.access.sessions import NOT_KNOWN_THEN, judge_offers
from planner.area import StudyArea
from planner.ledger import Note, note_items
from planner.project import MeasureSettings, split_at
from planner.services import Services
from planner.standards import Standard, kind_words
from planner.travel.getting_about import Way
from planner.wording import say_are, say_many


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenHours:
    """Journeys at some hours of a week: the way at that time, and by which day it was timed.

    ``way`` is None where nothing is known of journeys at those hours: there is no data then.
    """

    way: Way | None
    words: str


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenOffers:
    """The offers of one kind at some hours.

    ``offers`` are those that are open then; ``unknown`` are venues with offers of which nobody
    knows when they are, whatever was made of them; ``some_weeks`` are ids of offers that are on
    then, but not in every week, and so do not count as open. ``venues`` and ``there`` are how many
    venues and offers there are of the kind.
    """

    offers: pd.DataFrame
    unknown: tuple[str, ...]
    some_weeks: tuple[str, ...]
    venues: int
    there: int


def find_open(
    services: Services, kinds: Iterable[str], at: str, settings: MeasureSettings
) -> dict[str, OpenOffers]:
    """Return, by kind, the offers that are open for some time between two hours.

    An offer's own sessions count, and its venue's hours where it has none.
    """
    offers = services.open_offers()
    held = judge_offers(offers, services.venues, split_at(at))
    taken = ("open", NOT_KNOWN_THEN) if settings.unknown_hours == "open" else ("open",)
    words = held.to_numpy(dtype=object)
    of, venues, ids = (
        column.to_numpy(dtype=object)
        for column in (offers["kind"], offers["venue_id"], offers.index)
    )
    found = {}
    for kind in kinds:
        rows = np.flatnonzero(of == kind)
        then = words[rows]
        found[kind] = OpenOffers(
            offers=offers.iloc[rows[np.isin(then, taken)]],
            unknown=tuple(sorted(set(venues[rows[then == NOT_KNOWN_THEN]]))),
            some_weeks=tuple(ids[rows[then == "some_weeks"]]),
            venues=len(set(venues[rows])),
            there=len(rows),
        )
    return found


def asked_open_venues(
    area: StudyArea, services: Services, at: str, settings: MeasureSettings
) -> list[tuple[str, ...]]:
    """Return the sets of venues, open then, among which somebody's nearest is looked for."""
    points = area.place_points
    asked = {
        group.venues
        for there in find_open(services, services.kinds, at, settings).values()
        for group in group_offers(there.offers, points)
    }
    return sorted(asked - {()})


def add_open_then(
    found: MeasureList,
    area: StudyArea,
    services: Services,
    way: Way,
    settings: MeasureSettings,
    standards: Mapping[str, Standard],
    kinds: Sequence[str],
    hours: Mapping[str, OpenHours],
) -> None:
    """Add minutes to the nearest service that is open then, and how many there are in reach.

    Parameters
    ----------
    found
        Gets two measures for each kind and each of the hours.
    area, services, way
        As for all measures.
    settings
        The hours, and what becomes of venues whose hours are not known.
    standards
        Kind → the minutes within which offers are counted.
    kinds
        Kinds that there are.
    hours
        Journeys at those hours, by their words; those of ``way`` for hours that are not in it.
    """
    points = area.place_points
    for number, at in enumerate(settings.at):
        told = hours.get(at, OpenHours(way=way, words=""))
        then = _Then(way=told.way, words=told.words, usual=way)
        for kind, there in find_open(services, kinds, at, settings).items():
            standard = standards.get(kind)
            _add(found, points, then, (kind, at), there, settings, standard)
            found.notes += _some_weeks(kind, at, there)
            if number == 0:
                found.notes += _unknown_hours(services, kind, there, settings)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Then(OpenHours):
    """Journeys at some hours, and those of the usual day."""

    usual: Way


def _add(
    found: MeasureList,
    points: pd.DataFrame,
    then: _Then,
    asked: tuple[str, str],
    there: OpenOffers,
    settings: MeasureSettings,
    standard: Standard | None,
) -> None:
    kind, at = asked
    groups = group_offers(there.offers, points)
    reach = [Reach((then.way or then.usual).times, group, points) for group in groups]
    near = _nearest(then, reach, points, there, settings)
    many = kind_words(kind, plural=True)
    open_then = f"that are open for some time on {_hours(at)}"
    nearest = OriginMeasure(
        name="minutes_open",
        table=pd.DataFrame({"value": near.minutes, "status": near.status}, index=points.index),
        unit="minutes",
        method=f"Minutes to the nearest of the {many} {open_then}. {then.words}".strip(),
        more_is_better=False,
    )
    title = f"Minutes to the nearest of the {many} open {at}"
    found.take(("minutes_open", kind, at), title, nearest, more=False)
    if standard is None:
        return
    key = ("count_open", kind, at)
    limit, searched = standard.minutes, (then.way or then.usual).times.cutoff_minutes
    title = f"{many[:1].upper()}{many[1:]} open {at} within {limit:g} minutes"
    if limit > searched:
        found.fall_short(key, title, (limit, searched))
        return
    known = ~np.isin(near.status, NOT_KNOWN)
    counts = np.zeros(len(points))
    if then.way is not None:
        counts = count_offers(reach, points, limit)
    count = OriginMeasure(
        name="count_open",
        table=pd.DataFrame(
            {
                "value": np.where(known, counts, np.nan),
                "status": np.where(known, "reached", near.status),
            },
            index=points.index,
        ),
        unit=many,
        method=(
            f"Number of {many} {open_then}, within the standard of {limit:g} minutes. {then.words}"
        ).strip(),
    )
    found.take(key, title, count)


def _nearest(
    then: _Then,
    reach: list[Reach],
    points: pd.DataFrame,
    there: OpenOffers,
    settings: MeasureSettings,
) -> Near:
    """Return the way of each point to the nearest offer that is open then."""
    if then.way is not None and len(there.offers):
        return nearest_offer(then.way, reach, points)
    if not len(there.offers):
        # Whatever runs at those hours.
        status = _none_open(then.way or then.usual, there, settings)
    else:
        status = then.usual.times.origin_status.replace("connected", "no_data")
    return Near(
        minutes=np.full(len(points), np.nan),
        status=status.reindex(points.index).to_numpy(dtype=object),
    )


def _hours(at: str) -> str:
    day, begin, end = split_at(at)
    return f"{_DAY_WORDS[day]} between {begin} and {end}"


_DAY_WORDS = {
    "Mo": "Mondays",
    "Tu": "Tuesdays",
    "We": "Wednesdays",
    "Th": "Thursdays",
    "Fr": "Fridays",
    "Sa": "Saturdays",
    "Su": "Sundays",
}


def _none_open(way: Way, there: OpenOffers, settings: MeasureSettings) -> pd.Series:
    """Return the status where no venue is known to be open.

    Where all are known to be closed there is no way to an open one; where the hours of some are
    not known, or there is no such service at all, there is no data.
    """
    asked = there.venues > 0 and not (there.unknown and settings.unknown_hours == "leave_out")
    status: pd.Series = way.times.origin_status.replace(
        "connected", "unreachable" if asked else "no_data"
    )
    return status


def _unknown_hours(
    services: Services, kind: str, there: OpenOffers, settings: MeasureSettings
) -> list[Note]:
    """Name the venues of a kind with offers of which it is not known when they are."""
    if not there.unknown:
        return []
    names = services.venues.loc[list(there.unknown), "venue_name"].astype(str)
    how = {
        "leave_out": "they do not count as open at any hours",
        "open": "they are taken as open, as [measures] unknown_hours says",
        "closed": "they are taken as closed, as [measures] unknown_hours says",
    }[settings.unknown_hours]
    text = (
        f"Venues of {kind_words(kind, plural=True)} of which it is not known when the service is "
        f"open, or what is written cannot be read: {len(names)} of {there.venues}; {how}."
    )
    return [note_items("access", "hours_not_known", names, text)]


def _some_weeks(kind: str, at: str, there: OpenOffers) -> list[Note]:
    """Say which offers are on at some hours, but not in every week."""
    lost = there.some_weeks
    if not lost:
        return []
    text = (
        f"{kind_words(kind, plural=True)}, {_hours(at)}: {len(lost)} of "
        f"{say_many(there.there, 'offer')} {say_are(len(lost))} on then, but not in every week "
        "(fortnightly, monthly or the like), and so left out of what is open."
    )
    return [note_items("access", "not_every_week", lost, f"{text[:1].upper()}{text[1:]}")]
