"""Who can choose among which offers or jobs, how far is each, and for whom is that not known?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.access.supply import Opportunities
from planner.area import StudyArea
from planner.errors import DataError, TravelError
from planner.ledger import Note, note_items
from planner.travel.times import (
    DECISECONDS_PER_MINUTE,
    STATUSES,
    TravelTimes,
    build_shares,
    within_map,
)
from planner.wording import say_few

#: How points become areas, for captions.
OF_AN_AREA = "Of an area, what at least half of its people have."


@dataclass(frozen=True, kw_only=True, eq=False)
class OriginMeasure:
    """One access measure at each origin: a value, or the reason why there is none.

    Parameters
    ----------
    name
        Slug.
    table
        On the origins asked for: ``value`` (NaN unless ``status`` is ``reached``) and
        ``status``.
    unit, method
        In words, for captions; the method with its author and year.
    more_is_better
        False for minutes.
    notes
        What was left out.
    """

    name: str
    table: pd.DataFrame
    unit: str
    method: str
    more_is_better: bool = True
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != ["value", "status"]:
            raise DataError(f"{self.name}: the columns of the table are not as agreed.")
        status = self.table["status"].to_numpy(dtype=object)
        if not set(status.tolist()) <= set(STATUSES):
            raise DataError(f"{self.name}: a status is not one of the known ones.")
        known = ~np.isnan(self.table["value"].to_numpy(dtype=np.float64))
        if not np.array_equal(known, status == "reached"):
            raise DataError(f"{self.name}: a value and its status disagree.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Options:
    """Every way from an origin to an opportunity that its people may use.

    Parameters
    ----------
    origins
        All origins of the times: those who compete included.
    asked
        Origins that measures are wanted of; some may have no times.
    opportunities
        Ids, sizes and where they are; only those with a place on the map, sorted by id.
    origin, opportunity
        Positions, one for each way, sorted by origin.
    deciseconds
        How long each takes.
    status
        On ``origins``: ``reached`` where a sum is known (0 included), else why it is not.
    usable
        On ``origins``: the size of all opportunities on the map that its people may use.
    connected_size
        On ``origins``: of those, on its own piece of the network.
    cutoff_minutes
        Longest journey searched.
    unit, notes
        As in `Opportunities`, with what was left out here.
    """

    origins: pd.Index
    asked: pd.Index
    opportunities: pd.DataFrame
    origin: NDArray[np.int64]
    opportunity: NDArray[np.int64]
    deciseconds: NDArray[np.int64]
    status: pd.Series
    usable: NDArray[np.float64]
    connected_size: NDArray[np.float64]
    cutoff_minutes: float
    unit: str
    notes: tuple[Note, ...] = field(default=())

    @property
    def sizes(self) -> NDArray[np.float64]:
        """Size of each opportunity."""
        return np.asarray(self.opportunities["size"].to_numpy(dtype=np.float64))

    @property
    def minutes(self) -> NDArray[np.float64]:
        """Minutes of each way."""
        return self.deciseconds / DECISECONDS_PER_MINUTE

    def check_limit(self, minutes: float) -> None:
        """Refuse a threshold that journeys were not searched up to."""
        if not 0 <= minutes <= self.cutoff_minutes:
            raise TravelError(
                f"Cannot measure what lies within {minutes:g} minutes: journeys were searched up "
                f"to {self.cutoff_minutes:g}, so that the answer would be too low.",
                hint="Raise the cutoff, or lower the threshold.",
            )

    def check_sizes(self, what: str) -> None:
        """Refuse to go on with opportunities of unknown size, naming them."""
        if not bool(np.isnan(self.sizes).any()):
            return
        unknown = self.opportunities.index[self.opportunities["size"].isna()]
        where = self.opportunities.loc[unknown, "destination"].astype(str).unique().tolist()
        raise DataError(
            f"{what}: the capacity is not known of {len(unknown)} of "
            f"{len(self.opportunities)} offers, at {say_few(where, 10)}.",
            hint="Fill in the column capacity, or say that all capacities count as equal.",
        )

    def on_asked(
        self, values: NDArray[np.float64], status: pd.Series | None = None
    ) -> pd.DataFrame:
        """Return ``value`` and ``status`` on the origins asked for."""
        words = self.status if status is None else status
        known = words.to_numpy(dtype=object) == "reached"
        frame = pd.DataFrame(
            {"value": np.where(known, values, np.nan), "status": words.to_numpy(dtype=object)},
            index=self.origins,
        )
        if self.asked is self.origins or self.asked.equals(self.origins):
            return frame
        found = frame.reindex(self.asked)
        return found.assign(status=found["status"].fillna("no_data").astype(object))


def build_homes(area: StudyArea, *, by: Literal["points", "areas"] = "points") -> pd.DataFrame:
    """Return who lives where: ``area_code``, ``in_place`` and ``people`` of each origin.

    Context areas are among them: their people compete for the same services.
    """
    areas = area.areas
    if by == "areas":
        return pd.DataFrame(
            {
                "area_code": areas.index.astype(str),
                "in_place": areas["in_place"].to_numpy(dtype=bool),
                "people": areas["population"].to_numpy(dtype=np.float64),
            },
            index=areas.index,
        )
    of = areas.loc[area.points["area_code"]]
    weight = area.points["weight"].to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            "area_code": area.points["area_code"].to_numpy(),
            "in_place": of["in_place"].to_numpy(dtype=bool),
            "people": of["population"].to_numpy(dtype=np.float64) * weight,
        },
        index=area.points.index,
    )


def build_options(
    times: TravelTimes,
    opportunities: Opportunities,
    *,
    homes: pd.DataFrame | None = None,
    asked: pd.Index | None = None,
) -> Options:
    """Find every way from an origin to an opportunity that its people may use.

    Parameters
    ----------
    times
        From points or areas (see `planner.travel.times.to_areas`) to at least all destinations.
    opportunities
        What people go to.
    homes
        From `build_homes`, on at least all origins; needed where an offer is not for anyone.
    asked
        Origins that values are wanted of; all by default. One without times is ``no_data``, and
        told.

    Raises
    ------
    TravelError
        A destination is not in ``times``.
    DataError
        Offers are for some people only, and it is not said who lives where.
    """
    table = opportunities.table.sort_index(kind="stable")
    missing = pd.Index(table["destination"]).difference(times.destinations)
    if len(missing):
        raise TravelError(f"No times to {len(missing)} destinations (first: {missing[0]}).")
    at = times.destinations.get_indexer(table["destination"])
    mapped = within_map(times.destination_status.to_numpy())[at]
    notes = [*opportunities.notes, *_unmapped_notes(table, mapped)]
    table, at = table[mapped], at[mapped]
    origin, opportunity, deciseconds = _ways(times, at)
    usable, within, allowed = _eligible(times, table, at, homes)
    if allowed is not None:
        keep = allowed[origin, opportunity]
        origin, opportunity, deciseconds = origin[keep], opportunity[keep], deciseconds[keep]
    asked = times.origins if asked is None else asked
    unknown = asked.difference(times.origins)
    if len(unknown):
        text = f"Origins without any travel times: {len(unknown)}. There is no data for them."
        notes.append(note_items("access", "origin_without_times", unknown, text))
    status = times.origin_status.replace("connected", "reached" if len(table) else "no_data")
    return Options(
        origins=times.origins,
        asked=asked,
        opportunities=table,
        origin=origin,
        opportunity=opportunity,
        deciseconds=deciseconds,
        status=status.astype(object),
        usable=usable,
        connected_size=within,
        cutoff_minutes=times.cutoff_minutes,
        unit=opportunities.unit,
        notes=tuple(notes),
    )


def to_area_values(measure: OriginMeasure, homes: pd.DataFrame) -> OriginMeasure:
    """Return a measure of points as one of areas: what at least half of their people have.

    Parameters
    ----------
    measure
        On points.
    homes
        From `build_homes`, on at least those points.

    Notes
    -----
    The weighted median, as minutes are; a point without a value counts as the worst. For
    catchments, where supply is to add up, turn the times into those of areas first
    (`planner.travel.times.to_areas`) instead.
    """
    areas, value, status = to_areas_values([measure], homes)
    table = pd.DataFrame({"value": value[0], "status": status[0]}, index=areas)
    return replace(measure, table=table, method=f"{measure.method} {OF_AN_AREA}")


def to_areas_values(
    measures: Sequence[OriginMeasure], homes: pd.DataFrame
) -> tuple[pd.Index, NDArray[np.float64], NDArray[np.object_]]:
    """Return areas, and values and statuses (measures × areas) by measures of the same points.

    See `to_area_values`; all are worked out at once, each as if it were of areas of its own.

    Raises
    ------
    DataError
        It is not known where a point is, or the measures are not of the same points.
    """
    tables = [measure.table for measure in measures]
    points = tables[0].index
    lost = points.difference(homes.index)
    if len(lost):
        raise DataError(f"It is not known where {len(lost)} origins are (first: {lost[0]}).")
    if not all(table.index.equals(points) for table in tables):
        raise DataError("Measures: they are not of the same points.")
    of = homes.loc[points]
    shares = build_shares(of["area_code"], _weights(of))
    count, size = len(tables), len(shares.areas)
    sign = np.array([-1.0 if one.more_is_better else 1.0 for one in measures])
    value = np.concatenate([table["value"].to_numpy(dtype=np.float64) for table in tables])
    words = np.concatenate([table["status"].to_numpy(dtype=object) for table in tables])
    median, reasons, _ = shares.repeat(count).median(np.repeat(sign, len(points)) * value, words)
    # 0.0 + x: no negative zero.
    values = 0.0 + sign[:, None] * median.reshape(count, size)
    return shares.areas, values, reasons.reshape(count, size)


def _weights(of: pd.DataFrame) -> pd.Series:
    """Return people as weights; where an area has nobody, its points count alike."""
    total = of.groupby("area_code")["people"].transform("sum")
    return of["people"].where(total > 0, 1.0)


def _ways(
    times: TravelTimes, at: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return origin, opportunity and time of every stored pair, by origin.

    A venue with several offers gives as many ways.
    """
    destination = times.pairs["destination"].to_numpy()
    asked = np.zeros(len(times.destinations), dtype=bool)
    asked[at] = True
    row = np.flatnonzero(asked[destination])
    origin = times.pairs["origin"].to_numpy()[row].astype(np.int64)
    deciseconds = times.pairs["deciseconds"].to_numpy()[row].astype(np.int64)
    order = np.argsort(at, kind="stable")
    count = np.bincount(at, minlength=len(times.destinations))
    begin = np.concatenate([[0], np.cumsum(count)[:-1]])
    ends = destination[row]
    if len(at) == 0 or count.max() == 1:
        return origin, order[begin[ends]] if len(row) else ends.astype(np.int64), deciseconds
    repeat = count[ends]
    first = np.repeat(np.cumsum(repeat) - repeat, repeat)
    step = np.arange(repeat.sum()) - first
    opportunity = order[np.repeat(begin[ends], repeat) + step]
    return np.repeat(origin, repeat), opportunity, np.repeat(deciseconds, repeat)


def _eligible(
    times: TravelTimes,
    table: pd.DataFrame,
    at: NDArray[np.int64],
    homes: pd.DataFrame | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_] | None]:
    """Return what each origin may use, of that on its piece of the network, and the permits.

    Permits (origins × opportunities) are None where all is for anyone.
    """
    size = table["size"].to_numpy(dtype=np.float64)
    piece, pieces = pd.factorize(
        np.concatenate(
            [times.origin_component.to_numpy(), times.destination_component.to_numpy()[at]]
        )
    )
    of_origin, of_end = piece[: len(times.origins)], piece[len(times.origins) :]
    # An origin or venue on no piece at all is on none in common with any other.
    placed = (times.destination_component.to_numpy()[at] >= 0).astype(float)
    if bool((table["serves"] == "anyone").all()):
        by_piece = np.bincount(of_end, weights=size * placed, minlength=len(pieces))
        return np.full(len(times.origins), size.sum()), by_piece[of_origin], None
    allowed = _permits(times, table, homes)
    same = np.zeros(len(times.origins))
    for number in range(len(pieces)):
        rows = of_origin == number
        same[rows] = allowed[rows] @ np.where(of_end == number, size * placed, 0.0)
    return allowed @ size, same, allowed


def _permits(
    times: TravelTimes, table: pd.DataFrame, homes: pd.DataFrame | None
) -> NDArray[np.bool_]:
    """Say which origins' people may use which opportunity (``serves``)."""
    if homes is None:
        only = table.index[table["serves"] != "anyone"]
        raise DataError(
            f"{len(only)} offers are not for anyone (first: {only[0]}), and it is not said who "
            "lives where.",
            hint="Give homes, from build_homes.",
        )
    lost = times.origins.difference(homes.index)
    if len(lost):
        raise DataError(f"It is not known where {len(lost)} origins are (first: {lost[0]}).")
    of = homes.loc[times.origins]
    code, codes = pd.factorize(of["area_code"])
    in_place = of["in_place"].to_numpy(dtype=bool)
    allowed = np.zeros((len(times.origins), len(table)), dtype=bool)
    for words, rows in pd.Series(np.arange(len(table))).groupby(table["serves"].to_numpy()):
        if words == "anyone":
            may = np.ones(len(of), dtype=bool)
        elif words == "place":
            may = in_place
        else:
            may = np.isin(codes, [part.strip() for part in str(words).split(";")])[code]
        allowed[:, rows.to_numpy()] = may[:, None]
    return allowed


def _unmapped_notes(table: pd.DataFrame, mapped: NDArray[np.bool_]) -> list[Note]:
    lost = list(table.index[~mapped])
    text = (
        f"Offers or jobs outside the mapped streets, of which it is not known who reaches them: "
        f"{len(lost)} of {len(table)} places. They are left out."
    )
    return [note_items("access", "opportunity_off_the_map", lost, text)] if lost else []
