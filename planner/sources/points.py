"""From where in each area do people set out?"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.area import CRS, PointsKind
from planner.errors import DataError
from planner.ledger import Note
from planner.project import Points, Project
from planner.sources.boundaries import (
    CODE_COLUMNS,
    LISTED,
    place_note,
    read_vector,
    to_british_grid,
)
from planner.sources.coordinates import find_coordinates, read_coordinates
from planner.sources.tables import find_column, match_column, read_table, to_number, to_text

#: A point in no polygon belongs to the nearest area within this distance.
NEAREST_METRES = 500.0
#: If most points lie farther than this from the area they name, the coordinates are wrong.
FAR_METRES = 5000.0

TABLES = {".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm"}


def read_points(
    project: Project, asked: Points, areas: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, PointsKind, list[Note]]:
    """Read the points people set out from, each in one area, with its share of the people.

    Points come from a table with coordinates or from any map file. A column of area codes says
    which area a point is in; without one the polygons do, and a point in no polygon belongs to
    the nearest area within `NEAREST_METRES`.

    Parameters
    ----------
    project
        The project, for its files.
    asked
        What the project says of the points.
    areas
        Polygons in EPSG:27700 on the index ``area_code``.

    Returns
    -------
    points
        Sorted index ``point_id``; ``area_code``, ``weight`` (share, 1 in each area), geometry.
    kind
        Whether there is one point an area or several.
    notes
        Points that were moved to the nearest area, left out or made up.

    Raises
    ------
    DataError
        No point lies in the place, or the points lie far from the areas they name.
    """
    what = asked.file
    frame, notes = _read_located(project, asked)
    code = _code_column(frame, asked, areas, what)
    if code is not None:
        frame["area_code"] = to_text(frame[code]).to_numpy()
        frame = frame[frame["area_code"].isin(areas.index)].copy()
        _check_near(frame, areas, what)
    else:
        frame, more = _assign(frame, areas, asked, what)
        notes += more
    in_place = areas.index[areas["in_place"]]
    if not frame["area_code"].isin(in_place).any():
        raise DataError(
            f"{what}: none of its points lies in the place.",
            hint="Check [place.points] file, code_column and crs.",
        )
    frame["weight"], more = _weights(frame, asked, what)
    notes += more
    frame.index = pd.Index(_ids(frame, asked, code, what), name="point_id", dtype=object)
    points = gpd.GeoDataFrame(
        frame[["area_code", "weight"]], geometry=frame.geometry.to_numpy(), crs=CRS
    )
    without = areas.index.difference(points["area_code"])
    if len(without):
        text = (
            f"{what} has no point for {len(without)} areas; people there set out from a point "
            "inside their area that is not where they live."
        )
        notes.append(place_note("points_representative", without, text))
        points = pd.concat([points, build_representative_points(areas.loc[without])])
    points = points.sort_index()
    several = points["area_code"].duplicated().any()
    return points, "several points" if several else "population-weighted", notes


def build_representative_points(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one point inside each area, named by its code."""
    return gpd.GeoDataFrame(
        {"area_code": areas.index.to_numpy(), "weight": 1.0},
        geometry=areas.geometry.representative_point().to_numpy(),
        index=pd.Index(areas.index, name="point_id"),
        crs=CRS,
    )


def _read_located(project: Project, asked: Points) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Return every row that has coordinates, in EPSG:27700, in the order of the file."""
    what = asked.file
    path = project.path(what)
    if path.suffix.lower() in TABLES:
        table = read_table(path, what=what, wanted=[n for n in (asked.code_column,) if n])
        columns = find_coordinates(table, what=what)
        if columns is None:
            raise DataError(
                f"{what}: no coordinates in its columns.",
                hint="It needs easting and northing, or lon and lat.",
            )
        if asked.crs:
            x, y = (to_number(table[name])[0] for name in (columns.x, columns.y))
            shapes = gpd.GeoSeries(gpd.points_from_xy(x, y), index=table.index)
            unplaced = x.isna() | y.isna()
            shapes = shapes[~unplaced]
            located = to_british_grid(shapes.to_frame("geometry"), crs=asked.crs, what=what)
            frame = gpd.GeoDataFrame(table[~unplaced], geometry=located, crs=CRS)
        else:
            where = read_coordinates(table, columns)
            unplaced = where["reason"] != ""
            where = where[~unplaced]
            shapes = gpd.points_from_xy(where["x"], where["y"])
            frame = gpd.GeoDataFrame(table[~unplaced], geometry=shapes, crs=CRS)
        rows = [f"row {row}" for row in table.index[unplaced]]
    else:
        frame = read_vector(path, what=what)
        if not frame.geometry.geom_type.dropna().isin(["Point", "MultiPoint"]).all():
            raise DataError(f"{what}: has shapes that are not points.", hint="Name the points.")
        unplaced = frame.geometry.isna() | frame.geometry.is_empty
        rows = [f"row {at + 1}" for at in np.flatnonzero(unplaced)]
        frame = frame[~unplaced]
        if len(frame):
            # A MultiPoint of one is how some programs write a point.
            located = to_british_grid(frame, crs=asked.crs, what=what).centroid
            frame = frame.set_geometry(located)
    if not len(frame):
        raise DataError(f"{what}: no row has usable coordinates.")
    notes = []
    if rows:
        text = f"{what}: {len(rows)} points have no usable coordinates and are left out."
        notes.append(place_note("points_without_coordinates", rows[:LISTED], text))
    return frame, notes


def _code_column(
    frame: gpd.GeoDataFrame, asked: Points, areas: gpd.GeoDataFrame, what: str
) -> str | None:
    """Return the column that says which area a point is in, or None."""
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    if asked.code_column:
        return find_column(plain, asked.code_column, what)
    usual = match_column(plain, [n for names in CODE_COLUMNS.values() for n in names])
    for column in dict.fromkeys([*([usual] if usual else []), *plain.columns]):
        if to_text(plain[column]).isin(areas.index).any():
            return str(column)
    return None


def _check_near(frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, what: str) -> None:
    if not len(frame):
        return
    own = areas.geometry.loc[frame["area_code"]]
    far = shapely.distance(own.to_numpy(), frame.geometry.to_numpy()) > FAR_METRES
    if far.mean() > 0.5:
        raise DataError(
            f"{what}: {int(far.sum())} of {len(far)} points lie more than "
            f"{FAR_METRES / 1000:.0f} km from the area they name "
            f"(first: {frame['area_code'][far].iloc[0]}).",
            hint="Check the coordinate system ([place.points] crs) and the boundaries.",
        )


def _assign(
    frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, asked: Points, what: str
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Give each point the area it lies in, or the nearest one within `NEAREST_METRES`."""
    shapes = frame.geometry.to_numpy()
    codes = np.full(len(frame), None, dtype=object)
    # Areas are sorted by code and read backwards: on a shared edge the first code wins.
    hits, at = areas.sindex.query(shapes, predicate="intersects")
    order = np.lexsort((-at, hits))
    codes[hits[order]] = areas.index.to_numpy()[at[order]]
    alone = np.flatnonzero(pd.isna(codes))
    names = np.asarray(_names(frame, asked))
    notes = []
    if len(alone):
        which, near = areas.sindex.nearest(
            shapes[alone], return_all=True, max_distance=NEAREST_METRES
        )
        order = np.lexsort((-near, which))
        codes[alone[which[order]]] = areas.index.to_numpy()[near[order]]
    moved = alone[~pd.isna(codes[alone])] if len(alone) else alone
    lost = alone[pd.isna(codes[alone])] if len(alone) else alone
    if len(moved):
        text = (
            f"{what}: {len(moved)} points lie in no area and were given to the nearest one "
            f"within {NEAREST_METRES:.0f} m."
        )
        items = [f"{names[i]} → {codes[i]}" for i in moved]
        notes.append(place_note("points_nearest_area", items, text))
    if len(lost):
        text = (
            f"{what}: {len(lost)} points lie more than {NEAREST_METRES:.0f} m from every area and "
            "are left out."
        )
        note = place_note("points_outside_place", sorted(names[lost])[:LISTED], text)
        notes.append(
            Note(stage=note.stage, what=note.what, count=len(lost), text=text, items=note.items)
        )
    kept = frame[~pd.isna(codes)].copy()
    kept["area_code"] = codes[~pd.isna(codes)]
    return kept, notes


def _names(frame: gpd.GeoDataFrame, asked: Points) -> list[str]:
    """Return what each point is called: its id if that is unique, else where it is."""
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    found = match_column(plain, [asked.id_column] if asked.id_column else ["OA21CD", "oa21_code"])
    for column in [found] if found else list(plain.columns):
        text = to_text(plain[column])
        if bool((text != "").all()) and text.is_unique:
            return list(text)
    return [f"({x:.0f}, {y:.0f})" for x, y in zip(frame.geometry.x, frame.geometry.y, strict=True)]


def _ids(frame: gpd.GeoDataFrame, asked: Points, code: str | None, what: str) -> list[str]:
    """Return unique names of the points: the file's own ids, the code, or the code and a number."""
    if asked.id_column:
        ids = to_text(frame[find_column(frame, asked.id_column, what)])
        if not ids.is_unique or bool((ids == "").any()):
            raise DataError(
                f"{what}, column {asked.id_column!r}: ids are blank or stand more than once.",
                hint="Leave out id_column, or name a column with one id a point.",
            )
        return list(ids)
    if not frame["area_code"].duplicated().any():
        return list(frame["area_code"])
    if code is None:
        names = _names(frame, asked)
        if len(set(names)) == len(names):
            return names
    order = np.lexsort((frame.geometry.y, frame.geometry.x, frame["area_code"]))
    number = frame["area_code"].iloc[order].groupby(frame["area_code"].iloc[order]).cumcount() + 1
    ids = np.empty(len(frame), dtype=object)
    ids[order] = [
        f"{area}-{n:04d}" for area, n in zip(frame["area_code"].iloc[order], number, strict=True)
    ]
    return list(ids)


def _weights(frame: gpd.GeoDataFrame, asked: Points, what: str) -> tuple[pd.Series, list[Note]]:
    """Return each point's share of its area's people."""
    area = frame["area_code"]
    if not asked.weight_column:
        count = area.map(area.value_counts())
        crowded = sorted(area[count > 1].unique())
        notes = []
        if crowded:
            text = (
                f"{what} gives no weights: in {len(crowded)} areas with several points each point "
                "stands for the same number of people."
            )
            notes.append(place_note("points_equal_weights", crowded, text))
        return 1.0 / count.astype(float), notes
    given, _ = to_number(frame[find_column(frame, asked.weight_column, what)])
    if bool((given < 0).any()) or not bool((given > 0).any()):
        raise DataError(f"{what}, column {asked.weight_column!r}: weights must be above zero.")
    unknown = given.isna()
    weight = given.fillna(0.0)
    total = weight.groupby(area).transform("sum")
    empty = total <= 0
    share = (weight / total.where(~empty)).where(~empty, 1.0 / area.map(area.value_counts()))
    notes = []
    if unknown.any():
        text = f"{what}: {int(unknown.sum())} points have no weight and count for nobody."
        notes.append(place_note("points_without_weight", sorted(area[unknown].unique()), text))
    if empty.any():
        codes = sorted(area[empty].unique())
        text = (
            f"{what}: the weights of {len(codes)} areas are all zero; their points count the same."
        )
        notes.append(place_note("points_equal_weights", codes, text))
    return share.astype(float), notes
