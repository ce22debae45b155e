"""Who would be served by how many days at which venue?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.ledger import Note, note_items
from planner.rota.inputs import RotaProblem, RotaSettings
from planner.wording import say_are, say_few, say_many, to_label

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reach:
    """People that count, as arrays.

    ``near`` areas × venues: within reach; ``minutes`` the same, infinite where there is no way;
    ``demand`` and ``before`` areas × kinds (0 where demand is not known); ``levels`` the credit
    of 0, 1, ... days in the cycle; ``type_of`` the number of each area's type, -1 for none;
    ``types`` their names.
    """

    near: NDArray[np.bool_]
    minutes: Floats
    demand: Floats
    before: Floats
    levels: Floats
    type_of: NDArray[np.int64]
    types: tuple[str, ...]
    kinds: tuple[str, ...]

    def best_days(self, days: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the most days at any venue in reach, areas × kinds, from venues × kinds."""
        best = np.zeros(self.demand.shape, dtype=np.int64)
        for kind in range(len(self.kinds)):
            there = np.where(self.near, days[:, kind], 0)
            best[:, kind] = there.max(axis=1, initial=0)
        return best

    def after(self, days: NDArray[np.int64]) -> Floats:
        """Return the credit that people have with a rota, areas × kinds."""
        return np.maximum(self.before, self.levels[self.best_days(days)])

    def gains(self, days: NDArray[np.int64]) -> Floats:
        """Return the need-weighted people served beyond today, areas × kinds."""
        gain: Floats = self.demand * (self.after(days) - self.before)
        return gain

    def by_type(self, values: Floats) -> Floats:
        """Return the sum over the areas and kinds of each type."""
        known = self.type_of >= 0
        sums = np.zeros(len(self.types))
        np.add.at(sums, self.type_of[known], values.sum(axis=1)[known])
        return sums


def build_reach(
    problem: RotaProblem, settings: RotaSettings, usable: Sequence[str]
) -> tuple[Reach, list[Note]]:
    """Lay down who reaches which venue, and note who reaches none.

    Parameters
    ----------
    problem, settings
        As given.
    usable
        Venues that take part.
    """
    kinds = problem.kinds
    minutes = problem.minutes.to_numpy(dtype="float64", copy=True)
    part = problem.minutes.columns.isin(list(usable))
    away = ~(minutes <= settings.within_minutes)
    demand = problem.demand[kinds].to_numpy(dtype="float64")
    unknown = np.isnan(demand)
    labels = problem.groups.astype(str)
    types = tuple(sorted(set(labels) - {""}))
    number = {name: at for at, name in enumerate(types)}
    reach = Reach(
        near=~away & part[None, :],
        minutes=np.where(np.isnan(minutes), np.inf, minutes),
        demand=np.where(unknown, 0.0, demand),
        before=problem.permanent[kinds].to_numpy(dtype="float64"),
        levels=settings.credit.levels(7 * settings.weeks, settings.weeks),
        type_of=np.array([number.get(label, -1) for label in labels], dtype=np.int64),
        types=types,
        kinds=tuple(kinds),
    )
    return reach, _area_notes(problem, settings, reach, unknown.any(axis=1))


def _area_notes(
    problem: RotaProblem, settings: RotaSettings, reach: Reach, unknown: NDArray[np.bool_]
) -> list[Note]:
    areas, people = problem.demand.index, problem.people.to_numpy(dtype="float64")
    no_way = problem.minutes.isna().to_numpy().all(axis=1)
    nobody_near = ~reach.near.any(axis=1) & ~no_way
    limit = f"{settings.within_minutes:g} minutes"
    told = (
        ("demand_not_known", unknown, "has no known demand for some service; counted as none"),
        ("no_way_to_a_venue", no_way, "has no way to any venue within the longest journey"),
        ("beyond_reach", nobody_near, f"has a way, but to no venue of the rota within {limit}"),
        ("without_type", reach.type_of < 0, "has no type, so fairness between types looks past it"),
    )
    notes = []
    for what, chosen, text in told:
        if what == "without_type" and not reach.types:
            continue
        if chosen.any():
            codes = [str(code) for code in areas[chosen]]
            count = f"{say_many(len(codes), 'area')} ({np.nansum(people[chosen]):,.0f} people)"
            each = f"Each {text}" if len(codes) > 1 else f"It {text}"
            notes.append(note_items("rota", what, codes, f"{count}: {say_few(codes)}. {each}."))
    idle = sorted(set(map(str, problem.demand.columns)) - set(reach.kinds))
    if idle:
        text = f"No team brings {say_few([to_label(k) for k in idle])}, which {say_are(len(idle))} "
        notes.append(note_items("rota", "service_not_brought", idle, f"{text}needed."))
    return notes


def permanent_table(areas: pd.Index, kinds: Sequence[str]) -> pd.DataFrame:
    """Return the table of access that people have already, for a place where there is none."""
    return pd.DataFrame(0.0, index=areas, columns=list(kinds))
