"""Where in a project folder do named scenarios stand, and did somebody else change one?

A scenario is one file, ``scenarios/NAME.toml``. What is written is checked against what was read:
a file that changed since stays as it is, and whoever wanted to write is told.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from planner.errors import PlannerError, ProjectError
from planner.scenario import Scenario, from_toml, to_toml
from planner.scenario.files import MAX_BYTES
from planner.sources.text import clean_text, slug
from planner.wording import say_many

FOLDER = "scenarios"
#: More files than this in the folder are not read.
MOST_KEPT = 100
#: Longest name of a file, without its ending.
_LONGEST = 50
#: Names that Windows keeps for devices.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}
#: What is compared with: no scenario can be called so.
_TAKEN_NAMES = {"today", "before"}

_WRITING = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A scenario as it is kept: ``key`` is its file's name, ``mark`` a hash of the file as read.

    ``mark`` is "" for one that is in no file.
    """

    key: str
    scenario: Scenario
    mark: str = ""


class ChangedMeanwhileError(ProjectError):
    """The file is not the one that was read: somebody else changed it."""


def read_kept(project_folder: Path) -> tuple[dict[str, Kept], tuple[str, ...]]:
    """Return the scenarios of a project folder by their keys, and what could not be read."""
    folder = project_folder / FOLDER
    found: dict[str, Kept] = {}
    wrong: list[str] = []
    try:
        files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    except OSError as err:
        return {}, (f"The folder {FOLDER} cannot be read: {_reason(err)}.",)
    for file in files[:MOST_KEPT]:
        try:
            found[file.stem] = _read(file, project_folder)
        except PlannerError as err:
            wrong.append(f"{err.message} {err.hint}".strip())
    if len(files) > MOST_KEPT:
        left = say_many(len(files) - MOST_KEPT, "further scenario")
        wrong.append(f"{FOLDER} holds {left} that are not read: at most {MOST_KEPT} are.")
    return found, tuple(wrong)


def write_kept(project_folder: Path, key: str, scenario: Scenario, *, mark: str) -> Kept:
    """Write a scenario to its file, in one piece or not at all.

    Parameters
    ----------
    project_folder
        The folder ``scenarios`` is made in it where there is none.
    key
        Name of the file, from `new_key` or `read_kept`.
    mark
        Of the file when it was read; "" where none was there. A file that is gone is written anew.

    Raises
    ------
    ChangedMeanwhileError
        The file is another one now; it stays as it is.
    ProjectError
        The folder is gone, or may not be written to.
    """
    _check_folder(project_folder)
    file = project_folder / FOLDER / f"{key}.toml"
    content = to_toml(scenario).encode("utf-8")
    with _WRITING:
        there = _mark_of(file)
        if there not in ("", mark):
            raise ChangedMeanwhileError(
                f"{FOLDER}/{file.name} was changed elsewhere since you opened it, in another tab "
                "or by somebody else. It stays as it is, and your changes are still here.",
                hint="Save yours under another name, or take the other one.",
            )
        try:
            file.parent.mkdir(exist_ok=True)
            _replace(file, content)
        except OSError as err:
            raise ProjectError(
                f"{FOLDER}/{file.name} cannot be written: {_reason(err)}.",
                hint="The scenario is still here: download it, or make the folder writable.",
            ) from err
    return Kept(key=key, scenario=scenario, mark=_hash(content))


def delete_kept(project_folder: Path, key: str, *, mark: str) -> None:
    """Delete the file of a scenario, if it still is what was read; one that is gone is no error.

    Raises
    ------
    ChangedMeanwhileError, ProjectError
        As `write_kept`.
    """
    _check_folder(project_folder)
    file = project_folder / FOLDER / f"{key}.toml"
    with _WRITING:
        if _mark_of(file) not in ("", mark):
            raise ChangedMeanwhileError(
                f"{FOLDER}/{file.name} was changed elsewhere since you opened it, so it was not "
                "deleted.",
                hint="Look at it again first.",
            )
        try:
            file.unlink(missing_ok=True)
        except OSError as err:
            raise ProjectError(f"{FOLDER}/{file.name} cannot be deleted: {_reason(err)}.") from err


def new_key(name: str, taken: Collection[str]) -> str:
    """Return a name for the file of a scenario that is safe on every system and not taken.

    Examples
    --------
    >>> new_key("Family hub!", {"family-hub"}), new_key("../CON", ())
    ('family-hub-2', 'scenario-con')
    """
    plain = slug(name, limit=_LONGEST)
    if not plain:
        plain = f"scenario-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    if plain in _DEVICES:
        plain = f"scenario-{plain}"
    known, key, number = {one.casefold() for one in taken}, plain, 1
    while key in known:
        number += 1
        key = f"{plain}-{number}"
    return key


def check_name(name: str, others: Mapping[str, str]) -> str:
    """Return what is wrong with the name of a scenario, "" if nothing.

    ``others`` are the names of the other scenarios, by key.
    """
    plain = clean_text(name)
    if not plain:
        return "Give the scenario a name first."
    if plain.casefold() in _TAKEN_NAMES:
        return f"A scenario cannot be called {plain}: it is compared with that."
    if plain.casefold() in {other.casefold() for other in others.values()}:
        return f"There is a scenario called {plain} already: give this one another name."
    return ""


def is_writable(project_folder: Path) -> bool:
    """Return whether scenarios can be kept in a project folder."""
    folder = project_folder / FOLDER
    there = folder if folder.exists() else project_folder
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _read(file: Path, project_folder: Path) -> Kept:
    where = f"{FOLDER}/{clean_text(file.name, limit=80)}"
    if not file.resolve().is_relative_to(project_folder.resolve()):
        raise ProjectError(f"{where} leads outside the project's folder, so it is not read.")
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ProjectError(f"{where}: too long for a scenario file.")
        content = file.read_bytes()
    except OSError as err:
        raise ProjectError(f"{where} cannot be read: {_reason(err)}.") from err
    scenario = from_toml(content, where=where)
    wrong = check_name(scenario.name, {})
    if wrong:
        raise ProjectError(f"{where}: {wrong}")
    return Kept(key=file.stem, scenario=scenario, mark=_hash(content))


def _check_folder(project_folder: Path) -> None:
    if not project_folder.is_dir():
        raise ProjectError(
            "The project folder is no longer there, so nothing can be saved in it.",
            hint="Your scenario is still here: download it, then put the folder back or open "
            "another project.",
        )
    folder = project_folder / FOLDER
    if not folder.resolve().is_relative_to(project_folder.resolve()):
        raise ProjectError(
            f"{FOLDER} leads outside the project's folder, so nothing is written there.",
            hint="Download the scenario instead.",
        )


def _mark_of(file: Path) -> str:
    """Return the mark of a file as it stands, "" if there is none."""
    try:
        return _hash(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        return "not readable"


def _replace(file: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as fresh:
            fresh.write(content)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _reason(err: OSError) -> str:
    return (err.strerror or "the system refused").lower()
