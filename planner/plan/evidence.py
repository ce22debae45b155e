"""What is known of a place's areas, without timing a single journey?"""

from __future__ import annotations

from dataclasses import dataclass

from planner.area import StudyArea
from planner.cache import Memo
from planner.layers import Layers
from planner.left_out import fit_settings
from planner.plan.inputs import read_evidence
from planner.plan.stages import Progress, Stages
from planner.project import NeedSettings, Project


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """The areas of a project, the layers it has of them, and how it puts need together."""

    project: Project
    area: StudyArea
    layers: Layers
    settings: NeedSettings


def make_evidence(
    project: Project, *, memo: Memo | None = None, progress: Progress | None = None
) -> Evidence:
    """Read what need is made of, and nothing else of the project.

    Private layers are left out: what comes of this is set beside other places, and the council's
    own records say nothing about these.

    Parameters
    ----------
    project
        A checked project file.
    memo
        Shares results with whole plans of the same project.
    progress
        Called with each stage in words and the share (0-1) done so far.

    Raises
    ------
    PlannerError
        A file, a setting or the data cannot be used.
    """
    if project.spec.private:
        project = project.without_private()
    run = Stages(memo or Memo(), progress)
    names = _files(project)
    area, layers = read_evidence(run, project, {name: project.sha256(name) for name in names})
    settings, _ = fit_settings(project.spec, layers)
    return Evidence(project=project, area=area, layers=layers, settings=settings)


def _files(project: Project) -> list[str]:
    """Return the files that are read, so that no timetable is hashed in vain."""
    spec = project.spec
    if spec.local:
        return list(project.files())
    parts = (spec.place.points, spec.place.population)
    read = {part.file for part in parts if part is not None} | {entry.file for entry in spec.layer}
    read |= {spec.place.boundaries, *spec.lookups.model_dump().values()}
    read |= {spec.place.context.boundaries} if spec.place.context is not None else set()
    return [name for name in project.files() if name in read]
