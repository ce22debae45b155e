"""How does a layer's value become a figure that can be set beside those of other layers?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from planner.errors import DataError, ProjectError
from planner.project.analysis import Transform

Floats = NDArray[np.float64]

#: Standardised values are rounded to this many decimals, so that the same layer in other units
#: (a share in per cent) gives the same figures to the last bit.
DECIMALS = 9


@dataclass(frozen=True, kw_only=True, eq=False)
class Scale:
    """How the values of one layer are transformed and standardised.

    Parameters
    ----------
    layer
        Its id.
    transform
        What is done first.
    offset
        Added before the logarithm: half of the smallest value above zero where there are zeros.
    power
        Of Yeo and Johnson's transformation, which is of ``(value - middle) / spread``.
    middle, spread
        Mean and standard deviation of the values as they are.
    positions
        The sorted values that ranks are among.
    mean, sd
        Of the transformed values; what comes out has mean 0 and standard deviation 1.
    """

    layer: str
    transform: Transform
    offset: float = 0.0
    power: float = 1.0
    middle: float
    spread: float
    positions: Floats = field(default_factory=lambda: np.empty(0))
    mean: float = 0.0
    sd: float = 1.0

    def apply(self, values: pd.Series) -> Floats:
        """Return values in standard deviations from the mean; missing stays missing.

        Raises
        ------
        DataError
            A value has no logarithm.
        """
        z = (self._transformed(values) - self.mean) / self.sd
        return np.asarray(np.round(z, DECIMALS) + 0.0)

    @property
    def words(self) -> str:
        """Say what is done, for a codebook."""
        if self.transform == "log":
            inner = f"value + {self.offset:.4g}" if self.offset else "value"
            return f"natural logarithm of the {inner}, standardised"
        if self.transform == "yeo_johnson":
            return f"standardised, Yeo–Johnson with power {self.power:.4f}, standardised again"
        if self.transform == "rank":
            return "position among the place's areas (0 to 1, ties in the middle), standardised"
        return "standardised"

    def _transformed(self, values: pd.Series) -> Floats:
        raw = values.to_numpy(dtype="float64")
        if self.transform == "log":
            wrong = raw + self.offset <= 0
            if bool(wrong.any()):
                raise DataError(
                    f"{self.layer} is {raw[wrong][0]:g} in {values.index[wrong][0]}, which has no "
                    "logarithm as it is taken for the types."
                )
            return np.asarray(np.log(raw + self.offset))
        if self.transform == "yeo_johnson":
            # Of the standardised value: of the value itself it would depend on the unit.
            even = np.round((raw - self.middle) / self.spread, DECIMALS)
            found = np.full(len(raw), np.nan)
            known = ~np.isnan(raw)
            found[known] = stats.yeojohnson(even[known], lmbda=self.power)
            return found
        if self.transform == "rank":
            below = np.searchsorted(self.positions, raw, side="left")
            upto = np.searchsorted(self.positions, raw, side="right")
            shares = (below + upto) / (2.0 * len(self.positions))
            return np.where(np.isnan(raw), np.nan, shares)
        return np.asarray(raw)


def fit_scale(values: pd.Series, transform: Transform) -> Scale:
    """Return how a layer (area → value, complete and not constant) is transformed.

    Raises
    ------
    ProjectError
        The logarithm of values below zero is asked for.

    Notes
    -----
    Yeo and Johnson (2000), the power of greatest likelihood, rounded to four decimals. Where there
    are zeros, the logarithm is of the value plus half of the smallest value above zero, so that it
    does not depend on the unit.
    """
    layer = str(values.name)
    raw = values.to_numpy(dtype="float64")
    middle, spread = float(raw.mean()), float(raw.std())
    offset, power, positions = 0.0, 1.0, np.empty(0)
    if transform == "log":
        offset = _log_offset(values)
    elif transform == "yeo_johnson":
        power = _power(np.round((raw - middle) / spread, DECIMALS), layer)
    elif transform == "rank":
        positions = np.sort(raw)
    scale = Scale(
        layer=layer,
        transform=transform,
        offset=offset,
        power=power,
        middle=middle,
        spread=spread,
        positions=positions,
    )
    moved = scale._transformed(values)
    if is_constant(moved):
        raise ProjectError(
            f"[neighbourhoods] transforms: {layer} no longer varies once it is transformed "
            f"({transform}).",
            hint='Use "rank" for it, or "none".',
        )
    return replace(scale, mean=float(moved.mean()), sd=float(moved.std()))


def is_constant(values: Floats) -> bool:
    """Return whether all values are the same but for rounding, in whatever unit."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())


def _log_offset(values: pd.Series) -> float:
    below = values[values < 0]
    if len(below):
        raise ProjectError(
            f"[neighbourhoods] transforms: {values.name} has no logarithm in {len(below)} of "
            f"{len(values)} areas, where it is below zero (first {below.index[0]}: "
            f"{below.iloc[0]:g}).",
            hint=f'Write transforms = {{ {values.name} = "yeo_johnson" }}, which does the same '
            "for values on both sides of zero.",
        )
    return float(values[values > 0].min()) / 2 if bool((values == 0).any()) else 0.0


def _power(even: Floats, layer: str) -> float:
    power = float(stats.yeojohnson_normmax(even))
    if not np.isfinite(power):
        raise ProjectError(
            f"[neighbourhoods] transforms: no power of Yeo and Johnson's brings {layer} nearer to "
            "a normal distribution.",
            hint='Use "rank" for it, or "none".',
        )
    return round(power, 4)
