from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeys import services, times
from places import CODES, SOURCE, tiny_area
from shapely.geometry import Point

from planner.access import COLUMNS, Access, build_access, build_departures
from planner.area import CRS, StudyArea
from planner.errors import TravelError
from planner.project import AccessSettings
from planner.services import Jobs, Services
from planner.travel.getting_about import Way
from planner.travel.times import TravelTimes

GP = [("v1", "gp"), ("v2", "gp"), ("v3", "library")]
#: Area 1 has all close by; 2 a GP only far away; 3 nothing within the cutoff of 120 minutes.
MINUTES = {
    (CODES[0], "v1"): 5.0,
    (CODES[0], "v2"): 9.0,
    (CODES[0], "v3"): 12.0,
    (CODES[1], "v1"): 25.0,
    (CODES[1], "v2"): 30.5,
    (CODES[1], "v3"): 8.0,
}


def access(
    offers: Services | None = None,
    journeys: TravelTimes | None = None,
    area: StudyArea | None = None,
    *,
    bundle: tuple[str, ...] = ("gp", "library"),
    jobs: tuple[Jobs, TravelTimes] | None = None,
) -> Access:
    area = area or tiny_area()
    offers = offers or services(GP)
    journeys = journeys or times(area, list(offers.venues.index), MINUTES)
    work, job_times = jobs or (None, None)
    way = Way(times=journeys, job_times=job_times)
    return build_access(area, offers, way, work, AccessSettings(), bundle)


def two_points(first: float = 0.5) -> StudyArea:
    """Return the tiny place with a second point in the first area."""
    area = tiny_area()
    extra = area.points.iloc[[0]].set_axis(pd.Index([f"{CODES[0]}b"], name="point_id"))
    points = pd.concat([area.points, extra.assign(weight=1 - first)]).sort_index()
    points.loc[CODES[0], "weight"] = first
    return replace(area, points=points)


def cell(found: Access, measure: Any, kind: str, code: str, threshold: float | None = None) -> Any:
    row = found.wide(measure, kind, threshold).loc[code]
    return (None if np.isnan(row["value"]) else row["value"], row["status"])


# Nearest


def test_nearest_is_the_quickest_open_offer() -> None:
    assert cell(access(), "minutes_nearest", "gp", CODES[0]) == (5.0, "reached")


def test_nothing_within_the_cutoff_is_over_cutoff_not_missing() -> None:
    assert cell(access(), "minutes_nearest", "gp", CODES[2]) == (None, "over_cutoff")


def test_a_home_on_an_island_is_unreachable() -> None:
    journeys = times(tiny_area(), ["v1", "v2", "v3"], MINUTES, islands=[CODES[3]])
    found = access(journeys=journeys)
    assert cell(found, "minutes_nearest", "gp", CODES[3]) == (None, "unreachable")


@pytest.mark.parametrize("status", ["not_connected", "outside_extent"])
def test_a_home_off_the_network_keeps_its_own_status(status: str) -> None:
    journeys = times(tiny_area(), ["v1", "v2", "v3"], MINUTES, origin_status={CODES[4]: status})
    found = access(journeys=journeys)
    assert cell(found, "minutes_nearest", "gp", CODES[4]) == (None, status)


@pytest.mark.parametrize("status", ["closed", "candidate", "forced"])
def test_a_venue_that_is_not_open_does_not_count(status: str) -> None:
    found = access(services(GP, status={"v1": status}))
    assert cell(found, "minutes_nearest", "gp", CODES[0]) == (9.0, "reached")


def test_an_offer_for_other_areas_does_not_count() -> None:
    offers = services([("v1", "gp", f"{CODES[1]}; {CODES[2]}"), ("v2", "gp"), ("v3", "library")])
    found = access(offers)
    assert cell(found, "minutes_nearest", "gp", CODES[0]) == (9.0, "reached")
    assert cell(found, "minutes_nearest", "gp", CODES[1]) == (25.0, "reached")


def test_an_offer_for_the_place_counts_for_its_people() -> None:
    offers = services([("v1", "gp", "place"), ("v2", "gp"), ("v3", "library")])
    assert cell(access(offers), "minutes_nearest", "gp", CODES[0]) == (5.0, "reached")


def test_people_whom_no_offer_serves_do_not_reach_one_and_are_noted() -> None:
    offers = services([("v1", "gp", CODES[1]), ("v2", "gp", CODES[1]), ("v3", "library")])
    found = access(offers)
    assert cell(found, "minutes_nearest", "gp", CODES[0]) == (None, "unreachable")
    items = {note.what: note.items for note in found.notes}
    assert items["kind_not_for_area"] == (CODES[0], *CODES[2:])


def test_an_area_with_several_points_takes_the_median_of_its_people() -> None:
    area = two_points(0.4)
    minutes = {(CODES[0], "v1"): 5.0, (f"{CODES[0]}b", "v1"): 15.0}
    journeys = times(area, ["v1", "v2", "v3"], minutes)
    found = access(journeys=journeys, area=area)
    assert cell(found, "minutes_nearest", "gp", CODES[0]) == (15.0, "reached")


# How many


def test_offers_are_counted_not_venues() -> None:
    offers = services([("v1", "gp"), ("v1", "gp"), ("v2", "gp"), ("v3", "library")])
    assert cell(access(offers), "count_within", "gp", CODES[0], 10) == (3.0, "reached")


def test_a_time_of_exactly_the_threshold_counts() -> None:
    journeys = times(tiny_area(), ["v1", "v2", "v3"], {(CODES[0], "v1"): 10.0})
    assert cell(access(journeys=journeys), "count_within", "gp", CODES[0], 10) == (1.0, "reached")


def test_nothing_near_is_a_count_of_zero() -> None:
    assert cell(access(), "count_within", "gp", CODES[2], 30) == (0.0, "reached")


def test_a_home_off_the_network_has_no_count() -> None:
    journeys = times(
        tiny_area(), ["v1", "v2", "v3"], MINUTES, origin_status={CODES[0]: "not_connected"}
    )
    found = access(journeys=journeys)
    assert cell(found, "count_within", "gp", CODES[0], 30) == (None, "not_connected")


def test_a_count_is_what_half_of_the_people_have() -> None:
    area = two_points(0.5)
    minutes = {(CODES[0], "v1"): 5.0, (CODES[0], "v2"): 5.0, (f"{CODES[0]}b", "v1"): 5.0}
    found = access(journeys=times(area, ["v1", "v2", "v3"], minutes), area=area)
    assert cell(found, "count_within", "gp", CODES[0], 10) == (2.0, "reached")


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(1, 40)), min_size=4, max_size=4),
    st.sampled_from([0.3, 0.5, 0.7]),
)
def test_a_count_above_zero_goes_with_a_nearest_within_the_threshold(
    minutes: list[int | None], weight: float
) -> None:
    area = two_points(weight)
    pairs = [(p, v) for p in (CODES[0], f"{CODES[0]}b") for v in ("v1", "v2")]
    known = {pair: float(m) for pair, m in zip(pairs, minutes, strict=True) if m is not None}
    found = access(journeys=times(area, ["v1", "v2", "v3"], known), area=area)
    near, _ = cell(found, "minutes_nearest", "gp", CODES[0])
    for threshold in (10, 20, 30):
        count, _ = cell(found, "count_within", "gp", CODES[0], threshold)
        assert (count >= 1) == (near is not None and near <= threshold)


# Jobs


def work() -> tuple[Jobs, TravelTimes]:
    points = gpd.GeoDataFrame(
        {"jobs": [100.0, 40.0], "geometry": [Point(430000, 390000)] * 2},
        index=pd.Index(["j1", "j2"], name="jobs_id"),
        crs=CRS,
    )
    minutes = {(CODES[0], "j1"): 20.0, (CODES[0], "j2"): 40.0, (CODES[1], "j2"): 61.0}
    return Jobs(points=points, source=SOURCE), times(tiny_area(), ["j1", "j2"], minutes)


@pytest.mark.parametrize(("threshold", "jobs"), [(30, 100.0), (45, 140.0)])
def test_jobs_within_reach_add_up(threshold: float, jobs: float) -> None:
    found = access(jobs=work())
    assert cell(found, "jobs_within", "jobs", CODES[0], threshold) == (jobs, "reached")


def test_no_jobs_near_are_zero_jobs() -> None:
    assert cell(access(jobs=work()), "jobs_within", "jobs", CODES[1], 60) == (0.0, "reached")


def test_without_a_jobs_file_there_is_no_measure_of_jobs() -> None:
    assert cell(access(), "jobs_within", "jobs", CODES[0], 45) == (None, "no_data")


# Who is on the network at all


def test_share_connected_is_the_weight_of_points_on_the_network() -> None:
    area = two_points(0.7)
    journeys = times(area, ["v1", "v2", "v3"], {}, origin_status={CODES[0]: "outside_extent"})
    found = access(journeys=journeys, area=area)
    assert cell(found, "share_connected", "", CODES[0]) == (pytest.approx(0.3), "reached")


# The bundle


def test_the_slowest_of_the_nearest() -> None:
    assert cell(access(), "bundle_minutes_slowest", "", CODES[1]) == (25.0, "reached")


def test_the_slowest_is_taken_at_each_point_before_the_median() -> None:
    # Each point has one service at 5 minutes and the other at 30: nobody has both within 20.
    area = two_points(0.5)
    minutes = {
        (CODES[0], "v1"): 5.0,
        (CODES[0], "v3"): 30.0,
        (f"{CODES[0]}b", "v1"): 30.0,
        (f"{CODES[0]}b", "v3"): 5.0,
    }
    found = access(journeys=times(area, ["v1", "v2", "v3"], minutes), area=area)
    assert cell(found, "bundle_minutes_slowest", "", CODES[0]) == (30.0, "reached")


def test_the_bundle_takes_the_worst_status_of_its_parts() -> None:
    minutes = {(CODES[0], "v1"): 5.0}
    found = access(journeys=times(tiny_area(), ["v1", "v2", "v3"], minutes))
    assert cell(found, "bundle_minutes_slowest", "", CODES[0]) == (None, "over_cutoff")


def test_a_kind_nobody_offers_makes_the_bundle_no_data_and_is_noted() -> None:
    found = access(bundle=("gp", "library", "jobcentre"))
    assert cell(found, "minutes_nearest", "jobcentre", CODES[0]) == (None, "no_data")
    assert cell(found, "bundle_minutes_slowest", "", CODES[0]) == (None, "no_data")
    assert [note.items for note in found.notes if note.what == "kind_without_offer"] == [
        ("jobcentre",)
    ]


def test_a_kind_that_could_not_be_placed_is_still_a_kind() -> None:
    found = access(services(GP, unplaced=["food_bank", "food_bank"]))
    assert "2 in the files could not be placed" in found.notes[0].text
    assert "food_bank" in found.kinds


# The table


def test_the_table_is_sorted_and_has_the_agreed_columns() -> None:
    table = access(jobs=work()).table
    assert list(table.columns) == COLUMNS
    order = ["measure", "kind", "threshold", "area_code"]
    pd.testing.assert_frame_equal(table, table.sort_values(order, ignore_index=True))


def test_context_areas_are_not_measured() -> None:
    assert set(access(area=tiny_area(context=2)).table["area_code"]) == set(CODES[:4])


def test_times_from_other_points_are_refused() -> None:
    journeys = times(tiny_area(context=1), ["v1", "v2", "v3"], MINUTES)
    with pytest.raises(TravelError, match="do not start at the points"):
        access(journeys=journeys)


def test_times_without_a_venue_are_refused() -> None:
    journeys = times(tiny_area(), ["v1"], {})
    with pytest.raises(TravelError, match="lack 2 venues"):
        access(journeys=journeys)


def test_approximate_times_make_approximate_access() -> None:
    journeys = times(tiny_area(), ["v1", "v2", "v3"], MINUTES, approximate=True)
    assert access(journeys=journeys).approximate


@settings(max_examples=12, deadline=None)
@given(
    first=st.lists(st.one_of(st.none(), st.integers(1, 60)), min_size=6, max_size=6),
    second=st.lists(st.one_of(st.none(), st.integers(1, 60)), min_size=6, max_size=6),
)
def test_opening_an_offer_never_lengthens_the_way_to_the_nearest(
    first: list[int | None], second: list[int | None]
) -> None:
    minutes = {
        (code, venue): float(m)
        for venue, column in (("v1", first), ("v2", second))
        for code, m in zip(CODES, column, strict=True)
        if m is not None
    }
    journeys = times(tiny_area(), ["v1", "v2", "v3"], minutes)
    found = [
        access(services(GP, status={"v2": status}), journeys)
        .wide("minutes_nearest", "gp")["value"]
        .fillna(np.inf)
        for status in ("closed", "existing")
    ]
    assert bool((found[1] <= found[0]).all())


# At several minutes of leaving


def test_minutes_by_several_ways_are_by_hand() -> None:
    area, offers = tiny_area(), services(GP)
    slower = {pair: 2 * minutes for pair, minutes in MINUTES.items()}
    ways = [Way(times=times(area, list(offers.venues.index), one)) for one in (MINUTES, slower)]
    found = build_departures(area, offers, ways, ["gp", "library"])
    assert {kind: minutes[:, :3].tolist() for kind, minutes in found.items()} == {
        "gp": [[5.0, 25.0, np.inf], [10.0, 50.0, np.inf]],
        "library": [[12.0, 8.0, np.inf], [24.0, 16.0, np.inf]],
        "bundle": [[12.0, 25.0, np.inf], [24.0, 50.0, np.inf]],
    }
    # Nobody in the other three areas reaches anything.
    assert all(np.isinf(minutes[:, 3:]).all() for minutes in found.values())


def test_minutes_to_what_nobody_offers_are_not_known_by_any_way() -> None:
    area, offers = tiny_area(), services(GP)
    way = Way(times=times(area, list(offers.venues.index), MINUTES))
    found = build_departures(area, offers, [way], ["gp", "jobcentre"])
    assert np.isnan(found["jobcentre"]).all()
    assert np.isnan(found["bundle"]).all()


def test_without_such_ways_there_are_no_minutes() -> None:
    assert build_departures(tiny_area(), services(GP), [], ["gp"]) == {}
