"""Where does somebody set out, and which services may they use?"""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.area import CRS, StudyArea
from planner.services import Services

_NUMBER = r"(-?\d{1,7}(?:\.\d{1,10})?)"
_PAIR = re.compile(rf"\s*{_NUMBER}(?:\s*[,;]\s*|\s+){_NUMBER}\s*")


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where somebody sets out: a point in EPSG:27700, the area it is in ("": none), its name."""

    point: shapely.Point
    code: str
    name: str


def build_start(area: StudyArea, code: str) -> Start:
    """Return where most people of an area are taken to live.

    Its population-weighted point; of several, the one nearest to their weighted mean.
    """
    points = area.points[area.points["area_code"] == code]
    weight = points["weight"].to_numpy(float)
    x, y = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    middle = np.average(np.column_stack([x, y]), axis=0, weights=weight)
    nearest = int(np.argmin(np.hypot(x - middle[0], y - middle[1])))
    return Start(
        point=points.geometry.iloc[nearest], code=code, name=str(area.areas.loc[code, "area_name"])
    )


def build_drawn_start(area: StudyArea, text: str) -> Start | None:
    """Return the start that two numbers stand for; None where they are no point in the UK.

    Parameters
    ----------
    area
        The areas among which the point's own is looked for.
    text
        Easting and northing in metres (``331200, 188000``) or latitude and longitude in degrees
        (``51.588, -2.998``).
    """
    found = _PAIR.fullmatch(text)
    if found is None:
        return None
    first, second = float(found[1]), float(found[2])
    point = shapely.Point(first, second)
    if 49 <= first <= 61 and -9 <= second <= 2:
        degrees = gpd.GeoSeries([shapely.Point(second, first)], crs=4326)
        point = degrees.to_crs(CRS).iloc[0]
        point = shapely.Point(round(point.x, 1), round(point.y, 1))
    elif not (1_000 <= first <= 700_000 and 1_000 <= second <= 1_300_000):
        return None
    inside = area.areas.index[area.areas.covers(point)]
    return Start(point=point, code=str(inside[0]) if len(inside) else "", name="the point")


def usable_venues(services: Services, kind: str, code: str = "", *, place: bool = True) -> pd.Index:
    """Return the sorted venues with an open offer of a kind that people of an area may use.

    ``code`` is the area, "" for none; ``place`` says whether it is in the place.
    """
    offers = services.open_offers(kind)
    everyone = offers["serves"].isin(["anyone", "place"] if place else ["anyone"])
    listed = [code in {part.strip() for part in str(s).split(";")} for s in offers["serves"]]
    return pd.Index(sorted(offers.loc[everyone | np.array(listed, bool), "venue_id"].unique()))
