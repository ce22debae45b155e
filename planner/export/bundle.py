"""Which tables on the bundle and on fairness are written?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from planner.report.timed import build_legs_frame, get_timed, say_timed

if TYPE_CHECKING:
    from planner.plan import Plan


def build_bundle_files(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return file name → table: trips by area, what is missed together, and how fair access is.

    A table stands only where it has a row.
    """
    files: dict[str, pd.DataFrame] = {}
    if plan.bundles is not None:
        areas = plan.bundles.areas.rename_axis("area_code").reset_index()
        names = plan.area.areas["area_name"].reindex(areas["area_code"])
        areas.insert(1, "area_name", [str(name) for name in names])
        files["bundle.csv"] = areas.sort_values("area_code", kind="stable", ignore_index=True)
        signatures = plan.bundles.signatures
        files["bundle_signatures.csv"] = signatures.combinations
        files["bundle_pairs.csv"] = signatures.pairs
        files["bundle_larger_areas.csv"] = signatures.dominant
        files |= _build_timed_files(plan)
    files["equity.csv"] = build_equity_table(plan)
    return {name: table for name, table in files.items() if len(table)}


def _build_timed_files(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return trips timed end to end: one row an area with what it means, and one row a leg."""
    timed = get_timed(plan)
    if timed is None:
        return {}
    table = timed.table.rename_axis("area_code").reset_index()
    names = plan.area.areas["area_name"].reindex(table["area_code"])
    table.insert(1, "area_name", [str(name) for name in names])
    table["meaning"] = [say_timed(plan, str(code)) for code in table["area_code"]]
    return {"bundle_timed.csv": table, "bundle_timed_legs.csv": build_legs_frame(plan)}


def build_equity_table(plan: Plan) -> pd.DataFrame:
    """Return one row a kind of service and index of fairness, with interval and meaning."""
    parts = []
    for kind, equity in plan.equity.items():
        table = equity.table.rename_axis("index").reset_index()
        table.insert(0, "kind", kind)
        parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
