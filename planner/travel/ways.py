"""Who may cycle or drive along a way, in which direction and how fast, by its OpenStreetMap tags?

Legal access follows OpenStreetMap's defaults for the United Kingdom. The most specific of the keys
``bicycle``, ``vehicle``, ``access`` (cycling) or ``motorcar``, ``motor_vehicle``, ``vehicle``,
``access`` (driving) decides; ``no``, ``private``, ``agricultural``, ``forestry``, ``military``,
``emergency``, ``delivery``, ``bus`` and ``psv`` close a way, everything else (for example
``permissive``, ``destination``, ``customers``, ``permit``) leaves it open, and through traffic is
not told from traffic to a place. So a bus-only street (``access=no`` + ``bus=yes``) is closed.

==========================================  ============================  =====================
``highway``                                 cycling                       driving
==========================================  ============================  =====================
trunk, primary, secondary, tertiary, their  yes (``motorroad=yes``: no)   yes
links, unclassified, residential,
living_street, road, service
motorway, motorway_link                     no                            yes
track                                       yes                           only where an access
                                                                          key says so
cycleway, bridleway                         yes                           no
footway, pedestrian, path, busway           only where ``bicycle`` is     no
                                            yes, designated, permissive
                                            or official
steps                                       pushed, only where ``bicycle  no
                                            `` is one of those, or
                                            ``ramp:bicycle=yes``
all others; ferries                         no                            no
==========================================  ============================  =====================

``bicycle=dismount`` is pushed at walking speed, both ways. A path without a word on cycles is
closed to them: off the road, a right to cycle cannot be taken for granted in England and Wales.

One-ways: ``oneway`` yes, -1 and no; implied by ``junction`` roundabout or circular and by
motorways; ``oneway:bicycle`` (cycling), ``oneway:motorcar``, ``oneway:motor_vehicle`` and
``oneway:vehicle`` come first. Cycles may go against a one-way street with ``cycleway=opposite…``,
or a lane on one side tagged ``…:oneway`` no or -1. Streets that change direction by the hour
(``oneway=reversible``) are left out and counted.

Not modelled: turn restrictions, conditional restrictions (by hour, weight or width), gradients.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Literal

from planner.errors import TravelError

RoadMode = Literal["cycle", "drive"]

KMH_PER_MPH = 1.609344

#: Speed of a car on an open road of a class without a posted limit, km/h. The planner's own
#: default, not a measurement: a little under the limit that usually holds there, and what
#: bends, parked cars and width leave of it on small streets.
CLASS_KMH: Mapping[str, float] = MappingProxyType(
    {
        "motorway": 100.0,
        "motorway_link": 60.0,
        "trunk": 75.0,
        "trunk_link": 50.0,
        "primary": 50.0,
        "primary_link": 40.0,
        "secondary": 48.0,
        "secondary_link": 40.0,
        "tertiary": 42.0,
        "tertiary_link": 36.0,
        "unclassified": 40.0,
        "residential": 29.0,
        "road": 32.0,
        "living_street": 10.0,
        "service": 16.0,
        "track": 12.0,
    }
)

#: However high the limit, nobody drives faster than this on small streets, km/h. The planner's own.
CEILING_KMH: Mapping[str, float] = MappingProxyType(
    {
        "unclassified": 64.0,
        "residential": 48.0,
        "road": 48.0,
        "living_street": 16.0,
        "service": 24.0,
        "track": 20.0,
    }
)

#: What kind of street meets at a junction: see `DriveSettings`.
ORDINARY, MINOR, FLOWING = 0, 1, 2

_CLOSED = frozenset(
    "no private agricultural forestry military emergency delivery bus psv".split()  # noqa: SIM905
)
_SAID_OPEN = frozenset({"yes", "designated", "permissive", "official"})
_CYCLE_KEYS = ("bicycle", "vehicle", "access")
_DRIVE_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
_CYCLE_ONEWAY = ("oneway:bicycle",)
_DRIVE_ONEWAY = ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle")
_RIDDEN = frozenset(set(CLASS_KMH) - {"motorway", "motorway_link"} | {"cycleway", "bridleway"})
_SHARED = frozenset({"footway", "pedestrian", "path", "busway"})
_ROUND = frozenset({"roundabout", "circular"})
_BOTH, _ALONG, _AGAINST, _NEITHER = (True, True), (True, False), (False, True), (False, False)
_ONEWAY = {
    **dict.fromkeys(("yes", "true", "1"), _ALONG),
    **dict.fromkeys(("-1", "reverse"), _AGAINST),
    **dict.fromkeys(("no", "false", "0", "alternating"), _BOTH),
    "reversible": _NEITHER,
}

_NATIONAL = frozenset({"national", "nsl", "gb:national", "gb:nsl"})
#: Limits in words, miles an hour.
_LIMIT_WORDS = {
    **dict.fromkeys(_NATIONAL, 60.0),
    **dict.fromkeys(("gb:nsl_single", "gb:rural"), 60.0),
    **dict.fromkeys(("gb:nsl_dual", "gb:motorway"), 70.0),
    **dict.fromkeys(("gb:nsl_restricted", "gb:restricted", "gb:urban"), 30.0),
    **dict.fromkeys(("walk", "gb:walk"), 4.0),
}
_NO_FIGURE = frozenset({"none", "signals", "variable", "unknown"})
_FIGURE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?) ?(mph|km/h|kmh|kph)?")
_GB_FIGURE = re.compile(r"gb:(?:zone:?)?([0-9]{2})")
_LEAST_KMH, _MOST_KMH = 3.0, 130.0

_CAR_BARRIERS = frozenset(
    "bollard block cycle_barrier motorcycle_barrier kissing_gate stile turnstile "  # noqa: SIM905
    "full-height_turnstile jersey_barrier planter log debris chain horse_stile bus_trap "
    "sump_buster hampshire_gate rope".split()
)
_CYCLE_BARRIERS = frozenset({"stile", "kissing_gate", "turnstile", "full-height_turnstile"})
_OTHER_SIGNALS = frozenset({"pedestrian_crossing", "emergency", "blinker", "ramp_meter"})


@dataclass(frozen=True, kw_only=True)
class CycleSettings:
    """How fast people cycle, km/h.

    Parameters
    ----------
    cycle_kmh
        On streets, tracks and cycleways. Hills, surfaces, signals and junctions are not counted.
    shared_kmh
        Among people on foot (footways, pedestrian streets and paths open to cycles), if lower.
    push_kmh
        Where one must dismount.
    steps_kmh
        Where a cycle may be pushed up or down steps.
    """

    cycle_kmh: float = 15.0
    shared_kmh: float = 10.0
    push_kmh: float = 4.8
    steps_kmh: float = 2.4

    mode: ClassVar[RoadMode] = "cycle"
    signal_seconds: ClassVar[float] = 0.0
    junction_seconds: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        for kmh in (self.cycle_kmh, self.shared_kmh, self.push_kmh, self.steps_kmh):
            _check_speed(kmh)

    @property
    def method(self) -> str:
        """What is in the times, in words."""
        return f"cycling at {self.cycle_kmh:g} km/h on streets; hills and waits not counted"


@dataclass(frozen=True, kw_only=True)
class DriveSettings:
    """How fast people drive, and what they lose at signals and junctions.

    The defaults are the planner's own, not measured.

    Parameters
    ----------
    class_kmh
        Speed by ``highway`` class where no limit is posted (`CLASS_KMH`).
    ceiling_kmh
        Highest speed of a class, whatever the limit (`CEILING_KMH`).
    limit_share
        Actual speed as a share of a posted limit.
    signal_seconds
        Lost at each traffic signal that is passed (signals of a crossing for people on foot,
        or of a fire station, are not counted).
    junction_seconds
        Lost at each junction without a signal: where at least three drivable streets meet,
        service roads and tracks aside. Not lost along motorways, their slip roads and
        roundabouts: there, entering costs, going round does not.
    """

    class_kmh: Mapping[str, float] = field(default_factory=lambda: CLASS_KMH)
    ceiling_kmh: Mapping[str, float] = field(default_factory=lambda: CEILING_KMH)
    limit_share: float = 0.9
    signal_seconds: float = 10.0
    junction_seconds: float = 4.0

    mode: ClassVar[RoadMode] = "drive"

    def __post_init__(self) -> None:
        lacking = sorted(set(CLASS_KMH) - set(self.class_kmh))
        if lacking:
            raise TravelError(f"Driving speeds: no speed for streets of class {lacking[0]}.")
        for kmh in (*self.class_kmh.values(), *self.ceiling_kmh.values()):
            _check_speed(kmh)
        if not 0 < self.limit_share <= 1.5:
            raise TravelError(f"Driving at {self.limit_share} of the limit cannot be.")
        for seconds in (self.signal_seconds, self.junction_seconds):
            if not 0 <= seconds <= 600:
                raise TravelError(f"A wait of {seconds} seconds at a junction cannot be.")

    @property
    def method(self) -> str:
        """What is in the times, in words."""
        return (
            f"driving at {self.limit_share:.0%} of the limit or the street's usual speed, "
            f"{self.signal_seconds:g} s a signal, {self.junction_seconds:g} s a junction; "
            "no congestion, parking not counted"
        )


RoadSettings = CycleSettings | DriveSettings


@dataclass(frozen=True, kw_only=True)
class WayUse:
    """How a way may be used: km/h along its drawn direction and against it, 0 where it may not.

    ``kind`` is `ORDINARY`, `MINOR` or `FLOWING`; ``unread`` says that its speed limit makes no
    sense and the class's usual speed stands in; ``reversible`` that it is left out because its
    direction changes by the hour.
    """

    forward_kmh: float = 0.0
    backward_kmh: float = 0.0
    kind: int = ORDINARY
    unread: bool = False
    reversible: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may be used at all."""
        return self.forward_kmh > 0 or self.backward_kmh > 0


_SHUT = WayUse()


def to_use(tags: Mapping[str, str], settings: RoadSettings) -> WayUse:
    """Say how a way may be cycled or driven, by its tags (the table in the module's text)."""
    if isinstance(settings, CycleSettings):
        return _to_cycle_use(tags, settings)
    return _to_drive_use(tags, settings)


def to_limit(text: str) -> float | None:
    """Return a posted speed limit in km/h; NaN where it names no figure, None if unreadable.

    Figures without a unit are km/h, as OpenStreetMap defines; of several the lowest holds.
    """
    figures = [_to_figure(part.strip().casefold()) for part in text.split(";")]
    if None in figures:
        return None
    return min((f for f in figures if f is not None and f == f), default=float("nan"))


def is_barrier(tags: Mapping[str, str], mode: RoadMode) -> bool:
    """Say whether a barrier drawn on a point of a way stops a cycle or a car.

    Bollards, blocks and stiles stop cars, stiles and kissing gates stop cycles, unless an access
    key lets them through; gates and the like stop whom an access key stops, or everybody when
    ``locked=yes`` and no access key speaks.
    """
    barrier = tags.get("barrier")
    if barrier is None:
        return False
    keys, closed = (
        (_CYCLE_KEYS, _CYCLE_BARRIERS) if mode == "cycle" else (_DRIVE_KEYS, _CAR_BARRIERS)
    )
    said = _access(tags, keys[:-1] if barrier in closed else keys)
    if said is None:
        return barrier in closed or tags.get("locked") == "yes"
    return not said


def is_signal(tags: Mapping[str, str]) -> bool:
    """Say whether a point is a traffic signal at which road traffic has to wait in turn."""
    return (
        "traffic_signals" in tags.get("highway", "").split(";")
        and tags.get("traffic_signals") not in _OTHER_SIGNALS
    )


def _to_cycle_use(tags: Mapping[str, str], settings: CycleSettings) -> WayUse:
    highway = tags.get("highway", "")
    said = tags.get("bicycle")
    if highway not in _RIDDEN | _SHARED | {"steps"} or tags.get("motorroad") == "yes":
        return _SHUT
    if highway == "steps":
        may = said in _SAID_OPEN or tags.get("ramp:bicycle") == "yes"
        if not may or _access(tags, _CYCLE_KEYS) is False:
            return _SHUT
        return WayUse(forward_kmh=settings.steps_kmh, backward_kmh=settings.steps_kmh)
    if said == "dismount":
        if _access(tags, ("foot",)) is False:
            return _SHUT
        return WayUse(forward_kmh=settings.push_kmh, backward_kmh=settings.push_kmh)
    if highway in _SHARED and said not in _SAID_OPEN:
        return _SHUT
    # A cycleway is meant for cycles, so that only what is said of them, or of everybody, counts.
    keys = ("bicycle", "access") if highway == "cycleway" else _CYCLE_KEYS
    if _access(tags, keys) is False:
        return _SHUT
    kmh = settings.cycle_kmh
    if highway in _SHARED - {"busway"}:
        kmh = min(kmh, settings.shared_kmh)
    forward, backward = _directions(tags, _CYCLE_ONEWAY, implied=tags.get("junction") in _ROUND)
    if forward != backward and "oneway:bicycle" not in tags and _has_contraflow(tags):
        forward = backward = True
    return WayUse(
        forward_kmh=kmh * forward,
        backward_kmh=kmh * backward,
        reversible=not forward and not backward,
    )


def _to_drive_use(tags: Mapping[str, str], settings: DriveSettings) -> WayUse:
    highway = tags.get("highway", "")
    if highway not in CLASS_KMH or tags.get("service") == "emergency_access":
        return _SHUT
    said = _access(tags, _DRIVE_KEYS)
    if said is False or (said is None and highway == "track"):
        return _SHUT
    motorway = highway in {"motorway", "motorway_link"}
    around = tags.get("junction") in _ROUND
    forward, backward = _directions(tags, _DRIVE_ONEWAY, implied=around or motorway)
    kind = FLOWING if motorway or around or highway == "trunk_link" else ORDINARY
    ahead, fine = _speed(tags, "forward", highway, settings)
    back, fine_too = _speed(tags, "backward", highway, settings)
    return WayUse(
        forward_kmh=ahead * forward,
        backward_kmh=back * backward,
        kind=MINOR if highway in {"service", "track"} else kind,
        unread=not (fine and fine_too),
        reversible=not forward and not backward,
    )


def _access(tags: Mapping[str, str], keys: tuple[str, ...]) -> bool | None:
    """Return whether the most specific access key opens the way; None if none speaks."""
    for key in keys:
        said = tags.get(key)
        if said is None or said == "unknown":
            continue
        return not all(part.strip() in _CLOSED for part in said.split(";"))
    return None


def _directions(
    tags: Mapping[str, str], keys: tuple[str, ...], *, implied: bool
) -> tuple[bool, bool]:
    for key in (*keys, "oneway"):
        known = _ONEWAY.get(tags.get(key, ""))
        if known is not None:
            return known
    return _ALONG if implied else _BOTH


def _has_contraflow(tags: Mapping[str, str]) -> bool:
    sides = ("cycleway", "cycleway:both", "cycleway:left", "cycleway:right")
    return any(
        tags.get(side, "").startswith("opposite") or tags.get(f"{side}:oneway") in {"no", "-1"}
        for side in sides
    )


def _speed(
    tags: Mapping[str, str], way: str, highway: str, settings: DriveSettings
) -> tuple[float, bool]:
    """Return the speed along or against a way, and whether its limit could be read."""
    said = tags.get(f"maxspeed:{way}") or tags.get("maxspeed")
    usual = settings.class_kmh[highway]
    if said is None:
        # The kind of limit in words: used if it is one we know, and no news otherwise.
        limit = to_limit(tags.get("maxspeed:type") or tags.get("source:maxspeed") or "none")
        limit = float("nan") if limit is None else limit
    elif highway == "motorway" and said.casefold() in _NATIONAL:
        limit = 70 * KMH_PER_MPH
    else:
        limit = to_limit(said)
    if limit is None or limit != limit:
        return usual, limit is not None
    return min(limit * settings.limit_share, settings.ceiling_kmh.get(highway, limit)), True


def _to_figure(text: str) -> float | None:
    text = text.replace("uk:", "gb:")
    if text in _NO_FIGURE:
        return float("nan")
    kmh = _LIMIT_WORDS[text] * KMH_PER_MPH if text in _LIMIT_WORDS else None
    if figure := _FIGURE.fullmatch(text):
        kmh = float(figure[1]) * (KMH_PER_MPH if figure[2] == "mph" else 1.0)
    elif figure := _GB_FIGURE.fullmatch(text):
        kmh = float(figure[1]) * KMH_PER_MPH
    return kmh if kmh is not None and _LEAST_KMH <= kmh <= _MOST_KMH else None


def _check_speed(kmh: float) -> None:
    if not 0 < kmh <= 200:
        raise TravelError(f"A speed of {kmh} km/h cannot be.")
