"""By which way of getting about, and how long does it take to everything that matters?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.errors import TravelError
from planner.travel.times import Mode, TravelTimes, nearest

MODE_WORDS: Mapping[Mode, str] = {
    "walk": "on foot",
    "cycle": "by bicycle",
    "drive": "by car",
    "transit": "by public transport or on foot",
}
_TITLES: Mapping[Mode, str] = {
    "walk": "On foot",
    "cycle": "By bicycle",
    "drive": "By car",
    "transit": "By public transport",
}
MEDIAN = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class Way:
    """Journeys by one way of getting about: to services and, where there are jobs, to work.

    Parameters
    ----------
    times, job_times
        From the place's points to all venues, and to the places of work.
    nearest_of
        For sets of venues (sorted ids), what a search for the nearest of them at every minute
        found: on the points, ``minutes`` and ``status``. Where a set is not in it, the nearest
        is that of the percentiles of single venues, which is never sooner.
    """

    times: TravelTimes
    job_times: TravelTimes | None = None
    nearest_of: Mapping[tuple[str, ...], pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for found in self.nearest_of.values():
            if not found.index.equals(self.times.origins):
                raise TravelError("Nearest venues: not on the points that the times start at.")

    @property
    def mode(self) -> Mode:
        """Walking, cycling, driving or public transport."""
        return self.times.mode

    @property
    def percentile(self) -> int | None:
        """Which journey of the window; None for ways that take the same time at any minute."""
        return self.times.percentile

    @property
    def key(self) -> str:
        """Short name, as in the columns of files: ``walk``, ``transit``, ``transit85``."""
        return way_key(self.mode, self.percentile)

    @property
    def title(self) -> str:
        """A few words for a list to choose from."""
        title = _TITLES[self.mode]
        if self.percentile in (None, MEDIAN):
            return title
        return f"{title}, {self.percentile} times in 100"

    @property
    def words(self) -> str:
        """How people travel, and when they leave, in words."""
        words = MODE_WORDS[self.mode]
        if self.percentile is None:
            return words
        window = self.times.window or "the times that were searched"
        when = f"leaving at any minute of {window}"
        if self.percentile == MEDIAN:
            return f"{words}, {when}: half of the time it takes no longer"
        return f"{words}, {when}: {self.percentile} times in 100 it takes no longer"

    def nearest(self, venues: pd.Index) -> pd.DataFrame:
        """Return ``minutes`` and ``status`` of each point to the nearest of some venues."""
        found = self.nearest_of.get(tuple(sorted(venues)))
        return nearest(self.times, venues) if found is None else found


def way_key(mode: Mode, percentile: int | None) -> str:
    """Return the short name of a way: the median has the mode's own."""
    return mode if percentile in (None, MEDIAN) else f"{mode}{percentile}"


def key_of(mode: Mode, ways: Mapping[str, Way]) -> str:
    """Return the key of the way that stands for a mode: of several percentiles the first."""
    return mode if mode in ways else next(key for key, way in ways.items() if way.mode == mode)


def to_nearest(found: pd.DataFrame, percentile: int) -> pd.DataFrame:
    """Return one percentile of `planner.travel.transit.build_transit_nearest` as `Way` has it.

    A point from which the first percentile is reached, but not this one, is ``over_cutoff``.
    """
    minutes = found[f"minutes_p{percentile}"].to_numpy(dtype=np.float64)
    status = found["status"].to_numpy(dtype=object)
    lost = np.isnan(minutes)
    status = np.where((status == "reached") & lost, "over_cutoff", status)
    status = np.where(lost, status, "reached")
    return pd.DataFrame({"minutes": minutes, "status": status}, index=found.index)
