"""Which gaps does the page look at: of one service or of the bundle, in which words?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planner.gaps.certainty_words import SURE
from planner.standards import kind_words
from planner.ui import parts, state
from planner.wording import say_are, say_many, say_noun


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """The rows of one kind on area codes, and how often each is still a gap.

    ``sure`` has ``gap_share``, ``greatest_share``, ``gap_rank_low`` and ``gap_rank_high``; no rows
    where that was not worked out.
    """

    kind: str
    table: pd.DataFrame
    sure: pd.DataFrame
    larger: pd.DataFrame

    @property
    def gaps(self) -> pd.DataFrame:
        """The areas that are a gap, greatest first."""
        rows = self.table[self.table["gap_status"] == "gap"]
        return rows.sort_values("gap_rank", kind="stable")


def kinds(plan: state.Plan) -> dict[str, str]:
    """Return what can be chosen: the bundle, or one of its services or another."""
    found = sorted(set(plan.gaps.table["kind"]) - {"bundle"})
    return parts.kind_options(found, bundle=True)


def what(kind: str) -> str:
    """Return what is looked at, in the middle of a sentence."""
    return "the bundle" if kind == "bundle" else kind_words(kind, plural=True)


def build_shown(plan: state.Plan, kind: str) -> Shown:
    """Return the gaps of one kind."""
    table = plan.gaps.table
    certainty, larger = plan.gap_certainty, plan.larger_gaps
    return Shown(
        kind=kind,
        table=table[table["kind"] == kind].set_index("area_code"),
        sure=_of_kind(certainty.table, kind) if certainty is not None else pd.DataFrame(),
        larger=larger.table.xs(kind, level="kind")
        if larger is not None and kind in larger.table.index.get_level_values("kind")
        else pd.DataFrame(),
    )


def find(plan: state.Plan, shown: Shown) -> list[str]:
    """Say how many areas are a gap, for how many people, and which is the greatest."""
    gaps, table = shown.gaps, shown.table
    if gaps.empty:
        said = f"No area of {plan.area.name} is known to be beyond the standard for "
        return [f"{said}{what(shown.kind)}.", *_unknown(table)]
    top, count = gaps.index[0], len(gaps)
    return [
        f"{count} of {len(table)} areas {say_are(count)} {'a ' if count == 1 else ''}"
        f"{say_noun(count, 'gap')} for {what(shown.kind)}: "
        f"{parts.people(gaps['population'].sum())} live there{_without_car(gaps)}.",
        *_sure(shown, gaps),
        *_unknown(table),
        f"The greatest is {plan.area.place.loc[top, 'area_name']} ({top}).",
    ]


def _unknown(table: pd.DataFrame) -> list[str]:
    unknown = int((table["gap_status"] == "no_data").sum())
    return [f"For {say_many(unknown, 'area')} it is not known."] if unknown else []


def _without_car(gaps: pd.DataFrame) -> str:
    cars = gaps["people_without_car"]
    if cars.isna().any():
        return ""
    return f", about {parts.rounded(cars.sum()):,.0f} of them in households without a car"


def _sure(shown: Shown, gaps: pd.DataFrame) -> list[str]:
    if shown.sure.empty:
        return []
    share = shown.sure["gap_share"].reindex(gaps.index)
    firm = int((share >= SURE).sum())
    return [
        f"{firm} of them {say_are(firm)} still {say_noun(firm, 'a gap', 'gaps')} in at least "
        f"{SURE:.0%} of draws when assumptions vary."
    ]


def _of_kind(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    return table[table["kind"] == kind].set_index("area_code")


def bundle_kinds(plan: state.Plan, kind: str) -> list[str]:
    """Return the kinds of service that are looked at."""
    return list(plan.project.spec.bundle.kinds) if kind == "bundle" else [kind]
