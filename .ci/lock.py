"""Write requirements.lock: what the planner needs, then what its tests and its benchmark need.

One universal resolution with hashes and no index address, in three parts with a line between.
`make app` installs the first part, `make test` the first two, `make bench` the whole file.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

LINE = "# ---- below this line: only for tests ----"
BENCH_LINE = "# ---- from here on: only for the benchmark ----"
TESTS = ["--extra", "build", "--extra", "postcodes", "--extra", "dev"]
HEAD = "# Resolved for every platform and Python >= 3.11 by `make lock`. Do not edit by hand."
OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]


def compile_lock(*arguments: str, keep: Path | None = None) -> str:
    """Resolve; versions that stand in ``keep`` stay where nothing speaks against them."""
    command = ["uv", "pip", "compile", "pyproject.toml", *OPTIONS, "--no-header", "-q", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "resolved.txt"
        if keep is not None:
            target.write_text(keep.read_text())
        command += ["--output-file", str(target)]
        subprocess.run(command, check=True, capture_output=True, text=True)
        return target.read_text()


def blocks(lock: str) -> dict[str, str]:
    """Return requirement line → its whole block, hashes and comments included."""
    parts = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)
    return {part.split(" \\")[0].splitlines()[0]: part for part in parts if part.strip()}


def main() -> None:
    lock = Path("requirements.lock")
    keep = lock if lock.exists() and "--upgrade" not in sys.argv else None
    everything = compile_lock("--all-extras", keep=keep)
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text(everything)
        pinned = ["--constraint", str(pins)]
        needed = blocks(compile_lock("--extra", "build", *pinned))
        tested = blocks(compile_lock(*TESTS, *pinned))
    tests = {name: text for name, text in tested.items() if name not in needed}
    known = {*needed, *tests}
    bench = {name: text for name, text in blocks(everything).items() if name not in known}
    lines = [HEAD + "\n", *needed.values(), LINE + "\n", *tests.values()]
    lines += [BENCH_LINE + "\n", *bench.values()]
    text = re.sub(r"(?m)^ +# .*\n", "", "".join(lines))
    lock.write_text(text)
    print(f"{len(needed)} for the planner, {len(tests)} for its tests, {len(bench)} for its bench")


main()
