"""Changes make a new set of services; today stays as it was."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from planner.area import CRS
from planner.errors import ProjectError
from planner.scenario import (
    AddOffer,
    CloseOffer,
    CloseVenue,
    MoveVenue,
    OpenVenue,
    RenameVenue,
    Scenario,
    SetCapacity,
    SetOfferDetail,
    SetOpening,
    SetServes,
    SetStatus,
    SetVenueDetail,
    apply_changes,
)
from planner.services import (
    OFFER_COLUMNS,
    OFFER_DETAILS,
    VENUE_COLUMNS,
    VENUE_DETAILS,
    Services,
)

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


OLD = "library:old"


@pytest.mark.parametrize(
    ("change", "column", "value"),
    [
        (
            SetVenueDetail(venue_id=OLD, detail="accessibility", text="step-free;lift"),
            "accessibility",
            "step-free; lift",
        ),
        (MoveVenue(venue_id=OLD, x=430001.0, y=390002.0), "geometry", Point(430001, 390002)),
        (RenameVenue(venue_id=OLD, name="Hub"), "venue_name", "Hub"),
        (SetStatus(venue_id=OLD, status="candidate"), "status", "candidate"),
        (SetOpening(venue_id=OLD, opening="Mo 09:00-12:00"), "opening", "Mo 09:00-12:00"),
    ],
)
def test_a_venue_changes_in_one_thing_only(
    services: Services, change: object, column: str, value: object
) -> None:
    after = apply_changes(services, [change])  # type: ignore[list-item]
    assert after.venues.loc[OLD, column] == value
    others = [name for name in [*VENUE_COLUMNS, *VENUE_DETAILS] if name != column]
    assert after.venues.loc[OLD, others].equals(services.venues.loc[OLD, others])
    assert services.venues.loc[OLD, column] != value


def test_capacity_and_who_is_served_change_for_one_kind(services: Services) -> None:
    changes = [
        AddOffer(venue_id=OLD, kind="gp", partner="NHS"),
        SetCapacity(venue_id=OLD, kind="gp", capacity=12.0),
        SetServes(venue_id=OLD, kind="library", serves="place"),
    ]
    offers = apply_changes(services, changes).offers.set_index("kind")
    assert offers.loc["gp", ["partner", "capacity", "serves"]].tolist() == ["NHS", 12.0, "anyone"]
    assert offers.loc["library", "serves"] == "place"
    assert pd.isna(offers.loc["library", "capacity"])


def test_details_go_with_a_venue_and_a_new_one_brings_its_own(services: Services) -> None:
    changes = [
        SetVenueDetail(venue_id=OLD, detail="co_located_with", text="Nursery"),
        SetOfferDetail(venue_id=OLD, detail="languages", text="Welsh, English"),
        MoveVenue(venue_id=OLD, x=430001.0, y=390002.0),
        AddOffer(venue_id=OLD, kind="gp"),
        replace(NEW, accessibility="ramp", service_name="Drop-in"),
    ]
    after = apply_changes(services, changes)
    assert after.venues[VENUE_DETAILS].to_dict("index") == {
        "hub:new": {"accessibility": "ramp", "co_located_with": ""},
        OLD: {"accessibility": "", "co_located_with": "Nursery"},
    }
    assert after.offers[OFFER_DETAILS].apply(tuple, axis=1).to_dict() == {
        "hub:new/gp": ("Drop-in", ""),
        "hub:new/library": ("Drop-in", ""),
        f"{OLD}/gp": ("", ""),
        f"{OLD}/library": ("", "English;Welsh"),
    }


def test_details_of_a_change_are_made_plain(services: Services) -> None:
    asked = SetOfferDetail(venue_id=OLD, detail="service_name", text="Tea\u202e " + "x" * 999)
    (name,) = apply_changes(services, [asked]).offers["service_name"]
    assert name == "Tea " + "x" * 196


def test_a_closed_offer_leaves_the_venue_standing(services: Services) -> None:
    after = apply_changes(services, [CloseOffer(venue_id=OLD, kind="library")])
    assert after.kinds == []
    assert OLD in after.venues.index


@pytest.mark.parametrize(
    "change",
    [
        MoveVenue(venue_id="nowhere", x=0, y=0),
        SetStatus(venue_id=OLD, status="haunted"),
        SetCapacity(venue_id=OLD, kind="gp", capacity=1.0),
        AddOffer(venue_id=OLD, kind="library"),
        AddOffer(venue_id="nowhere", kind="library"),
        CloseOffer(venue_id=OLD, kind="gp"),
        SetVenueDetail(venue_id=OLD, detail="status", text="closed"),
        SetVenueDetail(venue_id="nowhere", detail="accessibility", text=""),
        SetOfferDetail(venue_id=OLD, detail="capacity", text="3"),
        SetOfferDetail(venue_id=OLD, detail="languages", text="", kind="gp"),
    ],
)
def test_a_change_to_what_is_not_there_is_refused(services: Services, change: object) -> None:
    with pytest.raises(ProjectError, match="Scenario"):
        apply_changes(services, [change])  # type: ignore[list-item]


def test_each_change_is_told_apart_in_plain_values() -> None:
    scenario = Scenario(changes=(SetOpening(venue_id=OLD, opening=""), CloseVenue(venue_id=OLD)))
    assert [c["change"] for c in scenario.to_plain()["changes"]] == ["SetOpening", "CloseVenue"]
