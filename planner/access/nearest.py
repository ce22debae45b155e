"""How far is each service from each area, and how much is within reach?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from planner.area import StudyArea
from planner.errors import DataError, TravelError
from planner.ledger import Note, note_items
from planner.project import AccessSettings
from planner.services import Jobs, Services, split_by_use
from planner.standards import kind_words
from planner.travel.getting_about import Way
from planner.travel.times import STATUSES, TravelTimes, area_median, within_count

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
    def _blocks(self) -> dict[tuple[str, str], pd.DataFrame]:
        """Split the table by measure and kind: looked up often, split once."""
        return dict(iter(self.table.groupby(["measure", "kind"])))

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
        rows = self._blocks.get((measure, kind), self.table.iloc[:0])
        if threshold is not None:
            rows = rows[np.isclose(rows["threshold"], threshold)]
        if np.array_equal(rows["area_code"], self.codes):
            # The table holds every area in the order of its codes.
            return rows[["value", "status"]].set_axis(self.codes)
        found = rows.set_index("area_code")[["value", "status"]]
        if not found.index.is_unique:
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
    kinds = sorted({*services.kinds, *services.unplaced["kind"], *bundle})
    nearest_by_kind: dict[str, pd.DataFrame] = {}
    rows: list[pd.DataFrame] = []
    notes: list[Note] = []
    for kind in kinds:
        groups = group_offers(services.open_offers(kind), points)
        near = nearest_offer(way, groups, points)
        nearest_by_kind[kind] = near
        rows.append(_minutes_rows(near, points, "minutes_nearest", kind))
        for threshold in sorted(set(settings.within)):
            counts = count_offers(times, groups, points, threshold)
            rows.append(
                _count_rows(counts, near["status"], points, "count_within", kind, threshold)
            )
        notes += _offer_notes(kind, groups, points, services)
    rows.append(_bundle_minutes(nearest_by_kind, points, bundle))
    rows.append(_share_connected(times, points))
    parts = [_described(rows, times)]
    if jobs is not None and way.job_times is not None:
        parts.append(_described(_job_rows(jobs, way.job_times, points, settings), way.job_times))
    return Access(
        table=_as_table(parts),
        codes=area.codes,
        approximate=times.approximate,
        method=times.method,
        notes=tuple(notes),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class OfferGroup:
    """Points whose people may use the same offers: venue → number of offers."""

    points: pd.Index
    offers: pd.Series


def check_times(area: StudyArea, services: Services, times: TravelTimes) -> None:
    """Refuse times that start elsewhere than at the place's points, or lack a venue."""
    if not times.origins.equals(area.place_points.index):
        raise TravelError("Access: travel times do not start at the points of the place.")
    missing = services.venues.index.difference(times.destinations)
    if len(missing):
        raise TravelError(f"Access: travel times lack {len(missing)} venues (first: {missing[0]}).")


def group_offers(offers: pd.DataFrame, points: pd.DataFrame) -> list[OfferGroup]:
    """Split the points by which offers their people may use (``serves``)."""
    return [
        OfferGroup(points=members, offers=usable["venue_id"].value_counts().sort_index())
        for members, usable in split_by_use(offers, points)
    ]


def asked_venues(area: StudyArea, services: Services) -> list[tuple[str, ...]]:
    """Return the sets of venues among which somebody's nearest is looked for, each sorted."""
    points = area.place_points
    asked = {
        tuple(sorted(group.offers.index))
        for kind in services.kinds
        for group in group_offers(services.open_offers(kind), points)
    }
    return sorted(asked - {()})


def nearest_offer(way: Way, groups: list[OfferGroup], points: pd.DataFrame) -> pd.DataFrame:
    """Return ``minutes`` and ``status`` per point to the nearest offer its people may use."""
    anywhere = any(len(group.offers) for group in groups)
    parts: list[pd.DataFrame] = []
    for group in groups:
        if len(group.offers):
            found = way.nearest(group.offers.index).loc[group.points, ["minutes", "status"]]
        else:
            # An offer elsewhere that these people may not use is no way there for them; no
            # offer at all is not known to be far.
            status = way.times.origin_status.loc[group.points].replace(
                "connected", "unreachable" if anywhere else "no_data"
            )
            found = pd.DataFrame({"minutes": np.nan, "status": status})
        parts.append(found)
    return pd.concat(parts).reindex(points.index)


def count_offers(
    times: TravelTimes, groups: list[OfferGroup], points: pd.DataFrame, minutes: float
) -> pd.Series:
    """Return how many offers within some minutes the people of each point may use."""
    parts = [
        within_count(times, group.offers.astype("float64"), minutes).loc[group.points]
        if len(group.offers)
        else pd.Series(0.0, index=group.points)
        for group in groups
    ]
    return pd.concat(parts).reindex(points.index)


def _minutes_rows(
    near: pd.DataFrame, points: pd.DataFrame, measure: Measure, kind: str
) -> pd.DataFrame:
    areas = area_median(near["minutes"], near["status"], points["area_code"], points["weight"])
    return _rows(areas["minutes"], areas["status"], measure, kind)


def _count_rows(
    counts: pd.Series,
    status: pd.Series,
    points: pd.DataFrame,
    measure: Measure,
    kind: str,
    threshold: float,
) -> pd.DataFrame:
    """Turn a number per point into the number that half of each area's people have.

    Points that are not on the network have no number; an area of which more than half is so
    takes the commonest status among them, as minutes do.
    """
    placed = ~status.isin(NOT_KNOWN)
    # As a cost, so that one median serves both: the more within reach, the lower.
    cost = (-counts).where(placed)
    as_status = status.where(~placed, "reached")
    areas = area_median(cost, as_status, points["area_code"], points["weight"])
    # 0.0 - x, not -x: no negative zero.
    return _rows(0.0 - areas["minutes"], areas["status"], measure, kind, threshold)


def _bundle_minutes(
    nearest_by_kind: Mapping[str, pd.DataFrame], points: pd.DataFrame, bundle: Sequence[str]
) -> pd.DataFrame:
    """Per point the slowest of the nearest, with the worst status; then the area's median."""
    minutes = pd.DataFrame({kind: nearest_by_kind[kind]["minutes"] for kind in bundle})
    status = _worst(nearest_by_kind[kind]["status"] for kind in bundle)
    slowest = minutes.max(axis=1).where(status == "reached")
    near = pd.DataFrame({"minutes": slowest, "status": status})
    return _minutes_rows(near, points, "bundle_minutes_slowest", BUNDLE)


def _worst(statuses: Iterable[pd.Series]) -> pd.Series:
    """Return the worst of several statuses: the last in the order of `STATUSES`."""
    order = {status: position for position, status in enumerate(STATUSES)}
    ranks = pd.concat([status.map(order) for status in statuses], axis=1).max(axis=1)
    return ranks.map(dict(enumerate(STATUSES)))


def _job_rows(
    jobs: Jobs, times: TravelTimes, points: pd.DataFrame, settings: AccessSettings
) -> list[pd.DataFrame]:
    weights = jobs.points["jobs"].astype("float64")
    status = times.origin_status.replace("connected", "reached")
    return [
        _count_rows(
            within_count(times, weights, threshold), status, points, "jobs_within", JOBS, threshold
        )
        for threshold in sorted(set(settings.jobs_within))
    ]


def _share_connected(times: TravelTimes, points: pd.DataFrame) -> pd.DataFrame:
    connected = points["weight"].where(times.origin_status == "connected", 0.0)
    share = connected.groupby(points["area_code"]).sum().clip(0.0, 1.0)
    return _rows(share, pd.Series("reached", index=share.index), "share_connected", ALL)


def _rows(
    value: pd.Series,
    status: pd.Series,
    measure: Measure,
    kind: str,
    threshold: float = float("nan"),
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area_code": value.index.astype(str),
            "measure": measure,
            "kind": kind,
            "threshold": float(threshold),
            "value": value.to_numpy(dtype="float64"),
            "status": status.to_numpy(),
        }
    )


def _described(rows: list[pd.DataFrame], times: TravelTimes) -> pd.DataFrame:
    """Join rows, and say by what and when the journeys are."""
    table = pd.concat(rows, ignore_index=True).assign(mode=times.mode, window=times.window)
    return table.assign(percentile=pd.array([times.percentile] * len(table), dtype="Int64"))


def _as_table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat(parts, ignore_index=True)
    table["percentile"] = table["percentile"].astype("Int64")
    order = ["measure", "kind", "threshold", "area_code"]
    return table.sort_values(order, kind="stable", ignore_index=True)[COLUMNS]


def _offer_notes(
    kind: str, groups: list[OfferGroup], points: pd.DataFrame, services: Services
) -> list[Note]:
    if not any(len(group.offers) for group in groups):
        unplaced = int((services.unplaced["kind"] == kind).sum())
        more = f"; {unplaced} in the files could not be placed" if unplaced else ""
        text = f"There is no open {kind_words(kind)} on the map: no data for it{more}."
        return [Note(stage="access", what="kind_without_offer", count=1, text=text, items=(kind,))]
    excluded = [g.points for g in groups if not len(g.offers)]
    if not excluded:
        return []
    codes = tuple(sorted(points.loc[excluded[0], "area_code"].unique()))
    text = (
        f"Areas whose people no open {kind_words(kind)} serves: {len(codes)}. It is shown as "
        "unreachable for them."
    )
    return [note_items("access", "kind_not_for_area", codes, text)]
