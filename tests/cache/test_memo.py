"""A kept result is found by what went into it, and by nothing else."""

from __future__ import annotations

import datetime as dt

from planner.cache import Memo, digest
from planner.project import NeedSettings


def test_equal_content_in_another_order_has_the_same_digest() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_other_content_has_another_digest() -> None:
    digests = {
        digest(1),
        digest("1"),
        digest([1]),
        digest(NeedSettings()),
        digest(NeedSettings(normalisation="zscore")),
        digest(dt.date(2026, 3, 3)),
    }
    assert len(digests) == 6


def test_a_result_is_built_once() -> None:
    memo, built = Memo(), []
    for _ in range(3):
        memo.get("need", "key", lambda: built.append(1))
    assert built == [1]


def test_the_same_key_in_another_stage_is_another_result() -> None:
    memo = Memo()
    assert memo.get("need", "key", lambda: 1) == 1
    assert memo.get("gaps", "key", lambda: 2) == 2


def test_the_longest_unused_result_goes_first() -> None:
    memo = Memo(max_entries=2)
    memo.get("need", "a", lambda: 1)
    memo.get("need", "b", lambda: 2)
    memo.get("need", "a", lambda: 3)
    memo.get("need", "c", lambda: 4)
    assert memo.get("need", "a", lambda: 5) == 1
    assert memo.get("need", "b", lambda: 6) == 6
