from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeys import services
from matrices import CELLS, belo_horizonte, matrix_times, options, sized
from places import CODES, SOURCE, tiny_area
from shapely.geometry import Point

from planner.access import (
    Options,
    OriginMeasure,
    build_bands,
    build_exponential,
    build_gravity,
    build_homes,
    build_interval,
    build_kth_nearest,
    build_options,
    build_share_within,
    build_step,
    build_within,
    jobs_of,
    offers_of,
    to_area_values,
)
from planner.access.decay import Decay
from planner.area import CRS
from planner.errors import DataError, TravelError
from planner.services import Jobs

X = math.nan
#: Three origins, three places with 10, 20 and 5 jobs.
MINUTES = [[5, 20, 40], [30, X, 12], [X, X, X]]
JOBS = [10.0, 20.0, 5.0]


def values(measure: OriginMeasure) -> list[Any]:
    return [None if np.isnan(v) else v for v in measure.table["value"]]


def status(measure: OriginMeasure) -> list[str]:
    return list(measure.table["status"])


def whats(measure: OriginMeasure) -> list[str]:
    return [note.what for note in measure.notes]


# By hand


def test_within_counts_a_place_at_exactly_the_threshold() -> None:
    assert values(build_within(options(MINUTES, JOBS), 20)) == [30, 5, 0]


def test_nothing_within_reach_is_a_true_zero() -> None:
    found = build_within(options(MINUTES, JOBS), 60)
    assert (values(found)[2], status(found)[2]) == (0, "reached")


def test_share_is_of_all_there_is() -> None:
    assert values(build_share_within(options(MINUTES, JOBS), 20)) == pytest.approx(
        [30 / 35, 5 / 35, 0]
    )


def test_the_second_nearest_by_hand() -> None:
    found = build_kth_nearest(options(MINUTES, [1, 1, 1]), 2)
    assert (values(found), status(found)) == ([20, 30, None], ["reached", "reached", "over_cutoff"])


def test_minutes_until_25_jobs() -> None:
    assert values(build_kth_nearest(options(MINUTES, JOBS), 25)) == [20, None, None]


def test_a_place_without_any_is_not_the_nearest() -> None:
    assert values(build_kth_nearest(options(MINUTES, [0, 20, 5]))) == [20, 12, None]


def test_too_few_on_its_piece_of_the_network_is_unreachable() -> None:
    found = options(MINUTES, [1, 1, 1], end_component=[0, 0, 7])
    assert status(build_kth_nearest(found, 3))[2] == "unreachable"


def test_more_than_there_are_is_no_data_and_told() -> None:
    found = build_kth_nearest(options(MINUTES, [1, 1, 1]), 4)
    assert (set(status(found)), whats(found)) == ({"no_data"}, ["fewer_than_asked"])


def test_the_interval_is_the_mean_over_its_minutes() -> None:
    # Thresholds 19, 20, 21: 10, 30, 30.
    assert values(build_interval(options(MINUTES, JOBS), 19, 21))[0] == pytest.approx(70 / 3)


def test_the_interval_as_a_median() -> None:
    assert values(build_interval(options(MINUTES, JOBS), 19, 21, summary="median"))[0] == 30


def test_gravity_by_hand() -> None:
    expected = 10 * math.exp(-0.5) + 20 * math.exp(-2) + 5 * math.exp(-4)
    found = build_gravity(options(MINUTES, JOBS), build_exponential(0.1))
    assert values(found)[0] == pytest.approx(expected)


def test_gravity_with_a_step_is_cumulative() -> None:
    found = options(MINUTES, JOBS)
    assert values(build_gravity(found, build_step(20))) == values(build_within(found, 20))


def test_bands_by_hand() -> None:
    found = build_bands(options(MINUTES, JOBS), [12, 30, 60])
    assert [values(band) for band in found] == [[10, 5, 0], [20, 10, 0], [5, 0, 0]]


def test_times_are_exact_to_the_tenth_of_a_second() -> None:
    assert values(build_within(options([[5.8]], [1]), 5.8)) == [1]


# What is not known


def test_an_origin_off_the_network_keeps_its_own_status() -> None:
    off = options(MINUTES, JOBS, status=["connected", "connected", "outside_extent"])
    for found in (build_within(off, 20), build_kth_nearest(off), build_share_within(off, 20)):
        assert (values(found)[2], status(found)[2]) == (None, "outside_extent")


def test_origins_without_times_are_no_data_and_told() -> None:
    asked = pd.Index(["a0000", "elsewhere"])
    found = build_options(matrix_times(MINUTES), sized(JOBS), asked=asked)
    measure = build_within(found, 20)
    assert (values(measure), status(measure)) == ([30, None], ["reached", "no_data"])
    assert whats(measure) == ["origin_without_times"]


def test_places_off_the_map_are_left_out_and_told() -> None:
    found = options(MINUTES, JOBS, end_status=["connected", "connected", "outside_extent"])
    measure = build_share_within(found, 20)
    assert whats(measure) == ["opportunity_off_the_map"]
    assert values(measure)[0] == 1


def test_a_place_far_from_any_street_still_counts_as_one() -> None:
    table = [[5, X]]
    found = options(table, [1, 1], end_status=["connected", "not_connected"])
    assert values(build_share_within(found, 20)) == [0.5]


def test_nothing_on_offer_is_no_data() -> None:
    empty = build_options(matrix_times(MINUTES), sized([], []))
    for found in (build_within(empty, 20), build_kth_nearest(empty)):
        assert status(found) == ["no_data"] * 3


@pytest.mark.parametrize(
    "measure",
    [
        lambda o: build_within(o, 61),
        lambda o: build_share_within(o, 61),
        lambda o: build_interval(o, 50, 61),
        lambda o: build_bands(o, [30, 61]),
        lambda o: build_gravity(o, build_step(61)),
    ],
)
def test_a_threshold_beyond_the_cutoff_is_refused(measure: Any) -> None:
    with pytest.raises(TravelError, match="searched up to 60"):
        measure(options(MINUTES, JOBS, cutoff=60.0))


def test_a_function_cut_short_by_the_cutoff_is_told() -> None:
    found = build_gravity(options(MINUTES, JOBS, cutoff=40.0), build_exponential(0.02))
    assert whats(found) == ["decay_cut_short"]
    assert found.notes[0].text.startswith("Jobs: journeys beyond 40 minutes")


def test_a_function_of_kilometres_is_refused() -> None:
    with pytest.raises(DataError, match="kilometres"):
        build_gravity(
            options(MINUTES, JOBS), Decay(shape="exponential", parameters=(0.1,), unit="km")
        )


def test_a_destination_without_times_is_refused() -> None:
    with pytest.raises(TravelError, match="v0003"):
        build_options(matrix_times(MINUTES), sized([1, 1, 1, 1]))


def test_unknown_sizes_are_asked_for_by_name() -> None:
    with pytest.raises(DataError, match="v0001"):
        build_within(options(MINUTES, [1, X, 1]), 20)


@pytest.mark.parametrize("edges", [[], [20, 10], [10, 10]])
def test_bands_must_rise(edges: list[float]) -> None:
    with pytest.raises(DataError):
        build_bands(options(MINUTES, JOBS), edges)


@pytest.mark.parametrize(("begin", "end"), [(20, 10), (10.5, 20)])
def test_an_interval_is_of_whole_minutes_in_order(begin: Any, end: Any) -> None:
    with pytest.raises(DataError):
        build_interval(options(MINUTES, JOBS), begin, end)


# Who may use what


def for_people(serves: list[str]) -> Options:
    area = tiny_area(context=1)
    ends = [f"v{i}" for i in range(len(serves))]
    table = np.full((6, len(serves)), 10.0)
    times = matrix_times(table, origins=CODES, ends=ends)
    offered = sized([1.0] * len(serves), ends, serves)
    return build_options(times, offered, homes=build_homes(area))


def test_an_offer_for_the_place_is_not_for_people_around_it() -> None:
    assert values(build_within(for_people(["place"]), 20)) == [1, 1, 1, 1, 1, 0]


def test_an_offer_for_listed_areas_is_for_them_alone() -> None:
    found = for_people(["anyone", f"{CODES[0]}; {CODES[5]}"])
    assert values(build_within(found, 20)) == [2, 1, 1, 1, 1, 2]


def test_people_who_may_use_none_have_no_way_to_the_nearest() -> None:
    assert status(build_kth_nearest(for_people([CODES[0]])))[1] == "unreachable"


def test_offers_for_some_need_to_know_who_lives_where() -> None:
    with pytest.raises(DataError, match="who lives where"):
        build_options(matrix_times([[1.0]]), sized([1], ["v0000"], ["place"]))


def test_two_offers_at_one_venue_are_two() -> None:
    offered = services([("v1", "gp"), ("v1", "gp"), ("v2", "gp")])
    times = matrix_times([[5, 30]], ends=["v1", "v2"])
    found = build_options(times, offers_of(offered, "gp"))
    assert values(build_within(found, 10)) == [2]
    assert values(build_kth_nearest(found, 3)) == [30]


# Opening times and capacity


def with_hours(hours: list[str]) -> Any:
    offered = services([("v1", "gp"), ("v2", "gp")])
    return replace(offered, venues=offered.venues.assign(opening=hours))


def test_evening_access_differs_from_daytime_access() -> None:
    offered = with_hours(["Mo-Fr 09:00-17:00", "Mo-Fr 09:00-20:00"])
    times = matrix_times([[5, 30]], ends=["v1", "v2"])
    day = build_options(times, offers_of(offered, "gp", at=("Tu", "10:00", "16:00")))
    evening = build_options(times, offers_of(offered, "gp", at=("Tu", "18:00", "20:00")))
    assert [values(build_kth_nearest(found)) for found in (day, evening)] == [[5], [30]]


def test_unknown_hours_are_asked_for() -> None:
    with pytest.raises(DataError, match="v2"):
        offers_of(with_hours(["24/7", ""]), "gp", at=("Sa", "10:00", "12:00"))


def test_unknown_hours_may_be_taken_as_closed_and_are_told() -> None:
    found = offers_of(
        with_hours(["24/7", ""]), "gp", at=("Sa", "10:00", "12:00"), unknown_hours="closed"
    )
    assert found.table["destination"].tolist() == ["v1"]
    assert [note.what for note in found.notes] == ["hours_not_known", "closed_then"]


def test_sessions_of_an_offer_count_before_the_hours_of_its_venue() -> None:
    offered = with_hours(["24/7", "24/7"])
    said = ["Tuesday 10:00-12:00 weekly", "Saturday 10:00-12:00 fortnightly"]
    offered = replace(offered, offers=offered.offers.assign(sessions=said))
    tuesday = offers_of(offered, "gp", at=("Tu", "10:00", "12:00"))
    saturday = offers_of(offered, "gp", at=("Sa", "10:00", "12:00"))
    assert tuesday.table["destination"].tolist() == ["v1"]
    assert saturday.table.empty
    assert [(note.what, note.count) for note in saturday.notes] == [
        ("not_every_week", 1),
        ("closed_then", 1),
    ]


def test_hours_left_out_are_not_said_to_be_closed() -> None:
    at: Any = ("Sa", "10:00", "12:00")
    found = offers_of(with_hours(["24/7", ""]), "gp", at=at, unknown_hours="leave_out")
    assert [(n.what, n.count) for n in found.notes] == [("hours_not_known", 1), ("closed_then", 0)]


def test_equal_capacity_is_told() -> None:
    found = offers_of(services([("v1", "gp"), ("v2", "gp")]), "gp", counted="equal_capacity")
    assert found.table["size"].tolist() == [1, 1]
    assert [note.what for note in found.notes] == ["capacity_taken_as_equal"]


def test_unknown_capacity_stays_unknown() -> None:
    found = offers_of(services([("v1", "gp")]), "gp", counted="capacity")
    assert found.table["size"].isna().all()


def test_capacities_in_different_units_are_refused() -> None:
    offered = services([("v1", "gp"), ("v2", "gp")])
    table = offered.offers.assign(capacity=[5.0, 6.0], capacity_unit=["places", "hours"])
    with pytest.raises(DataError, match="different units"):
        offers_of(replace(offered, offers=table), "gp", counted="capacity")


# Points and areas


def test_an_area_has_what_half_of_its_people_have() -> None:
    measure = build_within(options([[5], [50], [50]], [1]), 20)
    homes = pd.DataFrame(
        {"area_code": ["A", "A", "B"], "in_place": True, "people": [60.0, 40.0, 10.0]},
        index=measure.table.index,
    )
    assert to_area_values(measure, homes).table["value"].to_dict() == {"A": 1, "B": 0}


def test_people_of_points_add_up_to_those_of_areas() -> None:
    area = tiny_area(context=2)
    by_points = build_homes(area).groupby("area_code")["people"].sum()
    assert by_points.tolist() == build_homes(area, by="areas")["people"].tolist()


# Against Belo Horizonte (Ipea, package `accessibility`)


def test_jobs_within_30_minutes_of_the_five_cells(shared: Path) -> None:
    times, land = belo_horizonte(shared, square=True)
    found = build_options(times, sized(land["jobs"].tolist(), land.index.tolist()))
    table = build_within(found, 30).table
    assert table["value"].reindex(CELLS).tolist() == [0, 82, 408, 408, 109]


def test_minutes_to_the_nearest_school_of_the_five_cells(shared: Path) -> None:
    times, land = belo_horizonte(shared, square=True)
    found = build_options(times, sized(land["schools"].tolist(), land.index.tolist()))
    table = build_kth_nearest(found).table
    assert table["value"].reindex(CELLS).tolist() == [70, 47, 5.8, 13, 43]


# Always


minutes_tables = st.integers(1, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.one_of(st.just(X), st.integers(0, 90)), min_size=columns, max_size=columns),
        min_size=1,
        max_size=4,
    )
)


@given(minutes_tables, st.data())
@settings(max_examples=25, deadline=None)
def test_measures_agree_with_plain_loops(table: list[list[float]], data: st.DataObject) -> None:
    sizes = [float(data.draw(st.integers(0, 3))) for _ in table[0]]
    found = options(table, sizes)
    within, nearest = build_within(found, 45), build_kth_nearest(found, 2)
    mean = build_interval(found, 10, 14)
    for row, here in enumerate(table):
        assert within.table["value"].iloc[row] == sum(
            size for t, size in zip(here, sizes, strict=True) if t <= 45
        )
        assert mean.table["value"].iloc[row] == pytest.approx(
            sum(
                size
                for limit in range(10, 15)
                for t, size in zip(here, sizes, strict=True)
                if t <= limit
            )
            / 5
        )
        until = [
            limit
            for limit in range(91)
            if sum(size for t, size in zip(here, sizes, strict=True) if t <= limit) >= 2
        ]
        value = nearest.table["value"].iloc[row]
        assert value == min(until) if until else np.isnan(value)


@given(minutes_tables, st.data())
@settings(max_examples=25, deadline=None)
def test_one_offer_more_is_never_worse(table: list[list[float]], data: st.DataObject) -> None:
    sizes = [float(data.draw(st.integers(1, 3))) for _ in table[0]]
    fewer = build_options(
        matrix_times(table), sized(sizes[1:], [f"v{j:04d}" for j in range(1, len(sizes))])
    )
    more = options(table, sizes)
    measures: list[Callable[[Options], OriginMeasure]] = [
        lambda o: build_within(o, 30),
        lambda o: build_interval(o, 20, 40),
        lambda o: build_gravity(o, build_exponential(0.05)),
    ]
    for measure in measures:
        before, after = measure(fewer).table["value"], measure(more).table["value"]
        assert (after >= before.fillna(0) - 1e-9).all()
    before, after = (build_kth_nearest(o, 2).table["value"].fillna(np.inf) for o in (fewer, more))
    assert (after <= before).all()


def test_jobs_are_as_large_as_they_are() -> None:
    points = gpd.GeoDataFrame(
        {"jobs": [30.0, 5.0]},
        geometry=[Point(0, 0), Point(1, 1)],
        index=pd.Index(["v0", "v1"], name="jobs_id"),
        crs=CRS,
    )
    found = jobs_of(Jobs(points=points, source=SOURCE))
    assert (found.table["size"].tolist(), found.unit) == ([30, 5], "jobs")
