"""Which neighbourhoods are alike, and how far do the people of each type have to go?"""

from __future__ import annotations

import pandas as pd

from planner.access import Access
from planner.area import StudyArea
from planner.gaps import Gaps
from planner.need import Need
from planner.need.space.neighbours import Neighbours
from planner.neighbourhoods import Neighbourhoods, build_neighbourhoods
from planner.neighbourhoods.outcomes import build_type_outcomes
from planner.plan.inputs import Inputs
from planner.plan.needs import build_place_neighbours
from planner.plan.stages import Stages
from planner.project import NeighbourhoodSettings, Project
from planner.travel.streets import Streets


def find_types(
    run: Stages,
    project: Project,
    inputs: Inputs,
    need: Need,
    settings: NeighbourhoodSettings,
    *,
    neighbours: Neighbours | None,
    streets: Streets | None,
    whole: bool,
) -> Neighbourhoods:
    """Group the areas of the place into types.

    Parameters
    ----------
    settings
        Those of the project, fitted to the layers that are there.
    neighbours
        Which areas are neighbours, where that is known already; worked out only where the method
        asks for it.
    streets
        What neighbours by the way on foot are found by.
    whole
        False for a plan that another one is compared with: areas are not drawn anew for it.
    """
    after = ["area", "layers", "need"]
    if settings.method == "ward_regions":
        if neighbours is None:
            neighbours = build_place_neighbours(run, project, inputs.area, streets)
        after.append("neighbours")
    else:
        neighbours = None
    if inputs.outside is not None:
        after.append("outside_classes")
    if not whole:
        settings = settings.model_copy(update={"bootstraps": 0})
    types: Neighbourhoods = run.run(
        "neighbourhoods",
        [settings],
        after,
        lambda: build_neighbourhoods(
            inputs.layers,
            inputs.area,
            need,
            settings,
            neighbours=neighbours,
            classes=None if inputs.outside is None else inputs.outside.classes,
        ),
    )
    return types


def sum_outcomes(
    run: Stages, area: StudyArea, types: Neighbourhoods, access: Access, gaps: Gaps
) -> pd.DataFrame:
    """Sum up access and gaps over the people of each type."""
    people = area.place["population"]
    table: pd.DataFrame = run.run(
        "type_outcomes",
        [],
        ["neighbourhoods", "access", "gaps"],
        lambda: build_type_outcomes(types.labels, people, access.table, gaps.table),
    )
    return table
