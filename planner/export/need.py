"""Which tables on need are written: parts, how sure it is, what comes together and clusters?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from planner.plan import Plan
    from planner.plan.needs import Needs


def build_need_files(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return file name → table, in the order they are written.

    A table stands only where its result does: without TS066 there is no inactivity, without draws
    no certainty, and a plan that is only there to be compared has nothing beyond the index.
    """
    files = {"need_parts.csv": build_parts_table(plan)}
    if plan.need.screening is not None:
        files["need_layers.csv"] = _named(plan.need.screening.table, "layer")
    if plan.needs is None:
        return files
    return files | _more(plan, plan.needs)


def build_parts_table(plan: Plan) -> pd.DataFrame:
    """Return one row an area and domain: its value, its score, its weight and what it adds."""
    need = plan.need
    columns = {"value": need.domain_values, "domain_score": need.domain_scores, "adds": need.parts}
    codes, domains = need.parts.index, need.parts.columns
    table = pd.DataFrame(
        {
            "area_code": codes.repeat(len(domains)),
            "domain": list(domains) * len(codes),
            **{name: frame.to_numpy().ravel() for name, frame in columns.items()},
        }
    )
    table.insert(2, "weight", table["domain"].map(need.weights).astype("float64"))
    table.insert(1, "area_name", _names(plan, table["area_code"]))
    return table.sort_values(["area_code", "domain"], kind="stable", ignore_index=True)


def _more(plan: Plan, needs: Needs) -> dict[str, pd.DataFrame]:
    tandem, clusters = needs.tandem, needs.clusters
    measures = clusters.measures.sort_values(["measure", "area_code"], kind="stable")
    # Without draws, or with fewer than two domains, there would be nothing but blanks.
    certainty = needs.robustness.table if needs.draws.count else needs.robustness.table.iloc[:0]
    together = tandem.areas if len(tandem.domains) > 1 else tandem.areas.iloc[:0]
    files = {
        "need_certainty.csv": _of_areas(plan, certainty),
        "need_assumptions.csv": _named(needs.robustness.assumptions, "assumption"),
        "need_tandem.csv": _of_areas(plan, together),
        "need_tandem_larger_areas.csv": _named(tandem.larger, "larger_area"),
        "need_tandem_combinations.csv": tandem.combinations,
        "need_tandem_chance.csv": tandem.chance,
        "need_tandem_dominant.csv": tandem.dominant,
        "need_clusters.csv": measures.reset_index(drop=True),
        "need_clusters_summary.csv": _named(clusters.summary, "measure"),
    }
    if needs.inactivity is not None:
        files["need_inactivity.csv"] = _of_areas(plan, needs.inactivity.table)
    return {name: table for name, table in files.items() if len(table)}


def _of_areas(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    found = _named(table, "area_code").sort_values("area_code", kind="stable", ignore_index=True)
    found.insert(1, "area_name", _names(plan, found["area_code"]))
    return found


def _named(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table.rename_axis(name).reset_index()


def _names(plan: Plan, codes: pd.Series) -> list[str]:
    return [str(name) for name in plan.area.areas["area_name"].reindex(codes)]
