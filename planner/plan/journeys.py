"""How do people get to services and jobs here: along streets, by timetable, as the crow flies?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.access import asked_venues
from planner.gaps import DEPARTURES
from planner.ledger import Note
from planner.plan.inputs import Inputs, read_drawn
from planner.plan.matrices import read_ways
from planner.plan.stages import Stages
from planner.project import Project, Timetable, to_minutes
from planner.project import Streets as StreetSettings
from planner.scenario import (
    Change,
    Scenario,
    apply_to_timetable,
    changes_touching,
    refuse_without_timetable,
    to_plain_changes,
)
from planner.services import Services
from planner.sources.gtfs import read_timetable
from planner.sources.roads import read_roads
from planner.sources.streets import read_streets
from planner.travel.getting_about import MEDIAN, Way, key_of, to_nearest
from planner.travel.roads import Roads
from planner.travel.street_times import build_street_times
from planner.travel.streets import Streets
from planner.travel.times import Mode, TravelTimes
from planner.travel.transit import (
    TransitNetwork,
    TransitSettings,
    build_transit_nearest_of_kinds,
    build_transit_network,
    build_transit_times,
)
from planner.travel.walk import build_straight_line_times, build_walk_times
from planner.travel.ways import CycleSettings, DriveSettings, RoadMode


@dataclass(frozen=True, kw_only=True, eq=False)
class Journeys:
    """Times by every way, what they run on, and what to draw behind a map.

    Parameters
    ----------
    ways
        By key, walking first; ``main`` is the key of the one that gaps and hubs go by.
    streets, network
        Streets, and streets with the day's timetable; None where the project has none.
    backdrop
        Main streets, water and place names.
    departures
        By public transport to the nearest at other, equally likely minutes of leaving, the one
        that suits best first; none where journeys were not searched for here.
    roads
        Where one may cycle or drive, for those ways that are timed along the streets.
    changes
        Those of the scenario, for timetables of other days.
    """

    ways: dict[str, Way]
    main: str
    streets: Streets | None
    network: TransitNetwork | None
    backdrop: gpd.GeoDataFrame | None
    departures: tuple[Way, ...] = ()
    roads: Mapping[Mode, Roads] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def way(self) -> Way:
        """The way that gaps and hubs go by."""
        return self.ways[self.main]


def build_journeys(
    run: Stages, project: Project, inputs: Inputs, services: Services, scenario: Scenario
) -> Journeys:
    """Time every journey of the place, or find the times again where nothing changed."""
    streets, backdrop = read_network(run, project)
    # A copy: what the memo holds is asked for again, and stays whole.
    given = dict(read_ways(run, project, inputs, services, scenario))
    ways: list[Way] = given.pop("walk", [])
    if ways:
        run.skip("times", "job_times")
    else:
        ways = [_on_foot(run, project, inputs, services, scenario, streets)]
    roads: dict[Mode, Roads] = {}
    for mode in ("cycle", "drive"):
        if mode in project.spec.modes and mode not in given:
            roads[mode] = _read_roads(run, project, mode)
            ways.append(_on_roads(run, project, inputs, services, scenario, mode, roads[mode]))
        else:
            run.skip(f"{mode}_roads", f"{mode}_times", f"{mode}_job_times")
    network = None
    if streets is None or project.spec.timetable is None or "transit" in given:
        refuse_without_timetable(scenario.changes)
    if streets is not None and project.spec.timetable is not None:
        network = join_timetable(run, project, streets, scenario.changes)
    else:
        run.skip("transit_network")
    departures: tuple[Way, ...] = ()
    if network is not None and "transit" not in given:
        timed, departures = _by_timetable(run, project, inputs, services, scenario, network)
        ways += timed
    else:
        run.skip("transit_times", "transit_nearest", "transit_job_times")
    ways += [way for more in given.values() for way in more]
    by_key = {way.key: way for way in ways}
    notes = [
        *(streets.notes if streets is not None else ()),
        *(note for one in roads.values() for note in one.notes),
        *(network.notes if network is not None else ()),
        *_unused_timetable(project),
    ]
    return Journeys(
        ways=by_key,
        main=key_of(project.spec.mode, by_key),
        streets=streets,
        network=network,
        backdrop=backdrop,
        departures=departures,
        roads=roads,
        changes=scenario.changes,
        notes=tuple(dict.fromkeys(notes)),
    )


def build_transit_settings(timetable: Timetable, window: str, cutoff: float) -> TransitSettings:
    """Return the settings of a search from those of the project, for one of its windows."""
    start, end = to_minutes(window)
    return TransitSettings(
        date=timetable.date,
        start_minute=start,
        end_minute=end,
        percentiles=(MEDIAN, timetable.reliable_percentile),
        cutoff_minutes=cutoff,
        access_minutes=timetable.max_walk_minutes,
        egress_minutes=timetable.max_walk_minutes,
        transfer_minutes=timetable.max_transfer_walk_minutes,
        transfer_slack_minutes=timetable.min_transfer_minutes,
        max_rides=timetable.max_rides or None,
        max_wait_minutes=timetable.max_wait_minutes or None,
        wheelchair_only=timetable.wheelchair_only,
    )


def time_walks(
    settings: StreetSettings,
    streets: Streets | None,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    cutoff_minutes: float,
) -> TravelTimes:
    """Time walks along the streets; as the crow flies, with a detour, where there are none."""
    if streets is None:
        return build_straight_line_times(
            origins,
            destinations,
            walk_kmh=settings.walk_kmh,
            detour=settings.detour,
            cutoff_minutes=cutoff_minutes,
        )
    return build_walk_times(
        streets,
        origins,
        destinations,
        walk_kmh=settings.walk_kmh,
        cutoff_minutes=cutoff_minutes,
        snap_metres=settings.snap_metres,
        extent_metres=settings.extent_metres,
    )


def time_roads(
    settings: StreetSettings,
    roads: Roads,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    cutoff_minutes: float,
) -> TravelTimes:
    """Time journeys by bicycle or by car."""
    return build_street_times(
        roads,
        origins,
        destinations,
        walk_kmh=settings.walk_kmh,
        cutoff_minutes=cutoff_minutes,
        snap_metres=settings.snap_metres,
        extent_metres=settings.extent_metres,
    )


def _on_foot(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    scenario: Scenario,
    streets: Streets | None,
) -> Way:
    settings, cutoff = project.spec.streets, project.spec.access.cutoff
    origins = inputs.area.place_points.geometry

    def build(destinations: gpd.GeoSeries) -> TravelTimes:
        return time_walks(settings, streets, origins, destinations, cutoff)

    times: TravelTimes = run.run(
        "times",
        [settings, cutoff, _moved(scenario)],
        ["area", "services", "streets"],
        lambda: build(services.venues.geometry),
    )
    jobs = inputs.jobs
    job_times: TravelTimes | None = run.run(
        "job_times",
        [settings, cutoff],
        ["area", "jobs", "streets"],
        lambda: build(jobs.points.geometry) if jobs is not None else None,
    )
    return Way(times=times, job_times=job_times)


def _read_roads(run: Stages, project: Project, mode: RoadMode) -> Roads:
    """Read where one may cycle or drive, in which direction and how fast."""
    spec = project.spec.streets
    settings: CycleSettings | DriveSettings = DriveSettings()
    if mode == "cycle":
        settings = CycleSettings(cycle_kmh=spec.cycle_kmh)
    roads: Roads = run.run(
        f"{mode}_roads",
        [spec.file, project.sha256(spec.file), repr(settings)],
        [],
        lambda: read_roads(project.path(spec.file), settings, what=spec.file),
    )
    return roads


def _on_roads(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    scenario: Scenario,
    mode: RoadMode,
    roads: Roads,
) -> Way:
    settings, cutoff = project.spec.streets, project.spec.access.cutoff

    def build(destinations: gpd.GeoSeries) -> TravelTimes:
        return time_roads(settings, roads, inputs.area.place_points.geometry, destinations, cutoff)

    times: TravelTimes = run.run(
        f"{mode}_times",
        [settings, cutoff, _moved(scenario)],
        ["area", "services", f"{mode}_roads"],
        lambda: build(services.venues.geometry),
    )
    jobs = inputs.jobs
    job_times: TravelTimes | None = run.run(
        f"{mode}_job_times",
        [settings, cutoff],
        ["area", "jobs", f"{mode}_roads"],
        lambda: build(jobs.points.geometry) if jobs is not None else None,
    )
    return Way(times=times, job_times=job_times)


def _moved(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the changes that journeys to every venue hang on; a name or a closure is none."""
    return to_plain_changes(scenario.touching("sites"))


def join_timetable(
    run: Stages,
    project: Project,
    streets: Streets,
    changes: Sequence[Change] = (),
    *,
    own_day: bool = True,
) -> TransitNetwork:
    """Read a day's timetable, change it as a scenario says, and put its stops on the streets.

    On another day than the project's own (not ``own_day``), a route that does not run cannot be
    changed either: that is noted then, not refused.
    """
    changes = changes_touching(changes, "timetable")
    timetable, settings = _timetable(project), project.spec.streets
    files = [(project.path(file), file) for file in timetable.files]
    walking = [settings.walk_kmh, settings.snap_metres, settings.extent_metres]
    network: TransitNetwork = run.run(
        "transit_network",
        [
            [project.sha256(file) for file in timetable.files],
            timetable.files,
            timetable.date,
            timetable.max_transfer_walk_minutes,
            walking,
            to_plain_changes(changes),
            own_day,
        ],
        ["streets"],
        lambda: build_transit_network(
            streets,
            apply_to_timetable(
                read_timetable(files, date=timetable.date, progress=run.within()),
                changes,
                refuse_absent=own_day,
            ),
            walk_kmh=settings.walk_kmh,
            snap_metres=settings.snap_metres,
            extent_metres=settings.extent_metres,
            transfer_minutes=timetable.max_transfer_walk_minutes,
        ),
    )
    return network


def _by_timetable(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    scenario: Scenario,
    network: TransitNetwork,
) -> tuple[list[Way], tuple[Way, ...]]:
    """Return journeys at the median minute of leaving home, and at the reliable percentile.

    Beside them, those to the nearest at other minutes of leaving.
    """
    timetable, cutoff = _timetable(project), project.spec.access.cutoff
    origins = inputs.area.place_points.geometry

    def build(destinations: gpd.GeoSeries, window: str) -> dict[int, TravelTimes]:
        settings = build_transit_settings(timetable, window, cutoff)
        return build_transit_times(network, origins, destinations, settings)

    rides = timetable.model_dump(mode="json", exclude={"files", "publisher", "licence"})
    times: dict[int, TravelTimes] = run.run(
        "transit_times",
        [rides, cutoff, _moved(scenario)],
        ["area", "services", "transit_network"],
        lambda: build(services.venues.geometry, timetable.window),
    )
    asked = asked_venues(inputs.area, services)
    found: list[pd.DataFrame] = run.run(
        "transit_nearest",
        [rides, cutoff, to_plain_changes(scenario.touching("sites", "supply"))],
        ["area", "services", "transit_network"],
        lambda: find_nearest(
            network,
            origins,
            services.venues.geometry,
            asked,
            _with_departures(build_transit_settings(timetable, timetable.window, cutoff)),
        ),
    )
    jobs = inputs.jobs
    job_times: dict[int, TravelTimes] = run.run(
        "transit_job_times",
        [rides, cutoff],
        ["area", "jobs", "transit_network"],
        lambda: build(jobs.points.geometry, timetable.jobs_window) if jobs is not None else {},
    )

    def nearest_of(percentile: int) -> dict[tuple[str, ...], pd.DataFrame]:
        tables = zip(asked, found, strict=True)
        return {venues: to_nearest(table, percentile) for venues, table in tables}

    ways = [
        Way(
            times=times[percentile],
            job_times=job_times.get(percentile),
            nearest_of=nearest_of(percentile),
        )
        for percentile in (MEDIAN, timetable.reliable_percentile)
    ]
    leaving = [Way(times=times[MEDIAN], nearest_of=nearest_of(at)) for at in DEPARTURES]
    return ways, tuple(leaving)


def _with_departures(settings: TransitSettings) -> TransitSettings:
    """Ask for the percentiles by which the minute of leaving is varied, too."""
    return replace(settings, percentiles=tuple(sorted({*settings.percentiles, *DEPARTURES})))


def find_nearest(
    network: TransitNetwork,
    origins: gpd.GeoSeries,
    venues: gpd.GeoSeries,
    asked: list[tuple[str, ...]],
    settings: TransitSettings,
) -> list[pd.DataFrame]:
    """Search for the nearest of each set of venues, whichever that is at each minute."""
    if not asked:
        return []
    which = [f"{at:05d}" for at, group in enumerate(asked) for _ in group]
    names = [venue for group in asked for venue in group]
    # A venue that is in several sets stands once in each.
    index = pd.Index([f"{at}/{name}" for at, name in zip(which, names, strict=True)])
    sites = gpd.GeoSeries(venues.loc[names].to_numpy(), index=index, crs=venues.crs).sort_index()
    kind = pd.Series(which, index=index).loc[sites.index]
    found = build_transit_nearest_of_kinds(network, origins, sites, kind, settings)
    return [found[f"{at:05d}"] for at in range(len(asked))]


def _timetable(project: Project) -> Timetable:
    timetable = project.spec.timetable
    if timetable is None:
        raise ValueError("a project without a timetable has no journeys by timetable")
    return timetable


def _unused_timetable(project: Project) -> tuple[Note, ...]:
    spec = project.spec
    if spec.timetable is None or spec.streets.file:
        return ()
    text = (
        "The timetables are not used: journeys by public transport need streets, and the project "
        "names no street file ([streets] file)."
    )
    note = Note(
        stage="travel", what="timetable_not_used", count=len(spec.timetable.files), text=text
    )
    return (note,)


def read_network(run: Stages, project: Project) -> tuple[Streets | None, gpd.GeoDataFrame | None]:
    """Read streets and what to draw behind a map; None for both where the project has none."""
    file = project.spec.streets.file
    if not file:
        run.keys["streets"] = "straight line"
        run.skip("streets")
        return None, read_drawn(run, project)
    sha = project.sha256(file)
    streets: Streets = run.run(
        "streets", [file, sha], [], lambda: read_streets(project.path(file), what=file)
    )
    return streets, read_drawn(run, project)
