"""The council's own records are shown at this machine only, and kept in no shared cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import stand_in_plan, write_project

from planner.project import Project
from planner.ui import state

ROOT = Path(__file__).resolve().parents[2]
SECTION = '\n[[private]]\nid = "cases"\ntitle = "Cases"\nfile = "hush.csv"\n'


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Project]:
    """Return the projects that the app had worked out, in order."""
    path = write_project(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + SECTION, encoding="utf-8")
    (tmp_path / "hush.csv").write_text("postcode\nZZ1 0AA\n", encoding="utf-8")
    found: list[Project] = []

    def work_out(project: Project, *rest: Any) -> Any:
        found.append(project)
        return stand_in_plan(project, *rest)

    monkeypatch.setenv(state.PROJECT_VARIABLE, str(path))
    monkeypatch.setattr(state, "work_out", work_out)
    st.cache_resource.clear()
    return found


def open_app(monkeypatch: pytest.MonkeyPatch, *, here: bool) -> AppTest:
    monkeypatch.setattr(state, "may_open_files", lambda: here)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception
    return app


def test_another_machine_gets_the_plan_without_them(
    asked: list[Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_app(monkeypatch, here=False)
    assert asked[0].spec.private == []
    assert asked[0].spec.left_out is not None


def test_this_machine_gets_them_once_for_each_session(
    asked: list[Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(monkeypatch, here=True)
    app.run()
    assert [len(project.spec.private) for project in asked] == [1]
    open_app(monkeypatch, here=True)
    assert len(asked) == 2


def test_two_plans_of_one_session_stand_beside_each_other(
    asked: list[Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    from planner.ui import main

    app = open_app(monkeypatch, here=True)
    app.switch_page(str(main.PAGES_FOLDER / "hubs.py")).run()
    app.number_input(key="choice_hubs").set_value(1).run()
    app.button(key="hubs_rest").click().run()
    assert not app.exception
    app.run()
    assert [project.spec.hubs.count for project in asked].count(1) == 1
