"""Do an offer's own sessions say when it is open, in all the words that readers write?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from journeys import services

from planner.access.opening import DAYS, Day
from planner.access.sessions import OfferHours, is_offer_open, judge_offers, read_sessions
from planner.sources.schedules import build_schedule

ALL_DAYS = "Mo-Su 00:00-24:00"


def held(sessions: str, day: Day, begin: str, end: str, opening: str = ALL_DAYS) -> str | None:
    return is_offer_open(OfferHours(sessions=sessions, opening=opening), day, begin, end)


def days_of(week: list[Any]) -> str:
    return " ".join(DAYS[at] for at, spans in enumerate(week) if spans)


@pytest.mark.parametrize(
    ("sessions", "weekly", "some_weeks"),
    [
        ("Tuesday 10:00-10:30 weekly", "Tu", ""),
        ("Tu 10:00-12:00", "Tu", ""),
        ("Mo-Fr 09:00-17:00; We off", "Mo Tu Th Fr", ""),
        ("Monday, Tuesday and Friday 10:00-11:00 weekly", "Mo Tu Fr", ""),
        ("Tues-Thurs 09:00-12:00", "Tu We Th", ""),
        ("every Tuesday of the month 10:00-10:30", "Tu", ""),
        ("Tuesday 10:00-10:30 weekly; Friday 10:00-10:30 fortnightly", "Tu", "Fr"),
        ("Tuesday 10:00-10:30 weekly; Sa 10:00-12:00", "Tu Sa", ""),
        ("Tuesday and Friday 10:00-10:30 every 4 weeks", "", "Tu Fr"),
        ("1st Tuesday and last Friday of the month 10:00-10:30", "", "Tu Fr"),
        ("2nd to last Friday of the month 10:00-10:30", "", "Fr"),
        ("every Tuesday of every 2nd month 10:00-10:30", "", "Tu"),
        ("day 1 and day 15 of the month 10:00-10:30", "", "Mo Tu We Th Fr Sa Su"),
        ("Tuesday of the month 10:00-10:30", "", "Tu"),
        ("Fortnightly on Tuesdays 2pm-4pm", "", "Tu"),
        ("1st and 3rd Tuesday of each month", "", "Tu"),
        ("fortnightly", "", "Mo Tu We Th Fr Sa Su"),
    ],
)
def test_sessions_are_of_every_week_or_of_some(sessions: str, weekly: str, some_weeks: str) -> None:
    found = read_sessions(sessions)
    assert found is not None
    assert (days_of(found.weekly), days_of(found.some_weeks)) == (weekly, some_weeks)


@pytest.mark.parametrize(
    "sessions",
    [
        "by appointment",
        "now and then",
        "Monday",
        "10:00-12:00 weekly",
        "Tuesday 10am-noon",
        "Tuesday 10:00-12:00; by appointment",
        "Mon-Fri 9-5, fortnightly Sat",
        "Tuesday, day 3 Friday of the month 10:00-11:00",
        "and Tuesday 10:00-11:00",
        "x" * 2000,
        ";",
    ],
)
def test_what_is_not_plain_is_not_known(sessions: str) -> None:
    assert read_sessions(sessions) is None
    assert held(sessions, "Tu", "10:00", "12:00") is None


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=TU,TH", "Th", "open"),
        ("FREQ=WEEKLY;BYDAY=TU,TH", "We", "closed"),
        ("FREQ=DAILY", "Su", "open"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "Tu", "some_weeks"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "We", "closed"),
        ("FREQ=WEEKLY;INTERVAL=4;BYDAY=SA", "Sa", "some_weeks"),
        ("FREQ=MONTHLY;BYDAY=2TU,-2FR", "Fr", "some_weeks"),
        ("FREQ=MONTHLY;BYDAY=-1TU", "Mo", "closed"),
        ("FREQ=MONTHLY;BYDAY=SU", "Su", "open"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=SU", "Su", "some_weeks"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1,15", "Sa", "some_weeks"),
    ],
)
def test_whatever_the_readers_of_schedules_write_is_understood(
    rule: str, day: Day, expected: str
) -> None:
    schedule = build_schedule(rule, "10:00", "12:00")
    assert schedule is not None
    assert held(schedule.to_words(), day, "11:00", "13:00") == expected
    assert held(schedule.to_words(), day, "12:00", "13:00") == "closed"


def test_the_hours_of_the_venue_count_where_there_are_no_sessions() -> None:
    assert held("", "Sa", "10:00", "12:00", "Mo-Sa 09:00-17:00") == "open"
    assert held("Tu 10:00-12:00", "Sa", "10:00", "12:00", "Mo-Sa 09:00-17:00") == "closed"
    assert held("Tu 10:00-12:00", "Tu", "10:00", "12:00", "") == "open"
    assert held(" ", "Tu", "10:00", "12:00", "") is None


def test_offers_at_one_venue_are_judged_one_by_one() -> None:
    found = services([("hub", "gp"), ("hub", "library"), ("hub", "advice"), ("hub", "food")])
    venues = found.venues.assign(opening="Mo-Sa 09:00-17:00")
    said = {"gp": "Tuesday 10:00-12:00 weekly", "advice": "fortnightly", "food": "ask"}
    offers = found.offers.assign(sessions=found.offers["kind"].map(said).fillna(""))
    judged = judge_offers(offers, venues, ("Sa", "10:00", "13:00"))
    by_kind = pd.Series(judged.to_numpy(), index=offers["kind"]).to_dict()
    assert by_kind == {
        "gp": "closed",
        "library": "open",
        "advice": "some_weeks",
        "food": "not_known",
    }
