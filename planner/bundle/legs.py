"""How long is each leg of a trip: to a venue, on to the next one, and home?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.errors import TravelError
from planner.ledger import Note
from planner.travel.kernels import FAR, Int32, Int64
from planner.travel.times import DECISECONDS_PER_MINUTE, TravelTimes


@dataclass(frozen=True, kw_only=True, eq=False)
class Legs:
    """Times of every leg of a trip, by one way of getting about.

    Parameters
    ----------
    to
        From the points where people live to venues.
    between
        From venue to venue; origins and destinations are the same venues.
    back
        From venues to the points. None: the way back is taken to be as long as the way there,
        which timetables, hills and one-way streets belie; it is noted.
    """

    to: TravelTimes
    between: TravelTimes
    back: TravelTimes | None = None

    def __post_init__(self) -> None:
        if not self.between.origins.equals(self.between.destinations):
            raise TravelError("Times between venues must start at the venues they lead to.")
        if self.back is not None and not self.back.destinations.equals(self.to.origins):
            raise TravelError("The ways back do not end at the points the ways there start at.")

    @property
    def approximate(self) -> bool:
        """Whether a leg is not from a network."""
        return any(one.approximate for one in self._all)

    @property
    def indicative(self) -> bool:
        """Whether legs are of a timetable: each is timed by itself, the trip as a whole is not."""
        return any(one.mode == "transit" for one in self._all)

    @property
    def both_ways_cutoff(self) -> float:
        """Minutes up to which every round trip to one venue and home is sure to be known."""
        if self.back is None:
            return 2 * self.to.cutoff_minutes
        return min(self.to.cutoff_minutes, self.back.cutoff_minutes)

    @property
    def _all(self) -> list[TravelTimes]:
        return [one for one in (self.to, self.between, self.back) if one is not None]

    def check(self, points: pd.Index, venues: pd.Index) -> None:
        """Refuse times that lack a point or a venue.

        Raises
        ------
        TravelError
            Says how many are missing, and the first.
        """
        if not self.to.origins.equals(points):
            missing = points.difference(self.to.origins)
            more = f": {len(missing)} are missing, first {missing[0]}" if len(missing) else ""
            raise TravelError(f"Bundle: travel times do not start at the points given{more}.")
        known = [("to", self.to.destinations), ("between", self.between.origins)]
        if self.back is not None:
            known.append(("back from", self.back.origins))
        for word, index in known:
            missing = venues.difference(index)
            if len(missing):
                raise TravelError(
                    f"Bundle: there are no travel times {word} {len(missing)} of {len(venues)} "
                    f"venues (first: {missing[0]})."
                )

    def notes(self) -> tuple[Note, ...]:
        """Say what the legs rest on."""
        texts = []
        if self.back is None:
            text = "The way home is taken to be as long as the way there."
            texts.append(("bundle_way_back_as_long", text))
        if self.indicative:
            text = (
                "By timetable each leg is timed by itself over the whole window, so a trip of "
                "several legs is indicative until it is timed from end to end."
            )
            texts.append(("bundle_trip_indicative", text))
        modes = sorted({one.mode for one in self._all})
        if len(modes) > 1:
            text = f"Legs are by different ways of getting about ({', '.join(modes)})."
            texts.append(("bundle_legs_mixed", text))
        return tuple(Note(stage="bundle", what=what, count=1, text=text) for what, text in texts)


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Times between some points and some venues, at hand a block of points at a time."""

    read: Callable[[int, int], tuple[Int32, Int32]]
    between: Int32


def build_rows(legs: Legs, points: pd.Index, venues: pd.Index) -> Rows:
    """Prepare the rows of some points and venues (both sorted) for reading.

    Returns
    -------
    rows
        ``read(first, last)`` gives deciseconds (points, venues) there and back of a block of the
        points, `FAR` where there is no time; ``between`` those from venue to venue.
    """
    there = _Table(legs.to, points, venues, turned=False)
    home = there if legs.back is None else _Table(legs.back, points, venues, turned=True)

    def read(first: int, last: int) -> tuple[Int32, Int32]:
        to = there.block(first, last)
        return to, (to if home is there else home.block(first, last))

    return Rows(read=read, between=_Table(legs.between, venues, venues, turned=False).block())


def to_some(times: TravelTimes, origins: pd.Index) -> TravelTimes:
    """Return the same times from some of the origins (sorted) only."""
    place = _positions(times.origins, origins)[times.pairs["origin"].to_numpy()]
    pairs = times.pairs[place >= 0]
    return replace(
        times,
        pairs=pairs.assign(origin=place[place >= 0]),
        origins=origins,
        origin_status=times.origin_status.loc[origins],
        origin_component=times.origin_component.loc[origins],
    )


class _Table:
    """Part of a sparse table of times, by row."""

    def __init__(
        self, times: TravelTimes, rows: pd.Index, columns: pd.Index, *, turned: bool
    ) -> None:
        names = ("destination", "origin") if turned else ("origin", "destination")
        indexes = (
            (times.destinations, times.origins) if turned else (times.origins, times.destinations)
        )
        row, column = (
            _positions(known, asked)[times.pairs[name].to_numpy()]
            for name, known, asked in zip(names, indexes, (rows, columns), strict=True)
        )
        asked = (row >= 0) & (column >= 0)
        row, column = row[asked], column[asked]
        time = times.pairs["deciseconds"].to_numpy()[asked]
        if len(row) and bool((np.diff(row) < 0).any()):
            order = np.argsort(row, kind="stable")
            row, column, time = row[order], column[order], time[order]
        self.shape = (len(rows), len(columns))
        self.start = np.searchsorted(row, np.arange(len(rows) + 1))
        self.row, self.column, self.time = row, column, time.astype(np.int32)

    def block(self, first: int = 0, last: int | None = None) -> Int32:
        """Return the rows from first to last in full."""
        last = self.shape[0] if last is None else last
        found = np.full((last - first, self.shape[1]), FAR, np.int32)
        held = slice(self.start[first], self.start[last])
        found[self.row[held] - first, self.column[held]] = self.time[held]
        return found


def _positions(known: pd.Index, asked: pd.Index) -> Int32:
    """Return, for each known id, its position among those asked for; -1 where it is not."""
    return np.asarray(asked.get_indexer(known), dtype=np.int32)


def to_minutes(deciseconds: Int64) -> np.ndarray:
    """Return minutes, NaN where there is no way."""
    return np.where(deciseconds < FAR, deciseconds / DECISECONDS_PER_MINUTE, np.nan)


def to_deciseconds(minutes: float) -> int:
    """Return minutes as whole deciseconds."""
    return round(minutes * DECISECONDS_PER_MINUTE)
