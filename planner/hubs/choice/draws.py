"""What is assumed in each draw?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import ProjectError
from planner.hubs.choice.plans import check_numbers
from planner.hubs.problem import Floats, SitingProblem
from planner.ledger import Note

Factor = Literal["need", "demand", "threshold", "travel"]
FACTORS: tuple[Factor, ...] = ("need", "demand", "threshold", "travel")
FACTOR_WORDS: dict[Factor, str] = {
    "need": "need weights",
    "demand": "demand",
    "threshold": "the minutes within which people are covered",
    "travel": "travel times",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class SitingDraws:
    """What is assumed in each draw; what is None stays as stated.

    Parameters
    ----------
    count
        How many draws there are.
    need
        Draws × areas: need percentile, so that demand is people × need.
    demand
        Draws × areas: factors of demand.
    within_minutes
        (draws,) minutes within which people are covered.
    minutes
        Other travel times, on the problem's areas and sites, NaN where there is no way.
    travel
        (draws,) which travel times hold: 0 the stated ones, 1 the first of ``minutes``, ....
    notes
        What there is to say of them.
    """

    count: int
    need: Floats | None = None
    demand: Floats | None = None
    within_minutes: Floats | None = None
    minutes: tuple[pd.DataFrame, ...] = ()
    travel: NDArray[np.int64] | None = None
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        for name in ("need", "demand", "within_minutes", "travel"):
            values = getattr(self, name)
            if values is None:
                continue
            if len(values) != self.count:
                raise ProjectError(
                    f"Hubs: there are {self.count} draws, but {len(values)} of {name}."
                )
            if not (np.isfinite(values).all() and (values >= 0).all()):
                raise ProjectError(f"Hubs: a drawn {name} is negative or not a number.")
        if self.travel is not None and self.count and self.travel.max() > len(self.minutes):
            raise ProjectError("Hubs: a draw names travel times that are not there.")

    @property
    def factors(self) -> tuple[Factor, ...]:
        """What varies."""
        given = (self.need, self.demand, self.within_minutes, self.travel)
        return tuple(f for f, values in zip(FACTORS, given, strict=True) if values is not None)

    def only(self, factor: Factor) -> SitingDraws:
        """Return the draws with all else as stated."""
        return replace(
            self,
            need=self.need if factor == "need" else None,
            demand=self.demand if factor == "demand" else None,
            within_minutes=self.within_minutes if factor == "threshold" else None,
            travel=self.travel if factor == "travel" else None,
        )


def build_siting_draws(
    problem: SitingProblem,
    count: int,
    *,
    need: Floats | None = None,
    demand_spread: float = 0.0,
    thresholds: Sequence[float] = (),
    minutes: Sequence[pd.DataFrame] = (),
    seed: int = 0,
) -> SitingDraws:
    """Draw what is assumed, each apart from the others.

    Parameters
    ----------
    problem
        Areas and sites.
    count
        Draws; fewer where ``need`` has fewer.
    need
        Draws × the problem's areas: need percentiles, taken in their order.
    demand_spread
        Every area's demand is multiplied by a number between 1 less and 1 plus this.
    thresholds
        Minutes within which people are covered, any of them as likely.
    minutes
        Other travel times; they and the stated ones are as likely.
    seed
        Of the draws; the first draws of many are those of few.

    Raises
    ------
    ProjectError
        A table does not fit the problem, or a number cannot be.
    """
    check_numbers(draws=count, demand_spread=demand_spread)
    if demand_spread > 1:
        raise ProjectError(
            f"Hubs: demand cannot vary by {demand_spread:.0%}.", hint="Give a share of at most 1."
        )
    for frame in minutes:
        if not (
            frame.index.equals(problem.minutes.index)
            and frame.columns.equals(problem.minutes.columns)
        ):
            raise ProjectError("Hubs: other travel times must be on the same areas and sites.")
    areas = len(problem.minutes)
    notes: tuple[Note, ...] = ()
    if need is not None:
        need = np.asarray(need, dtype=np.float64)
        if need.ndim != 2 or need.shape[1] != areas:
            raise ProjectError("Hubs: drawn needs must be draws × the areas of the problem.")
        if len(need) < count:
            text = f"{count} draws are asked for, but need has {len(need)}: so many are made."
            notes = (Note(stage="hubs", what="fewer_draws", count=len(need), text=text),)
            count = len(need)
    # A generator of its own for each, so that one more factor leaves the others as they are.
    by_demand, by_threshold, by_travel = (
        np.random.default_rng([seed, number]) for number in range(3)
    )
    spread = by_demand.uniform(1 - demand_spread, 1 + demand_spread, (count, areas))
    return SitingDraws(
        count=count,
        need=None if need is None else need[:count],
        demand=spread if demand_spread > 0 else None,
        within_minutes=by_threshold.choice(np.asarray(thresholds, dtype=np.float64), count)
        if len(thresholds)
        else None,
        minutes=tuple(minutes),
        travel=by_travel.integers(0, len(minutes) + 1, count) if len(minutes) else None,
        notes=notes,
    )
