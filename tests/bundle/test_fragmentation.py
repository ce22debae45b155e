from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bundle_cases import line_legs, points, rules, services, times
from scipy.sparse.csgraph import floyd_warshall

from planner.bundle import Fragmentation, Legs, build_bundle_trips, build_fragmentation
from planner.errors import TravelError

VENUES = {"v1": 10.0, "v2": -20.0, "v3": 5.0}
OFFERS = [("v1", "gp"), ("v2", "library")]
#: A hall near home that has nothing to do with the bundle yet.
HALL = {"v3": "existing"}


def fragmentation(
    homes: dict[str, float] | None = None,
    *,
    status: dict[str, str] | None = None,
    people: dict[str, float] | None = None,
    legs: Legs | None = None,
    **more: Any,
) -> Fragmentation:
    homes = homes or {"p1": 0.0}
    found = services(OFFERS, status=HALL if status is None else status)
    legs = legs or line_legs(homes, VENUES)
    where = points({home: f"E{home}" for home in homes})
    trips = build_bundle_trips(legs, found, where, rules("gp", "library", **more))
    count = pd.Series(people or dict.fromkeys(where["area_code"], 100.0))
    return build_fragmentation(trips, legs, found, where, count)


def test_the_ratio_is_of_the_trip_and_there_and_back_to_the_best_existing_venue() -> None:
    row = fragmentation().areas.loc["Ep1"]
    assert (row["best_venue_id"], row["best_venue_minutes"]) == ("v3", 10)
    assert row["fragmentation_ratio"] == pytest.approx(60 / 10)
    assert row["fragmentation_extra_minutes"] == pytest.approx(50)


def test_time_with_the_services_is_the_same_in_both() -> None:
    row = fragmentation(dwell_minutes=20).areas.loc["Ep1"]
    assert row["fragmentation_ratio"] == pytest.approx(100 / 50)


def test_time_at_each_stop_counts_once_for_each_stop() -> None:
    row = fragmentation(dwell_minutes=20, stop_minutes=10).areas.loc["Ep1"]
    assert row["fragmentation_ratio"] == pytest.approx(120 / 60)


@pytest.mark.parametrize("status", ["candidate", "closed", "forced"])
def test_only_existing_venues_are_thought_of(status: str) -> None:
    row = fragmentation(status={"v3": status}).areas.loc["Ep1"]
    assert (row["best_venue_id"], row["fragmentation_ratio"]) == ("v1", pytest.approx(3))


def test_one_venue_for_all_is_where_most_people_get_soonest() -> None:
    homes = {"p1": 10.0, "p2": -20.0}
    many_there = fragmentation(homes, people={"Ep1": 100.0, "Ep2": 5000.0})
    assert many_there.place_best == "v2"
    assert many_there.areas["place_best_minutes"].tolist() == [60, 0]
    assert many_there.areas["fragmentation_ratio_place"].tolist()[0] == pytest.approx(1)


def test_one_venue_for_all_leaves_fewest_people_out_before_it_saves_minutes() -> None:
    legs = Legs(
        to=times([[1, 60, 60], [1, 60, 60], [np.nan, 60, 60]], ["p1", "p2", "p3"], list(VENUES)),
        between=times(np.full((3, 3), 5.0), list(VENUES), list(VENUES)),
    )
    assert fragmentation({"p1": 0, "p2": 0, "p3": 0}, legs=legs).place_best == "v2"


def test_no_trip_has_no_ratio_and_no_venue_is_told() -> None:
    found = fragmentation({"p1": 0.0, "p2": 500.0})
    row = found.areas.loc["Ep2"]
    assert np.isnan(row["fragmentation_ratio"])
    assert row["best_venue_status"] == "over_cutoff"
    assert row["best_venue_id"] == ""


def test_home_at_the_door_of_everything_has_a_ratio_of_one() -> None:
    legs = line_legs({"p1": 0.0}, {"v1": 0.0, "v2": 0.0, "v3": 0.0})
    assert fragmentation(legs=legs).areas.loc["Ep1", "fragmentation_ratio"] == 1


def test_home_at_the_door_of_the_best_venue_has_no_ratio_without_time_there() -> None:
    found = fragmentation({"p1": 5.0})
    assert np.isnan(found.areas.loc["Ep1", "fragmentation_ratio"])
    assert {note.what: note.items for note in found.notes}["bundle_no_ratio"] == ("Ep1",)


def test_the_ratio_is_never_below_one_where_no_detour_is_a_short_cut() -> None:
    rng = np.random.default_rng(4)
    homes, doors = [f"p{n:02d}" for n in range(20)], [f"v{n}" for n in range(8)]
    whole = np.floor(floyd_warshall(rng.uniform(1, 40, (28, 28))) * 600) / 600
    legs = Legs(
        to=times(whole[:20, 20:], homes, doors),
        between=times(whole[20:, 20:], doors, doors),
        back=times(whole[20:, :20], doors, homes),
    )
    found = services([(door, f"kind_{n % 3}") for n, door in enumerate(doors)])
    where = points({home: f"E{home}" for home in homes})
    trips = build_bundle_trips(legs, found, where, rules("kind_0", "kind_1", "kind_2"))
    ratio = build_fragmentation(
        trips, legs, found, where, pd.Series(1.0, index=where["area_code"])
    ).areas["fragmentation_ratio"]
    # Whole deciseconds were rounded down leg by leg.
    assert (ratio > 0.999).all()


def test_existing_venues_that_the_times_lack_are_refused() -> None:
    legs = line_legs({"p1": 0.0}, {"v1": 10.0, "v2": -20.0})
    with pytest.raises(TravelError, match="lack 1 existing venues"):
        fragmentation(legs=legs)


def test_other_points_than_those_of_the_times_are_refused() -> None:
    legs = line_legs({"p1": 0.0}, VENUES)
    found, where = services(OFFERS, status=HALL), points({"p1": "E1"})
    trips = build_bundle_trips(legs, found, where, rules("gp", "library"))
    with pytest.raises(TravelError, match="do not start at the points"):
        build_fragmentation(trips, legs, found, points({"p2": "E1"}), pd.Series({"E1": 1.0}))


def test_a_shorter_way_home_is_counted() -> None:
    legs = line_legs({"p1": 0.0}, VENUES)
    back = times([[10.0], [20.0], [2.0]], list(VENUES), ["p1"])
    row = fragmentation(legs=replace(legs, back=back)).areas.loc["Ep1"]
    assert row["best_venue_minutes"] == pytest.approx(7)
