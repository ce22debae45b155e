"""Which figures stand beside the maps, row by row?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from planner.gaps.certainty_words import share_words
from planner.neighbourhoods import name_types
from planner.neighbourhoods.portraits import AREAS_NOT_PEOPLE
from planner.report.findings import (
    area_words,
    build_reach,
    bundle_gaps,
    count_worst,
    say_untyped,
)
from planner.report.words import say_count, say_minutes, say_number, say_share, say_tenth
from planner.standards import kind_words
from planner.travel.getting_about import MODE_WORDS
from planner.wording import say_list

if TYPE_CHECKING:
    from planner.plan import Plan

ROWS = 20
STATUS_HEADINGS = {
    "over_cutoff": "Further than searched",
    "unreachable": "No route",
    "not_connected": "Not connected to a street",
    "outside_extent": "Outside the mapped streets",
    "no_data": "No data",
}
GAP_WORDS = {
    "gap": "gap",
    "relatively_further": "relatively further",
    "within_standard": "within the standard",
    "no_data": "no data",
}


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as it is read: text cells, the first column names the row.

    ``numeric`` holds the positions of columns set flush right, ``breaking`` those that may break
    inside a word; ``note`` stands under it.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    breaking: frozenset[int] = frozenset()
    note: str = ""


def build_need_table(plan: Plan) -> Table:
    """Return the areas of greatest need, with the domains they are worst in."""
    scores = plan.need.scores.sort_values("need_rank", kind="stable").head(ROWS)
    domains = plan.need.domain_scores.dropna(axis=1, how="all")
    worst = count_worst(domains) if domains.shape[1] else pd.Series(dtype=int)
    place = plan.area.place
    rows = [
        (
            str(place.loc[code, "area_name"]),
            str(code),
            f"{row.need_rank}",
            say_tenth(row.need_decile),
            say_number(row.need_score),
            f"{row.need_rank_national:,}" if pd.notna(row.need_rank_national) else "not published",
            say_count(place.loc[code, "population"]),
            f"{int(worst[code])} of {domains.shape[1]}" if code in worst.index else "not known",
        )
        for code, row in zip(scores.index, scores.itertuples(), strict=True)
    ]
    return Table(
        caption=f"The {len(rows)} areas with the greatest need",
        columns=(
            "Area",
            "Code",
            "Rank in the place",
            "Tenth",
            "Score",
            "Published national rank",
            "People",
            "Domains in the worst fifth",
        ),
        rows=tuple(rows),
        numeric=frozenset({2, 4, 5, 6}),
        note=f"Rank 1 and the 1st tenth are the greatest need, {plan.need.reference}. "
        f"Score: {plan.need.method}. Each domain's worst fifth is that of this place.",
    )


def build_types_table(plan: Plan) -> Table:
    """Return each type's size, need and mean of every layer it was judged on, a type a column."""
    types, untyped = plan.neighbourhoods.types, say_untyped(plan)
    means = plan.neighbourhoods.profiles
    rows = [
        ("Areas", *(say_count(value) for value in types["areas"])),
        ("People", *(say_count(value) for value in types["population"])),
        ("Mean need score", *(say_number(value) for value in types["need_score_mean"])),
        ("Areas the same when repeated", *(say_share(value) for value in types["stability"])),
    ]
    for key in plan.neighbourhoods.layer_ids:
        if key in means and key in plan.layers.specs:
            spec = plan.layers.specs[key]
            of_type = means.loc[types.index, key]
            if spec.unit == "share":
                cells = [
                    f"{100 * value:.1f}%" if pd.notna(value) else "not known" for value in of_type
                ]
                rows.append((spec.title, *cells))
            else:
                head = (
                    spec.title if spec.unit in spec.title.lower() else f"{spec.title}, {spec.unit}"
                )
                rows.append((head, *(say_number(float(value)) for value in of_type)))
    return Table(
        caption="Types of neighbourhood and their profiles",
        columns=("Measure", *(f"{key}. {name}" for key, name in types["type_name"].items())),
        rows=tuple(rows),
        numeric=frozenset(range(1, len(types) + 1)),
        note=f"Plain means over the areas of a type, each area counting once. {untyped}".rstrip(),
    )


def build_portraits_table(plan: Plan) -> Table:
    """Return what each type is like in plain words, with its typical and most doubtful areas."""
    rows = [
        (
            f"{number}. {row['type_name']}",
            str(row["portrait"]).removesuffix(AREAS_NOT_PEOPLE).strip(),
            area_words(plan, str(row["medoid"])),
            say_list([area_words(plan, code) for code in str(row["doubtful"]).split()]) or "none",
        )
        for number, row in plan.neighbourhoods.types.iterrows()
    ]
    return Table(
        caption="What each type is like",
        columns=("Type", "Portrait", "Typical area", "Areas least sure to be of it"),
        rows=tuple(rows),
        note=f"{AREAS_NOT_PEOPLE} A type called tentative did not come back often enough when the "
        "grouping was repeated on areas drawn at random.",
    )


def build_access_table(plan: Plan) -> Table:
    """Return how people stand to each kind of service, and to the bundle as a whole."""
    bundle = list(plan.project.spec.bundle.kinds)
    table = plan.access.table
    measured = table.loc[table["measure"] == "minutes_nearest", "kind"].unique()
    kinds = [*bundle, *sorted(set(measured) - set(bundle))]
    rows = []
    for kind in ["bundle", *kinds]:
        reach = build_reach(plan, kind)
        if kind == "bundle":
            words = "The whole bundle (its slowest service)"
        else:
            words = kind_words(kind)
            words = words[:1].upper() + words[1:]
        rows.append(
            (
                words,
                _median(reach.median_minutes),
                "each its own"
                if kind == "bundle"
                else f"{say_number(reach.standard_minutes)} {reach.standard_words}",
                say_share(reach.within),
                say_share(reach.beyond),
                say_share(reach.not_known),
                *(say_count(reach.areas.get(status, 0)) for status in STATUS_HEADINGS),
            )
        )
    return Table(
        caption=f"Getting to services {MODE_WORDS[plan.way.mode]}, people and areas",
        columns=(
            "Nearest",
            "Median minutes",
            "Standard, minutes",
            "People within it",
            "People beyond it",
            "People not known",
            *(f"Areas: {words.lower()}" for words in STATUS_HEADINGS.values()),
        ),
        rows=tuple(rows),
        numeric=frozenset(range(1, 6 + len(STATUS_HEADINGS))),
        note="The median is over people, not areas, and counts people with no way there, or "
        "further than was searched, as infinitely far. People whose area is not connected to a "
        "street, lies outside the mapped streets or has no data are neither near nor far: they are "
        "counted apart.",
    )


def build_standards_table(plan: Plan) -> Table:
    """Return the standard of each kind, for whom it is met, and who set it."""
    rows = []
    for kind, row in plan.compliance.summary.sort_index().iterrows():
        words = kind_words(str(kind))
        cars = row["people_without_car_not_met"]
        rows.append(
            (
                words[:1].upper() + words[1:],
                f"{say_number(row['standard_minutes'])} "
                f"{MODE_WORDS[plan.compliance.modes[str(kind)]]}",
                say_count(row["areas_not_met"]),
                say_count(row["people_not_met"]),
                "not known" if math.isnan(cars) else say_count(cars),
                say_count(row["areas_not_known"]),
                say_count(row["people_not_known"]),
                plan.standards[str(kind)].source,
            )
        )
    return Table(
        caption="Standards: how many minutes still count as within reach, and who is beyond",
        columns=(
            "Kind",
            "Minutes",
            "Areas beyond",
            "People beyond",
            "People without a car beyond",
            "Areas not known",
            "People not known",
            "Where the standard comes from",
        ),
        rows=tuple(rows),
        numeric=frozenset(range(2, 7)),
        note="Each standard is judged by the way it is meant for. An area is beyond where more "
        "than half of its people are. People without a car: population × the share of households "
        "without a car or van.",
    )


def build_gaps_table(plan: Plan) -> Table:
    """Return the largest gaps for the whole bundle with their reasons."""
    table = bundle_gaps(plan).head(ROWS)
    names = plan.area.place["area_name"]
    sure = plan.gap_certainty
    shares = {} if sure is None else sure.of("bundle")["gap_share"].to_dict()
    rows = [
        (
            str(names.get(row.area_code, "")),
            str(row.area_code),
            say_count(row.gap_rank),
            GAP_WORDS.get(row.gap_status, str(row.gap_status)),
            share_words(shares[row.area_code]) if row.area_code in shares else "not looked at",
            say_number(row.gap_score),
            say_minutes(row.minutes, row.status),
            say_count(row.population),
            say_count(row.people_without_car),
            str(row.gap_reason),
        )
        for row in table.itertuples()
    ]
    return Table(
        caption=f"The {len(rows)} areas with the highest gap scores for the bundle",
        columns=(
            "Area",
            "Code",
            "Gap rank",
            "Status",
            "Still a gap, draws",
            "Gap score",
            "Slowest of the bundle",
            "People",
            "People without a car",
            "Reason",
        ),
        rows=tuple(rows),
        numeric=frozenset({2, 4, 5, 7, 8}),
        note="Gap score: need percentile × percentile of the shortfall in minutes, 0 to 1; need "
        "leaves out any access domain. Gaps of each kind of service are in gaps.csv."
        + (f" Still a gap: {sure.method}" if sure is not None else ""),
    )


def build_larger_gaps_table(plan: Plan) -> Table | None:
    """Return the largest gaps among larger areas; None where there are none to judge."""
    larger = plan.larger_gaps
    if larger is None:
        return None
    table = larger.of("bundle").sort_values("gap_rank", kind="stable").head(ROWS)
    rows = [
        (
            str(row.larger_name),
            str(code),
            say_count(row.gap_rank),
            GAP_WORDS.get(row.gap_status, str(row.gap_status)),
            say_minutes(row.minutes, row.status),
            say_count(row.population),
            f"{row.gaps_inside} of {row.areas}",
            say_count(row.people_in_gaps_inside),
        )
        for code, row in zip(table.index, table.itertuples(), strict=True)
    ]
    return Table(
        caption="The same gaps among larger areas",
        columns=(
            "Larger area",
            "Code",
            "Gap rank",
            "Status",
            "Slowest of the bundle",
            "People",
            "Gaps among its areas",
            "People in these",
        ),
        rows=tuple(rows),
        numeric=frozenset({2, 5, 7}),
        note="Minutes of the middle person; need is the mean score, weighted by people. Only the "
        "part of a larger area that is in the place counts. All are in gaps_larger_areas.csv.",
    )


def build_sources_table(plan: Plan) -> Table:
    """Return every file that was read, as published."""
    rows = [
        (
            source.publisher or "not named",
            source.dataset or "not named",
            source.vintage or "not stated",
            source.licence or "not stated",
            source.file,
            source.sha256[:12],
        )
        for source in plan.sources
    ]
    return Table(
        caption="Files that were read",
        columns=("Publisher", "Dataset", "Date", "Licence", "File", "SHA-256 (first 12)"),
        rows=tuple(rows),
        breaking=frozenset({4}),
    )


def build_all_areas_table(plan: Plan) -> Table:
    """Return the table twin of every map: each area's class-making figure, one row an area."""
    scores = plan.need.scores
    labels = plan.neighbourhoods.labels.reindex(plan.area.codes)
    words = name_types(labels, plan.neighbourhoods.types["type_name"])
    slowest = plan.access.wide("bundle_minutes_slowest", "bundle")
    gaps = bundle_gaps(plan).set_index("area_code")
    saved = plan.hubs.areas if plan.hubs is not None and not plan.hubs.chosen.empty else None
    heads = [
        "Area",
        "Code",
        "People",
        "Need rank",
        "Need tenth",
        "Type",
        "Slowest of the bundle",
        "Gap rank",
        "Gap status",
    ]
    rows = []
    for code, area in zip(plan.area.codes, plan.area.place.itertuples(), strict=True):
        known = pd.notna(scores.loc[code, "need_score"])
        row = [
            str(area.area_name),
            str(code),
            say_count(area.population),
            say_count(scores.loc[code, "need_rank"]) if known else "not ranked",
            say_tenth(scores.loc[code, "need_decile"] if known else math.nan),
            words[code],
            say_minutes(slowest.loc[code, "value"], slowest.loc[code, "status"]),
            say_count(gaps.loc[code, "gap_rank"]),
            GAP_WORDS.get(gaps.loc[code, "gap_status"], ""),
        ]
        if saved is not None:
            with_hubs = saved.loc[code]
            row.append(say_minutes(with_hubs["minutes_after"], with_hubs["status_after"]))
        rows.append(tuple(row))
    if saved is not None:
        heads.append("Whole bundle with the hubs")
    return Table(
        caption="All areas: the figures behind the maps",
        columns=tuple(heads),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 7}),
        note="The bundle breaches its standard where any of its services is further away than that "
        "service's own standard. More decimals and measures are in areas.csv and access.parquet.",
    )


def _median(minutes: float) -> str:
    return (
        "out of reach for half or more" if math.isinf(minutes) else say_number(minutes, figures=2)
    )
