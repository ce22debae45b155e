"""How long does it take from home to use everything in the bundle and be back?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.bundle.legs import Legs, build_rows, to_deciseconds, to_minutes, to_some
from planner.bundle.round_trips import build_sites, search_round_trips
from planner.bundle.supply import (
    BundleRules,
    Supply,
    build_supplies,
    kinds_offered,
    supply_notes,
)
from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.services import Services
from planner.travel.times import CONNECTED, STATUSES, area_median, nearest

POINT_COLUMNS = [
    "area_code",
    "minutes",
    "travel_minutes",
    "status",
    "stops",
    "venues",
    "kinds_missing",
]
AREA_COLUMNS = [
    "bundle_trip_minutes",
    "bundle_trip_travel_minutes",
    "bundle_trip_status",
    "bundle_trip_stops",
    "bundle_trip_venues",
    "bundle_trip_kinds_missing",
    "bundle_trip_point",
]

#: Between the ids of venues, and the names of kinds, in one cell.
BREAK = "; "

METHOD_WORDS = (
    "The shortest round trip from home that uses one open service of each kind in the bundle, in "
    "the best order, with the ways from venue to venue; a venue with several of them serves them "
    "all without a further journey. It supposes that each is open, and has time, when one comes."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class BundleTrips:
    """The bundle trip of every point and of every area.

    Parameters
    ----------
    points
        On point ids, columns `POINT_COLUMNS`: ``minutes`` door to door, the time with the
        services among them (NaN unless ``reached``); ``travel_minutes`` those on the way;
        ``stops`` how many venues are entered (0 unless reached); ``venues`` their ids in order,
        and ``kinds_missing`` the kinds not reached at all, both joined by `BREAK`.
    areas
        On area codes, columns `AREA_COLUMNS`: the population-weighted lower median over an
        area's points, those without a trip infinitely far. Stops and venues are those of
        ``bundle_trip_point``, the point with that median (the first by id). Kinds missing are
        those that more than half of the area's people do not reach.
    rules
        The bundle, and how the time there is counted.
    approximate
        Whether a leg is not from a network.
    indicative
        Whether legs are timed one by one over a timetable's window; such a trip is indicative.
    method
        In words.
    notes
        What the trips rest on, and what could not be looked at.
    """

    points: pd.DataFrame
    areas: pd.DataFrame
    rules: BundleRules
    approximate: bool
    indicative: bool
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.points.columns) != POINT_COLUMNS or list(self.areas.columns) != AREA_COLUMNS:
            raise DataError("Bundle trips: the columns are not as agreed.")
        known = self.points["minutes"].notna()
        if bool((known != (self.points["status"] == "reached")).any()):
            raise DataError("Bundle trips: minutes and status of a point disagree.")


def build_bundle_trips(
    legs: Legs, services: Services, points: pd.DataFrame, rules: BundleRules
) -> BundleTrips:
    """Find the shortest trip for the whole bundle from every point and every area.

    Parameters
    ----------
    legs
        Times to venues, between them, and home.
    services
        Venues and offers; only open offers that a point's people may use count for it.
    points
        On sorted point ids, ``area_code`` and ``weight`` (share of the area's people).
    rules
        The bundle's kinds, time with each service, time at each stop.

    Raises
    ------
    TravelError
        The times lack a point or a venue that has to do with the bundle.

    Notes
    -----
    Exact on the times given (`planner.bundle.round_trips`). Of trips equally long the one with
    fewest stops, then the one whose venue ids come first, from the first stop on. A point that
    reaches each kind by itself but has no trip is ``over_cutoff``: a leg between venues, or the
    way home, is beyond the longest journey searched.
    """
    supplies = build_supplies(services, points, rules)
    venues = sorted({venue for one in supplies for venue in one.venues})
    legs.check(points.index, pd.Index(venues, dtype=object))
    offered = kinds_offered(services, rules)
    table = pd.concat([_trips(legs, one, rules, offered) for one in supplies]).reindex(points.index)
    table.insert(0, "area_code", points["area_code"])
    areas = _areas(table, points, rules, offered, legs, supplies)
    return BundleTrips(
        points=table[POINT_COLUMNS],
        areas=areas,
        rules=rules,
        approximate=legs.approximate,
        indicative=legs.indicative,
        method=_method(rules),
        notes=(
            *legs.notes(),
            *supply_notes(services, points, supplies, rules),
            *_notes(areas),
        ),
    )


def _trips(
    legs: Legs, supply: Supply, rules: BundleRules, offered: tuple[str, ...]
) -> pd.DataFrame:
    """Return trips of points whose people may use the same."""
    count = len(supply.points)
    table = pd.DataFrame(
        {"minutes": np.nan, "travel_minutes": np.nan, "status": "", "stops": 0, "venues": ""},
        index=supply.points,
    )
    if not supply.missing:
        rows = build_rows(legs, supply.points, supply.venues)
        stop = to_deciseconds(rules.stop_minutes)
        sites = build_sites(
            rows.between, supply.held, kinds=len(rules.kinds), stop_deciseconds=stop
        )
        found = search_round_trips(sites, count, rows.read)
        stops = (found.stops >= 0).sum(axis=1)
        minutes = to_minutes(found.deciseconds)
        table["minutes"] = minutes + rules.served_minutes
        # What is left after the stops; a round trip of whole deciseconds, so no rounding below 0.
        table["travel_minutes"] = to_minutes(
            np.where(np.isnan(minutes), found.deciseconds, found.deciseconds - stop * stops)
        )
        table["stops"] = stops
        table["venues"] = _join(found.stops, supply.venues)
    without = table.index[table["minutes"].isna().to_numpy()]
    near = kinds_status(legs, supply, rules, offered, without)
    table["status"] = worst_status(near).reindex(table.index).fillna("reached")
    # Each kind by itself is there: what is missing is a leg.
    lost = table["minutes"].isna() & (table["status"] == "reached")
    table.loc[lost, "status"] = "over_cutoff"
    table["kinds_missing"] = _join_missing(near, legs).reindex(table.index).fillna("")
    return table


def kinds_status(
    legs: Legs, supply: Supply, rules: BundleRules, offered: tuple[str, ...], points: pd.Index
) -> pd.DataFrame:
    """Return what becomes of the way to the nearest of each kind: point × kind, a status.

    A kind that nobody offers is ``no_data``; one that others may use, but these people not, is
    ``unreachable``.
    """
    to = to_some(legs.to, points.sort_values())
    own = to.origin_status
    found = {}
    for at, kind in enumerate(rules.kinds):
        venues = supply.venues[(supply.held >> at & 1).astype(bool)]
        if len(venues):
            found[kind] = nearest(to, venues)["status"]
        else:
            word = "unreachable" if kind in offered else "no_data"
            found[kind] = own.where(own != "connected", word)
    return pd.DataFrame(found, index=to.origins)


def worst_status(near: pd.DataFrame) -> pd.Series:
    """Return the worst status of each row: the last in the order of `STATUSES`."""
    order = {status: at for at, status in enumerate(STATUSES)}
    ranks = near.apply(lambda column: column.map(order)).max(axis=1)
    return ranks.map(dict(enumerate(STATUSES)))


def _join(stops: np.ndarray, venues: pd.Index) -> list[str]:
    names = venues.to_numpy()
    # Many homes share a trip.
    trips, which = np.unique(stops, axis=0, return_inverse=True)
    words = [BREAK.join(names[trip[trip >= 0]]) for trip in trips]
    return [words[at] for at in which]


def _join_missing(near: pd.DataFrame, legs: Legs) -> pd.Series:
    """Return the kinds not reached; none are named for a home that is off the network."""
    on = (legs.to.origin_status.loc[near.index] == "connected").to_numpy()
    far = (near != "reached").to_numpy() & on[:, None]
    names = np.array(near.columns, dtype=object)
    return pd.Series([BREAK.join(names[row]) for row in far], index=near.index, dtype=object)


def _areas(
    table: pd.DataFrame,
    points: pd.DataFrame,
    rules: BundleRules,
    offered: tuple[str, ...],
    legs: Legs,
    supplies: list[Supply],
) -> pd.DataFrame:
    codes, weight = points["area_code"], points["weight"]
    middle = area_median(table["minutes"], table["status"], codes, weight)
    at_middle = table["minutes"] == codes.map(middle["minutes"])
    chosen = table[at_middle].groupby("area_code").head(1)
    chosen = chosen.rename_axis("point").reset_index().set_index("area_code")
    chosen = chosen.reindex(middle.index)
    missing = pd.Series("", index=middle.index, dtype=object)
    without = middle.index[(middle["status"] != "reached").to_numpy()]
    if len(without):
        missing.loc[without] = _missing_in_areas(
            points[codes.isin(without)], rules, offered, legs, supplies
        )
    return pd.DataFrame(
        {
            "bundle_trip_minutes": middle["minutes"],
            "bundle_trip_travel_minutes": chosen["travel_minutes"],
            "bundle_trip_status": middle["status"],
            "bundle_trip_stops": chosen["stops"].astype("Int64"),
            "bundle_trip_venues": chosen["venues"].fillna(""),
            "bundle_trip_kinds_missing": missing,
            "bundle_trip_point": chosen["point"].fillna(""),
        },
        index=middle.index,
    )[AREA_COLUMNS]


def _missing_in_areas(
    points: pd.DataFrame,
    rules: BundleRules,
    offered: tuple[str, ...],
    legs: Legs,
    supplies: list[Supply],
) -> pd.Series:
    """Return the kinds that more than half of each area's people do not reach."""
    near = pd.concat(
        [
            kinds_status(legs, one, rules, offered, one.points.intersection(points.index))
            for one in supplies
        ]
    ).reindex(points.index)
    words: dict[str, list[str]] = {code: [] for code in points["area_code"].unique()}
    flat = pd.Series(0.0, index=points.index)
    for kind in rules.kinds:
        found = area_median(flat, near[kind], points["area_code"], points["weight"])["status"]
        for code, status in found.items():
            if status != "reached" and status in (*CONNECTED, "no_data"):
                words[code].append(kind)
    return pd.Series({code: BREAK.join(kinds) for code, kinds in words.items()}, dtype=object)


def _method(rules: BundleRules) -> str:
    words = f"{METHOD_WORDS} Counted: {rules.dwell_minutes:g} minutes with each service"
    if rules.stop_minutes:
        words += f", and {rules.stop_minutes:g} further minutes at each venue"
    return f"{words}, wherever it is given."


def _notes(areas: pd.DataFrame) -> list[Note]:
    without = areas.index[(areas["bundle_trip_status"] != "reached").to_numpy()]
    if not len(without):
        return []
    text = f"Areas from which no trip for the whole bundle was found: {len(without)}."
    return [note_items("bundle", "bundle_no_trip", without, text)]
