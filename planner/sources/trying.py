"""Where would the places of somebody's own table lie, before it is part of the project?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import pandas as pd
import shapely

from planner.area import StudyArea
from planner.errors import DataError
from planner.project import Project, ServicesEntry
from planner.services import Services
from planner.sources.services import FAR_METRES, TOO_FAR, read_services
from planner.sources.uploads import Upload

#: As far as people may well go to a service beyond the border.
AROUND_METRES = 10_000.0
MAX_ROWS = 50_000
INSIDE, AROUND, FURTHER = "inside", "around", "further"


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """What became of the rows of one table.

    ``placed`` is one row a venue that is on the map: ``name``, ``postcode``, ``opening``,
    ``where`` (`INSIDE`, `AROUND`: within 10 km, `FURTHER`) and point ``geometry`` in EPSG:27700.
    ``lost`` is one row a row of the file that is not: ``row``, ``name``, ``reason``. ``notes``
    say in words what else was done.
    """

    rows: int
    placed: gpd.GeoDataFrame
    lost: pd.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _WithUpload(Project):
    """A project in which one file's name leads to bytes in memory, and to no path."""

    upload: Upload

    def path(self, name: str) -> Path:
        """Return where a file is; an upload does what the readers ask of a path."""
        return cast("Path", self.upload) if name == self.upload.name else super().path(name)

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a file's bytes."""
        if name == self.upload.name:
            return hashlib.sha256(self.upload.content).hexdigest()
        return super().sha256(name)


def with_upload(project: Project, upload: Upload, **sections: Any) -> Project:
    """Return a project in which the upload's name leads to its bytes, with these sections."""
    return _WithUpload(
        spec=project.spec.model_copy(update=sections),
        folder=project.folder,
        data_roots=project.data_roots,
        file_name=project.file_name,
        upload=upload,
    )


def try_services(
    project: Project, area: StudyArea, upload: Upload, entry: ServicesEntry, *, rows: int
) -> Trial:
    """Return what the planner would make of a table of places, without saving anything.

    Parameters
    ----------
    project
        Its postcode directory is used, and nothing else of it is changed or read.
    area
        The place.
    upload
        The table.
    entry
        What the project would say of it; its ``file`` is the upload's name.
    rows
        How many rows the table has.

    Raises
    ------
    DataError
        The table has too many rows, or none of them can be used.
    """
    if rows > MAX_ROWS:
        raise DataError(
            f"{upload.name}: {rows:,} rows; at most {MAX_ROWS:,} can be tried here.",
            hint="Cut it down to the places you need.",
        )
    hubs = project.spec.hubs.model_copy(update={"candidates": ""})
    found = read_services(with_upload(project, upload, services=[entry], hubs=hubs), area)
    return Trial(
        rows=rows,
        placed=_placed(found, area),
        lost=_lost(found),
        notes=tuple(
            note.text for note in found.notes if note.what not in {"unplaced", "rows_far_away"}
        ),
    )


def _placed(found: Services, area: StudyArea) -> gpd.GeoDataFrame:
    venues = found.venues
    place = shapely.union_all(area.place.geometry.to_numpy())
    metres = shapely.distance(place, venues.geometry.to_numpy())
    where = pd.cut(metres, [-1.0, 0.0, AROUND_METRES, FAR_METRES], labels=[INSIDE, AROUND, FURTHER])
    return gpd.GeoDataFrame(
        {
            "name": venues["venue_name"].astype(str),
            "postcode": venues["postcode"].astype(str),
            "opening": venues["opening"].astype(str),
            "where": where.astype(str),
        },
        geometry=venues.geometry,
        index=venues.index,
        crs=venues.crs,
    )


def _lost(found: Services) -> pd.DataFrame:
    lost = found.unplaced[["row", "name", "reason"]]
    away = [
        (int(row.removeprefix("row ")), name, TOO_FAR)
        for note in found.notes
        if note.what == "rows_far_away"
        for row, _, name in (item.partition(": ") for item in note.items)
    ]
    more = pd.DataFrame(away, columns=["row", "name", "reason"])
    together = pd.concat([part for part in (lost, more) if len(part)] or [lost])
    return together.sort_values("row", kind="stable", ignore_index=True)
