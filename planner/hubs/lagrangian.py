"""How little could any choice of sites cost, and which sites are surely in it or out of it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.cores import jit
from planner.hubs.ladders import CLOSED, FREE, OPEN, Counts, Floats, Ladders, Marks, Places

#: An answer is proved best where the bound is within this share of it.
TOLERANCE = 1e-6
#: Share of the last step's direction that is kept in the next one's.
KEPT = 0.5
#: Steps between looks at what the sites chosen in a step would really cost.
LOOK = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxed:
    """What some steps of the subgradient method found.

    ``bound`` is below the cost of any choice that beats ``cost``, that of the best choice known;
    ``sites`` are its numbers where it was found here. ``share`` (sites,) is how often each was
    chosen lately, ``likely`` the numbers chosen where the bound was best, ``pace`` the length
    of the next steps.
    """

    bound: float
    cost: float
    sites: Counts | None
    share: Floats
    likely: Counts
    pace: float


def to_beat(cost: float, whole: bool) -> float:
    """Return the bound from which on a choice of this ``cost`` is proved best.

    Where every cost is ``whole``, a better choice would be better by 1 at least.
    """
    return cost - 1.0 + min(0.5, 1e-9 * cost) if whole else cost * (1.0 - TOLERANCE)


def relax(
    ladders: Ladders,
    count: int,
    *,
    cost: float,
    whole: bool,
    price: Floats,
    marks: Marks,
    steps: int,
    pace: float,
    patience: int,
) -> Relaxed:
    """Raise the bound by some steps, and decide about sites on the way.

    Parameters
    ----------
    ladders, count
        Sites to choose from, and how many.
    cost
        Of the best choice known.
    whole
        Whether all costs are whole numbers.
    price
        (areas,) what each area offers for being served; the best found is left in it.
    marks
        (sites,) all free; sites that must be open or closed in any better choice are marked.
    steps, pace, patience
        How many steps, how long at first, and after how many without gain they are halved.

    Notes
    -----
    The rows that assign areas are relaxed (Cornuéjols, Fisher and Nemhauser 1977), their prices
    moved by a deflected subgradient (Camerini, Fratta and Maffioli 1975; Held, Wolfe and Crowder
    1974). A site is decided where the other decision would lift the bound to ``cost``.
    """
    share = np.zeros(ladders.sites)
    best, likely = np.zeros(ladders.sites, np.int8), np.zeros(ladders.sites, np.int8)
    bound, found, pace = _relax(
        ladders.start, ladders.site, ladders.cost, ladders.cap, ladders.base, count, cost, whole,
        price, marks, steps, pace, patience, share, best, likely,
    )  # fmt: skip
    return Relaxed(
        bound=float(bound),
        cost=float(found),
        sites=np.flatnonzero(best) if found < cost else None,
        share=share,
        likely=np.flatnonzero(likely),
        pace=float(pace),
    )


def _offer_loop(start: Counts, site: Places, cost: Floats, price: Floats, worth: Floats) -> float:
    """Fill in what each site is worth at these prices (negative); return the sum of prices."""
    worth[:] = 0.0
    total = 0.0
    for area in range(len(price)):
        offer = price[area]
        total += offer
        for at in range(start[area], start[area + 1]):
            if cost[at] >= offer:
                break
            worth[site[at]] += cost[at] - offer
    return total


def _choose_loop(
    worth: Floats, marks: Marks, count: int, chosen: Marks
) -> tuple[float, float, float]:
    """Choose the open sites and the best free ones; return their worth, the last's, the next's."""
    total, free = 0.0, 0
    values = np.empty(len(worth))
    for site in range(len(worth)):
        chosen[site] = 0
        if marks[site] == OPEN:
            chosen[site] = 1
            total += worth[site]
            count -= 1
        elif marks[site] == FREE:
            values[free] = worth[site]
            free += 1
    if count < 0 or free < count:
        return np.inf, -np.inf, np.inf  # no choice is left
    if count == 0:
        return total, -np.inf, np.inf
    last, following = np.inf, np.inf
    if free > count:
        ordered = np.partition(values[:free], count)
        following = ordered[count]
        last = ordered[:count].max()
    else:
        last = values[:free].max()
    for turn in range(2):
        # Those worth more come first; of those worth as much, the first ones.
        for site in range(len(worth)):
            wanted = worth[site] < last or (turn == 1 and worth[site] == last)
            if wanted and marks[site] == FREE and chosen[site] == 0 and count > 0:
                chosen[site] = 1
                total += worth[site]
                count -= 1
    return total, last, following


def _decide_loop(
    worth: Floats, chosen: Marks, marks: Marks, bound: float, last: float, following: float,
    limit: float,
) -> None:  # fmt: skip
    """Mark free sites whose other state would lift the bound to the limit."""
    for site in range(len(worth)):
        if marks[site] == FREE:
            if chosen[site]:
                if bound + following - worth[site] >= limit:
                    marks[site] = OPEN
            elif bound + worth[site] - last >= limit:
                marks[site] = CLOSED


def _pay_loop(
    start: Counts, site: Places, cost: Floats, cap: Floats, base: float, chosen: Marks
) -> float:
    """Return what all areas pay with these sites open."""
    total = base
    for area in range(len(cap)):
        paid = cap[area]
        for at in range(start[area], start[area + 1]):
            if chosen[site[at]]:
                paid = cost[at]
                break
        total += paid
    return total


def _turn_loop(
    start: Counts, site: Places, cost: Floats, cap: Floats, price: Floats, chosen: Marks,
    kept: float, direction: Floats,
) -> float:  # fmt: skip
    """Turn the direction to where areas are served too seldom or too often; return its square."""
    square = 0.0
    for area in range(len(price)):
        offer = price[area]
        lack = 1.0
        for at in range(start[area], start[area + 1]):
            if cost[at] >= offer:
                break
            if chosen[site[at]]:
                lack -= 1.0
        towards = lack + kept * direction[area]
        if offer >= cap[area] and towards > 0:
            towards = 0.0
        direction[area] = towards
        square += towards * towards
    return square


def _relax_loop(
    start: Counts,
    site: Places,
    cost: Floats,
    cap: Floats,
    base: float,
    count: int,
    least: float,
    whole: bool,
    price: Floats,
    marks: Marks,
    steps: int,
    pace: float,
    patience: int,
    share: Floats,
    best: Marks,
    likely: Marks,
) -> tuple[float, float, float]:
    areas, sites = len(cap), len(share)
    worth, direction, offer = np.empty(sites), np.zeros(areas), np.minimum(price, cap)
    chosen = np.empty(sites, np.int8)
    bound, since, looked = -np.inf, 0, -LOOK
    for step in range(steps):
        total = base + _offer(start, site, cost, offer, worth)
        value, last, following = _choose(worth, marks, count, chosen)
        total += value
        for each in range(sites):
            share[each] += 0.05 * (chosen[each] - share[each])
        limit = _to_beat(least, whole)
        if total > bound:
            since = 0 if total > bound + 1e-7 * abs(total) or step == 0 else since + 1
            bound = total
            price[:] = offer
            likely[:] = chosen
            if step - looked >= LOOK:
                looked = step
                paid = _pay(start, site, cost, cap, base, chosen)
                if paid < least:
                    least = paid
                    best[:] = chosen
                    limit = _to_beat(least, whole)
            if bound >= limit:
                break
        else:
            since += 1
        _decide(worth, chosen, marks, total, last, following, limit)
        if since >= patience:
            since = 0
            pace *= 0.5
            offer[:] = price
            direction[:] = 0.0
            continue
        square = _turn(start, site, cost, cap, offer, chosen, KEPT, direction)
        if square <= 0.0:
            break
        length = pace * (least - total) / square
        for area in range(areas):
            offer[area] = min(max(offer[area] + length * direction[area], 0.0), cap[area])
    return bound, least, pace


_offer = jit(_offer_loop)
_choose = jit(_choose_loop)
_decide = jit(_decide_loop)
_pay = jit(_pay_loop)
_turn = jit(_turn_loop)
_to_beat = jit(to_beat)
_relax = jit(_relax_loop)
