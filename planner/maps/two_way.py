"""Where do great need and long ways meet? Both on one map, in thirds of each."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from planner.maps.classes import Classes, LegendEntry, Pattern, Square, count_classes

#: Colour of each pair of thirds: rows from least to most need, columns from nearest to furthest.
#: Violet stands for need and amber for distance, both together are nearly black. The two keep
#: apart for people who cannot tell red from green, and lightness falls along both.
COLOURS: Final[tuple[tuple[str, ...], ...]] = (
    ("#f2f2f2", "#edc998", "#e59e1d"),
    ("#a4b3e4", "#998b8b", "#8b612b"),
    ("#566bca", "#4e4f76", "#3c2a22"),
)

#: Words of each third, lowest first.
NEED_THIRDS: Final = ("Least need", "Middle third of need", "Most need")
FAR_THIRDS: Final = ("Nearest third", "Middle third", "Furthest third")

#: How an area that breaks a standard is marked, and what that is called.
GAP_PATTERN: Final[Pattern] = "dots"
GAP_WORDS: Final = "Dotted: a gap, beyond the standard"
KEPT_WORDS: Final = "Plain: the standard is kept"


def build_two_way(table: pd.DataFrame) -> Classes:
    """Put each area in its third of need and its third of distance, gaps marked by dots.

    Parameters
    ----------
    table
        On area codes, rows of one kind of `planner.gaps.Gaps.table`: ``need_percentile`` and
        ``shortfall_percentile`` (1 = greatest need, furthest), ``breaches`` and ``status``.

    Returns
    -------
    classes
        Each area exactly once, with a square legend. Areas without one of the two percentiles
        keep the reason for it as their class.

    Notes
    -----
    Thirds are of the percentiles, so that areas alike are in one third; where many are alike
    (all that are not reached) thirds are not of one size.
    """
    need, far = thirds(table["need_percentile"]), thirds(table["shortfall_percentile"])
    known = need.notna() & far.notna()
    marked = table["breaches"].astype(bool)
    keys = [
        (row, column, gap)
        for row in (3, 2, 1)
        for column in (3, 2, 1)
        for gap in (True, False)
        if bool((known & (need == row) & (far == column) & (marked == gap)).any())
    ]
    code = pd.MultiIndex.from_arrays([need[known], far[known], marked[known]])
    position = pd.MultiIndex.from_tuples(keys).get_indexer(code) if keys else np.zeros(0, dtype=int)
    entries = [_entry(*key) for key in keys]
    why = table["status"].where(table["status"] != "reached", "no_data").mask(known, "reached")
    found = count_classes(table.index, known, position, entries, why)
    return Classes(
        index=found.index,
        entries=found.entries,
        square=_square(need.where(known), far.where(known), marked[known]),
    )


def thirds(percentile: pd.Series) -> pd.Series:
    """Return the third of each percentile (0-1): 3 the highest; <NA> where it is not known."""
    # A third of 150 areas ends at 50 / 150, whatever the last digit of that is.
    found = np.ceil(3 * percentile.astype("float64") - 1e-9).clip(1, 3)
    return found.astype("Int64")


def name_two_way(need: int, far: int) -> str:
    """Return a pair of thirds in words."""
    return f"{NEED_THIRDS[need - 1]}, {FAR_THIRDS[far - 1].lower()}"


def _entry(need: int, far: int, gap: bool) -> LegendEntry:
    return LegendEntry(
        label=f"{name_two_way(need, far)}{'; a gap' if gap else ''}",
        colour=COLOURS[need - 1][far - 1],
        pattern=GAP_PATTERN if gap else "",
    )


def _square(need: pd.Series, far: pd.Series, gaps: pd.Series) -> Square:
    counts = [
        [int(((need == row) & (far == column)).sum()) for column in (1, 2, 3)] for row in (3, 2, 1)
    ]
    number = int(gaps.sum())
    return Square(
        across="further →",
        down="more need ↑",
        columns=FAR_THIRDS,
        rows=NEED_THIRDS[::-1],
        colours=COLOURS[::-1],
        counts=tuple(tuple(row) for row in counts),
        keys=(
            LegendEntry(label=GAP_WORDS, colour="#f2f2f2", pattern=GAP_PATTERN, count=number),
            LegendEntry(label=KEPT_WORDS, colour="#f2f2f2", count=len(gaps) - number),
        ),
    )
