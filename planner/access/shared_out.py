"""Of which services is it known how much there is to share, and what does each area get of it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from planner.access.catchments import Catchment, build_catchment
from planner.access.decay import Decay, build_step, build_thirds
from planner.access.found import MeasureList
from planner.access.options import build_homes, build_options
from planner.access.supply import Opportunities, offers_of
from planner.area import StudyArea
from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.project import MeasureSettings
from planner.services import Services
from planner.standards import kind_words
from planner.travel.times import TravelTimes, to_areas
from planner.wording import say_few, say_list, say_many

_HOW = (
    "Give a number from 0 up in the column that capacity_column names, or list the kind in "
    "[measures] equal_capacity if all of its places are alike."
)
#: Capacity is given for so many people.
PEOPLE = 1000


def add_catchments(
    found: MeasureList,
    area: StudyArea,
    services: Services,
    times: TravelTimes,
    settings: MeasureSettings,
    kinds: Sequence[str],
) -> None:
    """Share out the capacity of each kind among all who compete for it.

    Parameters
    ----------
    found
        Gets capacity per 1,000 people of each kind; no data where capacities are not known.
    area
        The place and its context areas.
    services
        Venues and offers, with capacities where the files have them.
    times
        From points of the place and, where their people are to compete, of the context areas.
    settings
        Method, kinds, minutes, and which kinds have equal capacities.
    kinds
        Kinds that there are.
    """
    found.notes += _unknown_kinds(settings, kinds)
    if not settings.catchment:
        return
    asked = [kind for kind in settings.catchment_kinds or kinds if kind in kinds]
    supply = {kind: _supply(services, kind, settings) for kind in asked}
    found.notes += _ask_for_capacities(supply)
    ready = {kind: offers for kind, offers in supply.items() if isinstance(offers, Opportunities)}
    for kind in asked:
        if kind not in ready:
            title, words = _title(kind, settings), "Not measured: its capacity is not known."
            found.put(("catchment", kind, settings.catchment), title, None, unit="", method=words)
    if not ready:
        return
    people, notes = _people(area, times)
    found.notes += notes
    of_areas = to_areas(_only(times, ready), area.points)
    homes = build_homes(area, by="areas")
    for kind, offers in ready.items():
        found.notes += offers.notes
        limit = settings.catchment_minutes
        key, title = ("catchment", kind, settings.catchment), _title(kind, settings)
        if limit > times.cutoff_minutes:
            found.fall_short(key, title, (limit, times.cutoff_minutes))
            continue
        options = build_options(of_areas, offers, homes=homes, asked=area.codes)
        shared = build_catchment(
            options,
            people,
            settings.catchment,
            _decay(settings),
            subject=kind_words(kind, plural=True),
        )
        _put(found, kind, settings, shared)


def _put(found: MeasureList, kind: str, settings: MeasureSettings, catchment: Catchment) -> None:
    """Add the capacity there is for 1,000 people; no data where nobody lives."""
    status = catchment.measure.table["status"]
    value = PEOPLE * catchment.per_person
    nobody = (status == "reached") & value.isna()
    unit = catchment.measure.unit.removesuffix(" per person")
    found.put(
        ("catchment", kind, settings.catchment),
        _title(kind, settings),
        pd.DataFrame({"value": value, "status": status.mask(nobody, "no_data")}),
        unit=f"{unit} for {PEOPLE:,} people",
        method=catchment.measure.method,
    )
    found.notes += catchment.measure.notes


def _title(kind: str, settings: MeasureSettings) -> str:
    return (
        f"Capacity of {kind_words(kind, plural=True)} within {settings.catchment_minutes:g} "
        f"minutes for {PEOPLE:,} people who share it"
    )


def _decay(settings: MeasureSettings) -> Decay:
    """Return a step for the plain two-step method, three zones for all others."""
    limit = settings.catchment_minutes
    return build_step(limit) if settings.catchment == "2sfca" else build_thirds(limit)


def _supply(
    services: Services, kind: str, settings: MeasureSettings
) -> Opportunities | Note | None:
    """Return the offers of a kind with their capacities; else what is asked for, None: of all."""
    if kind in settings.equal_capacity:
        return offers_of(services, kind, counted="equal_capacity")
    open_offers = services.open_offers(kind)
    unknown = open_offers["capacity"].isna()
    if bool(unknown.any()):
        if bool(unknown.all()):
            return None
        venues = services.venues.loc[open_offers.loc[unknown, "venue_id"], "venue_name"]
        names = sorted(set(venues.astype(str)))
        text = (
            f"The capacity of some {kind_words(kind, plural=True)} is not known "
            f"({say_few(names)}), so none of it is shared out. {_HOW}"
        )
        return note_items("access", "capacity_asked_for", names, text)
    try:
        return offers_of(services, kind, counted="capacity")
    except DataError as err:
        text = f"{err.message} None of it is shared out. {err.hint}"
        return note_items("access", "capacity_units_differ", [kind], text)


def _only(times: TravelTimes, ready: dict[str, Opportunities]) -> TravelTimes:
    """Return the times without journeys to venues that nothing is shared out at."""
    asked = pd.Index(sorted({v for one in ready.values() for v in one.table["destination"]}))
    keep = times.destinations.isin(asked)[times.pairs["destination"].to_numpy()]
    return replace(times, pairs=times.pairs[keep].reset_index(drop=True))


def _people(area: StudyArea, times: TravelTimes) -> tuple[pd.Series, list[Note]]:
    """Return the people of each area whose points have times, and who cannot compete."""
    homes = area.points["area_code"].reindex(times.origins).unique()
    people = area.areas["population"].astype("float64").reindex(sorted(homes))
    notes = []
    unknown = people.index[people.isna()]
    if len(unknown):
        text = (
            f"Areas of which it is not known how many people live there: {len(unknown)}. Nobody "
            "from there competes for the capacity of services."
        )
        notes.append(note_items("access", "people_not_known", unknown, text))
    beyond = area.areas.index[~area.areas["in_place"]].difference(people.index)
    if len(beyond):
        text = (
            f"The people of {say_many(len(beyond), 'context area')} do not compete for the "
            f"capacity of services: there are no travel times from there ({times.method})."
        )
        notes.append(note_items("access", "context_does_not_compete", beyond, text))
    return people.fillna(0.0), notes


def _unknown_kinds(settings: MeasureSettings, kinds: Sequence[str]) -> list[Note]:
    """Say which kinds are named that there is nothing of."""
    named = {*settings.catchment_kinds, *settings.equal_capacity}
    lost = sorted(named - set(kinds))
    if not lost:
        return []
    text = (
        f"[measures] names kinds of service that the project has none of: {say_list(lost)}. "
        "Nothing is shared out for them."
    )
    return [note_items("access", "measures_kind_unknown", lost, text)]


def _ask_for_capacities(supply: dict[str, Opportunities | Note | None]) -> list[Note]:
    """Ask for capacities that are not stated, of kinds that have none in one note."""
    notes = [found for found in supply.values() if isinstance(found, Note)]
    none = [kind for kind, found in supply.items() if found is None]
    if none:
        words = say_list([kind_words(kind, plural=True) for kind in none])
        text = f"The capacity of {words} is not known, so it cannot be shared out. {_HOW}"
        notes.append(note_items("access", "capacity_asked_for", none, text))
    return notes
