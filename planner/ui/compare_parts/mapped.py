"""How do winners and losers look on the map, told apart without red and green?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from planner.access import NOT_KNOWN
from planner.before_after import ANY_KIND, BeforeAfter
from planner.maps.classes import PALETTES, Classes, Pattern, classify
from planner.services import Services
from planner.ui import parts, state
from planner.ui.area_map import MapView, PointSet
from planner.ui.compare_parts.shown import ANY_WORDS, Compared, any_change, kind_name
from planner.ui.scenarios import WhatIf

_PUOR = PALETTES["puor"]
#: Change → words, colour (orange for worse, purple for better) and pattern, best first.
_LOOKS: dict[str, tuple[str, str, Pattern]] = {
    "reached_first": ("Reached for the first time", _PUOR[4], "dots"),
    "sooner": ("At least a minute nearer", _PUOR[3], ""),
    "same": ("No change of a minute or more", _PUOR[2], ""),
    "still_not_reached": ("Not reached before or after", "#c8c8c8", ""),
    "longer": ("At least a minute further", _PUOR[1], "stripes"),
    "no_longer_reached": ("No longer reached", _PUOR[0], "cross"),
}
_ANY_LOOKS: dict[str, tuple[str, str, Pattern]] = {
    "wins": (ANY_WORDS["wins"], _PUOR[4], ""),
    "mixed": (ANY_WORDS["mixed"], "#c8c8c8", "dots"),
    "same": (ANY_WORDS["same"], _PUOR[2], ""),
    "loses": (ANY_WORDS["loses"], _PUOR[0], "stripes"),
}


def view(plan: state.Plan, compared: Compared, at: int, kind: str) -> MapView:
    """Return the map of who gains and who loses by one scenario."""
    answer = compared.answers[at]
    found = answer.found
    what = kind_name(kind)
    shown = None if kind == ANY_KIND else _of(found, kind)["minutes_change"]
    return MapView(
        title=f"Map of {plan.area.name}: who gains and who loses by {found.name}, {what.lower()}",
        legend=f"{what}, beside today (number of areas)",
        classes=classes(found, kind),
        shown=shown,
        unit=" min beside today (below 0 is nearer)" if shown is not None else "",
        decimals=0,
        points=points(plan, answer, kind),
    )


def classes(found: BeforeAfter, kind: str) -> Classes:
    """Return the class of each area: better, worse or neither, for all kinds or for one."""
    looks = _ANY_LOOKS if kind == ANY_KIND else _LOOKS
    if kind == ANY_KIND:
        change = any_change(found)
        status = pd.Series("reached", index=change.index)
    else:
        rows = _of(found, kind)
        change = rows["change"]
        # Why it is not known: before or after, whichever tells.
        status = rows["status_before"].where(
            rows["status_before"].isin(NOT_KNOWN), rows["status_after"]
        )
    known = change.isin(list(looks))
    names: dict[object, str] = {value: look[0] for value, look in looks.items()}
    drawn = classify(
        change.where(known),
        scheme="categories",
        names=names,
        status=status.where(~known, "reached").where(known | (kind != ANY_KIND), "no_data"),
    )
    entries = [
        replace(entry, colour=look[1], pattern=look[2])
        for entry, look in zip(drawn.entries, looks.values(), strict=False)
    ]
    return replace(drawn, entries=(*entries, *drawn.entries[len(entries) :]))


def points(plan: state.Plan, answer: WhatIf, kind: str) -> tuple[PointSet, ...]:
    """Return what opens, closes and moves, and the other open venues small."""
    before, after = (_open(one, kind) for one in (plan.services, answer.services))
    old, new = plan.services.venues, answer.services.venues
    both = sorted(before & after)
    moved = [venue for venue in both if not old.geometry[venue].equals(new.geometry[venue])]
    colours = PALETTES["okabe_ito"]
    sets = [
        ("Open before and after", "circle", "#ffffff", new, sorted(set(both) - set(moved)), 4),
        ("Closes", "down", colours[0], old, sorted(before - after), 9),
        ("Moves here", "diamond", colours[1], new, moved, 9),
        ("Opens, or offers more", "star", colours[2], new, sorted(after - before), 11),
    ]
    if kind == ANY_KIND:
        gained = _offering(answer.services) - _offering(plan.services)
        more = {venue for venue, _ in gained} & before
        sets[0] = (*sets[0][:4], sorted(set(both) - set(moved) - more), 4)
        sets[3] = (*sets[3][:4], sorted((after - before) | more), 11)
    return tuple(
        PointSet(
            label=label,
            shape=shape,
            colour=colour,
            points=parts.named_points(venues.loc[ids]),
            size=size,
        )
        for label, shape, colour, venues, ids, size in sets
        if ids
    )


def _open(services: Services, kind: str) -> set[str]:
    offers = services.open_offers()
    if kind not in (ANY_KIND, "bundle"):
        offers = offers[offers["kind"] == kind]
    return set(offers["venue_id"].astype(str))


def _offering(services: Services) -> set[tuple[str, str]]:
    offers = services.open_offers()
    return set(zip(offers["venue_id"].astype(str), offers["kind"].astype(str), strict=True))


def _of(found: BeforeAfter, kind: str) -> pd.DataFrame:
    """Return the rows of a kind on area codes; a kind that this scenario lacks is not known."""
    rows = found.areas[found.areas["kind"] == kind].set_index("area_code")
    rows = rows.reindex(found.before.people.index)
    return rows.assign(
        change=rows["change"].fillna("still_not_reached"),
        status_before=rows["status_before"].fillna("not_offered"),
        status_after=rows["status_after"].fillna("not_offered"),
    )
