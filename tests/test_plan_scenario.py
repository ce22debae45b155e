"""A scenario reaches every stage that it touches, and no other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planner import Memo, Plan, Project, Scenario, make_plan
from planner.errors import ProjectError
from planner.plan.stages import TIMED
from planner.scenario import (
    AddShuttle,
    ChangeFrequency,
    CloseVenue,
    NewEstate,
    RenameVenue,
    SetOpening,
)

SATURDAY = "Sa 10:00-13:00"
DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"


@pytest.fixture(scope="module")
def memo(demo_memo: Memo) -> Memo:
    return demo_memo


@pytest.fixture(scope="module")
def today(memo: Memo) -> Plan:
    few = {
        "measures": {"kth": [], "interval": [], "jobs_bands": [], "at": [SATURDAY]},
        "gaps": {"draws": 0},
        "equity": {"bootstraps": 0},
        "tandem": {"permutations": 99},
    }
    project = Project.read(DEMO)
    bundle = project.spec.bundle.model_copy(update={"timed": 0})
    hubs = project.spec.hubs.model_copy(update={"alternatives": 0, "draws": 0})
    return make_plan(project.with_spec(**few, bundle=bundle, hubs=hubs), memo=memo)


def minutes(plan: Plan, kind: str) -> np.ndarray:
    return plan.access.wide("minutes_nearest", kind)["value"].fillna(np.inf).to_numpy()


def library(plan: Plan) -> str:
    offers = plan.services.open_offers("library")
    return str(offers["venue_id"].sort_values().iloc[0])


def test_a_closure_times_only_the_nearest_again(today: Plan, memo: Memo) -> None:
    closing = Scenario(name="close", changes=(CloseVenue(venue_id=library(today)),))
    memo.computed.clear()
    after = make_plan(today.project, closing, memo=memo)
    assert set(TIMED) & set(memo.computed) == {"transit_nearest"}
    assert {"access", "measures", "gaps"} <= set(memo.computed)
    assert (minutes(after, "library") >= minutes(today, "library")).all()
    memo.computed.clear()
    make_plan(today.project, Scenario(name="another name", changes=closing.changes), memo=memo)
    assert memo.computed == ["outcomes"]  # whose table has the scenario's name in it


def test_other_hours_change_what_is_open_then(today: Plan, memo: Memo) -> None:
    sites = today.services.open_offers("library")["venue_id"].unique()
    never = (
        *(SetOpening(venue_id=str(site), opening="Su 09:00-10:00") for site in sites),
        RenameVenue(venue_id=library(today), name="The Reading Room"),
    )
    memo.computed.clear()
    after = make_plan(today.project, Scenario(name="Sundays", changes=never), memo=memo)
    assert not set(TIMED) & set(memo.computed)
    assert "The Reading Room" in set(after.services.venues["venue_name"])
    before = today.measures_by["walk"].wide("minutes_open", "library", SATURDAY)
    assert (before["status"] == "reached").any()
    then = after.measures_by["walk"].wide("minutes_open", "library", SATURDAY)
    assert not (then["status"] == "reached").any()


def test_new_homes_are_counted_and_set_out_from(today: Plan, memo: Memo) -> None:
    code = today.area.codes[0]
    inside = today.area.place.geometry[code].representative_point()
    homes = NewEstate(name="Meadows", people=500, x=inside.x, y=inside.y)
    after = make_plan(today.project, Scenario(name="homes", changes=(homes,)), memo=memo)
    more = after.area.place["population"] - today.area.place["population"]
    assert more[code] == 500
    assert more.drop(code).eq(0).all()
    assert len(after.area.place_points) == len(today.area.place_points) + 1
    assert after.times.origins.equals(after.area.place_points.index)


def test_more_buses_make_nobody_later(today: Plan, memo: Memo) -> None:
    assert today.network is not None
    routes = sorted({str(name) for name in today.network.timetable.route_name})
    twice = tuple(ChangeFrequency(route=route, factor=2) for route in routes)
    after = make_plan(today.project, Scenario(name="buses", changes=twice), memo=memo)
    assert (minutes(after, "jobcentre") <= minutes(today, "jobcentre") + 1e-9).all()
    assert (minutes(after, "jobcentre") < minutes(today, "jobcentre") - 0.5).any()


def test_a_shuttle_without_a_timetable_is_refused(today: Plan) -> None:
    shuttle = AddShuttle(
        name="Hopper", stops=((400000.0, 300000.0), (401000.0, 300000.0)), minutes=(4.0,),
        every_minutes=20,
    )  # fmt: skip
    on_foot = today.project.with_spec(timetable=None, access={"mode": "walk"})
    with pytest.raises(ProjectError, match="timetable"):
        make_plan(on_foot, Scenario(name="hopper", changes=(shuttle,)))
