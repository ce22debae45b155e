"""What does somebody's own table hold, and how is it written into the project file?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import pandas as pd

from planner.area import GEOGRAPHY_NAMES
from planner.errors import DataError, ProjectError
from planner.sources.cells import BLANK_MARKS
from planner.sources.columns import (
    JOBS_KEYS,
    NAME_COLUMNS,
    SERVICE_KEYS,
    Candidate,
    choose_columns,
    name_keys,
    quoted,
)
from planner.sources.coordinates import EASTING, LATITUDE, LONGITUDE, NORTHING
from planner.sources.figures import find_codes, find_figures, layer_section, say_codes
from planner.sources.known import find_register, say_register
from planner.sources.listings import find_week
from planner.sources.pasting import jobs_section, private_section, services_section
from planner.sources.postcodes import POSTCODE_COLUMNS, normalise_postcode
from planner.sources.tables import check_file, read_table, to_number, to_text
from planner.sources.text import clean_text, header_words, slug
from planner.sources.uploads import Upload
from planner.sources.vectors import is_map_file
from planner.sources.workbooks import read_sheet_names
from planner.standards import DEFAULTS
from planner.wording import say_many

Purpose = Literal["services", "layer", "jobs", "private"]
PURPOSES: tuple[Purpose, ...] = ("services", "layer", "jobs", "private")

#: A table with more columns than this is no table that a person could match by eye.
MAX_COLUMNS = 400
KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
#: Kinds that a file's own name may tell; the first that fits is taken.
_KINDS = ("food_bank", "childrens_centre", "citizens_advice", "community_centre", *DEFAULTS)
_MAP_FILES = {".geojson", ".json", ".gpkg", ".shp", ".fgb"}
#: What else such files are called.
_ALSO = {"general-practice": "gp", "doctor": "gp", "jobcentreplu": "jobcentre"}
_ALSO |= {"childrens-centre": "childrens_centre", "foodbank": "food_bank"}
WITHHELD = "(not shown)"

#: What each thing is called on a screen.
ROLE_WORDS: dict[str, str] = {
    "name": "the name",
    "postcode": "the postcode",
    "longitude": "longitude (degrees east)",
    "latitude": "latitude (degrees north)",
    "easting": "easting (metres)",
    "northing": "northing (metres)",
    "opening": "opening times",
    "capacity": "capacity",
    "id": "the publisher's id",
    "address": "the address",
    "jobs": "number of jobs",
    "area_code": "area codes",
}
_SERVICE_ROLES: tuple[str, ...] = (
    "name",
    "postcode",
    "longitude",
    "latitude",
    "easting",
    "northing",
)
_SERVICE_ROLES += ("opening", "capacity", "id", "address")
_JOBS_ROLES = ("jobs", "longitude", "latitude", "easting", "northing", "id")
_POSTCODE = re.compile(r"\b([A-Za-z]{1,2}[0-9][A-Za-z0-9]?)\s*[0-9][A-Za-z]{2}\b")
_ADDRESS_LINE = re.compile(r"address ?(?:line ?)?[1-5]")
#: The last part of a postcode never has these letters, and headers such as WD24CD all do.
_NO_POSTCODE = re.compile(r"[CIKMOV][A-Z]?$")
#: Headers of records about people; a school's "gender" or a surgery's "patients" are none.
_PERSON = re.compile(
    r"\b(?:date of birth|(?<!\bat )birth\b|dob|surname|forenames?|^(?:first|last|family) name"
    r"|national insurance|nino|ni number|nhs number|upn|^age$|^sex$|ethnicity|ethnic group"
    r"|(?:client|case|claimant|patient|tenant|customer|person|resident|household|applicant)"
    r"(?: (?:id|no|number|ref|reference|name))?$)"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Match:
    """What was found in one table.

    ``columns`` has one row a column, in words: Column, Examples, Taken for, How sure, Why. Of a
    table about people (``personal``) no example is given. ``missing`` says what the planner
    cannot do with this table, and what to do about it; ``section`` is TOML for the project file.
    """

    file: str
    purpose: Purpose
    columns: pd.DataFrame
    missing: tuple[str, ...]
    section: str
    personal: bool


def check_purpose(text: str) -> Purpose | None:
    """Return what a table is said to be for, None where nothing is said.

    Raises
    ------
    ProjectError
        A table cannot be for that.
    """
    if not text:
        return None
    found = next((one for one in PURPOSES if text == one), None)
    if found is None:
        raise ProjectError(
            f"--for {text!r}: a table is not for that.", hint=f"Write one of {', '.join(PURPOSES)}."
        )
    return found


def read_own_table(file: Path | Upload, *, what: str, sheet: str = "") -> pd.DataFrame:
    """Read somebody's own table, whatever it holds.

    Raises
    ------
    DataError
        The file is not what its name says, has several sheets of which none is named, more
        columns than anybody can match, or a first row that is no header.
    """
    if file.suffix.lower() in _MAP_FILES or (isinstance(file, Path) and is_map_file(file)):
        raise DataError(
            f"{what}: a map file says itself where its points are; no columns need matching.",
            hint="Name it as it is: file = in a [[services]] or [jobs] section; a saved service "
            'directory (Open Referral UK) with from = "open_referral".'
            if file.suffix.lower() == ".json"
            else "Name it as it is: file = in a [[services]] or [jobs] section.",
        )
    names = sheet_names(file, what=what)
    if not sheet and len(names) > 1:
        raise DataError(
            f"{what}: has {len(names)} sheets with tables: "
            f"{', '.join(quoted(name) for name in names[:12])}.",
            hint=f"Say which one is meant: --sheet {quoted(names[0])}",
        )
    usual = [*NAME_COLUMNS, *POSTCODE_COLUMNS, *LONGITUDE, *LATITUDE, *EASTING, *NORTHING]
    table = read_table(file, sheet=sheet, what=what, wanted=usual)
    if table.shape[1] > MAX_COLUMNS:
        raise DataError(
            f"{what}: {table.shape[1]:,} columns; at most {MAX_COLUMNS} can be matched.",
            hint="Keep the columns you need.",
        )
    if any(_is_data(str(header)) for header in table.columns):
        # The header is not repeated here: it may be somebody's record.
        raise DataError(
            f"{what}: the first row looks like data, not like names of columns.",
            hint="Put a row of column names above it. The NHS file epraccur has none as published: "
            'write from = "epraccur" in its [[services]].',
        )
    return table


def sheet_names(file: Path | Upload, *, what: str) -> list[str]:
    """Return the sheets of a workbook that hold a table; none for other files."""
    check_file(file, what=what)
    if file.suffix.lower() not in {".xlsx", ".xlsm", ".ods", ".xls"}:
        return []
    return read_sheet_names(file, what=what)


def build_match(
    table: pd.DataFrame,
    *,
    file: str,
    purpose: Purpose | None = None,
    kind: str = "",
    sheet: str = "",
) -> Match:
    """Return what each column is taken for, what is missing, and the section to paste.

    Parameters
    ----------
    table
        As `read_own_table` gives it.
    file
        What the project shall call the file.
    purpose
        What the table is for; None: services, or private where it seems to be about people.
    kind
        Kind of service; "" takes it from the file's name.
    sheet
        Sheet of a workbook.

    Raises
    ------
    ProjectError
        The kind cannot be one.
    """
    personal = is_personal(table)
    purpose = purpose or ("private" if personal else "services")
    if kind and not KIND.fullmatch(kind):
        raise ProjectError(
            f"--kind {kind!r}: not a kind of service.",
            hint="Write it in small letters with _ between words, such as food_bank.",
        )
    if purpose == "layer":
        return _match_layer(table, file=file, sheet=sheet, personal=personal)
    build = {"services": _match_services, "jobs": _match_jobs, "private": _match_private}[purpose]
    section, missing, taken = build(table, file, kind or guess_kind(file), sheet)
    return Match(
        file=file,
        purpose=purpose,
        columns=_describe(table, taken, hide=personal or purpose == "private"),
        missing=tuple([_PERSONAL, *missing] if personal and purpose != "private" else missing),
        section=section,
        personal=personal,
    )


_PERSONAL = (
    "This looks like a list of people, not of places, so none of its cells are shown. If it is, "
    "use it as a private layer: `planner match FILE --for private`."
)


_DIRECTION = (
    "Which way each figure points only you can say: write high_is and domains in the section. "
    'high_is = "worse" means: the higher, the greater the need; "better", the other way round. '
    "Without them the figures are shown, but do not count towards need."
)


def is_personal(table: pd.DataFrame) -> bool:
    """Return whether a table seems to hold one row a person: better to be careful than sorry.

    It does if a header speaks of a person, or if it has postcodes but neither names nor
    coordinates of places.
    """
    headers = [header_words(column) for column in table.columns]
    if any(_PERSON.search(header) for header in headers):
        return True
    found = choose_columns(table, ("name", "postcode", "longitude", "latitude", "easting"))
    return "postcode" in found and not {"name", "longitude", "easting"} & set(found)


def guess_kind(file: str) -> str:
    """Return the kind of service that a file's name speaks of, else ``service``."""
    words = slug(PurePosixPath(file).stem.replace("_", " "))
    said = f"-{words}-".replace("ies-", "y-").replace("s-", "-")
    for kind in _KINDS:
        if f"-{slug(kind.replace('_', ' '))}-".replace("s-", "-") in said:
            return kind
    return next((kind for name, kind in _ALSO.items() if f"-{name}-" in said), "service")


def to_kind(text: str) -> str:
    """Return what a person typed as a kind of service, "" if nothing can be made of it.

    Examples
    --------
    >>> to_kind("Warm space"), to_kind("24/7 line"), to_kind("?")
    ('warm_space', 'kind_24_7_line', '')
    """
    plain = slug(text, limit=35).replace("-", "_") if re.search(r"[A-Za-z]", text) else ""
    return plain if not plain or plain[0].isalpha() else f"kind_{plain}"[:40]


def mask(text: str) -> str:
    """Return a text with every postcode in it cut to where it lies, more or less.

    Examples
    --------
    >>> mask("1 High St, NP20 4PF"), mask("m11aa")
    ('1 High St, NP2* ***', 'M* ***')
    """
    return _POSTCODE.sub(lambda found: f"{found[1].upper()[:-1]}* ***", text)


# --- services, jobs, private ------------------------------------------------------------------

_Taken = dict[str, tuple[str, str, str]]
_Found = tuple[str, list[str], _Taken]


def _match_services(table: pd.DataFrame, file: str, kind: str, sheet: str) -> _Found:
    chosen, days = choose_columns(table, _SERVICE_ROLES), list(find_week(table).values())
    register = find_register(table)
    if days:
        chosen.pop("opening", None)
    keys = name_keys(chosen, SERVICE_KEYS)
    lines = [str(c) for c in table.columns if _ADDRESS_LINE.fullmatch(header_words(c))]
    taken = _taken(chosen)
    taken |= dict.fromkeys(lines, (ROLE_WORDS["address"], "sure", "a line of the address"))
    by_day = ("opening times of a day", "sure", "there is one such column for each day")
    taken |= dict.fromkeys(days, by_day)
    section = services_section(
        file=file,
        kind=register.kind if register is not None and kind == "service" else kind,
        keys=keys,
        sheet=sheet,
        reader=register.reader if register is not None else "",
    )
    return section, say_missing(table, keys), taken


def _match_jobs(table: pd.DataFrame, file: str, kind: str, sheet: str) -> _Found:
    chosen = choose_columns(table, _JOBS_ROLES)
    section = jobs_section(file=file, keys=name_keys(chosen, JOBS_KEYS), sheet=sheet)
    return section, _missing_jobs(chosen), _taken(chosen)


def _match_private(table: pd.DataFrame, file: str, kind: str, sheet: str) -> _Found:
    chosen = choose_columns(table, ("postcode",))
    column = chosen["postcode"].column if "postcode" in chosen else ""
    section = private_section(file=file, postcode_column=column)
    return section, _missing_private(chosen, sheet), _taken(chosen)


def _taken(chosen: Mapping[str, Candidate]) -> _Taken:
    return {
        one.column: (ROLE_WORDS[role], _sureness(one.score), one.reason)
        for role, one in chosen.items()
    }


# --- what is missing --------------------------------------------------------------------------


def say_missing(table: pd.DataFrame, keys: Mapping[str, str]) -> list[str]:
    """Return what the planner cannot do with a table of places, and what to do about it.

    Parameters
    ----------
    table
        The table.
    keys
        Key of ``[[services]]`` → header, as chosen.
    """
    register = find_register(table)
    said = [] if register is None else [say_register(register)]
    if "x_column" not in keys and "postcode_column" not in keys:
        said.append(
            "No coordinates and no postcode: venues cannot be placed. Add a column with the whole "
            "postcode of each venue, or two with its longitude and latitude, and try again."
        )
    elif "x_column" not in keys:
        said.append(
            "No coordinates: venues are placed by postcode, for which the project needs a "
            "[postcodes] section with the ONS Postcode Directory."
        )
    else:
        said += _blank_places(table, keys)
    if "name_column" not in keys:
        said.append("No names: each venue will be called by its row. Add a column called name.")
    if "opening_column" not in keys and not find_week(table):
        said.append("No opening times: they count as not known. Add opening_hours if you can.")
    return said


def _blank_places(table: pd.DataFrame, keys: Mapping[str, str]) -> list[str]:
    pair = [to_number(table[keys[key]])[0] for key in ("x_column", "y_column")]
    blank = pd.concat(pair, axis=1).isna().any(axis=1)
    if not blank.any():
        return []
    said = f"{say_many(int(blank.sum()), 'row')} of {len(table):,} without coordinates"
    if "postcode_column" not in keys:
        return [f"{said}: these cannot be placed."]
    whole = to_text(table[keys["postcode_column"]]).map(normalise_postcode) != ""
    lost = int((blank & ~whole).sum())
    said += ", placed by postcode where the project has a [postcodes] section"
    return [f"{said}; {lost:,} of them have no whole postcode either." if lost else f"{said}."]


def _missing_jobs(chosen: Mapping[str, Candidate]) -> list[str]:
    said = []
    if "jobs" not in chosen:
        said.append("No column of numbers of jobs was found: write column = and its name.")
    if "longitude" not in chosen and "easting" not in chosen:
        said.append(
            "No coordinates: jobs cannot be placed. Add longitude and latitude, or easting and "
            "northing; area codes or postcodes do not place jobs."
        )
    return said


def _missing_private(chosen: Mapping[str, Candidate], sheet: str) -> list[str]:
    said = [
        "None of its cells are shown here. Its cases are counted to small areas by postcode on "
        "your machine, and small counts are withheld. The project needs a [postcodes] section.",
        "Change id and title: they are shown; the file's name is not.",
    ]
    if "postcode" not in chosen:
        said.insert(0, "No column of postcodes was found: cases cannot be counted without one.")
    if sheet:
        said.append("A private file is read from its first sheet: save this sheet as a CSV.")
    return said


def _match_layer(table: pd.DataFrame, *, file: str, sheet: str, personal: bool) -> Match:
    codes = find_codes(table)
    ids = find_figures(table, codes)
    taken = {name: (f"figures: layer {key}", "", "numbers") for name, key in ids.items()}
    missing = [_PERSONAL] if personal else []
    if codes is None:
        missing.append(
            "No column of area codes (such as E01000001 or S01006506): figures cannot be laid on "
            "areas. Add the official code of each area."
        )
    else:
        words = f"codes of {GEOGRAPHY_NAMES[codes.geography]}"
        sure = _sureness(0.5 if codes.guessed else codes.share)
        taken[codes.column] = (words, sure, f"{codes.share:.0%} of its values are such codes")
        missing += say_codes(codes)
    missing.append(_DIRECTION if ids else "No column of numbers was found.")
    return Match(
        file=file,
        purpose="layer",
        columns=_describe(table, taken, hide=personal),
        missing=tuple(missing),
        section=layer_section(table, file, sheet, codes, ids),
        personal=personal,
    )


# --- each column in words -----------------------------------------------------------------------


def _describe(
    table: pd.DataFrame, taken: Mapping[str, tuple[str, str, str]], *, hide: bool
) -> pd.DataFrame:
    rows = []
    for column in table.columns:
        shown = WITHHELD if hide else _examples(table[column])
        told = taken.get(str(column), ("not used", "", ""))
        rows.append((clean_text(column, limit=80), shown, *told))
    names = ["Column", "Examples", "Taken for", "How sure", "Why"]
    return pd.DataFrame(rows, columns=names)


def _sureness(score: float) -> str:
    return "sure" if score >= 0.85 else "likely" if score >= 0.65 else "a guess: check"


def _examples(cells: pd.Series) -> str:
    texts = to_text(cells.iloc[:200])
    known = [text for text in dict.fromkeys(texts) if text.casefold() not in BLANK_MARKS]
    shown = [mask(clean_text(text, limit=200)) for text in known[:2]]
    return "; ".join(text if len(text) <= 32 else f"{text[:30]}..." for text in shown) or "(empty)"


def _is_data(header: str) -> bool:
    postcode = normalise_postcode(header)
    return "@" in header or (postcode != "" and not _NO_POSTCODE.search(postcode))
