"""Where does need cluster on the map, said without statistics?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.need.space.pattern import SpatialPattern
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.ui.need_parts.mapped import CLUSTERS, HOTSPOTS
from planner.wording import say_list, say_many

_VERDICTS = {
    "alike": "Alike, more than chance would have it",
    "chance": "No more alike than chance can make it",
    "unlike": "Unlike, more than chance would have it",
    "not_tested": "Not tested",
}
#: Titles that are too long for a column.
_SHORT = {"need_larger": "Need by larger areas", "need_own": "Need, own figures only"}


def show(plan: state.Plan) -> None:
    """Show whether need clusters, where, and which domains do."""
    st.header("Where need clusters", anchor=False)
    clusters = plan.needs.clusters
    first, *rest = say(clusters.patterns["need_score"], plan.area.place["area_name"])
    parts.finding(first)
    for text in rest:
        parts.prose(text)
    for key in ("need_larger", "need_own"):
        if key in clusters.patterns:
            parts.prose(say_verdict(clusters.patterns[key]))
    parts.table(
        _summary(clusters.patterns),
        title="Need and its domains: are neighbouring areas alike?",
        name="need_clusters_summary",
        key="need_clusters_summary",
    )
    if clusters.patterns["need_score"].tested:
        fold("The cluster each area is in", "clusters", lambda: _areas(plan))
    for caveat in clusters.caveats:
        parts.prose(caveat)


def say(pattern: SpatialPattern, names: pd.Series) -> list[str]:
    """Say how need lies on the map, and which areas stand out."""
    if pattern.moran is None:
        return [say_verdict(pattern)]
    said = [say_verdict(pattern)]
    near = []
    for key, words in (("high_high", "great"), ("low_low", "little")):
        if count := pattern.count(key):
            verb = "lies" if count == 1 else "lie"
            near.append(
                f"{say_many(count, 'area')} of {words} need {verb} among others of {words} need"
            )
    if near:
        said.append(f"{parts.capital('; '.join(near))}.")
    else:
        said.append("No single area lies among its like beyond what chance would bring.")
    for key, own, other in (("high_low", "great", "little"), ("low_high", "little", "great")):
        codes = pattern.table.index[(pattern.table["cluster"] == key).to_numpy()]
        if len(codes):
            listed = say_list([str(names.get(code, code)) for code in codes[:5]])
            more = f" and {len(codes) - 5} more" if len(codes) > 5 else ""
            said.append(f"Of {own} need among areas of {other} need: {listed}{more}.")
    hot, cold = pattern.count("hot"), pattern.count("cold")
    if hot or cold:
        said.append(
            f"Taken together with the areas round them, {say_many(hot, 'area')} "
            f"{'makes' if hot == 1 else 'make'} hot spots of great need and "
            f"{say_many(cold, 'area')} cold spots of little need."
        )
    return said


def say_verdict(pattern: SpatialPattern) -> str:
    """Say of one figure whether neighbouring areas are alike."""
    title, of = pattern.measured.title, pattern.measured.geography
    if pattern.moran is None:
        return f"{title}: not tested: {pattern.reason}."
    how = {
        "alike": "is not scattered: areas of great need lie next to others of great need, and "
        "areas of little need next to others of little need, more than chance would have it",
        "chance": "is no more alike between neighbours than chance can make it",
        "unlike": "differs between neighbours more than chance would have it",
    }[pattern.verdict]
    return f"{title} {how} ({pattern.tested:,} areas: {of})."


def _summary(patterns: dict[str, SpatialPattern]) -> pd.DataFrame:
    rows = [
        (
            _SHORT.get(key, pattern.measured.title.removesuffix(" (domain)")),
            _VERDICTS[pattern.verdict],
            pattern.count("high_high"),
            pattern.count("low_low"),
            pattern.count("high_low") + pattern.count("low_high"),
            pattern.count("hot"),
            pattern.count("cold"),
            pattern.tested,
            pattern.measured.geography,
            pattern.reason,
        )
        for key, pattern in patterns.items()
    ]
    columns = ["What", "Neighbouring areas", "Great among great", "Little among little"]
    columns += ["Unlike those round them", "In hot spots", "In cold spots", "Areas tested"]
    table = pd.DataFrame(rows, columns=[*columns, "Tested by", "Why not tested"])
    return table if table["Why not tested"].ne("").any() else table.drop(columns="Why not tested")


def _areas(plan: state.Plan) -> None:
    found, need = plan.needs.clusters.table, plan.need.scores["need_rank"]
    untested = "Not tested: no figure or no neighbour"
    table = pd.DataFrame(
        {
            "Rank": need,
            "Area": plan.area.place["area_name"],
            "Cluster": found["need_cluster"].map(lambda key: CLUSTERS.get(key, untested)),
            "With the areas round it": found["need_hotspot"].map(
                lambda key: HOTSPOTS.get(key, untested)
            ),
            "Code": found.index,
        }
    )
    parts.table(
        table.sort_values("Rank", kind="stable"),
        title="The cluster each area is in",
        name="need_clusters",
        key="need_clusters",
    )
