"""How does a file come into a project's folder, with what the project file says of it?

Both are written or neither is. What stands in the project file already stays as it is, letter by
letter: the new section comes at its end.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import tomlkit

from planner.errors import PlannerError, ProjectError
from planner.project.checking import parse_spec
from planner.project.file import MAX_PROJECT_BYTES, Project

#: Sections of the project file that a file can be added to: each holds any number.
Added = Literal["services", "layer", "local"]

_WRITING = threading.Lock()
#: Endings that a file may be added with.
_ENDINGS = {".csv", ".tsv", ".txt", ".xlsx", ".geojson", ".gpkg"}


def add_file(
    project: Project, section: Added, entry: Mapping[str, Any], content: bytes, *, name: str
) -> str:
    """Write a file into the project's folder and a section on it into the project file.

    Parameters
    ----------
    project
        Where to; its project file is read again first.
    section, entry
        What the project file is to say; ``file`` is set here.
    content
        The file, to the byte.
    name
        What to call it, from `safe_name`; a number is put behind it where it is taken.

    Returns
    -------
    written
        The file's name in the project folder.

    Raises
    ------
    ProjectError
        The folder or project file is gone or cannot be written to, or would no longer be a
        project. Nothing is changed then.
    """
    if Path(name).suffix.lower() not in _ENDINGS or Path(name).name != name:
        raise ProjectError(f"{name!r} is not a name for a file of the project.")
    with _WRITING:
        file = project.folder / project.file_name
        before = _read(file, project.file_name)
        target = _free(project.folder, name, content)
        section_text = to_section(section, {**entry, "file": target.name})
        after = _joined(before, section_text)
        _check(before, after, section, project.file_name)
        made = not target.exists()
        try:
            if made:
                _replace(target, content)
            _replace(file, after)
        except OSError as err:
            if made:
                target.unlink(missing_ok=True)
            raise ProjectError(
                f"{project.file_name} or {target.name} cannot be written: "
                f"{(err.strerror or 'the system refused').lower()}. Nothing was changed.",
                hint="Make the project's folder writable, or ask whoever looks after it.",
            ) from err
    return target.name


def to_section(section: Added, entry: Mapping[str, Any]) -> str:
    """Return one section of a project file as TOML; what is empty is left out."""
    table = tomlkit.table()
    plain = {key: value for key, value in entry.items() if not isinstance(value, Mapping)}
    for key, value in plain.items():
        if value not in ("", None, [], False):
            table.add(key, value)
    for key, value in entry.items():
        if isinstance(value, Mapping) and value:
            table.append(key, dict(value))
    array = tomlkit.aot()
    array.append(table)
    document = tomlkit.document()
    document.append(section, array)
    return tomlkit.dumps(document)


def safe_name(stem: str, ending: str) -> str:
    """Return a name for a file that is safe on every system.

    Parameters
    ----------
    stem
        Lower-case letters, digits and hyphens, as `planner.sources.text.slug` gives them.
    ending
        Such as ``.csv``.

    Examples
    --------
    >>> safe_name("food-banks", ".CSV"), safe_name("con", ".csv"), safe_name("", ".csv")
    ('food-banks.csv', 'data-con.csv', 'data.csv')
    """
    devices = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
    plain = f"data-{stem}" if stem in devices else stem or "data"
    return f"{plain}{ending.lower()}"


def _read(file: Path, name: str) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as err:
        raise ProjectError(
            f"{name}: the project file is gone or cannot be read, so nothing was added to it.",
            hint="Put the project's folder back, then reload this page.",
        ) from err
    if len(content) > MAX_PROJECT_BYTES:
        raise ProjectError(f"{name}: too large for a project file.")
    return content


def _free(folder: Path, name: str, content: bytes) -> Path:
    """Return where the file can stand; one that is the same already is not written again."""
    stem, ending = Path(name).stem, Path(name).suffix
    number, target = 1, folder / name
    while target.exists() or target.is_symlink():
        if target.is_file() and not target.is_symlink() and _same(target, content):
            return target
        number += 1
        target = folder / f"{stem}-{number}{ending}"
    return target


def _same(file: Path, content: bytes) -> bool:
    if file.stat().st_size != len(content):
        return False
    return hashlib.sha256(file.read_bytes()).digest() == hashlib.sha256(content).digest()


def _joined(before: bytes, section_text: str) -> bytes:
    line = "\r\n" if b"\r\n" in before else "\n"
    text = section_text.replace("\n", line)
    gap = line if before.endswith(b"\n") else 2 * line
    return before + (gap + text).encode("utf-8")


def _check(before: bytes, after: bytes, section: Added, name: str) -> None:
    """Refuse what would be no project, or would change anything but add one section."""
    try:
        old = tomllib.loads(before.decode("utf-8-sig"))
        new = tomllib.loads(after.decode("utf-8-sig"))
        parse_spec(new, where=name)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise ProjectError(
            f"{name}: a section cannot be added at the end of this file. Nothing was changed.",
            hint="Copy the section shown below into it by hand.",
        ) from err
    except PlannerError as err:
        raise ProjectError(f"{err.message} Nothing was changed.", hint=err.hint) from err
    kept = {**new, section: new.get(section, [])[:-1]}
    if kept != {**old, section: old.get(section, [])}:
        raise ProjectError(f"{name}: the new section would change others. Nothing was changed.")


def _replace(file: Path, content: bytes) -> None:
    """Write a file in one piece, with the leave that the old one had."""
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as fresh:
            fresh.write(content)
        Path(beside).chmod(mode)
        Path(beside).replace(file)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
