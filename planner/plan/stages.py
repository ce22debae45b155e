"""Which stages does a run have, and was one of them worked out before?"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable
from typing import Any

from planner.cache import Memo, digest

#: Told a stage in words and how much of the whole is done (0-1).
Progress = Callable[[str, float], None]

#: A stage that changes its maths gets a higher number here, so that kept results turn over.
STAGE_VERSIONS: dict[str, int] = {
    "area": 1,
    "layers": 3,
    "services": 3,
    "local": 1,
    "jobs": 1,
    "timetable": 1,
    "streets": 1,
    "backdrop": 1,
    "times": 2,
    "job_times": 2,
    "matrices": 2,
    "cycle_roads": 1,
    "cycle_times": 2,
    "cycle_job_times": 2,
    "drive_roads": 1,
    "drive_times": 2,
    "drive_job_times": 2,
    "transit_network": 1,
    "transit_times": 2,
    "transit_nearest": 3,
    "transit_job_times": 2,
    "need": 3,
    "draws": 1,
    "robustness": 1,
    "tandem": 1,
    "neighbours": 1,
    "clusters": 1,
    "inactivity": 1,
    "reporting": 1,
    "outside_classes": 1,
    "neighbourhoods": 3,
    "access": 4,
    "decay": 1,
    "context_times": 1,
    "other_hours": 2,
    "measures": 2,
    "compliance": 1,
    "gaps": 2,
    "gap_certainty": 2,
    "larger_gaps": 1,
    "signatures": 2,
    "between": 1,
    "bundle": 1,
    "timed": 2,
    "equity": 3,
    "type_outcomes": 1,
    "hubs": 3,
    "hub_ladder": 1,
    "hub_choice": 1,
    "hub_steadiness": 1,
    "bundle_siting": 1,
    "team_travel": 1,
    "rota": 1,
    "outcomes": 1,
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
    "times": "Working out walks to services",
    "job_times": "Working out walks to jobs",
    "matrices": "Reading travel times from another program",
    "cycle_roads": "Reading where one may cycle",
    "cycle_times": "Working out journeys by bicycle to services",
    "cycle_job_times": "Working out journeys by bicycle to jobs",
    "drive_roads": "Reading where one may drive",
    "drive_times": "Working out journeys by car to services",
    "drive_job_times": "Working out journeys by car to jobs",
    "transit_network": "Reading timetables",
    "transit_times": "Working out journeys by public transport to services",
    "transit_nearest": "Finding the nearest service at every minute",
    "transit_job_times": "Working out journeys by public transport to jobs",
    "need": "Ranking need",
    "draws": "Ranking need again under other assumptions",
    "robustness": "Judging how sure the ranks are",
    "tandem": "Finding where needs come together",
    "neighbours": "Finding out who is beside whom",
    "clusters": "Finding where need clusters",
    "inactivity": "Setting two measures of work side by side",
    "reporting": "Summing up wards or groups",
    "outside_classes": "Reading an outside classification",
    "neighbourhoods": "Grouping alike neighbourhoods",
    "access": "Measuring access",
    "decay": "Finding how nearness counts",
    "context_times": "Working out journeys from around the place",
    "other_hours": "Working out journeys in the evening and on Saturdays",
    "measures": "Measuring choice, competition and opening times",
    "compliance": "Holding standards against access",
    "gaps": "Finding gaps",
    "gap_certainty": "Judging how sure the gaps are",
    "larger_gaps": "Finding what larger areas hide",
    "signatures": "Finding what is out of reach together",
    "between": "Working out journeys between services",
    "bundle": "Working out trips to the whole bundle",
    "timed": "Timing trips to the whole bundle by the clock",
    "equity": "Measuring how fairly access falls",
    "type_outcomes": "Summing up access by type",
    "hubs": "Choosing hub venues",
    "hub_ladder": "Finding out what each next hub brings",
    "hub_choice": "Looking for other choices of hubs",
    "hub_steadiness": "Judging how sure the choice of hubs is",
    "bundle_siting": "Bringing services together",
    "team_travel": "Working out journeys of outreach teams",
    "rota": "Planning the weeks of outreach teams",
    "outcomes": "Scoring shared outcomes",
}

#: Stages that time journeys; access comes after those that a run has.
TIMED = (
    *("times", "job_times", "matrices"),
    *("cycle_times", "cycle_job_times", "drive_times", "drive_job_times"),
    *("transit_times", "transit_nearest", "transit_job_times"),
)
#: Stages slow enough to keep on disk; nothing private goes into them or comes out of them.
ON_DISK = frozenset(
    {
        *("streets", "times", "job_times"),
        *("cycle_roads", "cycle_times", "cycle_job_times"),
        *("drive_roads", "drive_times", "drive_job_times"),
        *("transit_network", "transit_times", "transit_nearest", "transit_job_times"),
        *("context_times", "other_hours", "between", "timed", "team_travel"),
    }
)


class Stages:
    """One run: builds a stage or finds it in the memo, and says how far it has come."""

    def __init__(self, memo: Memo, progress: Progress | None) -> None:
        self.memo, self.progress, self.done = memo, progress, 0
        self.keys: dict[str, str] = {}
        #: Stages with private figures in them, and all that come after: never in the memo.
        self.unkept: set[str] = set()

    def skip(self, *stages: str) -> None:
        """Count stages that this project has no use for as done."""
        self.done += len(stages)

    def within(self) -> Progress | None:
        """Return what a long stage may tell its own progress to, or None if nobody listens."""
        progress, done = self.progress, self.done
        if progress is None:
            return None
        # This stage was counted as done when it began.
        return lambda words, share: progress(words, (done - 1 + share) / len(STAGE_VERSIONS))

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
        return self.memo.get(stage, key, build, on_disk=stage in ON_DISK)


def version_of(package: str) -> str:
    """Return the version of an installed package, ``unknown`` where it is not."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
