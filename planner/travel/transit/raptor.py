"""When does one arrive by timetable, leaving at every minute of a window? Compiled loops.

Range-RAPTOR (Delling, Pajor and Werneck 2012): minutes are gone through from the last to the
first, rides by rounds, and everything learnt for a later minute stays, so that a minute looks only
at what leaving sooner makes better. As in trip-based routing (Witt 2015) a trip is followed only up
to where somebody, leaving no sooner, got on before.

Two times are kept apart for each stop, because walks between stops have a limit and do not chain:
getting off a vehicle there, from where one may walk on; and being able to get on.
"""

from __future__ import annotations

import numpy as np

from planner.cores import jit
from planner.travel.kernels import FAR
from planner.travel.transit import prune
from planner.travel.transit.schedule import Ahead, Lists, Schedule

#: Beyond every position of every pattern.
NEVER = np.int32(2**31 - 1)
MINUTE = 60
#: Most rides, where there is no limit.
ANY = 2**31 - 1
#: Limits up to here are often reached, so that a search without them first would be in vain.
FEW = 3


def warm() -> None:
    """Compile every loop on a toy timetable."""
    zero, one = np.zeros(1, np.int32), np.zeros(1, np.int64)
    foot = Lists(np.zeros(3, np.int64), zero[:0], zero[:0])
    schedule = Schedule(
        pattern_start=np.array([0, 2]),
        pattern_trip=np.array([0, 1]),
        position_pattern=np.zeros(2, np.int32),
        position_stop=np.arange(2, dtype=np.int32),
        drop_off=np.ones(2, bool),
        trip_pattern=zero,
        trip_start=np.array([0, 2]),
        arrival=np.array([0, 60], np.int32),
        leave_start=np.array([0, 1]),
        leave=np.array([0, 60], np.int32),
        board_start=np.array([0, 1, 1]),
        board_position=zero,
        foot=foot,
    )
    access = Lists(np.array([0, 1]), zero, zero)
    egress = Lists(np.array([0, 0, 1]), zero, zero)
    direct = Lists(np.array([0, 0]), zero[:0], zero[:0])
    prune.warm(schedule, egress)
    ahead = Ahead(*least_ahead(schedule, egress))
    arrivals_block(schedule, access, egress, ahead, 1, 0, 1, 0, 1, 600, ANY)
    out = np.empty((1, 1, 1), np.int32)
    ranks_block(schedule, access, egress, ahead, direct, 1, 0, 1, 0, 1, 600, ANY, one, out)


@jit
def least_ahead(s, egress):  # type: ignore[no-untyped-def]
    """Return what `Ahead` holds: the quickest hops of all trips, nowhere waiting.

    Searches drop what cannot lead anywhere in time by it (a lower bound, as in A*: Hart, Nilsson
    and Raphael 1968), so it changes no answer.
    """
    stops, positions = len(s.board_start) - 1, len(s.position_stop)
    stay, ride = np.full(positions, FAR, np.int32), np.full(positions, FAR, np.int32)
    for trip in range(len(s.trip_pattern)):
        pattern = s.trip_pattern[trip]
        first, nth = s.pattern_start[pattern], trip - s.pattern_trip[pattern]
        for position in range(first, s.pattern_start[pattern + 1] - 1):
            call = s.trip_start[trip] + position - first
            stay[position] = min(stay[position], s.arrival[call + 1] - s.arrival[call])
            hop = s.arrival[call + 1] - s.leave[s.leave_start[position] + nth]
            ride[position] = min(ride[position], hop)
    sit = np.full(positions, FAR, np.int32)
    off, on = np.full(stops, FAR, np.int32), np.full(stops, FAR, np.int32)
    for stop in range(stops):
        for place in range(egress.start[stop], egress.start[stop + 1]):
            off[stop] = min(off[stop], egress.seconds[place])
    changed = True
    while changed:
        changed = False
        for pattern in range(len(s.pattern_start) - 1):
            onward = FAR
            for position in range(
                s.pattern_start[pattern + 1] - 1, s.pattern_start[pattern] - 1, -1
            ):
                best = FAR
                if onward < FAR:
                    best = onward + stay[position]
                if s.drop_off[position]:
                    best = min(best, off[s.position_stop[position]])
                onward = best
                sit[position] = best
        for stop in range(stops):
            for place in range(s.board_start[stop], s.board_start[stop + 1]):
                position = s.board_position[place]
                if sit[position + 1] < FAR:
                    on[stop] = min(on[stop], ride[position] + sit[position + 1])
        for stop in range(stops):
            for place in range(s.foot.start[stop], s.foot.start[stop + 1]):
                there = s.foot.to[place]
                if on[there] < FAR and s.foot.seconds[place] + on[there] < off[stop]:
                    off[stop] = s.foot.seconds[place] + on[there]
                    changed = True
    return sit, off, on


@jit
def _ride(s, layer, trip, position, reached, queue, count):  # type: ignore[no-untyped-def]
    """Get on a trip at a position, unless that brings nothing new; queue what is to be followed.

    Somebody got on this trip, or an earlier one of its pattern, at ``reached``: that position is
    still arrived at (nobody has, who got on there), all after it are known.
    """
    until = reached[layer, trip]
    if until <= position:
        return queue, count
    pattern = s.trip_pattern[trip]
    if count == len(queue):
        queue = np.concatenate((queue, np.empty_like(queue)))
    queue[count, 0], queue[count, 1] = trip, position
    queue[count, 2] = min(until, s.pattern_start[pattern + 1] - 1)
    for later in range(trip, s.pattern_trip[pattern + 1]):
        if reached[layer, later] <= position:
            break
        # What few rides bring, more rides bring too.
        for above in range(layer, len(reached)):
            if reached[above, later] > position:
                reached[above, later] = position
    return queue, count + 1


@jit
def _board(  # type: ignore[no-untyped-def]
    s, layer, stop, time, pointer, reached, queue, count
):
    """Get on the next trip of every pattern at a stop, where it is one not caught before.

    ``pointer`` (-1: not looked yet) is the trip caught here by those who leave later: it only
    ever moves to earlier ones.
    """
    for place in range(s.board_start[stop], s.board_start[stop + 1]):
        position = s.board_position[place]
        pattern = s.position_pattern[position]
        first = s.pattern_trip[pattern]
        base = s.leave_start[position]
        at = pointer[layer, position]
        if at < 0:
            trips = s.pattern_trip[pattern + 1] - first
            at = np.searchsorted(s.leave[base : base + trips], time)
            pointer[layer, position] = at
            if at == trips:
                continue
        else:
            if at == 0 or s.leave[base + at - 1] < time:
                continue
            while at > 0 and s.leave[base + at - 1] >= time:
                at -= 1
            pointer[layer, position] = at
        queue, count = _ride(s, layer, first + at, position, reached, queue, count)
    return queue, count


@jit
def _doors(s, access, origin, last):  # type: ignore[no-untyped-def]
    """Return the vehicles to watch for: one for each pattern at each stop near home.

    Returns
    -------
    door
        Position, seconds of walking there, and the place in its pattern of the trip that is to
        be caught next, going from ``last``, the last second of leaving home, to earlier ones.
    latest
        The last second of leaving home that catches that trip.
    """
    room = 0
    for place in range(access.start[origin], access.start[origin + 1]):
        stop = access.to[place]
        room += s.board_start[stop + 1] - s.board_start[stop]
    door = np.empty((room, 3), np.int32)
    latest = np.empty(room, np.int32)
    used = 0
    for place in range(access.start[origin], access.start[origin + 1]):
        stop, walk = access.to[place], access.seconds[place]
        for board in range(s.board_start[stop], s.board_start[stop + 1]):
            position = s.board_position[board]
            pattern = s.position_pattern[position]
            trips = s.pattern_trip[pattern + 1] - s.pattern_trip[pattern]
            base = s.leave_start[position]
            at = np.searchsorted(s.leave[base : base + trips], last + walk)
            if at == trips:
                at -= 1
            door[used, 0], door[used, 1], door[used, 2] = position, walk, at
            latest[used] = s.leave[base + at] - walk
            used += 1
    return door, latest


@jit
def _leave_home(  # type: ignore[no-untyped-def]
    s, door, latest, now, reached, queue
):
    """Get on every first vehicle that leaving at ``now`` catches and leaving later does not."""
    count = 0
    for one in range(len(latest)):
        if latest[one] < now:
            continue
        position, walk, at = door[one, 0], door[one, 1], door[one, 2]
        base = s.leave_start[position]
        while at > 0 and s.leave[base + at - 1] - walk >= now:
            at -= 1
        trip = s.pattern_trip[s.position_pattern[position]] + at
        door[one, 2] = at - 1
        latest[one] = s.leave[base + at - 1] - walk if at > 0 else -FAR
        queue, count = _ride(s, 0, trip, position, reached, queue, count)
    return queue, count


@jit
def _arrivals(  # type: ignore[no-untyped-def]
    s, access, egress, ahead, origin, begin, minutes, cutoff, most, arrive
):
    """Fill ``arrive[minute, destination]`` with the seconds of arrival of one origin.

    ``most`` rides. If a search that does not look at their number never makes more, its answer
    is the one with the limit, and is found with a fraction of the work.
    """
    if most > FEW and _search(
        s, access, egress, ahead, origin, begin, minutes, cutoff, 1, False, most, arrive
    ):
        return
    _search(s, access, egress, ahead, origin, begin, minutes, cutoff, most, True, most, arrive)


@jit
def _search(  # type: ignore[no-untyped-def]
    s, access, egress, ahead, origin, begin, minutes, cutoff, layers, limited, most, arrive
):
    """Fill ``arrive``; False if that took more than ``most`` rides in an unlimited search.

    ``layers`` is the most rides where they are ``limited``, otherwise 1: all rounds share one.
    Arrivals more than ``cutoff`` after leaving may be missing or later than they could be.
    """
    stops = len(s.board_start) - 1
    ride = np.full((layers, stops), FAR, np.int32)
    board = np.full((layers, stops), FAR, np.int32)
    reached = np.full((layers, len(s.trip_pattern)), NEVER, np.int32)
    pointer = np.full((layers, len(s.position_stop)), -1, np.int32)
    best = np.full(arrive.shape[1], FAR, np.int32)
    queue, following = np.empty((256, 3), np.int32), np.empty((256, 3), np.int32)
    off, off_mark = np.empty(stops, np.int32), np.full(stops, -1, np.int64)
    on, on_mark = np.empty(stops, np.int32), np.full(stops, -1, np.int64)
    better, better_mark = np.empty(stops, np.int32), np.full(stops, -1, np.int64)
    door, latest = _doors(s, access, origin, begin + MINUTE * (minutes - 1))
    mark = 0
    for step in range(minutes - 1, -1, -1):
        now = begin + MINUTE * step
        bound = now + cutoff
        queue, count = _leave_home(s, door, latest, now, reached, queue)
        betters, layer, rounds = 0, 0, 0
        while count > 0:
            mark += 1
            rounds += 1
            offs, ons = 0, 0
            for entry in range(count):
                trip = queue[entry, 0]
                base = s.trip_start[trip] - s.pattern_start[s.trip_pattern[trip]]
                for position in range(queue[entry, 1] + 1, queue[entry, 2] + 1):
                    time = s.arrival[base + position]
                    if time + ahead.sit[position] > bound:
                        break
                    stop = s.position_stop[position]
                    if time >= ride[layer, stop] or not s.drop_off[position]:
                        continue
                    if time + ahead.off[stop] > bound:
                        continue
                    if off_mark[stop] != mark:
                        off_mark[stop] = mark
                        off[offs] = stop
                        offs += 1
                    if time < ride[layers - 1, stop] and better_mark[stop] != step:
                        better_mark[stop] = step
                        better[betters] = stop
                        betters += 1
                    for above in range(layer, layers):
                        if time >= ride[above, stop]:
                            break
                        ride[above, stop] = time
            if offs > 0 and rounds > most:
                return False
            count = 0
            if limited and layer == layers - 1:
                break
            for one in range(offs):
                stop = off[one]
                for place in range(s.foot.start[stop], s.foot.start[stop + 1]):
                    there = s.foot.to[place]
                    time = ride[layer, stop] + s.foot.seconds[place]
                    if time < board[layer, there] and time + ahead.on[there] <= bound:
                        board[layer, there] = time
                        if on_mark[there] != mark:
                            on_mark[there] = mark
                            on[ons] = there
                            ons += 1
            onward = layer + 1 if limited else layer
            for one in range(ons):
                stop = on[one]
                following, count = _board(
                    s, onward, stop, board[layer, stop], pointer, reached, following, count
                )
            queue, following = following, queue
            layer = onward
        for one in range(betters):
            stop = better[one]
            for place in range(egress.start[stop], egress.start[stop + 1]):
                time = ride[layers - 1, stop] + egress.seconds[place]
                there = egress.to[place]
                if time < best[there]:
                    best[there] = time
        arrive[step] = best
    return True


@jit
def arrivals_block(  # type: ignore[no-untyped-def]
    s, access, egress, ahead, destinations, first, last, begin, minutes, cutoff, most
):
    """Return the seconds of arrival of the origins ``first`` to ``last``, for every minute.

    ``most`` rides in a journey; `ANY`: as many as one likes.

    Returns
    -------
    arrive
        int32 (origins, minutes, destinations); `FAR`, or later than ``cutoff`` after leaving:
        not reached in time.
    """
    arrive = np.empty((last - first, minutes, destinations), np.int32)
    for origin in range(first, last):
        _arrivals(
            *(s, access, egress, ahead, origin, begin, minutes, cutoff),
            *(most, arrive[origin - first]),
        )
    return arrive


@jit
def ranked(arrive, direct, begin, cutoff, ranks, values, tally, out):  # type: ignore[no-untyped-def]
    """Write the times that stand at some ranks among all minutes, the shortest at rank 0.

    ``arrive`` are arrivals for each minute, ``direct`` the seconds on foot. A minute that is not
    reached within ``cutoff`` is the longest (`FAR`). Work space: ``values`` (2, minutes), and
    ``tally``, one for each minute of the cutoff, a begun one included. Returns how many minutes
    are reached.

    Times are counted by their minute first, and only those of the minute that holds the rank
    are sorted: far fewer, because waiting changes times by whole minutes.
    """
    tally[:] = 0
    within = 0
    for step in range(len(arrive)):
        time = min(arrive[step] - (begin + MINUTE * step), direct)
        if time <= cutoff:
            values[0, within] = time
            within += 1
            tally[time // MINUTE] += 1
    before, slot = 0, 0
    for one in range(len(ranks)):
        if ranks[one] >= within:
            out[one] = FAR
            continue
        if ranks[one] < before:
            before, slot = 0, 0
        while before + tally[slot] <= ranks[one]:
            before += tally[slot]
            slot += 1
        held = 0
        for place in range(within):
            time = values[0, place]
            if time // MINUTE == slot:
                at = held
                while at > 0 and values[1, at - 1] > time:
                    values[1, at] = values[1, at - 1]
                    at -= 1
                values[1, at] = time
                held += 1
        out[one] = values[1, ranks[one] - before]
    return within


@jit
def ranks_block(  # type: ignore[no-untyped-def]
    s,
    access,
    egress,
    ahead,
    direct,
    destinations,
    first,
    last,
    begin,
    minutes,
    cutoff,
    most,
    ranks,
    out,
):
    """Write the seconds at some ranks over all minutes, for the origins ``first`` to ``last``.

    ``direct`` lists, for each origin, walks to destinations. ``out`` is (origins, destinations,
    ranks) int32; `FAR`: not reached.
    """
    arrive = np.empty((minutes, destinations), np.int32)
    values, tally = np.empty((2, minutes), np.int32), np.empty(cutoff // MINUTE + 1, np.int32)
    walk = np.full(destinations, FAR, np.int32)
    for origin in range(first, last):
        _arrivals(s, access, egress, ahead, origin, begin, minutes, cutoff, most, arrive)
        for place in range(direct.start[origin], direct.start[origin + 1]):
            walk[direct.to[place]] = direct.seconds[place]
        for there in range(destinations):
            if arrive[0, there] == FAR and walk[there] == FAR:
                out[origin - first, there] = FAR
                continue
            ranked(
                *(arrive[:, there], walk[there], begin, cutoff),
                *(ranks, values, tally, out[origin - first, there]),
            )
        for place in range(direct.start[origin], direct.start[origin + 1]):
            walk[direct.to[place]] = FAR
