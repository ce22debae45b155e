"""Rules of repetition in words and as opening hours, each by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from planner.sources.schedules import (
    build_schedule,
    from_opening,
    from_words,
    to_date,
    to_opening,
)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", "Tuesday 10:00-12:00 weekly"),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR", "Tuesday and Friday 10:00-12:00 fortnightly"),
        ("FREQ=WEEKLY;INTERVAL=4;BYDAY=SU", "Sunday 10:00-12:00 every 4 weeks"),
        ("FREQ=MONTHLY;BYDAY=2TU", "2nd Tuesday of the month 10:00-12:00"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "last Friday of the month 10:00-12:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "day 1 and day 15 of the month 10:00-12:00"),
        ("fortnightly", "Monday 10:00-12:00 fortnightly"),
        ("3", "Monday 10:00-12:00 every 3 weeks"),
        ("", "Monday 10:00-12:00 weekly"),
    ],
)
def test_words(rule: str, words: str) -> None:
    # 2025-03-31 was a Monday, which counts where the rule names no day.
    built = build_schedule(rule, "10:00:00", "12:00", start="2025-03-31")
    assert built is not None
    assert built.to_words() == words


def test_monthly_without_a_day_is_the_week_of_the_first_time() -> None:
    # 11 March 2025 was the second Tuesday of its month.
    built = build_schedule("FREQ=MONTHLY", "10:00", "12:00", start="2025-03-11")
    assert built is not None
    assert built.to_words() == "2nd Tuesday of the month 10:00-12:00"


@pytest.mark.parametrize(
    ("rule", "opens", "closes", "start"),
    [
        ("FREQ=YEARLY;BYDAY=MO", "10:00", "12:00", ""),
        ("FREQ=WEEKLY;BYDAY=XX", "10:00", "12:00", ""),
        ("FREQ=WEEKLY;BYDAY=2MO", "10:00", "12:00", ""),
        ("FREQ=WEEKLY;INTERVAL=0;BYDAY=MO", "10:00", "12:00", ""),
        ("FREQ=WEEKLY;BYDAY=MO", "12:00", "10:00", ""),
        ("FREQ=WEEKLY;BYDAY=MO", "", "", ""),
        ("FREQ=WEEKLY", "10:00", "12:00", ""),
        ("every other blue moon", "10:00", "12:00", "2025-03-31"),
    ],
)
def test_what_is_not_plain_is_not_guessed_at(
    rule: str, opens: str, closes: str, start: str
) -> None:
    assert build_schedule(rule, opens, closes, start=start) is None


def test_days_of_the_month_do_not_count_in_a_weekly_rule() -> None:
    built = build_schedule({"freq": "WEEKLY", "byday": "TH", "bymonthday": "2,3"}, "9:00", "10:00")
    assert built is not None
    assert built.to_words() == "Thursday 09:00-10:00 weekly"


def test_hours_of_several_schedules_are_joined() -> None:
    rules = [("MO,TU", "09:00", "12:00"), ("TU", "11:00", "13:00"), ("TU", "14:00", "15:00")]
    built = [build_schedule(f"FREQ=WEEKLY;BYDAY={d}", a, b) for d, a, b in rules]
    assert to_opening([one for one in built if one]) == "Mo 09:00-12:00; Tu 09:00-13:00,14:00-15:00"


def test_fortnightly_is_no_opening_time() -> None:
    built = build_schedule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "09:00", "12:00")
    assert built is not None
    assert to_opening([built]) is None


def test_midnight_to_a_minute_before_is_all_day() -> None:
    built = build_schedule("FREQ=DAILY", "00:00", "23:59")
    assert built is not None
    assert to_opening([built]) == "Mo-Su 00:00-24:00"


def test_a_time_zone_is_seen() -> None:
    built = build_schedule("FREQ=WEEKLY;BYDAY=MO", "09:00Z", "12:00+01:00")
    assert built is not None
    assert (built.times, built.zoned) == ("09:00-12:00", True)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;BYDAY=MO,WE,SU",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA",
        "FREQ=WEEKLY;INTERVAL=6;BYDAY=TU",
        "FREQ=MONTHLY;BYDAY=-1FR,1MO",
        "FREQ=MONTHLY;BYDAY=TU",
    ],
)
def test_words_go_back_to_the_same_rule(rule: str) -> None:
    built = build_schedule(rule, "09:30", "12:00")
    assert built is not None
    parts = from_words(built.to_words())
    assert parts is not None
    assert build_schedule(parts, parts["OPENS"], parts["CLOSES"]) == built


@pytest.mark.parametrize(
    "text", ["by appointment", "Tuesday 10:00-10:30", "2nd Monday 9:00 weekly"]
)
def test_other_words_are_no_rule(text: str) -> None:
    assert from_words(text) is None


@pytest.mark.parametrize(
    ("text", "schedules"),
    [
        ("", []),
        ("Mo 09:00-12:00", [(["MO"], "09:00", "12:00")]),
        ("Sa-Mo 10:00-11:00", [(["SA", "SU", "MO"], "10:00", "11:00")]),
        ("24/7", [(["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "00:00", "24:00")]),
        ("Mo-Fr 09:00-17:00; We off", None),
        ("Mo-Fr 09:00-17:00; PH off", [(["MO", "TU", "WE", "TH", "FR"], "09:00", "17:00")]),
        ("PH 09:00-17:00", None),
    ],
)
def test_opening_hours_as_schedules(text: str, schedules: object) -> None:
    assert from_opening(text) == schedules


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025-03-31", dt.date(2025, 3, 31)),
        ("20250331", dt.date(2025, 3, 31)),
        ("2023-03-15T10:30:45.123Z", dt.date(2023, 3, 15)),
        ("31/03/2025", dt.date(2025, 3, 31)),
        ("2025-02-30", None),
        ("soon", None),
        (None, None),
    ],
)
def test_dates(text: str | None, date: dt.date | None) -> None:
    assert to_date(text) == date
