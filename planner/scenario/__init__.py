"""What if? A named list of changes to the inputs: one code path serves today and what-if."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.scenario.changes import (
        TODAY,
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
        Scenario,
        SetCapacity,
        SetOfferDetail,
        SetOpening,
        SetServes,
        SetStatus,
        SetVenueDetail,
        Touches,
        changes_touching,
        to_plain_changes,
    )
    from planner.scenario.files import from_toml, to_toml
    from planner.scenario.people import apply_to_area
    from planner.scenario.supply import apply_changes
    from planner.scenario.timetable import apply_to_timetable, refuse_without_timetable

__all__ = [
    "TODAY",
    "TOUCHES",
    "AddOffer",
    "AddSessions",
    "AddShuttle",
    "Change",
    "ChangeFrequency",
    "CloseOffer",
    "CloseVenue",
    "CoLocate",
    "MoveVenue",
    "NewEstate",
    "OpenVenue",
    "RenameVenue",
    "Scenario",
    "SetCapacity",
    "SetOfferDetail",
    "SetOpening",
    "SetServes",
    "SetStatus",
    "SetVenueDetail",
    "Touches",
    "apply_changes",
    "apply_to_area",
    "apply_to_timetable",
    "changes_touching",
    "from_toml",
    "refuse_without_timetable",
    "to_plain_changes",
    "to_toml",
]

__getattr__ = offer(__name__, __file__)
