"""The calendar file follows RFC 5545: folding, escaping, times; read back by an own reader."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rota_cases import simple_problem, teams_table

from planner.errors import ProjectError
from planner.rota import CalendarSettings, Rota, RotaSettings, build_rota, to_icalendar
from planner.rota.calendar import escape_text, fold_line

FROM = CalendarSettings(
    first_monday=dt.date(2027, 3, 22),
    repeats=6,
    written=dt.datetime(2027, 3, 1, 13, 30, tzinfo=dt.timezone(dt.timedelta(hours=1))),
)


def unfold(text: str) -> list[str]:
    """Return whole lines: a line that begins with a blank goes on from the one before."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    for line in text.split("\r\n"):
        assert len(line.encode()) <= 75
    return text.removesuffix("\r\n").replace("\r\n ", "").split("\r\n")


def unescape(text: str) -> str:
    """Read a text letter by letter; a bare mark or a loose backslash is an error."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", text)
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "N": "\n"}.get(found[1], found[1]), text)


def events(text: str) -> list[dict[str, str]]:
    lines = unfold(text)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    found: list[dict[str, str]] = []
    inside = False
    for line in lines:
        if line == "BEGIN:VEVENT":
            found.append({})
            inside = True
        elif line == "END:VEVENT":
            inside = False
        elif inside:
            name, _, value = line.partition(":")
            assert name not in found[-1]
            found[-1][name] = value
    return found


@pytest.fixture(scope="module")
def rota() -> Rota:
    problem = simple_problem(
        [[10]], [100], teams=teams_table(days="Tu", team_name="Advice; benefits, money")
    )
    name = "St Mary’s hall, upper room; " + "ö" * 60
    venues = problem.venues.assign(venue_name=name)
    plan = RotaSettings(session_minutes=120, setup_minutes=30, within_minutes=20, weeks=2)
    return build_rota(dataclasses.replace(problem, venues=venues), plan)


def test_one_repeating_entry_a_session_in_london_time(rota: Rota) -> None:
    text = to_icalendar(rota, FROM)
    first, second = events(text)
    assert first["DTSTART;TZID=Europe/London"] == "20270323T093000"
    assert first["DTEND;TZID=Europe/London"] == "20270323T113000"
    assert second["DTSTART;TZID=Europe/London"] == "20270330T093000"  # clocks have changed
    assert first["RRULE"] == "FREQ=WEEKLY;INTERVAL=2;COUNT=6"
    assert first["DTSTAMP"] == "20270301T123000Z"
    assert first["UID"] != second["UID"]
    lines = unfold(text)
    zone = lines[lines.index("BEGIN:VTIMEZONE") : lines.index("END:VTIMEZONE")]
    assert "TZID:Europe/London" in zone
    assert {"TZNAME:BST", "TZNAME:GMT", "TZOFFSETTO:+0100", "TZOFFSETTO:+0000"} <= set(zone)
    assert lines.count("VERSION:2.0") == sum(line.startswith("PRODID:") for line in lines) == 1


def test_floating_time_names_no_zone(rota: Rota) -> None:
    text = to_icalendar(rota, dataclasses.replace(FROM, times="floating"))
    assert events(text)[0]["DTSTART"] == "20270323T093000"
    assert "TZID" not in text


def test_hostile_names_stay_texts(rota: Rota) -> None:
    first = events(to_icalendar(rota, FROM))[0]
    assert unescape(first["LOCATION"]) == rota.plan["venue_name"].iloc[0]
    assert unescape(first["SUMMARY"]).startswith("Advice; benefits, money – St Mary’s hall")
    assert unescape(first["DESCRIPTION"]) == "Services: advice\nSet up from 09:00"
    evil = "Hall\r\nEND:VEVENT\r\nBEGIN:VALARM\x00\\n"
    plan = rota.plan.assign(venue_name=evil)
    found = events(to_icalendar(dataclasses.replace(rota, plan=plan), FROM))
    assert len(found) == 2
    assert unescape(found[0]["LOCATION"]) == "Hall\nEND:VEVENT\nBEGIN:VALARM\\n"


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=200))
def test_escaping_and_folding_come_back(text: str) -> None:
    line = f"SUMMARY:{escape_text(text)}"
    folded = fold_line(line)
    assert unescape(unfold(folded + "\r\n")[0].removeprefix("SUMMARY:")) == text


def test_same_rota_same_bytes(rota: Rota) -> None:
    assert to_icalendar(rota, FROM) == to_icalendar(rota, FROM)


def test_bad_dates_are_told_in_words() -> None:
    with pytest.raises(ProjectError, match="week 1 begins on Tuesday"):
        dataclasses.replace(FROM, first_monday=dt.date(2027, 3, 23))
    with pytest.raises(ProjectError, match="comes round 0 times"):
        dataclasses.replace(FROM, repeats=0)
    with pytest.raises(ProjectError, match="no time zone"):
        dataclasses.replace(FROM, written=dt.datetime(2027, 3, 1, 13, 30))
