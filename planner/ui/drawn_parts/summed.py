"""What is known of a neighbourhood that a person drew or listed themselves?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from planner.standards import kind_words
from planner.ui import parts, state
from planner.ui.drawn_parts.picking import pick_areas
from planner.wording import say_many

#: The neighbourhood's areas in the address.
AREAS = "my_areas"
COLUMNS = ["About", "What", "Areas", "People", "Share of its people (%)"]


def show(plan: state.Plan) -> None:
    """Let a person say which areas make up their neighbourhood, and sum up what is known of it."""
    chosen = pick_areas(
        plan,
        name=AREAS,
        label="Areas of your neighbourhood",
        title=f"Map of {plan.area.name}: draw round your neighbourhood, or click its areas",
    )
    if not chosen:
        parts.prose(
            "Draw a shape on the map, click areas with Ctrl or Shift, or choose them in the list. "
            "An area belongs to a shape if the middle of where its people live lies in it."
        )
        return
    people = plan.area.place["population"].reindex(list(chosen))
    gaps = _bundle_gaps(plan, chosen)
    parts.finding(
        f"Your neighbourhood has {say_many(len(chosen), 'area')} and {parts.people(people.sum())}.",
        f"{say_many(len(gaps), 'of its areas is', 'of its areas are')} a gap for the whole bundle.",
    )
    parts.table(
        build_summary(plan, chosen),
        title="Your neighbourhood, summed up",
        name="my_neighbourhood",
        key="my_summary",
        decimals={"People": 0, "Share of its people (%)": 1},
    )
    parts.table(
        build_areas(plan, chosen),
        title="The areas of your neighbourhood",
        name="my_neighbourhood_areas",
        key="my_areas",
        decimals={"Residents": 0},
        codes=list(chosen),
    )
    parts.source_line(plan.area.sources, extra="Ranks and gaps are those of the whole place.")


def build_summary(plan: state.Plan, codes: Sequence[str]) -> pd.DataFrame:
    """Return how many areas and people of a neighbourhood each thing is true of.

    Parameters
    ----------
    plan
        The place, worked out.
    codes
        Its areas that make up the neighbourhood.

    Returns
    -------
    summary
        Columns `COLUMNS`: all of it, each tenth of need, each type, each kind with a gap. A share
        of people is of the neighbourhood's.
    """
    wanted = list(codes)
    people = plan.area.place["population"].reindex(wanted)
    rows: list[tuple[Any, ...]] = []

    def add(about: str, what: str, which: Sequence[str]) -> None:
        count = float(people.reindex(list(which)).sum())
        share = 100 * count / people.sum() if people.sum() > 0 else float("nan")
        rows.append((about, what, len(which), count, share))

    add("All", "The whole neighbourhood", wanted)
    tenths = plan.need.scores["need_decile"].reindex(wanted)
    for tenth in sorted(tenths.dropna().unique()):
        worst = " (the greatest need)" if tenth == 1 else ""
        add("Need", f"Tenth {int(tenth)} of need{worst}", tenths.index[tenths == tenth])
    if tenths.isna().any():
        add("Need", "Need not known", tenths.index[tenths.isna()])
    labels = plan.neighbourhoods.labels.reindex(wanted)
    names = plan.neighbourhoods.types["type_name"]
    for label in sorted(labels.dropna().unique()):
        add("Type", f"{int(label)}. {names[label]}", labels.index[labels == label])
    if labels.isna().any():
        add("Type", "No type", labels.index[labels.isna()])
    table = plan.gaps.table
    mine = table[table["area_code"].isin(wanted) & (table["gap_status"] == "gap")]
    for kind in dict.fromkeys(table["kind"]):
        what = "the whole bundle" if kind == "bundle" else kind_words(str(kind), plural=True)
        add("Gaps", f"Gap: {what}", mine.loc[mine["kind"] == kind, "area_code"].tolist())
    return pd.DataFrame(rows, columns=COLUMNS)


def build_areas(plan: state.Plan, codes: Sequence[str]) -> pd.DataFrame:
    """Return the areas of a neighbourhood, one row each, in the order of ``codes``."""
    place, wanted = plan.area.place.reindex(list(codes)), list(codes)
    labels = plan.neighbourhoods.labels.reindex(wanted)
    names = plan.neighbourhoods.types["type_name"]
    gaps = plan.gaps.table
    number = gaps[gaps["gap_status"] == "gap"].groupby("area_code")["kind"].size()
    return pd.DataFrame(
        {
            "Area": place["area_name"].astype(str).to_numpy(),
            "Code": wanted,
            "Residents": place["population"].to_numpy(),
            "Need rank": plan.need.scores["need_rank"].reindex(wanted).to_numpy(),
            "Type": labels.map(names).to_numpy(),
            "Gaps": number.reindex(wanted, fill_value=0).to_numpy(),
        }
    )


def _bundle_gaps(plan: state.Plan, codes: Sequence[str]) -> pd.Series:
    table = plan.gaps.table
    mine = table["area_code"].isin(codes) & (table["kind"] == "bundle")
    return table.loc[mine & (table["gap_status"] == "gap"), "area_code"]
