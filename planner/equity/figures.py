"""How fairly does access fall, how sure is each figure, and what does it mean?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.equity import indices
from planner.equity.distribution import Distribution
from planner.equity.words import INDEX_WORDS, say
from planner.errors import DataError
from planner.ledger import Note

Index = Literal[
    "concentration",
    "concentration_corrected",
    "palma",
    "gini",
    "theil",
    "theil_between",
    "theil_within",
    "poverty_share",
    "poverty_gap",
    "poverty_severity",
]

#: Not one of them can be had without a finite mean.
NEEDS_MEAN = tuple(name for name in INDEX_WORDS if name != "poverty_share")

CAVEAT = (
    "Everyone in an area is taken to have that area's access, so differences within areas are not "
    "seen. Intervals come from drawing areas anew: they say how much a figure hangs on which areas "
    "are in it, and hold no errors of the times or counts themselves."
)

#: So many numbers at most are held at once while areas are drawn anew.
_BLOCK = 1_000_000


@dataclass(frozen=True, kw_only=True)
class EquitySettings:
    """What to measure equity with.

    ``line`` is the least access (or most minutes) people should have, None leaves poverty out;
    ``bounds`` the least and most that the measure can be, for the corrected concentration index
    (None: from 0 to the cap where one is set, else the least and the most there are).
    """

    line: float | None = None
    bounds: tuple[float, float] | None = None
    bootstraps: int = 500
    interval: float = 0.95
    seed: int = 1

    def __post_init__(self) -> None:
        if self.line is not None and not self.line > 0:
            raise DataError("Equity: the poverty line must be above zero.")
        if not 0 < self.interval < 1 or self.bootstraps < 0:
            raise DataError("Equity: the interval is between 0 and 1, bootstraps at least 0.")
        if self.bounds is not None and not self.bounds[0] < self.bounds[1]:
            raise DataError("Equity: the bounds must rise.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Equity:
    """How fairly one measure of access falls.

    Parameters
    ----------
    table
        One row an index (`INDEX_WORDS`): ``value``, ``low``, ``high`` (bootstrap; NaN without)
        and ``meaning``, a plain sentence. An index that cannot be had is NaN, and says why.
    groups
        One row a group: ``areas``, ``people``, ``mean`` and ``share`` (of all access).
    caveat
        What the figures do not say.
    notes
        Who was left out, and what was capped.
    """

    table: pd.DataFrame
    groups: pd.DataFrame
    caveat: str
    notes: tuple[Note, ...] = field(default=())


def build_equity(distribution: Distribution, settings: EquitySettings | None = None) -> Equity:
    """Measure how fairly access falls, by every index that can be had.

    Parameters
    ----------
    distribution
        Access, people, need and groups.
    settings
        Poverty line, bounds and bootstrap.

    Returns
    -------
    equity
        Indices by need only where areas are ordered, Theil between and within only where there
        are groups, poverty only with a line.

    Raises
    ------
    DataError
        Some areas have no way there, no cap is stated, and no index is left that does without a
        mean (`check_finite` says the same for a single index).

    Notes
    -----
    Areas are drawn with replacement, as many as there are, and every index is measured on each
    draw (percentile interval; Efron, 1979). Order and ties are found anew; bounds and reference
    are held.
    """
    settings = settings or EquitySettings()
    found = distribution
    if found.infinite and settings.line is None:
        check_finite(found)
    if found.cap is not None and settings.line is not None and settings.line >= found.cap:
        raise DataError(
            f"Equity: the line of {settings.line:g} {found.unit} is not below the longest journey "
            f"searched ({found.cap:g}): areas without a way there would pass it.",
            hint="Raise the cutoff, or lower the line.",
        )
    measures = _measures(found, settings)
    values = {name: float(one[0]) for name, one in _together(measures, found.people[None, :])}
    low, high = _intervals(found, measures, settings)
    rows = []
    for name, value in values.items():
        meaning = say(name, value, found, settings.line, (low[name], high[name]))
        rows.append((name, value, low[name], high[name], meaning))
    table = pd.DataFrame(rows, columns=["index", "value", "low", "high", "meaning"])
    notes = list(found.notes)
    if found.infinite:
        text = (
            f"Areas with no way there ({found.label}): {found.infinite}, and no longest journey "
            "was stated to count them as: every index that goes by a mean is left out."
        )
        notes.append(Note(stage="equity", what="no_mean", count=found.infinite, text=text))
    return Equity(
        table=table.set_index("index"),
        groups=_groups(found),
        caveat=CAVEAT,
        notes=tuple(notes),
    )


def check_finite(distribution: Distribution) -> None:
    """Refuse a mean over areas of which some have no way there."""
    if distribution.infinite:
        raise DataError(
            f"Equity: {distribution.infinite} areas have no way there, so that the mean of "
            f"{distribution.label} has no value.",
            hint="State the longest journey searched as the cap, or use the share of people "
            "beyond a standard.",
        )


Figures = dict[Index, NDArray[np.float64]]
#: People (draws × areas) → some indices, each with one value a draw.
Measured = Callable[[NDArray[np.float64]], Figures]


def _measures(found: Distribution, settings: EquitySettings) -> list[Measured]:
    """Return what is to be measured, indices that share work in one function."""
    measures: list[Measured] = []
    if not found.infinite:
        if found.ordered:
            measures.append(_by_need(found, settings))
        measures.append(_spread(found))
    if settings.line is not None:
        measures.append(_poverty(found, settings.line))
    return measures


def _by_need(found: Distribution, settings: EquitySettings) -> Measured:
    values, order = found.values, indices.build_order(found.standing)
    bounds = settings.bounds or (
        (0.0, found.cap) if found.cap is not None else (float(values.min()), float(values.max()))
    )
    if bool((values < bounds[0]).any()) or bool((values > bounds[1]).any()):
        raise DataError(f"Equity: {found.label} goes beyond the bounds {bounds}.")

    def measure(people: NDArray[np.float64]) -> Figures:
        standard = indices.concentration(values, people, order)
        means = indices.average(values, people)
        return {
            "concentration": standard,
            "concentration_corrected": indices.corrected(standard, means, bounds),
            "palma": indices.palma(values, people, order, found.standing, found.reference),
        }

    return measure


def _spread(found: Distribution) -> Measured:
    values, order = found.values, indices.build_order(found.values)
    group, names = pd.factorize(found.groups, sort=True)

    def measure(people: NDArray[np.float64]) -> Figures:
        between, within = indices.theil(values, people, group.astype(np.int64), len(names))
        figures: Figures = {
            "gini": indices.gini(values, people, order),
            "theil": between + within,
        }
        if len(names) > 1:
            figures |= {"theil_between": between, "theil_within": within}
        return figures

    return measure


def _poverty(found: Distribution, line: float) -> Measured:
    names: tuple[Index, ...] = ("poverty_share", "poverty_gap", "poverty_severity")
    able = names[:1] if found.infinite else names

    def measure(people: NDArray[np.float64]) -> Figures:
        less = found.better == "less"
        return {
            name: indices.poverty(found.values, people, line, power, less_is_better=less)
            for power, name in enumerate(able)
        }

    return measure


def _together(
    measures: list[Measured], people: NDArray[np.float64]
) -> list[tuple[Index, NDArray[np.float64]]]:
    return [pair for measure in measures for pair in measure(people).items()]


def _intervals(
    found: Distribution, measures: list[Measured], settings: EquitySettings
) -> tuple[dict[Index, float], dict[Index, float]]:
    """Return the ends of each index's interval over areas drawn anew."""
    rng = np.random.default_rng(settings.seed)
    areas = len(found.people)
    block = max(1, _BLOCK // areas)
    drawn: dict[Index, list[NDArray[np.float64]]] = defaultdict(list)
    for begin in range(0, settings.bootstraps, block):
        draws = min(block, settings.bootstraps - begin)
        # One draw at a time, so that the result does not hang on the size of a block.
        times = np.stack(
            [np.bincount(rng.integers(0, areas, areas), minlength=areas) for _ in range(draws)]
        )
        for name, values in _together(measures, times * found.people):
            drawn[name].append(values)
    tail = (1 - settings.interval) / 2
    low: dict[Index, float] = defaultdict(lambda: float("nan"))
    high: dict[Index, float] = defaultdict(lambda: float("nan"))
    for name, parts in drawn.items():
        all_draws = np.concatenate(parts)
        known = all_draws[~np.isnan(all_draws)]
        if len(known):
            low[name], high[name] = (float(end) for end in np.quantile(known, [tail, 1 - tail]))
    return low, high


def _groups(found: Distribution) -> pd.DataFrame:
    """Return areas, people, mean and share of access of each group."""
    frame = pd.DataFrame(
        {"group": found.groups, "people": found.people, "amount": found.people * found.values}
    )
    parts = frame.groupby("group")
    table = parts[["people", "amount"]].sum().assign(areas=parts.size())
    total = table["amount"].sum()
    share = table["amount"] / total if 0 < total < np.inf else table["amount"] * np.nan
    mean = table["amount"] / table["people"]
    return pd.DataFrame(
        {"areas": table["areas"], "people": table["people"], "mean": mean, "share": share}
    )
