"""What was measured for a service by one way of getting about, and at which times of the week?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pandas as pd

from planner.access import BUNDLE, JOBS, METHOD_WORDS
from planner.access.opening import DAYS
from planner.ui import parts, state
from planner.ui.access_parts.said import FAMILIES, family_of, split_time

if TYPE_CHECKING:
    from planner.access import Measure
    from planner.access.measures import AccessMeasures, MeasureName

NEAREST, SLOWEST, OUT_OF_REACH = "minutes_nearest", "bundle_minutes_slowest", "bundle_out_of_reach"
#: Families whose setting is a limit in minutes.
LIMITED = ("count_within", "share_within", "jobs_within")
#: Measures of `planner.access.Access` that are not offered here, or read from elsewhere.
_NOT_SHOWN = ("share_connected", "bundle_kinds_out_of_reach")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One measure that can be chosen.

    ``measure`` is its family, ``setting`` with what it was measured ("" with nothing, minutes, or
    a slug), ``time`` the time of the week ("" in the day), ``key`` its setting where it is kept.
    """

    measure: str
    setting: str
    time: str
    key: str
    title: str
    unit: str
    method: str
    less_is_better: bool
    kept: bool


def build_menu(plan: state.Plan, way: str, kind: str) -> list[Entry]:
    """Return everything that was measured for a kind, in the order it is offered."""
    found = [*_of_access(plan, way, kind), *_of_measures(plan, way, kind)]
    order = {measure: at for at, measure in enumerate(FAMILIES)}
    return sorted(
        found,
        key=lambda one: (_when(one.time), order.get(one.measure, len(order)), _number(one.setting)),
    )


def read_values(plan: state.Plan, way: str, kind: str, entry: Entry) -> pd.DataFrame:
    """Return ``value`` and ``status`` of one measure on the place's area codes."""
    if entry.kept:
        measures = _measures(plan, way)
        assert measures is not None
        return measures.wide(cast("MeasureName", entry.measure), kind, entry.key)
    if entry.measure == OUT_OF_REACH:
        return read_out_of_reach(plan)
    limit = float(entry.setting) if entry.setting else None
    return plan.access_by[way].wide(cast("Measure", entry.measure), kind, limit)


def read_out_of_reach(plan: state.Plan) -> pd.DataFrame:
    """Return how many of the bundle's kinds are beyond their standards, by area."""
    found: pd.DataFrame = plan.compliance.out_of_reach(tuple(plan.project.spec.bundle.kinds))
    return found


def kinds_of(plan: state.Plan) -> dict[str, str]:
    """Return what access can be looked at of: services, the bundle, jobs."""
    table = plan.access.table
    kinds = sorted(table.loc[table["measure"] == NEAREST, "kind"].unique())
    options = parts.kind_options(kinds)
    if BUNDLE in set(table["kind"]):
        # Short: it stands in a narrow box, and the measure beside it says which minutes.
        options = {BUNDLE: "All of the bundle", **options}
    if (table["measure"] == "jobs_within").any():
        options[JOBS] = "Jobs"
    return options


def _of_access(plan: state.Plan, way: str, kind: str) -> list[Entry]:
    table = plan.access_by[way].table
    mine = table[(table["kind"] == kind) & ~table["measure"].isin(_NOT_SHOWN)]
    found = {}
    pairs = mine[["measure", "threshold"]].drop_duplicates()
    for measure, threshold in pairs.itertuples(index=False):
        setting = "" if pd.isna(threshold) else f"{threshold:g}"
        found[measure, setting] = _entry(measure, setting)
    if kind == BUNDLE:
        found[OUT_OF_REACH, ""] = _entry(OUT_OF_REACH, "")
    return list(found.values())


def _entry(measure: str, setting: str) -> Entry:
    family = family_of(measure)
    units = {"minutes": "minutes", "number": "jobs" if measure == "jobs_within" else ""}
    limit = f" The limit is {setting} minutes." if setting else ""
    return Entry(
        measure=measure,
        setting=setting,
        time="",
        key=setting,
        title=family.label.replace("so many", setting or "so many"),
        unit=units.get(family.shape, ""),
        method=f"{METHOD_WORDS}{limit}",
        less_is_better=family.shape == "minutes" or measure == OUT_OF_REACH,
        kept=False,
    )


def _of_measures(plan: state.Plan, way: str, kind: str) -> list[Entry]:
    measures = _measures(plan, way)
    if measures is None:
        return []
    entries = []
    for keys, row in measures.choices(kind).iterrows():
        measure, key = str(keys[0]), str(keys[-1])
        time, setting = split_time(key)
        entries.append(
            Entry(
                measure=measure,
                setting=setting,
                time=time,
                key=key,
                title=str(row["title"]),
                unit=str(row["unit"]),
                method=str(row["method"]),
                less_is_better=row["better"] == "less",
                kept=True,
            )
        )
    return entries


def _measures(plan: state.Plan, way: str) -> AccessMeasures | None:
    found: dict[str, AccessMeasures] = plan.measures_by
    return found.get(way)


def _when(time: str) -> tuple[int, str]:
    """Sort times of the week: in the day first, then from Monday on."""
    return (DAYS.index(time[:2]) if time else -1, time)


def _number(setting: str) -> tuple[float, str]:
    """Sort settings that begin with a number by it, others after them by name."""
    first = setting.partition("-")[0]
    return (float(first) if first.replace(".", "", 1).isdigit() else float("inf"), setting)
