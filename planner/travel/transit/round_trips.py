"""Who can get there, stay as long as it takes, and be home again in time?"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.cores import build_spans, in_order
from planner.errors import TravelError
from planner.travel.kernels import FAR
from planner.travel.snap import Snapped
from planner.travel.transit.nearest import Query, check_kinds
from planner.travel.transit.network import TransitNetwork
from planner.travel.transit.opening import Hours, Opening, Unknown, build_hours
from planner.travel.transit.query import Frame, build_frame, snap
from planner.travel.transit.settings import TransitSettings
from planner.travel.transit.timetable import Int32, Int64
from planner.travel.transit.visits import visits

_BLOCK_ORIGINS = 8
#: With a longest wait a search costs about as much for many origins as for one.
_BLOCK_WITH_WAITS = 128


def build_round_trips(
    network: TransitNetwork,
    origins: gpd.GeoSeries,
    sites: gpd.GeoSeries,
    kind: pd.Series,
    settings: TransitSettings,
    *,
    stay_minutes: float,
    back_by_minute: int,
    opening: Opening | None = None,
    unknown_opening: Unknown = "open",
) -> dict[str, pd.DataFrame]:
    """Return how many minutes of a window allow a visit to a site of each kind and the way home.

    Parameters
    ----------
    network, origins, sites
        As for `planner.travel.transit.nearest.build_transit_nearest`.
    kind
        On the index of the sites.
    settings
        The window of leaving home. Limits hold for the way there and for the way back, each on
        its own; the longest journey there includes waiting for a site to open.
    stay_minutes
        Time at the site, before it closes.
    back_by_minute
        Minute after midnight by which to be home.
    opening, unknown_opening
        As for `planner.travel.transit.nearest.build_transit_nearest`.

    Returns
    -------
    trips
        For each kind, on the origins: ``minutes_p50`` and so on, the way out to the nearest site
        that can be returned from in time, over all minutes of the window (NaN: there is none at
        this percentile); ``share_of_minutes_possible``; ``latest_return_minute``, when the last
        departure home is, minutes after midnight, from the site where that is latest among those
        that can be visited (NaN: none); and ``status`` of the first percentile.

    Raises
    ------
    TravelError
        As for `planner.travel.transit.search.build_transit_times`; or the window is one of
        arrivals.

    Notes
    -----
    For each origin and site, the latest departure that is home in time comes from one search
    backwards from home, and the arrivals from one forwards, so the cost is that of a matrix of
    origins × sites with all its minutes, not that of a search for each kind.
    """
    if settings.by != "departure":
        raise TravelError("Round trips: the window is one of leaving home, not of arrivals.")
    check_kinds(kind, sites)
    back = replace(
        settings, by="arrival", start_minute=back_by_minute, end_minute=back_by_minute + 1
    )
    there_frame, back_frame = build_frame(network, settings), build_frame(network, back)
    home, away = snap(network, origins, "origins"), snap(network, sites, "destinations")
    hours, pattern = build_hours(
        sites.index, opening, stay_minutes=stay_minutes, unknown_opening=unknown_opening
    )
    names = sorted(kind.unique())
    stay = -int(np.floor(-stay_minutes * 60 + 1e-6))
    kinds = pd.Index(names).get_indexer(kind).astype(np.int64)
    out, within, last = _visits(
        there_frame, back_frame, home, away, (hours, pattern, kinds, len(names), stay)
    )
    query = Query(frame=there_frame, home=home, away=away, hours=hours, pattern=pattern)
    tables = {}
    for one, name in enumerate(names):
        table = query.to_table(
            np.flatnonzero(kinds == one), out[:, one], within[:, one], "share_of_minutes_possible"
        )
        latest = np.where(last[:, one] > -FAR, last[:, one] / 60, np.nan)
        table.insert(len(table.columns) - 1, "latest_return_minute", latest)
        tables[name] = table
    return tables


def _visits(
    there: Frame,
    back: Frame,
    home: Snapped,
    away: Snapped,
    asked: tuple[Hours, Int64, Int64, int, int],
) -> tuple[Int32, Int64, Int32]:
    """Return seconds out at each rank, minutes that allow a visit, and the last way home.

    Each for origins × kinds.
    """
    hours, pattern, kinds, count, stay = asked
    origins, sites = len(home.index), len(away.index)
    ranks = there.settings.ranks
    out = np.full((origins, count, len(ranks)), FAR, np.int32)
    within = np.zeros((origins, count), np.int64)
    last = np.full((origins, count), -FAR, np.int32)
    access, egress = there.access(home), there.egress(away)
    leave, enter = back.egress(away), back.access(home)
    ahead, behind = there.ahead(egress), back.ahead(leave)
    size = _BLOCK_ORIGINS if there.waits is None else _BLOCK_WITH_WAITS
    walks = there.network.walks(home, away, minutes=there.settings.direct).lists()

    def block(first: int, until: int) -> None:
        returns = back.arrivals(enter, leave, behind, sites, first, until)
        arrive = there.arrivals(access, egress, ahead, sites, first, until)
        visits(
            *(arrive, returns, walks, first, hours, pattern, kinds, stay),
            *(there.begin, there.cutoff, back.begin, back.cutoff, ranks),
            *(out[first:until], within[first:until], last[first:until]),
        )

    for _ in in_order(block, build_spans(origins, size)):
        pass
    return out, within, last
