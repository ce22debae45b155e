"""Which tables are in a timetable file (GTFS), and can they be unpacked and read?"""

from __future__ import annotations

import csv
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.sources.text import clean_text

MAX_EXPANDED_BYTES = 4_000_000_000
#: A member that says it unpacks to more than this many times its size is a bomb, not a table.
MAX_RATIO = 400
#: How much of a large table is in memory at once, as text.
BLOCK_BYTES = 16_000_000

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: Files and columns without which no journey can be timed.
REQUIRED: dict[str, tuple[str, ...]] = {
    "stops.txt": ("stop_id", "stop_lat", "stop_lon"),
    "routes.txt": ("route_id", "route_type"),
    "trips.txt": ("trip_id", "route_id", "service_id"),
    "stop_times.txt": ("trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time"),
}
CALENDARS: dict[str, tuple[str, ...]] = {
    "calendar.txt": ("service_id", *DAYS, "start_date", "end_date"),
    "calendar_dates.txt": ("service_id", "date", "exception_type"),
}
_SEPARATORS = (",", ";", "\t", "|")


Members = dict[str, zipfile.ZipInfo]


@contextmanager
def open_feed(path: Path, what: str) -> Iterator[tuple[zipfile.ZipFile, Members]]:
    """Open a timetable and find its tables, or say in plain words why not.

    The tables may stand in one folder of the archive, as they do when a folder was zipped.

    Raises
    ------
    DataError
        The file is no zip archive, is broken or unsafe to unpack, or lacks a table that every
        journey needs; also for what breaks while its tables are read.
    """
    with _open_archive(path, what) as archive:
        try:
            members = _archive_tables(archive, what)
            _check_tables(members, archive, what)
            yield archive, members
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as err:
            raise _broken(what, err) from err
        except RuntimeError as err:  # zipfile's word for a member with a password
            if "password" not in str(err) and "encrypted" not in str(err):
                raise
            raise DataError(
                f"{what}: the archive has a password.", hint="Ask its publisher for one without."
            ) from err


def _open_archive(path: Path, what: str) -> zipfile.ZipFile:
    if path.is_dir():
        raise DataError(
            f"{what}: this is a folder, and a timetable is one .zip file.",
            hint="Zip the folder's tables (stops.txt, trips.txt and so on) and name the .zip file.",
        )
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as err:
        raise DataError(
            f"{what}: this is not a zip archive, or it is cut short.",
            hint="A GTFS timetable is one .zip file with stops.txt, trips.txt and so on in it.",
        ) from err
    except (OSError, NotImplementedError) as err:
        raise _broken(what, err) from err


def _broken(what: str, err: BaseException) -> DataError:
    return DataError(
        f"{what}: the archive is broken ({clean_text(err, limit=120)}).", hint="Download it again."
    )


def _archive_tables(archive: zipfile.ZipFile, what: str) -> Members:
    """Return the archive's tables by file name, and refuse an archive that is unsafe."""
    infos = archive.infolist()
    for info in infos:
        name = info.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            shown = clean_text(name, limit=60)
            raise DataError(f"{what}: has a part outside itself ({shown!r}); not opened.")
    total = sum(info.file_size for info in infos)
    bomb = any(i.file_size > 1e6 and i.file_size > MAX_RATIO * i.compress_size for i in infos)
    if total > MAX_EXPANDED_BYTES or bomb:
        raise DataError(
            f"{what}: would unpack to {total / 1e9:,.1f} GB; not opened.",
            hint=f"The most is {MAX_EXPANDED_BYTES / 1e9:.0f} GB: cut the timetable to the region.",
        )
    files = [info for info in infos if not info.is_dir() and "__MACOSX" not in info.filename]
    names = {info.filename.replace("\\", "/"): info for info in files}
    folders = {name.rpartition("/")[0] for name in names if name.endswith("stop_times.txt")}
    if len(folders) > 1:
        raise DataError(
            f"{what}: holds {len(folders)} timetables, each in a folder of its own.",
            hint="Zip each folder by itself and list them all in [timetable] files.",
        )
    folder = folders.pop() if folders else ""
    return {
        name.rpartition("/")[2]: info
        for name, info in names.items()
        if name.rpartition("/")[0] == folder
    }


def _check_tables(
    members: Mapping[str, zipfile.ZipInfo], archive: zipfile.ZipFile, what: str
) -> None:
    """Refuse an archive without the tables that every journey needs."""
    inner = [name for name in archive.namelist() if name.lower().endswith(".zip")]
    missing = [name for name in REQUIRED if name not in members]
    if missing and inner:
        raise DataError(
            f"{what}: holds other archives ({clean_text(inner[0], limit=60)}), and no tables.",
            hint="Unpack it, and list the .zip files in it in [timetable] files.",
        )
    if missing:
        raise DataError(
            f"{what}: there is no {', no '.join(missing)} in the archive.",
            hint="A GTFS timetable has its tables at the top of the zip, or all in one folder.",
        )
    if not any(name in members for name in CALENDARS):
        raise DataError(f"{what}: neither calendar.txt nor calendar_dates.txt is in the archive.")


def read_header(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[list[str], str, int]:
    """Return a table's columns, what separates them, and how many bytes the header takes."""
    with archive.open(info) as handle:
        line = handle.readline(100_000)
    head = line.decode("utf-8-sig", "replace").strip("\r\n")
    # GTFS has commas; spreadsheets of other countries write semicolons.
    separator = max(_SEPARATORS, key=lambda s: (head.count(s), s == ","))
    cells = next(csv.reader([head], delimiter=separator), [])
    return [name.strip().strip('"').strip() for name in cells], separator, len(line)


def _after_header(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as handle:
        handle.readline(100_000)
        return handle.read().strip()


def read_blocks(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    what: str,
    *,
    required: Sequence[str],
    wanted: Sequence[str],
    encoded: bool,
    progress: Callable[[float], None] | None = None,
) -> Iterator[pa.RecordBatch]:
    """Yield those of the wanted columns that one table has, as text, some rows at a time.

    ``encoded`` keeps each different text of a block once (for tables of millions of rows with few
    different ones). ``progress`` is told the share read.

    Raises
    ------
    DataError
        A required column is missing, or the rows cannot be told apart.
    """
    file = table_name(info)
    names, separator, head = read_header(archive, info)
    missing = [column for column in required if column not in names]
    if missing:
        raise DataError(f"{what}, {file}: there is no column {missing[0]!r}.")
    used = [column for column in wanted if column in names]
    if len(set(names)) < len(names) and any(names.count(column) > 1 for column in used):
        raise DataError(f"{what}, {file}: a column stands twice.")
    text = pa.dictionary(pa.int32(), pa.string()) if encoded else pa.string()
    if info.file_size < head + 100 and not _after_header(archive, info):
        yield pa.RecordBatch.from_arrays([pa.array([], type=text) for _ in used], names=used)
        return
    try:
        with archive.open(info) as handle:
            reader = pacsv.open_csv(
                handle,
                read_options=pacsv.ReadOptions(
                    column_names=names, skip_rows=1, block_size=BLOCK_BYTES
                ),
                parse_options=pacsv.ParseOptions(newlines_in_values=True, delimiter=separator),
                convert_options=pacsv.ConvertOptions(
                    include_columns=used,
                    column_types=dict.fromkeys(used, text),
                    strings_can_be_null=False,
                ),
            )
            for block in reader:
                yield block
                if progress is not None:
                    progress(handle.tell() / info.file_size)
    except pa.ArrowInvalid as err:
        reason = clean_text(err, limit=120)
        if "UTF8" in reason:
            reason = "letters in it are not written in UTF-8"
        raise DataError(f"{what}, {file}: not a readable table ({reason}).") from err


def read_frame(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    what: str,
    *,
    required: Sequence[str],
    wanted: Sequence[str],
) -> pd.DataFrame:
    """Return those of the wanted columns that one table has, as text without spaces around.

    Raises
    ------
    DataError
        See `read_blocks`.
    """
    blocks = read_blocks(archive, info, what, required=required, wanted=wanted, encoded=False)
    table = pa.Table.from_batches(list(blocks))
    cells = [pc.utf8_trim_whitespace(column) for column in table.columns]
    return pa.table(cells, names=table.column_names).to_pandas()


def table_name(info: zipfile.ZipInfo) -> str:
    """Return the name of a table's file, without the folder that it may stand in."""
    return info.filename.replace("\\", "/").rpartition("/")[2]


def column_of(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of text, blank where the table has none."""
    return table[name] if name in table else pd.Series("", index=table.index, dtype=object)


def feed_note(slug: str, items: Iterable[object], what: str, text: str) -> tuple[Note, ...]:
    """Return a note on some things of a feed, or none where there are none."""
    names = tuple(clean_text(item) for item in items)
    if not names:
        return ()
    said = f"{what}: {len(names):,} {text}."
    return (note_items("timetable", slug, names, said),)
