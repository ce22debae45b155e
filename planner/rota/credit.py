"""How much access does a service give that comes on some days only?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.errors import ProjectError
from planner.wording import say_many

#: How days of presence become credit.
CreditRule = Literal["chance", "share_of_days"]


@dataclass(frozen=True, kw_only=True)
class Credit:
    """What one, two or more days of presence at a place count, a permanent service being 1.

    Parameters
    ----------
    rule
        ``chance``: every day a week of presence suits a person with the same chance, whatever
        the other days do; credit is the chance that at least one suits. ``share_of_days``: days
        of presence over the days that a permanent service is open.
    chance_missed
        For ``chance``: share (0-1) of people whom one day a week does not suit.
    full_days_per_week
        For ``share_of_days``: days a week that a permanent service is open.

    Notes
    -----
    ``chance`` is the expected cover of M. S. Daskin (1983), A maximum expected covering location
    model, Transportation Science 17(1), where a further vehicle counts for what the others leave:
    a further day takes the vehicle's place. The chance itself is the planner's own assumption: no
    published figure says how many people a weekly session does not suit.
    """

    rule: CreditRule = "chance"
    chance_missed: float = 0.5
    full_days_per_week: float = 5.0

    def __post_init__(self) -> None:
        if not 0 < self.chance_missed < 1:
            raise ProjectError(
                f"Rota: the share of people missed by one day a week is {self.chance_missed:g}.",
                hint="Give a share between 0 and 1, such as 0.5.",
            )
        if not 0 < self.full_days_per_week <= 7:
            raise ProjectError(
                f"Rota: a permanent service is open {self.full_days_per_week:g} days a week.",
                hint="Give more than 0 and at most 7 days.",
            )

    def levels(self, days: int, weeks: int) -> NDArray[np.float64]:
        """Return the credit of 0, 1, ... ``days`` days of presence in a cycle of some weeks.

        Examples
        --------
        >>> [float(level) for level in Credit(chance_missed=0.5).levels(2, 1)]
        [0.0, 0.5, 0.75]
        """
        a_week = np.arange(days + 1) / weeks
        if self.rule == "share_of_days":
            return np.minimum(1.0, a_week / self.full_days_per_week)
        return np.asarray(1.0 - self.chance_missed**a_week)

    @property
    def words(self) -> str:
        """The rule in one sentence, with what is assumed."""
        if self.rule == "share_of_days":
            return (
                "A service that comes on some days counts as the share of the "
                f"{say_many_days(self.full_days_per_week)} a week that a permanent one would be "
                "open (the planner's own assumption)."
            )
        return (
            "A service that comes on some days counts as the chance that at least one of them "
            "suits a person, as in Daskin (1983); that one day a week does not suit "
            f"{self.chance_missed:.0%} of people is the planner's own assumption."
        )


def say_many_days(days: float) -> str:
    """Return a number of days that need not be whole."""
    return say_many(int(days), "day") if days == int(days) else f"{days:g} days"
