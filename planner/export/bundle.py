"""Which tables on the bundle and on fairness are written?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

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
    files["equity.csv"] = build_equity_table(plan)
    return {name: table for name, table in files.items() if len(table)}


def build_equity_table(plan: Plan) -> pd.DataFrame:
    """Return one row a kind of service and index of fairness, with interval and meaning."""
    parts = []
    for kind, equity in plan.equity.items():
        table = equity.table.rename_axis("index").reset_index()
        table.insert(0, "kind", kind)
        parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
