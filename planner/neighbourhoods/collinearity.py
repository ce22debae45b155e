"""Which layers say much the same, so that it counts more than once?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Correlations this far from 0, either way, are told.
CORRELATED = 0.9
#: Above this, layers together hold (nearly) what one of them says (Belsley, Kuh and Welsch, 1980).
ILL_CONDITIONED = 30.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Collinearity:
    """How far layers repeat each other.

    Parameters
    ----------
    layers
        Index layer: ``vif`` (variance inflation factor, 1 = nothing shared, infinite where the
        others say it all), ``closest`` (the layer it is most correlated with, "" for none) and
        ``r`` (that correlation).
    pairs
        ``first, second, r``: those of `CORRELATED` and above, strongest first.
    condition
        Condition number of the standardised layers: the root of the greatest over the smallest
        eigenvalue of their correlations.
    identical
        Groups of layers with the same standardised values.
    """

    layers: pd.DataFrame
    pairs: pd.DataFrame
    condition: float
    identical: tuple[tuple[str, ...], ...]


def build_collinearity(standardised: pd.DataFrame) -> Collinearity:
    """Return how far layers (columns, mean 0 and variance 1) repeat each other."""
    names = [str(name) for name in standardised.columns]
    z = standardised.to_numpy(dtype="float64")
    r = np.clip(z.T @ z / len(z), -1.0, 1.0)
    apart = np.abs(r - np.eye(len(names)))
    closest = apart.argmax(axis=1)
    alone = len(names) < 2
    table = pd.DataFrame(
        {
            "vif": [_inflation(z, at) for at in range(len(names))],
            "closest": ["" if alone else names[at] for at in closest],
            "r": [np.nan if alone else r[at, other] for at, other in enumerate(closest)],
        },
        index=pd.Index(names, name="layer"),
    )
    high = [
        (names[a], names[b], float(r[a, b]))
        for a in range(len(names))
        for b in range(a + 1, len(names))
        if abs(r[a, b]) >= CORRELATED
    ]
    pairs = pd.DataFrame(high, columns=["first", "second", "r"])
    pairs = pairs.sort_values("r", key=abs, ascending=False, kind="stable", ignore_index=True)
    values = np.linalg.eigvalsh(r)
    least = float(values[0])
    condition = float(np.sqrt(values[-1] / least)) if least > 1e-12 else float("inf")
    return Collinearity(
        layers=table, pairs=pairs, condition=condition, identical=_identical(standardised)
    )


def _inflation(z: np.ndarray, at: int) -> float:
    """Return 1 / (1 - R²) of one column by the others."""
    others = np.delete(z, at, axis=1)
    if not others.shape[1]:
        return 1.0
    fitted = others @ np.linalg.lstsq(others, z[:, at], rcond=None)[0]
    left = float(((z[:, at] - fitted) ** 2).sum() / (z[:, at] ** 2).sum())
    return 1.0 / left if left > 1e-12 else float("inf")


def _identical(standardised: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    groups: dict[bytes, list[str]] = {}
    for name in standardised.columns:
        groups.setdefault(standardised[name].to_numpy().tobytes(), []).append(str(name))
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
