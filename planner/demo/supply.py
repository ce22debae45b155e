"""What help is there in the fictional town, where, run by whom, and where is paid work?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.demo.dice import Dice
from planner.demo.town import (
    DISTRICTS,
    NEIGHBOUR,
    NEIGHBOUR_DISTRICTS,
    PLAN_AREAS,
    Frame,
    Point,
    to_ground,
)

#: Kind → who runs it, in what its size is counted.
KINDS: dict[str, tuple[str, str]] = {
    "jobcentre": ("Jobcentre service", "work coaches"),
    "gp": ("NHS primary care", "registered patients"),
    "library": ("Library service", "public computers"),
    "food_bank": ("Food aid network", "parcels a week"),
    "childrens_centre": ("Council family services", "places a week"),
    "community_centre": ("Community association", "people in the main hall"),
    "pharmacy": ("Community pharmacies", ""),
    "adult_learning": ("Ambleford College", ""),
}
_OFFICE = "Mo-Fr 09:00-17:00"
_PRACTICE = "Mo-Fr 08:00-18:30"
_LIBRARY = "Mo-Fr 09:30-17:30"
_CENTRE = "Mo-Fr 09:00-16:00"
_EVERY_DAY = "Mo-Fr 09:00-18:00; Sa 09:00-13:00"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One service at one place, on the ground; ``at`` is None where nobody wrote it down."""

    kind: str
    name: str
    address: str
    postcode: str
    opening: str
    capacity: int | None
    rooms: int | None
    at: Point | None
    town: str


@dataclass(frozen=True, kw_only=True)
class Supply:
    """Offers, candidate hubs, jobs (number, people, point) and postcodes (code, point)."""

    offers: tuple[Offer, ...]
    candidates: tuple[Offer, ...]
    jobs: tuple[tuple[str, int, Point], ...]
    postcodes: tuple[tuple[str, Point], ...]


@dataclass(frozen=True, kw_only=True)
class _Spot:
    """A place on the drawing with what it offers: (kind, opening, capacity)."""

    name: str
    street: str
    at: Point
    offers: tuple[tuple[str, str, int | None], ...]
    rooms: int | None = None


def _s(
    name: str,
    street: str,
    at: Point,
    *offers: tuple[str, str, int | None],
    rooms: int | None = None,
) -> _Spot:
    return _Spot(name=name, street=street, at=at, offers=offers, rooms=rooms)


# The first of each kind is there in the smallest town too.
_SPOTS: tuple[_Spot, ...] = (
    _s("Ambleford Jobcentre", "14 Market Street", (260, 790), ("jobcentre", _OFFICE, 32)),
    _s("Central Library", "2 High Street", (40, 1010),
       ("library", "Mo,We-Fr 09:30-17:30; Tu 09:30-20:00; Sa 09:30-16:00", 40), rooms=4),
    _s("Market Street Surgery", "51 Market Street", (-420, 820), ("gp", _PRACTICE, 11800)),
    _s("Quayside Community Centre", "8 Dock Street", (1650, 560),
       ("community_centre", "Mo-Sa 09:00-21:00", 120), ("food_bank", "Tu,Fr 10:00-15:00", 90),
       rooms=4),
    _s("Northgate Children's Centre", "30 North Road", (150, 2150),
       ("childrens_centre", _CENTRE, 180), rooms=3),
    _s("Marl Hill Community Centre", "1 The Green", (260, 4420),
       ("community_centre", "Mo-Fr 10:00-20:00", 90),
       ("food_bank", "Tu,Th 10:00-14:00", 70), rooms=3),
    _s("Quayside Health Centre", "77 Quay Road", (1950, 900), ("gp", _PRACTICE, 9600)),
    _s("Northgate Medical Practice", "112 North Road", (-120, 2480), ("gp", _PRACTICE, 12400)),
    _s("Southbank Surgery", "9 Southbank Road", (-80, -780), ("gp", _PRACTICE, 10900)),
    _s("Tarrowby Jobcentre", "3 Orrin Road", (-5560, 1150), ("jobcentre", _OFFICE, 11)),
    _s("Tarrowby Library", "5 Orrin Road", (-5500, 1180),
       ("library", "Mo-Fr 09:30-17:30; Sa 10:00-13:00", 12), rooms=2),
    _s("Tarrowby Community Centre", "20 Mill Lane", (-5780, 1520),
       ("community_centre", "Mo-Su 09:00-22:00", 150), ("food_bank", "Mo,Th 12:00-15:30", 40),
       ("childrens_centre", "Mo-Th 09:00-16:00", 60), rooms=5),
    _s("Tarrowby Practice", "41 Orrin Road", (-5900, 1180), ("gp", _PRACTICE, 13700)),
    _s("Southbank Library", "60 Southbank Road", (60, -1020),
       ("library", "Mo-Fr 09:30-17:30; Sa 10:00-14:00", 14), rooms=2),
    _s("Southbank Children's Centre", "12 Fen Road", (-620, -960),
       ("childrens_centre", _CENTRE, 150), rooms=3),
    _s("Southbank Mission Hall", "4 Chandler Street", (-900, -760),
       ("community_centre", "Mo-Fr 09:00-18:00", 80),
       ("food_bank", "Mo,Tu 11:00-15:00", 60), rooms=2),
    _s("Northgate Library", "140 North Road", (90, 2620), ("library", _LIBRARY, 10), rooms=2),
    _s("Marl Hill Surgery", "3 Marl Hill Road", (60, 4050), ("gp", "Mo-Fr 08:30-17:30", 6900)),
    _s("Marl Hill Children's Centre", "2 The Green", (-120, 4700),
       ("childrens_centre", _CENTRE, 140), rooms=3),
    _s("Elder Fields Surgery", "8 Elder Road", (2200, 2260), ("gp", _PRACTICE, 8800)),
    _s("Westhay Practice", "200 Westhay Road", (-2200, 860), ("gp", _PRACTICE, 9900)),
    _s("Westhay Library", "190 Westhay Road", (-2050, 900),
       ("library", "Mo,We,Fr 09:30-17:30; Tu 09:30-19:00; Sa 09:30-13:00", 12), rooms=2),
    _s("Holloways Community Centre", "66 Southbank Road", (-40, -2450),
       ("community_centre", "Mo-Fr 09:00-21:00; Sa 10:00-16:00", 110), rooms=3),
    _s("Holloways Medical Centre", "70 Southbank Road", (60, -2560), ("gp", _PRACTICE, 11200)),
    _s("Holloways Library", "1 Holly Avenue", (-420, -2380),
       ("library", "Mo,Tu,Th 13:00-17:30", 8), rooms=1),
    _s("Thorn Lea Community Room", "17 Thorn Lane", (2480, 4280),
       ("community_centre", "Mo,We,Fr 10:00-15:00", 45), rooms=1),
    _s("Saltings Community Centre", "2 Saltings Road", (4880, -1620),
       ("community_centre", "Mo-Fr 10:00-19:00", 85), rooms=3),
    _s("Larkmead Hall", "9 Larkmead Road", (-2330, 4240),
       ("community_centre", "Mo-Fr 09:00-22:00", 130), rooms=3),
    _s("Larkmead Surgery", "15 Larkmead Road", (-2450, 4420), ("gp", _PRACTICE, 7900)),
    _s("Fen Rise Practice", "31 Fen Road", (-2800, -1200), ("gp", _PRACTICE, 8700)),
    _s("Priory Park Surgery", "6 Abbot's Walk", (-2200, 2450), ("gp", _PRACTICE, 9100)),
    _s("Saltings Branch Surgery", "10 Saltings Road", (5060, -1800),
       ("gp", "Mo-Fr 08:30-12:30", 3800)),
    _s("Fennimoor Surgery", "1 Fennimoor Lane", (6020, 2950), ("gp", "Mo-Fr 08:30-13:00", 4100)),
    _s("Hobbinhoe Village Hall", "Hobbin Road", (-560, -4700),
       ("community_centre", "Tu,Th 10:00-16:00", 60), rooms=2),
)  # fmt: skip

_PHARMACIES: tuple[tuple[str, Point], ...] = (
    ("High Street Pharmacy", (30, 1150)), ("Northgate Pharmacy", (-90, 2400)),
    ("Quay Road Pharmacy", (1850, 880)), ("Southbank Pharmacy", (40, -850)),
    ("Marl Hill Pharmacy", (120, 4120)), ("Tarrowby Pharmacy", (-5620, 1160)),
    ("Westhay Pharmacy", (-2250, 880)), ("Holloways Pharmacy", (30, -2500)),
    ("Elder Fields Pharmacy", (2150, 2290)), ("Market Place Pharmacy", (-250, 800)),
    ("Saltings Pharmacy", (4950, -1680)), ("Fen Rise Pharmacy", (-2850, -1230)),
    ("Priory Pharmacy", (-2240, 2380)), ("Larkmead Pharmacy", (-2300, 4330)),
    ("Fennimoor Pharmacy", (6040, 2980)),
)  # fmt: skip

_NEIGHBOUR: tuple[_Spot, ...] = (
    _s("Orrinstow Jobcentre", "1 Station Road", (-10150, 1040), ("jobcentre", _OFFICE, 18)),
    _s("Orrinstow Library", "8 Church Street", (-10350, 1130),
       ("library", "Mo-Fr 09:30-17:30; Sa 09:30-13:00", 20), rooms=2),
    _s("Abbey Practice", "22 Church Street", (-10500, 950), ("gp", _PRACTICE, 12100)),
    _s("Orrinstow Health Centre", "5 Station Road", (-9900, 1100), ("gp", _PRACTICE, 9400)),
    _s("Orrinstow Food Bank", "40 Church Street", (-10600, 1250),
       ("food_bank", "Tu,Fr 10:00-14:00", 50)),
    _s("Orrinstow Children's Centre", "11 Mill Street", (-10200, 1350),
       ("childrens_centre", _CENTRE, 120)),
)  # fmt: skip

_CANDIDATES: tuple[tuple[str, str, Point, int], ...] = (
    ("Thorn Lea Chapel Hall", "30 Thorn Lane", (2600, 4400), 3),
    ("Former Saltings School", "25 Saltings Road", (4800, -1850), 6),
    ("Vacant shop, Marl Hill parade", "8 Marl Hill Road", (40, 4250), 2),
    ("Quayside Mill, ground floor", "90 Quay Road", (2150, 860), 5),
    ("Sallow End Parish Room", "Sallow Lane", (-6480, -1530), 1),
)

#: Where jobs are on the drawing: middle, half width and height, zones, jobs a zone.
_WORK: tuple[tuple[str, Point, Point, int, int], ...] = (
    ("Town Centre", (50, 900), (700, 450), 14, 1450),
    ("Kestrel Business Park", (4650, 1480), (450, 260), 7, 1900),
    ("Port of Ambleford", (2450, -520), (800, 200), 6, 1250),
    ("Northgate Hospital", (420, 2500), (60, 60), 1, 4200),
    ("Larkmead Park", (-1500, 4500), (250, 120), 2, 900),
)
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


def build_supply(frames: Sequence[Frame], people: Sequence[Point], seed: int) -> Supply:
    """Return the services, candidate hubs, jobs and postcodes of all towns.

    Parameters
    ----------
    frames
        The towns.
    people
        Where people live (plan): each point gets a postcode.
    seed
        The seed of the place.
    """
    codes = _Postcodes()
    offers: list[Offer] = []
    candidates: list[Offer] = []
    jobs: list[tuple[str, int, Point]] = []
    for frame in frames:
        share = min(frame.areas / PLAN_AREAS, 1.0)
        for spot in _some(_SPOTS, share):
            offers += _offers(spot, frame, codes)
        for name, at in _PHARMACIES[: max(2, round(len(_PHARMACIES) * share))]:
            spot = _s(name, "", at, ("pharmacy", _EVERY_DAY, None))
            offers += _offers(spot, frame, codes)
        for name, street, at, rooms in _CANDIDATES[: max(2, round(len(_CANDIDATES) * share))]:
            spot = _s(name, street, at, ("candidate", "", None), rooms=rooms)
            candidates += _offers(spot, frame, codes)
        jobs += _work(frame, len(jobs), Dice(seed, "jobs", frame.number))
    for spot in _NEIGHBOUR:
        offers += _offers(spot, frames[0], codes, town=NEIGHBOUR)
    offers += _nowhere()
    for at in people:
        codes.new(to_ground(at, frames[0].scale))
    return Supply(
        offers=tuple(offers),
        candidates=tuple(candidates),
        jobs=tuple(jobs),
        postcodes=tuple(codes.known),
    )


class _Postcodes:
    """Gives out postcodes of an area that does not exist (ZZ)."""

    def __init__(self) -> None:
        self.known: list[tuple[str, Point]] = []

    def new(self, at: Point) -> str:
        number = len(self.known)
        district, rest = divmod(number, 4_000)
        sector, unit = divmod(rest, 400)
        text = f"ZZ{district + 1} {sector}{_LETTERS[unit // 20]}{_LETTERS[unit % 20]}"
        self.known.append((text, at))
        return text


def _some(spots: Sequence[_Spot], share: float) -> list[_Spot]:
    """Return the first spots, so many as suit a town of that size, and the first of each kind."""
    wanted = max(1, round(len(spots) * share))
    seen: set[str] = set()
    chosen = []
    for at, spot in enumerate(spots):
        if at < wanted or any(kind not in seen for kind, _, _ in spot.offers):
            chosen.append(spot)
            seen.update(kind for kind, _, _ in spot.offers)
    return chosen


def _offers(spot: _Spot, frame: Frame, codes: _Postcodes, *, town: str = "") -> list[Offer]:
    at = frame.ground(spot.at)
    town = town or frame.name
    name = spot.name.replace("Ambleford", town)
    if frame.number and town not in name:
        name = f"{name}, {town}"
    postcode = codes.new(at)
    return [
        Offer(
            kind=kind,
            name=name,
            address=", ".join(part for part in (spot.street, town) if part),
            postcode=postcode,
            opening=opening,
            capacity=capacity,
            rooms=spot.rooms,
            at=at,
            town=town,
        )
        for kind, opening, capacity in spot.offers
    ]


def _nowhere() -> list[Offer]:
    """Two entries of the kind that real lists have: nobody can say where they are."""
    return [
        Offer(
            kind="gp", name="Harbour Outreach Clinic", address="Ambleford", postcode="",
            opening="We 10:00-13:00", capacity=None, rooms=None, at=None, town="Ambleford",
        ),
        Offer(
            kind="food_bank", name="Travelling Larder", address="by van", postcode="ZZ99 9ZZ",
            opening="Sa 10:00-12:00", capacity=None, rooms=None, at=None, town="Ambleford",
        ),
    ]  # fmt: skip


def _work(frame: Frame, known: int, dice: Dice) -> list[tuple[str, int, Point]]:
    """Return workplace zones: the large employers, and some work in every district."""
    places: list[tuple[Point, float]] = []
    for _, (u, v), (width, height), zones, size in _WORK:
        for k in range(zones):
            reach, angle = float(np.sqrt((k + 0.5) / zones)), k * 2.4
            east = u + width * reach * float(np.cos(angle))
            places.append(((east, v + height * reach * float(np.sin(angle))), float(size)))
    around = NEIGHBOUR_DISTRICTS[:1] if frame.number == 0 else ()
    for district in (*DISTRICTS, *around):
        zones = max(1, round(district.areas / 5)) if district.style != "none" else 0
        for k in range(zones):
            angle = 1.1 + k * 2.4
            east = district.u + 0.45 * district.width * float(np.cos(angle))
            north = district.v + 0.45 * district.height * float(np.sin(angle))
            places.append(((east, north), 130 + 330 * district.urban))
    spread = np.exp(0.45 * dice.normal(len(places)))
    rows = []
    for at, ((place, jobs), luck) in enumerate(zip(places, spread, strict=True), start=known + 1):
        number = max(5, round(jobs * float(luck) * frame.scale**2))
        rows.append((f"E339{at:05d}", number, frame.ground(place)))
    return rows
