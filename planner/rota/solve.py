"""Which team should be where, on which days, so that most people in need are served?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.errors import InfeasibleError
from planner.ledger import Note, note_items
from planner.rota.first_plan import find_first
from planner.rota.hours import read_openings
from planner.rota.inputs import Fairness, RotaProblem, RotaSettings
from planner.rota.program import (
    SCALE,
    Answer,
    Choice,
    Floats,
    Program,
    build_program,
    order_choice,
    run_program,
    set_best,
)
from planner.rota.reach import Reach, build_reach
from planner.rota.result import Rota, Solved, build_result
from planner.rota.staffing import TeamDay, base_notes, build_days, room_notes
from planner.wording import say_list

#: Shares of the time for the best of each type, and for the share that all types can have.
BEST_SHARE, FLOOR_SHARE = 0.4, 0.2
#: A share of the best is met up to this.
CLOSE = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class _Job:
    """What is solved, and until when."""

    problem: RotaProblem
    reach: Reach
    days: Sequence[TeamDay]
    program: Program
    first: Choice
    fairness: Fairness
    seconds: float
    until: float

    @property
    def left(self) -> float:
        return self.until - time.monotonic()

    def presence(self, choice: Choice) -> np.ndarray:
        """Return the days of presence, venues × kinds."""
        return count_days(self.problem, self.reach, self.days, choice)

    def gains(self, choice: Choice) -> Floats:
        return self.reach.gains(self.presence(choice))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Promise:
    """What fairness asks for, settled.

    ``best`` are the need-weighted people of each type that a rota for it alone serves (NaN where
    not asked); ``choice`` a rota that gives every type ``share`` of it (None: nothing is owed);
    ``proved`` whether both are known for sure.
    """

    best: Floats
    share: float
    proved: bool
    choice: Choice | None
    notes: tuple[Note, ...]


def build_rota(
    problem: RotaProblem,
    settings: RotaSettings,
    fairness: Fairness | None = None,
    *,
    time_limit_seconds: float = 60.0,
) -> Rota:
    """Plan the weeks of outreach teams so that most people in need are served.

    Parameters
    ----------
    problem
        Venues, teams, journeys, people.
    settings
        Length of sessions, the cycle, reach, credit.
    fairness
        What each type of neighbourhood is owed; by default only the sum counts.
    time_limit_seconds
        After which the best rota found is returned with its gap, never an error.

    Raises
    ------
    ProjectError, DataError
        The inputs do not fit together, or hours are not known.
    InfeasibleError
        No session fits anywhere, or no rota gives every type the share it is owed; the message
        says what share all could have.

    Notes
    -----
    People are served by the venue in reach at which a service is present on most days; one more
    day there counts for less (see `planner.rota.credit`). Solved by HiGHS; the answer's worth is
    worked out anew from the plan, and the bound is the solver's. Of rotas that serve as many,
    sessions that add nobody are taken out.
    """
    fair = fairness or Fairness()
    openings, notes = read_openings(problem.venues, settings)
    reach, more = build_reach(problem, settings, list(openings))
    days, shut = build_days(problem, settings, openings)
    job = _Job(
        problem=problem,
        reach=reach,
        days=days,
        program=build_program(problem, reach, days),
        first=find_first(problem, reach, days, reach.demand),
        fairness=fair,
        seconds=time_limit_seconds,
        until=time.monotonic() + time_limit_seconds,
    )
    promise = _promise(job)
    found, answer = _best_rota(job, promise)
    choice = _without_idle(job, found)
    solved = Solved(
        choice=choice,
        objective=_worth(job, choice),
        bound=_bound(job, answer),
        proved=answer.status == "optimal" and promise.proved,
        in_people=fair.worst_type_weight == 0,
        best=promise.best,
    )
    told = (*notes, *room_notes(problem), *more, *shut, *base_notes(problem), *promise.notes)
    return build_result(problem, settings, reach, days, solved, told)


def count_days(
    problem: RotaProblem, reach: Reach, days: Sequence[TeamDay], choice: Choice
) -> np.ndarray:
    """Return on how many days of the cycle each service is at each venue, venues × kinds."""
    there = {
        (venue, reach.kinds.index(kind), day.week, day.day)
        for day, at in zip(days, choice, strict=True)
        if at >= 0
        for venue in day.runs[at].venues
        for kind in problem.services_of(str(problem.teams.index[day.team]))
        if kind in reach.kinds
    }
    found = np.zeros((len(problem.venues), len(reach.kinds)), dtype=np.int64)
    for venue, kind, _, _ in there:
        found[venue, kind] += 1
    return found


def _promise(job: _Job) -> _Promise:
    """Find the best of each type, and a rota that gives each the share of it that it is owed."""
    types = job.reach.types
    if not types or job.fairness.floor_share == 0:
        none = np.full(len(types), np.nan)
        return _Promise(best=none, share=0.0, proved=True, choice=None, notes=())
    each = BEST_SHARE * job.seconds / len(types)
    best, late = np.zeros(len(types)), []
    for number, gains in enumerate(job.program.gains[:-1]):
        own = job.reach.demand * (job.reach.type_of == number)[:, None]
        first = find_first(job.problem, job.reach, job.days, own)
        answer = run_program(
            job.program, job.days, gains, start=first, least_share=0.0, seconds=each
        )
        best[number] = max(
            job.reach.by_type(job.gains(choice))[number]
            for choice in (first, answer.choice)
            if choice is not None
        )
        if answer.status != "optimal":
            late.append(types[number])
    set_best(job.program, best * job.program.scale)
    seconds = FLOOR_SHARE * job.seconds
    aim = {job.program.floor: SCALE}
    answer = run_program(
        job.program, job.days, aim, start=job.first, least_share=0.0, seconds=seconds
    )
    choice = max(
        (found for found in (job.first, answer.choice) if found is not None),
        key=lambda found: _share_kept(job, found, best),
    )
    share = _share_kept(job, choice, best)
    short = _check_promise(job, answer, share)
    return _Promise(
        best=best,
        share=min(share, job.fairness.floor_share),
        proved=not late and not short,
        choice=choice,
        notes=(*_late_notes(late), *short),
    )


def _late_notes(late: list[str]) -> list[Note]:
    if not late:
        return []
    text = (
        f"The most that a rota could do for {say_list(late)} is not proved in the time given; "
        "their share is of the best found."
    )
    return [note_items("rota", "best_not_proved", late, text)]


def _share_kept(job: _Job, choice: Choice, best: Floats) -> float:
    """Return the least share of its best that any type has."""
    served = job.reach.by_type(job.gains(choice))
    some = best > 0
    return float((served[some] / best[some]).min()) if some.any() else 1.0


def _check_promise(job: _Job, answer: Answer, reached: float) -> list[Note]:
    """Say that the promise is not kept, or refuse where it is proved that it cannot be."""
    floor = job.fairness.floor_share
    if reached >= floor - CLOSE:
        return []
    if answer.status == "optimal" or answer.bound / SCALE < floor - CLOSE:
        all_can = "all can have" if answer.status == "optimal" else "the most found for all is"
        raise InfeasibleError(
            f"No rota gives every type of neighbourhood {floor:.1%} of the best that it could "
            f"have alone; {all_can} {reached:.1%}.",
            hint="Lower floor_share, or add teams, hours or venues.",
        )
    text = (
        f"In the time given no rota was found that gives every type {floor:.1%} of its best: the "
        f"one shown gives {reached:.1%}; whether more is possible is not proved."
    )
    return [note_items("rota", "floor_not_reached", [f"{reached:.4f}"], text)]


def _best_rota(job: _Job, promise: _Promise) -> tuple[Choice, Answer]:
    """Return the best rota found that keeps the promise, and what the solver said."""
    share = promise.share * (1 - CLOSE)
    starts = [choice for choice in (job.first, promise.choice) if choice is not None]
    keep = [c for c in starts if not share or _share_kept(job, c, promise.best) >= share]
    start = max(keep, key=lambda choice: _worth(job, choice))
    answer = run_program(
        job.program,
        job.days,
        _objective(job),
        start=order_choice(job.problem, job.days, start),
        least_share=share,
        seconds=job.left,
    )
    found = start if answer.choice is None else answer.choice
    return max((found, start), key=lambda choice: _worth(job, choice)), answer


def _objective(job: _Job) -> dict[int, float]:
    """Return what each column is worth."""
    weight = job.fairness.worst_type_weight
    cost: dict[int, float] = {}
    for gains in job.program.gains:
        cost.update({column: (1 - weight) * worth for column, worth in gains.items()})
    if weight > 0:
        # Both parts are shares of demand; the sum over all carries the program's scale.
        cost[job.program.worst] = weight * float(job.reach.demand.sum()) * job.program.scale
    return cost


def _worth(job: _Job, choice: Choice) -> float:
    """Return what a rota is worth: need-weighted people, or a share where the worst type counts."""
    weight, reach = job.fairness.worst_type_weight, job.reach
    days = job.presence(choice)
    served = float(reach.gains(days).sum())
    total = float(reach.demand.sum())
    if weight == 0 or total == 0:
        return served
    need = reach.by_type(reach.demand)
    have = reach.by_type(reach.demand * reach.after(days))
    some = need > 0
    worst = float((have[some] / need[some]).min()) if some.any() else 0.0
    return (1 - weight) * served / total + weight * worst


def _bound(job: _Job, answer: Answer) -> float:
    """Return the solver's bound in the units of `_worth`."""
    if not np.isfinite(answer.bound):
        return _everyone(job)
    people = answer.bound / job.program.scale
    if job.fairness.worst_type_weight == 0:
        return people
    total = float(job.reach.demand.sum())
    return people / total if total > 0 else 0.0


def _everyone(job: _Job) -> float:
    """Return a bound that needs no solver: all demand served in full."""
    reach, weight = job.reach, job.fairness.worst_type_weight
    missing = float((reach.demand * (1 - reach.before)).sum())
    total = float(reach.demand.sum())
    if weight == 0 or total == 0:
        return missing
    return (1 - weight) * missing / total + weight


def _without_idle(job: _Job, choice: Choice) -> Choice:
    """Take out sessions that add nobody, the last of the cycle first.

    A day is shortened only where the shorter run is among those that fit and takes no longer.
    """
    served = job.reach.by_type(job.gains(choice))
    total = float(job.gains(choice).sum())
    order = sorted(range(len(choice)), key=lambda at: (job.days[at].week, job.days[at].day, at))
    for at in reversed(order):
        runs = job.days[at].runs
        number = {tuple(sorted(run.venues)): n for n, run in enumerate(runs)}
        for venue in sorted(runs[choice[at]].venues) if choice[at] >= 0 else ():
            now = runs[choice[at]]
            rest = tuple(sorted(set(now.venues) - {venue}))
            fewer = number.get(rest, -1)
            if rest and (fewer < 0 or runs[fewer].minutes > now.minutes):
                continue
            tried = (*choice[:at], fewer, *choice[at + 1 :])
            gains = job.gains(tried)
            same = bool(np.allclose(job.reach.by_type(gains), served, rtol=1e-9, atol=1e-9))
            if same and np.isclose(float(gains.sum()), total, rtol=1e-9, atol=1e-9):
                choice = tried
    return choice
