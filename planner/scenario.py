"""What if? A named list of changes to the inputs, so that one code path serves today and what-if."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point

from planner.area import CRS
from planner.errors import ProjectError
from planner.services import Services


@dataclass(frozen=True, kw_only=True)
class CloseVenue:
    """Everything offered at a venue stops."""

    venue_id: str


@dataclass(frozen=True, kw_only=True)
class OpenVenue:
    """A new venue opens at a point (EPSG:27700 metres) with the services named."""

    venue_id: str
    name: str
    x: float
    y: float
    kinds: tuple[str, ...]
    partner: str = ""


Change = CloseVenue | OpenVenue


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A named list of changes; the empty one is today."""

    name: str = "today"
    changes: tuple[Change, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the scenario as plain values, for keys, files and the manifest."""
        return {
            "name": self.name,
            "changes": [{"change": type(c).__name__, **vars(c)} for c in self.changes],
        }


TODAY = Scenario()


def apply_changes(services: Services, changes: Sequence[Change]) -> Services:
    """Return the services as they would be after the changes, in their order.

    Raises
    ------
    ProjectError
        A change names a venue that does not exist, or opens one that already does.
    """
    for change in changes:
        services = (
            _close(services, change) if isinstance(change, CloseVenue) else _open(services, change)
        )
    return services


def _close(services: Services, change: CloseVenue) -> Services:
    if change.venue_id not in services.venues.index:
        raise ProjectError(f"Scenario: there is no venue {change.venue_id!r} to close.")
    venues = services.venues.copy()
    venues.loc[change.venue_id, "status"] = "closed"
    return replace(services, venues=venues)


def _open(services: Services, change: OpenVenue) -> Services:
    if change.venue_id in services.venues.index:
        raise ProjectError(f"Scenario: a venue {change.venue_id!r} already stands.")
    venue = gpd.GeoDataFrame(
        {
            "venue_name": [change.name],
            "address": "",
            "postcode": "",
            "status": "existing",
            "rooms": float("nan"),
            "opening": "",
            "geometry": [Point(change.x, change.y)],
        },
        index=pd.Index([change.venue_id], name="venue_id"),
        crs=CRS,
    )
    offers = pd.DataFrame(
        {
            "venue_id": change.venue_id,
            "kind": list(change.kinds),
            "partner": change.partner,
            "capacity": float("nan"),
            "capacity_unit": "",
            "sessions": "",
            "serves": "anyone",
            "source": -1,
        },
        index=pd.Index([f"{change.venue_id}/{kind}" for kind in change.kinds], name="offer_id"),
    )
    return replace(
        services,
        venues=pd.concat([services.venues, venue[services.venues.columns]]).sort_index(),
        offers=pd.concat([services.offers, offers[services.offers.columns]]).sort_index(),
    )
