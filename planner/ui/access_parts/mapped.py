"""Which class and which words does each area have on the map?"""

from __future__ import annotations

from dataclasses import replace

from planner.access import BUNDLE
from planner.maps.classes import MINUTE_BREAKS, Classes, classify
from planner.ui import parts, state
from planner.ui.access_parts.menu import OUT_OF_REACH, kinds_of
from planner.ui.access_parts.shown import Limit, Shown
from planner.ui.area_map import MapView

#: Bounds of classes lie at least so many minutes apart.
_APART = 7.5


def view(plan: state.Plan, shown: Shown) -> MapView:
    """Return the map of the measure, with the services it is about."""
    kinds = plan.project.spec.bundle.kinds if shown.kind == BUNDLE else [shown.kind]
    title, values = shown.title, shown.values
    unit = " min" if shown.in_minutes else _unit(shown)
    return MapView(
        title=f"Map of {plan.area.name}: {kinds_of(plan)[shown.kind]}, "
        f"{title[:1].lower()}{title[1:]} {shown.how}",
        legend=f"{shown.column} {shown.how} (number of areas)",
        classes=_renamed(_classes(shown), shown),
        shown=values["value"].where(values["status"] == "reached"),
        unit=unit,
        decimals=shown.decimals,
        points=parts.service_points(plan, [k for k in kinds if k in plan.services.kinds]),
    )


def _classes(shown: Shown) -> Classes:
    """Put minutes in classes that the limit is a bound of; all else in fifths of the areas."""
    values, status = shown.values["value"], shown.values["status"]
    if shown.in_minutes:
        assert shown.limit is not None
        breaks = minute_breaks(shown.limit)
        classes = classify(values, scheme="minutes", status=status, breaks=breaks)
        return classes if (status == "reached").any() else reasons_only(classes)
    if shown.entry.measure == OUT_OF_REACH:
        most = int(values.max()) if values.notna().any() else 0
        names: dict[object, str] = {float(n): f"{n} out of reach" for n in range(most, -1, -1)}
        names[0.0] = "none out of reach"
        return classify(values, scheme="categories", names=names, status=status, palette="viridis")
    return classify(
        values,
        scheme="quantiles",
        status=status,
        unit=_unit(shown).strip(),
        decimals=shown.decimals,
    )


def _renamed(classes: Classes, shown: Shown) -> Classes:
    """Return the classes with the words that the page has for areas without a figure."""
    entries = tuple(
        entry
        if entry.status == "reached"
        else replace(entry, label=parts.capital(shown.status_words(entry.status)))
        for entry in classes.entries
    )
    return Classes(index=classes.index, entries=entries)


def reasons_only(classes: Classes) -> Classes:
    """Return only the reasons for no figure, where no area has one: no row of empty classes."""
    kept = [at for at, entry in enumerate(classes.entries) if entry.status != "reached"]
    to = {old: new for new, old in enumerate(kept)}
    return Classes(
        index=classes.index.map(to).astype(int),
        entries=tuple(classes.entries[at] for at in kept),
    )


def minute_breaks(limit: Limit) -> list[float]:
    """Return the bounds of classes: round minutes, the limit in the stead of one close by."""
    if limit.each_its_own:
        return list(MINUTE_BREAKS)
    kept = [edge for edge in MINUTE_BREAKS if abs(edge - limit.minutes) >= _APART]
    return sorted([*kept, limit.minutes])


def _unit(shown: Shown) -> str:
    return "%" if shown.unit == "%" else ""
