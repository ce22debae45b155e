"""How is the fictional town laid out: districts, river, barriers, roads?

A town is drawn on a *plan* whose river, railway and bypass are straight lines, in metres, for
about 150 areas. `Frame` puts the plan somewhere and scales it; `bend` then curves the whole plan
smoothly, so that what did not cross on the plan does not cross on the ground.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyproj

from planner.demo.dice import Dice, Floats

PLACE = "Ambleford (fictional)"
NEIGHBOUR = "Orrinstow"
NEIGHBOUR_KEY = "orrinstow"

#: The place lies where there is no land: in the North Sea.
ORIGIN = (600_000.0, 430_000.0)
#: Half the width and half the height of one town's plan.
HALF_WIDTH, HALF_HEIGHT = 8_200.0, 6_000.0
#: Areas the plan was drawn for.
PLAN_AREAS = 150
#: The railway and the bypass, neither to be crossed but at a bridge.
RAILWAY_V = 3_350.0
BYPASS_U = 3_600.0

Point = tuple[float, float]
Style = Literal["terraces", "suburb", "rings", "village", "hamlet", "none"]


@dataclass(frozen=True, kw_only=True)
class District:
    """A part of the town: an ellipse on the plan, how many areas, and what it is like.

    ``need`` is how deprived it is (0 middling, 2 among the most deprived of the country),
    ``age`` how old its people are, ``urban`` how much a town it is (0 to 1), ``turn`` the angle
    of its streets in degrees.
    """

    key: str
    name: str
    u: float
    v: float
    width: float
    height: float
    areas: float
    need: float
    age: float
    urban: float
    style: Style
    turn: float = 0.0


def _d(
    key: str, name: str, at: tuple[float, float], half: tuple[float, float], areas: float,
    like: tuple[float, float, float], style: Style, turn: float = 0.0,
) -> District:  # fmt: skip
    return District(
        key=key, name=name, u=at[0], v=at[1], width=half[0], height=half[1], areas=areas,
        need=like[0], age=like[1], urban=like[2], style=style, turn=turn,
    )  # fmt: skip


DISTRICTS: tuple[District, ...] = (
    _d("centre", "Town Centre", (0, 850), (900, 600), 9, (0.5, -0.9, 1.0), "terraces", 4),
    _d("quayside", "Quayside", (1800, 780), (900, 560), 9, (1.3, -0.5, 1.0), "terraces", -9),
    _d("northgate", "Northgate", (-50, 2300), (1150, 740), 13, (0.3, -0.6, 0.9), "terraces", 7),
    _d("westhay", "Westhay", (-2350, 1000), (1200, 720), 11, (-0.9, 0.6, 0.6), "suburb", -14),
    _d("priory", "Priory Park", (-2250, 2520), (1050, 640), 8, (-1.2, 0.8, 0.5), "suburb", 18),
    _d("elder", "Elder Fields", (2250, 2300), (1050, 720), 10, (-0.1, 0.1, 0.7), "suburb", 12),
    _d("marlhill", "Marl Hill", (150, 4480), (1100, 820), 11, (1.9, -0.4, 0.8), "rings"),
    _d("thornlea", "Thorn Lea", (2550, 4350), (820, 680), 7, (1.6, -0.3, 0.8), "rings"),
    _d("larkmead", "Larkmead", (-2350, 4350), (1050, 700), 7, (-0.7, -0.2, 0.5), "suburb", -8),
    _d("southbank", "Southbank", (-500, -900), (1350, 620), 11, (0.9, -0.4, 0.9), "terraces", 5),
    _d("port", "Port of Ambleford", (2350, -640), (900, 360), 1, (0.6, -1.0, 0.9), "hamlet"),
    _d("fenrise", "Fen Rise", (-2900, -1250), (950, 720), 8, (-0.2, 0.2, 0.6), "suburb", -20),
    _d("holloway", "Holloways", (-250, -2500), (1400, 780), 11, (-0.2, 0.1, 0.7), "suburb", 10),
    _d("saltings", "The Saltings", (4950, -1750), (900, 720), 9, (1.8, -0.5, 0.8), "rings"),
    _d("tarrowby", "Tarrowby", (-5700, 1350), (1000, 720), 10, (0.2, 0.2, 0.6), "suburb", 15),
    _d("quillet", "Quillet", (-6000, 4250), (380, 300), 2, (-0.6, 0.7, 0.1), "village", 30),
    _d("sallowend", "Sallow End", (-6500, -1550), (340, 300), 2, (-0.3, 0.9, 0.1), "village", 10),
    _d("brindle", "Brindlemarsh", (-4300, -4200), (340, 300), 2, (0.0, 0.8, 0.1), "village", 25),
    _d("hobbin", "Hobbinhoe", (-700, -4750), (340, 300), 2, (-0.6, 0.6, 0.1), "village", -15),
    _d("corran", "Corranby", (2550, -4450), (320, 280), 1, (-0.4, 0.8, 0.1), "village", 40),
    _d("fennimoor", "Fennimoor", (6050, 3000), (380, 320), 2, (-0.8, 0.5, 0.2), "village", 5),
    _d("hythe", "Starling Hythe", (6700, -3700), (320, 280), 1, (0.4, 1.0, 0.1), "village", 20),
    _d("gull", "Gull Island", (5900, -330), (200, 90), 1, (0.9, 0.4, 0.1), "none"),
    _d("marshend", "Marsh End", (4550, -3550), (200, 200), 1, (0.3, 1.0, 0.0), "none"),
    _d("wrack", "Wrack Point", (7500, 5300), (300, 300), 1, (0.2, 1.1, 0.0), "none"),
)  # fmt: skip

#: The neighbouring town: its areas are context areas.
NEIGHBOUR_DISTRICTS: tuple[District, ...] = (
    _d(NEIGHBOUR_KEY, NEIGHBOUR, (-10300, 1050), (1250, 1000), 15, (0.3, 0.0, 0.8), "suburb", -6),
    _d("orrin_n", "Orrin Heath", (-10200, 4000), (900, 700), 3, (-0.5, 0.6, 0.1), "none"),
    _d("orrin_s", "Orrin Fen", (-10300, -2600), (900, 700), 2, (-0.2, 0.7, 0.1), "none"),
)

#: Areas that are there however small the place, because each shows a status of its own.
ALWAYS = ("centre", "gull", "marshend", "wrack")


@dataclass(frozen=True, kw_only=True)
class Road:
    """A road, lane or path on the plan; where two of them or a street cross, they meet."""

    highway: str
    name: str
    line: tuple[tuple[float, float], ...]
    tags: tuple[tuple[str, str], ...] = ()
    island: bool = False  # on purpose without a way to anywhere
    edge: str = ""  # drawn only where another town follows on that side


_BRIDGE = (("bridge", "yes"), ("layer", "1"))
_TUNNEL = (("tunnel", "yes"), ("layer", "-1"), ("lit", "yes"))


def _r(
    highway: str, name: str, *line: tuple[float, float],
    tags: tuple[tuple[str, str], ...] = (), edge: str = "",
) -> Road:  # fmt: skip
    return Road(highway=highway, name=name, line=line, tags=tags, edge=edge)


ROADS: tuple[Road, ...] = (
    # North to south through the town.
    _r("primary", "Bridge Street", (0, 130), (0, 800)),
    _r("primary", "High Street", (0, 800), (0, 1900)),
    _r("primary", "North Road", (0, 1900), (0, 3290)),
    _r("primary", "Marl Hill Bridge", (0, 3290), (0, 3410), tags=_BRIDGE),
    _r("primary", "Marl Hill Road", (0, 3410), (0, 5600)),
    _r("primary", "Town Bridge", (0, 130), (0, -130), tags=_BRIDGE),
    _r("primary", "Southbank Road", (0, -130), (0, -900), (0, -3200)),
    _r("primary", "Hobbin Road", (0, -3200), (-600, -4750)),
    # West to east on the north bank.
    _r("primary", "Orrin Road", (-8200, 1000), (-5700, 1100), (-3550, 900)),
    _r("primary", "Westhay Road", (-3550, 900), (-2350, 850), (-1000, 800)),
    _r("primary", "Market Street", (-1000, 800), (0, 800), (900, 800)),
    _r("primary", "Quay Road", (900, 800), (2700, 900), (3520, 1050)),
    _r("primary", "Kestrel Bridge", (3520, 1050), (3680, 1080), tags=_BRIDGE),
    _r("secondary", "Kestrel Way", (3680, 1080), (4500, 1450), (5000, 1600)),
    _r("tertiary", "Fennimoor Lane", (5000, 1600), (6050, 3000)),
    _r("tertiary", "Dock Street", (0, 480), (1800, 520), (2700, 900)),
    # West to east on the south bank.
    _r("tertiary", "Sallow Lane", (-8200, -1700), (-6500, -1550), (-3850, -1250)),
    _r("secondary", "Fen Road", (-3850, -1250), (-2900, -1250), (-1800, -950), (0, -900)),
    _r("secondary", "Port Road", (0, -900), (1500, -900), (2350, -950), (3520, -1280)),
    _r("secondary", "Saltings Bridge", (3520, -1280), (3680, -1320), tags=_BRIDGE),
    _r("secondary", "Saltings Road", (3680, -1320), (4950, -1700)),
    _r("tertiary", "Hythe Lane", (4950, -1700), (5650, -2500), (6700, -3700)),
    _r("service", "Port Gate", (2350, -950), (2350, -420)),
    # The second bridge, and round by the west.
    _r("tertiary", "Priory Road", (-2350, 850), (-2500, 140)),
    _r("tertiary", "Priory Bridge", (-2500, 140), (-2500, -140), tags=_BRIDGE),
    _r("tertiary", "Ferry Lane", (-2500, -140), (-2900, -1250)),
    _r("secondary", "Abbot's Walk", (-2350, 850), (-2250, 2520), (-2250, 3290)),
    _r("secondary", "Larkmead Bridge", (-2250, 3290), (-2250, 3410), tags=_BRIDGE),
    _r("secondary", "Larkmead Road", (-2250, 3410), (-2350, 4350)),
    _r("tertiary", "Quillet Lane", (-2350, 4350), (-4200, 4500), (-6000, 4250)),
    _r("unclassified", "Mill Lane", (-6000, 4250), (-6100, 3000), (-5700, 1100)),
    _r("tertiary", "Cross Lane", (-2350, 4350), (0, 4480)),
    _r("tertiary", "Elder Road", (0, 2300), (2250, 2300), (2700, 900)),
    _r("tertiary", "Thorn Lane", (0, 4480), (1500, 4300), (2550, 4350)),
    _r("footway", "", (2250, 2300), (2500, 3290)),
    _r("footway", "Thorn Lea Subway", (2500, 3290), (2500, 3410), tags=_TUNNEL),
    _r("footway", "", (2500, 3410), (2550, 4350)),
    # Lanes of the south.
    _r("unclassified", "Brindle Lane", (-2900, -1250), (-3600, -2900), (-4300, -4200)),
    _r("unclassified", "Drove Road", (-4300, -4200), (-2300, -4600), (-700, -4750)),
    _r("unclassified", "Corran Lane", (-600, -4750), (1000, -4700), (2550, -4450)),
    _r("track", "Corran Drove", (2550, -4450), (2300, -3000), (0, -2500)),
    # Along the river.
    _r("footway", "Riverside Walk", (-2500, 140), (-1300, 150), (0, 150), (1300, 170), (2600, 210)),
    _r("footway", "South Strand", (-2500, -140), (-1300, -160), (0, -150), (1300, -190)),
    _r("footway", "", (1300, -190), (1500, -900)),
    _r("footway", "", (2600, 210), (2700, 900)),
    Road(highway="unclassified", name="Gull Lane", line=((5700, -350), (6100, -330)), island=True),
    # To the next town, where there is one.
    _r("tertiary", "East Road", (6050, 3000), (8200, 1000), edge="east"),
    _r("primary", "North Road", (0, 5600), (0, 6000), edge="north"),
    _r("tertiary", "South Lane", (-600, -4750), (0, -6000), edge="south"),
    _r("primary", "Ambleford Road", (-8200, 1000), (-10300, 1050), edge="neighbour"),
)

_FIRST = (
    "Ash Bex Calder Dun Ever Farl Gar Hex Ill Kel Lan Mor Nar Ors Pen Quar Ros Sten Tarn Ul Wen Yar"
)
_LAST = "bury combe dale ford ham hurst ley low mere minster port stead stoke thorpe wick worth"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where one town's plan stands: ``number`` from 0, the plan's middle, and its scale."""

    number: int
    name: str
    u: float
    v: float
    scale: float
    areas: int
    edges: frozenset[str]

    def on_plan(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Return coordinates of the common plan for those of this town's drawing."""
        return self.u + self.scale * u, self.v + self.scale * v

    def point(self, at: Point) -> Point:
        """Return one point of the common plan for one of this town's drawing."""
        return self.u + self.scale * at[0], self.v + self.scale * at[1]

    def ground(self, at: Point) -> Point:
        """Return easting and northing of one point of this town's drawing, to 0.1 m."""
        return to_ground(self.point(at), self.scale)


def build_frames(areas: int, seed: int) -> tuple[Frame, ...]:
    """Return the towns a place of so many areas is made of, in rows from the south-west.

    Up to 300 areas make one town; more make several of about 150 areas each, side by side.
    """
    towns = 1 if areas <= 2 * PLAN_AREAS else round(areas / PLAN_AREAS)
    columns = math.ceil(math.sqrt(0.75 * towns))
    scale = math.sqrt(max(areas / towns, 30.0) / PLAN_AREAS)
    # A wide region grows to the west, so that it stays within the national grid.
    first_u = -max(0, columns - 4) * 2 * HALF_WIDTH * scale
    share = [areas * (t + 1) // towns - areas * t // towns for t in range(towns)]
    names = _names(towns, seed)
    frames = []
    for town in range(towns):
        row, column = divmod(town, columns)
        edges = {
            "east": column + 1 < columns and town + 1 < towns,
            "west": column > 0,
            "north": town + columns < towns,
            "south": row > 0,
            "neighbour": town == 0,
        }
        frames.append(
            Frame(
                number=town,
                name=names[town],
                u=first_u + column * 2 * HALF_WIDTH * scale,
                v=row * 2 * HALF_HEIGHT * scale,
                scale=scale,
                areas=share[town],
                edges=frozenset(name for name, there in edges.items() if there),
            )
        )
    return tuple(frames)


def _names(towns: int, seed: int) -> list[str]:
    every = [first + last for first in _FIRST.split() for last in _LAST.split()]
    order = Dice(seed, "town names").order(len(every))
    return ["Ambleford" if town == 0 else every[order[town % len(every)]] for town in range(towns)]


def river_half_width(u: Floats) -> Floats:
    """Return half the width of the river on the drawing: wider towards the port and the sea."""
    along = np.clip((u - 1_000.0) / 6_000.0, 0.0, 1.0)
    return np.asarray(48.0 + 90.0 * along * along * (3.0 - 2.0 * along))


def bend(u: Floats, v: Floats, scale: float) -> tuple[Floats, Floats]:
    """Return eastings and northings (EPSG:27700 metres) for coordinates of the common plan.

    Notes
    -----
    Waves so shallow that the Jacobian determinant stays above 0.3: nothing is folded.
    """
    turn = 2.0 * np.pi / scale
    x = u + scale * (
        320.0 * np.sin(turn * v / 6_100.0 + 0.7) + 150.0 * np.sin(turn * (u + v) / 4_300.0 + 2.1)
    )
    y = v + scale * (
        380.0 * np.sin(turn * u / 7_300.0 + 0.4)
        + 160.0 * np.sin(turn * (u - 0.6 * v) / 3_900.0 + 1.3)
    )
    return x + ORIGIN[0], y + ORIGIN[1]


def to_ground(at: Point, scale: float) -> Point:
    """Return easting and northing (to 0.1 m) of one point of the common plan."""
    x, y = bend(np.array([at[0]]), np.array([at[1]]), scale)
    return round(float(x[0]), 1), round(float(y[0]), 1)


# One Helmert transformation, spelled out: the same on every machine, whether or not the national
# grid shift files are installed there.
_TO_DEGREES = pyproj.Transformer.from_crs(
    "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy "
    "+towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489 +units=m +no_defs +type=crs",
    "EPSG:4326",
    always_xy=True,
)


def to_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes (WGS 84) for eastings and northings, at 6 decimals."""
    lon, lat = _TO_DEGREES.transform(x, y)
    return np.round(lon, 6), np.round(lat, 6)
