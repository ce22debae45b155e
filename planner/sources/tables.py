"""How is a table of figures read, whatever file the publisher put it in?"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from planner.area import CODE_PATTERNS, GEOGRAPHY_NAMES
from planner.errors import DataError
from planner.sources.cells import (
    BLANK_MARKS,
    HEADER_ROWS,
    SUPPRESSED_MARKS,
    find_filled,
    header_names,
    header_row,
    shortened,
    spaced,
    squeezed,
    to_number,
    to_text,
    unreadable,
    vintage_in,
)
from planner.sources.uploads import Upload
from planner.sources.workbooks import MAX_EXPANDED_BYTES, MAX_ROWS, check_zip, read_sheet

__all__ = [
    "BLANK_MARKS",
    "SUPPRESSED_MARKS",
    "check_file",
    "check_zip",
    "find_code_column",
    "find_column",
    "keep_rows",
    "match_column",
    "read_table",
    "to_number",
    "to_text",
    "unreadable",
    "vintage_in",
]

MAX_FILE_BYTES = 300_000_000

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive or a workbook"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a database or GeoPackage"),
)


def read_table(
    path: Path | Upload,
    *,
    sheet: str = "",
    where: Mapping[str, str] | None = None,
    what: str = "",
    wanted: Sequence[str] = (),
    names: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a CSV, TSV, XLSX, ODS, XLS or Parquet file as it was published.

    Parameters
    ----------
    path
        The file.
    sheet
        Sheet of a workbook; without one, the first that has the wanted column.
    where
        Column header → value; only rows that have all these values are kept.
    what
        The file as the project names it, for messages.
    wanted
        Headers of which the real header row has at least one; rows above it are titles.
    names
        What the columns of a text file without any header are called, all of them in order.

    Returns
    -------
    table
        Cells as text (CSV) or as the workbook or Parquet file types them, columns named by the
        trimmed header, index ``row`` the 1-based row of the file. Wholly blank rows are left out.

    Raises
    ------
    DataError
        The file is too large, empty, broken, not what its name says, or no row is left.
    """
    what = what or path.name
    check_file(path, what=what)
    suffix = path.suffix.lower()
    if suffix in {".xlsx", ".xlsm", ".ods", ".xls"}:
        frame = _read_workbook(path, sheet=sheet, what=what, wanted=wanted)
    elif suffix in {".parquet", ".geoparquet", ".pq"}:
        frame = _read_parquet(path, what=what)
    elif suffix in {".csv", ".tsv", ".tab", ".txt"}:
        frame = _read_text(path, what=what, wanted=wanted, given=names)
    else:
        raise DataError(
            f"{what}: cannot read a table from a {suffix or 'nameless'} file.",
            hint="Save it as .csv, .tsv, .xlsx, .ods or .parquet.",
        )
    if not len(frame):
        raise DataError(f"{what}: the table has a header but no rows.")
    return keep_rows(frame, where or {}, what=what)


def find_column(
    frame: pd.DataFrame, wanted: str | Iterable[str], what: str, *, hint: str = ""
) -> str:
    """Return the column called ``wanted``, whatever its case, spaces and punctuation.

    Parameters
    ----------
    frame
        A table.
    wanted
        One header, or several of which the first found is taken.
    what
        The file as the project names it, for the message.
    hint
        What to do when it is not there.

    Raises
    ------
    DataError
        No column is called so; the message names the nearest ones.
    """
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    found = match_column(frame, names)
    if found is not None:
        return found
    headers = [str(column) for column in frame.columns]
    near = difflib.get_close_matches(names[0].casefold(), [h.casefold() for h in headers], n=3)
    shown = [h for h in headers if h.casefold() in near] or headers[:6]
    more = "" if len(shown) == len(headers) or near else f" and {len(headers) - len(shown)} more"
    quoted = " or ".join(repr(name) for name in names[:3])
    raise DataError(
        f"{what}: there is no column {quoted}.",
        hint=hint
        or f"{'Nearest' if near else 'Its columns'}: "
        f"{', '.join(repr(shortened(h)) for h in shown)}{more}.",
    )


def match_column(frame: pd.DataFrame, wanted: str | Iterable[str]) -> str | None:
    """Return the first column called one of ``wanted``, or None."""
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    for normal in (spaced, squeezed):
        known: dict[str, str] = {}
        for column in frame.columns:
            known.setdefault(normal(str(column)), str(column))
        for name in names:
            if normal(name) and normal(name) in known:
                return known[normal(name)]
    return None


def find_code_column(frame: pd.DataFrame, geography: str, what: str = "the table") -> str:
    """Return the column with most codes of the geography.

    Raises
    ------
    DataError
        Hardly any cell of any column is such a code; the message says which codes were found
        instead.
    """
    best, share = _best_code_column(frame, geography)
    # Totals, footnotes and areas of other sizes stand in the same column of many files.
    if best is not None and share >= 0.05:
        return best
    other = next(
        (
            f"column {column!r} holds codes of {GEOGRAPHY_NAMES[name].rpartition(' (')[0]}"
            for name in CODE_PATTERNS
            for column, part in [_best_code_column(frame, name)]
            if column is not None and part >= 0.5
        ),
        "no column holds area codes",
    )
    raise DataError(
        f"{what}: no column of codes of {GEOGRAPHY_NAMES[geography]}; {other}.",
        hint="Check that this is the right file, or name the column with code_column; "
        f"`planner match {what} --for layer` shows what its columns hold.",
    )


def keep_rows(frame: pd.DataFrame, where: Mapping[str, str], *, what: str) -> pd.DataFrame:
    """Return the rows in which every named column has the named value.

    Case does not matter; a value that ends in ``*`` asks for cells that begin so.
    """
    for header, value in where.items():
        column = find_column(frame, header, what)
        cells = to_text(frame[column]).str.casefold()
        asked = str(value).strip().casefold()
        start = asked.removesuffix("*")
        kept = frame[cells.str.startswith(start) if start and start != asked else cells == asked]
        if not len(kept):
            seen = sorted({shortened(text) for text in to_text(frame[column]).unique()})[:5]
            raise DataError(
                f"{what}: no row has {header} = {str(value)!r}.",
                hint=f"Values there: {', '.join(repr(text) for text in seen)}, ...",
            )
        frame = kept
    return frame


def check_file(path: Path | Upload, *, what: str) -> None:
    """Refuse a file that is missing, empty, too large or not what its name says."""
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            head = handle.read(4096)
    except OSError as err:
        raise DataError(f"{what}: cannot be opened ({err.strerror}).") from err
    if size == 0 or not head.strip(b"\x00\xef\xbb\xbf \r\n\t,;"):
        raise DataError(f"{what}: the file is empty.", hint="Download it again.")
    if size > MAX_FILE_BYTES:
        raise DataError(
            f"{what}: {size / 1e6:,.0f} MB is more than the {MAX_FILE_BYTES / 1e6:,.0f} MB read.",
            hint="Cut it down to the places you need.",
        )
    expected = {"xlsx": b"PK\x03\x04", "xlsm": b"PK\x03\x04", "parquet": b"PAR1", "pq": b"PAR1"}
    expected |= {"geoparquet": b"PAR1", "ods": b"PK\x03\x04", "xls": b"\xd0\xcf\x11\xe0"}
    suffix = path.suffix.lower().lstrip(".")
    if head.startswith(expected.get(suffix, b"\x00no")):
        return
    found = next((name for mark, name in _SIGNATURES if head.startswith(mark)), "")
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        found = "a web page"
    elif text.startswith(b"<?xml") or (text.startswith(b"<") and b">" in text[:200]):
        found = "an XML file or a web page"
    elif text.startswith((b"{", b"[{")):
        found = "JSON"
    elif suffix in expected and not found:
        found = "not one"
    elif not found and b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        found = "a binary file"
    if not found:
        return
    if suffix == "zip":
        raise DataError(
            f"{what}: it is a zip archive, not a table.", hint="Unpack it and name the file inside."
        )
    raise DataError(
        f"{what}: named .{suffix} but it is {found}, not a table.",
        hint="Download the file itself again, and keep the name it comes with.",
    )


# --- text ---------------------------------------------------------------------------------


def _read_text(
    path: Path | Upload, *, what: str, wanted: Sequence[str], given: Sequence[str]
) -> pd.DataFrame:
    encoding = _encoding(path)
    with io.TextIOWrapper(path.open("rb"), encoding=encoding, newline="") as handle:
        sample = "".join(line for _, line in zip(range(HEADER_ROWS * 4), handle, strict=False))
    delimiter = _delimiter(sample[:400_000])
    try:
        rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    except csv.Error as err:
        raise DataError(f"{what}: not a readable CSV file ({err}).") from err
    header_at, header = _header(rows, wanted=wanted, given=given, what=what)
    width = max(len(row) for row in [header, *rows[header_at + 1 :]])
    names = header_names([*header, *[""] * (width - len(header))])
    try:
        with warnings.catch_warnings(), path.open("rb") as opened:
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                opened,
                sep=delimiter,
                encoding=encoding,
                header=None,
                names=range(width),
                index_col=False,
                skiprows=header_at + 1,
                skip_blank_lines=False,
                dtype=str,
                keep_default_na=False,
                na_filter=False,
                nrows=MAX_ROWS + 1,
            )
    except pd.errors.EmptyDataError as err:
        raise DataError(f"{what}: the table has a header but no rows.") from err
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, ValueError) as err:
        reason = str(err).strip().splitlines()[-1].removeprefix("Error tokenizing data. C error: ")
        raise DataError(f"{what}: not a readable CSV file ({reason}).") from err
    return _finish(frame, names, first_row=header_at + 2, what=what)


def _header(
    rows: list[list[str]], *, wanted: Sequence[str], given: Sequence[str], what: str
) -> tuple[int, list[str]]:
    """Return which row is the header (-1: none is, the names are given) and what it says."""
    if given:
        width = max((len(row) for row in rows), default=0)
        if width != len(given):
            raise DataError(
                f"{what}: {width} columns, not the {len(given)} of this table without a header.",
                hint="Check that this is the right file, as it was published.",
            )
        return -1, list(given)
    at = header_row([[cell.strip() for cell in row] for row in rows], wanted)
    if at is None:
        raise DataError(f"{what}: no header row found in the first {HEADER_ROWS} rows.")
    return at, rows[at]


def _encoding(path: Path | Upload) -> str:
    """Return utf-8 (with or without BOM), utf-16, or cp1252, or at last latin-1."""
    with path.open("rb") as handle:
        if handle.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as handle:
                for block in iter(lambda: handle.read(1 << 20), b""):
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return "utf-8-sig" if encoding == "utf-8" else encoding
    return "latin-1"


def _delimiter(sample: str) -> str:
    """Return the delimiter that cuts most rows into most cells; a comma when in doubt."""
    best, most = ",", 1
    for delimiter in (",", "\t", ";", "|"):
        try:
            rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if row)
        width = widths.most_common(1)[0][0] if widths else 1
        if width > most:
            best, most = delimiter, width
    return best


def _finish(frame: pd.DataFrame, names: list[str], *, first_row: int, what: str) -> pd.DataFrame:
    """Name the columns and rows, and leave out those that are wholly blank."""
    if len(frame) > MAX_ROWS:
        raise DataError(
            f"{what}: more than {MAX_ROWS:,} rows.", hint="Cut it down to the places you need."
        )
    filled = pd.DataFrame({at: find_filled(frame.iloc[:, at]) for at in range(frame.shape[1])})
    named = [
        name or (f"column {at + 1}" if bool(filled[at].any()) else "")
        for at, name in enumerate(names)
    ]
    kept = [at for at, name in enumerate(named) if name]
    table = frame.iloc[:, kept]
    table.columns = pd.Index([named[at] for at in kept], dtype=object)
    table.index = pd.RangeIndex(first_row, first_row + len(table), name="row")
    return table[filled.any(axis=1).to_numpy()].copy()


# --- workbooks and Parquet ----------------------------------------------------------------


def _read_workbook(
    path: Path | Upload, *, sheet: str, what: str, wanted: Sequence[str]
) -> pd.DataFrame:
    rows, header_at, chosen = read_sheet(path, sheet=sheet, what=what, wanted=wanted)
    width = max(len(row) for row in rows)
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    frame = pd.DataFrame(padded[1:], columns=range(width), dtype=object)
    names = header_names(padded[0])
    return _finish(frame, names, first_row=header_at + 2, what=f"{what}, sheet {chosen!r}")


def _read_parquet(path: Path | Upload, *, what: str) -> pd.DataFrame:
    try:
        with path.open("rb") as opened, pq.ParquetFile(opened) as file:
            meta = file.metadata
            size = sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups))
            if meta.num_rows > MAX_ROWS or size > MAX_EXPANDED_BYTES:
                raise DataError(
                    f"{what}: too large ({meta.num_rows:,} rows).",
                    hint="Cut it down to the places you need.",
                )
            plain = [
                field.name
                for field in file.schema_arrow
                if not (
                    pa.types.is_binary(field.type)
                    or pa.types.is_large_binary(field.type)
                    or pa.types.is_nested(field.type)
                )
            ]
            frame = file.read(columns=plain).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError) as err:
        if isinstance(err, DataError):
            raise
        reason = str(err).strip().splitlines()[0][:120]
        raise DataError(
            f"{what}: not a readable Parquet file ({reason}).", hint="Download it again."
        ) from err
    names = header_names(list(frame.columns))
    frame.columns = range(frame.shape[1])
    return _finish(frame, names, first_row=1, what=what)


def _best_code_column(frame: pd.DataFrame, geography: str) -> tuple[str | None, float]:
    """Return the column with the largest share of codes of the geography, the first on ties."""
    pattern = CODE_PATTERNS[geography]
    best, share = None, 0.0
    for column in frame.columns:
        cells = to_text(frame[column].iloc[:2000])
        filled = cells[cells != ""]
        part = float(filled.str.fullmatch(pattern).mean()) if len(filled) else 0.0
        if part > share:
            best, share = str(column), part
    return best, share
