"""Is a value like those beside it more than chance would have it? Arrays in, arrays out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import DataError

Floats = NDArray[np.float64]

#: Class of the local Moran statistic by esda's number of the quadrant.
QUADRANTS = {1: "high_high", 2: "low_high", 3: "low_low", 4: "high_low"}

#: Sums of the same values in another order may differ in their last digits: not a difference.
_TIE = 1e-9
#: More draws than this are not made for the sake of a finer p.
_MOST_DRAWS = 99_999
#: Positions drawn in all: bounds memory and time where areas have very many neighbours.
_MOST_POSITIONS = 4_000_000
_CHUNK = 2_000_000


@dataclass(frozen=True, kw_only=True)
class GlobalMoran:
    """Moran's I of a whole place.

    ``expected`` is its mean under chance, −1 / (n − 1); ``z`` its distance from that in standard
    deviations under randomisation; ``p`` two-sided, from random rearrangements of the values.
    """

    i: float
    expected: float
    z: float
    p: float
    permutations: int


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalStatistics:
    """Local Moran and Getis–Ord G* of each area.

    ``moran`` is Anselin's local statistic, ``quadrant`` the class it would be of if it is more
    than chance (a key of `QUADRANTS`' values), ``moran_p`` two-sided; ``g_z`` the standardised G*,
    ``g_p`` two-sided; ``draws`` how many random draws stand behind the p values at least.
    """

    moran: Floats
    quadrant: NDArray[np.object_]
    moran_p: Floats
    g_z: Floats
    g_p: Floats
    draws: int


def build_global_moran(
    values: Floats, adjacency: sparse.csr_array, *, permutations: int, seed: int
) -> GlobalMoran:
    """Return Moran's I with row-standardised weights.

    Parameters
    ----------
    values
        One an area, all known and not all the same.
    adjacency
        Symmetric matrix of 0 and 1 in the same order; every area has a neighbour.
    permutations
        How often values are rearranged at random over the areas.
    seed
        Of the rearrangements; no global state is read or changed.

    Returns
    -------
    moran
        The statistic.

    Notes
    -----
    Moran (1950); Cliff and Ord (1981). The statistic, its mean and variance are esda's. The
    rearrangements are our own, because esda draws them from numpy's global state. p is twice the
    smaller tail, (count + 1) / (permutations + 1), at most 1.
    """
    _check(values, adjacency)
    from esda import Moran  # importing esda takes seconds, so only where it is needed

    with _quiet():
        found = Moran(values, _graph(adjacency), permutations=0)
    scaled = _standardise(values)
    weights = adjacency.multiply(1.0 / adjacency.sum(axis=1)[:, None]).tocsr()
    random = np.random.default_rng(seed)
    simulated = np.empty(permutations)
    step = max(1, _CHUNK // len(scaled))
    for start in range(0, permutations, step):
        count = min(step, permutations - start)
        shuffled = random.permuted(np.tile(scaled, (count, 1)), axis=1)
        lag = (weights @ shuffled.T).T
        simulated[start : start + count] = (shuffled * lag).sum(axis=1) / len(scaled)
    observed = float(found.I)
    high = int((simulated >= observed - _TIE).sum())
    low = int((simulated <= observed + _TIE).sum())
    return GlobalMoran(
        i=observed,
        expected=float(found.EI),
        z=float(found.z_rand),
        p=float(_two_sided(np.array([high]), np.array([low]), np.array([permutations]))[0]),
        permutations=permutations,
    )


def build_local_statistics(
    values: Floats,
    adjacency: sparse.csr_array,
    *,
    permutations: int,
    false_discovery: float,
    seed: int,
) -> LocalStatistics:
    """Return local Moran and G* of each area, with p values from random draws.

    Parameters
    ----------
    values
        One an area, all known and not all the same.
    adjacency
        Symmetric matrix of 0 and 1 in the same order; every area has a neighbour.
    permutations
        How many random draws are made at least.
    false_discovery
        The level that p values will be held against: more draws are made until even one area
        alone could pass it, as far as 99,999.
    seed
        Of the draws; no global state is read or changed.

    Returns
    -------
    local
        The statistics in the order of the areas.

    Notes
    -----
    Anselin (1995) with row-standardised weights; Ord and Getis (1995) with weights of 1, the area
    itself included. Both statistics are esda's. Its permutations are not used: they take twenty
    seconds to compile at each start, and from 999 draws no p is below 0.001, so that among a
    thousand areas a small cluster could never pass the control.

    The null of local Moran is conditional: the area keeps its value, and its k neighbours are k
    of the other areas, drawn without replacement. That of G* is that the area and its neighbours
    are k + 1 of all areas. One set of draws serves all areas: draws of k areas that do not hold
    the area itself are draws of k from the others.
    """
    _check(values, adjacency)
    from esda import G_Local, Moran_Local  # importing esda takes seconds

    scaled = _standardise(values)
    graph = _graph(adjacency)
    with _quiet(), np.errstate(divide="ignore", invalid="ignore"):
        moran = Moran_Local(scaled, graph, permutations=0)
        # G* is not defined for values below zero; its z does not depend on where zero is.
        star = G_Local(scaled - scaled.min() + 1.0, graph, transform="B", star=True, permutations=0)
    size = len(scaled)
    counts = np.diff(adjacency.indptr)
    beside = np.asarray(adjacency @ scaled)
    # The sum over most areas is told by that over the few others, as all of them add up to 0.
    few, few_sum = _smaller_part(counts, beside, size - 1, -scaled)
    few_star, star_sum = _smaller_part(counts + 1, beside + scaled, size, np.zeros(size))
    longest = int(max(few.max(), few_star.max(), 1))
    needed = ceil(2.0 * size / false_discovery)
    draws = min(max(permutations, needed), _MOST_DRAWS)
    # At worst half of the draws hold the area itself.
    draws = max(min(draws, _MOST_POSITIONS // longest), 2 * permutations)
    positions = _draw(size, longest, draws, np.random.default_rng(seed))
    sums = np.zeros((longest + 1, draws))
    np.cumsum(scaled[positions].T, axis=0, out=sums[1:])
    moran_p, least = _without_self(positions, sums, few, few_sum)
    g_z = np.asarray(star.Zs, dtype=float)
    return LocalStatistics(
        moran=np.asarray(moran.Is, dtype=float),
        quadrant=np.array([QUADRANTS[int(q)] for q in moran.q], dtype=object),
        moran_p=moran_p,
        g_z=np.where(np.isfinite(g_z), g_z, 0.0),
        g_p=_among_all(sums, few_star, star_sum),
        draws=least,
    )


def false_discoveries_held(p: Floats, level: float) -> NDArray[np.bool_]:
    """Say which tests pass when at most ``level`` of those that pass may do so by chance.

    Parameters
    ----------
    p
        p values; NaN is not a test.
    level
        Share of false discoveries allowed.

    Returns
    -------
    passed
        On the positions of ``p``.

    Notes
    -----
    Benjamini and Hochberg (1995): with m tests, all up to the largest p that is at most
    level × its rank / m. It holds under the positive dependence that overlapping neighbours
    bring (Benjamini and Yekutieli 2001).

    Examples
    --------
    >>> false_discoveries_held(np.array([0.01, 0.04, 0.6, np.nan]), 0.05).tolist()
    [True, False, False, False]
    """
    tested = np.flatnonzero(~np.isnan(p))
    passed = np.zeros(len(p), dtype=bool)
    if not len(tested):
        return passed
    ordered = np.sort(p[tested])
    line = level * np.arange(1, len(tested) + 1) / len(tested)
    under = np.flatnonzero(ordered <= line + 1e-15)
    if len(under):
        passed[tested] = p[tested] <= ordered[under[-1]]
    return passed


def is_constant(values: Floats) -> bool:
    """Say whether values are all the same but for the last digits of a float."""
    widest = float(values.max() - values.min())
    return widest <= 1e-12 * max(1.0, float(np.abs(values).max()))


def _check(values: Floats, adjacency: sparse.csr_array) -> None:
    if adjacency.shape != (len(values), len(values)):
        raise DataError(f"{len(values)} values, but neighbours of {adjacency.shape[0]} areas.")
    if not bool(np.isfinite(values).all()):
        raise DataError("A value is missing: leave the area out before testing for clusters.")
    if is_constant(values):
        raise DataError("All values are the same: there is nothing that could cluster.")
    if not bool((np.diff(adjacency.indptr) > 0).all()):
        raise DataError("An area has no neighbour: leave it out before testing for clusters.")


def _standardise(values: Floats) -> Floats:
    away = values - values.mean()
    scaled: Floats = away / away.std()
    return scaled


def _graph(adjacency: sparse.csr_array) -> Any:
    from libpysal.graph import Graph

    coo = adjacency.tocoo()
    return Graph.from_arrays(coo.row, coo.col, coo.data)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep esda's notices to its users, and the warning filters that it sets, to itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _smaller_part(
    counts: NDArray[Any], total: Floats, size: int, of_all: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Return for each area the smaller of a set and its rest: how many, and their sum."""
    rest = size - counts
    smaller = np.where(counts <= rest, counts, rest).astype(np.int64)
    return smaller, np.where(counts <= rest, total, of_all - total)


def _draw(size: int, length: int, draws: int, random: np.random.Generator) -> NDArray[np.int32]:
    """Return ``draws`` rows of ``length`` different positions, each order equally likely."""
    rows = np.empty((draws, length), dtype=np.int32)
    if length * length < 2 * size:
        # Few of many: positions that repeat are rare enough to draw the whole row anew.
        todo = np.arange(draws)
        while len(todo):
            rows[todo] = random.integers(size, size=(len(todo), length), dtype=np.int32)
            ordered = np.sort(rows[todo], axis=1)
            todo = todo[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        return rows
    step = max(1, _CHUNK // size)
    everyone = np.arange(size, dtype=np.int32)
    for start in range(0, draws, step):
        count = min(step, draws - start)
        shuffled = random.permuted(np.tile(everyone, (count, 1)), axis=1)
        rows[start : start + count] = shuffled[:, :length]
    return rows


def _among_all(sums: Floats, length: NDArray[np.int64], observed: Floats) -> Floats:
    """Return two-sided p values of sums of ``length`` values among all draws of as many."""
    p = np.ones(len(observed))
    for one in np.unique(length):
        at = np.flatnonzero(length == one)
        high, low = _tails(sums[one], observed[at])
        p[at] = _two_sided(high, low, np.full(len(at), sums.shape[1]))
    return p


def _without_self(
    positions: NDArray[np.int32], sums: Floats, length: NDArray[np.int64], observed: Floats
) -> tuple[Floats, int]:
    """Return the same among draws that do not hold the area itself, and the fewest of these."""
    size, draws = len(observed), sums.shape[1]
    high = np.zeros(size, dtype=np.int64)
    low = np.zeros(size, dtype=np.int64)
    for one in np.unique(length):
        at = np.flatnonzero(length == one)
        high[at], low[at] = _tails(sums[one], observed[at])
    held = np.zeros(size, dtype=np.int64)
    for column in range(positions.shape[1]):
        # Draws whose next position is an area that asks for more than the ones before it.
        row = np.flatnonzero(length[positions[:, column]] > column)
        area = positions[row, column]
        drawn = sums[length[area], row]
        held += np.bincount(area, minlength=size)
        high -= np.bincount(area[drawn >= observed[area] - _TIE], minlength=size)
        low -= np.bincount(area[drawn <= observed[area] + _TIE], minlength=size)
    return _two_sided(high, low, draws - held), int((draws - held).min())


def _tails(drawn: Floats, observed: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count, for each observed sum, the draws at least and at most as high."""
    ordered = np.sort(drawn)
    high = len(ordered) - np.searchsorted(ordered, observed - _TIE, side="left")
    low = np.searchsorted(ordered, observed + _TIE, side="right")
    return high.astype(np.int64), low.astype(np.int64)


def _two_sided(high: NDArray[Any], low: NDArray[Any], draws: NDArray[Any]) -> Floats:
    p: Floats = np.minimum(1.0, 2.0 * (np.minimum(high, low) + 1.0) / (draws + 1.0))
    return p
