"""What did the plan come from, and what was done to it on the way?"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from planner.ledger import Note, Source
from planner.plan.inputs import Inputs
from planner.plan.stages import STAGE_VERSIONS, version_of
from planner.project import Project
from planner.services import Services
from planner.sources.corrections import correction_sources
from planner.sources.hub_costs import hub_costs_sources
from planner.sources.timetable import timetable_sources

if TYPE_CHECKING:
    from planner.plan.result import Plan


def gather_notes(*parts: Any) -> tuple[Note, ...]:
    """Return the notes of every stage, each once, in the order of the stages."""
    notes: list[Note] = []
    for part in parts:
        found = part if isinstance(part, tuple) else getattr(part, "notes", ())
        notes.extend(found)
    return tuple(dict.fromkeys(notes))


def gather_sources(project: Project, inputs: Inputs, services: Services) -> tuple[Source, ...]:
    """Return every source of the run, each once."""
    spec, area, layers, jobs = project.spec, inputs.area, inputs.layers, inputs.jobs
    sources = [*area.sources]
    sources += [layer.source for layer in layers.specs.values()]
    sources += services.sources
    if jobs is not None:
        sources.append(jobs.source)
    sources += correction_sources(project)
    sources += hub_costs_sources(project)
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
    sources += [
        Source(
            publisher=entry.publisher or "Publisher not stated",
            dataset=entry.dataset,
            licence=entry.licence or "licence not stated",
            vintage=entry.vintage,
            file=entry.file,
            sha256=project.sha256(entry.file),
        )
        for entry in spec.matrix
    ]
    if inputs.outside is not None:
        sources.append(inputs.outside.source)
    sources += _own_lists(project)
    return tuple(dict.fromkeys(sources))


def _own_lists(project: Project) -> list[Source]:
    """Return the lists that people make for this project alone: teams and shared outcomes."""
    named = {
        "Outreach teams": project.spec.rota.teams,
        "Services and shared outcomes": project.spec.outcomes.file,
    }
    return [
        Source(
            publisher="The project's own",
            dataset=what,
            licence="as the project's",
            vintage="not stated",
            file=file,
            sha256=project.sha256(file),
        )
        for what, file in named.items()
        if file
    ]


def build_manifest(plan: Plan, shas: dict[str, str]) -> dict[str, Any]:
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
            "planner": version_of("planner"),
            "python": platform.python_version(),
            "stages": dict(STAGE_VERSIONS),
            "packages": {name: version_of(name) for name in packages},
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
