"""Are boxes folded away without one fragment ever being inside another?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st

from planner.ui.fold import alone, fold


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many fragments were being made as each new one began."""
    inside: list[int] = []
    depth = 0

    def fragment(body: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any) -> None:
            nonlocal depth
            inside.append(depth)
            depth += 1
            try:
                body(*given)
            finally:
                depth -= 1

        return run

    monkeypatch.setattr(st, "fragment", fragment)
    return inside


def test_a_box_on_a_page_is_made_anew_alone(running: list[int]) -> None:
    fold("More", "one", lambda: None)
    fold("More", "two", lambda: None)
    assert running == [0, 0]


def test_a_box_in_a_part_that_is_made_alone_goes_with_it(running: list[int]) -> None:
    alone(lambda: fold("More", "one", lambda: None))()
    fold("More", "two", lambda: None)
    assert running == [0, 0]  # the part, and the box after it


def test_a_part_that_fails_leaves_boxes_after_it_as_they_are(running: list[int]) -> None:
    def fail() -> None:
        raise ValueError("cannot be shown")

    with pytest.raises(ValueError, match="cannot be shown"):
        alone(fail)()
    fold("More", "two", lambda: None)
    assert len(running) == 2
