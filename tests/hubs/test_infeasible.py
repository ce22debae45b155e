"""Where nothing does what was asked for, the reasons are right and each change would suffice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import choices, covered, group_share, problems, siting_problem

from planner.hubs.answer import Change, Siting
from planner.hubs.infeasible import say_share
from planner.hubs.problem import SitingProblem
from planner.hubs.solve import solve


def changes_of(found: Siting) -> dict[str, Change]:
    assert found.infeasible is not None
    return {change.what: change for change in found.infeasible.changes}


def three_areas(**more: Any) -> SitingProblem:
    """Return areas 5, 9 and 25 minutes from their own site, and one with no way at all or 40."""
    return siting_problem(
        [[5.0, 30.0, 60.0], [28.0, 9.0, 60.0], [60.0, 50.0, 25.0]], [100.0, 60.0, 40.0], **more
    )


def test_areas_out_of_reach_are_named_with_the_minutes_too_many() -> None:
    found = solve(three_areas(), "set_cover", within_minutes=10)
    assert found.status == "infeasible"
    assert found.infeasible is not None
    assert found.infeasible.areas["over_by"].to_dict() == {"A002": 15.0}
    changes = changes_of(found)
    assert changes["minutes"].needed == 25.0
    assert changes["share"].needed == pytest.approx(0.8)
    assert "p" not in changes
    assert found.infeasible.text == (
        "No choice covers all people within 10 minutes. A002 (by 15.0) lies too many minutes from "
        "every site. Any one of these would do: allow 25 minutes instead of 10; cover 80 % of "
        "people."
    )
    assert list(found.chosen) == []
    assert np.isnan(found.objective)


def test_an_area_without_any_way_is_not_called_far() -> None:
    problem = siting_problem([[5.0], [np.nan]], [300.0, 100.0])
    found = solve(problem, "set_cover", within_minutes=10)
    assert found.infeasible is not None
    assert found.infeasible.areas["over_by"].isna().to_dict() == {"A001": True}
    assert list(changes_of(found)) == ["share"]
    assert "A001 has no way to any site within the longest journey" in found.infeasible.text
    assert "cover 75 % of people" in found.infeasible.text


def test_too_few_sites_say_how_many_would_do() -> None:
    found = solve(three_areas(), "set_cover", within_minutes=25, p=2)
    changes = changes_of(found)
    assert (changes["p"].now, changes["p"].needed) == (2.0, 3.0)
    # With two sites: the second and third leave the first area 30, the others more.
    assert changes["minutes"].needed == 28.0
    assert changes["share"].needed == pytest.approx(0.8)
    assert changes["p"].text == "open 3 sites instead of 2"


def test_too_little_money_says_how_much_would_do() -> None:
    problem = three_areas(cost=[5.0, 2.0, 4.0])
    found = solve(problem, "set_cover", within_minutes=25, budget=9.0)
    assert changes_of(found)["budget"].needed == 11.0
    assert solve(problem, "set_cover", within_minutes=25, budget=11.0).objective == 11.0


def test_too_little_room_says_how_many_sites_would_do() -> None:
    problem = three_areas(capacity=[90.0, 80.0, 70.0])
    found = solve(problem, "capacitated_p_median", p=2)
    changes = changes_of(found)
    assert changes["p"].needed == 3.0
    assert changes["capacity"].needed == 200.0
    assert found.infeasible is not None
    assert found.infeasible.text.startswith(
        "200 people can reach a site, but with 2 sites there is room for 170 at the most."
    )
    assert solve(problem, "capacitated_p_median", p=3).status == "optimal"


@settings(max_examples=40, deadline=None)
@given(problems(), st.integers(3, 15), st.sampled_from([1.0, 0.7]), st.booleans())
def test_each_change_suffices_and_nothing_less(
    problem: SitingProblem, within: int, share: float, fair: bool
) -> None:
    """Against every choice: the least minutes, the fewest sites, the greatest share."""
    fair = fair and bool((problem.groups != "").any())
    p = max(1, len(problem.forced))
    found = solve(
        problem, "fair_cover" if fair else "set_cover", p=p, within_minutes=within, share=share
    )
    if found.status != "infeasible":
        return

    def reached(some: list[int], minutes: float) -> float:
        near = covered(problem, some, minutes)
        if fair:
            return group_share(problem, near)
        return float(problem.people @ near / problem.people.sum())

    few = list(choices(problem, p=p))
    minutes = np.unique(problem.minutes.to_numpy())
    least = [
        level
        for level in minutes[minutes > within]
        if max(reached(some, level) for some in few) >= share - 1e-9
    ]
    counts = [
        len(set(some) - there)
        for some in choices(problem)
        for there in [set(problem.at(problem.sites.index[problem.sites["status"] == "existing"]))]
        if reached(some, within) >= share - 1e-9
    ]
    most = max(reached(some, within) for some in few)
    changes = {what: change.needed for what, change in changes_of(found).items()}
    assert changes.get("minutes") == (least[0] if least else None)
    assert changes.get("p") == (min(counts) if counts else None)
    assert changes.get("share") == (pytest.approx(most) if most > 0 else None)


@pytest.mark.parametrize(("share", "said"), [(1.0, "all"), (0.79999, "79.9 %"), (0.5, "50 %")])
def test_a_share_is_never_said_to_be_more_than_it_is(share: float, said: str) -> None:
    assert say_share(share) == said
