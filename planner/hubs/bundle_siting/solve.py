"""Which venues should be opened, and which services brought together in each?"""

from __future__ import annotations

import math
import time

import numpy as np
import pandas as pd

from planner.errors import InfeasibleError, ProjectError
from planner.hubs.answer import Change, Infeasible
from planner.hubs.bundle_siting.answer import (
    BundleObjective,
    BundleSiting,
    build_answer,
    say_kinds,
)
from planner.hubs.bundle_siting.bundle_trip import shorten_trips
from planner.hubs.bundle_siting.one_stop import (
    build_reach,
    build_whole,
    could_be_whole,
    cover_most_whole,
)
from planner.hubs.bundle_siting.packing import Packing, build_packing
from planner.hubs.bundle_siting.priced_trips import build_ways
from planner.hubs.bundle_siting.problem import BundleProblem
from planner.hubs.limits import Limit, build_limit
from planner.hubs.problem import Places
from planner.wording import say_are, say_few, say_list, say_many, say_noun


def solve_bundle(
    problem: BundleProblem,
    objective: BundleObjective = "one_stop",
    *,
    p: int | None = None,
    budget: float | None = None,
    within_minutes: float | None = None,
    time_limit_seconds: float = 60.0,
) -> BundleSiting:
    """Choose venues and what comes together in each.

    Parameters
    ----------
    problem
        Areas, venues, services today, and what partners can place.
    objective
        ``one_stop``: as much demand as possible has the whole bundle at one place within
        ``within_minutes``. ``bundle_trip``: the need-weighted minutes of the shortest round trip
        that takes in one of each kind are fewest; who has none, or a longer one, counts the
        problem's penalty.
    p, budget
        At most so many venues, or so much money, beside the existing ones; forced ones count.
        Neither: without limit.
    within_minutes
        For ``one_stop``; with trips it is only told who is within it.
    time_limit_seconds
        After it the best answer found is returned with its gap.

    Returns
    -------
    siting
        The same every time unless time runs out. Of equally good answers one in which nothing is
        placed or moved that brings nothing. Where the whole bundle cannot be brought together at
        all, ``infeasible`` says why.

    Raises
    ------
    ProjectError
        Both a number and a budget are given, or what the objective needs is not given.
    """
    if objective == "one_stop" and within_minutes is None:
        raise ProjectError(
            "Bundle siting: within how many minutes is one stop in reach?",
            hint="Give within_minutes.",
        )
    if within_minutes is not None and not 0 <= within_minutes < math.inf:
        raise ProjectError("Bundle siting: within_minutes must be a number of at least 0.")
    if objective == "bundle_trip" and problem.between is None:
        raise ProjectError("Bundle siting: trips need the minutes between venues.")
    deadline = time.monotonic() + time_limit_seconds
    try:
        limit = _build_limit(problem, p, budget)
    except InfeasibleError as error:
        packing = build_packing(problem, _no_limit(problem))
        return _refuse(packing, objective, within_minutes, str(error), ())
    packing = build_packing(problem, limit)
    refused = _refuse_kinds(packing, objective, within_minutes)
    if refused is not None:
        return refused
    if objective == "one_stop":
        if could_be_whole(packing, deadline=deadline) is False:
            text, changes = _explain_rooms(packing)
            return _refuse(packing, objective, within_minutes, text, changes)
        return _one_stop(packing, float(within_minutes or 0.0), deadline)
    return _bundle_trip(packing, within_minutes, deadline, time_limit_seconds)


def _one_stop(packing: Packing, within: float, deadline: float) -> BundleSiting:
    problem = packing.problem
    found = cover_most_whole(packing, within, deadline=deadline)
    whole = build_whole(problem, packing.today > 0)
    reach = build_reach(problem, within)[:, whole].any(axis=1)
    return build_answer(
        packing,
        "one_stop",
        found.placement,
        within_minutes=within,
        objective=-found.objective,
        before=float(problem.siting.demand.to_numpy() @ reach),
        bound=-found.bound,
        finished=found.finished,
    )


def _bundle_trip(
    packing: Packing, within: float | None, deadline: float, seconds: float
) -> BundleSiting:
    problem = packing.problem
    found = shorten_trips(packing, deadline=deadline)
    today = build_ways(problem).paid(packing.today > 0)
    return build_answer(
        packing,
        "bundle_trip",
        found.placement,
        within_minutes=within,
        objective=found.objective,
        before=float(problem.siting.demand.to_numpy() @ today),
        bound=found.bound,
        finished=found.finished,
    )


def _build_limit(problem: BundleProblem, p: int | None, budget: float | None) -> Limit:
    """Return what there is for candidates; a number beyond all of them is no limit."""
    most = len(problem.siting.choosable) + len(problem.siting.forced)
    if p is not None and budget is None and p >= most:
        p = None
    return build_limit(problem.siting, p, budget)


def _no_limit(problem: BundleProblem) -> Limit:
    none: Places = np.zeros(0, np.int64)
    return Limit(what="p", free=none, takes=np.zeros(0), most=math.inf, spent=0.0)


def _refuse(
    packing: Packing,
    objective: BundleObjective,
    within: float | None,
    text: str,
    changes: tuple[Change, ...],
) -> BundleSiting:
    """Return that there is no answer; all stays as it is today."""
    areas = pd.DataFrame({"minutes": [], "over_by": [], "people": []}, dtype=float)
    return build_answer(
        packing,
        objective,
        packing.nothing,
        within_minutes=within,
        objective=math.nan,
        before=math.nan,
        bound=math.nan,
        finished=True,
        infeasible=Infeasible(areas=areas, changes=changes, text=text),
    )


def _refuse_kinds(
    packing: Packing, objective: BundleObjective, within: float | None
) -> BundleSiting | None:
    """Refuse a bundle of which some kind is nowhere and cannot be placed."""
    nowhere = (packing.today.sum(axis=0) + packing.spare) == 0
    if not nowhere.any():
        return None
    kinds = packing.problem.kinds
    names = say_kinds([kind for at, kind in enumerate(kinds) if nowhere[at]])
    text = (
        f"The whole bundle cannot be had: nobody offers {say_list(names)}, and no partner has a "
        "session of it to place."
    )
    changes = tuple(
        Change(what="capacity", now=0.0, needed=1.0, text=f"find one session of {name} to place")
        for name in names
    )
    return _refuse(packing, objective, within, text, changes if len(changes) == 1 else ())


def _explain_rooms(packing: Packing) -> tuple[str, tuple[Change, ...]]:
    """Say why the whole bundle fits into no place: by rooms, by sessions, or by the limit."""
    problem, kinds = packing.problem, packing.problem.kinds
    wanted = len(kinds)
    held = (packing.today > 0).sum(axis=1)
    hosts = problem.may_host
    could = np.where(hosts, held + np.minimum(packing.room_left, wanted - held), held)
    most = int(could.max(initial=0))
    head = f"In no place can all {wanted} services come together."
    if not hosts.any() or (
        len(packing.limit.free) and packing.limit.most < 1 and not len(problem.siting.open_sites)
    ):
        return f"{head} No venue may be opened for further services.", ()
    if most < wanted:
        best = problem.venues[could == most].tolist()
        text = (
            f"{head} There is room for {say_many(most, 'of them', 'of them')} at the most, in "
            f"{say_few(best)}."
        )
        lacking = wanted - most
        change = Change(
            what="capacity",
            now=float(most),
            needed=float(wanted),
            text=f"find {say_many(lacking, 'more room')} in one of these venues",
        )
        return f"{text} What would do: {change.text}.", (change,)
    short = [
        kind
        for at, kind in enumerate(kinds)
        if packing.spare[at] + packing.movable[:, at].sum() == 0
    ]
    names = say_kinds(short)
    text = (
        f"{head} {say_list(names)} {say_are(len(names))} where others have no room to join, and "
        f"no partner has {say_noun(len(names), 'a session of it', 'sessions of them')} to place."
        if names
        else f"{head} Rooms, sessions and the number of venues do not allow it together."
    )
    return text, ()
