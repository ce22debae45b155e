"""One runner in a process of its own: sets up, then runs when it is told to."""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main(target: str, given: dict[str, Any]) -> None:
    # What packages print goes to the terminal; the pipe is for figures only.
    pipe = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(**what: Any) -> None:
        pipe.write(json.dumps(what) + "\n")
        pipe.flush()

    module, function = target.split(":")
    begun = time.perf_counter()
    try:
        run = getattr(importlib.import_module(f"tests.bench.{module}"), function)(**given)
    except ImportError as err:
        say(missing=f"cannot be imported: {err}")
        return
    setup_s = time.perf_counter() - begun
    _run(run)
    say(setup_s=setup_s)
    for line in sys.stdin:
        if line.strip() == "run":
            seconds, answer = _run(run)
            say(s=seconds, answer=answer)
        else:
            say(mb=peak_mb())


def _run(run: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    answer = run()
    took = time.perf_counter() - begun
    if isinstance(answer, tuple):
        answer, uncounted = answer
        took -= uncounted
    return took, answer


def peak_mb() -> float:
    """Return the most memory this process has had.

    Linux's ``ru_maxrss`` begins with that of the process it was started from, so the process's
    own high-water mark is taken where there is one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 / (1024 if sys.platform == "darwin" else 1)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
