"""What goes where, who reaches the whole bundle then, and how good is that known to be?"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from planner.bundle.trips import BREAK
from planner.hubs.answer import Infeasible, SitingStatus
from planner.hubs.bundle_siting.one_stop import build_whole
from planner.hubs.bundle_siting.packing import Packing, Placement
from planner.hubs.bundle_siting.priced_trips import build_ways
from planner.hubs.bundle_siting.problem import Bools, BundleProblem
from planner.hubs.covers import SAME_MINUTES
from planner.hubs.program import TOLERANCE
from planner.ledger import Note, note_items
from planner.standards import kind_words
from planner.wording import say_many, say_noun

BundleObjective = Literal["one_stop", "bundle_trip"]
Action = Literal["stay", "move", "extend", "new"]

UNITS: dict[BundleObjective, str] = {
    "one_stop": "need-weighted people who reach the whole bundle in one stop",
    "bundle_trip": "need-weighted minutes of bundle trips",
}
ACTION_WORDS: dict[Action, str] = {
    "stay": "stays where it is",
    "move": "leaves its venue and goes to another",
    "extend": "stays where it is and comes here besides",
    "new": "comes from a partner that is nowhere yet",
}
SERVICE_COLUMNS = ["kind", "partner", "venue_id", "action", "from_venue_id", "offer_id"]
AREA_COLUMNS = [
    "demand",
    "people",
    "one_stop_minutes_before",
    "one_stop_minutes",
    "one_stop_venue_id",
    "within_before",
    "within",
    "trip_minutes_before",
    "trip_minutes",
    "trip_venues",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class BundleSiting:
    """Venues opened, the services in them, and what people get by it.

    Parameters
    ----------
    objective_name, unit
        What was asked for, and what the figures are of.
    chosen
        Venues opened for services: candidates that something is placed in, and the forced ones.
    whole
        Venues at which the whole bundle is then, each with those that are one place with it.
    services
        Every service of the bundle, columns `SERVICE_COLUMNS`, by kind and venue: where it is
        then, what became of it (`Action`), where it was if it moves, and the offer it is today.
    areas
        On ``area_code``, columns `AREA_COLUMNS`: minutes to the nearest place with the whole
        bundle (NaN where none is reached) and the first such venue, whether that is within the
        minutes asked for, and the shortest bundle trip (minutes, NaN where there is none or
        trips are not looked at; its venues in order, joined by `BREAK`); before and after.
    objective, before, bound, gap
        What it comes to, what it comes to as things are today, what no answer can be better
        than, and how far objective and bound are apart, as a share of the greater.
    status
        ``optimal`` (proved to one part in a million), ``time_limit`` or ``infeasible``.
    """

    objective_name: BundleObjective
    unit: str
    chosen: pd.Index
    whole: pd.Index
    services: pd.DataFrame
    areas: pd.DataFrame
    within_minutes: float | None
    objective: float
    before: float
    bound: float
    gap: float
    status: SitingStatus
    infeasible: Infeasible | None = None
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        assert list(self.services.columns) == SERVICE_COLUMNS
        assert list(self.areas.columns) == AREA_COLUMNS
        assert (self.status == "infeasible") == (self.infeasible is not None)
        if self.status == "infeasible":
            return
        more = self.objective_name == "one_stop"
        assert (self.bound >= self.objective) if more else (self.bound <= self.objective)
        assert 0 <= self.gap < math.inf
        assert self.status == "time_limit" or self.gap == 0.0

    @property
    def changes(self) -> pd.DataFrame:
        """Services that do not stay as they are."""
        return self.services[self.services["action"] != "stay"]

    @property
    def people_within(self) -> tuple[float, float]:
        """People with the whole bundle in one stop within the minutes, before and after."""
        people = self.areas["people"]
        before, after = self.areas["within_before"], self.areas["within"]
        return float(people[before].sum()), float(people[after].sum())


def build_answer(
    packing: Packing,
    name: BundleObjective,
    placement: Placement,
    *,
    within_minutes: float | None,
    objective: float,
    before: float,
    bound: float,
    finished: bool,
    infeasible: Infeasible | None = None,
) -> BundleSiting:
    """Return the answer with its gap, who does what, and each area's way before and after.

    ``objective`` and ``bound`` as they are told: people for one stop, minutes for trips.
    """
    problem = packing.problem
    bound = max(bound, objective) if name == "one_stop" else min(bound, objective)
    greater = max(abs(bound), abs(objective))
    gap = abs(bound - objective) / greater if greater > 0 else 0.0
    proved = finished or gap <= TOLERANCE
    held = packing.holds(placement)
    areas = _areas(problem, packing.today > 0, held, within_minutes)
    opened = problem.venues[packing.limit.free[packing.opened(placement)]]
    answered = infeasible is None
    status: SitingStatus = "optimal" if proved else "time_limit"
    return BundleSiting(
        objective_name=name,
        unit=UNITS[name],
        chosen=problem.siting.forced.union(opened),
        whole=problem.venues[build_whole(problem, held)],
        services=_services(packing, placement),
        areas=areas,
        within_minutes=within_minutes,
        objective=objective,
        before=before,
        bound=bound,
        gap=math.nan if not answered else 0.0 if proved else gap,
        status=status if answered else "infeasible",
        infeasible=infeasible,
        notes=(
            *problem.notes,
            *(_notes(problem, areas, name, proved, gap) if answered else ()),
        ),
    )


def _areas(
    problem: BundleProblem, today: Bools, held: Bools, within_minutes: float | None
) -> pd.DataFrame:
    siting = problem.siting
    table = pd.DataFrame({"demand": siting.demand, "people": siting.people})
    limit = math.nan if within_minutes is None else within_minutes + SAME_MINUTES
    for then, after in ((today, ""), (held, "after")):
        suffix = "" if after else "_before"
        whole = problem.venues[build_whole(problem, then)]
        minutes = siting.minutes[whole].min(axis=1) if len(whole) else math.nan
        table[f"one_stop_minutes{suffix}"] = minutes
        table[f"within{suffix}"] = (table[f"one_stop_minutes{suffix}"] <= limit).astype(bool)
        table[f"trip_minutes{suffix}"] = math.nan
        if after:
            nearest = siting.minutes[whole].dropna(how="all").idxmin(axis=1)
            table["one_stop_venue_id"] = nearest.reindex(table.index).fillna("").astype(object)
            table["trip_venues"] = ""
        if problem.between is not None:
            trips, stops = build_ways(problem).trips(then)
            table[f"trip_minutes{suffix}"] = trips
            if after:
                names = problem.venues.to_numpy()
                table["trip_venues"] = [BREAK.join(names[row[row >= 0]]) for row in stops]
    return table[AREA_COLUMNS]


def _services(packing: Packing, placement: Placement) -> pd.DataFrame:
    """Return what each partner does: those that leave go to the nearest of what is placed."""
    rows: list[tuple[str, str, str, Action, str, str]] = []
    for at, kind in enumerate(packing.problem.kinds):
        rows += _of_kind(packing, placement, at, kind)
    table = pd.DataFrame(rows, columns=SERVICE_COLUMNS)
    order = ["kind", "venue_id", "partner", "offer_id"]
    return table.sort_values(order, kind="stable").reset_index(drop=True)


def _of_kind(
    packing: Packing, placement: Placement, at: int, kind: str
) -> list[tuple[str, str, str, Action, str, str]]:
    problem = packing.problem
    mine = problem.presences[problem.presences["kind"] == kind]
    leaving = []
    for venue in np.flatnonzero(placement.leaves[:, at]):
        there = mine[(mine["venue_id"] == problem.venues[venue]) & mine["may_move"]]
        # Of several at one venue the last ones by id leave.
        leaving += there.index[::-1][: placement.leaves[venue, at]].tolist()
    stays = mine.drop(index=leaving)
    rows: list[tuple[str, str, str, Action, str, str]] = [
        (kind, partner, venue, "stay", "", str(offer))
        for offer, partner, venue in zip(
            stays.index, stays["partner"], stays["venue_id"], strict=True
        )
    ]
    placed = np.flatnonzero(placement.placed[:, at])
    mover, goal = _pair_up(problem, mine.loc[leaving, "venue_id"], placed)
    for which, to in zip(mover, goal, strict=True):
        offer = leaving[which]
        venue, partner = problem.venues[placed[to]], mine.loc[offer, "partner"]
        rows.append((kind, partner, venue, "move", mine.loc[offer, "venue_id"], str(offer)))
    spare = problem.spare[problem.spare["kind"] == kind].sort_values("partner")
    partners = np.repeat(spare["partner"].to_numpy(), spare["sessions"].to_numpy(dtype=int))
    present = set(mine["partner"])
    rest = np.delete(placed, goal)
    for venue, partner in zip(rest, partners[: len(rest)], strict=True):
        action: Action = "extend" if partner in present else "new"
        rows.append((kind, str(partner), problem.venues[venue], action, "", ""))
    return rows


def _pair_up(
    problem: BundleProblem, leaving: pd.Series, placed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Send those that leave to what is placed, with the fewest minutes between in all."""
    if problem.between is None:
        count = min(len(leaving), len(placed))
        return np.arange(count), np.arange(count)
    far = 1e6
    minutes = problem.between.loc[leaving].to_numpy(dtype=float)[:, placed]
    mover, goal = linear_sum_assignment(np.nan_to_num(minutes, nan=far))
    return mover, goal


def _notes(
    problem: BundleProblem, areas: pd.DataFrame, name: BundleObjective, proved: bool, gap: float
) -> tuple[Note, ...]:
    notes = []
    lived = areas["people"] > 0
    never = areas.index[lived & areas["one_stop_minutes"].isna()]
    if name == "one_stop" and len(never):
        text = (
            f"{say_many(len(never), 'area')} {say_noun(len(never), 'reaches', 'reach')} no place "
            "with the whole bundle within the longest journey."
        )
        notes.append(note_items("hubs", "bundle_not_in_one_stop", never, text))
    if name == "bundle_trip":
        no_trip = areas["trip_minutes"].isna()
        penalty = problem.trip_penalty_minutes
        for slug, which, words in (
            ("bundle_trip_penalised", no_trip, "no trip for the whole bundle"),
            ("bundle_trip_too_long", areas["trip_minutes"] > penalty, "no shorter trip than that"),
        ):
            found = areas.index[lived & which]
            if len(found):
                text = (
                    f"{say_many(len(found), 'area')} {say_noun(len(found), 'has', 'have')} "
                    f"{words}; each counts as {penalty:g} minutes."
                )
                notes.append(note_items("hubs", slug, found, text))
    if not proved:
        text = (
            "Time ran out before the choice was proved best: it is within "
            f"{gap:.1%} of the best possible."
        )
        notes.append(Note(stage="hubs", what="not_proved", count=1, text=text))
    return tuple(notes)


def say_kinds(kinds: list[str]) -> list[str]:
    """Return kinds in words."""
    return [kind_words(kind) for kind in kinds]
