"""How soon does each origin reach the nearest of many sites, leaving at every minute?

One profile connection scan (Dibbelt, Pajor, Strasser and Wagner 2013) for all origins and all
sites of a kind: hops are gone through from the last departure to the first, and each stop keeps
how early one can be at a site, getting off there at any second. So the cost hardly depends on the
number of sites, and not on pairs of origins and sites.
"""

from __future__ import annotations

import numpy as np

from planner.cores import jit
from planner.travel.kernels import FAR
from planner.travel.transit import visits
from planner.travel.transit.opening import Hours, on_foot, opens
from planner.travel.transit.raptor import MINUTE, ranked
from planner.travel.transit.schedule import Connections, Lists


def warm() -> None:
    """Compile every loop on a toy timetable."""
    visits.warm()
    zero = np.zeros(1, np.int32)
    foot = Lists(np.zeros(3, np.int64), zero[:0], zero[:0])
    hops = Connections(
        departure=zero,
        arrival=zero,
        tail=zero,
        tip=np.ones(1, np.int32),
        trip=zero,
        pickup=np.ones(1, bool),
        drop_off=np.ones(1, bool),
        trips=1,
        foot=foot,
    )
    doors, near = Lists(np.array([0, 1, 1]), zero, zero), Lists(np.array([0, 0, 1]), zero, zero)
    hours = Hours(np.array([0, 1]), zero, np.full(1, FAR))
    _, arrive = scan(hops, doors, near, hours, 1, 0, 1, 1, False, 4)
    on_foot(arrive, np.zeros((1, 1), np.int32), hours, 0)
    out = np.empty((1, 1), np.int32)
    summarise(arrive, 0, 600, np.zeros(1, np.int64), out, np.empty(1, np.int64))


@jit
def _insert(profile_time, profile_best, size, stop, time, best):  # type: ignore[no-untyped-def]
    """Note that being off a vehicle at a stop by ``time`` brings one to a site by ``best``.

    Entries stand from the latest time to the earliest, and never say a later arrival for an
    earlier time. Returns False if there is no room.
    """
    place = size[stop]
    while place > 0 and profile_time[stop, place - 1] < time:
        place -= 1
    helps = False
    for rides in range(len(best)):
        if best[rides] < (profile_best[stop, place - 1, rides] if place > 0 else FAR):
            helps = True
    if not helps:
        return True
    if place > 0 and profile_time[stop, place - 1] == time:
        place -= 1
    else:
        if size[stop] == profile_time.shape[1]:
            return False
        for entry in range(size[stop], place, -1):
            profile_time[stop, entry] = profile_time[stop, entry - 1]
            profile_best[stop, entry] = profile_best[stop, entry - 1]
        size[stop] += 1
        profile_time[stop, place] = time
        for rides in range(len(best)):
            before = profile_best[stop, place - 1, rides] if place > 0 else FAR
            profile_best[stop, place, rides] = before
    # Lower what stands behind; entries that no longer say anything of their own go.
    kept, entry = place, place
    while entry < size[stop]:
        changed, own = False, entry == place
        for rides in range(len(best)):
            value = profile_best[stop, entry, rides]
            if best[rides] < value:
                value = best[rides]
                changed = True
            own |= value < (profile_best[stop, kept - 1, rides] if kept > 0 else FAR)
            profile_best[stop, entry, rides] = value
        if not changed:
            break
        if own:
            profile_time[stop, kept] = profile_time[stop, entry]
            profile_best[stop, kept] = profile_best[stop, entry]
            kept += 1
        entry += 1
    if kept < entry:
        for rest in range(entry, size[stop]):
            profile_time[stop, kept] = profile_time[stop, rest]
            profile_best[stop, kept] = profile_best[stop, rest]
            kept += 1
        size[stop] = kept
    return True


@jit
def _stay(  # type: ignore[no-untyped-def]
    hops, hop, near, hours, profile_time, profile_best, size, limited, best
):
    """Lower ``best`` (by rides) to what staying on board for one hop brings at its end."""
    tip, time = hops.tip[hop], hops.arrival[hop]
    if not hops.drop_off[hop]:
        return False
    changed = False
    for place in range(near.start[tip], near.start[tip + 1]):
        there = opens(hours, near.to[place], time + near.seconds[place])
        for rides in range(len(best)):
            if there < best[rides]:
                best[rides] = there
                changed = True
    low, high = 0, size[tip]
    while low < high:  # how many entries are not before this time
        middle = (low + high) // 2
        if profile_time[tip, middle] >= time:
            low = middle + 1
        else:
            high = middle
    if low > 0:
        shift = 1 if limited else 0
        for rides in range(shift, len(best)):
            if profile_best[tip, low - 1, rides - shift] < best[rides]:
                best[rides] = profile_best[tip, low - 1, rides - shift]
                changed = True
    return changed


@jit
def _get_on(  # type: ignore[no-untyped-def]
    hops, hop, doors, best, begin, own, profile_time, profile_best, size, arrive
):
    """Tell the stops and origins from which one is in time for a hop what getting on brings.

    Returns 0 where that is nothing new, 1 where it is, and 2 where there is no room for it.
    """
    tail, now = hops.tail[hop], hops.departure[hop]
    most = len(best) - 1
    helps = False
    for rides in range(most + 1):
        helps |= best[rides] < own[tail, rides]
    if not helps or not hops.pickup[hop]:
        return 0
    if best[most] < own[tail, most]:
        for place in range(doors.start[tail], doors.start[tail + 1]):
            late = now - doors.seconds[place] - begin
            if late >= 0:
                step = min(late // MINUTE, arrive.shape[1] - 1)
                home = doors.to[place]
                if best[most] < arrive[home, step]:
                    arrive[home, step] = best[most]
    for rides in range(most + 1):
        own[tail, rides] = min(own[tail, rides], best[rides])
    for place in range(hops.foot.start[tail], hops.foot.start[tail + 1]):
        there, time = hops.foot.to[place], now - hops.foot.seconds[place]
        if not _insert(profile_time, profile_best, size, there, time, best):
            return 2
    return 1


@jit
def scan(  # type: ignore[no-untyped-def]
    hops, doors, near, hours, origins, begin, minutes, layers, limited, room
):
    """Return when each origin is at its nearest site, leaving at each minute.

    Parameters
    ----------
    hops
        `Connections` from ``begin`` on.
    doors
        For each stop, the origins from which one walks there.
    near
        For each stop the walks to the nearest site of each pattern of opening times.
    hours
        Those patterns.
    origins
        Their number.
    begin, minutes
        First minute, in seconds, and how many.
    layers, limited
        Most rides, if they are limited; otherwise 1.
    room
        Entries a stop can hold.

    Returns
    -------
    enough, arrive
        False if ``room`` did not do: ask again with more. int32 (origins, minutes).

    Notes
    -----
    Hops of one second wait for each other only if one of them takes no time. Such a second is
    gone through until nothing changes, and what staying on board brings is then kept hop by hop.
    """
    stops = len(near.start) - 1
    profile_time = np.empty((stops, room), np.int32)
    profile_best = np.empty((stops, room, layers), np.int32)
    size = np.zeros(stops, np.int64)
    own = np.full((stops, layers), FAR, np.int32)
    on_board = np.full((hops.trips, layers), FAR, np.int32)
    arrive = np.full((origins, minutes), FAR, np.int32)
    block = 0
    while block < len(hops.departure):
        now = hops.departure[block]
        after = block
        at_once = False
        while after < len(hops.departure) and hops.departure[after] == now:
            at_once |= hops.arrival[after] == now
            after += 1
        if not at_once:
            for hop in range(block, after):
                best = on_board[hops.trip[hop]]
                _stay(hops, hop, near, hours, profile_time, profile_best, size, limited, best)
                state = _get_on(
                    hops, hop, doors, best, begin, own, profile_time, profile_best, size, arrive
                )
                if state == 2:
                    return False, arrive
            block = after
            continue
        by_hop = np.full((after - block, layers), FAR, np.int32)
        again = True
        while again:
            again = False
            for hop in range(block, after):
                best = by_hop[hop - block]
                onward = on_board[hops.trip[hop]]
                if hop > block and hops.trip[hop] == hops.trip[hop - 1]:
                    onward = by_hop[hop - block - 1]
                for rides in range(layers):
                    best[rides] = min(best[rides], onward[rides])
                again |= _stay(
                    hops, hop, near, hours, profile_time, profile_best, size, limited, best
                )
                state = _get_on(
                    hops, hop, doors, best, begin, own, profile_time, profile_best, size, arrive
                )
                if state == 2:
                    return False, arrive
                again |= state == 1
        for hop in range(block, after):
            on_board[hops.trip[hop]] = by_hop[hop - block]
        block = after
    for home in range(origins):
        for step in range(minutes - 2, -1, -1):
            arrive[home, step] = min(arrive[home, step], arrive[home, step + 1])
    return True, arrive


@jit
def summarise(arrive, begin, cutoff, ranks, out, within):  # type: ignore[no-untyped-def]
    """Write each origin's seconds at some ranks over all minutes, and how many are reached."""
    values = np.empty((2, arrive.shape[1]), np.int32)
    tally = np.empty(cutoff // MINUTE + 1, np.int32)
    for home in range(len(arrive)):
        within[home] = ranked(*(arrive[home], FAR, begin, cutoff, ranks, values, tally, out[home]))
