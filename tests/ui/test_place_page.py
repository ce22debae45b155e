"""Does the first page guide, open what is found beside, and fetch a place whole or not at all?"""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import stand_in_plan, write_project

from planner.errors import SourceError
from planner.ui import guide, main, own_choices, state
from planner.ui.opened import Opened
from planner.ui.place_parts import fetching

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 60


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "first"
    folder.mkdir()
    return write_project(folder)


@pytest.fixture
def app(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv(state.PROJECT_VARIABLE, str(project))
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    monkeypatch.setattr(state, "may_open_files", lambda: True)
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    st.cache_resource.clear()


@pytest.fixture
def first(app: AppTest, project: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return the app as on a first visit: the given project is the demo place."""
    monkeypatch.setattr(state, "demo_project", lambda: Opened(path=project))
    return app


def button(app: AppTest, label: str) -> object:
    return next((one for one in app.button if one.label == label), None)


def guided(app: AppTest) -> bool:
    return "Three steps to a first answer" in [one.value for one in app.header]


def press(app: AppTest, label: str) -> AppTest:
    found = next(one for one in app.button if one.label == label)
    return found.click().run()


def test_a_first_visit_opens_with_three_steps(first: AppTest) -> None:
    first.run()
    assert guided(first)
    steps = [one.value for one in first.markdown if one.value.startswith(("**1.", "**2.", "**3."))]
    assert len(steps) == 3


def test_the_steps_are_put_away_and_found_again_from_any_page(first: AppTest) -> None:
    press(first.run(), "Hide these steps")
    assert not guided(first)
    assert first.query_params[guide.NAME] == guide.HIDDEN
    first.switch_page(str(main.PAGES_FOLDER / "need.py")).run()
    assert button(first, "Show the three first steps")
    first.switch_page(str(main.PAGES_FOLDER / "place.py")).run()
    assert not guided(first)
    press(first, "Show the three first steps")
    assert guided(first)
    assert guide.NAME not in first.query_params


def test_a_project_of_ones_own_opens_without_them(app: AppTest) -> None:
    app.run()
    assert not guided(app)
    press(app, "Show the three first steps")
    assert guided(app)


def test_study_areas_beside_the_first_are_found_and_opened(app: AppTest, project: Path) -> None:
    second = project.parent.parent / "second"
    second.mkdir()
    write_project(second)
    text = (second / "planner.toml").read_text(encoding="utf-8").replace("Thirtysquares", "Other")
    (second / "planner.toml").write_text(text, encoding="utf-8")
    (project.parent.parent / "broken").mkdir()
    (project.parent.parent / "broken" / "planner.toml").write_text("[place\n", encoding="utf-8")
    app.run()
    listed = next(one for one in app.selectbox if one.key == "found_project_list")
    assert listed.options == ["Other (folder second)", "Thirtysquares (folder first)"]
    assert any("Folder broken cannot be opened" in one.value for one in app.caption)
    listed.select(str(second.resolve() / "planner.toml"))
    press(app, "Open this study area")
    assert any("Study area\\: Other" in one.value for one in app.caption)
    assert str(second) not in str(dict(app.query_params))


def test_what_is_missing_is_listed_with_what_it_would_need(app: AppTest) -> None:
    app.run()
    said = " ".join(one.value for one in app.markdown)
    assert "A timetable" in said
    assert "GTFS timetables of the region" in said


def wait_for(app: AppTest, ready: Callable[[], bool]) -> AppTest:
    for _ in range(100):
        if ready():
            return app
        threading.Event().wait(0.05)
        app.run()
    raise AssertionError("it never came")


def fetch_as(app: AppTest, name: str) -> AppTest:
    next(one for one in app.text_input if one.label.startswith("Council area")).set_value(name)
    return press(app, "Fetch it")


def test_a_place_is_fetched_and_opened(
    app: AppTest, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project.parent.parent / "made"

    def fetch(names: list[str], parent: Path, tell: Callable[[str, float], None]) -> object:
        assert parent == project.parent.parent.resolve()
        made.mkdir()
        path = write_project(made)
        return SimpleNamespace(place=names[0], folder=made, project=path, areas=28, failed=())

    monkeypatch.setattr(fetching, "fetch", fetch)
    fetch_as(app.run(), "Newtown")
    wait_for(app, lambda: bool(app.success))
    assert "Newtown is there\\: 28 areas" in app.success[0].value
    press(app, "Open Newtown")
    assert not app.success
    assert not app.error


def test_without_a_connection_the_page_says_so_and_keeps_what_is_there(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise SourceError("The official sources cannot be reached.", hint="Check the connection.")

    monkeypatch.setattr(fetching, "fetch", fail)
    fetch_as(app.run(), "Newtown")
    wait_for(app, lambda: bool(app.error))
    assert "cannot be reached" in app.error[0].value
    assert any("28 small areas" in one.value for one in app.markdown)


def test_a_fetch_without_a_name_asks_for_one(app: AppTest) -> None:
    press(app.run(), "Fetch it")
    assert "name of a council area" in app.error[0].value


def test_a_fetch_can_be_stopped(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def slow(names: list[str], parent: Path, tell: Callable[[str, float], None]) -> None:
        try:
            while True:
                tell("Boundaries", 0.1)
                threading.Event().wait(0.01)
        finally:
            ended.set()

    monkeypatch.setattr(fetching, "fetch", slow)
    fetch_as(app.run(), "Newtown")
    press(app, "Stop making the new study area")
    assert ended.wait(TIMEOUT)
    assert button(app, "Stop making the new study area") is None


def test_a_visitor_from_elsewhere_is_not_offered_files_or_fetching(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "may_open_files", lambda: False)
    app.run()
    assert not app.text_input
    assert button(app, "Fetch it") is None


def test_a_project_deleted_under_the_app_can_be_left_for_another(
    app: AppTest, project: Path, tmp_path: Path
) -> None:
    app.run()
    other = tmp_path / "other"
    other.mkdir()
    write_project(other)
    for path in project.parent.iterdir():
        path.unlink()
    project.parent.rmdir()
    app.run()
    assert not app.exception
    assert "put it back and reload" in app.error[0].value
    app.text_input[0].set_value(str(other))
    press(app, "Open this project")
    assert not app.error


def test_the_project_file_has_what_a_visitor_changed(app: AppTest, project: Path) -> None:
    app.run()
    opened = state.Project.read(project)
    held: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "session_state", held)
        own_choices.put("hubs", opened.spec.hubs.model_copy(update={"count": 3}), opened)
        own_choices.put("need", opened.spec.need, opened)
        assert list(own_choices.find_changed(opened)) == ["hubs"]
        told = tomllib.loads(own_choices.build_file(opened))
        assert told["hubs"]["count"] == 3
        own_choices.put("hubs", None, opened)
        assert own_choices.find_changed(opened) == {}


def test_every_page_offers_the_project_file(app: AppTest) -> None:
    app.run()
    for name in ("place", "need", "gaps"):
        app.switch_page(str(main.PAGES_FOLDER / f"{name}.py")).run()
        labels = [one.proto.label for one in app.get("download_button")]
        assert "Download this project file" in labels


def test_moved_weights_are_in_the_project_file(app: AppTest) -> None:
    app.run()
    app.switch_page(str(main.PAGES_FOLDER / "need.py")).run()
    app.slider[0].set_value(90).run()
    assert any("how much each domain of need counts" in one.value for one in app.caption)
