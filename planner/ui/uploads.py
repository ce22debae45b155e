"""Which files of a visitor's own are in use in this session, seen by nobody else?

A part of `planner.ui.state`. Such a file lies in a temporary folder that only this session knows,
and goes when the session does. A project that uses one is worked out for this session alone:
neither its plan nor any stage of it is in what everybody shares, in memory or on disk.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from planner.cache import Memo, OwnMemo
from planner.errors import ProjectError
from planner.project import Project
from planner.project.adding import Added
from planner.ui import serving

#: What the temporary folder of a session begins with; by it a project is known to use one.
FOLDER_PREFIX = "planner-own-"
#: So many files of one's own can be in use at once.
MOST_OWN = 6

#: Where the session keeps plans that rest on private data.
PLANS = "private_plans"
_HELD, _MEMO, _SAID, _TURN = "own_files", "own_memo", "own_said", "own_turn"


@dataclass(frozen=True, kw_only=True)
class OwnFile:
    """A file in use: what the project says of it, and how it is called on the screen.

    ``home`` is the project it is used with; ``entry`` is a section of its project file, with
    ``file`` relative to the session's folder.
    """

    home: tuple[str, str]
    section: Added
    entry: Mapping[str, Any]
    label: str
    what: str

    @property
    def key(self) -> str:
        """What it is known by among the files in use."""
        plain = repr((self.home, self.section, sorted(self.entry.items(), key=str)))
        return hashlib.sha256(plain.encode()).hexdigest()[:12]


class _Folder:
    """A temporary folder that goes when the session lets go of it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX)).resolve()
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(kw_only=True)
class _Held:
    folder: _Folder
    files: list[OwnFile]


def in_use(project: Project) -> list[OwnFile]:
    """Return the files of one's own that are used with a project, in the order of their use."""
    held: _Held | None = st.session_state.get(_HELD)
    return [] if held is None else [one for one in held.files if one.home == _home(project)]


def build_own(
    project: Project, section: Added, entry: Mapping[str, Any], *, name: str, label: str, what: str
) -> OwnFile:
    """Return a file that may be used; ``name`` is from `planner.project.adding.safe_name`."""
    return OwnFile(
        home=_home(project), section=section, entry={**entry, "file": name}, label=label, what=what
    )


def keep(own: OwnFile, content: bytes) -> OwnFile:
    """Write a file into the session's folder, without using it yet.

    Returns
    -------
    kept
        The file with its place in that folder, which is the same for the same bytes.

    Raises
    ------
    ProjectError
        There are too many already, or the folder cannot be written to.
    """
    held: _Held | None = st.session_state.get(_HELD)
    if held is not None and len(held.files) >= MOST_OWN:
        raise ProjectError(
            f"{MOST_OWN} files of your own are in use already.", hint="Leave one of them out first."
        )
    inner = f"own-{hashlib.sha256(content).hexdigest()[:12]}"
    try:
        if held is None:
            held = _Held(folder=_Folder(), files=[])
            st.session_state[_HELD] = held
        target = held.folder.path / inner / str(own.entry["file"])
        target.parent.mkdir(exist_ok=True, mode=0o700)
        target.write_bytes(content)
    except OSError as err:
        raise ProjectError(
            "The file cannot be kept for this session: "
            f"{(err.strerror or 'the system refused').lower()}.",
            hint="Ask whoever looks after this computer to make room for temporary files.",
        ) from err
    return replace(own, entry={**own.entry, "file": f"{inner}/{own.entry['file']}"})


def use(own: OwnFile) -> None:
    """Use a file that was kept, from now on and on every page of this session."""
    held: _Held = st.session_state[_HELD]
    held.files = [*(one for one in held.files if one.key != own.key), own]
    take_next()


def turn() -> int:
    """Return how many files this visitor is done with."""
    return int(st.session_state.get(_TURN, 0))


def take_next() -> None:
    """Be done with the file that was given: the page asks for the next one."""
    st.session_state[_TURN] = turn() + 1


def leave_out(key: str) -> None:
    """Use a file no longer, and delete it."""
    held: _Held | None = st.session_state.get(_HELD)
    if held is None:
        return
    gone = [one for one in held.files if one.key == key]
    held.files = [one for one in held.files if one.key != key]
    for one in gone:
        forget(one)
    # What was worked out with it goes, too.
    st.session_state.pop(_MEMO, None)
    st.session_state.pop(PLANS, None)


def leave_all_out(project: Project) -> None:
    """Use none of one's own files with a project any more."""
    for one in in_use(project):
        leave_out(one.key)


def forget(own: OwnFile) -> None:
    """Delete a kept file, unless another one in use has the same bytes."""
    held: _Held = st.session_state[_HELD]
    if own.entry["file"] not in {one.entry["file"] for one in held.files}:
        (held.folder.path / str(own.entry["file"])).unlink(missing_ok=True)


def with_own(project: Project, *more: OwnFile) -> Project:
    """Return a project with a visitor's own files in use, and with ``more`` that are kept.

    Raises
    ------
    ProjectError
        What is said of a file does not go with the project.
    """
    used = [*in_use(project), *more]
    if not used:
        return project
    held: _Held = st.session_state[_HELD]
    sections: dict[str, list[Any]] = {}
    for one in used:
        there = getattr(project.spec, one.section)
        first = [entry.model_dump(by_alias=True, exclude_none=True) for entry in there]
        sections.setdefault(one.section, first).append(dict(one.entry))
    mixed = project.with_spec(**sections)
    return replace(mixed, data_roots=(*project.data_roots, held.folder.path), _resolved={})


def is_own(project: Project) -> bool:
    """Return whether a project uses a visitor's own file."""
    return any(root.name.startswith(FOLDER_PREFIX) for root in project.data_roots)


def is_private(project: Project) -> bool:
    """Return whether what is worked out for a project may be kept for one session only."""
    return bool(project.spec.private) or is_own(project)


def memo_for(project: Project, shared: Memo) -> Memo:
    """Return where stages of a project are kept: with own files, in this session alone."""
    if not is_own(project):
        return shared
    memo: OwnMemo | None = st.session_state.get(_MEMO)
    if memo is None or memo.shared is not shared:
        memo = OwnMemo(shared, max_bytes=serving.bytes_kept())
        st.session_state[_MEMO] = memo
    return memo


def say(level: str, text: str) -> None:
    """Remember what is to be said at the top of the page on the next run."""
    st.session_state[_SAID] = (level, text)


def said() -> tuple[str, str]:
    """Return what is to be said, once: how (``error`` or ``success``) and what; "" for nothing."""
    level, text = st.session_state.pop(_SAID, ("", ""))
    return level, text


def _home(project: Project) -> tuple[str, str]:
    return str(project.folder), project.file_name
