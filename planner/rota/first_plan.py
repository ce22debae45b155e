"""Which rota is good enough to begin the search with?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.rota.inputs import RotaProblem
from planner.rota.program import Choice, Floats, order_choice
from planner.rota.reach import Reach
from planner.rota.staffing import TeamDay

#: Rounds over all days, each given its best run beside the others'; and runs looked at closely.
MOST_ROUNDS, LOOKED_AT = 12, 6


@dataclass(eq=False)
class _State:
    """What is chosen so far; changed in place by one search and never shown to others."""

    there: NDArray[np.int64]  # venues × kinds × days of the cycle: teams present with the service
    taken: NDArray[np.int64]  # venues × days of the cycle: teams
    worked: NDArray[np.float64]  # teams × weeks, minutes
    chosen: list[int]


def find_first(
    problem: RotaProblem, reach: Reach, days: Sequence[TeamDay], demand: Floats
) -> Choice:
    """Return a good rota: each day in turn gets the run that adds most, until none changes.

    Parameters
    ----------
    problem, reach, days
        As for the program.
    demand
        Areas × kinds that count.
    """
    searches = [_Search(problem, reach, days, demand, per_minute=way) for way in (False, True)]
    plans = [search.run() for search in searches]
    worth = [searches[0].worth(plan) for plan in plans]
    return order_choice(problem, days, plans[int(np.argmax(worth))])


class _Search:
    """One search from nothing: by what a run adds, at first by what it adds a minute."""

    def __init__(
        self,
        problem: RotaProblem,
        reach: Reach,
        days: Sequence[TeamDay],
        demand: Floats,
        *,
        per_minute: bool,
    ) -> None:
        self.reach, self.days, self.demand = reach, days, demand
        self.per_minute = per_minute
        venues, kinds = len(problem.venues), len(reach.kinds)
        cells = max((7 * day.week + 7 for day in days), default=7)
        self.rooms = np.floor(problem.venues["rooms"].fillna(1.0).to_numpy(dtype="float64"))
        hours = problem.teams["hours_per_week"].to_numpy(dtype="float64")
        self.limit = np.where(np.isnan(hours), np.inf, 60 * hours)
        brings = [problem.services_of(str(code)) for code in problem.teams.index]
        self.kinds = [np.array([k in own for k in reach.kinds]) for own in brings]
        self.visits = {id(day.runs): _visits(day, venues) for day in days}
        self.state = _State(
            there=np.zeros((venues, kinds, cells), dtype=np.int64),
            taken=np.zeros((venues, cells), dtype=np.int64),
            worked=np.zeros((len(problem.teams), cells // 7)),
            chosen=[-1] * len(days),
        )

    def run(self) -> Choice:
        for turn in range(MOST_ROUNDS):
            before = list(self.state.chosen)
            for at in range(len(self.days)):
                now = self.state.chosen[at]
                self._put(at, now, -1)
                best = self._best(at, now, by_minute=self.per_minute and turn == 0)
                self._put(at, best, 1)
            if self.state.chosen == before:
                break
        return tuple(self.state.chosen)

    def worth(self, choice: Choice) -> float:
        there = np.zeros_like(self.state.there)
        for day, at in zip(self.days, choice, strict=True):
            if at >= 0:
                mask = self.visits[id(day.runs)][at][:, None] & self.kinds[day.team][None, :]
                there[:, :, 7 * day.week + day.day] += mask
        return self._worth_of((there > 0).sum(axis=2))

    def _worth_of(self, days: NDArray[np.int64]) -> float:
        return float((self.demand * self.reach.after(days)).sum())

    def _put(self, at: int, run: int, sign: int) -> None:
        """Take a run into a day (1) or out of it (-1)."""
        day, state = self.days[at], self.state
        state.chosen[at] = run if sign > 0 else -1
        if run < 0:
            return
        cell, visits = 7 * day.week + day.day, self.visits[id(day.runs)][run]
        state.there[:, :, cell] += sign * (visits[:, None] & self.kinds[day.team][None, :])
        state.taken[:, cell] += sign * visits
        state.worked[day.team, day.week] += sign * day.runs[run].minutes

    def _best(self, at: int, now: int, *, by_minute: bool) -> int:
        """Return the run that adds most on a day, the present one where none adds more."""
        day, state = self.days[at], self.state
        if not day.runs:
            return -1
        cell, visits = 7 * day.week + day.day, self.visits[id(day.runs)]
        minutes = np.array([run.minutes for run in day.runs], dtype="float64")
        full = state.taken[:, cell] >= self.rooms
        fits = ~(visits & full[None, :]).any(axis=1)
        fits &= minutes <= self.limit[day.team] - state.worked[day.team, day.week]
        days = (state.there > 0).sum(axis=2)
        fresh = self.kinds[day.team][None, :] & (state.there[:, :, cell] == 0)
        adds = np.where(fits, visits @ self._one_more(days, fresh), -1.0)
        rank = adds / minutes if by_minute else adds
        close = [int(run) for run in np.argsort(-rank, kind="stable")[:LOOKED_AT] if adds[run] > 0]
        if now >= 0 and now not in close:
            close.insert(0, now)
        found, most, before = -1, 0.0, self._worth_of(days)
        for run in close:
            gain = self._worth_of(days + (visits[run][:, None] & fresh)) - before
            gain /= minutes[run] if by_minute else 1.0
            if gain > most * (1 + 1e-12):
                found, most = run, gain
        return found

    def _one_more(self, days: NDArray[np.int64], fresh: NDArray[np.bool_]) -> Floats:
        """Return what one more day at each venue adds."""
        have = self.reach.after(days)
        adds = np.zeros(len(days))
        for kind in range(have.shape[1]):
            level = self.reach.levels[np.minimum(days[:, kind] + 1, len(self.reach.levels) - 1)]
            more = np.maximum(level[None, :] - have[:, [kind]], 0.0) * self.reach.near
            adds += np.where(fresh[:, kind], self.demand[:, kind] @ more, 0.0)
        return adds


def _visits(day: TeamDay, venues: int) -> NDArray[np.bool_]:
    """Return runs × venues."""
    found = np.zeros((len(day.runs), venues), dtype=bool)
    for number, run in enumerate(day.runs):
        found[number, list(run.venues)] = True
    return found
