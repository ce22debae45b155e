"""Whose weights count, and weights from the first principal component."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from need_cases import bare_area, codes, make_layers, need, notes, only, with_specs, with_values
from places import tiny_layers

from planner.errors import ProjectError
from planner.need import build_need
from planner.need.weighting import first_component
from planner.project import NeedSettings


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


@pytest.mark.parametrize("weight", [-1.0, float("inf"), float("nan")])
def test_a_weight_that_is_no_weight_is_refused(weight: float) -> None:
    # The project file refuses it, too; this is for settings put together in a notebook.
    settings = NeedSettings().model_copy(update={"weights": {"income": weight, "health": 1.0}})
    layers = tiny_layers()
    with pytest.raises(ProjectError, match=r"income has .*zero or more"):
        build_need(layers, bare_area(layers.values.index), settings)


def test_equal_weights_win_over_the_publishers() -> None:
    layers = with_specs(
        tiny_layers(), income={"domain_weight": 0.5}, health={"domain_weight": 0.3},
        access={"domain_weight": 0.2},
    )  # fmt: skip
    assert need(layers, weighting="equal").weights.tolist() == pytest.approx([1 / 3] * 3)


def test_publishers_weights_are_refused_where_a_domain_has_none() -> None:
    layers = with_specs(tiny_layers(), income={"domain_weight": 0.5})
    with pytest.raises(ProjectError, match="no published weight for health, access"):
        need(layers, weighting="publisher")


def test_without_a_word_on_weights_a_missing_one_makes_all_equal_and_is_noted() -> None:
    found = need(with_specs(tiny_layers(), income={"domain_weight": 0.5}))
    assert notes(found)["need_equal_weights"] == ("health", "access")


# The first principal component


def correlated(matrix: Any, count: int = 400) -> pd.DataFrame:
    """Return values whose correlations are exactly those of the matrix."""
    noise = np.random.default_rng(3).normal(size=(count, len(matrix)))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(noise.T @ noise / count)).T
    names = ["a", "b", "c", "d"][: len(matrix)]
    return pd.DataFrame(white @ np.linalg.cholesky(np.array(matrix)).T, columns=names)


def test_domains_that_are_all_equally_alike_count_alike() -> None:
    alike = correlated([[1, 0.4, 0.4], [0.4, 1, 0.4], [0.4, 0.4, 1]])
    assert first_component(alike).weights.tolist() == pytest.approx([1 / 3] * 3)


def test_a_domain_apart_counts_for_nothing() -> None:
    # [[1, r, 0], [r, 1, 0], [0, 0, 1]] has the first vector (1, 1, 0) / root 2.
    apart = correlated([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    assert first_component(apart).weights.tolist() == pytest.approx([0.5, 0.5, 0.0], abs=1e-12)


def test_a_chain_of_three_by_hand() -> None:
    # [[1, r, 0], [r, 1, r], [0, r, 1]] has the first vector (1, root 2, 1) / 2.
    chain = correlated([[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]])
    assert first_component(chain).weights.tolist() == pytest.approx([0.25, 0.5, 0.25])


def test_weights_do_not_hang_on_units() -> None:
    chain = correlated([[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]])
    other = chain * [1000.0, 0.001, 1.0] + 7.0
    assert np.allclose(first_component(other).weights, first_component(chain).weights)


def test_they_are_the_squared_loadings_of_a_singular_value_decomposition() -> None:
    found = correlated([[1, 0.7, 0.4, 0.2], [0.7, 1, 0.5, 0.3], [0.4, 0.5, 1, 0.1],
                        [0.2, 0.3, 0.1, 1]])  # fmt: skip
    scores = (found - found.mean()) / found.std(ddof=0)
    loadings = np.linalg.svd(scores.to_numpy(), full_matrices=False)[2][0]
    assert np.allclose(first_component(found).weights, loadings**2)


def test_a_domain_against_the_others_gets_nothing_and_is_noted() -> None:
    found = first_component(correlated([[1, 0.5, -0.5], [0.5, 1, -0.5], [-0.5, -0.5, 1]]))
    assert found.weights.tolist() == pytest.approx([0.5, 0.5, 0.0])
    assert [n.items for n in found.notes if n.what == "need_domain_against_others"] == [("c",)]


def test_a_constant_domain_gets_nothing() -> None:
    found = correlated([[1, 0.5], [0.5, 1]]).assign(c=4.0)
    assert first_component(found).weights.tolist() == pytest.approx([0.5, 0.5, 0.0])


def test_too_few_complete_areas_are_refused() -> None:
    few = correlated([[1, 0.5], [0.5, 1]]).assign(c=np.nan)
    few.iloc[:3, 2] = [1.0, 2.0, 4.0]
    with pytest.raises(ProjectError, match="3 areas have a value in every domain"):
        first_component(few)


def test_nothing_but_constants_is_refused() -> None:
    with pytest.raises(ProjectError, match="the same in all areas"):
        first_component(pd.DataFrame({"a": [1.0] * 9, "b": [2.0] * 9}))


def test_need_is_weighted_by_it() -> None:
    table = correlated([[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]], 60).set_index(codes(60))
    settings = NeedSettings(weighting="first_component")
    found = build_need(make_layers(table), bare_area(table.index), settings)
    assert found.weights.tolist() == pytest.approx([0.25, 0.5, 0.25])


def test_one_domain_alone_counts_wholly() -> None:
    layers = with_values(only(tiny_layers(), "income"), income=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert need(layers, weighting="first_component").weights.to_dict() == {"income": 1.0}
