"""What is near each origin along the streets: which nodes, how much in all, which sites?

Nothing here holds a number for each origin and node, or each origin and destination, at a time:
answers are short rows, sums, or blocks that come one after another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planner.cores import Progress, build_spans, in_order
from planner.errors import TravelError
from planner.travel import kernels, nearest_kernels
from planner.travel.blocks import BLOCK_ORIGINS, Pairs, build_matrix_spans
from planner.travel.kernels import FAR, Attached, Int32, Int64
from planner.travel.nearest_kernels import NO_LABEL, SITE_BITS, SITE_MASK
from planner.travel.streets import Arcs

Float64 = NDArray[np.float64]
#: One label of the search from all sites costs as much as this many nodes of one from an origin.
_LABEL_COST = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class TurnedArcs:
    """A network with every arc turned round, as `planner.travel.streets.Arcs`."""

    indptr: Int32
    indices: Int32
    deciseconds: Int32


@dataclass(frozen=True, kw_only=True, eq=False)
class NodesWithin:
    """The nodes that some origins reach: those of one origin after those of the one before.

    ``first`` is the position of the first of these origins, ``count`` how many nodes each
    reaches, ``node`` and ``deciseconds`` which nodes and how far off, in no order of their own.
    """

    first: int
    count: Int64
    node: Int32
    deciseconds: Int32


def nodes_within(graph: Arcs, origins: Attached, *, cutoff: int) -> Iterator[NodesWithin]:
    """Give every node within the cutoff of every origin, block by block in the origins' order.

    Parameters
    ----------
    graph
        The network.
    origins
        Points, and the deciseconds from each to the nodes it leads to.
    cutoff
        Deciseconds; a node at exactly this time is within.
    """
    _check_cutoff(cutoff)
    spare = _Spare(len(graph.indptr) - 1, 0)

    def block(first: int, last: int) -> NodesWithin:
        space = spare.take()
        count, node, time = kernels.nodes_block(
            graph.indptr,
            graph.indices,
            graph.deciseconds,
            origins.node,
            origins.leg,
            first,
            last,
            cutoff,
            space[0],
        )
        spare.put(space)
        return NodesWithin(first=first, count=count, node=node, deciseconds=time)

    return in_order(block, build_spans(len(origins.node), BLOCK_ORIGINS))


def walk_blocks(
    graph: Arcs,
    origins: Attached,
    destinations: Attached,
    direct: Pairs,
    *,
    cutoff: int,
    words: str = "",
    progress: Progress | None = None,
) -> Iterator[Pairs]:
    """Give a matrix block by block: destinations within the cutoff of some origins at a time.

    Parameters
    ----------
    graph
        The network.
    origins, destinations
        Points and their legs in deciseconds, those of origins out and of destinations in.
    direct
        Ways that pass no node: between points on the same edge.
    cutoff
        Deciseconds; a destination at exactly this time is within.
    words, progress
        What is told, and to whom, after each block.

    Yields
    ------
    pairs
        Sorted by origin, then destination; all blocks together are the pairs of
        `planner.travel.walk.search`. At most as many blocks as there are processor cores, and
        one, are held at a time.
    """
    _check_cutoff(cutoff)
    points, nodes = len(destinations.node), len(graph.indptr) - 1
    hooks = kernels.hook(destinations, nodes=nodes)
    directs = _by_origin(direct, len(origins.node))
    spare = _Spare(nodes, points)

    def block(first: int, last: int) -> Pairs:
        room = (last - first) * points
        point, time = np.empty(room, np.int32), np.empty(room, np.int32)
        each = np.empty(last - first, np.int64)
        space = spare.take()
        written = kernels.walk_block(
            graph.indptr,
            graph.indices,
            graph.deciseconds,
            origins.node,
            origins.leg,
            *hooks,
            *directs,
            first,
            last,
            cutoff,
            *space,
            point,
            time,
            each,
        )
        spare.put(space)
        origin = np.repeat(np.arange(first, last, dtype=np.int32), each)
        return origin, point[:written].copy(), time[:written].copy()

    spans = build_matrix_spans(len(origins.node), points)
    return in_order(block, spans, words=words, progress=progress)


def build_sums(
    graph: Arcs,
    origins: Attached,
    points: Attached,
    direct: Pairs,
    *,
    thresholds: Sequence[int],
    amount: Float64,
) -> Float64:
    """Add up what is within each threshold of each origin, as the search goes along.

    Parameters
    ----------
    graph, direct
        As for `walk_blocks`.
    origins, points
        Points and their legs in deciseconds, those of origins out, those of the others in.
    thresholds
        Rising deciseconds; a point at exactly one of them counts.
    amount
        (points, columns): what each point counts, in each of several sums (jobs, people, 1).

    Returns
    -------
    sums
        (origins, thresholds, columns); 0 where there is nothing, for an origin that is not on the
        network, too.

    Raises
    ------
    TravelError
        Thresholds do not rise, or an amount is missing or not a number.
    """
    limits = np.asarray(thresholds, np.int32)
    if len(limits) == 0 or bool((np.diff(limits) <= 0).any()):
        raise TravelError("Sums within thresholds: the thresholds must rise.")
    _check_cutoff(int(limits[-1]))
    amount = np.ascontiguousarray(amount, np.float64)
    if amount.ndim != 2 or len(amount) != len(points.node):
        raise TravelError("Sums within thresholds: each point needs its amounts.")
    if not bool(np.isfinite(amount).all()):
        raise TravelError("Sums within thresholds: an amount is not a number.")
    nodes = len(graph.indptr) - 1
    hooks = kernels.hook(points, nodes=nodes)
    directs = _by_origin(direct, len(origins.node))
    spare = _Spare(nodes, len(points.node))
    sums = np.zeros((len(origins.node), len(limits), amount.shape[1]))

    def block(first: int, last: int) -> None:
        space = spare.take()
        kernels.sums_block(
            graph.indptr,
            graph.indices,
            graph.deciseconds,
            origins.node,
            origins.leg,
            *hooks,
            *directs,
            first,
            last,
            limits,
            amount,
            *space,
            sums[first:last],
        )
        spare.put(space)

    for _ in in_order(block, build_spans(len(origins.node), BLOCK_ORIGINS)):
        pass
    return sums


def build_nearest_sites(
    graph: Arcs,
    origins: Attached,
    sites: Attached,
    direct: Pairs,
    *,
    k: int,
    cutoff: int,
    turned: Arcs | None = None,
) -> tuple[Int32, Int32]:
    """Find the ``k`` nearest different sites of every origin.

    Parameters
    ----------
    graph, direct
        As for `walk_blocks`.
    origins, sites
        Points and their legs in deciseconds, those of origins out, those of sites in.
    k
        How many sites.
    cutoff
        Deciseconds; a site at exactly this time is within.
    turned
        The network with every arc turned round; worked out if it is needed and not given. For
        streets that can be walked both ways it is the network itself.

    Returns
    -------
    site, deciseconds
        (origins, k): nearest first, of two at the same time the one at the lower position; -1
        and `planner.travel.kernels.FAR` where there are fewer within the cutoff.

    Notes
    -----
    One search from all sites together finds the nearest of every node, whatever the number of
    origins. Where origins are few beside the sites, one from each that stops at its ``k``-th
    site meets fewer nodes. That is tried first, and left when it has met as many as the one
    search would cost; both are exact, so the answer is the same.
    """
    _check_cutoff(cutoff)
    if k < 1:
        raise TravelError(f"The nearest {k} sites cannot be searched.")
    directs = _by_origin(direct, len(origins.node))
    label = np.full((len(origins.node), k), NO_LABEL, np.int64)
    budget = _LABEL_COST * k * (len(graph.indptr) - 1)
    if len(origins.node) > 8 * len(sites.node) or not _search_each(
        graph, origins, sites, directs, cutoff, budget, label
    ):
        turned = turned or turn_arcs(graph)
        spread = nearest_kernels.nearest_labels(
            turned.indptr, turned.indices, turned.deciseconds, sites.node, sites.leg, k, cutoff
        )
        label = nearest_kernels.nearest_through_ends(
            spread, origins.node, origins.leg, *directs, cutoff
        )
    return _from_labels(label)


def build_nearest_of_nodes(
    turned: Arcs, sites: Attached, *, k: int, cutoff: int
) -> tuple[Int32, Int32]:
    """Find the ``k`` nearest different sites of every node by one search from all sites.

    Parameters
    ----------
    turned
        The network with every arc turned round (see `turn_arcs`).
    sites, k, cutoff
        As for `build_nearest_sites`.

    Returns
    -------
    site, deciseconds
        (nodes, k), as for `build_nearest_sites`.
    """
    _check_cutoff(cutoff)
    if k < 1:
        raise TravelError(f"The nearest {k} sites cannot be searched.")
    return _from_labels(
        nearest_kernels.nearest_labels(
            turned.indptr, turned.indices, turned.deciseconds, sites.node, sites.leg, k, cutoff
        )
    )


def turn_arcs(graph: Arcs) -> TurnedArcs:
    """Return the network with every arc turned round."""
    nodes = len(graph.indptr) - 1
    # Compressed rows to compressed columns is a counting sort; a time of 0 stays stored.
    back = csr_array((graph.deciseconds, graph.indices, graph.indptr), shape=(nodes, nodes)).tocsc()
    return TurnedArcs(
        indptr=back.indptr.astype(np.int32, copy=False),
        indices=back.indices.astype(np.int32, copy=False),
        deciseconds=back.data.astype(np.int32, copy=False),
    )


def warm() -> None:
    """Compile every loop behind this module on a toy network."""
    graph = TurnedArcs(
        indptr=np.array([0, 1, 2], np.int32),
        indices=np.array([1, 0], np.int32),
        deciseconds=np.array([9, 9], np.int32),
    )
    spot = Attached(node=np.array([[0, 1]], np.int32), leg=np.array([[0, 9]], np.int32))
    none = (np.zeros(0, np.int32),) * 3
    list(nodes_within(graph, spot, cutoff=600))
    list(walk_blocks(graph, spot, spot, none, cutoff=600))
    build_sums(graph, spot, spot, none, thresholds=[600], amount=np.ones((1, 1)))
    build_nearest_sites(graph, spot, spot, none, k=1, cutoff=600)
    many = Attached(node=np.zeros((9, 2), np.int32), leg=np.zeros((9, 2), np.int32))
    build_nearest_sites(graph, many, spot, none, k=1, cutoff=600)


def _search_each(
    graph: Arcs,
    origins: Attached,
    sites: Attached,
    directs: tuple[Int64, Int32, Int32],
    cutoff: int,
    budget: int,
    label: Int64,
) -> bool:
    """Search from each origin till its nearest sites are known; False if that is too much."""
    nodes = len(graph.indptr) - 1
    hooks = kernels.hook(sites, nodes=nodes)
    spare = _Spare(nodes, 0)
    # Threads add to this without waiting for each other: it only decides when to stop trying.
    spent = np.zeros(1, np.int64)

    def block(first: int, last: int) -> None:
        space = spare.take()
        nearest_kernels.nearest_block(
            graph.indptr,
            graph.indices,
            graph.deciseconds,
            origins.node,
            origins.leg,
            *hooks,
            *directs,
            first,
            last,
            cutoff,
            space[0],
            spent,
            budget,
            label,
        )
        spare.put(space)

    for _ in in_order(block, build_spans(len(origins.node), BLOCK_ORIGINS)):
        pass
    return bool(spent[0] <= budget)


class _Spare:
    """Work space for searches, one piece a thread, handed on clean from block to block."""

    def __init__(self, nodes: int, points: int) -> None:
        self._room = nodes, points
        self._free: SimpleQueue[tuple[Int32, Int32]] = SimpleQueue()

    def take(self) -> tuple[Int32, Int32]:
        try:
            return self._free.get_nowait()
        except Empty:
            nodes, points = self._room
            return np.full(nodes, FAR, np.int32), np.full(points, FAR, np.int32)

    def put(self, space: tuple[Int32, Int32]) -> None:
        self._free.put(space)


def _by_origin(direct: Pairs, origins: int) -> tuple[Int64, Int32, Int32]:
    """Lay direct ways out by origin: where each origin's begin, their points and times."""
    order = np.lexsort((direct[1], direct[0]))
    indptr = np.zeros(origins + 1, np.int64)
    np.cumsum(np.bincount(direct[0], minlength=origins), out=indptr[1:])
    return indptr, direct[1][order], direct[2][order]


def _from_labels(label: Int64) -> tuple[Int32, Int32]:
    none = label == NO_LABEL
    site = np.where(none, -1, label & SITE_MASK).astype(np.int32)
    return site, (label >> SITE_BITS).astype(np.int32)


def _check_cutoff(cutoff: int) -> None:
    if not 0 <= cutoff < FAR:
        raise TravelError(f"A longest journey of {cutoff} deciseconds cannot be searched.")
