"""Is this still the same project, with the same files in it?

A part of `planner.ui.state`.
"""

from __future__ import annotations

import streamlit as st

from planner.cache import digest
from planner.errors import PlannerError
from planner.project import Project


def content_key(project: Project) -> str:
    """Return a hash of the project's settings and of the bytes of every file it names."""
    shas = {}
    for name in project.files():
        path = project.path(name)
        facts = path.stat()
        shas[name] = _sha256(str(path), facts.st_mtime_ns, facts.st_size, name, project)
    # Every page asks several times; writing the project file out would take half of its time.
    settings = project.spec.model_dump(mode="json", by_alias=True, exclude={"private"})
    private = [(entry.id, entry.domain) for entry in project.spec.private]
    return digest(settings, private, str(project.folder), shas)


def private_facts(project: Project) -> tuple[tuple[int, int], ...]:
    """Return when the private files last changed; what is wrong with one is said by its reader."""
    found = []
    for entry in project.spec.private:
        try:
            facts = project.path(entry.file).stat()
        except (PlannerError, OSError):
            continue
        found.append((facts.st_mtime_ns, facts.st_size))
    return tuple(found)


@st.cache_resource(max_entries=512, show_spinner=False)
def _sha256(path: str, modified: int, size: int, _name: str, _project: Project) -> str:
    return _project.sha256(_name)
