from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.equity import indices

EVEN = np.array([[1.0, 1.0, 1.0, 1.0]])


def array(values: Any) -> Any:
    return np.asarray(values, dtype=float)


def concentration(values: Any, people: Any, standing: Any) -> float:
    order = indices.build_order(array(standing))
    return float(indices.concentration(array(values), array(people)[None, :], order)[0])


def gini(values: Any, people: Any) -> float:
    return concentration(values, people, values)


def theil(values: Any, people: Any, group: Any) -> tuple[float, float]:
    between, within = indices.theil(
        array(values), array(people)[None, :], np.asarray(group), max(group) + 1
    )
    return float(between[0]), float(within[0])


def palma(values: Any, people: Any, standing: Any, reference: Any = None) -> float:
    found = indices.palma(
        array(values),
        array(people)[None, :],
        indices.build_order(array(standing)),
        array(standing),
        reference,
    )
    return float(found[0])


# Concentration and Gini


def test_all_with_the_best_off_of_four() -> None:
    assert concentration([0, 0, 0, 8], [1] * 4, [1, 2, 3, 4]) == pytest.approx(0.75)


def test_all_with_the_worst_off_of_four() -> None:
    assert concentration([8, 0, 0, 0], [1] * 4, [1, 2, 3, 4]) == pytest.approx(-0.75)


def test_everyone_alike_does_not_lean() -> None:
    assert concentration([3, 3, 3], [5, 1, 2], [1, 2, 3]) == pytest.approx(0)


def test_a_tie_shares_one_rank_whatever_the_order_of_its_areas() -> None:
    first = concentration([1, 5, 2, 9], [1, 2, 3, 4], [1, 2, 2, 3])
    other = concentration([1, 2, 5, 9], [1, 3, 2, 4], [1, 2, 2, 3])
    # People 10; ranks 0.05, 0.35, 0.35, 0.8; mean 5.3.
    by_hand = 2 / 5.3 * (0.1 * 1 * 0.05 + 0.5 * 3.2 * 0.35 + 0.4 * 9 * 0.8) - 1
    assert first == other == pytest.approx(by_hand)


def test_everyone_in_one_tie_does_not_lean() -> None:
    assert concentration([1, 5, 9], [1, 2, 3], [7, 7, 7]) == pytest.approx(0)


def test_nobody_has_anything() -> None:
    assert math.isnan(concentration([0, 0], [1, 1], [1, 2]))


def test_gini_of_four_by_hand() -> None:
    # Half the mean difference over all pairs, over the mean of 2.5.
    pairs = [abs(a - b) for a in (1, 2, 3, 4) for b in (1, 2, 3, 4)]
    assert gini([1, 2, 3, 4], [1] * 4) == pytest.approx(sum(pairs) / 16 / (2 * 2.5))


def test_the_correction_by_hand() -> None:
    found = indices.corrected(np.array([0.1]), np.array([0.3]), (0.0, 1.0))
    assert found[0] == pytest.approx(4 * 0.3 * 0.1)


values_and_people = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 30), st.integers(0, 4), st.integers(0, 2)),
    min_size=2,
    max_size=8,
)


@given(values_and_people)
@settings(max_examples=80, deadline=None)
def test_concentration_is_that_of_single_people(rows: list[tuple[int, int, int, int]]) -> None:
    """Each person counted apart, with the mean rank of those alike."""
    value = np.repeat([r[0] for r in rows], [r[1] for r in rows]).astype(float)
    stands = np.repeat([r[2] for r in rows], [r[1] for r in rows])
    rank = np.array([((stands < s).sum() + (stands == s).sum() / 2) / len(stands) for s in stands])
    found = concentration([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])
    if value.sum() == 0:
        assert math.isnan(found)
    else:
        expected = 2 * np.mean((value - value.mean()) * (rank - 0.5)) / value.mean()
        assert found == pytest.approx(expected, abs=1e-12)


@given(values_and_people)
@settings(max_examples=80, deadline=None)
def test_gini_is_half_the_mean_difference_over_the_mean(
    rows: list[tuple[int, int, int, int]],
) -> None:
    value = np.repeat([r[0] for r in rows], [r[1] for r in rows]).astype(float)
    found = gini([r[0] for r in rows], [r[1] for r in rows])
    if value.sum() == 0:
        assert math.isnan(found)
    else:
        difference = np.abs(value[:, None] - value[None, :]).mean()
        assert found == pytest.approx(difference / (2 * value.mean()), abs=1e-12)


# Theil


def test_theil_by_hand() -> None:
    # Means 2 and 6, overall 4, areas 1, 3 | 4, 8 with one person each.
    between, within = theil([1, 3, 4, 8], [1, 1, 1, 1], [0, 0, 1, 1])
    assert between == pytest.approx((0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 2)
    low = (0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 2
    high = (4 / 6 * math.log(4 / 6) + 8 / 6 * math.log(8 / 6)) / 2
    assert within == pytest.approx(4 / 16 * low + 12 / 16 * high)


def test_an_area_with_nothing_counts_in_the_theil_index() -> None:
    # One of two has it all: ln 2.
    assert sum(theil([0, 5], [1, 1], [0, 0])) == pytest.approx(math.log(2))


def test_a_group_with_nothing_is_no_trouble() -> None:
    assert theil([0, 0, 5], [1, 1, 2], [0, 0, 1]) == pytest.approx((math.log(2), 0))


@given(values_and_people)
@settings(max_examples=80, deadline=None)
def test_theil_adds_up_and_is_not_negative(rows: list[tuple[int, int, int, int]]) -> None:
    value = [r[0] for r in rows]
    if sum(value) == 0:
        return
    between, within = theil(value, [r[1] for r in rows], [r[3] for r in rows])
    whole = sum(theil(value, [r[1] for r in rows], [0] * len(rows)))
    assert between + within == pytest.approx(whole, abs=1e-12)
    assert min(between, within) > -1e-12


# Palma


def test_palma_of_ten_people_by_hand() -> None:
    assert palma(range(1, 11), [1] * 10, range(10)) == pytest.approx(10 / 2.5)


def test_palma_takes_the_share_of_an_area_that_makes_up_the_tenth() -> None:
    # Worst-off 40 of 100: all of the first, 10 of the second; best-off 10 are in the third.
    expected = 8 / ((30 * 2 + 10 * 4) / 40)
    assert palma([2, 4, 8], [30, 30, 40], [1, 2, 3]) == pytest.approx(expected)


def test_palma_shares_a_tie_out_evenly() -> None:
    assert palma([2, 4], [50, 50], [1, 1]) == pytest.approx(1)


def test_palma_among_others() -> None:
    reference = (array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), array([1] * 10))
    assert palma([3, 100, 6], [5, 5, 5], [2, 6, 10], reference) == pytest.approx(2)


def test_palma_has_no_value_where_nobody_is_among_the_best_off() -> None:
    reference = (array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), array([1] * 10))
    assert math.isnan(palma([3, 6], [5, 5], [2, 6], reference))


# Poverty


@pytest.mark.parametrize("power", [0, 1, 2])
def test_poverty_by_hand(power: int) -> None:
    # Line 10; 0 and 8 are short by 1 and 0.2 of it. One of them each in four: (1 + 0.2) / 4.
    found = indices.poverty(array([0, 8, 10, 30]), EVEN, 10, power, less_is_better=False)
    by_hand = {0: 0.5, 1: (1 + 0.2) / 4, 2: (1 + 0.04) / 4}
    assert found[0] == pytest.approx(by_hand[power])


@pytest.mark.parametrize("power", [0, 1, 2])
def test_poverty_in_minutes_is_beyond_the_line(power: int) -> None:
    found = indices.poverty(array([5, 20, 30, 60]), EVEN, 20, power, less_is_better=True)
    assert found[0] == pytest.approx({0: 0.5, 1: (0.5 + 2) / 4, 2: (0.25 + 4) / 4}[power])


def test_draws_are_measured_row_by_row() -> None:
    rng = np.random.default_rng(3)
    people = array(rng.integers(0, 9, (6, 5)))
    values, standing = array(rng.random(5)), array(rng.random(5))
    together = indices.concentration(values, people, indices.build_order(standing))
    apart = [concentration(values, row, standing) for row in people]
    assert together == pytest.approx(apart)
