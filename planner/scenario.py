"""What if? A named list of changes to the inputs: one code path serves today and what-if."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point

from planner.area import CRS
from planner.errors import ProjectError
from planner.services import OFFER_DETAILS, VENUE_DETAILS, VENUE_STATUSES, Services
from planner.sources.details import to_details, to_languages
from planner.sources.text import clean_text


@dataclass(frozen=True, kw_only=True)
class CloseVenue:
    """Everything offered at a venue stops."""

    venue_id: str


@dataclass(frozen=True, kw_only=True)
class OpenVenue:
    """A new venue opens at a point (EPSG:27700 metres) with the services named."""

    venue_id: str
    name: str
    x: float
    y: float
    kinds: tuple[str, ...]
    partner: str = ""
    service_name: str = ""
    languages: str = ""
    accessibility: str = ""
    co_located_with: str = ""


@dataclass(frozen=True, kw_only=True)
class MoveVenue:
    """A venue, with all that is offered there, is at another point (EPSG:27700 metres).

    What is said of its building goes with it: most often the building was drawn wrongly.
    """

    venue_id: str
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class RenameVenue:
    """A venue goes by another name."""

    venue_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class SetStatus:
    """A venue is existing, candidate, forced or closed."""

    venue_id: str
    status: str


@dataclass(frozen=True, kw_only=True)
class SetOpening:
    """A venue has other opening times (OpenStreetMap's syntax, "" unknown)."""

    venue_id: str
    opening: str


@dataclass(frozen=True, kw_only=True)
class SetCapacity:
    """An offer takes so many; of one kind, or of every kind at the venue (``kind = ""``)."""

    venue_id: str
    capacity: float
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class SetServes:
    """An offer serves ``anyone``, ``place`` or area codes separated by ``;``."""

    venue_id: str
    serves: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class SetVenueDetail:
    """Something else is true of a venue: ``accessibility`` or ``co_located_with``."""

    venue_id: str
    detail: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SetOfferDetail:
    """Something else is true of an offer: ``service_name`` or ``languages``."""

    venue_id: str
    detail: str
    text: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class AddOffer:
    """A kind of service is offered at a venue that stands."""

    venue_id: str
    kind: str
    partner: str = ""


@dataclass(frozen=True, kw_only=True)
class CloseOffer:
    """A kind of service is no longer offered at a venue."""

    venue_id: str
    kind: str


Change = (
    CloseVenue
    | OpenVenue
    | MoveVenue
    | RenameVenue
    | SetStatus
    | SetOpening
    | SetCapacity
    | SetServes
    | SetVenueDetail
    | SetOfferDetail
    | AddOffer
    | CloseOffer
)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A named list of changes; the empty one is today."""

    name: str = "today"
    changes: tuple[Change, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the scenario as plain values, for keys, files and the manifest."""
        return {"name": self.name, "changes": to_plain_changes(self.changes)}


def to_plain_changes(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return changes as plain values."""
    return [{"change": type(c).__name__, **vars(c)} for c in changes]


TODAY = Scenario()


def apply_changes(services: Services, changes: Sequence[Change]) -> Services:
    """Return the services as they would be after the changes, in their order.

    Raises
    ------
    ProjectError
        A change names a venue or an offer that does not exist, opens or adds one that already
        does, or sets a status that is none.
    """
    for change in changes:
        services = _applied(change, services)
    return services


@singledispatch
def _applied(change: object, services: Services) -> Services:
    raise TypeError(f"not a change: {type(change).__name__}")


@_applied.register
def _(change: CloseVenue, services: Services) -> Services:
    return _with_venue(services, change.venue_id, "close", status="closed")


@_applied.register
def _(change: MoveVenue, services: Services) -> Services:
    return _with_venue(services, change.venue_id, "move", geometry=Point(change.x, change.y))


@_applied.register
def _(change: RenameVenue, services: Services) -> Services:
    return _with_venue(services, change.venue_id, "rename", venue_name=change.name)


@_applied.register
def _(change: SetStatus, services: Services) -> Services:
    if change.status not in VENUE_STATUSES:
        raise ProjectError(
            f"Scenario: {change.status!r} is not a venue status.",
            hint="Use existing, candidate, forced or closed.",
        )
    return _with_venue(services, change.venue_id, "change", status=change.status)


@_applied.register
def _(change: SetOpening, services: Services) -> Services:
    return _with_venue(services, change.venue_id, "change", opening=change.opening)


@_applied.register
def _(change: SetCapacity, services: Services) -> Services:
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
        raise ProjectError(
            f"Scenario: {change.venue_id!r} offers {change.kind!r} already.",
        )
    return _with_new_offers(services, change.venue_id, (change.kind,), partner=change.partner)


@_applied.register
def _(change: OpenVenue, services: Services) -> Services:
    if change.venue_id in services.venues.index:
        raise ProjectError(f"Scenario: a venue {change.venue_id!r} already stands.")
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
        raise ProjectError(f"Scenario: there is no venue {venue_id!r} to {verb}.")


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
        what = f"no {kind!r}" if kind else "nothing"
        raise ProjectError(f"Scenario: {venue_id!r} offers {what}, so it cannot be changed.")
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
        index=pd.Index([f"{venue_id}/{kind}" for kind in kinds], name="offer_id"),
    )
    columns = services.offers.columns
    return replace(
        services,
        offers=pd.concat([services.offers, offers.reindex(columns=columns)]).sort_index(),
    )
