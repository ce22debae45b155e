"""The front holds every plan that no other beats, and no plan that another beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import (
    can_be_helped,
    choices,
    covered,
    paid_minutes,
    problems,
    siting_problem,
    worst_mean,
)

from planner.errors import ProjectError
from planner.hubs import SitingProblem
from planner.hubs.choice import Front, Objective, build_front
from planner.hubs.choice.front import COLUMNS, OBJECTIVES

AIMS = st.lists(st.sampled_from(OBJECTIVES), min_size=2, max_size=3, unique=True)


def worth(problem: SitingProblem, opened: list[int], aim: str) -> float:
    """Return what a plan comes to in an aim by hand, less being better."""
    demand, people = problem.demand.to_numpy(), problem.people.to_numpy()
    helped, minutes = can_be_helped(problem), paid_minutes(problem, opened)
    if aim == "mean_minutes":
        return float(demand @ minutes / demand.sum()) if demand.sum() else 0.0
    if aim == "longest_minutes":
        return float(minutes[helped].max(initial=0.0))
    if aim == "people_within":
        return float(-(demand @ covered(problem, opened, 9)))
    if aim == "worst_off_minutes":
        return worst_mean(minutes[helped], people[helped], 0.2) if helped.any() else 0.0
    new = problem.sites["status"].to_numpy()[opened] != "existing"
    return float(problem.sites["cost"].to_numpy()[opened][new].sum())


def by_hand(problem: SitingProblem, aims: Sequence[str], **limit: Any) -> set[tuple[float, ...]]:
    """Return the points of the front, rounded, by comparing every plan with every other."""
    there = len(problem.open_sites) - len(problem.forced)
    plans = [
        some
        for some in choices(problem, **limit)
        if "p" not in limit or "money" in aims or len(some) - there == limit["p"]
    ]
    points = {tuple(round(worth(problem, some, aim), 4) for aim in aims) for some in plans}
    return {
        one
        for one in points
        if not any(other != one and all(np.less_equal(other, one)) for other in points)
    }


def points(found: Front) -> set[tuple[float, ...]]:
    signs = [-1 if aim == "people_within" else 1 for aim in found.objectives]
    table = found.points[[COLUMNS[aim] for aim in found.objectives]].to_numpy() * signs
    return {tuple(round(value, 4) + 0.0 for value in row) for row in table.tolist()}


@pytest.mark.parametrize("try_all", [True, False])
@settings(max_examples=8, deadline=None)
@given(st.data(), problems(), AIMS)
def test_front_equals_comparing_all(
    try_all: bool, data: st.DataObject, problem: SitingProblem, aims: list[Objective]
) -> None:
    least = max(1, len(problem.forced))
    p = data.draw(st.integers(least, max(least, len(problem.forced) + len(problem.choosable))))
    limit: dict[str, Any] = {"p": p}
    if data.draw(st.booleans()):
        limit = {"budget": float(problem.sites["cost"][problem.forced].sum()) + 6.0}
    found = build_front(problem, aims, within_minutes=9, share=0.2, try_all=try_all, **limit)
    assert found.complete
    assert points(found) == by_hand(problem, aims, **limit)
    for row in found.points.itertuples():
        chosen = problem.sites.index.intersection(row.venue_ids.split(", "))
        opened = problem.at(problem.open_sites.union(chosen)).tolist()
        for aim in aims:
            sign = -1 if aim == "people_within" else 1
            told = sign * getattr(row, COLUMNS[aim])
            assert told == pytest.approx(worth(problem, opened, aim), abs=1e-6)


def test_words_by_hand() -> None:
    # The town hall is near most people, the village hall near the few far ones.
    problem = siting_problem([[5, 30, 20], [50, 10, 30]], [900, 100])
    found = build_front(
        problem, ["mean_minutes", "longest_minutes"], p=1, names={"s002": "Middle hall"}
    )
    assert found.points["venue_ids"].tolist() == ["s000", "s002", "s001"][:2]
    assert found.points["mean_minutes"].tolist() == [9.5, 21.0]
    assert found.points["longest_minutes"].tolist() == [50.0, 30.0]
    assert found.best == {"mean_minutes": 9.5, "longest_minutes": 30.0}
    assert found.plans_tried == 3
    assert found.findings == (
        "2 plans waste nothing: the best for the mean journey by need comes to 9.5 minutes on "
        "average and 50 minutes at the longest; the best for the longest journey to 21.0 minutes "
        "on average and 30 minutes at the longest.",
    )


def test_no_time_says_that_points_may_be_missing() -> None:
    rng = np.random.default_rng(1)
    problem = siting_problem(rng.integers(1, 90, (40, 15)), rng.integers(1, 90, 40))
    found = build_front(
        problem, ["mean_minutes", "people_within"], p=4, time_limit_seconds=0.0, try_all=False
    )
    assert not found.complete
    assert found.status == "time_limit"
    assert found.notes[0].what == "front_not_complete"


@pytest.mark.parametrize(
    ("aims", "more", "said"),
    [
        (["mean_minutes"], {"p": 1}, "between two or three"),
        (["mean_minutes", "mean_minutes"], {"p": 1}, "between two or three"),
        (["mean_minutes", "joy"], {"p": 1}, "no aim 'joy'"),
        (["mean_minutes", "money"], {}, "needs a number of sites"),
        (["mean_minutes", "money"], {"p": 1, "share": 2.0}, "share of 2 cannot be"),
    ],
)
def test_bad_questions_in_words(aims: list[Any], more: dict[str, Any], said: str) -> None:
    with pytest.raises(ProjectError, match=said):
        build_front(siting_problem([[5.0]], [10]), aims, **more)
