"""What does it take to put the whole bundle together, and what of it is missed together?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from planner.access import BUNDLE
from planner.bundle import (
    BundleRules,
    BundleTrips,
    Fragmentation,
    HandOffs,
    Legs,
    OneStop,
    Signatures,
    TimedTrips,
    build_bundle_trips,
    build_fragmentation,
    build_hand_offs,
    build_one_stop,
    build_signatures,
    build_timed_trips,
)
from planner.compliance import Compliance
from planner.gaps import Gaps
from planner.ledger import Note
from planner.need.space.neighbours import Neighbours
from planner.plan.bundle_legs import time_legs
from planner.plan.inputs import Inputs
from planner.plan.journeys import Journeys, build_transit_settings
from planner.plan.stages import Stages
from planner.project import Project
from planner.services import Services
from planner.standards import Standard
from planner.travel.getting_about import MODE_WORDS
from planner.travel.times import TravelTimes


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundles:
    """The bundle in a place: trips, one-stop places, hand-offs, and what is missed together.

    Trips and what rests on them are None where journeys between services could not be timed;
    ``notes`` then says why. ``timed`` are the trips of the greatest gaps timed end to end by the
    clock; None where no trip is indicative, none was asked for, or no gap has a trip.
    """

    trips: BundleTrips | None
    one_stop: OneStop | None
    fragmentation: Fragmentation | None
    hand_offs: HandOffs | None
    signatures: Signatures
    timed: TimedTrips | None = None
    notes: tuple[Note, ...] = ()

    @property
    def parts(self) -> tuple[Any, ...]:
        """The results, in the order they are worked out, without those that are not there."""
        found = (
            *(self.signatures, self.trips, self.one_stop, self.fragmentation, self.hand_offs),
            self.timed,
        )
        return (self.notes, *(part for part in found if part is not None))

    @property
    def areas(self) -> pd.DataFrame:
        """One row an area: everything that is known of it."""
        return self._areas.copy(deep=False)

    @cached_property
    def _areas(self) -> pd.DataFrame:
        parts = (self.trips, self.one_stop, self.fragmentation, self.hand_offs)
        tables = [self.signatures.areas, *(part.areas for part in parts if part is not None)]
        areas = pd.concat(tables, axis=1)
        if self.timed is not None:
            timed = self.timed.table.reindex(areas.index)
            areas["bundle_timed_minutes"] = timed["minutes"]
            areas["bundle_timed_status"] = timed["status"].fillna("")
        return areas


def build_bundles(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    compliance: Compliance,
    standards: dict[str, Standard],
    neighbours: Neighbours,
    gaps: Gaps,
) -> Bundles:
    """Work out trips to the whole bundle by the main way, and what is out of reach together."""
    signatures = _find_signatures(run, project, inputs, compliance, standards, neighbours)
    if journeys.way.mode in {entry.mode for entry in project.spec.matrix}:
        run.skip("between", "bundle", "timed")
        return Bundles(
            trips=None,
            one_stop=None,
            fragmentation=None,
            hand_offs=None,
            signatures=signatures,
            notes=(_not_timed(MODE_WORDS[journeys.way.mode]),),
        )
    legs, walks = time_legs(run, project, inputs, services, journeys)
    rules = build_rules(project, legs)
    found = _make_trips(run, inputs, services, legs, walks, rules)
    trips, one_stop, fragmentation, hand_offs = found
    asked, budget = project.spec.bundle.budget_minutes, rules.budget_minutes
    return Bundles(
        trips=trips,
        one_stop=one_stop,
        fragmentation=fragmentation,
        hand_offs=hand_offs,
        signatures=signatures,
        timed=_time_by_clock(run, project, inputs, services, journeys, trips, gaps),
        notes=() if budget == asked else (_less_budget(asked, budget),),
    )


def choose_timed(trips: BundleTrips, gaps: Gaps, count: int) -> list[str]:
    """Return the areas with the greatest gaps for the bundle that have a trip, greatest first."""
    table = gaps.table[(gaps.table["kind"] == BUNDLE) & (gaps.table["gap_status"] == "gap")]
    codes = table.sort_values(["gap_rank", "area_code"], kind="stable")["area_code"]
    reached = trips.areas["bundle_trip_status"].reindex(codes) == "reached"
    return [str(code) for code in codes[reached.to_numpy()].head(count)]


def _find_signatures(
    run: Stages,
    project: Project,
    inputs: Inputs,
    compliance: Compliance,
    standards: dict[str, Standard],
    neighbours: Neighbours,
) -> Signatures:
    spec, kinds = project.spec, tuple(project.spec.bundle.kinds)
    parents = inputs.layers.parents
    larger = parents.iloc[:, 0] if len(parents.columns) else None
    signatures: Signatures = run.run(
        "signatures",
        [kinds, spec.standards, spec.tandem.permutations, spec.tandem.seed],
        ["access", "neighbours", "layers"],
        lambda: build_signatures(
            {kind: compliance.near(kind) for kind in kinds},
            standards,
            inputs.area,
            neighbours,
            larger=larger,
            permutations=spec.tandem.permutations,
            seed=spec.tandem.seed,
        ),
    )
    return signatures


def build_rules(project: Project, legs: Legs) -> BundleRules:
    """Return what a trip to the whole bundle is made of, in this project."""
    bundle = project.spec.bundle
    return BundleRules(
        kinds=tuple(bundle.kinds),
        dwell_minutes=bundle.dwell_minutes,
        stop_minutes=bundle.stop_minutes,
        walk_minutes=bundle.walk_minutes,
        budget_minutes=min(bundle.budget_minutes, legs.both_ways_cutoff),
    )


def _make_trips(
    run: Stages,
    inputs: Inputs,
    services: Services,
    legs: Legs,
    walks: TravelTimes,
    rules: BundleRules,
) -> tuple[BundleTrips, OneStop, Fragmentation, HandOffs]:
    points, people = inputs.area.place_points, inputs.area.place["population"]

    def build() -> tuple[BundleTrips, OneStop, Fragmentation, HandOffs]:
        trips = build_bundle_trips(legs, services, points, rules)
        return (
            trips,
            build_one_stop(legs, services, points, rules, walk=walks),
            build_fragmentation(trips, legs, services, points, people),
            build_hand_offs(legs, services, points, rules, walk=walks),
        )

    found: tuple[BundleTrips, OneStop, Fragmentation, HandOffs] = run.run(
        "bundle", [repr(rules)], ["between", "area", "supply"], build
    )
    return found


def _time_by_clock(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    trips: BundleTrips,
    gaps: Gaps,
) -> TimedTrips | None:
    """Time the trips of the greatest gaps from end to end, where legs were timed one by one."""
    bundle, timetable, network = project.spec.bundle, project.spec.timetable, journeys.network
    codes = choose_timed(trips, gaps, bundle.timed) if trips.indicative else []
    if not codes or network is None or timetable is None:
        run.skip("timed")
        return None
    settings = build_transit_settings(timetable, timetable.window, project.spec.access.cutoff)
    timed: TimedTrips = run.run(
        "timed",
        [repr(settings), codes, bundle.timed_every],
        # The areas say all that gaps have to do with it, but what is private stays unkept.
        ["bundle", "transit_network", *run.unkept.intersection(["gaps"])],
        lambda: build_timed_trips(
            network,
            settings,
            trips,
            services,
            inputs.area.place_points,
            codes,
            every=bundle.timed_every,
        ),
    )
    return timed


def _not_timed(words: str) -> Note:
    return Note(
        stage="bundle",
        what="bundle_not_timed",
        count=1,
        text=f"Trips to the whole bundle were not worked out: journeys {words} come from another "
        "program ([[matrix]]), which does not say how long it takes from one service to another.",
    )


def _less_budget(asked: float, minutes: float) -> Note:
    return Note(
        stage="bundle",
        what="bundle_budget_cut",
        count=1,
        text=f"Hand-offs are counted within {minutes:g} minutes there and back, not the {asked:g} "
        "of [bundle] budget_minutes: longer journeys were not searched. A higher [access] cutoff "
        "searches them.",
    )
