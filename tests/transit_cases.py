"""Small towns to ask about: hand-made, or drawn by hypothesis, with a plain search beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from made_feeds import HOUR, clock, to_timetable, walk_lists
from time_expanded import Call, Day, Trip, Walks

from planner.travel.kernels import FAR
from planner.travel.transit import raptor, reverse
from planner.travel.transit.mirror import mirrored
from planner.travel.transit.opening import build_hours
from planner.travel.transit.prune import prune_changes, prune_from, prune_to
from planner.travel.transit.schedule import Ahead, build_connections, build_schedule, turned

SAME = {stop: {stop: 0} for stop in "ABCDEFG"}


class Case:
    """One question, put to the forward search, the reverse search and the plain reference."""

    def __init__(
        self,
        trips: Sequence[Trip],
        *,
        changes: Walks = SAME,
        access: Walks | None = None,
        egress: Walks | None = None,
        begin: str = "8:00",
        minutes: int = 30,
        cutoff: int = 2 * HOUR,
        max_rides: int | None = None,
    ) -> None:
        self.trips, self.changes = trips, changes
        self.access = access if access is not None else {"home": {"A": 0}}
        self.egress = egress if egress is not None else {s: {s.lower(): 0} for s in "BCDEFG"}
        self.begin, self.minutes, self.cutoff = clock(begin), minutes, cutoff
        self.max_rides = max_rides
        self.homes = sorted(self.access)
        self.ends = sorted({end for ends in self.egress.values() for end in ends})
        named = sorted({c.stop for t in trips for c in t})
        self.timetable = to_timetable(trips, named)
        self.stops = [str(stop) for stop in self.timetable.stop_id]
        self.foot = walk_lists(changes, self.stops, self.stops)
        last = self.begin + 60 * (minutes - 1) + cutoff
        self.schedule = build_schedule(
            self.timetable, self.foot, begin=self.begin, end=last, wheelchair_only=False
        )
        self.last = last

    def forward(self) -> Any:
        """Return arrivals (home, minute, end)."""
        access = walk_lists(self.access, self.homes, self.stops)
        egress = walk_lists(self.egress, self.stops, self.ends)
        return self.within(
            self.search(self.schedule, access, egress, self.begin, len(self.homes), len(self.ends))
        )

    def backward(self) -> Any:
        """Return latest departures (home, minute, end) for deadlines in the window."""
        last = self.begin + 60 * (self.minutes - 1)
        schedule = build_schedule(
            self.timetable, self.foot, begin=self.begin - self.cutoff, end=last,
            wheelchair_only=False,
        )  # fmt: skip
        access = turned(walk_lists(self.egress, self.stops, self.ends), len(self.ends))
        egress = turned(walk_lists(self.access, self.homes, self.stops), len(self.stops))
        leave = self.search(
            mirrored(schedule), access, egress, -last, len(self.ends), len(self.homes)
        )
        now = -last + 60 * np.arange(self.minutes)[None, :, None]
        leave = np.where(leave - now <= self.cutoff, leave, FAR)
        return -leave[:, ::-1].transpose(2, 1, 0)

    def search(
        self, schedule: Any, access: Any, egress: Any, begin: int, starts: int, ends: int
    ) -> Any:
        schedule = prune_changes(schedule)
        access, egress = prune_to(schedule, access), prune_from(schedule, egress, ends)
        return raptor.arrivals_block(
            *(schedule, access, egress, Ahead(*raptor.least_ahead(schedule, egress))),
            *(ends, 0, starts, begin, self.minutes, self.cutoff, self.max_rides or raptor.ANY),
        )

    def within(self, arrive: Any) -> Any:
        now = self.begin + 60 * np.arange(self.minutes)[None, :, None]
        return np.where(arrive - now <= self.cutoff, arrive, FAR)

    def reference(self) -> Any:
        day = Day(self.trips, self.changes)
        arrive = np.full((len(self.homes), self.minutes, len(self.ends)), FAR)
        for row, home in enumerate(self.homes):
            for minute in range(self.minutes):
                found = day.arrivals(
                    self.begin + 60 * minute,
                    self.access[home],
                    self.egress,
                    cutoff=self.cutoff,
                    max_rides=self.max_rides,
                )
                for end, time in found.items():
                    arrive[row, minute, self.ends.index(end)] = time
        return arrive

    def latest(self) -> Any:
        """Return latest departures (home, minute, end) by the plain search."""
        day = Day(self.trips, self.changes)
        leave = np.full((len(self.homes), self.minutes, len(self.ends)), -FAR)
        for column, end in enumerate(self.ends):
            egress = {stop: ends[end] for stop, ends in self.egress.items() if end in ends}
            for minute in range(self.minutes):
                found = day.latest(
                    self.begin + 60 * minute,
                    self.access,
                    egress,
                    cutoff=self.cutoff,
                    max_rides=self.max_rides,
                )
                for home, time in found.items():
                    leave[self.homes.index(home), minute, column] = time
        return leave

    def reverse(self, ends: Sequence[str] | None = None) -> Any:
        """Return arrivals (home, minute) at the nearest of some ends."""
        wanted = self.ends if ends is None else ends
        least: dict[str, dict[str, int]] = {}
        for stop, walks in self.egress.items():
            near = [seconds for end, seconds in walks.items() if end in wanted]
            least[stop] = {"site": min(near)} if near else {}
        egress = walk_lists(least, self.stops, ["site"])
        hours, _ = build_hours(pd.Index(["site"]), None)
        schedule = prune_changes(self.schedule)
        egress = prune_from(schedule, egress, 1)
        access = prune_to(schedule, walk_lists(self.access, self.homes, self.stops))
        doors = turned(access, len(self.stops))
        hops = build_connections(schedule, begin=self.begin, end=self.last)
        enough, arrive = reverse.scan(
            *(hops, doors, egress, hours, len(self.homes), self.begin, self.minutes),
            *(self.max_rides or 1, self.max_rides is not None, 64),
        )
        assert enough
        return self.within(arrive[:, :, None])[:, :, 0]

    def at(self, minute: str, end: str) -> int:
        step = (clock(minute) - self.begin) // 60
        return int(self.forward()[0, step, self.ends.index(end)])

    def check(self) -> None:
        forward, reference = self.forward(), self.reference()
        np.testing.assert_array_equal(forward, reference)
        np.testing.assert_array_equal(self.reverse(), reference.min(axis=2))


STOPS = "ABCDEF"


@st.composite
def days(draw: st.DrawFn) -> Case:
    """Draw a small town: a few lines, close times, equal seconds and hops without time."""
    times = st.integers(0, 40)
    trips = []
    for _ in range(draw(st.integers(1, 7))):
        line = draw(st.lists(st.sampled_from(STOPS), min_size=2, max_size=5))
        rights = [(draw(st.integers(0, 5)) > 0, draw(st.integers(0, 5)) > 0) for _ in line]
        for _ in range(draw(st.integers(1, 3))):
            now = 8 * HOUR + 30 * draw(times)
            calls = []
            for stop, (on, off) in zip(line, rights, strict=True):
                arrival = now + 30 * draw(st.integers(0, 8))
                now = arrival + 30 * draw(st.sampled_from([0, 0, 0, 1, 4]))
                calls.append(Call(stop, arrival, now, on, off))
            trips.append(calls)
    walk = st.dictionaries(st.sampled_from(STOPS), st.integers(0, 300), max_size=3)
    to_ends = st.dictionaries(st.sampled_from("xyz"), st.integers(0, 300))
    changes = {stop: draw(walk) for stop in STOPS}
    for stop in draw(st.sets(st.sampled_from(STOPS), min_size=4)):
        changes[stop].setdefault(stop, 0)
    return Case(
        trips,
        changes=changes,
        access={home: draw(walk) for home in ("h1", "h2")},
        egress={stop: draw(to_ends) for stop in STOPS},
        minutes=draw(st.integers(1, 25)),
        cutoff=draw(st.sampled_from([600, 1800, 7200])),
        max_rides=draw(st.sampled_from([None, None, 1, 2, 3, 4, 5])),
    )
