"""Made-up street networks, and slow plain references to check fast answers against."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from planner.travel.roads import Roads, Segments, build_roads
from planner.travel.streets import Streets, build_streets
from planner.travel.ways import CycleSettings, RoadSettings

CRS = "EPSG:27700"


def grid_segments(
    rows: int, columns: int, *, seed: int, missing: float = 0.25, east: float = 330_000.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return points and segments of a town of bent streets, some of them missing."""
    rng = np.random.default_rng(seed)
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    x = list(east + 80.0 * column.ravel() + rng.uniform(-25, 25, rows * columns))
    y = list(187_000.0 + 80.0 * row.ravel() + rng.uniform(-25, 25, rows * columns))
    number = np.arange(rows * columns).reshape(rows, columns)
    joined = [*zip(number[:, :-1].ravel(), number[:, 1:].ravel(), strict=True)]
    joined += [*zip(number[:-1].ravel(), number[1:].ravel(), strict=True)]
    start, end = [], []
    for a, b in joined:
        if rng.random() < missing:
            continue
        if rng.random() < 0.3:  # a bend half way
            x.append((x[a] + x[b]) / 2 + rng.uniform(-15, 15))
            y.append((y[a] + y[b]) / 2 + rng.uniform(-15, 15))
            start += [a, len(x) - 1]
            end += [len(x) - 1, b]
        else:
            start.append(a)
            end.append(b)
    return np.array(x), np.array(y), np.array(start, np.int32), np.array(end, np.int32)


def town_with_islands(*, seed: int, rows: int = 22, columns: int = 22) -> Streets:
    """Return a town, an island town east of it, and the odds and ends of a ragged map."""
    x, y, start, end = grid_segments(rows, columns, seed=seed)
    x2, y2, start2, end2 = grid_segments(12, 12, seed=seed + 1, east=334_000.0)
    return build_streets(
        np.concatenate([x, x2]),
        np.concatenate([y, y2]),
        np.concatenate([start, start2 + len(x)]).astype(np.int32),
        np.concatenate([end, end2 + len(x)]).astype(np.int32),
    )


def points(xy: list[tuple[float, float]] | np.ndarray, prefix: str = "p") -> gpd.GeoSeries:
    """Return points in EPSG:27700 on ids p000, p001, ..."""
    index = pd.Index([f"{prefix}{i:03d}" for i in range(len(xy))])
    return gpd.GeoSeries([shapely.Point(*c) for c in xy], index=index, crs=CRS)


def scattered(count: int, *, seed: int, prefix: str) -> gpd.GeoSeries:
    """Return points in and around `town_with_islands`."""
    rng = np.random.default_rng(seed)
    xy = np.column_stack(
        [rng.uniform(329_500, 335_500, count), rng.uniform(186_500, 189_500, count)]
    )
    return points(xy, prefix)


def whole(metres: float, walk_kmh: float) -> int:
    """Round a walk to deciseconds as the rule says, in plain Python."""
    time = round(metres * (36.0 / walk_kmh))
    return max(time, 1) if metres > 0 else 0


def reference_graph(streets: Streets, walk_kmh: float) -> nx.DiGraph:
    """Return the streets as a networkx graph, one arc each way, built edge by edge."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(streets.node_x)))
    for a, b, metres in zip(streets.edge_from, streets.edge_to, streets.edge_metres, strict=True):
        for u, v in ((int(a), int(b)), (int(b), int(a))):
            time = whole(float(metres), walk_kmh)
            if u != v and time < graph.get_edge_data(u, v, {"time": np.inf})["time"]:
                graph.add_edge(u, v, time=time)
    return graph


def add_points(
    graph: nx.DiGraph,
    streets: Streets,
    edges: dict[str, int],
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    walk_kmh: float,
) -> None:
    """Insert points into the graph: origins lead in, destinations out, no way through."""
    spot = {}
    for name, at in [*origins.items(), *destinations.items()]:
        if name not in edges:
            continue
        edge = edges[name]
        first, last = streets.line_start[edge], streets.line_start[edge + 1]
        line = shapely.LineString(
            np.column_stack([streets.line_x[first:last], streets.line_y[first:last]])
        )
        along = line.project(at)
        spot[name] = (edge, along, line.distance(at), line.length)
    for names, inwards in ((origins.index, True), (destinations.index, False)):
        for name in names:
            if name not in spot:
                continue
            edge, along, off, length = spot[name]
            for node, rest in (
                (int(streets.edge_from[edge]), along),
                (int(streets.edge_to[edge]), length - along),
            ):
                arc = (name, node) if inwards else (node, name)
                time = whole(off + rest, walk_kmh)
                known = graph.get_edge_data(*arc, {"time": np.inf})["time"]
                graph.add_edge(*arc, time=min(time, known))
    for a, origin in origins.items():
        for b, destination in destinations.items():
            if a in spot and b in spot and spot[a][0] == spot[b][0]:
                metres = spot[a][2] + spot[b][2] + abs(spot[a][1] - spot[b][1])
                graph.add_edge(
                    a, b, time=0 if origin.equals(destination) else whole(metres, walk_kmh)
                )


#: Points (x, y), and pieces of street: start, end, km/h forwards, km/h backwards.
Piece = tuple[int, int, float, float]


def made_roads(
    xy: list[tuple[float, float]],
    pieces: list[Piece],
    *,
    settings: RoadSettings | None = None,
    kinds: dict[int, int] | None = None,
    signals: dict[int, tuple[bool, bool]] | None = None,
) -> Roads:
    """Return a network of hand-drawn pieces; ``kinds`` and ``signals`` are by piece."""
    at = np.array(xy, float).reshape(-1, 2)
    count = len(pieces)
    lit = np.array([(signals or {}).get(i, (False, False)) for i in range(count)], bool)
    segments = Segments(
        start=np.array([p[0] for p in pieces], np.int32),
        end=np.array([p[1] for p in pieces], np.int32),
        forward_kmh=np.array([p[2] for p in pieces], float),
        backward_kmh=np.array([p[3] for p in pieces], float),
        kind=np.array([(kinds or {}).get(i, 0) for i in range(count)], np.int8),
        forward_signal=lit.reshape(-1, 2)[:, 0],
        backward_signal=lit.reshape(-1, 2)[:, 1],
        name=np.array([f"street {i}" for i in range(count)], dtype=object),
    )
    return build_roads(at[:, 0], at[:, 1], segments, settings or CycleSettings())


def one_way_town(*, seed: int, settings: RoadSettings) -> Roads:
    """Return a town with one-ways, traps, slow streets and signals, and an island town."""
    rng = np.random.default_rng(seed)
    x, y, start, end = grid_segments(22, 22, seed=seed, missing=0.12)
    x2, y2, start2, end2 = grid_segments(12, 12, seed=seed + 1, east=334_000.0)
    xy = [*zip(x, y, strict=True), *zip(x2, y2, strict=True)]
    ends = [*zip(start, end, strict=True)]
    ends += [*zip(start2 + len(x), end2 + len(x), strict=True)]
    pieces: list[Piece] = []
    for a, b in ends:
        kmh = float(rng.choice([12.0, 29.0, 43.45]))
        pieces.append(
            (
                int(a),
                int(b),
                *[(kmh, kmh), (kmh, 0.0), (0.0, kmh)][rng.choice(3, p=[0.6, 0.2, 0.2])],
            )
        )
    lit = {i: (True, bool(rng.random() < 0.5)) for i in range(len(pieces)) if rng.random() < 0.1}
    kinds = {i: int(rng.integers(0, 3)) for i in range(len(pieces))}
    return made_roads(xy, pieces, settings=settings, kinds=kinds, signals=lit)


def reference_roads(roads: Roads) -> nx.DiGraph:
    """Return roads as a networkx graph, edge by edge and direction by direction."""
    graph = nx.DiGraph()
    streets = roads.streets
    graph.add_nodes_from(range(len(streets.node_x)))
    for edge in range(len(streets.edge_from)):
        u, v = int(streets.edge_from[edge]), int(streets.edge_to[edge])
        metres = float(streets.edge_metres[edge])
        for a, b, kmh, wait in (
            (u, v, roads.forward_kmh[edge], roads.forward_wait[edge]),
            (v, u, roads.backward_kmh[edge], roads.backward_wait[edge]),
        ):
            time = whole(metres, float(kmh)) + int(wait) if kmh > 0 else np.inf
            if a != b and time < graph.get_edge_data(a, b, {"time": np.inf})["time"]:
                graph.add_edge(a, b, time=time)
    return graph


def add_road_points(
    graph: nx.DiGraph,
    roads: Roads,
    edges: dict[str, int],
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    walk_kmh: float,
) -> None:
    """Insert points into the graph: origins leave the way their edge is open, and so on."""
    streets = roads.streets
    spot = {}
    for name, at in [*origins.items(), *destinations.items()]:
        if name in edges:
            edge = edges[name]
            first, last = streets.line_start[edge], streets.line_start[edge + 1]
            line = shapely.LineString(
                np.column_stack([streets.line_x[first:last], streets.line_y[first:last]])
            )
            spot[name] = (edge, line.project(at), line.distance(at), line.length)

    def join(a: object, b: object, off: float, along: float, kmh: float, wait: float = 0) -> None:
        if kmh > 0:
            exact = off * 36.0 / walk_kmh + along * 36.0 / kmh
            time = (max(round(exact), 1) if exact > 0 else 0) + int(wait)
            if time < graph.get_edge_data(a, b, {"time": np.inf})["time"]:
                graph.add_edge(a, b, time=time)

    for names, outwards in ((origins.index, True), (destinations.index, False)):
        for name in spot.keys() & set(names):
            e, along, off, length = spot[name]
            ends = (int(streets.edge_from[e]), int(streets.edge_to[e]))
            ahead, back = roads.forward_kmh[e], roads.backward_kmh[e]
            waits = roads.backward_wait[e], roads.forward_wait[e]
            for node, rest, kmh, wait in zip(
                ends,
                (along, length - along),
                (back, ahead) if outwards else (ahead, back),
                waits,
                strict=True,
            ):
                arc = (name, node) if outwards else (node, name)
                if rest <= 0.1:  # at a corner, every street of it is at hand
                    join(*arc, off, 0.0, 1.0)
                else:
                    join(*arc, off, rest, kmh, wait if outwards else 0)
    for a in spot.keys() & set(origins.index):
        for b in spot.keys() & set(destinations.index):
            e, ahead = spot[a][0], spot[b][1] - spot[a][1]
            if e != spot[b][0]:
                continue
            if origins[a].equals(destinations[b]):
                graph.add_edge(a, b, time=0)
                continue
            off = spot[a][2] + spot[b][2]
            if ahead >= 0:
                join(a, b, off, ahead, roads.forward_kmh[e])
            if ahead <= 0:
                join(a, b, off, -ahead, roads.backward_kmh[e])


def reference_times(
    graph: nx.DiGraph, origins: pd.Index, destinations: pd.Index, cutoff_minutes: float
) -> dict[tuple[str, str], int]:
    """Return networkx's times in deciseconds between points that were added to a graph."""
    found = {}
    for origin in origins:
        if origin in graph:
            times = nx.single_source_dijkstra_path_length(
                graph, origin, cutoff=cutoff_minutes * 600, weight="time"
            )
            found |= {(origin, d): int(times[d]) for d in destinations if d in times}
    return found
