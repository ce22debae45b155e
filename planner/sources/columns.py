"""Which column of somebody's table is most likely the one that is wanted?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.area import CODE_PATTERNS
from planner.sources import opening, registers
from planner.sources.cells import spaced
from planner.sources.coordinates import (
    EASTING,
    LATITUDE,
    LONGITUDE,
    NORTHING,
    UK_BOX_DEGREES,
    UK_BOX_METRES,
)
from planner.sources.postcodes import POSTCODE_COLUMNS, normalise_postcode
from planner.sources.schedules import to_date
from planner.sources.tables import find_column, match_column, to_number, to_text
from planner.sources.text import clean_text

NAME_COLUMNS = ["name", "venue_name", "venue", "service_name", "organisation_name", "site_name"]
NAME_COLUMNS += ["pharmacy_name", "library name", "establishmentname", "centre_name", "title"]
NAME_COLUMNS += registers.STOP_NAMES
ID_COLUMNS = ["venue_id", "id", "organisation code", "organisation_data_service_code", "ods_code"]
ID_COLUMNS += ["urn", "unique_reference_number", "identifier", "reference", "code", "osm_id"]
OPENING_COLUMNS = ["opening_hours", "opening hours", "opening times", "opening_times", "opening"]
ADDRESS_COLUMNS = ["address", "full_address", "street_address"]

#: What the project calls a column of a table of places → what it is looked for as.
SERVICE_KEYS: dict[str, tuple[str, ...]] = {
    "name_column": ("name",),
    "postcode_column": ("postcode",),
    "x_column": ("longitude", "easting"),
    "y_column": ("latitude", "northing"),
    "opening_column": ("opening",),
    "capacity_column": ("capacity",),
    "id_column": ("id",),
}
#: The same for a table of jobs.
JOBS_KEYS: dict[str, tuple[str, ...]] = {
    "column": ("jobs",),
    "x_column": ("longitude", "easting"),
    "y_column": ("latitude", "northing"),
    "id_column": ("id",),
}
#: Keys without which a row has no name or no place; the others are extras.
_NEEDED = ("column", "name_column", "postcode_column", "x_column", "y_column")
#: What is found under its usual headers although the project names no column.
_USUAL: dict[str, Sequence[str]] = {
    "name_column": NAME_COLUMNS,
    "postcode_column": POSTCODE_COLUMNS,
    "x_column": [*LONGITUDE, *EASTING, "x", "x_coordinate", "xcoord", "geox"],
    "y_column": [*LATITUDE, *NORTHING, "y", "y_coordinate", "ycoord", "geoy"],
}

MOST = 3
#: A column is taken for something without asking from this score on.
SURE_ENOUGH = 0.45
_SAMPLE = 1_000
#: Below this share of values of the right sort a column is not proposed, whatever its header.
_FEW = 0.2
#: From this share on a column is proposed for its values alone.
_MOST_VALUES = 0.8


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A column that may be the wanted one.

    ``score`` is from 0 to 1: half for the header, half for the values, where values of the wanted
    sort can be told; ``reason`` says why in a few words.
    """

    column: str
    score: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Sort:
    """How one sort of column is recognised."""

    headers: Sequence[str]
    words: Sequence[str]
    values: Callable[[pd.Series], float] | None = None
    spoken: str = ""
    #: Whether the values alone are enough: a postcode is one, a number may be anything.
    telling: bool = False
    #: Words that a header may have where it has none of ``words``, and that say less.
    weak: Sequence[str] = ()
    #: Words of headers that are about something else, such as the ward of a place.
    against: Sequence[str] = ()
    #: Below this share of fitting values a column is not proposed.
    least: float = _FEW


def suggest_columns(frame: pd.DataFrame, wanted: Sequence[str]) -> dict[str, list[Candidate]]:
    """Return the likeliest columns of a table for each thing that is wanted.

    Parameters
    ----------
    frame
        A table as `planner.sources.tables.read_table` gives it; its first rows are looked at.
    wanted
        What is looked for: one of `WANTED`, or a header of one's own.

    Returns
    -------
    suggested
        For each wanted thing at most `MOST` candidates, the best first (of equals the one further
        left); none where no column fits. A column may be proposed for several things: it is for a
        person to choose.
    """
    sample = {str(name): to_text(frame[name].iloc[:_SAMPLE]) for name in frame.columns}
    found: dict[str, list[Candidate]] = {}
    for name in wanted:
        sort = _SORTS.get(name, _Sort(headers=[name], words=_words(name)))
        scored = [_score(column, cells, sort) for column, cells in sample.items()]
        candidates = [one for one in scored if one is not None]
        found[name] = sorted(candidates, key=lambda one: -one.score)[:MOST]
    return found


def choose_columns(frame: pd.DataFrame, wanted: Sequence[str]) -> dict[str, Candidate]:
    """Return the one likeliest column for each thing that is wanted, each column once.

    The surest guess is taken first. Coordinates come in pairs: degrees where both are found, else
    metres, and never one of two.
    """
    found = suggest_columns(frame, wanted)
    ranked = sorted(
        ((name, one) for name in wanted for one in found[name] if one.score >= SURE_ENOUGH),
        key=lambda pair: -pair[1].score,
    )
    chosen: dict[str, Candidate] = {}
    for name, one in ranked:
        if name not in chosen and one.column not in {other.column for other in chosen.values()}:
            chosen[name] = one
    pairs = (("longitude", "latitude"), ("easting", "northing"))
    whole = [pair for pair in pairs if all(name in chosen for name in pair)][:1]
    for pair in pairs:
        if pair not in whole:
            chosen = {name: one for name, one in chosen.items() if name not in pair}
    return {name: chosen[name] for name in wanted if name in chosen}


def name_keys(chosen: Mapping[str, Candidate], keys: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return project key → column header for what `choose_columns` has chosen."""
    return {
        key: chosen[name].column for key, names in keys.items() for name in names if name in chosen
    }


# --- what to do about a column that is not there ------------------------------------------------


def refuse_missing(
    frame: pd.DataFrame,
    entry: object,
    keys: Mapping[str, Sequence[str]],
    *,
    what: str,
    purpose: str = "services",
) -> None:
    """Refuse a table that lacks a column which the project names, and say which one it may be.

    Parameters
    ----------
    frame
        The table.
    entry
        A section of the project with the ``keys``.
    keys
        Project key → what it is looked for as (`SERVICE_KEYS`, `JOBS_KEYS`).
    what
        The file as the project names it.
    purpose
        What the table is for, as ``planner match --for`` says it.

    Raises
    ------
    DataError
        A named column is not there.
    """
    for key in keys:
        header = getattr(entry, key, "")
        if header and match_column(frame, header) is None:
            hint = build_hint(frame, lacking_keys(frame, entry, keys), what, purpose=purpose)
            find_column(frame, header, what, hint=hint)


def lacking_keys(
    frame: pd.DataFrame, entry: object, keys: Mapping[str, Sequence[str]]
) -> dict[str, Sequence[str]]:
    """Return the keys that lack their column: named and not there, or needed and not usual."""
    lacking = {}
    for key, names in keys.items():
        header = getattr(entry, key, "")
        usual = [header] if header else _USUAL.get(key, ())
        if match_column(frame, usual) is None and (header or key in _NEEDED):
            lacking[key] = names
    return lacking


def build_hint(
    frame: pd.DataFrame,
    lacking: Mapping[str, Sequence[str]],
    what: str,
    *,
    purpose: str = "services",
    otherwise: str = "",
) -> str:
    """Return which columns to name instead, or ``otherwise``, and the command that shows all."""
    wanted = dict.fromkeys(name for names in lacking.values() for name in names)
    found = name_keys(choose_columns(frame, list(wanted)), lacking)
    said = [f"{key} = {quoted(header)}" for key, header in found.items()]
    first = f"Set {', '.join(said)}." if said else otherwise or _columns_said(frame.columns)
    option = "" if purpose == "services" else f" --for {purpose}"
    file = f'"{what}"' if " " in what else what
    return f"{first} `planner match {file}{option}` shows all."


def hint_figures(frame: pd.DataFrame, header: str, what: str) -> str:
    """Return which columns of figures there are, where none is called ``header``; else ""."""
    if match_column(frame, header) is not None:
        return ""
    like = suggest_columns(frame, [header])[header]
    figures = [one.column for one in like] or figure_columns(frame)
    file = f'"{what}"' if " " in what else what
    shown = ", ".join(repr(clean_text(name, limit=60)) for name in figures[:3])
    said = f"Nearest: {shown}. " if figures else ""
    return f"{said}`planner match {file} --for layer` shows all."


def figure_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns of which most filled cells are numbers or marks for withheld ones."""
    found = []
    for column in frame.columns:
        cells = to_text(frame[column].iloc[:_SAMPLE])
        numbers, withheld = to_number(cells[cells != ""])
        if len(numbers) and numbers.notna().any() and (numbers.notna() | withheld).mean() >= 0.9:
            found.append(str(column))
    return found


def quoted(header: str) -> str:
    """Return a header as a text in TOML, harmless on a screen."""
    plain = clean_text(header, limit=80).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def _columns_said(columns: Iterable[object]) -> str:
    headers = [quoted(str(column)) for column in columns]
    more = f" and {len(headers) - 6} more" if len(headers) > 6 else ""
    return f"Its columns: {', '.join(headers[:6])}{more}."


# --- scores ---------------------------------------------------------------------------------


def _score(column: str, cells: pd.Series, sort: _Sort) -> Candidate | None:
    header, said = _header_score(column, sort)
    if sort.values is None:
        return Candidate(column=column, score=header, reason=said) if header else None
    filled = cells[cells != ""]
    share = sort.values(filled) if len(filled) else 0.0
    if share < (sort.least if header else _MOST_VALUES) or not (header or sort.telling):
        return None
    seen = f"{share:.0%} of its values are {sort.spoken}"
    reason = f"{said}; {seen}" if said else seen
    return Candidate(column=column, score=round((header + share) / 2, 3), reason=reason)


def _header_score(column: str, sort: _Sort) -> tuple[float, str]:
    plain, words = spaced(column), _words(column)
    joined = "".join(words)
    if plain in sort.headers or joined in {"".join(_words(h)) for h in sort.headers}:
        return 1.0, "its header is a usual one"
    shared = [word for word in sort.words if word in words]
    if not shared:
        shared = [word for word in sort.words if len(word) > 4 and word in joined]
    weak = [word for word in sort.weak if word in words]
    if not (shared or weak) or any(word in sort.against for word in words):
        return 0.0, ""
    # A header of many words is less surely about the one that fits.
    score = 0.4 + 0.4 / max(len(words), 1) if shared else 0.3 + 0.2 / max(len(words), 1)
    return round(score, 3), f"its header has {(shared or weak)[0]!r} in it"


def _words(text: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.findall(r"[a-z]+|\d+", apart.casefold())


# --- values ---------------------------------------------------------------------------------


def _are_postcodes(cells: pd.Series) -> float:
    return float((cells.map(normalise_postcode) != "").mean())


def _within(low: float, high: float, *, decimals: bool) -> Callable[[pd.Series], float]:
    def share(cells: pd.Series) -> float:
        numbers = to_number(cells)[0].to_numpy()
        with np.errstate(invalid="ignore"):
            good = (numbers >= low) & (numbers <= high)
        if decimals:
            # Whole degrees are ages, counts and codes far more often than places.
            good = good & cells.str.contains(".", regex=False).to_numpy()
        return float(np.mean(good))

    return share


def _are_area_codes(cells: pd.Series) -> float:
    return max(float(cells.str.fullmatch(pattern).mean()) for pattern in CODE_PATTERNS.values())


def _are_dates(cells: pd.Series) -> float:
    return float(cells.map(lambda cell: to_date(cell) is not None).mean())


def _are_hours(cells: pd.Series) -> float:
    return float(cells.map(lambda cell: bool(opening.from_text(cell))).mean())


def _are_numbers(cells: pd.Series) -> float:
    return float(to_number(cells)[0].notna().mean())


def _are_own(cells: pd.Series) -> float:
    """Return how far the values differ from each other, as ids must."""
    return float(cells.nunique() / len(cells))


def _are_names(cells: pd.Series) -> float:
    """Return the share of short texts with letters in them, less where most are the same."""
    spelt = cells.str.contains(r"[A-Za-z]{2}", regex=True) & (cells.str.len() <= 120)
    differing = min(1.0, 2 * float(cells.nunique()) / len(cells))
    return float(spelt.mean()) * differing


#: Words of headers that name an area, a street or a person rather than the place.
_NOT_OF_THE_PLACE: tuple[str, ...] = (
    "area",
    "ward",
    "la",
    "lad",
    "lsoa",
    "msoa",
    "authority",
    "district",
)
_NOT_OF_THE_PLACE += ("borough", "county", "region", "board", "contact", "street", "road", "file")
_NOT_OF_THE_PLACE += ("first", "last", "sur", "fore", "family", "given", "user", "type", "postcode")

_WEST, _SOUTH, _EAST, _NORTH = UK_BOX_DEGREES
_LEFT, _BOTTOM, _RIGHT, _TOP = UK_BOX_METRES
_SORTS: dict[str, _Sort] = {
    "id": _Sort(
        headers=ID_COLUMNS,
        words=["id", "code", "reference", "urn"],
        values=_are_own,
        spoken="each their own",
        least=0.9,
    ),
    "name": _Sort(
        headers=NAME_COLUMNS,
        words=["name"],
        values=_are_names,
        spoken="like names",
        weak=["site", "venue", "centre", "place", "location", "service", "library", "school"],
        against=_NOT_OF_THE_PLACE,
    ),
    "address": _Sort(headers=[*ADDRESS_COLUMNS, "address1"], words=["address", "street"]),
    "postcode": _Sort(
        headers=POSTCODE_COLUMNS,
        words=["postcode", "pcd", "pcds"],
        values=_are_postcodes,
        spoken="postcodes",
        telling=True,
    ),
    "longitude": _Sort(
        headers=[*LONGITUDE, "geox", "x"],
        words=["longitude", "lon", "lng", "long"],
        values=_within(_WEST, _EAST, decimals=True),
        spoken="degrees east in the UK",
        telling=True,
    ),
    "latitude": _Sort(
        headers=[*LATITUDE, "geoy", "y"],
        words=["latitude", "lat"],
        values=_within(_SOUTH, _NORTH, decimals=True),
        spoken="degrees north in the UK",
        telling=True,
    ),
    "easting": _Sort(
        headers=[*EASTING, "x"],
        words=["easting", "eastings", "east"],
        values=_within(1_000, _RIGHT, decimals=False),
        spoken="metres east on the National Grid",
    ),
    "northing": _Sort(
        headers=[*NORTHING, "y"],
        words=["northing", "northings", "north"],
        values=_within(1_000, _TOP, decimals=False),
        spoken="metres north on the National Grid",
    ),
    "opening": _Sort(
        headers=OPENING_COLUMNS,
        words=["opening", "hours", "open", "times"],
        values=_are_hours,
        spoken="opening hours",
        telling=True,
    ),
    "area_code": _Sort(
        headers=["area_code", "code"],
        words=["lsoa", "zone", "gss", "dz", "soa", "code"],
        values=_are_area_codes,
        spoken="area codes",
        telling=True,
    ),
    "date": _Sort(
        headers=["date"],
        words=["date", "from", "until"],
        values=_are_dates,
        spoken="dates",
        telling=True,
    ),
    "number": _Sort(
        headers=["value", "count", "number"],
        words=["value", "count", "number", "rate", "total"],
        values=_are_numbers,
        spoken="numbers",
    ),
    "capacity": _Sort(
        headers=["capacity", "places"],
        words=["capacity", "places"],
        values=_are_numbers,
        spoken="numbers",
    ),
    "jobs": _Sort(
        headers=["jobs", "number of jobs"],
        words=["jobs", "employment", "employees", "workers"],
        values=_are_numbers,
        spoken="numbers",
        weak=["value", "count", "total"],
    ),
    "kind": _Sort(headers=["kind", "type"], words=["type", "category", "kind"]),
    "partner": _Sort(
        headers=["partner", "organisation", "operator"],
        words=["organisation", "organization", "operator", "provider", "partner"],
    ),
}

#: What is known by its usual headers and values; anything else is looked for by its own words.
WANTED = tuple(_SORTS)
