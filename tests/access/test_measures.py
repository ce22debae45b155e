"""Are the further measures those of the hand calculation, and is what is not known said so?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from journeys import services, times
from places import CODES, SOURCE, tiny_area

from planner.access import AccessMeasures, MeasureRules, OpenHours, build_access_measures
from planner.access.decay import build_half_at
from planner.area import StudyArea
from planner.errors import DataError, TravelError
from planner.project import MeasureSettings
from planner.services import Jobs, Services
from planner.standards import build_standards
from planner.travel.getting_about import Way
from planner.travel.times import TravelTimes

OFFERS = [("v1", "gp"), ("v2", "gp"), ("v3", "library")]
#: Area 1 has all close by; 2 a GP only far away; the others nothing within 120 minutes.
MINUTES = {
    (CODES[0], "v1"): 5.0,
    (CODES[0], "v2"): 9.0,
    (CODES[0], "v3"): 12.0,
    (CODES[1], "v1"): 25.0,
    (CODES[1], "v2"): 30.5,
    (CODES[1], "v3"): 8.0,
}
SATURDAY, EVENING = "Sa 10:00-13:00", "Tu 18:00-20:00"
HOURS = {"v1": "Mo-Fr 09:00-17:00", "v2": "Sa 10:00-12:00; Tu 09:00-21:00", "v3": ""}


def measures(
    offers: Services | None = None,
    *,
    area: StudyArea | None = None,
    journeys: TravelTimes | None = None,
    decay: float | None = None,
    job_times: tuple[Jobs, TravelTimes] | None = None,
    competing: TravelTimes | None = None,
    open_hours: Mapping[str, OpenHours] | None = None,
    within: tuple[float, ...] = (20.0,),
    **keys: Any,
) -> AccessMeasures:
    area = area or tiny_area()
    offers = offers or services(OFFERS)
    journeys = journeys or times(area, list(offers.venues.index), MINUTES)
    jobs, to_jobs = job_times or (None, None)
    rules = MeasureRules(
        settings=MeasureSettings(**{"interval": [], "at": [], **keys}),
        within=within,
        jobs_within=(30.0,),
        standards=build_standards({"gp": 20, "library": 20}, ("gp", "library")),
        decay=None if decay is None else build_half_at("exponential", decay),
    )
    way = Way(times=journeys, job_times=to_jobs)
    return build_access_measures(
        area, offers, jobs, way, rules, competing=competing, open_hours=open_hours
    )


def with_capacity(capacity: list[float], unit: list[str] | str = "patients") -> Services:
    offers = services(OFFERS)
    table = offers.offers.assign(capacity=capacity, capacity_unit=unit)
    return replace(offers, offers=table)


def with_hours(hours: Mapping[str, str] = HOURS) -> Services:
    offers = services(OFFERS)
    opening = [hours[venue] for venue in offers.venues.index]
    return replace(offers, venues=offers.venues.assign(opening=opening))


def cell(found: AccessMeasures, measure: Any, kind: str, code: str, setting: str = "") -> Any:
    row = found.wide(measure, kind, setting).loc[code]
    return (None if np.isnan(row["value"]) else row["value"], row["status"])


def whats(found: AccessMeasures) -> list[str]:
    return [note.what for note in found.notes]


# Choice, shares, intervals, nearness


def test_the_second_nearest_is_the_minutes_until_two_are_within_reach() -> None:
    found = measures(kth=[1, 2])
    assert cell(found, "minutes_kth", "gp", CODES[0], "1") == (5.0, "reached")
    assert cell(found, "minutes_kth", "gp", CODES[0], "2") == (9.0, "reached")
    assert cell(found, "minutes_kth", "gp", CODES[2], "2") == (None, "over_cutoff")


def test_fewer_than_asked_for_in_all_is_no_data_and_told() -> None:
    found = measures(kth=[2])
    assert cell(found, "minutes_kth", "library", CODES[0]) == (None, "no_data")
    (note,) = [n for n in found.notes if n.what == "fewer_than_asked"]
    assert note.text == "Of libraries there are fewer than the 2 asked for: 1 in all."


def test_the_share_within_is_of_all_there_are() -> None:
    found = measures(within=(8.0, 25.0))
    assert cell(found, "share_within", "gp", CODES[0], "8") == (0.5, "reached")
    assert cell(found, "share_within", "gp", CODES[1], "25") == (0.5, "reached")
    assert cell(found, "share_within", "gp", CODES[2], "25") == (0.0, "reached")


def test_an_interval_is_the_mean_over_its_minutes() -> None:
    found = measures(interval=[8, 10])
    assert cell(found, "interval", "gp", CODES[0], "8-10")[0] == pytest.approx((1 + 2 + 2) / 3)


def test_gravity_counts_half_at_the_stated_minutes() -> None:
    found = measures(decay=10.0)
    assert cell(found, "gravity", "gp", CODES[0])[0] == pytest.approx(2**-0.5 + 2**-0.9)


@pytest.mark.parametrize("shape", ["exponential", "power", "logistic", "gaussian"])
def test_every_shape_gives_a_half_at_its_minutes(shape: Any) -> None:
    decay = build_half_at(shape, 20.0)
    assert decay.weights(np.array([20.0]))[0] == pytest.approx(0.5)
    assert decay.weights(np.array([0.0]))[0] > 0.99


def test_jobs_lie_in_bands_with_their_upper_end_in_them() -> None:
    area = tiny_area()
    points = services([("a", "x"), ("b", "x"), ("c", "x")]).venues[["geometry"]]
    jobs = Jobs(points=points.assign(jobs=[10.0, 20.0, 40.0]), source=SOURCE)
    minutes = {(CODES[0], "a"): 15.0, (CODES[0], "b"): 15.1, (CODES[0], "c"): 30.0}
    found = measures(
        job_times=(jobs, times(area, ["a", "b", "c"], minutes)), jobs_bands=[15.0, 30.0]
    )
    assert cell(found, "jobs_band", "jobs", CODES[0], "0-15") == (10.0, "reached")
    assert cell(found, "jobs_band", "jobs", CODES[0], "15-30") == (60.0, "reached")
    assert cell(found, "share_within", "jobs", CODES[0], "30") == (1.0, "reached")
    assert cell(found, "jobs_band", "jobs", CODES[1], "0-15") == (0.0, "reached")


def test_an_offer_for_one_area_counts_for_nobody_else() -> None:
    offers = services([("v1", "gp", CODES[1]), ("v2", "gp"), ("v3", "library")])
    found = measures(offers, kth=[1], within=(40.0,))
    assert cell(found, "minutes_kth", "gp", CODES[0]) == (9.0, "reached")
    assert cell(found, "minutes_kth", "gp", CODES[1]) == (25.0, "reached")
    assert cell(found, "share_within", "gp", CODES[0]) == (1.0, "reached")


def test_a_threshold_beyond_what_was_searched_is_not_answered() -> None:
    area = tiny_area()
    near = {pair: m for pair, m in MINUTES.items() if m <= 15}
    short = times(area, ["v1", "v2", "v3"], near, cutoff_minutes=15.0)
    found = measures(
        with_capacity([10.0, 20.0, 30.0]), journeys=short, within=(10.0, 20.0), interval=[10, 20],
        catchment="2sfca", at=[SATURDAY],
    )  # fmt: skip
    assert cell(found, "share_within", "gp", CODES[0], "10") == (1.0, "reached")
    for measure, setting in (("share_within", "20"), ("interval", "10-20"), ("catchment", "2sfca")):
        assert cell(found, measure, "gp", CODES[0], setting) == (None, "no_data")
    assert cell(found, "count_open", "gp", CODES[0]) == (None, "no_data")
    told = [note for note in found.notes if note.what == "measure_beyond_times"]
    assert len(told) == 4
    assert all("15" in note.text for note in told)


def test_times_from_elsewhere_are_refused() -> None:
    area = tiny_area()
    journeys = times(area, ["v1", "v2", "v3"], MINUTES)
    with pytest.raises(TravelError, match="do not start"):
        measures(area=tiny_area(context=1), journeys=journeys)


# Catchments


def test_capacity_is_shared_among_all_within_reach() -> None:
    found = measures(with_capacity([100.0, 60.0, 5.0]), catchment="2sfca", catchment_kinds=["gp"])
    # v1 is shared by areas 1 and 2 with 1,000 people each, v2 (30.5 minutes from 2) serves 1 only.
    assert cell(found, "catchment", "gp", CODES[0])[0] == pytest.approx(50 + 60)
    assert cell(found, "catchment", "gp", CODES[1])[0] == pytest.approx(50)
    assert cell(found, "catchment", "gp", CODES[2]) == (0.0, "reached")
    assert found.described.loc[("catchment", "gp", "2sfca"), "unit"] == "patients for 1,000 people"
    assert "library" not in set(found.table.loc[found.table["measure"] == "catchment", "kind"])


def test_spatial_availability_is_given_for_people_too() -> None:
    found = measures(
        with_capacity([100.0, 60.0, 5.0]), catchment="spatial_availability", catchment_kinds=["gp"]
    )
    # Weights of thirds of 30 minutes: 1 at 5 and 9 minutes, 0.22 at 25.
    first = 100 * 1000 / (1000 + 220) + 60
    assert cell(found, "catchment", "gp", CODES[0])[0] == pytest.approx(first)


def test_people_of_context_areas_compete() -> None:
    area = tiny_area(context=1)
    offers = with_capacity([100.0, 60.0, 5.0])
    whole = replace(area, areas=area.areas.assign(in_place=True))
    with_context = times(whole, ["v1", "v2", "v3"], {**MINUTES, (CODES[5], "v1"): 10.0})
    keys: dict[str, Any] = {"catchment": "2sfca", "catchment_kinds": ["gp"]}
    alone = measures(offers, area=area, **keys)
    shared = measures(offers, area=area, competing=with_context, **keys)
    assert cell(alone, "catchment", "gp", CODES[1])[0] == pytest.approx(50)
    assert "context_does_not_compete" in whats(alone)
    # 1,500 people more at v1.
    assert cell(shared, "catchment", "gp", CODES[1])[0] == pytest.approx(1000 * 100 / 3500)
    assert "context_does_not_compete" not in whats(shared)
    assert set(shared.table["area_code"]) == set(CODES[:5])


def test_capacities_that_are_not_known_are_asked_for() -> None:
    found = measures(with_capacity([100.0, np.nan, np.nan]), catchment="e2sfca")
    assert cell(found, "catchment", "gp", CODES[0]) == (None, "no_data")
    assert cell(found, "catchment", "library", CODES[0]) == (None, "no_data")
    asked = [note for note in found.notes if note.what == "capacity_asked_for"]
    assert sorted(note.items for note in asked) == [("library",), ("v2",)]
    assert all("capacity_column" in note.text for note in asked)


def test_capacities_count_as_equal_only_where_the_project_says_so() -> None:
    found = measures(catchment="2sfca", catchment_kinds=["gp"], equal_capacity=["gp"])
    # Half of v1, all of v2, for 1,000 people.
    assert cell(found, "catchment", "gp", CODES[0])[0] == pytest.approx(1.5)
    assert "capacity_taken_as_equal" in whats(found)


def test_capacities_of_zero_are_a_true_nothing_and_told() -> None:
    found = measures(with_capacity([0.0, 0.0, 1.0]), catchment="bfca", catchment_kinds=["gp"])
    assert cell(found, "catchment", "gp", CODES[0]) == (0.0, "reached")
    assert "capacity_zero" in whats(found)


def test_capacities_in_different_units_are_not_added_up() -> None:
    found = measures(
        with_capacity([10.0, 5.0, 1.0], ["patients", "rooms", "desks"]), catchment="2sfca"
    )
    assert cell(found, "catchment", "gp", CODES[0]) == (None, "no_data")
    assert cell(found, "catchment", "library", CODES[0]) == (0.5, "reached")
    # One desk for the 2,000 people of areas 1 and 2.
    assert cell(found, "catchment", "library", CODES[0])[0] == pytest.approx(0.5)
    assert "capacity_units_differ" in whats(found)


def test_a_kind_that_there_is_nothing_of_is_told() -> None:
    found = measures(catchment="2sfca", catchment_kinds=["gpp"], equal_capacity=["gp"])
    (note,) = [n for n in found.notes if n.what == "measures_kind_unknown"]
    assert note.items == ("gpp",)


def test_a_kind_without_a_site_has_no_data_at_all() -> None:
    offers = replace(services(OFFERS), unplaced=services(OFFERS, unplaced=["dentist"]).unplaced)
    found = measures(offers, catchment="2sfca", equal_capacity=["dentist"], at=[SATURDAY], decay=9)
    rows = found.table[found.table["kind"] == "dentist"]
    assert set(rows["measure"]) >= {"minutes_kth", "share_within", "gravity", "catchment"}
    assert set(rows["status"]) == {"no_data"}


def test_areas_with_nobody_in_them_have_no_capacity_for_each() -> None:
    area = tiny_area()
    empty = replace(area, areas=area.areas.assign(population=[0.0, *area.areas["population"][1:]]))
    found = measures(
        with_capacity([100.0, 60.0, 5.0]),
        area=empty,
        catchment="spatial_availability",
        catchment_kinds=["gp"],
    )
    assert cell(found, "catchment", "gp", CODES[0]) == (None, "no_data")
    assert cell(found, "catchment", "gp", CODES[1])[0] is not None


def test_areas_whose_people_are_not_known_do_not_compete() -> None:
    area = tiny_area()
    people = area.areas["population"].mask(area.areas.index == CODES[0])
    found = measures(
        with_capacity([100.0, 60.0, 5.0]),
        area=replace(area, areas=area.areas.assign(population=people)),
        catchment="2sfca",
        catchment_kinds=["gp"],
    )
    assert cell(found, "catchment", "gp", CODES[1])[0] == pytest.approx(100)
    assert "people_not_known" in whats(found)


def test_a_point_off_the_network_competes_for_nothing_and_has_none() -> None:
    area = tiny_area()
    journeys = times(area, ["v1", "v2", "v3"], MINUTES, origin_status={CODES[4]: "not_connected"})
    found = measures(
        with_capacity([1.0, 1.0, 1.0]), journeys=journeys, catchment="2sfca", decay=9, at=[EVENING]
    )
    rows = found.table[found.table["area_code"] == CODES[4]]
    assert not rows["value"].notna().any()
    assert set(rows.loc[rows["kind"] == "gp", "status"]) == {"not_connected"}
    assert "people_off_the_network" in whats(found)


# Opening times


def test_only_what_is_open_then_counts() -> None:
    found = measures(with_hours(), at=[SATURDAY, EVENING])
    assert cell(found, "minutes_open", "gp", CODES[0], SATURDAY) == (9.0, "reached")
    assert cell(found, "count_open", "gp", CODES[0], SATURDAY) == (1.0, "reached")
    # v2 is 30.5 minutes away: open, but beyond the standard of 20.
    assert cell(found, "minutes_open", "gp", CODES[1], SATURDAY) == (30.5, "reached")
    assert cell(found, "count_open", "gp", CODES[1], SATURDAY) == (0.0, "reached")


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [
        ("leave_out", (None, "no_data")),
        ("open", (12.0, "reached")),
        ("closed", (None, "unreachable")),
    ],
)
def test_hours_that_are_not_known_are_never_assumed_in_silence(unknown: str, expected: Any) -> None:
    found = measures(with_hours(), at=[SATURDAY], unknown_hours=unknown)
    assert cell(found, "minutes_open", "library", CODES[0]) == expected
    (note,) = [n for n in found.notes if n.what == "hours_not_known"]
    assert note.items == ("v3",)
    assert "1 of 1" in note.text


def test_all_known_to_be_closed_is_out_of_reach_and_none_counts() -> None:
    found = measures(with_hours({**HOURS, "v2": "Mo-Fr 09:00-17:00"}), at=[SATURDAY])
    assert cell(found, "minutes_open", "gp", CODES[0]) == (None, "unreachable")
    assert cell(found, "count_open", "gp", CODES[0]) == (0.0, "reached")


def with_sessions(**sessions: str) -> Services:
    """Return offers at venues that are open all the time, some of them with sessions."""
    found = with_hours(dict.fromkeys(HOURS, "24/7"))
    texts = found.offers["venue_id"].map(sessions).fillna("")
    return replace(found, offers=found.offers.assign(sessions=texts))


def test_an_offers_own_sessions_count_before_the_hours_of_its_venue() -> None:
    offers = with_sessions(v1="Tuesday 10:00-12:00 weekly")
    found = measures(offers, at=[SATURDAY, "Tu 11:00-12:00"])
    assert cell(found, "minutes_open", "gp", CODES[0], SATURDAY) == (9.0, "reached")
    assert cell(found, "count_open", "gp", CODES[0], SATURDAY) == (1.0, "reached")
    assert cell(found, "minutes_open", "gp", CODES[0], "Tu 11:00-12:00") == (5.0, "reached")
    assert not {"hours_not_known", "not_every_week"} & set(whats(found))


@pytest.mark.parametrize("unknown", ["leave_out", "open", "closed"])
def test_what_is_not_on_in_every_week_is_not_open_and_counted(unknown: str) -> None:
    offers = with_sessions(v1="Saturday 10:00-12:00 fortnightly", v3="1st Monday of the month")
    found = measures(offers, at=[SATURDAY, EVENING], unknown_hours=unknown)
    assert cell(found, "minutes_open", "gp", CODES[0], SATURDAY) == (9.0, "reached")
    assert cell(found, "minutes_open", "library", CODES[0], SATURDAY) == (None, "unreachable")
    assert cell(found, "count_open", "library", CODES[0], SATURDAY) == (0.0, "reached")
    (note,) = [n for n in found.notes if n.what == "not_every_week"]
    assert (note.count, note.items) == (1, (offers.offers.index[0],))
    assert "Saturdays between 10:00 and 13:00: 1 of 2 offers is on then" in note.text
    assert "hours_not_known" not in whats(found)


def test_sessions_that_cannot_be_read_are_not_known() -> None:
    found = measures(with_sessions(v3="by appointment"), at=[SATURDAY])
    assert cell(found, "minutes_open", "library", CODES[0]) == (None, "no_data")
    (note,) = [n for n in found.notes if n.what == "hours_not_known"]
    assert note.items == ("v3",)


def test_hours_of_which_no_journeys_are_known_have_no_data() -> None:
    area = tiny_area()
    journeys = times(area, ["v1", "v2", "v3"], MINUTES, origin_status={CODES[4]: "not_connected"})
    never = {SATURDAY: OpenHours(way=None, words="Not measured: no timetable has such a day.")}
    night = replace(with_hours(), venues=with_hours({**HOURS, "v3": "Mo-Fr 09:00-17:00"}).venues)
    found = measures(night, at=[SATURDAY, EVENING], journeys=journeys, open_hours=never)
    for measure in ("minutes_open", "count_open"):
        assert cell(found, measure, "gp", CODES[0], SATURDAY) == (None, "no_data")
        assert cell(found, measure, "gp", CODES[4], SATURDAY) == (None, "not_connected")
        assert cell(found, measure, "gp", CODES[0], EVENING)[1] == "reached"
    method = found.described.loc[("minutes_open", "gp", SATURDAY), "method"]
    assert "no timetable has such a day" in method
    # No library is open then, whatever runs.
    assert cell(found, "minutes_open", "library", CODES[0], SATURDAY) == (None, "unreachable")
    assert cell(found, "count_open", "library", CODES[0], SATURDAY) == (0.0, "reached")


def test_notes_on_two_kinds_are_never_one() -> None:
    capacity = [0.0, 5.0, 0.0]
    area = tiny_area()
    journeys = times(area, ["v1", "v2", "v3"], {(CODES[0], "v1"): 5.0})
    found = measures(with_capacity(capacity), journeys=journeys, decay=90.0, catchment="2sfca")
    texts = {
        what: [note.text for note in found.notes if note.what == what]
        for what in ("capacity_zero", "capacity_out_of_reach", "decay_cut_short")
    }
    assert [len(one) for one in texts.values()] == [2, 1, 2]
    for found_texts in texts.values():
        assert all("GP" in text or "libraries" in text.lower() for text in found_texts)
        assert len(set(found_texts)) == len(found_texts)


def test_journeys_at_those_hours_are_used_where_there_are_some() -> None:
    area = tiny_area()
    slower = times(area, ["v2"], {(CODES[0], "v2"): 33.0})
    then = OpenHours(way=Way(times=slower), words="By the timetable of Saturday.")
    found = measures(with_hours(), at=[SATURDAY, EVENING], open_hours={SATURDAY: then})
    assert cell(found, "minutes_open", "gp", CODES[0], SATURDAY) == (33.0, "reached")
    assert cell(found, "minutes_open", "gp", CODES[0], EVENING) == (9.0, "reached")
    method = found.described.loc[("minutes_open", "gp", SATURDAY), "method"]
    assert "By the timetable of Saturday." in method


# The table


def test_a_measure_is_looked_up_by_its_setting() -> None:
    found = measures(kth=[1, 2])
    with pytest.raises(DataError, match="several settings"):
        found.wide("minutes_kth", "gp")
    assert set(found.wide("gravity", "gp")["status"]) == {"no_data"}
    assert list(found.wide("minutes_kth", "gp", "2").index) == CODES


def test_what_describes_a_measure_is_complete_and_in_the_order_of_the_table() -> None:
    found = measures(with_capacity([1.0, 2.0, 3.0]), catchment="2sfca", decay=9, at=[SATURDAY])
    keys = found.table[["measure", "kind", "setting"]].drop_duplicates()
    assert list(keys.itertuples(index=False, name=None)) == list(found.described.index)
    assert (found.described[["title", "unit", "method"]] != "").all(axis=None)
    assert set(found.choices("library").index.get_level_values("kind")) == {"library"}
    less = found.described.index[found.described["better"] == "less"]
    assert set(less.get_level_values("measure")) == {"minutes_kth", "minutes_open"}


def test_the_same_inputs_give_the_same_table() -> None:
    keys: dict[str, Any] = {"catchment": "3sfca", "decay": 9, "at": [SATURDAY, EVENING]}
    one, two = (measures(with_capacity([1.0, 2.0, 3.0]), **keys) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.notes == two.notes
