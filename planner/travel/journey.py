"""What does one journey consist of, and how does one tell it to somebody? `Itinerary`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import pandas as pd
import shapely

from planner.area import CRS

DAY_SECONDS = 24 * 3600

StreetMode = Literal["walk", "cycle", "drive"]
MODE_VERBS: dict[StreetMode, str] = {"walk": "Walk", "cycle": "Cycle", "drive": "Drive"}

#: What riders call a vehicle, by its GTFS ``route_type`` (the basic kinds).
_BASIC: dict[int, str] = {
    0: "tram",
    1: "metro",
    2: "train",
    3: "bus",
    4: "ferry",
    5: "tram",
    6: "cable car",
    7: "funicular",
    11: "bus",
    12: "monorail",
}
#: The same by the hundreds of the extended kinds.
_EXTENDED: dict[int, str] = {
    1: "train",
    2: "coach",
    3: "train",
    4: "metro",
    5: "metro",
    6: "metro",
    7: "bus",
    8: "bus",
    9: "tram",
    10: "ferry",
    11: "plane",
    12: "ferry",
    13: "cable car",
    14: "funicular",
    15: "taxi",
}


#: A route's name of more letters than this is set apart by brackets.
_LONG_NAME = 12


@dataclass(frozen=True, kw_only=True)
class StreetLeg:
    """A way along the streets, or a change between two stops of one station.

    Parameters
    ----------
    start_seconds, end_seconds
        After midnight; for a journey at no particular time they count from leaving.
    metres
        Along the way.
    to
        Where it ends, in words.
    line
        The way in EPSG:27700, from its start to its end.
    stated
        The timetable gives the time for this change; nobody measured the way.
    inside
        Within a station, drawn straight.
    mode
        How one moves.
    """

    start_seconds: int
    end_seconds: int
    metres: float
    to: str
    line: shapely.LineString
    stated: bool = False
    inside: bool = False
    mode: StreetMode = "walk"

    @property
    def seconds(self) -> int:
        """How long it takes."""
        return self.end_seconds - self.start_seconds

    def in_words(self) -> str:
        """Such as ``Walk 6 min (450 m) to Corporation Road``."""
        if self.stated:
            return f"Change to {self.to}: the timetable allows {minutes_words(self.seconds)} for it"
        within = " within the station" if self.inside else ""
        way = f"{minutes_words(_round_up(self.seconds))} ({metres_words(self.metres)}){within}"
        return f"{MODE_VERBS[self.mode]} {way} to {self.to}"


@dataclass(frozen=True, kw_only=True)
class WaitLeg:
    """A wait at a stop."""

    start_seconds: int
    end_seconds: int
    at: str
    line: shapely.Point

    @property
    def seconds(self) -> int:
        """How long it takes."""
        return self.end_seconds - self.start_seconds

    def in_words(self) -> str:
        """Such as ``Wait 4 min``."""
        return f"Wait {minutes_words(self.seconds)}"


@dataclass(frozen=True, kw_only=True)
class RideLeg:
    """A ride in one vehicle.

    Parameters
    ----------
    start_seconds, end_seconds
        Of leaving the stop and of arriving at the other, after midnight.
    vehicle
        What riders call it: ``bus``, ``train`` and so on.
    route, headsign
        What stands on it, "" for none.
    trip_id, board_id, alight_id
        As the timetable calls them.
    board, alight
        The names of the two stops.
    stops
        How many stops after boarding one gets off, that one included.
    line
        Straight from stop to stop in EPSG:27700 (empty where stops have no position).
    """

    start_seconds: int
    end_seconds: int
    vehicle: str
    route: str
    headsign: str
    trip_id: str
    board_id: str
    board: str
    alight_id: str
    alight: str
    stops: int
    line: shapely.LineString

    @property
    def seconds(self) -> int:
        """How long it takes."""
        return self.end_seconds - self.start_seconds

    def in_words(self) -> str:
        """Such as ``09:12 bus 30 towards Newport, 7 stops, to Market Square 09:24``."""
        # Some operators' names are a number, others a sentence. A long number after a hyphen is
        # the operator's registration, which stands on no bus.
        route = re.sub(r"(?<=\w)-\d{2,}$", "", self.route)
        route = f"({route})" if len(route) > _LONG_NAME else route
        name = f"{self.vehicle} {route}".strip()
        towards = f" towards {self.headsign}" if self.headsign else ""
        count = f"{self.stops} stop{'' if self.stops == 1 else 's'}"
        return (
            f"{clock_words(self.start_seconds)} {name}{towards}, {count}, "
            f"to {self.alight} {clock_words(self.end_seconds)}"
        )


Leg = StreetLeg | WaitLeg | RideLeg


@dataclass(frozen=True, kw_only=True)
class Itinerary:
    """One journey from door to door.

    Parameters
    ----------
    legs
        In order, each beginning when the one before ends.
    leave_seconds, arrive_seconds
        After midnight of ``date``; from leaving (0) where the time does not matter.
    origin, destination
        The two ends in EPSG:27700.
    date
        The day of the timetable; None: at any time.
    """

    legs: tuple[Leg, ...]
    leave_seconds: int
    arrive_seconds: int
    origin: shapely.Point
    destination: shapely.Point
    date: dt.date | None = field(default=None)

    @property
    def seconds(self) -> int:
        """Door to door, waiting included."""
        return self.arrive_seconds - self.leave_seconds

    @property
    def rides(self) -> tuple[RideLeg, ...]:
        """The vehicles."""
        return tuple(leg for leg in self.legs if isinstance(leg, RideLeg))

    @property
    def street_seconds(self) -> int:
        """How long one is under way on the streets and between stops."""
        return sum(leg.seconds for leg in self.legs if isinstance(leg, StreetLeg))

    @property
    def wait_seconds(self) -> int:
        """How long one waits at stops."""
        return sum(leg.seconds for leg in self.legs if isinstance(leg, WaitLeg))

    def in_words(self) -> list[str]:
        """Return one line a leg, and one before them where no walk says where it begins."""
        if not self.legs:
            return ["You are there already"]
        first = self.legs[0]
        begin = []
        if isinstance(first, WaitLeg | RideLeg):
            begin = [f"Start at {first.at if isinstance(first, WaitLeg) else first.board}"]
        return begin + [leg.in_words() for leg in self.legs]

    def summary(self) -> str:
        """Return the whole journey in one sentence."""
        if self.date is None:
            return f"{minutes_words(_round_up(self.seconds))} in all, at any time of day."
        times = f"Leave at {clock_words(self.leave_seconds)}"
        # Whoever arrives within a minute is not there at its beginning.
        arrive = _round_up(self.arrive_seconds)
        lasts = minutes_words(arrive - self.leave_seconds)
        text = f"{times}, arrive by {clock_words(arrive)}: {lasts} in all"
        if not self.rides:
            return f"{text}, all on foot; no vehicle is quicker."
        changes = len(self.rides) - 1
        words = "no change" if changes == 0 else f"{changes} change{'' if changes == 1 else 's'}"
        return (
            f"{text}, of which {minutes_words(_round_up(self.street_seconds))} on foot and "
            f"{minutes_words(self.wait_seconds)} waiting, with {words}."
        )

    def to_frame(self) -> gpd.GeoDataFrame:
        """Return a row a leg: ``leg``, ``words``, ``start``, ``end``, ``minutes``, geometry."""
        kinds = {StreetLeg: "street", WaitLeg: "wait", RideLeg: "ride"}
        table = pd.DataFrame(
            {
                "leg": [kinds[type(leg)] for leg in self.legs],
                "words": [leg.in_words() for leg in self.legs],
                "start": [clock_words(leg.start_seconds) for leg in self.legs],
                "end": [clock_words(leg.end_seconds) for leg in self.legs],
                "minutes": [leg.seconds / 60 for leg in self.legs],
            }
        )
        return gpd.GeoDataFrame(table, geometry=[leg.line for leg in self.legs], crs=CRS)


def vehicle_words(route_type: int) -> str:
    """Return what riders call a vehicle of a GTFS ``route_type``, basic or extended."""
    if route_type in _BASIC:
        return _BASIC[route_type]
    return _EXTENDED.get(route_type // 100, "service")


def clock_words(seconds: int) -> str:
    """Return a time of day as on a timetable: ``09:12``, ``00:15 (next day)``."""
    day, rest = divmod(seconds, DAY_SECONDS)
    text = f"{rest // 3600:02d}:{rest // 60 % 60:02d}"
    if day == 0:
        return text
    return f"{text} ({'next day' if day == 1 else 'the day before'})"


def minutes_words(seconds: int) -> str:
    """Return a length of time in whole minutes: ``6 min``, ``1 h 20 min``, ``under a minute``."""
    minutes = int(seconds / 60 + 0.5)
    if minutes == 0:
        return "under a minute"
    hours, rest = divmod(minutes, 60)
    if hours == 0:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def _round_up(seconds: int) -> int:
    """Return whole minutes, in seconds, for times on foot and of arrival: none is promised."""
    return -(-seconds // 60) * 60


def metres_words(metres: float) -> str:
    """Return a distance to two or three figures: ``under 10 m``, ``450 m``, ``1.2 km``."""
    if metres < 10:
        return "under 10 m"
    if metres < 995:
        return f"{round(metres / 10) * 10} m"
    return f"{metres / 1000:.1f} km"
