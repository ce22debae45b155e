"""Who may use which offers, and how far is the nearest of them from where people live?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.area import StudyArea
from planner.errors import TravelError
from planner.services import Services, split_by_use
from planner.travel.getting_about import Way
from planner.travel.times import STATUSES, TravelTimes, pairs_to


@dataclass(frozen=True, kw_only=True, eq=False)
class OfferGroup:
    """Points whose people may use the same offers: sorted venues and their numbers of offers."""

    points: pd.Index
    venues: tuple[str, ...]
    offers: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Near:
    """Minutes (NaN unless reached) and status of each point, to the nearest of something."""

    minutes: NDArray[np.float64]
    status: NDArray[np.object_]


class Reach:
    """The journeys to what one group of points may use, looked up once.

    Parameters
    ----------
    times
        From all points, to at least the group's venues.
    group, points
        The group, and the points of all groups.
    """

    def __init__(self, times: TravelTimes, group: OfferGroup, points: pd.DataFrame) -> None:
        self.group = group
        whole = len(group.points) == len(points)
        everyone = np.arange(len(points))
        self.rows = everyone if whole else points.index.get_indexer(group.points)
        same = times.origins.equals(points.index)
        self.origins = self.rows if same else times.origins.get_indexer(group.points)
        lost = [venue for venue in group.venues if venue not in times.places]
        if lost:
            raise TravelError(f"No times to {len(lost)} destinations (first: {lost[0]}).")
        self.weights = np.zeros(len(times.destinations))
        self.weights[[times.places[venue] for venue in group.venues]] = group.offers
        self.pairs = pairs_to(times, self.weights > 0)


def check_times(area: StudyArea, services: Services, times: TravelTimes) -> None:
    """Refuse times that start elsewhere than at the place's points, or lack a venue."""
    if not times.origins.equals(area.place_points.index):
        raise TravelError("Access: travel times do not start at the points of the place.")
    missing = services.venues.index[times.destinations.get_indexer(services.venues.index) < 0]
    if len(missing):
        raise TravelError(f"Access: travel times lack {len(missing)} venues (first: {missing[0]}).")


def group_offers(offers: pd.DataFrame, points: pd.DataFrame) -> list[OfferGroup]:
    """Split the points by which offers their people may use (``serves``)."""
    groups = []
    for members, usable in split_by_use(offers, points):
        counted = Counter(usable["venue_id"].tolist())
        venues = tuple(sorted(counted))
        number = np.array([counted[venue] for venue in venues], dtype=np.float64)
        groups.append(OfferGroup(points=members, venues=venues, offers=number))
    return groups


def asked_venues(area: StudyArea, services: Services) -> list[tuple[str, ...]]:
    """Return the sets of venues among which somebody's nearest is looked for, each sorted."""
    points = area.place_points
    asked = {
        group.venues
        for kind in services.kinds
        for group in group_offers(services.open_offers(kind), points)
    }
    return sorted(asked - {()})


def nearest_offer(way: Way, reach: list[Reach], points: pd.DataFrame) -> Near:
    """Return the way to the nearest offer that the people of each point may use."""
    anywhere = any(one.group.venues for one in reach)
    minutes = np.full(len(points), np.nan)
    status = np.full(len(points), "no_data", dtype=object)
    for one in reach:
        if one.group.venues:
            found = way.nearest_of.get(one.group.venues)
            if found is None:
                among, words, _ = one.pairs.nearest()
            else:
                among = found["minutes"].to_numpy(dtype=np.float64)
                words = found["status"].to_numpy(dtype=object)
            minutes[one.rows] = among[one.origins]
        else:
            # An offer elsewhere that these people may not use is no way there for them; no
            # offer at all is not known to be far.
            none = "unreachable" if anywhere else "no_data"
            words = replace_connected(way.times, none)
        status[one.rows] = words[one.origins]
    return Near(minutes=minutes, status=status)


def count_offers(reach: list[Reach], points: pd.DataFrame, minutes: float) -> NDArray[np.float64]:
    """Return how many offers within some minutes the people of each point may use."""
    counts = np.zeros(len(points))
    for one in reach:
        if one.group.venues:
            counts[one.rows] = one.pairs.count_within(one.weights, minutes)[one.origins]
    return counts


def replace_connected(times: TravelTimes, word: str) -> NDArray[np.object_]:
    """Return the status of each origin, another word for those that are on the network."""
    return np.where(times.origin_words == "connected", word, times.origin_words)


def slowest_of(near: Sequence[Near], points: int) -> Near:
    """Return the slowest of the nearest of each point, with the worst status of them."""
    order = {status: position for position, status in enumerate(STATUSES)}
    worst = np.zeros(points, dtype=np.int64)
    minutes = np.full(points, np.nan)
    for one in near:
        worst = np.maximum(worst, [order[status] for status in one.status])
        minutes = np.fmax(minutes, one.minutes)
    status = np.array(STATUSES, dtype=object)[worst]
    return Near(minutes=np.where(worst == 0, minutes, np.nan), status=status)
