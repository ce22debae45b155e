"""What can the map of need show, and in which classes?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from planner.maps.classes import Classes, LegendEntry, PaletteName, Pattern, classify
from planner.need.inactivity import MEASURE
from planner.ui import parts, state
from planner.ui.area_map import MapView
from planner.ui.need_parts.shown import Shown, sure_words, worst_words
from planner.wording import say_list, to_label

TENTH, SCORE, SURE, WORST = "tenth", "score", "sure", "worst"
TANDEM, CLUSTER, HOTSPOT, WORK = "tandem", "cluster", "hotspot", "work"
DOMAIN = "domain-"

#: Chances of being in the worst tenth: at least so much → words, from the greatest.
CHANCES: dict[float, str] = {
    0.9: "9 times in 10 or more",
    0.5: "5 to 9 times in 10",
    0.1: "1 to 5 times in 10",
    1e-9: "less than 1 time in 10",
    0.0: "never",
}

#: Class of an area among its neighbours → words, from the worse end; and how each is drawn.
CLUSTERS: dict[object, str] = {
    "high_high": "Great need, among areas of great need",
    "high_low": "Great need, among areas of little need",
    "none": "No cluster beyond chance",
    "low_high": "Little need, among areas of great need",
    "low_low": "Little need, among areas of little need",
}
_CLUSTER_PATTERNS: tuple[Pattern, ...] = ("stripes", "dots", "", "hatch", "")
HOTSPOTS: dict[object, str] = {
    "hot": "Hot spot: great need here and round about",
    "none": "Neither beyond chance",
    "cold": "Cold spot: little need here and round about",
}
_HOTSPOT_PATTERNS: tuple[Pattern, ...] = ("stripes", "", "")
#: How a figure of a larger area is drawn on the colour of its class.
_TAKEN: Pattern = "hatch"
_NOT_TESTED = "Not tested: no figure or no neighbour"


def measures(plan: state.Plan, shown: Shown) -> dict[str, str]:
    """Return what the map can show of this plan: value → words."""
    needs, worst = plan.needs, worst_words(plan)
    found = {TENTH: "Overall need, in tenths", SCORE: "Overall need, score"}
    if len(shown.sure) and shown.sure["need_sure"].notna().any():
        found[SURE] = f"How sure: in the {worst} whatever is assumed, or not"
        found[WORST] = f"Chance of being in the {worst}"
    for domain in plan.need.domain_scores.columns:
        found[f"{DOMAIN}{domain}"] = f"{parts.capital(to_label(domain))}, score"
    if needs is None:
        return found
    if len(needs.tandem.domains) > 1:
        found[TANDEM] = f"Needs in tandem: worst {needs.tandem.part} in how many at once"
    if needs.clusters.table["need_cluster"].isin(list(CLUSTERS)).any():
        found[CLUSTER] = "Clusters: areas like or unlike those round them"
        found[HOTSPOT] = "Hot and cold spots of need"
    if needs.inactivity is not None:
        found[WORK] = "People not working, without retired people and students"
    return found


def view(plan: state.Plan, shown: Shown, measure: str) -> MapView:
    """Return the map of one measure."""
    words = measures(plan, shown)[measure]
    title = f"Map of {plan.area.name}: {words[:1].lower()}{words[1:]}"
    if shown.moved and measure in {TENTH, SCORE, SURE, WORST}:
        title += ", as you weigh it"
    if measure == TENTH:
        return _tenths(shown, title)
    if measure == SCORE:
        return _scores(shown.need.scores["need_score"], title)
    if measure == SURE:
        return _sure(plan, shown, title)
    if measure == WORST:
        return _chances(shown, title)
    if measure == TANDEM:
        return _tandem(plan, title)
    if measure in {CLUSTER, HOTSPOT}:
        return _clusters(plan, measure, title)
    if measure == WORK:
        return _work(plan, title)
    domain = measure.removeprefix(DOMAIN)
    scores = _scores(plan.need.domain_scores[domain], title)
    return replace(scores, classes=with_inherited(scores.classes, _inherited(plan, domain)))


def _tenths(shown: Shown, title: str) -> MapView:
    scores = shown.need.scores
    known = scores["need_score"].notna()
    return MapView(
        title=title,
        legend="Tenth of need, among the areas of the place (number of areas)",
        classes=classify(scores["need_decile"].astype(float).where(known), scheme="tenths"),
        shown=scores["need_rank"].astype(float).where(known),
        before="need rank ",
        unit=f" of {len(scores)}",
    )


def _scores(column: pd.Series, title: str) -> MapView:
    return MapView(
        title=title,
        legend="Score, dark is greater need (number of areas)",
        classes=classify(column, scheme="quantiles", decimals=1),
        shown=column,
        before="score ",
        decimals=1,
    )


def _sure(plan: state.Plan, shown: Shown, title: str) -> MapView:
    found = shown.sure["need_sure"]
    names: dict[object, str] = dict(sure_words(plan).items())
    classes = _patterned(found, names, "viridis", ("", "stripes", ""))
    return MapView(
        title=title,
        legend="How sure (number of areas)",
        classes=classes,
        shown=100 * shown.sure["need_worst_probability"].astype(float),
        before="",
        unit=f"% of draws in the {worst_words(plan)}",
    )


def _chances(shown: Shown, title: str) -> MapView:
    chance = shown.sure["need_worst_probability"].astype(float)
    floors = np.array(sorted(CHANCES))
    place = np.searchsorted(floors, chance.fillna(0.0).to_numpy() + 1e-12, side="right") - 1
    keys = pd.Series(floors[place], index=chance.index).where(chance.notna())
    names: dict[object, str] = dict(CHANCES.items())
    return MapView(
        title=title,
        legend="In the worst tenth under other assumptions (number of areas)",
        classes=classify(keys, scheme="categories", names=names, palette="viridis"),
        shown=100 * chance,
        before="",
        unit="% of draws",
    )


def _tandem(plan: state.Plan, title: str) -> MapView:
    tandem = plan.needs.tandem
    count = tandem.areas[f"worst_{tandem.part}_count"]
    whole = len(tandem.domains)
    known = tandem.areas["tandem_known"] == whole
    said = say_list([to_label(domain) for domain in tandem.domains])
    names: dict[object, str] = {whole: "Both" if whole == 2 else f"All {whole}"}
    names.update((n, f"{n} of the {whole}") for n in range(whole - 1, 0, -1))
    names[0] = "None"
    return MapView(
        title=title,
        legend=f"In the worst {tandem.part} for {said} (number of areas)",
        classes=classify(
            count.where(known).astype(float), scheme="categories", names=names, palette="viridis"
        ),
        shown=count.astype(float),
        before=f"worst {tandem.part} in ",
        unit=f" of {whole}",
    )


def _clusters(plan: state.Plan, measure: str, title: str) -> MapView:
    table = plan.needs.clusters.table
    column, names, patterns = (
        ("need_cluster", CLUSTERS, _CLUSTER_PATTERNS)
        if measure == CLUSTER
        else ("need_hotspot", HOTSPOTS, _HOTSPOT_PATTERNS)
    )
    found = table[column].where(table[column].isin(list(names)))
    return MapView(
        title=title,
        legend="Beyond what chance would bring (number of areas)",
        classes=_untested(_patterned(found, names, "puor", patterns)),
        shown=plan.need.scores["need_rank"].astype(float),
        before="need rank ",
        unit=f" of {len(table)}",
    )


def _work(plan: state.Plan, title: str) -> MapView:
    share = 100 * plan.needs.inactivity.table[f"{MEASURE}_share"]
    classes = classify(share, scheme="quantiles", unit="%", decimals=1)
    where = plan.layers.status.reindex(share.index)[MEASURE].eq("inherited")
    return MapView(
        title=title,
        legend="Share of people 16 and over, neither retired nor students (number of areas)",
        classes=with_inherited(classes, where),
        shown=share,
        before="",
        unit="%",
        decimals=1,
    )


# ---- classes told apart by more than colour ---------------------------------------------------


def _patterned(
    values: pd.Series,
    names: Mapping[object, str],
    palette: PaletteName,
    patterns: Sequence[Pattern],
) -> Classes:
    """Classify by name, each class with its own pattern on its colour."""
    found = classify(values, scheme="categories", names=names, palette=palette)
    entries = [
        replace(entry, pattern=pattern)
        for entry, pattern in zip(found.entries, patterns, strict=False)
    ]
    return Classes(index=found.index, entries=(*entries, *found.entries[len(entries) :]))


def _untested(classes: Classes) -> Classes:
    entries = tuple(
        entry if entry.status == "reached" else replace(entry, label=_NOT_TESTED)
        for entry in classes.entries
    )
    return Classes(index=classes.index, entries=entries)


def with_inherited(classes: Classes, inherited: pd.Series) -> Classes:
    """Return the same classes, those areas hatched whose figure is of a larger area.

    Parameters
    ----------
    classes
        Without patterns of their own, but for areas without a value.
    inherited
        True where the figure was taken from a larger area.
    """
    taken = inherited.reindex(classes.index.index, fill_value=False).to_numpy(dtype=bool)
    if not taken.any():
        return classes
    entries: list[LegendEntry] = []
    index = classes.index.to_numpy(dtype=int)
    placed = np.zeros(len(index), dtype=int)
    for at, entry in enumerate(classes.entries):
        own = (index == at) & ~(taken & (entry.status == "reached"))
        for here, said, pattern in (
            (own, entry.label, entry.pattern),
            ((index == at) & ~own, f"{entry.label}, taken from a larger area", _TAKEN),
        ):
            if here.any() or (here is own and entry.status == "reached"):
                placed[here] = len(entries)
                count = int(here.sum())
                entries.append(replace(entry, label=said, pattern=pattern, count=count))
    return Classes(index=pd.Series(placed, index=classes.index.index), entries=tuple(entries))


def _inherited(plan: state.Plan, domain: str) -> pd.Series:
    """Return whether any figure of a domain is of a larger area, by area."""
    ids = [key for key in plan.need.domain_layers.get(domain, ()) if key in plan.layers.status]
    codes = plan.need.scores.index
    return plan.layers.status.reindex(codes)[ids].eq("inherited").any(axis=1)
