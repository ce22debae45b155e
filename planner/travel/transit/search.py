"""How long does it take by public transport and on foot, at any minute of a window?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.cores import Progress, Span, build_spans, in_order
from planner.ledger import Note
from planner.travel.kernels import FAR
from planner.travel.snap import Snapped
from planner.travel.times import TravelTimes
from planner.travel.transit import raptor
from planner.travel.transit.nearest import build_transit_nearest, build_transit_nearest_of_kinds
from planner.travel.transit.network import TransitNetwork, build_transit_network
from planner.travel.transit.query import Frame, build_frame, snap
from planner.travel.transit.schedule import turned
from planner.travel.transit.settings import TransitSettings
from planner.travel.transit.timetable import Int32
from planner.travel.transit.waits import summarise_ends
from planner.travel.walk import snap_notes

__all__ = [
    "TransitNetwork",
    "TransitSettings",
    "arrivals",
    "build_transit_nearest",
    "build_transit_nearest_of_kinds",
    "build_transit_network",
    "build_transit_times",
]

_BLOCK_ORIGINS = 8

#: Starts, ends, and their seconds at each rank.
_Found = tuple[Int32, Int32, Int32]


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
    `planner.travel.transit.raptor`. With ``by="arrival"`` the same holds backwards in time: see
    `planner.travel.transit.mirror`.
    """
    frame = build_frame(network, settings)
    home, away = snap(network, origins, "origins"), snap(network, destinations, "destinations")
    start, end = (away, home) if frame.backwards else (home, away)
    find = _matrix if frame.waits is None else _matrix_with_waits
    origin, there, seconds = find(frame, start, end, progress)
    if frame.backwards:
        order = np.lexsort((origin, there))
        origin, there, seconds = there[order], origin[order], seconds[order]
    base = _empty_times(network, home, away, settings)
    notes = _no_stops_note(frame, home)
    return {
        percentile: replace(
            base,
            pairs=_pairs(origin, there, seconds[:, rank]),
            percentile=percentile,
            notes=(*base.notes, *notes),
        )
        for rank, percentile in enumerate(settings.percentiles)
    }


def _matrix(frame: Frame, start: Snapped, end: Snapped, progress: Progress | None) -> _Found:
    """Return the pairs with a time and their seconds at each rank, by start and then by end."""
    settings = frame.settings
    access, egress = frame.access(start), frame.egress(end)
    ahead, ranks = frame.ahead(egress), settings.ranks
    walks = frame.network.walks(start, end, minutes=settings.direct).lists()
    count = len(end.index)

    def block(first: int, last: int) -> _Found:
        out = np.empty((last - first, count, len(ranks)), np.int32)
        raptor.ranks_block(
            *(frame.schedule, access, egress, ahead, walks, count, first, last),
            *(frame.begin, frame.minutes, frame.cutoff, frame.most, ranks, out),
        )
        one, there = np.nonzero((out < FAR).any(axis=2))
        return (one + first).astype(np.int32), there.astype(np.int32), out[one, there]

    return _in_blocks(block, build_spans(len(start.index), _BLOCK_ORIGINS), len(ranks), progress)


def _matrix_with_waits(
    frame: Frame, start: Snapped, end: Snapped, progress: Progress | None
) -> _Found:
    """Return `_matrix` where waiting has a limit: a search for each block of ends, not starts."""
    search, ranks = frame.waits, frame.settings.ranks
    assert search is not None
    doors, egress = turned(frame.access(start), frame.stops), frame.egress(end)
    walks = frame.network.walks(start, end, minutes=frame.settings.direct).lists()
    walks, count = turned(walks, len(end.index)), len(start.index)

    def block(first: int, last: int) -> _Found:
        arrive = search.to_each(doors, count, egress, first, last)
        out = np.empty((last - first, count, len(ranks)), np.int32)
        summarise_ends(arrive, walks, first, frame.begin, frame.cutoff, ranks, out)
        one, there = np.nonzero((out < FAR).any(axis=2))
        return there.astype(np.int32), (one + first).astype(np.int32), out[one, there]

    blocks = search.blocks(count, len(end.index))
    origin, there, seconds = _in_blocks(block, blocks, len(ranks), progress)
    order = np.lexsort((there, origin))
    return origin[order], there[order], seconds[order]


def arrivals(
    network: TransitNetwork,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    settings: TransitSettings,
) -> Any:
    """Return the second of arrival for every origin, minute of leaving and destination.

    With ``by="arrival"``, the second of the latest departure that is in time for each deadline
    instead. Walking all the way is included. Journeys longer than the cutoff are `FAR`; ``-FAR``
    where latest departures are asked for.
    """
    frame = build_frame(network, settings)
    home, away = snap(network, origins, "origins"), snap(network, destinations, "destinations")
    start, end = (away, home) if frame.backwards else (home, away)
    egress = frame.egress(end)
    arrive = frame.arrivals(
        *(frame.access(start), egress, frame.ahead(egress), len(end.index), 0, len(start.index))
    )
    direct = network.walks(start, end, minutes=settings.direct)
    walk = np.full((len(start.index), 1, len(end.index)), FAR, np.int64)
    walk[direct.origin, 0, direct.there] = direct.seconds
    now = frame.now[None, :, None]
    arrive = np.minimum(arrive, now + walk)
    arrive = np.where(arrive - now <= frame.cutoff, arrive, FAR)
    return -arrive[:, ::-1].transpose(2, 1, 0) if frame.backwards else arrive


def _in_blocks(
    block: Callable[[int, int], _Found], spans: list[Span], ranks: int, progress: Progress | None
) -> _Found:
    """Work through blocks, and join what comes back."""
    none = (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros((0, ranks), np.int32))
    done = in_order(block, spans, words="Public transport times", progress=progress)
    origin, there, seconds = (np.concatenate(part) for part in zip(none, *done, strict=True))
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
    whole, chair = slice(None), {"wheelchair_only": settings.wheelchair_only}
    return TravelTimes(
        pairs=_pairs(none, none, none),
        origins=home.index,
        destinations=away.index,
        origin_status=pd.Series(home.status, index=home.index),
        destination_status=pd.Series(away.status, index=away.index),
        origin_component=pd.Series(network.component(home, **chair), index=home.index),
        destination_component=pd.Series(network.component(away, **chair), index=away.index),
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


def _no_stops_note(frame: Frame, home: Snapped) -> tuple[Note, ...]:
    """Say from where only walks lead on, loudly where that is from everywhere.

    A stop counts if a vehicle that people may get on is under way in the time looked at.
    """
    index, settings = home.index, frame.settings
    near = np.zeros(len(index), bool)
    if frame.backwards:
        near[frame.egress(home).to] = True
    else:
        near = np.diff(frame.access(home).start) > 0
    lost = index[~near & (home.status == "connected")]
    if not len(lost):
        return ()
    text = (
        f"{len(lost)} of {len(index)} origins have no stop with a vehicle at these hours within "
        f"{settings.access_minutes:g} minutes' walk: only journeys on foot from there."
    )
    if not bool(near.any()):
        chair = settings.wheelchair_only
        stated = " that is stated to be accessible, at a stop stated to be so," if chair else ""
        text = (
            f"No vehicle{stated} can be got on at these hours ({settings.window}) within "
            f"{settings.access_minutes:g} minutes' walk of anybody: every journey by public "
            "transport is on foot all the way. "
        )
        text += (
            "Many timetables do not state it; wheelchair_only = false shows all vehicles."
            if chair
            else "Are these the right timetables?"
        )
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
