"""Which project file does the app stand on: the one it was started with, or the demo?

A part of `planner.ui.state`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import streamlit as st

import planner
from planner.errors import ProjectError
from planner.project import PROJECT_FILE, Project

PROJECT_VARIABLE = "PLANNER_PROJECT"
ROOTS_VARIABLE = "PLANNER_DATA_ROOTS"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A project file, and further folders it may read from."""

    path: Path
    data_roots: tuple[Path, ...] = ()

    def read(self) -> Project:
        """Read and check the project file as it stands now.

        Raises
        ------
        ProjectError
            As `Project.read`; of a file that is gone it says what to do about it here.
        """
        try:
            return Project.read(self.path, data_roots=self.data_roots)
        except ProjectError as error:
            if self.path.exists():
                raise
            raise ProjectError(
                error.message,
                hint="Name a .toml file, or a folder that holds planner.toml. If the folder of "
                "an open project was moved or deleted, put it back and reload this page, or open "
                "another study area.",
            ) from error


def given_project() -> Opened:
    """Return the project the app was started on, or the demo place."""
    given = os.environ.get(PROJECT_VARIABLE, "")
    return Opened(path=Path(given), data_roots=data_roots()) if given else demo_project()


def data_roots() -> tuple[Path, ...]:
    """Return the further folders that whoever started the app lets projects read from."""
    given = os.environ.get(ROOTS_VARIABLE, "").split(os.pathsep)
    return tuple(Path(root) for root in given if root)


def demo_project() -> Opened:
    """Return the fictional place: the one beside app.py, or one written to the cache folder."""
    beside = Path(planner.__file__).resolve().parent.parent / "data" / "demo" / PROJECT_FILE
    return Opened(path=beside if beside.is_file() else _written_demo())


@st.cache_resource(show_spinner="Writing the fictional demo place")
def _written_demo() -> Path:
    from planner.demo import write_demo
    from planner.plan.stages import version_of

    folder = platformdirs.user_cache_path("planner") / f"demo-{version_of('planner')}"
    found = folder / PROJECT_FILE
    return found if found.is_file() else Path(write_demo(folder))
