"""What does a list say of a venue or service beside where and when: name, languages, access?"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from planner.project import ServicesEntry
from planner.services import MAX_DETAIL
from planner.sources.registers import YES, co_located, filled
from planner.sources.tables import find_column, match_column, to_text
from planner.sources.text import clean_text, comparable

SERVICE_NAME_COLUMNS = ["service_name"]
LANGUAGES_COLUMNS = ["languages", "languages_spoken", "service_languages"]
ACCESSIBILITY_COLUMNS = ["accessibility", "accessible", "disabled_access", "wheelchair_access"]
ACCESSIBILITY_COLUMNS += ["wheelchair_accessible", "wheelchair"]
#: Whose rows name what comes to the stop rather than the stop.
STOP_SERVICE_COLUMNS = ["mobile", "route"]

MAX_LANGUAGE = 60
_NO = frozenset({"no", "n", "false", "0"})
_BETWEEN_LANGUAGES = re.compile(r"[;,/|&+\n]|\band\b", re.IGNORECASE)
_BETWEEN_DETAILS = re.compile(r"[;|\n]")


def to_details(texts: Iterable[object]) -> str:
    """Return texts as plain words joined by "; ", each once, at most 300 characters in whole parts.

    Examples
    --------
    >>> to_details(["Step-free;  lift", "Hearing loop", "step-free"])
    'Step-free; lift; Hearing loop'
    """
    return _joined(_parts(texts, _BETWEEN_DETAILS, MAX_DETAIL), "; ")


def to_languages(texts: Iterable[object]) -> str:
    """Return the languages named in texts, sorted and joined by ";", each once.

    Examples
    --------
    >>> to_languages(["Polish, English", "english and Welsh"])
    'English;Polish;Welsh'
    """
    found = _parts(texts, _BETWEEN_LANGUAGES, MAX_LANGUAGE)
    return _joined(sorted(found, key=lambda name: (comparable(name), name)), ";")


def to_service_name(kind: str) -> str:
    """Return what a service without a name of its own is called in a directory."""
    return kind.replace("_", " ").capitalize()


def read_details(
    table: pd.DataFrame, names: pd.Series, entry: ServicesEntry, *, what: str
) -> pd.DataFrame:
    """Return what the rows of a table tell beside name, place and hours.

    Parameters
    ----------
    table
        One row a place.
    names
        The venue's name on the same index; a service of the same name has none of its own.
    entry
        May name the columns; without, columns with the usual headings are taken.

    Returns
    -------
    details
        On the table's index: ``service_name``, ``languages``, ``accessibility``,
        ``co_located_with``, "" where nothing is said.

    Raises
    ------
    DataError
        A column that the entry names is not there.
    """
    services = _texts(table, entry.service_name_column, SERVICE_NAME_COLUMNS, what)
    if entry.reader == "mobile_library_stops" and not entry.service_name_column:
        services = _stop_services(table, what)
    languages = _texts(table, entry.languages_column, LANGUAGES_COLUMNS, what)
    if entry.co_located_column:
        beside = _texts(table, entry.co_located_column, [], what).map(_neighbours)
    else:
        beside = co_located(table)
    return pd.DataFrame(
        {
            "service_name": services.map(clean_text).where(services != names, ""),
            "languages": languages.map(lambda cell: to_languages([cell])),
            "accessibility": _accessibility(table, entry, what),
            "co_located_with": beside.map(lambda cell: to_details([cell])),
        },
        index=table.index,
        dtype=str,
    )


def _accessibility(table: pd.DataFrame, entry: ServicesEntry, what: str) -> pd.Series:
    """Return words on access; a plain yes or no stands behind what the column asks."""
    column = _column(table, entry.accessibility_column, ACCESSIBILITY_COLUMNS, what)
    cells = _texts(table, column or "", [], what)
    asked = clean_text(str(column or "").replace("_", " ").casefold(), limit=60)

    def words(cell: str) -> str:
        plain = cell.strip().casefold()
        if plain in YES or plain in _NO:
            return f"{asked}: {'yes' if plain in YES else 'no'}"
        return to_details([cell])

    return cells.map(words)


def _neighbours(cell: str) -> str:
    plain = cell.strip().casefold()
    if plain in _NO:
        return ""
    return "not said with whom" if plain in YES else cell


def _stop_services(table: pd.DataFrame, what: str) -> pd.Series:
    """Return which mobile library on which round comes to each stop."""
    told = [
        column.map(lambda text, head=head: f"{head} {text}" if text[:1].isdigit() else text)
        for head in STOP_SERVICE_COLUMNS
        for column in [_texts(table, "", [head], what)]
    ]
    rows = zip(*told, strict=True)
    joined = [", ".join(dict.fromkeys(t for t in row if t)) for row in rows]
    return pd.Series(joined, index=table.index, dtype=object)


# --- parts ----------------------------------------------------------------------------------


def _column(table: pd.DataFrame, named: str, usual: list[str], what: str) -> str | None:
    if named:
        return find_column(table, named, what)
    return match_column(table, usual)


def _texts(table: pd.DataFrame, named: str, usual: list[str], what: str) -> pd.Series:
    column = _column(table, named, usual, what)
    if column is None:
        return pd.Series("", index=table.index, dtype=object)
    cells = to_text(table[column])
    return cells.where(filled(table[column]), "").astype(object)


def _parts(texts: Iterable[object], between: re.Pattern[str], limit: int) -> list[str]:
    found: dict[str, str] = {}
    for text in texts:
        # More than is ever kept is not looked at.
        for part in between.split(str(text)[: 10 * MAX_DETAIL]):
            plain = clean_text(part, limit=limit)
            if plain:
                found.setdefault(comparable(plain), plain)
    return list(found.values())


def _joined(parts: list[str], between: str) -> str:
    text = ""
    for part in parts:
        longer = f"{text}{between}{part}" if text else part
        if len(longer) > MAX_DETAIL:
            break
        text = longer
    return text
