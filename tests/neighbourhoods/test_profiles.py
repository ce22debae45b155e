"""Profiles against scipy and sums by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from alike_places import alike_inputs, alike_place, planted
from scipy import stats

from planner.neighbourhoods.profiles import PROFILE_COLUMNS, build_profiles, build_typical
from planner.neighbourhoods.stability import build_stability
from planner.project import NeighbourhoodSettings

INCOME = [1.0, 2.0, 3.0, 10.0, 12.0, 14.0, 16.0]
OWN = [2, 2, 2, 1, 1, 1, 1]


def profiles(columns: dict[str, Any], own: list[Any], **more: Any) -> pd.DataFrame:
    used = more.pop("used", ())
    layers, area = alike_place(columns, **more)
    labels = pd.Series(own, index=area.codes, dtype="Int64")
    table = build_profiles(layers, labels, used=used)
    assert list(table.columns) == list(PROFILE_COLUMNS)
    return table.set_index(["type_id", "layer"])


def test_means_and_intervals_are_students() -> None:
    row = profiles({"income": INCOME}, OWN).loc[(1, "income")]
    low, high = stats.t.interval(0.95, 3, loc=13.0, scale=stats.sem(INCOME[3:]))
    assert (row["areas"], row["mean"], row["independent"]) == (4, 13.0, 4)
    assert (row["mean_low"], row["mean_high"]) == pytest.approx((low, high))


def test_distance_from_the_place_is_in_its_standard_deviations() -> None:
    row = profiles({"income": INCOME}, OWN).loc[(2, "income")]
    assert row["z_place"] == pytest.approx((2.0 - np.mean(INCOME)) / np.std(INCOME))
    assert row["place_mean"] == pytest.approx(np.mean(INCOME))


def test_without_a_reference_nothing_is_said_of_the_nation() -> None:
    row = profiles({"income": INCOME}, OWN).loc[(1, "income")]
    assert np.isnan(row["reference_mean"])
    assert np.isnan(row["z_reference"])


def test_the_nation_stands_beside_the_place() -> None:
    nation = pd.DataFrame({"income": [0.0, 10.0]}, index=["E01000001", "E01000002"])
    row = profiles({"income": INCOME}, OWN, reference=nation).loc[(1, "income")]
    # Mean 5, standard deviation 5.
    assert (row["reference_mean"], row["z_reference"]) == (5.0, pytest.approx(1.6))


def test_the_effect_is_hedges_g() -> None:
    row = profiles({"income": INCOME}, OWN).loc[(1, "income")]
    # Within: (20 + 2) / 5 = 4.4; means 13 and 2; correction 1 - 3 / (4 * 7 - 9).
    assert row["effect"] == pytest.approx(11 / np.sqrt(4.4) * (1 - 3 / 19))


def test_a_layer_that_does_not_vary_within_sets_apart_without_end() -> None:
    table = profiles({"income": [1.0, 1.0, 5.0, 5.0], "crime": [2.0] * 4}, [1, 1, 2, 2])
    assert table.loc[(1, "income"), "effect"] == -np.inf
    assert table.loc[(1, "crime"), "effect"] == 0.0
    assert np.isnan(table.loc[(1, "crime"), "eta_squared"])


def test_eta_squared_is_that_of_the_analysis_of_variance() -> None:
    table = profiles({"income": INCOME}, OWN)
    f = stats.f_oneway(INCOME[:3], INCOME[3:]).statistic
    # With 1 and 5 degrees of freedom, eta squared is F / (F + 5).
    assert table["eta_squared"].tolist() == pytest.approx([f / (f + 5)] * 2)


def test_inherited_values_of_one_larger_area_are_one_value() -> None:
    values = [80.0, 80.0, 80.0, 76.0, 76.0, 70.0]
    parents = pd.DataFrame({"msoa11": ["A", "A", "A", "B", "B", "C"]})
    table = profiles(
        {"life_expectancy": values},
        [1, 1, 1, 1, 1, 2],
        inherited=["life_expectancy"],
        parents=parents,
    )
    row = table.loc[(1, "life_expectancy")]
    mean = 392 / 5
    # Two larger areas: sums of 3 x 1.6 and 2 x -2.4 from the mean; one degree of freedom.
    error = np.sqrt(2 / 1 * (4.8**2 + 4.8**2)) / 5
    assert (row["independent"], row["inherited"]) == (2, 1.0)
    assert row["mean_high"] == pytest.approx(mean + stats.t.ppf(0.975, 1) * error)


def test_where_the_larger_area_is_not_known_equal_values_are_one() -> None:
    table = profiles(
        {"life_expectancy": [80.0, 80.0, 76.0, 70.0]}, [1, 1, 1, 2], inherited=["life_expectancy"]
    )
    assert table.loc[(1, "life_expectancy"), "independent"] == 2


def test_one_value_has_no_interval() -> None:
    row = profiles({"income": [1.0, 5.0, 6.0]}, [1, 2, 2]).loc[(1, "income")]
    assert row["mean"] == 1.0
    assert np.isnan(row["mean_low"])


def test_missing_values_and_areas_without_a_type_have_no_part_in_a_types_mean() -> None:
    table = profiles({"income": [1.0, np.nan, 3.0, 9.0, 5.0]}, [1, 1, 1, 2, pd.NA])
    assert (table.loc[(1, "income"), "areas"], table.loc[(1, "income"), "mean"]) == (2, 2.0)


def test_ranks_are_not_averaged_and_layers_of_the_types_are_marked() -> None:
    specs = {"crime": {"kind": "rank"}}
    table = profiles(
        {"income": INCOME, "crime": INCOME, "health": INCOME}, OWN, specs=specs, used=("income",)
    )
    assert table.loc[1]["used"].to_dict() == {"income": True, "health": False}


def test_the_medoid_is_the_one_nearest_to_all_others() -> None:
    rng = np.random.default_rng(1)
    inputs = alike_inputs({"income": rng.normal(size=40), "crime": rng.normal(size=40)})
    own = rng.permutation(np.repeat([0, 1], 20))
    fit = planted(inputs, own)
    typical = build_typical(inputs, fit, None)
    matrix = inputs.matrix.to_numpy()
    for number in (0, 1):
        members = np.flatnonzero(own == number)
        sums = [sum(((matrix[i] - matrix[j]) ** 2).sum() for j in members) for i in members]
        assert typical.loc[number + 1, "medoid"] == inputs.codes[members[int(np.argmin(sums))]]


def test_the_most_doubtful_are_the_least_certain() -> None:
    rng = np.random.default_rng(1)
    inputs = alike_inputs({"income": rng.normal(size=60), "crime": rng.normal(size=60)})
    fit = planted(inputs, (inputs.values["income"] > 0).astype(int))
    stability = build_stability(inputs, fit, NeighbourhoodSettings(bootstraps=40))
    assert stability is not None
    typical = build_typical(inputs, fit, stability)
    certainty = stability.areas["certainty"]
    for number in (1, 2):
        doubtful = list(typical.loc[number, "doubtful"])
        others = stability.areas.index[stability.areas["type_id"] == number].drop(
            [*doubtful, typical.loc[number, "medoid"]]
        )
        assert len(doubtful) == 3
        assert certainty[doubtful].is_monotonic_increasing
        assert certainty[doubtful].max() <= certainty[others].min()


def test_without_draws_doubt_is_nearness_to_the_next_type() -> None:
    inputs = alike_inputs({"income": [0.0, 1.0, 4.4, 5.6, 9.0, 10.0]})
    typical = build_typical(inputs, planted(inputs, [0, 0, 0, 1, 1, 1]), None)
    assert typical.loc[1, "doubtful"][0] == inputs.codes[2]
    assert typical.loc[2, "doubtful"][0] == inputs.codes[3]
