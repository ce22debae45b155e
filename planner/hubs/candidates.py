"""Which venues may become a hub?"""

from __future__ import annotations

import pandas as pd

from planner.area import StudyArea
from planner.project import HubSettings
from planner.services import Services


def candidate_venues(services: Services, area: StudyArea, settings: HubSettings) -> pd.Index:
    """Return the venues that may become a hub, sorted by id.

    These are venues with status ``candidate`` or ``forced``, and open venues that offer one of
    the settings' ``candidate_kinds``, inside the place unless the settings say otherwise;
    existing and forced hubs are always among them, those that the settings close never.
    """
    venues = services.venues
    offers = services.open_offers()
    of_kind = offers.loc[offers["kind"].isin(settings.candidate_kinds), "venue_id"]
    chosen = venues.index.isin(of_kind) | venues["status"].isin(["candidate", "forced"])
    if settings.inside_only:
        chosen &= venues.geometry.intersects(area.place.union_all()).to_numpy()
    chosen |= venues.index.isin([*settings.existing, *settings.forced])
    chosen |= venues["status"] == "forced"
    shut = (venues["status"] == "closed").to_numpy() | venues.index.isin(settings.closed)
    return venues.index[chosen & ~shut]
