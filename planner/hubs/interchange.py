"""Which sites are a good choice, found by swapping one for one while that helps?"""

from __future__ import annotations

import time

import numpy as np

from planner.cores import build_spans, jit, run_all
from planner.hubs.ladders import Counts, Floats, Ladders, Places

#: Random choices that swapping begins from, beside the greedy one.
STARTS = 7
#: Better by less than this share of all cost is rounding.
ROUNDING = 1e-12


def interchange(ladders: Ladders, sites: Counts, count: int) -> tuple[Counts, float]:
    """Add sites, each the best there is, up to ``count``; then swap while that lowers the cost.

    Parameters
    ----------
    ladders
        What each area pays at each site.
    sites
        Numbers to begin with, at most ``count``; may be empty.
    count
        How many are to be open.

    Returns
    -------
    sites, cost
        Numbers in ascending order, and what all areas pay.

    Notes
    -----
    Interchange by Teitz and Bart (1968), all swaps told from one pass as by Whitaker (1983); what
    a swap brings beyond its two halves is kept apart (Resende and Werneck 2007), and only pairs
    nearer than an area's second nearest open site are looked at.
    """
    slot = np.full(ladders.sites, -1, np.int32)
    slot[np.sort(sites)] = np.arange(len(sites), dtype=np.int32)
    chosen = np.full(count, -1, np.int32)
    chosen[: len(sites)] = np.sort(sites)
    cost = _interchange(
        ladders.start, ladders.site, ladders.cost, ladders.cap, ladders.base, slot, chosen,
        len(sites), ROUNDING,
    )  # fmt: skip
    return np.sort(chosen).astype(np.int64), float(cost)


def search_starts(
    ladders: Ladders, count: int, *, first: Counts, deadline: float, starts: int = STARTS
) -> tuple[Counts, float]:
    """Swap from several beginnings, on all cores, and return the best choice and its cost.

    ``first`` is the beginning of the first; the others are drawn, the same ones every time. After
    the ``deadline`` (seconds of the monotonic clock) no further one is begun.
    """
    rng = np.random.default_rng(0)
    begin = [first, *(rng.permutation(ladders.sites)[:count] for _ in range(starts))]

    def block(at: int, _: int) -> tuple[Counts, float] | None:
        if at and time.monotonic() > deadline:
            return None
        return interchange(ladders, begin[at], count)

    found = [one for one in run_all(block, build_spans(len(begin), 1)) if one is not None]
    return min(found, key=lambda one: (one[1], one[0].tolist()))


def second_nearest(ladders: Ladders, sites: Counts) -> Floats:
    """Return what each area would pay at the second nearest of some sites: (areas,)."""
    _, _, second, _ = _distances(ladders, sites)
    return second


def swap_profits(ladders: Ladders, sites: Counts) -> Floats:
    """Return what swapping a chosen site (rows) for any other (columns) would save.

    Columns of chosen sites mean nothing.
    """
    slot, near, second, nearest = _distances(ladders, sites)
    gain, loss = np.empty(ladders.sites), np.empty(len(sites))
    extra = np.empty((len(sites), ladders.sites))
    _tell_swaps(
        ladders.start, ladders.site, ladders.cost, slot, nearest, near, second, gain, loss, extra
    )
    profit: Floats = gain[None, :] - loss[:, None] + extra
    return profit


def _distances(ladders: Ladders, sites: Counts) -> tuple[Places, Floats, Floats, Places]:
    """Return where each site stands in the choice; each area's two least costs and nearest site."""
    slot = np.full(ladders.sites, -1, np.int32)
    slot[sites] = np.arange(len(sites), dtype=np.int32)
    near, second = np.empty(len(ladders.cap)), np.empty(len(ladders.cap))
    nearest = np.empty(len(ladders.cap), np.int32)
    _find_nearest(
        ladders.start, ladders.site, ladders.cost, ladders.cap, slot, nearest, near, second
    )
    return slot, near, second, nearest


def _find_nearest_loop(
    start: Counts,
    site: Places,
    cost: Floats,
    cap: Floats,
    slot: Places,
    nearest: Places,
    near: Floats,
    second: Floats,
) -> float:
    """Find each area's nearest open site (-1: none), its cost and that of the second; sum up."""
    total = 0.0
    for area in range(len(cap)):
        nearest[area], near[area], second[area] = -1, cap[area], cap[area]
        for at in range(start[area], start[area + 1]):
            if slot[site[at]] >= 0:
                if nearest[area] >= 0:
                    second[area] = cost[at]
                    break
                nearest[area], near[area] = site[at], cost[at]
        total += near[area]
    return total


def _tell_swaps_loop(
    start: Counts,
    site: Places,
    cost: Floats,
    slot: Places,
    nearest: Places,
    near: Floats,
    second: Floats,
    gain: Floats,
    loss: Floats,
    extra: Floats,
) -> None:
    """Fill in what opening each site gains, closing each one loses, and both together spare."""
    gain[:] = 0.0
    loss[:] = 0.0
    extra[:] = 0.0
    for area in range(len(near)):
        here, then = near[area], second[area]
        out = slot[nearest[area]] if nearest[area] >= 0 else -1
        if out >= 0:
            loss[out] += then - here
        for at in range(start[area], start[area + 1]):
            paid = cost[at]
            if paid >= then:
                break
            if paid < here:
                gain[site[at]] += here - paid
                paid = here
            if out >= 0:
                extra[out, site[at]] += then - paid


def _interchange_loop(
    start: Counts,
    site: Places,
    cost: Floats,
    cap: Floats,
    base: float,
    slot: Places,
    chosen: Places,
    begun: int,
    rounding: float,
) -> float:
    """Fill up ``chosen`` and swap; ``slot`` is where each site stands in it, or -1."""
    areas, sites, count = len(cap), len(slot), len(chosen)
    nearest = np.empty(areas, np.int32)
    near, second = np.empty(areas), np.empty(areas)
    gain, loss, extra = np.empty(sites), np.empty(count), np.empty((count, sites))
    while True:
        total: float = base + _find_nearest(start, site, cost, cap, slot, nearest, near, second)
        if begun < count:
            # Only what is gained matters while none is swapped.
            _tell_swaps(start, site, cost, slot, nearest, near, near, gain, loss, extra)
        else:
            _tell_swaps(start, site, cost, slot, nearest, near, second, gain, loss, extra)
        best, into, out = -np.inf, -1, begun
        for other in range(sites):
            if slot[other] >= 0:
                continue
            if begun < count:
                if gain[other] > best:
                    best, into = gain[other], other
                continue
            for each in range(count):
                profit = gain[other] - loss[each] + extra[each, other]
                if profit > best:
                    best, into, out = profit, other, each
        if into < 0 or (begun == count and best <= rounding * total):
            return total
        if begun < count:
            begun += 1
        else:
            slot[chosen[out]] = -1
        chosen[out] = into
        slot[into] = out


_find_nearest = jit(_find_nearest_loop)
_tell_swaps = jit(_tell_swaps_loop)
_interchange = jit(_interchange_loop)
