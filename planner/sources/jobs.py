"""Where is paid work, as the project's table of jobs says?"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from planner.area import CRS, StudyArea
from planner.errors import DataError
from planner.ledger import Note, Source
from planner.project import JobsEntry, Project
from planner.services import Jobs
from planner.sources import vectors
from planner.sources.columns import JOBS_KEYS, build_hint, lacking_keys, refuse_missing
from planner.sources.coordinates import find_coordinates, read_coordinates
from planner.sources.tables import find_column, match_column, read_table, to_number, to_text
from planner.sources.text import clean_text
from planner.wording import say_many

ID_COLUMNS = ["jobs_id", "id", "wz", "wz11cd", "workplace_zone", "code", "area_code", "lsoa21cd"]


def read_jobs(project: Project, area: StudyArea) -> Jobs | None:
    """Read the ``[jobs]`` table: points with a number of jobs, however far they are.

    Parameters
    ----------
    project
        Its ``[jobs]`` section; a table with coordinates, or a map file.
    area
        The place, which the jobs must be near: a table of another region is refused.

    Returns
    -------
    jobs
        None if the project has no ``[jobs]``. ``jobs_id`` is the publisher's id, else ``row-7``
        by the row of the file. Rows without a place or without a number from 0 up are left out
        and listed in a note ``jobs_unusable``.

    Raises
    ------
    DataError
        A column is missing, an id stands twice in a column that the project names, no row can be
        used, or none is within 100 km of the place.
    """
    entry = project.spec.jobs
    if entry is None:
        return None
    table, located = _read(project, entry)
    number = to_number(table[find_column(table, entry.column, entry.file)])[0]
    ids = _ids(table, entry)
    reason = located["reason"].mask(
        ((located["reason"] == "") & ~(number >= 0)).to_numpy(), "no number of jobs from 0 up"
    )
    good = (reason == "").to_numpy()
    if not good.any():
        raise DataError(
            f"{entry.file}: none of its {len(table)} rows can be used ({reason.iloc[0]}).",
            hint="Check [jobs] column, x_column and y_column.",
        )
    points = shapely.points(located["x"].to_numpy()[good], located["y"].to_numpy()[good])
    _check_near(points, area, entry)
    frame = gpd.GeoDataFrame(
        {"jobs": number.to_numpy()[good]},
        geometry=points,
        index=pd.Index(ids.to_numpy()[good], name="jobs_id"),
        crs=CRS,
    ).sort_index()
    notes = _notes(ids[~good], reason[~good], entry)
    return Jobs(points=frame, source=_source(project, entry), notes=notes)


def _read(project: Project, entry: JobsEntry) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table by 1-based data row, and where its rows are."""
    path = project.path(entry.file)
    if vectors.is_map_file(path):
        return vectors.read_points(path, what=entry.file)
    table = read_table(path, sheet=entry.sheet, what=entry.file, wanted=[entry.column])
    refuse_missing(table, entry, JOBS_KEYS, what=entry.file, purpose="jobs")
    table.index = pd.Index(table.index - int(table.index.min()) + 1, name="row")
    columns = find_coordinates(
        table, what=entry.file, x_column=entry.x_column, y_column=entry.y_column
    )
    if columns is None:
        raise DataError(
            f"{entry.file}: there is no pair of coordinate columns.",
            hint=build_hint(
                table,
                lacking_keys(table, entry, JOBS_KEYS),
                entry.file,
                purpose="jobs",
                otherwise="Wanted: lon and lat, or easting and northing; or name them with "
                "x_column and y_column in [jobs].",
            ),
        )
    return table, read_coordinates(table, columns)


def _ids(table: pd.DataFrame, entry: JobsEntry) -> pd.Series:
    rows = pd.Series([f"row-{row}" for row in table.index], index=table.index, dtype=object)
    if entry.id_column:
        column = find_column(table, entry.id_column, entry.file)
        ids = to_text(table[column]).map(clean_text)
        repeated = sorted(ids[ids.duplicated() & (ids != "")].unique())
        if repeated:
            raise DataError(
                f"{entry.file}, column {column!r}: {len(repeated)} ids stand more than once "
                f"(first: {repeated[0]}).",
                hint="Name another [jobs] id_column, or leave it out.",
            )
        return ids.where(ids != "", rows)
    usual = match_column(table, ID_COLUMNS)
    if usual is None:
        return rows
    ids = to_text(table[usual]).map(clean_text)
    return ids if bool((ids != "").all()) and ids.is_unique else rows


def _check_near(points: object, area: StudyArea, entry: JobsEntry) -> None:
    place = shapely.union_all(area.place.geometry.to_numpy())
    if float(shapely.distance(place, points).min()) > 100_000.0:
        raise DataError(
            f"{entry.file}: no job is within 100 km of {area.name}.",
            hint="Is this another region's file, or are its coordinate columns mixed up?",
        )


def _notes(ids: pd.Series, reason: pd.Series, entry: JobsEntry) -> tuple[Note, ...]:
    if not len(ids):
        return ()
    items = tuple(f"row {row} ({ids[row]}): {reason[row]}" for row in ids.index)
    text = f"{entry.file}: {say_many(len(ids), 'row')} of jobs left out: not usable."
    return (Note(stage="jobs", what="jobs_unusable", count=len(ids), text=text, items=items),)


def _source(project: Project, entry: JobsEntry) -> Source:
    return Source(
        publisher=entry.publisher or "Publisher not stated",
        dataset=entry.dataset,
        licence=entry.licence or "licence not stated",
        vintage=entry.vintage or "date not stated",
        file=entry.file,
        sha256=project.sha256(entry.file),
    )
