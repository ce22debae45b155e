"""Which streets can be walked, how do they meet, and how long does each take?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planner.area import CRS
from planner.errors import TravelError
from planner.ledger import Note
from planner.travel import kernels

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: A piece of the network cut off from the largest one counts as a network of its own, and not
#: as a gap in the map, from this many junctions and street ends on.
SUBSTANTIAL_NODES = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class Streets:
    """Walkable streets as a network: nodes where streets meet or end, edges between them.

    Parameters
    ----------
    node_x, node_y
        Easting and northing of each node (EPSG:27700 metres), in the order of a Hilbert curve,
        so that neighbours on the ground are neighbours in memory.
    node_component
        Which connected piece of the network each node is on: int32 labels from 0, the largest
        piece (most nodes) first.
    edge_from, edge_to
        int32 end nodes of each edge, the lower one first; an edge may be a loop, and several may
        join the same two nodes. Everything can be walked both ways.
    edge_metres
        Length of each edge: planar distance in EPSG:27700, within 0.05 % of that on the ground.
    line_x, line_y, line_start
        How each edge runs: edge ``e`` has the vertices ``line_start[e]:line_start[e + 1]``, from
        its first node to its last.
    notes
        What was cut, dropped or repaired on the way in.
    """

    node_x: Float64
    node_y: Float64
    node_component: Int32
    edge_from: Int32
    edge_to: Int32
    edge_metres: Float64
    line_x: Float64
    line_y: Float64
    line_start: Int64
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        nodes, edges = len(self.node_x), len(self.edge_from)
        if edges == 0:
            raise TravelError("The street network has no streets.")
        sizes = {nodes - len(self.node_y), nodes - len(self.node_component)}
        sizes |= {edges - len(self.edge_to), edges - len(self.edge_metres)}
        sizes |= {edges + 1 - len(self.line_start), len(self.line_x) - len(self.line_y)}
        if sizes != {0}:
            raise TravelError("Street network: its arrays differ in length.")
        if self.edge_from.min() < 0 or self.edge_to.max() >= nodes:
            raise TravelError("Street network: an edge ends at a node that does not exist.")
        if bool((self.edge_from > self.edge_to).any()):
            raise TravelError("Street network: an edge's lower node must stand first.")
        for values in (self.node_x, self.node_y, self.edge_metres, self.line_x, self.line_y):
            if not bool(np.isfinite(values).all()):
                raise TravelError("Street network: a coordinate or a length is not a number.")
        if self.edge_metres.min() < 0:
            raise TravelError("Street network: a length is below zero.")
        if self.line_start[0] != 0 or self.line_start[-1] != len(self.line_x):
            raise TravelError("Street network: the edges' lines are incomplete.")
        if bool((np.diff(self.line_start) < 2).any()):
            raise TravelError("Street network: an edge has fewer than two vertices.")

    @property
    def component_nodes(self) -> Int64:
        """Number of nodes of each connected piece, largest first."""
        return np.bincount(self.node_component).astype(np.int64)

    def to_lines(self) -> NDArray[Any]:
        """Return each edge as a shapely LineString."""
        coordinates = np.column_stack([self.line_x, self.line_y])
        owner = np.repeat(np.arange(len(self.edge_from)), np.diff(self.line_start))
        lines: NDArray[Any] = shapely.linestrings(coordinates, indices=owner)
        return lines


class Arcs(Protocol):
    """A network with times, whatever the mode: which node leads where, and how quickly.

    From node ``v`` one comes to ``indices[indptr[v]:indptr[v + 1]]`` in ``deciseconds`` of the
    same positions.
    """

    @property
    def indptr(self) -> Int32:
        """Where the arcs of each node begin, and where the last end."""

    @property
    def indices(self) -> Int32:
        """The node at the end of each arc."""

    @property
    def deciseconds(self) -> Int32:
        """How long each arc takes."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WalkGraph:
    """The network with times: for each node, its neighbours and the deciseconds to them.

    Neighbours of node ``v`` are ``indices[indptr[v]:indptr[v + 1]]``, at ``deciseconds`` of the
    same positions (int32, both directions stored; loops left out, the quickest of parallel edges
    kept). ``edge_deciseconds`` are those of the street edges themselves, ``component`` the
    connected piece of each node.
    """

    indptr: Int32
    indices: Int32
    deciseconds: Int32
    edge_deciseconds: Int32
    component: Int32


def build_streets(
    x: Float64, y: Float64, start: Int32, end: Int32, *, notes: tuple[Note, ...] = ()
) -> Streets:
    """Make a network out of straight segments between points.

    Parameters
    ----------
    x, y
        Points in EPSG:27700.
    start, end
        The two points of each segment (positions). Segments from a point to itself and repeated
        ones add nothing and are left out.
    notes
        What happened before.

    Raises
    ------
    TravelError
        No segment is left.
    """
    low, high = np.minimum(start, end), np.maximum(start, end)
    pair = np.unique(np.column_stack([low, high])[low < high], axis=0)
    if len(pair) == 0:
        raise TravelError("The street network has no streets.")
    path, offset = kernels.contract_chains(
        len(x), pair[:, 0].astype(np.int32), pair[:, 1].astype(np.int32)
    )
    edges = chains_to_edges(np.asarray(x, np.float64), np.asarray(y, np.float64), path, offset)
    return order_edges(edges, notes=notes)[0]


def to_graph(streets: Streets, *, walk_kmh: float) -> WalkGraph:
    """Return the network with walking times at one speed, both ways alike.

    Each edge takes the deciseconds that `to_deciseconds` gives for its length.
    """
    edge_deciseconds = to_deciseconds(streets.edge_metres, walk_kmh=walk_kmh)
    low, high = streets.edge_from, streets.edge_to
    order = np.lexsort((edge_deciseconds, high, low))
    order = order[low[order] != high[order]]
    first = np.ones(len(order), dtype=bool)
    if len(order):
        same = (np.diff(low[order]) == 0) & (np.diff(high[order]) == 0)
        first[1:] = ~same
    order = order[first]
    tail = np.concatenate([low[order], high[order]])
    tip = np.concatenate([high[order], low[order]])
    both = np.concatenate([edge_deciseconds[order], edge_deciseconds[order]])
    by_tail = np.lexsort((tip, tail))
    nodes = len(streets.node_x)
    indptr = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(tail, minlength=nodes), out=indptr[1:])
    return WalkGraph(
        indptr=indptr,
        indices=tip[by_tail].astype(np.int32),
        deciseconds=both[by_tail].astype(np.int32),
        edge_deciseconds=edge_deciseconds,
        component=streets.node_component,
    )


def to_deciseconds(metres: Float64, *, walk_kmh: float) -> Int32:
    """Return walking times for distances: ``round(metres / speed)`` whole deciseconds.

    Halves are rounded to even; any distance above zero takes at least one decisecond, so that
    only 0 means *on the spot*.
    """
    if not walk_kmh > 0:
        raise TravelError(f"A walking speed of {walk_kmh} km/h cannot be.")
    metres = np.asarray(metres, np.float64)
    # 1 km/h is 1000 m in 36,000 deciseconds.
    whole = np.rint(metres * (36.0 / walk_kmh))
    return np.where(metres > 0, np.maximum(whole, 1), whole).astype(np.int32)


def from_osmnx(graph: Any) -> Streets:
    """Take over a street graph from osmnx, or any networkx multigraph drawn the same way.

    Parameters
    ----------
    graph
        A ``networkx.MultiDiGraph`` or ``MultiGraph`` with ``graph.graph["crs"]``, nodes with
        ``x`` and ``y``, and edges with ``length`` (metres, kept as they are) and, where they
        bend, ``geometry``. Directions are ignored: people walk both ways, so the two directions
        of one street become one edge.

    Raises
    ------
    TravelError
        A node has no place, an edge no length, or there is no edge.
    """
    project, number, at = number_nodes(graph)
    edges: dict[Run, float] = {}
    for tail, tip, data in graph.edges(data=True):
        key, _ = to_run(tail, tip, data, number, at)
        edges[key] = min(float(data["length"]), edges.get(key, np.inf))
    return order_edges(to_edges(project, at, list(edges), list(edges.values())), notes=())[0]


@dataclass(frozen=True, kw_only=True, eq=False)
class Edges:
    """A network's edges in any order, and which way round they were drawn, as in `Streets`."""

    node_x: Float64
    node_y: Float64
    tail: Int64
    tip: Int64
    metres: Float64
    line_x: Float64
    line_y: Float64
    line_start: Int64


#: The two nodes of an edge of an osmnx graph (positions), and the points it runs over.
Run = tuple[int, int, tuple[tuple[float, float], ...]]


def number_nodes(graph: Any) -> tuple[Any, dict[Any, int], list[tuple[float, float]]]:
    """Return how to project an osmnx graph's coordinates, its nodes' positions and places."""
    crs = graph.graph.get("crs")
    if crs is None:
        raise TravelError("The street graph does not say which coordinates it uses (crs).")
    number: dict[Any, int] = {}
    at: list[tuple[float, float]] = []
    for node, data in graph.nodes(data=True):
        if "x" not in data or "y" not in data:
            raise TravelError(f"Street graph: node {node} has no x and y.")
        number[node] = len(number)
        at.append((float(data["x"]), float(data["y"])))
    return pyproj.Transformer.from_crs(crs, CRS, always_xy=True), number, at


def to_run(
    tail: Any, tip: Any, data: Any, number: dict[Any, int], at: list[tuple[float, float]]
) -> tuple[Run, bool]:
    """Return one edge of an osmnx graph, both directions of a street alike; True if turned."""
    if "length" not in data:
        raise TravelError(f"Street graph: the edge from {tail} to {tip} has no length.")
    a, b = number[tail], number[tip]
    line = data["geometry"].coords if "geometry" in data else (at[a], at[b])
    run = tuple((float(c[0]), float(c[1])) for c in line)
    if (a, run) <= (b, run[::-1]):
        return (a, b, run), False
    return (b, a, run[::-1]), True


def to_edges(
    project: Any, at: list[tuple[float, float]], runs: list[Run], metres: list[float]
) -> Edges:
    """Return the edges of an osmnx graph in EPSG:27700."""
    if not runs:
        raise TravelError("The street network has no streets.")
    node_x, node_y = _projected(project, np.array(at))
    line_x, line_y = _projected(project, np.array([c for _, _, run in runs for c in run]))
    return Edges(
        node_x=node_x,
        node_y=node_y,
        tail=np.array([a for a, _, _ in runs], np.int64),
        tip=np.array([b for _, b, _ in runs], np.int64),
        metres=np.array(metres, np.float64),
        line_x=line_x,
        line_y=line_y,
        line_start=np.cumsum([0] + [len(run) for _, _, run in runs]).astype(np.int64),
    )


def _projected(project: Any, coordinates: Float64) -> tuple[Float64, Float64]:
    x, y = project.transform(coordinates[:, 0], coordinates[:, 1])
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


def chains_to_edges(x: Float64, y: Float64, path: Int32, offset: Int64) -> Edges:
    """Return edges that run over chains of points; only the chains' ends are nodes."""
    first, last = path[offset[:-1]], path[offset[1:] - 1]
    kept, number = np.unique(np.concatenate([first, last]), return_inverse=True)
    line_x, line_y = x[path], y[path]
    step = np.hypot(np.diff(line_x, prepend=line_x[0]), np.diff(line_y, prepend=line_y[0]))
    step[offset[:-1]] = 0.0
    metres = np.add.reduceat(step, offset[:-1])
    return Edges(
        node_x=x[kept],
        node_y=y[kept],
        tail=number[: len(first)],
        tip=number[len(first) :],
        metres=metres,
        line_x=line_x,
        line_y=line_y,
        line_start=offset,
    )


def order_edges(edges: Edges, *, notes: tuple[Note, ...]) -> tuple[Streets, Int64, Bool]:
    """Put nodes along a space-filling curve and edges in the order of nodes; label pieces.

    Returns
    -------
    streets
        The network.
    order
        Which of the edges stands at each place.
    turned
        In that order: whether the edge now runs the other way.
    """
    node_x, node_y, line_start = edges.node_x, edges.node_y, edges.line_start
    curve = np.lexsort((node_y, node_x, _hilbert(node_x, node_y)))
    rank = np.empty(len(curve), np.int64)
    rank[curve] = np.arange(len(curve))
    tail, tip = rank[edges.tail], rank[edges.tip]
    turned = tail > tip
    low, high = np.where(turned, tip, tail), np.where(turned, tail, tip)
    order = np.lexsort((edges.metres, high, low))
    count = np.diff(line_start)[order]
    start = np.concatenate([[0], np.cumsum(count)])
    # Vertices of each edge in its new place, backwards where its nodes changed sides.
    within = np.arange(start[-1]) - np.repeat(start[:-1], count)
    backwards = np.repeat(turned[order], count)
    begin, length = np.repeat(line_start[:-1][order], count), np.repeat(count, count)
    vertex = begin + np.where(backwards, length - 1 - within, within)
    streets = Streets(
        node_x=node_x[curve],
        node_y=node_y[curve],
        node_component=_components(low, high, len(curve)),
        edge_from=low[order].astype(np.int32),
        edge_to=high[order].astype(np.int32),
        edge_metres=edges.metres[order],
        line_x=edges.line_x[vertex],
        line_y=edges.line_y[vertex],
        line_start=start.astype(np.int64),
        notes=notes,
    )
    return streets, order, turned[order]


def _components(low: Int64, high: Int64, nodes: int) -> Int32:
    """Label connected pieces from 0, most nodes first, ties by the lowest node."""
    joined = coo_array((np.ones(len(low), np.int8), (low, high)), shape=(nodes, nodes))
    count, label = connected_components(joined, directed=False)
    size = np.bincount(label, minlength=count)
    _, lowest = np.unique(label, return_index=True)
    order = np.lexsort((lowest, -size))
    rank = np.empty(count, np.int32)
    rank[order] = np.arange(count, dtype=np.int32)
    labels: Int32 = rank[label]
    return labels


def _hilbert(x: Float64, y: Float64, *, bits: int = 16) -> Int64:
    """Return each point's place along a Hilbert curve over their bounding square.

    Notes
    -----
    Hilbert (1891); the bitwise form goes through the square's quarters from the largest down.
    """
    side = max(float(np.ptp(x)), float(np.ptp(y)), 1e-9)
    top = 2**bits - 1
    column = ((x - x.min()) / side * top).astype(np.int64)
    row = ((y - y.min()) / side * top).astype(np.int64)
    place = np.zeros(len(x), np.int64)
    for bit in range(bits - 1, -1, -1):
        half = 1 << bit
        right, upper = (column & half) > 0, (row & half) > 0
        place += (half * half) * ((3 * right) ^ upper)
        mirrored = ~upper & right
        column = np.where(mirrored, top - column, column)
        row = np.where(mirrored, top - row, row)
        column, row = np.where(upper, column, row), np.where(upper, row, column)
    return place
