from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import planted_types
import pytest
from places import CODES, SOURCE, tiny_area, tiny_layers
from planted_types import bands, long_and_unequal, round_blobs
from scipy.sparse import csr_array
from shapely.geometry import Point, box
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from planner.area import CRS, StudyArea
from planner.errors import ProjectError
from planner.layers import Layers, LayerSpec
from planner.need import build_need
from planner.need.space.neighbours import build_neighbours
from planner.neighbourhoods import (
    AVERAGE_NAME,
    NOT_TYPED,
    Neighbourhoods,
    build_neighbourhoods,
    choosing,
    name_types,
)
from planner.project import NeedSettings, NeighbourhoodSettings, SpatialSettings


@pytest.fixture(autouse=True)
def _without_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    # Sixty more groupings for every place here; it has tests of its own.
    monkeypatch.setattr(choosing, "_GAP_UPTO", dict.fromkeys(choosing._GAP_UPTO, 0))


def types(
    layers: Layers | None = None, area: StudyArea | None = None, /, **options: Any
) -> Neighbourhoods:
    layers, area = layers or tiny_layers(), area or tiny_area()
    need = build_need(layers, area, NeedSettings())
    settings = NeighbourhoodSettings(**({"bootstraps": 0} | options))
    return build_neighbourhoods(layers, area, need, settings)


def place(columns: dict[str, list[float]], **changes: Any) -> tuple[Layers, StudyArea]:
    """Return as many areas as there are values, with one domain of its own for each column."""
    count = len(next(iter(columns.values())))
    codes = [f"E0190{i:04d}" for i in range(1, count + 1)]
    squares = [box(430000 + 1000 * i, 390000, 431000 + 1000 * i, 391000) for i in range(count)]
    areas = gpd.GeoDataFrame(
        {
            "area_name": codes,
            "nation": "England",
            "population": 1000.0,
            "in_place": True,
            "geometry": squares,
        },
        index=pd.Index(codes, name="area_code"),
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {
            "area_code": codes,
            "weight": 1.0,
            "geometry": [Point(s.centroid.x, s.centroid.y) for s in squares],
        },
        index=pd.Index(codes, name="point_id"),
        crs=CRS,
    )
    area = StudyArea(
        name="Row",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="population-weighted",
    )
    values = pd.DataFrame(columns, index=areas.index, dtype="float64")
    specs = {
        name: LayerSpec(
            id=name,
            title=name.replace("_", " ").capitalize(),
            unit="",
            kind="score",
            high_is="worse",
            geography="lsoa21",
            domain=name,
            source=SOURCE,
        )
        for name in columns
    }
    specs = {name: replace(spec, **changes.get(name, {})) for name, spec in specs.items()}
    status = pd.DataFrame("published", index=values.index, columns=values.columns)
    layers = Layers(values=values, specs=specs, status=status.mask(values.isna(), "missing"))
    return layers, area


def three_lumps() -> dict[str, list[float]]:
    """Return nine areas that anyone would put in three heaps of three."""
    return {
        "income": [0.0, 0.1, 0.2, 5.0, 5.1, 5.2, 9.0, 9.1, 9.2],
        "crime": [9.0, 9.1, 9.2, 0.0, 0.1, 0.2, 9.0, 9.1, 9.2],
    }


def note_items(found: Neighbourhoods) -> dict[str, tuple[str, ...]]:
    return {note.what: note.items for note in found.notes}


# Types and their order


def test_three_heaps_are_found() -> None:
    found = types(*place(three_lumps()))
    assert (found.k, found.labels.tolist()) == (3, [2, 2, 2, 3, 3, 3, 1, 1, 1])


def test_type_1_has_the_greatest_mean_need() -> None:
    assert types(k=3).types["need_score_mean"].is_monotonic_decreasing


def test_profiles_are_plain_means_in_the_layers_units() -> None:
    found = types(*place(three_lumps()))
    assert found.profiles.loc[1].tolist() == pytest.approx([9.1, 9.1])


def test_standardised_means_are_z_scores_against_the_place() -> None:
    columns = three_lumps()
    income = np.array(columns["income"])
    found = types(*place(columns))
    expected = (9.1 - income.mean()) / income.std()
    assert found.standardised.loc[1, "income"] == pytest.approx(expected)


def test_types_count_areas_and_people() -> None:
    found = types(*place(three_lumps())).types
    assert found[["areas", "population"]].loc[1].tolist() == [3, 3000]


def test_context_areas_have_no_type() -> None:
    assert types(None, tiny_area(context=2), k=2).labels.index.tolist() == CODES[:4]


def test_silhouette_is_the_mean_over_areas() -> None:
    columns = three_lumps()
    found = types(*place(columns))
    z = pd.DataFrame(columns)
    z = (z - z.mean()) / z.std(ddof=0)
    by_hand = silhouette_samples(z.to_numpy(), [0] * 3 + [1] * 3 + [2] * 3).mean()
    assert found.diagnostics.loc[3, "silhouette"] == pytest.approx(by_hand)


def test_the_same_seed_gives_the_same_types() -> None:
    pd.testing.assert_series_equal(types(k=3).labels, types(k=3).labels)


def test_order_of_layers_rows_changes_nothing() -> None:
    layers = tiny_layers()
    turned = replace(layers, values=layers.values.iloc[::-1], status=layers.status.iloc[::-1])
    pd.testing.assert_frame_equal(types(turned, k=3).types, types(k=3).types)


# Methods


def planted(rows: np.ndarray, side: int | None = None, **options: Any) -> Neighbourhoods:
    layers, area = planted_types.place({f"layer_{at}": c for at, c in enumerate(rows.T)}, side)
    return types(layers, area, **options)


@pytest.mark.parametrize("method", ["kmeans", "gaussian_mixture", "ward"])
def test_planted_types_are_found_again(method: str) -> None:
    rows, truth = round_blobs()
    found = planted(rows, method=method, k=4, k_max=4)
    assert adjusted_rand_score(found.labels.astype(int), truth) >= 0.95


def test_long_types_of_unequal_size_are_found_again_by_a_mixture() -> None:
    rows, truth = long_and_unequal()
    found = planted(rows, method="gaussian_mixture", k=3, k_max=4)
    assert adjusted_rand_score(found.labels.astype(int), truth) >= 0.95
    assert found.membership.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert found.membership.idxmax(axis=1).tolist() == found.labels.tolist()


def test_planted_regions_are_found_again_and_connected() -> None:
    rows, truth, _ = bands()
    found = planted(rows, 18, method="ward_regions", k=3, k_max=4)
    labels = found.labels.to_numpy(dtype=int)
    assert adjusted_rand_score(labels, truth) >= 0.95
    touching = nx.from_scipy_sparse_array(planted_types.grid_graph(18))
    for one in (1, 2, 3):
        assert nx.is_connected(touching.subgraph(np.flatnonzero(labels == one)))


def test_neighbours_given_are_those_used() -> None:
    layers, area = planted_types.place({"income": [0.0, 1, 2, 50, 51, 52]})
    cut = replace(
        build_neighbours(area, SpatialSettings()),
        adjacency=csr_array(np.kron(np.eye(2), np.ones((3, 3)) - np.eye(3))),
    )
    need = build_need(layers, area, NeedSettings())
    options = NeighbourhoodSettings(method="ward_regions", k=2, k_min=2, bootstraps=0)
    found = build_neighbourhoods(layers, area, need, options, neighbours=cut)
    assert found.labels.tolist() == [2, 2, 2, 1, 1, 1]
    assert note_items(found)["types_parts"] == ("E01000003", "E01000004", "E01000005")


def test_units_change_no_label() -> None:
    columns = three_lumps()
    other = {"income": [100 * v for v in columns["income"]], "crime": columns["crime"]}
    assert types(*place(other)).labels.equals(types(*place(columns)).labels)


def test_a_mixture_says_that_weights_are_idle() -> None:
    rows, _ = round_blobs()
    options = {"method": "gaussian_mixture", "k": 4, "k_max": 4}
    found = planted(rows, weights={"layer_1": 0.2}, **options)
    assert note_items(found)["types_weights_idle"] == ("layer_1",)
    assert found.labels.equals(planted(rows, **options).labels)


def test_types_of_the_method_are_the_types_of_the_table() -> None:
    found = types(*place(three_lumps()))
    assert found.fit.sizes.tolist() == found.types["areas"].tolist()
    assert found.inputs.codes.equals(found.labels.index)


def test_without_probabilities_membership_is_the_share_of_draws() -> None:
    rows, _ = round_blobs()
    found = planted(rows, k=4, k_max=4, bootstraps=5)
    assert found.membership_kind == "share of draws"
    assert found.membership.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert found.types["stability"].notna().all()
    assert found.types["tentative"].dtype == bool


def test_types_are_set_beside_somebody_elses_classes() -> None:
    layers, area = place(three_lumps())
    need = build_need(layers, area, NeedSettings())
    classes = pd.Series(list("aaabbbccc"), index=area.codes)
    found = build_neighbourhoods(
        layers, area, need, NeighbourhoodSettings(bootstraps=0), classes=classes
    )
    assert found.overlap is not None
    assert found.overlap.adjusted_rand == 1.0


def test_the_clustergram_counts_types_as_the_table_does() -> None:
    found = types(*place(three_lumps()))
    points = found.clustergram.drop_duplicates(["k", "type"])
    here = points[points["k"] == found.k].set_index("type")
    assert here["areas"].to_dict() == found.types["areas"].to_dict()
    assert here["population"].to_dict() == found.types["population"].to_dict()


def test_an_area_far_from_all_others_is_told() -> None:
    found = types(*place({"income": [0.0, 0.1, 0.2, 0.3, 40.0]}), k_min=2, k_max=2)
    assert note_items(found)["types_area_far"] == ("E01900005",)


# How many types


def test_k_of_the_project_is_used_and_said() -> None:
    found = types(k=4)
    assert found.k == 4
    assert "project file" in found.rule


def test_small_types_are_avoided_where_that_can_be_had() -> None:
    # Five, five and two areas: three types fit best, but one of them would be of two areas.
    columns = {"income": [0.0, 0.1, 0.2, 0.3, 0.4, 10.0, 10.1, 10.2, 10.3, 10.4, 14.0, 14.1]}
    found = types(*place(columns), k_min=2, k_max=3)
    assert found.diagnostics["silhouette"].idxmax() == 3
    assert found.types["areas"].tolist() == [7, 5]


def test_small_types_that_cannot_be_avoided_are_noted() -> None:
    columns = {"income": [0.0, 0.1, 0.2, 0.3, 40.0]}
    assert "types_small" in note_items(types(*place(columns), k_min=2, k_max=2))


def test_more_types_than_areas_is_refused() -> None:
    with pytest.raises(ProjectError, match="k = 7, but Sixsquares has only 6 areas"):
        types(k=7)


def test_more_types_than_areas_that_differ_is_refused() -> None:
    with pytest.raises(ProjectError, match="only 2 areas that differ"):
        types(*place({"income": [0.0, 0.0, 1.0, 1.0]}), k=3)


def test_k_min_above_k_max_is_refused() -> None:
    with pytest.raises(ProjectError, match="above k_max"):
        types(k_min=6, k_max=4)


def test_a_range_that_the_place_cannot_fill_is_cut_and_noted() -> None:
    found = types()
    assert list(found.diagnostics.index) == [3, 4, 5]
    assert "types_range_cut" in note_items(found)


# Which layers


def test_layers_without_a_domain_ranks_and_interval_bounds_are_left_out() -> None:
    columns = three_lumps()
    names = ["income", "crime", "shown", "position", "life_lower", "life_upper"]
    wide = dict.fromkeys(names, columns["income"]) | columns
    changes = {"shown": {"domain": None}, "position": {"kind": "rank"}}
    assert types(*place({n: wide[n] for n in names}, **changes)).layer_ids == ("income", "crime")


def test_a_layer_known_for_too_few_areas_is_left_out_and_noted() -> None:
    columns = three_lumps() | {"health": [np.nan] * 2 + [1.0] * 7}
    found = types(*place(columns))
    assert found.layer_ids == ("income", "crime")
    assert note_items(found)["types_layer_left_out"] == ("health",)


@pytest.mark.parametrize("missing", ["median", "refuse"])
def test_naming_a_layer_known_for_too_few_areas_is_refused(missing: str) -> None:
    columns = three_lumps() | {"health": [np.nan] * 2 + [1.0] * 7}
    with pytest.raises(ProjectError, match="health is known for only 78%"):
        types(*place(columns), layers=["income", "health"], missing=missing)


def test_a_named_layer_known_for_too_few_areas_is_left_out_with_its_share() -> None:
    columns = three_lumps() | {"health": [np.nan] * 2 + [1.0] * 7}
    found = types(*place(columns), layers=["income", "health"])
    assert found.layer_ids == ("income",)
    (note,) = [note for note in found.notes if note.what == "types_layer_left_out"]
    assert note.items == ("health",)
    assert "(78%)" in note.text


# Areas without a value


def forty(*gaps: int) -> tuple[Layers, StudyArea]:
    """Return 40 areas with incomes 0, 1, 2, ... and the given positions unknown."""
    income = [np.nan if at in gaps else float(at) for at in range(40)]
    return place({"income": income, "crime": [float(at) for at in range(40)]})


def test_an_area_without_a_value_gets_no_type_and_is_noted() -> None:
    found = types(*forty(3))
    assert found.labels.index[found.labels.isna()].tolist() == ["E01900004"]
    assert found.types["areas"].sum() == 39
    assert note_items(found)["types_areas_left_out"] == ("E01900004",)
    assert found.status.loc["E01900004"].tolist() == ["missing", "published"]


def test_nothing_is_filled_unless_asked_for() -> None:
    found, without = types(*forty(3)), forty(3)
    columns = without[0].values.drop(index="E01900004").to_dict("list")
    assert found.labels.dropna().tolist() == types(*place(columns)).labels.tolist()


def test_missing_values_take_the_median_where_the_project_says_so() -> None:
    found = types(*forty(3), missing="median")
    # The median of 0 to 39 without 3 is 20: the area goes with those of income 20.
    assert found.labels.notna().all()
    assert found.status["income"].value_counts().to_dict() == {"published": 39, "imputed": 1}
    assert found.status.loc["E01900004", "income"] == "imputed"
    (note,) = [note for note in found.notes if note.what == "types_imputed"]
    assert (note.items, "“Income” in 1" in note.text) == (("E01900004",), True)


def test_the_median_is_of_the_known_values() -> None:
    income = [0.0] * 18 + [np.nan] + [9.0] * 21
    found = types(*place({"income": income}), missing="median", k=2)
    # 21 of 39 known values are 9, so the unknown one counts as 9.
    assert found.labels.iloc[18] == found.labels.iloc[39]


def test_missing_values_are_refused_where_the_project_says_so() -> None:
    with pytest.raises(ProjectError, match=r"no value in 2 of 40 areas \(income in 2; first"):
        types(*forty(3, 5), missing="refuse")


def test_complete_layers_are_not_refused() -> None:
    assert types(*forty(), missing="refuse").labels.notna().all()


def test_a_place_in_which_every_area_lacks_something_is_refused() -> None:
    columns = {
        f"layer_{n}": [np.nan if at in (2 * n, 2 * n + 1) else float(at) for at in range(40)]
        for n in range(20)
    }
    with pytest.raises(ProjectError, match="no value in 40 of 40 areas") as caught:
        types(*place(columns))
    assert "fewer layers" in caught.value.hint


def test_areas_without_a_type_are_named_so() -> None:
    labels = pd.Series([2, pd.NA, 1], index=["a", "b", "c"], dtype="Int64")
    words = name_types(labels, {1: "One", 2: "Two"})
    assert words.to_dict() == {"a": "Two", "b": NOT_TYPED, "c": "One"}


def test_a_constant_layer_is_left_out_and_noted() -> None:
    found = types(*place(three_lumps() | {"health": [1.0] * 9}))
    assert found.layer_ids == ("income", "crime")
    assert note_items(found)["types_layer_constant"] == ("health",)


def test_identical_layers_are_noted() -> None:
    columns = three_lumps() | {"health": three_lumps()["income"]}
    assert note_items(types(*place(columns)))["types_layer_identical"] == ("income", "health")


def test_an_unknown_layer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProjectError, match=r"'incomes'[\s\S]*income, health"):
        types(layers=["incomes"])


def test_nothing_to_tell_apart_by_is_refused() -> None:
    with pytest.raises(ProjectError, match="no layer to tell"):
        types(*place({"income": [1.0] * 6}))


# Names


def test_names_say_the_two_things_that_set_a_type_apart() -> None:
    names = types(*place(three_lumps())).types["type_name"].tolist()
    assert names[2] == "Less crime"
    assert names[0] == "Lower incomes, more crime"


def test_a_high_value_that_is_better_reads_as_better() -> None:
    columns = {"income": [0.0, 0.1, 0.2, 9.0, 9.1, 9.2]}
    names = types(*place(columns, income={"high_is": "better"}), k=2).types["type_name"]
    assert names.tolist() == ["Lower incomes", "Higher incomes"]


def test_layers_with_phrases_of_their_own_use_them() -> None:
    columns = {"life_expectancy": [74.0, 75.0, 76.0, 84.0, 85.0, 86.0]}
    layers, area = place(columns, life_expectancy={"high_is": "better", "domain": "health"})
    assert types(layers, area, k=2).types["type_name"].tolist() == [
        "Lower life expectancy",
        "Higher life expectancy",
    ]


def test_a_type_near_the_average_says_so() -> None:
    columns = {"income": [0.0, 0.1, 0.2, 4.9, 5.0, 5.1, 9.8, 9.9, 10.0]}
    assert types(*place(columns)).types["type_name"].tolist()[1] == AVERAGE_NAME


def test_types_that_would_share_a_name_are_told_apart() -> None:
    columns = {"income": [0.0, 0.1, 0.2, 3.0, 3.1, 3.2, 9.0, 9.1, 9.2, 20.0, 20.1, 20.2]}
    names = types(*place(columns), k=4).types["type_name"]
    assert names.is_unique
    assert names.tolist()[-2:] == ["Higher incomes", "Much higher incomes"]


def test_unknown_layers_are_named_by_their_title() -> None:
    names = types(*place({"noise": [0.0, 0.1, 0.2, 9.0, 9.1, 9.2]}), k=2).types["type_name"]
    assert names.tolist() == ["Higher noise", "Lower noise"]


def test_figures_stand_beside_the_name() -> None:
    text = types(*place({"noise": [0.0, 0.0, 0.0, 8.0, 8.0, 8.2]}), k=2).types["distinguishing"]
    assert text[1] == "Noise: 8.1, higher than the place's 4.0"


def test_small_figures_keep_two_significant_figures() -> None:
    text = types(*place({"noise": [0.0, 0.0, 0.0, 0.5, 0.5, 0.452]}), k=2).types["distinguishing"]
    assert text[1] == "Noise: 0.48, higher than the place's 0.24"


@pytest.mark.parametrize(
    ("layer", "title", "words"),
    [
        ("simd_income_rate", "People who are income deprived (SIMD 2020v2)", "Lower incomes"),
        ("smokers", "People who smoke", "More people who smoke"),
        ("noise", "Noise at night (2024)", "Higher noise at night"),
    ],
)
def test_an_indicator_is_said_as_people_say_it(layer: str, title: str, words: str) -> None:
    layers, area = place({"one": [0.0] * 5 + [9.0] * 5})
    spec = replace(layers.specs["one"], id=layer, title=title, domain=None, high_is="worse")
    shown = replace(
        layers,
        values=layers.values.assign(**{layer: layers.values["one"]}),
        status=layers.status.assign(**{layer: "published"}),
        specs={**layers.specs, layer: spec},
    )
    found = types(shown, area, k=2, layers=[layer])
    assert found.types.loc[1, "type_name"].startswith(words)
