"""Is it already on this computer's disk? Streets, timetables and journeys, kept by content.

Only what is slow to work out and holds nothing private is kept: see `planner.plan.stages`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from planner.cache.codec import Arrays, decode, encode

#: Oldest use goes first beyond this.
MAX_BYTES = 2_000_000_000
#: A layout that changes gets a higher number, so that older files are not read.
LAYOUT = 1


class Shelf:
    """Results in files of one folder, each named by its stage and key.

    Whatever goes wrong with a file (broken, of another version, folder closed), the result is
    worked out again: a shelf saves time and never fails.
    """

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.folder, self.max_bytes = folder, max_bytes

    def read(self, stage: str, key: str) -> tuple[bool, Any]:
        """Return whether the result is kept, and the result."""
        path = self._path(stage, key)
        try:
            with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
                tree = json.loads(file["tree"].tobytes())
                arrays: Arrays = [file[f"a{at}"] for at in range(tree["arrays"])]
            result = decode(tree["value"], arrays)
        except FileNotFoundError:
            return False, None
        except Exception:  # noqa: BLE001 - whatever is wrong with the file, it is made anew
            with contextlib.suppress(OSError):
                path.unlink()
            return False, None
        with contextlib.suppress(OSError):
            os.utime(path)
        return True, result

    def write(self, stage: str, key: str, result: Any) -> None:
        """Keep a result; nothing happens where that cannot be done."""
        path = self._path(stage, key)
        beside = path.with_name(f"{path.stem}.{os.getpid()}.part")
        arrays: Arrays = []
        try:
            tree = {"value": encode(result, arrays), "arrays": len(arrays)}
            text = np.frombuffer(json.dumps(tree).encode(), np.uint8)
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with beside.open("wb") as handle:
                named = {f"a{at}": array for at, array in enumerate(arrays)}
                np.savez(handle, allow_pickle=False, tree=text, **named)
            beside.replace(path)
            self._bound()
        except (OSError, TypeError):
            with contextlib.suppress(OSError):
                beside.unlink()

    def _path(self, stage: str, key: str) -> Path:
        name = re.sub(r"[^a-z0-9_]", "", f"{stage}_{key}")
        return self.folder / f"{name}.v{LAYOUT}.npz"

    def _bound(self) -> None:
        """Take the files used longest ago away, until the rest are small enough together."""
        found = [(path.stat(), path) for path in self.folder.glob("*.npz")]
        size = sum(stat.st_size for stat, _ in found)
        for stat, path in sorted(found, key=lambda pair: (pair[0].st_mtime, pair[1].name)):
            if size <= self.max_bytes:
                return
            path.unlink()
            size -= stat.st_size


def open_shelf() -> Shelf:
    """Return the shelf in the user's own cache folder."""
    return Shelf(Path(platformdirs.user_cache_dir("planner")) / "journeys")
