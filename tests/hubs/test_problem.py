"""A problem holds the place's own areas and venues, and says what was left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from places import CODES, POPULATION, tiny_area, tiny_layers
from shapely.geometry import Point

from planner.area import CRS, StudyArea
from planner.errors import ProjectError
from planner.hubs.problem import SitingProblem, build_problem
from planner.need import Need, build_need
from planner.project import HubSettings, NeedSettings
from planner.services import OFFER_COLUMNS, VENUE_COLUMNS, Services
from planner.travel.times import TravelTimes
from planner.travel.walk import build_straight_line_times

#: Halls in areas 1 and 5, a second one beside the latter, one shut, one to be opened anyway.
HALLS = {
    "hall:a": (500, 500, "existing"),
    "hall:b": (1500, 1500, "existing"),
    "hall:c": (1500, 1500, "existing"),
    "hall:shut": (2500, 500, "closed"),
    "hall:will": (2500, 1500, "forced"),
}


@pytest.fixture
def area() -> StudyArea:
    return tiny_area()


@pytest.fixture
def need(area: StudyArea) -> Need:
    return build_need(tiny_layers(area), area, NeedSettings())


@pytest.fixture
def services() -> Services:
    rows = [
        ["A hall", "", "", status, np.nan, "", Point(430000 + x, 390000 + y)]
        for x, y, status in HALLS.values()
    ]
    venues = gpd.GeoDataFrame(
        rows,
        columns=VENUE_COLUMNS,
        index=pd.Index(list(HALLS), name="venue_id"),
        geometry="geometry",
        crs=CRS,
    )
    offers = pd.DataFrame(
        [[name, "library", "", np.nan, "", "", "anyone", 0] for name in HALLS],
        columns=OFFER_COLUMNS,
        index=pd.Index([f"offer{i}" for i in range(len(HALLS))], name="offer_id"),
    )
    unplaced = pd.DataFrame(columns=["kind", "name", "postcode", "reason", "file", "row"])
    return Services(venues=venues, offers=offers, unplaced=unplaced)


def walks(area: StudyArea, services: Services, cutoff: float = 120) -> TravelTimes:
    """Return times along straight ways at 100 metres a minute."""
    return build_straight_line_times(
        area.place_points.geometry,
        services.venues.geometry,
        walk_kmh=6.0,
        detour=1.0,
        cutoff_minutes=cutoff,
    )


def build(
    area: StudyArea, services: Services, need: Need, *, cutoff: float = 120, **more: Any
) -> SitingProblem:
    names = {"existing", "candidate_kinds", "penalty_minutes"}
    chosen = {name: more.pop(name) for name in names & set(more)}
    spec = HubSettings.model_validate({"candidate_kinds": ["library"]} | chosen)
    return build_problem(area, services, walks(area, services, cutoff), need, spec, **more)


def test_minutes_demand_and_statuses_by_hand(
    area: StudyArea, services: Services, need: Need
) -> None:
    problem = build(area, services, need, existing=["hall:a"])
    assert problem.sites["status"].to_dict() == {
        "hall:a": "existing",
        "hall:b": "candidate",
        "hall:c": "candidate",
        "hall:will": "forced",
    }
    # From the middle of area 1 to that of area 5: 1 km east and 1 km north.
    assert problem.minutes.loc[CODES[0], "hall:b"] == pytest.approx(np.hypot(10, 10), abs=0.01)
    assert problem.minutes.loc[CODES[0], "hall:a"] == 0.0
    assert problem.people.tolist() == POPULATION
    percentile = need.scores["need_percentile_access_use"]
    pd.testing.assert_series_equal(problem.demand, problem.people * percentile, check_names=False)
    assert list(problem.open_sites) == ["hall:a", "hall:will"]
    assert list(problem.choosable) == ["hall:b", "hall:c"]
    assert (problem.sites["cost"] == 0).all()
    assert problem.sites["capacity"].isna().all()


def test_costs_capacities_types_and_a_count(
    area: StudyArea, services: Services, need: Need
) -> None:
    count = pd.Series([1.0, 2, 3, 4, 5, 6], index=area.codes)
    problem = build(
        area,
        services,
        need,
        demand=count,
        groups=pd.Series({CODES[0]: "estate", CODES[2]: "village"}),
        costs=pd.Series({"hall:b": 250.0}),
        capacities=pd.Series({"hall:a": 900.0}),
    )
    assert problem.demand.tolist() == count.tolist()
    assert problem.groups.tolist() == ["estate", "", "village", "", "", ""]
    assert problem.sites["cost"].to_dict()["hall:b"] == 250.0
    assert problem.sites["capacity"].to_dict()["hall:a"] == 900.0
    (note,) = [note for note in problem.notes if note.what == "areas_without_type"]
    assert note.count == 4


def test_two_sites_in_one_place_are_said(area: StudyArea, services: Services, need: Need) -> None:
    (note,) = [n for n in build(area, services, need).notes if n.what == "sites_in_one_place"]
    assert note.items == ("hall:b", "hall:c")


def test_areas_out_of_reach_stay_and_are_named(
    area: StudyArea, services: Services, need: Need
) -> None:
    problem = build(area, services, need, cutoff=9, closed=["hall:a"])
    # Only areas 5 and 6 have a hall that is not shut within nine minutes.
    assert list(problem.out_of_reach) == [CODES[0], CODES[1], CODES[2], CODES[3]]
    (note,) = [note for note in problem.notes if note.what == "areas_penalised"]
    assert note.items == tuple(problem.out_of_reach)
    assert "each counts as 180 minutes" in note.text
    assert (problem.cost[0, problem.at(problem.usable)] == 180.0).all()


def test_areas_off_the_network_take_no_part(
    area: StudyArea, services: Services, need: Need
) -> None:
    times = walks(area, services)
    status = times.origin_status.copy()
    status[CODES[2]] = "not_connected"
    pairs = times.pairs[times.pairs["origin"] != 2].reset_index(drop=True)
    cut = replace(times, origin_status=status, pairs=pairs)
    spec = HubSettings.model_validate({"candidate_kinds": ["library"]})
    problem = build_problem(area, services, cut, need, spec)
    assert CODES[2] not in problem.minutes.index
    (note,) = [note for note in problem.notes if note.what == "areas_not_on_network"]
    assert note.items == (CODES[2],)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"forced": ["nowhere"]}, "there is no venue 'nowhere'"),
        ({"forced": ["hall:shut"]}, "'hall:shut' is forced and closed at once"),
        ({"closed": ["hall:will"]}, "'hall:will' is forced and closed at once"),
        ({"existing": ["hall:shut"]}, "'hall:shut' is existing and closed at once"),
        ({"costs": pd.Series({"hall:a": -2.0})}, "the cost of hall:a is -2"),
        ({"costs": pd.Series({"hall:z": 2.0})}, "a cost of 'hall:z', which is no venue"),
        ({"penalty_minutes": 5.0}, "less than the longest journey"),
        ({"closed": ["hall:a", "hall:b", "hall:c"], "candidate_kinds": []}, ""),
    ],
)
def test_what_cannot_be_is_told_in_words(
    area: StudyArea, services: Services, need: Need, more: dict[str, Any], words: str
) -> None:
    if not words:
        # A forced venue alone is a choice of one.
        assert list(build(area, services, need, **more).usable) == ["hall:will"]
        return
    with pytest.raises(ProjectError, match=words):
        build(area, services, need, **more)


def test_no_venue_at_all_is_told_in_words(area: StudyArea, services: Services, need: Need) -> None:
    closed = [name for name, (*_, status) in HALLS.items() if status == "existing"]
    shut = replace(services, venues=services.venues.assign(status="closed"))
    with pytest.raises(ProjectError, match="no venue may become a hub"):
        build(area, shut, need, closed=closed)


def test_a_venue_nobody_was_timed_to_is_told_in_words(
    area: StudyArea, services: Services, need: Need
) -> None:
    fewer = replace(
        services, venues=services.venues.drop("hall:b"), offers=services.offers.iloc[:1]
    )
    spec = HubSettings.model_validate({"candidate_kinds": ["library"]})
    with pytest.raises(ProjectError, match="no journeys to hall:b"):
        build_problem(area, services, walks(area, fewer), need, spec)
