"""Where several people use one server: which study areas are there, and what is not allowed?

Study areas are the folders under one root that hold a project file. They are chosen by the name of
their folder, and only from what was found there: no name is ever made into a path. A part of
`planner.ui.state`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from planner.errors import PlannerError, ProjectError
from planner.project import PROJECT_FILE, Project
from planner.sources.text import clean_text
from planner.ui.opened import Opened, data_roots

#: What `planner app` tells the server it starts.
SERVE_VARIABLE = "PLANNER_SERVE"
READ_ONLY_VARIABLE = "PLANNER_READ_ONLY"
SIGN_IN_VARIABLE = "PLANNER_SIGN_IN"
#: The name of the study area in the address.
IN_ADDRESS = "project"
#: More folders than this under the root are not looked at.
MOST_LISTED = 200
#: What stages keep, and what finished plans keep, for everybody on one server: about so much.
MOST_BYTES = 1_500_000_000

_LONGEST = 80
_HIDDEN = "…"


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A study area under the root.

    ``name`` is that of its folder, ``label`` what is shown for it, ``wrong`` why it cannot be
    opened ("": it can).
    """

    name: str
    label: str
    file: Path
    wrong: str = ""


def is_on() -> bool:
    """Return whether this server is for several people."""
    return bool(os.environ.get(SERVE_VARIABLE))


def is_read_only() -> bool:
    """Return whether nothing may be written into project folders."""
    return bool(os.environ.get(READ_ONLY_VARIABLE))


def needs_sign_in() -> bool:
    """Return whether only people who signed in may look."""
    return bool(os.environ.get(SIGN_IN_VARIABLE))


def bytes_kept() -> int | None:
    """Return how much memory kept results may take; None for as much as their number takes."""
    return MOST_BYTES if is_on() else None


def find_projects(root: Path | None = None) -> dict[str, Listed]:
    """Return the study areas under the root by the names of their folders, in order of the label.

    A folder that leads outside the root, or whose project file does, is listed as one that cannot
    be opened; a folder without a project file is none.

    Raises
    ------
    ProjectError
        The root is gone, or may not be read.
    """
    given = Path(os.environ.get(SERVE_VARIABLE, "")) if root is None else root
    try:
        top = given.resolve(strict=True)
        folders = sorted(one.name for one in top.iterdir() if not one.name.startswith("."))
    except (OSError, RuntimeError) as error:
        raise ProjectError(
            "The folder of study areas is no longer there, or cannot be read.",
            hint="Ask whoever looks after this server to put it back, then reload this page.",
        ) from error
    found = [_look_at(top, name) for name in folders[:MOST_LISTED]]
    listed = _told_apart([one for one in found if one is not None])
    return {one.name: one for one in sorted(listed, key=lambda one: (one.label, one.name))}


def open_named(name: str, listed: dict[str, Listed] | None = None) -> Opened:
    """Return the project of a study area, looked for again each time.

    Raises
    ------
    ProjectError
        None is chosen, or it is not there, or it cannot be opened.
    """
    if not name:
        raise ProjectError("No study area is chosen.", hint="Choose one from the list.")
    one = (find_projects() if listed is None else listed).get(name)
    if one is None:
        raise ProjectError(
            f"The study area {clean_text(name, limit=_LONGEST)} is not on this server any more.",
            hint="Choose another one under Study area at the side, or ask whoever looks after "
            "this server to put its folder back and then reload this page. Scenarios that you "
            "made can still be downloaded on the page Compare.",
        )
    if one.wrong:
        raise ProjectError(f"{one.label} cannot be opened: {one.wrong}")
    return Opened(path=one.file, data_roots=data_roots())


def hide_paths(text: str) -> str:
    """Return text without the folders of this server, where others look at it."""
    if not is_on():
        return text
    for folder in _server_folders():
        text = text.replace(f"{folder}{os.sep}", "").replace(folder, _HIDDEN)
    return text


def _look_at(top: Path, name: str) -> Listed | None:
    folder = top / name
    file = folder / PROJECT_FILE
    try:
        if not folder.is_dir() or not (file.is_symlink() or file.exists()):
            return None
        # What a link points at is neither read nor named. A file in the root itself would make
        # the root its folder, with every other study area in it.
        inside = all(path.resolve().is_relative_to(top) for path in (folder, file))
        inside = inside and file.resolve().parent != top
        facts = file.stat() if inside and file.is_file() else None
    except (OSError, RuntimeError):
        return Listed(name=name, label=shown_name(name), file=file, wrong="it cannot be read.")
    if not inside:
        wrong = "it leads outside the folder of study areas."
        return Listed(name=name, label=shown_name(name), file=file, wrong=wrong)
    if facts is None:
        return Listed(
            name=name, label=shown_name(name), file=file, wrong=f"no {PROJECT_FILE} in it."
        )
    if not _is_text(name):
        wrong = "the name of its folder is not text: rename the folder."
        return Listed(name=name, label=shown_name(name), file=file, wrong=wrong)
    place, wrong = _read(str(file), facts.st_mtime_ns, facts.st_size)
    return Listed(name=name, label=place or shown_name(name), file=file, wrong=wrong)


@st.cache_resource(max_entries=2 * MOST_LISTED, show_spinner=False)
def _read(file: str, modified: int, size: int) -> tuple[str, str]:
    """Return the name of the place in a project file, and why it cannot be opened."""
    try:
        spec = Project.read(file, data_roots=data_roots()).spec
    except PlannerError as error:
        return "", hide_paths(f"{error.message} {error.hint}".strip())
    except OSError:
        return "", "its project file cannot be read."
    return clean_text(spec.place.name, limit=_LONGEST), ""


def _told_apart(found: Iterable[Listed]) -> list[Listed]:
    """Return study areas with labels that differ: where two are alike, the folder stands in it."""
    every = list(found)
    labels = [one.label.casefold() for one in every]
    told: list[Listed] = []
    for one in every:
        label = one.label
        if labels.count(label.casefold()) > 1:
            label = f"{label} ({shown_name(one.name)})"
        taken, number, free = {other.label for other in told}, 1, label
        while free in taken:
            number += 1
            free = f"{label} {number}"
        told.append(Listed(name=one.name, label=free, file=one.file, wrong=one.wrong))
    return told


def shown_name(name: str) -> str:
    """Return the name of a folder as text that is safe to show."""
    return clean_text(name, limit=_LONGEST) or "a folder without a name"


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _server_folders() -> list[str]:
    """Return folders that nobody elsewhere need know of, the longest first."""
    root = Path(os.environ.get(SERVE_VARIABLE, ""))
    given = [root, *data_roots(), Path.home(), Path(tempfile.gettempdir())]
    both = {str(path) for one in given for path in (one, one.resolve())}
    return sorted((path for path in both if len(path) > 1), key=lambda path: (-len(path), path))
