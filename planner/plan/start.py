"""What can be shown of a place before its whole plan is worked out: what is in it, and its need?

Both take the stages of `make_plan`, by the same keys: with one memo, nothing is worked out twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd

from planner.area import StudyArea
from planner.cache import Memo
from planner.layers import Layers
from planner.ledger import Note, Source
from planner.left_out import fit_settings
from planner.plan.inputs import Inputs, read_drawn, read_inputs
from planner.plan.manifest import gather_notes, gather_sources
from planner.plan.marks import build_marks
from planner.plan.stages import STAGE_VERSIONS, Progress, Stages
from planner.project import Project
from planner.services import Jobs, Services

if TYPE_CHECKING:
    from planner.need import Need
    from planner.plan.needs import Needs

#: About so many stages each of the two has, so that their progress ends near the whole.
STAGES_OF_CONTENTS, STAGES_OF_START = 8, 16


@dataclass(frozen=True, kw_only=True, eq=False)
class Contents:
    """What a project holds as it stands today; attributes are those of `Plan`.

    ``notes`` and ``sources`` are those of the files, ``watermarks`` those of what is in here.
    """

    project: Project
    area: StudyArea
    layers: Layers
    services: Services
    jobs: Jobs | None
    backdrop: gpd.GeoDataFrame | None
    notes: tuple[Note, ...]
    sources: tuple[Source, ...]
    watermarks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Start:
    """What a project holds, and need in it from every side; attributes are those of `Plan`."""

    contents: Contents
    need: Need
    needs: Needs
    notes: tuple[Note, ...]

    @property
    def project(self) -> Project:
        """The project it is of."""
        return self.contents.project

    @property
    def area(self) -> StudyArea:
        """Its small areas."""
        return self.contents.area

    @property
    def layers(self) -> Layers:
        """What is known of them."""
        return self.contents.layers

    @property
    def backdrop(self) -> gpd.GeoDataFrame | None:
        """What to draw behind a map."""
        return self.contents.backdrop

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where it comes from."""
        return self.contents.sources

    @property
    def watermarks(self) -> tuple[str, ...]:
        """Sentences that must stand on everything shown from this."""
        return build_marks(self.area, need=self.need)


def make_contents(
    project: Project, *, memo: Memo | None = None, progress: Progress | None = None
) -> Contents:
    """Read what a project holds; parameters and errors as those of `make_plan`."""
    run = Stages(memo or Memo(), _scaled(progress, STAGES_OF_CONTENTS))
    return _read(run, project)[0]


def make_start(
    project: Project, *, memo: Memo | None = None, progress: Progress | None = None
) -> Start:
    """Read what a project holds and work out need; parameters and errors as of `make_plan`."""
    from planner.plan.needs import build_needs, rank_need  # slow to import; contents go without

    run = Stages(memo or Memo(), _scaled(progress, STAGES_OF_START))
    contents, inputs = _read(run, project)
    settings, _ = fit_settings(project.spec, inputs.layers)
    need = rank_need(run, inputs, settings)
    streets = None
    if project.spec.spatial.neighbours != "contiguity":
        from planner.plan.journeys import read_network  # slow to import, and few ask for it

        streets, _ = read_network(run, project)
    needs = build_needs(run, project, inputs, need, settings, streets)
    notes = gather_notes(contents.notes, need, *needs.parts)
    return Start(contents=contents, need=need, needs=needs, notes=notes)


def _read(run: Stages, project: Project) -> tuple[Contents, Inputs]:
    shas = {name: project.sha256(name) for name in project.files()}
    inputs = read_inputs(run, project, shas)
    parts = (inputs.area, inputs.layers, inputs.services, inputs.jobs, inputs.timetable_notes)
    contents = Contents(
        project=project,
        area=inputs.area,
        layers=inputs.layers,
        services=inputs.services,
        jobs=inputs.jobs,
        backdrop=read_drawn(run, project),
        notes=gather_notes(*parts, inputs.groups, inputs.outside, inputs.local),
        sources=gather_sources(project, inputs, inputs.services),
        watermarks=build_marks(inputs.area),
    )
    return contents, inputs


def _scaled(progress: Progress | None, stages: int) -> Progress | None:
    """Return what is told shares of all stages, and tells on those of so many."""
    if progress is None:
        return None
    return lambda words, share: progress(words, min(share * len(STAGE_VERSIONS) / stages, 1.0))
