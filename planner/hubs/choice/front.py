"""What must be given up in one aim to gain in another, and which plans waste nothing?"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import ProjectError
from planner.hubs.choice.front_program import FrontProgram, Point, build_front_program
from planner.hubs.choice.plans import (
    Block,
    World,
    build_world,
    check_numbers,
    each_plan,
    few_enough,
    means_of_worst,
    say_sites,
    sizes_of,
)
from planner.hubs.covers import SAME_MINUTES
from planner.hubs.problem import Floats, SitingProblem
from planner.hubs.solve import WORST_SHARE
from planner.ledger import Note
from planner.wording import say_are, say_many

Objective = Literal[
    "mean_minutes", "longest_minutes", "people_within", "worst_off_minutes", "money"
]
OBJECTIVES: tuple[Objective, ...] = (
    "mean_minutes",
    "longest_minutes",
    "people_within",
    "worst_off_minutes",
    "money",
)
#: The aims as columns, with their units.
COLUMNS: dict[Objective, str] = {
    "mean_minutes": "mean_minutes",
    "longest_minutes": "longest_minutes",
    "people_within": "need_weighted_people_within_reach",
    "worst_off_minutes": "worst_off_mean_minutes",
    "money": "cost",
}
WORDS: dict[Objective, str] = {
    "mean_minutes": "the mean journey by need",
    "longest_minutes": "the longest journey",
    "people_within": "people within reach, by need",
    "worst_off_minutes": "the journey of the worst-off",
    "money": "the cost",
}
MORE_IS_BETTER: tuple[Objective, ...] = ("people_within",)
#: Figures that differ by less than this share are the same.
SAME = 1e-7
#: A searched point is better than the one before by this share of the aim's greatest figure.
STEP = 2e-5


@dataclass(frozen=True, kw_only=True, eq=False)
class Front:
    """Plans of which none is better in one aim without being worse in another.

    Parameters
    ----------
    points
        One row a plan, the best by the first aim first: ``point``, a column of each aim
        (`COLUMNS`), ``sites_opened``, ``venue_ids``, ``proved`` (no plan is better in one aim and
        as good in all others), ``middle`` (the plan closest to the best of every aim at once,
        each aim's range counting as 1).
    best
        Of each aim, the best that any plan on the front comes to.
    complete
        Whether it is proved that no point is missing.
    plans_tried
        Plans looked at, where every one was tried; None where they were searched.
    """

    points: pd.DataFrame
    objectives: tuple[Objective, ...]
    best: Mapping[Objective, float]
    within_minutes: float
    complete: bool
    plans_tried: int | None
    status: str
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())


def build_front(
    problem: SitingProblem,
    objectives: Sequence[Objective],
    *,
    p: int | None = None,
    budget: float | None = None,
    within_minutes: float = 20.0,
    share: float = WORST_SHARE,
    time_limit_seconds: float = 60.0,
    try_all: bool = True,
    names: Mapping[str, str] | pd.Series | None = None,
) -> Front:
    """Find every plan that wastes nothing.

    Parameters
    ----------
    problem
        Areas, sites and minutes.
    objectives
        Two or three of ``mean_minutes`` (need-weighted), ``longest_minutes``, ``people_within``
        (need-weighted people within ``within_minutes``), ``worst_off_minutes`` (mean of the
        ``share`` of people who are worst off) and ``money``.
    p, budget
        Sites to open or money for them: one of the two. Fewer sites are looked at, too, where
        money is an aim.
    within_minutes, share
        As the aims say.
    time_limit_seconds
        After that what was found is returned, and it says that points may be missing.
    try_all
        Try every plan where there are few enough; otherwise solve one program a point.
    names
        Of venues, by id, for the sentences.

    Returns
    -------
    front
        Of plans that come to the same in every aim, the one with fewest sites, and then the first
        by its sites, where every plan was tried.

    Raises
    ------
    ProjectError
        There are not two or three different aims, or neither a number of sites nor a budget.

    Notes
    -----
    Where plans are searched, figures closer than `STEP` of the aim's greatest count as the same,
    and by epsilon constraint: one aim is best while the others are held to be better than at the
    points found (Haimes, Lasdon and Wismer 1971; three aims one inside the other, Özlen and
    Azizoğlu 2009).
    """
    deadline = time.monotonic() + time_limit_seconds
    _check(objectives, p, budget, within_minutes, share)
    world = build_world(problem, p=p, budget=budget)
    aims = _Aims(world, tuple(objectives), within_minutes, share)
    sizes = sizes_of(world, smaller="money" in objectives)
    tried: int | None = None
    if try_all and few_enough(world, sizes):
        found, tried = _try_all(aims, sizes)
        complete = True
    else:
        program = build_front_program(
            world, tuple(objectives), within_minutes, share, whole="money" not in objectives
        )
        found, complete = _search(aims, program, deadline)
        found = _keep_undominated(found)
    points = _points(aims, found)
    best = {
        one: float(
            points[COLUMNS[one]].max() if one in MORE_IS_BETTER else points[COLUMNS[one]].min()
        )
        for one in aims.objectives
    }
    return Front(
        points=points,
        objectives=aims.objectives,
        best=best,
        within_minutes=within_minutes,
        complete=complete,
        plans_tried=tried,
        status="optimal" if complete else "time_limit",
        findings=_findings(aims, points, best, complete, names),
        notes=_notes(points, complete),
    )


def _check(
    objectives: Sequence[Objective],
    p: int | None,
    budget: float | None,
    within_minutes: float,
    share: float,
) -> None:
    odd = [one for one in objectives if one not in OBJECTIVES]
    if odd:
        raise ProjectError(
            f"Hubs: there is no aim {odd[0]!r}.", hint=f"Use {', '.join(OBJECTIVES)}."
        )
    if len(objectives) not in (2, 3) or len(set(objectives)) != len(objectives):
        raise ProjectError("Hubs: a trade-off is between two or three different aims.")
    if p is None and budget is None:
        raise ProjectError("Hubs: a trade-off needs a number of sites or a budget.")
    check_numbers(within_minutes=within_minutes)
    if not 0 < share <= 1:
        raise ProjectError(
            f"Hubs: a share of {share:g} cannot be.", hint="Give a number above 0, at most 1."
        )


class _Aims:
    """What plans come to in each aim, so that less is better."""

    def __init__(
        self, world: World, objectives: tuple[Objective, ...], within: float, share: float
    ) -> None:
        self.world, self.objectives, self.within, self.share = world, objectives, within, share
        self.demand = world.problem.demand.to_numpy(dtype=np.float64)

    def of(self, block: Block) -> Floats:
        """Return plans × aims."""
        return np.column_stack([self._one(one, block) for one in self.objectives])

    def _one(self, objective: Objective, block: Block) -> Floats:
        world, total = self.world, self.demand.sum()
        paid = np.minimum(block.near, world.problem.penalty_minutes)
        helped = paid[:, world.helped]
        if objective == "mean_minutes":
            mean: Floats = paid @ self.demand / total if total > 0 else np.zeros(len(paid))
            return mean
        if objective == "longest_minutes":
            longest: Floats = helped.max(axis=1, initial=0.0)
            return longest
        if objective == "people_within":
            near: Floats = -((block.near <= self.within + SAME_MINUTES) @ self.demand)
            return near
        if objective == "worst_off_minutes":
            return means_of_worst(helped, world.people[world.helped], self.share)
        costs = world.problem.sites["cost"].to_numpy(dtype=np.float64)
        spent = costs[world.problem.at(world.problem.forced)].sum()
        cost = np.append(costs[world.limit.free], 0.0)
        money: Floats = spent + cost[block.members].sum(axis=1)
        return money

    def at(self, plan: Sequence[int]) -> Floats:
        """Return what one plan comes to."""
        some = np.array(sorted(plan), np.int32)
        block = Block(
            members=some[None, :],
            near=self.world.near(some)[None, :],
            takes=np.zeros(1),
        )
        values: Floats = self.of(block)[0]
        return values


def _try_all(aims: _Aims, sizes: range) -> tuple[list[Point], int]:
    """Return the points of all plans that no other plan beats."""
    values, members, tried = [], [], 0
    for block in each_plan(aims.world, sizes):
        tried += len(block.members)
        here = aims.of(block)
        # What another plan of the block beats is never needed again.
        kept = _undominated(here, _sizes(block.members))
        values.append(here[kept])
        members += [tuple(block.members[at].tolist()) for at in np.flatnonzero(kept)]
    if not values:
        return [], tried
    together = np.concatenate(values)
    kept = _undominated(together, np.array([len(plan) for plan in members]))
    return [
        Point(plan=members[at], values=together[at], proved=True) for at in np.flatnonzero(kept)
    ], tried


def _sizes(members: NDArray[np.int32]) -> NDArray[np.int64]:
    sizes: NDArray[np.int64] = (members >= 0).sum(axis=1)
    return sizes


def _keep_undominated(points: list[Point]) -> list[Point]:
    if not points:
        return []
    values = np.array([point.values for point in points])
    kept = _undominated(values, np.array([len(point.plan) for point in points]))
    return [points[at] for at in np.flatnonzero(kept)]


def _undominated(values: Floats, sizes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark rows that no other is as good as in everything; of equals the smallest, first one."""
    scale = np.maximum(np.abs(values).max(axis=0), 1e-12)
    same = SAME * scale
    kept = np.zeros(len(values), dtype=bool)
    # A row can be beaten by a row in front of it alone: what is counted in whole steps is sorted.
    steps = np.rint(values / same)
    order = np.lexsort((np.arange(len(values)), sizes, *steps.T[::-1]))
    front = np.zeros((0, values.shape[1]))
    for at in order:
        row = steps[at]
        if len(front) and (front <= row).all(axis=1).any():
            continue
        kept[at] = True
        front = np.vstack([front, row])
    return kept


# --- search -------------------------------------------------------------------------------------


def _search(aims: _Aims, program: FrontProgram, deadline: float) -> tuple[list[Point], bool]:
    """Return points found by one program each, and whether none can be missing."""
    count = len(aims.objectives)
    caps = np.full(count, np.inf)
    return _under(aims, program, caps, count - 1, deadline)


def _under(
    aims: _Aims, program: FrontProgram, caps: Floats, last: int, deadline: float
) -> tuple[list[Point], bool]:
    """Return the points whose aims are under the caps, the last aim held ever lower."""
    if last == 0:
        point, complete = _best_under(aims, program, caps, deadline)
        return ([] if point is None else [point]), complete
    found: list[Point] = []
    complete = True
    caps = caps.copy()
    while True:
        inside, done = _under(aims, program, caps, last - 1, deadline)
        complete &= done
        if not inside or not done:
            return found + inside, complete
        found += inside
        worst = max(float(point.values[last]) for point in inside)
        step = STEP * program.scale[last]
        if worst > caps[last] + 0.5 * step:
            # Rounding let a plan through that is no better: what is left cannot be told.
            return found, False
        caps[last] = worst - step


def _best_under(
    aims: _Aims, program: FrontProgram, caps: Floats, deadline: float
) -> tuple[Point | None, bool]:
    """Return the plan best in the first aim under the caps, then in the second, then the third."""
    held, plan, proved = caps.copy(), None, True
    for aim in range(len(aims.objectives)):
        found, finished = program.solve(aim, held, deadline=deadline)
        if found is None:
            if plan is None:
                return None, finished
            proved = False
            break
        plan, proved = found, proved and finished
        value = float(aims.at(plan)[aim])
        held[aim] = min(held[aim], value + 0.1 * STEP * program.scale[aim])
    assert plan is not None
    return Point(plan=plan, values=aims.at(plan), proved=proved), proved


# --- told ---------------------------------------------------------------------------------------


def _points(aims: _Aims, found: list[Point]) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for point in sorted(found, key=lambda one: (one.values.tolist(), one.plan)):
        names = aims.world.names(point.plan)
        row: dict[str, object] = {"point": len(rows) + 1}
        for one, value in zip(aims.objectives, point.values.tolist(), strict=True):
            row[COLUMNS[one]] = 0.0 - value if one in MORE_IS_BETTER else value
        row |= {
            "sites_opened": len(names),
            "venue_ids": ", ".join(names),
            "proved": point.proved,
            "middle": False,
        }
        rows.append(row)
    columns = [
        "point", *(COLUMNS[one] for one in aims.objectives), "sites_opened", "venue_ids",
        "proved", "middle",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    if len(table):
        values = np.array(sorted((point.values.tolist() for point in found), key=lambda one: one))
        table.loc[_middle(values), "middle"] = True
    return table


def _middle(values: Floats) -> int:
    """Return the row nearest to the best of all aims, each aim's range counting as 1."""
    least, most = values.min(axis=0), values.max(axis=0)
    ranges = np.where(most > least, most - least, 1.0)
    return int(np.sqrt((((values - least) / ranges) ** 2).sum(axis=1)).round(9).argmin())


def _findings(
    aims: _Aims,
    points: pd.DataFrame,
    best: Mapping[Objective, float],
    complete: bool,
    names: Mapping[str, str] | pd.Series | None,
) -> tuple[str, ...]:
    if points.empty:
        return ("Time ran out before any plan was found.",)
    if len(points) == 1:
        sites = say_sites(_ids(points.iloc[0]), names)
        if complete:
            return (f"One plan is best in every aim at once: {sites}.",)
        return (f"Time ran out when one plan of the trade-off was found: {sites}.",)
    first, second = aims.objectives[0], aims.objectives[1]
    one = points.iloc[0]
    column = points[COLUMNS[second]]
    other = points.loc[column.idxmax() if second in MORE_IS_BETTER else column.idxmin()]
    lead = "" if complete else "Time ran out, and there may be more: "
    said = (
        f"{lead}{len(points)} plans waste nothing: the best for {WORDS[first]} comes "
        f"to {_say(first, one, aims)} and {_say(second, one, aims)}; the best for {WORDS[second]} "
        f"to {_say(first, other, aims)} and {_say(second, other, aims)}."
    )
    middle = points[points["middle"]].iloc[0]
    between = (
        f"Between them, {say_sites(_ids(middle), names)} comes to {_say(first, middle, aims)} and "
        f"{_say(second, middle, aims)}."
    )
    inside = middle["point"] not in (one["point"], other["point"])
    return (said, between) if inside and len(points) > 2 else (said,)


def _ids(row: pd.Series) -> list[str]:
    return [one for one in str(row["venue_ids"]).split(", ") if one]


def _say(objective: Objective, row: pd.Series, aims: _Aims) -> str:
    value = float(row[COLUMNS[objective]])
    if objective == "mean_minutes":
        return f"{value:.1f} minutes on average"
    if objective == "longest_minutes":
        return f"{value:.0f} minutes at the longest"
    if objective == "people_within":
        return f"{value:,.0f} need-weighted people within {aims.within:g} minutes"
    if objective == "worst_off_minutes":
        return f"{value:.1f} minutes for the worst-off {aims.share:.0%}"
    return f"a cost of {value:,.0f}"


def _notes(points: pd.DataFrame, complete: bool) -> tuple[Note, ...]:
    if complete:
        return ()
    left = int((~points["proved"].astype(bool)).sum()) if len(points) else 0
    proved = len(points) - left
    text = (
        f"Time ran out: {say_many(proved, 'plan')} of the trade-off {say_are(proved)} "
        f"proved to waste nothing, {left} not, and plans between them may be missing."
    )
    return (Note(stage="hubs", what="front_not_complete", count=1, text=text),)
