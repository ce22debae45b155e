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
from planner.travel.streets import SUBSTANTIAL_NODES, Float64, Int32, Int64, Streets

#: Up to this many edges, their lines and trees are kept beside the network (about 300 MB).
DRAWN_EDGES = 500_000
_DRAWN: WeakKeyDictionary[Streets, Any] = WeakKeyDictionary()

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
    past_detached: NDArray[np.bool_]


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
    lines, large, small = _drawn(streets)
    piece = streets.node_component[streets.edge_from]
    large_edge, large_off = _nearest(large, geometry, given, max(snap_metres, extent_metres))
    small_edge, small_off = _nearest(small, geometry, given, snap_metres)
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
    line = lines[edge[connected]]
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
    component[connected] = piece[edge[connected]]
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


def _substantial(streets: Streets) -> NDArray[np.bool_]:
    """Say which pieces of the network count as networks of their own."""
    large = streets.component_nodes >= SUBSTANTIAL_NODES
    large[0] = True
    return large


class _Edges(NamedTuple):
    """Some of the edges, and a tree to find the nearest of them by."""

    edge: Int64
    tree: shapely.STRtree


def _drawn(streets: Streets) -> tuple[NDArray[Any], _Edges, _Edges]:
    """Return every edge as a line, and the edges of substantial and of small pieces."""
    found = _DRAWN.get(streets)
    if found is None:
        lines = streets.to_lines()
        large = _substantial(streets)[streets.node_component[streets.edge_from]]
        parts = [np.flatnonzero(large), np.flatnonzero(~large)]
        found = (lines, *(_Edges(edge, shapely.STRtree(lines[edge])) for edge in parts))
        if len(lines) <= DRAWN_EDGES:
            _DRAWN[streets] = found
    return found


def _nearest(
    edges: _Edges, geometry: NDArray[Any], given: NDArray[np.bool_], within: float
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
