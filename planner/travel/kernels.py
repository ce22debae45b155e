"""How far is it along the streets? Compiled loops over plain arrays, nothing else.

Every loop is exact and works on integer deciseconds. Loops release Python's global lock, so that
callers spread blocks of origins over threads; none starts threads of its own (two sessions of the
app may ask at the same moment, which Numba's own thread pool does not survive everywhere).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.cores import jit

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

#: "Not reached" in an array of deciseconds; no sum of two real times comes near it.
FAR = np.int32(2**30)

#: Width of one bucket of the search's queue is ``2 ** BUCKET_SHIFT`` deciseconds (17 m on foot).
#: Any width gives the same answer; a narrow one settles nodes once, a wide one skips
#: fewer empty buckets.
BUCKET_SHIFT = 7

#: In the place of the node before it: this node has left the queue.
_OUT = -(2**31)


def warm() -> None:
    """Compile every loop on a toy network, so that nobody waits for it later."""
    # These modules build on this one, so they can only be asked here.
    from planner.travel import nearby
    from planner.travel.transit import earliest, raptor, reverse, waits

    nearby.warm()
    earliest.warm()
    raptor.warm()
    reverse.warm()
    waits.warm()
    one, two = np.zeros(1, np.int32), np.arange(2, dtype=np.int32)
    contract_chains(2, one.copy(), two[1:].copy())
    at = np.zeros((1, 2))
    straight_block(at, at, 0, 1, 1.0, one.copy(), np.zeros(1), np.zeros(1, np.int64))


class Attached:
    """Points put on the network: each hangs on the two ends of an edge by two access legs.

    ``node`` and ``leg`` are (points, 2) int32: the end nodes, and the deciseconds from the point
    to each of them. A point that is not on the network has node -1.
    """

    __slots__ = ("leg", "node")

    def __init__(self, *, node: Int32, leg: Int32) -> None:
        self.node = np.ascontiguousarray(node, dtype=np.int32)
        self.leg = np.ascontiguousarray(leg, dtype=np.int32)


def hook(points: Attached, *, nodes: int) -> tuple[Int32, Int32, Int32]:
    """Turn points hanging on nodes round: for each node, which points hang on it.

    Returns
    -------
    indptr, point, leg
        Points ``point[indptr[v]:indptr[v + 1]]`` hang on node ``v`` by those ``leg`` deciseconds.
    """
    point = np.repeat(np.arange(len(points.node), dtype=np.int32), points.node.shape[1])
    node, leg = points.node.ravel(), points.leg.ravel()
    keep = node >= 0
    point, node, leg = point[keep], node[keep], leg[keep]
    order = np.lexsort((point, node))
    indptr = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(node, minlength=nodes), out=indptr[1:])
    return indptr, point[order], leg[order]


@jit
def walk_block(  # type: ignore[no-untyped-def]
    indptr,
    indices,
    weights,
    seed_node,
    seed_leg,
    hook_indptr,
    hook_point,
    hook_leg,
    direct_indptr,
    direct_point,
    direct_time,
    first,
    last,
    cutoff,
    time,
    best,
    out_point,
    out_time,
    out_count,
):
    """Search from the origins ``first`` to ``last`` and keep only the targets that are reached.

    One search is Dijkstra's (1959) on buckets (Dial 1969), label-correcting within a bucket as in
    delta-stepping (Meyer and Sanders 2003), so it is exact for any bucket width. It stops at
    ``cutoff`` and afterwards resets only the nodes it touched.

    ``time`` (nodes) and ``best`` (targets) are work space and hold `FAR` before and after.
    Reached targets are written to ``out_point`` and ``out_time`` one origin after the other, in
    order of target; ``out_count`` says how many each origin has. Both must hold
    ``(last - first) * len(best)``. Returns how many were written.
    """
    head = np.full((cutoff >> BUCKET_SHIFT) + 1, -1, np.int32)
    after = np.empty_like(time)  # takes no memory until a search gets there
    before = np.empty_like(time)
    touched = np.empty_like(time)
    written = 0
    for origin in range(first, last):
        reached = _search(
            indptr,
            indices,
            weights,
            seed_node[origin],
            seed_leg[origin],
            cutoff,
            time,
            head,
            after,
            before,
            touched,
        )
        direct = (direct_indptr[origin], direct_indptr[origin + 1], direct_point, direct_time)
        hooks = (hook_indptr, hook_point, hook_leg)
        found = _meet(*(touched[:reached], time, hooks, direct, cutoff, best, out_point, written))
        out_point[written:found].sort()
        for place in range(written, found):
            point = out_point[place]
            out_time[place] = best[point]
            best[point] = FAR
        out_count[origin - first] = found - written
        written = found
    return written


@jit
def _search(  # type: ignore[no-untyped-def]
    indptr, indices, weights, seed_node, seed_leg, cutoff, time, head, after, before, touched
):
    """Fill ``time`` from one origin; return how many nodes were ``touched``.

    An origin hangs on the two ends of its edge, or on any number of nodes: those of many points
    together give the time from the nearest of them.

    ``head`` is the first node of each bucket (-1: empty, as it is left behind). A node in the
    queue is in one bucket only, between the nodes ``after`` and ``before`` it: ``before`` of the
    first is ``~bucket``, and `_OUT` when it has left the queue. No array grows here: growing
    ones cost a third of the speed.
    """
    reached, bucket = _seed(seed_node, seed_leg, cutoff, time, head, after, before, touched)
    queued = reached
    while queued > 0:
        node = head[bucket]
        if node < 0:
            bucket += 1
            continue
        first = after[node]
        head[bucket] = first
        if first >= 0:
            before[first] = ~bucket
        before[node] = _OUT
        queued -= 1
        so_far = time[node]
        for arc in range(indptr[node], indptr[node + 1]):
            following = indices[arc]
            then = so_far + weights[arc]
            if then > cutoff:
                continue
            known = time[following]
            if then >= known:
                continue
            time[following] = then
            if known == FAR:
                touched[reached] = following
                reached += 1
                out = indptr[following]
                if indptr[following + 1] - out == 1 and indices[out] == node:
                    before[following] = _OUT
                    continue  # a street's end: the only way on leads back
                queued += 1
            elif before[following] == _OUT:
                queued += 1
            else:
                _take_out(following, head, after, before)
            slot = then >> BUCKET_SHIFT
            first = head[slot]
            after[following] = first
            before[following] = ~slot
            if first >= 0:
                before[first] = following
            head[slot] = following
    return reached


@jit
def _seed(  # type: ignore[no-untyped-def]
    seed_node, seed_leg, cutoff, time, head, after, before, touched
):
    """Queue the nodes an origin hangs on; return how many, and the first bucket with one."""
    reached = 0
    bucket = len(head)
    for end in range(len(seed_node)):
        node = seed_node[end]
        then = seed_leg[end]
        if node < 0 or then > cutoff or then >= time[node]:
            continue
        if time[node] == FAR:
            touched[reached] = node
            reached += 1
        else:
            _take_out(node, head, after, before)
        time[node] = then
        slot = then >> BUCKET_SHIFT
        _put_in(node, slot, head, after, before)
        bucket = min(bucket, slot)
    return reached, bucket


@jit
def _put_in(node, bucket, head, after, before):  # type: ignore[no-untyped-def]
    """Put a node first into a bucket."""
    first = head[bucket]
    after[node] = first
    before[node] = ~bucket
    if first >= 0:
        before[first] = node
    head[bucket] = node


@jit
def _take_out(node, head, after, before):  # type: ignore[no-untyped-def]
    """Take a node out of the bucket it is in."""
    front, back = before[node], after[node]
    if front >= 0:
        after[front] = back
    else:
        head[~front] = back
    if back >= 0:
        before[back] = front


@jit
def nodes_block(  # type: ignore[no-untyped-def]
    indptr, indices, weights, seed_node, seed_leg, first, last, cutoff, time
):
    """Search from the origins ``first`` to ``last`` and keep every node within the cutoff.

    ``time`` (nodes) is work space and holds `FAR` before and after. Returns how many nodes each
    origin reaches, those nodes one origin after the other, in the order they were found in, and
    their times. Memory grows with what is reached, not with the network.
    """
    head = np.full((cutoff >> BUCKET_SHIFT) + 1, -1, np.int32)
    after = np.empty_like(time)  # takes no memory until a search gets there
    before = np.empty_like(time)
    touched = np.empty_like(time)
    count = np.empty(last - first, np.int64)
    out_node = np.empty(4096, np.int32)
    out_time = np.empty(4096, np.int32)
    written = 0
    for origin in range(first, last):
        reached = _search(
            indptr,
            indices,
            weights,
            seed_node[origin],
            seed_leg[origin],
            cutoff,
            time,
            head,
            after,
            before,
            touched,
        )
        if written + reached > len(out_node):
            # What all origins need if they are like these, and half as much again.
            done = origin - first + 1
            room = 3 * ((written + reached) // done + 1) * (last - first) // 2
            room = max(room, 2 * (written + reached))
            out_node = grown(out_node, written, room)
            out_time = grown(out_time, written, room)
        for place in range(reached):
            node = touched[place]
            out_node[written + place] = node
            out_time[written + place] = time[node]
            time[node] = FAR
        written += reached
        count[origin - first] = reached
    return count, out_node[:written], out_time[:written]


@jit
def grown(full, used, room):  # type: ignore[no-untyped-def]
    """Return what is used of an array, in a longer one."""
    longer = np.empty(room, full.dtype)
    longer[:used] = full[:used]
    return longer


@jit
def _meet(touched, time, hooks, direct, cutoff, best, out, found):  # type: ignore[no-untyped-def]
    """Write the points that a search reaches to ``out`` from ``found`` on, and their ``best`` time.

    They hang on the ``touched`` nodes, whose ``time`` is `FAR` again afterwards, or are on the
    origin's own edge. Returns where ``out`` ends.
    """
    first, last, direct_point, direct_time = direct
    for place in range(first, last):
        then, point = direct_time[place], direct_point[place]
        if then <= cutoff and then < best[point]:
            if best[point] == FAR:
                out[found] = point
                found += 1
            best[point] = then
    indptr, hook_point, hook_leg = hooks
    for node in touched:
        so_far = time[node]
        time[node] = FAR
        for hung in range(indptr[node], indptr[node + 1]):
            then, point = so_far + hook_leg[hung], hook_point[hung]
            if then <= cutoff and then < best[point]:
                if best[point] == FAR:
                    out[found] = point
                    found += 1
                best[point] = then
    return found


@jit
def sums_block(  # type: ignore[no-untyped-def]
    indptr,
    indices,
    weights,
    seed_node,
    seed_leg,
    hook_indptr,
    hook_point,
    hook_leg,
    direct_indptr,
    direct_point,
    direct_time,
    first,
    last,
    thresholds,
    amount,
    time,
    best,
    out,
):
    """Search from the origins ``first`` to ``last`` and add up what is within each threshold.

    ``thresholds`` are rising deciseconds, ``amount`` is (points, columns) float64. Sums are
    written to ``out[origin - first, threshold, column]``; a point at exactly the threshold
    counts. ``time`` (nodes) and ``best`` (points) are work space and hold `FAR` before and after.
    """
    cutoff = thresholds[-1]
    head = np.full((cutoff >> BUCKET_SHIFT) + 1, -1, np.int32)
    after = np.empty_like(time)  # takes no memory until a search gets there
    before = np.empty_like(time)
    touched = np.empty_like(time)
    met = np.empty(len(best), np.int32)
    for origin in range(first, last):
        reached = _search(
            indptr,
            indices,
            weights,
            seed_node[origin],
            seed_leg[origin],
            cutoff,
            time,
            head,
            after,
            before,
            touched,
        )
        direct = (direct_indptr[origin], direct_indptr[origin + 1], direct_point, direct_time)
        hooks = (hook_indptr, hook_point, hook_leg)
        found = _meet(*(touched[:reached], time, hooks, direct, cutoff, best, met, 0))
        row = out[origin - first]
        row[:] = 0.0
        for place in range(found):
            point = met[place]
            band = np.searchsorted(thresholds, best[point])
            best[point] = FAR
            for column in range(amount.shape[1]):
                row[band, column] += amount[point, column]
        for band in range(1, len(thresholds)):
            for column in range(amount.shape[1]):
                row[band, column] += row[band - 1, column]


@jit
def straight_block(  # type: ignore[no-untyped-def]
    home, away, first, last, limit, out_point, out_metres, out_count
):
    """Measure straight lines from the points ``first`` to ``last`` to all that are near enough.

    ``home`` and ``away`` are (points, 2) float64 metres; a point without a place (NaN) is near
    nothing. Output is laid out as in `walk_block`.
    """
    written = 0
    for origin in range(first, last):
        before = written
        for point in range(len(away)):
            east = away[point, 0] - home[origin, 0]
            north = away[point, 1] - home[origin, 1]
            squared = east * east + north * north
            if squared <= limit * limit:
                out_point[written] = point
                out_metres[written] = np.sqrt(squared)
                written += 1
        out_count[origin - first] = written - before
    return written


@jit
def contract_chains(nodes, start, end):  # type: ignore[no-untyped-def]
    """Join straight segments at nodes where exactly two meet, and keep the way they run.

    Parameters
    ----------
    nodes
        Number of nodes.
    start, end
        int32 node of each segment; no segment from a node to itself, none twice.

    Returns
    -------
    path, offset
        Edge ``e`` runs over the nodes ``path[offset[e]:offset[e + 1]]``; its two ends are its
        first and its last. A ring that meets nothing keeps its lowest node as both ends.
    """
    segments = len(start)
    indptr = np.zeros(nodes + 1, np.int64)
    for s in range(segments):
        indptr[start[s] + 1] += 1
        indptr[end[s] + 1] += 1
    for v in range(nodes):
        indptr[v + 1] += indptr[v]
    fill = indptr[:-1].copy()
    incident = np.empty(2 * segments, np.int32)
    for s in range(segments):
        incident[fill[start[s]]] = s
        fill[start[s]] += 1
        incident[fill[end[s]]] = s
        fill[end[s]] += 1
    done = np.zeros(segments, np.bool_)
    path = np.empty(2 * segments, np.int32)
    offset = np.zeros(segments + 1, np.int64)
    edges = 0
    used = 0
    # First the edges between junctions and street ends, then rings that have neither.
    for rings in range(2):
        for first in range(nodes):
            if rings == 0 and indptr[first + 1] - indptr[first] == 2:
                continue
            for place in range(indptr[first], indptr[first + 1]):
                s = incident[place]
                if done[s]:
                    continue
                path[used] = first
                used += 1
                node = first
                while True:
                    done[s] = True
                    node = end[s] if start[s] == node else start[s]
                    path[used] = node
                    used += 1
                    if node == first or indptr[node + 1] - indptr[node] != 2:
                        break
                    either = incident[indptr[node]]
                    s = incident[indptr[node] + 1] if either == s else either
                edges += 1
                offset[edges] = used
    return path[:used].copy(), offset[: edges + 1].copy()
