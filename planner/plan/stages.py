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


def version_of(package: str) -> str:
    """Return the version of an installed package, ``unknown`` where it is not."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
