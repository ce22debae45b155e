"""How long does a team take from venue to venue, and from its base and back?"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.errors import ProjectError
from planner.ledger import Note
from planner.plan.journeys import Journeys, build_transit_settings, time_roads, time_walks
from planner.plan.stages import Stages
from planner.project import Project
from planner.services import Services
from planner.sources.roads import read_roads
from planner.travel.getting_about import MEDIAN, MODE_WORDS
from planner.travel.times import DECISECONDS_PER_MINUTE, TravelTimes
from planner.travel.transit import build_transit_times
from planner.travel.walk import build_straight_line_times
from planner.travel.ways import DriveSettings
from planner.wording import say_few

#: A day's drive: longer journeys between two venues are as good as none.
LONGEST_MINUTES = 360.0


def time_teams(
    run: Stages,
    project: Project,
    services: Services,
    journeys: Journeys,
    venues: pd.Index,
    bases: pd.Series,
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return minutes between venues and bases, from rows to columns, NaN where there is no way.

    Teams go by car where car journeys are timed (or ``[rota] travel`` says so and there are
    streets), else by public transport, else on foot, else in a straight line at a stated speed.

    Raises
    ------
    ProjectError
        The project has nothing to time the way by that it asks for.
    """
    how = choose_travel(project, journeys)
    ids = sorted({*map(str, venues), *map(str, bases)} - {""})
    points = services.venues.geometry.loc[ids]
    where = [(name, round(point.x, 1), round(point.y, 1)) for name, point in points.items()]
    spec, file = project.spec, project.spec.streets.file
    rides = spec.timetable.model_dump(mode="json") if spec.timetable else None
    by = [spec.streets, project.sha256(file) if file else "", spec.rota.travel_kmh, rides]
    after = {"transit": ["transit_network"], "walk": ["streets"]}.get(how, [])
    times: TravelTimes = run.run(
        "team_travel", [how, where, by], after, lambda: _time(project, journeys, points, how)
    )
    grid = np.full((len(ids), len(ids)), np.nan)
    pairs = times.pairs
    grid[pairs["origin"].to_numpy(), pairs["destination"].to_numpy()] = (
        pairs["deciseconds"].to_numpy() / DECISECONDS_PER_MINUTE
    )
    np.fill_diagonal(grid, 0.0)
    return pd.DataFrame(grid, index=ids, columns=ids), _notes(project, times, how)


def choose_travel(project: Project, journeys: Journeys) -> str:
    """Return by what teams get about: ``drive``, ``transit``, ``walk`` or ``straight_line``.

    Raises
    ------
    ProjectError
        The project asks for a way that it has nothing to time by.
    """
    asked = project.spec.rota.travel
    has = {
        "drive": bool(project.spec.streets.file),
        "transit": journeys.network is not None,
        "walk": journeys.streets is not None,
        "straight_line": True,
    }
    if asked and not has[asked]:
        needs = "streets and timetables" if asked == "transit" else "a street file"
        raise ProjectError(
            f"[rota] travel: {asked} journeys of teams need {needs}.",
            hint='Name them in [streets] and [timetable], or write travel = "straight_line".',
        )
    if asked:
        return asked
    if "drive" in journeys.roads:
        return "drive"
    return next(way for way in ("transit", "walk", "straight_line") if has[way])


def _time(project: Project, journeys: Journeys, points: gpd.GeoSeries, how: str) -> TravelTimes:
    spec = project.spec
    if how == "drive":
        roads = journeys.roads.get("drive")
        if roads is None:
            file = spec.streets.file
            roads = read_roads(project.path(file), DriveSettings(), what=file)
        return time_roads(spec.streets, roads, points, points, LONGEST_MINUTES)
    if how == "transit":
        assert journeys.network is not None
        assert spec.timetable is not None
        ride = build_transit_settings(spec.timetable, spec.timetable.window, LONGEST_MINUTES)
        return build_transit_times(journeys.network, points, points, ride)[MEDIAN]
    if how == "walk":
        return time_walks(spec.streets, journeys.streets, points, points, LONGEST_MINUTES)
    return build_straight_line_times(
        points,
        points,
        walk_kmh=spec.rota.travel_kmh,
        detour=spec.streets.detour,
        cutoff_minutes=LONGEST_MINUTES,
    )


def _notes(project: Project, times: TravelTimes, how: str) -> tuple[Note, ...]:
    """Say how teams get about, and which places they cannot be timed to."""
    spec = project.spec
    words = {
        "drive": "Teams go by car, at the speeds of the streets: without congestion or parking.",
        "transit": f"Teams go {MODE_WORDS['transit']} with all they carry: nothing here times car "
        'journeys. Write [rota] travel = "drive" if they drive.',
        "walk": f"Teams go {MODE_WORDS['walk']} with all they carry: nothing here times car "
        'journeys. Write [rota] travel = "drive" if they drive.',
        "straight_line": "Teams' journeys are straight lines × "
        f"{spec.streets.detour:g} at {spec.rota.travel_kmh:g} km/h, as stated: rivers, railways "
        "and traffic are not seen.",
    }
    notes = [Note(stage="rota", what=f"travel_{how}", count=1, text=words[how])]
    lost = times.origins[(times.origin_status != "connected").to_numpy()]
    if len(lost):
        names = tuple(map(str, lost))
        text = f"No journey of a team can be timed to or from {say_few(names)}: not on the streets."
        notes.append(
            Note(stage="rota", what="team_not_connected", count=len(names), text=text, items=names)
        )
    return tuple(notes)
