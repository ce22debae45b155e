"""How do the people of two places stand against each other in one figure?

Everything is weighted by residents, so that an area with many counts for more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planner.layers import LayerSpec

#: Below this chance that somebody of the one place lives in the worse area, the places count as
#: alike in a measure; the others are the usual names for the size (Vargha and Delaney 2000).
ALIKE_BELOW, MEDIUM_FROM, LARGE_FROM = 0.56, 0.64, 0.71

#: Columns of a row of `build_measure`.
MEASURE_COLUMNS = [
    *("title", "unit", "how", "first", "second", "difference"),
    *("first_lower_quarter", "first_upper_quarter"),
    *("second_lower_quarter", "second_upper_quarter"),
    *("first_share_worst_fifth", "second_share_worst_fifth"),
    *("effect_size", "chance_first_worse", "worse_off", "size"),
    *("first_areas_without", "second_areas_without"),
]


def build_measure(
    values: pd.Series,
    spec: LayerSpec,
    place: pd.Series,
    people: pd.Series,
    names: tuple[str, str],
) -> list[object]:
    """Compare two places by one layer.

    Parameters
    ----------
    values
        The layer's values, index ``area_code``.
    spec
        What it means.
    place
        The name of the place each area is in.
    people
        Residents of each area, 0 where unknown.
    names
        The two places.

    Returns
    -------
    row
        One value for each of `MEASURE_COLUMNS`.
    """
    figures, unit, how = values.dropna().astype(float), spec.unit, "mean by residents"
    if spec.kind == "count":
        figures = (1000.0 * figures / people.where(people > 0)[figures.index]).dropna()
        unit, how = f"{spec.unit} per 1,000 residents", "count over residents"
    elif spec.kind == "rank":
        how = "median by residents"
    inside = [place[figures.index] == name for name in names]
    weights = [people[figures.index][here].to_numpy() for here in inside]
    sides = list(zip([figures[here].to_numpy() for here in inside], weights, strict=True))
    middle = [quantile(x, w, 0.5) if spec.kind == "rank" else mean(x, w) for x, w in sides]
    quarters = [quantile(x, w, share) for x, w in sides for share in (0.25, 0.75)]
    effect = float("nan") if spec.kind == "rank" else effect_size(sides)
    worst, chance, worse, size = [float("nan")] * 2, float("nan"), "", ""
    if spec.high_is != "neither":
        bad = figures if spec.high_is == "worse" else -figures
        fifth = in_worst_fifth(bad).astype(float)
        worst = [mean(fifth[here].to_numpy(), w) for here, w in zip(inside, weights, strict=True)]
        first, second = (bad[here].to_numpy() for here in inside)
        chance = chance_worse(first, weights[0], second, weights[1])
        above = middle[0] > middle[1] if spec.high_is == "worse" else middle[0] < middle[1]
        # Where the middle says one thing and most pairs of people another, neither is worse off.
        agrees = np.isnan(chance) or (chance > 0.5) == above
        worse, size = _say_worse(chance if agrees else 0.5, names)
    without = [
        int((place == name).sum() - here.sum()) for name, here in zip(names, inside, strict=True)
    ]
    return [
        *(spec.title, unit, how, *middle, middle[0] - middle[1], *quarters, *worst),
        *(effect, chance, worse, size, *without),
    ]


def in_worst_fifth(bad: pd.Series) -> pd.Series:
    """Return which areas are in the worst fifth; tied areas stand at their average rank."""
    return 5 * bad.rank(ascending=False, method="average") <= len(bad)


def quantile(values: np.ndarray, people: np.ndarray, share: float) -> float:
    """Return the lowest value below or at which at least this share of the people live."""
    if not len(values) or people.sum() <= 0:
        return float("nan")
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(people[order]) / people.sum()
    return float(values[order][np.searchsorted(reached, share - 1e-12)])


def chance_worse(
    first: np.ndarray, first_people: np.ndarray, second: np.ndarray, second_people: np.ndarray
) -> float:
    """Return how often a person of the first place lives in a worse area than one of the second.

    Parameters
    ----------
    first, second
        Values of the areas, high = worse.
    first_people, second_people
        Residents of each.

    Returns
    -------
    chance
        Between 0 and 1; a tie counts half; NaN where nobody lives in one of the two.

    Notes
    -----
    The measure of stochastic superiority of Vargha and Delaney (2000), weighted by people.
    """
    total = first_people.sum() * second_people.sum()
    if total <= 0:
        return float("nan")
    order = np.argsort(second, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(second_people[order])])
    left = below[np.searchsorted(second[order], first, side="left")]
    right = below[np.searchsorted(second[order], first, side="right")]
    return float((first_people * (left + right) / 2).sum() / total)


def mean(values: np.ndarray, people: np.ndarray) -> float:
    """Return the mean by people, NaN where nobody lives."""
    return float((values * people).sum() / people.sum()) if people.sum() > 0 else float("nan")


def effect_size(sides: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """Return first less second in pooled standard deviations, by people (Cohen 1988).

    ``sides`` are the values and residents of the two. 0 where nothing varies at all, NaN where
    the two differ and neither varies within itself.
    """
    means = [mean(x, w) for x, w in sides]
    spread = [mean((x - middle) ** 2, w) for (x, w), middle in zip(sides, means, strict=True)]
    people = np.array([w.sum() for _, w in sides])
    pooled = float(np.sqrt((people * spread).sum() / people.sum())) if people.sum() > 0 else 0.0
    if np.isnan(means).any():
        return float("nan")
    if pooled < 1e-12 * max(abs(means[0]), abs(means[1]), 1e-300):
        return 0.0 if np.isclose(means[0], means[1]) else float("nan")
    return (means[0] - means[1]) / pooled


def _say_worse(chance: float, names: tuple[str, str]) -> tuple[str, str]:
    if np.isnan(chance):
        return "", ""
    strength = max(chance, 1 - chance)
    if strength < ALIKE_BELOW:
        return "alike", ""
    size = "much" if strength >= LARGE_FROM else "clearly"
    size = size if strength >= MEDIUM_FROM else "slightly"
    return names[0] if chance > 0.5 else names[1], size
