"""Changes make a new set of services; today stays as it was."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from planner.area import CRS
from planner.errors import ProjectError
from planner.scenario import CloseVenue, OpenVenue, apply_changes
from planner.services import OFFER_COLUMNS, VENUE_COLUMNS, Services

NEW = OpenVenue(venue_id="hub:new", name="New hub", x=430500, y=390500, kinds=("gp", "library"))


@pytest.fixture
def services() -> Services:
    venues = gpd.GeoDataFrame(
        [["Old library", "", "", "existing", float("nan"), "", Point(431500, 390500)]],
        columns=VENUE_COLUMNS,
        index=pd.Index(["library:old"], name="venue_id"),
        geometry="geometry",
        crs=CRS,
    )
    offers = pd.DataFrame(
        [["library:old", "library", "Council", float("nan"), "", "", "anyone", 0]],
        columns=OFFER_COLUMNS,
        index=pd.Index(["library:old/library"], name="offer_id"),
    )
    unplaced = pd.DataFrame(columns=["kind", "name", "postcode", "reason", "file", "row"])
    return Services(venues=venues, offers=offers, unplaced=unplaced)


def test_no_changes_is_the_same_object(services: Services) -> None:
    assert apply_changes(services, ()) is services


def test_a_closed_venue_offers_nothing_and_is_still_listed(services: Services) -> None:
    after = apply_changes(services, [CloseVenue(venue_id="library:old")])
    assert after.open_offers("library").empty
    assert "library:old" in after.venues.index
    assert len(services.open_offers("library")) == 1


def test_an_opened_venue_offers_each_kind(services: Services) -> None:
    after = apply_changes(services, [NEW])
    assert after.open_offers("gp")["venue_id"].tolist() == ["hub:new"]
    assert after.kinds == ["gp", "library"]
    assert after.venues.loc["hub:new"].geometry.equals(Point(430500, 390500))


@pytest.mark.parametrize("change", [CloseVenue(venue_id="nothing"), NEW])
def test_an_impossible_change_is_refused(services: Services, change: object) -> None:
    services = apply_changes(services, [NEW])
    with pytest.raises(ProjectError, match="Scenario"):
        apply_changes(services, [change])  # type: ignore[list-item]
