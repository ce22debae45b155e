from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gap_cases import GP, build_case
from hypothesis import given, settings
from hypothesis import strategies as st
from journeys import services, times
from places import CODES, tiny_area, tiny_layers

from planner.access import build_access
from planner.compliance import build_compliance
from planner.gaps import COLUMNS, Gaps, build_gaps
from planner.layers import Layers
from planner.need import build_need
from planner.project import AccessSettings, NeedSettings, StandardEntry
from planner.standards import build_standards
from planner.travel.getting_about import Way

#: Need for access use ranks the six areas 1 2 3 5 4 6.
NEED_PERCENTILE = [1, 5 / 6, 4 / 6, 2 / 6, 3 / 6, 1 / 6]
MINUTES = [5.0, 25.0, 48.0, 12.0, 17.0, 30.0]


def gaps(
    gp: list[float | None] | None = None,
    library: list[float | None] | None = None,
    *,
    bundle: tuple[str, ...] = ("gp", "library"),
    standards: Mapping[str, float] | None = None,
    layers: Layers | None = None,
    **options: Any,
) -> Gaps:
    """Return gaps where each area's minutes to one GP and one library are given (None: too far)."""
    area = tiny_area()
    layers = layers or tiny_layers()
    columns = {"v1": gp or MINUTES, "v2": library or [1.0] * 6}
    minutes = {
        (code, venue): value
        for venue, column in columns.items()
        for code, value in zip(CODES, column, strict=True)
        if value is not None
    }
    journeys = times(area, ["v1", "v2"], minutes, **options)
    offers = services([("v1", "gp"), ("v2", "library")])
    rules = build_standards(standards or {"gp": 20, "library": 20}, bundle)
    access = build_access(area, offers, Way(times=journeys), None, AccessSettings(), bundle)
    need = build_need(layers, area, NeedSettings())
    held = build_compliance(area, layers, {"walk": access}, "walk", rules)
    return build_gaps(area, layers, need, access, held, bundle)


def of(found: Gaps, kind: str) -> pd.DataFrame:
    return found.table[found.table["kind"] == kind].set_index("area_code")


# Score and rank, by hand


def test_need_percentile_leaves_access_out() -> None:
    assert of(gaps(), "gp")["need_percentile"].tolist() == pytest.approx(NEED_PERCENTILE)


def test_shortfall_percentile_is_the_share_as_near_or_nearer() -> None:
    expected = [1 / 6, 4 / 6, 6 / 6, 2 / 6, 3 / 6, 5 / 6]
    assert of(gaps(), "gp")["shortfall_percentile"].tolist() == pytest.approx(expected)


def test_gap_score_is_the_product() -> None:
    shortfall = [1 / 6, 4 / 6, 6 / 6, 2 / 6, 3 / 6, 5 / 6]
    expected = [n * s for n, s in zip(NEED_PERCENTILE, shortfall, strict=True)]
    assert of(gaps(), "gp")["gap_score"].tolist() == pytest.approx(expected)


def test_gap_rank_1_is_the_largest_score() -> None:
    # Scores in 36ths: 6, 20, 24, 4, 9, 5.
    assert of(gaps(), "gp")["gap_rank"].tolist() == [4, 2, 1, 6, 3, 5]


def test_all_that_are_not_reached_are_the_furthest_alike() -> None:
    found = of(gaps([5.0, None, None, 12.0, 17.0, 30.0], islands=[CODES[2]]), "gp")
    assert found["status"].tolist()[1:3] == ["over_cutoff", "unreachable"]
    assert found["shortfall_percentile"].tolist()[1:3] == [1.0, 1.0]


# Gap, relatively further, within the standard


def test_a_gap_breaks_the_standard() -> None:
    found = of(gaps(), "gp")
    assert found["breaches"].tolist() == [False, True, True, False, False, True]


def test_exactly_the_standard_is_within_it() -> None:
    assert not of(gaps([20.0] * 6), "gp")["breaches"].any()


def test_further_than_the_middle_area_but_within_the_standard_is_relatively_further() -> None:
    found = of(gaps(standards={"gp": 60, "library": 20}), "gp")
    further, within = "relatively_further", "within_standard"
    # In order 5 12 17 25 30 48: the middle area has 17.
    assert found["gap_status"].tolist() == [within, further, further, within, within, further]


def test_where_all_are_alike_none_is_relatively_further() -> None:
    assert set(of(gaps([15.0] * 6), "gp")["gap_status"]) == {"within_standard"}


def test_not_reached_breaks_any_standard() -> None:
    found = of(
        gaps([5.0, None, 48.0, 12.0, 17.0, 30.0], standards={"gp": 110, "library": 20}), "gp"
    )
    assert found["gap_status"].tolist()[1] == "gap"


@pytest.mark.parametrize("status", ["not_connected", "outside_extent"])
def test_off_the_network_is_no_data_and_last_never_far(status: str) -> None:
    found = of(gaps(origin_status={CODES[0]: status}), "gp").loc[CODES[0]]
    assert (found["gap_status"], found["gap_rank"], found["breaches"]) == ("no_data", 6, False)
    assert np.isnan(found["gap_score"])


def test_areas_without_data_are_left_out_of_the_percentiles() -> None:
    found = of(gaps(origin_status={CODES[2]: "not_connected"}), "gp")
    assert found["shortfall_percentile"].max() == 1.0


# The bundle


def test_the_bundle_is_a_gap_where_any_of_its_kinds_is() -> None:
    found = of(gaps(library=[50.0, 1, 1, 1, 1, 1]), "bundle")
    assert found["breaches"].tolist() == [True, True, True, False, False, True]


def test_the_bundles_standard_is_that_of_the_kind_that_breaks_it_most() -> None:
    found = of(gaps(library=[50.0] * 6, standards={"gp": 20, "library": 49}), "bundle")
    # Library 1 minute beyond; GP 5 beyond in area 2 and within in area 1.
    assert found["standard_minutes"].tolist()[:2] == [49, 20]


def test_a_bundle_with_a_kind_nobody_offers_has_no_data() -> None:
    found = of(gaps(bundle=("gp", "jobcentre")), "bundle")
    assert set(found["gap_status"]) == {"no_data"}
    assert found["gap_reason"].iloc[0] == (
        "In the 2nd tenth of need; no data for jobcentre, so the bundle is not ranked as near or "
        "far."
    )


# Reasons


def reason(found: Gaps, kind: str, code: str) -> str:
    return str(of(found, kind).loc[code, "gap_reason"])


def test_a_reason_gives_need_minutes_standard_and_median() -> None:
    assert reason(gaps(), "gp", CODES[2]) == (
        "In the 5th tenth of need; nearest GP practice 48 min on foot, standard 20, "
        "place median 17."
    )


def test_minutes_just_beyond_the_standard_are_not_rounded_onto_it() -> None:
    assert "20.3 min on foot, standard 20" in reason(gaps([20.3] * 6), "gp", CODES[0])


def test_straight_lines_are_called_about() -> None:
    assert "about 5 min on foot" in reason(gaps(approximate=True), "gp", CODES[0])


def test_a_journey_not_found_is_called_so() -> None:
    found = gaps([5.0, None, 48.0, 12.0, 17.0, 30.0])
    assert (
        "nearest GP practice not reached (further than the longest journey searched), "
        in reason(found, "gp", CODES[1])
    )


def test_a_home_off_the_streets_is_called_so() -> None:
    found = gaps(origin_status={CODES[0]: "not_connected"})
    assert reason(found, "gp", CODES[0]) == (
        "In the 2nd tenth of need; home is too far from any mapped street, so not ranked as near "
        "or far."
    )


def test_the_bundles_reason_names_what_is_out_of_reach() -> None:
    assert reason(gaps(), "bundle", CODES[2]) == (
        "In the 5th tenth of need; slowest of the nearest 48 min on foot, place median 17; "
        "1 of 2 out of reach: GP practice (48 min, standard 20)."
    )


def test_the_bundles_reason_names_all_that_are_out_of_reach() -> None:
    assert "both services out of reach: GP practice (48 min, standard 20) and library " in reason(
        gaps(library=[30.0] * 6), "bundle", CODES[2]
    )


def test_the_bundles_reason_says_when_all_is_within_reach() -> None:
    assert "both services within their standards" in reason(gaps(), "bundle", CODES[0])


# People


def test_people_without_a_car_are_a_share_of_the_population() -> None:
    layers = tiny_layers()
    spec = replace(layers.specs["access"], id="no_car", kind="share", domain=None)
    layers = replace(
        layers,
        values=layers.values.rename(columns={"access": "no_car"}) / 100,
        status=layers.status.rename(columns={"access": "no_car"}),
        specs={**{k: v for k, v in layers.specs.items() if k != "access"}, "no_car": spec},
    )
    found = gaps(layers=layers)
    assert of(found, "gp")["people_without_car"].tolist() == pytest.approx(
        [50, 100, 300, 400, 150, 300]
    )
    assert "people_from_households" in {note.what for note in found.notes}


def test_people_without_a_car_are_unknown_without_the_layer() -> None:
    assert of(gaps(), "gp")["people_without_car"].isna().all()


# The table


def test_every_area_stands_once_for_each_kind_and_the_bundle() -> None:
    table = gaps().table
    assert list(table.columns) == COLUMNS
    assert table.groupby("kind").size().to_dict() == {"bundle": 6, "gp": 6, "library": 6}


@settings(max_examples=12, deadline=None)
@given(
    minutes=st.lists(st.one_of(st.none(), st.integers(1, 60)), min_size=6, max_size=6),
    which=st.integers(0, 5),
)
def test_a_longer_way_never_lowers_an_areas_gap(minutes: list[float | None], which: int) -> None:
    longer = [None if i == which else m for i, m in enumerate(minutes)]
    before, after = (of(gaps(m), "gp") for m in (minutes, longer))
    assert after["gap_score"].iloc[which] >= before["gap_score"].iloc[which] - 1e-12
    assert after["gap_rank"].iloc[which] <= before["gap_rank"].iloc[which]


# Standards by another way than gaps go by

RIDE = [4.0, 15.0, 22.0, 8.0, 12.0, 19.0]
ON_FOOT = {"gp": StandardEntry(minutes=20, by="walk")}


def test_a_gap_breaks_its_standard_by_the_standards_own_way() -> None:
    ways = {"walk": {"gp": GP}, "transit": {"gp": RIDE}}
    found = build_case(ways, main="transit", standards=ON_FOOT).gaps.of("gp")
    assert found["breaches"].tolist() == [False, True, True, False, False, True]
    assert found["minutes"].tolist() == RIDE
    assert found["standard_minutes_taken"].tolist() == GP
    assert set(found["standard_way"]) == {"walk"}


def test_a_reason_names_the_way_of_the_standard_where_it_is_another() -> None:
    ways = {"walk": {"gp": GP}, "transit": {"gp": RIDE}}
    found = build_case(ways, main="transit", standards=ON_FOOT).gaps
    assert reason(found, "gp", CODES[1]) == (
        "In the 4th tenth of need; nearest GP practice 15 min by public transport or on foot, "
        "place median 12; standard 20 min on foot: 25 min."
    )
    assert "the only service out of reach: GP practice (25 min on foot, standard 20)" in reason(
        found, "bundle", CODES[1]
    )


def test_a_gap_stays_one_where_minutes_by_the_way_shown_are_not_known() -> None:
    ways = {"walk": {"gp": GP}, "transit": {"gp": RIDE}}
    off = {"origin_status": {CODES[2]: "not_connected"}}
    shown = build_case({"transit": ways["transit"]}, main="transit", **off).access_by["transit"]
    case = build_case(ways, main="transit", standards=ON_FOOT)
    found = build_gaps(
        case.area, case.layers, case.need, shown, case.compliance, ["gp"]
    ).of("gp").loc[CODES[2]]  # fmt: skip
    assert (found["gap_status"], found["gap_rank"], found["breaches"]) == ("gap", 6, True)
    assert np.isnan(found["gap_score"])
    assert "not known by public transport or on foot" in found["gap_reason"]


def test_a_bundle_of_one_kind_is_that_kind() -> None:
    found = build_case({"walk": {"gp": GP}}).gaps
    same = ["breaches", "gap_rank", "gap_score", "gap_status", "standard_minutes"]
    pd.testing.assert_frame_equal(found.of("gp")[same], found.of("bundle")[same])


def test_the_order_of_kinds_changes_nothing() -> None:
    ways = {"walk": {"gp": GP, "library": [30.0, 5, 58, 30, 5, 5], "pharmacy": [20.5] * 6}}
    kinds = ["gp", "library", "pharmacy"]
    there, back = (build_case(ways, bundle=order).gaps for order in (kinds, kinds[::-1]))
    pd.testing.assert_frame_equal(there.table, back.table)
