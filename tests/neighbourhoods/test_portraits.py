"""Portraits: every sentence by hand, and words nobody should hear about where they live."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pandas as pd
import pytest
from places import SOURCE

from planner.layers import LayerSpec
from planner.neighbourhoods.phrases import DOMAIN_WORDS, LAYER_WORDS, find_phrase, say
from planner.neighbourhoods.portraits import AREAS_NOT_PEOPLE, Subject, write_portrait

#: Said of a place, these blame or belittle the people in it.
BANNED = (
    r"unemploy|workless|jobless|idle|lazy|depriv|poor people|poor families|benefit|problem|"
    r"unhealthy|dependen|scroung|underclass|feckless|failing|fail\b|vulnerable|suffer|"
    r"the disabled|the elderly|the poor|uneducated|unskilled|low.skilled|ignoran|ghetto|slum|"
    r"sink|rough|worst|bad areas?|troubled|anti.social|criminal|hopeless|victim|burden|backward|"
    r"left behind|hard to reach|inactive"
)


def spec(layer: str, **changes: Any) -> LayerSpec:
    given = {"title": layer, "unit": "", "kind": "score", "high_is": "worse", "domain": layer}
    return LayerSpec(id=layer, geography="lsoa21", source=SOURCE, **(given | changes))


def subject(**changes: Any) -> Subject:
    given: dict[str, Any] = {
        "areas": 24,
        "place_areas": 150,
        "people": 38_449.0,
        "place_people": 240_000.0,
        "typical": "Hill 012B",
        "certainty": [1.0] * 20 + [0.5] * 4,
        "tentative": False,
    }
    return Subject(**(given | changes))


def portrait(z: dict[str, float], about: Subject | None = None, **more: Any) -> list[str]:
    """Return the sentences of a portrait of a type with these deviations."""
    specs = {layer: spec(layer, **more.get(layer, {})) for layer in z}
    rows = pd.DataFrame(
        {
            "z_place": z,
            "effect": z,
            "mean": dict.fromkeys(z, 0.4) | more.get("mean", {}),
            "place_mean": dict.fromkeys(z, 0.22) | more.get("place_mean", {}),
            "used": dict.fromkeys(z, True) | more.get("used", {}),
            "inherited": dict.fromkeys(z, 0.0) | more.get("inherited", {}),
        }
    )
    text = write_portrait(about or subject(), rows, specs, "Ambleford (fictional)")
    return re.split(r"(?<=[.]) (?=[A-Z])", text)


def test_first_how_many_areas_and_people() -> None:
    assert portrait({"income": 1.5})[0] == (
        "This type covers 24 of the 150 areas of Ambleford (fictional), home to about 38,000 "
        "people, 16% of the total."
    )


def test_then_what_sets_it_apart_and_its_strengths() -> None:
    z = {"income": 1.5, "health": 0.9, "employment": 0.8, "housing": 0.7, "crime": -0.5}
    assert portrait(z)[1:3] == [
        "Compared with Ambleford as a whole, incomes are much lower, more people live with ill "
        "health and people are further from work.",
        "It has a strength to build on: there is less crime.",
    ]


def test_one_figure_is_given_as_people_say_it() -> None:
    z = {"no_qualifications": 1.5, "disabled": 0.9}
    kinds: dict[str, Any] = {layer: {"kind": "share"} for layer in z}
    assert portrait(z, **kinds)[1] == (
        "Compared with Ambleford as a whole, far fewer adults have qualifications (40% have none, "
        "against 22%) and more people have a disability or a long-term health condition."
    )


def test_figures_of_larger_areas_say_so() -> None:
    z = {"life_expectancy": -0.6}
    found = portrait(
        z,
        life_expectancy={"kind": "years", "high_is": "better"},
        mean={"life_expectancy": 77.84},
        place_mean={"life_expectancy": 80.66},
        inherited={"life_expectancy": 1.0},
    )
    assert (
        "life expectancy is lower (77.8 years, against 80.7; figures for larger areas)" in found[1]
    )


def test_equal_whole_percentages_are_told_finer() -> None:
    found = portrait(
        {"disabled": 0.5},
        disabled={"kind": "share"},
        mean={"disabled": 0.162},
        place_mean={"disabled": 0.158},
    )
    assert "(16.2% of people, against 15.8%)" in found[1]


def test_what_types_were_judged_by_comes_first() -> None:
    z = {"income": 0.5, "crime": 2.0}
    assert "incomes are lower and there is more crime" in portrait(z, used={"crime": False})[1]


def test_without_a_strength_where_it_comes_closest() -> None:
    z = {"income": 1.5, "crime": 0.2, "health": 0.3}
    assert portrait(z)[2] == "It comes closest to the rest of Ambleford on crime."
    assert portrait(z | {"crime": 0.0})[2] == "It does as well as the rest of Ambleford on crime."


def test_without_a_need_somebody_still_needs_help() -> None:
    z = {"income": -1.5, "crime": 0.2}
    assert portrait(z)[2] == (
        "It is slightly behind on crime, and some of its people will still need help."
    )
    assert portrait({"income": -1.5})[2].startswith("Nothing that was looked at is clearly worse")


def test_near_the_average() -> None:
    assert portrait({"income": 0.1, "crime": -0.1})[1:3] == [
        "It is close to the average of Ambleford in everything that was looked at.",
        "An average hides differences, so some of its people will need help.",
    ]


def test_how_surely_areas_belong() -> None:
    assert portrait({"income": 1.5})[3] == (
        "The most typical area is Hill 012B; when the grouping is repeated on areas drawn at "
        "random, 20 of the 24 come back to this type at least nine times in ten."
    )


def test_a_tentative_type_says_so() -> None:
    assert "the type is tentative" in portrait({"income": 1.5}, subject(tentative=True))[3]
    one = portrait({"income": 1.5}, subject(tentative=True, areas=1, certainty=[0.1]))
    assert one[3].startswith("The type is tentative")


def test_not_drawn_anew_nothing_is_said_of_certainty() -> None:
    found = portrait({"income": 1.5}, subject(certainty=None))
    assert found[3] == "The most typical area is Hill 012B."


def test_a_type_of_one_area() -> None:
    found = portrait({"income": 1.5}, subject(areas=1, certainty=[1.0]))
    assert found[0].startswith("This type covers one of the 150 areas")
    assert found[3] == "The area is Hill 012B."


def test_people_not_known_are_not_made_up() -> None:
    found = portrait({"income": 1.5}, subject(people=float("nan")))
    assert found[0] == "This type covers 24 of the 150 areas of Ambleford (fictional)."


def test_it_ends_with_areas_are_not_people() -> None:
    assert " ".join(portrait({"income": 1.5})).endswith(AREAS_NOT_PEOPLE)


def test_a_portrait_is_of_three_to_five_sentences_and_can_be_read_out() -> None:
    for sides in itertools.product([-1.5, 0.2, 0.5, 1.5], repeat=3):
        sentences = portrait(dict(zip(("income", "health", "crime"), sides, strict=True)))
        assert 3 <= len(sentences) <= 5, sides
        assert all(len(sentence.split()) <= 45 for sentence in sentences), sides


@pytest.mark.parametrize("layer", [*LAYER_WORDS, *DOMAIN_WORDS])
@pytest.mark.parametrize("high", [True, False])
def test_no_phrase_blames_or_belittles(layer: str, high: bool) -> None:
    phrase = find_phrase(spec(layer), high=high, here="40%", there="20%")
    said = " ".join([say(phrase.name, much=True), say(phrase.clause, much=True), phrase.figure])
    assert not re.search(BANNED, said, flags=re.IGNORECASE), said


@pytest.mark.parametrize("sign", [-1.5, 1.5])
@pytest.mark.parametrize("layer", [*LAYER_WORDS, *DOMAIN_WORDS])
def test_no_portrait_blames_or_belittles(layer: str, sign: float) -> None:
    for about in (subject(), subject(tentative=True), subject(certainty=None)):
        text = " ".join(portrait({layer: sign}, about, **{layer: {"kind": "share"}}))
        assert not re.search(BANNED, text, flags=re.IGNORECASE), text
