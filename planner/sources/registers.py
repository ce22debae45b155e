"""Which rows of a national register are open to the public, and what does each say beside that?

Formats: NHS ODS ``epraccur`` (27 columns without a header); Get Information about Schools
``edubasealldata``; the Welsh and English tables of public libraries; mobile library stops in the
public libraries data schema (schema.librarydata.uk, ``mobile-library-stops.json``: organisation,
mobile, route, community, stop, address, postcode, geox, geoy, day, type, arrival, departure,
frequency as an iCalendar rule, start, end, timetable).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from planner.sources.cells import squeezed
from planner.sources.schedules import Schedule, build_schedule, to_date, to_opening
from planner.sources.tables import BLANK_MARKS, find_column, match_column, read_table, to_text
from planner.sources.text import clean_text, comparable

EPRACCUR_COLUMNS = ["Organisation Code", "Name", "National Grouping", "High Level Health Geography"]
EPRACCUR_COLUMNS += [f"Address line {line}" for line in range(1, 6)]
EPRACCUR_COLUMNS += ["Postcode", "Open Date", "Close Date", "Status Code"]
EPRACCUR_COLUMNS += ["Organisation Sub-Type Code", "Commissioner", "Join Date", "Left Date"]
EPRACCUR_COLUMNS += ["Contact Telephone Number", "Null 1", "Null 2", "Null 3"]
EPRACCUR_COLUMNS += ["Amended Record Indicator", "Null 4", "Provider/Purchaser", "Null 5"]
EPRACCUR_COLUMNS += ["Prescribing Setting", "Null 6"]

#: Columns of the schools register that say what sort of school it is, for `kinds`.
GIAS_TERMS = ["PhaseOfEducation (name)", "TypeOfEstablishment (name)"]
GIAS_TERMS += ["EstablishmentTypeGroup (name)"]
GIAS_ADDRESS = ["Street", "Locality", "Address3", "Town", "County (name)"]

STOP_NAMES = ["stop", "stop name", "stop_name"]
_MOBILE = "This reader wants a table of mobile library stops (schema.librarydata.uk)."
_WALES = "This reader wants the Welsh Government's table of public libraries."
_ENGLAND = "This reader wants Arts Council England's table of public libraries."
_GIAS = "This reader wants edubasealldata of Get Information about Schools."
YES = frozenset({"yes", "y", "x", "true", "1"})
CO_LOCATED_COLUMNS = ["co_located_other_text", "co-located with"]
#: Headings of the Arts Council's table that are written in one word.
_ROOFS = {
    "artscentre": "arts centre",
    "carehome_hostel": "care home or hostel",
    "catering_bars_pub": "catering, bar or pub",
    "civic": "civic building",
    "community": "community centre",
    "faithbuildings": "faith building",
    "industrial_business": "industrial or business",
    "schools_colleges": "school or college",
    "universities_highereducation": "university or higher education",
}
_NOT_BRANCHES = {
    "archive": "an archive, not a library branch",
    "prison": "a prison library, not open to the public",
    "mobile": "a mobile library without a fixed place",
}


def plain(text: object) -> str:
    """Return a cell as it is compared: without case, and 4.0 as 4."""
    return re.sub(r"^(-?\d+)\.0+$", r"\1", str(text).strip().casefold())


def filled(cells: pd.Series) -> pd.Series:
    """Return where something is written."""
    return ~to_text(cells).str.casefold().isin(BLANK_MARKS)


def read_epraccur(path: Path, *, what: str) -> pd.DataFrame:
    """Read NHS ODS's table of prescribers, which comes without a header, or with one added.

    Raises
    ------
    DataError
        It does not have 27 columns, or is no table.
    """
    head = ""
    if path.is_file():
        with path.open(encoding="latin-1", newline="") as handle:
            head = handle.readline(1 << 16)
    first = next(csv.reader([head]), [])
    if "organisationcode" in {squeezed(cell) for cell in first}:
        return read_table(path, what=what, wanted=EPRACCUR_COLUMNS[:1])
    return read_table(path, what=what, names=EPRACCUR_COLUMNS)


# --- what is left out -------------------------------------------------------------------------


def exclude_gps(table: pd.DataFrame, what: str) -> pd.Series:
    """Say why a row of the NHS table is no GP practice: only A with setting 4 is one."""
    hint = "This reader wants NHS epraccur: as published, or with headers added."
    status = to_text(table[find_column(table, "Status Code", what, hint=hint)]).str.upper()
    column = find_column(table, "Prescribing Setting", what, hint=hint)
    setting = to_text(table[column]).map(plain)
    reasons = pd.Series("", index=table.index, dtype=object)
    reasons = reasons.mask((setting != "4").to_numpy(), "prescribing setting not 4 (GP practice)")
    named = {"C": "closed (status C)", "D": "dormant (status D)", "P": "proposed (status P)"}
    not_active = status.map(lambda s: named.get(s, f"not active (status {clean_text(s, limit=9)})"))
    return reasons.mask((status != "A").to_numpy(), not_active)


def exclude_schools(table: pd.DataFrame, what: str) -> pd.Series:
    """Say why a row of the schools register is not a school that is open."""
    find_column(table, "URN", what, hint=_GIAS)
    status = to_text(table[find_column(table, "EstablishmentStatus (name)", what, hint=_GIAS)])
    is_open = status.str.casefold().str.startswith("open").to_numpy()
    said = status.map(lambda text: clean_text(text, limit=40).casefold() or "no status")
    reasons = "not open (" + said + ")"
    return reasons.mask(is_open, "").astype(object)


def exclude_welsh(table: pd.DataFrame, what: str) -> pd.Series:
    """Say why a row of the Welsh table is no open library."""
    closed = filled(table[find_column(table, "Year closed", what, hint=_WALES)])
    find_column(table, "Library name", what, hint=_WALES)
    return pd.Series(np.where(closed, "closed", ""), index=table.index, dtype=object)


def exclude_english(table: pd.DataFrame, what: str) -> pd.Series:
    """Say why a row of the Arts Council table is no open library branch for all."""
    find_column(table, "authority", what, hint=_ENGLAND)
    status = to_text(table[_latest(table, "operation", what)]).str.casefold()
    closed_year = filled(table[find_column(table, "closed", what, hint=_ENGLAND)])
    form = to_text(table[find_column(table, "type", what, hint=_ENGLAND)]).str.casefold()
    reasons = pd.Series("", index=table.index, dtype=object)
    for word, reason in _NOT_BRANCHES.items():
        reasons = reasons.mask(form.str.contains(word).to_numpy(), reason)
    reasons = reasons.mask((status == "temporary closure").to_numpy(), "closed for the time being")
    return reasons.mask((closed_year | (status == "closed").to_numpy()), "closed")


def exclude_stops(table: pd.DataFrame, what: str) -> pd.Series:
    """Say why a stop is not one for everybody today.

    Timetables follow each other in one file: a row that ends before the newest one in the file
    starts is of an earlier timetable.
    """
    find_column(table, STOP_NAMES, what, hint=_MOBILE)
    reasons = pd.Series("", index=table.index, dtype=object)
    kind = match_column(table, ["type", "stop type"])
    if kind is not None:
        private = to_text(table[kind]).str.casefold() == "private"
        reasons = reasons.mask(private.to_numpy(), "a private stop (a school or a home)")
    start, end = (match_column(table, [name, f"{name} date"]) for name in ("start", "end"))
    starts = [] if start is None else [d for d in table[start].map(to_date) if d is not None]
    if end is not None and starts:
        newest = max(starts)
        over = table[end].map(lambda cell: (to_date(cell) or newest) < newest)
        reasons = reasons.mask(over.to_numpy(dtype=bool), "of an earlier timetable")
    return reasons


EXCLUDED: dict[str, Callable[[pd.DataFrame, str], pd.Series]] = {
    "gp_geocoded": exclude_gps,
    "epraccur": exclude_gps,
    "gias": exclude_schools,
    "libraries_wales": exclude_welsh,
    "libraries_england": exclude_english,
    "mobile_library_stops": exclude_stops,
}


# --- what else they say -----------------------------------------------------------------------


def read_stops(table: pd.DataFrame, what: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return when the mobile library is at each stop, and who runs it.

    Returns
    -------
    told
        On the table's index: ``sessions`` (``Tuesday 10:00-10:30 fortnightly``), ``opening``
        (OpenStreetMap's syntax, "" where it does not come every week), ``partner``, ``site``
        (alike for rows of one stop).
    unread
        True where it is not plain when it comes.
    """
    wanted = [["day"], ["arrival", "arrival time"], ["departure", "departure time"]]
    day, arrival, departure = (find_column(table, name, what, hint=_MOBILE) for name in wanted)
    often = find_column(table, "frequency", what, hint=_MOBILE)
    start = match_column(table, ["start", "start date"])
    starts = to_text(table[start]) if start else [""] * len(table)
    found: list[Schedule | None] = [
        build_schedule(rule, opens, closes, day=name, start=first)
        for rule, opens, closes, name, first in zip(
            to_text(table[often]),
            to_text(table[arrival]),
            to_text(table[departure]),
            to_text(table[day]),
            starts,
            strict=True,
        )
    ]
    stop = find_column(table, STOP_NAMES, what, hint=_MOBILE)
    place = [match_column(table, n) for n in ("community", "postcode", "geox", "geoy")]
    keys = [to_text(table[column]).map(comparable) for column in [stop, *place] if column]
    sites = pd.concat(keys, axis=1).agg("|".join, axis=1)
    told = pd.DataFrame(
        {
            "sessions": ["" if one is None else one.to_words() for one in found],
            "opening": _hours(found, sites),
            "partner": _texts(table, "organisation"),
            "site": sites,
        },
        index=table.index,
    )
    return told, pd.Series([one is None for one in found], index=table.index)


def _hours(found: Sequence[Schedule | None], sites: pd.Series) -> list[str]:
    """Return when each stop is open, "" where not all visits are weekly: half would mislead."""
    visits: dict[str, list[Schedule | None]] = {}
    for one, site in zip(found, sites, strict=True):
        visits.setdefault(site, []).append(one)
    hours = {
        site: to_opening([one for one in all_of_it if one is not None])
        for site, all_of_it in visits.items()
        if None not in all_of_it
    }
    return [hours.get(site) or "" for site in sites]


def co_located(table: pd.DataFrame) -> pd.Series:
    """Return what is under the same roof as each library, in words, "" where it is not said.

    Returns
    -------
    words
        On the table's index, joined by "; ": the columns crossed, then what is written out. A
        plain yes is "not said with whom".
    """
    stem = "co_located_"
    named = {str(c).strip().lower().removeprefix(stem): str(c) for c in table.columns}
    crossed = {
        _ROOFS.get(name, name.replace("_", " ")): to_text(table[column]).str.casefold().isin(YES)
        for name, column in named.items()
        if column.strip().lower() == stem + name and not name.startswith("other")
    }
    told = [_texts(table, header) for header in CO_LOCATED_COLUMNS]
    yes = _texts(table, "co-located").str.casefold().isin(YES)
    found = {}
    for row in table.index:
        parts = [what_else for what_else, cells in crossed.items() if cells[row]]
        parts += [cells[row] for cells in told if cells[row]]
        found[row] = "; ".join(parts) or ("not said with whom" if yes[row] else "")
    return pd.Series(found, index=table.index, dtype=object)


def _texts(table: pd.DataFrame, header: str) -> pd.Series:
    column = match_column(table, header)
    if column is None:
        return pd.Series("", index=table.index, dtype=object)
    return to_text(table[column]).map(clean_text).where(filled(table[column]), "")


def _latest(table: pd.DataFrame, stem: str, what: str) -> str:
    """Return the column of the latest year, such as ``operation_23``."""
    years = [str(c) for c in table.columns if re.fullmatch(rf"{stem}_\d\d", str(c).strip().lower())]
    return max(years) if years else find_column(table, f"{stem}_23", what, hint=_ENGLAND)
