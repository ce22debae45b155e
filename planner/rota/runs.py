"""Which venues could a team visit in one day, in which order, and how long would it take?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.rota.hours import Minutes

#: No way, or no time left.
NEVER = 1 << 28


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkDay:
    """One team's day: where and when it could hold sessions.

    ``begins`` are the possible beginnings at each venue, ascending; ``travel`` whole minutes
    between venues; ``out`` and ``home`` those from and to the base (0 without one), `NEVER` where
    there is no way. ``shift`` is when work may begin and must end, ``longest`` the most minutes
    of work in the day.
    """

    begins: tuple[Minutes, ...]
    travel: Minutes
    out: Minutes
    home: Minutes
    shift: tuple[int, int]
    longest: float
    session: int
    setup: int

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two days the same."""
        return (
            tuple(begin.tobytes() for begin in self.begins),
            self.out.tobytes(),
            self.home.tobytes(),
            self.shift,
            self.longest,
        )


@dataclass(frozen=True, kw_only=True)
class DayRun:
    """The shortest day that visits some venues: in which order, when, and how long it takes.

    ``travels`` are the minutes before each session, ``minutes`` all of the work from leaving the
    base (or beginning to set up) to being back (or the last session's end), waiting among it.
    """

    venues: tuple[int, ...]
    begins: tuple[int, ...]
    travels: tuple[int, ...]
    home: int
    minutes: int


def find_runs(day: WorkDay, most: int) -> list[DayRun]:
    """Return the shortest run for each set of at most so many venues that fits into the day.

    Every order and every first beginning is tried; the sessions that follow begin as soon as
    they can, which ends the day soonest. Ties break by the earlier day, then the venues' order.

    Returns
    -------
    runs
        Sorted by the venues in them.
    """
    setup, last_end = day.setup, day.shift[1]
    venues = [v for v, begin in enumerate(day.begins) if len(begin)]
    width = max((len(day.begins[v]) for v in venues), default=0)
    chains = np.array([[v] for v in venues], dtype=np.int64).reshape(len(venues), 1)
    first = np.full((len(venues), width), NEVER, dtype=np.int64)
    for row, v in enumerate(venues):
        leave = day.begins[v] - setup - day.out[v]
        fits = leave >= day.shift[0]
        first[row, : len(leave)][fits] = day.begins[v][fits]
    ends = np.where(first < NEVER, first + day.session, NEVER)
    best: dict[tuple[int, ...], tuple[int, int, tuple[int, ...]]] = {}
    for size in range(1, most + 1):
        _keep_shortest(best, day, chains, first, ends)
        if size < most:
            chains, first, ends = _extend(day, chains, first, ends, last_end)
    return [
        _to_run(day, order, begin, minutes)
        for _, (minutes, begin, order) in sorted(best.items())
        if minutes <= day.longest
    ]


def _keep_shortest(
    best: dict[tuple[int, ...], tuple[int, int, tuple[int, ...]]],
    day: WorkDay,
    chains: Minutes,
    first: Minutes,
    ends: Minutes,
) -> None:
    """Keep the shortest of all orders of the same venues."""
    if not chains.size:
        return
    back = ends + day.home[chains[:, -1]][:, None]
    leave = first - day.setup - day.out[chains[:, 0]][:, None]
    worked = np.where(back <= day.shift[1], back - leave, NEVER)
    at = worked.argmin(axis=1)
    rows = np.arange(len(chains))
    shortest, begins = worked[rows, at], first[rows, at]
    for row in np.flatnonzero(shortest < NEVER):
        order = tuple(int(v) for v in chains[row])
        found = (int(shortest[row]), int(begins[row]), order)
        key = tuple(sorted(order))
        if key not in best or found < best[key]:
            best[key] = found


def _extend(
    day: WorkDay, chains: Minutes, first: Minutes, ends: Minutes, last_end: int
) -> tuple[Minutes, Minutes, Minutes]:
    """Add every venue to every chain that has time for it."""
    more = []
    for v, begins in enumerate(day.begins):
        if not len(begins):
            continue
        rows = np.flatnonzero(~(chains == v).any(axis=1))
        ready = ends[rows] + day.travel[chains[rows, -1], v][:, None] + day.setup
        padded = np.append(begins, NEVER)
        begin = padded[np.searchsorted(begins, ready)]
        end = np.where(begin < NEVER, begin + day.session, NEVER)
        end[end > last_end] = NEVER
        fits = (end < NEVER).any(axis=1)
        grown = np.column_stack([chains[rows][fits], np.full(int(fits.sum()), v)])
        more.append((grown, first[rows][fits], end[fits]))
    if not more:
        return chains[:0], first[:0], ends[:0]
    chain, begin, end = (np.concatenate(parts) for parts in zip(*more, strict=True))
    return chain, begin, end


def _to_run(day: WorkDay, order: tuple[int, ...], begin: int, minutes: int) -> DayRun:
    """Follow the day once more, and keep when each session begins."""
    begins, travels = [begin], [int(day.out[order[0]])]
    for here, there in itertools.pairwise(order):
        travel = int(day.travel[here, there])
        ready = begins[-1] + day.session + travel + day.setup
        at = int(np.searchsorted(day.begins[there], ready))
        begins.append(int(day.begins[there][at]))
        travels.append(travel)
    return DayRun(
        venues=order,
        begins=tuple(begins),
        travels=tuple(travels),
        home=int(day.home[order[-1]]),
        minutes=minutes,
    )


def count_sets(venues: int, most: int) -> int:
    """Return how many sets of at most so many venues there are."""
    return sum(math.comb(venues, size) for size in range(1, most + 1))


def to_whole(minutes: NDArray[np.float64] | Sequence[float]) -> Minutes:
    """Return travel minutes rounded up to whole ones, `NEVER` where there is no way."""
    found = np.asarray(minutes, dtype="float64")
    # Times carry a rounding error far below a second: 10.0000001 is ten minutes.
    return np.where(np.isnan(found), NEVER, np.ceil(np.nan_to_num(found) - 1e-6)).astype(np.int64)
