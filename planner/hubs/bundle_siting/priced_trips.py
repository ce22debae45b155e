"""What is each area's shortest trip for the whole bundle when every service has a price?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.bundle.round_trips import build_round_trips
from planner.cores import build_spans, jit, run_all
from planner.hubs.bundle_siting.problem import Bools, BundleProblem
from planner.hubs.problem import Floats
from planner.travel.kernels import FAR, Int32
from planner.travel.times import DECISECONDS_PER_MINUTE

_BLOCK = 32


@dataclass(frozen=True, kw_only=True, eq=False)
class Ways:
    """Deciseconds from areas to venues, between them and back, `FAR` where there is no way."""

    to: Int32
    back: Int32
    between: Int32
    stop: int
    penalty_minutes: float
    kinds: int

    def trips(self, held: Bools) -> tuple[Floats, Int32]:
        """Return minutes of each area's shortest trip (NaN where none) and its stops in order.

        Exact (`planner.bundle.round_trips`). Stops are numbers of venues, -1 behind the last.
        """
        venues = np.flatnonzero(held.any(axis=1))
        bits = (held[venues] << np.arange(self.kinds)).sum(axis=1).astype(np.int64)
        found = build_round_trips(
            np.ascontiguousarray(self.to[:, venues]),
            np.ascontiguousarray(self.back[:, venues]),
            np.ascontiguousarray(self.between[np.ix_(venues, venues)]),
            bits,
            kinds=self.kinds,
            stop_deciseconds=self.stop,
        )
        stops = found.stops
        named = np.where(stops >= 0, venues[np.maximum(stops, 0)] if len(venues) else -1, -1)
        return _to_minutes(found.deciseconds), named.astype(np.int32)

    def paid(self, held: Bools) -> Floats:
        """Return the minutes that count: no more than the penalty."""
        minutes: Floats = np.fmin(self.trips(held)[0], self.penalty_minutes)
        return minutes


@dataclass(frozen=True, kw_only=True, eq=False)
class Near:
    """Of each area, the venues that a trip may go by that is shorter than ``cap`` minutes.

    ``start`` (areas + 1,) cuts ``venues``; ``rows`` are the areas that have any.
    """

    cap: Floats
    start: NDArray[np.int64]
    venues: NDArray[np.int64]


def build_ways(problem: BundleProblem) -> Ways:
    """Return the problem's minutes in whole deciseconds."""
    assert problem.between is not None
    to = _to_deciseconds(problem.siting.minutes.to_numpy(dtype=np.float64))
    back = to
    if problem.back is not None:
        back = _to_deciseconds(problem.back.to_numpy(dtype=np.float64))
    return Ways(
        to=to,
        back=back,
        between=_to_deciseconds(problem.between.to_numpy(dtype=np.float64)),
        stop=round(problem.stop_minutes * DECISECONDS_PER_MINUTE),
        penalty_minutes=problem.trip_penalty_minutes,
        kinds=len(problem.kinds),
    )


def build_near(ways: Ways, cap: Floats, could: Bools) -> Near:
    """Leave out venues that no trip shorter than the cap (minutes) of an area goes by.

    ``could`` tells what could be in each venue.

    A venue is looked at if the way to it and the shortest way home from it, by way of others or
    not, are shorter than the cap.
    """
    legs = _to_minutes(ways.between)
    legs = np.where(np.isnan(legs), np.inf, legs)
    np.fill_diagonal(legs, 0.0)
    for via in range(len(legs)):
        np.minimum(legs, legs[:, via, None] + legs[None, via], out=legs)
    to, back = (np.nan_to_num(_to_minutes(x), nan=np.inf) for x in (ways.to, ways.back))
    there, home = np.empty_like(to), np.empty_like(back)
    for at in range(len(legs)):
        there[:, at] = (to + legs[:, at]).min(axis=1)
        home[:, at] = (back + legs[at]).min(axis=1)
    within = could.any(axis=1) & (there + home + ways.stop / DECISECONDS_PER_MINUTE < cap[:, None])
    start = np.append(0, within.sum(axis=1).cumsum())
    return Near(cap=cap, start=start, venues=np.nonzero(within)[1])


class Pricer:
    """Finds priced trips again and again; minutes as floating-point numbers."""

    def __init__(self, ways: Ways, near: Near) -> None:
        stop = ways.stop / DECISECONDS_PER_MINUTE
        endless = [np.nan_to_num(_to_minutes(x), nan=np.inf) for x in (ways.to, ways.between)]
        self.to, self.between = endless[0] + stop, endless[1] + stop
        np.fill_diagonal(self.between, np.inf)
        self.back = np.nan_to_num(_to_minutes(ways.back), nan=np.inf)
        self.near, self.kinds = near, ways.kinds

    def price(self, prices: Floats) -> tuple[Floats, Floats]:
        """Return each area's least trip, prices of what it uses among it, and what it uses.

        ``prices`` (near venues, kinds) in minutes, ``inf`` where it cannot be used, as the rows
        of `Near.venues`. What is used has the same shape, 0 and 1.
        """
        value = self.near.cap.copy()
        used = np.zeros_like(prices)

        def block(first: int, last: int) -> None:
            price_trips(
                *(first, last, self.to, self.back, self.between),
                *(self.near.start, self.near.venues, self.kinds, prices, value, used),
            )

        run_all(block, build_spans(len(value), _BLOCK))
        return value, used


@jit
def price_trips(  # type: ignore[no-untyped-def]
    first, last, to, back, between, start, venues, kinds, prices, value, used
):
    """Lower ``value`` to the least priced trip of areas from first to last, and mark its use.

    ``arrive[done, i]`` is the least cost of coming to venue i with the kinds ``done`` done
    elsewhere, ``left[done, i]`` of having just done the last of them there.
    """
    full = (1 << kinds) - 1
    for area in range(first, last):
        begin = start[area]
        count = start[area + 1] - begin
        if count == 0:
            continue
        onward = np.empty((count, count))
        for i in range(count):
            for j in range(count):
                onward[i, j] = between[venues[begin + i], venues[begin + j]]
        arrive = np.full((full + 1, count), np.inf)
        left = np.full((full + 1, count), np.inf)
        for i in range(count):
            arrive[0, i] = to[area, venues[begin + i]]
        cap = value[area]
        for done in range(full):
            here, ready = arrive[done], left[done]
            if done > 0:
                for j in range(count):
                    if ready[j] < cap:
                        cost, row = ready[j], onward[j]
                        for i in range(count):
                            here[i] = min(here[i], cost + row[i])
            for kind in range(kinds):
                if not done >> kind & 1:
                    then = left[done | 1 << kind]
                    for i in range(count):
                        cost = min(here[i], ready[i]) + prices[begin + i, kind]
                        then[i] = min(then[i], cost)
        best, at = cap, -1
        for i in range(count):
            total = left[full, i] + back[area, venues[begin + i]]
            if total < best:
                best, at = total, i
        if at < 0:
            continue
        value[area] = best
        _mark(begin, at, kinds, onward, arrive, left, prices, used)


@jit
def _mark(begin, at, kinds, onward, arrive, left, prices, used):  # type: ignore[no-untyped-def]
    """Walk a trip backwards from its last venue and mark what is done where."""
    done = (1 << kinds) - 1
    while done > 0:
        least, chosen = np.inf, 0
        for kind in range(kinds):
            if done >> kind & 1:
                before = done & ~(1 << kind)
                cost = min(arrive[before, at], left[before, at]) + prices[begin + at, kind]
                if cost < least:
                    least, chosen = cost, kind
        used[begin + at, chosen] = 1.0
        done &= ~(1 << chosen)
        if done > 0 and arrive[done, at] < left[done, at]:
            least, previous = np.inf, at
            for j in range(onward.shape[0]):
                cost = left[done, j] + onward[j, at]
                if cost < least:
                    least, previous = cost, j
            at = previous


def _to_minutes(deciseconds: NDArray[np.integer[Any]]) -> Floats:
    """Return minutes, NaN where there is no way."""
    minutes: Floats = np.where(deciseconds < FAR, deciseconds / DECISECONDS_PER_MINUTE, np.nan)
    return minutes


def _to_deciseconds(minutes: Floats) -> Int32:
    known = np.isfinite(minutes)
    whole = np.round(np.where(known, minutes, 0.0) * DECISECONDS_PER_MINUTE)
    return np.where(known, whole, FAR).astype(np.int32)
