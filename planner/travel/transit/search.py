"""How long does it take by public transport and on foot, leaving at any minute of a window?"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.errors import TravelError
from planner.ledger import Note
from planner.travel.kernels import FAR
from planner.travel.snap import Snapped, snap_points
from planner.travel.times import TravelTimes
from planner.travel.transit import raptor, reverse
from planner.travel.transit.network import (
    TransitNetwork,
    Walks,
    build_transit_network,
    ceil_seconds,
)
from planner.travel.transit.schedule import (
    Ahead,
    Lists,
    Schedule,
    build_connections,
    build_schedule,
    to_lists,
    turned,
)
from planner.travel.transit.settings import TransitSettings
from planner.travel.transit.timetable import Int32, Int64
from planner.travel.walk import Progress, check_points, snap_notes

__all__ = [
    "TransitNetwork",
    "TransitSettings",
    "arrivals",
    "build_transit_nearest",
    "build_transit_nearest_of_kinds",
    "build_transit_network",
    "build_transit_times",
]

#: Room for profile entries a stop at first; more are made when they do not do.
_PROFILE_ROOM = 256
_BLOCK_ORIGINS = 8


def build_transit_times(
    network: TransitNetwork,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    settings: TransitSettings,
    *,
    progress: Progress | None = None,
) -> dict[int, TravelTimes]:
    """Return door to door times at each percentile of a window, between all pairs.

    Parameters
    ----------
    network
        Streets and timetable.
    origins, destinations
        Points in EPSG:27700 on sorted, unique string indexes.
    settings
        Day, window, limits, percentiles.
    progress
        Called with words and the share done.

    Returns
    -------
    times
        For each percentile, ``mode`` "transit". A pair without a time is ``over_cutoff`` where
        streets and vehicles of the day lead there at all, otherwise ``unreachable``.

    Raises
    ------
    TravelError
        The timetable is of another day, the points are not as above, or transfers longer than
        the network holds are asked for.

    Notes
    -----
    A journey leaves at a whole minute and walks to a stop; one is in time for a vehicle that
    leaves in the second of getting there. Each walk is rounded up to whole seconds once. Times run
    from leaving home, so waiting counts. Walking all the way is always an option. See
    `planner.travel.transit.raptor`.
    """
    _check(network, settings)
    home, away = _snap(network, origins, "origins"), _snap(network, destinations, "destinations")
    access = network.walks_to_stops(home, minutes=settings.access_minutes)
    if _same_points(home, away) and settings.access_minutes == settings.egress_minutes:
        egress = access
    else:
        egress = network.walks_to_stops(away, minutes=settings.egress_minutes)
    direct = network.walks(home, away, minutes=settings.direct)
    schedule = _schedule(network, settings)
    begin, minutes = settings.start_minute * 60, settings.minutes
    stops = len(network.timetable.stop_id)
    layers = settings.max_rides or 1
    to_stops, from_stops = access.lists(), turned(egress.lists(), stops)
    walks, ranks = direct.lists(), settings.ranks
    ahead = Ahead(*raptor.least_ahead(schedule, from_stops))
    count = len(destinations)

    def block(first: int, last: int) -> tuple[Int32, Int32, Int32]:
        out = np.empty((last - first, count, len(ranks)), np.int32)
        raptor.ranks_block(
            *(schedule, to_stops, from_stops, ahead, walks, count, first, last, begin, minutes),
            *(settings.cutoff_seconds, layers, settings.max_rides is not None, ranks, out),
        )
        origin, there = np.nonzero((out < FAR).any(axis=2))
        return (origin + first).astype(np.int32), there.astype(np.int32), out[origin, there]

    origin, there, seconds = _in_blocks(block, len(origins), len(ranks), progress)
    base = _empty_times(network, home, away, settings)
    notes = _no_stops_note(access, home, origins.index, settings)
    return {
        percentile: replace(
            base,
            pairs=_pairs(origin, there, seconds[:, rank]),
            percentile=percentile,
            notes=(*base.notes, *notes),
        )
        for rank, percentile in enumerate(settings.percentiles)
    }


def build_transit_nearest(
    network: TransitNetwork,
    origins: gpd.GeoSeries,
    sites: gpd.GeoSeries,
    settings: TransitSettings,
) -> pd.DataFrame:
    """Return each origin's time to the nearest site, whichever that is at each minute.

    The nearest site may change from minute to minute, so this is at most what
    `planner.travel.times.nearest` finds in the percentiles of single sites.

    Returns
    -------
    nearest
        On the origins: ``minutes_p50`` and so on for each percentile (NaN: not within the
        cutoff), ``share_of_minutes_reachable`` of the window, and ``status`` of the first
        percentile (`planner.travel.times.Status`).

    Raises
    ------
    TravelError
        As for `build_transit_times`.
    """
    kind = pd.Series("", index=sites.index)
    found = build_transit_nearest_of_kinds(network, origins, sites, kind, settings)
    return found[""] if "" in found else _nothing_asked(network, origins, settings)


def build_transit_nearest_of_kinds(
    network: TransitNetwork,
    origins: gpd.GeoSeries,
    sites: gpd.GeoSeries,
    kind: pd.Series,
    settings: TransitSettings,
) -> dict[str, pd.DataFrame]:
    """Return `build_transit_nearest` for the sites of each kind, at the cost of one search each.

    ``kind`` stands on the index of the sites.
    """
    _check(network, settings)
    if not kind.index.equals(sites.index):
        raise TravelError("Public transport: the kinds are not on the index of the sites.")
    home, away = _snap(network, origins, "origins"), _snap(network, sites, "destinations")
    query = _Query.build(network, home, settings)
    kinds = sorted(kind.unique())

    def one(name: str) -> pd.DataFrame:
        return query.nearest(away, np.flatnonzero((kind == name).to_numpy()))

    threads = min(os.cpu_count() or 1, len(kinds))
    if threads <= 1:
        return {name: one(name) for name in kinds}
    with ThreadPoolExecutor(threads) as pool:
        return dict(zip(kinds, pool.map(one, kinds), strict=True))


def arrivals(
    network: TransitNetwork,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    settings: TransitSettings,
) -> Any:
    """Return the second of arrival for every origin, minute of leaving and destination.

    Walking all the way is included; more than the cutoff after leaving is `FAR`.
    """
    _check(network, settings)
    home, away = _snap(network, origins, "origins"), _snap(network, destinations, "destinations")
    egress = network.walks_to_stops(away, minutes=settings.egress_minutes).lists()
    schedule = _schedule(network, settings)
    from_stops = turned(egress, len(network.timetable.stop_id))
    arrive = raptor.arrivals_block(
        schedule,
        network.walks_to_stops(home, minutes=settings.access_minutes).lists(),
        from_stops,
        Ahead(*raptor.least_ahead(schedule, from_stops)),
        *(len(destinations), 0, len(origins), settings.start_minute * 60, settings.minutes),
        *(settings.cutoff_seconds, settings.max_rides or 1, settings.max_rides is not None),
    )
    direct = network.walks(home, away, minutes=settings.direct)
    walk = np.full((len(origins), 1, len(destinations)), FAR, np.int64)
    walk[direct.origin, 0, direct.there] = direct.seconds
    now = (settings.start_minute + np.arange(settings.minutes))[None, :, None] * 60
    arrive = np.minimum(arrive, now + walk)
    return np.where(arrive - now <= settings.cutoff_seconds, arrive, FAR)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Query:
    """What all kinds of site share: the day's hops, and the doors of the origins."""

    network: TransitNetwork
    home: Snapped
    settings: TransitSettings
    hops: Any
    doors: Lists
    room: list[int] = field(default_factory=lambda: [_PROFILE_ROOM])

    @classmethod
    def build(cls, network: TransitNetwork, home: Snapped, settings: TransitSettings) -> _Query:
        begin = settings.start_minute * 60
        end = begin + 60 * (settings.minutes - 1) + settings.cutoff_seconds
        access = network.walks_to_stops(home, minutes=settings.access_minutes)
        return cls(
            network=network,
            home=home,
            settings=settings,
            hops=build_connections(_schedule(network, settings), begin=begin, end=end),
            doors=turned(access.lists(), len(network.timetable.stop_id)),
        )

    def arrive(self, away: Snapped, which: Int64) -> tuple[Int32, Int32]:
        """Return arrivals (origins, minutes) at the nearest of some sites, and seconds on foot."""
        settings, network = self.settings, self.network
        stops = len(network.timetable.stop_id)
        egress, direct = network.walks_from_nearest(
            away, which, self.home, stop_minutes=settings.egress_minutes, minutes=settings.direct
        )
        while True:
            enough, arrive = reverse.scan(
                *(self.hops, self.doors, egress, len(self.home.index)),
                *(settings.start_minute * 60, settings.minutes, settings.max_rides or 1),
                *(settings.max_rides is not None, self.room[0]),
            )
            if enough:
                return arrive, direct
            self.room[0] = min(2 * self.room[0], max(len(self.hops.departure) * stops, 1))

    def nearest(self, away: Snapped, which: Int64) -> pd.DataFrame:
        """Return the summary for some of the sites."""
        settings = self.settings
        arrive, direct = self.arrive(away, which)
        out = np.empty((len(arrive), len(settings.percentiles)), np.int32)
        within = np.empty(len(arrive), np.int64)
        begin, cutoff = settings.start_minute * 60, settings.cutoff_seconds
        reverse.summarise(arrive, direct, begin, cutoff, settings.ranks, out, within)
        table = pd.DataFrame(index=self.home.index)
        for rank, percentile in enumerate(settings.percentiles):
            table[f"minutes_p{percentile}"] = np.where(
                out[:, rank] < FAR, out[:, rank] / 60, np.nan
            )
        table["share_of_minutes_reachable"] = within / settings.minutes
        own = self.home.status
        pieces = self.network.component(self.home)
        asked = self.network.component(away)[which]
        status = np.where(np.isin(pieces, asked[asked >= 0]), "over_cutoff", "unreachable")
        status = np.where(out[:, 0] < FAR, "reached", status).astype(object)
        table["status"] = np.where(own == "connected", status, own)
        off = own != "connected"
        table.loc[off, "share_of_minutes_reachable"] = np.nan
        return table


def _nothing_asked(
    network: TransitNetwork, origins: gpd.GeoSeries, settings: TransitSettings
) -> pd.DataFrame:
    own = _snap(network, origins, "origins").status
    columns = {f"minutes_p{p}": np.nan for p in settings.percentiles}
    status = np.where(own == "connected", "no_data", own)
    return pd.DataFrame(
        {**columns, "share_of_minutes_reachable": np.nan, "status": status}, index=origins.index
    )


def _check(network: TransitNetwork, settings: TransitSettings) -> None:
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


def _snap(network: TransitNetwork, points: gpd.GeoSeries, which: str) -> Snapped:
    check_points(points, which)
    return snap_points(
        network.streets,
        points,
        snap_metres=network.snap_metres,
        extent_metres=network.extent_metres,
    )


def _same_points(home: Snapped, away: Snapped) -> bool:
    return np.array_equal(home.x, away.x, equal_nan=True) and np.array_equal(
        home.y, away.y, equal_nan=True
    )


def _schedule(network: TransitNetwork, settings: TransitSettings) -> Schedule:
    """Lay out the day as the settings want it."""
    begin = settings.start_minute * 60
    walks = network.changes
    slack = ceil_seconds(settings.transfer_slack_minutes * 600)
    longest = int(np.floor(settings.transfer_minutes * 60 + 1e-6))
    keep = network.unlimited | (walks.seconds <= longest)
    seconds = walks.seconds + np.where(network.stated, 0, slack)
    stops = len(network.timetable.stop_id)
    foot = to_lists(walks.origin[keep], walks.there[keep], seconds[keep], stops)
    end = begin + 60 * (settings.minutes - 1) + settings.cutoff_seconds
    return build_schedule(
        network.timetable, foot, begin=begin, end=end, wheelchair_only=settings.wheelchair_only
    )


def _in_blocks(
    block: Callable[[int, int], tuple[Int32, Int32, Int32]],
    origins: int,
    ranks: int,
    progress: Progress | None,
) -> tuple[Int32, Int32, Int32]:
    """Work through origins on all cores, and join what comes back, in order."""
    first = range(0, origins, _BLOCK_ORIGINS)
    last = [min(begin + _BLOCK_ORIGINS, origins) for begin in first]
    found = [(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros((0, ranks), np.int32))]
    pool = ThreadPoolExecutor(os.cpu_count() or 1)
    try:
        for done in pool.map(block, first, last):
            found.append(done)
            if progress is not None:
                progress("Public transport times", last[len(found) - 2] / origins)
    finally:
        pool.shutdown(cancel_futures=True)
    origin, there, seconds = (np.concatenate(part) for part in zip(*found, strict=True))
    return origin, there, seconds


def _pairs(origin: Int32, there: Int32, seconds: Int32) -> pd.DataFrame:
    keep = seconds < FAR
    return pd.DataFrame(
        {
            "origin": origin[keep],
            "destination": there[keep],
            "deciseconds": seconds[keep] * np.int32(10),
        }
    )


def _empty_times(
    network: TransitNetwork, home: Snapped, away: Snapped, settings: TransitSettings
) -> TravelTimes:
    """Return the table without its pairs."""
    none = np.zeros(0, np.int32)
    whole = slice(None)
    return TravelTimes(
        pairs=_pairs(none, none, none),
        origins=home.index,
        destinations=away.index,
        origin_status=pd.Series(home.status, index=home.index),
        destination_status=pd.Series(away.status, index=away.index),
        origin_component=pd.Series(network.component(home), index=home.index),
        destination_component=pd.Series(network.component(away), index=away.index),
        mode="transit",
        window=settings.window,
        cutoff_minutes=settings.cutoff_minutes,
        method="timetables and street network",
        notes=(
            *network.notes,
            *snap_notes(home, whole, home.index, "origin", network.snap_metres),
            *snap_notes(away, whole, away.index, "destination", network.snap_metres),
        ),
    )


def _no_stops_note(
    access: Walks, home: Snapped, index: pd.Index, settings: TransitSettings
) -> tuple[Note, ...]:
    """Say which origins no vehicle serves within the walk, loudly where that is all of them."""
    near = np.bincount(access.origin, minlength=len(index)) > 0
    lost = index[~near & (home.status == "connected")]
    if not len(lost):
        return ()
    text = (
        f"{len(lost)} of {len(index)} origins have no served stop within "
        f"{settings.access_minutes:g} minutes' walk."
    )
    if not bool(near.any()):
        text = "No origin has a served stop within reach: all these times are walks. " + text
    items = tuple(str(item) for item in lost)
    return (
        Note(
            stage="travel",
            what="walk_only" if not bool(near.any()) else "origins_without_stops",
            count=len(lost),
            text=text,
            items=items,
        ),
    )
