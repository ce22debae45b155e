"""When does one arrive if nobody will wait longer than so much for the next vehicle?

With a longest wait, being at a stop sooner is no longer as good as being there later: the sooner
one may be too early for the only vehicle that leads on. So nothing can be left out because another
is earlier, as the searches of `planner.travel.transit.raptor` and `planner.travel.transit.reverse`
do. Here hops are gone through from the last departure to the first, as in `reverse`, but *every*
departure of every stop keeps what getting on brings, and who changes takes the best of those
departures that lie within the wait (from when walking and the least time for the change are over).

The first vehicle may be waited for as long as one likes: people know when it leaves, and leave home
in time for it. So leaving later never arrives earlier. Staying on board is never waiting. Backwards
in time (`planner.travel.transit.mirror`) a wait is as long as forwards, and the vehicle without a
limit is the last one: having got off it, one may be early for the deadline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from planner.cores import jit
from planner.travel.kernels import FAR
from planner.travel.transit.opening import Hours, opens
from planner.travel.transit.raptor import MINUTE, ranked
from planner.travel.transit.schedule import Connections, Lists
from planner.travel.transit.timetable import Int32, Int64

#: Numbers held at a time: what getting on each hop brings, and arrivals, of a block of ends.
_ROOM = 2**24
_MOST_ENDS = 64


def warm() -> None:
    """Compile the loops on a toy timetable."""
    zero = np.zeros(1, np.int32)
    none = Lists(np.zeros(3, np.int64), zero[:0], zero[:0])
    hops = Connections(
        departure=zero,
        arrival=zero + 60,
        tail=zero,
        tip=np.ones(1, np.int32),
        trip=zero,
        pickup=np.ones(1, bool),
        drop_off=np.ones(1, bool),
        trips=1,
        foot=none,
    )
    search = WaitSearch(hops=hops, foot=none, begin=0, minutes=1, cutoff=600, wait=60, most=None)
    doors, ends = Lists(np.array([0, 1, 1]), zero, zero), Lists(np.array([0, 0, 1]), zero, zero)
    arrive, walks = search.to_each(doors, 1, ends, 0, 1), Lists(np.array([0, 1]), zero, zero)
    out = np.empty((1, 1, 1), np.int32)
    summarise_ends(arrive, walks, 0, 0, 600, np.zeros(1, np.int64), out)


class Boards(NamedTuple):
    """For each stop, the hops on which people may get on there, the latest departure first."""

    start: Int64
    hop: Int64
    leave: Int32


class Ends(NamedTuple):
    """Walks from stops to *targets*: the column of the answer each is for, and its opening times.

    ``pattern`` is a pattern of ``hours``.
    """

    walks: Lists
    column: Int64
    pattern: Int64
    hours: Hours


@dataclass(frozen=True, kw_only=True, eq=False)
class WaitSearch:
    """A day and its limits, as the scan wants them.

    Parameters
    ----------
    hops
        `Connections` of the window.
    foot
        Changes on foot, *all* of them: none is needless where waiting has a limit.
    begin, minutes, cutoff
        First second of leaving, how many minutes, and the longest journey.
    wait
        Longest wait for a vehicle after a change, in seconds.
    most
        Most rides; None: any number.
    """

    hops: Connections
    foot: Lists
    begin: int
    minutes: int
    cutoff: int
    wait: int
    most: int | None
    boards: Boards = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "boards", to_hop_boards(self.hops, len(self.foot.start) - 1))

    def to_each(self, doors: Lists, starts: int, ends: Lists, first: int, last: int) -> Int32:
        """Return arrivals (starts, minutes, ends) at the ends ``first`` to ``last``.

        Parameters
        ----------
        doors
            For each stop, the starts from which one walks there.
        starts
            Their number.
        ends
            Walks from stops to ends.

        Returns
        -------
        arrive
            `FAR`, or later than the cutoff after leaving: not reached in time.
        """
        walks = _those(ends, first, last)
        number = np.arange(last - first)
        always = Hours(np.array([0, 1]), np.array([-FAR], np.int32), np.array([FAR], np.int32))
        return self._scan(doors, starts, Ends(walks, number, np.zeros_like(number), always))

    def to_all(self, doors: Lists, starts: int, ends: Lists, count: int) -> Int32:
        """Return `to_each` for all of ``count`` ends, a block at a time."""
        arrive = np.empty((starts, self.minutes, count), np.int32)
        for first, last in self.blocks(starts, count):
            arrive[:, :, first:last] = self.to_each(doors, starts, ends, first, last)
        return arrive

    def to_nearest(self, doors: Lists, starts: int, near: Lists, hours: Hours) -> Int32:
        """Return arrivals (starts, minutes) at the nearest of many sites.

        ``near`` are, for each stop, the walks to the nearest site of each pattern of ``hours``.
        """
        pattern = np.arange(len(hours.start) - 1)
        return self._scan(doors, starts, Ends(near, np.zeros_like(pattern), pattern, hours))[..., 0]

    def blocks(self, starts: int, count: int) -> list[tuple[int, int]]:
        """Return which of ``count`` ends to ask for together, so that memory stays bounded."""
        each = len(self.hops.departure) * (self.most or 1) + starts * self.minutes
        size = min(max(_ROOM // max(each, 1), 1), _MOST_ENDS)
        return [(first, min(first + size, count)) for first in range(0, count, size)]

    def _scan(self, doors: Lists, starts: int, ends: Ends) -> Int32:
        width = int(ends.column.max(initial=0)) + 1 if len(ends.column) else 0
        arrive = np.full((starts, self.minutes, width), FAR, np.int32)
        brings = np.full((len(self.hops.departure), width * (self.most or 1)), FAR, np.int32)
        wait = min(self.wait, int(FAR))
        limited = self.most is not None
        if width:
            scan(
                *(self.hops, self.boards, self.foot, doors, ends),
                *(self.begin, self.cutoff, wait, limited, brings, arrive),
            )
        return arrive


def to_hop_boards(hops: Connections, stops: int) -> Boards:
    """Group hops by the stop where people get on."""
    hop = np.flatnonzero(hops.pickup)
    hop = hop[np.argsort(hops.tail[hop], kind="stable")]
    start = np.zeros(stops + 1, np.int64)
    np.cumsum(np.bincount(hops.tail[hop], minlength=stops), out=start[1:])
    return Boards(start, hop, hops.departure[hop])


def _those(walks: Lists, first: int, last: int) -> Lists:
    """Keep the walks to some places, which are numbered from 0 on."""
    keep = (walks.to >= first) & (walks.to < last)
    start = np.concatenate([[0], np.cumsum(keep)])[walks.start].astype(np.int64)
    return Lists(start, walks.to[keep] - np.int32(first), walks.seconds[keep])


@jit
def _change(boards, stop, ready, wait, shift, brings, alive, best):  # type: ignore[no-untyped-def]
    """Lower ``best`` to what the departures of a stop within the wait bring."""
    first, low, high = boards.start[stop], boards.start[stop], boards.start[stop + 1]
    while low < high:  # how many departures are not before one is ready
        middle = (low + high) // 2
        if boards.leave[middle] >= ready:
            low = middle + 1
        else:
            high = middle
    last = ready + wait
    for place in range(low - 1, first - 1, -1):
        if boards.leave[place] > last:
            break
        hop = boards.hop[place]
        if alive[hop]:
            other = brings[hop]
            for one in range(shift, len(best)):
                best[one] = min(best[one], other[one - shift])


@jit
def _ride(  # type: ignore[no-untyped-def]
    hops, hop, onward, boards, foot, ends, cutoff, wait, width, limited, brings, alive
):
    """Work out what sitting in a vehicle for one hop brings, at its end or further on.

    Columns stand side by side, rides one after the other: with one ride more to go a change
    reads ``width`` places further back.
    """
    best = brings[hop]
    if onward >= 0 and alive[onward]:
        other = brings[onward]
        for one in range(len(best)):
            best[one] = min(best[one], other[one])
    if hops.drop_off[hop]:
        tip, time = hops.tip[hop], hops.arrival[hop]
        for place in range(ends.walks.start[tip], ends.walks.start[tip + 1]):
            target = ends.walks.to[place]
            there = opens(ends.hours, ends.pattern[target], time + ends.walks.seconds[place])
            for one in range(ends.column[target], len(best), width):
                best[one] = min(best[one], there)
        shift = width if limited else 0
        for place in range(foot.start[tip], foot.start[tip + 1]):
            ready = time + foot.seconds[place]
            _change(boards, foot.to[place], ready, wait, shift, brings, alive, best)
    # Whoever is on this hop left home no later than it does.
    bound = hops.departure[hop] + cutoff
    some = False
    for one in range(len(best)):
        if best[one] > bound:
            best[one] = FAR
        else:
            some = True
    alive[hop] = some


@jit
def _get_on(hops, hop, doors, begin, last, brings, own, arrive):  # type: ignore[no-untyped-def]
    """Tell the homes from which one is in time for a hop what getting on brings.

    Not where a later departure of the stop is as good: the first vehicle may be waited for.
    """
    tail, minutes, width = hops.tail[hop], arrive.shape[1], arrive.shape[2]
    best = brings[hop, last:]
    helps = False
    for one in range(width):
        helps |= best[one] < own[tail, one]
        own[tail, one] = min(own[tail, one], best[one])
    if not helps:
        return
    for place in range(doors.start[tail], doors.start[tail + 1]):
        late = hops.departure[hop] - doors.seconds[place] - begin
        if late >= 0:
            there = arrive[doors.to[place], min(late // MINUTE, minutes - 1)]
            for one in range(width):
                there[one] = min(there[one], best[one])


@jit
def scan(  # type: ignore[no-untyped-def]
    hops, boards, foot, doors, ends, begin, cutoff, wait, limited, brings, arrive
):
    """Fill ``arrive`` (starts, minutes, columns) with the earliest arrival at any end of a column.

    ``brings`` (hops, rides × columns) is work space full of `FAR`, as ``arrive`` is.

    Notes
    -----
    Hops of one second wait for each other only if one of them takes no time. Such a second is
    gone through until nothing changes.
    """
    count, full, width = len(hops.departure), brings.shape[1], arrive.shape[2]
    alive = np.zeros(count, np.bool_)
    onward, last = np.empty(count, np.int64), np.full(hops.trips, -1, np.int64)
    for hop in range(count):
        onward[hop] = last[hops.trip[hop]]
        last[hops.trip[hop]] = hop
    own = np.full((len(foot.start) - 1, width), FAR, np.int32)
    before = np.empty(full, np.int32)
    block = 0
    while block < count:
        now, after, at_once = hops.departure[block], block, False
        while after < count and hops.departure[after] == now:
            at_once |= hops.arrival[after] == now
            after += 1
        again = True
        while again:
            again = False
            for hop in range(block, after):
                if at_once:
                    before[:] = brings[hop]
                _ride(
                    *(hops, hop, onward[hop], boards, foot, ends),
                    *(cutoff, wait, width, limited, brings, alive),
                )
                if at_once:
                    for one in range(full):
                        again |= brings[hop, one] < before[one]
        for hop in range(block, after):
            if alive[hop] and hops.pickup[hop]:
                _get_on(hops, hop, doors, begin, full - width, brings, own, arrive)
        block = after
    for home in range(len(arrive)):
        for step in range(arrive.shape[1] - 2, -1, -1):
            for one in range(width):
                arrive[home, step, one] = min(arrive[home, step, one], arrive[home, step + 1, one])


@jit
def summarise_ends(arrive, walks, first, begin, cutoff, ranks, out):  # type: ignore[no-untyped-def]
    """Write seconds at some ranks over all minutes: ``out`` is (ends, starts, ranks).

    ``arrive`` is (starts, minutes, ends), from end number ``first`` on; ``walks`` lists, for each
    end, the starts from which one can walk all the way.
    """
    starts, minutes, ends = arrive.shape
    values, tally = np.empty((2, minutes), np.int32), np.empty(cutoff // MINUTE + 1, np.int32)
    walk, steps = np.full(starts, FAR, np.int32), np.empty(minutes, np.int32)
    for end in range(ends):
        near = range(walks.start[first + end], walks.start[first + end + 1])
        for place in near:
            walk[walks.to[place]] = walks.seconds[place]
        for home in range(starts):
            for step in range(minutes):
                steps[step] = arrive[home, step, end]
            ranked(*(steps, walk[home], begin, cutoff, ranks, values, tally, out[end, home]))
        for place in near:
            walk[walks.to[place]] = FAR
