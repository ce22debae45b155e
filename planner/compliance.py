"""Is each standard met, where, and for how many people not?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from planner.access import NOT_KNOWN, Access
from planner.area import StudyArea
from planner.errors import DataError, ProjectError
from planner.layers import Layers
from planner.ledger import Note, note_items
from planner.standards import Standard, kind_words
from planner.travel.getting_about import MODE_WORDS
from planner.travel.times import STATUSES, Mode
from planner.wording import say_few, say_list

Met = Literal["met", "not_met", "not_known"]

COLUMNS = ["area_code", "kind", "way", "minutes", "status", "standard_minutes", "met"]
SUMMARY_COLUMNS = [
    "way",
    "standard_minutes",
    "areas_met",
    "areas_not_met",
    "areas_not_known",
    "people_met",
    "people_not_met",
    "people_not_known",
    "people_without_car_not_met",
]
METS: tuple[Met, ...] = ("met", "not_met", "not_known")

#: Layer that holds the share of households without a car or van.
NO_CAR_LAYER = "no_car"


@dataclass(frozen=True, kw_only=True, eq=False)
class Compliance:
    """Every standard held against every area of the place, by the way the standard is meant for.

    Parameters
    ----------
    table
        Columns `COLUMNS`, sorted by kind and area code. ``way`` is the key of the way it was
        judged by; ``minutes`` are to the nearest, NaN unless ``status`` is ``reached``.
    summary
        On kinds, columns `SUMMARY_COLUMNS`; people without a car are NaN where nothing is known
        of them.
    modes
        Kind → walking, cycling, driving or public transport, as it was judged.
    codes
        The place's area codes.
    notes
        Which standards were judged by another way than they are meant for, and what could not be
        judged.
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    modes: Mapping[str, Mode]
    codes: pd.Index
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != COLUMNS or list(self.summary.columns) != SUMMARY_COLUMNS:
            raise DataError("Compliance: the columns are not as agreed.")
        if not self.table["met"].isin(METS).all():
            raise DataError("Compliance: a standard is met, not met or not known.")
        known = self.table["minutes"].notna()
        if bool((known != (self.table["status"] == "reached")).any()):
            raise DataError("Compliance: minutes and their status disagree.")
        over = known & (self.table["minutes"] > self.table["standard_minutes"])
        if bool((over & (self.table["met"] != "not_met")).any()):
            raise DataError("Compliance: minutes beyond the standard do not meet it.")

    @property
    def kinds(self) -> list[str]:
        """Kinds of service, sorted."""
        return sorted(self.modes)

    @cached_property
    def _kinds(self) -> dict[str, pd.DataFrame]:
        return {
            str(kind): part.set_index("area_code").reindex(self.codes)
            for kind, part in self.table.groupby("kind")
        }

    def of(self, kind: str) -> pd.DataFrame:
        """Return the rows of one kind on the place's area codes.

        Raises
        ------
        DataError
            There is no such kind.
        """
        if kind not in self._kinds:
            raise DataError(f"Compliance: there is no standard for {kind!r}.")
        return self._kinds[kind].copy(deep=False)

    def met(self, kind: str) -> pd.Series:
        """Return ``met``, ``not_met`` or ``not_known`` on the place's area codes."""
        return self.of(kind)["met"]

    def way(self, kind: str) -> str:
        """Return the key of the way that a kind's standard was judged by."""
        return str(self.summary.loc[kind, "way"])

    def minutes(self, kind: str) -> float:
        """Return the minutes of a kind's standard."""
        return float(self.summary.loc[kind, "standard_minutes"])

    def near(self, kind: str) -> pd.DataFrame:
        """Return ``value`` (minutes to the nearest) and ``status``, by the standard's own way.

        An area that nobody can judge is ``no_data``, a journey beyond the longest one searched
        included where the standard is longer still.
        """
        found = self.of(kind)
        unjudged = (found["met"] == "not_known") & ~found["status"].isin(NOT_KNOWN)
        status = found["status"].mask(unjudged, "no_data")
        return pd.DataFrame({"value": found["minutes"], "status": status})

    def out_of_reach(self, kinds: Sequence[str]) -> pd.DataFrame:
        """Return how many of some kinds miss their standards: ``value`` and ``status``.

        Where one of them is not known, the number is not, and ``status`` is the worst of those.
        """
        mets = pd.DataFrame({kind: self.met(kind) for kind in kinds}, index=self.codes)
        order = {status: position for position, status in enumerate(STATUSES)}
        status = pd.DataFrame({kind: self.near(kind)["status"].map(order) for kind in kinds})
        unknown = mets == "not_known"
        worst = status.where(unknown).max(axis=1)
        known = ~unknown.any(axis=1)
        count = (mets == "not_met").sum(axis=1).astype("float64")
        words = worst.map(dict(enumerate(STATUSES))).where(~known, "reached")
        return pd.DataFrame({"value": count.where(known), "status": words})


def build_compliance(
    area: StudyArea,
    layers: Layers,
    access_by: Mapping[str, Access],
    main: str,
    standards: Mapping[str, Standard],
    *,
    cutoffs: Mapping[str, float] | None = None,
) -> Compliance:
    """Hold every kind's standard against the minutes to the nearest, by the standard's own way.

    Parameters
    ----------
    area, layers
        The place; ``no_car`` is used for people without a car where it is known.
    access_by, main
        Access by every way, and the key of the way that gaps go by.
    standards
        One for each kind of the access measures; others are noted.
    cutoffs
        Key of a way → the longest journey that was searched, in minutes.

    Raises
    ------
    ProjectError
        A standard of the project file is longer than the longest journey searched by its way:
        nobody could tell who keeps to it.

    Notes
    -----
    Not reached is not met, unless a published default is longer than what was searched: journeys
    not found are then not known. Areas off the network or without data are not known. People
    without a car are the population times the share of *households* without one.
    """
    people = build_people(area, layers)
    kinds = [kind for kind in access_by[main].kinds if kind in standards]
    ways = {kind: _way_of(standards[kind], access_by, main) for kind in kinds}
    beyond = _beyond(standards, ways, cutoffs or {})
    parts, rows = [], {}
    for kind in kinds:
        near = access_by[ways[kind]].wide("minutes_nearest", kind)
        part = _judge(near, standards[kind].minutes, searched=kind not in beyond)
        parts.append(part.assign(kind=kind, way=ways[kind]).rename_axis("area_code").reset_index())
        rows[kind] = {
            "way": ways[kind],
            "standard_minutes": standards[kind].minutes,
            **_sum_up(part["met"], people),
        }
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    summary = pd.DataFrame.from_dict(rows, orient="index", columns=SUMMARY_COLUMNS)
    return Compliance(
        table=table[COLUMNS],
        summary=summary.rename_axis("kind"),
        modes={kind: _mode(access_by[way]) for kind, way in ways.items()},
        codes=area.codes,
        notes=tuple(_notes(standards, kinds, access_by, ways, main, beyond)),
    )


def build_people(area: StudyArea, layers: Layers) -> pd.DataFrame:
    """Return ``population`` and ``people_without_car`` (NaN where not known) of each area.

    People without a car are the population times the share of households without one.
    """
    population = area.place["population"].astype("float64")
    spec = layers.specs.get(NO_CAR_LAYER)
    if spec is None or spec.kind != "share":
        share = pd.Series(np.nan, index=area.codes)
    else:
        share = layers.values.loc[area.codes, NO_CAR_LAYER]
    return pd.DataFrame({"population": population, "people_without_car": population * share})


def _mode(access: Access) -> Mode:
    mode: Mode = access.table["mode"].iloc[0]
    return mode


def _way_of(standard: Standard, access_by: Mapping[str, Access], main: str) -> str:
    """Return the key of the way a standard is judged by: its own where that is timed."""
    if standard.by == "" or _mode(access_by[main]) == standard.by:
        return main
    timed = [key for key, access in access_by.items() if _mode(access) == standard.by]
    # Of several percentiles the median has the mode's own name.
    return standard.by if standard.by in timed else next(iter(timed), main)


def _beyond(
    standards: Mapping[str, Standard], ways: Mapping[str, str], cutoffs: Mapping[str, float]
) -> dict[str, float]:
    """Return kinds whose standard is longer than what was searched; refuse those chosen here."""
    found = {}
    for kind, way in ways.items():
        standard, cutoff = standards[kind], cutoffs.get(way, np.inf)
        if standard.minutes <= cutoff:
            continue
        if not standard.is_default:
            raise ProjectError(
                f"[standards] {kind}: {standard.minutes:g} minutes are beyond the longest journey "
                f"searched ({way}: {cutoff:g} minutes), so that nobody could tell who keeps to "
                "them.",
                hint="Raise [access] cutoff, give a matrix that goes further, or set less.",
            )
        found[kind] = cutoff
    return found


def _judge(near: pd.DataFrame, limit: float, *, searched: bool) -> pd.DataFrame:
    status = near["status"]
    unknown = status.isin(NOT_KNOWN)
    if not searched:
        unknown |= status == "over_cutoff"
    met = np.select(
        [unknown, (status == "reached") & (near["value"] <= limit)],
        ["not_known", "met"],
        default="not_met",
    )
    return pd.DataFrame(
        {"minutes": near["value"], "status": status, "standard_minutes": limit, "met": met}
    )


def _sum_up(met: pd.Series, people: pd.DataFrame) -> dict[str, float]:
    """Count areas and people that meet the standard, do not, or are not known to."""
    found: dict[str, float] = {}
    for word in METS:
        found[f"areas_{word}"] = int((met == word).sum())
    for word in METS:
        found[f"people_{word}"] = float(people["population"][met == word].sum())
    cars = people["people_without_car"]
    known = bool(cars.notna().any())
    found["people_without_car_not_met"] = (
        float(cars[met == "not_met"].sum()) if known else float("nan")
    )
    return found


def _notes(
    standards: Mapping[str, Standard],
    kinds: Sequence[str],
    access_by: Mapping[str, Access],
    ways: Mapping[str, str],
    main: str,
    beyond: Mapping[str, float],
) -> list[Note]:
    notes = []
    stage = "compliance"
    untimed = [k for k in kinds if standards[k].by not in ("", _mode(access_by[ways[k]]))]
    if untimed:
        meant = say_list(sorted({MODE_WORDS[standards[k].by] for k in untimed}))  # type: ignore[index]
        text = (
            f"Standards meant for journeys {meant}, which are not timed in this project, are "
            f"held against journeys {MODE_WORDS[_mode(access_by[main])]}: "
            f"{say_list([kind_words(k) for k in untimed])}."
        )
        notes.append(note_items(stage, "standard_way_not_timed", untimed, text))
    if beyond:
        text = (
            f"The published standard for {say_list([kind_words(k) for k in beyond])} is longer "
            f"than the longest journey searched ({min(beyond.values()):g} minutes): areas whose "
            "journey was not found are called not known, neither near nor far. Raise [access] "
            "cutoff to judge them."
        )
        notes.append(note_items(stage, "standard_beyond_cutoff", beyond, text))
    unused = [kind for kind in standards if kind not in kinds]
    if unused:
        text = (
            f"Standards for kinds of service that the project does not have: {say_few(unused)}. "
            "They are not used; a kind is written as in [[services]]."
        )
        notes.append(note_items(stage, "standard_without_kind", unused, text))
    return notes
