"""What runs when after the changes? Routes more or less often, and new shuttles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from planner.errors import ProjectError
from planner.ledger import Note
from planner.scenario.changes import AddShuttle, Change, ChangeFrequency, changes_touching
from planner.scenario.day_tables import DayTables, from_tables, take_trips, to_tables
from planner.scenario.frequency import Asked, Line, group_lines, space_out
from planner.scenario.naming import say_near, show, to_seconds, to_span
from planner.sources.text import clean_text, comparable, slug
from planner.travel.transit.timetable import Int64, Timetable
from planner.wording import say_many

STAGE = "scenario"
#: GTFS's number for a bus.
BUS = 3
#: Faster than this between two stops, minutes or points are most likely wrong.
FASTEST_KMH = 130.0
_WHEELCHAIR = {"not_stated": 0, "accessible": 1, "not_accessible": 2}


def apply_to_timetable(
    timetable: Timetable, changes: Sequence[Change], *, refuse_absent: bool = True
) -> Timetable:
    """Return the day's timetable as it would be after the changes, in their order.

    Only `ChangeFrequency` and `AddShuttle` touch it (``timetable``, see
    `planner.scenario.Touches`); other changes are passed over, and without any the timetable
    itself is returned.

    Parameters
    ----------
    timetable
        Of one day.
    changes
        Of a scenario.
    refuse_absent
        Whether a change that cannot be made on this day is refused. Where other days are looked at
        beside the project's own (evenings, Saturdays), a route may not run: such a change is then
        left out, and a note says so.

    Raises
    ------
    ProjectError
        A route or a stop is not there (near names are proposed), a route does not run in the span,
        or a shuttle has the name of a route that is there or goes faster than a bus can.

    Notes
    -----
    How a route comes to run more or less often, direction by direction:

    - Trips that follow one another between the same two stops are one direction, whatever stops
      they leave out (`planner.scenario.frequency.group_lines`); each run of stops in it is a line.
    - Vehicles that leave their first stop in the span are counted from the first one, 0, 1, 2, ...
      With a factor *f*, vehicle *k* of the new timetable leaves when the old one had come to
      *k/f*, between two departures in proportion. So a factor of 1 changes nothing, 2 puts one
      vehicle in the middle of each gap, 0.5 leaves out every other one, 0 all.
    - ``every_minutes`` with one line in a direction is that exactly, from the first vehicle in the
      span on. With several, each line gets the same factor, so that together they come that often
      on average.
    - No vehicle is put before the first or after the last that the line has in the span, unless
      one follows after the span's end: then up to that end.
    - A new vehicle takes as long from stop to stop as the last one before it. It keeps that one's
      trip id, as departures by headway do in a feed.
    """
    mine = changes_touching(changes, "timetable")
    if not mine:
        return timetable
    tables, notes = to_tables(timetable), list[Note]()
    for change in mine:
        try:
            tables, note = _changed(tables, change)
        except ProjectError as err:
            if refuse_absent:
                raise
            name = (
                change.route if isinstance(change, ChangeFrequency) else str(vars(change)["name"])
            )
            text = (
                f"{timetable.date:%A} {timetable.date}: {err.message} It is left out on that day."
            )
            note = Note(stage=STAGE, what="change_left_out", count=1, text=text, items=(name,))
        notes.append(note)
    return from_tables(tables, timetable, tuple(notes))


def _changed(tables: DayTables, change: Change) -> tuple[DayTables, Note]:
    if isinstance(change, ChangeFrequency):
        return _with_frequency(tables, change)
    assert isinstance(change, AddShuttle)
    return _with_shuttle(tables, change)


def refuse_without_timetable(changes: Sequence[Change]) -> None:
    """Refuse changes to a timetable where the project has none.

    Raises
    ------
    ProjectError
        One of them changes a route or adds a shuttle.
    """
    mine = changes_touching(changes, "timetable")
    if mine:
        raise ProjectError(
            f"Scenario: {say_many(len(mine), 'change')} to the timetable, and the project has none "
            "that journeys could use.",
            hint="Name [timetable] files and [streets] file in the project, or take these changes "
            "out.",
        )


def _with_frequency(tables: DayTables, change: ChangeFrequency) -> tuple[DayTables, Note]:
    begin, end = to_span(change.between)
    names = tables.trips["route"].astype(str)
    mine = np.flatnonzero((names.map(comparable) == comparable(change.route)).to_numpy())
    if len(mine) == 0:
        raise _no_route(change.route, sorted(set(names) - {""}))
    asked = Asked(
        begin=begin,
        end=end,
        factor=change.factor,
        every=None if change.every_minutes is None else change.every_minutes * 60,
    )
    gone: list[int] = []
    added: list[tuple[int, int]] = []
    lone, before = 0, 0
    for direction in group_lines(_lines(tables, mine)):
        found = space_out(direction, asked)
        gone += found.gone
        added += found.added
        before += found.before
        lone += found.lone
    if before == 0:
        raise ProjectError(
            f"Scenario: no vehicle of route {show(change.route)} leaves in {change.between} on "
            "this day, so its frequency there cannot change.",
            hint="Choose another span, or add a shuttle.",
        )
    keep = np.setdiff1d(np.arange(len(tables.trips)), np.array(gone, np.int64))
    after = before - len(gone) + len(added)
    text = (
        f"Scenario: route {clean_text(change.route)}, {change.between}: {before:,} vehicles become "
        f"{after:,}."
    )
    if lone:
        text += (
            f" {say_many(lone, 'line')} with one vehicle in the span and none after it stayed as "
            "before: there is no gap to fill."
        )
    note = Note(stage=STAGE, what="frequency", count=after, text=text, items=(change.route,))
    return take_trips(tables, keep.astype(np.int64), added), note


def _no_route(route: str, names: list[str]) -> ProjectError:
    if not names:
        return ProjectError(
            f"Scenario: the timetable names no routes, so {show(route)} cannot be found in it."
        )
    return ProjectError(
        f"Scenario: there is no route {show(route)} in the timetable on this day.",
        hint=say_near(route, dict.fromkeys(names, "")),
    )


def _lines(tables: DayTables, mine: Int64) -> list[Line]:
    """Return the trips of a route by the stops they call at, each line's in the order of time."""
    start = tables.trip_start
    stop = tables.calls["stop"].to_numpy(np.int64)
    rights = 2 * tables.calls["pickup"].to_numpy(np.int64) + tables.calls["drop_off"].to_numpy(
        np.int64
    )
    departure = tables.calls["departure"].to_numpy(np.int64)
    shapes: dict[bytes, list[int]] = {}
    for trip in mine.tolist():
        calls = slice(start[trip], start[trip + 1])
        shapes.setdefault((stop[calls] * 4 + rights[calls]).tobytes(), []).append(trip)
    lines = []
    for trips in shapes.values():
        leaves = departure[start[trips]]
        order = np.argsort(leaves, kind="stable")
        calls = slice(start[trips[0]], start[trips[0] + 1])
        lines.append(
            Line(
                trips=tuple(trips[at] for at in order),
                leaves=tuple(int(leaves[at]) for at in order),
                stops=tuple(stop[calls].tolist()),
            )
        )
    return lines


def _with_shuttle(tables: DayTables, shuttle: AddShuttle) -> tuple[DayTables, Note]:
    name = clean_text(shuttle.name)
    if comparable(name) in {comparable(str(route)) for route in tables.trips["route"].unique()}:
        raise ProjectError(
            f"Scenario: there is a route {show(name)} already.",
            hint="Give the shuttle another name, or change that route's frequency.",
        )
    stops, rows = _shuttle_stops(tables, shuttle, name)
    _check_speed(stops, rows, shuttle)
    ways = [(rows, shuttle.minutes)]
    if shuttle.both_ways:
        ways.append((rows[::-1], shuttle.minutes[::-1]))
    first, last = to_seconds(shuttle.first), to_seconds(shuttle.last)
    # To a thousandth of a second, so that every 6.1 minutes does not lose the last one.
    count = int(np.floor((last - first) / (shuttle.every_minutes * 60) + 1e-6)) + 1
    leaves = [first + round(number * shuttle.every_minutes * 60) for number in range(count)]
    key = slug(name) or "shuttle"
    trips, calls = list[tuple[str, str]](), list[tuple[int, int, int]]()
    for way, (along, minutes) in enumerate(ways):
        past = [0, *np.rint(np.cumsum(minutes) * 60).astype(int).tolist()]
        headsign = str(stops["name"].iloc[along[-1]])
        for number, leave in enumerate(leaves, 1):
            trip = len(tables.trips) + len(trips)
            trips.append((f"shuttle:{key}:{way + 1}:{number}", headsign))
            calls += [(trip, row, leave + t) for row, t in zip(along, past, strict=True)]
    new_trips = pd.DataFrame(trips, columns=["trip_id", "headsign"]).assign(
        wheelchair=_WHEELCHAIR[shuttle.wheelchair], route=name, route_type=BUS
    )
    new_calls = pd.DataFrame(calls, columns=["trip", "stop", "arrival"])
    new_calls = new_calls.assign(departure=new_calls["arrival"], pickup=True, drop_off=True)
    text = (
        f"Scenario: the shuttle {name} runs {len(trips):,} times, {shuttle.first} to "
        f"{shuttle.last}, every {shuttle.every_minutes:g} minutes"
        f"{' in each direction' if shuttle.both_ways else ''}."
    )
    note = Note(stage=STAGE, what="shuttle", count=len(trips), text=text, items=(name,))
    joined = replace(
        tables,
        stops=stops,
        trips=pd.concat([tables.trips, new_trips[tables.trips.columns]], ignore_index=True),
        calls=pd.concat([tables.calls, new_calls[tables.calls.columns]], ignore_index=True),
    )
    return joined, note


def _shuttle_stops(
    tables: DayTables, shuttle: AddShuttle, name: str
) -> tuple[pd.DataFrame, list[int]]:
    """Return all stops, new ones at the end, and the rows at which a shuttle stops."""
    stops, rows = tables.stops, list[int]()
    new: dict[str, tuple[str, float, float]] = {}
    at: dict[tuple[float, float], int] = {}
    for stop in shuttle.stops:
        if isinstance(stop, str):
            if stop not in stops.index:
                raise ProjectError(
                    f"Scenario: the shuttle {show(name)} stops at {show(stop)}, which is no stop "
                    "of the timetable on this day.",
                    hint=say_near(stop, stops["name"].astype(str).to_dict()),
                )
            rows.append(int(stops.index.get_loc(stop)))
            continue
        if stop not in at:
            at[stop] = len(stops) + len(new)
            number = len(new) + 1
            new[f"shuttle:{slug(name) or 'shuttle'}:stop:{number}"] = (
                f"{name}, stop {number}",
                *stop,
            )
        rows.append(at[stop])
    if any(a == b for a, b in pairwise(rows)):
        raise ProjectError(f"Scenario: the shuttle {show(name)} stops twice in the same place.")
    more = pd.DataFrame.from_dict(new, orient="index", columns=["name", "x", "y"])
    more = more.assign(station="", wheelchair=_WHEELCHAIR[shuttle.wheelchair])
    if not new:
        return stops, rows
    return pd.concat([stops, more.astype({"wheelchair": stops["wheelchair"].dtype})]), rows


def _check_speed(stops: pd.DataFrame, rows: list[int], shuttle: AddShuttle) -> None:
    x, y = (stops[c].to_numpy(np.float64)[rows] for c in ("x", "y"))
    kmh = np.hypot(np.diff(x), np.diff(y)) / 1000 / (np.array(shuttle.minutes) / 60)
    fast = np.flatnonzero(kmh > FASTEST_KMH)
    if len(fast):
        at = int(fast[0])
        raise ProjectError(
            f"Scenario: the shuttle {show(shuttle.name)} would go {kmh[at]:,.0f} km/h between its "
            f"stops {at + 1} and {at + 2}.",
            hint="Check the minutes, and that points are in metres.",
        )
