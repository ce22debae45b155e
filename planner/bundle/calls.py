"""What is used at each place of a trip, how long does one stay, and is it open then?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import shapely

from planner.access.opening import DAYS
from planner.access.sessions import Held, OfferHours, is_offer_open
from planner.bundle.supply import BundleRules
from planner.services import Services, split_by_use

#: ``closed`` when one comes; ``closes`` before one is served; ``some_weeks``: on, but not weekly.
Hours = Literal["open", "some_weeks", "closed", "closes", "not_known"]

#: Hours at which one may stand before a closed door.
SHUT: tuple[Hours, ...] = ("some_weeks", "closes", "closed")

HOURS_WORDS: Mapping[Hours, str] = {
    "open": "open",
    "some_weeks": "not on in every week",
    "closed": "arrives when it is closed",
    "closes": "closes before one is served",
    "not_known": "opening hours not known",
}

_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Call:
    """One place of a trip.

    Parameters
    ----------
    venue, name, point
        Where it is (EPSG:27700), and what it is called.
    kinds
        Services used there.
    minutes
        How long one stays: with each service, and at the place besides.
    hours
        For each of the kinds, the hours of each offer of it.
    """

    venue: str
    name: str
    point: shapely.Point
    kinds: tuple[str, ...]
    minutes: float
    hours: tuple[tuple[OfferHours, ...], ...]


def build_calls(
    services: Services, start: gpd.GeoDataFrame, stops: Sequence[str], rules: BundleRules
) -> tuple[Call, ...]:
    """Return what people who set out from one point do at each stop of a trip, in order.

    Parameters
    ----------
    services
        Only open offers that the point's people may use count.
    start
        One row, with ``area_code``.
    stops
        Ids of venues; together they have every kind of the bundle.
    rules
        The bundle, and how long one stays. A service is used at the first stop that has it.
    """
    offers = services.open_offers()
    offers = offers[offers["venue_id"].isin(stops) & offers["kind"].isin(rules.kinds)]
    ((_, usable),) = split_by_use(offers, start)
    texts: dict[tuple[str, str], list[str]] = {}
    columns = [usable[name].tolist() for name in ("venue_id", "kind", "sessions")]
    for venue, kind, text in zip(*columns, strict=True):
        texts.setdefault((venue, kind), []).append(text)
    venues, left = services.venues, list(rules.kinds)
    calls = []
    for stop in stops:
        at = venues.index.get_loc(stop)
        kinds = tuple(kind for kind in left if (stop, kind) in texts)
        left = [kind for kind in left if kind not in kinds]
        opening = str(venues["opening"].iat[at])
        sessions = [texts[stop, kind] for kind in kinds]
        calls.append(
            Call(
                venue=stop,
                name=str(venues["venue_name"].iat[at]) or stop,
                point=venues.geometry.iat[at],
                kinds=kinds,
                minutes=rules.stop_minutes + rules.dwell_minutes * len(kinds),
                hours=tuple(
                    tuple(OfferHours(sessions=str(text), opening=opening) for text in of)
                    for of in sessions
                ),
            )
        )
    return tuple(calls)


def hours_at(call: Call, date: dt.date, arrive: int, done: int) -> Hours:
    """Say whether all that is used at a place is open from one minute of a day to another.

    Parameters
    ----------
    call
        The place.
    date
        The day; public holidays are not looked at.
    arrive, done
        Minutes after its midnight; the second is the first one after the stay.

    Returns
    -------
    hours
        The worst of its services: ``closed`` on arrival, ``closes`` before the end of the stay
        (its last minute is looked at), ``some_weeks`` (in other weeks nobody is there),
        ``not_known``, ``open``. Of several offers of one kind the best counts.
    """
    order: tuple[Hours, ...] = ("open", "not_known", *SHUT)
    found: Hours = "open"
    for offers in call.hours:
        best = min((_hours(one, date, arrive, done) for one in offers), key=order.index)
        found = max(found, best, key=order.index)
    return found


def _hours(offer: OfferHours, date: dt.date, arrive: int, done: int) -> Hours:
    first = _held(offer, date, arrive)
    if first is None:
        return "not_known"
    if first == "closed":
        return "closed"
    last = _held(offer, date, max(done - 1, arrive))
    if last is None or last == "closed":
        return "closes"
    return "some_weeks" if "some_weeks" in (first, last) else "open"


def _held(offer: OfferHours, date: dt.date, minute: int) -> Held | None:
    days, at = divmod(minute, _DAY_MINUTES)
    day = DAYS[(date.weekday() + days) % len(DAYS)]
    return is_offer_open(offer, day, _clock(at), _clock(at + 1))


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
