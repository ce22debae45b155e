"""Who comes first, in which tenth, and how do official indices spread ranks into scores?"""

from __future__ import annotations

import numpy as np
import pandas as pd

#: Scale of the exponential transform shared by the four official indices: a full score is 100,
#: and the worst tenth of areas is spread over the upper half.
SCALE = 23.0
SPAN = 1.0 - np.exp(-100.0 / SCALE)

#: Scores that agree to this many decimals are tied; anything finer is floating-point noise.
TIE_DECIMALS = 9


def official_transform(rank: pd.Series, n: float | pd.Series) -> pd.Series:
    """Spread ranks exponentially over 0 to 100, as the four official indices do.

    Parameters
    ----------
    rank
        1 = greatest need; may hold averages of tied ranks; NaN stays NaN. A NumPy array will do
        as well.
    n
        How many areas were ranked.

    Returns
    -------
    score
        On the index of ``rank``: 100 at rank 1, 50 at about the end of the worst tenth.

    Notes
    -----
    ``X = −23 · ln(1 − R · (1 − e^(−100/23)))`` with ``R = (n − rank + 1) / n``: English Indices
    of Deprivation 2019, technical report, appendix F (MHCLG, 2019).

    Examples
    --------
    >>> official_transform(pd.Series([1.0, 101.0]), 1000).round(1).tolist()
    [100.0, 50.4]
    """
    share = (n - rank + 1.0) / n
    return -SCALE * np.log1p(-share * SPAN)


def rank_areas(score: pd.Series) -> pd.Series:
    """Rank scores 1 to N, 1 = the highest; ties go by code; unknown scores come last."""
    found = np.round(score.to_numpy(dtype="float64"), TIE_DECIMALS)
    codes = score.index.astype(str)
    # Areas by code first, so that a stable sort by score leaves ties in that order.
    by_code = np.arange(len(found)) if codes.is_monotonic_increasing else codes.argsort()
    order = by_code[np.argsort(-found[by_code], kind="stable")]
    ranks = np.empty(len(found), dtype="int64")
    ranks[order] = np.arange(1, len(found) + 1)
    return pd.Series(ranks, index=score.index)


def decile(rank: pd.Series, n: int) -> pd.Series:
    """Return the tenth a rank is in, 1 = the worst: ``ceil(10 · rank / n)``, in whole numbers."""
    return -(-10 * rank.astype("int64") // n)
