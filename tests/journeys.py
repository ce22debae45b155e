"""Services and travel times made by hand, for places one can draw by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from planner.area import CRS, StudyArea
from planner.services import OFFER_COLUMNS, Services
from planner.travel.times import DECISECONDS_PER_MINUTE, TravelTimes


def services(
    offers: Sequence[tuple[str, str] | tuple[str, str, str]],
    *,
    status: Mapping[str, str] | None = None,
    unplaced: Sequence[str] = (),
) -> Services:
    """Return offers given as (venue, kind) or (venue, kind, serves) at venues open by default."""
    status = status or {}
    venues = sorted({offer[0] for offer in offers} | set(status))
    frame = gpd.GeoDataFrame(
        {
            "venue_name": venues,
            "address": "",
            "postcode": "",
            "status": [status.get(venue, "existing") for venue in venues],
            "rooms": np.nan,
            "opening": "",
            "geometry": [Point(430000, 390000)] * len(venues),
        },
        index=pd.Index(venues, name="venue_id", dtype="str"),
        crs=CRS,
    )
    rows = [
        [o[0], o[1], "Nobody", np.nan, "", "", o[2] if len(o) > 2 else "anyone", 0] for o in offers
    ]
    table = pd.DataFrame(
        rows,
        columns=OFFER_COLUMNS,
        index=pd.Index([f"o{i:03d}" for i in range(len(rows))], name="offer_id", dtype="str"),
    )
    missing = pd.DataFrame(
        {
            "kind": list(unplaced),
            "name": "",
            "postcode": "",
            "reason": "no coordinates",
            "file": "made by hand",
            "row": range(1, len(unplaced) + 1),
        }
    )
    return Services(venues=frame, offers=table, unplaced=missing)


def times(
    area: StudyArea,
    destinations: Sequence[str],
    minutes: Mapping[tuple[str, str], float],
    *,
    origin_status: Mapping[str, str] | None = None,
    islands: Sequence[str] = (),
    cutoff_minutes: float = 120.0,
    approximate: bool = False,
) -> TravelTimes:
    """Return times given as (point, venue) → minutes; ``islands`` are cut off from the rest."""
    origins = area.place_points.index
    ends = pd.Index(sorted(destinations), dtype="str")
    rows = sorted(
        (origins.get_loc(o), ends.get_loc(d), round(m * DECISECONDS_PER_MINUTE))
        for (o, d), m in minutes.items()
    )
    given = origin_status or {}
    status = pd.Series([given.get(o, "connected") for o in origins], index=origins)
    component = [-1 if given.get(o) else 1 if o in islands else 0 for o in origins]
    return TravelTimes(
        pairs=pd.DataFrame(rows, columns=["origin", "destination", "deciseconds"]).astype("int32"),
        origins=origins,
        destinations=ends,
        origin_status=status,
        destination_status=pd.Series("connected", index=ends),
        origin_component=pd.Series(component, index=origins, dtype="int64"),
        destination_component=pd.Series(0, index=ends, dtype="int64"),
        mode="walk",
        cutoff_minutes=cutoff_minutes,
        method="by hand",
        approximate=approximate,
    )
