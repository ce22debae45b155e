"""How are figures in different units put on one scale, high = worse?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.need.ranking import official_transform
from planner.project.analysis import Normalisation

Floats = NDArray[np.float64]

#: Decimals, of values up to 1, by which values must differ to be told apart; what is finer is
#: floating-point noise, and such values are tied.
NOISE_DECIMALS = 12
_NOISE = 10.0**-NOISE_DECIMALS


def normalise(
    values: Floats,
    reference: Floats,
    how: Normalisation,
    target: float | Floats | None = None,
) -> Floats:
    """Put values on the scale of a reference.

    Parameters
    ----------
    values
        Areas, or areas × domains; high = worse, NaN unknown.
    reference
        The same of all areas that values are compared with (as many columns). Those of ``values``
        are usually among them; one that is not takes the place between its neighbours.
    how
        ``official``: the average rank among the known areas of the reference, spread over 0 to
        100 by `planner.need.official_transform`; ``rank``: 100 · (N − rank + 1) / N; ``zscore``:
        distance from the mean in standard deviations (population); ``minmax``: 0 at the least and
        100 at the worst of the reference; ``target``: 0 at the target and better, 100 at the
        worst of the reference.
    target
        With ``how = "target"``: the value to reach, one for all columns or one a column, in the
        same direction as the values (high = worse).

    Returns
    -------
    scores
        In the shape of ``values``, high = worse; NaN where the value is unknown. A constant
        domain tells none apart: all get the middle rank, or 0 where values count.

    Notes
    -----
    OECD and European Commission Joint Research Centre, Handbook on Constructing Composite
    Indicators (2008), step 5; the official transform: see `planner.need.official_transform`.

    Examples
    --------
    >>> normalise(np.array([1.0, 3.0, 2.0]), np.array([1.0, 3.0, 2.0]), "minmax").tolist()
    [0.0, 100.0, 50.0]
    """
    if values.ndim == 1:
        return _normalise_one(values, reference, how, None if target is None else float(target))
    scores = np.empty(values.shape)
    targets: Any = np.broadcast_to(np.nan if target is None else target, values.shape[1])
    for column in range(values.shape[1]):
        scores[:, column] = _normalise_one(
            values[:, column], reference[:, column], how, float(targets[column])
        )
    return scores


def is_constant(values: Floats) -> bool:
    """Say whether known values differ by no more than floating-point noise."""
    known = values[~np.isnan(values)]
    if not len(known):
        return True
    return bool(known.max() - known.min() <= _NOISE * max(1.0, float(np.abs(known).max())))


def average_rank(values: Floats, reference: Floats) -> tuple[Floats, int]:
    """Return ranks among the known areas of the reference (1 = highest), and how many these are.

    Ties share the average of their ranks; values that differ by floating-point noise are tied.
    """
    known = reference[~np.isnan(reference)]
    count = len(known)
    if not count:
        return np.full(len(values), np.nan), 0
    size = float(np.abs(known).max())
    decimals = NOISE_DECIMALS - max(0, int(np.ceil(np.log10(size)))) if size > 0 else 0
    ordered = np.sort(np.round(known, decimals))
    rounded = np.round(values, decimals)
    below = np.searchsorted(ordered, rounded, side="left")
    up_to = np.searchsorted(ordered, rounded, side="right")
    rank = np.clip(count - up_to + (up_to - below + 1) / 2, 1.0, count)
    return np.where(np.isnan(values), np.nan, rank), count


def _normalise_one(
    values: Floats, reference: Floats, how: Normalisation, target: float | None
) -> Floats:
    known = reference[~np.isnan(reference)]
    if not len(known):
        return np.full(len(values), np.nan)
    scores: Floats
    if how == "target":
        if target is None or not np.isfinite(target):
            raise ValueError("normalise: a target is needed")
        scores = _to_target(values, known, target)
    else:
        scores = _HOW[how](values, known)
    return scores


def _official(values: Floats, known: Floats) -> Floats:
    rank, count = average_rank(values, known)
    spread: Any = official_transform(rank, float(count))
    return np.asarray(spread, dtype="float64")


def _rank(values: Floats, known: Floats) -> Floats:
    rank, count = average_rank(values, known)
    return 100.0 * (count - rank + 1.0) / count


def _zscore(values: Floats, known: Floats) -> Floats:
    if is_constant(known):
        return values * 0.0
    return np.asarray((values - known.mean()) / known.std(), dtype="float64")


def _minmax(values: Floats, known: Floats) -> Floats:
    if is_constant(known):
        return values * 0.0
    least, worst = known.min(), known.max()
    return np.asarray(100.0 * (values - least) / (worst - least), dtype="float64")


def _to_target(values: Floats, known: Floats, target: float) -> Floats:
    worst = float(known.max())
    if worst <= target:
        return values * 0.0
    return np.asarray(100.0 * np.maximum(values - target, 0.0) / (worst - target))


_HOW: dict[str, Callable[[Floats, Floats], Floats]] = {
    "official": _official,
    "rank": _rank,
    "zscore": _zscore,
    "minmax": _minmax,
}
