"""Does what the page on gaps says agree with the tables it is said of?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planner.ui.gap_parts.beside import say_left, say_neediest
from planner.ui.gap_parts.mapped import classes_together
from planner.ui.gap_parts.shown import Shown
from planner.ui.gap_parts.standards import say_larger
from planner.ui.gap_parts.sureness import say_sure

# Six areas by need: a gap that is not reached at all, a gap, one near; then those in less need.
TABLE = pd.DataFrame(
    {
        "gap_status": ["gap", "gap", "within_standard", "gap", "no_data", "within_standard"],
        "status": ["unreachable", "reached", "reached", "reached", "no_data", "reached"],
        "need_percentile": [1.0, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6],
        "minutes": [np.nan, 40.0, 10.0, 30.0, np.nan, 5.0],
        "gap_rank": [1, 2, 4, 3, 6, 5],
    },
    index=list("abcdef"),
)


def shown(**changes: Any) -> Shown:
    given: dict[str, Any] = {
        "kind": "library",
        "table": TABLE,
        "sure": pd.DataFrame(),
        "larger": pd.DataFrame(),
    }
    return Shown(**{**given, **changes})


def test_a_gap_from_where_nothing_is_reached_counts_among_those_in_most_need() -> None:
    assert say_neediest(shown()) == (
        "Of the 2 areas in the third of most need 2 are beyond the standard for libraries."
    )


def test_what_is_not_reached_is_not_called_not_known() -> None:
    assert say_left(TABLE.loc[["a", "e"]]) == (
        "Not drawn: 1 area from where none is reached in the time searched (1 gap) and 1 area "
        "whose minutes or need are not known."
    )
    assert say_left(TABLE.iloc[:0]) == ""


def test_how_sure_is_told_of_the_service_that_is_looked_at() -> None:
    sure = pd.DataFrame(
        {
            "gap_share": [1.0, 0.95, 0.0, 0.9, np.nan, 0.0],
            "gap_share_threshold": [1.0, 0.94, 0.0, 0.8, np.nan, 0.0],
            "gap_share_speed": [1.0, 1.0, 0.0, 0.94, np.nan, 0.0],
            "gap_share_departure": np.nan,
        },
        index=TABLE.index,
    )
    assert say_sure(shown(sure=sure), 500) == (
        "2 of 3 gaps for libraries remain one in at least 95% of 500 draws.",
        "2 of the 3 hang on the standard chosen.",
        "1 of the 3 hangs on how fast people walk.",
    )
    none = TABLE.assign(gap_status="within_standard")
    assert say_sure(shown(table=none, sure=sure), 500) == (
        "No area is known to be a gap for libraries.",
    )


def test_larger_areas_are_told_of_the_service_that_is_looked_at() -> None:
    larger = pd.DataFrame({"gap_status": ["gap", "within_standard"]}, index=["M1", "M2"])
    assert say_larger(shown(larger=larger)) == (
        "For libraries, 3 of 6 areas are gaps (of 1 it is not known); taken together, 1 of 2 "
        "larger areas is."
    )


def test_the_map_of_what_is_missed_together_counts_every_area_once() -> None:
    kinds = [f"kind_{n}" for n in range(9)]
    one_each = [kinds[n] for n in range(8)]
    signature = [*(one_each[:1] * 3), *one_each, "none", "not known"]
    codes = [f"area {n:02d}" for n in range(len(signature))]
    counts = pd.Series(signature).value_counts()
    combinations = pd.DataFrame(
        {
            "signature": counts.index,
            "areas": counts.to_numpy(),
            "people": 100.0 * counts.to_numpy(),
            "kinds_out": [{"none": 0, "not known": np.nan}.get(text, 1) for text in counts.index],
        }
    )
    for kind in kinds:
        combinations[kind] = combinations["signature"] == kind
    found = classes_together(
        pd.Series(signature, index=codes), combinations.sort_values("signature"), kinds
    )
    label = found.label_of()
    assert label[codes[0]] == "Kind 0"
    assert (label == "another combination").sum() == 2
    assert label[codes[-2]] == "Nothing: all within reach"
    assert label[codes[-1]] == "No data"
    assert sum(entry.count for entry in found.entries) == len(codes)
