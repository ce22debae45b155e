"""Figures on one scale: by hand, against SciPy, and as COINr's own tests have them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from need_cases import transformed
from scipy import stats

from planner.need.normalisation import normalise
from planner.project.analysis import Normalisation

NAN = float("nan")
FIVE = np.array([3.0, 1.0, 3.0, NAN, 9.0])
HOWS: list[Normalisation] = ["official", "rank", "zscore", "minmax"]
integers = arrays(np.float64, 8, elements=st.integers(-20, 20).map(float))


def test_rank_by_hand() -> None:
    # Four are known: 9 is first, the two 3s share 2.5, 1 is last.
    found = normalise(FIVE, FIVE, "rank")
    assert found.tolist() == pytest.approx([62.5, 25.0, 62.5, NAN, 100.0], nan_ok=True)


def test_official_by_hand() -> None:
    expected = [transformed(2.5, 4), transformed(4, 4), transformed(2.5, 4), NAN, 100.0]
    assert normalise(FIVE, FIVE, "official").tolist() == pytest.approx(expected, nan_ok=True)


def test_zscore_is_scipys() -> None:
    found = normalise(FIVE, FIVE, "zscore")
    assert np.allclose(found, stats.zscore(FIVE, nan_policy="omit"), equal_nan=True)


def test_minmax_by_hand() -> None:
    found = normalise(FIVE, FIVE, "minmax")
    assert found.tolist() == pytest.approx([25.0, 0.0, 25.0, NAN, 100.0], nan_ok=True)


def test_target_by_hand() -> None:
    found = normalise(FIVE, FIVE, "target", 3.0)
    assert found.tolist() == pytest.approx([0.0, 0.0, 0.0, NAN, 100.0], nan_ok=True)


def test_target_as_coinr_has_it() -> None:
    # COINr 1.1 (Becker and others), tests of n_dist2targ with cap_max: 0, 5, 11 with the target 10
    # reach 0, 0.5 and 1 of it; -1, 1, 10 with the target 0, high = worse, reach 1, 0.9 and 0.
    # What is not reached is need.
    better = -np.array([0.0, 5.0, 11.0])
    assert normalise(better, better, "target", -10.0).tolist() == pytest.approx([100, 50, 0])
    worse = np.array([-1.0, 1.0, 10.0])
    assert normalise(worse, worse, "target", 0.0).tolist() == pytest.approx([0, 10, 100])


def test_a_target_that_all_have_met_leaves_no_distance() -> None:
    assert normalise(FIVE, FIVE, "target", 9.0)[[0, 1, 2, 4]].tolist() == [0, 0, 0, 0]


def test_no_target_is_an_error() -> None:
    with pytest.raises(ValueError, match="target"):
        normalise(FIVE, FIVE, "target")


def test_ranks_are_those_among_the_reference() -> None:
    # Of 1 to 10 (10 = worst), 9 ranks 2 and 1 ranks 10.
    found = normalise(np.array([9.0, 1.0]), np.arange(1.0, 11.0), "rank")
    assert found.tolist() == pytest.approx([90.0, 10.0])


def test_zscores_are_those_among_the_reference() -> None:
    reference = np.array([-1.0, 1.0])
    assert normalise(np.array([3.0]), reference, "zscore").tolist() == [3.0]


@pytest.mark.parametrize("value", [-5.0, 5.5, 99.0])
def test_a_value_outside_the_reference_still_gets_an_official_score(value: float) -> None:
    found = normalise(np.array([value]), np.arange(1.0, 11.0), "official")[0]
    assert 0 < found <= 100


@pytest.mark.parametrize("how", HOWS)
def test_columns_are_scored_apart(how: Normalisation) -> None:
    two = np.column_stack([FIVE, FIVE[::-1] * 7])
    found = normalise(two, two, how)
    for column in range(2):
        alone = normalise(two[:, column], two[:, column], how)
        assert np.array_equal(found[:, column], alone, equal_nan=True)


def test_each_column_has_its_own_target() -> None:
    two = np.array([[1.0, 10.0], [3.0, 30.0]])
    found = normalise(two, two, "target", np.array([1.0, 20.0]))
    assert found.tolist() == [[0.0, 0.0], [100.0, 100.0]]


@pytest.mark.parametrize("how", HOWS)
def test_a_constant_is_the_same_for_all(how: Normalisation) -> None:
    # 0.1 + 0.2 differs from 0.3 in the last digit.
    same = np.array([0.1 + 0.2, 0.3, 0.3])
    expected = {"official": transformed(2, 3), "rank": 200 / 3, "zscore": 0.0, "minmax": 0.0}
    assert normalise(same, same, how).tolist() == pytest.approx([expected[how]] * 3)


@pytest.mark.parametrize("how", HOWS)
def test_nothing_known_stays_unknown(how: Normalisation) -> None:
    blank = np.array([NAN, NAN])
    assert np.isnan(normalise(blank, blank, how)).all()


def test_large_values_that_differ_by_noise_are_tied() -> None:
    large = np.array([1e9, 1e9 * (1 + 1e-15), 5.0])
    assert normalise(large, large, "rank").tolist() == pytest.approx([250 / 3, 250 / 3, 100 / 3])


@given(integers)
def test_ranks_are_scipys(values: np.ndarray) -> None:
    expected = 100 * (8 - stats.rankdata(-values) + 1) / 8
    assert np.allclose(normalise(values, values, "rank"), expected)


@given(integers, st.sampled_from(HOWS))
def test_a_worse_value_never_has_a_lower_score(values: np.ndarray, how: Normalisation) -> None:
    found = normalise(values, values, how)
    order = np.argsort(values, kind="stable")
    assert bool((np.diff(found[order]) >= -1e-12).all())
