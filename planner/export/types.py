"""Which files on neighbourhood types are written: what they are like, how sure, which areas?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from planner.export.cells import round_columns
from planner.left_out import fit_settings
from planner.neighbourhoods import NOT_TYPED, name_types
from planner.neighbourhoods.codebook import build_codebook
from planner.neighbourhoods.outcomes import OUTCOME_WORDS
from planner.neighbourhoods.refits import find_nearest
from planner.plan.stages import version_of

if TYPE_CHECKING:
    from planner.plan import Plan

#: Unit of each figure on access and gaps.
OUTCOME_UNITS = {
    "minutes_median": "minutes",
    "share_within_standard": "share of people, 0-1",
    "share_in_gaps": "share of people, 0-1",
    "jobs_median": "jobs",
}
#: What the columns of the membership are called that have one for each type.
MEMBERSHIP_COLUMNS = {"probability": "probability", "share of draws": "share_of_draws"}
_PACKAGES = ("planner", "numpy", "pandas", "scikit-learn", "scipy")


def build_type_tables(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return file name → table, in the order they are written; the overlap only where there is one.

    The membership, one row an area, is no table for a spreadsheet: `build_membership`.
    """
    kinds = plan.neighbourhoods
    files = {
        "types.csv": build_types_file(plan),
        "type_profiles.csv": build_type_profiles(plan),
        "type_outcomes.csv": build_outcomes_file(plan),
        "type_diagnostics.csv": build_type_diagnostics(plan),
        "type_clustergram.csv": kinds.clustergram,
    }
    if kinds.overlap is not None:
        files["type_overlap.csv"] = build_type_overlap(plan)
    return files


def build_types_file(plan: Plan) -> pd.DataFrame:
    """Return one row a type: size, words, stability, access and gaps, each layer's mean.

    Areas without a type are a last row without a number, so that areas and people add up.
    """
    kinds = plan.neighbourhoods
    types = kinds.types.copy()
    names = plan.area.areas["area_name"].reindex(types["medoid"])
    types.insert(list(types.columns).index("medoid") + 1, "medoid_name", names.to_numpy())
    means = kinds.profiles.add_prefix("mean_")
    apart = kinds.standardised.add_prefix("z_")
    table = types.join(_wide_outcomes(plan)).join(means).join(apart).sort_index().reset_index()
    labels = kinds.labels.reindex(plan.area.codes)
    without = labels.index[labels.isna()]
    if not len(without):
        return table
    last = {
        "type_name": NOT_TYPED,
        "areas": len(without),
        "population": plan.area.place["population"].reindex(without).sum(),
        "need_score_mean": plan.need.scores["need_score"].reindex(without).mean(),
        "distinguishing": "A figure is missing in a layer that types are judged by",
    }
    row = pd.DataFrame([last]).reindex(columns=table.columns).astype(object)
    together = pd.concat([table.astype(object), row], ignore_index=True)
    numbers = {name: kind for name, kind in table.dtypes.items() if _is_float(kind)}
    return together.astype({**numbers, "type_id": "Int64", "areas": "int64"})


def build_type_profiles(plan: Plan) -> pd.DataFrame:
    """Return one row a type and layer: means with intervals, beside the place and the nation."""
    kinds, specs = plan.neighbourhoods, plan.layers.specs
    table = kinds.details.copy()
    names = [kinds.types["type_name"][number] for number in table["type_id"]]
    table.insert(1, "type_name", names)
    for at, column in enumerate(("title", "unit", "high_is"), start=3):
        table.insert(at, column, [getattr(specs[layer], column) for layer in table["layer"]])
    return table.rename(columns={"inherited": "inherited_share"})


def build_outcomes_file(plan: Plan) -> pd.DataFrame:
    """Return one row a type, figure and kind of service: access and gaps of its people."""
    table = plan.type_outcomes.copy()
    names = [plan.neighbourhoods.types["type_name"][number] for number in table["type_id"]]
    table.insert(1, "type_name", names)
    at = list(table.columns).index("value") + 1
    table.insert(at, "unit", [OUTCOME_UNITS[figure] for figure in table["figure"]])
    return table.assign(meaning=[OUTCOME_WORDS[figure] for figure in table["figure"]])


def build_type_diagnostics(plan: Plan) -> pd.DataFrame:
    """Return one row for each number of types tried, and which one was chosen."""
    kinds = plan.neighbourhoods
    table = kinds.diagnostics.rename_axis("k").reset_index()
    return table.assign(chosen=table["k"] == kinds.k)


def build_type_overlap(plan: Plan) -> pd.DataFrame:
    """Return one row a type and class of the outside classification, with the areas in both."""
    kinds = plan.neighbourhoods
    overlap = kinds.overlap
    if overlap is None:
        return pd.DataFrame(columns=["type_id", "type_name", "class", "areas"])
    numbers, classes = overlap.table.index, overlap.table.columns
    return pd.DataFrame(
        {
            "type_id": np.repeat(numbers.to_numpy(), len(classes)),
            "type_name": np.repeat(kinds.types["type_name"].reindex(numbers), len(classes)),
            "class": list(classes) * len(numbers),
            "areas": overlap.table.to_numpy().ravel(),
            "share_of_type": overlap.row_shares.to_numpy().ravel(),
            "share_of_class": overlap.column_shares.to_numpy().ravel(),
        }
    ).reset_index(drop=True)


def build_membership(plan: Plan) -> pd.DataFrame:
    """Return one row an area: its type, how surely, the next one, and how far from the centres."""
    kinds, codes = plan.neighbourhoods, plan.area.codes.sort_values()
    labels = kinds.labels.reindex(codes)
    table = pd.DataFrame(
        {
            "area_name": plan.area.areas["area_name"].reindex(codes).astype(str),
            "type_id": labels.astype("Int64"),
            "type_name": name_types(labels, kinds.types["type_name"]),
            "tentative": labels.map(kinds.types["tentative"]).astype("boolean"),
        },
        index=codes.rename("area_code"),
    )
    table = table.join(_how_sure(plan)).join(_distances(plan))
    column = MEMBERSHIP_COLUMNS.get(kinds.membership_kind)
    if column is not None:
        table = table.join(kinds.membership.add_prefix(f"{column}_"))
    return round_columns(table.reset_index())


def build_plan_codebook(plan: Plan) -> dict[str, Any]:
    """Return the codebook of the plan's types."""
    _, settings = fit_settings(plan.project.spec, plan.layers)
    neighbours = ""
    if settings.method == "ward_regions" and plan.needs is not None:
        neighbours = plan.needs.neighbours.how
    return build_codebook(
        plan.neighbourhoods,
        plan.layers,
        plan.area,
        settings,
        versions={name: version_of(name) for name in _PACKAGES},
        watermarks=plan.watermarks,
        neighbours=neighbours,
        outside=None if plan.outside is None else plan.outside.source,
    )


# --- parts ----------------------------------------------------------------------------------


def _is_float(kind: Any) -> bool:
    return bool(pd.api.types.is_float_dtype(kind))


def _wide_outcomes(plan: Plan) -> pd.DataFrame:
    """Return figures on access and gaps as columns, with why a median is not known."""
    columns: dict[str, pd.Series] = {}
    outcomes = plan.type_outcomes
    for (figure, kind, threshold), rows in outcomes.groupby(
        ["figure", "kind", "threshold"], dropna=False, sort=True
    ):
        at = rows.set_index("type_id")
        within = "" if pd.isna(threshold) else f"_within{threshold:g}"
        name = f"{figure}{within}" if within else f"{figure}_{kind}"
        columns[name] = at["value"]
        if figure == "minutes_median":
            columns[f"status_{name}"] = at["status"]
    return pd.DataFrame(columns, index=plan.neighbourhoods.types.index)


def _how_sure(plan: Plan) -> pd.DataFrame:
    kinds = plan.neighbourhoods
    columns = ["certainty", "second_type", "second_share", "membership"]
    if kinds.stability is not None:
        return kinds.stability.areas[columns].rename(columns={"membership": "probability"})
    table = pd.DataFrame(index=kinds.inputs.codes)
    if kinds.fit.membership is not None:
        own = kinds.fit.membership[np.arange(len(table)), kinds.fit.labels]
        table["probability"] = own
    return table


def _distances(plan: Plan) -> pd.DataFrame:
    """Return how far each area is from its centre, and the nearest other one."""
    inputs, fit = plan.neighbourhoods.inputs, plan.neighbourhoods.fit
    _, away = find_nearest(inputs.matrix.to_numpy(dtype="float64"), fit.centres)
    at = np.arange(len(away))
    own = away[at, fit.labels].copy()
    away[at, fit.labels] = np.inf
    other = away.argmin(axis=1)
    table = pd.DataFrame({"distance": own}, index=inputs.codes)
    if fit.k > 1:
        table["nearest_other_type"] = pd.array(other + 1, dtype="Int64")
        table["nearest_other_distance"] = away[at, other]
    return table
