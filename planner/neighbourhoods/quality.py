"""How well do types of areas hold together, and how far apart are they?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from planner.neighbourhoods.methods import (
    MANY_AREAS,
    Fit,
    Floats,
    fit_range,
    fit_rough,
    one_thread,
    spread,
)
from planner.project.analysis import TypeMethod

#: Above this many areas the silhouette is taken on a sample: it compares every pair.
SILHOUETTE_SAMPLE = 5_000
#: Sets of areas without types that the gap statistic compares with.
REFERENCES = 10
#: Up to so many areas, so many starts of k-means in each of them.
_GAP_STARTS = ((500, 5), (MANY_AREAS, 3), (np.inf, 2))
_BLOCK = 500


def silhouettes(matrix: Floats, labels: Mapping[int, NDArray[Any]], seed: int) -> pd.Series:
    """Return the mean silhouette for each number of types; NaN where undefined.

    Parameters
    ----------
    matrix
        Rows × columns.
    labels
        Number of types → type of each row, from 0.
    seed
        Of the sample: above `SILHOUETTE_SAMPLE` rows, that many are drawn and compared with each
        other, the same ones for each number of types.

    Notes
    -----
    Rousseeuw (1987); a row alone in its type has 0.
    """
    rows = np.arange(len(matrix))
    if len(rows) > SILHOUETTE_SAMPLE:
        draw = np.random.default_rng([seed, len(rows)])
        rows = np.sort(draw.choice(rows, SILHOUETTE_SAMPLE, replace=False))
    data = matrix[rows]
    members = {k: _members(found[rows]) for k, found in labels.items()}
    defined = [k for k, one in members.items() if 2 <= one.shape[1] < len(rows)]
    found = pd.Series(np.nan, index=pd.Index(list(labels), name="k"), name="silhouette")
    if not defined:
        return found
    # One pass over the distances serves every number of types.
    every = np.hstack([members[k] for k in defined])

    def sums(start: int) -> Floats:
        return np.asarray(cdist(data[start : start + _BLOCK], data) @ every)

    total = np.vstack(spread(sums, range(0, len(data), _BLOCK), rows=len(matrix)))
    at = 0
    for k in defined:
        count = members[k].shape[1]
        found[k] = _mean_silhouette(total[:, at : at + count], members[k])
        at += count
    return found


def calinski_harabasz(matrix: Floats, fit: Fit) -> float:
    """Return the spread between types over that within, each by its degrees of freedom.

    Notes
    -----
    Caliński and Harabasz (1974); NaN where there is no spread within, or one type only.
    """
    n, k = len(matrix), int((fit.sizes > 0).sum())
    total = float(((matrix - matrix.mean(axis=0)) ** 2).sum())
    if not 2 <= k < n or fit.inertia <= 1e-12 * total:
        return float("nan")
    return (total - fit.inertia) / (k - 1) / (fit.inertia / (n - k))


def gap_statistic(
    matrix: Floats,
    method: TypeMethod,
    inertias: Mapping[int, float],
    seed: int,
    *,
    references: int = REFERENCES,
    graph: Any = None,
) -> pd.DataFrame:
    """Return how much tighter types are than in areas that have none.

    Parameters
    ----------
    matrix
        Rows × columns.
    inertias
        Number of types → sum of squared distances to the types' centres.
    references
        How many sets of areas without types are drawn.

    Returns
    -------
    gap
        Index ``k``, 1 and those given: ``gap`` (mean log inertia of the references less that of
        the areas) and ``gap_se`` (its standard error, with that of drawing few references).

    Notes
    -----
    Tibshirani, Walther and Hastie (2001). References are uniform over the box of the principal
    components, and grouped by the same method: k-means from 5 starts (3 above 500 areas, 2 above
    5,000), a mixture from 1, regions among the same neighbours. Few starts leave the references'
    inertia up to 1% above the best there is, so gaps are up to 0.01 too wide, for every k alike.
    """
    ks = sorted(k for k in inertias if k > 1)
    starts = next(starts for most, starts in _GAP_STARTS if len(matrix) <= most)
    centre = matrix.mean(axis=0)
    with one_thread():
        axes = np.linalg.svd(matrix - centre, full_matrices=False)[2]
        turned = (matrix - centre) @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)

    def draw(number: int) -> Floats:
        random = np.random.default_rng([seed, number])
        return np.asarray(random.uniform(low, high, size=turned.shape) @ axes)

    def group(number: int) -> list[float]:
        made = draw(number)
        whole = float(((made - made.mean(axis=0)) ** 2).sum())
        if method == "kmeans":
            return [whole] + [fit_rough(made, k, seed + number, starts).inertia_ for k in ks]
        fits = fit_range(made, method, ks, seed + number, starts=1, graph=graph)
        return [whole] + [fits[k].inertia for k in ks]

    made = np.array(spread(group, range(references), rows=len(matrix)))
    # With a type an area there is no spread, and no gap.
    logs = np.log(np.where(made > 0, made, np.nan))
    whole = float(((matrix - centre) ** 2).sum())
    own = np.log([whole] + [inertias[k] if inertias[k] > 0 else np.nan for k in ks])
    return pd.DataFrame(
        {
            "gap": logs.mean(axis=0) - own,
            "gap_se": logs.std(axis=0) * np.sqrt(1 + 1 / references),
        },
        index=pd.Index([1, *ks], name="k"),
    )


def _members(labels: NDArray[Any]) -> Floats:
    """Return rows × types present: 1 where the row is in the type."""
    _, at = np.unique(labels, return_inverse=True)
    return np.eye(at.max() + 1)[at]


def _mean_silhouette(sums: Floats, members: Floats) -> float:
    """Return the mean silhouette from each row's summed distance to each type."""
    sizes = members.sum(axis=0)
    own = members.astype(bool)
    size = members @ sizes
    within = sums[own] / np.maximum(size - 1, 1)
    nearest = np.where(own, np.inf, sums / sizes).min(axis=1)
    widest = np.maximum(within, nearest)
    value = np.divide(nearest - within, widest, out=np.zeros(len(sums)), where=widest > 0)
    return float(np.where(size > 1, value, 0.0).mean())


def smallest(fits: Mapping[int, Fit]) -> dict[int, int]:
    """Return the number of areas in the smallest type, for each number of types."""
    return {k: int(fit.sizes.min()) for k, fit in fits.items()}


def tabulate(
    matrix: Floats, fits: Mapping[int, Fit], gap: pd.DataFrame | None, seed: int
) -> pd.DataFrame:
    """Return every measure by number of types: see `planner.neighbourhoods.choosing`."""
    ks: Sequence[int] = sorted(fits)
    table = pd.DataFrame(index=pd.Index(ks, name="k"))
    table["inertia"] = [fits[k].inertia for k in ks]
    table["silhouette"] = silhouettes(matrix, {k: fits[k].labels for k in ks}, seed)
    table["calinski_harabasz"] = [calinski_harabasz(matrix, fits[k]) for k in ks]
    for column in ("gap", "gap_se"):
        table[column] = float("nan") if gap is None else gap[column].reindex(ks)
    table["bic"] = [fits[k].bic for k in ks]
    table["smallest"] = [smallest(fits)[k] for k in ks]
    return table
