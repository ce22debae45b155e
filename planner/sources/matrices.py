"""How long do journeys take according to somebody else's travel matrix?"""

from __future__ import annotations

import gzip
import re
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planner.errors import DataError
from planner.ledger import Note
from planner.sources.cells import shortened
from planner.sources.tables import (
    check_file,
    find_column,
    match_column,
    read_table,
    to_number,
    to_text,
    unreadable,
)
from planner.sources.workbooks import MAX_EXPANDED_BYTES
from planner.travel.times import DECISECONDS_PER_MINUTE, Mode, TravelTimes

FROM_NAMES = ("from_id", "from", "origin_id", "origin", "from_code", "origin_code")
TO_NAMES = ("to_id", "to", "destination_id", "destination", "dest_id", "dest", "to_code")
TIME_NAMES = ("travel_time", "travel_time_minutes", "minutes", "time", "duration")
PERCENTILE_NAMES = ("percentile", "percent")

#: A journey longer than a day is a slip of units, or a code for "none".
LONGEST_MINUTES = 24 * 60

_PERCENTILE_COLUMN = re.compile(r"(?:travel[ _]?time|time|minutes)[ _]?p(\d{1,3})")
_PER_MINUTE = {"minutes": 1.0, "seconds": 60.0}

Unit = Literal["minutes", "seconds"]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cells:
    """A matrix as it stands in the file, one cell after another, with the ids it names.

    ``origin`` and ``destination`` are positions in the ids, ``minutes`` NaN where nothing is
    said; ``row`` is the row of the file, ``percentile`` None for times that are of none.
    """

    percentile: int | None
    row: Int64
    origin: Int64
    destination: Int64
    minutes: NDArray[np.float64]


def read_travel_matrix(
    path: Path,
    *,
    what: str,
    origins: pd.Index,
    destinations: pd.Index,
    cutoff_minutes: float,
    mode: Mode,
    window: str = "",
    unit: Unit = "minutes",
    max_minutes: float | None = None,
    where: Mapping[str, str] | None = None,
) -> dict[int | None, TravelTimes]:
    """Read travel times that another program worked out, such as r5r, r5py or AccessUK.

    Parameters
    ----------
    path
        A table (CSV, also gzipped, Parquet or a workbook). Long: columns ``from_id``, ``to_id``
        and ``travel_time``, or one column a percentile (``travel_time_p50``), or a column
        ``percentile`` beside the time. Wide: origins down the first column, destinations along
        the header.
    what
        The file as the project names it, for messages.
    origins, destinations
        Sorted, unique ids of the points, areas or venues the matrix should be about.
    cutoff_minutes
        Longest journey to keep.
    mode, window
        What was timed.
    unit
        Of the times in the file.
    max_minutes
        Longest journey the other program searched, if that is known.
    where
        Column header → value; only such rows are read (a matrix with several times of day).

    Returns
    -------
    times
        Percentile (None: the file names none) → times on the given origins and destinations.

    Raises
    ------
    DataError
        No id is known, a pair stands twice, or a time is below zero, longer than a day or not a
        number.

    Notes
    -----
    An empty time is a journey that was not found, and never 0. A matrix does not say why, so:
    with ``max_minutes`` it is further than the longest journey searched (``over_cutoff``).
    Without, two ids that are joined by journeys of the file, over others if need be, have a way
    between them and so are further than the cutoff; other pairs are ``unreachable``. An id that
    the file does not name at all has ``no_data``; programs that leave out whole rows of journeys
    not found make such ids, too, so both are listed.
    """
    table = _read(path, destinations, what=what, where=where)
    from_column, to_column = match_column(table, FROM_NAMES), match_column(table, TO_NAMES)
    if from_column is not None and to_column is not None:
        ids, parts = _long(table, from_column, to_column, what=what)
    else:
        ids, parts = _wide(table, destinations, what=what)
    kept = min(cutoff_minutes, np.inf if max_minutes is None else max_minutes)
    places = tuple(
        known.get_indexer(pd.Index(named, dtype=object))
        for known, named in zip((origins, destinations), ids, strict=True)
    )
    notes = _check_ids(ids, places, (origins, destinations), what=what)
    found: dict[int | None, TravelTimes] = {}
    for part in parts:
        minutes = _checked(part, ids, unit=unit, what=what)
        found[part.percentile] = _to_times(
            part,
            minutes,
            places,
            (origins, destinations),
            kept,
            joined=max_minutes is not None,
            about={"mode": mode, "window": window, "method": f"travel matrix {what}"},
            notes=notes,
        )
    return found


def _read(
    path: Path, destinations: pd.Index, *, what: str, where: Mapping[str, str] | None
) -> pd.DataFrame:
    """Read the table, unpacked if it is gzipped."""
    # A row of a long table names one destination at most, its header both ends; a wide one's many.
    wanted = (*FROM_NAMES, *TO_NAMES, *destinations)
    if path.suffix.lower() != ".gz":
        return read_table(path, what=what, wanted=wanted, where=where)
    inner = Path(path.stem).suffix.lower() or ".csv"
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / f"matrix{inner}"
        done = 0
        try:
            with gzip.open(path) as packed, plain.open("wb") as out:
                while block := packed.read(1 << 20):
                    done += len(block)
                    if done > MAX_EXPANDED_BYTES:
                        raise DataError(
                            f"{what}: unpacks to more than {MAX_EXPANDED_BYTES / 1e6:,.0f} MB.",
                            hint="Cut it down to the places you need.",
                        )
                    out.write(block)
        except (gzip.BadGzipFile, EOFError, zlib.error) as err:
            raise DataError(
                f"{what}: not a readable gzip archive ({err}).", hint="Download it again."
            ) from err
        except OSError as err:
            raise DataError(f"{what}: cannot be opened ({err.strerror}).") from err
        check_file(plain, what=what)
        return read_table(plain, what=what, wanted=wanted, where=where)


def _long(
    table: pd.DataFrame, from_column: str, to_column: str, *, what: str
) -> tuple[tuple[list[str], list[str]], list[_Cells]]:
    """Take a table with one row a pair apart."""
    origin, from_ids = _codes(table[from_column])
    destination, to_ids = _codes(table[to_column])
    row = table.index.to_numpy(np.int64)
    for code, ids, column in ((origin, from_ids, from_column), (destination, to_ids, to_column)):
        if "" in ids:
            at = row[code == ids.index("")][0]
            raise DataError(f"{what}, row {at}: column {column!r} is empty.")
    columns: list[tuple[int | None, str]] = []
    for header in table.columns:
        match = _PERCENTILE_COLUMN.fullmatch(str(header).strip().casefold())
        if match is not None:
            columns.append((_percentile(float(match.group(1)), f"{what}, {header!r}"), str(header)))
    plain = match_column(table, TIME_NAMES)
    if plain is not None or not columns:
        columns.insert(0, (None, find_column(table, TIME_NAMES, what)))
    ranks = match_column(table, PERCENTILE_NAMES)
    if ranks is not None and not to_text(table[ranks]).any():
        ranks = None
    parts = []
    for percentile, column in columns:
        minutes = _numbers(table[column], row, what=what)
        groups = {percentile: slice(None)} if ranks is None else _by_percentile(table[ranks], what)
        if percentile is not None and ranks is not None:
            raise DataError(f"{what}: percentiles stand in columns and in rows.")
        parts += [
            _Cells(
                percentile=which,
                row=row[keep],
                origin=origin[keep],
                destination=destination[keep],
                minutes=minutes[keep],
            )
            for which, keep in groups.items()
        ]
    if len({part.percentile for part in parts}) < len(parts):
        raise DataError(f"{what}: two columns are of the same percentile.")
    return (from_ids, to_ids), parts


def _wide(
    table: pd.DataFrame, destinations: pd.Index, *, what: str
) -> tuple[tuple[list[str], list[str]], list[_Cells]]:
    """Take a table with a row for each origin and a column for each destination apart."""
    columns = [str(column) for column in table.columns]
    if not any(name in destinations for name in columns[1:]):
        raise DataError(
            f"{what}: neither a long travel matrix nor a wide one; its columns are "
            f"{', '.join(repr(shortened(name)) for name in columns[:6])}.",
            hint="A long one has the columns from_id, to_id and travel_time; a wide one has a "
            f"column for each destination, such as {str(next(iter(destinations), ''))!r}.",
        )
    for name in columns[1:]:
        base = re.sub(r" \(\d+\)$", "", name)
        if base != name and base in columns and name not in destinations:
            raise DataError(f"{what}: there are two columns {base!r}.")
    code, ids = _codes(table.iloc[:, 0])
    row = table.index.to_numpy(np.int64)
    if "" in ids:
        raise DataError(
            f"{what}, row {row[code == ids.index('')][0]}: column {columns[0]!r} is empty."
        )
    if len(ids) < len(code):
        again = int(np.flatnonzero(pd.Series(code).duplicated())[0])
        raise DataError(f"{what}, row {row[again]}: origin {ids[code[again]]!r} stands twice.")
    minutes = [_numbers(table[name], row, what=what) for name in columns[1:]]
    count = len(columns) - 1
    cells = _Cells(
        percentile=None,
        row=np.repeat(row, count),
        origin=np.repeat(code, count),
        destination=np.tile(np.arange(count), len(code)),
        minutes=np.column_stack(minutes).ravel(),
    )
    return (ids, columns[1:]), [cells]


def _codes(column: pd.Series) -> tuple[Int64, list[str]]:
    """Return the ids in a column, and which of them each row has."""
    raw, unique = pd.factorize(column, use_na_sentinel=False)
    text, ids = pd.factorize(to_text(pd.Series(unique)))
    return text[raw].astype(np.int64), [str(one) for one in ids]


def _numbers(column: pd.Series, row: Int64, *, what: str) -> NDArray[np.float64]:
    """Return a column of times; an empty one is NaN, anything else that is no number refused."""
    code, unique = pd.factorize(column, use_na_sentinel=False)
    cells = pd.Series(unique)
    numbers, withheld = to_number(cells)
    wrong = (unreadable(cells) | withheld).to_numpy()[code]
    if bool(wrong.any()):
        at = int(np.argmax(wrong))
        raise DataError(
            f"{what}, row {row[at]}, column {column.name!r}: {column.iloc[at]!r} is not a time.",
            hint="Leave the cell empty where no journey was found.",
        )
    return np.asarray(numbers.to_numpy()[code], np.float64)


def _percentile(value: float, at: str) -> int:
    if not (float(value).is_integer() and 0 <= value <= 100):
        raise DataError(f"{at}: {value:g} is not a percentile from 0 to 100.")
    return int(value)


def _by_percentile(column: pd.Series, what: str) -> dict[int | None, Any]:
    """Return the rows of each percentile."""
    row = column.index.to_numpy(np.int64)
    numbers = _numbers(column, row, what=what)
    missing = np.isnan(numbers)
    if bool(missing.any()):
        raise DataError(f"{what}, row {row[missing][0]}: column {column.name!r} is empty.")
    return {_percentile(value, what): numbers == value for value in np.unique(numbers)}


def _checked(
    part: _Cells, ids: tuple[list[str], list[str]], *, unit: Unit, what: str
) -> NDArray[np.float64]:
    """Return the minutes of a matrix after a look at what cannot be."""
    key = part.origin * len(ids[1]) + part.destination
    twice = pd.Series(key).duplicated().to_numpy()
    if bool(twice.any()):
        at = int(np.argmax(twice))
        raise DataError(
            f"{what}, row {part.row[at]}: the journey from {ids[0][part.origin[at]]!r} to "
            f"{ids[1][part.destination[at]]!r} stands twice.",
            hint="If the file holds several times of day or modes, choose one of them with where.",
        )
    minutes = part.minutes / _PER_MINUTE[unit]
    with np.errstate(invalid="ignore"):
        below, above = minutes < 0, minutes > LONGEST_MINUTES
    if bool(below.any()):
        at = int(np.argmax(below))
        raise DataError(f"{what}, row {part.row[at]}: a time of {part.minutes[at]:g} {unit}.")
    if bool(above.any()):
        at = int(np.argmax(above))
        raise DataError(
            f"{what}, row {part.row[at]}: {part.minutes[at]:g} {unit} is more than a day.",
            hint="Leave the cell empty if this stands for a journey that was not found."
            if unit == "seconds"
            else "Are these seconds? Then set unit to seconds. If it stands for a journey that "
            "was not found, leave the cell empty.",
        )
    return minutes


def _check_ids(
    ids: tuple[list[str], list[str]],
    places: tuple[Int64, ...],
    known: tuple[pd.Index, pd.Index],
    *,
    what: str,
) -> tuple[Note, ...]:
    """Say which ids only one side has; refuse a matrix about other places altogether."""
    notes = []
    for side, named, place, index, other in zip(
        ("origin", "destination"), ids, places, known, known[::-1], strict=True
    ):
        if len(index) and not bool((place >= 0).any()):
            swapped = bool(other.isin(named).any())
            raise DataError(
                f"{what}: none of its {len(named)} {side}s is known here "
                f"(the file has {named[0]!r}, the plan {str(index[0])!r}).",
                hint="Origins and destinations seem to be swapped."
                if swapped
                else "Use the same ids: those of points or areas from, of venues to.",
            )
        strange = [one for one, at in zip(named, place, strict=True) if at < 0]
        absent = index[~index.isin(named)]
        if strange:
            notes.append(
                Note(
                    stage="travel",
                    what=f"matrix_{side}s_unknown",
                    count=len(strange),
                    text=f"{what}: {len(strange)} {side}s are not in this plan and are left out.",
                    items=tuple(sorted(strange)),
                )
            )
        if len(absent):
            notes.append(
                Note(
                    stage="travel",
                    what=f"matrix_{side}s_missing",
                    count=len(absent),
                    text=f"{what}: nothing is said about {len(absent)} {side}s of this plan; they "
                    "have no data.",
                    items=tuple(str(one) for one in absent),
                )
            )
    return tuple(notes)


def _to_times(
    part: _Cells,
    minutes: NDArray[np.float64],
    places: tuple[Int64, ...],
    known: tuple[pd.Index, pd.Index],
    cutoff: float,
    *,
    joined: bool,
    about: dict[str, Any],
    notes: tuple[Note, ...],
) -> TravelTimes:
    origin, destination = places[0][part.origin], places[1][part.destination]
    said = (origin >= 0) & (destination >= 0)
    origin, destination, minutes = origin[said], destination[said], minutes[said]
    named = [_named(place, index) for place, index in zip(places, known, strict=True)]
    reached = ~np.isnan(minutes)
    label = _labels(origin[reached], destination[reached], named, joined=joined)
    beyond = reached & (minutes > cutoff + 1e-9)
    if bool(beyond.any()):
        note = Note(
            stage="travel",
            what="matrix_journeys_over_cutoff",
            count=int(beyond.sum()),
            text=f"{about['method']}: {int(beyond.sum())} journeys take longer than the longest "
            f"kept, {cutoff:g} minutes.",
        )
        notes = (*notes, note)
    keep = reached & ~beyond
    order = np.lexsort((destination[keep], origin[keep]))
    time = np.rint(minutes[keep] * DECISECONDS_PER_MINUTE)
    return TravelTimes(
        pairs=pd.DataFrame(
            {
                "origin": origin[keep][order].astype(np.int32),
                "destination": destination[keep][order].astype(np.int32),
                "deciseconds": time[order].astype(np.int32),
            }
        ),
        origins=known[0],
        destinations=known[1],
        origin_status=_status(named[0], known[0]),
        destination_status=_status(named[1], known[1]),
        origin_component=pd.Series(label[: len(known[0])], index=known[0]),
        destination_component=pd.Series(label[len(known[0]) :], index=known[1]),
        percentile=part.percentile,
        cutoff_minutes=float(cutoff),
        notes=notes,
        **about,
    )


def _named(place: Int64, index: pd.Index) -> NDArray[np.bool_]:
    """Mark which of the known ids the file names."""
    here = np.zeros(len(index), dtype=bool)
    here[place[place >= 0]] = True
    return here


def _status(here: NDArray[np.bool_], index: pd.Index) -> pd.Series:
    return pd.Series(np.where(here, "connected", "no_data"), index=index, dtype=object)


def _labels(
    origin: Int64, destination: Int64, named: list[NDArray[np.bool_]], *, joined: bool
) -> NDArray[np.int32]:
    """Label what is joined by journeys: all that is named, or by chains of those found."""
    on = np.concatenate(named)
    if joined:
        return np.where(on, 0, -1).astype(np.int32)
    size = len(on)
    ways = coo_array(
        (np.ones(len(origin), np.int8), (origin, len(named[0]) + destination)), shape=(size, size)
    )
    _, label = connected_components(ways, directed=False)
    return np.where(on, label, -1).astype(np.int32)
