"""How people of one place stand against people of another, in figures worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from planner.need.comparing.standing import (
    chance_worse,
    effect_size,
    in_worst_fifth,
    mean,
    quantile,
)


def test_the_mean_is_by_people() -> None:
    assert mean(np.array([0.1, 0.3]), np.array([1000.0, 3000.0])) == pytest.approx(0.25)


def test_a_quarter_of_the_people_live_at_or_below_the_lower_quarter() -> None:
    values, people = np.array([3.0, 1.0, 2.0]), np.array([2000.0, 1000.0, 1000.0])
    assert [quantile(values, people, share) for share in (0.25, 0.26, 0.75)] == [1.0, 2.0, 3.0]


def test_nobody_has_no_middle() -> None:
    assert np.isnan(quantile(np.array([1.0]), np.array([0.0]), 0.5))


def test_tied_areas_are_in_the_worst_fifth_together_or_not_at_all() -> None:
    # Ranks 1.5, 1.5, 3, ... of 10: both tied areas are within the worst two.
    tied = pd.Series([9.0, 9.0, 5, 4, 3, 2, 1, 0, -1, -2])
    assert in_worst_fifth(tied).tolist() == [True] * 2 + [False] * 8
    # Ranks 2, 2, 2, ...: three areas cannot all be in the worst two, yet stand at rank 2.
    assert in_worst_fifth(tied.where(tied != 5, 9.0)).sum() == 3
    # Ranks 2.5 each: none is.
    assert in_worst_fifth(tied.where(tied < 4, 9.0)).sum() == 0


def test_the_chance_counts_pairs_of_people_and_ties_by_half() -> None:
    # 1,000 people at 2 beat all 4,000 of the other; 1,000 at 1 tie with 1,000 and beat 3,000.
    chance = chance_worse(
        np.array([2.0, 1.0]), np.array([1000.0] * 2), np.array([1.0, 0.0]), np.array([1000.0, 3e3])
    )
    assert chance == pytest.approx((4000 + 500 + 3000) / 8000)


def test_the_chance_is_that_of_every_pair_looked_at() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.integers(0, 6, 30).astype(float), rng.integers(0, 6, 20).astype(float)
    ours, theirs = rng.uniform(1, 9, 30), rng.uniform(1, 9, 20)
    pairs = itertools.product(zip(first, ours, strict=True), zip(second, theirs, strict=True))
    beaten = sum(p * q * ((a > b) + 0.5 * (a == b)) for (a, p), (b, q) in pairs)
    assert chance_worse(first, ours, second, theirs) == pytest.approx(
        beaten / ours.sum() / theirs.sum()
    )


def test_the_effect_is_in_pooled_standard_deviations() -> None:
    # Means 0.25 and 0.30; variances 0.0075 and 0.01; as many people in each.
    first = (np.array([0.1, 0.3]), np.array([1000.0, 3000.0]))
    second = (np.array([0.2, 0.4]), np.array([2000.0, 2000.0]))
    assert effect_size([first, second]) == pytest.approx(-0.05 / 0.00875**0.5)


def test_there_is_no_effect_where_nothing_varies() -> None:
    same = (np.array([0.2, 0.2]), np.array([1.0, 1.0]))
    assert effect_size([same, same]) == 0.0
    assert np.isnan(effect_size([same, (same[0] + 1, same[1])]))
