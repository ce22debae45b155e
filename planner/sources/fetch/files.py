"""How does one published file, or one file out of a published archive, come to disk safely?"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path, PurePosixPath

from planner.errors import SourceError
from planner.sources.http import Download, Fetcher
from planner.sources.registry import RegistryEntry

MAX_EXPANDED_BYTES = 1_000_000_000
MAX_RATIO = 300


def fetch_file(
    fetcher: Fetcher, entry: RegistryEntry, *, today: dt.date, region: str = ""
) -> Download:
    """Fetch the file at an entry's address, its blanks filled in.

    ``{yyyymmdd}`` is today; where a day's file is not there yet, the day before is tried.

    Raises
    ------
    SourceError
        It has no address or region, cannot be reached, or is something else.
    """
    if "{region}" in entry.address:
        if not region:
            raise SourceError(f"{entry.what}: its region is not known.", hint=entry.by_hand)
        return fetcher.fetch(entry, address=entry.address.replace("{region}", region))
    if "{yyyymmdd}" not in entry.address:
        return fetcher.fetch(entry)
    days = [today - dt.timedelta(days=back) for back in (0, 1)]
    for day in days[:-1]:
        try:
            return fetcher.fetch(entry, address=_on(entry, day))
        except SourceError as err:
            if "nothing at its address" not in err.message and not fetcher.offline:
                raise
    return fetcher.fetch(entry, address=_on(entry, days[-1]))


def extract_member(archive: Path, entry: RegistryEntry, target: Path) -> None:
    """Unpack one file of an archive to ``target``; nothing else of it is touched.

    Raises
    ------
    SourceError
        The archive is broken, has a part outside itself, unpacks to too much, or lacks the file.
    """
    try:
        with zipfile.ZipFile(archive) as parts:
            info = _member(parts, entry)
            beside = target.with_name(f"{target.name}.tmp")
            with parts.open(info) as source, beside.open("wb") as out:
                size = 0
                for block in iter(lambda: source.read(1 << 20), b""):
                    size += len(block)
                    if size > MAX_EXPANDED_BYTES or size > info.file_size:
                        raise _bad(entry, "it unpacks to more than it says")
                    out.write(block)
            beside.replace(target)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as err:
        target.with_name(f"{target.name}.tmp").unlink(missing_ok=True)
        if isinstance(err, SourceError):
            raise
        raise _bad(entry, "the archive is broken or cut short") from err


def clip_points(
    text: str, entry: RegistryEntry, box: tuple[float, float, float, float]
) -> tuple[str, int]:
    """Return a national table cut to the rows inside a box, and how many these are.

    Parameters
    ----------
    text
        CSV whose columns ``entry.columns["x"]`` and ``["y"]`` are EPSG:27700 metres.
    entry
        The source.
    box
        West, south, east, north in metres.

    Raises
    ------
    SourceError
        A column is not there, or no row lies inside.
    """
    rows = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip() for name in next(rows, [])]
    lacking = [name for name in entry.columns.values() if name not in header]
    if lacking:
        raise _bad(entry, f"there is no column {lacking[0]!r} any more")
    x_at, y_at = header.index(entry.columns["x"]), header.index(entry.columns["y"])
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    west, south, east, north = box
    kept = 0
    for row in rows:
        x, y = _number(row, x_at), _number(row, y_at)
        if west <= x <= east and south <= y <= north:
            writer.writerow(row)
            kept += 1
    if not kept:
        raise _bad(entry, "no row lies in or around the place")
    return out.getvalue(), kept


def decode(content: bytes) -> str:
    """Return text that is UTF-8, or else the Windows code page some publishers still use."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


# --- parts ---------------------------------------------------------------------------------


def _on(entry: RegistryEntry, day: dt.date) -> str:
    return entry.address.replace("{yyyymmdd}", f"{day:%Y%m%d}")


def _member(parts: zipfile.ZipFile, entry: RegistryEntry) -> zipfile.ZipInfo:
    total = 0
    for info in parts.infolist():
        name = info.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise _bad(entry, "the archive has a part outside itself")
        total += info.file_size
        if info.file_size > 1e6 and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise _bad(entry, f"{PurePosixPath(name).name[:60]} unpacks to far more than is usual")
    if total > 4 * MAX_EXPANDED_BYTES:
        raise _bad(entry, f"it would unpack to {total / 1e9:,.1f} GB")
    wanted = entry.member.casefold()
    for info in parts.infolist():
        if PurePosixPath(info.filename).name.casefold() == wanted and not info.is_dir():
            if info.file_size > MAX_EXPANDED_BYTES:
                raise _bad(entry, f"{entry.member} is too large")
            return info
    raise _bad(entry, f"{entry.member} is not in the archive any more")


def _number(row: list[str], at: int) -> float:
    try:
        return float(row[at])
    except (IndexError, ValueError):
        return float("nan")


def _bad(entry: RegistryEntry, why: str) -> SourceError:
    return SourceError(f"{entry.what}: {why}.", hint=entry.by_hand)
