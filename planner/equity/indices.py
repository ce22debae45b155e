"""How unequal is access? The formulas, for one set of weights or for many at once.

Each function takes values of areas and, as rows, one or more sets of people (weights of the
areas): one row for the figure, many for its bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WORST_SHARE, BEST_SHARE = 0.4, 0.1
_TOLERANCE = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Order:
    """Areas sorted by something, with those at the same value as one tie.

    ``order`` sorts the areas; ``begin`` is where each tie begins among the sorted.
    """

    order: NDArray[np.int64]
    begin: NDArray[np.int64]


def build_order(by: Floats) -> Order:
    """Sort areas by something, from low to high."""
    order = np.argsort(by, kind="stable").astype(np.int64)
    ranked = by[order]
    begin = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    return Order(order=order, begin=begin.astype(np.int64))


def concentration(values: Floats, people: Floats, order: Order) -> Floats:
    """Return the concentration index of values over an order from the worst off to the best off.

    Parameters
    ----------
    values
        Of areas, finite, at least 0.
    people
        Draws × areas.
    order
        Of the areas by standing, from `build_order`.

    Returns
    -------
    index
        For each draw; between −1 (all with the worst off) and 1. NaN where nobody has anything.

    Notes
    -----
    C = 2/μ · Σ_i s_i·x_i·R_i − 1, with s_i the share of people, μ = Σ s_i·x_i and R_i the
    fractional rank: the share of people in areas that are worse off, and half of those that
    stand alike (Wagstaff, Paci and van Doorslaer, 1991; Lerman and Yitzhaki, 1989, for weights).
    """
    weight = people[:, order.order]
    alike = np.add.reduceat(weight, order.begin, axis=1)
    amount = np.add.reduceat(weight * values[order.order], order.begin, axis=1)
    total, sums = alike.sum(axis=1), amount.sum(axis=1)
    rank = np.cumsum(alike, axis=1) - alike / 2
    return _divide(2 * (amount * rank).sum(axis=1), sums * total) - 1


def corrected(standard: Floats, means: Floats, bounds: tuple[float, float]) -> Floats:
    """Return the corrected concentration index.

    Notes
    -----
    E = 4·μ/(b − a) · C, with a and b the least and the most that the measure can be (Erreygers,
    2009). NaN where they are the same.
    """
    width = bounds[1] - bounds[0]
    return np.asarray(4 * means * standard / width if width > 0 else np.full_like(means, np.nan))


def average(values: Floats, people: Floats) -> Floats:
    """Return the mean over people."""
    return _divide(people @ values, people.sum(axis=1))


def gini(values: Floats, people: Floats, order: Order) -> Floats:
    """Return the Gini index: the concentration index over the order of the values themselves.

    ``order`` is that of the values, from `build_order`. 0: all alike; near 1: one has it all
    (Gini, 1912).
    """
    return concentration(values, people, order)


def theil(
    values: Floats, people: Floats, group: NDArray[np.int64], groups: int
) -> tuple[Floats, Floats]:
    """Return the Theil index, between groups and within them; they add up to the whole.

    Parameters
    ----------
    values
        Of areas, finite, at least 0.
    people
        Draws × areas.
    group
        Number of each area's group, below ``groups``.

    Returns
    -------
    between, within
        For each draw.

    Notes
    -----
    T = Σ_i s_i·(x_i/μ)·ln(x_i/μ), where an area without any adds 0 (the limit); between is T of
    the groups' means, within the sum of the groups' own T by their share of all access (Theil,
    1967).
    """
    marks = np.zeros((len(values), groups))
    marks[np.arange(len(values)), group] = 1.0
    amount = people * values
    log = np.log(np.where(values > 0, values, 1.0))
    mean = _divide(amount.sum(axis=1), people.sum(axis=1))
    whole = _divide(amount @ log, amount.sum(axis=1)) - _log(mean)
    of_group, all_group = amount @ marks, people @ marks
    means = np.divide(of_group, all_group, out=np.zeros_like(of_group), where=all_group > 0)
    between = _divide((of_group * _log(means)).sum(axis=1), amount.sum(axis=1)) - _log(mean)
    return between, whole - between


def palma(
    values: Floats,
    people: Floats,
    order: Order,
    standing: Floats,
    reference: tuple[Floats, Floats] | None = None,
) -> Floats:
    """Return the mean of the best-off tenth of people over that of the worst-off 40%.

    Parameters
    ----------
    values
        Of areas, finite, at least 0.
    people
        Draws × areas.
    order
        Of the areas by standing, from the worst off.
    standing
        Of the areas.
    reference
        Standing and people among whom the 40% and the tenth are told; these areas by default.

    Notes
    -----
    Palma (2011) compares shares of income; access uses means (Pereira and others' package
    `accessibility`). An area, or a tie of areas, on the edge is in with the share of its people
    that makes up 40% (or a tenth) exactly.
    """
    weight = people[:, order.order]
    ranked = values[order.order]
    if reference is None:
        alike = np.add.reduceat(weight, order.begin, axis=1)
        upto = np.cumsum(alike, axis=1)
        total = upto[:, -1:]
        lower, upper = (upto - alike) / total, upto / total
    else:
        by = np.argsort(reference[0], kind="stable")
        mass = np.concatenate([[0.0], np.cumsum(reference[1][by])])
        marks = standing[order.order][order.begin]
        lower = mass[np.searchsorted(reference[0][by], marks, side="left")][None, :] / mass[-1]
        upper = mass[np.searchsorted(reference[0][by], marks, side="right")][None, :] / mass[-1]
    worst = _inside(lower, upper, 0.0, WORST_SHARE)
    best = _inside(lower, upper, 1 - BEST_SHARE, 1.0)
    sizes = np.diff([*order.begin, len(values)])
    means = []
    for part in (best, worst):
        counted = weight * np.repeat(part, sizes, axis=1)
        means.append(_divide(counted @ ranked, counted.sum(axis=1)))
    return _divide(means[0], means[1])


def poverty(
    values: Floats, people: Floats, line: float, power: int, *, less_is_better: bool
) -> Floats:
    """Return access poverty against a line.

    Notes
    -----
    P_a = Σ_i s_i·((line − x_i)/line)^a over areas short of the line (Foster, Greer and Thorbecke,
    1984); for measures of which less is better, (x_i − line)/line, which can be above 1. Power 0
    is the share of people short of it, 1 how far short on average over all people, 2 the same
    with the worst counting most.
    """
    short = values > line + _TOLERANCE if less_is_better else values < line - _TOLERANCE
    depth = np.ones(len(values))
    if power:
        depth = np.abs(values - line) / line
    return _divide(people @ np.where(short, depth**power, 0.0), people.sum(axis=1))


def _inside(lower: Floats, upper: Floats, begin: float, end: float) -> Floats:
    """Return which share of each span lies between two ends; a point, whether it does."""
    width = upper - lower
    some = np.clip(np.minimum(upper, end) - np.maximum(lower, begin), 0.0, None)
    point = ((lower >= begin) & (lower <= end)).astype(np.float64)
    return np.asarray(np.divide(some, width, out=point, where=width > _TOLERANCE))


def _divide(top: Floats, bottom: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    out = np.full(np.broadcast(top, bottom).shape, np.nan)
    return np.asarray(np.divide(top, bottom, out=out, where=bottom > 0))


def _log(values: Floats) -> Floats:
    """Return logarithms, 0 for 0: such terms are multiplied by 0."""
    return np.asarray(np.log(np.where(values > 0, values, 1.0)))
