"""What should be done here? Wires the stages from published files to a plan, for everybody."""

from __future__ import annotations

from dataclasses import dataclass, replace

from planner.access import Access, build_access
from planner.cache import Memo
from planner.gaps import Gaps, build_gaps
from planner.hubs import Hubs, build_hubs
from planner.local_knowledge import build_effects
from planner.need import Need
from planner.neighbourhoods import Neighbourhoods, build_neighbourhoods
from planner.plan.inputs import Inputs, read_inputs
from planner.plan.journeys import Journeys, build_journeys
from planner.plan.manifest import build_manifest, gather_notes, gather_sources
from planner.plan.needs import Needs, build_needs, rank_need
from planner.plan.result import Plan
from planner.plan.stages import TIMED, Progress, Stages
from planner.private import build_left_out_note, fit_settings
from planner.project import Project
from planner.reporting import build_reporting
from planner.scenario import TODAY, Scenario, apply_changes
from planner.services import Services
from planner.standards import Standard, build_standards


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
        Changes to the inputs; none is today.
    memo
        Keeps stage results between calls, so that moving a weight does not time journeys again.
    progress
        Called with each stage in words and the share (0-1) done so far.

    Raises
    ------
    PlannerError
        A file, a setting or the data cannot be used; the message says what, where and what to do.
    """
    return _make(project, scenario or TODAY, memo or Memo(), progress, whole=True)


def _make(
    project: Project, scenario: Scenario, memo: Memo, progress: Progress | None, *, whole: bool
) -> Plan:
    """Return the plan; not ``whole`` is without hubs and effects, to compare another one with."""
    run = Stages(memo, progress)
    shas = {name: project.sha256(name) for name in project.files()}
    inputs = read_inputs(run, project, shas)
    services = apply_changes(inputs.services, scenario.changes)
    journeys = build_journeys(run, project, inputs, services, scenario)
    found = _judge(run, project, inputs, services, journeys, whole=whole)
    groups = inputs.groups
    left_out = build_left_out_note(project.spec)
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
        access_by=found.access_by,
        standards=found.standards,
        gaps=found.gaps,
        hubs=found.hubs,
        notes=gather_notes(
            inputs.area,
            inputs.layers,
            services,
            inputs.jobs,
            inputs.timetable_notes,
            journeys.notes,
            *(
                times
                for way in journeys.ways.values()
                for times in (way.times, way.job_times)
                if times is not None
            ),
            found.need,
            *(() if found.needs is None else found.needs.parts),
            groups,
            found.neighbourhoods,
            *found.access_by.values(),
            found.gaps,
            found.hubs,
            inputs.local,
            () if left_out is None else (left_out,),
        ),
        sources=gather_sources(project, inputs.area, inputs.layers, services, inputs.jobs),
        manifest={},
        local=inputs.local,
        private=inputs.private,
    )
    if whole:
        plan = _with_effects(plan, memo)
    if progress is not None:
        progress("Done", 1.0)
    return replace(plan, manifest=build_manifest(plan, shas))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Found:
    need: Need
    needs: Needs | None
    neighbourhoods: Neighbourhoods
    standards: dict[str, Standard]
    access_by: dict[str, Access]
    gaps: Gaps
    hubs: Hubs | None


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
    need, needs = rank_need(run, inputs, need_settings), None
    if whole:
        needs = build_needs(run, project, inputs, need, need_settings, journeys.streets)
    neighbourhoods: Neighbourhoods = run.run(
        "neighbourhoods",
        [type_settings],
        ["area", "layers", "need"],
        lambda: build_neighbourhoods(layers, area, need, type_settings),
    )
    bundle = list(spec.bundle.kinds)
    kinds = {*services.kinds, *services.unplaced["kind"], *bundle}
    standards = build_standards(spec.standards, sorted(kinds))
    timed = [stage for stage in TIMED if stage in run.keys]
    access_by: dict[str, Access] = run.run(
        "access",
        [spec.access, bundle, spec.standards],
        timed,
        lambda: {
            key: build_access(area, services, way, inputs.jobs, spec.access, bundle, standards)
            for key, way in journeys.ways.items()
        },
    )
    access = access_by[journeys.main]
    gaps: Gaps = run.run(
        "gaps",
        [],
        ["access", "need"],
        lambda: build_gaps(area, layers, need, access, standards, bundle),
    )
    hubs: Hubs | None = None
    if whole:
        hubs = run.run(
            "hubs",
            [spec.hubs],
            ["access", "need"],
            lambda: build_hubs(area, services, journeys.way.times, need, access, spec.hubs),
        )
    return _Found(
        need=need,
        needs=needs,
        neighbourhoods=neighbourhoods,
        standards=standards,
        access_by=access_by,
        gaps=gaps,
        hubs=hubs,
    )


def _with_effects(plan: Plan, memo: Memo) -> Plan:
    """Compare today's plan with and without local knowledge, whatever the scenario."""
    if plan.local is None:
        return plan
    official = _make(plan.project.with_spec(local=[]), TODAY, memo, None, whole=False)
    now = plan if not plan.scenario.changes else _make(plan.project, TODAY, memo, None, whole=False)
    effects = build_effects(official, now, plan.local.ledger)
    return replace(plan, local=replace(plan.local, effects=effects))
