"""What does a table of Nomis say, all of its pages together?

The programming interface answers CSV of at most `PAGE` rows; the next page is asked for with
``RecordOffset``. A page after the last has no rows, or is empty.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from planner.errors import SourceError
from planner.sources.http import Fetcher, TryAgainError
from planner.sources.registry import RegistryEntry
from planner.sources.text import clean_text

PAGE = 25_000
MAX_PAGES = 200


@dataclass(frozen=True, kw_only=True)
class NomisTable:
    """A whole table as the publisher prints it: ``text`` is CSV with one header."""

    text: str
    rows: int
    columns: tuple[str, ...]
    period: str


def fetch_table(fetcher: Fetcher, entry: RegistryEntry) -> NomisTable:
    """Return all pages of an entry's table as one.

    Raises
    ------
    SourceError
        It cannot be reached, a column that is needed is not there, or there are no rows.
    """
    header: list[str] = []
    parts: list[str] = []
    total, period = 0, ""
    size = entry.page_size or PAGE
    for page in range(MAX_PAGES):
        query = {
            **entry.query,
            "RecordOffset": str(page * size),
            "RecordLimit": str(size),
        }
        answer = fetcher.fetch(
            entry, query=query, expects="csv", check=_check, may_be_empty=page > 0
        )
        text = answer.read_bytes().decode("utf-8-sig", "replace")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        rows = [row for row in rows if row]
        if not rows and page:
            break
        if not header:
            header = rows[0]
            _check_columns(header, entry)
        elif rows[0] != header:
            raise SourceError(
                f"{entry.what}: page {page + 1} has other columns than the first.",
                hint=entry.by_hand,
            )
        parts.append(_write(rows[1:]))
        total += len(rows) - 1
        date = entry.columns.get("date", "")
        if rows[1:] and date in header:
            period = rows[1][header.index(date)]
        if len(rows) - 1 < size:
            break
    else:
        raise SourceError(f"{entry.what}: it has no end ({total:,} rows).", hint=entry.by_hand)
    if not total:
        raise SourceError(f"{entry.what}: the table came without rows.", hint=entry.by_hand)
    return NomisTable(
        text=_write([header]) + "".join(parts), rows=total, columns=tuple(header), period=period
    )


# --- parts ---------------------------------------------------------------------------------


def _check(path: Path) -> str:
    """Say what is wrong with a page, "" nothing: errors come as text with status 200."""
    with path.open("rb") as handle:
        head = handle.read(400).decode("utf-8-sig", "replace").strip()
    first = head.splitlines()[0] if head else ""
    if first.casefold().startswith(("error", "warning")):
        words = clean_text(head, limit=120)
        if "busy" in words.casefold() or "try again" in words.casefold():
            raise TryAgainError(words)
        return f"it says: {words}"
    return ""


def _check_columns(header: list[str], entry: RegistryEntry) -> None:
    lacking = [name for name in entry.columns.values() if name not in header]
    if lacking:
        raise SourceError(
            f"{entry.what}: there is no column {lacking[0]!r} any more (there are "
            f"{clean_text(', '.join(header[:6]))}).",
            hint=f"Say what it is called now in the registry ({entry.id}, columns). "
            f"{entry.by_hand}",
        )


def _write(rows: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
