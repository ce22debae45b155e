"""How far has work come that a page waits for?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Job:
    """One plan being worked out by a thread of its own, which says how far it has come."""

    def __init__(self, work: Callable[[Callable[[str, float], None]], Any]) -> None:
        self.words, self.share = "Starting", 0.0
        self._future: Future[Any] = Future()
        self._work = work
        threading.Thread(target=self._run, name="planner-job", daemon=True).start()

    def _run(self) -> None:
        try:
            self._future.set_result(self._work(self._tell))
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            self._future.set_exception(error)

    def _tell(self, words: str, share: float) -> None:
        self.words, self.share = words, share

    def done(self, *, seconds: float) -> bool:
        """Wait at most ``seconds`` and return whether the plan is there or failed."""
        try:
            self._future.exception(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def result(self) -> Any:
        """Return the plan, or raise what went wrong."""
        return self._future.result()
