"""Is every change said in words, with the names of venues instead of their codes?"""

from __future__ import annotations

import pytest

from planner.scenario import (
    TOUCHES,
    AddOffer,
    AddSessions,
    AddShuttle,
    Change,
    ChangeFrequency,
    CloseOffer,
    CloseVenue,
    CoLocate,
    MoveVenue,
    NewEstate,
    OpenVenue,
    RenameVenue,
    SetCapacity,
    SetOfferDetail,
    SetOpening,
    SetServes,
    SetStatus,
    SetVenueDetail,
)
from planner.scenario.words import name_opened, say_change

NAMES = {"v1": "Old library", "v2": "Town hall"}
SAID: list[tuple[Change, str]] = [
    (CloseVenue(venue_id="v1"), "Close Old library."),
    (
        OpenVenue(venue_id="h", name="Hub", x=1.4, y=2.0, kinds=("gp", "library"), partner="NHS"),
        "Open Hub at easting 1, northing 2, with GP practice and library, run by NHS.",
    ),
    (MoveVenue(venue_id="v1", x=3.0, y=4.0), "Move Old library to easting 3, northing 4."),
    (RenameVenue(venue_id="v1", name="Loft"), "Call a venue Loft from now on."),
    (SetStatus(venue_id="v2", status="existing"), "Town hall is open."),
    (SetOpening(venue_id="v2", opening="Sa 10:00-12:00"), "Town hall is open Sa 10:00-12:00."),
    (SetCapacity(venue_id="v1", capacity=1200.0, kind="library"), "Library at Old library has room "
     "for 1,200."),
    (SetServes(venue_id="v1", serves="place"), "Everything offered at Old library serves people of "
     "the place only."),
    (SetVenueDetail(venue_id="v1", detail="accessibility", text="step-free"), "Old library, "
     "accessibility: step-free."),
    (SetOfferDetail(venue_id="v1", detail="languages", text="Polish", kind="library"), "Library at "
     "Old library, languages: Polish."),
    (AddOffer(venue_id="v2", kind="gp"), "Offer GP practice at Town hall."),
    (CloseOffer(venue_id="v1", kind="library"), "No longer offer library at Old library."),
    (CoLocate(venue_id="v1", to_venue_id="v2"), "Move everything offered from Old library into "
     "Town hall."),
    (AddSessions(venue_id="v1", kind="library", sessions="Tu 18:00-20:00"), "Further sessions of "
     "library at Old library: Tu 18:00-20:00."),
    (ChangeFrequency(route="30", every_minutes=10, between="07:00-19:00"), "Route 30 runs every 10 "
     "minutes, 07:00-19:00."),
    (AddShuttle(name="Hop", stops=((1e5, 2e5), (1e5, 3e5)), minutes=(6.0,), every_minutes=20),
     "A new shuttle, Hop: 2 stops, 6 minutes from end to end, both ways, every 20 minutes from "
     "07:00 to 19:00."),
    (NewEstate(name="Meadow", people=1, x=500.0, y=600.0), "1 person comes to live at Meadow, "
     "easting 500, northing 600."),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), SAID)
def test_each_change_is_a_sentence(change: Change, words: str) -> None:
    assert say_change(change, NAMES) == words


def test_no_kind_of_change_is_without_words() -> None:
    assert {type(change) for change, _ in SAID} == set(TOUCHES)


def test_a_venue_that_the_scenario_opens_goes_by_its_name() -> None:
    changes = (
        OpenVenue(venue_id="h", name="Hub", x=1.0, y=2.0, kinds=()),
        CloseVenue(venue_id="h"),
    )
    assert say_change(changes[1], name_opened(changes, NAMES)) == "Close Hub."
