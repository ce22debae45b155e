"""The official transform, ranks and tenths."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from need_cases import transformed

from planner.need import build_score, decile, official_transform, rank_areas


def test_transform_is_100_at_rank_1() -> None:
    assert official_transform(pd.Series([1.0]), 6)[0] == pytest.approx(100)


def test_transform_at_the_last_rank_by_hand() -> None:
    assert official_transform(pd.Series([6.0]), 6)[0] == pytest.approx(transformed(6))


def test_transform_keeps_the_unknown_unknown() -> None:
    assert np.isnan(official_transform(pd.Series([np.nan]), 6)[0])


def test_build_score_does_not_rescale_the_weights() -> None:
    score = build_score(pd.DataFrame({"a": [1.0], "b": [1.0]}), 6, pd.Series({"a": 0.5, "b": 0.4}))
    assert score[0] == pytest.approx(90)


def test_decile_is_the_ceiling_of_ten_times_rank_over_n() -> None:
    assert decile(pd.Series([1, 10, 11, 100]), 100).tolist() == [1, 1, 2, 10]


def test_rank_areas_breaks_ties_by_code_and_puts_the_unknown_last() -> None:
    score = pd.Series({"c": 1.0, "a": np.nan, "b": 1.0, "d": 2.0})
    assert rank_areas(score).to_dict() == {"d": 1, "b": 2, "c": 3, "a": 4}


@given(st.permutations([("a", 1.0), ("b", 1.0), ("c", 3.0), ("d", np.nan), ("e", np.nan)]))
def test_rank_areas_does_not_hang_on_the_order(pairs: list[tuple[str, float]]) -> None:
    found = rank_areas(pd.Series(dict(pairs)))
    assert found.to_dict() == {"a": 2, "b": 3, "c": 1, "d": 4, "e": 5}


def test_floating_point_noise_is_a_tie() -> None:
    assert rank_areas(pd.Series({"b": 0.1 + 0.2, "a": 0.3})).to_dict() == {"a": 1, "b": 2}
