"""Which names does a package offer, and where is each found when somebody first asks for it?

A package that reads all of its rooms to offer a few names makes everybody wait for the slowest of
them. Here a package says, as it does for type checkers, where its names come from; a room is
read when one of its names is asked for.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def offer(package: str, file: str) -> Callable[[str], Any]:
    """Return a package's ``__getattr__``: names under its ``if TYPE_CHECKING:``, when asked for.

    Parameters
    ----------
    package, file
        Its ``__name__`` and its ``__file__``.
    """
    rooms = find_rooms(Path(file).read_text(encoding="utf-8"))

    def find(name: str) -> Any:
        room = rooms.get(name)
        if room is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(importlib.import_module(room), name)
        setattr(sys.modules[package], name, found)
        return found

    return find


def find_rooms(source: str) -> dict[str, str]:
    r"""Return name → module of what a source imports for type checkers alone.

    Examples
    --------
    >>> find_rooms("if TYPE_CHECKING:\n    from planner.area import StudyArea")
    {'StudyArea': 'planner.area'}
    """
    return {
        name.asname or name.name: part.module
        for top in ast.parse(source).body
        if isinstance(top, ast.If) and isinstance(top.test, ast.Name)
        if top.test.id == "TYPE_CHECKING"
        for part in top.body
        if isinstance(part, ast.ImportFrom) and part.module
        for name in part.names
    }
