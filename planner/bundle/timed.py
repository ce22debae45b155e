"""How long does a trip to the whole bundle take by the clock, from leaving home to being back?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.area import CRS
from planner.bundle.calls import SHUT, Call, Hours, build_calls, hours_at
from planner.bundle.trips import BREAK, BundleTrips
from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.services import Services
from planner.travel.journey import clock_words
from planner.travel.kernels import FAR, Int64
from planner.travel.times import STATUSES
from planner.travel.transit.itinerary import Itinerary, explain, explain_no_journey
from planner.travel.transit.network import TransitNetwork
from planner.travel.transit.search import arrivals
from planner.travel.transit.settings import TransitSettings
from planner.travel.transit.timetable import HORIZON_SECONDS
from planner.wording import say_many, say_noun

TABLE_COLUMNS = [
    "leaves",
    "minutes",
    "minutes_low",
    "minutes_high",
    "tried",
    "found",
    "indicative_minutes",
    "status",
    "point",
    "closed",
    "hours_not_known",
    "none_closed",
]
LEG_COLUMNS = [
    "area_code",
    "number",
    "from",
    "to",
    "leaves",
    "arrives",
    "words",
    "services",
    "stay_minutes",
    "hours",
]

#: One row of a table, in the order of its columns.
_Row = tuple[object, ...]

METHOD_WORDS = (
    "The trip that is shortest by legs timed one by one is made by the clock: leave home, stay at "
    "each place, leave it at the next whole minute, and be back. It is tried every {every} minutes "
    "of leaving home, {window}; the middle one of those tries is told, one that does not get home "
    "counting as endless. Another order of places could be quicker."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class TimedTrips:
    """Trips to the whole bundle, each timed end to end by the clock.

    Parameters
    ----------
    table
        On area codes, columns `TABLE_COLUMNS`. ``minutes`` from leaving home to being back, time
        with the services among them: the lower median over the minutes of leaving that were
        ``tried``, those without a way counting as infinite (then NaN, and ``status`` says why);
        ``leaves`` (``10:00``) is the first that takes so long. ``minutes_low`` and
        ``minutes_high`` are the shortest and longest of the ``found``. ``indicative_minutes`` is
        the same trip with each leg timed by itself. ``closed`` are the venues (ids joined by
        `BREAK`) that are closed when one comes, close before one is served, or are not on in every
        week;
        ``hours_not_known`` counts those whose hours are not known; ``none_closed`` the tries found
        at which nothing is known to be closed.
    legs
        Columns `LEG_COLUMNS`, of the trip that leaves at ``leaves``: ``from`` and ``to`` are venue
        ids, "" at home; ``arrives`` is the whole minute by which one is there; ``words`` tell the
        journey. Then, of the place come to: ``services`` used there (kinds joined by `BREAK`),
        the minutes one stays, and ``hours`` (`planner.bundle.calls.Hours`, "" at home).
    method
        In words.
    notes
        Which trips were not found, and which meet a closed door.
    """

    table: pd.DataFrame
    legs: pd.DataFrame
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != TABLE_COLUMNS or list(self.legs.columns) != LEG_COLUMNS:
            raise DataError("Timed trips: the columns are not as agreed.")
        known = self.table["minutes"].notna()
        if bool((known != (self.table["status"] == "reached")).any()):
            raise DataError("Timed trips: minutes and status of an area disagree.")
        one = self.table[known]
        if bool(
            ((one["minutes_low"] > one["minutes"]) | (one["minutes"] > one["minutes_high"])).any()
        ):
            raise DataError("Timed trips: the middle trip is not between the ends.")
        if set(self.legs["area_code"]) != set(one.index):
            raise DataError("Timed trips: legs are told of other areas than those with a trip.")


def build_timed_trips(
    network: TransitNetwork,
    settings: TransitSettings,
    trips: BundleTrips,
    services: Services,
    points: gpd.GeoDataFrame,
    codes: Sequence[str],
    *,
    every: int = 30,
) -> TimedTrips:
    """Make the bundle trips of some areas by the clock, at minutes of leaving across a window.

    Parameters
    ----------
    network, settings
        Streets, timetable and limits; the window is that of leaving home. The cutoff holds for
        each leg.
    trips
        Says for each area which point the trip starts at, and where it leads in which order.
    services
        Venues and offers, with their hours.
    points
        On sorted point ids, ``area_code`` and geometry in EPSG:27700.
    codes
        The areas, each with a trip.
    every
        Minutes between one try and the next, from the window's first minute on.

    Raises
    ------
    DataError
        An area has no trip, or ``every`` is below 1.

    Notes
    -----
    Each leg is the journey of `planner.travel.transit.itinerary.explain`; tries that are not told
    are timed by the same search without its words. One leaves a place at the first whole minute
    after the stay; a service is used at the first place of the trip that has it. A leg that could
    end after 30:00, where the timetable ends, is not looked for and counts as ``over_cutoff``.
    """
    if every < 1:
        raise DataError("Timed trips: the minutes between two tries must be at least 1.")
    without = [c for c in codes if trips.areas.loc[c, "bundle_trip_status"] != "reached"]
    if without:
        raise DataError(f"Timed trips: there is no trip to time from {without[0]}.")
    rows: list[_Row] = []
    legs: list[_Row] = []
    for code in codes:
        clock = _build_clock(network, settings, trips, services, points, code)
        tries = clock.go(range(settings.start_minute, settings.end_minute, every))
        middle = _middle(tries)
        told = [] if middle is None else _leg_rows(code, clock, middle)
        open_ = sum(clock.none_closed(one) for one in tries if one.status == "reached")
        rows.append((*_row(trips.areas.loc[code], tries, middle, told), open_))
        legs += told
    index = pd.Index(list(codes), name="area_code", dtype="str")
    table = pd.DataFrame(rows, columns=TABLE_COLUMNS, index=index)
    return TimedTrips(
        table=table,
        legs=pd.DataFrame(legs, columns=LEG_COLUMNS),
        method=METHOD_WORDS.format(every=every, window=settings.window),
        notes=tuple(_notes(table)),
    )


@dataclass(frozen=True, kw_only=True)
class _Try:
    """A trip that leaves home at one minute.

    ``starts`` (minutes) and ``arrives`` (seconds) are of its legs as far as there is a way, the
    last one leading home; ``status`` is that of the first leg without one.
    """

    starts: tuple[int, ...]
    arrives: tuple[int, ...]
    status: str

    @property
    def minutes(self) -> float:
        """From leaving home to being back."""
        if self.status != "reached":
            return math.inf
        return (self.arrives[-1] - 60 * self.starts[0]) / 60


@dataclass(frozen=True, kw_only=True)
class _Clock:
    """One area's trip, ready to be made."""

    network: TransitNetwork
    settings: TransitSettings
    home: shapely.Point
    calls: tuple[Call, ...]

    def ends(self, leg: int) -> tuple[shapely.Point, shapely.Point]:
        """Return where a leg begins and ends."""
        stops = [self.home, *(call.point for call in self.calls), self.home]
        return stops[leg], stops[leg + 1]

    @cached_property
    def stops(self) -> list[gpd.GeoSeries]:
        """Home, each place and home again, each as a list of one point."""
        points = gpd.GeoSeries([self.home, *(call.point for call in self.calls)], crs=CRS)
        found = [points.iloc[[at]].set_axis(["0"]) for at in range(len(points))]
        return [*found, found[0]]

    def go(self, leaves: Sequence[int]) -> list[_Try]:
        """Make the trip, leaving home at each of some minutes."""
        starts = np.array([leaves], np.int64)
        arrives = np.empty((0, len(leaves)), np.int64)
        for leg in range(len(self.calls) + 1):
            there = self._travel(leg, starts[-1])
            arrives = np.vstack([arrives, there])
            if leg < len(self.calls):
                stay = round(60 * self.calls[leg].minutes)
                # Whoever is late already stays so: FAR is above every minute.
                onward = np.where(there < FAR, -(-(there + stay) // 60), FAR)
                starts = np.vstack([starts, onward])
        return [self._try(starts[:, at], arrives[:, at]) for at in range(len(leaves))]

    def tell(self, trip: _Try, leg: int) -> Itinerary:
        """Return the journey of one leg."""
        minute, name = trip.starts[leg], "home"
        if leg < len(self.calls):
            name = self.calls[leg].name
        journey = explain(self.network, *self.ends(leg), self.settings, minute=minute, to=name)
        assert journey is not None
        assert journey.arrive_seconds == trip.arrives[leg]
        return journey

    def hours(self, trip: _Try, leg: int) -> Hours:
        """Say whether the place that a leg leads to is open while one is there."""
        call, arrive, done = self.calls[leg], trip.arrives[leg] // 60, trip.starts[leg + 1]
        return hours_at(call, self.settings.date, arrive, done)

    def none_closed(self, trip: _Try) -> bool:
        """Say whether a trip meets no door that is known to be closed."""
        stops = range(len(self.calls))
        return all(self.hours(trip, leg) not in SHUT for leg in stops)

    def _travel(self, leg: int, starts: Int64) -> Int64:
        """Return the second of arriving for each minute of starting a leg, FAR without a way."""
        found = np.full(len(starts), FAR, np.int64)
        able = 60 * starts + self.settings.cutoff_seconds <= HORIZON_SECONDS
        if not able.any():
            return found
        first, last = int(starts[able].min()), int(starts[able].max())
        window = replace(self.settings, by="departure", start_minute=first, end_minute=last + 1)
        here, there = self.stops[leg], self.stops[leg + 1]
        arrive = np.asarray(arrivals(self.network, here, there, window))[0, :, 0]
        found[able] = arrive[starts[able] - first]
        return found

    def _try(self, starts: Int64, arrives: Int64) -> _Try:
        lost = np.flatnonzero(arrives >= FAR)
        legs = int(lost[0]) if len(lost) else len(arrives)
        status = "reached"
        if len(lost):
            status = explain_no_journey(self.network, *self.ends(legs), self.settings)[0]
        return _Try(
            starts=tuple(int(minute) for minute in starts[: legs + 1]),
            arrives=tuple(int(second) for second in arrives[:legs]),
            status=status,
        )


def _build_clock(
    network: TransitNetwork,
    settings: TransitSettings,
    trips: BundleTrips,
    services: Services,
    points: gpd.GeoDataFrame,
    code: str,
) -> _Clock:
    row = trips.areas.loc[code]
    start = points.loc[[row["bundle_trip_point"]]]
    stops = str(row["bundle_trip_venues"]).split(BREAK)
    calls = build_calls(services, start, stops, trips.rules)
    return _Clock(network=network, settings=settings, home=start.geometry.iloc[0], calls=calls)


def _middle(tries: Sequence[_Try]) -> _Try | None:
    """Return the first try that takes as long as the lower median; None where that is endless."""
    minutes = [one.minutes for one in tries]
    middle = sorted(minutes)[(len(minutes) - 1) // 2]
    return None if math.isinf(middle) else tries[minutes.index(middle)]


def _row(area: pd.Series, tries: Sequence[_Try], middle: _Try | None, legs: Sequence[_Row]) -> _Row:
    """Return a row of the table but for ``none_closed``."""
    found = [one.minutes for one in tries if one.status == "reached"]
    hours = [(str(row[3]), row[9]) for row in legs]
    return (
        clock_words(60 * middle.starts[0]) if middle else "",
        middle.minutes if middle else np.nan,
        min(found, default=np.nan),
        max(found, default=np.nan),
        len(tries),
        len(found),
        area["bundle_trip_minutes"],
        "reached" if middle else _why_not(tries),
        area["bundle_trip_point"],
        BREAK.join(venue for venue, word in hours if word in SHUT),
        sum(word == "not_known" for _, word in hours),
    )


def _why_not(tries: Sequence[_Try]) -> str:
    """Return the commonest reason of tries without a way; of several the worst."""
    counts = Counter(one.status for one in tries if one.status != "reached")
    return max(counts, key=lambda status: (counts[status], STATUSES.index(status)))


def _leg_rows(code: str, clock: _Clock, trip: _Try) -> list[_Row]:
    rows: list[_Row] = []
    origin = ""
    for leg in range(len(trip.arrives)):
        journey = clock.tell(trip, leg)
        call = clock.calls[leg] if leg < len(clock.calls) else None
        rows.append(
            (
                code,
                leg + 1,
                origin,
                call.venue if call else "",
                clock_words(journey.leave_seconds),
                clock_words(-(-journey.arrive_seconds // 60) * 60),
                "; ".join(journey.in_words()),
                BREAK.join(call.kinds) if call else "",
                call.minutes if call else 0.0,
                clock.hours(trip, leg) if call else "",
            )
        )
        origin = call.venue if call else ""
    return rows


def _notes(table: pd.DataFrame) -> list[Note]:
    notes = []
    lost = table.index[(table["status"] != "reached").to_numpy()]
    if len(lost):
        text = (
            f"Areas whose trip to the whole bundle does not get home at half or more of the "
            f"leaving times tried, when it is timed by the clock: {len(lost)}."
        )
        notes.append(note_items("bundle", "bundle_timed_not_found", lost, text))
    closed = table.index[(table["closed"] != "").to_numpy()]
    if len(closed):
        text = (
            "Areas whose trip to the whole bundle, timed by the clock, arrives when the venue is "
            "closed or the service is not on in every week, or is still there when it closes: "
            f"{len(closed)}."
        )
        notes.append(note_items("bundle", "bundle_timed_closed", closed, text))
    unknown = table.index[(table["hours_not_known"] > 0).to_numpy()]
    if len(unknown):
        count = int(table["hours_not_known"].sum())
        text = (
            f"{say_many(count, 'stop')} of {say_many(len(unknown), 'trip')} to the whole bundle "
            f"timed by the clock {say_noun(count, 'is', 'are')} at a place whose opening hours are "
            "not known: whether it is open is not checked."
        )
        notes.append(note_items("bundle", "bundle_timed_hours_not_known", unknown, text))
    return notes
