"""When do people leave or arrive, and how far do they walk and ride? `TransitSettings`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.errors import TravelError
from planner.travel.transit.timetable import HORIZON_SECONDS, Int64


@dataclass(frozen=True, kw_only=True)
class TransitSettings:
    """When people leave, or have to be there, and how far they walk.

    Parameters
    ----------
    date
        The day; that of the timetable.
    start_minute, end_minute
        Window in minutes after midnight: every minute from the first on, the last one not
        included.
    by
        What the minutes of the window are: ``departure``, of leaving; or ``arrival``, deadlines
        to be there by. A time then runs from the latest departure that is in time to the
        deadline, so being early counts as waiting does.
    percentiles
        Which journeys of the window to give, the quickest first: 50 is the median, 85 the
        journey that is no slower on 85 of 100 days of turning up at any minute.
    cutoff_minutes
        Longest journey, waiting included.
    access_minutes, egress_minutes, transfer_minutes
        Longest walk to the first stop, from the last one, and between two.
    direct_minutes
        Longest journey all on foot; None: as long as any journey.
    max_rides
        Most vehicles in one journey; None: any number.
    transfer_slack_minutes
        Least time between getting off and getting on, beside the walk, where the timetable does
        not state one.
    max_wait_minutes
        Longest wait at a stop for the next vehicle after a change, from when the walk and the
        slack are over; None: any. Waiting for the first vehicle does not count, because people
        leave home in time for it (so leaving later never arrives earlier), and staying on board
        is not waiting. With ``by="arrival"`` being early for the deadline does not count either.
        A walk to a stop further off can take the place of a wait, and does where that is within
        ``transfer_minutes``: where stops are close the two limits only bite together.
    wheelchair_only
        Use only vehicles and stops that are stated to be accessible.
    """

    date: dt.date
    start_minute: int = 600
    end_minute: int = 960
    percentiles: tuple[int, ...] = (50, 85)
    cutoff_minutes: float = 120.0
    access_minutes: float = 30.0
    egress_minutes: float = 30.0
    transfer_minutes: float = 20.0
    direct_minutes: float | None = None
    max_rides: int | None = None
    transfer_slack_minutes: float = 0.0
    max_wait_minutes: float | None = None
    wheelchair_only: bool = False
    by: Literal["departure", "arrival"] = "departure"

    def __post_init__(self) -> None:
        if not 0 <= self.start_minute < self.end_minute:
            raise TravelError("Public transport: the window ends before it begins.")
        if self.by == "arrival" and self.start_minute * 60 < self.cutoff_seconds:
            raise TravelError(
                "Public transport: the longest journey to the first deadline starts before 0:00.",
                hint="Begin the window later, or lower the longest journey.",
            )
        if self.last_second > HORIZON_SECONDS:
            raise TravelError(
                "Public transport: the window and the longest journey go past 30:00.",
                hint="End the window earlier, or lower the longest journey.",
            )
        if not self.percentiles or not all(0 < p <= 100 for p in self.percentiles):
            raise TravelError("Public transport: percentiles go from 1 to 100.")
        if self.max_rides is not None and not 1 <= self.max_rides <= 20:
            raise TravelError("Public transport: the most rides lie between 1 and 20.")
        if self.max_wait_minutes is not None and not self.max_wait_minutes >= 0:
            raise TravelError("Public transport: the longest wait is below zero.")
        least = (self.access_minutes, self.egress_minutes, self.transfer_minutes)
        if min(*least, self.transfer_slack_minutes) < 0 or not self.cutoff_minutes > 0:
            raise TravelError("Public transport: a longest walk or journey is below zero.")

    @property
    def window(self) -> str:
        """In words: ``Tue 10:00-16:00``, or ``Tue 09:00-10:00, time of arrival``."""
        ends = (f"{m // 60:02d}:{m % 60:02d}" for m in (self.start_minute, self.end_minute))
        words = f"{self.date:%a} {'-'.join(ends)}"
        return words if self.by == "departure" else f"{words}, time of arrival"

    @property
    def minutes(self) -> int:
        """Number of minutes in the window."""
        return self.end_minute - self.start_minute

    @property
    def cutoff_seconds(self) -> int:
        """Longest journey."""
        return int(np.floor(self.cutoff_minutes * 60 + 1e-6))

    @property
    def max_wait_seconds(self) -> int | None:
        """Longest wait after a change; None: any."""
        if self.max_wait_minutes is None:
            return None
        return int(np.floor(min(self.max_wait_minutes * 60, HORIZON_SECONDS) + 1e-6))

    @property
    def first_second(self) -> int:
        """When the first journey can begin."""
        back = self.cutoff_seconds if self.by == "arrival" else 0
        return self.start_minute * 60 - back

    @property
    def last_second(self) -> int:
        """When the last journey can end."""
        onward = self.cutoff_seconds if self.by == "departure" else 0
        return (self.end_minute - 1) * 60 + onward

    @property
    def direct(self) -> float:
        """Longest journey all on foot, in minutes."""
        if self.direct_minutes is None:
            return self.cutoff_minutes
        return min(self.direct_minutes, self.cutoff_minutes)

    @property
    def ranks(self) -> Int64:
        """Where the percentiles stand among the minutes of the window, the shortest at 0.

        Percentile p of n minutes is the shortest time that at least p n / 100 of them do not
        exceed (the inverse of the distribution; no two times are averaged).
        """
        share = np.array(self.percentiles) * self.minutes
        ranks: Int64 = np.maximum(-(-share // 100) - 1, 0).astype(np.int64)
        return ranks
