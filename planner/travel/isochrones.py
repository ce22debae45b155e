"""How far does one get in ten, twenty, thirty minutes, and how many people live within?

Bands of travel time are drawn around the parts of streets that are reached in time, to the metre,
and never around straight lines. Who lives within a band is counted by the time of each point,
not by whether the drawing covers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from planner.area import CRS, StudyArea
from planner.errors import TravelError
from planner.ledger import Note
from planner.travel.kernels import FAR
from planner.travel.paths import cut_line
from planner.travel.snap import Snapped, snap_points
from planner.travel.streets import (
    SUBSTANTIAL_NODES,
    Float64,
    Int64,
    Streets,
    WalkGraph,
    to_deciseconds,
    to_graph,
)
from planner.travel.times import STATUSES, area_median
from planner.travel.transit.network import TransitNetwork
from planner.travel.transit.search import arrivals, build_transit_nearest
from planner.travel.transit.settings import TransitSettings
from planner.travel.walk import attach, snap_notes, to_cutoff

Direction = Literal["to", "from"]


@dataclass(frozen=True, kw_only=True)
class BandShape:
    """Which bands there are and how they are drawn.

    Parameters
    ----------
    minutes
        Their upper ends, rising.
    street_metres
        Ground that is drawn on either side of a reached street.
    closing_metres
        Gaps narrower than twice this between two drawn streets are closed.
    hole_square_metres
        Holes smaller than this are filled.
    simplify_metres
        How far an outline may be moved to have fewer corners.
    """

    minutes: tuple[float, ...] = (10.0, 20.0, 30.0)
    street_metres: float = 30.0
    closing_metres: float = 20.0
    hole_square_metres: float = 20_000.0
    simplify_metres: float = 5.0

    def __post_init__(self) -> None:
        if not self.minutes or min(self.minutes) <= 0:
            raise TravelError("Travel-time bands: each ends at a number of minutes above zero.")
        if any(a >= b for a, b in pairwise(self.minutes)):
            raise TravelError("Travel-time bands: their ends must rise.")
        if not self.street_metres > 0 or min(self.closing_metres, self.simplify_metres) < 0:
            raise TravelError("Travel-time bands: streets must be drawn with a width above zero.")

    def in_words(self) -> str:
        """How the outlines came about."""
        return (
            f"drawn {self.street_metres:g} m to either side of the streets that are reached in "
            f"time; gaps under {2 * self.closing_metres:g} m closed, holes under "
            f"{self.hole_square_metres / 10_000:g} ha filled, outlines simplified to "
            f"{self.simplify_metres:g} m, nothing where no streets are mapped"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Isochrones:
    """Bands of travel time as areas.

    Parameters
    ----------
    bands
        A row a band: ``minutes_from``, ``minutes_to`` and ``geometry`` (MultiPolygon,
        EPSG:27700): all ground within ``minutes_to``, so that each band lies within the next.
        Empty where no street is reached.
    points
        Where the bands start or end.
    method
        In words, for captions.
    notes
        Points that are not on the network, what was sampled.
    """

    bands: gpd.GeoDataFrame
    points: gpd.GeoSeries
    method: str
    notes: tuple[Note, ...] = ()

    def rings(self) -> gpd.GeoDataFrame:
        """Return the bands without what the band before covers."""
        shapes = self.bands.geometry.to_numpy()
        cut = [shapes[0], *(b.difference(a) for a, b in pairwise(shapes))]
        return self.bands.set_geometry(gpd.GeoSeries(cut, index=self.bands.index, crs=CRS))


def build_isochrones(
    streets: Streets,
    points: gpd.GeoSeries,
    *,
    walk_kmh: float,
    snap_metres: float,
    extent_metres: float,
    shape: BandShape | None = None,
) -> Isochrones:
    """Return where one can walk to within some minutes from the nearest of some points.

    Parameters
    ----------
    streets
        The network.
    points
        One or several, in EPSG:27700; walks to them and from them are as long.
    walk_kmh, snap_metres, extent_metres
        As for `planner.travel.walk.build_walk_times`.
    shape
        Which bands, and how they are drawn.

    Notes
    -----
    Times are whole deciseconds as for all walks. An edge is reached from each end as far as the
    time left goes, and from a point on it to both sides.
    """
    shape = shape or BandShape()
    graph = to_graph(streets, walk_kmh=walk_kmh)
    spots = snap_points(streets, points, snap_metres=snap_metres, extent_metres=extent_metres)
    field = _Field(streets=streets, graph=graph, walk_kmh=walk_kmh, spots=spots)
    nothing = np.zeros(0, np.int64)
    time = field.node_times(nothing, nothing, to_cutoff(shape.minutes[-1]))
    return Isochrones(
        bands=_draw(field, time, shape),
        points=points,
        method=f"On foot along the streets at {walk_kmh:g} km/h; {shape.in_words()}.",
        notes=tuple(snap_notes(spots, slice(None), points.index, "point", snap_metres)),
    )


def build_transit_isochrones(
    network: TransitNetwork,
    points: gpd.GeoSeries,
    settings: TransitSettings,
    *,
    direction: Direction = "to",
    percentile: int = 50,
    spacing_metres: float = 50.0,
    shape: BandShape | None = None,
) -> Isochrones:
    """Return from where one gets to some points by public transport within some minutes.

    Parameters
    ----------
    network
        Streets and timetable.
    points
        One or several, in EPSG:27700 on a sorted, unique index; the one that is reached first
        counts, at each minute of leaving.
    settings
        Day, window and limits; the cutoff is that of the last band.
    direction
        ``to`` the points (who can come) or ``from`` them.
    percentile
        Of the window's minutes: 50 is the median.
    spacing_metres
        Times are searched at one junction in each square of this side; 0: at every one. Between
        them the walk to the nearest such junction is added.
    shape
        Which bands, and how they are drawn.
    """
    shape = shape or BandShape()
    settings = replace(settings, cutoff_minutes=shape.minutes[-1], percentiles=(percentile,))
    node = _sample(network.streets, spacing_metres)
    seconds = (_seconds_to if direction == "to" else _seconds_from)(
        network, points, _node_points(network.streets, node), settings
    )
    spots = snap_points(
        network.streets,
        points,
        snap_metres=network.snap_metres,
        extent_metres=network.extent_metres,
    )
    field = _Field(
        streets=network.streets, graph=network.graph, walk_kmh=network.walk_kmh, spots=spots
    )
    near = seconds < FAR
    time = field.node_times(
        node[near], seconds[near] * 10, to_cutoff(shape.minutes[-1]), walk_minutes=settings.direct
    )
    words = "who can get there" if direction == "to" else "where one gets"
    return Isochrones(
        bands=_draw(field, time, shape),
        points=points,
        method=(
            f"By public transport and on foot, {words}, leaving {settings.window} "
            f"({'median' if percentile == 50 else f'{percentile}th percentile'} of all minutes of "
            f"leaving), searched at {len(node):,} junctions; {shape.in_words()}."
        ),
        notes=(
            *network.notes,
            *snap_notes(spots, slice(None), points.index, "point", network.snap_metres),
            *_sample_note(network.streets, node, spacing_metres),
        ),
    )


def build_band_population(
    area: StudyArea, minutes: pd.Series, status: pd.Series, bands: Sequence[float]
) -> pd.DataFrame:
    """Count the people of the place by how long they take, each point by its own time.

    Parameters
    ----------
    area
        Its own areas' points count, each with its share of the area's people.
    minutes, status
        Of each point, as from `planner.travel.times.nearest` or ``minutes_p50`` and ``status``
        of `planner.travel.transit.build_transit_nearest`.
    bands
        Upper ends in minutes, rising.

    Returns
    -------
    people
        A row a band, one for all beyond, and one for each status other than ``reached`` that
        occurs: ``minutes_from``, ``minutes_to`` (NaN: no end or no time), ``status``, ``people``,
        ``share`` of all people, ``people_within`` and ``areas_within`` (up to the end of the
        band: people; areas whose median point is within). The column ``people`` adds up to the
        population of the place.

    Raises
    ------
    TravelError
        A point has no time or status.
    """
    points = area.place_points
    if not points.index.isin(minutes.index).all() or not minutes.index.equals(status.index):
        raise TravelError("People by travel time: a point of the place has no time.")
    minutes, status = minutes.loc[points.index], status.loc[points.index]
    weight = points["weight"].astype(float)
    share = weight / weight.groupby(points["area_code"]).transform("sum")
    people = share * area.areas["population"].reindex(points["area_code"]).to_numpy(float)
    median = area_median(minutes, status, points["area_code"], weight)["minutes"]
    ends = [0.0, *bands]
    rows: list[tuple[float, float, str, float]] = []
    for begin, end in [*pairwise(ends), (ends[-1], np.nan)]:
        inside = (status == "reached") & ~(minutes > (np.inf if np.isnan(end) else end))
        inside &= (minutes > begin) | (begin == 0)
        rows.append((begin, end, "reached", float(people[inside].sum())))
    rows += [
        (np.nan, np.nan, name, float(people[status == name].sum()))
        for name in STATUSES[1:]
        if bool((status == name).any())
    ]
    table = pd.DataFrame(rows, columns=["minutes_from", "minutes_to", "status", "people"])
    total = float(people.sum())
    table["share"] = table["people"] / total if total > 0 else np.nan
    timed = table["minutes_to"].notna()
    table["people_within"] = table["people"].cumsum().where(timed)
    table["areas_within"] = [
        float((median <= end).sum()) if on else np.nan
        for end, on in zip(table["minutes_to"], timed, strict=True)
    ]
    return table


# --- times at junctions -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class _Field:
    """Streets on which time runs from some spots."""

    streets: Streets
    graph: WalkGraph
    walk_kmh: float
    spots: Snapped

    def node_times(
        self, node: Int64, deciseconds: Int64, cutoff: int, *, walk_minutes: float = np.inf
    ) -> Float64:
        """Return deciseconds at each node, from the spots and from nodes with a time; inf: later.

        One search from a made-up node that leads to all of them.
        """
        hung = attach(self.streets, self.spots, walk_kmh=self.walk_kmh)
        limit = min(cutoff, int(walk_minutes * 600) if walk_minutes < np.inf else cutoff)
        on = (hung.node >= 0) & (hung.leg <= limit)
        tips = np.concatenate([hung.node[on].astype(np.int64), node])
        legs = np.concatenate([hung.leg[on].astype(np.int64), deciseconds])
        order = np.lexsort((legs, tips))
        tips, first = np.unique(tips[order], return_index=True)
        legs = legs[order][first]
        count = len(self.streets.node_x)
        graph = self.graph
        # A zero would be no arc at all in a sparse matrix: all times are one decisecond more.
        weights = csr_array(
            (
                np.concatenate([graph.deciseconds, legs + 1]).astype(np.float64),
                np.concatenate([graph.indices, tips]).astype(np.int32),
                np.append(graph.indptr, graph.indptr[-1] + len(tips)).astype(np.int32),
            ),
            shape=(count + 1, count + 1),
        )
        time: Float64 = dijkstra(weights, indices=count, limit=float(cutoff + 1))[:count] - 1
        return time


def _sample(streets: Streets, spacing_metres: float) -> Int64:
    """Return the node nearest to the middle of each square, on pieces that count as networks."""
    large = streets.component_nodes >= SUBSTANTIAL_NODES
    large[0] = True
    node = np.flatnonzero(large[streets.node_component])
    if spacing_metres <= 0:
        return node
    x, y = streets.node_x[node] / spacing_metres, streets.node_y[node] / spacing_metres
    off = np.hypot(x - np.floor(x) - 0.5, y - np.floor(y) - 0.5)
    order = np.lexsort((node, off, np.floor(y), np.floor(x)))
    square = np.column_stack([np.floor(x), np.floor(y)])[order]
    first = np.concatenate([[True], (np.diff(square, axis=0) != 0).any(axis=1)])
    return np.sort(node[order][first])


def _node_points(streets: Streets, node: Int64) -> gpd.GeoSeries:
    index = pd.Index([f"{one:09d}" for one in node])
    return gpd.GeoSeries(
        gpd.points_from_xy(streets.node_x[node], streets.node_y[node]), index=index, crs=CRS
    )


def _seconds_to(
    network: TransitNetwork, points: gpd.GeoSeries, nodes: gpd.GeoSeries, settings: TransitSettings
) -> Int64:
    """Return seconds from each node to the first of the points, at the percentile."""
    found = build_transit_nearest(network, nodes, points, settings)
    minutes = found[f"minutes_p{settings.percentiles[0]}"].to_numpy()
    return np.where(np.isnan(minutes), FAR, np.rint(np.nan_to_num(minutes) * 60)).astype(np.int64)


def _seconds_from(
    network: TransitNetwork, points: gpd.GeoSeries, nodes: gpd.GeoSeries, settings: TransitSettings
) -> Int64:
    """Return seconds from the best of the points to each node, at the percentile."""
    best = np.full((settings.minutes, len(nodes)), FAR, np.int64)
    for place in range(len(points)):
        one = np.asarray(arrivals(network, points.iloc[[place]], nodes, settings))[0]
        best = np.minimum(best, one)
    now = (settings.start_minute + np.arange(settings.minutes))[:, None] * 60
    lasts = np.sort(np.where(best < FAR, best - now, FAR), axis=0)
    seconds: Int64 = lasts[settings.ranks[0]].astype(np.int64)
    return seconds


def _sample_note(streets: Streets, node: Int64, spacing_metres: float) -> tuple[Note, ...]:
    left = len(streets.node_x) - len(node)
    if not left:
        return ()
    text = (
        f"Times were searched at {len(node):,} of {len(streets.node_x):,} junctions (one in each "
        f"square of {spacing_metres:g} m); for the others the walk to the nearest is added."
    )
    return (Note(stage="travel", what="junctions_sampled", count=left, text=text),)


# --- the drawing ------------------------------------------------------------------------------


def _draw(field: _Field, time: Float64, shape: BandShape) -> gpd.GeoDataFrame:
    """Draw the bands from the smallest to the largest, each around the one before."""
    wide: Any = shapely.MultiPolygon()
    drawn: Any = shapely.MultiPolygon()
    done = np.zeros(len(field.streets.edge_from), bool)
    bands = []
    lines = field.streets.to_lines()
    for minutes in shape.minutes:
        whole, parts = _reached(field, lines, time, to_cutoff(minutes))
        new = np.concatenate([lines[whole & ~done], parts])
        done |= whole
        grown = shapely.buffer(new, shape.street_metres + shape.closing_metres, quad_segs=3)
        wide = shapely.union_all([wide, shapely.union_all(grown)])
        closed = shapely.buffer(wide, -shape.closing_metres, quad_segs=3)
        closed = shapely.simplify(_without_holes(closed, shape), shape.simplify_metres)
        drawn = _without_holes(shapely.union_all([drawn, shapely.make_valid(closed)]), shape)
        bands.append(drawn)
    return gpd.GeoDataFrame(
        {"minutes_from": [0.0, *shape.minutes[:-1]], "minutes_to": list(shape.minutes)},
        geometry=bands,
        crs=CRS,
    )


def _reached(
    field: _Field, lines: NDArray[Any], time: Float64, cutoff: int
) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """Return which edges are reached all along, and the reached parts of the others."""
    streets, edge_time = field.streets, field.graph.edge_deciseconds
    left = np.stack([cutoff - time[streets.edge_from], cutoff - time[streets.edge_to]])
    left = np.where(left >= 0, left, -1.0)
    share = np.where(left >= 0, np.minimum(left / np.maximum(edge_time, 1), 1.0), -1.0)
    whole = np.maximum(share, 0.0).sum(axis=0) >= 1.0
    whole |= (share == 1.0).any(axis=0)
    parts: list[Any] = []
    for edge in np.flatnonzero(~whole & (share > 0).any(axis=0)):
        if share[0, edge] > 0:
            parts.append(cut_line(lines[edge], 0.0, float(share[0, edge])))
        if share[1, edge] > 0:
            parts.append(cut_line(lines[edge], 1.0 - float(share[1, edge]), 1.0))
    parts += _around_spots(field, lines, cutoff)
    found = np.empty(len(parts), object)
    found[:] = parts
    return whole, found


def _around_spots(field: _Field, lines: NDArray[Any], cutoff: int) -> list[Any]:
    """Return the ways from the points to their streets, and along these to both sides."""
    spots, streets = field.spots, field.streets
    parts: list[Any] = []
    for point in np.flatnonzero(spots.edge >= 0):
        edge = int(spots.edge[point])
        off = to_deciseconds(spots.metres_off[point : point + 1], walk_kmh=field.walk_kmh)
        metres = (cutoff - int(off[0])) * field.walk_kmh / 36.0
        length = float(streets.edge_metres[edge])
        if metres < 0:
            continue
        here = float(spots.metres_from[point])
        share = [(here - metres) / length, here / length, (here + metres) / length]
        low, middle, high = np.clip(share, 0.0, 1.0) if length > 0 else (0.0, 0.0, 1.0)
        parts.append(cut_line(lines[edge], float(low), float(high)))
        spot = shapely.line_interpolate_point(lines[edge], float(middle), normalized=True)
        parts.append(shapely.LineString([(spots.x[point], spots.y[point]), spot.coords[0]]))
    return parts


def _without_holes(shape: Any, bands: BandShape) -> shapely.MultiPolygon:
    """Return the polygons of a shape without their smaller holes."""
    kept = []
    for part in shapely.get_parts(shape):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        holes = [
            ring
            for ring in part.interiors
            if shapely.Polygon(ring).area >= bands.hole_square_metres
        ]
        kept.append(shapely.Polygon(part.exterior, holes))
    return shapely.MultiPolygon(kept)
