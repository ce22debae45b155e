"""Which minutes allow a visit and the way home? A compiled loop."""

from __future__ import annotations

import numpy as np

from planner.cores import jit
from planner.travel.kernels import FAR
from planner.travel.transit.opening import Hours, opens
from planner.travel.transit.raptor import MINUTE, ranked
from planner.travel.transit.schedule import Lists


def warm() -> None:
    """Compile it on one origin and one site."""
    one, zero = np.zeros(1, np.int64), np.zeros(1, np.int32)
    cube, walks = np.zeros((1, 1, 1), np.int32), Lists(np.array([0, 1]), zero, zero)
    hours = Hours(np.array([0, 1]), zero, np.full(1, FAR))
    visits(
        *(cube, cube, walks, 0, hours, one, one, 0, 0, 600, 0, 600, one),
        *(cube.copy(), np.zeros((1, 1), np.int64), np.zeros((1, 1), np.int32)),
    )


@jit
def visits(  # type: ignore[no-untyped-def]
    arrive,
    returns,
    walks,
    first,
    hours,
    pattern,
    kinds,
    stay,
    begin,
    cutoff,
    back_begin,
    back_cutoff,
    ranks,
    out,
    within,
    last,
):
    """Combine the ways there (origins, minutes, sites) and back (origins, 1, sites, backwards).

    The earliest arrival at a site decides whether one is out of there in time: any later one
    is no better.
    """
    minutes = arrive.shape[1]
    values, tally = np.empty((2, minutes), np.int32), np.empty(cutoff // MINUTE + 1, np.int32)
    best = np.empty((len(last[0]), minutes), np.int32)
    walk = np.full(arrive.shape[2], FAR, np.int32)
    for row in range(len(arrive)):
        home = first + row
        for place in range(walks.start[home], walks.start[home + 1]):
            walk[walks.to[place]] = walks.seconds[place]
        best[:] = FAR
        for site in range(arrive.shape[2]):
            kind = kinds[site]
            homeward = min(returns[row, 0, site], back_begin + walk[site])
            if homeward - back_begin > back_cutoff:
                continue
            leave = -homeward
            for step in range(minutes):
                now = begin + MINUTE * step
                time = opens(hours, pattern[site], min(arrive[row, step, site], now + walk[site]))
                if time - now <= cutoff and time + stay <= leave:
                    best[kind, step] = min(best[kind, step], time)
                    last[row, kind] = max(last[row, kind], leave)
        for kind in range(len(best)):
            within[row, kind] = ranked(
                *(best[kind], FAR, begin, cutoff, ranks, values, tally, out[row, kind])
            )
        for place in range(walks.start[home], walks.start[home + 1]):
            walk[walks.to[place]] = FAR
