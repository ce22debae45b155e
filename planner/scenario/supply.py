"""What help is there after the changes? Venues and offers opened, moved, brought together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point

from planner.access import sessions as session_words
from planner.area import CRS
from planner.errors import ProjectError
from planner.ledger import Note, note_items
from planner.scenario.changes import (
    AddOffer,
    AddSessions,
    AddShuttle,
    Change,
    ChangeFrequency,
    CloseOffer,
    CloseVenue,
    CoLocate,
    MoveVenue,
    NewEstate,
    OpenVenue,
    RenameVenue,
    SetCapacity,
    SetOfferDetail,
    SetOpening,
    SetServes,
    SetStatus,
    SetVenueDetail,
)
from planner.scenario.hours import add_hours, read_sessions
from planner.scenario.naming import say_near, show
from planner.services import OFFER_DETAILS, VENUE_DETAILS, VENUE_STATUSES, Services
from planner.sources.details import to_details, to_languages
from planner.sources.text import clean_text

STAGE = "scenario"


def apply_changes(services: Services, changes: Sequence[Change]) -> Services:
    """Return the services as they would be after the changes, in their order.

    Changes to the timetable and to people (see `planner.scenario.Touches`) are passed over:
    `planner.scenario.apply_to_timetable` and `planner.scenario.apply_to_area` make them. Without
    any for services, these are returned themselves.

    Raises
    ------
    ProjectError
        A change names a venue or an offer that does not exist (near names are proposed), opens or
        adds one that already does, or sets a status that is none.
    """
    for change in changes:
        services = _applied(change, services)
    return services


@singledispatch
def _applied(change: object, services: Services) -> Services:
    raise TypeError(f"not a change: {type(change).__name__}")


@_applied.register(ChangeFrequency)
@_applied.register(AddShuttle)
@_applied.register(NewEstate)
def _(change: Change, services: Services) -> Services:
    return services


@_applied.register
def _(change: CloseVenue, services: Services) -> Services:
    return _with_venue(services, change.venue_id, "close", status="closed")


@_applied.register
def _(change: MoveVenue, services: Services) -> Services:
    _check_finite(change.x, change.y, change.venue_id)
    return _with_venue(services, change.venue_id, "move", geometry=Point(change.x, change.y))


@_applied.register
def _(change: RenameVenue, services: Services) -> Services:
    return _with_venue(services, change.venue_id, "rename", venue_name=change.name)


@_applied.register
def _(change: SetStatus, services: Services) -> Services:
    if change.status not in VENUE_STATUSES:
        raise ProjectError(
            f"Scenario: {show(change.status)} is not a venue status.",
            hint="Use existing, candidate, forced or closed.",
        )
    return _with_venue(services, change.venue_id, "change", status=change.status)


@_applied.register
def _(change: SetOpening, services: Services) -> Services:
    return _with_venue(services, change.venue_id, "change", opening=change.opening)


@_applied.register
def _(change: SetCapacity, services: Services) -> Services:
    if not 0 <= change.capacity < math.inf:
        raise ProjectError(f"Scenario: a capacity of {change.capacity:g} cannot be.")
    return _with_offers(services, change.venue_id, change.kind, "capacity", change.capacity)


@_applied.register
def _(change: SetServes, services: Services) -> Services:
    return _with_offers(services, change.venue_id, change.kind, "serves", change.serves)


@_applied.register
def _(change: SetVenueDetail, services: Services) -> Services:
    _check_detail(change.detail, VENUE_DETAILS)
    text = _worded(change.detail, change.text)
    return _with_venue(services, change.venue_id, "change", **{change.detail: text})


@_applied.register
def _(change: SetOfferDetail, services: Services) -> Services:
    _check_detail(change.detail, OFFER_DETAILS)
    text = _worded(change.detail, change.text)
    return _with_offers(services, change.venue_id, change.kind, change.detail, text)


@_applied.register
def _(change: CloseOffer, services: Services) -> Services:
    gone = _offers_at(services, change.venue_id, change.kind)
    return replace(services, offers=services.offers.drop(index=gone))


@_applied.register
def _(change: AddOffer, services: Services) -> Services:
    _check_venue(services, change.venue_id, "add to")
    here = services.offers[services.offers["venue_id"] == change.venue_id]
    if change.kind in set(here["kind"]):
        raise ProjectError(f"Scenario: {show(change.venue_id)} offers {show(change.kind)} already.")
    return _with_new_offers(services, change.venue_id, (change.kind,), partner=change.partner)


@_applied.register
def _(change: CoLocate, services: Services) -> Services:
    gone = _offers_at(services, change.venue_id, change.kind)
    _check_host(services, change)
    moving = services.offers.loc[gone].assign(venue_id=change.to_venue_id)
    if change.stays:
        there = services.offers[services.offers["venue_id"] == change.to_venue_id]
        known = set(zip(there["kind"], there["partner"], strict=True))
        twice = [
            k for k, p in zip(moving["kind"], moving["partner"], strict=True) if (k, p) in known
        ]
        if twice:
            raise ProjectError(
                f"Scenario: {show(change.to_venue_id)} offers {show(twice[0])} by the same partner "
                "already."
            )
        moving = moving.assign(capacity=float("nan"), sessions="")
    else:
        services = replace(services, offers=services.offers.drop(index=gone))
    taken = set(services.offers.index)
    moving.index = pd.Index(
        _free_ids(change.to_venue_id, moving["kind"].tolist(), taken), name="offer_id"
    )
    return replace(services, offers=pd.concat([services.offers, moving]).sort_index())


@_applied.register
def _(change: AddSessions, services: Services) -> Services:
    mine = _offers_at(services, change.venue_id, change.kind)
    more, opening = read_sessions(change.sessions), services.venues["opening"]
    offers, notes = services.offers.copy(), list(services.notes)
    for offer in mine:
        known = str(offers.loc[offer, "sessions"]) or str(opening[change.venue_id])
        joined = add_hours(known, more) if known else more
        if not known:
            text = f"Scenario: {more} are the only hours known of {offer}: none were known before."
            notes.append(
                Note(stage=STAGE, what="only_hours", count=1, text=text, items=(str(offer),))
            )
        elif joined is None and session_words.read_sessions(f"{known}; {more}") is None:
            text = (
                f"Scenario: the hours of {offer} cannot be read as those of one week, so they are "
                "not known with the further sessions, either."
            )
            notes.append(
                Note(stage=STAGE, what="hours_not_plain", count=1, text=text, items=(str(offer),))
            )
        offers.loc[offer, "sessions"] = f"{known}; {more}" if joined is None else joined
    return replace(services, offers=offers, notes=tuple(notes))


@_applied.register
def _(change: OpenVenue, services: Services) -> Services:
    if change.venue_id in services.venues.index:
        raise ProjectError(
            f"Scenario: a venue {show(change.venue_id)} already stands.",
            hint="To open one that stands, set its status to existing.",
        )
    _check_finite(change.x, change.y, change.venue_id)
    if len(set(change.kinds)) < len(change.kinds):
        raise ProjectError(f"Scenario: {show(change.venue_id)} is to offer one kind twice.")
    venue = gpd.GeoDataFrame(
        {
            "venue_name": [change.name],
            "address": "",
            "postcode": "",
            "status": "existing",
            "rooms": float("nan"),
            "opening": "",
            **{name: _worded(name, getattr(change, name)) for name in VENUE_DETAILS},
            "geometry": [Point(change.x, change.y)],
        },
        index=pd.Index([change.venue_id], name="venue_id"),
        crs=CRS,
    )
    venues = pd.concat([services.venues, venue[services.venues.columns]]).sort_index()
    return _with_new_offers(
        replace(services, venues=venues),
        change.venue_id,
        change.kinds,
        partner=change.partner,
        **{name: _worded(name, getattr(change, name)) for name in OFFER_DETAILS},
    )


# --- parts --------------------------------------------------------------------------------


def _check_venue(services: Services, venue_id: str, verb: str) -> None:
    if venue_id not in services.venues.index:
        raise ProjectError(
            f"Scenario: there is no venue {show(venue_id)} to {verb}.",
            hint=say_near(venue_id, services.venues["venue_name"].astype(str).to_dict()),
        )


def _check_finite(x: float, y: float, venue_id: str) -> None:
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ProjectError(f"Scenario: {show(venue_id)} has no point on the map.")


def _check_host(services: Services, change: CoLocate) -> None:
    """Refuse to bring a service to where it is, or to a venue that is not open."""
    host = change.to_venue_id
    if host == change.venue_id:
        raise ProjectError(f"Scenario: what {show(host)} offers is there already.")
    _check_venue(services, host, "move into")
    status = services.venues.loc[host, "status"]
    if status != "existing":
        raise ProjectError(
            f"Scenario: {show(host)} is {status}, so nothing can be used there.",
            hint="Set its status to existing first.",
        )


def _free_ids(venue_id: str, kinds: Sequence[str], taken: set[str]) -> list[str]:
    """Return an offer id for each kind at a venue, none of which is taken."""
    found: list[str] = []
    for kind in kinds:
        name, number = f"{venue_id}/{kind}", 1
        while name in taken:
            number += 1
            name = f"{venue_id}/{kind}/{number}"
        taken.add(name)
        found.append(name)
    return found


def _with_venue(services: Services, venue_id: str, verb: str, **values: object) -> Services:
    _check_venue(services, venue_id, verb)
    venues = services.venues.copy()
    for column, value in values.items():
        venues.loc[venue_id, column] = value
    return replace(services, venues=venues)


def _offers_at(services: Services, venue_id: str, kind: str) -> pd.Index:
    """Return the ids of the offers of a kind at a venue, of every kind without one."""
    _check_venue(services, venue_id, "change")
    offers = services.offers
    mine = (offers["venue_id"] == venue_id) & ((offers["kind"] == kind) | (kind == ""))
    if not mine.any():
        what = f"no {show(kind)}" if kind else "nothing"
        there = sorted(offers.loc[offers["venue_id"] == venue_id, "kind"].unique())
        raise ProjectError(
            f"Scenario: {show(venue_id)} offers {what}, so it cannot be changed.",
            hint=f"It offers {', '.join(there)}." if there else "",
        )
    return offers.index[mine]


def _with_offers(
    services: Services, venue_id: str, kind: str, column: str, value: object
) -> Services:
    mine = _offers_at(services, venue_id, kind)
    offers = services.offers.copy()
    offers.loc[mine, column] = value
    return replace(services, offers=offers)


def _check_detail(detail: str, details: Sequence[str]) -> None:
    if detail not in details:
        raise ProjectError(
            f"Scenario: there is no detail {detail!r}.", hint=f"Use {' or '.join(details)}."
        )


def _worded(detail: str, text: str) -> str:
    """Return a detail in the form that the readers give it."""
    if detail == "service_name":
        return clean_text(text)
    return to_languages([text]) if detail == "languages" else to_details([text])


def _with_new_offers(
    services: Services, venue_id: str, kinds: Sequence[str], **told: str
) -> Services:
    offers = pd.DataFrame(
        {
            "venue_id": venue_id,
            "kind": list(kinds),
            **dict.fromkeys(["partner", *OFFER_DETAILS], ""),
            **told,
            "capacity": float("nan"),
            "capacity_unit": "",
            "sessions": "",
            "serves": "anyone",
            "source": -1,
        },
        index=pd.Index(_free_ids(venue_id, kinds, set(services.offers.index)), name="offer_id"),
    )
    columns = services.offers.columns
    return replace(
        services,
        notes=(*services.notes, *_new_kinds(services, kinds)),
        offers=pd.concat([services.offers, offers.reindex(columns=columns)]).sort_index(),
    )


def _new_kinds(services: Services, kinds: Sequence[str]) -> tuple[Note, ...]:
    """Say which kinds nobody offered before: it may be one that is there, spelt otherwise."""
    known = dict.fromkeys(services.kinds, "")
    new = [kind for kind in kinds if kind not in known]
    if not new or not known:
        return ()
    text = f"Nothing of kind {show(new[0])} was offered before. {say_near(new[0], known)}"
    return (note_items("services", "new_kind", new, text),)
