"""How soon does everybody reach the nearest site of a kind, whichever that is at each minute?"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.errors import TravelError
from planner.travel.kernels import FAR
from planner.travel.snap import Snapped
from planner.travel.times import within_map
from planner.travel.transit import reverse
from planner.travel.transit.network import TransitNetwork
from planner.travel.transit.opening import Hours, Opening, Unknown, build_hours, on_foot
from planner.travel.transit.prune import prune_from, prune_to
from planner.travel.transit.query import Frame, build_frame, snap
from planner.travel.transit.schedule import Lists, to_lists
from planner.travel.transit.settings import TransitSettings
from planner.travel.transit.timetable import Bool, Int32, Int64

#: Room for profile entries a stop at first; more are made when they do not do.
_PROFILE_ROOM = 256


def build_transit_nearest(
    network: TransitNetwork,
    origins: gpd.GeoSeries,
    sites: gpd.GeoSeries,
    settings: TransitSettings,
    *,
    opening: Opening | None = None,
    stay_minutes: float = 0.0,
    unknown_opening: Unknown = "open",
) -> pd.DataFrame:
    """Return each origin's time to the nearest site, whichever that is at each minute.

    The nearest site may change from minute to minute, so this is at most what
    `planner.travel.times.nearest` finds in the percentiles of single sites.

    Parameters
    ----------
    network, settings
        As for `planner.travel.transit.search.build_transit_times`.
    origins, sites
        Points in EPSG:27700 on sorted, unique string indexes.
    opening
        When each site opens and closes, in minutes after midnight (a span past midnight goes
        above 1440). Who is there too early waits until it opens, and that time counts; with
        ``by="arrival"`` the site must be open at the deadline itself. None: always open.
    stay_minutes
        How long before closing one must be there.
    unknown_opening
        Sites that are not in ``opening``: always open, or left out
        (`planner.travel.transit.opening.opening_notes` counts them).

    Returns
    -------
    nearest
        On the origins: ``minutes_p50`` and so on for each percentile (NaN: not within the
        cutoff), ``share_of_minutes_reachable`` of the window, and ``status`` of the first
        percentile (`planner.travel.times.Status`).

    Raises
    ------
    TravelError
        As for `planner.travel.transit.search.build_transit_times`.
    """
    kind = pd.Series("", index=sites.index)
    found = build_transit_nearest_of_kinds(
        *(network, origins, sites, kind, settings),
        opening=opening,
        stay_minutes=stay_minutes,
        unknown_opening=unknown_opening,
    )
    return found[""] if "" in found else _nothing_asked(network, origins, settings)


def build_transit_nearest_of_kinds(
    network: TransitNetwork,
    origins: gpd.GeoSeries,
    sites: gpd.GeoSeries,
    kind: pd.Series,
    settings: TransitSettings,
    *,
    opening: Opening | None = None,
    stay_minutes: float = 0.0,
    unknown_opening: Unknown = "open",
) -> dict[str, pd.DataFrame]:
    """Return `build_transit_nearest` for the sites of each kind, at the cost of one search each.

    ``kind`` stands on the index of the sites.
    """
    check_kinds(kind, sites)
    frame = build_frame(network, settings)
    home, away = snap(network, origins, "origins"), snap(network, sites, "destinations")
    hours, pattern = build_hours(
        sites.index, opening, stay_minutes=stay_minutes, unknown_opening=unknown_opening
    )
    query = Query(frame=frame, home=home, away=away, hours=hours, pattern=pattern)

    def one(name: str) -> pd.DataFrame:
        return query.nearest(np.flatnonzero((kind == name).to_numpy()))

    return of_each(one, sorted(kind.unique()))


def check_kinds(kind: pd.Series, sites: gpd.GeoSeries) -> None:
    """Refuse kinds that do not stand on the index of the sites."""
    if not kind.index.equals(sites.index):
        raise TravelError("Public transport: the kinds are not on the index of the sites.")


def of_each(one: Callable[[str], pd.DataFrame], names: list[str]) -> dict[str, pd.DataFrame]:
    """Work out a table for each name, on all cores."""
    threads = min(os.cpu_count() or 1, len(names))
    if threads <= 1:
        return {name: one(name) for name in names}
    with ThreadPoolExecutor(threads) as pool:
        return dict(zip(names, pool.map(one, names), strict=True))


@dataclass(frozen=True, kw_only=True, eq=False)
class Query:
    """One question about many kinds of site: who asks, of which sites, and when they are open.

    ``pattern`` is the pattern in ``hours`` of each site of ``away``. ``doors`` are, for each
    stop, the origins near it: those that walk there, or back home if time runs backwards.
    """

    frame: Frame
    home: Snapped
    away: Snapped
    hours: Hours
    pattern: Int64
    doors: Lists = field(init=False)
    room: list[int] = field(default_factory=lambda: [_PROFILE_ROOM])

    def __post_init__(self) -> None:
        object.__setattr__(self, "doors", self.frame.doors(self.home))

    def arrive(self, which: Int64) -> Int32:
        """Return arrivals (origins, minutes) at the nearest of some sites, as time runs.

        Backwards, that is at home from the one that can be left last.
        """
        near, walk = self._near(which)
        if self.frame.backwards:
            return self._backwards(near, walk)
        frame = self.frame
        stop, one = np.nonzero(near.T < FAR)
        ends = to_lists(stop, one, near[one, stop].astype(np.int64), frame.stops)
        ends = prune_from(frame.schedule, ends, len(near))
        arrive = (
            self._scan(ends)
            if frame.waits is None
            else frame.waits.to_nearest(self.doors, len(self.home.index), ends, self.hours)
        )
        on_foot(arrive, walk, self.hours, frame.begin)
        return arrive

    def _scan(self, ends: Lists) -> Int32:
        frame, hops = self.frame, self.frame.hops
        limited = frame.settings.max_rides is not None
        while True:
            enough, arrive = reverse.scan(
                *(hops, self.doors, ends, self.hours, len(self.home.index), frame.begin),
                *(frame.minutes, frame.settings.max_rides or 1, limited, self.room[0]),
            )
            if enough:
                break
            self.room[0] = min(2 * self.room[0], max(len(hops.departure) * frame.stops, 1))
        found: Int32 = arrive
        return found

    def _near(self, which: Int64) -> tuple[Int32, Int32]:
        """Return seconds between the nearest site of each pattern and each stop, each origin."""
        frame, patterns = self.frame, len(self.hours.start) - 1
        near = np.full((patterns, frame.stops), FAR, np.int32)
        walk = np.full((patterns, len(self.home.index)), FAR, np.int32)
        for one in np.unique(self.pattern[which]):
            near[one], walk[one] = frame.network.walks_from_nearest(
                *(self.away, which[self.pattern[which] == one], self.home),
                stop_minutes=frame.settings.egress_minutes,
                minutes=frame.settings.direct,
            )
        return near, walk

    def _backwards(self, near: Int32, walk: Int32) -> Int32:
        """Return arrivals at home from any site that is open at the deadline.

        One search for each set of patterns that are open together at some minute.
        """
        frame = self.frame
        sets, which_set = np.unique(self._open_at(-frame.now), axis=1, return_inverse=True)
        count = sets.shape[1]
        least = np.full((count, frame.stops), FAR, np.int32)
        direct = np.full((count, len(self.home.index)), FAR, np.int64)
        for one in range(count):
            for pattern in np.flatnonzero(sets[:, one]):
                np.minimum(least[one], near[pattern], out=least[one])
                np.minimum(direct[one], walk[pattern], out=direct[one])
        place, stop = np.nonzero(least < FAR)
        access = to_lists(place, stop, least[place, stop].astype(np.int64), count)
        access = prune_to(frame.schedule, access)
        arrive = frame.arrivals(
            *(access, self.doors, frame.ahead(self.doors), len(self.home.index), 0, count)
        )
        step = np.arange(frame.minutes)
        arrive = arrive[which_set.ravel(), step]
        arrive = np.minimum(arrive, frame.now[:, None] + direct[which_set.ravel()])
        return np.ascontiguousarray(arrive.T.astype(np.int32))

    def _open_at(self, seconds: Any) -> Bool:
        """Say which patterns (rows) are open at some seconds (columns)."""
        start, first, last = self.hours
        within = (first[:, None] <= seconds) & (seconds <= last[:, None])
        begin = np.repeat(np.arange(len(start) - 1), np.diff(start))
        is_open = np.zeros((len(start) - 1, len(seconds)), bool)
        np.logical_or.at(is_open, begin, within)
        return is_open

    def nearest(self, which: Int64) -> pd.DataFrame:
        """Return the summary for some of the sites."""
        frame = self.frame
        arrive = self.arrive(which)
        out = np.empty((len(arrive), len(frame.settings.percentiles)), np.int32)
        within = np.empty(len(arrive), np.int64)
        reverse.summarise(arrive, frame.begin, frame.cutoff, frame.settings.ranks, out, within)
        return self.to_table(which, out, within, "share_of_minutes_reachable")

    def to_table(self, which: Int64, out: Int32, within: Int64, share: str) -> pd.DataFrame:
        """Return seconds at each percentile and numbers of minutes as a table on the origins."""
        columns: dict[str, Any] = {
            f"minutes_p{percentile}": np.where(out[:, rank] < FAR, out[:, rank] / 60, np.nan)
            for rank, percentile in enumerate(self.frame.settings.percentiles)
        }
        own = self.home.status
        on = own == "connected"
        columns[share] = np.where(on, within / self.frame.minutes, np.nan)
        network, chair = self.frame.network, self.frame.settings.wheelchair_only
        pieces = network.component(self.home, wheelchair_only=chair)
        asked = network.component(self.away, wheelchair_only=chair)[which]
        status = np.where(np.isin(pieces, asked[asked >= 0]), "over_cutoff", "unreachable")
        if not bool(within_map(self.away.status[which]).any()):
            status = np.full(len(own), "no_data")
        status = np.where(out[:, 0] < FAR, "reached", status).astype(object)
        columns["status"] = np.where(on, status, own)
        return pd.DataFrame(columns, index=self.home.index)


def _nothing_asked(
    network: TransitNetwork, origins: gpd.GeoSeries, settings: TransitSettings
) -> pd.DataFrame:
    own = snap(network, origins, "origins").status
    columns = {f"minutes_p{p}": np.nan for p in settings.percentiles}
    status = np.where(own == "connected", "no_data", own)
    return pd.DataFrame(
        {**columns, "share_of_minutes_reachable": np.nan, "status": status}, index=origins.index
    )
