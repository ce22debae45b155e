"""How long does each journey take, and where there is no time, why not?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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

#: Statuses of a journey from a point that is on the network.
CONNECTED: tuple[Status, ...] = ("reached", "over_cutoff", "unreachable")

#: Weights are shares such as thirds, whose sums miss a half by rounding alone.
_HALF_TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class TravelTimes:
    """Door to door times from origins to destinations, one strictly checked sparse table.

    Parameters
    ----------
    pairs
        Columns ``origin`` and ``destination`` (int32 positions in the two indexes below) and
        ``deciseconds`` (int32, at least 0), sorted by origin then destination, no pair twice. A
        stored 0 means *on the spot*; a pair that is absent was not reached within
        ``cutoff_minutes``.
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

    @cached_property
    def places(self) -> dict[str, int]:
        """Position of each destination by its id."""
        return {str(name): at for at, name in enumerate(self.destinations.tolist())}

    @cached_property
    def origin_words(self) -> NDArray[np.object_]:
        """What ``origin_status`` says, as an array."""
        return np.asarray(self.origin_status, dtype=object)

    @cached_property
    def marks(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Mark the destinations on the network, and those the map is about (`within_map`)."""
        status = self.destination_status.to_numpy(dtype=object)
        return np.asarray(status == "connected", dtype=bool), within_map(status)

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


def nearest(times: TravelTimes, destinations: pd.Index) -> pd.DataFrame:
    """Return each origin's way to the nearest of some destinations.

    Parameters
    ----------
    times
        Travel times.
    destinations
        Those of ``times`` that are asked for, in any order.

    Returns
    -------
    nearest
        On the origins: ``minutes`` (NaN unless reached), ``status`` (`Status`) and
        ``destination`` (its id, "" unless reached; the lower id of two at the same time). An
        origin that is not on the network keeps its own status; otherwise it is ``no_data`` where
        nothing is asked for or it all lies where nothing is mapped, ``over_cutoff`` where a
        destination is on its piece of the network but none within the cutoff, and
        ``unreachable`` where none is.

    Raises
    ------
    TravelError
        A destination is not in ``times``.
    """
    pairs = pairs_to(times, _asked(times, destinations))
    minutes, status, best = pairs.nearest()
    which = np.full(len(times.origins), "", dtype=object)
    found = best >= 0
    which[found] = times.destinations.to_numpy()[best[found]]
    return pd.DataFrame(
        {"minutes": minutes, "status": status, "destination": which}, index=times.origins
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class PairsTo:
    """The pairs of a table that lead to some of its destinations: positions and times.

    Made by `pairs_to`; ``asked`` marks the destinations, the rest is as in `TravelTimes.pairs`.
    """

    times: TravelTimes
    asked: NDArray[np.bool_]
    origin: NDArray[np.int32]
    destination: NDArray[np.int32]
    deciseconds: NDArray[np.int32]

    def nearest(self) -> tuple[NDArray[np.float64], NDArray[np.object_], NDArray[np.int64]]:
        """Return minutes, status and destination (−1: none) of each origin; see `nearest`."""
        times = self.times
        # One number for time and destination: the least is the nearest, the lower id first.
        size = np.int64(len(times.destinations))
        key = self.deciseconds * size + self.destination
        begin = np.flatnonzero(_starts(self.origin))
        best = np.minimum.reduceat(key, begin) if len(begin) else key
        minutes = np.full(len(times.origins), np.nan)
        which = np.full(len(times.origins), -1, dtype=np.int64)
        minutes[self.origin[begin]] = best // size / DECISECONDS_PER_MINUTE
        which[self.origin[begin]] = best % size

        own, (connected, mapped) = times.origin_words, times.marks
        pieces = times.destination_component.to_numpy()[connected & self.asked]
        within = np.isin(times.origin_component.to_numpy(), pieces)
        status = np.where(within, "over_cutoff", "unreachable").astype(object)
        if not bool(mapped[self.asked].any()):
            status[:] = "no_data"
        status[~np.isnan(minutes)] = "reached"
        return minutes, np.where(own == "connected", status, own), which

    def count_within(self, weights: NDArray[np.float64], minutes: float) -> NDArray[np.float64]:
        """Return the sum of the destinations' weights, by position; see `within_count`."""
        times = self.times
        if not 0 <= minutes <= times.cutoff_minutes:
            raise TravelError(
                f"Cannot count within {minutes:g} minutes: journeys were searched up to "
                f"{times.cutoff_minutes:g}.",
                hint="Raise the cutoff, or lower the threshold.",
            )
        if bool(np.isnan(weights).any()):
            raise TravelError("A destination has no number as its weight.")
        near = self.deciseconds <= np.floor(minutes * DECISECONDS_PER_MINUTE + 1e-6)
        amount = weights[self.destination[near]]
        sums = np.bincount(self.origin[near], amount, minlength=len(times.origins)).astype(float)
        sums[times.origin_words != "connected"] = np.nan
        return sums


def pairs_to(times: TravelTimes, asked: NDArray[np.bool_]) -> PairsTo:
    """Return the pairs that lead to the destinations marked, to look at them more than once."""
    among = np.flatnonzero(asked[times.pairs["destination"].to_numpy()])
    return PairsTo(
        times=times,
        asked=asked,
        origin=times.pairs["origin"].to_numpy()[among],
        destination=times.pairs["destination"].to_numpy()[among],
        deciseconds=times.pairs["deciseconds"].to_numpy()[among],
    )


def within_map(status: Any) -> NDArray[np.bool_]:
    """Say which places the map is about: streets lead there, or it shows that none does.

    Of others (``outside_extent``, ``no_data``) it is not known how far they are.
    """
    return np.isin(np.asarray(status, dtype=object), ("connected", "not_connected"))


def within_count(times: TravelTimes, weights: pd.Series, minutes: float) -> pd.Series:
    """Return, for each origin, the sum of destinations' weights within some minutes.

    Parameters
    ----------
    times
        Travel times.
    weights
        What each destination counts (jobs, places, or 1), on ids of ``times.destinations``;
        others count nothing.
    minutes
        Threshold; a destination at exactly this time counts.

    Returns
    -------
    sums
        Float on the origins, 0 where there is nothing within reach, and NaN for an origin that
        is not on the network: what it can reach is not known.

    Raises
    ------
    TravelError
        The threshold lies beyond the cutoff, so that the sum would be short; or a destination
        is not in ``times``, or has no number as its weight.
    """
    asked = _asked(times, weights.index)
    value = np.zeros(len(times.destinations))
    value[times.destinations.get_indexer(weights.index)] = weights.to_numpy(dtype=float)
    sums = pairs_to(times, asked).count_within(value, minutes)
    return pd.Series(sums, index=times.origins, name=f"within_{minutes:g}")


def area_median(
    minutes: pd.Series, status: pd.Series, area_code: pd.Series, weight: pd.Series
) -> pd.DataFrame:
    """Return each area's time out of those of its points: the weighted lower median.

    Parameters
    ----------
    minutes, status
        Of each point, as from `nearest`; a point that is not ``reached`` is infinitely far.
    area_code, weight
        Area of each point and its share of the area's people, on the same index.

    Returns
    -------
    areas
        On the sorted ``area_code``: ``minutes`` (NaN where the median is infinite: less than
        half of the weight is reached; exactly half is enough), ``status`` (``reached``, or the
        commonest by weight among the points that are not reached, ties in the order of
        `STATUSES`) and ``share_connected`` (weight of points that are on the network at all).
        Where nothing was asked for, every point is ``no_data`` and none counts as connected;
        take ``share_connected`` from another destination then.

    Raises
    ------
    TravelError
        A weight is missing or below zero, or those of an area are all zero.
    """
    for part in (status, area_code, weight):
        if not part.index.equals(minutes.index):
            raise TravelError("Median of points: the columns are not on one index.")
    shares = build_shares(area_code, weight)
    median, words, connected = shares.median(
        minutes.to_numpy(dtype=np.float64), status.to_numpy(dtype=object)
    )
    return pd.DataFrame(
        {"minutes": median, "status": words, "share_connected": connected}, index=shares.areas
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Shares:
    """Points of areas: each one's area (position in ``areas``) and share of that one's people."""

    areas: pd.Index
    area: NDArray[np.int64]
    share: NDArray[np.float64]

    def median(
        self, minutes: NDArray[np.float64], status: NDArray[np.object_]
    ) -> tuple[NDArray[np.float64], NDArray[np.object_], NDArray[np.float64]]:
        """Return minutes, status and share connected of each area; see `area_median`."""
        count, area, share = len(self.areas), self.area, self.share
        reached = status == "reached"
        point = np.flatnonzero(reached)
        point = point[np.lexsort((minutes[point], area[point]))]
        chosen = point[_median_rows(area[point], share[point])]
        median = np.full(count, np.nan)
        median[area[chosen]] = minutes[chosen]
        left = np.flatnonzero(~reached)
        words = _commonest(area[left], status[left], share[left], STATUSES, count)
        words[area[chosen]] = "reached"
        on = np.isin(status, CONNECTED)
        connected = np.bincount(area, weights=np.where(on, share, 0.0), minlength=count)
        return median, words, np.minimum(connected, 1.0)

    def repeat(self, times: int) -> Shares:
        """Return the same points over and over, each time of areas of their own (numbered)."""
        steps = np.repeat(np.arange(times) * len(self.areas), len(self.area))
        return Shares(
            areas=pd.RangeIndex(times * len(self.areas)),
            area=np.tile(self.area, times) + steps,
            share=np.tile(self.share, times),
        )


def build_shares(area_code: pd.Series, weight: pd.Series) -> Shares:
    """Return each point's area and its share of that area's weight; areas are sorted.

    Raises
    ------
    TravelError
        A weight is missing or below zero, or those of an area are all zero.
    """
    amount = weight.to_numpy(dtype=float)
    if not bool((np.isfinite(amount) & (amount >= 0)).all()):
        raise TravelError("A point's weight is missing or below zero.")
    area, areas = pd.factorize(area_code, sort=True)
    total = np.bincount(area, weights=amount, minlength=len(areas))
    if not bool((total > 0).all()):
        raise TravelError(f"The points of {areas[total <= 0][0]} have no weight.")
    return Shares(
        areas=pd.Index(areas, name="area_code"),
        area=area.astype(np.int64),
        share=amount / total[area],
    )


def to_areas(times: TravelTimes, points: pd.DataFrame) -> TravelTimes:
    """Return times from areas instead of their points: weighted lower medians for each pair.

    Parameters
    ----------
    times
        Times whose origins are points.
    points
        On point ids, at least all the origins: ``area_code`` and ``weight``.

    Returns
    -------
    times
        Origins are the areas of those points. A pair stands where points with at least half of
        the area's weight have a time. Status and component of an area are the commonest of its
        points (by weight; ties in the order of statuses, then the lower component), the
        component among points of that status.

    Raises
    ------
    TravelError
        An origin is not among the points, or weights are missing, below zero or all zero.
    """
    unknown = times.origins.difference(points.index)
    if len(unknown):
        raise TravelError(f"{len(unknown)} origins belong to no area (first: {unknown[0]}).")
    of = points.loc[times.origins]
    shares = build_shares(of["area_code"], of["weight"])
    areas, area, share = shares.areas, shares.area, shares.share
    point = times.pairs["origin"].to_numpy()
    destination = times.pairs["destination"].to_numpy().astype(np.int64)
    time = times.pairs["deciseconds"].to_numpy()
    pair = area[point] * len(times.destinations) + destination
    longest = int(time.max()) if len(time) else 0
    order = np.argsort(pair * (longest + 1) + time)
    chosen = order[_median_rows(pair[order], share[point[order]])]
    kinds = ("connected", "not_connected", "outside_extent", "no_data")
    status = _commonest(area, times.origin_status.to_numpy(), share, kinds, len(areas))
    labels = np.unique(times.origin_component.to_numpy())
    same = times.origin_status.to_numpy() == status[area]
    component = _commonest(
        area,
        times.origin_component.to_numpy(),
        np.where(same, share, 0.0),
        labels.tolist(),
        len(areas),
    )
    return replace(
        times,
        pairs=pd.DataFrame(
            {
                "origin": area[point[chosen]].astype(np.int32),
                "destination": destination[chosen].astype(np.int32),
                "deciseconds": time[chosen],
            }
        ),
        origins=areas,
        origin_status=pd.Series(status, index=areas),
        origin_component=pd.Series(component.astype(np.int64), index=areas),
    )


def _asked(times: TravelTimes, destinations: pd.Index) -> NDArray[np.bool_]:
    """Mark some destinations among those of the table."""
    at = times.destinations.get_indexer(destinations)
    if bool((at < 0).any()):
        unknown = destinations.difference(times.destinations)
        raise TravelError(f"No times to {len(unknown)} destinations (first: {unknown[0]}).")
    asked = np.zeros(len(times.destinations), dtype=bool)
    asked[at] = True
    return asked


def _starts(key: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the first row of each run of equal keys."""
    if len(key) == 0:
        return np.zeros(0, dtype=bool)
    return np.concatenate([[True], key[1:] != key[:-1]])


def _median_rows(key: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return, for each key, the first row by which its shares add up to a half; none if never.

    Rows are sorted by key, then by value.
    """
    starts = _starts(key)
    begin = np.flatnonzero(starts)
    run = np.cumsum(starts) - 1
    so_far = np.cumsum(share)
    before = (so_far - share)[begin]
    passed = np.flatnonzero(so_far - before[run] >= 0.5 - _HALF_TOLERANCE)
    return passed[_starts(run[passed])]


def _commonest(
    group: NDArray[np.int64],
    value: NDArray[Any],
    weight: NDArray[np.float64],
    values: Sequence[Any],
    groups: int,
) -> NDArray[Any]:
    """Return each group's value with the most weight; of equals, the first of ``values``."""
    total = np.column_stack(
        [
            np.bincount(group, weights=np.where(value == one, weight, 0.0), minlength=groups)
            for one in values
        ]
    )
    # Sums of the same shares in another order may differ in their last digit: not a difference.
    best = np.argmax(total >= total.max(axis=1, keepdims=True) - _HALF_TOLERANCE, axis=1)
    chosen: NDArray[Any] = np.asarray(values, dtype=object)[best]
    return chosen
