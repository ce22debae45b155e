"""Which areas does the fictional place have, and how do they fill it without gaps?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

from planner.demo.dice import Dice, Floats
from planner.demo.town import (
    ALWAYS,
    DISTRICTS,
    HALF_HEIGHT,
    HALF_WIDTH,
    NEIGHBOUR,
    NEIGHBOUR_DISTRICTS,
    NEIGHBOUR_KEY,
    District,
    Frame,
    bend,
    to_degrees,
)

_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))
#: Areas of the neighbouring town, in the drawing of about 150 areas.
_CONTEXT_SHARE = 20 / 150
_OUTSIDE = -1

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Area:
    """One area: its codes, its people's midpoint (on the plan) and its outline (degrees)."""

    code: str
    name: str
    msoa_code: str
    msoa_name: str
    district: District
    town: str
    town_number: int
    in_place: bool
    scale: float
    u: float
    v: float
    room: float  # metres around the midpoint that are certainly inside
    outline: tuple[Point, ...]


def build_areas(frames: Sequence[Frame], seed: int) -> tuple[Area, ...]:
    """Return the areas of the place and, after them, those of the neighbouring town.

    Notes
    -----
    Voronoi cells of midpoints, cut along the river; a common boundary is one and the same line
    for both of its areas, so there is no gap and no overlap. Midpoints that stand outside the
    place bound it and are then left out.
    """
    scale = frames[0].scale
    owners: list[tuple[Frame, District, bool]] = []
    places: list[tuple[Floats, Floats]] = []
    for frame in frames:
        for district, count in _shares(DISTRICTS, frame.areas, ALWAYS):
            owners += [(frame, district, True)] * count
            places.append(
                frame.on_plan(*_midpoints(district, count, Dice(seed, frame.number, district.key)))
            )
    total = sum(frame.areas for frame in frames)
    context = int(min(20, max(6, round(total * _CONTEXT_SHARE))))
    for district, count in _shares(NEIGHBOUR_DISTRICTS, context, (NEIGHBOUR_KEY,)):
        owners += [(frames[0], district, False)] * count
        places.append(frames[0].on_plan(*_midpoints(district, count, Dice(seed, district.key))))
    outside = _outside(frames, Dice(seed, "outside"))
    u = np.concatenate([*(place[0] for place in places), outside[:, 0]])
    v = np.concatenate([*(place[1] for place in places), outside[:, 1]])
    rivers = sorted({frame.v for frame in frames})
    outlines, room = _mesh(u, v, len(owners), rivers, scale, Dice(seed, "boundaries"))
    return _named(owners, u, v, room, outlines)


def _shares(
    districts: Sequence[District], areas: int, always: Sequence[str]
) -> list[tuple[District, int]]:
    """Share areas out among districts by largest remainder; some districts have at least one."""
    least = {d.key: int(d.key in always) for d in districts}
    free = areas - sum(least.values())
    weight = {d.key: max(d.areas - least[d.key], 0.0) for d in districts}
    whole = sum(weight.values())
    exact = {key: free * w / whole for key, w in weight.items()}
    count = {key: least[key] + int(exact[key] + 1e-9) for key in exact}
    spare = areas - sum(count.values())
    # Ties go to the district that stands first.
    by_rest = sorted(exact, key=lambda key: -round(exact[key] + 1e-9 - int(exact[key] + 1e-9), 9))
    for key in by_rest[:spare]:
        count[key] += 1
    return [(d, count[d.key]) for d in districts if count[d.key]]


def _midpoints(district: District, count: int, dice: Dice) -> tuple[Floats, Floats]:
    """Spread midpoints evenly over a district: a sunflower's seeds, a little out of order."""
    at = np.arange(count)
    reach = np.sqrt((at + 0.5) / count) * (1.0 if count > 1 else 0.0)
    angle = at * _GOLDEN + dice.uniform(1, 0.0, 2.0 * np.pi)[0]
    jitter = 0.22 / np.sqrt(max(count, 4))
    x = reach * np.cos(angle) + jitter * dice.normal(count).clip(-1.5, 1.5)
    y = reach * np.sin(angle) + jitter * dice.normal(count).clip(-1.5, 1.5)
    if count == 1:
        x, y = x * 0.0, y * 0.0
    return district.u + district.width * x, district.v + district.height * y


def _outside(frames: Sequence[Frame], dice: Dice) -> Floats:
    """Return midpoints all around the place, to bound it."""
    scale = frames[0].scale
    step = 1_500.0 * scale
    half_u, half_v = HALF_WIDTH * scale, HALF_HEIGHT * scale
    boxes = [(f.u - half_u, f.v - half_v, f.u + half_u, f.v + half_v) for f in frames]
    # The neighbouring town's ground, west of the first town.
    first = frames[0]
    west = first.u - half_u
    boxes.append((west - 3_600.0 * scale, first.v - half_v * 0.6, west, first.v + half_v * 0.85))
    box = np.array(boxes)
    low, high = box[:, :2].min(axis=0) - 3 * step, box[:, 2:].max(axis=0) + 3 * step
    columns, rows = np.ceil((high - low) / step).astype(int)
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    jitter = np.column_stack(
        [dice.uniform(len(grid), -0.3, 0.3), dice.uniform(len(grid), -0.3, 0.3)]
    )
    point = low + (grid + 0.5 + jitter) * step
    nearest = np.full(len(point), np.inf)
    for u0, v0, u1, v1 in boxes:
        du = np.maximum(np.maximum(u0 - point[:, 0], point[:, 0] - u1), 0.0)
        dv = np.maximum(np.maximum(v0 - point[:, 1], point[:, 1] - v1), 0.0)
        nearest = np.minimum(nearest, np.hypot(du, dv))
    return np.asarray(point[(nearest > 0.2 * step) & (nearest < 2.6 * step)])


# --- the mesh -------------------------------------------------------------------------------


def _mesh(
    u: Floats, v: Floats, wanted: int, rivers: Sequence[float], scale: float, dice: Dice
) -> tuple[list[tuple[Point, ...]], Floats]:
    """Return the outline of the first ``wanted`` cells, and the room around their midpoints."""
    strip = np.searchsorted(np.array(rivers), v)
    sides: dict[int, list[tuple[float, Floats]]] = defaultdict(list)
    on_river: dict[float, list[tuple[int, float, float]]] = defaultdict(list)
    room = np.zeros(len(u))
    for number in range(len(rivers) + 1):
        own = np.flatnonzero(strip == number)
        lines = [rivers[at] for at in (number - 1, number) if 0 <= at < len(rivers)]
        _cells(u, v, own, lines, wanted, scale, dice, sides, on_river, room)
    for line, pieces in on_river.items():
        _along_river(line, pieces, scale, v, sides)
    outlines = [_ring(sides[cell], u[cell], v[cell]) for cell in range(wanted)]
    every = np.concatenate(outlines)
    x, y = bend(every[:, 0], every[:, 1], scale)
    lon, lat = to_degrees(np.round(x, 1), np.round(y, 1))
    out: list[tuple[Point, ...]] = []
    start = 0
    for outline in outlines:
        points = list(
            zip(lon[start : start + len(outline)], lat[start : start + len(outline)], strict=True)
        )
        start += len(outline)
        kept = [p for at, p in enumerate(points) if p != points[at - 1]]
        out.append(tuple((float(a), float(b)) for a, b in [*kept, kept[0]]))
    return out, room[:wanted]


def _cells(
    u: Floats,
    v: Floats,
    own: NDArray[np.int64],
    lines: Sequence[float],
    wanted: int,
    scale: float,
    dice: Dice,
    sides: dict[int, list[tuple[float, Floats]]],
    on_river: dict[float, list[tuple[int, float, float]]],
    room: Floats,
) -> None:
    """Add the sides of the cells of one strip of land between two rivers."""
    count = len(own)
    if count == 0:
        return
    # Mirror images across a river make the cells end there.
    u_all = np.concatenate([u[own], *(u[own] for _ in lines)])
    v_all = np.concatenate([v[own], *(2 * line - v[own] for line in lines)])
    diagram = Voronoi(np.column_stack([u_all, v_all]))
    ridge = np.sort(diagram.ridge_points, axis=1)
    ends = np.array(diagram.ridge_vertices, dtype=np.int64)
    image, base = ridge[:, 1] // count, ridge[:, 1] % count
    inner = image == 0
    mirror = (image > 0) & (ridge[:, 0] == base)
    needed = (own[np.minimum(ridge[:, 0], count - 1)] < wanted) | (inner & (own[base] < wanted))
    use = (inner | mirror) & (ridge[:, 0] < count) & (ends >= 0).all(axis=1) & needed
    ridge, ends, image = ridge[use], ends[use], image[use]
    order = np.lexsort((ridge[:, 1], ridge[:, 0]))
    ridge, ends, image = ridge[order], ends[order], image[order]
    vertex = np.round(diagram.vertices, 1)
    for line in lines:
        vertex[np.abs(diagram.vertices[:, 1] - line) < 1e-4, 1] = line
    vertex = _without_short_sides(vertex, ends, lines, 14.0 * scale)
    for at, line in enumerate(lines, start=1):
        for cell, (a, b) in zip(ridge[image == at, 0], ends[image == at], strict=True):
            on_river[line].append((int(own[cell]), float(vertex[a, 0]), float(vertex[b, 0])))
    inland = image == 0
    pairs, ends = own[ridge[inland]], ends[inland]
    curves = _curves(vertex[ends[:, 0]], vertex[ends[:, 1]], u[pairs], v[pairs], scale, dice)
    for (a, b), curve in zip(pairs, curves, strict=True):
        if len(curve):
            for cell in (int(a), int(b)):
                if cell < wanted:
                    sides[cell].append((0.0, curve))
    distance = cKDTree(np.column_stack([u_all, v_all])).query(
        np.column_stack([u[own], v[own]]), k=2
    )[0]
    room[own] = distance[:, 1] / 2.0


def _without_short_sides(
    vertex: Floats, ends: NDArray[np.int64], lines: Sequence[float], shortest: float
) -> Floats:
    """Draw the two ends of each very short side together, onto the river if one is there."""
    short = np.hypot(*(vertex[ends[:, 0]] - vertex[ends[:, 1]]).T) < shortest
    moved = vertex.copy()
    for a, b in ends[short]:
        first, second = sorted((int(a), int(b)))
        on_line = [any(moved[k, 1] == line for line in lines) for k in (first, second)]
        target = second if on_line[1] and not on_line[0] else first
        if all(on_line):
            continue
        here = moved[target].copy()
        for other in (first, second):
            same = (moved[:, 0] == moved[other, 0]) & (moved[:, 1] == moved[other, 1])
            moved[same] = here
    return moved


def _curves(
    a: Floats, b: Floats, pair_u: Floats, pair_v: Floats, scale: float, dice: Dice
) -> list[Floats]:
    """Return each side from ``a`` to ``b`` as a slightly wandering line.

    The points wander at most half-way into the triangle between the side and a midpoint; these
    triangles do not overlap, so the lines cannot cross.
    """
    along = b - a
    length = np.hypot(along[:, 0], along[:, 1])
    safe = np.where(length > 0, length, 1.0)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / safe[:, None]
    number = np.clip(length / (260.0 * scale), 1, 4).astype(int)
    wander = [dice.uniform(len(a), -1.0, 1.0) for _ in range(4)]
    curves: list[Floats] = []
    shares = np.empty((4, len(a)))
    shift = np.empty((4, len(a)))
    for at in range(4):
        t = (at + 1) / (number + 1.0)
        height = np.full(len(a), np.inf)
        for side in range(2):
            to_mid = np.column_stack([pair_u[:, side], pair_v[:, side]]) - a
            foot = (to_mid * along).sum(axis=1) / safe**2
            depth = np.abs((to_mid * normal).sum(axis=1))
            with np.errstate(divide="ignore", invalid="ignore"):
                left = np.where(foot > 0, t / foot, np.inf)
                right = np.where(foot < 1, (1.0 - t) / (1.0 - foot), np.inf)
            height = np.minimum(height, depth * np.minimum(np.minimum(left, right), 1.0))
        limit = np.minimum(np.minimum(0.5 * height, 0.14 * length), 110.0 * scale)
        shares[at], shift[at] = t, wander[at] * np.maximum(limit, 0.0)
    for row in range(len(a)):
        if length[row] == 0:
            curves.append(np.empty((0, 2)))
            continue
        n = number[row]
        middle = a[row] + shares[:n, row, None] * along[row] + shift[:n, row, None] * normal[row]
        curves.append(np.vstack([a[row], np.round(middle, 1), b[row]]))
    return curves


def _along_river(
    line: float,
    pieces: Sequence[tuple[int, float, float]],
    scale: float,
    v: Floats,
    sides: dict[int, list[tuple[float, Floats]]],
) -> None:
    """Add the sides along a river, with the same points on both of its banks."""
    step = 160.0 * scale
    corners = {round(end, 1) for _, a, b in pieces for end in (a, b)}
    low, high = min(corners), max(corners)
    marks = {round(k * step, 1) for k in range(int(low / step) - 1, int(high / step) + 2)}
    every = np.array(sorted(corners | marks))
    # A mark close to a corner would only make a very short side.
    corner = np.array(sorted(corners))
    keep = [m in corners or np.abs(corner - m).min() > step / 4 for m in every]
    every = every[np.array(keep)]
    for cell, a, b in pieces:
        first, last = np.searchsorted(every, (round(min(a, b), 1), round(max(a, b), 1)))
        if last > first:
            run = every[first : last + 1]
            sides[cell].append((0.0, np.column_stack([run, np.full(len(run), line)])))


def _ring(sides: Sequence[tuple[float, Floats]], u: float, v: float) -> Floats:
    """Join the sides of one cell, anticlockwise around its midpoint, without repeated points."""
    turned = []
    for _, side in sides:
        first, last = side[0] - (u, v), side[-1] - (u, v)
        cross = first[0] * last[1] - first[1] * last[0]
        run = side if cross > 0 else side[::-1]
        middle = (run[0] + run[-1]) / 2.0 - (u, v)
        turned.append((float(np.arctan2(middle[1], middle[0])), run))
    turned.sort(key=lambda item: item[0])
    return np.vstack([run[:-1] for _, run in turned])


# --- names ----------------------------------------------------------------------------------


def _named(
    owners: Sequence[tuple[Frame, District, bool]],
    u: Floats,
    v: Floats,
    room: Floats,
    outlines: Sequence[tuple[Point, ...]],
) -> tuple[Area, ...]:
    """Group neighbouring areas into middle layer areas of about five, and number them all."""
    groups: dict[tuple[bool, int, str], list[int]] = defaultdict(list)
    for cell, (frame, district, in_place) in enumerate(owners):
        # Small districts share their middle layer areas.
        own = district.style not in {"village", "hamlet", "none"}
        groups[not in_place, frame.number, district.key if own else "~"].append(cell)
    areas: list[Area] = []
    last: tuple[bool, int] | None = None
    msoa = middle = number = 0
    for (context, town_number, _), cells in groups.items():
        if last != (context, town_number):
            middle, last = 0, (context, town_number)
        number = 90_000 if context and number < 90_000 else number
        msoa = 9_000 if context and msoa < 9_000 else msoa
        centre_u, centre_v = np.mean(u[cells]), np.mean(v[cells])
        around = sorted(cells, key=lambda c: float(np.arctan2(v[c] - centre_v, u[c] - centre_u)))
        parts = max(1, round(len(cells) / 5.4))
        for part in range(parts):
            middle, msoa = middle + 1, msoa + 1
            chunk = around[len(around) * part // parts : len(around) * (part + 1) // parts]
            for letter, cell in enumerate(chunk):
                frame, district, in_place = owners[cell]
                town = frame.name if in_place else NEIGHBOUR
                number += 1
                areas.append(
                    Area(
                        code=f"E019{number:05d}",
                        name=f"{town} {middle:03d}{chr(65 + letter)}",
                        msoa_code=f"E029{msoa:05d}",
                        msoa_name=f"{town} {middle:03d}",
                        district=district,
                        town=town,
                        town_number=town_number,
                        in_place=in_place,
                        scale=frame.scale,
                        u=float(u[cell]),
                        v=float(v[cell]),
                        room=float(room[cell]),
                        outline=outlines[cell],
                    )
                )
    return tuple(areas)
