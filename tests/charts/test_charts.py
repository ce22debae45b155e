"""Are lines and marks told apart by more than colour, and is nothing left without its name?"""

from __future__ import annotations

import pandas as pd
import pytest

from planner.charts.journeys import build_day_lines
from planner.charts.need import build_drivers, build_rank_intervals


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


WORDS = {"high": "In it", "depends": "In it or not", "low": "Not in it"}


def intervals(*, legend: bool = True) -> dict:
    table = pd.DataFrame(
        {
            "area": ["A", "B", "C"],
            "rank": [1, 2, 3],
            "low": [1, 1, 3],
            "high": [2, 9, 3],
            "probability": [1.0, 0.5, 0.0],
            "sure": ["high", "depends", "low"],
        }
    )
    drawn = build_rank_intervals(
        table, words=WORDS, worst=2.0, worst_words="in the worst tenth", legend=legend
    )
    return drawn.to_dict()


def test_how_sure_a_rank_is_has_its_own_shape_and_colour() -> None:
    points = intervals()["layer"][1]["encoding"]
    for channel in ("shape", "color"):
        scale = points[channel]["scale"]
        assert scale["domain"] == list(WORDS.values())
        assert len(set(scale["range"])) == 3


def test_the_line_of_the_worst_part_stands_after_its_last_rank() -> None:
    drawn = intervals()
    rows = drawn["datasets"][drawn["layer"][2]["data"]["name"]]
    assert rows == [{"at": 2.5}]


def test_every_area_is_named_in_the_order_given() -> None:
    y = intervals()["layer"][1]["encoding"]["y"]
    assert y["sort"] == ["A", "B", "C"]
    assert y["axis"]["labelOverlap"] is False


def test_a_legend_can_be_left_to_the_words_beside_the_chart() -> None:
    assert intervals()["layer"][1]["encoding"]["shape"]["legend"] is not None
    assert intervals(legend=False)["layer"][1]["encoding"]["shape"]["legend"] is None


def test_the_middle_area_is_a_mark_on_the_bar_of_each_domain() -> None:
    table = pd.DataFrame({"domain": ["Health", "Income"], "here": [9.0, 4.0], "middle": [3.0, 5.0]})
    bars, ticks = build_drivers(table, here="Here", middle="Middle", axis="Points").to_dict()[
        "layer"
    ]
    assert (bars["mark"]["type"], bars["encoding"]["x"]["field"]) == ("bar", "here")
    assert (ticks["mark"]["type"], ticks["encoding"]["x"]["field"]) == ("tick", "middle")


@pytest.mark.parametrize("drawn", [chart(Weekday=1.0), intervals()])
def test_room_round_a_chart_is_given_side_by_side(drawn: dict) -> None:
    # Streamlit 1.67 cannot show a chart whose padding is one number.
    assert set(drawn["padding"]) == {"left", "top", "bottom", "right"}
