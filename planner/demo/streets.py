"""Where do the fictional town's streets run, and how do they meet?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from planner.demo.dice import Dice, Floats
from planner.demo.town import (
    BYPASS_U,
    DISTRICTS,
    NEIGHBOUR_DISTRICTS,
    RAILWAY_V,
    ROADS,
    District,
    Frame,
    river_half_width,
)

#: Metres between streets, and between their cross streets.
_SPACING = {
    "terraces": (92.0, 140.0),
    "suburb": (112.0, 155.0),
    "rings": (100.0, 140.0),
    "village": (95.0, 120.0),
    "hamlet": (90.0, 110.0),
}
_ENDINGS = {
    "terraces": ("Street", "Street", "Terrace", "Row", "Place", "Road"),
    "suburb": ("Avenue", "Drive", "Close", "Gardens", "Road", "Grove"),
    "rings": ("Way", "Crescent", "Walk", "Court", "Road"),
    "village": ("Lane", "Lane", "Green", "End"),
    "hamlet": ("Lane", "Wharf"),
}
_WORDS = (  # noqa: SIM905 - a word list reads better as words
    "Alder Almond Anchor Apple Arbour Ash Aspen Badger Barley Bay Beacon Beech Birch Bramble Briar "
    "Brook Bryony Cedar Chandler Cherry Chestnut Clover Cooper Coral Corn Cowslip Crane Curlew "
    "Cypress Damson Dove Drover Elder Elm Fallow Fern Field Finch Flax Fletcher Foxglove Furrow "
    "Garnet Gorse Granary Harbour Harrow Hawthorn Hazel Heather Heron Hop Holly Hornbeam Iris Ivy "
    "Jasmine Juniper Kestrel Kiln Lantern Lapwing Larch Lark Laurel Lavender Lilac Linden Lime "
    "Linnet Lock Lodge Mallard Maple Marigold Mason Meadow Mill Mulberry Myrtle Nettle Nightingale "
    "Oak Oat Olive Orchard Osprey Otter Packet Pear Pebble Pine Plover Plum Poplar Poppy Primrose "
    "Quarry Quince Raven Reed Robin Rope Rose Rowan Rush Rye Saddler Sage Sail Sandpiper Sedge "
    "Smith Sorrel Sparrow Spruce Starling Stone Swallow Swan Swift Sycamore Tanner Teal Thistle "
    "Thyme Tide Timber Vale Vine Violet Walnut Warbler Weaver Wheat Willow Wren Yarrow Yew"
).split()
#: Two crossings closer than this are one.
_SAME_METRES = 24.0
#: Pieces smaller than this many nodes that hang on nothing are left out (bits of grids).
_SMALL_PIECE = 12
#: A stray bit of a grid is joined to a street no further off than this.
_LINK_METRES = 260.0

_Tags = tuple[tuple[str, str], ...]
_Drawn = tuple[str, str, _Tags, list[int]]
_Segments = tuple[Floats, Floats, NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One street: its kind, name, further tags and the numbers of its points in order."""

    highway: str
    name: str
    tags: _Tags
    nodes: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class StreetPlan:
    """All streets on the common plan: points and ways."""

    u: Floats
    v: Floats
    ways: tuple[Way, ...]


@dataclass
class _Net:
    """Streets while they are being drawn."""

    at: list[tuple[float, float]] = field(default_factory=list)
    town: list[int] = field(default_factory=list)
    part: list[int] = field(default_factory=list)
    ways: list[_Drawn] = field(default_factory=list)
    islands: set[int] = field(default_factory=set)
    frame: int = 0
    district: int = 0
    first_way: int = 0
    # way → position in the way → (share of the segment, node) of crossings found later
    cuts: dict[tuple[int, int], list[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    named: dict[tuple[float, float], int] = field(default_factory=dict)

    def node(self, u: float, v: float) -> int:
        self.at.append((round(u, 1), round(v, 1)))
        self.town.append(self.frame)
        self.part.append(self.district)
        return len(self.at) - 1

    def add(self, highway: str, name: str, tags: _Tags, run: list[int]) -> None:
        self.ways.append((highway, name, tags, run))


def build_street_plan(frames: Sequence[Frame], seed: int) -> StreetPlan:
    """Return the streets of all towns.

    Notes
    -----
    Each district has its own grid, or rings and spokes; no street of a grid crosses the river,
    the railway or the bypass. Then the roads are drawn one after another, and meet every street
    and road they cross. On purpose without a way out: Gull Island. On purpose without a street:
    Marsh End and Wrack Point.
    """
    net = _Net()
    for frame in frames:
        net.frame, net.first_way = frame.number, len(net.ways)
        districts = (*DISTRICTS, *(NEIGHBOUR_DISTRICTS if frame.number == 0 else ()))
        names = _street_names(Dice(seed, "street names", frame.number))
        for number, district in enumerate(districts):
            net.district = number
            dice = Dice(seed, "streets", frame.number, district.key)
            if district.style == "rings":
                _draw_rings(net, frame, district, names, dice)
            elif district.style != "none":
                _draw_grid(net, frame, district, names, dice)
        _join_districts(net, frame, Dice(seed, "seams", frame.number))
        _draw_roads(net, frame)
    return _finished(net, frames)


def _street_names(dice: Dice) -> dict[str, list[str]]:
    return {style: [_WORDS[k] for k in dice.order(len(_WORDS))] for style in _ENDINGS}


def _name(names: dict[str, list[str]], style: str, dice: Dice) -> str:
    words = names[style]
    words.append(words.pop(0))
    return f"{words[-1]} {dice.pick(_ENDINGS[style])}"


def _clear(frame: Frame, district: District, u: Floats, v: Floats) -> NDArray[np.bool_]:
    """Say which points of the drawing lie on the district's side of every barrier."""
    s = frame.scale
    bank = np.abs(v) > river_half_width(u) + 32.0 / s
    clear = bank & (np.sign(v) == np.sign(district.v))
    clear &= (np.abs(v - RAILWAY_V) > 42.0 / s) & ((v > RAILWAY_V) == (district.v > RAILWAY_V))
    clear &= (np.abs(u - BYPASS_U) > 48.0 / s) & ((u > BYPASS_U) == (district.u > BYPASS_U))
    return np.asarray(clear)


def _within(district: District, u: Floats, v: Floats) -> NDArray[np.bool_]:
    """Say which points belong to a district: its ellipse, up to where the next one is nearer."""

    def reach(d: District) -> Floats:
        return np.asarray(np.hypot((u - d.u) / d.width, (v - d.v) / d.height))

    town = district.style in {"terraces", "suburb"}
    own = reach(district)
    inside = own <= (1.28 if town else 1.0)
    for other in DISTRICTS:
        if other.key != district.key and other.style != "none":
            inside &= own < reach(other)
    return np.asarray(inside)


def _draw_grid(
    net: _Net, frame: Frame, district: District, names: dict[str, list[str]], dice: Dice
) -> None:
    """Draw a jittered grid within the district's ellipse; some streets are dead ends."""
    across, along = (metres / frame.scale for metres in _SPACING[district.style])
    reach = max(district.width, district.height) * 1.4
    half_i, half_j = int(reach / along) + 1, int(reach / across) + 1
    i, j = np.meshgrid(
        np.arange(-half_i, half_i + 1), np.arange(-half_j, half_j + 1), indexing="ij"
    )
    # Cross streets of neighbouring rows are out of line, as in towns that grew.
    shift = dice.uniform(i.shape[1], -0.18, 0.18)
    p = (i + shift[None, :] + dice.uniform(i.size, -0.13, 0.13).reshape(i.shape)) * along
    q = (j + dice.uniform(i.size, -0.16, 0.16).reshape(i.shape)) * across
    turn = np.radians(district.turn)
    u = district.u + p * np.cos(turn) - q * np.sin(turn)
    v = district.v + p * np.sin(turn) + q * np.cos(turn)
    inside = _within(district, u, v) & _clear(frame, district, u, v)
    number = np.full(i.shape, -1)
    for a, b in zip(*np.nonzero(inside), strict=True):
        number[a, b] = net.node(*(float(c) for c in frame.on_plan(u[a, b], v[a, b])))
    keep_row = dice.uniform(i.size).reshape(i.shape) > 0.07
    keep_column = dice.uniform(i.size).reshape(i.shape) > (
        0.30 if district.style == "suburb" else 0.2
    )
    for b in range(i.shape[1]):
        _draw_runs(net, number[:, b], keep_row[:, b], district.style, names, dice)
    for a in range(i.shape[0]):
        _draw_runs(net, number[a, :], keep_column[a, :], district.style, names, dice)


def _join_districts(net: _Net, frame: Frame, dice: Dice) -> None:
    """Join the dead ends of each district to streets of the next one close by."""
    runs = [way[3] for way in net.ways[net.first_way :]]
    nodes, links = np.unique(
        [n for run in runs for p in pairwise(run) for n in p], return_counts=True
    )
    at = np.array([net.at[node] for node in nodes])
    side = _sides(at, np.full(len(nodes), frame.number), [frame])
    part = np.array([net.part[node] for node in nodes])
    tree = cKDTree(at)
    ends = np.flatnonzero(links <= 2)
    chance = dice.uniform(len(ends))
    done: set[int] = set()
    for end, luck in zip(ends, chance, strict=True):
        near = sorted(tree.query_ball_point(at[end], 175.0))
        among = [k for k in near if part[k] != part[end] and side[k] == side[end]]
        if luck > 0.75 or not among or int(end) in done:
            continue
        far = np.round(np.hypot(*(at[among] - at[end]).T), 2)
        best = min(zip(far, among, strict=True))[1]
        done.update((int(end), int(best)))
        net.add("residential", "", (), [int(nodes[end]), int(nodes[best])])


def _draw_runs(
    net: _Net,
    line: NDArray[np.int64],
    keep: NDArray[np.bool_],
    style: str,
    names: dict[str, list[str]],
    dice: Dice,
) -> None:
    """Draw a line of points as one or several streets, broken where a link is missing."""
    run: list[int] = []
    for at, node in enumerate([*line.tolist(), -1]):
        if node >= 0 and run and keep[at]:
            run.append(node)
            continue
        if len(run) > 1:
            foot = len(run) == 2 and bool(dice.uniform(1)[0] < 0.25)
            name = "" if foot else _name(names, style, dice)
            net.add("footway" if foot else "residential", name, (), run)
        run = [node] if node >= 0 else []


def _draw_rings(
    net: _Net, frame: Frame, district: District, names: dict[str, list[str]], dice: Dice
) -> None:
    """Draw an estate: closed rings around a green, joined by spokes."""
    across, along = (metres / frame.scale for metres in _SPACING["rings"])
    rings = max(2, int(min(district.width, district.height) / across))
    before: list[int] = []
    for ring in range(1, rings + 1):
        reach = ring / rings * 0.97
        around = np.pi * (district.width + district.height) * reach
        spokes = 6 if ring == 1 else 12 if ring <= 3 else 24
        points = max(spokes, round(around / along / spokes) * spokes)
        angle = np.arange(points) * 2.0 * np.pi / points + dice.uniform(points, -0.1, 0.1) / ring
        wobble = 1.0 + dice.uniform(points, -0.035, 0.035)
        u = district.u + district.width * reach * wobble * np.cos(angle)
        v = district.v + district.height * reach * wobble * np.sin(angle)
        clear = _clear(frame, district, u, v)
        nodes = [
            net.node(*(float(c) for c in frame.on_plan(a, b))) if ok else -1
            for a, b, ok in zip(u, v, clear, strict=True)
        ]
        closed = np.array([*nodes, nodes[0]])
        keep = dice.uniform(points + 1) > 0.06
        _draw_runs(net, closed, keep, "rings", names, dice)
        if before:
            for spoke in range(spokes):
                inner, outer = (
                    before[spoke * len(before) // spokes],
                    nodes[spoke * points // spokes],
                )
                if inner >= 0 and outer >= 0 and dice.uniform(1)[0] > 0.22:
                    net.add("residential", _name(names, "rings", dice), (), [inner, outer])
        before = nodes


# --- roads ----------------------------------------------------------------------------------


def _draw_roads(net: _Net, frame: Frame) -> None:
    segments = _segments(net, net.first_way)
    for road in ROADS:
        if road.edge and road.edge not in frame.edges:
            continue
        ends = []
        for u, v in map(frame.point, road.line):
            key = (round(u, 1), round(v, 1))
            if key not in net.named:
                net.named[key] = net.node(*key)
            ends.append(net.named[key])
        run: list[int] = [ends[0]]
        for a, b in pairwise(ends):
            crossings = [] if ("bridge", "yes") in road.tags else _crossings(net, segments, a, b)
            run += [node for _, node in crossings] + [b]
        plain = [node for at, node in enumerate(run) if at == 0 or node != run[at - 1]]
        net.add(road.highway, road.name, road.tags, _with_bends(net, plain, 190.0))
        start, end, owner = (
            np.concatenate(pair)
            for pair in zip(segments, _segments(net, len(net.ways) - 1), strict=True)
        )
        segments = (start, end, owner)
        if road.island:
            net.islands.update(net.ways[-1][3])


def _segments(net: _Net, first: int) -> _Segments:
    """Return the ends of every segment of the ways from ``first`` on, and (way, position)."""
    owner = [(w, k) for w in range(first, len(net.ways)) for k in range(len(net.ways[w][3]) - 1)]
    start = [net.at[net.ways[w][3][k]] for w, k in owner]
    end = [net.at[net.ways[w][3][k + 1]] for w, k in owner]
    return (
        np.array(start).reshape(-1, 2),
        np.array(end).reshape(-1, 2),
        np.array(owner, dtype=np.int64).reshape(-1, 2),
    )


def _crossings(net: _Net, segments: _Segments, a: int, b: int) -> list[tuple[float, int]]:
    """Return where the line from ``a`` to ``b`` meets streets: (share of the way, node)."""
    start, end, owner = segments
    p, r = np.array(net.at[a]), np.array(net.at[b]) - np.array(net.at[a])
    q, s = start, end - start
    turn = r[0] * s[:, 1] - r[1] * s[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = ((q[:, 0] - p[0]) * s[:, 1] - (q[:, 1] - p[1]) * s[:, 0]) / turn
        k = ((q[:, 0] - p[0]) * r[1] - (q[:, 1] - p[1]) * r[0]) / turn
    length = float(np.hypot(*r))
    near = 1.0 / max(length, 1.0)
    hit = np.flatnonzero((np.abs(turn) > 1e-9) & (t > near) & (t < 1 - near) & (k >= 0) & (k <= 1))
    found: list[tuple[float, int]] = []
    for at in hit[np.argsort(t[hit], kind="stable")]:
        way, position = (int(part) for part in owner[at])
        if ("bridge", "yes") in net.ways[way][2] or ("tunnel", "yes") in net.ways[way][2]:
            continue
        point = p + t[at] * r
        first, last = net.ways[way][3][position], net.ways[way][3][position + 1]
        far = [float(np.hypot(*(np.array(net.at[n]) - point))) for n in (first, last)]
        beside = [float(np.hypot(*(np.array(net.at[n]) - point))) for n in (a, b)]
        if min(far) < _SAME_METRES:
            node = (first, last)[int(np.argmin(far))]
        elif min(beside) < _SAME_METRES:
            node = (a, b)[int(np.argmin(beside))]
            net.cuts[way, position].append((float(k[at]), node))
        else:
            node = net.node(*(float(c) for c in point))
            net.cuts[way, position].append((float(k[at]), node))
        if node not in [n for _, n in found]:
            found.append((float(t[at]), node))
    return [(t_at, node) for t_at, node in found if node not in (a, b)]


def _with_bends(net: _Net, run: list[int], longest: float) -> list[int]:
    """Put points into long segments, so that a road follows the curves of the ground."""
    out = [run[0]]
    for a, b in pairwise(run):
        (u0, v0), (u1, v1) = net.at[a], net.at[b]
        parts = int(np.hypot(u1 - u0, v1 - v0) // longest) + 1
        out += [
            net.node(u0 + (u1 - u0) * k / parts, v0 + (v1 - v0) * k / parts)
            for k in range(1, parts)
        ]
        out.append(b)
    return out


# --- one network ----------------------------------------------------------------------------


def _finished(net: _Net, frames: Sequence[Frame]) -> StreetPlan:
    """Work the crossings into the ways, and link or leave out bits that hang on nothing."""
    ways: list[_Drawn] = []
    for number, (highway, name, tags, run) in enumerate(net.ways):
        nodes = [run[0]]
        for k in range(len(run) - 1):
            nodes += [node for _, node in sorted(net.cuts.get((number, k), []))] + [run[k + 1]]
        plain = [node for at, node in enumerate(nodes) if at == 0 or node != nodes[at - 1]]
        ways.append((highway, name, tags, plain))
    ways += _links(net, ways, frames)
    piece = _pieces(len(net.at), ways)
    size = np.bincount(piece)
    kept = [w for w in ways if size[piece[w[3][0]]] >= _SMALL_PIECE or w[3][0] in net.islands]
    used = np.unique([n for way in kept for n in way[3]])
    number_of = np.full(len(net.at), -1)
    number_of[used] = np.arange(len(used))
    at = np.array(net.at)[used]
    return StreetPlan(
        u=at[:, 0],
        v=at[:, 1],
        ways=tuple(
            Way(highway=h, name=n, tags=t, nodes=tuple(int(number_of[k]) for k in run))
            for h, n, t, run in kept
        ),
    )


def _pieces(count: int, ways: Sequence[_Drawn]) -> NDArray[np.int64]:
    """Label each node with the connected piece it is in."""
    pairs = np.array([p for way in ways for p in pairwise(way[3])], dtype=np.int64)
    joined = coo_array((np.ones(len(pairs), np.int8), pairs.T), shape=(count, count))
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int64)


def _links(net: _Net, ways: Sequence[_Drawn], frames: Sequence[Frame]) -> list[_Drawn]:
    """Return footways that join stray pieces of grids to the nearest street on their side."""
    piece = _pieces(len(net.at), ways)
    at = np.array(net.at)
    used = np.unique([n for way in ways for n in way[3]])
    main = int(np.bincount(piece[used]).argmax())
    side = _sides(at, np.array(net.town), frames)
    streets = used[piece[used] == main]
    links: list[_Drawn] = []
    trees = {s: streets[side[streets] == s] for s in np.unique(side[used])}
    for stray in np.unique(piece[used[piece[used] != main]]):
        nodes = used[piece[used] == stray]
        near = trees[side[nodes[0]]]
        if int(nodes[0]) in net.islands or not len(near):
            continue
        metres, found = cKDTree(at[near]).query(at[nodes])
        best = int(np.argmin(np.round(metres, 3)))
        if metres[best] <= _LINK_METRES:
            links.append(("footway", "", (), [int(nodes[best]), int(near[found[best]])]))
    return links


def _sides(at: Floats, town: NDArray[np.int64], frames: Sequence[Frame]) -> NDArray[np.int64]:
    """Return a number for the ground that lies between the same barriers of the same town."""
    first = frames[0].number
    u0 = np.array([f.u for f in frames])[town - first]
    v0 = np.array([f.v for f in frames])[town - first]
    scale = frames[0].scale
    u, v = (at[:, 0] - u0) / scale, (at[:, 1] - v0) / scale
    return np.asarray(town * 8 + (v > 0) * 4 + (v > RAILWAY_V) * 2 + (u > BYPASS_U))
