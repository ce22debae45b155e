"""How do people walk to stops, between stops and from them? `TransitNetwork`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planner.area import CRS
from planner.errors import TravelError
from planner.ledger import Note
from planner.travel.blocks import Pairs
from planner.travel.kernels import FAR, Attached
from planner.travel.snap import Snapped, snap_points
from planner.travel.streets import Int32, Int64, Streets, WalkGraph, to_deciseconds, to_graph
from planner.travel.transit.kept import keep
from planner.travel.transit.schedule import Lists, to_lists
from planner.travel.transit.timetable import IMPOSSIBLE, Timetable
from planner.travel.walk import attach, same_edge, search, to_cutoff, turn

#: Within a station one walks the straight line × this, where the streets do not say better.
STATION_DETOUR = 1.3


@dataclass(frozen=True, kw_only=True, eq=False)
class Walks:
    """Walks between two sets of points, in whole seconds, rounded up."""

    origin: Int64
    there: Int64
    seconds: Int64
    origins: int

    def lists(self) -> Lists:
        """Return the walks of each origin."""
        return to_lists(self.origin, self.there, self.seconds, self.origins)


@dataclass(frozen=True, kw_only=True, eq=False)
class TransitNetwork:
    """Streets and timetable joined: where the stops are on the streets, and who changes where.

    Parameters
    ----------
    streets, graph, timetable
        The two networks, and the streets with their walking times.
    stops
        The stops on the streets.
    changes, stated, unlimited
        Ways from getting off at one stop to getting on at another, or at the same one, on foot;
        ``stated`` marks those whose time the timetable itself gives, ``unlimited`` those and the
        ones within a station, which no longest walk takes away.
    pieces
        For each connected piece of the streets, and then for each stop off the streets, which
        of them streets and vehicles together join: int32 labels.
    transfer_minutes
        Longest walk between stops that is held.
    walk_kmh, snap_metres, extent_metres
        As the points are to be put on the streets.
    notes
        Of both networks, and of stops that cannot be walked to.
    """

    streets: Streets
    graph: WalkGraph
    timetable: Timetable
    stops: Snapped
    changes: Walks
    stated: NDArray[np.bool_]
    unlimited: NDArray[np.bool_]
    pieces: Int32
    transfer_minutes: float
    walk_kmh: float
    snap_metres: float
    extent_metres: float
    notes: tuple[Note, ...] = field(default=())

    def component(self, points: Snapped, *, wheelchair_only: bool = False) -> Int64:
        """Return which joined piece of streets and lines each point is on; -1: none.

        ``wheelchair_only`` counts only vehicles and stops stated to be accessible.
        """
        pieces = self.pieces
        if wheelchair_only:
            pieces = keep(self, ("pieces", "wheelchair"), self._wheelchair_pieces)
        label = np.where(points.component >= 0, pieces[points.component], -1)
        return label.astype(np.int64)

    def _wheelchair_pieces(self) -> Int32:
        parts = (self.streets, self.timetable, self.stops, self.changes)
        return _pieces(*parts, wheelchair_only=True)

    def walks(self, home: Snapped, away: Snapped, *, minutes: float) -> Walks:
        """Return the walks from some points to others within some minutes."""
        return _walks(self.streets, self.graph, home, away, minutes, self.walk_kmh)

    def walks_to_stops(self, points: Snapped, *, minutes: float) -> Walks:
        """Return the walks from points to stops; the ways back are as long."""
        return self.walks(points, self.stops, minutes=minutes)

    def walks_from_nearest(
        self,
        sites: Snapped,
        which: Int64,
        points: Snapped,
        *,
        stop_minutes: float,
        minutes: float,
    ) -> tuple[Int32, Int32]:
        """Return seconds from the nearest of some sites to each stop and to each point.

        One search from all sites at once; `FAR` beyond the two limits.
        """
        chosen = take(sites, which)
        both = join(self.stops, points)
        hung = attach(self.streets, chosen, walk_kmh=self.walk_kmh)
        one = Attached(node=hung.node.reshape(1, -1), leg=hung.leg.reshape(1, -1))
        _, target, time = same_edge(join(chosen, both), len(which), walk_kmh=self.walk_kmh)
        direct = (np.zeros(len(target), np.int32), target, time)
        longest = max(stop_minutes, minutes)
        seconds = np.full(len(both.index), FAR, np.int32)
        if longest > 0 and len(which):
            targets = attach(self.streets, both, walk_kmh=self.walk_kmh)
            found = search(self.graph, one, targets, direct, to_cutoff(longest), None)
            seconds[found[1]] = ceil_seconds(found[2])
        split = len(self.stops.index)
        near, walk = seconds[:split], seconds[split:]
        near[near > int(np.floor(stop_minutes * 60 + 1e-6))] = FAR
        walk[walk > int(np.floor(minutes * 60 + 1e-6))] = FAR
        return near, walk


def build_transit_network(
    streets: Streets,
    timetable: Timetable,
    *,
    walk_kmh: float,
    snap_metres: float,
    extent_metres: float,
    transfer_minutes: float = 20.0,
) -> TransitNetwork:
    """Put the stops on the streets and find the walks between them.

    Parameters
    ----------
    streets, timetable
        The two networks.
    walk_kmh, snap_metres, extent_metres
        As for `planner.travel.walk.build_walk_times`.
    transfer_minutes
        Longest walk between two stops.

    Returns
    -------
    network
        People change at a stop, by a walk along the streets to another, or within a station (the
        shorter of that and the straight line × `STATION_DETOUR`, at any length). Where the
        timetable states a least time for a change, that replaces the walk; where it says that a
        change is impossible, there is none. Stops off the streets are ridden through, and can be
        changed at, but not walked to.
    """
    if transfer_minutes < 0:
        raise TravelError("Public transport: the longest walk between stops is below zero.")
    points = gpd.GeoSeries(
        gpd.points_from_xy(timetable.stop_x, timetable.stop_y),
        index=pd.Index(timetable.stop_id),
        crs=CRS,
    )
    points[np.isnan(timetable.stop_x)] = None
    stops = snap_points(streets, points, snap_metres=snap_metres, extent_metres=extent_metres)
    graph = to_graph(streets, walk_kmh=walk_kmh)
    walked = _walks(streets, graph, stops, stops, transfer_minutes, walk_kmh)
    changes, stated, unlimited = _changes(timetable, walked, walk_kmh)
    return TransitNetwork(
        streets=streets,
        graph=graph,
        timetable=timetable,
        stops=stops,
        changes=changes,
        stated=stated,
        unlimited=unlimited,
        pieces=_pieces(streets, timetable, stops, changes),
        transfer_minutes=transfer_minutes,
        walk_kmh=walk_kmh,
        snap_metres=snap_metres,
        extent_metres=extent_metres,
        notes=(*streets.notes, *timetable.notes, *_stop_notes(timetable, stops)),
    )


def ceil_seconds(deciseconds: Any) -> Any:
    """Return whole seconds, rounded up."""
    return -(-np.asarray(deciseconds).astype(np.int64) // 10)


def join(first: Snapped, second: Snapped) -> Snapped:
    """Return two sets of points as one."""
    both = {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in _ARRAYS}
    return Snapped(index=first.index.append(second.index), **both)


def take(points: Snapped, which: Int64) -> Snapped:
    """Return some of the points."""
    return Snapped(
        index=points.index[which], **{name: getattr(points, name)[which] for name in _ARRAYS}
    )


_ARRAYS = (
    *("x", "y", "status", "edge", "metres_off", "metres_from", "metres_to"),
    *("component", "past_detached"),
)


def _walks(
    streets: Streets,
    graph: WalkGraph,
    home: Snapped,
    away: Snapped,
    minutes: float,
    walk_kmh: float,
) -> Walks:
    pairs: Pairs = (np.zeros(0, np.int32),) * 3
    if minutes > 0:
        direct = same_edge(join(home, away), len(home.index), walk_kmh=walk_kmh)
        start = attach(streets, home, walk_kmh=walk_kmh)
        end = attach(streets, away, walk_kmh=walk_kmh)
        cutoff = to_cutoff(minutes)
        if len(away.index) < len(home.index):
            found = search(graph, end, start, (direct[1], direct[0], direct[2]), cutoff, None)
            pairs = turn(found, len(away.index), len(home.index))
        else:
            pairs = search(graph, start, end, direct, cutoff, None)
    origin, there, time = pairs
    return Walks(
        origin=origin.astype(np.int64),
        there=there.astype(np.int64),
        seconds=ceil_seconds(time),
        origins=len(home.index),
    )


def _changes(
    timetable: Timetable, walked: Walks, walk_kmh: float
) -> tuple[Walks, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return all ways of changing: at a stop, by the streets, in a station, and as stated."""
    count = len(timetable.stop_id)
    every = np.arange(count)
    here, there, straight = _within_stations(timetable, walk_kmh)
    table = pd.DataFrame(
        {
            "origin": np.concatenate([every, walked.origin, here, timetable.transfer_from]),
            "there": np.concatenate([every, walked.there, there, timetable.transfer_to]),
            "seconds": np.concatenate(
                [np.zeros(count), walked.seconds, straight, timetable.transfer_seconds]
            ).astype(np.int64),
            "stated": np.repeat(
                [False, True], [count + len(walked.origin) + len(here), len(timetable.transfer_to)]
            ),
        }
    )
    table = table.sort_values(["origin", "there", "stated", "seconds"], ascending=[1, 1, 0, 1])
    table = table.drop_duplicates(["origin", "there"])
    table = table[table["seconds"] != IMPOSSIBLE]
    origin, to = table["origin"].to_numpy(np.int64), table["there"].to_numpy(np.int64)
    stated = table["stated"].to_numpy(bool, copy=True)
    changes = Walks(
        origin=origin, there=to, seconds=table["seconds"].to_numpy(np.int64), origins=count
    )
    inside = np.isin(origin * count + to, here * count + there)
    return changes, stated, stated | inside


def _within_stations(timetable: Timetable, walk_kmh: float) -> tuple[Int64, Int64, Int64]:
    """Return straight walks between the stops of each station."""
    stop = np.flatnonzero((timetable.stop_station >= 0) & np.isfinite(timetable.stop_x))
    member = pd.DataFrame({"station": timetable.stop_station[stop], "stop": stop})
    pair = member.merge(member, on="station", suffixes=("", "_to"))
    pair = pair[pair["stop"] != pair["stop_to"]]
    here, there = pair["stop"].to_numpy(np.int64), pair["stop_to"].to_numpy(np.int64)
    east = timetable.stop_x[here] - timetable.stop_x[there]
    north = timetable.stop_y[here] - timetable.stop_y[there]
    metres = np.hypot(east, north) * STATION_DETOUR
    return here, there, ceil_seconds(to_deciseconds(metres, walk_kmh=walk_kmh))


def _pieces(
    streets: Streets,
    timetable: Timetable,
    stops: Snapped,
    changes: Walks,
    *,
    wheelchair_only: bool = False,
) -> Int32:
    """Label what streets and lines join; lines and walks count in both directions."""
    t, street = timetable, len(streets.component_nodes)
    node = np.where(stops.component >= 0, stops.component, street + np.arange(len(stops.index)))
    used, walked = np.ones(len(t.pattern_stop), bool), np.ones(len(changes.origin), bool)
    number = np.arange(len(t.pattern_start) - 1)
    if wheelchair_only:
        of_trip = np.repeat(number, np.diff(t.pattern_trip))
        some = np.bincount(of_trip[t.trip_wheelchair == 1], minlength=len(number)) > 0
        may = t.stop_wheelchair == 1
        used = np.repeat(some, np.diff(t.pattern_start)) & may[t.pattern_stop]
        walked = may[changes.origin] & may[changes.there]
    called = np.flatnonzero(used)
    pattern = np.repeat(number, np.diff(t.pattern_start))[called]
    hop = np.flatnonzero(pattern[1:] == pattern[:-1])
    stop = t.pattern_stop[called]
    tail = np.concatenate([node[stop[hop]], node[changes.origin[walked]]])
    tip = np.concatenate([node[stop[hop + 1]], node[changes.there[walked]]])
    size = street + len(stops.index)
    graph = coo_array((np.ones(len(tail), np.int8), (tail, tip)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    pieces: Int32 = label.astype(np.int32)
    return pieces


def _stop_notes(timetable: Timetable, stops: Snapped) -> tuple[Note, ...]:
    off = stops.status != "connected"
    if not bool(off.any()):
        return ()
    count = int(off.sum())
    text = (
        f"{count} of {len(off)} served stops are not on the mapped streets: vehicles are ridden "
        "through them, and nobody walks there."
    )
    if count == len(off):
        text = "No stop is on the mapped streets: every journey will be on foot. " + text
    items = tuple(str(stop) for stop in timetable.stop_id[off])
    return (Note(stage="travel", what="stops_off_streets", count=count, text=text, items=items),)
