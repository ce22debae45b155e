"""What does a change say to somebody who knows no codes?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch

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
from planner.standards import kind_words
from planner.wording import say_list, say_many, to_label

_STATUSES = {
    "existing": "is open",
    "candidate": "is a candidate, not open yet",
    "forced": "is to become a hub",
    "closed": "is closed",
}
_WHOLE_DAY = "00:00-24:00"

#: Venue id → name; an id without one stands for itself.
Names = Mapping[str, str]


def say_change(change: Change, venues: Names) -> str:
    """Return a change as one sentence, venues called by their names.

    Examples
    --------
    >>> say_change(CloseVenue(venue_id="v1"), {"v1": "Old library"})
    'Close Old library.'
    """
    return _said(change, venues)


def name_opened(changes: tuple[Change, ...], venues: Names) -> dict[str, str]:
    """Return the names of venues, those that the changes open or rename among them."""
    found = dict(venues)
    for change in changes:
        if isinstance(change, OpenVenue | RenameVenue):
            found[change.venue_id] = change.name
    return found


@singledispatch
def _said(change: object, venues: Names) -> str:
    raise TypeError(f"not a change: {type(change).__name__}")


@_said.register
def _(change: CloseVenue, venues: Names) -> str:
    return f"Close {_name(change.venue_id, venues)}."


@_said.register
def _(change: OpenVenue, venues: Names) -> str:
    by = f", run by {change.partner}" if change.partner else ""
    kinds = say_list([kind_words(kind) for kind in change.kinds]) or "nothing yet"
    return f"Open {change.name or change.venue_id} at {_at(change.x, change.y)}, with {kinds}{by}."


@_said.register
def _(change: MoveVenue, venues: Names) -> str:
    return f"Move {_name(change.venue_id, venues)} to {_at(change.x, change.y)}."


@_said.register
def _(change: RenameVenue, venues: Names) -> str:
    return f"Call a venue {change.name} from now on."


@_said.register
def _(change: SetStatus, venues: Names) -> str:
    words = _STATUSES.get(change.status, f"has the status {change.status}")
    return f"{_name(change.venue_id, venues)} {words}."


@_said.register
def _(change: SetOpening, venues: Names) -> str:
    return f"{_name(change.venue_id, venues)} is open {change.opening or 'at times not known'}."


@_said.register
def _(change: SetCapacity, venues: Names) -> str:
    what = _offered(change.kind)
    return f"{what} at {_name(change.venue_id, venues)} has room for {change.capacity:,g}."


@_said.register
def _(change: SetServes, venues: Names) -> str:
    whom = {"anyone": "anyone", "place": "people of the place only"}.get(change.serves)
    codes = [code.strip() for code in change.serves.split(";")]
    whom = whom or f"people of {say_many(len(codes), 'area')} ({say_list(codes[:3])})"
    return f"{_offered(change.kind)} at {_name(change.venue_id, venues)} serves {whom}."


@_said.register
def _(change: SetVenueDetail, venues: Names) -> str:
    where = _name(change.venue_id, venues)
    return f"{where}, {to_label(change.detail)}: {change.text or 'not known'}."


@_said.register
def _(change: SetOfferDetail, venues: Names) -> str:
    where = _name(change.venue_id, venues)
    what = f"{to_label(change.detail)}: {change.text or 'not known'}"
    return f"{_offered(change.kind)} at {where}, {what}."


@_said.register
def _(change: AddOffer, venues: Names) -> str:
    by = f", run by {change.partner}" if change.partner else ""
    where = _name(change.venue_id, venues)
    return f"Offer {kind_words(change.kind)} at {where}{by}."


@_said.register
def _(change: CloseOffer, venues: Names) -> str:
    where = _name(change.venue_id, venues)
    return f"No longer offer {kind_words(change.kind)} at {where}."


@_said.register
def _(change: CoLocate, venues: Names) -> str:
    what = kind_words(change.kind) if change.kind else "everything offered"
    old, new = _name(change.venue_id, venues), _name(change.to_venue_id, venues)
    if change.stays:
        return f"Offer {what} of {old} at {new} as well."
    return f"Move {what} from {old} into {new}."


@_said.register
def _(change: AddSessions, venues: Names) -> str:
    where = _name(change.venue_id, venues)
    return f"Further sessions of {kind_words(change.kind)} at {where}: {change.sessions}."


@_said.register
def _(change: ChangeFrequency, venues: Names) -> str:
    when = "" if change.between == _WHOLE_DAY else f", {change.between}"
    if change.every_minutes is not None:
        return f"Route {change.route} runs every {change.every_minutes:g} minutes{when}."
    if change.factor == 0:
        return f"Route {change.route} does not run{when}."
    return f"Route {change.route} runs {change.factor:g} times as often{when}."


@_said.register
def _(change: AddShuttle, venues: Names) -> str:
    ways = "both ways" if change.both_ways else "one way"
    return (
        f"A new shuttle, {change.name}: {say_many(len(change.stops), 'stop')}, "
        f"{sum(change.minutes):g} minutes from end to end, {ways}, every "
        f"{change.every_minutes:g} minutes from {change.first} to {change.last}."
    )


@_said.register
def _(change: NewEstate, venues: Names) -> str:
    many = say_many(round(change.people), "person comes", "people come")
    return f"{many} to live at {change.name}, {_at(change.x, change.y)}."


def _name(venue_id: str, venues: Names) -> str:
    return venues.get(venue_id, "") or venue_id


def _offered(kind: str) -> str:
    words = kind_words(kind) if kind else "everything offered"
    return f"{words[:1].upper()}{words[1:]}"


def _at(x: float, y: float) -> str:
    return f"easting {x:.0f}, northing {y:.0f}"
