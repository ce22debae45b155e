"""How long does it take along the streets: on foot, by cycle or by car?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np

from planner.cores import Progress
from planner.ledger import Note
from planner.travel.blocks import Pairs
from planner.travel.getting_about import MODE_WORDS
from planner.travel.kernels import Attached
from planner.travel.roads import Roads, to_road_graph, turn_graph
from planner.travel.snap import Snapped, snap_points
from planner.travel.streets import Bool, Float64, Int32, Streets, to_deciseconds
from planner.travel.times import TravelTimes
from planner.travel.walk import (
    both_notes,
    build_walk_times,
    check_points,
    on_one_edge,
    search,
    to_cutoff,
    to_times,
    turn,
)
from planner.travel.ways import RoadMode

#: A point whose nearest spot of street is no further than this from an end of its edge is at
#: that corner: all streets there are open to it, whichever of them it was put on.
CORNER_METRES = 0.1

_WORDS = {"cycle": "Cycling times", "drive": "Driving times"}


def build_street_times(
    network: Streets | Roads,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    walk_kmh: float,
    cutoff_minutes: float,
    snap_metres: float,
    extent_metres: float,
    progress: Progress | None = None,
) -> TravelTimes:
    """Walk, cycle or drive the streets from every origin to every destination.

    Parameters
    ----------
    network
        `planner.travel.streets.Streets` are walked, `planner.travel.roads.Roads` cycled or
        driven, as their ``mode`` says.
    origins, destinations
        Points in EPSG:27700 on sorted, unique string indexes.
    walk_kmh
        Walking speed; by cycle and by car, that of the straight line between a point and the
        street.
    cutoff_minutes
        Longest journey searched, legs to and from the street included.
    snap_metres, extent_metres
        See `planner.travel.snap.snap_points`. As all of a network's pieces can be left and
        reached (`planner.travel.roads`), nobody starts in a one-way trap.
    progress
        Called with words and the share done.

    Returns
    -------
    times
        Door to door. On foot see `planner.travel.walk.build_walk_times`. Otherwise a pair takes
        the straight line to the nearest spot of a street, on foot; along that edge in a direction
        in which it is open; the quickest way through the network, with its waits; along the
        destination's edge and the straight line to it. Between spots on one edge it goes directly
        along it where it is open that way, and round otherwise. Parking is not counted. Points
        with the same coordinates are 0 apart.

    Notes
    -----
    Each direction of an edge, and each leg from a point to an end of its edge, is rounded to
    whole deciseconds (`planner.travel.roads.to_time`,
    `planner.travel.streets.to_deciseconds`); sums are exact. With fewer destinations
    than origins the same ways are searched backwards, from the destinations on the network with
    every direction turned round, with exactly the same result.
    """
    if isinstance(network, Streets):
        return build_walk_times(
            network,
            origins,
            destinations,
            walk_kmh=walk_kmh,
            cutoff_minutes=cutoff_minutes,
            snap_metres=snap_metres,
            extent_metres=extent_metres,
            progress=progress,
        )
    check_points(origins, "origins")
    check_points(destinations, "destinations")
    both = gpd.GeoSeries(
        np.concatenate([origins.to_numpy(), destinations.to_numpy()]), crs=origins.crs
    )
    snapped = snap_points(
        network.streets, both, snap_metres=snap_metres, extent_metres=extent_metres
    )
    split = len(origins)
    leaving, arriving = attach_roads(network, snapped, walk_kmh=walk_kmh)
    home = Attached(node=leaving.node[:split], leg=leaving.leg[:split])
    away = Attached(node=arriving.node[split:], leg=arriving.leg[split:])
    direct = _same_edge(network, snapped, split, walk_kmh=walk_kmh)
    graph, cutoff, words = to_road_graph(network), to_cutoff(cutoff_minutes), _WORDS[network.mode]
    if len(destinations) < len(origins):
        turned = (direct[1], direct[0], direct[2])
        back = search(turn_graph(graph), away, home, turned, cutoff, progress, words=words)
        pairs = turn(back, len(destinations), split)
    else:
        pairs = search(graph, home, away, direct, cutoff, progress, words=words)
    notes = both_notes(snapped, origins, destinations, snap_metres)
    return to_times(
        snapped,
        pairs,
        (origins.index, destinations.index),
        mode=network.mode,
        method=network.method,
        cutoff_minutes=cutoff_minutes,
        notes=(*network.notes, *_of_mode(network.mode, notes)),
    )


def _of_mode(mode: RoadMode, notes: Iterator[Note]) -> Iterator[Note]:
    """Say of which streets the notes are: cycles and cars have fewer than people on foot."""
    for note in notes:
        yield replace(note, text=f"{note.text.removesuffix('.')} ({MODE_WORDS[mode]}).")


def attach_roads(roads: Roads, snapped: Snapped, *, walk_kmh: float) -> tuple[Attached, Attached]:
    """Hang points on the ends of their edges by legs in deciseconds.

    Returns
    -------
    leaving
        From each point to the ends of its edge it may go to, with the wait there. A point at a
        corner (`CORNER_METRES`) may go there, and be reached from there, without any.
    arriving
        From the ends of its edge it may be reached from, to each point.
    """
    streets = roads.streets
    on = snapped.edge >= 0
    edge = snapped.edge[on]
    leaving, arriving = (_Legs(len(on)) for _ in range(2))
    for end, node, along, out, out_wait, into in (
        (
            0,
            streets.edge_from,
            snapped.metres_from,
            roads.backward_kmh,
            roads.backward_wait,
            roads.forward_kmh,
        ),
        (
            1,
            streets.edge_to,
            snapped.metres_to,
            roads.forward_kmh,
            roads.forward_wait,
            roads.backward_kmh,
        ),
    ):
        corner = along[on] <= CORNER_METRES
        for legs, kmh, wait in ((leaving, out, out_wait[edge]), (arriving, into, 0)):
            ride = _door_to_street(snapped.metres_off[on], along[on], kmh[edge], walk_kmh)
            foot = to_deciseconds(snapped.metres_off[on], walk_kmh=walk_kmh)
            may = corner | (kmh[edge] > 0)
            legs.node[on, end] = np.where(may, node[edge], -1)
            legs.leg[on, end] = np.where(corner, foot, np.where(may, ride + wait, 0))
    return leaving.attached(), arriving.attached()


class _Legs:
    """Legs of points to the two ends of their edges, being filled in."""

    def __init__(self, points: int) -> None:
        self.node = np.full((points, 2), -1, np.int32)
        self.leg = np.zeros((points, 2), np.int32)

    def attached(self) -> Attached:
        return Attached(node=self.node, leg=self.leg)


def _door_to_street(off: Float64, along: Float64, kmh: Float64, walk_kmh: float) -> Int32:
    """Return the whole deciseconds of a walk off the street and a ride along it together."""
    # The ride as the metres walked in the same time, so that the sum is rounded once.
    walked = off + along * np.divide(walk_kmh, kmh, out=np.zeros(len(kmh)), where=kmh > 0)
    return to_deciseconds(walked, walk_kmh=walk_kmh)


def _same_edge(roads: Roads, snapped: Snapped, split: int, *, walk_kmh: float) -> Pairs:
    """Return the journeys between origins and destinations on one edge, where it is open."""
    origin, destination, here = on_one_edge(snapped, split)
    edge = snapped.edge[origin]
    off = snapped.metres_off[origin] + snapped.metres_off[destination]
    ahead = snapped.metres_from[destination] - snapped.metres_from[origin]
    time = np.full(len(origin), np.iinfo(np.int32).max, np.int32)
    for open_, along in (
        ((roads.forward_kmh[edge] > 0) & (ahead >= 0), roads.forward_kmh[edge]),
        ((roads.backward_kmh[edge] > 0) & (ahead <= 0), roads.backward_kmh[edge]),
    ):
        there = _door_to_street(off, np.abs(ahead), along, walk_kmh)
        time = np.where(open_, np.minimum(time, there), time)
    time = np.where(here, 0, time).astype(np.int32)
    found: Bool = time < np.iinfo(np.int32).max
    return (
        origin[found].astype(np.int32),
        (destination[found] - split).astype(np.int32),
        time[found],
    )
