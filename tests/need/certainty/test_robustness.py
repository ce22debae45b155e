from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from places import tiny_area, tiny_layers

from planner.errors import DataError
from planner.need import Need, build_need
from planner.need.certainty.draws import Draws
from planner.need.certainty.robustness import (
    Robustness,
    build_draws,
    build_robustness,
    count_worst,
    part_words,
    summarise_ranks,
)
from planner.project import NeedSettings
from planner.project.analysis import RobustnessSettings

#: Ranks of six areas in ten draws, each column 1 to 6.
RANKS = np.array(
    [
        [1, 1, 1, 1, 1, 1, 1, 1, 1, 2],
        [2, 2, 2, 2, 2, 3, 3, 3, 3, 1],
        [3, 3, 3, 3, 3, 2, 2, 2, 2, 3],
        [4, 4, 4, 4, 4, 4, 4, 4, 5, 4],
        [5, 5, 5, 5, 5, 5, 5, 5, 4, 5],
        [6, 6, 6, 6, 6, 6, 6, 6, 6, 6],
    ],
    dtype=np.uint16,
)


def need(**values: Any) -> Need:
    layers = tiny_layers()
    frame = layers.values.assign(**values)
    status = layers.status.mask(frame.isna(), "missing")
    return build_need(replace(layers, values=frame, status=status), tiny_area(), NeedSettings())


def draws(moved: dict[str, list[float]] | None = None, **options: Any) -> Draws:
    codes = tiny_area().codes
    return Draws(
        codes=codes,
        ranks=RANKS,
        ranks_access_use=RANKS,
        factors=pd.DataFrame(index=pd.RangeIndex(10, name="draw")),
        weights=np.ones((10, 1)),
        stated_ranks=np.arange(1, 7),
        stated_ranks_access_use=np.arange(1, 7),
        moved=pd.DataFrame(moved or {}, index=codes),
        settings=RobustnessSettings(draws=10, **({"worst": 1 / 3, "interval": 0.8} | options)),
        seed=7,
    )


def robust(moved: dict[str, list[float]] | None = None, **options: Any) -> Robustness:
    return build_robustness(draws(moved, **options), need())


# The intervals


def test_an_interval_leaves_out_as_many_draws_at_either_end() -> None:
    # 80% of ten draws: one is left out at each end.
    table = robust().table
    assert table["need_rank_low"].tolist() == [1, 2, 2, 4, 5, 6]
    assert table["need_rank_high"].tolist() == [1, 3, 3, 4, 5, 6]


def test_a_wide_interval_holds_every_draw() -> None:
    table = robust(interval=0.99).table
    assert table["need_rank_low"].tolist() == [1, 1, 2, 4, 4, 6]
    assert table["need_rank_high"].tolist() == [2, 3, 3, 5, 5, 6]


def test_the_median_is_the_lower_of_two() -> None:
    assert robust().table["need_rank_median"].tolist() == [1, 2, 3, 4, 5, 6]


def test_intervals_are_sorted_draws_by_hand() -> None:
    rng = np.random.default_rng(1)
    ranks = np.argsort(rng.random((201, 50)), axis=1).T.astype(np.uint16) + 1
    found = summarise_ranks(ranks, 0.9, 5)
    for area, row in enumerate(ranks.tolist()):
        ordered = sorted(row)
        # 10% of 201 is 20.1, so ten whole draws are left out at each end.
        assert (found.low[area], found.high[area]) == (ordered[10], ordered[-11])
        assert found.median[area] == ordered[100]
        assert found.in_worst[area] == sum(rank <= 5 for rank in row)


def test_an_interval_holds_at_least_its_share_of_draws() -> None:
    ranks = np.random.default_rng(2).integers(1, 30, (40, 77)).astype(np.uint16)
    found = summarise_ranks(ranks, 0.8, 3)
    inside = (ranks >= found.low[:, None]) & (ranks <= found.high[:, None])
    assert (inside.mean(axis=1) >= 0.8).all()


# The worst part


@pytest.mark.parametrize("areas", [1, 9, 10, 11, 139, 150, 33_755])
def test_the_worst_tenth_is_decile_1(areas: int) -> None:
    assert count_worst(areas, 0.1) == sum(-(-10 * rank // areas) == 1 for rank in range(areas + 1)
                                          if rank)  # fmt: skip


def test_probability_is_the_share_of_draws_in_the_worst_part() -> None:
    # A third of six: ranks 1 and 2.
    expected = [1.0, 0.6, 0.4, 0.0, 0.0, 0.0]
    assert robust().table["need_worst_probability"].tolist() == expected


def test_sure_or_not_by_hand() -> None:
    assert robust().table["need_sure"].tolist() == [
        "high",
        "depends",
        "depends",
        "low",
        "low",
        "low",
    ]


def test_exactly_the_stated_share_is_sure() -> None:
    assert robust(sure=0.6).table["need_sure"].tolist()[:3] == ["high", "high", "low"]


def test_too_few_areas_for_a_worst_part_are_told() -> None:
    found = robust(worst=0.1)
    assert found.table["need_worst_probability"].isna().all()
    assert found.table["need_sure"].isna().all()
    assert "draws_no_worst_part" in {note.what for note in found.notes}


def test_an_area_without_a_score_is_neither_sure_nor_unsure() -> None:
    gone = dict.fromkeys(("income", "health", "life_expectancy", "access"), np.nan)
    layers = tiny_layers()
    values = layers.values.copy()
    values.loc["E01900006", list(gone)] = np.nan
    found = build_robustness(draws(), need(**{key: values[key] for key in gone}))
    assert found.table["need_sure"].isna().tolist() == [False] * 5 + [True]
    assert np.isnan(found.table["need_worst_probability"].iloc[5])
    assert found.table["need_rank_low"].iloc[5] == 6
    assert found.summary.loc["unknown", "areas"] == 1


# What moves areas most


def test_what_moves_an_area_most_is_the_largest_shift() -> None:
    found = robust({"weights": [1, 2, 0, 0, 3, 1], "rounding": [0, 3, 0, 1, 3, 2]})
    expected = ["weights", "rounding", "nothing", "rounding", "several", "rounding"]
    assert found.table["need_moved_most"].tolist() == expected


def test_shifts_stand_beside_it() -> None:
    found = robust({"weights": [1, 2, 0, 0, 3, 1]})
    assert found.table["moved_weights"].tolist() == [1, 2, 0, 0, 3, 1]


def test_an_assumption_of_a_later_step_may_join() -> None:
    found = robust({"weights": [1.0] * 6, "walking speed": [2.0] * 6})
    assert found.table["need_moved_most"].tolist() == ["walking speed"] * 6
    assert found.assumptions.index.tolist() == ["walking speed", "weights"]
    assert found.assumptions.loc["walking speed", "areas_moved_most"] == 6


# Summaries and words


def test_summary_counts_by_hand() -> None:
    assert robust().summary["areas"].to_dict() == {
        "stated": 2,
        "high": 1,
        "depends": 2,
        "low": 3,
        "unknown": 0,
    }


def test_the_finding_says_how_many_are_there_whatever_is_assumed() -> None:
    found = build_robustness(draws(), need())
    # The index puts areas 1 and 3 first; area 2 depends, and is not among them.
    stated = need().scores["need_rank"].iloc[:3].tolist()
    further = sum(rank > 2 for rank in stated[1:])
    inside = int(stated[0] <= 2)
    assert f"Of 2 areas in the worst 33%, {inside} " in found.findings[0]
    assert f"{further} more may be" in found.findings[0]


def test_where_nothing_is_varied_nothing_is_called_sure() -> None:
    area, layers = tiny_area(), tiny_layers()
    still = RobustnessSettings(
        draws=10,
        weight_spread=0,
        normalisations=["official"],
        aggregations=["arithmetic"],
        rounding=False,
        intervals=False,
        inheritance=False,
    )
    found = build_robustness(build_draws(layers, area, NeedSettings(), still), need())
    assert found.findings == ("Nothing was varied, so nothing here says how sure the ranks are.",)


def test_a_share_just_below_the_whole_is_not_said_to_be_the_whole() -> None:
    said = " ".join(robust({"weights": [1.0] * 6}, interval=0.999).findings)
    assert "in 99.9% of the draws" in said
    assert "100%" not in said


def test_the_caveat_says_that_it_is_about_assumptions() -> None:
    assert "assumed" in robust().caveat


@pytest.mark.parametrize(("worst", "words"), [(0.1, "worst tenth"), (0.2, "worst fifth"),
                                              (0.15, "worst 15%")])  # fmt: skip
def test_the_worst_part_has_a_name(worst: float, words: str) -> None:
    assert part_words(worst) == words


# Odd cases


def test_no_draws_give_an_empty_but_whole_table() -> None:
    area, layers = tiny_area(), tiny_layers()
    none = build_draws(layers, area, NeedSettings(), RobustnessSettings(draws=0))
    found = build_robustness(none, need())
    assert found.table.index.tolist() == area.codes.tolist()
    assert (
        found.table[["need_rank_low", "need_worst_probability", "need_sure"]].isna().all(axis=None)
    )
    assert found.findings == ()
    assert "draws_off" in {note.what for note in found.notes}


def test_one_area_is_always_first() -> None:
    area = tiny_area(context=5)
    layers = tiny_layers()
    found = build_draws(layers, area, NeedSettings(), RobustnessSettings(draws=20))
    table = build_robustness(found, build_need(layers, area, NeedSettings())).table
    assert table.loc["E01900001", ["need_rank_low", "need_rank_high"]].tolist() == [1, 1]


def test_a_constant_layer_tells_no_areas_apart() -> None:
    area, layers = tiny_area(), tiny_layers()
    one = replace(
        layers,
        values=layers.values[["income"]] * 0 + 1 / 3,
        status=layers.status[["income"]],
        specs={"income": layers.specs["income"]},
    )
    found = build_draws(one, area, NeedSettings(), RobustnessSettings(draws=20))
    assert (found.ranks == np.arange(1, 7)[:, None]).all()


def test_a_rounded_layer_that_is_the_same_everywhere_tells_no_areas_apart() -> None:
    area, layers = tiny_area(), tiny_layers()
    flat = layers.values[["income", "health"]].assign(income=0.2)
    specs = {key: layers.specs[key] for key in flat}
    one = replace(layers, values=flat, status=layers.status[list(flat)], specs=specs)
    settings = RobustnessSettings(draws=60, normalisations=["rank"], aggregations=["arithmetic"])
    asked = NeedSettings(normalisation="rank", weights={"income": 1})
    found = build_draws(one, area, asked, settings)
    assert (found.ranks == np.arange(1, 7)[:, None]).all()
    # Beside a layer of its own domain that does tell them apart, it adds nothing either.
    specs["income"] = replace(specs["income"], domain=specs["health"].domain)
    both = build_draws(replace(one, specs=specs), area, NeedSettings(), settings)
    alone = replace(one, values=flat[["health"]], status=one.status[["health"]],
                    specs={"health": specs["health"]})  # fmt: skip
    assert (both.ranks == build_draws(alone, area, NeedSettings(), settings).ranks).mean() > 0.99


def test_draws_of_another_place_are_refused() -> None:
    other = build_need(tiny_layers(), tiny_area(context=1), NeedSettings())
    with pytest.raises(DataError, match="different areas"):
        build_robustness(draws(), other)
