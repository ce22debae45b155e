"""Which areas make up the place, who lives there, and from which points do they set out?"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.area import CRS, GEOGRAPHY_NAMES, PointsKind, StudyArea, codes_match, nation_of
from planner.errors import DataError
from planner.ledger import Note, Source
from planner.project import Population, Project
from planner.sources.boundaries import YEARS, find_area_codes, place_note, read_boundaries
from planner.sources.points import build_representative_points, read_points
from planner.sources.tables import find_column, read_table, to_number, to_text

#: People an area is given when a project names no population at all.
ABSENT_POPULATION = 1500.0
POPULATION_COLUMNS = (
    *("population", "all_ages", "total_population", "total", "all usual residents"),
    *("obs_value", "observation", "value"),
)


def read_study_area(project: Project) -> StudyArea:
    """Read the boundaries, names, populations and points of the place and its context.

    Raises
    ------
    DataError
        A file is broken, has no codes of the geography, repeats a code, says no coordinate
        system, or gives no area of the place a population.
    """
    place = project.spec.place
    areas, notes = read_boundaries(
        project,
        place.boundaries,
        geography=place.geography,
        code_column=place.code_column,
        name_column=place.name_column,
        where=place.where,
        crs=place.crs,
    )
    areas["in_place"] = True
    sources = [
        _place_source(
            project, f"Boundaries of {GEOGRAPHY_NAMES[place.geography]}", place.boundaries
        )
    ]
    if place.context is not None:
        around, more = _read_context(project, areas)
        areas = gpd.GeoDataFrame(pd.concat([areas, around]).sort_index(), crs=CRS)
        notes += more
        file = place.context.boundaries
        sources.append(_place_source(project, f"Boundaries around {place.name}", file))
    population, more, from_whom = _read_population(project, areas)
    areas["population"] = population
    notes += more
    sources += from_whom
    points, kind, more, from_whom = _read_points(project, areas)
    notes += more
    sources += from_whom
    areas["nation"] = [nation_of(code) for code in areas.index]
    order = ["area_name", "nation", "population", "in_place", "geometry"]
    return StudyArea(
        name=place.name,
        geography=place.geography,
        areas=areas[order],
        points=points,
        points_kind=kind,
        sources=tuple(dict.fromkeys(sources)),
        notes=tuple(notes),
        fictional=place.fictional,
    )


# --- parts --------------------------------------------------------------------------------


def _read_context(project: Project, areas: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Note]]:
    place = project.spec.place
    assert place.context is not None
    around, notes = read_boundaries(
        project,
        place.context.boundaries,
        geography=place.geography,
        code_column=place.context.code_column,
        name_column=place.context.name_column,
        crs=place.crs if place.context.boundaries == place.boundaries else "",
    )
    around = around[~around.index.isin(areas.index)].copy()
    if place.context.within_metres is not None:
        near = around.sindex.query(
            areas.union_all(), predicate="dwithin", distance=place.context.within_metres
        )
        around = around.iloc[np.sort(near)].copy()
    around["in_place"] = False
    kept = set(around.index)
    # What befell shapes that were then left out is nobody's concern.
    kept = set(around.index)
    notes = [
        replace(note, count=len(items), items=items)
        for note in notes
        for items in [tuple(item for item in note.items if item in kept)]
        if items
    ]
    return around, notes


def _read_population(
    project: Project, areas: gpd.GeoDataFrame
) -> tuple[pd.Series, list[Note], list[Source]]:
    asked = project.spec.place.population
    if asked is None:
        text = (
            f"No population was given: every area counts the same ("
            f"{ABSENT_POPULATION:,.0f} people), so numbers of people are not to be relied on."
        )
        note = place_note("population_absent", areas.index, text)
        return pd.Series(ABSENT_POPULATION, index=areas.index), [note], []
    what = asked.file
    population = _population_by_code(project, asked).reindex(areas.index)
    missing = population.index[population.isna() & areas["in_place"]]
    if len(missing) == int(areas["in_place"].sum()):
        raise DataError(
            f"{what}: has no population for any of the {len(missing)} areas of the place.",
            hint="Check that the file covers the place and is of the same year's areas.",
        )
    missing = population.index[population.isna()]
    notes = []
    if len(missing):
        text = f"{what} has no population for {len(missing)} areas; they count as unknown."
        notes.append(place_note("population_missing", missing, text))
    source = Source(
        publisher=asked.publisher,
        dataset=asked.dataset,
        licence=asked.licence,
        vintage=asked.vintage or "not stated",
        file=what,
        sha256=project.sha256(what),
    )
    return population, notes, [source]


def _population_by_code(project: Project, asked: Population) -> pd.Series:
    """Return people by area code, of all areas in the file."""
    what = asked.file
    geography = project.spec.place.geography
    table = read_table(
        project.path(what),
        sheet=asked.sheet,
        where=asked.where,
        what=what,
        wanted=[name for name in (asked.column, asked.code_column) if name],
    )
    code = find_area_codes(table, geography, code_column=asked.code_column, what=what)
    column = find_column(
        table,
        asked.column or [name for name in POPULATION_COLUMNS if name != code],
        what,
        hint="" if asked.column else "Name the population's column with [place.population] column.",
    )
    codes = to_text(table[code])
    numbers, _ = to_number(table[column])
    numbers.index = pd.Index(codes)
    # Totals and footnotes stand among the areas in many files.
    numbers = numbers[codes_match(numbers.index, geography).to_numpy()]
    if not numbers.index.is_unique:
        first = numbers.index[numbers.index.duplicated()].unique().sort_values()[0]
        raise DataError(
            f"{what}: area {first} stands more than once in column {code!r}.",
            hint="Pick the rows for all people with [place.population] where.",
        )
    return numbers


def _read_points(
    project: Project, areas: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, PointsKind, list[Note], list[Source]]:
    asked = project.spec.place.points
    if asked is None:
        text = (
            f"No population-weighted points were given: people of all {len(areas)} areas set out "
            "from a point inside their area that is not where they live."
        )
        points = build_representative_points(areas)
        return (
            points,
            "representative points",
            [place_note("points_representative", areas.index, text)],
            [],
        )
    points, kind, notes = read_points(project, asked, areas)
    source = _place_source(project, "Points where people set out from", asked.file)
    return points, kind, notes, [source]


def _place_source(project: Project, dataset: str, file: str) -> Source:
    place = project.spec.place
    return Source(
        publisher=place.publisher,
        dataset=dataset,
        licence=place.licence,
        vintage=place.vintage or YEARS.get(place.geography, "not stated"),
        file=file,
        sha256=project.sha256(file),
    )
