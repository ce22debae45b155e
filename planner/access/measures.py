"""What else says how good access is: choice, steadiness, nearness, competition, opening times?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from planner.access.decay import Decay
from planner.access.found import MeasureList
from planner.access.nearest import JOBS
from planner.access.open_then import OpenHours, add_open_then
from planner.access.opportunities import (
    build_bands,
    build_gravity,
    build_interval,
    build_kth_nearest,
    build_share_within,
)
from planner.access.options import Options, build_homes, build_options
from planner.access.reach import check_times
from planner.access.shared_out import add_catchments
from planner.access.supply import jobs_of, offers_of
from planner.area import StudyArea
from planner.errors import DataError
from planner.ledger import Note
from planner.project import MeasureSettings
from planner.services import Jobs, Services
from planner.standards import Standard, kind_words
from planner.travel.getting_about import MEDIAN, Way
from planner.travel.times import STATUSES, TravelTimes

MeasureName = Literal[
    "minutes_kth",
    "share_within",
    "interval",
    "gravity",
    "catchment",
    "jobs_band",
    "minutes_open",
    "count_open",
]

MEASURE_COLUMNS = ["area_code", "measure", "kind", "setting", "value", "status"]
DESCRIBED_COLUMNS = ["title", "unit", "method", "better"]
_KEY = ["measure", "kind", "setting"]


@dataclass(frozen=True, kw_only=True, eq=False)
class AccessMeasures:
    """The further access measures of every area of the place, by one way of getting about.

    Parameters
    ----------
    table
        Columns `MEASURE_COLUMNS`, sorted by measure, kind, setting and area code. ``setting`` says
        with what (``2``, ``30``, ``20-40``, ``gaussian``, ``Sa 10:00-13:00``); ``value`` is NaN
        unless ``status`` is ``reached``.
    described
        On ``measure``, ``kind`` and ``setting``: ``title``, ``unit``, ``method`` in words, and
        whether ``less`` or ``more`` is ``better``.
    codes
        The place's area codes.
    notes
        What is asked for, was left out or taken as stated.
    """

    table: pd.DataFrame
    described: pd.DataFrame
    codes: pd.Index
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != MEASURE_COLUMNS:
            raise DataError("Access measures: the columns of the table are not as agreed.")
        described = self.described
        if list(described.columns) != DESCRIBED_COLUMNS or list(described.index.names) != _KEY:
            raise DataError("Access measures: what describes them is not as agreed.")
        if not described.index.is_unique or len(self.table) != len(described) * len(self.codes):
            raise DataError("Access measures: a measure is not there once for each area.")
        if not self.table["status"].isin(STATUSES).all():
            raise DataError("Access measures: a status is not one of the known ones.")
        known = self.table["value"].notna()
        if bool((known != (self.table["status"] == "reached")).any()):
            raise DataError("Access measures: a value and its status disagree.")

    @cached_property
    def _blocks(self) -> dict[tuple[str, str, str], int]:
        """Where each measure stands in the table: they are of equal length, in one order."""
        return {key: at for at, key in enumerate(self.described.index)}

    def wide(self, measure: MeasureName, kind: str, setting: str = "") -> pd.DataFrame:
        """Return ``value`` and ``status`` of one measure on the place's area codes.

        Without a setting, that of the only one there is. A measure that is not there is NaN with
        status ``no_data`` everywhere.

        Raises
        ------
        DataError
            There are several settings, and none is named.
        """
        found = [
            key for key in self._blocks if key[:2] == (measure, kind) and setting in ("", key[2])
        ]
        if len(found) > 1:
            raise DataError(f"Access measures: {measure} has several settings; name one.")
        if not found:
            return pd.DataFrame({"value": np.nan, "status": "no_data"}, index=self.codes)
        first = self._blocks[found[0]] * len(self.codes)
        rows = self.table.iloc[first : first + len(self.codes)]
        return rows.set_index("area_code")[["value", "status"]].reindex(self.codes)

    def choices(self, kind: str) -> pd.DataFrame:
        """Return the rows of ``described`` of one kind of service, or of jobs."""
        return self.described[self.described.index.get_level_values("kind") == kind]


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasureRules:
    """With what the measures are taken.

    Parameters
    ----------
    settings
        The section ``[measures]``.
    within, jobs_within
        Thresholds in minutes of the shares within reach.
    standards
        Kind → the minutes within which services that are open then are counted.
    decay
        The function of minutes that nearness counts by, or None.
    kinds
        Kinds that are measured though nothing in the files offers them.
    """

    settings: MeasureSettings
    within: Sequence[float]
    jobs_within: Sequence[float]
    standards: Mapping[str, Standard]
    decay: Decay | None = None
    kinds: Sequence[str] = ()


def build_access_measures(
    area: StudyArea,
    services: Services,
    jobs: Jobs | None,
    way: Way,
    rules: MeasureRules,
    *,
    competing: TravelTimes | None = None,
    open_hours: Mapping[str, OpenHours] | None = None,
) -> AccessMeasures:
    """Take every measure that the project asks for, by one way of getting about.

    Parameters
    ----------
    area
        The place; its points are the origins of ``way``.
    services
        Venues and offers. Only open offers that an area's people may use count for it.
    jobs
        Places of work, or None.
    way
        From the place's points to all venues, and to the places of work.
    rules
        What is asked for.
    competing
        Times from the points of the place and of the context areas, whose people compete, too;
        None: those of ``way``, so that only the place's own people do.
    open_hours
        By the words of ``at``: journeys at those hours. Where there are none, those of ``way``.

    Raises
    ------
    TravelError
        The times start elsewhere than at the place's points, or lack a venue.

    Notes
    -----
    Measures are of points first, and of an area what at least half of its people have; catchments
    are of areas at once, so that supply adds up. By timetable they rest on the time to each venue
    by itself, for which another one may stand in at another minute.
    """
    check_times(area, services, way.times)
    homes = build_homes(area)
    found = MeasureList(codes=area.codes, homes=homes, more=_by_timetable(way))
    kinds = sorted({*services.kinds, *services.unplaced["kind"], *rules.kinds})
    for kind in kinds:
        offers = offers_of(services, kind)
        offers = replace(offers, unit=kind_words(kind, plural=True))
        options = build_options(way.times, offers, homes=homes)
        _add_choice(found, kind, options, rules)
        _add_sums(found, kind, options, rules, rules.within)
    if jobs is not None and way.job_times is not None:
        options = build_options(way.job_times, jobs_of(jobs), homes=homes)
        _add_sums(found, JOBS, options, rules, rules.jobs_within)
        _add_bands(found, options, rules.settings.jobs_bands)
    add_catchments(found, area, services, competing or way.times, rules.settings, kinds)
    add_open_then(
        found, area, services, way, rules.settings, rules.standards, kinds, open_hours or {}
    )
    table, described = found.tables()
    return AccessMeasures(
        table=table, described=described, codes=area.codes, notes=found.all_notes()
    )


def _by_timetable(way: Way) -> str:
    """Say what a measure that rests on times to single venues means by timetable."""
    if way.percentile is None:
        return ""
    which = "median" if way.percentile == MEDIAN else f"{way.percentile}th percentile"
    return (
        f"By timetable, the {which} of the time to each place by itself counts; that another one "
        "may be nearer at some minutes is not looked at."
    )


def _add_choice(found: MeasureList, kind: str, options: Options, rules: MeasureRules) -> None:
    """Add the minutes until people can choose among so many."""
    many = kind_words(kind, plural=True)
    for k in rules.settings.kth:
        found.add(
            ("minutes_kth", kind, f"{k}"),
            f"Minutes until {k} {many} are within reach"
            if k > 1
            else f"Minutes to the nearest of all {many}",
            partial(build_kth_nearest, options, k),
        )


def _add_sums(
    found: MeasureList, kind: str, options: Options, rules: MeasureRules, within: Sequence[float]
) -> None:
    """Add the share within reach, the mean over an interval and the gravity measure."""
    many = "jobs" if kind == JOBS else kind_words(kind, plural=True)
    for minutes in sorted(set(within)):
        found.add(
            ("share_within", kind, f"{minutes:g}"),
            f"Share of all {many} within {minutes:g} minutes",
            partial(build_share_within, options, minutes),
            needs=(minutes, options.cutoff_minutes),
        )
    if rules.settings.interval:
        first, last = rules.settings.interval
        found.add(
            ("interval", kind, f"{first}-{last}"),
            f"{many[:1].upper()}{many[1:]} within {first} to {last} minutes, on average",
            partial(build_interval, options, first, last),
            needs=(last, options.cutoff_minutes),
        )
    decay = rules.decay
    if decay is not None:
        found.add(
            ("gravity", kind, decay.shape),
            f"{many[:1].upper()}{many[1:]}, counting less the further they are",
            partial(build_gravity, options, decay),
        )


def _add_bands(found: MeasureList, options: Options, edges: Sequence[float]) -> None:
    """Add the jobs in each band of minutes."""
    searched = options.cutoff_minutes
    reached = [edge for edge in edges if edge <= searched]
    bands = iter(build_bands(options, reached) if reached else ())
    for lower, edge in pairwise([0.0, *edges]):
        key = ("jobs_band", JOBS, f"{lower:g}-{edge:g}")
        title = f"Jobs {lower:g} to {edge:g} minutes away"
        if edge > searched:
            found.fall_short(key, title, (edge, searched))
        else:
            found.take(key, title, next(bands))
