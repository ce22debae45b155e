"""How does a whole result become one file to hand on?"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from planner.export.out import Tell, write_out

if TYPE_CHECKING:
    from planner.plan import Plan

#: The date every file in the ZIP has, so that the same result gives the same bytes; ZIP has none
#: before 1980.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


def build_zip(plan: Plan, *, tell: Tell | None = None) -> bytes:
    """Return the files that a run writes, as one ZIP.

    Parameters
    ----------
    plan
        A whole plan.
    tell
        Told of each step; what it raises stops the work, and nothing is left behind.
    """
    say = tell or (lambda words, share: None)
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        out = Path(folder) / "out"
        written = write_out(plan, out, tell=lambda words, share: say(words, 0.9 * share))
        target = Path(folder) / "all.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as pack:
            for number, path in enumerate(written):
                say("Packing the files", 0.9 + 0.1 * number / len(written))
                entry = zipfile.ZipInfo(path.name, date_time=ZIP_DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = _MODE
                entry.create_system = 3
                pack.writestr(entry, path.read_bytes())
        return target.read_bytes()
