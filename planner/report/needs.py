"""How sure is need, where does it come together and where does it cluster, for the report?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from planner.area import GEOGRAPHY_NAMES
from planner.maps import MapLayer, classify
from planner.need.certainty.draws import ASSUMPTIONS
from planner.report.tables import ROWS, Table
from planner.report.words import say_count, say_number, say_share

if TYPE_CHECKING:
    from planner.plan import Plan

#: Findings on clusters that are read out; the rest is in the table.
SENTENCES = 3
#: Combinations shown of each geography.
COMBINATIONS = 6
#: What the table calls the mean number of pairs of needs.
PAIRS = "Pairs of needs an area is among the worst in, on average"


def find_sure(plan: Plan) -> tuple[str, ...]:
    """Say how much the ranks hang on what is assumed; nothing where that was not asked for."""
    if plan.needs is None or not plan.needs.robustness.findings:
        return ()
    robustness = plan.needs.robustness
    return (*robustness.findings, robustness.caveat)


def find_together(plan: Plan) -> tuple[str, ...]:
    """Say where needs come together, whether that is more than chance, and what changes above."""
    if plan.needs is None:
        return ()
    tandem = plan.needs.tandem
    return (*tandem.findings, *tandem.changes, tandem.caveat)


def find_clusters(plan: Plan) -> tuple[str, ...]:
    """Say where need clusters on the map."""
    if plan.needs is None:
        return ()
    clusters = plan.needs.clusters
    return (*clusters.findings[:SENTENCES], *clusters.caveats)


def build_sure_table(plan: Plan) -> Table | None:
    """Return the areas of which it depends whether they are among the worst, and on what."""
    if plan.needs is None or not plan.needs.robustness.findings:
        return None
    table, place = plan.needs.robustness.table, plan.area.place
    stated = plan.need.scores["need_rank"]
    chance = table["need_worst_probability"]
    open_ones = table.index[(table["need_sure"] == "depends").to_numpy(dtype=bool)]
    order = stated[open_ones].sort_values(kind="stable").index[:ROWS]
    rows = [
        (
            str(place.loc[code, "area_name"]),
            str(code),
            say_count(stated[code]),
            f"{say_count(table.loc[code, 'need_rank_low'])} to "
            f"{say_count(table.loc[code, 'need_rank_high'])}",
            say_share(chance[code]),
            _say_moved(str(table.loc[code, "need_moved_most"])),
        )
        for code in order
    ]
    if not rows:
        return None
    return Table(
        caption=f"{_of_many(len(rows), len(open_ones))} of which it depends on what is assumed "
        f"whether {'it is' if len(open_ones) == 1 else 'they are'} among the "
        f"{plan.needs.robustness.worst_count} of greatest need",
        columns=(
            "Area",
            "Code",
            "Rank",
            "Rank interval",
            "Share of draws among the worst",
            "Moved most by",
        ),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4}),
        note="All areas are in need_certainty.csv.",
    )


def _say_moved(assumption: str) -> str:
    """Return what moves an area most, in words."""
    return ASSUMPTIONS.get(assumption, {"several": "several, equally"}.get(assumption, assumption))


def _of_many(shown: int, all_of_them: int) -> str:
    """Return how many areas a table has, and of how many these are the first."""
    if shown < all_of_them:
        return f"The first {shown} of {all_of_them:,} areas"
    return "The one area" if shown == 1 else f"The {shown} areas"


def build_together_table(plan: Plan) -> Table | None:
    """Return the combinations of needs, small areas first, then larger ones."""
    if plan.needs is None or plan.needs.tandem.combinations.empty:
        return None
    tandem = plan.needs.tandem
    table = tandem.combinations[tandem.combinations["part"] == tandem.part]
    rows = []
    for geography, of_one in table.groupby("geography", sort=False):
        rows += [
            (
                str(row.combination).capitalize(),
                GEOGRAPHY_NAMES.get(str(geography), str(geography)),
                say_count(row.areas),
                say_count(row.people),
                say_share(row.people_share) if not math.isnan(row.people_share) else "not known",
            )
            for row in of_one.head(COMBINATIONS).itertuples()
        ]
    return Table(
        caption=f"Which needs are in their worst {tandem.part} together",
        columns=("Combination", "Areas of", "Areas", "People", "Share of people"),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4}),
        note=tandem.method,
    )


def build_chance_table(plan: Plan) -> Table | None:
    """Return how often needs coincide, beside what chance would have it."""
    if plan.needs is None or plan.needs.tandem.chance.empty:
        return None
    tandem = plan.needs.tandem
    table = tandem.chance[tandem.chance["part"] == tandem.part]
    rows = [
        (
            PAIRS if row.together == "mean pairs" else str(row.together).capitalize(),
            GEOGRAPHY_NAMES.get(str(row.geography), str(row.geography)),
            say_number(row.observed),
            f"{say_number(row.expected)} ({say_number(row.low)} to {say_number(row.high)})",
            f"{row.p_value:.3f}",
            f"{say_number(row.shuffled_expected)} (p {row.shuffled_p_value:.3f})",
        )
        for row in table.itertuples()
    ]
    return Table(
        caption="Is that more than chance?",
        columns=(
            "Together",
            "Areas of",
            "Found",
            "Expected by chance (19 times in 20)",
            "p",
            "A plain shuffle would expect",
        ),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4, 5}),
        note="p is how often random maps have as many coincidences or more. A small p means that "
        "chance alone seldom brings so many, not that one need causes another. Random maps keep "
        "each need as clustered as it is; a plain shuffle does not. Each line is tested on its "
        "own, so among twenty lines about one has a p under 0.05 by chance.",
    )


def build_clusters_table(plan: Plan) -> Table | None:
    """Return for need and each domain whether neighbours are alike, and how many cluster."""
    if plan.needs is None or plan.needs.clusters.summary.empty:
        return None
    rows = [
        (
            str(row.title),
            GEOGRAPHY_NAMES.get(str(row.geography), str(row.geography)),
            say_number(row.moran_i) if pd.notna(row.moran_i) else "not tested",
            f"{row.moran_p:.3f}" if pd.notna(row.moran_p) else "not tested",
            *(
                say_count(getattr(row, name)) if pd.notna(getattr(row, name)) else "not tested"
                for name in ("high_high_count", "low_low_count", "hot_count", "cold_count")
            ),
        )
        for row in plan.needs.clusters.summary.itertuples()
    ]
    return Table(
        caption="Are neighbouring areas alike?",
        columns=(
            "Figure",
            "Areas of",
            "Moran's I",
            "p",
            "Great need among great",
            "Little among little",
            "In hot spots",
            "In cold spots",
        ),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4, 5, 6, 7}),
        note=plan.needs.clusters.method,
    )


def build_sure_layer(plan: Plan) -> MapLayer | None:
    """Return which areas are among the worst whatever is assumed, and which depend."""
    if plan.needs is None or not plan.needs.robustness.findings:
        return None
    robustness = plan.needs.robustness
    table = robustness.table.loc[plan.area.codes]
    names: dict[object, str] = {
        "high": f"Among the worst {robustness.worst_count} whatever is assumed",
        "depends": "Depends on what is assumed",
        "low": "Not among them whatever is assumed",
    }
    text = [
        f"Ranks {row.need_rank_low} to {row.need_rank_high}; among the worst in "
        f"{row.need_worst_probability:.0%} of draws"
        if pd.notna(row.need_worst_probability)
        else "Need: not known"
        for row in table.itertuples()
    ]
    return MapLayer(
        title=f"How sure it is that an area is among the {robustness.worst_count} of greatest need",
        name="How sure",
        classes=classify(
            table["need_sure"].astype(object), scheme="categories", names=names, palette="cividis"
        ),
        text=pd.Series(
            [f"{code}\n{line}" for code, line in zip(table.index, text, strict=True)],
            index=table.index,
        ),
        finding=robustness.findings[0],
    )


def build_together_layer(plan: Plan) -> MapLayer | None:
    """Return in how many of the chosen domains each area is among the worst."""
    if plan.needs is None or len(plan.needs.tandem.domains) < 2:
        return None
    tandem = plan.needs.tandem
    count = tandem.areas[f"worst_{tandem.part}_count"].reindex(plan.area.codes)
    words = tandem.areas[f"tandem_combination_{tandem.part}"].reindex(plan.area.codes)
    domains = len(tandem.domains)
    names: dict[object, str] = {n: f"{n} of {domains}" for n in range(domains, -1, -1)}
    return MapLayer(
        title=f"In how many of {', '.join(tandem.domains)} an area is in the worst {tandem.part}",
        name="Needs together",
        classes=classify(
            count.astype(object).where(count.notna()),
            scheme="categories",
            names=names,
            palette="viridis",
        ),
        text=pd.Series(
            [f"{code}\nTogether: {line}" for code, line in words.items()], index=words.index
        ),
        finding=tandem.findings[0],
    )
