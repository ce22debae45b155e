"""Trips small enough to try every order and every site, and times by hand in plain tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise, permutations, product
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from planner.area import CRS
from planner.bundle import BundleRules, Legs
from planner.services import OFFER_COLUMNS, Services
from planner.travel.kernels import FAR
from planner.travel.times import TravelTimes

Offer = tuple[str, str] | tuple[str, str, str]


def shortest(
    to: Sequence[int],
    back: Sequence[int],
    between: np.ndarray,
    held: Sequence[int],
    kinds: int,
    stop: int = 0,
) -> tuple[int, tuple[int, ...]] | None:
    """Try every order of kinds and every site for each; ties: fewest stops, then first sites."""
    who = [[site for site, bits in enumerate(held) if bits >> k & 1] for k in range(kinds)]
    found = []
    for order in permutations(range(kinds)):
        for sites in product(*(who[kind] for kind in order)):
            way = tuple(s for at, s in enumerate(sites) if at == 0 or s != sites[at - 1])
            legs = [to[way[0]], *(between[a, b] for a, b in pairwise(way))]
            legs.append(back[way[-1]])
            if max(legs) < FAR:
                found.append((int(sum(legs)) + stop * len(way), len(way), way))
    if not found:
        return None
    total, _, way = min(found)
    return total, way


def times(
    minutes: Any,
    origins: Sequence[str],
    destinations: Sequence[str],
    *,
    status: Mapping[str, str] | None = None,
    islands: Sequence[str] = (),
    cutoff_minutes: float = 120.0,
    approximate: bool = False,
    mode: Any = "walk",
) -> TravelTimes:
    """Return times from a full table of minutes, NaN where there is none."""
    table = np.asarray(minutes, dtype=float).reshape(len(origins), len(destinations))
    row, column = np.nonzero(~np.isnan(table))
    given = status or {}
    starts, ends = pd.Index(origins, dtype="str"), pd.Index(destinations, dtype="str")
    pieces = [-1 if one in given else int(one in islands) for one in origins]
    return TravelTimes(
        pairs=pd.DataFrame(
            {
                "origin": row.astype(np.int32),
                "destination": column.astype(np.int32),
                "deciseconds": np.round(table[row, column] * 600).astype(np.int32),
            }
        ),
        origins=starts,
        destinations=ends,
        origin_status=pd.Series([given.get(one, "connected") for one in origins], index=starts),
        destination_status=pd.Series("connected", index=ends),
        origin_component=pd.Series(pieces, index=starts, dtype="int64"),
        destination_component=pd.Series(0, index=ends, dtype="int64"),
        mode=mode,
        window="10:00-16:00" if mode == "transit" else "",
        percentile=50 if mode == "transit" else None,
        cutoff_minutes=cutoff_minutes,
        method="by hand",
        approximate=approximate,
    )


def services(
    offers: Sequence[Offer],
    *,
    at: Mapping[str, tuple[float, float]] | None = None,
    status: Mapping[str, str] | None = None,
) -> Services:
    """Return offers as (venue, kind) or (venue, kind, serves); venues 10 km apart by default."""
    spots, given = at or {}, status or {}
    venues = sorted({offer[0] for offer in offers} | set(given))
    frame = gpd.GeoDataFrame(
        {
            "venue_name": [f"House {venue}" for venue in venues],
            "address": "",
            "postcode": "",
            "status": [given.get(venue, "existing") for venue in venues],
            "rooms": np.nan,
            "opening": "",
            "geometry": [
                Point(*spots.get(v, (400000 + 10000 * n, 300000))) for n, v in enumerate(venues)
            ],
        },
        index=pd.Index(venues, name="venue_id", dtype="str"),
        crs=CRS,
    )
    rows = [
        [o[0], o[1], "Nobody", np.nan, "", "", o[2] if len(o) > 2 else "anyone", 0] for o in offers
    ]
    names = pd.Index([f"o{i:03d}" for i in range(len(rows))], name="offer_id", dtype="str")
    return Services(
        venues=frame,
        offers=pd.DataFrame(rows, columns=OFFER_COLUMNS, index=names),
        unplaced=pd.DataFrame(columns=["kind", "name", "postcode", "reason", "file", "row"]),
    )


def points(areas: Mapping[str, str], weight: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return points given as point → area, each with all of its area's people by default."""
    given = weight or {}
    index = pd.Index(sorted(areas), name="point_id", dtype="str")
    return pd.DataFrame(
        {
            "area_code": [areas[point] for point in index],
            "weight": [given.get(point, 1.0) for point in index],
        },
        index=index,
    )


def line_legs(
    homes: Mapping[str, float], venues: Mapping[str, float], *, cutoff_minutes: float = 120.0
) -> Legs:
    """Return legs along one straight street, homes and venues at so many minutes along it."""
    names, doors = sorted(homes), sorted(venues)
    spot = np.array([venues[door] for door in doors])
    home = np.array([homes[name] for name in names])
    to = np.abs(home[:, None] - spot[None, :])
    between = np.abs(spot[:, None] - spot[None, :])
    for table in (to, between):
        table[table > cutoff_minutes] = np.nan
    return Legs(
        to=times(to, names, doors, cutoff_minutes=cutoff_minutes),
        between=times(between, doors, doors, cutoff_minutes=cutoff_minutes),
    )


def rules(*kinds: str, **more: float) -> BundleRules:
    """Return rules without any time at the services unless they are given."""
    return BundleRules(kinds=kinds, **{"dwell_minutes": 0.0, **more})
