"""What does one file of places say, row by row, before anything is put on the map?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.project import ServicesEntry
from planner.services import OFFER_DETAILS, VENUE_DETAILS
from planner.sources import open_referral, opening, osm, registers, vectors
from planner.sources.columns import (
    ADDRESS_COLUMNS,
    ID_COLUMNS,
    NAME_COLUMNS,
    OPENING_COLUMNS,
    SERVICE_KEYS,
    build_hint,
    lacking_keys,
    refuse_missing,
)
from planner.sources.coordinates import NO_COORDINATES, find_coordinates, read_coordinates
from planner.sources.details import read_details
from planner.sources.postcodes import POSTCODE_COLUMNS
from planner.sources.registers import EXCLUDED, filled, plain
from planner.sources.tables import (
    find_column,
    match_column,
    read_table,
    to_number,
    to_text,
)
from planner.sources.terms import to_kinds
from planner.sources.text import MAX_TEXT, clean_text
from planner.wording import say_few, say_many

STAGE = "services"

LISTING_COLUMNS = ["id", "name", "address", "postcode", "opening", "rooms", "capacity"]
LISTING_COLUMNS += ["x", "y", "reason"]
#: What only some files say row by row; "" leaves it to the project's entry.
OWN_COLUMNS = ["kind", "partner", "sessions", "serves", "capacity_unit"]
#: Which rows of one file are one venue, and what venue and offer are called by their publisher.
OWN_COLUMNS += ["site", "service", "venue_id", "offer_id", *OFFER_DETAILS, *VENUE_DETAILS]
#: Readers whose rows say of what sort they are, so that `kinds` can be used.
_TERMS = {"gias": registers.GIAS_TERMS}


@dataclass(frozen=True, kw_only=True, eq=False)
class Listing:
    """The usable rows of one file.

    ``rows`` is indexed by the 1-based data row of the file, with `LISTING_COLUMNS` and
    `OWN_COLUMNS`: texts cleaned ("" unknown), ``rooms`` and ``capacity`` NaN where unknown, ``x``
    and ``y`` EPSG:27700 metres or NaN with the ``reason``; ``serves`` may be area codes of any
    sort. ``has_coordinates`` says whether the file has any coordinate columns or geometries.
    """

    rows: pd.DataFrame
    notes: tuple[Note, ...]
    has_coordinates: bool

    def __post_init__(self) -> None:
        missing = [name for name in OWN_COLUMNS if name not in self.rows]
        rows = self.rows.assign(**dict.fromkeys(missing, ""))
        object.__setattr__(self, "rows", rows[[*LISTING_COLUMNS, *OWN_COLUMNS]])


def read_listing(path: Path, entry: ServicesEntry, *, what: str, authority: str = "") -> Listing:
    """Read one `[[services]]` file as rows of places.

    Parameters
    ----------
    path
        The file.
    entry
        What the project says about it: reader, filter, column names.
    what
        The file as the project names it, for messages.
    authority
        Official code of the place's council; the Welsh library table keeps its rows only.

    Raises
    ------
    DataError
        The file is not what the reader expects, a named column is missing, or no row is left.
    """
    if entry.kinds and entry.reader not in {"open_referral", *_TERMS}:
        raise DataError(
            f"{what}: `kinds` is not for the reader {entry.reader!r}, whose rows have no terms.",
            hint="Take it out, or read one kind at a time with where = { ... }.",
        )
    if entry.reader == "osm":
        return _from_osm(path, entry, what=what)
    if entry.reader == "open_referral":
        rows, notes = open_referral.read_open_referral(path, entry, what=what)
        return Listing(rows=rows, notes=notes, has_coordinates=True)
    table, located = _read_rows(path, entry, what=what)
    where = dict(entry.where)
    if entry.reader == "libraries_wales" and authority and not where:
        where = {find_column(table, "Local authority code", what): authority}
    kept = _filter_rows(table, where, what=what)
    notes = _left_out(table, kept, entry, what=what)
    reasons = EXCLUDED[entry.reader](kept, what) if entry.reader in EXCLUDED else None
    if reasons is not None:
        names = _names(kept, entry, what=what)
        for reason in sorted(set(reasons) - {""}):
            notes += (_excluded(entry, reason, names[(reasons == reason).to_numpy()], what),)
        kept = kept[(reasons == "").to_numpy()]
    if not len(kept):
        raise DataError(f"{what}: every row of the {_spoken(entry)} table is closed or left out.")
    return _to_listing(kept, located, entry, notes=notes, what=what)


def find_week(table: pd.DataFrame) -> dict[str, str]:
    """Return the column of each day if there is exactly one for all seven, else nothing."""
    week = {}
    for day in opening.DAY_NAMES:
        names = [str(c) for c in table.columns]
        found = [n for n in names if re.search(rf"(^|[_\s]){day}$", n.strip().lower())]
        found = [n for n in found if "open" in n.lower()] or found
        # The public libraries data schema has two columns a day, with and without staff.
        found = found or [n for n in names if n.strip().lower() == f"{day} staffed hours"]
        if len(found) != 1:
            return {}
        week[day] = found[0]
    return week


def _spoken(entry: ServicesEntry) -> str:
    return entry.kind.replace("_", " ")


# --- reading --------------------------------------------------------------------------------


def _read_rows(
    path: Path, entry: ServicesEntry, *, what: str
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return the table by 1-based data row, and where its rows are (None: it does not say)."""
    if vectors.is_map_file(path):
        return vectors.read_points(path, what=what)
    named = [entry.name_column, entry.x_column, entry.postcode_column]
    wanted = [name for name in named if name] or [*NAME_COLUMNS, *POSTCODE_COLUMNS]
    if entry.reader == "epraccur":
        table = registers.read_epraccur(path, what=what)
    else:
        table = read_table(path, sheet=entry.sheet, what=what, wanted=wanted)
    refuse_missing(table, entry, SERVICE_KEYS, what=what)
    table.index = pd.Index(table.index - int(table.index.min()) + 1, name="row")
    columns = find_coordinates(table, what=what, x_column=entry.x_column, y_column=entry.y_column)
    return table, None if columns is None else read_coordinates(table, columns)


def _filter_rows(table: pd.DataFrame, where: Mapping[str, str], *, what: str) -> pd.DataFrame:
    for header, value in where.items():
        column = find_column(table, header, what)
        cells = to_text(table[column]).map(plain)
        kept = table[(cells == plain(value)).to_numpy()]
        if not len(kept):
            seen = ", ".join(repr(clean_text(text, limit=40)) for text in sorted(set(cells))[:5])
            raise DataError(
                f"{what}: no row has {header} = {value!r}.", hint=f"Values there: {seen}, ..."
            )
        table = kept
    return table


def _from_osm(path: Path, entry: ServicesEntry, *, what: str) -> Listing:
    tags = [entry.tags] if entry.tags else osm.KIND_TAGS.get(entry.kind)
    if not tags:
        raise DataError(
            f"{what}: it is not known how {entry.kind!r} is tagged in OpenStreetMap.",
            hint='Say so in the project: tags = { amenity = "..." }.',
        )
    found = osm.read_osm_points(path, tags, what=what)
    if not len(found):
        sought = " or ".join(
            " + ".join(f"{key}={value}" for key, value in wanted.items()) for wanted in tags
        )
        raise DataError(
            f"{what}: the extract has nothing tagged {sought} ({_spoken(entry)}).",
            hint="Check the tags, use a larger extract, or take this kind out of the project.",
        )
    points, notes = osm.merge_same_pois(found)
    unnamed = int((points["name"] == "").sum())
    points = osm.name_pois(points, entry.kind)
    if unnamed:
        items = tuple(name for name in points["name"] if name.startswith("Unnamed "))
        text = f"{what}: {_spoken(entry)} places without a name in OpenStreetMap: {unnamed}."
        notes += (Note(stage=STAGE, what="poi_unnamed", count=unnamed, text=text, items=items),)
    placed = points.geometry.notna().to_numpy()
    texts = points["opening"].map(lambda text: opening.from_text(text) if text else "")
    rows = pd.DataFrame(
        {
            "id": ["osm-" + osm_id.replace("/", "-") for osm_id in points["osm_id"]],
            "name": points["name"],
            "address": points["address"],
            "postcode": points["postcode"],
            "opening": texts.fillna(""),
            "accessibility": points["accessibility"],
            "rooms": np.nan,
            "capacity": np.nan,
            "x": points.geometry.x,
            "y": points.geometry.y,
            "reason": np.where(placed, "", "no position in this extract"),
        }
    )
    rows.index = pd.RangeIndex(1, len(rows) + 1, name="row")
    notes += _opening_note(rows["name"], texts.isna().to_numpy(), entry, what)
    return Listing(rows=rows, notes=notes, has_coordinates=True)


# --- what is left out -------------------------------------------------------------------------


def _left_out(
    table: pd.DataFrame, kept: pd.DataFrame, entry: ServicesEntry, *, what: str
) -> tuple[Note, ...]:
    gone = table.loc[table.index.difference(kept.index)]
    if not len(gone):
        return ()
    reason = "not asked for" if entry.where else "of another authority"
    return (_excluded(entry, reason, _names(gone, entry, what=what), what),)


def _excluded(entry: ServicesEntry, reason: str, names: pd.Series, what: str) -> Note:
    return note_items(
        STAGE,
        "rows_excluded",
        names,
        f"{what}: {say_many(len(names), 'row')} for {_spoken(entry)} left out: {reason}.",
    )


# --- columns ----------------------------------------------------------------------------------


def _to_listing(
    table: pd.DataFrame,
    located: pd.DataFrame | None,
    entry: ServicesEntry,
    *,
    notes: tuple[Note, ...],
    what: str,
) -> Listing:
    postcode = _column(table, entry.postcode_column, POSTCODE_COLUMNS, what)
    if located is None and postcode is None:
        raise DataError(
            f"{what}: there is neither a pair of coordinate columns nor a postcode column.",
            hint=build_hint(
                table,
                lacking_keys(table, entry, SERVICE_KEYS),
                what,
                otherwise="Wanted: lon and lat, easting and northing, or postcode; or name the "
                "columns with x_column and y_column, or postcode_column.",
            ),
        )
    nowhere = pd.DataFrame({"x": np.nan, "y": np.nan, "reason": NO_COORDINATES}, index=table.index)
    names = _names(table, entry, what=what)
    rows = pd.DataFrame(
        {
            "id": _texts(table, _column(table, entry.id_column, ID_COLUMNS, what)),
            "name": names,
            "address": _addresses(table, entry),
            "postcode": _texts(table, postcode),
        },
        index=table.index,
    )
    hours, unread = _opening(table, entry, what)
    capacity, notes_capacity = _capacity(table, entry, names, what)
    room_column = match_column(table, "rooms")
    rows = rows.assign(
        opening=hours,
        rooms=np.nan if room_column is None else to_number(table[room_column])[0],
        capacity=capacity,
    )
    rows = rows.join(nowhere if located is None else located.loc[table.index])
    rows = rows.join(read_details(table, names, entry, what=what))
    told, unsure, more = _told(table, entry, what)
    rows = rows.assign(**{name: told[name] for name in told})
    if "site" not in rows:
        rows = rows.assign(site=_sites(rows))
    notes += _opening_note(names, unread | unsure, entry, what) + notes_capacity + more
    return Listing(rows=rows, notes=notes, has_coordinates=located is not None)


def _sites(rows: pd.DataFrame) -> pd.Series:
    """Return which rows are one venue, where they name different services: "" for the others."""
    told = zip(*(rows[name] for name in ("id", "name", "postcode", "x", "y")), strict=True)
    keys = pd.Series(["|".join(map(str, row)) for row in told], index=rows.index, dtype=object)
    several = rows["service_name"].groupby(keys).transform("nunique") > 1
    return keys.where(several, "")


def _told(
    table: pd.DataFrame, entry: ServicesEntry, what: str
) -> tuple[pd.DataFrame, np.ndarray, tuple[Note, ...]]:
    """Return what only this reader's rows say, and where it could not be understood."""
    told, unsure = pd.DataFrame(index=table.index), np.zeros(len(table), dtype=bool)
    if entry.reader == "mobile_library_stops":
        told, unread = registers.read_stops(table, what)
        return told, unread.to_numpy(dtype=bool), ()
    if entry.reader not in _TERMS:
        return told, unsure, ()
    columns = [_texts(table, match_column(table, term)) for term in _TERMS[entry.reader]]
    terms = [[(term,) for term in row if term] for row in zip(*columns, strict=True)]
    kinds, notes = to_kinds(terms, entry.kinds, default=entry.kind, what=what)
    return told.assign(kind=kinds), unsure, notes


def _column(table: pd.DataFrame, named: str, usual: Sequence[str], what: str) -> str | None:
    return find_column(table, named, what) if named else match_column(table, usual)


def _texts(table: pd.DataFrame, column: str | None, *, limit: int = MAX_TEXT) -> pd.Series:
    if column is None:
        return pd.Series("", index=table.index, dtype=object)
    cells = to_text(table[column]).map(lambda cell: clean_text(cell, limit=limit))
    return cells.where(filled(cells), "")


def _names(table: pd.DataFrame, entry: ServicesEntry, *, what: str) -> pd.Series:
    usual = [f"{entry.kind}_name", f"{entry.kind} name", *NAME_COLUMNS]
    names = _texts(table, _column(table, entry.name_column, usual, what))
    spoken = [f"Unnamed {_spoken(entry)} (row {row})" for row in table.index]
    return names.where(names != "", pd.Series(spoken, index=table.index, dtype=object))


def _addresses(table: pd.DataFrame, entry: ServicesEntry) -> pd.Series:
    whole = match_column(table, ADDRESS_COLUMNS)
    if whole is not None:
        return _texts(table, whole)
    numbered = [match_column(table, [f"address{n}", f"address line {n}"]) for n in range(1, 6)]
    if entry.reader == "gias":
        numbered = [match_column(table, name) for name in registers.GIAS_ADDRESS]
    parts = [_texts(table, column) for column in numbered if column]
    if not parts:
        return _texts(table, None)
    lines = pd.concat(parts, axis=1)
    return lines.apply(lambda line: clean_text(", ".join(t for t in line if t)), axis=1)


def _opening(table: pd.DataFrame, entry: ServicesEntry, what: str) -> tuple[pd.Series, np.ndarray]:
    """Return opening times ("" unknown) and where something is written that cannot be read."""
    week = {} if entry.opening_column else find_week(table)
    if week:
        cells = pd.DataFrame({day: _texts(table, column) for day, column in week.items()})
        found = [opening.from_week(row) for row in cells.to_dict("records")]
    else:
        column = _column(table, entry.opening_column, OPENING_COLUMNS, what)
        texts = _texts(table, column, limit=opening.MAX_OPENING)
        found = [opening.from_text(text) if text else "" for text in texts]
    known = pd.Series(found, index=table.index, dtype=object)
    return known.where(known.notna(), ""), known.isna().to_numpy()


def _opening_note(
    names: pd.Series, unread: np.ndarray, entry: ServicesEntry, what: str
) -> tuple[Note, ...]:
    count = int(unread.sum())
    if not count:
        return ()
    return (
        Note(
            stage=STAGE,
            what="opening_unread",
            count=count,
            text=f"{what}: opening times of {_spoken(entry)} taken as unknown in "
            f"{say_many(count, 'row')}, because what is written there is not plain days and times.",
            items=tuple(names[unread]),
        ),
    )


def _capacity(
    table: pd.DataFrame, entry: ServicesEntry, names: pd.Series, what: str
) -> tuple[pd.Series, tuple[Note, ...]]:
    if not entry.capacity_column:
        return pd.Series(np.nan, index=table.index), ()
    column = find_column(table, entry.capacity_column, what)
    number = to_number(table[column])[0]
    unread = (filled(table[column]) & ~((number >= 0) & (number < np.inf))).to_numpy()
    if not unread.any():
        return number, ()
    cells = to_text(table[column])[unread]
    lost = [f"row {row}: {names[row]}: {clean_text(cell, limit=60)}" for row, cell in cells.items()]
    note = Note(
        stage=STAGE,
        what="capacity_unread",
        count=len(lost),
        text=f"{what}, column {column}: {say_many(len(lost), 'capacity', 'capacities')} not "
        f"readable as a number from 0 up, taken as unknown ({say_few(lost)}).",
        items=tuple(lost),
    )
    return number.where(~unread), (note,)
