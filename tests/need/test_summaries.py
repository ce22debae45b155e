from __future__ import annotations

import pandas as pd
import pytest

from planner.errors import DataError
from planner.need import build_summaries, extent_weight, share_worst_tenth

N = 32_844


def five_areas() -> pd.DataFrame:
    """Return the worked example of the technical report of 2019, appendix N."""
    return pd.DataFrame(
        {
            "group": "district",
            "population": [1200, 1800, 1400, 1500, 1700],
            "rank": [3000, 10_000, 500, 1000, 20_000],
            "score": [45.90, 26.51, 65.67, 59.14, 13.64],
        }
    )


def with_the_rest() -> pd.DataFrame:
    """Return the five areas in a district of 70,000 people, of whom the others fare best."""
    rest = {"group": "district", "population": 62_400, "rank": N, "score": 1.0}
    return pd.concat([five_areas(), pd.DataFrame([rest])], ignore_index=True)


def test_average_rank_of_the_worked_example_is_25240() -> None:
    found = build_summaries(five_areas(), N).loc["district", "average_rank"]
    assert found == pytest.approx(25_240, abs=0.5)


def test_average_score_of_the_worked_example_is_40_35() -> None:
    found = build_summaries(five_areas(), N).loc["district", "average_score"]
    assert found == pytest.approx(40.35, abs=0.005)


def test_local_concentration_of_the_worked_example_is_26302_14() -> None:
    # A tenth of 70,000 people is 7,000: four areas whole and 1,100 people of the fifth.
    found = build_summaries(with_the_rest(), N).loc["district", "local_concentration"]
    assert found == pytest.approx(26_302.14, abs=0.005)


def test_extent_of_the_worked_example_is_0_062292() -> None:
    # The report's example puts its second area at percentile 28, which is rank 9,100 or so.
    areas = with_the_rest()
    areas.loc[1, "rank"] = 9100
    found = build_summaries(areas, N).loc["district", "extent"]
    assert found == pytest.approx(0.062292, abs=2e-6)


def test_extent_weight_slides_from_0_95_to_0_05() -> None:
    weights = extent_weight(pd.Series([1, 10, 11, 28, 30, 31, 100]))
    assert weights.tolist() == pytest.approx([1, 1, 0.95, 0.1447, 0.05, 0, 0], abs=5e-5)


def test_share_in_worst_tenth_counts_areas_not_people() -> None:
    areas = pd.DataFrame(
        {"group": ["a", "a", "b"], "population": [9, 1, 5], "rank": [1, 2, 3], "score": 0.0}
    )
    found = build_summaries(areas, 10)["share_worst_tenth"]
    assert found.to_dict() == {"a": 0.5, "b": 0.0}


def test_share_in_worst_tenth_includes_a_rank_exactly_on_the_edge() -> None:
    found = share_worst_tenth(pd.Series([10, 11]), pd.Series(["a", "b"]), 100)
    assert found.to_dict() == {"a": 1.0, "b": 0.0}


def test_order_of_rows_changes_nothing() -> None:
    areas = with_the_rest()
    again = areas.iloc[[5, 3, 1, 0, 2, 4]]
    pd.testing.assert_frame_equal(build_summaries(areas, N), build_summaries(again, N))


def test_a_missing_population_is_refused() -> None:
    areas = five_areas().astype({"population": "float64"})
    areas.loc[0, "population"] = float("nan")
    with pytest.raises(DataError, match="1 areas lack"):
        build_summaries(areas, N)


def test_a_group_without_people_is_refused() -> None:
    with pytest.raises(DataError, match="district has no people"):
        build_summaries(five_areas().assign(population=0), N)
