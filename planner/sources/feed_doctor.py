"""Are the timetables fit for use here: whole, typical on the day, and near where people live?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from planner.area import CRS, StudyArea
from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.project import Project, to_minutes
from planner.sources.feed_problems import FeedScan, scan_feed
from planner.sources.gtfs import read_timetable
from planner.sources.problems import PROBLEM_COLUMNS
from planner.sources.timetable import ServiceDays, propose_day, read_service_days, words_of
from planner.travel.snap import snap_points
from planner.travel.streets import Streets
from planner.travel.transit.timetable import Float64, Int64, Timetable
from planner.wording import say_many

#: A day is far under its weekday's median below the first share, and typical from the second on.
FAR_UNDER, TYPICAL = 0.75, 0.9
#: How many days before and after the chosen one are shown.
DAYS_AROUND = 14
#: How near a stop is looked for, in metres as the crow flies.
WITHIN_METRES = (400, 800)


@dataclass(frozen=True, kw_only=True, eq=False)
class FeedReport:
    """What was found in the timetables of a place, for one day.

    Parameters
    ----------
    feeds
        One row a file: who made it, what days it covers, how much is in it and runs on the day.
    problems
        One row a problem: see `planner.sources.problems`.
    days
        One row a day around the chosen one: ``date``, ``weekday``, ``trips``, the ``median`` of
        its weekday over the calendar, and ``share`` of that; ``chosen``.
    reach
        Who has a stop with service on the day near them: ``metres``, ``areas``, ``areas_share``,
        ``people``, ``people_share``. Empty if nobody asked for a place.
    hours
        Departures from the place's own stops by hour: ``hour``, ``departures``, ``stops``,
        ``people_share`` (with a departure within the shorter distance). Empty likewise.
    usable
        False if the timetables cannot be read for the day, or would give journeys on foot only.
    notes
        In words, the gravest first.
    """

    feeds: pd.DataFrame
    problems: pd.DataFrame
    days: pd.DataFrame
    reach: pd.DataFrame
    hours: pd.DataFrame
    usable: bool
    notes: tuple[Note, ...] = field(default=())


def read_feed_report(
    project: Project,
    area: StudyArea,
    *,
    streets: Streets | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> FeedReport | None:
    """Examine the timetables of a project; None if it has none."""
    entry = project.spec.timetable
    if entry is None:
        return None
    windows = [to_minutes(window) for window in (entry.window, entry.jobs_window)]
    settings = project.spec.streets
    return build_feed_report(
        [(project.path(file), file) for file in entry.files],
        date=entry.date,
        area=area,
        streets=streets,
        window=(min(start for start, _ in windows), max(end for _, end in windows)),
        walk_metres=entry.max_walk_minutes * settings.walk_kmh * 1000 / 60,
        snap_metres=settings.snap_metres,
        extent_metres=settings.extent_metres,
        progress=progress,
    )


def build_feed_report(
    files: Sequence[tuple[Path, str]],
    *,
    date: dt.date,
    area: StudyArea | None = None,
    streets: Streets | None = None,
    window: tuple[int, int] = (420, 960),
    walk_metres: float = 2400.0,
    snap_metres: float = 400.0,
    extent_metres: float = 1600.0,
    progress: Callable[[str, float], None] | None = None,
) -> FeedReport:
    """Examine timetables: every row, the days around, and who is near a stop on the day.

    Parameters
    ----------
    files
        Each file and what to call it.
    date
        The chosen day.
    area
        The place; without one, nothing is said of who is near a stop.
    streets
        Where people walk; without, nothing is said of stops off the streets.
    window
        Minutes after midnight between which people set out.
    walk_metres
        The longest walk to a stop.
    snap_metres, extent_metres
        As for `planner.travel.snap.snap_points`.
    progress
        Told in words what is being looked at, and the share done.

    Raises
    ------
    DataError
        A file cannot be opened, or lacks a table or a column that every journey needs. What is
        wrong with single rows never raises: it is in the report.
    """
    tell = progress or (lambda _words, _share: None)
    scans: list[FeedScan] = []
    for number, (path, what) in enumerate(files):
        looking = _telling(tell, f"Looking through {what}", number, len(files))
        looking(0.0)
        fictional = area is not None and area.fictional
        scans.append(scan_feed(path, what=what, fictional=fictional, progress=looking))
    notes: list[Note] = []
    lives: dict[str, ServiceDays] = {}
    for path, what in files:
        try:
            lives[what] = read_service_days(path, what=what)[0]
        except DataError as err:
            notes.append(_loud("timetable_refused", f"The timetable cannot be used. {err.message}"))
    days = build_days(list(lives.values()), date)
    notes += day_notes(days, list(lives.values()), date)
    timetable: Timetable | None = None
    try:
        timetable = read_timetable(
            files, date=date, progress=lambda words, share: tell(words, 0.5 + 0.4 * share)
        )
        notes += timetable.notes
    except DataError as err:
        refused = _loud("timetable_refused", f"The timetable cannot be used. {err.message}")
        notes += [] if refused in notes else [refused]
    tell("Looking for stops near people", 0.95)
    reach, hours = _no_reach(), _no_hours()
    if timetable is not None:
        if area is not None:
            reach, hours = build_reach(timetable, area), build_hours(timetable, area)
            notes += _place_notes(timetable, area, hours)
            notes += _walk_only(timetable, area, window, walk_metres)
        if streets is not None:
            notes += _off_streets(timetable, area, streets, snap_metres, extent_metres)
    frames = [scan.problems for scan in scans if len(scan.problems)]
    notes.sort(key=lambda note: note.what not in _LOUD)
    return FeedReport(
        feeds=_feeds(files, scans, lives, date),
        problems=pd.concat(frames, ignore_index=True)
        if frames
        else pd.DataFrame(columns=list(PROBLEM_COLUMNS)),
        days=days,
        reach=reach,
        hours=hours,
        usable=timetable is not None and not any(note.what == "walk_only" for note in notes),
        notes=tuple(notes),
    )


def _telling(
    tell: Callable[[str, float], None], words: str, before: int, files: int
) -> Callable[[float], None]:
    """Return a way of telling how far one file is, in the first half of the work."""
    return lambda share: tell(words, 0.5 * (before + share) / files)


_LOUD = ("timetable_refused", "walk_only", "day_far_under")


def _loud(slug: str, text: str, *, count: int = 1) -> Note:
    return Note(stage="timetable", what=slug, count=count, text=text)


def _feeds(
    files: Sequence[tuple[Path, str]],
    scans: Sequence[FeedScan],
    lives: dict[str, ServiceDays],
    date: dt.date,
) -> pd.DataFrame:
    rows = []
    for (_, what), scan in zip(files, scans, strict=True):
        life = lives.get(what)
        covers = f"{words_of(life.first)} to {words_of(life.last)}" if life else "not readable"
        on_day = life.on(date) if life else 0
        rows.append({"file": what, **scan.facts, "calendar": covers, "trips on the day": on_day})
    return pd.DataFrame(rows)


# --- days -------------------------------------------------------------------------------------


def build_days(lives: Sequence[ServiceDays], date: dt.date) -> pd.DataFrame:
    """Return trips a day around the chosen one, and how that compares with its weekday.

    The median is that of all days of a weekday, in the time that every file covers, on which
    anything runs.
    """
    columns = ["date", "weekday", "trips", "median", "share", "chosen"]
    if not lives:
        return pd.DataFrame(columns=columns)
    typical = _medians(lives)
    rows = []
    for off in range(-DAYS_AROUND, DAYS_AROUND + 1):
        day = date + dt.timedelta(days=off)
        trips = sum(life.on(day) for life in lives)
        median = typical[day.weekday()]
        share = trips / median if median else np.nan
        rows.append((day, f"{day:%A}", trips, median, share, off == 0))
    return pd.DataFrame(rows, columns=columns)


def _shared_days(lives: Sequence[ServiceDays]) -> list[dt.date]:
    first, last = max(life.first for life in lives), min(life.last for life in lives)
    if last < first:
        first, last = min(life.first for life in lives), max(life.last for life in lives)
    return [first + dt.timedelta(days=at) for at in range((last - first).days + 1)]


def _medians(lives: Sequence[ServiceDays]) -> list[float]:
    found: list[list[int]] = [[] for _ in range(7)]
    for day in _shared_days(lives):
        trips = sum(life.on(day) for life in lives)
        if trips:
            found[day.weekday()].append(trips)
    return [float(np.median(trips)) if trips else 0.0 for trips in found]


def day_notes(days: pd.DataFrame, lives: Sequence[ServiceDays], date: dt.date) -> tuple[Note, ...]:
    """Return whether the chosen day is typical, and a typical one if it is far from it."""
    if not len(days):
        return ()
    chosen = days[days["chosen"]].iloc[0]
    trips, median = int(chosen["trips"]), float(chosen["median"])
    if not median:
        return ()
    share = trips / median
    said = (
        f"{say_many(trips, 'trip')} on {date:%A} {words_of(date)}, {share:.0%} of the median "
        f"{date:%A} ({median:,.0f})."
    )
    if share >= FAR_UNDER:
        slug = "day_typical" if share >= TYPICAL else "day_under"
        said += "" if share >= TYPICAL else " It is somewhat under the usual."
        return (Note(stage="timetable", what=slug, count=trips, text=said),)
    other = typical_day(lives, date)
    if other is not None:
        said += f" A typical {date:%A} nearby: date = {other.isoformat()}."
    else:
        said += f" {propose_day(date, lives)}".rstrip()
    said = f"The chosen day is far from typical (a holiday, perhaps): {said}"
    return (_loud("day_far_under", said, count=trips),)


def typical_day(lives: Sequence[ServiceDays], date: dt.date) -> dt.date | None:
    """Return the nearest day of the same weekday with about the median number of trips."""
    median = _medians(lives)[date.weekday()]
    near = [
        day
        for day in _shared_days(lives)
        if day.weekday() == date.weekday()
        and abs(sum(life.on(day) for life in lives) - median) <= (1 - TYPICAL) * median
    ]
    return min(near, key=lambda day: (abs((day - date).days), day), default=None)


# --- near where people live ---------------------------------------------------------------------


def _no_reach() -> pd.DataFrame:
    return pd.DataFrame(columns=["metres", "areas", "areas_share", "people", "people_share"])


def _no_hours() -> pd.DataFrame:
    return pd.DataFrame(columns=["hour", "departures", "stops", "people_share"])


def _people(area: StudyArea) -> tuple[Float64, Float64, Int64, Float64]:
    """Return where people set out: x, y, which area, and how many people."""
    points = area.place_points
    which = area.codes.get_indexer(points["area_code"])
    people = area.place["population"].to_numpy(np.float64)[which]
    people = people * points["weight"].to_numpy(np.float64)
    return points.geometry.x.to_numpy(), points.geometry.y.to_numpy(), which, people


def _boarding(timetable: Timetable) -> tuple[Int64, Int64]:
    """Return every departure at which people may get on: which stop, and when."""
    length = np.diff(timetable.pattern_start)
    each = np.diff(timetable.pattern_trip)
    at = np.concatenate(
        [
            np.tile(np.arange(start, start + count), times)
            for start, count, times in zip(timetable.pattern_start, length, each, strict=False)
        ]
        or [np.zeros(0, np.int64)]
    )
    last = np.zeros(len(at), bool)
    last[timetable.trip_start[1:] - 1] = True
    may = timetable.pattern_pickup[at] & ~last
    stop = timetable.pattern_stop[at].astype(np.int64)
    return stop[may], timetable.departure.astype(np.int64)[may]


def _metres_to_nearest(x: Float64, y: Float64, timetable: Timetable, stops: Int64) -> Float64:
    stops = stops[np.isfinite(timetable.stop_x[stops])]
    if not len(stops):
        return np.full(len(x), np.inf)
    tree = cKDTree(np.column_stack([timetable.stop_x[stops], timetable.stop_y[stops]]))
    metres: Float64 = tree.query(np.column_stack([x, y]))[0]
    return metres


def _on_day(timetable: Timetable) -> tuple[Int64, Int64]:
    stop, departure = _boarding(timetable)
    own = (departure >= 0) & (departure < 24 * 3600)
    return stop[own], departure[own]


def build_reach(timetable: Timetable, area: StudyArea) -> pd.DataFrame:
    """Return how many areas and people have a departure on the day near them.

    As the crow flies from where people set out. An area counts where at least half of its people
    do.
    """
    x, y, which, people = _people(area)
    metres = _metres_to_nearest(x, y, timetable, np.unique(_on_day(timetable)[0]))
    weight = area.place_points["weight"].to_numpy(np.float64)
    rows = []
    for limit in WITHIN_METRES:
        near = metres <= limit
        share = np.bincount(which, near * weight, minlength=len(area.codes))
        areas, covered = int((share >= 0.5 - 1e-9).sum()), float(people[near].sum())
        rows.append((limit, areas, areas / len(area.codes), covered, _share(covered, people.sum())))
    return pd.DataFrame(rows, columns=list(_no_reach().columns))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


def build_hours(timetable: Timetable, area: StudyArea) -> pd.DataFrame:
    """Return departures from stops in the place, by hour of the day."""
    stop, departure = _on_day(timetable)
    inside = _inside(timetable, area)[stop]
    stop, hour = stop[inside], departure[inside] // 3600
    x, y, _, people = _people(area)
    rows = []
    for one in range(24):
        stops = np.unique(stop[hour == one])
        near = _metres_to_nearest(x, y, timetable, stops) <= WITHIN_METRES[0]
        share = _share(float(people[near].sum()), float(people.sum()))
        rows.append((one, int((hour == one).sum()), len(stops), share))
    return pd.DataFrame(rows, columns=list(_no_hours().columns))


def _inside(timetable: Timetable, area: StudyArea) -> np.ndarray:
    place = area.place.union_all()
    shapely.prepare(place)
    x, y = np.nan_to_num(timetable.stop_x), np.nan_to_num(timetable.stop_y)
    return np.asarray(shapely.contains_xy(place, x, y))


def _place_notes(timetable: Timetable, area: StudyArea, hours: pd.DataFrame) -> tuple[Note, ...]:
    stop, departure = _on_day(timetable)
    mine = departure[_inside(timetable, area)[stop]]
    if not len(mine):
        return ()
    first, last = (f"{t // 3600:02d}:{t // 60 % 60:02d}" for t in (mine.min(), mine.max()))
    busiest = hours.loc[hours["departures"].idxmax()]
    text = (
        f"In {area.name} the first vehicle of the day leaves at {first}, the last at {last}; the "
        f"busiest hour begins at {int(busiest['hour']):02d}:00 "
        f"({say_many(int(busiest['departures']), 'departure')})."
    )
    return (Note(stage="timetable", what="first_and_last", count=len(mine), text=text),)


def _walk_only(
    timetable: Timetable, area: StudyArea, window: tuple[int, int], walk_metres: float
) -> tuple[Note, ...]:
    """Say so loudly if nobody can get on anything."""
    x, y, _, _ = _people(area)
    stop, departure = _boarding(timetable)
    start, end = (minute * 60 for minute in window)
    clock = (
        f"{window[0] // 60:02d}:{window[0] % 60:02d} to {window[1] // 60:02d}:{window[1] % 60:02d}"
    )
    metres = _metres_to_nearest(x, y, timetable, np.unique(stop))
    if not (metres <= walk_metres).any():
        away = metres.min() / 1000
        far = f"the nearest is {away:,.0f} km away" if np.isfinite(away) else "none has a position"
        why = f"no stop with service is within a walk of anybody ({far}): is this the right file?"
        return (_loud("walk_only", f"Every journey will be on foot: {why}"),)
    now = np.unique(stop[(departure >= start) & (departure < end)])
    near = _metres_to_nearest(x, y, timetable, now) <= walk_metres
    if not near.any():
        why = f"nothing leaves from {clock} at any stop within a walk of anybody."
        return (_loud("walk_only", f"Every journey will be on foot: {why}"),)
    if near.all():
        return ()
    text = (
        f"{int((~near).sum())} of {say_many(len(near), 'point')} that people set out from have no "
        f"departure from {clock} at any stop within a walk: only journeys on foot from there."
    )
    items = tuple(str(point) for point in area.place_points.index[~near])
    note = note_items("timetable", "points_without_service", items, text)
    return (note,)


def _off_streets(
    timetable: Timetable,
    area: StudyArea | None,
    streets: Streets,
    snap_metres: float,
    extent_metres: float,
) -> tuple[Note, ...]:
    points = gpd.GeoSeries(
        gpd.points_from_xy(timetable.stop_x, timetable.stop_y),
        index=pd.Index(timetable.stop_id),
        crs=CRS,
    )
    points[np.isnan(timetable.stop_x)] = None
    found = snap_points(streets, points, snap_metres=snap_metres, extent_metres=extent_metres)
    off = found.status != "connected"
    if off.all():
        text = "Every journey will be on foot: no stop with service is on the mapped streets."
        return (_loud("walk_only", text, count=len(off)),)
    if not off.any():
        return ()
    mine = _inside(timetable, area) if area is not None else np.zeros(len(off), bool)
    text = (
        f"{int(off.sum()):,} of {say_many(len(off), 'stop')} with service are not on the mapped "
        "streets: vehicles are ridden through them, and nobody walks there."
    )
    if area is not None:
        text += f" {int((off & mine).sum()):,} of them are in {area.name} itself."
    items = tuple(str(stop) for stop in timetable.stop_id[off])
    return (note_items("timetable", "stops_off_streets", items, text),)  # fmt: skip
