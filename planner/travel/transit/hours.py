"""At which hours of which days can people get there, and when not?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.errors import TravelError
from planner.travel.times import area_median
from planner.travel.transit.network import TransitNetwork
from planner.travel.transit.search import build_transit_nearest_of_kinds
from planner.travel.transit.settings import TransitSettings

SATURDAY, SUNDAY = 5, 6

COLUMNS = (
    *("profile", "hour", "kind", "area_code"),
    *("minutes", "share_of_minutes_reachable", "status"),
)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Some hours of one kind of day.

    ``day`` says which network it is looked up in; it runs from the full hour ``first`` to the
    full hour ``last``, the hour that begins then not included.
    """

    name: str
    day: str
    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.last <= 28:
            raise TravelError(f"Access by hour: {self.name} ends before it begins.")

    def in_words(self) -> str:
        """Such as ``weekday 07:00-19:00``."""
        return f"{self.name} {self.first:02d}:00-{self.last:02d}:00"


#: The four looks at a week that are taken where nothing else is asked for.
PROFILES = (
    Profile(name="weekday", day="weekday", first=7, last=19),
    Profile(name="evening", day="weekday", first=18, last=22),
    Profile(name="saturday", day="saturday", first=7, last=22),
    Profile(name="sunday", day="sunday", first=9, last=18),
)

#: Every hour from early shifts to the last way home, of each day.
WHOLE_DAYS = tuple(
    Profile(name=day, day=day, first=6, last=22) for day in ("weekday", "saturday", "sunday")
)


class TripsByDay(Protocol):
    """How many trips run on each day of a timetable's life, ``first`` to ``last``."""

    @property
    def first(self) -> dt.date:
        """The first day."""

    @property
    def last(self) -> dt.date:
        """The last day."""

    def on(self, day: dt.date) -> int:
        """Return the number of trips on a day."""


def build_hourly_access(
    networks: Mapping[str, TransitNetwork],
    points: gpd.GeoDataFrame,
    sites: gpd.GeoSeries,
    kind: pd.Series,
    settings: TransitSettings,
    *,
    profiles: Sequence[Profile] = PROFILES,
) -> pd.DataFrame:
    """Return each area's minutes to the nearest site of each kind, hour by hour.

    Parameters
    ----------
    networks
        Streets and timetable of each kind of day that the profiles name. A day without one (no
        service, or no timetable for it) is left out.
    points
        Where people set out from, on a sorted, unique index: ``area_code``, ``weight`` and point
        ``geometry`` (EPSG:27700).
    sites, kind
        Points on a sorted, unique index, and what each is. Opening times are not looked at.
    settings
        Limits; day, window and percentile are set here.
    profiles
        Which hours of which days.

    Returns
    -------
    access
        Columns `COLUMNS`, sorted by profile in the order given, hour, kind and area. People leave
        at any minute from ``hour`` to the next. ``minutes`` are the median of minutes at each
        point, and the weighted lower median of points in each area (NaN: not reached by most);
        ``share_of_minutes_reachable`` is the mean over the area's people of the share of minutes
        at which they get there within the cutoff, 0 for those at points off the network, and NaN
        where ``status`` says that the area is not on the network or nothing was asked for.
    """
    found: dict[tuple[str, int], dict[str, pd.DataFrame]] = {}
    tables = []
    for profile in profiles:
        network = networks.get(profile.day)
        if network is None:
            continue
        for hour in range(profile.first, profile.last):
            if (profile.day, hour) not in found:
                window = replace(
                    settings,
                    date=network.timetable.date,
                    start_minute=60 * hour,
                    end_minute=60 * (hour + 1),
                    percentiles=(50,),
                )
                found[profile.day, hour] = build_transit_nearest_of_kinds(
                    network, points.geometry, sites, kind, window
                )
            for name in sorted(found[profile.day, hour]):
                areas = _areas(found[profile.day, hour][name], points)
                areas.insert(0, "kind", name)
                areas.insert(0, "hour", hour)
                areas.insert(0, "profile", profile.name)
                tables.append(areas)
    if not tables:
        return pd.DataFrame({column: [] for column in COLUMNS})
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def build_people_by_hour(
    access: pd.DataFrame, people: pd.Series, *, minutes: float
) -> pd.DataFrame:
    """Return how many people live in areas from which most get there within some minutes.

    Parameters
    ----------
    access
        As from `build_hourly_access`.
    people
        Of each area, on area codes.
    minutes
        Threshold; exactly so many count.

    Returns
    -------
    people
        A row for each profile, hour and kind: ``people_within``, ``people_further`` (longer, or
        not at all) and ``people_unknown`` (areas that are not on the network), which add up to
        all people of the areas, and ``share_within`` of all of them.

    Raises
    ------
    TravelError
        An area has no number of people.
    """
    amount = access["area_code"].map(people).astype(float)
    if bool(amount.isna().any()):
        area = access.loc[amount.isna(), "area_code"].iloc[0]
        raise TravelError(f"Access by hour: how many people live in {area} is not known.")
    within = (access["status"] == "reached") & (access["minutes"] <= minutes)
    unknown = access["status"].isin(["not_connected", "outside_extent", "no_data"])
    table = access[["profile", "hour", "kind"]].assign(
        people_within=amount.where(within, 0.0),
        people_further=amount.where(~within & ~unknown, 0.0),
        people_unknown=amount.where(unknown, 0.0),
    )
    summed = table.groupby(["profile", "hour", "kind"], sort=False, as_index=False).sum()
    total = summed[["people_within", "people_further", "people_unknown"]].sum(axis=1)
    summed["share_within"] = (summed["people_within"] / total).where(total > 0)
    return summed


def choose_profile_days(days: Sequence[TripsByDay], date: dt.date) -> dict[str, dt.date | None]:
    """Return the weekday asked for, and the Saturday and Sunday nearest to it with service.

    Parameters
    ----------
    days
        Each timetable's trips by day, as `planner.sources.timetable.read_service_days` gives.
    date
        A weekday.

    Returns
    -------
    days
        ``weekday``, ``saturday`` and ``sunday``; the later of two equally near days. Where several
        timetables are used, a day on which more of them run comes before a nearer one. None: no
        timetable has a trip on any such day.

    Raises
    ------
    TravelError
        The date is a Saturday or Sunday.
    """
    if date.weekday() >= SATURDAY:
        raise TravelError(
            f"Access by hour: {date:%A %-d %B %Y} is no weekday.", hint="Name a day from Monday on."
        )
    chosen: dict[str, dt.date | None] = {"weekday": date}
    for name, weekday in (("saturday", SATURDAY), ("sunday", SUNDAY)):
        chosen[name] = nearest_day(days, date, weekday)
    return chosen


def nearest_day(days: Sequence[TripsByDay], date: dt.date, weekday: int) -> dt.date | None:
    """Return the day of the week (Monday is 0) with service that is nearest to a date.

    See `choose_profile_days`; None: no timetable has a trip on any such day.
    """
    candidates = []
    for one in days:
        first = one.first + dt.timedelta(days=(weekday - one.first.weekday()) % 7)
        for week in range((one.last - first).days // 7 + 1):
            day = first + dt.timedelta(weeks=week)
            running = sum(other.on(day) > 0 for other in days)
            if running:
                apart = (day - date).days
                candidates.append((-running, abs(apart), -apart, day))
    return min(candidates)[3] if candidates else None


def _areas(nearest: pd.DataFrame, points: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the areas' medians, and the mean share of minutes over all of their people."""
    areas = area_median(
        nearest["minutes_p50"], nearest["status"], points["area_code"], points["weight"]
    )
    weight = points["weight"].astype(float)
    share = nearest["share_of_minutes_reachable"].fillna(0.0) * weight
    by = points["area_code"]
    mean = share.groupby(by).sum() / weight.groupby(by).sum()
    known = ~areas["status"].isin(["not_connected", "outside_extent", "no_data"])
    areas["share_of_minutes_reachable"] = np.where(known, mean.reindex(areas.index), np.nan)
    return areas.reset_index().drop(columns="share_connected")
