"""Services are brought together, and sessions added; whatever is not there is refused."""

from __future__ import annotations

import pandas as pd
import pytest
from journeys import services

from planner.errors import ProjectError
from planner.scenario import (
    AddOffer,
    AddSessions,
    Change,
    ChangeFrequency,
    CloseVenue,
    CoLocate,
    NewEstate,
    OpenVenue,
    RenameVenue,
    SetCapacity,
    SetOpening,
    SetStatus,
    apply_changes,
    changes_touching,
)
from planner.scenario.hours import add_hours
from planner.services import Services


@pytest.fixture
def today() -> Services:
    return services(
        [("lib", "library"), ("lib", "advice"), ("hub", "gp"), ("shut", "gp")],
        status={"shut": "closed", "room": "candidate"},
    )


def at(found: Services, venue: str) -> list[str]:
    return sorted(found.offers.loc[found.offers["venue_id"] == venue, "kind"])


def test_a_service_moves_into_another_venue(today: Services) -> None:
    set_up = [SetCapacity(venue_id="lib", kind="library", capacity=7)]
    after = apply_changes(
        today, [*set_up, CoLocate(venue_id="lib", to_venue_id="hub", kind="library")]
    )
    assert (at(after, "lib"), at(after, "hub")) == (["advice"], ["gp", "library"])
    moved = after.offers.loc["hub/library"]
    assert (moved["capacity"], moved["partner"], moved["source"]) == (7.0, "Nobody", 0)


def test_everything_moves_without_a_kind(today: Services) -> None:
    after = apply_changes(today, [CoLocate(venue_id="lib", to_venue_id="hub")])
    assert (at(after, "lib"), at(after, "hub")) == ([], ["advice", "gp", "library"])
    assert "lib" in after.venues.index


def test_a_service_is_offered_at_both(today: Services) -> None:
    changes = [
        SetCapacity(venue_id="lib", kind="library", capacity=7),
        CoLocate(venue_id="lib", to_venue_id="hub", kind="library", stays=True),
    ]
    after = apply_changes(today, changes)
    assert (at(after, "lib"), at(after, "hub")) == (["advice", "library"], ["gp", "library"])
    assert after.offers.loc[after.offers["venue_id"] == "lib", "capacity"].max() == 7.0
    assert pd.isna(after.offers.loc["hub/library", "capacity"])


def test_two_practices_under_one_roof_are_two_offers(today: Services) -> None:
    after = apply_changes(
        today,
        [
            SetStatus(venue_id="shut", status="existing"),
            CoLocate(venue_id="shut", to_venue_id="hub"),
            CoLocate(venue_id="hub", to_venue_id="lib"),
        ],
    )
    assert at(after, "lib") == ["advice", "gp", "gp", "library"]
    assert {"lib/gp", "lib/gp/2"} <= set(after.offers.index)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([CloseVenue(venue_id="libb")], r"no venue 'libb' to close\.\n.*Did you mean 'lib'\?"),
        ([CloseVenue(venue_id="zzzzzz")], r"There are, for example, 'hub', 'lib' and 'room'"),
        ([CoLocate(venue_id="lib", to_venue_id="lib")], "there already"),
        ([CoLocate(venue_id="lib", to_venue_id="shut")], "'shut' is closed"),
        ([CoLocate(venue_id="lib", to_venue_id="room")], "'room' is candidate"),
        ([CoLocate(venue_id="lib", to_venue_id="huub")], "Did you mean 'hub'"),
        ([CoLocate(venue_id="lib", to_venue_id="hub", kind="gp")], "It offers advice, library"),
        ([CoLocate(venue_id="lib", to_venue_id="hub", stays=True)] * 2, "by the same partner"),
        ([AddSessions(venue_id="lib", kind="gp", sessions="Tu 10:00-12:00")], "no 'gp'"),
        (
            [AddSessions(venue_id="hub", kind="gp", sessions="now and then")],
            "not sessions of every",
        ),
        ([AddSessions(venue_id="hub", kind="gp", sessions="")], "not sessions of every"),
        ([SetCapacity(venue_id="hub", capacity=float("nan"))], "capacity of nan"),
        (
            [OpenVenue(venue_id="hub", name="", x=1.0, y=1.0, kinds=())],
            "already stands.\n.*status to existing",
        ),
        ([OpenVenue(venue_id="n", name="", x=1.0, y=1.0, kinds=("gp", "gp"))], "one kind twice"),
        ([OpenVenue(venue_id="n", name="", x=float("nan"), y=1.0, kinds=())], "no point"),
    ],
)
def test_what_cannot_be_is_refused(today: Services, changes: list[Change], said: str) -> None:
    with pytest.raises(ProjectError, match=said):
        apply_changes(today, changes)


def test_a_kind_that_nobody_offered_is_noted(today: Services) -> None:
    after = apply_changes(today, [AddOffer(venue_id="hub", kind="libary")])
    (note,) = after.notes
    assert (note.what, note.items) == ("new_kind", ("libary",))
    assert "Did you mean 'library'?" in note.text
    assert apply_changes(today, [AddOffer(venue_id="hub", kind="library")]).notes == ()


def test_sessions_come_to_the_venues_hours(today: Services) -> None:
    changes = [
        SetOpening(venue_id="hub", opening="Mo-Fr 09:00-17:00"),
        AddSessions(venue_id="hub", kind="gp", sessions="Tuesday 6pm-8pm"),
        AddSessions(venue_id="hub", kind="gp", sessions="Sa 10:00-12:00"),
    ]
    (sessions,) = apply_changes(today, changes).offers.query("venue_id == 'hub'")["sessions"]
    assert sessions == (
        "Mo 09:00-17:00; Tu 09:00-17:00,18:00-20:00; We-Fr 09:00-17:00; Sa 10:00-12:00"
    )


def test_sessions_where_nothing_was_known_are_noted(today: Services) -> None:
    change = AddSessions(venue_id="hub", kind="gp", sessions="Tu 10:00-12:00")
    after = apply_changes(today, [change])
    assert after.offers.query("venue_id == 'hub'")["sessions"].tolist() == ["Tu 10:00-12:00"]
    assert [note.what for note in after.notes] == ["only_hours"]


def test_sessions_beside_hours_that_cannot_be_read_are_noted(today: Services) -> None:
    changes = [
        SetOpening(venue_id="hub", opening="by appointment"),
        AddSessions(venue_id="hub", kind="gp", sessions="Tu 10:00-12:00"),
    ]
    after = apply_changes(today, changes)
    assert after.offers.query("venue_id == 'hub'")["sessions"].tolist() == [
        "by appointment; Tu 10:00-12:00"
    ]
    assert [note.what for note in after.notes] == ["hours_not_plain"]


@pytest.mark.parametrize(
    ("known", "more", "joined"),
    [
        ("Tu 09:00-12:00", "Tu 11:00-13:00", "Tu 09:00-13:00"),
        ("Tu 09:00-12:00; PH off", "We 09:00-12:00", "Tu-We 09:00-12:00; PH off"),
        ("Tu 20:00-24:00", "We 09:00-12:00", "Tu 20:00-24:00; We 09:00-12:00"),
        ("Tu 20:00-02:00", "We 09:00-12:00", None),
    ],
)
def test_hours_are_joined_day_by_day(known: str, more: str, joined: str | None) -> None:
    assert add_hours(known, more) == joined


def test_changes_of_other_inputs_leave_services_alone(today: Services) -> None:
    changes: list[Change] = [
        ChangeFrequency(route="1", factor=2),
        NewEstate(name="E", people=1, x=430000, y=390000),
    ]
    assert apply_changes(today, changes) is today


def test_closing_and_opening_again_is_the_baseline(today: Services) -> None:
    back = [CloseVenue(venue_id="lib"), SetStatus(venue_id="lib", status="existing")]
    after = apply_changes(today, back)
    pd.testing.assert_frame_equal(after.venues, today.venues)
    pd.testing.assert_frame_equal(after.offers, today.offers)


def test_stages_are_told_what_touches_them() -> None:
    changes: list[Change] = [
        RenameVenue(venue_id="hub", name="x"),
        CloseVenue(venue_id="hub"),
        NewEstate(name="E", people=1, x=430000, y=390000),
        OpenVenue(venue_id="n", name="", x=430000, y=390000, kinds=()),
    ]
    assert changes_touching(changes, "sites") == (changes[3],)
    assert changes_touching(changes, "supply") == (changes[1], changes[3])
    assert changes_touching(changes, "people", "words") == (changes[0], changes[2])
    assert changes_touching(changes, "timetable") == ()
