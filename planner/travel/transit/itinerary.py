"""How does one get from here to there, leaving at one minute, leg by leg?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from planner.area import CRS
from planner.errors import TravelError
from planner.travel.journey import (
    Itinerary,
    Leg,
    RideLeg,
    StreetLeg,
    WaitLeg,
    clock_words,
    minutes_words,
    vehicle_words,
)
from planner.travel.kernels import FAR
from planner.travel.paths import StreetPath, build_street_path
from planner.travel.snap import Snapped, snap_points
from planner.travel.times import Status
from planner.travel.transit.earliest import (
    Day,
    Found,
    Ride,
    build_day,
    find_earliest,
    find_within_wait,
)
from planner.travel.transit.network import STATION_DETOUR, TransitNetwork, ceil_seconds, join
from planner.travel.transit.schedule import Lists, to_lists
from planner.travel.transit.search import arrivals
from planner.travel.transit.settings import TransitSettings
from planner.travel.transit.timetable import Int32, Timetable

__all__ = [
    "Itinerary",
    "LastDeparture",
    "RideLeg",
    "StreetLeg",
    "WaitLeg",
    "build_last_departure",
    "explain",
    "explain_no_journey",
]


@dataclass(frozen=True, kw_only=True)
class LastDeparture:
    """The last minute at which leaving still works.

    Parameters
    ----------
    minute, itinerary
        After midnight, and the journey; None where no vehicle helps.
    walk_seconds
        Walking all the way, if that is within the limits: it works at any time.
    text
        All of this in words.
    """

    minute: int | None
    itinerary: Itinerary | None
    walk_seconds: int | None
    text: str


def explain(
    network: TransitNetwork,
    origin: shapely.Point,
    destination: shapely.Point,
    settings: TransitSettings,
    *,
    minute: int,
    to: str = "the destination",
) -> Itinerary | None:
    """Return the journey that arrives first, leaving at one minute of the day.

    Parameters
    ----------
    network
        Streets and timetable.
    origin, destination
        Points in EPSG:27700.
    settings
        Day and limits; its window is not used.
    minute
        Of leaving, after midnight.
    to
        What to call the destination.

    Returns
    -------
    itinerary
        It arrives at the second that `planner.travel.transit.search.arrivals` gives. Of journeys
        that arrive together the one with the fewest rides (so walking all the way comes first),
        then the one with the least walking, then the one whose trips and stops have the lowest
        ids. None where there is no journey within the limits: `explain_no_journey` says why.

    Raises
    ------
    TravelError
        The timetable is of another day, or longer changes on foot than the network holds are
        asked for.
    """
    return _Asked.build(network, origin, destination, settings, to).itinerary(minute)


def explain_no_journey(
    network: TransitNetwork,
    origin: shapely.Point,
    destination: shapely.Point,
    settings: TransitSettings,
) -> tuple[Status, str]:
    """Return which of the statuses a pair without a journey has, and a sentence that says so."""
    asked = _Asked.build(network, origin, destination, settings, "")
    for end, name in ((0, "The start"), (1, "The destination")):
        status = str(asked.spots.status[end])
        if status == "not_connected":
            return "not_connected", (
                f"{name} is more than {network.snap_metres:g} m from any mapped street, so no "
                "journey can be worked out."
            )
        if status == "outside_extent":
            return "outside_extent", (
                f"{name} lies outside the mapped streets: nothing can be said about journeys "
                "there. Add a street file that covers it."
            )
        if status == "no_data":
            return "no_data", f"{name} has no position."
    pieces = network.component(asked.spots, wheelchair_only=settings.wheelchair_only)
    if pieces[0] != pieces[1]:
        stated = " stated to be accessible" if settings.wheelchair_only else ""
        return "unreachable", (
            f"No street and no vehicle{stated} of {settings.date:%A %-d %B %Y} leads from the "
            "start to the destination."
        )
    rides = f" and {settings.max_rides} rides" if settings.max_rides else ""
    return "over_cutoff", (
        f"There is a way, but none within {settings.cutoff_minutes:g} minutes{rides} when leaving "
        "at this minute, waiting included."
    )


def build_last_departure(
    network: TransitNetwork,
    origin: shapely.Point,
    destination: shapely.Point,
    settings: TransitSettings,
    *,
    until_minute: int = 24 * 60 - 1,
    to: str = "the destination",
) -> LastDeparture:
    """Return the last minute at which one can leave and still get there by a vehicle.

    Parameters
    ----------
    network, origin, destination, settings, to
        As for `explain`; every journey keeps within the cutoff.
    until_minute
        The last minute looked at, after midnight; the first is midnight.

    Returns
    -------
    last
        A vehicle counts only where it is there sooner than walking all the way, also where that
        is longer than the settings let people walk.
    """
    asked = _Asked.build(network, origin, destination, settings, to)
    walk = asked.walk_seconds(settings.direct)
    anyhow = asked.walk_seconds(settings.cutoff_minutes)
    window = replace(settings, start_minute=0, end_minute=until_minute + 1, direct_minutes=0.0)
    home, away = (gpd.GeoSeries([end], index=["0"], crs=CRS) for end in (origin, destination))
    arrive = np.asarray(arrivals(network, home, away, window))[0, :, 0].astype(np.int64)
    leave = 60 * np.arange(until_minute + 1)
    works = (arrive < FAR) & (arrive < leave + (FAR if anyhow is None else anyhow))
    on_foot = "" if walk is None else f"Walking all the way takes {minutes_words(walk)} at any time"
    if not works.any():
        text = f"{on_foot}; no vehicle is quicker." if on_foot else (
            f"No vehicle gets there within {settings.cutoff_minutes:g} minutes, whenever one "
            f"leaves until {clock_words(60 * until_minute)}."
        )  # fmt: skip
        return LastDeparture(minute=None, itinerary=None, walk_seconds=walk, text=text)
    minute = int(np.flatnonzero(works)[-1])
    found = asked.itinerary(minute)
    assert found is not None
    way = "; ".join(found.in_words())
    text = f"The last time to leave is {clock_words(60 * minute)}. {way}."
    if minute == until_minute:
        text = f"One can still leave at {clock_words(60 * minute)}, the last minute looked at."
    more = f" {on_foot}." if on_foot else ""
    return LastDeparture(minute=minute, itinerary=found, walk_seconds=walk, text=text + more)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    """One pair of points on a network: 0 is the origin, 1 the destination, stops from 2 on."""

    network: TransitNetwork
    settings: TransitSettings
    spots: Snapped
    places: Snapped
    to: str
    access: Int32
    egress: Int32
    foot: Lists
    day: Day
    points: tuple[shapely.Point, shapely.Point]

    @classmethod
    def build(
        cls,
        network: TransitNetwork,
        origin: shapely.Point,
        destination: shapely.Point,
        settings: TransitSettings,
        to: str,
    ) -> _Asked:
        if network.timetable.date != settings.date:
            raise TravelError(
                f"Journey: the timetable is of {network.timetable.date}, and one on "
                f"{settings.date} is asked for.",
                hint="Read the timetable for that day.",
            )
        if settings.transfer_minutes > network.transfer_minutes:
            raise TravelError(
                f"Journey: walks between stops were searched up to {network.transfer_minutes:g} "
                f"minutes, not {settings.transfer_minutes:g}."
            )
        spots = snap_points(
            network.streets,
            gpd.GeoSeries([origin, destination], index=["0", "1"], crs=CRS),
            snap_metres=network.snap_metres,
            extent_metres=network.extent_metres,
        )
        legs = [
            network.walks_to_stops(spots, minutes=limit)
            for limit in (settings.access_minutes, settings.egress_minutes)
        ]
        to_stops = []
        for end, walks in enumerate(legs):
            seconds = np.full(len(network.timetable.stop_id), FAR, np.int32)
            mine = walks.origin == end
            seconds[walks.there[mine]] = walks.seconds[mine]
            to_stops.append(seconds)
        return cls(
            network=network,
            settings=settings,
            spots=spots,
            places=join(spots, network.stops),
            to=to,
            access=to_stops[0],
            egress=to_stops[1],
            foot=_foot(network, settings),
            day=build_day(network.timetable, wheelchair_only=settings.wheelchair_only),
            points=(origin, destination),
        )

    def walk_seconds(self, minutes: float) -> int | None:
        """Return the seconds of walking all the way, if that is within some minutes."""
        walks = self.network.walks(self.spots, self.spots, minutes=minutes)
        mine = (walks.origin == 0) & (walks.there == 1)
        found = walks.seconds[mine]
        within = len(found) and int(found[0]) <= self.settings.cutoff_seconds
        return int(found[0]) if within else None

    def itinerary(self, minute: int) -> Itinerary | None:
        """Return the journey that leaves at a minute."""
        leave = 60 * minute
        walk = self.walk_seconds(self.settings.direct)
        found = self._found(minute)
        if found is None and walk is None:
            return None
        if found is None or (walk is not None and leave + walk <= found.arrival):
            assert walk is not None
            legs: tuple[Leg, ...] = (self._walk(0, 1, leave, walk, self.to),) if walk else ()
            arrive = leave + walk
        else:
            legs, arrive = self._legs(found, leave), found.arrival
        return Itinerary(
            legs=legs,
            leave_seconds=leave,
            arrive_seconds=arrive,
            origin=self.points[0],
            destination=self.points[1],
            date=self.settings.date,
        )

    def _found(self, minute: int) -> Found | None:
        """Return the vehicles that bring one there first."""
        settings, leave = self.settings, 60 * minute
        asked = (self.network.timetable, self.day, self.foot, self.access, self.egress)
        wait, rides = settings.max_wait_seconds, settings.max_rides
        if wait is None:
            cutoff = settings.cutoff_seconds
            return find_earliest(*asked, leave=leave, cutoff=cutoff, max_rides=rides)
        now = replace(
            settings, by="departure", start_minute=minute, end_minute=minute + 1, direct_minutes=0.0
        )
        home, away = (gpd.GeoSeries([end], index=["0"], crs=CRS) for end in self.points)
        arrival = int(arrivals(self.network, home, away, now)[0, 0, 0])
        if arrival >= FAR:
            return None
        return find_within_wait(
            *asked, leave=leave, arrival=arrival, max_rides=rides, max_wait=wait
        )

    def _legs(self, found: Found, leave: int) -> tuple[Leg, ...]:
        legs: list[Leg] = []
        now, here = leave, 0
        for number, ride in enumerate(found.rides):
            there = 2 + ride.board_stop
            seconds, stated = self._to_stop(number, here, ride.board_stop)
            if here != there and (seconds or number):
                name = self._stop(ride.board_stop)
                legs.append(self._walk(here, there, now, seconds, name, stated=stated))
                now += seconds
            if ride.departure > now:
                legs.append(self._wait(ride, now))
            legs.append(self._ride(ride))
            now, here = ride.arrival, 2 + ride.alight_stop
        if found.arrival > now:
            legs.append(self._walk(here, 1, now, found.arrival - now, self.to))
        return tuple(legs)

    def _wait(self, ride: Ride, since: int) -> WaitLeg:
        xy = (self.places.x[2 + ride.board_stop], self.places.y[2 + ride.board_stop])
        return WaitLeg(
            start_seconds=since,
            end_seconds=ride.departure,
            at=self._stop(ride.board_stop),
            line=shapely.Point(xy) if np.isfinite(xy[0]) else shapely.Point(),
        )

    def _to_stop(self, number: int, here: int, stop: int) -> tuple[int, bool]:
        """Return the seconds to where one gets on, and whether the timetable says so."""
        if number == 0:
            return int(self.access[stop]), False
        changes = self.network.changes
        at = np.flatnonzero((changes.origin == here - 2) & (changes.there == stop))[0]
        return int(changes.seconds[at]), bool(self.network.stated[at])

    def _walk(
        self, here: int, there: int, start: int, seconds: int, to: str, *, stated: bool = False
    ) -> StreetLeg:
        """Return the walk between two places: along the streets, or straight where that is not."""
        xy = np.column_stack([self.places.x, self.places.y])[[here, there]]
        path = None if stated else self._path(here, there, seconds)
        # The timetable may state a change between stops without a position.
        straight = shapely.LineString(xy) if np.isfinite(xy).all() else shapely.LineString()
        return StreetLeg(
            start_seconds=start,
            end_seconds=start + seconds,
            metres=path.metres if path else straight.length * STATION_DETOUR,
            to=to,
            line=path.line if path else straight,
            stated=stated,
            inside=path is None and not stated,
        )

    def _path(self, here: int, there: int, seconds: int) -> StreetPath | None:
        network = self.network
        path = build_street_path(
            *(network.streets, network.graph, self.places, here, there),
            walk_kmh=network.walk_kmh,
            cutoff_deciseconds=10 * seconds,
        )
        return path if path and ceil_seconds(path.deciseconds) == seconds else None

    def _ride(self, ride: Ride) -> RideLeg:
        t = self.network.timetable
        called = t.pattern_stop[ride.board_position : ride.alight_position + 1]
        xy = np.column_stack([t.stop_x[called], t.stop_y[called]])
        xy = xy[np.isfinite(xy[:, 0])]
        route, vehicle = _route(t, ride.trip)
        return RideLeg(
            start_seconds=ride.departure,
            end_seconds=ride.arrival,
            vehicle=vehicle,
            route=route,
            headsign=str(t.trip_headsign[ride.trip]) if len(t.trip_headsign) else "",
            trip_id=str(t.trip_id[ride.trip]),
            board_id=str(t.stop_id[ride.board_stop]),
            board=self._stop(ride.board_stop),
            alight_id=str(t.stop_id[ride.alight_stop]),
            alight=self._stop(ride.alight_stop),
            stops=ride.stops,
            line=shapely.LineString(xy) if len(xy) > 1 else shapely.LineString(),
        )

    def _stop(self, stop: int) -> str:
        """Return what a stop is called; its id where it has no name."""
        t = self.network.timetable
        name = str(t.stop_name[stop]) if len(t.stop_name) else ""
        return name or str(t.stop_id[stop])


def _route(timetable: Timetable, trip: int) -> tuple[str, str]:
    """Return the route and the vehicle of a trip; the trip's id where no route is known."""
    if not len(timetable.trip_route):
        return str(timetable.trip_id[trip]), vehicle_words(-1)
    route = int(timetable.trip_route[trip])
    name = str(timetable.route_name[route])
    return name, vehicle_words(int(timetable.route_type[route]))


def _foot(network: TransitNetwork, settings: TransitSettings) -> Lists:
    """Return the changes on foot that the settings allow, with their slack."""
    walks = network.changes
    slack = int(ceil_seconds(settings.transfer_slack_minutes * 600))
    longest = int(np.floor(settings.transfer_minutes * 60 + 1e-6))
    keep = network.unlimited | (walks.seconds <= longest)
    seconds = walks.seconds + np.where(network.stated, 0, slack)
    stops = len(network.timetable.stop_id)
    return to_lists(walks.origin[keep], walks.there[keep], seconds[keep], stops)
