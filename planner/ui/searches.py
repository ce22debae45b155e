"""Are the search loops compiled on this computer, and who makes them ready meanwhile?

Compiling takes a minute or two, once. It is done in a process of its own, when the first search is
asked for, so that pages which search for nothing come at once.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from planner.cache.compiled import is_compiled

WORDS = "Making the searches ready on this computer: once, for a minute or two"
#: What is compiled beside the app lets the app go first.
KINDNESS = 10

_lock = threading.Lock()
_to_do = threading.Event()
_at_work: list[subprocess.Popen[bytes]] = []


def plan_ahead() -> bool:
    """Let the loops be compiled when first asked for; return whether they have to be."""
    if not is_compiled():
        _to_do.set()
    return _to_do.is_set()


def wait(tell: Callable[[str, float], None]) -> None:
    """Wait until the loops are compiled; where that fails, each is when it is first used."""
    with _lock:
        if _to_do.is_set():
            _to_do.clear()
            _begin()
    while any(process.poll() is None for process in _at_work):
        tell(WORDS, 0.0)
        time.sleep(0.2)


def _begin() -> None:
    with contextlib.suppress(OSError):
        process = subprocess.Popen(
            [sys.executable, "-m", "planner.cli", "warm"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _at_work.append(process)
        atexit.register(_end, process)
        if os.name == "posix":
            os.setpriority(os.PRIO_PROCESS, process.pid, KINDNESS)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
