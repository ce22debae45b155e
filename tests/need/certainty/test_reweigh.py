from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from places import tiny_area, tiny_layers

from planner.errors import ProjectError
from planner.need import build_need
from planner.need.certainty import reweigh
from planner.need.certainty.reweigh import Reweigher, build_reweigher
from planner.need.certainty.robustness import build_draws, build_robustness
from planner.project import NeedSettings
from planner.project.analysis import RobustnessSettings

COLUMNS = ["need_rank_low", "need_rank_high", "need_worst_probability"]
SETTINGS = RobustnessSettings(draws=60, worst=1 / 3)


def build(settings: RobustnessSettings = SETTINGS, **options: Any) -> Reweigher:
    layers, area = tiny_layers(), tiny_area()
    need = build_need(layers, area, NeedSettings(**options))
    return build_reweigher(need, layers, area, settings)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"aggregation": "geometric"},
        {"normalisation": "zscore"},
        {"normalisation": "minmax", "aggregation": "geometric"},
        {"normalisation": "rank", "weights": {"access": 1}, "access_domains": []},
    ],
)
@pytest.mark.parametrize(
    "weights", [{"income": 1.0, "health": 5.0}, {"access": 0.2, "health": 0.1, "income": 0.7}]
)
def test_ranks_are_those_of_the_index_with_these_weights(
    options: dict[str, Any], weights: dict[str, float]
) -> None:
    expected = build_need(
        tiny_layers(), tiny_area(), NeedSettings(**(options | {"weights": weights}))
    )
    found = build(**options).ranks(weights)
    assert found.to_dict() == expected.scores["need_rank"].to_dict()


def test_ranks_with_gaps_are_those_of_the_index() -> None:
    area, layers = tiny_area(), tiny_layers()
    values = layers.values.mask(np.random.default_rng(2).random(layers.values.shape) < 0.3)
    status = layers.status.mask(values.isna(), "missing")
    holed = replace(layers, values=values, status=status)
    found = build_reweigher(build_need(holed, area, NeedSettings()), holed, area, SETTINGS)
    weights = {"income": 3.0, "health": 1.0}
    expected = build_need(holed, area, NeedSettings(weights=weights)).scores["need_rank"]
    assert found.ranks(weights).to_dict() == expected.to_dict()


@pytest.mark.parametrize("rounding", [True, False])
def test_intervals_of_the_stated_weights_are_those_of_the_draws(rounding: bool) -> None:
    settings = SETTINGS.model_copy(update={"rounding": rounding})
    layers, area = tiny_layers(), tiny_area()
    need = build_need(layers, area, NeedSettings())
    draws = build_draws(layers, area, NeedSettings(), settings)
    expected = build_robustness(draws, need).table[COLUMNS]
    found = build(settings).intervals(need.weights.to_dict())
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_intervals_of_moved_weights_are_those_of_an_index_with_them() -> None:
    weights = {"income": 4.0, "health": 2.0, "access": 1.0}
    layers, area, settings = tiny_layers(), tiny_area(), NeedSettings(weights=weights)
    draws = build_draws(layers, area, settings, SETTINGS)
    expected = build_robustness(draws, build_need(layers, area, settings)).table[COLUMNS]
    found = build().intervals(weights)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_fewer_draws_are_the_first_ones() -> None:
    few = build(SETTINGS.model_copy(update={"draws": 20})).intervals({"income": 1, "health": 1})
    pd.testing.assert_frame_equal(build().intervals({"income": 1, "health": 1}, draws=20), few)


def test_draws_may_share_errors_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reweigh, "_CELLS", 6 * 3 * 10)
    found = build()
    assert found.drawn.shape == (10, 6, 3)
    assert "reweigh_shared" in {note.what for note in found.notes}
    assert len(found.intervals({"income": 1, "health": 1})) == 6


def test_no_draws_give_no_intervals() -> None:
    found = build(SETTINGS.model_copy(update={"draws": 0}))
    assert found.intervals({"income": 1}).empty
    assert found.ranks({"income": 1})["E01900001"] == 1


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"weather": 1.0}, "weather"),
        ({"income": -1.0, "health": 2.0}, "below zero"),
        ({"income": float("nan")}, "below zero"),
        ({"income": 0.0}, "zero"),
        ({}, "zero"),
    ],
)
def test_odd_weights_are_refused_in_words(weights: dict[str, float], words: str) -> None:
    with pytest.raises(ProjectError, match=words):
        build().ranks(weights)
