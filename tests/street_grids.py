"""Made-up street networks, and slow plain references to check fast answers against."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from planner.travel.streets import Streets, build_streets

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
