"""A plan times every way of getting about that the project asks for, and goes by the right one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from light import lighten, lighten_file

from planner import Memo, Plan, Project, make_plan
from planner.errors import DataError, ProjectError
from planner.ledger import Note
from planner.plan.questions import build_bands
from planner.project import parse_spec, to_minutes
from planner.scenario import MoveVenue, Scenario

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
PLACE = {"name": "Somewhere", "geography": "lsoa21", "boundaries": "areas.geojson"}
TIMETABLE = {"files": ["buses.zip"], "date": "2026-03-03"}


@pytest.fixture(scope="module")
def memo(demo_memo: Memo) -> Memo:
    return demo_memo


@pytest.fixture(scope="module")
def plan(memo: Memo) -> Plan:
    project = lighten(Project.read(DEMO))
    return make_plan(project.with_spec(access={"modes": ["cycle", "drive"]}), memo=memo)


def minutes(plan: Plan, key: str, kind: str = "gp") -> pd.Series:
    """Return minutes to the nearest, infinite where it is not reached."""
    return plan.access_by[key].wide("minutes_nearest", kind)["value"].fillna(np.inf)


@pytest.mark.parametrize(
    ("more", "modes", "mode"),
    [
        ({}, ("walk",), "walk"),
        ({"streets": {"file": "a.osm"}}, ("walk",), "walk"),
        ({"timetable": TIMETABLE}, ("walk",), "walk"),
        (
            {"timetable": TIMETABLE, "streets": {"file": "a.osm"}},
            ("walk", "transit"),
            "transit",
        ),
        (
            {"timetable": TIMETABLE, "streets": {"file": "a.osm"}, "access": {"mode": "walk"}},
            ("walk", "transit"),
            "walk",
        ),
        (
            {"streets": {"file": "a.osm"}, "access": {"modes": ["drive", "cycle"]}},
            ("walk", "cycle", "drive"),
            "walk",
        ),
        ({"matrix": [{"file": "m.csv", "mode": "transit"}]}, ("walk", "transit"), "transit"),
    ],
)
def test_which_ways_a_project_has(more: dict[str, object], modes: object, mode: str) -> None:
    spec = parse_spec({"place": PLACE, **more}, where="planner.toml")
    assert (spec.modes, spec.mode) == (modes, mode)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"access": {"modes": ["cycle"]}}, "cycle journeys need a street file"),
        (
            {"access": {"modes": ["transit"]}, "streets": {"file": "a.osm"}},
            "transit journeys need a [timetable]",
        ),
        (
            {"access": {"mode": "drive"}, "streets": {"file": "a.osm"}},
            "mode drive is not in modes",
        ),
        ({"matrix": [{"file": "m.csv", "mode": "drive", "to": "jobs"}]}, "a matrix to services"),
        ({"timetable": TIMETABLE | {"window": "16:00-10:00"}}, "no stretch of a day"),
        ({"timetable": TIMETABLE | {"window": "ten to four"}}, "window"),
    ],
)
def test_ways_that_cannot_be_are_refused(more: dict[str, object], words: str) -> None:
    with pytest.raises(ProjectError) as told:
        parse_spec({"place": PLACE, **more}, where="planner.toml")
    assert words in str(told.value)


def test_a_window_in_minutes() -> None:
    assert to_minutes("7:05-25:30") == (425, 1530)


def test_the_demo_is_timed_by_every_way(plan: Plan) -> None:
    assert list(plan.ways) == ["walk", "cycle", "drive", "transit", "transit85"]
    assert plan.mode == "transit"


def test_public_transport_is_never_slower_than_walking_nor_the_reliable_journey_quicker(
    plan: Plan,
) -> None:
    for kind in plan.access.kinds:
        # Walks for a journey by timetable are rounded up to whole seconds.
        walk = minutes(plan, "walk", kind) + 1 / 60
        assert (minutes(plan, "transit", kind) <= walk).all()
        assert (minutes(plan, "transit85", kind) <= walk).all()
        assert (minutes(plan, "transit", kind) <= minutes(plan, "transit85", kind)).all()


def test_the_nearest_at_every_minute_is_never_further_than_the_nearest_single_venue(
    plan: Plan,
) -> None:
    way = plan.ways["transit"]
    assert way.nearest_of
    single = type(way)(times=way.times)
    for venues, found in way.nearest_of.items():
        alone = single.nearest(pd.Index(venues))["minutes"].fillna(np.inf)
        # Minutes of single venues are kept in deciseconds.
        assert (found["minutes"].fillna(np.inf) <= alone + 1e-6).all()


def test_a_car_reaches_what_a_bicycle_reaches(plan: Plan) -> None:
    reached = np.isfinite(minutes(plan, "cycle")) & np.isfinite(minutes(plan, "drive"))
    assert reached.sum() > 100
    assert minutes(plan, "cycle")[reached].median() < minutes(plan, "walk")[reached].median()


def test_gaps_say_by_which_way(plan: Plan, memo: Memo) -> None:
    reasons = plan.gaps.table["gap_reason"]
    assert reasons.str.contains("by public transport or on foot").any()
    on_foot = make_plan(plan.project.with_spec(access={"mode": "walk"}), memo=memo)
    assert not on_foot.gaps.table["gap_reason"].str.contains("public transport").any()
    assert (
        on_foot.gaps.table.set_index(["kind", "area_code"])["minutes"]
        .xs("gp")
        .equals(on_foot.access_by["walk"].wide("minutes_nearest", "gp")["value"].rename("minutes"))
    )


def test_jobs_are_reached_in_the_morning_and_services_by_day(plan: Plan) -> None:
    table = plan.access_by["transit"].table
    jobs = table["measure"] == "jobs_within"
    assert set(table.loc[jobs, "window"]) == {"Tue 07:00-10:00"}
    assert set(table.loc[~jobs, "window"]) == {"Tue 10:00-16:00"}


def write_matrix(folder: Path, text: str, *, mode: str = "transit", more: str = "") -> Project:
    shutil.copytree(DEMO, folder / "demo")
    path = folder / "demo" / "planner.toml"
    (folder / "demo" / "matrix.csv").write_text(text)
    entry = f'\n[[matrix]]\nfile = "matrix.csv"\nmode = "{mode}"\n{more}'
    path.write_text(path.read_text() + entry)
    return Project.read(lighten_file(path))


def test_times_from_another_program_stand_in_for_ours(
    plan: Plan, memo: Memo, tmp_path: Path
) -> None:
    first, second, *_ = plan.area.codes
    one, other = plan.services.open_offers("gp")["venue_id"].unique()[:2]
    lines = ["from_id,to_id,travel_time_p50,travel_time_p85"]
    lines += [f"{first},{one},12,20", f"{first},{other},15,16", f"{second},{one},,"]
    project = write_matrix(tmp_path, "\n".join(lines) + "\n")
    found = make_plan(project, memo=memo)
    assert found.access_by["transit"].wide("minutes_nearest", "gp")["value"][first] == 12
    assert found.access_by["transit85"].wide("minutes_nearest", "gp")["value"][first] == 16
    statuses = found.access_by["transit"].wide("minutes_nearest", "gp")["status"]
    assert statuses[first] == "reached"
    assert statuses[second] != "reached"
    assert statuses[plan.area.codes[-1]] == "no_data"
    assert any(source.file == "matrix.csv" for source in found.sources)


def test_a_matrix_of_elsewhere_is_refused(memo: Memo, tmp_path: Path) -> None:
    project = write_matrix(tmp_path, "from_id,to_id,travel_time\nX1,X2,5\n")
    with pytest.raises(DataError):
        make_plan(project, memo=memo)


def gps(plan: Plan, *, minutes: str = "12", header: str = "travel_time") -> str:
    """Return a matrix from every area to every GP, all at the same time."""
    venues = sorted(plan.services.open_offers("gp")["venue_id"].unique())
    pairs = [f"{code},{venue},{minutes}" for code in plan.area.codes for venue in venues]
    return "\n".join([f"from_id,to_id,{header}", *pairs]) + "\n"


def test_walks_from_another_program_are_still_there_the_second_time(
    plan: Plan, memo: Memo, tmp_path: Path
) -> None:
    project = write_matrix(tmp_path, gps(plan), mode="walk")
    for count in (2, 3):
        found = make_plan(project.with_spec(hubs={"count": count}), memo=memo)
        assert found.ways["walk"].times.method == "travel matrix matrix.csv"
        assert set(found.access_by["walk"].wide("minutes_nearest", "gp")["value"]) == {12.0}
    assert [note.count for note in found.notes if note.what == "matrix_without_jobs"] == [1]


def test_a_venue_that_moves_has_no_time_in_an_old_matrix(
    plan: Plan, memo: Memo, tmp_path: Path
) -> None:
    project = write_matrix(tmp_path, gps(plan))
    moved = sorted(plan.services.open_offers("gp")["venue_id"].unique())[0]
    there = plan.services.venues.geometry.loc[moved]
    scenario = Scenario(
        name="move", changes=(MoveVenue(venue_id=moved, x=there.x + 900, y=there.y),)
    )
    found = make_plan(project, scenario, memo=memo)
    times = found.ways["transit"].times
    assert times.destination_status[moved] == "no_data"
    assert moved not in set(times.to_frame()["destination"])
    assert [n.items for n in found.notes if n.what == "matrix_venues_moved"] == [(moved,)]
    assert (minutes(found, "transit") == 12).all()


def test_a_matrix_that_ends_before_a_threshold_is_refused(
    plan: Plan, memo: Memo, tmp_path: Path
) -> None:
    project = write_matrix(tmp_path, gps(plan), more="max_minutes = 15\n")
    with pytest.raises(DataError, match=r"matrix\.csv: .* up to 15 minutes .* within counts"):
        make_plan(project, memo=memo)


def test_a_bad_cell_of_a_matrix_from_points_is_what_is_said(
    plan: Plan, memo: Memo, tmp_path: Path
) -> None:
    venue = plan.services.open_offers("gp")["venue_id"].iloc[0]
    point = plan.area.place_points.index[0]
    assert point not in plan.area.codes
    project = write_matrix(tmp_path, f"from_id,to_id,travel_time\n{point},{venue},-5\n")
    with pytest.raises(DataError, match="row 2: a time of -5"):
        make_plan(project, memo=memo)


def test_bands_of_a_matrix_without_a_median(plan: Plan, memo: Memo, tmp_path: Path) -> None:
    project = write_matrix(tmp_path, gps(plan, header="travel_time_p85"))
    found = make_plan(project, memo=memo)
    venue = found.services.open_offers("gp")["venue_id"].iloc[0]
    people = build_bands(found, venue, "transit").people
    assert people["people"].iloc[0] == pytest.approx(found.area.place["population"].sum())


def test_a_timetable_that_takes_nobody_anywhere_is_said_on_every_page(plan: Plan) -> None:
    note = Note(stage="travel", what="walk_only", count=1, text="No vehicle can be got on.")
    way = plan.ways["transit"]
    walked = replace(way, times=replace(way.times, notes=(*way.times.notes, note)))
    assert note.text in replace(plan, ways={**plan.ways, "transit": walked}).watermarks
    assert note.text not in plan.watermarks
