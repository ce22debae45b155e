"""May this folder be written to, and how does the old result stand until the new one does?"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from planner.errors import ProjectError

MANIFEST = "manifest.json"
MADE_BY = "planner"
MAX_MANIFEST_BYTES = 100_000_000

#: Files that a desktop puts into any folder it shows; they are nobody's work.
LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
LOCK_STARTS = (".~lock.", "~$")


def check_out(folder: Path) -> None:
    """Check, before any work, that results may go to this folder: new, empty, or our own.

    Raises
    ------
    ProjectError
        It is a file, holds something that is not ours (the first such is named), has a file open
        in a spreadsheet, or is the folder the command was started in.
    """
    folder = Path(folder)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ProjectError(f"{folder}: this is a file.", hint="Name a folder for the results.")
    entries = sorted(entry.name for entry in folder.iterdir() if entry.name not in LITTER)
    for name in entries:
        if name.startswith(LOCK_STARTS):
            locked = name.removeprefix(".~lock.").removeprefix("~$").removesuffix("#")
            raise _locked(folder / locked)
    ours = _own_files(folder) if MANIFEST in entries else set()
    foreign = [name for name in entries if name not in ours]
    if foreign:
        raise ProjectError(
            f"{folder}: holds {foreign[0]!r}, which is not a result of planner"
            + (f" (and {len(foreign) - 1} more)." if len(foreign) > 1 else "."),
            hint="Name a new or empty folder, or move that file away: results replace the whole "
            "folder.",
        )
    if Path.cwd().resolve().is_relative_to(folder.resolve()):
        raise ProjectError(
            f"{folder}: this is the folder you are in; it would be replaced under you.",
            hint="Name a folder inside it, such as out.",
        )


def replace_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Fill a new folder and put it in the place of the old one, whole or not at all.

    Parameters
    ----------
    folder
        Where the results go; checked as in `check_out`.
    write
        Fills the empty folder it is given. If it fails, nothing has changed.

    Raises
    ------
    ProjectError
        The folder may not be used, cannot be written, or a file in it is held open.
    """
    check_out(folder)
    folder = Path(folder).resolve()
    mark = uuid.uuid4().hex[:8]
    fresh = folder.with_name(f".{folder.name}.new-{mark}")
    aside = folder.with_name(f".{folder.name}.old-{mark}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh.mkdir()
    except OSError as err:
        raise ProjectError(
            f"{folder}: cannot be written ({err.strerror}).", hint="Name another folder."
        ) from err
    try:
        write(fresh)
        # Again: somebody may have put a file there, or opened one, while we worked.
        check_out(folder)
        _swap(folder, fresh, aside)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _swap(folder: Path, fresh: Path, aside: Path) -> None:
    """Rename the old folder aside and the new one into its place; undo it if that fails."""
    try:
        if folder.exists():
            _rename(folder, aside)
        _rename(fresh, folder)
    except BaseException:
        if aside.exists() and not folder.exists():
            try:
                aside.replace(folder)
            except OSError as err:
                raise ProjectError(
                    f"{folder}: the earlier results could not be put back; they are in {aside}.",
                    hint="Rename that folder by hand.",
                ) from err
        raise


def _rename(old: Path, new: Path) -> None:
    try:
        old.replace(new)
    except OSError as err:
        raise _locked(_held_file(old, new, err)) from err


def _held_file(old: Path, new: Path, err: OSError) -> Path:
    """Return the file that most likely stands in the way of renaming a folder."""
    for folder in (old, new):
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            try:
                with path.open("r+b"):
                    pass
            except OSError:
                return path
    named = Path(str(err.filename)) if err.filename else old
    return named if named.is_relative_to(old) else old


def _locked(path: Path) -> ProjectError:
    return ProjectError(
        f"{path}: in use by another program, so nothing was changed.",
        hint="Close it (a spreadsheet, perhaps, or a window on the folder) and run again.",
    )


def _own_files(folder: Path) -> set[str]:
    """Return the files that our own manifest in the folder lists; empty where it is not ours."""
    path = folder / MANIFEST
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            return set()
        manifest: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(manifest, dict) or manifest.get("made_by") != MADE_BY:
        return set()
    listed = manifest.get("files")
    if not isinstance(listed, list):
        return set()
    names = {entry.get("file") for entry in listed if isinstance(entry, dict)}
    return {name for name in names if isinstance(name, str)} | {MANIFEST}
