"""What one person's data gave stays with that person; what everybody's gave is found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planner.cache import Memo, OwnMemo, Shelf


def _refuse() -> int:
    raise AssertionError("worked out again")


def test_what_is_built_here_is_nowhere_else(tmp_path: Path) -> None:
    shared = Memo(shelf=Shelf(tmp_path))
    own = OwnMemo(shared)
    assert own.get("times", "key", lambda: np.arange(3), on_disk=True).tolist() == [0, 1, 2]
    assert list(tmp_path.iterdir()) == []
    assert shared.find("times", "key", on_disk=True) == (False, None)


def test_what_everybody_has_is_found() -> None:
    shared = Memo()
    shared.get("need", "key", lambda: 7)
    assert OwnMemo(shared).get("need", "key", _refuse) == 7


def test_what_is_on_disk_is_found(tmp_path: Path) -> None:
    Memo(shelf=Shelf(tmp_path)).get("times", "key", lambda: np.arange(3), on_disk=True)
    own = OwnMemo(Memo(shelf=Shelf(tmp_path)))
    assert own.get("times", "key", lambda: np.arange(0), on_disk=True).tolist() == [0, 1, 2]


def test_it_is_built_once() -> None:
    own = OwnMemo(Memo())
    assert own.get("need", "key", lambda: 1) == 1
    assert own.get("need", "key", _refuse) == 1
    with pytest.raises(AssertionError):
        own.get("need", "other", _refuse)
