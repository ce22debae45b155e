"""Answers are the same every time, ties go to the first site, and a time limit is no error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from siting_cases import siting_problem

from planner.hubs.answer import MORE_IS_BETTER, Model
from planner.hubs.fair import mean_of_worst
from planner.hubs.problem import SitingProblem
from planner.hubs.solve import solve

#: Every model, with what it is asked.
ASKED: dict[Model, dict[str, Any]] = {
    "p_median": {"budget": 30.0},
    "max_cover": {"p": 5, "within_minutes": 12},
    "set_cover": {"within_minutes": 40},
    "p_centre": {"p": 5},
    "worst_off": {"p": 5},
    "fair_cover": {"p": 5, "within_minutes": 15, "share": 0.3},
    "capacitated_p_median": {"p": 5},
    "capacitated_cover": {"p": 5, "within_minutes": 15},
}


def drawn(areas: int = 120, sites: int = 30, seed: int = 3) -> SitingProblem:
    """Return minutes across a square of an hour's walk, with people, costs, room and types."""
    rng = np.random.default_rng(seed)
    apart = rng.random((areas, 1, 2)) - rng.random((1, sites, 2))
    people = rng.integers(800, 2000, areas).astype(float)
    return siting_problem(
        np.round(60 * np.hypot(apart[..., 0], apart[..., 1]), 1),
        people,
        need=rng.random(areas),
        cost=rng.integers(3, 9, sites).astype(float),
        capacity=rng.integers(40, 80, sites) * people.sum() / 250,
        groups=rng.choice(["estate", "village", "centre"], areas),
    )


@pytest.mark.parametrize("model", ASKED)
def test_the_same_is_answered_every_time(model: Model) -> None:
    first, second = (solve(drawn(60, 15), model, **ASKED[model]) for _ in range(2))
    assert first.status == second.status == "optimal"
    assert (first.objective, first.bound) == (second.objective, second.bound)
    pd.testing.assert_index_equal(first.chosen, second.chosen)
    pd.testing.assert_frame_equal(first.served, second.served)


@pytest.mark.parametrize("model", ASKED)
@pytest.mark.parametrize("limit", [0.0, 0.05])
def test_a_time_limit_is_never_an_error(model: Model, limit: float) -> None:
    asked = drawn(300, 60)
    found = solve(asked, model, time_limit_seconds=limit, **ASKED[model])
    assert found.status in ("optimal", "time_limit")
    assert 0 <= found.gap < np.inf
    if MORE_IS_BETTER[model]:
        assert found.objective <= found.bound
    else:
        assert found.bound <= found.objective
    told = [note.what for note in found.notes]
    assert (found.status == "optimal") or "not_proved" in told
    # What was found is worth its objective, as far as it is told by areas.
    if model == "p_median":
        cost = asked.minutes[found.open].min(axis=1)
        assert found.objective == pytest.approx(float(asked.demand @ cost))


@pytest.mark.parametrize("model", [model for model in ASKED if not model.startswith("capacitated")])
def test_of_equal_sites_the_first_is_chosen(model: Model) -> None:
    alone = drawn(40, 8)
    pair = pd.concat(
        [alone.minutes, alone.minutes.set_axis([f"t{i}" for i in range(8)], axis=1)], axis=1
    )
    sites = pd.concat([alone.sites, alone.sites.set_axis(pair.columns[8:])])
    doubled = SitingProblem(**(vars(alone) | {"minutes": pair, "sites": sites}))
    asked = ASKED[model]
    found = solve(doubled, model, **asked)
    assert list(found.chosen) == list(solve(alone, model, **asked).chosen)


def test_fewer_sites_than_asked_for_are_opened_where_more_bring_nothing() -> None:
    problem = siting_problem([[5.0, 6.0, 50.0], [7.0, 50.0, 50.0]], [100.0, 80.0])
    found = solve(problem, "max_cover", p=3, within_minutes=10)
    assert list(found.chosen) == ["s000"]
    (note,) = found.notes
    assert (note.what, note.count) == ("fewer_sites", 1)


def test_areas_beyond_all_sites_do_not_decide_who_is_worst_off() -> None:
    # Nobody can help the last area; among the others the second site is fairer.
    minutes = [[2.0, 20.0], [40.0, 22.0], [np.nan, np.nan]]
    problem = siting_problem(minutes, [100.0, 100.0, 500.0])
    for model, worst in (("p_centre", 22.0), ("worst_off", 22.0)):
        found = solve(problem, model, p=1)  # type: ignore[arg-type]
        assert (list(found.chosen), found.objective) == (["s001"], worst)
        (note,) = [note for note in found.notes if note.what == "areas_set_aside"]
        assert note.items == ("A002",)
        assert found.assigned.to_dict()["A002"] == ""
        assert np.isnan(found.minutes["A002"])


def test_areas_that_reach_another_site_only_are_named_and_pay_the_penalty() -> None:
    problem = siting_problem([[5.0, np.nan], [np.nan, 7.0]], [100.0, 10.0])
    found = solve(problem, "p_median", p=1)
    assert found.objective == 100 * 5 + 10 * 180
    (note,) = found.notes
    assert (note.what, note.items) == ("areas_not_reached", ("A001",))
    assert note.text.endswith("though another site would do; each counts as 180 minutes.")


def test_people_who_find_no_room_are_counted() -> None:
    problem = siting_problem([[5.0, 90.0]], [100.0], capacity=[60.0, 70.0])
    found = solve(problem, "capacitated_cover", p=2, within_minutes=10)
    assert found.objective == 60.0
    (note,) = [note for note in found.notes if note.what == "no_room"]
    assert note.text == (
        "40 people of 1 area find no room at the open sites they can reach and are not covered."
    )
    both = solve(problem, "capacitated_p_median", p=2)
    assert both.served["people"].tolist() == pytest.approx([60.0, 40.0])
    assert both.minutes["A000"] == pytest.approx((60 * 5 + 40 * 90) / 100)
    assert both.assigned["A000"] == "s000"


def test_a_budget_for_one_dear_site_beats_two_cheap_ones() -> None:
    minutes = [[1.0, 5.0, 9.0], [9.0, 5.0, 1.0]]
    problem = siting_problem(minutes, [10.0, 10.0], cost=[2.0, 3.0, 2.0])
    assert list(solve(problem, "p_median", budget=4.0).chosen) == ["s000", "s002"]
    assert list(solve(problem, "p_median", budget=3.0).chosen) == ["s000"]
    assert list(solve(problem, "p_centre", budget=3.0).chosen) == ["s001"]


def test_the_mean_of_the_worst_by_hand() -> None:
    # The worst-off tenth of 100 people: five at 30 minutes, five of the fifteen at 20.
    minutes, people = np.array([30.0, 10.0, 20.0]), np.array([5.0, 80.0, 15.0])
    assert mean_of_worst(minutes, people, 0.1) == 25.0
    assert mean_of_worst(minutes, people, 1.0) == pytest.approx((150 + 800 + 300) / 100)
    assert mean_of_worst(np.zeros(0), np.zeros(0), 0.1) == 0.0


def test_existing_sites_are_open_beside_those_asked_for() -> None:
    problem = siting_problem(
        [[5.0, 1.0, 2.0], [9.0, 3.0, 1.0]],
        [10.0, 10.0],
        status=["existing", "candidate", "candidate"],
    )
    found = solve(problem, "p_median", p=1)
    assert list(found.open) == ["s000", "s002"]
    assert list(found.chosen) == ["s002"]
