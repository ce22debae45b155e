from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted_types import place
from scipy.spatial.distance import pdist

from planner.errors import DataError, ProjectError
from planner.left_out import fit_settings
from planner.neighbourhoods.inputs import TypeInputs, build_type_inputs
from planner.project import LeftOut, NeedSettings, NeighbourhoodSettings, ProjectSpec

RNG = np.random.default_rng(4)
#: Three layers that have little to do with each other.
PLAIN = dict(zip(["income", "health", "crime"], RNG.normal(size=(3, 40)), strict=True))


def inputs(columns: dict[str, Any] | None = None, **settings: Any) -> TypeInputs:
    layers, area = place(columns or PLAIN)
    return build_type_inputs(layers, area, NeighbourhoodSettings(**settings))


def inherited(count: int, **settings: Any) -> TypeInputs:
    """Return inputs in which the first ``count`` values of health are larger areas'."""
    layers, area = place(PLAIN)
    status = layers.status.copy()
    status.iloc[:count, list(status.columns).index("health")] = "inherited"
    return build_type_inputs(
        replace(layers, status=status), area, NeighbourhoodSettings(**settings)
    )


def told(found: TypeInputs, what: str) -> tuple[str, tuple[str, ...]]:
    (note,) = [note for note in found.notes if note.what == what]
    return note.text, note.items


def squares(frame: pd.DataFrame) -> np.ndarray:
    return pdist(frame.to_numpy()) ** 2


# Weights


def test_squared_distances_weigh_by_the_weight() -> None:
    z = inputs().standardised
    expected = 3.0 * squares(z[["income"]]) + 0.5 * squares(z[["health"]]) + squares(z[["crime"]])
    assert squares(inputs(weights={"income": 3, "health": 0.5}).matrix) == pytest.approx(expected)


def test_distance_shares_are_those_of_the_mean_squared_distance() -> None:
    found = inputs(weights={"income": 3})
    parts = [squares(found.matrix[[layer]]).mean() for layer in found.layers]
    expected = np.array(parts) / squares(found.matrix).mean()
    assert found.transforms["distance_share"].to_numpy() == pytest.approx(expected)


def test_a_layer_of_weight_0_is_left_out_and_told() -> None:
    found = inputs(weights={"health": 0})
    assert found.layers == ("income", "crime")
    assert told(found, "types_layer_weightless")[1] == ("health",)


def test_a_gap_in_a_layer_of_weight_0_leaves_no_area_out() -> None:
    columns = PLAIN | {"health": [np.nan, *PLAIN["health"][1:]]}
    assert len(inputs(columns, weights={"health": 0}).codes) == 40


def test_all_weights_0_is_refused() -> None:
    with pytest.raises(ProjectError, match="weight of every layer is 0"):
        inputs(weights=dict.fromkeys(PLAIN, 0.0))


@pytest.mark.parametrize("key", ["weights", "transforms"])
def test_an_unknown_layer_is_refused_with_the_known_ones(key: str) -> None:
    value = 2.0 if key == "weights" else "log"
    with pytest.raises(ProjectError, match=rf"{key}: there is no layer 'incomes'") as caught:
        inputs(**{key: {"incomes": value}})
    assert "income, health, crime" in caught.value.hint


def test_a_weight_of_a_layer_not_used_is_told() -> None:
    found = inputs(layers=["income", "health"], weights={"crime": 2})
    assert told(found, "types_weights_unused")[1] == ("crime",)


@pytest.mark.parametrize("weight", [np.inf, np.nan])
def test_a_weight_without_end_is_refused(weight: float) -> None:
    settings = NeighbourhoodSettings().model_copy(update={"weights": {"income": weight}})
    with pytest.raises(ProjectError, match="weight of income is not a finite number"):
        build_type_inputs(*place(PLAIN), settings)


# Transformations


def test_one_transformation_may_differ_from_the_rest() -> None:
    columns = {name: np.exp(values) for name, values in PLAIN.items()}
    found = inputs(columns, transform="log", transforms={"crime": "rank"})
    assert found.transforms["transform"].tolist() == ["log", "log", "rank"]
    expected = (PLAIN["income"] - PLAIN["income"].mean()) / PLAIN["income"].std()
    assert found.matrix["income"].to_numpy() == pytest.approx(expected)


def test_units_change_no_figure() -> None:
    other = PLAIN | {"income": 100 * PLAIN["income"], "crime": 32 + 1.8 * PLAIN["crime"]}
    assert inputs(other).matrix.to_numpy().tobytes() == inputs().matrix.to_numpy().tobytes()


def test_zeros_before_a_logarithm_are_told() -> None:
    found = inputs({"jobs": [0.0, *range(1, 40)]}, transform="log")
    assert told(found, "types_log_offset")[1] == ("jobs",)


# Layers of larger areas


def test_inherited_layers_are_told_with_their_part_of_the_distance() -> None:
    text, items = told(inherited(40), "types_layer_inherited")
    assert items == ("health",)
    assert "40 of 40 areas share 40 values of lsoa21 areas" in text
    assert "makes up 33% of the squared distance" in text


def test_inherited_layers_can_count_less() -> None:
    found = inherited(40, inherited_weight=0.5)
    assert found.transforms["weight"].tolist() == [1.0, 0.5, 1.0]
    text, _ = told(found, "types_layer_inherited")
    assert "20% of the squared distance between areas (33% at full weight)" in text


def test_the_part_at_full_weight_is_that_of_full_weight_with_components_too() -> None:
    full = inherited(40, components=0.6).transforms["distance_share"]
    found = inherited(40, components=0.6, inherited_weight=0.5).transforms
    assert found["distance_share_full"].to_numpy() == pytest.approx(full.to_numpy())


def test_a_few_inherited_values_make_no_inherited_layer() -> None:
    found = inherited(19, inherited_weight=0.5)
    assert found.transforms.loc["health", "inherited_areas"] == 19
    assert found.transforms["weight"].tolist() == [1.0, 1.0, 1.0]


def test_inherited_layers_of_weight_0_are_left_out() -> None:
    found = inherited(40, inherited_weight=0)
    assert found.layers == ("income", "crime")
    assert told(found, "types_inherited_left_out")[1] == ("health",)


def test_nothing_but_inherited_layers_of_weight_0_is_refused() -> None:
    with pytest.raises(ProjectError, match="every layer is inherited"):
        inherited(40, layers=["health"], inherited_weight=0)


# What repeats or stands out


def test_layers_that_say_much_the_same_are_told() -> None:
    columns = PLAIN | {"jobs": PLAIN["income"] + 0.1 * PLAIN["crime"]}
    text, items = told(inputs(columns), "types_layer_collinear")
    assert items == ("income and jobs",)
    assert f"r = {np.corrcoef(columns['income'], columns['jobs'])[0, 1]:.2f}" in text


def test_layers_are_called_by_their_titles() -> None:
    columns = {"no_car": PLAIN["income"], "jobs": PLAIN["income"] + 0.1 * PLAIN["crime"]}
    columns |= {"not_working": 2 * PLAIN["crime"], "health": np.ones(40)}
    found = inputs(columns, weights={"not_working": 0})
    shown = {what: told(found, what)[0] for what in _ABOUT_LAYERS}
    assert "“No car” and “Jobs”" in shown["types_layer_collinear"]
    assert shown["types_layer_weightless"].startswith("“Not working”: ")
    assert shown["types_layer_constant"].startswith("“Health”: ")


@pytest.mark.parametrize(
    ("missing", "what"), [("median", "types_imputed"), ("leave_out", "types_areas_left_out")]
)
def test_gaps_are_told_with_the_titles_of_their_layers(missing: str, what: str) -> None:
    columns = {"no_car": [np.nan, *PLAIN["income"][1:]], "health": PLAIN["health"]}
    assert "(“No car” in 1)" in told(inputs(columns, missing=missing), what)[0]


_ABOUT_LAYERS = ("types_layer_collinear", "types_layer_weightless", "types_layer_constant")


def test_a_layer_that_several_others_say_together_is_told() -> None:
    total = PLAIN["income"] + PLAIN["health"] + PLAIN["crime"]
    columns = PLAIN | {"jobs": total + 0.01 * RNG.normal(size=40)}
    assert "can be told from the other layers" in told(inputs(columns), "types_layer_collinear")[0]


def test_the_same_layer_in_another_unit_is_identical() -> None:
    found = inputs(PLAIN | {"jobs": 100 * PLAIN["income"]})
    assert told(found, "types_layer_identical")[1] == ("income", "jobs")
    assert "types_layer_collinear" not in {note.what for note in found.notes}


def test_an_area_far_from_all_others_is_named_and_kept() -> None:
    crime = PLAIN["crime"].copy()
    crime[5] = 60.0
    found = inputs(PLAIN | {"crime": crime})
    text, items = told(found, "types_area_far")
    assert items == ("E01000005",)
    assert f"“Crime” {(60 - crime.mean()) / crime.std():.1f} standard deviations above" in text
    assert "E01000005" in found.codes


def test_areas_scattered_evenly_have_none_far_from_all() -> None:
    assert inputs().far.empty


# Components


def test_all_components_keep_all_distances() -> None:
    found = inputs(components=0.9999999)
    assert squares(found.matrix) == pytest.approx(squares(inputs().matrix))


def test_components_are_as_few_as_keep_the_share() -> None:
    columns = PLAIN | {"jobs": PLAIN["income"] + 0.1 * PLAIN["health"]}
    values = inputs(columns).matrix.to_numpy()
    shares = np.linalg.svd(values)[1] ** 2 / (values**2).sum()
    found = inputs(columns, components=0.7)
    count = int((shares.cumsum() < 0.7).sum()) + 1
    assert found.component_shares.to_numpy() == pytest.approx(shares[:count])
    assert found.matrix.var(ddof=0).to_numpy() == pytest.approx(4 * shares[:count])
    assert f"keep {shares[:count].sum():.1%}" in told(found, "types_components")[0]


def test_one_component_is_spoken_of_as_one() -> None:
    text = told(inputs(components=0.01), "types_components")[0]
    assert text.startswith("1 principal component stands for 3 layers and keeps ")


def test_the_largest_loading_of_a_component_is_positive() -> None:
    loadings = inputs(components=0.9).loadings
    assert loadings is not None
    assert all(column[column.abs().idxmax()] > 0 for _, column in loadings.items())


def test_layers_shares_of_components_add_up() -> None:
    assert inputs(components=0.5).transforms["distance_share"].sum() == pytest.approx(1.0)


def test_components_of_two_layers_are_refused() -> None:
    with pytest.raises(ProjectError, match=r"only 2 layers \(income, health\)"):
        inputs(layers=["income", "health"], components=0.8)


# Other areas, other weights


@pytest.mark.parametrize("components", [0.0, 0.8])
@pytest.mark.parametrize("transform", ["none", "yeo_johnson", "rank"])
def test_the_places_own_areas_come_out_as_they_were(transform: str, components: float) -> None:
    found = inputs(transform=transform, components=components, weights={"income": 2})
    placed = found.place(found.values.iloc[::-1])
    pd.testing.assert_frame_equal(placed.iloc[::-1], found.matrix, check_exact=True)


def test_an_area_without_a_value_cannot_be_placed() -> None:
    found = inputs(components=0.8)
    row = found.values.iloc[:2].copy()
    row.iloc[0, 1] = np.nan
    assert found.place(row).isna().all(axis=1).tolist() == [True, False]


def test_the_median_stands_in_where_the_project_says_so() -> None:
    columns = PLAIN | {"income": [np.nan, *PLAIN["income"][1:]]}
    found = inputs(columns, missing="median")
    row = found.values.iloc[[0]].assign(income=np.nan)
    pd.testing.assert_frame_equal(found.place(row), found.matrix.iloc[[0]])


def test_areas_cannot_be_placed_without_a_layer() -> None:
    found = inputs()
    with pytest.raises(DataError, match="without crime"):
        found.place(found.values[["income", "health"]])


@pytest.mark.parametrize("components", [0.0, 0.8])
def test_other_weights_give_the_matrix_of_such_a_project(components: float) -> None:
    weights = {"income": 3.0, "crime": 0.25}
    expected = inputs(weights=weights, components=components).matrix
    found = inputs(components=components).with_weights(weights)
    pd.testing.assert_frame_equal(found, expected)


def test_weight_0_leaves_a_layer_out_of_the_matrix() -> None:
    assert list(inputs().with_weights({"health": 0}).columns) == ["income", "crime"]


def test_weights_of_unknown_layers_are_refused() -> None:
    with pytest.raises(DataError, match="jobs is not among"):
        inputs().with_weights({"jobs": 0})


def test_nothing_is_asked_of_private_layers_that_were_left_out() -> None:
    layers, area = place(PLAIN)
    settings = NeighbourhoodSettings(
        layers=["income", "caseload"], weights={"caseload": 2}, transforms={"caseload": "rank"}
    )
    spec = ProjectSpec.model_construct(
        need=NeedSettings(),
        neighbourhoods=settings,
        left_out=LeftOut(private=1, layers=["caseload"]),
    )
    found = build_type_inputs(layers, area, fit_settings(spec, layers)[1])
    assert found.layers == ("income",)
