from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bundle_cases import line_legs, points, rules, services, times

from planner.bundle import OneStop, build_one_stop
from planner.errors import TravelError

#: Two venues 30 minutes on that lie 400 m apart, and a third one 400 m further along.
VENUES = {"v1": 30.0, "v2": 35.0, "v3": 40.0}
SPOTS = {"v1": (430000.0, 390000.0), "v2": (430400.0, 390000.0), "v3": (430800.0, 390000.0)}
OFFERS = [("v1", "gp"), ("v2", "library")]


def one_stop(
    offers: list[Any] | None = None,
    *,
    homes: dict[str, float] | None = None,
    spots: dict[str, tuple[float, float]] | None = None,
    walk: Any = None,
    kinds: tuple[str, ...] = ("gp", "library"),
    **more: float,
) -> OneStop:
    homes = homes or {"p1": 0.0}
    found = services(offers or OFFERS, at=spots or SPOTS)
    where = points({home: f"E{home}" for home in homes})
    legs = line_legs(homes, VENUES)
    return build_one_stop(legs, found, where, rules(*kinds, **more), walk=walk)


def first(found: OneStop) -> tuple[float | None, str, str]:
    row = found.areas.iloc[0]
    minutes = row["one_stop_minutes"]
    return (
        (None if np.isnan(minutes) else minutes),
        row["one_stop_status"],
        row["one_stop_venue_id"],
    )


def test_one_venue_with_everything_is_a_place() -> None:
    found = one_stop([*OFFERS, ("v3", "gp"), ("v3", "library")], walk_minutes=0)
    assert first(found) == (40, "reached", "v3")


def test_venues_within_the_walk_are_one_place() -> None:
    found = one_stop()
    assert first(found) == (30, "reached", "v1")
    assert found.places.loc["v1", "venues"] == "v1; v2"


def test_a_metre_beyond_the_walk_they_are_two() -> None:
    found = one_stop(spots={**SPOTS, "v2": (430401.0, 390000.0)})
    assert first(found) == (None, "unreachable", "")
    notes = {note.what: note.items for note in found.notes}
    assert notes["bundle_no_single_place"] == ("v1",)


def test_venues_are_not_chained() -> None:
    apart = [("v1", "gp"), ("v2", "gp"), ("v3", "library")]
    # v1 and v3 are both within the walk of v2, but not of each other.
    assert first(one_stop(apart)) == (35, "reached", "v2")


def test_the_walk_may_be_along_streets_and_one_way() -> None:
    walk = times([[0, np.nan], [4, 0]], ["v1", "v2"], ["v1", "v2"])
    assert first(one_stop(walk=walk)) == (35, "reached", "v2")


def test_a_walk_of_exactly_the_minutes_counts() -> None:
    walk = times([[0, 5], [5.01, 0]], ["v1", "v2"], ["v1", "v2"])
    assert first(one_stop(walk=walk))[2] == "v1"


def test_a_walk_beyond_what_was_searched_is_refused() -> None:
    walk = times([[0, 4], [4, 0]], ["v1", "v2"], ["v1", "v2"], cutoff_minutes=4.5)
    with pytest.raises(TravelError, match="cannot be told"):
        one_stop(walk=walk)


def test_walking_times_that_lack_a_venue_are_refused() -> None:
    with pytest.raises(TravelError, match="between 1 venues"):
        one_stop(walk=times([[0]], ["v1"], ["v1"]))


def test_offers_for_others_do_not_make_a_place() -> None:
    found = one_stop([("v1", "gp"), ("v2", "library", "Ep2")], homes={"p1": 0.0, "p2": 0.0})
    assert found.areas["one_stop_status"].tolist() == ["unreachable", "reached"]
    assert found.places.loc["v1", "areas_whole"] == 1


def test_a_kind_that_nobody_offers_leaves_no_data() -> None:
    assert first(one_stop(kinds=("gp", "library", "food_bank"))) == (None, "no_data", "")


def test_a_place_too_far_away_is_over_the_cutoff() -> None:
    assert first(one_stop(homes={"p1": -100.0})) == (None, "over_cutoff", "")


def test_places_stand_with_the_most_kinds_first() -> None:
    found = one_stop([*OFFERS, ("v3", "gp")], walk_minutes=0)
    assert found.places.index.tolist() == ["v1", "v2", "v3"]
    assert found.places["kinds_missing"].tolist() == ["library", "gp", "library"]


def test_straight_lines_between_venues_make_it_approximate() -> None:
    walk = times([[0, 4], [4, 0]], ["v1", "v2"], ["v1", "v2"])
    assert one_stop().approximate
    assert not one_stop(walk=walk).approximate


def test_points_that_the_times_lack_are_refused() -> None:
    legs = line_legs({"p1": 0.0}, VENUES)
    with pytest.raises(TravelError, match="do not start at the points"):
        build_one_stop(legs, services(OFFERS), points({"p2": "E2"}), rules("gp"))


def test_the_result_of_an_area_is_that_of_its_median_point() -> None:
    legs = line_legs({"p1": 0.0, "p2": 60.0}, VENUES)
    where = points({"p1": "E1", "p2": "E1"}, {"p1": 0.4, "p2": 0.6})
    found = build_one_stop(legs, services(OFFERS, at=SPOTS), where, rules("gp", "library"))
    assert first(replace(found)) == (25, "reached", "v2")
