"""Which sites should be opened, by any of the models of siting?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.errors import InfeasibleError, ProjectError
from planner.hubs.answer import Model, Siting, build_infeasible, build_siting, to_served
from planner.hubs.capacitated import (
    Filled,
    build_filling,
    choose_filling,
    least_for_room,
    most_room,
)
from planner.hubs.centre import choose_centre
from planner.hubs.covers import build_cover, cover_enough, cover_most
from planner.hubs.fair import choose_by_budget, choose_worst_off, number_groups
from planner.hubs.infeasible import explain_cover, explain_room
from planner.hubs.limits import ROUNDING, Limit, build_limit
from planner.hubs.pmedian import solve_pmedian
from planner.hubs.problem import Floats, Places, SitingProblem
from planner.ledger import Note, note_items
from planner.wording import say_are, say_many, say_noun

#: Share of people who are the worst off, unless another is given.
WORST_SHARE = 0.1
#: Of the time: for the answer without capacities, and for reasons why there is no answer.
_FIRST_SHARE, _REASONS_SHARE = 0.25, 0.5

_ALL = "of people"
_EACH = "of the people of every type of neighbourhood"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    """One question, checked: its limit, its numbers (0 where it has none), and till when."""

    problem: SitingProblem
    model: Model
    limit: Limit
    within: float
    share: float
    deadline: float
    seconds: float


def solve(
    problem: SitingProblem,
    model: Model,
    *,
    p: int | None = None,
    budget: float | None = None,
    within_minutes: float | None = None,
    share: float | None = None,
    time_limit_seconds: float = 60.0,
) -> Siting:
    """Choose sites by one model.

    Parameters
    ----------
    problem
        Areas, sites and minutes.
    model
        ``p_median``: least need-weighted minutes. ``max_cover``: most need-weighted people within
        ``within_minutes``. ``set_cover``: fewest sites (with a ``budget``: least money) that cover
        ``share`` of all people (1 unless given). ``p_centre``: shortest longest journey.
        ``worst_off``: least mean minutes of the ``share`` (a tenth unless given) of people who
        are worst off. ``fair_cover``: as ``max_cover``, with at least ``share`` of the people of
        every type of neighbourhood. ``capacitated_p_median`` and ``capacitated_cover``: the same
        with sites that fill up; an area's people may be split between sites, and those who find
        no room pay the penalty or are not covered.
    p, budget
        Sites to open (forced ones among them, existing ones not), or money for them: one of the
        two; ``set_cover`` needs neither and takes them as the most there may be. Where no further
        site brings anything, fewer are opened, but by ``p_median``.
    within_minutes, share
        As the model says.
    time_limit_seconds
        After that the best answer found is returned with its gap.

    Returns
    -------
    siting
        Proved to one part in a million. Of answers as good, one that no swap with an earlier site
        leaves as good (by capacitated models: the first found). The same every time unless the
        time limit ends the search.

    Raises
    ------
    ProjectError
        The model does not take what was given, or needs what was not.
    InfeasibleError
        More sites are asked for than there are, none can be had or reached, or all of them
        together have too little room.

    Examples
    --------
    >>> import pandas as pd
    >>> areas, sites = pd.Index(["A", "B"], name="area_code"), pd.Index(["x", "y"], name="venue_id")
    >>> problem = SitingProblem(
    ...     minutes=pd.DataFrame([[5.0, 20.0], [30.0, 10.0]], index=areas, columns=sites),
    ...     demand=pd.Series([100.0, 60.0], index=areas),
    ...     people=pd.Series([100.0, 60.0], index=areas),
    ...     sites=pd.DataFrame(
    ...         {"status": "candidate", "cost": 0.0, "capacity": 120.0}, index=sites
    ...     ),
    ...     penalty_minutes=180.0,
    ...     groups=pd.Series("", index=areas),
    ... )
    >>> found = solve(problem, "max_cover", p=1, within_minutes=15)
    >>> list(found.chosen), found.objective, found.status
    (['x'], 100.0, 'optimal')
    >>> solve(problem, "set_cover", p=1, within_minutes=15).infeasible.changes[1].text
    'open 2 sites instead of 1'
    """
    begun = time.monotonic()
    _check(problem, model, p, budget, within_minutes, share)
    limit = build_limit(problem, p, budget)
    default = WORST_SHARE if model == "worst_off" else 1.0
    asked = _Asked(
        problem=problem,
        model=model,
        limit=limit,
        within=within_minutes or 0.0,
        share=default if share is None else share,
        deadline=begun + time_limit_seconds,
        seconds=time_limit_seconds,
    )
    return _SOLVERS[model](asked)


def _check(
    problem: SitingProblem,
    model: Model,
    p: int | None,
    budget: float | None,
    within_minutes: float | None,
    share: float | None,
) -> None:
    if model not in _SOLVERS:
        raise ProjectError(
            f"Hubs: there is no model {model!r}.", hint=f"Use {', '.join(_SOLVERS)}."
        )
    if p is None and budget is None and model != "set_cover":
        raise ProjectError(f"Hubs: {model} needs a number of sites or a budget.")
    covers = model in ("max_cover", "set_cover", "fair_cover", "capacitated_cover")
    if covers != (within_minutes is not None):
        said = "needs the minutes within which people are covered" if covers else "takes no minutes"
        raise ProjectError(f"Hubs: {model} {said}.")
    if within_minutes is not None and not 0 <= within_minutes < np.inf:
        raise ProjectError(f"Hubs: nobody can be covered within {within_minutes:g} minutes.")
    if share is None and model == "fair_cover":
        raise ProjectError("Hubs: fair_cover needs the share of people to cover of every type.")
    if share is not None and model not in ("set_cover", "fair_cover", "worst_off"):
        raise ProjectError(f"Hubs: {model} takes no share of people.")
    if share is not None and not 0 < share <= 1:
        raise ProjectError(
            f"Hubs: a share of {share:g} cannot be.", hint="Give a number above 0, at most 1."
        )
    if model == "fair_cover" and not bool((problem.groups != "").any()):
        raise ProjectError(
            "Hubs: no area is in a type of neighbourhood, so no share of each can be asked for.",
            hint="Build the types first, or use max_cover.",
        )
    if not bool(problem.minutes[problem.usable].notna().any(axis=None)):
        count = len(problem.usable)
        raise InfeasibleError(
            f"Hubs: no area reaches {'the site' if count == 1 else f'any of the {count} sites'} "
            "within the longest journey.",
            hint="Allow longer journeys or another way of travel, or name nearer candidates.",
        )


def _p_median(asked: _Asked) -> Siting:
    problem, limit = asked.problem, asked.limit
    if limit.what == "budget":
        paid = choose_by_budget(problem, limit, deadline=asked.deadline)
        return _answer(asked, paid.sites, paid.objective, paid.bound, finished=paid.finished)
    sites, objective, bound, finished = _by_count(asked)
    return _answer(asked, sites, objective, bound, finished=finished)


def _by_count(asked: _Asked) -> tuple[Places, float, float, bool]:
    """Return the p-median's candidates, objective, bound and whether it is proved."""
    problem, limit = asked.problem, asked.limit
    columns = np.sort(problem.at(problem.usable))
    opened = np.isin(columns, problem.at(problem.open_sites))
    answer = solve_pmedian(
        np.ascontiguousarray(problem.cost[:, columns]),
        problem.demand.to_numpy(dtype=np.float64),
        round(limit.most),
        fixed=tuple(np.flatnonzero(opened).tolist()),
        time_limit_seconds=max(0.0, asked.deadline - time.monotonic()),
    )
    chosen = np.flatnonzero(np.isin(limit.free, columns[list(answer.sites)]))
    return chosen, answer.objective, answer.bound, answer.status == "optimal"


def _max_cover(asked: _Asked) -> Siting:
    group = np.full(len(asked.problem.minutes), -1)
    cover = build_cover(asked.problem, asked.limit.free, asked.within, group)
    found = cover_most(cover, asked.limit, 0.0, deadline=asked.deadline)
    sites = _none() if found.sites is None else found.sites
    return _answer(asked, sites, cover.demand_of(sites), found.bound, finished=found.finished)


def _fair_cover(asked: _Asked) -> Siting:
    problem, limit = asked.problem, asked.limit
    group, _ = number_groups(problem)
    cover = build_cover(problem, limit.free, asked.within, group)
    found = cover_most(cover, limit, asked.share, deadline=asked.deadline)
    if found.sites is None and found.finished:
        return _no_answer(asked, group, _EACH)
    sites = _none() if found.sites is None else found.sites
    notes: tuple[Note, ...] = ()
    if found.sites is None:
        text = (
            "Time ran out before any choice was found that covers the share of every type; none "
            "but the sites that are open anyway is shown."
        )
        notes = (Note(stage="hubs", what="share_not_met", count=1, text=text),)
    bound = max(found.bound, cover.demand_of(sites))
    return _answer(
        asked, sites, cover.demand_of(sites), bound, finished=found.finished, notes=notes
    )


def _set_cover(asked: _Asked) -> Siting:
    problem, limit = asked.problem, asked.limit
    group = np.zeros(len(problem.minutes), np.int64)
    cover = build_cover(problem, limit.free, asked.within, group)
    found = cover_enough(cover, limit, asked.share, deadline=asked.deadline)
    if found.sites is None or found.bound > limit.room:
        return _no_answer(asked, group, _ALL)
    takes = float(limit.takes[found.sites].sum())
    if takes > limit.room and found.finished:
        return _no_answer(asked, group, _ALL)
    notes: tuple[Note, ...] = ()
    if takes > limit.room:
        text = (
            "Time ran out before it was proved whether what there is suffices; the best choice "
            "found takes more."
        )
        notes = (Note(stage="hubs", what="limit_not_met", count=1, text=text),)
    return _answer(
        asked,
        found.sites,
        takes + limit.spent,
        found.bound + limit.spent,
        finished=found.finished,
        notes=notes,
    )


def _p_centre(asked: _Asked) -> Siting:
    found = choose_centre(asked.problem, asked.limit, deadline=asked.deadline)
    return _answer(
        asked, found.sites, found.longest, found.bound, finished=found.finished,
        notes=_set_aside(asked.problem),
    )  # fmt: skip


def _worst_off(asked: _Asked) -> Siting:
    found = choose_worst_off(asked.problem, asked.limit, asked.share, deadline=asked.deadline)
    return _answer(
        asked, found.sites, found.objective, found.bound, finished=found.finished,
        notes=_set_aside(asked.problem),
    )  # fmt: skip


def _capacitated_p_median(asked: _Asked) -> Siting:
    problem, limit = asked.problem, asked.limit
    reached = problem.people.drop(problem.out_of_reach).sum()
    everything = build_limit(problem, None, None)
    room = most_room(problem, everything)
    if room < reached * (1 - ROUNDING):
        raise InfeasibleError(
            f"Hubs: all sites together have room for {room:,.0f} people, but {reached:,.0f} can "
            "reach one.",
            hint="Raise capacities, or name more candidate venues.",
        )
    room = most_room(problem, limit)
    if room < reached * (1 - ROUNDING):
        least = least_for_room(problem, limit, reached)
        why = explain_room(problem, limit, people=reached, room=room, least=least)
        return build_infeasible(problem, asked.model, why)
    early = _for(asked, _FIRST_SHARE)
    if limit.what == "p":
        first, _, bound, _ = _by_count(early)
    else:
        paid = choose_by_budget(problem, limit, deadline=early.deadline)
        first, bound = paid.sites, paid.bound
    filling = build_filling(problem, "minutes")
    filled = choose_filling(
        problem, filling, limit, first=first, bound=bound, deadline=asked.deadline
    )
    return _filled(asked, filled, filled.objective, filled.bound, "pay the penalty")


def _capacitated_cover(asked: _Asked) -> Siting:
    problem, limit = asked.problem, asked.limit
    group = np.full(len(problem.minutes), -1)
    cover = build_cover(problem, limit.free, asked.within, group)
    early = _for(asked, _FIRST_SHARE)
    found = cover_most(cover, limit, 0.0, deadline=early.deadline)
    first = _none() if found.sites is None else found.sites
    filling = build_filling(problem, "cover", asked.within)
    filled = choose_filling(
        problem, filling, limit, first=first, bound=-found.bound, deadline=asked.deadline
    )
    return _filled(asked, filled, -filled.objective, -filled.bound, "are not covered")


def _filled(asked: _Asked, filled: Filled, objective: float, bound: float, then: str) -> Siting:
    """Return the answer with who goes where, and say who finds no room."""
    problem = asked.problem
    served: Floats = filled.shares.sum(axis=1)
    opened = problem.open_sites.union(problem.sites.index[asked.limit.free[filled.sites]])
    times = problem.minutes[opened].min(axis=1).to_numpy(dtype=float)
    limit = np.inf if asked.model == "capacitated_p_median" else asked.within
    short = (served < 1 - 1e-6) & (times <= limit + 1e-6) & (problem.people > 0).to_numpy()
    notes: tuple[Note, ...] = ()
    if short.any():
        left = float(((1 - served) * problem.people.to_numpy())[short].sum())
        text = (
            f"{say_many(round(left), 'person', 'people')} of {say_many(int(short.sum()), 'area')} "
            f"{say_noun(round(left), 'finds', 'find')} no room at the open sites they can reach "
            f"and {then}."
        )
        notes = (note_items("hubs", "no_room", problem.minutes.index[short], text),)
    return build_siting(
        problem,
        asked.model,
        problem.sites.index[asked.limit.free[filled.sites]],
        objective=objective,
        bound=bound,
        finished=filled.finished,
        served=to_served(problem, filled.shares),
        notes=(*notes, *_time_ran_out(asked, objective, bound, filled.finished)),
    )


def _answer(
    asked: _Asked,
    sites: Places,
    objective: float,
    bound: float,
    *,
    finished: bool,
    notes: tuple[Note, ...] = (),
) -> Siting:
    problem, limit = asked.problem, asked.limit
    few: tuple[Note, ...] = ()
    if limit.what == "p" and np.isfinite(limit.most) and len(sites) < limit.most and finished:
        count = len(sites) + round(limit.spent)
        text = (
            f"{say_many(count, 'site')} {say_are(count)} enough: no further one would bring "
            "anything by this measure."
        )
        few = (Note(stage="hubs", what="fewer_sites", count=count, text=text),)
    if asked.model == "set_cover":
        few = ()
    return build_siting(
        problem,
        asked.model,
        problem.sites.index[limit.free[sites]],
        objective=objective,
        bound=bound,
        finished=finished,
        notes=(*notes, *few, *_time_ran_out(asked, objective, bound, finished)),
    )


def _time_ran_out(
    asked: _Asked, objective: float, bound: float, finished: bool
) -> tuple[Note, ...]:
    greater = max(abs(objective), abs(bound))
    if finished or abs(objective - bound) <= 1e-6 * greater:
        return ()
    text = (
        "Time ran out before the choice was proved best: it is within "
        f"{abs(objective - bound) / greater:.1%} of the best possible."
    )
    return (Note(stage="hubs", what="not_proved", count=1, text=text),)


def _set_aside(problem: SitingProblem) -> tuple[Note, ...]:
    far = problem.out_of_reach
    if len(far) == 0:
        return ()
    text = (
        f"{say_many(len(far), 'area')} {say_noun(len(far), 'reaches', 'reach')} no site, whatever "
        "is chosen, and did not decide: this measure looks at the areas that can be helped."
    )
    return (note_items("hubs", "areas_set_aside", far, text),)


def _no_answer(asked: _Asked, group: Places, whose: str) -> Siting:
    """Return why there is no answer; reasons get time of their own, if need be."""
    deadline = max(asked.deadline, time.monotonic() + _REASONS_SHARE * asked.seconds)
    why = explain_cover(
        asked.problem,
        asked.limit,
        group,
        within_minutes=asked.within,
        share=asked.share,
        whose=whose,
        deadline=deadline,
    )
    return build_infeasible(asked.problem, asked.model, why)


def _for(asked: _Asked, share: float) -> _Asked:
    """Return the question with only a share of its time."""
    early = asked.deadline - (1 - share) * asked.seconds
    return _Asked(**(vars(asked) | {"deadline": early}))


def _none() -> Places:
    return np.zeros(0, np.int64)


_SOLVERS: dict[Model, Callable[[_Asked], Siting]] = {
    "p_median": _p_median,
    "max_cover": _max_cover,
    "set_cover": _set_cover,
    "p_centre": _p_centre,
    "worst_off": _worst_off,
    "fair_cover": _fair_cover,
    "capacitated_p_median": _capacitated_p_median,
    "capacitated_cover": _capacitated_cover,
}
