"""How is a file read that somebody hands over, and that lies on no disk?"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

from planner.errors import DataError
from planner.sources.text import clean_text

#: Larger tables belong into the project's folder; a list of places is far smaller.
MAX_UPLOAD_BYTES = 20_000_000


@dataclass(frozen=True, kw_only=True)
class FileSize:
    """What is known of a file before it is opened; named as in `os.stat_result`."""

    st_size: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Upload:
    """A file's name and bytes, with as much of a `pathlib.Path` as the table readers use.

    ``name`` is the bare file name, made harmless; the bytes are kept out of the representation,
    so that no log or error shows them.
    """

    name: str
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        bare = clean_text(PurePosixPath(self.name.replace("\\", "/")).name, limit=120)
        object.__setattr__(self, "name", bare or "file")
        if len(self.content) > MAX_UPLOAD_BYTES:
            raise DataError(
                f"{self.name}: {len(self.content) / 1e6:,.0f} MB is more than the "
                f"{MAX_UPLOAD_BYTES / 1e6:,.0f} MB that can be tried here.",
                hint="Cut it down to the places you need.",
            )

    @property
    def suffix(self) -> str:
        """The ending of the name, such as ``.csv``."""
        return PurePosixPath(self.name).suffix

    def stat(self) -> FileSize:
        """Return how large the file is."""
        return FileSize(st_size=len(self.content))

    def open(self, mode: str = "rb") -> BinaryIO:
        """Return the bytes as an open file."""
        if mode != "rb":
            raise ValueError("an upload is only read, as bytes")
        return io.BytesIO(self.content)
