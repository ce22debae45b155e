"""How does one trip to the whole bundle go by the clock, and which doors are shut on the way?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from planner.bundle.calls import HOURS_WORDS
from planner.bundle.trips import BREAK
from planner.report.tables import Table
from planner.report.words import say_minutes
from planner.standards import kind_words
from planner.travel.times import STATUS_WORDS
from planner.wording import say_are, say_list, say_many, say_noun

if TYPE_CHECKING:
    from planner.bundle import TimedTrips
    from planner.plan import Plan

#: Trips told leg by leg on the page; the files have all of them.
TOLD = 10


def get_timed(plan: Plan) -> TimedTrips | None:
    """Return the trips timed by the clock, None where there are none."""
    return None if plan.bundles is None else plan.bundles.timed


def say_how_timed(plan: Plan) -> str:
    """Say which trips are indicative and which are timed end to end; "" where all are exact."""
    if plan.bundles is None or plan.bundles.trips is None or not plan.bundles.trips.indicative:
        return ""
    first = "By timetable each leg is timed by itself, so these trips are indicative"
    timed = plan.bundles.timed
    if timed is None:
        return f"{first}."
    count = len(timed.table)
    whose = say_noun(
        count, "that of the greatest gap", f"those of the {count} greatest gaps with a trip"
    )
    text = f"{first}. Only {whose} {say_are(count)} timed end to end by the clock"
    minutes = timed.table["minutes"].dropna()
    if len(minutes) == 1:
        text += f": {say_minutes(minutes.iloc[0])}"
    elif len(minutes):
        text += f": {minutes.min():.0f} to {minutes.max():.0f} minutes"
    text, lost = f"{text}.", count - len(minutes)
    if lost:
        text += f" {say_many(lost, 'trip')} cannot be made at half or more of the leaving times."
    closed = int((timed.table["closed"] != "").sum())
    if closed:
        text += (
            f" {closed} of the {count} arrive when a venue is closed, or are there as it closes."
        )
    return text


def say_timed(plan: Plan, code: str) -> str:
    """Tell an area's trip in a few sentences; "" where it was not timed end to end."""
    timed = get_timed(plan)
    if timed is None or code not in timed.table.index:
        return ""
    row = timed.table.loc[code]
    tried = say_many(int(row["tried"]), "leaving time")
    if row["status"] != "reached":
        return (
            f"Timed end to end, this trip gets home at {int(row['found'])} of {tried} tried: "
            f"{STATUS_WORDS[str(row['status'])]}."
        )
    back = timed.legs.loc[timed.legs["area_code"] == code, "arrives"].iloc[-1]
    text = (
        f"Timed end to end: leaving home at {row['leaves']} one is back by {back}, "
        f"{row['minutes']:.0f} minutes in all. Over {tried} tried it takes "
        f"{row['minutes_low']:.0f} to {row['minutes_high']:.0f} minutes"
    )
    lost = int(row["tried"] - row["found"])
    text += f"; at {lost} of them one does not get home." if lost else "."
    return f"{text}{_say_doors(plan, code)}"


def _say_doors(plan: Plan, code: str) -> str:
    timed = get_timed(plan)
    assert timed is not None
    row = timed.table.loc[code]
    legs = timed.legs[timed.legs["area_code"] == code]
    text = ""
    for word, one, many in (
        ("closed", "is closed when one arrives", "are closed when one arrives"),
        ("closes", "closes before one is served", "close before one is served"),
        ("some_weeks", "is not on in every week", "are not on in every week"),
    ):
        names = [name_venue(plan, venue) for venue in legs.loc[legs["hours"] == word, "to"]]
        if names:
            text += f" {say_list(names)} {say_noun(len(names), one, many)}."
    if text:
        found = f"the {say_many(int(row['found']), 'leaving time')}"
        count = int(row["none_closed"])
        text += (
            f" At {count} of {found} no door is known to be closed."
            if count
            else f" At none of {found} is everything open."
        )
    if unknown := int(row["hours_not_known"]):
        text += f" Opening hours are not known at {say_many(unknown, 'stop')}."
    return text


def say_minutes_of(plan: Plan, code: str, minutes: float, status: str) -> str:
    """Return the round trip of an area as a cell: the timed one where there is one, said so."""
    timed = get_timed(plan)
    words = say_minutes(minutes, status)
    if timed is not None and code in timed.table.index:
        row = timed.table.loc[code]
        return f"{say_minutes(row['minutes'], str(row['status']))}, timed end to end"
    if plan.bundles is None or plan.bundles.trips is None or not plan.bundles.trips.indicative:
        return words
    return f"{words}, indicative" if status == "reached" else words


def build_timed_table(plan: Plan) -> Table | None:
    """Return the trips of the greatest gaps leg by leg, with journeys in words."""
    timed = get_timed(plan)
    if timed is None or timed.legs.empty:
        return None
    told = list(timed.table.index[timed.table["status"] == "reached"][:TOLD])
    legs = build_legs_frame(plan)
    legs = legs[legs["area_code"].isin(told)]
    rows = [
        (
            row.area_name,
            row.leaves,
            row.words,
            row.arrives,
            row.to_name,
            say_stay(row.services, row.stay_minutes, row.hours),
        )
        for row in legs.itertuples()
    ]
    return Table(
        caption="The trip, timed by the clock, for the areas with the largest gaps",
        columns=("From home in", "Leaves", "Journey", "Is there by", "Place", "What for"),
        rows=tuple(rows),
        numeric=frozenset({1, 3}),
        note=timed.method,
    )


def build_legs_frame(plan: Plan) -> pd.DataFrame:
    """Return legs of all timed trips with the names of areas and places beside their codes."""
    timed = get_timed(plan)
    assert timed is not None
    legs = timed.legs.copy()
    names = plan.area.areas["area_name"].reindex(legs["area_code"])
    legs.insert(1, "area_name", [str(name) for name in names])
    for end in ("from", "to"):
        at = legs.columns.get_loc(end)
        assert isinstance(at, int)
        named = [name_venue(plan, venue) if venue else "home" for venue in legs[end]]
        legs.insert(at + 1, f"{end}_name", named)
    return legs


def say_stay(services: str, minutes: float, hours: str) -> str:
    """Say what one does at a place, how long, and whether it is open; "" at home."""
    if not services:
        return ""
    kinds = say_list([kind_words(kind) for kind in services.split(BREAK)])
    stay = f", {minutes:.0f} min" if minutes and not math.isnan(minutes) else ""
    doors = HOURS_WORDS[hours]  # type: ignore[index]
    return f"{kinds[:1].upper()}{kinds[1:]}{stay} ({doors})"


def name_venue(plan: Plan, venue: str) -> str:
    """Return what a venue is called; its id where it has no name."""
    return str(plan.services.venues["venue_name"].get(venue, venue)) or venue
