"""What is drawn anew when it is asked whether a gap is still one, and what cannot be?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.access import BUNDLE, Access
from planner.compliance import Compliance
from planner.errors import DataError
from planner.gaps.judging import to_distance
from planner.project import GapSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Percentiles of a window's minutes that stand for a tenth of them each: leave at the minute that
#: suits best, or worst, or in between.
DEPARTURES = (5, 15, 25, 35, 45, 55, 65, 75, 85, 95)


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """Sets of assumptions, one a draw; drawn apart from each other.

    Parameters
    ----------
    factor
        What standards are multiplied by: one number for all kinds.
    slowness
        What minutes on foot are multiplied by: the speed as set ÷ the speed drawn.
    departure
        Which of the percentiles of leaving, from 0; the same for everybody.
    need
        Which draw of need.
    """

    factor: Floats
    slowness: Floats
    departure: Ints
    need: Ints

    @property
    def count(self) -> int:
        """How many draws there are."""
        return len(self.factor)


def draw_assumptions(
    settings: GapSettings, *, walk_kmh: float, departures: int, need_draws: int
) -> Draws:
    """Draw assumptions: each has random numbers of its own; the first of many are those of few.

    Parameters
    ----------
    settings
        How many draws, the seed, and the ranges, in which each number is as likely as any.
    walk_kmh
        The speed on foot as set.
    departures, need_draws
        How many percentiles of leaving there are, and how many draws of need.
    """
    factor, speed, leave = (np.random.default_rng([settings.seed, stream]) for stream in range(3))
    count = settings.draws
    return Draws(
        factor=factor.uniform(*settings.threshold_range, size=count),
        slowness=walk_kmh / speed.uniform(*settings.walk_kmh_range, size=count),
        departure=(leave.random(count) * max(departures, 1)).astype(np.int64),
        need=np.arange(count) % max(need_draws, 1),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Journey:
    """Minutes of every area to one kind by one way, as they stand and as they may be.

    Parameters
    ----------
    minutes
        On the areas: infinite not reached, NaN not known.
    by_departure
        Percentiles of leaving × areas; None where the time is the same at any minute, or where
        no other percentile was searched.
    on_foot
        Whether minutes go with the speed on foot.
    cutoff
        The longest journey searched, in minutes.
    """

    minutes: Floats
    by_departure: Floats | None
    on_foot: bool
    cutoff: float

    def of_draws(
        self, draws: Draws, first: int, last: int, *, speed: bool, departure: bool
    ) -> Floats:
        """Return minutes (draws × areas) from a first draw up to a last one, not included."""
        if departure and self.by_departure is not None:
            found = self.by_departure[draws.departure[first:last]]
        else:
            found = np.broadcast_to(self.minutes, (last - first, len(self.minutes)))
        if speed and self.on_foot:
            found = found * draws.slowness[first:last, None]
        return found


def build_journeys_of(
    compliance: Compliance,
    access: Access,
    departures: Mapping[str, Floats],
    cutoffs: Mapping[str, float],
    main: str,
) -> tuple[dict[str, Journey], dict[str, Journey]]:
    """Return journeys by kind: by each standard's own way, and by the way that gaps go by.

    Parameters
    ----------
    compliance
        Minutes by the way of each standard.
    access
        Access by the way that gaps go by; ``bundle`` is its slowest of the nearest.
    departures
        Minutes by public transport at each of the percentiles of leaving (percentiles × areas),
        all equally likely, by kind and for the bundle; empty where it was not searched for here.
    cutoffs, main
        Longest journey by key of way, and the key of the way that gaps go by.
    """
    if any(one.shape[1] != len(access.codes) for one in departures.values()):
        raise DataError("Gaps: minutes at other times of leaving are of other areas.")
    mode = str(access.table["mode"].iloc[0])
    leaving: Mapping[str, Floats] = {}
    if "transit" in {mode, *compliance.modes.values()}:
        leaving = departures
    own = {
        kind: Journey(
            minutes=_to_minutes(compliance.near(kind)),
            by_departure=leaving.get(kind) if compliance.modes[kind] == "transit" else None,
            on_foot=compliance.modes[kind] == "walk",
            cutoff=cutoffs.get(compliance.way(kind), np.inf),
        )
        for kind in compliance.kinds
    }
    by_main = {
        kind: Journey(
            minutes=_to_minutes(_near(access, kind)),
            by_departure=leaving.get(kind) if mode == "transit" else None,
            on_foot=mode == "walk",
            cutoff=cutoffs.get(main, np.inf),
        )
        for kind in [*access.kinds, BUNDLE]
    }
    return own, by_main


def _near(access: Access, kind: str) -> pd.DataFrame:
    if kind == BUNDLE:
        return access.wide("bundle_minutes_slowest")
    return access.wide("minutes_nearest", kind)


def _to_minutes(near: pd.DataFrame) -> Floats:
    found: Floats = to_distance(near).to_numpy(dtype=np.float64)
    return found
