"""How far is each service from each area, and how much is within reach?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.access.reach import (
    Near,
    OfferGroup,
    Reach,
    check_times,
    count_offers,
    group_offers,
    nearest_offer,
    replace_connected,
    slowest_of,
)
from planner.area import StudyArea
from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.project import AccessSettings
from planner.services import Jobs, Services
from planner.standards import kind_words
from planner.travel.getting_about import Way
from planner.travel.times import (
    STATUSES,
    Shares,
    TravelTimes,
    build_shares,
    within_count,
)

Measure = Literal[
    "minutes_nearest",
    "count_within",
    "jobs_within",
    "share_connected",
    "bundle_minutes_slowest",
]

COLUMNS = [
    "area_code",
    "measure",
    "kind",
    "mode",
    "window",
    "percentile",
    "threshold",
    "value",
    "status",
]

#: What ``kind`` holds for measures that are not of one kind of service.
BUNDLE, JOBS, ALL = "bundle", "jobs", ""
_FIXED_KIND = {
    "jobs_within": JOBS,
    "share_connected": ALL,
    "bundle_minutes_slowest": BUNDLE,
}

#: A journey that was looked for and not found is far; these are not known, which is different.
NOT_KNOWN = ("not_connected", "outside_extent", "no_data")

#: Measures without a threshold.
_NONE = float("nan")

#: For captions: how points become areas.
METHOD_WORDS = (
    "Minutes are the population-weighted median over an area's points, points without a way "
    "there counting as infinitely far. Counts of services and jobs are the number that at least "
    "half of the area's people have within the time."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Access:
    """Every access measure of every area of the place, in one long table.

    Parameters
    ----------
    table
        Columns `COLUMNS`, sorted by measure, kind, threshold and area code. ``kind`` is a kind
        of service, ``bundle``, ``jobs`` or "" (share_connected); ``threshold`` is minutes (NaN
        where there is none); ``value`` is NaN unless ``status`` is ``reached``.
    codes
        The place's area codes.
    approximate
        True where times are not from a network; everything shown is watermarked.
    method
        How journeys were timed, in words; how points become areas is `METHOD_WORDS`.
    notes
        Kinds that no open offer stands for, areas that may not use any.
    """

    table: pd.DataFrame
    codes: pd.Index
    approximate: bool
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != COLUMNS:
            raise DataError("Access: the columns of the table are not as agreed.")
        if not self.table["status"].isin(STATUSES).all():
            raise DataError("Access: a status is not one of the known ones.")
        known = self.table["value"].notna()
        if bool((known != (self.table["status"] == "reached")).any()):
            raise DataError("Access: a value and its status disagree.")

    @property
    def kinds(self) -> list[str]:
        """Kinds of service with a row in the table, sorted."""
        rows = self.table["measure"] == "minutes_nearest"
        return sorted(self.table.loc[rows, "kind"].unique())

    @cached_property
    def _looked_up(self) -> dict[tuple[str, str, float | None], pd.DataFrame]:
        return {}

    @cached_property
    def _blocks(self) -> dict[tuple[str, str], slice]:
        """Say where each measure and kind stands in the table: looked up often, split once."""
        keys = list(zip(self.table["measure"].tolist(), self.table["kind"].tolist(), strict=True))
        starts = [at for at, key in enumerate(keys) if at == 0 or key != keys[at - 1]]
        ends = [*starts[1:], len(keys)]
        found = {keys[a]: slice(a, b) for a, b in zip(starts, ends, strict=True)}
        if len(found) < len(starts):
            raise DataError("Access: the rows of a measure and kind do not stand together.")
        return found

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        """The columns that are looked up, as arrays."""
        return {
            "area_code": self.table["area_code"].to_numpy(dtype=object),
            "threshold": self.table["threshold"].to_numpy(dtype=np.float64),
            "value": self.table["value"].to_numpy(dtype=np.float64),
            "status": self.table["status"].to_numpy(dtype=object),
            "codes": self.codes.to_numpy(dtype=object),
        }

    def wide(
        self, measure: Measure, kind: str = "", threshold: float | None = None
    ) -> pd.DataFrame:
        """Return ``value`` and ``status`` of one measure on the place's area codes.

        ``kind`` does not matter for measures that have only one. A measure that is not in the
        table is NaN with status ``no_data`` everywhere.
        """
        key = (measure, _FIXED_KIND.get(measure, kind), threshold)
        if key not in self._looked_up:
            self._looked_up[key] = self._look_up(*key)
        return self._looked_up[key].copy(deep=False)

    def _look_up(self, measure: str, kind: str, threshold: float | None) -> pd.DataFrame:
        block = self._blocks.get((measure, kind), slice(0, 0))
        rows = {name: column[block] for name, column in self._columns.items() if name != "codes"}
        if threshold is not None:
            at = np.isclose(rows["threshold"], threshold)
            rows = {name: column[at] for name, column in rows.items()}
        if np.array_equal(rows["area_code"], self._columns["codes"]):
            # The table holds every area in the order of its codes.
            index = self.codes
        else:
            index = pd.Index(rows["area_code"], dtype="str", name="area_code")
        found = pd.DataFrame(
            {"value": rows["value"], "status": pd.Series(rows["status"], index, dtype="str")},
            index=index,
        )
        if index is self.codes:
            return found
        if not index.is_unique:
            raise DataError(f"Access: {measure} has several thresholds; name one.")
        result = found.reindex(self.codes)
        return result.assign(status=result["status"].fillna("no_data"))


def build_access(
    area: StudyArea,
    services: Services,
    way: Way,
    jobs: Jobs | None,
    settings: AccessSettings,
    bundle: Sequence[str],
) -> Access:
    """Measure access from every area of the place to every kind of service, and to jobs.

    Parameters
    ----------
    area
        The place; its points are the origins.
    services
        Venues and offers. Only open offers that an area's people may use count for it.
    way
        From the place's points to all venues, and to the places of work.
    jobs
        Places of work, or None.
    settings
        Thresholds in minutes.
    bundle
        Kinds one person is typically sent to. None is left out: a kind with no open offer makes
        the bundle ``no_data``.

    Returns
    -------
    access
        One row per area, measure, kind and threshold.

    Raises
    ------
    TravelError
        The times start elsewhere than at the place's points, or lack a venue.

    Notes
    -----
    The number within reach is taken from the better-served half of an area's people, as its
    median minutes are, so that a count of at least one and a nearest within the threshold always
    go together. By timetable the nearest may be another at each minute, so it can be nearer
    than any one venue mostly is.
    """
    times = way.times
    check_times(area, services, times)
    points = area.place_points
    shares = build_shares(points["area_code"], points["weight"])
    kinds = sorted({*services.kinds, *services.unplaced["kind"], *bundle})
    near: dict[str, Near] = {}
    blocks: list[_Block] = []
    notes: list[Note] = []
    for kind in kinds:
        groups = group_offers(services.open_offers(kind), points)
        reach = [Reach(times, group, points) for group in groups]
        near[kind] = nearest_offer(way, reach, points)
        blocks.append(_Block(key=("minutes_nearest", kind, _NONE), of=near[kind], times=times))
        for threshold in sorted(set(settings.within)):
            counts = count_offers(reach, points, threshold)
            key = ("count_within", kind, threshold)
            blocks.append(_Block(key=key, of=near[kind], counts=counts, times=times))
        notes += _offer_notes(kind, groups, points, services)
    slowest = slowest_of([near[kind] for kind in bundle], len(points))
    blocks.append(_Block(key=("bundle_minutes_slowest", BUNDLE, _NONE), of=slowest, times=times))
    if jobs is not None and way.job_times is not None:
        blocks += _job_blocks(jobs, way.job_times, settings)
    return Access(
        table=_as_table(blocks, shares, _share_connected(times, points), times),
        codes=area.codes,
        approximate=times.approximate,
        method=times.method,
        notes=tuple(notes),
    )


def build_departures(
    area: StudyArea, services: Services, ways: Sequence[Way], bundle: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """Return minutes by each of several ways (ways × areas), by kind and for the bundle.

    They are those of `build_access` alone: infinite where the nearest was looked for and not
    reached, NaN where it is not known.
    """
    points = area.place_points
    shares = build_shares(points["area_code"], points["weight"])
    kinds = sorted({*services.kinds, *services.unplaced["kind"], *bundle})
    groups = {kind: group_offers(services.open_offers(kind), points) for kind in kinds}
    found: list[Near] = []
    for way in ways:
        check_times(area, services, way.times)
        near = {
            kind: nearest_offer(way, [Reach(way.times, one, points) for one in of], points)
            for kind, of in groups.items()
        }
        found += [*near.values(), slowest_of([near[kind] for kind in bundle], len(points))]
    if not found:
        return {}
    median, status, _ = shares.repeat(len(found)).median(
        np.concatenate([one.minutes for one in found]),
        np.concatenate([one.status for one in found]),
    )
    minutes = np.where(status == "reached", median, np.inf)
    minutes[np.isin(status, NOT_KNOWN)] = np.nan
    by_way = minutes.reshape(len(ways), len(kinds) + 1, len(shares.areas))
    return {kind: by_way[:, at] for at, kind in enumerate([*kinds, BUNDLE])}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Block:
    """One measure of points, about to be one of areas.

    Without ``counts``, minutes as they are; with, numbers of those points that are on the network.
    """

    key: tuple[str, str, float]
    of: Near
    times: TravelTimes
    counts: NDArray[np.float64] | None = None

    def to_cost(self) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
        """Return what the median is of, and the status of each point.

        Points that are not on the network have no number; an area of which more than half is so
        takes the commonest status among them, as minutes do.
        """
        if self.counts is None:
            return self.of.minutes, self.of.status
        placed = ~np.isin(self.of.status, NOT_KNOWN)
        # As a cost, so that one median serves both: the more within reach, the lower.
        return np.where(placed, -self.counts, np.nan), np.where(placed, "reached", self.of.status)


def _job_blocks(jobs: Jobs, times: TravelTimes, settings: AccessSettings) -> list[_Block]:
    weights = jobs.points["jobs"].astype("float64")
    status = replace_connected(times, "reached")
    of = Near(minutes=np.full(len(status), np.nan), status=status)
    return [
        _Block(
            key=("jobs_within", JOBS, threshold),
            of=of,
            counts=within_count(times, weights, threshold).to_numpy(),
            times=times,
        )
        for threshold in sorted(set(settings.jobs_within))
    ]


def _share_connected(times: TravelTimes, points: pd.DataFrame) -> pd.Series:
    connected = points["weight"].where(times.origin_status == "connected", 0.0)
    return connected.groupby(points["area_code"]).sum().clip(0.0, 1.0)


def _as_table(
    blocks: list[_Block], shares: Shares, connected: pd.Series, times: TravelTimes
) -> pd.DataFrame:
    """Return the long table: each block's median over the points of every area."""
    size = len(shares.areas)
    costs, words = zip(*(block.to_cost() for block in blocks), strict=True)
    median, status, _ = shares.repeat(len(blocks)).median(
        np.concatenate(costs), np.concatenate(words)
    )
    rows = []
    for at, block in enumerate(blocks):
        values = median[at * size : (at + 1) * size]
        # 0.0 - x, not -x: no negative zero.
        values = values if block.counts is None else 0.0 - values
        rows.append((block.key, block.times, values, status[at * size : (at + 1) * size]))
    everywhere = np.full(size, "reached", dtype=object)
    rows.append((("share_connected", ALL, _NONE), times, connected.to_numpy(), everywhere))
    # The threshold that there is none of comes last.
    rows.sort(key=lambda row: (*row[0][:2], np.nan_to_num(row[0][2], nan=np.inf)))
    keys, ways, numbers, reasons = zip(*rows, strict=True)

    def each(values: Sequence[Any]) -> NDArray[Any]:
        return np.repeat(np.array(values, dtype=object), size)

    table = {
        "area_code": np.tile(shares.areas.to_numpy(dtype=object), len(rows)),
        "measure": each([key[0] for key in keys]),
        "kind": each([key[1] for key in keys]),
        "mode": each([way.mode for way in ways]),
        "window": each([way.window for way in ways]),
        "percentile": pd.array([way.percentile for way in ways], dtype="Int64").repeat(size),
        "threshold": np.repeat(np.array([key[2] for key in keys], dtype=np.float64), size),
        "value": np.concatenate(numbers),
        "status": np.concatenate(reasons),
    }
    return pd.DataFrame(table)[COLUMNS]


def _offer_notes(
    kind: str, groups: list[OfferGroup], points: pd.DataFrame, services: Services
) -> list[Note]:
    if not any(group.venues for group in groups):
        unplaced = int((services.unplaced["kind"] == kind).sum())
        more = f"; {unplaced} in the files could not be placed" if unplaced else ""
        text = f"There is no open {kind_words(kind)} on the map: no data for it{more}."
        return [Note(stage="access", what="kind_without_offer", count=1, text=text, items=(kind,))]
    excluded = [g.points for g in groups if not g.venues]
    if not excluded:
        return []
    codes = tuple(sorted(points.loc[excluded[0], "area_code"].unique()))
    text = (
        f"Areas whose people no open {kind_words(kind)} serves: {len(codes)}. It is shown as "
        "unreachable for them."
    )
    return [note_items("access", "kind_not_for_area", codes, text)]
