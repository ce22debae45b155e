"""How is a table of figures read, whatever file the publisher put it in?"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
import unicodedata
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from planner.area import CODE_PATTERNS, GEOGRAPHY_NAMES
from planner.errors import DataError

MAX_FILE_BYTES = 300_000_000
MAX_ROWS = 5_000_000
MAX_CELLS = 60_000_000
MAX_EXPANDED_BYTES = 1_000_000_000
#: How far down a title, a licence or a note may push the header.
HEADER_ROWS = 60

#: What publishers write instead of a figure they withhold or that does not apply.
SUPPRESSED_MARKS = frozenset(
    ["*", "**", "-", "–", "..", ".", ":", "~", "c", "z", "x", "u", "w", "[c]", "[z]", "[x]", "[u]"]
    + ["[w]", "[low]", "suppressed", "#"]
)
#: What people and programs write for a cell that nobody filled.
BLANK_MARKS = frozenset(["", "na", "n/a", "nan", "none", "null", "#n/a", "<na>"])

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
    path: Path,
    *,
    sheet: str = "",
    where: Mapping[str, str] | None = None,
    what: str = "",
    wanted: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a CSV, TSV, XLSX or Parquet file as it was published.

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
    if suffix in {".xlsx", ".xlsm"}:
        frame = _read_workbook(path, sheet=sheet, what=what, wanted=wanted)
    elif suffix in {".parquet", ".geoparquet", ".pq"}:
        frame = _read_parquet(path, what=what)
    elif suffix in {".csv", ".tsv", ".tab", ".txt"}:
        frame = _read_text(path, what=what, wanted=wanted)
    else:
        raise DataError(
            f"{what}: cannot read a table from a {suffix or 'nameless'} file.",
            hint="Save it as .csv, .tsv, .xlsx or .parquet.",
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
        hint=hint or f"{'Nearest' if near else 'Its columns'}: "
        f"{', '.join(repr(_short(h)) for h in shown)}{more}.",
    )


def match_column(frame: pd.DataFrame, wanted: str | Iterable[str]) -> str | None:
    """Return the first column called one of ``wanted``, or None."""
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    for normal in (_spaced, _squeezed):
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
        Fewer than half of the cells of any column are such codes; the message says which codes
        were found instead.
    """
    best, share = _best_code_column(frame, geography)
    if best is not None and share >= 0.5:
        return best
    other = next(
        (
            f"column {column!r} holds {GEOGRAPHY_NAMES.get(name, name)} codes"
            for name in CODE_PATTERNS
            for column, part in [_best_code_column(frame, name)]
            if column is not None and part >= 0.5
        ),
        "no column holds area codes",
    )
    raise DataError(
        f"{what}: no column of {GEOGRAPHY_NAMES.get(geography, geography)} codes; {other}.",
        hint="Check that this is the right file, or name the column with code_column.",
    )


def to_text(series: pd.Series) -> pd.Series:
    """Return cells as trimmed text; "" where blank, whole numbers without a decimal point."""
    return series.map(_text).astype(object)


def to_number(series: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return cells as floats, and where the publisher withheld the figure.

    Parameters
    ----------
    series
        Cells as `read_table` gives them: text such as ``"29,199"``, ``" 4.5 "``, ``"12%"``,
        ``"*"``, or numbers.

    Returns
    -------
    numbers
        Floats on the same index; NaN where blank, withheld or unreadable. A percent sign is
        taken off, the number left as it stands.
    suppressed
        True where the cell holds one of the marks in `SUPPRESSED_MARKS`.
    """
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        numbers = pd.Series(series.to_numpy(dtype=float, na_value=float("nan")), index=series.index)
        return numbers.rename(series.name), pd.Series(False, index=series.index, name=series.name)
    text = to_text(series)
    suppressed = text.str.casefold().isin(SUPPRESSED_MARKS)
    plain = text.where(~suppressed, "").map(_plain_number)
    numbers = pd.to_numeric(plain, errors="coerce").astype(float)
    finite = numbers.where(numbers.abs() < float("inf"))
    return finite.rename(series.name), suppressed.astype(bool).rename(series.name)


def unreadable(series: pd.Series) -> pd.Series:
    """Return True where a cell is neither blank, nor a mark, nor a number."""
    numbers, suppressed = to_number(series)
    blank = to_text(series).str.casefold().isin(BLANK_MARKS)
    return numbers.isna() & ~suppressed & ~blank


def keep_rows(frame: pd.DataFrame, where: Mapping[str, str], *, what: str) -> pd.DataFrame:
    """Return the rows in which every named column has the named value."""
    for header, value in where.items():
        column = find_column(frame, header, what)
        cells = to_text(frame[column]).str.casefold()
        kept = frame[cells == str(value).strip().casefold()]
        if not len(kept):
            seen = sorted({_short(text) for text in to_text(frame[column]).unique()})[:5]
            raise DataError(
                f"{what}: no row has {header} = {str(value)!r}.",
                hint=f"Values there: {', '.join(repr(text) for text in seen)}, ...",
            )
        frame = kept
    return frame


def check_file(path: Path, *, what: str) -> None:
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
    expected["geoparquet"] = b"PAR1"
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
    if found:
        raise DataError(
            f"{what}: named .{suffix} but it is {found}, not a table.",
            hint="Download the file itself again, and keep the name it comes with.",
        )


# --- text ---------------------------------------------------------------------------------


def _read_text(path: Path, *, what: str, wanted: Sequence[str]) -> pd.DataFrame:
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="strict", newline="") as handle:
        sample = "".join(line for _, line in zip(range(HEADER_ROWS * 4), handle, strict=False))
    delimiter = _delimiter(sample[:400_000])
    try:
        rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    except csv.Error as err:
        raise DataError(f"{what}: not a readable CSV file ({err}).") from err
    header_at = _header_row([[cell.strip() for cell in row] for row in rows], wanted)
    if header_at is None:
        raise DataError(f"{what}: no header row found in the first {HEADER_ROWS} rows.")
    width = max(len(row) for row in rows[header_at:])
    names = _headers([*rows[header_at], *[""] * (width - len(rows[header_at]))])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                path,
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


def _encoding(path: Path) -> str:
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


def _header_row(rows: list[list[Any]], wanted: Sequence[str]) -> int | None:
    """Return the first row with a wanted header, else the first that is as wide as the table."""
    near = rows[:HEADER_ROWS]
    names = {_squeezed(name) for name in wanted} - {""}
    for at, row in enumerate(near):
        if names & {_squeezed(_text(cell)) for cell in row}:
            return at
    filled = [sum(1 for cell in row if _text(cell)) for row in rows]
    widths = Counter(count for count in filled if count > 1)
    if not widths:
        return next((at for at, count in enumerate(filled) if count), None)
    usual = widths.most_common(1)[0][0]
    return next((at for at, n in enumerate(filled[:HEADER_ROWS]) if n >= 0.8 * usual), None)


def _headers(cells: Sequence[Any]) -> list[str]:
    """Return trimmed, unique headers; "" for a column without one."""
    names: list[str] = []
    for cell in cells:
        name = re.sub(r"\s+", " ", _text(cell).replace("\ufeff", "")).strip()
        unique, again = name, 2
        while name and unique in names:
            unique, again = f"{name} ({again})", again + 1
        names.append(unique)
    return names


def _finish(frame: pd.DataFrame, names: list[str], *, first_row: int, what: str) -> pd.DataFrame:
    """Name the columns and rows, and leave out those that are wholly blank."""
    if len(frame) > MAX_ROWS:
        raise DataError(
            f"{what}: more than {MAX_ROWS:,} rows.", hint="Cut it down to the places you need."
        )
    filled = pd.DataFrame({at: _is_filled(frame.iloc[:, at]) for at in range(frame.shape[1])})
    named = [
        name or (f"column {at + 1}" if bool(filled[at].any()) else "")
        for at, name in enumerate(names)
    ]
    kept = [at for at, name in enumerate(named) if name]
    table = frame.iloc[:, kept]
    table.columns = pd.Index([named[at] for at in kept], dtype=object)
    table.index = pd.RangeIndex(first_row, first_row + len(table), name="row")
    return table[filled.any(axis=1).to_numpy()].copy()


def _is_filled(column: pd.Series) -> Any:
    if pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype):
        return (column.notna() & (column.astype(str).str.strip() != "")).to_numpy()
    return column.notna().to_numpy()


# --- workbooks ----------------------------------------------------------------------------


def _read_workbook(path: Path, *, sheet: str, what: str, wanted: Sequence[str]) -> pd.DataFrame:
    import openpyxl

    check_zip(path, what=what)
    try:
        with warnings.catch_warnings():
            # Styles and extensions that openpyxl does not know say nothing about the figures.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                chosen, header_at = _choose_sheet(book, sheet=sheet, what=what, wanted=wanted)
                rows = _sheet_rows(book[chosen], f"{what}, sheet {chosen!r}")
            finally:
                book.close()
    except DataError:
        raise
    except Exception as err:  # noqa: BLE001 - openpyxl raises whatever a broken part makes it raise
        raise DataError(
            f"{what}: the workbook is broken or incomplete ({type(err).__name__}).",
            hint="Download it again, or open it and save it as .xlsx.",
        ) from err
    width = max((len(row) for row in rows[header_at:]), default=0)
    padded = [[*row, *[None] * (width - len(row))] for row in rows[header_at:]]
    frame = pd.DataFrame(padded[1:], columns=range(width), dtype=object)
    names = _headers(padded[0])
    return _finish(frame, names, first_row=header_at + 2, what=f"{what}, sheet {chosen!r}")


def _choose_sheet(
    book: Any, *, sheet: str, what: str, wanted: Sequence[str]
) -> tuple[str, int]:
    """Return the sheet to read and the position of its header row."""
    if sheet:
        match = next((n for n in book.sheetnames if _spaced(n) == _spaced(sheet)), None)
        if match is None:
            raise DataError(
                f"{what}: there is no sheet {sheet!r}.",
                hint=f"Its sheets: {', '.join(repr(n) for n in book.sheetnames[:12])}.",
            )
        names = [match]
    else:
        names = [ws.title for ws in book.worksheets if ws.sheet_state == "visible"]
    names_wanted = {_squeezed(name) for name in wanted} - {""}
    widest: tuple[int, str, int] | None = None
    for name in names:
        top = _sheet_rows(book[name], what, limit=HEADER_ROWS)
        at = _header_row(top, wanted)
        if at is None:
            continue
        cells = {_squeezed(_text(cell)) for cell in top[at]}
        if names_wanted & cells or (not names_wanted and len(cells) > 1 and len(top) > at + 1):
            return name, at
        if widest is None or len(cells) > widest[0]:
            widest = (len(cells), name, at)
    if widest is None:
        raise DataError(f"{what}: the workbook has no sheet with a table.")
    return widest[1], widest[2]


def _sheet_rows(worksheet: Any, what: str, *, limit: int | None = None) -> list[list[Any]]:
    # Some programs write a wrong extent, and openpyxl would believe it.
    worksheet.reset_dimensions()
    rows: list[list[Any]] = []
    cells = 0
    for row in worksheet.iter_rows(values_only=True, max_row=limit):
        rows.append(list(row))
        cells += len(row)
        if cells > MAX_CELLS or len(rows) > MAX_ROWS:
            raise DataError(f"{what}: too many cells to read.", hint="Save the sheet as CSV.")
    return rows


def check_zip(path: Path, *, what: str) -> None:
    """Refuse an archive that is broken, expands too far, leads outside or holds XML entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MAX_EXPANDED_BYTES or len(parts) > 10_000:
                raise DataError(
                    f"{what}: expands to more than {MAX_EXPANDED_BYTES / 1e9:.0f} GB; not opened."
                )
            for part in parts:
                name = part.filename.replace("\\", "/")
                if name.startswith("/") or ".." in name.split("/") or ":" in name:
                    raise DataError(f"{what}: has a part outside itself ({name!r}); not opened.")
                if name.lower().endswith((".xml", ".rels")):
                    _check_xml(archive, part, what=what)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as err:
        raise DataError(
            f"{what}: the archive is broken or incomplete ({err}).", hint="Download it again."
        ) from err
    except Exception as err:
        if type(err).__module__ == "zlib":
            raise DataError(f"{what}: the archive is broken ({err}).") from err
        raise


def _check_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, what: str) -> None:
    marks = ["<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    tail = b""
    with archive.open(part) as handle:
        for block in iter(lambda: handle.read(1 << 20), b""):
            if any(mark in tail + block for mark in marks):
                raise DataError(f"{what}: {part.filename} declares XML entities; not opened.")
            tail = block[-32:]


# --- Parquet ------------------------------------------------------------------------------


def _read_parquet(path: Path, *, what: str) -> pd.DataFrame:
    try:
        with pq.ParquetFile(path) as file:
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
    names = _headers(list(frame.columns))
    frame.columns = range(frame.shape[1])
    return _finish(frame, names, first_row=1, what=what)


# --- cells --------------------------------------------------------------------------------


def _text(cell: Any) -> str:
    if cell is None or (isinstance(cell, float) and cell != cell) or cell is pd.NA:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def _plain_number(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    if text.casefold() in BLANK_MARKS:
        return ""
    text = text.removesuffix("%").strip().lstrip("£")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text):
        text = text.replace(",", "")
    return text if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) else "?"


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\ufeff", "")).strip().casefold()


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


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
