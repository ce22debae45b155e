"""A slow and plain answer to "when does one arrive?", to check the fast ones against.

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
        for number, trip in enumerate(trips):
            for place, call in enumerate(trip[:-1]):
                if call.pickup:
                    self.departures[call.stop].append((call.departure, number, place))

    def arrivals(
        self,
        leave: int,
        access: Mapping[str, int],
        egress: Walks,
        *,
        cutoff: int,
        max_rides: int | None = None,
    ) -> dict[str, int]:
        """Return the earliest arrival at each destination that is reached within the cutoff.

        ``egress[stop][destination]`` are seconds on foot; a walk only follows a ride.
        """
        last = leave + cutoff
        queue: list[tuple[int, str, str, int, int]] = []
        for stop, seconds in access.items():
            heapq.heappush(queue, (leave + seconds, "stop", stop, 0, 0))
        done: set[tuple[str, str, int, int]] = set()
        found: dict[str, int] = {}
        while queue:
            now, kind, stop, number, rides = heapq.heappop(queue)
            if now > last or (kind, stop, number, rides) in done:
                continue
            done.add((kind, stop, number, rides))
            if kind == "stop":
                if max_rides is not None and rides == max_rides:
                    continue
                for departure, trip, place in self.departures[stop]:
                    if departure >= now:
                        self._sit(queue, trip, place + 1, rides + (max_rides is not None))
                continue
            trip, place = int(stop), number
            call = self.trips[trip][place]
            if call.drop_off:
                for destination, seconds in egress.get(call.stop, {}).items():
                    if now + seconds <= min(last, found.get(destination, last)):
                        found[destination] = now + seconds
                for there, seconds in self.changes.get(call.stop, {}).items():
                    heapq.heappush(queue, (now + seconds, "stop", there, 0, rides))
            if place + 1 < len(self.trips[trip]):
                self._sit(queue, trip, place + 1, rides)
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
