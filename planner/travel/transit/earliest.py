"""Which vehicles bring one there first, leaving at one minute?

A plain round-based search (RAPTOR: Delling, Pajor and Werneck 2012) that shares no loop with the
one for whole windows, so that each can be checked against the other. Three passes: forwards for
the earliest arrival and the fewest rides, backwards for how late one may be where without missing
it, and forwards once more over what is left, for the least walking.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from planner.cores import jit
from planner.travel.kernels import FAR
from planner.travel.transit.schedule import Lists
from planner.travel.transit.timetable import Bool, Int32, Int64, Timetable

#: More vehicles than anybody takes, where there is no limit.
MOST_RIDES = 20
#: Never in time.
NEVER = np.int32(-(2**30))


class Day(NamedTuple):
    """A timetable for the loops: ``call_start[p]`` is where the calls of pattern ``p`` begin."""

    pattern_start: Int64
    pattern_stop: Int32
    pattern_trip: Int64
    call_start: Int64
    arrival: Int32
    departure: Int32
    pickup: Bool
    drop_off: Bool
    usable: Bool


class Ride(NamedTuple):
    """One vehicle: trip, the positions in its pattern and the stops where one gets on and off."""

    trip: int
    board_stop: int
    alight_stop: int
    departure: int
    arrival: int
    stops: int
    board_position: int
    alight_position: int


class Found(NamedTuple):
    """The rides in their order, and the seconds of getting there."""

    rides: tuple[Ride, ...]
    arrival: int


def build_day(timetable: Timetable, *, wheelchair_only: bool) -> Day:
    """Lay out a timetable, with the vehicles and stops that may be used."""
    t = timetable
    trips = len(t.trip_id)
    open_stop = np.ones(len(t.stop_id), bool)
    usable = np.ones(trips, bool)
    if wheelchair_only:
        open_stop, usable = t.stop_wheelchair == 1, t.trip_wheelchair == 1
    calls = np.diff(t.pattern_start) * np.diff(t.pattern_trip)
    return Day(
        pattern_start=t.pattern_start,
        pattern_stop=t.pattern_stop,
        pattern_trip=t.pattern_trip,
        call_start=np.concatenate([[0], np.cumsum(calls)]).astype(np.int64),
        arrival=t.arrival,
        departure=t.departure,
        pickup=t.pattern_pickup & open_stop[t.pattern_stop],
        drop_off=t.pattern_drop_off & open_stop[t.pattern_stop],
        usable=usable,
    )


def find_earliest(
    timetable: Timetable,
    day: Day,
    foot: Lists,
    access: Int32,
    egress: Int32,
    *,
    leave: int,
    cutoff: int,
    max_rides: int | None,
) -> Found | None:
    """Return the journey with at least one ride that arrives first.

    Parameters
    ----------
    timetable, day
        The timetable and its layout.
    foot
        Changes on foot, those at one stop included, slack counted in.
    access, egress
        Seconds to each stop from the origin, and from it to the destination; `FAR`: too far.
    leave
        Second of leaving.
    cutoff
        Longest journey in seconds.
    max_rides
        Most vehicles; None: any number.

    Returns
    -------
    found
        None where nothing arrives within the cutoff. Of journeys that arrive together the one
        with the fewest rides, then the least walking, then the lowest ids of trip and stops, in
        their order.
    """
    ready = np.where(access < FAR, leave + access, FAR).astype(np.int32)
    arrival, rides = _first_arrival(day, foot, ready, egress, leave + cutoff, max_rides)
    if rides == 0:
        return None
    limits = _latest(day, foot, egress, arrival, rides)
    return _least_walking(timetable, day, foot, access, egress, leave, limits)


def find_within_wait(
    timetable: Timetable,
    day: Day,
    foot: Lists,
    access: Int32,
    egress: Int32,
    *,
    leave: int,
    arrival: int,
    max_rides: int | None,
    max_wait: int,
) -> Found | None:
    """Return the journey with at least one ride that is there at a known earliest arrival.

    Parameters
    ----------
    timetable, day, foot, access, egress, leave, max_rides
        As for `find_earliest`.
    arrival
        The second of it, as `planner.travel.transit.waits` finds it.
    max_wait
        Longest wait after a change, in seconds.

    Returns
    -------
    found
        None where no ride is there by then. Of many journeys the one that `find_earliest` names.

    Notes
    -----
    How late one may be where is looked up as if any wait would do, which leaves out no journey.
    """
    for rides in range(1, (max_rides or MOST_RIDES) + 1):
        limits = _latest(day, foot, egress, arrival, rides)
        found = _least_walking(timetable, day, foot, access, egress, leave, limits, max_wait)
        if found is not None:
            return found
    return None


def _first_arrival(
    day: Day, foot: Lists, ready: Int32, egress: Int32, last: int, max_rides: int | None
) -> tuple[int, int]:
    """Return the earliest arrival, and the fewest rides it takes; 0: none by ``last``."""
    best, rides, now = last + 1, 0, 0
    known_off, known_ready = np.full_like(ready, FAR), ready
    while max_rides is None or now < max_rides:
        now += 1
        off, ready = forward_round(day, foot, ready)
        there = (off.astype(np.int64) + egress)[(off < FAR) & (egress < FAR)]
        if len(there) and there.min() < best:
            best, rides = int(there.min()), now
        # Whoever is later than the best so far brings nothing any more.
        off[off > best], ready[ready > best] = FAR, FAR
        if bool((off >= known_off).all() and (ready >= known_ready).all()):
            break
        known_off, known_ready = np.minimum(off, known_off), np.minimum(ready, known_ready)
    return best, rides


def _latest(
    day: Day, foot: Lists, egress: Int32, arrival: int, rides: int
) -> list[tuple[Int32, Int32]]:
    """Return, for 0, 1, ... rides to come, how late one may get off and be able to get on."""
    off = np.where(egress < FAR, arrival - egress, NEVER).astype(np.int32)
    limits = [(off, np.full_like(off, NEVER))]
    for _ in range(rides):
        limits.append(backward_round(day, foot, limits[-1][0]))
    return limits


class _Label(NamedTuple):
    """A way to be somewhere: compared by what is walked, then by ids; ``time`` stands apart."""

    walked: int
    ids: tuple[str, ...]
    time: int
    rides: tuple[Ride, ...]


def _least_walking(
    timetable: Timetable,
    day: Day,
    foot: Lists,
    access: Int32,
    egress: Int32,
    leave: int,
    limits: list[tuple[Int32, Int32]],
    max_wait: int | None = None,
) -> Found | None:
    """Go through all journeys that are in time, and keep those with less walking or less time.

    With a longest wait less time is no merit of its own.
    """
    rides = len(limits) - 1
    ready: dict[int, list[_Label]] = {}
    for stop in np.flatnonzero(access < FAR).tolist():
        walk = int(access[stop])
        if leave + walk <= limits[rides][1][stop]:
            _keep(ready, stop, _Label(walk, (), leave + walk, ()), max_wait)
    places = _places(day)
    off: dict[int, list[_Label]] = {}
    for to_come in range(rides - 1, -1, -1):
        off = {}
        for stop in sorted(ready):
            for label in ready[stop]:
                wait = int(FAR) if max_wait is None or not label.rides else max_wait
                for ride in _rides(day, places, stop, label.time, wait, limits[to_come][0]):
                    ids = (
                        str(timetable.trip_id[ride.trip]),
                        str(timetable.stop_id[ride.board_stop]),
                        str(timetable.stop_id[ride.alight_stop]),
                    )
                    onward = _Label(
                        label.walked, (*label.ids, *ids), ride.arrival, (*label.rides, ride)
                    )
                    _keep(off, ride.alight_stop, onward, max_wait)
        ready = {}
        for stop in sorted(off) if to_come else ():
            for place in range(int(foot.start[stop]), int(foot.start[stop + 1])):
                there, seconds = int(foot.to[place]), int(foot.seconds[place])
                walked = seconds if there != stop else 0
                for label in off[stop]:
                    if label.time + seconds <= limits[to_come][1][there]:
                        changed = label._replace(
                            walked=label.walked + walked, time=label.time + seconds
                        )
                        _keep(ready, there, changed, max_wait)
    if not off:
        return None
    best = min(
        (label.walked + int(egress[stop]), label.ids, label.time + int(egress[stop]), label.rides)
        for stop, labels in off.items()
        for label in labels
    )
    return Found(rides=best[3], arrival=best[2])


def _keep(labels: dict[int, list[_Label]], stop: int, label: _Label, max_wait: int | None) -> None:
    """Add a way, unless another is as soon and no worse; those that are not drop out."""
    kept = labels.setdefault(stop, [])
    if max_wait is not None:
        same = [old for old in kept if old.time == label.time]
        if not same or label[:2] < same[0][:2]:
            kept[:] = [*(old for old in kept if old.time != label.time), label]
        return
    if any(old.time <= label.time and old[:2] <= label[:2] for old in kept):
        return
    kept[:] = [old for old in kept if not (label.time <= old.time and label[:2] <= old[:2])]
    kept.append(label)


def _places(day: Day) -> tuple[Int64, Int64]:
    """Return positions by stop: those of stop ``s`` are ``order[start[s]:start[s + 1]]``."""
    order = np.argsort(day.pattern_stop, kind="stable").astype(np.int64)
    stops = int(day.pattern_stop.max(initial=-1)) + 1
    start = np.searchsorted(day.pattern_stop[order], np.arange(stops + 1))
    return start.astype(np.int64), order


def _rides(
    day: Day, places: tuple[Int64, Int64], stop: int, time: int, wait: int, latest: Int32
) -> Iterator[Ride]:
    """Return all rides from a stop that are still in time, on every vehicle from the next one on.

    A later vehicle is never sooner, but where it is in time, too, its id may be the lower one.
    """
    start, order = places
    if stop + 1 >= len(start):
        return
    for position in order[start[stop] : start[stop + 1]]:
        if not day.pickup[position]:
            continue
        pattern = int(np.searchsorted(day.pattern_start, position, side="right")) - 1
        first, end = int(day.pattern_start[pattern]), int(day.pattern_start[pattern + 1])
        later = np.arange(position + 1, end)
        nth = next_trip(day, pattern, position - first, time) if len(later) else -1
        trips = int(day.pattern_trip[pattern + 1] - day.pattern_trip[pattern])
        while 0 <= nth < trips:
            trip = int(day.pattern_trip[pattern]) + nth
            base = int(day.call_start[pattern]) + nth * (end - first)
            if day.departure[base + position - first] > time + wait:
                break
            arrival = day.arrival[base + later - first]
            in_time = day.drop_off[later] & (arrival <= latest[day.pattern_stop[later]])
            if not bool(in_time.any()):
                break
            for way in np.flatnonzero(in_time).tolist() if day.usable[trip] else ():
                yield Ride(
                    trip=trip,
                    board_stop=stop,
                    alight_stop=int(day.pattern_stop[later[way]]),
                    departure=int(day.departure[base + position - first]),
                    arrival=int(arrival[way]),
                    stops=way + 1,
                    board_position=int(position),
                    alight_position=int(later[way]),
                )
            nth += 1


def warm() -> None:
    """Compile every loop on a toy timetable."""
    zero, two = np.zeros(1, np.int32), np.arange(2, dtype=np.int32)
    yes = np.ones(2, bool)
    day = Day(
        *(np.array([0, 2]), two, np.array([0, 1]), np.array([0, 2]), two, two, yes, yes, yes[:1])
    )
    foot = Lists(np.zeros(3, np.int64), zero[:0], zero[:0])
    next_trip(day, 0, 0, 0)
    forward_round(day, foot, two)
    backward_round(day, foot, two)


@jit
def next_trip(day, pattern, along, time):  # type: ignore[no-untyped-def]
    """Return which trip of a pattern is the first to leave a position from a second on; -1: none.

    ``along`` counts positions from the pattern's first.
    """
    length = day.pattern_start[pattern + 1] - day.pattern_start[pattern]
    first = day.pattern_trip[pattern]
    trips = day.pattern_trip[pattern + 1] - first
    at = day.call_start[pattern] + along
    low, high = 0, trips
    while low < high:
        middle = (low + high) // 2
        if day.departure[at + middle * length] < time:
            low = middle + 1
        else:
            high = middle
    while low < trips and not day.usable[first + low]:
        low += 1
    return low if low < trips else -1


@jit
def forward_round(day, foot, ready):  # type: ignore[no-untyped-def]
    """Take one ride: the earliest of getting off, and of being able to get on after a change.

    ``ready`` is when one is able to get on at each stop; `FAR`: never.
    """
    off = np.full(len(ready), FAR, np.int32)
    for pattern in range(len(day.pattern_start) - 1):
        first, end = day.pattern_start[pattern], day.pattern_start[pattern + 1]
        trip = -1
        for position in range(first, end):
            stop = day.pattern_stop[position]
            if trip >= 0 and day.drop_off[position]:
                call = day.call_start[pattern] + trip * (end - first) + position - first
                off[stop] = min(off[stop], day.arrival[call])
            if day.pickup[position] and ready[stop] < FAR:
                nth = next_trip(day, pattern, position - first, ready[stop])
                if nth >= 0 and (trip < 0 or nth < trip):
                    trip = nth
    after = np.full(len(ready), FAR, np.int32)
    for stop in range(len(ready)):
        if off[stop] < FAR:
            for place in range(foot.start[stop], foot.start[stop + 1]):
                there = foot.to[place]
                after[there] = min(after[there], off[stop] + foot.seconds[place])
    return off, after


@jit
def backward_round(day, foot, latest):  # type: ignore[no-untyped-def]
    """Take one ride back: how late one may get off before it, and be able to get on.

    ``latest`` is how late one may get off it at each stop; `NEVER`: not there.
    """
    on = np.full(len(latest), NEVER, np.int32)
    for pattern in range(len(day.pattern_start) - 1):
        first, end = day.pattern_start[pattern], day.pattern_start[pattern + 1]
        trips = day.pattern_trip[pattern + 1] - day.pattern_trip[pattern]
        trip = -1
        for position in range(end - 1, first - 1, -1):
            stop = day.pattern_stop[position]
            at = day.call_start[pattern] + position - first
            if trip >= 0 and day.pickup[position]:
                on[stop] = max(on[stop], day.departure[at + trip * (end - first)])
            if not day.drop_off[position] or latest[stop] == NEVER:
                continue
            low, high = 0, trips
            while low < high:  # how many arrive in time
                middle = (low + high) // 2
                if day.arrival[at + middle * (end - first)] <= latest[stop]:
                    low = middle + 1
                else:
                    high = middle
            low -= 1
            while low >= 0 and not day.usable[day.pattern_trip[pattern] + low]:
                low -= 1
            trip = max(trip, low)
    off = np.full(len(latest), NEVER, np.int32)
    for stop in range(len(latest)):
        for place in range(foot.start[stop], foot.start[stop + 1]):
            there = foot.to[place]
            if on[there] > NEVER:
                off[stop] = max(off[stop], on[there] - foot.seconds[place])
    return off, on
