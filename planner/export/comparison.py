"""How is a comparison written: one table, one page of text, and what they were made from?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from planner.errors import ProjectError
from planner.export.cells import to_csv_text
from planner.export.folder import MADE_BY, MANIFEST, check_out, replace_folder

KIND = "comparison"
TABLE, TEXT = "compare.csv", "compare.md"


def check_comparison_out(folder: Path) -> None:
    """Check, before any work, that a comparison may go to this folder.

    Raises
    ------
    ProjectError
        As `planner.export.check_out`, or the folder holds another result, such as a whole plan.
    """
    check_out(folder)
    manifest = Path(folder) / MANIFEST
    if not manifest.is_file():
        return
    if json.loads(manifest.read_text(encoding="utf-8")).get("kind") != KIND:
        raise ProjectError(
            f"{folder}: holds the results of a run, which a comparison would replace.",
            hint="Name a folder of its own for the comparison.",
        )


def write_comparison(
    folder: Path, table: pd.DataFrame, text: str, about: Mapping[str, Any]
) -> list[Path]:
    """Write ``compare.csv``, ``compare.md`` and the manifest, all of them or none.

    Parameters
    ----------
    folder
        New, empty, or an earlier comparison.
    table, text
        What goes into the two files.
    about
        What else the manifest says: plain values.

    Raises
    ------
    ProjectError
        The folder may not be used; nothing has changed.
    """
    check_comparison_out(folder)
    contents = {
        # Excel on Windows needs the byte order mark.
        TABLE: to_csv_text(table).encode("utf-8-sig"),
        TEXT: text.encode("utf-8"),
    }
    files = [
        {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in contents.items()
    ]
    manifest = {**about, "made_by": MADE_BY, "kind": KIND, "files": files}
    said = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    contents[MANIFEST] = f"{said}\n".encode()

    def write(fresh: Path) -> None:
        for name, data in contents.items():
            (fresh / name).write_bytes(data)

    replace_folder(Path(folder), write)
    return [Path(folder) / name for name in contents]
