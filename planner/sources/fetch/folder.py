"""What is already in the study folder, whole, and what has become of each source?"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from planner.errors import ProjectError
from planner.sources.http import file_sha256

RECORD = "fetched.json"
FORMAT = "planner fetch 1"

#: ``used``: in the project file. ``beside``: in the folder, but nothing reads it yet, or the reader
#: refused it. ``failed``: not there.
Outcome = Literal["used", "beside", "failed"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """What became of one source: ``asked`` is a hash of what was asked for."""

    id: str
    outcome: Outcome
    file: str = ""
    sha256: str = ""
    size: int = 0
    fetched: str = ""
    asked: str = ""
    url: str = ""
    period: str = ""
    why: str = ""
    by_hand: str = ""


@dataclass(kw_only=True)
class StudyFolder:
    """A folder that `planner fetch` fills, file by file, each whole or not there."""

    root: Path
    records: dict[str, Record] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, root: Path) -> StudyFolder:
        """Open an empty folder, a new one, or one that an earlier run has begun.

        Raises
        ------
        ProjectError
            The folder holds other things.
        """
        if root.exists() and not root.is_dir():
            raise ProjectError(f"{root}: is a file, not a folder.", hint="Name another with -o.")
        record = root / RECORD
        if not record.is_file():
            if root.is_dir() and any(root.iterdir()):
                raise ProjectError(
                    f"{root}: holds other files, so nothing is fetched into it.",
                    hint="Name a new folder with -o.",
                )
            return cls(root=root)
        try:
            kept = json.loads(record.read_text(encoding="utf-8"))
            records = {row["id"]: Record(**row) for row in kept["sources"]}
            written = {str(key): str(value) for key, value in kept["written"].items()}
            known = kept["format"] == FORMAT
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            known = False
        if not known:
            raise ProjectError(
                f"{record}: not readable as the record of an earlier fetch.",
                hint="Delete it and the files beside it, or name a new folder with -o.",
            )
        return cls(root=root, records=records, written=written)

    def whole(self, key: str, asked: str) -> Record | None:
        """Return the record of a source if the same was asked for and its file is unchanged."""
        record = self.records.get(key)
        if record is None or record.outcome == "failed" or record.asked != asked:
            return None
        path = self.root / record.file
        if not path.is_file() or file_sha256(path) != record.sha256:
            return None
        return record

    def path(self, name: str) -> Path:
        """Return where a file goes; its folder is made."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def put_text(self, name: str, text: str) -> Path:
        """Write a text file whole, or not at all."""
        path = self.path(name)
        beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
        return path

    def put_copy(self, name: str, source: Path) -> Path:
        """Copy a file whole, or not at all."""
        path = self.path(name)
        beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        shutil.copyfile(source, beside)
        beside.replace(path)
        return path

    def put_own(self, name: str, text: str) -> str:
        """Write a file that people may change, and return its name.

        If they have changed it since, theirs stays and ours is written beside it, as
        ``name.fetched.toml``.
        """
        path = self.root / name
        changed = path.is_file() and file_sha256(path) != self.written.get(name)
        ours = hashlib.sha256(text.encode()).hexdigest()
        if changed and file_sha256(path) != ours:
            name = f"{path.stem}.fetched{path.suffix}"
        self.put_text(name, text)
        self.written[name] = ours
        return name

    def note(self, record: Record) -> None:
        """Keep what became of a source, on disk at once."""
        self.records[record.id] = record
        self.save()

    def save(self, **more: Any) -> None:
        """Write the record of this fetch."""
        table: Mapping[str, Any] = {
            "format": FORMAT,
            "sources": [asdict(self.records[key]) for key in sorted(self.records)],
            "written": dict(sorted(self.written.items())),
            **more,
        }
        self.put_text(RECORD, json.dumps(table, indent=1, ensure_ascii=False) + "\n")


def asked_for(*parts: Any) -> str:
    """Return a short hash of what is asked for.

    Examples
    --------
    >>> asked_for("a", ["b"]) == asked_for("a", ["b"])
    True
    """
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def day(moment: dt.datetime) -> str:
    """Return a day as people write it."""
    return f"{moment.day} {moment:%B %Y}"
