"""Are finished pieces of work kept within bounds, and is none at work begun twice?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from planner.errors import PlannerError
from planner.ui import kept_jobs
from planner.ui.kept_jobs import KeptJobs

WAIT = 10.0


def finished(jobs: KeptJobs, key: str, result: Any = None) -> None:
    assert jobs.get(key, lambda _: result).done(seconds=WAIT)


def test_the_same_key_is_one_job_until_it_is_dropped() -> None:
    jobs = KeptJobs(4)
    first = jobs.get("a", lambda _: 1)
    assert jobs.get("a", lambda _: 2) is first
    jobs.drop("a")
    assert jobs.get("a", lambda _: 2).result() == 2


def test_oldest_use_goes_first() -> None:
    jobs = KeptJobs(2)
    for key in ("a", "b"):
        finished(jobs, key)
    finished(jobs, "a")
    finished(jobs, "c")
    assert jobs.kept == ["a", "c"]


def test_large_results_push_others_out() -> None:
    jobs = KeptJobs(8, max_bytes=2_500_000)
    for key in ("a", "b", "c"):
        finished(jobs, key, np.zeros(125_000))
    assert jobs.kept == ["b", "c"]
    finished(jobs, "d", np.zeros(1_000_000))
    assert jobs.kept == ["d"]


def test_what_is_at_work_is_not_let_go_and_others_wait_their_turn() -> None:
    go, at_once, most = threading.Event(), [0], [0]
    lock = threading.Lock()

    def slow(_: Callable[[str, float], None]) -> str:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        assert go.wait(WAIT)
        with lock:
            at_once[0] -= 1
        return "done"

    jobs = KeptJobs(1)
    begun = {key: jobs.get(key, slow) for key in "abcd"}
    try:
        assert jobs.kept == list("abcd")
        assert all(jobs.get(key, slow) is job for key, job in begun.items())
        assert not begun["d"].done(seconds=0.1)
        assert begun["d"].words == "Waiting until other plans are worked out"
    finally:
        go.set()
    assert [job.result() for job in begun.values()] == ["done"] * 4
    assert most[0] == kept_jobs.MOST_AT_ONCE
    finished(jobs, "e")
    assert jobs.kept == ["e"]


def test_too_much_at_once_is_refused_and_can_be_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_jobs, "MOST_BEGUN", 1)
    go = threading.Event()
    jobs = KeptJobs(4)
    first = jobs.get("a", lambda _: go.wait(WAIT))
    try:
        with pytest.raises(PlannerError, match="as much to work out as it can take"):
            jobs.get("b", lambda _: 1)
    finally:
        go.set()
    assert first.result()
    assert jobs.get("b", lambda _: 1).result() == 1


def test_a_failure_leaves_the_turn_to_others() -> None:
    jobs = KeptJobs(4)
    for number in range(kept_jobs.MOST_AT_ONCE + 1):
        job = jobs.get(number, lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            job.result()
    finished(jobs, "a")
