"""Do the charts of access show the people, the lines and the tenths they are given?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.charts.access import build_spread, build_tenths


def drawn(chart: object, mark: str) -> list[dict[str, object]]:
    """Return the rows that layers with one kind of mark draw."""
    spec = chart.to_dict()  # type: ignore[attr-defined]
    rows: list[dict[str, object]] = []
    for layer in spec.get("layer", [spec]):
        if layer["mark"]["type"] == mark:
            data = layer.get("data", spec.get("data"))
            rows += spec["datasets"][data["name"]]
    return rows


# 4 and 4.9 are in the step from 0, 5 and 9 in that from 5, 20 in that from 20; one is not known.
def test_people_are_added_up_in_the_step_a_value_begins() -> None:
    values = pd.Series([4.0, 4.9, 5.0, 9.0, 20.0, np.nan])
    people = pd.Series([10.0, 1.0, 200.0, 20.0, 3.0, 1000.0])
    chart = build_spread(values, people, axis="Minutes", width=5.0)
    bars = {row["start"]: (row["end"], row["people"]) for row in drawn(chart, "bar")}
    assert bars == {0.0: (5.0, 11.0), 5.0: (10.0, 220.0), 20.0: (25.0, 3.0)}


def test_a_value_on_a_bound_of_a_fraction_stays_in_its_step() -> None:
    # 0.3 / 0.1 is 2.9999999999999996: the step that begins at 0.3 all the same.
    chart = build_spread(pd.Series([0.3]), pd.Series([7.0]), axis="Share", width=0.1)
    assert [round(float(str(row["start"])), 9) for row in drawn(chart, "bar")] == [0.3]


def test_each_mark_is_a_line_of_its_own() -> None:
    values, people = pd.Series([4.0]), pd.Series([1.0])
    marks = [(20.0, "the standard: 20 min"), (30.0, "chosen: 30 min")]
    chart = build_spread(values, people, axis="Minutes", width=5.0, marks=marks)
    assert [(row["at"], row["words"]) for row in drawn(chart, "rule")] == marks
    rules = [layer for layer in chart.to_dict()["layer"] if layer["mark"]["type"] == "rule"]
    assert len({tuple(rule["mark"]["strokeDash"]) for rule in rules}) == 2


def test_a_tenth_without_a_figure_keeps_its_place_and_has_no_bar() -> None:
    table = pd.DataFrame(
        {"tenth": [1, 2, 3], "figure": [40.0, np.nan, 61.5], "people": [10.0, 0.0, 20.0]}
    )
    chart = build_tenths(table, axis="%", whole=50.0, whole_words="all", decimals=1)
    bars = drawn(chart, "bar")
    assert [(row["tenth"], row["said"]) for row in bars] == [(1, "40.0"), (3, "61.5")]
    assert [row["at"] for row in drawn(chart, "rule")] == [50.0]
    bar = next(x for x in chart.to_dict()["layer"] if x["mark"]["type"] == "bar")
    assert bar["encoding"]["y"]["scale"]["domain"] == [1, 2, 3]


def test_without_a_figure_of_all_there_is_no_line() -> None:
    table = pd.DataFrame({"tenth": [1], "figure": [40.0], "people": [10.0]})
    chart = build_tenths(table, axis="%", whole=float("nan"), whole_words="all", decimals=0)
    assert drawn(chart, "rule") == []


def test_where_every_figure_is_nothing_the_axis_goes_to_the_most_it_could_be() -> None:
    table = pd.DataFrame({"tenth": [1, 2], "figure": [0.0, 0.0], "people": [10.0, 20.0]})
    chart = build_tenths(table, axis="%", whole=0.0, whole_words="all", decimals=0, most=100.0)
    bar = next(x for x in chart.to_dict()["layer"] if x["mark"]["type"] == "bar")
    assert bar["encoding"]["x"]["scale"]["domain"] == [0, 100]
    assert bar["encoding"]["x"]["axis"]["tickCount"] <= 5
