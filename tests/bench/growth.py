"""What becomes of time and memory by public transport as a city grows 16 times?

The city is that of the streets' own growth rows, in districts of equal size: 1, 4 and 16 of them.
Each has a hub with lines through it and round it, and a loose grid of other lines; a few fast lines
run from hub to hub through the whole city. So lines grow in number and not in length.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .measure import Measured, race
from .rows import Row, make_row
from .streets import SPACING_METRES, WALK_KMH, draw_streets

SIZES = (1, 4, 16)
DISTRICT_NODES = 125_000
PLACES = 200
ORIGINS = 1_000
SITES = 300

DATE = dt.date(2024, 3, 5)
#: Service from half past five to half past eleven at night.
FIRST, LAST = 19_800, 84_600
#: Longest way to the street, and beyond the edge of the map.
SNAP_METRES, EXTENT_METRES = 400.0, 1600.0

Float64 = NDArray[np.float64]
Run = Callable[[], Any]


def rows() -> list[Row]:
    """Measure the three cities."""
    with tempfile.TemporaryDirectory() as folder:
        return [row for size in SIZES for row in _city(size, Path(folder) / f"{size}.npz")]


def _city(size: int, path: Path) -> list[Row]:
    nodes = write_city(size, path)
    made = []
    for target, n, words in (
        ("build", 1, "build of the network from streets and timetable in memory"),
        ("times", PLACES, f"an origin's journeys to {PLACES} places"),
        ("nearest", ORIGINS, f"an origin's nearest of {SITES} sites, for {ORIGINS:,} together"),
    ):
        given = {"path": str(path), "size": size}
        found = race({"ours": f"growth:{target}"}, given, repeats=3)["ours"]
        print(f"  ×{size} {target}: {found.runs} {found.peak_mb:.0f} MB {found.answer}", flush=True)
        made.append(_row(size, nodes, words, n, found))
    path.unlink()
    return made


def _row(size: int, nodes: int, words: str, n: int, found: Measured) -> Row:
    trips = found.answer["trips"]
    return make_row(
        f"growth: timetable ×{size}, {trips:,} trips, {nodes:,} street nodes, {words}",
        "",
        ours_s=found.seconds / n,
        ours_peak_mb=found.peak_mb,
        n=n,
    )


# --- the city -------------------------------------------------------------------------------------


class Line(NamedTuple):
    """A line: the points it runs over, how far apart it stops, how fast and how often it runs."""

    x: Float64
    y: Float64
    stop_metres: float
    kmh: float
    headway: int


def write_city(size: int, path: Path) -> int:
    """Write the streets of a city of some districts to a file; return its number of nodes."""
    streets = draw_streets(DISTRICT_NODES * size, np.random.default_rng(1))
    parts = {f.name: getattr(streets, f.name) for f in dataclasses.fields(streets)}
    del parts["notes"]
    np.savez(path, **parts)
    return len(streets.node_x)


def draw_lines(size: int) -> list[Line]:
    """Return the lines of a city of ``size`` districts, a square number."""
    across = math.isqrt(size)
    side = SPACING_METRES * math.sqrt(DISTRICT_NODES * 1.155)
    whole = side * across
    lines = []
    for east in range(across):
        for north in range(across):
            lines += _district(side * east, side * north, side)
    for hub in side * (np.arange(across) + 0.5):
        way, still = np.array([0.01 * whole, 0.99 * whole]), np.full(2, hub)
        lines += [Line(way, still, 1_600, 40, 1_800), Line(still, way, 1_600, 40, 1_800)]
    return lines


def _district(left: float, low: float, side: float) -> list[Line]:
    """Return six lines through the hub to the district's edge, two rings, and a grid of eight."""
    x, y, half = left + side / 2, low + side / 2, side / 2
    lines = []
    for angle in np.radians(15 + 30 * np.arange(6)):
        east, north = math.cos(angle), math.sin(angle)
        reach = 0.98 * half / max(abs(east), abs(north)) * np.array([-1.0, 1.0])
        lines.append(Line(x + reach * east, y + reach * north, 400, 18, 600))
    turn = np.linspace(0, 2 * np.pi, 73)
    for radius in (0.33 * half, 0.66 * half):
        lines.append(
            Line(x + radius * np.cos(turn), y + radius * np.sin(turn), 400, 18, 900),
        )
    way = np.array([-0.98, 0.98]) * half
    for off in np.array([-0.75, -0.25, 0.25, 0.75]) * half:
        still = np.full(2, off)
        lines.append(Line(x + way, y + still, 400, 18, 1_200))
        lines.append(Line(x + still, y + way, 400, 18, 1_200))
    return lines


def draw_timetable(size: int) -> Any:
    """Return the timetable of a city: every line both ways, slower in the two rush hours."""
    from planner.travel.transit.timetable import Timetable

    rng = np.random.default_rng(2)
    ways = [way for line in draw_lines(size) for way in _both_ways(line, rng)]
    calls = np.array([len(x) for x, _, _ in ways])
    trips = np.array([times.shape[0] for _, _, times in ways])
    stops, count = int(calls.sum()), int(trips.sum())
    times = np.concatenate([times.ravel() for _, _, times in ways]).astype(np.int32)
    none = np.zeros(0, np.int32)
    return Timetable(
        date=DATE,
        stop_id=np.array([f"s{i:06d}" for i in range(stops)], object),
        stop_x=np.concatenate([x for x, _, _ in ways]),
        stop_y=np.concatenate([y for _, y, _ in ways]),
        stop_station=np.full(stops, -1, np.int32),
        stop_wheelchair=np.zeros(stops, np.int8),
        pattern_start=np.concatenate([[0], np.cumsum(calls)]).astype(np.int64),
        pattern_stop=np.arange(stops, dtype=np.int32),
        pattern_pickup=np.ones(stops, bool),
        pattern_drop_off=np.ones(stops, bool),
        pattern_trip=np.concatenate([[0], np.cumsum(trips)]).astype(np.int64),
        trip_id=np.array([f"t{i:06d}" for i in range(count)], object),
        trip_wheelchair=np.zeros(count, np.int8),
        arrival=times,
        departure=times,
        transfer_from=none,
        transfer_to=none,
        transfer_seconds=none,
    )


def _both_ways(line: Line, rng: np.random.Generator) -> list[tuple[Float64, Float64, Any]]:
    """Return, for each direction, its stops and the seconds of each trip (rows) at each."""
    step = np.hypot(np.diff(line.x), np.diff(line.y))
    along = np.concatenate([[0.0], np.cumsum(step)])
    at = np.linspace(0, along[-1], round(along[-1] / line.stop_metres) + 1)
    x, y = np.interp(at, along, line.x), np.interp(at, along, line.y)
    found = []
    for order in (slice(None), slice(None, None, -1)):
        # The stops of the two directions stand on opposite sides, not quite across.
        off_x, off_y = rng.uniform(-20, 20, (2, len(at)))
        hop = np.diff(at) / (line.kmh / 3.6) * rng.uniform(0.85, 1.15, len(at) - 1)
        ride = np.concatenate([[0.0], np.cumsum(hop)])
        leave = np.arange(FIRST + rng.integers(line.headway), LAST, line.headway)
        # Rising and falling this slowly, it lets no vehicle overtake another.
        hours = leave[:, None] / 3600
        rush = np.exp(-((hours - 8) ** 2)) + np.exp(-((hours - 17) ** 2))
        times = np.rint(leave[:, None] + ride * (1 + 0.15 * rush))
        found.append(((x + off_x)[order], (y + off_y)[order], times))
    return found


def draw_points(streets: Any, count: int, seed: int) -> Any:
    """Return so many points near streets, spread over the whole city."""
    import geopandas as gpd

    rng = np.random.default_rng(seed)
    node = rng.choice(np.flatnonzero(streets.node_component == 0), count, replace=False)
    off = rng.uniform(-15, 15, (2, count))
    place = gpd.points_from_xy(streets.node_x[node] + off[0], streets.node_y[node] + off[1])
    return gpd.GeoSeries(place, index=pd.Index([f"p{i:05d}" for i in range(count)]), crs=27700)


# --- runners: each is set up in a process of its own ----------------------------------------------


def build(path: str, size: int) -> Run:
    """Build the network, with nothing about the streets kept from before."""
    streets, timetable = _read(path), draw_timetable(size)

    def run() -> Any:
        network = _network(dataclasses.replace(streets), timetable)
        return _answer(network, changes=len(network.changes.seconds))

    return run


def times(path: str, size: int) -> Run:
    """Search journeys between places, with nothing kept from before."""
    from planner.travel.transit import build_transit_times
    from planner.travel.transit.kept import forget

    network = _network(_read(path), draw_timetable(size))
    origins, places = (draw_points(network.streets, PLACES, seed) for seed in (3, 4))

    def run() -> Any:
        forget(network)
        found = build_transit_times(network, origins, places, _settings())[50]
        minutes = float(found.pairs["deciseconds"].median()) / 600
        return _answer(network, pairs=len(found.pairs), median_minutes=round(minutes, 1))

    return run


def nearest(path: str, size: int) -> Run:
    """Find everybody's nearest site, with nothing kept from before."""
    from planner.travel.transit import build_transit_nearest
    from planner.travel.transit.kept import forget

    network = _network(_read(path), draw_timetable(size))
    origins = draw_points(network.streets, ORIGINS, 5)
    sites = draw_points(network.streets, SITES, 6)

    def run() -> Any:
        forget(network)
        found = build_transit_nearest(network, origins, sites, _settings())
        return _answer(
            network,
            reached=int((found["status"] == "reached").sum()),
            median_minutes=round(float(found["minutes_p50"].median()), 1),
        )

    return run


def _read(path: str) -> Any:
    from planner.travel.streets import Streets

    with np.load(path) as parts:
        return Streets(**{name: parts[name] for name in parts.files})


def _network(streets: Any, timetable: Any) -> Any:
    from planner.travel.transit import build_transit_network

    return build_transit_network(
        streets,
        timetable,
        walk_kmh=WALK_KMH,
        snap_metres=SNAP_METRES,
        extent_metres=EXTENT_METRES,
    )


def _settings() -> Any:
    from planner.travel.transit import TransitSettings

    return TransitSettings(date=DATE, start_minute=480, end_minute=540, percentiles=(50,))


def _answer(network: Any, **more: Any) -> dict[str, Any]:
    timetable = network.timetable
    return {"trips": len(timetable.trip_id), "stops": len(timetable.stop_id), **more}
