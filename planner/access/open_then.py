"""Which services are open in the evening or on a Saturday, and how far is the nearest then?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from planner.access.found import MeasureList
from planner.access.nearest import NOT_KNOWN, count_offers, group_offers, nearest_offer
from planner.access.opening import is_open
from planner.access.options import OriginMeasure
from planner.area import StudyArea
from planner.ledger import Note, note_items
from planner.project import MeasureSettings, split_at
from planner.services import Services
from planner.standards import Standard, kind_words
from planner.travel.getting_about import Way


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenHours:
    """Journeys at some hours of a week: the way at that time, and by which day it was timed."""

    way: Way
    words: str


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenOffers:
    """The offers of one kind at some hours.

    ``offers`` are at venues that are open then; ``unknown`` are venues whose hours nobody knows,
    whatever was made of them.
    """

    offers: pd.DataFrame
    unknown: tuple[str, ...]
    venues: int


def find_open(
    services: Services, kinds: Iterable[str], at: str, settings: MeasureSettings
) -> dict[str, OpenOffers]:
    """Return, by kind, the open offers at venues that are open for some time between two hours."""
    day, begin, end = split_at(at)
    offers = services.open_offers()
    opening = services.venues["opening"].astype(str).to_dict()
    known = {v: is_open(opening[v], day, begin, end) for v in offers["venue_id"].unique()}
    take = {v: settings.unknown_hours == "open" if o is None else o for v, o in known.items()}
    keep = offers["venue_id"].map(take).to_numpy(dtype=bool)
    none = offers.iloc[:0]
    by_kind = dict(iter(offers.assign(is_open=keep).groupby("kind")))
    found = {}
    for kind in kinds:
        of_kind = by_kind.get(kind, none.assign(is_open=False))
        venues = sorted(of_kind["venue_id"].unique())
        found[kind] = OpenOffers(
            offers=of_kind.loc[of_kind["is_open"], list(offers.columns)],
            unknown=tuple(venue for venue in venues if known[venue] is None),
            venues=len(venues),
        )
    return found


def asked_open_venues(
    area: StudyArea, services: Services, at: str, settings: MeasureSettings
) -> list[tuple[str, ...]]:
    """Return the sets of venues, open then, among which somebody's nearest is looked for."""
    points = area.place_points
    asked = {
        tuple(sorted(group.offers.index))
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
        Journeys at those hours, by their words; where there are none, those of ``way``.
    """
    points = area.place_points
    for number, at in enumerate(settings.at):
        then = hours.get(at, OpenHours(way=way, words=""))
        for kind, there in find_open(services, kinds, at, settings).items():
            standard = standards.get(kind)
            _add(found, points, then, (kind, at), there, settings, standard)
            if number == 0:
                found.notes += _unknown_hours(services, kind, there, settings)


def _add(
    found: MeasureList,
    points: pd.DataFrame,
    then: OpenHours,
    asked: tuple[str, str],
    there: OpenOffers,
    settings: MeasureSettings,
    standard: Standard | None,
) -> None:
    kind, at = asked
    groups = group_offers(there.offers, points)
    near = nearest_offer(then.way, groups, points)
    if not len(there.offers):
        near = near.assign(status=_none_open(then.way, there, settings))
    many = kind_words(kind, plural=True)
    open_then = f"at venues that are open for some time on {_hours(at)}"
    nearest = OriginMeasure(
        name="minutes_open",
        table=near.rename(columns={"minutes": "value"})[["value", "status"]],
        unit="minutes",
        method=f"Minutes to the nearest of the {many} {open_then}. {then.words}".strip(),
        more_is_better=False,
    )
    title = f"Minutes to the nearest of the {many} open {at}"
    found.take(("minutes_open", kind, at), title, nearest, more=False)
    if standard is None:
        return
    key = ("count_open", kind, at)
    limit, searched = standard.minutes, then.way.times.cutoff_minutes
    title = f"{many[:1].upper()}{many[1:]} open {at} within {limit:g} minutes"
    if limit > searched:
        found.fall_short(key, title, (limit, searched))
        return
    known = ~near["status"].isin(NOT_KNOWN)
    counts = count_offers(then.way.times, groups, points, limit).where(known)
    count = OriginMeasure(
        name="count_open",
        table=pd.DataFrame({"value": counts, "status": near["status"].where(~known, "reached")}),
        unit=many,
        method=(
            f"Number of {many} {open_then}, within the standard of {limit:g} minutes. {then.words}"
        ).strip(),
    )
    found.take(key, title, count)


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
    """Name the venues of a kind whose hours are not known."""
    if not there.unknown:
        return []
    names = services.venues.loc[list(there.unknown), "venue_name"].astype(str)
    how = {
        "leave_out": "they do not count as open at any hours",
        "open": "they are taken as open, as [measures] unknown_hours says",
        "closed": "they are taken as closed, as [measures] unknown_hours says",
    }[settings.unknown_hours]
    text = (
        f"Venues of {kind_words(kind, plural=True)} whose opening times are not known or cannot be "
        f"read: {len(names)} of {there.venues}; {how}."
    )
    return [note_items("access", "hours_not_known", names, text)]
