"""Was this already worked out in this process? Results of stages, kept by what went in."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from planner.cache.shelf import Shelf

T = TypeVar("T")


def digest(*parts: Any) -> str:
    """Return a short hash of plain values, pydantic models and other digests.

    Dictionaries are hashed in key order, so equal content gives an equal digest.
    """
    text = json.dumps(parts, sort_keys=True, default=_plain, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"cannot hash a {type(value).__name__}")


class Memo:
    """Results of stages in memory, at most ``max_entries`` a stage, oldest use out first.

    A stage's key is the digest of everything that goes into it, so a result is never stale: it
    is found again, or it is another key. Safe to share between threads; two threads that ask for
    the same missing result may both work it out, and get equal answers.

    With a ``shelf``, results that may be kept on disk are looked for and left there, too.
    """

    def __init__(self, max_entries: int = 6, *, shelf: Shelf | None = None) -> None:
        self.max_entries, self.shelf = max_entries, shelf
        self.computed: list[str] = []
        self._lock = threading.Lock()
        self._results: dict[str, OrderedDict[str, Any]] = {}

    def get(self, stage: str, key: str, build: Callable[[], T], *, on_disk: bool = False) -> T:
        """Return the result kept for ``key``, or build and keep it (``on_disk``: there, too)."""
        with self._lock:
            kept = self._results.setdefault(stage, OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                return kept[key]  # type: ignore[no-any-return]
        shelf = self.shelf if on_disk else None
        found, result = shelf.read(stage, key) if shelf is not None else (False, None)
        if not found:
            result = build()
            if shelf is not None:
                shelf.write(stage, key, result)
        with self._lock:
            if not found:
                self.computed.append(stage)
                del self.computed[:-200]
            kept[key] = result
            while len(kept) > self.max_entries:
                kept.popitem(last=False)
        return result  # type: ignore[return-value]
