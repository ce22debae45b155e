"""Which colour, pattern and words does each area get, and why has one none?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from planner.travel.times import STATUS_WORDS

Scheme = Literal["tenths", "quantiles", "minutes", "categories"]
Pattern = Literal["", "stripes", "dots", "hatch", "back_hatch", "cross", "lines", "fine_dots"]
PaletteName = Literal["viridis", "cividis", "puor", "okabe_ito"]

#: From dark to light (viridis, cividis), from one end over the middle to the other (PuOr), and
#: distinct without order (Okabe and Ito). All keep apart under the common colour vision
#: deficiencies; nothing is told by colour alone all the same.
PALETTES: dict[PaletteName, tuple[str, ...]] = {
    "viridis": ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"),
    "cividis": ("#00224e", "#434e6c", "#7d7c78", "#bcae6c", "#fee838"),
    "puor": ("#e66101", "#fdb863", "#f7f7f7", "#b2abd2", "#5e3c99"),
    "okabe_ito": (
        "#e69f00",
        "#56b4e9",
        "#009e73",
        "#f0e442",
        "#0072b2",
        "#d55e00",
        "#cc79a7",
    ),
}

#: Line, text and ground colours of every map.
INK, PAPER, WATER, STREET = "#1b1b1b", "#ffffff", "#a6cee3", "#333333"

#: What stands for each reason an area has no value: ground colour, pattern.
NO_VALUE: dict[str, tuple[str, Pattern]] = {
    "over_cutoff": ("#d0d0d0", "fine_dots"),
    "unreachable": ("#9a9a9a", "cross"),
    "not_connected": ("#f2f2f2", "hatch"),
    "outside_extent": ("#f2f2f2", "lines"),
    "no_data": ("#ffffff", "back_hatch"),
}

ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th")
MINUTE_BREAKS = (10.0, 20.0, 30.0, 45.0)


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """One class: its words, its colour (``#rrggbb``), its pattern and how many areas are in it.

    ``status`` is "reached" for a class of values, else the reason there is no value.
    """

    label: str
    colour: str
    pattern: Pattern = ""
    count: int = 0
    status: str = "reached"

    @property
    def key(self) -> str:
        """A name for the fill that is safe inside an address fragment."""
        return f"{self.pattern or 'plain'}-{self.colour.lstrip('#')}"


@dataclass(frozen=True, kw_only=True)
class Square:
    """A legend of two things at once: rows of one (the most on top), columns of the other.

    Parameters
    ----------
    across, down
        What grows from left to right, and from bottom to top, in words.
    columns, rows
        Words of each column and each row.
    colours, counts
        Colour and number of areas of each cell, row by row.
    keys
        What marks on top of the colours mean; read after the square.
    """

    across: str
    down: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    colours: tuple[tuple[str, ...], ...]
    counts: tuple[tuple[int, ...], ...]
    keys: tuple[LegendEntry, ...] = ()

    def __post_init__(self) -> None:
        shape = [len(self.columns)] * len(self.rows)
        if [len(row) for row in self.colours] != shape or [len(r) for r in self.counts] != shape:
            raise ValueError("A square legend has not one colour and one count a cell.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Classes:
    """Each area's class, exactly one, and what the classes mean.

    Parameters
    ----------
    index
        Position in ``entries`` (int), on the areas' index.
    entries
        The legend, in the order it is read; classes of values first, reasons for none last.
    square
        Where it is given it is the legend of the classes of values.
    """

    index: pd.Series
    entries: tuple[LegendEntry, ...]
    square: Square | None = None

    def __post_init__(self) -> None:
        if not self.index.index.is_unique:
            raise ValueError("An area has more than one class.")
        counts = np.bincount(self.index.to_numpy(dtype=int), minlength=len(self.entries))
        if len(counts) != len(self.entries) or counts.tolist() != [e.count for e in self.entries]:
            raise ValueError("Classes and their legend disagree.")
        if self.square is not None:
            valued = sum(entry.count for entry in self.entries if entry.status == "reached")
            if sum(sum(row) for row in self.square.counts) != valued:
                raise ValueError("Classes and their square legend disagree.")

    @property
    def listed(self) -> tuple[LegendEntry, ...]:
        """What the legend lists: all classes, or what a square leaves to be said."""
        if self.square is None:
            return self.entries
        none = [entry for entry in self.entries if entry.status != "reached"]
        return (*self.square.keys, *none)

    @property
    def labels(self) -> tuple[str, ...]:
        """Words of each class."""
        return tuple(entry.label for entry in self.entries)

    @property
    def colours(self) -> tuple[str, ...]:
        """Colour of each class."""
        return tuple(entry.colour for entry in self.entries)

    def label_of(self) -> pd.Series:
        """Return each area's class in words."""
        labels = np.array(self.labels, dtype=object)
        return pd.Series(
            labels[self.index.to_numpy(dtype=int)], index=self.index.index, name="class"
        )


def classify(
    values: pd.Series,
    *,
    scheme: Scheme = "tenths",
    status: pd.Series | None = None,
    unit: str = "",
    breaks: Sequence[float] = MINUTE_BREAKS,
    names: Mapping[object, str] | None = None,
    palette: PaletteName | None = None,
    dark: Literal["high", "low"] = "high",
    decimals: int = 0,
) -> Classes:
    """Put each area in one class, areas without a value in classes of their own.

    Parameters
    ----------
    values
        One value an area on a unique index: whole tenths 1–10 (``tenths``, 1 the greatest need),
        numbers (``quantiles``, ``minutes``) or keys of ``names`` (``categories``).
    scheme
        ``tenths`` in pairs; ``quantiles`` in five groups of about as many areas, bounds rounded
        to ``decimals``; ``minutes`` at ``breaks``; ``categories`` in the order of ``names``.
    status
        A travel status an area. Where it is not ``reached`` it decides the class and the value
        is not looked at; without it, an absent value is ``no_data``.
    unit
        Put after the numbers in the labels of ``quantiles``.
    palette
        Default: viridis, and Okabe–Ito for categories.
    dark
        Which end of ``quantiles`` is dark.

    Returns
    -------
    classes
        Each area exactly once. Classes of values stand in the legend even when empty; reasons
        for no value only where they occur.
    """
    known = values.notna()
    if status is not None:
        known &= status.reindex(values.index).eq("reached")
    position, entries = _value_classes(
        values[known], scheme, unit=unit, breaks=breaks, names=names, dark=dark, decimals=decimals
    )
    entries = _coloured(entries, palette or ("okabe_ito" if names else "viridis"))
    return count_classes(values.index, known, position, entries, status)


def count_classes(
    areas: pd.Index,
    known: pd.Series,
    position: np.ndarray,
    entries: Sequence[LegendEntry],
    status: pd.Series | None,
) -> Classes:
    """Add a class for each reason that occurs, and count the areas of every class.

    Parameters
    ----------
    areas
        All areas.
    known
        Which of them have a value.
    position
        Position in ``entries`` of each that has, in the order of ``areas``.
    entries
        Classes of values.
    status
        As `classify` takes it.
    """
    entries = list(entries)
    index = pd.Series(-1, index=areas, dtype=int, name="class")
    index[known] = position
    why = _reasons(areas, known, status)
    for reason, (colour, pattern) in NO_VALUE.items():
        here = why == reason
        if bool(here.any()):
            index[here] = len(entries)
            words = STATUS_WORDS[reason]
            label = words[:1].upper() + words[1:]
            entries.append(LegendEntry(label=label, colour=colour, pattern=pattern, status=reason))
    counts = np.bincount(index.to_numpy(), minlength=len(entries))
    counted = tuple(replace(e, count=int(n)) for e, n in zip(entries, counts, strict=True))
    return Classes(index=index, entries=counted)


def _reasons(index: pd.Index, known: pd.Series, status: pd.Series | None) -> pd.Series:
    """Return why each area has no value, "" where it has one."""
    if status is None:
        why = pd.Series("no_data", index=index)
    else:
        given = status.reindex(index)
        why = given.where(given.isin(list(NO_VALUE)), "no_data")
    return why.mask(known, "")


def _value_classes(
    values: pd.Series,
    scheme: Scheme,
    *,
    unit: str,
    breaks: Sequence[float],
    names: Mapping[object, str] | None,
    dark: str,
    decimals: int,
) -> tuple[np.ndarray, list[LegendEntry]]:
    """Return the class of each known value and the legend without counts, darkest first."""
    if scheme == "tenths":
        labels = [f"{ORDINALS[i]} and {ORDINALS[i + 1]} tenth" for i in range(0, 10, 2)]
        labels[0] += " (greatest need)"
        labels[-1] += " (least need)"
        position = (values.to_numpy(dtype=int) - 1) // 2
    elif scheme == "minutes":
        edges = np.array(breaks, dtype=float)
        position = np.searchsorted(edges, values.to_numpy(dtype=float), side="left")
        labels = [f"{_number(edges[0], 0)} minute{'' if edges[0] == 1 else 's'} or less"]
        labels += [
            f"over {_number(low, 0)} to {_number(high, 0)} minutes" for low, high in pairwise(edges)
        ]
        labels.append(f"over {_number(edges[-1], 0)} minutes")
    elif scheme == "quantiles":
        position, labels = _quantile_classes(values, unit, decimals)
    else:
        keys = list(names or {})
        found = pd.Index(keys).get_indexer(values)
        if bool((found < 0).any()):
            raise ValueError(f"There is no name for the class {values.iloc[found.argmin()]!r}.")
        position, labels = found, [str((names or {})[key]) for key in keys]
    entries = [LegendEntry(label=label, colour="") for label in labels]
    # The legend runs from the value drawn dark to the one drawn light.
    if (scheme == "quantiles" and dark == "high") or scheme == "minutes":
        entries.reverse()
        position = len(entries) - 1 - position
    return position, entries


def _quantile_classes(values: pd.Series, unit: str, decimals: int) -> tuple[np.ndarray, list[str]]:
    """Cut at the fifths; bounds are rounded first, so that labels and classes agree."""
    if values.empty:
        return np.zeros(0, dtype=int), []
    numbers = values.to_numpy(dtype=float)
    inner = np.unique(np.round(np.quantile(numbers, [0.2, 0.4, 0.6, 0.8]), decimals))
    inner = inner[(inner >= numbers.min()) & (inner < numbers.max())]
    low = math.floor(numbers.min() * 10**decimals) / 10**decimals
    high = math.ceil(numbers.max() * 10**decimals) / 10**decimals
    position = np.searchsorted(inner, numbers, side="left")
    tail = f" {unit}" if unit else ""
    bounds = [low, *inner.tolist(), high]
    labels = [
        f"{'over ' if i else ''}{_number(a, decimals)} to {_number(b, decimals)}{tail}"
        for i, (a, b) in enumerate(pairwise(bounds))
    ]
    if len(bounds) == 2 and low == high:
        labels = [f"{_number(low, decimals)}{tail}"]
    return position, labels


def _coloured(entries: list[LegendEntry], palette: PaletteName) -> list[LegendEntry]:
    """Give each class its colour; classes without order get patterns in turn as well."""
    ordered = palette != "okabe_ito"
    patterns: tuple[Pattern, ...] = ("", "stripes", "dots")
    given = PALETTES[palette]
    colours = spread_colours(given, len(entries)) if ordered else given
    return [
        LegendEntry(
            label=entry.label,
            colour=colours[i % len(colours)],
            pattern="" if ordered else patterns[i % len(patterns)],
        )
        for i, entry in enumerate(entries)
    ]


def spread_colours(colours: Sequence[str], count: int) -> list[str]:
    """Return ``count`` colours evenly along a sequence, mixed where there are not enough."""
    channels = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours])
    at = np.linspace(0, len(colours) - 1, count) if count > 1 else np.zeros(count)
    mixed = [np.interp(at, np.arange(len(colours)), channels[:, i]).round() for i in range(3)]
    return [f"#{int(r):02x}{int(g):02x}{int(b):02x}" for r, g, b in zip(*mixed, strict=True)]


def _number(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}" if decimals else f"{value:,.10g}"
    return text.replace("-", "−")
