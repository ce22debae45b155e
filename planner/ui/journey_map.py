"""How do a journey and bands of travel time look on the app's map, and in files?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.area import CRS
from planner.maps import MapPage, add_itinerary, build_journey_map, classify, to_offline_html
from planner.maps.classes import INK, PALETTES, PAPER, Classes, LegendEntry, spread_colours
from planner.plan.questions import BandsFound, Start
from planner.standards import kind_words
from planner.travel.journey import Itinerary, RideLeg, WaitLeg
from planner.travel.times import STATUS_WORDS
from planner.ui import parts, state
from planner.ui.area_map import MapView, Over, PointSet

RIDE_COLOUR = "#0072b2"
GROUND = "#eceae2"
#: Ground around a journey that its map shows, in metres.
MARGIN = 300.0
_WALK = (
    {"color": PAPER, "weight": 8, "opacity": 0.9},
    {"color": INK, "weight": 4, "dashArray": "1 8", "lineCap": "round"},
)
_RIDE = (
    {"color": PAPER, "weight": 10, "opacity": 0.9},
    {"color": RIDE_COLOUR, "weight": 6},
)
_DASHES = ("", "10 5", "3 5", "12 4 3 4", "1 6")


def journey_view(
    plan: state.Plan,
    kind: str,
    start: Start | None,
    journey: Itinerary | None,
    *,
    asks_spot: bool,
) -> MapView:
    """Return the map of one journey, its legs numbered as in the list of its steps."""
    over = () if journey is None else _journey_pieces(journey)
    fit = None
    if journey is not None:
        fit = _around([leg.line for leg in journey.legs if not leg.line.is_empty])
    elif start is not None:
        over = (Over(shape=start.point, mark="A", at=start.point, above=True),)
        fit = _around([start.point.buffer(1500)])
    return MapView(
        title=f"Map of {plan.area.name} with the journey",
        legend="A is the start, B the destination; numbers are those of the steps above."
        if journey is not None
        else "A is the start."
        if start is not None
        else "Where to set out from",
        classes=_plain(plan),
        points=parts.service_points(plan, [kind]),
        over=over,
        fit=fit,
        asks_spot=asks_spot,
    )


def bands_view(plan: state.Plan, venue: str, name: str, found: BandsFound) -> MapView:
    """Return the map of bands around a venue; without streets only the venue."""
    point = plan.services.venues.loc[[venue]]
    over: tuple[Over, ...] = ()
    fit = None
    if found.shapes is not None and not found.shapes.bands.geometry.is_empty.all():
        over = _band_pieces(found)
        fit = _around([found.shapes.bands.geometry.iloc[-1]])
    return MapView(
        title=f"Map of {plan.area.name}: ground from which one gets to {name} in time",
        legend=f"Minutes to {name}",
        classes=_plain(plan),
        shown=found.areas["minutes"].where(found.areas["status"] == "reached"),
        unit=" min",
        points=(
            PointSet(
                label=name,
                shape="star",
                colour=PALETTES["okabe_ito"][5],
                points=parts.named_points(point),
                size=9,
            ),
        ),
        over=over,
        fit=fit,
    )


def visits_view(plan: state.Plan, kind: str, areas: pd.DataFrame) -> MapView:
    """Return the map of the share of minutes at which people can go and be back in time."""
    share = areas["share"]
    group = pd.Series("never", index=areas.index)
    group[share > 0] = "some"
    group[share >= 0.5] = "half"
    group[share >= 1.0 - 1e-9] = "all"
    names: dict[object, str] = {
        "never": "At no minute",
        "some": "At fewer than half of the minutes",
        "half": "At half of the minutes or more",
        "all": "At every minute",
    }
    status = pd.Series(np.where(share.isna(), "no_data", "reached"), index=areas.index)
    return MapView(
        title=f"Map of {plan.area.name}: who can visit a {kind_words(kind)} and be home in time",
        legend="When people can leave home (number of areas)",
        classes=classify(
            group.where(share.notna()),
            scheme="categories",
            names=names,
            palette="viridis",
            status=status,
        ),
        shown=100 * share,
        unit="% of minutes",
        points=parts.service_points(plan, [kind]),
    )


def band_words(begin: float, end: float, status: str) -> str:
    """Return a band, or why there is no time, in words."""
    if status != "reached":
        return parts.capital(STATUS_WORDS[status])
    if np.isnan(end):
        return f"More than {begin:g} minutes"
    return (
        f"{end:g} minutes or less" if begin == 0 else f"More than {begin:g}, up to {end:g} minutes"
    )


def to_geojson(plan: state.Plan, found: BandsFound, venue: str) -> bytes:
    """Return the bands as GeoJSON in degrees, with people, method and watermarks."""
    frame = found.to_frame().to_crs(4326)
    frame = frame.set_geometry(
        gpd.GeoSeries(
            shapely.set_precision(frame.geometry.to_numpy(), 1e-5), index=frame.index, crs=4326
        )
    )
    note = " ".join(parts.watermarks(plan))
    return str(frame.assign(to=venue, note=note).to_json(drop_id=True)).encode()


def to_file(plan: state.Plan, journey: Itinerary, title: str) -> bytes:
    """Return the map of a journey as one page that opens without a network."""
    said = [f"{s.publisher}: {s.dataset} ({s.vintage}), {s.licence}" for s in plan.sources]
    page = MapPage(
        title=title,
        watermarks=parts.watermarks(plan),
        attribution=tuple(dict.fromkeys(said)),
    )
    lines = [leg.line for leg in journey.legs if not leg.line.is_empty]
    around = gpd.GeoSeries([*lines, journey.origin, journey.destination], crs=CRS)
    drawn = build_journey_map(page, around=around, backdrop=plan.backdrop)
    return to_offline_html(add_itinerary(drawn, journey)).encode()


def _journey_pieces(journey: Itinerary) -> tuple[Over, ...]:
    # Where the words begin with a line for the first stop, numbers begin one later.
    before = len(journey.in_words()) - len(journey.legs) if journey.legs else 0
    pieces, named = [], set()
    for number, leg in enumerate(journey.legs, 1 + before):
        if isinstance(leg, WaitLeg) or leg.line.is_empty:
            continue
        ride = isinstance(leg, RideLeg)
        label = "By bus, train or other vehicle (straight from stop to stop)" if ride else "On foot"
        pieces.append(
            Over(
                shape=leg.line,
                styles=_RIDE if ride else _WALK,
                mark=str(number),
                label="" if label in named else label,
            )
        )
        named.add(label)
    ends = (("A", journey.origin), ("B", journey.destination))
    return (
        *pieces,
        *(Over(shape=point, mark=letter, at=point, above=True) for letter, point in ends),
    )


def _band_pieces(found: BandsFound) -> tuple[Over, ...]:
    assert found.shapes is not None
    rings, people = found.shapes.rings(), found.people.set_index("minutes_to")["people"]
    colours = spread_colours(PALETTES["viridis"], len(rings))
    pieces = []
    rows = zip(rings["minutes_from"], rings["minutes_to"], rings.geometry, strict=True)
    for number, (begin, end, ring) in enumerate(rows):
        if ring.is_empty:
            continue
        style = {
            "fill": True,
            "fillColor": colours[number],
            "fillOpacity": 0.55,
            "color": INK,
            "weight": 1.2,
            "dashArray": _DASHES[number % len(_DASHES)],
        }
        pieces.append(
            Over(
                shape=ring,
                styles=(style,),
                mark=f"{end:g} min",
                at=_far_end(ring, number),
                label=f"{band_words(begin, end, 'reached')} ({parts.people(people.loc[end])})",
            )
        )
    return tuple(pieces)


def _far_end(shape: Any, number: int) -> shapely.Point:
    """Return the end of the largest part: north, east, south, west in turn."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    xy = shapely.get_coordinates(largest.exterior)
    side = ((0, 1), (1, 0), (0, -1), (-1, 0))[number % 4]
    return shapely.Point(xy[np.argmax(xy @ side)])


def _around(shapes: Sequence[Any]) -> tuple[float, float, float, float] | None:
    if not shapes:
        return None
    west, south, east, north = shapely.total_bounds(np.array(shapes, object))
    return (west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)


def _plain(plan: state.Plan) -> Classes:
    """Return one pale class with every area in it."""
    codes = plan.area.codes
    entry = LegendEntry(label="Area", colour=GROUND, count=len(codes))
    return Classes(index=pd.Series(0, index=codes), entries=(entry,))
