"""Where does a point meet the street, and which points cannot be put on the network?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner.area import CRS
from planner.errors import TravelError
from planner.travel.streets import SUBSTANTIAL_NODES, Bool, Float64, Int32, Int64, Streets

#: Up to this many edges, their lines and trees are kept beside the network (about 300 MB). On a
#: larger network only the edges near the points are drawn, each time.
DRAWN_EDGES = 500_000
#: There, nearest edges are looked for this far around each point first, and further only for the
#: points that have none so near.
_RADII = (50.0, 400.0)
#: Such a network is cut into squares of so many metres, or so many of them across.
_SQUARE_METRES, _SQUARES = 100.0, 1_000
#: Metres that no rounding of coordinates comes near.
_HAIR = 0.01
_DRAWN: WeakKeyDictionary[Streets, Any] = WeakKeyDictionary()
_CUT: WeakKeyDictionary[Streets, _Squares] = WeakKeyDictionary()

#: Whether a point could be put on the network at all.
PointStatus = Literal["connected", "not_connected", "outside_extent", "no_data"]
POINT_STATUSES: tuple[PointStatus, ...] = (
    "connected",
    "not_connected",
    "outside_extent",
    "no_data",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapped:
    """Points and the spots on the street where their walks begin or end.

    Parameters
    ----------
    index
        The points' own index; everything below is in its order.
    x, y
        The points (EPSG:27700; NaN where a point has no geometry).
    status
        A `PointStatus` for each point.
    edge
        int64 edge the point is on; -1 where it is not connected.
    metres_off
        Straight line from the point to the spot on that edge (NaN: not connected).
    metres_from, metres_to
        Along the edge from its first node to the spot, and from the spot to its last node.
    component
        int32 connected piece of the network the edge is on; -1 where not connected.
    past_detached
        True where a nearer street was passed over because it is part of a small detached piece.
    """

    index: pd.Index
    x: Float64
    y: Float64
    status: NDArray[Any]
    edge: Int64
    metres_off: Float64
    metres_from: Float64
    metres_to: Float64
    component: Int32
    past_detached: Bool


def snap_points(
    streets: Streets, points: gpd.GeoSeries, *, snap_metres: float, extent_metres: float
) -> Snapped:
    """Put points on the nearest spot of the nearest street.

    A *substantial* piece of the network is the largest one, and any other with at least
    `SUBSTANTIAL_NODES` junctions and street ends. Then, for each point:

    1. a substantial piece within ``snap_metres``: the nearest edge of such a piece, even past a
       nearer small detached one (those are mostly gaps in the map: a car park's footways, a
       path drawn one metre short), and that is marked in ``past_detached``;
    2. otherwise, more than ``extent_metres`` from every substantial piece: ``outside_extent``.
       The extract does not describe the streets there, so nothing can be said;
    3. otherwise, a small detached piece within ``snap_metres``: its nearest edge;
    4. otherwise ``not_connected``: the area is mapped, and no street comes near the point.

    Points without geometry are ``no_data``. Edges at the same distance are settled by their
    order, so the order of the points changes nothing.

    Raises
    ------
    TravelError
        The points are not in EPSG:27700, or are not points.
    """
    _check(points)
    geometry = np.array(points.array, dtype=object)
    geometry[shapely.is_empty(geometry)] = None
    given = ~shapely.is_missing(geometry)
    count = len(geometry)
    edge, off = np.full(count, -1, np.int64), np.full(count, np.nan)
    within = (max(snap_metres, extent_metres), snap_metres)
    (large_edge, large_off), (small_edge, small_off) = (
        _nearest_of_all(streets, geometry, given, within)
        if len(streets.edge_from) <= DRAWN_EDGES
        else _nearest_of_some(streets, geometry, given, within)
    )
    on_large = large_off <= snap_metres
    on_small = ~on_large & (small_off <= snap_metres) & (large_off <= extent_metres)
    for chosen, from_edge, from_off in (
        (on_large, large_edge, large_off),
        (on_small, small_edge, small_off),
    ):
        edge[chosen], off[chosen] = from_edge[chosen], from_off[chosen]

    connected = edge >= 0
    status = np.where(large_off <= extent_metres, "not_connected", "outside_extent").astype(object)
    status[connected] = "connected"
    status[~given] = "no_data"
    along = np.full(count, np.nan)
    length = np.full(count, np.nan)
    line = _lines(streets, edge[connected])
    length[connected] = streets.edge_metres[edge[connected]]
    drawn = shapely.length(line)
    share = np.divide(
        shapely.line_locate_point(line, geometry[connected]),
        drawn,
        out=np.zeros(len(line)),
        where=drawn > 0,
    )
    along[connected] = np.clip(share, 0.0, 1.0) * length[connected]
    component = np.full(count, -1, np.int32)
    component[connected] = streets.node_component[streets.edge_from[edge[connected]]]
    return Snapped(
        index=points.index,
        x=shapely.get_x(geometry),
        y=shapely.get_y(geometry),
        status=status,
        edge=edge,
        metres_off=off,
        metres_from=along,
        metres_to=length - along,
        component=component,
        past_detached=on_large & (small_off < large_off),
    )


def _check(points: gpd.GeoSeries) -> None:
    if points.crs != CRS:
        raise TravelError(f"Points to put on the street network must be in {CRS}.")
    kinds = set(points.geom_type.dropna()) - {"Point"}
    if kinds:
        raise TravelError(f"Points expected, found {sorted(kinds)[0]}.")


def _substantial(streets: Streets) -> Bool:
    """Say which pieces of the network count as networks of their own."""
    large = streets.component_nodes >= SUBSTANTIAL_NODES
    large[0] = True
    return large


class _Squares(NamedTuple):
    """The ground cut into squares, column by column from ``corner``, the south-west one.

    ``edge[start[i]:start[i + 1]]`` are the edges that may come into square ``i``; ``large`` are
    those of substantial pieces.
    """

    corner: tuple[float, float]
    size: float
    shape: tuple[int, int]
    start: Int64
    edge: Int32
    large: Bool

    def near(self, geometry: NDArray[Any], radius: float) -> Bool:
        """Say which edges may come within a radius of any of some points; never too few."""
        reach = radius + _HAIR
        xy = (shapely.get_x(geometry), shapely.get_y(geometry))
        low, high = (
            [
                _place(at + side, corner, self.size, count)
                for at, corner, count in zip(xy, self.corner, self.shape, strict=True)
            ]
            for side in (-reach, reach)
        )
        # One more in the south-west corner of each point's rectangle, one less past its others.
        marks = np.zeros((self.shape[0] + 1, self.shape[1] + 1), np.int32)
        np.add.at(marks, (low[0], low[1]), 1)
        np.add.at(marks, (high[0] + 1, high[1] + 1), 1)
        np.add.at(marks, (low[0], high[1] + 1), -1)
        np.add.at(marks, (high[0] + 1, low[1]), -1)
        square = np.flatnonzero((marks.cumsum(0).cumsum(1) > 0)[:-1, :-1])
        count = self.start[square + 1] - self.start[square]
        within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        found = np.zeros(len(self.large), bool)
        found[self.edge[np.repeat(self.start[square], count) + within]] = True
        return found


class _Edges(NamedTuple):
    """Some of the edges, and a tree to find the nearest of them by."""

    edge: Int64
    tree: shapely.STRtree


def _large(streets: Streets) -> Bool:
    """Say which edges are part of substantial pieces."""
    return _substantial(streets)[streets.node_component[streets.edge_from]]


def _lines(streets: Streets, edges: Int64) -> NDArray[Any]:
    """Return some of the edges as lines."""
    count = np.diff(streets.line_start)[edges]
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    vertex = np.repeat(streets.line_start[edges], count) + within
    coordinates = np.column_stack([streets.line_x[vertex], streets.line_y[vertex]])
    lines: NDArray[Any] = shapely.linestrings(
        coordinates, indices=np.repeat(np.arange(len(edges)), count), out=np.empty(len(edges), "O")
    )
    return lines


def _nearest_of_all(
    streets: Streets, geometry: NDArray[Any], given: Bool, within: tuple[float, float]
) -> list[tuple[Int64, Float64]]:
    """Return `_nearest` among substantial and among small pieces, all edges drawn and kept."""
    found = _DRAWN.get(streets)
    if found is None:
        large = _large(streets)
        parts = (np.flatnonzero(large), np.flatnonzero(~large))
        found = [_Edges(edge, shapely.STRtree(_lines(streets, edge))) for edge in parts]
        _DRAWN[streets] = found
    return [_nearest(*(one, geometry, given), far) for one, far in zip(found, within, strict=True)]


def _nearest_of_some(
    streets: Streets, geometry: NDArray[Any], given: Bool, within: tuple[float, float]
) -> list[tuple[Int64, Float64]]:
    """Return the same with only the edges drawn that are near enough to count."""
    squares = _CUT.get(streets)
    if squares is None:
        squares = _CUT[streets] = _cut(streets)
    answer = []
    for part, far in zip((squares.large, ~squares.large), within, strict=True):
        edge, off = np.full(len(geometry), -1, np.int64), np.full(len(geometry), np.inf)
        left = given.copy()
        for radius in (*(r for r in _RADII if r < far), far):
            if not bool(left.any()):
                break
            near = np.flatnonzero(squares.near(geometry[left], radius) & part)
            some = _Edges(near, shapely.STRtree(_lines(streets, near)))
            found, metres = _nearest(some, geometry, left, radius)
            hit = found >= 0
            edge[hit], off[hit] = found[hit], metres[hit]
            left &= ~hit
        answer.append((edge, off))
    return answer


def _cut(streets: Streets) -> _Squares:
    """Cut the ground into squares, and note which edges are in each."""
    first = streets.line_start[:-1]
    west, south = float(streets.line_x.min()), float(streets.line_y.min())
    across = float(streets.line_x.max()) - west, float(streets.line_y.max()) - south
    size = max(_SQUARE_METRES, max(across) / _SQUARES)
    wide, high = (int(metres // size) + 1 for metres in across)
    low_x, high_x, low_y, high_y = (
        _place(ends.reduceat(along, first), origin, size, count)
        for along, origin, count in ((streets.line_x, west, wide), (streets.line_y, south, high))
        for ends in (np.minimum, np.maximum)
    )
    # Every square that the box around an edge touches: never too few.
    rows = high_y - low_y + 1
    count = (high_x - low_x + 1) * rows
    edge = np.repeat(np.arange(len(first), dtype=np.int32), count)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    square = (low_x[edge] + step // rows[edge]) * high + low_y[edge] + step % rows[edge]
    start = np.zeros(wide * high + 1, np.int64)
    np.cumsum(np.bincount(square, minlength=wide * high), out=start[1:])
    return _Squares(
        corner=(west, south),
        size=size,
        shape=(wide, high),
        start=start,
        edge=edge[np.argsort(square, kind="stable")],
        large=_large(streets),
    )


def _place(at: Float64, origin: float, size: float, count: int) -> Int64:
    """Return in which of a row of squares something is; beyond its ends, in the last one."""
    return np.clip((at - origin) // size, 0, count - 1).astype(np.int64)


def _nearest(
    edges: _Edges, geometry: NDArray[Any], given: Bool, within: float
) -> tuple[Int64, Float64]:
    """Return each point's nearest edge of some and how far off it is; -1 and inf beyond."""
    edge = np.full(len(geometry), -1, np.int64)
    off = np.full(len(geometry), np.inf)
    among, tree = edges
    if len(among) == 0 or not bool(given.any()):
        return edge, off
    asked = np.flatnonzero(given)
    # A hair more than the limit: whether the limit itself counts is decided once, by the caller.
    (point, found), metres = tree.query_nearest(
        geometry[asked], max_distance=within * (1 + 1e-9) + 1e-9, return_distance=True
    )
    order = np.lexsort((among[found], point))
    point, found, metres = point[order], found[order], metres[order]
    first = np.r_[True, np.diff(point) > 0] if len(point) else np.zeros(0, bool)
    edge[asked[point[first]]] = among[found[first]]
    off[asked[point[first]]] = metres[first]
    return edge, off
