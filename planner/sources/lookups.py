"""Which areas belong together? Reads the official lookups, whatever they call their columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from planner.area import CODE_PATTERNS, GEOGRAPHY_NAMES
from planner.crosswalk import Lookups
from planner.errors import DataError
from planner.project import Project
from planner.sources.boundaries import find_area_codes
from planner.sources.cells import squeezed
from planner.sources.tables import read_table, to_number, to_text

_YEARS = {
    "lsoa": ("11", "21"),
    "msoa": ("11", "21"),
    "oa": ("21",),
    "dz": ("11", "22"),
    "iz": ("11",),
}
#: Geography → what its column of codes is called, in a lookup of any year.
COLUMNS: dict[str, str] = {
    **{
        f"{kind}{year}": rf"{kind}{year}(?:cd|code)?|{kind}code20{year}|{kind}20{year}(?:cd|code)?"
        for kind, years in _YEARS.items()
        for year in years
    },
    "ward": r"(?:wd|ward)(?:\d\d|20\d\d)?(?:cd|code)",
}
COLUMNS["dz11"] += r"|datazone(?:2011)?(?:code)?|datazone2011code"
COLUMNS["dz22"] += r"|dzcode|datazone2022(?:code|cd)?"
COLUMNS["iz11"] += r"|intzone|intermediatezone(?:2011)?(?:code|cd)?|iz2011code"
PEOPLE = r"population|people|residents|persons|allages|total|totalpopulation|usualresidents|pop\d*"
CHANGE = r"changecode|chgind|change|changeindicator"
#: What codes of councils (districts) look like: England, Wales, Scotland, Northern Ireland.
DISTRICT = r"(?:E0[6-9]|W06|S12|N09)\d{6}"
#: What a lookup calls them, with or without the year: ``LAD24CD``, ``ltla24_code``, ``CA2019``.
DISTRICT_COLUMN = (
    r"(?:l?t?la|lad|ua|lgd|council(?:area)?|localauthority(?:district)?|ca)\d*(?:cd|code)?"
)


def read_lookups(project: Project) -> Lookups:
    """Read the lookups the project names.

    Raises
    ------
    DataError
        A lookup has not the columns of codes it needs, or puts one area in two larger ones.
    """
    asked = project.spec.lookups
    changes = None
    if asked.lsoa11_lsoa21:
        file = asked.lsoa11_lsoa21
        changes = read_pairs(project, file, ("lsoa11", "lsoa21"), change=True)
        unknown = sorted(set(changes["change"]) - {"U", "S", "M", "X"})
        if unknown:
            raise DataError(f"{file}: {unknown[0]!r} is not one of the change codes U, S, M, X.")
    oa21 = None
    if asked.oa21:
        oa21 = read_pairs(
            project, asked.oa21, ("oa21", "lsoa21"), also=("lsoa11", "msoa21"), people=True
        )
        _refuse_two(oa21, "oa21", "lsoa21", asked.oa21)
    msoa21 = _within(project, asked.lsoa21_msoa21, "lsoa21", "msoa21")
    if msoa21 is None and oa21 is not None and "msoa21" in oa21:
        msoa21 = oa21[["lsoa21", "msoa21"]].drop_duplicates(ignore_index=True)
    zones = None
    if asked.dz11_dz22:
        zones = read_pairs(project, asked.dz11_dz22, ("dz11", "dz22"), people=True)
    return Lookups(
        lsoa11_lsoa21=changes,
        lsoa11_msoa11=_within(project, asked.lsoa11_msoa11, "lsoa11", "msoa11"),
        lsoa21_msoa21=msoa21,
        lsoa21_ward=_within(project, asked.lsoa21_ward, "lsoa21", "ward"),
        oa21=oa21,
        dz11_iz11=_within(project, asked.dz11_iz11, "dz11", "iz11"),
        dz11_dz22=zones,
        people=_people(project, asked.population) if asked.population else None,
    )


def read_districts(project: Project, wanted: Sequence[str] = ()) -> pd.DataFrame:
    """Read which council (district) each small area of the project's geography is in.

    Parameters
    ----------
    project
        Its ``[lookups] districts`` names any official lookup that has both codes, such as one from
        output areas or small areas to wards and districts.
    wanted
        District codes; where a lookup has districts of several years, the column with most of
        these is taken.

    Returns
    -------
    districts
        Index ``area_code``, sorted; columns ``district`` (code) and ``district_name`` ("" where
        the lookup has no names).

    Raises
    ------
    DataError
        There is no column of the one or the other codes, or an area is in two districts.
    """
    file, geography = project.spec.lookups.districts, project.spec.place.geography
    frame = read_table(project.path(file), what=file)
    small = find_area_codes(frame, geography, code_column="", what=file)
    column = _district_column(frame, wanted, file)
    name = _name_beside(frame, column)
    table = pd.DataFrame(
        {
            "area_code": to_text(frame[small]),
            "district": to_text(frame[column]),
            "district_name": to_text(frame[name]) if name else "",
        }
    )
    # Rows about anything else (totals, other nations without districts) speak of no area.
    fits = table["area_code"].str.fullmatch(CODE_PATTERNS[geography])
    table = table[fits & table["district"].str.fullmatch(DISTRICT)]
    table = table.drop_duplicates(["area_code", "district"])
    _refuse_two(table, "area_code", "district", file)
    return table.set_index("area_code").sort_index()


def read_pairs(
    project: Project,
    file: str,
    names: tuple[str, str],
    *,
    also: Sequence[str] = (),
    change: bool = False,
    people: bool = False,
) -> pd.DataFrame:
    """Return the pairs of codes of a lookup, each once, columns named by geography.

    Parameters
    ----------
    project, file
        The project and its file.
    names
        The two geographies, of which the lookup must have a column each.
    also
        Geographies whose codes are taken where the lookup has them.
    change
        Read the change code too.
    people
        Read the number of people too, where the lookup has it.

    Raises
    ------
    DataError
        A column is missing, or a code is not one of its geography.
    """
    frame = read_table(
        project.path(file), what=file, wanted=[f"{names[0]}cd", f"{names[0]}_code", names[0]]
    )
    out = {}
    for name in (*names, *also):
        column = _column(frame, COLUMNS[name])
        if column is None and name in names:
            shown = ", ".join(repr(str(c)) for c in list(frame.columns)[:6])
            raise DataError(
                f"{file}: there is no column of codes of {GEOGRAPHY_NAMES[name]} ({name}_code).",
                hint=f"Its columns: {shown}.",
            )
        if column is not None:
            out[name] = to_text(frame[column])
    if change:
        column = _column(frame, CHANGE)
        if column is None:
            raise DataError(f"{file}: there is no column 'change_code' (U, S, M or X).")
        out["change"] = to_text(frame[column]).str.upper()
    table = pd.DataFrame(out)
    for name in out:
        if name != "change":
            _refuse_wrong_codes(table[name], name, file)
    column = _column(frame, PEOPLE) if people else None
    if column is not None:
        table["people"], _ = to_number(frame[column])
    return table.drop_duplicates(list(names)).reset_index(drop=True)


def _refuse_wrong_codes(codes: pd.Series, name: str, file: str) -> None:
    wrong = ~codes.str.fullmatch(CODE_PATTERNS[name])
    if wrong.any():
        raise DataError(
            f"{file}, row {codes.index[wrong][0]}: {codes[wrong].iloc[0]!r} is no {name} code.",
            hint="Use the publisher's own lookup.",
        )


def _column(frame: pd.DataFrame, pattern: str) -> str | None:
    for column in frame.columns:
        if re.fullmatch(pattern, squeezed(str(column))):
            return str(column)
    return None


def _district_column(frame: pd.DataFrame, wanted: Sequence[str], file: str) -> str:
    """Return the column of district codes, found by what it holds and then by its name."""
    cells = {str(column): to_text(frame[column]) for column in frame.columns}
    found = [
        column
        for column, texts in cells.items()
        if texts.iloc[:500].str.fullmatch(DISTRICT).mean() > 0.5
    ]
    if not found:
        raise DataError(
            f"{file}: there is no column of codes of councils (districts), such as E08000009.",
            hint="Use a lookup from small areas to local authority districts.",
        )
    named = [c for c in found if re.fullmatch(DISTRICT_COLUMN, squeezed(c))]
    asked = set(wanted)
    return max(named or found, key=lambda column: len(asked & set(cells[column].unique())))


def _name_beside(frame: pd.DataFrame, column: str) -> str | None:
    """Return the column of names that goes with a column of codes: LAD24NM with LAD24CD."""
    stem = re.sub(r"(?:cd|code)$", "", squeezed(column))
    return _column(frame, rf"{re.escape(stem)}(?:nm|name)")


def _within(project: Project, file: str, small: str, large: str) -> pd.DataFrame | None:
    """Return a lookup in which each small area lies in one large one."""
    if not file:
        return None
    table = read_pairs(project, file, (small, large))
    _refuse_two(table, small, large, file)
    return table


def _refuse_two(table: pd.DataFrame, small: str, large: str, file: str) -> None:
    twice = table.loc[table[small].duplicated(), small]
    if len(twice):
        raise DataError(
            f"{file}: an area lies in more than one {_short_name(large)} ({twice.iloc[0]}).",
            hint="Use a best-fit lookup, with one row an area.",
        )


def _short_name(geography: str) -> str:
    return geography if geography == "district" else geography.rstrip("0123456789").upper()


def _people(project: Project, file: str) -> pd.Series:
    """Return residents by area code, of whatever areas the file has."""
    frame = read_table(project.path(file), what=file, wanted=["population", "people"])
    pattern = "|".join(f"(?:{form})" for form in CODE_PATTERNS.values())
    code = next(
        (
            c
            for c in frame.columns
            if to_text(frame[c].iloc[:500]).str.fullmatch(pattern).mean() > 0.5
        ),
        None,
    )
    column = _column(frame, PEOPLE)
    if code is None or column is None:
        raise DataError(
            f"{file}: needs a column of area codes and one called population.",
            hint="It tells how many people live in areas beyond the place.",
        )
    numbers, _ = to_number(frame[column])
    people = pd.Series(numbers.to_numpy(), index=to_text(frame[code]).to_numpy())
    if not people.index.is_unique:
        twice = people.index[people.index.duplicated()][0]
        raise DataError(f"{file}: {twice} stands more than once.", hint="Keep one row an area.")
    return people
