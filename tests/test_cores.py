"""Work that is spread over the cores comes back in its order."""

from __future__ import annotations

import pytest

from planner.cores import build_spans, run_all


def test_spans_cover_everything_once() -> None:
    assert build_spans(10, 3) == [(0, 3), (3, 6), (6, 9), (9, 10)]
    assert build_spans(0, 3) == []


@pytest.mark.parametrize("cores", [1, 2, 7])
def test_answers_come_in_the_order_of_the_blocks(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.cores.os.cpu_count", lambda: cores)
    assert run_all(lambda first, last: first + last, build_spans(10, 3)) == [3, 9, 15, 19]
