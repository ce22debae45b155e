"""How far is the nearest single place that holds the whole bundle?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from planner.bundle.legs import Legs, to_deciseconds, to_some
from planner.bundle.supply import (
    BundleRules,
    Supply,
    build_supplies,
    kinds_offered,
    supply_notes,
)
from planner.bundle.trips import BREAK
from planner.errors import DataError, TravelError
from planner.ledger import Note
from planner.services import Services
from planner.travel.kernels import Int64
from planner.travel.times import TravelTimes, area_median, nearest

#: Walking speed that the walk between venues of one place is turned into metres by: 4.8 km/h.
METRES_PER_MINUTE = 80.0

PLACE_COLUMNS = ["venues", "kinds", "kinds_count", "kinds_missing", "areas_whole"]
REACH_COLUMNS = ["one_stop_minutes", "one_stop_status", "one_stop_venue_id"]


@dataclass(frozen=True, kw_only=True, eq=False)
class OneStop:
    """Minutes to the nearest place that holds everything.

    Parameters
    ----------
    areas
        On area codes, columns `REACH_COLUMNS`: lower weighted medians over points, and the venue
        that stands for the place nearest to the point with that median. ``unreachable`` also
        where no place holds the whole bundle; the notes then say so.
    points
        The same on point ids, behind ``area_code``.
    places
        On venue ids, columns `PLACE_COLUMNS`: what each venue and those within the walk of it
        hold together, by any offer that some of the people may use; ``areas_whole`` counts the
        areas for whose people it is all of the bundle. Most kinds first, then most areas, then
        by id.
    method
        What a place is, in words.
    """

    areas: pd.DataFrame
    points: pd.DataFrame
    places: pd.DataFrame
    rules: BundleRules
    approximate: bool
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.areas.columns) != REACH_COLUMNS or list(self.places.columns) != PLACE_COLUMNS:
            raise DataError("One-stop reach: the columns are not as agreed.")


def build_one_stop(
    legs: Legs,
    services: Services,
    points: pd.DataFrame,
    rules: BundleRules,
    *,
    walk: TravelTimes | None = None,
) -> OneStop:
    """Find the nearest place with the whole bundle from every point and every area.

    Parameters
    ----------
    legs, services, points, rules
        As for `planner.bundle.trips.build_bundle_trips`.
    walk
        Walking times from venue to venue. None: a straight line at 4.8 km/h, which is noted.

    Notes
    -----
    A place is a venue with an open offer of the bundle, and every venue within the walk of it
    (``walk_minutes``). Venues are not chained: two that are each within the walk of a third, but
    not of each other, are one place about the third only. Minutes are those to the venue in the
    middle; the walk between them is not added.
    """
    supplies = build_supplies(services, points, rules)
    near = _near(services, supplies, rules, walk)
    legs.check(points.index, near.index)
    offered = kinds_offered(services, rules)
    found = pd.concat([_reach(legs, one, near, rules, offered) for one in supplies])
    found = found.reindex(points.index)
    codes, weight = points["area_code"], points["weight"]
    middle = area_median(found["one_stop_minutes"], found["one_stop_status"], codes, weight)
    areas = pd.DataFrame(
        {
            "one_stop_minutes": middle["minutes"],
            "one_stop_status": middle["status"],
            "one_stop_venue_id": at_middle(
                found["one_stop_minutes"], found["one_stop_venue_id"], codes, middle["minutes"]
            ),
        }
    )
    places = _places(supplies, near, points, rules)
    notes = [*legs.notes(), *supply_notes(services, points, supplies, rules)]
    if walk is None and rules.walk_minutes > 0:
        notes.append(_straight_note(rules))
    if len(offered) == len(rules.kinds):
        notes += _no_place_notes(places, rules, services)
    return OneStop(
        areas=areas,
        points=pd.concat([codes, found], axis=1),
        places=places,
        rules=rules,
        approximate=legs.approximate or walk is None,
        method=_place_method(rules, walk),
        notes=tuple(notes),
    )


def whole_places(supply: Supply, near: pd.DataFrame) -> Int64:
    """Return what each venue of a supply and those within the walk hold together, as bits."""
    within = near.loc[supply.venues, supply.venues].to_numpy()
    return np.asarray(
        np.bitwise_or.reduce(np.where(within, supply.held[None, :], 0), axis=1, initial=0)
    )


def build_near(
    services: Services, venues: pd.Index, walk_minutes: float, walk: TravelTimes | None
) -> pd.DataFrame:
    """Return venue × venue: is the second within the walk of the first?"""
    within = np.eye(len(venues), dtype=bool)
    if walk is None:
        spots = services.venues.geometry.loc[venues]
        xy = np.column_stack([spots.x, spots.y])
        pairs = cKDTree(xy).query_pairs(
            walk_minutes * METRES_PER_MINUTE + 1e-6, output_type="ndarray"
        )
        within[pairs[:, 0], pairs[:, 1]] = within[pairs[:, 1], pairs[:, 0]] = True
        return pd.DataFrame(within, index=venues, columns=venues)
    missing = venues.difference(walk.origins.intersection(walk.destinations))
    if len(missing):
        raise TravelError(f"No walking times between {len(missing)} venues (first: {missing[0]}).")
    if walk_minutes > walk.cutoff_minutes:
        raise TravelError(
            f"Venues within {walk_minutes:g} minutes cannot be told: walks were searched up to "
            f"{walk.cutoff_minutes:g}.",
            hint="Raise the cutoff, or shorten the walk.",
        )
    first = venues.get_indexer(walk.origins)[walk.pairs["origin"].to_numpy()]
    second = venues.get_indexer(walk.destinations)[walk.pairs["destination"].to_numpy()]
    close = walk.pairs["deciseconds"].to_numpy() <= to_deciseconds(walk_minutes)
    close &= (first >= 0) & (second >= 0)
    within[first[close], second[close]] = True
    return pd.DataFrame(within, index=venues, columns=venues)


def _near(
    services: Services, supplies: list[Supply], rules: BundleRules, walk: TravelTimes | None
) -> pd.DataFrame:
    venues = pd.Index(sorted({v for one in supplies for v in one.venues}), dtype=object)
    return build_near(services, venues, rules.walk_minutes, walk)


def _reach(
    legs: Legs, supply: Supply, near: pd.DataFrame, rules: BundleRules, offered: tuple[str, ...]
) -> pd.DataFrame:
    to = to_some(legs.to, supply.points)
    anchors = supply.venues[whole_places(supply, near) == rules.whole]
    if len(anchors):
        found = nearest(to, anchors).rename(columns={"destination": "venue_id"})
    else:
        word = "unreachable" if len(offered) == len(rules.kinds) else "no_data"
        own = to.origin_status
        status = own.where(own != "connected", word)
        found = pd.DataFrame({"minutes": np.nan, "status": status, "venue_id": ""})
    return found.add_prefix("one_stop_")[REACH_COLUMNS]


def _places(
    supplies: list[Supply], near: pd.DataFrame, points: pd.DataFrame, rules: BundleRules
) -> pd.DataFrame:
    held = pd.Series(0, index=near.index, dtype="int64")
    whole = pd.Series(0, index=near.index, dtype="int64")
    for one in supplies:
        bits = pd.Series(whole_places(one, near), index=one.venues)
        held.loc[one.venues] |= bits
        areas = points.loc[one.points, "area_code"].nunique()
        whole.loc[bits.index[(bits == rules.whole).to_numpy()]] += areas
    names = near.columns.to_numpy()
    table = pd.DataFrame(
        {
            "venues": [BREAK.join(names[row]) for row in near.to_numpy()],
            "kinds": [BREAK.join(rules.to_kinds(bits)) for bits in held],
            "kinds_count": [len(rules.to_kinds(bits)) for bits in held],
            "kinds_missing": [BREAK.join(rules.to_kinds(rules.whole & ~bits)) for bits in held],
            "areas_whole": whole,
        },
        index=near.index.rename("venue_id"),
    )
    order = np.lexsort((-table["areas_whole"], -table["kinds_count"]))
    return table.iloc[order][PLACE_COLUMNS]


def at_middle(
    minutes: pd.Series, name: pd.Series, codes: pd.Series, middle: pd.Series
) -> pd.Series:
    """Return the name at each area's median point (the first by id); "" where there is none."""
    chosen = name[minutes == codes.map(middle)]
    first = chosen.groupby(codes.loc[chosen.index]).first()
    return first.reindex(middle.index).fillna("")


def _place_method(rules: BundleRules, walk: TravelTimes | None) -> str:
    how = "straight-line" if walk is None else "walked"
    metres = f" ({rules.walk_minutes * METRES_PER_MINUTE:g} m)" if walk is None else ""
    return (
        "A place is a venue with all venues within "
        f"{rules.walk_minutes:g} {how} minutes{metres} of it. Minutes are those to the nearest "
        "place that holds the whole bundle; the walk between its venues is not added."
    )


def _no_place_notes(places: pd.DataFrame, rules: BundleRules, services: Services) -> list[Note]:
    if not len(places) or bool((places["kinds_count"] == len(rules.kinds)).any()):
        return []
    best = places.iloc[0]
    name = services.venues.loc[best.name, "venue_name"] or best.name
    text = (
        f"No single place holds the whole bundle. {name} and what is around it come nearest to "
        f"it, with {best['kinds_count']} of {len(rules.kinds)}."
    )
    items = (str(best.name),)
    return [Note(stage="bundle", what="bundle_no_single_place", count=1, text=text, items=items)]


def _straight_note(rules: BundleRules) -> Note:
    text = (
        f"Venues up to {rules.walk_minutes * METRES_PER_MINUTE:g} m apart in a straight line count "
        "as one place; what lies between them is not looked at."
    )
    return Note(stage="bundle", what="bundle_place_straight", count=1, text=text)
