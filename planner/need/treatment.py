"""Which layers are ruled by a few extreme areas, and what tames them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.need.normalisation import is_constant
from planner.project.analysis import Treatment

Floats = NDArray[np.float64]

#: Beyond both of these a layer is said to be ruled by outliers.
SKEW_LIMIT = 2.0
KURTOSIS_LIMIT = 3.5
#: At most so many values are pulled in; a layer that would need more is skewed through and
#: through, and pulling in a few would only hide it.
MOST_POINTS = 5
#: What is added to the least value before its logarithm is taken, as a share of the range.
_LOG_OFFSET = 0.01
_FEWEST = 4  # kurtosis is not defined for fewer

COLUMNS = [
    "skew_before",
    "kurtosis_before",
    "treatment",
    "points",
    "lower_limit",
    "upper_limit",
    "skew_after",
    "kurtosis_after",
]


@dataclass(frozen=True, kw_only=True)
class Treated:
    """What is done to the values of one layer; doing it never changes which of two is worse.

    ``how`` is ``none`` where the layer needs nothing, or where winsorising is not enough.
    ``points`` values were pulled in to ``lower`` or ``upper``. ``least`` and ``most`` are the
    range that logarithms are taken over, from its thin end: ``mirrored`` says that this is the
    low one.
    """

    how: Treatment = "none"
    points: int = 0
    lower: float = -np.inf
    upper: float = np.inf
    least: float = np.nan
    most: float = np.nan
    mirrored: bool = False

    def apply(self, values: Floats) -> Floats:
        """Return treated values in the same order; NaN stays NaN."""
        if self.how == "winsorise":
            return np.clip(values, self.lower, self.upper)
        if self.how == "log":
            inside = np.clip(values, self.least, self.most)
            offset = _LOG_OFFSET * (self.most - self.least)
            if self.mirrored:
                return -np.log(self.most - inside + offset)
            return np.log(inside - self.least + offset)
        return values


def moments(values: Floats) -> tuple[float, float]:
    """Return skewness and excess kurtosis of the known values; NaN for fewer than four.

    Notes
    -----
    Both are the sample-adjusted ones (G1 and G2 in Joanes and Gill, 1998), as spreadsheets give.
    """
    known = values[~np.isnan(values)]
    n = len(known)
    if n < _FEWEST:
        return np.nan, np.nan
    if is_constant(known):
        return 0.0, 0.0
    away = known - known.mean()
    square = float((away**2).mean())
    skew = float((away**3).mean()) / square**1.5
    kurtosis = float((away**4).mean()) / square**2 - 3.0
    adjusted = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * kurtosis + 6.0)
    return skew * np.sqrt(n * (n - 1)) / (n - 2), adjusted


def is_outlying(skew: float, kurtosis: float) -> bool:
    """Say whether a layer is beyond both limits."""
    return abs(skew) > SKEW_LIMIT and kurtosis > KURTOSIS_LIMIT


def fit_treatment(values: Floats, how: Treatment) -> Treated:
    """Find what the values of a layer need: nothing, a few of them pulled in, or logarithms.

    Parameters
    ----------
    values
        All areas that the layer is judged among; NaN unknown.
    how
        ``winsorise``: the most extreme value takes that of its neighbour, one after the other,
        until the layer is within the limits, five at most; where these are not enough the layer
        is left as it is. ``log``: logarithms, from the end where values crowd.

    Notes
    -----
    OECD and European Commission Joint Research Centre, Handbook on Constructing Composite
    Indicators (2008), and the Centre's later audits, which take |skewness| > 2 with
    kurtosis > 3.5 and up to five points; the logarithm is ln(x − min + 0.01 · (max − min)), as in
    the COIN Tool.
    """
    skew, kurtosis = moments(values)
    if how == "none" or not is_outlying(skew, kurtosis):
        return Treated()
    ordered = np.sort(values[~np.isnan(values)])
    if how == "log":
        return Treated(
            how="log",
            least=float(ordered[0]),
            most=float(ordered[-1]),
            mirrored=skew < 0,
        )
    pulled, low, high = ordered.copy(), 0, 0
    while low + high < MOST_POINTS and is_outlying(skew, kurtosis):
        if skew > 0:
            high += 1
            pulled[-high:] = ordered[-high - 1]
        else:
            low += 1
            pulled[:low] = ordered[low]
        skew, kurtosis = moments(pulled)
    if is_outlying(skew, kurtosis):
        return Treated()
    return Treated(
        how="winsorise",
        points=low + high,
        lower=float(ordered[low]) if low else -np.inf,
        upper=float(ordered[-high - 1]) if high else np.inf,
    )


def build_treatment(
    values: pd.DataFrame, how: Mapping[str, Treatment]
) -> tuple[pd.DataFrame, dict[str, Treated], pd.DataFrame]:
    """Treat layers, and say what they were like before and after.

    Parameters
    ----------
    values
        Areas × layers, NaN unknown.
    how
        Layer → what may be done to it.

    Returns
    -------
    treated, treatments, table
        The values; layer → `Treated`; one row a layer with the columns `COLUMNS`, limits NaN
        where there are none.
    """
    before_all = values.to_numpy(dtype="float64")
    after_all, treatments, rows = np.empty(before_all.shape), {}, {}
    for column, key in enumerate(values.columns):
        found = before_all[:, column]
        fitted = fit_treatment(found, how.get(str(key), "none"))
        after_all[:, column] = fitted.apply(found)
        treatments[str(key)] = fitted
        before = moments(found)
        after = before if fitted.how == "none" else moments(after_all[:, column])
        limits = [x if np.isfinite(x) else np.nan for x in (fitted.lower, fitted.upper)]
        rows[key] = [*before, fitted.how, fitted.points, *limits, *after]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
    table.index.name = "layer"
    treated = pd.DataFrame(after_all, index=values.index, columns=values.columns)
    return treated, treatments, table
