"""Does a plan time trips to the whole bundle by its main way, and say so where it cannot?"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from light import lighten

from planner import Memo, Plan, Project, make_plan
from planner.export.bundle import build_bundle_files
from planner.plan.questions import transit_settings
from planner.project import Bundle
from planner.report.bundle import build_trips_table, find_bundle
from planner.report.timed import build_timed_table, say_timed
from planner.sources.roads import read_roads
from planner.travel.street_times import build_street_times
from planner.travel.times import Mode
from planner.travel.transit.itinerary import explain
from planner.travel.ways import CycleSettings, DriveSettings

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"


def _demo(**sections: object) -> Project:
    project = Project.read(DEMO)
    timed = project.spec.bundle.timed
    light = lighten(project)
    return light.with_spec(
        **{"bundle": light.spec.bundle.model_copy(update={"timed": timed}), **sections}
    )


@pytest.fixture(scope="module")
def memo(demo_memo: Memo) -> Memo:
    return demo_memo


@pytest.fixture(scope="module")
def on_foot(memo: Memo) -> Plan:
    return make_plan(_demo(access={"mode": "walk"}, timetable=None), memo=memo)


def test_a_trip_is_never_shorter_than_there_and_back_to_the_slowest_nearest(on_foot: Plan) -> None:
    areas = on_foot.areas
    slowest = on_foot.access.wide("bundle_minutes_slowest")["value"]
    kinds = len(on_foot.project.spec.bundle.kinds)
    dwell = on_foot.project.spec.bundle.dwell_minutes
    both = areas["bundle_trip_minutes"].notna() & slowest.notna()
    assert both.sum() > 100
    # Medians over several points may be of different points; areas of one point are exact.
    one = on_foot.area.place_points.groupby("area_code").size().eq(1)
    both &= one.reindex(areas.index)
    assert both.sum() > 20
    least = 2 * slowest[both] + kinds * dwell
    assert (areas.loc[both, "bundle_trip_minutes"] >= least - 0.11).all()


def test_the_signature_names_the_kinds_beyond_their_standard(on_foot: Plan) -> None:
    signature = on_foot.areas["signature"]
    for kind in on_foot.project.spec.bundle.kinds:
        near = on_foot.access.wide("minutes_nearest", kind)
        known = ~signature.eq("not known")
        out = near["value"].gt(on_foot.standards[kind].minutes) | near["status"].ne("reached")
        named = signature.str.split(" + ", regex=False).map(lambda found, kind=kind: kind in found)
        assert named[known].equals(out[known])


def test_a_longer_stay_lengthens_every_trip_and_times_no_journey_again(
    on_foot: Plan, memo: Memo
) -> None:
    memo.computed.clear()
    longer = Bundle(**{**on_foot.project.spec.bundle.model_dump(), "dwell_minutes": 30.0})
    again = make_plan(on_foot.project.with_spec(bundle=longer), memo=memo)
    assert not {"times", "between"} & set(memo.computed)
    more = again.areas["bundle_trip_minutes"] - on_foot.areas["bundle_trip_minutes"]
    assert np.allclose(more.dropna(), 10.0 * len(longer.kinds))


def test_a_budget_beyond_what_was_searched_is_cut_and_said(on_foot: Plan, memo: Memo) -> None:
    wide = Bundle(**{**on_foot.project.spec.bundle.model_dump(), "budget_minutes": 600.0})
    again = make_plan(on_foot.project.with_spec(bundle=wide), memo=memo)
    assert "bundle_budget_cut" in {note.what for note in again.notes}


@pytest.fixture(scope="module")
def by_timetable(memo: Memo) -> Plan:
    return make_plan(_demo(), memo=memo)


def test_the_greatest_gaps_with_a_trip_are_timed_end_to_end(by_timetable: Plan) -> None:
    table = by_timetable.gaps.table
    mine = table[(table["kind"] == "bundle") & (table["gap_status"] == "gap")]
    areas = by_timetable.bundles.areas
    wanted = [
        code
        for code in mine.sort_values("gap_rank")["area_code"]
        if areas.loc[code, "bundle_trip_status"] == "reached"
    ][:10]
    timed = by_timetable.bundles.timed
    assert timed.table.index.tolist() == wanted
    assert (timed.table["tried"] == 12).all()
    assert areas["bundle_timed_minutes"].notna().sum() == timed.table["minutes"].notna().sum() > 5


def test_some_trips_of_the_demo_place_meet_a_closed_door_and_some_do_not(
    by_timetable: Plan,
) -> None:
    table = by_timetable.bundles.timed.table
    closed = table["closed"].fillna("") != ""
    assert 0 < closed.sum() < len(table)
    assert (table["none_closed"] > 0).any()


def test_a_timed_trip_is_what_a_traveller_is_told_leg_by_leg(by_timetable: Plan) -> None:
    plan = by_timetable
    timed, settings = plan.bundles.timed, transit_settings(plan)
    dwell = plan.project.spec.bundle.dwell_minutes
    code = timed.table.index[0]
    stops = plan.bundles.areas.loc[code, "bundle_trip_venues"].split("; ")
    home = plan.area.place_points.geometry[timed.table.loc[code, "point"]]
    places = [home, *plan.services.venues.geometry.loc[stops], home]
    kinds = plan.project.spec.bundle.kinds
    assert len(stops) == len(kinds), "each place of this trip has one service"
    minutes = []
    for leaves in range(settings.start_minute, settings.end_minute, 30):
        minute, arrive = leaves, 0
        for here, there in pairwise(places):
            arrive = explain(plan.network, here, there, settings, minute=minute).arrive_seconds
            minute = -(-arrive // 60) + int(dwell)
        minutes.append((arrive - 60 * leaves) / 60)
    row = timed.table.loc[code]
    assert (row["minutes_low"], row["minutes_high"]) == (min(minutes), max(minutes))
    assert row["minutes"] == sorted(minutes)[5]


def test_words_say_which_trips_are_timed_and_which_are_indicative(by_timetable: Plan) -> None:
    plan = by_timetable
    said = " ".join(find_bundle(plan))
    assert "those of the 10 greatest gaps with a trip are timed end to end" in said
    cells = [row[2] for row in build_trips_table(plan).rows]
    codes = [row[1] for row in build_trips_table(plan).rows]
    timed = plan.bundles.timed.table.index
    for code, cell in zip(codes, cells, strict=True):
        assert ("timed end to end" in cell) == (code in timed)
        assert "indicative" not in cell or code not in timed
    text = say_timed(plan, timed[0])
    legs = plan.bundles.timed.legs
    assert f"back by {legs.loc[legs['area_code'] == timed[0], 'arrives'].iloc[-1]}" in text
    assert say_timed(plan, "E00000000") == ""
    assert len(build_timed_table(plan).rows) == len(legs)


def test_timed_trips_are_in_files_of_their_own(by_timetable: Plan) -> None:
    files = build_bundle_files(by_timetable)
    table, legs = files["bundle_timed.csv"], files["bundle_timed_legs.csv"]
    assert table["meaning"].str.contains("Timed end to end").all()
    assert set(legs["area_code"]) == set(table.loc[table["status"] == "reached", "area_code"])
    first = legs.groupby("area_code").head(1)
    assert (first["from_name"] == "home").all()


def test_on_foot_there_is_nothing_indicative_to_be_timed(on_foot: Plan) -> None:
    assert on_foot.bundles.timed is None
    assert "indicative" not in " ".join(find_bundle(on_foot))
    assert build_timed_table(on_foot) is None
    assert not {"bundle_timed.csv", "bundle_timed_legs.csv"} & set(build_bundle_files(on_foot))


def test_none_are_timed_where_none_is_asked_for(by_timetable: Plan, memo: Memo) -> None:
    spec = by_timetable.project.spec.bundle
    none = spec.model_copy(update={"timed": 0})
    again = make_plan(by_timetable.project.with_spec(bundle=none), memo=memo)
    assert again.bundles.timed is None
    assert "so these trips are indicative." in " ".join(find_bundle(again))


def test_changed_settings_time_trips_anew_and_no_others(by_timetable: Plan, memo: Memo) -> None:
    bundle = by_timetable.project.spec.bundle
    memo.computed.clear()
    hourly = bundle.model_copy(update={"timed_every": 60, "timed": 3})
    again = make_plan(by_timetable.project.with_spec(bundle=hourly), memo=memo)
    assert set(memo.computed) == {"timed"}
    timed = again.bundles.timed.table
    assert (timed["tried"] == 6).all()
    assert timed.index.tolist() == by_timetable.bundles.timed.table.index[:3].tolist()


@pytest.mark.parametrize("mode", ["cycle", "drive"])
def test_trips_by_bicycle_and_car_go_by_the_streets_and_their_one_ways(
    on_foot: Plan, memo: Memo, mode: Mode
) -> None:
    riding = on_foot.project.spec.access.model_copy(update={"modes": [mode], "mode": mode})
    plan = make_plan(on_foot.project.with_spec(access=riding), memo=memo)
    trips, areas = plan.bundles.trips, plan.bundles.areas
    assert not trips.indicative
    assert plan.bundles.timed is None
    # The way home is timed by itself: one-way streets.
    assert "bundle_way_back_as_long" not in {note.what for note in plan.notes}
    both = areas["bundle_trip_minutes"].notna()
    both &= on_foot.areas["bundle_trip_minutes"].notna()
    assert both.sum() > 100
    assert (areas["bundle_trip_minutes"] <= on_foot.areas["bundle_trip_minutes"])[both].mean() > 0.9
    # One trip added up leg by leg, each leg timed by itself.
    code = areas.index[both][0]
    row, settings = areas.loc[code], plan.project.spec.streets
    venues = plan.services.venues.geometry.loc[row["bundle_trip_venues"].split("; ")]
    home = plan.area.place_points.geometry[row["bundle_trip_point"]]
    stops = gpd.GeoSeries([home, *venues, home], crs=venues.crs)
    stops.index = pd.Index([f"{at:02d}" for at in range(len(stops))])
    kind = CycleSettings(cycle_kmh=settings.cycle_kmh) if mode == "cycle" else DriveSettings()
    times = build_street_times(
        read_roads(DEMO / settings.file, kind),
        *(stops, stops),
        walk_kmh=settings.walk_kmh,
        cutoff_minutes=riding.cutoff,
        snap_metres=settings.snap_metres,
        extent_metres=settings.extent_metres,
    )
    table = times.pairs.set_index(["origin", "destination"])["deciseconds"]
    legs = sum(int(table[(at, at + 1)]) for at in range(len(stops) - 1))
    assert row["bundle_trip_travel_minutes"] == pytest.approx(legs / 600, abs=1e-6)


def test_journeys_of_another_program_leave_the_trips_out_and_say_so(
    on_foot: Plan, memo: Memo, tmp_path: Path
) -> None:
    points, venues = on_foot.area.place_points.index, on_foot.services.venues.index
    pairs = pd.MultiIndex.from_product([points, venues], names=["from_id", "to_id"])
    pd.DataFrame({"travel_time_p50": 10.0}, index=pairs).reset_index().to_csv(
        tmp_path / "matrix.csv", index=False
    )
    project = replace(on_foot.project, data_roots=(tmp_path.resolve(),)).with_spec(
        matrix=[{"file": "matrix.csv", "mode": "cycle"}], access={"mode": "cycle"}
    )
    again = make_plan(project, memo=memo)
    assert again.bundles is not None
    assert again.bundles.trips is None
    (note,) = [note for note in again.notes if note.what == "bundle_not_timed"]
    assert "[[matrix]]" in note.text
    assert "bundle_trip_minutes" not in again.areas
    assert set(build_bundle_files(again)) == {
        *("bundle.csv", "bundle_signatures.csv", "bundle_pairs.csv"),
        *("bundle_larger_areas.csv", "equity.csv"),
    }


def test_equity_is_by_kind_with_its_meaning(on_foot: Plan) -> None:
    table = build_bundle_files(on_foot)["equity.csv"]
    assert set(table["kind"]) == {*on_foot.access.kinds, "bundle"}
    assert table["meaning"].str.len().gt(20).all()
    # The share beyond the standard, counted from the areas by hand.
    near = on_foot.access.wide("minutes_nearest", "gp")
    people = on_foot.area.place["population"]
    known = near["status"].isin(["reached", "over_cutoff", "unreachable"])
    far = near["value"].gt(on_foot.standards["gp"].minutes) | near["status"].ne("reached")
    share = people[known & far].sum() / people[known].sum()
    row = table[(table["kind"] == "gp") & (table["index"] == "poverty_share")]
    assert float(row["value"].iloc[0]) == pytest.approx(share)


def test_areas_off_the_streets_have_no_trip_and_say_why(on_foot: Plan) -> None:
    areas = on_foot.areas
    off = areas["bundle_trip_status"].isin(["not_connected", "outside_extent"])
    assert off.any()
    assert areas.loc[off, "bundle_trip_minutes"].isna().all()
    assert pd.notna(areas.loc[~off & areas["bundle_trip_status"].eq("reached"),
                              "bundle_trip_minutes"]).all()  # fmt: skip
