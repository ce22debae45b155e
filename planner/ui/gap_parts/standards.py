"""Is each standard kept, where not, and what changes when larger areas are judged?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.access import BUNDLE
from planner.gaps import GAP_STATUS_WORDS
from planner.standards import kind_words
from planner.travel.getting_about import MODE_WORDS
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.ui.gap_parts.shown import Shown, bundle_kinds, what
from planner.wording import say_are, say_list, say_many, say_noun


def show(plan: state.Plan, shown: Shown) -> None:
    """Show each standard with its source, who keeps it and who does not."""
    st.header("Standards", anchor=False)
    kinds = [kind for kind in bundle_kinds(plan, shown.kind) if kind in plan.standards]
    found = plan.compliance.summary
    summary = found.loc[[kind for kind in kinds if kind in found.index]]
    if summary.empty:
        return
    parts.finding(_find(summary))
    parts.table(
        _table(plan, summary),
        title="Standards: kept, not kept, and by how many people",
        name="standards",
        key="standards",
        decimals={
            "Minutes": 0,
            "People within": 0,
            "People beyond": 0,
            "People not known": 0,
            "Beyond, in households without a car": 0,
        },
    )


def _find(summary: pd.DataFrame) -> str:
    broken = summary[summary["areas_not_met"] > 0].sort_values(
        "people_not_met", ascending=False, kind="stable"
    )
    if broken.empty:
        return "Every standard is kept in every area where it could be judged."
    first = broken.index[0]
    if len(summary) == 1:
        return (
            f"{parts.people(broken.loc[first, 'people_not_met'])} in "
            f"{say_many(int(broken.loc[first, 'areas_not_met']), 'area')} are beyond the standard "
            f"for {kind_words(str(first), plural=True)}."
        )
    others = [kind_words(str(kind), plural=True) for kind in broken.index[1:]]
    also = f" Also not kept everywhere: {say_list(others)}." if others else ""
    name = kind_words(str(first), plural=True)
    return (
        f"The standard that most people are beyond is that for {name}: "
        f"{parts.people(broken.loc[first, 'people_not_met'])} in "
        f"{int(broken.loc[first, 'areas_not_met']):,} areas.{also}"
    )


def _table(plan: state.Plan, summary: pd.DataFrame) -> pd.DataFrame:
    ways = [plan.ways[key].mode if key in plan.ways else key for key in summary["way"]]
    frame = pd.DataFrame(
        {
            "Service": [parts.capital(kind_words(str(kind))) for kind in summary.index],
            "Kept": [
                "everywhere"
                if not row.areas_not_met and not row.areas_not_known
                else "wherever it is known"
                if not row.areas_not_met
                else "not everywhere"
                for row in summary.itertuples()
            ],
            "Minutes": summary["standard_minutes"],
            "Way": [MODE_WORDS.get(way, way) for way in ways],
            "Areas within": summary["areas_met"],
            "Areas beyond": summary["areas_not_met"],
            "Areas not known": summary["areas_not_known"],
            "People within": summary["people_met"],
            "People beyond": summary["people_not_met"],
            "People not known": summary["people_not_known"],
            "Beyond, in households without a car": summary["people_without_car_not_met"],
            "Where the standard is from": [
                plan.standards[kind].source if kind in plan.standards else ""
                for kind in summary.index
            ],
        }
    )
    known = frame["Beyond, in households without a car"].notna().any()
    return frame if known else frame.drop(columns="Beyond, in households without a car")


def show_larger(plan: state.Plan, shown: Shown) -> None:
    """Show what changes when larger areas are judged in place of small ones."""
    found = plan.larger_gaps
    if found is None or shown.larger.empty:
        return
    st.header("What changes with larger areas", anchor=False)
    if shown.kind == BUNDLE:
        for sentence in found.findings:
            parts.prose(sentence)
    else:
        parts.prose(say_larger(shown))
    fold("The larger areas", "larger_gaps", lambda: _larger(shown))


def say_larger(shown: Shown) -> str:
    """Say how many areas are gaps, and how many of the larger areas."""
    small, large = shown.table["gap_status"], shown.larger["gap_status"]
    gaps, many = int((small == "gap").sum()), int((large == "gap").sum())
    return (
        f"For {what(shown.kind)}, {gaps:,} of {say_many(len(small), 'area')} {say_are(gaps)} "
        f"{say_noun(gaps, 'a gap', 'gaps')}{_not_known(small)}; taken together, {many:,} of "
        f"{say_many(len(large), 'larger area')} {say_are(many)}{_not_known(large)}."
    )


def _not_known(status: pd.Series) -> str:
    count = int((status == "no_data").sum())
    return f" (of {count:,} it is not known)" if count else ""


def _larger(shown: Shown) -> None:
    table = shown.larger.sort_values("gap_rank", kind="stable")
    frame = pd.DataFrame(
        {
            "Rank": table["gap_rank"],
            "Larger area": table.index,
            "Status": table["gap_status"].map(lambda s: GAP_STATUS_WORDS.get(s, s)),
            "Areas in it": table["areas"],
            "Gaps in it": table["gaps_inside"],
            "People in those gaps": table["people_in_gaps_inside"],
            "Residents": table["population"],
            "Minutes": table["minutes"],
            "Journey": table["status"].map(parts.status_words),
        }
    )
    parts.table(
        frame,
        title="Gaps among larger areas",
        name="gaps_larger_areas",
        key="larger_gaps",
        decimals={"Minutes": 0, "Residents": 0, "People in those gaps": 0},
    )
