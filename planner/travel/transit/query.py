"""What do all searches for one day and one set of limits share? `Frame`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from planner.errors import TravelError
from planner.travel.snap import Snapped, snap_points
from planner.travel.transit import raptor
from planner.travel.transit.kept import keep
from planner.travel.transit.mirror import mirrored
from planner.travel.transit.network import TransitNetwork, Walks, ceil_seconds
from planner.travel.transit.prune import prune_changes, prune_from, prune_to
from planner.travel.transit.schedule import (
    Ahead,
    Connections,
    Lists,
    Schedule,
    build_connections,
    build_schedule,
    to_lists,
    turned,
)
from planner.travel.transit.settings import TransitSettings
from planner.travel.transit.timetable import Int32
from planner.travel.transit.waits import WaitSearch
from planner.travel.walk import check_points


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """A day as a search goes through it: forwards, or backwards for arrivals by a deadline.

    Backwards, all seconds stand with the other sign, the window begins with its last deadline,
    journeys start at what are really their destinations, and end at the origins.

    Parameters
    ----------
    network, settings
        The question.
    schedule
        Vehicles and changes; those that can be of no use are left out.
    begin, minutes, cutoff
        The first second of the window, its minutes, and the longest journey in seconds.
    most
        Most rides.
    backwards
        Which of the two it is.
    """

    network: TransitNetwork
    settings: TransitSettings
    schedule: Schedule
    begin: int
    minutes: int
    cutoff: int
    most: int
    backwards: bool

    @property
    def stops(self) -> int:
        """Number of stops."""
        return len(self.schedule.board_start) - 1

    @property
    def end(self) -> int:
        """When the last journey can end."""
        return self.begin + 60 * (self.minutes - 1) + self.cutoff

    @property
    def hops(self) -> Connections:
        """The hops of the window, for the profile scan."""
        return keep(
            self.network,
            ("hops", _day(self.settings)),
            lambda: build_connections(self.schedule, begin=self.begin, end=self.end),
        )

    @property
    def now(self) -> Any:
        """The second at which each minute's journeys start, in the order of the search."""
        return self.begin + 60 * np.arange(self.minutes)

    @cached_property
    def waits(self) -> WaitSearch | None:
        """The search with a longest wait; None: any wait will do."""
        wait = self.settings.max_wait_seconds
        if wait is None:
            return None
        return WaitSearch(
            hops=self.hops,
            foot=self.schedule.foot,
            begin=self.begin,
            minutes=self.minutes,
            cutoff=self.cutoff,
            wait=wait,
            most=self.settings.max_rides,
        )

    def arrivals(
        self, access: Lists, egress: Lists, ahead: Ahead, count: int, first: int, last: int
    ) -> Int32:
        """Return arrivals (starts, minutes, ends) of the starts ``first`` to ``last``.

        ``access`` and ``egress`` are walks from starts to stops and from there to ``count`` ends.
        `FAR`, or later than the cutoff after leaving: not reached in time.
        """
        if self.waits is not None:
            near = slice(access.start[first], access.start[last])
            start = access.start[first : last + 1] - access.start[first]
            some = Lists(start, access.to[near], access.seconds[near])
            doors = turned(some, self.stops)
            return self.waits.to_all(doors, last - first, egress, count)
        arrive: Int32 = raptor.arrivals_block(
            *(self.schedule, access, egress, ahead, count, first, last),
            *(self.begin, self.minutes, self.cutoff, self.most),
        )
        return arrive

    def access(self, points: Snapped) -> Lists:
        """Return the walks that begin journeys, from points to stops."""
        return prune_to(self.schedule, self._near(points, first=True).lists())

    def egress(self, points: Snapped) -> Lists:
        """Return the walks that end journeys, from stops to points."""
        walks = turned(self._near(points, first=False).lists(), self.stops)
        return prune_from(self.schedule, walks, len(points.index))

    def doors(self, points: Snapped) -> Lists:
        """Return, for each stop, the walks between it and points as a search for them wants it.

        These are the walks that begin journeys, or that end them if time runs backwards.
        """

        def make() -> Lists:
            if self.backwards:
                return self.egress(points)
            return turned(self.access(points), self.stops)

        day = replace(_day(self.settings), max_wait_minutes=None)
        return keep(self.network, ("doors", _where(points), day), make)

    def ahead(self, egress: Lists) -> Ahead:
        """Return the least time to the end from everywhere."""
        return Ahead(*raptor.least_ahead(self.schedule, egress))

    def _near(self, points: Snapped, *, first: bool) -> Walks:
        # Where time runs backwards, the search begins where people really arrive.
        really_first = first != self.backwards
        minutes = self.settings.access_minutes if really_first else self.settings.egress_minutes
        return walks_to_stops(self.network, points, minutes)


def build_frame(network: TransitNetwork, settings: TransitSettings) -> Frame:
    """Lay out the day as the settings want it.

    Raises
    ------
    TravelError
        The timetable is of another day, or transfers longer than the network holds are asked
        for.
    """
    check(network, settings)
    backwards = settings.by == "arrival"
    return Frame(
        network=network,
        settings=settings,
        schedule=keep(network, ("schedule", _day(settings)), lambda: _schedule(network, settings)),
        begin=-settings.last_second if backwards else settings.first_second,
        minutes=settings.minutes,
        cutoff=settings.cutoff_seconds,
        most=settings.max_rides or raptor.ANY,
        backwards=backwards,
    )


def check(network: TransitNetwork, settings: TransitSettings) -> None:
    """Refuse settings that are not for this network."""
    if network.timetable.date != settings.date:
        raise TravelError(
            f"Public transport: the timetable is of {network.timetable.date}, and journeys on "
            f"{settings.date} are asked for.",
            hint="Read the timetable for that day.",
        )
    if settings.transfer_minutes > network.transfer_minutes:
        raise TravelError(
            f"Public transport: walks between stops were searched up to "
            f"{network.transfer_minutes:g} minutes, not {settings.transfer_minutes:g}."
        )


def snap(network: TransitNetwork, points: gpd.GeoSeries, which: str) -> Snapped:
    """Put points on the streets of the network."""
    check_points(points, which)

    def make() -> Snapped:
        return snap_points(
            network.streets,
            points,
            snap_metres=network.snap_metres,
            extent_metres=network.extent_metres,
        )

    asked = hashlib.sha256("\0".join(map(repr, shapely.to_wkb(points.array))).encode()).digest()
    return replace(keep(network, ("snap", asked), make), index=points.index)


def walks_to_stops(network: TransitNetwork, points: Snapped, minutes: float) -> Walks:
    """Return the walks between points and stops; the ways back are as long."""
    return keep(
        network,
        ("walks", _where(points), minutes),
        lambda: network.walks_to_stops(points, minutes=minutes),
    )


def _where(points: Snapped) -> bytes:
    return hashlib.sha256(points.x.tobytes() + points.y.tobytes()).digest()


def _day(settings: TransitSettings) -> TransitSettings:
    """Return settings with what does not change the layout of the day at its default."""
    wait = None if settings.max_wait_minutes is None else 0.0  # whether there is a limit
    return replace(
        settings, percentiles=(50,), direct_minutes=None, max_rides=None, max_wait_minutes=wait
    )


def _schedule(network: TransitNetwork, settings: TransitSettings) -> Schedule:
    walks = network.changes
    slack = ceil_seconds(settings.transfer_slack_minutes * 600)
    longest = int(np.floor(settings.transfer_minutes * 60 + 1e-6))
    kept = network.unlimited | (walks.seconds <= longest)
    seconds = walks.seconds + np.where(network.stated, 0, slack)
    schedule = build_schedule(
        network.timetable,
        to_lists(walks.origin[kept], walks.there[kept], seconds[kept], walks.origins),
        begin=settings.first_second,
        end=settings.last_second,
        wheelchair_only=settings.wheelchair_only,
    )
    schedule = mirrored(schedule) if settings.by == "arrival" else schedule
    # Another change that is in time as well may be one where the wait is too long.
    return schedule if settings.max_wait_minutes is not None else prune_changes(schedule)
