from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from planner.need.aggregation import aggregate
from planner.need.certainty.sorting import doubled_ranks, rank_weighted
from planner.need.ranking import rank_areas

NONE = np.empty(0)


def by_hand(scores: list[float]) -> list[int]:
    """Rank in plain Python: highest first, nine decimals, then place, unknown last."""
    known = [i for i, score in enumerate(scores) if score == score]
    unknown = [i for i, score in enumerate(scores) if score != score]
    order = sorted(known, key=lambda i: (-round(scores[i], 9), i)) + unknown
    return [order.index(i) + 1 for i in range(len(scores))]


cell = st.one_of(
    st.floats(0, 100).map(lambda x: round(x, 1)), st.floats(0, 100), st.just(float("nan"))
)


@settings(deadline=None)
@given(st.lists(cell, min_size=1, max_size=40))
def test_one_domain_is_ranked_as_by_hand(scores: list[float]) -> None:
    found = rank_weighted(np.array(scores)[:, None], np.ones((1, 1)), "arithmetic")[0]
    assert found.tolist() == by_hand(scores)


@pytest.mark.parametrize("how", ["arithmetic", "geometric"])
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_ranks_are_those_of_the_aggregated_scores(how: str, gaps: float) -> None:
    rng = np.random.default_rng(3)
    scores = np.where(rng.random((2500, 4)) < gaps, np.nan, rng.random((2500, 4)) * 100)
    weights = rng.dirichlet(np.ones(4), 5)
    found = rank_weighted(scores, weights, how)  # type: ignore[arg-type]
    combined = aggregate(scores, weights, how)  # type: ignore[arg-type]
    codes = [f"{i:06d}" for i in range(2500)]
    for draw in range(5):
        expected = rank_areas(pd.Series(combined[:, draw], index=codes))
        assert found[draw].tolist() == expected.tolist()


def test_scores_beyond_the_whole_numbers_are_ranked_all_the_same() -> None:
    scores = np.array([[1e15], [-1e15], [3.0], [np.nan]])
    assert rank_weighted(scores, np.ones((1, 1)), "arithmetic").tolist() == [[1, 3, 2, 4]]


def test_more_areas_than_16_bits_hold() -> None:
    scores = np.random.default_rng(1).permutation(70_000.0 + np.arange(70_000))[:, None]
    found = rank_weighted(scores, np.ones((1, 1)), "arithmetic")[0]
    assert found.dtype == np.uint32
    assert (found == rankdata(-scores[:, 0])).all()


@settings(deadline=None)
@given(st.lists(cell, min_size=1, max_size=40), st.lists(st.floats(0, 100), max_size=5))
def test_average_ranks_agree_with_scipy(values: list[float], others: list[float]) -> None:
    rounded = np.round(np.array(values), 3)
    more = np.sort(np.round(np.array(others), 3))
    doubled, known = doubled_ranks(rounded, more)
    everything = np.concatenate([rounded, more])
    expected = rankdata(-everything, nan_policy="omit")[: len(rounded)]
    assert doubled.tolist() == np.nan_to_num(2 * expected).tolist()
    assert known == int((~np.isnan(everything)).sum())


def test_all_unknown_has_no_average_rank() -> None:
    doubled, known = doubled_ranks(np.full(3, np.nan), NONE)
    assert doubled.tolist() == [0, 0, 0]
    assert known == 0
