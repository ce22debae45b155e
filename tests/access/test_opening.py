from __future__ import annotations

import pytest

from planner.access.opening import Day, is_open

WEEK = "Mo-Fr 09:00-12:00,13:00-17:00; Sa 10:00-13:00; PH off"


@pytest.mark.parametrize(
    ("opening", "day", "begin", "end", "expected"),
    [
        (WEEK, "Tu", "10:00", "16:00", True),
        (WEEK, "Tu", "12:00", "13:00", False),
        (WEEK, "Tu", "18:00", "20:00", False),
        (WEEK, "Sa", "12:00", "14:00", True),
        (WEEK, "Su", "10:00", "16:00", False),
        ("Mo-Su 09:00-17:00; We off", "We", "10:00", "16:00", False),
        ("Fr 20:00-02:00", "Sa", "00:00", "01:00", True),
        ("Fr 20:00-02:00", "Sa", "03:00", "04:00", False),
        ("Sa-Mo 10:00-12:00", "Su", "10:00", "11:00", True),
        ("24/7", "Su", "03:00", "04:00", True),
        ("09:00-17:00", "Su", "10:00", "11:00", True),
        ("", "Mo", "10:00", "11:00", None),
        ("by appointment", "Mo", "10:00", "11:00", None),
    ],
)
def test_whether_it_is_open(
    opening: str, day: Day, begin: str, end: str, expected: bool | None
) -> None:
    assert is_open(opening, day, begin, end) is expected
