"""Does the report say of need, and the files on need hold, no more than was found?"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from places import tiny_area, tiny_layers

from planner.export.need import build_need_files
from planner.need import build_need
from planner.need.certainty.draws import build_draws
from planner.need.certainty.robustness import build_robustness
from planner.need.together.surrogates import CHANCE_COLUMNS
from planner.need.together.tandem import build_tandem
from planner.project import NeedSettings, RobustnessSettings, TandemSettings
from planner.report.needs import build_chance_table, build_sure_layer, build_sure_table

AREA, LAYERS = tiny_area(), tiny_layers()
NEED = build_need(LAYERS, AREA, NeedSettings())


def plan(**needs: Any) -> Any:
    return SimpleNamespace(area=AREA, need=NEED, needs=SimpleNamespace(**needs))


def unsure(sure: list[str], chances: list[float], moved: str = "weights") -> Any:
    """Return a plan whose areas are among the two worst in so many of the draws."""
    table = pd.DataFrame(
        {
            "need_rank_low": 1,
            "need_rank_high": 6,
            "need_worst_probability": chances,
            "need_sure": sure,
            "need_moved_most": moved,
        },
        index=AREA.codes,
    )
    found = SimpleNamespace(table=table, findings=("Found.",), worst_count=2)
    return plan(robustness=found)


SURE = ["high", "depends", "depends", "low", "low", "low"]
CHANCES = [0.98, 0.6, 0.4, 0.02, 0.0, 0.0]


def test_an_area_that_the_map_calls_sure_is_not_listed_as_open() -> None:
    asked = unsure(SURE, CHANCES)
    table, layer = build_sure_table(asked), build_sure_layer(asked)
    assert table is not None
    assert layer is not None
    shown = {row[1] for row in table.rows}
    assert shown == set(AREA.codes[1:3])
    # The first is in the worst part in 98% of the draws, which the map calls sure.
    assert AREA.codes[0] not in shown
    assert table.caption.startswith("The 2 areas of which it depends")


def test_without_an_open_area_there_is_no_table() -> None:
    assert build_sure_table(unsure(["high"] * 2 + ["low"] * 4, CHANCES)) is None


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        ("weights", "how much each domain counts"),
        ("several", "several, equally"),
        ("nothing", "nothing"),
    ],
)
def test_what_moves_an_area_is_said_in_words(moved: str, words: str) -> None:
    table = build_sure_table(unsure(SURE, CHANCES, moved))
    assert table is not None
    assert {row[-1] for row in table.rows} == {words}


def test_the_table_of_chance_says_what_p_is_not() -> None:
    row = ["fifth", "mean pairs", 6, 99, 0.5, 0.2, 0.0, 0.4, 0.01, 0.1, 0.0, 0.3, 0.01]
    chance = pd.DataFrame([row], columns=CHANCE_COLUMNS).assign(geography="lsoa21")
    table = build_chance_table(plan(tandem=SimpleNamespace(chance=chance, part="fifth")))
    assert table is not None
    assert table.rows[0][0] == "Pairs of needs an area is among the worst in, on average"
    assert "not that one need causes another" in table.note


@pytest.mark.parametrize("draws", [0, 20])
def test_files_of_nothing_but_blanks_are_not_written(draws: int) -> None:
    settings = RobustnessSettings(draws=draws)
    found = build_draws(LAYERS, AREA, NeedSettings(), settings)
    domains = TandemSettings(domains=["income"] if not draws else ["income", "health"])
    clusters = SimpleNamespace(
        measures=pd.DataFrame({"measure": ["need_score"], "area_code": [AREA.codes[0]]}),
        summary=pd.DataFrame({"moran_i": [np.nan]}, index=["need_score"]),
    )
    asked = plan(
        draws=found,
        robustness=build_robustness(found, NEED),
        tandem=build_tandem(NEED, LAYERS, AREA, domains),
        clusters=clusters,
        inactivity=None,
    )
    written = build_need_files(asked)
    assert ("need_certainty.csv" in written) == bool(draws)
    assert ("need_tandem.csv" in written) == bool(draws)
    if draws:
        assert (
            not written["need_certainty.csv"][["need_rank_low", "need_rank_high"]]
            .isna()
            .any(axis=None)
        )
