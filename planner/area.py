"""Which small areas are we looking at, who lives there, and from where do they set out?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import geopandas as gpd
import pandas as pd

from planner.errors import DataError
from planner.ledger import Note, Source

Geography = Literal["lsoa21", "lsoa11", "dz11", "dz22", "soa01", "sdz21"]
PointsKind = Literal["population-weighted", "several points", "representative points"]

CRS = "EPSG:27700"

#: What a code of each geography looks like; the whole string must match.
CODE_PATTERNS: dict[str, str] = {
    "lsoa21": r"[EW]01\d{6}",
    "lsoa11": r"[EW]01\d{6}",
    # The codes of Scottish data zones run on from one edition to the next.
    "dz11": (
        r"S010(?:0650[6-9]|065[1-9]\d|06[6-9]\d\d|0[7-9]\d{3}"
        r"|1[0-2]\d{3}|13[0-3]\d\d|134[0-7]\d|1348[01])"
    ),
    "dz22": r"S010(?:1348[2-9]|1349\d|13[5-9]\d\d|1[4-9]\d{3}|20[0-7]\d\d|208[0-6]\d|2087[0-3])",
    "soa01": r"\d{2}[A-Z]{2}\d{2}[A-Z]\d",
    "sdz21": r"N21\d{6}",
    "msoa11": r"[EW]02\d{6}",
    "msoa21": r"[EW]02\d{6}",
    "oa21": r"[EW]00\d{6}",
    "iz11": r"S02\d{6}",
    "ward": r"(?:[EW]05|S13|N08)\d{6}",
}

GEOGRAPHY_NAMES: dict[str, str] = {
    "lsoa21": "Lower layer Super Output Areas (2021)",
    "lsoa11": "Lower layer Super Output Areas (2011)",
    "dz11": "Data Zones (2011)",
    "dz22": "Data Zones (2022)",
    "soa01": "Super Output Areas (2001)",
    "sdz21": "Super Data Zones (2021)",
    "msoa11": "Middle layer Super Output Areas (2011)",
    "msoa21": "Middle layer Super Output Areas (2021)",
    "oa21": "Output Areas (2021)",
    "iz11": "Intermediate Zones (2011)",
    "ward": "Electoral wards",
}


def nation_of(area_code: str) -> str:
    """Return the nation an area code belongs to."""
    first = area_code[:1]
    return {"E": "England", "W": "Wales", "S": "Scotland"}.get(first, "Northern Ireland")


def codes_match(codes: pd.Index, geography: str) -> pd.Series:
    """Return, for each code, whether it has the form of the geography's codes."""
    pattern = re.compile(CODE_PATTERNS[geography])
    return pd.Series(
        [bool(pattern.fullmatch(str(code))) for code in codes], index=codes, dtype=bool
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyArea:
    """The small areas of one place, and the context areas around it.

    Parameters
    ----------
    name
        The place, as people call it.
    geography
        Which official small areas these are.
    areas
        One row an area on the sorted, unique index ``area_code``: ``area_name``, ``nation``,
        ``population`` (people, float), ``in_place`` (False for context areas) and polygon
        ``geometry`` in EPSG:27700.
    points
        Where people set out from, on the sorted, unique index ``point_id``: ``area_code``,
        ``weight`` (share of the area's people, summing to 1 in each area) and point ``geometry``
        in EPSG:27700. Each area has at least one.
    points_kind
        What the points are; representative points are not where people live and are marked so.
    sources, notes
        Where the boundaries, points and populations come from; what was repaired or left out.
    fictional
        True for the demo place: every page and export says so.
    """

    name: str
    geography: Geography
    areas: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    points_kind: PointsKind
    sources: tuple[Source, ...] = ()
    notes: tuple[Note, ...] = field(default=())
    fictional: bool = False

    def __post_init__(self) -> None:
        areas, points = self.areas, self.points
        if len(areas) == 0 or not bool(areas["in_place"].any()):
            raise DataError(f"{self.name}: the place has no areas.")
        if areas.index.name != "area_code" or not areas.index.is_unique:
            repeated = areas.index[areas.index.duplicated()].unique()[:3].tolist()
            raise DataError(f"{self.name}: an area code stands more than once ({repeated}).")
        if not areas.index.is_monotonic_increasing or not points.index.is_monotonic_increasing:
            raise DataError(f"{self.name}: areas and points must be sorted by their codes.")
        if areas.crs != CRS or points.crs != CRS:
            raise DataError(f"{self.name}: areas and points must be in {CRS}.")
        bad = areas.index[~codes_match(areas.index, self.geography)]
        if len(bad):
            raise DataError(
                f"{self.name}: {len(bad)} of {len(areas)} codes are not {self.geography} codes "
                f"(first: {bad[0]}).",
                hint="Check [place] geography and code_column.",
            )
        without = areas.index.difference(points["area_code"])
        if len(without):
            raise DataError(
                f"{self.name}: {len(without)} areas have no point (first: {without[0]})."
            )
        if bool((areas["population"] < 0).any()):
            raise DataError(f"{self.name}: a population is below zero.")

    @cached_property
    def place(self) -> gpd.GeoDataFrame:
        """The areas of the place itself, without context areas."""
        return self.areas[self.areas["in_place"]]

    @cached_property
    def codes(self) -> pd.Index:
        """Sorted codes of the place's own areas."""
        return self.place.index

    @cached_property
    def place_points(self) -> gpd.GeoDataFrame:
        """The points of the place's own areas."""
        return self.points[self.points["area_code"].isin(self.codes)]
