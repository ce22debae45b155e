"""What should be done here? Wires the stages from published files to a plan, for everybody."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from planner.access import Access
from planner.before_after import build_before_after, take_snapshot
from planner.cache import Memo, digest
from planner.equity import Equity
from planner.hubs.bundle_siting import BundleSiting
from planner.ledger import Note
from planner.left_out import build_left_out_note, fit_settings
from planner.local_knowledge import build_effects
from planner.need import Need
from planner.neighbourhoods import Neighbourhoods
from planner.plan.access import FoundMeasures, measure_access, take_measures
from planner.plan.bundle_siting import bring_together
from planner.plan.bundles import Bundles, build_bundles
from planner.plan.fairness import build_equities
from planner.plan.gaps import FoundGaps, find_gaps
from planner.plan.hub_choice import HubChoice, judge_choice
from planner.plan.hubs import FoundHubs, choose_hubs
from planner.plan.inputs import Inputs, read_inputs
from planner.plan.journeys import Journeys, build_journeys
from planner.plan.manifest import build_manifest, gather_notes, gather_sources
from planner.plan.needs import Needs, build_needs, rank_need
from planner.plan.outcomes import FoundOutcomes, score_outcomes
from planner.plan.result import Plan
from planner.plan.rota import FoundRota, plan_rota
from planner.plan.stages import Progress, Stages
from planner.plan.types import find_types, sum_outcomes
from planner.project import Project
from planner.reporting import build_reporting
from planner.scenario import TODAY, Scenario, apply_changes, apply_to_area, to_plain_changes
from planner.services import Services
from planner.standards import Standard

#: Stands before each stage of today's plan where it is made for the sake of a scenario.
TODAY_WORDS = "Today, to compare with: "


def make_plan(
    project: Project,
    scenario: Scenario | None = None,
    *,
    memo: Memo | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Work out the whole plan: need, types, access, gaps and hubs of a project.

    Parameters
    ----------
    project
        A checked project file.
    scenario
        Changes to the inputs; none is today. With changes, today is worked out too and set beside
        (`Plan.before_after`); both take from one memo what the changes leave alone.
    memo
        Keeps stage results between calls, so that moving a weight does not time journeys again.
    progress
        Called with each stage in words and the share (0-1) done so far.

    Raises
    ------
    PlannerError
        A file, a setting or the data cannot be used; the message says what, where and what to do.
    """
    memo = memo or Memo()
    if scenario is None or not scenario.changes:
        plan = _with_effects(_make(project, TODAY, memo, progress, whole=True), memo)
    else:
        plan = _make(project, scenario, memo, _part(progress, 0.0), whole=True)
        today = make_plan(project, memo=memo, progress=_part(progress, 0.5, TODAY_WORDS))
        plan = _set_beside(plan, today)
    if progress is not None:
        progress("Done", 1.0)
    return plan


def _part(progress: Progress | None, start: float, before: str = "") -> Progress | None:
    """Return what one of two plans tells its progress to: half of the whole, never that of all."""
    if progress is None:
        return None

    def tell(words: str, share: float) -> None:
        if share < 1:
            progress(f"{before}{words}", start + share / 2)

    return tell


def _set_beside(plan: Plan, today: Plan) -> Plan:
    """Return a scenario's plan with what it changes, and today's effects of local knowledge."""
    before_after = build_before_after(take_snapshot(today), take_snapshot(plan))
    plan = replace(
        plan,
        before_after=before_after,
        notes=tuple(dict.fromkeys((*plan.notes, *before_after.notes))),
    )
    if plan.local is not None and today.local is not None:
        plan = replace(plan, local=replace(plan.local, effects=today.local.effects))
    shas = {entry["file"]: entry["sha256"] for entry in plan.manifest["inputs"]}
    return replace(plan, manifest=build_manifest(plan, shas))


def _make(
    project: Project, scenario: Scenario, memo: Memo, progress: Progress | None, *, whole: bool
) -> Plan:
    """Return the plan; not ``whole`` is without hubs and effects, to compare another one with."""
    run = Stages(memo, progress)
    shas = {name: project.sha256(name) for name in project.files()}
    inputs, services = _apply(run, read_inputs(run, project, shas), scenario)
    journeys = build_journeys(run, project, inputs, services, scenario)
    found = _judge(run, project, inputs, services, journeys, whole=whole)
    rota, outcomes = FoundRota(), FoundOutcomes()
    if whole:
        rota, outcomes = _reach_out(run, project, inputs, services, journeys, scenario, found)
    groups = inputs.groups
    plan = Plan(
        project=project,
        scenario=scenario,
        area=inputs.area,
        layers=inputs.layers,
        services=services,
        jobs=inputs.jobs,
        ways=journeys.ways,
        mode=journeys.main,
        streets=journeys.streets,
        network=journeys.network,
        backdrop=journeys.backdrop,
        need=found.need,
        needs=found.needs,
        groups=build_reporting(inputs.area, inputs.layers, found.need, groups) if groups else None,
        neighbourhoods=found.neighbourhoods,
        type_outcomes=found.type_outcomes,
        outside=inputs.outside,
        access_by=found.access_by,
        measures_by=found.measures.measures_by,
        standards=found.standards,
        compliance=found.gaps.compliance,
        gaps=found.gaps.gaps,
        gap_certainty=found.gaps.certainty,
        larger_gaps=found.gaps.larger,
        bundles=found.bundles,
        equity=found.equity,
        hubs=found.hubs.hubs,
        hub_choice=found.choice,
        bundle_siting=found.bundle_siting,
        rota=rota.rota,
        outcomes=outcomes.ledger,
        notes=gather_notes(
            _gather(project, inputs, services, journeys, found), *rota.parts, *outcomes.parts
        ),
        sources=gather_sources(project, inputs, services),
        manifest={},
        local=inputs.local,
        private=inputs.private,
    )
    return replace(plan, manifest=build_manifest(plan, shas))


def _apply(run: Stages, inputs: Inputs, scenario: Scenario) -> tuple[Inputs, Services]:
    """Return the inputs with the scenario's people, and its services.

    Journeys only hang on where venues and people are; ``supply`` is the key of all else that a
    scenario changes about services.
    """
    area = apply_to_area(inputs.area, scenario.changes)
    if area is not inputs.area:
        inputs = replace(inputs, area=area)
        people = to_plain_changes(scenario.touching("people"))
        run.keys["area"] = digest(run.keys["area"], people)
    supply = scenario.touching("sites", "supply", "hours", "capacity", "words")
    run.keys["supply"] = digest(run.keys["services"], to_plain_changes(supply))
    return inputs, apply_changes(inputs.services, scenario.changes)


def _gather(
    project: Project, inputs: Inputs, services: Services, journeys: Journeys, found: _Found
) -> tuple[Note, ...]:
    """Return what was repaired, inherited, left out or could not be placed on the way."""
    left_out = build_left_out_note(project.spec)
    timed = [times for way in journeys.ways.values() for times in (way.times, way.job_times)]
    return gather_notes(
        inputs.area,
        inputs.layers,
        services,
        inputs.jobs,
        inputs.timetable_notes,
        journeys.notes,
        *(times for times in timed if times is not None),
        found.need,
        *(() if found.needs is None else found.needs.parts),
        inputs.groups,
        inputs.outside,
        found.neighbourhoods,
        *found.access_by.values(),
        found.measures.notes,
        *found.measures.measures_by.values(),
        *found.gaps.parts,
        *(() if found.bundles is None else found.bundles.parts),
        *found.equity.values(),
        *found.hubs.parts,
        found.choice,
        found.together_notes,
        inputs.local,
        () if left_out is None else (left_out,),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Found:
    need: Need
    needs: Needs | None
    neighbourhoods: Neighbourhoods
    type_outcomes: pd.DataFrame
    standards: dict[str, Standard]
    access_by: dict[str, Access]
    measures: FoundMeasures
    gaps: FoundGaps
    bundles: Bundles | None
    equity: dict[str, Equity]
    hubs: FoundHubs
    choice: HubChoice | None
    bundle_siting: BundleSiting | None
    together_notes: tuple[Note, ...]


def _judge(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    *,
    whole: bool,
) -> _Found:
    """Rank need, group areas, measure access, find gaps and choose hubs."""
    spec, area, layers = project.spec, inputs.area, inputs.layers
    need_settings, type_settings = fit_settings(spec, layers)
    need, streets = rank_need(run, inputs, need_settings), journeys.streets
    needs = build_needs(run, project, inputs, need, need_settings, streets) if whole else None
    types = find_types(
        run,
        project,
        inputs,
        need,
        type_settings,
        neighbours=None if needs is None else needs.neighbours,
        streets=streets,
        whole=whole,
    )
    standards, access_by = measure_access(run, project, inputs, services, journeys)
    measures = FoundMeasures()
    if whole:
        measures = take_measures(run, project, inputs, services, journeys, standards)
    access = access_by[journeys.main]
    gaps = find_gaps(run, spec, inputs, services, journeys, need, needs, access_by, standards)
    hubs = FoundHubs()
    choice: HubChoice | None = None
    together: tuple[BundleSiting | None, tuple[Note, ...]] = (None, ())
    bundles: Bundles | None = None
    equity: dict[str, Equity] = {}
    if whole and needs is not None:
        bundles = build_bundles(
            *(run, project, inputs, services, journeys),
            *(gaps.compliance, standards, needs.neighbours, gaps.gaps),
        )
        equity = build_equities(run, spec, area, need, types, access, journeys, gaps.compliance)
        hubs = choose_hubs(run, project, inputs, services, journeys, need, types, access_by)
        choice = judge_choice(run, project, area, services, journeys, needs, hubs)
        together = bring_together(run, project, inputs, services, journeys, need, hubs)
    return _Found(
        need=need,
        needs=needs,
        neighbourhoods=types,
        type_outcomes=sum_outcomes(run, area, types, access, gaps.gaps),
        standards=standards,
        access_by=access_by,
        measures=measures,
        gaps=gaps,
        bundles=bundles,
        equity=equity,
        hubs=hubs,
        choice=choice,
        bundle_siting=together[0],
        together_notes=together[1],
    )


def _reach_out(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    scenario: Scenario,
    found: _Found,
) -> tuple[FoundRota, FoundOutcomes]:
    """Plan the weeks of outreach teams, and score what is brought within reach."""
    hubs, compliance = found.hubs.hubs, found.gaps.compliance
    rota = plan_rota(
        *(run, project, inputs, services, journeys),
        *(found.need, found.neighbourhoods, compliance, hubs),
    )
    outcomes = score_outcomes(
        *(run, project, inputs, services, journeys, scenario),
        *(found.need, compliance, hubs, rota.rota),
    )
    return rota, outcomes


def _with_effects(today: Plan, memo: Memo) -> Plan:
    """Compare today's plan with and without local knowledge."""
    if today.local is None:
        return today
    official = _make(today.project.with_spec(local=[]), TODAY, memo, None, whole=False)
    effects = build_effects(official, today, today.local.ledger)
    return replace(today, local=replace(today.local, effects=effects))
