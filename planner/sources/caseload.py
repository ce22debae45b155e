"""How many of the council's own cases are in each area? Reads a private file and tells none of it.

Nothing of a private file is ever in a message: not its path, its headers or a cell, only numbers
of rows. True counts do not leave this module; `planner.private` protects them first.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.area import CRS, StudyArea
from planner.errors import DataError, PlannerError, ProjectError
from planner.layers import Layers
from planner.ledger import Note
from planner.private import (
    STAGE,
    PrivateLayer,
    add_private_layer,
    build_note,
    build_protected,
    refuse_reference,
    say_count,
)
from planner.project import PrivateEntry, Project
from planner.sources.groups import read_groups
from planner.sources.postcodes import (
    POSTCODE_COLUMNS,
    match_postcodes,
    normalise_postcode,
    read_postcodes,
)
from planner.sources.tables import match_column, read_table, to_text

T = TypeVar("T")

#: Only a whole postcode says in which small area a case is.
PLACED = ("full", "terminated")
#: How many row numbers an error gives.
ROWS_SAID = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cases:
    """True counts by area, and how many rows have none; never handed on as they are."""

    counts: pd.Series
    unmatched: int
    outside: int


def read_private_layers(
    project: Project, area: StudyArea, layers: Layers
) -> tuple[Layers, tuple[PrivateLayer, ...]]:
    """Add the project's private layers, protected, to its other layers.

    Parameters
    ----------
    project
        Its ``[[private]]`` entries, its postcode directory and the ``[reporting]`` groups, if any.
    area
        Cases in the place and in its context are counted, by polygon.
    layers
        Its other layers; a count among them may be a denominator.

    Returns
    -------
    layers
        With one more layer an entry, in cases per 1,000.
    private
        The protected counts.

    Raises
    ------
    ProjectError
        There is no postcode directory, a file cannot be found or is also named as an ordinary
        one, a denominator is none, or need is worked out among other areas than the place's.
    DataError
        A file cannot be read. Messages give numbers of rows and nothing else of it.
    """
    if not project.spec.private:
        return layers, ()
    refuse_reference(project.spec)
    if project.spec.postcodes is None:
        raise ProjectError(
            "[[private]]: cases are placed by postcode, and the project has no [postcodes].",
            hint="Name a directory (ONSPD or NSPL), or write an empty [postcodes] section to use "
            "the installed package.",
        )
    texts = _read_all(project)
    directory = read_postcodes(project, letters=_letters(texts))
    groups = read_groups(project, area)
    found: list[PrivateLayer] = []
    notes: list[Note] = []
    for number, (entry, text) in enumerate(zip(project.spec.private, texts, strict=True), start=1):
        where = f"[[private]] {number}"
        cases = _quietly(where, partial(_count, text, directory, area))
        if not int(cases.counts.sum()):
            raise DataError(
                f"{where}: none of its rows lies in {area.name} or around it.",
                hint="Check postcode_column, and that [postcodes] covers the place.",
            )
        protected = build_protected(
            cases.counts,
            area.codes,
            threshold=entry.threshold,
            groups=None if groups is None else groups.members,
        )
        layer = PrivateLayer(id=entry.id, title=entry.title, protected=protected)
        people, among = _denominator(entry, layers, area, where)
        layers = add_private_layer(
            layers,
            protected,
            people,
            layer_id=entry.id,
            title=entry.title,
            geography=area.geography,
            among=among,
            domain=entry.domain,
            weight=entry.weight,
            high_is=entry.high_is,
            vintage=entry.vintage,
        )
        found.append(layer)
        notes += [build_note(layer, area.codes), *_lost_notes(entry, cases)]
    if len(found) > 1:
        notes.append(_several(found))
    return replace(layers, notes=(*layers.notes, *notes)), tuple(found)


# --- reading without telling -----------------------------------------------------------------


def _read_all(project: Project) -> list[pd.Series]:
    """Return each entry's postcodes as written, on the numbers of their rows."""
    seen: dict[Path, str] = {}
    for name in project.files():
        path = _found(project, name)
        if path is not None:
            seen[path] = "is also named elsewhere in the project, where it would be listed openly"
    texts = []
    for number, entry in enumerate(project.spec.private, start=1):
        where = f"[[private]] {number}"
        path = _found(project, entry.file)
        if path is None:
            raise ProjectError(
                f"{where}: its file is not in the project's folder or a folder given by "
                "--data-root.",
                hint="Check the name under file; it is not repeated here.",
            )
        if path in seen:
            raise ProjectError(
                f"{where}: its file {seen[path]}.", hint="Name a private file once, here."
            )
        seen[path] = "is another private layer's too; the two could be subtracted"
        texts.append(_quietly(where, partial(_postcodes, path, entry)))
    return texts


def _found(project: Project, name: str) -> Path | None:
    """Return where a file is; a message of `Project.path` would repeat its name."""
    try:
        return project.path(name)
    except PlannerError:
        return None


def _quietly(where: str, work: Callable[[], T]) -> T:
    """Return what ``work`` gives; whatever goes wrong is told without a word of the file.

    The new error is raised outside of the handler, so that it carries no other one with it.
    """
    try:
        return work()
    except _SafeError as err:
        problem = str(err)
    except Exception as err:  # noqa: BLE001 - any message may quote a cell
        problem = f"could not be worked with ({type(err).__name__})"
    raise DataError(
        f"{where}: its file {problem}.",
        hint="Nothing of a private file is repeated in messages. Save it as CSV (UTF-8) with one "
        "header row and one row a case, and name its postcode_column.",
    )


class _SafeError(Exception):
    """A message of our own that has nothing of the file in it."""


def _broken_row(path: Path) -> str:
    """Return which row of a text file has more cells than its header, in words."""
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as handle:
            rows = csv.reader(handle)
            width = len(next(rows, []))
            for number, row in enumerate(rows, start=2):
                if len(row) > width:
                    return f" (row {number} has {len(row)} cells, the header {width})"
    except (OSError, csv.Error):
        pass
    return ""


def _postcodes(path: Path, entry: PrivateEntry) -> pd.Series:
    """Return the postcode cells; everything else in the file is let go at once."""
    asked = [entry.postcode_column] if entry.postcode_column else POSTCODE_COLUMNS
    try:
        frame = read_table(path, what="file", wanted=asked)
    except DataError as err:
        raise _SafeError(f"cannot be read as a table{_broken_row(path)}") from err
    column = match_column(frame, asked)
    if column is None:
        # Never a list of its headers: the first row of a file without them is a case.
        raise _SafeError("has no such postcode column")
    return to_text(frame[column])


def _letters(texts: list[pd.Series]) -> set[str]:
    normal = {normalise_postcode(text) for cells in texts for text in cells.unique()}
    return {text[0] for text in normal if text}


def _count(texts: pd.Series, directory: pd.DataFrame, area: StudyArea) -> _Cases:
    """Count rows by the area their postcode's point is in; a point on a border is the first's."""
    matched = match_postcodes(texts, directory)
    placed = matched["how"].isin(PLACED).to_numpy()
    if not placed.any():
        rows = ", ".join(str(row) for row in texts.index[:ROWS_SAID])
        raise _SafeError(
            f"has no row with a whole postcode that [postcodes] knows (first rows: {rows})"
        )
    at = matched[placed]
    points = gpd.GeoDataFrame(
        {"case": np.arange(len(at))}, geometry=gpd.points_from_xy(at["x"], at["y"]), crs=CRS
    )
    joined = points.sjoin(area.areas[["geometry"]], predicate="intersects")
    joined = joined.sort_values(["case", "area_code"]).drop_duplicates("case")
    counts = joined["area_code"].value_counts().reindex(area.areas.index, fill_value=0)
    return _Cases(
        counts=counts.astype(int).rename_axis("area_code"),
        unmatched=int((~placed).sum()),
        outside=len(at) - len(joined),
    )


# --- parts --------------------------------------------------------------------------------


def _denominator(
    entry: PrivateEntry, layers: Layers, area: StudyArea, where: str
) -> tuple[pd.Series, str]:
    if entry.denominator == "population":
        return area.areas["population"].astype(float), "residents"
    spec = layers.specs.get(entry.denominator)
    if spec is None or spec.kind != "count":
        counts = [key for key, known in layers.specs.items() if known.kind == "count"]
        raise ProjectError(
            f"{where}: denominator {entry.denominator!r} is not a layer of counts.",
            hint=f"Use population{', or ' + ', '.join(counts) if counts else ''}.",
        )
    return layers.values[entry.denominator], f"of {spec.title}"


def _lost_notes(entry: PrivateEntry, cases: _Cases) -> list[Note]:
    """Say how many rows are in no area: rounded, and the same words for none and a few."""
    notes = []
    for count, what, text in (
        (cases.unmatched, "private_unmatched", "rows have no whole postcode that is known"),
        (cases.outside, "private_outside", "rows lie outside the place and its context"),
    ):
        words = say_count(count, entry.threshold)
        figure = int(re.sub(r"\D", "", words)) if count >= entry.threshold else 0
        said = f"{entry.title} ({entry.id}): {words} {text}; they are not counted."
        notes.append(Note(stage=STAGE, what=what, count=figure, text=said))
    return notes


def _several(found: list[PrivateLayer]) -> Note:
    return Note(
        stage=STAGE,
        what="private_several",
        count=len(found),
        text="Several private layers stand side by side. Each is protected on its own: they must "
        "not be parts of one another (such as all cases and the women among them), because parts "
        "can be subtracted.",
        items=tuple(layer.id for layer in found),
    )
