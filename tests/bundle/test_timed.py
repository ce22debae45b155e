"""Trips timed end to end: legs added up by hand, closed doors, and what is said where it fails."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from bundle_cases import points as to_points
from bundle_cases import rules, services
from made_feeds import TUESDAY, to_timetable, trip
from shapely.geometry import Point
from transit_streets import METRE_A_SECOND, placed, street

from planner.access.sessions import OfferHours
from planner.bundle import BundleRules, BundleTrips, TimedTrips, build_timed_trips
from planner.bundle.calls import Call, hours_at
from planner.bundle.trips import AREA_COLUMNS, POINT_COLUMNS
from planner.errors import DataError
from planner.services import Services
from planner.travel.transit import TransitSettings, build_transit_network

# One street: stop A at 1 km, B at 5 km, C at 9 km; a metre takes a second. Home lies 300 m before
# A, the surgery 200 m past B, the library at C.
AT = {"home": 700.0, "surgery": 5200.0, "library": 9000.0}
OUT = [f"A {h}:10, B {h}:20, C {h}:30" for h in (10, 11, 12)]
BACK = [f"C {h}:30, B {h}:40, A {h}:50" for h in (11, 12, 13)]
NETWORK = build_transit_network(
    street(),
    placed(to_timetable([trip(line) for line in OUT + BACK], "ABC")),
    walk_kmh=METRE_A_SECOND,
    snap_metres=50,
    extent_metres=500,
)


def _spot(name: str) -> tuple[float, float]:
    return 330_000 + AT[name], 187_000


def _services(**opening: str) -> Services:
    found = services(
        [("surgery", "gp"), ("library", "library")],
        at={name: _spot(name) for name in ("surgery", "library")},
    )
    venues = found.venues.copy()
    for venue, text in opening.items():
        venues.loc[venue, "opening"] = text
    return Services(venues=venues, offers=found.offers, unplaced=found.unplaced)


def _held(sessions: str) -> OfferHours:
    return OfferHours(sessions=sessions, opening="")


def _home() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        to_points({"p": "E1"}), geometry=[Point(*_spot("home"))], crs="EPSG:27700"
    )


def _trips(asked: BundleRules, venues: str = "surgery; library", **changes: object) -> BundleTrips:
    """Return a trip that was chosen elsewhere."""
    area = {
        "bundle_trip_minutes": 150.0,
        "bundle_trip_travel_minutes": 110.0,
        "bundle_trip_status": "reached",
        "bundle_trip_stops": 2,
        "bundle_trip_venues": venues,
        "bundle_trip_kinds_missing": "",
        "bundle_trip_point": "p",
    }
    return BundleTrips(
        points=pd.DataFrame(columns=POINT_COLUMNS),
        areas=pd.DataFrame([area | changes], index=["E1"])[AREA_COLUMNS],
        rules=asked,
        approximate=False,
        indicative=True,
        method="by hand",
    )


def _time(
    found: Services | None = None,
    *,
    window: tuple[int, int] = (600, 720),
    asked: BundleRules | None = None,
    **limits: float,
) -> TimedTrips:
    settings = TransitSettings(
        date=TUESDAY,
        start_minute=window[0],
        end_minute=window[1],
        **limits,  # type: ignore[arg-type]
    )
    return build_timed_trips(
        NETWORK,
        settings,
        _trips(asked or rules("gp", "library", dwell_minutes=20.0)),
        found or _services(),
        _home(),
        ["E1"],
    )


# Leaving at 10:00: at A 10:05, bus 10:10 to B 10:20, at the surgery 10:23:20 and until 10:43:20;
# off at 10:44, at B 10:47:20, bus 11:20 to C 11:30 and until 11:50; bus 12:30 to A 12:50, home
# 12:55. Leaving at 10:30 or 11:00: bus 11:10, surgery 11:23:20, off at 11:44, bus 12:20, library
# 12:30, off at 12:50, bus 13:30, home 13:55. Leaving at 11:30: bus 12:10, surgery 12:23:20, off at
# 12:44; no bus goes on, a walk of 3,800 s is there at 13:47:20, off at 14:08; home is a walk of 138
# minutes, and the longest journey is 120.


def test_legs_add_up_by_hand_and_the_lower_median_is_given() -> None:
    row = _time().table.loc["E1"]
    assert (row["tried"], row["found"]) == (4, 3)
    assert row["minutes"] == 175.0
    assert row["leaves"] == "10:00"
    assert (row["minutes_low"], row["minutes_high"]) == (175.0, 205.0)
    assert row["indicative_minutes"] == 150.0
    assert (row["status"], row["point"]) == ("reached", "p")


def test_a_trip_that_does_not_get_home_counts_as_endless() -> None:
    # 175, 205, 175 and no way: the second of them. Without 10:00: 205, 175, endless.
    assert _time(window=(630, 720)).table.loc["E1", "minutes"] == 205.0
    # 175 and no way: half of the tries get home, and that is the lower middle.
    assert _time(window=(660, 720)).table.loc["E1", "minutes"] == 175.0
    lost = _time(window=(690, 720))
    assert lost.table.loc["E1", "status"] == "over_cutoff"
    assert lost.table.loc["E1", ["minutes", "minutes_low", "minutes_high"]].isna().all()
    assert lost.legs.empty
    assert [note.what for note in lost.notes] == ["bundle_timed_not_found"]


def test_legs_are_told_with_their_times() -> None:
    legs = _time().legs
    told = legs[["number", "from", "to", "leaves", "arrives"]].to_numpy().tolist()
    assert told == [
        [1, "", "surgery", "10:00", "10:24"],
        [2, "surgery", "library", "10:44", "11:30"],
        [3, "library", "", "11:50", "12:55"],
    ]
    assert legs["services"].tolist() == ["gp", "library", ""]
    assert legs["stay_minutes"].tolist() == [20.0, 20.0, 0.0]
    assert "10:10 service" in legs["words"].iloc[0]
    assert legs["words"].iloc[2].endswith("to home")


def test_time_at_each_place_counts_beside_that_with_each_service() -> None:
    # 16 minutes more at each place: off at 11:00, at B 11:03:20, still the bus of 11:20; at the
    # library until 12:06, still the bus of 12:30.
    longer = rules("gp", "library", dwell_minutes=20.0, stop_minutes=16.0)
    assert _time(asked=longer, window=(600, 601)).table.loc["E1", "minutes"] == 175.0
    # 39 more: off at 11:23, bus 12:20, at the library until 13:29, bus 13:30, home 13:55.
    missed = rules("gp", "library", dwell_minutes=20.0, stop_minutes=39.0)
    assert _time(asked=missed, window=(600, 601)).table.loc["E1", "minutes"] == 235.0


def test_both_services_of_a_place_are_used_there() -> None:
    found = services(
        [("surgery", "gp"), ("surgery", "library"), ("library", "library")],
        at={name: _spot(name) for name in ("surgery", "library")},
    )
    settings = TransitSettings(date=TUESDAY, start_minute=600, end_minute=601)
    asked = rules("gp", "library", dwell_minutes=20.0)
    trips = _trips(asked, "surgery")
    timed = build_timed_trips(NETWORK, settings, trips, found, _home(), ["E1"])
    # At the surgery 10:23:20 and until 11:03:20; off at 11:04, at B 11:07:20, bus 11:40, A 11:50.
    assert timed.table.loc["E1", "minutes"] == 115.0
    assert timed.legs["services"].tolist() == ["gp; library", ""]
    assert timed.legs["stay_minutes"].tolist() == [40.0, 0.0]


@pytest.mark.parametrize(
    ("opening", "hours", "none_closed"),
    [
        ("Mo-Fr 09:00-17:00", "open", 3),
        ("Mo-Fr 11:30-11:50", "open", 1),  # 11:30 to 11:50 at 10:00; 12:30 otherwise
        ("Mo-Fr 09:00-11:45", "closes", 0),
        ("Mo-Fr 12:00-13:00", "closed", 2),
        ("We 09:00-17:00", "closed", 0),
        ("", "not_known", 3),
        ("by appointment", "not_known", 3),
    ],
)
def test_a_closed_door_is_told(opening: str, hours: str, none_closed: int) -> None:
    timed = _time(_services(surgery="Mo-Su 00:00-24:00", library=opening))
    assert timed.legs["hours"].tolist() == ["open", hours, ""]
    row = timed.table.loc["E1"]
    assert row["closed"] == ("library" if hours in ("closed", "closes") else "")
    assert row["hours_not_known"] == (hours == "not_known")
    assert row["none_closed"] == none_closed
    # The minutes are those of the trip all the same.
    assert row["minutes"] == 175.0
    whats = {note.what for note in timed.notes}
    assert ("bundle_timed_closed" in whats) == (hours in ("closed", "closes"))
    assert ("bundle_timed_hours_not_known" in whats) == (hours == "not_known")


def test_sessions_of_a_service_come_before_the_hours_of_its_venue() -> None:
    found = _services(surgery="24/7", library="24/7")
    offers = found.offers.copy()
    offers.loc[offers["kind"] == "library", "sessions"] = "Th 10:00-12:00"
    held = Services(venues=found.venues, offers=offers, unplaced=found.unplaced)
    assert _time(held).legs["hours"].tolist() == ["open", "closed", ""]


@pytest.mark.parametrize(
    ("sessions", "hours"),
    [
        ("Tuesday 10:00-12:00 weekly", "open"),
        ("Thursday 10:00-12:00 weekly", "closed"),
        ("Tuesday 10:00-11:45 weekly", "closes"),
        ("Tuesday 10:00-12:00 fortnightly", "some_weeks"),
        ("Tuesday 10:00-11:40 weekly; Tuesday 11:40-12:00 fortnightly", "some_weeks"),
        ("1st Friday of the month 10:00-12:00", "closed"),
        ("by appointment", "not_known"),
    ],
)
def test_sessions_in_words_are_read(sessions: str, hours: str) -> None:
    found = _services(surgery="24/7", library="24/7")
    offers = found.offers.copy()
    offers.loc[offers["kind"] == "library", "sessions"] = sessions
    held = Services(venues=found.venues, offers=offers, unplaced=found.unplaced)
    assert _time(held).legs["hours"].tolist() == ["open", hours, ""]


def test_of_two_offers_of_a_kind_the_open_one_counts() -> None:
    tuesday = _held("Tu 09:00-17:00")
    call = Call(
        venue="v",
        name="V",
        point=Point(0, 0),
        kinds=("gp", "library"),
        minutes=40.0,
        hours=((_held("Mo 09:00-17:00"), tuesday), (tuesday,)),
    )
    assert hours_at(call, TUESDAY, 600, 640) == "open"
    assert hours_at(call, TUESDAY, 17 * 60 - 20, 17 * 60 + 20) == "closes"
    # Hours run on past midnight, into Wednesday: at half past midnight it is closed.
    assert hours_at(call, TUESDAY, 24 * 60 + 30, 24 * 60 + 70) == "closed"


def test_a_leg_that_would_pass_the_timetables_end_is_not_looked_for() -> None:
    # At 27:59 one may still set out, for two hours at most; the surgery is left after 29:00.
    night = _time(window=(27 * 60 + 59, 28 * 60))
    assert night.table.loc["E1", "status"] == "over_cutoff"


def test_an_area_without_a_trip_is_refused() -> None:
    asked = rules("gp", "library")
    trips = _trips(asked, "", bundle_trip_status="unreachable", bundle_trip_minutes=None)
    settings = TransitSettings(date=TUESDAY)
    with pytest.raises(DataError, match="no trip to time from E1"):
        build_timed_trips(NETWORK, settings, trips, _services(), _home(), ["E1"])
    with pytest.raises(DataError, match="at least 1"):
        build_timed_trips(NETWORK, settings, _trips(asked), _services(), _home(), ["E1"], every=0)


def test_limits_of_a_journey_hold_for_each_leg() -> None:
    # No vehicle waits longer than 20 minutes at a change, but there is no change here.
    assert _time(max_wait_minutes=20.0).table.loc["E1", "minutes"] == 175.0
    # The 300 s to stop A are too far to walk to a bus: on foot to the surgery by 11:15, off at
    # 11:35, bus 12:20, bus 13:30, home 13:55. Leaving at 10:30: surgery 11:45, off at 12:05, the
    # same buses. Leaving later there is no bus on from the surgery, and home is too far to walk.
    near = _time(access_minutes=4.0).table.loc["E1"]
    assert (near["found"], near["minutes_low"], near["minutes"]) == (2, 205.0, 235.0)
