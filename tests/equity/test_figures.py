from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matrices import belo_horizonte, sized

from planner.access import build_options, build_within
from planner.equity import (
    Distribution,
    Equity,
    EquitySettings,
    build_distribution,
    build_equity,
    check_finite,
)
from planner.errors import DataError

CODES = pd.Index(list("abcdef"), name="area_code")
QUICK = EquitySettings(bootstraps=50)


def access(values: list[float], status: list[str] | None = None) -> pd.DataFrame:
    index = CODES[: len(values)]
    return pd.DataFrame(
        {"value": values, "status": status or ["reached"] * len(values)}, index=index
    )


def spread(
    values: list[float],
    status: list[str] | None = None,
    *,
    people: list[float] | None = None,
    need: list[float] | None = None,
    **given: Any,
) -> Distribution:
    index = CODES[: len(values)]
    given = {"label": "jobs within 30 minutes", "unit": "jobs", "better": "more"} | given
    return build_distribution(
        access(values, status),
        pd.Series(people or [100.0] * len(values), index=index),
        ranked_by=None if need is None else pd.Series(need, index=index),
        **given,
    )


def minutes(values: list[float], status: list[str] | None = None, **given: Any) -> Distribution:
    words = {"label": "minutes to the nearest library", "unit": "minutes", "better": "less"}
    return spread(values, status, **(words | given))


def value(found: Equity, index: str) -> float:
    return float(found.table.loc[index, "value"])


def whats(found: Equity | Distribution) -> list[str]:
    return [note.what for note in found.notes]


# Who is in


def test_areas_off_the_network_are_left_out_and_told() -> None:
    found = spread([5, math.nan, 7], ["reached", "not_connected", "reached"])
    assert (list(found.codes), whats(found)) == (["a", "c"], ["access_not_known"])


def test_areas_without_people_are_left_out_and_told() -> None:
    assert whats(spread([5, 6, 7], people=[10, 0, math.nan])) == ["no_people"]


def test_areas_without_need_are_left_out_and_told() -> None:
    assert whats(spread([5, 6], need=[1, math.nan])) == ["no_need"]


def test_notes_on_two_measures_are_never_one() -> None:
    given: Any = {"need": [1, 2, math.nan], "people": [10, 0, 5]}
    one, other = (spread([5, 6, 7], label=f"minutes to {to}", **given) for to in ("a", "b"))
    assert whats(one) == ["no_people", "no_need"]
    assert not {note.text for note in one.notes} & {note.text for note in other.notes}
    assert all("(minutes to a)" in note.text for note in one.notes)


def test_unreachable_is_the_worst_and_not_left_out() -> None:
    found = minutes([5, math.nan], ["reached", "unreachable"])
    assert found.values.tolist() == [5, math.inf]


def test_unreachable_counts_as_the_cap_and_is_told() -> None:
    found = minutes([5, math.nan], ["reached", "over_cutoff"], cap=60)
    assert (found.values.tolist(), whats(found)) == ([5, 60], ["capped"])
    # One of many such notes: it must say of which measure it is.
    assert "minutes to the nearest library" in found.notes[0].text


def test_a_cap_below_a_journey_is_refused() -> None:
    with pytest.raises(DataError, match="above the cap"):
        minutes([5, 70], cap=60)


def test_a_cap_on_jobs_is_refused() -> None:
    with pytest.raises(DataError, match="less is better"):
        spread([5, 70], cap=60)


def test_jobs_that_are_not_a_number_are_refused() -> None:
    with pytest.raises(DataError, match="should be 0"):
        spread([5, math.nan], ["reached", "unreachable"])


def test_values_below_zero_are_refused() -> None:
    with pytest.raises(DataError, match="below zero"):
        spread([5, -1])


def test_nothing_known_is_refused() -> None:
    with pytest.raises(DataError, match="no area"):
        spread([math.nan], ["no_data"])


# Infinity and means


def test_a_mean_over_unreachable_areas_is_refused_without_a_cap() -> None:
    with pytest.raises(DataError, match="no way there"):
        build_equity(minutes([5, math.nan], ["reached", "unreachable"]), QUICK)


def test_the_share_beyond_a_standard_needs_no_cap() -> None:
    found = build_equity(
        minutes([5, math.nan, 30], ["reached", "unreachable", "reached"]),
        EquitySettings(line=20, bootstraps=0),
    )
    assert found.table["value"].to_dict() == {"poverty_share": pytest.approx(2 / 3)}
    assert whats(found) == ["no_mean"]
    assert "(minutes to" in found.notes[0].text


def test_a_finite_distribution_passes() -> None:
    check_finite(minutes([5, 6]))


def test_a_line_at_the_cap_is_refused() -> None:
    with pytest.raises(DataError, match="would pass it"):
        build_equity(minutes([5, 6], cap=60), EquitySettings(line=60))


# Figures


def test_jobs_with_those_in_least_need_lean_to_them() -> None:
    found = build_equity(spread([1, 2, 3, 4], need=[9, 7, 5, 1]), QUICK)
    assert value(found, "concentration") == pytest.approx(0.25)


def test_means_turn_the_order() -> None:
    found = build_equity(spread([1, 2, 3, 4], need=[9, 7, 5, 1], ranked_is="means"), QUICK)
    assert value(found, "concentration") == pytest.approx(-0.25)


def test_the_corrected_index_of_capped_minutes_goes_from_0_to_the_cap() -> None:
    found = build_equity(minutes([10, 20, 30, 40], need=[1, 2, 3, 4], cap=100), QUICK)
    assert value(found, "concentration_corrected") == pytest.approx(4 * 25 / 100 * -0.25)


def test_values_beyond_stated_bounds_are_refused() -> None:
    with pytest.raises(DataError, match="beyond the bounds"):
        build_equity(spread([1, 2], need=[1, 2]), EquitySettings(bounds=(0, 1)))


def test_without_an_order_there_is_no_index_by_need() -> None:
    found = build_equity(spread([1, 2, 3]), QUICK)
    assert list(found.table.index) == ["gini", "theil"]


def test_groups_are_split() -> None:
    groups = pd.Series(["x", "x", "y", "y"], index=CODES[:4])
    found = build_equity(spread([1, 3, 4, 8], groups=groups), QUICK)
    assert value(found, "theil") == pytest.approx(
        value(found, "theil_between") + value(found, "theil_within")
    )
    assert found.groups["mean"].to_dict() == {"x": 2, "y": 6}


@pytest.mark.parametrize(
    "wrong", [{"line": 0.0}, {"interval": 1.0}, {"bounds": (2.0, 1.0)}, {"bootstraps": -1}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        EquitySettings(**wrong)


# The interval


def drawn(seed: int, areas: int = 60) -> Distribution:
    rng = np.random.default_rng(seed)
    codes = pd.Index([f"a{i:03d}" for i in range(areas)])
    table = pd.DataFrame({"value": rng.gamma(2, 10, areas), "status": "reached"}, index=codes)
    return build_distribution(
        table,
        pd.Series(rng.uniform(1000, 2000, areas), index=codes),
        label="jobs",
        unit="jobs",
        better="more",
        ranked_by=pd.Series(rng.integers(1, 10, areas).astype(float), index=codes),
    )


def test_the_same_seed_gives_the_same_interval() -> None:
    first, second = (build_equity(drawn(1), EquitySettings(bootstraps=40)) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, second.table)


def test_the_interval_is_that_of_areas_drawn_one_by_one() -> None:
    """Repeat areas as they are drawn, instead of weighing them."""
    found, settings = drawn(2, 30), EquitySettings(bootstraps=80, seed=9)
    table = build_equity(found, settings).table
    rng = np.random.default_rng(9)
    ginis = []
    for _ in range(80):
        at = rng.integers(0, 30, 30)
        x, w = found.values[at], found.people[at]
        difference = (np.abs(x[:, None] - x) * w[:, None] * w).sum() / w.sum() ** 2
        ginis.append(difference / (2 * np.average(x, weights=w)))
    expected = np.quantile(ginis, [0.025, 0.975])
    assert table.loc["gini", ["low", "high"]].tolist() == pytest.approx(expected.tolist())


def test_ties_and_ranks_are_found_anew_in_each_draw() -> None:
    found, settings = drawn(4, 25), EquitySettings(bootstraps=60, seed=3)
    table = build_equity(found, settings).table
    rng = np.random.default_rng(3)
    drawn_anew = []
    for _ in range(60):
        at = rng.integers(0, 25, 25)
        x, w, s = found.values[at], found.people[at], found.standing[at]
        rank = np.array([w[s < one].sum() + w[s == one].sum() / 2 for one in s]) / w.sum()
        mean = np.average(x, weights=w)
        drawn_anew.append(2 * np.average(x * rank, weights=w) / mean - 1)
    expected = np.quantile(drawn_anew, [0.025, 0.975])
    assert table.loc["concentration", ["low", "high"]].tolist() == pytest.approx(expected.tolist())


def test_without_draws_there_is_no_interval() -> None:
    table = build_equity(drawn(1), EquitySettings(bootstraps=0)).table
    assert table[["low", "high"]].isna().all().all()


# What it means


def meaning(found: Equity, index: str) -> str:
    return str(found.table.loc[index, "meaning"])


def test_the_sentence_turns_with_the_direction_of_the_measure() -> None:
    need = [9.0, 7.0, 5.0, 1.0]
    few_jobs = build_equity(spread([1, 2, 3, 4], need=need), EquitySettings(bootstraps=0))
    near = build_equity(minutes([1, 2, 3, 4], need=need), EquitySettings(bootstraps=0))
    assert "have less of it" in meaning(few_jobs, "concentration")
    assert "have less far to go" in meaning(near, "concentration")


def test_a_lean_that_is_not_sure_says_so() -> None:
    found = build_equity(spread([1, 4, 2, 3], need=[4, 3, 2, 1]), EquitySettings(bootstraps=200))
    assert "could lean the other way" in meaning(found, "concentration")


def test_people_beyond_the_standard_are_counted() -> None:
    found = build_equity(minutes([5, 30]), EquitySettings(line=20, bootstraps=0))
    assert meaning(found, "poverty_share") == "50% of people (100) are beyond 20 minutes."


def test_a_share_is_of_those_whose_access_is_known() -> None:
    some = minutes([5, 30, math.nan], ["reached", "reached", "no_data"])
    found = build_equity(some, EquitySettings(line=20, bootstraps=0))
    said = "50% of people whose access is known (100) are beyond 20 minutes."
    assert meaning(found, "poverty_share") == said


def test_a_gap_in_times_a_standard_is_said_as_a_part_of_one() -> None:
    # At 0.5, 1, 1.8 and 2.4 times the standard: beyond by 0.8 and 1.4, over four 0.55.
    times = replace(minutes([0.5, 1.0, 1.8, 2.4]), unit="times its kind's standard")
    found = build_equity(times, EquitySettings(line=1, bootstraps=0))
    assert meaning(found, "poverty_gap") == (
        "On average over everyone, people are 55% of a standard beyond it, those within it "
        "counting 0."
    )


def test_every_index_has_a_sentence() -> None:
    groups = pd.Series(["x", "x", "y", "y"], index=CODES[:4])
    found = build_equity(
        minutes([5, 30, 8, 9], need=[1, 2, 3, 4], groups=groups, cap=60),
        EquitySettings(line=20, bootstraps=10),
    )
    assert len(found.table) == 10
    assert found.table["meaning"].str.endswith(".").all()


def test_nobody_has_any_says_so_instead_of_a_figure() -> None:
    found = build_equity(spread([0, 0], need=[1, 2]), EquitySettings(bootstraps=10))
    assert found.table["value"].isna().all()
    assert "cannot be worked out" in meaning(found, "gini")


# Against Belo Horizonte (Ipea, package `accessibility`)


def published(shared: Path) -> Equity:
    times, land = belo_horizonte(shared, square=False)
    found = build_options(times, sized(land["jobs"].tolist(), land.index.tolist()))
    income, people = (land[name].astype(float) for name in ("income_per_capita", "population"))
    distribution = build_distribution(
        build_within(found, 30).table,
        people,
        label="jobs within 30 minutes",
        unit="jobs",
        better="more",
        ranked_by=income,
        ranked_is="means",
        reference=pd.DataFrame({"ranked_by": income, "people": people}),
    )
    return build_equity(distribution, QUICK)


def test_equity_of_the_five_origins_as_published(shared: Path) -> None:
    table = published(shared).table["value"].round(4)
    assert table[["concentration", "concentration_corrected", "palma", "gini"]].to_dict() == {
        "concentration": -0.0248,
        "concentration_corrected": -0.1314,
        "palma": 1.0911,
        "gini": 0.1386,
    }


def test_theil_of_five_origins_as_in_the_tests_of_the_package(shared: Path) -> None:
    """Between and within income deciles, for a sixth cell instead of the empty one."""
    cells = [f"89a88cd{end}ffff" for end in ("900b", "b57b", "b597", "b5b3", "b5cf")]
    times, land = belo_horizonte(shared, square=False, cells=cells)
    found = build_options(times, sized(land["jobs"].tolist(), land.index.tolist()))
    distribution = build_distribution(
        build_within(found, 30).table,
        land["population"].astype(float),
        label="jobs",
        unit="jobs",
        better="more",
        groups=land["income_decile"].astype(object),
    )
    table = build_equity(distribution, QUICK).table["value"].round(4)
    assert table[["theil_between", "theil_within", "theil"]].tolist() == [0.0515, 0.0337, 0.0852]
