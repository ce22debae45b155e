"""Which vehicles stop where and when on one day? `Timetable`: arrays that a search can use."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import TravelError
from planner.ledger import Note

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Text = NDArray[Any]

#: A timetable knows the vehicles that are under way from midnight on its day to this long after:
#: those of the day before that run past midnight and the first ones of the day after included.
HORIZON_SECONDS = 30 * 3600

#: In ``transfer_seconds``: changing here is not possible.
IMPOSSIBLE = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class Timetable:
    """All vehicles under way on one day, grouped into patterns that nobody overtakes in.

    Times are seconds after midnight at the start of ``date`` (below 0: the day before).

    Parameters
    ----------
    date
        The day that is looked at.
    stop_id, stop_x, stop_y
        The stops that are served (EPSG:27700; NaN: no position).
    stop_station
        int32 label of the station a stop belongs to; -1: none.
    stop_wheelchair, trip_wheelchair
        1: accessible, 2: not, 0: not stated.
    pattern_start, pattern_stop
        Pattern ``p`` calls at the stops ``pattern_stop[pattern_start[p]:pattern_start[p + 1]]``.
    pattern_pickup, pattern_drop_off
        Whether people may get on and off there, in the same order.
    pattern_trip
        Trips of pattern ``p`` are ``pattern_trip[p]`` to ``pattern_trip[p + 1]``, the earlier
        first; no trip of a pattern is anywhere before one that stands ahead of it.
    trip_id
        The feed's own id; the departures of a trip by headway share one.
    arrival, departure
        int32 seconds, the calls of one trip after another, in the order of trips.
    transfer_from, transfer_to, transfer_seconds
        What the feed says of changing between two stops (or at one stop: from and to are
        equal): at least so many seconds, or `IMPOSSIBLE`.
    stop_name
        The stops' names, "" for none; of length 0 where nobody knows them.
    trip_route, route_name, route_type
        For each trip a position in the other two: what the route is called ("30", "" for none)
        and its kind of vehicle in the numbers of GTFS (3: bus, 2: rail; -1: not stated).
        Length 0 where nobody knows them.
    trip_headsign
        Where each trip says it goes, "" for none; of length 0 where nobody knows.
    notes
        What was left out, repaired or expanded.
    """

    date: dt.date
    stop_id: Text
    stop_x: Float64
    stop_y: Float64
    stop_station: Int32
    stop_wheelchair: Int8
    pattern_start: Int64
    pattern_stop: Int32
    pattern_pickup: Bool
    pattern_drop_off: Bool
    pattern_trip: Int64
    trip_id: Text
    trip_wheelchair: Int8
    arrival: Int32
    departure: Int32
    transfer_from: Int32
    transfer_to: Int32
    transfer_seconds: Int32
    stop_name: Text = field(default_factory=lambda: np.zeros(0, object))
    trip_route: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    route_name: Text = field(default_factory=lambda: np.zeros(0, object))
    route_type: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    trip_headsign: Text = field(default_factory=lambda: np.zeros(0, object))
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        stops, trips = len(self.stop_id), len(self.trip_id)
        wrong = {len(a) - stops for a in (self.stop_x, self.stop_y)}
        wrong |= {len(self.stop_station) - stops, len(self.stop_wheelchair) - stops}
        wrong |= {len(self.trip_wheelchair) - trips}
        wrong |= {len(self.pattern_start) - len(self.pattern_trip)}
        wrong |= {len(self.pattern_stop) - int(self.pattern_start[-1])}
        wrong |= {len(self.pattern_pickup) - len(self.pattern_stop)}
        wrong |= {len(self.pattern_drop_off) - len(self.pattern_stop)}
        wrong |= {int(self.pattern_trip[-1]) - trips, len(self.departure) - len(self.arrival)}
        wrong |= {int(self.trip_start[-1]) - len(self.arrival)}
        if wrong != {0}:
            raise TravelError("Timetable: its arrays differ in length.")
        self._check_names()
        if bool((np.diff(self.pattern_start) < 2).any()):
            raise TravelError("Timetable: a pattern has fewer than two stops.")
        called = self.pattern_stop
        if called.min(initial=0) < 0 or called.max(initial=-1) >= stops:
            raise TravelError("Timetable: a pattern calls at a stop that does not exist.")
        first, last = np.zeros(len(self.arrival), bool), np.zeros(len(self.arrival), bool)
        first[self.trip_start[:-1]], last[self.trip_start[1:] - 1] = True, True
        if bool((self.departure < self.arrival)[~last & ~first].any()) or bool(
            (self.arrival[~first] < self.departure[~last]).any()
        ):
            raise TravelError("Timetable: a trip arrives before it has left.")
        length = np.diff(self.pattern_start)
        each = np.repeat(length, np.diff(self.pattern_trip))
        leads = np.zeros(trips, bool)
        leads[self.pattern_trip[:-1][np.diff(self.pattern_trip) > 0]] = True
        follows = np.flatnonzero(np.repeat(~leads, each))
        ahead = follows - np.repeat(each, each)[follows]
        for times in (self.arrival, self.departure):
            if bool((times[follows] < times[ahead]).any()):
                raise TravelError("Timetable: a trip overtakes another of its pattern.")

    def _check_names(self) -> None:
        stops, trips = (0, len(self.stop_id)), (0, len(self.trip_id))
        known = len(self.stop_name) in stops and len(self.trip_headsign) in trips
        known &= len(self.trip_route) in trips and len(self.route_name) == len(self.route_type)
        if not known:
            raise TravelError("Timetable: its names differ in length from what they name.")
        if len(self.trip_route) and not (
            self.trip_route.min() >= 0 and self.trip_route.max() < len(self.route_name)
        ):
            raise TravelError("Timetable: a trip is of a route that does not exist.")

    @property
    def trip_start(self) -> Int64:
        """Where the calls of each trip begin, and where those of the last one end."""
        calls = np.repeat(np.diff(self.pattern_start), np.diff(self.pattern_trip))
        return np.concatenate([[0], np.cumsum(calls)]).astype(np.int64)


def build_timetable(
    *,
    date: dt.date,
    stops: pd.DataFrame,
    trips: pd.DataFrame,
    calls: pd.DataFrame,
    transfers: pd.DataFrame | None = None,
    notes: tuple[Note, ...] = (),
) -> Timetable:
    """Group trips into patterns, and keep the stops that are served.

    Parameters
    ----------
    date
        The day that is looked at.
    stops
        On stop ids: ``name``, ``x``, ``y``, ``station`` (id, "" for none), ``wheelchair``.
    trips
        One row a trip: ``trip_id``, ``wheelchair``; and, where known, ``route`` (what it is
        called), ``route_type`` and ``headsign``.
    calls
        One row a call, in the order of trips and along each: ``trip`` and ``stop`` (row numbers
        in the two tables above), ``arrival``, ``departure`` (seconds), ``pickup``, ``drop_off``
        (bool). Every trip has at least two.
    transfers
        ``from`` and ``to`` (row numbers of stops) and ``seconds`` (or `IMPOSSIBLE`), no pair
        twice.
    notes
        What happened before.

    Notes
    -----
    Trips share a pattern if they call at the same stops in the same order, with the same stops
    closed for getting on and off, and none overtakes another: in the order of their times, each
    joins the first pattern whose last trip is nowhere later.
    """
    served, stop = np.unique(calls["stop"].to_numpy(np.int64), return_inverse=True)
    pickup, drop_off = calls["pickup"].to_numpy(bool), calls["drop_off"].to_numpy(bool)
    arrival = calls["arrival"].to_numpy(np.int32)
    departure = calls["departure"].to_numpy(np.int32)
    start = np.searchsorted(calls["trip"].to_numpy(), np.arange(len(trips) + 1))
    if len(trips) and int(np.diff(start).min()) < 2:
        raise TravelError("Timetable: a trip stops fewer than twice.")
    # Which stops, and what may be done there, in one number each.
    shape = (stop * 4 + pickup * 2 + drop_off).astype(np.int64)
    groups: dict[bytes, list[int]] = {}
    for trip in range(len(trips)):
        groups.setdefault(shape[start[trip] : start[trip + 1]].tobytes(), []).append(trip)
    chains: list[list[int]] = []
    for group in groups.values():
        chains += _overtaking_apart(group, start, arrival, departure)
    order = np.array([trip for chain in chains for trip in chain], np.int64)
    each = np.diff(start)[order]
    call = np.repeat(start[:-1][order], each) + _counting(each)
    lead = np.array([chain[0] for chain in chains], np.int64)
    length = np.diff(start)[lead]
    pattern_call = np.repeat(start[:-1][lead], length) + _counting(length)
    kept = stops.iloc[served]
    station, _ = pd.factorize(kept["station"].where(kept["station"] != ""), sort=True)
    return Timetable(
        date=date,
        stop_id=kept.index.to_numpy(object),
        stop_name=kept["name"].to_numpy(object),
        stop_x=kept["x"].to_numpy(np.float64, copy=True),
        stop_y=kept["y"].to_numpy(np.float64, copy=True),
        stop_station=station.astype(np.int32),
        stop_wheelchair=kept["wheelchair"].to_numpy(np.int8, copy=True),
        pattern_start=np.concatenate([[0], np.cumsum(length)]).astype(np.int64),
        pattern_stop=stop[pattern_call].astype(np.int32),
        pattern_pickup=pickup[pattern_call],
        pattern_drop_off=drop_off[pattern_call],
        pattern_trip=np.concatenate([[0], np.cumsum([len(c) for c in chains])]).astype(np.int64),
        trip_id=trips["trip_id"].to_numpy(object)[order],
        trip_wheelchair=trips["wheelchair"].to_numpy(np.int8)[order],
        arrival=arrival[call],
        departure=departure[call],
        **_transfers(transfers, served, len(stops)),
        **_trip_names(trips, order),
        notes=(*notes, *_split_note(len(groups), len(chains))),
    )


def _overtaking_apart(
    group: list[int], start: Int64, arrival: Int32, departure: Int32
) -> list[list[int]]:
    """Split trips with the same stops into chains in which none overtakes another."""
    rows = start[group][:, None] + np.arange(start[group[0] + 1] - start[group[0]])
    times = np.concatenate([departure[rows], arrival[rows]], axis=1)
    order = np.lexsort((*times.T[::-1],))
    times = times[order]
    trips = [group[i] for i in order]
    if not bool((np.diff(times, axis=0) < 0).any()):
        return [trips]
    chains: list[list[int]] = []
    last: list[Int32] = []
    for trip, row in zip(trips, times, strict=True):
        for chain, before in enumerate(last):
            if not bool((row < before).any()):
                chains[chain].append(trip)
                last[chain] = row
                break
        else:
            chains.append([trip])
            last.append(row)
    return chains


def _counting(lengths: Int64) -> Int64:
    """Return 0, 1, 2, ... over each of some lengths, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) - np.repeat(ends - lengths, lengths)


def _transfers(transfers: pd.DataFrame | None, served: Int64, stops: int) -> dict[str, Int32]:
    """Return the transfers between stops that are served, sorted."""
    number = np.full(stops, -1, np.int64)
    number[served] = np.arange(len(served))
    if transfers is None:
        transfers = pd.DataFrame({"from": [], "to": [], "seconds": []}, dtype=np.int64)
    tail = number[transfers["from"].to_numpy(np.int64)]
    tip = number[transfers["to"].to_numpy(np.int64)]
    seconds = transfers["seconds"].to_numpy(np.int64)
    keep = (tail >= 0) & (tip >= 0)
    order = np.lexsort((tip[keep], tail[keep]))
    columns = (tail[keep][order], tip[keep][order], seconds[keep][order])
    names = ("transfer_from", "transfer_to", "transfer_seconds")
    return {name: c.astype(np.int32) for name, c in zip(names, columns, strict=True)}


def _trip_names(trips: pd.DataFrame, order: Int64) -> dict[str, Any]:
    """Return each different route once, which one each trip is of, and where trips go."""
    names: dict[str, Any] = {}
    if "route" in trips:
        known = trips[["route"]].assign(
            kind=trips.get("route_type", -1),
        )
        groups = known.iloc[order].groupby(["route", "kind"], sort=True)
        routes = groups.size().index
        names["trip_route"] = groups.ngroup().to_numpy(np.int32)
        names["route_name"] = routes.get_level_values("route").to_numpy(object)
        names["route_type"] = routes.get_level_values("kind").to_numpy(np.int32)
    if "headsign" in trips:
        names["trip_headsign"] = trips["headsign"].to_numpy(object)[order]
    return names


def _split_note(groups: int, chains: int) -> tuple[Note, ...]:
    if groups == chains:
        return ()
    text = (
        f"{chains - groups} more patterns were made because vehicles overtake others that call at "
        "the same stops."
    )
    return (Note(stage="timetable", what="overtaking_split", count=chains - groups, text=text),)
