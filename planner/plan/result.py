"""What came of it? Everything worked out for one project, and its headlines an area."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.access import Access, AccessMeasures
from planner.area import StudyArea
from planner.before_after import BeforeAfter
from planner.compliance import Compliance
from planner.equity import Equity
from planner.gaps import GapCertainty, Gaps, LargerGaps
from planner.hubs import Hubs
from planner.hubs.bundle_siting import BundleSiting
from planner.layers import Layers
from planner.ledger import Note, Source
from planner.local_knowledge import LocalKnowledge
from planner.need import Need
from planner.neighbourhoods import Neighbourhoods, name_types
from planner.outcomes import OutcomeLedger
from planner.plan.bundles import Bundles
from planner.plan.hub_choice import HubChoice
from planner.plan.marks import build_marks
from planner.plan.needs import Needs
from planner.private import PrivateLayer
from planner.project import Project
from planner.rota import Rota
from planner.scenario import Scenario
from planner.services import Jobs, Services
from planner.sources.outside_classes import OutsideTable
from planner.standards import Standard
from planner.travel.getting_about import Way
from planner.travel.streets import Streets
from planner.travel.times import TravelTimes
from planner.travel.transit import TransitNetwork


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Everything worked out for one project and one scenario.

    Each attribute is the result of one stage; `areas` joins their headlines, one row an area.
    ``ways`` and ``access_by`` hold every way of getting about by its key (``walk``, ``transit``,
    ``transit85``); ``mode`` is the key of the one that gaps and hubs go by. ``measures_by`` has
    the further measures of access by the same keys; none in a plan that is only compared with.
    ``needs`` holds what goes beyond the index: how sure it is, what comes together, what clusters;
    None in a plan that is only there to be compared with another one.
    ``bundles`` is what it takes to put the whole bundle together, None in such a plan; ``equity``
    by kind says how fairly minutes to it fall.
    ``compliance`` says which areas miss which standard, by the standard's own way: ``gaps`` and all
    that rests on standards go by it. ``gap_certainty`` says how often a gap is still one when other
    things are assumed, ``larger_gaps`` which are still seen among larger areas; None in plans that
    are only compared with, without draws, and without larger areas.
    ``type_outcomes`` sums access and gaps up over the people of each type; ``outside`` is somebody
    else's classification that the types are set beside.
    ``hub_choice`` is what else could be chosen than ``hubs`` and how sure the choice is,
    ``bundle_siting`` which services should come together where; None where not asked for.
    ``rota`` is the weeks of the project's outreach teams, None without a list of teams or where no
    session fits (the notes say why); ``outcomes`` whom today, the hubs and the rota bring within
    reach of the outcomes that partners share. Both are None in plans that are only compared with.
    ``before_after`` says what a scenario changes and for whom; None without changes, and in plans
    that are only compared with.
    ``manifest`` says which files (with SHA-256), versions, settings and seed it came from, and
    counts what was repaired, inherited, unplaced and left out.
    """

    project: Project
    scenario: Scenario
    area: StudyArea
    layers: Layers
    services: Services
    jobs: Jobs | None
    ways: dict[str, Way]
    mode: str
    streets: Streets | None
    network: TransitNetwork | None
    backdrop: gpd.GeoDataFrame | None
    need: Need
    groups: pd.DataFrame | None
    neighbourhoods: Neighbourhoods
    type_outcomes: pd.DataFrame
    access_by: dict[str, Access]
    standards: dict[str, Standard]
    compliance: Compliance
    gaps: Gaps
    hubs: Hubs | None
    notes: tuple[Note, ...]
    sources: tuple[Source, ...]
    manifest: dict[str, Any]
    needs: Needs | None = None
    gap_certainty: GapCertainty | None = None
    larger_gaps: LargerGaps | None = None
    measures_by: dict[str, AccessMeasures] = field(default_factory=dict)
    bundles: Bundles | None = None
    equity: dict[str, Equity] = field(default_factory=dict)
    outside: OutsideTable | None = None
    local: LocalKnowledge | None = None
    private: tuple[PrivateLayer, ...] = ()
    before_after: BeforeAfter | None = None
    hub_choice: HubChoice | None = None
    bundle_siting: BundleSiting | None = None
    rota: Rota | None = None
    outcomes: OutcomeLedger | None = None

    @property
    def way(self) -> Way:
        """The way of getting about that gaps and hubs go by."""
        return self.ways[self.mode]

    @property
    def access(self) -> Access:
        """Access by that way."""
        return self.access_by[self.mode]

    @property
    def times(self) -> TravelTimes:
        """Its times to venues."""
        return self.way.times

    @property
    def job_times(self) -> TravelTimes | None:
        """Its times to places of work."""
        return self.way.job_times

    @property
    def areas(self) -> gpd.GeoDataFrame:
        """One row an area of the place: the headline figures, in EPSG:27700."""
        return self._areas.copy(deep=False)

    @cached_property
    def _areas(self) -> gpd.GeoDataFrame:
        return build_areas_table(self)

    @property
    def watermarks(self) -> tuple[str, ...]:
        """Sentences that must stand on everything shown from this plan."""
        return build_marks(self.area, access=self.access, way=self.way, need=self.need)


def build_areas_table(plan: Plan) -> gpd.GeoDataFrame:
    """Return the headline figures, one row an area, in the order of the output contract.

    Returns
    -------
    areas
        Sorted index ``area_code``; names, population, need, type; for each way and kind minutes,
        status and counts; jobs within 45 minutes, the bundle's gap; polygons in EPSG:27700.
    """
    place = plan.area.place
    table = place[["area_name", "population"]].copy()
    scores = plan.need.scores
    for column in ("need_score", "need_rank", "need_decile", "need_rank_national"):
        table[column] = scores[column]
    # Nobody knows which tenth an area is in that has no score; it must not look like the best.
    known = scores["need_score"].notna()
    table["need_decile"] = table["need_decile"].astype("Int64").where(known)
    table["need_score_access_use"] = scores["need_score_access_use"]
    if plan.needs is not None:
        table = table.join(_more_on_need(plan.needs))
    table["type_id"] = plan.neighbourhoods.labels
    table["type_name"] = name_types(table["type_id"], plan.neighbourhoods.types["type_name"])
    for key, access in plan.access_by.items():
        table = table.join(_by_way(plan, key, access))
    bundle = plan.gaps.table[plan.gaps.table["kind"] == "bundle"].set_index("area_code")
    for column in ("gap_rank", "gap_score", "gap_reason", "gap_status"):
        table[column] = bundle[column]
    if plan.gap_certainty is not None:
        table["gap_share"] = plan.gap_certainty.of("bundle")["gap_share"]
    if plan.bundles is not None:
        table = table.join(_of_bundle(plan.bundles))
    shares = plan.access.wide("share_connected", "")
    table["share_connected"] = shares["value"]
    return gpd.GeoDataFrame(table, geometry=place.geometry, crs=place.crs)


def _more_on_need(needs: Needs) -> pd.DataFrame:
    """Return how sure each rank is, what comes together there, and what clusters."""
    sure = needs.robustness.table[
        ["need_rank_low", "need_rank_high", "need_worst_probability", "need_sure"]
    ].assign(need_moved_most=needs.robustness.table["need_moved_most"])
    together = needs.tandem.areas[
        ["worst_tenth_count", "worst_fifth_count", "tandem_least_bad", "tandem_combination_fifth"]
    ]
    return sure.join(together).join(needs.clusters.table[["need_cluster", "need_hotspot"]])


def _of_bundle(bundles: Bundles) -> pd.DataFrame:
    """Return what it takes to put the bundle together, and what of it is out of reach."""
    wanted = [
        *("bundle_trip_minutes", "bundle_trip_status", "one_stop_minutes", "one_stop_status"),
        *("hand_offs", "hand_offs_status", "fragmentation_ratio", "signature"),
    ]
    return bundles.areas[[column for column in wanted if column in bundles.areas]]


def _by_way(plan: Plan, key: str, access: Access) -> pd.DataFrame:
    """Return the headline columns of one way of getting about."""
    settings, columns = plan.project.spec.access, {}
    for kind in access.kinds:
        nearest = access.wide("minutes_nearest", kind)
        columns[f"minutes_{key}_{kind}"] = nearest["value"]
        columns[f"status_{key}_{kind}"] = nearest["status"]
        if 20 in settings.within:
            columns[f"within20_{key}_{kind}"] = access.wide("count_within", kind, 20)["value"]
    jobs = pd.Series(np.nan, index=access.codes)
    if plan.jobs is not None and 45 in settings.jobs_within:
        jobs = access.wide("jobs_within", "jobs", 45)["value"]
    columns[f"jobs_within45_{key}"] = jobs
    return pd.DataFrame(columns)
