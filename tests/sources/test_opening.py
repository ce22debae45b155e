"""Opening times in publishers' words, turned into OpenStreetMap's syntax or not at all."""

from __future__ import annotations

import pytest

from planner.sources.opening import DAY_NAMES, MAX_OPENING, from_text, from_week


def _week(*cells: str) -> dict[str, str]:
    return dict(zip(DAY_NAMES, cells, strict=True))


@pytest.mark.parametrize(
    ("cells", "opening"),
    [
        (["09:00-17:00"] * 5 + ["CLOSED"] * 2, "Mo-Fr 09:00-17:00"),
        (["8:30-13:00,14:00-17:30"] * 7, "Mo-Su 08:30-13:00,14:00-17:30"),
        (["9am - 5pm", "CLOSED", "9am to 5pm"] + ["closed"] * 4, "Mo 09:00-17:00; We 09:00-17:00"),
        (["CLOSED"] * 7, "Mo-Su off"),
        (["18:00-00:00"] + ["closed"] * 6, "Mo 18:00-24:00"),
        ([""] * 7, ""),
    ],
)
def test_week_day_by_day(cells: list[str], opening: str) -> None:
    assert from_week(_week(*cells)) == opening


@pytest.mark.parametrize(
    "odd", ["", "09:00-13:00:14:00-18:00", "by appointment", "17:00-09:00", "09:00", "25:00-26:00"]
)
def test_week_with_a_day_nobody_can_read_is_unknown(odd: str) -> None:
    assert from_week(_week(odd, *["09:00-17:00"] * 6)) is None


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("Mo-Fr 09:00-17:00; Sa off", "Mo-Fr 09:00-17:00; Sa off"),
        ("Mo-Fr 09:00 - 17:00 ; PH closed", "Mo-Fr 09:00-17:00; PH off"),
        ("24/7", "24/7"),
        ("Monday to Friday 9am to 5pm", "Mo-Fr 09:00-17:00"),
        ("Tuesday - Friday 12noon - 2pm", "Tu-Fr 12:00-14:00"),
        ("Mondays & Thursdays 10.30am - midday", "Mo,Th 10:30-12:00"),
        ("Thur 1-3pm", "Th 13:00-15:00"),
        ("Thursday 11.30 - 1.30pm", "Th 11:30-13:30"),
        ("Mon 10am-2pm, Wed 11am-3pm", "Mo 10:00-14:00; We 11:00-15:00"),
    ],
)
def test_text_that_is_plain_days_and_times(text: str, opening: str) -> None:
    assert from_text(text) == opening


@pytest.mark.parametrize(
    "text",
    [
        "One morning per week",
        "Monday 10am-2pm by appointment",
        "1st Saturday of month 10am - 12noon",
        "Wednesday 7:30pm",
        "Monday 9-5",
        "Mon 1:30-4:30",
        "Mon - Sat 10.00 - 4.00",
        "Mo-Fr 09:00-17:00 <script>",
        'Tu "by appointment"',
        "Mo-Fr 09:00-17:00; " * 100,
        "x" * MAX_OPENING,
    ],
)
def test_text_that_says_more_is_not_guessed_at(text: str) -> None:
    assert from_text(text) is None
