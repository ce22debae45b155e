"""What of a plan can be left out or drawn less often where a test is about something else?"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import tomlkit

from planner import Project

#: As few draws, repeats and further measures as there can be.
LIGHT: dict[str, dict[str, Any]] = {
    "measures": {"kth": [], "interval": [], "jobs_bands": [], "at": []},
    "neighbourhoods": {"bootstraps": 0},
    "robustness": {"draws": 20},
    "tandem": {"permutations": 99},
    "spatial": {"permutations": 99},
    "gaps": {"draws": 0},
    "equity": {"bootstraps": 20},
    "bundle": {"timed": 0},
    "hubs": {"alternatives": 0, "draws": 0},
    "rota": {"teams": ""},
}


def lighten(project: Project) -> Project:
    """Return the project with as little drawn, repeated and measured as there can be."""
    whole = project.spec
    sections = {
        name: getattr(whole, name).model_copy(update=settings) for name, settings in LIGHT.items()
    }
    return project.with_spec(**sections)


def lighten_file(path: Path, *, to: Path | None = None, **more: dict[str, Any]) -> Path:
    """Write a project file with `LIGHT` and ``more`` in its sections, in its place or elsewhere."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    for sections in (LIGHT, more):
        for name, settings in sections.items():
            table[name] = {**table.get(name, {}), **settings}
    found = to or path
    found.write_text(tomlkit.dumps(table), encoding="utf-8")
    return found
