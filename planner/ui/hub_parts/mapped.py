"""What does the map of hubs show: which venues stand how, and who gains?"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from planner.hubs import Hubs
from planner.maps.classes import PALETTES, classify
from planner.ui import parts, state
from planner.ui.area_map import MapView, PointSet
from planner.ui.hub_parts.answer import Shown

GROUPS: dict[object, str] = {
    "first": "Reaches the whole bundle for the first time",
    "much": "10 minutes or more saved",
    "some": "1 to 10 minutes saved",
    "same": "No change, or less than a minute",
}


def view(shown: Shown) -> MapView:
    """Return the map: areas by minutes saved, venues by what they are."""
    hubs, plan = shown.hubs, shown.plan
    assert hubs is not None
    areas = hubs.areas
    saved = areas["minutes_saved"].astype(float)
    group = groups_of(areas)
    return MapView(
        title=f"Map of {plan.area.name}: minutes to the whole bundle saved by the hubs",
        legend="Minutes saved on the way to the whole bundle (number of areas)",
        classes=classify(
            group.where(areas["status_after"] == "reached"),
            scheme="categories",
            names=GROUPS,
            palette="viridis",
            status=areas["status_after"],
        ),
        shown=saved,
        unit=" min saved",
        points=points(plan, hubs),
    )


def groups_of(areas: pd.DataFrame) -> pd.Series:
    """Return how much each area gains, a key of `GROUPS`."""
    saved = areas["minutes_saved"].astype(float)
    first = saved.isna() & (areas["status_after"] == "reached") & areas["minutes_before"].isna()
    group = pd.Series("same", index=areas.index)
    group[saved >= 1] = "some"
    group[saved >= 10] = "much"
    group[first] = "first"
    return group


def points(plan: state.Plan, hubs: Hubs) -> tuple[PointSet, ...]:
    """Return venues by what they are: existing, candidate, chosen, forced or closed."""
    sites = hubs.problem.sites["status"]
    chosen = list(hubs.siting.chosen)
    forced = [one for one in chosen if sites[one] == "forced"]
    existing = sites.index[sites == "existing"].tolist()
    closed = sorted(set(sites.index[sites == "closed"]) | set(hubs.settings.closed))
    others = set(sites.index[sites == "candidate"]).difference(chosen)
    placed = {*chosen, *existing, *closed, *others}
    open_now = sorted(set(plan.services.open_offers()["venue_id"]) - placed)
    colours = PALETTES["okabe_ito"]
    sets = [
        ("Venue with a service today", "circle", "#ffffff", open_now, 3),
        ("Candidate, not chosen", "diamond", colours[1], sorted(others), 5),
        ("Never a hub", "plus", "#d9d9d9", closed, 7),
        ("Hub already there", "square", colours[4], existing, 8),
        ("Chosen hub", "star", colours[0], [v for v in chosen if v not in forced], 11),
        ("Hub because you said so", "pentagon", colours[5], forced, 10),
    ]
    venues = plan.services.venues
    return tuple(
        PointSet(label=label, shape=shape, colour=colour, points=_named(venues, ids), size=size)
        for label, shape, colour, ids, size in sets
        if len(venues.index.intersection(ids))
    )


def _named(venues: gpd.GeoDataFrame, ids: list[str]) -> gpd.GeoDataFrame:
    return parts.named_points(venues.loc[[one for one in ids if one in venues.index]])
