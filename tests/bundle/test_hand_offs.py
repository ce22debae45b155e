from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from bundle_cases import line_legs, points, rules, services
from hypothesis import given
from hypothesis import strategies as st

from planner.bundle import HandOffs, build_hand_offs
from planner.bundle.hand_offs import fewest_sets
from planner.errors import TravelError

VENUES = {"v1": 10.0, "v2": 20.0, "v3": -10.0, "v4": 50.0}
#: Three kinds in three venues near home, or two of them in one further away, or all far away.
OFFERS = [
    ("v1", "gp"),
    ("v2", "library"),
    ("v2", "jobcentre"),
    ("v3", "library"),
    ("v4", "gp"),
    ("v4", "library"),
    ("v4", "jobcentre"),
]
KINDS = ("gp", "jobcentre", "library")


def hand_offs(
    offers: list[Any] | None = None,
    homes: dict[str, float] | None = None,
    *,
    kinds: tuple[str, ...] = KINDS,
    **more: Any,
) -> HandOffs:
    homes = homes or {"p1": 0.0}
    found = services(offers or OFFERS, at=more.pop("at", None))
    where = points({home: f"E{home}" for home in homes})
    return build_hand_offs(line_legs(homes, VENUES), found, where, rules(*kinds, **more))


def first(found: HandOffs) -> tuple[Any, ...]:
    return tuple(None if value != value else value for value in found.areas.iloc[0])


def test_without_a_budget_the_far_place_with_everything_will_do() -> None:
    assert first(hand_offs(budget_minutes=60)) == (1, "reached", 2, "reached")


def test_there_and_back_of_exactly_the_budget_counts() -> None:
    assert first(hand_offs(budget_minutes=40))[2] == 2
    assert first(hand_offs(budget_minutes=39.9))[2:] == (None, "over_cutoff")


def test_venues_within_the_walk_are_one_hand_off() -> None:
    spots = {"v1": (430000.0, 390000.0), "v2": (430300.0, 390000.0)}
    assert first(hand_offs(at=spots, budget_minutes=40))[2] == 1


def test_a_kind_that_nobody_offers_is_no_data() -> None:
    assert first(hand_offs(kinds=(*KINDS, "food_bank"))) == (None, "no_data", None, "no_data")


def test_a_kind_for_others_is_unreachable() -> None:
    found = hand_offs([("v1", "gp", "Ep2"), ("v2", "library")], kinds=("gp", "library"))
    assert first(found) == (None, "unreachable", None, "unreachable")


def test_everything_too_far_is_over_the_cutoff() -> None:
    assert first(hand_offs(homes={"p1": 900.0})) == (None, "over_cutoff", None, "over_cutoff")


def test_a_budget_beyond_what_is_known_is_refused() -> None:
    with pytest.raises(TravelError, match="known up to 240"):
        hand_offs(budget_minutes=241)


def test_more_offers_never_mean_more_hand_offs() -> None:
    before = first(hand_offs(budget_minutes=60))[2]
    assert first(hand_offs([*OFFERS, ("v1", "library")], budget_minutes=60))[2] <= before


def fewest(sets: list[int], whole: int) -> int:
    for count in range(1, len(sets) + 1):
        for chosen in combinations(sets, count):
            union = 0
            for one in chosen:
                union |= one
            if union == whole:
                return count
    return 0


@given(st.lists(st.integers(1, 63), max_size=7))
def test_the_smallest_number_of_sets_is_that_of_trying_all(sets: list[int]) -> None:
    assert fewest_sets(np.array(sets, np.int64), 63) == fewest(sets, 63)
