"""Layers ruled by a few extreme areas: against SciPy, and as COINr's own tests have it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from need_cases import bare_area, codes, make_layers
from scipy import stats

from planner.need import Need, build_need
from planner.need.treatment import build_treatment, fit_treatment, is_outlying, moments
from planner.project import NeedSettings
from planner.project.analysis import Treatment

NAN = float("nan")
#: COINr 1.1 (Becker and others), tests of Treat: one outlier, and two.
ONE = np.array([*range(1, 11), 100], dtype=float)
TWO = np.array([*range(1, 21), 100, 200], dtype=float)
#: A lognormal layer: skewed through and through.
SKEWED = np.exp(np.random.default_rng(2).normal(size=500) * 1.3)


@given(arrays(np.float64, 12, elements=st.integers(-40, 40).map(float)))
def test_moments_are_scipys(values: np.ndarray) -> None:
    if np.ptp(values) == 0:
        assert moments(values) == (0.0, 0.0)
    else:
        expected = (stats.skew(values, bias=False), stats.kurtosis(values, bias=False))
        assert moments(values) == pytest.approx(expected, abs=1e-9)


def test_moments_of_fewer_than_four_are_unknown_and_not_outlying() -> None:
    found = moments(np.array([1.0, NAN, 2.0, 900.0]))
    assert np.isnan(found).all()
    assert not is_outlying(*found)


def test_one_outlier_takes_its_neighbours_value() -> None:
    treated = fit_treatment(ONE, "winsorise")
    assert treated.apply(ONE).tolist() == [*range(1, 11), 10]
    assert treated.points == 1


def test_two_outliers_take_two_points() -> None:
    treated = fit_treatment(TWO, "winsorise")
    assert treated.apply(TWO)[-2:].tolist() == [20, 20]
    assert treated.points == 2


def test_outliers_at_the_low_end_are_pulled_up() -> None:
    assert fit_treatment(-ONE, "winsorise").apply(-ONE).tolist() == [
        -v for v in [*range(1, 11), 10]
    ]


def test_a_layer_within_the_limits_is_left_alone() -> None:
    assert fit_treatment(np.arange(20.0), "winsorise").how == "none"
    assert fit_treatment(np.arange(20.0), "log").how == "none"


def test_a_layer_that_needs_more_than_five_points_is_left_alone() -> None:
    assert is_outlying(*moments(SKEWED))
    assert fit_treatment(SKEWED, "winsorise").how == "none"


def test_logarithms_by_hand() -> None:
    # ln(x - 1 + 0.01 x 99)
    found = fit_treatment(ONE, "log").apply(ONE)
    assert found[[0, 10]].tolist() == pytest.approx([np.log(0.99), np.log(99.99)])


def test_logarithms_are_taken_from_the_other_end_of_a_layer_with_a_low_tail() -> None:
    up, down = fit_treatment(ONE, "log").apply(ONE), fit_treatment(-ONE, "log").apply(-ONE)
    assert down.tolist() == pytest.approx((-up).tolist())


def test_logarithms_tame_what_five_points_do_not() -> None:
    assert not is_outlying(*moments(fit_treatment(SKEWED, "log").apply(SKEWED)))


@given(
    arrays(np.float64, 12, elements=st.integers(0, 9).map(lambda v: float(v**4))),
    st.sampled_from(["winsorise", "log"]),
)
def test_treatment_never_turns_two_areas_round(values: np.ndarray, how: Treatment) -> None:
    found = fit_treatment(values, how).apply(values)
    order = np.argsort(values, kind="stable")
    assert bool((np.diff(found[order]) >= 0).all())


def test_the_unknown_stays_unknown() -> None:
    with_gap = np.append(ONE, NAN)
    for how in ("winsorise", "log"):
        found = fit_treatment(with_gap, how).apply(with_gap)
        assert np.isnan(found).tolist() == [False] * 11 + [True]


def test_the_table_tells_before_and_after() -> None:
    layers = pd.DataFrame({"one": ONE, "plain": np.arange(11.0)}, index=codes(11))
    _, _, table = build_treatment(layers, {"one": "winsorise", "plain": "winsorise"})
    assert table["treatment"].tolist() == ["winsorise", "none"]
    assert table.loc["one", "upper_limit"] == 10
    assert table.loc["one", "skew_before"] == pytest.approx(stats.skew(ONE, bias=False))
    assert table.loc["one", "skew_after"] == pytest.approx(0, abs=0.2)
    assert table.loc["plain", "skew_after"] == table.loc["plain", "skew_before"]


# In the index


def treated(treatment: str, normalisation: str, *, together: bool = False) -> Need:
    table = pd.DataFrame({"one": ONE, "plain": np.arange(11.0)[::-1]}, index=codes(11))
    specs = {"plain": {"domain": "one"}} if together else None
    settings = NeedSettings.model_validate({"treatment": treatment, "normalisation": normalisation})
    return build_need(make_layers(table, specs=specs), bare_area(table.index), settings)


def test_winsorised_values_are_stretched() -> None:
    # 1 to 10 and 10 once more: 9 is 8 ninths of the way.
    found = treated("winsorise", "minmax").domain_scores["one"]
    assert found.iloc[[8, 9, 10]].tolist() == pytest.approx([800 / 9, 100, 100])


@pytest.mark.parametrize("normalisation", ["official", "rank"])
def test_where_only_the_order_counts_nothing_is_treated_and_that_is_noted(
    normalisation: str,
) -> None:
    found = treated("winsorise", normalisation)
    plain = treated("none", normalisation)
    pd.testing.assert_frame_equal(found.scores, plain.scores)
    noted = {note.what: note.items for note in found.notes}
    assert noted["need_treatment_without_effect"] == ("one", "plain")


def test_a_layer_among_several_of_a_domain_is_treated_whatever_the_normalisation() -> None:
    found = treated("winsorise", "official", together=True)
    pulled = np.minimum(ONE, 10)
    expected = (stats.zscore(pulled) + stats.zscore(np.arange(11.0)[::-1])) / 2
    assert found.domain_values["one"].tolist() == pytest.approx(expected.tolist())


def test_what_was_treated_is_noted() -> None:
    noted = {note.what: note for note in treated("winsorise", "zscore").notes}
    assert noted["need_treated"].items == ("one",)
    assert "1 outlying value pulled in" in noted["need_treated"].text
