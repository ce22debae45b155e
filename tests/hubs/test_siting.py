"""Hubs go where they save the most need-weighted minutes, and each gain is counted by hand."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from places import CODES, tiny_area, tiny_layers
from shapely.geometry import Point

from planner.access import Access, build_access
from planner.area import CRS, StudyArea
from planner.errors import ProjectError
from planner.hubs import build_hubs, candidate_venues
from planner.need import Need, build_need
from planner.project import AccessSettings, HubSettings, NeedSettings
from planner.services import OFFER_COLUMNS, VENUE_COLUMNS, Services
from planner.travel.getting_about import Way
from planner.travel.times import TravelTimes
from planner.travel.walk import build_straight_line_times

KMH = 6.0  # 100 metres a minute, so that minutes can be read off the map


def venue(x: float, y: float, status: str = "existing") -> list[object]:
    return ["A hall", "", "", status, float("nan"), "", Point(430000 + x, 390000 + y)]


@pytest.fixture
def services() -> Services:
    """A GP in the far corner (area 6), halls in areas 1 and 5, and a shut hall in area 3."""
    venues = gpd.GeoDataFrame(
        [venue(2500, 1500), venue(500, 500), venue(1500, 1500), venue(2500, 500, "closed")],
        columns=VENUE_COLUMNS,
        index=pd.Index(["gp:far", "hall:one", "hall:two", "hall:zshut"], name="venue_id"),
        geometry="geometry",
        crs=CRS,
    )
    offers = pd.DataFrame(
        [
            ["gp:far", "gp", "NHS", np.nan, "", "", "anyone", 0],
            ["hall:one", "community_centre", "", np.nan, "", "", "anyone", 0],
            ["hall:two", "community_centre", "", np.nan, "", "", "anyone", 0],
            ["hall:zshut", "community_centre", "", np.nan, "", "", "anyone", 0],
        ],
        columns=OFFER_COLUMNS,
        index=pd.Index([f"offer{i}" for i in range(4)], name="offer_id"),
    )
    unplaced = pd.DataFrame(columns=["kind", "name", "postcode", "reason", "file", "row"])
    return Services(venues=venues, offers=offers, unplaced=unplaced)


@pytest.fixture
def area() -> StudyArea:
    return tiny_area()


@pytest.fixture
def need(area: StudyArea) -> Need:
    return build_need(tiny_layers(area), area, NeedSettings())


@pytest.fixture
def times(area: StudyArea, services: Services) -> TravelTimes:
    return build_straight_line_times(
        area.place_points.geometry,
        services.venues.geometry,
        walk_kmh=KMH,
        detour=1.0,
        cutoff_minutes=120,
    )


@pytest.fixture
def access(area: StudyArea, services: Services, times: TravelTimes) -> Access:
    return build_access(
        area,
        services,
        Way(times=times),
        None,
        AccessSettings(),
        ["gp"],
    )


def settings(**changes: object) -> HubSettings:
    return HubSettings.model_validate(
        {"count": 1, "candidate_kinds": ["community_centre"]} | changes
    )


def test_candidates_are_open_venues_of_the_kinds(services: Services, area: StudyArea) -> None:
    found = candidate_venues(services, area, settings())
    assert found.tolist() == ["hall:one", "hall:two"]


def test_an_existing_hub_is_always_among_them(services: Services, area: StudyArea) -> None:
    found = candidate_venues(services, area, settings(existing=["gp:far"]))
    assert found.tolist() == ["gp:far", "hall:one", "hall:two"]


def test_the_hub_with_less_need_weighted_travel_is_chosen(
    area: StudyArea, services: Services, times: TravelTimes, need: Need, access: Access
) -> None:
    hubs = build_hubs(area, services, times, need, access, settings())
    assert hubs is not None
    demand = area.areas["population"] * need.scores["need_percentile_access_use"]
    centres = area.areas.geometry.centroid
    cost = {
        name: float((demand * centres.distance(Point(430000 + x, 390000 + y)) / 100).sum())
        for name, (x, y) in {"hall:one": (500, 500), "hall:two": (1500, 1500)}.items()
    }
    best = min(cost, key=lambda name: cost[name])
    assert hubs.chosen["venue_id"].tolist() == [best]
    # A thousandth of a minute an area: minutes are whole deciseconds.
    assert hubs.objective == pytest.approx(cost[best], rel=1e-3)
    assert (hubs.status, hubs.gap) == ("optimal", 0.0)


def test_gains_are_the_minutes_saved_by_hand(
    area: StudyArea, services: Services, times: TravelTimes, need: Need, access: Access
) -> None:
    hubs = build_hubs(area, services, times, need, access, settings(existing=["hall:one"], count=1))
    assert hubs is not None
    first = hubs.areas.loc[CODES[0]]
    # From the centre of area 1 the GP is 2 km east and 1 km north: 22.4 minutes at 100 m a minute.
    assert first["minutes_before"] == pytest.approx(np.hypot(20, 10), abs=0.01)
    assert first["minutes_after"] == 0.0
    assert first["minutes_saved"] == pytest.approx(np.hypot(20, 10), abs=0.01)
    last = hubs.areas.loc[CODES[5]]
    assert last["minutes_saved"] == 0.0
    assert not last["gains"]


def test_an_existing_hub_is_beside_the_ones_asked_for(
    area: StudyArea, services: Services, times: TravelTimes, need: Need, access: Access
) -> None:
    hubs = build_hubs(area, services, times, need, access, settings(existing=["hall:one"], count=1))
    assert hubs is not None
    roles = hubs.chosen.set_index("venue_id")["role"].to_dict()
    assert roles == {"hall:one": "existing", "hall:two": "new"}


def test_everybody_is_counted_once(
    area: StudyArea, services: Services, times: TravelTimes, need: Need, access: Access
) -> None:
    hubs = build_hubs(area, services, times, need, access, settings(count=2))
    assert hubs is not None
    assert hubs.chosen["people_nearest"].sum() == area.areas["population"].sum()
    assert hubs.chosen["areas_nearest"].sum() == 6


def test_unreachable_areas_pay_the_penalty_and_are_named(
    area: StudyArea, services: Services, need: Need
) -> None:
    near = build_straight_line_times(
        area.place_points.geometry,
        services.venues.geometry,
        walk_kmh=KMH,
        detour=1.0,
        cutoff_minutes=12,
    )
    reach = build_access(
        area,
        services,
        Way(times=near),
        None,
        AccessSettings.model_validate({"within": [10], "jobs_within": [10], "cutoff": 12}),
        ["gp"],
    )
    one = settings(candidate_kinds=["gp"], penalty_minutes=100)
    hubs = build_hubs(area, services, near, need, reach, one)
    assert hubs is not None
    note = next(note for note in hubs.notes if note.what == "areas_penalised")
    # Areas 3, 5 and 6 are within 10 minutes of the GP; the other three are not within 12.
    assert note.items == (CODES[0], CODES[1], CODES[3])
    demand = area.areas["population"] * need.scores["need_percentile_access_use"]
    expected = 100 * demand[list(note.items)].sum() + 10 * demand[[CODES[2], CODES[4]]].sum()
    assert hubs.objective == pytest.approx(expected)


def test_no_route_to_a_hub_is_not_called_far(
    area: StudyArea, services: Services, times: TravelTimes, need: Need, access: Access
) -> None:
    # Area 1 becomes an island: another piece of network, and no way off it.
    island = times.origins.get_loc(CODES[0])
    component = times.origin_component.copy()
    component[CODES[0]] = 1
    pairs = times.pairs[times.pairs["origin"] != island].reset_index(drop=True)
    cut_off = replace(times, origin_component=component, pairs=pairs)
    hubs = build_hubs(area, services, cut_off, need, access, settings())
    assert hubs is not None
    assert hubs.areas.loc[CODES[0], "hub_status"] == "unreachable"
    assert set(hubs.areas["hub_status"].drop(CODES[0])) == {"reached"}
    (note,) = [note for note in hubs.notes if note.what == "areas_penalised"]
    assert "1 no route there at all" in note.text


def test_no_candidate_is_no_answer_rather_than_an_error(
    area: StudyArea, services: Services, times: TravelTimes, need: Need, access: Access
) -> None:
    assert (
        build_hubs(area, services, times, need, access, settings(candidate_kinds=["school"]))
        is None
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"existing": ["nowhere"]}, "there is no venue 'nowhere'"),
        ({"existing": ["hall:zshut"]}, "existing and closed at once"),
        ({"forced": ["nowhere"]}, "there is no venue 'nowhere'"),
    ],
)
def test_an_impossible_existing_hub_is_refused(
    area: StudyArea,
    services: Services,
    times: TravelTimes,
    need: Need,
    access: Access,
    changes: dict[str, object],
    words: str,
) -> None:
    with pytest.raises(ProjectError, match=words):
        build_hubs(area, services, times, need, access, settings(**changes))


def test_more_hubs_than_candidates_is_an_answer_in_words(
    area: StudyArea, services: Services, times: TravelTimes, need: Need, access: Access
) -> None:
    hubs = build_hubs(area, services, times, need, access, settings(count=3, forced=["hall:one"]))
    assert hubs is not None
    assert hubs.status == "infeasible"
    why = hubs.siting.infeasible
    assert why is not None
    assert why.text.startswith("3 sites are asked for, but there is 1 candidate beside 1 forced")
    assert [(change.what, change.needed) for change in why.changes] == [("p", 2)]
    # What is open anyway stays open.
    assert hubs.chosen["venue_id"].tolist() == ["hall:one"]
