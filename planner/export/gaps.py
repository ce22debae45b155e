"""Which tables on standards and gaps are written?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from planner.gaps.certainty import COLUMNS as CERTAINTY_COLUMNS
from planner.travel.getting_about import MODE_WORDS

if TYPE_CHECKING:
    from planner.plan import Plan


def build_gap_files(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return file name → table: gaps, standards held against access, gaps of larger areas.

    The last stands only where areas are known to be in larger ones.
    """
    files = {"gaps.csv": build_gaps_file(plan), "standards.csv": build_standards_file(plan)}
    if plan.larger_gaps is not None:
        table = plan.larger_gaps.table.reset_index()
        table.insert(0, "geography", plan.larger_gaps.geography)
        files["gaps_larger_areas.csv"] = table.sort_values(
            ["kind", "larger_code"], kind="stable", ignore_index=True
        )
    return files


def build_gaps_file(plan: Plan) -> pd.DataFrame:
    """Return one row an area and kind, sorted by kind and code, with how often it stays a gap."""
    table = plan.gaps.table
    if plan.gap_certainty is not None:
        shares = plan.gap_certainty.table[CERTAINTY_COLUMNS]
        table = table.merge(shares, on=["area_code", "kind"], how="left", validate="one_to_one")
    table = table.sort_values(["kind", "area_code"], kind="stable", ignore_index=True)
    names = plan.area.areas["area_name"].reindex(table["area_code"]).to_numpy()
    table.insert(list(table.columns).index("area_code") + 1, "area_name", names)
    return table


def build_standards_file(plan: Plan) -> pd.DataFrame:
    """Return one row a kind: its standard, who set it, and who it is met for."""
    summary = plan.compliance.summary.sort_index()
    table = summary.rename(columns={"way": "standard_way"}).reset_index()
    standards = [plan.standards[kind] for kind in table["kind"]]
    judged = [MODE_WORDS[plan.compliance.modes[kind]] for kind in table["kind"]]
    table.insert(3, "judged_by", judged)
    table["is_default"] = [one.is_default for one in standards]
    table["standard_source"] = [one.source for one in standards]
    return table
