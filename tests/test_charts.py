"""Are lines told apart by more than colour, and named where they end?"""

from __future__ import annotations

import pandas as pd
import pytest

from planner.charts import build_day_lines


def chart(**ends: float) -> dict:
    rows = [(name, hour, people) for name, people in ends.items() for hour in (6, 7)]
    table = pd.DataFrame(rows, columns=["line", "hour", "people"])
    drawn = build_day_lines(table, axis="People", lines=["Weekday", "Sunday"], most=1000.0)
    return drawn.to_dict()


def test_each_line_has_its_own_dash_and_shape() -> None:
    lines, points, _ = chart(Weekday=500.0, Sunday=100.0)["layer"]
    dashes = lines["encoding"]["strokeDash"]["scale"]
    shapes = points["encoding"]["shape"]["scale"]
    assert dashes["domain"] == shapes["domain"] == ["Weekday", "Sunday"]
    assert dashes["range"][0] != dashes["range"][1]
    assert shapes["range"][0] != shapes["range"][1]


def test_a_line_that_is_not_there_has_no_name() -> None:
    lines = chart(Sunday=100.0)["layer"][0]
    assert lines["encoding"]["strokeDash"]["scale"]["domain"] == ["Sunday"]


@pytest.mark.parametrize("people", [0.0, 500.0, 1000.0])
def test_names_of_lines_that_end_alike_stand_apart_and_inside(people: float) -> None:
    drawn = chart(Weekday=people, Sunday=people)
    rows = drawn["datasets"][drawn["layer"][2]["data"]["name"]]
    heights = sorted(row["people"] for row in rows)
    assert heights[1] - heights[0] >= 80
    assert heights[1] <= 1000
    # The last figure holds until the end of its hour.
    assert {row["hour"] for row in rows} == {8}
