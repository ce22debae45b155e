"""What can be otherwise? Every change, what it touches, and a named list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from planner.errors import ProjectError
from planner.scenario.naming import check_point, to_seconds, to_span

#: How much more often a route can be asked to run, and the closest that vehicles can follow.
MAX_FACTOR = 60.0
LEAST_HEADWAY_MINUTES = 1.0
MAX_STOPS = 200

#: What is said of wheelchairs on a shuttle, in the numbers of a timetable.
Wheelchair = Literal["not_stated", "accessible", "not_accessible"]
#: A stop of the timetable by its id, or a point (EPSG:27700 metres).
Stop = str | tuple[float, float]

#: What of the inputs a change touches, so that stages which do not read it are found again:
#:
#: - ``sites``: where venues are. Journeys to services are timed again.
#: - ``supply``: what is offered where, to whom, and whether it is open. The nearest is looked for
#:   again; then access, gaps, bundle, equity and hubs.
#: - ``hours``: opening times and sessions. Measures at certain hours, trips by the clock.
#: - ``capacity``: how many an offer takes. Measures that share it out, sites with a limit.
#: - ``words``: names and details. Nothing is worked out again.
#: - ``timetable``: what runs when. The network, then every journey by public transport.
#: - ``people``: how many live where, and where they set out from. Every stage after the area.
Touches = Literal["sites", "supply", "hours", "capacity", "words", "timetable", "people"]


@dataclass(frozen=True, kw_only=True)
class CloseVenue:
    """Everything offered at a venue stops. Touches the supply."""

    venue_id: str


@dataclass(frozen=True, kw_only=True)
class OpenVenue:
    """A new venue opens at a point (EPSG:27700 metres) with the services named.

    Touches the sites and the supply. A venue that stands, closed or a candidate, is opened by
    `SetStatus`.
    """

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

    What is said of its building goes with it: most often the building was drawn wrongly. Touches
    the sites.
    """

    venue_id: str
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class RenameVenue:
    """A venue goes by another name. Touches words only."""

    venue_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class SetStatus:
    """A venue is existing, candidate, forced or closed. Touches the supply."""

    venue_id: str
    status: str


@dataclass(frozen=True, kw_only=True)
class SetOpening:
    """A venue has other opening times (OpenStreetMap's syntax, "" unknown). Touches the hours."""

    venue_id: str
    opening: str


@dataclass(frozen=True, kw_only=True)
class SetCapacity:
    """An offer takes so many; of one kind, or of every kind at the venue (``kind = ""``).

    Touches the capacity.
    """

    venue_id: str
    capacity: float
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class SetServes:
    """An offer serves ``anyone``, ``place`` or area codes separated by ``;``.

    Touches the supply.
    """

    venue_id: str
    serves: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class SetVenueDetail:
    """Something else is true of a venue: ``accessibility`` or ``co_located_with``.

    Touches words only.
    """

    venue_id: str
    detail: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SetOfferDetail:
    """Something else is true of an offer: ``service_name`` or ``languages``. Touches words only."""

    venue_id: str
    detail: str
    text: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class AddOffer:
    """A kind of service is offered at a venue that stands. Touches the supply."""

    venue_id: str
    kind: str
    partner: str = ""


@dataclass(frozen=True, kw_only=True)
class CloseOffer:
    """A kind of service is no longer offered at a venue. Touches the supply."""

    venue_id: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class CoLocate:
    """A service moves into another venue, or is offered there as well.

    Of one kind, or everything at the venue (``kind = ""``). Its partner, name, languages and whom
    it serves go with it. One that moves keeps its capacity and its own sessions, and leaves no
    offer behind; one that is offered there as well (``stays``) has, at the new venue, a capacity
    that is not known and the venue's own hours, until `SetCapacity` and `AddSessions` say more.
    The other venue must be open. Touches the supply, the hours and the capacity.
    """

    venue_id: str
    to_venue_id: str
    kind: str = ""
    stays: bool = False


@dataclass(frozen=True, kw_only=True)
class AddSessions:
    """A service is given at further times of the week, such as ``Tu 18:00-20:00``.

    They come to the sessions it has, or else to the venue's opening times. Where neither is known,
    these become the only times known. Sessions that are not of every week are for the rota.
    Touches the hours.
    """

    venue_id: str
    kind: str
    sessions: str


@dataclass(frozen=True, kw_only=True)
class ChangeFrequency:
    """A route runs more or less often between two times of the day.

    Either ``factor`` times as many vehicles (2: twice, 0.5: half, 0: none) or one every
    ``every_minutes``; `planner.scenario.apply_to_timetable` says how. Touches the timetable.
    """

    route: str
    factor: float | None = None
    every_minutes: float | None = None
    between: str = "00:00-24:00"

    def __post_init__(self) -> None:
        if not self.route.strip():
            raise ProjectError("Scenario: the frequency of a route without a name cannot change.")
        to_span(self.between)
        if (self.factor is None) == (self.every_minutes is None):
            raise ProjectError(
                f"Scenario: route {self.route!r} needs either a factor or every_minutes.",
                hint="factor = 2 is twice as often; every_minutes = 10 is one every 10 minutes.",
            )
        if self.factor is not None and not 0 <= self.factor <= MAX_FACTOR:
            raise ProjectError(
                f"Scenario: route {self.route!r} cannot run {self.factor:g} times as often.",
                hint=f"A factor is between 0 (not at all) and {MAX_FACTOR:g}.",
            )
        if self.every_minutes is not None:
            _check_headway(self.every_minutes, f"route {self.route!r}")


@dataclass(frozen=True, kw_only=True)
class AddShuttle:
    """A new line runs between stops, at the same minutes from the first to the last departure.

    ``stops`` are ids of stops in the timetable or points (EPSG:27700 metres), ``minutes`` the time
    from each to the next, ``first`` and ``last`` departures such as ``07:00``; ``both_ways`` runs
    back at the same times. It stops without waiting, counts as a bus, and takes everyone. Touches
    the timetable.
    """

    name: str
    stops: tuple[Stop, ...]
    minutes: tuple[float, ...]
    every_minutes: float
    first: str = "07:00"
    last: str = "19:00"
    both_ways: bool = True
    wheelchair: Wheelchair = "not_stated"

    def __post_init__(self) -> None:
        what = f"the shuttle {self.name!r}"
        if not self.name.strip():
            raise ProjectError("Scenario: a shuttle needs a name.")
        if not 2 <= len(self.stops) <= MAX_STOPS:
            raise ProjectError(f"Scenario: {what} needs at least 2 stops, at most {MAX_STOPS}.")
        if len(self.minutes) != len(self.stops) - 1:
            raise ProjectError(
                f"Scenario: {what} has {len(self.stops)} stops, so it needs "
                f"{len(self.stops) - 1} times between them, not {len(self.minutes)}.",
                hint="minutes lists the time from each stop to the next.",
            )
        if not all(0 < minutes <= 24 * 60 for minutes in self.minutes):
            raise ProjectError(f"Scenario: {what} needs more than 0 minutes between stops.")
        _check_headway(self.every_minutes, what)
        if not to_seconds(self.first) <= to_seconds(self.last):
            raise ProjectError(
                f"Scenario: {what} leaves last at {self.last}, before it first does "
                f"({self.first}).",
                hint="Write times past midnight as 24:30.",
            )
        for stop in self.stops:
            if not isinstance(stop, str):
                check_point(*stop, what)


@dataclass(frozen=True, kw_only=True)
class NewEstate:
    """So many people come to live at a point (EPSG:27700 metres).

    They are added to the population of the area that the point lies in (``area_code``, where
    given, must be that one), and set out from there; `planner.scenario.apply_to_area` says what
    stays as it is. Touches people.
    """

    name: str
    people: float
    x: float
    y: float
    area_code: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ProjectError("Scenario: a new estate needs a name.")
        if not 0 < self.people < 1_000_000:
            raise ProjectError(
                f"Scenario: {self.people:g} people cannot come to live at {self.name!r}.",
                hint="Give a number of people above 0.",
            )
        check_point(self.x, self.y, repr(self.name))


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
    | CoLocate
    | AddSessions
    | ChangeFrequency
    | AddShuttle
    | NewEstate
)

TOUCHES: dict[type[Change], frozenset[Touches]] = {
    CloseVenue: frozenset({"supply"}),
    OpenVenue: frozenset({"sites", "supply"}),
    MoveVenue: frozenset({"sites"}),
    RenameVenue: frozenset({"words"}),
    SetStatus: frozenset({"supply"}),
    SetOpening: frozenset({"hours"}),
    SetCapacity: frozenset({"capacity"}),
    SetServes: frozenset({"supply"}),
    SetVenueDetail: frozenset({"words"}),
    SetOfferDetail: frozenset({"words"}),
    AddOffer: frozenset({"supply"}),
    CloseOffer: frozenset({"supply"}),
    CoLocate: frozenset({"supply", "hours", "capacity"}),
    AddSessions: frozenset({"hours"}),
    ChangeFrequency: frozenset({"timetable"}),
    AddShuttle: frozenset({"timetable"}),
    NewEstate: frozenset({"people"}),
}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A named list of changes; the empty one is today."""

    name: str = "today"
    changes: tuple[Change, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the scenario as plain values, for keys, files and the manifest."""
        return {"name": self.name, "changes": to_plain_changes(self.changes)}

    def touching(self, *parts: Touches) -> tuple[Change, ...]:
        """Return the changes that touch any of some parts of the inputs, in their order."""
        return changes_touching(self.changes, *parts)


def to_plain_changes(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return changes as plain values."""
    return [{"change": type(c).__name__, **vars(c)} for c in changes]


def changes_touching(changes: Sequence[Change], *parts: Touches) -> tuple[Change, ...]:
    """Return the changes that touch any of some parts of the inputs, in their order.

    What a stage reads, and what of it such changes leave alone, makes its key: two scenarios that
    differ only in a name or in what a stage does not read share its result.

    Examples
    --------
    >>> changes = (CloseVenue(venue_id="v1"), RenameVenue(venue_id="v2", name="Hub"))
    >>> changes_touching(changes, "sites", "supply")
    (CloseVenue(venue_id='v1'),)
    """
    asked = frozenset(parts)
    return tuple(change for change in changes if TOUCHES[type(change)] & asked)


TODAY = Scenario()


def _check_headway(minutes: float, what: str) -> None:
    if not LEAST_HEADWAY_MINUTES <= minutes <= 24 * 60:
        raise ProjectError(
            f"Scenario: {what} cannot run every {minutes:g} minutes.",
            hint=f"Give between {LEAST_HEADWAY_MINUTES:g} minute and a day.",
        )
