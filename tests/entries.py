"""A project of a few lines around one file of figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.errors import PlannerError
from planner.layers import PublishedTable
from planner.project import Project, parse_spec
from planner.sources.layers import read_published

PLACE = {"name": "Somewhere", "geography": "lsoa21", "boundaries": "areas.gpkg"}


def project(folder: Path, *entries: dict[str, Any], **sections: Any) -> Project:
    """Return a project in ``folder`` with these layers."""
    table = {"place": PLACE, "layer": list(entries), **sections}
    return Project(spec=parse_spec(table, where="x.toml"), folder=folder)


def read(folder: Path, reader: str, file: str, **keys: Any) -> PublishedTable:
    """Read one layer entry as published."""
    asked = project(folder, {"from": reader, "file": file, **keys})
    return read_published(asked, asked.spec.layer[0])


def refusal(folder: Path, reader: str, file: str, **keys: Any) -> str:
    """Return the message with which the file is refused: one or two lines that name it."""
    with pytest.raises(PlannerError) as caught:
        read(folder, reader, file, **keys)
    text = str(caught.value)
    assert file in text
    assert len(text.splitlines()) <= 2
    return text
