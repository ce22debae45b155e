"""Names: what is said, how long, and that each is said once."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from places import SOURCE

from planner.errors import ProjectError
from planner.layers import LayerSpec
from planner.neighbourhoods.names import (
    AVERAGE_NAME,
    build_names,
    build_words,
    mark_tentative,
    read_own_words,
    take_own_names,
)
from planner.neighbourhoods.phrases import DOMAIN_WORDS, LAYER_WORDS, find_phrase, say


def spec(layer: str, **changes: Any) -> LayerSpec:
    given = {
        "title": layer.replace("_", " ").capitalize(),
        "unit": "",
        "kind": "score",
        "high_is": "worse",
        "domain": layer,
    }
    return LayerSpec(id=layer, geography="lsoa21", source=SOURCE, **(given | changes))


def names(z: dict[str, list[float]], effects: Any = None, **specs: dict[str, Any]) -> list[str]:
    types = range(1, len(next(iter(z.values()))) + 1)
    table = pd.DataFrame(z, index=types)
    known = {layer: spec(layer, **specs.get(layer, {})) for layer in z}
    size = None if effects is None else pd.DataFrame(effects, index=types)
    return build_names(table, known, effects=size).tolist()


def test_the_two_most_telling_things() -> None:
    assert names({"income": [1.0], "crime": [0.5], "health": [-2.0]}) == [
        "Better health, lower incomes"
    ]


def test_telling_is_by_effect_where_there_is_one() -> None:
    z = {"income": [1.0], "crime": [0.5], "health": [-2.0]}
    assert names(z, effects={"income": [1.0], "crime": [3.0], "health": [-2.0]}) == [
        "More crime, better health"
    ]


def test_little_differences_are_not_named() -> None:
    assert names({"income": [0.34], "crime": [-0.34]}) == [AVERAGE_NAME]


def test_each_topic_once() -> None:
    z = {"employment": [2.0], "not_working": [1.5], "income": [0.4]}
    assert names(z) == ["Further from work, lower incomes"]


def test_direction_comes_from_the_layer() -> None:
    assert names({"income": [1.0]}, income={"high_is": "better"}) == ["Higher incomes"]


def test_what_is_neither_better_nor_worse_comes_after_what_is() -> None:
    z = {"no_car": [2.0], "income": [0.5]}
    assert names(z, no_car={"high_is": "neither", "domain": None}) == ["Lower incomes, fewer cars"]


def test_a_layer_without_words_of_our_own_is_said_by_its_title_and_last() -> None:
    z = {"noise": [2.0], "income": [0.5]}
    assert names(z) == ["Lower incomes"]
    assert names({"noise": [2.0]}) == ["Higher noise"]


def test_a_name_has_about_six_words() -> None:
    z = {"routine_jobs": [2.0], "life_expectancy": [-1.5], "income": [0.5]}
    (name,) = names(z, life_expectancy={"high_is": "better"})
    assert len(name.replace(",", "").split()) <= 6


def test_types_of_one_name_are_told_apart_by_what_sets_them_apart_from_each_other() -> None:
    z = {"income": [1.5, 1.5], "health": [1.2, 1.2], "crime": [1.0, -1.0]}
    assert names(z) == ["Lower incomes, more crime", "Lower incomes, less crime"]


def test_then_by_how_much() -> None:
    assert names({"income": [1.5, 0.5]}) == ["Much lower incomes", "Lower incomes"]


def test_then_by_number() -> None:
    assert names({"income": [0.6, 0.5]}) == ["Lower incomes (1)", "Lower incomes (2)"]
    assert names({"income": [0.1, 0.2]}) == [f"{AVERAGE_NAME} (1)", f"{AVERAGE_NAME} (2)"]


def test_figures_are_in_the_layers_own_unit_with_their_direction() -> None:
    specs = {"no_car": spec("no_car", kind="share"), "life": spec("life", kind="years")}
    z = pd.Series({"no_car": 1.0, "life": -0.5})
    text = build_words(
        z,
        pd.Series({"no_car": 0.4, "life": 77.8}),
        pd.Series({"no_car": 0.2, "life": 80.0}),
        specs,
        inherited=["life"],
    )
    assert text == (
        "No car: 40.0%, higher than the place's 20.0%; Life: 77.8 years, lower than the place's "
        "80.0 years (figures for larger areas)"
    )


def test_figures_are_ranked_by_effect() -> None:
    specs = {layer: spec(layer) for layer in ("income", "crime")}
    z, values = pd.Series({"income": 1.0, "crime": 0.5}), pd.Series({"income": 1.0, "crime": 2.0})
    text = build_words(z, values, values * 0.5, specs, pd.Series({"income": 0.1, "crime": 9.0}))
    assert text.startswith("Crime: 2.0, higher")


def test_own_words_are_read_by_number() -> None:
    assert read_own_words({"2": " By  the\u202e river "}, 3, "names") == {2: "By the river"}


@pytest.mark.parametrize("number", ["0", "4", "one", "-1", "", "²"])
def test_words_for_a_type_that_is_not_there_are_refused(number: str) -> None:
    with pytest.raises(ProjectError, match="types are 1 to 3"):
        read_own_words({number: "x"}, 3, "names")


@pytest.mark.parametrize(("text", "words"), [(" ", "missing"), ("x" * 101, "longer than 100")])
def test_no_words_and_too_many_are_refused(text: str, words: str) -> None:
    with pytest.raises(ProjectError, match=words):
        read_own_words({"1": text}, 3, "names")


def test_one_type_twice_is_refused() -> None:
    with pytest.raises(ProjectError, match="twice"):
        read_own_words({"1": "x", "01": "y"}, 3, "portraits")


def test_own_names_stand_in_place_of_the_planners() -> None:
    found = take_own_names(pd.Series({1: "A", 2: "B"}), {2: "Riverside"})
    assert found.to_dict() == {1: "A", 2: "Riverside"}


def test_two_types_of_one_name_are_refused() -> None:
    with pytest.raises(ProjectError, match="types 2 and 1 would both"):
        take_own_names(pd.Series({1: "Riverside", 2: "B"}), {2: "riverside"})


def test_tentative_types_say_so() -> None:
    found = mark_tentative(pd.Series({1: "A", 2: "B"}), pd.Series({1: True, 2: False}))
    assert found.tolist() == ["A (tentative)", "B"]


@pytest.mark.parametrize("layer", [*LAYER_WORDS, *DOMAIN_WORDS])
@pytest.mark.parametrize("high", [True, False])
def test_every_phrase_can_be_said_with_and_without_much(layer: str, high: bool) -> None:
    phrase = find_phrase(spec(layer), high=high, here="1", there="2")
    for text in (phrase.name, phrase.clause):
        for much in (True, False):
            said = say(text, much=much)
            assert "{" not in said
            assert "  " not in said
    assert len(say(phrase.name).split()) <= 6


def test_braces_in_a_title_are_harmless() -> None:
    phrase = find_phrase(spec("x", title="Noise {much} {0} (2024)", domain=None), high=True)
    assert say(phrase.name) == "higher noise (much) (0)"
