"""Is an answer from the web what it was asked to be, and how long is one asked to wait?"""

from __future__ import annotations

import datetime as dt
import email.utils
from pathlib import Path

#: What an answer's Content-Type may be, for each format; these generic ones always.
_GENERIC = frozenset({"", "application/octet-stream", "binary/octet-stream", "text/plain"})
_TYPES: dict[str, frozenset[str]] = {
    "csv": frozenset(
        {"text/csv", "application/csv", "application/vnd.ms-excel", "text/comma-separated-values"}
    ),
    "json": frozenset({"application/json", "application/geo+json", "application/vnd.geo+json"}),
    "zip": frozenset({"application/zip", "application/x-zip-compressed", "application/x-zip"}),
    "xlsx": frozenset(
        {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.ms-excel",
            "application/zip",
        }
    ),
    "ods": frozenset({"application/vnd.oasis.opendocument.spreadsheet", "application/zip"}),
    "xls": frozenset({"application/vnd.ms-excel", "application/x-msexcel"}),
    "xml": frozenset({"application/xml", "text/xml", "application/osm3s+xml"}),
}
_STARTS: dict[str, tuple[bytes, ...]] = {
    "json": (b"{", b"["),
    "zip": (b"PK",),
    "xlsx": (b"PK",),
    "ods": (b"PK",),
    "xls": (b"\xd0\xcf\x11\xe0",),
    "xml": (b"<",),
}
_WEB_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body")
#: Formats that are compressed already: these are asked for as they are, and can be resumed.
PACKED = frozenset({"zip", "xlsx", "ods", "xls"})


def wrong_type(header: str, expects: str) -> str:
    """Say why a Content-Type is not one of the format's, "" if it is or says nothing.

    Examples
    --------
    >>> wrong_type("text/html; charset=utf-8", "csv")
    'it answered with a web page, not CSV'
    """
    kind = header.partition(";")[0].strip().casefold()
    if kind in {"text/html", "application/xhtml+xml"}:
        return f"it answered with a web page, not {expects.upper()}"
    if kind not in _GENERIC and kind not in _TYPES[expects]:
        return f"it answered with {kind[:60]!r}, not {expects.upper()}"
    return ""


def wrong_start(path: Path, expects: str) -> str:
    """Say why a body is not of the format, "" if it is."""
    with path.open("rb") as handle:
        head = handle.read(2048)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "the answer is empty"
    if text.lower().startswith(_WEB_PAGE) or (
        text.startswith(b"<?xml") and b"<html" in text.lower()
    ):
        return f"it answered with a web page, not {expects.upper()}"
    starts = _STARTS.get(expects)
    if starts is not None and not text.startswith(starts):
        return f"the answer is not {expects.upper()}"
    if expects == "csv" and (b"\x00" in head or text.startswith((b"<", b"{", b"PK\x03\x04"))):
        return "the answer is not CSV"
    return ""


def retry_after(text: str, now: dt.datetime) -> float:
    """Return the seconds a server asks to wait, 0 if it does not say."""
    if text.strip().isdigit():
        return float(min(int(text), 10_000))
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max((moment - now).total_seconds(), 0.0)
