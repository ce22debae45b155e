"""The measure of a choice is said in words that name its own numbers."""

from __future__ import annotations

from typing import get_args

import pytest

from planner.hubs.words import MODEL_TITLES, say_asked, say_measure
from planner.project import FILLING, HubModel, HubSettings


@pytest.mark.parametrize("model", get_args(HubModel))
def test_every_model_has_a_title_and_a_measure(model: HubModel) -> None:
    share = 0.7 if model in ("set_cover", "fair_cover", "worst_off") else None
    costs = "costs.csv" if model in FILLING else ""
    settings = HubSettings(model=model, share=share, costs=costs, within_minutes=25)
    assert MODEL_TITLES[model]
    said = say_measure(settings)
    assert ("25 minutes" in said) == settings.covers
    assert ("70 %" in said) == (share is not None)


def test_counts_are_not_called_need() -> None:
    said = say_measure(HubSettings(demand="claimant_count"))
    assert said == "least claimant count-weighted journey time"


def test_what_was_asked_for_is_hubs_money_or_neither() -> None:
    assert say_asked(HubSettings(count=1)) == "1 hub"
    assert say_asked(HubSettings(budget=1200, costs="c.csv")) == "a budget of 1,200"
    assert say_asked(HubSettings(model="set_cover")) == "as few hubs as are enough"
