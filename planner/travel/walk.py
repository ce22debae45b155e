"""How long does it take to walk from each origin to each destination?"""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planner.area import CRS
from planner.cores import Progress, in_order
from planner.errors import TravelError
from planner.ledger import Note
from planner.travel import kernels
from planner.travel.blocks import Pairs, build_matrix_spans, join_pairs
from planner.travel.kernels import Attached
from planner.travel.nearby import walk_blocks
from planner.travel.snap import Snapped, snap_points
from planner.travel.streets import Arcs, Int64, Streets, to_deciseconds, to_graph
from planner.travel.times import DECISECONDS_PER_MINUTE, Mode, TravelTimes


def build_walk_times(
    streets: Streets,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    walk_kmh: float,
    cutoff_minutes: float,
    snap_metres: float,
    extent_metres: float,
    progress: Progress | None = None,
) -> TravelTimes:
    """Walk the streets from every origin to every destination.

    Parameters
    ----------
    streets
        The network.
    origins, destinations
        Points in EPSG:27700 on sorted, unique string indexes.
    walk_kmh
        Walking speed, everywhere the same.
    cutoff_minutes
        Longest walk searched, legs to and from the street included.
    snap_metres, extent_metres
        See `planner.travel.snap.snap_points`.
    progress
        Called with words and the share done.

    Returns
    -------
    times
        Door to door. A pair takes the straight line from the origin to the nearest spot of its
        street, along the street to one end of that edge, the shortest way through the network,
        and the same at the destination; or, on one edge, directly along it. Points with the
        same coordinates are 0 apart.

    Notes
    -----
    Each edge, and each leg from a point to an end of its edge (off the street and along it
    together), is rounded to whole deciseconds by `planner.travel.streets.to_deciseconds`; the sum
    of these is exact and the same in both directions. So searches start from whichever side
    has fewer points (Dijkstra 1959; see `planner.travel.kernels.walk_block`).
    """
    check_points(origins, "origins")
    check_points(destinations, "destinations")
    both = gpd.GeoSeries(
        np.concatenate([origins.to_numpy(), destinations.to_numpy()]), crs=origins.crs
    )
    snapped = snap_points(streets, both, snap_metres=snap_metres, extent_metres=extent_metres)
    graph = to_graph(streets, walk_kmh=walk_kmh)
    hung = attach(streets, snapped, walk_kmh=walk_kmh)
    split = len(origins)
    home = Attached(node=hung.node[:split], leg=hung.leg[:split])
    away = Attached(node=hung.node[split:], leg=hung.leg[split:])
    direct = same_edge(snapped, split, walk_kmh=walk_kmh)
    cutoff = to_cutoff(cutoff_minutes)
    if len(destinations) < len(origins):
        turned = (direct[1], direct[0], direct[2])
        pairs = turn(
            search(graph, away, home, turned, cutoff, progress), len(destinations), len(origins)
        )
    else:
        pairs = search(graph, home, away, direct, cutoff, progress)
    return to_times(
        snapped,
        pairs,
        (origins.index, destinations.index),
        mode="walk",
        method="street network",
        cutoff_minutes=cutoff_minutes,
        notes=(*streets.notes, *both_notes(snapped, origins, destinations, snap_metres)),
    )


def build_straight_line_times(
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    walk_kmh: float,
    detour: float,
    cutoff_minutes: float,
    progress: Progress | None = None,
) -> TravelTimes:
    """Estimate walks as straight lines × a detour factor; rivers and railways are not seen.

    Parameters
    ----------
    origins, destinations
        Points in EPSG:27700 on sorted, unique string indexes.
    walk_kmh, cutoff_minutes, progress
        As for `build_walk_times`.
    detour
        How much longer streets are taken to be than the straight line.

    Returns
    -------
    times
        Marked ``approximate``; every point is connected to one component.
    """
    check_points(origins, "origins")
    check_points(destinations, "destinations")
    cutoff = to_cutoff(cutoff_minutes)
    home, away = _coordinates(origins), _coordinates(destinations)
    limit = (cutoff + 1) * walk_kmh / 36.0 / detour

    def block(first: int, last: int) -> Pairs:
        room = (last - first) * len(away)
        point, metres = np.empty(room, np.int32), np.empty(room)
        each = np.empty(last - first, np.int64)
        written = kernels.straight_block(home, away, first, last, limit, point, metres, each)
        time = to_deciseconds(metres[:written] * detour, walk_kmh=walk_kmh)
        keep = time <= cutoff
        origin = np.repeat(np.arange(first, last, dtype=np.int32), each)
        return origin[keep], point[:written][keep], time[keep]

    spans = build_matrix_spans(len(home), len(away))
    pairs = join_pairs(in_order(block, spans, words="Straight-line times", progress=progress))
    return TravelTimes(
        pairs=to_table(pairs),
        origins=origins.index,
        destinations=destinations.index,
        origin_status=_where(home, origins.index, "connected", "no_data"),
        destination_status=_where(away, destinations.index, "connected", "no_data"),
        origin_component=_where(home, origins.index, 0, -1),
        destination_component=_where(away, destinations.index, 0, -1),
        mode="walk",
        cutoff_minutes=cutoff_minutes,
        method=f"straight line × {detour:g}",
        approximate=True,
        notes=tuple(
            point_note(which, "no_data", index[~np.isfinite(xy[:, 0])], "have no position")
            for which, index, xy in (
                ("origin", origins.index, home),
                ("destination", destinations.index, away),
            )
            if not bool(np.isfinite(xy[:, 0]).all())
        ),
    )


def check_points(points: gpd.GeoSeries, which: str) -> None:
    """Refuse points that are not on a sorted, unique index in EPSG:27700."""
    if points.crs != CRS:
        raise TravelError(f"Travel times: {which} must be in {CRS}.")
    if not points.index.is_unique or not points.index.is_monotonic_increasing:
        raise TravelError(f"Travel times: {which} must be unique and sorted.")


def to_cutoff(minutes: float) -> int:
    """Return the longest time that is still within some minutes, in deciseconds."""
    if not minutes > 0:
        raise TravelError(f"A longest journey of {minutes} minutes cannot be searched.")
    return int(np.floor(minutes * DECISECONDS_PER_MINUTE + 1e-6))


def attach(streets: Streets, snapped: Snapped, *, walk_kmh: float) -> Attached:
    """Hang points on the ends of their edges by legs in deciseconds."""
    on = snapped.edge >= 0
    edge = snapped.edge[on]
    node = np.full((len(on), 2), -1, np.int32)
    leg = np.zeros((len(on), 2), np.int32)
    node[on, 0], node[on, 1] = streets.edge_from[edge], streets.edge_to[edge]
    for end, along in enumerate((snapped.metres_from, snapped.metres_to)):
        leg[on, end] = to_deciseconds((snapped.metres_off + along)[on], walk_kmh=walk_kmh)
    return Attached(node=node, leg=leg)


def same_edge(snapped: Snapped, split: int, *, walk_kmh: float) -> Pairs:
    """Return the walks between origins and destinations that are on one edge."""
    origin, destination, here = on_one_edge(snapped, split)
    off = snapped.metres_off[origin] + snapped.metres_off[destination]
    along = np.abs(snapped.metres_from[origin] - snapped.metres_from[destination])
    time = to_deciseconds(np.where(here, 0.0, off + along), walk_kmh=walk_kmh)
    return origin.astype(np.int32), (destination - split).astype(np.int32), time


def on_one_edge(snapped: Snapped, split: int) -> tuple[Int64, Int64, NDArray[np.bool_]]:
    """Return the origins and destinations (all positions) on one edge; True if on one spot."""
    home = np.flatnonzero(snapped.edge[:split] >= 0)
    away = split + np.flatnonzero(snapped.edge[split:] >= 0)
    away = away[np.argsort(snapped.edge[away], kind="stable")]
    begin = np.searchsorted(snapped.edge[away], snapped.edge[home], side="left")
    end = np.searchsorted(snapped.edge[away], snapped.edge[home], side="right")
    count = end - begin
    origin = np.repeat(home, count)
    within = np.arange(len(origin)) - np.repeat(np.cumsum(count) - count, count)
    destination = away[np.repeat(begin, count) + within]
    here = (snapped.x[origin] == snapped.x[destination]) & (
        snapped.y[origin] == snapped.y[destination]
    )
    return origin, destination, here


def search(
    graph: Arcs,
    sources: Attached,
    targets: Attached,
    direct: Pairs,
    cutoff: int,
    progress: Progress | None,
    *,
    words: str = "Walking times",
) -> Pairs:
    """Return the targets within the cutoff of each source, sorted by source, then target."""
    if len(targets.node) == 0 or len(sources.node) == 0:
        return join_pairs([])
    blocks = walk_blocks(
        graph, sources, targets, direct, cutoff=cutoff, words=words, progress=progress
    )
    return join_pairs(blocks)


def turn(pairs: Pairs, sources: int, targets: int) -> Pairs:
    """Swap the two sides of pairs that are sorted by source, and sort them by the other."""
    source, target, time = pairs
    indptr = np.zeros(sources + 1, np.int64)
    np.cumsum(np.bincount(source, minlength=sources), out=indptr[1:])
    # Compressed rows to compressed columns is a counting sort; a time of 0 stays stored.
    turned = csr_array((time, target.astype(np.int64), indptr), shape=(sources, targets)).tocsc()
    back = np.repeat(np.arange(targets, dtype=np.int32), np.diff(turned.indptr))
    return back, turned.indices.astype(np.int32), turned.data


def to_times(
    snapped: Snapped,
    pairs: Pairs,
    indexes: tuple[pd.Index, pd.Index],
    *,
    mode: Mode,
    method: str,
    cutoff_minutes: float,
    notes: tuple[Note, ...],
) -> TravelTimes:
    """Return found pairs as `TravelTimes`; origins and destinations were put on streets in one."""
    origins, destinations = indexes
    split = len(origins)
    status, component = pd.Series(snapped.status), pd.Series(snapped.component)
    return TravelTimes(
        pairs=to_table(pairs),
        origins=origins,
        destinations=destinations,
        origin_status=status[:split].set_axis(origins),
        destination_status=status[split:].set_axis(destinations),
        origin_component=component[:split].set_axis(origins),
        destination_component=component[split:].set_axis(destinations),
        mode=mode,
        cutoff_minutes=cutoff_minutes,
        method=method,
        notes=notes,
    )


def to_table(pairs: Pairs) -> pd.DataFrame:
    """Return pairs as the table of `TravelTimes`."""
    return pd.DataFrame(dict(zip(("origin", "destination", "deciseconds"), pairs, strict=True)))


def _coordinates(points: gpd.GeoSeries) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return eastings and northings, NaN for points without a place."""
    geometry = np.array(points.array, dtype=object)
    geometry[shapely.is_empty(geometry)] = None
    return np.column_stack([shapely.get_x(geometry), shapely.get_y(geometry)])


def _where(
    xy: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    index: pd.Index,
    yes: str | int,
    no: str | int,
) -> pd.Series:
    return pd.Series(np.where(np.isfinite(xy[:, 0]), yes, no), index=index)


def both_notes(
    snapped: Snapped, origins: gpd.GeoSeries, destinations: gpd.GeoSeries, snap_metres: float
) -> Iterator[Note]:
    """Say which origins and which destinations are not, or not simply, on the network."""
    split = len(origins)
    yield from snap_notes(snapped, slice(None, split), origins.index, "origin", snap_metres)
    yield from snap_notes(
        snapped, slice(split, None), destinations.index, "destination", snap_metres
    )


def snap_notes(
    snapped: Snapped, side: slice, index: pd.Index, which: str, snap_metres: float
) -> Iterator[Note]:
    """Say which points are not on the network, or not on the nearest street."""
    status = snapped.status[side]
    for what, words in (
        ("not_connected", f"are more than {snap_metres:g} m from any mapped street"),
        ("outside_extent", "lie outside the mapped streets"),
        ("no_data", "have no position"),
    ):
        if bool((status == what).any()):
            yield point_note(which, what, index[status == what], words)
    past = snapped.past_detached[side]
    if bool(past.any()):
        yield point_note(
            which,
            "snapped_past_detached_piece",
            index[past],
            "are put on the main network, past a nearer street that is part of a small detached "
            "piece of the map",
        )


def point_note(which: str, what: str, items: pd.Index, words: str) -> Note:
    """Return the note that some origins or destinations are not where they should be."""
    return Note(
        stage="travel",
        what=f"{which}_{what}",
        count=len(items),
        text=f"{which.capitalize()}s that {words}: {len(items)}.",
        items=tuple(str(item) for item in items),
    )
