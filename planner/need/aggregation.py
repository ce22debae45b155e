"""How do the domains' scores become one, and how much of it is due to each?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.errors import DataError
from planner.project.analysis import Aggregation

Floats = NDArray[np.float64]


def aggregate(scores: Floats, weights: Floats, how: Aggregation) -> Floats:
    """Combine domain scores by weight; where some are unknown the known weights are scaled up.

    Parameters
    ----------
    scores
        Areas × domains, high = worse, NaN unknown. None below zero for ``geometric``.
    weights
        Domains, or draws × domains; none negative, any total.
    how
        ``arithmetic``: Σ w x / Σ w; ``geometric``: exp(Σ w ln(x + 1) / Σ w) − 1, by which a high
        score in one domain makes up less for low ones elsewhere.

    Returns
    -------
    combined
        Areas, or areas × draws; NaN where no weighted domain is known.

    Raises
    ------
    DataError
        A geometric mean of scores below zero is asked for.

    Notes
    -----
    OECD and European Commission Joint Research Centre, Handbook on Constructing Composite
    Indicators (2008), step 6. 1 is added because the lowest score may be 0.

    Examples
    --------
    >>> aggregate(np.array([[3.0, 15.0]]), np.array([1.0, 1.0]), "geometric").round(9).tolist()
    [7.0]
    """
    seen = _check(_to_scale(scores, how))
    unknown = np.isnan(seen)
    if not unknown.any():
        total = weights.sum(axis=-1)
        mean = _weigh(seen, weights) / np.where(total > 0, total, np.nan)
    else:
        known = _weigh((~unknown).astype("float64"), weights)
        mean = _weigh(np.where(unknown, 0.0, seen), weights) / np.where(known > 0, known, np.nan)
    return np.expm1(mean) if how == "geometric" else mean


def decompose(scores: Floats, weights: Floats, how: Aggregation) -> Floats:
    """Split each area's combined score into what each domain adds.

    Parameters
    ----------
    scores, weights, how
        As in `aggregate`; ``weights`` is one set, domains only.

    Returns
    -------
    parts
        Areas × domains; each row adds up to `aggregate`. NaN where a domain is unknown.

    Notes
    -----
    Arithmetic: w x / Σ w. Geometric: L(G, 1) · w ln(x + 1) / Σ w with G = score + 1 and L the
    logarithmic mean, the additive form of the logarithmic mean Divisia index, which leaves no
    residual: Ang (2004), Energy Policy 32, 1131-1139.
    """
    seen = _check(_to_scale(scores, how))
    known = np.where(np.isnan(seen), 0.0, 1.0) @ weights
    shares = seen * weights / np.where(known > 0, known, np.nan)[:, None]
    if how == "arithmetic":
        return shares
    log_mean = np.nansum(shares, axis=1)  # ln G
    ratio = np.ones(len(log_mean))
    np.divide(np.expm1(log_mean), log_mean, out=ratio, where=log_mean > 0)
    return shares * ratio[:, None]


def _to_scale(scores: Floats, how: Aggregation) -> Floats:
    """Return what is averaged: the scores, or their logarithms."""
    if how == "arithmetic":
        return scores
    if scores.size and bool((scores < 0).any()):
        raise DataError(
            "A geometric mean cannot be taken of scores below zero.",
            hint='Use [need] normalisation = "official", "rank" or "minmax" with it.',
        )
    return np.log1p(scores)


def _check(scores: Floats) -> Floats:
    if scores.ndim != 2:
        raise ValueError("aggregate: scores must be areas by domains")
    return scores


def _weigh(scores: Floats, weights: Floats) -> Floats:
    """Return Σ w x; for one set of weights in a way that no area's place in the table matters."""
    if weights.ndim == 2:
        return scores @ weights.T
    total = np.zeros(len(scores))
    for column, weight in enumerate(weights):
        total += scores[:, column] * weight
    return total
