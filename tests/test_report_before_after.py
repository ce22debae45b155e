"""Does the report say who gains and who loses by a scenario, as counted by hand?"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from places import CODES
from plans import build_plan
from snapshots import changed, today

from planner.before_after import EQUALITY_CAVEATS, EQUALITY_TITLE, build_before_after
from planner.report import build_report
from planner.report.before_after import (
    build_changed_fairness_table,
    build_changed_partners_table,
    build_changed_tenths_table,
    build_changed_types_table,
    build_equality_table,
    build_kinds_table,
    build_parts,
    find_before_after,
    find_equality,
)

CARLESS = {"No car": pd.Series([500.0, 500.0, np.nan, 500.0, 250.0, 750.0], index=CODES)}


def plan(**more: Any) -> Any:
    """Return what the report's part on a scenario reads; counts are those of six squares."""
    found = build_before_after(today(groups=CARLESS), changed(**more))
    return SimpleNamespace(before_after=found)


def partners(offers: list[int]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"venues": offers, "offers": offers, "kinds": "gp"}, index=["NHS", "Stays"]
    )
    return frame.rename_axis("partner")


def test_each_service_has_its_row() -> None:
    table = build_kinds_table(plan())
    assert table is not None
    found = {row[0]: row[1:] for row in table.rows}
    # By hand: tests/before_after/test_compare.py.
    assert found["GP practice"] == (
        *("2,000", "1,000", "2,500", "2,000", "−500", "48", "30", "0", "0"),
    )
    assert found["All kinds together"][:5] == ("1,000", "–", "2,500", "–", "−1,500")
    assert table.rows[0][0] == "All kinds together"


def test_types_and_tenths_add_up() -> None:
    types, tenths = build_changed_types_table(plan()), build_changed_tenths_table(plan())
    assert types is not None
    assert tenths is not None
    # The hill has squares 1 (both), 2 (nothing) and 3 (loses); the quay 4 (gains), 5 (loses).
    assert types.rows == (
        ("Hill", "4,000", "0", "2,000", "−2,000", "1,000", "1,000", "0"),
        ("Quay", "1,500", "1,000", "500", "+500", "0", "0", "0"),
    )
    assert [row[0] for row in tenths.rows] == ["1st tenth", "2nd tenth", "10th tenth"]
    assert tenths.rows[1][1:5] == ("3,000", "1,000", "2,000", "−1,000")


def test_only_partners_who_change_are_shown() -> None:
    one = build_before_after(today(partners=partners([1, 2])), changed(partners=partners([3, 2])))
    table = build_changed_partners_table(SimpleNamespace(before_after=one))
    assert table is not None
    assert [row[:3] for row in table.rows] == [("NHS", "1", "3")]
    assert build_changed_partners_table(plan()) is None


def test_groups_stand_beside_all_people() -> None:
    table = build_equality_table(plan())
    assert table is not None
    assert table.caption.startswith(EQUALITY_TITLE)
    gp = [row for row in table.rows if row[1] == "GP practice"]
    # Of 2,500 known without a car, 500 live in square 1 and 500 in 4 (gain), 250 in 5 (lose).
    assert gp == [
        ("All people", "GP practice", "7,000", "2,000", "29%", "2,500", "36%"),
        ("No car", "GP practice", "2,500", "1,000", "40%", "250", "10%"),
    ]


def test_caveats_are_in_words_and_what_it_is_not_comes_first() -> None:
    said = find_equality(plan())
    assert said[0] == EQUALITY_CAVEATS[0]
    assert set(EQUALITY_CAVEATS) <= set(said)
    assert set(plan().before_after.caveats) <= set(find_before_after(plan()))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.09, 0.11, "yes"), (-0.05, 0.25, "no"), (np.nan, np.nan, "not known")],
)
def test_without_intervals_no_change_is_called_sure(low: float, high: float, said: str) -> None:
    def equity(value: float) -> dict[str, pd.DataFrame]:
        ends = {"low": low + value - 0.1, "high": high + value - 0.1}
        row = {"value": value, **ends, "meaning": "In words."}
        return {"gp": pd.DataFrame([row], index=["concentration_corrected"])}

    one = build_before_after(today(equity=equity(0.1)), changed(equity=equity(0.2)))
    table = build_changed_fairness_table(SimpleNamespace(before_after=one))
    assert table is not None
    assert table.rows == (("GP practice", "0.100", "0.200", said, "In words."),)
    same = build_before_after(today(equity=equity(0.1)), changed(equity=equity(0.1)))
    assert build_changed_fairness_table(SimpleNamespace(before_after=same)) is None


def test_the_page_begins_with_it_only_with_a_scenario() -> None:
    whole = build_plan()
    page = build_report(whole)
    assert "Before and after" not in page
    assert EQUALITY_TITLE not in page
    assert build_parts(whole) == {}
    whole.before_after = build_before_after(today(), changed(name="Move <it>"))
    whole.scenario = SimpleNamespace(name="Move <it>", changes=("one",))
    page = build_report(whole)
    assert "What if: Move &lt;it&gt;." in page
    assert "Move <it>" not in page
    titles = ["Key findings", ">Before and after<", f">{EQUALITY_TITLE}<", "Where needs stack up"]
    body = page[page.index("<main") :]
    assert [body.index(title) for title in titles] == sorted(body.index(title) for title in titles)


def test_a_new_estate_is_told() -> None:
    more = today().people.add([100.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    one = build_before_after(today(), replace(changed(), people=more))
    said = find_before_after(SimpleNamespace(before_after=one))
    assert any(line.startswith("100 people come to live in the place") for line in said)
