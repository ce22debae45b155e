"""Stops of mobile libraries in the public libraries data schema (made-up rows).

Columns keyed from schema.librarydata.uk: LibrariesHacked/schema-librarydata,
mobile-library-stops.json; frequency is an iCalendar recurrence rule.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from supply import HEAD, notes_of, read_lines

from planner.errors import DataError
from planner.services import Services

STOPS = {"from": "mobile_library_stops", "kind": "library"}
COLUMNS = "organisation,mobile,route,community,stop,address,postcode,geox,geoy,day,type,arrival,"
COLUMNS += "departure,frequency,start,end,timetable"


def _stop(
    name: str,
    day: str = "Tuesday",
    times: str = "10:00,10:30",
    rule: str = "FREQ=WEEKLY",
    dates: str = "2024-09-03,",
    sort: str = "Public",
    at: str = "-1.53,53.41",
) -> str:
    return f"Sale,Van 1,A,Village,{name},Green,AA1 1AA,{at},{day},{sort},{times},{rule},{dates},"


def _read(folder: Path, *lines: str, **entry: Any) -> Services:
    return read_lines(folder, COLUMNS, *lines, **STOPS, **entry)


def test_weekly_stop(tmp_path: Path) -> None:
    services = _read(tmp_path, _stop("Post office"))
    venue, offer = services.venues.iloc[0], services.offers.iloc[0]
    assert (venue["venue_name"], venue["opening"]) == ("Post office", "Tu 10:00-10:30")
    assert (offer["sessions"], offer["partner"]) == ("Tuesday 10:00-10:30 weekly", "Sale")


@pytest.mark.parametrize(
    ("rule", "sessions"),
    [
        ("FREQ=WEEKLY;INTERVAL=2", "Tuesday 10:00-10:30 fortnightly"),
        ("RRULE:FREQ=WEEKLY;INTERVAL=4;BYDAY=TU", "Tuesday 10:00-10:30 every 4 weeks"),
        ("FREQ=MONTHLY;BYDAY=1TU", "1st Tuesday of the month 10:00-10:30"),
        ("2", "Tuesday 10:00-10:30 fortnightly"),
    ],
)
def test_stop_that_is_not_weekly_has_sessions_only(
    tmp_path: Path, rule: str, sessions: str
) -> None:
    services = _read(tmp_path, _stop("Green", rule=rule))
    assert services.offers["sessions"].tolist() == [sessions]
    assert services.venues["opening"].tolist() == [""]


def test_stop_on_two_days_is_one_venue(tmp_path: Path) -> None:
    services = _read(tmp_path, _stop("Green"), _stop("Green", day="Friday"))
    assert len(services.venues) == 1
    assert services.offers["sessions"].tolist() == [
        "Tuesday 10:00-10:30 weekly",
        "Friday 10:00-10:30 weekly",
    ]
    assert services.venues["opening"].tolist() == ["Tu 10:00-10:30; Fr 10:00-10:30"]


def test_stop_with_one_visit_that_is_not_weekly_is_not_said_to_be_closed_on_that_day(
    tmp_path: Path,
) -> None:
    services = _read(
        tmp_path, _stop("Green"), _stop("Green", day="Friday", rule="FREQ=WEEKLY;INTERVAL=2")
    )
    assert services.venues["opening"].tolist() == [""]


def test_same_row_twice_counts_once(tmp_path: Path) -> None:
    services = _read(tmp_path, _stop("Green"), _stop("Green"))
    assert len(services.offers) == 1
    assert [count for count, _ in notes_of(services, "offers_duplicate")] == [1]


def test_private_stops_and_earlier_timetables_are_left_out(tmp_path: Path) -> None:
    services = _read(
        tmp_path,
        _stop("Green"),
        _stop("School", sort="Private"),
        _stop("Old green", dates="2023-01-01,2024-07-31"),
    )
    assert services.venues["venue_name"].tolist() == ["Green"]
    # By reason: "a private stop" comes before "of an earlier timetable".
    assert notes_of(services, "rows_excluded") == [(1, ("School",)), (1, ("Old green",))]


def test_times_that_are_not_plain_are_listed(tmp_path: Path) -> None:
    services = _read(tmp_path, _stop("Green", rule="when the road is dry"))
    assert services.offers["sessions"].tolist() == [""]
    assert notes_of(services, "opening_unread") == [(1, ("Green",))]


def test_grid_coordinates_are_seen_as_such(tmp_path: Path) -> None:
    services = _read(tmp_path, _stop("Green", at="431000,391000"))
    point = services.venues.geometry.iloc[0]
    assert (point.x, point.y) == (431000.0, 391000.0)


def test_stop_without_a_position_is_listed(tmp_path: Path) -> None:
    services = _read(tmp_path, _stop("Green"), _stop("Lay-by", at=","))
    assert services.unplaced["name"].tolist() == ["Lay-by"]


def test_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'stop'") as caught:
        read_lines(tmp_path, HEAD, "A,431000,391000", **STOPS)
    assert "schema.librarydata.uk" in caught.value.hint
