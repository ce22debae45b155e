"""Who lives where after a change? New estates in a study area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from planner.area import CRS, StudyArea
from planner.errors import ProjectError
from planner.ledger import Note
from planner.scenario.changes import Change, NewEstate, SetServes
from planner.scenario.naming import say_near, show
from planner.sources.text import slug

STAGE = "scenario"


def apply_to_area(area: StudyArea, changes: Sequence[Change]) -> StudyArea:
    """Return the study area as it would be after the changes, in their order.

    Only `NewEstate` touches an area (``people``, see `planner.scenario.Touches`); other changes
    are passed over, and without any the area itself is returned. The areas that `SetServes` names
    are looked up all the same, since services know of none.

    Raises
    ------
    ProjectError
        An estate lies in no area here, or in another one than it says; the population of its area
        is not known; an estate of that name is there already; or a service is to serve an area
        that is not here.

    Notes
    -----
    What changes: the area's population, and a further point at the estate that people set out
    from, with their share of the area's people; the shares of the area's other points shrink so
    that they still sum to 1. What does not: every layer. Need, shares (households without a car)
    and counts (claimants, people who are not working) stay as published, so that the new people
    count as being like those who live there now wherever a share is multiplied by the population,
    and demand from a named count layer does not grow. Jobs, streets and services stay, too. A note
    on the area says so.
    """
    for change in changes:
        if isinstance(change, NewEstate):
            area = _with_estate(area, change)
        elif isinstance(change, SetServes):
            _check_served(area, change)
    return area


def _check_served(area: StudyArea, change: SetServes) -> None:
    """Refuse a service for areas that are not here."""
    if change.serves in ("anyone", "place"):
        return
    named = [code.strip() for code in change.serves.split(";")]
    unknown = [code for code in named if code not in area.areas.index]
    if unknown:
        raise ProjectError(
            f"Scenario: {show(change.venue_id)} cannot serve {show(unknown[0])}, which is no area "
            "here.",
            hint=say_near(unknown[0], area.areas["area_name"].astype(str).to_dict())
            or "Write anyone, place, or area codes with ; between them.",
        )


def _with_estate(area: StudyArea, estate: NewEstate) -> StudyArea:
    code, point = _home(area, estate), Point(estate.x, estate.y)
    point_id = f"estate:{slug(estate.name) or 'new'}"
    if point_id in area.points.index:
        raise ProjectError(
            f"Scenario: there is an estate called {show(estate.name)} already.",
            hint="Give each new estate a name of its own.",
        )
    before = float(area.areas.loc[code, "population"])
    if np.isnan(before):
        raise ProjectError(f"Scenario: how many people live in {code} is not known, so none can be "
                           "added.")  # fmt: skip
    after = before + estate.people
    areas, points = area.areas.copy(), area.points.copy()
    areas.loc[code, "population"] = after
    mine = points["area_code"] == code
    points["weight"] = points["weight"].astype("float64")
    points.loc[mine, "weight"] *= before / after
    new = gpd.GeoDataFrame(
        {"area_code": [code], "weight": [estate.people / after], "geometry": [point]},
        index=pd.Index([point_id], name=points.index.name),
        crs=CRS,
    )
    joined = gpd.GeoDataFrame(pd.concat([points, new.reindex(columns=points.columns)]), crs=CRS)
    text = (
        f"Scenario: {estate.people:,.0f} people are added to {code} at {estate.name}. Need, shares "
        "and counts of the area stay as published: the new people count as like those there now."
    )
    note = Note(stage=STAGE, what="new_estate", count=1, text=text, items=(code,))
    return replace(
        area, areas=areas, points=joined.sort_index(kind="stable"), notes=(*area.notes, note)
    )


def _home(area: StudyArea, estate: NewEstate) -> str:
    """Return the code of the area that an estate lies in."""
    named = estate.area_code
    if named and named not in area.areas.index:
        names = area.areas["area_name"].astype(str).to_dict()
        raise ProjectError(
            f"Scenario: there is no area {show(named)} for {show(estate.name)} here.",
            hint=say_near(named, names),
        )
    within = area.areas.index[
        area.areas.geometry.intersects(Point(estate.x, estate.y)).to_numpy(dtype=bool)
    ]
    if len(within) == 0:
        raise ProjectError(
            f"Scenario: {show(estate.name)} at {estate.x:g}, {estate.y:g} lies in no area of "
            f"{area.name} or around it.",
            hint="Check easting and northing (British National Grid, metres).",
        )
    if named and named not in within:
        raise ProjectError(
            f"Scenario: {show(estate.name)} lies in {within[0]} "
            f"({area.areas.loc[within[0], 'area_name']}), not in {named}.",
            hint="Leave area_code out to take the area that the point lies in.",
        )
    # On a boundary: the named one, or else the lower code.
    return named or str(within[0])
