"""What can the map of gaps show, and in which classes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from planner.access import BUNDLE
from planner.charts.gaps import OTHERS, sum_combinations
from planner.maps.classes import Classes, classify
from planner.maps.two_way import build_two_way
from planner.report.bundle import name_signature
from planner.ui import parts, state
from planner.ui.area_map import MapView
from planner.ui.gap_parts.shown import Shown, bundle_kinds, kinds

TWO_WAY, STATUS, SCORE, SURE, TOGETHER = "two-way", "status", "score", "sure", "together"

#: Combinations with a class of their own on the map; the rest share one.
MOST_COMBINATIONS = 6
#: Ground of areas where nothing is out of reach.
PALE = "#e8e8e8"

#: Status of an area → its words in the legend, worst first.
CLASSES: dict[object, str] = {
    "gap": "Gap: beyond the standard",
    "relatively_further": "Relatively further, within the standard",
    "within_standard": "Within the standard",
}

#: Shares of draws in which it is a gap: at least so much → words, from the greatest.
CHANCES: dict[float, str] = {
    0.9: "a gap 9 times in 10 or more",
    0.5: "5 to 9 times in 10",
    0.1: "1 to 5 times in 10",
    1e-9: "less than 1 time in 10",
    0.0: "never",
}


def measures(plan: state.Plan, shown: Shown) -> dict[str, str]:
    """Return what the map can show: value → words."""
    found = {
        TWO_WAY: "Need and distance together (two-way)",
        STATUS: "Gap, or within the standard (status)",
        SCORE: "Gap score",
    }
    if not shown.sure.empty and shown.sure["gap_share"].notna().any():
        found[SURE] = "How sure: how often still a gap"
    if plan.bundles is not None and shown.kind == BUNDLE:
        found[TOGETHER] = "What is out of reach together"
    return found


def view(plan: state.Plan, shown: Shown, measure: str) -> MapView:
    """Return the map of one measure."""
    if measure == TOGETHER:
        return _together(plan)
    build = {TWO_WAY: _two_way, STATUS: _status, SCORE: _score, SURE: _sure}[measure]
    about, legend, classes = build(shown)
    offered = [kind for kind in bundle_kinds(plan, shown.kind) if kind in plan.services.kinds]
    sure = measure == SURE
    rank = shown.table["gap_rank"].astype(float)
    return MapView(
        title=f"Map of {plan.area.name}: {about}, {kinds(plan)[shown.kind].lower()}",
        legend=legend,
        classes=classes,
        shown=100 * _share(shown) if sure else rank,
        before="" if sure else "gap rank ",
        unit="% of draws" if sure else f" of {len(shown.table)}",
        points=parts.service_points(plan, offered),
    )


def _together(plan: state.Plan) -> MapView:
    """Return which services of the bundle are out of reach in each area: the commonest apart."""
    found = plan.bundles.signatures
    signature = plan.bundles.areas["signature"]
    out = signature.map(lambda text: 0 if text == "none" else text.count(" + ") + 1)
    return MapView(
        title=f"Map of {plan.area.name}: what is out of reach together",
        legend="Out of reach in the area (number of areas)",
        classes=classes_together(signature, found.combinations, list(found.kinds.index)),
        shown=out.where(signature != "not known").astype("float64"),
        unit=f" of {len(found.kinds)} out of reach",
        # In the order of the other maps, so that each service keeps its shape.
        points=parts.service_points(
            plan, [k for k in bundle_kinds(plan, BUNDLE) if k in plan.services.kinds]
        ),
    )


def classes_together(
    signature: pd.Series, combinations: pd.DataFrame, kinds: Sequence[str]
) -> Classes:
    """Return a class for each of the commonest combinations, one for others, a pale one for none.

    Parameters
    ----------
    signature
        What is out of reach in each area.
    combinations, kinds
        As for `planner.charts.gaps.sum_combinations`.
    """
    table = sum_combinations(combinations, kinds, most=MOST_COMBINATIONS)
    names: dict[object, str] = {
        text: "another combination" if text == OTHERS else name_signature(text)
        for text in table["signature"]
    }
    names["none"] = name_signature("none")
    known = signature != "not known"
    of_class = signature.where(signature.isin(list(names)), OTHERS).where(known)
    classes = classify(of_class, scheme="categories", names=names)
    entries = list(classes.entries)
    last = len(names) - 1
    entries[last] = replace(entries[last], colour=PALE, pattern="")
    return replace(classes, entries=tuple(entries))


def _two_way(shown: Shown) -> tuple[str, str, Classes]:
    legend = "Need and distance, in thirds (number of areas)"
    return "need and distance", legend, build_two_way(shown.table)


def _status(shown: Shown) -> tuple[str, str, Classes]:
    status = shown.table["gap_status"]
    known = status.where(status.isin(list(CLASSES)))
    classes = classify(
        known,
        scheme="categories",
        names=CLASSES,
        palette="viridis",
        status=_why(shown, known.notna()),
    )
    return "gaps", "What the area is (number of areas)", classes


def _score(shown: Shown) -> tuple[str, str, Classes]:
    score = shown.table["gap_score"]
    classes = classify(score, scheme="quantiles", decimals=2, status=_why(shown, score.notna()))
    return "gap score", "Gap score, dark is greater (number of areas)", classes


def _sure(shown: Shown) -> tuple[str, str, Classes]:
    share = _share(shown)
    classes = classify(
        _floors(share),
        scheme="categories",
        names=dict(CHANCES.items()),
        palette="viridis",
        status=_why(shown, share.notna()),
    )
    return "how often still a gap", "A gap in how many draws (number of areas)", classes


def _share(shown: Shown) -> pd.Series:
    return shown.sure["gap_share"].reindex(shown.table.index).astype("float64")


def _floors(share: pd.Series) -> pd.Series:
    """Return the class of each share: the highest floor that it reaches."""
    floors = np.array(sorted(CHANCES))
    at = np.searchsorted(floors, share.fillna(0.0).to_numpy() + 1e-12, side="right") - 1
    return pd.Series(floors[at], index=share.index).where(share.notna())


def _why(shown: Shown, known: pd.Series) -> pd.Series:
    """Return why an area has no value; a journey that was not found is a finding, not a blank."""
    status = shown.table["status"]
    return status.where(status != "reached", "no_data").mask(known, "reached")
