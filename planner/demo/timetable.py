"""How do buses run in the fictional town, as a GTFS timetable?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from planner.demo.files import Cell, to_csv
from planner.demo.town import ROADS, Frame, Point, to_degrees

#: Metres between stops, and speed including the time they take.
_STOP_METRES = 420.0
_KMH = 20.0

_FIRST_DAY, _LAST_DAY = "20251001", "20261231"
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: Public holidays on weekdays: no bus runs.
_HOLIDAYS: tuple[str, ...] = (
    "20251225",
    "20251226",
    "20260101",
    "20260403",
    "20260406",
    "20260504",
    "20260525",
)
_HOLIDAYS += ("20260831", "20261225", "20261228")


#: Town and place on the drawing → stop id, name, longitude and latitude.
_Stops = dict[tuple[int, float, float], tuple[str, str, Point]]


@dataclass(frozen=True, kw_only=True)
class _Route:
    """A bus route along corners of the drawing.

    ``times`` are (first, last, every) in minutes of the day from either end; ``saturday`` those
    of Saturdays.
    """

    number: str
    name: str
    line: tuple[Point, ...]
    times: tuple[tuple[int, int, int], ...]
    saturday: tuple[tuple[int, int, int], ...] = ()


def _m(hours: int, minutes: int = 0) -> int:
    return hours * 60 + minutes


_HUB: Point = (0, 800)
_ROUTES: tuple[_Route, ...] = (
    _Route(number="1", name="Marl Hill - Town Centre - Holloways",
           line=((0, 5300), (0, 4480), (0, 2300), _HUB, (0, -900), (0, -3000)),
           times=((_m(5, 45), _m(18, 30), 15), (_m(19), _m(22), 60)),
           saturday=((_m(7), _m(18), 30),)),
    _Route(number="2", name="Thorn Lea - Marl Hill - Town Centre",
           line=((2550, 4350), (1500, 4300), (0, 4480), (0, 2300), _HUB),
           times=((_m(6, 20), _m(18, 20), 30),), saturday=((_m(8), _m(17), 60),)),
    _Route(number="3", name="Saltings - Port - Town Centre",
           line=((4950, -1700), (3680, -1320), (2350, -950), (0, -900), _HUB),
           times=((_m(6, 10), _m(9, 40), 30), (_m(10, 10), _m(17, 40), 60)),
           saturday=((_m(8, 10), _m(17, 10), 60),)),
    _Route(number="4", name="Priory Park - Westhay - Town Centre - Quayside",
           line=((-2250, 3200), (-2250, 2520), (-2350, 850), _HUB, (900, 800), (2700, 900)),
           times=((_m(6, 30), _m(19), 20), (_m(20), _m(22), 60)),
           saturday=((_m(8), _m(18), 60),)),
    _Route(number="5", name="Orrinstow - Tarrowby - Town Centre - Kestrel Business Park",
           line=((-10150, 1050), (-8200, 1000), (-5700, 1100), (-3550, 900), (-2350, 850), _HUB,
                 (900, 800), (2700, 900), (3680, 1080), (5000, 1600)),
           times=((_m(6), _m(18, 30), 30), (_m(19, 30), _m(21, 30), 60)),
           saturday=((_m(8), _m(18), 60),)),
    _Route(number="6", name="Larkmead - Priory Park - Town Centre",
           line=((-2350, 4350), (-2250, 3410), (-2250, 2520), (-2350, 850), _HUB),
           times=((_m(7), _m(18), 60),), saturday=((_m(9), _m(17), 120),)),
    _Route(number="7", name="Fen Rise - Southbank - Town Centre - Elder Fields",
           line=((-2900, -1250), (-1800, -950), (0, -900), _HUB, (0, 2300), (2250, 2300)),
           times=((_m(6, 40), _m(18, 40), 30),), saturday=((_m(8), _m(17), 60),)),
    _Route(number="8", name="Quillet - Larkmead - Town Centre",
           line=((-6000, 4250), (-4200, 4500), (-2350, 4350), (0, 4480), (0, 2300), _HUB),
           times=((_m(9, 20), _m(9, 20), 60), (_m(14, 10), _m(14, 10), 60))),
    _Route(number="9", name="Corranby - Hobbinhoe - Town Centre",
           line=((2550, -4450), (1000, -4700), (-600, -4750), (0, -3200), (0, -900), _HUB),
           times=((_m(7, 30), _m(7, 30), 60), (_m(10), _m(16), 180))),
    _Route(number="10", name="Sallow End - Fen Rise - Town Centre",
           line=((-6500, -1550), (-3850, -1250), (-2900, -1250), (-2500, 0), (-2350, 850), _HUB),
           times=((_m(7, 15), _m(7, 15), 60), (_m(9, 45), _m(15, 45), 180),
                  (_m(17, 30), _m(17, 30), 60))),
    _Route(number="11", name="Starling Hythe - Saltings - Town Centre",
           line=((6700, -3700), (5650, -2500), (4950, -1700), (3680, -1320), (2350, -950),
                 (0, -900), _HUB),
           times=((_m(8, 5), _m(8, 5), 60), (_m(12, 30), _m(12, 30), 60),
                  (_m(16, 45), _m(16, 45), 60))),
)  # fmt: skip


def build_timetable(frames: Sequence[Frame]) -> dict[str, str]:
    """Return the tables of a GTFS timetable by file name.

    Notes
    -----
    Buses run from Monday to Saturday; on most routes they stop in the early evening, and Quillet
    has two a day. Brindlemarsh, Fennimoor, Marsh End, Wrack Point and Gull Island have none.
    """
    stops: _Stops = {}
    routes: list[Sequence[Cell]] = []
    trips: list[Sequence[Cell]] = []
    times: list[Sequence[Cell]] = []
    for frame in frames:
        for route in _ROUTES:
            route_id = f"{frame.number + 1}-{route.number}"
            routes.append([route_id, "AB", route.number, route.name, 3])
            there = _along(route, frame, stops)
            back = [(stop, there[-1][1] - at) for stop, at in reversed(there)]
            for way, run in (("o", there), ("i", back)):
                _add_trips(route, f"{route_id}{way}", run, frame.scale, trips, times)
    buses, site = "Ambleford Buses (fictional)", "https://ambleford.example"
    tables: dict[str, tuple[str, Iterable[Sequence[Cell]]]] = {
        "agency": (
            "agency_id,agency_name,agency_url,agency_timezone,agency_lang",
            [["AB", buses, site, "Europe/London", "en"]],
        ),
        "stops": (
            "stop_id,stop_code,stop_name,stop_lat,stop_lon",
            ([s, s, name, f"{lat:.6f}", f"{lon:.6f}"] for s, name, (lon, lat) in stops.values()),
        ),
        "routes": ("route_id,agency_id,route_short_name,route_long_name,route_type", routes),
        "trips": ("route_id,service_id,trip_id,trip_headsign,direction_id", trips),
        "stop_times": ("trip_id,arrival_time,departure_time,stop_id,stop_sequence", times),
        "calendar": (
            f"service_id,{','.join(_WEEK)},start_date,end_date",
            [
                ["MF", 1, 1, 1, 1, 1, 0, 0, _FIRST_DAY, _LAST_DAY],
                ["SA", 0, 0, 0, 0, 0, 1, 0, _FIRST_DAY, _LAST_DAY],
            ],
        ),
        "calendar_dates": ("service_id,date,exception_type", _exceptions()),
        "feed_info": (
            "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date",
            [[buses, site, "en", _FIRST_DAY, _LAST_DAY]],
        ),
    }
    return {f"{name}.txt": to_csv(head.split(","), rows) for name, (head, rows) in tables.items()}


def _exceptions() -> Iterator[Sequence[Cell]]:
    """Give the days on which a service does not run (2), or another runs in its stead (1)."""
    for day in _HOLIDAYS:
        yield ["MF", day, 2]
    yield ["SA", "20261226", 2]
    # On Christmas Eve the Saturday service runs.
    for year in (2025, 2026):
        yield ["MF", f"{year}1224", 2]
        yield ["SA", f"{year}1224", 1]


def _add_trips(
    route: _Route,
    stem: str,
    run: Sequence[tuple[str, float]],
    scale: float,
    trips: list[Sequence[Cell]],
    times: list[Sequence[Cell]],
) -> None:
    """Add all trips of a route in one direction, with their times at the stops of ``run``."""
    inward = stem.endswith("i")
    goal = route.name.split(" - ")[0 if inward else -1]
    for day, spans in (("MF", route.times), ("SA", route.saturday)):
        starts = [t for first, last, every in spans for t in range(first, last + 1, every)]
        for number, start in enumerate(starts, start=1):
            trip = f"{stem}{day}{number}"
            trips.append([stem[:-1], day, trip, goal, int(inward)])
            for sequence, (stop, at) in enumerate(run, start=1):
                clock = _clock(start * 60 + _seconds(at, scale))
                times.append([trip, clock, clock, stop, sequence])


def _along(route: _Route, frame: Frame, stops: _Stops) -> list[tuple[str, float]]:
    """Return the route's stops in order, with metres from its start on the drawing.

    Routes along one road share its stops: stops stand at the road's corners and at equal
    distances between them.
    """
    run: list[tuple[str, float]] = []
    done = 0.0
    corners = _shared_corners(route.line)
    for a, b in pairwise(corners):
        length = float(np.hypot(b[0] - a[0], b[1] - a[1]))
        parts = max(1, round(length * frame.scale / _STOP_METRES))
        for k in range(parts + 1):
            if k == 0 and run:
                continue
            share = k / parts
            at = (round(a[0] + (b[0] - a[0]) * share, 1), round(a[1] + (b[1] - a[1]) * share, 1))
            run.append((_stop(at, frame, stops), done + length * share))
        done += length
    return run


#: Corners that every route passing them on a straight road stops at, in order along the road.
_CORNERS: tuple[Point, ...] = (
    (0, 5300), (0, 4480), (0, 2300), _HUB, (0, -900), (0, -3000), (0, -3200), (-2250, 3200),
    (900, 800), (2700, 900), (-2350, 850), (-2250, 2520), (-2250, 3410), (-1800, -950),
)  # fmt: skip


def _shared_corners(line: Sequence[Point]) -> list[Point]:
    """Put in the common corners a line passes, so that all routes share the stops between them."""
    out = [line[0]]
    for a, b in pairwise(line):
        length = np.hypot(b[0] - a[0], b[1] - a[1])
        passed = []
        for corner in _CORNERS:
            along = (
                (corner[0] - a[0]) * (b[0] - a[0]) + (corner[1] - a[1]) * (b[1] - a[1])
            ) / length
            off = (
                abs((corner[0] - a[0]) * (b[1] - a[1]) - (corner[1] - a[1]) * (b[0] - a[0]))
                / length
            )
            if off < 1.0 and 1.0 < along < length - 1.0:
                passed.append((float(along), corner))
        out += [corner for _, corner in sorted(passed)] + [b]
    return out


def _stop(at: Point, frame: Frame, stops: _Stops) -> str:
    key = (frame.number, *at)
    if key not in stops:
        stop_id = f"AB{len(stops) + 1:04d}"
        x, y = frame.ground(at)
        lon, lat = to_degrees(np.array([x]), np.array([y]))
        road = "Market Place" if at == _HUB else _road_at(at)
        stops[key] = (stop_id, f"{frame.name}, {road}", (float(lon[0]), float(lat[0])))
    return stops[key][0]


@cache
def _road_at(at: Point) -> str:
    """Return the name of the road on the drawing that is nearest."""
    best, found = np.inf, ""
    for road in ROADS:
        for a, b in pairwise(road.line):
            along = np.subtract(b, a)
            share = np.clip(np.dot(np.subtract(at, a), along) / np.dot(along, along), 0.0, 1.0)
            off = round(float(np.hypot(*(np.subtract(at, a) - share * along))), 1)
            if road.name and "Bridge" not in road.name and off < best:
                best, found = off, road.name
    return found


def _seconds(metres: float, scale: float) -> int:
    """Return the time for a way on the drawing, in half minutes."""
    return round(metres * scale / _KMH * 3.6 / 30.0) * 30


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
