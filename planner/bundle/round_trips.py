"""How long is the shortest round trip from home that takes in one site of every kind?

Plain arrays and compiled loops: integer deciseconds in and out, exact on the matrix given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.cores import build_spans, jit, run_all
from planner.errors import TravelError
from planner.travel.kernels import FAR, Int32, Int64

#: More kinds than this and the sets of kinds outgrow the caches of an ordinary processor.
MOST_KINDS = 10
#: A cost is 16 × deciseconds + stops, so that of two trips as long the one with fewer stops wins;
#: there are never more stops than kinds.
STOPS = 16
#: The longest leg that can be counted with (about a week).
LONGEST = (int(FAR) - STOPS) // (STOPS * (MOST_KINDS + 1))

#: Reads some origins' rows: deciseconds to every site and back from it, `FAR` where there is none.
Read = Callable[[int, int], tuple[Int32, Int32]]

_BLOCK = 512
_NONE = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class RoundTrips:
    """The shortest round trip of each origin.

    ``deciseconds`` (origins,) int64 is `FAR` where there is none; ``stops`` (origins, kinds)
    holds the positions of the sites in the order they are visited in, -1 behind the last.
    """

    deciseconds: Int64
    stops: Int32


@dataclass(frozen=True, kw_only=True, eq=False)
class Sites:
    """Sites in the order the search wants them in: those with the same kinds side by side.

    ``order`` is the position each had; ``onward[v, u]`` the cost of going on from u to v;
    ``held`` the kinds as bits; sites of group g are ``start[g]`` to ``start[g + 1]``.
    """

    order: Int64
    onward: Int32
    held: Int64
    group: Int64
    start: Int64
    kinds: int
    stop: int

    def __len__(self) -> int:
        return len(self.order)


def build_round_trips(
    to: Int32,
    back: Int32,
    between: Int32,
    held: Int64,
    *,
    kinds: int,
    stop_deciseconds: int = 0,
) -> RoundTrips:
    """Find the shortest round trip of every origin that takes in one site of each kind.

    Parameters
    ----------
    to, back
        Deciseconds (origins, sites) from each origin to each site, and back from it; `FAR`
        where there is no way.
    between
        Deciseconds (sites, sites), from the row's site to the column's. Need not be symmetric,
        nor keep to the triangle inequality.
    held
        (sites,) which kinds each site offers, as bits 0 to ``kinds - 1``; at least one.
    kinds
        How many there are, at most `MOST_KINDS`.
    stop_deciseconds
        Spent at every site that is entered, however much is done there.

    Returns
    -------
    trips
        Of trips equally short the one with the fewest stops, then the one whose sites come
        first, from its first stop on.

    Raises
    ------
    TravelError
        Too many kinds, or a leg too long to count with.

    Notes
    -----
    Dynamic programming over sets of kinds (Bellman 1962, J. ACM 9, 61-63; Held and Karp 1962,
    J. SIAM 10, 196-210) for the generalised travelling salesman, a site doing any of its kinds
    without moving. Home enters at both ends only, so the shortest path from every site u to
    every site v through all kinds, H[u, v], is worked out once, and a trip is the least of
    to[u] + H[u, v] + back[v]. Where there are fewer origins than sites the search starts at each
    home instead; the answer is the same.
    """
    sites = build_sites(between, held, kinds=kinds, stop_deciseconds=stop_deciseconds)
    return search_round_trips(
        sites, len(to), lambda first, last: (to[first:last], back[first:last])
    )


def build_sites(between: Int32, held: Int64, *, kinds: int, stop_deciseconds: int = 0) -> Sites:
    """Prepare sites for the search; parameters as in `build_round_trips`."""
    if not 1 <= kinds <= MOST_KINDS:
        raise TravelError(
            f"A bundle of {kinds} kinds cannot be searched exactly: it takes 1 to {MOST_KINDS}."
        )
    held = np.asarray(held, np.int64)
    if len(held) and (held.min() < 1 or held.max() >= 1 << kinds):
        raise TravelError("Round trips: a site offers none of the kinds, or unknown ones.")
    # The first by kinds, then by position: a stable sort.
    order = np.argsort(held, kind="stable")
    held = held[order]
    start = np.flatnonzero(np.diff(held, prepend=0, append=0))
    onward = to_cost(between[np.ix_(order, order)].T, stop_deciseconds)
    np.fill_diagonal(onward, FAR)
    return Sites(
        order=order,
        onward=np.ascontiguousarray(onward),
        held=held,
        group=held[start[:-1]],
        start=start,
        kinds=kinds,
        stop=stop_deciseconds,
    )


def to_cost(deciseconds: Int32, stop: int, *, stops: int = 1) -> Int32:
    """Return legs as costs, with the time of the stop they end at; `FAR` stays."""
    there = deciseconds < FAR
    longest = int(np.max(deciseconds, where=there, initial=0)) + stop
    if longest > LONGEST:
        raise TravelError(
            f"Round trips: a leg of {longest / 600:,.0f} minutes is too long to count with.",
            hint=f"Legs may take up to {LONGEST / 600:,.0f} minutes.",
        )
    cost = (deciseconds + np.int32(stop)) * np.int32(STOPS) + np.int32(stops)
    return np.where(there, cost, FAR).astype(np.int32)


def search_round_trips(sites: Sites, origins: int, read: Read) -> RoundTrips:
    """Find every origin's shortest round trip; ``read`` gives the rows of a block of them."""
    cost = np.full(origins, FAR, np.int32)
    stops = np.full((origins, sites.kinds), _NONE, np.int32)
    everything = np.bitwise_or.reduce(sites.held) if len(sites) else 0
    if origins and everything == (1 << sites.kinds) - 1:
        if origins < len(sites):
            _from_homes(sites, read, cost, stops)
        else:
            _from_sites(sites, read, cost, stops)
    deciseconds = np.where(cost < FAR, cost // STOPS, FAR).astype(np.int64)
    return RoundTrips(deciseconds=deciseconds, stops=stops)


def warm() -> None:
    """Compile every loop on a toy, so that nobody waits for it later."""
    far = np.array([[FAR, 5], [7, FAR]], np.int32)
    held = np.array([1, 2], np.int64)
    for origins in (1, 2):
        legs = np.ones((origins, 2), np.int32)
        build_round_trips(legs, legs, far, held, kinds=2)


def _from_homes(sites: Sites, read: Read, cost: Int32, stops: Int32) -> None:
    """Search from each home on its own; fills ``cost`` and ``stops``."""

    def block(first: int, last: int) -> None:
        to, back = _costs(sites, read, first, last)
        search_from_homes(
            to,
            back,
            sites.onward,
            sites.held,
            sites.order,
            sites.group,
            sites.start,
            sites.kinds,
            cost[first:last],
            stops[first:last],
        )

    size = max(1, min(_BLOCK, -(-len(cost) // 4)))
    run_all(block, build_spans(len(cost), size))


def _from_sites(sites: Sites, read: Read, cost: Int32, stops: Int32) -> None:
    """Search between all sites once, then join the homes; fills ``cost`` and ``stops``."""
    paths = build_paths(sites)
    least = paths.min(axis=1)

    def block(first: int, last: int) -> NDArray[np.int64]:
        to, back = _costs(sites, read, first, last)
        begin = np.empty(last - first, np.int64)
        join_homes(to, back, paths, least, sites.order, cost[first:last], begin)
        found = np.flatnonzero(begin >= 0)
        begin = begin[found]
        rest = paths[begin].astype(np.int64) + back[found]
        row, end = np.nonzero(rest == (cost[first:last][found] - to[found, begin])[:, None])
        return np.column_stack([first + found[row], begin[row], end])

    ends = np.concatenate(run_all(block, build_spans(len(cost), _BLOCK)))
    origin, pair = ends[:, 0], ends[:, 1] + len(sites) * ends[:, 2]
    pairs, which = np.unique(pair, return_inverse=True)
    ways = follow_pairs(sites, pairs, paths[pairs % len(sites), pairs // len(sites)])
    # Trips as long through as many stops, that begin at one site, may end at several.
    rank = np.argsort(np.lexsort(ways.T[::-1]))
    by_order = np.lexsort((rank[which], origin))
    first_of = np.flatnonzero(np.diff(origin[by_order], prepend=-1))
    chosen = by_order[first_of]
    stops[origin[chosen]] = ways[which[chosen]]


def build_paths(sites: Sites) -> Int32:
    """Return the cost of the shortest path from site (row) to site (column) by way of all kinds."""
    full = (1 << sites.kinds) - 1
    paths = np.empty((len(sites), len(sites)), np.int32)

    def block(first: int, last: int) -> None:
        table, end, onto, live = _work_space(sites)
        for site in range(first, last):
            end[:] = FAR
            end[site] = 0
            _fill(sites, end, table, onto, live)
            paths[site] = table[full]

    size = max(1, min(16, -(-len(sites) // 4)))
    run_all(block, build_spans(len(sites), size))
    return np.ascontiguousarray(paths.T)


def follow_pairs(sites: Sites, pairs: Int64, cost: Int32) -> Int32:
    """Return the sites on the shortest paths of pairs (begin + sites × end, ascending).

    ``cost`` is that of those paths. One row a pair: positions as they were given, -1 behind
    the last.
    """
    begin, end = pairs % len(sites), pairs // len(sites)
    heads = np.flatnonzero(np.diff(end, prepend=-1))
    bounds = np.append(heads, len(pairs))
    ways = np.full((len(pairs), sites.kinds), _NONE, np.int32)

    def block(first: int, last: int) -> None:
        table, ending, onto, live = _work_space(sites)
        for at in range(first, last):
            ending[:] = FAR
            ending[end[bounds[at]]] = 0
            rows = slice(bounds[at], bounds[at + 1])
            _fill(sites, ending, table, onto, live, limit=cost[rows].max())
            for row in range(bounds[at], bounds[at + 1]):
                follow(begin[row], ending, sites.onward, sites.held, sites.order, table, ways[row])

    run_all(block, build_spans(len(heads), 16))
    return ways


def _costs(sites: Sites, read: Read, first: int, last: int) -> tuple[Int32, Int32]:
    to, back = read(first, last)
    # `take` keeps rows together in memory; an index would not.
    there = to_cost(to.take(sites.order, axis=1), sites.stop)
    return there, to_cost(back.take(sites.order, axis=1), 0, stops=0)


def _work_space(sites: Sites) -> tuple[Int32, Int32, Int32, Int64]:
    size = len(sites)
    table = np.empty((1 << sites.kinds, size), np.int32)
    return table, np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int64)


def _fill(
    sites: Sites, end: Int32, table: Int32, onto: Int32, live: Int64, *, limit: int = 2**30
) -> None:
    fill_table(
        end, sites.onward, sites.group, sites.start, sites.kinds, int(limit), table, onto, live
    )


@jit
def fill_table(  # type: ignore[no-untyped-def]
    end, onward, group, start, kinds, limit, table, onto, live
):
    """Work out the cost to go on: ``table[todo, u]``, at site u with the kinds ``todo`` to do.

    Each stop does at least one of them; ``end`` (sites,) is the cost of going home from the last
    one. Costs above ``limit`` are not followed up: they stay too high, the others are exact.
    ``onto`` and ``live`` (sites,) are work space.
    """
    full = (1 << kinds) - 1
    table[:] = FAR
    for g in range(len(group)):
        for kind in range(kinds):
            if group[g] >> kind & 1:
                for u in range(start[g], start[g + 1]):
                    table[1 << kind, u] = end[u]
    for todo in range(1, full):
        cost = table[todo]
        count = 0
        for g in range(len(group)):
            if group[g] & todo:
                for v in range(start[g], start[g + 1]):
                    if cost[v] < FAR and cost[v] <= limit:
                        live[count] = v
                        count += 1
        if count == 0:
            continue
        onto[:] = FAR
        g = 0
        while g < len(group):
            first = start[g]
            # Groups side by side that have something else to do are looked at in one go.
            while g < len(group) and group[g] & ~todo:
                g += 1
            if start[g] > first:
                _cheapest_onward(cost, onward, live, count, first, start[g], onto)
            g += 1
        for g in range(len(group)):
            for kind in range(kinds):
                if group[g] & ~todo & 1 << kind:
                    then = table[todo | 1 << kind]
                    # The rest elsewhere, or all of it at this very site.
                    for u in range(start[g], start[g + 1]):
                        then[u] = min(then[u], onto[u], cost[u])


@jit
def _cheapest_onward(  # type: ignore[no-untyped-def]
    cost, onward, live, count, first, last, onto
):
    """Lower ``onto``, from site first to last, to the cheapest way on to one of the live sites."""
    width = last - first
    here = onto[first:last]
    at = 0
    # Four at a time: what is compared stays in the processor's registers.
    while at + 4 <= count:
        a, b, c, d = live[at], live[at + 1], live[at + 2], live[at + 3]
        cost_a, cost_b, cost_c, cost_d = cost[a], cost[b], cost[c], cost[d]
        row_a, row_b = onward[a, first:last], onward[b, first:last]
        row_c, row_d = onward[c, first:last], onward[d, first:last]
        for u in range(width):
            one = min(np.int32(cost_a + row_a[u]), np.int32(cost_b + row_b[u]))
            two = min(np.int32(cost_c + row_c[u]), np.int32(cost_d + row_d[u]))
            here[u] = min(here[u], min(one, two))
        at += 4
    while at < count:
        so_far = cost[live[at]]
        row = onward[live[at], first:last]
        for u in range(width):
            here[u] = min(here[u], np.int32(so_far + row[u]))
        at += 1


@jit
def follow(begin, end, onward, held, order, table, way):  # type: ignore[no-untyped-def]
    """Write the cheapest way on from a site into ``way``; of equals that with the first sites.

    ``table`` is that of `fill_table`. Every choice of what is done at a stop that costs the same
    is kept open until the next stop is chosen.
    """
    full = len(table) - 1
    may = np.zeros(len(table), np.bool_)
    may[full] = True
    here = begin
    cost = np.int64(table[full, begin])
    at = 0
    while True:
        way[at] = order[here]
        at += 1
        left = np.zeros(len(table), np.bool_)
        for todo in range(1, full + 1):
            doing = held[here] & todo if may[todo] else 0
            done = doing
            while done > 0:
                left[todo & ~done] = True
                done = (done - 1) & doing
        if left[0] and end[here] == cost:
            return
        following = -1
        for todo in range(1, full + 1):
            if left[todo]:
                for v in range(len(held)):
                    if (
                        held[v] & todo
                        and np.int64(onward[v, here]) + table[todo, v] == cost
                        and (following < 0 or order[v] < order[following])
                    ):
                        following = v
        leg = np.int64(onward[following, here])
        for todo in range(full + 1):
            may[todo] = (
                left[todo] and held[following] & todo != 0 and leg + table[todo, following] == cost
            )
        cost -= leg
        here = following


@jit
def join_homes(  # type: ignore[no-untyped-def]
    to, back, paths, least, order, cost, begin
):
    """Find each home's cheapest trip, and the first site that such a trip begins at (-1: none).

    ``paths`` (sites, sites) is the cost between first and last site, ``least`` its row minima.
    """
    sites = paths.shape[0]
    for home in range(len(to)):
        there = to[home]
        # One below, so that two that are not there do not overflow.
        last = np.minimum(back[home], np.int32(FAR - 1))
        nearest = np.int64(last.min())
        # The likeliest first site is tried first, so that most of the others need no look.
        likely, bound = 0, np.int64(4) * FAR
        for u in range(sites):
            if np.int64(there[u]) + least[u] < bound:
                likely, bound = u, np.int64(there[u]) + least[u]
        best, chosen = np.int64(FAR), -1
        for turn in range(-1, sites):
            u = likely if turn < 0 else turn
            if np.int64(there[u]) + least[u] + nearest > best or there[u] >= FAR:
                continue
            rest = FAR
            row = paths[u]
            for v in range(sites):
                rest = min(rest, np.int32(row[v] + last[v]))
            total = np.int64(there[u]) + rest
            if rest < FAR and (
                total < best or (total == best and chosen >= 0 and order[u] < order[chosen])
            ):
                best, chosen = total, u
        if chosen >= 0:
            cost[home] = best
            begin[home] = chosen
        else:
            begin[home] = -1


@jit
def search_from_homes(  # type: ignore[no-untyped-def]
    to, back, onward, held, order, group, start, kinds, cost, stops
):
    """Search the cheapest trip of each home by itself; fills ``cost`` and ``stops``."""
    sites = len(held)
    table = np.empty((1 << kinds, sites), np.int32)
    onto = np.empty(sites, np.int32)
    live = np.empty(sites, np.int64)
    full = (1 << kinds) - 1
    for home in range(len(to)):
        fill_table(back[home], onward, group, start, kinds, np.int64(FAR), table, onto, live)
        best, chosen = np.int64(FAR), -1
        for u in range(sites):
            total = np.int64(to[home, u]) + table[full, u]
            if total < best or (total == best and chosen >= 0 and order[u] < order[chosen]):
                best, chosen = total, u
        if chosen >= 0:
            cost[home] = best
            follow(chosen, back[home], onward, held, order, table, stops[home])
