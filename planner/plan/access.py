"""How far is everything, by every way, and what do the further measures of access say?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.access import (
    Access,
    AccessMeasures,
    MeasureRules,
    OpenHours,
    asked_open_venues,
    build_access,
    build_access_measures,
)
from planner.access.decay import Decay, build_half_at
from planner.access.decay_fit import DistanceBands, FittedShape, fit_decay, to_distance_bands
from planner.access.opening import DAYS
from planner.errors import DataError, ProjectError
from planner.ledger import Note
from planner.plan.inputs import Inputs
from planner.plan.journeys import (
    Journeys,
    build_transit_settings,
    find_nearest,
    join_timetable,
    time_roads,
    time_walks,
)
from planner.plan.stages import TIMED, Stages
from planner.project import Project, Timetable, split_at
from planner.services import Services
from planner.sources.distance_to_work import read_distance_to_work
from planner.sources.timetable import read_service_days, words_of
from planner.standards import Standard, build_standards
from planner.travel.getting_about import Way, to_nearest
from planner.travel.times import TravelTimes
from planner.travel.transit import TransitNetwork, build_transit_times
from planner.travel.transit.hours import nearest_day
from planner.wording import say_list


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedDecay:
    """The function of minutes that nearness counts by, None for none, and how it came about."""

    decay: Decay | None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class OtherHours:
    """Journeys by timetable at other hours: by the words of the hours, then by way."""

    ways: Mapping[str, Mapping[str, OpenHours]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class FoundMeasures:
    """Further measures by way, and what was said of the journeys and functions behind them."""

    measures_by: dict[str, AccessMeasures] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def measure_access(
    run: Stages, project: Project, inputs: Inputs, services: Services, journeys: Journeys
) -> tuple[dict[str, Standard], dict[str, Access]]:
    """Return what is acceptable for each kind, and access by each way of getting about."""
    spec, area = project.spec, inputs.area
    bundle = list(spec.bundle.kinds)
    kinds = {*services.kinds, *services.unplaced["kind"], *bundle}
    standards = build_standards(spec.standards, sorted(kinds))
    access_by: dict[str, Access] = run.run(
        "access",
        [spec.access, bundle],
        [*_timed(run), "supply"],
        lambda: {
            key: build_access(area, services, way, inputs.jobs, spec.access, bundle)
            for key, way in journeys.ways.items()
        },
    )
    return standards, access_by


def take_measures(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    standards: Mapping[str, Standard],
) -> FoundMeasures:
    """Take the further measures that ``[measures]`` asks for, by each way of getting about."""
    spec = project.spec
    fitted = find_decay(run, project, inputs)
    competing = time_context(run, project, inputs, services, journeys)
    hours = time_other_hours(run, project, inputs, services, journeys)
    rules = MeasureRules(
        settings=spec.measures,
        within=spec.access.within,
        jobs_within=spec.access.jobs_within,
        standards=standards,
        decay=fitted.decay,
        kinds=spec.bundle.kinds,
    )
    measures_by: dict[str, AccessMeasures] = run.run(
        "measures",
        [spec.measures, spec.access, spec.bundle.kinds, spec.standards],
        [*_timed(run), "supply", "decay", "context_times", "other_hours"],
        lambda: {
            key: build_access_measures(
                inputs.area,
                services,
                inputs.jobs,
                way,
                rules,
                competing=competing.get(key),
                open_hours={at: ways[key] for at, ways in hours.ways.items() if key in ways},
            )
            for key, way in journeys.ways.items()
        },
    )
    return FoundMeasures(measures_by=measures_by, notes=(*fitted.notes, *hours.notes))


def _timed(run: Stages) -> list[str]:
    return [stage for stage in TIMED if stage in run.keys]


# ---- how nearness counts ----------------------------------------------------------------------


def find_decay(run: Stages, project: Project, inputs: Inputs) -> FittedDecay:
    """Return the function that nearness counts by, given or fitted to distances to work."""
    settings = project.spec.measures
    file = settings.decay_table
    found: FittedDecay = run.run(
        "decay",
        [settings, project.sha256(file) if file else ""],
        ["area"],
        lambda: _fit(project, inputs) if file else FittedDecay(decay=_given(project)),
    )
    return found


def _given(project: Project) -> Decay | None:
    settings = project.spec.measures
    if not settings.decay or settings.decay_minutes is None:
        return None
    return build_half_at(settings.decay, settings.decay_minutes)


def _fit(project: Project, inputs: Inputs) -> FittedDecay:
    """Fit the function to the table, and turn kilometres into minutes at the stated pace."""
    settings = project.spec.measures
    shape: FittedShape | None = settings.decay or None
    assert shape is not None
    counts, notes = read_distance_to_work(project, settings.decay_table, inputs.area)
    bands = to_distance_bands(counts)
    fit = fit_decay(bands, shape)
    decay, pace = fit.decay, ""
    if decay.unit == "km":
        if settings.decay_kmh is None:
            raise ProjectError(
                f"{project.file_name}: measures.decay_kmh is needed: {settings.decay_table} is in "
                "kilometres, and access in minutes.",
                hint="State how fast people get on, in a straight line from door to door; buses in "
                "towns make about 15 kilometres an hour.",
            )
        decay = decay.to_minutes(60 / settings.decay_kmh)
        pace = f" At {settings.decay_kmh:g} kilometres an hour (decay_kmh): {decay.words}."
    text = (
        f"{settings.decay_table}: {fit.decay.words}, fitted to {bands.table['count'].sum():,.0f} "
        f"people; {100 * fit.dissimilarity:.1f} % of them would have to be in another band for it "
        f"to fit exactly.{_say_best(bands)}{pace} {' '.join(fit.assumptions)}"
    )
    note = Note(stage="access", what="decay_fitted", count=len(bands.table), text=text)
    return FittedDecay(decay=decay, notes=(*notes, *bands.notes, note))


def _say_best(bands: DistanceBands) -> str:
    """Say which shape suits the table best, by Akaike's criterion."""
    scores = {}
    for shape in get_args(FittedShape):
        try:
            scores[shape] = fit_decay(bands, shape).aic
        except DataError:
            continue  # these bands do not settle that shape
    best = min(scores, key=lambda shape: scores[shape])
    return f" Of {say_list(sorted(scores))} decay, {best} fits these people best."


# ---- people who compete -----------------------------------------------------------------------


def time_context(
    run: Stages, project: Project, inputs: Inputs, services: Services, journeys: Journeys
) -> dict[str, TravelTimes]:
    """Return times from the place and the context areas, where capacity is to be shared.

    Ways whose times came from another program are not in it: nothing is known of journeys from
    the context areas by them.
    """
    spec, area = project.spec, inputs.area
    points = area.points[~area.points.index.isin(area.place_points.index)]
    if not spec.measures.catchment or not len(points):
        run.keys["context_times"] = "none"
        run.skip("context_times")
        return {}

    given = {entry.mode for entry in spec.matrix}

    def build() -> dict[str, TravelTimes]:
        found = {}
        venues, cutoff = services.venues.geometry, spec.access.cutoff
        rides: dict[int, TravelTimes] = {}
        for key, way in journeys.ways.items():
            if way.mode in given:
                continue
            if way.mode == "walk":
                more = time_walks(spec.streets, journeys.streets, points.geometry, venues, cutoff)
            elif way.mode == "transit":
                rides = rides or _ride_from(project, journeys, points.geometry, venues)
                more = rides[int(way.percentile or 0)]
            else:
                roads = journeys.roads[way.mode]
                more = time_roads(spec.streets, roads, points.geometry, venues, cutoff)
            found[key] = join_origins(way.times, more)
        return found

    times: dict[str, TravelTimes] = run.run(
        "context_times", [sorted(journeys.ways), sorted(given)], ["area", *_timed(run)], build
    )
    return times


def _ride_from(
    project: Project, journeys: Journeys, origins: gpd.GeoSeries, venues: gpd.GeoSeries
) -> dict[int, TravelTimes]:
    timetable, network = project.spec.timetable, journeys.network
    assert timetable is not None
    assert network is not None
    settings = build_transit_settings(timetable, timetable.window, project.spec.access.cutoff)
    return build_transit_times(network, origins, venues, settings)


def join_origins(first: TravelTimes, second: TravelTimes) -> TravelTimes:
    """Return times from the origins of both tables, which are to the same destinations.

    Raises
    ------
    ValueError
        The destinations differ, or an origin is in both.
    """
    if (
        not first.destinations.equals(second.destinations)
        or first.origins.isin(second.origins).any()
    ):
        raise ValueError("times that do not belong together")
    joined = first.origins.append(second.origins)
    origins = joined.sort_values()
    place = origins.get_indexer(joined)
    pairs = pd.concat(
        [
            first.pairs,
            second.pairs.assign(origin=second.pairs["origin"] + np.int32(len(first.origins))),
        ],
        ignore_index=True,
    )
    pairs["origin"] = place[pairs["origin"].to_numpy()].astype(np.int32)
    return replace(
        first,
        pairs=pairs.sort_values(["origin", "destination"], kind="stable", ignore_index=True),
        origins=origins,
        origin_status=pd.concat([first.origin_status, second.origin_status]).reindex(origins),
        origin_component=pd.concat([first.origin_component, second.origin_component]).reindex(
            origins
        ),
    )


# ---- journeys at other hours ------------------------------------------------------------------


def time_other_hours(
    run: Stages, project: Project, inputs: Inputs, services: Services, journeys: Journeys
) -> OtherHours:
    """Time journeys by timetable in the evening, on a Saturday or whenever ``at`` says.

    On foot, by bicycle and by car journeys take as long as at any hour.
    """
    spec = project.spec
    hours = list(spec.measures.at)
    given = {entry.mode for entry in spec.matrix}
    if not hours or "transit" not in {way.mode for way in journeys.ways.values()}:
        run.keys["other_hours"] = "none"
        run.skip("other_hours")
        return OtherHours()
    if "transit" in given or spec.timetable is None:
        text = (
            "Journeys by public transport come from another program, for one time of day: services "
            f"that are open {', '.join(hours)} are looked for with the same journeys."
        )
        run.keys["other_hours"] = "given"
        run.skip("other_hours")
        note = Note(stage="access", what="hours_of_the_day", count=len(hours), text=text)
        return OtherHours(notes=(note,))
    found: OtherHours = run.run(
        "other_hours",
        [hours, spec.measures.unknown_hours],
        ["area", "supply", *_timed(run)],
        lambda: _time_hours(run, project, inputs, services, journeys),
    )
    return found


def _time_hours(
    run: Stages, project: Project, inputs: Inputs, services: Services, journeys: Journeys
) -> OtherHours:
    timetable, network = project.spec.timetable, journeys.network
    assert timetable is not None
    assert network is not None
    lives = [read_service_days(project.path(file), what=file)[0] for file in timetable.files]
    networks: dict[dt.date, TransitNetwork] = {timetable.date: network}
    ways: dict[str, Mapping[str, OpenHours]] = {}
    notes = []
    for at in project.spec.measures.at:
        weekday = DAYS.index(split_at(at)[0])
        day = (
            timetable.date
            if weekday == timetable.date.weekday()
            else nearest_day(lives, timetable.date, weekday)
        )
        if day is None:
            text = (
                f"{at}: no timetable has a trip on such a day, so how far services are then by "
                "public transport is not known (no data). On foot, by bicycle and by car it is."
            )
            notes.append(Note(stage="access", what="hours_without_trips", count=1, text=text))
            words = "Not measured: no timetable has a trip on such a day."
            ways[at] = {
                key: OpenHours(way=None, words=words)
                for key, way in journeys.ways.items()
                if way.mode == "transit"
            }
            continue
        entry = timetable.model_copy(update={"date": day})
        if day not in networks:
            networks[day] = _network_of(run, project, journeys, entry)
        timed = _time_then(project, inputs, services, networks[day], entry, at)
        words = f"By the timetable of {words_of(day)}, leaving at any minute."
        ways[at] = {way.key: OpenHours(way=way, words=words) for way in timed}
    return OtherHours(ways=ways, notes=tuple(notes))


def _network_of(
    run: Stages, project: Project, journeys: Journeys, entry: Timetable
) -> TransitNetwork:
    """Return the streets with the timetable of another day."""
    assert journeys.streets is not None
    other = Stages(run.memo, None)
    other.keys.update(run.keys)
    project = project.with_spec(timetable=entry)
    return join_timetable(other, project, journeys.streets, journeys.changes, own_day=False)


def _time_then(
    project: Project,
    inputs: Inputs,
    services: Services,
    network: TransitNetwork,
    entry: Timetable,
    at: str,
) -> list[Way]:
    """Return journeys to the venues that are open then, at each percentile."""
    asked = asked_open_venues(inputs.area, services, at, project.spec.measures)
    names = sorted({venue for group in asked for venue in group})
    window = at.partition(" ")[2]
    settings = build_transit_settings(entry, window, project.spec.access.cutoff)
    origins, venues = inputs.area.place_points.geometry, services.venues.geometry
    times = build_transit_times(network, origins, venues.loc[names], settings)
    found = find_nearest(network, origins, venues, asked, settings)
    return [
        Way(
            times=times[percentile],
            nearest_of={
                group: to_nearest(table, percentile)
                for group, table in zip(asked, found, strict=True)
            },
        )
        for percentile in settings.percentiles
    ]
