"""What can the map of types show, and how are tentative types told apart?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from planner.maps.classes import Classes, LegendEntry, Pattern, classify
from planner.ui import state
from planner.ui.area_map import MapView
from planner.ui.type_parts.shown import Shown

TYPE, CERTAINTY = "type", "certainty"

#: How often an area comes back to its type: at least so often → words, the least first.
CERTAINTIES: dict[float, str] = {
    0.0: "less than half of the times",
    0.5: "5 to 7 times in 10",
    0.7: "7 to 9 times in 10",
    0.9: "9 times in 10 or more",
}
#: Patterns of tentative types; one a lap of the colours, so that no two types look the same.
_TENTATIVE: tuple[Pattern, ...] = ("hatch", "cross", "lines")
_COLOURS = 7


def measures(shown: Shown) -> dict[str, str]:
    """Return what the map can show: value → words."""
    found = {TYPE: "Types"}
    if shown.types.stability is not None:
        found[CERTAINTY] = "How surely each area is in its type"
    return found


def view(plan: state.Plan, shown: Shown, measure: str) -> MapView:
    """Return the map of types, or of how surely areas are in theirs."""
    tail = ", your trial" if shown.trial else ""
    if measure == CERTAINTY and shown.types.stability is not None:
        certainty = shown.types.stability.areas["certainty"].reindex(shown.types.labels.index)
        return MapView(
            title=f"Map of {plan.area.name}: how surely each area is in its type{tail}",
            legend="Comes back to its type when the grouping is repeated (number of areas)",
            classes=_untyped(certainty_classes(certainty)),
            shown=100 * certainty,
            before="back in its type in ",
            unit="% of draws",
        )
    return MapView(
        title=f"Map of {plan.area.name}: types of neighbourhood{tail}",
        legend="Type of neighbourhood, 1 has the greatest need (number of areas)",
        classes=_untyped(type_classes(shown)),
    )


def type_classes(shown: Shown) -> Classes:
    """Return each area's type as a class, tentative types hatched."""
    found = classify(shown.types.labels, scheme="categories", names=shown.names)
    tentative = set(shown.tentative)
    entries = tuple(
        replace(entry, pattern=_TENTATIVE[at // _COLOURS % len(_TENTATIVE)])
        if number in tentative
        else entry
        for at, (number, entry) in enumerate(zip(shown.names, found.entries, strict=False))
    )
    return Classes(index=found.index, entries=(*entries, *found.entries[len(entries) :]))


def certainty_classes(certainty: pd.Series) -> Classes:
    """Return how often each area comes back to its type, in classes, the least often dark."""
    floors = np.array(list(CERTAINTIES))
    # A share of draws is not exact in the last digit.
    at = np.searchsorted(floors, certainty.fillna(0.0).to_numpy() + 1e-9, side="right") - 1
    keys = pd.Series(floors[at], index=certainty.index).where(certainty.notna())
    names: dict[object, str] = dict(CERTAINTIES.items())
    return classify(keys, scheme="categories", names=names, palette="viridis")


def _untyped(classes: Classes) -> Classes:
    """Say of areas without a type that they have none, not that they have no data at all."""

    def said(entry: LegendEntry) -> LegendEntry:
        if entry.status == "reached":
            return entry
        return replace(entry, label="Not typed: a figure is missing")

    return Classes(index=classes.index, entries=tuple(said(entry) for entry in classes.entries))
