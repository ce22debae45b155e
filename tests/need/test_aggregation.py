"""One score from several, and what each adds: by hand, against SciPy, and as COINr has it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from planner.errors import DataError
from planner.need.aggregation import aggregate, decompose
from planner.project.analysis import Aggregation

NAN = float("nan")
HOWS: list[Aggregation] = ["arithmetic", "geometric"]
scores = arrays(
    np.float64, (5, 3), elements=st.one_of(st.just(NAN), st.floats(0, 100, allow_subnormal=False))
)
weights = arrays(np.float64, 3, elements=st.floats(0.01, 10))


def test_arithmetic_by_hand() -> None:
    found = aggregate(np.array([[10.0, 40.0]]), np.array([2.0, 1.0]), "arithmetic")
    assert found.tolist() == pytest.approx([20.0])


def test_arithmetic_as_coinr_has_it() -> None:
    # COINr 1.1 (Becker and others), example of a_amean: 1 to 10 by weights 10 to 1, so 220 / 55.
    found = aggregate(np.arange(1.0, 11.0)[None, :], np.arange(10.0, 0.0, -1.0), "arithmetic")
    assert found.tolist() == pytest.approx([4.0])


def test_geometric_by_hand() -> None:
    # 4, 16 and 1, plus 1 each taken off: the cube root of 64 is 4.
    found = aggregate(np.array([[3.0, 15.0, 0.0]]), np.ones(3), "geometric")
    assert found.tolist() == pytest.approx([3.0])


def test_geometric_is_scipys_weighted_mean_of_the_score_plus_1() -> None:
    values, weight = np.arange(0.0, 10.0), np.arange(10.0, 0.0, -1.0)
    expected = stats.gmean(values + 1, weights=weight) - 1
    assert aggregate(values[None, :], weight, "geometric").tolist() == pytest.approx([expected])


def test_a_geometric_mean_makes_up_less_for_what_is_low() -> None:
    one_sided, balanced = np.array([[100.0, 0.0]]), np.array([[50.0, 50.0]])
    equal = np.ones(2)
    low, even = (aggregate(x, equal, "geometric")[0] for x in (one_sided, balanced))
    assert low < even == pytest.approx(50.0)


@pytest.mark.parametrize("how", HOWS)
def test_the_known_stand_for_the_unknown(how: Aggregation) -> None:
    found = aggregate(np.array([[8.0, NAN, 8.0]]), np.array([1.0, 5.0, 2.0]), how)
    assert found.tolist() == pytest.approx([8.0])


@pytest.mark.parametrize("how", HOWS)
def test_nothing_known_has_no_score(how: Aggregation) -> None:
    two = np.array([[NAN, NAN], [NAN, 3.0]])
    assert np.isnan(aggregate(two, np.array([1.0, 0.0]), how)).all()
    assert np.isnan(decompose(two, np.array([1.0, 0.0]), how)[0]).all()


@pytest.mark.parametrize("how", HOWS)
def test_no_weight_at_all_gives_no_score(how: Aggregation) -> None:
    assert np.isnan(aggregate(np.array([[1.0, 2.0]]), np.zeros(2), how)).all()


def test_a_geometric_mean_of_scores_below_zero_is_refused() -> None:
    with pytest.raises(DataError, match="below zero"):
        aggregate(np.array([[-0.5, 3.0]]), np.ones(2), "geometric")


@pytest.mark.parametrize("how", HOWS)
def test_a_row_of_zeros_has_no_parts(how: Aggregation) -> None:
    assert decompose(np.zeros((1, 2)), np.ones(2), how).tolist() == [[0.0, 0.0]]


def test_parts_of_a_geometric_mean_by_hand() -> None:
    # Scores 3 and 15, so G = 8 and the score is 7: split by ln 4 and ln 16, that is 1 to 2.
    parts = decompose(np.array([[3.0, 15.0]]), np.ones(2), "geometric")
    assert parts.tolist() == [pytest.approx([7 / 3, 14 / 3])]


@given(scores, weights, st.sampled_from(HOWS))
def test_parts_add_up(scores: np.ndarray, weights: np.ndarray, how: Aggregation) -> None:
    found, parts = aggregate(scores, weights, how), decompose(scores, weights, how)
    known = ~np.isnan(found)
    assert np.allclose(np.nansum(parts, axis=1)[known], found[known], atol=1e-9)
    assert np.array_equal(np.isnan(parts).all(axis=1), ~known)


@given(scores, weights, st.sampled_from(HOWS))
def test_draws_are_single_weights_side_by_side(
    scores: np.ndarray, weights: np.ndarray, how: Aggregation
) -> None:
    draws = np.array([weights, weights[::-1]])
    found = aggregate(scores, draws, how)
    for draw in range(2):
        alone = aggregate(scores, draws[draw], how)
        assert np.allclose(found[:, draw], alone, equal_nan=True)


@given(scores, weights, st.integers(0, 4), st.integers(0, 2), st.sampled_from(HOWS))
def test_a_higher_score_never_lowers_the_whole(
    scores: np.ndarray, weights: np.ndarray, row: int, column: int, how: Aggregation
) -> None:
    higher = scores.copy()
    higher[row, column] += 1.0
    before, after = aggregate(scores, weights, how), aggregate(higher, weights, how)
    assert np.isnan(before[row]) or after[row] >= before[row] - 1e-9
