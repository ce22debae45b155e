"""What came of it? Everything worked out for one project, and its headlines an area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.access import Access
from planner.area import StudyArea
from planner.gaps import Gaps
from planner.hubs import Hubs
from planner.layers import Layers
from planner.ledger import Note, Source
from planner.local_knowledge import LocalKnowledge
from planner.need import Need
from planner.neighbourhoods import Neighbourhoods
from planner.private import PrivateLayer
from planner.project import Project
from planner.scenario import Scenario
from planner.services import Jobs, Services
from planner.standards import Standard
from planner.travel.times import TravelTimes


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Everything worked out for one project and one scenario.

    Each attribute is the result of one stage; `areas` joins their headlines, one row an area.
    ``manifest`` says which files (with SHA-256), versions, settings and seed it came from, and
    counts what was repaired, inherited, unplaced and left out.
    """

    project: Project
    scenario: Scenario
    area: StudyArea
    layers: Layers
    services: Services
    jobs: Jobs | None
    times: TravelTimes
    job_times: TravelTimes | None
    backdrop: gpd.GeoDataFrame | None
    need: Need
    groups: pd.DataFrame | None
    neighbourhoods: Neighbourhoods
    access: Access
    standards: dict[str, Standard]
    gaps: Gaps
    hubs: Hubs | None
    notes: tuple[Note, ...]
    sources: tuple[Source, ...]
    manifest: dict[str, Any]
    local: LocalKnowledge | None = None
    private: tuple[PrivateLayer, ...] = ()

    @property
    def areas(self) -> gpd.GeoDataFrame:
        """One row an area of the place: the headline figures, in EPSG:27700."""
        return build_areas_table(self)

    @property
    def watermarks(self) -> tuple[str, ...]:
        """Sentences that must stand on everything shown from this plan."""
        marks = []
        if self.area.fictional:
            marks.append("Fictional place: no real area, person or service is described.")
        if self.access.approximate:
            marks.append(
                f"Journeys are by {self.access.method}, not along streets: rivers, railways and "
                "motorways are ignored."
            )
        marks += [note.text for note in self.need.notes if note.what == "common_measure"]
        return tuple(marks)


def build_areas_table(plan: Plan) -> gpd.GeoDataFrame:
    """Return the headline figures, one row an area, in the order of the output contract.

    Returns
    -------
    areas
        Sorted index ``area_code``; names, population, need, type, minutes, counts and status on
        foot for each kind, jobs within 45 minutes, the bundle's gap; polygons in EPSG:27700.
    """
    place = plan.area.place
    table = place[["area_name", "population"]].copy()
    scores = plan.need.scores
    for column in ("need_score", "need_rank", "need_decile", "need_rank_national"):
        table[column] = scores[column]
    table["need_score_access_use"] = scores["need_score_access_use"]
    table["type_id"] = plan.neighbourhoods.labels
    table["type_name"] = table["type_id"].map(plan.neighbourhoods.types["type_name"])
    for kind in _kinds_measured(plan):
        nearest = plan.access.wide("minutes_nearest", kind)
        table[f"minutes_walk_{kind}"] = nearest["value"]
        table[f"status_walk_{kind}"] = nearest["status"]
        if 20 in plan.project.spec.access.within:
            table[f"within20_walk_{kind}"] = plan.access.wide("count_within", kind, 20)["value"]
    if plan.jobs is not None and 45 in plan.project.spec.access.jobs_within:
        table["jobs_within45_walk"] = plan.access.wide("jobs_within", "jobs", 45)["value"]
    else:
        table["jobs_within45_walk"] = np.nan
    bundle = plan.gaps.table[plan.gaps.table["kind"] == "bundle"].set_index("area_code")
    for column in ("gap_rank", "gap_score", "gap_reason", "gap_status"):
        table[column] = bundle[column]
    shares = plan.access.wide("share_connected", "")
    table["share_connected"] = shares["value"]
    return gpd.GeoDataFrame(table, geometry=place.geometry, crs=place.crs)


def _kinds_measured(plan: Plan) -> list[str]:
    table = plan.access.table
    return sorted(table.loc[table["measure"] == "minutes_nearest", "kind"].unique())
