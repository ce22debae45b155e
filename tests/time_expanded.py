"""A slow and plain answer to "when does one arrive, or leave?", to check the fast ones against.

Dijkstra's search over events: *being able to get on at a stop* and *sitting in a trip as it arrives
at one of its stops*. Every later departure of every trip is tried, so nothing is assumed of order
or overtaking.
"""

from __future__ import annotations

import csv
import datetime as dt
import heapq
import io
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Call:
    stop: str
    arrival: int
    departure: int
    pickup: bool = True
    drop_off: bool = True


Trip = Sequence[Call]
Walks = Mapping[str, Mapping[str, int]]


class Day:
    """All trips of a day, and the changes on foot between stops (one at a stop: to itself)."""

    def __init__(self, trips: Sequence[Trip], changes: Walks) -> None:
        self.trips = trips
        self.changes = changes
        self.departures: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        self.alightings: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for number, trip in enumerate(trips):
            for place, call in enumerate(trip[:-1]):
                if call.pickup:
                    self.departures[call.stop].append((call.departure, number, place))
            for place, call in enumerate(trip[1:], 1):
                if call.drop_off:
                    self.alightings[call.stop].append((call.arrival, number, place))

    def arrivals(
        self,
        leave: int,
        access: Mapping[str, int],
        egress: Walks,
        *,
        cutoff: int,
        max_rides: int | None = None,
        max_wait: int | None = None,
    ) -> dict[str, int]:
        """Return the earliest arrival at each destination that is reached within the cutoff.

        ``egress[stop][destination]`` are seconds on foot; a walk only follows a ride. After a
        change nobody waits longer than ``max_wait`` for the vehicle; then being able to get on
        earlier is not as good as later, and every such event counts.
        """
        last = leave + cutoff
        queue: list[tuple[int, str, str, int, int]] = []
        for stop, seconds in access.items():
            heapq.heappush(queue, (leave + seconds, "first stop", stop, 0, 0))
        done: set[tuple[str, str, int, int, int | None]] = set()
        # A trip arrives when it arrives: nobody need be told twice.
        told: set[tuple[int, int, int]] = set()
        soonest: dict[tuple[str, int], int] = {}
        found: dict[str, int] = {}
        while queue:
            now, kind, stop, number, rides = heapq.heappop(queue)
            if now > last:
                break
            event_done = (kind, stop, number, rides, None if max_wait is None else now)
            if event_done in done:
                continue
            done.add(event_done)
            if kind in {"stop", "first stop"}:
                any_wait = max_wait is None or kind == "first stop"
                if max_rides is not None and rides == max_rides:
                    continue
                for departure, trip, place in self.departures[stop]:
                    event = (trip, place + 1, rides + (max_rides is not None))
                    within = any_wait or departure - now <= (max_wait or 0)
                    if now <= departure <= last and within and event not in told:
                        told.add(event)
                        self._sit(queue, *event)
                continue
            trip, place = int(stop), number
            call = self.trips[trip][place]
            if call.drop_off:
                for destination, seconds in egress.get(call.stop, {}).items():
                    if now + seconds <= min(last, found.get(destination, last)):
                        found[destination] = now + seconds
                for there, seconds in self.changes.get(call.stop, {}).items():
                    sooner = now + seconds < soonest.get((there, rides), last + 1)
                    if sooner or max_wait is not None:
                        soonest[there, rides] = now + seconds
                        heapq.heappush(queue, (now + seconds, "stop", there, 0, rides))
            if place + 1 < len(self.trips[trip]):
                self._sit(queue, trip, place + 1, rides)
        return found

    def latest(
        self,
        deadline: int,
        access: Walks,
        egress: Mapping[str, int],
        *,
        cutoff: int,
        max_rides: int | None = None,
        max_wait: int | None = None,
    ) -> dict[str, int]:
        """Return the latest departure from each home that is in time for a deadline.

        ``access[home][stop]`` and ``egress[stop]`` are seconds on foot. Events are gone through
        from the last to the first: *being off a vehicle at a stop*, and *sitting in a trip before
        it arrives at one of its stops*.
        """
        first = deadline - cutoff
        homes: dict[str, dict[str, int]] = defaultdict(dict)
        for home, walks in access.items():
            for stop, seconds in walks.items():
                homes[stop][home] = seconds
        before: dict[str, dict[str, int]] = defaultdict(dict)
        for stop, walks in self.changes.items():
            for there, seconds in walks.items():
                before[there][stop] = seconds
        queue: list[tuple[int, str, str, int, int]] = []
        for stop, seconds in egress.items():
            heapq.heappush(queue, (seconds - deadline, "last off", stop, 0, 0))
        done: set[tuple[str, str, int, int, int | None]] = set()
        told: set[tuple[int, int, int]] = set()
        last: dict[tuple[str, int], int] = {}
        found: dict[str, int] = {}
        while queue:
            minus, kind, name, place, rides = heapq.heappop(queue)
            now = -minus
            if now < first:
                break
            event_done = (kind, name, place, rides, None if max_wait is None else now)
            if event_done in done:
                continue
            done.add(event_done)
            counted = max_rides is not None
            if kind in {"off", "last off"}:
                any_wait = max_wait is None or kind == "last off"
                if counted and rides == max_rides:
                    continue
                for arrival, number, place in self.alightings[name]:
                    event = (number, place, rides + counted)
                    within = any_wait or now - arrival <= (max_wait or 0)
                    if first <= arrival <= now and within and event not in told:
                        told.add(event)
                        heapq.heappush(queue, (-arrival, "in", str(number), *event[1:]))
                continue
            call = self.trips[int(name)][place - 1]
            if call.pickup:
                for home, seconds in homes[call.stop].items():
                    leave = call.departure - seconds
                    if leave >= max(first, found.get(home, first)):
                        found[home] = leave
                for stop, seconds in before[call.stop].items():
                    then = call.departure - seconds
                    if then > last.get((stop, rides), first - 1) or max_wait is not None:
                        last[stop, rides] = then
                        heapq.heappush(queue, (-then, "off", stop, 0, rides))
            if place > 1:
                heapq.heappush(queue, (-call.arrival, "in", name, place - 1, rides))
        return found

    def _sit(self, queue: list, trip: int, place: int, rides: int) -> None:
        heapq.heappush(queue, (self.trips[trip][place].arrival, "trip", str(trip), place, rides))


def read_plain_trips(path: Path, day: dt.date, *, prefix: str) -> list[list[Call]]:
    """Read the trips of one day out of a GTFS file that needs no interpretation.

    Only for files with a calendar, without exceptions, headways, blank times and repeated ids.
    Trips of the day before are moved back by 24 hours, those of the day after forward.
    """
    with zipfile.ZipFile(path) as archive:

        def rows(name: str) -> list[dict[str, str]]:
            with archive.open(name) as handle:
                return list(csv.DictReader(io.TextIOWrapper(handle, "utf-8-sig")))

        assert not rows("calendar_dates.txt")
        names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        shifts: dict[str, list[int]] = defaultdict(list)
        for shift in (-1, 0, 1):
            then = day + dt.timedelta(days=shift)
            for row in rows("calendar.txt"):
                spans = row["start_date"] <= f"{then:%Y%m%d}" <= row["end_date"]
                if spans and row[names[then.weekday()]] == "1":
                    shifts[row["service_id"]].append(shift * 86_400)
        service = {row["trip_id"]: row["service_id"] for row in rows("trips.txt")}
        calls: dict[str, list[tuple[int, Call]]] = defaultdict(list)
        for row in rows("stop_times.txt"):
            if shifts[service[row["trip_id"]]]:
                calls[row["trip_id"]].append((int(row["stop_sequence"]), _call(row, prefix)))
    trips = []
    for trip, listed in calls.items():
        ordered = [call for _, call in sorted(listed, key=lambda pair: pair[0])]
        for shift in shifts[service[trip]]:
            moved = [
                Call(c.stop, c.arrival + shift, c.departure + shift, c.pickup, c.drop_off)
                for c in ordered
            ]
            trips.append(moved)
    return trips


def _call(row: dict[str, str], prefix: str) -> Call:
    def seconds(text: str) -> int:
        hours, minutes, rest = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + int(rest)

    return Call(
        prefix + row["stop_id"],
        seconds(row["arrival_time"]),
        seconds(row["departure_time"]),
        row.get("pickup_type", "0") not in {"1", "2"},
        row.get("drop_off_type", "0") not in {"1", "2"},
    )
