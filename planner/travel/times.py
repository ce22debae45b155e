"""How long does each journey take, and where there is no time, why not?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from planner.errors import TravelError
from planner.ledger import Note

Mode = Literal["walk", "cycle", "drive", "transit"]

#: What became of a journey. Only ``reached`` has minutes; the others are different things and
#: are never averaged away.
Status = Literal[
    "reached", "over_cutoff", "unreachable", "not_connected", "outside_extent", "no_data"
]
STATUSES: tuple[Status, ...] = (
    "reached",
    "over_cutoff",
    "unreachable",
    "not_connected",
    "outside_extent",
    "no_data",
)

STATUS_WORDS: dict[str, str] = {
    "reached": "reached",
    "over_cutoff": "further than the longest journey searched",
    "unreachable": "no route there at all",
    "not_connected": "home is too far from any mapped street",
    "outside_extent": "outside the mapped streets",
    "no_data": "no data",
}

DECISECONDS_PER_MINUTE = 600


@dataclass(frozen=True, kw_only=True, eq=False)
class TravelTimes:
    """Door to door times from origins to destinations, one strictly checked sparse table.

    Parameters
    ----------
    pairs
        Columns ``origin`` and ``destination`` (int32 positions in the two indexes below) and
        ``deciseconds`` (int32, at least 0), sorted by origin then destination, no pair twice. A
        stored 0 means *on the spot*; a pair that is absent was not reached within ``cutoff_minutes``.
    origins, destinations
        Sorted, unique string indexes.
    origin_status, destination_status
        On those indexes: ``connected``, ``not_connected``, ``outside_extent`` or ``no_data``:
        whether the point could be put on the network at all.
    origin_component, destination_component
        Integer label of the connected piece of the network the point is on (-1: none). A pair
        whose labels differ is ``unreachable``; with equal labels but no stored time,
        ``over_cutoff``.
    mode, window, percentile
        What was timed; ``window`` is "" and ``percentile`` None for walking.
    cutoff_minutes
        Longest journey searched.
    method
        In words, for captions and watermarks, for example ``street network`` or
        ``straight line × 1.3``.
    approximate
        True where times are not from a network: everything shown from them is watermarked.
    """

    pairs: pd.DataFrame
    origins: pd.Index
    destinations: pd.Index
    origin_status: pd.Series
    destination_status: pd.Series
    origin_component: pd.Series
    destination_component: pd.Series
    mode: Mode
    cutoff_minutes: float
    method: str
    window: str = ""
    percentile: int | None = None
    approximate: bool = False
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        for name, index in (("origins", self.origins), ("destinations", self.destinations)):
            if not index.is_unique or not index.is_monotonic_increasing:
                raise TravelError(f"Travel times: {name} must be unique and sorted.")
        for index, series in (
            (self.origins, self.origin_status),
            (self.origins, self.origin_component),
            (self.destinations, self.destination_status),
            (self.destinations, self.destination_component),
        ):
            if not series.index.equals(index):
                raise TravelError("Travel times: a status is not on its index.")
        origin = self.pairs["origin"].to_numpy()
        destination = self.pairs["destination"].to_numpy()
        if len(self.pairs):
            if origin.min() < 0 or origin.max() >= len(self.origins):
                raise TravelError("Travel times: an origin position is out of range.")
            if destination.min() < 0 or destination.max() >= len(self.destinations):
                raise TravelError("Travel times: a destination position is out of range.")
            if self.pairs["deciseconds"].min() < 0:
                raise TravelError("Travel times: a time is below zero.")
            key = origin.astype(np.int64) * len(self.destinations) + destination
            if not bool((np.diff(key) > 0).all()):
                raise TravelError("Travel times: pairs must be sorted and stand once each.")

    def to_frame(self) -> pd.DataFrame:
        """Return the long table ``origin, destination, minutes, mode, window, percentile``."""
        return pd.DataFrame(
            {
                "origin": self.origins.to_numpy()[self.pairs["origin"].to_numpy()],
                "destination": self.destinations.to_numpy()[self.pairs["destination"].to_numpy()],
                "minutes": self.pairs["deciseconds"].to_numpy() / DECISECONDS_PER_MINUTE,
                "mode": self.mode,
                "window": self.window,
                "percentile": pd.array([self.percentile] * len(self.pairs), dtype="Int64"),
            }
        )
