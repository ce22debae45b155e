"""What drives need in an area, in sentences whose figures can be checked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from need_cases import bare_area, make_layers, need, only, with_specs, with_values
from places import CODES, tiny_layers

from planner.layers import Layers
from planner.need import build_need
from planner.need.words import CAVEAT, say_drivers
from planner.project import NeedSettings


def say(layers: Layers | None = None, code: str = CODES[0], **options: Any) -> str:
    layers = layers or tiny_layers()
    return " ".join(say_drivers(need(layers, **options), layers, code))


def test_the_rank_says_among_whom_and_which_end_is_worst() -> None:
    assert "ranks 1 among the 6 areas of Sixsquares, where 1 is the greatest need" in say()


def test_parts_are_given_with_their_share() -> None:
    # Stretched, the first area has 100 in income and 0 in access.
    layers = only(tiny_layers(), "income", "access")
    found = say(layers, normalisation="minmax", weights={"income": 3, "access": 1})
    assert "adds up from income 75.0 (100%) and access 0.0 (0%)" in found


def test_parts_on_both_sides_of_zero_have_no_shares() -> None:
    layers = with_values(
        only(tiny_layers(), "income", "access"),
        income=[1.0, 1.0, 1.0, 3.0, 3.0, 3.0],
        access=[9.0, 5.0, 9.0, 5.0, 9.0, 5.0],
    )
    found = say(layers, normalisation="zscore")
    assert "access +0.50 and income -0.50; 0 is the average" in found


def test_what_sets_an_area_apart_is_told_with_its_figure_and_that_of_the_middle() -> None:
    # Income 0.40; the middle of 0.40 0.30 0.20 0.10 0.25 0.05 is 0.225.
    assert (
        "higher than in the middle area of the place, most of all in income (Income deprivation: "
        "40.0% here, 22.5% in the middle area)" in say(only(tiny_layers(), "income", "access"))
    )


def test_where_need_is_lower_is_told_too() -> None:
    assert "lower than in the middle area of the place, most of all in access" in say()


def test_a_domain_of_several_layers_says_so() -> None:
    assert "health (made of 2 figures)" in say()


def test_the_domain_with_most_weight_comes_first() -> None:
    layers = make_layers(tiny_layers().values[["income", "health"]])
    found = build_need(
        layers,
        bare_area(layers.values.index),
        NeedSettings(weights={"income": 1, "health": 5}),
    )
    (apart,) = [s for s in say_drivers(found, layers, CODES[0]) if "higher than" in s]
    assert apart.index("health") < apart.index("income")


def test_a_domain_without_weight_is_not_spoken_of() -> None:
    assert "access" not in say(weights={"income": 1, "health": 1})


def test_what_is_not_known_is_told() -> None:
    layers = with_values(tiny_layers(), income=[np.nan, 0.3, 0.2, 0.1, 0.25, 0.05])
    assert "Nothing is known here of income; the score comes from what is known" in say(layers)


def test_an_area_of_which_nothing_is_known_says_that_alone() -> None:
    layers = with_values(only(tiny_layers(), "income"), income=[np.nan, 0.3, 0.2, 0.1, 0.25, 0.05])
    (sentence,) = say_drivers(need(layers), layers, CODES[0])
    assert "no score" in sentence


def test_figures_of_a_larger_area_are_told() -> None:
    layers = tiny_layers()
    status = layers.status.copy()
    status["life_expectancy"] = "inherited"
    found = say(replace(layers, status=status))
    assert "Life expectancy is known only for a larger area around this one" in found


def test_an_area_like_all_others_is_told_so() -> None:
    layers = with_values(only(tiny_layers(), "income"), income=[0.2] * 6)
    assert "like the middle area of the place" in say(layers)


def test_a_geometric_mean_is_told_apart_by_its_own_parts() -> None:
    found = say(only(tiny_layers(), "income", "access"), aggregation="geometric")
    assert "most of all in income" in found


def test_a_rank_is_told_with_how_many_it_is_among() -> None:
    layers = only(tiny_layers(), "income")
    layers = with_values(layers, income=[100.0, 2000.0, 3000.0, 4000.0, 5000.0, 6000.0])
    layers = with_specs(
        layers, income={"kind": "rank", "among": 33755, "high_is": "better", "title": "Income rank"}
    )
    assert "Income rank: 100 of 33,755 here, 3,500 of 33,755 in the middle area" in say(layers)


def test_small_figures_keep_two_digits() -> None:
    layers = make_layers(
        tiny_layers().values[["income"]], specs={"income": {"unit": "score", "decimals": 0}}
    )
    found = build_need(layers, bare_area(layers.values.index), NeedSettings())
    assert "0.40 here, 0.23 in the middle area" in " ".join(say_drivers(found, layers, CODES[0]))


def test_nobody_is_blamed() -> None:
    assert say_drivers(need(), tiny_layers(), CODES[0])[-1] == CAVEAT


def test_areas_have_words_by_every_way() -> None:
    layers = tiny_layers()
    for options in (
        {"normalisation": "zscore"},
        {"normalisation": "minmax", "aggregation": "geometric"},
        {"weighting": "first_component"},
    ):
        for code in CODES[::3]:
            assert "nan" not in say(layers, code, **options).split()


def test_the_common_measure_has_words() -> None:
    # Its one layer is worked out on the way and is none of the project's.
    values = pd.DataFrame({"income": [1.0, 2.0, 3.0]}, index=CODES[:3])
    layers = make_layers(values)
    found = build_need(layers, bare_area(values.index), NeedSettings())
    other = make_layers(values.rename(columns={"income": "elsewhere"}))
    assert "in income." in " ".join(say_drivers(found, other, CODES[2]))
