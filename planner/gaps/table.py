"""Where do great need and poor access fall together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from planner.access import BUNDLE, Access
from planner.area import StudyArea
from planner.compliance import Compliance, build_people
from planner.errors import DataError
from planner.gaps.judging import JUDGED, hold_bundle, judge
from planner.gaps.reasons import say_bundle, say_kind
from planner.layers import Layers
from planner.ledger import Note, note_items
from planner.need import Need, decile
from planner.travel.times import Mode
from planner.wording import say_ordinal

GapStatus = Literal["gap", "relatively_further", "within_standard", "no_data"]

COLUMNS = [
    *("area_code", "kind", "population", "people_without_car"),
    *JUDGED[:-1],  # the place's middle is told in the reason
    "gap_reason",
]

GAP_STATUS_WORDS: dict[str, str] = {
    "gap": "gap: beyond the standard",
    "relatively_further": "within the standard, but further than the middle area of the place",
    "within_standard": "within the standard",
    "no_data": "no data",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Gaps:
    """Need × access for every area of the place and every kind, the bundle included.

    Parameters
    ----------
    table
        Columns `COLUMNS`, sorted by kind and area code. ``need_percentile`` (need without any
        access domain, 1 = greatest) times ``shortfall_percentile`` (share of areas with data
        that are as near or nearer; 1 = furthest) is ``gap_score``; ``gap_rank`` 1 is the
        largest. ``minutes`` and ``status`` are by the way that gaps go by;
        ``standard_minutes_taken`` by ``standard_way``, the one that the standard is judged by
        (of the bundle: for the kind that breaks its own most). Minutes are NaN where the nearest
        is not reached; areas with no data have no score and come last.
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

    def of(self, kind: str) -> pd.DataFrame:
        """Return the rows of one kind, or of ``bundle``, on area codes."""
        return self._kinds.get(kind, self._none).copy(deep=False)

    @cached_property
    def _kinds(self) -> dict[str, pd.DataFrame]:
        """Split the table by kind: looked up often, split once."""
        parts = self.table.groupby("kind", sort=False)
        return {str(kind): part.set_index("area_code") for kind, part in parts}

    @cached_property
    def _none(self) -> pd.DataFrame:
        return self.table.iloc[:0].set_index("area_code")


def build_gaps(
    area: StudyArea,
    layers: Layers,
    need: Need,
    access: Access,
    compliance: Compliance,
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
        Minutes to the nearest, and the bundle's slowest of the nearest, by the way that gaps go
        by.
    compliance
        Which areas miss which standard, by the standard's own way: those are gaps. The bundle
        breaks its standard where any of its kinds does.
    bundle
        The kinds in the bundle; their order does not matter.

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
    people = build_people(area, layers)
    percentile = need.scores["need_percentile_access_use"].reindex(area.codes)
    held = {kind: to_held(compliance.of(kind)) for kind in compliance.kinds}
    main: Mode = access.table["mode"].iloc[0]
    loose = access.approximate
    tables: list[pd.DataFrame] = []
    for kind in access.kinds:
        table = judge(access.wide("minutes_nearest", kind), held[kind], percentile)
        words = say_kind(table, held[kind], kind, main, compliance.modes[kind], approximate=loose)
        tables.append(_finish(table, kind, words, need, people))
    of_bundle = {kind: held[kind] for kind in sorted(set(bundle))}
    slowest = access.wide("bundle_minutes_slowest")
    table = judge(slowest, hold_bundle(slowest, of_bundle), percentile)
    words = say_bundle(table, of_bundle, main, compliance.modes, approximate=loose)
    tables.append(_finish(table, BUNDLE, words, need, people))
    result = pd.concat(tables, ignore_index=True)
    result = result.sort_values(["kind", "area_code"], ignore_index=True)[COLUMNS]
    return Gaps(table=result, notes=tuple(_notes(result, people)))


def to_held(found: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one kind of `Compliance` as `planner.gaps.judging.judge` takes them."""
    names = {"way": "standard_way", "minutes": "standard_minutes_taken"}
    columns = ["standard_minutes", "standard_way", "standard_minutes_taken", "status", "met"]
    return found.rename(columns=names)[columns]


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
