"""Routes run more or less often, and shuttles are added: times by hand."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from made_feeds import TUESDAY, clock, feed, write_feed

from planner.errors import ProjectError
from planner.scenario import (
    AddShuttle,
    Change,
    ChangeFrequency,
    CloseVenue,
    apply_to_timetable,
    refuse_without_timetable,
)
from planner.sources.gtfs import read_timetable
from planner.travel.transit.timetable import Timetable

TRIPS = {
    "a": "A 8:00, B 8:10, C 8:20",
    "b": "A 8:20, B 8:30, C 8:44",
    "c": "A 9:00, B 9:10, C 9:20",
    "back": "C 8:30, B 8:40, A 8:50",
}


def read(folder: Path, trips: dict[str, str] = TRIPS, **more: str) -> Timetable:
    return read_timetable([(write_feed(folder, feed(trips, **more)), "bus.zip")], date=TUESDAY)


def leaving(timetable: Timetable, first: str) -> list[str]:
    """Return when vehicles leave the stop they start at, as clocks."""
    start = timetable.trip_start
    pattern = np.repeat(
        np.arange(len(timetable.pattern_start) - 1), np.diff(timetable.pattern_trip)
    )
    stop = timetable.stop_id[timetable.pattern_stop[timetable.pattern_start[pattern]]]
    seconds = sorted(int(timetable.departure[at]) for at in start[:-1][stop == first])
    return [
        f"{t // 3600}:{t // 60 % 60:02d}" + (f":{t % 60:02d}" if t % 60 else "") for t in seconds
    ]


def calls_of(timetable: Timetable, leave: str, first: str = "A") -> list[int]:
    """Return the arrivals, in minutes after leaving, of the vehicle that leaves a stop then."""
    start = timetable.trip_start
    pattern = np.repeat(
        np.arange(len(timetable.pattern_start) - 1), np.diff(timetable.pattern_trip)
    )
    stop = timetable.stop_id[timetable.pattern_stop[timetable.pattern_start[pattern]]]
    leaves = timetable.departure[start[:-1]]
    (trip,) = np.flatnonzero((stop == first) & (leaves == clock(leave)))
    arrivals = timetable.arrival[start[trip] : start[trip + 1]]
    return ((arrivals - clock(leave)) // 60).tolist()


def same(one: Timetable, other: Timetable) -> bool:
    for field in fields(Timetable):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if field.name == "notes":
            continue
        if isinstance(a, np.ndarray):
            alike = a.tolist() == b.tolist() if a.dtype == object else a.tobytes() == b.tobytes()
            if a.dtype != b.dtype or not alike:
                return False
        elif a != b:
            return False
    return True


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Timetable:
    return read(tmp_path_factory.mktemp("feed"))


def test_nothing_for_the_timetable_is_the_same_object(today: Timetable) -> None:
    assert apply_to_timetable(today, [CloseVenue(venue_id="v")]) is today


def test_once_as_often_is_the_same_timetable(today: Timetable) -> None:
    after = apply_to_timetable(today, [ChangeFrequency(route="1", factor=1)])
    assert same(after, today)
    assert [note.what for note in after.notes][-1] == "frequency"


@pytest.mark.parametrize(
    ("change", "there", "back"),
    [
        # Half of each gap of 20 and 40 minutes; nothing after the last.
        (
            ChangeFrequency(route="1", factor=2),
            ["8:00", "8:10", "8:20", "8:40", "9:00"],
            ["8:30"],
        ),
        (ChangeFrequency(route="1", factor=0.5), ["8:00", "9:00"], ["8:30"]),
        (ChangeFrequency(route="1", factor=0), [], []),
        # Only the first two leave in the span; the gap to the third may be filled up to its end.
        (
            ChangeFrequency(route="1", factor=2, between="7:00-8:45"),
            ["8:00", "8:10", "8:20", "8:40", "9:00"],
            ["8:30"],
        ),
        (
            ChangeFrequency(route="1", factor=2, between="7:00-8:30"),
            ["8:00", "8:10", "8:20", "9:00"],
            ["8:30"],
        ),
        (
            ChangeFrequency(route="1", every_minutes=15),
            ["8:00", "8:15", "8:30", "8:45", "9:00"],
            ["8:30"],
        ),
        (ChangeFrequency(route="1", every_minutes=25), ["8:00", "8:25", "8:50"], ["8:30"]),
        (
            ChangeFrequency(route="1", every_minutes=15, between="08:10-08:51"),
            ["8:00", "8:20", "8:35", "8:50", "9:00"],
            ["8:30"],
        ),
        # A third of 20 minutes is 6:40.
        (
            ChangeFrequency(route="1", factor=3, between="8:00-8:20"),
            ["8:00", "8:06:40", "8:13:20", "8:20", "9:00"],
            ["8:30"],
        ),
    ],
)
def test_departures_by_hand(
    today: Timetable, change: ChangeFrequency, there: list[str], back: list[str]
) -> None:
    after = apply_to_timetable(today, [change])
    assert leaving(after, "A") == there
    assert leaving(after, "C") == back


def test_a_new_vehicle_takes_as_long_as_the_one_before_it(today: Timetable) -> None:
    after = apply_to_timetable(today, [ChangeFrequency(route="1", factor=2)])
    assert calls_of(after, "8:10") == [0, 10, 20]
    assert calls_of(after, "8:40") == [0, 10, 24]


def test_two_lines_of_one_direction_come_so_often_together(tmp_path: Path) -> None:
    # A-B-C on the hour and B-C at half past: on the way from B to C, one every half hour.
    trips = {f"l{h}": f"A {h}:00, B {h}:10, C {h}:20" for h in (8, 9, 10)}
    trips |= {f"s{h}": f"B {h}:30, C {h}:40" for h in (8, 9)}
    after = apply_to_timetable(
        read(tmp_path, trips), [ChangeFrequency(route="1", every_minutes=15)]
    )
    # Five vehicles leave from 8:00 to 10:00, one every 30 minutes: every 15 is twice as many.
    assert leaving(after, "A") == ["8:00", "8:30", "9:00", "9:30", "10:00"]
    assert leaving(after, "B") == ["8:30", "9:00", "9:30"]


def test_a_shuttle_between_a_stop_and_a_new_one(today: Timetable) -> None:
    x, y = float(today.stop_x[0]) + 1000, float(today.stop_y[0])
    shuttle = AddShuttle(
        name="Mill shuttle",
        stops=("A", (x, y)),
        minutes=(4.0,),
        every_minutes=20,
        first="10:00",
        last="11:00",
    )
    after = apply_to_timetable(today, [shuttle])
    new = "shuttle:mill-shuttle:stop:1"
    assert leaving(after, "A")[3:] == ["10:00", "10:20", "10:40", "11:00"]
    assert leaving(after, new) == ["10:00", "10:20", "10:40", "11:00"]
    assert calls_of(after, "10:20") == calls_of(after, "10:20", new) == [0, 4]
    at = after.stop_id.tolist().index(new)
    assert (after.stop_x[at], after.stop_y[at]) == (x, y)
    assert after.stop_name[at] == "Mill shuttle, stop 1"
    mine = after.route_name[after.trip_route] == "Mill shuttle"
    assert mine.sum() == 8
    assert set(after.route_type[after.trip_route[mine]]) == {3}
    assert leaving(after, "C") == leaving(today, "C")


def test_a_shuttle_can_run_one_way_and_more_often_later(today: Timetable) -> None:
    there = AddShuttle(
        name="S",
        stops=("A", "B"),
        minutes=(9,),
        every_minutes=30,
        first="12:00",
        last="12:59",
        both_ways=False,
    )
    after = apply_to_timetable(today, [there, ChangeFrequency(route="s", factor=2)])
    assert leaving(after, "A")[3:] == ["12:00", "12:15", "12:30"]
    assert leaving(after, "B") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (ChangeFrequency(route="11", factor=2), r"no route '11'.*\n.*Did you mean '1'\?"),
        (ChangeFrequency(route="1", factor=2, between="01:00-02:00"), "no vehicle of route '1'"),
        (
            AddShuttle(name="1", stops=("A", "B"), minutes=(9,), every_minutes=9),
            "route '1' already",
        ),
        (
            AddShuttle(name="S", stops=("A", "Stop C"), minutes=(9,), every_minutes=9),
            r"stops at 'Stop C'.*\n.*Did you mean 'C' \(Stop C\)",
        ),
        (AddShuttle(name="S", stops=("A", "A"), minutes=(9,), every_minutes=9), "twice"),
        (AddShuttle(name="S", stops=("A", "C"), minutes=(0.5,), every_minutes=9), "km/h"),
    ],
)
def test_what_is_not_there_is_refused(today: Timetable, change: Change, said: str) -> None:
    with pytest.raises(ProjectError, match=said):
        apply_to_timetable(today, [change])


def test_on_another_day_a_route_that_does_not_run_is_left_out_and_noted(today: Timetable) -> None:
    changes: list[Change] = [
        ChangeFrequency(route="Saturdays", factor=2),
        ChangeFrequency(route="1", factor=0.5),
        AddShuttle(name="S", stops=("A", "Q"), minutes=(9,), every_minutes=9),
    ]
    after = apply_to_timetable(today, changes, refuse_absent=False)
    assert leaving(after, "A") == ["8:00", "9:00"]
    left = [note for note in after.notes if note.what == "change_left_out"]
    assert [note.items for note in left] == [("Saturdays",), ("S",)]
    assert left[0].text.startswith("Tuesday 2024-03-05: Scenario: there is no route 'Saturdays'")


def test_a_project_without_a_timetable_takes_no_such_change() -> None:
    refuse_without_timetable([CloseVenue(venue_id="v")])
    with pytest.raises(ProjectError, match="1 change to the timetable"):
        refuse_without_timetable([ChangeFrequency(route="1", factor=2)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"factor": None},
        {"factor": 2.0, "every_minutes": 3.0},
        {"factor": -1.0},
        {"factor": float("nan")},
        {"every_minutes": 0.5},
        {"factor": 1.0, "between": "9:00"},
        {"factor": 1.0, "between": "9:00-8:00"},
        {"factor": 1.0, "between": "9:00-99:00"},
    ],
)
def test_frequencies_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ProjectError, match="Scenario"):
        ChangeFrequency(route="1", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"stops": ("A",), "minutes": ()},
        {"minutes": (3.0, 3.0)},
        {"minutes": (0.0,)},
        {"every_minutes": 0.0},
        {"first": "19:00", "last": "07:00"},
        {"stops": ("A", (51.6, -3.0))},
        {"stops": ("A", (9e6, 9e6))},
    ],
)
def test_shuttles_that_cannot_be(wrong: dict[str, object]) -> None:
    given: dict[str, object] = {
        "name": "S",
        "stops": ("A", "B"),
        "minutes": (3.0,),
        "every_minutes": 10.0,
    }
    with pytest.raises(ProjectError, match="Scenario"):
        AddShuttle(**{**given, **wrong})  # type: ignore[arg-type]
