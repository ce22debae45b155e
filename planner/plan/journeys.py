"""How do people get to services and jobs here: along streets, or as the crow flies?"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd

from planner.ledger import Note
from planner.plan.inputs import Inputs
from planner.plan.stages import Stages
from planner.project import Project
from planner.scenario import Scenario
from planner.services import Services
from planner.sources.streets import read_backdrop, read_streets
from planner.travel.streets import Streets
from planner.travel.times import TravelTimes
from planner.travel.walk import build_straight_line_times, build_walk_times


@dataclass(frozen=True, kw_only=True, eq=False)
class Journeys:
    """Times to venues and to jobs, what to draw behind a map, and notes on the streets."""

    times: TravelTimes
    job_times: TravelTimes | None
    backdrop: gpd.GeoDataFrame | None
    notes: tuple[Note, ...] = ()


def build_journeys(
    run: Stages, project: Project, inputs: Inputs, services: Services, scenario: Scenario
) -> Journeys:
    """Time every journey of the place, or find the times again where nothing changed."""
    spec = project.spec
    settings, cutoff = spec.streets, spec.access.cutoff
    origins = inputs.area.place_points.geometry
    streets, backdrop = _read_network(run, project)

    def build(destinations: gpd.GeoSeries) -> TravelTimes:
        if streets is None:
            return build_straight_line_times(
                origins,
                destinations,
                walk_kmh=settings.walk_kmh,
                detour=settings.detour,
                cutoff_minutes=cutoff,
            )
        return build_walk_times(
            streets,
            origins,
            destinations,
            walk_kmh=settings.walk_kmh,
            cutoff_minutes=cutoff,
            snap_metres=settings.snap_metres,
            extent_metres=settings.extent_metres,
        )

    times: TravelTimes = run.run(
        "times",
        [settings, cutoff, scenario.to_plain()],
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
    return Journeys(
        times=times,
        job_times=job_times,
        backdrop=backdrop,
        notes=streets.notes if streets is not None else (),
    )


def _read_network(run: Stages, project: Project) -> tuple[Streets | None, gpd.GeoDataFrame | None]:
    file = project.spec.streets.file
    if not file:
        run.keys["streets"] = "straight line"
        run.skip("streets", "backdrop")
        return None, None
    sha = project.sha256(file)
    streets: Streets = run.run(
        "streets", [file, sha], [], lambda: read_streets(project.path(file), what=file)
    )
    backdrop: gpd.GeoDataFrame = run.run(
        "backdrop", [file, sha], [], lambda: read_backdrop(project.path(file), what=file)
    )
    return streets, backdrop
