"""How does one get there, who gets there in time, and at which hours? Asked of a `Plan`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.area import CRS, StudyArea
from planner.cache import Memo
from planner.ledger import Note
from planner.plan.journeys import build_transit_settings, join_timetable, read_network, time_walks
from planner.plan.result import Plan
from planner.plan.stages import Stages
from planner.plan.starts import Start, build_drawn_start, build_start, usable_venues
from planner.project import Timetable, to_minutes
from planner.sources.timetable import read_service_days
from planner.travel.getting_about import key_of
from planner.travel.isochrones import (
    BandShape,
    Isochrones,
    build_band_population,
    build_isochrones,
    build_transit_isochrones,
)
from planner.travel.journey import Itinerary, StreetLeg
from planner.travel.kernels import FAR
from planner.travel.paths import explain_street_journey
from planner.travel.times import TravelTimes, area_median
from planner.travel.transit import (
    TransitNetwork,
    TransitSettings,
    arrivals,
    build_round_trips,
)
from planner.travel.transit.hours import WHOLE_DAYS, build_hourly_access, choose_profile_days
from planner.travel.transit.itinerary import (
    LastDeparture,
    build_last_departure,
    explain,
    explain_no_journey,
)

__all__ = [
    "BANDS",
    "MORNING",
    "BandsFound",
    "HoursFound",
    "JourneyFound",
    "Means",
    "Start",
    "VisitsFound",
    "build_bands",
    "build_day_network",
    "build_drawn_start",
    "build_hours",
    "build_journey",
    "build_start",
    "build_visits",
    "middle_of_window",
    "transit_settings",
    "usable_venues",
]

Means = Literal["transit", "walk"]

#: Upper ends of the bands that are drawn.
BANDS: Mapping[Means, tuple[float, ...]] = {
    "walk": (10.0, 20.0, 30.0),
    "transit": (15.0, 30.0, 45.0, 60.0),
}
#: When people leave for a visit that they are to be back from: 9:00 to 12:00.
MORNING = (540, 720)
#: Statuses that say nothing about how far it is.
_NOT_KNOWN = ("not_connected", "outside_extent", "no_data")
_FAR_FROM_STREETS = {
    "not_connected": "is too far from any mapped street",
    "outside_extent": "lies outside the mapped streets",
    "no_data": "has no position",
}


# ---- one journey ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class JourneyFound:
    """One journey, or why there is none.

    ``venue`` is the id of where it leads, or of the place that ``reason`` speaks of; ``last`` is
    the last departure to it, None on foot, which does not depend on the time of day.
    """

    start: Start
    venue: str
    venue_name: str
    itinerary: Itinerary | None
    last: LastDeparture | None = None
    reason: str = ""


def build_journey(
    plan: Plan, start: Start, venues: Sequence[str], means: Means, *, minute: int
) -> JourneyFound | None:
    """Return the journey to the venue that is reached first, leaving at one minute.

    Parameters
    ----------
    plan
        Its services, streets and timetable.
    start
        Where from.
    venues
        Ids among which the nearest is looked for; none gives None.
    means
        ``transit`` (public transport and on foot; the plan must have a network) or ``walk``.
    minute
        Of leaving, after midnight.
    """
    if not len(venues):
        return None
    sites = plan.services.venues.geometry.loc[sorted(venues)]
    if means == "transit":
        return _by_timetable(plan, start, sites, minute)
    return _on_foot(plan, start, sites)


def _by_timetable(plan: Plan, start: Start, sites: gpd.GeoSeries, minute: int) -> JourneyFound:
    network, settings = _network(plan), transit_settings(plan)
    now = replace(settings, start_minute=minute, end_minute=minute + 1)
    arrive = np.asarray(arrivals(network, _series(start), sites, now))[0, 0]
    reached = bool((arrive < FAR).any())
    best = int(np.argmin(arrive)) if reached else int(np.argmin(sites.distance(start.point)))
    ends = (network, start.point, sites.iloc[best], now)
    venue = str(sites.index[best])
    name = _venue_name(plan, venue)
    return JourneyFound(
        start=start,
        venue=venue,
        venue_name=name,
        itinerary=explain(*ends, minute=minute, to=name) if reached else None,
        last=build_last_departure(*ends, to=name),
        reason="" if reached else explain_no_journey(*ends)[1],
    )


def _on_foot(plan: Plan, start: Start, sites: gpd.GeoSeries) -> JourneyFound:
    times = _walk_times(plan, _series(start), sites)
    seconds = times.pairs["deciseconds"].to_numpy()
    if len(seconds):
        at = int(times.pairs["destination"].iloc[int(np.argmin(seconds))])
    else:
        at = int(np.argmin(sites.distance(start.point)))
    venue = str(sites.index[at])
    name = _venue_name(plan, venue)
    found = reason = None
    if len(seconds):
        found = _walk(plan, start, sites.iloc[at], int(seconds.min()), name)
    else:
        reason = _no_walk(times, plan.project.spec.access.cutoff)
    return JourneyFound(
        start=start, venue=venue, venue_name=name, itinerary=found, reason=reason or ""
    )


def _walk(
    plan: Plan, start: Start, end: shapely.Point, deciseconds: int, name: str
) -> Itinerary | None:
    settings = plan.project.spec.streets
    if plan.streets is not None:
        return explain_street_journey(
            *(plan.streets, start.point, end),
            walk_kmh=settings.walk_kmh,
            cutoff_minutes=plan.project.spec.access.cutoff,
            snap_metres=settings.snap_metres,
            extent_metres=settings.extent_metres,
            to=name,
        )
    line = shapely.LineString([start.point, end])
    seconds = -(-deciseconds // 10)
    leg = StreetLeg(
        start_seconds=0,
        end_seconds=seconds,
        metres=line.length * settings.detour,
        to=name,
        line=line,
    )
    return Itinerary(
        legs=(leg,),
        leave_seconds=0,
        arrive_seconds=seconds,
        origin=start.point,
        destination=end,
    )


def _no_walk(times: TravelTimes, cutoff: float) -> str:
    status = str(times.origin_status.iloc[0])
    if status != "connected":
        return f"The start {_FAR_FROM_STREETS[status]}, so no journey can be worked out."
    if (times.destination_component == times.origin_component.iloc[0]).any():
        return f"There is a way, but none within {cutoff:g} minutes on foot."
    return "No street leads there on foot."


# ---- who gets there in time -------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class BandsFound:
    """Ground from which a venue is reached within some minutes, and who lives there.

    ``shapes`` is None where the plan has no streets; ``people`` is as from
    `planner.travel.isochrones.build_band_population`; ``areas`` has ``minutes`` and ``status`` of
    each area.
    """

    minutes: tuple[float, ...]
    people: pd.DataFrame
    areas: pd.DataFrame
    shapes: Isochrones | None
    method: str

    def to_frame(self) -> gpd.GeoDataFrame:
        """Return a row a band: minutes, people and areas up to its end, how it was drawn."""
        if self.shapes is None:
            return gpd.GeoDataFrame({"minutes_to": []}, geometry=[], crs=CRS)
        counts = self.people.set_index("minutes_to")[["people_within", "areas_within"]]
        bands = self.shapes.bands
        return bands.join(counts, on="minutes_to").assign(method=self.method)


def build_bands(plan: Plan, venue: str, means: Means) -> BandsFound:
    """Return bands of travel time to a venue, with the people inside them by their own time."""
    cutoff = plan.project.spec.access.cutoff
    minutes = tuple(m for m in BANDS[means] if m <= cutoff) or (cutoff,)
    way = plan.ways[key_of(means, plan.ways)]
    near = way.nearest(pd.Index([venue]))
    people = build_band_population(plan.area, near["minutes"], near["status"], minutes)
    points = plan.area.place_points
    areas = area_median(near["minutes"], near["status"], points["area_code"], points["weight"])
    point = plan.services.venues.geometry.loc[[venue]]
    settings, shape = plan.project.spec.streets, BandShape(minutes=minutes)
    shapes = None
    if means == "transit":
        shapes = build_transit_isochrones(
            _network(plan), point, transit_settings(plan), shape=shape
        )
    elif plan.streets is not None:
        shapes = build_isochrones(
            plan.streets,
            point,
            walk_kmh=settings.walk_kmh,
            snap_metres=settings.snap_metres,
            extent_metres=settings.extent_metres,
            shape=shape,
        )
    method = way.times.method if shapes is None else shapes.method
    return BandsFound(minutes=minutes, people=people, areas=areas, shapes=shapes, method=method)


# ---- hour by hour -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class HoursFound:
    """Each area's minutes to the nearest service of a kind, hour by hour.

    ``access`` is as from `planner.travel.transit.hours.build_hourly_access`; ``days`` says which
    date stands for which kind of day (None: nothing runs). ``left_out`` counts venues that serve
    listed areas only.
    """

    access: pd.DataFrame
    days: Mapping[str, dt.date | None]
    left_out: int
    notes: tuple[Note, ...] = ()


def build_hours(plan: Plan, kind: str, memo: Memo | None = None) -> HoursFound:
    """Return access to a kind of service at every hour of a weekday, a Saturday and a Sunday.

    Parameters
    ----------
    plan
        With a network; its project's timetables are read for the two other days.
    kind
        Of service; opening times are not looked at.
    memo
        Keeps the networks of the other days.

    Raises
    ------
    TravelError
        The project's day is no weekday.
    """
    entry, network = _timetable(plan), _network(plan)
    lives = [read_service_days(plan.project.path(f), what=f)[0] for f in entry.files]
    days = choose_profile_days(lives, entry.date)
    networks = {"weekday": network}
    for name, day in days.items():
        if name != "weekday" and day is not None:
            networks[name] = build_day_network(plan, day, memo)
    sites, left_out = _for_everyone(plan, kind)
    access = build_hourly_access(
        networks,
        plan.area.place_points,
        sites,
        pd.Series(kind, index=sites.index),
        transit_settings(plan),
        profiles=WHOLE_DAYS,
    )
    return HoursFound(access=access, days=days, left_out=left_out)


def build_day_network(plan: Plan, day: dt.date, memo: Memo | None = None) -> TransitNetwork:
    """Return the streets with the timetable of another day; kept by files, streets and day."""
    run = Stages(memo or Memo(), None)
    entry = _timetable(plan).model_copy(update={"date": day})
    project = plan.project.with_spec(timetable=entry)
    streets, _ = read_network(run, project)
    assert streets is not None
    own_day = day == _timetable(plan).date
    return join_timetable(run, project, streets, plan.scenario.changes, own_day=own_day)


# ---- there and back ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class VisitsFound:
    """How often people can go in the morning, stay, and be home in time.

    Parameters
    ----------
    areas
        On the place's area codes: ``share`` of the morning's minutes of leaving at which it
        works, the mean over the area's people (NaN: not known), ``status`` (``possible``,
        ``never`` or why it is not known) and ``people``.
    people
        ``half`` (live where it works at half of the minutes or more), ``some`` (fewer),
        ``never`` and ``unknown``; they add up to the people of the place.
    left_out
        Venues that serve listed areas only.
    """

    areas: pd.DataFrame
    people: Mapping[str, float]
    left_out: int


def build_visits(plan: Plan, kind: str, *, stay_minutes: int, back_by_minute: int) -> VisitsFound:
    """Return who can visit a kind of service in the morning and be home by a time."""
    sites, left_out = _for_everyone(plan, kind)
    points = plan.area.place_points
    settings = replace(
        transit_settings(plan), start_minute=MORNING[0], end_minute=MORNING[1], percentiles=(50,)
    )
    found = build_round_trips(
        _network(plan),
        points.geometry,
        sites,
        pd.Series(kind, index=sites.index),
        settings,
        stay_minutes=stay_minutes,
        back_by_minute=back_by_minute,
    )[kind]
    known = ~found["status"].isin(_NOT_KNOWN)
    share = found["share_of_minutes_possible"].where(known)
    people = _people(plan.area)
    groups = {
        "half": share >= 0.5,
        "some": (share > 0) & (share < 0.5),
        "never": known & ~(share > 0),
        "unknown": ~known,
    }
    return VisitsFound(
        areas=_visit_areas(plan.area, share, people),
        people={name: float(people[which].sum()) for name, which in groups.items()},
        left_out=left_out,
    )


def _visit_areas(area: StudyArea, share: pd.Series, people: pd.Series) -> pd.DataFrame:
    """Return the mean over each area's people, those at points off the streets counting as 0."""
    points = area.place_points
    codes, weight = points["area_code"], points["weight"].astype(float)
    mean = (share.fillna(0.0) * weight).groupby(codes).sum() / weight.groupby(codes).sum()
    table = pd.DataFrame({"share": mean.where(share.notna().groupby(codes).any())})
    table = table.reindex(area.codes)
    table["status"] = np.where(
        table["share"].isna(),
        "not known: home is off the mapped streets",
        np.where(table["share"] > 0, "possible", "never"),
    )
    return table.assign(people=people.groupby(codes).sum().reindex(area.codes))


# ---- what all of them need --------------------------------------------------------------------


def transit_settings(plan: Plan) -> TransitSettings:
    """Return the project's settings of journeys by public transport, in its window."""
    entry = _timetable(plan)
    return build_transit_settings(entry, entry.window, plan.project.spec.access.cutoff)


def middle_of_window(plan: Plan) -> int:
    """Return the minute after midnight that is halfway through the project's window."""
    entry = plan.project.spec.timetable
    first, last = to_minutes(entry.window) if entry is not None else (600, 960)
    return min((first + last) // 2, 24 * 60 - 1)


def _timetable(plan: Plan) -> Timetable:
    entry = plan.project.spec.timetable
    if entry is None:
        raise ValueError("a plan without a timetable is asked about journeys by timetable")
    return entry


def _network(plan: Plan) -> TransitNetwork:
    if plan.network is None:
        raise ValueError("a plan without a network is asked about journeys by timetable")
    return plan.network


def _series(start: Start) -> gpd.GeoSeries:
    return gpd.GeoSeries([start.point], index=["start"], crs=CRS)


def _venue_name(plan: Plan, venue: str) -> str:
    return str(plan.services.venues.loc[venue, "venue_name"]) or "a venue without a name"


def _people(area: StudyArea) -> pd.Series:
    """Return the people at each point of the place: its share of its area's."""
    points = area.place_points
    weight = points["weight"].astype(float)
    share = weight / weight.groupby(points["area_code"]).transform("sum")
    return share * area.areas["population"].reindex(points["area_code"]).to_numpy(float)


def _for_everyone(plan: Plan, kind: str) -> tuple[gpd.GeoSeries, int]:
    """Return the venues of a kind that all people of the place may use; how many others are."""
    every = plan.services.open_offers(kind)["venue_id"].nunique()
    venues = usable_venues(plan.services, kind)
    return plan.services.venues.geometry.loc[venues], int(every) - len(venues)


def _walk_times(plan: Plan, origins: gpd.GeoSeries, sites: gpd.GeoSeries) -> TravelTimes:
    spec = plan.project.spec
    return time_walks(spec.streets, plan.streets, origins, sites, spec.access.cutoff)
