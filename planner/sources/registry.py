"""Where does each official source live, under which licence, and was its reading proved?"""

from __future__ import annotations

import difflib
import ipaddress
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import pandas as pd

from planner.errors import ProjectError
from planner.ledger import Source

RequestKind = Literal["arcgis", "nomis", "zip", "fingertips", "file", "gtfs", "overpass"]
Proved = Literal["real file", "replay", "no"]
NATIONS = ("England", "Wales", "Scotland", "Northern Ireland")

#: Formats a file may have, by the ending of its name.
FORMATS: dict[str, str] = {
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".ods": "ods",
    ".xls": "xls",
    ".zip": "zip",
    ".osm": "xml",
    ".geojson": "json",
}
_FORMAT_OF_KIND: dict[str, str] = {
    "arcgis": "json",
    "nomis": "csv",
    "zip": "zip",
    "fingertips": "csv",
    "gtfs": "zip",
    "overpass": "json",
}


@dataclass(frozen=True, kw_only=True)
class RegistryEntry:
    """One source: who publishes it, where it lives, and what to do when it cannot be reached.

    Parameters
    ----------
    id, what
        Its name in the registry, and what it is in words.
    kind
        How it is asked for: an ArcGIS query, a Nomis table, a file in a zip archive, ...
    address
        Its address, "" where none is known; ``{yyyymmdd}`` and ``{region}`` are filled in.
    dataset, member, query
        The publisher's own id, the file inside an archive, the fixed part of a query.
    columns
        What the columns that matter are called there.
    file
        The name it gets in the study folder, always inside that folder.
    reader
        What reads it in the planner; ``none`` if nothing does yet.
    proved
        What the reading was tested on; `documentation` is the page a replay was keyed from.
    by_hand
        What to do when it cannot be reached.
    redirect_hosts
        Other hosts that it may send a request on to.
    sha256
        Of the file, where the publisher gives it.
    """

    id: str
    what: str
    kind: RequestKind
    publisher: str
    licence: str
    geography: str
    vintage: str
    address: str
    file: str
    reader: str
    nations: tuple[str, ...]
    proved: Proved
    documentation: str
    by_hand: str
    dataset: str = ""
    member: str = ""
    format: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    redirect_hosts: tuple[str, ...] = ()
    page_size: int = 0
    max_megabytes: float = 300.0
    sha256: str = ""

    def __post_init__(self) -> None:
        self._check(self.kind in get_args(RequestKind), f"{self.kind!r} is not a kind of request")
        self._check(self.proved in get_args(Proved), f"proved = {self.proved!r} is not known")
        self._check(bool(self.by_hand), "by_hand says nothing")
        self._check(set(self.nations) <= set(NATIONS), "it names a nation that does not exist")
        self._check(self.max_megabytes > 0, "max_megabytes must be above zero")
        path = Path(self.file)
        inside = bool(self.file) and not path.is_absolute() and ".." not in path.parts
        self._check(inside and "\\" not in self.file, "file must be a name inside the folder")
        if self.address:
            parts = urlsplit(self.address)
            secure = parts.scheme == "https" or (
                parts.scheme == "http" and is_loopback(parts.hostname or "")
            )
            self._check(secure and bool(parts.hostname), "its address must begin with https://")
            self._check(not parts.username, "its address must not hold a user name")

    def _check(self, good: bool, what: str) -> None:
        if not good:
            raise ProjectError(f"Source {self.id!r}: {what}.")

    @property
    def expects(self) -> str:
        """What its answer must be: csv, json, zip, xlsx, ods, xls or xml."""
        suffix = Path(self.file).suffix.lower()
        return self.format or _FORMAT_OF_KIND.get(self.kind) or FORMATS.get(suffix, "csv")

    def cite(self) -> Source:
        """Return the source as the ledger keeps it."""
        return Source(
            publisher=self.publisher,
            dataset=self.what,
            licence=self.licence,
            vintage=self.vintage,
            file=self.file,
            page=self.documentation,
        )


@dataclass(frozen=True, kw_only=True)
class Registry:
    """All sources by id, in the order of the file."""

    entries: Mapping[str, RegistryEntry]

    def __getitem__(self, key: str) -> RegistryEntry:
        if key not in self.entries:
            raise _unknown(key, self.entries)
        return self.entries[key]

    def __iter__(self) -> Iterator[RegistryEntry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    def override(self, changes: Mapping[str, Mapping[str, Any]]) -> Registry:
        """Return the registry with some keys of some sources replaced.

        Raises
        ------
        ProjectError
            A source or key does not exist; the nearest is named.

        Examples
        --------
        >>> moved = {"ts066": {"address": "https://example.org/census2021-ts066.zip"}}
        >>> read_registry().override(moved)["ts066"].address
        'https://example.org/census2021-ts066.zip'
        """
        entries = dict(self.entries)
        for key, values in changes.items():
            if key not in entries:
                raise _unknown(key, entries)
            known = _keys() - {"id"}
            for name in values:
                if name not in known:
                    raise _unknown_key(key, name, known)
            entries[key] = replace(entries[key], **_tidy(values))
        return Registry(entries=entries)


def read_registry(path: Path | None = None) -> Registry:
    """Read the registry that comes with the planner, or another file in its form.

    Raises
    ------
    ProjectError
        An entry lacks a key, has one that does not exist, or a value that cannot be.
    """
    text = (
        path.read_text(encoding="utf-8")
        if path is not None
        else resources.files("planner.sources")
        .joinpath("registry.toml")
        .read_text(encoding="utf-8")
    )
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ProjectError(f"{path or 'registry.toml'}: not a TOML file ({err}).") from err
    return Registry(entries={key: _entry(key, values) for key, values in table.items()})


def registry_table(registry: Registry) -> pd.DataFrame:
    """Return every source as a table for people.

    Returns
    -------
    table
        Index ``source`` (id); text columns ``what, publisher, licence, geography, vintage,
        nations, address, dataset, file, reader, proved, documentation, by_hand``. Where
        no address is known, what to do by hand stands in its place.
    """
    columns = ["what", "publisher", "licence", "geography", "vintage", "nations", "address"]
    columns += ["dataset", "file", "reader", "proved", "documentation", "by_hand"]
    rows = {
        entry.id: [
            ", ".join(entry.nations)
            if name == "nations"
            else (getattr(entry, name) or (f"none. {entry.by_hand}" if name == "address" else ""))
            for name in columns
        ]
        for entry in registry
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=object)
    table.index.name = "source"
    return table


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


# --- parts ---------------------------------------------------------------------------------


def _keys() -> set[str]:
    return {item.name for item in fields(RegistryEntry)}


def _tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}


def _entry(key: str, values: Any) -> RegistryEntry:
    if not isinstance(values, dict):
        raise ProjectError(f"Registry: {key!r} is not a source.")
    for name in values:
        if name not in _keys() - {"id"}:
            raise _unknown_key(key, name, _keys())
    try:
        return RegistryEntry(id=key, **_tidy(values))
    except TypeError as err:
        lacking = str(err).partition("argument")[2].lstrip("s: ")
        raise ProjectError(f"Source {key!r}: lacks {lacking}.") from err


def _unknown(key: str, known: Mapping[str, RegistryEntry]) -> ProjectError:
    near = difflib.get_close_matches(key, list(known), n=1)
    return ProjectError(
        f"There is no source {key!r}.",
        hint=f"Did you mean {near[0]!r}?" if near else "`planner fetch --list` shows all of them.",
    )


def _unknown_key(source: str, name: str, known: set[str]) -> ProjectError:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return ProjectError(
        f"Source {source!r}: there is no key {name!r}.",
        hint=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(known))}.",
    )
