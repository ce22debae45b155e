"""What stands in the cells of a workbook, opened only when it is safe to?"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from planner.errors import DataError
from planner.sources.cells import HEADER_ROWS, cell_text, header_row, spaced, squeezed
from planner.sources.uploads import Upload

MAX_ROWS = 5_000_000
MAX_CELLS = 30_000_000
MAX_EXPANDED_BYTES = 1_000_000_000
#: The same for a file that somebody hands over.
MAX_UPLOAD_EXPANDED_BYTES = 200_000_000


def read_sheet(
    path: Path | Upload, *, sheet: str = "", what: str, wanted: Sequence[str] = ()
) -> tuple[list[list[Any]], int, str]:
    """Return the rows of one sheet from its header on.

    Returns
    -------
    rows
        Cells as the workbook types them; the first row is the header.
    header_at
        0-based position of the header in the sheet.
    sheet
        Which sheet it was.

    Raises
    ------
    DataError
        The workbook is broken, expands too far, or has no such sheet or no table.
    """
    with _opened(path, what) as book:
        chosen, header_at = _choose_sheet(book, sheet=sheet, what=what, wanted=wanted)
        rows = _sheet_rows(book, chosen, f"{what}, sheet {chosen!r}")
    return rows[header_at:], header_at, chosen


def read_sheet_names(path: Path | Upload, *, what: str) -> list[str]:
    """Return the visible sheets that hold a table of two columns or more, in their order.

    Raises
    ------
    DataError
        The workbook is broken or expands too far.
    """
    with _opened(path, what) as book:
        tops = {name: _sheet_rows(book, name, what, limit=HEADER_ROWS) for name in _visible(book)}
    found = []
    for name, top in tops.items():
        filled = [sum(1 for cell in row if cell_text(cell)) for row in top]
        if sum(1 for count in filled if count > 1) > 1:
            found.append(name)
    return found


@contextmanager
def _opened(path: Path | Upload, what: str) -> Iterator[CalamineWorkbook]:
    """Open a workbook, if that is safe; say in one line what is wrong with it."""
    if path.suffix.lower() != ".xls":
        check_zip(path, what=what)
    try:
        with path.open("rb") as handle, CalamineWorkbook.from_filelike(handle) as book:
            yield book
    except DataError:
        raise
    except (CalamineError, OSError, ValueError) as err:
        raise DataError(
            f"{what}: the workbook is broken or incomplete ({type(err).__name__}).",
            hint="Download it again, or open it and save it as .xlsx.",
        ) from err


def _visible(book: CalamineWorkbook) -> list[str]:
    return [
        about.name
        for about in book.sheets_metadata
        if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet
    ]


def _choose_sheet(
    book: CalamineWorkbook, *, sheet: str, what: str, wanted: Sequence[str]
) -> tuple[str, int]:
    """Return the sheet to read and the position of its header row."""
    if sheet:
        match = next((n for n in book.sheet_names if spaced(n) == spaced(sheet)), None)
        if match is None:
            raise DataError(
                f"{what}: there is no sheet {sheet!r}.",
                hint=f"Its sheets: {', '.join(repr(n) for n in book.sheet_names[:12])}.",
            )
        names = [match]
    else:
        names = _visible(book)
    names_wanted = {squeezed(name) for name in wanted} - {""}
    widest: tuple[int, str, int] | None = None
    fullest: tuple[int, str, int] | None = None
    for name in names:
        top = _sheet_rows(book, name, what, limit=HEADER_ROWS)
        at = header_row(top, wanted)
        if at is None:
            continue
        cells = {squeezed(cell_text(cell)) for cell in top[at]}
        hits = len(names_wanted & cells)
        if not names_wanted and len(cells) > 1 and len(top) > at + 1:
            return name, at
        # A sheet that only lists the columns has a few of their names in a row, the data all.
        if hits and (fullest is None or hits > fullest[0]):
            fullest = (hits, name, at)
        if widest is None or len(cells) > widest[0]:
            widest = (len(cells), name, at)
    best = fullest or widest
    if best is None:
        raise DataError(f"{what}: the workbook has no sheet with a table.")
    return best[1], best[2]


def _sheet_rows(
    book: CalamineWorkbook, name: str, what: str, *, limit: int | None = None
) -> list[list[Any]]:
    worksheet = book.get_sheet_by_name(name)
    if worksheet.total_height > MAX_ROWS or worksheet.height * worksheet.width > MAX_CELLS:
        raise DataError(f"{what}: too many cells to read.", hint="Save the sheet as CSV.")
    # Blank rows at the top are kept, so that a message can name the row as the file counts it.
    return worksheet.to_python(skip_empty_area=False, nrows=limit)


def check_zip(path: Path | Upload, *, what: str) -> None:
    """Refuse an archive that is broken, expands too far, leads outside or holds XML entities."""
    try:
        with path.open("rb") as handle, zipfile.ZipFile(handle) as archive:
            parts = archive.infolist()
            most = MAX_UPLOAD_EXPANDED_BYTES if isinstance(path, Upload) else MAX_EXPANDED_BYTES
            if sum(part.file_size for part in parts) > most or len(parts) > 10_000:
                words = f"{most / 1e9:.0f} GB" if most >= 1e9 else f"{most / 1e6:.0f} MB"
                raise DataError(
                    f"{what}: expands to more than {words}; not opened.",
                    hint="Save the sheet you need as CSV.",
                )
            if isinstance(path, Upload):
                _check_sizes(path.content, parts, what=what)
            for part in parts:
                name = part.filename.replace("\\", "/")
                if name.startswith("/") or ".." in name.split("/") or ":" in name:
                    raise DataError(f"{what}: has a part outside itself ({name!r}); not opened.")
                if name.lower().endswith((".xml", ".rels")):
                    _check_xml(archive, part, what=what)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as err:
        raise DataError(
            f"{what}: the archive is broken or incomplete ({err}).", hint="Download it again."
        ) from err


def _check_sizes(content: bytes, parts: Sequence[zipfile.ZipInfo], *, what: str) -> None:
    """Refuse an archive in which a part is larger than the archive says."""
    for part in parts:
        if part.compress_type != zipfile.ZIP_DEFLATED:
            continue
        at = part.header_offset
        name, extra = struct.unpack("<HH", content[at + 26 : at + 30].ljust(4, b"\0"))
        first = at + 30 + name + extra
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        left = memoryview(content)[first:]
        size = 0
        while not inflater.eof and size <= part.file_size:
            piece = inflater.decompress(left, 1 << 20)
            left = memoryview(inflater.unconsumed_tail)
            size += len(piece)
            if not piece and not left:
                break
        if size > part.file_size:
            raise DataError(f"{what}: a part is larger than the archive says; not opened.")


def _check_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, what: str) -> None:
    marks = ["<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    tail = b""
    with archive.open(part) as handle:
        for block in iter(lambda: handle.read(1 << 20), b""):
            if any(mark in tail + block for mark in marks):
                raise DataError(f"{what}: {part.filename} declares XML entities; not opened.")
            tail = block[-32:]
