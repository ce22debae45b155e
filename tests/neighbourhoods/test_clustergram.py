from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planted_types import round_blobs

from planner.neighbourhoods.clustergram import build_clustergram, first_component, number_by_need
from planner.neighbourhoods.methods import fit_range, make_fit

CODES = pd.Index([f"E0100000{at}" for at in range(5)], name="area_code")
LINE = pd.DataFrame({"income": [0.0, 1.0, 5.0, 6.0, 8.0]}, index=CODES)
PEOPLE = pd.Series([100.0, 200, 300, 400, 500], index=CODES)


def fits() -> dict[int, object]:
    rows = LINE.to_numpy()
    return {
        2: make_fit(rows, np.array([0, 0, 1, 1, 1]), 2),
        3: make_fit(rows, np.array([0, 0, 1, 1, 2]), 3),
    }


def test_a_clustergram_by_hand() -> None:
    # Need grows with income: type 1 is that of the richest. Scores are values less their mean, 4.
    found = build_clustergram(LINE, fits(), LINE["income"], PEOPLE)
    rows = found.iloc[:3].astype(float).to_numpy()
    assert rows == pytest.approx(
        np.array(
            [
                [2, 1, 19 / 3 - 4, 3, 1200, 1, 4, 1, 500],
                [2, 1, 19 / 3 - 4, 3, 1200, 2, 1.5, 2, 700],
                [2, 2, -3.5, 2, 300, 3, -3.5, 2, 300],
            ]
        )
    )
    assert found["next_type"].isna().tolist() == [False] * 3 + [True] * 3


def test_greater_need_is_further_up_whichever_way_it_runs() -> None:
    assert build_clustergram(LINE, fits(), -LINE["income"], PEOPLE)["mean"].iloc[0] == 3.5


def test_flows_carry_every_area_and_person() -> None:
    rows, _ = round_blobs()
    codes = pd.Index([f"E01{at:06d}" for at in range(len(rows))], name="area_code")
    people = pd.Series(np.arange(len(rows), dtype=float), index=codes)
    made = fit_range(rows, "kmeans", [2, 3, 4, 5], 7)
    table = build_clustergram(pd.DataFrame(rows, index=codes), made, people, people)
    totals = table.dropna().groupby("k")[["shared_areas", "shared_population"]].sum()
    assert totals["shared_areas"].tolist() == [240] * 3
    assert totals["shared_population"].tolist() == [people.sum()] * 3
    points = table.drop_duplicates(["k", "type"])
    assert points["areas"].groupby(points["k"]).sum().tolist() == [240] * 4
    middle = (points["mean"] * points["areas"]).groupby(points["k"]).sum()
    assert middle.to_numpy() == pytest.approx(0.0, abs=1e-9)


def test_the_first_component_is_that_of_the_singular_values() -> None:
    rows, _ = round_blobs()
    frame = pd.DataFrame(rows, index=[f"E01{at:06d}" for at in range(len(rows))])
    scores, share = first_component(frame, frame[0])
    left, lengths, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    assert abs(scores.to_numpy()) == pytest.approx(abs(left[:, 0] * lengths[0]))
    assert share == pytest.approx(lengths[0] ** 2 / (lengths**2).sum())


@pytest.mark.parametrize(
    ("need", "order"),
    [
        ([1.0, 1, 5, 5, 9], [2, 1, 0]),
        ([1.0, 1, 1, 1, 1], [0, 1, 2]),  # a tie: by the first code
        ([1.0, np.nan, 5, 5, np.nan], [1, 0, 2]),  # unknown last
    ],
)
def test_types_are_ordered_by_need(need: list[float], order: list[int]) -> None:
    found = number_by_need(fits()[3], CODES, pd.Series(need, index=CODES))
    assert found.tolist() == order
