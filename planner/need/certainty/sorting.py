"""How are thousands of rankings of the same areas made quickly? Compiled loops over plain arrays.

Scores are put into order by counting their digits (a radix sort), which leaves equal ones in the
order they stand in: with areas sorted by code, ties go by code as in `planner.need.rank_areas`.
Loops release Python's global lock, so that callers spread blocks of draws over threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.cores import jit
from planner.need.aggregation import aggregate
from planner.need.ranking import TIE_DECIMALS
from planner.project.analysis import Aggregation

Floats = NDArray[np.float64]
Ranks = NDArray[np.unsignedinteger[Any]]
Keys = NDArray[np.uint64]
Places = NDArray[np.int32]
Counts = NDArray[np.int64]

_TICKS = 10.0**TIE_DECIMALS
#: Digits of so many bits, for many areas and for few: their counts stay in the fastest memory, and
#: setting them to zero takes no longer than sorting.
_WIDE, _NARROW, _MANY = 13, 8, 2_000
#: Values are told apart by one part in 2³⁹ of their range (two in 10¹²).
_STEPS = 39


def rank_type(areas: int) -> type[np.unsignedinteger[Any]]:
    """Return the smallest whole numbers that hold the ranks of so many areas."""
    return np.uint16 if areas < 2**16 else np.uint32


def rank_weighted(scores: Floats, weights: Floats, how: Aggregation) -> Ranks:
    """Rank areas by their domain scores, once for each set of weights.

    Parameters
    ----------
    scores
        Areas × domains, high = worse, areas sorted by code; NaN where nothing is known.
    weights
        Draws × domains, none negative.
    how
        As in `planner.need.aggregation.aggregate`, whose results are ranked.

    Returns
    -------
    ranks
        Draws × areas: 1 to N, each once; 1 = the highest score, scores equal to nine decimals by
        code, unknown ones last.

    Examples
    --------
    >>> scores = np.array([[1.0, 0.0], [3.0, 0.0], [np.nan, np.nan], [3.0, 0.0]])
    >>> rank_weighted(scores, np.array([[0.5, 0.5]]), "arithmetic").tolist()
    [[3, 1, 4, 2]]
    """
    areas = len(scores)
    ranks = np.empty((len(weights), areas), dtype=rank_type(areas))
    geometric = how == "geometric"
    columns = np.ascontiguousarray(np.log1p(scores.T) if geometric else scores.T)
    gaps = bool(np.isnan(columns).any())
    weights = np.ascontiguousarray(weights)
    bits = max(1, (areas - 1).bit_length())
    if not _rank_rows(columns, weights, geometric, gaps, 2.0 ** (62 - bits) / _TICKS, bits, ranks):
        found = np.round(aggregate(scores, weights, how).T, TIE_DECIMALS)
        order = np.argsort(-found, axis=1, kind="stable")
        places = np.arange(1, areas + 1, dtype=ranks.dtype)
        np.put_along_axis(ranks, order, places[None, :], axis=1)
    return ranks


def doubled_ranks(values: Floats, others: Floats) -> tuple[NDArray[np.int64], int]:
    """Rank values among themselves and some others, ties sharing the average of their ranks.

    Parameters
    ----------
    values
        One an area, high = worse; NaN unknown.
    others
        Known values that they are ranked among, too, in ascending order; may be empty.

    Returns
    -------
    doubled, known
        Twice the rank, so that averages of ties are whole: 2 = the highest, 0 where unknown; and
        how many known values there are in all.

    Examples
    --------
    >>> doubled, known = doubled_ranks(np.array([5.0, 7.0, 5.0]), np.array([6.0]))
    >>> doubled.tolist(), known
    ([7, 2, 7], 4)
    """
    doubled = np.empty(len(values), dtype=np.int64)
    bits = max(1, (len(values) - 1).bit_length())
    known = int(_doubled_rank_row(values, min(_STEPS, 64 - bits), bits, doubled))
    if len(others):
        above = len(others) - np.searchsorted(others, values, side="right")
        up_to = len(others) - np.searchsorted(others, values, side="left")
        doubled = np.where(doubled > 0, doubled + above + up_to, 0)
    return doubled, known + len(others)


def warm() -> None:
    """Compile every loop on a toy ranking, so that nobody waits for it later."""
    scores = np.array([[2.0, np.nan, 1.0]])
    for whole in (np.uint16, np.uint32):
        _rank_rows(scores, scores[:, :1], False, True, 1e9, 2, np.empty((1, 3), dtype=whole))
    doubled_ranks(scores[0], scores[0, :0])


def _sort_keys_loop(
    key: Keys, spare: Keys, counts: Places, known: int, lowest: int, bits: int
) -> Keys:
    """Sort the first ``known`` keys by ``bits`` of their bits from the ``lowest`` on."""
    wide = _WIDE if known >= _MANY else _NARROW
    digits, size = (bits + wide - 1) // wide, 1 << wide
    mask = np.uint64(size - 1)
    for digit in range(digits):
        for each in range(size):
            counts[digit, each] = 0
    for i in range(known):
        rest = key[i] >> np.uint64(lowest)
        for digit in range(digits):
            counts[digit, rest & mask] += 1
            rest >>= np.uint64(wide)
    for digit in range(digits):
        before = np.int32(0)
        alike = False
        for each in range(size):
            here = counts[digit, each]
            alike = alike or here == known
            counts[digit, each] = before
            before += here
        if alike:
            continue
        shift = np.uint64(lowest + digit * wide)
        row = counts[digit]
        for i in range(known):
            at = (key[i] >> shift) & mask
            to = row[at]
            row[at] = to + 1
            spare[to] = key[i]
        key, spare = spare, key
    return key


def _combine_loop(
    columns: Floats, weights: Floats, geometric: bool, gaps: bool, score: Floats, seen: Floats
) -> tuple[float, float]:
    """Fill in combined scores, NaN where nothing is known; return the lowest and the highest."""
    domains, areas = columns.shape
    score[:] = 0.0
    seen[:] = 0.0
    total = 0.0
    for domain in range(domains):
        weight = weights[domain]
        total += weight
        if gaps:
            for i in range(areas):
                if not np.isnan(columns[domain, i]):
                    score[i] += columns[domain, i] * weight
                    seen[i] += weight
        else:
            for i in range(areas):
                score[i] += columns[domain, i] * weight
    low, high = np.inf, -np.inf
    for i in range(areas):
        known_weight = seen[i] if gaps else total
        if known_weight > 0:
            mean = score[i] / known_weight
            score[i] = np.expm1(mean) if geometric else mean
            low = min(low, score[i])
            high = max(high, score[i])
        else:
            score[i] = np.nan
    return low, high


def _rank_rows_loop(
    columns: Floats,
    weights: Floats,
    geometric: bool,
    gaps: bool,
    most: float,
    bits: int,
    ranks: NDArray[Any],
) -> bool:
    """Fill ``ranks`` draw by draw, 1 = the highest; False where a score is beyond ``most``.

    A key is a score's distance from the highest in ticks, with the area's place in its last
    ``bits``, so that one array is sorted instead of two.
    """
    areas = columns.shape[1]
    key, spare = np.empty(areas, np.uint64), np.empty(areas, np.uint64)
    counts = np.empty((64 // _NARROW, 1 << _WIDE), np.int32)
    score, seen = np.empty(areas), np.empty(areas)
    mask = np.uint64((1 << bits) - 1)
    for draw in range(len(weights)):
        low, high = _combine(columns, weights[draw], geometric, gaps, score, seen)
        if high - low > most:
            return False
        known = 0
        if low <= high:
            top = np.rint(high * _TICKS)
            for i in range(areas):
                if score[i] == score[i]:
                    ticks = np.uint64(np.int64(top - np.rint(score[i] * _TICKS)))
                    key[known] = (ticks << np.uint64(bits)) | np.uint64(i)
                    known += 1
            width = 0
            while top - np.rint(low * _TICKS) >= 2.0**width:
                width += 1
            ordered = _sort_keys(key, spare, counts, known, bits, width)
            for i in range(known):
                ranks[draw, ordered[i] & mask] = i + 1
        last = known
        for i in range(areas if known < areas else 0):
            if score[i] != score[i]:
                last += 1
                ranks[draw, i] = last
    return True


def _doubled_rank_row_loop(values: Floats, steps: int, bits: int, doubled: Counts) -> int:
    """Fill in twice the average ranks, 2 = the highest value; return how many are known.

    Values are told apart by one part in two to the ``steps`` of their range.
    """
    areas = len(values)
    key, spare = np.empty(areas, np.uint64), np.empty(areas, np.uint64)
    counts = np.empty((64 // _NARROW, 1 << _WIDE), np.int32)
    mask = np.uint64((1 << bits) - 1)
    low, high = np.inf, -np.inf
    for value in values:
        if value == value:
            low = min(low, value)
            high = max(high, value)
    fine = 0.0
    if high > low:
        fine = (2.0**steps - 1.0) / (high - low)
    known = 0
    for i in range(areas):
        doubled[i] = 0
        if values[i] == values[i]:
            ticks = np.uint64(np.int64(np.rint((high - values[i]) * fine)))
            key[known] = (ticks << np.uint64(bits)) | np.uint64(i)
            known += 1
    ordered = _sort_keys(key, spare, counts, known, bits, steps)
    first = 0
    while first < known:
        ticks = ordered[first] >> np.uint64(bits)
        after = first + 1
        while after < known and ordered[after] >> np.uint64(bits) == ticks:
            after += 1
        for i in range(first, after):
            doubled[ordered[i] & mask] = first + 1 + after
        first = after
    return known


_sort_keys = jit(_sort_keys_loop)
_combine = jit(_combine_loop)
_rank_rows = jit(_rank_rows_loop)
_doubled_rank_row = jit(_doubled_rank_row_loop)
