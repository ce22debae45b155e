"""Which long pieces of work are kept for everybody, and when are they let go?

A part of `planner.ui.state`. Finished ones are kept up to a number and, where several people share
a server, up to a size; one that is still at work is never let go, or it would begin again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from planner.cache.size import rough_bytes
from planner.errors import PlannerError
from planner.ui.job import Job

#: Pieces of work that go on at the same time; the others wait for their turn.
MOST_AT_ONCE = 2
#: With so many begun and not finished, no further one is taken on.
MOST_BEGUN = 20

Work = Callable[[Callable[[str, float], None]], Any]

_TURNS = threading.BoundedSemaphore(MOST_AT_ONCE)


class KeptJobs:
    """Jobs by what they are about, oldest use out first. Safe to share between threads.

    ``turns`` are those of short work, that does not wait until whole plans are worked out.
    """

    def __init__(
        self,
        most: int,
        *,
        max_bytes: int | None = None,
        turns: threading.BoundedSemaphore | None = None,
    ) -> None:
        self.most, self.max_bytes, self._turns = most, max_bytes, turns or _TURNS
        self._lock = threading.Lock()
        self._jobs: OrderedDict[Any, Job] = OrderedDict()
        self._sizes: dict[Any, int] = {}

    def get(self, key: Any, work: Work) -> Job:
        """Return the job kept for ``key``, or begin it.

        Raises
        ------
        PlannerError
            Too many are being worked out already.
        """
        with self._lock:
            if key in self._jobs:
                self._jobs.move_to_end(key)
                return self._jobs[key]
            if sum(not job.done(seconds=0) for job in self._jobs.values()) >= MOST_BEGUN:
                raise PlannerError(
                    "This server has as much to work out as it can take.",
                    hint="Wait a minute, then reload this page.",
                )
            job = Job(lambda tell: self._in_turn(key, work, tell))
            self._jobs[key] = job
            self._let_go()
            return job

    def drop(self, key: Any) -> None:
        """Forget a job, so that it is begun again when it is next asked for."""
        with self._lock:
            self._jobs.pop(key, None)
            self._sizes.pop(key, None)

    @property
    def kept(self) -> list[Any]:
        """Return what is kept, the oldest use first."""
        with self._lock:
            return list(self._jobs)

    def _in_turn(self, key: Any, work: Work, tell: Callable[[str, float], None]) -> Any:
        if not self._turns.acquire(blocking=False):
            tell("Waiting until other plans are worked out", 0.0)
            self._turns.acquire()
        try:
            result = work(tell)
        finally:
            self._turns.release()
        if self.max_bytes is not None:
            size = rough_bytes(result)
            with self._lock:
                if key in self._jobs:
                    self._sizes[key] = size
                    self._let_go()
        return result

    def _let_go(self) -> None:
        """Let finished ones go, but for the one used last, until few and small enough."""
        for key in list(self._jobs)[:-1]:
            held = sum(self._sizes.values())
            if len(self._jobs) <= self.most and (self.max_bytes is None or held <= self.max_bytes):
                return
            if self._jobs[key].done(seconds=0):
                del self._jobs[key]
                self._sizes.pop(key, None)
