"""Along which streets does one go from one spot to another?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from planner.area import CRS
from planner.travel.journey import Itinerary, StreetLeg
from planner.travel.snap import Snapped, snap_points
from planner.travel.streets import Float64, Int64, Streets, WalkGraph, to_graph
from planner.travel.walk import attach, same_edge, to_cutoff


@dataclass(frozen=True, kw_only=True, eq=False)
class StreetPath:
    """The quickest way along the streets: its time, its length and how it runs."""

    deciseconds: int
    metres: float
    line: shapely.LineString


def explain_street_journey(
    streets: Streets,
    origin: shapely.Point,
    destination: shapely.Point,
    *,
    walk_kmh: float,
    cutoff_minutes: float,
    snap_metres: float,
    extent_metres: float,
    to: str = "the destination",
) -> Itinerary | None:
    """Return the walk between two points as a journey of one leg; None: not within the cutoff.

    Points are in EPSG:27700. The time is that of `planner.travel.walk.build_walk_times`, rounded
    up to whole seconds.
    """
    both = gpd.GeoSeries([origin, destination], index=["0", "1"], crs=CRS)
    spots = snap_points(streets, both, snap_metres=snap_metres, extent_metres=extent_metres)
    path = build_street_path(
        *(streets, to_graph(streets, walk_kmh=walk_kmh), spots, 0, 1),
        walk_kmh=walk_kmh,
        cutoff_deciseconds=to_cutoff(cutoff_minutes),
    )
    if path is None:
        return None
    seconds = -(-path.deciseconds // 10)
    leg = StreetLeg(start_seconds=0, end_seconds=seconds, metres=path.metres, to=to, line=path.line)
    return Itinerary(
        legs=(leg,),
        leave_seconds=0,
        arrive_seconds=seconds,
        origin=origin,
        destination=destination,
    )


def build_street_path(
    streets: Streets,
    graph: WalkGraph,
    spots: Snapped,
    home: int,
    away: int,
    *,
    walk_kmh: float,
    cutoff_deciseconds: int,
) -> StreetPath | None:
    """Return the quickest walk between two of some points that are on the streets.

    Parameters
    ----------
    streets, graph
        The network and its walking times.
    spots
        Points on the streets; ``home`` and ``away`` are positions among them.
    walk_kmh
        Walking speed of the legs from the points to the ends of their edges.
    cutoff_deciseconds
        Longest walk searched.

    Returns
    -------
    path
        With the time of `planner.travel.walk.build_walk_times`; None: further than the cutoff, or
        no way there.

    Notes
    -----
    Dijkstra (1959), from both ends of the edge that one sets out on.
    """
    if spots.edge[home] < 0 or spots.edge[away] < 0:
        return None
    pair = _pick(spots, home, away)
    hung = attach(streets, pair, walk_kmh=walk_kmh)
    weights = csr_array(
        (graph.deciseconds.astype(np.float64), graph.indices, graph.indptr),
        shape=(len(streets.node_x),) * 2,
    )
    seconds, before = dijkstra(
        weights,
        indices=hung.node[0].astype(np.int64),
        limit=float(cutoff_deciseconds),
        return_predecessors=True,
    )
    best: tuple[float, int, int] = (np.inf, -1, -1)
    for start, end in product((0, 1), (0, 1)):
        between = seconds[start, hung.node[1, end]]
        time = float(hung.leg[0, start] + between + hung.leg[1, end])
        best = min(best, (time, start, end))
    _, _, direct = same_edge(pair, 1, walk_kmh=walk_kmh)
    if len(direct) and float(direct[0]) <= best[0]:
        best = (float(direct[0]), -1, -1)
    time, start, end = best
    if not time <= cutoff_deciseconds:
        return None
    if start < 0:
        return _along_edge(streets, pair, int(time))
    nodes = [int(hung.node[1, end])]
    while nodes[-1] != hung.node[0, start]:
        nodes.append(int(before[start, nodes[-1]]))
    metres, line = _through(streets, graph, pair, nodes[::-1], start, end)
    return StreetPath(deciseconds=int(time), metres=metres, line=line)


def _along_edge(streets: Streets, pair: Snapped, time: int) -> StreetPath:
    """Return the way between two points on one edge; straight if they are the same point."""
    ends = shapely.points(pair.x, pair.y)
    if ends[0].equals(ends[1]):
        return StreetPath(deciseconds=0, metres=0.0, line=_joined([*ends]))
    metres = float(pair.metres_off.sum() + abs(pair.metres_from[0] - pair.metres_from[1]))
    line = _joined([ends[0], _part(streets, pair, 0, pair.metres_from[1]), ends[1]])
    return StreetPath(deciseconds=time, metres=metres, line=line)


def _through(
    streets: Streets, graph: WalkGraph, pair: Snapped, nodes: list[int], start: int, end: int
) -> tuple[float, shapely.LineString]:
    """Return the way over some nodes: from one end of an edge (0, 1) to one of another."""
    edges = [_quickest(streets, graph, a, b) for a, b in pairwise(nodes)]
    legs = np.array([pair.metres_from, pair.metres_to])
    metres = pair.metres_off.sum() + legs[start, 0] + legs[end, 1]
    metres += streets.edge_metres[edges].sum()
    lengths = streets.edge_metres[pair.edge]
    first = _part(streets, pair, 0, 0.0 if start == 0 else lengths[0])
    last = shapely.reverse(_part(streets, pair, 1, 0.0 if end == 0 else lengths[1]))
    middle = [
        _run(streets, edge, forwards=bool(streets.edge_from[edge] == a))
        for edge, a in zip(edges, nodes, strict=False)
    ]
    ends = shapely.points(pair.x, pair.y)
    return float(metres), _joined([ends[0], first, *middle, last, ends[1]])


def _pick(spots: Snapped, home: int, away: int) -> Snapped:
    which = np.array([home, away])
    names = ("x", "y", "status", "edge", "metres_off", "metres_from", "metres_to", "component")
    return Snapped(
        index=spots.index[which],
        past_detached=spots.past_detached[which],
        **{name: getattr(spots, name)[which] for name in names},
    )


def _quickest(streets: Streets, graph: WalkGraph, tail: int, tip: int) -> int:
    """Return the edge between two nodes that takes the least time, the first of equals."""
    low, high = min(tail, tip), max(tail, tip)
    among = np.flatnonzero((streets.edge_from == low) & (streets.edge_to == high))
    return int(among[np.argmin(graph.edge_deciseconds[among])])


def _run(streets: Streets, edge: int, *, forwards: bool) -> shapely.LineString:
    line = edge_line(streets, edge)
    return line if forwards else shapely.reverse(line)


def edge_line(streets: Streets, edge: int) -> shapely.LineString:
    """Return how one edge runs."""
    first, last = streets.line_start[edge], streets.line_start[edge + 1]
    return shapely.LineString(
        np.column_stack([streets.line_x[first:last], streets.line_y[first:last]])
    )


def _part(streets: Streets, spots: Snapped, point: int, to_metres: float) -> shapely.LineString:
    """Return the piece of a point's edge from its spot to so many metres from the first node."""
    edge = int(spots.edge[point])
    length = float(streets.edge_metres[edge])
    if length <= 0:
        return edge_line(streets, edge)
    here = float(spots.metres_from[point]) / length
    return cut_line(edge_line(streets, edge), here, float(to_metres) / length)


def cut_line(line: shapely.LineString, start: float, end: float) -> shapely.LineString:
    """Return a piece of a line between two shares of its length, backwards if start > end."""
    if start > end:
        return shapely.reverse(cut_line(line, end, start))
    xy = shapely.get_coordinates(line)
    at = _along(xy)
    inner = (at > start * at[-1]) & (at < end * at[-1])
    ends = shapely.get_coordinates(
        shapely.line_interpolate_point(line, [start, end], normalized=True)
    )
    return shapely.LineString(np.vstack([ends[:1], xy[inner], ends[1:]]))


def _along(xy: Float64) -> Float64:
    step = np.hypot(*np.diff(xy, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(step)])


def _joined(parts: list[shapely.Geometry]) -> shapely.LineString:
    """Return lines and points as one line, without repeating where they meet."""
    xy = np.vstack([shapely.get_coordinates(part) for part in parts])
    keep: Int64 = np.flatnonzero(np.concatenate([[True], np.hypot(*np.diff(xy, axis=0).T) > 1e-9]))
    if len(keep) < 2:  # on the spot: a line needs two vertices
        return shapely.LineString(np.vstack([xy[:1], xy[:1]]))
    return shapely.LineString(xy[keep])
