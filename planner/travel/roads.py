"""Which streets can be cycled or driven, which way round, and how long does each take?

Only streets on which one can both come and go are kept: a one-way street that leads out of the
mapped place (a motorway at the extract's rim), or into a trap, is left out and counted. So every
connected piece of the network can be reached in full from any spot on it, and pieces mean the
same as on foot: two points on one piece have a way both there and back, on two pieces neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planner.errors import TravelError
from planner.ledger import Note
from planner.travel import kernels
from planner.travel.streets import (
    Bool,
    Edges,
    Float64,
    Int32,
    Int64,
    Streets,
    chains_to_edges,
    order_edges,
)
from planner.travel.ways import (
    FLOWING,
    MINOR,
    RoadMode,
    RoadSettings,
)

#: 1 km/h is 1000 m in 36,000 deciseconds.
_DECISECONDS = 36.0

#: What is done there, for messages.
MODE_WORDS: dict[RoadMode, str] = {"cycle": "cycled", "drive": "driven"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Roads:
    """Streets for cycles or cars: the same network as `Streets`, with speeds in each direction.

    Parameters
    ----------
    mode
        ``cycle`` or ``drive``.
    method
        What is in the times, in words.
    streets
        Nodes, edges and how they run. On each edge speeds are the same all along.
    forward_kmh, backward_kmh
        Speed along each edge from its first node to its last, and back; 0 where not allowed.
    forward_wait, backward_wait
        int32 deciseconds lost on arriving at the last node of the edge, and at the first.
    """

    mode: RoadMode
    method: str
    streets: Streets
    forward_kmh: Float64
    backward_kmh: Float64
    forward_wait: Int32
    backward_wait: Int32

    def __post_init__(self) -> None:
        edges = len(self.streets.edge_from)
        speeds, waits = (
            (self.forward_kmh, self.backward_kmh),
            (self.forward_wait, self.backward_wait),
        )
        if any(len(values) != edges for values in (*speeds, *waits)):
            raise TravelError("Roads: their speeds or waits are not one for each edge.")
        if not all(bool((np.isfinite(kmh) & (kmh >= 0)).all()) for kmh in speeds):
            raise TravelError("Roads: a speed is below zero or not a number.")
        if not bool(((self.forward_kmh > 0) | (self.backward_kmh > 0)).all()):
            raise TravelError("Roads: an edge can be used in neither direction.")
        if min(int(wait.min()) for wait in waits) < 0:
            raise TravelError("Roads: a wait is below zero.")
        low, high = self.streets.edge_from, self.streets.edge_to
        strong = _strong_pieces(
            low, high, self.forward_kmh > 0, self.backward_kmh > 0, len(self.streets.node_x)
        )
        if strong.max() != self.streets.node_component.max():
            raise TravelError("Roads: a street only leads in, or only leads out.")

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was cut, dropped or repaired on the way in."""
        return self.streets.notes


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadGraph:
    """Roads with times: for each node, where one can go from it and the deciseconds it takes.

    Laid out as `planner.travel.streets.WalkGraph`; one direction stands once, so the arcs of a
    node are those that leave it.
    """

    indptr: Int32
    indices: Int32
    deciseconds: Int32


@dataclass(frozen=True, kw_only=True, eq=False)
class Segments:
    """Straight pieces of street between two points each, and how they may be used.

    Parameters
    ----------
    start, end
        The two points of each piece (positions).
    forward_kmh, backward_kmh
        Speed from start to end, and back; 0 where not allowed.
    kind
        `planner.travel.ways.ORDINARY`, `MINOR` or `FLOWING`.
    forward_signal, backward_signal
        Whether there is a traffic signal to pass on arriving at the end; at the start, going back.
    name
        The street each piece is part of, for notes.
    """

    start: Int32
    end: Int32
    forward_kmh: Float64
    backward_kmh: Float64
    kind: NDArray[np.int8]
    forward_signal: Bool
    backward_signal: Bool
    name: NDArray[Any]

    def choose(self, chosen: Bool | Int64) -> Segments:
        """Return some of the pieces."""
        return replace(self, **{key: values[chosen] for key, values in vars(self).items()})


def build_roads(
    x: Float64,
    y: Float64,
    segments: Segments,
    settings: RoadSettings,
    *,
    notes: tuple[Note, ...] = (),
) -> Roads:
    """Make a network out of straight pieces of street.

    Points where exactly two pieces meet are joined, unless there is a traffic signal, or speed
    or direction change. Of repeated pieces the quickest way in each direction counts.

    Raises
    ------
    TravelError
        No street is left on which one can come and go.
    """
    usable = (segments.forward_kmh > 0) | (segments.backward_kmh > 0)
    segments = segments.choose(usable & (segments.start != segments.end))
    keep, left_out = _come_and_go(segments, len(x), settings.mode)
    segments = _distinct(segments.choose(keep))
    path, offset = _chains(segments, len(x))
    first, last = _place(segments, path, offset[:-1]), _place(segments, path, offset[1:] - 2)
    ahead = segments.start[first] == path[offset[:-1]]
    arriving = segments.start[last] == path[offset[1:] - 2]
    junction = _junctions(segments.start, segments.end, segments.kind, len(x))
    at_end, at_start = path[offset[1:] - 1], path[offset[:-1]]
    kind = segments.kind[first]
    table = _Table(
        forward_kmh=np.where(ahead, segments.forward_kmh[first], segments.backward_kmh[first]),
        backward_kmh=np.where(ahead, segments.backward_kmh[first], segments.forward_kmh[first]),
        forward_wait=_waits(
            np.where(arriving, segments.forward_signal[last], segments.backward_signal[last]),
            junction[at_end] & (kind != FLOWING),
            settings,
        ),
        backward_wait=_waits(
            np.where(ahead, segments.backward_signal[first], segments.forward_signal[first]),
            junction[at_start] & (kind != FLOWING),
            settings,
        ),
    )
    edges = chains_to_edges(np.asarray(x, np.float64), np.asarray(y, np.float64), path, offset)
    return _to_roads(edges, table, settings, (*notes, *left_out))


def build_roads_of_edges(
    edges: Edges, segments: Segments, settings: RoadSettings, notes: tuple[Note, ...]
) -> Roads:
    """Make a network of whole edges whose ends all stay nodes.

    Parameters
    ----------
    edges
        The edges and how they run.
    segments
        The same edges in the same order, and how they may be used.
    settings, notes
        As for `build_roads`.
    """
    nodes = len(edges.node_x)
    keep, left_out = _come_and_go(segments, nodes, settings.mode)
    chosen, kept = np.flatnonzero(keep), segments.choose(keep)
    used, number = np.unique(np.concatenate([kept.start, kept.end]), return_inverse=True)
    junction = _junctions(kept.start, kept.end, kept.kind, nodes)
    table = _Table(
        forward_kmh=kept.forward_kmh,
        backward_kmh=kept.backward_kmh,
        forward_wait=_waits(
            kept.forward_signal, junction[kept.end] & (kept.kind != FLOWING), settings
        ),
        backward_wait=_waits(
            kept.backward_signal, junction[kept.start] & (kept.kind != FLOWING), settings
        ),
    )
    count = np.diff(edges.line_start)
    vertex = np.repeat(keep, count)
    some = Edges(
        node_x=edges.node_x[used],
        node_y=edges.node_y[used],
        tail=number[: len(chosen)],
        tip=number[len(chosen) :],
        metres=edges.metres[chosen],
        line_x=edges.line_x[vertex],
        line_y=edges.line_y[vertex],
        line_start=np.concatenate([[0], np.cumsum(count[chosen])]).astype(np.int64),
    )
    return _to_roads(some, table, settings, (*notes, *left_out))


def to_road_graph(roads: Roads) -> RoadGraph:
    """Return the network with its times, direction by direction.

    A direction of an edge takes ``round(metres / speed)`` whole deciseconds, at least one unless
    the edge has no length, and the wait at its end.
    """
    streets = roads.streets
    times = (
        to_time(streets.edge_metres, roads.forward_kmh) + roads.forward_wait,
        to_time(streets.edge_metres, roads.backward_kmh) + roads.backward_wait,
    )
    open_ = np.concatenate([roads.forward_kmh > 0, roads.backward_kmh > 0])
    tail = np.concatenate([streets.edge_from, streets.edge_to])
    tip = np.concatenate([streets.edge_to, streets.edge_from])
    time = np.concatenate(times)
    keep = np.flatnonzero(open_ & (tail != tip))  # a loop leads nowhere
    return _to_graph(tail[keep], tip[keep], time[keep], len(streets.node_x))


def turn_graph(graph: RoadGraph) -> RoadGraph:
    """Return the network with every direction turned round: from where one can come."""
    nodes = len(graph.indptr) - 1
    tail = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(graph.indptr))
    return _to_graph(graph.indices, tail, graph.deciseconds, nodes)


def to_time(metres: Float64, kmh: Float64) -> Int32:
    """Return whole deciseconds for distances at speeds; 0 where the speed is 0 (not allowed)."""
    factor = np.divide(_DECISECONDS, kmh, out=np.zeros(len(kmh)), where=kmh > 0)
    whole = np.rint(metres * factor)
    return np.where((metres > 0) & (kmh > 0), np.maximum(whole, 1), whole).astype(np.int32)


def unread_note(count: int, items: Iterable[str], mode: RoadMode) -> tuple[Note, ...]:
    """Return the note that some speed limits make no sense."""
    if not count:
        return ()
    return (
        Note(
            stage="travel",
            what=f"{mode}_speed_limits_unreadable",
            count=count,
            text=f"{count} streets have a speed limit that cannot be read: the usual speed of "
            "such streets is used.",
            items=tuple(items),
        ),
    )


def nothing_left(mode: RoadMode) -> TravelError:
    """Return the error that a network is empty."""
    return TravelError(f"The street network has no street that can be {MODE_WORDS[mode]}.")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Table:
    """What `Roads` says of each edge, in the order and direction of `Edges`."""

    forward_kmh: Float64
    backward_kmh: Float64
    forward_wait: Int32
    backward_wait: Int32


def _come_and_go(segments: Segments, nodes: int, mode: RoadMode) -> tuple[Bool, tuple[Note, ...]]:
    """Say which pieces stay: not one-ways that only lead from one part to another."""
    piece = _strong_pieces(
        segments.start, segments.end, segments.forward_kmh > 0, segments.backward_kmh > 0, nodes
    )
    keep = piece[segments.start] == piece[segments.end]
    if not bool(keep.any()):
        raise nothing_left(mode)
    names = sorted({str(name) for name in segments.name[~keep]})
    if not names:
        return keep, ()
    note = Note(
        stage="travel",
        what=f"{mode}_one_ways_without_return",
        count=len(names),
        text=f"{len(names)} one-way streets that only lead in or only lead out (mostly at the "
        f"extract's rim) cannot be {MODE_WORDS[mode]} there and back: left out.",
        items=tuple(names),
    )
    return keep, (note,)


def _strong_pieces(low: Int32, high: Int32, forward: Bool, backward: Bool, nodes: int) -> Int32:
    """Label the parts of a network within which one can come and go."""
    tail = np.concatenate([low[forward], high[backward]])
    tip = np.concatenate([high[forward], low[backward]])
    arcs = coo_array((np.ones(len(tail), np.int8), (tail, tip)), shape=(nodes, nodes))
    label: Int32 = connected_components(arcs, directed=True, connection="strong")[1]
    return label


def _distinct(segments: Segments) -> Segments:
    """Turn pieces so that the lower point stands first, and merge those on the same two points."""
    turned = segments.start > segments.end
    low = np.where(turned, segments.end, segments.start)
    high = np.where(turned, segments.start, segments.end)
    forward = np.where(turned, segments.backward_kmh, segments.forward_kmh)
    backward = np.where(turned, segments.forward_kmh, segments.backward_kmh)
    signal = np.where(turned, segments.backward_signal, segments.forward_signal)
    signal_back = np.where(turned, segments.forward_signal, segments.backward_signal)
    order = np.lexsort((segments.kind, high, low))
    new = np.r_[True, (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)]
    begin = np.flatnonzero(new)
    return Segments(
        start=low[order][begin].astype(np.int32),
        end=high[order][begin].astype(np.int32),
        forward_kmh=np.maximum.reduceat(forward[order], begin),
        backward_kmh=np.maximum.reduceat(backward[order], begin),
        kind=segments.kind[order][begin],
        forward_signal=np.logical_or.reduceat(signal[order], begin),
        backward_signal=np.logical_or.reduceat(signal_back[order], begin),
        name=segments.name[order][begin],
    )


def _chains(segments: Segments, nodes: int) -> tuple[Int32, Int64]:
    """Join distinct pieces where exactly two meet and nothing changes."""
    stay = np.flatnonzero(_changes(segments, nodes)).astype(np.int32)
    # A stub to a point of its own makes a junction of a point that has to stay a node.
    stub = np.arange(nodes, nodes + len(stay), dtype=np.int32)
    path, offset = kernels.contract_chains(
        nodes + len(stay),
        np.concatenate([segments.start, stay]),
        np.concatenate([segments.end, stub]),
    )
    count = np.diff(offset)
    keep = np.maximum(path[offset[:-1]], path[offset[1:] - 1]) < nodes
    path = path[np.repeat(keep, count)]
    return path, np.concatenate([[0], np.cumsum(count[keep])]).astype(np.int64)


def _changes(segments: Segments, nodes: int) -> Bool:
    """Say at which points where exactly two pieces meet something changes, or a signal stands."""
    point = np.concatenate([segments.start, segments.end])
    inwards = np.concatenate([segments.backward_kmh, segments.forward_kmh])
    outwards = np.concatenate([segments.forward_kmh, segments.backward_kmh])
    signal = np.concatenate([segments.backward_signal, segments.forward_signal])
    kind = np.tile(segments.kind, 2)
    order = np.argsort(point, kind="stable")
    meet = np.bincount(point, minlength=nodes)
    two = np.flatnonzero(meet == 2)
    begin = (np.cumsum(meet) - meet)[two]
    one, other = order[begin], order[begin + 1]
    differ = (inwards[one] != outwards[other]) | (inwards[other] != outwards[one])
    differ |= (kind[one] != kind[other]) | signal[one] | signal[other]
    changes = np.zeros(nodes, dtype=bool)
    changes[two] = differ
    return changes


def _place(segments: Segments, path: Int32, at: Int64) -> Int64:
    """Return the position of the piece from each place on a path to the next."""
    low, high = np.minimum(path[at], path[at + 1]), np.maximum(path[at], path[at + 1])
    size = np.int64(max(int(segments.end.max()), int(path.max())) + 1)
    key = segments.start.astype(np.int64) * size + segments.end
    place: Int64 = np.searchsorted(key, low.astype(np.int64) * size + high)
    return place


def _junctions(tail: Int32 | Int64, tip: Int32 | Int64, kind: NDArray[np.int8], nodes: int) -> Bool:
    """Say at which points at least three streets meet, service roads and tracks aside."""
    counts = kind != MINOR
    ends = np.concatenate([tail[counts], tip[counts]])
    junction: Bool = np.bincount(ends, minlength=nodes) >= 3
    return junction


def _waits(signal: Bool, junction: Bool, settings: RoadSettings) -> Int32:
    at_signal, at_junction = (
        round(10 * seconds) for seconds in (settings.signal_seconds, settings.junction_seconds)
    )
    return np.where(signal, at_signal, np.where(junction, at_junction, 0)).astype(np.int32)


def _to_roads(
    edges: Edges, table: _Table, settings: RoadSettings, notes: tuple[Note, ...]
) -> Roads:
    streets, order, turned = order_edges(edges, notes=notes)
    ahead = {key: values[order] for key, values in vars(table).items()}
    return Roads(
        mode=settings.mode,
        method=settings.method,
        streets=streets,
        forward_kmh=np.where(turned, ahead["backward_kmh"], ahead["forward_kmh"]),
        backward_kmh=np.where(turned, ahead["forward_kmh"], ahead["backward_kmh"]),
        forward_wait=np.where(turned, ahead["backward_wait"], ahead["forward_wait"]),
        backward_wait=np.where(turned, ahead["forward_wait"], ahead["backward_wait"]),
    )


def _to_graph(tail: Int32, tip: Int32, time: Int32, nodes: int) -> RoadGraph:
    """Lay out arcs by the node they leave, the quickest of parallel ones only."""
    order = np.lexsort((time, tip, tail))
    tail, tip, time = tail[order], tip[order], time[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(tail) != 0) | (np.diff(tip) != 0)
    indptr = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(tail[first], minlength=nodes), out=indptr[1:])
    return RoadGraph(
        indptr=indptr,
        indices=tip[first].astype(np.int32),
        deciseconds=time[first].astype(np.int32),
    )
