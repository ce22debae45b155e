"""Which figures of one area stand in its profile, row by row?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from planner.access import BUNDLE
from planner.neighbourhoods.alike import ALIKE_METHOD, find_alike_areas
from planner.report.tables import GAP_WORDS, Table
from planner.report.why_access import find_nearest_venue
from planner.report.why_figures import read_facts
from planner.report.words import say_count, say_minutes, say_number, say_share, sentence
from planner.standards import kind_words
from planner.wording import say_many, to_label

if TYPE_CHECKING:
    from planner.plan import Plan

#: So many alike areas are shown.
ALIKE = 5


def build_domains_table(plan: Plan, code: str) -> Table | None:
    """Return each domain of need: its rank within the place, its weight, what it adds."""
    need = plan.need
    scores = need.domain_scores.dropna(axis=1, how="all")
    if code not in scores.index or not scores.shape[1]:
        return None
    ranks = scores.rank(ascending=False, method="min").loc[code]
    cells = [
        (
            _first_up(to_label(domain)),
            f"{say_count(ranks[domain])} of {int(scores[domain].notna().sum()):,}"
            if pd.notna(ranks[domain])
            else "not known",
            say_share(float(need.weights.get(domain, math.nan))),
            say_number(float(need.parts.loc[code, domain]))
            if domain in need.parts.columns
            else "not known",
        )
        for domain in scores.columns
    ]
    return Table(
        caption="Domains of need",
        columns=("Domain", "Rank within the place", "Weight", "Adds to the score"),
        rows=tuple(cells),
        numeric=frozenset({1, 2, 3}),
        note="Rank 1 is the greatest need. The same is in need_parts.csv.",
    )


def say_type(plan: Plan, code: str) -> Iterator[str]:
    """Say of which type an area is, what sets the type apart, and how sure that is."""
    kinds = plan.neighbourhoods
    number = kinds.labels.get(code)
    if number is None or pd.isna(number):
        yield "It has no type: a figure that types are made from is missing here."
        return
    of = kinds.types.loc[int(number)]
    yield (
        f"Type {int(number)} of {len(kinds.types)}, “{of['type_name']}”, with "
        f"{say_many(int(of['areas']), 'area')} and {say_number(float(of['population']))} people."
    )
    if str(of["distinguishing"]).strip():
        yield sentence(f"What sets the type apart: {of['distinguishing']}")
    if kinds.stability is None:
        return
    row = kinds.stability.areas.loc[code]
    if pd.notna(row["certainty"]):
        yield f"It lands in this type in {say_share(float(row['certainty']))} of draws of areas" + (
            f", and next most often in type {int(row['second_type'])}."
            if pd.notna(row["second_type"])
            else "."
        )


def build_services_table(plan: Plan, code: str) -> Table:
    """Return minutes to the nearest of each kind by each way, and which one that is."""
    facts = read_facts(plan, code, BUNDLE)
    names = plan.services.venues["venue_name"].astype(str)
    wanted = set(plan.project.spec.bundle.kinds)
    kinds = sorted(plan.access.kinds, key=lambda kind: (kind not in wanted, kind_words(kind)))
    cells = []
    for kind in kinds:
        found = find_nearest_venue(facts, kind, plan.mode)
        venue = "not known" if found is None else (names.get(found[0], "") or found[0])
        row = [_first_up(kind_words(kind)), venue]
        row += [_minutes(plan, key, "minutes_nearest", kind, code) for key in plan.access_by]
        cells.append((*row, _say_standard(plan, kind), _say_status(facts.by_kind, kind)))
    whole = [_minutes(plan, key, "bundle_minutes_slowest", BUNDLE, code) for key in plan.access_by]
    last = _say_status(facts.by_kind, BUNDLE)
    cells.append(("Whole bundle, slowest of the nearest", "", *whole, "", last))
    titles = [plan.ways[key].title for key in plan.access_by]
    return Table(
        caption="Minutes to the nearest, each way of getting about",
        columns=("Service", f"Nearest {_by(plan)}", *titles, "Standard", "Status"),
        rows=tuple(cells),
        numeric=frozenset(range(2, 2 + len(titles))),
        note="Minutes are those of the middle one of the area's people. The nearest is that of the "
        "point where most of them live. Services of the bundle come first. More is in "
        "access.parquet.",
    )


def build_kinds_table(plan: Plan, code: str) -> Table:
    """Return how the area stands to each kind of service and to the bundle, and why."""
    table = plan.gaps.table
    mine = table[table["area_code"] == code].set_index("kind")
    order = [BUNDLE, *sorted(set(mine.index) - {BUNDLE}, key=kind_words)]
    cells = [
        (
            "Whole bundle" if kind == BUNDLE else _first_up(kind_words(kind)),
            GAP_WORDS[str(mine.loc[kind, "gap_status"])],
            say_count(mine.loc[kind, "gap_rank"]),
            str(mine.loc[kind, "gap_reason"]),
        )
        for kind in order
        if kind in mine.index
    ]
    return Table(
        caption="Each service: a gap or not, and the reason",
        columns=("Service", "Status", "Gap rank", "Reason"),
        rows=tuple(cells),
        numeric=frozenset({2}),
        note=f"Gap rank 1 of {len(plan.area.codes):,} is the largest. The same is in gaps.csv.",
    )


def say_hub(plan: Plan, code: str) -> Iterator[str]:
    """Say how long the whole bundle takes today and with the chosen hubs."""
    assert plan.hubs is not None
    row = plan.hubs.areas.loc[code]
    before = say_minutes(float(row["minutes_before"]), str(row["status_before"]))
    after = say_minutes(float(row["minutes_after"]), str(row["status_after"]))
    gain = "It gains." if bool(row["gains"]) else "It gains nothing, or less than a minute."
    yield f"The whole bundle today: {before}. With the chosen hubs: {after}. {gain}"
    venue = str(row["hub_venue_id"]) if pd.notna(row["hub_venue_id"]) else ""
    if venue:
        names = plan.services.venues["venue_name"].astype(str)
        minutes = say_minutes(float(row["hub_minutes"]), str(row["hub_status"]))
        yield f"Its hub would be {names.get(venue, venue)}: {minutes}."


def build_alike_table(plan: Plan, code: str) -> Table | None:
    """Return the areas most like this one; None where it cannot be compared."""
    alike = find_alike_areas(plan.neighbourhoods.inputs, code, count=ALIKE)
    if alike.empty:
        return None
    place, scores = plan.area.place, plan.need.scores
    labels = plan.neighbourhoods.labels
    slowest = plan.access.wide("bundle_minutes_slowest", BUNDLE)
    cells = []
    for other, row in alike.iterrows():
        spec = plan.layers.specs[str(row["most_unlike"])]
        by = float(row["most_unlike_by"])
        known = scores.loc[other, "need_score"] == scores.loc[other, "need_score"]
        cells.append(
            (
                str(place.loc[other, "area_name"]),
                str(other),
                f"{row['distance']:.2f}",
                "not typed" if pd.isna(labels.get(other)) else str(int(labels[other])),
                say_count(scores.loc[other, "need_rank"]) if known else "not ranked",
                say_minutes(slowest.loc[other, "value"], str(slowest.loc[other, "status"])),
                "alike in all figures"
                if by == 0
                else f"{spec.title}: {'higher' if by > 0 else 'lower'} there",
            )
        )
    return Table(
        caption="The areas most like it",
        columns=(
            *("Area", "Code", "Distance", "Type", "Need rank", "Slowest of the bundle"),
            "Most unlike in",
        ),
        rows=tuple(cells),
        numeric=frozenset({2, 3, 4}),
        note=ALIKE_METHOD,
    )


def _minutes(plan: Plan, key: str, measure: str, kind: str, code: str) -> str:
    found = plan.access_by[key].wide(measure, kind)  # type: ignore[arg-type]
    if code not in found.index or pd.isna(found.loc[code, "status"]):
        return say_minutes(math.nan)
    return say_minutes(float(found.loc[code, "value"]), str(found.loc[code, "status"]))


def _say_standard(plan: Plan, kind: str) -> str:
    standard = plan.standards.get(kind)
    return "none" if standard is None else f"{standard.minutes:g} min"


def _say_status(mine: pd.DataFrame, kind: str) -> str:
    return GAP_WORDS[str(mine.loc[kind, "gap_status"])] if kind in mine.index else "not judged"


def _by(plan: Plan) -> str:
    title = plan.way.title
    return title[:1].lower() + title[1:]


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]
