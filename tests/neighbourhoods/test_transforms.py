from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata
from sklearn.preprocessing import PowerTransformer

from planner.errors import DataError, ProjectError
from planner.neighbourhoods.transforms import fit_scale, is_constant


def series(*values: float) -> pd.Series:
    codes = [f"E01{number:06d}" for number in range(len(values))]
    return pd.Series(values, index=codes, name="jobs", dtype="float64")


def standardised(values: object) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    return (array - array.mean()) / array.std()


SKEWED = series(*np.random.default_rng(1).lognormal(size=60))


def test_values_are_standardised_as_they_are() -> None:
    values = series(1, 2, 3, 10)
    assert fit_scale(values, "none").apply(values) == pytest.approx(standardised(values))


def test_the_logarithm_is_standardised() -> None:
    values = series(1, 10, 100, 1000)
    assert fit_scale(values, "log").apply(values) == pytest.approx(standardised([0, 1, 2, 3]))


def test_zeros_get_half_of_the_smallest_value_before_the_logarithm() -> None:
    values = series(0, 4, 8, 14)
    expected = standardised(np.log([2, 6, 10, 16]))
    assert fit_scale(values, "log").apply(values) == pytest.approx(expected)


def test_the_logarithm_of_values_below_zero_is_refused() -> None:
    values = series(1, 2, -3, -4)
    with pytest.raises(ProjectError, match=r"jobs .* in 2 of 4 areas, .*E01000002: -3") as caught:
        fit_scale(values, "log")
    assert "yeo_johnson" in caught.value.hint


def test_yeo_johnson_is_that_of_scikit_learn_on_standardised_values() -> None:
    # On the values as they are, scikit-learn's answer depends on their unit.
    z = standardised(SKEWED)[:, None]
    expected = PowerTransformer(method="yeo-johnson").fit_transform(z)[:, 0]
    found = fit_scale(SKEWED, "yeo_johnson").apply(SKEWED)
    assert found == pytest.approx(expected, abs=1e-3)  # the power is rounded to 4 decimals


def test_ranks_are_average_ranks() -> None:
    values = series(5, 1, 5, 9, 2)
    found = fit_scale(values, "rank").apply(values)
    assert found == pytest.approx(standardised(rankdata(values)))


def test_other_values_are_ranked_among_those_known() -> None:
    scale = fit_scale(series(1, 2, 3, 4), "rank")
    # 2.5 is in the middle, 0 below all: shares 0.5 and 0, of 1/8, 3/8, 5/8, 7/8.
    sd = np.std([1 / 8, 3 / 8, 5 / 8, 7 / 8])
    assert scale.apply(series(2.5, 0)) == pytest.approx([0.0, -0.5 / sd])


@pytest.mark.parametrize("transform", ["none", "log", "yeo_johnson", "rank"])
def test_the_unit_changes_nothing(transform: str) -> None:
    other = SKEWED * 1609.344
    one = fit_scale(SKEWED, transform).apply(SKEWED)
    assert fit_scale(other, transform).apply(other).tolist() == one.tolist()


@pytest.mark.parametrize("transform", ["none", "yeo_johnson", "rank"])
def test_where_zero_is_changes_nothing(transform: str) -> None:
    other = SKEWED * 1.8 + 32
    one = fit_scale(SKEWED, transform).apply(SKEWED)
    assert fit_scale(other, transform).apply(other).tolist() == one.tolist()


@pytest.mark.parametrize("transform", ["none", "log", "yeo_johnson", "rank"])
def test_missing_stays_missing(transform: str) -> None:
    found = fit_scale(SKEWED, transform).apply(series(np.nan, 1.0))
    assert np.isnan(found).tolist() == [True, False]


def test_a_new_value_without_a_logarithm_is_refused() -> None:
    with pytest.raises(DataError, match="jobs is -1 in E01000000"):
        fit_scale(SKEWED, "log").apply(series(-1.0))


@pytest.mark.parametrize(
    ("values", "constant"),
    [([0.1 + 0.2, 0.3], True), ([0.0, 0.0], True), ([1e-15, 2e-15], False), ([5.0, 5.1], False)],
)
def test_constant_is_judged_without_a_unit(values: list[float], constant: bool) -> None:
    assert is_constant(np.array(values)) is constant


def test_each_transformation_is_said_in_words() -> None:
    words = [fit_scale(SKEWED, how).words for how in ("none", "log", "yeo_johnson", "rank")]
    assert words[0] == "standardised"
    assert words[1].startswith("natural logarithm of the value,")
    assert "Yeo–Johnson with power" in words[2]
    assert "position among" in words[3]
