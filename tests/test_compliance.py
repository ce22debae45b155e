from __future__ import annotations

import numpy as np
import pytest
from gap_cases import GP, build_case, with_no_car
from hypothesis import given, settings
from hypothesis import strategies as st
from places import CODES

from planner.bundle import build_signatures
from planner.errors import ProjectError
from planner.need.space.neighbours import build_neighbours
from planner.project import SpatialSettings, StandardEntry

ON_FOOT = {"gp": StandardEntry(minutes=20, by="walk")}
RIDE = [4.0, 15.0, 22.0, 8.0, 10.0, 19.0]


def test_a_standard_is_judged_by_the_way_it_is_meant_for() -> None:
    held = build_case(
        {"walk": {"gp": GP}, "transit": {"gp": RIDE}}, main="transit", standards=ON_FOOT
    ).compliance
    # By public transport only the third square takes more than 20 minutes.
    assert held.met("gp").tolist() == ["met", "not_met", "not_met", "met", "met", "not_met"]
    assert (held.way("gp"), held.modes["gp"]) == ("walk", "walk")
    assert held.near("gp")["value"].tolist() == GP


def test_a_standard_without_a_way_goes_by_the_way_of_the_gaps() -> None:
    held = build_case({"walk": {"gp": GP}, "transit": {"gp": RIDE}}, main="transit").compliance
    assert held.met("gp").tolist() == ["met", "met", "not_met", "met", "met", "met"]
    assert held.notes == ()


def test_a_way_that_is_not_timed_is_replaced_by_that_of_the_gaps_and_told() -> None:
    cycle = {"gp": StandardEntry(minutes=20, by="cycle")}
    held = build_case({"walk": {"gp": GP}}, standards=cycle).compliance
    assert held.way("gp") == "walk"
    (note,) = held.notes
    assert note.text == (
        "Standards meant for journeys by bicycle, which are not timed in this project, are held "
        "against journeys on foot: GP practice."
    )


def test_areas_and_people_are_summed_up() -> None:
    row = build_case({"walk": {"gp": GP}}, layers=with_no_car()).compliance.summary.loc["gp"]
    # Squares 2, 3 and 6 with 1,000, 2,000 and 1,500 people, a quarter of them without a car.
    assert (row["areas_met"], row["areas_not_met"], row["areas_not_known"]) == (3, 3, 0)
    assert (row["people_met"], row["people_not_met"]) == (2500, 4500)
    assert row["people_without_car_not_met"] == 1125


def test_not_reached_is_not_met_and_off_the_network_is_not_known() -> None:
    minutes = [5.0, None, 48.0, 12.0, 17.0, 30.0]
    held = build_case({"walk": {"gp": minutes}}, origin_status={CODES[0]: "outside_extent"})
    assert held.compliance.met("gp").tolist()[:2] == ["not_known", "not_met"]
    assert held.compliance.summary.loc["gp", "people_not_known"] == 1000


def test_exactly_the_standard_meets_it() -> None:
    assert set(build_case({"walk": {"gp": [20.0] * 6}}).compliance.met("gp")) == {"met"}


def test_a_kind_nobody_offers_is_not_known_anywhere() -> None:
    held = build_case({"walk": {"gp": GP}}, bundle=["gp", "library"]).compliance
    assert set(held.met("library")) == {"not_known"}
    assert set(held.out_of_reach(["gp", "library"])["status"]) == {"no_data"}


def test_a_chosen_standard_beyond_the_longest_journey_is_refused() -> None:
    with pytest.raises(ProjectError, match=r"\[standards\] gp: 50 minutes are beyond") as told:
        build_case({"walk": {"gp": GP}}, cutoff=45, standards={"gp": 50})
    assert len(str(told.value).splitlines()) <= 2


def test_a_published_standard_beyond_the_longest_journey_leaves_the_far_not_known() -> None:
    minutes = [5.0, 25.0, 48.0, 12.0, 17.0, 30.0]
    held = build_case({"walk": {"jobcentre": minutes}}, cutoff=45, standards={"gp": 20}).compliance
    # 48 minutes were not searched for, and might be within the 60 of the standard.
    assert held.met("jobcentre").tolist() == ["met", "met", "not_known", "met", "met", "met"]
    assert held.near("jobcentre").loc[CODES[2], "status"] == "no_data"
    assert {note.what for note in held.notes} == {
        "standard_beyond_cutoff",
        "standard_without_kind",
    }


def test_kinds_out_of_reach_are_counted_by_their_own_ways() -> None:
    held = build_case(
        {"walk": {"gp": GP, "library": [21.0] * 6}, "transit": {"gp": RIDE, "library": [6.0] * 6}},
        main="transit",
        standards={**ON_FOOT, "library": 5},
    ).compliance
    found = held.out_of_reach(["gp", "library"])
    assert found["value"].tolist() == [1, 2, 2, 1, 1, 2]
    assert set(found["status"]) == {"reached"}


def test_kinds_out_of_reach_are_not_known_off_the_network() -> None:
    case = build_case({"walk": {"gp": GP}}, origin_status={CODES[0]: "not_connected"})
    found = case.compliance.out_of_reach(["gp"])
    assert np.isnan(found["value"].iloc[0])
    assert found["status"].tolist() == ["not_connected", *["reached"] * 5]


def test_gaps_signatures_and_numbers_out_of_reach_agree() -> None:
    ways = {
        "walk": {"gp": GP, "library": [30.0, 5, 5, 30, 5, 5]},
        "transit": {"gp": RIDE, "library": [3.0] * 6},
    }
    rules = {**ON_FOOT, "library": StandardEntry(minutes=20, by="walk")}
    case = build_case(ways, main="transit", standards=rules)
    kinds = ["gp", "library"]
    neighbours = build_neighbours(case.area, SpatialSettings())
    near = {kind: case.compliance.near(kind) for kind in kinds}
    out = build_signatures(near, case.standards, case.area, neighbours).out
    for kind in kinds:
        broken = case.gaps.of(kind)["breaches"]
        assert broken.tolist() == out[kind].tolist()
        assert broken.tolist() == (case.compliance.met(kind) == "not_met").tolist()
    number = case.compliance.out_of_reach(kinds)["value"]
    assert number.tolist() == out.sum(axis=1).tolist()
    assert case.gaps.of("bundle")["breaches"].tolist() == (number > 0).tolist()


FEW = st.lists(st.one_of(st.none(), st.integers(1, 60)), min_size=6, max_size=6)


@settings(max_examples=10, deadline=None)
@given(first=FEW, second=FEW)
def test_opening_an_offer_never_worsens_access_and_closing_one_never_improves_it(
    first: list[float | None], second: list[float | None]
) -> None:
    ways = {"walk": {"gp": first, "gp#2": second}}
    more, less = build_case(ways), build_case(ways, closed=["gp#2"])
    near, far = (case.compliance.near("gp")["value"].fillna(1e9) for case in (more, less))
    assert (near <= far).all()
    for kind in ("gp", "bundle"):
        gained = more.gaps.of(kind)["breaches"] & ~less.gaps.of(kind)["breaches"]
        assert not gained.any()
