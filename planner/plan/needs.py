"""How great is need, how sure is that, where does it come together and where does it cluster?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from planner.area import StudyArea
from planner.left_out import fit_tandem
from planner.need import Need, build_need
from planner.need.certainty.draws import Draws, build_draws
from planner.need.certainty.robustness import Robustness, build_robustness
from planner.need.inactivity import Inactivity, build_inactivity
from planner.need.space.neighbours import Neighbours, build_neighbours
from planner.need.space.spatial import Clusters, build_clusters
from planner.need.together.tandem import Tandem, build_tandem
from planner.plan.inputs import Inputs
from planner.plan.stages import Stages
from planner.project import NeedSettings, Project
from planner.travel.streets import Streets
from planner.travel.times import TravelTimes, to_areas


@dataclass(frozen=True, kw_only=True, eq=False)
class Needs:
    """Need in a place from every side but the index itself.

    ``draws`` are ranks under many assumptions, for whatever later rests on need.
    """

    draws: Draws
    robustness: Robustness
    tandem: Tandem
    neighbours: Neighbours
    clusters: Clusters
    inactivity: Inactivity | None

    @property
    def parts(self) -> tuple[Any, ...]:
        """The results that have notes, in the order they are worked out."""
        found = (self.robustness, self.tandem, self.neighbours, self.clusters, self.inactivity)
        return tuple(part for part in found if part is not None)


def rank_need(run: Stages, inputs: Inputs, settings: NeedSettings) -> Need:
    """Rank need in the areas of the place."""
    area, layers = inputs.area, inputs.layers
    need: Need = run.run(
        "need", [settings], ["area", "layers"], lambda: build_need(layers, area, settings)
    )
    return need


def build_needs(
    run: Stages,
    project: Project,
    inputs: Inputs,
    need: Need,
    settings: NeedSettings,
    streets: Streets | None,
) -> Needs:
    """Say how sure need is, where needs come together and where they cluster."""
    spec, area, layers = project.spec, inputs.area, inputs.layers
    draws: Draws = run.run(
        "draws",
        [settings, spec.robustness],
        ["area", "layers"],
        lambda: build_draws(layers, area, settings, spec.robustness),
    )
    robustness: Robustness = run.run(
        "robustness", [], ["draws", "need"], lambda: build_robustness(draws, need)
    )
    together = fit_tandem(spec, layers)
    tandem: Tandem = run.run(
        "tandem",
        [together],
        ["area", "layers", "need"],
        lambda: build_tandem(need, layers, area, together),
    )
    neighbours = build_place_neighbours(run, project, area, streets)
    clusters: Clusters = run.run(
        "clusters",
        [spec.spatial],
        ["neighbours", "layers", "need"],
        lambda: build_clusters(need, layers, area, spec.spatial, neighbours),
    )
    inactivity: Inactivity | None = run.run(
        "inactivity", [], ["area", "layers"], lambda: build_inactivity(layers, area)
    )
    return Needs(
        draws=draws,
        robustness=robustness,
        tandem=tandem,
        neighbours=neighbours,
        clusters=clusters,
        inactivity=inactivity,
    )


def build_place_neighbours(
    run: Stages, project: Project, area: StudyArea, streets: Streets | None
) -> Neighbours:
    """Say which areas of the place are neighbours: by their borders, or by the way on foot."""
    settings, walking = project.spec.spatial, project.spec.streets
    if settings.neighbours == "contiguity":
        found: Neighbours = run.run(
            "neighbours", [settings], ["area"], lambda: build_neighbours(area, settings)
        )
        return found

    def build() -> Neighbours:
        minutes = _walks_between(area, streets, project)
        return build_neighbours(area, settings, minutes=minutes)

    after = ["area", "streets"] if "streets" in run.keys else ["area"]
    by_foot: Neighbours = run.run("neighbours", [settings, walking], after, build)
    return by_foot


def _walks_between(area: StudyArea, streets: Streets | None, project: Project) -> TravelTimes:
    """Time the walks from the people of each area to the heaviest point of every other."""
    from planner.plan.journeys import time_walks  # slow to import, and few projects ask for it

    settings, cutoff = project.spec.streets, project.spec.spatial.within_minutes
    points = area.place_points
    heaviest = points.reset_index().sort_values(
        ["area_code", "weight", "point_id"], ascending=[True, False, True]
    )
    heaviest = heaviest.drop_duplicates("area_code").set_index("area_code").sort_index()
    middle = gpd.GeoSeries(heaviest.geometry, crs=points.crs)
    times = time_walks(settings, streets, points.geometry, middle, cutoff)
    return to_areas(times, points)
