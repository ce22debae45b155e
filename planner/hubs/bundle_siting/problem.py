"""Which services are where today, which may move, and what could be placed besides?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.bundle.round_trips import MOST_KINDS
from planner.errors import ProjectError
from planner.hubs.problem import Floats, Places, SitingProblem
from planner.ledger import Note

PRESENCE_COLUMNS = ["venue_id", "kind", "partner", "may_move"]
SPARE_COLUMNS = ["kind", "partner", "sessions"]

Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class BundleProblem:
    """Areas, venues, the services of a bundle, and what partners can place.

    Parameters
    ----------
    siting
        Areas and all venues that matter, with the minutes to them. Its statuses are about hubs:
        in an ``existing`` or ``forced`` venue further services may be placed, in a ``candidate``
        once it is opened, in a ``closed`` one never. Services that are in a venue today are there
        whatever its status is.
    kinds
        The bundle, sorted.
    presences
        Services today on ``offer_id``: ``venue_id``, ``kind``, ``partner`` and ``may_move``
        (it may leave its venue for another one).
    spare
        Further sessions that partners can place: ``kind``, ``partner``, ``sessions`` (a number;
        each is one kind in one venue).
    rooms
        Of each venue, how many kinds of the bundle it can hold; NaN without limit. What is there
        today may stay even where there are fewer rooms.
    near
        Venue × venue: does the second belong to the place about the first? None: each by itself.
    between
        Minutes from venue (row) to venue, NaN where there is no way; None where trips are not
        looked at.
    back
        Minutes from venues home, areas × venues as ``siting.minutes``; None: as long as the ways
        there.
    trip_penalty_minutes
        What an area pays that has no trip for the whole bundle, or none shorter than this.
    stop_minutes
        Spent at each venue that is entered on a trip, beside the time with the services.

    Raises
    ------
    ProjectError
        A table does not fit the others, or holds something that cannot be.
    """

    siting: SitingProblem
    kinds: tuple[str, ...]
    presences: pd.DataFrame
    spare: pd.DataFrame
    rooms: pd.Series
    near: pd.DataFrame | None = None
    between: pd.DataFrame | None = None
    back: pd.DataFrame | None = None
    trip_penalty_minutes: float = 240.0
    stop_minutes: float = 0.0
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.kinds) != sorted(set(self.kinds)) or not self.kinds:
            raise ProjectError("Bundle siting: kinds must be sorted, each once, and at least one.")
        if len(self.kinds) > MOST_KINDS:
            raise ProjectError(
                f"Bundle siting: {len(self.kinds)} kinds; it can be done for {MOST_KINDS}.",
                hint="Leave out those that few people are sent to.",
            )
        _check_presences(self)
        _check_spare(self)
        if not self.rooms.index.equals(self.venues) or bool((self.rooms < 0).any()):
            raise ProjectError("Bundle siting: rooms must be on the venues, and not below 0.")
        for name in ("near", "between"):
            table = getattr(self, name)
            if table is not None and not (
                table.index.equals(self.venues) and table.columns.equals(self.venues)
            ):
                raise ProjectError(f"Bundle siting: the table '{name}' must be venue × venue.")
        minutes = self.siting.minutes
        if self.back is not None and not (
            self.back.index.equals(minutes.index) and self.back.columns.equals(minutes.columns)
        ):
            raise ProjectError("Bundle siting: ways back must be on the areas and venues.")
        for name in ("trip_penalty_minutes", "stop_minutes"):
            if not 0 <= getattr(self, name) < np.inf:
                raise ProjectError(f"Bundle siting: {name} must be a number of at least 0.")

    @property
    def venues(self) -> pd.Index:
        """All venues, sorted."""
        return self.siting.sites.index

    def place_of(self, kinds: pd.Series) -> Places:
        """Return the number of each kind."""
        numbers: Places = pd.Index(self.kinds).get_indexer(kinds).astype(np.int64)
        return numbers

    @property
    def today(self) -> NDArray[np.int64]:
        """How many presences of each kind (column) each venue (row) has today."""
        return self._count(self.presences)

    @property
    def movable(self) -> NDArray[np.int64]:
        """How many of today's presences may leave."""
        return self._count(self.presences[self.presences["may_move"].astype(bool)])

    @property
    def spare_of_kinds(self) -> NDArray[np.int64]:
        """How many further sessions there are of each kind, whoever gives them."""
        found = np.zeros(len(self.kinds), np.int64)
        np.add.at(found, self.place_of(self.spare["kind"]), self.spare["sessions"].to_numpy(int))
        return found

    @property
    def about(self) -> Bools:
        """Venue × venue: is the second part of the place about the first (itself always)?"""
        itself = np.eye(len(self.venues), dtype=bool)
        return itself if self.near is None else itself | self.near.to_numpy(dtype=bool)

    @property
    def may_host(self) -> Bools:
        """Venues that something can be placed in, once they are open."""
        hosts: Bools = (self.siting.sites["status"] != "closed").to_numpy(dtype=bool)
        return hosts

    @property
    def room_left(self) -> Floats:
        """For how many further kinds each venue has room today (``inf`` without limit)."""
        rooms = self.rooms.fillna(np.inf).to_numpy(dtype=np.float64)
        left: Floats = np.maximum(np.floor(rooms) - (self.today > 0).sum(axis=1), 0.0)
        return left

    def _count(self, presences: pd.DataFrame) -> NDArray[np.int64]:
        count = np.zeros((len(self.venues), len(self.kinds)), np.int64)
        venue = self.siting.at(pd.Index(presences["venue_id"]))
        np.add.at(count, (venue, self.place_of(presences["kind"])), 1)
        return count


def _check_presences(problem: BundleProblem) -> None:
    table = problem.presences
    if list(table.columns) != PRESENCE_COLUMNS:
        raise ProjectError(
            f"Bundle siting: services today need the columns {', '.join(PRESENCE_COLUMNS)}."
        )
    if not (table.index.is_unique and table.index.is_monotonic_increasing):
        raise ProjectError("Bundle siting: services today must be sorted by id, each once.")
    for column, known in (("venue_id", problem.venues), ("kind", pd.Index(problem.kinds))):
        odd = table.loc[~table[column].isin(known), column]
        if len(odd):
            raise ProjectError(
                f"Bundle siting: the {column} {odd.iloc[0]!r} of service {odd.index[0]} is not "
                "known."
            )


def _check_spare(problem: BundleProblem) -> None:
    table = problem.spare
    if list(table.columns) != SPARE_COLUMNS:
        raise ProjectError(
            f"Bundle siting: spare sessions need the columns {', '.join(SPARE_COLUMNS)}."
        )
    odd = table.loc[~table["kind"].isin(problem.kinds), "kind"]
    if len(odd):
        raise ProjectError(
            f"Bundle siting: there are spare sessions of {odd.iloc[0]!r}, which is not in the "
            "bundle.",
            hint=f"Use {', '.join(problem.kinds)}.",
        )
    sessions = table["sessions"].astype(float)
    if bool((~(sessions >= 0) | (sessions % 1 != 0)).any()):
        raise ProjectError("Bundle siting: spare sessions must be whole numbers of at least 0.")
    if bool(table.duplicated(["kind", "partner"]).any()):
        raise ProjectError("Bundle siting: a partner's spare sessions of a kind are given twice.")
