"""Were the search loops compiled on this computer already?

Numba keeps machine code by itself and says nothing of it; a small file remembers that it was made,
for these sources, this Python and this place on disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

import platformdirs

#: Folders of the package that hold compiled loops.
COMPILED = ("travel", "need", "bundle", "hubs")

PACKAGE = Path(__file__).resolve().parent.parent


def is_compiled(package: Path = PACKAGE) -> bool:
    """Say whether the loops of these very sources were compiled before."""
    return _mark(package).is_file()


def remember_compiled(package: Path = PACKAGE) -> None:
    """Remember that they were; nothing happens where the cache folder is closed."""
    mark = _mark(package)
    with contextlib.suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def _mark(package: Path) -> Path:
    digest = hashlib.sha256()
    for part in (str(package), platform.python_version(), platform.machine(), version("numba")):
        digest.update(part.encode() + b"\0")
    for folder in COMPILED:
        for source in sorted((package / folder).rglob("*.py")):
            digest.update(source.read_bytes())
    kept = Path(platformdirs.user_cache_dir("planner")) / "compiled"
    return kept / digest.hexdigest()[:24]
