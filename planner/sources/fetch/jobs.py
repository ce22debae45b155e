"""At which points do the jobs of small areas stand?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from planner.area import StudyArea
from planner.errors import DataError
from planner.sources.tables import read_table, to_number, to_text


def build_jobs(
    path: Path, area: StudyArea, changes: pd.DataFrame | None, *, columns: Mapping[str, str]
) -> pd.DataFrame:
    """Return jobs of small areas as points inside the areas of the place and its context.

    Parameters
    ----------
    path
        A table of jobs by area code, of 2011 or 2021.
    area
        The place, whose areas are of 2021.
    changes
        Columns ``lsoa11, lsoa21``: where the areas of 2011 lie now. None: codes are as they are.
    columns
        What ``code`` and ``value`` are called in the table.

    Returns
    -------
    jobs
        ``jobs_id, easting, northing, jobs``, sorted by id. An area of 2011 that was split has one
        point inside its parts together; one of which a part lies outside is left out.

    Raises
    ------
    DataError
        No row of the table lies in the place.
    """
    table = read_table(path, what=path.name, wanted=[columns["code"]])
    codes = to_text(table[columns["code"]])
    numbers, _ = to_number(table[columns["value"]])
    parts: dict[str, list[str]] = {}
    if changes is not None:
        wanted = changes["lsoa21"].isin(area.areas.index)
        near = changes[changes["lsoa11"].isin(changes.loc[wanted, "lsoa11"])]
        parts = {str(old): sorted(rows["lsoa21"]) for old, rows in near.groupby("lsoa11")}
    rows = []
    for code, number in sorted(zip(codes, numbers, strict=True)):
        now = parts.get(code, [code])
        if not number >= 0 or not all(one in area.areas.index for one in now):
            continue
        point = area.areas.geometry.loc[now].union_all().representative_point()
        rows.append((code, round(point.x, 1), round(point.y, 1), float(number)))
    if not rows:
        raise DataError(f"{path.name}: none of its {len(table)} rows lies in or around the place.")
    return pd.DataFrame(rows, columns=["jobs_id", "easting", "northing", "jobs"])
