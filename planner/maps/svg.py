"""What does the map look like on paper, with no script and no network?"""

from __future__ import annotations

import hashlib
import html
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely

from planner.maps.classes import INK, PAPER, STREET, WATER, Classes, Square
from planner.maps.geometry import detail_metres, simplify_areas
from planner.maps.patterns import fill_of, ink_on, outline_of, to_svg_patterns

WIDTH, MAX_HEIGHT, LEGEND_ROW, FONT = 480, 520, 24, 16
#: A cell of a square legend: how wide and how high.
CELL = (84, 34)
MAX_BACKDROP_CHARACTERS = 30_000
BATCH = 200
MAX_NAMED_AREAS = 400
MAX_PLACE_NAMES = 25


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where metres of EPSG:27700 come to lie in pixels."""

    west: float
    north: float
    metres_per_pixel: float
    height: int

    def place(self, xy: np.ndarray) -> np.ndarray:
        """Return pixel positions (n × 2, one decimal) of points in metres."""
        origin = np.array([self.west, self.north])
        placed: np.ndarray = np.round((xy - origin) * np.array([1, -1]) / self.metres_per_pixel, 1)
        return placed


def build_svg_map(
    areas: gpd.GeoDataFrame,
    classes: Classes,
    *,
    title: str,
    alt: str,
    backdrop: gpd.GeoDataFrame | None = None,
    points: gpd.GeoDataFrame | None = None,
) -> str:
    """Draw the areas by class as one inline SVG with legend, scale and north.

    Parameters
    ----------
    areas
        Polygons in EPSG:27700 on the index of the classes; ``area_name`` is shown on hover.
    classes
        Each area's class.
    title, alt
        What the map shows, and what is to be seen in it, for those who cannot.
    backdrop
        Main streets, water and place names (columns ``kind``, ``name``), EPSG:27700.
    points
        Marked with a dark square and their column ``label``, EPSG:27700.

    Returns
    -------
    svg
        Well-formed XML without outside references; every text in it is escaped.
    """
    prefix = "m" + hashlib.sha256(f"{title}\n{alt}".encode()).hexdigest()[:8]
    frame = _frame(areas)
    legend, legend_height = _legend(classes, prefix, top=frame.height + 34)
    total = frame.height + 34 + legend_height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" role="img" '
        f'aria-labelledby="{prefix}-t {prefix}-d" class="map" '
        f'font-family="Arial, Helvetica, sans-serif" font-size="{FONT}">',
        f'<title id="{prefix}-t">{_text(title)}</title>',
        f'<desc id="{prefix}-d">{_text(alt)}</desc>',
        to_svg_patterns((*classes.entries, *classes.listed), prefix),
        f'<clipPath id="{prefix}-c"><rect width="{WIDTH}" height="{frame.height}"/></clipPath>',
        f'<rect width="{WIDTH}" height="{total}" fill="{PAPER}"/>',
        f'<g clip-path="url(#{prefix}-c)">',
        _areas(areas, classes, frame, prefix),
        *_backdrop(backdrop, points, areas, frame),
        _points(points, frame),
        "</g>",
        _scale(frame),
        legend,
        "</svg>",
    ]
    return "".join(parts)


def _frame(areas: gpd.GeoDataFrame) -> Frame:
    """Fit the areas into the width or the greatest height, with a margin."""
    west, south, east, north = areas.total_bounds
    margin = 6
    across = max(east - west, 1.0) / (WIDTH - 2 * margin)
    down = max(north - south, 1.0) / (MAX_HEIGHT - 2 * margin)
    scale = max(across, down)
    height = int(np.ceil((north - south) / scale)) + 2 * margin
    spare = (WIDTH - (east - west) / scale) / 2
    return Frame(
        west=float(west - spare * scale),
        north=float(north + margin * scale),
        metres_per_pixel=float(scale),
        height=max(height, 60),
    )


def _areas(areas: gpd.GeoDataFrame, classes: Classes, frame: Frame, prefix: str) -> str:
    many = len(areas) > MAX_NAMED_AREAS
    shapes = simplify_areas(areas, detail_metres(areas, pixels=WIDTH) * (1.6 if many else 1.0))
    labels = classes.label_of().reindex(areas.index)
    names = areas["area_name"] if "area_name" in areas else areas.index.to_series()
    position = classes.index.reindex(areas.index)
    paths = _rings(shapes.geometry.to_numpy(), frame)
    titles = [
        f"{_text(name)}: {_text(label)}"
        for name, label in zip(names.to_numpy(), labels.to_numpy(), strict=True)
    ]
    parts = ['<g stroke-width="0.5" stroke-linejoin="round">']
    for number, entry in enumerate(classes.entries):
        here = np.flatnonzero(position == number)
        if len(here) == 0:
            continue
        parts.append(
            f'<g fill="{fill_of(entry, prefix)}" stroke="{outline_of(entry)}" fill-rule="evenodd">'
        )
        if many:
            parts.append(f'<path d="{"".join(paths[at] for at in here)}"/>')
        else:
            parts += [f'<path d="{paths[at]}"><title>{titles[at]}</title></path>' for at in here]
        parts.append("</g>")
    parts.append("</g>")
    return "".join(parts)


def _rings(shapes: np.ndarray, frame: Frame) -> list[str]:
    """Return the rings of each polygon, or of several, as one closed path."""
    parts, shape_of = shapely.get_parts(shapes, return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    paths = [""] * len(shapes)
    for at, line in zip(shape_of[part_of], _lines_of(rings, frame, closed=True), strict=True):
        paths[at] += f"{line}Z"
    return paths


def _lines_of(lines: np.ndarray, frame: Frame, *, closed: bool = False) -> list[str]:
    """Return each line as a path; the last point of one that is closed is its first."""
    xy, line_of = shapely.get_coordinates(lines, return_index=True)
    steps = [f"{x:g} {y:g}" for x, y in frame.place(xy).tolist()]
    ends = np.searchsorted(line_of, np.arange(len(lines) + 1)).tolist()
    found = []
    for start, end in pairwise(ends):
        mine = steps[start : end - 1 if closed else end]
        kept = [step for at, step in enumerate(mine) if at == 0 or step != mine[at - 1]]
        found.append(f"M{'L'.join(kept)}")
    return found


def _backdrop(
    backdrop: gpd.GeoDataFrame | None,
    points: gpd.GeoDataFrame | None,
    areas: gpd.GeoDataFrame,
    frame: Frame,
) -> list[str]:
    """Return water, streets and place names within the frame, longest first, up to a size."""
    if backdrop is None or len(backdrop) == 0:
        return []
    west, south, east, north = areas.total_bounds
    box = shapely.box(west, south, east, north)
    near = backdrop[backdrop.geometry.notna() & backdrop.intersects(box)]
    water = near[near["kind"] == "water"]
    streets = near[near["kind"] == "street"]
    parts = [
        f'<path d="{_lines(water, box, frame)}" fill="none" stroke="{WATER}" stroke-width="2"/>',
        f'<path d="{_filled(water, box, frame)}" fill="{WATER}" fill-rule="evenodd"/>',
    ]
    lines = _lines(streets, box, frame)
    parts += [
        f'<path d="{lines}" fill="none" stroke="{PAPER}" stroke-width="1.8" stroke-opacity="0.6"/>',
        f'<path d="{lines}" fill="none" stroke="{STREET}" stroke-width="0.7"/>',
    ]
    parts += _place_names(near[near["kind"] == "place"], points, frame)
    return [part for part in parts if 'd=""' not in part]


def _lines(rows: gpd.GeoDataFrame, box: shapely.Geometry, frame: Frame) -> str:
    lines = rows.geometry[rows.geom_type.isin(["LineString", "MultiLineString"])]
    drawn = shapely.simplify(shapely.intersection(lines.to_numpy(), box), frame.metres_per_pixel)
    parts = shapely.get_parts(drawn)
    parts = parts[shapely.get_type_id(parts) == 1]
    parts = parts[np.argsort(-shapely.length(parts), kind="stable")]
    return _up_to_size(path for few in _batches(parts) for path in _lines_of(few, frame))


def _filled(rows: gpd.GeoDataFrame, box: shapely.Geometry, frame: Frame) -> str:
    shapes = rows.geometry[rows.geom_type.isin(["Polygon", "MultiPolygon"])]
    cut = shapely.intersection(shapely.make_valid(shapes.to_numpy()), box)
    parts = shapely.get_parts(shapely.simplify(cut, frame.metres_per_pixel))
    parts = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)]
    parts = parts[shapely.area(parts) > (2 * frame.metres_per_pixel) ** 2]
    parts = parts[np.argsort(-shapely.area(parts), kind="stable")]
    return _up_to_size(path for few in _batches(parts) for path in _rings(few, frame))


def _batches(parts: np.ndarray) -> Iterator[np.ndarray]:
    """Yield a few shapes at a time: most of a city's streets never come to be drawn."""
    for start in range(0, len(parts), BATCH):
        yield parts[start : start + BATCH]


def _up_to_size(pieces: Iterable[str]) -> str:
    kept: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_BACKDROP_CHARACTERS:
            break
        kept.append(piece)
    return "".join(kept)


def _place_names(
    places: gpd.GeoDataFrame, points: gpd.GeoDataFrame | None, frame: Frame
) -> list[str]:
    """Return names that do not run into one another or into a point, the first given first."""
    taken: list[tuple[float, float, float, float]] = []
    if points is not None:
        marked = frame.place(shapely.get_coordinates(points.geometry.to_numpy()))
        taken = [(x - 10, y - 10, x + 10, y + 10) for x, y in marked]
    parts: list[str] = []
    centres = frame.place(shapely.get_coordinates(shapely.centroid(places.geometry.to_numpy())))
    for (x, y), name in zip(centres, places["name"].astype(str), strict=True):
        half = len(name) * 4
        box = (x - half, y - 9, x + half, y + 5)
        outside = box[0] < 0 or box[2] > WIDTH or box[1] < 0 or box[3] > frame.height
        crowded = any(
            box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken
        )
        if outside or crowded or not name or len(parts) >= MAX_PLACE_NAMES:
            continue
        taken.append(box)
        parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="middle" font-size="13" font-weight="bold" '
            f'fill="{INK}" stroke="{PAPER}" stroke-width="3" paint-order="stroke">'
            f"{_text(name)}</text>"
        )
    return parts


def _points(points: gpd.GeoDataFrame | None, frame: Frame) -> str:
    if points is None or len(points) == 0:
        return ""
    labels = points["label"].astype(str) if "label" in points else [""] * len(points)
    parts = []
    for (x, y), label in zip(
        frame.place(shapely.get_coordinates(points.geometry.to_numpy())), labels, strict=True
    ):
        parts.append(
            f'<rect x="{x - 9:g}" y="{y - 9:g}" width="18" height="18" fill="{INK}" '
            f'stroke="{PAPER}" stroke-width="1.5"/>'
            f'<text x="{x:g}" y="{y + 4.5:g}" text-anchor="middle" font-size="13" '
            f'font-weight="bold" fill="{PAPER}">{_text(label[:3])}</text>'
        )
    return "".join(parts)


def _scale(frame: Frame) -> str:
    """Return a scale bar of a round length, and which way north is."""
    longest = frame.metres_per_pixel * WIDTH / 3
    power = 10 ** int(np.floor(np.log10(longest)))
    metres = max(step * power for step in (1, 2, 5) if step * power <= longest)
    pixels = metres / frame.metres_per_pixel
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    y = frame.height + 18
    return (
        f'<path d="M10 {y - 5}V{y}H{10 + pixels:.1f}V{y - 5}" fill="none" stroke="{INK}"/>'
        f'<text x="{16 + pixels:.1f}" y="{y + 2}">{words}</text>'
        f'<path d="M{WIDTH - 18} {y - 11}l5 14l-5 -4l-5 4z" fill="{INK}"/>'
        f'<text x="{WIDTH - 40}" y="{y + 2}">N</text>'
    )


def _legend(classes: Classes, prefix: str, *, top: int) -> tuple[str, int]:
    """Return the legend and how many pixels it is high."""
    parts: list[str] = []
    y = top
    if classes.square is not None:
        drawn, high = _square(classes.square, top=top)
        parts.append(drawn)
        y += high
    for entry in classes.listed:
        words = f"{entry.label} ({entry.count:,})"
        lines = textwrap.wrap(words, 50) or [""]
        parts.append(
            f'<rect x="10" y="{y + 3}" width="26" height="16" fill="{fill_of(entry, prefix)}" '
            f'stroke="{INK}" stroke-width="0.8"/>'
        )
        for line in lines:
            parts.append(f'<text x="44" y="{y + 17}">{_text(line)}</text>')
            y += LEGEND_ROW
    return "".join(parts), y - top + 6


def _square(square: Square, *, top: int) -> tuple[str, int]:
    """Return a square legend, each cell with its number of areas, and how high it is."""
    wide, high, left, y = CELL[0], CELL[1], 176, top + 64
    parts = [f'<text x="10" y="{top + 17}" font-weight="bold">{_text(square.down)}</text>']
    parts.append(
        f'<text x="{left}" y="{top + 17}" font-weight="bold">{_text(square.across)}</text>'
    )
    for column, words in enumerate(square.columns):
        lines = textwrap.wrap(words, 9)
        first = top + 57 - 17 * (len(lines) - 1)
        parts += [
            f'<text x="{left + (column + 0.5) * wide:g}" y="{first + 17 * at}" '
            f'text-anchor="middle" font-size="14">{_text(line)}</text>'
            for at, line in enumerate(lines)
        ]
    for words, colours, counts in zip(square.rows, square.colours, square.counts, strict=True):
        parts.append(f'<text x="10" y="{y + 23}" font-size="14">{_text(words)}</text>')
        for column, (colour, count) in enumerate(zip(colours, counts, strict=True)):
            x = left + column * wide
            parts.append(
                f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" fill="{colour}" '
                f'stroke="{INK}" stroke-width="0.8"/><text x="{x + wide / 2:g}" y="{y + 23}" '
                f'text-anchor="middle" fill="{ink_on(colour)}">{count:,}</text>'
            )
        y += high
    return "".join(parts), y - top + 8


def _text(value: object) -> str:
    """Escape a text for XML, without the control characters XML cannot hold."""
    clean = "".join(c if c >= " " or c in "\t\n" else " " for c in str(value))
    return html.escape(clean, quote=True)
