"""Write requirements.lock: what the planner needs first, then, below a line, what its tests need.

One universal resolution with hashes and no index address. `make app` installs the first part,
`make test` the whole file.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

LINE = "# ---- below this line: only for tests ----"
HEAD = "# Resolved for every platform and Python >= 3.11 by `make lock`. Do not edit by hand."
OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]


def compile_lock(*arguments: str) -> str:
    command = ["uv", "pip", "compile", "pyproject.toml", *OPTIONS, "--no-header", "-q", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def blocks(lock: str) -> dict[str, str]:
    """Return requirement line → its whole block, hashes and comments included."""
    parts = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)
    return {part.split(" \\")[0].splitlines()[0]: part for part in parts if part.strip()}


def main() -> None:
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv else []
    everything = compile_lock("--all-extras", *upgrade)
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text(everything)
        needed = compile_lock("--extra", "build", "--constraint", str(pins))
    app = {name: re.sub(r"(?m)^    #.*-c .*\n", "", text) for name, text in blocks(needed).items()}
    rest = [text for name, text in blocks(everything).items() if name not in app]
    lines = [HEAD + "\n", *app.values(), LINE + "\n", *rest]
    text = re.sub(r"(?m)^ +# .*\n", "", "".join(lines))
    Path("requirements.lock").write_text(text)
    print(f"{len(app)} for the planner, {len(rest)} more for its tests")


main()
