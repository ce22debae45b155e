from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bundle_cases import line_legs, points, rules, services, times

from planner.bundle import BundleRules, BundleTrips, Legs, build_bundle_trips
from planner.errors import DataError, TravelError

#: A street: home, a GP 10 minutes on, a library 20 minutes the other way, one of each far off.
VENUES = {"v1": 10.0, "v2": -20.0, "v3": 70.0, "v4": 71.0}
OFFERS = [("v1", "gp"), ("v2", "library"), ("v3", "gp"), ("v4", "library")]
KINDS = ("gp", "library")


def trips(
    homes: dict[str, float] | None = None,
    *,
    offers: list[Any] | None = None,
    legs: Legs | None = None,
    areas: pd.DataFrame | None = None,
    kinds: tuple[str, ...] = KINDS,
    **more: float,
) -> BundleTrips:
    homes = homes or {"p1": 0.0}
    legs = legs or line_legs(homes, VENUES)
    areas = points({home: f"E{home}" for home in homes}) if areas is None else areas
    return build_bundle_trips(legs, services(offers or OFFERS), areas, rules(*kinds, **more))


def whats(found: BundleTrips) -> dict[str, tuple[str, ...]]:
    return {note.what: note.items for note in found.notes}


def test_the_trip_goes_both_ways_along_the_street() -> None:
    row = trips().areas.loc["Ep1"]
    assert row["bundle_trip_minutes"] == pytest.approx(60)
    assert row["bundle_trip_venues"] == "v1; v2"
    assert row["bundle_trip_stops"] == 2
    assert row["bundle_trip_status"] == "reached"


def test_dwell_is_for_each_service_and_stop_time_for_each_venue() -> None:
    row = trips(dwell_minutes=15, stop_minutes=5).areas.loc["Ep1"]
    assert row["bundle_trip_minutes"] == pytest.approx(60 + 2 * 15 + 2 * 5)
    assert row["bundle_trip_travel_minutes"] == pytest.approx(60)


def test_everything_in_one_venue_is_one_stop() -> None:
    row = trips(offers=[*OFFERS, ("v2", "gp")], dwell_minutes=15).areas.loc["Ep1"]
    assert (row["bundle_trip_minutes"], row["bundle_trip_venues"]) == (40 + 2 * 15, "v2")


def test_the_way_home_may_take_longer() -> None:
    legs = line_legs({"p1": 0.0}, VENUES)
    back = times([[30.0], [90.0], [70.0], [71.0]], list(VENUES), ["p1"])
    found = trips(legs=replace(legs, back=back))
    assert found.areas.loc["Ep1", "bundle_trip_venues"] == "v2; v1"
    assert found.areas.loc["Ep1", "bundle_trip_minutes"] == pytest.approx(20 + 30 + 30)
    assert "bundle_way_back_as_long" not in whats(found)


def test_a_way_home_as_long_as_the_way_there_is_noted() -> None:
    assert "bundle_way_back_as_long" in whats(trips())


def test_closed_venues_are_not_gone_to() -> None:
    offers = services(OFFERS, status={"v1": "closed"})
    legs, where = line_legs({"p1": 0.0}, VENUES), points({"p1": "Ep1"})
    found = build_bundle_trips(legs, offers, where, rules(*KINDS))
    assert found.areas.loc["Ep1", "bundle_trip_venues"] == "v3; v4"


def test_an_offer_for_listed_areas_is_for_their_people_only() -> None:
    offers = [("v1", "gp", "Ep2; Ep9"), *OFFERS[1:]]
    found = trips({"p1": 0.0, "p2": 0.0}, offers=offers)
    assert found.areas["bundle_trip_venues"].tolist() == ["v3; v4", "v1; v2"]


def test_a_kind_for_others_only_is_unreachable_and_told() -> None:
    offers = [("v1", "gp", "Ep2"), ("v2", "library")]
    found = trips({"p1": 0.0, "p2": 0.0}, offers=offers)
    assert found.areas["bundle_trip_status"].tolist() == ["unreachable", "reached"]
    assert found.areas["bundle_trip_kinds_missing"].tolist() == ["gp", ""]
    assert whats(found)["bundle_kind_not_for_area"] == ("Ep1",)


def test_a_kind_that_nobody_offers_is_no_data_and_told() -> None:
    found = trips(kinds=(*KINDS, "food_bank"))
    assert found.areas.loc["Ep1", "bundle_trip_status"] == "no_data"
    assert found.areas.loc["Ep1", "bundle_trip_kinds_missing"] == "food_bank"
    assert whats(found)["bundle_kind_without_offer"] == ("food_bank",)


def test_nothing_near_enough_is_over_the_cutoff() -> None:
    found = trips({"p1": 0.0, "p2": 500.0})
    assert found.areas["bundle_trip_status"].tolist() == ["reached", "over_cutoff"]
    assert found.areas["bundle_trip_kinds_missing"].tolist() == ["", "gp; library"]
    assert whats(found)["bundle_no_trip"] == ("Ep2",)


def test_each_kind_near_but_not_one_another_is_over_the_cutoff_without_a_kind_missing() -> None:
    legs = line_legs({"p1": 0.0}, {"v1": 80.0, "v2": -80.0})
    found = trips(legs=legs, offers=OFFERS[:2])
    assert found.areas.loc["Ep1", "bundle_trip_status"] == "over_cutoff"
    assert found.areas.loc["Ep1", "bundle_trip_kinds_missing"] == ""


def test_a_home_cut_off_from_every_venue_is_unreachable() -> None:
    doors = list(VENUES)
    legs = line_legs({"p1": 0.0}, VENUES)
    nowhere = times([[np.nan] * 4], ["p1"], doors, islands=["p1"])
    found = trips(legs=replace(legs, to=nowhere))
    assert found.areas.loc["Ep1", "bundle_trip_status"] == "unreachable"


@pytest.mark.parametrize("status", ["not_connected", "outside_extent"])
def test_a_home_off_the_network_keeps_its_own_status(status: str) -> None:
    doors = list(VENUES)
    legs = line_legs({"p1": 0.0}, VENUES)
    nowhere = times([[np.nan] * 4], ["p1"], doors, status={"p1": status})
    found = trips(legs=replace(legs, to=nowhere))
    assert found.areas.loc["Ep1", "bundle_trip_status"] == status
    assert found.areas.loc["Ep1", "bundle_trip_kinds_missing"] == ""


def test_an_area_takes_the_median_of_its_people() -> None:
    homes = {"p1": 0.0, "p2": 5.0, "p3": 30.0}
    where = points(dict.fromkeys(homes, "E1"), {"p1": 0.3, "p2": 0.3, "p3": 0.4})
    row = trips(homes, areas=where).areas.loc["E1"]
    # 60 and 60 between the two venues, and from 30 past both: 100.
    assert row["bundle_trip_minutes"] == pytest.approx(60)
    assert row["bundle_trip_point"] == "p1"


def test_people_without_a_trip_count_as_infinitely_far() -> None:
    homes = {"p1": 0.0, "p2": 500.0}
    where = points(dict.fromkeys(homes, "E1"), {"p1": 0.4, "p2": 0.6})
    row = trips(homes, areas=where).areas.loc["E1"]
    assert row["bundle_trip_status"] == "over_cutoff"
    assert np.isnan(row["bundle_trip_minutes"])
    assert row["bundle_trip_venues"] == ""


def test_the_order_and_repetition_of_kinds_mean_nothing() -> None:
    one, two = trips(kinds=KINDS), trips(kinds=(*KINDS[::-1], KINDS[0]))
    pd.testing.assert_frame_equal(one.points, two.points)


def test_a_bundle_of_one_kind_is_told() -> None:
    found = trips(kinds=("gp",))
    assert found.areas.loc["Ep1", "bundle_trip_minutes"] == pytest.approx(20)
    assert whats(found)["bundle_one_kind"] == ("gp",)


def test_trips_by_timetable_are_called_indicative() -> None:
    legs = line_legs({"p1": 0.0}, VENUES)
    to = times([[10.0, 20.0, 70.0, 71.0]], ["p1"], list(VENUES), mode="transit")
    found = trips(legs=replace(legs, to=to))
    assert found.indicative
    assert {"bundle_trip_indicative", "bundle_legs_mixed"} <= set(whats(found))


def test_one_approximate_leg_makes_the_trip_approximate() -> None:
    legs = line_legs({"p1": 0.0}, VENUES)
    rough = replace(legs.between, approximate=True)
    assert trips(legs=replace(legs, between=rough)).approximate
    assert not trips().approximate


def test_points_that_the_times_lack_are_refused() -> None:
    with pytest.raises(TravelError, match="1 are missing, first p2"):
        trips(legs=line_legs({"p1": 0.0}, VENUES), areas=points({"p1": "E1", "p2": "E1"}))


def test_venues_that_the_times_lack_are_refused() -> None:
    legs = line_legs({"p1": 0.0}, {"v1": 1.0, "v2": 2.0})
    with pytest.raises(TravelError, match="2 of 4 venues"):
        trips(legs=legs)


def test_ways_back_to_other_points_are_refused() -> None:
    legs = line_legs({"p1": 0.0}, VENUES)
    with pytest.raises(TravelError, match="do not end at the points"):
        replace(legs, back=times([[1.0]] * 4, list(VENUES), ["p2"]))


def test_an_empty_bundle_and_one_of_eleven_kinds_are_refused() -> None:
    with pytest.raises(DataError, match="empty"):
        BundleRules(kinds=())
    with pytest.raises(DataError, match="11 kinds"):
        BundleRules(kinds=tuple(f"kind_{n}" for n in range(11)))


def test_a_negative_dwell_is_refused() -> None:
    with pytest.raises(DataError, match="dwell_minutes"):
        rules("gp", dwell_minutes=-1)
