"""How far has work come that a page waits for, and who still waits for it?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any


class StoppedError(Exception):
    """Somebody stopped the work; raised in its own thread, where it next says how far it is."""


class Job:
    """One piece of work done by a thread of its own, which says how far it has come."""

    def __init__(self, work: Callable[[Callable[[str, float], None]], Any]) -> None:
        self.words, self.share = "Starting", 0.0
        self._future: Future[Any] = Future()
        self._work = work
        self._lock = threading.Lock()
        self._waiting, self._stopped = 0, False
        threading.Thread(target=self._run, name="planner-job", daemon=True).start()

    def _run(self) -> None:
        try:
            self._future.set_result(self._work(self._tell))
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            self._future.set_exception(error)

    def _tell(self, words: str, share: float) -> None:
        if self._stopped:
            raise StoppedError(words)
        self.words, self.share = words, share

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Count somebody as waiting, for as long as they look on."""
        with self._lock:
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def stop(self) -> bool:
        """Stop the work where it next says how far it is, unless somebody else waits for it.

        Returns
        -------
        stopped
            Whether it stops; finished work is left as it is.
        """
        with self._lock:
            if self._waiting or self._future.done():
                return False
            self._stopped = True
            return True

    def done(self, *, seconds: float) -> bool:
        """Wait at most ``seconds`` and return whether the result is there or the work failed."""
        try:
            self._future.exception(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def result(self) -> Any:
        """Return the result, or raise what went wrong."""
        return self._future.result()
