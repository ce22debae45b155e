"""How many people have how much access, who loses it at another time, how does it go with need?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.access import NOT_KNOWN
from planner.need import decile
from planner.need.comparing.standing import quantile

NEAR, BEYOND, UNKNOWN = "near", "beyond", "not_known"
#: Fewer areas with a need rank than these make no tenths.
TENTHS = 10

TENTH_COLUMNS = ["tenth", "areas", "people", "people_not_known", "figure"]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How many people live in areas within a limit, beyond it, and where that is not known."""

    near: float
    beyond: float
    not_known: float

    @property
    def share(self) -> float:
        """People within the limit, of all; NaN where there are none."""
        whole = self.near + self.beyond + self.not_known
        return self.near / whole if whole > 0 else float("nan")


def judge_near(values: pd.DataFrame, minutes: float, *, searched: float = np.inf) -> pd.Series:
    """Return whether each area is within some minutes: ``near``, ``beyond`` or ``not_known``.

    Not reached (too far, or no way there) is beyond; what is not known is neither. Journeys
    longer than those ``searched``, in minutes, may be within a limit that is longer still: that
    is not known.
    """
    near = (values["status"] == "reached") & (values["value"] <= minutes)
    said = pd.Series(np.where(near, NEAR, BEYOND), index=values.index)
    far = (values["status"] == "over_cutoff") & (minutes > searched)
    return said.mask(values["status"].isin(NOT_KNOWN) | far, UNKNOWN)


def count_reach(near: pd.Series, people: pd.Series) -> Reach:
    """Count people by what `judge_near` says of their areas; no number of people counts as none."""
    counted = people.reindex(near.index).fillna(0.0).groupby(near).sum()
    return Reach(
        near=float(counted.get(NEAR, 0.0)),
        beyond=float(counted.get(BEYOND, 0.0)),
        not_known=float(counted.get(UNKNOWN, 0.0)),
    )


def share_reaching(
    values: pd.DataFrame, people: pd.Series, shares: Sequence[float], *, less_is_better: bool
) -> list[float]:
    """Return, for each share of people, what at least so many of them have, or better.

    Parameters
    ----------
    values
        ``value`` and ``status`` on the areas. What was looked for and not reached is infinitely
        far, and nothing where more is better; areas that are not known are left out.
    people
        Of each area.
    shares
        From 0 to 1.
    less_is_better
        True for minutes.

    Returns
    -------
    found
        In the measure's unit; infinite where so many people do not reach any.
    """
    known = ~values["status"].isin(NOT_KNOWN)
    sign, worst = (1.0, np.inf) if less_is_better else (-1.0, 0.0)
    value = values["value"].where(values["status"] == "reached", worst)[known]
    weight = people.reindex(value.index).fillna(0.0).to_numpy(dtype="float64")
    cost = sign * value.to_numpy(dtype="float64")
    return [sign * quantile(cost, weight, share) + 0.0 for share in shares]


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What becomes of areas at another time of the week, by code.

    ``none``: they reach one in the day, and none then; ``beyond``: within the limit in the day,
    beyond it then, though they reach one; ``unknown``: known in the day, not known then.
    """

    none: tuple[str, ...]
    beyond: tuple[str, ...]
    unknown: tuple[str, ...]


def find_lost(
    day: pd.DataFrame, then: pd.DataFrame, minutes: float, *, searched: float = np.inf
) -> Lost:
    """Return which areas lose access at another time of the week."""
    then = then.reindex(day.index)
    then = then.assign(status=then["status"].fillna("no_data"))
    reached = day["status"] == "reached"
    missing = then["status"].isin(NOT_KNOWN)
    none = reached & ~missing & (then["status"] != "reached")
    before = judge_near(day, minutes, searched=searched)
    after = judge_near(then, minutes, searched=searched)
    further = (before == NEAR) & (after == BEYOND) & ~none
    unknown = ~day["status"].isin(NOT_KNOWN) & missing
    return Lost(none=_codes(none), beyond=_codes(further), unknown=_codes(unknown))


def _codes(where: pd.Series) -> tuple[str, ...]:
    return tuple(str(code) for code in where.index[where.to_numpy(dtype=bool)])


def sum_by_tenth(
    figures: pd.Series, people: pd.Series, rank: pd.Series, score: pd.Series
) -> pd.DataFrame:
    """Return the mean of a figure over the people of each tenth of need.

    Parameters
    ----------
    figures
        On the areas, NaN where not known: 1 within a limit and 0 beyond, or an amount.
    people
        Of each area.
    rank, score
        Of need, 1 the greatest; areas without a score are in no tenth.

    Returns
    -------
    tenths
        Columns `TENTH_COLUMNS`, a row a tenth from the greatest need; ``areas`` and ``people``
        are those with a figure, ``figure`` is NaN where there are none. No rows where fewer than
        ten areas have a score.
    """
    known = score.reindex(figures.index).notna().to_numpy(dtype=bool)
    codes = figures.index[known]
    if len(codes) < TENTHS:
        return pd.DataFrame(columns=TENTH_COLUMNS)
    tenth = decile(rank.reindex(codes).rank(method="first"), len(codes))
    value = figures.reindex(codes).astype("float64")
    weight = people.reindex(codes).fillna(0.0).astype("float64")
    rows = []
    for number, members in value.groupby(tenth):
        told = members.notna()
        counted = weight[members.index]
        amount = float(counted[told].sum())
        mean = float((members[told] * counted[told]).sum()) / amount if amount > 0 else np.nan
        rows.append((int(number), int(told.sum()), amount, float(counted[~told].sum()), mean))
    return pd.DataFrame(rows, columns=TENTH_COLUMNS)
