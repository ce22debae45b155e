"""When would vehicles leave if a route ran more or less often?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

#: So near a whole vehicle, it is that one: factors such as 1/3 are not exact.
_NEAR = 1e-9


@dataclass(frozen=True, kw_only=True)
class Line:
    """Trips of one route with the same stops.

    ``trips`` are row numbers in the order of ``leaves`` (seconds at the first stop).
    """

    trips: tuple[int, ...]
    leaves: tuple[int, ...]
    stops: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A factor or one vehicle ``every`` so many seconds, from ``begin`` up to ``end``."""

    begin: int
    end: int
    factor: float | None
    every: float | None


@dataclass(frozen=True, kw_only=True)
class Spaced:
    """What becomes of one direction.

    ``gone`` are trips that no longer run; ``added`` trips like another one, so many seconds later;
    ``before`` is how many there were in the span, ``lone`` how many lines had one vehicle in it,
    none after it, and so no gap to fill.
    """

    gone: list[int]
    added: list[tuple[int, int]]
    before: int
    lone: int


def group_lines(lines: Sequence[Line]) -> list[list[Line]]:
    """Group the lines of a route by direction: those that run from one stop to the same next.

    Examples
    --------
    >>> there = Line(trips=(0,), leaves=(0,), stops=(1, 2, 3))
    >>> short = Line(trips=(1,), leaves=(9,), stops=(2, 3))
    >>> back = Line(trips=(2,), leaves=(5,), stops=(3, 2, 1))
    >>> [[line.trips for line in group] for group in group_lines([there, short, back])]
    [[(0,), (1,)], [(2,)]]
    """
    group = list(range(len(lines)))
    seen: dict[tuple[int, int], int] = {}
    for number, line in enumerate(lines):
        for hop in pairwise(line.stops):
            other = group[seen.setdefault(hop, number)]
            mine = group[number]
            group = [min(other, mine) if g in (other, mine) else g for g in group]
    return [
        [line for line, of in zip(lines, group, strict=True) if of == first]
        for first in sorted(set(group))
    ]


def space_out(direction: Sequence[Line], asked: Asked) -> Spaced:
    """Return which trips of one direction go, and which come.

    Notes
    -----
    See `planner.scenario.apply_to_timetable`.
    """
    inside = [
        [at for at, leave in enumerate(line.leaves) if asked.begin <= leave < asked.end]
        for line in direction
    ]
    before = sum(len(rows) for rows in inside)
    factor = asked.factor
    served = [at for at, rows in enumerate(inside) if rows]
    if asked.every is not None and len(served) > 1:
        factor = _factor_for(direction, inside, asked.every)
    found = Spaced(gone=[], added=[], before=before, lone=0)
    lone = 0
    for at in served:
        line, rows = direction[at], inside[at]
        after = _next_leave(line, rows)
        if len(rows) == 1 and after is None and (factor is None or factor >= 1):
            lone += asked.every is not None or factor != 1
            continue
        times = (
            _by_headway(line, rows, asked.every, asked.end, after)
            if factor is None and asked.every is not None
            else _by_factor(line, rows, 1.0 if factor is None else factor, asked.end, after)
        )
        _exchange(line, rows, times, found)
    return Spaced(gone=found.gone, added=found.added, before=before, lone=lone)


def _factor_for(direction: Sequence[Line], inside: list[list[int]], every: float) -> float | None:
    """Return the factor by which several lines together come every so many seconds."""
    leaves = [line.leaves[at] for line, rows in zip(direction, inside, strict=True) for at in rows]
    running = max(leaves) - min(leaves)
    now = running / (len(leaves) - 1)
    return now / every if now > 0 else 1.0


def _next_leave(line: Line, rows: list[int]) -> int | None:
    """Return when the first vehicle after the span leaves, None if none does."""
    last = rows[-1] + 1
    return line.leaves[last] if last < len(line.leaves) else None


def _by_factor(
    line: Line, rows: list[int], factor: float, end: int, after: int | None
) -> list[tuple[int, int]]:
    """Return the new departures, each with the place of the vehicle before it."""
    if factor == 0:
        return []
    leaves = [line.leaves[at] for at in rows]
    known = leaves if after is None else [*leaves, after]
    times, number = list[tuple[int, int]](), 0
    while True:
        place = number / factor
        whole = round(place) if abs(place - round(place)) < _NEAR * max(place, 1) else None
        at = math.floor(place) if whole is None else whole
        if at > len(leaves) - 1:
            return times
        if whole is not None:
            leave = leaves[at]
        elif at + 1 < len(known):
            leave = round(known[at] + (place - at) * (known[at + 1] - known[at]))
        else:
            return times
        if leave >= end:
            return times
        times.append((rows[at], leave))
        number += 1


def _by_headway(
    line: Line, rows: list[int], every: float, end: int, after: int | None
) -> list[tuple[int, int]]:
    leaves = [line.leaves[at] for at in rows]
    limit = leaves[-1] if after is None else end - 1
    times, number, at = list[tuple[int, int]](), 0, 0
    while True:
        leave = leaves[0] + round(number * every)
        if leave > limit:
            return times
        while at + 1 < len(leaves) and leaves[at + 1] <= leave:
            at += 1
        times.append((rows[at], leave))
        number += 1


def _exchange(line: Line, rows: list[int], times: list[tuple[int, int]], found: Spaced) -> None:
    """Keep vehicles that leave at a new departure's time; take the others out, add the rest."""
    free: dict[int, list[int]] = {}
    for at in rows:
        free.setdefault(line.leaves[at], []).append(at)
    for like, leave in times:
        if free.get(leave):
            free[leave].pop(0)
        else:
            found.added.append((line.trips[like], leave - line.leaves[like]))
    found.gone.extend(sorted(line.trips[at] for left in free.values() for at in left))
