"""How far do the people of each type have to go, and how many of them are in gaps?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Columns of the table, in order.
OUTCOME_COLUMNS = (
    "type_id",
    "figure",
    "kind",
    "threshold",
    "value",
    "status",
    "people",
    "people_unknown",
)
#: What each figure is, with the unit of its value.
OUTCOME_WORDS = {
    "minutes_median": "minutes within which half of the people have the nearest one",
    "share_within_standard": "share of people whose area keeps to the standard",
    "share_in_gaps": "share of people whose area is a gap",
    "jobs_median": "jobs that at least half of the people have within the time",
}
#: Statuses of journeys that are not known, which is neither near nor far.
_NOT_KNOWN = ("not_connected", "outside_extent", "no_data")
#: Measure of the access table → figure here.
_MEASURES = {
    "minutes_nearest": "minutes_median",
    "bundle_minutes_slowest": "minutes_median",
    "jobs_within": "jobs_median",
}


def build_type_outcomes(
    labels: pd.Series, people: pd.Series, access: pd.DataFrame, gaps: pd.DataFrame
) -> pd.DataFrame:
    """Sum up access and gaps over the people of each type.

    Parameters
    ----------
    labels
        Area → ``type_id``; areas without one are left out.
    people
        Area → population; areas where it is not known have no part in any figure.
    access
        `planner.access.Access.table`.
    gaps
        `planner.gaps.Gaps.table`.

    Returns
    -------
    outcomes
        Columns `OUTCOME_COLUMNS`, one row a type, figure (`OUTCOME_WORDS`), kind (``bundle``
        included) and threshold (NaN where there is none). ``people`` are those of the type,
        ``people_unknown`` those of them whose access is not known; figures are of the others.
        ``status`` is ``reached``; ``not_reached`` where half of the people or more reach none, so
        that the median is infinite and the value NaN; ``no_data`` where nobody's access is known.

    Notes
    -----
    Medians weigh areas by people and count those not reached as infinitely far: the least value
    that half of the people have or better. Where people split exactly in half it is the nearer
    (for jobs, the larger) of the two.
    """
    joined = pd.DataFrame({"type_id": labels, "people": people.reindex(labels.index)}).dropna()
    joined = joined.astype({"type_id": "int64", "people": "float64"})
    own, weights = joined["type_id"].to_numpy(), joined["people"].to_numpy()
    members = [(int(t), own == t) for t in np.unique(own)]
    rows: list[dict[str, object]] = []
    wanted = access[access["measure"].isin(list(_MEASURES))]
    groups = wanted.groupby(["measure", "kind", "threshold"], dropna=False, sort=True)
    for (measure, kind, threshold), table in groups:
        found = table.set_index("area_code")[["value", "status"]].reindex(joined.index)
        status = found["status"].fillna("no_data")
        known = ~status.isin(_NOT_KNOWN).to_numpy(dtype=bool)
        sign = -1.0 if measure == "jobs_within" else 1.0
        value = found["value"].where(status == "reached", sign * np.inf).to_numpy() * sign
        limit = threshold if measure == "jobs_within" else np.nan
        for type_id, inside in members:
            row = _median(value[inside], weights[inside], known[inside], sign)
            rows.append(row | _about(type_id, _MEASURES[measure], kind, limit))
    for kind, table in gaps.groupby("kind", sort=True):
        found = table.set_index("area_code")[["breaches", "gap_status"]].reindex(joined.index)
        known = ~found["gap_status"].fillna("no_data").eq("no_data").to_numpy(dtype=bool)
        gap = found["gap_status"].eq("gap").to_numpy(dtype=bool)
        within = found["breaches"].eq(False).to_numpy(dtype=bool)
        for type_id, inside in members:
            for figure, met in (("share_in_gaps", gap), ("share_within_standard", within)):
                row = _share(met[inside], weights[inside], known[inside])
                rows.append(row | _about(type_id, figure, kind))
    result = pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS))
    return result.sort_values(
        ["type_id", "kind", "figure", "threshold"], kind="stable", ignore_index=True
    )


def _about(
    type_id: int, figure: str, kind: object, threshold: float = float("nan")
) -> dict[str, object]:
    return {"type_id": type_id, "figure": figure, "kind": kind, "threshold": threshold}


def _median(value: Floats, people: Floats, known: Bools, sign: float) -> dict[str, object]:
    """Return the weighted median of a type's people; infinite where not reached."""
    told = _told(people, known)
    seen = known & (people > 0)
    if not seen.any():
        return {"value": np.nan, "status": "no_data", **told}
    order = np.argsort(value[seen], kind="stable")
    reach = people[seen][order].cumsum()
    # Half to the last person: sums of people are not exact.
    middle = value[seen][order][int(np.searchsorted(reach, reach[-1] / 2 * (1 - 1e-12)))]
    if np.isinf(middle):
        return {"value": np.nan, "status": "not_reached", **told}
    return {"value": sign * float(middle), "status": "reached", **told}


def _share(met: Bools, people: Floats, known: Bools) -> dict[str, object]:
    told = _told(people, known)
    total = float(people[known].sum())
    if total == 0:
        return {"value": np.nan, "status": "no_data", **told}
    return {"value": float(people[known & met].sum()) / total, "status": "reached", **told}


def _told(people: Floats, known: Bools) -> dict[str, object]:
    return {"people": float(people.sum()), "people_unknown": float(people[~known].sum())}
