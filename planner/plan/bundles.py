"""What does it take to put the whole bundle together, what is missed together, how fair is that?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner.access import Access
from planner.area import StudyArea
from planner.bundle import (
    BundleRules,
    BundleTrips,
    Fragmentation,
    HandOffs,
    Legs,
    OneStop,
    Signatures,
    build_bundle_trips,
    build_fragmentation,
    build_hand_offs,
    build_one_stop,
    build_signatures,
)
from planner.equity import Equity, EquitySettings, build_distribution, build_equity
from planner.ledger import Note
from planner.need import Need
from planner.need.space.neighbours import Neighbours
from planner.neighbourhoods import Neighbourhoods, name_types
from planner.plan.inputs import Inputs
from planner.plan.journeys import Journeys, build_transit_settings, time_walks
from planner.plan.stages import Stages
from planner.project import Project
from planner.services import Services
from planner.standards import Standard, kind_words
from planner.travel.getting_about import MEDIAN, MODE_WORDS
from planner.travel.times import TravelTimes
from planner.travel.transit import build_transit_times

#: Ways whose journeys from service to service the planner can time by itself.
TIMED_BETWEEN = ("walk", "transit")


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundles:
    """The bundle in a place: trips, one-stop places, hand-offs, and what is missed together.

    Trips and what rests on them are None where journeys between services could not be timed;
    ``notes`` then says why.
    """

    trips: BundleTrips | None
    one_stop: OneStop | None
    fragmentation: Fragmentation | None
    hand_offs: HandOffs | None
    signatures: Signatures
    notes: tuple[Note, ...] = ()

    @property
    def parts(self) -> tuple[Any, ...]:
        """The results, in the order they are worked out, without those that are not there."""
        found = (self.signatures, self.trips, self.one_stop, self.fragmentation, self.hand_offs)
        return (self.notes, *(part for part in found if part is not None))

    @property
    def areas(self) -> pd.DataFrame:
        """One row an area: everything that is known of it."""
        parts = (self.trips, self.one_stop, self.fragmentation, self.hand_offs)
        tables = [self.signatures.areas, *(part.areas for part in parts if part is not None)]
        return pd.concat(tables, axis=1)


def build_bundles(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    access: Access,
    standards: dict[str, Standard],
    neighbours: Neighbours,
) -> Bundles:
    """Work out trips to the whole bundle by the main way, and what is out of reach together."""
    spec, area = project.spec, inputs.area
    kinds = tuple(spec.bundle.kinds)
    parents = inputs.layers.parents
    larger = parents.iloc[:, 0] if len(parents.columns) else None
    signatures: Signatures = run.run(
        "signatures",
        [kinds, spec.tandem.permutations, spec.tandem.seed],
        ["access", "neighbours", "layers"],
        lambda: build_signatures(
            {kind: access.wide("minutes_nearest", kind) for kind in kinds},
            standards,
            area,
            neighbours,
            larger=larger,
            permutations=spec.tandem.permutations,
            seed=spec.tandem.seed,
        ),
    )
    given = {entry.mode for entry in spec.matrix}
    if journeys.way.mode not in TIMED_BETWEEN or journeys.way.mode in given:
        run.skip("between", "bundle")
        return Bundles(
            trips=None,
            one_stop=None,
            fragmentation=None,
            hand_offs=None,
            signatures=signatures,
            notes=(_not_timed(MODE_WORDS[journeys.way.mode]),),
        )
    legs, walks = _time_legs(run, project, inputs, services, journeys)
    budget = min(spec.bundle.budget_minutes, legs.both_ways_cutoff)
    rules = BundleRules(
        kinds=kinds,
        dwell_minutes=spec.bundle.dwell_minutes,
        stop_minutes=spec.bundle.stop_minutes,
        walk_minutes=spec.bundle.walk_minutes,
        budget_minutes=budget,
    )
    points, people = area.place_points, area.place["population"]

    def build() -> tuple[BundleTrips, OneStop, Fragmentation, HandOffs]:
        trips = build_bundle_trips(legs, services, points, rules)
        return (
            trips,
            build_one_stop(legs, services, points, rules, walk=walks),
            build_fragmentation(trips, legs, services, points, people),
            build_hand_offs(legs, services, points, rules, walk=walks),
        )

    found: tuple[BundleTrips, OneStop, Fragmentation, HandOffs] = run.run(
        "bundle", [spec.bundle], ["between", "area", "services"], build
    )
    trips, one_stop, fragmentation, hand_offs = found
    return Bundles(
        trips=trips,
        one_stop=one_stop,
        fragmentation=fragmentation,
        hand_offs=hand_offs,
        signatures=signatures,
        notes=() if budget == spec.bundle.budget_minutes else (_less_budget(budget),),
    )


def build_equities(
    run: Stages,
    area: StudyArea,
    need: Need,
    types: Neighbourhoods,
    access: Access,
    standards: dict[str, Standard],
    cutoff: float,
) -> dict[str, Equity]:
    """Say how fairly minutes to each kind fall over people, from the most need to the least."""
    people = area.place["population"].astype("float64")
    ranked = need.scores["need_percentile_access_use"]
    groups = name_types(types.labels.reindex(area.codes), types.types["type_name"])

    def build() -> dict[str, Equity]:
        found = {}
        for kind in access.kinds:
            near = access.wide("minutes_nearest", kind)
            if not bool(((near["status"] == "reached") & (people > 0)).any()):
                continue
            line = standards[kind].minutes
            distribution = build_distribution(
                near,
                people,
                label=f"minutes to the nearest {kind_words(kind)}",
                unit="minutes",
                better="less",
                ranked_by=ranked,
                groups=groups,
                cap=cutoff,
            )
            settings = EquitySettings(line=line if line < cutoff else None)
            found[kind] = build_equity(distribution, settings)
        return found

    result: dict[str, Equity] = run.run("equity", [], ["access", "need", "neighbourhoods"], build)
    return result


def _not_timed(words: str) -> Note:
    return Note(
        stage="bundle",
        what="bundle_not_timed",
        count=1,
        text=f"Trips to the whole bundle were not worked out: journeys {words} from one service to "
        "another are not timed here.",
    )


def _less_budget(minutes: float) -> Note:
    return Note(
        stage="bundle",
        what="bundle_budget_cut",
        count=1,
        text=f"Hand-offs are counted within {minutes:g} minutes there and back, less than [bundle] "
        "budget_minutes asks for: longer journeys were not searched ([access] cutoff).",
    )


def _time_legs(
    run: Stages, project: Project, inputs: Inputs, services: Services, journeys: Journeys
) -> tuple[Legs, TravelTimes]:
    """Return journeys there, between services and back, and walks between services."""
    spec, venues = project.spec, services.venues.geometry
    homes = inputs.area.place_points.geometry

    def build() -> tuple[TravelTimes, TravelTimes, TravelTimes | None]:
        walks = time_walks(spec.streets, journeys.streets, venues, venues, spec.access.cutoff)
        if journeys.way.mode == "walk":
            return walks, walks, None
        assert journeys.network is not None
        assert spec.timetable is not None
        ride = build_transit_settings(spec.timetable, spec.timetable.window, spec.access.cutoff)
        between = build_transit_times(journeys.network, venues, venues, ride)[MEDIAN]
        back = build_transit_times(journeys.network, venues, homes, ride)[MEDIAN]
        return walks, between, back

    by_transit = journeys.way.mode == "transit"
    after = ["transit_times"] if by_transit else ["times"]
    walks, between, back = run.run("between", [spec.streets, journeys.main], after, build)
    return Legs(to=journeys.way.times, between=between, back=back), walks
