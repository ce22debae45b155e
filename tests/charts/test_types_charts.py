"""Do charts of types say their figures, mark what was chosen, and keep the order they are given?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner.charts.types import build_clustergram_chart, build_number_chart, build_profile_map

TITLES = ["Households without a car or van", "Crime"]


def rows_of(drawn: dict[str, Any], layer: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = drawn["datasets"][drawn["layer"][layer]["data"]["name"]]
    return found


def profile_map(*deviations: float) -> dict[str, Any]:
    cells = [(number, title) for title in TITLES for number in (1, 2)]
    table = pd.DataFrame(cells, columns=["type", "layer"])
    table = table.assign(type_name="A type", deviations=deviations, here="1", there="2")
    drawn: dict[str, Any] = build_profile_map(table, axis="Type").to_dict()
    return drawn


def test_cells_say_their_figure_with_a_sign() -> None:
    rows = profile_map(1.26, -0.04, 0.0, -2.31)["datasets"]
    (cells,) = rows.values()
    assert [cell["said"] for cell in cells] == ["+1.3", "0.0", "0.0", "−2.3"]


def test_colours_are_as_far_on_either_side_of_the_place() -> None:
    scale = profile_map(1, 2, 3, 4)["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"][0] == -scale["domain"][1]
    assert scale["clamp"]
    assert scale["range"][-1] == "#e66101"  # orange is above


def test_layers_stand_in_the_order_given_in_lines_that_fit_a_narrow_screen() -> None:
    order = profile_map(1, 2, 3, 4)["layer"][0]["encoding"]["y"]["sort"]
    assert [title.replace("\n", " ") for title in order] == TITLES
    assert max(len(line) for title in order for line in title.split("\n")) <= 24


def test_a_layer_without_a_figure_has_no_cell() -> None:
    (cells,) = profile_map(1.0, float("nan"), 1.0, 1.0)["datasets"].values()
    assert len(cells) == 3


def test_the_chosen_number_is_marked_by_shape_and_word() -> None:
    table = pd.DataFrame({"gap": [0.5, 0.7, None], "gap_se": [0.1, 0.1, None]}, index=[3, 4, 5])
    drawn = build_number_chart(
        table.rename_axis("k"), figure="gap", axis="Gap", chosen=4, error="gap_se"
    ).to_dict()
    bars, lines = drawn["layer"]
    whole = drawn["datasets"]
    rows = whole[lines["data"]["name"]]
    assert {row["k"]: row["what"] for row in rows} == {3: "tried", 4: "chosen"}
    shapes = lines["layer"][1]["encoding"]["shape"]["scale"]["range"]
    assert shapes[0] != shapes[1]
    ends = [(round(bar["low"], 6), round(bar["high"], 6)) for bar in whole[bars["data"]["name"]]]
    assert ends == [(0.4, 0.6), (0.6, 0.8)]


def test_areas_pass_on_to_the_next_number_that_was_tried() -> None:
    table = pd.DataFrame(
        {
            "k": [2, 2, 5],
            "type": [1, 2, 1],
            "mean": [1.0, -1.0, 1.5],
            "areas": [5, 4, 5],
            "population": [50.0, 40.0, 50.0],
            "next_type": pd.array([1, 3, pd.NA], dtype="Int64"),
            "next_mean": [1.5, -2.0, float("nan")],
            "shared_areas": pd.array([5, 4, pd.NA], dtype="Int64"),
        }
    )
    drawn = build_clustergram_chart(table, chosen=5, axis="Mean").to_dict()
    flows = rows_of(drawn, 0)
    assert [(f["k"], f["next_k"], f["shared_areas"]) for f in flows] == [(2, 5, 5), (2, 5, 4)]
    assert [dot["what"] for dot in rows_of(drawn, 1)] == ["tried", "tried", "chosen"]
