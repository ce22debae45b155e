"""How much longer does the scattered bundle take than it would in one place?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.bundle.legs import Legs, build_rows, to_minutes
from planner.bundle.one_stop import at_middle
from planner.bundle.round_trips import Read
from planner.bundle.supply import BundleRules
from planner.bundle.trips import BundleTrips
from planner.cores import build_spans
from planner.errors import DataError, TravelError
from planner.ledger import Note, note_items
from planner.services import Services
from planner.travel.blocks import BLOCK_PAIRS
from planner.travel.kernels import FAR, Int64
from planner.travel.times import area_median, nearest

COLUMNS = [
    "best_venue_minutes",
    "best_venue_status",
    "best_venue_id",
    "fragmentation_ratio",
    "fragmentation_extra_minutes",
    "place_best_minutes",
    "place_best_status",
    "fragmentation_ratio_place",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fragmentation:
    """How much longer the bundle takes than it would in one place.

    Parameters
    ----------
    areas
        On area codes, columns `COLUMNS`. ``best_venue_minutes`` is the round trip
        to the existing venue that would be the quickest for these people if it held everything,
        ``fragmentation_ratio`` the bundle trip over it (the figure to publish; at least 1 where
        no detour is a short cut) and ``fragmentation_extra_minutes`` the difference.
        ``place_best_minutes`` and ``fragmentation_ratio_place`` are the same for one venue for
        all; there the ratio can be below 1: for those far from it one stop is no gain.
    points
        The same on point ids, behind ``area_code``.
    place_best
        That venue: of all existing ones it can be gone to and back by the most people, then
        takes them the fewest minutes in all; then the lowest id. "" where nobody reaches any.
    """

    areas: pd.DataFrame
    points: pd.DataFrame
    place_best: str
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.areas.columns) != COLUMNS:
            raise DataError("Fragmentation: the columns are not as agreed.")


def build_fragmentation(
    trips: BundleTrips,
    legs: Legs,
    services: Services,
    points: pd.DataFrame,
    people: pd.Series,
) -> Fragmentation:
    """Set the bundle trip against a round trip to one place that held everything.

    Parameters
    ----------
    trips
        From `planner.bundle.trips.build_bundle_trips`, on the same points.
    legs
        To and from every existing venue, whether or not it has to do with the bundle today.
    services
        Venues with status ``existing`` are those at which a one-stop place is thought of.
    points
        As for the trips.
    people
        On area codes; only to choose the one venue for all.

    Notes
    -----
    Both trips hold the same time with the services, and the time a stop takes once for each stop.
    An area's ratio is its published bundle minutes over its published round trip.
    """
    rules, venues = trips.rules, services.venues
    existing = venues.index[venues["status"] == "existing"]
    _check_venues(legs, points, existing)
    rows = build_rows(legs, points.index, existing)
    weight = points["weight"] * points["area_code"].map(people).astype("float64").fillna(0.0)
    best, at, column = _round_trips(rows.read, weight.to_numpy(), len(existing))
    names = np.append(existing.to_numpy(dtype=object), "")
    found = pd.DataFrame(index=points.index)
    spent = rules.served_minutes + rules.stop_minutes
    status = _round_trip_status(legs, existing)
    place = names[column] if column >= 0 else ""
    one = _one_venue(rows.read, len(points), column)
    found["best_venue_minutes"] = to_minutes(best) + spent
    found["best_venue_status"] = status.where(found["best_venue_minutes"].isna(), "reached")
    found["best_venue_id"] = names[at]
    found["place_best_minutes"] = to_minutes(one) + spent
    alone = _round_trip_status(legs, existing[existing == place])
    found["place_best_status"] = alone.where(found["place_best_minutes"].isna(), "reached")
    codes = points["area_code"]
    areas = pd.DataFrame(index=trips.areas.index)
    for name in ("best_venue", "place_best"):
        middle = area_median(
            found[f"{name}_minutes"], found[f"{name}_status"], codes, points["weight"]
        )
        areas[f"{name}_minutes"], areas[f"{name}_status"] = middle["minutes"], middle["status"]
    areas["best_venue_id"] = at_middle(
        found["best_venue_minutes"], found["best_venue_id"], codes, areas["best_venue_minutes"]
    )
    areas = _with_ratios(areas, trips.areas["bundle_trip_minutes"])
    found = _with_ratios(found, trips.points["minutes"])
    return Fragmentation(
        areas=areas,
        points=pd.concat([codes, found], axis=1),
        place_best=str(place),
        method=_method(rules),
        notes=(*legs.notes(), *_notes(areas, trips, str(place), services)),
    )


def _round_trips(read: Read, weight: NDArray[np.float64], venues: int) -> tuple[Int64, Int64, int]:
    """Return each point's shortest round trip to one venue, that venue, and the one for all.

    A position is -1 where there is none.
    """
    points = len(weight)
    best, at = np.full(points, int(FAR), np.int64), np.full(points, -1, np.int64)
    reached, spent = np.zeros(venues), np.zeros(venues)
    if venues == 0:
        return best, at, -1
    for first, last in build_spans(points, max(1, BLOCK_PAIRS // venues)):
        both = _both_ways(read, first, last)
        at[first:last] = both.argmin(axis=1)
        best[first:last] = both.min(axis=1)
        there = both < FAR
        reached += weight[first:last] @ there
        spent += weight[first:last] @ np.where(there, both, 0)
    at[best >= FAR] = -1
    order = np.lexsort((np.arange(venues), spent.round(3), -reached.round(6)))
    column = int(order[0])
    return best, at, column if bool((best < FAR).any()) else -1


def _both_ways(read: Read, first: int, last: int) -> Int64:
    to, back = read(first, last)
    known = (to < FAR) & (back < FAR)
    return np.where(known, to.astype(np.int64) + back, int(FAR))


def _one_venue(read: Read, points: int, column: int) -> Int64:
    found = np.full(points, int(FAR), np.int64)
    if column >= 0:
        for first, last in build_spans(points, 4096):
            found[first:last] = _both_ways(read, first, last)[:, column]
    return found


def _round_trip_status(legs: Legs, venues: pd.Index) -> pd.Series:
    """Return why there is no way to any of some venues and back; ``over_cutoff`` if only back."""
    status = nearest(legs.to, venues)["status"]
    return status.replace("reached", "over_cutoff")


def _check_venues(legs: Legs, points: pd.DataFrame, venues: pd.Index) -> None:
    if not legs.to.origins.equals(points.index):
        raise TravelError("Fragmentation: travel times do not start at the points given.")
    known = [legs.to.destinations] + ([] if legs.back is None else [legs.back.origins])
    for index in known:
        missing = venues.difference(index)
        if len(missing):
            raise TravelError(
                f"Fragmentation: travel times lack {len(missing)} existing venues "
                f"(first: {missing[0]})."
            )


def _with_ratios(table: pd.DataFrame, minutes: pd.Series) -> pd.DataFrame:
    best, place = table["best_venue_minutes"], table["place_best_minutes"]
    return table.assign(
        fragmentation_ratio=_ratio(minutes, best),
        fragmentation_extra_minutes=minutes - best,
        fragmentation_ratio_place=_ratio(minutes, place),
    )[COLUMNS]


def _ratio(minutes: pd.Series, best: pd.Series) -> pd.Series:
    """Return the ratio: 1 where neither takes any time, NaN where only the one stop takes none."""
    ratio = minutes / best.where(best > 0)
    return ratio.where(~((minutes == 0) & (best == 0)), 1.0)


def _method(rules: BundleRules) -> str:
    return (
        "The bundle trip divided by a round trip to the existing venue that would be the quickest "
        "if it held the whole bundle. Both hold "
        f"{rules.served_minutes:g} minutes with the services"
        + (f" and {rules.stop_minutes:g} at each stop" if rules.stop_minutes else "")
        + "."
    )


def _notes(areas: pd.DataFrame, trips: BundleTrips, place: str, services: Services) -> list[Note]:
    notes = []
    if place:
        name = services.venues.loc[place, "venue_name"] or place
        text = (
            f"The existing venue that would suit the place best as a single one is {name}: the "
            "most people can go there and back, and of those venues it takes them the least time."
        )
        notes.append(
            Note(stage="bundle", what="bundle_place_best", count=1, text=text, items=(place,))
        )
    found = areas["fragmentation_ratio"].isna() & trips.areas["bundle_trip_minutes"].notna()
    codes = tuple(areas.index[found.to_numpy()])
    if codes:
        text = (
            f"Areas with a bundle trip but no ratio (no single venue to set it by): {len(codes)}."
        )
        notes.append(note_items("bundle", "bundle_no_ratio", codes, text))
    return notes
