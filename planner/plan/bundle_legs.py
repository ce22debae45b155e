"""How long is each leg of a trip to the whole bundle, by the way that gaps and hubs go by?"""

from __future__ import annotations

import geopandas as gpd

from planner.bundle import Legs
from planner.plan.inputs import Inputs
from planner.plan.journeys import Journeys, build_transit_settings, time_roads, time_walks
from planner.plan.stages import Stages
from planner.project import Project
from planner.services import Services
from planner.travel.getting_about import MEDIAN
from planner.travel.times import TravelTimes
from planner.travel.transit import build_transit_times


def time_legs(
    run: Stages, project: Project, inputs: Inputs, services: Services, journeys: Journeys
) -> tuple[Legs, TravelTimes]:
    """Return journeys there, between services and back, and walks between services.

    On foot the way back is as long as the way there; by bicycle, by car (one-way streets) and by
    timetable it is timed by itself.
    """
    spec, venues = project.spec, services.venues.geometry
    homes, mode = inputs.area.place_points.geometry, journeys.way.mode

    def build() -> tuple[TravelTimes, TravelTimes, TravelTimes | None]:
        walks = time_walks(spec.streets, journeys.streets, venues, venues, spec.access.cutoff)
        if mode == "walk":
            return walks, walks, None
        return walks, _time(project, journeys, venues), _time(project, journeys, venues, homes)

    after = "times" if mode == "walk" else f"{mode}_times"
    # The key of the times holds the timetable's settings, the cutoff and what is open.
    walks, between, back = run.run(
        "between", [spec.streets, spec.access.cutoff, journeys.main], [after], build
    )
    return Legs(to=journeys.way.times, between=between, back=back), walks


def _time(
    project: Project,
    journeys: Journeys,
    venues: gpd.GeoSeries,
    ends: gpd.GeoSeries | None = None,
) -> TravelTimes:
    """Time journeys from venues to places, or to the venues, as the main way goes."""
    spec, mode = project.spec, journeys.way.mode
    there = venues if ends is None else ends
    if mode == "transit":
        assert journeys.network is not None
        assert spec.timetable is not None
        ride = build_transit_settings(spec.timetable, spec.timetable.window, spec.access.cutoff)
        return build_transit_times(journeys.network, venues, there, ride)[MEDIAN]
    return time_roads(spec.streets, journeys.roads[mode], venues, there, spec.access.cutoff)
