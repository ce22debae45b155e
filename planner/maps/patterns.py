"""How is a fill drawn, so that a class is told by more than its colour?"""

from __future__ import annotations

from collections.abc import Iterable

from planner.maps.classes import INK, PAPER, LegendEntry, Pattern

#: Side of the repeated tile in pixels, and what is drawn on it over the ground colour.
_TILES: dict[Pattern, tuple[int, str]] = {
    "stripes": (8, '<path d="M0 0V8" stroke="{ink}" stroke-width="1.6"/>'),
    "dots": (8, '<circle cx="4" cy="4" r="1.5" fill="{ink}"/>'),
    "fine_dots": (5, '<circle cx="2.5" cy="2.5" r="0.8" fill="{ink}"/>'),
    "hatch": (7, '<path d="M-1 8L8 -1M-1 1L1 -1M6 8L8 6" stroke="{ink}" stroke-width="1"/>'),
    "back_hatch": (7, '<path d="M-1 -1L8 8M6 -1L8 1M-1 6L1 8" stroke="#8a8a8a" stroke-width="1"/>'),
    "cross": (7, '<path d="M-1 -1L8 8M-1 8L8 -1" stroke="{ink}" stroke-width="0.9"/>'),
    "lines": (5, '<path d="M0 2.5H5" stroke="#6b6b6b" stroke-width="1"/>'),
}


def fill_of(entry: LegendEntry, prefix: str) -> str:
    """Return the SVG fill of a class: its colour, or a reference to its pattern."""
    return f"url(#{prefix}-{entry.key})" if entry.pattern else entry.colour


def outline_of(entry: LegendEntry) -> str:
    """Return the colour of an area's edge that is seen against its fill: dark, or light on dark."""
    red, green, blue = (int(entry.colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return INK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.12 else PAPER


def ink_on(colour: str) -> str:
    """Return the ink that is read best on a colour: dark or light, whichever stands out more.

    Notes
    -----
    Contrast as in the Web Content Accessibility Guidelines 2.2 (W3C, 2023).
    """
    ground = luminance(colour)
    dark, light = luminance(INK), luminance(PAPER)
    stands_out = (ground + 0.05) / (dark + 0.05) >= (light + 0.05) / (ground + 0.05)
    return INK if stands_out else PAPER


def luminance(colour: str) -> float:
    """Return how light a colour (``#rrggbb``) is, 0-1, as the guidelines define it."""
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def to_svg_patterns(entries: Iterable[LegendEntry], prefix: str) -> str:
    """Return a ``<defs>`` with the patterns that the entries need, each once."""
    drawn: dict[str, str] = {}
    for entry in entries:
        if not entry.pattern:
            continue
        side, marks = _TILES[entry.pattern]
        drawn[entry.key] = (
            f'<pattern id="{prefix}-{entry.key}" width="{side}" height="{side}" '
            f'patternUnits="userSpaceOnUse"><rect width="{side}" height="{side}" '
            f'fill="{entry.colour}"/>{marks.format(ink=ink_on(entry.colour))}</pattern>'
        )
    return f"<defs>{''.join(drawn[key] for key in sorted(drawn))}</defs>" if drawn else ""
