"""How do areas pass from one number of types to the next?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.neighbourhoods.methods import Fit, Ints, one_thread

#: Mean needs that agree to this many decimals are tied.
_TIE_DECIMALS = 9


def number_by_need(fit: Fit, codes: pd.Index, need_score: pd.Series) -> Ints:
    """Return the types of a fit (0 to k - 1) from the greatest mean need down.

    Parameters
    ----------
    fit
        Types of the areas ``codes``.
    need_score
        Area code → need, high = worse; unknown ones are left out of the mean. Types with equal
        need, or none known, stand in the order of their first code; those without need come last,
        and after them any without areas.
    """
    need = need_score.reindex(codes).to_numpy(dtype="float64")
    known = ~np.isnan(need)
    sums = np.bincount(fit.labels[known], weights=need[known], minlength=fit.k)
    counts = np.bincount(fit.labels[known], minlength=fit.k)
    mean = np.divide(sums, counts, out=np.full(fit.k, -np.inf), where=counts > 0)
    # Types are numbered by their first area, and areas stand in the order of their codes.
    return np.lexsort((np.arange(fit.k), -np.round(mean, _TIE_DECIMALS), fit.sizes == 0))


def first_component(matrix: pd.DataFrame, need_score: pd.Series) -> tuple[pd.Series, float]:
    """Return the direction areas differ most in: each area's place on it, and its share.

    Parameters
    ----------
    matrix
        Area × column.
    need_score
        Turns the direction so that greater need is further up.

    Returns
    -------
    scores
        Area code → first principal component, mean 0.
    share
        Of the variance.
    """
    values = matrix.to_numpy(dtype="float64")
    values = values - values.mean(axis=0)
    with one_thread():
        lengths, vectors = np.linalg.eigh(values.T @ values)
        axis = vectors[:, -1]
        scores = values @ axis
    need = need_score.reindex(matrix.index).to_numpy(dtype="float64")
    along = float(np.nansum(scores * (need - np.nanmean(need)))) if _any_known(need) else 0.0
    if abs(along) < 1e-9:
        along = float(axis[np.abs(axis.round(_TIE_DECIMALS)).argmax()])
    share = float(lengths[-1] / max(float(lengths.sum()), 1e-300))
    turned = scores if along > 0 else -scores
    return pd.Series(turned, index=matrix.index, name="first_component"), share


def build_clustergram(
    matrix: pd.DataFrame,
    fits: Mapping[int, Fit],
    need_score: pd.Series,
    population: pd.Series,
) -> pd.DataFrame:
    """Return where types lie and how areas pass from one number of types to the next.

    Parameters
    ----------
    matrix
        Area × column.
    fits
        Number of types → the types.
    need_score, population
        By area code.

    Returns
    -------
    clustergram
        One row for each type and each type of the next number of types that shares areas with it:
        ``k``, ``type`` (1 = greatest mean need), ``mean`` (of the areas' first principal
        component, greater need further up), ``areas``, ``population``, ``next_type``,
        ``next_mean``, ``shared_areas`` and ``shared_population`` (<NA> at the last number).
        Types of no area are left out.

    Notes
    -----
    Schonlau (2002), with the first principal component for the mean of all variables, so that
    layers that run against each other do not cancel out.
    """
    scores = first_component(matrix, need_score)[0].to_numpy()
    people = population.reindex(matrix.index).fillna(0.0).to_numpy(dtype="float64")
    ordered = {k: _ordered(fit, matrix.index, need_score) for k, fit in sorted(fits.items())}
    ks = list(ordered)
    rows = []
    for k, after in zip(ks, [*ks[1:], None], strict=True):
        size = _total(ordered[k], k)
        mean, many = _total(ordered[k], k, scores), _total(ordered[k], k, people)
        for one in np.flatnonzero(size):
            here = (k, one + 1, mean[one] / size[one], int(size[one]), many[one])
            if after is None:
                rows.append((*here, pd.NA, np.nan, pd.NA, np.nan))
                continue
            there = ordered[after]
            inside = ordered[k] == one
            shared = _total(there[inside], after)
            shared_people = _total(there[inside], after, people[inside])
            next_mean = _total(there, after, scores) / np.maximum(_total(there, after), 1)
            rows += [
                (*here, to + 1, next_mean[to], int(shared[to]), shared_people[to])
                for to in np.flatnonzero(shared)
            ]
    names = ["k", "type", "mean", "areas", "population"]
    names += ["next_type", "next_mean", "shared_areas", "shared_population"]
    table = pd.DataFrame(rows, columns=names)
    return table.astype({"next_type": "Int64", "shared_areas": "Int64"})


def _any_known(values: NDArray[np.float64]) -> bool:
    return bool((~np.isnan(values)).any())


def _ordered(fit: Fit, codes: pd.Index, need_score: pd.Series) -> Ints:
    return fit.renumbered(number_by_need(fit, codes, need_score)).labels


def _total(labels: Ints, k: int, values: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Return the sum of values by type; without values, how many there are."""
    return np.asarray(np.bincount(labels, weights=values, minlength=k), dtype="float64")
