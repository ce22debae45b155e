"""Can long work be stopped and taken up again, and does it begin where it is needed?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import stand_in_plan, write_project

from planner.ui import main, searches, state
from planner.ui.job import Job, StoppedError

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 60


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv(state.PROJECT_VARIABLE, str(write_project(tmp_path)))
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    st.cache_resource.clear()


def endless(steps: list[str]) -> Callable[[Callable[[str, float], None]], None]:
    """Return work that goes on in steps until it is stopped."""

    def work(tell: Callable[[str, float], None]) -> None:
        for at in range(6000):
            tell(f"Step {at}", 0.5)
            steps.append("done")
            threading.Event().wait(0.01)

    return work


def test_a_stopped_job_ends_at_its_next_step() -> None:
    steps: list[str] = []
    job = Job(endless(steps))
    assert job.stop()
    assert job.done(seconds=TIMEOUT)
    with pytest.raises(StoppedError):
        job.result()
    assert len(steps) < 6000


def test_a_job_that_somebody_else_waits_for_goes_on() -> None:
    job = Job(endless([]))
    with job.awaited():
        assert not job.stop()
        assert not job.done(seconds=0.1)
    assert job.stop()


def test_a_finished_job_keeps_its_result() -> None:
    job = Job(lambda tell: "plan")
    assert job.done(seconds=TIMEOUT)
    assert not job.stop()
    assert job.result() == "plan"


def test_what_a_visitor_stopped_waits_for_them_to_go_on(app: AppTest) -> None:
    app.run()
    app.switch_page(str(main.PAGES_FOLDER / "gaps.py"))
    key = stopped_key()
    app.session_state["stopped_work"] = {key}
    app.run()
    assert "stopped" in app.error[0].value
    next(one for one in app.button if one.label == "Go on").click().run()
    assert not app.error
    assert app.session_state["stopped_work"] == set()


def stopped_key() -> str:
    """Return what the plan of the given project is known by."""
    from planner.ui.opened import given_project

    return state.work_key(given_project().read(), "plan")


def test_the_first_pages_ask_for_no_whole_plan(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def note(project: object, memo: object, tell: object, what: str = "plan") -> object:
        asked.append(what)
        return stand_in_plan(project, memo, tell, what)  # type: ignore[arg-type]

    monkeypatch.setattr(state, "work_out", note)
    app.run()
    assert asked == ["contents"]
    app.switch_page(str(main.PAGES_FOLDER / "need.py")).run()
    assert asked == ["contents", "start"]
    app.session_state["map_held"] = "drawn"
    app.run()
    assert state._jobs("plan").get(content(), lambda tell: None).done(seconds=TIMEOUT)
    assert asked == ["contents", "start", "plan"]


def content() -> str:
    from planner.ui.opened import given_project

    return state.content_key(given_project().read())


def test_searches_are_made_ready_once_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(searches, "is_compiled", lambda: False)
    monkeypatch.setattr(searches, "_begin", lambda: begun.append("compiling"))
    assert searches.plan_ahead()
    assert begun == []
    searches.wait(lambda words, share: None)
    searches.wait(lambda words, share: None)
    assert begun == ["compiling"]


def test_searches_that_are_ready_are_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "is_compiled", lambda: True)
    monkeypatch.setattr(searches, "_begin", lambda: pytest.fail("compiled again"))
    assert not searches.plan_ahead()
    searches.wait(lambda words, share: None)
