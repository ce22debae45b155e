"""What did one person's own data give, which nobody else may find in memory or on disk?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from planner.cache.memo import Memo

T = TypeVar("T")


class OwnMemo(Memo):
    """A memo of one's own, which also finds what everybody's holds but leaves nothing there.

    A result found in ``shared`` was worked out from the same input by somebody else, so that it
    tells nothing about this person's data. What is built here stays here, and is never on disk.
    """

    def __init__(self, shared: Memo, *, max_entries: int = 3, max_bytes: int | None = None) -> None:
        super().__init__(max_entries, max_bytes=max_bytes)
        self.shared = shared

    def get(self, stage: str, key: str, build: Callable[[], T], *, on_disk: bool = False) -> T:
        """Return the result kept here or in the shared memo, or build it and keep it here."""

        def found_or_built() -> T:
            found, result = self.shared.find(stage, key, on_disk=on_disk)
            return result if found else build()

        return super().get(stage, key, found_or_built)
