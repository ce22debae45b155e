"""How many places must somebody be sent to, to get the whole bundle?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.bundle.legs import Legs, Rows, build_rows, to_deciseconds
from planner.bundle.one_stop import build_near, whole_places
from planner.bundle.supply import (
    BundleRules,
    Supply,
    build_supplies,
    kinds_offered,
    supply_notes,
)
from planner.bundle.trips import kinds_status, worst_status
from planner.cores import build_spans
from planner.errors import DataError, TravelError
from planner.ledger import Note
from planner.services import Services
from planner.travel.blocks import BLOCK_PAIRS
from planner.travel.kernels import FAR, Int64
from planner.travel.times import TravelTimes, area_median

COLUMNS = [
    "hand_offs",
    "hand_offs_status",
    "hand_offs_in_budget",
    "hand_offs_in_budget_status",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class HandOffs:
    """The smallest number of places that together hold the bundle.

    Parameters
    ----------
    areas
        On area codes, columns `COLUMNS`: among the places that can be gone to and back at all
        (within the longest journey searched), and among those to which that takes no longer
        than the budget. NaN unless ``reached``; ``over_cutoff`` in the budget's status means
        that the budget is too short. Lower weighted medians over points.
    points
        The same on point ids, behind ``area_code``.
    """

    areas: pd.DataFrame
    points: pd.DataFrame
    rules: BundleRules
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.areas.columns) != COLUMNS:
            raise DataError("Hand-offs: the columns are not as agreed.")


def build_hand_offs(
    legs: Legs,
    services: Services,
    points: pd.DataFrame,
    rules: BundleRules,
    *,
    walk: TravelTimes | None = None,
) -> HandOffs:
    """Count the places that must be visited, from every point and every area.

    Parameters
    ----------
    legs, services, points, rules, walk
        As for `planner.bundle.one_stop.build_one_stop`, whose places these are.

    Raises
    ------
    TravelError
        The budget is longer than the round trips that are sure to be known.

    Notes
    -----
    A place counts where the way to the venue in its middle and back home takes no longer than
    the budget, each place by itself; time spent there is not counted. The smallest number is
    exact: sets of kinds are joined place by place until one set holds them all.
    """
    if rules.budget_minutes > legs.both_ways_cutoff:
        raise TravelError(
            f"Hand-offs within {rules.budget_minutes:g} minutes there and back cannot be told: "
            f"such trips are known up to {legs.both_ways_cutoff:g}.",
            hint="Raise the cutoff, or lower the budget.",
        )
    supplies = build_supplies(services, points, rules)
    venues = pd.Index(sorted({v for one in supplies for v in one.venues}), dtype=object)
    near = build_near(services, venues, rules.walk_minutes, walk)
    legs.check(points.index, venues)
    offered = kinds_offered(services, rules)
    found = pd.concat([_count(legs, one, near, rules, offered) for one in supplies])
    found = found.reindex(points.index)
    codes, weight = points["area_code"], points["weight"]
    areas = {}
    for name in ("hand_offs", "hand_offs_in_budget"):
        middle = area_median(found[name], found[f"{name}_status"], codes, weight)
        areas[name], areas[f"{name}_status"] = middle["minutes"], middle["status"]
    return HandOffs(
        areas=pd.DataFrame(areas)[COLUMNS],
        points=pd.concat([codes, found], axis=1),
        rules=rules,
        method=(
            "The smallest number of places that together hold the whole bundle, each of them no "
            f"more than {rules.budget_minutes:g} minutes there and back from home, one at a time."
        ),
        notes=(*legs.notes(), *supply_notes(services, points, supplies, rules)),
    )


def fewest_sets(sets: Int64, whole: int) -> int:
    """Return the smallest number of sets (as bits) whose union is ``whole``; 0 if there is none."""
    sets = _largest(np.unique(sets))
    joined, count = np.zeros(1, np.int64), 0
    while True:
        more = _largest(np.unique(joined[:, None] | sets[None, :]))
        count += 1
        if whole in more:
            return count
        if np.array_equal(more, joined) or not len(sets):
            return 0
        joined = more


def _largest(sets: Int64) -> Int64:
    """Return the sets that are not part of another one."""
    part = (sets[:, None] & sets[None, :]) == sets[:, None]
    np.fill_diagonal(part, False)
    largest: Int64 = sets[~part.any(axis=1)]
    return largest


def _count(
    legs: Legs, supply: Supply, near: pd.DataFrame, rules: BundleRules, offered: tuple[str, ...]
) -> pd.DataFrame:
    sets, which = np.unique(whole_places(supply, near), return_inverse=True)
    rows = build_rows(legs, supply.points, supply.venues)
    limits = (int(FAR) - 1, to_deciseconds(rules.budget_minutes))
    within = _sets_within(rows, which, len(sets), len(supply.points), limits)
    counts = [_fewest(one, sets, rules.whole) for one in within]
    status = worst_status(kinds_status(legs, supply, rules, offered, supply.points))
    far = status.replace("reached", "over_cutoff")
    found = pd.DataFrame(
        {"hand_offs": counts[0], "hand_offs_in_budget": counts[1]}, index=supply.points
    )
    at_all, in_budget = found["hand_offs"].notna(), found["hand_offs_in_budget"].notna()
    found["hand_offs_status"] = far.where(~at_all, "reached")
    too_long = far.where(~at_all, "over_cutoff")
    found["hand_offs_in_budget_status"] = too_long.where(~in_budget, "reached")
    return found[COLUMNS]


def _sets_within(
    rows: Rows, which: Int64, sets: int, points: int, limits: tuple[int, ...]
) -> list[NDArray[np.bool_]]:
    """Return, for each limit, point × set: is there such a place within it?"""
    found = [np.zeros((points, sets), dtype=bool) for _ in limits]
    venues = len(which)
    if venues == 0:
        return found
    by_set = np.argsort(which, kind="stable")
    heads = np.searchsorted(which[by_set], np.arange(sets))
    for first, last in build_spans(points, max(1, BLOCK_PAIRS // venues)):
        to, back = rows.read(first, last)
        # Two that are not there are far beyond every limit, and still a number.
        both = to.astype(np.int64)[:, by_set] + back[:, by_set]
        least = np.minimum.reduceat(both, heads, axis=1)
        for one, limit in zip(found, limits, strict=True):
            one[first:last] = least <= limit
    return found


def _fewest(within: NDArray[np.bool_], sets: Int64, whole: int) -> NDArray[np.float64]:
    """Return the smallest number of places for each point; NaN where they are not enough."""
    alike, which = np.unique(within, axis=0, return_inverse=True)
    counts = np.array([float(fewest_sets(sets[row], whole)) for row in alike])
    counts[counts == 0] = np.nan
    return np.asarray(counts[which])
