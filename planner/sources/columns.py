"""Which column of somebody's table is most likely the one that is wanted?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.area import CODE_PATTERNS
from planner.sources import opening
from planner.sources.cells import spaced
from planner.sources.coordinates import (
    EASTING,
    LATITUDE,
    LONGITUDE,
    NORTHING,
    UK_BOX_DEGREES,
    UK_BOX_METRES,
)
from planner.sources.listings import ADDRESS_COLUMNS, ID_COLUMNS, NAME_COLUMNS, OPENING_COLUMNS
from planner.sources.postcodes import POSTCODE_COLUMNS, normalise_postcode
from planner.sources.schedules import to_date
from planner.sources.tables import to_number, to_text

MOST = 3
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


def _score(column: str, cells: pd.Series, sort: _Sort) -> Candidate | None:
    header, said = _header_score(column, sort)
    if sort.values is None:
        return Candidate(column=column, score=header, reason=said) if header else None
    filled = cells[cells != ""]
    share = sort.values(filled) if len(filled) else 0.0
    if share < (_FEW if header else _MOST_VALUES) or not (header or sort.telling):
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
    if not shared:
        return 0.0, ""
    # A header of many words is less surely about the one that fits.
    return round(0.4 + 0.4 / max(len(words), 1), 3), f"its header has {shared[0]!r} in it"


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


_WEST, _SOUTH, _EAST, _NORTH = UK_BOX_DEGREES
_LEFT, _BOTTOM, _RIGHT, _TOP = UK_BOX_METRES
_SORTS: dict[str, _Sort] = {
    "id": _Sort(
        headers=ID_COLUMNS,
        words=["id", "code", "reference", "urn"],
        values=_are_own,
        spoken="each their own",
    ),
    "name": _Sort(headers=NAME_COLUMNS, words=["name"], values=_are_names, spoken="like names"),
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
    "kind": _Sort(headers=["kind", "type"], words=["type", "category", "kind"]),
    "partner": _Sort(
        headers=["partner", "organisation", "operator"],
        words=["organisation", "organization", "operator", "provider", "partner"],
    ),
}

#: What is known by its usual headers and values; anything else is looked for by its own words.
WANTED = tuple(_SORTS)
