"""Where do great need and poor access fall together, and why is each such area a gap?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from planner.access import BUNDLE, NOT_KNOWN, Access
from planner.area import StudyArea
from planner.errors import DataError
from planner.layers import Layers
from planner.ledger import Note, note_items
from planner.need import Need, decile, rank_areas
from planner.standards import Standard, build_standards, kind_words
from planner.travel.getting_about import MODE_WORDS
from planner.travel.times import STATUS_WORDS
from planner.wording import say_list, say_ordinal

GapStatus = Literal["gap", "relatively_further", "within_standard", "no_data"]

COLUMNS = [
    "area_code",
    "kind",
    "population",
    "people_without_car",
    "minutes",
    "status",
    "standard_minutes",
    "breaches",
    "need_percentile",
    "shortfall_percentile",
    "gap_score",
    "gap_rank",
    "gap_status",
    "gap_reason",
]

GAP_STATUS_WORDS: dict[str, str] = {
    "gap": "gap: beyond the standard",
    "relatively_further": "within the standard, but further than the middle area of the place",
    "within_standard": "within the standard",
    "no_data": "no data",
}

#: Layer that holds the share of households without a car or van.
NO_CAR_LAYER = "no_car"


@dataclass(frozen=True, kw_only=True, eq=False)
class Gaps:
    """Need × access for every area of the place and every kind, the bundle included.

    Parameters
    ----------
    table
        Columns `COLUMNS`, sorted by kind and area code. ``need_percentile`` (need without any
        access domain, 1 = greatest) times ``shortfall_percentile`` (share of areas with data
        that are as near or nearer; 1 = furthest) is ``gap_score``; ``gap_rank`` 1 is the
        largest. ``minutes`` are NaN where the nearest is not reached; areas with no data have
        no score and come last.
    notes
        What could not be judged, and what the figures rest on.
    """

    table: pd.DataFrame
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != COLUMNS:
            raise DataError("Gaps: the columns of the table are not as agreed.")
        if bool(self.table.duplicated(["area_code", "kind"]).any()):
            raise DataError("Gaps: an area stands twice for one kind.")
        if bool((self.table["breaches"] != (self.table["gap_status"] == "gap")).any()):
            raise DataError("Gaps: an area is a gap where, and only where, it breaks a standard.")


def build_gaps(
    area: StudyArea,
    layers: Layers,
    need: Need,
    access: Access,
    standards: Mapping[str, Standard],
    bundle: Sequence[str],
) -> Gaps:
    """Set need against access, kind by kind and for the bundle as a whole.

    Parameters
    ----------
    area
        The place, with its populations.
    layers
        ``no_car`` is used for people without a car where it is known.
    need
        Its access-use percentile is used, so that access is not counted twice.
    access
        Minutes to the nearest, and the bundle's slowest of the nearest.
    standards
        Kind → minutes beyond which an area is a gap. The bundle breaks its standard where any
        of its kinds does.
    bundle
        The kinds in the bundle.

    Returns
    -------
    gaps
        One row an area and kind, kind ``bundle`` included.

    Notes
    -----
    Not reached (too far, or no route) counts as the furthest, all such areas alike; areas off
    the network or without data are neither near nor far and are left out of the percentiles.
    An area that keeps to the standard is ``relatively_further`` where its minutes are above
    those of the middle area of the place. People without a car are the population times the
    share of *households* without one, since the census counts cars by household.
    """
    codes = area.codes
    rules = {**build_standards({}, access.kinds), **standards}
    near = {kind: access.wide("minutes_nearest", kind) for kind in access.kinds}
    people = _people(area, layers)
    tables: list[pd.DataFrame] = []
    for kind in access.kinds:
        limit = pd.Series(rules[kind].minutes, index=codes)
        table = _judge(near[kind], limit, _breaches(near[kind], rules[kind]), need)
        words = _kind_reasons(table, kind, access)
        tables.append(_finish(table, kind, words, need, people))
    slowest = access.wide("bundle_minutes_slowest")
    excess = _excess(near, rules, bundle)
    known = ~slowest["status"].isin(NOT_KNOWN)
    # Each kind may be reached by half of an area's people, and the whole of it by fewer.
    breaches = (excess > 0).any(axis=1) | (slowest["status"] != "reached")
    limit = excess.idxmax(axis=1).map({kind: rules[kind].minutes for kind in bundle})
    table = _judge(slowest, limit.astype("float64"), breaches & known, need)
    words = _bundle_reasons(table, near, excess, rules, access)
    tables.append(_finish(table, BUNDLE, words, need, people))
    result = pd.concat(tables, ignore_index=True)
    result = result.sort_values(["kind", "area_code"], ignore_index=True)[COLUMNS]
    return Gaps(table=result, notes=tuple(_notes(result, people)))


def _people(area: StudyArea, layers: Layers) -> pd.DataFrame:
    population = area.place["population"].astype("float64")
    spec = layers.specs.get(NO_CAR_LAYER)
    if spec is None or spec.kind != "share":
        share = pd.Series(np.nan, index=area.codes)
    else:
        share = layers.values.loc[area.codes, NO_CAR_LAYER]
    return pd.DataFrame({"population": population, "people_without_car": population * share})


def _breaches(near: pd.DataFrame, standard: Standard) -> pd.Series:
    not_found = ~near["status"].isin(["reached", *NOT_KNOWN])
    return (near["value"] > standard.minutes) | not_found


def _excess(
    near: Mapping[str, pd.DataFrame], rules: Mapping[str, Standard], bundle: Sequence[str]
) -> pd.DataFrame:
    """Return minutes beyond each kind's standard: infinite not reached, −infinite not known."""
    columns = {}
    for kind in bundle:
        status = near[kind]["status"]
        over = near[kind]["value"] - rules[kind].minutes
        over = over.where(status == "reached", np.inf)
        columns[kind] = over.where(~status.isin(NOT_KNOWN), -np.inf)
    return pd.DataFrame(columns)


def _judge(near: pd.DataFrame, limit: pd.Series, breaches: pd.Series, need: Need) -> pd.DataFrame:
    """Score and rank one kind; on the place's area codes."""
    status = near["status"]
    known = ~status.isin(NOT_KNOWN)
    distance = near["value"].where(status == "reached", np.inf).where(known)
    # Ties take the highest place among them: everyone not reached is the furthest.
    shortfall = distance.rank(method="max") / max(int(known.sum()), 1)
    percentile = need.scores["need_percentile_access_use"].reindex(near.index)
    score = percentile * shortfall
    middle = _middle(distance)
    words = np.select(
        [~known, breaches, distance > middle],
        ["no_data", "gap", "relatively_further"],
        default="within_standard",
    )
    return pd.DataFrame(
        {
            "minutes": near["value"],
            "status": status,
            "standard_minutes": limit,
            "breaches": breaches & known,
            "need_percentile": percentile,
            "shortfall_percentile": shortfall,
            "gap_score": score,
            "gap_rank": rank_areas(score),
            "gap_status": words,
            "middle": middle,
        }
    )


def _middle(distance: pd.Series) -> float:
    """Return the lower median over areas with data; infinite if most are not reached."""
    known = np.sort(distance.dropna().to_numpy())
    return float(known[(len(known) - 1) // 2]) if len(known) else float("nan")


def _finish(
    table: pd.DataFrame, kind: str, words: pd.Series, need: Need, people: pd.DataFrame
) -> pd.DataFrame:
    tenths = decile(need.scores["need_rank_access_use"], len(need.scores)).reindex(table.index)
    score = need.scores["need_score_access_use"].reindex(table.index)
    first = [
        "Need not known" if np.isnan(value) else f"In the {say_ordinal(int(tenth))} tenth of need"
        for tenth, value in zip(tenths, score, strict=True)
    ]
    reasons = pd.Series(first, index=table.index) + "; " + words + "."
    joined = table.drop(columns="middle").join(people).assign(kind=kind, gap_reason=reasons)
    return joined.rename_axis("area_code").reset_index()


def _kind_reasons(table: pd.DataFrame, kind: str, access: Access) -> pd.Series:
    name, journeys = kind_words(kind), _journeys(table, access)
    reasons = []
    for row, journey in zip(table.itertuples(), journeys, strict=True):
        if row.gap_status == "no_data":
            reasons.append(f"{_unknown_words(row.status, [name])}, so not ranked as near or far")
            continue
        limit = f"standard {_minutes(row.standard_minutes)}"
        reasons.append(f"nearest {name} {journey}, {limit}, {_middle_words(row.middle)}")
    return pd.Series(reasons, index=table.index)


def _bundle_reasons(
    table: pd.DataFrame,
    near: Mapping[str, pd.DataFrame],
    excess: pd.DataFrame,
    rules: Mapping[str, Standard],
    access: Access,
) -> pd.Series:
    kinds = list(excess.columns)
    far = {kind: _far_words(near[kind], excess[kind], kind, rules[kind]) for kind in kinds}
    blank = {kind: (near[kind]["status"] == "no_data").tolist() for kind in kinds}
    journeys = _journeys(table, access)
    reasons = []
    for i, row in enumerate(table.itertuples()):
        if row.gap_status == "no_data":
            unknown = [kind_words(kind) for kind in kinds if blank[kind][i]]
            words = _unknown_words(row.status, unknown)
            reasons.append(f"{words}, so the bundle is not ranked as near or far")
            continue
        described = [far[kind][i] for kind in kinds if far[kind][i]]
        if described:
            reach = (
                f"{_share_words(len(described), len(kinds))} out of reach: {say_list(described)}"
            )
        elif row.breaches:
            reach = "each service is reached by half of the people, all of them by fewer"
        else:
            reach = _all_within(len(kinds))
        middle = _middle_words(row.middle)
        reasons.append(f"slowest of the nearest {journeys[i]}, {middle}; {reach}")
    return pd.Series(reasons, index=table.index)


def _far_words(near: pd.DataFrame, excess: pd.Series, kind: str, standard: Standard) -> list[str]:
    """Say, for each area in which a kind is out of reach, by how much; "" elsewhere."""
    name, limit = kind_words(kind), f"standard {_minutes(standard.minutes)}"
    words = []
    for minutes, status, over in zip(near["value"], near["status"], excess, strict=True):
        if over <= 0:
            words.append("")
        elif status == "reached":
            words.append(f"{name} ({_minutes(minutes, beside=standard.minutes)} min, {limit})")
        else:
            words.append(f"{name} ({STATUS_WORDS[status]}, {limit})")
    return words


def _unknown_words(status: str, names: Sequence[str]) -> str:
    if status == "no_data" and names:
        return f"no data for {say_list(names)}"
    return STATUS_WORDS[status]


def _share_words(number: int, total: int) -> str:
    """Say how many of the bundle's services: ``2 of 5``, ``both``, ``all 5``."""
    if number < total:
        return f"{number} of {total}"
    return {1: "the only service", 2: "both services"}.get(total, f"all {total} services")


def _all_within(total: int) -> str:
    if total == 1:
        return "the only service is within its standard"
    return f"{_share_words(total, total)} within their standards"


def _journeys(table: pd.DataFrame, access: Access) -> list[str]:
    """Say, for each area, how long the way is, or that there is none."""
    how = MODE_WORDS[access.table["mode"].iloc[0]]
    about = "about " if access.approximate else ""
    columns = zip(table["minutes"], table["status"], table["standard_minutes"], strict=True)
    return [
        f"{about}{_minutes(minutes, beside=limit)} min {how}"
        if status == "reached"
        else f"not reached ({STATUS_WORDS[status]})"
        for minutes, status, limit in columns
    ]


def _middle_words(middle: float) -> str:
    if np.isinf(middle):
        return "place median not reached"
    return f"place median {_minutes(middle)}"


def _minutes(value: float, *, beside: float | None = None) -> str:
    """Round to whole minutes, finer where that would hide on which side of ``beside`` it lies."""
    for decimals in (0, 1, 2):
        text = f"{value:.{decimals}f}"
        if beside is None or value == beside or float(text) != round(beside, decimals):
            return text
    return text


def _notes(table: pd.DataFrame, people: pd.DataFrame) -> list[Note]:
    notes: list[Note] = []
    without = table[(table["kind"] == BUNDLE) & (table["gap_status"] == "no_data")]
    if len(without):
        codes = tuple(without["area_code"])
        text = (
            "Areas without minutes for the bundle (off the mapped streets, or no data): "
            f"{len(codes)}. They are ranked last and called neither near nor far."
        )
        notes.append(note_items("gaps", "gap_no_data", codes, text))
    cars = people["people_without_car"]
    unknown = tuple(people.index[cars.isna()])
    if len(unknown) < len(people):
        text = (
            "People without a car: population times the share of households without a car or "
            "van, as if households with and without were of one size."
        )
        notes.append(
            Note(stage="gaps", what="people_from_households", count=len(people), text=text)
        )
    if unknown:
        text = f"Areas where people without a car are not known: {len(unknown)}."
        notes.append(note_items("gaps", "people_without_car_unknown", unknown, text))
    return notes
