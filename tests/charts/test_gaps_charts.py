"""Are combinations added up, named and told apart by more than colour?"""

from __future__ import annotations

import pandas as pd
import pytest

from planner.charts.gaps import (
    OTHERS,
    build_need_access,
    build_signature_chart,
    sum_combinations,
)

KINDS = {"gp": "GP practice", "library": "Library"}


def combinations() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "signature": ["gp", "gp + library", "library", "none", "not known"],
            "kinds_out": pd.array([1, 2, 1, 0, pd.NA], dtype="Int64"),
            "areas": [5, 2, 1, 9, 1],
            "people": [5000.0, 9000.0, 400.0, 20_000.0, 100.0],
            "people_share": [0.1] * 5,
            "gp": [True, True, False, False, False],
            "library": [False, True, True, False, False],
        }
    )


def test_combinations_of_most_people_come_first_and_nothing_else_is_in() -> None:
    found = sum_combinations(combinations(), list(KINDS))
    assert found["signature"].tolist() == ["gp + library", "gp", "library"]
    assert found["number"].tolist() == ["1", "2", "3"]


def test_what_is_not_drawn_by_itself_is_summed_up() -> None:
    found = sum_combinations(combinations(), list(KINDS), most=1)
    last = found.iloc[-1]
    assert (last["number"], last["areas"], last["people"], last["combinations"]) == (
        OTHERS,
        6,
        5400.0,
        2,
    )
    assert found["people"].sum() == pytest.approx(14_400)


def test_a_place_with_everything_within_reach_has_no_rows() -> None:
    assert sum_combinations(combinations().iloc[3:], list(KINDS)).empty


def drawn(most: int = 12) -> dict:
    table = sum_combinations(combinations(), list(KINDS), most=most)
    return build_signature_chart(table, KINDS).to_dict()


def rows_of(chart: dict, layer: int) -> list[dict]:
    # What most layers draw stands once, above them.
    data = chart["layer"][layer].get("data", chart.get("data"))
    return list(chart["datasets"][data["name"]])


def test_each_dot_says_whether_the_service_is_out_of_reach() -> None:
    dots = rows_of(drawn(), 2)
    out = {(row["number"], row["kind"]) for row in dots if row["out"]}
    assert len(dots) == 6
    assert out == {
        ("1", "GP practice"),
        ("1", "Library"),
        ("2", "GP practice"),
        ("3", "Library"),
    }


def test_dots_stand_below_the_bars_in_the_rows_that_are_named() -> None:
    chart = drawn()
    assert {row["row"] for row in rows_of(chart, 2)} == {-1.0, -2.0}
    axis = chart["layer"][0]["encoding"]["y"]["axis"]
    assert axis["values"] == [-1, -2]
    assert axis["labelExpr"].startswith('["GP practice", "Library"]')


def test_bars_are_as_long_as_people_are_many() -> None:
    bars = {row["number"]: row["high"] for row in rows_of(drawn(), 0)}
    assert bars["2"] / bars["1"] == pytest.approx(5000 / 9000)


def test_further_combinations_have_a_bar_and_no_dots() -> None:
    chart = drawn(most=1)
    assert [row["words"] for row in rows_of(chart, 0)] == [
        "GP practice, Library",
        "2 further combinations",
    ]
    assert {row["number"] for row in rows_of(chart, 2)} == {"1"}


def test_gaps_have_their_own_shape_and_colour_beside_need() -> None:
    table = pd.DataFrame(
        {
            "area": ["A", "B"],
            "need": [0.9, 0.1],
            "minutes": [50.0, 10.0],
            "people": [1000.0, 1200.0],
            "status": ["gap", "within_standard"],
            "chosen": [True, False],
        }
    )
    words = {"gap": "Gap", "within_standard": "Within"}
    chart = build_need_access(table, axis="Minutes", words=words).to_dict()
    points, _, name = chart["layer"]
    for channel in ("shape", "color"):
        scale = points["encoding"][channel]["scale"]
        assert scale["domain"] == ["Gap", "Within"]
        assert len(set(scale["range"])) == 2
    assert [row["area"] for row in rows_of(chart, 1)] == ["A"]
    assert name["encoding"]["text"]["field"] == "area"
