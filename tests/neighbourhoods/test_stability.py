"""How stable types are, against counting by hand and scikit-learn's own figures."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alike_places import alike_inputs, alike_place, lumps, planted
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from planner.errors import ProjectError
from planner.neighbourhoods.inputs import TypeInputs, build_type_inputs
from planner.neighbourhoods.methods import Fit, fit_types
from planner.neighbourhoods.refits import Refitter
from planner.neighbourhoods.stability import Stability, build_stability
from planner.project import NeighbourhoodSettings

CORNERS = [[0, 0, 0], [8, 0, 0], [0, 8, 0], [8, 8, 8]]


def judge(inputs: TypeInputs, fit: Fit, **settings: Any) -> Stability:
    graph = settings.pop("graph", None)
    found = build_stability(inputs, fit, NeighbourhoodSettings(**settings), graph=graph)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def four() -> tuple[TypeInputs, Fit]:
    columns, own = lumps(CORNERS, 30)
    inputs = alike_inputs(columns)
    return inputs, planted(inputs, own)


@pytest.mark.parametrize("method", ["kmeans", "gaussian_mixture", "ward"])
def test_planted_lumps_come_back(four: tuple[TypeInputs, Fit], method: str) -> None:
    found = judge(*four, method=method)
    assert (found.types["jaccard"] > 0.9).all()
    assert not found.types["tentative"].any()
    assert found.adjusted_rand > 0.9


@pytest.mark.parametrize("method", ["kmeans", "ward", "gaussian_mixture"])
def test_a_round_lump_cut_in_two_is_tentative_and_a_whole_one_is_not(method: str) -> None:
    rng = np.random.default_rng(1)
    wide, tight = rng.normal(size=(100, 4)), rng.normal(30.0, 0.1, size=(60, 4))
    columns = dict(
        zip(("income", "health", "crime", "access"), np.vstack([wide, tight]).T, strict=True)
    )
    inputs = alike_inputs(columns)
    cut = np.concatenate([(wide[:, 0] > 0).astype(int), np.full(60, 2)])
    found = judge(inputs, planted(inputs, cut), method=method)
    assert found.types["tentative"].tolist() == [True, True, False]
    assert found.types.loc[3, "jaccard"] > 0.9


def test_areas_of_clear_lumps_are_certain(four: tuple[TypeInputs, Fit]) -> None:
    found = judge(*four)
    assert (found.areas["certainty"] == 1.0).all()
    assert (found.areas["second_share"] == 0.0).all()


def test_an_area_between_two_lumps_is_the_least_certain() -> None:
    columns, own = lumps([[0, 0], [4, 0]], 20)
    columns = {
        name: np.append(values, v)
        for (name, values), v in zip(columns.items(), (2.0, 0.0), strict=True)
    }
    inputs = alike_inputs(columns)
    found = judge(inputs, planted(inputs, np.append(own, 0)), bootstraps=60)
    doubt = found.areas["certainty"].idxmin()
    assert doubt == inputs.codes[-1]
    assert found.areas.loc[doubt, "certainty"] < 0.9
    assert found.areas.loc[doubt, "second_type"] == 2
    assert found.areas.loc[doubt, ["certainty", "second_share"]].sum() == pytest.approx(1.0)


def test_where_an_area_lands_nowhere_else_the_nearest_other_type_is_second(
    four: tuple[TypeInputs, Fit],
) -> None:
    inputs, fit = four
    found = judge(inputs, fit)
    away = np.linalg.norm(inputs.matrix.to_numpy()[:, None] - fit.centres[None], axis=2)
    second = np.argsort(away, axis=1)[:, 1] + 1
    assert found.areas["second_type"].tolist() == second.tolist()


def test_jaccard_and_certainty_are_as_counted_one_by_one() -> None:
    rng = np.random.default_rng(5)
    inputs = alike_inputs({"income": rng.normal(size=60), "crime": rng.normal(size=60)})
    matrix = inputs.matrix.to_numpy()
    fit = fit_types(matrix, "kmeans", 3, 7)
    found = judge(inputs, fit, bootstraps=12)
    draws = Refitter(matrix=matrix, method="kmeans", k=3, seed=7).draws(12)
    likeness, rand, certain = np.zeros((12, 3)), [], np.zeros(60)
    for at, drawn in enumerate(draws):
        assert drawn is not None
        rand.append(adjusted_rand_score(fit.labels, drawn))
        best, best_sum = None, -1.0
        table = np.zeros((3, 3))
        for a in range(3):
            for b in range(3):
                one, two = set(np.flatnonzero(fit.labels == a)), set(np.flatnonzero(drawn == b))
                table[a, b] = len(one & two) / len(one | two)
        likeness[at] = table.max(axis=1)
        for order in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]):
            total = sum(table[a, order[a]] for a in range(3))
            if total > best_sum:
                best, best_sum = order, total
        assert best is not None
        certain += np.array([drawn[i] == best[fit.labels[i]] for i in range(60)])
    assert found.types["jaccard"].to_numpy() == pytest.approx(likeness.mean(axis=0))
    assert found.types["recovered"].to_numpy() == pytest.approx((likeness >= 0.75).mean(axis=0))
    assert found.draws["adjusted_rand"].to_numpy() == pytest.approx(rand)
    assert found.areas["certainty"].to_numpy() == pytest.approx(certain / 12)


def test_leaving_a_layer_out_is_fitting_without_its_column(four: tuple[TypeInputs, Fit]) -> None:
    inputs, fit = four
    found = judge(inputs, fit, bootstraps=1)
    for layer in inputs.layers:
        z = inputs.standardised.drop(columns=layer).to_numpy()
        labels = KMeans(4, n_init=20, random_state=0).fit_predict(z)
        expected = adjusted_rand_score(fit.labels, labels)
        assert found.layers.loc[layer, "adjusted_rand"] == pytest.approx(expected, abs=0.02), layer


def test_noise_left_out_changes_nothing_and_the_telling_layer_much() -> None:
    rng = np.random.default_rng(1)
    columns = {
        "income": np.repeat([0.0, 9.0], 40) + rng.normal(size=80),
        "noise": rng.normal(size=80),
    }
    inputs = alike_inputs(columns, weights={"income": 3})
    found = judge(inputs, planted(inputs, np.repeat([0, 1], 40)))
    assert found.layers.loc["noise", "adjusted_rand"] == 1.0
    assert found.layers.loc["noise", "areas_moved"] == 0
    assert found.layers.loc["income", "adjusted_rand"] < 0.1
    assert "“income”" in " ".join(found.findings)


def test_inherited_layers_are_taken_away_and_put_back_whole() -> None:
    rng = np.random.default_rng(2)
    north = np.repeat([0.0, 1.0], 30)
    # Without the larger areas' figure there is only noise; at full weight it rules.
    columns = {"income": rng.normal(size=60), "life_expectancy": north}
    layers, area = alike_place(columns, inherited=["life_expectancy"])
    inputs = build_type_inputs(layers, area, NeighbourhoodSettings(inherited_weight=0.5))
    found = judge(inputs, planted(inputs, north.astype(int)), bootstraps=2)
    assert found.inherited.loc[0.0, "adjusted_rand"] < 0.2
    assert found.inherited.loc[1.0, "adjusted_rand"] > found.inherited.loc[0.0, "adjusted_rand"]


def test_without_inherited_layers_there_is_nothing_to_take_away(
    four: tuple[TypeInputs, Fit],
) -> None:
    assert judge(*four, bootstraps=1).inherited.empty


def test_at_full_weight_already_putting_back_changes_nothing() -> None:
    columns, own = lumps(CORNERS, 10)
    layers, area = alike_place(columns, inherited=["crime"])
    inputs = build_type_inputs(layers, area, NeighbourhoodSettings())
    found = judge(inputs, planted(inputs, own), bootstraps=1)
    assert found.inherited.loc[1.0].tolist() == [1.0, 0]


def test_one_layer_cannot_be_left_out() -> None:
    inputs = alike_inputs({"income": np.repeat([0.0, 9.0], 20) + np.arange(40) / 100})
    found = judge(inputs, planted(inputs, np.repeat([0, 1], 20)))
    assert found.layers["adjusted_rand"].isna().all()
    assert [n.what for n in found.notes] == ["types_layer_needed"]


def test_components_are_found_anew_without_a_layer() -> None:
    columns, own = lumps(CORNERS, 20)
    inputs = alike_inputs(columns, components=0.99)
    found = judge(inputs, planted(inputs, own), bootstraps=2)
    assert found.layers["adjusted_rand"].notna().all()


def test_the_probability_of_its_own_type_stands_beside_for_a_mixture() -> None:
    columns, _ = lumps(CORNERS, 20)
    inputs = alike_inputs(columns)
    fit = fit_types(inputs.matrix.to_numpy(), "gaussian_mixture", 4, 7)
    found = judge(inputs, fit, method="gaussian_mixture", bootstraps=2)
    assert fit.membership is not None
    assert found.areas["membership"].tolist() == fit.membership.max(axis=1).tolist()


def test_the_same_on_one_core_as_on_two(
    four: tuple[TypeInputs, Fit], monkeypatch: pytest.MonkeyPatch
) -> None:
    several = judge(*four)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    one = judge(*four)
    pd.testing.assert_frame_equal(one.areas, several.areas)
    pd.testing.assert_frame_equal(one.draws, several.draws)
    pd.testing.assert_frame_equal(one.layers, several.layers)


def test_another_seed_draws_otherwise() -> None:
    rng = np.random.default_rng(3)
    inputs = alike_inputs({"income": rng.normal(size=80), "crime": rng.normal(size=80)})
    fit = fit_types(inputs.matrix.to_numpy(), "kmeans", 4, 7)
    first, second = judge(inputs, fit, seed=7), judge(inputs, fit, seed=8)
    assert first.draws["adjusted_rand"].tolist() != second.draws["adjusted_rand"].tolist()


def test_the_order_of_areas_changes_nothing() -> None:
    columns, own = lumps(CORNERS, 12, spread=2.0)
    layers, area = alike_place(columns)
    inputs = build_type_inputs(layers, area, NeighbourhoodSettings())
    turned = layers.values.index[::-1]
    back = replace(layers, values=layers.values.loc[turned], status=layers.status.loc[turned])
    again = build_type_inputs(back, area, NeighbourhoodSettings())
    first, second = (judge(i, planted(i, own), bootstraps=5) for i in (inputs, again))
    pd.testing.assert_frame_equal(first.areas, second.areas)


def test_one_tentative_type_is_spoken_of_as_one() -> None:
    # A firm lump far off, and a stretch of areas that could be cut in two anywhere.
    rng = np.random.default_rng(3)
    columns = {"income": np.r_[np.full(30, 90.0) + rng.normal(size=30), rng.uniform(0, 9, 50)]}
    inputs = alike_inputs(columns | {"crime": rng.normal(size=80)})
    own = np.r_[np.zeros(30, int), np.ones(30, int), np.full(20, 2)]
    found = judge(inputs, planted(inputs, own))
    least = found.types["jaccard"].nsmallest(2).tolist()
    found = judge(inputs, planted(inputs, own), stable=sum(least) / 2)
    (note,) = [n for n in found.notes if n.what == "types_tentative"]
    assert note.text.startswith(f"Type {note.items[0]} is tentative: its stability ")


def test_no_bootstraps_no_figures(four: tuple[TypeInputs, Fit]) -> None:
    assert build_stability(*four, NeighbourhoodSettings(bootstraps=0)) is None


def test_fewer_differing_areas_than_types_in_every_draw_is_refused() -> None:
    # A draw would have to hold each of the twelve areas.
    inputs = alike_inputs({"income": np.arange(12.0)})
    with pytest.raises(ProjectError, match="never hold 12"):
        judge(inputs, planted(inputs, np.arange(12)), bootstraps=2)


def test_tentative_types_are_told_with_their_numbers() -> None:
    rng = np.random.default_rng(3)
    inputs = alike_inputs({"income": rng.normal(size=100), "crime": rng.normal(size=100)})
    fit = fit_types(inputs.matrix.to_numpy(), "kmeans", 5, 7)
    found = judge(inputs, fit, stable=1.0)
    (note,) = [n for n in found.notes if n.what == "types_tentative"]
    assert note.items == ("1", "2", "3", "4", "5")
    assert "called tentative" in found.findings[1]
