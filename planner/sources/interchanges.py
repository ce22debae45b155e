"""What does a timetable say of changing between stops? Reads ``transfers.txt`` of GTFS."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.ledger import Note
from planner.sources.feed_archive import column_of, feed_note
from planner.travel.transit.timetable import IMPOSSIBLE

DAY_SECONDS = 24 * 3600


def read_transfers(
    table: pd.DataFrame | None, stops: pd.DataFrame, what: str
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return least times and impossible changes between stops, stations taken apart."""
    empty = pd.DataFrame({"from": [], "to": [], "seconds": []}, dtype=np.int64)
    if table is None or not len(table):
        return empty, ()
    kind = table["transfer_type"].to_numpy(object)
    single = np.zeros(len(table), bool)
    for column in ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id"):
        single |= (column_of(table, column) != "").to_numpy()
    single |= np.isin(kind, ["4", "5"])
    index = pd.Index(stops["stop_id"])
    ends = [index.get_indexer(table[column]) for column in ("from_stop_id", "to_stop_id")]
    unknown = ~single & ((ends[0] < 0) | (ends[1] < 0))
    seconds = pd.to_numeric(column_of(table, "min_transfer_time"), errors="coerce").to_numpy()
    least = (kind == "2") & (seconds >= 0) & (seconds < DAY_SECONDS)
    broken = ~single & ~unknown & ~least & ~np.isin(kind, ["", "0", "1", "3"])
    rows = np.arange(len(table)) + 2
    notes = feed_note("transfers_of_trips", rows[single], what, "rows of transfers.txt are for "
                  "single routes or trips, and do not count")  # fmt: skip
    notes += feed_note("transfers_unknown_stops", rows[unknown], what,
                       "rows of transfers.txt name a stop that is not listed")  # fmt: skip
    notes += feed_note("transfers_broken", rows[broken], what,
                       "rows of transfers.txt have no known type or no least time")  # fmt: skip
    used = ~single & ~unknown & (least | (kind == "3"))
    members = _members(stops)
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for row in np.flatnonzero(used):
        here, there = members[ends[0][row]], members[ends[1][row]]
        value = IMPOSSIBLE if kind[row] == "3" else int(seconds[row])
        # Of several rules for one pair, the one for the fewest stops counts, then the last.
        rank = -len(here) * len(there)
        for a in here:
            for b in there:
                if found.get((a, b), (rank, 0))[0] <= rank:
                    found[a, b] = (rank, value)
    if not found:
        return empty, notes
    pairs = np.array(list(found), np.int64)
    values = np.array([value for _, value in found.values()], np.int64)
    return pd.DataFrame({"from": pairs[:, 0], "to": pairs[:, 1], "seconds": values}), notes


def _members(stops: pd.DataFrame) -> list[list[int]]:
    """Return the stops that a row of transfers.txt means by each: itself, or its platforms."""
    members = [[row] for row in range(len(stops))]
    stations = {stop: row for row, stop in enumerate(stops["stop_id"]) if stops["kind"][row] == "1"}
    for row in stations.values():
        members[row] = []
    platforms = zip(stops["station"], stops["kind"], strict=True)
    for row, (station, kind) in enumerate(platforms):
        if station in stations and kind != "1":
            members[stations[station]].append(row)
    return members
