"""Why can no choice do what was asked for, and what is the smallest change that would?"""

from __future__ import annotations

import math
import time

import numpy as np
import pandas as pd

from planner.hubs.answer import Change, Infeasible
from planner.hubs.centre import choose_centre
from planner.hubs.covers import (
    SAME_MINUTES,
    Choice,
    build_cover,
    cover_enough,
    cover_fairest,
)
from planner.hubs.limits import Limit
from planner.hubs.problem import Floats, Places, SitingProblem
from planner.wording import say_few, say_list, say_many, say_noun


def explain_cover(
    problem: SitingProblem,
    limit: Limit,
    group: Places,
    *,
    within_minutes: float,
    share: float,
    whose: str,
    deadline: float,
) -> Infeasible:
    """Say which areas cannot be covered from any site, and what would make the share possible.

    ``group`` numbers the types whose people are to be covered, ``whose`` says them in words (``of
    people``, ``of the people of every type of neighbourhood``).
    """
    areas = areas_beyond(problem, group, within_minutes)
    changes = [
        _more_minutes(problem, limit, group, within_minutes, share, deadline),
        _more_sites(problem, limit, group, within_minutes, share, deadline),
        _less_share(problem, limit, group, within_minutes, share, whose, deadline),
    ]
    suffice = tuple(change for change in changes if change is not None)
    asked = f"{say_share(share)} {whose}" if share < 1.0 else f"all {whose.removeprefix('of ')}"
    head = f"No choice{_say_limit(limit)} covers {asked} within {within_minutes:g} minutes."
    return Infeasible(
        areas=areas, changes=suffice, text=" ".join([head, *_say_areas(areas), _say(suffice)])
    )


def explain_room(
    problem: SitingProblem, limit: Limit, *, people: float, room: float, least: float
) -> Infeasible:
    """Say by how many people the sites that may be opened are too small, and how many would do."""
    changes = []
    if math.isfinite(least):
        changes.append(_raise_limit(limit, least, proved=True))
    lacking = math.ceil(people - room)
    changes.append(
        Change(
            what="capacity",
            now=room,
            needed=people,
            text=f"make room for {say_many(lacking, 'more person', 'more people')}",
        )
    )
    text = (
        f"{say_many(round(people), 'person', 'people')} can reach a site, but{_say_limit(limit)} "
        f"there is room for {math.floor(room):,} at the most. {_say(tuple(changes))}"
    )
    empty = areas_beyond(problem, np.full(len(problem.minutes), -1), 0.0)
    return Infeasible(areas=empty, changes=tuple(changes), text=text.replace("  ", " "))


def areas_beyond(problem: SitingProblem, group: Places, within_minutes: float) -> pd.DataFrame:
    """Return the areas that cannot be covered from any site that may be used, the furthest first.

    On ``area_code``: ``minutes`` to the nearest of these sites, ``over_by`` (both NaN where there
    is no way within the longest journey; these come first) and ``people``.
    """
    times = problem.minutes[problem.usable].min(axis=1)
    asked = (group >= 0) & (problem.people > 0).to_numpy()
    beyond = asked & ~(times <= within_minutes + SAME_MINUTES).to_numpy()
    table = pd.DataFrame(
        {
            "minutes": times[beyond],
            "over_by": times[beyond] - within_minutes,
            "people": problem.people[beyond],
        }
    )
    return table.sort_values("minutes", ascending=False, na_position="first", kind="stable")


def say_share(share: float) -> str:
    """Return a share in words, never more than it is.

    Examples
    --------
    >>> say_share(1.0), say_share(0.8), say_share(0.66666)
    ('all', '80 %', '66.6 %')
    """
    return "all" if share >= 1.0 else f"{math.floor(share * 1000 + 1e-6) / 10:g} %"


def _more_minutes(
    problem: SitingProblem,
    limit: Limit,
    group: Places,
    within_minutes: float,
    share: float,
    deadline: float,
) -> Change | None:
    """Return the least minutes within which the share can be covered."""
    if bool((group == 0).all()):
        return _minutes_for_all(problem, limit, within_minutes, share, deadline)
    times = problem.minutes[problem.usable].to_numpy(dtype=np.float64)
    levels = np.unique(times[times > within_minutes + SAME_MINUTES])
    low, high, proved = 0, len(levels), True
    while low < high and time.monotonic() < deadline:
        middle = (low + high) // 2
        cover = build_cover(problem, limit.free, levels[middle], group)
        found = cover_enough(cover, limit, share, deadline=deadline, enough=limit.room)
        if _fits(limit, found):
            high = middle
        elif found.bound > limit.room:
            low = middle + 1
        else:
            break
    proved = low >= high
    return _raise_minutes(within_minutes, levels[high], proved) if high < len(levels) else None


def _minutes_for_all(
    problem: SitingProblem, limit: Limit, within_minutes: float, share: float, deadline: float
) -> Change | None:
    """Return the least minutes for a share of all people, as the longest journey among them."""
    counted = problem.people.sum()
    stranded = problem.people[problem.out_of_reach].sum()
    if counted - stranded < share * counted * (1 - 1e-9):
        return None
    among = min(1.0, share * counted / (counted - stranded))
    found = choose_centre(problem, limit, deadline=deadline, share=among)
    if found.longest >= problem.penalty_minutes and not _reaches(problem, found.longest):
        return None
    return _raise_minutes(within_minutes, found.longest, found.finished)


def _reaches(problem: SitingProblem, minutes: float) -> bool:
    """Tell whether some journey takes just that long, so that it is no penalty."""
    return bool(np.isclose(problem.minutes.to_numpy(dtype=float), minutes, atol=1e-9).any())


def _raise_minutes(now: float, needed: float, proved: bool) -> Change:
    shown = math.ceil(needed * 10 - 1e-6) / 10
    text = f"allow {shown:g} minutes instead of {now:g}"
    return Change(what="minutes", now=now, needed=float(needed), text=text, proved=proved)


def _more_sites(
    problem: SitingProblem,
    limit: Limit,
    group: Places,
    within_minutes: float,
    share: float,
    deadline: float,
) -> Change | None:
    """Return the fewest sites (or least money) with which the share can be covered."""
    if not np.isfinite(limit.most):
        return None
    cover = build_cover(problem, limit.free, within_minutes, group)
    found = cover_enough(cover, limit, share, deadline=deadline)
    if found.sites is None:
        return None
    return _raise_limit(limit, float(limit.takes[found.sites].sum()), proved=found.finished)


def _raise_limit(limit: Limit, takes: float, *, proved: bool) -> Change:
    now, needed = limit.most + limit.spent, takes + limit.spent
    if limit.what == "p":
        text = f"open {say_many(round(needed), 'site')} instead of {round(now)}"
    else:
        text = f"raise the budget to {needed:,g} from {now:,g}"
    return Change(what=limit.what, now=now, needed=needed, text=text, proved=proved)


def _less_share(
    problem: SitingProblem,
    limit: Limit,
    group: Places,
    within_minutes: float,
    share: float,
    whose: str,
    deadline: float,
) -> Change | None:
    """Return the greatest share that can be covered."""
    cover = build_cover(problem, limit.free, within_minutes, group)
    found = cover_fairest(cover, limit, deadline=deadline)
    assert found.sites is not None
    reached = cover.share_of(found.sites)
    if reached <= 0:
        return None
    text = f"cover {say_share(reached)} {whose}"
    return Change(what="share", now=share, needed=reached, text=text, proved=found.finished)


def _fits(limit: Limit, found: Choice) -> bool:
    return found.sites is not None and limit.allows(found.sites)


def _say_limit(limit: Limit) -> str:
    if not np.isfinite(limit.most):
        return ""
    total = limit.most + limit.spent
    if limit.what == "p":
        return f" with {say_many(round(total), 'site')}"
    return f" for {total:,g}"


def _say_areas(areas: pd.DataFrame) -> list[str]:
    """Say which areas lie beyond every site, and by how much."""
    never = areas.index[areas["minutes"].isna()].tolist()
    far = areas[areas["minutes"].notna()]
    said = []
    if never:
        reach = say_noun(len(never), "has", "have")
        said.append(f"{say_few(never)} {reach} no way to any site within the longest journey.")
    if len(far):
        over: Floats = far["over_by"].to_numpy()
        names = [f"{code} (by {by:.1f})" for code, by in zip(far.index, over, strict=True)]
        lie = say_noun(len(far), "lies", "lie")
        said.append(f"{say_few(names)} {lie} too many minutes from every site.")
    return said


def _say(changes: tuple[Change, ...]) -> str:
    if not changes:
        return "No single change of these would do."
    words = [change.text + ("" if change.proved else " (less may do)") for change in changes]
    return (
        f"Any one of these would do: {'; '.join(words)}."
        if len(words) > 1
        else (f"What would do: {say_list(words)}.")
    )
