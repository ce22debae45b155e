"""Which trips call where and when? A `Timetable` as plain tables, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.ledger import Note
from planner.travel.transit.timetable import Int64, Timetable, build_timetable

#: Made anew whenever a timetable is built.
_MADE_ANEW = "overtaking_split"


@dataclass(frozen=True, kw_only=True, eq=False)
class DayTables:
    """One day's stops, trips and calls, as `build_timetable` takes them.

    ``calls`` are in the order of trips and along each; ``trip`` and ``stop`` in it are row numbers
    of the other two. ``transfers`` has row numbers of stops.
    """

    stops: pd.DataFrame
    trips: pd.DataFrame
    calls: pd.DataFrame
    transfers: pd.DataFrame

    @property
    def trip_start(self) -> Int64:
        """Where the calls of each trip begin, and where those of the last one end."""
        at = np.arange(len(self.trips) + 1)
        return np.searchsorted(self.calls["trip"].to_numpy(), at).astype(np.int64)


def to_tables(timetable: Timetable) -> DayTables:
    """Return a timetable's day as tables; what nobody knows (names, routes) is "" and -1."""
    known, trips = timetable, len(timetable.trip_id)
    length, each = np.diff(known.pattern_start), np.diff(known.pattern_trip)
    pattern = np.repeat(np.arange(len(length)), each)
    calls = length[pattern]
    start = np.cumsum(calls) - calls
    along = np.arange(int(calls.sum())) - np.repeat(start, calls)
    place = np.repeat(known.pattern_start[:-1][pattern], calls) + along
    stations = known.stop_station
    stops = pd.DataFrame(
        {
            "name": known.stop_name if len(known.stop_name) else "",
            "x": known.stop_x,
            "y": known.stop_y,
            # As text of one width, so that their order stays.
            "station": [f"{label:010d}" if label >= 0 else "" for label in stations],
            "wheelchair": known.stop_wheelchair,
        },
        index=pd.Index(known.stop_id, dtype=object),
    )
    named = len(known.trip_route) > 0
    of_trips = pd.DataFrame(
        {
            "trip_id": known.trip_id,
            "wheelchair": known.trip_wheelchair,
            "route": known.route_name[known.trip_route] if named else [""] * trips,
            "route_type": known.route_type[known.trip_route] if named else -1,
            "headsign": known.trip_headsign if len(known.trip_headsign) else [""] * trips,
        }
    ).astype({"trip_id": object, "route": object, "headsign": object})
    return DayTables(
        stops=stops,
        trips=of_trips,
        calls=pd.DataFrame(
            {
                "trip": np.repeat(np.arange(trips), calls),
                "stop": known.pattern_stop[place],
                "arrival": known.arrival,
                "departure": known.departure,
                "pickup": known.pattern_pickup[place],
                "drop_off": known.pattern_drop_off[place],
            }
        ),
        transfers=pd.DataFrame(
            {
                "from": known.transfer_from,
                "to": known.transfer_to,
                "seconds": known.transfer_seconds,
            }
        ),
    )


def from_tables(tables: DayTables, timetable: Timetable, notes: tuple[Note, ...]) -> Timetable:
    """Return the tables as a timetable of the same day, with further notes."""
    kept = tuple(note for note in timetable.notes if note.what != _MADE_ANEW)
    return build_timetable(
        date=timetable.date,
        stops=tables.stops,
        trips=tables.trips,
        calls=tables.calls,
        transfers=tables.transfers,
        notes=(*kept, *notes),
    )


def take_trips(tables: DayTables, keep: Int64, added: list[tuple[int, int]]) -> DayTables:
    """Return the tables with some trips only, and with copies of trips at other times.

    Parameters
    ----------
    tables
        The day.
    keep
        Row numbers of the trips that stay, rising.
    added
        For each further trip the row number of the one it is like, and how many seconds later it
        is.
    """
    like = np.array([trip for trip, _ in added], np.int64)
    later = np.array([seconds for _, seconds in added], np.int64)
    chosen = np.concatenate([keep.astype(np.int64), like])
    shift = np.concatenate([np.zeros(len(keep), np.int64), later])
    start = tables.trip_start
    each = np.diff(start)[chosen]
    first = np.cumsum(each) - each
    rows = np.repeat(start[:-1][chosen] - first, each) + np.arange(int(each.sum()))
    calls = tables.calls.iloc[rows].reset_index(drop=True)
    moved = np.repeat(shift, each)
    return DayTables(
        stops=tables.stops,
        trips=tables.trips.iloc[chosen].reset_index(drop=True),
        calls=calls.assign(
            trip=np.repeat(np.arange(len(chosen)), each),
            arrival=calls["arrival"] + moved,
            departure=calls["departure"] + moved,
        ),
        transfers=tables.transfers,
    )
