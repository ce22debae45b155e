from __future__ import annotations

from dataclasses import replace
from math import exp, log
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import CODES, tiny_area, tiny_layers

from planner.errors import DataError, ProjectError
from planner.layers import Layers
from planner.need import Need, build_need, build_score, decile, official_transform, rank_areas
from planner.project import NeedSettings


def transformed(rank: float, n: int = 6) -> float:
    """Return the published formula, written out apart from the code under test."""
    return -23 * log(1 - (n - rank + 1) / n * (1 - exp(-100 / 23)))


def with_values(layers: Layers, **columns: list[float]) -> Layers:
    values = layers.values.copy()
    for name, column in columns.items():
        values[name] = column
    status = layers.status.mask(values.isna(), "missing")
    return replace(layers, values=values, status=status)


def with_specs(layers: Layers, **changes: dict[str, Any]) -> Layers:
    specs = {key: replace(spec, **changes.get(key, {})) for key, spec in layers.specs.items()}
    return replace(layers, specs=specs)


def only(layers: Layers, *names: str) -> Layers:
    return replace(
        layers,
        values=layers.values[list(names)],
        status=layers.status[list(names)],
        specs={name: layers.specs[name] for name in names},
    )


def need(layers: Layers | None = None, *, context: int = 0, **options: Any) -> Need:
    area = tiny_area(context=context)
    return build_need(layers or tiny_layers(), area, NeedSettings(**options))


def notes(found: Need) -> dict[str, tuple[str, ...]]:
    return {note.what: note.items for note in found.notes}


# The transform


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


# A score by hand: income ranks 1 2 4 5 3 6, access (high worse) ranks 6 5 4 1 2 3


def test_official_score_by_hand() -> None:
    found = need(only(tiny_layers(), "income", "access"), weights={"income": 3, "access": 1})
    expected = [
        0.75 * transformed(i) + 0.25 * transformed(a)
        for i, a in zip([1, 2, 4, 5, 3, 6], [6, 5, 4, 1, 2, 3], strict=True)
    ]
    assert found.scores["need_score"].tolist() == pytest.approx(expected)


def test_access_domain_is_left_out_for_access_use() -> None:
    found = need(only(tiny_layers(), "income", "access"))
    expected = [transformed(rank) for rank in [1, 2, 4, 5, 3, 6]]
    assert found.scores["need_score_access_use"].tolist() == pytest.approx(expected)


def test_percentile_for_access_use_is_1_at_greatest_need() -> None:
    found = need(only(tiny_layers(), "income", "access"))
    expected = [1, 5 / 6, 3 / 6, 2 / 6, 4 / 6, 1 / 6]
    assert found.scores["need_percentile_access_use"].tolist() == pytest.approx(expected)


def test_a_high_value_that_is_better_lowers_need() -> None:
    found = need(only(tiny_layers(), "life_expectancy"))
    assert found.scores["need_rank"].tolist() == [1, 3, 2, 5, 4, 6]


def test_tied_values_share_their_average_rank() -> None:
    layers = with_values(only(tiny_layers(), "income"), income=[0.4, 0.4, 0.3, 0.2, 0.1, 0.0])
    score = need(layers).scores["need_score"]
    assert score.iloc[:2].tolist() == pytest.approx([transformed(1.5)] * 2)


def test_zscore_method_by_hand() -> None:
    layers = with_values(only(tiny_layers(), "income"), income=[1.0, 1.0, 1.0, 3.0, 3.0, 3.0])
    found = need(layers, normalisation="zscore")
    assert found.scores["need_score"].tolist() == pytest.approx([-1, -1, -1, 1, 1, 1])


def test_several_layers_of_a_domain_make_a_weighted_mean_of_z_scores() -> None:
    layers = with_values(
        only(tiny_layers(), "health", "life_expectancy"),
        health=[0.0, 0.0, 0.0, 2.0, 2.0, 2.0],  # z: -1 -1 -1 1 1 1
        life_expectancy=[80.0, 82.0, 80.0, 82.0, 80.0, 82.0],  # worse: 1 -1 1 -1 1 -1
    )
    found = need(layers.reweighted({"health": 3.0}), normalisation="zscore")
    domain = np.array([-0.5, -1.0, -0.5, 0.5, 1.0, 0.5])
    assert found.domain_scores["health"].tolist() == pytest.approx(list(domain / domain.std()))


def test_a_layer_of_weight_zero_is_only_shown() -> None:
    layers = with_specs(tiny_layers(), life_expectancy={"weight": 0.0})
    alone = need(only(tiny_layers(), "income", "health", "access"))
    pd.testing.assert_series_equal(need(layers).scores["need_score"], alone.scores["need_score"])


def test_a_layer_that_is_neither_better_nor_worse_is_only_shown() -> None:
    layers = with_specs(tiny_layers(), access={"high_is": "neither"})
    assert "access" not in need(layers).weights.index


def test_context_areas_are_never_ranked() -> None:
    assert need(context=2).scores.index.tolist() == CODES[:4]


def test_context_areas_do_not_change_the_ranks_of_others() -> None:
    without = [0.40, 0.30, 0.20, 0.10]
    layers = with_values(only(tiny_layers(), "income"), income=[*without, 9.0, 9.0])
    assert need(layers, context=2).scores["need_score"].iloc[0] == pytest.approx(100)


def test_reference_says_among_whom() -> None:
    assert need().reference == "among the 6 areas of Sixsquares"


def test_published_rank_stands_beside_and_never_enters() -> None:
    layers = with_specs(tiny_layers(), access={"role": "published_rank", "kind": "rank"})
    layers = with_values(layers, access=[500.0, np.nan, 7.0, 8.0, 9.0, 10.0])
    found = need(layers)
    assert found.scores["need_rank_national"].tolist() == [500, pd.NA, 7, 8, 9, 10]
    assert list(found.weights.index) == ["income", "health"]


# Weights


def test_weights_are_equal_where_nobody_sets_any() -> None:
    assert need().weights.tolist() == pytest.approx([1 / 3] * 3)


def test_domains_not_named_in_the_weights_count_for_nothing_and_are_noted() -> None:
    found = need(weights={"income": 2})
    assert found.weights.to_dict() == {"income": 1, "health": 0, "access": 0}
    assert notes(found)["need_domain_unweighted"] == ("health", "access")


def test_publishers_weights_are_used_where_every_domain_has_one() -> None:
    layers = tiny_layers()
    given = {"income": 0.225, "health": 0.135, "life_expectancy": None, "access": 0.093}
    changes = {name: {"domain_weight": weight} for name, weight in given.items()}
    found = need(with_specs(layers, **changes)).weights
    assert found.tolist() == pytest.approx([0.225 / 0.453, 0.135 / 0.453, 0.093 / 0.453])


def test_an_unknown_domain_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProjectError, match=r"'incom'[\s\S]*income, health, access"):
        need(weights={"incom": 1})


def test_all_weights_zero_is_refused() -> None:
    with pytest.raises(ProjectError, match="all weights are zero"):
        need(weights={"income": 0, "health": 0})


def test_need_of_access_domains_only_is_refused() -> None:
    with pytest.raises(ProjectError, match="access domains only"):
        need(only(tiny_layers(), "access"))


def test_no_domain_at_all_is_refused() -> None:
    layers = with_specs(only(tiny_layers(), "income"), income={"domain": None})
    with pytest.raises(ProjectError, match="No layer"):
        need(layers)


def test_averaging_ranks_is_refused() -> None:
    with pytest.raises(ProjectError, match="ranks are never averaged"):
        need(with_specs(tiny_layers(), health={"kind": "rank"}))


# What is missing


def test_an_area_without_one_domain_is_scored_from_the_others_and_noted() -> None:
    layers = with_values(
        only(tiny_layers(), "income", "access"), access=[np.nan, 10, 15, 40, 30, 20]
    )
    found = need(layers)
    assert found.scores.loc[CODES[0], "need_score"] == pytest.approx(100)
    assert notes(found)["need_partial"] == (CODES[0],)


def test_an_area_without_any_domain_has_no_score_and_ranks_last() -> None:
    layers = with_values(only(tiny_layers(), "income"), income=[np.nan, 0.3, 0.2, 0.1, 0.25, 0.05])
    found = need(layers)
    assert np.isnan(found.scores.loc[CODES[0], "need_score"])
    assert found.scores.loc[CODES[0], "need_rank"] == 6
    assert notes(found)["need_unknown"] == (CODES[0],)


def test_a_missing_layer_of_a_domain_is_noted() -> None:
    found = need(with_values(tiny_layers(), health=[np.nan, 0.5, 1.0, -0.5, 0.0, -1.0]))
    assert notes(found)["need_partial_domain"] == (CODES[0],)


def test_no_value_in_any_domain_is_refused() -> None:
    blank = with_values(only(tiny_layers(), "income"), income=[np.nan] * 6)
    with pytest.raises(DataError, match="None of the 6 areas"):
        need(blank)


def test_a_layer_without_any_value_is_left_out_and_noted() -> None:
    found = need(with_values(tiny_layers(), access=[np.nan] * 6))
    assert "access" not in found.weights.index
    assert notes(found)["need_layer_absent"] == ("access",)


def test_a_constant_domain_tells_none_apart_and_is_noted() -> None:
    found = need(with_values(tiny_layers(), access=[5.0] * 6))
    assert set(found.domain_scores["access"].round(9)) == {round(transformed(3.5), 9)}
    assert notes(found)["need_constant_domain"] == ("access",)


def test_equal_scores_are_noted() -> None:
    layers = with_values(only(tiny_layers(), "income"), income=[0.4, 0.4, 0.3, 0.2, 0.1, 0.0])
    assert notes(need(layers))["need_ties"] == tuple(CODES[:2])


# Whatever the values

values = st.lists(st.integers(-50, 50), min_size=6, max_size=6)
unknown = st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=6, max_size=6)
methods = st.sampled_from(["official", "zscore"])


def floats(column: list[int] | list[int | None]) -> list[float]:
    return [np.nan if value is None else float(value) for value in column]


@settings(max_examples=20, deadline=None)
@given(income=values, access=unknown, method=methods)
def test_parts_add_up_to_the_score(income: Any, access: Any, method: str) -> None:
    layers = with_values(tiny_layers(), income=floats(income), access=floats(access))
    found = need(layers, normalisation=method)
    gap = found.parts.sum(axis=1) - found.scores["need_score"]
    assert float(gap.abs().max()) <= 1e-9


@settings(max_examples=20, deadline=None)
@given(income=values, access=values, factor=st.floats(0.01, 1000), method=methods)
def test_scaling_all_weights_changes_no_rank(
    income: Any, access: Any, factor: float, method: str
) -> None:
    layers = with_values(tiny_layers(), income=floats(income), access=floats(access))
    weights = {"income": 0.5, "health": 0.3, "access": 0.2}
    scaled = {domain: weight * factor for domain, weight in weights.items()}
    one, other = (need(layers, normalisation=method, weights=w) for w in (weights, scaled))
    pd.testing.assert_frame_equal(one.scores, other.scores)


@settings(max_examples=20, deadline=None)
@given(income=values, which=st.integers(0, 5), by=st.integers(1, 30), method=methods)
def test_a_worse_value_never_lowers_the_score(
    income: Any, which: int, by: int, method: str
) -> None:
    layers = only(tiny_layers(), "income", "access")
    before = with_values(layers, income=floats(income))
    income = [value + by * (i == which) for i, value in enumerate(income)]
    after = with_values(layers, income=floats(income))
    change = (
        need(after, normalisation=method).scores["need_score"]
        - need(before, normalisation=method).scores["need_score"]
    )
    assert change.iloc[which] >= -1e-9


@settings(max_examples=20, deadline=None)
@given(income=values, shift=st.integers(-20, 20), method=methods)
def test_units_change_nothing(income: Any, shift: int, method: str) -> None:
    layers = only(tiny_layers(), "income", "access")
    one = with_values(layers, income=floats(income))
    other = with_values(layers, income=[4.0 * value + shift for value in floats(income)])
    pd.testing.assert_frame_equal(
        need(one, normalisation=method).scores, need(other, method=method).scores
    )


def test_inputs_are_not_changed() -> None:
    layers = tiny_layers()
    need(layers)
    pd.testing.assert_frame_equal(layers.values, tiny_layers().values)
