"""How long does each runner take, and how much memory at most, when they take turns?

Each runner lives in a fresh process of its own and is asked for one run at a time, so that all of
them see the same machine. Setting up, compiling and a first run are not counted as time.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .rows import ROOT


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Median seconds of some runs, highest memory of the process, and what came out.

    ``missing`` says why there was no run at all; then everything else is empty.
    """

    seconds: float = 0.0
    peak_mb: float = 0.0
    setup_s: float = 0.0
    answer: Any = None
    runs: tuple[float, ...] = field(default=())
    missing: str = ""


def race(
    runners: Mapping[str, str], given: Mapping[str, Any], *, repeats: int = 5
) -> dict[str, Measured]:
    """Let runners take turns at one piece of work.

    Parameters
    ----------
    runners
        Name → ``module:function``, the module in this folder. The function gets ``given``,
        sets up, and returns a function without parameters that does the work and returns an
        answer that JSON can hold, or ``(answer, seconds not to count)``.
    given
        Keyword arguments that JSON can hold.
    repeats
        How many turns each takes.
    """
    started = {name: _Process(target, given) for name, target in runners.items()}
    try:
        missing = {name: process.setup() for name, process in started.items()}
        able = [name for name, why in missing.items() if not why]
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in able}
        for _ in range(repeats):
            for name in able:
                runs[name].append(started[name].ask("run"))
        peaks = {name: started[name].ask("peak")["mb"] for name in able}
    finally:
        for process in started.values():
            process.close()
    return {
        name: Measured(missing=missing[name])
        if name not in able
        else Measured(
            seconds=statistics.median(run["s"] for run in runs[name]),
            peak_mb=peaks[name],
            setup_s=started[name].setup_s,
            answer=runs[name][-1]["answer"],
            runs=tuple(round(run["s"], 4) for run in runs[name]),
        )
        for name in runners
    }


class _Process:
    """One runner in a process of its own."""

    def __init__(self, target: str, given: Mapping[str, Any]) -> None:
        self.setup_s = 0.0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.worker", target, json.dumps(dict(given))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def setup(self) -> str:
        """Wait till the runner is ready; return why it is not."""
        answer = self._read()
        self.setup_s = answer.get("setup_s", 0.0)
        return str(answer.get("missing", ""))

    def ask(self, what: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        answer = self._read()
        if "missing" in answer:
            raise RuntimeError(f"A runner failed: {answer['missing']}.")
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            return {"missing": f"it ended with code {self._process.wait()}"}
        found: dict[str, Any] = json.loads(line)
        return found
