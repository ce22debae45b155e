"""New areas beside types made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from alike_places import alike_inputs, lumps, planted

from planner.errors import DataError
from planner.neighbourhoods.assign import assign_areas
from planner.neighbourhoods.inputs import TypeInputs
from planner.neighbourhoods.methods import Fit, fit_types


@pytest.fixture(scope="module")
def two() -> tuple[TypeInputs, Fit]:
    columns, own = lumps([[0, 0], [10, 0]], 50)
    inputs = alike_inputs(columns)
    return inputs, planted(inputs, own)


def new(*rows: tuple[float, float]) -> pd.DataFrame:
    codes = [f"E0100000{i}" for i in range(1, len(rows) + 1)]
    return pd.DataFrame(list(rows), index=codes, columns=["income", "health"])


def test_each_goes_to_the_nearest_centre(two: tuple[TypeInputs, Fit]) -> None:
    found = assign_areas(new((0.1, 0.0), (9.0, 0.1)), *two).table
    assert found["type_id"].tolist() == [1, 2]
    assert found["second_type"].tolist() == [2, 1]
    assert (found["distance"] < found["second_distance"]).all()


def test_distances_are_those_of_the_matrix(two: tuple[TypeInputs, Fit]) -> None:
    inputs, fit = two
    found = assign_areas(new((0.0, 1.0)), inputs, fit).table.iloc[0]
    values = inputs.values
    z = (np.array([0.0, 1.0]) - values.mean()) / values.std(ddof=0)
    centre = inputs.standardised[fit.labels == 0].mean()
    assert found["distance"] == pytest.approx(float(np.sqrt(((z - centre) ** 2).sum())))


def test_its_own_areas_go_where_they_were(two: tuple[TypeInputs, Fit]) -> None:
    inputs, fit = two
    found = assign_areas(inputs.values, inputs, fit)
    assert found.table["type_id"].tolist() == (fit.labels + 1).tolist()
    # One in a hundred of each type's areas lies beyond 99% of them.
    assert found.table["far"].sum() == 2


def test_far_from_every_type_is_told(two: tuple[TypeInputs, Fit]) -> None:
    found = assign_areas(new((0.1, 0.0), (0.0, 90.0)), *two)
    assert found.table["far"].tolist() == [False, True]
    assert [(n.what, n.items) for n in found.notes] == [("assigned_far", ("E01000002",))]


def test_a_missing_value_has_no_type_and_is_told(two: tuple[TypeInputs, Fit]) -> None:
    found = assign_areas(new((np.nan, 0.0), (9.0, 0.0)), *two)
    row = found.table.iloc[0]
    assert pd.isna(row["type_id"])
    assert pd.isna(row["far"])
    assert row["missing"] == "income"
    assert [(n.what, n.count) for n in found.notes] == [("assigned_missing", 1)]


def test_the_median_stands_in_where_the_project_says_so() -> None:
    columns, own = lumps([[0, 0], [10, 0]], 25)
    inputs = alike_inputs(columns, missing="median")
    found = assign_areas(new((9.0, np.nan)), inputs, planted(inputs, own))
    assert found.table["type_id"].tolist() == [2]
    assert found.table["missing"].tolist() == ["health"]
    assert [n.what for n in found.notes] == ["assigned_imputed"]


def test_a_mixture_gives_the_most_probable_type() -> None:
    columns, _ = lumps([[0, 0], [10, 0]], 40)
    inputs = alike_inputs(columns)
    fit = fit_types(inputs.matrix.to_numpy(), "gaussian_mixture", 2, 7)
    found = assign_areas(inputs.values, inputs, fit).table
    assert fit.membership is not None
    assert found["type_id"].tolist() == (fit.labels + 1).tolist()
    assert found["membership"].to_numpy() == pytest.approx(fit.membership.max(axis=1))


def test_a_type_of_few_areas_takes_the_distance_of_all() -> None:
    columns, own = lumps([[0, 0], [10, 0]], 30)
    keep = np.flatnonzero((own == 0) | (np.cumsum(own == 1) <= 3))
    inputs = alike_inputs({name: values[keep] for name, values in columns.items()})
    fit = planted(inputs, own[keep])
    limits = assign_areas(inputs.values, inputs, fit).limits
    away = np.linalg.norm(inputs.matrix.to_numpy() - fit.centres[fit.labels], axis=1)
    assert limits[2] == pytest.approx(np.quantile(away, 0.99))


def test_a_code_twice_is_refused(two: tuple[TypeInputs, Fit]) -> None:
    values = pd.concat([new((0.0, 0.0)), new((1.0, 0.0))])
    with pytest.raises(DataError, match="E01000001 stands there twice"):
        assign_areas(values, *two)


def test_a_layer_that_is_not_there_is_refused(two: tuple[TypeInputs, Fit]) -> None:
    with pytest.raises(DataError, match="health"):
        assign_areas(new((0.0, 0.0))[["income"]], *two)
