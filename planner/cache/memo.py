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
from planner.cache.size import rough_bytes

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

    With a ``shelf``, results that may be kept on disk are looked for and left there, too. With
    ``max_bytes``, all stages together keep about so much, oldest use out first; the result that
    was asked for last is kept however large it is.
    """

    def __init__(
        self, max_entries: int = 6, *, shelf: Shelf | None = None, max_bytes: int | None = None
    ) -> None:
        self.max_entries, self.shelf, self.max_bytes = max_entries, shelf, max_bytes
        self.computed: list[str] = []
        self._lock = threading.Lock()
        self._results: dict[str, OrderedDict[str, Any]] = {}
        #: What each result takes, in the order of last use: only where memory is bounded.
        self._sizes: OrderedDict[tuple[str, str], int] = OrderedDict()

    @property
    def kept_bytes(self) -> int:
        """Return about how much memory the results take; 0 where it is not bounded."""
        with self._lock:
            return sum(self._sizes.values())

    def get(self, stage: str, key: str, build: Callable[[], T], *, on_disk: bool = False) -> T:
        """Return the result kept for ``key``, or build and keep it (``on_disk``: there, too)."""
        with self._lock:
            kept = self._results.setdefault(stage, OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                if (stage, key) in self._sizes:
                    self._sizes.move_to_end((stage, key))
                return kept[key]  # type: ignore[no-any-return]
        shelf = self.shelf if on_disk else None
        found, result = shelf.read(stage, key) if shelf is not None else (False, None)
        if not found:
            result = build()
            if shelf is not None:
                shelf.write(stage, key, result)
        size = 0 if self.max_bytes is None else rough_bytes(result)
        with self._lock:
            if not found:
                self.computed.append(stage)
                del self.computed[:-200]
            kept[key] = result
            while len(kept) > self.max_entries:
                self._sizes.pop((stage, kept.popitem(last=False)[0]), None)
            if self.max_bytes is not None:
                self._sizes[stage, key] = size
                self._let_go(self.max_bytes)
        return result  # type: ignore[return-value]

    def find(self, stage: str, key: str, *, on_disk: bool = False) -> tuple[bool, Any]:
        """Return whether a result is kept, and the result; nothing is built or kept anew."""
        with self._lock:
            kept = self._results.get(stage, OrderedDict())
            if key in kept:
                return True, kept[key]
        if on_disk and self.shelf is not None:
            return self.shelf.read(stage, key)
        return False, None

    def _let_go(self, max_bytes: int) -> None:
        held = sum(self._sizes.values())
        while held > max_bytes and len(self._sizes) > 1:
            (stage, key), size = self._sizes.popitem(last=False)
            self._results[stage].pop(key, None)
            held -= size
