"""Which venues, services and sessions of a place come into question for bringing together?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from planner.area import StudyArea
from planner.bundle.legs import Legs
from planner.bundle.one_stop import build_near
from planner.bundle.supply import BundleRules
from planner.errors import ProjectError
from planner.hubs.bundle_siting.problem import PRESENCE_COLUMNS, SPARE_COLUMNS, BundleProblem
from planner.hubs.problem import SitingProblem, build_problem
from planner.ledger import Note, note_items
from planner.need import Need
from planner.project import HubSettings
from planner.services import Services
from planner.standards import kind_words
from planner.travel.times import DECISECONDS_PER_MINUTE, TravelTimes, to_areas
from planner.wording import say_few, say_list, say_many, say_noun

#: Areas without a trip count twice the minutes of those that reach no hub: there and back.
_BOTH_WAYS = 2.0


def build_bundle_problem(
    area: StudyArea,
    services: Services,
    legs: Legs,
    need: Need,
    settings: HubSettings,
    rules: BundleRules,
    *,
    spare: pd.DataFrame | None = None,
    may_move: Mapping[str, bool] | None = None,
    walk: TravelTimes | None = None,
    trip_penalty_minutes: float | None = None,
    **siting: Any,
) -> BundleProblem:
    """Put together what `solve_bundle` needs from a plan's parts.

    Parameters
    ----------
    area, services, need, settings
        The place, what there is, the need, and which venues may become hubs. Only open offers
        that anyone in the place may use count.
    legs
        Minutes to, between and back from venues.
    rules
        The bundle's kinds, the walk within which venues are one place, and the time at a stop.
    spare
        Partners' further sessions (``kind``, ``partner``, ``sessions``). None: each kind may
        come to as many venues as hubs are asked for, once each; this is noted.
    may_move
        Of a kind, whether its services may leave their venue; kinds not named, and all if None,
        stay; this is noted.
    walk
        Walking times between venues; None: a straight line, which is noted.
    trip_penalty_minutes
        What an area without a trip counts; None: twice the hubs' penalty.
    siting
        What `planner.hubs.problem.build_problem` takes besides.

    Raises
    ------
    ProjectError
        No venue may become a hub, or a kind named is not in the bundle.
    """
    hubs = build_problem(area, services, legs.to, need, settings, **siting)
    offers, left_out = _usable(services, rules)
    joined = _with_venues(hubs, legs.to, area, pd.Index(offers["venue_id"].unique()))
    venues = joined.sites.index
    moving = _moving(may_move, rules)
    presences = pd.DataFrame(
        {
            "venue_id": offers["venue_id"],
            "kind": offers["kind"],
            "partner": offers["partner"],
            "may_move": offers["kind"].map(moving).astype(bool),
        },
        columns=PRESENCE_COLUMNS,
    )
    assumed = []
    if spare is None:
        spare = _default_spare(presences, rules, settings.count)
        assumed.append(_spare_note(rules, settings.count))
    if not any(moving.values()):
        text = "No service of the bundle is taken to leave its venue; it may be told which may."
        assumed.append(Note(stage="hubs", what="bundle_none_moves", count=1, text=text))
    rooms = services.venues["rooms"].reindex(venues).astype(float)
    near = build_near(services, venues, rules.walk_minutes, walk)
    return BundleProblem(
        siting=joined,
        kinds=rules.kinds,
        presences=presences,
        spare=spare.reset_index(drop=True)[SPARE_COLUMNS],
        rooms=rooms,
        near=near,
        between=_between(legs.between, venues),
        back=None if legs.back is None else _back(legs.back, area, joined),
        trip_penalty_minutes=trip_penalty_minutes or _BOTH_WAYS * settings.penalty_minutes,
        stop_minutes=rules.stop_minutes,
        notes=(
            *joined.notes,
            *legs.notes(),
            *left_out,
            *assumed,
            *_room_notes(rooms, joined),
            *(_straight(rules) if walk is None else ()),
        ),
    )


def _usable(services: Services, rules: BundleRules) -> tuple[pd.DataFrame, list[Note]]:
    """Return the bundle's open offers to everybody, and say which are for some only."""
    offers = services.open_offers()
    offers = offers[offers["kind"].isin(rules.kinds)]
    for_some = ~offers["serves"].isin(["anyone", "place"])
    notes = []
    if for_some.any():
        names = offers.index[for_some]
        text = (
            f"{say_many(len(names), 'offer')} of the bundle {say_noun(len(names), 'is', 'are')} "
            "for some areas only and did not count in bringing services together."
        )
        notes.append(note_items("hubs", "bundle_offers_for_some", names, text))
    return offers[~for_some], notes


def _moving(may_move: Mapping[str, bool] | None, rules: BundleRules) -> dict[str, bool]:
    given = dict(may_move or {})
    odd = sorted(set(given) - set(rules.kinds))
    if odd:
        raise ProjectError(
            f"Bundle siting: {odd[0]!r} is said to move, but is not in the bundle.",
            hint=f"Use {', '.join(rules.kinds)}.",
        )
    return {kind: given.get(kind, False) for kind in rules.kinds}


def _default_spare(presences: pd.DataFrame, rules: BundleRules, count: int) -> pd.DataFrame:
    """Let the partner with most venues of each kind come to as many venues as hubs are asked."""
    rows = []
    for kind in rules.kinds:
        mine = presences.loc[presences["kind"] == kind, "partner"]
        often = mine.value_counts().rename_axis("partner").reset_index()
        often = often.sort_values(["count", "partner"], ascending=[False, True])
        partner = str(often["partner"].iloc[0]) if len(often) else ""
        rows.append((kind, partner, count))
    return pd.DataFrame(rows, columns=SPARE_COLUMNS)


def _spare_note(rules: BundleRules, count: int) -> Note:
    names = say_list([kind_words(kind) for kind in rules.kinds])
    text = (
        f"Nothing is said about partners' spare sessions, so {names} are each taken to have one "
        f"for {say_many(count, 'further venue')}, as many as hubs are asked for."
    )
    return note_items("hubs", "bundle_spare_assumed", rules.kinds, text)


def _room_notes(rooms: pd.Series, siting: SitingProblem) -> list[Note]:
    usable = rooms[siting.usable]
    unknown = usable.index[usable.isna()]
    if not len(unknown):
        return []
    text = (
        f"Rooms are not known of {say_many(len(unknown), 'venue')} that may become a hub "
        f"({say_few(unknown.tolist())}): the whole bundle is taken to fit in."
    )
    return [note_items("hubs", "bundle_rooms_not_known", unknown, text)]


def _straight(rules: BundleRules) -> list[Note]:
    if rules.walk_minutes <= 0:
        return []
    text = (
        f"Venues within {rules.walk_minutes:g} minutes' walk in a straight line count as one place."
    )
    return [Note(stage="hubs", what="bundle_walk_straight", count=1, text=text)]


def _with_venues(
    hubs: SitingProblem, times: TravelTimes, area: StudyArea, further: pd.Index
) -> SitingProblem:
    """Add venues that hold a service today and never become a hub."""
    more = further.difference(hubs.sites.index)
    if len(more) == 0:
        return hubs
    grid = _grid(to_areas(times, area.place_points), more).reindex(hubs.minutes.index)
    minutes = pd.concat([hubs.minutes, grid], axis=1).sort_index(axis=1)
    minutes.columns.name = hubs.minutes.columns.name
    added = pd.DataFrame({"status": "closed", "cost": 0.0, "capacity": np.nan}, index=more)
    sites = pd.concat([hubs.sites, added]).sort_index()
    sites.index.name = hubs.sites.index.name
    longest = float(np.nanmax(minutes.to_numpy(), initial=0.0))
    if longest > hubs.penalty_minutes:
        raise ProjectError(
            f"Hubs: an area that reaches no site would count {hubs.penalty_minutes:g} minutes, "
            f"less than the longest journey ({longest:g} minutes).",
            hint="Raise [hubs] penalty_minutes.",
        )
    return replace(hubs, minutes=minutes, sites=sites.loc[minutes.columns])


def _grid(times: TravelTimes, venues: pd.Index) -> pd.DataFrame:
    """Return minutes origins × venues, NaN where there is no time."""
    column = venues.get_indexer(times.destinations)[times.pairs["destination"].to_numpy()]
    kept = column >= 0
    grid = np.full((len(times.origins), len(venues)), np.nan)
    row = times.pairs["origin"].to_numpy()[kept]
    minutes = times.pairs["deciseconds"].to_numpy()[kept] / DECISECONDS_PER_MINUTE
    grid[row, column[kept]] = minutes
    return pd.DataFrame(grid, index=times.origins, columns=venues)


def _between(times: TravelTimes, venues: pd.Index) -> pd.DataFrame:
    """Return minutes venue × venue; a venue that was not timed has no way to another."""
    return _grid(times, venues).reindex(venues)


def _back(back: TravelTimes, area: StudyArea, siting: SitingProblem) -> pd.DataFrame:
    """Return minutes home, areas × venues: the median over an area's points as on the way there."""
    turned = replace(
        back,
        pairs=back.pairs.rename(columns={"origin": "destination", "destination": "origin"})
        .sort_values(["origin", "destination"], kind="stable")
        .reset_index(drop=True)[list(back.pairs.columns)],
        origins=back.destinations,
        destinations=back.origins,
        origin_status=back.destination_status,
        destination_status=back.origin_status,
        origin_component=back.destination_component,
        destination_component=back.origin_component,
    )
    by_area = to_areas(turned, area.place_points)
    return _grid(by_area, siting.sites.index).reindex(siting.minutes.index)
