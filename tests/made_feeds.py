"""Hand-made timetables: from a few lines of times to the objects of the planner."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from time_expanded import Call, Trip, Walks

from planner.travel.transit.schedule import Lists, to_lists
from planner.travel.transit.timetable import Timetable, build_timetable

TUESDAY = dt.date(2024, 3, 5)
HOUR = 3600

#: A feed in which nothing runs yet: stops A, B, C, D on one street of 4 km.
BLANK = {
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
    + "".join(f"{s},Stop {s},51.58,{-3.00 + 0.02 * i:.2f}\n" for i, s in enumerate("ABCD")),
    "routes.txt": "route_id,route_type,route_short_name\nR,3,1\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
    "start_date,end_date\nWK,1,1,1,1,1,0,0,20240304,20240329\n",
}


def clock(text: str) -> int:
    """Return "8:05" or "8:05:30" in seconds."""
    parts = [int(part) for part in text.split(":")]
    return sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))


def trip(line: str) -> list[Call]:
    """Return a trip such as ``"A 8:00, B 8:10/8:12, C 8:20"``.

    A stop may be closed for getting on ("B-") or off ("-B").
    """
    calls = []
    for part in line.split(", "):
        stop, times = part.split(" ")
        arrival, _, departure = times.partition("/")
        calls.append(
            Call(
                stop.strip("-"),
                clock(arrival),
                clock(departure or arrival),
                pickup=not stop.endswith("-"),
                drop_off=not stop.startswith("-"),
            )
        )
    return calls


def to_timetable(trips: Sequence[Trip], stops: Sequence[str]) -> Timetable:
    """Return trips as a timetable, through the planner's own way of making patterns."""
    number = {stop: place for place, stop in enumerate(stops)}
    return build_timetable(
        date=TUESDAY,
        stops=pd.DataFrame(
            {"name": list(stops), "x": 0.0, "y": 0.0, "station": "", "wheelchair": 0},
            index=list(stops),
        ),
        trips=pd.DataFrame(
            {"trip_id": [str(i) for i in range(len(trips))], "route": "", "wheelchair": 0}
        ),
        calls=pd.DataFrame(
            [
                (i, number[c.stop], c.arrival, c.departure, c.pickup, c.drop_off)
                for i, one in enumerate(trips)
                for c in one
            ],
            columns=["trip", "stop", "arrival", "departure", "pickup", "drop_off"],
        ),
    )


def walk_lists(walks: Walks, origins: Sequence[str], there: Sequence[str]) -> Lists:
    """Return walks as lists by position; those to places that are not there are left out."""
    rows = [
        (origins.index(a), there.index(b), seconds)
        for a, ends in walks.items()
        for b, seconds in ends.items()
        if a in origins and b in there
    ]
    table = np.array(rows, np.int64).reshape(-1, 3)
    return to_lists(table[:, 0], table[:, 1], table[:, 2], len(origins))


def write_feed(folder: Path, tables: Mapping[str, str], name: str = "bus.zip") -> Path:
    """Write tables as a GTFS file."""
    with zipfile.ZipFile(folder / name, "w") as archive:
        for member, text in tables.items():
            archive.writestr(member, text)
    return folder / name


def feed(lines: Mapping[str, str], **more: str) -> dict[str, str]:
    """Return the tables of a feed with some trips (id: see `trip`) on weekdays."""
    calls = ["trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type"]
    for name, line in lines.items():
        for place, c in enumerate(trip(line)):
            arrival, departure = (
                f"{t // HOUR}:{t // 60 % 60:02d}:{t % 60:02d}" for t in (c.arrival, c.departure)
            )
            rights = f"{int(not c.pickup)},{int(not c.drop_off)}"
            calls.append(f"{name},{arrival},{departure},{c.stop},{place},{rights}")
    tables = {
        **BLANK,
        "trips.txt": "route_id,service_id,trip_id\n" + "".join(f"R,WK,{t}\n" for t in lines),
        "stop_times.txt": "\n".join(calls) + "\n",
    }
    return tables | {name.replace("_txt", ".txt"): text for name, text in more.items()}
