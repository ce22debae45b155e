"""Journeys, bands, hours and visits asked of a plan: by hand on one street with two buses."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from made_feeds import TUESDAY, to_timetable, trip
from transit_streets import METRE_A_SECOND, network_of, placed, spots

from planner.area import CRS, StudyArea
from planner.plan import questions
from planner.project import parse_spec
from planner.services import OFFER_COLUMNS, Services
from planner.sources.timetable import ServiceDays
from planner.travel.getting_about import MEDIAN, Way
from planner.travel.transit import build_transit_times
from planner.travel.transit.hours import build_people_by_hour
from planner.travel.walk import build_walk_times

#: Two areas along the street: people of X live at 1,000 m (stop A), those of Y, in equal parts,
#: at 4,600 and 8,800 m. GP practices are at 4,000 m and at stop C, 9,000 m; one at 1,300 m serves
#: area Y only. A metre on foot is a second. The buses take 20 minutes from A to C.
BUSES = ["A 8:10, C 8:30", "C 13:00, A 13:20"]
SPEC = {
    "place": {"name": "Street", "geography": "lsoa21", "boundaries": "b.csv"},
    "access": {"cutoff": 60.0},
    "streets": {"file": "s.osm", "walk_kmh": METRE_A_SECOND, "snap_metres": 50},
    "timetable": {
        "files": ["feed.zip"],
        "date": TUESDAY,
        "window": "08:00-09:00",
        "max_walk_minutes": 20.0,
    },
}


@pytest.fixture(scope="module")
def plan() -> Any:
    area, services = _area(), _services()
    network = network_of(placed(to_timetable([trip(line) for line in BUSES], "AC")))
    spec = parse_spec(SPEC, where="test")
    project = SimpleNamespace(spec=spec, path=lambda name: name)
    made = SimpleNamespace(
        project=project, area=area, services=services, network=network, streets=network.streets
    )
    homes, sites = area.place_points.geometry, services.venues.geometry
    walk = build_walk_times(
        network.streets,
        homes,
        sites,
        walk_kmh=METRE_A_SECOND,
        cutoff_minutes=60,
        snap_metres=50,
        extent_metres=500,
    )
    ride = build_transit_times(network, homes, sites, questions.transit_settings(made))[MEDIAN]
    made.ways = {"walk": Way(times=walk), "transit": Way(times=ride)}
    return made


def _area() -> StudyArea:
    points = spots(x=1000, y1=4600, y2=8800)
    return StudyArea(
        name="Street",
        geography="lsoa21",
        areas=gpd.GeoDataFrame(
            {
                "area_name": ["West", "East"],
                "nation": "England",
                "population": [1000.0, 500.0],
                "in_place": True,
                "geometry": [
                    shapely.box(330_000, 186_000, 333_000, 188_000),
                    shapely.box(333_000, 186_000, 340_000, 188_000),
                ],
            },
            index=pd.Index(["E01000001", "E01000002"], name="area_code"),
            crs=CRS,
        ),
        points=gpd.GeoDataFrame(
            {"area_code": ["E01000001", "E01000002", "E01000002"], "weight": [1.0, 0.5, 0.5]},
            index=pd.Index(points.index, name="point_id"),
            geometry=points.to_numpy(),
            crs=CRS,
        ),
        points_kind="population-weighted",
    )


def _services() -> Services:
    at = spots(far=9000, listed=1300, near=4000)
    venues = gpd.GeoDataFrame(
        {
            "venue_name": ["Far Surgery", "Listed Surgery", "Near Surgery"],
            "address": "",
            "postcode": "",
            "status": "existing",
            "rooms": np.nan,
            "opening": "",
        },
        index=pd.Index(at.index, name="venue_id"),
        geometry=at.to_numpy(),
        crs=CRS,
    )
    rows = [
        [venue, "gp", "Nobody", np.nan, "", "", serves, 0]
        for venue, serves in (("far", "anyone"), ("listed", "E01000002"), ("near", "anyone"))
    ]
    offers = pd.DataFrame(
        rows, columns=OFFER_COLUMNS, index=pd.Index(["a", "b", "c"], name="offer_id")
    )
    unplaced = pd.DataFrame(columns=["kind", "name", "postcode", "reason", "file", "row"])
    return Services(venues=venues, offers=offers, unplaced=unplaced)


def _from_west(plan: Any, minute: int, means: questions.Means = "transit") -> Any:
    start = questions.build_start(plan.area, "E01000001")
    venues = questions.usable_venues(plan.services, "gp", start.code)
    return questions.build_journey(plan, start, venues, means, minute=minute)


def test_people_may_use_what_serves_everyone_or_their_area(plan: Any) -> None:
    assert list(questions.usable_venues(plan.services, "gp", "E01000001")) == ["far", "near"]
    assert "listed" in questions.usable_venues(plan.services, "gp", "E01000002")


# 1,000 to 4,000 m is 50 minutes on foot; by the bus of 8:10 one is at 9,000 m at 8:30.
@pytest.mark.parametrize(
    ("minute", "venue", "seconds"), [(7 * 60, "near", 3000), (8 * 60, "far", 1800)]
)
def test_the_nearest_is_that_of_the_minute(
    plan: Any, minute: int, venue: str, seconds: int
) -> None:
    found = _from_west(plan, minute)
    assert found.venue == venue
    assert found.itinerary.seconds == seconds


def test_the_last_departure_is_the_last_bus(plan: Any) -> None:
    assert _from_west(plan, 8 * 60).last.minute == 8 * 60 + 10


def test_on_foot_the_minute_makes_no_difference(plan: Any) -> None:
    found = _from_west(plan, 8 * 60, "walk")
    assert (found.venue, found.itinerary.seconds, found.last) == ("near", 3000, None)


def test_no_journey_has_a_reason(plan: Any) -> None:
    start = questions.build_start(plan.area, "E01000001")
    found = questions.build_journey(plan, start, ["far"], "transit", minute=9 * 60)
    assert found is not None
    assert found.itinerary is None
    assert "none within 60 minutes" in found.reason
    walk = questions.build_journey(plan, start, ["far"], "walk", minute=9 * 60)
    assert walk is not None
    assert walk.reason == "There is a way, but none within 60 minutes on foot."


def test_nothing_to_go_to_is_no_journey(plan: Any) -> None:
    start = questions.build_start(plan.area, "E01000001")
    assert questions.build_journey(plan, start, [], "walk", minute=0) is None


# The mean of 4,600 and 8,800 m is as far from both: the first by its id.
def test_of_several_points_the_one_nearest_to_their_mean_is_the_start(plan: Any) -> None:
    assert questions.build_start(plan.area, "E01000002").point.x == 334_600


def test_a_drawn_point_is_a_grid_reference_or_degrees(plan: Any) -> None:
    drawn = questions.build_drawn_start(plan.area, "331000, 187000")
    assert drawn is not None
    assert (drawn.point.x, drawn.point.y, drawn.code) == (331_000, 187_000, "E01000001")
    degrees = gpd.GeoSeries([drawn.point], crs=CRS).to_crs(4326).iloc[0]
    same = questions.build_drawn_start(plan.area, f"{degrees.y:.6f} {degrees.x:.6f}")
    assert same is not None
    assert same.point.distance(drawn.point) < 0.3


# On foot to the near surgery: 3,000 s from West, 600 s from 4,600 m and 4,800 s from 8,800 m.
# Half of East's people, 250, are there within exactly 10 minutes.
def test_people_in_bands_are_counted_by_their_own_time(plan: Any) -> None:
    found = questions.build_bands(plan, "near", "walk")
    people = found.people.set_index("minutes_to")["people_within"]
    assert people[[10.0, 20.0, 30.0]].tolist() == [250.0, 250.0, 250.0]
    assert found.people["people"].sum() == pytest.approx(1500)
    assert found.areas.loc["E01000001", "minutes"] == 50.0


# Leaving at m minutes after 8:00, m up to 10, West is at the far surgery at 8:30; after that only
# on foot at the near one, 50 minutes. So 11 of 60 minutes are below it and the median is 50.
# Within 8:00-9:00 East's median point is the worse of 10 and 3.3 minutes... both below 30.
def test_people_by_hour(plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    life = ServiceDays(first=TUESDAY, trips=np.array([2]))
    monkeypatch.setattr(questions, "read_service_days", lambda *_, **__: (life, ()))
    found = questions.build_hours(plan, "gp")
    assert found.days == {"weekday": TUESDAY, "saturday": None, "sunday": None}
    assert found.left_out == 1
    people = build_people_by_hour(found.access, plan.area.place["population"], minutes=50)
    at = people.set_index("hour")
    assert at.loc[8, "people_within"] == 1500
    strict = build_people_by_hour(found.access, plan.area.place["population"], minutes=49)
    assert strict.set_index("hour").loc[8, "people_within"] == 500
    assert set(people["profile"]) == {"weekday"}


# From West one walks 50 minutes to the near surgery, stays 10 and walks back: leaving at m after
# 9:00 one is home at m + 110 minutes, so by 11:00 for the 11 minutes up to 9:10.
def test_visits_and_home_in_time(plan: Any) -> None:
    found = questions.build_visits(plan, "gp", stay_minutes=10, back_by_minute=11 * 60)
    assert found.areas.loc["E01000001", "share"] == pytest.approx(11 / 180)
    assert found.people["some"] >= 1000
    assert sum(found.people.values()) == pytest.approx(1500)


def test_another_day_is_read_with_its_own_date(plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[dt.date, str, bool]] = []
    monkeypatch.setattr(questions, "read_network", lambda *_: (plan.streets, None))
    monkeypatch.setattr(
        questions,
        "join_timetable",
        lambda _run, project, _streets, changes, *, own_day: asked.append(
            (project.spec.timetable.date, changes, own_day)
        ),
    )
    project = SimpleNamespace(
        spec=plan.project.spec,
        with_spec=lambda timetable: SimpleNamespace(spec=SimpleNamespace(timetable=timetable)),
    )
    scenario = SimpleNamespace(changes="those of the scenario")
    other = SimpleNamespace(**{**vars(plan), "project": project, "scenario": scenario})
    questions.build_day_network(other, dt.date(2024, 3, 9))
    assert asked == [(dt.date(2024, 3, 9), "those of the scenario", False)]
